//! What a kernel takes, as `compile.sh` wrote it above its PTX: an argument of another kind would be read as something else.
use super::modules::Module;
use crate::error::{Error, Result};
use candle_core::DType;

/// The kinds of a kernel's parameters, in order.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Signature(Vec<Parameter>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Parameter {
    /// the address of values of this type
    Values(DType),
    /// of bytes that it reads in a way of its own
    Bytes,
    U32,
    U64,
    F32,
    F64,
}

/// What a kernel is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Argument {
    Values(DType),
    /// no address
    None,
    U32,
    U64,
    F32,
    F64,
    /// a number of 32 or 64 bits, as it is
    Bits,
}

impl Parameter {
    /// `of` is the type that the kernel's name ends with, which its `T` is.
    fn parse(text: &str, of: Option<DType>) -> Option<Self> {
        let text = text.trim();
        let Some(element) = text.strip_suffix('*') else {
            return Some(match text {
                "unsigned int" => Self::U32,
                "u64" => Self::U64,
                "float" => Self::F32,
                "double" => Self::F64,
                _ => return None,
            });
        };
        let element = element.trim();
        Some(match element.strip_prefix("const ").unwrap_or(element) {
            "T" => Self::Values(of?),
            "float" => Self::Values(DType::F32),
            "double" => Self::Values(DType::F64),
            "bf16" => Self::Values(DType::BF16),
            "f16" => Self::Values(DType::F16),
            // records of whole numbers, as a plan's lists are
            "unsigned int" | "Segment" | "Range" | "QueryTile" | "KeyTile" | "Visit" => Self::Values(DType::U32),
            "u8" | "unsigned char" => Self::Values(DType::U8),
            "signed char" | "unsigned short" => Self::Bytes,
            // of floats and a double
            "Running" => Self::Values(DType::F64),
            _ => return None,
        })
    }

    fn takes(self, argument: Argument) -> bool {
        match (self, argument) {
            (Self::Values(wanted), Argument::Values(given)) => wanted == given,
            (Self::Bytes, Argument::Values(given)) => given == DType::U8,
            (Self::Values(_) | Self::Bytes, Argument::None) => true,
            (Self::U32 | Self::U64, Argument::Bits) => true,
            (Self::U32, Argument::U32) | (Self::U64, Argument::U64) => true,
            (Self::F32, Argument::F32) | (Self::F64, Argument::F64) => true,
            _ => false,
        }
    }
}

impl Signature {
    /// Of the kernel `name` of a module.
    ///
    /// # Errors
    /// The module says nothing of it, or names a type that is not known here.
    pub fn of(module: &Module, name: &str) -> Result<Self> {
        let unknown = || {
            Error::internal(format!(
                "what the kernel `{name}` of `{}` takes is not known",
                module.name
            ))
        };
        let types = [DType::F32, DType::BF16, DType::F16, DType::F64];
        let of = types
            .into_iter()
            .find(|dtype| name.ends_with(&format!("_{}", dtype.as_str())));
        let said = module.ptx.lines().map_while(|line| line.strip_prefix("// "));
        let mut parameters = said.filter_map(|line| {
            let rest = line.strip_prefix("kernel ")?.strip_prefix(name)?;
            rest.strip_prefix('(')?.strip_suffix(')')
        });
        let parameters = parameters.next().ok_or_else(unknown)?.split(',');
        let parsed: Option<Vec<_>> = parameters.map(|text| Parameter::parse(text, of)).collect();
        parsed.map(Self).ok_or_else(unknown)
    }

    /// Whether a kernel of this signature may be started with these.
    ///
    /// # Errors
    /// The first that it does not take, or another number of them.
    pub fn check(&self, arguments: &[Argument]) -> Result<()> {
        if self.0.len() != arguments.len() {
            return Err(Error::internal(format!(
                "a kernel of {} parameters was given {}",
                self.0.len(),
                arguments.len()
            )));
        }
        let mut each = self.0.iter().zip(arguments).enumerate();
        match each.find(|(_, (parameter, argument))| !parameter.takes(**argument)) {
            None => Ok(()),
            Some((at, (parameter, argument))) => Err(Error::internal(format!(
                "parameter {at} of a kernel is {parameter:?} and was given {argument:?}"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::cuda::modules::ALL;

    #[test]
    fn all_that_modules_say_is_understood() {
        for module in ALL {
            let kernels = module.ptx.lines().filter_map(|line| line.strip_prefix("// kernel "));
            let names: Vec<&str> = kernels.filter_map(|line| line.split('(').next()).collect();
            let entries = module.ptx.lines().filter(|line| line.contains(".entry ")).count();
            assert_eq!(names.len(), entries, "{}", module.name);
            assert!(entries > 0, "{}", module.name);
            for name in names {
                Signature::of(module, name).unwrap();
            }
        }
    }

    #[test]
    fn arguments_of_another_kind_are_refused() {
        let module = Module {
            name: "made up",
            ptx: "// clang\n// kernel scale_bf16(T *, const float *, unsigned int, u64, double)\n// kernel other_f32(Strange *)\n.version 7.0",
        };
        let scale = Signature::of(&module, "scale_bf16").unwrap();
        let good = [
            Argument::Values(DType::BF16),
            Argument::None,
            Argument::U32,
            Argument::Bits,
            Argument::F64,
        ];
        scale.check(&good).unwrap();
        for (at, wrong) in [
            (0, Argument::Values(DType::F32)),
            (1, Argument::Values(DType::U32)),
            (2, Argument::U64),
            (3, Argument::U32),
            (4, Argument::F32),
            (4, Argument::None),
        ] {
            let mut arguments = good;
            arguments[at] = wrong;
            let said = scale.check(&arguments).unwrap_err().to_string();
            assert!(said.contains(&format!("parameter {at}")), "{said}");
        }
        assert!(scale.check(&good[..4]).is_err());
        assert!(Signature::of(&module, "scale_f32").is_err());
        assert!(Signature::of(&module, "other_f32").is_err());
    }
}
