//! How the server was started, where its data lies, and the secret that opens it.

use crate::ambient::Ambient;
use crate::board::Board;
use crate::cards::Slots;
use protocol::cuda::Cuda;
use protocol::inference::SamplingDefaults;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How the server was started.
#[derive(Debug, Clone)]
pub struct Config {
    pub host: std::net::IpAddr,
    /// The port it listens on, which is not always the one asked for.
    pub port: u16,
    /// Names beside the usual ones by which a browser may call this server.
    pub allowed_hosts: Vec<String>,
    /// What runs go on, and how many at once.
    pub slots: Slots,
    /// Required of every request when bound to other than loopback, else of other users of this machine.
    pub token: Token,
    /// NVIDIA's cards and libraries, as the trainer finds them.
    pub cuda: Arc<Cuda>,
    /// `corral-trainer`, beside the own program.
    pub trainer: PathBuf,
    /// What a browser is sent.
    pub board: Board,
    /// The one model that `corral api` was started with.
    pub served: Option<Served>,
    pub started: ServerStart,
}

/// A model that is served whatever a request calls it.
#[derive(Debug, Clone, PartialEq)]
pub struct Served {
    /// What answers call it.
    pub name: String,
    /// As the trainer takes it: a folder, a GGUF file or a hub name.
    pub model: String,
    pub adapters: Vec<String>,
    /// What else the worker is told: how to load, and how conversations become text.
    pub words: Vec<String>,
    /// How tokens are drawn where a request does not say it.
    pub drawing: SamplingDefaults,
}

/// The server's start, as pages are told of it.
#[derive(Debug, Clone, Default)]
pub struct ServerStart {
    /// In milliseconds since the Unix epoch: a page that was open before then is told all anew.
    pub at: i64,
    /// The command line that starts it again.
    pub command: Arc<str>,
}

/// The folder that holds everything: `corral.db`, `runs/`, `sweeps/`, `data/`, `models/`, `evaluations/`, `configs/`,
/// `trash/`, `demo/`.
#[derive(Debug, Clone)]
pub struct DataDir(Arc<Path>);

impl DataDir {
    /// Opens the folder, and makes it and its subfolders where missing.
    ///
    /// # Errors
    /// When it can't be made or resolved.
    pub fn open(path: &Path) -> std::io::Result<Self> {
        let make = |folder: &Path| {
            // the person's alone: what is in it may not be for other users of the machine
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
        };
        for folder in ["runs", "data", "models", "evaluations", "configs"] {
            make(&path.join(folder))?;
        }
        Ok(Self(path.canonicalize()?.into()))
    }
    /// How many have it: whatever works on a data directory does.
    #[cfg(test)]
    pub fn holders(&self) -> usize {
        Arc::strong_count(&self.0)
    }
    pub fn root(&self) -> &Path {
        &self.0
    }
    pub fn database(&self) -> PathBuf {
        self.0.join("corral.db")
    }
    pub fn lock(&self) -> PathBuf {
        self.0.join("corral.lock")
    }
    pub fn runs(&self) -> PathBuf {
        self.0.join("runs")
    }
    /// What sweeps were asked for, a folder each.
    pub fn sweeps(&self) -> PathBuf {
        self.0.join("sweeps")
    }
    /// The person's own data sets, with their `dataset_info.json`.
    pub fn data(&self) -> PathBuf {
        self.0.join("data")
    }
    /// A folder for each evaluation.
    pub fn evaluations(&self) -> PathBuf {
        self.0.join("evaluations")
    }
    /// Run configs under a name.
    pub fn configs(&self) -> PathBuf {
        self.0.join("configs")
    }
    /// What was deleted and can be taken back.
    pub fn trash(&self) -> PathBuf {
        self.0.join("trash")
    }
    /// Local model folders.
    pub fn models(&self) -> PathBuf {
        self.0.join("models")
    }
    pub fn demo_model(&self) -> PathBuf {
        self.0.join("demo/model")
    }
    pub fn demo_data(&self) -> PathBuf {
        self.0.join("demo/data")
    }
}

/// The secret that opens a server to whoever has it.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// 256 random bits.
    pub fn random(ambient: &Ambient) -> Self {
        Self(ambient.secret().iter().map(|b| format!("{b:02x}")).collect())
    }
    /// One chosen by the person: long enough, and of characters that an address and a cookie carry as they are.
    pub fn new(text: String) -> Option<Self> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
        (text.len() >= 16 && text.bytes().all(plain)).then_some(Self(text))
    }
    pub fn reveal(&self) -> &str {
        &self.0
    }
    /// Compares without telling by its time how much was right: both sides are hashed first.
    pub fn matches(&self, other: &str) -> bool {
        use sha2::{Digest, Sha256};
        let (a, b) = (Sha256::digest(&self.0), Sha256::digest(other));
        a.iter()
            .zip(b.iter())
            .fold(0, |difference, (x, y)| difference | (x ^ y))
            == 0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}
