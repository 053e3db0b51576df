//! The series of the compared runs: asked for together, before their rows are there, and followed from there on.

use super::charts;
use super::state::Compared;
use crate::api::{self, Answer};
use crate::chart::closer::{self, Gathered};
use crate::live::{Feed, use_live};
use crate::logic::series::SeriesSet;
use futures::channel::oneshot;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::RunSeries;

/// Runs of a request: a request for each would be as much work again, and one for all would leave a slow line with nothing to show
/// until its end.
const AT_ONCE: usize = 25;

type Answering = oneshot::Receiver<Answer<Vec<RunSeries>>>;

/// Runs whose series are on their way.
pub struct Loading {
    ids: Vec<String>,
    /// The answers for so many of them each.
    parts: Vec<Answering>,
}

impl Loading {
    pub fn of(ids: Vec<String>) -> Self {
        let points = closer::points_each(ids.len());
        let parts = ids.chunks(AT_ONCE).map(|some| ask(some, points)).collect();
        Self { ids, parts }
    }
}

fn ask(ids: &[String], points: u64) -> Answering {
    let (tell, answering) = oneshot::channel();
    let asked = api::series_of_runs(ids, &charts::names(), points);
    // the page may be gone by then
    spawn_local(async move { drop(tell.send(asked.await)) });
    answering
}

/// Fetches the runs' series and follows them on. What is on its way already is taken where it is of these runs.
pub fn load(runs: &[Compared], ahead: Option<Loading>) {
    let ids: Vec<_> = runs.iter().map(|compared| compared.id.clone()).collect();
    let points = closer::points_each(ids.len());
    let gathered = Gathered::default();
    let ahead = ahead.filter(|ahead| ahead.ids == ids);
    let parts = ahead.unwrap_or_else(|| Loading::of(ids)).parts;
    for (some, first) in runs.chunks(AT_ONCE).zip(parts) {
        keep(some.to_vec(), points, first, gathered.clone());
    }
}

/// Takes in what is answered on some runs; asks again when the server is back.
fn keep(runs: Vec<Compared>, points: u64, first: Answering, gathered: Gathered) {
    let (live, owner) = (use_live(), Owner::current());
    let ids: Vec<_> = runs.iter().map(|compared| compared.id.clone()).collect();
    let asked = StoredValue::new(false);
    let take = move |answering: Answering| {
        asked.set_value(true);
        let (runs, owner, gathered) = (runs.clone(), owner.clone(), gathered.clone());
        spawn_local(async move {
            let Ok(Ok(found)) = answering.await else {
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
            take(ask(&ids, points));
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
