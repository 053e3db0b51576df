//! Which prompts a run answers: those of held-out rows, and a person's own.

use crate::batch::hex;
use crate::chat::conversation;
use crate::data::{Dataset, Encoder, Examples, Pair, Sequence};
use crate::error::{Error, Result};
use protocol::config::RunSpec;
use protocol::samples::{Own, Prompt, TEXT_LEAD};
use protocol::says;
use sha2::{Digest, Sha256};
use std::collections::HashSet;

/// Rows that are looked at for each prompt that is wanted, at most: those that are no good are passed over.
const LOOKED_AT: usize = 64;

/// A prompt with its tokens.
#[derive(Debug, Clone)]
pub struct Asked {
    pub prompt: Prompt,
    pub tokens: Vec<u32>,
}

/// A held-out row as a prompt with what the data answer.
#[derive(Debug, Default, PartialEq, Eq)]
struct Taken {
    prompt: Vec<u32>,
    reply: Vec<u32>,
}

/// The held-out prompts, the first that differ, and behind them a person's own. `room`: tokens that the model takes at most.
///
/// # Errors
/// A prompt of the person's own can't be read by the template, or leaves no room for a reply; the disk can't be read.
pub fn asked(spec: &RunSpec, eval: &Dataset, encoder: &Encoder, room: usize) -> Result<Vec<Asked>> {
    let wanted = spec.samples.as_ref().map_or(0, |samples| samples.held_out);
    let plain = spec.method.stage().reads_plain_text();
    let cutoff = spec.data.cutoff_len;
    let mut known = HashSet::new();
    let mut all = vec![];
    for row in 0..eval.len().min(wanted.saturating_mul(LOOKED_AT)) {
        if all.len() == wanted {
            break;
        }
        let Some(Taken { prompt, reply }) = taken(eval.read(&[row])?, plain) else {
            continue;
        };
        // of a row that was cut its prompt may have lost its end
        let cut = !plain && prompt.len() + reply.len() >= cutoff;
        if cut || prompt.len() >= room || !known.insert(prompt.clone()) {
            continue;
        }
        let expected = encoder.tokenizer().decode(&reply)?.trim().to_owned();
        all.push(Asked {
            prompt: Prompt {
                expected: (!expected.is_empty()).then_some(expected),
                ..shown(encoder, &prompt)?
            },
            tokens: prompt,
        });
    }
    all.extend(own(spec, encoder, room)?);
    Ok(all)
}

/// The prompts of the person's own.
///
/// # Errors
/// One can't be read by the template, or leaves no room for a reply.
pub fn own(spec: &RunSpec, encoder: &Encoder, room: usize) -> Result<Vec<Asked>> {
    let plain = spec.method.stage().reads_plain_text();
    let all = spec.samples.iter().flat_map(|samples| &samples.own);
    all.map(|own| one(own, encoder, plain, room)).collect()
}

/// What of a row is asked; `None`: it has no prompt of its own.
fn taken(row: Examples, plain: bool) -> Option<Taken> {
    let found = match row {
        Examples::Pairs(mut rows) => preferred(rows.pop()?),
        Examples::Ranked(mut rows) => preferred(rows.pop()?.pair),
        Examples::Labelled(mut rows) => {
            let row = rows.pop()?;
            Taken {
                prompt: row.prompt,
                // a bad one is no answer to be shown as the data's
                reply: if row.good { row.reply } else { vec![] },
            }
        }
        Examples::Sequences(mut rows) => match plain {
            true => begun(&rows.pop()?)?,
            false => last_reply(&rows.pop()?)?,
        },
        Examples::Prompts(mut rows) => Taken {
            prompt: rows.pop()?,
            reply: vec![],
        },
    };
    (!found.prompt.is_empty()).then_some(found)
}

/// The prompt of a pair, with the better reply.
fn preferred(pair: Pair) -> Taken {
    Taken {
        prompt: pair.prompt,
        reply: pair.chosen,
    }
}

/// The beginning of a text, to be continued.
fn begun(row: &Sequence) -> Option<Taken> {
    let text = row.examples().next()?.tokens;
    let lead = TEXT_LEAD.min(text.len() / 2);
    Some(Taken {
        prompt: text.get(..lead)?.to_vec(),
        reply: text.get(lead..)?.to_vec(),
    })
}

/// The last reply that counts, and all before it. `None`: nothing stands before it that does not count.
fn last_reply(row: &Sequence) -> Option<Taken> {
    let example = row.examples().next()?;
    let end = example.counts.iter().rposition(|counts| *counts)? + 1;
    let begin = example.counts.get(..end)?.iter().rposition(|counts| !*counts)? + 1;
    Some(Taken {
        prompt: example.tokens.get(..begin)?.to_vec(),
        reply: example.tokens.get(begin..end)?.to_vec(),
    })
}

fn one(own: &Own, encoder: &Encoder, plain: bool, room: usize) -> Result<Asked> {
    let tokens = match (plain, own.messages.first()) {
        (true, Some(text)) => encoder.text_start(&text.content)?,
        _ => {
            let (mut setting, turns) = conversation(&own.messages)?;
            setting.tools.clone_from(&own.tools);
            encoder.prompt(&setting, &turns)?
        }
    };
    if tokens.is_empty() || tokens.len() >= room {
        let most = room.saturating_sub(1);
        return Err(Error::invalid(says::own_prompt_no_room(own.line, tokens.len(), most)));
    }
    Ok(Asked {
        prompt: Prompt {
            own: true,
            messages: own.messages.clone(),
            ..shown(encoder, &tokens)?
        },
        tokens,
    })
}

fn shown(encoder: &Encoder, tokens: &[u32]) -> Result<Prompt> {
    let text = encoder.tokenizer().decode_all(tokens)?;
    Ok(Prompt {
        hash: hex(&Sha256::digest(text.as_bytes())[..8]),
        text,
        tokens: u32::try_from(tokens.len()).unwrap_or(u32::MAX),
        ..Prompt::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(pattern: &str) -> Option<Taken> {
        let counts = pattern.chars().map(|c| c == '#').collect::<Vec<_>>();
        last_reply(&Sequence::new((0..counts.len() as u32).collect(), counts))
    }

    #[test]
    fn the_last_reply_is_asked_for_with_all_before_it() {
        let taken = |prompt: std::ops::Range<u32>, reply: std::ops::Range<u32>| {
            Some(Taken {
                prompt: prompt.collect(),
                reply: reply.collect(),
            })
        };
        assert_eq!(counted("..##"), taken(0..2, 2..4));
        assert_eq!(counted("..##.#."), taken(0..5, 5..6));
        // where all of a text counts nothing says where a reply begins
        assert_eq!((counted("###"), counted("..."), counted("")), (None, None, None));
    }

    #[test]
    fn a_text_is_continued_from_its_beginning() {
        let text = |length: u32| begun(&Sequence::new((0..length).collect(), vec![true; length as usize])).unwrap();
        assert_eq!((text(100).prompt.len(), text(100).reply.len()), (TEXT_LEAD, 68));
        assert_eq!(text(10).prompt.len(), 5);
    }
}
