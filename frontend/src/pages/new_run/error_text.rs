//! The text of a run config's errors in the board's language.

use crate::i18n::{self, Lang, new_run as words};
use protocol::config::{FieldError, KEYS, ValueType};

/// One sentence for a field error; the original sentence where there is no translation.
pub fn say(error: &FieldError) -> String {
    match (i18n::lang(), error.code.as_str()) {
        // these texts also say what to choose or write instead
        (Lang::En, _) | (_, "required" | "not_for_loss" | "not_for_stage") => by_code(error),
        _ if error.said.is_empty() => by_code(error),
        _ => error.worded(i18n::said::say(&error.said)),
    }
}

/// The text by the error's code: short, for a form in English, and where the server sent no sentence.
fn by_code(error: &FieldError) -> String {
    let arg = |i: usize| error.args.get(i).cloned().unwrap_or_default();
    let message = &error.message;
    match (error.code.as_str(), error.field.as_str()) {
        ("required", "dataset") => words::err_dataset().into(),
        ("required", "model_name_or_path") => words::err_model().into(),
        ("required", _) => words::err_required().into(),
        ("type", "logging_steps" | "save_steps" | "eval_steps" | "warmup_steps") => words::err_steps().into(),
        ("type", key) => match KEYS.iter().find(|known| known.name == key).map(|known| known.kind) {
            Some(ValueType::Count) if !error.args.is_empty() => words::err_count_from(arg(0)),
            Some(ValueType::Count) => words::err_count().into(),
            Some(ValueType::Number) => words::err_number().into(),
            _ => message.clone(),
        },
        ("min", _) if !error.args.is_empty() => words::err_min(arg(0)),
        ("max", _) if !error.args.is_empty() => words::err_max(arg(0)),
        ("above", _) if !error.args.is_empty() => words::err_above(arg(0)),
        ("range", _) if error.args.len() == 2 => words::err_range(arg(0), arg(1)),
        ("range", "val_size") => words::err_share().into(),
        ("choice", _) if !error.args.is_empty() => words::err_choice(arg(0)),
        ("not_built", _) if !error.args.is_empty() => words::err_built(message, arg(0)),
        ("needs", "eval_strategy") => words::err_eval_rows().into(),
        ("needs", _) => words::err_needs(message, arg(0)),
        ("conflict", "pref_loss") if error.args.len() == 2 => words::err_scales(message, arg(0), arg(1)),
        ("conflict", _) if !error.args.is_empty() => words::err_excludes(message, arg(0)),
        ("not_for_loss", _) if !error.args.is_empty() => words::err_losses(message, arg(0)),
        ("not_for_stage", _) if !error.args.is_empty() => words::err_stages(message, arg(0)),
        ("knobs", _) if error.args.len() == 2 => words::err_knobs(message, arg(0), arg(1)),
        ("not_found", _) if !error.args.is_empty() => words::err_not_found(message, arg(0)),
        ("no_adapter", _) => words::err_no_adapter(message, arg(0)),
        ("not_whole", _) => words::err_not_whole(message),
        ("wrong_kind", _) if error.args.len() == 3 => words::err_kind(message, arg(0), arg(1), arg(2)),
        ("taken", _) => words::err_taken(message, arg(0)),
        ("bad_name", _) => words::err_bad_name().into(),
        ("syntax", _) => words::err_syntax(message, arg(0)),
        ("twice", _) if error.args.len() == 2 => words::err_twice(message, arg(0), arg(1)),
        ("twice", _) if error.args.len() == 1 => words::err_same_key(message, arg(0)),
        ("names_a_file", _) => words::err_names_file(message, arg(0)),
        ("not_train", _) => words::err_not_train(message, arg(0)),
        ("home", _) => words::err_home(message, arg(0)),
        ("unknown", _) => words::err_unknown(message),
        _ => message.clone(),
    }
}
