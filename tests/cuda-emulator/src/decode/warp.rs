//! What lanes do together: barriers, shuffles, votes, products on tensor cores.
use super::{Lowered, parts};
use crate::lower::Lowering;
use crate::op::{Mma, Op, Shuffle, Slot, Vote};
use crate::ptx::{Operand, Type};

pub(super) fn barrier(l: &mut Lowering, mods: &[&str], operands: &[Operand]) -> Lowered<Op> {
    let has = |what: &str| mods.contains(&what);
    if has("cluster") {
        return Err("clusters".into());
    }
    if has("warp") {
        return Ok(Op::WarpBarrier {
            members: l.source(&operands[0], Type::B32)?,
        });
    }
    if has("red") {
        let (id_at, pred_at) = (1, operands.len() - 1);
        let (p, negated) = l.predicate(&operands[pred_at])?;
        let id = l.source(&operands[id_at], Type::U32)?;
        let count = if pred_at > 2 {
            Some(l.source(&operands[2], Type::U32)?)
        } else {
            None
        };
        if has("popc") {
            let d = l.destination(&operands[0])?;
            return Ok(Op::Barrier {
                id,
                count,
                arrive_only: false,
                reduce: None,
                popc: Some((p, negated, d)),
            });
        }
        let how = if has("and") { Vote::All } else { Vote::Any };
        let d = l.predicate(&operands[0])?.0;
        return Ok(Op::Barrier {
            id,
            count,
            arrive_only: false,
            reduce: Some((how, p, negated, d)),
            popc: None,
        });
    }
    let id = l.source(&operands[0], Type::U32)?;
    let count = match operands.get(1) {
        Some(count) => Some(l.source(count, Type::U32)?),
        None => None,
    };
    Ok(Op::Barrier {
        id,
        count,
        arrive_only: has("arrive"),
        reduce: None,
        popc: None,
    })
}

pub(super) fn shuffle(l: &mut Lowering, mods: &[&str], operands: &[Operand]) -> Lowered<Op> {
    let how = mods
        .iter()
        .find_map(|m| match *m {
            "up" => Some(Shuffle::Up),
            "down" => Some(Shuffle::Down),
            "bfly" => Some(Shuffle::Butterfly),
            "idx" => Some(Shuffle::Index),
            _ => None,
        })
        .ok_or("mode")?;
    let (d, p) = match &operands[0] {
        Operand::Pair(d, p) => (l.destination(d)?, Some(l.predicate(p)?.0)),
        d => (l.destination(d)?, None),
    };
    let a = l.source(&operands[1], Type::B32)?;
    let (b, c) = (l.source(&operands[2], Type::B32)?, l.source(&operands[3], Type::B32)?);
    let members = l.source(operands.get(4).ok_or("shfl without .sync")?, Type::B32)?;
    Ok(Op::Shuffle {
        how,
        d,
        p,
        a,
        b,
        c,
        members,
    })
}

pub(super) fn vote(l: &mut Lowering, mods: &[&str], operands: &[Operand]) -> Lowered<Op> {
    let how = mods
        .iter()
        .find_map(|m| match *m {
            "all" => Some(Vote::All),
            "any" => Some(Vote::Any),
            "uni" => Some(Vote::Uniform),
            "ballot" => Some(Vote::Ballot),
            _ => None,
        })
        .ok_or("mode")?;
    let (a, negated) = match &operands[1] {
        Operand::Int(value) => {
            // a constant predicate: what `__activemask`-like ballots of true become
            return match (how, value) {
                (Vote::Ballot, 1) => Ok(Op::ActiveMask {
                    d: l.destination(&operands[0])?,
                }),
                _ => Err("a constant predicate".into()),
            };
        }
        operand => l.predicate(operand)?,
    };
    let members = l.source(operands.get(2).ok_or("vote without .sync")?, Type::B32)?;
    let (d, p) = if how == Vote::Ballot {
        (l.destination(&operands[0])?, 0)
    } else {
        (0, l.predicate(&operands[0])?.0)
    };
    Ok(Op::Vote {
        how,
        d,
        p,
        a,
        negated,
        members,
    })
}

pub(super) fn matching(l: &mut Lowering, mods: &[&str], operands: &[Operand], ty: Type) -> Lowered<Op> {
    let a = l.source(&operands[1], ty)?;
    let members = l.source(&operands[2], Type::B32)?;
    if mods.contains(&"any") {
        return Ok(Op::MatchAny {
            d: l.destination(&operands[0])?,
            a,
            wide: ty == Type::B64,
            members,
        });
    }
    let (d, p) = match &operands[0] {
        Operand::Pair(d, p) => (l.destination(d)?, Some(l.predicate(p)?.0)),
        d => (l.destination(d)?, None),
    };
    Ok(Op::MatchAll { d, p, a, members })
}

pub(super) fn mma(l: &mut Lowering, mods: &[&str], operands: &[Operand]) -> Lowered<Op> {
    let types: Vec<Type> = mods.iter().filter_map(|m| Type::parse(m)).collect();
    let [result, a, b, accumulator] = types[..] else {
        return Err("types".into());
    };
    let shape = mods
        .iter()
        .find(|m| m.starts_with('m') && m.contains('k'))
        .ok_or("shape")?;
    let depth = shape
        .strip_prefix("m16n8k")
        .and_then(|k| k.parse().ok())
        .ok_or(format!("shape {shape}"))?;
    let known = matches!((a, depth), (Type::F16 | Type::Bf16, 8 | 16) | (Type::Tf32, 4 | 8));
    if !known || a != b || !mods.contains(&"row") || !mods.contains(&"col") {
        return Err("types".into());
    }
    let list = |l: &mut Lowering, operand: &Operand| {
        parts(operand)
            .iter()
            .map(|part| l.source(part, Type::B32))
            .collect::<Lowered<Vec<Slot>>>()
    };
    let d = parts(&operands[0])
        .iter()
        .map(|part| l.destination(part))
        .collect::<Lowered<Vec<_>>>()?;
    let (left, right, sum) = (list(l, &operands[1])?, list(l, &operands[2])?, list(l, &operands[3])?);
    Ok(Op::Mma {
        shape: Mma {
            depth,
            a,
            b,
            accumulator,
            result,
        },
        d,
        a: left,
        b: right,
        c: sum,
    })
}
