//! Installs from an index on this machine that serves a tiny wheel, whose libraries are those of the emulator.

use super::*;
use crate::ops::cuda::wheel::TWELVE;
use sha2::{Digest, Sha256};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("corral-cublas-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What stands in for cuBLAS, as Cargo's test runner finds it.
fn emulator() -> PathBuf {
    let path = std::env::var_os("LD_LIBRARY_PATH").expect("Cargo sets it for tests");
    let mut files = std::env::split_paths(&path).map(|folder| folder.join("libcublas.so"));
    files
        .find(|file| file.is_file())
        .expect("the emulator is built with the tests")
}

/// A wheel with these files in it; its path and its checksum.
fn wheel(place: &Path, files: &[(&str, &[u8])]) -> (PathBuf, String) {
    let tree = place.join("tree");
    let info = "nvidia_cublas_cu12-12.8.4.1.dist-info";
    let write = |name: &str, bytes: &[u8]| {
        let path = tree.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        format!("{name},,\n")
    };
    let mut record: String = files.iter().map(|(name, bytes)| write(name, bytes)).collect();
    let metadata = "Metadata-Version: 2.1\nName: nvidia-cublas-cu12\nVersion: 12.8.4.1\n";
    record += &write(&format!("{info}/METADATA"), metadata.as_bytes());
    let kind = "Wheel-Version: 1.0\nGenerator: corral\nRoot-Is-Purelib: true\nTag: py3-none-any\n";
    record += &write(&format!("{info}/WHEEL"), kind.as_bytes());
    write(
        &format!("{info}/RECORD"),
        format!("{record}{info}/RECORD,,\n").as_bytes(),
    );
    let wheel = place.join("nvidia_cublas_cu12-12.8.4.1-py3-none-any.whl");
    let packed = Command::new("python3")
        .args(["-m", "zipfile", "--create"])
        .arg(&wheel)
        .args(["nvidia", info])
        .current_dir(&tree)
        .status();
    assert!(packed.unwrap().success());
    let digest = Sha256::digest(fs::read(&wheel).unwrap());
    (wheel, digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// An index that has this wheel; it sends `sent` of its bytes for each that it promises. Ends with the test's process.
fn index(wheel: &Path, sent: f64) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/simple", listener.local_addr().unwrap());
    let name = wheel.file_name().unwrap().to_string_lossy().into_owned();
    let bytes = fs::read(wheel).unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap())
                .lines()
                .map_while(|line| line.ok());
            let request = lines.next().unwrap_or_default();
            while lines.next().is_some_and(|line| !line.is_empty()) {}
            let page = format!("<!DOCTYPE html><html><body><a href=\"/files/{name}\">{name}</a></body></html>");
            let (kind, body, length) = match request.contains("/files/") {
                true => (
                    "application/octet-stream",
                    &bytes[..(bytes.len() as f64 * sent) as usize],
                    bytes.len(),
                ),
                false => ("text/html", page.as_bytes(), page.len()),
            };
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
            );
            // who asks may have hung up
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
        }
    });
    url
}

fn known(sha256: String, bytes: u64) -> Wheel {
    Wheel {
        sha256: Box::leak(sha256.into_boxed_str()),
        bytes,
        ..TWELVE
    }
}

/// What is in a folder, by name.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut all: Vec<_> = entries
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    all.sort();
    all
}

const PIP: Tool = Tool::Pip("python3");

#[test]
fn the_libraries_of_the_wheel_are_laid_into_the_data_directory() {
    let place = Folder::new("whole");
    let library = fs::read(emulator()).unwrap();
    let (file, sha256) = wheel(
        &place.0,
        &[
            ("nvidia/__init__.py", b""),
            ("nvidia/cublas/include/cublas.h", b"// a header"),
            ("nvidia/cublas/lib/libcublas.so.12", &library),
            ("nvidia/cublas/lib/libcublasLt.so.12", &library),
            ("nvidia/cublas/lib/libnvblas.so.12", &library),
        ],
    );
    let data = place.0.join("data");
    // what lay there before is replaced
    fs::create_dir_all(data.join("cuda")).unwrap();
    fs::write(data.join("cuda/libcublas.so.11"), "").unwrap();
    let url = index(&file, 1.0);
    let install = Install {
        wheel: known(sha256, 1000),
        data: &data,
        index_url: Some(&url),
    };
    let folder = install.run(&PIP).unwrap();
    assert_eq!(names(&folder), ["libcublas.so.12", "libcublasLt.so.12"]);
    assert_eq!(names(&data), ["cuda"]);
    let opened = libraries::open_in(&folder).unwrap();
    assert!(opened.facts().version.starts_with("12."), "{}", opened.facts().version);
}

#[test]
fn nothing_is_left_of_what_could_not_be_used() {
    let place = Folder::new("refused");
    let (file, sha256) = wheel(
        &place.0,
        &[
            ("nvidia/cublas/lib/libcublas.so.12", b"no library"),
            ("nvidia/cublas/lib/libcublasLt.so.12", b"no library"),
        ],
    );
    let data = place.0.join("data");
    let run = |url: &str, wheel| {
        let install = Install {
            wheel,
            data: &data,
            index_url: Some(url),
        };
        let why = install.run(&PIP).unwrap_err().to_string();
        assert_eq!(names(&data), Vec::<String>::new(), "{why}");
        why
    };
    let whole = index(&file, 1.0);
    // another file than the one that is known
    let why = run(&whole, TWELVE_BUT_SMALL);
    assert!(why.contains("did not fetch cuBLAS"), "{why}");
    // the right one, which can't be opened
    let why = run(&whole, known(sha256.clone(), 1000));
    assert!(why.contains("libcublas.so.12"), "{why}");
    // one that breaks off
    let why = run(&index(&file, 0.5), known(sha256, 1000));
    assert!(why.contains("did not fetch cuBLAS"), "{why}");
}

const TWELVE_BUT_SMALL: Wheel = Wheel { bytes: 1000, ..TWELVE };

#[test]
fn what_will_be_done_is_said_first_with_its_size() {
    let install = Install {
        wheel: TWELVE,
        data: Path::new("/data"),
        index_url: None,
    };
    let said = install.beforehand(&Tool::Uv).message;
    assert_eq!(
        said,
        "Fetches nvidia-cublas-cu12 12.8.4.1 (595 MB) with uv into /data/cuda"
    );
    let lines = install.by_hand();
    assert!(
        lines.contains("--target '/data/cuda' nvidia-cublas-cu12==12.8.4.1"),
        "{lines:?}"
    );
}

#[test]
fn where_there_is_no_room_nothing_is_fetched() {
    let place = Folder::new("room");
    let install = Install {
        wheel: Wheel {
            bytes: u64::MAX / 4,
            ..TWELVE
        },
        data: &place.0,
        index_url: Some("http://127.0.0.1:1/simple"),
    };
    let why = install.run(&PIP).unwrap_err().to_string();
    assert!(why.contains("make room"), "{why}");
    assert_eq!(names(&place.0), Vec::<String>::new());
}
