//! Which count takes which form: CLDR's categories of whole numbers, as conditions on `n`.

/// CLDR's categories, but `other`.
pub const CATEGORIES: [&str; 5] = ["zero", "one", "two", "few", "many"];

/// The condition of a category in a language, as Rust; `None` where the language has no such category. `other` is what is left.
pub fn condition(tag: &str, category: &str) -> Option<&'static str> {
    let language = tag.split('-').next().unwrap_or(tag);
    let forms: &[(&str, &str)] = match language {
        // one form for all
        "ja" | "zh" | "ko" | "vi" | "th" | "id" | "ms" | "my" | "lo" => &[],
        "fr" | "pt" | "hi" | "bn" | "fa" | "am" | "hy" => &[("one", "n <= 1")],
        "ru" | "uk" | "be" => &[
            ("one", "n % 10 == 1 && n % 100 != 11"),
            ("few", "matches!(n % 10, 2..=4) && !matches!(n % 100, 12..=14)"),
            (
                "many",
                "!(n % 10 == 1 && n % 100 != 11) && !(matches!(n % 10, 2..=4) && !matches!(n % 100, 12..=14))",
            ),
        ],
        "sr" | "hr" | "bs" => &[
            ("one", "n % 10 == 1 && n % 100 != 11"),
            ("few", "matches!(n % 10, 2..=4) && !matches!(n % 100, 12..=14)"),
        ],
        "pl" => &[
            ("one", "n == 1"),
            ("few", "matches!(n % 10, 2..=4) && !matches!(n % 100, 12..=14)"),
            (
                "many",
                "n != 1 && !(matches!(n % 10, 2..=4) && !matches!(n % 100, 12..=14))",
            ),
        ],
        "cs" | "sk" => &[("one", "n == 1"), ("few", "matches!(n, 2..=4)")],
        "ro" => &[("one", "n == 1"), ("few", "n == 0 || matches!(n % 100, 1..=19)")],
        "lt" => &[
            ("one", "n % 10 == 1 && !matches!(n % 100, 11..=19)"),
            ("few", "n % 10 >= 2 && !matches!(n % 100, 11..=19)"),
        ],
        "lv" => &[
            ("zero", "n % 10 == 0 || matches!(n % 100, 11..=19)"),
            ("one", "n % 10 == 1 && n % 100 != 11"),
        ],
        "sl" => &[
            ("one", "n % 100 == 1"),
            ("two", "n % 100 == 2"),
            ("few", "matches!(n % 100, 3..=4)"),
        ],
        "he" => &[("one", "n == 1"), ("two", "n == 2")],
        "ga" => &[
            ("one", "n == 1"),
            ("two", "n == 2"),
            ("few", "matches!(n, 3..=6)"),
            ("many", "matches!(n, 7..=10)"),
        ],
        "ar" => &[
            ("zero", "n == 0"),
            ("one", "n == 1"),
            ("two", "n == 2"),
            ("few", "matches!(n % 100, 3..=10)"),
            ("many", "n % 100 >= 11"),
        ],
        _ => &[("one", "n == 1")],
    };
    forms
        .iter()
        .find(|(name, _)| *name == category)
        .map(|(_, holds)| *holds)
}
