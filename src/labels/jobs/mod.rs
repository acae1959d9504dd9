//! Labels by the thousand: a job prints them in the background, into a file that is fetched when it is done.

pub mod failure;
pub mod make;
pub mod queries;
pub mod routes;
pub mod source;
pub mod work;

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use self::failure::{Failure, JobError};
use super::Offset;
use super::media::{RollChoice, SheetChoice};
use super::printers::PrinterId;
use crate::assets::AssetId;
use crate::codes::batch::BatchId;
use crate::companies::{CompanyId, SiteId};
use crate::db::MultiBackend;
use crate::db::schema::label_jobs;
use crate::db::types::{Sha256, Timestamp, id, text_enum};
use crate::error::{Code, Error};
use crate::http::Resource;
use crate::http::query::list_query;
use crate::imports::ImportId;
use crate::print::qr::Level;
use crate::users::UserId;
use crate::words::Language;

id! {
    /// A job that prints labels.
    LabelJobId,
}

id! {
    /// A thread that works on jobs, from its start to its end.
    WorkerId,
}

text_enum! {
    /// How far a job is.
    JobStatus {
        /// Nobody works on it yet.
        Queued = "queued",
        /// Somebody works on it.
        Running = "running",
        /// The labels can be fetched.
        Done = "done",
        /// It cannot be done; its error says why.
        Failed = "failed",
        /// Somebody did not want it any more.
        Cancelled = "cancelled",
    }
}

impl JobStatus {
    /// Whether it will change by itself.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

text_enum! {
    /// In which order labels are printed.
    LabelOrder {
        /// As they were given. Of a site or a company: by place.
        Given = "given",
        /// By the place where the devices stand, then by number: the way somebody walks with the labels.
        Place = "place",
        /// By inventory number, numbers in it as numbers.
        Number = "number",
        /// As the devices were added.
        Added = "added",
    }
}

/// A job as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = label_jobs, check_for_backend(MultiBackend), treat_none_as_null = true)]
pub struct LabelJob {
    /// Its id.
    pub id: LabelJobId,
    /// How far it is.
    pub status: JobStatus,
    title: String,
    setup: String,
    source: String,
    language: Language,
    total: i64,
    done: i64,
    skipped: i64,
    tries: i64,
    failure: Option<String>,
    file_sha256: Option<Sha256>,
    file_size: Option<i64>,
    worker: Option<WorkerId>,
    heartbeat_at: Option<Timestamp>,
    created_by: UserId,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    archived_at: Option<Timestamp>,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A job as people see it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct LabelJobView {
    /// Its id.
    pub id: LabelJobId,
    /// How far it is.
    pub status: JobStatus,
    /// On what it prints.
    pub medium: String,
    /// In which language.
    pub language: Language,
    /// Labels altogether.
    pub total: i64,
    /// Labels that are printed.
    pub done: i64,
    /// Devices of the site or company that have no label: theirs was revoked.
    pub skipped: i64,
    /// Why it failed.
    pub error: Option<JobError>,
    /// Where the labels are, once it is done.
    pub labels_url: Option<String>,
    /// Bytes of the file.
    pub size: Option<i64>,
    /// Who asked for them.
    pub created_by: UserId,
    /// When it was taken up last.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last got on.
    pub updated_at: Timestamp,
}

impl LabelJobView {
    /// A job in somebody's language.
    pub fn new(job: LabelJob, language: Language) -> Self {
        let labels_url = job.file_sha256.map(|_| format!("/api/v1/label-jobs/{}/labels.pdf", job.id));
        Self {
            id: job.id,
            status: job.status,
            medium: job.title,
            language: job.language,
            total: job.total,
            done: job.done,
            skipped: job.skipped,
            error: job.failure.and_then(|kept| Some(serde_json::from_str::<Failure>(&kept).ok()?.told(language))),
            labels_url,
            size: job.file_size,
            created_by: job.created_by,
            started_at: job.started_at,
            finished_at: job.finished_at,
            version: job.version,
            created_at: job.created_at,
            updated_at: job.updated_at,
        }
    }
}

impl Resource for LabelJobView {
    fn path(&self) -> String {
        format!("/api/v1/label-jobs/{}", self.id)
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

impl LabelJob {
    /// The file of the labels and its size.
    ///
    /// # Errors
    /// `labels_not_ready`
    pub fn file(&self) -> Result<Sha256, Error> {
        self.file_sha256.ok_or_else(|| {
            Code::LabelsNotReady.with([("status", self.status.to_string()), ("job", self.id.to_string())]).into()
        })
    }
}

/// Whose labels: of some devices, of a site, of a company, or of an import.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssetChoice {
    /// These devices.
    #[serde(default)]
    #[schema(max_items = 20_000)]
    pub ids: Option<Vec<AssetId>>,
    /// Or all devices at this site that are in service.
    #[serde(default)]
    pub site_id: Option<SiteId>,
    /// Or all of this company's.
    #[serde(default)]
    pub company_id: Option<CompanyId>,
    /// Or all that this import added.
    #[serde(default)]
    pub import_id: Option<ImportId>,
}

/// Blank labels of a batch.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchChoice {
    /// The batch.
    pub id: BatchId,
    /// From this number on; left out, from its first.
    #[serde(default)]
    pub from: Option<i64>,
    /// Up to this number; left out, to its last.
    #[serde(default)]
    pub to: Option<i64>,
}

/// On what: sheets or a roll.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MediaChoice {
    /// On sheets.
    #[serde(default)]
    pub sheet: Option<SheetChoice>,
    /// Or on a roll: a page for each label.
    #[serde(default)]
    pub roll: Option<RollChoice>,
}

/// Labels to print in the background.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLabelJob {
    /// The client's own id for the record.
    #[serde(default)]
    pub id: Option<LabelJobId>,
    /// Of these devices.
    #[serde(default)]
    pub assets: Option<AssetChoice>,
    /// Or blank ones of a batch: those that are on no device yet.
    #[serde(default)]
    pub batch: Option<BatchChoice>,
    /// On what.
    pub media: MediaChoice,
    /// In which order; left out, as given.
    #[serde(default)]
    pub order: Option<LabelOrder>,
    /// From this label of the first sheet on; 1 is the first.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 10_000)]
    pub start_at: Option<u16>,
    /// Dots an inch of a printer of rolls; left out, those of the printer, or else 203.
    #[serde(default, deserialize_with = "crate::labels::bounds::dpi")]
    #[schema(minimum = 100, maximum = 600)]
    pub dpi: Option<u16>,
    /// The printer whose offset counts.
    #[serde(default)]
    pub printer_id: Option<PrinterId>,
    /// How far the printer is off, whatever is known of it.
    #[serde(default)]
    pub offset_mm: Option<Offset>,
    /// How much of a code may be lost: a sixth (M), a quarter (Q), a third (H); left out, Q where there is room for it.
    #[serde(default)]
    pub level: Option<Level>,
    /// In this language; left out, that of the devices' company, else the provider's.
    #[serde(default)]
    pub language: Option<Language>,
}

list_query! {
    /// Which jobs.
    pub struct JobFilter {
        /// That are this far.
        status: JobStatus,
    }
}

/// Wakes the thread that prints.
#[derive(Default)]
pub struct Bell {
    rung: Mutex<bool>,
    heard: Condvar,
}

impl Bell {
    /// There is something to do.
    pub fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.heard.notify_all();
    }

    /// Waits until it rings, or for so long.
    pub fn wait(&self, most: Duration) {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.heard.wait_timeout_while(rung, most, |rung| !*rung);
        let (mut rung, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *rung = false;
    }
}
