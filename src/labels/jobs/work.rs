//! The thread that prints: one job at a time, label by label, with a rest after each few.
//!
//! A job belongs to whoever wrote its worker's id into it, and says every second that its heart still beats; a worker
//! that finds the job is no longer its own lays it down. So one instance works on it, and none that was killed keeps
//! it for ever. Paper is written to a file as pages fill up; all that is remembered of a label is where its page
//! begins, its code and its device. What is written down of a job counts when it is done: whoever takes it up anew begins
//! with nothing.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::failure::Failure;
use super::queries::{self, Beat, Ended};
use super::source::{Source, Subject};
use super::{LabelJob, LabelJobId, WorkerId};
use crate::app::App;
use crate::assets::AssetId;
use crate::codes::{LabelCode, queries as codes};
use crate::db::types::Sha256;
use crate::error::{Code, Error};
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
/// How often a job is begun that ends the program, or meets something broken, each time.
const MOST_TRIES: i64 = 5;

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
            remove_leftovers(&folder, job.id).map_err(Error::internal)?;
            if job.tries > MOST_TRIES { Err(Halt::Failed(given_up())) } else { self.print(job, &path) }
        }));
        let printed = printed.unwrap_or_else(|panic| Err(Halt::Failed(Error::panicked(panic.as_ref()))));
        if let Err(error) = remove(&path) {
            tracing::warn!(%error, "an unfinished file of labels was not removed");
        }
        let ended = match printed {
            Ok(ended) => ended,
            Err(Halt::NotMine) => return,
            Err(Halt::Stopped | Halt::Failed(Error::Busy)) => Ended::Stopped,
            Err(Halt::Failed(error)) => {
                tracing::error!(%error, job = %job.id, tries = job.tries, "labels were not printed");
                judged(&error, job.tries)
            }
        };
        let open = matches!(ended, Ended::GivenBack | Ended::Stopped);
        let (mine, now) = (job.clone(), self.app.clock.now());
        if let Err(error) = self.app.db.write_now(move |conn| queries::end(conn, &mine, &ended, now)) {
            tracing::warn!(%error, job = %job.id, "a job of labels was not laid down: it will be taken up anew");
        }
        self.app.wrote();
        if open {
            // What is broken is not mended at once.
            self.app.label_bell.wait(LOOKS);
        }
    }

    fn print(&self, job: &LabelJob, path: &Path) -> Result<Ended, Halt> {
        let app = &self.app;
        let setup: Setup = serde_json::from_str(&job.setup).map_err(Error::from)?;
        let source: Source = serde_json::from_str(&job.source).map_err(Error::from)?;
        let language = job.language;
        let (subjects, owner) = app
            .db
            .read_now(move |conn| Ok((source.subjects(conn)?, Owner::load(conn, Some(language), None, language)?)))?;
        let form = app.printer.form(Kind::Label, language)?;
        let form = form.ready().map_err(Error::from)?;
        let out = BufWriter::new(File::create(path).map_err(Error::internal)?);
        let mut press = Press::new(out, &app.printer, &form, &setup)?;
        let mut pace =
            Pace { shift: self, job, total: subjects.len(), set: Vec::new(), skipped: 0, told: Instant::now() };
        for some in subjects.chunks(FEW) {
            let began = Instant::now();
            let texts = self.texts(&owner, some)?;
            pace.skipped += some.len() - texts.len();
            for (label, text) in texts {
                if self.stop.load(Ordering::Relaxed) {
                    return Err(Halt::Stopped);
                }
                press.label(&text).map_err(|error| naming(error, label.0))?;
                pace.set.push(label);
            }
            pace.go_on(began)?;
        }
        if pace.set.is_empty() {
            return Err(Halt::Failed(Code::NothingToPrint.into()));
        }
        let out = press.finish(language.as_str(), job.created_at)?;
        out.into_inner().map_err(Error::internal)?.sync_all().map_err(Error::internal)?;
        self.write_down(&setup, &pace)?;
        let (hash, size) = self.keep(path, &pace)?;
        Ok(Ended::Done { hash, size, codes: pace.set.into_iter().map(|(code, _)| code).collect() })
    }

    /// What some labels say. One that was revoked since, or a blank one that was claimed, is not printed.
    fn texts(&self, owner: &Owner, subjects: &[Subject]) -> Result<Vec<(Label, LabelText)>, Error> {
        let (wanted, public_url, owner) = (subjects.to_owned(), self.app.config.public_url.clone(), owner.clone());
        self.app.db.read_now(move |conn| {
            let known = with_codes(conn, &wanted.iter().filter_map(Subject::device).collect::<Vec<_>>())?;
            let blank = codes::still_blank(conn, &wanted.iter().filter_map(Subject::blank).collect::<Vec<_>>())?;
            let label = |subject: &Subject| match subject {
                Subject::Device(id) => {
                    let (asset, code) = known.get(id)?.clone();
                    Some(((code, Some(*id)), owner.label(asset, code, &public_url)))
                }
                Subject::Blank(code, number) => {
                    blank.contains(code).then(|| ((*code, None), owner.blank(*code, Some(*number), &public_url)))
                }
            };
            Ok(wanted.iter().filter_map(label).collect())
        })
    }

    /// Writes down which labels are in the file, whatever has become of their devices meanwhile.
    fn write_down(&self, setup: &Setup, pace: &Pace<'_>) -> Result<(), Halt> {
        let (job, at) = (pace.job, self.app.clock.now());
        let occasion = Occasion { user_id: job.created_by, job_id: Some(job.id), medium: setup.title(), at };
        for some in pace.set.chunks(500) {
            let rows: Vec<_> = some.iter().map(|(code, asset)| occasion.print(*code, *asset)).collect();
            let beat = pace.beat();
            let mine = self.app.db.write_now(move |conn| {
                // Whoever lost the job meanwhile writes nothing down.
                let mine = queries::beat(conn, beat)?;
                if mine {
                    prints::write(conn, &rows)?;
                }
                Ok(mine)
            })?;
            if !mine {
                return Err(Halt::NotMine);
            }
        }
        Ok(())
    }

    /// Keeps the file among all others. A bucket may take its time, and the heart must beat meanwhile; when the job was
    /// called off, nothing is kept.
    fn keep(&self, path: &Path, pace: &Pace<'_>) -> Result<(Sha256, i64), Halt> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::internal)?;
        runtime.block_on(async {
            let mut keeping = std::pin::pin!(self.app.files.keep_file(path));
            loop {
                if let Ok(kept) = tokio::time::timeout(BEATS, keeping.as_mut()).await {
                    return Ok(kept?);
                }
                if self.stop.load(Ordering::Relaxed) {
                    return Err(Halt::Stopped);
                }
                let beat = pace.beat();
                if !self.app.db.write(move |conn| queries::beat(conn, beat)).await? {
                    return Err(Halt::NotMine);
                }
            }
        })
    }
}

/// What was refused will be refused again. Anything else, such as a database or a disk that is away, may pass.
fn judged(error: &Error, tries: i64) -> Ended {
    match error {
        Error::Refused(_) => Ended::Failed(Failure::of(error)),
        _ if tries < MOST_TRIES => Ended::GivenBack,
        _ => Ended::Failed(Failure::of(&given_up())),
    }
}

fn given_up() -> Error {
    Code::LabelsGivenUp.with([("tries", MOST_TRIES.to_string())]).into()
}

/// The refusal of one label with its code: nobody would find it among thousands.
fn naming(error: Error, code: LabelCode) -> Error {
    match error {
        Error::Refused(refusal) => (*refusal).and("label", code.to_string()).into(),
        other => other,
    }
}

/// Removes what those have left of a job who were killed over it.
fn remove_leftovers(folder: &Path, job: LabelJobId) -> io::Result<()> {
    let mine = format!("{job}-");
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(&mine) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// Removes a file that may be gone already.
fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A label that is set: its code, and its device, if it is on one.
type Label = (LabelCode, Option<AssetId>);

/// How far a job is, and when that was told last.
struct Pace<'a> {
    shift: &'a Shift,
    job: &'a LabelJob,
    total: usize,
    /// The labels on paper.
    set: Vec<Label>,
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

    /// What is told at this moment.
    fn beat(&self) -> Beat {
        let counts = [self.set.len(), self.skipped, self.total].map(|count| i64::try_from(count).unwrap_or(i64::MAX));
        Beat { job: self.job.id, worker: self.shift.me, counts, at: self.shift.app.clock.now() }
    }

    fn tell(&mut self) -> Result<(), Halt> {
        let beat = self.beat();
        self.told = Instant::now();
        match self.shift.app.db.write_now(move |conn| queries::beat(conn, beat))? {
            true => Ok(()),
            false => Err(Halt::NotMine),
        }
    }
}
