//! Numbers as people type them: with full-width digits, or a decimal comma.

/// `text` as a program parses it. A comma between digits is taken as a decimal one unless it could separate thousands, as in
/// `1,000`: what is ambiguous is left as it is, so that parsing refuses it.
pub fn plain_number(text: &str) -> String {
    let narrow: String = text.trim().chars().map(narrow).collect();
    match narrow.split_once(',') {
        Some((whole, part)) if is_decimal(whole, part) => format!("{whole}.{part}"),
        _ => narrow,
    }
}

/// The ASCII form of a full-width letter, digit or sign.
pub fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '。' | '｡' => '.',
        '、' => ',',
        '−' | 'ー' => '-',
        '\u{3000}' => ' ',
        other => other,
    }
}

fn is_decimal(whole: &str, part: &str) -> bool {
    let (digits, tail) = part.split_at(part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len()));
    let whole_digits = whole.trim_start_matches(['-', '+']);
    let exponent = tail.is_empty() || tail.starts_with(['e', 'E']);
    let thousands = digits.len() == 3 && tail.is_empty() && whole_digits != "0" && !whole_digits.is_empty();
    whole_digits.chars().all(|c| c.is_ascii_digit()) && !digits.is_empty() && exponent && !thousands
}

#[cfg(test)]
mod tests {
    use super::plain_number;

    #[test]
    fn numbers_are_read_as_they_are_typed() {
        for (typed, read) in [
            ("5.5", "5.5"),
            ("5,5", "5.5"),
            ("-0,25", "-0.25"),
            ("0,001", "0.001"),
            ("1,5e-3", "1.5e-3"),
            ("１２", "12"),
            ("１．５", "1.5"),
            ("５ｅ−６", "5e-6"),
            (" 7 ", "7"),
            ("1,000", "1,000"),
            ("1,000,000", "1,000,000"),
            ("1,2,3", "1,2,3"),
            ("0.5,0.5", "0.5,0.5"),
            ("abc", "abc"),
        ] {
            assert_eq!(plain_number(typed), read, "{typed}");
        }
    }
}
