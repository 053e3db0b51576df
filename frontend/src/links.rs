//! Addresses of the board's pages, as one page writes them and another reads them.

use crate::logic::query::{Query, encode};

/// `/runs/{id}`.
pub fn run(id: &str) -> String {
    format!("/runs/{}", encode(id))
}

/// `/sweeps/{id}`.
pub fn sweep(id: &str) -> String {
    format!("/sweeps/{}", encode(id))
}

/// `/data/{name}`: one data set.
pub fn dataset(name: &str) -> String {
    format!("/data/{}", encode(name))
}

/// `/models?model={model id}`: the list of models with that one unfolded.
pub fn model(id: &str) -> String {
    with("/models", "model", &[id.to_owned()])
}

/// `/compare?runs=a,b`: run ids in the order of selection.
pub fn compare(ids: &[String]) -> String {
    with("/compare", "runs", ids)
}

/// `/chat?models=a,b`: one or two model ids (`ModelInfo::id`), side by side.
pub fn chat(models: &[String]) -> String {
    with("/chat", "models", models)
}

/// `/chat?run={run id}&text=…`: the run's base model beside its result, with this question in the composer.
pub fn ask(run: &str, text: &str) -> String {
    let mut query = Query::default();
    query.set("run", run);
    query.set("text", text);
    format!("/chat{query}")
}

/// `/runs/{id}?tab=pairs&show=wrong`: the held-out pairs that the run gets wrong.
pub fn wrong_pairs(id: &str) -> String {
    format!("{}?tab=pairs&show=wrong", run(id))
}

/// `/runs/{id}?tab=pairs&pair=…`: one held-out pair.
pub fn pair(id: &str, pair: u32) -> String {
    format!("{}?tab=pairs&pair={pair}", run(id))
}

/// `/new?from={run id}`: the form filled with that run's config.
pub fn train_again(run: &str) -> String {
    with("/new", "from", &[run.to_owned()])
}

/// `/new?from={run id}&change=key=value`: the form filled with that run's config, some of its keys changed.
pub fn train_with(run: &str, changes: &[String]) -> String {
    let mut query = Query::default();
    query.set_list("from", &[run]);
    query.set_list("change", changes);
    format!("/new{query}")
}

/// `/new?parent={run id}`: the form for a next stage that starts from that run's result.
pub fn next_stage(run: &str) -> String {
    with("/new", "parent", &[run.to_owned()])
}

/// `/new?model={model id}`: the form with that model chosen.
pub fn train_model(model: &str) -> String {
    with("/new", "model", &[model.to_owned()])
}

/// `/new?dataset={name}`: the form with that data set chosen.
pub fn train_on(dataset: &str) -> String {
    with("/new", "dataset", &[dataset.to_owned()])
}

/// `/evaluate?model={model id}`: the form with that model chosen.
pub fn evaluate(model: &str) -> String {
    with("/evaluate", "model", &[model.to_owned()])
}

/// `/new?import=file`: the form with its import dialog open.
pub fn import() -> String {
    with("/new", "import", &["file".to_owned()])
}

fn with(path: &str, key: &str, items: &[String]) -> String {
    let mut query = Query::default();
    query.set_list(key, items);
    format!("{path}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_the_other_page_reads() {
        let models = ["corral-demo".to_owned(), "my run, second/checkpoint-20".to_owned()];
        let address = chat(&models);
        let (path, query) = address.split_once('?').unwrap();
        assert_eq!((path, Query::parse(query).list("models")), ("/chat", models.to_vec()));
    }
}
