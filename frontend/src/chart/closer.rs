//! Level of detail: a stretch that is zoomed in on, or drawn wider than its points suffice for, is fetched in more points.

use super::ChartGroup;
use crate::api;
use crate::logic::series::{Fine, SeriesSet};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::RefCell;
use std::rc::Rc;

/// Points of a metric that the server sends where none are asked for.
pub const USUAL_POINTS: u64 = 2000;

/// A step that comes after all others.
pub const LAST: u64 = u64::MAX >> 1;

/// Points fetched for each of several runs that are drawn together: enough to look smooth, and few enough to redraw fast.
pub fn points_each(runs: usize) -> u64 {
    (16_000 / runs.max(1) as u64).clamp(320, USUAL_POINTS)
}

/// The visible steps, and how many points a line needs there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    pub from: u64,
    pub to: u64,
    pub points: u64,
}

/// The stretch that needs more than the `usual` points at hand; `steps` gives the steps that a zoom of the x axis spans. `None` while the
/// whole run is visible and the usual points suffice for the width of the charts.
pub fn stretch(
    group: ChartGroup,
    usual: u64,
    steps: impl Fn((f64, f64)) -> Option<(u64, u64)> + Send + Sync + 'static,
) -> Memo<Option<Stretch>> {
    // two points a pixel, rounded up generously: not every change of the window's width is worth a request
    let points = Memo::new(move |_| {
        let wanted = u64::from(group.width.get()) * 2;
        let of_width = wanted.next_multiple_of(1000).clamp(USUAL_POINTS, 8000);
        of_width * usual / USUAL_POINTS
    });
    Memo::new(move |_| {
        let points = points.get();
        let (from, to) = match group.zoom.get() {
            Some(zoom) => steps(zoom)?,
            None if points > usual => (0, LAST),
            None => return None,
        };
        Some(Stretch { from, to, points })
    })
}

/// Batches updates: what comes in within a frame is done at once before the next one, so that fifty answers are one redraw.
#[derive(Clone, Default)]
pub struct Gathered(Rc<RefCell<Vec<Act>>>);

type Act = Box<dyn FnOnce()>;

impl Gathered {
    pub fn later(&self, act: impl FnOnce() + 'static) {
        let first = self.0.borrow().is_empty();
        self.0.borrow_mut().push(Box::new(act));
        if first {
            let all = self.0.clone();
            request_animation_frame(move || {
                let acts = all.take();
                acts.into_iter().for_each(|act| act());
            });
        }
    }
}

/// Whether a series was fetched in fewer points than it has.
pub fn is_thinned(series: &SeriesSet, usual: u64) -> bool {
    series.last_step() >= usual
}

/// Fetches the finer points of a run whenever another stretch is visible, where its series at hand is thinned. `tell` is called with
/// them, and with `None` when they are no longer needed.
pub fn keep_fine(
    run: String,
    stretch: Memo<Option<Stretch>>,
    thinned: Memo<bool>,
    tell: impl Fn(Option<Fine>) + Clone + 'static,
) {
    let newest = StoredValue::new(0u64);
    Effect::new(move || {
        let asked = stretch.get().filter(|_| thinned.get());
        newest.update_value(|newest| *newest += 1);
        let number = newest.get_value();
        let Some(Stretch { from, to, points }) = asked else {
            tell(None);
            return;
        };
        let (run, tell) = (run.clone(), tell.clone());
        spawn_local(async move {
            let Ok(page) = api::series_between(&run, from, to, points).await else {
                return;
            };
            // by now the page may be gone, or show another stretch
            if newest.try_get_value() == Some(number) {
                let set = SeriesSet::from_page(page);
                tell(Some(Fine { from, to, set }));
            }
        });
    });
}
