//! Where buffers live and operations run: the processor, or one NVIDIA card.
use super::cuda::Card;
use crate::error::Result;
use crate::machine;

#[derive(Clone, Debug)]
pub enum Device {
    Cpu,
    Cuda(Card),
}

impl Device {
    /// Its name, as events tell it.
    pub fn name(&self) -> String {
        match self {
            Self::Cpu => "cpu".into(),
            Self::Cuda(card) => card.name().to_owned(),
        }
    }

    /// Bytes of its memory that this process may use: on a card what is free now.
    pub fn usable_memory(&self) -> Result<u64> {
        match self {
            Self::Cpu => Ok(machine::usable_memory()),
            Self::Cuda(card) => Ok(card.memory()?.0 as u64),
        }
    }

    /// Bytes of its memory that this process had in use at most; `None` where the system does not say.
    pub fn peak_memory(&self) -> Result<Option<u64>> {
        match self {
            Self::Cpu => Ok(machine::peak_memory()),
            Self::Cuda(card) => card.peak_memory().map(Some),
        }
    }

    /// Whether it is a card, whose memory the host reads by copies alone.
    pub fn is_card(&self) -> bool {
        matches!(self, Self::Cuda(_))
    }
}
