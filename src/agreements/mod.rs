//! Agreements: what a company has bought, from when to when.
//!
//! An agreement may be restricted to certain assets, kinds of tickets or works; each list it names narrows it. One that
//! names none covers all of the company's equipment and every work of a price list.

pub mod coverage;
pub mod routes;
pub mod signing;

use diesel::prelude::*;
use serde::{Deserialize, Deserializer, Serialize};

use crate::assets::AssetId;
use crate::auth::Actor;
use crate::companies::CompanyId;
use crate::companies::company::{self, archived};
use crate::db::among::Among;
use crate::db::dialect::insert_all;
use crate::db::page::Page;
use crate::db::records::{newest_first, save};
use crate::db::schema::{agreement_covers, agreements, assets, price_items, ticket_types};
use crate::db::types::{AnyId, Day, Timestamp, id, text_enum};
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error, Flaw, Refusal};
use crate::history::{self, Event};
use crate::http::idempotency::made_once;
use crate::http::query::list_query;
use crate::http::resource::{IfMatch, must_match};
use crate::http::{Change, Made, Resource};
use crate::labels::bounds;
use crate::pricing::PriceItemId;
use crate::ticket_types::TicketTypeId;
use crate::words::text::{Line, optional};

id! {
    /// An agreement.
    AgreementId,
}

text_enum! {
    /// What an agreement may be restricted to.
    CoverKind {
        /// Certain devices.
        Asset = "asset",
        /// Certain kinds of tickets.
        TicketType = "ticket_type",
        /// Certain works and materials.
        PriceItem = "price_item",
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = agreements, check_for_backend(MultiBackend), treat_none_as_null = true)]
struct Row {
    id: AgreementId,
    company_id: CompanyId,
    number: String,
    starts_on: Day,
    ends_on: Option<Day>,
    by_asset: bool,
    by_ticket_type: bool,
    by_price_item: bool,
    archived_at: Option<Timestamp>,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    signing_code_required: bool,
    deemed_accepted_after_days: Option<i64>,
    deemed_acceptance_clause: Option<String>,
}

/// What an agreement is restricted to. A list that is left out, or empty, restricts nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Covers {
    /// Only these devices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 5000)]
    pub asset_ids: Vec<AssetId>,
    /// Only these kinds of tickets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 500)]
    pub ticket_type_ids: Vec<TicketTypeId>,
    /// Only these works and materials.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 5000)]
    pub price_item_ids: Vec<PriceItemId>,
}

/// An agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Agreement {
    /// Its id.
    pub id: AgreementId,
    /// Whose it is.
    pub company_id: CompanyId,
    /// Its number, as on paper.
    pub number: String,
    /// The first day.
    pub starts_on: Day,
    /// The last day, if it has one.
    pub ends_on: Option<Day>,
    /// What it is restricted to.
    pub covers: Covers,
    /// Whether whoever signs an act by a link must type a code that was sent to their e-mail.
    pub signing_code_required: bool,
    /// After how many working days without a word the client is taken to have accepted an act that rests on it.
    pub deemed_accepted_after_days: Option<i64>,
    /// The clause that says so.
    pub deemed_acceptance_clause: Option<String>,
    /// When it was put away.
    pub archived_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Resource for Agreement {
    fn path(&self) -> String {
        format!("/api/v1/agreements/{}", self.id)
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// An agreement to add.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAgreement {
    /// The client's own id for the record.
    #[serde(default)]
    pub id: Option<AgreementId>,
    /// Whose it is.
    pub company_id: CompanyId,
    /// Its number, as on paper; the company has no other with it.
    pub number: Line<100>,
    /// The first day.
    pub starts_on: Day,
    /// The last day, if it has one.
    #[serde(default)]
    pub ends_on: Option<Day>,
    /// What it is restricted to.
    #[serde(default)]
    pub covers: Covers,
    /// Whether whoever signs an act by a link must type a code that was sent to their e-mail.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub signing_code_required: bool,
    /// After how many working days without a word the client is taken to have accepted an act that rests on it; never, when
    /// left out.
    #[serde(default, deserialize_with = "days", skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 90)]
    pub deemed_accepted_after_days: Option<u16>,
    /// The clause that says so, as people cite it: "п. 7.4". Goes with the days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deemed_acceptance_clause: Option<Line<200>>,
}

/// Working days of silence that an agreement may take for acceptance.
const DAYS: (u16, u16) = (1, 90);

fn days<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    bounds::in_body(deserializer, DAYS)
}

fn days_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Change<u16>, D::Error> {
    Ok(days(deserializer)?.map_or(Change::Clear, Change::Set))
}

/// What may be changed about an agreement. Lines that were priced stay as they are.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditAgreement {
    /// Its number.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Line<100>, required = false)]
    pub number: Option<Line<100>>,
    /// The first day.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Day, required = false)]
    pub starts_on: Option<Day>,
    /// The last day.
    #[serde(default)]
    #[schema(value_type = Option<Day>)]
    pub ends_on: Change<Day>,
    /// All it is restricted to from now on.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Covers, required = false)]
    pub covers: Option<Covers>,
    /// Whether whoever signs an act by a link must type a code that was sent to their e-mail. Counts at once, for links
    /// that were made before too.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = bool, required = false)]
    pub signing_code_required: Option<bool>,
    /// After how many working days without a word an act is taken for accepted. Acts that were issued keep what they say.
    #[serde(default, deserialize_with = "days_or_none")]
    #[schema(value_type = Option<u16>, minimum = 1, maximum = 90)]
    pub deemed_accepted_after_days: Change<u16>,
    /// The clause that says so.
    #[serde(default)]
    #[schema(value_type = Option<Line<200>>)]
    pub deemed_acceptance_clause: Change<Line<200>>,
    /// Whether it is put away.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = bool, required = false)]
    pub archived: Option<bool>,
}

list_query! {
    /// Which agreements.
    pub struct AgreementFilter {
        /// Of this company.
        company_id: CompanyId,
        /// Those put away, too.
        archived: crate::http::query::Flag,
    }
}

/// One agreement.
///
/// # Errors
/// `not_found`
pub fn find(conn: &mut DbConnection, _: &Actor, id: AgreementId) -> Result<Agreement, Error> {
    let row = row(conn, id)?;
    Ok(view(conn, vec![row])?.remove(0))
}

fn row(conn: &mut DbConnection, id: AgreementId) -> Result<Row, Error> {
    agreements::table
        .find(id)
        .select(Row::as_select())
        .get_result(conn)
        .optional()?
        .ok_or_else(|| Code::NotFound.into())
}

/// Those of some agreements that are there.
///
/// # Errors
/// The database's.
pub fn some(conn: &mut DbConnection, ids: &[AgreementId]) -> Result<Vec<Agreement>, Error> {
    let rows = agreements::table.filter(agreements::id.among(ids.to_vec())).select(Row::as_select()).load(conn)?;
    view(conn, rows)
}

/// A page of agreements, newest first.
///
/// # Errors
/// `invalid_cursor`
pub fn list(conn: &mut DbConnection, _: &Actor, filter: &AgreementFilter) -> Result<Page<Agreement>, Error> {
    let page = filter.page();
    let mut query = agreements::table.select(Row::as_select()).into_boxed::<MultiBackend>();
    if let Some(company) = filter.company_id {
        query = query.filter(agreements::company_id.eq(company));
    }
    if !filter.archived.is_some_and(|flag| flag.0) {
        query = query.filter(agreements::archived_at.is_null());
    }
    let rows = newest_first!(query, agreements, page).load(conn)?;
    let Page { data, next_cursor } = page.cut(rows, |row: &Row| (row.created_at, row.id));
    Ok(Page { data: view(conn, data)?, next_cursor })
}

fn view(conn: &mut DbConnection, rows: Vec<Row>) -> Result<Vec<Agreement>, Error> {
    let ids: Vec<AgreementId> = rows.iter().map(|row| row.id).collect();
    let targets: Vec<(AgreementId, CoverKind, AnyId)> = agreement_covers::table
        .filter(agreement_covers::agreement_id.among(&ids))
        .order((agreement_covers::kind, agreement_covers::target_id))
        .select((agreement_covers::agreement_id, agreement_covers::kind, agreement_covers::target_id))
        .load(conn)?;
    let view = |row: Row| {
        let mut covers = Covers::default();
        for (_, kind, target) in targets.iter().filter(|(of, _, _)| *of == row.id) {
            match kind {
                CoverKind::Asset => covers.asset_ids.push(target.uuid().into()),
                CoverKind::TicketType => covers.ticket_type_ids.push(target.uuid().into()),
                CoverKind::PriceItem => covers.price_item_ids.push(target.uuid().into()),
            }
        }
        Agreement {
            id: row.id,
            company_id: row.company_id,
            number: row.number,
            starts_on: row.starts_on,
            ends_on: row.ends_on,
            covers,
            signing_code_required: row.signing_code_required,
            deemed_accepted_after_days: row.deemed_accepted_after_days,
            deemed_acceptance_clause: row.deemed_acceptance_clause,
            archived_at: row.archived_at,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    };
    Ok(rows.into_iter().map(view).collect())
}

/// Adds an agreement.
///
/// # Errors
/// `duplicate` when the company has one with that number; `validation_failed` when it names what is not there.
pub fn create(conn: &mut DbConnection, actor: &Actor, new: &NewAgreement) -> Result<Made<Agreement>, Error> {
    let insert = |conn: &mut DbConnection, id| {
        company::must_be_usable(conn, new.company_id, "/company_id")?;
        let row = Row {
            id,
            company_id: new.company_id,
            number: new.number.to_string(),
            starts_on: new.starts_on,
            ends_on: new.ends_on,
            by_asset: !new.covers.asset_ids.is_empty(),
            by_ticket_type: !new.covers.ticket_type_ids.is_empty(),
            by_price_item: !new.covers.price_item_ids.is_empty(),
            archived_at: None,
            version: 1,
            created_at: actor.now(),
            updated_at: actor.now(),
            signing_code_required: new.signing_code_required,
            deemed_accepted_after_days: new.deemed_accepted_after_days.map(i64::from),
            deemed_acceptance_clause: optional(new.deemed_acceptance_clause.as_ref()),
        };
        days_fit(&row)?;
        let inserted = diesel::insert_into(agreements::table).values(&row).execute(conn);
        inserted.map_err(|error| Error::from(error).on_taken("agreements_company_id_number_key", taken))?;
        set_covers(conn, &row, &new.covers)?;
        company::surroundings_changed(conn, new.company_id)?;
        let agreement = find(conn, actor, id)?;
        let event = Event::of("agreement.added", "agreement", id.uuid()).company(new.company_id).after(&agreement);
        history::record(conn, actor, event)?;
        Ok(agreement)
    };
    made_once(conn, actor, "agreement", new.id, new, insert, |conn, id| find(conn, actor, id))
}

/// Changes an agreement.
///
/// # Errors
/// `not_found`, `etag_mismatch`, and those of [`create`].
pub fn edit(
    conn: &mut DbConnection,
    actor: &Actor,
    id: AgreementId,
    change: &EditAgreement,
    expected: Option<&IfMatch>,
) -> Result<Agreement, Error> {
    let before = row(conn, id)?;
    must_match(expected, before.version)?;
    let before_view = find(conn, actor, id)?;
    let mut after = Row {
        number: change.number.as_ref().map_or(before.number.clone(), ToString::to_string),
        starts_on: change.starts_on.unwrap_or(before.starts_on),
        ends_on: change.ends_on.clone().or(before.ends_on),
        archived_at: archived(change.archived, before.archived_at, actor.now()),
        signing_code_required: change.signing_code_required.unwrap_or(before.signing_code_required),
        version: before.version + 1,
        updated_at: actor.now(),
        deemed_accepted_after_days: change.deemed_accepted_after_days.clone().or(before.deemed_accepted_after_days),
        deemed_acceptance_clause: change.deemed_acceptance_clause.clone().or(before.deemed_acceptance_clause.clone()),
        ..before.clone()
    };
    days_fit(&after)?;
    if let Some(covers) = &change.covers {
        after.by_asset = !covers.asset_ids.is_empty();
        after.by_ticket_type = !covers.ticket_type_ids.is_empty();
        after.by_price_item = !covers.price_item_ids.is_empty();
        diesel::delete(agreement_covers::table.filter(agreement_covers::agreement_id.eq(id))).execute(conn)?;
        set_covers(conn, &after, covers)?;
    }
    save!(conn, agreements, before, &after)
        .map_err(|error| error.on_taken("agreements_company_id_number_key", taken))?;
    company::surroundings_changed(conn, after.company_id)?;
    let after = find(conn, actor, id)?;
    let event =
        Event::of("agreement.changed", "agreement", id.uuid()).company(after.company_id).changed(&before_view, &after);
    history::record(conn, actor, event)?;
    Ok(after)
}

fn taken() -> Error {
    Refusal::from(Code::Duplicate).at("/number", Flaw::Taken).into()
}

fn days_fit(row: &Row) -> Result<(), Error> {
    if row.ends_on.is_some_and(|last| last < row.starts_on) {
        return Err(Error::field("/ends_on", Flaw::EndsBeforeStart));
    }
    // Paper must say by which clause silence is acceptance.
    match (row.deemed_accepted_after_days, &row.deemed_acceptance_clause) {
        (Some(_), None) => Err(Error::field("/deemed_acceptance_clause", Flaw::Required)),
        (None, Some(_)) => Err(Error::field("/deemed_accepted_after_days", Flaw::Required)),
        _ => Ok(()),
    }
}

#[derive(Insertable)]
#[diesel(table_name = agreement_covers, treat_none_as_default_value = false)]
struct Cover {
    agreement_id: AgreementId,
    kind: CoverKind,
    target_id: AnyId,
}

fn set_covers(conn: &mut DbConnection, row: &Row, covers: &Covers) -> Result<(), Error> {
    for (name, named, most) in [
        ("asset_ids", covers.asset_ids.len(), 5_000),
        ("ticket_type_ids", covers.ticket_type_ids.len(), 500),
        ("price_item_ids", covers.price_item_ids.len(), 5_000),
    ] {
        if named > most {
            return Err(Error::field_with(format!("/covers/{name}"), Flaw::TooMany, [("max", most.to_string())]));
        }
    }
    let own_assets: Vec<AssetId> = assets::table
        .filter(assets::company_id.eq(row.company_id))
        .filter(assets::id.among(&covers.asset_ids))
        .select(assets::id)
        .load(conn)?;
    let types: Vec<TicketTypeId> = ticket_types::table
        .filter(ticket_types::id.among(&covers.ticket_type_ids))
        .select(ticket_types::id)
        .load(conn)?;
    let items: Vec<PriceItemId> =
        price_items::table.filter(price_items::id.among(&covers.price_item_ids)).select(price_items::id).load(conn)?;
    let mut rows = Vec::new();
    let mut cover = |kind: CoverKind, name: &str, wanted: Vec<AnyId>, found: Vec<AnyId>| {
        for (index, target) in wanted.iter().enumerate() {
            if !found.contains(target) {
                return Err(Error::field(format!("/covers/{name}/{index}"), Flaw::UnknownReference));
            }
            if !wanted.iter().take(index).any(|earlier| earlier == target) {
                rows.push(Cover { agreement_id: row.id, kind, target_id: *target });
            }
        }
        Ok(())
    };
    cover(CoverKind::Asset, "asset_ids", any(&covers.asset_ids), any(&own_assets))?;
    cover(CoverKind::TicketType, "ticket_type_ids", any(&covers.ticket_type_ids), any(&types))?;
    cover(CoverKind::PriceItem, "price_item_ids", any(&covers.price_item_ids), any(&items))?;
    insert_all!(conn, agreement_covers::table, rows)?;
    Ok(())
}

fn any<Id: Copy + Into<uuid::Uuid>>(ids: &[Id]) -> Vec<AnyId> {
    ids.iter().map(|id| AnyId::from((*id).into())).collect()
}
