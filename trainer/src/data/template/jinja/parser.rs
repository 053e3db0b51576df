//! Tokens to statements. Expressions are `expression.rs`'s.

use std::sync::Arc;

use super::ast::{Arguments, Body, Expression, For, Macro, Node, Post, Statement, Target, What};
use super::lexer::{Placed, Token, tokens};
use super::value::{Fault, Outcome};

/// Nesting of blocks and brackets: what reads them recurses.
const DEPTH: u32 = 60;

pub struct Parser {
    tokens: Vec<Placed>,
    at: usize,
    depth: u32,
    loops: u32,
    /// Of the macros being read: which of these names they use.
    used: Vec<Used>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Used {
    caller: bool,
    varargs: bool,
    kwargs: bool,
}

/// Reads a whole template.
pub fn parse(source: &str) -> Outcome<Body> {
    let mut parser = Parser {
        tokens: tokens(source)?,
        at: 0,
        depth: 0,
        loops: 0,
        used: Vec::new(),
    };
    let body = parser.body(&[])?;
    match parser.peek() {
        Token::End => Ok(body),
        _ => parser.fault("a block ends that did not begin"),
    }
}

impl Parser {
    pub fn peek(&self) -> &Token {
        self.tokens.get(self.at).map_or(&Token::End, |p| &p.token)
    }

    pub fn peek_after(&self) -> &Token {
        self.tokens.get(self.at + 1).map_or(&Token::End, |p| &p.token)
    }

    pub fn line(&self) -> u32 {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(0, |p| p.line)
    }

    pub fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    pub fn fault<T>(&self, message: impl Into<String>) -> Outcome<T> {
        Err(Fault::new(message).at(self.line()))
    }

    pub fn is_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Token::Sign(s) if *s == sign)
    }

    pub fn is_name(&self, name: &str) -> bool {
        matches!(self.peek(), Token::Name(n) if &**n == name)
    }

    pub fn take_sign(&mut self, sign: &str) -> bool {
        let found = self.is_sign(sign);
        self.at += usize::from(found);
        found
    }

    pub fn take_name(&mut self, name: &str) -> bool {
        let found = self.is_name(name);
        self.at += usize::from(found);
        found
    }

    pub fn expect_sign(&mut self, sign: &str) -> Outcome<()> {
        match self.take_sign(sign) {
            true => Ok(()),
            false => self.fault(format!("expected '{sign}', got {}", self.shown())),
        }
    }

    pub fn expect_name(&mut self) -> Outcome<Arc<str>> {
        if let Token::Name(name) = self.peek() {
            let name = Arc::clone(name);
            self.at += 1;
            if let Some(used) = self.used.last_mut() {
                used.caller |= &*name == "caller";
                used.varargs |= &*name == "varargs";
                used.kwargs |= &*name == "kwargs";
            }
            return Ok(name);
        }
        self.fault(format!("expected a name, got {}", self.shown()))
    }

    fn shown(&self) -> String {
        match self.peek() {
            Token::Name(name) => format!("'{name}'"),
            Token::Sign(sign) => format!("'{sign}'"),
            Token::Str(text) => format!("the text '{text}'"),
            Token::Int(n) => n.to_string(),
            Token::Float(f) => f.to_string(),
            Token::BlockEnd => "end of statement block".into(),
            Token::PrintEnd => "end of print statement".into(),
            _ => "end of template".into(),
        }
    }

    pub fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        if self.depth >= DEPTH {
            return self.fault("the template nests too deeply");
        }
        self.depth += 1;
        let done = read(self);
        self.depth -= 1;
        done
    }

    fn expect_block_end(&mut self) -> Outcome<()> {
        match self.peek() {
            Token::BlockEnd => {
                self.at += 1;
                Ok(())
            }
            _ => self.fault(format!("expected '%}}', got {}", self.shown())),
        }
    }

    /// Statements up to a tag named in `ends`, whose name is next.
    fn body(&mut self, ends: &[&str]) -> Outcome<Body> {
        self.deeper(|this| {
            let mut body = Vec::new();
            loop {
                let line = this.line();
                match this.peek().clone() {
                    Token::Text(text) => {
                        this.at += 1;
                        body.push(Statement {
                            line,
                            what: What::Text(text),
                        });
                    }
                    Token::PrintBegin => {
                        this.at += 1;
                        let value = this.tuple(true, &[])?;
                        if this.next() != Token::PrintEnd {
                            this.at -= 1;
                            return this.fault(format!("expected '}}}}', got {}", this.shown()));
                        }
                        body.push(Statement {
                            line,
                            what: What::Print(value),
                        });
                    }
                    Token::BlockBegin => {
                        this.at += 1;
                        if ends.iter().any(|end| this.is_name(end)) {
                            return Ok(body);
                        }
                        let what = this.statement()?;
                        body.push(Statement { line, what });
                    }
                    _ if ends.is_empty() => return Ok(body),
                    _ => return this.fault(format!("expected {{% {} %}}, got {}", ends.join(" or "), this.shown())),
                }
            }
        })
    }

    /// A body, its end tag taken.
    fn body_until(&mut self, end: &str) -> Outcome<Body> {
        self.expect_block_end()?;
        let body = self.body(&[end])?;
        self.take_name(end);
        Ok(body)
    }

    fn statement(&mut self) -> Outcome<What> {
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

    pub fn filter(&mut self) -> Outcome<Post> {
        let name = self.dotted_name()?;
        let arguments = match self.is_sign("(") {
            true => self.arguments()?,
            false => Arguments::default(),
        };
        Ok(Post::Filter(name, arguments))
    }

    pub fn dotted_name(&mut self) -> Outcome<Arc<str>> {
        let mut name = self.expect_name()?;
        while self.take_sign(".") {
            name = format!("{name}.{}", self.expect_name()?).into();
        }
        Ok(name)
    }
}
