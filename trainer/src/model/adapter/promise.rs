//! Which modules an adapter's config says it is on, matched as PEFT matches them.
use crate::error::{Error, Result};
use protocol::decoder::is_named;
use protocol::says;
use regex::Regex;

/// The modules that an adapter's config says it is on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Promise {
    pub targets: Names,
    pub excluded: Names,
    /// only in these blocks; empty: in all
    pub layers: Vec<usize>,
    /// what the lists of blocks are called; empty: whatever holds the first number of a path
    pub layer_lists: Vec<String>,
}

/// Modules by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Names {
    #[default]
    None,
    /// whole paths or the last parts of them
    List(Vec<String>),
    /// a regular expression over whole paths
    Pattern(String),
}

impl Names {
    /// PEFT's word for every linear layer but the output's.
    const ALL: &str = "all-linear";

    fn matcher(&self, field: &str) -> Result<impl Fn(&str) -> bool + use<'_>> {
        let pattern = match self {
            Self::Pattern(pattern) if pattern != Self::ALL => Some(
                Regex::new(&format!("^(?:{pattern})$"))
                    .map_err(|_| Error::invalid(says::bad_pattern(field, pattern)))?,
            ),
            _ => None,
        };
        Ok(move |path: &str| match (self, &pattern) {
            (Self::List(names), _) => names.iter().any(|name| is_named(path, name)),
            (_, Some(pattern)) => pattern.is_match(path),
            (Self::Pattern(_), None) => path != "lm_head" && !path.ends_with("embed_tokens"),
            _ => false,
        })
    }
}

impl Promise {
    /// The first of the paths that is promised and not `held`. PEFT can't put an adapter on experts that transformers
    /// keeps in one tensor: where no expert has one, none is missed.
    pub fn missing<'a>(&self, paths: &'a [String], held: impl Fn(&str) -> bool) -> Result<Option<&'a str>> {
        let (wanted, excluded) = (
            self.targets.matcher("target_modules")?,
            self.excluded.matcher("exclude_modules")?,
        );
        let of_expert = |path: &str| path.contains(".experts.");
        let experts = paths.iter().any(|path| of_expert(path) && held(path));
        let missed = |path: &&String| {
            wanted(path) && !excluded(path) && self.in_layers(path) && (experts || !of_expert(path)) && !held(path)
        };
        Ok(paths.iter().find(missed).map(String::as_str))
    }

    /// The first of the held paths that the config leaves out: PEFT would not use what the file has for it. Experts are
    /// left aside, since configs name them in more than one way.
    pub fn surplus<'a>(&self, held: impl Iterator<Item = &'a String>) -> Result<Option<&'a str>> {
        let (wanted, excluded) = (
            self.targets.matcher("target_modules")?,
            self.excluded.matcher("exclude_modules")?,
        );
        // null means PEFT's list for the family, which the file doesn't name
        let named = self.targets != Names::None;
        let mut surplus: Vec<&str> = held
            .map(String::as_str)
            .filter(|path| !path.contains(".experts."))
            .filter(|path| excluded(path) || !self.in_layers(path) || named && !wanted(path))
            .collect();
        surplus.sort_unstable();
        Ok(surplus.first().copied())
    }

    fn in_layers(&self, path: &str) -> bool {
        if self.layers.is_empty() {
            return true;
        }
        let parts: Vec<&str> = path.split('.').collect();
        let number = parts.windows(2).skip(1).find_map(|pair| {
            let listed = self.layer_lists.is_empty() || self.layer_lists.iter().any(|name| name == pair[0]);
            pair[1].parse().ok().filter(|_: &usize| listed)
        });
        number.is_some_and(|layer| self.layers.contains(&layer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_names_modules_as_peft_matches_them() {
        let paths: Vec<String> = ["self_attn.q_proj", "self_attn.v_proj", "mlp.experts.0.up_proj"]
            .iter()
            .flat_map(|module| (0..3).map(move |i| format!("model.layers.{i}.{module}")))
            .collect();
        let list = |names: &[&str]| Names::List(names.iter().map(|name| name.to_string()).collect());
        let some = |targets| Promise {
            targets,
            ..Promise::default()
        };
        for (promise, held, missed) in [
            (Promise::default(), vec![], None),
            (
                some(list(&["q_proj"])),
                vec!["0.self_attn.q", "1.self_attn.q", "2.self_attn.q"],
                None,
            ),
            (
                some(list(&["q_proj"])),
                vec!["0.self_attn.q", "2.self_attn.q"],
                Some("model.layers.1.self_attn.q_proj"),
            ),
            (some(list(&["proj"])), vec![], None),
            (
                some(Names::Pattern(r".*\.v_proj".into())),
                vec!["0.self_attn.v"],
                Some("model.layers.1.self_attn.v_proj"),
            ),
            (some(Names::Pattern("v_proj".into())), vec![], None),
            (
                some(Names::Pattern("all-linear".into())),
                vec!["0", "1", "2.self_attn"],
                Some("model.layers.2.mlp.experts.0.up_proj"),
            ),
            // experts that none of has one are not missed
            (some(list(&["up_proj"])), vec![], None),
            (
                some(list(&["up_proj"])),
                vec!["1.mlp"],
                Some("model.layers.0.mlp.experts.0.up_proj"),
            ),
            (
                Promise {
                    layers: vec![1],
                    ..some(list(&["q_proj"]))
                },
                vec!["1.self_attn.q"],
                None,
            ),
            (
                Promise {
                    layers: vec![1],
                    layer_lists: vec!["h".into()],
                    ..some(list(&["q_proj"]))
                },
                vec![],
                None,
            ),
            (
                Promise {
                    excluded: list(&["1.self_attn.q_proj"]),
                    ..some(list(&["q_proj"]))
                },
                vec!["0.self", "2.self"],
                None,
            ),
        ] {
            let held = |path: &str| held.iter().any(|part| path.contains(&format!("layers.{part}")));
            assert_eq!(promise.missing(&paths, held).unwrap(), missed, "{promise:?}");
        }
        assert!(some(Names::Pattern("(".into())).missing(&paths, |_| true).is_err());
    }

    #[test]
    fn what_the_config_leaves_out_is_told() {
        let held = ["model.layers.0.self_attn.q_proj", "model.layers.1.self_attn.v_proj"].map(str::to_owned);
        let list = |names: &[&str]| Names::List(names.iter().map(|n| (*n).to_owned()).collect());
        let both = list(&["q_proj", "v_proj"]);
        for (targets, excluded, layers, surplus) in [
            (both.clone(), Names::None, vec![], None),
            (Names::Pattern("all-linear".into()), Names::None, vec![], None),
            (Names::Pattern(".*proj".into()), Names::None, vec![], None),
            (
                Names::Pattern(".*q_proj".into()),
                Names::None,
                vec![],
                Some(held[1].as_str()),
            ),
            // the whole path, as Python's fullmatch
            (
                Names::Pattern("q_proj|v_proj".into()),
                Names::None,
                vec![],
                Some(held[0].as_str()),
            ),
            (Names::None, Names::None, vec![], None),
            (list(&["q_proj"]), Names::None, vec![], Some(held[1].as_str())),
            (both.clone(), list(&["q_proj"]), vec![], Some(held[0].as_str())),
            (both, Names::None, vec![0], Some(held[1].as_str())),
        ] {
            let promise = Promise {
                targets,
                excluded,
                layers,
                ..Promise::default()
            };
            assert_eq!(promise.surplus(held.iter()).unwrap(), surplus, "{promise:?}");
        }
    }
}
