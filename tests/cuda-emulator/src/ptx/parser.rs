//! Tokens to a `Module`, by recursive descent.
use super::lexer::{Token, tokens};
use super::{Function, Module, Source, Space, Type, Variable};

pub fn parse(text: &str) -> Result<Module, String> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        source: Source::default(),
    };
    let mut module = Module::default();
    while parser.at < parser.tokens.len() {
        parser
            .item(&mut module)
            .map_err(|what| format!("PTX line {}: {what}", parser.line()))?;
    }
    Ok(module)
}

pub(super) struct Parser {
    tokens: Vec<(Token, u32)>,
    pub(super) at: usize,
    pub(super) source: Source,
}

pub(super) type Parsed<T> = Result<T, String>;

impl Parser {
    pub(super) fn line(&self) -> u32 {
        self.tokens
            .get(self.at)
            .or(self.tokens.last())
            .map_or(0, |(_, line)| *line)
    }

    pub(super) fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    pub(super) fn next(&mut self) -> Parsed<Token> {
        let token = self.peek().cloned().ok_or("the text ends here")?;
        self.at += 1;
        Ok(token)
    }

    pub(super) fn word(&mut self) -> Parsed<String> {
        match self.next()? {
            Token::Word(word) => Ok(word),
            other => Err(format!("a name expected, not {other:?}")),
        }
    }

    pub(super) fn int(&mut self) -> Parsed<i64> {
        let negative = self.take('-');
        match self.next()? {
            Token::Int(value) if negative => Ok((value as i64).wrapping_neg()),
            Token::Int(value) => Ok(value as i64),
            other => Err(format!("an integer expected, not {other:?}")),
        }
    }

    pub(super) fn is(&self, sign: char) -> bool {
        self.peek() == Some(&Token::Sign(sign))
    }

    pub(super) fn take(&mut self, sign: char) -> bool {
        let found = self.is(sign);
        self.at += found as usize;
        found
    }

    pub(super) fn expect(&mut self, sign: char) -> Parsed<()> {
        if self.take(sign) {
            Ok(())
        } else {
            Err(format!("{sign:?} expected, not {:?}", self.peek()))
        }
    }

    pub(super) fn is_word(&self, expected: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(word)) if word == expected)
    }

    fn skip_braces(&mut self) -> Parsed<()> {
        self.expect('{')?;
        let mut depth = 1;
        while depth > 0 {
            match self.next()? {
                Token::Sign('{') => depth += 1,
                Token::Sign('}') => depth -= 1,
                _ => {}
            }
        }
        Ok(())
    }

    fn item(&mut self, module: &mut Module) -> Parsed<()> {
        let mut external = false;
        loop {
            let word = self.word()?;
            match word.as_str() {
                ".version" => {
                    let Token::F64(bits) = self.next()? else {
                        return Err("a version expected".into());
                    };
                    module.version = (f64::from_bits(bits) * 10.0).round() as u32;
                }
                ".target" => {
                    let target = self.word()?;
                    let digits: String = target
                        .trim_start_matches("sm_")
                        .chars()
                        .take_while(char::is_ascii_digit)
                        .collect();
                    module.target = digits.parse().map_err(|_| format!("target {target}"))?;
                    while self.take(',') {
                        self.word()?;
                    }
                }
                ".address_size" => {
                    self.int()?;
                }
                ".file" => {
                    let number = self.int()? as u32;
                    let Token::Text(name) = self.next()? else {
                        return Err("a file name expected".into());
                    };
                    module.files.push((number, name));
                    while self.take(',') {
                        self.next()?;
                    }
                }
                ".section" => {
                    self.word()?;
                    self.skip_braces()?;
                }
                ".pragma" => {
                    self.next()?;
                    self.expect(';')?;
                }
                ".visible" | ".weak" | ".common" => continue,
                ".extern" => {
                    external = true;
                    continue;
                }
                ".entry" | ".func" => module.functions.push(self.function(word == ".entry")?),
                ".global" | ".const" | ".shared" => module.variables.push(self.variable(&word, external)?),
                other => return Err(format!("directive {other} is not known")),
            }
            return Ok(());
        }
    }

    fn function(&mut self, kernel: bool) -> Parsed<Function> {
        let results = if self.is('(') { self.parameters()? } else { Vec::new() };
        let name = self.word()?;
        let parameters = if self.is('(') { self.parameters()? } else { Vec::new() };
        let mut max_threads = None;
        while let Some(Token::Word(word)) = self.peek() {
            let word = word.clone();
            self.at += 1;
            match word.as_str() {
                ".maxntid" | ".reqntid" => {
                    let mut product = self.int()?;
                    while self.take(',') {
                        product *= self.int()?;
                    }
                    max_threads = Some(product as u32);
                }
                ".minnctapersm" | ".maxnreg" | ".maxnctapersm" => {
                    self.int()?;
                }
                ".noreturn" => {}
                ".pragma" => {
                    self.next()?;
                    self.expect(';')?;
                }
                other => return Err(format!("directive {other} on a function is not known")),
            }
        }
        let body = if self.take(';') { None } else { Some(self.body()?) };
        Ok(Function {
            name,
            kernel,
            results,
            parameters,
            max_threads,
            body,
        })
    }

    fn parameters(&mut self) -> Parsed<Vec<Variable>> {
        let mut out = Vec::new();
        self.expect('(')?;
        while !self.take(')') {
            let word = self.word()?;
            if word == ".reg" {
                return Err("register parameters are not supported".into());
            }
            out.push(self.declaration(Space::Param, false)?);
            self.take(',');
        }
        Ok(out)
    }

    pub(super) fn variable(&mut self, space: &str, external: bool) -> Parsed<Variable> {
        let space = match space {
            ".global" => Space::Global,
            ".const" => Space::Const,
            ".shared" => Space::Shared,
            ".local" => Space::Local,
            _ => Space::Param,
        };
        let variable = self.declaration(space, external)?;
        self.expect(';')?;
        Ok(variable)
    }

    /// What follows the space: `.align 8 .b8 name[16] = {…}`.
    fn declaration(&mut self, space: Space, external: bool) -> Parsed<Variable> {
        let (mut ty, mut align, mut lanes) = (Type::B8, None, 1);
        let name = loop {
            let word = self.word()?;
            match word.as_str() {
                ".align" => align = Some(self.int()? as usize),
                ".v2" => lanes = 2,
                ".v4" => lanes = 4,
                ".ptr" | ".global" | ".shared" | ".const" | ".local" if space == Space::Param => {}
                _ if word.starts_with('.') => {
                    ty = Type::parse(word.trim_start_matches('.')).ok_or(format!("type {word} is not known"))?
                }
                _ => break word,
            }
        };
        let (mut count, mut open) = (lanes, false);
        while self.take('[') {
            if self.take(']') {
                open = true;
            } else {
                count *= self.int()? as usize;
                self.expect(']')?;
            }
        }
        let mut variable = Variable {
            name,
            space,
            bytes: if open { 0 } else { count * ty.bytes() },
            align: align.unwrap_or(ty.bytes()),
            initial: (space == Space::Const || space == Space::Global).then(Vec::new),
            relocations: Vec::new(),
            external: external || open,
        };
        if self.take('=') {
            let mut bytes = Vec::new();
            self.initial(ty, &mut bytes, &mut variable.relocations)?;
            variable.bytes = variable.bytes.max(bytes.len());
            variable.initial = Some(bytes);
        }
        Ok(variable)
    }

    fn initial(&mut self, ty: Type, bytes: &mut Vec<u8>, relocations: &mut Vec<(usize, String, i64)>) -> Parsed<()> {
        if self.take('{') {
            while !self.take('}') {
                self.initial(ty, bytes, relocations)?;
                self.take(',');
            }
            return Ok(());
        }
        let negative = self.take('-');
        let bits = match self.next()? {
            Token::Int(v) if negative => v.wrapping_neg(),
            Token::Int(v) => v,
            Token::F32(v) => v as u64,
            Token::F64(v) if ty == Type::F32 => (f64::from_bits(v) as f32).to_bits() as u64,
            Token::F64(v) => v,
            Token::Word(mut name) => {
                if name == "generic" {
                    self.expect('(')?;
                    name = self.word()?;
                    self.expect(')')?;
                }
                let addend = if self.take('+') { self.int()? } else { 0 };
                relocations.push((bytes.len(), name, addend));
                0
            }
            other => return Err(format!("an initial value expected, not {other:?}")),
        };
        bytes.extend_from_slice(&bits.to_le_bytes()[..ty.bytes()]);
        Ok(())
    }
}
