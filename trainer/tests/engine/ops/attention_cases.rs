//! What attention is tried on: how segments lie, and what becomes of scores.

use half::bf16;
use protocol::decoder::{AlibiSpec, Span};
use std::ops::Range;
use trainer::plan::Segment;

/// A plan, and how many keys there are.
pub struct Layout {
    pub groups: Vec<Vec<Segment>>,
    pub keys: usize,
}

pub fn segment(query: usize, key: usize, len: usize, context: Vec<Range<usize>>) -> Segment {
    Segment {
        query,
        key,
        len,
        context,
    }
}

impl Layout {
    /// A prompt with a long, a short and an empty reply, nothing, and a sequence of its own.
    pub fn packed() -> Self {
        let own = |at, len, context| segment(at, at, len, context);
        let shared = vec![
            own(0, 70, vec![]),
            own(70, 45, vec![0..70]),
            own(115, 3, vec![0..70]),
            own(118, 0, vec![0..70]),
        ];
        Self {
            groups: vec![vec![], shared, vec![own(118, 37, vec![])]],
            keys: 155,
        }
    }

    /// Segments without their first queries, whose keys have become context.
    pub fn last_layer() -> Self {
        let group = vec![
            segment(0, 30, 20, vec![0..30]),
            segment(20, 60, 40, vec![0..50, 50..60]),
            segment(60, 101, 1, vec![0..50, 100..101]),
        ];
        Self {
            groups: vec![group],
            keys: 102,
        }
    }

    /// So many queries behind a cache, in which there is room for more.
    pub fn decoding(seen: usize, len: usize) -> Self {
        Self {
            groups: vec![vec![segment(0, seen, len, vec![0..seen])]],
            keys: seen + len + 13,
        }
    }

    pub fn queries(&self) -> usize {
        let ends = self.groups.iter().flatten().map(|segment| segment.query + segment.len);
        ends.max().unwrap()
    }
}

/// What becomes of products, and who sees whom.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    pub span: Span,
    pub soft_cap: Option<f32>,
    pub alibi: Option<AlibiSpec>,
    pub sinks: bool,
}

pub const PLAIN: Form = Form {
    span: Span::All,
    soft_cap: None,
    alibi: None,
    sinks: false,
};

impl Form {
    pub fn windowed(window: Option<usize>) -> Self {
        Self {
            span: Span::windowed(window),
            ..PLAIN
        }
    }

    pub fn slopes(&self, heads: usize) -> Vec<f32> {
        let rounded = |slope: f32| bf16::from_f32(slope).to_f32();
        match self.alibi {
            None => vec![],
            Some(AlibiSpec::Plain) => AlibiSpec::Plain.slopes(heads),
            Some(AlibiSpec::Rounded) => AlibiSpec::Rounded.slopes(heads).into_iter().map(rounded).collect(),
        }
    }

    /// A score and its derivative by the product.
    pub fn score(&self, product: f64, scale: f64, slope: f64, own: usize, column: usize) -> (f64, f64) {
        let (score, slope_of_cap) = match self.soft_cap.map(f64::from) {
            None => (product * scale, 1.0),
            Some(cap) => {
                let t = (product * scale / cap).tanh();
                (cap * t, 1.0 - t * t)
            }
        };
        let place = |column: usize| {
            let column = bf16::from_f32(column as f32).to_f64();
            bf16::from_f64(slope * column).to_f64()
        };
        let bias = match self.alibi {
            None => 0.0,
            Some(AlibiSpec::Plain) => slope * (column as f64 - own as f64),
            Some(AlibiSpec::Rounded) => scale * (place(column) - place(own)),
        };
        (score + bias, slope_of_cap * scale)
    }
}
