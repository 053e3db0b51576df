//! What the lists of models and data sets say of those that are chosen.

use crate::api::Answer;
use protocol::RunConfig;
use protocol::api::ModelInfo;
use protocol::config::names;
use protocol::data::{DatasetInfo, Inspection};

pub(super) fn listed<T>(answer: &Option<Answer<Vec<T>>>) -> &[T] {
    match answer {
        Some(Ok(list)) => list,
        _ => &[],
    }
}

/// What each of the chosen data sets that are here is for.
pub(super) fn inspections<'a>(
    datasets: &'a Option<Answer<Vec<DatasetInfo>>>,
    config: &'a RunConfig,
) -> impl Iterator<Item = &'a Inspection> {
    let find = |name| listed(datasets).iter().find(|set| set.name == name);
    names(config.dataset.as_deref()).filter_map(move |name| find(name)?.inspection.as_ref())
}

/// Usable rows of each of the data sets of a list.
pub(super) fn sizes(datasets: &Option<Answer<Vec<DatasetInfo>>>, list: &str) -> Option<Vec<u64>> {
    let usable = |name: &str| {
        let set = listed(datasets).iter().find(|set| set.name == name)?;
        Some(set.inspection.as_ref()?.usable)
    };
    names(Some(list)).map(usable).collect()
}

pub(super) fn rows(datasets: &Option<Answer<Vec<DatasetInfo>>>, list: &str) -> Option<u64> {
    sizes(datasets, list).map(|sizes| sizes.iter().sum())
}

pub(super) fn params(models: &Option<Answer<Vec<ModelInfo>>>, id: &str) -> Option<u64> {
    let list = listed(models);
    let find = |id: &str| list.iter().find(|model| model.id == id || model.path == id);
    let mut here = find(id)?;
    // an adapter has the size of what it stands on
    for _ in 0..8 {
        match here.base.as_deref().and_then(find) {
            Some(base) if here.params == 0 || here.dims.is_none() => here = base,
            _ => break,
        }
    }
    Some(here.params).filter(|params| *params > 0)
}
