//! Colours of runs on white ground: those of the board's light theme.

use super::{Asked, groups, list, table::number};
use crate::db::RunRow;
use crate::error::ApiResult;
use protocol::metric::{self, Tone};

const EIGHT: [&str; 8] = [
    "#2f62d0", "#d5690b", "#0c8a70", "#b03a88", "#96740a", "#2792bd", "#bf3b34", "#6b6e75",
];

/// The colour of each run, and of each group where there are groups: eight that anybody tells apart; of more runs a scale by a
/// result.
pub fn colors(rows: &[RunRow], asked: &Asked) -> ApiResult<Vec<(String, String)>> {
    if let Some(key) = asked.group()? {
        let groups = groups(rows, key);
        let values: Vec<_> = (0..groups.len()).map(|place| Some(place as f64)).collect();
        let places: Vec<_> = (0..groups.len()).collect();
        let colors = choose(&values, &places);
        let mut all = vec![];
        for (group, color) in groups.into_iter().zip(colors) {
            all.extend(
                group
                    .places
                    .iter()
                    .map(|place| (rows[*place].summary.id.clone(), color.clone())),
            );
            all.push((group.value, color));
        }
        return Ok(all);
    }
    let by = ["acc", "margin", "eval_loss", "lr"];
    let with_values = |column: &&&str| rows.iter().any(|row| number(&row.summary, column).is_some());
    let column = by.iter().find(|column| **column == asked.color);
    let column = column.or_else(|| by.iter().find(with_values)).unwrap_or(&by[0]);
    let values: Vec<_> = rows.iter().map(|row| number(&row.summary, column)).collect();
    // a run keeps its colour on the board when others leave the selection: their places stay vacant
    let selection = list(&asked.runs);
    let place = |row: &RunRow| selection.iter().position(|id| *id == row.summary.id).unwrap_or(0);
    let places: Vec<_> = rows.iter().map(place).collect();
    let ids = rows.iter().map(|row| row.summary.id.clone());
    Ok(ids.zip(choose(&values, &places)).collect())
}

/// The colour of a metric beside others of its run.
pub fn of_metric(name: &str) -> String {
    let color = match metric::find(name).map(|metric| metric.tone) {
        Some(Tone::Chosen) => "#1c63b7",
        Some(Tone::Rejected) => "#a84d0d",
        Some(Tone::Series(place)) => EIGHT[(usize::from(place) + 7) % EIGHT.len()],
        None => EIGHT[7],
    };
    color.to_owned()
}

/// By the place where there are at most eight, else by the value.
fn choose(values: &[Option<f64>], places: &[usize]) -> Vec<String> {
    if places.len() <= EIGHT.len() {
        let color = |place: &usize| EIGHT[place % EIGHT.len()].to_owned();
        return places.iter().map(color).collect();
    }
    let known = || values.iter().copied().flatten();
    let (low, high) = (
        known().fold(f64::INFINITY, f64::min),
        known().fold(f64::NEG_INFINITY, f64::max),
    );
    let color = |value: &Option<f64>| match value {
        Some(value) if high > low => scale((value - low) / (high - low)),
        Some(_) => scale(0.5),
        None => "#a0a4ab".to_owned(),
    };
    values.iter().map(color).collect()
}

/// From dark violet over green to yellow, by lightness too. Programs that show pictures don't all know `oklch()`: it is worked out
/// here (Björn Ottosson, bottosson.github.io/posts/oklab).
fn scale(share: f64) -> String {
    let share = share.clamp(0.0, 1.0);
    let (light, chroma, hue) = (0.36 + 0.36 * share, 0.13, (300.0 - 205.0 * share).to_radians());
    let (a, b) = (chroma * hue.cos(), chroma * hue.sin());
    let cube = |x: f64| x * x * x;
    let l = cube(light + 0.396_337_777_4 * a + 0.215_803_757_3 * b);
    let m = cube(light - 0.105_561_345_8 * a - 0.063_854_172_8 * b);
    let s = cube(light - 0.089_484_177_5 * a - 1.291_485_548 * b);
    let linear = [
        4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
        -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
        -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s,
    ];
    let byte = |x: f64| {
        let x = x.clamp(0.0, 1.0);
        let x = if x <= 0.003_130_8 {
            12.92 * x
        } else {
            1.055 * x.powf(1.0 / 2.4) - 0.055
        };
        (x * 255.0).round() as u8
    };
    let [r, g, b] = linear.map(byte);
    format!("#{r:02x}{g:02x}{b:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_runs_are_told_apart_by_their_result() {
        let values: Vec<_> = (0..12).map(|i| (i != 3).then_some(f64::from(i))).collect();
        let colors = choose(&values, &(0..12).collect::<Vec<_>>());
        assert_eq!(
            (colors[0].as_str(), colors[3].as_str()),
            (scale(0.0).as_str(), "#a0a4ab")
        );
        assert_ne!(colors[0], colors[11]);
        assert_eq!(choose(&[None, None], &[0, 9]), EIGHT[..2]);
        assert_eq!(choose(&[None], &[2]), EIGHT[2..3]);
        // white, as a check of the arithmetic: no chroma would be grey of that lightness
        assert!(scale(1.0).starts_with('#') && scale(1.0).len() == 7);
    }
}
