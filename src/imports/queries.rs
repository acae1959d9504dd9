//! Every query on imports, and what rows are looked up against.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};

use super::assets::NumberRow;
use super::report::ImportRow;
use super::view::{ImportRowView, ImportView};
use super::{Import, ImportFilter, ImportId, ImportKind, RowFilter, RowOutcome};
use crate::assets::AssetId;
use crate::auth::Actor;
use crate::companies::CompanyId;
use crate::companies::company::Company;
use crate::companies::contact::Contact;
use crate::companies::site::Site;
use crate::db::among::Among;
use crate::db::dialect::{self, insert_all};
use crate::db::page::Page;
use crate::db::records::newest_first;
use crate::db::schema::{assets, companies, contacts, import_rows, imports, sites};
use crate::db::types::Timestamp;
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error};

/// Values that one statement asks with.
const AT_ONCE: usize = 500;

/// One import as it is kept.
///
/// # Errors
/// `not_found`
pub fn find_row(conn: &mut DbConnection, id: ImportId) -> Result<Import, Error> {
    let import: Option<Import> = imports::table.find(id).select(Import::as_select()).get_result(conn).optional()?;
    import.ok_or_else(|| Code::NotFound.into())
}

/// One import.
///
/// # Errors
/// `not_found`
pub fn find(conn: &mut DbConnection, actor: &Actor, id: ImportId) -> Result<ImportView, Error> {
    Ok(ImportView::new(find_row(conn, id)?, actor.language()))
}

/// A page of imports, newest first.
///
/// # Errors
/// `invalid_cursor`
pub fn list(conn: &mut DbConnection, actor: &Actor, filter: &ImportFilter) -> Result<Page<ImportView>, Error> {
    let page = filter.page();
    let mut query = imports::table.select(Import::as_select()).into_boxed::<MultiBackend>();
    if let Some(kind) = filter.kind {
        query = query.filter(imports::kind.eq(kind));
    }
    if let Some(state) = filter.state {
        query = query.filter(imports::state.eq(state));
    }
    let rows = newest_first!(query, imports, page).load(conn)?;
    let page = page.cut(rows, |import: &Import| (import.created_at, import.id));
    Ok(page.map(|import| ImportView::new(import, actor.language())))
}

/// A page of the rows of an import, in the order of the file.
///
/// # Errors
/// `not_found`, `invalid_cursor`
pub fn rows(
    conn: &mut DbConnection,
    actor: &Actor,
    id: ImportId,
    filter: &RowFilter,
) -> Result<Page<ImportRowView>, Error> {
    find_row(conn, id)?;
    let page = filter.page().within(id);
    let mut query = import_rows::table.select(ImportRow::as_select()).into_boxed::<MultiBackend>();
    query = query.filter(import_rows::import_id.eq(id));
    if let Some(outcome) = filter.outcome {
        query = query.filter(import_rows::outcome.eq(outcome));
    }
    if let Some(number) = page.after::<i64>()? {
        query = query.filter(import_rows::number.gt(number));
    }
    let rows = query.order(import_rows::number).limit(page.rows()).load(conn)?;
    let page = page.cut(rows, |row: &ImportRow| row.number);
    Ok(page.map(|row| ImportRowView::new(&row, actor.language())))
}

/// Keeps what becomes of the rows, in place of what was kept before.
///
/// # Errors
/// The database's.
pub fn keep_rows(conn: &mut DbConnection, id: ImportId, rows: &[ImportRow]) -> Result<(), Error> {
    diesel::delete(import_rows::table.filter(import_rows::import_id.eq(id))).execute(conn)?;
    insert_all!(conn, import_rows::table, rows)?;
    Ok(())
}

/// All companies.
///
/// # Errors
/// The database's.
pub fn companies(conn: &mut DbConnection) -> Result<Vec<Company>, Error> {
    Ok(companies::table.select(Company::as_select()).load(conn)?)
}

/// The sites of companies.
///
/// # Errors
/// The database's.
pub fn sites(conn: &mut DbConnection, of: &[CompanyId]) -> Result<Vec<Site>, Error> {
    let mut found = Vec::new();
    for some in of.chunks(AT_ONCE) {
        let rows: Vec<Site> =
            sites::table.filter(sites::company_id.among(some)).select(Site::as_select()).load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// The contacts of companies.
///
/// # Errors
/// The database's.
pub fn contacts(conn: &mut DbConnection, of: &[CompanyId]) -> Result<Vec<Contact>, Error> {
    let mut found = Vec::new();
    for some in of.chunks(AT_ONCE) {
        let rows: Vec<Contact> =
            contacts::table.filter(contacts::company_id.among(some)).select(Contact::as_select()).load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// The numbers of the devices of companies.
///
/// # Errors
/// The database's.
pub fn numbers(conn: &mut DbConnection, of: &[CompanyId]) -> Result<Vec<NumberRow>, Error> {
    type Numbers = (Option<String>, Option<String>, Option<String>);
    type Row = (AssetId, CompanyId, Option<AssetId>, Numbers, Option<Timestamp>, i64);
    let mut found = Vec::new();
    for some in of.chunks(AT_ONCE) {
        let rows: Vec<Row> = assets::table
            .filter(assets::company_id.among(some))
            .select((
                assets::id,
                assets::company_id,
                assets::parent_id,
                (assets::inventory_number, assets::external_number, assets::serial_number),
                assets::archived_at,
                assets::version,
            ))
            .load(conn)?;
        let row = |(id, company_id, parent_id, (inventory, external, serial), archived_at, version): Row| NumberRow {
            id,
            company_id,
            parent_id,
            numbers: [inventory, external, serial],
            archived: archived_at.is_some(),
            version,
        };
        found.extend(rows.into_iter().map(row));
    }
    Ok(found)
}

/// The versions of all that rows of a kind are looked up against, together: of all companies, and of what belongs to those
/// that the table names. The database adds them up: they are read while everybody's writes wait.
///
/// # Errors
/// The database's.
pub fn versions(conn: &mut DbConnection, kind: ImportKind, of: Option<&[CompanyId]>) -> Result<i64, Error> {
    macro_rules! sum {
        ($table:ident, $rows:expr) => {{
            let sum = sql::<Nullable<BigInt>>(concat!("CAST(SUM(", stringify!($table), ".version) AS BIGINT)"));
            $rows.select(sum).get_result::<Option<i64>>(conn)?.unwrap_or_default()
        }};
        ($table:ident of $some:expr) => {
            sum!($table, $table::table.filter($table::company_id.among($some)))
        };
    }
    let mut all = sum!(companies, companies::table);
    for some in of.unwrap_or_default().chunks(AT_ONCE) {
        all += sum!(sites of some);
        all += match kind {
            ImportKind::Contacts => sum!(contacts of some),
            ImportKind::Assets => sum!(assets of some),
            ImportKind::Companies | ImportKind::Sites => 0,
        };
    }
    Ok(all)
}

/// Keeps others from adding anything to companies until the end of this transaction. Everybody holds them in one order.
///
/// # Errors
/// The database's.
pub fn hold(conn: &mut DbConnection, companies: &[CompanyId]) -> Result<(), Error> {
    for some in companies.chunks(AT_ONCE) {
        let rows = companies::table.filter(companies::id.among(some)).order(companies::id).select(companies::id);
        dialect::hold!(conn, rows, CompanyId)?;
    }
    Ok(())
}

/// The records that an import added, for the conditions of other queries.
#[diesel::dsl::auto_type(no_type_alias)]
pub fn added(import: ImportId) -> _ {
    let outcome: RowOutcome = RowOutcome::Add;
    import_rows::table
        .filter(import_rows::import_id.eq(import))
        .filter(import_rows::outcome.eq(outcome))
        .select(import_rows::record_id.assume_not_null())
}
