//! What the records of all kinds have in common when they come by the thousand.

use std::collections::BTreeSet;

use diesel::prelude::*;
use serde::Serialize;
use uuid::Uuid;

use super::ImportId;
use crate::assets::{Asset, AssetId, AssetView};
use crate::auth::Actor;
use crate::codes::give;
use crate::companies::CompanyId;
use crate::companies::company::{self, Company};
use crate::companies::contact::Contact;
use crate::companies::site::Site;
use crate::db::DbConnection;
use crate::db::dialect::{insert_all, straight};
use crate::db::schema::{assets, companies, contacts, sites};
use crate::error::Error;
use crate::history::{self, Event};

/// Records to add and to change.
#[derive(Debug)]
pub struct Batch<R> {
    /// New ones.
    pub add: Vec<R>,
    /// Those that change.
    pub change: Vec<Changed<R>>,
}

/// A record that changes.
#[derive(Debug)]
pub struct Changed<R> {
    /// The version that is known.
    pub before: i64,
    /// As it will be.
    pub after: R,
    /// What is to be written down of it.
    pub event: Event,
}

impl<R> Default for Batch<R> {
    fn default() -> Self {
        Self { add: Vec::new(), change: Vec::new() }
    }
}

/// A record that an import may bring.
pub trait Record: Clone + Serialize {
    /// What events call it.
    const OBJECT: &'static str;
    /// The event of a new one.
    const ADDED: &'static str;
    /// The event of a change.
    const CHANGED: &'static str;

    /// Its id.
    fn uuid(&self) -> Uuid;
    /// Whose business it is.
    fn company(&self) -> CompanyId;
    /// Its version.
    fn version(&self) -> i64;
    /// Whether the other state says something else, apart from when it was said.
    fn differs(&self, after: &Self) -> bool;
    /// Writes new ones, with what comes with them, and tells what their events say.
    ///
    /// # Errors
    /// The database's.
    fn insert(conn: &mut DbConnection, actor: &Actor, public_url: &str, new: &[Self]) -> Result<Vec<Event>, Error>;
    /// Writes a new state in place of a version.
    ///
    /// # Errors
    /// `busy` when somebody was quicker.
    fn update(conn: &mut DbConnection, before: i64, after: &Self) -> Result<(), Error>;
}

impl<R: Record> Batch<R> {
    /// Writes all of it, with an event for each record.
    ///
    /// # Errors
    /// The database's; `busy` when somebody changed one of the records at this very moment.
    pub fn write(
        &self,
        conn: &mut DbConnection,
        actor: &Actor,
        public_url: &str,
        import: ImportId,
    ) -> Result<(), Error> {
        let mut events = R::insert(conn, actor, public_url, &self.add)?;
        for changed in &self.change {
            R::update(conn, changed.before, &changed.after)?;
            events.push(changed.event.clone());
        }
        let events = events.into_iter().map(|event| event.import(import.uuid())).collect();
        history::record_all(conn, actor, events)
    }

    /// The companies whose records change.
    pub fn changed_companies(&self) -> BTreeSet<CompanyId> {
        self.change.iter().map(|changed| changed.after.company()).collect()
    }

    /// All records as they will be.
    pub fn after(&self) -> impl Iterator<Item = &R> {
        self.add.iter().chain(self.change.iter().map(|changed| &changed.after))
    }
}

/// Counts the changes of what devices are shown with.
///
/// # Errors
/// The database's.
pub fn note_surroundings(conn: &mut DbConnection, sites: &Batch<Site>) -> Result<(), Error> {
    sites.changed_companies().into_iter().try_for_each(|company| company::surroundings_changed(conn, company))
}

macro_rules! record {
    ($type:ident, $table:ident, $object:literal, $added:literal, $changed:literal, $company:ident) => {
        impl Record for $type {
            const OBJECT: &'static str = $object;
            const ADDED: &'static str = $added;
            const CHANGED: &'static str = $changed;

            fn uuid(&self) -> Uuid {
                self.id.uuid()
            }

            fn company(&self) -> CompanyId {
                self.$company
            }

            fn version(&self) -> i64 {
                self.version
            }

            fn differs(&self, after: &Self) -> bool {
                let mut after = after.clone();
                (after.version, after.updated_at) = (self.version, self.updated_at);
                *self != after
            }

            fn insert(
                conn: &mut DbConnection,
                actor: &Actor,
                public_url: &str,
                new: &[Self],
            ) -> Result<Vec<Event>, Error> {
                insert_all!(conn, $table::table, new)?;
                Self::added(conn, actor, public_url, new)
            }

            fn update(conn: &mut DbConnection, before: i64, after: &Self) -> Result<(), Error> {
                let here = $table::table.filter($table::id.eq(after.id)).filter($table::version.eq(before));
                // Straight, because there may be twenty thousand of them.
                match straight!(conn, |own| diesel::update(here).set(after).execute(own))? {
                    0 => Err(Error::Busy),
                    _ => Ok(()),
                }
            }
        }
    };
}

record!(Company, companies, "company", "company.added", "company.changed", id);
record!(Site, sites, "site", "site.added", "site.changed", company_id);
record!(Contact, contacts, "contact", "contact.added", "contact.changed", company_id);
record!(Asset, assets, "asset", "asset.added", "asset.changed", company_id);

/// What comes with new records, and their events.
trait Added: Sized {
    fn added(conn: &mut DbConnection, actor: &Actor, public_url: &str, new: &[Self]) -> Result<Vec<Event>, Error>;
}

macro_rules! nothing_comes_with {
    ($($type:ident),+) => {$(
        impl Added for $type {
            fn added(_: &mut DbConnection, _: &Actor, _: &str, new: &[Self]) -> Result<Vec<Event>, Error> {
                let event = |record: &Self| {
                    let event = Event::of(Self::ADDED, Self::OBJECT, record.uuid());
                    event.company(record.company()).after(record)
                };
                Ok(new.iter().map(event).collect())
            }
        }
    )+};
}

nothing_comes_with!(Company, Site, Contact);

impl Added for Asset {
    /// Each gets a label.
    fn added(conn: &mut DbConnection, actor: &Actor, public_url: &str, new: &[Self]) -> Result<Vec<Event>, Error> {
        let ids: Vec<AssetId> = new.iter().map(|asset| asset.id).collect();
        let codes = give::give_all(conn, &ids, actor.now())?;
        let event = |(asset, code): (&Self, _)| {
            let view = AssetView::new(asset.clone(), Some(code), public_url);
            let view = AssetView { foreign_codes: Some(Vec::new()), ..view };
            let event = Event::of(Self::ADDED, Self::OBJECT, view.id.uuid());
            event.company(view.company_id).after(&view)
        };
        Ok(new.iter().zip(codes).map(event).collect())
    }
}
