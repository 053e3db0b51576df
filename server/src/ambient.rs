//! The time, and chance: what a program can't work out by itself. This is the one place that asks the machine for either.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The machine's clocks and random numbers, given to whatever needs them. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Ambient {
    /// How far a test has moved both clocks on (ms).
    #[cfg(test)]
    ahead: std::sync::Arc<std::sync::atomic::AtomicU64>,
}

impl Ambient {
    /// The time of day, as files have it.
    pub fn time(&self) -> SystemTime {
        SystemTime::now() + self.ahead()
    }

    /// The time of day, in milliseconds since the Unix epoch.
    pub fn now(&self) -> i64 {
        let since = self.time().duration_since(UNIX_EPOCH);
        since.map_or(0, |since| since.as_millis() as i64)
    }

    /// The clock that nobody sets: for how long something takes.
    pub fn steady(&self) -> Instant {
        Instant::now() + self.ahead()
    }

    /// How long ago that was, by the clock that nobody sets.
    pub fn since(&self, before: Instant) -> Duration {
        self.steady().saturating_duration_since(before)
    }

    pub fn random_u64(&self) -> u64 {
        rand::random()
    }

    /// 256 random bits.
    pub fn secret(&self) -> [u8; 32] {
        rand::random()
    }

    #[cfg(not(test))]
    #[expect(clippy::unused_self, reason = "in tests it is the clock's own")]
    fn ahead(&self) -> Duration {
        Duration::ZERO
    }

    #[cfg(test)]
    fn ahead(&self) -> Duration {
        Duration::from_millis(self.ahead.load(std::sync::atomic::Ordering::SeqCst))
    }

    /// Lets time pass, for whoever has this or a clone of it.
    #[cfg(test)]
    pub fn pass(&self, time: Duration) {
        let more = u64::try_from(time.as_millis()).unwrap();
        self.ahead.fetch_add(more, std::sync::atomic::Ordering::SeqCst);
    }
}

/// A name that nobody else has, for what is there for a moment: sixteen hexadecimal digits.
pub fn unique() -> String {
    format!("{:016x}", rand::random::<u64>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_clocks_pass_together_for_all_who_have_them() {
        let ambient = Ambient::default();
        let other = ambient.clone();
        let (now, steady) = (ambient.now(), ambient.steady());
        other.pass(Duration::from_secs(3600));
        assert!(ambient.now() - now >= 3_600_000);
        assert!(ambient.since(steady) >= Duration::from_secs(3600));
    }
}
