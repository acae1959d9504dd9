//! A table that was looked at is done: all of it in one transaction, and everything that takes time before it.

use std::sync::Arc;
use std::time::Duration;

use diesel::prelude::*;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{sleep, timeout};

use super::file::Table;
use super::plan::{self, Plan, Work};
use super::records::note_surroundings;
use super::report::ImportRow;
use super::view::ImportView;
use super::{Import, ImportId, ImportState, RunOptions, check, queries, report};
use crate::auth::Actor;
use crate::db::records::save;
use crate::db::schema::imports;
use crate::db::{DbConnection, dialect};
use crate::error::{Code, Error};
use crate::history::{self, Event};
use crate::http::Call;
use crate::http::call::Answer;

/// Whoever asks for the same import waits here and not in a transaction. An import's place is told by the end of its id, so
/// now and then two imports share one, and the second waits for the first as well.
static TURNS: [Mutex<()>; 64] = [const { Mutex::const_new(()) }; 64];
/// How long one waits for a turn.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often rows are looked at anew because something was changed meanwhile, and the pause before, which grows.
const TRIES: u32 = 12;
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What becomes of the rows, before anything is written.
struct Ready {
    /// The version of the import it was worked out for.
    version: i64,
    plan: Plan,
    rows: Vec<ImportRow>,
}

/// Does an import. What becomes of its rows is worked out beside the writes; what is written then is what was worked out,
/// as long as nothing it rests on was changed.
///
/// # Errors
/// `not_found`, `forbidden`, `import_has_mistakes`, `busy`; `import_disturbed` when what its rows were looked up against was
/// changed each time; `validation_failed` when its company or site has gone.
pub async fn start(call: Call, id: ImportId, options: RunOptions) -> Answer {
    let import = call.app.db.read(move |conn| queries::find_row(conn, id)).await?;
    check::may(&call.actor, import.kind)?;
    if import.state == ImportState::Done {
        // What was done needs no table to be told once more.
        return write(call, id, None, options).await;
    }
    let _turn = turn(id).await?;
    let table = check::stored(&call.app, &import).await?;
    for attempts in 1..TRIES {
        match attempt(call.clone(), id, &table, options).await {
            Err(error) if matches!(error.code(), Code::Busy | Code::ImportDisturbed) => {
                sleep(LONGEST_PAUSE.min(PAUSE * attempts * attempts)).await;
            }
            answer => return answer,
        }
    }
    attempt(call, id, &table, options).await
}

async fn turn(id: ImportId) -> Result<MutexGuard<'static, ()>, Error> {
    let place = usize::from(id.uuid().as_bytes().last().copied().unwrap_or_default()) % TURNS.len();
    let turn = TURNS.get(place).ok_or(Error::Busy)?;
    timeout(PATIENCE, turn.lock()).await.map_err(|_| Error::Busy)
}

async fn attempt(call: Call, id: ImportId, table: &Arc<Table>, options: RunOptions) -> Answer {
    let (actor, table) = (call.actor.clone(), table.clone());
    let ready = call.app.db.report(move |conn| prepare(conn, &actor, id, &table)).await?;
    write(call, id, ready, options).await
}

async fn write(call: Call, id: ImportId, ready: Option<Ready>, options: RunOptions) -> Answer {
    let app = call.app.clone();
    call.edit(move |conn, actor| run(conn, actor, &app.config.public_url, id, ready.as_ref(), options)).await
}

/// Works out what becomes of the rows; nothing when it has been done meanwhile.
fn prepare(conn: &mut DbConnection, actor: &Actor, id: ImportId, table: &Table) -> Result<Option<Ready>, Error> {
    let import = queries::find_row(conn, id)?;
    if import.state == ImportState::Done {
        return Ok(None);
    }
    let places = check::places(import.kind, &import.columns());
    let plan = plan::plan(conn, actor, import.setting(), table, &places)?;
    let rows = report::rows(id, table, &plan, true)?;
    Ok(Some(Ready { version: import.version, plan, rows }))
}

/// Does an import once: asked again, it tells what was done.
///
/// # Errors
/// `import_has_mistakes` when rows have mistakes that are not to be left out; `import_disturbed` when something that rows
/// were looked up against has changed since; `busy` when another instance does an import. Nothing is changed then.
fn run(
    conn: &mut DbConnection,
    actor: &Actor,
    public_url: &str,
    id: ImportId,
    ready: Option<&Ready>,
    options: RunOptions,
) -> Result<ImportView, Error> {
    let before = queries::find_row(conn, id)?;
    if before.state == ImportState::Done {
        return Ok(ImportView::new(before, actor.language()));
    }
    let Ready { plan, rows, .. } = ready.filter(|ready| ready.version == before.version).ok_or(Error::Busy)?;
    if !dialect::only_importer(conn)? {
        return Err(Error::Busy);
    }
    let basis = &plan.basis;
    queries::hold(conn, basis.companies.as_deref().unwrap_or_default())?;
    if queries::versions(conn, before.kind, basis.companies.as_deref())? != basis.versions {
        return Err(Code::ImportDisturbed.into());
    }
    let after = Import {
        state: ImportState::Done,
        done_by: Some(actor.id()),
        done_at: Some(actor.now()),
        updated_at: actor.now(),
        version: before.version + 1,
        ..before.clone().counted(plan)
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
    queries::keep_rows(conn, id, rows)?;
    save!(conn, imports, before, &after)?;
    let event = Event::of("import.done", "import", id.uuid()).after(check::summary(&after));
    history::record(conn, actor, event)?;
    Ok(ImportView::new(after, actor.language()))
}
