//! The calls about what a run kept of single rows: its held-out pairs, and the samples it wrote.

use super::{Answer, ApiError, bytes, get, put, run_path, send_json};
use crate::logic::query::encode;
use gloo_net::http::Request;
use protocol::pairs::{Comparison, Mark, Marking, Overview, PairDetail, PairRows, PairScores, PairTokens};
use protocol::samples::{Cells, Overview as SamplesOverview, PromptReplies};
use std::ops::Range;
use web_sys::AbortSignal;

/// An overview of a run's held-out pairs.
pub async fn pairs(id: &str) -> Answer<Overview> {
    get(&run_path(id, "/pairs")).await
}
/// All pairs at the evaluation after `step` updates.
pub async fn pair_scores(id: &str, step: u64) -> Answer<PairScores> {
    let answer = bytes(&run_path(id, &format!("/pairs/scores?step={step}"))).await?;
    PairScores::decode(&answer).ok_or_else(|| ApiError::Unreadable(format!("{} bytes", answer.len())))
}
/// The texts of some pairs, in this order.
pub async fn pair_rows(id: &str, pairs: &[u32]) -> Answer<PairRows> {
    let ids: Vec<_> = pairs.iter().map(u32::to_string).collect();
    get(&run_path(id, &format!("/pairs/rows?ids={}", ids.join(",")))).await
}
pub async fn pair(id: &str, pair: u32) -> Answer<PairDetail> {
    get(&run_path(id, &format!("/pairs/{pair}"))).await
}
/// The tokens of a pair of which none are kept. The server loads two models for it; it gives up when `abort` does.
pub async fn score_pair(id: &str, pair: u64, abort: Option<AbortSignal>) -> Answer<PairTokens> {
    let request = Request::post(&run_path(id, &format!("/pairs/{pair}/tokens")));
    send_json(request.abort_signal(abort.as_ref()), &()).await
}
pub async fn mark_pair(id: &str, pair: u32, mark: Mark) -> Answer<Marking> {
    put(&run_path(id, &format!("/pairs/{pair}/mark")), &Marking { mark }).await
}
/// The pairs of two runs whose held-out rows are the same.
pub async fn compare_pairs(a: &str, b: &str) -> Answer<Comparison> {
    get(&format!("/api/pairs/compare?a={}&b={}", encode(a), encode(b))).await
}
/// An overview of the samples that a run wrote while it trained.
pub async fn samples(id: &str) -> Answer<SamplesOverview> {
    get(&run_path(id, "/samples")).await
}
/// The beginnings of all replies at some steps, by their places.
pub async fn sample_cells(id: &str, steps: Range<usize>) -> Answer<Cells> {
    let (from, count) = (steps.start, steps.len());
    get(&run_path(id, &format!("/samples/replies?from={from}&count={count}"))).await
}
/// A prompt with the whole replies to it at some steps.
pub async fn sample(id: &str, prompt: usize, steps: Range<usize>) -> Answer<PromptReplies> {
    let (from, count) = (steps.start, steps.len());
    get(&run_path(id, &format!("/samples/{prompt}?from={from}&count={count}"))).await
}
