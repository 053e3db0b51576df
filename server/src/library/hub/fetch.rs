//! One file of a hub into its cache: taken up where it broke off, and checked before anyone sees it.

use super::ask::About;
use super::cache::point;
use super::error::told;
use super::{Digest, HubError, Hubs, Place, RepoFile};
use protocol::{Said, says};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;
use ureq::Body;
use ureq::http::Response;

/// A connection that breaks is taken up again this many times for each file.
const TRIES: u32 = 6;
/// Bytes that are read at once.
const PIECE: usize = 1 << 16;

impl Hubs {
    /// Fetches a file, or finds it here, and shows it where it belongs.
    pub(super) fn fetch_file(&self, place: &Place, file: &RepoFile, tell: &mut dyn FnMut(u64)) -> Result<(), HubError> {
        if file.is_whole()? {
            tell(file.size);
        } else {
            retry(&file.file, || place.bring(file, tell))?;
        }
        match &file.shown {
            Some((link, target)) => Ok(point(link, target)?),
            None => Ok(()),
        }
    }
}

impl RepoFile {
    /// Whether it is here. A name that is not made of what is in it may stand for another revision's file of this length.
    pub(super) fn is_whole(&self) -> Result<bool, HubError> {
        let same_length = self.whole.metadata().is_ok_and(|meta| meta.len() == self.size);
        Ok(same_length && (self.shown.is_some() || self.digest.fits(&self.whole)?))
    }
}

impl Place {
    /// One try: what an earlier one left is gone on with; length and digest are checked before it gets its name.
    fn bring(&self, file: &RepoFile, tell: &mut dyn FnMut(u64)) -> Result<(), HubError> {
        let wrong = |reason: Said| HubError::wrong(&file.file, reason);
        if let Some(folder) = file.whole.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let path = file.partial();
        let mut out = std::fs::File::options()
            .append(true)
            .create(true)
            // what lies there is ours, not a way to somewhere else
            .custom_flags(libc::O_NOFOLLOW)
            .open(&path)
            .map_err(|e| std::io::Error::new(e.kind(), format!("{}: {e}", path.display())))?;
        // given back when the file closes
        if out.try_lock().is_err() {
            // one that was stopped a moment ago may still be on its way out
            return Err(HubError::again(&file.file, says::other_download()));
        }
        let mut have = out.metadata()?.len();
        if have > file.size {
            out.set_len(0)?;
            have = 0;
        }
        if have < file.size {
            let about = About {
                name: &file.file,
                revision: "",
            };
            let answer = self.get(about, &file.url, Some((have, None)))?.last;
            match answer.status().as_u16() {
                206 => {
                    let told = content_range(&answer).ok_or_else(|| wrong(says::which_part()))?;
                    if told.from != have {
                        return Err(wrong(says::other_part()));
                    }
                    told.all.map_or(Ok(()), |all| length_is(file, all))?;
                }
                _ => {
                    if let Some(all) = content_length(&answer) {
                        length_is(file, all)?;
                    }
                    // a server without ranges sends the whole
                    out.set_len(0)?;
                    have = 0;
                }
            }
            let pieces = pieces(answer.into_body(), file.size - have);
            while let Some(piece) = wait(&pieces, self.patience).map_err(|said| HubError::again(&file.file, said))? {
                out.write_all(&piece)?;
                have += piece.len() as u64;
                tell(have);
            }
        }
        if have < file.size {
            return Err(HubError::again(&file.file, says::ended_early()));
        }
        out.sync_all()?;
        if !file.digest.fits(&path)? {
            std::fs::remove_file(&path)?;
            return Err(wrong(says::not_whole()));
        }
        std::fs::rename(&path, &file.whole)?;
        Ok(())
    }
}

/// Refuses a file that is as long as the hub's list does not say.
fn length_is(file: &RepoFile, sent: u64) -> Result<(), HubError> {
    match sent == file.size {
        true => Ok(()),
        false => Err(HubError::wrong(&file.file, says::listed_length(file.size, sent))),
    }
}

/// Which bytes of how many an answer has.
pub(super) struct ContentRange {
    pub from: u64,
    pub all: Option<u64>,
}

pub(super) fn content_range(answer: &Response<Body>) -> Option<ContentRange> {
    let text = answer.headers().get("content-range")?.to_str().ok()?;
    let (part, all) = text.strip_prefix("bytes ")?.split_once('/')?;
    Some(ContentRange {
        from: part.split_once('-')?.0.trim().parse().ok()?,
        all: all.trim().parse().ok(),
    })
}

pub(super) fn content_length(answer: &Response<Body>) -> Option<u64> {
    answer.headers().get("content-length")?.to_str().ok()?.parse().ok()
}

/// Reads a body on a thread of its own, so that a connection that says nothing more can be given up.
fn pieces(body: Body, most: u64) -> Receiver<std::io::Result<Vec<u8>>> {
    let (give, pieces) = sync_channel(4);
    std::thread::spawn(move || {
        let mut body = body.into_reader().take(most);
        loop {
            let mut piece = vec![0; PIECE];
            let read = body.read(&mut piece);
            let ended = !matches!(read, Ok(n) if n > 0);
            let given = give.send(read.map(|n| {
                piece.truncate(n);
                piece
            }));
            // who waited may have gone
            if ended || given.is_err() {
                return;
            }
        }
    });
    pieces
}

/// The next piece; none at the end.
fn wait(pieces: &Receiver<std::io::Result<Vec<u8>>>, patience: Duration) -> Result<Option<Vec<u8>>, Said> {
    match pieces.recv_timeout(patience) {
        Ok(Ok(piece)) => Ok(Some(piece).filter(|piece| !piece.is_empty())),
        Ok(Err(error)) => Err(told(error)),
        Err(RecvTimeoutError::Timeout) => Err(says::silent(patience.as_secs())),
        Err(RecvTimeoutError::Disconnected) => Ok(None),
    }
}

/// Tries again when a connection broke or the hub is busy; any other answer (not found, refused) is final.
pub(super) fn retry<T>(file: &str, mut go: impl FnMut() -> Result<T, HubError>) -> Result<T, HubError> {
    let mut tried = 0;
    loop {
        match go() {
            Err(HubError::Broken {
                reason,
                again: Some(wait),
                ..
            }) => {
                tried += 1;
                if tried == TRIES {
                    return Err(HubError::broken(file, reason));
                }
                std::thread::sleep(wait.max(Duration::from_millis(100 << tried)));
            }
            done => return done,
        }
    }
}

impl Digest {
    /// Whether a file's bytes are those that the hub tells.
    fn fits(&self, path: &Path) -> std::io::Result<bool> {
        match self {
            Self::Sha256(told) => Ok(sha256(path)?.eq_ignore_ascii_case(told)),
            Self::Git(told) => {
                let mut hasher = Sha1::new();
                hasher.update(format!("blob {}\0", path.metadata()?.len()));
                through(path, |bytes| hasher.update(bytes))?;
                Ok(format!("{:x}", hasher.finalize()).eq_ignore_ascii_case(told))
            }
            Self::Unknown => Ok(true),
        }
    }
}

/// SHA-256 of a file in hex.
///
/// # Errors
/// It can't be read.
pub fn sha256(path: &Path) -> std::io::Result<String> {
    let mut hasher = Sha256::new();
    through(path, |bytes| hasher.update(bytes))?;
    Ok(format!("{:x}", hasher.finalize()))
}

fn through(path: &Path, mut take: impl FnMut(&[u8])) -> std::io::Result<()> {
    let mut file = std::fs::File::open(path)?;
    let mut buffer = vec![0; PIECE];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(()),
            n => take(&buffer[..n]),
        }
    }
}
