//! Talking to a model: a worker on standard input and output for the server, and a prompt for people.

mod conversation;
mod converse;
mod score;
mod stop_text;
mod worker;

pub use converse::converse;
pub use worker::serve;

use crate::data::{Clock, Encoder};
use crate::error::{Error, Result};
use crate::generate::{FinishReason, SamplingOptions, generate};
use crate::model::{Model, Pass};
use crate::ops::Engine;
use crate::session::{encoder, load_frozen};
use crate::weights::Weights;
pub(crate) use conversation::conversation;
use protocol::chat::{self, Finish, Sampling};
use protocol::config::Wording;
use protocol::says;
use std::ops::ControlFlow;
use stop_text::StopText;

/// A model loaded to talk to.
pub struct Talker {
    model: Model,
    encoder: Encoder,
}

/// A reply that ended.
pub struct Reply {
    pub finish: Finish,
    pub prompt_tokens: u64,
    pub completion_tokens: u64,
}

impl Talker {
    /// `asked`: how conversations become text, over how they did in training.
    pub fn load(weights: &Weights, asked: &Wording, engine: &Engine) -> Result<Self> {
        // a worker may go on for days, and each conversation is of its own
        let encoder = encoder(weights, &weights.worded(asked), false)?.with_clock(Clock::Running);
        let model = load_frozen(weights, engine)?;
        Ok(Self { model, encoder })
    }

    /// The longest conversation with its reply, in tokens.
    pub fn context(&self) -> usize {
        self.model.config().max_positions
    }

    /// The reply to `messages`, handed to `on_text` as it comes: whole characters only, nothing of a stop text.
    pub fn reply(
        &mut self,
        messages: &[chat::Message],
        sampling: &Sampling,
        mut on_text: impl FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Reply> {
        let (setting, turns) = conversation(messages)?;
        let prompt = self.encoder.prompt(&setting, &turns)?;
        let known = self.model.config().vocabulary();
        if let Some(id) = prompt.iter().find(|id| **id as usize >= known) {
            let token = self.encoder.tokenizer().token(*id).unwrap_or_default();
            return Err(Error::invalid(says::unknown_token_in_talk(known, *id, token)));
        }
        let context = self.context();
        let room = context.saturating_sub(prompt.len());
        if room == 0 {
            return Err(Error::invalid(says::conversation_length(prompt.len(), context)));
        }
        let options = SamplingOptions {
            temperature: sampling.temperature,
            top_p: Some(sampling.top_p).filter(|p| *p > 0.0 && *p < 1.0),
            top_k: sampling.top_k.map(|k| k as usize),
            repetition_penalty: sampling.repetition_penalty as f32,
            presence_penalty: sampling.presence_penalty as f32,
            frequency_penalty: sampling.frequency_penalty as f32,
            logit_bias: sampling.logit_bias.clone(),
            seed: sampling.seed,
            max_new_tokens: (sampling.max_tokens as usize).clamp(1, room),
            stop: self.encoder.stop_ids(),
        };
        let mut stream = self.encoder.tokenizer().inner().decode_stream(true);
        let mut cut = StopText::new(&sampling.stop);
        let mut tokens = 0;
        let finish = generate(&mut self.model, Pass::Policy, &prompt, &options, |id| {
            tokens += 1;
            let text = stream
                .step(id)
                .map_err(|e| Error::invalid(says::token_undecodable(e.to_string())))?;
            let free = text.map(|text| cut.push(&text)).unwrap_or_default();
            if !free.is_empty() && on_text(&free).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            Ok(match cut.found {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            })
        })?;
        let rest = cut.rest();
        if finish != FinishReason::Cancelled && !rest.is_empty() {
            // the reply is over whether or not anyone still listens
            let _ = on_text(&rest);
        }
        Ok(Reply {
            finish: match finish {
                FinishReason::Cancelled if cut.found => Finish::Stop,
                finish => finish.into(),
            },
            prompt_tokens: prompt.len() as u64,
            completion_tokens: tokens,
        })
    }

    fn device(&self) -> String {
        self.model.engine().name()
    }

    fn template_name(&self) -> String {
        self.encoder.template().title().to_owned()
    }
}
