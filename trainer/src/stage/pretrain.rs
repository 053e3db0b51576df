//! Stage `pt`: next-token prediction over text.

use super::supervised::{WHOLE, cross_entropy, token_metric_names};
use super::{Batch, Stage};
use crate::data::rows;
use crate::data::{
    self, DataError, Example, Intake, RowEncoding, RowForm, RowKind, RowReport, Sequence, encode, tokenized,
};
use crate::loss::{BatchLoss, Running};
use protocol::config::TokenWeights;
use protocol::data::DataKind;
use protocol::says;
use std::collections::BTreeSet;

/// Texts, each cut to the cut-off; or, packed, all of them in blocks of that length.
pub const fn texts(packing: bool) -> Intake {
    Intake {
        needs: |_| Some(DataKind::Text),
        form: match packing {
            true => RowForm::Blocks,
            false => RowForm::Cut,
        },
        kept_as: |intake| format!("Pretrain {{ packing: {} }}", intake.form == RowForm::Blocks),
        ..Intake::rows(
            protocol::Stage::Pretrain,
            RowKind::Sequences,
            encode_text,
            tokenized::text,
        )
    }
}

fn encode_text(row: &rows::Row, by: RowEncoding) -> data::Result<(Example, RowReport)> {
    let text = row.prompt.first().map_or("", |m| m.content.as_str());
    if text.is_empty() {
        return Err(DataError::row(says::text_empty()));
    }
    let ids = encode::document(by.encoder, text)?;
    let row_report = RowReport {
        tokens: ids.len(),
        ..RowReport::default()
    };
    Ok((Example::Document(ids), row_report))
}

/// Every token counts alike.
pub struct Pretrain {
    pub packing: bool,
}

impl Stage for Pretrain {
    type Row = Sequence;

    fn intake(&self) -> Intake {
        texts(self.packing)
    }

    fn share(&self, _micro_batches: usize) -> f64 {
        WHOLE
    }

    fn loss(&self, batch: &Batch<Sequence>, _running: &Running) -> BatchLoss {
        cross_entropy(TokenWeights::Even, batch)
    }

    fn metric_names(&self) -> BTreeSet<String> {
        token_metric_names()
    }
}
