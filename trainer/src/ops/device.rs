//! Where buffers live and operations run: the processor, or one NVIDIA card.
use super::cuda::Card;

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
            Self::Cuda(card) => format!("cuda:{}", card.ordinal()),
        }
    }

    /// Whether it is a card, whose memory the host reads by copies alone.
    pub fn is_card(&self) -> bool {
        matches!(self, Self::Cuda(_))
    }
}
