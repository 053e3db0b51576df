//! Measures of replies: length, repetition, refusals.

use super::Reply;
use crate::chat::Finish;
use crate::metric::eval_name;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Characters at the beginning of a reply in which a refusal is looked for.
const BEGINNING: usize = 120;
/// How refusals begin, in lower case.
const REFUSALS: &[&str] = &[
    "i can't",
    "i cannot",
    "i can not",
    "i'm unable",
    "i am unable",
    "i'm not able to",
    "i am not able to",
    "i won't",
    "i will not be able",
    "i'm sorry, but",
    "i am sorry, but",
    "sorry, but i",
    "i apologize, but",
    "i must decline",
    "as an ai",
    "申し訳ありませんが",
    "申し訳ございませんが",
    "お答えできません",
    "お手伝いできません",
    "対応できません",
    "応じられません",
    "抱歉",
    "对不起",
    "我无法",
    "我不能",
    "作为一个人工智能",
    "作为一个ai",
    "作为ai",
];

/// The share of a text's 4-grams of tokens that occurred in it before; 0 for fewer than four tokens. This is seq-rep-4 of Welleck
/// et al. (arXiv 1908.04319).
pub fn repeated(tokens: &[u32]) -> f64 {
    let all = tokens.len().saturating_sub(3);
    if all == 0 {
        return 0.0;
    }
    let distinct: HashSet<&[u32]> = tokens.windows(4).collect();
    1.0 - distinct.len() as f64 / all as f64
}

/// Whether a text begins like a refusal in English, Japanese or Chinese. It goes by words only, so it is no more than a hint.
pub fn is_refusal(text: &str) -> bool {
    let start: String = text.trim_start().chars().take(BEGINNING).collect();
    let start = start.to_lowercase().replace(['’', 'ʼ'], "'");
    REFUSALS.iter().any(|words| has(&start, words))
}

/// Whether a text contains these words; in languages with spaces only as whole words, since "was an aim" contains "as an ai".
fn has(text: &str, words: &str) -> bool {
    let edge = |beside: Option<char>| beside.is_none_or(|c| !c.is_ascii_alphanumeric());
    text.match_indices(words).any(|(at, _)| {
        let (before, from) = text.split_at(at);
        let behind = from.chars().nth(words.chars().count());
        !words.is_ascii() || (edge(before.chars().next_back()) && edge(behind))
    })
}

/// Summary of the replies to all prompts at a step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Summary {
    /// Mean tokens of a reply.
    pub mean_length: f64,
    /// Mean of [`Reply::repeated`].
    pub repetition: f64,
    /// Share of replies that reached `max_new_tokens`.
    pub clipped_ratio: f64,
    pub empty: u32,
    pub refusals: u32,
}

impl Summary {
    pub fn of(replies: &[Reply]) -> Self {
        let count = replies.len().max(1) as f64;
        let mean = |of: &dyn Fn(&Reply) -> f64| replies.iter().map(of).sum::<f64>() / count;
        let number = |of: &dyn Fn(&Reply) -> bool| replies.iter().filter(|reply| of(reply)).count() as u32;
        Self {
            mean_length: mean(&|reply| f64::from(reply.tokens)),
            repetition: mean(&|reply| f64::from(reply.repeated)),
            clipped_ratio: mean(&|reply| f64::from(u8::from(reply.finish == Finish::Length))),
            empty: number(&|reply| reply.empty),
            refusals: number(&|reply| reply.refusal),
        }
    }

    /// As metrics of an evaluation, under TRL's names where it has them.
    pub fn metrics(&self) -> [(String, f64); 3] {
        [
            ("completions/mean_length", self.mean_length),
            ("completions/clipped_ratio", self.clipped_ratio),
            ("completions/repetition", self.repetition),
        ]
        .map(|(name, value)| (eval_name(name), value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetition_is_worked_out_by_hand() {
        assert_eq!(repeated(&[1, 1, 1]), 0.0);
        assert_eq!(repeated(&[1, 2, 3, 4, 5]), 0.0);
        // 1234 2341 3412 4123 1234: five, four of them different
        assert!((repeated(&[1, 2, 3, 4, 1, 2, 3, 4]) - 0.2).abs() < 1e-12);
    }

    #[test]
    fn refusals_are_told_by_their_beginning() {
        for text in [
            "I’m sorry, but I can’t help with that.",
            "As an AI language model, …",
            "As an AI-based assistant, …",
            "As an AI言語モデル",
            "申し訳ありませんが、お答えできません。",
            "抱歉，我无法回答。",
        ] {
            assert!(is_refusal(text), "{text}");
        }
        let late = format!("{} I cannot.", "The tide is high. ".repeat(12));
        for text in [
            "Take a can of beans.",
            "It was an aircraft.",
            "Wi-Fi can't reach that far.",
            "",
            &late,
        ] {
            assert!(!is_refusal(text), "{text}");
        }
    }

    #[test]
    fn a_step_is_summed_up() {
        let reply = |tokens: &[u32], text: &str, finish| Reply::new(text.into(), tokens, finish);
        let of = Summary::of(&[
            reply(&[1, 2], "a b", Finish::Stop),
            reply(&[1; 8], "I cannot", Finish::Length),
        ]);
        assert_eq!((of.mean_length, of.clipped_ratio), (5.0, 0.5));
        assert!((of.repetition - 0.4).abs() < 1e-6, "{of:?}");
        assert_eq!((of.empty, of.refusals), (0, 1));
        assert_eq!(Summary::of(&[]), Summary::default());
    }
}
