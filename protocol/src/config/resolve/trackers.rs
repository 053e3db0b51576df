//! `report_to`: which other programs are told of a run's metrics, under transformers' names.

use super::Rules;
use super::values::list;
use crate::config::RunConfig;
use crate::config::keys::key;
use crate::config::spec::*;
use crate::says;

/// Those that there are.
pub const BUILT: &[&str] = &["none", "all", "tensorboard", "wandb", "swanlab", "trackio", "mlflow"];
/// Names of transformers' that are met by a note: the metrics are on the board.
pub const NOT_BUILT: &[&str] = &[
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
        let names = self.list(key::report_to);
        let known = |name: &&String| !BUILT.contains(&name.as_str()) && !NOT_BUILT.contains(&name.as_str());
        if let Some(name) = names.iter().find(known) {
            let message = says::not_one_of(name, BUILT.join(", "));
            self.belongs("report_to", "choice", BUILT, message);
        }
        let asked = |tracker: &str| names.iter().any(|name| name == tracker || name == "all");
        if tells_trackio(self.c) {
            self.counts(key::project);
            self.counts(key::run_name);
        }
        let to_swanlab = self.flag(key::use_swanlab) || asked("swanlab");
        Trackers {
            tensorboard: asked("tensorboard").then(|| TensorBoard {
                folder: self.text(key::logging_dir),
            }),
            wandb: asked("wandb").then(|| Wandb {
                project: self.text(key::project),
                name: self.text(key::run_name),
            }),
            swanlab: to_swanlab.then(|| SwanLab {
                project: self.text(key::swanlab_project),
                workspace: self.text(key::swanlab_workspace),
                name: self.text(key::swanlab_run_name).or_else(|| self.text(key::run_name)),
                folder: self.text(key::swanlab_logdir),
            }),
            trackio: tells_trackio(self.c),
            mlflow: tells_mlflow(self.c),
        }
    }
}
