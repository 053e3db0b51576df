//! The pairs as files: the listed ones with their prompts, and the histogram as a picture and a table.

use super::state::PairsTab;
use crate::api;
use crate::browser::color;
use crate::i18n::pairs as words;
use crate::logic::pairs::histogram::Bins;
use crate::logic::pairs::list::{Scored, change, longer};
use crate::logic::pairs::picture::{Inks, svg};
use crate::logic::sheet::{Sheet, short};
use crate::ui::{SaveItem, save_sheet, sheet_items, svg_items, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::pairs::{MOST_ROWS_ASKED, Mark};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// The items of the list: CSV and JSON. Prompts are fetched for it, since the page has those in sight alone.
pub fn list_items(tab: PairsTab) -> Vec<SaveItem> {
    let toaster = use_toaster();
    let item = |word: &'static str, ending: &'static str| {
        SaveItem::new(word, move || {
            // the tab may be gone when the prompts are here
            let (pairs, id) = (tab.listed.get_untracked(), tab.run.id.get_value());
            let (step, marks) = (tab.step.get_untracked(), tab.marks.get_untracked());
            let scored = tab.scored.get_untracked();
            spawn_local(async move {
                let mut prompts = HashMap::new();
                for some in pairs.chunks(MOST_ROWS_ASKED as usize) {
                    match api::pair_rows(&id, some).await {
                        Ok(found) => prompts.extend(found.rows.into_iter().map(|row| (row.pair, row.row.prompt))),
                        Err(error) => return toaster.fail(&error),
                    }
                }
                let rows = list_rows(&pairs, step, &marks, scored.as_deref(), &prompts);
                save_sheet(&Sheet::new(&LIST, rows), words::title(), ending);
            });
        })
    };
    vec![item("CSV", "csv"), item("JSON", "json")]
}

const LIST: [&str; 7] = [
    "pair",
    "step",
    "margin",
    "change",
    "length_difference",
    "mark",
    "prompt",
];

fn list_rows(
    pairs: &[u32],
    step: Option<u64>,
    marks: &BTreeMap<u64, Mark>,
    scored: Option<&Scored>,
    prompts: &HashMap<u64, String>,
) -> Vec<Vec<Value>> {
    let row = |pair: &u32| {
        let number = u64::from(*pair);
        let score = scored?.get(*pair).copied()?;
        let mark = match marks.get(&number) {
            Some(Mark::Mislabelled) => "mislabelled".into(),
            Some(Mark::Excluded) => "excluded".into(),
            Some(Mark::None) | None => Value::Null,
        };
        Some(vec![
            // as it is called on the page
            (number + 1).into(),
            step.into(),
            short(score.margin),
            short(change(&score)),
            longer(&score).into(),
            mark,
            prompts.get(&number).cloned().into(),
        ])
    };
    pairs.iter().filter_map(row).collect()
}

/// The items of the histogram.
pub fn histogram_items(bins: Memo<Bins>) -> Vec<SaveItem> {
    let title = Signal::derive(|| words::histogram().to_owned());
    let picture = move || {
        let inks = Inks {
            ground: color("var(--bg)"),
            text: color("var(--text-2)"),
            right: color("var(--chosen)"),
            wrong: color("var(--rejected)"),
        };
        Some(bins.with(|bins| svg(bins, words::histogram(), &inks)))
    };
    let sheet = move || {
        let row = |bins: &Bins, bin: usize, count: u32| {
            let (from, to) = bins.ends(bin);
            vec![from.into(), to.into(), count.into()]
        };
        let rows = bins.with(|bins| {
            let all = bins.counts.iter().enumerate();
            all.map(|(bin, count)| row(bins, bin, *count)).collect::<Vec<_>>()
        });
        Sheet::new(&["from", "to", "pairs"], rows)
    };
    svg_items(title, picture)
        .into_iter()
        .chain(sheet_items(title, sheet))
        .collect()
}
