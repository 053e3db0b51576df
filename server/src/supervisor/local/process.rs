//! A process as `/proc` shows it: which one it is, whether it lives, what it works on.

use super::place;
use protocol::run_dir::{self, WorkerInfo};
use std::fs;
use std::path::Path;

/// A process and no later one with its pid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    pub pid: u32,
    pub start_time: u64,
    pub boot_id: String,
}

impl Process {
    /// The one that has this pid now.
    pub fn of(pid: u32) -> Option<Self> {
        Some(Self {
            pid,
            start_time: start_time(pid)?,
            boot_id: boot_id(),
        })
    }

    /// The trainer whose command line names this run directory.
    pub(super) fn from_command_line(directory: &Path) -> Option<Self> {
        let config = directory.join(run_dir::CONFIG);
        let config = config.as_os_str().as_encoded_bytes();
        fs::read_dir("/proc").ok()?.find_map(|entry| {
            let pid: u32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
            let line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
            let mut words = line.split(|b| *b == 0);
            let program = words.next()?;
            let ours =
                program.ends_with(b"corral-trainer") && words.next() == Some(b"train") && words.next() == Some(config);
            ours.then(|| Self::of(pid)).flatten()
        })
    }

    /// Whether it is still at work (a zombie is not).
    pub fn is_alive(&self) -> bool {
        self.boot_id == boot_id() && start_time(self.pid) == Some(self.start_time)
    }

    /// Whether it runs the trainer's program.
    pub(super) fn is_trainer(&self) -> bool {
        let Ok(program) = fs::read_link(format!("/proc/{}/exe", self.pid)) else {
            return false;
        };
        let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // a program that was replaced by a newer one while it runs
        name.trim_end_matches(" (deleted)") == "corral-trainer"
    }

    /// Whether it holds this directory's events open. Where that can't be seen (another user's), it is believed.
    pub(super) fn works_on(&self, directory: &Path) -> bool {
        let events = directory.join(run_dir::EVENTS);
        let Ok(open) = fs::read_dir(format!("/proc/{}/fd", self.pid)) else {
            return true;
        };
        open.flatten()
            .any(|entry| fs::read_link(entry.path()).is_ok_and(|target| target == events))
    }

    /// The most memory it has had resident, in bytes.
    pub(super) fn peak_memory(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).ok()?;
        let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
        let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kib << 10)
    }
}

/// This process, as `worker.json` names it; `None` where it can't tell when it was started.
pub fn this_process() -> Option<WorkerInfo> {
    let Process {
        pid,
        start_time,
        boot_id,
    } = Process::of(std::process::id())?;
    Some(WorkerInfo {
        pid,
        start_time,
        boot_id,
        protocol_version: protocol::PROTOCOL_VERSION,
        machine: place::machine(),
        pid_namespace: run_dir::pid_namespace(),
        card: None,
    })
}

/// Field 22 of `/proc/<pid>/stat`; `None` when there is no such process, or only its zombie.
pub(super) fn start_time(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // the name in parentheses may hold anything, so count from its end
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

pub(super) fn boot_id() -> String {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    text.trim().to_owned()
}
