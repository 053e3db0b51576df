//! MLflow's tracking server over its REST API (`api/2.0/mlflow`), named by the environment as MLflow's own client has it.

use super::Failure;
use super::state::State;
use crate::runs::moved;
use crate::secrets;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use protocol::config::KEYS;
use protocol::event::{Event, Metrics, Outcome, TrainEvent};
use protocol::metric::transformers_eval_name;
use protocol::{RunConfig, Said, says};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use ureq::Agent;
use ureq::http::header;

/// How much one request may hold, by the API's own limits.
const MAX_METRICS: usize = 1000;
const MAX_PARAMS: usize = 100;
/// Bytes of the longest parameter that every server takes.
const MAX_PARAM: usize = 500;
const TIMEOUT: Duration = Duration::from_secs(30);

/// The server, and how it is spoken to.
pub(super) struct Mlflow {
    agent: Agent,
    uri: String,
    authorization: Option<String>,
    experiment: String,
}

impl Mlflow {
    /// # Errors
    /// No address is named, or one that is no server's.
    pub fn of_environment(data_dir: &Path) -> Result<Self, Said> {
        let set = |name: &str| secrets::find(name, data_dir);
        let uri = set("MLFLOW_TRACKING_URI")?.ok_or_else(says::mlflow_no_uri)?;
        let (scheme, rest) = uri.split_once("://").unwrap_or(("", &uri));
        // a name and a password in the address are none of what is said of it
        let host = rest.split('/').next().unwrap_or_default();
        let credentials = host.rsplit_once('@').map(|(pair, _)| pair.to_owned());
        let rest = match &credentials {
            Some(pair) => rest.get(pair.len() + 1..).unwrap_or_default(),
            None => rest,
        };
        if !["http", "https"].contains(&scheme) {
            return Err(says::mlflow_no_server(rest));
        }
        let pair = match (
            credentials,
            set("MLFLOW_TRACKING_USERNAME")?,
            set("MLFLOW_TRACKING_PASSWORD")?,
        ) {
            (Some(pair), ..) => Some(unescaped(&pair)),
            (None, Some(user), Some(password)) => Some(format!("{user}:{password}").into_bytes()),
            _ => None,
        };
        let token = set("MLFLOW_TRACKING_TOKEN")?.map(|token| format!("Bearer {token}"));
        Ok(Self {
            // a redirect could lead a key to another host
            agent: Agent::config_builder()
                .max_redirects(0)
                .http_status_as_error(false)
                .timeout_connect(Some(TIMEOUT))
                .timeout_global(Some(TIMEOUT))
                .build()
                .into(),
            uri: format!("{scheme}://{}", rest.trim_end_matches('/')),
            authorization: token.or_else(|| pair.map(|pair| format!("Basic {}", STANDARD.encode(pair)))),
            experiment: set("MLFLOW_EXPERIMENT_NAME")?.unwrap_or_else(|| "Default".into()),
        })
    }

    /// Creates the run over there, where there is none yet, and sends the config.
    pub fn begin(&self, directory: &Path, events: &[Event], state: &mut State) -> Result<(), Failure> {
        let Some(first) = events.first() else { return Ok(()) };
        let config = moved::config(directory).unwrap_or_default();
        let run = match &state.run_id {
            Some(run) => run.clone(),
            None => self.create(directory, &config, first.time)?,
        };
        state.run_id = Some(run.clone());
        if !state.described {
            for part in params(&config).chunks(MAX_PARAMS) {
                self.post("runs/log-batch", &json!({ "run_id": run, "params": part }))?;
            }
            state.described = true;
        }
        Ok(())
    }

    /// Sends these events.
    pub fn tell(&self, events: &[Event], state: &mut State) -> Result<(), Failure> {
        let Some(run) = state.run_id.clone() else { return Ok(()) };
        let mut metrics = vec![];
        let mut status = None;
        for event in events {
            match &event.body {
                TrainEvent::Started(_) => status = Some(("RUNNING", None)),
                TrainEvent::Step {
                    step,
                    epoch,
                    metrics: found,
                } if state.step.is_none_or(|told| *step > told) => {
                    state.step = Some(*step);
                    metrics.extend(points(event.time, *step, found, str::to_owned));
                    metrics.push(point("epoch", *epoch, event.time, *step));
                }
                TrainEvent::Eval {
                    step, metrics: found, ..
                } if state.eval.is_none_or(|told| *step > told) => {
                    state.eval = Some(*step);
                    metrics.extend(points(event.time, *step, found, transformers_eval_name));
                }
                TrainEvent::Finished { outcome, .. } => {
                    let word = match outcome {
                        Outcome::Completed => "FINISHED",
                        Outcome::Stopped => "KILLED",
                        Outcome::Failed => "FAILED",
                        Outcome::Untold => continue,
                    };
                    status = Some((word, Some(event.time)));
                }
                _ => {}
            }
        }
        for part in metrics.chunks(MAX_METRICS) {
            self.post("runs/log-batch", &json!({ "run_id": run, "metrics": part }))?;
        }
        if let Some((status, ended)) = status {
            let mut change = json!({ "run_id": run, "status": status });
            // a null there is no number to the server
            if let Some(ended) = ended {
                change["end_time"] = json!(ended);
            }
            self.post("runs/update", &change)?;
        }
        Ok(())
    }

    fn create(&self, directory: &Path, config: &RunConfig, started: i64) -> Result<String, Failure> {
        let folder = directory.file_name().unwrap_or_default().to_string_lossy();
        let name = config.run_name.clone().unwrap_or_else(|| folder.into_owned());
        let tags =
            json!([{ "key": "mlflow.runName", "value": name }, { "key": "mlflow.source.name", "value": "corral" }]);
        let asked = json!({
            "experiment_id": self.experiment()?, "start_time": started, "run_name": name, "tags": tags,
        });
        let made = self.post("runs/create", &asked)?;
        let run = made["run"]["info"]["run_id"].as_str();
        run.map(str::to_owned).ok_or_else(|| self.odd("runs/create"))
    }

    /// The id of the experiment, which is made where there is none.
    fn experiment(&self) -> Result<String, Failure> {
        let named = [("experiment_name", self.experiment.as_str())];
        let found = self.ask("experiments/get-by-name", |url| {
            let request = self.agent.get(url).query_pairs(named);
            match &self.authorization {
                Some(key) => request.header(header::AUTHORIZATION, key).call(),
                None => request.call(),
            }
        });
        let id = match found {
            Ok(found) => found["experiment"]["experiment_id"].as_str().map(str::to_owned),
            Err(Refusal::NotThere) => {
                let made = self.post("experiments/create", &json!({ "name": self.experiment }))?;
                made["experiment_id"].as_str().map(str::to_owned)
            }
            Err(Refusal::Other(failure)) => return Err(failure),
        };
        id.ok_or_else(|| self.odd("experiments/get-by-name"))
    }

    fn post(&self, what: &str, body: &Value) -> Result<Value, Failure> {
        let sent = self.ask(what, |url| {
            let request = self.agent.post(url);
            match &self.authorization {
                Some(key) => request.header(header::AUTHORIZATION, key).send_json(body),
                None => request.send_json(body),
            }
        });
        sent.map_err(|refusal| match refusal {
            Refusal::NotThere => Failure::Refused(says::mlflow_refused(&self.uri, what, "404")),
            Refusal::Other(failure) => failure,
        })
    }

    fn ask(
        &self,
        what: &str,
        send: impl FnOnce(&str) -> Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<Value, Refusal> {
        let url = format!("{}/api/2.0/mlflow/{what}", self.uri);
        let away = |why: String| Refusal::Other(Failure::Away(says::mlflow_away(&self.uri, why)));
        let mut answer = send(&url).map_err(|e| away(e.to_string()))?;
        let status = answer.status().as_u16();
        match status {
            200..=299 => answer.body_mut().read_json().map_err(|e| away(e.to_string())),
            404 => Err(Refusal::NotThere),
            429 | 500.. => Err(away(status.to_string())),
            _ => {
                let said: Value = answer.body_mut().read_json().unwrap_or_default();
                let why = said["message"]
                    .as_str()
                    .map_or_else(|| status.to_string(), |m| m.chars().take(300).collect());
                Err(Refusal::Other(Failure::Refused(says::mlflow_refused(
                    &self.uri, what, why,
                ))))
            }
        }
    }

    fn odd(&self, what: &str) -> Failure {
        Failure::Refused(says::mlflow_no_id(&self.uri, what))
    }
}

/// Why a question had no answer.
enum Refusal {
    NotThere,
    Other(Failure),
}

fn points<'a>(
    time: i64,
    step: u64,
    metrics: &'a Metrics,
    name: impl Fn(&str) -> String + 'a,
) -> impl Iterator<Item = Value> + 'a {
    metrics
        .iter()
        .map(move |(metric, value)| point(&name(metric), value.get(), time, step))
}

fn point(key: &str, value: f64, time: i64, step: u64) -> Value {
    json!({ "key": key, "value": value, "timestamp": time, "step": step })
}

/// The config's keys, but for texts that are longer than every server takes.
fn params(config: &RunConfig) -> Vec<Value> {
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    let set = KEYS
        .iter()
        .filter_map(|key| Some((key.name, text(config.get(key.name)?))));
    set.filter(|(_, value)| value.len() <= MAX_PARAM)
        .map(|(key, value)| json!({ "key": key, "value": value }))
        .collect()
}

/// A name and a password of an address, where what would end them there is spelt by `%` and two digits (RFC 3986).
fn unescaped(pair: &str) -> Vec<u8> {
    let (user, password) = pair.split_once(':').unwrap_or((pair, ""));
    percent_decode_str(user)
        .chain(b":".iter().copied())
        .chain(percent_decode_str(password))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_a_password_of_an_address_are_unescaped() {
        for (written, meant) in [
            ("me:p%40ss%3aw%2Fx", "me:p@ss:w/x"),
            ("me:a:b", "me:a:b"),
            ("token", "token:"),
            ("m%C3%A9:100%", "mé:100%"),
        ] {
            assert_eq!(unescaped(written), meant.as_bytes());
        }
    }
}
