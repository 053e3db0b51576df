//! Tokens to a template: its text and its blocks. Statements are `parser/statement.rs`, expressions `expression.rs`.

mod statement;

use std::sync::Arc;

use super::ast::{Arguments, Body, Post, Statement, What};
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
