//! A brush on an axis of values, as keys move it: from value to value.

/// A value of an axis: how far up it is, 0 to 1, and its label.
#[derive(Debug, Clone, PartialEq)]
pub struct Stop {
    pub at: f64,
    pub text: String,
}

/// A range of an axis, from 0 to 1.
pub type Brush = (f64, f64);

/// The first and the last stop within a brush.
fn within(stops: &[Stop], (low, high): Brush) -> Option<(usize, usize)> {
    let first = stops.iter().position(|stop| stop.at >= low)?;
    let last = stops.iter().rposition(|stop| stop.at <= high)?;
    (first <= last).then_some((first, last))
}

/// The brush from one stop to another: it reaches half the way to the stops beside them.
fn around(stops: &[Stop], first: usize, last: usize) -> Brush {
    let edge = |a: usize, b: usize| (stops[a].at + stops[b].at) / 2.0;
    let low = if first == 0 { 0.0 } else { edge(first - 1, first) };
    let high = if last + 1 == stops.len() {
        1.0
    } else {
        edge(last, last + 1)
    };
    (low, high)
}

/// The brush moved up by `by` stops, or extended by as many with `extend`. Without one yet, the stop at the end it comes from.
pub fn moved(stops: &[Stop], here: Option<Brush>, by: isize, extend: bool) -> Option<Brush> {
    let end = stops.len().checked_sub(1)?;
    let Some((first, last)) = here.and_then(|here| within(stops, here)) else {
        let place = if by > 0 { 0 } else { end };
        return Some(around(stops, place, place));
    };
    let on = |place: usize| place.saturating_add_signed(by).min(end);
    let (first, last) = match (extend, by > 0) {
        (true, true) => (first, on(last)),
        (true, false) => (on(first), last),
        (false, true) => (on(last), on(last)),
        (false, false) => (on(first), on(first)),
    };
    Some(around(stops, first, last))
}

/// The labels of the first and the last value within a brush.
pub fn ends(stops: &[Stop], brush: Brush) -> Option<(&str, &str)> {
    let (first, last) = within(stops, brush)?;
    Some((&stops[first].text, &stops[last].text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_from_value_to_value() {
        let stops: Vec<_> = [0.0, 0.4, 1.0]
            .map(|at| Stop {
                at,
                text: at.to_string(),
            })
            .into();
        let lowest = moved(&stops, None, 1, false);
        assert_eq!(lowest, Some((0.0, 0.2)));
        assert_eq!(moved(&stops, None, -1, false), Some((0.7, 1.0)));
        let next = moved(&stops, lowest, 1, false);
        assert_eq!(next, Some((0.2, 0.7)));
        assert_eq!(moved(&stops, next, 1, true), Some((0.2, 1.0)));
        assert_eq!(moved(&stops, next, -1, true), Some((0.0, 0.7)));
        assert_eq!(moved(&stops, moved(&stops, next, 1, false), 1, false), Some((0.7, 1.0)));
        assert_eq!(ends(&stops, (0.1, 1.0)), Some(("0.4", "1")));
        // between two values there is none
        assert_eq!(ends(&stops, (0.5, 0.6)), None);
        assert_eq!(moved(&[], None, 1, false), None);
    }
}
