//! Jobs are asked for, and called off.

use diesel::prelude::*;

use super::source::Source;
use super::{JobStatus, LabelJob, LabelJobId, LabelJobView, MediaChoice, NewLabelJob, queries};
use crate::auth::{Actor, Permission};
use crate::codes::LabelCode;
use crate::db::DbConnection;
use crate::db::records::save;
use crate::db::schema::label_jobs;
use crate::error::{Error, Flaw};
use crate::history::{self, Event};
use crate::http::Made;
use crate::http::idempotency::made_once;
use crate::labels::setup::{Wanted, on_a_roll, on_sheets};
use crate::labels::text::Owner;
use crate::print::press::Setup;
use crate::words::Language;

/// Everything about a job that was looked up before it is written down: looking at thousands of devices takes longer
/// than other people's writes may wait.
#[derive(Debug, Clone)]
pub struct Plan {
    title: String,
    setup: String,
    source: String,
    language: Language,
    total: i64,
}

/// Plans a job. Everything that can be refused is refused now, not when the job is taken up.
///
/// # Errors
/// `validation_failed` for devices that are not there or a medium that cannot be; `label_too_small`.
pub fn plan(conn: &mut DbConnection, actor: &Actor, public_url: &str, new: &NewLabelJob) -> Result<Plan, Error> {
    let setup = setup(conn, new)?;
    // All codes have ten characters: what holds for one holds for all.
    setup.medium().fit(&LabelCode::new()?.label_url(public_url))?;
    let (source, company) = Source::chosen(conn, actor, &new.assets, new.order)?;
    Ok(Plan {
        title: setup.title(),
        setup: serde_json::to_string(&setup)?,
        source: serde_json::to_string(&source)?,
        language: Owner::load(conn, new.language, company, actor.language())?.language,
        total: i64::try_from(source.assets(conn)?.len()).map_err(Error::internal)?,
    })
}

/// Asks for labels.
///
/// # Errors
/// `duplicate` when the client's id belongs to another job.
pub fn make(
    conn: &mut DbConnection,
    actor: &Actor,
    new: &NewLabelJob,
    plan: &Plan,
) -> Result<Made<LabelJobView>, Error> {
    let insert = |conn: &mut DbConnection, id| {
        let Plan { title, setup, source, language, total } = plan.clone();
        let job = LabelJob {
            id,
            status: JobStatus::Queued,
            title,
            setup,
            source,
            language,
            total,
            done: 0,
            skipped: 0,
            failure: None,
            file_sha256: None,
            file_size: None,
            worker: None,
            heartbeat_at: None,
            created_by: actor.id(),
            started_at: None,
            finished_at: None,
            archived_at: None,
            version: 1,
            created_at: actor.now(),
            updated_at: actor.now(),
        };
        diesel::insert_into(label_jobs::table).values(&job).execute(conn)?;
        let view = LabelJobView::from(job);
        history::record(conn, actor, Event::of("label_job.made", "label_job", id.uuid()).after(&view))?;
        Ok(view)
    };
    let find = |conn: &mut DbConnection, id| queries::find(conn, id).map(LabelJobView::from);
    made_once(conn, actor, "label_job", new.id, new, insert, find)
}

fn setup(conn: &mut DbConnection, new: &NewLabelJob) -> Result<Setup, Error> {
    let wanted = Wanted { printer_id: new.printer_id, offset_mm: new.offset_mm, level: new.level };
    let twice =
        |pointer: &str, other: &str| Error::field_with(pointer, Flaw::NotTogether, [("other", other.to_owned())]);
    match &new.media {
        MediaChoice { sheet: None, roll: None } => Err(Error::field("/media", Flaw::Required)),
        MediaChoice { sheet: Some(_), roll: Some(_) } => Err(twice("/media/roll", "sheet")),
        MediaChoice { sheet: Some(_), roll: None } if new.dpi.is_some() => Err(twice("/dpi", "sheet")),
        MediaChoice { sheet: None, roll: Some(_) } if new.start_at.is_some() => Err(twice("/start_at", "roll")),
        MediaChoice { sheet: Some(sheet), roll: None } => on_sheets(conn, sheet, "/media/sheet", new.start_at, wanted),
        MediaChoice { sheet: None, roll: Some(roll) } => on_a_roll(conn, roll, "/media/roll", new.dpi, wanted),
    }
}

/// Calls a job off that still goes on; puts one away that has ended.
///
/// # Errors
/// `not_found`; `forbidden` when somebody else asked for it and the actor does not direct the work.
pub fn cancel(conn: &mut DbConnection, actor: &Actor, id: LabelJobId) -> Result<(), Error> {
    let before = queries::find(conn, id)?;
    if before.created_by != actor.id() {
        actor.must(Permission::EditOthersWork)?;
    }
    let mut after = LabelJob { version: before.version + 1, updated_at: actor.now(), ..before.clone() };
    let action = if before.status.is_open() {
        (after.status, after.worker, after.finished_at) = (JobStatus::Cancelled, None, Some(actor.now()));
        "label_job.cancelled"
    } else {
        after.archived_at = Some(actor.now());
        "label_job.removed"
    };
    save!(conn, label_jobs, before, &after)?;
    history::record(conn, actor, Event::of(action, "label_job", id.uuid()))
}
