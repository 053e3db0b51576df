//! NVIDIA's cards: the libraries that drive them, opened at run time, the kernels that run there, and products by cuBLAS.
//!
//! Everything a card does stands in one stream, in the order of the calls; the host waits for it only where it reads.
pub mod blas;
mod card;
mod driver;
mod launch;
pub mod libraries;
mod memory;
mod modules;
mod operand;
mod product;
mod search;
mod signature;
pub mod wheel;

pub use card::Card;
pub(crate) use launch::{Grid, Kernel};
pub use memory::{Memory, Read, Written};
pub(crate) use modules::{
    ACT, ACTIVATION, ADAFACTOR, APOLLO, ATTENTION, ATTENTION_SHAPED, ATTENTION_TENSOR, ATTENTION_TENSOR_F16,
    ATTENTION_TENSOR_SHAPED, ATTENTION_TENSOR_SHAPED_F16, BIAS, CAYLEY, CLAMPED, DORA, GATHER, HEAD, HEAD_FORM, Module,
    NORM, OPTIMIZER, QUANT, RANDOM, ROPE, ROTATE, ROUTE, SCALE,
};
pub(crate) use operand::{Lent, convert};
pub(crate) use product::{Matrix, Product};

use crate::error::{Error, Result};
use libraries::Libraries;
use protocol::Said;
use protocol::config::DeviceChoice;
use protocol::cuda::{Card as Listed, Cuda};
use protocol::says;

/// What a run computes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// The processor; where a card is there and can't be used, why.
    Cpu(Option<Said>),
    /// The card of this number, as the driver counts those that `CUDA_VISIBLE_DEVICES` shows.
    Card(u32),
}

/// What `device` means on this machine.
///
/// # Errors
/// A card was asked for, and there is none, or it can't be used.
pub fn choose(choice: DeviceChoice) -> Result<Chosen> {
    let asked = match choice {
        DeviceChoice::Cpu => return Ok(Chosen::Cpu(None)),
        DeviceChoice::Best => return Ok(best()),
        DeviceChoice::Cuda(asked) => asked,
    };
    let libraries = Libraries::get().map_err(|why| Error::invalid(says::cuda_unavailable(why)))?;
    pick(libraries.cards(), asked).map(Chosen::Card).map_err(Error::invalid)
}

/// The uuid of the card that `device` means on this machine, where it means one.
pub fn uuid(choice: DeviceChoice) -> Option<String> {
    match choose(choice) {
        Ok(Chosen::Card(index)) => {
            let cards = Libraries::get().ok()?.cards();
            Some(cards.iter().find(|card| card.index == index)?.uuid.clone())
        }
        Ok(Chosen::Cpu(_)) | Err(_) => None,
    }
}

/// The card that was asked for, or the first that can be trained on.
fn pick(cards: &[Listed], asked: Option<u32>) -> std::result::Result<u32, Said> {
    let usable = |card: &&Listed| card.unusable.is_none();
    let card = match asked {
        Some(index) => {
            let card = cards.iter().find(|card| card.index == index);
            card.ok_or_else(|| says::cuda_unavailable(says::no_such_card(index, cards.len())))?
        }
        None => {
            let first = cards.iter().find(usable).or(cards.first());
            first.ok_or_else(says::no_cuda_card)?
        }
    };
    match &card.unusable {
        Some(why) => Err(says::cuda_unavailable(why.clone())),
        None => Ok(card.index),
    }
}

fn best() -> Chosen {
    match Libraries::get().and_then(|libraries| pick(libraries.cards(), None)) {
        Ok(card) => Chosen::Card(card),
        // who has no card need not be told that it is not used
        Err(_) if driver::Driver::get().map_or(true, |driver| driver.cards().is_empty()) => Chosen::Cpu(None),
        Err(why) => Chosen::Cpu(Some(says::on_cpu_instead(why))),
    }
}

/// What this machine has, for whoever looks: cards are listed also where they can't be used.
pub fn survey() -> Cuda {
    let driver = driver::Driver::get();
    let libraries = Libraries::get();
    let unusable = |cards: &[Listed]| cards.iter().find_map(|card| card.unusable.clone());
    let missing = match &libraries {
        Err(why) => Some(why.clone()),
        Ok(libraries) if libraries.cards().iter().all(|card| card.unusable.is_some()) => unusable(libraries.cards()),
        Ok(_) => None,
    };
    let (cublas, cublas_lt) = match &libraries {
        Ok(libraries) => Some((libraries.blas().facts(), libraries.blas().lt_facts())),
        // it may lie there before driver and card do
        Err(_) => libraries::blas_alone().ok().map(|blas| (blas.facts(), blas.lt_facts())),
    }
    .unzip();
    Cuda {
        driver: driver.as_ref().ok().map(|driver| driver.facts()),
        cublas,
        cublas_lt,
        cards: driver
            .as_ref()
            .map_or_else(|_| vec![], |driver| driver.cards().to_vec()),
        missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::cuda::Capability;

    fn card(index: u32, major: u32) -> Listed {
        let unusable = (major < 8).then(|| says::old_card("an old card", "7.5"));
        Listed {
            index,
            name: "a card".into(),
            uuid: String::new(),
            memory: 8 << 30,
            capability: Capability { major, minor: 5 },
            unusable,
        }
    }

    #[test]
    fn the_card_is_the_one_asked_for_or_the_first_that_can_be_used() {
        let cards = [card(0, 7), card(1, 8), card(2, 9)];
        assert_eq!(pick(&cards, None), Ok(1));
        assert_eq!(pick(&cards, Some(2)), Ok(2));
        assert!(pick(&cards, Some(0)).unwrap_err().contains("7.5"));
        let none = pick(&cards, Some(3)).unwrap_err();
        assert!(none.contains("no card 3") && none.contains("sees 3"), "{none}");
        assert!(pick(&cards[..1], None).unwrap_err().contains("7.5"));
        assert_eq!(pick(&[], None).unwrap_err().code, "no_cuda_card");
    }

    #[test]
    fn who_asks_for_the_processor_gets_it() {
        assert_eq!(choose(DeviceChoice::Cpu).unwrap(), Chosen::Cpu(None));
    }
}
