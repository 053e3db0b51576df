//! A worker on standard input and output: it holds one model, and answers the server's lines.

use super::{Reply, Talker};
use crate::data::cancelled_by;
use crate::error::{Error, Result};
use crate::{machine, terminal};
use protocol::chat::{self, Finish, FromWorker, PairLogps, PairText, Sampling, ToWorker};
use protocol::says;
use protocol::tell;
use std::collections::VecDeque;
use std::io::BufRead;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Weak};
use std::time::Instant;

/// The worker: loads, says so, then answers lines until standard input ends.
pub fn serve(load: impl FnOnce() -> Result<Talker>) -> Result<()> {
    let mut talker = match load() {
        Ok(talker) => talker,
        Err(e) => {
            let said = e.said();
            say(&FromWorker::Error { id: None, said })?;
            return Err(e);
        }
    };
    say(&FromWorker::Ready {
        context: talker.context() as u64,
        template: talker.template_name(),
        resident_bytes: machine::resident_memory().unwrap_or(0),
        device: talker.device(),
    })?;
    let mut inbox = Inbox::listen();
    while let Some(asked) = inbox.next()? {
        let (id, started) = (asked.id, Instant::now());
        let last = cancelled_by(&asked.cancel, || answer(&mut talker, &asked, &mut inbox));
        say(&match last {
            Ok(Answer::Reply(reply)) => FromWorker::Done {
                id,
                finish: reply.finish,
                prompt_tokens: reply.prompt_tokens,
                completion_tokens: reply.completion_tokens,
                seconds: started.elapsed().as_secs_f64(),
            },
            Ok(Answer::Scored(logps)) => FromWorker::Scored { id, logps },
            Err(_) if asked.cancel.load(Ordering::Relaxed) => FromWorker::Done {
                id,
                finish: Finish::Cancelled,
                prompt_tokens: 0,
                completion_tokens: 0,
                seconds: started.elapsed().as_secs_f64(),
            },
            Err(e) => FromWorker::Error {
                id: Some(id),
                said: e.said(),
            },
        })?;
    }
    Ok(())
}

/// What came of it.
enum Answer {
    Reply(Reply),
    Scored(PairLogps),
}

fn answer(talker: &mut Talker, asked: &Asked, inbox: &mut Inbox) -> Result<Answer> {
    let id = asked.id;
    match &asked.work {
        Work::Reply { messages, sampling } => {
            let reply = talker.reply(messages, sampling, |text| {
                let told = say(&FromWorker::Delta { id, text: text.into() });
                match told.is_err() || inbox.cancelled(id) {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                }
            })?;
            Ok(Answer::Reply(reply))
        }
        Work::Score(pair) => Ok(Answer::Scored(talker.score(pair)?)),
    }
}

/// What the server asked for.
struct Asked {
    id: u64,
    work: Work,
    /// Turns true when it is cancelled, whatever is being done then.
    cancel: Arc<AtomicBool>,
}

/// What is to be done with the model.
enum Work {
    Reply {
        messages: Vec<chat::Message>,
        sampling: Sampling,
    },
    Score(PairText),
}

/// A line from the server.
enum Heard {
    Asked(Asked),
    Cancel(u64),
}

/// What the server asked for and is not answered yet.
struct Inbox {
    lines: Receiver<Heard>,
    waiting: VecDeque<Asked>,
}

impl Inbox {
    fn listen() -> Self {
        let (sender, lines) = channel();
        std::thread::spawn(move || hear(std::io::stdin().lock(), &sender));
        Self {
            lines,
            waiting: VecDeque::new(),
        }
    }

    /// What is to be done next; `None` when standard input has ended.
    fn next(&mut self) -> Result<Option<Asked>> {
        loop {
            if let Some(asked) = self.waiting.pop_front() {
                return Ok(Some(asked));
            }
            match self.lines.recv() {
                Ok(command) => self.take(command, None)?,
                Err(_) => return Ok(None),
            };
        }
    }

    /// Whether the running generation is to end. Takes in what has come meanwhile.
    fn cancelled(&mut self, running: u64) -> bool {
        let mut cancelled = false;
        while let Ok(command) = self.lines.try_recv() {
            cancelled |= self.take(command, Some(running)).unwrap_or(true);
        }
        cancelled
    }

    fn take(&mut self, heard: Heard, running: Option<u64>) -> Result<bool> {
        match heard {
            Heard::Asked(asked) => self.waiting.push_back(asked),
            Heard::Cancel(id) if running == Some(id) => return Ok(true),
            Heard::Cancel(id) => {
                let before = self.waiting.len();
                self.waiting.retain(|asked| asked.id != id);
                if self.waiting.len() < before {
                    say(&FromWorker::Done {
                        id,
                        finish: Finish::Cancelled,
                        prompt_tokens: 0,
                        completion_tokens: 0,
                        seconds: 0.0,
                    })?;
                }
            }
        }
        Ok(false)
    }
}

/// Hands on the server's lines until they end. A cancelled generation's flag turns true here, since whoever runs it may be
/// busy with its prompt.
fn hear(lines: impl BufRead, sender: &Sender<Heard>) {
    let mut open: Vec<(u64, Weak<AtomicBool>)> = Vec::new();
    let asked = |open: &mut Vec<(u64, Weak<AtomicBool>)>, id, work| {
        let cancel = Arc::new(AtomicBool::new(false));
        open.retain(|(_, flag)| flag.strong_count() > 0);
        open.push((id, Arc::downgrade(&cancel)));
        Heard::Asked(Asked { id, work, cancel })
    };
    for line in lines.lines().map_while(std::result::Result::ok) {
        let heard = match serde_json::from_str(&line) {
            Ok(ToWorker::Generate { id, messages, sampling }) => {
                asked(&mut open, id, Work::Reply { messages, sampling })
            }
            Ok(ToWorker::Score { id, pair }) => asked(&mut open, id, Work::Score(pair)),
            Ok(ToWorker::Cancel { id }) => {
                let flags = open.iter().filter(|(of, _)| *of == id);
                for flag in flags.filter_map(|(_, flag)| flag.upgrade()) {
                    flag.store(true, Ordering::Relaxed);
                }
                Heard::Cancel(id)
            }
            Err(e) => {
                tell!("not understood: {e}");
                continue;
            }
        };
        if sender.send(heard).is_err() {
            return;
        }
    }
}

fn say(line: &FromWorker) -> Result<()> {
    let text = serde_json::to_string(line).map_err(|e| Error::invalid(says::internal_error(e)))?;
    terminal::print(&(text + "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_cancelled_generation_is_told_while_its_prompt_is_made() {
        let sampling = json!({"temperature": 0, "top_p": 1, "max_tokens": 1, "seed": 0});
        let generate = |id| json!({"type": "generate", "id": id, "messages": [], "sampling": sampling});
        let reply = json!({"text": "a b", "tokens": [1, 2]});
        let row = json!({"prompt": "p", "chosen": reply, "rejected": reply});
        let score = json!({"type": "score", "id": 9, "pair": {"row": row, "hash": vec![7; 16]}});
        let cancel = json!({"type": "cancel", "id": 7});
        let lines = [generate(7), generate(8), score, cancel].map(|line| format!("{line}\n"));
        let (sender, heard) = channel();
        hear(lines.concat().as_bytes(), &sender);
        drop(sender);
        // nobody has taken the cancellation from the queue yet
        let cancelled = |id: u64| match heard.recv() {
            Ok(Heard::Asked(asked)) if asked.id == id => asked.cancel.load(Ordering::Relaxed),
            _ => panic!("generation {id} expected"),
        };
        assert!(cancelled(7));
        assert!(!cancelled(8));
        match heard.recv() {
            Ok(Heard::Asked(Asked {
                id: 9,
                work: Work::Score(pair),
                ..
            })) => {
                assert_eq!((pair.hash, pair.row.chosen.tokens), ([7; 16], vec![1, 2]));
            }
            _ => panic!("a scoring expected"),
        }
        assert!(matches!(heard.recv(), Ok(Heard::Cancel(7))));
        assert!(heard.recv().is_err());
    }
}
