//! Other programs that show a run's metrics.

use serde::{Deserialize, Serialize};

/// Where a run is logged besides its own events.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trackers {
    pub tensorboard: Option<TensorBoard>,
    pub wandb: Option<Wandb>,
    pub swanlab: Option<SwanLab>,
    /// trackio's SQLite database; `corral` writes it.
    pub trackio: bool,
    /// MLflow's server; `corral` reports to it, since workers have no credentials and open no connections.
    pub mlflow: bool,
}

/// TensorBoard's event files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TensorBoard {
    /// The folder that they go to; `None`: one in the run directory.
    pub folder: Option<String>,
}

/// An offline run of Weights & Biases. `None`: from the environment, else a default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wandb {
    pub project: Option<String>,
    pub name: Option<String>,
}

/// An offline run of SwanLab. `None`: from the environment, else a default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwanLab {
    pub project: Option<String>,
    pub workspace: Option<String>,
    pub name: Option<String>,
    /// The folder that its runs lie in.
    pub folder: Option<String>,
}
