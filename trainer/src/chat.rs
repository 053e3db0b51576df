//! Talking to a model: a worker on standard input and output for the server, and a prompt for people.

#![expect(clippy::print_stderr, reason = "the words of a command on a terminal")]

use crate::data::{Answer, Encoder, Message, Role, Setting, cancelled_by};
use crate::error::{Error, Result};
use crate::generate::{FinishReason, SamplingOptions, generate};
use crate::model::{Model, Pass};
use crate::session::{encoder, load_frozen};
use crate::weights::Weights;
use crate::{info, machine, terminal};
use candle_core::Device;
use protocol::chat::{self, Finish, FromWorker, Sampling, ToWorker};
use serde_json::json;
use std::collections::VecDeque;
use std::io::{BufRead, IsTerminal};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Weak};
use std::time::Instant;

/// A model loaded to talk to.
pub struct Talker {
    model: Model,
    encoder: Encoder,
    context: usize,
}

/// A reply that ended.
pub struct Reply {
    pub finish: Finish,
    pub prompt_tokens: u64,
    pub completion_tokens: u64,
}

impl Talker {
    pub fn load(weights: &Weights, template: Option<&str>) -> Result<Self> {
        let encoder = encoder(weights, template, false)?;
        let context = info::read(&weights.base)?.context as usize;
        let model = load_frozen(weights, &Device::Cpu)?;
        Ok(Self {
            model,
            encoder,
            context,
        })
    }

    /// The reply to `messages`, handed to `on_text` as it comes: whole characters only, nothing of a stop text.
    pub fn reply(
        &mut self,
        messages: &[chat::Message],
        sampling: &Sampling,
        mut on_text: impl FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Reply> {
        let (setting, turns) = conversation(messages)?;
        let prompt = self.encoder.prompt(&setting, &turns)?;
        let known = self.model.config().vocab_size;
        if let Some(id) = prompt.iter().find(|id| **id as usize >= known) {
            let token = self.encoder.tokenizer().token(*id).unwrap_or_default();
            return Err(Error::invalid(format!(
                "the model knows {known} tokens, but the conversation holds id {id} ({token}): the tokenizer is another \
                 model's, or tokens were added to it that the weights lack"
            )));
        }
        let room = self.context.saturating_sub(prompt.len());
        if room == 0 {
            return Err(Error::invalid(format!(
                "the conversation has {} tokens; the model takes {} at most",
                prompt.len(),
                self.context
            )));
        }
        let options = SamplingOptions {
            temperature: sampling.temperature,
            top_p: Some(sampling.top_p).filter(|p| *p > 0.0 && *p < 1.0),
            top_k: sampling.top_k.map(|k| k as usize),
            repetition_penalty: sampling.repetition_penalty as f32,
            presence_penalty: sampling.presence_penalty as f32,
            frequency_penalty: sampling.frequency_penalty as f32,
            logit_bias: sampling.logit_bias.clone(),
            seed: sampling.seed,
            max_new_tokens: (sampling.max_tokens as usize).clamp(1, room),
            stop: self.encoder.stop_ids(),
        };
        let mut stream = self.encoder.tokenizer().inner().decode_stream(true);
        let mut cut = StopText::new(&sampling.stop);
        let mut tokens = 0;
        let mut broken = None;
        let finish = generate(&mut self.model, Pass::Policy, &prompt, &options, |id| {
            tokens += 1;
            match stream.step(id) {
                Ok(None) => ControlFlow::Continue(()),
                Ok(Some(text)) => {
                    let free = cut.push(&text);
                    if !free.is_empty() && on_text(&free).is_break() {
                        return ControlFlow::Break(());
                    }
                    match cut.found {
                        true => ControlFlow::Break(()),
                        false => ControlFlow::Continue(()),
                    }
                }
                Err(e) => {
                    broken = Some(e.to_string());
                    ControlFlow::Break(())
                }
            }
        })?;
        if let Some(problem) = broken {
            return Err(Error::invalid(format!("a token could not be decoded: {problem}")));
        }
        let rest = cut.rest();
        if finish != FinishReason::Cancelled && !rest.is_empty() {
            // the reply is over whether or not anyone still listens
            let _ = on_text(&rest);
        }
        Ok(Reply {
            finish: match finish {
                FinishReason::Stop => Finish::Stop,
                FinishReason::Length => Finish::Length,
                FinishReason::Cancelled if cut.found => Finish::Stop,
                FinishReason::Cancelled => Finish::Cancelled,
            },
            prompt_tokens: prompt.len() as u64,
            completion_tokens: tokens,
        })
    }

    fn template_name(&self) -> String {
        self.encoder.template().name().unwrap_or("chat_template").to_owned()
    }
}

/// System message and turns.
fn conversation(messages: &[chat::Message]) -> Result<(Setting, Vec<Message>)> {
    let mut setting = Setting::default();
    let mut turns = vec![];
    for (i, message) in messages.iter().enumerate() {
        let role = match message.role.as_str() {
            "system" | "developer" if i == 0 => {
                setting.system = Some(message.content.clone());
                continue;
            }
            "user" => Role::User,
            "assistant" => Role::Assistant,
            "tool" => Role::Observation,
            other => {
                return Err(Error::invalid(format!(
                    "message {}: role `{other}` is not one of user, assistant, tool, or system in the first place",
                    i + 1
                )));
            }
        };
        if role == Role::Observation {
            answered(&mut turns, message);
            continue;
        }
        let mut turn = match message.tool_calls.is_empty() {
            true => Message::new(role, message.content.clone()),
            false => called(message),
        };
        turn.name = message.name.clone();
        turns.push(turn);
    }
    Ok((setting, turns))
}

/// A turn of the assistant that has tools do something.
fn called(message: &chat::Message) -> Message {
    let call = |call: &chat::ToolCall| {
        let mut json = json!({"type": "function", "function": {"name": call.name, "arguments": call.arguments}});
        if let Some(id) = &call.id {
            json["id"] = json!(id);
        }
        json
    };
    let calls: Vec<_> = message.tool_calls.iter().map(call).collect();
    let mut turn = Message::new(Role::Function, json!(calls).to_string());
    turn.said = Some(message.content.clone()).filter(|said| !said.is_empty());
    turn
}

/// A tool's answer: one turn with those right before it.
fn answered(turns: &mut Vec<Message>, message: &chat::Message) {
    let answer = Answer {
        content: message.content.clone(),
        name: message.name.clone(),
        call_id: message.tool_call_id.clone(),
    };
    match turns.last_mut() {
        Some(turn) if turn.role == Role::Observation => {
            turn.content = format!("{}\n{}", turn.content, answer.content);
            turn.answers.push(answer);
        }
        _ => {
            let mut turn = Message::new(Role::Observation, answer.content.clone());
            turn.answers.push(answer);
            turns.push(turn);
        }
    }
}

/// Holds text back as long as it may be the beginning of a stop text.
struct StopText<'a> {
    stops: Vec<&'a str>,
    held: String,
    found: bool,
}

impl<'a> StopText<'a> {
    fn new(stops: &'a [String]) -> Self {
        let stops = stops.iter().map(String::as_str).filter(|s| !s.is_empty());
        Self {
            stops: stops.collect(),
            held: String::new(),
            found: false,
        }
    }

    /// Takes in new text and gives what is free to go out.
    fn push(&mut self, text: &str) -> String {
        self.held.push_str(text);
        let first = self.stops.iter().filter_map(|s| self.held.find(s)).min();
        if let Some(at) = first {
            self.found = true;
            self.held.truncate(at);
            return std::mem::take(&mut self.held);
        }
        let may_begin = |tail: &str| self.stops.iter().any(|s| s.starts_with(tail));
        let keep = self
            .held
            .char_indices()
            .map(|(i, _)| i)
            .find(|&i| self.held.get(i..).is_some_and(may_begin));
        let tail = self.held.split_off(keep.unwrap_or(self.held.len()));
        std::mem::replace(&mut self.held, tail)
    }

    fn rest(&mut self) -> String {
        match self.found {
            true => String::new(),
            false => std::mem::take(&mut self.held),
        }
    }
}

/// The worker: loads, says so, then answers lines until standard input ends.
pub fn serve(load: impl FnOnce() -> Result<Talker>) -> Result<()> {
    let mut talker = match load() {
        Ok(talker) => talker,
        Err(e) => {
            let message = e.to_string();
            say(&FromWorker::Error { id: None, message })?;
            return Err(e);
        }
    };
    say(&FromWorker::Ready {
        context: talker.context as u64,
        template: talker.template_name(),
        resident_bytes: machine::resident_memory().unwrap_or(0),
    })?;
    let mut inbox = Inbox::listen();
    while let Some(asked) = inbox.next()? {
        let id = asked.id;
        let started = Instant::now();
        let reply = cancelled_by(&asked.cancel, || {
            talker.reply(&asked.messages, &asked.sampling, |text| {
                let told = say(&FromWorker::Delta { id, text: text.into() });
                match told.is_err() || inbox.cancelled(id) {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                }
            })
        });
        say(&match reply {
            Ok(reply) => FromWorker::Done {
                id,
                finish: reply.finish,
                prompt_tokens: reply.prompt_tokens,
                completion_tokens: reply.completion_tokens,
                seconds: started.elapsed().as_secs_f64(),
            },
            Err(_) if asked.cancel.load(Ordering::Relaxed) => FromWorker::Done {
                id,
                finish: Finish::Cancelled,
                prompt_tokens: 0,
                completion_tokens: 0,
                seconds: started.elapsed().as_secs_f64(),
            },
            Err(e) => FromWorker::Error {
                id: Some(id),
                message: e.to_string(),
            },
        })?;
    }
    Ok(())
}

/// A generation that the server asked for.
struct Asked {
    id: u64,
    messages: Vec<chat::Message>,
    sampling: Sampling,
    /// Turns true when it is cancelled, whatever is being done then.
    cancel: Arc<AtomicBool>,
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

    /// The next generation; `None` when standard input has ended.
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
    for line in lines.lines().map_while(std::result::Result::ok) {
        let heard = match serde_json::from_str(&line) {
            Ok(ToWorker::Generate { id, messages, sampling }) => {
                let cancel = Arc::new(AtomicBool::new(false));
                open.retain(|(_, flag)| flag.strong_count() > 0);
                open.push((id, Arc::downgrade(&cancel)));
                Heard::Asked(Asked {
                    id,
                    messages,
                    sampling,
                    cancel,
                })
            }
            Ok(ToWorker::Cancel { id }) => {
                let flags = open.iter().filter(|(of, _)| *of == id);
                for flag in flags.filter_map(|(_, flag)| flag.upgrade()) {
                    flag.store(true, Ordering::Relaxed);
                }
                Heard::Cancel(id)
            }
            Err(e) => {
                eprintln!("not understood: {e}");
                continue;
            }
        };
        if sender.send(heard).is_err() {
            return;
        }
    }
}

fn say(line: &FromWorker) -> Result<()> {
    let text = serde_json::to_string(line).map_err(|e| Error::invalid(e.to_string()))?;
    terminal::print(&(text + "\n"))
}

/// A conversation at the terminal. `/clear` forgets it, `/exit` or the end of input leaves.
pub fn converse(talker: &mut Talker, sampling: &Sampling, system: Option<&str>) -> Result<()> {
    let person = std::io::stdin().is_terminal();
    let mut messages: Vec<chat::Message> = vec![];
    let message = |role: &str, content: &str| chat::Message::new(role, content);
    let mut line = String::new();
    loop {
        if person {
            eprint!("> ");
        }
        line.clear();
        let read = std::io::stdin()
            .lock()
            .read_line(&mut line)
            .map_err(Error::io("standard input"))?;
        match line.trim() {
            _ if read == 0 => return Ok(()),
            "" => continue,
            "/exit" | "/quit" => return Ok(()),
            "/clear" => {
                messages.clear();
                continue;
            }
            text => {
                if let (Some(system), true) = (system, messages.is_empty()) {
                    messages.push(message("system", system));
                }
                messages.push(message("user", text));
            }
        }
        let mut answer = String::new();
        let reply = talker.reply(&messages, sampling, |text| {
            answer.push_str(text);
            match terminal::print(text) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        });
        terminal::print("\n")?;
        if let Err(e) = reply {
            // nobody is there to mend what they said
            if !person {
                return Err(e);
            }
            eprintln!("{e}");
            messages.pop();
            continue;
        }
        messages.push(message("assistant", &answer));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(stops: &[&str], pieces: &[&str]) -> (Vec<String>, bool) {
        let stops: Vec<String> = stops.iter().map(|s| s.to_string()).collect();
        let mut cut = StopText::new(&stops);
        let mut out: Vec<String> = pieces.iter().map(|p| cut.push(p)).collect();
        out.push(cut.rest());
        (out, cut.found)
    }

    #[test]
    fn a_cancelled_generation_is_told_while_its_prompt_is_made() {
        let sampling = json!({"temperature": 0, "top_p": 1, "max_tokens": 1, "seed": 0});
        let generate = |id| json!({"type": "generate", "id": id, "messages": [], "sampling": sampling});
        let lines = [generate(7), generate(8), json!({"type": "cancel", "id": 7})].map(|line| format!("{line}\n"));
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
        assert!(matches!(heard.recv(), Ok(Heard::Cancel(7))));
        assert!(heard.recv().is_err());
    }

    #[test]
    fn calls_and_answers_of_a_history_keep_what_belongs_to_them() {
        let mut call = chat::Message::new("assistant", "Let me look.");
        call.tool_calls = vec![chat::ToolCall {
            id: Some("c1".into()),
            name: "f".into(),
            arguments: json!({"x": 1}),
        }];
        let answer = |id: &str, text: &str| chat::Message {
            tool_call_id: Some(id.into()),
            ..chat::Message::new("tool", text)
        };
        let user = chat::Message::new("user", "hi");
        let history = [user, call, answer("c1", "one"), answer("c2", "two")];
        let (_, turns) = conversation(&history).unwrap();
        let [_, call, answers] = &turns[..] else {
            panic!("{turns:?}")
        };
        assert_eq!(
            (call.role, call.said.as_deref()),
            (Role::Function, Some("Let me look."))
        );
        assert!(
            call.content.contains("\"c1\"") && call.content.contains("\"x\":1"),
            "{}",
            call.content
        );
        assert_eq!((answers.content.as_str(), answers.answers.len()), ("one\ntwo", 2));
        assert_eq!(answers.answers[1].call_id.as_deref(), Some("c2"));
        assert!(conversation(&[chat::Message::new("wizard", "x")]).is_err());
    }

    #[test]
    fn a_stop_text_never_gets_out_in_part() {
        assert_eq!(
            run(&["END"], &["a E", "N", "D b"]),
            (["a ", "", "", ""].map(String::from).to_vec(), true)
        );
        assert_eq!(
            run(&["END"], &["a E", "N", "X"]),
            (["a ", "", "ENX", ""].map(String::from).to_vec(), false)
        );
        assert_eq!(
            run(&["END"], &["a EN"]),
            (["a ", "EN"].map(String::from).to_vec(), false)
        );
        assert_eq!(
            run(&[], &["あ", "い"]),
            (["あ", "い", ""].map(String::from).to_vec(), false)
        );
        assert_eq!(
            run(&["。", "終"], &["はい。次"]),
            (["はい", ""].map(String::from).to_vec(), true)
        );
    }
}
