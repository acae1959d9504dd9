//! Price lists: what works and materials cost. Lines that were made from an item keep its price of then.

pub mod routes;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::auth::Actor;
use crate::companies::company::archived;
use crate::db::page::Page;
use crate::db::records::{newest_first, save, search};
use crate::db::schema::{price_items, price_lists};
use crate::db::types::{Day, Timestamp, id, text_enum};
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error, Flaw, Refusal};
use crate::history::{self, Event};
use crate::http::idempotency::made_once;
use crate::http::query::list_query;
use crate::http::resource::{IfMatch, must_match};
use crate::http::{Change, Made, Resource};
use crate::money::{Currency, Price};
use crate::words::search::fold;
use crate::words::text::Line;

id! {
    /// A price list.
    PriceListId,
    /// A line of a price list.
    PriceItemId,
}

text_enum! {
    /// What is sold.
    ItemKind {
        /// Somebody's time and skill.
        Work = "work",
        /// A thing.
        Material = "material",
    }
}

/// A price list.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, AsChangeset, utoipa::ToSchema)]
#[diesel(table_name = price_lists, check_for_backend(MultiBackend), treat_none_as_null = true)]
pub struct PriceList {
    /// Its id.
    pub id: PriceListId,
    /// What it is called.
    pub name: String,
    /// The currency of its prices.
    pub currency: Currency,
    /// The first day it holds, if it has one.
    pub valid_from: Option<Day>,
    /// The last day it holds, if it has one.
    pub valid_to: Option<Day>,
    /// When it was put away.
    pub archived_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl PriceList {
    /// Whether its prices hold on that day.
    pub fn holds_on(&self, day: Day) -> bool {
        self.archived_at.is_none()
            && self.valid_from.is_none_or(|from| from <= day)
            && self.valid_to.is_none_or(|to| day <= to)
    }
}

impl Resource for PriceList {
    fn path(&self) -> String {
        format!("/api/v1/price-lists/{}", self.id)
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// A line of a price list.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, AsChangeset, utoipa::ToSchema)]
#[diesel(table_name = price_items, check_for_backend(MultiBackend), treat_none_as_null = true)]
pub struct PriceItem {
    /// Its id.
    pub id: PriceItemId,
    /// The list it stands in.
    pub price_list_id: PriceListId,
    /// Its code, once in a list.
    pub code: String,
    /// What it is.
    pub name: String,
    /// Work or material.
    pub kind: ItemKind,
    /// "шт", "ч"
    pub unit: String,
    /// What one unit costs.
    pub price: Price,
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

impl Resource for PriceItem {
    fn path(&self) -> String {
        format!("/api/v1/price-items/{}", self.id)
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// A price list to make.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPriceList {
    /// The client's own id for the record.
    #[serde(default)]
    pub id: Option<PriceListId>,
    /// What it is called.
    pub name: Line<200>,
    /// The currency of its prices.
    pub currency: Currency,
    /// The first day it holds.
    #[serde(default)]
    pub valid_from: Option<Day>,
    /// The last day it holds.
    #[serde(default)]
    pub valid_to: Option<Day>,
}

/// What may be changed about a price list. Absent stays, null empties.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditPriceList {
    /// What it is called.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Line<200>, required = false)]
    pub name: Option<Line<200>>,
    /// The first day it holds.
    #[serde(default)]
    #[schema(value_type = Option<Day>)]
    pub valid_from: Change<Day>,
    /// The last day it holds.
    #[serde(default)]
    #[schema(value_type = Option<Day>)]
    pub valid_to: Change<Day>,
    /// Whether it is put away.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = bool, required = false)]
    pub archived: Option<bool>,
}

/// A line to add to a price list.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPriceItem {
    /// The client's own id for the record.
    #[serde(default)]
    pub id: Option<PriceItemId>,
    /// Its code, once in a list.
    pub code: Line<50>,
    /// What it is.
    pub name: Line<300>,
    /// Work or material.
    pub kind: ItemKind,
    /// "шт", "ч"
    pub unit: Line<20>,
    /// What one unit costs.
    pub price: Price,
}

/// What may be changed about a line of a price list. Tickets, acts and invoices keep the price of then.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditPriceItem {
    /// Its code.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Line<50>, required = false)]
    pub code: Option<Line<50>>,
    /// What it is.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Line<300>, required = false)]
    pub name: Option<Line<300>>,
    /// Work or material.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = ItemKind, required = false)]
    pub kind: Option<ItemKind>,
    /// "шт", "ч"
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Line<20>, required = false)]
    pub unit: Option<Line<20>>,
    /// What one unit costs from now on.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Price, required = false)]
    pub price: Option<Price>,
    /// Whether it is put away.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = bool, required = false)]
    pub archived: Option<bool>,
}

list_query! {
    /// Which price lists.
    pub struct PriceListFilter {
        /// Those put away, too.
        archived: crate::http::query::Flag,
    }
}

list_query! {
    /// Which lines of a price list.
    pub struct PriceItemFilter {
        /// Words in its code or name.
        q: Line<200>,
        /// Work or material.
        kind: ItemKind,
        /// Those put away, too.
        archived: crate::http::query::Flag,
    }
}

/// One price list.
///
/// # Errors
/// `not_found`
pub fn find(conn: &mut DbConnection, _: &Actor, id: PriceListId) -> Result<PriceList, Error> {
    let list = price_lists::table.find(id).select(PriceList::as_select()).get_result(conn).optional()?;
    list.ok_or_else(|| Code::NotFound.into())
}

/// One line of a price list.
///
/// # Errors
/// `not_found`
pub fn find_item(conn: &mut DbConnection, _: &Actor, id: PriceItemId) -> Result<PriceItem, Error> {
    let item = price_items::table.find(id).select(PriceItem::as_select()).get_result(conn).optional()?;
    item.ok_or_else(|| Code::NotFound.into())
}

/// A page of price lists, newest first.
///
/// # Errors
/// `invalid_cursor`
pub fn list(conn: &mut DbConnection, _: &Actor, filter: &PriceListFilter) -> Result<Page<PriceList>, Error> {
    let page = filter.page();
    let mut query = price_lists::table.select(PriceList::as_select()).into_boxed::<MultiBackend>();
    if !filter.archived.is_some_and(|flag| flag.0) {
        query = query.filter(price_lists::archived_at.is_null());
    }
    let rows = newest_first!(query, price_lists, page).load(conn)?;
    Ok(page.cut(rows, |list: &PriceList| (list.created_at, list.id)))
}

/// A page of a price list's lines, newest first.
///
/// # Errors
/// `not_found`, `invalid_cursor`
pub fn list_items(
    conn: &mut DbConnection,
    actor: &Actor,
    id: PriceListId,
    filter: &PriceItemFilter,
) -> Result<Page<PriceItem>, Error> {
    find(conn, actor, id)?;
    let page = filter.page().within(id);
    let mut query = price_items::table.select(PriceItem::as_select()).into_boxed::<MultiBackend>();
    query = query.filter(price_items::price_list_id.eq(id));
    if let Some(kind) = filter.kind {
        query = query.filter(price_items::kind.eq(kind));
    }
    if !filter.archived.is_some_and(|flag| flag.0) {
        query = query.filter(price_items::archived_at.is_null());
    }
    query = search!(query, price_items, filter.q.as_deref());
    let rows = newest_first!(query, price_items, page).load(conn)?;
    Ok(page.cut(rows, |item: &PriceItem| (item.created_at, item.id)))
}

/// Makes a price list.
///
/// # Errors
/// `validation_failed` when it ends before it begins.
pub fn create(conn: &mut DbConnection, actor: &Actor, new: &NewPriceList) -> Result<Made<PriceList>, Error> {
    let insert = |conn: &mut DbConnection, id| {
        let list = PriceList {
            id,
            name: new.name.to_string(),
            currency: new.currency,
            valid_from: new.valid_from,
            valid_to: new.valid_to,
            archived_at: None,
            version: 1,
            created_at: actor.now(),
            updated_at: actor.now(),
        };
        days_fit(&list)?;
        diesel::insert_into(price_lists::table).values(&list).execute(conn)?;
        history::record(conn, actor, Event::of("price_list.made", "price_list", id.uuid()).after(&list))?;
        Ok(list)
    };
    made_once(conn, actor, "price_list", new.id, new, insert, |conn, id| find(conn, actor, id))
}

fn days_fit(list: &PriceList) -> Result<(), Error> {
    match (list.valid_from, list.valid_to) {
        (Some(from), Some(to)) if to < from => Err(Error::field("/valid_to", Flaw::EndsBeforeStart)),
        _ => Ok(()),
    }
}

/// Changes a price list.
///
/// # Errors
/// `not_found`, `etag_mismatch`
pub fn edit(
    conn: &mut DbConnection,
    actor: &Actor,
    id: PriceListId,
    change: &EditPriceList,
    expected: Option<&IfMatch>,
) -> Result<PriceList, Error> {
    let before = find(conn, actor, id)?;
    must_match(expected, before.version)?;
    let after = PriceList {
        name: change.name.as_ref().map_or(before.name.clone(), ToString::to_string),
        valid_from: change.valid_from.clone().or(before.valid_from),
        valid_to: change.valid_to.clone().or(before.valid_to),
        archived_at: archived(change.archived, before.archived_at, actor.now()),
        version: before.version + 1,
        updated_at: actor.now(),
        ..before.clone()
    };
    days_fit(&after)?;
    save!(conn, price_lists, before, &after)?;
    history::record(conn, actor, Event::of("price_list.changed", "price_list", id.uuid()).changed(&before, &after))?;
    Ok(after)
}

/// Adds a line to a price list.
///
/// # Errors
/// `not_found`; `duplicate` when the list has that code.
pub fn add_item(
    conn: &mut DbConnection,
    actor: &Actor,
    list: PriceListId,
    new: &NewPriceItem,
) -> Result<Made<PriceItem>, Error> {
    find(conn, actor, list)?;
    let insert = |conn: &mut DbConnection, id| {
        let item = PriceItem {
            id,
            price_list_id: list,
            code: new.code.to_string(),
            name: new.name.to_string(),
            kind: new.kind,
            unit: new.unit.to_string(),
            price: new.price,
            search_text: fold([&*new.code, &*new.name]),
            archived_at: None,
            version: 1,
            created_at: actor.now(),
            updated_at: actor.now(),
        };
        let inserted = diesel::insert_into(price_items::table).values(&item).execute(conn);
        inserted.map_err(|error| Error::from(error).on_taken("price_items_price_list_id_code_key", code_taken))?;
        history::record(conn, actor, Event::of("price_item.added", "price_item", id.uuid()).after(&item))?;
        Ok(item)
    };
    made_once(conn, actor, "price_item", new.id, &(list, new), insert, |conn, id| find_item(conn, actor, id))
}

/// Changes a line of a price list.
///
/// # Errors
/// `not_found`, `duplicate`, `etag_mismatch`
pub fn edit_item(
    conn: &mut DbConnection,
    actor: &Actor,
    id: PriceItemId,
    change: &EditPriceItem,
    expected: Option<&IfMatch>,
) -> Result<PriceItem, Error> {
    let before = find_item(conn, actor, id)?;
    must_match(expected, before.version)?;
    let mut after = PriceItem {
        code: change.code.as_ref().map_or(before.code.clone(), ToString::to_string),
        name: change.name.as_ref().map_or(before.name.clone(), ToString::to_string),
        kind: change.kind.unwrap_or(before.kind),
        unit: change.unit.as_ref().map_or(before.unit.clone(), ToString::to_string),
        price: change.price.unwrap_or(before.price),
        archived_at: archived(change.archived, before.archived_at, actor.now()),
        version: before.version + 1,
        updated_at: actor.now(),
        ..before.clone()
    };
    after.search_text = fold([after.code.as_str(), after.name.as_str()]);
    save!(conn, price_items, before, &after)
        .map_err(|error| error.on_taken("price_items_price_list_id_code_key", code_taken))?;
    history::record(conn, actor, Event::of("price_item.changed", "price_item", id.uuid()).changed(&before, &after))?;
    Ok(after)
}

fn code_taken() -> Error {
    Refusal::from(Code::Duplicate).at("/code", Flaw::Taken).into()
}
