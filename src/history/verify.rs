//! Walking along the whole chain and recomputing it, with the roots that were kept of it.

use diesel::prelude::*;
use serde::Serialize;

use super::EventId;
use super::chain::{self, Link, facts_hash};
use super::roots::{self, AuditRoot, merkle};
use crate::app::App;
use crate::db::DbConnection;
use crate::db::schema::{event_chain, events, unsealed_events};
use crate::db::types::Sha256;
use crate::error::Error;
use crate::installation::restored::{self, Leap};

/// Entries that are read at once.
const BATCH: i64 = 500;

/// What a walk along the chain found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Verification {
    /// Whether every entry is as it was written.
    pub intact: bool,
    /// Entries looked at.
    pub entries: i64,
    /// The place of the last sound entry.
    pub head_seq: i64,
    /// The hash of the last sound entry. Keep it elsewhere, and a cut-off tail is noticed too.
    pub head: Sha256,
    /// Roots of the tree that were compared with the entries.
    pub roots: i64,
    /// The first entry that is not as it was written.
    pub broken: Option<Broken>,
}

/// Where the chain breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Broken {
    /// Its place in the chain.
    pub seq: i64,
    /// The event there, if it still exists.
    pub event_id: Option<EventId>,
    /// What is wrong: `missing`, `order`, `changed`, `facts_changed`, `unchained` for an event that was slipped in,
    /// `rewritten` when from here on the entries are not those of a root that was kept, or `cut_off` when it had more.
    pub why: &'static str,
}

/// An entry of the chain with its event, if that is still there.
type Row = (i64, EventId, Sha256, Sha256, Option<Link>, Option<String>, Option<Vec<u8>>);

/// Walks along the whole chain and recomputes it.
///
/// # Errors
/// The database's.
pub fn verify(conn: &mut DbConnection) -> Result<Verification, Error> {
    verify_against(conn, &[])
}

/// [`verify`], also against roots that were kept elsewhere: they tell when somebody has written the whole chain anew, or cut
/// off its end.
///
/// # Errors
/// The database's.
pub fn verify_against(conn: &mut DbConnection, kept: &[AuditRoot]) -> Result<Verification, Error> {
    let mut walk = Walk::begin(conn, kept)?;
    while !walk.go_on(conn)? {}
    Ok(walk.found())
}

/// [`verify`] while others ask, too: batch by batch, so that their reports are not kept waiting, and one walk at a time.
///
/// # Errors
/// The database's.
pub async fn walk(app: &App) -> Result<Verification, Error> {
    let _turn = app.walking.lock().await;
    chain::catch_up(&app.db).await?;
    let mut walk = app.db.report(|conn| Walk::begin(conn, &[])).await?;
    loop {
        let so_far = walk;
        let next = move |conn: &mut DbConnection| -> Result<(Walk, bool), Error> {
            let mut walk = so_far.clone();
            let ended = walk.go_on(conn)?;
            Ok((walk, ended))
        };
        let (went_on, ended) = app.db.report(next).await?;
        if ended {
            return Ok(went_on.found());
        }
        walk = went_on;
    }
}

#[derive(Clone)]
struct Walk {
    seq: i64,
    previous: Sha256,
    tree: merkle::Growing,
    /// Roots that are yet to be compared, the smallest tree last.
    known: Vec<AuditRoot>,
    roots: i64,
    /// The last entry that a root has confirmed.
    sure: i64,
    /// The first entry that is not as it was written.
    broken: Option<Broken>,
}

impl Walk {
    fn begin(conn: &mut DbConnection, kept: &[AuditRoot]) -> Result<Self, Error> {
        let mut known = roots::all(conn)?;
        known.extend_from_slice(kept);
        known.sort_by_key(|root| std::cmp::Reverse(root.tree_size));
        let (previous, tree) = (Sha256([0; 32]), merkle::Growing::default());
        Ok(Self { seq: 0, previous, tree, known, roots: 0, sure: 0, broken: None })
    }

    /// Looks at some more entries; whether that was the end.
    fn go_on(&mut self, conn: &mut DbConnection) -> Result<bool, Error> {
        let rows: Vec<Row> = event_chain::table
            .left_join(events::table)
            .filter(event_chain::seq.gt(self.seq))
            .order(event_chain::seq)
            .limit(BATCH)
            .select((
                event_chain::seq,
                event_chain::event_id,
                event_chain::prev_hash,
                event_chain::hash,
                Option::<Link>::as_select(),
                events::facts.nullable(),
                events::facts_salt.nullable(),
            ))
            .load(conn)?;
        self.broken = if rows.is_empty() {
            match self.cut_off() {
                Some(broken) => Some(broken),
                None => unchained(conn)?.map(|id| Broken { seq: self.seq + 1, event_id: Some(id), why: "unchained" }),
            }
        } else {
            rows.iter().find_map(|row| self.step(row))
        };
        Ok(rows.is_empty() || self.broken.is_some())
    }

    /// Goes on to the next entry, unless something is wrong there.
    fn step(&mut self, (seq, event_id, prev_hash, hash, event, facts, salt): &Row) -> Option<Broken> {
        let expected = self.seq + 1;
        let Some(link) = event else { return Some(Broken { seq: expected, event_id: None, why: "missing" }) };
        let declared = (link.action == restored::ACTION).then(|| facts.as_deref().and_then(Leap::declared)).flatten();
        let leapt = declared == Some(Leap { jump_from: self.seq, jump_to: *seq });
        if *seq != expected && !leapt {
            return Some(Broken { seq: expected, event_id: None, why: "missing" });
        }
        let salted = || facts.as_ref().map(|facts| facts_hash(salt.as_deref().unwrap_or_default(), facts));
        let why = if *prev_hash != self.previous {
            Some("order")
        } else if link.hash(*seq, self.previous) != *hash {
            Some("changed")
        } else if salted().is_some_and(|hash| hash != link.facts_hash) {
            Some("facts_changed")
        } else {
            None
        };
        if let Some(why) = why {
            return Some(Broken { seq: *seq, event_id: Some(*event_id), why });
        }
        (self.seq, self.previous) = (*seq, *hash);
        self.tree.push(merkle::leaf(&hash.0));
        self.compare()
    }

    /// Compares the tree with the roots that were kept when it was as large.
    fn compare(&mut self) -> Option<Broken> {
        let size = self.size();
        while let Some(root) = self.known.pop_if(|root| root.tree_size <= size) {
            if root.root != self.tree.root() {
                return Some(Broken { seq: self.sure + 1, event_id: None, why: "rewritten" });
            }
            (self.sure, self.roots) = (self.seq, self.roots + 1);
        }
        None
    }

    /// A root of a larger tree than there is.
    fn cut_off(&self) -> Option<Broken> {
        let larger = !self.known.is_empty();
        larger.then_some(Broken { seq: self.seq + 1, event_id: None, why: "cut_off" })
    }

    fn size(&self) -> i64 {
        i64::try_from(self.tree.size()).unwrap_or(i64::MAX)
    }

    fn found(self) -> Verification {
        Verification {
            intact: self.broken.is_none(),
            entries: self.size(),
            head_seq: self.seq,
            head: self.previous,
            roots: self.roots,
            broken: self.broken,
        }
    }
}

/// An event that has no place in the chain and waits for none: nobody of ours wrote it.
fn unchained(conn: &mut DbConnection) -> Result<Option<EventId>, Error> {
    Ok(events::table
        .left_join(event_chain::table.on(event_chain::event_id.eq(events::id)))
        .left_join(unsealed_events::table.on(unsealed_events::event_id.eq(events::id)))
        .filter(event_chain::seq.is_null())
        .filter(unsealed_events::event_id.is_null())
        .select(events::id)
        .first(conn)
        .optional()?)
}
