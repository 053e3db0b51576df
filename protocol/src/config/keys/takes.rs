//! What the value of a key may be: the range of a number, the names of a text.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What a number may be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Range {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<f64>,
    /// It is larger than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<f64>,
    /// A whole number.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
}

impl Range {
    pub const ANY: Self = Self {
        least: None,
        above: None,
        most: None,
        whole: false,
    };
    /// Whole numbers from 0.
    pub const COUNT: Self = Self {
        least: Some(0.0),
        whole: true,
        ..Self::ANY
    };

    /// Whether `x` lies between the bounds, and is whole where it is to be.
    pub fn holds(&self, x: f64) -> bool {
        let Self {
            least,
            above,
            most,
            whole,
        } = *self;
        x.is_finite()
            && (!whole || x.fract() == 0.0)
            && least.is_none_or(|least| x >= least)
            && above.is_none_or(|above| x > above)
            && most.is_none_or(|most| x <= most)
    }
}

/// What a text may be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    /// The names there are.
    pub names: Cow<'static, [&'static str]>,
    /// Others that are read too: older names, names without an effect.
    pub also: Cow<'static, [&'static str]>,
    /// Regular expressions of what else is read.
    pub patterns: &'static [&'static str],
}

impl Choices {
    /// These and no others.
    pub fn of(names: impl IntoIterator<Item = &'static str>) -> Self {
        Self {
            names: names.into_iter().collect::<Vec<_>>().into(),
            ..Self::default()
        }
    }
}
