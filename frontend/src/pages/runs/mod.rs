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
use crate::logic::arrange::{Listed, arrange};
use crate::logic::fold::fold;
use crate::logic::view::RunsView;
use crate::ui::{Icon, IconName, PageHead, Skeleton};
use leptos::prelude::*;
use protocol::api::{RunState, RunSummary};
use std::sync::{Arc, OnceLock};

/// The table's state; in the context of its parts.
#[derive(Clone, Copy)]
struct RunsTable {
    live: Live,
    view: Memo<RunsView>,
    address: Address,
    /// The ids of the runs that match the view, in order.
    shown: Memo<Vec<String>>,
    /// The keys of the table's rows: runs, and sweeps with their runs folded.
    rows: Memo<Vec<String>>,
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
    run: ArcRwSignal<RunSummary>,
    text: OnceLock<String>,
}

/// The ids of the runs that match the view, in order. Nothing is copied but these: a letter typed over ten thousand runs is answered within
/// a few frames.
fn arranged(rows: &[Searched], view: &RunsView) -> Vec<String> {
    let read: Vec<_> = rows.iter().map(|row| (row.run.read_untracked(), &row.text)).collect();
    let listed: Vec<_> = read.iter().map(|(run, text)| Listed { run, text }).collect();
    arrange(&listed, view)
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
            let row = |run: &ArcRwSignal<RunSummary>| Searched {
                run: run.clone(),
                text: OnceLock::new(),
            };
            Arc::new(rows.values().map(row).collect::<Vec<_>>())
        },
        |_, _| true,
    );
    let shown = Memo::new(move |_| searched.with(|rows| filter_and_sort.with(|view| arranged(rows, view))));
    let open = Memo::new(move |_| view.with(|view| view.open.clone()));
    let rows = Memo::new(move |_| {
        let sweep_of = |id: &str| {
            let run = live.runs.with_untracked(|runs| runs.get(id).cloned())?;
            run.with_untracked(|run| Some(run.sweep.as_ref()?.id.clone()))
        };
        open.with(|open| shown.with(|shown| fold(shown, sweep_of, open)))
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
