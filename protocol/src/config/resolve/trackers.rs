//! `report_to`: which other programs are told of a run's metrics, under transformers' names.

use super::Rules;
use super::notes::Choices;
use super::values::list;
use crate::config::FieldError;
use crate::config::RunConfig;
use crate::config::spec::*;
use crate::says;

const BUILT: &[&str] = &["none", "all", "tensorboard", "wandb", "swanlab", "trackio", "mlflow"];
/// Names of transformers' that are met by a note: the metrics are on the board.
const NOT_BUILT: &[&str] = &[
    "azure_ml",
    "clearml",
    "codecarbon",
    "comet_ml",
    "dagshub",
    "dvclive",
    "flyte",
    "neptune",
];

/// Whether a config asks for MLflow's server to be told. `all` does not: it names no server.
pub fn tells_mlflow(config: &RunConfig) -> bool {
    list(&config.report_to).iter().any(|name| name == "mlflow")
}

/// Likewise trackio, whose database several runs share: `all` does not.
pub fn tells_trackio(config: &RunConfig) -> bool {
    list(&config.report_to).iter().any(|name| name == "trackio")
}

/// Trackers that a config names and nothing is told to.
pub fn not_built(config: &RunConfig) -> impl Iterator<Item = String> + use<> {
    list(&config.report_to)
        .into_iter()
        .filter(|name| NOT_BUILT.contains(&name.as_str()))
}

impl Rules<'_> {
    pub(super) fn trackers(&mut self) -> Trackers {
        let names = self.list("report_to", &self.c.report_to);
        self.note_choices(
            "report_to",
            Choices {
                names: BUILT.into(),
                also: NOT_BUILT.into(),
                ..Choices::default()
            },
        );
        let known = |name: &&String| !BUILT.contains(&name.as_str()) && !NOT_BUILT.contains(&name.as_str());
        if let Some(name) = names.iter().find(known) {
            let choices = BUILT.join(", ");
            let error = FieldError::new("report_to", "choice", says::not_one_of(name, &choices));
            self.errors.push(error.with_args([choices]));
        }
        let asked = |tracker: &str| names.iter().any(|name| name == tracker || name == "all");
        if tells_trackio(self.c) {
            self.counts("project");
            self.counts("run_name");
        }
        let to_swanlab = self.flag("use_swanlab", self.c.use_swanlab) || asked("swanlab");
        Trackers {
            tensorboard: asked("tensorboard").then(|| TensorBoard {
                folder: self.text("logging_dir", &self.c.logging_dir),
            }),
            wandb: asked("wandb").then(|| Wandb {
                project: self.text("project", &self.c.project),
                name: self.text("run_name", &self.c.run_name),
            }),
            swanlab: to_swanlab.then(|| SwanLab {
                project: self.text("swanlab_project", &self.c.swanlab_project),
                workspace: self.text("swanlab_workspace", &self.c.swanlab_workspace),
                name: self
                    .text("swanlab_run_name", &self.c.swanlab_run_name)
                    .or_else(|| self.text("run_name", &self.c.run_name)),
                folder: self.text("swanlab_logdir", &self.c.swanlab_logdir),
            }),
            trackio: tells_trackio(self.c),
            mlflow: tells_mlflow(self.c),
        }
    }
}
