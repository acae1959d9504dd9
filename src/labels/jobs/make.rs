//! Jobs are asked for, and called off.

use diesel::prelude::*;

use super::source::Source;
use super::{JobStatus, LabelJob, LabelJobId, LabelJobView, MediaChoice, NewLabelJob, WorkerId, queries};
use crate::auth::{Actor, Permission};
use crate::codes::LabelCode;
use crate::db::DbConnection;
use crate::db::among::Among;
use crate::db::schema::label_jobs;
use crate::error::{Code, Error, Flaw};
use crate::history::{self, Event};
use crate::http::Made;
use crate::http::idempotency::{already_made, made_once};
use crate::labels::setup::{Wanted, on_a_roll, on_sheets};
use crate::labels::text::Owner;
use crate::labels::{prints, twice};
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

/// Plans a job. Everything that can be refused is refused now, not when the job is taken up. Nothing when this very job was
/// made before.
///
/// # Errors
/// `validation_failed` for devices that are not there or a medium that cannot be; `label_too_small`; `nothing_to_print`.
pub fn plan(
    conn: &mut DbConnection,
    actor: &Actor,
    public_url: &str,
    new: &NewLabelJob,
) -> Result<Option<Plan>, Error> {
    if already_made(conn, new.id)? {
        return Ok(None);
    }
    let setup = setup(conn, new)?;
    // All codes have ten characters: what holds for one holds for all.
    setup.medium().fit(&LabelCode::new()?.label_url(public_url))?;
    let (source, company, at) = match (&new.assets, &new.batch) {
        (Some(_), Some(_)) => return Err(twice("/batch", "assets")),
        (None, None) => return Err(Error::field("/assets", Flaw::Required)),
        (None, Some(_)) if new.order.is_some() => return Err(twice("/order", "batch")),
        (None, Some(batch)) => (Source::of_batch(conn, batch)?, None, "/batch"),
        (Some(assets), None) => Source::chosen(conn, actor, assets, new.order)?,
    };
    let total = source.count(conn, at)?;
    Ok(Some(Plan {
        title: setup.title(),
        setup: serde_json::to_string(&setup)?,
        source: serde_json::to_string(&source)?,
        language: Owner::load(conn, new.language, company, actor.language())?.language,
        total: i64::try_from(total).map_err(Error::internal)?,
    }))
}

/// Asks for labels.
///
/// # Errors
/// `duplicate` when the client's id belongs to another job.
pub fn make(
    conn: &mut DbConnection,
    actor: &Actor,
    new: &NewLabelJob,
    plan: Option<&Plan>,
) -> Result<Made<LabelJobView>, Error> {
    let insert = |conn: &mut DbConnection, id| {
        let plan = plan.ok_or_else(|| Error::internal("a job that was made before and is new"))?;
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
            tries: 0,
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
        let view = LabelJobView::new(job, actor.language());
        history::record(conn, actor, Event::of("label_job.made", "label_job", id.uuid()).after(&view))?;
        Ok(view)
    };
    let load = |conn: &mut DbConnection, id| {
        let job = queries::load(conn, id)?.ok_or(Code::NotFound)?;
        Ok(LabelJobView::new(job, actor.language()))
    };
    made_once(conn, actor, "label_job", new.id, new, insert, load)
}

fn setup(conn: &mut DbConnection, new: &NewLabelJob) -> Result<Setup, Error> {
    let wanted = Wanted { printer_id: new.printer_id, offset_mm: new.offset_mm, level: new.level };
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
    let job = queries::find(conn, id)?;
    if job.created_by != actor.id() {
        actor.must(Permission::EditOthersWork)?;
    }
    let now = actor.now();
    // By its status and not by its version: the job gets on meanwhile.
    let open = label_jobs::table.find(id).filter(label_jobs::status.one_of([JobStatus::Queued, JobStatus::Running]));
    let called_off = diesel::update(open)
        .set((
            label_jobs::status.eq(JobStatus::Cancelled),
            label_jobs::worker.eq(None::<WorkerId>),
            label_jobs::finished_at.eq(Some(now)),
            label_jobs::version.eq(label_jobs::version + 1),
            label_jobs::updated_at.eq(now),
        ))
        .execute(conn)?;
    let action = if called_off == 1 {
        prints::forget(conn, id)?;
        "label_job.cancelled"
    } else {
        diesel::update(label_jobs::table.find(id))
            .set((
                label_jobs::archived_at.eq(Some(now)),
                label_jobs::version.eq(label_jobs::version + 1),
                label_jobs::updated_at.eq(now),
            ))
            .execute(conn)?;
        "label_job.removed"
    };
    history::record(conn, actor, Event::of(action, "label_job", id.uuid()))
}
