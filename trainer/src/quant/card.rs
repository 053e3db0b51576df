//! A quantized matrix in a card's memory, in the layout that it has on the host, and its values unpacked there.
use super::Packed;
use super::aqlm::Form;
use super::bnb4::Scales;
use super::grouped::{Grouped, Sharing, Worth};
use crate::error::{Error, Result};
use crate::ops::cuda::{Card, Grid, Kernel, QUANT};
use crate::ops::{Buf, Device, View, ViewMut};
use candle_core::DType;

/// Values that a block of threads unpacks of a matrix whose rows its format does not know.
const RUN: usize = 4096;

/// What is unpacked: values one behind the other, or rows by their numbers.
#[derive(Clone, Copy)]
pub(crate) enum Wanted<'a> {
    Run { start: usize, len: usize },
    Rows { ids: View<'a>, count: usize, width: usize },
}

/// As [`Packed`].
#[derive(Debug)]
pub struct CardPacked {
    layout: Layout,
    name: &'static str,
    len: usize,
    bytes: usize,
}

#[derive(Debug)]
enum Layout {
    Bnb4 {
        codes: Buf,
        /// 16 values
        code: Buf,
        scales: CardScales,
        block: usize,
    },
    Int8 {
        codes: Buf,
        scales: Buf,
        columns: usize,
    },
    Grouped(Box<CardGrouped>),
    Aqlm {
        codes: Buf,
        codebooks: Buf,
        scales: Buf,
        form: Form,
        columns: usize,
    },
    /// of this kernel
    Gguf {
        bytes: Buf,
        kernel: String,
    },
}

/// As [`Grouped`](super::grouped::Grouped).
#[derive(Debug)]
struct CardGrouped {
    codes: Buf,
    scales: Buf,
    /// one of these three
    whole: Option<Buf>,
    real: Option<Buf>,
    table: Option<Buf>,
    /// the group of each column, where they are not in order
    order: Option<Buf>,
    bits: usize,
    /// of a tile of values that share a scale
    rows: usize,
    group: usize,
    groups: usize,
    /// values of a run that share a scale, where there are no tiles
    run: usize,
    count: usize,
    columns: usize,
}

impl CardGrouped {
    fn new(w: &Grouped, device: &Device) -> Result<Self> {
        let floats = |values: &[f32]| Buf::from_vec(values.to_vec(), device);
        let (mut whole, mut real, mut table) = (None, None, None);
        match &w.worth {
            Worth::Whole(zeros) => whole = Some(Buf::from_vec(zeros.clone(), device)?),
            Worth::Real(zeros) => real = Some(floats(zeros)?),
            Worth::Table(values) => table = Some(floats(&values[..])?),
        }
        let (rows, group, run) = match &w.sharing {
            Sharing::Tiles { rows, columns } => (*rows, *columns, 0),
            Sharing::Order(_) => (1, 1, 0),
            Sharing::Runs(run) => (1, 1, *run),
        };
        let order = match &w.sharing {
            Sharing::Order(order) => Some(Buf::from_vec(order.clone(), device)?),
            Sharing::Tiles { .. } | Sharing::Runs(_) => None,
        };
        Ok(Self {
            codes: Buf::from_vec(w.codes.bytes.clone(), device)?,
            scales: floats(&w.scales)?,
            whole,
            real,
            table,
            order,
            bits: w.codes.bits as usize,
            rows,
            group,
            groups: w.groups(),
            run,
            count: w.scales.len(),
            columns: w.columns,
        })
    }

    fn arguments<'c>(&self, kernel: Kernel<'c>) -> Kernel<'c> {
        kernel
            .read_by_index(self.codes.view())
            .read_by_index(self.scales.view())
            .read_if_by_index(self.whole.as_ref().map(Buf::view))
            .read_if_by_index(self.real.as_ref().map(Buf::view))
            .read_if_by_index(self.table.as_ref().map(Buf::view))
            .read_if_by_index(self.order.as_ref().map(Buf::view))
            .u32(self.bits)
            .u32(self.rows)
            .u32(self.group)
            .u32(self.groups)
            .u32(self.run)
            .u64(self.count)
    }
}

/// As [`Scales`].
#[derive(Debug)]
enum CardScales {
    Plain(Buf),
    Nested {
        codes: Buf,
        map: Buf,
        absmax: Buf,
        block: usize,
        offset: f32,
    },
}

impl Packed {
    /// The same matrix in the memory of the card that this device is.
    ///
    /// # Errors
    /// The card has no room left.
    pub fn to_card(&self, device: &Device) -> Result<CardPacked> {
        let bytes = |values: &[u8]| Buf::from_vec(values.to_vec(), device);
        let floats = |values: &[f32]| Buf::from_vec(values.to_vec(), device);
        let layout = match self {
            Self::Bnb4(w) => Layout::Bnb4 {
                codes: bytes(&w.codes)?,
                code: floats(&w.code())?,
                scales: match &w.scales {
                    Scales::Plain(absmax) => CardScales::Plain(floats(absmax)?),
                    Scales::Nested {
                        codes,
                        map,
                        absmax,
                        block,
                        offset,
                    } => CardScales::Nested {
                        codes: bytes(codes)?,
                        map: floats(&map[..])?,
                        absmax: floats(absmax)?,
                        block: *block,
                        offset: *offset,
                    },
                },
                block: w.block,
            },
            Self::Int8(w) => Layout::Int8 {
                codes: Buf::from_vec(w.codes.iter().map(|q| q.cast_unsigned()).collect::<Vec<_>>(), device)?,
                scales: floats(&w.scales)?,
                columns: w.columns,
            },
            Self::Grouped(w) => Layout::Grouped(Box::new(CardGrouped::new(w, device)?)),
            Self::Aqlm(w) => Layout::Aqlm {
                codes: Buf::from_vec(
                    w.codes.iter().flat_map(|code| code.to_le_bytes()).collect::<Vec<u8>>(),
                    device,
                )?,
                codebooks: floats(&w.codebooks)?,
                scales: floats(&w.scales)?,
                form: w.form,
                columns: w.columns,
            },
            Self::Gguf(w) => Layout::Gguf {
                bytes: bytes(&w.bytes)?,
                kernel: format!("unpack_{}", w.name()),
            },
        };
        Ok(CardPacked {
            layout,
            name: self.name(),
            len: self.len(),
            bytes: self.bytes(),
        })
    }
}

impl CardPacked {
    /// How many values the matrix has.
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes of memory it takes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The format, as people name it.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// All values in f32, on the card it lies on.
    pub fn to_buf(&self, device: &Device) -> Result<Buf> {
        let Device::Cuda(card) = device else {
            return Err(Error::internal("a quantized weight on a card is read by the host"));
        };
        let mut out = Buf::unwritten(DType::F32, self.len, device)?;
        let all = Wanted::Run {
            start: 0,
            len: self.len,
        };
        self.unpack(card, all, out.view_mut())?;
        Ok(out)
    }

    /// Writes what is wanted in the type of `out`, f32 or bf16.
    ///
    /// # Errors
    /// A run reaches past the matrix or begins or ends within a row of a format that knows rows.
    pub(crate) fn unpack(&self, card: &Card, wanted: Wanted, out: ViewMut) -> Result<()> {
        let dtype = out.dtype();
        let kernel = |name: &str| card.kernel(&QUANT, name, dtype);
        match &self.layout {
            Layout::Bnb4 {
                codes,
                code,
                scales,
                block,
            } => {
                let shift = block.trailing_zeros() as usize;
                let kernel = match scales {
                    CardScales::Plain(absmax) => kernel("unpack_bnb4")?
                        .read_by_index(codes.view())
                        .read_by_index(code.view())
                        .read_by_index(absmax.view()),
                    CardScales::Nested {
                        codes: scales,
                        map,
                        absmax,
                        block,
                        offset,
                    } => kernel("unpack_bnb4_nested")?
                        .read_by_index(codes.view())
                        .read_by_index(code.view())
                        .read_by_index(scales.view())
                        .read_by_index(map.view())
                        .read_by_index(absmax.view())
                        .u32(*block)
                        .f32(*offset),
                };
                self.launch(kernel.u32(shift), wanted, None, out)
            }
            Layout::Int8 { codes, scales, columns } => {
                let kernel = kernel("unpack_int8")?
                    .read_by_index(codes.view())
                    .read_by_index(scales.view());
                self.launch(kernel, wanted, Some(*columns), out)
            }
            Layout::Grouped(w) => {
                let kernel = w.arguments(kernel("unpack_grouped")?);
                self.launch(kernel, wanted, Some(w.columns), out)
            }
            Layout::Aqlm {
                codes,
                codebooks,
                scales,
                form,
                columns,
            } => {
                let kernel = kernel("unpack_aqlm")?
                    .read_by_index(codes.view())
                    .read_by_index(codebooks.view())
                    .read_by_index(scales.view())
                    .u32(form.group)
                    .u32(form.high)
                    .u32(form.codebooks)
                    .u32(form.bits as usize);
                self.launch(kernel, wanted, Some(*columns), out)
            }
            Layout::Gguf { bytes, kernel: name } => {
                self.launch(kernel(name)?.read_by_index(bytes.view()), wanted, None, out)
            }
        }
    }

    /// The arguments that all formats have, and the start; `columns` of a row, where the format knows them.
    fn launch(&self, kernel: Kernel, wanted: Wanted, columns: Option<usize>, out: ViewMut) -> Result<()> {
        let (ids, start, width, len) = match wanted {
            Wanted::Run { start, len } => {
                let whole = columns.is_none_or(|columns| start % columns == 0 && len % columns == 0);
                if !whole || start + len > self.len {
                    return Err(Error::internal(format!("{len} values from {start} of a {}", self.name)));
                }
                (None, start, columns.unwrap_or(RUN), len)
            }
            Wanted::Rows { ids, count, width } => {
                if columns.is_some_and(|columns| columns != width) {
                    return Err(Error::internal(format!("rows of {width} values of a {}", self.name)));
                }
                (Some(ids), 0, width, count * width)
            }
        };
        let blocks = len.div_ceil(width.max(1));
        kernel
            .read_if(ids, blocks)
            .u64(start)
            .write(out, len)
            .u32(width)
            .u64(len)
            .launch(Grid::rows(blocks, width))
    }
}
