//! The state of the compare page: the runs, their colours, which are hidden, which is the baseline.

use super::load::{Loading, load};
use crate::address::{Address, use_address};
use crate::chart::{ChartBarState, ChartGroup};
use crate::fetched::heed;
use crate::live::{Live, use_live};
use crate::logic::query::Query;
use crate::logic::series::{Fine, SeriesSet};
use crate::logic::table::{Cell, cell};
use crate::logic::view::{COLORS, run_color, scale_color, scale_colors};
use leptos::prelude::*;
use protocol::RunConfig;
use protocol::api::RunSummary;
use protocol::column::results;
use protocol::numbers::{ValueGroup, grouped_by};

/// Columns by whose values many runs can be coloured. The first one with values is the default.
pub fn color_by() -> impl Iterator<Item = &'static str> {
    results().filter_map(|metric| metric.column).chain(["lr"])
}

/// A run that is compared.
#[derive(Clone)]
pub struct Compared {
    pub id: String,
    pub run: ArcRwSignal<RunSummary>,
    pub series: ArcRwSignal<SeriesSet>,
    /// The finer points of the visible stretch.
    pub fine: ArcRwSignal<Option<Fine>>,
}

/// Runs that have the same value of the key that they are grouped by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The value with all its digits; empty where the runs have none.
    pub value: String,
    /// The value as it is shown.
    pub label: String,
    pub color: String,
    /// The places of its runs.
    pub places: Vec<usize>,
}

fn groups_of(configs: &[RunConfig], key: &str) -> Vec<Group> {
    if key.is_empty() {
        return vec![];
    }
    let values: Vec<_> = configs.iter().map(|config| config.get(key)).collect();
    let groups = grouped_by(&values);
    let count = groups.len();
    let color = |place: usize| match count > COLORS {
        true => scale_color(place as f64 / (count - 1) as f64),
        false => format!("var({})", run_color(place)),
    };
    let groups = groups.into_iter().enumerate();
    let group = |(place, group): (usize, ValueGroup)| Group {
        value: group.value,
        label: group.label,
        color: color(place),
        places: group.places,
    };
    groups.map(group).collect()
}

/// The state of the page; in the context of its parts.
#[derive(Clone, Copy)]
pub struct Comparison {
    /// Copies of the rows of all compared runs, in the order of selection.
    pub summaries: Memo<Vec<RunSummary>>,
    /// The whole config of each. A default is what the rule book says, which takes its time: asked once, and again where a config changes.
    pub configs: Memo<Vec<RunConfig>>,
    /// The colour of each.
    pub colors: Memo<Vec<String>>,
    /// The column by whose values runs are coloured, where there are too many runs for a colour each.
    pub color_by: Memo<Option<&'static str>>,
    /// The groups of runs, in the order of their values; empty where runs are not grouped.
    pub groups: Memo<Vec<Group>>,
    /// Ids whose lines are not drawn.
    pub hidden: Memo<Vec<String>>,
    /// The sum of all runs' steps: when it changes, data are fetched again.
    pub steps: Memo<u64>,
    /// The place of the pinned baseline.
    pub pinned: Memo<Option<usize>>,
    pub address: Address,
    live: Live,
    pub bar: ChartBarState,
    pub group: ChartGroup,
}

pub fn use_comparison() -> Comparison {
    expect_context::<Comparison>()
}

impl Comparison {
    /// The comparison of these runs, each with its place in the selection, whose series are fetched and followed; `ahead`: those
    /// that are on their way.
    pub fn of(ids: Vec<(usize, String)>, ahead: Option<Loading>) -> (Self, Vec<Compared>) {
        let (live, address) = (use_live(), use_address());
        let mut runs = vec![];
        let mut places = vec![];
        for (place, id) in ids {
            let Some(run) = live.runs.with_untracked(|runs| runs.get(&id).cloned()) else {
                continue;
            };
            let series = ArcRwSignal::new(SeriesSet::default());
            let fine = ArcRwSignal::new(None);
            places.push(place);
            runs.push(Compared { id, run, series, fine });
        }
        load(&runs, ahead);
        let rows: Vec<_> = runs.iter().map(|compared| compared.run.clone()).collect();
        let known: Vec<_> = rows.iter().map(known_config).collect();
        let configs = Memo::new(move |_| known.iter().map(|known| known.get()).collect::<Vec<_>>());
        let summaries = Memo::new(move |_| rows.iter().map(|row| row.get()).collect::<Vec<_>>());
        let many = runs.len() > COLORS;
        let key = Memo::new(move |_| address.get("group"));
        let groups = Memo::new(move |_| key.with(|key| configs.with(|configs| groups_of(configs, key))));
        let color_by = Memo::new(move |_| {
            let asked = address.get("color");
            let chosen = color_by().find(|column| *column == asked);
            let with_values = || {
                summaries.with(|runs| {
                    let any = |column: &&str| runs.iter().any(|run| number(run, column).is_some());
                    color_by().find(any).or_else(|| color_by().next())
                })
            };
            let ungrouped = many && key.with(String::is_empty);
            ungrouped.then(|| chosen.or_else(with_values)).flatten()
        });
        let of_groups = move |count: usize| {
            groups.with(|groups| {
                let mut colors = vec![String::new(); count];
                for group in groups {
                    group
                        .places
                        .iter()
                        .for_each(|place| colors[*place].clone_from(&group.color));
                }
                colors
            })
        };
        let colors = Memo::new(move |_| match color_by.get() {
            _ if groups.with(|groups| !groups.is_empty()) => of_groups(summaries.with(Vec::len)),
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
            configs,
            colors,
            color_by,
            groups,
            hidden: Memo::new(move |_| address.query.with(|query| query.list("hide"))),
            steps: Memo::new(move |_| summaries.with(|runs| runs.iter().map(|run| run.step).sum())),
            pinned,
            address,
            live,
            bar,
            group: bar.group("compare"),
        };
        (comparison, runs)
    }
}

/// The query of the page with the place of each deleted run vacant, as is that of a run that was taken out. Untracked.
pub fn with_known_runs(query: &Query, live: Live) -> Query {
    let mut ids = query.list("runs");
    live.runs.with_untracked(|runs| {
        let gone = ids.iter_mut().filter(|id| !runs.contains_key(id.as_str()));
        gone.for_each(|id| *id = "-".into());
    });
    let mut query = query.clone();
    query.set_list("runs", &ids);
    query
}

impl Comparison {
    /// The query for requests to the server; tracked.
    pub fn query(&self) -> Query {
        // a run that is deleted changes the page's runs with it
        self.summaries.track();
        self.address.query.with(|query| with_known_runs(query, self.live))
    }

    fn place(&self, id: &str) -> Option<usize> {
        self.summaries.with(|runs| runs.iter().position(|run| run.id == id))
    }

    /// The ids of the runs that are drawn.
    pub fn shown_ids(&self) -> Vec<String> {
        let hidden = self.hidden.get();
        self.summaries.with(|runs| {
            let ids = runs.iter().map(|run| run.id.clone());
            ids.filter(|id| !hidden.contains(id)).collect()
        })
    }

    /// The name of the run with this id.
    pub fn name_of(&self, id: &str) -> String {
        let named = |run: &RunSummary| run.name.clone();
        let run = |runs: &Vec<RunSummary>| runs.iter().find(|run| run.id == id).map(named);
        self.summaries.with(run).unwrap_or_default()
    }

    /// The colour of the run with this id.
    pub fn color_of(&self, id: &str) -> String {
        let place = self.place(id);
        let color = self.colors.with(|colors| colors.get(place?).cloned());
        color.unwrap_or_else(|| "var(--line-strong)".into())
    }

    /// What is highlighted together with a run: its group where there are groups, since the line is the group's.
    pub fn lit_by(&self, id: &str) -> String {
        let place = self.place(id);
        let group = self.groups.with(|groups| {
            let group = groups
                .iter()
                .find(|group| place.is_some_and(|place| group.places.contains(&place)));
            group.map(|group| group.value.clone())
        });
        group.unwrap_or_else(|| id.to_owned())
    }
}

/// The whole config of a run, worked out anew where what is given of it changes and not with each step.
fn known_config(row: &ArcRwSignal<RunSummary>) -> Memo<RunConfig> {
    let (given, row) = (row.clone(), row.clone());
    let given = Memo::new(move |_| given.with(|run| run.config.clone()));
    Memo::new(move |_| {
        heed(given);
        row.with_untracked(RunSummary::known_config)
    })
}

/// The number a column shows of a run.
pub fn number(run: &RunSummary, column: &str) -> Option<f64> {
    match cell(run, column) {
        Cell::Number(value, _) => Some(value),
        _ => None,
    }
}
