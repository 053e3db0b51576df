//! Virtual scrolling of a wide grid: which columns are in the viewport, and which of them are still to be fetched.

use std::ops::Range;

/// Columns rendered beyond the viewport on either side (overscan).
const MARGIN: usize = 2;

/// The columns to render in a viewport of `width` px that is scrolled to `left` px, where each column is `column` px wide.
pub fn in_sight(left: f64, width: f64, column: f64, count: usize) -> Range<usize> {
    let first = (left.max(0.0) / column).floor() as usize;
    let shown = (width.max(column) / column).ceil() as usize + 1;
    let end = first.saturating_add(shown + MARGIN).min(count);
    first.saturating_sub(MARGIN).min(end)..end
}

/// The range from the first to the last place that is not known yet, of at most `limit` places.
pub fn missing(places: Range<usize>, limit: usize, known: impl Fn(usize) -> bool) -> Option<Range<usize>> {
    let first = places.clone().find(|place| !known(*place))?;
    let last = places.rev().find(|place| !known(*place))?;
    Some(first..(last + 1).min(first + limit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_has_what_is_seen_and_a_little_more() {
        assert_eq!(in_sight(0.0, 600.0, 200.0, 100), 0..6);
        assert_eq!(in_sight(2000.0, 600.0, 200.0, 100), 8..16);
        assert_eq!(in_sight(1e9, 600.0, 200.0, 100), 100..100);
        assert_eq!(in_sight(-5.0, 0.0, 200.0, 3), 0..3);
        assert_eq!(in_sight(0.0, 600.0, 200.0, 0), 0..0);
    }

    #[test]
    fn only_what_is_missing_is_asked_for() {
        let known = |place| place == 3 || place == 5;
        assert_eq!(missing(3..6, 50, known), Some(4..5));
        assert_eq!(missing(3..8, 50, known), Some(4..8));
        assert_eq!(missing(4..8, 2, known), Some(4..6));
        assert_eq!(missing(5..6, 50, known), None);
        assert_eq!(missing(0..0, 50, known), None);
    }
}
