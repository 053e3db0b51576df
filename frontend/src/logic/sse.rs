//! A parser of server-sent events, for a response body that arrives in chunks.

/// Collects the bytes of a body and returns the data of each complete event.
#[derive(Debug, Default)]
pub struct SseParser {
    /// What came after the end of the last line. A character may be split there.
    rest: Vec<u8>,
    data: Vec<String>,
}

impl SseParser {
    /// Takes the next bytes. Returns the data of every event that is complete now, in order.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<String> {
        self.rest.extend_from_slice(bytes);
        let mut whole = vec![];
        while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches(['\r', '\n']);
            if line.is_empty() {
                if !self.data.is_empty() {
                    whole.push(std::mem::take(&mut self.data).join("\n"));
                }
            } else if let Some(data) = line.strip_prefix("data:") {
                self.data.push(data.strip_prefix(' ').unwrap_or(data).to_owned());
            }
        }
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_may_come_in_any_pieces() {
        let text = "data: {\"a\":\"日本\"}\r\n\r\n: keep-alive\n\nevent: x\ndata: two\ndata:lines\n\ndata: [DONE]\n\ndata: cut";
        let expected = ["{\"a\":\"日本\"}", "two\nlines", "[DONE]"];
        for size in [1, 2, 3, 7, text.len()] {
            let mut parser = SseParser::default();
            let got: Vec<_> = text
                .as_bytes()
                .chunks(size)
                .flat_map(|piece| parser.feed(piece))
                .collect();
            assert_eq!(got, expected, "pieces of {size}");
        }
    }
}
