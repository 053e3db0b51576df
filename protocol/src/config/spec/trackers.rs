//! Other programs that look at a run's metrics.

use serde::{Deserialize, Serialize};

/// Which of them are told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trackers {
    pub tensorboard: Option<TensorBoard>,
    pub wandb: Option<Wandb>,
    pub swanlab: Option<SwanLab>,
    /// trackio's database, by `corral`: it is SQLite's.
    pub trackio: bool,
    /// MLflow's server, by `corral`: a worker knows no key and opens no connection.
    pub mlflow: bool,
}

/// TensorBoard's event files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TensorBoard {
    /// The folder that they go to; `None`: one in the run directory.
    pub folder: Option<String>,
}

/// An offline run of Weights & Biases. What is `None` the environment says, else there is a default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wandb {
    pub project: Option<String>,
    pub name: Option<String>,
}

/// An offline run of SwanLab; likewise.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwanLab {
    pub project: Option<String>,
    pub workspace: Option<String>,
    pub name: Option<String>,
    /// The folder that its runs lie in.
    pub folder: Option<String>,
}
