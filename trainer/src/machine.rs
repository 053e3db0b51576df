//! The machine a worker runs on: who it is, its memory, its devices.

use crate::error::{Error, Result};
use crate::folder;
use protocol::run_dir::{self, WorkerInfo};
use std::path::Path;
use std::time::Duration;

/// Between two beats of [`beat`].
const HEARTBEAT: Duration = Duration::from_secs(10);

/// This process, told so that a recycled pid or a rebooted machine is noticed.
pub fn worker() -> Result<WorkerInfo> {
    let read = |path: &str| std::fs::read_to_string(path).map_err(Error::io(path));
    let stat = read("/proc/self/stat")?;
    // the command's name, in brackets, may hold spaces; field 3 comes behind it
    let start_time = stat
        .rsplit_once(") ")
        .and_then(|(_, rest)| rest.split(' ').nth(19)?.parse().ok())
        .unwrap_or(0);
    Ok(WorkerInfo {
        pid: std::process::id(),
        start_time,
        boot_id: read("/proc/sys/kernel/random/boot_id")?.trim().to_owned(),
        protocol_version: protocol::PROTOCOL_VERSION,
        machine: name(),
        pid_namespace: run_dir::pid_namespace(),
        card: None,
    })
}

fn name() -> Option<String> {
    let read = |path: &&str| std::fs::read_to_string(path).ok();
    let mut names = run_dir::MACHINE
        .iter()
        .filter_map(read)
        .map(|text| text.trim().to_owned());
    names.find(|name| !name.is_empty())
}

/// Shows readers on other machines that this process lives, however long a step takes: the time of `file` moves on
/// for as long as the process goes.
pub fn beat(file: &Path) {
    let file = file.to_owned();
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(HEARTBEAT);
            // a file that is gone, or not ours, has nobody to tell
            let opened = std::fs::File::options().append(true).open(&file);
            let _ = opened.and_then(|f| f.set_modified(std::time::SystemTime::now()));
        }
    });
}

/// Says in a run directory's `worker.json` that the run trains on no card after all: a board may place another one there.
pub fn give_card_back(dir: &Path) -> Result<()> {
    let file = dir.join(run_dir::WORKER);
    let read = std::fs::read(&file).ok();
    let told = read.and_then(|bytes| serde_json::from_slice::<WorkerInfo>(&bytes).ok());
    match told.filter(|worker| worker.pid == std::process::id() && worker.card.is_some()) {
        Some(worker) => folder::write_json(&file, &serde_json::json!(WorkerInfo { card: None, ..worker })),
        None => Ok(()),
    }
}

/// Bytes of memory this process had resident at most; `None` where the system does not say.
pub fn peak_memory() -> Option<u64> {
    memory("VmHWM:")
}

/// Bytes of memory this process has resident.
pub fn resident_memory() -> Option<u64> {
    memory("VmRSS:")
}

/// Bytes of memory this process may use: the machine's, or less where its control group or its limits (`ulimit -v`) say so.
pub fn usable_memory() -> u64 {
    let text = |path: &str| std::fs::read_to_string(path).ok();
    let meminfo = text("/proc/meminfo").unwrap_or_default();
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    let machine = kib.map_or(8 << 30, |kib| kib << 10);
    let group = protocol::cgroup::limit(text).map_or(u64::MAX, |limit| limit.total);
    // SAFETY: getrlimit fills a struct of ours and touches nothing else
    let own = unsafe {
        let mut limit: libc::rlimit = std::mem::zeroed();
        match libc::getrlimit(libc::RLIMIT_AS, &mut limit) {
            0 => limit.rlim_cur,
            _ => libc::RLIM_INFINITY,
        }
    };
    machine.min(group).min(own)
}

fn memory(field: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix(field))?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worker_knows_itself() {
        let me = worker().unwrap();
        assert_eq!(me.pid, std::process::id());
        assert!(me.start_time > 0 && me.boot_id.len() == 36);
        assert!(peak_memory().unwrap() >= 1 << 20);
        assert!(resident_memory().unwrap() <= peak_memory().unwrap());
        assert!(usable_memory() > resident_memory().unwrap());
    }
}
