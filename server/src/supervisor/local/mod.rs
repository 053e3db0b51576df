//! Workers as processes of this machine: started in a session of their own, known by more than their pid, signalled
//! without mistaking them.

mod place;
pub mod process;

use super::launcher::{Ending, Found, Launcher, Order, Worker};
use super::signs;
use crate::db::Handle;
use crate::trainer::Trainer;
use process::{Process, boot_id};
use protocol::api::Stop;
use protocol::run_dir::{self, WorkerInfo};
use protocol::{Said, says};
use std::fs;
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::SystemTime;

/// Starts `corral-trainer` on this machine. Of a worker the pid, the start time and the boot are kept.
pub struct Local {
    pub trainer: Trainer,
}

impl Launcher for Local {
    fn start(&self, order: &Order) -> Result<Box<dyn Worker>, Said> {
        match spawn(self.trainer.command(), order) {
            Ok(worker) => Ok(Box::new(worker)),
            Err(error) => Err(says::not_started(self.trainer.program().display().to_string(), error)),
        }
    }

    fn find(&self, directory: &Path, kept: Option<&Handle>, now: SystemTime) -> Found {
        find(directory, kept, now)
    }

    fn process_id(&self, worker: &Handle) -> Option<u32> {
        kept_process(worker)
            .filter(|process| process.boot_id == boot_id())
            .map(|process| process.pid)
    }
}

/// Looks for the worker of a run directory: the one that was kept, the one its `worker.json` names, or, before that is
/// written, the one whose command line names it.
pub fn find(directory: &Path, kept: Option<&Handle>, now: SystemTime) -> Found {
    let kept = kept.and_then(kept_process);
    if let Some(process) = kept.as_ref().filter(|process| process.is_alive()) {
        return LocalWorker::adopted(process.clone());
    }
    let told = signs::info(directory);
    if let Some(info) = &told {
        let process = Process {
            pid: info.pid,
            start_time: info.start_time,
            boot_id: info.boot_id.clone(),
        };
        // a copied directory names the worker of the original, and a pid means something in its own namespace alone
        let known_here = info.pid_namespace.is_none() || info.pid_namespace == run_dir::pid_namespace();
        if known_here && process.is_alive() && process.works_on(directory) {
            return LocalWorker::adopted(process);
        }
    }
    if let Some(process) = Process::from_command_line(directory) {
        return LocalWorker::adopted(process);
    }
    match told {
        Some(info)
            if place::is_elsewhere(
                &info,
                kept.as_ref(),
                &place::ThisMachine::look(),
                signs::has_heartbeat(directory, now),
            ) =>
        {
            Found::Elsewhere
        }
        _ => Found::Gone,
    }
}

fn kept_process(handle: &Handle) -> Option<Process> {
    Some(Process {
        pid: u32::try_from(handle.number).ok()?,
        start_time: handle.started,
        boot_id: handle.place.clone(),
    })
}

/// A worker of this machine.
struct LocalWorker {
    process: Process,
    handle: Handle,
    /// Where it is our own: another server or a person started the others.
    child: Option<Child>,
}

impl LocalWorker {
    fn new(process: Process, child: Option<Child>) -> Self {
        let handle = Handle {
            number: process.pid.into(),
            started: process.start_time,
            place: process.boot_id.clone(),
        };
        Self { process, handle, child }
    }

    fn adopted(process: Process) -> Found {
        Found::Alive(Box::new(Self::new(process, None)))
    }

    /// Sends a signal to this very process, never to a later one with its pid, nor to a program that is no trainer: a
    /// run directory may say that anything is its worker.
    fn signal(&self, signal: i32) {
        // SAFETY: plain system calls on integers; the descriptor is closed on every path
        unsafe {
            let fd = libc::syscall(libc::SYS_pidfd_open, self.process.pid as libc::pid_t, 0) as i32;
            if fd < 0 {
                return;
            }
            // the descriptor holds on to the process, so the check after it can't be outrun
            if self.process.is_alive() && (self.child.is_some() || self.process.is_trainer()) {
                libc::syscall(
                    libc::SYS_pidfd_send_signal,
                    fd,
                    signal,
                    std::ptr::null::<libc::siginfo_t>(),
                    0,
                );
            }
            libc::close(fd);
        }
    }
}

impl Worker for LocalWorker {
    fn handle(&self) -> &Handle {
        &self.handle
    }

    /// An own child is reaped by this.
    fn ending(&mut self) -> Option<Ending> {
        let Some(child) = &mut self.child else {
            return (!self.process.is_alive()).then_some(Ending::Unknown);
        };
        match child.try_wait() {
            Ok(None) => None,
            Ok(Some(status)) => Some(match (status.code(), status.signal()) {
                (Some(code), _) => Ending::Exit(code),
                (None, Some(signal)) => Ending::Signal(signal),
                (None, None) => Ending::Unknown,
            }),
            Err(_) => Some(Ending::Unknown),
        }
    }

    fn stop(&self, how: Stop) {
        self.signal(match how {
            Stop::Save => libc::SIGTERM,
            Stop::Now => libc::SIGKILL,
        });
    }

    fn peak_memory(&self) -> Option<u64> {
        self.process.peak_memory()
    }

    fn wrote(&self, told: &WorkerInfo) -> bool {
        told.pid == self.process.pid
    }
}

/// Starts the trainer on a run's directory. Its output goes to `worker.log`, it outlives this server, and the terminal's
/// signals do not reach it.
fn spawn(mut command: Command, order: &Order) -> io::Result<LocalWorker> {
    let directory = &order.directory;
    let log = fs::File::options()
        .create(true)
        .append(true)
        .open(directory.join(run_dir::LOG))?;
    command
        .arg("train")
        .arg(directory.join(run_dir::CONFIG))
        .args(&order.settings);
    if let Some(uuid) = &order.card {
        command.env("CUDA_VISIBLE_DEVICES", uuid);
    }
    command
        .current_dir(directory)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    // SAFETY: setsid and open/write/close are async-signal-safe, and touch nothing of the parent's
    unsafe {
        command.pre_exec(|| {
            if libc::setsid() < 0 {
                return Err(io::Error::last_os_error());
            }
            prefer_to_be_killed();
            Ok(())
        });
    }
    let child = command.spawn()?;
    let pid = child.id();
    let process = Process {
        pid,
        start_time: process::start_time(pid).unwrap_or(0),
        boot_id: boot_id(),
    };
    Ok(LocalWorker::new(process, Some(child)))
}

/// When memory runs out, the kernel should take the worker (it can be resumed) and not the person's desktop.
fn prefer_to_be_killed() {
    // SAFETY: the path and the text are constants; failure is fine
    unsafe {
        let fd = libc::open(c"/proc/self/oom_score_adj".as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC);
        if fd >= 0 {
            libc::write(fd, c"500".as_ptr().cast(), 3);
            libc::close(fd);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recycled_pid_or_another_boot_is_another_process() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let process = Process::of(child.id()).unwrap();
        assert!(process.is_alive());
        let later = Process {
            start_time: process.start_time + 1,
            ..process.clone()
        };
        assert!(!later.is_alive());
        let of_another_boot = Process {
            boot_id: "another".into(),
            ..process.clone()
        };
        assert!(!of_another_boot.is_alive());
        // a signal to the impostor is not sent, nor to a program that is no trainer
        LocalWorker::new(later, None).stop(Stop::Now);
        let mut worker = LocalWorker::new(process, None);
        worker.stop(Stop::Now);
        assert!(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        while worker.ending().is_none() {
            std::thread::yield_now();
        }
        // a zombie until its parent looks: dead all the same
        assert_eq!(child.wait().unwrap().signal(), Some(libc::SIGKILL));
    }
}
