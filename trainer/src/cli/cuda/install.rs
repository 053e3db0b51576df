//! Fetching cuBLAS: uv or pip of this machine unpacks the wheel, which must be the one whose checksum is known, and its
//! libraries are laid into the data directory. The folder is whole or not there.

use crate::error::{Error, Result};
use crate::ops::cuda::libraries;
use crate::ops::cuda::wheel::Wheel;
use crate::{files, stop};
use protocol::{Said, says};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is fetched, and where to.
pub struct Install<'a> {
    pub wheel: Wheel,
    /// The data directory.
    pub data: &'a Path,
    pub index_url: Option<&'a str>,
}

/// A program that installs Python's packages, as it is called: `uv`, or a Python with pip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tool {
    Uv,
    Pip(&'static str),
}

/// The first that this machine has.
pub fn tool() -> Option<Tool> {
    let answers = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if answers("uv", &["--version"]) {
        return Some(Tool::Uv);
    }
    let pip = |python: &&str| answers(python, &["-m", "pip", "--version"]);
    ["python3", "python"].into_iter().find(pip).map(Tool::Pip)
}

impl Tool {
    fn name(&self) -> String {
        match self {
            Self::Uv => "uv".into(),
            Self::Pip(python) => format!("{python} -m pip"),
        }
    }

    fn command(&self) -> Command {
        match self {
            Self::Uv => {
                let mut command = Command::new("uv");
                command.args(["pip", "install", "--no-cache"]);
                command
            }
            Self::Pip(python) => {
                let mut command = Command::new(python);
                command.args(["-m", "pip", "install", "--no-cache-dir", "--no-compile"]);
                command
            }
        }
    }
}

impl Install<'_> {
    fn folder(&self) -> PathBuf {
        self.data.join("cuda")
    }

    /// What will be fetched, with its size.
    pub fn beforehand(&self, tool: &Tool) -> Said {
        let Wheel { package, version, .. } = self.wheel;
        let folder = self.folder().display().to_string();
        says::fetches_cublas(package, version, self.wheel.size(), tool.name(), folder)
    }

    /// The two lines to type where there is neither uv nor pip.
    pub fn by_hand(&self) -> String {
        let Wheel { package, version, .. } = self.wheel;
        let target = self.folder().display().to_string();
        format!(
            "  sudo apt install python3-pip\n  python3 -m pip install --no-deps --target '{target}' {package}=={version}\n"
        )
    }

    /// Fetches and unpacks; gives the folder. What it leaves when it fails or is stopped is removed.
    ///
    /// # Errors
    /// There is too little room, the tool fails (it says why itself), or what came can't be opened.
    pub fn run(&self, tool: &Tool) -> Result<PathBuf> {
        let folder = self.folder();
        fs::create_dir_all(self.data).map_err(Error::io(self.data))?;
        let (free, needed) = (files::free_room(self.data)?, 3 * self.wheel.bytes);
        if free < needed {
            let mb = |bytes: u64| format!("{} MB", bytes / 1_000_000);
            return Err(Error::file(self.data, says::no_room_for_cublas(mb(free), mb(needed))));
        }
        files::folder_atomic(&folder, |staging| {
            let unpacked = staging.join("wheel");
            self.fetch(tool, &unpacked)?;
            for library in libraries_in(&unpacked)? {
                let name = library.file_name().unwrap_or_default();
                fs::rename(&library, staging.join(name)).map_err(Error::io(&library))?;
            }
            fs::remove_dir_all(&unpacked).map_err(Error::io(&unpacked))?;
            libraries::open_in(staging)
                .map(drop)
                .map_err(|why| Error::file(&folder, why))
        })?;
        Ok(folder)
    }

    fn fetch(&self, tool: &Tool, into: &Path) -> Result<()> {
        fs::create_dir_all(into).map_err(Error::io(into))?;
        let Wheel {
            package,
            version,
            sha256,
            ..
        } = self.wheel;
        let list = into.join("requirements.txt");
        fs::write(&list, format!("{package}=={version} --hash=sha256:{sha256}\n")).map_err(Error::io(&list))?;
        let mut command = tool.command();
        command.args(["--no-deps", "--require-hashes", "--only-binary", ":all:", "--target"]);
        command.arg(into).arg("--requirement").arg(&list);
        if let Some(url) = self.index_url {
            command.args(["--index-url", url]);
        }
        let name = tool.name();
        let status = command.stdin(Stdio::null()).status();
        let status = status.map_err(|why| Error::invalid(says::tool_not_started(&name, why)))?;
        stop::check()?;
        match status.success() {
            false => Err(Error::invalid(says::tool_failed(name, status.to_string()))),
            true => Ok(()),
        }
    }
}

/// cuBLAS and cublasLt, wherever in the unpacked wheel they are.
fn libraries_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let (mut found, mut open) = (vec![], vec![folder.to_owned()]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).map_err(Error::io(&folder))? {
            let entry = entry.map_err(Error::io(&folder))?;
            match entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                true => open.push(entry.path()),
                false if is_wanted(&entry.file_name()) => found.push(entry.path()),
                false => {}
            }
        }
    }
    Ok(found)
}

fn is_wanted(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    ["libcublas.so.", "libcublasLt.so."]
        .iter()
        .any(|begin| name.starts_with(begin))
}

#[cfg(test)]
mod tests;
