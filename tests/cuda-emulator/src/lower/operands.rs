//! Operands to slots: registers, constants, special registers, predicates, addresses.
use super::{Lowered, Lowering, Named};
use crate::op::{Address, Flag, LaneMask, Logic, Slot, Special};
use crate::ptx::{Operand, Space, Type};

impl Lowering<'_> {
    pub fn source(&mut self, operand: &Operand, ty: Type) -> Lowered<Slot> {
        let cut = crate::float::mask(ty);
        match operand {
            Operand::Int(value) if ty == Type::F32 || ty == Type::F64 => {
                // an integer where a float belongs is taken as its bits only in untyped instructions
                Ok(self.constant(*value & cut))
            }
            Operand::Int(value) => Ok(self.constant(*value & cut)),
            Operand::F32(bits) => Ok(self.constant(*bits as u64)),
            Operand::F64(bits) if ty == Type::F32 || ty == Type::B32 => {
                Ok(self.constant((f64::from_bits(*bits) as f32).to_bits() as u64))
            }
            Operand::F64(bits) => Ok(self.constant(*bits)),
            Operand::Offset(name, by) => match self.variable(name) {
                Some((_, address)) => Ok(self.constant(address.wrapping_add_signed(*by))),
                None => Err(format!("{name} is not known")),
            },
            Operand::Name(name) => match self.find(name) {
                Some(Named::Register(slot, _)) => Ok(slot),
                Some(Named::Flag(_)) => Err(format!("{name} is a predicate")),
                _ if name.starts_with('%') => self.special(name),
                _ if name == "WARP_SZ" => Ok(self.constant(32)),
                _ => match self.variable(name) {
                    Some((_, address)) => Ok(self.constant(address)),
                    None => Err(format!("{name} is not known")),
                },
            },
            other => Err(format!("operand {other:?}")),
        }
    }

    fn special(&mut self, name: &str) -> Lowered<Slot> {
        if let Some(slot) = self.specials.get(name) {
            return Ok(*slot);
        }
        let axis = |suffix: &str| ["x", "y", "z"].iter().position(|a| *a == suffix).map(|a| a as u8);
        let special = match name.split_once('.') {
            Some((register, suffix)) => {
                let axis = axis(suffix).ok_or(format!("{name} is not known"))?;
                match register {
                    "%tid" => Special::Thread(axis),
                    "%ntid" => Special::Threads(axis),
                    "%ctaid" => Special::Block(axis),
                    "%nctaid" => Special::Blocks(axis),
                    _ => return Err(format!("{name} is not known")),
                }
            }
            None => match name {
                "%laneid" => Special::Lane,
                "%warpid" => Special::Warp,
                "%nwarpid" => Special::Warps,
                "%lanemask_eq" => Special::LaneMask(LaneMask::Eq),
                "%lanemask_le" => Special::LaneMask(LaneMask::Le),
                "%lanemask_lt" => Special::LaneMask(LaneMask::Lt),
                "%lanemask_ge" => Special::LaneMask(LaneMask::Ge),
                "%lanemask_gt" => Special::LaneMask(LaneMask::Gt),
                "%dynamic_smem_size" => Special::DynamicShared,
                "%total_smem_size" => Special::TotalShared,
                "%smid" | "%gridid" => Special::Zero,
                _ => return Err(format!("{name} is not known")),
            },
        };
        let slot = self.slot();
        self.kernel.specials.push((slot, special));
        self.specials.insert(name.to_string(), slot);
        Ok(slot)
    }

    pub fn destination(&mut self, operand: &Operand) -> Lowered<Slot> {
        Ok(self.destination_sized(operand)?.0)
    }

    /// The slot and the register's width in bytes.
    pub fn destination_sized(&mut self, operand: &Operand) -> Lowered<(Slot, u8)> {
        match operand {
            Operand::Name(name) if name == "_" => Ok((self.slot(), 8)),
            Operand::Name(name) => match self.find(name) {
                Some(Named::Register(_, 16)) => Err("128-bit registers".into()),
                Some(Named::Register(slot, bytes)) => Ok((slot, bytes)),
                _ => Err(format!("{name} is no register")),
            },
            other => Err(format!("destination {other:?}")),
        }
    }

    pub fn is_flag(&self, operand: &Operand) -> bool {
        match operand {
            Operand::Name(name) => matches!(self.find(name), Some(Named::Flag(_))),
            Operand::Not(inner) => self.is_flag(inner),
            Operand::Pair(first, _) => self.is_flag(first),
            _ => false,
        }
    }

    /// A predicate and whether it is negated.
    pub fn predicate(&mut self, operand: &Operand) -> Lowered<(Flag, bool)> {
        match operand {
            Operand::Not(inner) => self.predicate(inner).map(|(flag, negated)| (flag, !negated)),
            Operand::Name(name) if name == "_" => Ok((self.flag(), false)),
            Operand::Name(name) => match self.find(name) {
                Some(Named::Flag(flag)) => Ok((flag, false)),
                _ => Err(format!("{name} is no predicate")),
            },
            other => Err(format!("predicate {other:?}")),
        }
    }

    pub fn address(&mut self, operand: &Operand, space: Space) -> Lowered<Address> {
        let Operand::Memory(base, offset) = operand else {
            return Err(format!("address {operand:?}"));
        };
        match &**base {
            Operand::Int(value) => Ok(Address {
                space,
                base: self.constant(*value),
                offset: *offset,
            }),
            Operand::Name(name) => match self.find(name) {
                Some(Named::Register(slot, _)) => {
                    // a called function's parameters are in local memory; it knows only generic addresses of them
                    let space = if space == Space::Param && self.depth > 1 {
                        Space::Generic
                    } else {
                        space
                    };
                    Ok(Address {
                        space,
                        base: slot,
                        offset: *offset,
                    })
                }
                _ => {
                    let (space, at) = self.variable(name).ok_or(format!("{name} is not known"))?;
                    Ok(Address {
                        space,
                        base: self.constant(at),
                        offset: *offset,
                    })
                }
            },
            other => Err(format!("base {other:?}")),
        }
    }

    pub fn logic(name: &str) -> Option<Logic> {
        match name {
            "and" => Some(Logic::And),
            "or" => Some(Logic::Or),
            "xor" => Some(Logic::Xor),
            _ => None,
        }
    }
}
