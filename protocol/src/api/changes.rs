//! A run's row as the live socket tells it: by its fields, all of them once, and later those that changed.

use super::RunSummary;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The fields of a [`RunSummary`], as JSON has them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunFields(Map<String, Value>);

impl RunFields {
    /// Puts these fields in place of its own. One that is null has gone.
    pub fn change(&mut self, changed: Map<String, Value>) {
        for (name, value) in changed {
            match value {
                // whatever can be null is the same when it is left out, and what is left out when empty can't be null
                Value::Null => drop(self.0.remove(&name)),
                value => drop(self.0.insert(name, value)),
            }
        }
    }

    /// The row. A field that is not known here is passed over.
    ///
    /// # Errors
    /// When a value is none that its field can have, or a field is missing that every row has.
    pub fn row(&self) -> serde_json::Result<RunSummary> {
        // by way of text, which rows are read from everywhere else: to read them from values too would be the same code once more,
        // and the board is to be small
        serde_json::from_str(&serde_json::to_string(&self.0)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(row: &RunSummary) -> Map<String, Value> {
        match serde_json::to_value(row).unwrap() {
            Value::Object(fields) => fields,
            other => panic!("{other}"),
        }
    }

    /// What differs between two rows, as the server tells it.
    fn differences(before: &RunSummary, after: &RunSummary) -> Map<String, Value> {
        let (before, after) = (fields(before), fields(after));
        let mut changed = after.clone();
        changed.retain(|name, value| before.get(name) != Some(value));
        let gone = before.keys().filter(|name| !after.contains_key(*name));
        changed.extend(gone.map(|name| (name.clone(), Value::Null)));
        changed
    }

    fn row(keys: Value) -> RunSummary {
        let mut row = json!({
            "id": "a", "name": "a", "state": "queued", "queue_position": 2, "tags": [], "note": "", "archived": false,
            "created": 5, "started": null, "ended": null, "seconds": 0.0, "step": 0, "total_steps": null, "seq": 0,
            "parent": null, "config": { "stage": "dpo", "pref_beta": 0.1 }, "latest": {}, "baseline": {},
            "evaluated": null, "checkpoints": 0, "spark": [], "spark_metric": "", "message": "", "peak_memory": null
        });
        for (name, value) in keys.as_object().unwrap() {
            row[name] = value.clone();
        }
        serde_json::from_value(row).unwrap()
    }

    /// One row in each state that has fields of its own, so that between two of them every field comes, changes and goes.
    fn rows() -> Vec<RunSummary> {
        let going = json!({
            "state": "running", "queue_position": null, "started": 6, "seconds": 0.1 + 0.2, "pace": 1e-3, "seconds_per_step": 0.5,
            "step": 7, "total_steps": 100, "seq": 9, "latest": { "loss": 0.6231471805599453, "rewards/margins": -1e-9 },
            "baseline": { "eval_loss": 1.0 }, "evaluated": 0, "checkpoints": 1, "spark": [0.5, 0.25], "spark_metric": "loss",
            "peak_memory": 9_007_199_254_740_993_u64, "health": { "checks": 3, "findings": [] }
        });
        let failed = json!({
            "state": "failed", "started": 6, "ended": 8, "seconds": 3.0, "pauses": [{ "from": 6, "to": 7 }], "message": "no memory",
            "code": "out_of_memory", "args": ["8 GB", { "message": "why", "code": "why" }], "parent": "b", "tags": ["x", "y"]
        });
        let foreign = json!({
            "state": "untold", "origin": { "from": "transformers", "path": "/logs", "resumed_from": 3 }, "note": "kept", "archived": true,
            "config": {}, "evaluated": 4
        });
        [json!({}), going, failed, foreign].map(row).into()
    }

    #[test]
    fn the_differences_of_two_rows_make_one_the_other() {
        let rows = rows();
        for before in &rows {
            for after in &rows {
                let changed = differences(before, after);
                assert_eq!(changed.is_empty(), before == after);
                let mut row = RunFields(fields(before));
                // told twice, they are the same
                for _ in 0..2 {
                    row.change(changed.clone());
                    assert_eq!(&row.row().unwrap(), after, "{changed:?}");
                }
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_and_what_a_newer_server_adds_passed_over() {
        let row = row(json!({}));
        let apply = |changed: Value| {
            let mut fields = RunFields(fields(&row));
            fields.change(changed.as_object().unwrap().clone());
            fields.row()
        };
        assert_eq!(apply(json!({ "colour": "red" })).unwrap(), row);
        for changed in [
            json!({ "state": "asleep" }),
            json!({ "step": -1 }),
            json!({ "name": null }),
        ] {
            assert!(apply(changed.clone()).is_err(), "{changed}");
        }
    }
}
