//! The time and random numbers, which a program can't work out by itself. This is the one place that asks the machine for either.

#![expect(
    clippy::disallowed_methods,
    reason = "this alone asks the machine for the time and for chance"
)]

use rand::distr::{Distribution, StandardUniform};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The machine's clocks and random numbers, given to whatever needs them. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Ambient {
    /// How far a test has moved both clocks forward (ms).
    #[cfg(test)]
    ahead: std::sync::Arc<std::sync::atomic::AtomicU64>,
    /// Where a test's random numbers come from; the machine, where it gives no seed.
    #[cfg(test)]
    seeded: Option<std::sync::Arc<std::sync::Mutex<rand::rngs::StdRng>>>,
}

impl Ambient {
    /// The wall clock, in the type of file times.
    pub fn time(&self) -> SystemTime {
        SystemTime::now() + self.ahead()
    }

    /// The wall clock, in milliseconds since the Unix epoch.
    pub fn now(&self) -> i64 {
        let since = self.time().duration_since(UNIX_EPOCH);
        since.map_or(0, |since| since.as_millis() as i64)
    }

    /// The monotonic clock, for measuring how long something takes.
    pub fn steady(&self) -> Instant {
        Instant::now() + self.ahead()
    }

    /// How long ago that was, by the monotonic clock.
    pub fn since(&self, before: Instant) -> Duration {
        self.steady().saturating_duration_since(before)
    }

    pub fn random_u64(&self) -> u64 {
        self.draw()
    }

    /// 256 random bits.
    pub fn secret(&self) -> [u8; 32] {
        self.draw()
    }

    #[cfg(not(test))]
    #[expect(clippy::unused_self, reason = "in tests it reads the field")]
    fn draw<T>(&self) -> T
    where
        StandardUniform: Distribution<T>,
    {
        rand::random()
    }

    #[cfg(test)]
    fn draw<T>(&self) -> T
    where
        StandardUniform: Distribution<T>,
    {
        use rand::Rng;
        match &self.seeded {
            Some(seeded) => seeded.lock().unwrap().random(),
            None => rand::random(),
        }
    }

    /// One whose random numbers are always the same, for whoever has this or a clone of it.
    #[cfg(test)]
    pub fn seeded(seed: u64) -> Self {
        use rand::SeedableRng;
        let seeded = rand::rngs::StdRng::seed_from_u64(seed);
        Self {
            seeded: Some(std::sync::Arc::new(std::sync::Mutex::new(seeded))),
            ..Self::default()
        }
    }

    #[cfg(not(test))]
    #[expect(clippy::unused_self, reason = "in tests it reads the field")]
    fn ahead(&self) -> Duration {
        Duration::ZERO
    }

    #[cfg(test)]
    fn ahead(&self) -> Duration {
        Duration::from_millis(self.ahead.load(std::sync::atomic::Ordering::SeqCst))
    }

    /// Moves both clocks forward, for whoever has this or a clone of it.
    #[cfg(test)]
    pub fn advance(&self, time: Duration) {
        let more = u64::try_from(time.as_millis()).unwrap();
        self.ahead.fetch_add(more, std::sync::atomic::Ordering::SeqCst);
    }
}

/// A random name for something short-lived, such as a temporary file: sixteen hexadecimal digits. It is the machine's own chance in tests
/// too: nobody sees the name, and it must not come again in a folder where two processes write.
pub fn unique() -> String {
    format!("{:016x}", rand::random::<u64>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_comes_from_its_seed() {
        let drawn = |seed| {
            let ambient = Ambient::seeded(seed);
            (ambient.random_u64(), ambient.clone().secret(), ambient.random_u64())
        };
        assert_eq!(drawn(1), drawn(1));
        assert_ne!(drawn(1), drawn(2));
        assert_ne!(Ambient::default().secret(), Ambient::default().secret());
    }

    #[test]
    fn both_clocks_pass_together_for_all_who_have_them() {
        let ambient = Ambient::default();
        let other = ambient.clone();
        let (now, steady) = (ambient.now(), ambient.steady());
        other.advance(Duration::from_secs(3600));
        assert!(ambient.now() - now >= 3_600_000);
        assert!(ambient.since(steady) >= Duration::from_secs(3600));
    }
}
