//! Generation: a KV cache, sampling, and tokens as they come.
use crate::error::{Error, Result};
use crate::model::{Cache, Mode, Model, Pass, Texts};
use crate::ops::Buf;
use candle_core::Tensor;
use candle_transformers::generation::{LogitsProcessor, Sampling};
use candle_transformers::utils::apply_repeat_penalty;
use protocol::chat::Finish;
use protocol::says;
use std::ops::ControlFlow;

/// Tokens of a prompt computed at once; bounds the memory of long prompts.
const PREFILL: usize = 512;

#[derive(Clone, Debug)]
pub struct SamplingOptions {
    /// 0 takes the most probable token
    pub temperature: f64,
    pub top_p: Option<f64>,
    pub top_k: Option<usize>,
    /// over 1 discourages tokens that were said already (1 is off)
    pub repetition_penalty: f32,
    /// taken off the logit of a token that the answer holds, and off it for each time
    pub presence_penalty: f32,
    pub frequency_penalty: f32,
    /// put on the logits of tokens
    pub logit_bias: Vec<(u32, f32)>,
    pub seed: u64,
    pub max_new_tokens: usize,
    /// ids that end the answer and are not part of it
    pub stop: Vec<u32>,
}

impl Default for SamplingOptions {
    fn default() -> Self {
        Self {
            temperature: 0.0,
            top_p: None,
            top_k: None,
            repetition_penalty: 1.0,
            presence_penalty: 0.0,
            frequency_penalty: 0.0,
            logit_bias: vec![],
            seed: 0,
            max_new_tokens: 256,
            stop: vec![],
        }
    }
}

impl SamplingOptions {
    fn changes_logits(&self) -> bool {
        self.presence_penalty != 0.0 || self.frequency_penalty != 0.0 || !self.logit_bias.is_empty()
    }

    /// Logits with OpenAI's penalties for what the answer holds so far, and biases.
    fn changed(&self, logits: &Tensor, answer: &[u32]) -> Result<Tensor> {
        let mut values = logits.to_vec1::<f32>()?;
        let mut times = std::collections::BTreeMap::new();
        for token in answer {
            *times.entry(*token).or_insert(0.0f32) += 1.0;
        }
        for (token, times) in times {
            values[token as usize] -= self.presence_penalty + times * self.frequency_penalty;
        }
        for (token, bias) in &self.logit_bias {
            values[*token as usize] += bias;
        }
        let count = values.len();
        Ok(Tensor::from_vec(values, count, logits.device())?)
    }

    fn sampling(&self) -> Sampling {
        let temperature = self.temperature;
        if temperature <= 0.0 {
            return Sampling::ArgMax;
        }
        // a nucleus of everything is plain sampling
        let top_p = self.top_p.filter(|&p| p < 1.0);
        match (self.top_k.filter(|&k| k > 0), top_p) {
            (None, None) => Sampling::All { temperature },
            (Some(k), None) => Sampling::TopK { k, temperature },
            (None, Some(p)) => Sampling::TopP { p, temperature },
            (Some(k), Some(p)) => Sampling::TopKThenTopP { k, p, temperature },
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinishReason {
    Stop,
    Length,
    /// the callback asked for it
    Cancelled,
}

impl From<FinishReason> for Finish {
    fn from(reason: FinishReason) -> Self {
        match reason {
            FinishReason::Stop => Self::Stop,
            FinishReason::Length => Self::Length,
            FinishReason::Cancelled => Self::Cancelled,
        }
    }
}

/// Continues `prompt`, handing each token to `on_token` as it is drawn. Same seed, same tokens. The answer ends at a stop
/// token, after `max_new_tokens`, or where the model's positions end.
pub fn generate(
    model: &mut Model,
    pass: Pass,
    prompt: &[u32],
    options: &SamplingOptions,
    mut on_token: impl FnMut(u32) -> Result<ControlFlow<()>>,
) -> Result<FinishReason> {
    let room = model.config().max_positions.saturating_sub(prompt.len());
    if prompt.is_empty() || room == 0 {
        return Err(Error::invalid(says::conversation_length(
            prompt.len(),
            model.config().max_positions.saturating_sub(1),
        )));
    }
    let most = options.max_new_tokens.min(room);
    let mut decoder = IncrementalDecoder::new(model, pass, prompt.len() + most)?;
    let mut processor = LogitsProcessor::from_sampling(options.seed, options.sampling());
    if let Some((id, _)) = options
        .logit_bias
        .iter()
        .find(|(id, _)| *id as usize >= decoder.vocabulary())
    {
        return Err(Error::invalid(says::no_token_for_bias(*id, decoder.vocabulary())));
    }
    let mut said = prompt.to_vec();
    decoder.feed(prompt)?;
    for drawn in 0..most {
        let mut logits = decoder.logits()?;
        if options.changes_logits() {
            logits = options.changed(&logits, &said[prompt.len()..])?;
        }
        if options.repetition_penalty != 1.0 {
            logits = apply_repeat_penalty(&logits, options.repetition_penalty, &said)?;
        }
        let values = logits.to_vec1::<f32>()?;
        if !values.iter().all(|value| value.is_finite()) {
            return Err(Error::invalid(says::logits_not_finite()));
        }
        let token = match options.sampling() {
            Sampling::ArgMax => most_probable(&values),
            _ => processor.sample(&logits)?,
        };
        if options.stop.contains(&token) {
            return Ok(FinishReason::Stop);
        }
        if on_token(token)?.is_break() {
            return Ok(FinishReason::Cancelled);
        }
        said.push(token);
        if drawn + 1 < most {
            decoder.feed(&[token])?;
        }
    }
    Ok(FinishReason::Length)
}

/// The first of the largest.
fn most_probable(logits: &[f32]) -> u32 {
    let best = |best: usize, i: usize| if logits[i] > logits[best] { i } else { best };
    (0..logits.len()).fold(0, best) as u32
}

/// A model reading one sequence, a few tokens at a time.
pub struct IncrementalDecoder<'m> {
    model: &'m mut Model,
    pass: Pass,
    caches: Vec<Cache>,
    /// all tokens so far, of which so many are in the caches
    said: Vec<u32>,
    seen: usize,
    /// tokens of what was read first
    prompt: usize,
    capacity: usize,
    logits: Buf,
}

impl<'m> IncrementalDecoder<'m> {
    /// `capacity` tokens at most.
    pub fn new(model: &'m mut Model, pass: Pass, capacity: usize) -> Result<Self> {
        Ok(Self {
            caches: model.caches(capacity)?,
            logits: Buf::zeros(model.config().vocabulary(), model.engine().device())?,
            model,
            pass,
            said: Vec::with_capacity(capacity),
            seen: 0,
            prompt: 0,
            capacity,
        })
    }

    /// How many tokens there are to draw from.
    pub fn vocabulary(&self) -> usize {
        self.model.config().vocabulary()
    }

    /// Reads the next tokens; [`IncrementalDecoder::logits`] then predict what follows the last.
    pub fn feed(&mut self, tokens: &[u32]) -> Result<()> {
        self.said.extend_from_slice(tokens);
        if self.prompt == 0 {
            self.prompt = tokens.len();
        }
        let texts = Texts {
            settled: self.prompt,
            ..Texts::of(Mode::Inference, self.said.len())
        };
        // keys that were turned by other angles are worked out anew, as a pass over the whole sequence does
        if self.model.fit_positions(self.capacity, texts)? {
            self.caches.iter_mut().for_each(Cache::clear);
            self.seen = 0;
        }
        for part in self.said[self.seen..].chunks(PREFILL) {
            self.model
                .decode(self.pass, part, self.seen, &mut self.caches, &mut self.logits)?;
            self.seen += part.len();
        }
        Ok(())
    }

    /// Logits over the vocabulary for the token after the last one read, `[vocab]`.
    pub fn logits(&self) -> Result<Tensor> {
        self.logits.tensor(self.logits.capacity())
    }
}
