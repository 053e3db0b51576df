//! cuBLAS: found, opened, and the few of its functions that products need.
//!
//! A table of our own: what loads cuBLAS by name asks for the plain `libcublas.so` first, and so for whatever a toolkit of
//! another version has put on the loader's path, although the right one is open.
use super::driver::CudaVersion;
use super::libraries::file_of;
use super::search::Place;
use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use protocol::cuda::Capability;
use protocol::{Said, says};
use std::ffi::{OsString, c_int, c_longlong, c_void};
use std::path::{Path, PathBuf};

/// `cublasHandle_t`.
pub type Handle = *mut c_void;
/// A driver's stream, `CUstream`.
pub type Stream = *mut c_void;
/// `cublasStatus_t`; 0 is success.
pub type Status = c_int;

/// `cublasOperation_t`.
pub const OP_N: c_int = 0;
pub const OP_T: c_int = 1;
/// `cudaDataType_t`.
pub const R_32F: c_int = 0;
pub const R_16F: c_int = 2;
pub const R_16BF: c_int = 14;
/// `cublasComputeType_t`: f32 sums; with TF32 multipliers where asked.
pub const COMPUTE_32F: c_int = 68;
pub const COMPUTE_32F_FAST_TF32: c_int = 77;
/// `cublasGemmAlgo_t`: the library chooses.
pub const ALGO_DEFAULT: c_int = -1;

/// `cublasGemmEx`: handle, op a, op b, m, n, k, alpha, a, type, lda, b, type, ldb, beta, c, type, ldc, compute, algorithm.
pub type GemmEx = unsafe extern "C" fn(
    Handle,
    c_int,
    c_int,
    c_int,
    c_int,
    c_int,
    *const c_void,
    *const c_void,
    c_int,
    c_int,
    *const c_void,
    c_int,
    c_int,
    *const c_void,
    *mut c_void,
    c_int,
    c_int,
    c_int,
    c_int,
) -> Status;

/// `cublasGemmStridedBatchedEx`: as [`GemmEx`], with a stride in elements behind each leading dimension and the batch's count
/// before the compute type.
pub type GemmStridedBatchedEx = unsafe extern "C" fn(
    Handle,
    c_int,
    c_int,
    c_int,
    c_int,
    c_int,
    *const c_void,
    *const c_void,
    c_int,
    c_int,
    c_longlong,
    *const c_void,
    c_int,
    c_int,
    c_longlong,
    *const c_void,
    *mut c_void,
    c_int,
    c_int,
    c_longlong,
    c_int,
    c_int,
    c_int,
) -> Status;

/// The functions, as NVIDIA's documentation declares them; they may be called while [`Blas`] lives.
pub struct Calls {
    pub create: unsafe extern "C" fn(*mut Handle) -> Status,
    pub destroy: unsafe extern "C" fn(Handle) -> Status,
    pub set_stream: unsafe extern "C" fn(Handle, Stream) -> Status,
    /// Device memory of a size in bytes that the caller keeps.
    pub set_workspace: unsafe extern "C" fn(Handle, *mut c_void, usize) -> Status,
    pub set_math_mode: unsafe extern "C" fn(Handle, c_int) -> Status,
    pub gemm_ex: GemmEx,
    pub gemm_strided_batched_ex: GemmStridedBatchedEx,
    /// Part of the version (0 major, 1 minor, 2 patch); needs no handle.
    property: unsafe extern "C" fn(c_int, *mut c_int) -> Status,
}

/// A cuBLAS that this machine's driver and cards can run.
pub struct Blas {
    pub calls: Calls,
    version: Version,
    path: PathBuf,
    lt_path: PathBuf,
    _library: Library,
    // opened first and closed last: cuBLAS calls it
    _lt: Library,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    major: c_int,
    minor: c_int,
    patch: c_int,
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl Version {
    /// Why it won't do for this driver and card: 13 wants a driver that runs CUDA 13, and cards of 10.0 and newer came with 12.8.
    fn misfit(self, driver: CudaVersion, card: Capability) -> Option<String> {
        let blackwell = card.major >= 10 && (self.major, self.minor) < (12, 8);
        match self.major {
            12 if blackwell => Some(format!("{self} is older than 12.8, which cards of {card} need")),
            12 => None,
            13 if driver.major() >= 13 => None,
            13 => Some(format!("{self} needs driver 580")),
            _ => Some(format!("{self} is neither 12 nor 13")),
        }
    }
}

/// A candidate: how the loader is asked for the two files.
struct Candidate {
    lt: OsString,
    blas: OsString,
}

impl Candidate {
    /// Those of a place, best first. A file in a folder of another user is not run.
    fn of(place: &Place, driver: CudaVersion) -> Vec<Self> {
        let endings: &[&str] = match driver.major() {
            ..13 => &[".12", ""],
            _ => &[".13", ".12", ""],
        };
        let at = |ending: &&str| {
            let named = |name: &str| OsString::from(format!("lib{name}.so{ending}"));
            match place {
                Place::Loader => Some(Self {
                    lt: named("cublasLt"),
                    blas: named("cublas"),
                }),
                Place::Folder(folder) => {
                    let file = |name| Some(folder.join(named(name))).filter(|file| is_ours_to_run(file));
                    Some(Self {
                        lt: file("cublasLt")?.into(),
                        blas: file("cublas")?.into(),
                    })
                }
            }
        };
        endings.iter().filter_map(at).collect()
    }
}

/// A file of this user's or of the system's.
fn is_ours_to_run(file: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    // SAFETY: it returns a number
    let user = unsafe { libc::geteuid() };
    std::fs::metadata(file).is_ok_and(|found| found.is_file() && [0, user].contains(&found.uid()))
}

impl Blas {
    /// The first of these places that the driver and the newest card can run.
    ///
    /// # Errors
    /// There is none, or none that can be used, with what is wrong in each.
    pub(super) fn first(places: &[Place], driver: CudaVersion, card: Capability) -> Result<Self, Said> {
        let mut tried = vec![];
        for candidate in places.iter().flat_map(|place| Candidate::of(place, driver)) {
            match Self::open(&candidate) {
                Ok(Some(found)) => match found.version.misfit(driver, card) {
                    None => return Ok(found),
                    Some(why) => tried.push(format!("{}: {why}", found.path.display())),
                },
                Ok(None) => {}
                Err(why) => tried.push(why),
            }
        }
        tried.dedup();
        match tried.is_empty() {
            true => Err(says::no_cublas(super::wheel::fitting().size())),
            false => Err(says::bad_cublas(tried.join("; "))),
        }
    }

    /// `None` where the loader knows no such file.
    fn open(candidate: &Candidate) -> Result<Option<Self>, String> {
        // SAFETY: opening runs the library's own start, as for every program that uses it
        let open = |name: &OsString| unsafe { Library::open(Some(name), RTLD_NOW | RTLD_LOCAL) };
        let path = Path::new(&candidate.blas);
        let failed = |why: libloading::Error| format!("{}: {}", path.display(), chain(&why));
        let (lt, library) = match open(&candidate.lt).and_then(|lt| Ok((lt, open(&candidate.blas)?))) {
            Ok(both) => both,
            Err(_) if path.is_relative() => return Ok(None),
            Err(why) => return Err(failed(why)),
        };
        let calls = Calls::of(&library).map_err(failed)?;
        // SAFETY: only asked for its address
        let probe = unsafe { lt.get::<unsafe extern "C" fn()>("cublasLtCreate") }.ok();
        let place = |function, asked: &OsString| file_of(function).unwrap_or_else(|| asked.into());
        Ok(Some(Self {
            path: place(calls.create as *const (), &candidate.blas),
            lt_path: probe.map_or_else(
                || (&candidate.lt).into(),
                |probe| place(*probe as *const (), &candidate.lt),
            ),
            version: calls
                .version()
                .ok_or_else(|| format!("{}: tells no version", path.display()))?,
            calls,
            _library: library,
            _lt: lt,
        }))
    }

    pub fn facts(&self) -> protocol::cuda::Library {
        protocol::cuda::Library {
            path: self.path.display().to_string(),
            version: self.version.to_string(),
        }
    }

    /// cublasLt is of the same version.
    pub fn lt_facts(&self) -> protocol::cuda::Library {
        protocol::cuda::Library {
            path: self.lt_path.display().to_string(),
            version: self.version.to_string(),
        }
    }
}

/// libloading's errors keep the loader's words one further in.
fn chain(error: &libloading::Error) -> String {
    use std::error::Error;
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}

impl Calls {
    fn of(library: &Library) -> Result<Self, libloading::Error> {
        // SAFETY: each name has the type that its field says; `Blas` keeps the library open beside the pointers
        unsafe {
            Ok(Self {
                create: *library.get("cublasCreate_v2")?,
                destroy: *library.get("cublasDestroy_v2")?,
                set_stream: *library.get("cublasSetStream_v2")?,
                set_workspace: *library.get("cublasSetWorkspace_v2")?,
                set_math_mode: *library.get("cublasSetMathMode")?,
                gemm_ex: *library.get("cublasGemmEx")?,
                gemm_strided_batched_ex: *library.get("cublasGemmStridedBatchedEx")?,
                property: *library.get("cublasGetProperty")?,
            })
        }
    }

    fn version(&self) -> Option<Version> {
        let part = |which| {
            let mut value = 0;
            // SAFETY: it writes the number
            (unsafe { (self.property)(which, &mut value) } == 0).then_some(value)
        };
        Some(Version {
            major: part(0)?,
            minor: part(1)?,
            patch: part(2)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AMPERE: Capability = Capability { major: 8, minor: 6 };
    const BLACKWELL: Capability = Capability { major: 12, minor: 0 };

    #[test]
    fn what_a_driver_or_a_card_can_not_run_is_passed_over() {
        let of = |major, minor| Version { major, minor, patch: 1 };
        let (old, new) = (CudaVersion(12000), CudaVersion(13000));
        assert_eq!(of(12, 0).misfit(old, AMPERE), None);
        assert_eq!(of(13, 0).misfit(new, BLACKWELL), None);
        assert!(of(13, 0).misfit(old, AMPERE).unwrap().contains("580"));
        assert!(of(12, 4).misfit(new, BLACKWELL).unwrap().contains("12.8"));
        assert!(of(11, 8).misfit(new, AMPERE).is_some());
    }

    #[test]
    fn a_folder_is_asked_for_what_lies_in_it_the_newest_that_the_driver_runs_first() {
        let folder = std::env::temp_dir().join(format!("corral-blas-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for name in ["libcublas.so.12", "libcublasLt.so.12", "libcublas.so.13"] {
            std::fs::write(folder.join(name), "no library").unwrap();
        }
        let place = Place::Folder(folder.clone());
        let names = |driver| {
            let all = Candidate::of(&place, CudaVersion(driver));
            all.iter().map(|c| PathBuf::from(&c.blas)).collect::<Vec<_>>()
        };
        // without its cublasLt it is none
        assert_eq!(names(13000), [folder.join("libcublas.so.12")]);
        std::fs::write(folder.join("libcublasLt.so.13"), "").unwrap();
        assert_eq!(
            names(13000),
            [folder.join("libcublas.so.13"), folder.join("libcublas.so.12")]
        );
        assert_eq!(names(12000), [folder.join("libcublas.so.12")]);
        // what is no library is told with the loader's own words
        let why = Blas::first(&[place], CudaVersion(12000), AMPERE).err().unwrap();
        assert_eq!(why.code, "bad_cublas");
        assert!(why.contains("libcublas.so.12: "), "{why}");
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn where_nothing_lies_there_is_none() {
        let why = Blas::first(&[Place::Folder("/nowhere".into())], CudaVersion(12000), AMPERE);
        assert_eq!(why.err().unwrap().code, "no_cublas");
    }
}
