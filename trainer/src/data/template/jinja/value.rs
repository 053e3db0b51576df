//! The values of templates: Python's, as far as a chat template sees them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::run::{LoopState, MacroValue};

/// Containers within containers, at most: what walks them recurses.
const NESTING: u32 = 150;
/// Entries from which on a map keeps an index of its keys.
const INDEXED: usize = 16;

/// Why a template can't be read or refuses what it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub message: String,
    /// The line it was noticed on; 0: not known yet.
    pub line: u32,
}

pub type Outcome<T> = Result<T, Fault>;

impl Fault {
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            line: 0,
        }
    }

    /// The same with the line, where none is known.
    pub fn at(mut self, line: u32) -> Self {
        if self.line == 0 {
            self.line = line;
        }
        self
    }
}

/// A value.
#[derive(Clone)]
pub enum Value {
    /// What a name or attribute that isn't there gives: empty, false, and a fault as soon as it is worked with.
    Undefined(Rc<str>),
    None,
    Bool(bool),
    Int(i128),
    Float(f64),
    Str(Arc<str>),
    List(Rc<List>),
    Tuple(Rc<List>),
    Map(Rc<Map>),
    /// `namespace(…)`, whose attributes a template may set.
    Namespace(Rc<RefCell<Map>>),
    /// A method of a value, not called yet.
    Method(Rc<Method>),
    Function(Function),
    Macro(Rc<MacroValue>),
    Loop(Rc<LoopState>),
    Cycler(Rc<Cycler>),
    Joiner(Rc<Joiner>),
}

/// The items of a list or tuple.
pub struct List {
    pub items: Vec<Value>,
    depth: u32,
}

/// A dict: entries in their order.
#[derive(Default)]
pub struct Map {
    entries: Vec<(Value, Value)>,
    index: HashMap<Arc<str>, usize>,
    depth: u32,
}

pub struct Method {
    pub of: Value,
    pub name: Arc<str>,
}

/// The functions that every template may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    Range,
    Dict,
    Namespace,
    Cycler,
    Joiner,
    Raise,
    Now,
}

pub struct Cycler {
    pub items: Vec<Value>,
    pub at: RefCell<usize>,
}

pub struct Joiner {
    pub between: Arc<str>,
    pub used: RefCell<bool>,
}

impl Value {
    pub fn str(text: impl AsRef<str>) -> Self {
        Self::Str(Arc::from(text.as_ref()))
    }

    pub fn list(items: Vec<Value>) -> Outcome<Self> {
        List::new(items).map(Self::List)
    }

    pub fn tuple(items: Vec<Value>) -> Outcome<Self> {
        List::new(items).map(Self::Tuple)
    }

    /// A dict of names.
    pub fn dict<'a>(entries: impl IntoIterator<Item = (&'a str, Value)>) -> Outcome<Self> {
        let mut map = Map::default();
        for (key, value) in entries {
            map.insert(Self::str(key), value)?;
        }
        Ok(Self::Map(Rc::new(map)))
    }

    pub fn undefined(name: &str) -> Self {
        Self::Undefined(format!("'{name}' is undefined").into())
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number; true and false are 1 and 0.
    pub fn as_int(&self) -> Option<i128> {
        match self {
            Self::Int(n) => Some(*n),
            Self::Bool(b) => Some(i128::from(*b)),
            _ => None,
        }
    }

    pub fn as_float(&self) -> Option<f64> {
        match self {
            Self::Float(f) => Some(*f),
            _ => self.as_int().map(|n| n as f64),
        }
    }

    pub fn is_undefined(&self) -> bool {
        matches!(self, Self::Undefined(_))
    }

    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// The entry of a dict.
    pub fn get(&self, key: &str) -> Option<Value> {
        match self {
            Self::Map(map) => map.get(&Self::str(key)).cloned(),
            _ => None,
        }
    }

    /// Python's `str(…)`.
    pub fn python(&self) -> String {
        super::python::text(self)
    }

    /// Python's name of the type.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Undefined(_) => "Undefined",
            Self::None => "NoneType",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Str(_) => "str",
            Self::List(_) => "list",
            Self::Tuple(_) => "tuple",
            Self::Map(_) => "dict",
            Self::Namespace(_) => "Namespace",
            Self::Method(_) => "builtin_function_or_method",
            Self::Function(_) => "function",
            Self::Macro(_) => "Macro",
            Self::Loop(_) => "LoopContext",
            Self::Cycler(_) => "Cycler",
            Self::Joiner(_) => "Joiner",
        }
    }

    /// As `for` walks it.
    pub fn iterate(&self) -> Outcome<Vec<Value>> {
        Ok(match self {
            Self::Undefined(_) => Vec::new(),
            Self::Str(text) => text.chars().map(|c| Self::str(c.encode_utf8(&mut [0; 4]))).collect(),
            Self::List(list) | Self::Tuple(list) => list.items.clone(),
            Self::Map(map) => map.keys().cloned().collect(),
            other => return Err(Fault::new(format!("'{}' object is not iterable", other.kind()))),
        })
    }

    /// `len(…)`; `None` where there is none.
    pub fn length(&self) -> Option<usize> {
        match self {
            Self::Undefined(_) => Some(0),
            Self::Str(text) => Some(text.chars().count()),
            Self::List(list) | Self::Tuple(list) => Some(list.items.len()),
            Self::Map(map) => Some(map.len()),
            Self::Loop(state) => Some(state.items.len()),
            _ => None,
        }
    }

    /// Python's `bool(…)`.
    pub fn truth(&self) -> bool {
        match self {
            Self::None => false,
            Self::Bool(b) => *b,
            Self::Int(n) => *n != 0,
            Self::Float(f) => *f != 0.0,
            Self::Str(text) => !text.is_empty(),
            other => other.length().is_none_or(|n| n > 0),
        }
    }

    /// Whether it is worked with: undefined ones fail then.
    pub fn defined(&self) -> Outcome<&Self> {
        match self {
            Self::Undefined(why) => Err(Fault::new(&**why)),
            other => Ok(other),
        }
    }

    fn depth(&self) -> u32 {
        match self {
            Self::List(list) | Self::Tuple(list) => list.depth,
            Self::Map(map) => map.depth,
            Self::Namespace(map) => map.try_borrow().map_or(0, |m| m.depth),
            Self::Method(method) => method.of.depth() + 1,
            _ => 0,
        }
    }
}

fn nested(depth: u32) -> Outcome<u32> {
    match depth >= NESTING {
        true => Err(Fault::new("values nest too deeply")),
        false => Ok(depth + 1),
    }
}

impl List {
    fn new(items: Vec<Value>) -> Outcome<Rc<Self>> {
        let depth = nested(items.iter().map(Value::depth).max().unwrap_or(0))?;
        Ok(Rc::new(Self { items, depth }))
    }
}

impl Map {
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn entries(&self) -> &[(Value, Value)] {
        &self.entries
    }

    pub fn keys(&self) -> impl Iterator<Item = &Value> {
        self.entries.iter().map(|(key, _)| key)
    }

    pub fn get(&self, key: &Value) -> Option<&Value> {
        self.find(key).map(|at| &self.entries[at].1)
    }

    pub fn insert(&mut self, key: Value, value: Value) -> Outcome<()> {
        if matches!(key, Value::List(_) | Value::Map(_) | Value::Namespace(_)) {
            return Err(Fault::new(format!("unhashable type: '{}'", key.kind())));
        }
        self.depth = self.depth.max(nested(value.depth().max(key.depth()))?);
        match self.find(&key) {
            Some(at) => self.entries[at].1 = value,
            None => {
                self.entries.push((key, value));
                let from = match self.entries.len() {
                    INDEXED => 0,
                    n if n > INDEXED => n - 1,
                    _ => return Ok(()),
                };
                for at in from..self.entries.len() {
                    if let Value::Str(text) = &self.entries[at].0 {
                        self.index.insert(Arc::clone(text), at);
                    }
                }
            }
        }
        Ok(())
    }

    fn find(&self, key: &Value) -> Option<usize> {
        if let Value::Str(text) = key
            && self.entries.len() >= INDEXED
        {
            return self.index.get(text).copied();
        }
        self.entries.iter().position(|(k, _)| super::ops::equal(k, key))
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&super::python::repr(self))
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        super::ops::equal(self, other)
    }
}
