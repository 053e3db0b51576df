//! Tokens to expressions, in Jinja's order of precedence.

use super::ast::{Comparison, Expression, Node, Operator};
use super::lexer::Token;
use super::parser::Parser;
use super::value::Outcome;

impl Parser {
    /// Several expressions with commas are a tuple. `conditional`: whether `a if b else c` may stand without brackets.
    pub fn tuple(&mut self, conditional: bool, ends: &[&str]) -> Outcome<Expression> {
        let line = self.line();
        let mut items = Vec::new();
        let mut several = false;
        loop {
            let over = match self.peek() {
                Token::PrintEnd | Token::BlockEnd | Token::End => true,
                Token::Sign(sign) => *sign == ")",
                Token::Name(name) => ends.contains(&&**name),
                _ => false,
            };
            if over {
                break;
            }
            items.push(match conditional {
                true => self.expression()?,
                false => self.deeper(Self::or)?,
            });
            if !self.take_sign(",") {
                break;
            }
            several = true;
        }
        match (several, items.pop()) {
            (false, Some(item)) => Ok(item),
            (false, None) => self.fault("Expected an expression"),
            (true, last) => {
                items.extend(last);
                Ok(Expression {
                    line,
                    node: Node::Tuple(items),
                })
            }
        }
    }

    pub fn expression(&mut self) -> Outcome<Expression> {
        self.deeper(|this| {
            let line = this.line();
            let mut left = this.or()?;
            let mut wrapped = 0;
            while this.take_name("if") {
                wrapped += 1;
                if wrapped > 8 {
                    return this.fault("the template nests too deeply");
                }
                let condition = Box::new(this.or()?);
                let otherwise = match this.take_name("else") {
                    true => Some(Box::new(this.expression()?)),
                    false => None,
                };
                left = Expression {
                    line,
                    node: Node::If {
                        condition,
                        then: Box::new(left),
                        otherwise,
                    },
                };
            }
            Ok(left)
        })
    }

    fn or(&mut self) -> Outcome<Expression> {
        self.row("or", Self::and, Node::Or)
    }

    fn and(&mut self) -> Outcome<Expression> {
        self.row("and", Self::not, Node::And)
    }

    fn row(
        &mut self,
        word: &str,
        read: fn(&mut Self) -> Outcome<Expression>,
        node: fn(Vec<Expression>) -> Node,
    ) -> Outcome<Expression> {
        let line = self.line();
        let first = read(self)?;
        if !self.is_name(word) {
            return Ok(first);
        }
        let mut list = vec![first];
        while self.take_name(word) {
            list.push(read(self)?);
        }
        Ok(Expression { line, node: node(list) })
    }

    fn not(&mut self) -> Outcome<Expression> {
        let line = self.line();
        if self.take_name("not") {
            let inner = self.deeper(Self::not)?;
            return Ok(Expression {
                line,
                node: Node::Not(Box::new(inner)),
            });
        }
        self.compare()
    }

    fn compare(&mut self) -> Outcome<Expression> {
        let line = self.line();
        let first = self.sum()?;
        let mut rest = Vec::new();
        loop {
            let found = match self.peek() {
                Token::Sign("==") => Comparison::Equal,
                Token::Sign("!=") => Comparison::Unequal,
                Token::Sign("<") => Comparison::Less,
                Token::Sign("<=") => Comparison::LessEqual,
                Token::Sign(">") => Comparison::Greater,
                Token::Sign(">=") => Comparison::GreaterEqual,
                Token::Name(name) if &**name == "in" => Comparison::In,
                Token::Name(name)
                    if &**name == "not" && matches!(self.peek_after(), Token::Name(n) if &**n == "in") =>
                {
                    self.next();
                    Comparison::NotIn
                }
                _ => break,
            };
            self.next();
            rest.push((found, self.sum()?));
        }
        Ok(match rest.is_empty() {
            true => first,
            false => Expression {
                line,
                node: Node::Compare(Box::new(first), rest),
            },
        })
    }

    fn sum(&mut self) -> Outcome<Expression> {
        self.chain(&[("+", Operator::Add), ("-", Operator::Subtract)], Self::concat)
    }

    fn concat(&mut self) -> Outcome<Expression> {
        let line = self.line();
        let first = self.product()?;
        if !self.is_sign("~") {
            return Ok(first);
        }
        let mut list = vec![first];
        while self.take_sign("~") {
            list.push(self.product()?);
        }
        Ok(Expression {
            line,
            node: Node::Concat(list),
        })
    }

    fn product(&mut self) -> Outcome<Expression> {
        let signs = [
            ("*", Operator::Multiply),
            ("/", Operator::Divide),
            ("//", Operator::FloorDivide),
            ("%", Operator::Remainder),
        ];
        self.chain(&signs, Self::power)
    }

    fn power(&mut self) -> Outcome<Expression> {
        self.chain(&[("**", Operator::Power)], |this| this.unary(true))
    }

    fn chain(&mut self, signs: &[(&str, Operator)], read: fn(&mut Self) -> Outcome<Expression>) -> Outcome<Expression> {
        let line = self.line();
        let first = read(self)?;
        let mut rest = Vec::new();
        while let Some((_, operator)) = signs.iter().find(|(sign, _)| self.is_sign(sign)) {
            self.next();
            rest.push((*operator, read(self)?));
        }
        Ok(match rest.is_empty() {
            true => first,
            false => Expression {
                line,
                node: Node::Chain(Box::new(first), rest),
            },
        })
    }

    fn unary(&mut self, filters: bool) -> Outcome<Expression> {
        let line = self.line();
        let node = if self.take_sign("-") {
            Node::Minus(Box::new(self.deeper(|this| this.unary(false))?))
        } else if self.take_sign("+") {
            Node::Plus(Box::new(self.deeper(|this| this.unary(false))?))
        } else {
            self.primary()?.node
        };
        let mut posts = Vec::new();
        self.postfix(&mut posts)?;
        if filters {
            self.filters(&mut posts)?;
        }
        let bare = Expression { line, node };
        Ok(match posts.is_empty() {
            true => bare,
            false => Expression {
                line,
                node: Node::Post(Box::new(bare), posts),
            },
        })
    }
}
