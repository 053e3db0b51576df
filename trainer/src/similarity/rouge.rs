//! ROUGE-1, -2 and -L as rouge-chinese 1.0 has them: F-scores over distinct n-grams, and over the longest common subsequence
//! of all words (<https://pypi.org/project/rouge-chinese/1.0.3/>).

use regex::Regex;
use std::collections::HashSet;
use std::sync::LazyLock;

/// F-scores.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Rouge {
    pub one: f64,
    pub two: f64,
    pub longest: f64,
}

impl Rouge {
    /// Of two texts whose words are parted by blanks; 0 where one has no word.
    pub(super) fn of(hypothesis: &str, reference: &str) -> Self {
        if hypothesis.chars().all(is_space) || reference.chars().all(is_space) {
            return Self::default();
        }
        let (hypothesis, reference) = (sentences(hypothesis), sentences(reference));
        let (hypothesis, reference) = (words(&hypothesis), words(&reference));
        let shared = common_subsequence(&reference, &hypothesis) as f64;
        Self {
            one: of_grams(&hypothesis, &reference, 1),
            two: of_grams(&hypothesis, &reference, 2),
            longest: f_score(shared / hypothesis.len() as f64, shared / reference.len() as f64),
        }
    }
}

/// Python's whitespace, which has four control characters more than Unicode's.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// Where sentences end, in the order in which it is looked for.
static ENDS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        "([。！？?])([^”’])",
        r"(\.{6})([^”’])",
        "(…{2})([^”’])",
        "([。！？?][”’])([^，。！？?])",
    ]
    .iter()
    .filter_map(|pattern| Regex::new(pattern).ok())
    .collect()
});

fn sentences(text: &str) -> Vec<String> {
    let mut text = text.to_owned();
    for end in ENDS.iter() {
        text = end.replace_all(&text, "$1\n$2").into_owned();
    }
    let whole = text
        .trim_end_matches(is_space)
        .split('\n')
        .filter(|line| !line.is_empty());
    let single_spaced = |line: &str| {
        let words = line.split(is_space).filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join(" ")
    };
    whole.map(single_spaced).collect()
}

/// The words of all sentences; of a line of blanks one empty word, as in the original.
fn words(sentences: &[String]) -> Vec<&str> {
    sentences.iter().flat_map(|line| line.split(' ')).collect()
}

fn of_grams(hypothesis: &[&str], reference: &[&str], n: usize) -> f64 {
    let (of_hypothesis, of_reference): (HashSet<_>, HashSet<_>) =
        (hypothesis.windows(n).collect(), reference.windows(n).collect());
    let shared = of_hypothesis.intersection(&of_reference).count() as f64;
    let share = |all: usize| if all == 0 { 0.0 } else { shared / all as f64 };
    f_score(share(of_hypothesis.len()), share(of_reference.len()))
}

fn f_score(precision: f64, recall: f64) -> f64 {
    2.0 * ((precision * recall) / (precision + recall + 1e-8))
}

/// Its length; the memory of one row, whatever the lengths.
fn common_subsequence(a: &[&str], b: &[&str]) -> usize {
    let mut row = vec![0; b.len() + 1];
    for word in a {
        let mut diagonal = 0;
        for (at, other) in b.iter().enumerate() {
            let above = row[at + 1];
            row[at + 1] = if word == other {
                diagonal + 1
            } else {
                above.max(row[at])
            };
            diagonal = above;
        }
    }
    row.last().copied().unwrap_or(0)
}
