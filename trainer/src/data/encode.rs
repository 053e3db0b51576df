//! Conversations to training examples: cut-offs, label masks and packing, stage by stage.

use super::error::{DataError, Result};
use super::rows::{Replies, Row};
use super::template::{Encoder, Message, Omissions, Role};
use super::{End, Labelled, LossMask, Pair, Sequence};
use protocol::says;

/// Rows that are packed together at a time, as in the original.
pub(super) const PACK_ROWS: usize = 1000;

/// Splits a budget of `cutoff` tokens between a prompt and its reply; the reply counts as the more important.
///
/// Returns how many of the first tokens of each are kept.
pub fn split_budget(prompt: usize, reply: usize, cutoff: usize) -> (usize, usize) {
    let most = if reply * 2 < cutoff {
        cutoff
    } else if prompt * 2 < cutoff {
        cutoff - prompt
    } else {
        (cutoff as f64 * (reply as f64 / (prompt + reply) as f64)) as usize
    };
    let kept = most.min(reply);
    (cutoff.saturating_sub(kept).min(prompt), kept)
}

/// What became of a row on its way to tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowReport {
    /// Some of its tokens are past the cut-off.
    pub cut: bool,
    /// Its earlier replies don't count, because the model's chat template writes them in another way than the last.
    pub earlier_replies: bool,
    /// Its tokens before the cut-off, as the cut-off counts them.
    pub whole: usize,
    /// What the template makes of it.
    pub omissions: Omissions,
}

/// A preference pair, cut to `cutoff` tokens by the longer reply.
pub fn pair(encoder: &Encoder, row: &Row, cutoff: usize) -> Result<(Pair, RowReport)> {
    let Replies::Pair { chosen, rejected } = &row.replies else {
        return Err(DataError::row(says::row_without_pair()));
    };
    let omissions = encoder.examine(&row.setting, &row.prompt, &[chosen, rejected])?;
    let (mut prompt, mut chosen, mut rejected) = encoder.pair(&row.setting, &row.prompt, chosen, rejected)?;
    let longest = chosen.len().max(rejected.len());
    let (source, target) = split_budget(prompt.len(), longest, cutoff);
    let row_report = RowReport {
        cut: source < prompt.len() || target < longest,
        earlier_replies: false,
        whole: prompt.len() + longest,
        omissions,
    };
    prompt.truncate(source);
    chosen.truncate(target);
    rejected.truncate(target);
    Ok((
        Pair {
            prompt,
            chosen,
            rejected,
        },
        row_report,
    ))
}

/// A labelled reply and its mismatched one, each cut to `cutoff` tokens on its own.
pub fn labelled(encoder: &Encoder, row: &Row, cutoff: usize) -> Result<(Labelled, RowReport)> {
    let Replies::Feedback {
        reply,
        good,
        other,
        pair,
    } = &row.replies
    else {
        return Err(DataError::row(says::row_without_label()));
    };
    let omissions = encoder.examine(&row.setting, &row.prompt, &[reply, other])?;
    let (prompt, reply, other) = encoder.pair(&row.setting, &row.prompt, reply, other)?;
    let cut = |reply: &[u32]| {
        let (source, target) = split_budget(prompt.len(), reply.len(), cutoff);
        (prompt[..source].to_vec(), reply[..target].to_vec())
    };
    let (own, other) = (cut(&reply), cut(&other));
    let row_report = RowReport {
        cut: own.0.len() < prompt.len() || own.1.len() < reply.len(),
        earlier_replies: false,
        whole: prompt.len() + reply.len(),
        omissions,
    };
    let labelled = Labelled {
        prompt: own.0,
        reply: own.1,
        good: *good,
        other_prompt: other.0,
        other_reply: other.1,
        pair: *pair,
    };
    Ok((labelled, row_report))
}

/// The prompt of a row, cut as it would be beside its reply.
pub fn prompt(encoder: &Encoder, row: &Row, cutoff: usize) -> Result<(Vec<u32>, RowReport)> {
    let none = Message::new(Role::Assistant, "");
    let reply = match &row.replies {
        Replies::One(reply) | Replies::Labelled { reply, .. } => reply,
        _ => &none,
    };
    let (mut prompt, reply) = encoder.last_turn(&row.setting, &row.prompt, reply)?;
    let (kept, _) = split_budget(prompt.len(), reply.len(), cutoff);
    let row_report = RowReport {
        cut: kept < prompt.len(),
        earlier_replies: false,
        whole: prompt.len() + reply.len(),
        omissions: Omissions::default(),
    };
    prompt.truncate(kept);
    Ok((prompt, row_report))
}

/// A prompt and the reply that is expected, which counts; cut as one turn.
pub fn expected(encoder: &Encoder, row: &Row, cutoff: usize) -> Result<(Sequence, RowReport)> {
    let (Replies::One(reply) | Replies::Pair { chosen: reply, .. }) = &row.replies else {
        return Err(DataError::row(says::row_without_reply()));
    };
    let omissions = encoder.examine(&row.setting, &row.prompt, &[reply])?;
    let (mut prompt, mut reply) = encoder.last_turn(&row.setting, &row.prompt, reply)?;
    reply.extend(encoder.closing());
    let (source, target) = split_budget(prompt.len(), reply.len(), cutoff);
    let row_report = RowReport {
        cut: source < prompt.len() || target < reply.len(),
        earlier_replies: false,
        whole: prompt.len() + reply.len(),
        omissions,
    };
    prompt.truncate(source);
    reply.truncate(target);
    let counts = [vec![false; prompt.len()], vec![true; reply.len()]].concat();
    Ok((Sequence::new([prompt, reply].concat(), counts), row_report))
}

/// A conversation for supervised training, cut turn by turn to `cutoff` tokens.
pub fn conversation(encoder: &Encoder, row: &Row, mask: LossMask, cutoff: usize) -> Result<(Sequence, RowReport)> {
    let Replies::One(reply) = &row.replies else {
        return Err(DataError::row(says::row_without_reply()));
    };
    let mut messages: Vec<Message> = row.prompt.clone();
    messages.push(reply.clone());
    let omissions = encoder.examine(&row.setting, &row.prompt, &[reply])?;
    let mut turns = match mask {
        LossMask::LastReply => encoder.turns_to_last(&row.setting, &messages)?,
        LossMask::Replies | LossMask::Everything => encoder.turns(&row.setting, &messages)?,
    };
    let whole: usize = turns.iter().map(|(p, r)| p.len() + r.len()).sum();
    let earlier_replies = turns.len() * 2 < messages.len() && mask == LossMask::Replies;
    // Replies of the turns there are: all, or the last alone.
    let replies = messages.iter().filter(|turn| turn.role.is_reply());
    let missing = replies.clone().count().saturating_sub(turns.len());
    let mut learned: Vec<bool> = replies.skip(missing).map(|reply| reply.learned).collect();
    // The last turns come first where only they count.
    if mask == LossMask::LastReply {
        turns.reverse();
        learned.reverse();
    }
    // a template whose replies bring no end has one behind the last
    let closing = encoder.closing();
    let whole = whole + usize::from(closing.is_some());
    let mut total = usize::from(closing.is_some());
    let mut kept: Vec<Kept> = Vec::with_capacity(turns.len());
    for (i, (mut prompt, mut reply)) in turns.into_iter().enumerate() {
        if total >= cutoff {
            break;
        }
        let (source, target) = split_budget(prompt.len(), reply.len(), cutoff - total);
        prompt.truncate(source);
        reply.truncate(target);
        total += source + target;
        let mut counts = vec![mask == LossMask::Everything; source];
        let learned = learned.get(i).copied().unwrap_or(true) && (mask != LossMask::LastReply || i == 0);
        counts.resize(source + target, learned);
        prompt.append(&mut reply);
        kept.push(Kept {
            tokens: prompt,
            counts,
            learned,
        });
    }
    if mask == LossMask::LastReply {
        kept.reverse();
    }
    let mut tokens = Vec::with_capacity(total);
    let mut counts: Vec<bool> = Vec::with_capacity(total);
    let mut ends = vec![];
    let mut learned = false;
    for turn in kept {
        // what stands behind a learned reply stands for its end
        if let Some(token) = closing
            && learned
            && !turn.tokens.is_empty()
        {
            ends.push(End {
                at: tokens.len(),
                token,
            });
        }
        learned = turn.learned;
        tokens.extend(turn.tokens);
        counts.extend(turn.counts);
    }
    for end in &ends {
        counts[end.at] = true;
    }
    if let Some(token) = closing {
        counts.push(learned);
        tokens.push(token);
    }
    let row_report = RowReport {
        cut: total < whole,
        earlier_replies,
        whole,
        omissions,
    };
    let mut sequence = Sequence::new(tokens, counts);
    sequence.ends = ends;
    Ok((sequence, row_report))
}

/// A turn with its reply, cut.
struct Kept {
    tokens: Vec<u32>,
    counts: Vec<bool>,
    /// Whether the reply is.
    learned: bool,
}

/// The token ids of a text of stage `pt`, its end marked.
pub fn document(encoder: &Encoder, text: &str) -> Result<Vec<u32>> {
    let eos = encoder.document_end();
    encoder.tokenizer().encode(&[text, eos].concat())
}

/// Documents one after the other, cut into blocks. What is left over at the end of each thousand documents is dropped.
pub struct Blocks {
    /// Stands in the place of a block's first token.
    bos: Option<u32>,
    /// Tokens of a block.
    size: usize,
    /// The one that is not full.
    block: Vec<u32>,
    /// Documents of the thousand so far.
    documents: usize,
}

impl Blocks {
    pub fn new(encoder: &Encoder, size: usize) -> Self {
        Self {
            bos: bos(encoder),
            size,
            block: Vec::new(),
            documents: 0,
        }
    }

    /// Takes a document; gives the blocks that it fills.
    pub fn push(&mut self, ids: &[u32]) -> Vec<Sequence> {
        let mut out = Vec::new();
        for &id in ids {
            self.block.push(id);
            if self.block.len() == self.size {
                let mut tokens = std::mem::take(&mut self.block);
                tokens[0] = self.bos.unwrap_or(tokens[0]);
                out.push(Sequence::new(tokens, vec![true; self.size]));
            }
        }
        self.documents += 1;
        if self.documents == PACK_ROWS {
            self.documents = 0;
            self.block.clear();
        }
        out
    }
}

/// The token that texts of stage `pt` begin with, if they do.
fn bos(encoder: &Encoder) -> Option<u32> {
    let tokenizer = encoder.tokenizer();
    tokenizer.bos().filter(|_| tokenizer.add_bos_token()).map(|bos| bos.id)
}

/// A document as a row of its own, cut to `size` tokens. `None`: no token of it is predicted by another.
pub fn cut_row(encoder: &Encoder, ids: Vec<u32>, size: usize) -> Option<Sequence> {
    let tokens: Vec<u32> = bos(encoder).into_iter().chain(ids).take(size).collect();
    let counts = vec![true; tokens.len()];
    Some(Sequence::new(tokens, counts)).filter(|row| row.counted() > 0)
}

/// Short sequences put together into rows of at most `size` tokens, the longest that fit first. Whether later ones see
/// earlier ones is `joined`'s.
pub fn pack(sequences: Vec<Sequence>, size: usize, joined: bool) -> Vec<Sequence> {
    let mut out = Vec::new();
    let mut sequences = sequences.into_iter().peekable();
    while sequences.peek().is_some() {
        let mut group: Vec<Sequence> = sequences.by_ref().take(PACK_ROWS).collect();
        group.sort_by_key(|s| s.tokens.len());
        while !group.is_empty() {
            let mut row = Sequence {
                joined,
                ..Sequence::default()
            };
            loop {
                let room = size.saturating_sub(row.tokens.len());
                let fitting = group.partition_point(|s| s.tokens.len() <= room);
                // A row takes at least one, were it too long.
                let Some(at) = fitting.checked_sub(1).or(row.tokens.is_empty().then_some(0)) else {
                    break;
                };
                if group.is_empty() {
                    break;
                }
                row.append(group.remove(at));
            }
            out.push(row);
        }
    }
    out
}
