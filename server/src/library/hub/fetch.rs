//! Downloading one file of a hub into its cache: resumed where it broke off, and checked before it gets its name.

use super::ask::Subject;
use super::cache::replace_link;
use super::error::asking_failed;
use super::{Digest, HubError, HubPlace, Hubs, RepoFile};
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
const MAX_TRIES: u32 = 6;
/// Bytes that are read at once.
const CHUNK: usize = 1 << 16;

impl Hubs {
    /// Fetches a file unless it is here, and links to it where the cache has links.
    pub(super) fn fetch_file(
        &self,
        place: &HubPlace,
        file: &RepoFile,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), HubError> {
        if file.is_whole()? {
            progress(file.size);
        } else {
            retry(&file.file, || place.download(file, progress))?;
        }
        match &file.link {
            Some(link) => Ok(replace_link(&link.path, &link.target)?),
            None => Ok(()),
        }
    }
}

impl RepoFile {
    /// Whether the whole file is here. Where its name is not a hash of its content, the digest is compared too: another revision's
    /// file may have this length.
    pub(super) fn is_whole(&self) -> Result<bool, HubError> {
        let same_length = self.whole.metadata().is_ok_and(|meta| meta.len() == self.size);
        Ok(same_length && (self.link.is_some() || self.digest.matches(&self.whole)?))
    }
}

impl HubPlace {
    /// One try, which resumes an earlier one; length and digest are checked before the file gets its name.
    fn download(&self, file: &RepoFile, progress: &mut dyn FnMut(u64)) -> Result<(), HubError> {
        let wrong = |reason: Said| HubError::wrong(&file.file, reason);
        if let Some(folder) = file.whole.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let path = file.partial();
        let mut out = std::fs::File::options()
            .append(true)
            .create(true)
            // it must be our file, not a link to somewhere else
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
            let about = Subject {
                name: &file.file,
                revision: "",
            };
            let answer = self.get(about, &file.url, Some((have, None)))?.last;
            match answer.status().as_u16() {
                206 => {
                    let range = content_range(&answer).ok_or_else(|| wrong(says::which_part()))?;
                    if range.from != have {
                        return Err(wrong(says::other_part()));
                    }
                    range.all.map_or(Ok(()), |all| check_length(file, all))?;
                }
                _ => {
                    if let Some(all) = content_length(&answer) {
                        check_length(file, all)?;
                    }
                    // a server without ranges sends the whole
                    out.set_len(0)?;
                    have = 0;
                }
            }
            let pieces = pieces(answer.into_body(), file.size - have);
            while let Some(piece) =
                next_piece(&pieces, self.timeout).map_err(|said| HubError::again(&file.file, said))?
            {
                out.write_all(&piece)?;
                have += piece.len() as u64;
                progress(have);
            }
        }
        if have < file.size {
            return Err(HubError::again(&file.file, says::ended_early()));
        }
        out.sync_all()?;
        if !file.digest.matches(&path)? {
            std::fs::remove_file(&path)?;
            return Err(wrong(says::not_whole()));
        }
        std::fs::rename(&path, &file.whole)?;
        Ok(())
    }
}

/// Refuses a file whose length is not what the hub's list says.
fn check_length(file: &RepoFile, sent: u64) -> Result<(), HubError> {
    match sent == file.size {
        true => Ok(()),
        false => Err(HubError::wrong(&file.file, says::listed_length(file.size, sent))),
    }
}

/// A `Content-Range` header: from which byte on, of how many.
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
            let mut piece = vec![0; CHUNK];
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
fn next_piece(pieces: &Receiver<std::io::Result<Vec<u8>>>, timeout: Duration) -> Result<Option<Vec<u8>>, Said> {
    match pieces.recv_timeout(timeout) {
        Ok(Ok(piece)) => Ok(Some(piece).filter(|piece| !piece.is_empty())),
        Ok(Err(error)) => Err(asking_failed(error)),
        Err(RecvTimeoutError::Timeout) => Err(says::silent(timeout.as_secs())),
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
                if tried == MAX_TRIES {
                    return Err(HubError::broken(file, reason));
                }
                std::thread::sleep(wait.max(Duration::from_millis(100 << tried)));
            }
            done => return done,
        }
    }
}

impl Digest {
    /// Whether a file has this digest.
    fn matches(&self, path: &Path) -> std::io::Result<bool> {
        match self {
            Self::Sha256(hash) => Ok(sha256(path)?.eq_ignore_ascii_case(hash)),
            Self::Git(hash) => {
                let mut hasher = Sha1::new();
                hasher.update(format!("blob {}\0", path.metadata()?.len()));
                for_each_chunk(path, |bytes| hasher.update(bytes))?;
                Ok(format!("{:x}", hasher.finalize()).eq_ignore_ascii_case(hash))
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
    for_each_chunk(path, |bytes| hasher.update(bytes))?;
    Ok(format!("{:x}", hasher.finalize()))
}

fn for_each_chunk(path: &Path, mut take: impl FnMut(&[u8])) -> std::io::Result<()> {
    let mut file = std::fs::File::open(path)?;
    let mut buffer = vec![0; CHUNK];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(()),
            n => take(&buffer[..n]),
        }
    }
}
