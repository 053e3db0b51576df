//! Jinja's filters, transformers' `tojson` among them. Those that work on lists are `lists.rs`'s.

use super::args::{self, Args};
use super::eval::Eval;
use super::json::{self, Style};
use super::lists;
use super::methods;
use super::printf;
use super::python::{self, space};
use super::shown::{escaped, file_size, query, quoted, rounded, titled, to_int, without_tags};
use super::text;
use super::value::{Fault, Outcome, Value};

pub const NAMES: &[&str] = &[
    "abs",
    "attr",
    "batch",
    "capitalize",
    "center",
    "count",
    "d",
    "default",
    "dictsort",
    "e",
    "escape",
    "filesizeformat",
    "first",
    "float",
    "forceescape",
    "format",
    "groupby",
    "indent",
    "int",
    "items",
    "join",
    "last",
    "length",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "pprint",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "safe",
    "select",
    "selectattr",
    "slice",
    "sort",
    "string",
    "striptags",
    "sum",
    "title",
    "tojson",
    "trim",
    "truncate",
    "unique",
    "upper",
    "urlencode",
    "wordcount",
    "wordwrap",
    "xmlattr",
];

/// `value | name(given)`.
pub fn apply(eval: &Eval, value: &Value, name: &str, given: &Args) -> Outcome<Value> {
    if let Some(done) = lists::apply(eval, value, name, given) {
        return done;
    }
    let limits = eval.limits;
    let none: [&str; 0] = [];
    let made = |out: String| -> Outcome<Value> {
        limits.take(out.len())?;
        Ok(Value::str(out))
    };
    match name {
        "upper" | "lower" | "capitalize" | "title" | "escape" | "e" | "forceescape" | "safe" | "string"
        | "striptags" | "wordcount" | "pprint" => {
            given.bind(name, none)?;
            if name == "string" && matches!(value, Value::Str(_)) {
                return Ok(value.clone());
            }
            let text = eval.text(value)?;
            match name {
                "upper" => made(text.to_uppercase()),
                "lower" => made(text.to_lowercase()),
                "capitalize" => made(text::capitalized(&text)),
                "title" => made(titled(&text)),
                "escape" | "e" | "forceescape" => made(escaped(&text)),
                "striptags" => made(without_tags(&text)),
                "pprint" => made(python::repr(value)),
                "wordcount" => {
                    let word = |c: char| c.is_alphanumeric() || c == '_';
                    Ok(Value::Int(
                        text.split(|c| !word(c)).filter(|w| !w.is_empty()).count() as i128
                    ))
                }
                _ => made(text),
            }
        }
        "trim" => {
            let [letters] = given.bind(name, ["chars"])?;
            let letters = args::text_or_none(letters, name, "chars")?;
            let gone = |c: char| letters.as_ref().map_or_else(|| space(c), |l| l.contains(c));
            let text = eval.text(value)?;
            made(text.trim_matches(gone).to_owned())
        }
        "replace" => {
            let [old, new, count] = given.bind(name, ["old", "new", "count"])?;
            let (old, new) = (args::needed(old, name, "old")?, args::needed(new, name, "new")?);
            let count = args::int(count, name, "count")?;
            text::replaced(limits, &eval.text(value)?, &eval.text(&old)?, &eval.text(&new)?, count)
        }
        "truncate" => {
            let [length, kill, end, leeway] = given.bind(name, ["length", "killwords", "end", "leeway"])?;
            let length = args::size(length, name, "length")?.unwrap_or(255);
            let leeway = args::size(leeway, name, "leeway")?.unwrap_or(5);
            let end = args::text_or_none(end, name, "end")?;
            let end = end.as_deref().unwrap_or("...");
            let text = eval.text(value)?;
            if length < end.chars().count() {
                return Err(Fault::new(format!(
                    "expected length >= {}, got {length}",
                    end.chars().count()
                )));
            }
            if text.chars().count() <= length.saturating_add(leeway) {
                return made(text);
            }
            let kept: String = text.chars().take(length - end.chars().count()).collect();
            let kept = match args::truth(kill, false) {
                true => &kept,
                false => kept.rsplit_once(' ').map_or(&*kept, |(words, _)| words),
            };
            made([kept, end].concat())
        }
        "indent" => {
            let [width, first, blank] = given.bind(name, ["width", "first", "blank"])?;
            let margin = match width {
                Some(Value::Str(margin)) => margin.to_string(),
                width => {
                    let width = args::size(width, name, "width")?.unwrap_or(4);
                    limits.take(width)?;
                    " ".repeat(width)
                }
            };
            let text = eval.text(value)? + "\n";
            let blank = args::truth(blank, false);
            let lines = text::lines(&text, false);
            limits.take(text.len().saturating_add(margin.len().saturating_mul(lines.len())))?;
            let mut out = String::new();
            for (i, line) in lines.iter().enumerate() {
                if i > 0 {
                    out.push('\n');
                    if blank || !line.is_empty() {
                        out.push_str(&margin);
                    }
                }
                out.push_str(line);
            }
            if args::truth(first, false) {
                out.insert_str(0, &margin);
            }
            Ok(Value::str(out))
        }
        "center" => {
            let [width] = given.bind(name, ["width"])?;
            let width = args::size(width, name, "width")?.unwrap_or(80);
            text::padded(limits, &eval.text(value)?, width, "center", " ")
        }
        "wordwrap" => {
            let names = ["width", "break_long_words", "wrapstring", "break_on_hyphens"];
            let [width, long, between, hyphens] = given.bind(name, names)?;
            let width = args::size(width, name, "width")?.unwrap_or(79);
            let between = args::text_or_none(between, name, "wrapstring")?;
            let text = eval.text(value)?;
            let between = between.as_deref().unwrap_or("\n");
            limits.take(text.len().saturating_mul(between.len().max(1) + 1))?;
            made(text::wrapped(
                &text,
                width,
                args::truth(long, true),
                between,
                args::truth(hyphens, true),
            ))
        }
        "format" => {
            if !given.positional.is_empty() && !given.named.is_empty() {
                return Err(Fault::new(
                    "can't handle positional and keyword arguments at the same time",
                ));
            }
            let values = match given.named.is_empty() {
                true => Value::tuple(given.positional.clone())?,
                false => Value::dict(given.named.iter().map(|(k, v)| (&**k, v.clone())))?,
            };
            printf::percent(limits, &eval.text(value)?, &values)
        }
        "urlencode" => {
            given.bind(name, none)?;
            let text = match value {
                Value::Map(_) | Value::List(_) | Value::Tuple(_) => {
                    let pairs = match value {
                        Value::Map(map) => methods::pairs(map)?.iterate()?,
                        other => other.iterate()?,
                    };
                    let mut out = Vec::new();
                    for pair in pairs {
                        let [key, value] =
                            <[Value; 2]>::try_from(pair.iterate()?).map_err(|_| Fault::new("urlencode takes pairs"))?;
                        out.push(format!("{}={}", query(&eval.text(&key)?), query(&eval.text(&value)?)));
                    }
                    out.join("&")
                }
                other => quoted(&eval.text(other)?, "/"),
            };
            made(text)
        }
        "xmlattr" => {
            let [auto] = given.bind(name, ["autospace"])?;
            let Value::Map(map) = value else {
                return Err(Fault::new("xmlattr takes a dict"));
            };
            let mut out = Vec::new();
            for (key, value) in map.entries() {
                if !value.is_none() && !value.is_undefined() {
                    out.push(format!(
                        "{}=\"{}\"",
                        escaped(&eval.text(key)?),
                        escaped(&eval.text(value)?)
                    ));
                }
            }
            let text = out.join(" ");
            made(match args::truth(auto, true) && !text.is_empty() {
                true => format!(" {text}"),
                false => text,
            })
        }
        "tojson" => {
            let names = ["ensure_ascii", "indent", "separators", "sort_keys"];
            let [ascii, indent, separators, sort] = given.bind(name, names)?;
            made(json::dump(
                limits,
                value,
                &style(eval, ascii, indent, separators, sort)?,
            )?)
        }
        "default" | "d" => {
            let [other, boolean] = given.bind(name, ["default_value", "boolean"])?;
            let lacks = value.is_undefined() || (args::truth(boolean, false) && !value.truth());
            Ok(match lacks {
                true => other.unwrap_or_else(|| Value::str("")),
                false => value.clone(),
            })
        }
        "abs" => {
            given.bind(name, none)?;
            match (value.as_int(), value.as_float()) {
                (Some(n), _) => Ok(Value::Int(n.saturating_abs())),
                (None, Some(f)) => Ok(Value::Float(f.abs())),
                _ => Err(Fault::new(format!("bad operand type for abs(): '{}'", value.kind()))),
            }
        }
        "int" => {
            let [default, base] = given.bind(name, ["default", "base"])?;
            let base = args::int(base, name, "base")?.unwrap_or(10);
            Ok(to_int(value, base).map_or(default.unwrap_or(Value::Int(0)), Value::Int))
        }
        "float" => {
            let [default] = given.bind(name, ["default"])?;
            let read = match value {
                Value::Str(text) => python::strip(text).replace('_', "").parse().ok(),
                other => other.as_float(),
            };
            Ok(read.map_or(default.unwrap_or(Value::Float(0.0)), Value::Float))
        }
        "round" => {
            let [precision, method] = given.bind(name, ["precision", "method"])?;
            let precision = args::int(precision, name, "precision")?.unwrap_or(0);
            let method = args::text_or_none(method, name, "method")?;
            rounded(value, precision, method.as_deref().unwrap_or("common"))
        }
        "filesizeformat" => {
            let [binary] = given.bind(name, ["binary"])?;
            let bytes = value
                .as_float()
                .ok_or_else(|| Fault::new("filesizeformat takes a number"))?;
            made(file_size(bytes, args::truth(binary, false)))
        }
        "attr" => {
            let [attribute] = given.bind(name, ["name"])?;
            eval.attribute(value, &args::text(attribute, name, "name")?)
        }
        _ => Err(Fault::new(format!("No filter named '{name}'."))),
    }
}

fn style(
    eval: &Eval,
    ascii: Option<Value>,
    indent: Option<Value>,
    separators: Option<Value>,
    sort: Option<Value>,
) -> Outcome<Style> {
    let mut style = Style::plain(None);
    style.ensure_ascii = args::truth(ascii, false);
    style.sort_keys = args::truth(sort, false);
    match indent {
        Some(Value::Str(indent)) => style.indent = Some(indent.to_string()),
        indent => {
            if let Some(width) = args::size(indent, "tojson", "indent")? {
                eval.limits.take(width)?;
                style.indent = Some(" ".repeat(width));
            }
        }
    }
    if style.indent.is_some() {
        style.item_separator = ",".into();
    }
    if let Some(separators) = separators.filter(|s| !s.is_none()) {
        let both = separators.iterate()?;
        let [Value::Str(item), Value::Str(key)] = both.as_slice() else {
            return Err(Fault::new("tojson: `separators` must be two texts"));
        };
        (style.item_separator, style.key_separator) = (item.to_string(), key.to_string());
    }
    Ok(style)
}
