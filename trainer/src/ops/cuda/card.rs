//! One card: its context, its only stream, its memory pool, its loaded kernels and its handle of cuBLAS.
use super::blas::{self, Calls};
use super::libraries::Libraries;
use super::modules::Module;
use super::signature::Signature;
use crate::error::{Error, Result};
use candle_core::DType;
use cudarc::driver::{CudaContext, CudaStream, DriverError, result as driver, sys};
use std::collections::HashMap;
use std::ffi::CString;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// A handle on a card; copies of it are the same card.
#[derive(Clone)]
pub struct Card(Arc<Inner>);

struct Inner {
    ordinal: usize,
    name: String,
    context: Arc<CudaContext>,
    stream: Arc<CudaStream>,
    calls: &'static Calls,
    blas: blas::Handle,
    kernels: Mutex<Kernels>,
}

/// What has been loaded: modules by their name, functions by their module's and theirs.
#[derive(Default)]
struct Kernels {
    modules: HashMap<&'static str, sys::CUmodule>,
    functions: HashMap<(&'static str, String), Function>,
}

/// A kernel and what it takes.
#[derive(Clone)]
pub(super) struct Function {
    pub handle: sys::CUfunction,
    pub signature: Arc<Signature>,
}

// SAFETY: the driver's handles may be used from any thread that has made the context its own, which `Card::enter` does
// before each call; cuBLAS's handle is used by one thread at a time, since a session computes on one thread and the
// buffers that a call needs are borrowed by it.
unsafe impl Send for Inner {}
// SAFETY: as for `Send`; what changes after opening lies behind a lock.
unsafe impl Sync for Inner {}

impl Card {
    /// Opens the card with this number among those that the driver shows.
    ///
    /// # Errors
    /// The driver, cuBLAS or the card refuses.
    pub fn open(ordinal: usize) -> Result<Self> {
        let calls = &Libraries::get().map_err(Error::invalid)?.blas().calls;
        let context = CudaContext::new(ordinal).map_err(failed)?;
        let stream = context.default_stream();
        let name = context.name().map_err(failed)?;
        let mut blas = std::ptr::null_mut();
        // SAFETY: it writes the handle.
        succeeded(unsafe { (calls.create)(&mut blas) })?;
        // SAFETY: both handles were just made and live as long as the card.
        succeeded(unsafe { (calls.set_stream)(blas, stream.cu_stream().cast()) })?;
        let card = Self(Arc::new(Inner {
            ordinal,
            name,
            context,
            stream,
            calls,
            blas,
            kernels: Mutex::default(),
        }));
        card.keep_freed_memory()?;
        Ok(card)
    }

    pub fn ordinal(&self) -> usize {
        self.0.ordinal
    }

    /// What its maker calls it.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Free and whole memory, in bytes.
    pub fn memory(&self) -> Result<(usize, usize)> {
        self.enter()?;
        driver::mem_get_info().map_err(failed)
    }

    /// Waits until everything asked of it is done.
    pub fn synchronize(&self) -> Result<()> {
        self.enter()?;
        self.0.stream.synchronize().map_err(failed)
    }

    /// Makes the card's context this thread's.
    pub(super) fn enter(&self) -> Result<()> {
        self.0.context.bind_to_thread().map_err(failed)
    }

    pub(super) fn device(&self) -> sys::CUdevice {
        self.0.context.cu_device()
    }

    pub(super) fn stream(&self) -> sys::CUstream {
        self.0.stream.cu_stream()
    }

    pub(super) fn calls(&self) -> &'static Calls {
        self.0.calls
    }

    pub(super) fn blas(&self) -> blas::Handle {
        self.0.blas
    }

    /// The kernel `name` of a module, for elements of this type: `rms_norm_bf16`.
    pub(super) fn function(&self, module: &Module, name: &str, dtype: Option<DType>) -> Result<Function> {
        let name = match dtype {
            Some(dtype) => format!("{name}_{}", dtype.as_str()),
            None => name.to_owned(),
        };
        let key = (module.name, name);
        let mut kernels = self.0.kernels.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(function) = kernels.functions.get(&key) {
            return Ok(function.clone());
        }
        self.enter()?;
        let loaded = match kernels.modules.get(module.name) {
            Some(loaded) => *loaded,
            None => {
                let ptx = CString::new(module.ptx).map_err(|e| Error::internal(e.to_string()))?;
                // SAFETY: PTX is text that ends with a zero, and lives until the call is over.
                let loaded = unsafe { driver::module::load_data(ptx.as_ptr().cast()) }
                    .map_err(|e| Error::internal(format!("kernels `{}`: {}", module.name, words(e))))?;
                kernels.modules.insert(module.name, loaded);
                loaded
            }
        };
        let symbol = CString::new(key.1.as_str()).map_err(|e| Error::internal(e.to_string()))?;
        // SAFETY: the module was loaded into this context and is never unloaded before it.
        let handle = unsafe { driver::module::get_function(loaded, symbol) }
            .map_err(|e| Error::internal(format!("kernel `{}`: {}", key.1, words(e))))?;
        let signature = Arc::new(Signature::of(module, &key.1)?);
        let function = Function { handle, signature };
        kernels.functions.insert(key, function.clone());
        Ok(function)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if self.context.bind_to_thread().is_ok() {
            // SAFETY: nobody else holds the handle any more. What it answers is of no use here.
            let _ = unsafe { (self.calls.destroy)(self.blas) };
        }
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "cuda:{} ({})", self.0.ordinal, self.0.name)
    }
}

/// The driver's own words.
fn words(error: DriverError) -> String {
    match error.error_string() {
        Ok(text) => text.to_string_lossy().into_owned(),
        Err(_) => format!("{error:?}"),
    }
}

pub(super) fn failed(error: DriverError) -> Error {
    Error::Card(words(error))
}

/// What cuBLAS answers.
pub(super) fn succeeded(status: blas::Status) -> Result<()> {
    match status {
        0 => Ok(()),
        status => Err(Error::Card(format!("cuBLAS status {status}"))),
    }
}
