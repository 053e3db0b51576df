//! Whether folders that are put together were trained as one model: on this base, with these positions.

use std::path::{Component, Path};

/// What a model is called wherever it lies: the name at the hub, or the folder's; what every run has by the same name stands
/// behind the run's.
fn title(path: &str) -> String {
    let named: Vec<&str> = Path::new(path)
        .components()
        .filter_map(|part| match part {
            Component::Normal(part) => part.to_str(),
            _ => None,
        })
        .collect();
    let cached = named
        .iter()
        .rev()
        .find_map(|part| part.strip_prefix("models--")?.split("--").nth(1));
    let of_runs = |part: &str| part.starts_with("checkpoint-") || part == "merged";
    let title = match (cached, named.as_slice()) {
        (Some(cached), _) => cached.to_owned(),
        (None, [.., run, last]) if of_runs(last) => format!("{run}/{last}"),
        (None, [.., last]) => (*last).to_owned(),
        (None, []) => path.to_owned(),
    };
    title.to_lowercase()
}

/// Whether two names of a base, absolute paths or hub names, may mean the same model: folders move, and a hub's model
/// lies in a folder of its name.
pub(super) fn may_be_one(theirs: &str, ours: &str) -> bool {
    let here = |path: &str| Path::new(path).canonicalize().ok();
    let same_place = here(theirs).is_some_and(|path| Some(path) == here(ours));
    same_place || title(theirs) == title(ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_known_by_its_name_wherever_it_lies() {
        let cached = "/home/a/.cache/huggingface/hub/models--Qwen--Qwen3-0.6B/snapshots/0123abc";
        for (theirs, ours, one) in [
            ("Qwen/Qwen3-0.6B", "/models/qwen3-0.6b/", true),
            ("Qwen/Qwen3-0.6B", cached, true),
            ("Qwen/Qwen3-0.6B-Base", cached, false),
            ("models/llama", "/there/models/llama", true),
            ("/here/run-a/checkpoint-8", "/there/run-a/checkpoint-8", true),
            ("/here/run-a/checkpoint-8", "/here/run-b/checkpoint-8", false),
            ("/here/run-a/merged", "/here/run-b/merged", false),
            ("/models/llama", "/runs/full/checkpoint-8", false),
        ] {
            assert_eq!(may_be_one(theirs, ours), one, "{theirs} {ours}");
        }
    }
}
