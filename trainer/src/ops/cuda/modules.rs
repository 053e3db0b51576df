//! The kernels' modules: PTX made from the `.cu` files beside it, part of the program.

/// Each of these is `name.ptx` beside this file.
macro_rules! modules {
    ($($constant:ident $name:literal),+ $(,)?) => {
        $(pub(crate) const $constant: Module = Module {
            name: $name,
            ptx: include_str!(concat!($name, ".ptx")),
        };)+

        #[cfg(test)]
        pub(super) const ALL: &[Module] = &[$($constant),+];
    };
}

modules!(
    ACT "act",
    ACTIVATION "activation",
    ADAFACTOR "adafactor",
    APOLLO "apollo",
    ATTENTION "attention",
    ATTENTION_SHAPED "attention_shaped",
    ATTENTION_TENSOR "attention_tensor",
    ATTENTION_TENSOR_F16 "attention_tensor_f16",
    ATTENTION_TENSOR_SHAPED "attention_tensor_shaped",
    ATTENTION_TENSOR_SHAPED_F16 "attention_tensor_shaped_f16",
    BIAS "bias",
    CAYLEY "cayley",
    CLAMPED "clamped",
    CONVERT "convert",
    DORA "dora",
    GATHER "gather",
    HEAD "head",
    HEAD_FORM "head_form",
    NORM "norm",
    OPTIMIZER "optimizer",
    QUANT "quant",
    RANDOM "random",
    ROPE "rope",
    ROTATE "rotate",
    ROUTE "route",
    SCALE "scale",
);

/// PTX with its name.
#[derive(Debug)]
pub(crate) struct Module {
    pub name: &'static str,
    pub ptx: &'static str,
}
