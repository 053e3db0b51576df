//! Writes an adapter folder that PEFT loads.

use super::{BENEATH, CONFIG, PREFIX, WEIGHTS};
use crate::error::{Error, Result};
use crate::model::{Adapter, Cayley, Init, Names, OftForm};
use crate::tensors::Unwritten;
use crate::{files, tensors};
use candle_core::Tensor;
use protocol::config::Division;
use protocol::says;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Writes an adapter folder that PEFT loads. `base` goes into the config as `base_model_name_or_path`.
pub fn write(dir: &Path, adapter: &Adapter, base: &str, dropout: f64) -> Result<()> {
    if adapter.is_empty() {
        return Err(Error::file(dir, says::adapter_is_empty()));
    }
    let config = match &adapter.form.oft {
        Some(oft) => oft_config(adapter, oft, base),
        None => lora_config(adapter, base, dropout)?,
    };
    let mut saved: Vec<(String, Tensor)> = Vec::with_capacity(2 * adapter.modules.len());
    for (module, pair) in &adapter.modules {
        saved.push((format!("{PREFIX}{module}.lora_A.weight"), pair.a.clone()));
        saved.push((format!("{PREFIX}{module}.lora_B.weight"), pair.b.clone()));
        let name = format!("{PREFIX}{module}.lora_magnitude_vector");
        saved.extend(pair.magnitude.clone().map(|magnitude| (name, magnitude)));
    }
    let rotations = adapter.rotations.iter();
    saved.extend(rotations.map(|(module, above)| (format!("{PREFIX}{module}.oft_R.weight"), above.clone())));
    let whole = adapter.whole.iter();
    saved.extend(whole.map(|(name, tensor)| {
        let name = match name.rsplit_once('.') {
            Some((module, kind)) if adapter.part(module).is_some() => format!("{module}{BENEATH}{kind}"),
            _ => name.clone(),
        };
        (format!("{PREFIX}{name}"), tensor.clone())
    }));
    let saved: Vec<_> = saved.into_iter().map(Unwritten::from).collect();
    tensors::write(&dir.join(WEIGHTS), &saved)?;
    let text = serde_json::to_string_pretty(&config).map_err(|e| Error::file(dir, says::internal_error(e)))?;
    files::write_atomic(&dir.join(CONFIG), text.as_bytes())
}

fn lora_config(adapter: &Adapter, base: &str, dropout: f64) -> Result<Value> {
    let mut ranks = BTreeMap::new();
    for pair in adapter.modules.values() {
        *ranks.entry(pair.a.dim(0)?).or_insert(0) += 1;
    }
    // that of most modules; the others are named
    let rank = ranks
        .iter()
        .max_by_key(|(_, count)| **count)
        .map_or(0, |(&rank, _)| rank);
    let form = &adapter.form;
    let alpha_of = |scale: f64, rank: usize| match form.rank_stabilized {
        true => scale * (rank as f64).sqrt(),
        false => scale * rank as f64,
    };
    let alpha = alpha_of(adapter.scale, rank);
    let (mut own_ranks, mut own_alphas) = (Map::new(), Map::new());
    for (module, pair) in &adapter.modules {
        let own = pair.a.dim(0)?;
        let own_alpha = alpha_of(adapter.scale_of(module), own);
        if own != rank {
            own_ranks.insert(module.clone(), json!(own));
        }
        if (own_alpha - alpha).abs() > 1e-9 * alpha.abs() {
            own_alphas.insert(module.clone(), number(own_alpha));
        }
    }
    let pissa = form.init.pissa().map(|pissa| pissa.iterations);
    let init = match (form.init, pissa) {
        (_, Some(None)) => json!("pissa"),
        (_, Some(Some(iterations))) => json!(format!("pissa_niter_{iterations}")),
        // after one round the weights are those of plain quantization, and the adapter one that any program loads on them
        (Init::Loftq { iterations: 2.. }, _) => json!("loftq"),
        _ => json!(true),
    };
    let loftq = match form.init {
        Init::Loftq { iterations } => json!({"loftq_bits": 4, "loftq_iter": iterations}),
        _ => json!({}),
    };
    Ok(config(
        adapter,
        base,
        json!({
            "alpha_pattern": own_alphas,
            "init_lora_weights": init,
            "layer_replication": (!form.replication.is_empty()).then_some(&form.replication),
            "loftq_config": loftq,
            "lora_alpha": number(alpha),
            "lora_dropout": dropout,
            "peft_type": "LORA",
            "r": rank,
            "rank_pattern": own_ranks,
            "use_dora": adapter.modules.values().any(|pair| pair.magnitude.is_some()),
            "use_rslora": form.rank_stabilized,
        }),
    ))
}

fn oft_config(adapter: &Adapter, oft: &OftForm, base: &str) -> Value {
    let (count, size) = match oft.blocks {
        Division::Size(size) => (0, size),
        Division::Count(count) => (count, 0),
    };
    let (terms, version) = match oft.cayley {
        Cayley::Exact => (5, Some("0.18.0")),
        Cayley::Series { terms, even: false } => (terms, Some("0.18.0")),
        // the sum of versions that did not say which they were
        Cayley::Series { terms, even: true } => (terms, None),
    };
    let own = json!({
        "block_share": oft.shared,
        "coft": false,
        "eps": 6e-5,
        "init_weights": true,
        "module_dropout": 0.0,
        "num_cayley_neumann_terms": terms,
        "oft_block_size": size,
        "peft_type": "OFT",
        "peft_version": version,
        "r": count,
        "use_cayley_neumann": oft.cayley != Cayley::Exact,
    });
    let mut config = config(adapter, base, own);
    if let (None, Some(map)) = (version, config.as_object_mut()) {
        map.remove("peft_version");
    }
    config
}

/// What the configs of all adapters say, and what one kind says beside it.
fn config(adapter: &Adapter, base: &str, own: Value) -> Value {
    let form = &adapter.form;
    let promise = &form.promise;
    let some = |list: &[String]| (!list.is_empty()).then(|| json!(list));
    let mut config = json!({
        "auto_mapping": null,
        "base_model_name_or_path": base,
        "bias": "none",
        "exclude_modules": named(&promise.excluded),
        "fan_in_fan_out": form.fan_in_fan_out,
        "inference_mode": true,
        "layers_pattern": some(&promise.layer_lists),
        "layers_to_transform": (!promise.layers.is_empty()).then_some(&promise.layers),
        "modules_to_save": some(&form.additional),
        "revision": null,
        "target_modules": named(&promise.targets).unwrap_or_else(|| {
            let last = |module: &String| module.rsplit('.').next().unwrap_or_default().to_owned();
            json!(adapter.paths().map(last).collect::<BTreeSet<_>>())
        }),
        "task_type": "CAUSAL_LM",
    });
    if let (Some(all), Value::Object(own)) = (config.as_object_mut(), own) {
        all.extend(own);
    }
    config
}

/// A whole number where it is one but for rounding.
fn number(alpha: f64) -> Value {
    match (alpha - alpha.round()).abs() < 1e-9 {
        true => json!(alpha.round() as i64),
        false => json!(alpha),
    }
}

fn named(names: &Names) -> Option<Value> {
    match names {
        Names::None => None,
        Names::List(names) => Some(json!(names)),
        Names::Pattern(pattern) => Some(json!(pattern)),
    }
}
