//! The geometry of a sparkline.

/// The SVG path through `values`, evenly spaced, in a `width` × `height` box with a margin of one pixel.
pub fn spark_path(values: &[f64], width: f64, height: f64) -> String {
    let finite = values.iter().copied().filter(|v| v.is_finite());
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
        (low.min(v), high.max(v))
    });
    if values.len() < 2 || low > high {
        return String::new();
    }
    let span = if high > low { high - low } else { 1.0 };
    let mut path = String::new();
    let mut pen_down = false;
    for (i, value) in values.iter().enumerate() {
        if !value.is_finite() {
            pen_down = false;
            continue;
        }
        let x = 1.0 + (width - 2.0) * i as f64 / (values.len() - 1) as f64;
        let share = if high > low { (value - low) / span } else { 0.5 };
        let y = height - 1.0 - (height - 2.0) * share;
        path.push_str(&format!("{}{x:.1} {y:.1}", if pen_down { "L" } else { "M" }));
        pen_down = true;
    }
    path
}

/// Where the line of [`spark_path`] ends; `None` where there is no line.
pub fn spark_end(values: &[f64], width: f64, height: f64) -> Option<(f64, f64)> {
    let path = spark_path(values, width, height);
    let last = path.rsplit(['M', 'L']).next()?;
    let (x, y) = last.split_once(' ')?;
    Some((x.parse().ok()?, y.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_goes_from_corner_to_corner() {
        assert_eq!(spark_path(&[0.0, 1.0, 2.0], 12.0, 12.0), "M1.0 11.0L6.0 6.0L11.0 1.0");
        assert_eq!(spark_end(&[0.0, 1.0, 2.0], 12.0, 12.0), Some((11.0, 1.0)));
        assert_eq!(spark_end(&[1.0], 12.0, 12.0), None);
    }

    #[test]
    fn odd_values_break_nothing() {
        assert_eq!(spark_path(&[], 12.0, 12.0), "");
        assert_eq!(spark_path(&[1.0], 12.0, 12.0), "");
        assert_eq!(spark_path(&[3.0, 3.0], 12.0, 12.0), "M1.0 6.0L11.0 6.0");
        assert_eq!(spark_path(&[0.0, f64::NAN, 1.0], 12.0, 12.0), "M1.0 11.0M11.0 1.0");
    }
}
