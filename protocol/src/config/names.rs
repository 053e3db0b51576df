//! Keys that hold several names with commas between them: `dataset`, `adapter_name_or_path`, `pref_loss` …

use super::RunConfig;

impl RunConfig {
    /// Every model and adapter that the config needs: what it starts from, its reference, its reward model.
    pub fn models(&self) -> impl Iterator<Item = &str> {
        let lists = [
            &self.model_name_or_path,
            &self.adapter_name_or_path,
            &self.ref_model,
            &self.ref_model_adapters,
            &self.reward_model,
            &self.reward_model_adapters,
        ];
        lists.into_iter().flat_map(|list| names(list.as_deref()))
    }
}

/// The names in order, without blanks.
pub fn names(list: Option<&str>) -> impl Iterator<Item = &str> {
    let names = list.unwrap_or_default().split(',').map(str::trim);
    names.filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_no_names() {
        assert_eq!(names(Some(" a,, b ,")).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(names(Some("")).count() + names(None).count(), 0);
    }
}
