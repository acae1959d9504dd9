//! Every query on jobs of labels. All of our own side see all of them.

use diesel::prelude::*;

use super::{JobError, JobFilter, JobStatus, LabelJob, LabelJobId, LabelJobView, WorkerId};
use crate::db::among::Among;
use crate::db::page::Page;
use crate::db::records::newest_first;
use crate::db::schema::label_jobs;
use crate::db::types::{Sha256, Timestamp};
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error};

/// Seconds after which a job whose worker has said nothing is taken up by another.
const STOPPED: i64 = 15;

/// One job that was not put away.
///
/// # Errors
/// `not_found`
pub fn find(conn: &mut DbConnection, id: LabelJobId) -> Result<LabelJob, Error> {
    let found = label_jobs::table.find(id).filter(label_jobs::archived_at.is_null());
    found.select(LabelJob::as_select()).get_result(conn).optional()?.ok_or_else(|| Code::NotFound.into())
}

/// A page of jobs, newest first.
///
/// # Errors
/// `invalid_cursor`
pub fn list(conn: &mut DbConnection, filter: &JobFilter) -> Result<Page<LabelJobView>, Error> {
    let page = filter.page();
    let mut query = label_jobs::table.select(LabelJob::as_select()).into_boxed::<MultiBackend>();
    query = query.filter(label_jobs::archived_at.is_null());
    if let Some(status) = filter.status {
        query = query.filter(label_jobs::status.eq(status));
    }
    let rows = newest_first!(query, label_jobs, page).load(conn)?;
    Ok(page.cut(rows, |job: &LabelJob| (job.created_at, job.id)).map(LabelJobView::from))
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

/// Takes a job up, from its beginning. Nothing when somebody else was quicker.
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
        worker: Some(worker),
        heartbeat_at: Some(now),
        started_at: Some(now),
        version: job.version + 1,
        updated_at: now,
        ..job.clone()
    };
    let same = label_jobs::table.filter(label_jobs::id.eq(job.id)).filter(label_jobs::version.eq(job.version));
    Ok((diesel::update(same).set(&after).execute(conn)? == 1).then_some(after))
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

/// A worker says how far it is. `false` when the job is no longer its own.
///
/// # Errors
/// The database's.
pub fn beat(
    conn: &mut DbConnection,
    id: LabelJobId,
    worker: WorkerId,
    [done, skipped, total]: [i64; 3],
    now: Timestamp,
) -> Result<bool, Error> {
    let changed = diesel::update(mine!(id, worker))
        .set((
            label_jobs::done.eq(done),
            label_jobs::skipped.eq(skipped),
            label_jobs::total.eq(total),
            label_jobs::heartbeat_at.eq(now),
            label_jobs::version.eq(label_jobs::version + 1),
            label_jobs::updated_at.eq(now),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// How a job ended.
#[derive(Debug, Clone)]
pub enum Ended {
    /// With this file, of so many bytes.
    Done(Sha256, i64),
    /// Without one.
    Failed(JobError),
    /// Not at all: the program is going, and another takes it up anew.
    GivenBack,
}

/// A worker lays a job down. `false` when the job was no longer its own.
///
/// # Errors
/// The database's.
pub fn end(
    conn: &mut DbConnection,
    id: LabelJobId,
    worker: WorkerId,
    ended: &Ended,
    now: Timestamp,
) -> Result<bool, Error> {
    let (status, failure, file, finished) = match ended {
        Ended::Done(hash, size) => (JobStatus::Done, None, Some((*hash, *size)), Some(now)),
        Ended::Failed(error) => (JobStatus::Failed, Some(serde_json::to_string(error)?), None, Some(now)),
        Ended::GivenBack => (JobStatus::Queued, None, None, None),
    };
    let changed = diesel::update(mine!(id, worker))
        .set((
            label_jobs::status.eq(status),
            label_jobs::failure.eq(failure),
            label_jobs::file_sha256.eq(file.map(|(hash, _)| hash)),
            label_jobs::file_size.eq(file.map(|(_, size)| size)),
            label_jobs::worker.eq(None::<WorkerId>),
            label_jobs::finished_at.eq(finished),
            label_jobs::version.eq(label_jobs::version + 1),
            label_jobs::updated_at.eq(now),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}
