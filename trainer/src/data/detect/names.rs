//! Names of columns in the files that people have.

use super::super::rows::GUIDE_REJECTED;

/// Conversations that end with the user's turn.
pub(super) const ASKED: [&str; 2] = ["prompt", "context_messages"];
pub(super) const CONVERSATION: [&str; 7] = [
    "conversations",
    "messages",
    "conversation",
    "dialogue",
    "dialog",
    "trajectory",
    "data",
];
pub(super) const QUESTION: [&str; 12] = [
    "instruction",
    "prompt",
    "question",
    "query",
    "problem",
    "input_text",
    "inputs",
    "input",
    "human",
    "user",
    "user_input",
    "source_text",
];
/// The context of a question, in a column of its own.
pub(super) const CONTEXT: [&str; 4] = ["input", "context", "passage", "document"];
pub(super) const REPLY: [&str; 15] = [
    "output",
    "response",
    "completion",
    "solution",
    "answer",
    "answers",
    "output_text",
    "target_text",
    "targets",
    "target",
    "generation",
    "assistant",
    "gpt",
    "bot",
    "reply",
];
pub(super) const SYSTEM: [&str; 3] = ["system", "system_prompt", "system_message"];
pub(super) const TOOLS: [&str; 2] = ["tools", "functions"];
pub(super) const LABEL: [&str; 2] = ["kto_tag", "label"];
/// Chosen and rejected replies.
pub(super) const PAIRS: [(&str, &str); 12] = [
    ("chosen", "rejected"),
    ("chosen_messages", "rejected_messages"),
    ("chosen_conversations", "rejected_conversations"),
    ("chosen_response", "rejected_response"),
    ("response_chosen", "response_rejected"),
    ("preferred_output", "non_preferred_output"),
    ("preferred_response", "dispreferred_response"),
    ("preferred", "dispreferred"),
    ("response_j", "response_k"),
    ("accepted", "rejected"),
    ("win", "lose"),
    ("better", "worse"),
];
/// A rejected reply or conversation beside the reply or conversation that is chosen.
pub(super) const REJECTED: [&str; 6] = [
    GUIDE_REJECTED,
    "rejected_messages",
    "rejected_message",
    "rejected_response",
    "rejected_output",
    "rejected",
];
/// Columns that say where a row comes from, and are not trained on.
pub(super) const ORIGINS: [&str; 14] = [
    "id",
    "idx",
    "index",
    "uid",
    "uuid",
    "prompt_id",
    "source",
    "dataset",
    "category",
    "subset",
    "split",
    "lang",
    "language",
    "type",
];

/// Columns of plain text.
pub(super) const TEXT: [&str; 2] = ["text", "content"];

/// What the names of two columns of replies have in common.
pub(super) const STEMS: [&str; 16] = [
    "response",
    "answer",
    "completion",
    "output",
    "conversation",
    "reply",
    "generation",
    "human_ref",
    "summary",
    "candidate",
    "ans_text",
    "answer_text",
    "response_text",
    "model_response",
    "model_output",
    "messages",
];
pub(super) const SIDES: [(&str, &str); 5] = [
    ("a", "b"),
    ("0", "1"),
    ("1", "2"),
    ("first", "second"),
    ("left", "right"),
];
pub(super) const SCORES: [&str; 8] = [
    "score",
    "rating",
    "reward",
    "overall_score",
    "overall_rating",
    "preference_score",
    "winner_model",
    "votes",
];
/// Columns with a number, below zero for the first.
pub(super) const LEANINGS: [&str; 2] = ["overall_preference", "preference_strength"];
/// Columns that name the better reply, by themselves or followed by one of [`COUNTED`].
pub(super) const VERDICTS: [&str; 34] = [
    "better_response_id",
    "preferred_response_id",
    "better_response",
    "preferred_response",
    "preferred_answer",
    "preferred_output",
    "preferred",
    "better",
    "winner",
    "winner_id",
    "preference",
    "human_preference",
    "ans_preference",
    "choice",
    "chosen",
    "chosen_id",
    "best",
    "best_response",
    "selected",
    "verdict",
    "judgment",
    "judgement",
    "vote",
    "result",
    "label",
    "labels",
    "winner_model",
    "winning_model",
    "preferred_model",
    "better_model",
    "best_model",
    "chosen_model",
    "better_answer",
    "best_answer",
];
/// Endings of columns that give a number.
pub(super) const COUNTED: [&str; 3] = ["_id", "_idx", "_index"];
/// Those of [`VERDICTS`] that may be a number that leans to one side, rather than name it.
pub(super) const PREFERENCES: [&str; 11] = [
    "preference",
    "human_preference",
    "ans_preference",
    "preferred",
    "verdict",
    "judgment",
    "judgement",
    "vote",
    "result",
    "label",
    "labels",
];
/// Those of [`VERDICTS`] that mean something else beside a list: usually the right answer of several.
pub(super) const NO_PLACES: [&str; 4] = ["vote", "result", "label", "labels"];
/// Columns with a list of replies.
pub(super) const LISTS: [&str; 10] = [
    "completions",
    "answers",
    "responses",
    "responses_and_scores",
    "candidates",
    "summaries",
    "outputs",
    "generations",
    "replies",
    "samples",
];
/// A reply's number in a list of objects, and its place; the first that is there counts.
pub(super) const LIST_SCORES: [&str; 8] = [
    "fine-grained_score",
    "overall_score",
    "score",
    "rating",
    "overall_rating",
    "pm_score",
    "reward",
    "votes",
];
pub(super) const LIST_RANKS: [&str; 2] = ["rank", "ranking"];
/// The list of numbers beside a list of replies.
pub(super) const BESIDE_SCORES: [&str; 4] = ["scores", "ratings", "rewards", "all_rm_scores"];
pub(super) const BESIDE_RANKS: [&str; 3] = ["ranks", "ranking", "rank"];
/// Names of prompts that are not names of questions.
pub(super) const ASKED_OTHERWISE: [&str; 6] = ["history", "context", "post", "article", "info", "full_conversation"];

/// Whether a column has a name of those with several texts: turns or replies.
pub(super) fn holds_texts(name: &str) -> bool {
    CONVERSATION.contains(&name) || LISTS.contains(&name) || name == "history"
}

/// Whether a column has a name of those with a list of replies.
pub(super) fn holds_replies(name: &str) -> bool {
    LISTS.contains(&name)
}

/// Whether a column has a name of those with a list of numbers beside a list of replies.
pub(super) fn holds_marks(name: &str) -> bool {
    BESIDE_SCORES.contains(&name) || BESIDE_RANKS.contains(&name)
}

pub(super) fn is_question(name: &str) -> bool {
    QUESTION.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether a column has a name of those with replies.
pub(in crate::data) fn is_reply(name: &str) -> bool {
    let named = |known: &[&str]| known.iter().any(|known| known.eq_ignore_ascii_case(name));
    named(&REPLY)
        || named(&REJECTED)
        || PAIRS
            .iter()
            .any(|(chosen, rejected)| [*chosen, *rejected].contains(&name))
}

/// Names of columns that name the better reply.
pub(super) fn verdicts() -> impl Iterator<Item = String> {
    VERDICTS.iter().flat_map(|name| {
        let counted = COUNTED.iter().map(move |end| format!("{name}{end}"));
        std::iter::once((*name).to_owned()).chain(counted)
    })
}

/// Whether a column may judge or name replies, so that its values are needed.
pub(super) fn may_judge(name: &str) -> bool {
    let name = name.to_lowercase();
    let counted = COUNTED.iter().find_map(|end| name.strip_suffix(end));
    let among = |known: &[&str]| known.contains(&name.as_str()) || counted.is_some_and(|name| known.contains(&name));
    among(&VERDICTS)
        || REPLY.contains(&name.as_str())
        || LEANINGS.contains(&name.as_str())
        || PAIRS
            .iter()
            .any(|(chosen, rejected)| name == *chosen || name == *rejected)
}
