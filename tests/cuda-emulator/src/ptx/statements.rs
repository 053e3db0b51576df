//! The body of a function: labels, declarations, instructions and their operands.
use super::lexer::Token;
use super::parser::{Parsed, Parser};
use super::{Instruction, Operand, Source, Statement, Type};

impl Parser {
    pub(super) fn body(&mut self) -> Parsed<Vec<Statement>> {
        let mut out = Vec::new();
        self.expect('{')?;
        let mut depth = 1;
        loop {
            if self.take('{') {
                depth += 1;
                out.push(Statement::Open);
            } else if self.take('}') {
                depth -= 1;
                if depth == 0 {
                    return Ok(out);
                }
                out.push(Statement::Close);
            } else if !self.take(';') {
                self.statement(&mut out)?;
            }
        }
    }

    fn statement(&mut self, out: &mut Vec<Statement>) -> Parsed<()> {
        let line = self.line();
        let mut guard = None;
        if self.take('@') {
            let negated = self.take('!');
            guard = Some((self.word()?, negated));
        }
        let word = self.word()?;
        match word.as_str() {
            ".reg" => {
                let ty = self.word()?;
                let ty = Type::parse(ty.trim_start_matches('.')).ok_or(format!("type {ty} is not known"))?;
                loop {
                    let name = self.word()?;
                    let mut count = None;
                    if self.take('<') {
                        count = Some(self.int()? as u32);
                        self.expect('>')?;
                    }
                    out.push(Statement::Registers { ty, name, count });
                    if !self.take(',') {
                        break;
                    }
                }
                self.expect(';')?;
            }
            ".loc" => self.location()?,
            ".pragma" => {
                self.next()?;
                self.expect(';')?;
            }
            ".local" | ".shared" | ".param" | ".const" | ".global" => {
                out.push(Statement::Variable(self.variable(&word, false)?))
            }
            _ if self.take(':') => {
                if self.is_word(".branchtargets") {
                    self.at += 1;
                    let mut labels = Vec::new();
                    while !self.take(';') {
                        labels.push(self.word()?);
                        self.take(',');
                    }
                    out.push(Statement::Targets(word, labels));
                } else {
                    out.push(Statement::Label(word));
                }
            }
            _ if word.starts_with('.') => return Err(format!("directive {word} is not known")),
            _ => {
                let mut operands = Vec::new();
                while !self.take(';') {
                    operands.push(self.operand()?);
                    if !self.take(',') && !self.is(';') && !self.is('[') && !self.is('{') {
                        return Err(format!("',' or ';' expected, not {:?}", self.peek()));
                    }
                }
                out.push(Statement::Instruction(Instruction {
                    guard,
                    opcode: word,
                    operands,
                    line,
                    source: self.source,
                }));
            }
        }
        Ok(())
    }

    /// `.loc file line column [, function_name label[+n], inlined_at file line column]`
    fn location(&mut self) -> Parsed<()> {
        let (file, line, _) = (self.int()? as u32, self.int()? as u32, self.int()?);
        let mut source = Source {
            file,
            line,
            outer: None,
        };
        if self.take(',') {
            self.word()?;
            self.word()?;
            if self.take('+') {
                self.int()?;
            }
            self.expect(',')?;
            self.word()?;
            let (file, line, _) = (self.int()? as u32, self.int()? as u32, self.int()?);
            source.outer = Some((file, line));
        }
        self.source = source;
        Ok(())
    }

    fn operand(&mut self) -> Parsed<Operand> {
        let operand = match self.next()? {
            Token::Int(value) => Operand::Int(value),
            Token::F32(bits) => Operand::F32(bits),
            Token::F64(bits) => Operand::F64(bits),
            Token::Sign('-') => match self.next()? {
                Token::Int(value) => Operand::Int(value.wrapping_neg()),
                Token::F64(bits) => Operand::F64((-f64::from_bits(bits)).to_bits()),
                other => return Err(format!("a number expected, not {other:?}")),
            },
            Token::Sign('!') => Operand::Not(Box::new(self.operand()?)),
            Token::Sign('[') => {
                let mut base = self.operand()?;
                let mut offset = 0;
                if let Operand::Offset(name, by) = base {
                    (base, offset) = (Operand::Name(name), by);
                }
                while self.take(',') {
                    self.operand()?; // coordinates of tensor maps: refused when lowered
                }
                self.expect(']')?;
                Operand::Memory(Box::new(base), offset)
            }
            Token::Sign('{') => {
                let mut parts = Vec::new();
                while !self.take('}') {
                    parts.push(self.operand()?);
                    self.take(',');
                }
                Operand::Vector(parts)
            }
            Token::Sign('(') => {
                let mut parts = Vec::new();
                while !self.take(')') {
                    parts.push(self.operand()?);
                    self.take(',');
                }
                Operand::List(parts)
            }
            Token::Word(name) => {
                if self.take('+') || self.is('-') {
                    Operand::Offset(name, self.int()?)
                } else {
                    Operand::Name(name)
                }
            }
            other => return Err(format!("an operand expected, not {other:?}")),
        };
        if self.take('|') {
            return Ok(Operand::Pair(Box::new(operand), Box::new(self.operand()?)));
        }
        Ok(operand)
    }
}
