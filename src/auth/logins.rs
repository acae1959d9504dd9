//! Wrong passwords are counted, right ones are not: a whole office may sign in at nine, a guesser may not go on.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::db::types::Sha256;
use crate::error::{Code, Error};

/// Wrong attempts from one address in a minute.
const BY_ADDRESS: Limit = Limit { most: 30, within: Duration::from_secs(60) };
/// Wrong attempts on one login from one address in a quarter of an hour.
const BY_BOTH: Limit = Limit { most: 10, within: Duration::from_secs(15 * 60) };
/// Wrong attempts on one login from everywhere. So many that nobody locks a colleague out by hand.
const BY_LOGIN: Limit = Limit { most: 200, within: Duration::from_secs(15 * 60) };
/// Subjects remembered at the most.
const REMEMBERED: usize = 20_000;
/// No limit looks further back.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// So many within so long: a quarter of an hour at the most.
#[derive(Clone, Copy)]
pub struct Limit {
    /// How many.
    pub most: usize,
    /// How long.
    pub within: Duration,
}

/// The wrong attempts of the last minutes.
#[derive(Default)]
pub struct Attempts(Counted);

impl Attempts {
    /// Refuses an attempt from an address or on a login that has had too many wrong ones.
    ///
    /// # Errors
    /// `rate_limited`
    pub fn must_wait(&self, address: &str, login: &str) -> Result<(), Error> {
        self.0.must_wait(&keys(address, login))
    }

    /// Counts a wrong one.
    pub fn wrong(&self, address: &str, login: &str) {
        self.0.count(&keys(address, login));
    }
}

/// What happened in the last minutes, by the hash of whatever it is counted by. Each instance counts its own.
#[derive(Default)]
pub struct Counted(Mutex<HashMap<Sha256, VecDeque<Instant>>>);

impl Counted {
    /// Refuses a subject that has reached its limit.
    ///
    /// # Errors
    /// `rate_limited`
    pub fn must_wait(&self, subjects: &[(Sha256, Limit)]) -> Result<(), Error> {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        for (key, limit) in subjects {
            let Some(times) = counted.get_mut(key) else { continue };
            while times.front().is_some_and(|first| now.duration_since(*first) >= limit.within) {
                times.pop_front();
            }
            if times.len() >= limit.most {
                let waited = times.front().map(|first| now.duration_since(*first)).unwrap_or_default();
                let seconds = limit.within.saturating_sub(waited).as_secs() + 1;
                return Err(Code::RateLimited.with([("seconds", seconds.to_string())]).into());
            }
        }
        Ok(())
    }

    /// Counts one for each subject.
    pub fn count(&self, subjects: &[(Sha256, Limit)]) {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        forget_oldest(&mut counted, now);
        for (key, _) in subjects {
            counted.entry(*key).or_default().push_back(now);
        }
    }
}

/// Makes room for new names without forgetting whoever is guessing now.
fn forget_oldest(counted: &mut HashMap<Sha256, VecDeque<Instant>>, now: Instant) {
    if counted.len() < REMEMBERED {
        return;
    }
    counted.retain(|_, times| times.back().is_some_and(|last| now.duration_since(*last) < LONGEST));
    let mut last: Vec<Instant> = counted.values().filter_map(|times| times.back().copied()).collect();
    if last.len() >= REMEMBERED {
        last.sort_unstable();
        let median = last.get(last.len() / 2).copied();
        counted.retain(|_, times| times.back().copied() > median);
    }
}

/// By hash: what is typed as a login may be long.
fn keys(address: &str, login: &str) -> [(Sha256, Limit); 3] {
    [
        (Sha256::of(format!("address {address}")), BY_ADDRESS),
        (Sha256::of(format!("both {address} {login}")), BY_BOTH),
        (Sha256::of(format!("login {login}")), BY_LOGIN),
    ]
}

#[cfg(test)]
mod tests {
    use super::Attempts;

    #[test]
    fn the_tenth_wrong_password_is_the_last_for_a_while() {
        let attempts = Attempts::default();
        for _ in 0..10 {
            assert!(attempts.must_wait("1.2.3.4", "ivanov").is_ok());
            attempts.wrong("1.2.3.4", "ivanov");
        }
        assert!(attempts.must_wait("1.2.3.4", "ivanov").is_err());
        // Neither a colleague at the same address nor the same person elsewhere has to wait.
        assert!(attempts.must_wait("1.2.3.4", "petrov").is_ok());
        assert!(attempts.must_wait("5.6.7.8", "ivanov").is_ok());
    }
}
