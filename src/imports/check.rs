//! A table is looked at: what would become of each of its rows. Nothing but that is written.

use std::sync::Arc;

use actix_multipart::Multipart;
use diesel::prelude::*;

use super::columns::{is_field, recognise};
use super::file::{self, Table};
use super::plan::{self, Plan, Setting};
use super::receive::{self, Arrived};
use super::report::ImportRow;
use super::values::Places;
use super::view::ImportView;
use super::{Column, Import, ImportId, ImportKind, ImportState, Mapping, RowOutcome, queries, report};
use crate::app::App;
use crate::auth::Actor;
use crate::db::DbConnection;
use crate::db::records::save;
use crate::db::schema::imports;
use crate::db::types::Sha256;
use crate::error::{Code, Error, Flaw};
use crate::history::{self, Event};
use crate::http::call::Answer;
use crate::http::idempotency::{already_made, made_once};
use crate::http::{Call, Made};

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
    if let Some(answer) = call.answered_before().await? {
        return Ok(answer);
    }
    let bytes = bytes::Bytes::from(bytes);
    let file_sha256 = Sha256::of(&bytes);
    let request = (kind, company_id, site_id, create_missing, name.clone(), file_sha256);
    // What was made before is not looked at anew: since then its company may have gone.
    let made = call.app.db.read(move |conn| already_made(conn, id)).await?;
    let looked = if made {
        None
    } else {
        let asked = Setting { kind, company: company_id, site: site_id, create_missing };
        Some(look(&call, id.unwrap_or_else(ImportId::new), bytes, asked, name).await?)
    };
    call.create(move |conn, actor| {
        let insert = |conn: &mut DbConnection| -> Result<ImportView, Error> {
            let looked = looked.as_ref().ok_or(Error::Busy)?;
            let import = looked.import(file_sha256, actor);
            diesel::insert_into(imports::table).values(&import).execute(conn)?;
            queries::keep_rows(conn, import.id, &looked.rows)?;
            let event = Event::of("import.checked", "import", import.id.uuid()).after(summary(&import));
            history::record(conn, actor, event)?;
            Ok(ImportView::new(import, actor.language()))
        };
        let find = |conn: &mut DbConnection, id: ImportId| queries::find(conn, actor, id);
        match id {
            Some(_) => made_once(conn, actor, "import", id, &request, |conn, _: ImportId| insert(conn), find),
            None => insert(conn).map(Made::New),
        }
    })
    .await
}

/// A table that was looked at.
struct Looked {
    id: ImportId,
    name: String,
    size: i64,
    table: Arc<Table>,
    mapping: String,
    warnings: String,
    plan: Plan,
    rows: Vec<ImportRow>,
}

/// Looks at a table that came, and keeps its file when there is something to say of it.
async fn look(call: &Call, id: ImportId, bytes: bytes::Bytes, asked: Setting, name: String) -> Result<Looked, Error> {
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let table = read(bytes.clone(), asked.kind, None).await?;
    let columns = columns(&table, asked.kind);
    let (plan, rows) = planned(call, id, asked, &table, &columns).await?;
    call.app.files.keep(bytes).await?;
    let (mapping, warnings) = (serde_json::to_string(&columns)?, report::warnings(&table.warnings)?);
    Ok(Looked { id, name, size, table, mapping, warnings, plan, rows })
}

/// What would become of the rows of a table, and its report.
async fn planned(
    call: &Call,
    id: ImportId,
    asked: Setting,
    table: &Arc<Table>,
    columns: &[Column],
) -> Result<(Plan, Vec<ImportRow>), Error> {
    let (actor, table, places) = (call.actor.clone(), table.clone(), places(asked.kind, columns));
    let look = move |conn: &mut DbConnection| -> Result<(Plan, Vec<ImportRow>), Error> {
        let plan = plan::plan(conn, &actor, asked, &table, &places)?;
        let rows = report::rows(id, &table, &plan, false)?;
        Ok((plan, rows))
    };
    call.app.db.report(look).await
}

impl Looked {
    fn import(&self, file_sha256: Sha256, actor: &Actor) -> Import {
        let Setting { kind, company, site, create_missing } = self.plan.setting;
        Import {
            id: self.id,
            kind,
            state: ImportState::Checked,
            company_id: company,
            site_id: site,
            create_missing,
            file_sha256,
            file_name: self.name.clone(),
            file_size: self.size,
            sheet: self.table.sheet.clone(),
            header_row: self.table.header_row,
            mapping: self.mapping.clone(),
            warnings: self.warnings.clone(),
            to_add: 0,
            to_change: 0,
            same: 0,
            mistakes: 0,
            author_id: actor.id(),
            done_by: None,
            done_at: None,
            version: 1,
            created_at: actor.now(),
            updated_at: actor.now(),
        }
        .counted(&self.plan)
    }
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
    let (plan, rows) = planned(&call, id, Setting { create_missing, ..import.setting() }, &table, &columns).await?;
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
        queries::keep_rows(conn, id, &rows)?;
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
pub async fn read(bytes: bytes::Bytes, kind: ImportKind, header_row: Option<i64>) -> Result<Arc<Table>, Error> {
    let reading = tokio::task::spawn_blocking(move || {
        let _turn = crate::files::picture::turn();
        file::read(&bytes, kind, header_row)
    });
    reading.await.map_err(Error::internal)?.map(Arc::new)
}

/// The table of an import, with the names of its columns where they stood when it came.
///
/// # Errors
/// When its file is gone.
pub async fn stored(app: &App, import: &Import) -> Result<Arc<Table>, Error> {
    read(app.files.read(import.file_sha256).await?, import.kind, Some(import.header_row)).await
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
