//! Expressions to values.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::args::Args;
use super::ast::{Arguments, Expression, Node, Post};
use super::checks;
use super::filters;
use super::functions;
use super::limits::Limits;
use super::methods;
use super::ops;
use super::python;
use super::run::Scope;
use super::value::{Fault, Map, Method, Outcome, Value};
use crate::data::template::Moment;

/// One rendering.
pub struct Eval<'a> {
    pub limits: &'a Limits,
    pub now: Moment,
    pub out: RefCell<String>,
    /// Scopes that macros hold on to; emptied at the end, because the macros lie in them.
    pub held: RefCell<Vec<Rc<Scope>>>,
}

impl Eval<'_> {
    pub fn value(&self, expression: &Expression, scope: &Rc<Scope>) -> Outcome<Value> {
        self.limits.step()?;
        self.limits
            .deeper(|| self.node(&expression.node, scope))
            .map_err(|fault| fault.at(expression.line))
    }

    fn node(&self, node: &Node, scope: &Rc<Scope>) -> Outcome<Value> {
        match node {
            Node::Name(name) => Ok(self.name(name, scope)),
            Node::None => Ok(Value::None),
            Node::Bool(b) => Ok(Value::Bool(*b)),
            Node::Int(n) => Ok(Value::Int(*n)),
            Node::Float(f) => Ok(Value::Float(*f)),
            Node::Str(text) => Ok(Value::Str(Arc::clone(text))),
            Node::List(items) => Value::list(self.values(items, scope)?),
            Node::Tuple(items) => Value::tuple(self.values(items, scope)?),
            Node::Dict(entries) => self.dict(entries, scope),
            Node::If {
                condition,
                then,
                otherwise,
            } => match (self.value(condition, scope)?.truth(), otherwise) {
                (true, _) => self.value(then, scope),
                (false, Some(otherwise)) => self.value(otherwise, scope),
                (false, None) => Ok(Value::Undefined(
                    "the inline if-expression evaluated to false and no else section was defined.".into(),
                )),
            },
            Node::Or(list) => self.first(list, true, scope),
            Node::And(list) => self.first(list, false, scope),
            Node::Not(inner) => Ok(Value::Bool(!self.value(inner, scope)?.truth())),
            Node::Minus(inner) => self.signed(inner, -1, scope),
            Node::Plus(inner) => self.signed(inner, 1, scope),
            Node::Compare(first, rest) => {
                let mut left = self.value(first, scope)?;
                for (how, right) in rest {
                    let right = self.value(right, scope)?;
                    if !ops::compare(*how, &left, &right)? {
                        return Ok(Value::Bool(false));
                    }
                    left = right;
                }
                Ok(Value::Bool(true))
            }
            Node::Chain(first, rest) => {
                let mut left = self.value(first, scope)?;
                for (operator, right) in rest {
                    left = ops::operate(self.limits, *operator, &left, &self.value(right, scope)?)?;
                }
                Ok(left)
            }
            Node::Concat(list) => {
                let mut out = String::new();
                for item in list {
                    out.push_str(&self.text(&self.value(item, scope)?)?);
                }
                Ok(Value::str(out))
            }
            Node::Post(base, posts) => {
                let base = self.value(base, scope)?;
                self.posts(base, posts, None, scope)
            }
        }
    }

    /// The value of a name: the nearest scope's, else a function's.
    fn name(&self, name: &str, scope: &Rc<Scope>) -> Value {
        scope
            .get(name)
            .or_else(|| functions::named(name).map(Value::Function))
            .unwrap_or_else(|| Value::undefined(name))
    }

    pub fn values(&self, list: &[Expression], scope: &Rc<Scope>) -> Outcome<Vec<Value>> {
        self.limits.take(list.len() * size_of::<Value>())?;
        list.iter().map(|item| self.value(item, scope)).collect()
    }

    fn dict(&self, entries: &[(Expression, Expression)], scope: &Rc<Scope>) -> Outcome<Value> {
        let mut map = Map::default();
        self.limits.take(entries.len() * 2 * size_of::<Value>())?;
        for (key, value) in entries {
            map.insert(self.value(key, scope)?, self.value(value, scope)?)?;
        }
        Ok(Value::Map(Rc::new(map)))
    }

    /// `or` (the first true one) and `and` (the first false one); else the last.
    fn first(&self, list: &[Expression], wanted: bool, scope: &Rc<Scope>) -> Outcome<Value> {
        let mut last = Value::None;
        for item in list {
            last = self.value(item, scope)?;
            if last.truth() == wanted {
                break;
            }
        }
        Ok(last)
    }

    fn signed(&self, inner: &Expression, sign: i128, scope: &Rc<Scope>) -> Outcome<Value> {
        let value = self.value(inner, scope)?;
        match value.defined()? {
            Value::Float(f) => Ok(Value::Float(f * sign as f64)),
            other => other
                .as_int()
                .and_then(|n| n.checked_mul(sign))
                .map(Value::Int)
                .ok_or_else(|| Fault::new(format!("bad operand type for unary -: '{}'", other.kind()))),
        }
    }

    /// What stands after an expression, in order. `caller` goes to the last call.
    pub fn posts(&self, base: Value, posts: &[Post], caller: Option<&Value>, scope: &Rc<Scope>) -> Outcome<Value> {
        let mut value = base;
        for (i, post) in posts.iter().enumerate() {
            self.limits.step()?;
            let last = i + 1 == posts.len();
            value = self.post(&value, post, caller.filter(|_| last), scope)?;
        }
        Ok(value)
    }

    fn post(&self, value: &Value, post: &Post, caller: Option<&Value>, scope: &Rc<Scope>) -> Outcome<Value> {
        match post {
            Post::Attribute(name) => self.attribute(value, name),
            Post::Item(key) => self.item(value, &self.value(key, scope)?),
            Post::Slice(parts) => {
                let mut bounds = [None; 3];
                for (bound, part) in bounds.iter_mut().zip(parts.iter()) {
                    let Some(part) = part else { continue };
                    let part = self.value(part, scope)?;
                    *bound = match part.as_int() {
                        Some(n) => Some(n),
                        None if part.is_none() => None,
                        None => {
                            return Err(Fault::new(
                                "slice indices must be integers or None or have an __index__ method",
                            ));
                        }
                    };
                }
                ops::slice(self.limits, value, bounds)
            }
            Post::Call(arguments) => {
                let mut given = self.arguments(arguments, scope)?;
                if let Some(caller) = caller {
                    given.named.push(("caller".into(), caller.clone()));
                }
                self.call(value, given)
            }
            Post::Filter(name, arguments) => {
                let given = self.arguments(arguments, scope)?;
                filters::apply(self, value, name, &given)
            }
            Post::Test {
                name,
                arguments,
                negated,
            } => {
                let given = self.arguments(arguments, scope)?;
                Ok(Value::Bool(checks::check(value, name, &given)? != *negated))
            }
        }
    }

    fn arguments(&self, arguments: &Arguments, scope: &Rc<Scope>) -> Outcome<Args> {
        let mut given = Args::of(self.values(&arguments.positional, scope)?);
        for (name, value) in &arguments.named {
            given.named.push((Arc::clone(name), self.value(value, scope)?));
        }
        if let Some(list) = &arguments.list {
            given.positional.extend(self.value(list, scope)?.iterate()?);
        }
        if let Some(dict) = &arguments.dict {
            let Value::Map(map) = self.value(dict, scope)? else {
                return Err(Fault::new("argument after ** must be a mapping"));
            };
            for (key, value) in map.entries() {
                let Value::Str(key) = key else {
                    return Err(Fault::new("keywords must be strings"));
                };
                given.named.push((Arc::clone(key), value.clone()));
            }
        }
        Ok(given)
    }

    /// Python's `str(…)`.
    pub fn text(&self, value: &Value) -> Outcome<String> {
        self.limits.take(python::size(value))?;
        Ok(python::text(value))
    }

    /// `value.name`: an attribute, else an item.
    pub fn attribute(&self, value: &Value, name: &str) -> Outcome<Value> {
        value.defined()?;
        let method = || {
            Value::Method(Rc::new(Method {
                of: value.clone(),
                name: name.into(),
            }))
        };
        match methods::exists(value, name) {
            Ok(true) => return Ok(method()),
            Ok(false) => {}
            Err(fault) => return Ok(Value::Undefined(fault.message.into())),
        }
        let found = match value {
            Value::Map(map) => map.get(&Value::str(name)).cloned(),
            Value::Namespace(map) => map.borrow().get(&Value::str(name)).cloned(),
            Value::Loop(state) => state.attribute(name),
            Value::Cycler(cycler) if name == "current" => Some(methods::picked(&cycler.items, *cycler.at.borrow())?),
            Value::Macro(called) if name == "name" => Some(Value::Str(Arc::clone(&called.definition.name))),
            _ => None,
        };
        Ok(found.unwrap_or_else(|| missing(value, &Value::str(name))))
    }

    /// `value[key]`: an item, else an attribute.
    pub fn item(&self, value: &Value, key: &Value) -> Outcome<Value> {
        value.defined()?;
        let found = match (value, key.as_int()) {
            (Value::List(list) | Value::Tuple(list), Some(n)) => {
                ops::place(n, list.items.len()).map(|at| list.items[at].clone())
            }
            (Value::Str(text), Some(n)) => {
                self.limits.steps(text.len())?;
                let at = match n < 0 {
                    true => ops::place(n, text.chars().count()),
                    false => usize::try_from(n).ok(),
                };
                at.and_then(|at| text.chars().nth(at))
                    .map(|c| Value::str(c.encode_utf8(&mut [0; 4])))
            }
            (Value::Map(map), _) => map.get(key).cloned(),
            _ => None,
        };
        match (found, key) {
            (Some(found), _) => Ok(found),
            (None, Value::Str(name)) => self.attribute(value, name),
            (None, key) => Ok(missing(value, key)),
        }
    }
}

/// What an attribute or item that isn't there gives.
fn missing(value: &Value, key: &Value) -> Value {
    let object = match value {
        Value::None => "None".to_owned(),
        other => format!("{} object", other.kind()),
    };
    Value::Undefined(match key {
        Value::Str(name) => format!("'{object}' has no attribute '{name}'").into(),
        key => format!("{object} has no element {}", python::repr(key)).into(),
    })
}
