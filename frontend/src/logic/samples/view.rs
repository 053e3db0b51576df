//! The view of a run's samples, as the address holds it.

use crate::logic::query::Query;

/// The open prompt, and the steps whose replies are compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SamplesView {
    /// The place of the open prompt; `None`: only the grid is shown.
    pub prompt: Option<usize>,
    /// The step whose replies are compared with; `None`: the first.
    pub from: Option<u64>,
    /// The step that is shown; `None`: always the newest, so that the page follows a live run.
    pub step: Option<u64>,
}

impl SamplesView {
    pub fn read(query: &Query) -> Self {
        let number = |key: &str| query.get(key).and_then(|text| text.parse().ok());
        Self {
            prompt: number("prompt").and_then(|place: u64| usize::try_from(place).ok()?.checked_sub(1)),
            from: number("against"),
            step: number("step"),
        }
    }

    pub fn write(self, query: &mut Query) {
        let text = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
        query.set("prompt", &text(self.prompt.map(|place| place as u64 + 1)));
        query.set("against", &text(self.from));
        query.set("step", &text(self.step));
    }
}

/// The place of the step asked for among `steps`, else of the nearest before it; the last place where none is asked for.
pub fn place_of(steps: &[u64], asked: Option<u64>) -> usize {
    let last = steps.len().saturating_sub(1);
    match asked {
        None => last,
        Some(step) => steps.partition_point(|at| *at <= step).saturating_sub(1).min(last),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_what_is_looked_at() {
        let view = SamplesView {
            prompt: Some(2),
            from: Some(0),
            step: Some(34),
        };
        let mut query = Query::parse("tab=samples");
        view.write(&mut query);
        assert!(query.to_string().contains("prompt=3"), "{query}");
        assert_eq!(SamplesView::read(&query), view);
        SamplesView::default().write(&mut query);
        assert_eq!(query.to_string(), "?tab=samples");
        // nobody's prompt is the zeroth
        assert_eq!(
            SamplesView::read(&Query::parse("prompt=0&step=x")),
            SamplesView::default()
        );
    }

    #[test]
    fn a_step_that_went_is_the_one_before_it() {
        let steps = [0, 7, 14];
        assert_eq!(
            [None, Some(7), Some(9), Some(90)].map(|step| place_of(&steps, step)),
            [2, 1, 1, 2]
        );
        assert_eq!(place_of(&[], Some(3)), 0);
    }
}
