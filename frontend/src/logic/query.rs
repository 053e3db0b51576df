//! Query strings: the part of the address that holds a page's view.

/// `text` with everything but unreserved characters percent-encoded.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte as char),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// The inverse of [`encode`]. It also reads `+` as a space; bytes that are not UTF-8 become U+FFFD.
pub fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let hex = |at: usize| bytes.get(at).and_then(|b| (*b as char).to_digit(16));
        match (bytes[i], hex(i + 1), hex(i + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                i += 2;
            }
            (b'+', ..) => out.push(b' '),
            (byte, ..) => out.push(byte),
        }
        i += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// An ordered list of keys and values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads `a=1&b=2`, with or without the question mark.
    pub fn parse(text: &str) -> Self {
        let text = text.strip_prefix('?').unwrap_or(text);
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key), decode(value))
        });
        Self(pairs.collect())
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str())
    }

    /// The comma-separated items of `key`.
    pub fn list(&self, key: &str) -> Vec<String> {
        let items = self.get(key).unwrap_or_default().split(',');
        items.filter(|item| !item.is_empty()).map(decode).collect()
    }

    /// Sets `key`; an empty value takes it out.
    pub fn set(&mut self, key: &str, value: &str) {
        self.0.retain(|(k, _)| k != key);
        if !value.is_empty() {
            self.0.push((key.into(), value.into()));
        }
    }

    /// The query with these keys alone.
    pub fn only(mut self, keys: &[&str]) -> Self {
        self.0.retain(|(key, _)| keys.contains(&key.as_str()));
        self
    }

    pub fn set_list<S: AsRef<str>>(&mut self, key: &str, items: &[S]) {
        let joined: Vec<_> = items
            .iter()
            .map(|item| item.as_ref().replace('%', "%25").replace(',', "%2C"))
            .collect();
        self.set(key, &joined.join(","));
    }
}

/// `?a=1&b=2`, or nothing when empty. Commas and slashes stay legible.
impl std::fmt::Display for Query {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, (key, value)) in self.0.iter().enumerate() {
            let value = encode(value).replace("%2C", ",").replace("%2F", "/");
            write!(f, "{}{}={}", if i == 0 { '?' } else { '&' }, encode(key), value)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let mut query = Query::default();
        query.set("q", "lr>1e-6 & 日本");
        query.set_list("tag", &["a,b", "50%", "c/d"]);
        query.set("gone", "x");
        query.set("gone", "");
        let text = query.to_string();
        assert!(text.starts_with("?q=lr%3E1e-6%20%26%20"), "{text}");
        let back = Query::parse(&text);
        assert_eq!(back, query);
        assert_eq!(back.list("tag"), ["a,b", "50%", "c/d"]);
        assert_eq!(back.get("gone"), None);
        assert_eq!(Query::default().to_string(), "");
    }

    #[test]
    fn broken_escapes_are_read_as_they_stand() {
        assert_eq!(decode("100%"), "100%");
        assert_eq!(decode("%zz+a"), "%zz a");
        assert_eq!(decode("%ff"), "\u{FFFD}");
    }
}
