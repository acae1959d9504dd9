//! Places for what is held in memory meanwhile: so many in all, and so many for one sender, so that nobody takes them all.

use std::sync::{Arc, Mutex, PoisonError};

/// The senders of what is held now, one for each.
type Taken<K> = Arc<Mutex<Vec<K>>>;

/// The places.
#[derive(Debug)]
pub struct Places<K> {
    most: usize,
    most_of_one: usize,
    taken: Taken<K>,
}

/// Held as long as what came is held, wherever it goes.
#[derive(Debug)]
pub struct Place<K: PartialEq> {
    taken: Taken<K>,
    sender: K,
}

impl<K: PartialEq + Clone> Places<K> {
    /// So many places in all, and so many for one sender.
    pub fn new(most: usize, most_of_one: usize) -> Self {
        Self { most, most_of_one, taken: Taken::default() }
    }

    /// A place for a sender, if there is one.
    pub fn take(&self, sender: K) -> Option<Place<K>> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let own = taken.iter().filter(|one| **one == sender).count();
        if taken.len() >= self.most || own >= self.most_of_one {
            return None;
        }
        taken.push(sender.clone());
        Some(Place { taken: self.taken.clone(), sender })
    }
}

impl<K: PartialEq> Drop for Place<K> {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = taken.iter().position(|one| *one == self.sender) {
            taken.swap_remove(own);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Places;

    #[test]
    fn nobody_takes_all_places() {
        let places = Places::new(8, 2);
        let own = [places.take(0), places.take(0)];
        assert!(own.iter().all(Option::is_some) && places.take(0).is_none());
        let others: Vec<_> = (1..7).map(|other| places.take(other)).collect();
        assert!(others.iter().all(Option::is_some) && places.take(7).is_none());
        drop(own);
        assert!(places.take(7).is_some());
    }
}
