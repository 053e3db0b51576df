//! Floats that come back from JSON bit by bit.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Written as text and read by the standard library, which rounds
/// correctly where `serde_json` is off by one unit now and then.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Exact(pub f64);

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}
