//! Instructions that reach memory: loads, stores, atomics, asynchronous copies, matrices.
use super::{Lowered, parts, space, strong};
use crate::lanes::{binary, unary};
use crate::lower::Lowering;
use crate::op::{Op, Reduce};
use crate::ptx::{Operand, Space, Type};

pub(super) fn load(l: &mut Lowering, mods: &[&str], operands: &[Operand], ty: Type) -> Lowered<Op> {
    let [to, from, ..] = operands else {
        return Err("operands".into());
    };
    let from = l.address(from, space(mods)?)?;
    let to = parts(to)
        .iter()
        .map(|part| l.destination(part))
        .collect::<Lowered<Vec<_>>>()?;
    Ok(Op::Load {
        from,
        bytes: ty.bytes() as u8,
        signed: ty.signed(),
        to,
        strong: strong(mods),
    })
}

pub(super) fn store(l: &mut Lowering, mods: &[&str], operands: &[Operand], ty: Type) -> Lowered<Op> {
    let [to, from, ..] = operands else {
        return Err("operands".into());
    };
    let to = l.address(to, space(mods)?)?;
    let from = parts(from)
        .iter()
        .map(|part| l.source(part, ty))
        .collect::<Lowered<Vec<_>>>()?;
    Ok(Op::Store {
        to,
        bytes: ty.bytes() as u8,
        from,
        strong: strong(mods),
    })
}

pub(super) fn reduce(mods: &[&str]) -> Lowered<Reduce> {
    mods.iter()
        .find_map(|m| match *m {
            "add" => Some(Reduce::Add),
            "min" => Some(Reduce::Min),
            "max" => Some(Reduce::Max),
            "and" => Some(Reduce::And),
            "or" => Some(Reduce::Or),
            "xor" => Some(Reduce::Xor),
            "exch" => Some(Reduce::Exchange),
            "cas" => Some(Reduce::CompareAndSwap),
            "inc" => Some(Reduce::Increment),
            "dec" => Some(Reduce::Decrement),
            _ => None,
        })
        .ok_or("no operation".into())
}

pub(super) fn atomic(l: &mut Lowering, name: &str, mods: &[&str], operands: &[Operand], ty: Type) -> Lowered<Op> {
    let how = reduce(mods)?;
    if mods.iter().any(|m| matches!(*m, "v2" | "v4" | "v8" | "b128")) {
        return Err("vector".into());
    }
    let (d, rest) = match name {
        "atom" => (
            Some(l.destination(operands.first().ok_or("operands")?)?),
            &operands[1..],
        ),
        _ => (None, operands),
    };
    let [at, b, more @ ..] = rest else {
        return Err("operands".into());
    };
    let at = l.address(at, space(mods)?)?;
    let b = l.source(b, ty)?;
    let c = match more {
        [c, ..] => l.source(c, ty)?,
        [] => b,
    };
    Ok(Op::Atomic { how, ty, at, d, b, c })
}

pub(super) fn cvta(l: &mut Lowering, mods: &[&str], operands: &[Operand]) -> Lowered<Op> {
    let a = l.source(&operands[1], Type::B64)?;
    let d = l.destination(&operands[0])?;
    let window = match space(mods)? {
        Space::Shared => crate::memory::SHARED_WINDOW,
        Space::Local => crate::memory::LOCAL_WINDOW,
        Space::Param => crate::memory::PARAM_WINDOW,
        _ => {
            return Ok(Op::Unary {
                f: unary!(u64, |a| a),
                d,
                a,
            });
        }
    };
    if mods[0] == "to" {
        return Ok(Op::Unary {
            f: unary!(u64, |a| a & 0xffff_ffff),
            d,
            a,
        });
    }
    let b = l.constant(window);
    Ok(Op::Binary {
        f: binary!(u64, |a, b| a | b),
        d,
        a,
        b,
    })
}

pub(super) fn copy_async(l: &mut Lowering, mods: &[&str], operands: &[Operand]) -> Lowered<Op> {
    let has = |what: &str| mods.contains(&what);
    if !has("async") || has("bulk") || has("mbarrier") || has("reduce") {
        return Err("of this kind".into());
    }
    if has("commit_group") {
        return Ok(Op::CommitGroup);
    }
    if has("wait_all") {
        return Ok(Op::WaitGroups { allowed: 0 });
    }
    if has("wait_group") {
        let Some(Operand::Int(allowed)) = operands.first() else {
            return Err("count".into());
        };
        return Ok(Op::WaitGroups {
            allowed: *allowed as u32,
        });
    }
    let to = l.address(&operands[0], Space::Shared)?;
    let from = l.address(&operands[1], Space::Global)?;
    let Operand::Int(bytes) = operands[2] else {
        return Err("size".into());
    };
    let given = match operands.get(3) {
        Some(size) if !l.is_flag(size) => Some(l.source(size, Type::U32)?),
        Some(_) => return Err("ignore-src".into()),
        None => None,
    };
    Ok(Op::CopyAsync {
        to,
        from,
        bytes: bytes as u8,
        given,
    })
}

pub(super) fn matrix(l: &mut Lowering, name: &str, mods: &[&str], operands: &[Operand]) -> Lowered<Op> {
    if !mods.contains(&"m8n8") || !mods.contains(&"b16") {
        return Err("shape".into());
    }
    let transposed = mods.contains(&"trans");
    if name == "ldmatrix" {
        let to = parts(&operands[0])
            .iter()
            .map(|part| l.destination(part))
            .collect::<Lowered<Vec<_>>>()?;
        return Ok(Op::LoadMatrix {
            from: l.address(&operands[1], space(mods)?)?,
            to,
            transposed,
        });
    }
    let from = parts(&operands[1])
        .iter()
        .map(|part| l.source(part, Type::B32))
        .collect::<Lowered<Vec<_>>>()?;
    Ok(Op::StoreMatrix {
        to: l.address(&operands[0], space(mods)?)?,
        from,
        transposed,
    })
}
