//! Whether a worker that a run directory names belongs to this machine.

use super::process::{Process, boot_id};
use protocol::run_dir::{self, WorkerInfo};
use std::fs;

/// Where this server runs.
pub(super) struct ThisMachine {
    boot_id: String,
    machine: Option<String>,
    pid_namespace: Option<String>,
}

impl ThisMachine {
    pub(super) fn look() -> Self {
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
pub(super) fn is_elsewhere(info: &WorkerInfo, kept: Option<&Process>, here: &ThisMachine, has_heartbeat: bool) -> bool {
    let same_machine = match &info.machine {
        Some(name) => Some(name) == here.machine.as_ref(),
        // an older worker does not say: it is this machine's if this server has seen it at work here
        None => kept.is_some_and(|process| process.boot_id == info.boot_id),
    };
    if info.boot_id != here.boot_id {
        return !same_machine;
    }
    let namespaces = (&info.pid_namespace, &here.pid_namespace);
    matches!(namespaces, (Some(theirs), Some(ours)) if theirs != ours) && (has_heartbeat || !same_machine)
}

pub(super) fn machine() -> Option<String> {
    let read = |path: &&str| fs::read_to_string(path).ok();
    let mut names = run_dir::MACHINE
        .iter()
        .filter_map(read)
        .map(|text| text.trim().to_owned());
    names.find(|name| !name.is_empty())
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

    fn machine_here() -> ThisMachine {
        ThisMachine {
            boot_id: "now".into(),
            machine: Some("here".into()),
            pid_namespace: Some("ours".into()),
        }
    }

    #[test]
    fn another_container_is_told_from_a_restart_of_this_one() {
        let here = machine_here();
        let (ours, theirs) = (Some("ours".to_owned()), Some("theirs".to_owned()));
        for (case, machine, pid_namespace, has_heartbeat, elsewhere) in [
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
            assert_eq!(is_elsewhere(&info, None, &here, has_heartbeat), elsewhere, "{case}");
        }
    }

    #[test]
    fn another_machine_is_told_from_a_restart_of_this_one() {
        let seen = Process {
            pid: 1,
            start_time: 1,
            boot_id: "before".into(),
        };
        let (here, elsewhere) = (Some("here"), Some("there"));
        for (case, info, kept, want) in [
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
            assert_eq!(is_elsewhere(&info, kept, &machine_here(), true), want, "{case}");
        }
    }
}
