//! What a template may call: Jinja's and transformers' functions, methods, macros, loops.

use std::cell::RefCell;
use std::rc::Rc;

use super::args::{self, Args};
use super::eval::Eval;
use super::methods;
use super::python;
use super::value::{Cycler, Fault, Function, Joiner, Map, Outcome, Value};

/// Numbers that `range` gives at most, as in Jinja's sandbox.
const RANGE: i128 = 100_000;

pub fn named(name: &str) -> Option<Function> {
    Some(match name {
        "range" => Function::Range,
        "dict" => Function::Dict,
        "namespace" => Function::Namespace,
        "cycler" => Function::Cycler,
        "joiner" => Function::Joiner,
        "raise_exception" => Function::Raise,
        "strftime_now" => Function::Now,
        _ => return None,
    })
}

impl Eval<'_> {
    pub fn call(&self, callee: &Value, given: Args) -> Outcome<Value> {
        match callee.defined()? {
            Value::Function(function) => self.function(*function, given),
            Value::Method(method) => match &method.of {
                Value::Loop(state) if &*method.name == "cycle" => methods::picked(&given.positional, state.at.get()),
                Value::Loop(state) => Ok(Value::Bool(state.changed(given.positional))),
                Value::Cycler(cycler) if &*method.name == "reset" => {
                    *cycler.at.borrow_mut() = 0;
                    Ok(Value::None)
                }
                Value::Cycler(cycler) => {
                    let mut at = cycler.at.borrow_mut();
                    let found = methods::picked(&cycler.items, *at);
                    *at += 1;
                    found
                }
                of => methods::call(self.limits, of, &method.name, &given),
            },
            Value::Macro(called) => self.call_macro(called, given),
            Value::Loop(state) => {
                let [over] = given.bind("loop", ["iterable"])?;
                self.loop_again(state, &args::needed(over, "loop", "iterable")?)
            }
            Value::Joiner(joiner) => Ok(match joiner.used.replace(true) {
                true => Value::Str(joiner.between.clone()),
                false => Value::str(""),
            }),
            other => Err(Fault::new(format!("'{}' object is not callable", other.kind()))),
        }
    }

    fn function(&self, function: Function, given: Args) -> Outcome<Value> {
        match function {
            Function::Range => {
                let bound = |i: usize| args::int(given.positional.get(i).cloned(), "range", "stop");
                let (start, stop) = match given.positional.len() {
                    1 => (0, bound(0)?.unwrap_or(0)),
                    2 | 3 => (bound(0)?.unwrap_or(0), bound(1)?.unwrap_or(0)),
                    n => return Err(Fault::new(format!("range expected 1 to 3 arguments, got {n}"))),
                };
                let step = bound(2)?.unwrap_or(1);
                if step == 0 {
                    return Err(Fault::new("range() arg 3 must not be zero"));
                }
                let span = if step > 0 {
                    stop.saturating_sub(start)
                } else {
                    start.saturating_sub(stop)
                };
                let stride = step.saturating_abs();
                let count = span.max(0).saturating_add(stride - 1) / stride;
                if count > RANGE {
                    return Err(Fault::new(format!(
                        "Range too big. The sandbox blocks ranges larger than MAX_RANGE ({RANGE})."
                    )));
                }
                self.limits
                    .take(usize::try_from(count).unwrap_or(0) * size_of::<Value>())?;
                Value::list((0..count).map(|i| Value::Int(start + i * step)).collect())
            }
            Function::Dict => Ok(Value::Map(Rc::new(self.map(given, false)?))),
            Function::Namespace => Ok(Value::Namespace(Rc::new(RefCell::new(self.map(given, true)?)))),
            Function::Cycler => Ok(Value::Cycler(Rc::new(Cycler {
                items: given.positional,
                at: RefCell::new(0),
            }))),
            Function::Joiner => {
                let [between] = given.bind("joiner", ["sep"])?;
                Ok(Value::Joiner(Rc::new(Joiner {
                    between: args::text_or_none(between, "joiner", "sep")?.unwrap_or_else(|| ", ".into()),
                    used: RefCell::new(false),
                })))
            }
            Function::Raise => {
                let [message] = given.bind("raise_exception", ["message"])?;
                Err(Fault::new(message.map(|m| python::text(&m)).unwrap_or_default()))
            }
            Function::Now => {
                let [format] = given.bind("strftime_now", ["format"])?;
                let format = args::text(format, "strftime_now", "format")?;
                Ok(Value::str(self.now.format(&format)))
            }
        }
    }

    /// `dict(…)` and `namespace(…)`: of a dict, of pairs, of names.
    fn map(&self, given: Args, public: bool) -> Outcome<Map> {
        let mut map = Map::default();
        if given.positional.len() > 1 {
            return Err(Fault::new("dict expected at most 1 argument"));
        }
        match given.positional.first() {
            None => {}
            Some(Value::Map(other)) => {
                for (key, value) in other.entries() {
                    map.insert(key.clone(), value.clone())?;
                }
            }
            Some(pairs) => {
                for pair in pairs.iterate()? {
                    let [key, value] = <[Value; 2]>::try_from(pair.iterate()?)
                        .map_err(|_| Fault::new("dict takes pairs of a key and a value"))?;
                    map.insert(key, value)?;
                }
            }
        }
        for (key, value) in given.named {
            map.insert(Value::Str(key), value)?;
        }
        self.limits.take(map.len() * 2 * size_of::<Value>())?;
        let private = map
            .keys()
            .find_map(|k| k.as_str().filter(|k| public && k.starts_with('_')));
        match private.map(underscore) {
            Some(fault) => Err(fault),
            None => Ok(map),
        }
    }
}

pub fn underscore(name: &str) -> Fault {
    Fault::new(format!(
        "Chat templates cannot store underscore-prefixed attributes on a namespace, but got '{name}'. Please rename \
         the attribute."
    ))
}
