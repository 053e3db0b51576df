//! Conversations to training examples: cut-offs, loss masks and packing, stage by stage.

use super::error::{DataError, Result};
use super::rows::{Replies, Row};
use super::template::{EncodedTurn, Encoder, Message, Omissions, Role};
use super::{End, Labelled, LossMask, Pair, Sequence};
use protocol::says;

/// Rows that are packed together at a time: LLaMA-Factory's `preprocessing_batch_size`.
pub(super) const PACK_ROWS: usize = 1000;

/// How many of the first tokens of a prompt and of its reply are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenBudget {
    pub prompt: usize,
    pub reply: usize,
}

/// Splits a budget of `cutoff` tokens between a prompt and a reply of these lengths, as LLaMA-Factory's `infer_seqlen`:
/// a short one is kept whole, else each gets a share by its length.
pub fn split_budget(prompt: usize, reply: usize, cutoff: usize) -> TokenBudget {
    let most = if reply * 2 < cutoff {
        cutoff
    } else if prompt * 2 < cutoff {
        cutoff - prompt
    } else {
        (cutoff as f64 * (reply as f64 / (prompt + reply) as f64)) as usize
    };
    let reply = most.min(reply);
    TokenBudget {
        prompt: cutoff.saturating_sub(reply).min(prompt),
        reply,
    }
}

/// What encoding a row left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowReport {
    /// Tokens past the cut-off were dropped.
    pub cut: bool,
    /// Replies before the last do not count in the loss, because the model's chat template writes them in another way.
    pub earlier_replies: bool,
    /// How many tokens it had before the cut-off; of a pair, those of the longer reply.
    pub tokens: usize,
    /// What the template leaves out of it.
    pub omissions: Omissions,
}

/// A preference pair, cut to `cutoff` tokens: prompt and longer reply together.
pub fn pair(encoder: &Encoder, row: &Row, cutoff: usize) -> Result<(Pair, RowReport)> {
    let Replies::Pair { chosen, rejected } = &row.replies else {
        return Err(DataError::row(says::row_without_pair()));
    };
    let omissions = encoder.examine(&row.setting, &row.prompt, &[chosen, rejected])?;
    let mut pair = encoder.pair(&row.setting, &row.prompt, chosen, rejected)?;
    let longest = pair.chosen.len().max(pair.rejected.len());
    let budget = split_budget(pair.prompt.len(), longest, cutoff);
    let row_report = RowReport {
        cut: budget.prompt < pair.prompt.len() || budget.reply < longest,
        earlier_replies: false,
        tokens: pair.prompt.len() + longest,
        omissions,
    };
    pair.prompt.truncate(budget.prompt);
    pair.chosen.truncate(budget.reply);
    pair.rejected.truncate(budget.reply);
    Ok((pair, row_report))
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
    let whole = encoder.pair(&row.setting, &row.prompt, reply, other)?;
    let cut = |reply: &[u32]| {
        let budget = split_budget(whole.prompt.len(), reply.len(), cutoff);
        EncodedTurn {
            prompt: whole.prompt[..budget.prompt].to_vec(),
            reply: reply[..budget.reply].to_vec(),
        }
    };
    let (own, other) = (cut(&whole.chosen), cut(&whole.rejected));
    let row_report = RowReport {
        cut: own.prompt.len() < whole.prompt.len() || own.reply.len() < whole.chosen.len(),
        earlier_replies: false,
        tokens: whole.prompt.len() + whole.chosen.len(),
        omissions,
    };
    let labelled = Labelled {
        prompt: own.prompt,
        reply: own.reply,
        good: *good,
        other_prompt: other.prompt,
        other_reply: other.reply,
        pair: *pair,
    };
    Ok((labelled, row_report))
}

/// A row's prompt, cut to as many tokens as it would keep beside its reply.
pub fn prompt(encoder: &Encoder, row: &Row, cutoff: usize) -> Result<(Vec<u32>, RowReport)> {
    let none = Message::new(Role::Assistant, "");
    let reply = match &row.replies {
        Replies::One(reply) | Replies::Labelled { reply, .. } => reply,
        _ => &none,
    };
    let EncodedTurn { mut prompt, reply } = encoder.last_turn(&row.setting, &row.prompt, reply)?;
    let budget = split_budget(prompt.len(), reply.len(), cutoff);
    let row_report = RowReport {
        cut: budget.prompt < prompt.len(),
        earlier_replies: false,
        tokens: prompt.len() + reply.len(),
        omissions: Omissions::default(),
    };
    prompt.truncate(budget.prompt);
    Ok((prompt, row_report))
}

/// A prompt and its expected reply, whose tokens count; cut to `cutoff` tokens as one turn.
pub fn expected(encoder: &Encoder, row: &Row, cutoff: usize) -> Result<(Sequence, RowReport)> {
    let (Replies::One(reply) | Replies::Pair { chosen: reply, .. }) = &row.replies else {
        return Err(DataError::row(says::row_without_reply()));
    };
    let omissions = encoder.examine(&row.setting, &row.prompt, &[reply])?;
    let EncodedTurn { mut prompt, mut reply } = encoder.last_turn(&row.setting, &row.prompt, reply)?;
    reply.extend(encoder.closing());
    let budget = split_budget(prompt.len(), reply.len(), cutoff);
    let row_report = RowReport {
        cut: budget.prompt < prompt.len() || budget.reply < reply.len(),
        earlier_replies: false,
        tokens: prompt.len() + reply.len(),
        omissions,
    };
    prompt.truncate(budget.prompt);
    reply.truncate(budget.reply);
    let counts = [vec![false; prompt.len()], vec![true; reply.len()]].concat();
    Ok((Sequence::new([prompt, reply].concat(), counts), row_report))
}

/// A conversation for supervised training, cut turn by turn to `cutoff` tokens; `mask` says which tokens count.
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
    let tokens_of_turns: usize = turns.iter().map(|turn| turn.prompt.len() + turn.reply.len()).sum();
    let earlier_replies = turns.len() * 2 < messages.len() && mask == LossMask::Replies;
    // the replies that the turns have: all of them, or the last alone
    let replies = messages.iter().filter(|turn| turn.role.is_reply());
    let missing = replies.clone().count().saturating_sub(turns.len());
    let mut learned: Vec<bool> = replies.skip(missing).map(|reply| reply.learned).collect();
    // if only the last reply counts, its turn gets its share of the cut-off first
    if mask == LossMask::LastReply {
        turns.reverse();
        learned.reverse();
    }
    // a template whose replies have no end token adds one after the last
    let closing = encoder.closing();
    let uncut_tokens = tokens_of_turns + usize::from(closing.is_some());
    let mut total = usize::from(closing.is_some());
    let mut cut_turns: Vec<CutTurn> = Vec::with_capacity(turns.len());
    for (i, EncodedTurn { mut prompt, mut reply }) in turns.into_iter().enumerate() {
        if total >= cutoff {
            break;
        }
        let budget = split_budget(prompt.len(), reply.len(), cutoff - total);
        prompt.truncate(budget.prompt);
        reply.truncate(budget.reply);
        total += budget.prompt + budget.reply;
        let mut counts = vec![mask == LossMask::Everything; budget.prompt];
        let learned = learned.get(i).copied().unwrap_or(true) && (mask != LossMask::LastReply || i == 0);
        counts.resize(budget.prompt + budget.reply, learned);
        prompt.append(&mut reply);
        cut_turns.push(CutTurn {
            tokens: prompt,
            counts,
            learned,
        });
    }
    if mask == LossMask::LastReply {
        cut_turns.reverse();
    }
    let mut tokens = Vec::with_capacity(total);
    let mut counts: Vec<bool> = Vec::with_capacity(total);
    let mut ends = vec![];
    let mut learned = false;
    for turn in cut_turns {
        // the token after a learned reply takes the place of its end token
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
        cut: total < uncut_tokens,
        earlier_replies,
        tokens: uncut_tokens,
        omissions,
    };
    let mut sequence = Sequence::new(tokens, counts);
    sequence.ends = ends;
    Ok((sequence, row_report))
}

/// A turn with its reply, cut to its share of the cut-off.
struct CutTurn {
    tokens: Vec<u32>,
    /// Which of them count in the loss.
    counts: Vec<bool>,
    /// Whether its reply is trained on.
    learned: bool,
}

/// The token ids of a text of stage `pt`, with an end token.
pub fn document(encoder: &Encoder, text: &str) -> Result<Vec<u32>> {
    let eos = encoder.document_end();
    encoder.tokenizer().encode(&[text, eos].concat())
}

/// Packs documents: concatenates them and cuts them into blocks, as LLaMA-Factory does for stage `pt`. What is left
/// over at the end of each thousand documents is dropped.
pub struct Blocks {
    /// Replaces each block's first token.
    bos: Option<u32>,
    /// Tokens in a block.
    size: usize,
    /// The block that is not full yet.
    block: Vec<u32>,
    /// How many of the thousand documents were added.
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

    /// Adds a document; returns the blocks that it fills.
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

/// The token that texts of stage `pt` begin with, if the tokenizer adds one.
fn bos(encoder: &Encoder) -> Option<u32> {
    let tokenizer = encoder.tokenizer();
    tokenizer.bos().filter(|_| tokenizer.add_bos_token()).map(|bos| bos.id)
}

/// A document as a row of its own, cut to `size` tokens; `None` if it is too short for any token to be predicted.
pub fn cut_row(encoder: &Encoder, ids: Vec<u32>, size: usize) -> Option<Sequence> {
    let tokens: Vec<u32> = bos(encoder).into_iter().chain(ids).take(size).collect();
    let counts = vec![true; tokens.len()];
    Some(Sequence::new(tokens, counts)).filter(|row| row.counted() > 0)
}

/// Packs sequences into rows of at most `size` tokens, greedily, the longest that fits first. With `joined`, a sequence
/// attends to those before it in its row.
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
                // a row takes at least one, even if it is too long
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
