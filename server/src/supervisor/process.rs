//! A worker process: started in a session of its own, known by more than its pid, signalled without mistaking it.

use crate::db::Worker;
use protocol::run_dir;
use std::fs;
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// How a worker ended, as far as can be known: only a parent learns the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Exit(i32),
    Signal(i32),
    /// It was started by another server, or from the command line.
    Unknown,
}

/// A worker that is watched.
pub enum Process {
    /// Our child.
    Own { child: Child, worker: Worker },
    /// One that another server or a person started.
    Adopted(Worker),
    /// One that ended before we came.
    Gone,
}

impl Process {
    /// Starts the trainer on a run directory. Its output goes to `worker.log`, it outlives this server, and the
    /// terminal's signals do not reach it.
    ///
    /// # Errors
    /// When the program or the log can't be opened.
    pub fn start(trainer: &Path, directory: &Path, resume: bool) -> io::Result<Self> {
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(directory.join(run_dir::LOG))?;
        let mut command = Command::new(trainer);
        command.arg("train").arg(directory.join(run_dir::CONFIG));
        if resume {
            command.arg("resume_from_checkpoint=true");
        }
        command
            .current_dir(directory)
            .env_remove("HF_TOKEN")
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
        let worker = Worker {
            pid,
            start_time: start_time(pid).unwrap_or(0),
            boot_id: boot_id(),
        };
        Ok(Self::Own { child, worker })
    }

    pub fn worker(&self) -> Option<&Worker> {
        match self {
            Self::Own { worker, .. } | Self::Adopted(worker) => Some(worker),
            Self::Gone => None,
        }
    }

    /// `None` while it lives. An own child is reaped by this.
    pub fn ending(&mut self) -> Option<Ending> {
        match self {
            Self::Own { child, .. } => match child.try_wait() {
                Ok(None) => None,
                Ok(Some(status)) => Some(match (status.code(), status.signal()) {
                    (Some(code), _) => Ending::Exit(code),
                    (None, Some(signal)) => Ending::Signal(signal),
                    (None, None) => Ending::Unknown,
                }),
                Err(_) => Some(Ending::Unknown),
            },
            Self::Adopted(worker) => (!is_alive(worker)).then_some(Ending::Unknown),
            Self::Gone => Some(Ending::Unknown),
        }
    }

    /// Sends a signal to this very process, never to a later one with its pid.
    pub fn signal(&self, signal: i32) {
        let Some(worker) = self.worker() else { return };
        // SAFETY: plain system calls on integers; the descriptor is closed on every path
        unsafe {
            let fd = libc::syscall(libc::SYS_pidfd_open, worker.pid as libc::pid_t, 0) as i32;
            if fd < 0 {
                return;
            }
            // the descriptor holds on to the process, so the check after it can't be outrun
            if is_alive(worker) {
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

    /// The most memory it has had resident, in bytes.
    pub fn peak_memory(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.worker()?.pid)).ok()?;
        let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
        let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kib << 10)
    }
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

/// Whether the process that was started then is still at work (a zombie is not).
pub fn is_alive(worker: &Worker) -> bool {
    worker.boot_id == boot_id() && start_time(worker.pid) == Some(worker.start_time)
}

/// Field 22 of `/proc/<pid>/stat`; `None` when there is no such process, or only its zombie.
fn start_time(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // the name in parentheses may hold anything, so count from its end
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

fn boot_id() -> String {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    text.trim().to_owned()
}

/// The living worker of a run directory, by its `worker.json` or, before it has written one, by its command line.
pub fn find(directory: &Path) -> Option<Worker> {
    from_file(directory)
        .filter(is_alive)
        .or_else(|| from_command_line(directory))
}

fn from_file(directory: &Path) -> Option<Worker> {
    let text = fs::read(directory.join(run_dir::WORKER)).ok()?;
    let info: run_dir::WorkerInfo = serde_json::from_slice(&text).ok()?;
    Some(Worker {
        pid: info.pid,
        start_time: info.start_time,
        boot_id: info.boot_id,
    })
}

fn from_command_line(directory: &Path) -> Option<Worker> {
    let config = directory.join(run_dir::CONFIG);
    let config = config.as_os_str().as_encoded_bytes();
    fs::read_dir("/proc").ok()?.find_map(|entry| {
        let pid: u32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
        let line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let mut words = line.split(|b| *b == 0);
        let program = words.next()?;
        let ours =
            program.ends_with(b"corral-trainer") && words.next() == Some(b"train") && words.next() == Some(config);
        ours.then(|| start_time(pid)).flatten().map(|start_time| Worker {
            pid,
            start_time,
            boot_id: boot_id(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recycled_pid_or_another_boot_is_another_process() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let pid = child.id();
        let worker = Worker {
            pid,
            start_time: start_time(pid).unwrap(),
            boot_id: boot_id(),
        };
        assert!(is_alive(&worker));
        assert!(!is_alive(&Worker {
            start_time: worker.start_time + 1,
            ..worker.clone()
        }));
        assert!(!is_alive(&Worker {
            boot_id: "another".into(),
            ..worker.clone()
        }));
        // a signal to the impostor is not sent
        Process::Adopted(Worker {
            start_time: worker.start_time + 1,
            ..worker.clone()
        })
        .signal(libc::SIGKILL);
        assert!(child.try_wait().unwrap().is_none());
        let mut process = Process::Adopted(worker);
        process.signal(libc::SIGKILL);
        while process.ending().is_none() {
            std::thread::yield_now();
        }
        // a zombie until its parent looks: dead all the same
        assert_eq!(child.wait().unwrap().signal(), Some(libc::SIGKILL));
    }
}
