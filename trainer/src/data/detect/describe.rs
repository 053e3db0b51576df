//! What a layout is for, and what it is called.

use protocol::data::DataKind;

use super::super::layout::{Formatting, Layout};
use super::super::rows::GUIDE_REJECTED;
use super::names::is_question;

/// What kind of rows a layout describes.
pub fn kind(layout: &Layout) -> DataKind {
    if layout.ranking {
        DataKind::Preference
    } else if layout.columns.kto_tag.is_some() {
        DataKind::Unpaired
    } else if layout.columns.response.is_some() {
        DataKind::Instruction
    } else if layout.formatting == Formatting::Alpaca {
        match layout.columns.prompt.as_deref().is_some_and(is_question) || layout.columns.query.is_some() {
            true => DataKind::Prompts,
            false => DataKind::Text,
        }
    } else if layout.columns.messages.is_none() && layout.columns.prompt.is_some() {
        DataKind::Prompts
    } else {
        DataKind::Instruction
    }
}

/// A layout in words.
pub fn describe(layout: &Layout) -> String {
    let columns = &layout.columns;
    let named = |name: &Option<String>, text: &str| name.as_deref() == Some(text);
    if layout.ranking && named(&columns.rejected, GUIDE_REJECTED) {
        return "conversations + rejected_conversations".into();
    }
    if layout.comparison.is_some() {
        return "replies side by side, preference".into();
    }
    let formatting = match (layout.formatting, kind(layout)) {
        (_, DataKind::Text) => return "text".into(),
        (_, DataKind::Prompts) => return "prompts".into(),
        (Formatting::Alpaca, DataKind::Preference) if columns.prompt.is_none() && columns.query.is_none() => {
            return "HH-RLHF chosen/rejected".into();
        }
        (Formatting::Alpaca, DataKind::Preference)
            if named(&columns.prompt, "prompt") && named(&columns.chosen, "chosen") =>
        {
            return "TRL prompt/chosen/rejected".into();
        }
        (Formatting::Sharegpt, DataKind::Preference) if named(&columns.rejected, "non_preferred_output") => {
            return "OpenAI preferred/non-preferred output".into();
        }
        (Formatting::Sharegpt, DataKind::Preference)
            if columns.messages.is_none() && named(&columns.chosen, "chosen") =>
        {
            return "TRL chosen/rejected".into();
        }
        (Formatting::Alpaca, _) => "alpaca",
        (Formatting::Sharegpt, _) if layout.tags.role == "role" => "openai",
        (Formatting::Sharegpt, _) => "sharegpt",
    };
    let kind = match kind(layout) {
        DataKind::Preference => "preference",
        DataKind::Unpaired => "labelled replies",
        _ => "instructions",
    };
    format!("{formatting}, {kind}")
}
