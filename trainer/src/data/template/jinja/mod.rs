//! Jinja as transformers runs it: Jinja2's language over Python's values, in a sandbox, within bounds of instructions,
//! bytes and time.
//!
//! It is its own reader, because chat templates lean on Python (its methods, `%`, `str()` of values, attributes before
//! items), and because what strangers' templates use of memory and time can only be bounded from within.

mod args;
mod ast;
mod checks;
mod eval;
mod expression;
mod filters;
mod functions;
pub mod json;
mod layout;
mod lexer;
mod limits;
mod lists;
mod methods;
mod operand;
mod ops;
mod parser;
mod printf;
mod python;
mod run;
mod shown;
#[cfg(test)]
mod tests;
mod text;
mod value;

use std::rc::Rc;
use std::sync::Arc;

pub use limits::{Limits, cancelled_by};
pub use value::{Fault, Map, Outcome, Value};

use super::Moment;
use ast::Body;
use eval::Eval;
use run::Scope;

/// A template, read.
#[derive(Debug, Clone)]
pub struct Template {
    body: Arc<Body>,
}

impl Template {
    pub fn new(source: &str) -> Outcome<Self> {
        Ok(Self {
            body: Arc::new(parser::parse(source)?),
        })
    }

    /// The text for these names at this moment. What is given stands first against the bounds: longer input may take more.
    pub fn render(&self, names: Vec<(&str, Value)>, now: Moment) -> Outcome<String> {
        let input = names.iter().map(|(_, value)| python::size(value)).sum();
        let limits = Limits::new(input);
        let eval = Eval {
            limits: &limits,
            now,
            out: Default::default(),
            held: Default::default(),
        };
        let scope = Rc::new(Scope::default());
        for (name, value) in names {
            scope.set(&name.into(), value);
        }
        let done = eval.body(&self.body, &scope);
        scope.clear();
        for held in eval.held.take() {
            held.clear();
        }
        done.map(|_| eval.out.take())
    }
}
