//! The histogram of margins as a picture of its own.

use super::histogram::Bins;
use crate::fmt;

/// The colours of the picture.
pub struct Inks {
    pub ground: String,
    pub text: String,
    pub right: String,
    pub wrong: String,
}

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 220.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 32.0;
const SIDE: f64 = 16.0;

/// The picture as SVG: a bar for each bin, the ends of the axis and 0 beneath, and the count of the highest bar.
pub fn svg(bins: &Bins, title: &str, inks: &Inks) -> String {
    let (wide, tall) = (WIDTH - 2.0 * SIDE, HEIGHT - TOP - BOTTOM);
    let most = bins.most().max(1);
    let each = wide / bins.counts.len().max(1) as f64;
    let bar = |(bin, count): (usize, &u32)| {
        let height = f64::from(*count) / f64::from(most) * tall;
        let ink = if bins.is_right(bin) { &inks.right } else { &inks.wrong };
        let (x, y) = (SIDE + bin as f64 * each, TOP + tall - height);
        format!(
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{height:.1}\" fill=\"{ink}\"/>",
            each * 0.88
        )
    };
    let bars: String = bins.counts.iter().enumerate().map(bar).collect();
    let label = |share: f64, anchor: &str, text: String| {
        let (x, y) = (SIDE + share * wide, HEIGHT - 12.0);
        format!("<text x=\"{x:.1}\" y=\"{y:.0}\" text-anchor=\"{anchor}\">{text}</text>")
    };
    let labels = [
        label(0.0, "start", fmt::setting(bins.low())),
        label(bins.share(0.0), "middle", "0".into()),
        label(1.0, "end", fmt::setting(bins.high())),
    ];
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         font-family=\"Inter, system-ui, sans-serif\" font-size=\"11\" fill=\"{text}\"><rect width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         fill=\"{ground}\"/><text x=\"{SIDE}\" y=\"22\" font-size=\"13\" font-weight=\"600\">{title}</text>\
         <text x=\"{right}\" y=\"22\" text-anchor=\"end\">{most}</text>{bars}\
         <path d=\"M{SIDE} {base}h{wide}\" stroke=\"{text}\"/>{labels}</svg>\n",
        text = inks.text,
        ground = inks.ground,
        right = WIDTH - SIDE,
        base = TOP + tall,
        labels = labels.concat(),
    )
}

#[cfg(test)]
mod tests {
    use super::super::histogram::Span;
    use super::*;

    #[test]
    fn each_bin_is_a_bar_in_the_colour_of_its_side() {
        let bins = Bins::of([-0.5f32, 0.5, 0.6].into_iter(), Span { low: -1.0, high: 1.0 });
        let inks = Inks {
            ground: "#fff".into(),
            text: "#000".into(),
            right: "blue".into(),
            wrong: "orange".into(),
        };
        let drawn = svg(&bins, "Margins", &inks);
        let bars = |ink: &str| drawn.matches(&format!("fill=\"{ink}\"")).count();
        assert_eq!(bars("blue") + bars("orange"), bins.counts.len(), "{drawn}");
        assert!(
            drawn.starts_with("<svg xmlns") && drawn.contains(">Margins</text>"),
            "{drawn}"
        );
    }
}
