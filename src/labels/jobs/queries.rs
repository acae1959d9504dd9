//! Every query on jobs of labels. All of our own side see all of them.

use diesel::prelude::*;

use super::failure::Failure;
use super::{JobFilter, JobStatus, LabelJob, LabelJobId, LabelJobView, WorkerId};
use crate::auth::Origin;
use crate::codes::{LabelCode, batch};
use crate::db::among::Among;
use crate::db::page::Page;
use crate::db::records::newest_first;
use crate::db::schema::label_jobs;
use crate::db::types::{Sha256, Timestamp};
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error};
use crate::history::{self, Event};
use crate::labels::prints;
use crate::words::Language;

/// Seconds after which a job whose worker has said nothing is taken up by another.
const STOPPED: i64 = 15;

/// One job that was not put away.
///
/// # Errors
/// `not_found`
pub fn find(conn: &mut DbConnection, id: LabelJobId) -> Result<LabelJob, Error> {
    let found = load(conn, id)?.filter(|job| job.archived_at.is_none());
    found.ok_or_else(|| Code::NotFound.into())
}

/// One job, be it that it was put away.
///
/// # Errors
/// The database's.
pub fn load(conn: &mut DbConnection, id: LabelJobId) -> Result<Option<LabelJob>, Error> {
    Ok(label_jobs::table.find(id).select(LabelJob::as_select()).get_result(conn).optional()?)
}

/// A page of jobs, newest first, in somebody's language.
///
/// # Errors
/// `invalid_cursor`
pub fn list(conn: &mut DbConnection, filter: &JobFilter, language: Language) -> Result<Page<LabelJobView>, Error> {
    let page = filter.page();
    let mut query = label_jobs::table.select(LabelJob::as_select()).into_boxed::<MultiBackend>();
    query = query.filter(label_jobs::archived_at.is_null());
    if let Some(status) = filter.status {
        query = query.filter(label_jobs::status.eq(status));
    }
    let rows = newest_first!(query, label_jobs, page).load(conn)?;
    let page = page.cut(rows, |job: &LabelJob| (job.created_at, job.id));
    Ok(page.map(|job| LabelJobView::new(job, language)))
}

/// The oldest job that nobody works on.
///
/// # Errors
/// The database's.
pub fn next(conn: &mut DbConnection, now: Timestamp) -> Result<Option<LabelJob>, Error> {
    let open = label_jobs::status.one_of([JobStatus::Queued, JobStatus::Running]);
    let stopped = label_jobs::heartbeat_at.lt(now.plus_seconds(-STOPPED));
    let queued = label_jobs::status.eq(JobStatus::Queued);
    Ok(label_jobs::table
        .filter(open)
        .filter(queued.or(stopped.assume_not_null()))
        .order((label_jobs::created_at, label_jobs::id))
        .select(LabelJob::as_select())
        .first(conn)
        .optional()?)
}

/// Takes a job up, from its beginning: what was written down of it before does not count. Nothing when somebody else was
/// quicker.
///
/// # Errors
/// The database's.
pub fn take_up(
    conn: &mut DbConnection,
    job: &LabelJob,
    worker: WorkerId,
    now: Timestamp,
) -> Result<Option<LabelJob>, Error> {
    let after = LabelJob {
        status: JobStatus::Running,
        done: 0,
        skipped: 0,
        tries: job.tries + 1,
        worker: Some(worker),
        heartbeat_at: Some(now),
        started_at: Some(now),
        version: job.version + 1,
        updated_at: now,
        ..job.clone()
    };
    let same = label_jobs::table.filter(label_jobs::id.eq(job.id)).filter(label_jobs::version.eq(job.version));
    if diesel::update(same).set(&after).execute(conn)? == 0 {
        return Ok(None);
    }
    prints::forget(conn, job.id)?;
    Ok(Some(after))
}

/// A job while it is this worker's.
macro_rules! mine {
    ($id:expr, $worker:expr) => {
        label_jobs::table
            .filter(label_jobs::id.eq($id))
            .filter(label_jobs::status.eq(JobStatus::Running))
            .filter(label_jobs::worker.eq($worker))
    };
}

/// A worker's heart beats, and says how far it is.
#[derive(Debug, Clone, Copy)]
pub struct Beat {
    /// Of this job.
    pub job: LabelJobId,
    /// Whose heart.
    pub worker: WorkerId,
    /// Labels printed, left out, and altogether.
    pub counts: [i64; 3],
    /// When.
    pub at: Timestamp,
}

/// Writes a beat down. `false` when the job is no longer this worker's.
///
/// # Errors
/// The database's.
pub fn beat(conn: &mut DbConnection, beat: Beat) -> Result<bool, Error> {
    let Beat { job, worker, counts: [done, skipped, total], at } = beat;
    let changed = diesel::update(mine!(job, worker))
        .set((
            label_jobs::done.eq(done),
            label_jobs::skipped.eq(skipped),
            label_jobs::total.eq(total),
            label_jobs::heartbeat_at.eq(at),
            label_jobs::version.eq(label_jobs::version + 1),
            label_jobs::updated_at.eq(at),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// How a job ended.
#[derive(Debug, Clone)]
pub enum Ended {
    /// With a file.
    Done {
        /// Its hash.
        hash: Sha256,
        /// Its bytes.
        size: i64,
        /// The labels in it.
        codes: Vec<LabelCode>,
    },
    /// Without one.
    Failed(Failure),
    /// Not at all: something is broken that may be mended, and whoever is next takes it up anew.
    GivenBack,
    /// The same, but the program is going, or has too much to do: that was no try.
    Stopped,
}

/// A worker lays its job down. `false` when the job was no longer its own.
///
/// # Errors
/// The database's.
pub fn end(conn: &mut DbConnection, job: &LabelJob, ended: &Ended, now: Timestamp) -> Result<bool, Error> {
    let (status, failure, file) = match ended {
        Ended::Done { hash, size, .. } => (JobStatus::Done, None, Some((*hash, *size))),
        Ended::Failed(failure) => (JobStatus::Failed, Some(serde_json::to_string(failure)?), None),
        Ended::GivenBack | Ended::Stopped => (JobStatus::Queued, None, None),
    };
    let tries = if matches!(ended, Ended::Stopped) { job.tries - 1 } else { job.tries };
    let changed = diesel::update(mine!(job.id, job.worker))
        .set((
            label_jobs::status.eq(status),
            label_jobs::tries.eq(tries),
            label_jobs::failure.eq(failure),
            label_jobs::file_sha256.eq(file.map(|(hash, _)| hash)),
            label_jobs::file_size.eq(file.map(|(_, size)| size)),
            label_jobs::worker.eq(None::<WorkerId>),
            label_jobs::finished_at.eq((!status.is_open()).then_some(now)),
            label_jobs::version.eq(label_jobs::version + 1),
            label_jobs::updated_at.eq(now),
        ))
        .execute(conn)?;
    if changed == 0 {
        return Ok(false);
    }
    match ended {
        Ended::Done { codes, .. } => batch::printed(conn, codes, now)?,
        Ended::Failed(_) | Ended::GivenBack | Ended::Stopped => prints::forget(conn, job.id)?,
    }
    let event = match ended {
        Ended::Done { hash, codes, .. } => ("label_job.done", serde_json::json!({"labels": codes.len(), "file": hash})),
        Ended::Failed(failure) => ("label_job.failed", serde_json::json!({"error": failure})),
        Ended::GivenBack | Ended::Stopped => return Ok(true),
    };
    let event = Event::of(event.0, "label_job", job.id.uuid()).after(event.1);
    history::record_by(conn, None, now, &Origin::default(), event)?;
    Ok(true)
}
