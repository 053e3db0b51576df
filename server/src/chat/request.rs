//! What a request to `/v1/chat/completions` asks for: each field of OpenAI's is done, or refused by its name.

use super::fields;
use super::turns::{Turn, messages};
use crate::fault::TAKES_WHOLE;
use axum::http::StatusCode;
use protocol::chat::{Message, Sampling};
use protocol::inference::{LEAST, SamplingDefaults, misfit};
use protocol::said::Arg;
use protocol::{Said, says};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The body, as OpenAI's clients and those of its imitators write it. What is null is not asked for.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
pub struct ChatRequest {
    /// A model's id from `/v1/models`.
    pub model: Option<String>,
    #[schema(value_type = Vec<Message>)]
    messages: Vec<Turn>,
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    #[serde(default, deserialize_with = "whole_number")]
    top_k: Option<i64>,
    #[serde(default, deserialize_with = "whole_number")]
    max_tokens: Option<i64>,
    #[serde(default, deserialize_with = "whole_number")]
    max_completion_tokens: Option<i64>,
    presence_penalty: Option<f64>,
    frequency_penalty: Option<f64>,
    repetition_penalty: Option<f64>,
    logit_bias: Option<BTreeMap<String, f64>>,
    #[serde(default, deserialize_with = "whole_number")]
    seed: Option<i64>,
    #[schema(value_type = Option<Vec<String>>)]
    stop: Option<Stop>,
    #[serde(default, deserialize_with = "whole_number")]
    n: Option<i64>,
    /// Everything else.
    #[serde(flatten)]
    #[schema(ignore)]
    rest: Map<String, Value>,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
struct StreamOptions {
    include_usage: Option<bool>,
    /// Everything else.
    #[serde(flatten)]
    #[schema(ignore)]
    rest: Map<String, Value>,
}

impl StreamOptions {
    /// The first option that is not known, unless it changes no text or is off.
    fn unknown_option(&self) -> Option<&str> {
        let asks = |(name, value): &(&String, &Value)| {
            name.as_str() != "include_obfuscation" && !value.is_null() && **value != false
        };
        self.rest.iter().find(asks).map(|(name, _)| name.as_str())
    }
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "takes a text, or a list of texts")]
enum Stop {
    One(String),
    Many(Vec<String>),
}

/// A whole number, which may be written as 16.0; one that is too large stands for the largest.
fn whole_number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    let Some(number) = Option::<serde_json::Number>::deserialize(from)? else {
        return Ok(None);
    };
    match (number.as_i64(), number.as_f64()) {
        (Some(whole), _) => Ok(Some(whole)),
        (None, Some(whole)) if whole.fract() == 0.0 => Ok(Some(whole as i64)),
        _ => Err(D::Error::custom(format!("{TAKES_WHOLE}{number}"))),
    }
}

/// A request that can't be met, and the field it is about; `code` is one of those that OpenAI's clients go by.
#[derive(Debug, PartialEq)]
pub struct Refusal {
    pub status: StatusCode,
    pub code: &'static str,
    pub param: Option<String>,
    pub said: Said,
}

impl Refusal {
    pub fn new(code: &'static str, param: impl Into<String>, said: Said) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code,
            param: Some(param.into()),
            said,
        }
    }
}

/// What a request asks for, once it was judged.
#[derive(Debug)]
pub struct Wanted {
    pub messages: Vec<Message>,
    pub sampling: Sampling,
    pub stream: bool,
    /// The usage is sent at the end of a stream.
    pub include_usage: bool,
}

/// Texts that end a reply.
const MOST_STOPS: usize = 16;

/// Whether a request that says nothing of how tokens are drawn can be met.
///
/// # Errors
/// The first value that no request could ask for either.
pub fn check_defaults(defaults: &SamplingDefaults) -> Result<(), Refusal> {
    ChatRequest::default().sampling(defaults, || 0).map(drop)
}

impl ChatRequest {
    /// `defaults`: how tokens are drawn where the request does not say it.
    ///
    /// # Errors
    /// The first field that asks for something that is not there, or can't be meant.
    pub fn judge(self, defaults: &SamplingDefaults, random_seed: impl FnOnce() -> u64) -> Result<Wanted, Refusal> {
        if let Some((field, value)) = self
            .rest
            .iter()
            .find(|(field, value)| fields::asks(field, value, &self.rest))
        {
            return Err(unsupported(field, value));
        }
        if let Some(options) = &self.stream_options
            && let Some(option) = options.unknown_option()
        {
            let said = says::no_such_choice(format_args!("stream_options.{}", option.escape_debug()));
            return Err(Refusal::new("unsupported", format!("stream_options.{option}"), said));
        }
        if self.n.is_some_and(|n| n != 1) {
            return Err(Refusal::new("unsupported", "n", says::one_reply()));
        }
        let sampling = self.sampling(defaults, random_seed)?;
        Ok(Wanted {
            sampling,
            stream: self.stream.unwrap_or(false),
            include_usage: self
                .stream_options
                .is_some_and(|options| options.include_usage == Some(true)),
            messages: messages(self.messages)?,
        })
    }

    fn sampling(&self, defaults: &SamplingDefaults, random_seed: impl FnOnce() -> u64) -> Result<Sampling, Refusal> {
        let within = |field: &str, value: Option<f64>, default: f64| {
            let value = value.unwrap_or(default);
            match misfit(field, value) {
                None => Ok(value),
                Some(must) => Err(out_of_range(field, says::key_must(field, must, value))),
            }
        };
        let top_p = within("top_p", self.top_p, defaults.top_p.unwrap_or(1.0))?;
        let temperature = within("temperature", self.temperature, defaults.temperature.unwrap_or(1.0))?;
        // clients that won't write 0 write 1e-8
        let temperature = if temperature < LEAST { 0.0 } else { temperature };
        let stop = match &self.stop {
            None => vec![],
            Some(Stop::One(none)) if none.is_empty() => vec![],
            Some(Stop::One(one)) => vec![one.clone()],
            Some(Stop::Many(many)) => many.clone(),
        };
        if stop.len() > MOST_STOPS || stop.iter().any(String::is_empty) {
            return Err(out_of_range("stop", says::takes_stops("stop", MOST_STOPS)));
        }
        let (field, most) = match self.max_completion_tokens {
            Some(most) => ("max_completion_tokens", most),
            None => (
                "max_tokens",
                self.max_tokens.unwrap_or_else(|| {
                    let most = defaults.max_tokens.unwrap_or(512);
                    i64::try_from(most).unwrap_or(i64::MAX)
                }),
            ),
        };
        if let Some(must) = misfit(field, most as f64) {
            return Err(out_of_range(field, says::key_must(field, must, most)));
        }
        let default_k = defaults.top_k.and_then(|k| i64::try_from(k).ok());
        let top_k = match self.top_k.or(default_k) {
            None | Some(-1 | 0) => None,
            Some(k @ 1..) => Some(u32::try_from(k).unwrap_or(u32::MAX)),
            Some(k) => {
                let said = says::key_must("top_k", says::above_zero_or_all(), k);
                return Err(out_of_range("top_k", said));
            }
        };
        let logit_bias_entry = |(token, by): (&String, &f64)| match token.parse() {
            Ok(id) if (-100.0..=100.0).contains(by) => Ok((id, *by as f32)),
            _ => Err(out_of_range("logit_bias", says::takes_biases("logit_bias"))),
        };
        Ok(Sampling {
            temperature,
            top_p,
            top_k,
            presence_penalty: within("presence_penalty", self.presence_penalty, 0.0)?,
            frequency_penalty: within("frequency_penalty", self.frequency_penalty, 0.0)?,
            repetition_penalty: within(
                "repetition_penalty",
                self.repetition_penalty,
                defaults.repetition_penalty.unwrap_or(1.0),
            )?,
            logit_bias: self
                .logit_bias
                .iter()
                .flatten()
                .map(logit_bias_entry)
                .collect::<Result<_, _>>()?,
            max_tokens: most.min(32_768) as u32,
            seed: self.seed.map_or_else(random_seed, |seed| seed as u64),
            stop,
        })
    }
}

fn out_of_range(field: &str, said: Said) -> Refusal {
    Refusal::new("range", field, said)
}

fn unsupported(field: &str, value: &Value) -> Refusal {
    let said = match field {
        "response_format" => {
            let form = value["type"].as_str();
            says::plain_text_only(field, form.map_or_else(|| Arg::from(says::another_form()), Arg::from))
        }
        "tools" | "functions" | "tool_choice" | "function_call" => says::no_tools_here(field),
        "logprobs" | "top_logprobs" => says::no_logprobs(field),
        other if fields::is_known(other) => says::not_done_here(other, value),
        other => says::field_unknown(other.escape_debug().to_string()),
    };
    Refusal::new("unsupported", field, said)
}

#[cfg(test)]
mod tests;
