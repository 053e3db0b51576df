//! Where cuBLAS may lie, in the order in which it is looked for. Only folders are read; Python is not started.
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A place to look in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Folder(PathBuf),
    /// Wherever the system's loader looks.
    Loader,
}

/// Folders of wheels with cuBLAS in them, below site-packages: CUDA 12's, CUDA 13's, and that of older PyTorch wheels.
const WHEELS: [&str; 3] = ["nvidia/cublas/lib", "nvidia/cu13/lib", "torch/lib"];

/// The data directory's, the loader's path, `CUDA_HOME`, then what PyTorch and pip installed.
pub fn places(env: &dyn Fn(&str) -> Option<OsString>) -> Vec<Place> {
    let set = |name| env(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let mut all = vec![];
    if let Some(data) = protocol::data_dir::of(env) {
        let ours = data.join("cuda");
        // as `corral cuda install` lays it, and as a person does with pip's --target
        let by_hand = WHEELS.map(|wheel| ours.join(wheel));
        all.extend([ours].into_iter().chain(by_hand).map(Place::Folder));
    }
    all.push(Place::Loader);
    let toolkits = ["CUDA_HOME", "CUDA_PATH"].into_iter().filter_map(set);
    for home in toolkits.chain(["/usr/local/cuda".into(), "/opt/cuda".into()]) {
        all.extend(["lib64", "lib"].map(|lib| Place::Folder(home.join(lib))));
    }
    // conda's own packages lie beside its Python
    all.extend(set("CONDA_PREFIX").map(|home| Place::Folder(home.join("lib"))));
    for site in prefixes(env).iter().flat_map(|prefix| site_packages(prefix)) {
        all.extend(WHEELS.map(|wheel| Place::Folder(site.join(wheel))));
    }
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|place| match place {
        Place::Folder(folder) => {
            folder.is_dir() && seen.insert(folder.canonicalize().unwrap_or_else(|_| folder.clone()))
        }
        Place::Loader => true,
    });
    all
}

/// Where Pythons are installed, the active ones first.
fn prefixes(env: &dyn Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let set = |name| env(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let mut all: Vec<PathBuf> = ["VIRTUAL_ENV", "CONDA_PREFIX"].into_iter().filter_map(set).collect();
    let path = env("PATH").unwrap_or_default();
    for bin in std::env::split_paths(&path).filter(|bin| bin.join("python3").exists()) {
        all.extend(of_python(&bin));
    }
    let home = set("HOME");
    all.extend(home.iter().map(|home| home.join(".local")));
    for conda in ["miniconda3", "anaconda3", "miniforge3"] {
        let root = home.iter().map(|home| home.join(conda));
        all.extend(root.flat_map(|root| children(&root.join("envs")).into_iter().chain([root])));
    }
    all.extend(
        children(Path::new("/opt"))
            .into_iter()
            .map(|folder| folder.join(".venv")),
    );
    all
}

/// `sys.prefix` of the `python3` in a folder of the PATH: the virtual environment that it lies in, or where it is installed.
fn of_python(bin: &Path) -> Vec<PathBuf> {
    let own = bin.parent().map(Path::to_owned);
    if let Some(pyenv) = own.as_ref().filter(|_| bin.ends_with("shims")) {
        return children(&pyenv.join("versions"));
    }
    let whole = bin.join("python3").canonicalize().ok();
    let installed = whole.and_then(|python| Some(python.parent()?.parent()?.to_owned()));
    own.into_iter().chain(installed).collect()
}

/// The folders of packages below an installation: Debian calls its own differently.
fn site_packages(prefix: &Path) -> Vec<PathBuf> {
    let pythons = |lib: PathBuf| {
        let is_python = |folder: &PathBuf| {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("python3")
        };
        children(&lib).into_iter().filter(is_python).collect::<Vec<_>>()
    };
    let versions = pythons(prefix.join("lib"))
        .into_iter()
        .chain(pythons(prefix.join("local/lib")));
    versions
        .flat_map(|python| ["site-packages", "dist-packages"].map(|name| python.join(name)))
        .filter(|folder| folder.is_dir())
        .collect()
}

/// The folders in a folder, the last by name first: of two Pythons the newer is the likelier.
fn children(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut all: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    all.sort_by(|a, b| b.cmp(a));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("corral-search-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&path).unwrap();
            Self(path.canonicalize().unwrap())
        }
        fn make(&self, inner: &str) -> PathBuf {
            let path = self.0.join(inner);
            std::fs::create_dir_all(&path).unwrap();
            path
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    /// What is found below `root`, with these variables set.
    fn found(root: &Folder, variables: &[(&str, PathBuf)]) -> Vec<Place> {
        let env = |name: &str| {
            let set = variables.iter().find(|(known, _)| *known == name);
            set.map(|(_, value)| value.clone().into_os_string())
        };
        let ours = |place: &Place| match place {
            Place::Folder(folder) => folder.starts_with(&root.0),
            Place::Loader => true,
        };
        places(&env).into_iter().filter(ours).collect()
    }

    #[test]
    fn ours_comes_first_then_the_systems_then_what_others_installed() {
        let root = Folder::new("order");
        let data = root.make("data/cuda");
        let toolkit = root.make("toolkit/lib64");
        let active = root.make("venv/lib/python3.12/site-packages/nvidia/cublas/lib");
        let thirteen = root.make("venv/lib/python3.12/site-packages/nvidia/cu13/lib");
        let user = root.make("home/.local/lib/python3.11/site-packages/nvidia/cublas/lib");
        let places = found(
            &root,
            &[
                ("DATA_DIR", root.0.join("data")),
                ("CUDA_HOME", root.0.join("toolkit")),
                ("VIRTUAL_ENV", root.0.join("venv")),
                ("HOME", root.0.join("home")),
            ],
        );
        let [data, toolkit, active, thirteen, user] = [data, toolkit, active, thirteen, user].map(Place::Folder);
        assert_eq!(places, [data, Place::Loader, toolkit, active, thirteen, user]);
    }

    #[test]
    fn the_python_on_the_path_leads_to_its_packages() {
        let root = Folder::new("path");
        let bin = root.make("venv/bin");
        let installed = root.make("python/bin");
        let wheel = root.make("venv/lib/python3.11/site-packages/nvidia/cublas/lib");
        let beside = root.make("python/lib/python3.11/site-packages/torch/lib");
        std::fs::write(installed.join("python3.11"), "").unwrap();
        std::os::unix::fs::symlink(installed.join("python3.11"), bin.join("python3")).unwrap();
        let shims = root.make("pyenv/shims");
        std::fs::write(shims.join("python3"), "").unwrap();
        let pyenv = root.make("pyenv/versions/3.12.1/lib/python3.12/site-packages/nvidia/cu13/lib");
        let path = std::env::join_paths([&bin, &shims]).unwrap();
        let places = found(&root, &[("PATH", path.into())]);
        let [wheel, beside, pyenv] = [wheel, beside, pyenv].map(Place::Folder);
        assert_eq!(places, [Place::Loader, wheel, beside, pyenv]);
    }

    #[test]
    fn a_folder_that_is_reached_twice_is_looked_into_once() {
        let root = Folder::new("twice");
        let wheel = root.make("venv/lib/python3.11/site-packages/nvidia/cublas/lib");
        let venv = root.0.join("venv");
        let places = found(&root, &[("VIRTUAL_ENV", venv.clone()), ("CONDA_PREFIX", venv)]);
        // conda's own lib stands before
        let lib = Place::Folder(root.0.join("venv/lib"));
        assert_eq!(places, [Place::Loader, lib, Place::Folder(wheel)]);
    }
}
