//! What the emulated machine claims to be: its cards, its driver, which cards this process sees. The environment says it
//! before the first call.
use crate::machine::Options;
use std::sync::LazyLock;

/// The machine.
pub struct Host {
    /// Otherwise a machine without a card is what programs see.
    pub present: bool,
    /// As `cuDriverGetVersion` says it: 13000 for CUDA 13.0.
    pub driver: u32,
    pub cards: Vec<Model>,
    /// Numbers of the cards that this process sees, in its order.
    pub visible: Vec<usize>,
    pub log: bool,
    pub options: Options,
    /// A folder with files of PTX to take in place of modules made from the same source.
    pub fresh_ptx: Option<String>,
    /// A file that the counters are written to when the process ends.
    pub report: Option<String>,
    /// A folder in which processes tell each other how much of a card they use.
    pub shared: Option<String>,
}

/// One card.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    pub name: String,
    /// Compute capability times ten.
    pub architecture: u32,
    pub memory: usize,
}

static HOST: LazyLock<Host> = LazyLock::new(|| Host::of(|name| std::env::var(name).ok()));

pub fn host() -> &'static Host {
    &HOST
}

impl Host {
    fn of(variable: impl Fn(&str) -> Option<String>) -> Host {
        let number = |name: &str, default: u64| variable(name).and_then(|v| v.parse().ok()).unwrap_or(default);
        let count = number("CUDA_EMULATOR_DEVICES", 1).clamp(1, 4) as usize;
        // one value for all cards, or one for each
        let listed = |name: &str, card: usize| {
            let values = variable(name)?;
            let values: Vec<&str> = values.split(',').collect();
            values.get(card).or(values.first()).map(|value| (*value).to_owned())
        };
        let card = |card: usize| Model {
            name: listed("CUDA_EMULATOR_NAME", card).unwrap_or(format!("Emulated GPU {card}")),
            architecture: listed("CUDA_EMULATOR_ARCH", card)
                .and_then(|v| v.parse().ok())
                .unwrap_or(80),
            memory: listed("CUDA_EMULATOR_MEMORY_MIB", card)
                .and_then(|v| v.parse().ok())
                .unwrap_or(8192)
                << 20,
        };
        let cards: Vec<Model> = (0..count).map(card).collect();
        Host {
            present: number("CUDA_EMULATOR", 0) != 0,
            driver: number("CUDA_EMULATOR_DRIVER", 13000) as u32,
            visible: visible(variable("CUDA_VISIBLE_DEVICES").as_deref(), cards.len()),
            cards,
            log: number("CUDA_EMULATOR_LOG", 0) != 0,
            options: Options {
                races: number("CUDA_EMULATOR_RACES", 1) != 0,
                uninitialized: number("CUDA_EMULATOR_UNINITIALIZED", 1) != 0,
                seed: number("CUDA_EMULATOR_SEED", 0),
                patience: number("CUDA_EMULATOR_PATIENCE", Options::default().patience),
                traffic: number("CUDA_EMULATOR_LOG", 0) > 1 || number("CUDA_EMULATOR_TRAFFIC", 0) != 0,
                ..Options::default()
            },
            fresh_ptx: variable("CUDA_EMULATOR_PTX"),
            report: variable("CUDA_EMULATOR_REPORT"),
            shared: variable("CUDA_EMULATOR_SHARED"),
        }
    }

    /// The newest PTX that the driver reads, times ten.
    pub fn ptx_version(&self) -> u32 {
        match self.driver {
            ..11080 => 70,
            11080..12000 => 78,
            12000..12010 => 80,
            12010..12020 => 81,
            12020..12030 => 82,
            12030..12040 => 83,
            12040..12050 => 84,
            12050..12080 => 85,
            12080..12090 => 87,
            12090..13000 => 88,
            13000..13010 => 90,
            _ => 91,
        }
    }

    /// The driver's own version, as `nvidia-smi` shows it: the first of each CUDA version's series.
    pub fn driver_name(&self) -> &'static str {
        match self.driver {
            ..12000 => "520.61.05",
            12000..12010 => "525.60.13",
            12010..12020 => "530.30.02",
            12020..12030 => "535.54.03",
            12030..12040 => "545.23.06",
            12040..12050 => "550.54.14",
            12050..12060 => "555.42.02",
            12060..12080 => "560.28.03",
            12080..12090 => "570.86.10",
            12090..13000 => "575.51.03",
            _ => "580.65.06",
        }
    }
}

impl Model {
    /// Shared memory that a block may have when it asks for it.
    pub fn shared_opt_in(&self) -> usize {
        1024 * match self.architecture {
            70 => 96,
            75 => 64,
            80 | 87 => 163,
            86 | 89 | 120 | 121 => 99,
            90 | 100 | 103 => 227,
            _ => 48,
        }
    }

    /// Shared memory of a multiprocessor, which its blocks divide.
    pub fn shared_per_multiprocessor(&self) -> usize {
        self.shared_opt_in() + 1024
    }

    pub fn multiprocessors(&self) -> u32 {
        match self.architecture {
            75 => 40,
            80 => 108,
            86 => 28,
            89 => 34,
            90 => 132,
            _ => 48,
        }
    }

    pub fn threads_per_multiprocessor(&self) -> u32 {
        match self.architecture {
            75 => 1024,
            86 | 89 | 120 | 121 => 1536,
            _ => 2048,
        }
    }
}

/// The 16 bytes of a card's UUID.
pub fn uuid(card: usize) -> [u8; 16] {
    let mut bytes = *b"emulated gpu 000";
    bytes[15] += card as u8;
    bytes
}

/// A card's UUID as text: `GPU-656d756c-…`.
pub fn uuid_text(card: usize) -> String {
    let hex: String = uuid(card).iter().map(|byte| format!("{byte:02x}")).collect();
    let parts: Vec<&str> = [0..8, 8..12, 12..16, 16..20, 20..32]
        .into_iter()
        .filter_map(|part| hex.get(part))
        .collect();
    format!("GPU-{}", parts.join("-"))
}

/// `CUDA_VISIBLE_DEVICES`: numbers or beginnings of UUIDs, up to the first that is no card's.
fn visible(listed: Option<&str>, count: usize) -> Vec<usize> {
    let Some(listed) = listed else {
        return (0..count).collect();
    };
    let card = |word: &str| match word.parse::<usize>() {
        Ok(number) => (number < count).then_some(number),
        Err(_) => (0..count).find(|card| word.len() > 4 && uuid_text(*card).starts_with(word)),
    };
    let cards: Vec<usize> = listed.split(',').map_while(|word| card(word.trim())).collect();
    let twice = (1..cards.len()).any(|i| cards[..i].contains(&cards[i]));
    if twice { vec![] } else { cards }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_are_chosen_by_number_and_by_uuid() {
        assert_eq!(visible(None, 2), [0, 1]);
        assert_eq!(visible(Some("1"), 2), [1]);
        assert_eq!(visible(Some("1, 0"), 2), [1, 0]);
        assert_eq!(visible(Some("1,7,0"), 2), [1]);
        assert_eq!(visible(Some(""), 2), [0; 0]);
        assert_eq!(visible(Some("-1"), 2), [0; 0]);
        assert_eq!(visible(Some("0,0"), 2), [0; 0]);
        assert_eq!(visible(Some(&uuid_text(1)), 2), [1]);
        assert_eq!(uuid_text(0), "GPU-656d756c-6174-6564-2067-707520303030");
    }

    #[test]
    fn a_card_may_differ_from_its_neighbour() {
        let host = Host::of(|name| {
            let value = match name {
                "CUDA_EMULATOR_DEVICES" => "3",
                "CUDA_EMULATOR_MEMORY_MIB" => "100,200",
                "CUDA_EMULATOR_NAME" => "Small,Large,Other",
                "CUDA_EMULATOR_ARCH" => "90",
                _ => return None,
            };
            Some(value.to_owned())
        });
        let told: Vec<_> = host
            .cards
            .iter()
            .map(|c| (c.name.as_str(), c.memory >> 20, c.architecture))
            .collect();
        assert_eq!(told, [("Small", 100, 90), ("Large", 200, 90), ("Other", 100, 90)]);
        assert!(!host.present);
    }
}
