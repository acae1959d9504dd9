//! One thread of a lane: takes one request after the other and does it on its own connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use diesel::connection::InstrumentationEvent;
use diesel::{Connection, ConnectionResult};

use super::lanes::Work;
use super::open::Address;
use super::{DbConnection, dialect};
use crate::error::Error;

/// Writes that may share one commit, and for how long a group may gather.
const GROUP_SIZE: usize = 64;
const GROUP_TIME: Duration = Duration::from_millis(5);
/// How often a transaction that lost a race on PostgreSQL is tried again.
const TRIES: u32 = 6;
/// How long a lane rests when the database cannot be reached.
const REST: Duration = Duration::from_millis(200);

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Reads,
    Writes,
}

/// A connection that is made when it is first needed, and anew after it was lost: one that lies idle costs memory here and
/// a process on PostgreSQL's side.
pub(super) struct Line {
    address: Address,
    purpose: Purpose,
    statements: Arc<AtomicU64>,
    conn: Option<DbConnection>,
}

impl Line {
    pub(super) fn new(address: &Address, purpose: Purpose, statements: &Arc<AtomicU64>) -> Self {
        Self { address: address.clone(), purpose, statements: statements.clone(), conn: None }
    }

    /// The connection.
    ///
    /// # Errors
    /// What the database answered, when it cannot be reached or refuses.
    pub(super) fn connect(&mut self) -> ConnectionResult<&mut DbConnection> {
        let conn = match self.conn.take() {
            Some(conn) => conn,
            None => self.establish()?,
        };
        Ok(self.conn.insert(conn))
    }

    /// The connection, if there can be one: the reason why not is in the log.
    pub(super) fn connected(&mut self) -> Option<&mut DbConnection> {
        self.connect().inspect_err(|error| tracing::error!(%error, "the database cannot be reached")).ok()
    }

    fn establish(&self) -> ConnectionResult<DbConnection> {
        let mut conn = match self.purpose {
            Purpose::Reads => self.address.connect_reader()?,
            Purpose::Writes => self.address.connect()?,
        };
        let statements = self.statements.clone();
        conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if matches!(event, InstrumentationEvent::StartQuery { .. }) {
                statements.fetch_add(1, Ordering::Relaxed);
            }
        });
        Ok(conn)
    }

    /// Whether the connection broke with this; if so, the next one to ask gets a new one.
    fn broke(&mut self, error: Option<&Error>) -> bool {
        let (Some(Error::Database(error)), Some(conn)) = (error, &mut self.conn) else { return false };
        let broken = dialect::is_broken(conn, error);
        if broken {
            self.conn = None;
        }
        broken
    }
}

/// One thread's connection and what it has to do.
pub(super) struct Lane {
    line: Line,
    todo: Receiver<Box<dyn Work>>,
}

impl Lane {
    pub(super) fn new(line: Line, todo: Receiver<Box<dyn Work>>) -> Self {
        Self { line, todo }
    }

    /// Answers what only reads, until nobody can ask any more.
    pub(super) fn read(mut self) {
        while let Ok(mut request) = self.todo.recv() {
            // Once more on a new connection: the old one may have been lost long before anybody noticed.
            if !self.run(request.as_mut()) && !self.run(request.as_mut()) {
                later(request.as_mut());
            }
            request.answer();
        }
    }

    /// Does the work. `false` when there was no connection for it, or none after it.
    fn run(&mut self, request: &mut dyn Work) -> bool {
        let Some(conn) = self.line.connected() else {
            thread::sleep(REST);
            return false;
        };
        request.run(conn);
        !self.line.broke(request.failure())
    }

    /// Does what changes something, until nobody can ask any more.
    pub(super) fn write(mut self) {
        while let Ok(first) = self.todo.recv() {
            match self.line.address {
                Address::Sqlite(_) => self.write_group(first),
                Address::Postgres(_) => self.write_alone(first),
            }
        }
        if let Some(conn) = &mut self.line.conn {
            // The last writer to leave tidies up; a failure costs nothing but the tidiness.
            let _ = dialect::tidy(conn);
        }
    }

    /// One transaction for everything that waits, a savepoint for each.
    fn write_group(&mut self, first: Box<dyn Work>) {
        let started = Instant::now();
        let mut group = vec![first];
        let Some(conn) = self.line.connected() else { return put_off(group) };
        if let Err(error) = dialect::begin_write(conn) {
            return self.refuse(group, error);
        }
        let mut next = 0;
        loop {
            while let Some(request) = group.get_mut(next) {
                if !in_savepoint(conn, request.as_mut()) {
                    return self.refuse(group, diesel::result::Error::RollbackTransaction);
                }
                next += 1;
            }
            if group.len() >= GROUP_SIZE || started.elapsed() >= GROUP_TIME {
                break;
            }
            match self.todo.try_recv() {
                Ok(request) => group.push(request),
                Err(_) => break,
            }
        }
        match dialect::commit(conn) {
            Ok(()) => group.into_iter().for_each(Work::answer),
            Err(error) => self.refuse(group, error),
        }
    }

    /// Nothing of a group is kept: everybody is told so.
    fn refuse(&mut self, group: Vec<Box<dyn Work>>, error: diesel::result::Error) {
        if let Some(conn) = &mut self.line.conn {
            let _ = dialect::rollback(conn);
        }
        tracing::error!(%error, requests = group.len(), "a group of writes was not committed");
        self.line.broke(Some(&error.into()));
        put_off(group);
    }

    /// One transaction for one request, again when it lost a race.
    fn write_alone(&mut self, mut request: Box<dyn Work>) {
        for attempt in 1..=TRIES {
            let outcome = self.attempt(request.as_mut());
            let last = attempt == TRIES;
            match outcome {
                Attempt::Done => break,
                Attempt::Unreachable | Attempt::Lost => {
                    later(request.as_mut());
                    break;
                }
                Attempt::NotBegun | Attempt::Outrun if last => later(request.as_mut()),
                Attempt::NotBegun => {}
                Attempt::Outrun => thread::sleep(Duration::from_millis(u64::from(attempt * attempt) * 3)),
            }
        }
        request.answer();
    }

    fn attempt(&mut self, request: &mut dyn Work) -> Attempt {
        let Some(conn) = self.line.connected() else {
            thread::sleep(REST);
            return Attempt::Unreachable;
        };
        if let Err(error) = dialect::begin_write(conn) {
            request.fail(error.into());
            return if self.line.broke(request.failure()) { Attempt::NotBegun } else { Attempt::Done };
        }
        request.run(conn);
        let finished = match request.failure() {
            None => dialect::commit(conn).map_err(Error::from),
            Some(_) => {
                let _ = dialect::rollback(conn);
                Ok(())
            }
        };
        if let Err(error) = finished {
            let _ = dialect::rollback(conn);
            request.fail(error);
        }
        let outrun = matches!(request.failure(), Some(Error::Database(error)) if dialect::may_try_again(error));
        match (self.line.broke(request.failure()), outrun) {
            (_, true) => Attempt::Outrun,
            (true, false) => Attempt::Lost,
            (false, false) => Attempt::Done,
        }
    }
}

/// How one try at a transaction of its own went.
enum Attempt {
    /// It has its outcome, whatever it is.
    Done,
    /// There is no connection to be had.
    Unreachable,
    /// The connection was lost before anything was done.
    NotBegun,
    /// The connection was lost over it: nobody knows what became of it.
    Lost,
    /// The database chose it as the victim of a race.
    Outrun,
}

/// Nothing is wrong with the request: the database went away, or others were quicker every time. Whoever asks again may
/// have more luck.
fn later(request: &mut dyn Work) {
    if let Some(error) = request.failure() {
        tracing::error!(%error, "the database did not do what it was asked for");
    }
    request.fail(Error::Busy);
}

fn put_off(group: Vec<Box<dyn Work>>) {
    for mut request in group {
        request.fail(Error::Busy);
        request.answer();
    }
}

/// Does the work in a savepoint. `false` when the transaction around it is gone: a full disk makes SQLite undo all of it,
/// and what came next would be kept by itself though everybody is told that nothing was.
fn in_savepoint(conn: &mut DbConnection, request: &mut dyn Work) -> bool {
    type Savepoint = <DbConnection as Connection>::TransactionManager;
    use diesel::connection::TransactionManager;
    let outside = dialect::depth(conn);
    if let Err(error) = Savepoint::begin_transaction(conn) {
        request.fail(error.into());
        return dialect::depth(conn) == outside;
    }
    request.run(conn);
    if dialect::depth(conn) <= outside {
        return false;
    }
    let ended = match request.failure() {
        None => Savepoint::commit_transaction(conn),
        // All of it: one that panicked may have left savepoints of its own open.
        Some(_) => dialect::roll_back_to(conn, outside),
    };
    if let Err(error) = ended {
        request.fail(error.into());
    }
    dialect::depth(conn) == outside
}

/// The lanes' threads; dropping the last [`Db`](super::Db) closes the channels and waits until they have finished.
#[derive(Default)]
pub(super) struct Threads(Vec<JoinHandle<()>>);

impl Threads {
    pub(super) fn start(&mut self, name: &str, work: impl FnOnce() + Send + 'static) {
        match thread::Builder::new().name(name.to_owned()).spawn(work) {
            Ok(handle) => self.0.push(handle),
            Err(error) => tracing::error!(%error, "a database thread did not start"),
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        let me = thread::current().id();
        for handle in self.0.drain(..).filter(|handle| handle.thread().id() != me) {
            // A lane catches its requests' panics, so there is nothing left to report here.
            let _ = handle.join();
        }
    }
}
