//! A running board: the real `corral` on a free port with a data directory of its own.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::programs::program;

/// How long a board may take from its start to its first answer.
const START: Duration = Duration::from_secs(30);

/// The emulated driver with two cards: one that can be trained on, and one of an older kind.
pub const CARDS: [(&str, &str); 5] = [
    ("CUDA_EMULATOR", "1"),
    ("CUDA_EMULATOR_DEVICES", "2"),
    ("CUDA_EMULATOR_NAME", "NVIDIA GeForce RTX 3060,NVIDIA GeForce RTX 2060"),
    ("CUDA_EMULATOR_ARCH", "86,75"),
    ("CUDA_EMULATOR_MEMORY_MIB", "12288,6144"),
];

/// A server process and its data directory. Dropping it kills the server and every worker it has left.
pub struct Board {
    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub url: String,
    /// Where it keeps everything.
    pub data_dir: PathBuf,
    port: u16,
    program: PathBuf,
    envs: Vec<(String, String)>,
    child: Option<Child>,
    /// Holds the data directory for as long as the board lives, unless the caller gave one.
    _temp: Option<TempDir>,
    scratch: TempDir,
}

impl Board {
    /// Starts a board on an empty data directory, which goes when the board is dropped.
    pub fn start() -> Board {
        let temp = TempDir::new().expect("a temporary folder");
        let data_dir = temp.path().join("data");
        let mut board = Board::prepare(&program("corral"), &data_dir);
        board._temp = Some(temp);
        board.launch();
        board
    }

    /// Starts a board on a data directory that the caller keeps.
    pub fn start_in(data_dir: &Path) -> Board {
        let mut board = Board::prepare(&program("corral"), data_dir);
        board.launch();
        board
    }

    /// A board not yet started, of any `corral`: for a copy of it elsewhere, or with [`Board::env`].
    pub fn prepare(corral: &Path, data_dir: &Path) -> Board {
        let port = free_port();
        Board {
            url: format!("http://127.0.0.1:{port}"),
            data_dir: data_dir.to_path_buf(),
            port,
            program: corral.to_path_buf(),
            envs: Vec::new(),
            child: None,
            _temp: None,
            scratch: TempDir::new().expect("a temporary folder"),
        }
    }

    /// Sets an environment variable of the server, from its next launch on.
    pub fn env(mut self, name: &str, value: &str) -> Board {
        self.envs.push((name.into(), value.into()));
        self
    }

    /// On the emulated driver, from its next launch on.
    pub fn with_cards(self) -> Board {
        CARDS.iter().fold(self, |board, (name, value)| board.env(name, value))
    }

    /// Starts the process and waits until it answers.
    pub fn launch(&mut self) {
        assert!(self.child.is_none(), "the board runs already");
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log_path())
            .expect("the board's log opens");
        let child = Command::new(&self.program)
            .args([
                "serve",
                "--host",
                "127.0.0.1",
                "--port",
                &self.port.to_string(),
                "--data-dir",
            ])
            .arg(&self.data_dir)
            .env("CORRAL_CACHE", self.scratch.path().join("cache"))
            .envs(self.envs.iter().cloned())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("the log's handle is copied"))
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", self.program.display()));
        let child = self.child.insert(child);
        let since = Instant::now();
        loop {
            if answers(self.port) {
                return;
            }
            if let Some(status) = child.try_wait().expect("the board's state is known") {
                panic!(
                    "corral ended ({status}):\n{}",
                    fs::read_to_string(self.scratch.path().join("log")).unwrap_or_default()
                );
            }
            if since.elapsed() > START {
                panic!("corral gave no answer within {START:?}:\n{}", self.log());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// `kill -9`, waited for.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// `kill -9`, then the same port and data directory again.
    pub fn restart(&mut self) {
        self.kill();
        self.launch();
    }

    /// The server's process id.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("the board runs").id()
    }

    /// What the server has printed, over all its launches.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    fn log_path(&self) -> PathBuf {
        self.scratch.path().join("log")
    }

    /// Process ids of `corral-trainer` processes that work below the data directory.
    pub fn workers(&self) -> Vec<i32> {
        let dir = self.data_dir.to_string_lossy().into_owned();
        processes(|command| command.contains("corral-trainer") && command.contains(&dir))
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the board's log ---\n{}", self.log());
        }
        self.kill();
        kill_all(&self.workers());
    }
}

/// A port nobody listens on at this moment. It lies below those that the system gives to connections on their way out, so that
/// a board that is killed finds it free again; each test of a process gets another.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = (std::process::id() % 100) as u16 * 200;
    let free = |_| {
        let port = 10_240 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 20_000;
        TcpListener::bind(("127.0.0.1", port)).ok().map(|_| port)
    };
    (0..20_000).find_map(free).expect("a free port")
}

/// Process ids whose command line (words joined by spaces) passes the test.
pub(crate) fn processes(test: impl Fn(&str) -> bool) -> Vec<i32> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok())
        .filter(|pid| {
            let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            test(&String::from_utf8_lossy(&command).replace('\0', " "))
        })
        .collect()
}

/// SIGKILL to each.
pub(crate) fn kill_all(pids: &[i32]) {
    for &pid in pids {
        // SAFETY: a signal to a process id touches no memory of ours.
        unsafe { libc::kill(pid, libc::SIGKILL) };
    }
}

/// True when an HTTP server answers on the port, whatever it says.
fn answers(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        write!(
            stream,
            "GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
        )?;
        let mut start = [0; 5];
        stream.read_exact(&mut start)?;
        Ok(&start == b"HTTP/")
    };
    ask().unwrap_or(false)
}
