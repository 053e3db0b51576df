//! The memory limit of a process's control group (cgroup v1 and v2): arithmetic over the texts of `/proc` and `/sys`, which the
//! caller reads.

/// The tightest limit, and how much of it is still free; in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    pub total: u64,
    pub free: u64,
}

/// Version 1 writes a number above this where there is no limit.
const NONE: u64 = 1 << 60;

/// Where a version keeps its files.
struct Files {
    root: &'static str,
    limit: &'static str,
    used: &'static str,
    /// line of `memory.stat` for pages that are reclaimed before anything is killed
    cache: &'static str,
}

const V2: Files = Files {
    root: "/sys/fs/cgroup",
    limit: "memory.max",
    used: "memory.current",
    cache: "inactive_file ",
};

const V1: Files = Files {
    root: "/sys/fs/cgroup/memory",
    limit: "memory.limit_in_bytes",
    used: "memory.usage_in_bytes",
    cache: "total_inactive_file ",
};

/// The limit of this process; `read` gives the text of a file. `None`: there is no limit. In a container the group's path may be
/// the host's; then the root of the mounted tree is the container's own group.
pub fn limit(read: impl Fn(&str) -> Option<String>) -> Option<Limit> {
    let groups = read("/proc/self/cgroup")?;
    let mut found: Option<Limit> = None;
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else {
            continue;
        };
        let files = match controllers {
            "" => V2,
            list if list.split(',').any(|name| name == "memory") => V1,
            _ => continue,
        };
        for group in ancestors(path) {
            let here = of_group(&files, group, &read);
            found = match (found, here) {
                (Some(a), Some(b)) => Some(Limit {
                    total: a.total.min(b.total),
                    free: a.free.min(b.free),
                }),
                (a, b) => a.or(b),
            };
        }
    }
    found
}

/// A group and all of its ancestors: `/a/b`, `/a`, and the root, which is the empty path.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    fn parent<'a>(path: &&'a str) -> Option<&'a str> {
        path.rsplit_once('/').map(|(parent, _)| parent)
    }
    std::iter::successors(Some(path.trim_end_matches('/')), parent)
}

fn of_group(files: &Files, group: &str, read: &impl Fn(&str) -> Option<String>) -> Option<Limit> {
    let text = |name: &str| read(&format!("{}{group}/{name}", files.root));
    let number = |name: &str| text(name)?.trim().parse::<u64>().ok();
    let total = number(files.limit).filter(|total| *total < NONE)?;
    let cached = text("memory.stat").and_then(|stat| {
        let line = stat
            .lines()
            .find_map(|line| line.strip_prefix(files.cache).map(str::to_owned))?;
        line.trim().parse::<u64>().ok()
    });
    let used = number(files.used).unwrap_or(0).saturating_sub(cached.unwrap_or(0));
    Some(Limit {
        total,
        free: total.saturating_sub(used),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(files: &[(&str, &str)]) -> Option<Limit> {
        let read = |path: &str| {
            files
                .iter()
                .find(|(name, _)| *name == path)
                .map(|(_, text)| (*text).to_owned())
        };
        limit(read)
    }

    #[test]
    fn the_tightest_group_of_either_version_counts() {
        assert_eq!(with(&[]), None);
        let v2 = [
            ("/proc/self/cgroup", "0::/user/app\n"),
            ("/sys/fs/cgroup/user/app/memory.max", "max\n"),
            ("/sys/fs/cgroup/user/memory.max", "420000000\n"),
            ("/sys/fs/cgroup/user/memory.current", "300000000\n"),
            ("/sys/fs/cgroup/user/memory.stat", "anon 1\ninactive_file 100000000\n"),
        ];
        let want = Limit {
            total: 420_000_000,
            free: 220_000_000,
        };
        assert_eq!(with(&v2), Some(want));
        let v1 = [
            ("/proc/self/cgroup", "5:cpu:/x\n4:memory:/docker/1\n0::/x\n"),
            ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "420000000\n"),
            ("/sys/fs/cgroup/memory/memory.usage_in_bytes", "20000000\n"),
        ];
        assert_eq!(with(&v1).map(|limit| limit.free), Some(400_000_000));
        let unlimited = [
            ("/proc/self/cgroup", "4:memory:/\n"),
            ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
        ];
        assert_eq!(with(&unlimited), None);
        let container = [
            ("/proc/self/cgroup", "0::/\n"),
            ("/sys/fs/cgroup/memory.max", "1000\n"),
            ("/sys/fs/cgroup/memory.current", "2000\n"),
        ];
        assert_eq!(with(&container), Some(Limit { total: 1000, free: 0 }));
    }
}
