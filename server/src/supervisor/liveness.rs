//! Whether a run's worker lives, as far as this machine can tell.

use crate::db::Worker;
use protocol::run_dir::{self, WorkerInfo};
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// What is known of the worker of a run directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Liveness {
    /// It is at work on this machine.
    Alive(Worker),
    /// It was started on another machine; only that one can tell.
    Elsewhere,
    Dead,
}

/// Looks for the worker of a run directory: the one that was recorded, the one its `worker.json` names, or, before
/// that is written, the one whose command line names it.
pub fn of(directory: &Path, recorded: Option<&Worker>, now: SystemTime) -> Liveness {
    if let Some(worker) = recorded.filter(|worker| is_alive(worker)) {
        return Liveness::Alive(worker.clone());
    }
    let told = info(directory);
    if let Some(info) = &told {
        let worker = Worker {
            pid: info.pid,
            start_time: info.start_time,
            boot_id: info.boot_id.clone(),
        };
        // a copied directory names the worker of the original, and a pid means something in its own namespace alone
        let known_here = info.pid_namespace.is_none() || info.pid_namespace == Here::look().pid_namespace;
        if known_here && is_alive(&worker) && works_on(worker.pid, directory) {
            return Liveness::Alive(worker);
        }
    }
    if let Some(worker) = from_command_line(directory) {
        return Liveness::Alive(worker);
    }
    match told {
        Some(info) if is_elsewhere(&info, recorded, &Here::look(), beats(directory, now)) => Liveness::Elsewhere,
        _ => Liveness::Dead,
    }
}

/// Six heartbeats of a worker: one that lives has shown it in that time.
const SILENT: Duration = Duration::from_secs(60);

/// Whether the worker has shown lately that it lives, by a clock that is also ours.
fn beats(directory: &Path, now: SystemTime) -> bool {
    let beat = fs::metadata(directory.join(run_dir::WORKER)).and_then(|meta| meta.modified());
    beat.is_ok_and(|at| now.duration_since(at).is_ok_and(|ago| ago < SILENT))
}

/// Where this server runs.
struct Here {
    boot_id: String,
    machine: Option<String>,
    pid_namespace: Option<String>,
}

impl Here {
    fn look() -> Self {
        Self {
            boot_id: boot_id(),
            machine: machine(),
            pid_namespace: run_dir::pid_namespace(),
        }
    }
}

/// Another boot is another machine, unless the machine is known to be this one, restarted since. On the same boot another
/// pid namespace is another container, whose worker can't be seen from here: it is one as long as it shows signs of life,
/// and where the container is not known to be this one, restarted since.
fn is_elsewhere(info: &WorkerInfo, recorded: Option<&Worker>, here: &Here, beats: bool) -> bool {
    let same_machine = match &info.machine {
        Some(name) => Some(name) == here.machine.as_ref(),
        // an older worker does not say: it is this machine's if this server has seen it at work here
        None => recorded.is_some_and(|worker| worker.boot_id == info.boot_id),
    };
    if info.boot_id != here.boot_id {
        return !same_machine;
    }
    let namespaces = (&info.pid_namespace, &here.pid_namespace);
    matches!(namespaces, (Some(theirs), Some(ours)) if theirs != ours) && (beats || !same_machine)
}

/// What `worker.json` says, if it is there.
pub fn info(directory: &Path) -> Option<WorkerInfo> {
    let path = directory.join(run_dir::WORKER);
    if !path.is_file() {
        return None;
    }
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// This process, as `worker.json` names it; `None` where it can't tell when it was started.
pub fn this_process() -> Option<WorkerInfo> {
    let pid = std::process::id();
    Some(WorkerInfo {
        pid,
        start_time: start_time(pid)?,
        boot_id: boot_id(),
        protocol_version: protocol::PROTOCOL_VERSION,
        machine: machine(),
        pid_namespace: run_dir::pid_namespace(),
        card: None,
    })
}

/// When the run directory last showed a sign of life: an event, or the worker's heartbeat.
pub fn heard(directory: &Path) -> Option<SystemTime> {
    let times = [run_dir::EVENTS, run_dir::WORKER].map(|name| fs::metadata(directory.join(name)).ok()?.modified().ok());
    times.into_iter().flatten().max()
}

/// Whether the process that was started then is still at work (a zombie is not).
pub fn is_alive(worker: &Worker) -> bool {
    worker.boot_id == boot_id() && start_time(worker.pid) == Some(worker.start_time)
}

/// Whether the process runs the trainer's program.
pub fn is_trainer(pid: u32) -> bool {
    let Ok(program) = fs::read_link(format!("/proc/{pid}/exe")) else {
        return false;
    };
    let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    // a program that was replaced by a newer one while it runs
    name.trim_end_matches(" (deleted)") == "corral-trainer"
}

/// Whether a process holds this directory's events open. Where that can't be seen (another user's), it is believed.
fn works_on(pid: u32, directory: &Path) -> bool {
    let events = directory.join(run_dir::EVENTS);
    let Ok(open) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return true;
    };
    open.flatten()
        .any(|entry| fs::read_link(entry.path()).is_ok_and(|target| target == events))
}

/// Field 22 of `/proc/<pid>/stat`; `None` when there is no such process, or only its zombie.
pub fn start_time(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // the name in parentheses may hold anything, so count from its end
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

pub fn boot_id() -> String {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    text.trim().to_owned()
}

fn machine() -> Option<String> {
    let read = |path: &&str| fs::read_to_string(path).ok();
    let mut names = run_dir::MACHINE
        .iter()
        .filter_map(read)
        .map(|text| text.trim().to_owned());
    names.find(|name| !name.is_empty())
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

    fn info(boot: &str, machine: Option<&str>) -> WorkerInfo {
        WorkerInfo {
            pid: 1,
            start_time: 1,
            boot_id: boot.into(),
            protocol_version: 1,
            machine: machine.map(str::to_owned),
            pid_namespace: Some("ours".into()),
            card: None,
        }
    }

    fn machine_here() -> Here {
        Here {
            boot_id: "now".into(),
            machine: Some("here".into()),
            pid_namespace: Some("ours".into()),
        }
    }

    #[test]
    fn another_container_is_told_from_a_restart_of_this_one() {
        let here = machine_here();
        let (ours, theirs) = (Some("ours".to_owned()), Some("theirs".to_owned()));
        for (case, machine, pid_namespace, beats, elsewhere) in [
            ("ended in this container", "here", &ours, true, false),
            ("at work in another container", "there", &theirs, true, true),
            ("in another container that bears our name", "here", &theirs, true, true),
            ("silent in another container", "there", &theirs, false, true),
            ("this container was restarted", "here", &theirs, false, false),
            ("an older worker", "here", &None, true, false),
        ] {
            let info = WorkerInfo {
                pid_namespace: pid_namespace.clone(),
                ..info("now", Some(machine))
            };
            assert_eq!(is_elsewhere(&info, None, &here, beats), elsewhere, "{case}");
        }
    }

    #[test]
    fn another_machine_is_told_from_a_restart_of_this_one() {
        let seen = Worker {
            pid: 1,
            start_time: 1,
            boot_id: "before".into(),
        };
        let (here, elsewhere) = (Some("here"), Some("there"));
        for (case, info, recorded, want) in [
            ("ended on this boot", info("now", here), None, false),
            ("this machine was restarted", info("before", here), None, false),
            ("another machine", info("other", elsewhere), None, true),
            (
                "another machine, seen as live before",
                info("other", elsewhere),
                Some(&seen),
                true,
            ),
            ("an older worker of who knows where", info("other", None), None, true),
            (
                "an older worker that was started here",
                info("before", None),
                Some(&seen),
                false,
            ),
            ("an older worker on this boot", info("now", None), None, false),
        ] {
            assert_eq!(is_elsewhere(&info, recorded, &machine_here(), true), want, "{case}");
        }
    }
}
