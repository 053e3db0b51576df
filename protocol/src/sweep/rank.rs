//! Which run of a sweep is the best.

use super::Goal;

/// The index of the best value, the first of equal ones; `None` values are skipped.
pub fn best(goal: Goal, values: impl IntoIterator<Item = Option<f64>>) -> Option<usize> {
    let mut best: Option<(usize, f64)> = None;
    for (place, value) in values.into_iter().enumerate() {
        if let Some(value) = value
            && best.is_none_or(|(_, so_far)| goal.better(value, so_far))
        {
            best = Some((place, value));
        }
    }
    best.map(|(place, _)| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_is_by_goal_and_the_earlier_of_two() {
        let values = [None, Some(2.0), Some(3.0), Some(3.0), Some(1.0)];
        assert_eq!(best(Goal::Maximize, values), Some(2));
        assert_eq!(best(Goal::Minimize, values), Some(4));
        assert_eq!(best(Goal::Minimize, [None]), None);
    }
}
