//! What NVML says of the emulated cards, asked as the board asks: through the library, with no binding between.
use crate::common::context;
use crate::machine::passes;
use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};

unsafe extern "C" {
    fn dlopen(file: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
}

/// A function of NVML, opened as programs open it.
macro_rules! nvml {
    ($name:literal($($t:ty),*)) => {{
        let library = unsafe { dlopen(c"libnvidia-ml.so.1".as_ptr(), 2) };
        assert!(!library.is_null());
        let found = unsafe { dlsym(library, CString::new($name).unwrap().as_ptr()) };
        assert!(!found.is_null(), $name);
        unsafe { std::mem::transmute::<*mut c_void, extern "C" fn($($t),*) -> c_int>(found) }
    }};
}

#[test]
fn the_cards_are_known_and_who_is_on_them() {
    let folder = std::env::temp_dir().join(format!("cuda-emulator-shared-{}", std::process::id()));
    passes(
        "nvml::figures",
        &[
            ("CUDA_EMULATOR", Some("1")),
            ("CUDA_EMULATOR_DEVICES", Some("2")),
            ("CUDA_EMULATOR_MEMORY_MIB", Some("64,32")),
            ("CUDA_EMULATOR_SHARED", Some(&folder.display().to_string())),
            ("CUDA_VISIBLE_DEVICES", Some("1")),
        ],
    );
    assert_eq!(
        std::fs::read_dir(&folder).unwrap().count(),
        0,
        "a process that ends takes its file along"
    );
    std::fs::remove_dir_all(&folder).unwrap();
    passes("nvml::absent", &[("CUDA_EMULATOR", None)]);
}

#[test]
#[ignore = "runs in a process of its own"]
fn absent() {
    assert_eq!(nvml!("nvmlInit_v2"())(), 9, "the driver is not loaded");
}

#[test]
#[ignore = "runs in a process of its own"]
fn figures() {
    assert_eq!(nvml!("nvmlInit_v2"())(), 0);
    let mut count = 0;
    assert_eq!(nvml!("nvmlDeviceGetCount_v2"(*mut c_uint))(&raw mut count), 0);
    assert_eq!(count, 2, "whatever the process sees");
    let mut card = 0usize;
    assert_eq!(
        nvml!("nvmlDeviceGetHandleByIndex_v2"(c_uint, *mut usize))(1, &raw mut card),
        0
    );
    let mut name = [0; 64];
    assert_eq!(
        nvml!("nvmlDeviceGetName"(usize, *mut c_char, c_uint))(card, name.as_mut_ptr(), 64),
        0
    );
    assert_eq!(unsafe { CStr::from_ptr(name.as_ptr()) }, c"Emulated GPU 1");
    let memory = |card| {
        let mut memory = [0u64; 3];
        assert_eq!(
            nvml!("nvmlDeviceGetMemoryInfo"(usize, *mut u64))(card, memory.as_mut_ptr()),
            0
        );
        memory
    };
    assert_eq!(memory(card), [32 << 20, 32 << 20, 0]);
    // the only card that is visible is the second
    let stream = context().default_stream();
    let held = stream.alloc_zeros::<u8>(6 << 20).unwrap();
    assert_eq!(memory(card), [32 << 20, 26 << 20, 6 << 20]);
    let mut rates = [0; 2];
    assert_eq!(
        nvml!("nvmlDeviceGetUtilizationRates"(usize, *mut c_uint))(card, rates.as_mut_ptr()),
        0
    );
    assert!(rates[0] > 0 && rates[0] <= 100);
    let (mut temperature, mut power) = (0, 0);
    assert_eq!(
        nvml!("nvmlDeviceGetTemperature"(usize, c_int, *mut c_uint))(card, 0, &raw mut temperature),
        0
    );
    assert_eq!(
        nvml!("nvmlDeviceGetPowerUsage"(usize, *mut c_uint))(card, &raw mut power),
        0
    );
    assert!((20..100).contains(&temperature) && power > 10_000);
    // pid and padding, bytes, two instances
    let (mut found, mut processes) = (4, [0u64; 12]);
    let ask = nvml!("nvmlDeviceGetComputeRunningProcesses_v3"(usize, *mut c_uint, *mut u64));
    assert_eq!(ask(card, &raw mut found, processes.as_mut_ptr()), 0);
    assert_eq!(
        (found, processes[0] as u32, processes[1]),
        (1, std::process::id(), 6 << 20)
    );
    drop(held);
    let mut version = [0; 80];
    assert_eq!(
        nvml!("nvmlSystemGetDriverVersion"(*mut c_char, c_uint))(version.as_mut_ptr(), 80),
        0
    );
    assert_eq!(unsafe { CStr::from_ptr(version.as_ptr()) }, c"580.65.06");
}
