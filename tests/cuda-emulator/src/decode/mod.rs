//! The instruction set: an opcode and its operands to an `Op`. What is not here becomes `Op::Unsupported`.
mod arithmetic;
mod memory;
mod warp;

use arithmetic::{carry, cvt, mov, set, setp};
use memory::{atomic, copy_async, cvta, load, matrix, reduce, store};
use warp::{barrier, matching, mma, shuffle, vote};

use crate::float::Rounding;
use crate::functions::{one, three, two, wide_mad, wide_product, wider};
use crate::lanes::Bits;
use crate::lower::Lowering;
use crate::op::{Carry, Op};
use crate::ptx::{Operand, Space, Type};

type Lowered<T> = Result<T, String>;

pub fn op(l: &mut Lowering, parts: &[&str], operands: &[Operand]) -> Lowered<Op> {
    let (name, mods) = (parts[0], &parts[1..]);
    let has = |what: &str| mods.contains(&what);
    let ty = mods.iter().rev().find_map(|m| Type::parse(m)).unwrap_or(Type::B32);
    let need = |n: usize| {
        if operands.len() >= n {
            Ok(())
        } else {
            Err(format!("{n} operands expected"))
        }
    };
    match name {
        "mov" if ty == Type::Pred => {
            need(2)?;
            let (d, _) = l.predicate(&operands[0])?;
            match &operands[1] {
                Operand::Int(value) => Ok(Op::FlagConst { d, value: *value != 0 }),
                other => {
                    let (a, negated) = l.predicate(other)?;
                    Ok(Op::FlagMove { d, a, negated })
                }
            }
        }
        "mov" => mov(l, operands, ty),
        "ld" | "ldu" => load(l, mods, operands, ty),
        "st" => store(l, mods, operands, ty),
        "atom" | "red" => atomic(l, name, mods, operands, ty),
        "cvta" => cvta(l, mods, operands),
        "isspacep" => Ok(Op::InWindow {
            space: space(mods)?,
            d: l.predicate(&operands[0])?.0,
            a: l.source(&operands[1], Type::B64)?,
        }),
        "cvt" => cvt(l, mods, operands),
        "setp" => setp(l, mods, operands),
        "set" => set(l, mods, operands),
        "selp" => {
            need(4)?;
            let d = l.destination(&operands[0])?;
            let (a, b) = (l.source(&operands[1], ty)?, l.source(&operands[2], ty)?);
            let (p, negated) = l.predicate(&operands[3])?;
            Ok(Op::Select { d, a, b, p, negated })
        }
        "and" | "or" | "xor" if ty == Type::Pred => {
            need(3)?;
            let d = l.predicate(&operands[0])?.0;
            let ((a, negate_a), (b, negate_b)) = (l.predicate(&operands[1])?, l.predicate(&operands[2])?);
            Ok(Op::FlagLogic {
                logic: Lowering::logic(name).expect("logic"),
                d,
                a,
                b,
                negate_a,
                negate_b,
            })
        }
        "not" if ty == Type::Pred => {
            let (a, negated) = l.predicate(&operands[1])?;
            Ok(Op::FlagMove {
                d: l.predicate(&operands[0])?.0,
                a,
                negated: !negated,
            })
        }
        "add" | "sub" | "addc" | "subc" if name.ends_with('c') || has("cc") => {
            let kind = if name.starts_with("add") {
                Carry::Add
            } else {
                Carry::Sub
            };
            carry(l, kind, name.ends_with('c'), has("cc"), operands, ty)
        }
        "mad" | "madc" if name == "madc" || has("cc") => {
            let kind = if has("hi") { Carry::MadHigh } else { Carry::MadLow };
            carry(l, kind, name == "madc", has("cc"), operands, ty)
        }
        "lop3" => {
            need(5)?;
            let Operand::Int(table) = operands[4] else {
                return Err("table".into());
            };
            Ok(Op::Lop3 {
                table: table as u8,
                d: l.destination(&operands[0])?,
                a: l.source(&operands[1], ty)?,
                b: l.source(&operands[2], ty)?,
                c: l.source(&operands[3], ty)?,
            })
        }
        "bfi" => {
            need(5)?;
            let d = l.destination(&operands[0])?;
            let (from, into) = (l.source(&operands[1], ty)?, l.source(&operands[2], ty)?);
            let (at, count) = (l.source(&operands[3], Type::U32)?, l.source(&operands[4], Type::U32)?);
            Ok(Op::BitInsert {
                wide: ty == Type::B64,
                d,
                from,
                into,
                at,
                count,
            })
        }
        "fma" | "add" | "sub" | "mul" | "mad" if directed(mods) != Rounding::Nearest && ty == Type::F32 => {
            let rounding = directed(mods);
            let d = l.destination(&operands[0])?;
            let (a, b) = (l.source(&operands[1], ty)?, l.source(&operands[2], ty)?);
            let one = l.constant(1f32.put());
            match name {
                "add" => Ok(Op::FmaDirected {
                    rounding,
                    d,
                    a,
                    b: one,
                    c: b,
                }),
                "mul" => {
                    let zero = l.constant((-0f32).put());
                    Ok(Op::FmaDirected {
                        rounding,
                        d,
                        a,
                        b,
                        c: zero,
                    })
                }
                "sub" => {
                    let minus = l.constant((-1f32).put());
                    Ok(Op::FmaDirected {
                        rounding,
                        d,
                        a: b,
                        b: minus,
                        c: a,
                    })
                }
                _ => Ok(Op::FmaDirected {
                    rounding,
                    d,
                    a,
                    b,
                    c: l.source(&operands[3], ty)?,
                }),
            }
        }
        "mul" | "mad" if has("wide") => {
            let d = l.destination(&operands[0])?;
            let (a, b) = (l.source(&operands[1], ty)?, l.source(&operands[2], ty)?);
            if name == "mul" {
                return Ok(Op::Binary {
                    f: wide_product(ty).ok_or("type")?,
                    d,
                    a,
                    b,
                });
            }
            let c = l.source(&operands[3], wider(ty))?;
            Ok(Op::Ternary {
                f: wide_mad(ty).ok_or("type")?,
                d,
                a,
                b,
                c,
            })
        }
        "bar" | "barrier" => barrier(l, mods, operands),
        "membar" | "fence" | "nanosleep" | "prefetch" | "prefetchu" | "discard" | "applypriority"
        | "griddepcontrol" | "pmevent" => Ok(Op::Nothing),
        "trap" | "brkpt" => Ok(Op::Trap),
        "shfl" => shuffle(l, mods, operands),
        "vote" => vote(l, mods, operands),
        "match" => matching(l, mods, operands, ty),
        "redux" => {
            need(3)?;
            let how = reduce(mods)?;
            let (d, a) = (l.destination(&operands[0])?, l.source(&operands[1], ty)?);
            Ok(Op::Redux {
                how,
                signed: ty.signed(),
                d,
                a,
                members: l.source(&operands[2], Type::B32)?,
            })
        }
        "activemask" => Ok(Op::ActiveMask {
            d: l.destination(&operands[0])?,
        }),
        "cp" => copy_async(l, mods, operands),
        "ldmatrix" | "stmatrix" => matrix(l, name, mods, operands),
        "movmatrix" => Ok(Op::MoveMatrix {
            d: l.destination(&operands[0])?,
            a: l.source(&operands[1], Type::B32)?,
        }),
        "mma" => mma(l, mods, operands),
        _ => plain(l, name, mods, operands, ty),
    }
}

/// Instructions that are a function of their operands.
fn plain(l: &mut Lowering, name: &str, mods: &[&str], operands: &[Operand], ty: Type) -> Lowered<Op> {
    let missing = || format!("{name} of {ty:?} is not known");
    let d = l.destination(operands.first().ok_or("no operands")?)?;
    match operands.len() {
        2 => {
            let f = one(name, mods, ty).ok_or_else(missing)?;
            Ok(Op::Unary {
                f,
                d,
                a: l.source(&operands[1], ty)?,
            })
        }
        3 => {
            let f = two(name, mods, ty).ok_or_else(missing)?;
            let second = if matches!(name, "shl" | "shr") { Type::U32 } else { ty };
            Ok(Op::Binary {
                f,
                d,
                a: l.source(&operands[1], ty)?,
                b: l.source(&operands[2], second)?,
            })
        }
        4 => {
            let f = three(name, mods, ty).ok_or_else(missing)?;
            let other = if matches!(name, "bfe") { Type::U32 } else { ty };
            Ok(Op::Ternary {
                f,
                d,
                a: l.source(&operands[1], ty)?,
                b: l.source(&operands[2], other)?,
                c: l.source(&operands[3], other)?,
            })
        }
        n => Err(format!("{n} operands")),
    }
}

fn directed(mods: &[&str]) -> Rounding {
    mods.iter()
        .find_map(|m| match *m {
            "rz" => Some(Rounding::Zero),
            "rm" => Some(Rounding::Down),
            "rp" => Some(Rounding::Up),
            _ => None,
        })
        .unwrap_or(Rounding::Nearest)
}

pub(super) fn space(mods: &[&str]) -> Lowered<Space> {
    for m in mods {
        match *m {
            "global" => return Ok(Space::Global),
            "shared" | "shared::cta" => return Ok(Space::Shared),
            "local" => return Ok(Space::Local),
            "const" => return Ok(Space::Const),
            "param" | "param::entry" | "param::func" => return Ok(Space::Param),
            "shared::cluster" => return Err("clusters".into()),
            _ => {}
        }
    }
    Ok(Space::Generic)
}

pub(super) fn strong(mods: &[&str]) -> bool {
    mods.iter()
        .any(|m| matches!(*m, "volatile" | "relaxed" | "acquire" | "release" | "mmio"))
}

pub(super) fn parts(operand: &Operand) -> &[Operand] {
    match operand {
        Operand::Vector(parts) => parts,
        one => std::slice::from_ref(one),
    }
}
