//! A chart as SVG: what the board draws on a canvas, in a file of its own that any program shows.

use protocol::numbers;
use protocol::plot::{Spread, YAxis};

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 40.0;
/// Height of a row of names beneath the plot, and width of a letter of them, about.
const NAME: f64 = 18.0;
const LETTER: f64 = 6.2;
/// Room for a name's colour, and for a gap behind it.
const KEY: f64 = 30.0;

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Line,
    /// With a ring at each point: held-out rows.
    Ringed,
    /// Points alone.
    Dots,
}

/// A line of the picture, and the band about it.
#[derive(Debug, Clone)]
pub struct Stroke {
    pub color: String,
    pub mark: Mark,
    pub points: Vec<(f64, f64)>,
    pub range: Vec<(f64, f64)>,
}

/// What runs along the bottom.
#[derive(Debug, Clone)]
pub struct Bottom {
    pub title: String,
    pub from: f64,
    pub to: f64,
    /// Marks that are no numbers: where, and what is said there.
    pub words: Vec<(f64, String)>,
}

/// A chart, ready to be drawn.
#[derive(Debug, Clone)]
pub struct Picture {
    pub title: String,
    pub bottom: Bottom,
    pub axis: YAxis,
    /// How values of y are written.
    pub written: fn(&str, f64) -> String,
    pub metric: String,
    pub reference: Option<f64>,
    pub strokes: Vec<Stroke>,
    /// Names with their colours; none where the report's table has them.
    pub legend: Vec<(String, String)>,
}

/// Text as it may stand in XML and HTML.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // XML has no way to write these
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(letter),
        }
    }
    out
}

impl Picture {
    fn x(&self, x: f64) -> f64 {
        let span = self.bottom.to - self.bottom.from;
        let share = if span > 0.0 { (x - self.bottom.from) / span } else { 0.5 };
        LEFT + share * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, y: f64) -> f64 {
        // what lies far beyond the edge is cut there: some programs draw no numbers of that size
        HEIGHT - BOTTOM - self.axis.share(y).clamp(-2.0, 3.0) * (HEIGHT - TOP - BOTTOM)
    }

    fn path(&self, points: impl Iterator<Item = (f64, f64)>) -> String {
        let places = points.map(|(x, y)| format!("{:.1},{:.1}", self.x(x), self.y(y)));
        places.collect::<Vec<_>>().join(" ")
    }

    /// The whole file.
    pub fn draw(&self) -> String {
        // as wide as the longest: of groups the value, which stands last, tells them apart
        let longest = self
            .legend
            .iter()
            .map(|(name, _)| name.chars().count())
            .max()
            .unwrap_or(0);
        let wide = (longest as f64 * LETTER + KEY).clamp(120.0, WIDTH - LEFT - RIGHT);
        let across = ((WIDTH - LEFT - RIGHT) / wide).floor().max(1.0) as usize;
        let most = ((wide - KEY) / LETTER).round() as usize;
        let rows = self.legend.len().div_ceil(across);
        let height = HEIGHT + rows as f64 * NAME + if rows > 0 { 12.0 } else { 0.0 };
        let title = escape(&self.title);
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
             font-family=\"Inter, system-ui, sans-serif\" font-size=\"11\" fill=\"#6b6e75\" role=\"img\"><title>{title}</title>\
             <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>\
             <text x=\"{LEFT}\" y=\"22\" font-size=\"13\" font-weight=\"600\" fill=\"#1b1c1f\">{title}</text>"
        );
        self.frame(&mut out);
        let (width, tall) = (WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM);
        // a picture may stand in one page with others: its names must be its own
        let id = format!("c{:x}", crc(&self.title) ^ crc(&self.metric));
        out.push_str(&format!(
            "<clipPath id=\"{id}\"><rect x=\"{LEFT}\" y=\"{TOP}\" width=\"{width}\" height=\"{tall}\"/></clipPath><g clip-path=\"url(#{id})\">"
        ));
        self.strokes.iter().for_each(|stroke| self.stroke(stroke, &mut out));
        out.push_str("</g>");
        for (place, (name, color)) in self.legend.iter().enumerate() {
            let x = LEFT + (place % across) as f64 * wide;
            let y = HEIGHT + 8.0 + (place / across) as f64 * NAME;
            let name = escape(&shortened(name, most));
            out.push_str(&format!(
                "<rect x=\"{x:.0}\" y=\"{:.0}\" width=\"10\" height=\"3\" fill=\"{color}\"/><text x=\"{:.0}\" y=\"{:.0}\">{name}</text>",
                y - 5.0,
                x + 15.0,
                y
            ));
        }
        out.push_str("</svg>\n");
        out
    }

    /// Ticks and lines across.
    fn frame(&self, out: &mut String) {
        let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
        for tick in ticks(&self.axis) {
            let y = self.y(tick);
            let text = escape(&(self.written)(&self.metric, tick));
            out.push_str(&format!(
                "<path d=\"M{LEFT} {y:.1}H{right}\" stroke=\"#e6e7ea\"/><text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{text}</text>",
                LEFT - 8.0,
                y + 4.0
            ));
        }
        if let Some(y) = self
            .reference
            .filter(|_| self.axis.spread != Spread::Log)
            .map(|y| self.y(y))
        {
            out.push_str(&format!(
                "<path d=\"M{LEFT} {y:.1}H{right}\" stroke=\"#8a8d94\" stroke-dasharray=\"4 4\"/>"
            ));
        }
        let numbers = || {
            let steps = even(self.bottom.from, self.bottom.to, 7.0);
            steps.into_iter().map(|x| (x, numbers::tick(x))).collect::<Vec<_>>()
        };
        let marks = if self.bottom.words.is_empty() {
            numbers()
        } else {
            self.bottom.words.clone()
        };
        for (x, text) in marks {
            let (x, y, text) = (self.x(x), bottom + 16.0, escape(&shortened(&text, 18)));
            out.push_str(&format!(
                "<text x=\"{x:.1}\" y=\"{y:.0}\" text-anchor=\"middle\">{text}</text>"
            ));
        }
        let title = escape(&self.bottom.title);
        out.push_str(&format!(
            "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">{title}</text><path d=\"M{LEFT} {bottom}H{right}\" stroke=\"#c9ccd1\"/>",
            right,
            bottom + 32.0
        ));
    }

    fn stroke(&self, stroke: &Stroke, out: &mut String) {
        let color = &stroke.color;
        if !stroke.range.is_empty() {
            let edges = || stroke.points.iter().zip(&stroke.range);
            let high = edges().map(|(point, range)| (point.0, range.1));
            let low = edges().rev().map(|(point, range)| (point.0, range.0));
            let around = self.path(high.chain(low));
            out.push_str(&format!(
                "<polygon points=\"{around}\" fill=\"{color}\" fill-opacity=\"0.15\"/>"
            ));
        }
        if stroke.mark != Mark::Dots && stroke.points.len() > 1 {
            let path = self.path(stroke.points.iter().copied());
            out.push_str(&format!(
                "<polyline points=\"{path}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"1.5\" stroke-linejoin=\"round\"/>"
            ));
        }
        // rings of very many points would hide their line
        if stroke.points.len() == 1
            || stroke.mark == Mark::Dots
            || (stroke.mark == Mark::Ringed && stroke.points.len() <= 60)
        {
            let fill = if stroke.mark == Mark::Ringed { "#fff" } else { color };
            for (x, y) in &stroke.points {
                let (x, y) = (self.x(*x), self.y(*y));
                out.push_str(&format!(
                    "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{fill}\" stroke=\"{color}\"/>"
                ));
            }
        }
    }
}

/// Values along the y axis that are marked: round ones, or powers of ten.
fn ticks(axis: &YAxis) -> Vec<f64> {
    let (low, high) = (axis.low, axis.high);
    if axis.spread == Spread::Even {
        return even(low, high, 6.0);
    }
    let powers = |sign: f64| (-12..=12).map(move |power| sign * 10f64.powi(power));
    let all = powers(-1.0).rev().chain([0.0]).chain(powers(1.0));
    let mut inside: Vec<f64> = all.filter(|tick| (low..=high).contains(tick)).collect();
    // no two closer than a line of text
    let mut last = f64::NEG_INFINITY;
    inside.retain(|tick| {
        let share = axis.share(*tick);
        let apart = share - last >= 0.07;
        if apart {
            last = share;
        }
        apart
    });
    if inside.len() < 2 { even(low, high, 6.0) } else { inside }
}

/// About so many round values between two.
fn even(low: f64, high: f64, about: f64) -> Vec<f64> {
    let span = high - low;
    if !(span > 0.0 && span.is_finite()) {
        return vec![low];
    }
    let rough = span / about;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .map(|m| m * power)
        .into_iter()
        .find(|step| *step >= rough);
    let step = step.unwrap_or(rough);
    let (first, last) = ((low / step).ceil() as i64, (high / step).floor() as i64);
    (first..=last).take(20).map(|i| i as f64 * step).collect()
}

/// At most so many letters.
fn shortened(text: &str, most: usize) -> String {
    match text.chars().count() > most {
        true => text.chars().take(most - 1).chain(['…']).collect(),
        false => text.to_owned(),
    }
}

fn crc(text: &str) -> u32 {
    text.bytes().fold(2_166_136_261, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(16_777_619)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_named_is_no_markup() {
        let picture = Picture {
            title: "<script>alert(1)</script> & \"loss\"".into(),
            bottom: Bottom {
                title: "step".into(),
                from: 0.0,
                to: 10.0,
                words: vec![],
            },
            axis: YAxis {
                low: 0.0,
                high: 4.0,
                spread: Spread::Even,
            },
            written: numbers::metric,
            metric: "loss".into(),
            reference: Some(2.0),
            strokes: vec![Stroke {
                color: "#000".into(),
                mark: Mark::Line,
                points: vec![(0.0, 0.0), (10.0, 4.0)],
                range: vec![],
            }],
            legend: vec![("a<b".into(), "#000".into())],
        };
        let drawn = picture.draw();
        assert!(
            !drawn.contains("<script") && drawn.contains("&lt;script&gt;") && drawn.contains("a&lt;b"),
            "{drawn}"
        );
        // from the lower left to the upper right corner of the plot
        assert!(drawn.contains("points=\"64.0,260.0 740.0,40.0\""), "{drawn}");
    }

    #[test]
    fn ticks_are_round_or_powers_of_ten() {
        assert_eq!(even(0.0, 1.0, 5.0), [0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0]);
        let log = YAxis {
            low: 0.5,
            high: 2000.0,
            spread: Spread::Log,
        };
        assert_eq!(ticks(&log), [1.0, 10.0, 100.0, 1000.0]);
        assert_eq!(even(3.0, 3.0, 5.0), [3.0]);
    }
}
