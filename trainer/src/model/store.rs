//! Weight folders as transformers writes them: one safetensors file, or shards with their index.
//!
//! Tensors are read one at a time into the memory they will live in, so loading needs no second copy. Pickle files are
//! programs and are never opened.
use super::pickle::nothing_to_load;
use super::tensor_file::{Raw, TensorFile};
use crate::error::{Error, Result};
use crate::files;
use candle_core::{Device, Tensor};
use protocol::decoder::{self, Rows, WeightMap};
use protocol::{Said, says};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// All weights of a model folder, by name.
pub struct Store {
    folder: PathBuf,
    files: Vec<TensorFile>,
    /// which file holds a tensor
    places: HashMap<String, usize>,
    /// what names of the family begin with and those of the folder don't
    missing_prefix: Option<&'static str>,
}

#[derive(serde::Deserialize)]
struct Index {
    weight_map: BTreeMap<String, String>,
}

impl Store {
    pub fn open(folder: &Path) -> Result<Self> {
        let paths = weight_files(folder)?;
        let mut files = Vec::with_capacity(paths.len());
        let mut places = HashMap::new();
        for path in &paths {
            let file = TensorFile::open(path)?;
            places.extend(file.names().map(|tensor| (tensor, files.len())));
            files.push(file);
        }
        Ok(Self {
            folder: folder.to_path_buf(),
            files,
            places,
            missing_prefix: None,
        })
    }

    /// The weights of a family's model, whose names may lack what stands before all but the head's: transformers reads
    /// such folders too.
    pub fn of_model(folder: &Path, names: &WeightMap) -> Result<Self> {
        let mut store = Self::open(folder)?;
        let [embedding, _] = names.tables();
        let short = names.prefix().filter(|prefix| {
            let short = embedding.strip_prefix(prefix);
            !store.has(&embedding) && short.is_some_and(|short| store.has(short))
        });
        store.missing_prefix = short;
        Ok(store)
    }

    /// What the folder calls a tensor of the family.
    fn own<'a>(&self, name: &'a str) -> &'a str {
        let short = self.missing_prefix.and_then(|prefix| name.strip_prefix(prefix));
        short.unwrap_or(name)
    }

    /// The file that holds a tensor.
    pub fn file_of(&self, name: &str) -> Option<&Path> {
        self.places.get(self.own(name)).map(|&file| self.files[file].path())
    }

    pub fn has(&self, name: &str) -> bool {
        self.places.contains_key(self.own(name))
    }

    /// The names of all tensors, in order.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.places.keys().cloned().collect();
        names.sort();
        names
    }

    /// The shape of a tensor, whatever it should be.
    pub fn shape(&self, name: &str) -> Result<Vec<usize>> {
        let own = self.own(name);
        let shape = self.places.get(own).and_then(|file| self.files[*file].shape(own));
        shape
            .map(<[usize]>::to_vec)
            .ok_or_else(|| self.bad(name, says::no_such_tensor()))
    }

    /// How many bytes a tensor takes in its file.
    pub fn bytes(&self, name: &str) -> Result<u64> {
        let own = self.own(name);
        let bytes = self.places.get(own).and_then(|file| self.files[*file].length(own));
        bytes.ok_or_else(|| self.bad(name, says::no_such_tensor()))
    }

    /// The bytes of a tensor of any type.
    pub fn raw(&self, name: &str) -> Result<Raw> {
        let name = self.own(name);
        match self.places.get(name) {
            Some(file) => self.files[*file].raw(name),
            None => Err(self.bad(name, says::no_such_tensor())),
        }
    }

    /// The bytes of one row of a tensor's first axis; its shape is the whole one's.
    pub fn raw_row(&self, name: &str, row: usize) -> Result<Raw> {
        let name = self.own(name);
        match self.places.get(name) {
            Some(file) => self.files[*file].raw_row(name, row),
            None => Err(self.bad(name, says::no_such_tensor())),
        }
    }

    /// An error about a tensor, with the file it is in.
    pub fn bad(&self, name: &str, why: impl Into<Said>) -> Error {
        let name = self.own(name);
        let file = self
            .places
            .get(name)
            .map_or(self.folder.as_path(), |file| self.files[*file].path());
        Error::file(file, says::of_tensor(name, why.into()))
    }

    /// Whether there is such a tensor, of this shape and a type that can be read.
    pub fn fits(&self, name: &str, shape: &[usize]) -> Result<()> {
        self.place(name, shape)?.readable(self.own(name))
    }

    /// The format of a weight that is stored quantized.
    pub fn packed(&self, name: &str) -> Option<&'static str> {
        if self.has(&format!("{name}_blocks")) {
            return Some("mxfp4");
        }
        let path = name.strip_suffix(".weight")?;
        let beside = [
            (format!("{name}.quant_state.bitsandbytes__nf4"), "nf4"),
            (format!("{name}.quant_state.bitsandbytes__fp4"), "fp4"),
            (format!("{path}.SCB"), "int8"),
            (format!("{path}.qweight"), "GPTQ or AWQ"),
            (format!("{path}.weight_packed"), "compressed-tensors"),
            (format!("{path}.weight_scale"), "compressed-tensors"),
            (format!("{path}.weight_scale_inv"), "fp8"),
            (format!("{path}.W_q"), "hqq"),
            (format!("{path}.weight_scales"), "eetq"),
            (format!("{path}.codes"), "aqlm"),
        ];
        beside
            .iter()
            .find(|(part, _)| self.has(part))
            .map(|(_, format)| *format)
    }

    /// Reads a tensor and checks its shape.
    pub fn read(&self, name: &str, shape: &[usize], device: &Device) -> Result<Tensor> {
        self.place(name, shape)?.read(self.own(name), device)
    }

    /// Reads the rows of a tensor, whose shape it checks.
    pub fn read_rows(&self, name: &str, shape: &[usize], rows: Rows, device: &Device) -> Result<Tensor> {
        self.place(name, shape)?.read_rows(self.own(name), Some(rows), device)
    }

    /// The file that holds a tensor of this shape.
    fn place(&self, name: &str, shape: &[usize]) -> Result<&TensorFile> {
        let (named, name) = (name, self.own(name));
        let file = self
            .places
            .get(name)
            .ok_or_else(|| Error::file(&self.folder, says::weights_lack_tensor(name)))?;
        let file = &self.files[*file];
        let info = file.shape(name).map(<[usize]>::to_vec).unwrap_or_default();
        if info != shape {
            let table = decoder::is_table(named);
            // a table that was resized when tokens were added, beside a config that was not
            let rows = match (&info[..], table) {
                ([rows, width], true) if shape.get(1) == Some(width) => rows.to_string(),
                _ => String::new(),
            };
            let message = says::shape_of_config(name, format!("{info:?}"), format!("{shape:?}"), rows);
            return Err(Error::file(file.path(), message));
        }
        Ok(file)
    }
}

/// The safetensors files of a folder: the single one, as transformers takes it though an old index lies beside it, or the
/// shards that the index names.
pub fn weight_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let single = folder.join("model.safetensors");
    if single.is_file() {
        return Ok(vec![single]);
    }
    let index = folder.join("model.safetensors.index.json");
    if !index.is_file() {
        return match of_auto_gptq(folder) {
            Some(path) => Ok(vec![path]),
            None => Err(nothing_to_load(folder)),
        };
    }
    let text = files::read_config(&index)?;
    let parsed: Index = serde_json::from_slice(&text).map_err(|e| Error::file(&index, says::not_an_index(e)))?;
    let names: BTreeSet<String> = parsed.weight_map.into_values().collect();
    // a shard is a file of the folder, not a path to elsewhere
    let stray = |name: &&String| {
        Path::new(name).file_name().is_none_or(|n| n != name.as_str()) || !name.ends_with(".safetensors")
    };
    match names.iter().find(stray) {
        Some(name) => Err(Error::file(&index, says::stray_shard(name))),
        None => Ok(names.iter().map(|name| folder.join(name)).collect()),
    }
}

/// The file that AutoGPTQ's `quantize_config.json` names, as `gptq_model-4bit-128g`.
fn of_auto_gptq(folder: &Path) -> Option<PathBuf> {
    let config = files::read_config(&folder.join("quantize_config.json")).ok()?;
    let config: serde_json::Value = serde_json::from_slice(&config).ok()?;
    let name = config["model_file_base_name"].as_str()?;
    let path = folder.join(format!("{name}.safetensors"));
    (!name.contains('/') && path.is_file()).then_some(path)
}
