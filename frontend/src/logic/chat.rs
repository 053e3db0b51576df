//! Chatting with models: the settings, the request, and the events of its stream.

use protocol::api::Problem;
use protocol::chat::Message;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How replies are sampled; the same for every column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub temperature: f64,
    pub top_p: f64,
    pub max_tokens: u32,
    pub seed: u64,
    pub system: String,
}

impl Default for Settings {
    /// Temperature 0, so that models are compared, not random draws.
    fn default() -> Self {
        Self {
            temperature: 0.0,
            top_p: 0.95,
            max_tokens: 256,
            seed: 42,
            system: String::new(),
        }
    }
}

impl Settings {
    /// Sets a setting from what was typed. Returns `false` where that is out of its bounds.
    pub fn put(&mut self, name: &str, text: &str) -> bool {
        let text = &super::number::plain_number(text);
        match name {
            "temperature" => set(&mut self.temperature, text, |t| (0.0..=2.0).contains(t)),
            "top_p" => set(&mut self.top_p, text, |p| *p > 0.0 && *p <= 1.0),
            "max_tokens" => set(&mut self.max_tokens, text, |n| (1..=32_768).contains(n)),
            "seed" => set(&mut self.seed, text, |n| *n < 1 << 53),
            _ => false,
        }
    }
}

fn set<T: std::str::FromStr>(slot: &mut T, text: &str, good: impl Fn(&T) -> bool) -> bool {
    match text.parse() {
        Ok(value) if good(&value) => {
            *slot = value;
            true
        }
        _ => false,
    }
}

/// An earlier question with the reply that a model gave to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    pub question: String,
    pub reply: String,
}

/// The body of `POST /v1/chat/completions`. `earlier` are the exchanges with this model so far; one with an empty reply (an error, or
/// stopped at once) is left out.
pub fn request(model: &str, settings: &Settings, earlier: &[Exchange], question: &str) -> Value {
    let message = |role: &str, content: &str| Message::new(role, content);
    let mut messages = vec![];
    if !settings.system.trim().is_empty() {
        messages.push(message("system", settings.system.trim()));
    }
    for Exchange { question, reply } in earlier.iter().filter(|exchange| !exchange.reply.trim().is_empty()) {
        messages.push(message("user", question));
        messages.push(message("assistant", reply));
    }
    messages.push(message("user", question));
    json!({
        "model": model, "messages": messages, "stream": true, "temperature": settings.temperature,
        "top_p": settings.top_p, "max_tokens": settings.max_tokens, "seed": settings.seed,
    })
}

/// An event of the stream.
#[derive(Debug, Clone, PartialEq)]
pub enum StreamEvent {
    Text(String),
    /// The reply is complete.
    End {
        tokens: Option<u64>,
        seconds: Option<f64>,
        /// Whether it ended because it reached the most tokens allowed.
        cut: bool,
    },
    Failed(protocol::Said),
    /// An event without news, such as the stream's last marker.
    Ignored,
}

/// Parses the data of one event.
pub fn parse_event(data: &str) -> StreamEvent {
    let Ok(value) = serde_json::from_str::<Value>(data) else {
        return StreamEvent::Ignored;
    };
    if let Some(message) = failure(&value) {
        return StreamEvent::Failed(message);
    }
    let choice = &value["choices"][0];
    if let Some(finish) = choice["finish_reason"].as_str() {
        return StreamEvent::End {
            tokens: value["timings"]["completion_tokens"].as_u64(),
            seconds: value["timings"]["seconds"].as_f64(),
            cut: finish == "length",
        };
    }
    match choice["delta"]["content"].as_str() {
        Some(text) if !text.is_empty() => StreamEvent::Text(text.into()),
        _ => StreamEvent::Ignored,
    }
}

/// The sentence of an error body, OpenAI's or problem JSON.
pub fn failure(value: &Value) -> Option<protocol::Said> {
    if let Ok(problem) = Problem::deserialize(value) {
        return Some(problem.said());
    }
    let error = value.get("error")?;
    let said = protocol::Said::deserialize(&error["said"]);
    said.ok()
        .or_else(|| Some(protocol::Said::plain(error["message"].as_str()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_told_its_own_earlier_replies() {
        let settings = Settings {
            system: " Be brief. ".into(),
            ..Settings::default()
        };
        let exchange = |question: &str, reply: &str| Exchange {
            question: question.into(),
            reply: reply.into(),
        };
        let body = request("m", &settings, &[exchange("a", "A"), exchange("b", " ")], "c");
        let said: Vec<_> = body["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| (m["role"].as_str().unwrap(), m["content"].as_str().unwrap()))
            .collect();
        assert_eq!(
            said,
            [
                ("system", "Be brief."),
                ("user", "a"),
                ("assistant", "A"),
                ("user", "c")
            ]
        );
        assert_eq!(
            (body["seed"].as_u64(), body["temperature"].as_f64()),
            (Some(42), Some(0.0))
        );
    }

    #[test]
    fn events_say_text_end_or_error() {
        assert_eq!(
            parse_event(r#"{"choices":[{"delta":{"content":"hi"},"finish_reason":null}]}"#),
            StreamEvent::Text("hi".into())
        );
        assert_eq!(
            parse_event(r#"{"choices":[{"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#),
            StreamEvent::Ignored
        );
        assert_eq!(
            parse_event(
                r#"{"choices":[{"delta":{},"finish_reason":"length"}],"timings":{"seconds":2.0,"completion_tokens":9}}"#
            ),
            StreamEvent::End {
                tokens: Some(9),
                seconds: Some(2.0),
                cut: true
            }
        );
        assert_eq!(
            parse_event(r#"{"error":{"message":"no memory"}}"#),
            StreamEvent::Failed(protocol::Said::plain("no memory"))
        );
        assert_eq!(parse_event("[DONE]"), StreamEvent::Ignored);
    }

    #[test]
    fn settings_stay_within_their_bounds() {
        let mut settings = Settings::default();
        assert!(settings.put("temperature", " 0,7 ") && settings.put("max_tokens", "64"));
        assert_eq!((settings.temperature, settings.max_tokens), (0.7, 64));
        for (name, text) in [
            ("temperature", "3"),
            ("top_p", "0"),
            ("max_tokens", "0"),
            ("seed", "-1"),
            ("seed", ""),
        ] {
            assert!(!settings.put(name, text), "{name}={text}");
        }
        assert_eq!(settings.temperature, 0.7);
    }
}
