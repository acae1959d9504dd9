//! For whom the work is done, and the people one works with.

use diesel::prelude::*;

use super::super::column::{json, maybe_text, raw_table};
use super::{Roots, Synced, Viewer, each, ids, keys};
use crate::agreements::{self, AgreementId};
use crate::auth::Role;
use crate::companies::company::Company;
use crate::companies::contact::Contact;
use crate::companies::site::Site;
use crate::companies::{CompanyId, ContactId, SiteId};
use crate::db::DbConnection;
use crate::db::among::Among;
use crate::db::schema::{agreements as agreements_table, companies, contacts, sites, users};
use crate::db::types::Timestamp;
use crate::error::Error;
use crate::users::UserId;

raw_table! {
    /// The companies of one's tickets.
    CompanyRow in "companies" {
        /// What everybody calls it.
        name: String,
        /// As registered.
        legal_name: Option<String>,
        /// Where letters go.
        address: Option<String>,
        /// Telephone.
        phone: Option<String>,
        /// E-mail.
        email: Option<String>,
        /// The language of its documents.
        language: Option<String>,
        /// Whether it was put away.
        archived: bool,
    }
}

impl Synced for CompanyRow {
    fn under(_: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        Ok(keys(roots.companies.iter()))
    }

    fn load(conn: &mut DbConnection, _: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        let rows: Vec<Company> = companies::table
            .filter(companies::id.among(ids::<CompanyId>(keys)))
            .select(Company::as_select())
            .load(conn)?;
        let row = |company: Company| Self {
            id: company.id.to_string(),
            name: company.name,
            legal_name: company.legal_name,
            address: company.address,
            phone: company.phone,
            email: company.email,
            language: maybe_text(company.language),
            archived: company.archived_at.is_some(),
        };
        Ok(rows.into_iter().map(row).collect())
    }
}

raw_table! {
    /// The sites of one's tickets.
    SiteRow in "sites" {
        /// Whose it is.
        company_id: String [Indexed],
        /// What everybody calls it.
        name: String,
        /// Where it is.
        address: Option<String>,
        /// Which time it is there: Europe/Moscow.
        time_zone: String,
        /// Whether it was put away.
        archived: bool,
    }
}

impl Synced for SiteRow {
    fn under(_: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        Ok(keys(roots.sites.iter()))
    }

    fn load(conn: &mut DbConnection, _: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        let rows: Vec<Site> =
            sites::table.filter(sites::id.among(ids::<SiteId>(keys))).select(Site::as_select()).load(conn)?;
        let row = |site: Site| Self {
            id: site.id.to_string(),
            company_id: site.company_id.to_string(),
            name: site.name,
            address: site.address,
            time_zone: site.time_zone.to_string(),
            archived: site.archived_at.is_some(),
        };
        Ok(rows.into_iter().map(row).collect())
    }
}

raw_table! {
    /// Colleagues, and users of the companies: the names behind the ids.
    PersonRow in "people" {
        /// What they are called.
        name: String,
        /// technician, dispatcher, manager, admin, client.
        role: String,
        /// A client's user: whose.
        company_id: Option<String>,
        /// Whether they have left.
        archived: bool,
    }
}

impl Synced for PersonRow {
    fn under(conn: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        let mut found: Vec<UserId> = each(&roots.companies, |some| {
            Ok(users::table.filter(users::company_id.assume_not_null().among(some)).select(users::id).load(conn)?)
        })?;
        if roots.rules {
            found.extend(users::table.filter(users::role.ne(Role::Client)).select(users::id).load::<UserId>(conn)?);
        }
        Ok(keys(found))
    }

    fn load(conn: &mut DbConnection, _: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        type Row = (UserId, String, Role, Option<CompanyId>, Option<Timestamp>);
        let rows: Vec<Row> = users::table
            .filter(users::id.among(ids::<UserId>(keys)))
            .select((users::id, users::name, users::role, users::company_id, users::archived_at))
            .load(conn)?;
        let row = |(id, name, role, company_id, archived_at): Row| Self {
            id: id.to_string(),
            name,
            role: role.to_string(),
            company_id: maybe_text(company_id),
            archived: archived_at.is_some(),
        };
        Ok(rows.into_iter().map(row).collect())
    }
}

raw_table! {
    /// People at the clients, with what they may sign.
    ContactRow in "contacts" {
        /// Whose employee they are.
        company_id: String [Indexed],
        /// Where they work.
        site_id: Option<String> [Indexed],
        /// What they are called.
        name: String,
        /// Their position, as signatures say it.
        position: Option<String>,
        /// Telephone.
        phone: Option<String>,
        /// E-mail.
        email: Option<String>,
        /// What they may sign: none, routine, official.
        signing_authority: String,
        /// The paper by which they sign as an official: number, issued_on, valid_until, issued_by, limit, currency, JSON.
        power_of_attorney_json: Option<String>,
        /// Whether they have left.
        archived: bool,
    }
}

impl Synced for ContactRow {
    fn under(conn: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        let found: Vec<ContactId> = each(&roots.companies, |some| {
            Ok(contacts::table.filter(contacts::company_id.among(some)).select(contacts::id).load(conn)?)
        })?;
        Ok(keys(found))
    }

    fn load(conn: &mut DbConnection, _: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        let rows: Vec<Contact> = contacts::table
            .filter(contacts::id.among(ids::<ContactId>(keys)))
            .select(Contact::as_select())
            .load(conn)?;
        let row = |contact: Contact| Self {
            id: contact.id.to_string(),
            company_id: contact.company_id.to_string(),
            site_id: maybe_text(contact.site_id),
            name: contact.name,
            position: contact.position,
            phone: contact.phone,
            email: contact.email,
            signing_authority: contact.signing_authority.to_string(),
            power_of_attorney_json: maybe_text(contact.power_of_attorney),
            archived: contact.archived_at.is_some(),
        };
        Ok(rows.into_iter().map(row).collect())
    }
}

raw_table! {
    /// What the companies bought: whether a work is covered can be seen without a network.
    AgreementRow in "agreements" {
        /// Whose it is.
        company_id: String [Indexed],
        /// Its number, as on paper.
        number: String,
        /// The first day: 2026-01-01.
        starts_on: String,
        /// The last day, if it has one.
        ends_on: Option<String>,
        /// What it is restricted to: asset_ids, ticket_type_ids, price_item_ids, JSON.
        covers_json: String,
        /// Whether it was put away.
        archived: bool,
    }
}

impl Synced for AgreementRow {
    fn under(conn: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        let found: Vec<AgreementId> = each(&roots.companies, |some| {
            let of = agreements_table::table.filter(agreements_table::company_id.among(some));
            Ok(of.select(agreements_table::id).load(conn)?)
        })?;
        Ok(keys(found))
    }

    fn load(conn: &mut DbConnection, _: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        let mut rows = Vec::with_capacity(keys.len());
        for agreement in agreements::some(conn, &ids::<AgreementId>(keys))? {
            rows.push(Self {
                id: agreement.id.to_string(),
                company_id: agreement.company_id.to_string(),
                number: agreement.number,
                starts_on: agreement.starts_on.to_string(),
                ends_on: maybe_text(agreement.ends_on),
                covers_json: json(&agreement.covers)?,
                archived: agreement.archived_at.is_some(),
            });
        }
        Ok(rows)
    }
}
