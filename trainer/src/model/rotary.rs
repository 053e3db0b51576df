//! How fast queries and keys turn under a decoder's rule, in f32 as transformers computes it.
use super::Mode;
use crate::ops::rope::Rotation;
use protocol::decoder::{RotaryScaling, RotarySpec, doublings};
use std::f64::consts::TAU;

/// The texts that queries and keys are turned for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Texts {
    pub mode: Mode,
    /// tokens of the longest
    pub longest: usize,
    /// tokens by which turning is settled that hangs together with a row's length: the same, but where a text is written on, which
    /// turns to its end as its beginning did
    pub settled: usize,
}

impl Texts {
    /// Of a batch.
    pub fn of(mode: Mode, longest: usize) -> Self {
        Self {
            mode,
            longest,
            settled: longest,
        }
    }
}

/// The rotations of a rule: one, or one for each number of doublings up to that of the longest row.
pub fn rotations(rule: &RotarySpec, texts: Texts) -> Vec<Rotation> {
    (0..=most_doublings(rule, texts))
        .map(|doubled| doubled_rotation(rule, texts.longest, doubled))
        .collect()
}

fn most_doublings(rule: &RotarySpec, texts: Texts) -> u32 {
    match (&rule.scaling, texts.mode) {
        (RotaryScaling::Doubled { original }, Mode::Inference) => doublings(*original, texts.settled),
        _ => 0,
    }
}

/// The rotation of a batch in training whose longest row is so long.
pub fn rotation(rule: &RotarySpec, longest: usize) -> Rotation {
    doubled_rotation(rule, longest, 0)
}

fn doubled_rotation(rule: &RotarySpec, longest: usize, doubled: u32) -> Rotation {
    let (pairs, dims) = (rule.dims / 2, rule.dims as f32);
    let power = |theta: f64, i: usize| (theta as f32).powf((2 * i) as f32 / dims);
    let plain = |theta: f64| (0..pairs).map(move |i| 1.0 / power(theta, i));
    let mut magnitude = rule.magnitude;
    let frequencies = match &rule.scaling {
        RotaryScaling::None => plain(rule.theta).collect(),
        RotaryScaling::Linear { factor } => plain(rule.theta).map(|f| f / *factor as f32).collect(),
        RotaryScaling::Llama3 {
            factor,
            low,
            high,
            original,
        } => plain(rule.theta)
            .map(|f| {
                let wavelength = TAU / f64::from(f);
                if wavelength < original / high {
                    return f;
                }
                if wavelength > original / low {
                    return (f64::from(f) / factor) as f32;
                }
                let smooth = (original / wavelength - low) / (high - low);
                ((1.0 - smooth) * f64::from(f) / factor + smooth * f64::from(f)) as f32
            })
            .collect(),
        RotaryScaling::Dynamic { factor, original } => {
            let longer = longest.max(*original) as f64 / *original as f64;
            let dims = rule.dims as f64;
            plain(rule.theta * (factor * longer - (factor - 1.0)).powf(dims / (dims - 2.0))).collect()
        }
        RotaryScaling::Doubled { .. } => {
            let dims = rule.dims as f64;
            let growth = 2f64.powi(doubled as i32 + 1) - 1.0;
            plain(rule.theta * growth.powf(dims / (dims - 2.0))).collect()
        }
        RotaryScaling::Yarn {
            factor,
            original,
            fast,
            slow,
            truncate,
        } => {
            // the dimension that turns so many times in the original positions
            let dims = rule.dims as f64;
            let turning = |turns: f64| dims * (original / (turns * TAU)).ln() / (2.0 * rule.theta.ln());
            let (low, high) = match truncate {
                true => (turning(*fast).floor(), turning(*slow).ceil()),
                false => (turning(*fast), turning(*slow)),
            };
            let (low, mut high) = (low.max(0.0), high.min(dims - 1.0));
            if low == high {
                high += 0.001;
            }
            let stretched = |i: usize| ((i as f32 - low as f32) / (high - low) as f32).clamp(0.0, 1.0);
            let frequency = |i: usize| {
                let (whole, part) = (
                    1.0 / power(rule.theta, i),
                    1.0 / (*factor as f32 * power(rule.theta, i)),
                );
                part * stretched(i) + whole * (1.0 - stretched(i))
            };
            (0..pairs).map(frequency).collect()
        }
        RotaryScaling::LongRope { original, short, long } => {
            let factors = if longest > *original { long } else { short };
            magnitude *= factors.magnitude;
            let divisor = |i: usize| factors.divisors.get(i).map_or(1.0, |divisor| *divisor as f32);
            (0..pairs).map(|i| 1.0 / (divisor(i) * power(rule.theta, i))).collect()
        }
    };
    Rotation {
        frequencies,
        magnitude: magnitude as f32,
        interleaved: rule.interleaved,
    }
}

/// Whether these texts turn alike.
pub fn turn_alike(rule: &RotarySpec, a: Texts, b: Texts) -> bool {
    match rule.scaling {
        RotaryScaling::Dynamic { original, .. } => a.longest.max(original) == b.longest.max(original),
        RotaryScaling::LongRope { original, .. } => (a.longest > original) == (b.longest > original),
        RotaryScaling::Doubled { .. } => most_doublings(rule, a) == most_doublings(rule, b),
        RotaryScaling::None
        | RotaryScaling::Linear { .. }
        | RotaryScaling::Llama3 { .. }
        | RotaryScaling::Yarn { .. } => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::decoder::RotaryFactors;

    fn scaled(scaling: RotaryScaling) -> RotarySpec {
        RotarySpec {
            scaling,
            ..RotarySpec::plain(8, 10000.0)
        }
    }

    fn alike(rule: &RotarySpec, a: usize, b: usize) -> bool {
        let [a, b] = [a, b].map(|longest| Texts::of(Mode::Training, longest));
        turn_alike(rule, a, b)
    }

    fn near(got: &[f32], want: [f64; 4]) {
        assert!(
            got.iter()
                .zip(want)
                .all(|(got, want)| (f64::from(*got) / want - 1.0).abs() < 1e-5),
            "{got:?}, expected {want:?}"
        );
    }

    /// Of eight dimensions frequencies are 1, 0.1, 0.01, 0.001. With 256 positions of origin 32 turns are dimension
    /// 8 ln(256 / 64 pi) / 2 ln 10000 = 0.105, one turn is 1.610: between them, rounded outwards, lies dimension 1 in the middle.
    #[test]
    fn yarn_mixes_between_two_dimensions() {
        let yarn = |truncate| {
            let rule = scaled(RotaryScaling::Yarn {
                factor: 4.0,
                original: 256.0,
                fast: 32.0,
                slow: 1.0,
                truncate,
            });
            rotation(&rule, 1).frequencies
        };
        near(&yarn(true), [1.0, 0.1 * (0.5 + 0.5 / 4.0), 0.0025, 0.00025]);
        let part = (1.0 - 0.104910) / (1.610060 - 0.104910);
        near(&yarn(false), [1.0, 0.1 * (1.0 - part + part / 4.0), 0.0025, 0.00025]);
    }

    #[test]
    fn lengths_of_rows_matter_past_the_original() {
        let dynamic = scaled(RotaryScaling::Dynamic {
            factor: 2.0,
            original: 100,
        });
        assert_eq!(
            rotation(&dynamic, 7).frequencies,
            rotation(&scaled(RotaryScaling::None), 7).frequencies
        );
        // theta' = 10000 * (2 * 2 - 1)^(8 / 6)
        let theta: f64 = 10000.0 * 3f64.powf(8.0 / 6.0);
        near(
            &rotation(&dynamic, 200).frequencies,
            [0.0, 0.25, 0.5, 0.75].map(|p| theta.powf(-p)),
        );
        assert!(alike(&dynamic, 3, 100) && !alike(&dynamic, 100, 101));
        let factors = |divisors: [f64; 4], magnitude| RotaryFactors {
            divisors: divisors.to_vec(),
            magnitude,
        };
        let long = scaled(RotaryScaling::LongRope {
            original: 100,
            short: factors([1.0, 1.0, 2.0, 2.0], 1.0),
            long: factors([1.0, 2.0, 4.0, 8.0], 1.25),
        });
        near(&rotation(&long, 100).frequencies, [1.0, 0.1, 0.005, 0.0005]);
        near(&rotation(&long, 101).frequencies, [1.0, 0.05, 0.0025, 0.000125]);
        assert_eq!(
            (rotation(&long, 100).magnitude, rotation(&long, 101).magnitude),
            (1.0, 1.25)
        );
        assert!(alike(&long, 101, 500) && !alike(&long, 100, 101));
    }

    /// A base of 10000 and 8 dimensions: theta' = 10000 * (2^(doublings + 1) - 1)^(8 / 6).
    #[test]
    fn outside_training_rows_turn_by_their_own_length_in_steps() {
        assert_eq!(
            [1, 100, 101, 200, 201, 400, 401].map(|row| doublings(100, row)),
            [0, 0, 1, 1, 2, 2, 3]
        );
        let rule = scaled(RotaryScaling::Doubled { original: 100 });
        let texts = |mode, longest| Texts::of(mode, longest);
        let plain = rotations(&scaled(RotaryScaling::None), texts(Mode::Training, 7));
        for within in [texts(Mode::Training, 300), texts(Mode::Inference, 100)] {
            assert_eq!(rotations(&rule, within), plain);
        }
        let long = rotations(&rule, texts(Mode::Inference, 300));
        assert_eq!((long.len(), &long[0]), (3, &plain[0]));
        for (rotation, growth) in long.iter().zip([1.0, 3.0, 7.0]) {
            let theta = 10000.0 * f64::powf(growth, 8.0 / 6.0);
            near(&rotation.frequencies, [0.0, 0.25, 0.5, 0.75].map(|p| theta.powf(-p)));
        }
        assert!(turn_alike(
            &rule,
            texts(Mode::Inference, 300),
            texts(Mode::Inference, 400)
        ));
        assert!(!turn_alike(
            &rule,
            texts(Mode::Inference, 300),
            texts(Mode::Training, 300)
        ));
        // what is written on turns as it began
        let begun = Texts {
            settled: 80,
            ..texts(Mode::Inference, 300)
        };
        assert_eq!(rotations(&rule, begun), plain);
    }
}
