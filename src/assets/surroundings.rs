//! What a device is surrounded by: its site and its company's agreements. Every scan shows them and they hardly ever change,
//! so they are remembered. The company's row counts their changes, and a scan reads that count with the company's name:
//! what is shown is not out of date, whichever instance changed it. A program of before the count, or a hand in the
//! database, changes things without counting: so nothing is believed for longer than a minute.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use diesel::prelude::*;

use super::card::CardSite;
use crate::agreements::coverage::{self, Candidate};
use crate::companies::{CompanyId, SiteId};
use crate::db::DbConnection;
use crate::db::schema::sites;
use crate::db::types::Timestamp;
use crate::error::Error;
use crate::words::zone::Zone;

/// Places and agreements remembered at the most: some 200 bytes each.
const REMEMBERED: usize = 50_000;
/// How long they are believed.
const BELIEVED: Duration = Duration::from_secs(60);

/// A company and one of its sites; devices may be without a site.
type Place = (CompanyId, Option<SiteId>);

/// What surrounds the devices at one place.
pub struct Around {
    revision: i64,
    since: Instant,
    /// Where they stand.
    pub site: Option<CardSite>,
    /// The agreements of the company that may be in force some day.
    pub agreements: Vec<Candidate>,
}

/// What is remembered.
#[derive(Default)]
pub struct Surroundings(RwLock<Memory>);

#[derive(Default)]
struct Memory {
    places: HashMap<Place, Arc<Around>>,
    weight: usize,
}

impl Surroundings {
    /// What surrounds a place as of the company's `revision`.
    ///
    /// # Errors
    /// The database's.
    pub fn of(
        &self,
        conn: &mut DbConnection,
        (company, site): Place,
        revision: i64,
        now: Timestamp,
    ) -> Result<Arc<Around>, Error> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).places.get(&(company, site)).cloned();
        if let Some(known) = known.filter(|known| known.revision == revision && known.since.elapsed() < BELIEVED) {
            return Ok(known);
        }
        let since = Instant::now();
        // Read after the revision: what is newer than it is at worst read once more.
        let ended = now.day_in(chrono_tz::UTC).before();
        let agreements = coverage::not_ended(conn, company, ended)?;
        let around = Arc::new(Around { revision, since, site: load_site(conn, site)?, agreements });
        self.0.write().unwrap_or_else(PoisonError::into_inner).keep((company, site), around.clone());
        Ok(around)
    }
}

impl Memory {
    fn keep(&mut self, place: Place, around: Arc<Around>) {
        let weight = |around: &Around| 1 + around.agreements.len();
        if self.weight + weight(&around) > REMEMBERED {
            *self = Self::default();
        }
        self.weight += weight(&around);
        if let Some(before) = self.places.insert(place, around) {
            self.weight -= weight(&before);
        }
    }
}

fn load_site(conn: &mut DbConnection, id: Option<SiteId>) -> Result<Option<CardSite>, Error> {
    let Some(id) = id else { return Ok(None) };
    let row: Option<(SiteId, String, Option<String>, Zone)> = sites::table
        .find(id)
        .select((sites::id, sites::name, sites::address, sites::time_zone))
        .get_result(conn)
        .optional()?;
    Ok(row.map(|(id, name, address, time_zone)| CardSite { id, name, address, time_zone }))
}
