//! The threads that look at what has come, beside the requests.
//!
//! A complete upload belongs for some seconds to whoever took it up, who says every few of them that this still is so; an
//! instance that was killed keeps none for longer. Two that look at the same bytes come to the same end, and the second one
//! writes nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use super::{Upload, UploadState, queries, settle};
use crate::app::App;
use crate::db::dialect::is_shared;
use crate::error::{Code, Error, Flaw, Refusal};
use crate::files::photo::not_as_announced;
use crate::tickets::attachments;
use crate::tickets::kept::Kept;

/// Files that one instance looks at at the same time: as many as it unpacks.
const THREADS: usize = 2;
/// How often one looks for what others have left.
const LOOKS: Duration = Duration::from_secs(5);
/// How long an upload is somebody's own, in seconds.
const LEASE: i64 = 15;
/// How often somebody who looks at one says so: the turn at pixels may be long in coming, and a bucket slow.
const RENEWS: Duration = Duration::from_secs(5);
/// For how long after its last byte other instances are given the time to find the pieces of an upload, in seconds.
const ELSEWHERE: i64 = 3_600;
/// How often a file is looked at that ends the program each time.
const MOST_TRIES: i64 = 3;

/// The threads, as long as they are wanted.
pub struct Workers {
    app: Arc<App>,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Begins to work.
    pub fn start(app: Arc<App>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut threads = Vec::new();
        for _ in 0..THREADS {
            let shift = Shift { app: app.clone(), stop: stop.clone() };
            match thread::Builder::new().name("uploads".to_owned()).spawn(move || shift.work()) {
                Ok(thread) => threads.push(thread),
                Err(error) => tracing::error!(%error, "a thread that looks at uploads did not start"),
            }
        }
        Self { app, stop, threads }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            self.app.upload_bell.ring();
            while !thread.is_finished() {
                // Rung until it hears: the other one may have taken the ring.
                self.app.upload_bell.ring();
                thread::sleep(Duration::from_millis(2));
            }
            let _ = thread.join();
        }
    }
}

struct Shift {
    app: Arc<App>,
    stop: Arc<AtomicBool>,
}

impl Shift {
    fn work(&self) {
        while !self.stop.load(Ordering::Relaxed) {
            match self.take_up() {
                Ok(Some(upload)) => self.see_through(&upload),
                Ok(None) => self.app.upload_bell.wait(LOOKS),
                Err(error) => {
                    tracing::warn!(%error, "uploads were not looked for");
                    self.app.upload_bell.wait(LOOKS);
                }
            }
        }
    }

    /// The next upload, made this thread's own.
    fn take_up(&self) -> Result<Option<Upload>, Error> {
        let now = self.app.clock.now();
        while self.app.db.read_now(move |conn| queries::some_wait(conn, now))? {
            let taken = self.app.db.write_now(move |conn| queries::take_up(conn, now, now.plus_seconds(LEASE)))?;
            if taken.is_some() {
                // There may be more: somebody else shall look as well.
                self.app.upload_bell.ring();
                return Ok(taken);
            }
        }
        Ok(None)
    }

    fn see_through(&self, upload: &Upload) {
        let id = upload.attachment_id;
        match self.holding(upload, || self.look(upload)) {
            Ok(()) => {
                self.app.wrote();
                if let Err(error) = self.wait_for(self.app.files.drop_pieces(upload.generation.uuid())) {
                    tracing::warn!(%error, upload = %id, "pieces were not thrown away yet");
                }
            }
            Err(error) => {
                tracing::warn!(%error, upload = %id, "an upload was not looked at; it will be, shortly");
                let (own, until) = (upload.clone(), self.app.clock.now().plus_seconds(LEASE));
                if let Err(error) = self.app.db.write_now(move |conn| queries::give_back(conn, &own, until)) {
                    tracing::warn!(%error, upload = %id, "an upload was not given back");
                }
            }
        }
    }

    /// Does something while the upload stays this thread's own, however long it takes.
    fn holding<T>(&self, upload: &Upload, work: impl FnOnce() -> T) -> T {
        let (over, going_on) = mpsc::channel::<()>();
        thread::scope(|scope| {
            let renew = move || {
                while going_on.recv_timeout(RENEWS) == Err(RecvTimeoutError::Timeout) {
                    self.lease(upload);
                }
            };
            if let Err(error) = thread::Builder::new().name("upload-lease".to_owned()).spawn_scoped(scope, renew) {
                tracing::warn!(%error, upload = %upload.attachment_id, "an upload is not kept: others may look at it too");
            }
            let done = work();
            drop(over);
            done
        })
    }

    fn lease(&self, upload: &Upload) {
        let (own, until) = (upload.clone(), self.app.clock.now().plus_seconds(LEASE));
        if let Err(error) = self.app.db.write_now(move |conn| queries::lease(conn, &own, until)) {
            tracing::warn!(%error, upload = %upload.attachment_id, "how long an upload is kept was not written down");
        }
    }

    fn look(&self, upload: &Upload) -> Result<(), Error> {
        let (app, id, own) = (&self.app, upload.attachment_id, upload.clone());
        let now = app.clock.now();
        let file = app.db.read_now(move |conn| attachments::load(conn, id))?;
        let Some(file) = file.filter(|file| file.archived_at.is_none()) else {
            return app.db.write_now(move |conn| queries::delete(conn, &own)).map(|_| ());
        };
        if upload.tries > MOST_TRIES {
            tracing::error!(upload = %id, "a file ended the program each time it was looked at: it is rejected");
            let why = given_up();
            return app.db.write_now(move |conn| settle::rejected(conn, &own, &file, &why, now));
        }
        let Some(bytes) = self.assembled(upload)? else {
            if upload.updated_at > now.plus_seconds(-ELSEWHERE) && self.app.db.read_now(|conn| Ok(is_shared(conn)))? {
                let what = "pieces of an upload are not here: do all instances share their files?";
                tracing::error!(upload = %id, "{what}");
                return Err(Error::internal(what));
            }
            // As after a restore of the database alone. The phone is told to begin anew when it looks.
            tracing::warn!(upload = %id, "pieces of an upload are gone: it begins anew");
            return app.db.write_now(move |conn| queries::empty(conn, &own, UploadState::Open, now)).map(|_| ());
        };
        // A decoder that stumbles over foreign bytes must not stumble over them for ever.
        let looked = catch_unwind(AssertUnwindSafe(|| settle::look(&file, &bytes))).unwrap_or_else(|panic| {
            tracing::error!(upload = %id, cause = %Error::panicked(panic.as_ref()), "a picture could not be looked at");
            Err(not_as_announced(Flaw::BrokenPicture))
        });
        match looked {
            Ok(looked) => {
                let kept = self.wait_for(Kept::keep(&app.files, bytes, looked))?;
                app.db.write_now(move |conn| settle::ready(conn, &own, &file, &kept, now))
            }
            Err(error) if error.code() == Code::FileRejected => {
                let why = error.refusal();
                app.db.write_now(move |conn| settle::rejected(conn, &own, &file, &why, now))
            }
            Err(error) => Err(error),
        }
    }

    /// All bytes in a row; nothing when some are gone.
    fn assembled(&self, upload: &Upload) -> Result<Option<Bytes>, Error> {
        let id = upload.attachment_id;
        let pieces = self.app.db.read_now(move |conn| queries::pieces(conn, id))?;
        let mut whole = BytesMut::with_capacity(usize::try_from(upload.size).unwrap_or_default());
        for piece in pieces {
            let found = self.wait_for(self.app.files.piece(upload.generation.uuid(), piece.piece_id.uuid()))?;
            match found.filter(|bytes| i64::try_from(bytes.len()) == Ok(piece.size)) {
                Some(bytes) if i64::try_from(whole.len()) == Ok(piece.begins) => whole.extend_from_slice(&bytes),
                _ => return Ok(None),
            }
        }
        Ok((i64::try_from(whole.len()) == Ok(upload.size)).then(|| whole.freeze()))
    }

    fn wait_for<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::internal)?;
        runtime.block_on(work)
    }
}

fn given_up() -> Refusal {
    Refusal::from(Code::FileRejected).at_with("file", Flaw::LookFailed, [("tries", MOST_TRIES.to_string())])
}
