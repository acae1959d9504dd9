//! Companies: the client organisations.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::CompanyId;
use crate::auth::Actor;
use crate::db::page::Page;
use crate::db::records::{newest_first, save, search};
use crate::db::schema::companies;
use crate::db::types::Timestamp;
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error, Flaw};
use crate::history::{self, Event};
use crate::http::idempotency::made_once;
use crate::http::problem::ProblemField;
use crate::http::query::list_query;
use crate::http::resource::{IfMatch, must_match};
use crate::http::{Change, Made, Resource};
use crate::identifiers::details;
use crate::provider;
use crate::ticket_types::{self, TicketTypeId};
use crate::users::UserId;
use crate::words::Language;
use crate::words::search::fold;
use crate::words::text::{Email, Line, optional};

/// A client organisation.
#[derive(Debug, Clone, PartialEq, Serialize, Queryable, Selectable, Insertable, AsChangeset, utoipa::ToSchema)]
#[diesel(table_name = companies, check_for_backend(MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Company {
    /// Its id.
    pub id: CompanyId,
    /// What everybody calls it.
    pub name: String,
    /// As registered: on documents.
    pub legal_name: Option<String>,
    /// ИНН, ЄДРПОУ, VAT number.
    pub tax_id: Option<String>,
    /// КПП, ІПН.
    pub tax_code: Option<String>,
    /// Where letters go.
    pub address: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Our own sorting of clients, for price lists.
    pub category: Option<String>,
    /// The language of its documents.
    pub language: Option<Language>,
    /// The kind of ticket that reports of faults become; the provider's when there is none.
    pub report_type_id: Option<TicketTypeId>,
    /// Whether they become tickets at once, without a dispatcher.
    pub reports_at_once: bool,
    /// Who said so: such tickets are opened in their name.
    pub reports_at_once_by: Option<UserId>,
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

impl Company {
    /// A company as it is kept from now on.
    pub fn new(id: CompanyId, new: &NewCompany, now: Timestamp) -> Self {
        let mut company = Self {
            id,
            name: new.name.to_string(),
            legal_name: optional(new.legal_name.as_ref()),
            tax_id: optional(new.tax_id.as_ref()),
            tax_code: optional(new.tax_code.as_ref()),
            address: optional(new.address.as_ref()),
            phone: optional(new.phone.as_ref()),
            email: optional(new.email.as_ref()),
            category: optional(new.category.as_ref()),
            language: new.language,
            report_type_id: None,
            reports_at_once: false,
            reports_at_once_by: None,
            search_text: String::new(),
            archived_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        company.search_text = company.searchable();
        company
    }

    /// The company after an edit by somebody.
    #[must_use]
    pub fn edited(&self, change: &EditCompany, by: UserId, now: Timestamp) -> Self {
        let at_once = change.reports_at_once.unwrap_or(self.reports_at_once);
        let mut after = Self {
            name: change.name.as_ref().map_or(self.name.clone(), ToString::to_string),
            legal_name: change.legal_name.clone().or(self.legal_name.clone()),
            tax_id: change.tax_id.clone().or(self.tax_id.clone()),
            tax_code: change.tax_code.clone().or(self.tax_code.clone()),
            address: change.address.clone().or(self.address.clone()),
            phone: change.phone.clone().or(self.phone.clone()),
            email: change.email.clone().or(self.email.clone()),
            category: change.category.clone().or(self.category.clone()),
            language: change.language.clone().or(self.language),
            report_type_id: change.report_type_id.clone().or(self.report_type_id),
            reports_at_once: at_once,
            reports_at_once_by: match change.reports_at_once {
                // Whoever says so again answers for it from now on: whoever did before may have left.
                Some(true) => Some(by),
                _ => self.reports_at_once_by.filter(|_| at_once),
            },
            archived_at: archived(change.archived, self.archived_at, now),
            version: self.version + 1,
            updated_at: now,
            ..self.clone()
        };
        after.search_text = after.searchable();
        after
    }

    fn searchable(&self) -> String {
        let parts =
            [Some(self.name.as_str()), self.legal_name.as_deref(), self.tax_id.as_deref(), self.address.as_deref()];
        fold(parts.into_iter().flatten())
    }

    /// The name on documents.
    pub fn legal_name(&self) -> &str {
        self.legal_name.as_deref().unwrap_or(&self.name)
    }
}

/// A client organisation, with what is to be looked at again.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct CompanyView {
    #[serde(flatten)]
    company: Company,
    /// Identifiers that break a rule of their own. They are kept as they were typed.
    pub warnings: Vec<ProblemField>,
}

impl CompanyView {
    /// A company as the actor sees it. Its numbers are looked at by the law of the provider's country.
    ///
    /// # Errors
    /// The database's.
    pub fn new(conn: &mut DbConnection, actor: &Actor, company: Company) -> Result<Self, Error> {
        let flaws = provider::law(conn)?
            .map(|law| details::of_party(law, company.tax_id.as_deref(), company.tax_code.as_deref()));
        Ok(Self { warnings: details::told(&flaws.unwrap_or_default(), actor.language()), company })
    }
}

impl Resource for CompanyView {
    fn path(&self) -> String {
        format!("/api/v1/companies/{}", self.company.id)
    }

    fn version(&self) -> Option<i64> {
        Some(self.company.version)
    }
}

/// A company to add.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCompany {
    /// The client's own id for the record.
    #[serde(default)]
    pub id: Option<CompanyId>,
    /// What everybody calls it.
    pub name: Line<300>,
    /// As registered: on documents.
    #[serde(default)]
    pub legal_name: Option<Line<300>>,
    /// ИНН, ЄДРПОУ, VAT number.
    #[serde(default)]
    pub tax_id: Option<Line<30>>,
    /// КПП, ІПН.
    #[serde(default)]
    pub tax_code: Option<Line<30>>,
    /// Where letters go.
    #[serde(default)]
    pub address: Option<Line<500>>,
    /// Telephone.
    #[serde(default)]
    pub phone: Option<Line<50>>,
    /// E-mail.
    #[serde(default)]
    pub email: Option<Email>,
    /// Our own sorting of clients.
    #[serde(default)]
    pub category: Option<Line<100>>,
    /// The language of its documents.
    #[serde(default)]
    pub language: Option<Language>,
}

/// What may be changed about a company. Absent stays, null empties.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditCompany {
    /// What everybody calls it.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Line<300>, required = false)]
    pub name: Option<Line<300>>,
    /// As registered: on documents.
    #[serde(default)]
    #[schema(value_type = Option<Line<300>>)]
    pub legal_name: Change<Line<300>>,
    /// ИНН, ЄДРПОУ, VAT number.
    #[serde(default)]
    #[schema(value_type = Option<Line<30>>)]
    pub tax_id: Change<Line<30>>,
    /// КПП, ІПН.
    #[serde(default)]
    #[schema(value_type = Option<Line<30>>)]
    pub tax_code: Change<Line<30>>,
    /// Where letters go.
    #[serde(default)]
    #[schema(value_type = Option<Line<500>>)]
    pub address: Change<Line<500>>,
    /// Telephone.
    #[serde(default)]
    #[schema(value_type = Option<Line<50>>)]
    pub phone: Change<Line<50>>,
    /// E-mail.
    #[serde(default)]
    #[schema(value_type = Option<Email>)]
    pub email: Change<Email>,
    /// Our own sorting of clients.
    #[serde(default)]
    #[schema(value_type = Option<Line<100>>)]
    pub category: Change<Line<100>>,
    /// The language of its documents.
    #[serde(default)]
    #[schema(value_type = Option<Language>)]
    pub language: Change<Language>,
    /// The kind of ticket that reports of faults become.
    #[serde(default)]
    #[schema(value_type = Option<TicketTypeId>)]
    pub report_type_id: Change<TicketTypeId>,
    /// Whether they become tickets at once, in the name of whoever says so. Needs a kind, here or at the provider.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = bool, required = false)]
    pub reports_at_once: Option<bool>,
    /// Whether it is put away.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = bool, required = false)]
    pub archived: Option<bool>,
}

list_query! {
    /// Which companies.
    pub struct CompanyFilter {
        /// Words in its name, registered name, tax number or address.
        q: Line<200>,
        /// Our own sorting.
        category: Line<100>,
        /// Those put away, too.
        archived: crate::http::query::Flag,
    }
}

/// One company the actor sees.
///
/// # Errors
/// `not_found`
pub fn find(conn: &mut DbConnection, actor: &Actor, id: CompanyId) -> Result<Company, Error> {
    if actor.company_id().is_some_and(|own| own != id) {
        return Err(Code::NotFound.into());
    }
    load(conn, id)?.ok_or_else(|| Code::NotFound.into())
}

/// One company the actor sees, with what is to be looked at again.
///
/// # Errors
/// `not_found`
pub fn view(conn: &mut DbConnection, actor: &Actor, id: CompanyId) -> Result<CompanyView, Error> {
    let company = find(conn, actor, id)?;
    CompanyView::new(conn, actor, company)
}

/// One company, whoever asks.
///
/// # Errors
/// The database's.
pub fn load(conn: &mut DbConnection, id: CompanyId) -> Result<Option<Company>, Error> {
    Ok(companies::table.find(id).select(Company::as_select()).get_result(conn).optional()?)
}

/// Refuses a reference to a company that is not there, or is put away.
///
/// # Errors
/// `validation_failed`
pub fn must_be_usable(conn: &mut DbConnection, id: CompanyId, pointer: &str) -> Result<Company, Error> {
    let company = load(conn, id)?.ok_or_else(|| Error::field(pointer, Flaw::UnknownReference))?;
    if company.archived_at.is_some() { Err(Error::field(pointer, Flaw::Archived)) } else { Ok(company) }
}

/// Counts a change of what devices of a company are shown with: its sites and agreements. A scan looks at this count
/// before it trusts what it remembers, so whoever changes one of them calls this in the same transaction.
///
/// # Errors
/// The database's.
pub fn surroundings_changed(conn: &mut DbConnection, id: CompanyId) -> Result<(), Error> {
    diesel::update(companies::table.find(id)).set(companies::revision.eq(companies::revision + 1)).execute(conn)?;
    Ok(())
}

/// A page of companies the actor sees, newest first.
///
/// # Errors
/// `invalid_cursor`
pub fn list(conn: &mut DbConnection, actor: &Actor, filter: &CompanyFilter) -> Result<Page<Company>, Error> {
    let page = filter.page();
    let mut query = companies::table.select(Company::as_select()).into_boxed::<MultiBackend>();
    if let Some(own) = actor.company_id() {
        query = query.filter(companies::id.eq(own));
    }
    if !filter.archived.is_some_and(|flag| flag.0) {
        query = query.filter(companies::archived_at.is_null());
    }
    if let Some(category) = &filter.category {
        query = query.filter(companies::category.eq(category.to_string()));
    }
    query = search!(query, companies, filter.q.as_deref());
    let rows = newest_first!(query, companies, page).load(conn)?;
    Ok(page.cut(rows, |company: &Company| (company.created_at, company.id)))
}

/// Adds a company.
///
/// # Errors
/// `duplicate` when the id is taken by another record.
pub fn create(conn: &mut DbConnection, actor: &Actor, new: &NewCompany) -> Result<Made<CompanyView>, Error> {
    let insert = |conn: &mut DbConnection, id| {
        let company = Company::new(id, new, actor.now());
        diesel::insert_into(companies::table).values(&company).execute(conn)?;
        history::record(conn, actor, Event::of("company.added", "company", id.uuid()).company(id).after(&company))?;
        CompanyView::new(conn, actor, company)
    };
    made_once(conn, actor, "company", new.id, new, insert, |conn, id| view(conn, actor, id))
}

/// Changes a company. Documents that were issued keep what they were issued with.
///
/// # Errors
/// `not_found`, `etag_mismatch`; `validation_failed` when reports shall become tickets of no kind, or of one put away.
pub fn edit(
    conn: &mut DbConnection,
    actor: &Actor,
    id: CompanyId,
    change: &EditCompany,
    expected: Option<&IfMatch>,
) -> Result<CompanyView, Error> {
    let before = find(conn, actor, id)?;
    must_match(expected, before.version)?;
    let at_once = change.reports_at_once.unwrap_or(before.reports_at_once);
    let after = before.edited(change, actor.id(), actor.now());
    if let Some(kind) = change.report_type_id.set() {
        ticket_types::must_be_usable(conn, *kind, "/report_type_id")?;
    }
    let kindless = after.report_type_id.is_none() && provider::report_type(conn)?.is_none();
    if at_once && kindless && (!before.reports_at_once || before.report_type_id.is_some()) {
        return Err(Error::field("/report_type_id", Flaw::Required));
    }
    save!(conn, companies, before, &after)?;
    history::record(
        conn,
        actor,
        Event::of("company.changed", "company", id.uuid()).company(id).changed(&before, &after),
    )?;
    CompanyView::new(conn, actor, after)
}

/// Whether some company's reports become tickets of this kind at once; without a kind, of whichever the provider names.
///
/// # Errors
/// The database's.
pub fn reports_at_once_as(conn: &mut DbConnection, kind: Option<TicketTypeId>) -> Result<bool, Error> {
    let at_once = companies::table
        .filter(companies::reports_at_once.eq(true))
        .filter(companies::archived_at.is_null())
        .select(companies::id)
        .into_boxed::<MultiBackend>();
    let at_once = match kind {
        Some(kind) => at_once.filter(companies::report_type_id.eq(kind)),
        None => at_once.filter(companies::report_type_id.is_null()),
    };
    let first: Option<CompanyId> = at_once.first(conn).optional()?;
    Ok(first.is_some())
}

/// When a record is put away after an edit that may say whether it is.
pub fn archived(change: Option<bool>, current: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    match change {
        Some(true) => current.or(Some(now)),
        Some(false) => None,
        None => current,
    }
}
