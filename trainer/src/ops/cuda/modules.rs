//! The kernels' modules: PTX made from the `.cu` files beside it, part of the program.

/// Each of these is `name.ptx` beside this file.
macro_rules! modules {
    ($($constant:ident $name:literal),+ $(,)?) => {
        $(pub(crate) const $constant: Module = Module {
            name: $name,
            ptx: include_str!(concat!($name, ".ptx")),
        };)+
    };
}

modules!(CONVERT "convert", NORM "norm");

/// PTX with its name.
#[derive(Debug)]
pub(crate) struct Module {
    pub name: &'static str,
    pub ptx: &'static str,
}
