//! Judging a config before it is run, and reading YAML as people have it.

use super::forecast::{Forecasts, Rows};
use super::judged::Judged;
use super::lengths::Measurer;
use super::resolve::Resolver;
use crate::error::ApiResult;
use crate::extract::Json;
use crate::library::inspections::Inspections;
use crate::off_thread::off_thread;
use crate::state::DataDir;
use axum::extract::State;
use protocol::api::{CheckAnswer, CheckRequest, ParseRequest};
use protocol::config::{KEYS, Key, Parsed, Place, ValSize, idle};
use protocol::cuda::Cuda;
use protocol::{FieldError, RunConfig, RunSpec, Said, says};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Judges configs by what they name. Cheap to clone.
#[derive(Clone)]
pub struct Judge {
    pub data_dir: DataDir,
    pub cuda: Arc<Cuda>,
    pub resolver: Resolver,
    pub inspections: Inspections,
    pub judged: Judged,
}

/// All that is said of a config before it runs. Cheap to clone.
#[derive(Clone)]
pub struct Checks {
    pub judge: Judge,
    pub measured: Measurer,
    pub forecasts: Forecasts,
}

impl Judge {
    /// What stands against a config in the model folders it names, where those names lead somewhere.
    pub async fn judge_files(&self, asked: &RunConfig, resolved: &RunConfig, errors: &[FieldError]) -> Vec<FieldError> {
        let of_data = |error: &FieldError| ["dataset", "eval_dataset", "run_name"].contains(&error.field.as_str());
        match protocol::config::check(resolved).spec {
            Ok(spec) if errors.iter().all(of_data) => self.judged.judge(asked, resolved, &spec).await,
            _ => vec![],
        }
    }

    /// Looks into the registered data sets: whether they can be read, fit the stage, and how many rows will be trained on.
    pub async fn judge_data(&self, resolved: &RunConfig, spec: &RunSpec) -> DataAnswer {
        let folder = PathBuf::from(resolved.dataset_dir.as_deref().unwrap_or_default());
        let stage = spec.method.stage();
        let mut answer = DataAnswer {
            errors: vec![],
            rows: None,
        };
        // rows of each set, as far as they are known
        let mut sizes = Some(vec![]);
        let mut held_out_rows = 0;
        if let Some(why) = self.cuda.refuses(spec.device) {
            answer.errors.push(FieldError::new("device", "no_device", why));
        }
        let mut named: Vec<(&str, &str)> = vec![];
        for (field, list) in [
            ("dataset", &spec.data.dataset),
            ("eval_dataset", &spec.data.eval_dataset),
        ] {
            named.extend(list.iter().map(|name| (field, name.as_str())));
        }
        let register = folder.join("dataset_info.json");
        let has_register = off_thread(move || register.is_file()).await.unwrap_or_default();
        let mut looked = vec![];
        for (field, name) in named {
            let inspected = match Path::new(name).is_absolute() {
                true => self.inspections.of_file(Path::new(name)).await,
                false if has_register => self.inspections.inspection(&folder, name).await,
                false => {
                    sizes = None;
                    continue;
                }
            };
            looked.push((field, name, inspected));
        }
        let held_out = looked.iter().filter(|(field, ..)| *field == "eval_dataset");
        let held_out = held_out.filter_map(|(.., inspected)| Some(inspected.as_ref().ok()?.kind));
        let scored_as = stage.scored_as(held_out);
        for (field, name, inspected) in looked {
            let stage = if field == "dataset" { stage } else { scored_as };
            match inspected {
                Err(why) => {
                    let error = FieldError::new(field, "unusable", says::in_dataset(name, why.clone()));
                    answer.errors.push(error.with_args([name.to_owned(), why.message]));
                    sizes = None;
                }
                Ok(found) if found.misfit(stage).is_some() => {
                    let said = says::of_dataset(name, says::wrong_kind(found.kind.said(), stage.name()));
                    let error = FieldError::new(field, "wrong_kind", said);
                    answer
                        .errors
                        .push(error.with_args([name.to_owned(), found.format, stage.to_string()]));
                }
                Ok(found) if field == "dataset" => {
                    let rows = (found.usable as usize).min(spec.data.max_samples.unwrap_or(usize::MAX));
                    sizes.iter_mut().for_each(|sizes| sizes.push(rows));
                }
                Ok(found) => held_out_rows += (found.usable as usize).min(spec.data.max_samples.unwrap_or(usize::MAX)),
            }
        }
        if let Some(rows) = sizes.map(|sizes: Vec<usize>| spec.data.mixing.rows(&sizes)) {
            let held = match spec.data.val_size {
                ValSize::None => 0,
                ValSize::Share(share) => (share * rows as f64).ceil() as usize,
                ValSize::Rows(held) => held,
            };
            if held >= rows && rows > 0 && spec.data.eval_dataset.is_empty() {
                let error = FieldError::new("val_size", "holds_out_all", says::holds_out_all(held, rows));
                answer
                    .errors
                    .push(error.with_args([held.to_string(), rows.to_string()]));
            }
            answer.rows = Some(Rows {
                train: rows.saturating_sub(held),
                held_out: if spec.data.eval_dataset.is_empty() {
                    held
                } else {
                    held_out_rows
                },
            });
        }
        answer
    }
}

/// Judges a config by the whole rule book: keys, names, files.
#[utoipa::path(post, path = "/api/check", tag = "config", request_body = CheckRequest, responses((status = 200, body = CheckAnswer)))]
pub async fn check(State(checks): State<Checks>, Json(request): Json<CheckRequest>) -> ApiResult<Json<CheckAnswer>> {
    let mut config = request.config;
    let found = checks.judge.resolver.resolve(&config).await?;
    let check = protocol::config::check(&config);
    let mut errors = found.errors;
    let (mut total_steps, mut memory, mut measured, mut cost) = (None, None, None, None);
    match check.spec {
        Ok(spec) => {
            errors.extend(checks.judge.judge_files(&config, &found.config, &errors).await);
            let data = checks.judge.judge_data(&found.config, &spec).await;
            total_steps = data.rows.map(|rows| spec.length.steps(rows.train, spec.batch));
            // names that lead nowhere can't be measured
            if let (Some(rows), true) = (data.rows, errors.is_empty() && data.errors.is_empty()) {
                let measures = checks.measured.measure(&found.config, &spec, rows.train).await;
                cost = match total_steps {
                    Some(total) => Some(checks.forecasts.forecast(&spec, &measures, rows, total).await),
                    None => None,
                };
                memory = measures.memory;
                measured = measures.rows;
            }
            errors.extend(data.errors);
        }
        Err(more) => errors.extend(more),
    }
    let mut notices = unused(&config);
    config.output_dir = None;
    notices.extend(check.notices);
    let (data_dir, asked) = (checks.judge.data_dir.clone(), config.clone());
    notices.extend(off_thread(move || crate::report::hindrance(&asked, data_dir.root())).await?);
    Ok(Json(CheckAnswer {
        errors,
        notices,
        yaml: config.to_yaml(),
        command: command(&config),
        memory,
        total_steps,
        lengths: measured,
        forecast: cost,
        config,
    }))
}

/// What a config says that is not used here, by its name. Of keys that the form has, it says so itself.
pub fn unused(config: &RunConfig) -> Vec<Said> {
    let folder = config.output_dir.iter().map(says::output_dir_unused);
    let told = |key: &&Key| {
        matches!(key.place, Place::No | Place::Server) && key.name != "output_dir" && config.get(key.name).is_some()
    };
    let keys: Vec<String> = KEYS.iter().filter(told).map(|key| key.name.to_owned()).collect();
    let idle = match keys.as_slice() {
        // each question walks the rule book
        [] => vec![],
        keys => idle(config, keys),
    };
    folder
        .chain(idle.into_iter().map(|key| says::no_effect_here(key, says::idle_key())))
        .collect()
}

/// What the data sets of a config say to it.
pub struct DataAnswer {
    pub errors: Vec<FieldError>,
    /// Rows to train and to evaluate on; `None` when not all data sets are known.
    pub rows: Option<Rows>,
}

/// Reads YAML or JSON in LLaMA-Factory's keys; all errors at once.
#[utoipa::path(post, path = "/api/parse", tag = "config", request_body = ParseRequest, responses((status = 200, body = Parsed)))]
pub async fn parse(Json(request): Json<ParseRequest>) -> Json<Parsed> {
    Json(RunConfig::parse(&request.text))
}

/// The line that does the same in a terminal, with the config saved beside it.
pub fn command(config: &RunConfig) -> String {
    let name = config
        .run_name
        .as_deref()
        .filter(|n| crate::path::is_plain_name(n))
        .unwrap_or("run");
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    let name = if plain { name } else { "run" };
    format!("corral train {name}.yaml output_dir={name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_brought_and_not_used_is_said_by_name() {
        let config =
            RunConfig::parse("stage: dpo\nmodel_name_or_path: m\ndataset: d\noutput_dir: saves/x\nlogging_dir: logs")
                .config;
        let said: Vec<String> = unused(&config).into_iter().map(|said| said.message).collect();
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(
            said[0].contains("saves/x") && said[1].starts_with("logging_dir "),
            "{said:?}"
        );
        let used = RunConfig {
            output_dir: None,
            report_to: Some("tensorboard".into()),
            ..config
        };
        assert_eq!(unused(&used), []);
    }
}
