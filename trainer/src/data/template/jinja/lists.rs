//! Jinja's filters over lists and dicts.

use std::cmp::Ordering;

use super::args::{self, Args};
use super::ast::Operator;
use super::checks;
use super::eval::Eval;
use super::filters;
use super::methods;
use super::ops;
use super::value::{Fault, Outcome, Value};

/// `None`: it is none of these.
pub fn apply(eval: &Eval, value: &Value, name: &str, given: &Args) -> Option<Outcome<Value>> {
    let walks = matches!(
        name,
        "batch"
            | "count"
            | "dictsort"
            | "first"
            | "groupby"
            | "items"
            | "join"
            | "last"
            | "length"
            | "list"
            | "map"
            | "max"
            | "min"
            | "reject"
            | "rejectattr"
            | "reverse"
            | "select"
            | "selectattr"
            | "slice"
            | "sort"
            | "sum"
            | "unique"
    );
    walks.then(|| walk(eval, value, name, given))
}

fn walk(eval: &Eval, value: &Value, name: &str, given: &Args) -> Outcome<Value> {
    let none: [&str; 0] = [];
    let items = || -> Outcome<Vec<Value>> {
        let items = value.iterate()?;
        eval.limits.steps(items.len())?;
        eval.limits.take(items.len() * size_of::<Value>())?;
        Ok(items)
    };
    match name {
        "length" | "count" => {
            given.bind(name, none)?;
            let length = value.length();
            length
                .map(|n| Value::Int(n as i128))
                .ok_or_else(|| Fault::new(format!("object of type '{}' has no len()", value.kind())))
        }
        "list" => Value::list(items()?),
        "items" => match value {
            Value::Undefined(_) => Value::list(Vec::new()),
            Value::Map(map) => methods::pairs(map),
            _ => Err(Fault::new("Can only get item pairs from a mapping.")),
        },
        "first" | "last" => {
            given.bind(name, none)?;
            let items = items()?;
            let found = if name == "first" { items.first() } else { items.last() };
            let why = format!("No {name} item, sequence was empty.");
            Ok(found.cloned().unwrap_or(Value::Undefined(why.into())))
        }
        "reverse" => match value {
            Value::Str(text) => Ok(Value::str(text.chars().rev().collect::<String>())),
            _ => {
                let mut items = items()?;
                items.reverse();
                Value::list(items)
            }
        },
        "join" => {
            let [between, attribute] = given.bind(name, ["d", "attribute"])?;
            let between = between.map_or(Ok(String::new()), |b| eval.text(&b))?;
            let mut out = String::new();
            for (i, item) in items()?.iter().enumerate() {
                let item = eval.text(&by(eval, item, attribute.as_ref())?)?;
                eval.limits.take(between.len() + item.len())?;
                if i > 0 {
                    out.push_str(&between);
                }
                out.push_str(&item);
            }
            Ok(Value::str(out))
        }
        "map" => mapped(eval, items()?, given),
        "select" | "reject" | "selectattr" | "rejectattr" => chosen(eval, items()?, name, given),
        "sum" => {
            let [attribute, start] = given.bind(name, ["attribute", "start"])?;
            let mut sum = start.unwrap_or(Value::Int(0));
            for item in items()? {
                let item = by(eval, &item, attribute.as_ref())?;
                sum = ops::operate(eval.limits, Operator::Add, &sum, &item)?;
            }
            Ok(sum)
        }
        "max" | "min" => {
            let [case, attribute] = given.bind(name, ["case_sensitive", "attribute"])?;
            let wanted = if name == "max" {
                Ordering::Greater
            } else {
                Ordering::Less
            };
            let case = args::truth(case, false);
            let mut best: Option<(Value, Value)> = None;
            for item in items()? {
                let key = folded(by(eval, &item, attribute.as_ref())?, case);
                let better = match &best {
                    None => true,
                    Some((_, other)) => ops::order(&key, other)? == Some(wanted),
                };
                if better {
                    best = Some((item, key));
                }
            }
            let why = "No aggregated item, sequence was empty.";
            Ok(best.map_or(Value::Undefined(why.into()), |(item, _)| item))
        }
        "unique" => {
            let [case, attribute] = given.bind(name, ["case_sensitive", "attribute"])?;
            let case = args::truth(case, false);
            let mut seen: Vec<Value> = Vec::new();
            let mut out = Vec::new();
            for item in items()? {
                eval.limits.steps(seen.len() + 16)?;
                let key = folded(by(eval, &item, attribute.as_ref())?, case);
                if !seen.contains(&key) {
                    seen.push(key);
                    out.push(item);
                }
            }
            Value::list(out)
        }
        "sort" => {
            let [reverse, case, attribute] = given.bind(name, ["reverse", "case_sensitive", "attribute"])?;
            let case = args::truth(case, false);
            let attributes: Vec<Option<Value>> = match &attribute {
                Some(Value::Str(names)) => names.split(',').map(|n| Some(Value::str(n))).collect(),
                other => vec![other.clone()],
            };
            let mut keyed = Vec::new();
            for item in items()? {
                let mut keys = Vec::new();
                for attribute in &attributes {
                    keys.push(folded(by(eval, &item, attribute.as_ref())?, case));
                }
                keyed.push((Value::tuple(keys)?, item));
            }
            let sorted = sorted(keyed, args::truth(reverse, false))?;
            Value::list(sorted)
        }
        "dictsort" => {
            let [case, key, reverse] = given.bind(name, ["case_sensitive", "by", "reverse"])?;
            let case = args::truth(case, false);
            let at = match args::text_or_none(key, name, "by")?.as_deref() {
                None | Some("key") => 0,
                Some("value") => 1,
                Some(_) => return Err(Fault::new("You can only sort by either \"key\" or \"value\"")),
            };
            let Value::Map(map) = value else {
                return Err(Fault::new(format!(
                    "'{}' object has no attribute 'items'",
                    value.kind()
                )));
            };
            let keyed = methods::pairs(map)?
                .iterate()?
                .into_iter()
                .map(|pair| Ok((folded(pair.iterate()?.swap_remove(at), case), pair)))
                .collect::<Outcome<Vec<_>>>()?;
            Value::list(sorted(keyed, args::truth(reverse, false))?)
        }
        "groupby" => {
            let [attribute, default, case] = given.bind(name, ["attribute", "default", "case_sensitive"])?;
            let case = args::truth(case, false);
            let mut keyed = Vec::new();
            for item in items()? {
                let mut key = by(eval, &item, attribute.as_ref())?;
                if key.is_undefined()
                    && let Some(default) = &default
                {
                    key = default.clone();
                }
                keyed.push((folded(key.clone(), case), Value::tuple(vec![key, item])?));
            }
            let mut groups: Vec<(Value, Value, Vec<Value>)> = Vec::new();
            let keys: Vec<Value> = sorted(keyed, false)?;
            for pair in keys {
                let [key, item] = <[Value; 2]>::try_from(pair.iterate()?).map_err(|_| Fault::new("groupby"))?;
                let fold = folded(key.clone(), case);
                match groups.last_mut() {
                    Some((last, _, members)) if ops::equal(last, &fold) => members.push(item),
                    _ => groups.push((fold, key, vec![item])),
                }
            }
            let groups: Outcome<Vec<Value>> = groups
                .into_iter()
                .map(|(_, key, members)| Value::tuple(vec![key, Value::list(members)?]))
                .collect();
            Value::list(groups?)
        }
        "batch" => {
            let [count, fill] = given.bind(name, ["linecount", "fill_with"])?;
            let count = args::size(count, name, "linecount")?.unwrap_or(0).max(1);
            let mut rows = Vec::new();
            for chunk in items()?.chunks(count) {
                let mut row = chunk.to_vec();
                if let Some(fill) = fill.as_ref().filter(|f| !f.is_none()) {
                    eval.limits.take(count.saturating_mul(size_of::<Value>()))?;
                    row.resize(count, fill.clone());
                }
                rows.push(Value::list(row)?);
            }
            Value::list(rows)
        }
        _ => {
            let [count, fill] = given.bind(name, ["slices", "fill_with"])?;
            let count = args::size(count, name, "slices")?.unwrap_or(0).max(1);
            let items = items()?;
            eval.limits.take(count.saturating_mul(size_of::<Value>()))?;
            let (each, more) = (items.len() / count, items.len() % count);
            let mut rest = items.as_slice();
            let mut rows = Vec::new();
            for i in 0..count {
                let (row, after) = rest.split_at(each + usize::from(i < more));
                rest = after;
                let mut row = row.to_vec();
                if let Some(fill) = fill.as_ref().filter(|f| !f.is_none() && i >= more) {
                    row.push(fill.clone());
                }
                rows.push(Value::list(row)?);
            }
            Value::list(rows)
        }
    }
}

/// Items in the order of their keys; equal ones keep theirs.
fn sorted(mut keyed: Vec<(Value, Value)>, reverse: bool) -> Outcome<Vec<Value>> {
    let mut failed = None;
    keyed.sort_by(|a, b| {
        let (a, b) = if reverse { (b, a) } else { (a, b) };
        ops::order(&a.0, &b.0).map_or_else(
            |fault| {
                failed.get_or_insert(fault);
                Ordering::Equal
            },
            |found| found.unwrap_or(Ordering::Equal),
        )
    });
    match failed {
        Some(fault) => Err(fault),
        None => Ok(keyed.into_iter().map(|(_, item)| item).collect()),
    }
}

fn folded(value: Value, case: bool) -> Value {
    match (&value, case) {
        (Value::Str(text), false) => Value::str(text.to_lowercase()),
        _ => value,
    }
}

/// The attribute of an item, dots going deeper; none: the item.
fn by(eval: &Eval, item: &Value, attribute: Option<&Value>) -> Outcome<Value> {
    match attribute {
        None | Some(Value::None) => Ok(item.clone()),
        Some(Value::Str(path)) => {
            let mut value = item.clone();
            for part in path.split('.') {
                value = match part.parse::<i128>() {
                    Ok(index) => eval.item(&value, &Value::Int(index))?,
                    Err(_) => eval.item(&value, &Value::str(part))?,
                };
            }
            Ok(value)
        }
        Some(other) => eval.item(item, other),
    }
}

fn mapped(eval: &Eval, items: Vec<Value>, given: &Args) -> Outcome<Value> {
    let attribute = given
        .named
        .iter()
        .find(|(name, _)| &**name == "attribute")
        .map(|(_, v)| v);
    if let (true, Some(attribute)) = (given.positional.is_empty(), attribute) {
        let default = given
            .named
            .iter()
            .find(|(name, _)| &**name == "default")
            .map(|(_, v)| v);
        let mut out = Vec::with_capacity(items.len());
        for item in &items {
            let value = by(eval, item, Some(attribute))?;
            out.push(match (value.is_undefined(), default) {
                (true, Some(default)) => default.clone(),
                _ => value,
            });
        }
        return Value::list(out);
    }
    let (name, rest) = first_name(given, "map requires a filter argument")?;
    let out: Outcome<Vec<Value>> = items
        .iter()
        .map(|item| {
            eval.limits.step()?;
            filters::apply(eval, item, &name, &rest)
        })
        .collect();
    Value::list(out?)
}

fn first_name(given: &Args, lacking: &str) -> Outcome<(std::sync::Arc<str>, Args)> {
    let Some((first, rest)) = given.positional.split_first() else {
        return Err(Fault::new(lacking));
    };
    let name = args::text(Some(first.clone()), "filter", "name")?;
    let rest = Args {
        positional: rest.to_vec(),
        named: given.named.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
    };
    Ok((name, rest))
}

fn chosen(eval: &Eval, items: Vec<Value>, name: &str, given: &Args) -> Outcome<Value> {
    let of_attribute = name.ends_with("attr");
    let wanted = name.starts_with("select");
    let (attribute, given) = match of_attribute {
        false => (
            None,
            Args {
                positional: given.positional.clone(),
                named: Vec::new(),
            },
        ),
        true => {
            let Some((first, rest)) = given.positional.split_first() else {
                return Err(Fault::new("Missing parameter for attribute name"));
            };
            (Some(first.clone()), Args::of(rest.to_vec()))
        }
    };
    let test = match given.positional.is_empty() {
        true => None,
        false => Some(first_name(&given, "")?),
    };
    let mut out = Vec::new();
    for item in items {
        eval.limits.step()?;
        let value = by(eval, &item, attribute.as_ref())?;
        let found = match &test {
            None => value.truth(),
            Some((name, rest)) => checks::check(&value, name, rest)?,
        };
        if found == wanted {
            out.push(item);
        }
    }
    Value::list(out)
}
