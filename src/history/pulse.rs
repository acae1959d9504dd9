//! Tells those who listen that something happened: events have got their places in the chain.
//!
//! One step of each process looks for all its listeners together, so what other instances wrote is heard of too.

use tokio::sync::watch;

use crate::db::Db;
use crate::error::Error;
use crate::sync::changes;

/// The beat of the chain.
pub struct Pulse(watch::Sender<i64>);

impl Default for Pulse {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Pulse {
    /// Hears of each time the chain has grown; of growth that nobody waited for once.
    pub fn listen(&self) -> watch::Receiver<i64> {
        self.0.subscribe()
    }

    /// Whether somebody waits to hear.
    pub fn is_heard(&self) -> bool {
        self.0.receiver_count() > 0
    }

    /// Tells the listeners, if there are any and there is something new.
    ///
    /// # Errors
    /// The database's.
    pub async fn beat(&self, db: &Db) -> Result<(), Error> {
        if self.is_heard() {
            let head = db.read(changes::head).await?;
            self.0.send_if_modified(|known| std::mem::replace(known, head) != head);
        }
        Ok(())
    }

    /// Wakes the listeners although nothing is new: the program is going.
    pub fn wake(&self) {
        self.0.send_modify(|_| {});
    }
}
