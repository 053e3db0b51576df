//! A parsed function to a `Kernel`: registers get slots, variables get places, calls are expanded where they stand.
mod operands;

use crate::decode;
use crate::op::{Address, DYNAMIC_SHARED, Flag, Kernel, Op, Slot, Step};
use crate::ptx::{Function, Instruction, Module, Operand, Source, Space, Statement, Type};
use std::collections::HashMap;

/// Where a module's global variables lie.
pub type Symbols = HashMap<String, u64>;

pub fn lower(module: &Module, function: &Function, symbols: &Symbols) -> Result<Kernel, String> {
    let mut lowering = Lowering {
        module,
        symbols,
        kernel: Kernel {
            name: function.name.clone(),
            max_threads: function.max_threads,
            files: module.files.clone(),
            ..Kernel::default()
        },
        scopes: vec![HashMap::new()],
        constants: HashMap::new(),
        specials: HashMap::new(),
        shared: HashMap::new(),
        labels: Vec::new(),
        fixes: Vec::new(),
        depth: 0,
        returns: Vec::new(),
    };
    let mut offset = 0usize;
    for parameter in &function.parameters {
        offset = offset.next_multiple_of(parameter.align.max(1));
        lowering.name(&parameter.name, Named::Memory(Space::Param, offset as u64));
        lowering.kernel.parameters.push((offset, parameter.bytes));
        offset += parameter.bytes;
    }
    lowering.kernel.parameter_bytes = offset;
    lowering
        .body(function)
        .map_err(|what| format!("{}: {what}", function.name))?;
    let mut kernel = lowering.kernel;
    kernel.steps.push(Step {
        op: Op::Exit,
        guard: None,
        line: 0,
        source: Source::default(),
    });
    Ok(kernel)
}

#[derive(Debug, Clone, Copy)]
enum Named {
    Register(Slot, u8),
    Flag(Flag),
    Memory(Space, u64),
}

pub struct Lowering<'a> {
    module: &'a Module,
    symbols: &'a Symbols,
    kernel: Kernel,
    scopes: Vec<HashMap<String, Named>>,
    constants: HashMap<u64, Slot>,
    specials: HashMap<String, Slot>,
    shared: HashMap<String, u64>,
    /// One map per function on the way: label to step.
    labels: Vec<HashMap<String, u32>>,
    /// Steps whose branch targets are still labels.
    fixes: Vec<Vec<(usize, Vec<String>)>>,
    depth: usize,
    /// Steps that return from the function being expanded.
    returns: Vec<Vec<usize>>,
}

type Lowered<T> = Result<T, String>;

impl<'a> Lowering<'a> {
    fn name(&mut self, name: &str, named: Named) {
        self.scopes.last_mut().expect("a scope").insert(name.to_string(), named);
    }

    fn find(&self, name: &str) -> Option<Named> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name)).copied()
    }

    pub fn slot(&mut self) -> Slot {
        self.sized_slot(8)
    }

    fn sized_slot(&mut self, bytes: u8) -> Slot {
        self.kernel.widths.push(bytes);
        self.kernel.slots += 1;
        self.kernel.slots as Slot - 1
    }

    pub fn flag(&mut self) -> Flag {
        self.kernel.flags += 1;
        self.kernel.flags as Flag - 1
    }

    pub fn constant(&mut self, value: u64) -> Slot {
        if let Some(slot) = self.constants.get(&value) {
            return *slot;
        }
        let slot = self.slot();
        self.constants.insert(value, slot);
        self.kernel.constants.push((slot, value));
        slot
    }

    fn local(&mut self, bytes: usize, align: usize) -> u64 {
        let at = self.kernel.local_bytes.next_multiple_of(align.max(1));
        self.kernel.local_bytes = at + bytes;
        at as u64
    }

    fn body(&mut self, function: &Function) -> Lowered<()> {
        let body = function.body.as_ref().ok_or("has no body")?;
        if self.depth > 16 {
            return Err("calls itself: recursion is not supported".into());
        }
        self.depth += 1;
        self.labels.push(HashMap::new());
        self.fixes.push(Vec::new());
        self.returns.push(Vec::new());
        let mut tables: HashMap<&str, &Vec<String>> = HashMap::new();
        for statement in body {
            if let Statement::Targets(name, labels) = statement {
                tables.insert(name, labels);
            }
        }
        let scopes = self.scopes.len();
        for statement in body {
            match statement {
                Statement::Open => self.scopes.push(HashMap::new()),
                Statement::Close => {
                    self.scopes.pop();
                }
                Statement::Label(name) => {
                    let at = self.kernel.steps.len() as u32;
                    self.labels.last_mut().expect("a function").insert(name.clone(), at);
                }
                Statement::Registers { ty, name, count } => self.registers(*ty, name, *count),
                Statement::Variable(variable) => {
                    let at = match variable.space {
                        Space::Shared => self.place_shared(&variable.name, variable.bytes, variable.align),
                        Space::Local | Space::Param => self.local(variable.bytes, variable.align),
                        other => return Err(format!("a variable in {other:?} inside of a function")),
                    };
                    let space = if variable.space == Space::Shared {
                        Space::Shared
                    } else {
                        Space::Local
                    };
                    self.name(&variable.name, Named::Memory(space, at));
                }
                Statement::Targets(..) => {}
                Statement::Instruction(instruction) => {
                    let first = self.kernel.steps.len();
                    if let Err(what) = self.instruction(instruction, &tables) {
                        self.kernel.steps.truncate(first);
                        self.push(instruction, Op::Unsupported(format!("{} ({what})", instruction.opcode)))?;
                    }
                }
            }
        }
        self.scopes.truncate(scopes);
        let labels = self.labels.pop().expect("a function");
        for (step, names) in self.fixes.pop().expect("a function") {
            let mut targets = Vec::new();
            for name in names {
                targets.push(*labels.get(&name).ok_or(format!("label {name} is not known"))?);
            }
            match &mut self.kernel.steps[step].op {
                Op::Branch { to } => *to = targets[0],
                Op::BranchTable { to, .. } => *to = targets,
                other => return Err(format!("{other:?} has a label")),
            }
        }
        let end = self.kernel.steps.len() as u32;
        for step in self.returns.pop().expect("a function") {
            self.kernel.steps[step].op = Op::Branch { to: end };
        }
        self.depth -= 1;
        Ok(())
    }

    fn registers(&mut self, ty: Type, name: &str, count: Option<u32>) {
        let names: Vec<String> = match count {
            None => vec![name.to_string()],
            Some(count) => (0..count).map(|i| format!("{name}{i}")).collect(),
        };
        for name in names {
            let named = if ty == Type::Pred {
                Named::Flag(self.flag())
            } else {
                Named::Register(self.sized_slot(ty.bytes() as u8), ty.bytes() as u8)
            };
            self.name(&name, named);
        }
    }

    fn place_shared(&mut self, name: &str, bytes: usize, align: usize) -> u64 {
        let at = self.kernel.shared_bytes.next_multiple_of(align.max(1));
        self.kernel.shared_bytes = at + bytes;
        self.shared.insert(name.to_string(), at as u64);
        at as u64
    }

    /// A variable's space and address in it.
    fn variable(&mut self, name: &str) -> Option<(Space, u64)> {
        if let Some(Named::Memory(space, at)) = self.find(name) {
            return Some((space, at));
        }
        if let Some(address) = self.symbols.get(name) {
            return Some((Space::Global, *address));
        }
        if let Some(at) = self.shared.get(name) {
            return Some((Space::Shared, *at));
        }
        let variable = self
            .module
            .variables
            .iter()
            .find(|v| v.name == name && v.space == Space::Shared)?;
        if variable.external {
            return Some((Space::Shared, DYNAMIC_SHARED));
        }
        let (bytes, align) = (variable.bytes, variable.align);
        Some((Space::Shared, self.place_shared(name, bytes, align)))
    }

    fn push(&mut self, instruction: &Instruction, op: Op) -> Lowered<usize> {
        let guard = match &instruction.guard {
            None => None,
            Some((name, negated)) => match self.find(name) {
                Some(Named::Flag(flag)) => Some((flag, *negated)),
                _ => return Err(format!("predicate {name} is not known")),
            },
        };
        self.kernel.steps.push(Step {
            op,
            guard,
            line: instruction.line,
            source: instruction.source,
        });
        Ok(self.kernel.steps.len() - 1)
    }

    fn instruction(&mut self, i: &Instruction, tables: &HashMap<&str, &Vec<String>>) -> Lowered<()> {
        let parts: Vec<&str> = i.opcode.split('.').collect();
        match parts[0] {
            "bra" => {
                let step = self.push(i, Op::Branch { to: 0 })?;
                let Some(Operand::Name(label)) = i.operands.first() else {
                    return Err("no label".into());
                };
                self.fixes
                    .last_mut()
                    .expect("a function")
                    .push((step, vec![label.clone()]));
            }
            "brx" => {
                let index = self.source(&i.operands[0], Type::U32)?;
                let Some(Operand::Name(table)) = i.operands.get(1) else {
                    return Err("no table".into());
                };
                let labels = (*tables.get(table.as_str()).ok_or("unknown table")?).clone();
                let step = self.push(i, Op::BranchTable { index, to: Vec::new() })?;
                self.fixes.last_mut().expect("a function").push((step, labels));
            }
            "ret" if self.depth > 1 => {
                let step = self.push(i, Op::Branch { to: 0 })?;
                self.returns.last_mut().expect("a function").push(step);
            }
            "ret" | "exit" => {
                self.push(i, Op::Exit)?;
            }
            "call" => self.call(i)?,
            _ => {
                let op = decode::op(self, &parts, &i.operands)?;
                self.push(i, op)?;
            }
        }
        Ok(())
    }

    /// `call (results), name, (arguments);` the arguments are variables in param space.
    fn call(&mut self, i: &Instruction) -> Lowered<()> {
        if i.guard.is_some() {
            return Err("a guarded call".into());
        }
        let mut operands = i.operands.iter();
        let mut results: &[Operand] = &[];
        let mut next = operands.next();
        if let Some(Operand::List(list)) = next {
            results = list;
            next = operands.next();
        }
        let Some(Operand::Name(name)) = next else {
            return Err("an indirect call".into());
        };
        let arguments = match operands.next() {
            Some(Operand::List(list)) => list.as_slice(),
            _ => &[],
        };
        let mut places = Vec::new();
        for operand in arguments.iter().chain(results) {
            let Operand::Name(name) = operand else {
                return Err("an argument that is no variable".into());
            };
            match self.find(name) {
                Some(Named::Memory(space, at)) => places.push((space, at)),
                _ => return Err(format!("argument {name} is not in memory")),
            }
        }
        if name == "__assertfail" {
            let mut slots = Vec::new();
            for (_, at) in &places[..3] {
                let slot = self.slot();
                let base = self.constant(*at);
                let bytes = if slots.len() == 2 { 4 } else { 8 };
                let from = Address {
                    space: Space::Local,
                    base,
                    offset: 0,
                };
                self.push(
                    i,
                    Op::Load {
                        from,
                        bytes,
                        signed: false,
                        to: vec![slot],
                        strong: false,
                    },
                )?;
                slots.push(slot);
            }
            self.push(
                i,
                Op::AssertFailed {
                    message: slots[0],
                    file: slots[1],
                    line: slots[2],
                },
            )?;
            return Ok(());
        }
        let module = self.module;
        let function = module
            .functions
            .iter()
            .find(|f| f.name == *name && f.body.is_some())
            .ok_or(format!("call of {name}, which has no body"))?;
        self.scopes.push(HashMap::new());
        for (parameter, place) in function.parameters.iter().chain(&function.results).zip(places) {
            self.name(&parameter.name, Named::Memory(place.0, place.1));
        }
        self.body(function)?;
        self.scopes.pop();
        Ok(())
    }
}
