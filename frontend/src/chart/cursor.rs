//! The cursor of a chart as keys move it, and the keys that zoom.

use super::draw::PointAt;
use super::{ChartGroup, Line, are_dots};
use leptos::ev;
use leptos::prelude::*;

/// A movement of the cursor among the visible places.
#[derive(Debug, Clone, Copy)]
enum Move {
    By(isize),
    First,
    Last,
}

/// The keys of a chart.
#[derive(Clone, Copy)]
pub struct CursorKeys {
    pub lines: Memo<Vec<Line>>,
    pub group: ChartGroup,
    pub point_at: StoredValue<PointAt, LocalStorage>,
    /// Whether the cursor was last moved by keyboard.
    pub by_keys: RwSignal<bool>,
}

impl CursorKeys {
    pub fn press(self, event: &ev::KeyboardEvent) {
        let stride = if event.shift_key() { 10 } else { 1 };
        match event.key().as_str() {
            "ArrowRight" => self.go(Move::By(stride)),
            "ArrowLeft" => self.go(Move::By(-stride)),
            "Home" => self.go(Move::First),
            "End" => self.go(Move::Last),
            "+" | "=" => self.zoom_in(),
            "-" | "0" => self.group.on_zoom.run(None),
            "Escape" if self.by_keys.get_untracked() => self.leave(),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    }

    /// Takes the cursor away that keys have brought.
    pub fn leave(self) {
        if self.by_keys.get_untracked() {
            self.by_keys.set(false);
            self.point_at.with_value(|point| point(None));
        }
    }

    fn go(self, to: Move) {
        let window = self.group.zoom.get_untracked();
        let mut xs = self.lines.with_untracked(|lines| places(lines));
        xs.retain(|x| window.is_none_or(|(from, to)| (from..=to).contains(x)));
        let Some(last) = xs.len().checked_sub(1) else { return };
        let here = self.group.at.get_untracked();
        let here = here.map(|at| xs.partition_point(|x| *x < at).min(last));
        let place = match (to, here) {
            (Move::First, _) => 0,
            (Move::Last, _) => last,
            (Move::By(by), Some(place)) => place.saturating_add_signed(by).min(last),
            (Move::By(by), None) if by < 0 => last,
            (Move::By(_), None) => 0,
        };
        self.by_keys.set(true);
        self.point_at.with_value(|point| point(Some(xs[place])));
    }

    /// Zooms in on half of the visible range, around the cursor. Does nothing without a cursor.
    fn zoom_in(self) {
        let group = self.group;
        let Some(at) = group.at.get_untracked() else { return };
        let seen = group.zoom.get_untracked().or_else(|| group.span.get_untracked());
        let seen = seen.or_else(|| self.lines.with_untracked(|lines| ends(lines)));
        if let Some((from, to)) = seen.filter(|(from, to)| from < to) {
            let half = (to - from) / 4.0;
            group.on_zoom.run(Some((at - half, at + half)));
        }
    }
}

/// The ends of all lines together.
fn ends(lines: &[Line]) -> Option<(f64, f64)> {
    let xs = lines.iter().flat_map(|line| line.points.iter().map(|point| point.0));
    xs.fold(None, |ends, x| {
        let (low, high) = ends.unwrap_or((x, x));
        Some((x.min(low), x.max(high)))
    })
}

/// Where the cursor can be: at the points of the longest line, or at every dot.
fn places(lines: &[Line]) -> Vec<f64> {
    let xs = |line: &Line| line.points.iter().map(|point| point.0).collect::<Vec<_>>();
    if !are_dots(lines) {
        let longest = lines.iter().max_by_key(|line| line.points.len());
        return longest.map(xs).unwrap_or_default();
    }
    let mut all: Vec<f64> = lines.iter().flat_map(xs).collect();
    all.sort_by(f64::total_cmp);
    all.dedup();
    all
}
