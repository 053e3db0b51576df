//! PTX text as a tree: modules, functions, statements. Knows syntax only; what instructions mean is `lower`'s.
mod lexer;
mod parser;
mod statements;

pub use parser::parse;

/// A parsed PTX file.
#[derive(Debug, Default)]
pub struct Module {
    /// PTX ISA version times ten: 80 for 8.0.
    pub version: u32,
    /// The `NN` of `.target sm_NN`.
    pub target: u32,
    pub files: Vec<(u32, String)>,
    pub variables: Vec<Variable>,
    pub functions: Vec<Function>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    Generic,
    Global,
    Shared,
    Local,
    Const,
    Param,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[rustfmt::skip]
pub enum Type { Pred, B8, B16, B32, B64, B128, U8, U16, U32, U64, S8, S16, S32, S64, F16, F16x2, Bf16, Bf16x2, Tf32, F32, F64 }

impl Type {
    pub fn parse(name: &str) -> Option<Type> {
        use Type::*;
        #[rustfmt::skip]
        let ty = match name {
            "pred" => Pred,
            "b8" => B8, "b16" => B16, "b32" => B32, "b64" => B64, "b128" => B128,
            "u8" => U8, "u16" => U16, "u32" => U32, "u64" => U64,
            "s8" => S8, "s16" => S16, "s32" => S32, "s64" => S64,
            "f16" => F16, "f16x2" => F16x2, "bf16" => Bf16, "bf16x2" => Bf16x2, "tf32" => Tf32, "f32" => F32, "f64" => F64,
            _ => return None,
        };
        Some(ty)
    }

    pub fn bytes(self) -> usize {
        use Type::*;
        match self {
            Pred | B8 | U8 | S8 => 1,
            B16 | U16 | S16 | F16 | Bf16 => 2,
            B32 | U32 | S32 | F32 | F16x2 | Bf16x2 | Tf32 => 4,
            B64 | U64 | S64 | F64 => 8,
            B128 => 16,
        }
    }

    pub fn signed(self) -> bool {
        matches!(self, Type::S8 | Type::S16 | Type::S32 | Type::S64)
    }
}

/// A named piece of memory: a global, a shared array, a kernel's parameter.
#[derive(Debug, Clone)]
pub struct Variable {
    pub name: String,
    pub space: Space,
    pub bytes: usize,
    pub align: usize,
    /// Initial bytes, shorter than `bytes` where the rest is zero; `None`: not initialised.
    pub initial: Option<Vec<u8>>,
    /// Places in `initial` that hold another variable's address: (at, name, addend).
    pub relocations: Vec<(usize, String, i64)>,
    /// `.extern .shared x[]`: the launch gives the size.
    pub external: bool,
}

#[derive(Debug)]
pub struct Function {
    pub name: String,
    pub kernel: bool,
    pub results: Vec<Variable>,
    pub parameters: Vec<Variable>,
    /// The product of `.maxntid` or `.reqntid`.
    pub max_threads: Option<u32>,
    /// `None`: declared only.
    pub body: Option<Vec<Statement>>,
}

#[derive(Debug)]
pub enum Statement {
    Open,
    Close,
    Label(String),
    Registers {
        ty: Type,
        name: String,
        count: Option<u32>,
    },
    Variable(Variable),
    /// A list of labels for `brx.idx`.
    Targets(String, Vec<String>),
    Instruction(Instruction),
}

#[derive(Debug)]
pub struct Instruction {
    pub guard: Option<(String, bool)>,
    /// With its suffixes, as written.
    pub opcode: String,
    pub operands: Vec<Operand>,
    pub line: u32,
    pub source: Source,
}

/// Where an instruction comes from; `outer` is the line of the kernel that the code was inlined at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Source {
    pub file: u32,
    pub line: u32,
    pub outer: Option<(u32, u32)>,
}

#[derive(Debug, Clone)]
pub enum Operand {
    Name(String),
    Int(u64),
    F32(u32),
    F64(u64),
    /// `[base+offset]`
    Memory(Box<Operand>, i64),
    /// `name+offset`, outside brackets
    Offset(String, i64),
    Vector(Vec<Operand>),
    /// `a|b`
    Pair(Box<Operand>, Box<Operand>),
    Not(Box<Operand>),
    List(Vec<Operand>),
}
