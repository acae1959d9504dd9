//! A table is looked at: what would become of each of its rows. Nothing but that is written.

use std::sync::Arc;

use actix_multipart::Multipart;
use diesel::prelude::*;

use super::columns::{is_field, recognise};
use super::file::{self, Table};
use super::plan::{self, Plan, Setting};
use super::receive::{self, Arrived};
use super::values::Places;
use super::view::ImportView;
use super::{Column, Import, ImportId, ImportKind, ImportState, Mapping, RowOutcome, queries, report};
use crate::app::App;
use crate::auth::Actor;
use crate::companies::{company, site};
use crate::db::DbConnection;
use crate::db::records::save;
use crate::db::schema::imports;
use crate::error::{Code, Error, Flaw};
use crate::history::{self, Event};
use crate::http::Call;
use crate::http::call::Answer;
use crate::http::idempotency::made_once;

/// Values of a column that are shown, and letters of each.
const SAMPLES: usize = 3;
const SAMPLE: usize = 60;

/// Takes a table, and tells what would become of its rows. It is read before the transaction, on a thread that may take
/// its time.
///
/// # Errors
/// `forbidden`, `too_large`, `table_rejected`, `validation_failed`.
pub async fn make(call: Call, form: Multipart) -> Answer {
    let Arrived { id, kind, company_id, site_id, create_missing, name, bytes, sent } = receive::read(form).await?;
    call.came_with(sent);
    may(&call.actor, kind)?;
    let file_size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let bytes = bytes::Bytes::from(bytes);
    let table = read(bytes.clone(), kind).await?;
    let file_sha256 = call.app.files.keep(bytes).await?;
    let asked = Setting { kind, company: company_id, site: site_id, create_missing };
    let columns = columns(&table, kind);
    let (setting, plan) = {
        let (actor, table, columns) = (call.actor.clone(), table.clone(), columns.clone());
        let look = move |conn: &mut DbConnection| {
            let setting = sound(conn, &actor, asked)?;
            plan::plan(conn, &actor, setting, &table, &places(kind, &columns)).map(|plan| (setting, plan))
        };
        call.app.db.report(look).await?
    };
    call.create(move |conn, actor| {
        let insert = |conn: &mut DbConnection, id: ImportId| {
            let import = Import {
                id,
                kind,
                state: ImportState::Checked,
                company_id: setting.company,
                site_id: setting.site,
                create_missing,
                file_sha256,
                file_name: name.clone(),
                file_size,
                sheet: table.sheet.clone(),
                header_row: table.header_row,
                mapping: serde_json::to_string(&columns)?,
                warnings: report::warnings(&table.warnings)?,
                to_add: plan.count(RowOutcome::Add),
                to_change: plan.count(RowOutcome::Change),
                same: plan.count(RowOutcome::Same),
                mistakes: plan.count(RowOutcome::Mistake),
                author_id: actor.id(),
                done_by: None,
                done_at: None,
                version: 1,
                created_at: actor.now(),
                updated_at: actor.now(),
            };
            diesel::insert_into(imports::table).values(&import).execute(conn)?;
            queries::keep_rows(conn, id, &report::rows(id, &table, &plan, false)?)?;
            let event = Event::of("import.checked", "import", id.uuid()).after(summary(&import));
            history::record(conn, actor, event)?;
            Ok(ImportView::new(import, actor.language()))
        };
        let request = (kind, company_id, site_id, create_missing, &name, file_sha256);
        made_once(conn, actor, "import", id, &request, insert, |conn, id| queries::find(conn, actor, id))
    })
    .await
}

/// Maps the columns anew, and looks at the table again.
///
/// # Errors
/// `not_found`, `forbidden`; `import_done`; `validation_failed` for a column or field that is not there.
pub async fn remap(call: Call, id: ImportId, mapping: Mapping) -> Answer {
    let import = call.app.db.read(move |conn| queries::find_row(conn, id)).await?;
    may(&call.actor, import.kind)?;
    must_be_open(&import)?;
    let columns = mapped(&import, &mapping)?;
    let table = stored(&call.app, &import).await?;
    let create_missing = mapping.create_missing.unwrap_or(import.create_missing);
    let plan = {
        let setting = Setting { create_missing, ..import.setting() };
        let (actor, table, columns) = (call.actor.clone(), table.clone(), columns.clone());
        let look =
            move |conn: &mut DbConnection| plan::plan(conn, &actor, setting, &table, &places(setting.kind, &columns));
        call.app.db.report(look).await?
    };
    call.edit(move |conn, actor| {
        let before = queries::find_row(conn, id)?;
        must_be_open(&before)?;
        let after = Import {
            create_missing,
            mapping: serde_json::to_string(&columns)?,
            updated_at: actor.now(),
            version: before.version + 1,
            ..before.clone().counted(&plan)
        };
        save!(conn, imports, before, &after)?;
        queries::keep_rows(conn, id, &report::rows(id, &table, &plan, false)?)?;
        let event = Event::of("import.mapped", "import", id.uuid()).after(summary(&after));
        history::record(conn, actor, event)?;
        Ok(ImportView::new(after, actor.language()))
    })
    .await
}

impl Import {
    /// What it was told besides its table.
    pub const fn setting(&self) -> Setting {
        Setting { kind: self.kind, company: self.company_id, site: self.site_id, create_missing: self.create_missing }
    }

    /// With the counts of a plan.
    #[must_use]
    pub fn counted(mut self, plan: &Plan) -> Self {
        self.to_add = plan.count(RowOutcome::Add);
        self.to_change = plan.count(RowOutcome::Change);
        self.same = plan.count(RowOutcome::Same);
        self.mistakes = plan.count(RowOutcome::Mistake);
        self
    }
}

/// Refuses those who may not add such records one by one.
///
/// # Errors
/// `forbidden`
pub fn may(actor: &Actor, kind: ImportKind) -> Result<(), Error> {
    kind.permission().map_or(Ok(()), |permission| actor.must(permission))
}

fn must_be_open(import: &Import) -> Result<(), Error> {
    if import.state == ImportState::Done { Err(Code::ImportDone.into()) } else { Ok(()) }
}

/// What an event says of an import.
pub fn summary(import: &Import) -> serde_json::Value {
    serde_json::json!({
        "kind": import.kind, "file_name": import.file_name, "file_sha256": import.file_sha256,
        "columns": import.columns().into_iter().map(|column| (column.column, column.field)).collect::<Vec<_>>(),
        "add": import.to_add, "change": import.to_change, "same": import.same, "mistake": import.mistakes,
    })
}

/// Reads a file on a thread that may take its time, a few at once: one may take a hundred megabytes.
///
/// # Errors
/// `table_rejected`
pub async fn read(bytes: bytes::Bytes, kind: ImportKind) -> Result<Arc<Table>, Error> {
    let reading = tokio::task::spawn_blocking(move || {
        let _turn = crate::files::picture::turn();
        file::read(&bytes, kind)
    });
    reading.await.map_err(Error::internal)?.map(Arc::new)
}

/// The table of an import.
///
/// # Errors
/// When its file is gone.
pub async fn stored(app: &App, import: &Import) -> Result<Arc<Table>, Error> {
    read(app.files.read(import.file_sha256).await?, import.kind).await
}

/// Company and site fit together; a site alone says whose it is.
fn sound(conn: &mut DbConnection, actor: &Actor, asked: Setting) -> Result<Setting, Error> {
    let Some(id) = asked.site else {
        if let Some(company) = asked.company {
            company::must_be_usable(conn, company, "company_id")?;
        }
        return Ok(asked);
    };
    let owner = site::load(conn, id)?.ok_or_else(|| Error::field("site_id", Flaw::UnknownReference))?.company_id;
    let company = asked.company.unwrap_or(owner);
    company::must_be_usable(conn, company, "company_id")?;
    site::must_be_usable(conn, actor, id, company, "site_id")?;
    Ok(Setting { company: Some(company), ..asked })
}

/// The columns of a table with the fields they most likely fill, each field once.
fn columns(table: &Table, kind: ImportKind) -> Vec<Column> {
    let mut taken = Vec::new();
    let column = |(place, name): (usize, &String)| {
        let field = recognise(kind, name).filter(|field| !taken.contains(field));
        taken.extend(field);
        let cells = table.rows.iter().filter_map(|row| row.cells.get(place)).filter(|cell| !cell.text.is_empty());
        let sample = |text: &str| text.replace('\0', "\u{fffd}").chars().take(SAMPLE).collect();
        let samples = cells.take(SAMPLES).map(|cell| sample(&cell.text)).collect();
        Column { column: name.clone(), field: field.map(str::to_owned), samples }
    };
    table.columns.iter().enumerate().map(column).collect()
}

/// Which column fills which field.
pub fn places(kind: ImportKind, columns: &[Column]) -> Places {
    Places::new(kind, columns.iter().map(|column| column.field.as_deref()))
}

/// The columns as somebody wants them mapped.
fn mapped(import: &Import, mapping: &Mapping) -> Result<Vec<Column>, Error> {
    let mut columns: Vec<Column> =
        import.columns().into_iter().map(|column| Column { field: None, ..column }).collect();
    for (index, wanted) in mapping.columns.iter().enumerate() {
        let at = |member: &str| format!("/columns/{index}/{member}");
        let field = wanted.field.as_deref().map(|field| match field.split_once(':') {
            Some((before, name)) => format!("{before}:{}", name.trim()),
            None => field.to_owned(),
        });
        if let Some(field) = &field {
            if !is_field(import.kind, field) {
                return Err(Error::field_with(at("field"), Flaw::NotOneOf, [("allowed", allowed(import.kind))]));
            }
            if columns.iter().any(|column| column.field.as_ref() == Some(field)) {
                return Err(Error::field(at("field"), Flaw::Taken));
            }
        }
        let column = columns.iter_mut().find(|column| column.column == wanted.column);
        column.ok_or_else(|| Error::field(at("column"), Flaw::UnknownReference))?.field = field;
    }
    Ok(columns)
}

fn allowed(kind: ImportKind) -> String {
    let mut names: Vec<&str> = super::columns::fields(kind).iter().map(|field| field.name).collect();
    if kind == ImportKind::Assets {
        names.push("attribute:…");
    }
    names.join(", ")
}
