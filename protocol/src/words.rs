//! The files by which a folder has a tokenizer.

/// Each form's files: all of one are enough. The first is what others are turned into.
pub const TOKENIZERS: [&[&str]; 5] = [
    &["tokenizer.json"],
    &["tekken.json"],
    &["tokenizer.model"],
    &["qwen.tiktoken"],
    &["vocab.json", "merges.txt"],
];

/// Whether such a folder has what a slow tokenizer class reads: all but `tokenizer.json`.
pub fn has_slow_tokenizer(has: impl Fn(&str) -> bool) -> bool {
    let [_, others @ ..] = TOKENIZERS;
    others.iter().any(|files| files.iter().all(|file| has(file)))
}

/// Whether a folder that has the files `has` says yes to has a tokenizer.
pub fn has_tokenizer(has: impl Fn(&str) -> bool) -> bool {
    TOKENIZERS.iter().any(|files| files.iter().all(|file| has(file)))
}
