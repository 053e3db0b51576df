//! Stage `pt`: next-token prediction over text.

use super::supervised::{WHOLE, cross_entropy, told_of_tokens};
use super::{Batch, Stage};
use crate::data::Sequence;
use crate::loss::{BatchLoss, Running};
use protocol::config::TokenWeights;
use std::collections::BTreeSet;

/// Every token counts alike.
pub struct Pretrain;

impl Stage for Pretrain {
    type Row = Sequence;

    fn share(&self, _micro_batches: usize) -> f64 {
        WHOLE
    }

    fn loss(&self, batch: &Batch<Sequence>, _running: &Running) -> BatchLoss {
        cross_entropy(TokenWeights::Even, batch)
    }

    fn told(&self) -> BTreeSet<String> {
        told_of_tokens()
    }
}
