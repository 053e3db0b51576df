//! A child process that holds a loaded model: lines in, lines out, one generation or scoring at a time.

use super::pool::Model;
use crate::ApiError;
use crate::ambient::Ambient;
use crate::cards::Lease;
use crate::trainer::{self, Trainer};
use crate::work::Tasks;
use protocol::chat::{Finish, FromWorker, Message, PairLogps, PairText, Sampling, ToWorker};
use protocol::{Said, says};
use std::collections::HashMap;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, watch};

/// What a generation sends, until `Done` or `Error`; a scoring sends `Scored` alone.
#[derive(Debug, Clone)]
pub enum Piece {
    Delta(String),
    Done {
        finish: Finish,
        prompt_tokens: u64,
        completion_tokens: u64,
        seconds: f64,
    },
    Scored(PairLogps),
    Error(Said),
}

/// The state of loading.
#[derive(Debug, Clone, PartialEq)]
pub enum Loaded {
    Loading,
    Ready {
        context: u64,
        template: String,
        resident_bytes: u64,
    },
    Failed(Said),
}

/// Bytes that are kept of what a worker writes to standard error.
const LAST_WORDS: usize = 2000;
/// A worker whose generations are all cancelled and that does not stop is killed after this.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(10);

/// Who waits for a generation.
struct Listener {
    pieces: mpsc::UnboundedSender<Piece>,
    /// When it was cancelled.
    cancelled: Option<Instant>,
}

type Listeners = Arc<Mutex<HashMap<u64, Listener>>>;

/// A worker; dropping it ends the process.
pub struct Worker {
    input: mpsc::UnboundedSender<ToWorker>,
    listeners: Listeners,
    pub loaded: watch::Receiver<Loaded>,
    /// Whether it was given a card.
    pub has_card: bool,
    next: std::sync::atomic::AtomicU64,
    ambient: Ambient,
}

impl Worker {
    /// Starts `corral-trainer chat --stdio` on a base and its adapters, with this card or none.
    pub fn start(
        tasks: &Tasks,
        trainer: &Trainer,
        model: &Model,
        card: Option<Lease>,
        ambient: Ambient,
    ) -> Result<Self, ApiError> {
        let mut command = Command::from(trainer.command());
        command.args(["chat", "--stdio"]);
        for adapter in &model.adapters {
            command.arg(format!("--adapter={adapter}"));
        }
        // behind `--` a name that begins with a dash is no option
        command.args(["--", &model.base]).args(&model.words);
        command
            .env("CUDA_VISIBLE_DEVICES", Lease::visible(card.as_ref()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let child = command.spawn().map_err(|e| trainer.missing(e))?;
        let (input, commands) = mpsc::unbounded_channel();
        let (state, loaded) = watch::channel(Loaded::Loading);
        let listeners = Listeners::default();
        let has_card = card.is_some();
        let serving = serve_process(child, commands, listeners.clone(), state, ambient.clone());
        tasks.spawn(async move {
            serving.await;
            // it has ended
            drop(card);
        });
        Ok(Self {
            input,
            listeners,
            loaded,
            has_card,
            next: Default::default(),
            ambient,
        })
    }

    /// Starts a generation. Dropping the receiver does not stop it: see [`Generation`].
    pub fn generate(self: &Arc<Self>, messages: Vec<Message>, sampling: Sampling) -> Generation {
        self.ask(|id| ToWorker::Generate { id, messages, sampling })
    }

    /// Starts scoring the tokens of a pair; what comes is its [`Piece::Scored`].
    pub fn score(self: &Arc<Self>, pair: PairText) -> Generation {
        self.ask(|id| ToWorker::Score { id, pair })
    }

    fn ask(self: &Arc<Self>, line: impl FnOnce(u64) -> ToWorker) -> Generation {
        let id = self.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let (sender, pieces) = mpsc::unbounded_channel();
        let listener = Listener {
            pieces: sender,
            cancelled: None,
        };
        self.lock().insert(id, listener);
        if self.input.send(line(id)).is_err() {
            self.lock().remove(&id);
        }
        Generation {
            id,
            pieces,
            worker: self.clone(),
        }
    }

    /// Ends the process, and waits until it has.
    pub async fn end(self) {
        let mut state = self.loaded.clone();
        drop(self);
        // the task that serves the process drops the sender at its end
        while state.changed().await.is_ok() {}
    }

    pub fn is_alive(&self) -> bool {
        !self.input.is_closed()
    }

    /// Bytes of the machine's memory that it gives back when it ends; 0 where they are not known, or a card's.
    pub fn memory(&self) -> u64 {
        match *self.loaded.borrow() {
            Loaded::Ready { resident_bytes, .. } if !self.has_card => resident_bytes,
            _ => 0,
        }
    }

    pub fn is_busy(&self) -> bool {
        *self.loaded.borrow() == Loaded::Loading || !self.lock().is_empty()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Listener>> {
        self.listeners.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// A generation or scoring that goes on; dropped early (the browser went away), it is cancelled.
pub struct Generation {
    id: u64,
    pieces: mpsc::UnboundedReceiver<Piece>,
    worker: Arc<Worker>,
}

impl Generation {
    /// The next piece; `None` when the worker ended without a last word.
    pub async fn next(&mut self) -> Option<Piece> {
        self.pieces.recv().await
    }
}

impl Drop for Generation {
    fn drop(&mut self) {
        if let Some(listener) = self.worker.lock().get_mut(&self.id) {
            listener.cancelled = Some(self.worker.ambient.steady());
            // a worker that ended needs no cancelling
            let _ = self.worker.input.send(ToWorker::Cancel { id: self.id });
        }
    }
}

/// Carries lines to and from the process until it ends, or its [`Worker`] is dropped.
async fn serve_process(
    mut child: Child,
    mut commands: mpsc::UnboundedReceiver<ToWorker>,
    listeners: Listeners,
    state: watch::Sender<Loaded>,
    ambient: Ambient,
) {
    let (Some(mut stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return;
    };
    let talk = async {
        let mut lines = BufReader::new(stdout).lines();
        let mut failed = None;
        let mut every_second = tokio::time::interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                _ = every_second.tick() => {
                    // it may be caught in a template or a prompt that never ends, and everybody has gone
                    let stubborn = |listener: &Listener| listener.cancelled.is_some_and(|since| ambient.since(since) > CANCEL_TIMEOUT);
                    let all = listeners.lock().unwrap_or_else(|e| e.into_inner());
                    if !all.is_empty() && all.values().all(stubborn) {
                        break;
                    }
                }
                command = commands.recv() => {
                    let Some(command) = command else { break };
                    let mut line = serde_json::to_vec(&command).unwrap_or_default();
                    line.push(b'\n');
                    if stdin.write_all(&line).await.is_err() {
                        break;
                    }
                }
                line = lines.next_line() => {
                    let Ok(Some(line)) = line else { break };
                    match serde_json::from_str(&line) {
                        Ok(FromWorker::Ready { context, template, resident_bytes, device }) => {
                            tracing::info!("a chat worker computes on {device}");
                            state.send_replace(Loaded::Ready { context, template, resident_bytes });
                        }
                        Ok(FromWorker::Delta { id, text }) => send_piece(&listeners, id, Piece::Delta(text)),
                        Ok(FromWorker::Done { id, finish, prompt_tokens, completion_tokens, seconds }) => {
                            send_piece(&listeners, id, Piece::Done { finish, prompt_tokens, completion_tokens, seconds });
                        }
                        Ok(FromWorker::Scored { id, logps }) => send_piece(&listeners, id, Piece::Scored(logps)),
                        Ok(FromWorker::Error { id: Some(id), said }) => send_piece(&listeners, id, Piece::Error(said)),
                        Ok(FromWorker::Error { id: None, said }) => failed = Some(said),
                        Err(_) => tracing::warn!("a chat worker said: {line}"),
                    }
                }
            }
        }
        // already gone is fine
        let _ = child.kill().await;
        failed
    };
    let (failed, last_output) = tokio::join!(talk, trainer::tail(Some(stderr), LAST_WORDS));
    let last_said = trainer::said(String::from_utf8_lossy(&last_output).trim());
    let reason = failed.unwrap_or_else(|| match last_said.is_empty() {
        true => says::worker_ended(),
        false => last_said,
    });
    if !matches!(*state.borrow(), Loaded::Ready { .. }) {
        state.send_replace(Loaded::Failed(reason.clone()));
    }
    for (_, listener) in listeners.lock().unwrap_or_else(|e| e.into_inner()).drain() {
        let _ = listener.pieces.send(Piece::Error(reason.clone()));
    }
}

fn send_piece(listeners: &Listeners, id: u64, piece: Piece) {
    let mut all = listeners.lock().unwrap_or_else(|e| e.into_inner());
    let last = !matches!(piece, Piece::Delta(_));
    if let Some(listener) = all.get(&id) {
        // a listener that went away has cancelled
        let _ = listener.pieces.send(piece);
    }
    if last {
        all.remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A worker that hears nothing and says nothing.
    fn deaf() -> Child {
        Command::new("sleep")
            .arg("1000")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }

    #[tokio::test]
    async fn a_worker_that_only_the_gone_wait_for_is_ended() {
        let ambient = Ambient::default();
        let long_ago = Some(ambient.steady());
        ambient.advance(2 * CANCEL_TIMEOUT);
        let (sender, mut pieces) = mpsc::unbounded_channel();
        let listener = |cancelled| Listener {
            pieces: sender.clone(),
            cancelled,
        };
        let listeners = Listeners::default();
        listeners.lock().unwrap().insert(1, listener(long_ago));
        let (_input, commands) = mpsc::unbounded_channel();
        let (state, _loaded) = watch::channel(Loaded::Loading);
        serve_process(deaf(), commands, listeners.clone(), state, ambient.clone()).await;
        assert!(matches!(pieces.recv().await, Some(Piece::Error(_))));

        // someone still waits: it goes on until that one has gone too
        listeners.lock().unwrap().insert(2, listener(long_ago));
        listeners.lock().unwrap().insert(3, listener(None));
        let (_input, commands) = mpsc::unbounded_channel();
        let (state, _loaded) = watch::channel(Loaded::Loading);
        let going = tokio::spawn(serve_process(
            deaf(),
            commands,
            listeners.clone(),
            state,
            ambient.clone(),
        ));
        tokio::time::timeout(Duration::from_millis(1500), pieces.recv())
            .await
            .unwrap_err();
        listeners.lock().unwrap().get_mut(&3).unwrap().cancelled = long_ago;
        going.await.unwrap();
    }
}
