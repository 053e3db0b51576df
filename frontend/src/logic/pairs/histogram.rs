//! The histogram of margins. Bins meet at 0, so that each holds either right pairs or wrong ones. A bin includes its upper end; the
//! outermost bins include what lies beyond them.

use super::view::Stretch;

/// Bins of one width, the ends of which are multiples of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Bins {
    pub width: f64,
    /// The first bin's left end, in widths.
    pub first: i32,
    /// How many margins lie in each.
    pub counts: Vec<u32>,
}

/// The number of bins aimed at.
const TARGET_BINS: f64 = 36.0;

/// The range of the axis that margins take. It is widened for each evaluation and never narrowed, so that the axis stands still while
/// one steps through the evaluations.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Span {
    pub low: f64,
    pub high: f64,
}

/// The pairs on both sides of 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sides {
    pub wrong: u64,
    pub right: u64,
}

impl Span {
    /// The span of all margins and 0, but for the outermost two in a thousand on each side, which the last bins include.
    pub fn over(margins: &[f32]) -> Self {
        let mut known: Vec<f32> = margins.iter().copied().filter(|margin| margin.is_finite()).collect();
        if known.is_empty() {
            return Self::default();
        }
        let beyond = known.len() / 500;
        let last = known.len() - 1;
        let low = *known.select_nth_unstable_by(beyond, f32::total_cmp).1;
        let high = *known.select_nth_unstable_by(last - beyond, f32::total_cmp).1;
        Self {
            low: f64::from(low).min(0.0),
            high: f64::from(high).max(0.0),
        }
    }

    pub fn with(self, other: Self) -> Self {
        Self {
            low: self.low.min(other.low),
            high: self.high.max(other.high),
        }
    }
}

/// The width of a bin: 1, 2 or 5 times a power of ten, for about as many bins as aimed at.
fn width(span: Span) -> f64 {
    let rough = (span.high - span.low) / TARGET_BINS;
    if rough <= 0.0 || !rough.is_finite() {
        return 0.1;
    }
    let power = 10f64.powf(rough.log10().floor());
    let times = [1.0, 2.0, 5.0].into_iter().find(|times| times * power >= rough);
    times.unwrap_or(10.0) * power
}

impl Bins {
    pub fn of(margins: impl Iterator<Item = f32>, span: Span) -> Self {
        let width = width(span);
        let first = ((span.low / width).floor() as i32).min(-1);
        let end = ((span.high / width).ceil() as i32).max(1);
        let mut counts = vec![0; (end - first) as usize];
        for margin in margins.filter(|margin| margin.is_finite()) {
            // a margin of 0 is wrong: the chosen reply has to be likelier
            let bin = (f64::from(margin) / width).ceil() - 1.0;
            let bin = bin.clamp(f64::from(first), f64::from(end - 1)) as i32;
            counts[(bin - first) as usize] += 1;
        }
        Self { width, first, counts }
    }

    /// Both ends of a bin.
    pub fn ends(&self, bin: usize) -> (f64, f64) {
        let at = |bin: usize| f64::from(self.first + bin as i32) * self.width;
        (at(bin), at(bin + 1))
    }

    pub fn low(&self) -> f64 {
        self.ends(0).0
    }

    pub fn high(&self) -> f64 {
        self.ends(self.counts.len()).0
    }

    /// Where a margin lies on the axis, from 0 to 1.
    pub fn share(&self, margin: f64) -> f64 {
        ((margin - self.low()) / (self.high() - self.low())).clamp(0.0, 1.0)
    }

    /// The stretch between two places on the axis (from 0 to 1), rounded to whole bins and at least one.
    pub fn stretch(&self, from: f64, to: f64) -> Stretch {
        let bins = self.counts.len();
        let place = |share: f64| share.clamp(0.0, 1.0) * bins as f64;
        let (from, to) = (place(from.min(to)), place(from.max(to)));
        let (first, end) = (from.round() as usize, to.round() as usize);
        let under = (from as usize).min(bins.saturating_sub(1));
        match first < end {
            true => self.between(first, end - 1),
            false => self.between(under, under),
        }
    }

    /// The stretch from one bin to another, both included.
    pub fn between(&self, first: usize, last: usize) -> Stretch {
        Stretch {
            from: if first == 0 {
                f64::NEG_INFINITY
            } else {
                self.ends(first).0
            },
            to: if last + 1 >= self.counts.len() {
                f64::INFINITY
            } else {
                self.ends(last).1
            },
        }
    }

    /// The stretch moved by `by` bins, or extended by as many with `extend`. Without one yet, the bin beside 0.
    pub fn moved(&self, here: Option<Stretch>, by: isize, extend: bool) -> Stretch {
        let last = self.counts.len().saturating_sub(1);
        let zero = (-self.first) as usize;
        let Some(here) = here else {
            let bin = if by < 0 { zero.saturating_sub(1) } else { zero };
            return self.between(bin.min(last), bin.min(last));
        };
        let edge = |margin: f64| (self.share(margin) * self.counts.len() as f64).round() as usize;
        let (first, end) = (edge(here.from), edge(here.to).max(edge(here.from) + 1));
        let (first, end) = match (extend, by > 0) {
            (true, true) => (first, end.saturating_add_signed(by)),
            (true, false) => (first.saturating_add_signed(by), end),
            (false, true) => (end.saturating_add_signed(by - 1), end.saturating_add_signed(by)),
            (false, false) => (first.saturating_add_signed(by), first.saturating_add_signed(by) + 1),
        };
        self.between(first.min(last), (end - 1).min(last))
    }

    /// How many pairs are wrong, and how many right.
    pub fn sides(&self) -> Sides {
        let side = |right: bool| {
            let counts = self.counts.iter().enumerate();
            let counts = counts.filter(|(bin, _)| self.is_right(*bin) == right);
            counts.map(|(_, count)| u64::from(*count)).sum()
        };
        Sides {
            wrong: side(false),
            right: side(true),
        }
    }

    pub fn most(&self) -> u32 {
        self.counts.iter().copied().max().unwrap_or(0)
    }

    /// Whether the pairs of a bin are right.
    pub fn is_right(&self, bin: usize) -> bool {
        self.first + bin as i32 >= 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bins(margins: &[f32]) -> Bins {
        Bins::of(margins.iter().copied(), Span::over(margins))
    }

    #[test]
    fn bins_on_the_left_hold_what_is_wrong_and_lose_nothing() {
        let margins: Vec<f32> = (-40..=160).map(|n| n as f32 / 50.0).collect();
        let bins = bins(&margins);
        // 0 is wrong
        assert_eq!(bins.sides(), Sides { wrong: 41, right: 160 });
        assert!((20..60).contains(&bins.counts.len()), "{bins:?}");
        assert!(bins.low() <= -0.8 && bins.high() >= 3.2);
    }

    #[test]
    fn what_lies_far_out_is_in_the_last_bin_and_no_number_is_in_none() {
        let mut margins = vec![0.5f32; 1000];
        margins.extend([1e9, -1e9, f32::NAN, f32::INFINITY]);
        let bins = bins(&margins);
        assert_eq!(bins.counts.iter().sum::<u32>(), 1002);
        assert!(bins.high() < 1.0 && bins.counts.len() < 60, "{bins:?}");
    }

    #[test]
    fn one_pair_and_none_have_bins_too() {
        for margins in [&[][..], &[0.0], &[3.25], &[-1e-6]] {
            let bins = bins(margins);
            assert_eq!(bins.counts.iter().sum::<u32>() as usize, margins.len());
            assert!(bins.low() < 0.0 && bins.high() > 0.0, "{bins:?}");
        }
    }

    #[test]
    fn a_stretch_holds_what_its_bins_count() {
        let margins: Vec<f32> = (-40..=160).map(|n| n as f32 / 50.0).chain([900.0]).collect();
        let bins = Bins::of(margins.iter().copied(), Span { low: -0.8, high: 3.2 });
        let holds = |stretch: Stretch| {
            margins
                .iter()
                .filter(|margin| stretch.holds(f64::from(**margin)))
                .count()
        };
        for bin in 0..bins.counts.len() {
            assert_eq!(
                holds(bins.between(bin, bin)),
                bins.counts[bin] as usize,
                "{bin}: {bins:?}"
            );
        }
        let zero = bins.share(0.0);
        assert_eq!(holds(bins.stretch(-1.0, zero)), 41);
        assert_eq!(holds(bins.stretch(2.0, zero)), 161);
        assert_eq!(holds(bins.stretch(0.0, 1.0)), 202);
        let one = bins.stretch(zero + 1e-4, zero + 1e-4);
        assert_eq!((one.from, one.to), (0.0, bins.width));
    }

    #[test]
    fn keys_walk_through_the_bins_and_stay_within() {
        let bins = bins(&[-1.0, 3.0]);
        let (w, first) = (bins.width, bins.moved(None, 1, false));
        assert_eq!((first.from, first.to), (0.0, w));
        let next = bins.moved(Some(first), 1, false);
        assert!((next.from - w).abs() < 1e-9 && (next.to - 2.0 * w).abs() < 1e-9);
        let back = bins.moved(Some(first), -1, false);
        assert!((back.from + w).abs() < 1e-9 && back.to.abs() < 1e-9);
        let longer = bins.moved(Some(first), 1, true);
        assert!(longer.from == 0.0 && (longer.to - 2.0 * w).abs() < 1e-9);
        let mut here = Some(first);
        for _ in 0..200 {
            here = Some(bins.moved(here, 1, false));
        }
        assert_eq!(here, Some(bins.between(bins.counts.len() - 1, bins.counts.len() - 1)));
        for _ in 0..200 {
            here = Some(bins.moved(here, -1, true));
        }
        assert_eq!(here, Some(bins.between(0, bins.counts.len() - 1)));
    }
}
