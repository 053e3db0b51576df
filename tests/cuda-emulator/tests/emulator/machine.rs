//! The machine around the kernels: drivers, cards, memory pools, counters. What the environment says is read once, so
//! each case runs in a process of its own.
use crate::common::{Launch, child, config, context, load};
use cudarc::driver::{CudaContext, result, sys};

/// Runs an ignored test, which must pass, in a process of its own.
pub fn passes(test: &str, environment: &[(&str, Option<&str>)]) {
    let output = child(test, environment);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn attribute(pool: sys::CUmemoryPool, of: sys::CUmemPool_attribute) -> u64 {
    let mut value = 0u64;
    unsafe { result::mem_pool::get_attribute(pool, of, (&raw mut value).cast()) }.unwrap();
    value
}

#[test]
fn the_pool_has_a_high_water_mark_and_a_threshold() {
    passes(
        "machine::pool",
        &[("CUDA_EMULATOR", Some("1")), ("CUDA_EMULATOR_MEMORY_MIB", Some("64"))],
    );
}

#[test]
#[ignore = "runs in a process of its own"]
fn pool() {
    use sys::CUmemPool_attribute::{
        CU_MEMPOOL_ATTR_RELEASE_THRESHOLD as THRESHOLD, CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT as RESERVED,
        CU_MEMPOOL_ATTR_USED_MEM_CURRENT as USED, CU_MEMPOOL_ATTR_USED_MEM_HIGH as HIGH,
    };
    let context = context();
    let stream = context.default_stream();
    let pool = unsafe { result::device::get_default_mem_pool(context.cu_device()) }.unwrap();
    let whole = result::mem_get_info().unwrap();
    assert_eq!(whole, (64 << 20, 64 << 20));
    let (a, b) = unsafe {
        (
            stream.alloc::<u8>(5 << 20).unwrap(),
            stream.alloc::<u8>(7 << 20).unwrap(),
        )
    };
    drop(a);
    assert_eq!((attribute(pool, USED), attribute(pool, HIGH)), (7 << 20, 12 << 20));
    stream.synchronize().unwrap();
    assert_eq!(
        attribute(pool, RESERVED),
        8 << 20,
        "the rest goes back, as nothing else was asked"
    );
    let mut all = u64::MAX;
    unsafe { result::mem_pool::set_attribute(pool, THRESHOLD, (&raw mut all).cast()) }.unwrap();
    let c = unsafe { stream.alloc::<u8>(9 << 20) }.unwrap();
    drop((b, c));
    stream.synchronize().unwrap();
    assert_eq!((attribute(pool, USED), attribute(pool, HIGH)), (0, 16 << 20));
    assert_eq!(attribute(pool, RESERVED), 16 << 20);
    assert_eq!(result::mem_get_info().unwrap(), (48 << 20, 64 << 20));
    let mut none = 0u64;
    unsafe { result::mem_pool::set_attribute(pool, HIGH, (&raw mut none).cast()) }.unwrap();
    assert_eq!(attribute(pool, HIGH), 0);
    let refused = unsafe { stream.alloc::<u8>(65 << 20) }.expect_err("more than there is");
    assert_eq!(refused.0, sys::CUresult::CUDA_ERROR_OUT_OF_MEMORY);
}

#[test]
fn two_cards_each_have_their_own_memory() {
    passes(
        "machine::two_cards",
        &[
            ("CUDA_EMULATOR", Some("1")),
            ("CUDA_EMULATOR_DEVICES", Some("2")),
            ("CUDA_EMULATOR_NAME", Some("One,Other")),
            ("CUDA_EMULATOR_MEMORY_MIB", Some("64,32")),
        ],
    );
}

#[test]
#[ignore = "runs in a process of its own"]
fn two_cards() {
    let cards = [0, 1].map(|ordinal| CudaContext::new(ordinal).unwrap());
    assert_eq!(cards.each_ref().map(|card| card.name().unwrap()), ["One", "Other"]);
    assert_eq!(
        cards.each_ref().map(|card| card.total_mem().unwrap()),
        [64 << 20, 32 << 20]
    );
    let streams = cards.each_ref().map(|card| card.default_stream());
    let held = streams[1].clone_htod(&[1f32, 2.0]).unwrap();
    assert_eq!(streams[1].clone_dtoh(&held).unwrap(), [1.0, 2.0]);
    // an address of one card means nothing on the other
    let address = {
        use cudarc::driver::DevicePtr;
        held.device_ptr(&streams[1]).0
    };
    cards[0].bind_to_thread().unwrap();
    let error = unsafe { result::memcpy_dtoh_sync(&mut [0f32; 2], address) }.expect_err("another card's");
    assert!(format!("{error:?}").contains("of this card"), "{error:?}");
    assert!(CudaContext::new(2).is_err());
    unsafe { result::ctx::set_current(std::ptr::null_mut()) }.unwrap();
    let error = result::mem_get_info().expect_err("no context");
    assert!(format!("{error:?}").contains("no context is current"), "{error:?}");
}

#[test]
fn a_process_sees_the_cards_that_it_is_told_of() {
    for (visible, names) in [("1", "Other"), ("1,0", "Other One"), ("", "")] {
        let environment = [
            ("CUDA_EMULATOR", Some("1")),
            ("CUDA_EMULATOR_DEVICES", Some("2")),
            ("CUDA_EMULATOR_NAME", Some("One,Other")),
            ("CUDA_VISIBLE_DEVICES", Some(visible)),
            ("NAMES", Some(names)),
        ];
        passes("machine::visible", &environment);
    }
}

#[test]
#[ignore = "runs in a process of its own"]
fn visible() {
    let expected = std::env::var("NAMES").unwrap();
    assert_eq!(result::init().is_ok(), !expected.is_empty());
    let count = result::device::get_count().unwrap();
    let name = |ordinal| result::device::get_name(result::device::get(ordinal).unwrap()).unwrap();
    let names: Vec<String> = (0..count).map(name).collect();
    assert_eq!(names.join(" "), expected);
}

#[test]
fn a_driver_of_cuda_12_takes_what_it_has_and_no_more() {
    passes(
        "machine::old_driver",
        &[("CUDA_EMULATOR", Some("1")), ("CUDA_EMULATOR_DRIVER", Some("12000"))],
    );
}

#[test]
#[ignore = "runs in a process of its own"]
fn old_driver() {
    let (stream, module) = load("basics.cu", &[]);
    let (a, out) = (
        stream.clone_htod(&[1f32; 64]).unwrap(),
        stream.alloc_zeros::<f32>(64).unwrap(),
    );
    let f = module.function("vector_add");
    Launch::of(&stream, f)
        .arg(&a)
        .arg(&a)
        .arg(&out)
        .arg(&64i32)
        .run(config(1, 64))
        .unwrap();
    assert_eq!(stream.clone_dtoh(&out).unwrap(), [2f32; 64]);
    let text = crate::common::compiled("basics.cu", &[]);
    assert!(text.contains(".version 7.0"));
    let newer = crate::common::Module::new(&text.replace(".version 7.0", ".version 8.3"))
        .err()
        .expect("too new");
    assert!(
        format!("{newer:?}").contains("PTX 8.3 is newer than what a driver for CUDA 12000 reads"),
        "{newer:?}"
    );
    let mut time = 0f32;
    let call = unsafe { sys::cuEventElapsedTime_v2(&raw mut time, std::ptr::null_mut(), std::ptr::null_mut()) };
    assert_eq!(call, sys::CUresult::CUDA_ERROR_NOT_SUPPORTED, "came with CUDA 12.8");
}

#[test]
fn what_a_process_did_is_counted() {
    let file = tempfile();
    passes(
        "machine::counted",
        &[
            ("CUDA_EMULATOR", Some("1")),
            ("CUDA_EMULATOR_TRAFFIC", Some("1")),
            ("CUDA_EMULATOR_REPORT", Some(&file)),
        ],
    );
    let left = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    assert!(
        left.starts_with("[{\"synchronizations\": ") && left.ends_with("}}]\n"),
        "{left}"
    );
    assert!(left.contains("\"vector_add\": {\"launches\": 2, "), "{left}");
}

fn tempfile() -> String {
    let name = format!("cuda-emulator-report-{}.json", std::process::id());
    std::env::temp_dir().join(name).display().to_string()
}

#[test]
#[ignore = "runs in a process of its own"]
fn counted() {
    let (stream, module) = load("basics.cu", &[]);
    let add = || {
        let (a, out) = (
            stream.clone_htod(&[1f32; 64]).unwrap(),
            stream.alloc_zeros::<f32>(64).unwrap(),
        );
        let f = module.function("vector_add");
        Launch::of(&stream, f)
            .arg(&a)
            .arg(&a)
            .arg(&out)
            .arg(&64i32)
            .run(config(1, 64))
            .unwrap();
        stream.clone_dtoh(&out).unwrap();
        stream.synchronize().unwrap();
    };
    add();
    let first = cuda_emulator::probe::report(0).expect("the emulator");
    for part in [
        "\"to_device\": {\"calls\": 1, \"bytes\": 256}",
        "\"to_host\": {\"calls\": 1, \"bytes\": 256}",
        "\"memsets\": {\"calls\": 1, \"bytes\": 256}",
        "\"allocations\": {\"calls\": 2, \"bytes\": 512}",
        "\"pool\": {\"high\": 512, \"used\": 0}",
        "\"read\": 512, \"written\": 256, \"asked\": 768, \"fetched\": 768",
    ] {
        assert!(first.contains(part), "{part} is not in {first}");
    }
    cuda_emulator::probe::reset(0);
    assert!(
        cuda_emulator::probe::report(0)
            .unwrap()
            .contains("\"synchronizations\": 0")
    );
    add();
    add();
    assert_eq!(cuda_emulator::probe::live_allocations(0), Some(0));
}

#[test]
fn fresh_ptx_takes_the_place_of_what_a_program_has() {
    let folder = std::env::temp_dir().join(format!("cuda-emulator-ptx-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let text = crate::common::compiled("basics.cu", &[]);
    assert!(text.contains("add.f32"));
    std::fs::write(folder.join("basics.ptx"), text.replace("add.f32", "sub.f32")).unwrap();
    passes(
        "machine::replaced",
        &[
            ("CUDA_EMULATOR", Some("1")),
            ("CUDA_EMULATOR_PTX", Some(&folder.display().to_string())),
        ],
    );
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
#[ignore = "runs in a process of its own"]
fn replaced() {
    let (stream, module) = load("basics.cu", &[]);
    let (a, out) = (
        stream.clone_htod(&[1f32; 64]).unwrap(),
        stream.alloc_zeros::<f32>(64).unwrap(),
    );
    let f = module.function("vector_add");
    Launch::of(&stream, f)
        .arg(&a)
        .arg(&a)
        .arg(&out)
        .arg(&64i32)
        .run(config(1, 64))
        .unwrap();
    assert_eq!(stream.clone_dtoh(&out).unwrap(), [0f32; 64]);
}
