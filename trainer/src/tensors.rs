//! safetensors files: written tensor by tensor, read with the reason when they cannot be used.

use crate::error::{Error, Result};
use crate::files;
use candle_core::{DType, Device, Tensor};
use protocol::says;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Where tensors lie: on the host; what computes on a card has them in buffers.
pub const HOST: Device = Device::Cpu;

/// Room in the header for one tensor's entry beside its name.
const ENTRY: usize = 160;

/// A safetensors file in the making. The header stands first but is known last: room for it is kept, and padded with
/// spaces, so that tensors go through memory one at a time.
pub struct Writer {
    file: BufWriter<File>,
    path: PathBuf,
    header: Map<String, Value>,
    room: usize,
    data: u64,
}

impl Writer {
    /// `names` are those that may be written: they say how much room the header needs.
    pub fn create<'a>(path: &Path, names: impl Iterator<Item = &'a str>) -> Result<Self> {
        let room: usize = 64 + names.map(|name| 2 * name.len() + ENTRY).sum::<usize>();
        let room = room.next_multiple_of(8);
        let mut file = BufWriter::with_capacity(1 << 20, File::create(path).map_err(Error::io(path))?);
        file.write_all(&vec![b' '; 8 + room]).map_err(Error::io(path))?;
        let header = Map::from_iter([("__metadata__".to_owned(), json!({"format": "pt"}))]);
        Ok(Self {
            file,
            path: path.to_owned(),
            header,
            room,
            data: 0,
        })
    }

    pub fn add(&mut self, name: &str, tensor: &Tensor) -> Result<()> {
        let bytes = le_bytes(tensor)?;
        let end = self.data + bytes.len() as u64;
        let entry = json!({
            "dtype": dtype_name(tensor.dtype())?,
            "shape": tensor.dims(),
            "data_offsets": [self.data, end],
        });
        self.header.insert(name.to_owned(), entry);
        self.file.write_all(&bytes).map_err(Error::io(&self.path))?;
        self.data = end;
        Ok(())
    }

    /// Bytes of tensors so far.
    pub fn bytes(&self) -> u64 {
        self.data
    }

    /// Writes the header and brings the file to the disk. Gives the names it holds.
    pub fn finish(mut self) -> Result<Vec<String>> {
        let io = |e| Error::io(&self.path)(e);
        let mut header =
            serde_json::to_vec(&self.header).map_err(|e| Error::file(&self.path, says::internal_error(e)))?;
        if header.len() > self.room {
            return Err(Error::file(
                &self.path,
                says::internal_error("the header outgrew its room"),
            ));
        }
        header.resize(self.room, b' ');
        self.file.seek(SeekFrom::Start(0)).map_err(io)?;
        self.file.write_all(&(self.room as u64).to_le_bytes()).map_err(io)?;
        self.file.write_all(&header).map_err(io)?;
        self.file.flush().map_err(io)?;
        self.file.get_ref().sync_all().map_err(io)?;
        self.header.remove("__metadata__");
        Ok(self.header.into_iter().map(|(name, _)| name).collect())
    }
}

/// A named tensor that is copied out of where it lies only when its turn comes to be written.
pub struct Unwritten<'a> {
    pub name: String,
    tensor: Box<dyn Fn() -> Result<Tensor> + 'a>,
}

impl<'a> Unwritten<'a> {
    pub fn new(name: String, tensor: impl Fn() -> Result<Tensor> + 'a) -> Self {
        let tensor = Box::new(tensor);
        Self { name, tensor }
    }

    pub fn tensor(&self) -> Result<Tensor> {
        (self.tensor)()
    }
}

impl From<(String, Tensor)> for Unwritten<'_> {
    fn from((name, tensor): (String, Tensor)) -> Self {
        Self::new(name, move || Ok(tensor.clone()))
    }
}

/// Writes a few named tensors, one after the other.
pub fn write(path: &Path, tensors: &[Unwritten]) -> Result<()> {
    let mut writer = Writer::create(path, tensors.iter().map(|unwritten| unwritten.name.as_str()))?;
    for unwritten in tensors {
        writer.add(&unwritten.name, &unwritten.tensor()?)?;
    }
    writer.finish().map(drop)
}

/// Reads all tensors of a file into memory.
///
/// # Errors
/// The file is missing, is no safetensors file (a pickle, for one), or its header does not fit its data.
pub fn read(path: &Path, device: &Device) -> Result<HashMap<String, Tensor>> {
    let mut magic = [0; 10];
    let mut file = files::open(path)?;
    let got = file.read(&mut magic).map_err(Error::io(path))?;
    // a header of 640 bytes begins as a pickle does: what it says starts behind the eight bytes of its length
    let json = got > 8 && magic[8] == b'{';
    if !json && (magic[..got].starts_with(b"PK\x03\x04") || magic[..got].starts_with(&[0x80, 0x02])) {
        return Err(Error::file(path, says::file_is_pickle()));
    }
    candle_core::safetensors::load(path, device).map_err(|e| Error::file(path, says::not_whole_safetensors(root(&e))))
}

/// The first line of what went wrong, without candle's backtrace.
pub fn root(error: &candle_core::Error) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().to_owned()
}

/// Whether every number of a tensor is one: no NaN, no infinity.
pub fn is_finite(tensor: &Tensor) -> Result<bool> {
    let values = tensor.flatten_all()?.to_dtype(DType::F32)?.to_vec1::<f32>()?;
    Ok(values.iter().all(|value| value.is_finite()))
}

/// Why a tensor with other values is not used.
pub fn not_finite(path: &Path, name: &str) -> Error {
    Error::file(path, says::not_finite(name))
}

fn dtype_name(dtype: DType) -> Result<&'static str> {
    Ok(match dtype {
        DType::F32 => "F32",
        DType::F64 => "F64",
        DType::BF16 => "BF16",
        DType::F16 => "F16",
        DType::U8 => "U8",
        DType::U32 => "U32",
        other => return Err(Error::internal(format!("tensors of type {other:?} are not written"))),
    })
}

fn le_bytes(tensor: &Tensor) -> Result<Vec<u8>> {
    let flat = tensor.flatten_all()?.to_device(&HOST)?;
    Ok(match tensor.dtype() {
        DType::F32 => flat.to_vec1::<f32>()?.iter().flat_map(|x| x.to_le_bytes()).collect(),
        DType::F64 => flat.to_vec1::<f64>()?.iter().flat_map(|x| x.to_le_bytes()).collect(),
        DType::BF16 => flat
            .to_vec1::<half::bf16>()?
            .iter()
            .flat_map(|x| x.to_le_bytes())
            .collect(),
        DType::F16 => flat
            .to_vec1::<half::f16>()?
            .iter()
            .flat_map(|x| x.to_le_bytes())
            .collect(),
        DType::U32 => flat.to_vec1::<u32>()?.iter().flat_map(|x| x.to_le_bytes()).collect(),
        DType::U8 => flat.to_vec1::<u8>()?,
        other => return Err(Error::internal(format!("tensors of type {other:?} are not written"))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::TempDir;

    #[test]
    fn what_is_written_reads_back() {
        let dir = TempDir::new();
        let path = dir.path().join("a.safetensors");
        let one = Tensor::new(&[[1.5f32, -2.0], [3.0, 4.0]], &Device::Cpu).unwrap();
        let two = one.to_dtype(DType::BF16).unwrap().t().unwrap();
        let tensors = [("one".to_owned(), one.clone()), ("two \"quoted\"".to_owned(), two)];
        write(&path, &tensors.map(Unwritten::from)).unwrap();
        let back = read(&path, &Device::Cpu).unwrap();
        assert_eq!(back["one"].to_vec2::<f32>().unwrap(), one.to_vec2::<f32>().unwrap());
        let two = back["two \"quoted\""].to_dtype(DType::F32).unwrap();
        assert_eq!(two.to_vec2::<f32>().unwrap(), [[1.5, 3.0], [-2.0, 4.0]]);
    }

    #[test]
    fn hostile_files_are_errors_that_say_why() {
        let dir = TempDir::new();
        let path = dir.path().join("a.safetensors");
        let mut endless = u64::MAX.to_le_bytes().to_vec();
        endless.extend(b"{}");
        let overlap = br#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,900]}}"#;
        let mut beyond = (overlap.len() as u64).to_le_bytes().to_vec();
        beyond.extend(overlap);
        beyond.extend([0; 8]);
        // no pickle, whatever its length looks like
        let (one, mut long) = (
            br#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#,
            vec![b' '; 0x280],
        );
        long[..one.len()].copy_from_slice(one);
        std::fs::write(&path, [&0x280u64.to_le_bytes()[..], &long, &[7]].concat()).unwrap();
        assert_eq!(read(&path, &Device::Cpu).unwrap()["a"].to_vec1::<u8>().unwrap(), [7]);
        for (bytes, says) in [
            (b"PK\x03\x04archive/data.pkl".to_vec(), "pickle"),
            (b"\x80\x02}q\x00.".to_vec(), "pickle"),
            (vec![], "safetensors"),
            (endless, "safetensors"),
            (beyond, "safetensors"),
        ] {
            std::fs::write(&path, bytes).unwrap();
            let error = read(&path, &Device::Cpu).err().unwrap().to_string();
            assert!(error.contains(says) && error.contains("a.safetensors"), "{error}");
        }
    }
}
