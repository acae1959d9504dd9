//! Wrong passwords are counted, right ones are not: a whole office may sign in at nine, a guesser may not go on.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Code, Error};

/// Wrong attempts from one address in a minute.
const BY_ADDRESS: Limit = Limit { most: 30, within: Duration::from_secs(60) };
/// Wrong attempts on one login in a quarter of an hour.
const BY_LOGIN: Limit = Limit { most: 10, within: Duration::from_secs(15 * 60) };
/// Addresses and logins remembered at the most.
const REMEMBERED: usize = 20_000;

#[derive(Clone, Copy)]
struct Limit {
    most: usize,
    within: Duration,
}

/// The wrong attempts of the last minutes.
#[derive(Default)]
pub struct Attempts(Mutex<HashMap<String, VecDeque<Instant>>>);

impl Attempts {
    /// Refuses an attempt from an address or on a login that has had too many wrong ones.
    ///
    /// # Errors
    /// `rate_limited`
    pub fn must_wait(&self, address: &str, login: &str) -> Result<(), Error> {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        for (key, limit) in keys(address, login) {
            let Some(times) = attempts.get_mut(&key) else { continue };
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

    /// Counts a wrong one.
    pub fn wrong(&self, address: &str, login: &str) {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if attempts.len() >= REMEMBERED {
            attempts.retain(|_, times| times.back().is_some_and(|last| now.duration_since(*last) < BY_LOGIN.within));
            if attempts.len() >= REMEMBERED {
                attempts.clear();
            }
        }
        for (key, limit) in keys(address, login) {
            let times = attempts.entry(key).or_default();
            times.push_back(now);
            if times.len() > limit.most {
                times.pop_front();
            }
        }
    }
}

fn keys(address: &str, login: &str) -> [(String, Limit); 2] {
    [(format!("address {address}"), BY_ADDRESS), (format!("login {login}"), BY_LOGIN)]
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
        assert!(attempts.must_wait("5.6.7.8", "ivanov").is_err(), "from anywhere");
        assert!(attempts.must_wait("1.2.3.4", "petrov").is_ok(), "a colleague behind the same router");
        for _ in 0..20 {
            attempts.wrong("1.2.3.4", "petrova");
        }
        assert!(attempts.must_wait("1.2.3.4", "sidorov").is_err(), "an address that tries many logins");
    }
}
