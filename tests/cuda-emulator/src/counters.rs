//! What a process has asked of its cards, counted: for tests that say how often something may happen.
use crate::traffic::Traffic;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Calls and the bytes that they moved.
#[derive(Debug, Default, Clone, Copy)]
pub struct Moved {
    pub calls: u64,
    pub bytes: u64,
}

impl Moved {
    pub fn add(&mut self, bytes: usize) {
        self.calls += 1;
        self.bytes += bytes as u64;
    }
}

/// One kernel's launches.
#[derive(Debug, Default, Clone)]
pub struct Launches {
    pub launches: u64,
    /// Of all threads.
    pub instructions: u64,
    pub traffic: Traffic,
}

#[derive(Debug, Default, Clone)]
pub struct Counters {
    /// Calls that the host waits in: for a stream, an event or the context, and copies that are not asynchronous.
    pub synchronizations: u64,
    pub to_device: Moved,
    pub to_host: Moved,
    pub on_device: Moved,
    pub memsets: Moved,
    pub allocations: Moved,
    /// Products of cuBLAS, and what they read and write.
    pub products: Moved,
    pub kernels: BTreeMap<String, Launches>,
}

impl Counters {
    /// As JSON, with what the memory pool says of itself.
    pub fn json(&self, pool_high: usize, pool_used: usize) -> String {
        let mut text = String::from("{");
        let _ = write!(text, "\"synchronizations\": {}", self.synchronizations);
        for (name, moved) in [
            ("to_device", self.to_device),
            ("to_host", self.to_host),
            ("on_device", self.on_device),
            ("memsets", self.memsets),
            ("allocations", self.allocations),
            ("products", self.products),
        ] {
            let _ = write!(
                text,
                ", \"{name}\": {{\"calls\": {}, \"bytes\": {}}}",
                moved.calls, moved.bytes
            );
        }
        let _ = write!(
            text,
            ", \"pool\": {{\"high\": {pool_high}, \"used\": {pool_used}}}, \"kernels\": {{"
        );
        for (i, (name, of)) in self.kernels.iter().enumerate() {
            let comma = if i > 0 { ", " } else { "" };
            let Traffic {
                read,
                written,
                asked,
                fetched,
                passes,
                least_passes,
            } = of.traffic;
            let _ = write!(
                text,
                "{comma}\"{name}\": {{\"launches\": {}, \"instructions\": {}, \"read\": {read}, \"written\": {written}, \
                 \"asked\": {asked}, \"fetched\": {fetched}, \"passes\": {passes}, \"least_passes\": {least_passes}}}",
                of.launches, of.instructions
            );
        }
        text + "}}"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_told_as_json() {
        let mut counters = Counters::default();
        counters.to_host.add(12);
        counters.kernels.entry("norm".to_owned()).or_default().launches = 2;
        let text = counters.json(7, 5);
        assert!(
            text.starts_with("{\"synchronizations\": 0, \"to_device\": {\"calls\": 0, \"bytes\": 0}, "),
            "{text}"
        );
        assert!(text.contains("\"to_host\": {\"calls\": 1, \"bytes\": 12}"), "{text}");
        assert!(text.contains("\"pool\": {\"high\": 7, \"used\": 5}"), "{text}");
        assert!(text.ends_with("\"kernels\": {\"norm\": {\"launches\": 2, \"instructions\": 0, \"read\": 0, \"written\": 0, \"asked\": 0, \"fetched\": 0, \"passes\": 0, \"least_passes\": 0}}}"), "{text}");
    }
}
