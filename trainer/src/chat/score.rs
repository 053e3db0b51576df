//! Log-probs of the tokens of a held-out pair, whose tokens are found again from its text.

use super::Talker;
use crate::batch;
use crate::data::{Encoder, Examples, Pair};
use crate::error::{Error, Result};
use crate::model::{ForwardOptions, Mode};
use crate::pairs;
use crate::plan::{DevicePlan, Layout};
use crate::session::check_id;
use protocol::chat::{PairLogps, PairText};
use protocol::pairs::Reply;
use protocol::says;

impl Talker {
    /// The log-probs of both replies' tokens, as an evaluation computes them.
    ///
    /// # Errors
    /// The text gives other tokens here than those of the run, or the model's numbers are not finite.
    pub fn score(&mut self, text: &PairText) -> Result<PairLogps> {
        let pair = pair(&self.encoder, text)?;
        let ids = pair.prompt.iter().chain(&pair.chosen).chain(&pair.rejected);
        let known = self.model.config().vocabulary() as u64;
        check_id(ids.max().copied(), known, &self.encoder)?;
        let layout = Layout {
            turns_past: self.model.turns_past(),
            ..Layout::default()
        };
        let plan = batch::plan(&Examples::Pairs(vec![pair]), layout)?;
        let plan = DevicePlan::new(self.model.engine(), plan)?;
        let options = ForwardOptions::policy().within(Mode::Inference);
        let logps = self.model.forward(&plan, options)?.logps;
        // JSON has no word for them
        if logps.iter().any(|logp| !logp.is_finite()) {
            return Err(Error::invalid(says::logits_not_finite()));
        }
        let of = |sequence| logps[plan.host.sequence_rows(sequence)].to_vec();
        Ok(PairLogps {
            chosen: of(0),
            rejected: of(1),
        })
    }
}

/// The pair in tokens.
///
/// # Errors
/// They can't be found again.
fn pair(encoder: &Encoder, text: &PairText) -> Result<Pair> {
    let prompt = encoder.tokenizer().encode(&text.row.prompt)?;
    let pair = Pair {
        chosen: reply(encoder, &prompt, &text.row.chosen)?,
        rejected: reply(encoder, &prompt, &text.row.rejected)?,
        prompt,
    };
    match pair.short_hash() == text.hash {
        true => Ok(pair),
        false => Err(lost()),
    }
}

/// The tokens of a reply: those whose pieces are as long as the run's were.
fn reply(encoder: &Encoder, prompt: &[u32], wanted: &Reply) -> Result<Vec<u32>> {
    let whole = encoder.tokenizer().encode(&wanted.text)?;
    let found = |ids: &[u32]| Ok::<bool, Error>(pairs::reply(encoder, prompt, ids)? == *wanted);
    if found(&whole)? {
        return Ok(whole);
    }
    // a template's text and what it is put around are tokenized apart, and a cut reply may end within a word
    match piece_by_piece(encoder, wanted)? {
        Some(ids) if found(&ids)? => Ok(ids),
        _ => Err(lost()),
    }
}

/// The tokens of each piece on its own; `None`: the tokenizer divides one further.
fn piece_by_piece(encoder: &Encoder, wanted: &Reply) -> Result<Option<Vec<u32>>> {
    let pieces: Vec<&str> = wanted.pieces().collect();
    let (mut ids, mut at) = (vec![], 0);
    while at < pieces.len() {
        // tokens without text are further bytes of the same characters
        let empty = pieces[at + 1..].iter().take_while(|piece| piece.is_empty()).count();
        let own = encoder.tokenizer().encode(pieces[at])?;
        if own.len() != 1 + empty {
            return Ok(None);
        }
        ids.extend(own);
        at += 1 + empty;
    }
    Ok(Some(ids))
}

fn lost() -> Error {
    Error::invalid(says::pair_tokens_lost())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Template, Tokenizer};
    use protocol::pairs::Row;
    use std::path::Path;

    fn encoder() -> Encoder {
        let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/demo/model");
        let tokenizer = Tokenizer::from_dir(&model).unwrap();
        let template = Template::choose(None, &tokenizer).unwrap();
        Encoder::new(tokenizer, template, None).unwrap()
    }

    fn text(encoder: &Encoder, pair: &Pair) -> PairText {
        let reply = |ids| pairs::reply(encoder, &pair.prompt, ids).unwrap();
        PairText {
            row: Row {
                prompt: encoder.tokenizer().decode_all(&pair.prompt).unwrap(),
                chosen: reply(&pair.chosen),
                rejected: reply(&pair.rejected),
            },
            hash: pair.short_hash(),
        }
    }

    #[test]
    fn tokens_are_found_again_from_text_or_said_to_be_lost() {
        let encoder = encoder();
        let ids = |text: &str| encoder.tokenizer().encode(text).unwrap();
        let whole = Pair {
            prompt: ids("<|im_start|>user\nWhat colour is the sky?<|im_end|>\n<|im_start|>assistant\n"),
            chosen: ids("Blue, 青い 🌌.<|im_end|>\n"),
            rejected: ids("Nobody knows.<|im_end|>\n"),
        };
        assert_eq!(pair(&encoder, &text(&encoder, &whole)).unwrap(), whole);
        // pieces that were tokenized apart
        let letters = ["t", "h", "e", "r", "e"].map(ids).concat();
        assert_ne!(letters, ids("there"));
        let parts = Pair {
            chosen: letters.clone(),
            ..whole.clone()
        };
        assert_eq!(pair(&encoder, &text(&encoder, &parts)).unwrap(), parts);
        // a prompt that its text does not give back, and a text that is another pair's
        let prompt = letters;
        let lost = text(
            &encoder,
            &Pair {
                prompt,
                ..whole.clone()
            },
        );
        let mut other = text(&encoder, &whole);
        other.row.prompt += "!";
        for text in [lost, other] {
            let said = pair(&encoder, &text).unwrap_err().said();
            assert_eq!(said.code, "pair_tokens_lost");
        }
    }
}
