//! Trains the demo model's tokenizer: `demo_tokenizer BUILD OUT` reads BUILD/pretrain.jsonl and BUILD/instruct.json
//! and writes OUT, a `tokenizer.json` of 2048 byte-level BPE tokens. Part of `make demo-model`.

#![expect(clippy::print_stdout, reason = "a program to be looked at")]

use serde_json::Value;
use std::error::Error;
use tokenizers::models::bpe::{BPE, BpeTrainerBuilder};
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::{
    AddedToken, DecoderWrapper, NormalizerWrapper, PostProcessorWrapper, SplitDelimiterBehavior, TokenizerImpl,
};

const VOCAB: usize = 2048;
const SPECIAL: [&str; 3] = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];
/// Kanji, hanzi and hiragana one at a time, so that no token ends inside a character and words stay composable;
/// katakana words, Latin words with their space, and punctuation whole.
const WORDS: &str = concat!(
    r"[\p{Han}\p{Hiragana}]|[\p{Katakana}ー]+|\p{N}",
    r"| ?[\p{L}&&[^\p{Han}\p{Hiragana}\p{Katakana}ー]]+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
);
/// Bytes of a token, at most: six kana or a long English word.
const LONGEST: usize = 18;

type Blank = TokenizerImpl<BPE, NormalizerWrapper, PreTokenizerWrapper, PostProcessorWrapper, DecoderWrapper>;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(build), Some(out)) = (args.next(), args.next()) else {
        return Err("usage: demo_tokenizer BUILD OUT".into());
    };
    let texts = texts(&build)?;
    let mut tokenizer = Blank::new(BPE::default());
    let split = Split::new(
        SplitPattern::Regex(WORDS.into()),
        SplitDelimiterBehavior::Isolated,
        false,
    )
    .map_err(|e| e.to_string())?;
    tokenizer.with_pre_tokenizer(Some(PreTokenizerWrapper::Sequence(Sequence::new(vec![
        PreTokenizerWrapper::Split(split),
        PreTokenizerWrapper::ByteLevel(ByteLevel::new(false, true, false)),
    ]))));
    tokenizer.with_decoder(Some(DecoderWrapper::ByteLevel(ByteLevel::default())));
    let mut trainer = BpeTrainerBuilder::new()
        .vocab_size(VOCAB)
        .min_frequency(2)
        .show_progress(false)
        .max_token_length(Some(LONGEST))
        .initial_alphabet(ByteLevel::alphabet().into_iter().collect())
        .special_tokens(SPECIAL.iter().map(|t| AddedToken::from(*t, true)).collect())
        .build();
    tokenizer
        .train(&mut trainer, texts.into_iter())
        .map_err(|e| e.to_string())?;
    let found = tokenizer.get_vocab_size(true);
    if found != VOCAB {
        return Err(format!("the text gave {found} tokens; the model's config.json expects {VOCAB}").into());
    }
    tokenizer.save(&out, true).map_err(|e| e.to_string())?;
    println!("{out}: {found} tokens");
    Ok(())
}

/// Every text the model is made from, and the roles of a chat often enough to become tokens.
fn texts(build: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let mut texts = vec![];
    for line in std::fs::read_to_string(format!("{build}/pretrain.jsonl"))?.lines() {
        let row: Value = serde_json::from_str(line)?;
        texts.push(
            row["text"]
                .as_str()
                .ok_or("pretrain.jsonl: a row without text")?
                .to_owned(),
        );
    }
    let rows: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(format!("{build}/instruct.json"))?)?;
    for turn in rows.iter().filter_map(|row| row["conversations"].as_array()).flatten() {
        texts.push(
            turn["value"]
                .as_str()
                .ok_or("instruct.json: a turn without value")?
                .to_owned(),
        );
    }
    for role in ["system\n", "user\n", "assistant\n"] {
        texts.extend(std::iter::repeat_n(role.to_owned(), 2000));
    }
    Ok(texts)
}
