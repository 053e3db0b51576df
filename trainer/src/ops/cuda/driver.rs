//! NVIDIA's driver, libcuda: opened, asked for its version and the cards that it shows.
use super::libraries::file_of;
use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use protocol::cuda::{Capability, Card};
use protocol::{Said, says};
use std::ffi::{CStr, c_char, c_int, c_uint};
use std::path::PathBuf;
use std::sync::OnceLock;

/// Where the driver is looked for. The names stand in the order in which cudarc asks for them, so that both get the same
/// file; behind them where WSL and NixOS keep it, which cudarc then finds open by its name.
const NAMES: [&str; 4] = [
    "libcuda.so",
    "libcuda.so.1",
    "/usr/lib/wsl/lib/libcuda.so.1",
    "/run/opengl-driver/lib/libcuda.so.1",
];

/// The least that is trained on: bf16 and asynchronous copies came with it.
pub(super) const LEAST: Capability = Capability { major: 8, minor: 0 };
/// CUDA 12.0, driver 525.
const OLDEST: CudaVersion = CudaVersion(12000);

const NO_DEVICE: c_int = 100;
const STUB: c_int = 34;
const CAPABILITY_MAJOR: c_int = 75;
const CAPABILITY_MINOR: c_int = 76;

/// A version of CUDA as the driver tells it: 12080 is 12.8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CudaVersion(pub(super) c_int);

impl CudaVersion {
    pub fn number(self) -> c_int {
        self.0
    }

    pub fn major(self) -> c_int {
        self.0 / 1000
    }
}

impl std::fmt::Display for CudaVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0 / 1000, self.0 % 1000 / 10)
    }
}

/// The driver of this machine, open for the life of the program.
pub struct Driver {
    _library: Library,
    path: PathBuf,
    runs: CudaVersion,
    cards: Vec<Card>,
}

impl Driver {
    /// Opens it once. No card is no error: there are none in [`Self::cards`].
    ///
    /// # Errors
    /// There is none, it is too old, or it does not answer.
    pub fn get() -> Result<&'static Self, Said> {
        static FOUND: OnceLock<Result<Driver, Said>> = OnceLock::new();
        FOUND.get_or_init(Self::open).as_ref().map_err(Clone::clone)
    }

    fn open() -> Result<Self, Said> {
        // SAFETY: opening it runs its own start, as for every program that computes on a card
        let open = |name| unsafe { Library::open(Some(name), RTLD_NOW | RTLD_LOCAL).ok() };
        let library = NAMES.into_iter().find_map(open).ok_or_else(says::no_cuda_driver)?;
        let calls = Calls::of(&library)?;
        let path = file_of(calls.init as *const ()).unwrap_or_else(|| NAMES[1].into());
        let failed = |call, code| match code {
            STUB => says::cuda_stub(&path),
            _ => says::cuda_fails(&path, call, calls.name_of(code)),
        };
        let mut number = 0;
        // SAFETY: it writes the number; it may be called before `cuInit`
        let told = unsafe { (calls.version)(&mut number) };
        let runs = CudaVersion(number);
        if told == 0 && number > 0 && runs < OLDEST {
            return Err(says::cuda_driver_old(runs.to_string()));
        }
        // SAFETY: 0 is the one value of its flags
        match unsafe { (calls.init)(0) } {
            0 if told != 0 => return Err(failed("cuDriverGetVersion", told)),
            0 | NO_DEVICE => {}
            code => return Err(failed("cuInit", code)),
        }
        let cards = calls.cards().map_err(|(call, code)| failed(call, code))?;
        Ok(Self {
            _library: library,
            path,
            runs,
            cards,
        })
    }

    /// The newest CUDA that it runs.
    pub fn runs(&self) -> CudaVersion {
        self.runs
    }

    pub fn cards(&self) -> &[Card] {
        &self.cards
    }

    /// The newest card's capability.
    pub fn newest(&self) -> Capability {
        let all = self.cards.iter().map(|card| card.capability);
        all.max().unwrap_or(LEAST)
    }

    pub fn facts(&self) -> protocol::cuda::Library {
        protocol::cuda::Library {
            path: self.path.display().to_string(),
            version: self.runs.to_string(),
        }
    }
}

/// The functions asked here. The types are those of NVIDIA's documentation of the driver API.
struct Calls {
    init: unsafe extern "C" fn(c_uint) -> c_int,
    version: unsafe extern "C" fn(*mut c_int) -> c_int,
    error_name: unsafe extern "C" fn(c_int, *mut *const c_char) -> c_int,
    count: unsafe extern "C" fn(*mut c_int) -> c_int,
    device: unsafe extern "C" fn(*mut c_int, c_int) -> c_int,
    name: unsafe extern "C" fn(*mut c_char, c_int, c_int) -> c_int,
    memory: unsafe extern "C" fn(*mut usize, c_int) -> c_int,
    attribute: unsafe extern "C" fn(*mut c_int, c_int, c_int) -> c_int,
    uuid: unsafe extern "C" fn(*mut [u8; 16], c_int) -> c_int,
}

/// The call that failed, and what it returned.
type Failed = (&'static str, c_int);

impl Calls {
    fn of(library: &Library) -> Result<Self, Said> {
        // SAFETY: each name has the type that its field says; the library is kept open beside the pointers
        unsafe {
            let find = || -> Result<Self, libloading::Error> {
                Ok(Self {
                    init: *library.get("cuInit")?,
                    version: *library.get("cuDriverGetVersion")?,
                    error_name: *library.get("cuGetErrorName")?,
                    count: *library.get("cuDeviceGetCount")?,
                    device: *library.get("cuDeviceGet")?,
                    name: *library.get("cuDeviceGetName")?,
                    memory: *library.get("cuDeviceTotalMem_v2")?,
                    attribute: *library.get("cuDeviceGetAttribute")?,
                    uuid: *library.get("cuDeviceGetUuid_v2")?,
                })
            };
            // what lacks one of these is older than driver 470
            find().map_err(|_| says::cuda_driver_old("11"))
        }
    }

    fn name_of(&self, code: c_int) -> String {
        let mut name = std::ptr::null();
        // SAFETY: it writes a C string of its own that stays, or null
        let known = unsafe { (self.error_name)(code, &mut name) == 0 && !name.is_null() };
        match known {
            // SAFETY: not null, and the driver's for good
            true => unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned(),
            false => code.to_string(),
        }
    }

    fn cards(&self) -> Result<Vec<Card>, Failed> {
        let mut count = 0;
        // SAFETY: it writes the number
        match unsafe { (self.count)(&mut count) } {
            0 => (0..count).map(|index| self.card(index)).collect(),
            // `cuInit` found no device, so that nothing else answers
            _ => Ok(vec![]),
        }
    }

    fn card(&self, index: c_int) -> Result<Card, Failed> {
        let done = |call, code| if code == 0 { Ok(()) } else { Err((call, code)) };
        let (mut device, mut memory, mut uuid) = (0, 0usize, [0u8; 16]);
        let mut name: [c_char; 256] = [0; 256];
        let (mut major, mut minor) = (0, 0);
        // SAFETY: each writes what it is given room for; the name's length is said
        unsafe {
            done("cuDeviceGet", (self.device)(&mut device, index))?;
            let room = name.len() as c_int - 1;
            done("cuDeviceGetName", (self.name)(name.as_mut_ptr(), room, device))?;
            done("cuDeviceTotalMem", (self.memory)(&mut memory, device))?;
            done("cuDeviceGetUuid", (self.uuid)(&mut uuid, device))?;
            let attribute = |to, which| done("cuDeviceGetAttribute", (self.attribute)(to, which, device));
            attribute(&mut major, CAPABILITY_MAJOR)?;
            attribute(&mut minor, CAPABILITY_MINOR)?;
        }
        // SAFETY: the last byte is still 0, so the text ends
        let name = unsafe { CStr::from_ptr(name.as_ptr()) }.to_string_lossy().into_owned();
        let part = |number: c_int| u32::try_from(number).unwrap_or(0);
        let capability = Capability {
            major: part(major),
            minor: part(minor),
        };
        Ok(Card {
            index: part(index),
            uuid: uuid_text(uuid),
            memory: memory as u64,
            unusable: (capability < LEAST).then(|| says::old_card(&name, capability.to_string())),
            name,
            capability,
        })
    }
}

/// "GPU-" and the bytes in hexadecimal, grouped as UUIDs are: the name that `CUDA_VISIBLE_DEVICES` takes.
fn uuid_text(bytes: [u8; 16]) -> String {
    let mut text = String::from("GPU");
    for (at, byte) in bytes.iter().enumerate() {
        if [0, 4, 6, 8, 10].contains(&at) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_written_as_the_driver_tools_write_it() {
        let bytes = std::array::from_fn(|n| n as u8 * 0x11);
        assert_eq!(uuid_text(bytes), "GPU-00112233-4455-6677-8899-aabbccddeeff");
    }

    #[test]
    fn versions_of_cuda_are_read_and_compared() {
        assert_eq!(CudaVersion(12080).to_string(), "12.8");
        assert_eq!(CudaVersion(13000).to_string(), "13.0");
        assert_eq!(CudaVersion(13000).major(), 13);
        assert!(CudaVersion(11080) < OLDEST && OLDEST < CudaVersion(12010));
    }
}
