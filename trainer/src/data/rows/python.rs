//! Python's way of writing lists and dictionaries, which tables hold in place of JSON: `[{'role': 'user'}]`.

use serde_json::{Map, Number, Value};

/// Lists within lists, at most.
const DEPTH: usize = 64;

/// The value that `text` writes out, if it is one and nothing else. Arrays as numpy prints them, without commas, are
/// lists too.
pub(super) fn parse(text: &str) -> Option<Value> {
    let mut reader = Reader { rest: text.trim() };
    let value = reader.value(0)?;
    reader.blanks();
    reader.rest.is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Takes `word` if it comes next, after blanks.
    fn takes(&mut self, word: &str) -> bool {
        self.blanks();
        match self.rest.strip_prefix(word) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEPTH {
            return None;
        }
        self.blanks();
        match self.rest.chars().next()? {
            '[' => self.list('[', ']', depth),
            '(' => self.list('(', ')', depth),
            '{' => self.dictionary(depth),
            '\'' | '"' => self.text().map(Value::String),
            _ => self.word(depth),
        }
    }

    fn list(&mut self, open: char, close: char, depth: usize) -> Option<Value> {
        self.rest = self.rest.strip_prefix(open)?;
        let mut items = Vec::new();
        loop {
            self.blanks();
            if let Some(rest) = self.rest.strip_prefix(close) {
                self.rest = rest;
                return Some(Value::Array(items));
            }
            items.push(self.value(depth + 1)?);
            self.takes(",");
        }
    }

    fn dictionary(&mut self, depth: usize) -> Option<Value> {
        self.rest = self.rest.strip_prefix('{')?;
        let mut map = Map::new();
        loop {
            if self.takes("}") {
                return Some(Value::Object(map));
            }
            self.blanks();
            let key = self.text()?;
            if !self.takes(":") {
                return None;
            }
            map.insert(key, self.value(depth + 1)?);
            if !self.takes(",") && !self.rest.starts_with('}') {
                return None;
            }
        }
    }

    fn text(&mut self) -> Option<String> {
        let quote = self.rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let mut out = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                _ if c == quote => {
                    self.rest = self.rest.get(at + 1..)?;
                    return Some(out);
                }
                '\\' => {
                    let escaped = chars.next()?.1;
                    let digits = match escaped {
                        'x' => 2,
                        'u' => 4,
                        'U' => 8,
                        _ => 0,
                    };
                    match escaped {
                        'n' => out.push('\n'),
                        't' => out.push('\t'),
                        'r' => out.push('\r'),
                        '\\' | '\'' | '"' => out.push(escaped),
                        '\n' => {}
                        'x' | 'u' | 'U' => {
                            let code: String = chars.by_ref().take(digits).map(|(_, c)| c).collect();
                            out.push(char::from_u32(u32::from_str_radix(&code, 16).ok()?)?);
                        }
                        other => out.extend(['\\', other]),
                    }
                }
                _ => out.push(c),
            }
        }
        None
    }

    /// A number, a name, or numpy's `array([…], dtype=object)`.
    fn word(&mut self, depth: usize) -> Option<Value> {
        if self.takes("array(") {
            let value = self.value(depth + 1)?;
            if self.takes(",") && !(self.takes("dtype=object")) {
                return None;
            }
            return self.takes(")").then_some(value);
        }
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_alphanumeric() && !"+-._".contains(c));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        match word {
            "None" | "nan" => Some(Value::Null),
            "True" => Some(Value::Bool(true)),
            "False" => Some(Value::Bool(false)),
            _ => match word.parse::<i64>() {
                Ok(whole) => Some(whole.into()),
                Err(_) if word.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
                    Number::from_f64(word.parse().ok()?).map(Value::Number)
                }
                Err(_) => None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn literals_are_what_python_reads() {
        for (text, value) in [
            ("['a', 'b']", json!(["a", "b"])),
            ("('a', 'b',)", json!(["a", "b"])),
            // as numpy prints an array
            ("['a' 'b'\n 'c']", json!(["a", "b", "c"])),
            (
                "[{'role': 'user', 'content': \"it's\"}\n {'role': 'assistant', 'content': '\"so\"'}]",
                json!([{"role": "user", "content": "it's"}, {"role": "assistant", "content": "\"so\""}]),
            ),
            (
                "{'text': array(['A'], dtype=object), 'at': array([3])}",
                json!({"text": ["A"], "at": [3]}),
            ),
            (r"['a\nb\\c\x41\u6771\d']", json!(["a\nb\\cA東\\d"])),
            (
                "[True, False, None, nan, 1, -2.5, 1e3]",
                json!([true, false, null, null, 1, -2.5, 1000.0]),
            ),
            ("[]", json!([])),
            ("{}", json!({})),
        ] {
            assert_eq!(parse(text), Some(value), "{text}");
        }
    }

    #[test]
    fn what_is_no_literal_is_a_text() {
        let deep = "[".repeat(100_000);
        for text in [
            "[x for x in y]",
            "['a",
            "['a'] + ['b']",
            "[1, 2",
            "{'a' 1}",
            "{a: 1}",
            "[{'at': datetime(2024, 1)}]",
            "",
            "[\\]",
            deep.as_str(),
        ] {
            assert_eq!(parse(text), None, "{}", text.len());
        }
    }
}
