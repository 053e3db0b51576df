//! The series of the compared runs: asked for together, before their rows are there, and followed from there on.

use super::drawing::names;
use super::state::Compared;
use crate::api::{self, Answer};
use crate::chart::closer::{self, Gathered};
use crate::live::{Connection, Feed, use_live};
use crate::logic::series::SeriesSet;
use futures::channel::oneshot;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::RunSeries;
use std::collections::{HashMap, HashSet};

/// Runs of a request: a request for each would be as much work again, and one for all would leave a slow line with nothing to show
/// until its end.
const AT_ONCE: usize = 25;

type Answering = oneshot::Receiver<Answer<Vec<RunSeries>>>;

/// Runs whose series are on their way.
pub struct Loading {
    parts: Vec<Part>,
}

/// Some of them, and the answer for these.
struct Part {
    ids: Vec<String>,
    answering: Answering,
}

impl Loading {
    pub fn of(ids: &[String]) -> Self {
        let points = closer::points_each(ids.len());
        let part = |some: &[String]| Part {
            ids: some.to_vec(),
            answering: ask(some, points),
        };
        Self {
            parts: ids.chunks(AT_ONCE).map(part).collect(),
        }
    }

    /// Whether all of these runs are among them.
    fn has_all(&self, runs: &[Compared]) -> bool {
        let ids: HashSet<&String> = self.parts.iter().flat_map(|part| &part.ids).collect();
        runs.iter().all(|run| ids.contains(&run.id))
    }
}

fn ask(ids: &[String], points: u64) -> Answering {
    let (tell, answering) = oneshot::channel();
    let asked = api::series_of_runs(ids, &names(), points);
    // the page may be gone by then
    spawn_local(async move { drop(tell.send(asked.await)) });
    answering
}

/// Fetches the runs' series and follows them on. What is on its way already is taken where these runs are among it.
pub fn load(runs: &[Compared], ahead: Option<Loading>) {
    let ids: Vec<_> = runs.iter().map(|compared| compared.id.clone()).collect();
    let points = closer::points_each(ids.len());
    let gathered = Gathered::default();
    let parts = ahead
        .filter(|ahead| ahead.has_all(runs))
        .unwrap_or_else(|| Loading::of(&ids))
        .parts;
    let by_id: HashMap<&String, &Compared> = runs.iter().map(|run| (&run.id, run)).collect();
    for Part { ids, answering } in parts {
        let some: Vec<_> = ids.iter().filter_map(|id| Some((*by_id.get(id)?).clone())).collect();
        if !some.is_empty() {
            keep(some, points, answering, gathered.clone());
        }
    }
}

/// Takes in what is answered on some runs; asks again when the server is back.
fn keep(runs: Vec<Compared>, points: u64, first: Answering, gathered: Gathered) {
    let (live, owner) = (use_live(), Owner::current());
    let ids: Vec<_> = runs.iter().map(|compared| compared.id.clone()).collect();
    let again = ids.clone();
    let asked = StoredValue::new(false);
    let take = move |answering: Answering| {
        asked.set_value(true);
        let (runs, ids, owner, gathered) = (runs.clone(), ids.clone(), owner.clone(), gathered.clone());
        spawn_local(async move {
            let mut answer = answering.await;
            let is_reachable = live.connection.get_untracked() != Connection::Offline;
            // it may have been asked while the server was away, and nothing would tell that it is back
            if !matches!(answer, Ok(Ok(_))) && is_reachable && asked.try_get_value().is_some() {
                answer = ask(&ids, points).await;
            }
            let Ok(Ok(found)) = answer else {
                asked.try_set_value(false);
                return;
            };
            gathered.later(move || {
                // the page may be gone by then
                if asked.try_get_value().is_none() {
                    return;
                }
                let Some(owner) = owner else { return };
                for RunSeries { run, page } in found {
                    if let Some(compared) = runs.iter().find(|compared| compared.id == run) {
                        owner.with(|| follow(compared, SeriesSet::from_page(page)));
                    }
                }
            });
        });
    };
    take(first);
    live.when_back(move || {
        if !asked.get_value() {
            take(ask(&again, points));
        }
    });
}

/// Shows a run's series, and what its worker tells from there on.
fn follow(compared: &Compared, set: SeriesSet) {
    let (series, seq) = (compared.series.clone(), set.seq);
    series.set(set);
    use_live().follow(&compared.id, seq, move |feed| {
        if let Feed::Event(event) = feed {
            series.maybe_update(|series| series.fold(&event));
        }
    });
}
