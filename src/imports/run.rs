//! A table that was looked at is done: all of it in one transaction.

use std::sync::Arc;

use diesel::prelude::*;

use super::file::Table;
use super::plan::{self, Work};
use super::records::note_surroundings;
use super::view::ImportView;
use super::{Import, ImportId, ImportState, RunOptions, check, queries, report};
use crate::auth::Actor;
use crate::db::records::save;
use crate::db::schema::imports;
use crate::db::{DbConnection, counters};
use crate::error::{Code, Error};
use crate::history::{self, Event};
use crate::http::Call;
use crate::http::call::Answer;

/// Does an import. The file is read before the transaction; what becomes of its rows is worked out inside it.
///
/// # Errors
/// `not_found`, `forbidden`, and those of [`run`].
pub async fn start(call: Call, id: ImportId, options: RunOptions) -> Answer {
    let import = call.app.db.read(move |conn| queries::find_row(conn, id)).await?;
    check::may(&call.actor, import.kind)?;
    let table = match import.state {
        // What was done needs no table to be told once more.
        ImportState::Done => None,
        ImportState::Checked => Some(check::stored(&call.app, &import).await?),
    };
    let app = call.app.clone();
    call.edit(move |conn, actor| run(conn, actor, &app.config.public_url, id, table.as_ref(), options)).await
}

/// Does an import once: asked again, it tells what was done.
///
/// # Errors
/// `import_has_mistakes` when rows have mistakes that are not to be left out; `busy` when a record changed at this very
/// moment. Nothing is changed then.
pub fn run(
    conn: &mut DbConnection,
    actor: &Actor,
    public_url: &str,
    id: ImportId,
    table: Option<&Arc<Table>>,
    options: RunOptions,
) -> Result<ImportView, Error> {
    // One import at a time: of two that bring the same device, the second finds it there. The number is nobody's.
    counters::next(conn, "imports")?;
    let before = queries::find_row(conn, id)?;
    if before.state == ImportState::Done {
        return Ok(ImportView::new(before, actor.language()));
    }
    let table = table.ok_or_else(|| Error::internal("an import without its table"))?;
    let places = check::places(before.kind, &before.columns());
    let plan = plan::plan(conn, actor, before.setting(), table, &places)?;
    let after = Import {
        state: ImportState::Done,
        done_by: Some(actor.id()),
        done_at: Some(actor.now()),
        updated_at: actor.now(),
        version: before.version + 1,
        ..before.clone().counted(&plan)
    };
    if after.mistakes > 0 && !options.skip_mistakes {
        let count = ("count", after.mistakes.to_string());
        return Err(Code::ImportHasMistakes.with([count, ("import", id.to_string())]).into());
    }
    let Work { companies, sites, contacts, assets } = &plan.work;
    companies.write(conn, actor, public_url, id)?;
    sites.write(conn, actor, public_url, id)?;
    note_surroundings(conn, sites)?;
    contacts.write(conn, actor, public_url, id)?;
    assets.write(conn, actor, public_url, id)?;
    queries::keep_rows(conn, id, &report::rows(id, table, &plan, true)?)?;
    save!(conn, imports, before, &after)?;
    let event = Event::of("import.done", "import", id.uuid()).after(check::summary(&after));
    history::record(conn, actor, event)?;
    Ok(ImportView::new(after, actor.language()))
}
