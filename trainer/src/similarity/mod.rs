//! How alike a written reply and the expected one are: BLEU-4 and ROUGE as LLaMA-Factory's `ComputeSimilarity` has them
//! (jieba 0.42, nltk 3.9, rouge-chinese 1.0), in percent.

mod bleu;
mod rouge;
mod words;

use rouge::Rouge;
use words::Words;

/// Of one reply, in percent, rounded to four places as there.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Similarity {
    pub bleu_4: f64,
    pub rouge_1: f64,
    pub rouge_2: f64,
    pub rouge_l: f64,
}

/// Compares replies; making one reads jieba's dictionary.
pub struct Judge(Words);

impl Judge {
    pub fn new() -> Self {
        Self(Words::new())
    }

    pub fn compare(&self, predicted: &str, label: &str) -> Similarity {
        let (hypothesis, reference) = (self.0.cut(predicted), self.0.cut(label));
        let rouge = Rouge::of(&hypothesis.join(" "), &reference.join(" "));
        Similarity {
            bleu_4: percent(bleu::sentence(label, predicted)),
            rouge_1: percent(rouge.one),
            rouge_2: percent(rouge.two),
            rouge_l: percent(rouge.longest),
        }
    }
}

impl Default for Judge {
    fn default() -> Self {
        Self::new()
    }
}

/// Python's `round(share * 100, 4)`: the decimal nearest to the exact value.
fn percent(share: f64) -> f64 {
    let percent = share * 100.0;
    format!("{percent:.4}").parse().unwrap_or(percent)
}

/// Means over replies, added up in numpy's order, so that they are the same numbers.
#[derive(Debug, Default)]
pub struct Tally(Vec<Similarity>);

impl Tally {
    pub fn add(&mut self, similarity: Similarity) {
        self.0.push(similarity);
    }

    /// Under LLaMA-Factory's names, without the `predict_` in front. Nothing where there was no reply.
    pub fn means(&self) -> Vec<(&'static str, f64)> {
        let mean = |of: fn(&Similarity) -> f64| {
            let values: Vec<f64> = self.0.iter().map(of).collect();
            pairwise(&values) / values.len() as f64
        };
        match self.0.is_empty() {
            true => vec![],
            false => vec![
                ("bleu-4", mean(|s| s.bleu_4)),
                ("rouge-1", mean(|s| s.rouge_1)),
                ("rouge-2", mean(|s| s.rouge_2)),
                ("rouge-l", mean(|s| s.rouge_l)),
            ],
        }
    }
}

/// numpy's `add.reduce`: eight sums side by side over up to 128 values, more in halves.
fn pairwise(values: &[f64]) -> f64 {
    match values.len() {
        0..8 => values.iter().sum(),
        8..=128 => {
            let (eights, rest) = values.as_chunks::<8>();
            let mut sums = [0.0; 8];
            for eight in eights {
                sums.iter_mut().zip(eight).for_each(|(sum, value)| *sum += value);
            }
            let [a, b, c, d, e, f, g, h] = sums;
            rest.iter()
                .fold(((a + b) + (c + d)) + ((e + f) + (g + h)), |sum, value| sum + value)
        }
        n => {
            let (first, second) = values.split_at(n / 2 - n / 2 % 8);
            pairwise(first) + pairwise(second)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact_json::Exact;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Golden {
        pairs: Vec<Case>,
        means: Vec<Means>,
    }

    #[derive(Deserialize)]
    struct Case {
        predict: String,
        label: String,
        words: Vec<String>,
        scores: Scores,
    }

    #[derive(Deserialize)]
    struct Means {
        /// Of the first so many pairs.
        rows: usize,
        scores: Scores,
    }

    #[derive(Deserialize)]
    struct Scores {
        #[serde(rename = "bleu-4")]
        bleu_4: Exact,
        #[serde(rename = "rouge-1")]
        rouge_1: Exact,
        #[serde(rename = "rouge-2")]
        rouge_2: Exact,
        #[serde(rename = "rouge-l")]
        rouge_l: Exact,
    }

    impl Scores {
        fn list(&self) -> [(&'static str, f64); 4] {
            [
                ("bleu-4", self.bleu_4.0),
                ("rouge-1", self.rouge_1.0),
                ("rouge-2", self.rouge_2.0),
                ("rouge-l", self.rouge_l.0),
            ]
        }
    }

    #[test]
    fn the_originals_numbers_to_the_bit() {
        let golden: Golden = serde_json::from_str(include_str!("../../../tests/golden/similarity.json")).unwrap();
        let judge = Judge::new();
        let mut all = vec![];
        for case in &golden.pairs {
            assert_eq!(judge.0.cut(&case.predict), case.words, "{}", case.predict);
            let found = judge.compare(&case.predict, &case.label);
            let mut alone = Tally::default();
            alone.add(found);
            assert_eq!(alone.means(), case.scores.list(), "{} | {}", case.predict, case.label);
            all.push(found);
        }
        for means in &golden.means {
            let tally = Tally(all[..means.rows].to_vec());
            assert_eq!(tally.means(), means.scores.list(), "{} rows", means.rows);
        }
        assert!(all.len() > 300 && golden.means.len() > 3);
        assert_eq!(Tally::default().means(), []);
    }
}
