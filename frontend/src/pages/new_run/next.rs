//! The drafts that follow from a run: the same again, and the next stage.

use crate::logic::form::Draft;
use protocol::Stage;
use protocol::api::RunDetail;
use protocol::method::MethodId;

/// The same settings, without the run's name.
pub(super) fn again(run: &RunDetail) -> Draft {
    let mut config = run.summary.config.clone();
    config.run_name = None;
    Draft::of(&config)
}

/// The next stage from the run's best checkpoint: SimPO, on the same data where they are preferences. After a reward model it is PPO of
/// the model that the reward model was trained from, with its scores.
pub(super) fn next_stage(run: &RunDetail) -> Draft {
    let config = &run.summary.config;
    let best = run.checkpoints.iter().find(|checkpoint| checkpoint.best);
    let newest = run.checkpoints.iter().max_by_key(|checkpoint| checkpoint.step);
    let result = match best.or(newest) {
        Some(checkpoint) => format!("{}/{}", run.summary.name, checkpoint.name),
        None => run.summary.name.clone(),
    };
    let stage = Stage::of(config);
    let mut draft = if stage == Some(Stage::Reward) {
        let mut draft = Draft::new(MethodId::Ppo);
        draft.put(
            "model_name_or_path",
            config.model_name_or_path.clone().unwrap_or_default(),
        );
        draft.put("reward_model", result);
        if let Some(kind @ "full") = config.finetuning_type.as_deref() {
            draft.put("reward_model_type", kind);
        }
        draft
    } else {
        let mut draft = Draft::new(MethodId::Simpo);
        draft.put("model_name_or_path", result);
        draft
    };
    if matches!(stage, Some(Stage::Preference | Stage::Reward))
        && let Some(dataset) = &config.dataset
    {
        draft.put("dataset", dataset.clone());
    }
    if let Some(template) = &config.template {
        draft.put("template", template.clone());
    }
    draft
}
