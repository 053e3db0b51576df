//! BLEU-4 of one reply, by characters: nltk's `sentence_bleu([list(label)], list(predicted))` with smoothing method 3
//! (<https://www.nltk.org/api/nltk.translate.bleu_score.html>).

use std::collections::HashMap;

/// Longest n-grams that count.
const ORDERS: usize = 4;

/// The geometric mean of the n-gram precisions times the brevity penalty; 0 where no character is shared.
pub(super) fn sentence(label: &str, predicted: &str) -> f64 {
    let (reference, hypothesis): (Vec<char>, Vec<char>) = (label.chars().collect(), predicted.chars().collect());
    let mut logs = [0.0; ORDERS];
    // each order without a match counts for half of what the one before did
    let mut without_match = 0;
    for (log, n) in logs.iter_mut().zip(1..) {
        let all = (hypothesis.len() + 1).saturating_sub(n).max(1) as f64;
        let shared = shared(&reference, &hypothesis, n);
        if shared == 0 && n == 1 {
            return 0.0;
        }
        let precision = match shared {
            0 => {
                without_match += 1;
                1.0 / (f64::from(1u32 << without_match) * all)
            }
            shared => shared as f64 / all,
        };
        *log = 0.25 * precision.ln();
    }
    brevity(reference.len(), hypothesis.len()) * exact_sum(logs).exp()
}

/// n-grams of the hypothesis, each no more often than the reference has it.
fn shared(reference: &[char], hypothesis: &[char], n: usize) -> u64 {
    let mut left: HashMap<&[char], u64> = HashMap::new();
    for gram in reference.windows(n) {
        *left.entry(gram).or_default() += 1;
    }
    let mut shared = 0;
    for gram in hypothesis.windows(n) {
        if let Some(left) = left.get_mut(gram).filter(|left| **left > 0) {
            *left -= 1;
            shared += 1;
        }
    }
    shared
}

fn brevity(reference: usize, hypothesis: usize) -> f64 {
    match hypothesis {
        n if n > reference => 1.0,
        0 => 0.0,
        n => (1.0 - reference as f64 / n as f64).exp(),
    }
}

/// The sum of a few values rounded once, as `math.fsum` has it.
fn exact_sum(values: [f64; ORDERS]) -> f64 {
    let (mut sum, mut lost) = (0.0, 0.0);
    for value in values {
        // Knuth's: what the addition rounded away
        let next = sum + value;
        let part = next - sum;
        lost += (sum - (next - part)) + (value - part);
        sum = next;
    }
    sum + lost
}
