//! Mistral's `tekken.json`: ranks as tiktoken's, after ids that are reserved for special tokens.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use protocol::{Said, says};
use serde::Deserialize;

use super::ranks;
use super::tokenizer_json::{Added, Model, TokenizerJson, of_ranks};

const FILE: &str = "tekken.json";

/// The special tokens of files that list none, as mistral-common has them; the ids behind them have names by their
/// number.
const SPECIAL: [&str; 20] = [
    "<unk>",
    "<s>",
    "</s>",
    "[INST]",
    "[/INST]",
    "[AVAILABLE_TOOLS]",
    "[/AVAILABLE_TOOLS]",
    "[TOOL_RESULTS]",
    "[/TOOL_RESULTS]",
    "[TOOL_CALLS]",
    "[IMG]",
    "<pad>",
    "[IMG_BREAK]",
    "[IMG_END]",
    "[PREFIX]",
    "[MIDDLE]",
    "[SUFFIX]",
    "[SYSTEM_PROMPT]",
    "[/SYSTEM_PROMPT]",
    "[TOOL_CONTENT]",
];

#[derive(Deserialize)]
struct File {
    config: Config,
    vocab: Vec<Entry>,
    special_tokens: Option<Vec<Special>>,
}

#[derive(Deserialize)]
struct Config {
    pattern: String,
    default_vocab_size: u32,
    default_num_special_tokens: u32,
}

#[derive(Deserialize)]
struct Entry {
    rank: u32,
    token_bytes: String,
}

#[derive(Deserialize)]
struct Special {
    rank: u32,
    token_str: String,
}

/// The tokenizer of the file; the error says what is wrong with it.
pub fn tokenizer_json(bytes: &[u8]) -> Result<TokenizerJson, Said> {
    let file: File = serde_json::from_slice(bytes).map_err(says::not_json)?;
    let kept = file.config.default_num_special_tokens;
    let count = file.config.default_vocab_size.saturating_sub(kept);
    let entries = file.vocab.into_iter().filter(|entry| entry.rank < count);
    let entries: Vec<(Vec<u8>, u32)> = entries
        .enumerate()
        .map(|(at, entry)| match STANDARD.decode(&entry.token_bytes) {
            Ok(bytes) => Ok((bytes, entry.rank)),
            Err(_) => Err(says::words_entry(FILE, "vocab", at)),
        })
        .collect::<Result<_, _>>()?;
    let entries = ranks::checked(FILE, entries)?;
    // more special tokens than any real vocabulary has
    if kept > 1 << 16 {
        return Err(says::words_entry(FILE, "default_num_special_tokens", kept));
    }
    let mut names: Vec<Option<String>> = vec![None; kept as usize];
    match file.special_tokens {
        Some(listed) => {
            for (at, special) in listed.into_iter().enumerate() {
                let place = names.get_mut(special.rank as usize);
                *place.ok_or_else(|| says::words_entry(FILE, "special_tokens", at))? = Some(special.token_str);
            }
        }
        None => {
            let known = SPECIAL.into_iter().map(|name| Some(name.to_owned()));
            names.iter_mut().zip(known).for_each(|(place, name)| *place = name);
        }
    }
    let mut tokenizer_json = of_ranks(&entries, kept, &file.config.pattern);
    let special: Vec<Added> = (0u32..)
        .zip(names)
        .map(|(id, name)| Added::special(id, name.unwrap_or_else(|| format!("<SPECIAL_{id}>"))))
        .collect();
    if let Model::Bpe { vocab, .. } = &mut tokenizer_json.model {
        vocab.splice(0..0, special.iter().map(|token| (token.content.clone(), token.id)));
    }
    tokenizer_json.add(special);
    Ok(tokenizer_json)
}
