//! The view of a run's held-out pairs, as the address holds it.

use crate::logic::query::Query;

/// Which pairs are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Filter {
    #[default]
    All,
    /// The rejected reply is the likelier one, by the mean log-prob of its tokens.
    Wrong,
    /// Wrong at the first evaluation, right now.
    ToRight,
    /// Right at the first evaluation, wrong now.
    ToWrong,
    /// Wrong at every evaluation.
    NeverRight,
    /// The longest tenth.
    Longest,
    /// Another pair has the same prompt.
    Duplicate,
    /// Marked by a person.
    Marked,
}

impl Filter {
    pub const ALL: [Self; 8] = [
        Self::All,
        Self::Wrong,
        Self::ToRight,
        Self::ToWrong,
        Self::NeverRight,
        Self::Longest,
        Self::Duplicate,
        Self::Marked,
    ];

    /// Its name in the address.
    pub fn key(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Wrong => "wrong",
            Self::ToRight => "to-right",
            Self::ToWrong => "to-wrong",
            Self::NeverRight => "never-right",
            Self::Longest => "longest",
            Self::Duplicate => "duplicate",
            Self::Marked => "marked",
        }
    }

    fn from_key(key: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|filter| filter.key() == key)
            .unwrap_or_default()
    }
}

/// What the list is sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    #[default]
    Margin,
    /// The change of the margin since the first evaluation.
    Change,
    /// The size of that change, whichever way it went.
    Moved,
    /// How many tokens longer the chosen reply is.
    Length,
}

impl Sort {
    pub const ALL: [Self; 4] = [Self::Margin, Self::Change, Self::Moved, Self::Length];

    pub fn key(self) -> &'static str {
        match self {
            Self::Margin => "margin",
            Self::Change => "change",
            Self::Moved => "moved",
            Self::Length => "length",
        }
    }

    pub fn from_key(key: &str) -> Self {
        Self::ALL.into_iter().find(|sort| sort.key() == key).unwrap_or_default()
    }

    /// Whether the greatest comes first by default. Of margins the lowest does: the worst pairs are of most interest.
    pub fn usually_descends(self) -> bool {
        self != Self::Margin
    }
}

/// A range of margins, its upper end included. Either end may be infinite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    pub from: f64,
    pub to: f64,
}

impl Stretch {
    pub fn holds(&self, margin: f64) -> bool {
        self.from < margin && margin <= self.to
    }

    /// Reads `-0.5,1`; an infinite end is left out.
    fn read(text: &str) -> Option<Self> {
        let (from, to) = text.split_once(',')?;
        let end = |text: &str, open: f64| match text {
            "" => Some(open),
            text => text.parse::<f64>().ok().filter(|end| end.is_finite()),
        };
        let (from, to) = (end(from, f64::NEG_INFINITY)?, end(to, f64::INFINITY)?);
        (from < to).then_some(Self { from, to })
    }

    fn write(&self) -> String {
        let end = |end: f64| {
            if end.is_finite() {
                end.to_string()
            } else {
                String::new()
            }
        };
        format!("{},{}", end(self.from), end(self.to))
    }
}

/// Filter, sort order, stretch, pair and step.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PairsView {
    pub filter: Filter,
    pub sort: Sort,
    /// Whether the order is the reverse of the sort's default.
    pub is_reversed: bool,
    pub stretch: Option<Stretch>,
    /// The number of the open pair in the run.
    pub pair: Option<u32>,
    /// The step of the evaluation that is shown; `None`: always the newest.
    pub step: Option<u64>,
}

impl PairsView {
    pub fn read(query: &Query) -> Self {
        let text = |key: &str| query.get(key).unwrap_or_default().to_owned();
        let sort = text("sort");
        let (is_reversed, sort) = match sort.strip_prefix('-') {
            Some(rest) => (true, rest.to_owned()),
            None => (false, sort),
        };
        Self {
            filter: Filter::from_key(&text("show")),
            sort: Sort::from_key(&sort),
            is_reversed,
            stretch: Stretch::read(&text("margins")),
            pair: text("pair").parse().ok(),
            step: text("step").parse().ok(),
        }
    }

    pub fn write(&self, query: &mut Query) {
        let number = |n: Option<u64>| n.map(|n| n.to_string()).unwrap_or_default();
        let sort = match (self.sort, self.is_reversed) {
            (Sort::Margin, false) => String::new(),
            (sort, is_reversed) => format!("{}{}", if is_reversed { "-" } else { "" }, sort.key()),
        };
        let stretch = self.stretch.as_ref().map(Stretch::write);
        query.set("show", self.filter.key());
        query.set("sort", &sort);
        query.set("margins", &stretch.unwrap_or_default());
        query.set("pair", &number(self.pair.map(u64::from)));
        query.set("step", &number(self.step));
    }

    /// A click on a column's head: sorts by it, then in reverse; a third click on the change sorts by its size.
    pub fn click_sort(&mut self, column: Sort) {
        (self.sort, self.is_reversed) = match (self.sort, self.is_reversed, column) {
            (Sort::Change, true, Sort::Change) => (Sort::Moved, false),
            (sort, is_reversed, column) if sort == column => (column, !is_reversed),
            (_, _, column) => (column, false),
        };
    }

    pub fn descends(&self) -> bool {
        self.sort.usually_descends() != self.is_reversed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_holds_the_whole_view() {
        for filter in Filter::ALL {
            for sort in Sort::ALL {
                let view = PairsView {
                    filter,
                    sort,
                    is_reversed: sort != Sort::Change,
                    stretch: Some(Stretch { from: -1.25, to: 0.5 }),
                    pair: Some(99_999),
                    step: Some(0),
                };
                let mut query = Query::parse("tab=pairs&sort=old");
                view.write(&mut query);
                assert_eq!(PairsView::read(&Query::parse(&query.to_string())), view);
                assert_eq!(query.get("tab"), Some("pairs"));
            }
        }
        let mut query = Query::default();
        PairsView::default().write(&mut query);
        assert_eq!(query.to_string(), "");
    }

    #[test]
    fn what_is_typed_wrong_into_the_address_counts_as_absent() {
        let query = Query::parse("show=best&sort=-&margins=1,NaN&pair=-3&step=x");
        let view = PairsView::read(&query);
        assert_eq!(
            PairsView {
                is_reversed: false,
                ..view
            },
            PairsView::default()
        );
        for wrong in ["2,-1", "1,1", "1", "a,2", "inf,2"] {
            assert_eq!(Stretch::read(wrong), None, "{wrong}");
        }
        let open = Stretch {
            from: f64::NEG_INFINITY,
            to: 0.0,
        };
        assert_eq!(Stretch::read(&open.write()), Some(open));
        assert!(open.holds(0.0) && open.holds(-9.0) && !open.holds(0.1));
    }

    #[test]
    fn clicks_on_a_head_go_through_its_orders() {
        let mut view = PairsView::default();
        let mut click = |column| {
            view.click_sort(column);
            (view.sort, view.descends())
        };
        assert_eq!(click(Sort::Margin), (Sort::Margin, true));
        assert_eq!(click(Sort::Margin), (Sort::Margin, false));
        let change: Vec<_> = (0..4).map(|_| click(Sort::Change)).collect();
        let (down, up) = (true, false);
        assert_eq!(
            change,
            [
                (Sort::Change, down),
                (Sort::Change, up),
                (Sort::Moved, down),
                (Sort::Change, down)
            ]
        );
        assert_eq!(click(Sort::Length), (Sort::Length, true));
    }
}
