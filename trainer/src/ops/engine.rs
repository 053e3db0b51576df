//! The engine: the device that a session computes on and the type it computes in.
use super::cpu::bf16::Body;
use super::cuda::{self, Card, Chosen};
use super::{Buf, Device, Operation, attention};
use crate::error::{Error, Result};
use candle_core::{DType, Tensor};
use protocol::config::{Compute, DeviceChoice};
use protocol::decoder::DecoderSpec;
use protocol::memory::gigabytes;
use protocol::{Said, says};

/// Made once when a session opens, and handed down to all that computes.
#[derive(Clone, Debug)]
pub struct Engine {
    device: Device,
    compute: DType,
    trained: DType,
}

impl Engine {
    /// On the processor, in f32.
    pub fn cpu() -> Self {
        Self {
            device: Device::cpu(),
            compute: DType::F32,
            trained: DType::F32,
        }
    }

    /// On the device that was asked for. What asks for fp16 computes in f32 on the processor.
    ///
    /// # Errors
    /// A card was asked for and there is none.
    pub fn on(choice: DeviceChoice, compute: Compute) -> Result<Self> {
        let device = match cuda::choose(choice)? {
            Chosen::Cpu(_) => Device::cpu(),
            Chosen::Card(index) => Device::Cuda(Card::open(index as usize)?),
        };
        let (compute, trained) = match compute {
            Compute::PureBf16 => (DType::BF16, DType::BF16),
            Compute::Bf16 => (DType::BF16, DType::F32),
            Compute::F16 if device.is_card() => (DType::F16, DType::F32),
            Compute::F32 | Compute::F16 => (DType::F32, DType::F32),
        };
        Ok(Self {
            device,
            compute,
            trained,
        })
    }

    /// Why this device can't compute a decoder, if it can't.
    pub fn refuses(&self, decoder: &DecoderSpec) -> Option<Said> {
        attention::card_refuses(decoder).filter(|_| self.device.is_card())
    }

    /// Where a model computes that is only read (a chat, an evaluation, a merge), in f32: on what was asked for; by `auto` on
    /// the first card that can be used, if `need` bytes of it are free, else on the processor. And then why.
    ///
    /// # Errors
    /// A card was asked for and there is none.
    pub fn reading(choice: DeviceChoice, need: u64, decoder: &DecoderSpec) -> Result<(Self, Option<Said>)> {
        let card = match cuda::choose(choice)? {
            Chosen::Cpu(why) => return Ok((Self::cpu(), why)),
            Chosen::Card(index) => Card::open(index as usize)?,
        };
        let (free, total) = card.memory()?;
        match attention::card_refuses(decoder) {
            None => {}
            Some(why) if choice == DeviceChoice::Best => return Ok((Self::cpu(), Some(says::on_cpu_instead(why)))),
            Some(why) => return Err(Error::invalid(says::cuda_unavailable(why))),
        }
        if choice == DeviceChoice::Best && (free as u64) < need {
            let [need, free, total] = [need, free as u64, total as u64].map(gigabytes);
            let why = says::card_lacks_room(card.name(), need, free, total);
            return Ok((Self::cpu(), Some(says::on_cpu_instead(why))));
        }
        Ok((Self::on_card(card, DType::F32), None))
    }

    /// On this card.
    pub fn on_card(card: Card, compute: DType) -> Self {
        Self {
            device: Device::Cuda(card),
            compute,
            trained: DType::F32,
        }
    }

    /// Where its buffers live.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The type of activations and of the weights that products read; statistics and log-probabilities are f32 whatever it
    /// is.
    pub fn compute(&self) -> DType {
        self.compute
    }

    /// The type of what trains, of its gradients and of its optimizer states; but for a value head, which is f32 as TRL's.
    pub fn trained(&self) -> DType {
        self.trained
    }

    /// A weight as it is kept: rounded with those that train.
    pub fn kept(&self, weight: Tensor) -> Result<Tensor> {
        match self.trained {
            DType::BF16 => Ok(weight.to_dtype(DType::BF16)?),
            _ => Ok(weight),
        }
    }

    /// The same device, in f32 whatever this one computes in.
    pub fn exact(&self) -> Self {
        Self {
            device: self.device.clone(),
            compute: DType::F32,
            trained: DType::F32,
        }
    }

    /// An empty buffer of the type it computes in.
    pub fn buffer(&self) -> Result<Buf> {
        Buf::empty(self.compute, &self.device)
    }

    fn types(&self) -> String {
        let pure = if self.trained == DType::BF16 { "pure " } else { "" };
        format!("{pure}{}", self.compute.as_str())
    }

    /// What the numbers of a pass depend on beside the model and the processor's kind; nothing on that in f32.
    pub fn numerics(&self) -> String {
        match (&self.device, self.compute) {
            (Device::Cuda(card), _) => format!("{} {}", self.types(), card.name()),
            (Device::Cpu(_), DType::BF16) => format!("{} {:?}", self.types(), Body::chosen()),
            (Device::Cpu(_), _) => String::new(),
        }
    }

    /// The device's name, as events tell it.
    pub fn name(&self) -> String {
        self.device.name()
    }

    /// Runs an operation on the device.
    pub fn run(&self, operation: impl Operation) -> Result<()> {
        match &self.device {
            Device::Cpu(_) => operation.cpu(),
            Device::Cuda(card) => operation.cuda(card),
        }
    }
}
