//! `corral samples`: what a run wrote to the same prompts on its way, in a terminal.

use super::told;
use crate::error::ApiResult;
use crate::samples::Folder;
use clap::Args;
use protocol::chat::Finish;
use protocol::config::at_home;
use protocol::samples::{Prompt, StepReply};
use protocol::says;
use serde_json::json;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Args)]
pub(super) struct Samples {
    /// The run directory
    #[arg(value_parser = at_home)]
    run: PathBuf,
    /// The replies after so many steps, beside the first ones [default: the newest]
    #[arg(long)]
    step: Option<u64>,
    /// The replies at every step
    #[arg(long, conflicts_with = "step")]
    all: bool,
    /// This prompt alone, counted from 1
    #[arg(long)]
    prompt: Option<usize>,
    /// As JSON, a reply a line
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Samples) -> ExitCode {
    let mut out = BufWriter::new(io::stdout().lock());
    let written = match args.found() {
        Ok(found) => args.write(&found, &mut out).and_then(|()| out.flush()),
        Err(error) => {
            told::error(&says::file(&args.run, error.said()));
            return ExitCode::FAILURE;
        }
    };
    match written {
        // whoever reads no further has what they wanted
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            told::error(&says::not_printed(error));
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

/// A prompt with the replies that are shown.
struct Shown {
    number: usize,
    prompt: Prompt,
    replies: Vec<StepReply>,
}

impl Samples {
    fn found(&self) -> ApiResult<Vec<Shown>> {
        let none = || crate::ApiError::not_found(says::run_without_samples());
        super::is_there(&self.run)?;
        let folder = Folder::open_if_any(&self.run)?.ok_or_else(none)?;
        let steps = self.steps(folder.steps()?)?;
        let all = (1..).zip(folder.about.prompts.iter());
        let wanted: Vec<_> = all
            .filter(|(number, _)| self.prompt.is_none_or(|prompt| prompt == *number))
            .collect();
        if let (Some(prompt), true) = (self.prompt, wanted.is_empty()) {
            return Err(crate::ApiError::not_found(says::no_such_sample(prompt.to_string())));
        }
        let shown = wanted.into_iter().map(|(number, prompt)| {
            let replies = steps.iter().map(|&step| folder.reply(step, number - 1));
            Ok(Shown {
                number,
                prompt: prompt.clone(),
                replies: replies.collect::<ApiResult<_>>()?,
            })
        });
        shown.collect()
    }

    /// The first, and the one that is asked for; or all.
    fn steps(&self, all: Vec<u64>) -> ApiResult<Vec<u64>> {
        let never = || crate::ApiError::not_found(says::samples_never_answered());
        let (Some(&first), Some(&last)) = (all.first(), all.last()) else {
            return Err(never());
        };
        if self.all {
            return Ok(all);
        }
        let step = self.step.unwrap_or(last);
        if !all.contains(&step) {
            return Err(crate::ApiError::not_found(says::no_such_evaluation()));
        }
        Ok(if step == first { vec![first] } else { vec![first, step] })
    }

    fn write(&self, all: &[Shown], out: &mut impl Write) -> io::Result<()> {
        for Shown {
            number,
            prompt,
            replies,
        } in all
        {
            if !self.json {
                writeln!(out, "{number}. {}", prompt.text.trim().replace('\n', "\n   "))?;
            }
            for StepReply { step, reply } in replies {
                if self.json {
                    let line = json!({
                        "prompt": number, "step": step, "asked": prompt.text, "text": reply.text, "tokens": reply.tokens,
                        "finish": reply.finish, "repeated": reply.repeated, "empty": reply.empty, "refusal": reply.refusal,
                    });
                    writeln!(out, "{line}")?;
                    continue;
                }
                let repeats = format!("{:.0}", reply.repeated * 100.0);
                let facts = [
                    (true, says::reply_tokens(reply.tokens)),
                    (reply.finish == Finish::Length, says::reply_cut_off()),
                    (reply.repeated > 0.0, says::reply_repeats(repeats)),
                    (reply.empty, says::reply_empty()),
                    (reply.refusal, says::reply_refusal()),
                ];
                let facts = facts.iter().filter(|(is, _)| *is).map(|(_, said)| told::out(said));
                let facts = facts.collect::<Vec<_>>().join(", ");
                let text = reply.text.trim().replace('\n', "\n      ");
                writeln!(out, "   {}\n      {text}", told::out(&says::reply_at(step, facts)))?;
            }
        }
        Ok(())
    }
}
