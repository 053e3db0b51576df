//! Formats numbers for sentences and settings.

/// Three significant digits, with a true minus sign, as the board writes them.
pub fn short(value: f64) -> String {
    let size = value.abs();
    let text = match size {
        _ if size == 0.0 => "0".into(),
        _ if !(1e-3..1e5).contains(&size) => format!("{value:.1e}").replace(".0e", "e"),
        _ => {
            let digits = (2 - size.log10().floor() as i32).max(0) as usize;
            let text = format!("{value:.digits$}");
            match text.contains('.') {
                true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
                false => text,
            }
        }
    };
    text.replace('-', "−")
}

/// A share in percent: whole, or with one decimal below one percent.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent > 0.0 && percent < 1.0 {
        true => format!("{percent:.1} %"),
        false => format!("{percent:.0} %"),
    }
}

/// Rounded to two significant digits, as one would set it.
pub fn rounded(value: f64) -> f64 {
    format!("{value:.1e}").parse().unwrap_or(value)
}

/// A setting as it is written on a command line.
pub fn setting(value: f64) -> String {
    match value != 0.0 && !(1e-3..1e6).contains(&value.abs()) {
        true => format!("{value:e}"),
        false => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_count() {
        for (value, text) in [
            (0.0, "0"),
            (0.97412, "0.974"),
            (-12.3456, "−12.3"),
            (1234.5, "1234"),
            (0.5, "0.5"),
            (7e-5, "7e−5"),
            (20.0, "20"),
        ] {
            assert_eq!(short(value), text);
        }
        assert_eq!(
            (percent(0.304), percent(0.004), percent(1.0)),
            ("30 %".into(), "0.4 %".into(), "100 %".into())
        );
        assert_eq!(
            (rounded(5e-4 / 10.0), setting(5e-5), setting(0.2)),
            (5e-5, "5e-5".into(), "0.2".into())
        );
    }
}
