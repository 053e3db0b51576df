//! What the parts of the compare page share: the runs, their colours, which are hidden, which is the baseline.

use crate::address::{Address, use_address};
use crate::api;
use crate::chart::closer::Gathered;
use crate::chart::{ChartBarState, ChartGroup, closer};
use crate::live::{Feed, use_live};
use crate::logic::series::{Fine, SeriesSet};
use crate::logic::table::{Cell, cell};
use crate::logic::view::{COLORS, run_color, scale_colors};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::RunSummary;

/// Columns whose values may give the colours, the first one with values does unless another is chosen.
pub const COLOR_BY: [&str; 4] = ["acc", "margin", "eval_loss", "lr"];

/// A run being compared.
#[derive(Clone)]
pub struct Compared {
    pub id: String,
    pub run: ArcRwSignal<RunSummary>,
    pub series: ArcRwSignal<SeriesSet>,
    /// The stretch that is looked at closely.
    pub fine: ArcRwSignal<Option<Fine>>,
}

/// The compared runs; in the context of the page's parts.
#[derive(Clone, Copy)]
pub struct Comparison {
    /// Copies of all rows, in the order of selection.
    pub summaries: Memo<Vec<RunSummary>>,
    /// The colour of each.
    pub colors: Memo<Vec<String>>,
    /// The column that gives the colours, where there are too many runs for a colour each.
    pub color_by: Memo<Option<&'static str>>,
    /// Ids whose lines are not drawn.
    pub hidden: Memo<Vec<String>>,
    /// Place of the pinned baseline.
    pub pinned: Memo<Option<usize>>,
    pub address: Address,
    pub bar: ChartBarState,
    pub group: ChartGroup,
}

pub fn use_comparison() -> Comparison {
    expect_context::<Comparison>()
}

impl Comparison {
    /// The comparison of these runs, each with its place in the selection, whose series are fetched and followed.
    pub fn of(ids: Vec<(usize, String)>) -> (Self, Vec<Compared>) {
        let (live, address) = (use_live(), use_address());
        let points = closer::points_each(ids.len());
        let gathered = Gathered::default();
        let mut runs = vec![];
        let mut places = vec![];
        for (place, id) in ids {
            let Some(run) = live.runs.with_untracked(|runs| runs.get(&id).cloned()) else {
                continue;
            };
            let series = ArcRwSignal::new(SeriesSet::default());
            load(id.clone(), points, series.clone(), gathered.clone());
            let fine = ArcRwSignal::new(None);
            places.push(place);
            runs.push(Compared { id, run, series, fine });
        }
        let rows: Vec<_> = runs.iter().map(|compared| compared.run.clone()).collect();
        let summaries = Memo::new(move |_| rows.iter().map(|row| row.get()).collect::<Vec<_>>());
        let many = runs.len() > COLORS;
        let color_by = Memo::new(move |_| {
            let asked = address.get("color");
            let chosen = COLOR_BY.into_iter().find(|column| *column == asked);
            let with_values = || {
                summaries.with(|runs| {
                    let any = |column: &&str| runs.iter().any(|run| number(run, column).is_some());
                    COLOR_BY.into_iter().find(any).unwrap_or(COLOR_BY[0])
                })
            };
            many.then(|| chosen.unwrap_or_else(with_values))
        });
        let colors = Memo::new(move |_| match color_by.get() {
            Some(column) => summaries.with(|runs| {
                let values: Vec<_> = runs.iter().map(|run| number(run, column)).collect();
                scale_colors(&values)
            }),
            None => places
                .iter()
                .map(|place| format!("var({})", run_color(*place)))
                .collect(),
        });
        let pinned = Memo::new(move |_| {
            let pin = address.get("pin");
            summaries.with(|runs| runs.iter().position(|run| run.id == pin))
        });
        let bar = ChartBarState::from_address();
        let comparison = Self {
            summaries,
            colors,
            color_by,
            hidden: Memo::new(move |_| address.query.with(|query| query.list("hide"))),
            pinned,
            address,
            bar,
            group: bar.group("compare"),
        };
        (comparison, runs)
    }
}

/// The number a column shows of a run.
pub fn number(run: &RunSummary, column: &str) -> Option<f64> {
    match cell(run, column) {
        Cell::Number(value, _) => Some(value),
        _ => None,
    }
}

/// Fetches a run's series and follows it on; tries again when the server is back.
fn load(id: String, points: u64, series: ArcRwSignal<SeriesSet>, gathered: Gathered) {
    let (live, owner) = (use_live(), Owner::current());
    let asked = StoredValue::new(false);
    let fetch = move || {
        if asked.get_value() {
            return;
        }
        asked.set_value(true);
        let (id, series, owner, gathered) = (id.clone(), series.clone(), owner.clone(), gathered.clone());
        spawn_local(async move {
            let Ok(page) = api::series_between(&id, 0, closer::LAST, points).await else {
                asked.try_set_value(false);
                return;
            };
            let set = SeriesSet::from_page(page);
            gathered.later(move || {
                // the page may be gone by then
                if asked.try_get_value().is_none() {
                    return;
                }
                let seq = set.seq;
                series.set(set);
                let Some(owner) = owner else { return };
                owner.with(|| {
                    live.follow(&id, seq, move |feed| {
                        if let Feed::Event(event) = feed {
                            series.maybe_update(|series| series.fold(&event));
                        }
                    });
                });
            });
        });
    };
    fetch();
    live.when_back(fetch);
}
