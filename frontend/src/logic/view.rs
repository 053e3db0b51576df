//! The view of the table of runs, as the address holds it.

use super::query::Query;
use super::table::column_metric;
use protocol::metric::Better;
use std::collections::HashSet;

pub const USUAL_COLUMNS: &[&str] = &[
    "loss",
    "model",
    "data",
    "step",
    "acc",
    "margin",
    "eval_loss",
    "health",
    "lr",
    "time",
    "spark",
];

/// Search, sort, filters, columns and selection.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunsView {
    pub search: String,
    /// A column's key; empty: newest first.
    pub sort: String,
    pub descending: bool,
    pub states: Vec<String>,
    pub losses: Vec<String>,
    pub models: Vec<String>,
    pub tags: Vec<String>,
    /// The severities of the worst finding.
    pub health: Vec<String>,
    pub archived: bool,
    /// Ids of the sweeps that are unfolded.
    pub open: Vec<String>,
    /// `None`: the default ones.
    pub columns: Option<Vec<String>>,
    /// The ids of the selected runs, in the order of selection.
    pub selected: Vec<String>,
}

impl RunsView {
    pub fn read(query: &Query) -> Self {
        let sort = query.get("sort").unwrap_or_default();
        let columns = query.list("cols");
        Self {
            search: query.get("q").unwrap_or_default().into(),
            sort: sort.trim_start_matches('-').into(),
            descending: sort.starts_with('-'),
            states: query.list("state"),
            losses: query.list("loss"),
            models: query.list("model"),
            tags: query.list("tag"),
            health: query.list("health"),
            archived: query.get("archived").is_some(),
            open: query.list("open"),
            columns: (!columns.is_empty()).then_some(columns),
            selected: query.list("sel"),
        }
    }

    pub fn write(&self, query: &mut Query) {
        let sort = match self.sort.as_str() {
            "" => String::new(),
            sort => format!("{}{sort}", if self.descending { "-" } else { "" }),
        };
        query.set("q", &self.search);
        query.set("sort", &sort);
        query.set_list("state", &self.states);
        query.set_list("loss", &self.losses);
        query.set_list("model", &self.models);
        query.set_list("tag", &self.tags);
        query.set_list("health", &self.health);
        query.set("archived", if self.archived { "1" } else { "" });
        query.set_list("open", &self.open);
        query.set_list("cols", self.columns.as_deref().unwrap_or_default());
        query.set_list("sel", &self.selected);
    }

    pub fn columns(&self) -> Vec<String> {
        let usual = || USUAL_COLUMNS.iter().map(|column| (*column).to_owned()).collect();
        self.columns.clone().unwrap_or_else(usual)
    }

    pub fn is_filtered(&self) -> bool {
        !self.search.is_empty()
            || self.archived
            || [&self.states, &self.losses, &self.models, &self.tags, &self.health]
                .iter()
                .any(|list| !list.is_empty())
    }

    /// A click on a column's head: sorts by it with the best or greatest first, then in reverse, then no longer by it.
    pub fn click_sort(&mut self, column: &str) {
        let down_first = match column_metric(column) {
            Some(metric) => metric.better != Some(Better::Lower),
            None => !matches!(column, "name" | "model" | "data" | "loss" | "tags"),
        };
        match (self.sort == column, self.descending == down_first) {
            (false, _) => {
                self.sort = column.into();
                self.descending = down_first;
            }
            (true, true) => self.descending = !down_first,
            (true, false) => {
                self.sort.clear();
                self.descending = false;
            }
        }
    }
}

/// Adds `item` to a list, or removes it.
pub fn toggle(list: &mut Vec<String>, item: &str) {
    match list.iter().position(|other| other == item) {
        Some(at) => {
            list.remove(at);
        }
        None => list.push(item.into()),
    }
}

/// The placeholder for a run that was deselected, so that the runs after it keep their colours.
pub const VACANT: &str = "-";

/// Selects a run, in the first vacant place, or deselects it.
pub fn toggle_place(places: &mut Vec<String>, id: &str) {
    match places.iter().position(|other| other == id) {
        Some(at) => places[at] = VACANT.into(),
        None => match places.iter().position(|other| other == VACANT) {
            Some(at) => places[at] = id.into(),
            None => places.push(id.into()),
        },
    }
    while places.last().is_some_and(|last| last == VACANT) {
        places.pop();
    }
}

/// Selects all of these runs, or none of them, each as [`toggle_place`] does.
pub fn place_all(places: &mut Vec<String>, ids: &[String], selected: bool) {
    if selected {
        let known: HashSet<String> = places.iter().cloned().collect();
        let mut new = ids.iter().filter(|id| !known.contains(*id)).cloned();
        for place in places.iter_mut().filter(|place| *place == VACANT) {
            match new.next() {
                Some(id) => *place = id,
                None => break,
            }
        }
        places.extend(new);
    } else {
        let ids: HashSet<&str> = ids.iter().map(String::as_str).collect();
        for place in places.iter_mut().filter(|place| ids.contains(place.as_str())) {
            *place = VACANT.into();
        }
        while places.last().is_some_and(|last| last == VACANT) {
            places.pop();
        }
    }
}

/// The number of runs that have a colour each.
pub const COLORS: usize = 8;

/// A colour on the scale from the least value (0) to the greatest (1): dark violet, green, light yellow. It is legible with any colour
/// vision.
pub fn scale_color(share: f64) -> String {
    let share = share.clamp(0.0, 1.0);
    let (light, dark) = (0.36 + 0.36 * share, 0.50 + 0.38 * share);
    let hue = 300.0 - 205.0 * share;
    format!("light-dark(oklch({light:.3} 0.13 {hue:.0}), oklch({dark:.3} 0.13 {hue:.0}))")
}

/// Colours of runs by their values; a run without one is grey.
pub fn scale_colors(values: &[Option<f64>]) -> Vec<String> {
    let known = || values.iter().copied().flatten();
    let (low, high) = known().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
        (low.min(v), high.max(v))
    });
    let color = |value: &Option<f64>| match value {
        Some(value) if high > low => scale_color((value - low) / (high - low)),
        Some(_) => scale_color(0.5),
        None => "var(--line-strong)".into(),
    };
    values.iter().map(color).collect()
}

/// The colour of the run at a place of the selection: eight that are distinct with any colour vision, then the same again.
pub fn run_color(place: usize) -> &'static str {
    const COLORS: [&str; 8] = [
        "--run-1", "--run-2", "--run-3", "--run-4", "--run-5", "--run-6", "--run-7", "--run-8",
    ];
    COLORS[place % COLORS.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_holds_the_whole_view() {
        let view = RunsView {
            search: "simpo lr>1e-6".into(),
            sort: "acc".into(),
            descending: true,
            states: vec!["running".into(), "failed".into()],
            losses: vec!["simpo".into()],
            models: vec!["meta/llama, 8b".into()],
            tags: vec!["日本".into()],
            health: vec!["bad".into()],
            archived: true,
            open: vec!["1m8exxe710mn".into()],
            columns: Some(vec!["loss".into(), "c.lora_rank".into(), "m.rewards/chosen".into()]),
            selected: vec!["b".into(), "a".into()],
        };
        let mut query = Query::default();
        view.write(&mut query);
        assert_eq!(RunsView::read(&Query::parse(&query.to_string())), view);
        let mut query = Query::default();
        RunsView::default().write(&mut query);
        assert_eq!(query.to_string(), "");
    }

    #[test]
    fn three_clicks_on_a_head_come_back_to_the_start() {
        let mut view = RunsView::default();
        let mut seen = vec![];
        for _ in 0..3 {
            view.click_sort("acc");
            seen.push((view.sort.clone(), view.descending));
        }
        assert_eq!(
            seen,
            [("acc".into(), true), ("acc".into(), false), (String::new(), false)]
        );
        view.click_sort("name");
        assert_eq!((view.sort.as_str(), view.descending), ("name", false));
    }

    #[test]
    fn a_run_keeps_its_place_while_it_is_selected() {
        let mut places: Vec<String> = ["a", "b", "c"].map(String::from).into();
        toggle_place(&mut places, "a");
        assert_eq!(places, [VACANT, "b", "c"]);
        toggle_place(&mut places, "d");
        assert_eq!(places, ["d", "b", "c"]);
        toggle_place(&mut places, "b");
        toggle_place(&mut places, "c");
        assert_eq!(places, ["d"]);
    }

    #[test]
    fn a_toggled_item_goes_in_at_the_end_and_out_again() {
        let mut list = vec!["a".to_owned()];
        toggle(&mut list, "b");
        assert_eq!(list, ["a", "b"]);
        toggle(&mut list, "a");
        assert_eq!(list, ["b"]);
        assert_eq!(run_color(0), run_color(8));
    }

    #[test]
    fn many_runs_are_coloured_by_their_value() {
        let colors = scale_colors(&[Some(0.2), None, Some(0.9), Some(0.55)]);
        assert_eq!((&colors[0], &colors[2]), (&scale_color(0.0), &scale_color(1.0)));
        assert_eq!(colors[1], "var(--line-strong)");
        assert_eq!(scale_colors(&[Some(1.0), Some(1.0)])[0], scale_color(0.5));
        assert!(scale_color(0.0).contains("300)") && scale_color(1.0).contains("95)"));
    }

    #[test]
    fn all_are_selected_in_the_vacant_places_first_and_keep_theirs_when_some_go() {
        let of = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        let mut places = of(&["a", VACANT, "c"]);
        place_all(&mut places, &of(&["a", "b", "d"]), true);
        assert_eq!(places, ["a", "b", "c", "d"]);
        place_all(&mut places, &of(&["b", "d"]), false);
        assert_eq!(places, ["a", VACANT, "c"]);
    }
}
