//! What stage `ppo` takes: prompts, of rows with replies too.

use crate::data::rows;
use crate::data::{self, Example, Intake, RowEncoding, RowKind, RowReport, encode, tokenized};
use protocol::Stage;
use protocol::data::DataKind;

/// Prompts that replies are written to, each cut to what it would keep beside its own.
pub const PROMPTS: Intake = Intake {
    needs: |kind| Some(DataKind::Prompts).filter(|_| matches!(kind, DataKind::Prompts)),
    kept_as: |_| "Prompts".to_owned(),
    ..Intake::rows(Stage::Ppo, RowKind::Prompts, encode_prompt, tokenized::prompt)
};

fn encode_prompt(row: &rows::Row, by: RowEncoding) -> data::Result<(Example, RowReport)> {
    let (prompt, row_report) = encode::prompt(by.encoder, row, by.cutoff)?;
    Ok((Example::Prompt(prompt), row_report))
}
