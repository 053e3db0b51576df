//! `corral pairs`: a run's held-out pairs in a terminal, the wrong ones above all.

use super::told;
use crate::error::ApiResult;
use crate::pairs::Folder;
use clap::Args;
use protocol::config::at_home;
use protocol::pairs::{PairRow, PairScore, PairScores, Transition};
use protocol::{Said, says};
use serde_json::json;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Args)]
pub(super) struct Pairs {
    /// The run directory
    #[arg(value_parser = at_home)]
    run: PathBuf,
    /// Those that are wrong at that evaluation; what is listed where nothing is said
    #[arg(long)]
    wrong: bool,
    /// Those that went from right to wrong or from wrong to right since the first evaluation
    #[arg(long, conflicts_with = "wrong")]
    flipped: bool,
    /// All
    #[arg(long, conflicts_with_all = ["wrong", "flipped"])]
    all: bool,
    /// The evaluation after so many steps [default: the newest]
    #[arg(long)]
    step: Option<u64>,
    /// As JSON, a pair a line, with its texts
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Pairs) -> ExitCode {
    let found = super::is_there(&args.run).and_then(|()| Folder::open(&args.run));
    let found = found.and_then(|folder| Ok((folder.scores(args.step)?, folder)));
    let (scores, folder) = match found {
        Ok(found) => found,
        Err(error) => {
            told::error(&says::file(&args.run, error.said()));
            return ExitCode::FAILURE;
        }
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let written = args.write(&scores, &folder, &mut out).and_then(|()| out.flush());
    match written {
        // whoever reads no further has what they wanted
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            told::error(&says::not_printed(error));
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

impl Pairs {
    fn lists(&self, pair: &PairScore) -> bool {
        let flips = [Transition::FlippedToRight, Transition::FlippedToWrong];
        match (self.all, self.flipped) {
            (true, _) => true,
            (_, true) => flips.contains(&pair.transition()),
            _ => !pair.is_right(),
        }
    }

    fn write(&self, scores: &PairScores, folder: &Folder, out: &mut impl Write) -> io::Result<()> {
        if !self.json {
            out.write_all(head(scores, folder.about.left_out).as_bytes())?;
        }
        for (number, pair) in (1..).zip(&scores.pairs).filter(|(_, pair)| self.lists(pair)) {
            // people count from 1, as on the board
            let row = one(folder, number - 1).map_err(|error| io::Error::other(error.to_string()))?;
            if !self.json {
                let (first, now) = (pair.first, pair.margin);
                let prompt = in_one_line(&row.row.prompt);
                writeln!(
                    out,
                    "{number:>6} {first:>9.4} {now:>9.4} {:>+9.4}  {prompt}",
                    now - first
                )?;
                continue;
            }
            let line = json!({
                "pair": number, "first": pair.first, "margin": pair.margin, "reward_margin": pair.reward_margin,
                "prompt": row.row.prompt, "chosen": row.row.chosen.text, "rejected": row.row.rejected.text,
            });
            writeln!(out, "{line}")?;
        }
        Ok(())
    }
}

fn one(folder: &Folder, pair: u64) -> ApiResult<PairRow> {
    Ok(folder.rows(&[pair])?.pop().unwrap_or_default())
}

/// What all pairs come to, and the table's head.
fn head(scores: &PairScores, left_out: u64) -> String {
    let count = |which: Transition| scores.pairs.iter().filter(|pair| pair.transition() == which).count();
    let (to_right, to_wrong) = (count(Transition::FlippedToRight), count(Transition::FlippedToWrong));
    let right = to_right + count(Transition::StayedRight);
    let all = scores.pairs.len();
    let share = 100.0 * right as f64 / all.max(1) as f64;
    let share = format!("{share:.1}");
    let said = says::pairs_right(scores.step, right, all, share, scores.first_step, to_right, to_wrong);
    let mut lines = vec![told::out(&said)];
    if left_out > 0 {
        lines.push(told::out(&says::pairs_left_out(left_out)));
    }
    let column = |title: Said, width: usize| told::to_right(&told::out(&title), width);
    let columns = [
        column(says::column_pair(), 6),
        column(says::column_first(), 9),
        column(says::column_margin(), 9),
        column(says::column_change(), 9),
        column(says::column_prompt(), 0),
    ];
    let [numbers @ .., prompt] = columns;
    lines.push(format!("{}  {prompt}", numbers.join(" ")));
    lines.join("\n") + "\n"
}

/// The end of a prompt, where the question is.
fn in_one_line(prompt: &str) -> String {
    const WIDTH: usize = 70;
    let words: Vec<&str> = prompt.split_whitespace().collect();
    let text = words.join(" ");
    match text.chars().count().checked_sub(WIDTH) {
        None | Some(0) => text,
        Some(more) => "…".chars().chain(text.chars().skip(more + 1)).collect(),
    }
}
