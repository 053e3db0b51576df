//! The page "Runs": all runs in one table, to be searched, filtered, sorted and selected.

mod archive;
mod bar;
mod cells;
mod columns;
mod empty;
mod import;
mod keys;
mod preview;
mod row;
mod save;
mod search;
mod selection_bar;
mod sweep_row;
mod table;

pub use archive::archive;
pub use columns::column_title;
pub use empty::NoRuns;

use crate::address::{Address, use_address};
use crate::fetched::heed;
use crate::i18n::runs as words;
use crate::live::{Live, use_live};
use crate::logic::arrange::{Sieve, order};
use crate::logic::fold::fold;
use crate::logic::view::RunsView;
use crate::ui::{Icon, IconName, PageHead, Skeleton};
use leptos::prelude::*;
use protocol::api::{RunState, RunSummary};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// The table's state; in the context of its parts.
#[derive(Clone, Copy)]
struct RunsTable {
    live: Live,
    view: Memo<RunsView>,
    address: Address,
    /// The runs that match the view, in order.
    shown: Memo<Vec<Shown>>,
    /// The keys of the table's rows: runs, and sweeps with their runs folded.
    rows: Memo<Vec<Arc<str>>>,
    /// The key of the row that the keyboard is at, or that the pointer chose.
    at: RwSignal<Option<String>>,
}

fn use_table() -> RunsTable {
    expect_context::<RunsTable>()
}

impl RunsTable {
    /// Changes the view, in the address. Does nothing once the page is gone.
    fn edit(&self, edit: impl FnOnce(&mut RunsView)) {
        let Some(mut view) = self.view.try_get_untracked() else {
            return;
        };
        edit(&mut view);
        self.address.edit(|query| view.write(query));
    }

    /// Reads all runs where they lie, untracked.
    fn with_all<T>(&self, read: impl FnOnce(&[&RunSummary]) -> T) -> T {
        let rows = self.live.runs.read_untracked();
        let rows: Vec<_> = rows.values().map(|run| run.read_untracked()).collect();
        read(&rows.iter().map(|run| &**run).collect::<Vec<_>>())
    }

    /// The selected runs that still exist, in the order of selection.
    fn selected(&self) -> Vec<RunSummary> {
        let ids = self.view.with(|view| view.selected.clone());
        self.live.runs.with(|runs| {
            ids.iter()
                .filter_map(|id| runs.get(id))
                .map(|run| run.get_untracked())
                .collect()
        })
    }
}

/// The row of a run, beside the text in which the search looks for words.
struct Searched {
    id: Arc<str>,
    run: ArcRwSignal<RunSummary>,
    text: OnceLock<String>,
}

/// A run that matches the view; the same as long as it is that run.
#[derive(Clone)]
struct Shown {
    id: Arc<str>,
    run: ArcRwSignal<RunSummary>,
}

impl PartialEq for Shown {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

/// The places of all runs in the order of the view. A further letter of the search doesn't change it, and so sorts nothing.
fn ordered(rows: &[Searched], view: &RunsView) -> Vec<usize> {
    let read: Vec<_> = rows.iter().map(|row| row.run.read_untracked()).collect();
    order(&read, view)
}

/// The runs that match the view, in the `order` of it. No row is copied: a letter typed over ten thousand runs is answered in its frame.
fn matching(rows: &[Searched], order: &[usize], view: &RunsView) -> Vec<Shown> {
    let sieve = Sieve::new(view, rows.iter().map(|row| row.run.read_untracked()));
    let passes = |row: &&Searched| sieve.passes(&row.run.read_untracked(), &row.text);
    let shown = |row: &Searched| Shown {
        id: row.id.clone(),
        run: row.run.clone(),
    };
    let rows = order.iter().filter_map(|place| rows.get(*place));
    rows.filter(passes).map(shown).collect()
}

/// What decides the place of a run in the table. Its metrics are not part of it, so that rows do not move with every step.
#[derive(Debug, Clone, PartialEq)]
struct Shape {
    id: String,
    state: RunState,
    queue_position: Option<u64>,
    archived: bool,
    name: String,
    tags: Vec<String>,
    note: String,
    /// The id of its sweep.
    sweep: Option<String>,
}

impl Shape {
    fn of(run: &RunSummary) -> Self {
        Self {
            id: run.id.clone(),
            state: run.state,
            queue_position: run.queue_position,
            archived: run.archived,
            name: run.name.clone(),
            tags: run.tags.clone(),
            note: run.note.clone(),
            sweep: run.sweep.as_ref().map(|sweep| sweep.id.clone()),
        }
    }
}

#[component]
pub fn Runs() -> impl IntoView {
    let (live, address) = (use_live(), use_address());
    let view = Memo::new(move |_| address.query.with(RunsView::read));
    let shapes = Memo::new(move |_| {
        live.runs
            .with(|runs| runs.values().map(|run| run.with(Shape::of)).collect::<Vec<_>>())
    });
    // the part of the view that decides which runs are shown, and in which order; selecting a row does not change it
    let filter_and_sort = Memo::new(move |_| RunsView {
        selected: vec![],
        open: vec![],
        columns: None,
        ..view.get()
    });
    // made anew where a run's text may have changed
    let searched = Memo::new_with_compare(
        move |_| {
            heed(shapes);
            let rows = live.runs.read_untracked();
            let row = |(id, run): (&String, &ArcRwSignal<RunSummary>)| Searched {
                id: id.as_str().into(),
                run: run.clone(),
                text: OnceLock::new(),
            };
            Arc::new(rows.iter().map(row).collect::<Vec<_>>())
        },
        |_, _| true,
    );
    // rows are sorted anew with each change of the sort or a filter, and when a search begins or ends: by then a metric they are sorted by
    // may have gone on. Not with each event, so that no row moves under the pointer; and not with each letter, so that typing stays fast
    let sort = Memo::new(move |_| {
        filter_and_sort.with(|view| RunsView {
            search: String::new(),
            ..view.clone()
        })
    });
    let searches = Memo::new(move |_| filter_and_sort.with(|view| !view.search.trim().is_empty()));
    let order = Memo::new(move |_| {
        heed(searches);
        searched.with(|rows| sort.with(|view| ordered(rows, view)))
    });
    let shown = Memo::new(move |_| {
        let (rows, order) = (searched.read(), order.read());
        filter_and_sort.with(|view| matching(&rows, &order, view))
    });
    let open = Memo::new(move |_| view.with(|view| view.open.clone()));
    // each run that is of a sweep, and that sweep
    let sweeps = Memo::new(move |_| {
        let of = |shape: &Shape| Some((shape.id.clone(), shape.sweep.clone()?));
        shapes.with(|shapes| shapes.iter().filter_map(of).collect::<HashMap<_, _>>())
    });
    let rows = Memo::new(move |_| {
        let (shown, open) = (shown.read(), open.read());
        let ids = shown.iter().map(|shown| shown.id.clone());
        sweeps.with(|sweeps| fold(ids, |id| sweeps.get(id).cloned(), &open))
    });
    provide_context(RunsTable {
        live,
        view,
        address,
        shown,
        rows,
        at: RwSignal::new(None),
    });
    let none = Memo::new(move |_| live.runs.with(|runs| runs.is_empty()));
    view! {
        <PageHead title=words::title.into()>
            <import::ImportButton />
            <a class="btn primary" href="/new">
                <Icon name=IconName::Plus />
                {words::new_run}
            </a>
        </PageHead>
        {move || match (live.loaded.get(), none.get()) {
            (false, _) => view! { <div class="page-body"><Skeleton lines=10 /></div> }.into_any(),
            (true, true) => view! { <NoRuns /> }.into_any(),
            (true, false) => {
                view! {
                    <bar::FilterBar />
                    <div class="runs-main">
                        <table::Table />
                        <preview::Preview />
                    </div>
                    <selection_bar::SelectionBar />
                }
                    .into_any()
            }
        }}
    }
}
