//! Whether a file says the model that was meant, found out by reading it.
use crate::error::{Error, Result};
use crate::model::ModelConfig;
use crate::quant::gguf_file::GgufFile;
use protocol::decoder::{AttentionSpec, DecoderSpec, ModelSpec, PositionSpec, RotaryScaling, Span, Temperature};
use protocol::{Said, says};
use serde_json::{Value, json};
use std::path::Path;

/// Numbers of keys are f32.
const NEAR: f64 = 2e-6;

/// What a file whose header and tables are written does not say of the model. What concerns long texts alone is told.
///
/// # Errors
/// Anything else.
pub fn same(path: &Path, meant: &ModelConfig) -> Result<Vec<Said>> {
    let family = meant.family;
    let unsaid = |what: String| Error::invalid(says::gguf_unsaid(family.models, what));
    let config = GgufFile::open(path).and_then(|file| file.config());
    let config = config.map_err(|said| unsaid(said.message))?;
    let Value::Object(config) = config else {
        return Err(Error::internal("a file's config is no object"));
    };
    let said = ModelSpec::parse(&config).map_err(|said| unsaid(said.message))?;
    let (mut meant, mut said) = (meant.decoder.clone(), said.decoder);
    let mut told = vec![];
    for (a, b) in meant.blocks.iter_mut().zip(&mut said.blocks) {
        if a.attention.span != b.attention.span
            && let Some(window) = reach(a.attention.span)
        {
            told = vec![says::gguf_without_window(window)];
            a.attention.span = b.attention.span;
        }
        for attention in [&mut a.attention, &mut b.attention] {
            without_tables(attention, &mut told);
        }
    }
    match difference(&whole(&meant), &whole(&said), "") {
        None => Ok(told),
        Some(what) => Err(unsaid(what)),
    }
}

fn reach(span: Span) -> Option<usize> {
    match span {
        Span::All => None,
        Span::Window(reach) | Span::Chunk(reach) => Some(reach),
    }
}

/// Tables of rotations are not compared, since they are the decoder's own numbers; that a base grows past some length is told.
fn without_tables(attention: &mut AttentionSpec, told: &mut Vec<Said>) {
    let mut tell = |said: Said| {
        if !told.contains(&said) {
            told.push(said);
        }
    };
    if let Some(Temperature::LogLength { length }) = attention.temperature {
        tell(says::gguf_without_growth(length));
        attention.temperature = None;
    }
    let PositionSpec::Rotary(rotary) = &mut attention.position else {
        return;
    };
    match rotary.scaling {
        RotaryScaling::Dynamic { original, .. } | RotaryScaling::Doubled { original } => {
            tell(says::gguf_without_growth(original));
        }
        RotaryScaling::Llama3 { .. } => {}
        RotaryScaling::LongRope { .. } => rotary.magnitude = 1.0,
        _ => return,
    }
    rotary.scaling = RotaryScaling::None;
}

/// All that a decoder says, with each block by itself.
fn whole(decoder: &DecoderSpec) -> Value {
    let blocks: Vec<Value> = decoder.blocks.iter().map(|block| json!(block)).collect();
    let mut said = json!(decoder);
    said["blocks"] = json!(blocks);
    said
}

/// The first thing that two descriptions say otherwise.
fn difference(a: &Value, b: &Value, path: &str) -> Option<String> {
    let within = |key: &str| {
        if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}.{key}")
        }
    };
    match (a, b) {
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => a
            .iter()
            .zip(b.values())
            .find_map(|((key, a), b)| difference(a, b, &within(key))),
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let mut pairs = a.iter().zip(b).enumerate();
            pairs.find_map(|(i, (a, b))| difference(a, b, &within(&i.to_string())))
        }
        (Value::Number(x), Value::Number(y)) => {
            let (x, y) = (x.as_f64()?, y.as_f64()?);
            ((x - y).abs() > NEAR * x.abs().max(y.abs())).then(|| format!("{path} = {a}"))
        }
        _ => (a != b).then(|| format!("{path} = {a}")),
    }
}
