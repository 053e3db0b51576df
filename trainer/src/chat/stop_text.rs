//! Texts that end a reply.

/// Holds text back as long as it may be the beginning of a stop text.
pub(super) struct StopText<'a> {
    stops: Vec<&'a str>,
    held: String,
    pub found: bool,
}

impl<'a> StopText<'a> {
    pub fn new(stops: &'a [String]) -> Self {
        let stops = stops.iter().map(String::as_str).filter(|s| !s.is_empty());
        Self {
            stops: stops.collect(),
            held: String::new(),
            found: false,
        }
    }

    /// Takes in new text and gives what is free to go out.
    pub fn push(&mut self, text: &str) -> String {
        self.held.push_str(text);
        let first = self.stops.iter().filter_map(|s| self.held.find(s)).min();
        if let Some(at) = first {
            self.found = true;
            self.held.truncate(at);
            return std::mem::take(&mut self.held);
        }
        let may_begin = |tail: &str| self.stops.iter().any(|s| s.starts_with(tail));
        let keep = self
            .held
            .char_indices()
            .map(|(i, _)| i)
            .find(|&i| self.held.get(i..).is_some_and(may_begin));
        let tail = self.held.split_off(keep.unwrap_or(self.held.len()));
        std::mem::replace(&mut self.held, tail)
    }

    pub fn rest(&mut self) -> String {
        match self.found {
            true => String::new(),
            false => std::mem::take(&mut self.held),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(stops: &[&str], pieces: &[&str]) -> (Vec<String>, bool) {
        let stops: Vec<String> = stops.iter().map(|s| s.to_string()).collect();
        let mut cut = StopText::new(&stops);
        let mut out: Vec<String> = pieces.iter().map(|p| cut.push(p)).collect();
        out.push(cut.rest());
        (out, cut.found)
    }

    #[test]
    fn a_stop_text_never_gets_out_in_part() {
        assert_eq!(
            run(&["END"], &["a E", "N", "D b"]),
            (["a ", "", "", ""].map(String::from).to_vec(), true)
        );
        assert_eq!(
            run(&["END"], &["a E", "N", "X"]),
            (["a ", "", "ENX", ""].map(String::from).to_vec(), false)
        );
        assert_eq!(
            run(&["END"], &["a EN"]),
            (["a ", "EN"].map(String::from).to_vec(), false)
        );
        assert_eq!(
            run(&[], &["あ", "い"]),
            (["あ", "い", ""].map(String::from).to_vec(), false)
        );
        assert_eq!(
            run(&["。", "終"], &["はい。次"]),
            (["はい", ""].map(String::from).to_vec(), true)
        );
    }
}
