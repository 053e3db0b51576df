//! The lineage of models: which was made from which, as a forest in the order in which it is listed.

use protocol::RunConfig;
use protocol::api::ModelInfo;

/// A model's place in the forest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Index in the list that was given.
    pub index: usize,
    pub depth: usize,
}

/// Every model once, each below the one it was made from. A model whose base is not in the list is a root; so is one of each cycle.
pub fn forest(models: &[ModelInfo]) -> Vec<Place> {
    let parents: Vec<_> = models.iter().map(|model| parent(models, model)).collect();
    let mut order = vec![];
    let mut seen = vec![false; models.len()];
    let roots = (0..models.len()).filter(|i| parents[*i].is_none());
    // models in a cycle have no root: the second pass reaches them
    for root in roots.chain(0..models.len()) {
        let mut stack = vec![Place { index: root, depth: 0 }];
        while let Some(place) = stack.pop() {
            if std::mem::replace(&mut seen[place.index], true) {
                continue;
            }
            order.push(place);
            let children = (0..models.len()).rev().filter(|i| parents[*i] == Some(place.index));
            stack.extend(children.map(|index| Place {
                index,
                depth: place.depth + 1,
            }));
        }
    }
    order
}

/// A line of the list of models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    pub place: Place,
    /// Whether it is folded under the first model of its unit.
    pub folded: bool,
    /// The number of models folded under this one.
    pub below: u64,
    /// The bytes that those take.
    pub below_bytes: u64,
}

/// The forest with each unit folded to its first model. `unit_of` gives the unit of a model: its run, or that run's sweep. A model that
/// another one was made from is never folded.
pub fn lines(models: &[ModelInfo], unit_of: impl Fn(&ModelInfo) -> Option<String>) -> Vec<Line> {
    let places = forest(models);
    let units: Vec<Option<String>> = models.iter().map(unit_of).collect();
    let is_base = |index: usize| models.iter().any(|model| parent(models, model) == Some(index));
    let mut out: Vec<Line> = vec![];
    for place in places {
        let model = &models[place.index];
        let head = out
            .iter_mut()
            .find(|line| units[place.index].is_some() && units[line.place.index] == units[place.index]);
        let mut folded = false;
        if let Some(head) = head
            && !is_base(place.index)
        {
            head.below += 1;
            head.below_bytes += model.bytes;
            folded = true;
        }
        out.push(Line {
            place,
            folded,
            below: 0,
            below_bytes: 0,
        });
    }
    // the first model of a unit shows the fold, and must come right before what is folded under it
    let mut sorted: Vec<Line> = vec![];
    for line in &out {
        if line.folded {
            continue;
        }
        sorted.push(*line);
        if line.below > 0 {
            let same = |other: &&Line| other.folded && units[other.place.index] == units[line.place.index];
            sorted.extend(out.iter().filter(same));
        }
    }
    sorted
}

fn parent(models: &[ModelInfo], model: &ModelInfo) -> Option<usize> {
    let base = model.base.as_deref()?;
    let named = |other: &ModelInfo| other.id == base || other.path == base;
    let exact = models.iter().position(named);
    // a run's bare name means its newest checkpoint, which is listed first
    exact.or_else(|| {
        models.iter().position(|other| {
            other
                .id
                .split_once('/')
                .is_some_and(|(run, _)| other.run.is_some() && run == base)
        })
    })
}

/// The names from the first base down to the model itself.
pub fn chain(models: &[ModelInfo], id: &str) -> Vec<String> {
    let mut names = vec![id.to_owned()];
    let mut here = models.iter().find(|model| model.id == id);
    while let Some(base) = here.and_then(|model| model.base.clone())
        && !names.contains(&base)
    {
        here = models.iter().find(|model| model.id == base);
        names.insert(0, base);
    }
    names
}

/// Whether a run with this config needs a result of the run `name`: the run's own model or one of its checkpoints.
pub fn builds_on(config: &RunConfig, name: &str) -> bool {
    let mut rests = config.models().filter_map(|model| model.strip_prefix(name));
    rests.any(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::said::Unusable;

    #[test]
    fn a_run_builds_on_the_models_it_names() {
        let config = |key: &str, value: &str| {
            let mut config = RunConfig::default();
            config.set(key, &serde_json::json!(value)).unwrap();
            config
        };
        assert!(builds_on(
            &config("model_name_or_path", "sft-1/checkpoint-best"),
            "sft-1"
        ));
        assert!(builds_on(&config("adapter_name_or_path", "a, sft-1"), "sft-1"));
        assert!(builds_on(&config("reward_model", "rm-1/checkpoint-3"), "rm-1"));
        assert!(!builds_on(
            &config("model_name_or_path", "sft-12/checkpoint-3"),
            "sft-1"
        ));
    }
    use protocol::api::ModelOrigin;

    fn model(id: &str, base: Option<&str>) -> ModelInfo {
        ModelInfo {
            id: id.into(),
            origin: ModelOrigin::Folder,
            path: format!("/m/{id}"),
            family: "llama".into(),
            params: 0,
            dtype: String::new(),
            bytes: 0,
            context: 0,
            rope: None,
            has_chat_template: true,
            dims: None,
            run: base.map(|_| "r".into()),
            base: base.map(Into::into),
            used_by: vec![],
            unusable: Unusable::default(),
        }
    }

    #[test]
    fn children_stand_below_what_they_were_made_from() {
        let models = [
            model("simpo/checkpoint-9", Some("sft")),
            model("base", None),
            model("sft/checkpoint-2", Some("base")),
            model("sft/checkpoint-1", Some("/m/base")),
            model("lost", Some("elsewhere")),
        ];
        let drawn: Vec<_> = forest(&models)
            .into_iter()
            .map(|place| (place.depth, models[place.index].id.as_str()))
            .collect();
        assert_eq!(
            drawn,
            [
                (0, "base"),
                (1, "sft/checkpoint-2"),
                (2, "simpo/checkpoint-9"),
                (1, "sft/checkpoint-1"),
                (0, "lost")
            ]
        );
    }

    #[test]
    fn a_circle_is_drawn_once() {
        let models = [model("a", Some("b")), model("b", Some("a"))];
        assert_eq!(forest(&models).len(), 2);
        assert_eq!(chain(&models, "a"), ["b", "a"]);
        assert_eq!(chain(&models, "x"), ["x"]);
    }

    #[test]
    fn a_run_is_folded_to_its_first_model() {
        let model = |id: &str, run: Option<&str>, base: Option<&str>| ModelInfo {
            id: id.into(),
            origin: ModelOrigin::Adapter,
            path: format!("/m/{id}"),
            family: String::new(),
            params: 0,
            dtype: String::new(),
            bytes: 10,
            context: 0,
            rope: None,
            has_chat_template: false,
            dims: None,
            run: run.map(Into::into),
            base: base.map(Into::into),
            used_by: vec![],
            unusable: Unusable::default(),
        };
        let models = [
            model("base", None, None),
            model("a/checkpoint-30", Some("1"), Some("base")),
            model("a/checkpoint-20", Some("1"), Some("base")),
            model("a/checkpoint-10", Some("1"), Some("base")),
            model("b/checkpoint-5", Some("2"), Some("a/checkpoint-20")),
        ];
        let lines = lines(&models, |model| model.run.clone());
        let said: Vec<_> = lines
            .iter()
            .map(|line| (models[line.place.index].id.as_str(), line.folded, line.below))
            .collect();
        assert_eq!(
            said,
            [
                ("base", false, 0),
                ("a/checkpoint-30", false, 1),
                ("a/checkpoint-10", true, 0),
                ("a/checkpoint-20", false, 0),
                ("b/checkpoint-5", false, 0),
            ]
        );
        assert_eq!(lines[1].below_bytes, 10);
    }
}
