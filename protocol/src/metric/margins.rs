//! What is computed of the preference margins of several pairs: the difference of the mean log-probs per token of chosen and
//! rejected reply under the policy, in nats.

/// Their mean; 0 of none.
pub(super) fn mean(margins: &[f64]) -> f64 {
    mean_of(margins.iter().copied())
}

/// The share of them that is above 0.
pub(super) fn share_above(margins: &[f64]) -> f64 {
    mean_of(margins.iter().map(|margin| f64::from(u8::from(*margin > 0.0))))
}

fn mean_of(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    if count > 0.0 { sum / count } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_none_they_are_nothing() {
        assert_eq!((mean(&[]), share_above(&[])), (0.0, 0.0));
        assert_eq!(
            (mean(&[1.0, 0.0, -4.0]), share_above(&[1.0, 0.0, 2.0, -4.0])),
            (-1.0, 0.5)
        );
    }
}
