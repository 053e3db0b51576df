//! The engine called in process: one program, so that it is linked once. A file here is a module of it.

mod common;
mod experts;
mod families;
mod generation;
mod memory;
mod model_files;
mod ops;
mod oracle;
mod quantized;
