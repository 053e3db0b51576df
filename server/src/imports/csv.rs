//! Tables with commas (RFC 4180): cells in quotes may hold commas, line ends and doubled quotes.

/// The records of a text, each a list of cells.
pub fn records(text: &str) -> impl Iterator<Item = Vec<String>> + '_ {
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text).chars().peekable();
    std::iter::from_fn(move || {
        rest.peek()?;
        let (mut cells, mut cell, mut quoted) = (vec![], String::new(), false);
        while let Some(c) = rest.next() {
            match c {
                '"' if quoted && rest.peek() == Some(&'"') => {
                    rest.next();
                    cell.push('"');
                }
                '"' => quoted = !quoted,
                ',' if !quoted => cells.push(std::mem::take(&mut cell)),
                '\r' if !quoted && rest.peek() == Some(&'\n') => {}
                '\n' if !quoted => break,
                c => cell.push(c),
            }
        }
        cells.push(cell);
        Some(cells)
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn cells_in_quotes_hold_what_would_end_them() {
        let all: Vec<_> = super::records("\u{feff}a,\"b,\"\"x\"\"\"\r\n\"1\n2\",\n\n3").collect();
        assert_eq!(all, [vec!["a", "b,\"x\""], vec!["1\n2", ""], vec![""], vec!["3"]]);
    }
}
