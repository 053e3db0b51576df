//! `export` and `expand`: model folders that stand alone.

use super::print_json;
use crate::asked::{Asked, DeviceArgs, ModelArgs};
use crate::error::{Error, Result};
use crate::merge::{self, Shape};
use crate::{files, terminal};
use clap::Args;
use protocol::event::{Phase, TrainEvent};
use protocol::inference::EXPORT_KEYS;
use protocol::says;
use std::path::PathBuf;

#[derive(Args)]
pub struct Export {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    device: DeviceArgs,
    /// Folder to write
    #[arg(long, value_parser = files::at_home)]
    out: Option<PathBuf>,
    /// Size of a weight file at most, in GB
    #[arg(long, default_value_t = 5.0)]
    size: f64,
    /// Tell progress in JSON lines
    #[arg(long)]
    json: bool,
    /// key=value, over what a YAML file says
    overrides: Vec<String>,
}

#[derive(Args)]
pub struct Expand {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    device: DeviceArgs,
    /// Folder to write
    #[arg(long, value_parser = files::at_home)]
    out: PathBuf,
    /// Blocks to add; a number that divides that of the model's own
    #[arg(long)]
    num_expand: usize,
    /// Size of a weight file at most, in GB
    #[arg(long, default_value_t = 5.0)]
    size: f64,
}

pub fn export(args: &Export) -> Result<()> {
    let asked = Asked::read(&args.model, &args.overrides, EXPORT_KEYS)?;
    let (out, size) = export_target(args, &asked)?;
    let weights = asked.weights()?;
    let mut told = std::time::Instant::now();
    let bytes = (size * 1e9) as u64;
    let device = match asked.text("export_device").as_deref() {
        None | Some("auto") => args.device,
        Some("cpu") => DeviceArgs::PROCESSOR,
        Some(other) => {
            return Err(Error::invalid(says::file(
                "export_device",
                says::takes("auto, cpu", other),
            )));
        }
    };
    let shape = Shape {
        engine: &device.engine(&merge::merged(&weights), 0)?,
        shard_bytes: bytes.max(1),
        expand: None,
    };
    let note = merge::merge(&weights, &asked.0.wording, shape, &out, |done, total| {
        let due = done == total || told.elapsed().as_millis() >= 200;
        if args.json && due {
            told = std::time::Instant::now();
            print_json(&TrainEvent::Phase {
                phase: Phase::Merging,
                done,
                total,
            })?;
        }
        Ok(())
    })?;
    if let Some(note) = note {
        eprintln!("{note}");
    }
    if !args.json {
        terminal::print(&format!("{}\n", out.display()))?;
    }
    Ok(())
}

pub fn expand(args: &Expand) -> Result<()> {
    let weights = args.model.weights()?;
    let shape = Shape {
        engine: &args.device.engine(&merge::merged(&weights), 0)?,
        shard_bytes: ((args.size * 1e9) as u64).max(1),
        expand: Some(args.num_expand),
    };
    let note = merge::merge(&weights, &args.model.wording(), shape, &args.out, |_, _| Ok(()))?;
    if let Some(note) = note {
        eprintln!("{note}");
    }
    terminal::print(&format!(
        "{0}\nto train the new blocks:\n  model_name_or_path: {0}\n  finetuning_type: freeze\n  use_llama_pro: true\n  \
         freeze_trainable_layers: {1}\n",
        args.out.display(),
        args.num_expand
    ))
}

/// Folder to write, and gigabytes of a weight file.
fn export_target(args: &Export, asked: &Asked) -> Result<(PathBuf, f64)> {
    if asked.flag("export_legacy_format") == Some(true) {
        return Err(Error::invalid(says::no_legacy_format()));
    }
    let out = args.out.clone().or_else(|| asked.text("export_dir").map(PathBuf::from));
    let out = out.ok_or_else(|| Error::invalid(says::name_out_folder()))?;
    let size = asked.0.number("export_size").unwrap_or(args.size);
    match size > 0.0 {
        true => Ok((out, size)),
        false => Err(Error::invalid(says::size_above_zero())),
    }
}
