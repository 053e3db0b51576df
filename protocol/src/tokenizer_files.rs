//! The files of a tokenizer, by which one is found in a model's folder.

/// The files of each format; a folder has a tokenizer if it has all files of one. The first is the format that the others are
/// converted to.
pub const TOKENIZERS: [&[&str]; 5] = [
    &["tokenizer.json"],
    &["tekken.json"],
    &["tokenizer.model"],
    &["qwen.tiktoken"],
    &["vocab.json", "merges.txt"],
];

/// Whether a folder has a format that a slow tokenizer class reads: any but `tokenizer.json`.
pub fn has_slow_tokenizer(has: impl Fn(&str) -> bool) -> bool {
    let [_, others @ ..] = TOKENIZERS;
    others.iter().any(|files| files.iter().all(|file| has(file)))
}

/// Whether a folder has a tokenizer; `has` says whether it has a file.
pub fn has_tokenizer(has: impl Fn(&str) -> bool) -> bool {
    TOKENIZERS.iter().any(|files| files.iter().all(|file| has(file)))
}
