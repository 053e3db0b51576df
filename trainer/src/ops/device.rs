//! Where buffers live and operations run: the processor, or one NVIDIA card.
use super::cuda::Card;
use crate::error::Result;
use crate::machine;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Clone, Debug)]
pub enum Device {
    Cpu(Host),
    Cuda(Card),
}

/// The host's memory, with a count of what buffers hold of it; copies of it count together.
#[derive(Clone, Debug, Default)]
pub struct Host(Arc<Count>);

#[derive(Debug, Default)]
struct Count {
    now: AtomicUsize,
    most: AtomicUsize,
}

/// Bytes that a buffer holds until it is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    host: Host,
    bytes: usize,
}

impl Host {
    pub(crate) fn hold(&self, bytes: usize) -> Held {
        let now = self.0.now.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.0.most.fetch_max(now, Ordering::Relaxed);
        Held {
            host: self.clone(),
            bytes,
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.host.0.now.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Device {
    /// The processor, of whose memory nothing is held yet.
    pub fn cpu() -> Self {
        Self::Cpu(Host::default())
    }

    /// Its name, as events tell it.
    pub fn name(&self) -> String {
        match self {
            Self::Cpu(_) => "cpu".into(),
            Self::Cuda(card) => card.name().to_owned(),
        }
    }

    /// Bytes of its memory that this process may use: on a card what is free now.
    pub fn usable_memory(&self) -> Result<u64> {
        match self {
            Self::Cpu(_) => Ok(machine::usable_memory()),
            Self::Cuda(card) => Ok(card.memory()?.0 as u64),
        }
    }

    /// Bytes of its memory that this process had in use at most; `None` where the system does not say.
    pub fn peak_memory(&self) -> Result<Option<u64>> {
        match self {
            Self::Cpu(_) => Ok(machine::peak_memory()),
            Self::Cuda(card) => card.peak_memory().map(Some),
        }
    }

    /// Bytes that buffers held at most, of this engine and its copies; on a card of this process.
    pub fn peak_of_buffers(&self) -> Result<u64> {
        match self {
            Self::Cpu(host) => Ok(host.0.most.load(Ordering::Relaxed) as u64),
            Self::Cuda(card) => card.peak_memory(),
        }
    }

    /// Whether it is a card, whose memory the host reads by copies alone.
    pub fn is_card(&self) -> bool {
        matches!(self, Self::Cuda(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Buf;

    #[test]
    fn a_device_knows_the_most_that_its_buffers_held() {
        let device = Device::cpu();
        let mut first = Buf::zeros(100, &device).unwrap();
        let second = Buf::from_vec(vec![1u8; 60], &device.clone()).unwrap();
        assert_eq!(device.peak_of_buffers().unwrap(), 460);
        drop((first.take(), second));
        first.fit(50).unwrap();
        assert_eq!(first.copy().unwrap().capacity(), 50);
        assert_eq!(device.peak_of_buffers().unwrap(), 460);
        first.fit(200).unwrap();
        assert_eq!(device.peak_of_buffers().unwrap(), 800);
        // another engine's are its own
        assert_eq!(Device::cpu().peak_of_buffers().unwrap(), 0);
    }
}
