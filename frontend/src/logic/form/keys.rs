//! What the form does with keys beside showing their fields.

use protocol::config::{KEYS, Key, Place, ValueType};

/// Keys that say what is trained, and on what. No method recommends them.
pub const SUBJECT: &[&str] = &["model_name_or_path", "dataset", "run_name", "eval_dataset"];
/// Keys that are recommended but may be left out.
pub const OPTIONAL: &[&str] = &["save_total_limit"];
/// Keys that are always in the file, even where they have no effect: they say what the file is for.
pub const ALWAYS_WRITTEN: &[&str] = &["stage", "pref_loss", "do_train", "finetuning_type", "optim"];
/// Whether a key has no field, but can be set as a further key.
pub fn has_no_field(key: &Key) -> bool {
    key.place == Place::No && !ALWAYS_WRITTEN.contains(&key.name)
}

/// Whether the server sets a key by itself.
pub fn is_server_set(key: &str) -> bool {
    Key::named(key).is_some_and(|key| key.place == Place::Server)
}

pub fn is_number(key: &str) -> bool {
    Key::named(key).is_some_and(|known| matches!(known.kind, ValueType::Count | ValueType::Number))
}

/// The names of all keys.
pub fn keys() -> impl Iterator<Item = &'static str> {
    KEYS.iter().map(|key| key.name)
}
