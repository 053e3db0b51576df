//! Looking closely: what is zoomed in on, or drawn wider than the points at hand suffice for, is fetched in more points.

use super::ChartGroup;
use crate::api;
use crate::logic::series::{Fine, SeriesSet};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::RefCell;
use std::rc::Rc;

/// Points of a metric that the server sends where none are asked for.
pub const USUAL_POINTS: u64 = 2000;

/// A step after every other.
pub const LAST: u64 = u64::MAX >> 1;

/// Points asked for each of several runs drawn together: enough for the eye, and all of them drawn again in a moment.
pub fn points_each(runs: usize) -> u64 {
    (16_000 / runs.max(1) as u64).clamp(320, USUAL_POINTS)
}

/// The steps in sight, and how many points a line needs there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    pub from: u64,
    pub to: u64,
    pub points: u64,
}

/// What is looked at closely, where `usual` points are at hand; `steps` says which steps the zoom of the x axis spans. Nothing while the whole is in
/// sight on charts that the usual points fill.
pub fn stretch(
    group: ChartGroup,
    usual: u64,
    steps: impl Fn((f64, f64)) -> Option<(u64, u64)> + Send + Sync + 'static,
) -> Memo<Option<Stretch>> {
    // two points a pixel, in large steps: not every change of the window's width is worth a request
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

/// What comes in within a frame, done all at once before the next: fifty answers are one new picture.
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

/// Keeps the finer points of a run in step with what is looked at, where its series at hand is a thinned one.
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
        let mine = newest.get_value();
        let Some(Stretch { from, to, points }) = asked else {
            tell(None);
            return;
        };
        let (run, tell) = (run.clone(), tell.clone());
        spawn_local(async move {
            let Ok(page) = api::series_between(&run, from, to, points).await else {
                return;
            };
            // the page was left, or looks elsewhere by now
            if newest.try_get_value() == Some(mine) {
                let set = SeriesSet::from_page(page);
                tell(Some(Fine { from, to, set }));
            }
        });
    });
}
