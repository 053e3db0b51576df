//! What a token can be drawn by where a model is read alone: one rule for files, command lines, the board and `/v1`. What a run
//! draws by is judged with the rest of its config.

use crate::{Said, says};

/// Below it a temperature, or a share of the probabilities, is nothing to calculate with.
pub const LEAST: f64 = 1e-6;

/// What `value` must be where no token can be drawn by it; a key without bounds has none.
pub fn misfit(key: &str, value: f64) -> Option<Said> {
    let (low, high) = match key {
        "temperature" => (0.0, 2.0),
        "top_p" => (LEAST, 1.0),
        "presence_penalty" | "frequency_penalty" => (-2.0, 2.0),
        "repetition_penalty" => (0.01, 10.0),
        "max_tokens" | "max_completion_tokens" | "max_new_tokens" if value < 1.0 => return Some(says::at_least(1)),
        _ => return None,
    };
    // what is no number lies nowhere
    (!(low..=high).contains(&value)).then(|| says::between(low, high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_token_can_be_drawn_by_is_outside() {
        for (key, value, fits) in [
            ("temperature", 0.0, true),
            ("temperature", 2.0, true),
            ("temperature", -1.0, false),
            ("temperature", 1e30, false),
            ("temperature", f64::NAN, false),
            ("top_p", 1.0, true),
            ("top_p", 0.0, false),
            ("top_p", 7.0, false),
            ("top_p", f64::NAN, false),
            ("max_new_tokens", 1.0, true),
            ("max_new_tokens", 0.0, false),
            ("repetition_penalty", 0.0, false),
            ("seed", -1.0, true),
        ] {
            assert_eq!(misfit(key, value).is_none(), fits, "{key}: {value}");
        }
    }
}
