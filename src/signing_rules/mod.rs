//! Signing rules: up to which amount an ordinary employee of a client's may sign, and whether anybody may who is there.
//!
//! Of the rules that fit an act the narrowest counts: one about its site before one about its company, that before one about
//! its kind of ticket, that before one about everything. An act keeps the rule by which it was issued.

pub mod routes;

use std::fmt::Write;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::auth::Actor;
use crate::companies::company::{self, archived};
use crate::companies::{CompanyId, SiteId, site};
use crate::db::among::Among;
use crate::db::page::Page;
use crate::db::records::{newest_first, save};
use crate::db::schema::signing_rules;
use crate::db::types::{Timestamp, id};
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error, Flaw, Refusal};
use crate::history::{self, Event};
use crate::http::idempotency::made_once;
use crate::http::query::list_query;
use crate::http::resource::{IfMatch, must_match};
use crate::http::{Change, Made, Resource};
use crate::money::{Currency, Money};
use crate::ticket_types::{self, TicketTypeId};
use crate::words::text::{Line, optional};

id! {
    /// A signing rule.
    SigningRuleId,
}

/// A signing rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset, utoipa::ToSchema)]
#[diesel(table_name = signing_rules, check_for_backend(MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct SigningRule {
    /// Its id.
    pub id: SigningRuleId,
    /// Acts on tickets of this kind; null for any.
    pub ticket_type_id: Option<TicketTypeId>,
    /// Acts for this company; null for any.
    pub company_id: Option<CompanyId>,
    /// Acts about work at this site of the company; null for any.
    pub site_id: Option<SiteId>,
    /// Acts in this currency.
    pub currency: Currency,
    /// The largest amount under which an ordinary employee may sign; above it an official must. Null for any amount.
    pub employee_limit: Option<Money>,
    /// Whether people who are no contacts may sign as ordinary employees.
    pub walk_ins: bool,
    /// Why it is so.
    pub note: Option<String>,
    #[serde(skip)]
    scope: String,
    /// When it was put away.
    pub archived_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl SigningRule {
    /// How narrow it is: of two that fit, the greater counts.
    const fn narrowness(&self) -> (bool, bool, bool) {
        (self.site_id.is_some(), self.company_id.is_some(), self.ticket_type_id.is_some())
    }
}

impl Resource for SigningRule {
    fn path(&self) -> String {
        format!("/api/v1/signing-rules/{}", self.id)
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// A signing rule to make.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSigningRule {
    /// The client's own id for the record.
    #[serde(default)]
    pub id: Option<SigningRuleId>,
    /// Acts on tickets of this kind; of any, when left out.
    #[serde(default)]
    pub ticket_type_id: Option<TicketTypeId>,
    /// Acts for this company; for any, when left out.
    #[serde(default)]
    pub company_id: Option<CompanyId>,
    /// Acts about work at this site of the company.
    #[serde(default)]
    pub site_id: Option<SiteId>,
    /// Acts in this currency.
    pub currency: Currency,
    /// The largest amount under which an ordinary employee may sign: what the client pays by the act. Any, when left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = r"^[0-9]{1,16}(\.[0-9]{1,2})?$")]
    pub employee_limit: Option<Money>,
    /// Whether people who are no contacts may sign as ordinary employees.
    #[serde(default = "yes")]
    pub walk_ins: bool,
    /// Why it is so.
    #[serde(default)]
    pub note: Option<Line<500>>,
}

const fn yes() -> bool {
    true
}

/// What may be changed about a signing rule. What it is about stays: put it away and make another.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditSigningRule {
    /// The largest amount under which an ordinary employee may sign; null for any.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = r"^[0-9]{1,16}(\.[0-9]{1,2})?$")]
    pub employee_limit: Change<Money>,
    /// Whether people who are no contacts may sign as ordinary employees.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = bool, required = false)]
    pub walk_ins: Option<bool>,
    /// Why it is so.
    #[serde(default)]
    #[schema(value_type = Option<Line<500>>)]
    pub note: Change<Line<500>>,
    /// Whether it is put away.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = bool, required = false)]
    pub archived: Option<bool>,
}

list_query! {
    /// Which signing rules.
    pub struct SigningRuleFilter {
        /// About this company.
        company_id: CompanyId,
        /// About this kind of ticket.
        ticket_type_id: TicketTypeId,
        /// Those put away, too.
        archived: crate::http::query::Flag,
    }
}

/// One signing rule.
///
/// # Errors
/// `not_found`
pub fn find(conn: &mut DbConnection, _: &Actor, id: SigningRuleId) -> Result<SigningRule, Error> {
    let found = signing_rules::table.find(id).select(SigningRule::as_select()).get_result(conn).optional()?;
    found.ok_or_else(|| Code::NotFound.into())
}

/// Those of some signing rules that are there.
///
/// # Errors
/// The database's.
pub fn some(conn: &mut DbConnection, ids: &[SigningRuleId]) -> Result<Vec<SigningRule>, Error> {
    let among = signing_rules::table.filter(signing_rules::id.among(ids.to_vec()));
    Ok(among.select(SigningRule::as_select()).load(conn)?)
}

/// A page of signing rules, newest first.
///
/// # Errors
/// `invalid_cursor`
pub fn list(conn: &mut DbConnection, _: &Actor, filter: &SigningRuleFilter) -> Result<Page<SigningRule>, Error> {
    let page = filter.page();
    let mut query = signing_rules::table.select(SigningRule::as_select()).into_boxed::<MultiBackend>();
    if let Some(company) = filter.company_id {
        query = query.filter(signing_rules::company_id.eq(company));
    }
    if let Some(kind) = filter.ticket_type_id {
        query = query.filter(signing_rules::ticket_type_id.eq(kind));
    }
    if !filter.archived.is_some_and(|flag| flag.0) {
        query = query.filter(signing_rules::archived_at.is_null());
    }
    let rows = newest_first!(query, signing_rules, page).load(conn)?;
    Ok(page.cut(rows, |rule: &SigningRule| (rule.created_at, rule.id)))
}

/// Makes a signing rule.
///
/// # Errors
/// `duplicate` when another rule is about the same; `validation_failed` when it names what is not there, or a site without
/// its company.
pub fn create(conn: &mut DbConnection, actor: &Actor, new: &NewSigningRule) -> Result<Made<SigningRule>, Error> {
    let insert = |conn: &mut DbConnection, id| {
        if let Some(kind) = new.ticket_type_id {
            ticket_types::must_be_usable(conn, kind, "/ticket_type_id")?;
        }
        if let Some(company) = new.company_id {
            company::must_be_usable(conn, company, "/company_id")?;
        }
        if let Some(site) = new.site_id {
            let company = new.company_id.ok_or_else(|| Error::field("/company_id", Flaw::Required))?;
            site::must_be_usable(conn, actor, site, company, "/site_id")?;
        }
        let rule = SigningRule {
            id,
            ticket_type_id: new.ticket_type_id,
            company_id: new.company_id,
            site_id: new.site_id,
            currency: new.currency,
            employee_limit: new.employee_limit,
            walk_ins: new.walk_ins,
            note: optional(new.note.as_ref()),
            scope: scope(new),
            archived_at: None,
            version: 1,
            created_at: actor.now(),
            updated_at: actor.now(),
        };
        let inserted = diesel::insert_into(signing_rules::table).values(&rule).execute(conn);
        inserted.map_err(|error| Error::from(error).on_taken("signing_rules_scope_key", taken))?;
        history::record(conn, actor, Event::of("signing_rule.made", "signing_rule", id.uuid()).after(&rule))?;
        Ok(rule)
    };
    made_once(conn, actor, "signing_rule", new.id, new, insert, |conn, id| find(conn, actor, id))
}

/// Changes a signing rule. Acts that were issued keep it as it was.
///
/// # Errors
/// `not_found`, `etag_mismatch`; `duplicate` when it is taken out again and another is about the same by now.
pub fn edit(
    conn: &mut DbConnection,
    actor: &Actor,
    id: SigningRuleId,
    change: &EditSigningRule,
    expected: Option<&IfMatch>,
) -> Result<SigningRule, Error> {
    let before = find(conn, actor, id)?;
    must_match(expected, before.version)?;
    let after = SigningRule {
        employee_limit: change.employee_limit.clone().or(before.employee_limit),
        walk_ins: change.walk_ins.unwrap_or(before.walk_ins),
        note: change.note.clone().or(before.note.clone()),
        archived_at: archived(change.archived, before.archived_at, actor.now()),
        version: before.version + 1,
        updated_at: actor.now(),
        ..before.clone()
    };
    save!(conn, signing_rules, before, &after).map_err(|error| error.on_taken("signing_rules_scope_key", taken))?;
    let event = Event::of("signing_rule.changed", "signing_rule", id.uuid()).changed(&before, &after);
    history::record(conn, actor, event)?;
    Ok(after)
}

/// The rule that counts for an act about such work; none where none was made.
///
/// # Errors
/// The database's.
pub fn in_force(
    conn: &mut DbConnection,
    kind: TicketTypeId,
    company: CompanyId,
    site: Option<SiteId>,
    currency: Currency,
) -> Result<Option<SigningRule>, Error> {
    let mut fitting = signing_rules::table
        .select(SigningRule::as_select())
        .filter(signing_rules::archived_at.is_null())
        .filter(signing_rules::currency.eq(currency))
        .filter(signing_rules::ticket_type_id.is_null().or(signing_rules::ticket_type_id.assume_not_null().eq(kind)))
        .filter(signing_rules::company_id.is_null().or(signing_rules::company_id.assume_not_null().eq(company)))
        .into_boxed::<MultiBackend>();
    fitting = match site {
        Some(site) => {
            fitting.filter(signing_rules::site_id.is_null().or(signing_rules::site_id.assume_not_null().eq(site)))
        }
        None => fitting.filter(signing_rules::site_id.is_null()),
    };
    // At most eight: each of the three is named or not, and no two rules in force are about the same.
    let fitting: Vec<SigningRule> = fitting.load(conn)?;
    Ok(fitting.into_iter().max_by_key(SigningRule::narrowness))
}

fn scope(new: &NewSigningRule) -> String {
    let mut scope = new.currency.to_string();
    for about in [
        new.ticket_type_id.map(|id| id.to_string()),
        new.company_id.map(|id| id.to_string()),
        new.site_id.map(|id| id.to_string()),
    ] {
        // Writing to a text cannot fail.
        let _ = write!(scope, " {}", about.as_deref().unwrap_or("*"));
    }
    scope
}

fn taken() -> Error {
    Refusal::from(Code::Duplicate).at("/currency", Flaw::Taken).into()
}
