//! Errors of a run config in the board's language.

use crate::i18n::new_run as words;
use protocol::config::{FieldError, KEYS, Kind};

/// One sentence for a field error; the rule book's own where there is no translation.
pub fn say(error: &FieldError) -> String {
    let arg = |i: usize| error.args.get(i).cloned().unwrap_or_default();
    match (error.code.as_str(), error.field.as_str()) {
        ("required", "dataset") => words::err_dataset().into(),
        ("required", "model_name_or_path") => words::err_model().into(),
        ("required", _) => words::err_required().into(),
        ("type", key) => match KEYS.iter().find(|known| known.name == key).map(|known| known.kind) {
            Some(Kind::Count) => words::err_count().into(),
            Some(Kind::Number) => words::err_number().into(),
            _ => error.message.clone(),
        },
        ("min", _) if !error.args.is_empty() => words::err_min(arg(0)),
        ("above", _) if !error.args.is_empty() => words::err_above(arg(0)),
        ("range", _) if error.args.len() == 2 => words::err_range(arg(0), arg(1)),
        ("choice", _) if !error.args.is_empty() => words::err_choice(arg(0)),
        ("conflict", "eval_strategy") => words::err_eval_rows().into(),
        _ => error.message.clone(),
    }
}
