//! A cell of an Arrow array as the JSON that it would be in a file of JSON rows: lists are lists, structs are objects,
//! times are texts.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal128Type, Float16Type, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use protocol::{Said, says};
use serde_json::{Map, Number, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::duplicates;
use super::limits::MAX_ROW;

type Outcome<T> = Result<T, Said>;

/// The least memory that a value takes, in bytes.
const LEAST: usize = 16;

/// Reads rows from the columns of a batch.
pub(super) struct Cells {
    /// names that several columns have: the last one's values are taken
    pub duplicate_keys: Vec<String>,
    columns: Vec<(String, ArrayRef)>,
    /// How many bytes the current row may still take.
    room: usize,
}

/// A row, and about how many bytes it takes.
pub(super) struct Sized {
    pub value: Outcome<Value>,
    pub bytes: u64,
}

impl Cells {
    pub(super) fn of(batch: &RecordBatch) -> Self {
        let schema = batch.schema();
        let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        Self {
            duplicate_keys: duplicates(&names),
            columns: names.into_iter().zip(batch.columns().iter().cloned()).collect(),
            room: 0,
        }
    }

    pub(super) fn row(&mut self, row: usize) -> Sized {
        self.room = MAX_ROW;
        let columns = std::mem::take(&mut self.columns);
        let values = columns
            .iter()
            .map(|(name, array)| Ok((name.clone(), self.value(array, row)?)));
        let value = values.collect::<Outcome<Map<_, _>>>().map(Value::Object);
        self.columns = columns;
        Sized {
            value,
            bytes: (MAX_ROW - self.room) as u64,
        }
    }

    fn take(&mut self, bytes: usize) -> Outcome<()> {
        self.room = match self.room.checked_sub(bytes.saturating_add(LEAST)) {
            Some(left) => left,
            None => {
                self.room = 0;
                return Err(says::row_too_long(MAX_ROW >> 20));
            }
        };
        Ok(())
    }

    fn text(&mut self, text: &str) -> Outcome<Value> {
        self.take(text.len())?;
        Ok(Value::String(text.to_owned()))
    }

    /// Bytes that are text; of others, such as images, the number.
    fn bytes(&mut self, bytes: &[u8]) -> Outcome<Value> {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.text(text),
            Err(_) => {
                self.take(0)?;
                Ok(serde_json::json!({ "bytes": bytes.len() }))
            }
        }
    }

    fn list(&mut self, values: &ArrayRef) -> Outcome<Value> {
        let values = (0..values.len()).map(|at| self.value(values, at));
        Ok(Value::Array(values.collect::<Outcome<_>>()?))
    }

    fn value(&mut self, array: &ArrayRef, row: usize) -> Outcome<Value> {
        self.take(0)?;
        if array.is_null(row) {
            return Ok(Value::Null);
        }
        // the column may be one that is not used
        let unread = || Ok(serde_json::json!({ "type_not_read": array.data_type().to_string() }));
        Ok(match array.data_type() {
            DataType::Null => Value::Null,
            DataType::Boolean => array.as_boolean().value(row).into(),
            DataType::Int8 => number::<Int8Type>(array, row).into(),
            DataType::Int16 => number::<Int16Type>(array, row).into(),
            DataType::Int32 => number::<Int32Type>(array, row).into(),
            DataType::Int64 => number::<Int64Type>(array, row).into(),
            DataType::UInt8 => number::<UInt8Type>(array, row).into(),
            DataType::UInt16 => number::<UInt16Type>(array, row).into(),
            DataType::UInt32 => number::<UInt32Type>(array, row).into(),
            DataType::UInt64 => number::<UInt64Type>(array, row).into(),
            DataType::Float16 => float(f64::from(number::<Float16Type>(array, row))),
            DataType::Float32 => float(f64::from(number::<Float32Type>(array, row))),
            DataType::Float64 => float(number::<Float64Type>(array, row)),
            DataType::Decimal128(_, scale) => {
                float(number::<Decimal128Type>(array, row) as f64 / 10f64.powi(i32::from(*scale)))
            }
            DataType::Utf8 => self.text(array.as_string::<i32>().value(row))?,
            DataType::LargeUtf8 => self.text(array.as_string::<i64>().value(row))?,
            DataType::Utf8View => self.text(array.as_string_view().value(row))?,
            DataType::Binary => self.bytes(array.as_binary::<i32>().value(row))?,
            DataType::LargeBinary => self.bytes(array.as_binary::<i64>().value(row))?,
            DataType::BinaryView => self.bytes(array.as_binary_view().value(row))?,
            DataType::FixedSizeBinary(_) => self.bytes(array.as_fixed_size_binary().value(row))?,
            DataType::List(_) => self.list(&array.as_list::<i32>().value(row))?,
            DataType::LargeList(_) => self.list(&array.as_list::<i64>().value(row))?,
            DataType::ListView(_) => self.list(&array.as_list_view::<i32>().value(row))?,
            DataType::LargeListView(_) => self.list(&array.as_list_view::<i64>().value(row))?,
            DataType::FixedSizeList(..) => self.list(&array.as_fixed_size_list().value(row))?,
            DataType::Struct(fields) => {
                let columns = array.as_struct().columns();
                let values = fields.iter().zip(columns);
                let values = values.map(|(field, column)| Ok((field.name().clone(), self.value(column, row)?)));
                Value::Object(values.collect::<Outcome<_>>()?)
            }
            DataType::Map(..) => {
                let entries = array.as_map().value(row);
                let (keys, values) = (entries.column(0), entries.column(1));
                let mut map = Map::new();
                for at in 0..entries.len() {
                    let key = match self.value(keys, at)? {
                        Value::String(key) => key,
                        other => other.to_string(),
                    };
                    map.insert(key, self.value(values, at)?);
                }
                Value::Object(map)
            }
            DataType::Dictionary(..) => {
                let dictionary = array.as_any_dictionary();
                let values = dictionary.values();
                let key = key(dictionary.keys(), row).filter(|key| *key < values.len());
                match key {
                    Some(key) => self.value(values, key)?,
                    None => return unread(),
                }
            }
            DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => match moment(array, row) {
                Some(text) => self.text(&text)?,
                None => return unread(),
            },
            _ => return unread(),
        })
    }
}

fn number<T: ArrowPrimitiveType>(array: &ArrayRef, row: usize) -> T::Native {
    array.as_primitive::<T>().value(row)
}

/// A number in JSON; NaN, which Python's tables write for missing values, is null.
fn float(value: f64) -> Value {
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

/// The index of a row's value in a dictionary.
fn key(keys: &dyn Array, row: usize) -> Option<usize> {
    macro_rules! of {
        ($kind:ty) => {
            usize::try_from(keys.as_primitive::<$kind>().value(row)).ok()
        };
    }
    match keys.data_type() {
        DataType::Int8 => of!(Int8Type),
        DataType::Int16 => of!(Int16Type),
        DataType::Int32 => of!(Int32Type),
        DataType::Int64 => of!(Int64Type),
        DataType::UInt8 => of!(UInt8Type),
        DataType::UInt16 => of!(UInt16Type),
        DataType::UInt32 => of!(UInt32Type),
        DataType::UInt64 => of!(UInt64Type),
        _ => None,
    }
}

/// A day, or a time as RFC 3339 writes it.
fn moment(array: &ArrayRef, row: usize) -> Option<String> {
    let at = |units: i64, of_second: i128| {
        let nanos = i128::from(units).checked_mul(1_000_000_000 / of_second)?;
        OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()
    };
    let (moment, is_day) = match array.data_type() {
        DataType::Date32 => (at(i64::from(number::<Date32Type>(array, row)) * 86_400, 1)?, true),
        DataType::Date64 => (at(number::<Date64Type>(array, row), 1000)?, true),
        DataType::Timestamp(unit, _) => {
            let moment = match unit {
                TimeUnit::Second => at(number::<TimestampSecondType>(array, row), 1),
                TimeUnit::Millisecond => at(number::<TimestampMillisecondType>(array, row), 1000),
                TimeUnit::Microsecond => at(number::<TimestampMicrosecondType>(array, row), 1_000_000),
                TimeUnit::Nanosecond => at(number::<TimestampNanosecondType>(array, row), 1_000_000_000),
            };
            (moment?, false)
        }
        _ => return None,
    };
    match is_day {
        true => Some(moment.date().to_string()),
        false => moment.format(&Rfc3339).ok(),
    }
}
