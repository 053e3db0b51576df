//! The calls about evaluations of a model on a data set.

use super::{Answer, ApiError, bytes, delete, get, post};
use crate::logic::query::encode;
use protocol::evaluation::{Evaluate, Evaluation, Matrix, PredictedReply};

/// All evaluations, the newest first.
pub async fn evaluations() -> Answer<Vec<Evaluation>> {
    get("/api/evaluations").await
}
pub async fn evaluate(asked: &Evaluate) -> Answer<Evaluation> {
    post("/api/evaluations", asked).await
}
pub async fn stop_evaluation(id: &str) -> Answer<Evaluation> {
    post(&evaluation_path(id, "/stop"), &()).await
}
pub async fn delete_evaluation(id: &str) -> Answer<()> {
    delete(&evaluation_path(id, "")).await
}
pub async fn evaluation_matrix(ids: &[String]) -> Answer<Matrix> {
    get(&format!("/api/evaluations/matrix?ids={}", ids.join(","))).await
}
/// The address of the replies that an evaluation wrote: all of them, or the first ones alone.
pub fn predictions_path(id: &str, first: Option<usize>) -> String {
    let first = first.map_or_else(String::new, |first| format!("?first={first}"));
    evaluation_path(id, &format!("/predictions{first}"))
}
/// The first replies that an evaluation wrote.
pub async fn predictions(id: &str, first: usize) -> Answer<Vec<PredictedReply>> {
    let answer = bytes(&predictions_path(id, Some(first))).await?;
    let lines = answer.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let read: Result<_, _> = lines.map(serde_json::from_slice).collect();
    read.map_err(|error| ApiError::Unreadable(error.to_string()))
}
fn evaluation_path(id: &str, rest: &str) -> String {
    format!("/api/evaluations/{}{rest}", encode(id))
}
