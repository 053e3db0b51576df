//! NVIDIA's cards and libraries of a machine, as `corral-trainer cuda status` reports them.

use crate::config::DeviceChoice;
use crate::{Said, says};
use serde::{Deserialize, Serialize};

/// What a machine has for training on NVIDIA cards.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cuda {
    /// libcuda; its version is the highest CUDA version that it supports.
    pub driver: Option<Library>,
    pub cublas: Option<Library>,
    pub cublas_lt: Option<Library>,
    /// The cards that the driver shows this program, in its order: `cuda:0` is the first.
    pub cards: Vec<Card>,
    /// Why nothing can be trained on a card here; `None`: a card can be trained on.
    pub missing: Option<Said>,
}

impl Cuda {
    /// The cards that can be trained on.
    pub fn usable(&self) -> impl Iterator<Item = &Card> {
        let works = self.missing.is_none();
        self.cards.iter().filter(move |card| works && card.unusable.is_none())
    }

    /// Why a run can't have the device that its config asks for, as an error of the key `device`; `None`: it can.
    pub fn refuses(&self, device: DeviceChoice) -> Option<Said> {
        self.lacks(device).map(says::cuda_unavailable)
    }

    /// Why a run can't have the device that its config asks for; `None`: it can.
    pub fn lacks(&self, device: DeviceChoice) -> Option<Said> {
        let DeviceChoice::Cuda(asked) = device else {
            return None;
        };
        if self.missing.is_some() {
            return self.missing.clone();
        }
        let index = asked?;
        match self.cards.iter().find(|card| card.index == index) {
            Some(card) => card.unusable.clone(),
            None => Some(says::no_such_card(index, self.cards.len())),
        }
    }
}

/// What a card is doing, as the management library tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CardUse {
    pub name: String,
    pub uuid: String,
    /// In bytes.
    pub memory_used: u64,
    pub memory_total: u64,
    /// Percentage of time in which it computed.
    pub utilization: Option<u32>,
    /// Temperature of its core, in degrees Celsius.
    pub temperature: Option<u32>,
    pub milliwatts: Option<u32>,
    /// Its power limit.
    pub milliwatts_most: Option<u32>,
    /// The run that has it, by its id.
    pub run: Option<String>,
}

/// A library that was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Library {
    pub path: String,
    /// "12.8", "12.8.4".
    pub version: String,
}

/// A card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Card {
    /// N of `device: cuda:N`.
    pub index: u32,
    /// "NVIDIA GeForce RTX 3060".
    pub name: String,
    /// "GPU-…", by which `CUDA_VISIBLE_DEVICES` and the management library name it too.
    pub uuid: String,
    /// Total memory in bytes.
    pub memory: u64,
    pub capability: Capability,
    /// Why it can't be trained on.
    pub unusable: Option<Said>,
}

/// A card's compute capability, which says what instructions it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Capability {
    pub major: u32,
    pub minor: u32,
}

impl std::fmt::Display for Capability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_card_is_usable_where_something_is_missing_for_all() {
        let card = |index, unusable| Card {
            index,
            name: "a card".into(),
            uuid: String::new(),
            memory: 1,
            capability: Capability { major: 8, minor: 6 },
            unusable,
        };
        let mut cuda = Cuda {
            cards: vec![card(0, Some(Said::plain("too old"))), card(1, None)],
            ..Cuda::default()
        };
        let usable = |cuda: &Cuda| cuda.usable().map(|card| card.index).collect::<Vec<_>>();
        assert_eq!(usable(&cuda), [1]);
        let refused = |cuda: &Cuda, device| cuda.refuses(device).map(|said| said.message).unwrap_or_default();
        assert_eq!(refused(&cuda, DeviceChoice::Best), "");
        assert_eq!(refused(&cuda, DeviceChoice::Cuda(None)), "");
        assert_eq!(refused(&cuda, DeviceChoice::Cuda(Some(1))), "");
        assert_eq!(refused(&cuda, DeviceChoice::Cuda(Some(0))), "device: cuda — too old");
        assert!(refused(&cuda, DeviceChoice::Cuda(Some(2))).contains("sees 2"));
        cuda.missing = Some(Said::plain("no cuBLAS"));
        assert_eq!(usable(&cuda), [0; 0]);
        assert_eq!(refused(&cuda, DeviceChoice::Cuda(None)), "device: cuda — no cuBLAS");
        assert_eq!(refused(&cuda, DeviceChoice::Cpu), "");
    }

    #[test]
    fn a_newer_card_has_the_greater_capability() {
        let of = |major, minor| Capability { major, minor };
        assert!(of(12, 0) > of(8, 9) && of(8, 6) > of(8, 0) && of(7, 5) < of(8, 0));
        assert_eq!(of(8, 6).to_string(), "8.6");
    }
}
