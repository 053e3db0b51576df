//! A table as a file: CSV, or JSON with an object for each row.

use serde_json::Value;

/// The columns of a table and its rows, which have a value for each column.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sheet {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Value>>,
}

impl Sheet {
    pub fn new(columns: &[&str], rows: impl IntoIterator<Item = Vec<Value>>) -> Self {
        Self {
            columns: columns.iter().map(|column| (*column).to_owned()).collect(),
            rows: rows.into_iter().collect(),
        }
    }

    pub fn csv(&self) -> String {
        let head = self.columns.iter().map(|column| quoted(column)).collect::<Vec<_>>();
        let row = |values: &Vec<Value>| values.iter().map(field).collect::<Vec<_>>().join(",") + "\n";
        let rows: String = self.rows.iter().map(row).collect();
        format!("{}\n{rows}", head.join(","))
    }

    /// A list of objects, whose keys are in the order of the columns.
    pub fn json(&self) -> String {
        let object = |values: &Vec<Value>| {
            let pairs = self.columns.iter().zip(values);
            let pairs = pairs.map(|(column, value)| format!("{}: {value}", Value::from(column.as_str())));
            format!("  {{{}}}", pairs.collect::<Vec<_>>().join(", "))
        };
        let rows: Vec<_> = self.rows.iter().map(object).collect();
        match rows.is_empty() {
            true => "[]\n".into(),
            false => format!("[\n{}\n]\n", rows.join(",\n")),
        }
    }
}

/// A number of half the precision, by the digits it is written with and not by those of its nearest neighbour.
pub fn short(value: f32) -> Value {
    value.to_string().parse::<f64>().map_or(Value::Null, Value::from)
}

fn field(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if is_formula(text) => quoted(&format!("'{text}")),
        Value::String(text) => quoted(text),
        other => quoted(&other.to_string()),
    }
}

/// Whether spreadsheets would take a text for a formula.
fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@']) && text.parse::<f64>().is_err()
}

fn quoted(text: &str) -> String {
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_table_is_a_file_of_either_form() {
        let sheet = Sheet::new(
            &["run", "a \"b\", c"],
            [vec![json!("x\ny"), json!(1.5)], vec![Value::Null, json!(2)]],
        );
        assert_eq!(sheet.csv(), "run,\"a \"\"b\"\", c\"\n\"x\ny\",1.5\n,2\n");
        let back: Value = serde_json::from_str(&sheet.json()).unwrap();
        assert_eq!(
            back,
            json!([{ "run": "x\ny", "a \"b\", c": 1.5 }, { "run": null, "a \"b\", c": 2 }])
        );
        assert_eq!(Sheet::new(&["a"], []).json(), "[]\n");
        let texts = [json!("=1+1"), json!("@a"), json!("-1.5"), json!(-2)];
        let sheet = Sheet::new(&["a"], texts.map(|text| vec![text]));
        assert_eq!(sheet.csv(), "a\n'=1+1\n'@a\n-1.5\n-2\n");
        assert_eq!(short(0.1), json!(0.1));
    }
}
