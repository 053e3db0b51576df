//! What a run wrote to its sample prompts, worked out for the page: what is looked at, which words differ, what is in sight.

pub mod columns;
pub mod view;
pub mod words;
