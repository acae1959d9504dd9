//! How often one person may ask, and how much they may send at the same time: each instance counts by itself.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Code, Error};
use crate::http::places::Places;
use crate::users::UserId;

/// Bodies that are read at the same time: each holds a megabyte of memory.
const MOST_BODIES: usize = 256;
/// And those of one person: a few phones and a browser.
const MOST_OF_ONE: usize = 16;
/// Requests of one person in a minute.
const MOST: u32 = 600;
const MINUTE: Duration = Duration::from_secs(60);
/// People remembered at the most.
const REMEMBERED: usize = 20_000;

/// Places for bodies that are read.
pub fn places() -> Places<UserId> {
    Places::new(MOST_BODIES, MOST_OF_ONE)
}

/// The requests of the last minute.
#[derive(Default)]
pub struct Pace(Mutex<HashMap<UserId, (Instant, u32)>>);

impl Pace {
    /// Counts a request, and refuses those that are too many.
    ///
    /// # Errors
    /// `rate_limited`
    pub fn must_wait(&self, user: UserId) -> Result<(), Error> {
        let mut people = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if people.len() >= REMEMBERED {
            people.retain(|_, (began, _)| now.duration_since(*began) < MINUTE);
        }
        let (began, count) = people.entry(user).or_insert((now, 0));
        if now.duration_since(*began) >= MINUTE {
            (*began, *count) = (now, 0);
        }
        *count += 1;
        if *count <= MOST {
            return Ok(());
        }
        let seconds = MINUTE.saturating_sub(now.duration_since(*began)).as_secs() + 1;
        Err(Code::RateLimited.with([("seconds", seconds.to_string())]).into())
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;
    use crate::users::UserId;

    #[test]
    fn one_person_waits_and_others_do_not() {
        let (pace, busy) = (Pace::default(), UserId::new());
        for _ in 0..600 {
            assert!(pace.must_wait(busy).is_ok());
        }
        assert!(pace.must_wait(busy).is_err());
        assert!(pace.must_wait(UserId::new()).is_ok());
    }
}
