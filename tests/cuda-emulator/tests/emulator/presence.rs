//! When there is a device: Cargo's library path is inherited by every program that a test starts, the device is not.
use crate::common::{child, context};
use cudarc::driver::result;

#[test]
fn a_program_that_does_not_ask_finds_the_library_and_no_device() {
    let output = child("presence::without_asking", &[("CUDA_EMULATOR", None)]);
    assert!(output.status.success(), "{output:?}");
}

#[test]
#[ignore = "runs in a process of its own, started by the test above"]
fn without_asking() {
    assert!(unsafe { cudarc::driver::sys::is_culib_present() });
    let error = result::init().expect_err("no device");
    assert!(
        format!("{error:?}").contains("CUDA_EMULATOR=1 turns it on"),
        "{error:?}"
    );
    assert!(!is_there());
}

#[test]
fn a_test_that_asks_has_one() {
    context();
    assert!(is_there());
}

fn is_there() -> bool {
    result::device::get_count().unwrap() > 0
}
