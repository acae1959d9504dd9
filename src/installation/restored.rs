//! The database came from a backup: a new epoch, and a leap of the chain.
//!
//! Phones hold cursors that were given after the backup was made. So the chain goes on far above anything that was ever
//! given: at the number of microseconds since 1970, which no company's events overtake. The leap is declared in the event that
//! tells of the restore, and [`crate::history::verify`] lets no other pass.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Epoch, ID};
use crate::auth::Origin;
use crate::db::DbConnection;
use crate::db::schema::{counters, installation};
use crate::db::types::Timestamp;
use crate::error::Error;
use crate::history::{Event, chain, record_by};

/// What the event is called.
pub const ACTION: &str = "installation.restored";

/// From where to where a restore leapt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leap {
    /// The chain's last `seq` in the backup.
    pub jump_from: i64,
    /// The `seq` of the event that tells of the restore.
    pub jump_to: i64,
}

impl Leap {
    /// The leap that the facts of a restore's event declare.
    pub fn declared(facts: &str) -> Option<Self> {
        let facts: Value = serde_json::from_str(facts).ok()?;
        serde_json::from_value(facts.get("after")?.clone()).ok()
    }
}

/// Begins a new epoch on a database that was just restored and that nobody else uses yet. Every series of numbers leaves out
/// `skip_numbers`: those that documents made after the backup may have.
///
/// # Errors
/// The database's.
pub fn begin_epoch(
    conn: &mut DbConnection,
    now: Timestamp,
    made_at: Timestamp,
    skip_numbers: i64,
) -> Result<(Epoch, Leap), Error> {
    // One older than epochs gets its first here.
    super::found(conn, now)?;
    chain::seal_all(conn)?;
    let (jump_from, _) = chain::head(conn)?;
    // A clock that runs behind must not lead back among numbers that were given.
    let jump_to = now.micros().max(made_at.micros()).max(jump_from + 1_000_000_000);
    let leap = Leap { jump_from, jump_to };
    let before = super::epoch(conn)?;
    let epoch = Epoch::random()?;
    diesel::update(installation::table.find(ID))
        .set((installation::epoch.eq(epoch), installation::began_at.eq(now)))
        .execute(conn)?;
    diesel::update(counters::table).set(counters::value.eq(counters::value + skip_numbers)).execute(conn)?;
    let after = json!({"epoch": epoch, "backup_made_at": made_at, "skip_numbers": skip_numbers,
                       "jump_from": jump_from, "jump_to": jump_to});
    let event = Event::of(ACTION, "installation", epoch.uuid()).told(json!({"epoch": before}), after);
    record_by(conn, None, now, &Origin::default(), event)?;
    chain::seal_at(conn, jump_to)?;
    Ok((epoch, leap))
}
