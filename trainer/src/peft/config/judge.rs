//! What an adapter's config asks for: done, or refused by name.

use super::Written;
use crate::model::{Cayley, Init, OftForm, Pissa};
use protocol::config::Division;
use protocol::{Said, says};
use serde_json::Value;

/// Keys that make the adapter another computation than the one here, where they hold a value: key, and what it asks for.
pub(super) const REFUSED: &[(&str, &str)] = &[
    ("lora_bias", "a bias on B"),
    ("megatron_config", "Megatron's parallel layers"),
    ("target_parameters", "matrices that are no linear layer's"),
    ("trainable_token_indices", "single rows of the embedding"),
    ("use_qalora", "inputs pooled in groups (QALoRA)"),
    (
        "alora_invocation_tokens",
        "an adapter that begins at certain tokens (aLoRA)",
    ),
    ("arrow_config", "routing among adapters (Arrow)"),
    ("kasa_config", "singular values of its own (KaSA)"),
    ("use_bdlora", "block-diagonal matrices (BD-LoRA)"),
    ("monteclora_config", "weights that are drawn anew (MonteCLoRA)"),
];

/// Whether a value asks for something.
pub(super) fn asks(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => !map.is_empty(),
        Value::Bool(true) | Value::Number(_) => true,
    }
}

/// How an OFT adapter's rotations follow from its numbers.
pub(super) fn rotations(written: &Written) -> Result<OftForm, Said> {
    let number = |key: &str| written.rest.get(key).and_then(Value::as_u64);
    let on = |key: &str, default: bool| written.rest.get(key).and_then(Value::as_bool).unwrap_or(default);
    let Some(size) = number("oft_block_size") else {
        return Err(says::old_rotations());
    };
    let blocks = match (written.r, size) {
        (0, 0) => return Err(says::no_blocks()),
        (0, size) => Division::Size(size as usize),
        (count, 0) => Division::Count(count),
        (count, size) => return Err(says::blocks_twice(count, size)),
    };
    if on("coft", false) {
        return Err(says::bounded_rotations());
    }
    if let Some(bias) = written.bias.as_deref().filter(|bias| *bias != "none") {
        return Err(says::adapter_bias(bias));
    }
    let terms = number("num_cayley_neumann_terms").unwrap_or(5) as usize;
    Ok(OftForm {
        blocks,
        shared: on("block_share", false),
        cayley: match on("use_cayley_neumann", false) {
            false => Cayley::Exact,
            true if terms > 64 => return Err(says::most_terms(terms)),
            true => Cayley::Series {
                terms,
                even: before_018(written.rest.get("peft_version").and_then(Value::as_str)),
            },
        },
    })
}

/// Versions before 0.18 did not say which they were.
pub(super) fn before_018(version: Option<&str>) -> bool {
    let mut parts = version
        .unwrap_or("0.0")
        .split('.')
        .map(|part| part.parse::<u64>().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) < (0, 18)
}

pub(super) fn problem(written: &Written) -> Option<Said> {
    let kind = written.peft_type.as_deref().unwrap_or("LORA");
    if kind != "LORA" {
        return Some(says::other_adapter_kind(kind));
    }
    if written.r == 0 || written.rank_pattern.0.iter().any(|(_, rank)| *rank == 0) {
        return Some(says::adapter_rank());
    }
    let alphas = written.alpha_pattern.0.iter().map(|(_, alpha)| *alpha);
    if let Some(alpha) = alphas.chain([written.lora_alpha]).find(|alpha| !alpha.is_finite()) {
        return Some(says::adapter_alpha(alpha));
    }
    if let Some(bias) = written.bias.as_deref().filter(|bias| *bias != "none") {
        return Some(says::adapter_bias(bias));
    }
    let given = |key: &str| written.rest.get(key).is_some_and(asks);
    if let Some((key, what)) = REFUSED.iter().find(|(key, _)| given(key)) {
        return Some(says::adapter_refused(*key, *what));
    }
    let tables = ["embed_tokens", "lm_head"];
    let tied = |name: &String| tables.iter().any(|table| name.ends_with(table));
    if written.ensure_weight_tying && written.modules_to_save.iter().any(tied) {
        return Some(says::tied_tables());
    }
    let name = written.init_lora_weights.as_str().unwrap_or_default().to_lowercase();
    let changes_base = ["olora", "corda", "lora_ga"].contains(&name.as_str());
    let bits = written.loftq_config.as_ref().and_then(|loftq| loftq.loftq_bits);
    if let Some(bits) = bits.filter(|&bits| bits != 4) {
        return Some(says::loftq_bits(bits));
    }
    let unread = name.starts_with("pissa") || name == "loftq";
    (changes_base || unread && init(written) == Init::Zero).then(|| says::changed_base(&name))
}

pub(super) fn init(written: &Written) -> Init {
    let asked = written.loftq_config.as_ref().and_then(|loftq| loftq.loftq_iter);
    match (written.init_lora_weights.as_str(), asked) {
        (Some("loftq"), Some(iterations)) => Init::Loftq { iterations },
        (None, Some(_)) => Init::Loftq { iterations: 1 },
        (Some(name), _) => match pissa(name) {
            Some(iterations) => Init::Pissa(Pissa {
                iterations,
                convert: false,
            }),
            None => Init::Zero,
        },
        _ => Init::Zero,
    }
}

/// The iterations of a PiSSA start, `None` within: exact.
pub(super) fn pissa(name: &str) -> Option<Option<usize>> {
    match name {
        "pissa" => Some(None),
        name => Some(Some(name.strip_prefix("pissa_niter_")?.parse().ok()?)),
    }
}
