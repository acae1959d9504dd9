//! Sites: the places where a company's equipment stands, each in its own time zone.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::company::{self, archived};
use super::{CompanyId, SiteId};
use crate::auth::Actor;
use crate::db::page::Page;
use crate::db::records::{newest_first, save, search};
use crate::db::schema::sites;
use crate::db::types::Timestamp;
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error, Flaw};
use crate::history::{self, Event};
use crate::http::idempotency::made_once;
use crate::http::query::list_query;
use crate::http::resource::{IfMatch, must_match};
use crate::http::{Change, Made, Resource};
use crate::provider;
use crate::words::search::fold;
use crate::words::text::{Line, optional};
use crate::words::zone::Zone;

/// A place of a company's.
#[derive(Debug, Clone, PartialEq, Serialize, Queryable, Selectable, Insertable, AsChangeset, utoipa::ToSchema)]
#[diesel(table_name = sites, check_for_backend(MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Site {
    /// Its id.
    pub id: SiteId,
    /// Whose it is.
    pub company_id: CompanyId,
    /// What everybody calls it.
    pub name: String,
    /// Where it is.
    pub address: Option<String>,
    /// Which time it is there.
    pub time_zone: Zone,
    #[serde(skip)]
    search_text: String,
    /// When it was put away.
    pub archived_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Site {
    /// A site as it is kept from now on; `ours` is the provider's time zone.
    ///
    /// # Errors
    /// `validation_failed` when nobody knows which time it is there.
    pub fn new(id: SiteId, new: &NewSite, ours: Option<Zone>, now: Timestamp) -> Result<Self, Error> {
        let time_zone = new.time_zone.or(ours).ok_or_else(|| Error::field("/time_zone", Flaw::Required))?;
        let mut site = Self {
            id,
            company_id: new.company_id,
            name: new.name.to_string(),
            address: optional(new.address.as_ref()),
            time_zone,
            search_text: String::new(),
            archived_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        site.search_text = site.searchable();
        Ok(site)
    }

    /// The site after an edit.
    #[must_use]
    pub fn edited(&self, change: &EditSite, now: Timestamp) -> Self {
        let mut after = Self {
            name: change.name.as_ref().map_or(self.name.clone(), ToString::to_string),
            address: change.address.clone().or(self.address.clone()),
            time_zone: change.time_zone.unwrap_or(self.time_zone),
            archived_at: archived(change.archived, self.archived_at, now),
            version: self.version + 1,
            updated_at: now,
            ..self.clone()
        };
        after.search_text = after.searchable();
        after
    }

    fn searchable(&self) -> String {
        fold([Some(self.name.as_str()), self.address.as_deref()].into_iter().flatten())
    }
}

impl Resource for Site {
    fn path(&self) -> String {
        format!("/api/v1/sites/{}", self.id)
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// A site to add.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSite {
    /// The client's own id for the record.
    #[serde(default)]
    pub id: Option<SiteId>,
    /// Whose it is.
    pub company_id: CompanyId,
    /// What everybody calls it.
    pub name: Line<300>,
    /// Where it is.
    #[serde(default)]
    pub address: Option<Line<500>>,
    /// Which time it is there; the provider's when left out.
    #[serde(default)]
    pub time_zone: Option<Zone>,
}

/// What may be changed about a site. Absent stays, null empties.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditSite {
    /// What everybody calls it.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Line<300>, required = false)]
    pub name: Option<Line<300>>,
    /// Where it is.
    #[serde(default)]
    #[schema(value_type = Option<Line<500>>)]
    pub address: Change<Line<500>>,
    /// Which time it is there.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Zone, required = false)]
    pub time_zone: Option<Zone>,
    /// Whether it is put away.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = bool, required = false)]
    pub archived: Option<bool>,
}

list_query! {
    /// Which sites.
    pub struct SiteFilter {
        /// Of this company.
        company_id: CompanyId,
        /// Words in its name or address.
        q: Line<200>,
        /// Those put away, too.
        archived: crate::http::query::Flag,
    }
}

/// One site the actor sees.
///
/// # Errors
/// `not_found`
pub fn find(conn: &mut DbConnection, actor: &Actor, id: SiteId) -> Result<Site, Error> {
    let site = load(conn, id)?.filter(|site| actor.company_id().is_none_or(|own| own == site.company_id));
    site.ok_or_else(|| Code::NotFound.into())
}

/// One site, whoever asks.
///
/// # Errors
/// The database's.
pub fn load(conn: &mut DbConnection, id: SiteId) -> Result<Option<Site>, Error> {
    Ok(sites::table.find(id).select(Site::as_select()).get_result(conn).optional()?)
}

/// Refuses a reference to a site that is not this company's, or is put away.
///
/// # Errors
/// `validation_failed`
pub fn must_be_usable(
    conn: &mut DbConnection,
    actor: &Actor,
    id: SiteId,
    company: CompanyId,
    pointer: &str,
) -> Result<Site, Error> {
    let site = load(conn, id)?.ok_or_else(|| Error::field(pointer, Flaw::UnknownReference))?;
    if site.company_id != company {
        // A client's user must not learn that it is anybody's at all.
        Err(Error::field(pointer, if actor.is_staff() { Flaw::AnotherCompany } else { Flaw::UnknownReference }))
    } else if site.archived_at.is_some() {
        Err(Error::field(pointer, Flaw::Archived))
    } else {
        Ok(site)
    }
}

/// A page of sites the actor sees, newest first.
///
/// # Errors
/// `invalid_cursor`
pub fn list(conn: &mut DbConnection, actor: &Actor, filter: &SiteFilter) -> Result<Page<Site>, Error> {
    let page = filter.page();
    let mut query = sites::table.select(Site::as_select()).into_boxed::<MultiBackend>();
    if let Some(own) = actor.company_id() {
        query = query.filter(sites::company_id.eq(own));
    }
    if let Some(company) = filter.company_id {
        query = query.filter(sites::company_id.eq(company));
    }
    if !filter.archived.is_some_and(|flag| flag.0) {
        query = query.filter(sites::archived_at.is_null());
    }
    query = search!(query, sites, filter.q.as_deref());
    let rows = newest_first!(query, sites, page).load(conn)?;
    Ok(page.cut(rows, |site: &Site| (site.created_at, site.id)))
}

/// Adds a site.
///
/// # Errors
/// `validation_failed` when there is no such company, or nobody knows which time it is there.
pub fn create(conn: &mut DbConnection, actor: &Actor, new: &NewSite) -> Result<Made<Site>, Error> {
    let insert = |conn: &mut DbConnection, id| {
        company::must_be_usable(conn, new.company_id, "/company_id")?;
        let ours = provider::known(conn)?.map(|provider| provider.time_zone);
        let site = Site::new(id, new, ours, actor.now())?;
        diesel::insert_into(sites::table).values(&site).execute(conn)?;
        let event = Event::of("site.added", "site", id.uuid()).company(site.company_id).after(&site);
        history::record(conn, actor, event)?;
        Ok(site)
    };
    made_once(conn, actor, "site", new.id, new, insert, |conn, id| find(conn, actor, id))
}

/// Changes a site.
///
/// # Errors
/// `not_found`, `etag_mismatch`
pub fn edit(
    conn: &mut DbConnection,
    actor: &Actor,
    id: SiteId,
    change: &EditSite,
    expected: Option<&IfMatch>,
) -> Result<Site, Error> {
    let before = find(conn, actor, id)?;
    must_match(expected, before.version)?;
    let after = before.edited(change, actor.now());
    save!(conn, sites, before, &after)?;
    company::surroundings_changed(conn, after.company_id)?;
    let event = Event::of("site.changed", "site", id.uuid()).company(after.company_id).changed(&before, &after);
    history::record(conn, actor, event)?;
    Ok(after)
}
