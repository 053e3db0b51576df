//! What processes on the same emulated cards know of each other: each keeps a file `PID-CARD` with the bytes that it uses, in
//! the folder that `CUDA_EMULATOR_SHARED` names.
use crate::model::host;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A process that uses a card.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Process {
    pub id: u32,
    pub bytes: u64,
    /// Whether it used the card within the last second.
    pub busy: bool,
}

fn file(folder: &str, id: u32, card: usize) -> PathBuf {
    Path::new(folder).join(format!("{id}-{card}"))
}

/// Says what this process uses of a card; 0 while its context has no memory yet.
pub fn say(card: usize, bytes: usize) {
    if let Some(folder) = &host().shared {
        let _ = std::fs::create_dir_all(folder);
        let _ = std::fs::write(file(folder, std::process::id(), card), bytes.to_string());
    }
}

/// This process uses the card no more.
pub fn leave(card: usize) {
    if let Some(folder) = &host().shared {
        let _ = std::fs::remove_file(file(folder, std::process::id(), card));
    }
}

/// Who uses a card; a file that a killed process left is nobody's.
pub fn processes(card: usize) -> Vec<Process> {
    let Some(folder) = &host().shared else {
        return vec![];
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<Process> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let (id, number) = name.split_once('-')?;
            let (id, number): (u32, usize) = (id.parse().ok()?, number.parse().ok()?);
            let lives = Path::new("/proc").join(id.to_string()).exists();
            let age = entry.metadata().ok()?.modified().ok()?.elapsed().unwrap_or_default();
            (lives && number == card).then_some(Process {
                id,
                bytes: std::fs::read_to_string(entry.path()).ok()?.parse().ok()?,
                busy: age < Duration::from_secs(1),
            })
        })
        .collect();
    found.sort_by_key(|process| process.id);
    found
}

/// Bytes of a card that other processes use.
pub fn used_by_others(card: usize) -> u64 {
    let own = std::process::id();
    processes(card)
        .iter()
        .filter(|other| other.id != own)
        .map(|other| other.bytes)
        .sum()
}
