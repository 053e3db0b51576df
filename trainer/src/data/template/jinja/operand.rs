//! Tokens to operands: literals, names, brackets, and what stands behind them.

use super::ast::{Arguments, Expression, Node, Post};
use super::lexer::Token;
use super::parser::Parser;
use super::value::Outcome;

impl Parser {
    pub fn primary(&mut self) -> Outcome<Expression> {
        let line = self.line();
        let node = match self.peek().clone() {
            Token::Name(_) => {
                let name = self.expect_name()?;
                match &*name {
                    "true" | "True" => Node::Bool(true),
                    "false" | "False" => Node::Bool(false),
                    "none" | "None" => Node::None,
                    _ => Node::Name(name),
                }
            }
            Token::Str(text) => {
                self.next();
                let mut text = text;
                while let Token::Str(more) = self.peek().clone() {
                    self.next();
                    text = [&*text, &*more].concat().into();
                }
                Node::Str(text)
            }
            Token::Int(n) => {
                self.next();
                Node::Int(n)
            }
            Token::Float(f) => {
                self.next();
                Node::Float(f)
            }
            Token::Sign("(") => {
                self.next();
                let inner = match self.is_sign(")") {
                    true => Expression {
                        line,
                        node: Node::Tuple(Vec::new()),
                    },
                    false => self.tuple(true, &[])?,
                };
                self.expect_sign(")")?;
                inner.node
            }
            Token::Sign("[") => {
                self.next();
                let mut items = Vec::new();
                while !self.take_sign("]") {
                    if !items.is_empty() {
                        self.expect_sign(",")?;
                        if self.take_sign("]") {
                            break;
                        }
                    }
                    items.push(self.expression()?);
                }
                Node::List(items)
            }
            Token::Sign("{") => {
                self.next();
                let mut entries = Vec::new();
                while !self.take_sign("}") {
                    if !entries.is_empty() {
                        self.expect_sign(",")?;
                        if self.take_sign("}") {
                            break;
                        }
                    }
                    let key = self.expression()?;
                    self.expect_sign(":")?;
                    entries.push((key, self.expression()?));
                }
                Node::Dict(entries)
            }
            _ => return self.fault("unexpected end or sign where a value should be"),
        };
        Ok(Expression { line, node })
    }

    pub fn postfix(&mut self, posts: &mut Vec<Post>) -> Outcome<()> {
        loop {
            if self.take_sign(".") {
                match self.peek().clone() {
                    Token::Name(_) => posts.push(Post::Attribute(self.expect_name()?)),
                    Token::Int(n) => {
                        let line = self.line();
                        self.next();
                        posts.push(Post::Item(Expression {
                            line,
                            node: Node::Int(n),
                        }));
                    }
                    _ => return self.fault("expected name or number"),
                }
            } else if self.take_sign("[") {
                posts.push(self.subscript()?);
            } else if self.is_sign("(") {
                posts.push(Post::Call(self.arguments()?));
            } else {
                return Ok(());
            }
        }
    }

    pub fn subscript(&mut self) -> Outcome<Post> {
        let line = self.line();
        let mut items = Vec::new();
        while !self.take_sign("]") {
            if !items.is_empty() {
                self.expect_sign(",")?;
            }
            items.push(self.subscribed()?);
        }
        match (items.len(), items.pop()) {
            (1, Some(post)) => Ok(post),
            (0, _) => self.fault("expected subscript expression"),
            (_, last) => {
                let tuple: Option<Vec<Expression>> = items
                    .into_iter()
                    .chain(last)
                    .map(|post| match post {
                        Post::Item(item) => Some(item),
                        _ => None,
                    })
                    .collect();
                match tuple {
                    Some(tuple) => Ok(Post::Item(Expression {
                        line,
                        node: Node::Tuple(tuple),
                    })),
                    None => self.fault("a slice in several dimensions"),
                }
            }
        }
    }

    pub fn subscribed(&mut self) -> Outcome<Post> {
        let mut parts: [Option<Expression>; 3] = [None, None, None];
        let mut slice = false;
        for (i, part) in parts.iter_mut().enumerate() {
            if !(self.is_sign(":") || self.is_sign("]") || self.is_sign(",")) {
                *part = Some(self.expression()?);
            }
            if i < 2 && self.take_sign(":") {
                slice = true;
            } else {
                break;
            }
        }
        match (slice, parts) {
            (true, parts) => Ok(Post::Slice(Box::new(parts))),
            (false, [Some(item), ..]) => Ok(Post::Item(item)),
            (false, _) => self.fault("expected subscript expression"),
        }
    }

    /// Filters and tests, and what may be called after them.
    pub fn filters(&mut self, posts: &mut Vec<Post>) -> Outcome<()> {
        loop {
            if self.take_sign("|") {
                let filter = self.filter()?;
                posts.push(filter);
            } else if self.take_name("is") {
                let test = self.test()?;
                posts.push(test);
            } else if self.is_sign("(") {
                posts.push(Post::Call(self.arguments()?));
            } else {
                return Ok(());
            }
        }
    }

    pub fn test(&mut self) -> Outcome<Post> {
        let negated = self.take_name("not");
        let name = self.dotted_name()?;
        let mut arguments = Arguments::default();
        let takes = match self.peek() {
            Token::Name(name) => !matches!(
                &**name,
                "else" | "or" | "and" | "if" | "is" | "in" | "not" | "recursive"
            ),
            Token::Str(_) | Token::Int(_) | Token::Float(_) => true,
            Token::Sign(sign) => matches!(*sign, "[" | "{"),
            _ => false,
        };
        if self.is_sign("(") {
            arguments = self.arguments()?;
        } else if takes {
            let line = self.line();
            let inner = self.primary()?;
            let mut posts = Vec::new();
            self.postfix(&mut posts)?;
            arguments.positional.push(match posts.is_empty() {
                true => inner,
                false => Expression {
                    line,
                    node: Node::Post(Box::new(inner), posts),
                },
            });
        }
        Ok(Post::Test {
            name,
            arguments,
            negated,
        })
    }

    pub fn arguments(&mut self) -> Outcome<Arguments> {
        let mut out = Arguments::default();
        self.expect_sign("(")?;
        let mut first = true;
        while !self.take_sign(")") {
            if !first {
                self.expect_sign(",")?;
                if self.take_sign(")") {
                    break;
                }
            }
            first = false;
            if self.take_sign("*") {
                out.list = Some(Box::new(self.expression()?));
            } else if self.take_sign("**") {
                out.dict = Some(Box::new(self.expression()?));
            } else if matches!(self.peek(), Token::Name(_)) && matches!(self.peek_after(), Token::Sign("=")) {
                let name = self.expect_name()?;
                self.next();
                out.named.push((name, self.expression()?));
            } else if out.named.is_empty() && out.dict.is_none() {
                out.positional.push(self.expression()?);
            } else {
                return self.fault("invalid syntax for function call expression");
            }
        }
        Ok(out)
    }
}
