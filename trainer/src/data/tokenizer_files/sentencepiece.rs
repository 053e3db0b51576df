//! SentencePiece's `tokenizer.model`: its pieces and normalizer, converted to a `tokenizer.json`.
//!
//! The fields are those of `sentencepiece_model.proto`; the form is the one transformers converts to.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use protocol::{Said, says};
use serde_json::{Value, json};

use super::normalizer::{self, Charsmap, Prefix};
use super::protobuf::{Broken, Field, Message};
use super::tokenizer_json::{Added, Model, NEVER, TokenizerJson, merges_by_score};

const NORMAL: u64 = 1;
const UNKNOWN: u64 = 2;
const CONTROL: u64 = 3;
const OWN: u64 = 4;
const BYTE: u64 = 6;

/// Pieces longer than this are refused: the number of their splits would grow out of hand.
const MOST_PIECE: usize = 4096;

/// `tokenizer.model`, as far as it is used.
pub struct Pieces {
    pieces: Vec<Piece>,
    kind: u64,
    byte_fallback: bool,
    suffix: bool,
    begin: Option<u32>,
    end: Option<u32>,
    charsmap: Option<Map>,
    prefix: bool,
    trim: bool,
    escape: bool,
}

/// The file's map, and how it is read.
struct Map {
    bytes: Vec<u8>,
    read: Charsmap,
}

struct Piece {
    text: String,
    score: f64,
    kind: u64,
}

impl Pieces {
    /// Reads the file; the error says what is wrong with it.
    pub fn read(bytes: &[u8]) -> Result<Self, Said> {
        let mut this = Self {
            pieces: vec![],
            kind: 1,
            byte_fallback: false,
            suffix: false,
            begin: Some(1),
            end: Some(2),
            charsmap: None,
            prefix: true,
            trim: true,
            escape: true,
        };
        this.fields(bytes)
            .map_err(|Broken(at)| says::words_broken("tokenizer.model", at))?;
        if this.pieces.is_empty() {
            return Err(says::words_broken("tokenizer.model", 0));
        }
        match this.kind {
            1 | 2 => {}
            3 => return Err(says::words_kind("tokenizer.model", "word")),
            4 => return Err(says::words_kind("tokenizer.model", "char")),
            other => return Err(says::words_kind("tokenizer.model", other)),
        }
        if this.suffix {
            return Err(says::words_kind("tokenizer.model", "treat_whitespace_as_suffix"));
        }
        if !this.escape {
            return Err(says::words_kind("tokenizer.model", "escape_whitespaces = false"));
        }
        match this.pieces.iter().find(|piece| piece.text.len() > MOST_PIECE) {
            Some(piece) => Err(says::words_long_piece("tokenizer.model", piece.text.len(), MOST_PIECE)),
            None => Ok(this),
        }
    }

    fn fields(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        let mut at = 0;
        for field in Message::new(bytes) {
            let (number, field) = field?;
            let within = |Broken(inside): Broken| Broken(at + inside);
            match (number, field) {
                (1, Field::Bytes(bytes)) => self.piece(bytes).map_err(within)?,
                (2, Field::Bytes(bytes)) => self.trainer(bytes).map_err(within)?,
                (3, Field::Bytes(bytes)) => self.normalizer(bytes).map_err(within)?,
                _ => {}
            }
            if let Field::Bytes(bytes) = field {
                at += bytes.len();
            }
        }
        Ok(())
    }

    fn piece(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        let mut piece = Piece {
            text: String::new(),
            score: 0.0,
            kind: NORMAL,
        };
        for field in Message::new(bytes) {
            match field? {
                (1, Field::Bytes(text)) => {
                    piece.text = str::from_utf8(text).map_err(|e| Broken(e.valid_up_to()))?.to_owned();
                }
                (2, Field::Float(score)) if score.is_finite() => piece.score = f64::from(score),
                (3, Field::Number(kind)) => piece.kind = kind,
                _ => {}
            }
        }
        self.pieces.push(piece);
        Ok(())
    }

    fn trainer(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        // -1 means that there is none
        let id = |number: u64| u32::try_from(number).ok();
        for field in Message::new(bytes) {
            match field? {
                (3, Field::Number(kind)) => self.kind = kind,
                (24, Field::Number(flag)) => self.suffix = flag != 0,
                (35, Field::Number(flag)) => self.byte_fallback = flag != 0,
                (41, Field::Number(number)) => self.begin = id(number),
                (42, Field::Number(number)) => self.end = id(number),
                _ => {}
            }
        }
        Ok(())
    }

    fn normalizer(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        for field in Message::new(bytes) {
            match field? {
                (2, Field::Bytes([])) => self.charsmap = None,
                (2, Field::Bytes(map)) => {
                    let (bytes, read) = (map.to_vec(), Charsmap::read(map).ok_or(Broken(0))?);
                    self.charsmap = Some(Map { bytes, read });
                }
                (3, Field::Number(flag)) => self.prefix = flag != 0,
                (4, Field::Number(flag)) => self.trim = flag != 0,
                (5, Field::Number(flag)) => self.escape = flag != 0,
                _ => {}
            }
        }
        Ok(())
    }

    fn text(&self, id: Option<u32>) -> Option<String> {
        let piece = self.pieces.get(usize::try_from(id?).ok()?)?;
        (piece.kind == CONTROL).then(|| piece.text.clone())
    }

    /// How many pieces there are.
    pub fn len(&self) -> usize {
        self.pieces.len()
    }

    pub fn begin(&self) -> Option<String> {
        self.text(self.begin)
    }

    pub fn end(&self) -> Option<String> {
        self.text(self.end)
    }

    pub fn unknown(&self) -> Option<String> {
        let unknown = self.pieces.iter().find(|piece| piece.kind == UNKNOWN);
        unknown.map(|piece| piece.text.clone())
    }

    pub fn tokenizer_json(&self, prefix: Prefix) -> TokenizerJson {
        let prefix = if self.prefix { prefix } else { Prefix::None };
        let mut tokenizer_json = TokenizerJson::new(if self.kind == 2 { self.merged() } else { self.scored() });
        let mut normalizers = vec![];
        if let Some(map) = &self.charsmap {
            normalizers.push(json!({"type": "Precompiled", "precompiled_charsmap": STANDARD.encode(&map.bytes)}));
        }
        if self.trim {
            normalizers.push(json!({"type": "Strip", "strip_left": true, "strip_right": true}));
            normalizers.push(json!({"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}));
        }
        match prefix {
            Prefix::EachPart => normalizers.push(json!({"type": "Prepend", "prepend": "▁"})),
            // letters and spaces that stand alone are looked for as they come
            Prefix::FirstPart => {
                tokenizer_json.pre_tokenizer =
                    json!({"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": false});
            }
            Prefix::None => {}
        }
        if prefix != Prefix::FirstPart {
            normalizers.push(json!({"type": "Replace", "pattern": {"String": " "}, "content": "▁"}));
        }
        tokenizer_json.pre_tokenizer = match (tokenizer_json.pre_tokenizer.take(), self.parts()) {
            (one, Value::Null) | (Value::Null, one) => one,
            (one, other) => json!({"type": "Sequence", "pretokenizers": [one, other]}),
        };
        tokenizer_json.normalizer = match normalizers.as_slice() {
            [] => Value::Null,
            _ => json!({"type": "Sequence", "normalizers": normalizers}),
        };
        let mut decoders = vec![
            json!({"type": "Replace", "pattern": {"String": "▁"}, "content": " "}),
            json!({"type": "ByteFallback"}),
            json!({"type": "Fuse"}),
        ];
        if prefix != Prefix::None {
            decoders.push(json!({"type": "Strip", "content": " ", "start": 1, "stop": 0}));
        }
        tokenizer_json.decoder = json!({"type": "Sequence", "decoders": decoders});
        tokenizer_json.add(self.added(prefix));
        tokenizer_json
    }

    /// SentencePiece's normalizer, which [`TokenizerJson`]'s rules approximate.
    pub fn written(&self, prefix: Prefix) -> normalizer::Pieces {
        let mut own = BTreeMap::<char, Vec<String>>::new();
        for piece in self.pieces.iter().filter(|piece| piece.kind == OWN) {
            if let Some(first) = piece.text.chars().next() {
                own.entry(first).or_default().push(piece.text.clone());
            }
        }
        for symbols in own.values_mut() {
            symbols.sort_by_key(|symbol| std::cmp::Reverse(symbol.len()));
        }
        normalizer::Pieces {
            charsmap: self.charsmap.as_ref().map(|map| map.read.clone()),
            prefix: if self.prefix { prefix } else { Prefix::None },
            trim: self.trim,
            own,
        }
    }

    /// The pre-tokenizer of a normalized text: a byte's piece that is spelled out in a text is text.
    pub fn parts(&self) -> Value {
        match self.kind == 1 && self.byte_fallback {
            true => json!({"type": "Split", "pattern": {"Regex": "(?<=<0)(?=x[0-9A-F]{2}>)"},
                "behavior": "Isolated", "invert": false}),
            false => Value::Null,
        }
    }

    /// Control pieces, and user-defined ones, which are found wherever they occur.
    fn added(&self, prefix: Prefix) -> Vec<Added> {
        let listed = (0u32..).zip(&self.pieces);
        let listed = listed.filter(|(_, piece)| [UNKNOWN, CONTROL, OWN].contains(&piece.kind));
        listed
            .map(|(id, piece)| Added {
                special: piece.kind != OWN,
                own: piece.kind == OWN,
                // spaces in it are looked for as SentencePiece writes them
                normalized: piece.kind == OWN && prefix == Prefix::None && piece.text.contains('▁'),
                ..Added::special(id, piece.text.as_str())
            })
            .collect()
    }

    fn merged(&self) -> Model {
        let mut known = std::collections::HashSet::new();
        let vocab = (0u32..).zip(&self.pieces);
        let vocab = vocab.filter(|(_, piece)| known.insert(piece.text.as_str()));
        let plain = self
            .pieces
            .iter()
            .filter(|piece| ![UNKNOWN, CONTROL, OWN, BYTE].contains(&piece.kind));
        let merges = merges_by_score(plain.map(|piece| (piece.text.as_str(), piece.score)));
        let owned = |(left, right): (&str, &str)| (left.to_owned(), right.to_owned());
        Model::Bpe {
            unk_token: self.unknown(),
            fuse_unk: true,
            byte_fallback: self.byte_fallback,
            ignore_merges: false,
            vocab: vocab.map(|(id, piece)| (piece.text.clone(), id)).collect(),
            merges: merges.into_iter().map(owned).collect(),
        }
    }

    fn scored(&self) -> Model {
        let vocab = self.pieces.iter().map(|piece| match piece.kind {
            UNKNOWN | CONTROL | OWN | BYTE => (piece.text.clone(), NEVER),
            _ => (piece.text.clone(), piece.score),
        });
        Model::Unigram {
            unk_id: self.pieces.iter().position(|piece| piece.kind == UNKNOWN),
            byte_fallback: self.byte_fallback,
            vocab: vocab.collect(),
        }
    }
}
