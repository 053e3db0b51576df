//! Looking up the chosen models and data sets in the fetched lists.

use crate::api::Answer;
use protocol::RunConfig;
use protocol::api::ModelInfo;
use protocol::config::names;
use protocol::data::{DatasetInfo, Inspection};

/// The items of a list; empty while it is not there.
pub(super) fn listed<T>(answer: &Option<Answer<Vec<T>>>) -> &[T] {
    match answer {
        Some(Ok(list)) => list,
        _ => &[],
    }
}

/// The inspection of each chosen data set that is in the list.
pub(super) fn inspections<'a>(
    datasets: &'a Option<Answer<Vec<DatasetInfo>>>,
    config: &'a RunConfig,
) -> impl Iterator<Item = &'a Inspection> {
    let find = |name| listed(datasets).iter().find(|set| set.name == name);
    names(config.dataset.as_deref()).filter_map(move |name| find(name)?.inspection.as_ref())
}

/// The usable rows of each data set of a comma-separated list; `None` where one of them is not known.
pub(super) fn sizes(datasets: &Option<Answer<Vec<DatasetInfo>>>, list: &str) -> Option<Vec<u64>> {
    let usable = |name: &str| {
        let set = listed(datasets).iter().find(|set| set.name == name)?;
        Some(set.inspection.as_ref()?.usable)
    };
    names(Some(list)).map(usable).collect()
}

/// The usable rows of all of them together.
pub(super) fn rows(datasets: &Option<Answer<Vec<DatasetInfo>>>, list: &str) -> Option<u64> {
    sizes(datasets, list).map(|sizes| sizes.iter().sum())
}

/// The parameters of a model.
pub(super) fn params(models: &Option<Answer<Vec<ModelInfo>>>, id: &str) -> Option<u64> {
    let list = listed(models);
    let find = |id: &str| list.iter().find(|model| model.id == id || model.path == id);
    let mut here = find(id)?;
    // an adapter has the size of its base model
    for _ in 0..8 {
        match here.base.as_deref().and_then(find) {
            Some(base) if here.params == 0 || here.dims.is_none() => here = base,
            _ => break,
        }
    }
    Some(here.params).filter(|params| *params > 0)
}
