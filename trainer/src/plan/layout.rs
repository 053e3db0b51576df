//! What of its rows a plan holds, and which of them turn alike.
use super::Plan;
use protocol::decoder::doublings;

/// Which tokens of its rows a plan holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// those that something is predicted from
    #[default]
    Predictors,
    /// all: a router's balance is a matter of every token
    Whole,
}

impl Extent {
    /// What plans must hold for a loss with the router's auxiliary loss of this weight in it, or without it.
    pub fn with_router_loss(weight: Option<f64>) -> Self {
        match weight {
            Some(_) => Self::Whole,
            None => Self::Predictors,
        }
    }
}

/// How a batch's rows are put in a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    pub extent: Extent,
    /// Tokens past which a row turns by its own length: rows that turn apart have their common prompt each for itself.
    pub turns_past: Option<usize>,
}

impl From<Extent> for Layout {
    fn from(extent: Extent) -> Self {
        Self {
            extent,
            ..Self::default()
        }
    }
}

impl Plan {
    /// Tokens past which rows turn by their own length, where there are such rows.
    pub fn turns_past(&self) -> Option<usize> {
        self.layout.turns_past.filter(|&past| self.longest > past)
    }

    /// `[tokens]`, which row of a table of rotations is each token's ([`crate::ops::rope::Table`]).
    pub(super) fn turns(&self) -> Vec<u32> {
        match self.turns_past() {
            None => self.positions.clone(),
            Some(past) => {
                let rotations = 1 + doublings(past, self.longest);
                let of_row = self.lengths.iter().map(|&length| doublings(past, length));
                let turn = |(position, doubled)| position * rotations + doubled;
                self.positions.iter().copied().zip(of_row).map(turn).collect()
            }
        }
    }

    /// Whether rows of these lengths turn otherwise than each other.
    pub(super) fn turn_apart(&self, lengths: impl Iterator<Item = usize>) -> bool {
        let Some(past) = self.layout.turns_past else {
            return false;
        };
        let mut doubled = lengths.map(|length| doublings(past, length));
        let first = doubled.next();
        doubled.any(|other| Some(other) != first)
    }

    /// Notes the length of the row that the tokens before this one are of, as far as none is noted.
    pub(super) fn row_lengths(&mut self, before: usize, length: usize) {
        if self.layout.turns_past.is_some() {
            self.lengths.resize(before, length);
        }
    }
}
