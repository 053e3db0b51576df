//! `dataset_info.json`: the register of a folder of data sets, ours or LLaMA-Factory's.

use crate::error::ApiResult;
use crate::path::is_plain_name;
use crate::state::DataDir;
use crate::{ApiError, small_file, whole};
use protocol::says;
use serde_json::{Map, Value};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub const REGISTER: &str = "dataset_info.json";
/// Bytes of the largest register that is read and written.
pub const MAX_BYTES: u64 = 64 << 20;
/// Bytes of the largest file that is taken for a register wherever it comes from: it is a list of names, and a larger file holds rows.
const MAX_RECOGNISED: u64 = 4 << 20;
/// The keys by which an entry says where its data is; one of them makes an object an entry.
pub const SOURCE_KEYS: &[&str] = &[
    "file_name",
    "hf_hub_url",
    "ms_hub_url",
    "om_hub_url",
    "script_url",
    "cloud_file_name",
];

/// The person's own register, and the demo's beside it. Cheap to clone.
#[derive(Clone)]
pub struct Register {
    data_dir: DataDir,
    /// One writer of `dataset_info.json` at a time.
    writing: Arc<tokio::sync::Mutex<()>>,
}

impl Register {
    pub fn new(data_dir: DataDir) -> Self {
        Self {
            data_dir,
            writing: Arc::default(),
        }
    }

    /// Changes the entries of the person's own register, one change at a time, each to its end even where the request that asked for
    /// it is gone. Where `change` gives an error it must leave everything as it was.
    pub async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Self, &Path, &mut Map<String, Value>) -> ApiResult<T> + Send + 'static,
    ) -> ApiResult<T> {
        let alone = self.writing.clone().lock_owned().await;
        let register = self.clone();
        let changed = tokio::task::spawn_blocking(move || {
            let _alone = alone;
            let folder = register.data_dir.data();
            let mut all = read(&folder)?;
            refuse_duplicates(&folder.join(REGISTER))?;
            change(&register, &folder, &mut all)
        });
        changed.await.map_err(ApiError::internal)?
    }

    /// The folder of the register that has a data set.
    pub fn find(&self, name: &str) -> ApiResult<PathBuf> {
        for folder in [self.data_dir.data(), self.data_dir.demo_data()] {
            if read(&folder)?.contains_key(name) {
                return Ok(folder);
            }
        }
        Err(ApiError::not_found(says::no_such_dataset(
            name.escape_debug().to_string(),
        )))
    }

    /// Whether a new data set may have this name.
    ///
    /// # Errors
    /// `bad_name`, `reserved_name` and `name_taken`.
    pub fn check_name(&self, name: &str) -> ApiResult<()> {
        check_form(name)?;
        if is_reserved(name) {
            return Err(ApiError::bad(says::reserved_name(name)));
        }
        if let Some(other) = self.differing_in_case(name)? {
            return Err(ApiError::conflict(says::name_like(other)));
        }
        match self.find(name) {
            Ok(_) => Err(ApiError::conflict(says::name_taken(says::dataset_name_taken(name)))),
            Err(ApiError::NotFound(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// A data set whose name differs from `name` in its capitals alone: a file system that doesn't tell them apart would
    /// keep both under one name.
    fn differing_in_case(&self, name: &str) -> ApiResult<Option<String>> {
        for folder in [self.data_dir.data(), self.data_dir.demo_data()] {
            let names = read(&folder)?;
            let mut names = names.keys().filter(|other| *other != name);
            if let Some(other) = names.find(|other| other.to_lowercase() == name.to_lowercase()) {
                return Ok(Some(other.clone()));
            }
        }
        Ok(None)
    }
}

/// The entries of a folder's register; none where there is no register.
///
/// # Errors
/// `bad_register` when it can't be read as one.
pub fn read(folder: &Path) -> ApiResult<Map<String, Value>> {
    let path = folder.join(REGISTER);
    match small_file::read(&path, MAX_BYTES) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|e| ApiError::conflict(says::bad_register(&path, e))),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Map::new()),
        Err(e) => Err(ApiError::conflict(says::bad_register(&path, e))),
    }
}

/// Whether a data set may have a name of this form.
///
/// # Errors
/// `bad_name`.
pub fn check_form(name: &str) -> ApiResult<()> {
    match is_plain_name(name) && !name.starts_with('-') && !name.contains(',') && name.trim() == name {
        true => Ok(()),
        false => Err(ApiError::bad(says::bad_name(says::dataset_name_bad()))),
    }
}

/// Refuses a register with a duplicate entry or key: rewriting it would drop one of them.
fn refuse_duplicates(path: &Path) -> ApiResult<()> {
    let text = match small_file::read(path, MAX_BYTES) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        read => read?,
    };
    match protocol::register::duplicates(&text).first() {
        None => Ok(()),
        Some(duplicate) => {
            let said = says::file(path, duplicate.said());
            Err(ApiError::conflict(says::unusable(said)))
        }
    }
}

/// Replaces the entries of a folder's register, in one atomic write.
///
/// # Errors
/// `register_full` where [`read`] would not take it: it is as it was then.
pub fn write(folder: &Path, all: &Map<String, Value>) -> ApiResult<()> {
    let path = folder.join(REGISTER);
    let bytes = serde_json::to_vec_pretty(all).map_err(ApiError::internal)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(ApiError::conflict(says::register_full(&path, MAX_BYTES >> 20)));
    }
    Ok(whole::write(&path, &bytes)?)
}

/// The entries of a text that is a register: one object, each of whose values says where its data is.
pub fn recognise(text: &[u8]) -> Option<Map<String, Value>> {
    if text.len() as u64 > MAX_RECOGNISED {
        return None;
    }
    let Ok(Value::Object(entries)) = serde_json::from_slice(text) else {
        return None;
    };
    let is_entry = |value: &Value| {
        let object = value.as_object();
        object.is_some_and(|entry| {
            SOURCE_KEYS
                .iter()
                .any(|place| entry.get(*place).is_some_and(Value::is_string))
        })
    };
    (!entries.is_empty() && entries.values().all(is_entry)).then_some(entries)
}

/// As [`recognise`], of a file that may be large.
pub fn recognise_file(path: &Path) -> Option<Map<String, Value>> {
    recognise(&text_of(path)?)
}

/// What is in a file that is small enough for a register.
pub fn text_of(path: &Path) -> Option<Vec<u8>> {
    small_file::read(path, MAX_RECOGNISED).ok()
}

/// The register's own name, in any case and with any ending.
fn is_reserved(name: &str) -> bool {
    let stem = REGISTER.trim_end_matches(".json");
    let name = name.to_lowercase();
    name == stem || name.strip_prefix(stem).is_some_and(|rest| rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registers_name_is_nobody_elses() {
        for name in [
            "dataset_info",
            "Dataset_Info",
            "DATASET_INFO.JSON",
            "dataset_info.json",
            "dataset_info.txt",
        ] {
            assert!(is_reserved(name), "{name}");
        }
        for name in ["dataset_info_2", "my_dataset_info", "dataset", "data"] {
            assert!(!is_reserved(name), "{name}");
        }
    }

    #[test]
    fn a_register_is_told_from_rows() {
        for (text, entries) in [
            (
                r#"{"a":{"file_name":"a.json"},"b":{"hf_hub_url":"x/y","ranking":true}}"#,
                Some(2),
            ),
            (r#"{"a":{"script_url":"s"}}"#, Some(1)),
            (r#"{"a":{"file_name":"a.json"},"b":3}"#, None),
            (r#"{"a":{"file_name":7}}"#, None),
            (r#"{"instruction":"q","output":"a"}"#, None),
            (r#"[{"file_name":"a.json"}]"#, None),
            ("{}", None),
            ("garbage", None),
        ] {
            assert_eq!(recognise(text.as_bytes()).map(|e| e.len()), entries, "{text}");
        }
    }

    #[test]
    fn what_could_not_be_read_again_is_not_written() {
        let folder = std::env::temp_dir().join(format!("corral-register-{}", crate::ambient::unique()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut all = Map::new();
        all.insert("first".into(), Value::Null);
        write(&folder, &all).unwrap();
        all.insert("large".into(), "x".repeat(MAX_BYTES as usize).into());
        assert_eq!(write(&folder, &all).unwrap_err().said().code, "register_full");
        assert_eq!(read(&folder).unwrap().len(), 1);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[tokio::test]
    async fn a_change_whose_asker_has_gone_is_still_alone() {
        let server = crate::in_process::InProcess::open("register").await;
        let register = Register::new(server.app.data_dir.clone());
        let (begun, begins) = std::sync::mpsc::channel();
        let (go, goes) = std::sync::mpsc::channel::<()>();
        let first = tokio::spawn({
            let register = register.clone();
            async move {
                let slow = move |_: &Register, folder: &Path, all: &mut Map<String, Value>| {
                    begun.send(()).unwrap();
                    goes.recv().unwrap();
                    all.insert("first".into(), Value::Null);
                    write(folder, all)
                };
                register.change(slow).await
            }
        });
        tokio::task::spawn_blocking(move || begins.recv().unwrap())
            .await
            .unwrap();
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        let second = register.change(|_, folder, all| {
            all.insert("second".into(), Value::Null);
            write(folder, all)
        });
        let mut second = Box::pin(second);
        // it waits for the first, which nobody waits for
        assert!(futures::poll!(second.as_mut()).is_pending());
        go.send(()).unwrap();
        second.await.unwrap();
        let names: Vec<String> = read(&register.data_dir.data()).unwrap().keys().cloned().collect();
        assert_eq!(names, ["first", "second"]);
        drop(register);
        server.close().await;
    }
}
