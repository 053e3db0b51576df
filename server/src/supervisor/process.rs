//! A worker process: started in a session of its own, known by more than its pid, signalled without mistaking it.

use super::liveness::{boot_id, is_alive, is_trainer, start_time};
use crate::db::{RunRow, Worker};
use crate::runs::moved;
use protocol::run_dir;
use std::fs;
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
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
    /// One on another machine: whether it lives is not for this one to say.
    Elsewhere,
    /// One that ended before we came.
    Gone,
}

impl Process {
    /// Starts the trainer on a run's directory, on the card that the run has, which is the one it sees. It writes there and nowhere else, whatever the config says; its output
    /// goes to `worker.log`, it outlives this server, and the terminal's signals do not reach it.
    ///
    /// # Errors
    /// When the program or the log can't be opened.
    pub fn start(mut command: Command, run: &RunRow) -> io::Result<Self> {
        let directory = &run.directory;
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(directory.join(run_dir::LOG))?;
        command.arg("train").arg(directory.join(run_dir::CONFIG));
        for (key, value) in moved::overrides(directory) {
            command.arg(argument(key, &value));
        }
        match &run.resume_from {
            _ if !run.resume => {}
            Some(checkpoint) => {
                let path = directory.join(checkpoint).display().to_string();
                command.arg(argument("resume_from_checkpoint", &path));
            }
            None => {
                command.arg("resume_from_checkpoint=true");
            }
        }
        if let Some(uuid) = &run.card {
            // it is the only one the worker sees, and so the first
            command.env("CUDA_VISIBLE_DEVICES", uuid);
            if run.summary.config.device.is_some() {
                command.arg(argument("device", "cuda"));
            }
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
            Self::Elsewhere | Self::Gone => None,
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
            Self::Elsewhere => None,
            Self::Gone => Some(Ending::Unknown),
        }
    }

    /// Sends a signal to this very process, never to a later one with its pid, nor to a program that is no trainer: a
    /// run directory may say that anything is its worker.
    pub fn signal(&self, signal: i32) {
        let Some(worker) = self.worker() else { return };
        // SAFETY: plain system calls on integers; the descriptor is closed on every path
        unsafe {
            let fd = libc::syscall(libc::SYS_pidfd_open, worker.pid as libc::pid_t, 0) as i32;
            if fd < 0 {
                return;
            }
            // the descriptor holds on to the process, so the check after it can't be outrun
            if is_alive(worker) && (matches!(self, Self::Own { .. }) || is_trainer(worker.pid)) {
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

/// `key=value` as the trainer reads it: the value quoted, so that no path is taken for YAML.
fn argument(key: &str, value: &str) -> String {
    format!("{key}={}", serde_json::Value::from(value))
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
        // a signal to the impostor is not sent, nor to a program that is no trainer
        Process::Adopted(Worker {
            start_time: worker.start_time + 1,
            ..worker.clone()
        })
        .signal(libc::SIGKILL);
        let mut process = Process::Adopted(worker);
        process.signal(libc::SIGKILL);
        assert!(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        while process.ending().is_none() {
            std::thread::yield_now();
        }
        // a zombie until its parent looks: dead all the same
        assert_eq!(child.wait().unwrap().signal(), Some(libc::SIGKILL));
    }

    #[test]
    fn a_path_is_never_taken_for_yaml() {
        for path in [
            "/a: b",
            "/with \"quotes\"",
            "/#1",
            "/line\nbreak",
            "/日本",
            "/true",
            "/a, b",
        ] {
            let said = argument("output_dir", path);
            let parsed = protocol::RunConfig::parse_with_overrides("", &[said]);
            assert_eq!(
                (parsed.config.output_dir.as_deref(), parsed.errors),
                (Some(path), vec![])
            );
        }
    }
}
