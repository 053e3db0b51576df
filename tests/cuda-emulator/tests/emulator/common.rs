//! What the tests share: a kernel's source to a loaded module, by Debian's clang alone.
use cudarc::driver::{CudaContext, CudaSlice, CudaStream, DevicePtr, DriverError, LaunchConfig, result, sys};
use std::ffi::{CString, c_void};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Once};

/// Turns the device on for this process, and opens it.
pub fn context() -> Arc<CudaContext> {
    static ON: Once = Once::new();
    #[expect(
        clippy::disallowed_methods,
        reason = "Rust's readers and writers take turns, and nothing of C reads here"
    )]
    ON.call_once(|| unsafe { std::env::set_var("CUDA_EMULATOR", "1") });
    CudaContext::new(0).expect("a device")
}

/// A module on the device.
pub struct Module(sys::CUmodule);

impl Module {
    pub fn new(ptx: &str) -> Result<Module, DriverError> {
        let text = CString::new(ptx).expect("no zero");
        unsafe { result::module::load_data(text.as_ptr().cast()) }.map(Module)
    }

    pub fn function(&self, name: &str) -> sys::CUfunction {
        unsafe { result::module::get_function(self.0, CString::new(name).expect("a name")) }.expect("a kernel")
    }

    /// Address and bytes of a variable.
    pub fn global(&self, name: &str) -> (sys::CUdeviceptr, usize) {
        unsafe { result::module::get_global(self.0, CString::new(name).expect("a name")) }.expect("a variable")
    }
}

/// A file of `tests/kernels`, compiled with these macros defined, on the device.
pub fn load(source: &str, defines: &[&str]) -> (Arc<CudaStream>, Module) {
    let context = context();
    let module = Module::new(&compiled(source, defines)).expect("loads");
    (context.default_stream(), module)
}

/// What a kernel takes, as the bytes of its parameter.
pub trait Argument {
    fn bytes(&self, stream: &CudaStream) -> Vec<u8>;
}

macro_rules! numbers {
    ($($t:ty),*) => {$(
        impl Argument for $t {
            fn bytes(&self, _: &CudaStream) -> Vec<u8> {
                self.to_ne_bytes().to_vec()
            }
        }
    )*};
}
numbers!(i32, u64, f32);

impl<T> Argument for CudaSlice<T> {
    fn bytes(&self, stream: &CudaStream) -> Vec<u8> {
        self.device_ptr(stream).0.to_ne_bytes().to_vec()
    }
}

/// A launch whose arguments are being given.
pub struct Launch<'a> {
    stream: &'a CudaStream,
    function: sys::CUfunction,
    arguments: Vec<Vec<u8>>,
}

impl<'a> Launch<'a> {
    pub fn of(stream: &'a CudaStream, function: sys::CUfunction) -> Launch<'a> {
        Launch {
            stream,
            function,
            arguments: vec![],
        }
    }

    pub fn arg(mut self, value: &impl Argument) -> Launch<'a> {
        self.arguments.push(value.bytes(self.stream));
        self
    }

    pub fn run(mut self, config: LaunchConfig) -> Result<(), DriverError> {
        let mut pointers: Vec<*mut c_void> = self.arguments.iter_mut().map(|a| a.as_mut_ptr().cast()).collect();
        unsafe {
            result::launch_kernel(
                self.function,
                config.grid_dim,
                config.block_dim,
                config.shared_mem_bytes,
                self.stream.cu_stream(),
                &mut pointers,
            )
        }
    }
}

/// The PTX of a file of `tests/kernels`.
pub fn compiled(source: &str, defines: &[&str]) -> String {
    let out = Command::new("clang-19")
        .args(["-x", "cuda", "--cuda-device-only", "--cuda-gpu-arch=sm_80"])
        .args(["-nocudainc", "-nocudalib", "-O3", "-gline-tables-only", "-S"])
        .args(["-fdeclspec", "--cuda-feature=+ptx70", "-Wno-unknown-cuda-version"])
        .args(defines.iter().map(|name| format!("-D{name}")))
        .arg(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kernels")).join(source))
        .args(["-o", "-"])
        .output()
        .expect("clang-19, which tests/setup.sh installs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).expect("text")
}

pub fn config(grid: u32, block: u32) -> LaunchConfig {
    LaunchConfig {
        grid_dim: (grid, 1, 1),
        block_dim: (block, 1, 1),
        shared_mem_bytes: 0,
    }
}

/// Runs an ignored test of this program in a process of its own, where the environment is as given (`None`: not set).
pub fn child(test: &str, environment: &[(&str, Option<&str>)]) -> Output {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", test, "--ignored"]);
    for (name, value) in environment {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.output().expect("starts")
}

/// Values that look random and are the same in every run.
pub fn values(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2654435761).wrapping_add(12345);
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(1664525).wrapping_add(1013904223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        })
        .collect()
}
