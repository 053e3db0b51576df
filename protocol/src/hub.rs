//! Hugging Face and ModelScope: names on them (`owner/name`, or the URL of a page copied from a browser), and where Python's
//! tools cache downloads.

mod cache;
mod listing;

pub use cache::snapshot;
pub use listing::Listing;

use serde::{Deserialize, Serialize};
use std::ffi::OsString;

/// Looks up an environment variable.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// Where models and data sets are published.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Hub {
    #[default]
    HuggingFace,
    ModelScope,
}

/// What a repository of a hub holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    #[default]
    Model,
    Dataset,
}

impl Kind {
    /// The plural that URLs and caches use.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Model => "models",
            Self::Dataset => "datasets",
        }
    }
}

impl Hub {
    pub const ALL: [Self; 2] = [Self::HuggingFace, Self::ModelScope];

    /// LLaMA-Factory's environment variable that switches to ModelScope.
    pub const CHOICE: &str = "USE_MODELSCOPE_HUB";

    /// The default hub: Hugging Face, or ModelScope with `USE_MODELSCOPE_HUB=1`.
    pub fn usual(env: Env) -> Self {
        let set = env(Self::CHOICE).unwrap_or_default().to_string_lossy().to_lowercase();
        match ["1", "true", "y", "yes", "on"].contains(&set.trim()) {
            true => Self::ModelScope,
            false => Self::HuggingFace,
        }
    }

    /// Its id in requests and on command lines.
    pub fn id(self) -> &'static str {
        match self {
            Self::HuggingFace => "huggingface",
            Self::ModelScope => "modelscope",
        }
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::HuggingFace => "Hugging Face",
            Self::ModelScope => "ModelScope",
        }
    }

    pub fn of_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hub| hub.id() == id)
    }

    /// Environment variables that may hold its token; the first that is set counts.
    pub fn token_variables(self) -> &'static [&'static str] {
        match self {
            Self::HuggingFace => &["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"],
            Self::ModelScope => &["MODELSCOPE_API_TOKEN"],
        }
    }

    /// The key by which an entry of `dataset_info.json` names a data set on it.
    pub fn entry_key(self) -> &'static str {
        match self {
            Self::HuggingFace => "hf_hub_url",
            Self::ModelScope => "ms_hub_url",
        }
    }

    /// The default branch.
    pub fn branch(self) -> &'static str {
        match self {
            Self::HuggingFace => "main",
            Self::ModelScope => "master",
        }
    }

    /// The revision on this hub: none, and `main`, mean its default branch.
    pub fn revision(self, asked: Option<&str>) -> &str {
        match asked {
            None | Some("main") => self.branch(),
            Some(other) => other,
        }
    }

    /// The URL of a repository's page.
    pub fn page(self, kind: Kind, name: &str) -> String {
        match (self, kind) {
            (Self::HuggingFace, Kind::Model) => format!("https://huggingface.co/{name}"),
            (Self::HuggingFace, Kind::Dataset) => format!("https://huggingface.co/datasets/{name}"),
            (Self::ModelScope, kind) => format!("https://modelscope.cn/{}/{name}", kind.plural()),
        }
    }
}

/// A repository of a hub, as a person named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubName {
    /// `owner/name`
    pub name: String,
    /// A branch, tag or commit, where the URL names another than the default branch.
    pub revision: Option<String>,
    /// The hub, where it was a URL.
    pub hub: Option<Hub>,
}

/// Hosts of the hubs' pages.
const HOSTS: &[(&str, Hub)] = &[
    ("huggingface.co", Hub::HuggingFace),
    ("www.huggingface.co", Hub::HuggingFace),
    ("hf.co", Hub::HuggingFace),
    ("hf-mirror.com", Hub::HuggingFace),
    ("modelscope.cn", Hub::ModelScope),
    ("www.modelscope.cn", Hub::ModelScope),
    ("modelscope.ai", Hub::ModelScope),
    ("www.modelscope.ai", Hub::ModelScope),
];

impl HubName {
    /// Parses a model: `owner/name`, or a URL such as `https://huggingface.co/owner/name/tree/main`.
    pub fn parse(text: &str) -> Option<Self> {
        Self::of(Kind::Model, text)
    }

    /// Parses a model or a data set: a name, or the URL of a page of that kind. Very old data sets have no owner.
    pub fn of(kind: Kind, text: &str) -> Option<Self> {
        let text = text.trim();
        if is_name(text) || kind == Kind::Dataset && is_name(&format!("owner/{text}")) {
            return Some(Self {
                name: text.to_owned(),
                revision: None,
                hub: None,
            });
        }
        let address = ["https://", "http://"]
            .iter()
            .find_map(|scheme| text.strip_prefix(scheme))
            .unwrap_or(text);
        let address = address.split(['?', '#']).next()?;
        let of_host = |(host, hub): &(&str, Hub)| Some((address.strip_prefix(host)?.strip_prefix('/')?, *hub));
        let of_scheme = || text.strip_prefix("hf://").map(|path| (path, Hub::HuggingFace));
        let (path, hub) = HOSTS.iter().find_map(of_host).or_else(of_scheme)?;
        let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let told = Self::take_kind(&mut parts);
        if told.unwrap_or(Kind::Model) != kind || (hub == Hub::ModelScope && told.is_none()) {
            return None;
        }
        let (name, rest) = (parts.get(..2)?.join("/"), &parts[2..]);
        let revision = match rest {
            [] => None,
            // ModelScope's tabs
            ["summary" | "files" | "dataPeview" | "feedback"] if hub == Hub::ModelScope => None,
            ["tree" | "blob" | "resolve", revision, ..] => {
                Some((*revision).to_owned()).filter(|revision| revision.as_str() != hub.branch())
            }
            ["file", "view", revision, ..] => {
                Some((*revision).to_owned()).filter(|revision| revision.as_str() != hub.branch())
            }
            _ => return None,
        };
        let owner_is_a_list = ["datasets", "spaces", "api", "models"].contains(parts.first()?);
        (is_name(&name) && !owner_is_a_list).then_some(Self {
            name,
            revision,
            hub: Some(hub),
        })
    }

    /// Removes the part of a URL's path that says what kind of repository it is.
    fn take_kind(parts: &mut Vec<&str>) -> Option<Kind> {
        let kind = match *parts.first()? {
            "datasets" => Kind::Dataset,
            "models" => Kind::Model,
            _ => return None,
        };
        parts.remove(0);
        Some(kind)
    }
}

/// Bytes of the disk that a download must leave free.
const SPARE_BYTES: u64 = 64 << 20;

/// Whether `missing` bytes may be downloaded to a disk with `free` bytes free.
pub fn has_room_for(missing: u64, free: u64) -> bool {
    missing == 0 || missing.saturating_add(SPARE_BYTES) <= free
}

/// Whether this is `owner/name`, each of letters, digits, `-`, `_`, `.`: allowed on hubs, no path, and nothing that a program
/// would take for an option.
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

/// Whether this may be a branch, tag or commit: parts like those of names, separated by `/`.
pub fn is_revision(text: &str) -> bool {
    text.split('/').all(|part| is_name(&format!("x/{part}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_hubs_are_names() {
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
            ("https://modelscope.cn/models/a/b/files", "a/b", None),
            (
                "https://www.modelscope.cn/models/a/b/file/view/v2/config.json",
                "a/b",
                Some("v2"),
            ),
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
            "https://modelscope.cn/a/b",
            "https://modelscope.cn/datasets/a/b",
        ] {
            assert_eq!(HubName::parse(text), None, "{text}");
        }
        let dataset = |text: &str| HubName::of(Kind::Dataset, text).map(|named| (named.name, named.hub));
        for (text, found) in [
            ("a/b", Some(("a/b", None))),
            ("squad", Some(("squad", None))),
            (
                "https://huggingface.co/datasets/a/b/tree/main",
                Some(("a/b", Some(Hub::HuggingFace))),
            ),
            (
                "https://modelscope.cn/datasets/a/b",
                Some(("a/b", Some(Hub::ModelScope))),
            ),
            ("https://huggingface.co/a/b", None),
        ] {
            let found = found.map(|(name, hub)| (name.to_owned(), hub));
            assert_eq!(dataset(text), found, "{text}");
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
