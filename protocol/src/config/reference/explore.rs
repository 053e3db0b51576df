//! Under which configs a key counts and what its default is there, found by asking the rule book: from nothing on, each line that makes
//! more keys count is gone behind.

use super::regions::{holds, line_of, text, within};
use super::{Condition, KeyDefault};
use crate::config::keys::Choices;
use crate::config::resolve::Notes;
use crate::config::{KEYS, Key, RunConfig, ValueType};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A key with more names than this decides nothing: they are names of the same thing.
const NAMES: usize = 24;

/// A line that may make other keys count.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Gate {
    pub key: &'static Key,
    /// Null: the key is left out.
    pub value: Value,
}

/// A config that is one line away from another one.
struct Neighbour {
    gate: Gate,
    /// Of each key whether it counts.
    counts: Vec<bool>,
    /// Of the keys that count, those that have another default.
    defaults: Vec<(&'static str, Value)>,
}

/// A config in which keys count that count nowhere nearer, and all that are one line away from it.
pub(super) struct Centre {
    pub lines: Vec<Gate>,
    pub notes: Notes,
    around: Vec<Neighbour>,
}

pub(super) struct Explored {
    centres: Vec<Centre>,
    /// The names of each key, over all that was read.
    names: BTreeMap<&'static str, Vec<&'static str>>,
    /// The usual default of each key, as a text.
    usual: BTreeMap<&'static str, String>,
}

impl Explored {
    pub fn new() -> Self {
        let mut found = Self {
            centres: vec![],
            names: BTreeMap::new(),
            usual: BTreeMap::new(),
        };
        let mut queue = vec![vec![]];
        let mut seen = vec![false; KEYS.len()];
        while !queue.is_empty() {
            let mut next = vec![];
            for lines in std::mem::take(&mut queue) {
                let centre = found.centre(lines);
                mark(&mut seen, &counts(&centre.notes));
                for near in &centre.around {
                    if mark(&mut seen, &near.counts) {
                        next.push(with(&centre.lines, &near.gate));
                    }
                }
                found.centres.push(centre);
            }
            queue = next;
        }
        found.other_regions();
        found
    }

    /// Goes to where a key counts though nothing that is known of it says so.
    fn other_regions(&mut self) {
        let mut wanted: Vec<Vec<Gate>> = vec![];
        for (at, key) in KEYS.iter().enumerate() {
            let regions = self.regions(key);
            if regions.iter().any(Vec::is_empty) {
                continue;
            }
            let missed = self.centres.iter().flat_map(|centre| {
                let near = centre.around.iter().filter(|near| near.counts[at]);
                near.map(|near| with(&centre.lines, &near.gate))
            });
            let known = |lines: &[Gate]| regions.iter().any(|region| holds(region, lines, &self.usual));
            if let Some(lines) = missed.filter(|lines| !known(lines)).min_by_key(Vec::len)
                && !wanted.contains(&lines)
            {
                wanted.push(lines);
            }
        }
        for lines in wanted {
            let centre = self.centre(lines);
            self.centres.push(centre);
        }
    }

    fn centre(&mut self, lines: Vec<Gate>) -> Centre {
        let notes = read(&lines);
        for key in KEYS {
            let Some(note) = notes.get(key.name) else { continue };
            if let Some(usual) = &note.default {
                self.usual.entry(key.name).or_insert_with(|| text(usual));
            }
            let Some(choices) = &note.choices else { continue };
            let known = self.names.entry(key.name).or_default();
            for name in choices.names.iter() {
                if !known.contains(name) {
                    known.push(name);
                }
            }
        }
        let gates = KEYS.iter().flat_map(|key| self.gates(key, &lines, &notes));
        let around = gates.map(|gate| {
            let there = read(&with(&lines, &gate));
            let default = |notes: &Notes, key: &Key| notes.get(key.name).and_then(|note| note.default.clone());
            let others = KEYS.iter().filter(|key| there.counts(key.name));
            let defaults = others.filter_map(|key| {
                let own = default(&there, key)?;
                (Some(&own) != default(&notes, key).as_ref()).then_some((key.name, own))
            });
            Neighbour {
                defaults: defaults.collect(),
                counts: counts(&there),
                gate,
            }
        });
        Centre {
            around: around.collect(),
            lines,
            notes,
        }
    }

    /// Each value of a key that may decide about others, but for the one that it has.
    fn gates(&self, key: &'static Key, lines: &[Gate], notes: &Notes) -> Vec<Gate> {
        let note = notes.get(key.name);
        let own = lines.iter().find(|line| line.key.name == key.name);
        let default = note.and_then(|note| note.default.as_ref());
        let here = own.map_or(default, |line| Some(&line.value));
        let names = self.names.get(key.name).map_or(&[][..], Vec::as_slice);
        let mut values = match key.kind {
            ValueType::Flag => vec![json!(true), json!(false)],
            _ if names.len() > NAMES => vec![],
            _ if !names.is_empty() => names.iter().map(|name| json!(name)).collect(),
            ValueType::Count | ValueType::Number => vec![json!(1)],
            ValueType::Text if key.list && note.is_some() => vec![json!("a"), json!("a,b")],
            ValueType::Text => vec![json!("a")],
            ValueType::Map | ValueType::FlagOrNull => vec![],
        };
        // a flag that has no default is off
        let off = key.kind == ValueType::Flag && here.is_none();
        values.retain(|value| Some(value) != here && !(off && *value == json!(false)));
        if own.is_some() {
            values.push(Value::Null);
        }
        values.into_iter().map(|value| Gate { key, value }).collect()
    }

    /// Where a key counts: boxes of lines around each config in which it does.
    fn regions(&self, key: &'static Key) -> Vec<Vec<Condition>> {
        let inside = self.centres.iter().filter(|centre| centre.notes.counts(key.name));
        let mut sound: Vec<Vec<Condition>> = vec![];
        let mut wide: Vec<(&Centre, Vec<Condition>)> = vec![];
        for centre in inside {
            let region = centre.region(key);
            if sound.contains(&region) || wide.iter().any(|(_, known)| *known == region) {
                continue;
            }
            match self.is_sound(key, &region) {
                true => sound.push(region),
                false => wide.push((centre, region)),
            }
        }
        // two lines may each be enough: none of them decides alone, and the box has neither
        for (centre, mut region) in wide {
            if !sound.iter().any(|known| holds(known, &centre.lines, &self.usual)) {
                let own = centre.lines.iter().map(line_of);
                let missing: Vec<_> = own
                    .filter(|line| region.iter().all(|known| known.key != line.key))
                    .collect();
                region.extend(missing);
                sound.push(region);
            }
        }
        sound
    }

    /// Whether a key counts wherever a region says, as far as one sees from each centre and from the first one's neighbours.
    fn is_sound(&self, key: &Key, region: &[Condition]) -> bool {
        let at = position(key);
        let first = self.centres.iter().take(1).flat_map(|centre| {
            let idle = centre.around.iter().filter(|near| !near.counts[at]);
            idle.map(|near| with(&centre.lines, &near.gate))
        });
        let idle = self.centres.iter().filter(|centre| !centre.notes.counts(key.name));
        let idle = idle.map(|centre| centre.lines.clone()).chain(first);
        idle.into_iter().all(|lines| !holds(region, &lines, &self.usual))
    }

    pub fn when(&self, key: &'static Key) -> Vec<Vec<Condition>> {
        let mut all: Vec<Vec<Condition>> = vec![];
        let mut regions = self.regions(key);
        regions.sort_by_key(Vec::len);
        for region in regions {
            if !all.iter().any(|known| within(&region, known)) {
                all.push(region);
            }
        }
        all
    }

    /// The names of a key, over all configs.
    pub fn choices(&self, key: &Key) -> Choices {
        Choices {
            names: self.names.get(key.name).cloned().unwrap_or_default().into(),
            ..key.choices().unwrap_or_default()
        }
    }

    /// The defaults of a key, the usual one first, and the keys whose values it follows.
    pub fn defaults(&self, key: &Key) -> (Vec<KeyDefault>, Vec<String>) {
        let counts = self.centres.iter().any(|centre| centre.notes.counts(key.name));
        let inside = self
            .centres
            .iter()
            .filter(|centre| !counts || centre.notes.counts(key.name));
        let mut found: Vec<KeyDefault> = vec![];
        let mut follows: Vec<String> = vec![];
        for centre in inside {
            let Some(usual) = centre.notes.get(key.name).and_then(|note| note.default.clone()) else {
                continue;
            };
            if found.iter().all(|known| known.value != usual) {
                let first = found.is_empty();
                let lines = centre.lines.iter().filter(|line| !first && line.key.name != key.name);
                found.push(KeyDefault {
                    value: usual,
                    under: lines.map(line_of).collect(),
                });
            }
            for near in centre.around.iter().filter(|near| near.gate.key.name != key.name) {
                let other = near.defaults.iter().find(|(name, _)| *name == key.name);
                let Some((_, value)) = other else { continue };
                let gate = near.gate.key.name;
                if !self.is_named(near.gate.key) {
                    if !follows.iter().any(|known| known == gate) {
                        follows.push(gate.into());
                    }
                } else if found.iter().all(|known| known.value != *value) {
                    found.push(KeyDefault {
                        value: value.clone(),
                        under: vec![line_of(&near.gate)],
                    });
                }
            }
        }
        (found, follows)
    }

    /// Whether the values of a key are names, and not samples.
    fn is_named(&self, key: &Key) -> bool {
        key.kind == ValueType::Flag || self.names.contains_key(key.name)
    }
}

impl Centre {
    /// The lines that decide whether `key` counts here, each with the values under which it does.
    fn region(&self, key: &'static Key) -> Vec<Condition> {
        let at = position(key);
        let mut by_key: Vec<(&'static Key, Vec<(&Value, bool)>)> = vec![];
        for near in self.around.iter().filter(|near| near.gate.key.name != key.name) {
            let value = (&near.gate.value, near.counts[at]);
            match by_key.last_mut() {
                Some((last, values)) if last.name == near.gate.key.name => values.push(value),
                _ => by_key.push((near.gate.key, vec![value])),
            }
        }
        let decides = |(_, values): &(&Key, Vec<(&Value, bool)>)| values.iter().any(|(_, counts)| !counts);
        let lines = by_key.into_iter().filter(decides);
        lines.map(|(gate, values)| self.line(gate, &values)).collect()
    }
}

fn read(lines: &[Gate]) -> Notes {
    let mut config = RunConfig::default();
    for line in lines {
        // a value that the key does not take says nothing
        let _ = config.set(line.key.name, &line.value);
    }
    Notes::of(&config)
}

/// The lines, with another one over them.
fn with(lines: &[Gate], gate: &Gate) -> Vec<Gate> {
    let others = lines.iter().filter(|line| line.key.name != gate.key.name);
    let mut all: Vec<_> = others.cloned().collect();
    if !gate.value.is_null() {
        all.push(gate.clone());
    }
    all
}

fn position(key: &Key) -> usize {
    KEYS.iter().position(|known| known.name == key.name).unwrap_or_default()
}

fn counts(notes: &Notes) -> Vec<bool> {
    KEYS.iter().map(|key| notes.counts(key.name)).collect()
}

/// Notes which keys count; whether there are new ones.
fn mark(seen: &mut [bool], counts: &[bool]) -> bool {
    let fresh = counts.iter().zip(seen.iter()).any(|(counts, seen)| *counts && !seen);
    for (seen, counts) in seen.iter_mut().zip(counts) {
        *seen |= counts;
    }
    fresh
}
