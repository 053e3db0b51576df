//! Prompts answered by the model that is being trained, one behind the other, by seeds of their own: training's are not touched.

use super::Asked;
use crate::batch::mix;
use crate::data::Encoder;
use crate::error::Result;
use crate::generate::{SamplingOptions, generate};
use crate::model::{Model, Pass};
use protocol::config::Samples;
use protocol::samples::Reply;
use std::ops::ControlFlow;

/// Keeps these seeds apart from those of what is trained on.
const SALT: u64 = 0x5a4d_504c;

/// Who writes, and how.
pub struct Writer<'a> {
    pub model: &'a mut Model,
    pub encoder: &'a Encoder,
    pub samples: &'a Samples,
    /// The run's.
    pub seed: u64,
}

/// A reply to each prompt: the same ones whenever the weights are the same. `tick` is told at each token how many
/// prompts are done; an error it gives ends them all.
///
/// # Errors
/// A pass fails, or its logits are no finite numbers; or the error of `tick`.
pub fn answer(writer: &mut Writer, asked: &[Asked], mut tick: impl FnMut(usize) -> Result<()>) -> Result<Vec<Reply>> {
    let mut replies = Vec::with_capacity(asked.len());
    let stop = writer.encoder.stop_ids();
    for (number, one) in (0u64..).zip(asked) {
        let options = SamplingOptions {
            temperature: writer.samples.temperature,
            max_new_tokens: writer.samples.max_new_tokens,
            seed: mix(mix(writer.seed, SALT), number),
            stop: stop.clone(),
            ..SamplingOptions::default()
        };
        let mut tokens = vec![];
        let finish = generate(writer.model, Pass::Policy, &one.tokens, &options, |token| {
            tokens.push(token);
            tick(replies.len()).map(ControlFlow::Continue)
        })?;
        let text = writer.encoder.tokenizer().decode(&tokens)?;
        replies.push(Reply::new(text, &tokens, finish.into()));
    }
    Ok(replies)
}
