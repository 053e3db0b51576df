//! A template as a tree. Chains (sums, filters, attributes) are flat, so that a long one is no deep one.

use std::sync::Arc;

pub type Body = Vec<Statement>;

#[derive(Debug)]
pub struct Statement {
    pub line: u32,
    pub what: What,
}

#[derive(Debug)]
pub enum What {
    Text(Arc<str>),
    Print(Expression),
    If {
        branches: Vec<(Expression, Body)>,
        otherwise: Body,
    },
    For(Arc<For>),
    Set {
        target: Target,
        value: Expression,
    },
    /// `{% set x %}…{% endset %}`, its text through filters.
    SetBlock {
        target: Target,
        filters: Vec<Post>,
        body: Body,
    },
    Macro(Arc<Macro>),
    /// `{% call(x) f() %}…{% endcall %}`.
    CallBlock {
        call: Expression,
        caller: Arc<Macro>,
    },
    FilterBlock {
        filters: Vec<Post>,
        body: Body,
    },
    With {
        names: Vec<(Target, Expression)>,
        body: Body,
    },
    /// A part with names of its own: `{% block %}`, `{% generation %}`, `{% autoescape false %}`.
    Scope(Body),
    Break,
    Continue,
}

#[derive(Debug)]
pub struct For {
    pub target: Target,
    pub over: Expression,
    pub only: Option<Expression>,
    pub recursive: bool,
    pub body: Body,
    pub otherwise: Body,
}

#[derive(Debug)]
pub struct Macro {
    pub name: Arc<str>,
    pub names: Vec<Arc<str>>,
    /// Of the last names.
    pub defaults: Vec<Expression>,
    pub body: Body,
    pub uses_caller: bool,
    pub uses_varargs: bool,
    pub uses_kwargs: bool,
}

#[derive(Debug)]
pub enum Target {
    Name(Arc<str>),
    /// `namespace.attribute`.
    Attribute(Arc<str>, Arc<str>),
    Several(Vec<Target>),
}

#[derive(Debug)]
pub struct Expression {
    pub line: u32,
    pub node: Node,
}

#[derive(Debug)]
pub enum Node {
    Name(Arc<str>),
    None,
    Bool(bool),
    Int(i128),
    Float(f64),
    Str(Arc<str>),
    List(Vec<Expression>),
    Tuple(Vec<Expression>),
    Dict(Vec<(Expression, Expression)>),
    If {
        condition: Box<Expression>,
        then: Box<Expression>,
        otherwise: Option<Box<Expression>>,
    },
    Or(Vec<Expression>),
    And(Vec<Expression>),
    Not(Box<Expression>),
    Minus(Box<Expression>),
    Plus(Box<Expression>),
    Compare(Box<Expression>, Vec<(Comparison, Expression)>),
    /// Left to right.
    Chain(Box<Expression>, Vec<(Operator, Expression)>),
    /// `a ~ b ~ c`.
    Concat(Vec<Expression>),
    Post(Box<Expression>, Vec<Post>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    Unequal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    NotIn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Remainder,
    Power,
}

/// What stands after an expression and works on it.
#[derive(Debug)]
pub enum Post {
    Attribute(Arc<str>),
    Item(Expression),
    Slice(Box<[Option<Expression>; 3]>),
    Call(Arguments),
    Filter(Arc<str>, Arguments),
    Test {
        name: Arc<str>,
        arguments: Arguments,
        negated: bool,
    },
}

#[derive(Debug, Default)]
pub struct Arguments {
    pub positional: Vec<Expression>,
    pub named: Vec<(Arc<str>, Expression)>,
    /// `*list`.
    pub list: Option<Box<Expression>>,
    /// `**dict`.
    pub dict: Option<Box<Expression>>,
}
