//! Moves, conversions, comparisons and sums with a carry.
use super::{Lowered, directed};
use crate::float::{Conversion, Rounding};
use crate::functions::comparison;
use crate::lanes::{Bits, Unary, unary};
use crate::lower::Lowering;
use crate::op::{Carry, Flag, Logic, Op};
use crate::ptx::{Operand, Type};
use half::{bf16, f16};

pub(super) fn mov(l: &mut Lowering, operands: &[Operand], ty: Type) -> Lowered<Op> {
    match operands {
        [Operand::Vector(parts), from] => {
            let bytes = (ty.bytes() / parts.len()) as u8;
            let a = l.source(from, ty)?;
            let parts = parts
                .iter()
                .map(|part| l.destination(part))
                .collect::<Lowered<Vec<_>>>()?;
            Ok(Op::Unpack { bytes, parts, a })
        }
        [to, Operand::Vector(parts)] => {
            let bytes = ty.bytes() / parts.len();
            let part_type = match bytes {
                1 => Type::B8,
                2 => Type::B16,
                4 => Type::B32,
                _ => Type::B64,
            };
            let d = l.destination(to)?;
            let parts = parts
                .iter()
                .map(|part| l.source(part, part_type))
                .collect::<Lowered<Vec<_>>>()?;
            Ok(Op::Pack {
                bytes: bytes as u8,
                d,
                parts,
            })
        }
        [to, Operand::Name(name)]
            if matches!(
                name.as_str(),
                "%clock" | "%clock64" | "%globaltimer" | "%clock_hi" | "%globaltimer_lo"
            ) =>
        {
            Ok(Op::Clock { d: l.destination(to)? })
        }
        [to, from] => {
            let a = l.source(from, ty)?;
            let d = l.destination(to)?;
            Ok(Op::Unary {
                f: unary!(u64, |a| a),
                d,
                a,
            })
        }
        _ => Err("operands".into()),
    }
}

pub(super) fn cvt(l: &mut Lowering, mods: &[&str], operands: &[Operand]) -> Lowered<Op> {
    let types: Vec<Type> = mods.iter().filter_map(|m| Type::parse(m)).collect();
    let [to, from] = types[..] else {
        return Err("types".into());
    };
    if mods.iter().any(|m| matches!(*m, "satfinite" | "rs" | "scaled")) {
        return Err("mode".into());
    }
    let (rounding, integral) = mods
        .iter()
        .find_map(|m| match *m {
            "rn" => Some((Rounding::Nearest, false)),
            "rna" => Some((Rounding::NearestAway, false)),
            "rni" => Some((Rounding::Nearest, true)),
            "rzi" => Some((Rounding::Zero, true)),
            "rmi" => Some((Rounding::Down, true)),
            "rpi" => Some((Rounding::Up, true)),
            _ => None,
        })
        .unwrap_or((directed(mods), false));
    let mut how = Conversion {
        from,
        to,
        rounding,
        integral,
        saturate: mods.contains(&"sat"),
        relu: mods.contains(&"relu"),
    };
    if matches!(to, Type::F16x2 | Type::Bf16x2) {
        how.to = if to == Type::F16x2 { Type::F16 } else { Type::Bf16 };
        let (high, low) = (l.source(&operands[1], from)?, l.source(&operands[2], from)?);
        return Ok(Op::ConvertPair {
            how,
            d: l.destination(&operands[0])?,
            high,
            low,
        });
    }
    let a = l.source(&operands[1], from)?;
    let (d, width) = l.destination_sized(&operands[0])?;
    let fast: Option<Unary> = match (from, to) {
        _ if how.saturate => None,
        (Type::S32, Type::S64) => Some(unary!(i32, |a| a as i64)),
        (Type::U32 | Type::B32, Type::U64 | Type::S64 | Type::B64) => Some(unary!(u64, |a| a & 0xffff_ffff)),
        (Type::U64 | Type::S64 | Type::B64, Type::U32 | Type::S32 | Type::B32) => {
            Some(unary!(u64, |a| a & 0xffff_ffff))
        }
        (Type::S32, Type::F32) if rounding == Rounding::Nearest => Some(unary!(i32, |a| a as f32)),
        _ => None,
    };
    match fast {
        Some(f) => Ok(Op::Unary { f, d, a }),
        None => {
            let extend = (to.signed() && (to.bytes() as u8) < width).then_some((to.bytes() as u8, width));
            Ok(Op::Convert { how, d, a, extend })
        }
    }
}

type With = Option<(Logic, Flag, bool)>;

fn with(l: &mut Lowering, mods: &[&str], operand: Option<&Operand>) -> Lowered<With> {
    let Some(logic) = mods.iter().find_map(|m| Lowering::logic(m)) else {
        return Ok(None);
    };
    let (flag, negated) = l.predicate(operand.ok_or("operands")?)?;
    Ok(Some((logic, flag, negated)))
}

pub(super) fn setp(l: &mut Lowering, mods: &[&str], operands: &[Operand]) -> Lowered<Op> {
    let ty = mods.iter().rev().find_map(|m| Type::parse(m)).ok_or("type")?;
    let f = comparison(mods[0], ty).ok_or_else(|| format!("{} of {ty:?}", mods[0]))?;
    let (d, e) = match operands.first().ok_or("operands")? {
        Operand::Pair(d, e) => (l.predicate(d)?.0, Some(l.predicate(e)?.0)),
        d => (l.predicate(d)?.0, None),
    };
    let (a, b) = (l.source(&operands[1], ty)?, l.source(&operands[2], ty)?);
    let with = with(l, mods, operands.get(3))?;
    Ok(Op::SetFlag { f, d, e, a, b, with })
}

pub(super) fn set(l: &mut Lowering, mods: &[&str], operands: &[Operand]) -> Lowered<Op> {
    let types: Vec<Type> = mods.iter().filter_map(|m| Type::parse(m)).collect();
    let [to, from] = types[..] else {
        return Err("types".into());
    };
    let f = comparison(mods[0], from).ok_or_else(|| format!("{} of {from:?}", mods[0]))?;
    let yes = match to {
        Type::F32 => 1f32.put(),
        Type::F16 => f16::ONE.put(),
        Type::Bf16 => bf16::ONE.put(),
        Type::U32 | Type::S32 => 0xffff_ffff,
        _ => return Err(format!("to {to:?}")),
    };
    let (a, b) = (l.source(&operands[1], from)?, l.source(&operands[2], from)?);
    let with = with(l, mods, operands.get(3))?;
    Ok(Op::SetValue {
        f,
        d: l.destination(&operands[0])?,
        a,
        b,
        yes,
        with,
    })
}

pub(super) fn carry(
    l: &mut Lowering,
    kind: Carry,
    uses: bool,
    sets: bool,
    operands: &[Operand],
    ty: Type,
) -> Lowered<Op> {
    let d = l.destination(&operands[0])?;
    let (a, b) = (l.source(&operands[1], ty)?, l.source(&operands[2], ty)?);
    let c = match operands.get(3) {
        Some(c) => l.source(c, ty)?,
        None => b,
    };
    Ok(Op::Carry {
        kind,
        bytes: ty.bytes() as u8,
        signed: ty.signed(),
        uses,
        sets,
        d,
        a,
        b,
        c,
    })
}
