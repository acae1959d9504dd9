//! Printers that labels come out of: how finely they print, and how far they are off.

pub mod calibrate;
pub mod routes;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::bounds::in_body;
use super::media::MediaKind;
use crate::auth::Actor;
use crate::companies::company::archived;
use crate::db::page::Page;
use crate::db::records::{newest_first, save};
use crate::db::schema::printers;
use crate::db::types::{Timestamp, id};
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error, Flaw, Refusal};
use crate::history::{self, Event};
use crate::http::idempotency::made_once;
use crate::http::query::list_query;
use crate::http::resource::{IfMatch, must_match};
use crate::http::{Made, Resource};
use crate::words::text::Line;

id! {
    /// A printer.
    PrinterId,
}

/// A printer.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, AsChangeset, utoipa::ToSchema)]
#[diesel(table_name = printers, check_for_backend(MultiBackend), treat_none_as_null = true)]
pub struct Printer {
    /// Its id.
    pub id: PrinterId,
    /// What everybody calls it.
    pub name: String,
    /// What it is fed with.
    pub kind: MediaKind,
    /// Dots an inch.
    pub dpi: i64,
    /// By how much everything is moved to the right, in tenths of a millimetre.
    pub offset_x: i64,
    /// By how much everything is moved down, in tenths of a millimetre.
    pub offset_y: i64,
    /// When it was put away.
    pub archived_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Printer {
    /// Dots an inch.
    pub fn dots(&self) -> u16 {
        u16::try_from(self.dpi).unwrap_or(super::USUAL_DPI)
    }

    /// By how much everything is moved, in millimetres: right, down.
    pub fn offset_mm(&self) -> (f32, f32) {
        let mm = |tenths: i64| f32::from(i16::try_from(tenths).unwrap_or_default()) / 10.0;
        (mm(self.offset_x), mm(self.offset_y))
    }
}

impl Resource for Printer {
    fn path(&self) -> String {
        format!("/api/v1/printers/{}", self.id)
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// A printer to add.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPrinter {
    /// The client's own id for the record.
    #[serde(default)]
    pub id: Option<PrinterId>,
    /// What everybody calls it; no other printer is.
    pub name: Line<200>,
    /// What it is fed with.
    pub kind: MediaKind,
    /// Dots an inch; left out, 300 for sheets and 203 for rolls.
    #[serde(default, deserialize_with = "super::bounds::dpi")]
    #[schema(minimum = 100, maximum = 600)]
    pub dpi: Option<u16>,
    /// By how much everything is moved to the right, in tenths of a millimetre; on a roll by ten at the most.
    #[serde(default, deserialize_with = "tenths")]
    #[schema(minimum = -200, maximum = 200)]
    pub offset_x: Option<i64>,
    /// By how much everything is moved down, in tenths of a millimetre; on a roll by ten at the most.
    #[serde(default, deserialize_with = "tenths")]
    #[schema(minimum = -200, maximum = 200)]
    pub offset_y: Option<i64>,
}

/// What may be changed about a printer.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditPrinter {
    /// What everybody calls it.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Line<200>, required = false)]
    pub name: Option<Line<200>>,
    /// Dots an inch.
    #[serde(default, deserialize_with = "super::bounds::dpi")]
    #[schema(minimum = 100, maximum = 600)]
    pub dpi: Option<u16>,
    /// By how much everything is moved to the right, in tenths of a millimetre; on a roll by ten at the most.
    #[serde(default, deserialize_with = "tenths")]
    #[schema(minimum = -200, maximum = 200)]
    pub offset_x: Option<i64>,
    /// By how much everything is moved down, in tenths of a millimetre; on a roll by ten at the most.
    #[serde(default, deserialize_with = "tenths")]
    #[schema(minimum = -200, maximum = 200)]
    pub offset_y: Option<i64>,
    /// Whether it is put away.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = bool, required = false)]
    pub archived: Option<bool>,
}

fn tenths<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    in_body(deserializer, (-200, 200))
}

/// Refuses an offset that no label of this kind can be moved by.
fn must_be_near(kind: MediaKind, offset: Option<i64>, pointer: &str) -> Result<(), Error> {
    let most = i64::from(kind.most_moved());
    if offset.is_none_or(|offset| (-most..=most).contains(&offset)) {
        return Ok(());
    }
    Err(Error::field_with(pointer, Flaw::OutOfRange, [("min", (-most).to_string()), ("max", most.to_string())]))
}

list_query! {
    /// Which printers.
    pub struct PrinterFilter {
        /// Those put away, too.
        archived: crate::http::query::Flag,
    }
}

/// One printer.
///
/// # Errors
/// `not_found`
pub fn find(conn: &mut DbConnection, id: PrinterId) -> Result<Printer, Error> {
    load(conn, id)?.ok_or_else(|| Code::NotFound.into())
}

/// One printer, if it is there.
///
/// # Errors
/// The database's.
pub fn load(conn: &mut DbConnection, id: PrinterId) -> Result<Option<Printer>, Error> {
    Ok(printers::table.find(id).select(Printer::as_select()).get_result(conn).optional()?)
}

/// A page of printers, newest first.
///
/// # Errors
/// `invalid_cursor`
pub fn list(conn: &mut DbConnection, filter: &PrinterFilter) -> Result<Page<Printer>, Error> {
    let page = filter.page();
    let mut query = printers::table.select(Printer::as_select()).into_boxed::<MultiBackend>();
    if !filter.archived.is_some_and(|flag| flag.0) {
        query = query.filter(printers::archived_at.is_null());
    }
    let rows = newest_first!(query, printers, page).load(conn)?;
    Ok(page.cut(rows, |printer: &Printer| (printer.created_at, printer.id)))
}

/// Adds a printer.
///
/// # Errors
/// `duplicate` when the name is taken; `validation_failed` for an offset that no label can be moved by.
pub fn create(conn: &mut DbConnection, actor: &Actor, new: &NewPrinter) -> Result<Made<Printer>, Error> {
    must_be_near(new.kind, new.offset_x, "/offset_x")?;
    must_be_near(new.kind, new.offset_y, "/offset_y")?;
    let insert = |conn: &mut DbConnection, id| {
        let usual = if new.kind == MediaKind::Sheet { 300 } else { super::USUAL_DPI };
        let printer = Printer {
            id,
            name: new.name.to_string(),
            kind: new.kind,
            dpi: new.dpi.unwrap_or(usual).into(),
            offset_x: new.offset_x.unwrap_or_default(),
            offset_y: new.offset_y.unwrap_or_default(),
            archived_at: None,
            version: 1,
            created_at: actor.now(),
            updated_at: actor.now(),
        };
        let inserted = diesel::insert_into(printers::table).values(&printer).execute(conn);
        inserted.map_err(|error| Error::from(error).on_taken("printers_name_key", taken))?;
        history::record(conn, actor, Event::of("printer.added", "printer", id.uuid()).after(&printer))?;
        Ok(printer)
    };
    made_once(conn, actor, "printer", new.id, new, insert, find)
}

/// Changes a printer.
///
/// # Errors
/// `not_found`, `duplicate`, `etag_mismatch`; `validation_failed` for an offset that no label can be moved by.
pub fn edit(
    conn: &mut DbConnection,
    actor: &Actor,
    id: PrinterId,
    change: &EditPrinter,
    expected: Option<&IfMatch>,
) -> Result<Printer, Error> {
    let before = find(conn, id)?;
    must_match(expected, before.version)?;
    must_be_near(before.kind, change.offset_x, "/offset_x")?;
    must_be_near(before.kind, change.offset_y, "/offset_y")?;
    let after = Printer {
        name: change.name.as_ref().map_or(before.name.clone(), ToString::to_string),
        dpi: change.dpi.map_or(before.dpi, i64::from),
        offset_x: change.offset_x.unwrap_or(before.offset_x),
        offset_y: change.offset_y.unwrap_or(before.offset_y),
        archived_at: archived(change.archived, before.archived_at, actor.now()),
        ..before.clone()
    };
    keep(conn, actor, &before, after)
}

/// Writes the new state of a printer down.
fn keep(conn: &mut DbConnection, actor: &Actor, before: &Printer, after: Printer) -> Result<Printer, Error> {
    let after = Printer { version: before.version + 1, updated_at: actor.now(), ..after };
    save!(conn, printers, before, &after).map_err(|error| error.on_taken("printers_name_key", taken))?;
    let event = Event::of("printer.changed", "printer", after.id.uuid()).changed(before, &after);
    history::record(conn, actor, event)?;
    Ok(after)
}

fn taken() -> Error {
    Refusal::from(Code::Duplicate).at("/name", Flaw::Taken).into()
}
