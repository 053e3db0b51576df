//! `merge`: several adapters or models into one.

use super::export::SizeArgs;
use crate::combine::{self, DENSITY, Method, Recipe, SEED, Sign};
use crate::error::Result;
use crate::{files, stop, terminal};
use clap::Args;
use protocol::event::{Phase, TrainEvent};
use std::path::PathBuf;

#[derive(Args)]
pub struct Merge {
    /// Adapters of one base, or models of one shape: folders, checkpoints, run directories (their newest checkpoint)
    #[arg(required = true)]
    from: Vec<String>,
    /// How [default: task_arithmetic for adapters, linear for models]
    #[arg(long, value_enum)]
    method: Option<Method>,
    /// What each counts for, as 0.7,0.3 [default: the same]
    #[arg(long, value_delimiter = ',', allow_hyphen_values = true)]
    weights: Vec<f64>,
    #[arg(long, help = format!("Share of changes that ties, dare and magnitude_prune keep [default: {DENSITY}]"))]
    density: Option<f64>,
    /// How ties elects signs [default: total]
    #[arg(long, value_enum)]
    majority_sign_method: Option<Sign>,
    /// Rank of an adapter cut by its singular values [default: the largest of those merged]
    #[arg(long)]
    rank: Option<usize>,
    /// The model that models were trained from: task_arithmetic, ties, dare and magnitude_prune merge what was changed
    #[arg(long)]
    base: Option<String>,
    #[arg(long, help = format!("What dare draws from [default: {SEED}]"))]
    seed: Option<u64>,
    /// Folder to write
    #[arg(long, value_parser = files::at_home, required_unless_present = "check")]
    out: Option<PathBuf>,
    /// Write nothing: say what would come of it, or what stands against it
    #[arg(long, requires = "json", conflicts_with = "out")]
    check: bool,
    #[command(flatten)]
    size: SizeArgs,
    /// Tell progress in JSON lines
    #[arg(long)]
    json: bool,
}

pub fn merge(args: &Merge) -> Result<()> {
    let recipe = Recipe {
        method: args.method.unwrap_or_else(|| combine::usual_method(&args.from)),
        weights: args.weights.clone(),
        density: args.density,
        sign: args.majority_sign_method,
        rank: args.rank,
        seed: args.seed,
        base: args.base.clone(),
        shard_bytes: args.size.asked(),
    };
    let Some(out) = &args.out else {
        return super::print_json(&combine::judge(&args.from, &recipe)?);
    };
    let notes = combine::combine(&args.from, &recipe, out, |done, total| {
        stop::check()?;
        match args.json {
            true => super::print_json(&TrainEvent::Phase {
                phase: Phase::Merging,
                done,
                total,
            }),
            false => Ok(()),
        }
    })?;
    if args.json {
        return notes
            .into_iter()
            .try_for_each(|note| super::print_json(&TrainEvent::Notice(note)));
    }
    notes.iter().for_each(terminal::note);
    terminal::print(&format!("{}\n", out.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;
    use protocol::api::Combine;

    #[test]
    fn the_board_knows_the_methods() {
        for adapters in [true, false] {
            for name in Combine::methods(adapters) {
                let method = Method::from_str(name, false).unwrap();
                assert_eq!(Combine::thins(name), method.thins(), "{name}");
            }
        }
    }
}
