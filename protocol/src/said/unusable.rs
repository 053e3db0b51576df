//! Why an item of a list can't be used: fields that are flattened into the item.

use super::{Arg, Said};
use serde::{Deserialize, Serialize};

/// A sentence under the name `error`, with its code and arguments; without `error` the item can be used.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Unusable {
    /// In English.
    pub error: Option<String>,
    /// Code of the sentence, for translation; see [`Said`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub args: Vec<Arg>,
}

impl Unusable {
    pub fn of(said: &Said) -> Self {
        Self {
            error: Some(said.message.clone()),
            code: said.code.clone(),
            args: said.args.clone(),
        }
    }

    pub fn said(&self) -> Option<Said> {
        Some(Said {
            message: self.error.clone()?,
            code: self.code.clone(),
            args: self.args.clone(),
        })
    }

    /// Whether the item can be used.
    pub fn is_nothing(&self) -> bool {
        self.error.is_none()
    }
}
