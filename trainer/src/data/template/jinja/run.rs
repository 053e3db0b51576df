//! Statements to text: scopes, loops, macros.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::args::Args;
use super::ast::{Body, For, Macro, Node, Statement, Target, What};
use super::eval::Eval;
use super::functions::underscore;
use super::value::{Fault, Outcome, Value};

/// Names and their values, within those of what is around.
#[derive(Default)]
pub struct Scope {
    names: RefCell<HashMap<Arc<str>, Value>>,
    around: Option<Rc<Scope>>,
}

impl Scope {
    pub fn within(around: &Rc<Scope>) -> Rc<Self> {
        Rc::new(Self {
            names: RefCell::default(),
            around: Some(Rc::clone(around)),
        })
    }

    pub fn get(&self, name: &str) -> Option<Value> {
        let mut scope = self;
        loop {
            if let Some(found) = scope.names.borrow().get(name) {
                return Some(found.clone());
            }
            scope = scope.around.as_deref()?;
        }
    }

    pub fn set(&self, name: &Arc<str>, value: Value) {
        self.names.borrow_mut().insert(Arc::clone(name), value);
    }

    pub fn clear(&self) {
        self.names.borrow_mut().clear();
    }
}

/// A macro with the names around it.
pub struct MacroValue {
    pub definition: Arc<Macro>,
    scope: Rc<Scope>,
}

/// What `loop` is in a `for`.
pub struct LoopState {
    pub items: Vec<Value>,
    pub at: Cell<usize>,
    depth: usize,
    seen: RefCell<Option<Vec<Value>>>,
    again: Option<(Arc<For>, Rc<Scope>)>,
}

impl LoopState {
    pub fn attribute(&self, name: &str) -> Option<Value> {
        let (at, length) = (self.at.get(), self.items.len());
        let beside = |at: Option<usize>, why: &str| {
            let found = at.and_then(|at| self.items.get(at)).cloned();
            found.unwrap_or_else(|| Value::Undefined(why.into()))
        };
        let number = |n: usize| Some(Value::Int(n as i128));
        match name {
            "index" => number(at + 1),
            "index0" => number(at),
            "revindex" => number(length - at),
            "revindex0" => number(length - at - 1),
            "length" => number(length),
            "depth" => number(self.depth),
            "depth0" => number(self.depth - 1),
            "first" => Some(Value::Bool(at == 0)),
            "last" => Some(Value::Bool(at + 1 == length)),
            "previtem" => Some(beside(at.checked_sub(1), "there is no previous item")),
            "nextitem" => Some(beside(Some(at + 1), "there is no next item")),
            _ => None,
        }
    }

    /// Whether `values` are others than the last time.
    pub fn changed(&self, values: Vec<Value>) -> bool {
        let mut seen = self.seen.borrow_mut();
        let changed = seen.as_ref() != Some(&values);
        *seen = Some(values);
        changed
    }
}

/// How a body ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    Next,
    Break,
    Continue,
}

impl Eval<'_> {
    pub fn body(&self, body: &Body, scope: &Rc<Scope>) -> Outcome<Flow> {
        for statement in body {
            self.limits.step()?;
            let flow = self
                .statement(statement, scope)
                .map_err(|fault| fault.at(statement.line))?;
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn emit(&self, text: &str) -> Outcome<()> {
        self.limits.take(text.len())?;
        self.out.borrow_mut().push_str(text);
        Ok(())
    }

    /// The text of a body of its own.
    fn captured(&self, body: &Body, scope: &Rc<Scope>) -> Outcome<Value> {
        let before = self.out.take();
        let done = self.body(body, scope);
        let text = self.out.replace(before);
        done.map(|_| Value::str(text))
    }

    fn statement(&self, statement: &Statement, scope: &Rc<Scope>) -> Outcome<Flow> {
        match &statement.what {
            What::Text(text) => self.emit(text)?,
            What::Print(value) => {
                let value = self.value(value, scope)?;
                match value.as_str() {
                    Some(text) => self.emit(text)?,
                    None => self.emit(&self.text(&value)?)?,
                }
            }
            What::If { branches, otherwise } => {
                for (condition, body) in branches {
                    if self.value(condition, scope)?.truth() {
                        return self.limits.deeper(|| self.body(body, scope));
                    }
                }
                return self.limits.deeper(|| self.body(otherwise, scope));
            }
            What::For(each) => {
                let over = self.value(&each.over, scope)?;
                let again = each.recursive.then(|| (Arc::clone(each), Rc::clone(scope)));
                return self.limits.deeper(|| self.for_each(each, &over, again, 1, scope));
            }
            What::Set { target, value } => {
                let value = self.value(value, scope)?;
                self.assign(target, value, scope)?;
            }
            What::SetBlock { target, filters, body } => {
                let text = self.limits.deeper(|| self.captured(body, &Scope::within(scope)))?;
                let value = self.posts(text, filters, None, scope)?;
                self.assign(target, value, scope)?;
            }
            What::Macro(definition) => {
                let value = self.macro_value(definition, scope);
                scope.set(&definition.name, value);
            }
            What::CallBlock { call, caller } => {
                let caller = self.macro_value(caller, scope);
                let Node::Post(base, posts) = &call.node else {
                    return Err(Fault::new("expected call"));
                };
                let base = self.value(base, scope)?;
                let value = self.posts(base, posts, Some(&caller), scope)?;
                self.emit(&self.text(&value)?)?;
            }
            What::FilterBlock { filters, body } => {
                let text = self.limits.deeper(|| self.captured(body, &Scope::within(scope)))?;
                let value = self.posts(text, filters, None, scope)?;
                self.emit(&self.text(&value)?)?;
            }
            What::With { names, body } => {
                let inner = Scope::within(scope);
                for (target, value) in names {
                    let value = self.value(value, scope)?;
                    self.assign(target, value, &inner)?;
                }
                return self.limits.deeper(|| self.body(body, &inner));
            }
            What::Scope(body) => return self.limits.deeper(|| self.body(body, &Scope::within(scope))),
            What::Break => return Ok(Flow::Break),
            What::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::Next)
    }

    fn for_each(
        &self,
        each: &Arc<For>,
        over: &Value,
        again: Option<(Arc<For>, Rc<Scope>)>,
        depth: usize,
        scope: &Rc<Scope>,
    ) -> Outcome<Flow> {
        let mut items = over.iterate()?;
        self.limits.take(items.len() * size_of::<Value>())?;
        self.limits.steps(items.len())?;
        if let Some(only) = &each.only {
            let mut kept = Vec::new();
            for item in items {
                let inner = Scope::within(scope);
                self.assign(&each.target, item.clone(), &inner)?;
                if self.value(only, &inner)?.truth() {
                    kept.push(item);
                }
            }
            items = kept;
        }
        if items.is_empty() {
            return self.body(&each.otherwise, &Scope::within(scope));
        }
        let state = Rc::new(LoopState {
            items,
            at: Cell::new(0),
            depth,
            seen: RefCell::default(),
            again,
        });
        let name: Arc<str> = "loop".into();
        for (at, item) in state.items.iter().enumerate() {
            state.at.set(at);
            let inner = Scope::within(scope);
            inner.set(&name, Value::Loop(Rc::clone(&state)));
            self.assign(&each.target, item.clone(), &inner)?;
            if self.body(&each.body, &inner)? == Flow::Break {
                break;
            }
        }
        Ok(Flow::Next)
    }

    /// `loop(children)` in a recursive loop.
    pub fn loop_again(&self, state: &LoopState, over: &Value) -> Outcome<Value> {
        let Some((each, scope)) = &state.again else {
            return Err(Fault::new(
                "The loop must have the 'recursive' marker to be called recursively.",
            ));
        };
        let before = self.out.take();
        let again = Some((Arc::clone(each), Rc::clone(scope)));
        let done = self
            .limits
            .deeper(|| self.for_each(each, over, again, state.depth + 1, scope));
        let text = self.out.replace(before);
        done.map(|_| Value::str(text))
    }

    fn assign(&self, target: &Target, value: Value, scope: &Rc<Scope>) -> Outcome<()> {
        match target {
            Target::Name(name) => scope.set(name, value),
            Target::Attribute(holder, name) => {
                let Some(Value::Namespace(map)) = scope.get(holder) else {
                    return Err(Fault::new("cannot assign attribute on non-namespace object"));
                };
                if name.starts_with('_') {
                    return Err(underscore(name));
                }
                map.borrow_mut().insert(Value::Str(Arc::clone(name)), value)?;
            }
            Target::Several(targets) => {
                let values = value.iterate()?;
                if values.len() != targets.len() {
                    return Err(Fault::new(format!(
                        "{} values to unpack (expected {})",
                        if values.len() > targets.len() {
                            "too many"
                        } else {
                            "not enough"
                        },
                        targets.len()
                    )));
                }
                for (target, value) in targets.iter().zip(values) {
                    self.assign(target, value, scope)?;
                }
            }
        }
        Ok(())
    }

    fn macro_value(&self, definition: &Arc<Macro>, scope: &Rc<Scope>) -> Value {
        self.held.borrow_mut().push(Rc::clone(scope));
        Value::Macro(Rc::new(MacroValue {
            definition: Arc::clone(definition),
            scope: Rc::clone(scope),
        }))
    }

    pub fn call_macro(&self, called: &MacroValue, given: Args) -> Outcome<Value> {
        let definition = &called.definition;
        let scope = Scope::within(&called.scope);
        let (names, defaults) = (&definition.names, &definition.defaults);
        let mut positional = given.positional.into_iter();
        let mut named = given.named;
        for (i, name) in names.iter().enumerate() {
            let by_name = named.iter().position(|(n, _)| n == name).map(|at| named.remove(at).1);
            let value = match (positional.next(), by_name) {
                (Some(_), Some(_)) => {
                    return Err(Fault::new(format!(
                        "macro '{}' got two values for argument '{name}'",
                        definition.name
                    )));
                }
                (Some(value), None) | (None, Some(value)) => value,
                (None, None) => match (i + defaults.len()).checked_sub(names.len()) {
                    Some(at) => self.value(&defaults[at], &scope)?,
                    None => Value::Undefined(format!("parameter '{name}' was not provided").into()),
                },
            };
            scope.set(name, value);
        }
        if definition.uses_caller {
            let at = named.iter().position(|(n, _)| &**n == "caller");
            let caller = at.map(|at| named.remove(at).1);
            scope.set(
                &"caller".into(),
                caller.unwrap_or(Value::Undefined("No caller defined".into())),
            );
        }
        let rest: Vec<Value> = positional.collect();
        if definition.uses_varargs {
            scope.set(&"varargs".into(), Value::tuple(rest)?);
        } else if !rest.is_empty() {
            return Err(Fault::new(format!(
                "macro '{}' takes not more than {} argument(s)",
                definition.name,
                names.len()
            )));
        }
        if definition.uses_kwargs {
            let dict = Value::dict(named.iter().map(|(k, v)| (&**k, v.clone())))?;
            scope.set(&"kwargs".into(), dict);
        } else if let Some((name, _)) = named.first() {
            return Err(Fault::new(format!(
                "macro '{}' takes no keyword argument '{name}'",
                definition.name
            )));
        }
        self.limits.deeper(|| self.captured(&definition.body, &scope))
    }
}
