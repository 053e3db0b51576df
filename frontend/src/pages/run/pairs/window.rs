//! Virtual scrolling of a list of pairs: which rows are in the viewport, and the prompts of their pairs.

use crate::api::{self, Answer};
use crate::fetched::{Refetch, heed};
use crate::logic::pairs::frame::Frame;
use crate::logic::pairs::list::line_of;
use crate::ui::RowWindow;
use leptos::prelude::*;
use protocol::pairs::PairRows;
use std::collections::HashMap;

/// Height of a row in px, as in `style/37-pairs.css`.
pub const ROW: usize = 32;
/// Rows rendered beyond the viewport, above and below (overscan).
const MARGIN: usize = 8;
/// Characters of a prompt that are kept.
const LETTERS: usize = 160;
/// Prompts that are kept; beyond it all but the visible ones are dropped.
const KEPT: usize = 4000;

/// The part of a list of pairs that is rendered.
pub type Window = RowWindow<ROW, MARGIN>;

/// The beginnings of prompts, by the number of the pair.
pub type Lines = RwSignal<HashMap<u32, String>>;

/// Fetches the prompts of the visible pairs of a run that are not known yet. `frame` is set to what the template puts around them.
pub fn keep_lines(run: StoredValue<String>, in_sight: Memo<Vec<u32>>, frame: RwSignal<Frame>) -> Lines {
    let lines = Lines::default();
    let missing = move || {
        let missing = |lines: &HashMap<u32, String>| {
            in_sight.with_untracked(|pairs| {
                let unknown = pairs.iter().filter(|pair| !lines.contains_key(pair));
                unknown
                    .take(protocol::pairs::MOST_ROWS_ASKED as usize)
                    .copied()
                    .collect::<Vec<_>>()
            })
        };
        lines.with_untracked(missing)
    };
    let ask = move || {
        let missing = missing();
        async move {
            match missing.is_empty() {
                true => Ok(PairRows::default()),
                false => api::pair_rows(&run.get_value(), &missing).await,
            }
        }
    };
    let asking = Refetch::new(ask, move |answer: Answer<PairRows>| {
        let Ok(found) = answer else { return };
        if found.rows.is_empty() {
            return;
        }
        if frame.with_untracked(|frame| *frame == Frame::default()) {
            let prompts: Vec<_> = found.rows.iter().map(|row| row.row.prompt.as_str()).collect();
            frame.set(Frame::of(&prompts));
        }
        lines.update(|lines| {
            if lines.len() > KEPT {
                in_sight.with_untracked(|seen| lines.retain(|pair, _| seen.contains(pair)));
            }
            let line = |row: &str| frame.with_untracked(|frame| line_of(frame.inside(row), LETTERS));
            lines.extend(
                found
                    .rows
                    .into_iter()
                    .map(|row| (row.pair as u32, line(&row.row.prompt))),
            );
        });
    });
    Effect::new(move || {
        heed(in_sight);
        if !missing().is_empty() {
            asking.now();
        }
    });
    crate::live::use_live().when_back(move || asking.now());
    lines
}
