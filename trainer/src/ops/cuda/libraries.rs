//! NVIDIA's libraries on this machine, opened when a card is first asked for, so that the program itself needs none of them.
//!
//! The driver is the system's alone. cuBLAS is the first that the driver can run of: the data directory's (`corral cuda
//! install`), the loader's path, `CUDA_HOME`, and what PyTorch and pip installed ([`super::search`]). All stay open for the
//! life of the program. Nothing here panics: what is missing is a sentence.
use super::blas::Blas;
use super::driver::{CudaVersion, Driver, LEAST};
use super::search::{Place, places};
use protocol::cuda::Card;
use protocol::{Said, says};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Everything that training on a card calls.
pub struct Libraries {
    driver: &'static Driver,
    blas: Blas,
}

impl Libraries {
    /// Opens them once.
    ///
    /// # Errors
    /// What is missing, in a sentence.
    pub fn get() -> Result<&'static Self, Said> {
        static FOUND: OnceLock<Result<Libraries, Said>> = OnceLock::new();
        FOUND.get_or_init(Self::open).as_ref().map_err(Clone::clone)
    }

    fn open() -> Result<Self, Said> {
        let driver = Driver::get()?;
        if driver.cards().is_empty() {
            return Err(match std::env::var("CUDA_VISIBLE_DEVICES") {
                Ok(value) => says::no_visible_card(value),
                Err(_) => says::no_cuda_card(),
            });
        }
        let places = places(&|name| std::env::var_os(name));
        let blas = Blas::first(&places, driver.runs(), driver.newest())?;
        Ok(Self { driver, blas })
    }

    /// The CUDA version that the driver runs: 12000 is 12.0.
    pub fn driver_version(&self) -> i32 {
        self.driver.runs().number()
    }

    /// The cards that the driver shows.
    pub fn cards(&self) -> &'static [Card] {
        self.driver.cards()
    }

    pub fn blas(&self) -> &Blas {
        &self.blas
    }
}

/// Whether the libraries in a folder of ours can be used on this machine.
///
/// # Errors
/// Why not.
pub fn open_in(folder: &Path) -> Result<Blas, Said> {
    first_of(&[Place::Folder(folder.to_owned())])
}

/// The cuBLAS that a card would be used with, also where there is none yet.
///
/// # Errors
/// Why there is none.
pub fn blas_alone() -> Result<Blas, Said> {
    first_of(&places(&|name| std::env::var_os(name)))
}

fn first_of(places: &[Place]) -> Result<Blas, Said> {
    // where there is no driver yet, one that is new enough will come
    let (runs, newest) = Driver::get().map_or((CudaVersion(13000), LEAST), |driver| (driver.runs(), driver.newest()));
    Blas::first(places, runs, newest)
}

/// The file that a function of an opened library lies in.
pub(super) fn file_of(function: *const ()) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    // SAFETY: dladdr fills the struct or says that it did not; its name is a C string that the loader keeps
    unsafe {
        let mut found: libc::Dl_info = std::mem::zeroed();
        if libc::dladdr(function.cast(), &mut found) == 0 || found.dli_fname.is_null() {
            return None;
        }
        let name = std::ffi::CStr::from_ptr(found.dli_fname);
        Some(Path::new(std::ffi::OsStr::from_bytes(name.to_bytes())).to_owned())
    }
}
