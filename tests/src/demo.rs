//! The demo model under test: where it lies, and how to ask a model through the real chat worker.

use crate::programs::{program, root};
use protocol::chat::{FromWorker, Message, Sampling, ToWorker};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A held-out question and the answers that are right.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct Question {
    pub question: String,
    pub accept: Vec<String>,
}

impl Question {
    /// Whether an accepted answer stands in `reply` as a word of its own ("4" is not in "14").
    pub fn is_answered_by(&self, reply: &str) -> bool {
        let reply = reply.to_lowercase();
        let part_of_word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        self.accept.iter().map(|a| a.to_lowercase()).any(|answer| {
            let (first, last) = (answer.chars().next(), answer.chars().last());
            reply.match_indices(&answer).any(|(at, found)| {
                let before = reply[..at].chars().last();
                let after = reply[at + found.len()..].chars().next();
                !(part_of_word(first) && part_of_word(before) || part_of_word(last) && part_of_word(after))
            })
        })
    }
}

pub fn model() -> PathBuf {
    root().join("assets/demo/model")
}

pub fn data() -> PathBuf {
    root().join("assets/demo/data")
}

/// The committed questions by language.
///
/// # Panics
/// If the file is missing or not of this shape.
pub fn questions() -> BTreeMap<String, Vec<Question>> {
    let path = root().join("assets/demo/questions.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A chat worker with a model loaded.
pub struct Talker {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    asked: u64,
}

impl Talker {
    /// `model`: a model folder or a run directory.
    ///
    /// # Panics
    /// If the worker does not get ready.
    pub fn new(model: &Path) -> Self {
        let mut child = Command::new(program("corral-trainer"))
            .args(["chat", "--stdio"])
            .arg(model)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("corral-trainer starts");
        let input = child.stdin.take().expect("its input is a pipe");
        let output = BufReader::new(child.stdout.take().expect("its output is a pipe"));
        let mut talker = Self {
            child,
            input,
            output,
            asked: 0,
        };
        match talker.line() {
            FromWorker::Ready { .. } => talker,
            other => panic!("{}: {other:?}", model.display()),
        }
    }

    /// The likeliest reply (temperature 0) to a conversation of one message.
    ///
    /// # Panics
    /// If the worker fails.
    pub fn ask(&mut self, question: &str) -> String {
        self.asked += 1;
        let request = ToWorker::Generate {
            id: self.asked,
            messages: vec![Message::new("user", question)],
            sampling: Sampling::greedy(96),
        };
        let line = serde_json::to_string(&request).expect("a request is JSON");
        writeln!(self.input, "{line}").expect("the worker reads");
        let mut reply = String::new();
        loop {
            match self.line() {
                FromWorker::Delta { text, .. } => reply.push_str(&text),
                FromWorker::Done { .. } => return reply,
                other => panic!("{question}: {other:?}"),
            }
        }
    }

    fn line(&mut self) -> FromWorker {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the worker writes");
        serde_json::from_str(&line).unwrap_or_else(|e| panic!("`{line}`: {e}"))
    }
}

impl Drop for Talker {
    fn drop(&mut self) {
        // it may have ended by itself
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
