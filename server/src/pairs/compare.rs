//! Two runs on the same held-out pairs: which of them either gets right.

use super::directory;
use super::folder::Folder;
use crate::ApiError;
use crate::db::Db;
use crate::error::ApiResult;
use crate::extract::{Json, Query};
use crate::off_thread::off_thread;
use axum::extract::State;
use protocol::pairs::{Cell, Comparison};
use protocol::says;
use serde::Deserialize;
use std::collections::HashMap;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub struct CompareQuery {
    /// A run.
    a: String,
    /// The run that it is compared with.
    b: String,
}

/// Which pairs two runs get right at their newest evaluations. Refused where they hold out different pairs.
#[utoipa::path(get, path = "/api/pairs/compare", tag = "pairs", params(CompareQuery), responses((status = 200, body = Comparison), (status = 409)))]
pub async fn compare(State(db): State<Db>, Query(query): Query<CompareQuery>) -> ApiResult<Json<Comparison>> {
    let (a, b) = (directory(&db, &query.a).await?, directory(&db, &query.b).await?);
    off_thread(move || compared(&Folder::open(&a)?, &Folder::open(&b)?).map(Json)).await?
}

/// Whether each pair is right at the newest evaluation, with its hash.
struct Judged {
    step: u64,
    pairs: Vec<([u8; 16], bool)>,
}

impl Judged {
    fn of(folder: &Folder) -> ApiResult<Self> {
        let steps = folder.steps()?;
        let step = steps.last().copied();
        let step = step.ok_or_else(|| ApiError::not_found(says::no_such_evaluation()))?;
        let mut pairs = Vec::with_capacity(folder.about.count as usize);
        for (head, scores) in folder.heads()?.zip(folder.evaluation(step)?) {
            pairs.push((head?.hash, scores?.is_right()));
        }
        Ok(Self { step, pairs })
    }
}

fn compared(a: &Folder, b: &Folder) -> ApiResult<Comparison> {
    let (a, b) = (Judged::of(a)?, Judged::of(b)?);
    // a pair may be there more than once: then its places are taken in turn
    let mut places: HashMap<_, Vec<(u64, bool)>> = HashMap::with_capacity(b.pairs.len());
    for (number, &(hash, right)) in b.pairs.iter().enumerate().rev() {
        places.entry(hash).or_default().push((number as u64, right));
    }
    let mut found = Comparison {
        step_a: a.step,
        step_b: b.step,
        ..Comparison::default()
    };
    let mut shared = 0;
    for (number, (hash, right)) in (0..).zip(&a.pairs) {
        let Some((twin, twin_right)) = places.get_mut(hash).and_then(Vec::pop) else {
            continue;
        };
        shared += 1;
        let cell: &mut Cell = match (right, twin_right) {
            (true, true) => &mut found.both_right,
            (true, false) => &mut found.only_a_right,
            (false, true) => &mut found.only_b_right,
            (false, false) => &mut found.both_wrong,
        };
        cell.count += 1;
        cell.a.push(number);
        cell.b.push(twin);
    }
    let (of_a, of_b) = (a.pairs.len(), b.pairs.len());
    match shared == of_a && shared == of_b {
        true => Ok(found),
        false => Err(ApiError::conflict(says::other_pairs(shared, of_a, of_b))),
    }
}
