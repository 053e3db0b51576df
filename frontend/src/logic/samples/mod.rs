//! The logic of a run's samples: the view in the address, word diffs, virtual scrolling of the grid.

pub mod columns;
pub mod view;
pub mod words;
