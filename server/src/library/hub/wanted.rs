//! Which files of a repository are fetched: what a model needs, or a part of a data set with its card.

use super::{HubError, Wanted};
use protocol::data::Part;
use protocol::hub::Kind;
use protocol::says;
use std::collections::HashMap;

/// Files beside the weights that a model may need; nothing else is fetched.
const SIDE_FILES: &[&str] = &[
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer.model",
    "tekken.json",
    "qwen.tiktoken",
    "vocab.json",
    "merges.txt",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
    "chat_template.json",
    "adapter_config.json",
];

/// The files to fetch of those that a repository has, in their order: weights come last, so that a model with all of its weights
/// is whole. `read` gives the text of a data set's card, which tells its parts.
pub(super) fn chosen(
    wanted: &Wanted,
    names: &[&str],
    read: &mut dyn FnMut(&str) -> Result<String, HubError>,
) -> Result<Vec<String>, HubError> {
    match wanted.kind {
        Kind::Model => of_model(&wanted.name, names),
        Kind::Dataset => {
            let (mut card, mut files) = (String::new(), vec![]);
            if names.contains(&Part::CARD) {
                card = read(Part::CARD)?;
                files.push(Part::CARD.to_owned());
            }
            let of_part = wanted.part.files(&Part::card(&card), names.iter().copied());
            let of_part = of_part.map_err(|why| HubError::DataSet {
                name: wanted.name.clone(),
                why,
            })?;
            files.extend(of_part.into_iter().map(str::to_owned));
            // control characters would act on a terminal
            match files.iter().find(|file| file.contains(char::is_control)) {
                Some(odd) => Err(HubError::wrong(odd, says::odd_file_name())),
                None => Ok(files),
            }
        }
    }
}

/// Where each of the chosen files stands.
pub(super) fn places(chosen: &[String]) -> HashMap<&str, usize> {
    let mut places = HashMap::new();
    for (place, name) in chosen.iter().enumerate() {
        places.entry(name.as_str()).or_insert(place);
    }
    places
}

/// Whether a text is a SHA-256 in hexadecimal.
pub(super) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Side files and safetensors of the top folder.
fn of_model(model: &str, names: &[&str]) -> Result<Vec<String>, HubError> {
    let plain = |n: &str| !n.contains('/') && !n.starts_with('.');
    let side = |n: &str| n.ends_with(".safetensors.index.json") || SIDE_FILES.contains(&n);
    let mut files: Vec<String> = names
        .iter()
        .filter(|n| plain(n) && (side(n) || n.ends_with(".safetensors")))
        .map(|n| (*n).to_owned())
        .collect();
    files.sort_by_key(|n| (!side(n), n.clone()));
    let has = |name: &str| files.iter().any(|f| f == name);
    if !files.iter().any(|n| n.ends_with(".safetensors")) {
        return Err(HubError::PickleOnly(model.into()));
    }
    let whole = has("config.json") && protocol::tokenizer_files::has_tokenizer(has);
    if !whole && !has("adapter_config.json") {
        return Err(HubError::NotAModel(model.into()));
    }
    Ok(files)
}

/// Whether a name stays within its repository.
pub(super) fn is_inside(file: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    file.split('/').all(plain) && !file.contains(['\\', '\0'])
}

/// A file's name percent-encoded as it stands in the path of an address.
pub(super) fn path_encoded(file: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte);
    file.bytes().fold(String::new(), |mut text, byte| {
        match plain(byte) {
            true => text.push(char::from(byte)),
            false => text.push_str(&format!("%{byte:02X}")),
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_model_needs_is_fetched_and_weights_come_last() {
        let all = [
            "model.safetensors",
            "config.json",
            "tokenizer.json",
            "model.safetensors.index.json",
            "onnx/model.onnx",
            "pytorch_model.bin",
        ];
        let files = of_model("m", &all).unwrap();
        assert_eq!(
            files,
            [
                "config.json",
                "model.safetensors.index.json",
                "tokenizer.json",
                "model.safetensors"
            ]
        );
        let pickle = ["config.json", "tokenizer.json", "pytorch_model.bin"];
        assert!(matches!(of_model("m", &pickle), Err(HubError::PickleOnly(_))));
    }

    #[test]
    fn names_that_a_terminal_takes_for_orders_are_refused_and_shown_as_they_are() {
        let wanted = Wanted {
            hub: protocol::hub::Hub::HuggingFace,
            kind: Kind::Dataset,
            name: "a/b".into(),
            revision: None,
            part: Part::default(),
        };
        let error = chosen(&wanted, &["\u{1b}[2Jtrain.csv"], &mut |_| Ok(String::new())).unwrap_err();
        let told = error.to_string();
        assert!(
            told.contains("\\u{1b}[2Jtrain.csv") && !told.contains('\u{1b}'),
            "{told}"
        );
    }

    #[test]
    fn names_stay_inside_and_are_written_into_addresses() {
        assert!(is_inside("data/train-0.parquet") && is_inside("日本 語.csv"));
        for out in ["../x.csv", "a/../../x.csv", "/etc/x.csv", "a//b.csv", "a\\b.csv", ""] {
            assert!(!is_inside(out), "{out}");
        }
        assert_eq!(path_encoded("a b/c%é?.csv"), "a%20b/c%25%C3%A9%3F.csv");
    }
}
