//! The tint that shows how much likelier a token is at an evaluation than at the first one.

use protocol::pairs::{PairTokens, ReplyToken};

/// At which evaluations the log-probs of a pair's tokens are known, as seen from the one that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// The first evaluation is shown, which the others are compared with: there is nothing to tint.
    First,
    /// The last one is shown: the tint is its log-probs minus those of the first.
    Last,
    /// One between is shown, at which no log-probs of tokens are kept.
    Between,
}

impl Known {
    pub fn at(tokens: &PairTokens, shown: u64) -> Self {
        match shown {
            step if step == tokens.first_step => Self::First,
            step if step == tokens.last_step => Self::Last,
            _ => Self::Between,
        }
    }

    /// The tint of a token.
    pub fn tint(self, token: &ReplyToken) -> Tint {
        match self {
            Self::Last => tint(token.last - token.first),
            Self::First | Self::Between => Tint::None,
        }
    }
}

/// The change of a log-prob from which the tint is full: seven times as likely, or a seventh.
const FULL: f32 = 2.0;
/// The change below which there is no tint: about one part in twenty.
const LEAST: f32 = 0.05;

/// A tint: which way, and how strong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tint {
    None,
    /// Likelier than before; the strength is from 0 to 1.
    Up(f32),
    /// Less likely than before; the strength is from 0 to 1.
    Down(f32),
}

/// The tint of a token whose log-prob changed by `change` nats.
pub fn tint(change: f32) -> Tint {
    let strength = (change.abs() / FULL).min(1.0);
    match change {
        _ if !change.is_finite() || change.abs() < LEAST => Tint::None,
        _ if change > 0.0 => Tint::Up(strength),
        _ => Tint::Down(strength),
    }
}

impl Tint {
    /// The CSS of its background: the colour of chosen or rejected, as strong as the change.
    pub fn css(self) -> String {
        let of = |name: &str, strength: f32| {
            let percent = 6.0 + 44.0 * strength;
            format!("background: color-mix(in oklab, var(--{name}) {percent:.0}%, transparent)")
        };
        match self {
            Self::None => String::new(),
            Self::Up(strength) => of("chosen", strength),
            Self::Down(strength) => of("rejected", strength),
        }
    }
}

/// A log-prob as a probability for people: `0.3 %`, `<0.01 %`, `97 %`.
pub fn probability(log_prob: f32) -> String {
    let percent = f64::from(log_prob).exp() * 100.0;
    match percent {
        _ if !percent.is_finite() => "–".into(),
        0.0..0.01 => "<0.01 %".into(),
        0.01..1.0 => format!("{percent:.2} %"),
        1.0..10.0 => format!("{percent:.1} %"),
        99.5.. => format!("{:.1} %", percent.min(100.0)),
        _ => format!("{percent:.0} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tint_says_which_way_and_how_far() {
        assert_eq!(tint(1.0), Tint::Up(0.5));
        assert_eq!(tint(-9.0), Tint::Down(1.0));
        assert_eq!(tint(0.04), Tint::None);
        assert_eq!(tint(f32::NAN), Tint::None);
        assert!(Tint::Up(1.0).css().contains("--chosen) 50%"));
        assert!(Tint::Down(0.0).css().contains("--rejected) 6%"));
    }

    #[test]
    fn the_tint_is_that_of_the_evaluation_shown() {
        let tokens = PairTokens {
            first_step: 0,
            last_step: 200,
            ..PairTokens::default()
        };
        let token = ReplyToken {
            text: "a".into(),
            first: -2.0,
            last: -1.0,
        };
        let at = |step| Known::at(&tokens, step).tint(&token);
        assert_eq!((at(0), at(100), at(200)), (Tint::None, Tint::None, Tint::Up(0.5)));
        assert_eq!(Known::at(&tokens, 100), Known::Between);
    }

    #[test]
    fn probabilities_keep_what_tells_them_apart() {
        let of = |p: f64| probability(p.ln() as f32);
        assert_eq!(
            [0.5, 0.031, 0.0004, 1e-9, 0.999].map(of),
            ["50 %", "3.1 %", "0.04 %", "<0.01 %", "99.9 %"]
        );
        assert_eq!(probability(f32::NAN), "–");
    }
}
