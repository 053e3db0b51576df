//! The tint that shows how much likelier a token is than under the reference, or, where there is none, than at the first evaluation.

use protocol::pairs::{PairTokens, ReplyToken, TokenReference};

/// What the tokens of a pair are compared with at the evaluation that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// The policy at the first evaluation with the reference.
    FirstWithReference,
    /// The policy at the last evaluation with the reference.
    LastWithReference,
    /// There is no reference: the last evaluation with the first.
    LastWithFirst,
    /// The first evaluation is shown and there is no reference: there is nothing to compare with.
    First,
    /// The first evaluation is shown, but of the reference, which follows the policy, log-probs are known as it was at the last.
    FirstOfFollowing,
    /// One between is shown, at which no log-probs of tokens are kept.
    Between,
}

/// Two log-probs of a token that are compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    pub from: f32,
    pub to: f32,
}

impl Known {
    pub fn at(tokens: &PairTokens, shown: u64) -> Self {
        let [first, last] = [tokens.first_step, tokens.last_step].map(|step| step == shown);
        match (tokens.reference, first, last) {
            (TokenReference::Fixed | TokenReference::Following, _, true) => Self::LastWithReference,
            (TokenReference::Fixed, true, false) => Self::FirstWithReference,
            (TokenReference::Following, true, false) => Self::FirstOfFollowing,
            (TokenReference::None, true, _) => Self::First,
            (TokenReference::None, false, true) => Self::LastWithFirst,
            (_, false, false) => Self::Between,
        }
    }

    /// What of a token is compared; `None`: nothing.
    pub fn change(self, token: &ReplyToken) -> Option<Change> {
        let (from, to) = match self {
            Self::FirstWithReference => (token.reference?, token.first),
            Self::LastWithReference => (token.reference?, token.last),
            Self::LastWithFirst => (token.first, token.last),
            Self::First | Self::FirstOfFollowing | Self::Between => return None,
        };
        Some(Change { from, to })
    }

    /// The tint of a token.
    pub fn tint(self, token: &ReplyToken) -> Tint {
        self.change(token)
            .map_or(Tint::None, |change| tint(change.to - change.from))
    }

    /// Whether the tint compares with the reference.
    pub fn is_of_reference(self) -> bool {
        matches!(self, Self::FirstWithReference | Self::LastWithReference)
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
    /// Likelier than what it is compared with; the strength is from 0 to 1.
    Up(f32),
    /// Less likely; the strength is from 0 to 1.
    Down(f32),
}

/// The tint of a token whose log-prob differs by `change` nats.
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
        let token = ReplyToken {
            text: "a".into(),
            first: -2.0,
            last: -1.0,
            reference: Some(-3.0),
        };
        let tints = |reference| {
            let tokens = PairTokens {
                first_step: 0,
                last_step: 200,
                reference,
                ..PairTokens::default()
            };
            [0, 100, 200].map(|step| Known::at(&tokens, step).tint(&token))
        };
        let (half, full) = (Tint::Up(0.5), Tint::Up(1.0));
        assert_eq!(tints(TokenReference::None), [Tint::None, Tint::None, half]);
        assert_eq!(tints(TokenReference::Fixed), [half, Tint::None, full]);
        assert_eq!(tints(TokenReference::Following), [Tint::None, Tint::None, full]);
        // one evaluation so far
        let mut alone = PairTokens::default();
        assert_eq!(Known::at(&alone, 0), Known::First);
        alone.reference = TokenReference::Following;
        assert_eq!(Known::at(&alone, 0), Known::LastWithReference);
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
