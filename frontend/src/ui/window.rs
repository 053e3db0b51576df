//! Virtual scrolling: of a long list only the rows in the viewport and a few around them are in the document, so that thousands scroll as ten do.

use crate::fetched::heed;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use std::ops::Range;
use std::time::Duration;

/// The part of a list that is rendered. A row is `ROW` px high, as in the style of its list; `MARGIN` rows beyond the viewport are rendered
/// above and below it (overscan); a head of `HEAD` px lies over the first row in sight.
#[derive(Clone, Copy)]
pub struct RowWindow<const ROW: usize, const MARGIN: usize, const HEAD: usize = 0> {
    pub node: NodeRef<html::Div>,
    /// The index of the first rendered row.
    pub first: RwSignal<usize>,
    /// How many rows are rendered.
    pub seen: RwSignal<usize>,
    /// The rows in the viewport.
    in_view: StoredValue<Range<usize>>,
}

impl<const ROW: usize, const MARGIN: usize, const HEAD: usize> RowWindow<ROW, MARGIN, HEAD> {
    /// One of a list that is being drawn: it follows the size of the browser's window until its owner goes.
    pub fn of_list() -> Self {
        let window = Self {
            node: NodeRef::new(),
            first: RwSignal::new(0),
            seen: RwSignal::new(32),
            in_view: StoredValue::new(0..32),
        };
        Effect::new(move || {
            if window.node.get().is_some() {
                request_animation_frame(move || window.measure());
            }
        });
        let resized = window_event_listener(ev::resize, move |_| window.measure());
        on_cleanup(move || resized.remove());
        window
    }

    /// Looks which rows are in the viewport: after each scroll.
    pub fn measure(self) {
        // a frame may come after the page was left
        if let Some(Some(node)) = self.node.try_get_untracked() {
            let top = node.scroll_top().max(0) as usize / ROW;
            let height = node.client_height().max(0) as usize / ROW;
            // the first and the last one may be seen in part
            self.in_view.set_value(top..top + height + 2);
            self.first.set(top.saturating_sub(MARGIN) / MARGIN * MARGIN);
            self.seen.set(height + 3 * MARGIN);
        }
    }

    /// Scrolls as little as needed to make a row visible.
    pub fn reveal(self, place: usize) {
        let Some(Some(node)) = self.node.try_get_untracked() else {
            return;
        };
        let (top, height) = ((place * ROW) as i32, node.client_height() - (ROW + HEAD) as i32);
        if top < node.scroll_top() {
            node.set_scroll_top(top);
        } else if top > node.scroll_top() + height {
            node.set_scroll_top(top - height);
        }
    }

    /// The rows of a list that are rendered. Where it is another list than before, those in the viewport come first, alone, and those around
    /// them once that frame was drawn: what is typed into a search is answered sooner.
    pub fn rendered<T: Send + Sync + 'static>(self, list: Memo<Vec<T>>) -> Memo<Range<usize>> {
        let version = Memo::new(move |last: Option<&u64>| {
            heed(list);
            last.map_or(0, |last| last + 1)
        });
        let drawn = RwSignal::new(0);
        Effect::new(move || {
            let version = version.get();
            let after = move || {
                let _ = drawn.try_set(version);
            };
            request_animation_frame(move || set_timeout(after, Duration::ZERO));
        });
        Memo::new(move |_| {
            let (first, seen) = (self.first.get(), self.seen.get());
            let rows = match drawn.get() == version.get() {
                true => first..first + seen,
                false => self.in_view.get_value(),
            };
            let count = list.with(Vec::len);
            rows.start.min(count)..rows.end.min(count)
        })
    }

    /// The height of as many rows, in CSS.
    pub fn height(rows: usize) -> String {
        format!("{}px", rows * ROW)
    }
}
