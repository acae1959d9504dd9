//! Contacts: the people at a client's, and what each may sign.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::company::{self, archived};
use super::power::PowerOfAttorney;
use super::{CompanyId, ContactId, SigningAuthority, SiteId, site};
use crate::auth::{Actor, Role};
use crate::db::page::Page;
use crate::db::records::{newest_first, save, search};
use crate::db::schema::{contacts, users};
use crate::db::types::Timestamp;
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error, Flaw, Refusal};
use crate::history::{self, Event};
use crate::http::idempotency::made_once;
use crate::http::query::list_query;
use crate::http::resource::{IfMatch, must_match};
use crate::http::{Change, Made, Resource};
use crate::users::UserId;
use crate::words::search::fold;
use crate::words::text::{Email, Line, optional};

/// A person at a client's.
#[derive(Debug, Clone, PartialEq, Serialize, Queryable, Selectable, Insertable, AsChangeset, utoipa::ToSchema)]
#[diesel(table_name = contacts, check_for_backend(MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Contact {
    /// Their id.
    pub id: ContactId,
    /// Whose employee they are.
    pub company_id: CompanyId,
    /// Where they work.
    pub site_id: Option<SiteId>,
    /// Their login, if they have one.
    pub user_id: Option<UserId>,
    /// What they are called.
    pub name: String,
    /// Their position, as signatures say it.
    pub position: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// What they may sign.
    pub signing_authority: SigningAuthority,
    #[serde(skip)]
    search_text: String,
    /// When they left.
    pub archived_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
    /// When they were added.
    pub created_at: Timestamp,
    /// When they were last changed.
    pub updated_at: Timestamp,
    /// The paper by which they sign as an official, if they have one.
    pub power_of_attorney: Option<PowerOfAttorney>,
}

impl Contact {
    /// A contact as it is kept from now on.
    pub fn new(id: ContactId, new: &NewContact, now: Timestamp) -> Self {
        let mut contact = Self {
            id,
            company_id: new.company_id,
            site_id: new.site_id,
            user_id: new.user_id,
            name: new.name.to_string(),
            position: optional(new.position.as_ref()),
            phone: optional(new.phone.as_ref()),
            email: optional(new.email.as_ref()),
            signing_authority: new.signing_authority,
            search_text: String::new(),
            archived_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
            power_of_attorney: new.power_of_attorney.clone(),
        };
        contact.search_text = contact.searchable();
        contact
    }

    /// The contact after an edit.
    #[must_use]
    pub fn edited(&self, change: &EditContact, now: Timestamp) -> Self {
        let mut after = Self {
            site_id: change.site_id.clone().or(self.site_id),
            user_id: change.user_id.clone().or(self.user_id),
            name: change.name.as_ref().map_or(self.name.clone(), ToString::to_string),
            position: change.position.clone().or(self.position.clone()),
            phone: change.phone.clone().or(self.phone.clone()),
            email: change.email.clone().or(self.email.clone()),
            signing_authority: change.signing_authority.unwrap_or(self.signing_authority),
            archived_at: archived(change.archived, self.archived_at, now),
            version: self.version + 1,
            updated_at: now,
            power_of_attorney: change.power_of_attorney.clone().or(self.power_of_attorney.clone()),
            ..self.clone()
        };
        after.search_text = after.searchable();
        after
    }

    fn searchable(&self) -> String {
        let parts = [Some(self.name.as_str()), self.position.as_deref(), self.phone.as_deref(), self.email.as_deref()];
        fold(parts.into_iter().flatten())
    }
}

impl Resource for Contact {
    fn path(&self) -> String {
        format!("/api/v1/contacts/{}", self.id)
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// A contact to add.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewContact {
    /// The client's own id for the record.
    #[serde(default)]
    pub id: Option<ContactId>,
    /// Whose employee they are.
    pub company_id: CompanyId,
    /// Where they work.
    #[serde(default)]
    pub site_id: Option<SiteId>,
    /// Their login: a user with the role `client` of the same company.
    #[serde(default)]
    pub user_id: Option<UserId>,
    /// What they are called.
    pub name: Line<200>,
    /// Their position, as signatures say it.
    #[serde(default)]
    pub position: Option<Line<200>>,
    /// Telephone.
    #[serde(default)]
    pub phone: Option<Line<50>>,
    /// E-mail.
    #[serde(default)]
    pub email: Option<Email>,
    /// What they may sign.
    #[serde(default = "nothing")]
    pub signing_authority: SigningAuthority,
    /// The paper by which they sign as an official. With the authority `none` it lets them sign nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power_of_attorney: Option<PowerOfAttorney>,
}

const fn nothing() -> SigningAuthority {
    SigningAuthority::None
}

/// What may be changed about a contact. Absent stays, null empties.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditContact {
    /// Where they work.
    #[serde(default)]
    #[schema(value_type = Option<SiteId>)]
    pub site_id: Change<SiteId>,
    /// Their login.
    #[serde(default)]
    #[schema(value_type = Option<UserId>)]
    pub user_id: Change<UserId>,
    /// What they are called.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Line<200>, required = false)]
    pub name: Option<Line<200>>,
    /// Their position.
    #[serde(default)]
    #[schema(value_type = Option<Line<200>>)]
    pub position: Change<Line<200>>,
    /// Telephone.
    #[serde(default)]
    #[schema(value_type = Option<Line<50>>)]
    pub phone: Change<Line<50>>,
    /// E-mail.
    #[serde(default)]
    #[schema(value_type = Option<Email>)]
    pub email: Change<Email>,
    /// What they may sign from now on.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = SigningAuthority, required = false)]
    pub signing_authority: Option<SigningAuthority>,
    /// The paper by which they sign as an official.
    #[serde(default)]
    #[schema(value_type = Option<PowerOfAttorney>)]
    pub power_of_attorney: Change<PowerOfAttorney>,
    /// Whether they have left.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = bool, required = false)]
    pub archived: Option<bool>,
}

list_query! {
    /// Which contacts.
    pub struct ContactFilter {
        /// Of this company.
        company_id: CompanyId,
        /// At this site.
        site_id: SiteId,
        /// Words in name, position, telephone or e-mail.
        q: Line<200>,
        /// Those who have left, too.
        archived: crate::http::query::Flag,
    }
}

/// One contact the actor sees.
///
/// # Errors
/// `not_found`
pub fn find(conn: &mut DbConnection, actor: &Actor, id: ContactId) -> Result<Contact, Error> {
    let contact = load(conn, id)?.filter(|contact| actor.company_id().is_none_or(|own| own == contact.company_id));
    contact.ok_or_else(|| Code::NotFound.into())
}

/// One contact, whoever asks.
///
/// # Errors
/// The database's.
pub fn load(conn: &mut DbConnection, id: ContactId) -> Result<Option<Contact>, Error> {
    Ok(contacts::table.find(id).select(Contact::as_select()).get_result(conn).optional()?)
}

/// The contact whose login a user has.
///
/// # Errors
/// The database's.
pub fn of_user(conn: &mut DbConnection, user: UserId) -> Result<Option<Contact>, Error> {
    let own = contacts::table.filter(contacts::user_id.eq(user));
    Ok(own.select(Contact::as_select()).get_result(conn).optional()?)
}

/// A login that goes elsewhere is no contact's of its old company any more.
///
/// # Errors
/// `etag_mismatch` when somebody changes the contact at this very moment.
pub fn unlink_user(conn: &mut DbConnection, actor: &Actor, user: UserId) -> Result<(), Error> {
    let Some(before) = of_user(conn, user)? else { return Ok(()) };
    let after = Contact { user_id: None, version: before.version + 1, updated_at: actor.now(), ..before.clone() };
    save!(conn, contacts, before, &after)?;
    let event = Event::of("contact.changed", "contact", after.id.uuid()).company(after.company_id);
    history::record(conn, actor, event.changed(&before, &after))
}

/// Refuses a reference to a contact that is not this company's, or has left.
///
/// # Errors
/// `validation_failed`
pub fn must_be_usable(
    conn: &mut DbConnection,
    actor: &Actor,
    id: ContactId,
    company: CompanyId,
    pointer: &str,
) -> Result<Contact, Error> {
    let contact = load(conn, id)?.ok_or_else(|| Error::field(pointer, Flaw::UnknownReference))?;
    if contact.company_id != company {
        // A client's user must not learn that it is anybody's at all.
        Err(Error::field(pointer, if actor.is_staff() { Flaw::AnotherCompany } else { Flaw::UnknownReference }))
    } else if contact.archived_at.is_some() {
        Err(Error::field(pointer, Flaw::Archived))
    } else {
        Ok(contact)
    }
}

/// A page of contacts the actor sees, newest first.
///
/// # Errors
/// `invalid_cursor`
pub fn list(conn: &mut DbConnection, actor: &Actor, filter: &ContactFilter) -> Result<Page<Contact>, Error> {
    let page = filter.page();
    let mut query = contacts::table.select(Contact::as_select()).into_boxed::<MultiBackend>();
    if let Some(own) = actor.company_id() {
        query = query.filter(contacts::company_id.eq(own));
    }
    if let Some(company) = filter.company_id {
        query = query.filter(contacts::company_id.eq(company));
    }
    if let Some(site) = filter.site_id {
        query = query.filter(contacts::site_id.eq(site));
    }
    if !filter.archived.is_some_and(|flag| flag.0) {
        query = query.filter(contacts::archived_at.is_null());
    }
    query = search!(query, contacts, filter.q.as_deref());
    let rows = newest_first!(query, contacts, page).load(conn)?;
    Ok(page.cut(rows, |contact: &Contact| (contact.created_at, contact.id)))
}

/// Adds a contact.
///
/// # Errors
/// `validation_failed` when company, site or user do not fit together; `duplicate` when the user is another contact's.
pub fn create(conn: &mut DbConnection, actor: &Actor, new: &NewContact) -> Result<Made<Contact>, Error> {
    let insert = |conn: &mut DbConnection, id| {
        company::must_be_usable(conn, new.company_id, "/company_id")?;
        let contact = Contact::new(id, new, actor.now());
        references_fit(conn, actor, None, &contact)?;
        let inserted = diesel::insert_into(contacts::table).values(&contact).execute(conn);
        inserted.map_err(|error| Error::from(error).on_taken("contacts_user_id_key", taken))?;
        let event = Event::of("contact.added", "contact", id.uuid()).company(contact.company_id).after(&contact);
        history::record(conn, actor, event)?;
        Ok(contact)
    };
    made_once(conn, actor, "contact", new.id, new, insert, |conn, id| find(conn, actor, id))
}

/// Changes a contact.
///
/// # Errors
/// `not_found`, `etag_mismatch`, and those of [`create`].
pub fn edit(
    conn: &mut DbConnection,
    actor: &Actor,
    id: ContactId,
    change: &EditContact,
    expected: Option<&IfMatch>,
) -> Result<Contact, Error> {
    let before = find(conn, actor, id)?;
    must_match(expected, before.version)?;
    let after = before.edited(change, actor.now());
    references_fit(conn, actor, Some(&before), &after)?;
    save!(conn, contacts, before, &after).map_err(|error| error.on_taken("contacts_user_id_key", taken))?;
    let event = Event::of("contact.changed", "contact", id.uuid()).company(after.company_id).changed(&before, &after);
    history::record(conn, actor, event)?;
    Ok(after)
}

fn taken() -> Error {
    Refusal::from(Code::Duplicate).at("/user_id", Flaw::Taken).into()
}

/// The site is the company's, the login is one of its users', and the power of attorney can be.
fn references_fit(
    conn: &mut DbConnection,
    actor: &Actor,
    before: Option<&Contact>,
    contact: &Contact,
) -> Result<(), Error> {
    if let Some(power) = &contact.power_of_attorney {
        power.must_make_sense()?;
    }
    if let Some(site) = contact.site_id.filter(|_| before.is_none_or(|before| before.site_id != contact.site_id)) {
        site::must_be_usable(conn, actor, site, contact.company_id, "/site_id")?;
    }
    if let Some(user) = contact.user_id.filter(|_| before.is_none_or(|before| before.user_id != contact.user_id)) {
        let found: Option<(Role, Option<CompanyId>)> =
            users::table.find(user).select((users::role, users::company_id)).get_result(conn).optional()?;
        match found {
            None => return Err(Error::field("/user_id", Flaw::UnknownReference)),
            Some((Role::Client, Some(company))) if company == contact.company_id => {}
            Some((Role::Client, _)) => return Err(Error::field("/user_id", Flaw::AnotherCompany)),
            Some(_) => return Err(Error::field("/user_id", Flaw::WrongRole)),
        }
    }
    Ok(())
}
