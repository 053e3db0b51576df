//! Why a thing of a list can't be used: beside its other facts, or nothing.

use super::{Arg, Said};
use serde::{Deserialize, Serialize};

/// A sentence with its code, under the name `error`; nothing where the thing can be used.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Unusable {
    /// In English.
    pub error: Option<String>,
    /// Names the sentence, so that the board says it in the person's language; see [`Said`].
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

    /// Whether nothing stands against it.
    pub fn is_nothing(&self) -> bool {
        self.error.is_none()
    }
}
