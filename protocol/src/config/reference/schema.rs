//! A JSON Schema (draft 2020-12) of run configs, for editors of YAML. It takes what the reader takes of each key by itself; what keys
//! together may say is the rule book's.

use super::{Described, reference};
use crate::Lang;
use crate::config::foreign::{ForeignKey, NOT_BUILT, PYTHON_ONLY};
use crate::config::keys::Range;
use crate::config::renamed::{MEANT, RENAMED};
use crate::config::{ValueType, Whose};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// As the reader takes them: YAML 1.1, and people's files, have numbers and flags as texts.
const NUMBER: &str = r"^\s*[-+]?([0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)([eE][-+]?[0-9]+)?\s*$";
/// No sign and no fraction but zeros, and no 0 in front, which some read as octal.
const COUNT: &str = r"^\s*\+?(0|[1-9][0-9_]*(\.0*)?|[0-9.]+[eE]\+?[0-9]+)\s*$";
const FLAG: &str = r"^\s*([Tt]rue|TRUE|[Yy]es|YES|[Oo]n|ON|[Ff]alse|FALSE|[Nn]o|NO|[Oo]ff|OFF)\s*$";
const FLAG_OR_NULL: &str =
    r"^\s*([Tt]rue|TRUE|[Yy]es|YES|[Oo]n|ON|[Ff]alse|FALSE|[Nn]o|NO|[Oo]ff|OFF|[Nn]ull|NULL|[Nn]one|~)\s*$";

/// The schema of a file of keys.
pub fn schema() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(made);
    &SCHEMA
}

fn made() -> Value {
    let mut properties = Map::new();
    for key in reference() {
        properties.insert(key.name.clone(), property(key));
    }
    for (old, new) in RENAMED {
        let same = json!({
            "$ref": format!("#/properties/{new}"),
            "description": format!("Another name for {new}."),
            "deprecated": true,
        });
        properties.insert((*old).into(), same);
    }
    for key in PYTHON_ONLY {
        let told = format!("Has no effect here: {}.", (key.why)().message);
        properties.insert(key.name.into(), json!({ "description": told }));
    }
    for key in NOT_BUILT {
        properties.insert(key.name.into(), not_built(key));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Corral run config",
        "description": "A training run, in LLaMA-Factory's keys.",
        "type": ["object", "null"],
        "properties": properties,
        "additionalProperties": false,
    })
}

fn property(key: &Described) -> Value {
    let mut property = takes(key);
    property.insert("description".into(), description(key).into());
    if let ([default], true) = (key.defaults.as_slice(), key.follows.is_empty()) {
        property.insert("default".into(), default.value.clone());
    }
    Value::Object(property)
}

/// What it means; its default where it is not one; when it counts; whose it is.
fn description(key: &Described) -> String {
    let mut parts = vec![key.about.clone()];
    let default = key.default_in(Lang::En);
    if let (Some(default), true) = (default, key.defaults.len() > 1 || !key.follows.is_empty()) {
        parts.push(format!("Default: {default}."));
    }
    match key.when_in(Lang::En) {
        None => parts.push("Read, and changes nothing.".into()),
        Some(when) if when.is_empty() => {}
        Some(when) => parts.push(format!("Counts under {when}.")),
    }
    if key.whose != Whose::Corral {
        parts.push(format!("({}'s)", key.whose.name()));
    }
    parts.join("\n\n")
}

fn takes(key: &Described) -> Map<String, Value> {
    let mut meant: Vec<Value> = vec![Value::Null];
    let others = MEANT.iter().filter(|meant| meant.key == key.name);
    meant.extend(others.flat_map(|other| forms(other.said)));
    let found = match key.kind {
        _ if !key.choices.is_empty() => return of_names(key, meant),
        ValueType::Flag if meant.len() > 1 => json!({ "anyOf": [of_flag("boolean", FLAG), { "enum": meant }] }),
        ValueType::Flag => of_flag("boolean", FLAG),
        ValueType::FlagOrNull => of_flag("boolean", FLAG_OR_NULL),
        ValueType::Count => bounded("integer", key.range),
        ValueType::Number => bounded("number", key.range),
        ValueType::Map => json!({ "type": ["object", "string", "null"] }),
        ValueType::Text if key.list => {
            json!({ "type": ["string", "number", "boolean", "array", "null"], "items": { "type": ["string", "number", "boolean"] } })
        }
        ValueType::Text => json!({ "type": ["string", "number", "boolean", "null"] }),
    };
    match found {
        Value::Object(found) => found,
        _ => Map::new(),
    }
}

fn of_flag(kind: &str, pattern: &str) -> Value {
    json!({ "type": [kind, "string", "null"], "pattern": pattern })
}

fn bounded(kind: &str, range: Option<Range>) -> Value {
    let mut found =
        json!({ "type": [kind, "string", "null"], "pattern": if kind == "integer" { COUNT } else { NUMBER } });
    let range = range.unwrap_or_default();
    let bounds = [
        ("minimum", range.least),
        ("exclusiveMinimum", range.above),
        ("maximum", range.most),
        ("multipleOf", (range.whole && kind == "number").then_some(1.0)),
    ];
    for (word, bound) in bounds {
        if let Some(bound) = bound {
            found[word] = plain(bound);
        }
    }
    found
}

/// A whole number without a fraction.
fn plain(number: f64) -> Value {
    match number.fract() == 0.0 && number.abs() < 9e15 {
        true => json!(number as i64),
        false => json!(number),
    }
}

fn of_names(key: &Described, more: Vec<Value>) -> Map<String, Value> {
    let mut names: Vec<Value> = key.choices.iter().flat_map(|name| forms(name)).collect();
    names.extend(more);
    if key.kind == ValueType::Text {
        // as if it were left out
        names.push("".into());
    }
    let mut any = vec![json!({ "enum": names })];
    let read: Vec<&str> = key.choices.iter().chain(&key.also).map(String::as_str).collect();
    if !key.also.is_empty() && !key.list {
        let also: Vec<Value> = key.also.iter().flat_map(|name| forms(name)).collect();
        any.push(json!({ "enum": also }));
    }
    if key.list {
        let one = format!(r"\s*({})\s*", read.join("|"));
        any.push(json!({ "type": "string", "pattern": format!("^{one}(,{one})*,?$") }));
        any.push(json!({ "type": "array", "items": { "enum": read } }));
    }
    any.extend(
        key.patterns
            .iter()
            .map(|pattern| json!({ "type": "string", "pattern": pattern })),
    );
    let mut found = Map::new();
    match <[Value; 1]>::try_from(any) {
        Ok([Value::Object(only)]) => found = only,
        Ok([only]) => drop(found.insert("anyOf".into(), json!([only]))),
        Err(several) => drop(found.insert("anyOf".into(), several.into())),
    }
    found
}

/// A name, and what YAML makes of it.
fn forms(name: &str) -> Vec<Value> {
    let read = match name {
        // Python's reader has `no` for false
        "no" => Some(json!(false)),
        _ => serde_json::from_str(name).ok(),
    };
    std::iter::once(json!(name)).chain(read).collect()
}

/// Only what asks for nothing, or for a thing that has another name here.
fn not_built(key: &ForeignKey) -> Value {
    let mut values = vec![
        json!(null),
        json!(""),
        json!("none"),
        json!("null"),
        json!([]),
        json!({}),
    ];
    for default in key.default {
        let read: Value = serde_json::from_str(default).unwrap_or_default();
        let text = read.as_str().map_or_else(|| read.to_string(), str::to_owned);
        values.extend([json!(text), read]);
    }
    let meant = MEANT.iter().filter(|meant| meant.key == key.name);
    values.extend(meant.flat_map(|meant| forms(meant.said)));
    json!({ "description": format!("Is not there: {}.", (key.why)().message), "enum": values })
}
