//! The thread that prints: one job at a time, label by label, with a rest after each few.
//!
//! A job belongs to whoever wrote its worker's id into it, and says every second that its heart still beats; a worker
//! that finds the job is no longer its own lays it down. So one instance works on it, and none that was killed keeps
//! it for ever. Paper is written to a file as pages fill up; all that is remembered of a label is where its page
//! begins.

use std::fs::{self, File};
use std::io::BufWriter;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::queries::{self, Ended};
use super::source::Source;
use super::{JobError, LabelJob, WorkerId};
use crate::app::App;
use crate::assets::AssetId;
use crate::error::Error;
use crate::labels::prints::{self, Occasion};
use crate::labels::text::{Owner, with_codes};
use crate::print::form::Kind;
use crate::print::label::LabelText;
use crate::print::press::{Press, Setup};

/// How often a worker looks for what others have left.
const LOOKS: Duration = Duration::from_secs(5);
/// How often it tells how far it is.
const BEATS: Duration = Duration::from_secs(1);
/// Labels whose words are read at once, and after which it rests.
const FEW: usize = 50;
/// It rests for a part of the time it worked, so that requests get their turn on two cores.
const RESTS: u32 = 4;

/// The thread, as long as it is wanted.
pub struct Worker {
    app: Arc<App>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Begins to work.
    pub fn start(app: Arc<App>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let shift = Shift { app: app.clone(), stop: stop.clone(), me: WorkerId::new() };
        let thread = thread::Builder::new().name("labels".to_owned()).spawn(move || shift.work());
        if let Err(error) = &thread {
            tracing::error!(%error, "the thread that prints labels did not start");
        }
        Self { app, stop, thread: thread.ok() }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.app.label_bell.ring();
        if let Some(thread) = self.thread.take() {
            // It catches its own panics, so there is nothing left to report.
            let _ = thread.join();
        }
    }
}

struct Shift {
    app: Arc<App>,
    stop: Arc<AtomicBool>,
    me: WorkerId,
}

/// Why a job was not printed to its end.
enum Halt {
    /// It belongs to somebody else by now, or was called off.
    NotMine,
    /// The program is going.
    Stopped,
    /// It cannot be done.
    Failed(Error),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Shift {
    fn work(&self) {
        while !self.stop.load(Ordering::Relaxed) {
            match self.take_up() {
                Ok(Some(job)) => self.see_through(&job),
                Ok(None) => self.app.label_bell.wait(LOOKS),
                Err(error) => {
                    tracing::warn!(%error, "jobs of labels were not looked for");
                    self.app.label_bell.wait(LOOKS);
                }
            }
        }
    }

    /// The next job, made this worker's own.
    fn take_up(&self) -> Result<Option<LabelJob>, Error> {
        let (now, me) = (self.app.clock.now(), self.me);
        let Some(job) = self.app.db.read_now(move |conn| queries::next(conn, now))? else { return Ok(None) };
        self.app.db.write_now(move |conn| queries::take_up(conn, &job, me, now))
    }

    fn see_through(&self, job: &LabelJob) {
        let folder = self.app.config.data.join("unfinished");
        let path = folder.join(format!("{}-{}.pdf", job.id, self.me));
        let printed = catch_unwind(AssertUnwindSafe(|| {
            crate::app::make_private(&folder).map_err(Error::internal)?;
            self.print(job, &path)
        }));
        let printed = printed.unwrap_or_else(|panic| Err(Halt::Failed(Error::panicked(panic.as_ref()))));
        if let Err(error) = fs::remove_file(&path)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "an unfinished file of labels was not removed");
        }
        let ended = match printed {
            Ok(ended) => ended,
            Err(Halt::NotMine) => return,
            Err(Halt::Stopped | Halt::Failed(Error::Busy)) => Ended::GivenBack,
            Err(Halt::Failed(error)) => {
                tracing::error!(%error, job = %job.id, "labels were not printed");
                Ended::Failed(JobError::of(&error, job.language))
            }
        };
        let (id, me, now) = (job.id, self.me, self.app.clock.now());
        if let Err(error) = self.app.db.write_now(move |conn| queries::end(conn, id, me, &ended, now)) {
            tracing::warn!(%error, job = %job.id, "a job of labels was not laid down: it will be taken up anew");
        }
        self.app.wrote();
    }

    fn print(&self, job: &LabelJob, path: &Path) -> Result<Ended, Halt> {
        let app = &self.app;
        let setup: Setup = serde_json::from_str(&job.setup).map_err(Error::from)?;
        let source: Source = serde_json::from_str(&job.source).map_err(Error::from)?;
        let language = job.language;
        let (ids, owner) = app
            .db
            .read_now(move |conn| Ok((source.assets(conn)?, Owner::load(conn, Some(language), None, language)?)))?;
        let form = app.printer.form(Kind::Label, language)?;
        let form = form.ready().map_err(Error::from)?;
        let out = BufWriter::new(File::create(path).map_err(Error::internal)?);
        let mut press = Press::new(out, &app.printer, &form, &setup)?;
        let mut pace = Pace { shift: self, job, total: ids.len(), done: 0, skipped: 0, told: Instant::now() };
        for some in ids.chunks(FEW) {
            let began = Instant::now();
            let texts = self.texts(&owner, some)?;
            pace.skipped += some.len() - texts.len();
            for (_, text) in texts {
                if self.stop.load(Ordering::Relaxed) {
                    return Err(Halt::Stopped);
                }
                press.label(&text)?;
                pace.done += 1;
            }
            pace.go_on(began)?;
        }
        let out = press.finish(language.as_str(), job.created_at)?;
        out.into_inner().map_err(Error::internal)?.sync_all().map_err(Error::internal)?;
        pace.tell()?;
        let (hash, size) = self.keep(path.to_owned())?;
        self.write_down(job, &setup, &owner, &ids, &pace)?;
        Ok(Ended::Done(hash, size))
    }

    /// What the labels of some devices say. One that was revoked since is not printed.
    fn texts(&self, owner: &Owner, ids: &[AssetId]) -> Result<Vec<(AssetId, LabelText)>, Error> {
        let (wanted, public_url, owner) = (ids.to_owned(), self.app.config.public_url.clone(), owner.clone());
        self.app.db.read_now(move |conn| {
            let known = with_codes(conn, &wanted)?;
            let label = |id: &AssetId| {
                let (asset, code) = known.get(id)?.clone();
                Some((*id, owner.label(Some(asset), code, &public_url)))
            };
            Ok(wanted.iter().filter_map(label).collect())
        })
    }

    /// Keeps the file among all others.
    fn keep(&self, path: PathBuf) -> Result<(crate::db::types::Sha256, i64), Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::internal)?;
        runtime.block_on(self.app.files.keep_file(&path))
    }

    /// Writes down which labels were printed. What was written before a fall is not written twice.
    fn write_down(
        &self,
        job: &LabelJob,
        setup: &Setup,
        owner: &Owner,
        ids: &[AssetId],
        pace: &Pace<'_>,
    ) -> Result<(), Halt> {
        let id = job.id;
        let known = self.app.db.read_now(move |conn| prints::of_job(conn, id))?;
        let at = self.app.clock.now();
        let occasion = Occasion { user_id: job.created_by, job_id: Some(id), medium: setup.title(), at };
        let mut written = 0;
        for some in ids.chunks(500) {
            let texts = self.texts(owner, some)?;
            let before = known.saturating_sub(written);
            written += texts.len();
            let fresh = texts.into_iter().skip(before);
            let rows: Vec<_> = fresh.map(|(id, text)| occasion.print(text.code, Some(id))).collect();
            let (me, now) = (self.me, self.app.clock.now());
            let counts = pace.counts();
            let mine = self.app.db.write_now(move |conn| {
                // Whoever lost the job meanwhile writes nothing down.
                let mine = queries::beat(conn, id, me, counts, now)?;
                if mine {
                    prints::record(conn, &rows)?;
                }
                Ok(mine)
            })?;
            if !mine {
                return Err(Halt::NotMine);
            }
        }
        Ok(())
    }
}

/// How far a job is, and when that was told last.
struct Pace<'a> {
    shift: &'a Shift,
    job: &'a LabelJob,
    total: usize,
    done: usize,
    skipped: usize,
    told: Instant,
}

impl Pace<'_> {
    /// Between two handfuls of labels: tells if it is time, and rests.
    fn go_on(&mut self, began: Instant) -> Result<(), Halt> {
        if self.told.elapsed() >= BEATS {
            self.tell()?;
        }
        thread::sleep(began.elapsed() / RESTS);
        Ok(())
    }

    /// Labels printed, left out, and altogether.
    fn counts(&self) -> [i64; 3] {
        [self.done, self.skipped, self.total].map(|count| i64::try_from(count).unwrap_or(i64::MAX))
    }

    fn tell(&mut self) -> Result<(), Halt> {
        let app = &self.shift.app;
        let (id, me, now) = (self.job.id, self.shift.me, app.clock.now());
        let counts = self.counts();
        self.told = Instant::now();
        match app.db.write_now(move |conn| queries::beat(conn, id, me, counts, now))? {
            true => Ok(()),
            false => Err(Halt::NotMine),
        }
    }
}
