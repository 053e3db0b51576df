//! `export` and `expand`: model folders that stand alone.

use super::print_json;
use crate::error::{Error, Result};
use crate::export::{self, What};
use crate::gguf::Format;
use crate::merge::{self, Shape};
use crate::model_args::{Asked, DeviceArgs, ModelArgs};
use crate::{files, folder, terminal};
use candle_core::DType;
use clap::{Args, ValueEnum};
use protocol::event::{Phase, TrainEvent};
use protocol::inference::EXPORT_KEYS;
use protocol::{file_name, says};
use std::path::PathBuf;

/// How large a weight file may be.
#[derive(Args, Clone, Copy)]
pub struct SizeArgs {
    /// Size of a weight file at most, in GB [default: 5]
    #[arg(long = "size", value_parser = gigabytes)]
    gigabytes: Option<f64>,
}

fn gigabytes(text: &str) -> std::result::Result<f64, String> {
    let number = text
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| "a number above 0".to_owned())
}

impl SizeArgs {
    pub fn bytes(self) -> u64 {
        self.asked().unwrap_or(folder::SHARD)
    }

    /// In bytes, where it is said.
    pub fn asked(self) -> Option<u64> {
        self.gigabytes.map(|gigabytes| ((gigabytes * 1e9) as u64).max(1))
    }
}

/// What an export is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// A model folder that stands alone, as transformers and vLLM read it
    Merged,
    /// The adapter as PEFT loads it
    Adapter,
    /// One file for llama.cpp, Ollama and LM Studio, with a Modelfile beside it
    Gguf,
    /// Ollama's Modelfile alone, over the model where it lies
    Modelfile,
}

#[derive(Args)]
pub struct Export {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    device: DeviceArgs,
    /// Folder to write
    #[arg(long, value_parser = files::at_home)]
    out: Option<PathBuf>,
    /// What is written
    #[arg(long, value_enum, default_value_t = Kind::Merged)]
    format: Kind,
    /// Type of the weights: of gguf any of these, of merged f32, f16 or bf16 [default: q8_0; as stored]
    #[arg(long, value_enum)]
    dtype: Option<Format>,
    /// What the model is called in its files [default: the name of the folder]
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    size: SizeArgs,
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
    #[command(flatten)]
    size: SizeArgs,
}

pub fn export(args: &Export) -> Result<()> {
    let asked = Asked::read(&args.model, &args.overrides, EXPORT_KEYS)?;
    let (out, shard_bytes) = export_target(args, &asked)?;
    let weights = asked.weights()?;
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
    let engine = || device.engine(&merge::merged(&weights), 0);
    let mut told = std::time::Instant::now();
    let progress = |done, total| {
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
    };
    let what = match (args.format, args.dtype) {
        (Kind::Merged, dtype) => What::Merged {
            dtype: plain_dtype(dtype, &asked)?,
            shard_bytes,
        },
        (Kind::Gguf, dtype) => What::Gguf(dtype.unwrap_or(Format::Q8_0)),
        (Kind::Adapter | Kind::Modelfile, Some(_)) => return Err(Error::invalid(says::export_dtype_idle())),
        (Kind::Adapter, None) => What::Adapter,
        (Kind::Modelfile, None) => What::Modelfile,
    };
    let name = match &args.name {
        Some(name) if !file_name::is_plain(name) => {
            return Err(Error::invalid(says::export_name_not_plain(
                name.escape_debug().to_string(),
            )));
        }
        Some(name) => name.clone(),
        None => export::name_of(&out),
    };
    let export = export::Export {
        weights: &weights,
        wording: &asked.0.wording,
        what,
        name: &name,
    };
    export.write(&out, engine, progress)?.iter().for_each(terminal::note);
    match args.json {
        true => Ok(()),
        false => terminal::print(&format!("{}\n", out.display())),
    }
}

/// The type that a merged folder is asked for, by a flag or as LLaMA-Factory's key says it.
fn plain_dtype(flag: Option<Format>, asked: &Asked) -> Result<Option<DType>> {
    match (flag, asked.text("infer_dtype").as_deref()) {
        (Some(Format::F32), _) | (None, Some("float32")) => Ok(Some(DType::F32)),
        (Some(Format::F16), _) | (None, Some("float16")) => Ok(Some(DType::F16)),
        (Some(Format::Bf16), _) | (None, Some("bfloat16")) => Ok(Some(DType::BF16)),
        (Some(packed), _) => Err(Error::invalid(says::export_dtype_of_gguf(packed.name()))),
        (None, _) => Ok(None),
    }
}

pub fn expand(args: &Expand) -> Result<()> {
    let weights = args.model.weights()?;
    let shape = Shape {
        engine: &args.device.engine(&merge::merged(&weights), 0)?,
        shard_bytes: args.size.bytes(),
        expand: Some(args.num_expand),
        dtype: None,
        name: &export::name_of(&args.out),
    };
    let notes = merge::merge(&weights, &args.model.wording(), shape, &args.out, |_, _| Ok(()))?;
    notes.iter().for_each(terminal::note);
    terminal::print(&format!(
        "{0}\nto train the new blocks:\n  model_name_or_path: {0}\n  finetuning_type: freeze\n  use_llama_pro: true\n  \
         freeze_trainable_layers: {1}\n",
        args.out.display(),
        args.num_expand
    ))
}

/// Folder to write, and bytes of a weight file.
fn export_target(args: &Export, asked: &Asked) -> Result<(PathBuf, u64)> {
    if asked.flag("export_legacy_format") == Some(true) {
        return Err(Error::invalid(says::no_legacy_format()));
    }
    if args.out.is_some() && asked.text("export_dir").is_some() {
        terminal::note(&says::export_dir_unused());
    }
    let out = args.out.clone().or_else(|| asked.text("export_dir").map(PathBuf::from));
    let out = out.ok_or_else(|| Error::invalid(says::name_out_folder()))?;
    let size = match asked.0.values.get("export_size").filter(|said| !said.is_null()) {
        None => args.size,
        Some(said) => SizeArgs {
            gigabytes: Some(gigabytes(&said.to_string()).map_err(|_| Error::invalid(says::size_above_zero()))?),
        },
    };
    if args.format != Kind::Merged && args.size.gigabytes.is_some() {
        return Err(Error::invalid(says::export_size_idle()));
    }
    if args.format != Kind::Merged && size.gigabytes.is_some() {
        // a file may be there for other exports too
        terminal::note(&says::export_size_unused());
    }
    Ok((out, size.bytes()))
}
