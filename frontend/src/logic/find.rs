//! Fuzzy search by name.

/// How far `name` is from matching `text`: lower is better, `None` is no match. Letters may be left out between the typed ones.
fn distance(text: &str, name: &str) -> Option<usize> {
    if let Some((before, _)) = name.split_once(text) {
        let at = before.len();
        let word_start = !before.ends_with(char::is_alphanumeric);
        return Some(if word_start { at.min(50) } else { 100 + at.min(50) });
    }
    let mut letters = name.chars();
    let mut skipped = 0;
    for wanted in text.chars() {
        skipped += letters.position(|letter| letter == wanted)?;
    }
    Some(200 + skipped)
}

/// The `limit` items whose names match `text` best, the best first; the first items where `text` is empty.
pub fn rank<T>(text: &str, items: Vec<T>, name: impl Fn(&T) -> &str, limit: usize) -> Vec<T> {
    let text = text.trim().to_lowercase();
    let mut found: Vec<_> = items
        .into_iter()
        .filter_map(|item| Some((distance(&text, &name(&item).to_lowercase())?, item)))
        .collect();
    if !text.is_empty() {
        found.sort_by_key(|(distance, _)| *distance);
    }
    found.into_iter().take(limit).map(|(_, item)| item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_of_a_word_comes_before_the_middle_and_gaps() {
        let names = vec!["undemo", "demo-simpo-1", "new-demo", "d e m o", "other"];
        let found = rank("demo", names, |name| name, 10);
        assert_eq!(found, ["demo-simpo-1", "new-demo", "undemo", "d e m o"]);
        assert_eq!(rank("", vec!["b", "a", "c"], |name| name, 2), ["b", "a"]);
        assert_eq!(rank("チャ", vec!["データ", "チャット"], |name| name, 5), ["チャット"]);
    }
}
