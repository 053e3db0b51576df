//! SwanLab's log of a run (`run-ID.swanlab`), version 2 of its layout: what swanlab 0.8 and later write offline and
//! `swanlab sync` reads. Its header names the version, and another version of the package says that it can't read it.

use super::journal::Journal;
use super::{Ending, Log, Names, Row, text, timestamp};
use crate::event::Outcome;
use crate::wire::Message;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Fields of `Record`.
mod record {
    pub const NUM: u64 = 1;
    pub const TIMESTAMP: u64 = 2;
    pub const START: u64 = 10;
    pub const FINISH: u64 = 11;
    pub const COLUMN: u64 = 12;
    pub const SCALAR: u64 = 13;
    pub const SAVE: u64 = 20;
}
/// Numbers of the uncounted records: -1, -2 and -3.
mod number {
    pub const START: u64 = u64::MAX;
    pub const FINISH: u64 = u64::MAX - 1;
    pub const CONFIG: u64 = u64::MAX - 2;
}
/// Fields of `StartRecord`.
mod start {
    pub const PROJECT: u64 = 1;
    pub const WORKSPACE: u64 = 2;
    pub const NAME: u64 = 4;
    pub const DESCRIPTION: u64 = 5;
    pub const TAGS: u64 = 6;
    pub const GROUP: u64 = 7;
    pub const JOB_TYPE: u64 = 8;
    pub const ID: u64 = 10;
    pub const STARTED_AT: u64 = 12;
}
/// Fields of `FinishRecord`, and the states.
mod finish {
    pub const STATE: u64 = 1;
    pub const ERROR: u64 = 2;
    pub const FINISHED_AT: u64 = 3;
    pub const FINISHED: u64 = 1;
    pub const CRASHED: u64 = 2;
    pub const ABORTED: u64 = 3;
}
/// Fields of `ColumnRecord`, and our values for them.
mod column {
    pub const CLASS: u64 = 1;
    pub const TYPE: u64 = 2;
    pub const KEY: u64 = 3;
    pub const SECTION_NAME: u64 = 5;
    pub const SECTION_TYPE: u64 = 6;
    pub const CUSTOM: u64 = 1;
    pub const SCALAR: u64 = 1;
    pub const PUBLIC: u64 = 3;
}
/// Fields of `ScalarRecord` and `ScalarValue`.
mod scalar {
    pub const KEY: u64 = 1;
    pub const STEP: u64 = 2;
    pub const TYPE: u64 = 3;
    pub const TIMESTAMP: u64 = 4;
    pub const VALUE: u64 = 5;
    pub const NUMBER: u64 = 1;
}
/// Fields of `SaveRecord`.
mod save {
    pub const NAME: u64 = 1;
    pub const SOURCE: u64 = 2;
    pub const TYPE: u64 = 5;
    pub const CONFIG: u64 = 1;
}

/// The log of a run.
#[derive(Debug)]
pub struct SwanLab {
    names: Names,
    /// Path of the config file, which `sync` reads.
    config: String,
    journal: Journal,
    /// Counted records written so far.
    records: u64,
    columns: BTreeSet<String>,
}

impl SwanLab {
    pub fn new(names: Names, config: String) -> Self {
        Self {
            names,
            config,
            journal: Journal::default(),
            records: 0,
            columns: BTreeSet::new(),
        }
    }

    /// The text of the config file: YAML in SwanLab's layout.
    pub fn config(config: &Map<String, Value>) -> String {
        let list = config.iter().enumerate();
        let laid: Map<String, Value> = list
            .map(|(sort, (key, value))| (key.clone(), json!({ "desc": "", "sort": sort, "value": value })))
            .collect();
        // JSON is YAML
        format!("{:#}\n", Value::Object(laid))
    }

    fn put(&mut self, number: u64, time: i64, field: u64, message: &Message, out: &mut Vec<u8>) {
        let record = Message::default()
            .varint(record::NUM, number)
            .message(record::TIMESTAMP, &timestamp(time))
            .message(field, message);
        self.journal.append(&record.0, out);
    }

    fn count(&mut self) -> u64 {
        self.records += 1;
        self.records
    }
}

impl Log for SwanLab {
    fn open(&mut self, time: i64, _: &Map<String, Value>, out: &mut Vec<u8>) {
        self.journal.begin(*b":SWL", 0xE1D6, 2, out);
        let names = &self.names;
        let mut start = Message::default()
            .bytes(start::PROJECT, names.project.as_bytes())
            .bytes(start::NAME, names.name.as_bytes())
            .bytes(start::ID, names.id.as_bytes())
            .message(start::STARTED_AT, &timestamp(time));
        let more = [
            (start::WORKSPACE, &names.owner),
            (start::GROUP, &names.group),
            (start::JOB_TYPE, &names.job_type),
            (start::DESCRIPTION, &names.notes),
        ];
        for (field, value) in more {
            start = text(start, field, value.as_deref().unwrap_or_default());
        }
        let start = names.tags.iter().fold(start, |run, tag| text(run, start::TAGS, tag));
        self.put(number::START, time, record::START, &start, out);
        let save = text(Message::default(), save::NAME, "config");
        let save = text(save, save::SOURCE, &self.config).varint(save::TYPE, save::CONFIG);
        self.put(number::CONFIG, time, record::SAVE, &save, out);
    }

    fn row(&mut self, row: &Row, out: &mut Vec<u8>) {
        for (key, value) in &row.values {
            if self.columns.insert(key.clone()) {
                let section = key.split_once('/').map_or("", |(section, _)| section);
                let column = Message::default()
                    .varint(column::CLASS, column::CUSTOM)
                    .varint(column::TYPE, column::SCALAR)
                    .bytes(column::KEY, key.as_bytes());
                let column = text(column, column::SECTION_NAME, section).varint(column::SECTION_TYPE, column::PUBLIC);
                let number = self.count();
                self.put(number, row.time, record::COLUMN, &column, out);
            }
            let scalar = Message::default()
                .bytes(scalar::KEY, key.as_bytes())
                .varint(scalar::STEP, row.step)
                .varint(scalar::TYPE, column::SCALAR)
                .message(scalar::TIMESTAMP, &timestamp(row.time))
                .message(scalar::VALUE, &Message::default().double(scalar::NUMBER, *value));
            let number = self.count();
            self.put(number, row.time, record::SCALAR, &scalar, out);
        }
    }

    fn end(&mut self, ending: &Ending, out: &mut Vec<u8>) {
        let state = match ending.outcome {
            Outcome::Completed | Outcome::Untold => finish::FINISHED,
            Outcome::Failed => finish::CRASHED,
            Outcome::Stopped => finish::ABORTED,
        };
        let finish = text(
            Message::default().varint(finish::STATE, state),
            finish::ERROR,
            &ending.error,
        );
        let finish = finish.message(finish::FINISHED_AT, &timestamp(ending.time));
        self.put(number::FINISH, ending.time, record::FINISH, &finish, out);
    }
}
