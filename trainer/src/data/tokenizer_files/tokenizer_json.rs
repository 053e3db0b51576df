//! A `tokenizer.json`, as the `tokenizers` crate reads it, built from pieces, ranks and merges.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use tokenizers::TokenizerBuilder;

use super::normalizer::{Pieces, Pipeline, Written};

/// A whole `tokenizer.json`.
#[derive(Serialize)]
pub struct TokenizerJson {
    pub version: &'static str,
    pub added_tokens: Vec<Added>,
    pub normalizer: Value,
    pub pre_tokenizer: Value,
    pub decoder: Value,
    pub model: Model,
}

/// The same without a normalizer, for texts that SentencePiece's own rules normalize.
#[derive(Serialize)]
struct Reading<'a> {
    version: &'static str,
    added_tokens: Vec<Added>,
    normalizer: (),
    pre_tokenizer: &'a Value,
    decoder: &'a Value,
    model: &'a Model,
}

/// The model: what makes tokens of pre-tokenized text.
#[derive(Serialize)]
#[serde(tag = "type")]
pub enum Model {
    #[serde(rename = "BPE")]
    Bpe {
        unk_token: Option<String>,
        fuse_unk: bool,
        byte_fallback: bool,
        /// A piece of text that is in the vocabulary is one token, whatever its merges.
        ignore_merges: bool,
        #[serde(serialize_with = "as_map")]
        vocab: Vec<(String, u32)>,
        merges: Vec<(String, String)>,
    },
    Unigram {
        unk_id: Option<usize>,
        byte_fallback: bool,
        vocab: Vec<(String, f64)>,
    },
}

/// An added token: it is found in the text before anything else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Added {
    pub id: u32,
    pub content: String,
    pub special: bool,
    pub single_word: bool,
    pub lstrip: bool,
    pub rstrip: bool,
    /// Looked for in the normalized text.
    pub normalized: bool,
    /// A symbol of SentencePiece's own file, which its library finds in the normalized text.
    #[serde(skip)]
    pub own: bool,
}

impl Added {
    pub fn special(id: u32, content: impl Into<String>) -> Self {
        Self {
            id,
            content: content.into(),
            special: true,
            single_word: false,
            lstrip: false,
            rstrip: false,
            normalized: false,
            own: false,
        }
    }
}

fn as_map<S: Serializer>(vocab: &[(String, u32)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(vocab.iter().map(|(token, id)| (token, id)))
}

/// How far past the other ids a listed token's may be.
const MAX_GAP: usize = 1 << 16;

impl TokenizerJson {
    pub fn new(model: Model) -> Self {
        Self {
            version: "1.0",
            added_tokens: vec![],
            normalizer: Value::Null,
            pre_tokenizer: Value::Null,
            decoder: Value::Null,
            model,
        }
    }

    /// Registers tokens; ids that the vocabulary lacks are put into it, with names in between for those that nobody
    /// has, so that each is where the model looks it up. A token whose id is another's, or lies too far, is left out
    /// and given back.
    pub fn add(&mut self, tokens: impl IntoIterator<Item = Added>) -> Vec<Added> {
        let mut known: HashMap<String, u32> = match &self.model {
            Model::Bpe { vocab, .. } => vocab.iter().cloned().collect(),
            Model::Unigram { vocab, .. } => (0..).zip(vocab).map(|(id, (token, _))| (token.clone(), id)).collect(),
        };
        let mut end = known.values().max().map_or(0, |id| *id as usize + 1);
        let taken: HashSet<u32> = known.values().copied().collect();
        let mut tokens: Vec<Added> = tokens.into_iter().filter(|token| !token.content.is_empty()).collect();
        tokens.sort_by_key(|token| token.id);
        let mut refused = vec![];
        for token in tokens {
            let place = token.id as usize;
            match known.get(&token.content) {
                Some(id) if *id == token.id => {}
                Some(_) => {
                    refused.push(token);
                    continue;
                }
                None if (place < end && taken.contains(&token.id)) || place > end + MAX_GAP => {
                    refused.push(token);
                    continue;
                }
                None => {
                    for id in end..place {
                        self.put(format!("<|no token {id}|>"), id);
                    }
                    self.put(token.content.clone(), place);
                    known.insert(token.content.clone(), token.id);
                    end = end.max(place + 1);
                }
            }
            match self.added_tokens.iter_mut().find(|known| known.id == token.id) {
                Some(known) => *known = token,
                None => self.added_tokens.push(token),
            }
        }
        self.added_tokens.sort_by_key(|token| token.id);
        refused
    }

    /// The crate's tokenizer for texts that `pieces` writes; `parts` is what parts them then.
    pub fn pipeline(&self, pieces: Pieces, parts: &Value) -> tokenizers::Result<Pipeline> {
        let found = |token: &Added| Added {
            normalized: token.normalized || token.own,
            ..token.clone()
        };
        let reading = Reading {
            version: self.version,
            added_tokens: self.added_tokens.iter().map(found).collect(),
            normalizer: (),
            pre_tokenizer: parts,
            decoder: &self.decoder,
            model: &self.model,
        };
        let read = Pipeline::from_bytes(serde_json::to_vec(&reading)?)?;
        // put together anew, since a normalizer that comes later would write a space before each symbol
        TokenizerBuilder::new()
            .with_model(read.get_model().clone())
            .with_normalizer(Some(Written::Pieces(pieces)))
            .with_pre_tokenizer(read.get_pre_tokenizer().cloned())
            .with_post_processor(None)
            .with_decoder(read.get_decoder().cloned())
            .with_added_vocabulary(read.get_added_vocabulary().clone())
            .build()
    }

    /// Where a token is, or `None`.
    pub fn id(&self, token: &str) -> Option<u32> {
        match &self.model {
            Model::Bpe { vocab, .. } => vocab.iter().find(|(known, _)| known == token).map(|(_, id)| *id),
            Model::Unigram { vocab, .. } => {
                let at = vocab.iter().position(|(known, _)| known == token);
                at.and_then(|at| u32::try_from(at).ok())
            }
        }
    }

    fn put(&mut self, token: String, id: usize) {
        match &mut self.model {
            Model::Bpe { vocab, .. } => vocab.extend(u32::try_from(id).ok().map(|id| (token, id))),
            Model::Unigram { vocab, .. } => vocab.push((token, NEVER)),
        }
    }
}

/// A score by which a piece is never chosen over a way around it.
pub const NEVER: f64 = -1000.0;

/// Merges for pieces of which the best score is put together first: every way to part a piece into two that exist.
///
/// A stable order, so that of what is alike the piece named first comes first.
pub fn merges_by_score<'a>(pieces: impl IntoIterator<Item = (&'a str, f64)>) -> Vec<(&'a str, &'a str)> {
    let pieces: Vec<(&str, f64)> = pieces.into_iter().collect();
    let places: HashMap<&str, usize> = pieces.iter().enumerate().map(|(at, (piece, _))| (*piece, at)).collect();
    let mut merges: Vec<(f64, (&str, &str))> = vec![];
    for (piece, score) in &pieces {
        let ways = piece
            .char_indices()
            .skip(1)
            .filter_map(|(at, _)| piece.split_at_checked(at));
        let known = |(left, right): &(&str, &str)| places.contains_key(left) && places.contains_key(right);
        let mut own: Vec<(&str, &str)> = ways.filter(known).collect();
        own.sort_by_key(|(left, right)| (places.get(left).copied(), places.get(right).copied()));
        merges.extend(own.into_iter().map(|pair| (*score, pair)));
    }
    let length = |(left, right): &(&str, &str)| (left.chars().count(), right.chars().count());
    merges.sort_by(|(a, one), (b, other)| match b.total_cmp(a) {
        Ordering::Equal => length(other).cmp(&length(one)),
        order => order,
    });
    merges.into_iter().map(|(_, pair)| pair).collect()
}

/// The letter that stands for a byte in byte-level vocabularies (GPT-2's table).
pub fn letter(byte: u8) -> char {
    let code = match byte {
        b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff => u32::from(byte),
        0..=b' ' => 0x100 + u32::from(byte),
        0x7f..=0xa0 => 0x121 + u32::from(byte - 0x7f),
        0xad => 0x143,
    };
    char::from_u32(code).unwrap_or('\u{fffd}')
}

/// A byte-level vocabulary of ranks: the parts of text are `pattern`'s, and of two neighbours those are put together
/// first whose joined bytes have the lowest rank, as tiktoken does. `offset`: the id of rank 0.
pub fn of_ranks(ranks: &[(Vec<u8>, u32)], offset: u32, pattern: &str) -> TokenizerJson {
    let places: HashMap<&[u8], u32> = ranks.iter().map(|(bytes, rank)| (bytes.as_slice(), *rank)).collect();
    let mut in_order: Vec<&(Vec<u8>, u32)> = ranks.iter().collect();
    in_order.sort_by_key(|(_, rank)| *rank);
    let text = |bytes: &[u8]| bytes.iter().copied().map(letter).collect::<String>();
    let mut merges = vec![];
    for (bytes, _) in &in_order {
        let ways = (1..bytes.len()).filter_map(|at| bytes.split_at_checked(at));
        let known = ways.filter_map(|(left, right)| Some(((places.get(left)?, places.get(right)?), (left, right))));
        let mut own: Vec<_> = known.collect();
        own.sort_by_key(|(ranks, _)| *ranks);
        merges.extend(own.into_iter().map(|(_, (left, right))| (text(left), text(right))));
    }
    let vocab = in_order
        .iter()
        .map(|(bytes, rank)| (text(bytes), rank.saturating_add(offset)));
    let model = Model::Bpe {
        unk_token: None,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: true,
        vocab: vocab.collect(),
        merges,
    };
    byte_level(model, Some(pattern))
}

/// A byte-level tokenizer that parts text by `pattern`, or by GPT-2's own.
pub fn byte_level(model: Model, pattern: Option<&str>) -> TokenizerJson {
    let bytes = json!({
        "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": pattern.is_none(),
    });
    let mut tokenizer_json = TokenizerJson::new(model);
    tokenizer_json.decoder = bytes.clone();
    tokenizer_json.pre_tokenizer = match pattern {
        None => bytes,
        Some(pattern) => json!({"type": "Sequence", "pretokenizers": [
            {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": false},
            bytes,
        ]}),
    };
    tokenizer_json
}
