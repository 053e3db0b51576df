//! A hub that behaves as badly as real ones: breaks off, stalls, lies, redirects to another host, refuses. It answers as Hugging
//! Face and as ModelScope.

use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// What the hub still means to do, and what it saw.
#[derive(Default)]
pub struct State {
    /// Connections of large files still to be cut in the middle.
    pub cuts: u32,
    /// Connections of large files still to be left silent in the middle.
    pub stalls: u32,
    /// Questions still to be answered with `429`, and to come again after a second.
    pub busy: u32,
    pub lie: Option<Lie>,
    /// `Authorization` and `Cookie` headers by listener: 0 the hub, 1 the storage it redirects to.
    pub tokens: [Vec<String>; 2],
    /// Where parts of large files began that were asked for.
    pub ranges: Vec<u64>,
    /// Paths that were asked for.
    pub asked: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// A byte of every large file is another.
    Large,
    /// A byte of every small file is another.
    Small,
    /// The list tells one byte more than there is.
    Longer,
    /// The list tells more than any disk holds.
    Endless,
    /// The first byte that is sent is not the one that was asked for.
    Range,
}

pub type Files = BTreeMap<&'static str, Vec<u8>>;

pub struct Fake {
    pub endpoint: String,
    pub state: Arc<Mutex<State>>,
}

/// A hub with the model `tiny/llama` and the data set `tiny/rows`; `tiny/gated` wants its terms accepted, `tiny/private` is nobody's.
pub fn hub(model: Files, dataset: Files) -> Fake {
    let state = Arc::<Mutex<State>>::default();
    let listeners: Vec<TcpListener> = (0..2).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    let ports: Vec<u16> = listeners.iter().map(|l| l.local_addr().unwrap().port()).collect();
    let site = Arc::new(Site {
        model,
        dataset,
        // another name of this machine, so that it counts as another host
        storage: format!("http://localhost:{}", ports[1]),
        state: state.clone(),
    });
    for (place, listener) in listeners.into_iter().enumerate() {
        let site = site.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let site = site.clone();
                std::thread::spawn(move || site.answer(stream, place));
            }
        });
    }
    Fake {
        endpoint: format!("http://127.0.0.1:{}", ports[0]),
        state,
    }
}

impl Fake {
    pub fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// A program with both hubs being this one, and the caches in a folder.
    pub fn program(&self, name: &str, home: &Path) -> Command {
        let mut command = Command::new(tests::programs::program(name));
        for variable in [
            "HF_TOKEN",
            "HUGGING_FACE_HUB_TOKEN",
            "MODELSCOPE_API_TOKEN",
            "HF_HUB_CACHE",
            "HF_HUB_OFFLINE",
            "USE_MODELSCOPE_HUB",
        ] {
            command.env_remove(variable);
        }
        for (variable, value) in self.environment(home) {
            command.env(variable, value);
        }
        command
    }

    /// The variables that make both hubs this one.
    pub fn environment(&self, home: &Path) -> Vec<(&'static str, String)> {
        let below = |name: &str| home.join(name).display().to_string();
        vec![
            ("HF_ENDPOINT", self.endpoint.clone()),
            ("MODELSCOPE_ENDPOINT", self.endpoint.clone()),
            ("HF_HOME", below("hf")),
            ("MODELSCOPE_CACHE", below("ms")),
            ("DATA_DIR", below("data")),
            // a machine with much else to do is silent for a second, too
            ("HF_HUB_DOWNLOAD_TIMEOUT", "5".into()),
        ]
    }
}

/// What there is, and what is done with it.
struct Site {
    model: Files,
    dataset: Files,
    storage: String,
    state: Arc<Mutex<State>>,
}

/// A request, as far as it matters.
struct Asked {
    path: String,
    /// Behind `?`, decoded.
    query: HashMap<String, String>,
    range: Option<(u64, Option<u64>)>,
}

/// How large a file is that lies elsewhere.
const LARGE: usize = 100_000;

impl Site {
    fn answer(&self, stream: TcpStream, place: usize) {
        let mut out = stream.try_clone().unwrap();
        let mut lines = BufReader::new(stream).lines();
        let Some(Ok(first)) = lines.next() else { return };
        let headers: HashMap<String, String> = lines
            .map_while(Result::ok)
            .take_while(|l| !l.is_empty())
            .filter_map(|l| l.split_once(": ").map(|(k, v)| (k.to_lowercase(), v.to_owned())))
            .collect();
        let address = first.split(' ').nth(1).unwrap_or_default();
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let asked = Asked {
            path: decoded(path),
            query: pairs.map(|(key, value)| (key.to_owned(), decoded(value))).collect(),
            range: headers.get("range").and_then(|r| {
                let (from, to) = r.strip_prefix("bytes=")?.split_once('-')?;
                Some((from.parse().ok()?, to.parse().ok()))
            }),
        };
        let given = [headers.get("authorization"), headers.get("cookie")];
        {
            let mut state = self.state.lock().unwrap();
            state.asked.push(address.to_owned());
            state.tokens[place].extend(given.into_iter().flatten().cloned());
        }
        let busy = {
            let mut state = self.state.lock().unwrap();
            let busy = state.busy > 0;
            state.busy = state.busy.saturating_sub(1);
            busy
        };
        // who went away in the middle is meant to
        let _ = match self.listing(&asked) {
            _ if busy => say(&mut out, "429 Too Many Requests\r\nretry-after: 1", b""),
            Some(body) => say(
                &mut out,
                "200 OK\r\ncontent-type: application/json",
                body.to_string().as_bytes(),
            ),
            None => self.file(&mut out, &asked, place),
        };
    }

    fn named(&self, path: &str) -> Option<&Files> {
        let is = |name: &str| path.contains(name);
        match (is("tiny/llama") || is("tiny/gated"), is("tiny/rows")) {
            (true, _) => Some(&self.model),
            (_, true) => Some(&self.dataset),
            _ => None,
        }
    }

    /// A list of files, as the hub that the path is of writes it.
    fn listing(&self, asked: &Asked) -> Option<serde_json::Value> {
        let files = self.named(&asked.path)?;
        let lie = self.state.lock().unwrap().lie;
        let size = |bytes: &[u8]| match lie {
            Some(Lie::Longer) => bytes.len() as u64 + 1,
            Some(Lie::Endless) => 1 << 60,
            _ => bytes.len() as u64,
        };
        if asked.path.contains("/api/v1/") {
            let listed = asked.path.ends_with("/repo/files") || asked.path.ends_with("/repo/tree");
            let revision = asked.query.get("Revision").is_some_and(|revision| revision == "master");
            let page = asked.query.get("PageNumber").is_none_or(|page| page == "1");
            let entries = files.iter().filter(|_| page).map(|(name, bytes)| {
                let hash = format!("{:x}", Sha256::digest(bytes));
                serde_json::json!({"Path": name, "Name": name, "Type": "blob", "Size": size(bytes), "Sha256": hash})
            });
            let folder = serde_json::json!({"Path": "data", "Type": "tree", "Size": 0});
            let entries: Vec<_> = entries.chain([folder]).collect();
            let body = serde_json::json!({"Code": 200, "Success": true, "Data": {"Files": entries}});
            return (listed && revision).then_some(body);
        }
        let siblings = files.iter().map(|(name, bytes)| {
            let lfs = (bytes.len() > LARGE)
                .then(|| serde_json::json!({"sha256": format!("{:x}", Sha256::digest(bytes)), "size": bytes.len()}));
            let git = format!(
                "{:x}",
                Sha1::digest([format!("blob {}\0", bytes.len()).as_bytes(), bytes].concat())
            );
            serde_json::json!({"rfilename": name, "size": size(bytes), "blobId": git, "lfs": lfs})
        });
        let out = serde_json::json!({"rfilename": "../out.csv", "size": 1, "blobId": COMMIT});
        let siblings: Vec<_> = siblings.chain([out]).collect();
        let gated = asked.path.contains("gated").then_some("manual");
        let listed = asked.path.starts_with("/api/") && asked.path.ends_with("/revision/main");
        listed.then(|| serde_json::json!({"sha": COMMIT, "gated": gated, "siblings": siblings}))
    }

    fn file(&self, out: &mut TcpStream, asked: &Asked, place: usize) -> std::io::Result<()> {
        let path = &asked.path;
        if path.contains("gated") {
            return say(out, "403 Forbidden\r\nx-error-code: GatedRepo", b"");
        }
        if path.starts_with("/api/") && path.contains("/revision/") && self.named(path).is_some() {
            return say(out, "404 Not Found\r\nx-error-code: RevisionNotFound", b"");
        }
        if path.contains("private") {
            return say(out, "401 Unauthorized\r\nx-error-code: RepoNotFound", b"");
        }
        let named = asked.query.get("FilePath").unwrap_or(path);
        let all = self.model.iter().chain(&self.dataset);
        let Some((name, body)) = all.into_iter().find(|(name, _)| named.ends_with(*name)) else {
            return say(out, "404 Not Found", b"");
        };
        let large = body.len() > LARGE;
        if large && place == 0 {
            return say(out, &format!("302 Found\r\nlocation: {}/{name}", self.storage), b"");
        }
        let end = body.len() as u64;
        let (from, to) = asked.range.map_or((0, end), |(f, t)| (f, t.map_or(end, |t| t + 1)));
        let (from, to) = (from.min(end), to.min(end));
        let mut part = body[from as usize..to as usize].to_vec();
        let (cut, stall, told) = {
            let mut state = self.state.lock().unwrap();
            let corrupt = state.lie == Some(if large { Lie::Large } else { Lie::Small });
            if corrupt && !part.is_empty() {
                part[0] ^= 1;
            }
            if large {
                state.ranges.push(from);
            }
            let take = |count: &mut u32| {
                large && *count > 0 && {
                    *count -= 1;
                    true
                }
            };
            let told = from + u64::from(state.lie == Some(Lie::Range));
            let cut = take(&mut state.cuts);
            (cut, !cut && take(&mut state.stalls), told)
        };
        let head = format!(
            "HTTP/1.1 206 Partial Content\r\ncontent-range: bytes {told}-{}/{end}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            to.saturating_sub(1),
            part.len()
        );
        out.write_all(head.as_bytes())?;
        out.write_all(if cut || stall { &part[..part.len() / 2] } else { &part })?;
        if stall {
            std::thread::sleep(Duration::from_secs(20));
        }
        Ok(())
    }
}

fn say(out: &mut TcpStream, head: &str, body: &[u8]) -> std::io::Result<()> {
    let length = body.len();
    let text = format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    out.write_all(text.as_bytes())?;
    out.write_all(body)
}

fn decoded(text: &str) -> String {
    let mut bytes = vec![];
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let two: Vec<u8> = rest.by_ref().take(2).collect();
                bytes.extend(
                    std::str::from_utf8(&two)
                        .ok()
                        .and_then(|two| u8::from_str_radix(two, 16).ok()),
                );
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
