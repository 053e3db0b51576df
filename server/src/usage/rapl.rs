//! RAPL, the energy counters of processors, where the kernel shows them and we may read them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Where Linux has them (`Documentation/power/powercap`), whoever made the processor.
const POWERCAP: &str = "/sys/class/powercap";

/// The counters of all processor packages.
pub struct Rapl {
    packages: Vec<Package>,
    read: Option<Instant>,
}

struct Package {
    folder: PathBuf,
    /// Where its counter begins again, in µJ.
    wraps_at: u64,
    last: Option<u64>,
}

fn number(path: &Path) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

impl Rapl {
    pub fn open() -> Self {
        Self::below(Path::new(POWERCAP))
    }

    fn below(root: &Path) -> Self {
        let entries = fs::read_dir(root).into_iter().flatten().flatten();
        let package = |folder: PathBuf| {
            // parts of a package (cores, memory) are counted with it
            let name = fs::read_to_string(folder.join("name")).ok()?;
            let whole = name.trim().starts_with("package");
            // Intel shows a package a second time, through other registers
            let again = folder.file_name()?.to_str()?.starts_with("intel-rapl-mmio");
            let readable = number(&folder.join("energy_uj")).is_some();
            (whole && !again && readable).then(|| Package {
                wraps_at: number(&folder.join("max_energy_range_uj")).unwrap_or(u64::MAX),
                last: None,
                folder,
            })
        };
        Self {
            packages: entries.filter_map(|entry| package(entry.path())).collect(),
            read: None,
        }
    }

    /// Watts since the call before; nothing at the first, nor where a counter can't be read.
    pub fn watts(&mut self, now: Instant) -> Option<f64> {
        let seconds = self.read.replace(now).map(|before| (now - before).as_secs_f64());
        let mut sum = (!self.packages.is_empty()).then_some(0);
        for package in &mut self.packages {
            let read = number(&package.folder.join("energy_uj"));
            let since = read
                .zip(package.last)
                .map(|(now, last)| energy_used(last, now, package.wraps_at));
            package.last = read;
            sum = sum.zip(since).map(|(sum, since)| sum + since);
        }
        let seconds = seconds.filter(|seconds| *seconds > 0.1)?;
        Some(sum? as f64 / 1e6 / seconds)
    }
}

/// What a counter says was used between two looks.
fn energy_used(last: u64, now: u64, wraps_at: u64) -> u64 {
    match now.checked_sub(last) {
        Some(used) => used,
        None => wraps_at.saturating_sub(last).saturating_add(now),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_counted_once_and_over_their_end() {
        assert_eq!((energy_used(10, 25, 100), energy_used(90, 5, 100)), (15, 15));
        let root = std::env::temp_dir().join(format!("corral-rapl-{}", std::process::id()));
        for (zone, name) in [
            ("intel-rapl:0", "package-0"),
            ("intel-rapl:0:0", "core"),
            ("intel-rapl:1", "psys"),
            ("intel-rapl-mmio:0", "package-0"),
        ] {
            let folder = root.join(zone);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("name"), format!("{name}\n")).unwrap();
            fs::write(folder.join("energy_uj"), "1000000\n").unwrap();
            fs::write(folder.join("max_energy_range_uj"), "262143328850\n").unwrap();
        }
        let mut rapl = Rapl::below(&root);
        assert_eq!(rapl.packages.len(), 1);
        assert_eq!(
            rapl.watts(crate::ambient::Ambient::default().steady()),
            None,
            "one look is no rate"
        );
        let nothing = Rapl::below(&root.join("absent"));
        assert!(nothing.packages.is_empty());
        fs::remove_dir_all(root).unwrap();
    }
}
