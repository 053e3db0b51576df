//! Names on the hub: `owner/name`, and the addresses of its pages that people copy from a browser.

/// A model on the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubName {
    /// `owner/name`
    pub name: String,
    /// A branch, a tag or a commit, where an address names another than `main`.
    pub revision: Option<String>,
}

/// Hosts whose addresses are the hub's.
const HOSTS: &[&str] = &["huggingface.co", "www.huggingface.co", "hf.co", "hf-mirror.com"];

impl HubName {
    /// `owner/name`, or an address such as `https://huggingface.co/owner/name/tree/main`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if is_name(text) {
            return Some(Self {
                name: text.to_owned(),
                revision: None,
            });
        }
        let address = ["https://", "http://"]
            .iter()
            .find_map(|scheme| text.strip_prefix(scheme))
            .unwrap_or(text);
        let address = address.split(['?', '#']).next()?;
        let path = HOSTS
            .iter()
            .find_map(|host| address.strip_prefix(host)?.strip_prefix('/'))
            .or_else(|| text.strip_prefix("hf://"))?;
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let (name, rest) = (parts.get(..2)?.join("/"), &parts[2..]);
        let revision = match rest {
            [] => None,
            ["tree" | "blob" | "resolve", "main", ..] => None,
            ["tree" | "blob" | "resolve", revision, ..] => Some((*revision).to_owned()),
            _ => return None,
        };
        let owner_is_a_list = ["datasets", "spaces", "api", "models"].contains(&parts[0]);
        (is_name(&name) && !owner_is_a_list).then_some(Self { name, revision })
    }
}

/// `owner/name`, each of letters, digits, `-`, `_`, `.`; what the hub allows, no path, and nothing that a program would
/// take for an option.
pub fn is_name(name: &str) -> bool {
    let part = |p: &str| {
        !p.is_empty()
            && p.len() <= 96
            && !p.starts_with(['.', '-'])
            && !p.contains("..")
            && !p.contains("--")
            && p.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    name.split_once('/')
        .is_some_and(|(owner, model)| part(owner) && part(model))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_hub_are_names() {
        for (text, name, revision) in [
            ("Qwen/Qwen2-0.5B", "Qwen/Qwen2-0.5B", None),
            ("https://huggingface.co/Qwen/Qwen2-0.5B", "Qwen/Qwen2-0.5B", None),
            ("https://huggingface.co/Qwen/Qwen2-0.5B/", "Qwen/Qwen2-0.5B", None),
            ("http://hf.co/a/b?library=transformers#usage", "a/b", None),
            ("huggingface.co/a/b/tree/main", "a/b", None),
            ("https://huggingface.co/a/b/tree/v1.0", "a/b", Some("v1.0")),
            (
                "https://huggingface.co/a/b/blob/refs/model.safetensors",
                "a/b",
                Some("refs"),
            ),
            ("https://hf-mirror.com/a/b/resolve/main/config.json", "a/b", None),
            ("hf://a/b", "a/b", None),
        ] {
            let found = HubName::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(
                (found.name.as_str(), found.revision.as_deref()),
                (name, revision),
                "{text}"
            );
        }
        for text in [
            "a",
            "/a/b",
            "../b",
            "a/b/c",
            "https://example.com/a/b",
            "https://huggingface.co/a",
            "https://huggingface.co/datasets/a/b",
            "https://huggingface.co/a/b/discussions/3",
            "https://huggingface.co.evil.com/a/b",
        ] {
            assert_eq!(HubName::parse(text), None, "{text}");
        }
        for good in ["a/b", "Qwen/Qwen2.5-0.5B", "a_b/c.d"] {
            assert!(is_name(good), "{good}");
        }
        for bad in [
            "x", "../etc", "a/..", "/abs/x", "a/b/c", "a/.b", "a b/c", "a/", "-h/x", "a/-x",
        ] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
