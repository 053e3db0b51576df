//! What checkpoints are exported as, and how that goes.

use crate::Said;
use serde::{Deserialize, Serialize};

/// What a checkpoint is exported as.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ExportForm {
    #[serde(default)]
    pub format: ExportFormat,
    /// Of the weights, as `corral export --dtype` takes it; left out: merged as they are stored, GGUF in q8_0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dtype: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// A model folder that stands alone.
    #[default]
    Merged,
    /// One file for llama.cpp and Ollama.
    Gguf,
}

impl ExportForm {
    /// Types that a format's weights may have.
    pub fn dtypes(format: ExportFormat) -> &'static [&'static str] {
        match format {
            ExportFormat::Merged => &["f32", "f16", "bf16"],
            ExportFormat::Gguf => &["q8_0", "q6_k", "q5_k_m", "q4_k_m", "q4_0", "f16", "bf16", "f32"],
        }
    }

    /// The merged checkpoint as it is kept with the run.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// The merged checkpoint of a run: asked for with `POST /api/runs/{id}/merge`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Merge {
    None,
    Going {
        done: u64,
        total: u64,
    },
    Done {
        bytes: u64,
        /// What it was made of, where that is known.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        checkpoint: String,
        #[serde(default, skip_serializing_if = "ExportForm::is_usual")]
        form: ExportForm,
    },
    Failed {
        #[serde(flatten)]
        said: Said,
        /// A merge that was done before is there all the same, of this checkpoint.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        earlier: Option<String>,
    },
}
