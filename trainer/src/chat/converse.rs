//! A conversation of a person at the terminal.

use super::Talker;
use crate::error::{Error, Result};
use crate::terminal;
use protocol::chat::{self, Sampling};
use protocol::tell;
use std::io::{BufRead, IsTerminal, Write};
use std::ops::ControlFlow;

/// A conversation at the terminal. `/clear` forgets it, `/exit` or the end of input leaves.
pub fn converse(talker: &mut Talker, sampling: &Sampling, system: Option<&str>) -> Result<()> {
    let person = std::io::stdin().is_terminal();
    let mut messages: Vec<chat::Message> = vec![];
    let message = |role: &str, content: &str| chat::Message::new(role, content);
    let mut line = String::new();
    loop {
        if person {
            let _ = std::io::stderr().write_all(b"> ");
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
            tell!("{e}");
            messages.pop();
            continue;
        }
        messages.push(message("assistant", &answer));
    }
}
