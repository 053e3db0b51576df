//! Tokens to statements, each from its name to the end of its block.

use super::super::ast::{Expression, For, Macro, Node, Post, Target, What};
use super::super::lexer::Token;
use super::super::value::Outcome;
use super::{Parser, Used};
use std::sync::Arc;

impl Parser {
    pub(super) fn statement(&mut self) -> Outcome<What> {
        let Token::Name(name) = self.peek().clone() else {
            return self.fault("tag name expected");
        };
        self.at += 1;
        let what = match &*name {
            "if" => self.branches()?,
            "for" => self.for_loop()?,
            "set" => self.set()?,
            "macro" => {
                let name = self.expect_name()?;
                What::Macro(self.macro_of(name, "endmacro")?)
            }
            "call" => self.call_block()?,
            "filter" => {
                let filters = self.block_filters(true)?;
                let body = self.body_until("endfilter")?;
                What::FilterBlock { filters, body }
            }
            "with" => {
                let mut names = Vec::new();
                while !matches!(self.peek(), Token::BlockEnd) {
                    if !names.is_empty() {
                        self.expect_sign(",")?;
                    }
                    let target = self.target(&[])?;
                    self.expect_sign("=")?;
                    names.push((target, self.expression()?));
                }
                let body = self.body_until("endwith")?;
                What::With { names, body }
            }
            "block" => {
                self.expect_name()?;
                while self.take_name("scoped") || self.take_name("required") {}
                let body = self.body_until("endblock")?;
                if matches!(self.peek(), Token::Name(_)) {
                    self.at += 1;
                }
                What::Scope(body)
            }
            "generation" => What::Scope(self.body_until("endgeneration")?),
            "autoescape" => {
                if !matches!(self.expression()?.node, Node::Bool(false)) {
                    return self.fault("escaping for HTML has no place in a chat template");
                }
                What::Scope(self.body_until("endautoescape")?)
            }
            "break" | "continue" if self.loops == 0 => {
                return self.fault(format!("{name} outside of a loop"));
            }
            "break" => What::Break,
            "continue" => What::Continue,
            "print" => What::Print(self.tuple(true, &[])?),
            "extends" | "include" | "import" | "from" => {
                return self.fault(format!("`{name}` has no other template to read"));
            }
            _ => return self.fault(format!("Encountered unknown tag '{name}'.")),
        };
        self.expect_block_end()?;
        Ok(what)
    }

    fn branches(&mut self) -> Outcome<What> {
        let mut branches = Vec::new();
        loop {
            let condition = self.tuple(false, &[])?;
            self.expect_block_end()?;
            branches.push((condition, self.body(&["elif", "else", "endif"])?));
            if !self.take_name("elif") {
                break;
            }
        }
        let mut otherwise = Vec::new();
        if self.take_name("else") {
            self.expect_block_end()?;
            otherwise = self.body(&["endif"])?;
        }
        self.take_name("endif");
        Ok(What::If { branches, otherwise })
    }

    fn for_loop(&mut self) -> Outcome<What> {
        let target = self.target(&["in"])?;
        if !self.take_name("in") {
            return self.fault(format!("expected 'in', got {}", self.shown()));
        }
        let over = self.tuple(false, &["recursive"])?;
        let only = match self.take_name("if") {
            true => Some(self.expression()?),
            false => None,
        };
        let recursive = self.take_name("recursive");
        self.expect_block_end()?;
        self.loops += 1;
        let body = self.body(&["else", "endfor"])?;
        self.loops -= 1;
        let mut otherwise = Vec::new();
        if self.take_name("else") {
            self.expect_block_end()?;
            otherwise = self.body(&["endfor"])?;
        }
        self.take_name("endfor");
        Ok(What::For(Arc::new(For {
            target,
            over,
            only,
            recursive,
            body,
            otherwise,
        })))
    }

    fn set(&mut self) -> Outcome<What> {
        let target = self.target(&["="])?;
        if self.take_sign("=") {
            let value = self.tuple(true, &[])?;
            return Ok(What::Set { target, value });
        }
        let filters = self.block_filters(false)?;
        let body = self.body_until("endset")?;
        Ok(What::SetBlock { target, filters, body })
    }

    /// The filters of a block: `upper | replace('a', 'b')`, where `named` without the first bar.
    fn block_filters(&mut self, named: bool) -> Outcome<Vec<Post>> {
        let mut filters = Vec::new();
        if named {
            filters.push(self.filter()?);
        }
        while self.take_sign("|") {
            filters.push(self.filter()?);
        }
        Ok(filters)
    }

    fn call_block(&mut self) -> Outcome<What> {
        self.used.push(Used::default());
        let (names, defaults) = match self.is_sign("(") {
            true => self.signature()?,
            false => Default::default(),
        };
        let call = self.expression()?;
        if !matches!(&call.node, Node::Post(_, posts) if matches!(posts.last(), Some(Post::Call(_)))) {
            return self.fault("expected call");
        }
        let caller = self.macro_body("caller".into(), names, defaults, "endcall")?;
        Ok(What::CallBlock { call, caller })
    }

    fn macro_of(&mut self, name: Arc<str>, end: &str) -> Outcome<Arc<Macro>> {
        self.used.push(Used::default());
        let (names, defaults) = self.signature()?;
        self.macro_body(name, names, defaults, end)
    }

    fn macro_body(
        &mut self,
        name: Arc<str>,
        names: Vec<Arc<str>>,
        defaults: Vec<Expression>,
        end: &str,
    ) -> Outcome<Arc<Macro>> {
        let loops = std::mem::take(&mut self.loops);
        let body = self.body_until(end)?;
        self.loops = loops;
        let used = self.used.pop().unwrap_or_default();
        Ok(Arc::new(Macro {
            name,
            uses_caller: used.caller && !names.iter().any(|n| &**n == "caller"),
            uses_varargs: used.varargs && !names.iter().any(|n| &**n == "varargs"),
            uses_kwargs: used.kwargs && !names.iter().any(|n| &**n == "kwargs"),
            names,
            defaults,
            body,
        }))
    }

    fn signature(&mut self) -> Outcome<(Vec<Arc<str>>, Vec<Expression>)> {
        let (mut names, mut defaults) = (Vec::new(), Vec::new());
        self.expect_sign("(")?;
        while !self.take_sign(")") {
            if !names.is_empty() {
                self.expect_sign(",")?;
                if self.take_sign(")") {
                    break;
                }
            }
            names.push(self.expect_name()?);
            if self.take_sign("=") {
                defaults.push(self.expression()?);
            } else if !defaults.is_empty() {
                return self.fault("non-default argument follows default argument");
            }
        }
        Ok((names, defaults))
    }

    /// What is assigned to: a name, an attribute of a namespace, several of them.
    fn target(&mut self, ends: &[&str]) -> Outcome<Target> {
        let mut targets = Vec::new();
        let mut several = false;
        loop {
            if self.take_sign("(") {
                let inner = self.deeper(|this| this.target(&[")"]))?;
                self.expect_sign(")")?;
                targets.push(inner);
            } else {
                let name = self.expect_name()?;
                if matches!(&*name, "true" | "false" | "none" | "True" | "False" | "None") {
                    return self.fault(format!("can't assign to '{name}'"));
                }
                targets.push(match self.take_sign(".") {
                    true => Target::Attribute(name, self.expect_name()?),
                    false => Target::Name(name),
                });
            }
            if !self.take_sign(",") {
                break;
            }
            several = true;
            if ends.iter().any(|end| self.is_name(end) || self.is_sign(end)) {
                break;
            }
        }
        match (several, targets.pop()) {
            (false, Some(target)) => Ok(target),
            (_, last) => {
                targets.extend(last);
                Ok(Target::Several(targets))
            }
        }
    }
}
