//! The time that looks at a photo may take together.

use std::time::{Duration, Instant};

/// How long looks take, and until when they may.
pub struct Pace {
    until: Instant,
    /// Of the slowest look so far, for a million pixels.
    slowest: Duration,
}

impl Pace {
    /// Begins; that long is looked at the most.
    pub fn new(patience: Duration) -> Self {
        Self { until: Instant::now() + patience, slowest: Duration::ZERO }
    }

    /// When to stop.
    pub const fn until(&self) -> Instant {
        self.until
    }

    /// Whether a look at so many pixels will likely end in time. The first one is tried whatever there is to look at.
    pub fn allows(&self, pixels: u64) -> bool {
        let expected = self.slowest.as_micros() * u128::from(pixels) / 1_000_000;
        let expected = Duration::from_micros(u64::try_from(expected).unwrap_or(u64::MAX));
        Instant::now().checked_add(expected).is_some_and(|end| end <= self.until)
    }

    /// Notes how long a look at so many pixels took.
    pub fn note(&mut self, pixels: u64, taken: Duration) {
        let of_a_million = taken.as_micros() * 1_000_000 / u128::from(pixels.max(1));
        self.slowest = self.slowest.max(Duration::from_micros(u64::try_from(of_a_million).unwrap_or(u64::MAX)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_look_is_begun_that_would_not_end_in_time() {
        let mut pace = Pace::new(Duration::from_secs(60));
        assert!(pace.allows(50_000_000), "nothing is known yet");
        pace.note(1_000_000, Duration::from_secs(3));
        assert!(pace.allows(10_000_000) && !pace.allows(30_000_000));
        // A quick look afterwards promises nothing.
        pace.note(1_000_000, Duration::from_millis(1));
        assert!(!pace.allows(30_000_000));
    }
}
