//! Other programs that look at a run's metrics.

use serde::{Deserialize, Serialize};

/// Which of them are told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trackers {
    pub tensorboard: Option<TensorBoard>,
    /// MLflow's server, by `corral`: a worker knows no key and opens no connection.
    pub mlflow: bool,
}

/// TensorBoard's event files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TensorBoard {
    /// The folder that they go to; `None`: one in the run directory.
    pub folder: Option<String>,
}
