//! Who runs the statements: a few threads, each with a connection of its own.
//!
//! | lane | SQLite | PostgreSQL |
//! |---|---|---|
//! | reads | one thread a core | four |
//! | writes | **one**, in groups | six, each its own transaction |
//! | reports | one | two |
//!
//! A disk flush is what a small write costs, so on SQLite all writes that wait at the same moment share one transaction,
//! each in a savepoint of its own, and are answered after the one commit. PostgreSQL groups its flushes by itself.
//! Long reads have a lane to themselves: a report never makes a technician's scan wait.
//!
//! Handing work to another thread costs more than looking a few rows up in a file that lies in memory, so on SQLite a
//! [glance](Db::glance) needs no lane: it is done where it is asked for, on a connection kept for that.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use diesel::connection::InstrumentationEvent;
use diesel::{Connection, ConnectionResult};
use tokio::sync::oneshot;

use super::open::Address;
use super::{DbConnection, dialect};
use crate::error::Error;

/// Writes that may share one commit, and for how long a group may gather.
const GROUP_SIZE: usize = 64;
const GROUP_TIME: Duration = Duration::from_millis(5);
/// Requests that may wait in a lane. More than this is answered `busy` at once: a queue that cannot be served helps nobody.
const QUEUE: usize = 4_096;
/// How often a transaction that lost a race on PostgreSQL is tried again.
const TRIES: u32 = 6;

/// The database as the rest of the program sees it. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    reads: Sender<Box<dyn Work>>,
    writes: Sender<Box<dyn Work>>,
    reports: Sender<Box<dyn Work>>,
    glances: Arc<[Mutex<DbConnection>]>,
    statements: Arc<AtomicU64>,
    _threads: Arc<Threads>,
}

impl Db {
    /// Opens the connections of every lane.
    ///
    /// # Errors
    /// What the database answered, when it cannot be reached or refuses.
    pub fn open(address: &Address) -> ConnectionResult<Self> {
        let statements = Arc::new(AtomicU64::new(0));
        let mut threads = Threads::default();
        let cores = thread::available_parallelism().map_or(2, usize::from);
        let (readers, writers, reporters) = match address {
            Address::Sqlite(_) => (cores.clamp(2, 16), 1, 1),
            Address::Postgres(_) => (4, 6, 2),
        };
        let (writes, todo) = bounded(QUEUE);
        for _ in 0..writers {
            let lane = Lane::open(address, Purpose::Writes, todo.clone(), &statements)?;
            threads.start("db-write", move || lane.write());
        }
        let (reads, todo) = bounded(QUEUE);
        for _ in 0..readers {
            let lane = Lane::open(address, Purpose::Reads, todo.clone(), &statements)?;
            threads.start("db-read", move || lane.read());
        }
        let (reports, todo) = bounded(QUEUE);
        for _ in 0..reporters {
            let lane = Lane::open(address, Purpose::Reads, todo.clone(), &statements)?;
            threads.start("db-report", move || lane.read());
        }
        let glancers = if let Address::Sqlite(_) = address { cores.clamp(2, 16) } else { 0 };
        let glances = (0..glancers).map(|_| connect(address, Purpose::Reads, &statements).map(Mutex::new));
        let glances = glances.collect::<ConnectionResult<_>>()?;
        Ok(Self { reads, writes, reports, glances, statements, _threads: Arc::new(threads) })
    }

    /// Runs statements that only read.
    ///
    /// # Errors
    /// What `work` answers; `busy` when too many requests wait.
    pub async fn read<T, F>(&self, work: F) -> Result<T, Error>
    where
        F: Fn(&mut DbConnection) -> Result<T, Error> + Send + 'static,
        T: Send + 'static,
    {
        hand_in(&self.reads, work)?.await.unwrap_or_else(|_| Err(Error::stopped()))
    }

    /// Runs statements that find a few rows by their keys. Whoever asks is kept from everything else meanwhile, so it must be
    /// a matter of microseconds; where the database is another process, it is a [`Db::read`].
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn glance<T, F>(&self, work: F) -> Result<T, Error>
    where
        F: Fn(&mut DbConnection) -> Result<T, Error> + Send + 'static,
        T: Send + 'static,
    {
        match self.glances.iter().find_map(|conn| conn.try_lock().ok()) {
            Some(mut conn) => caught(|| work(&mut conn)),
            None => self.read(work).await,
        }
    }

    /// Runs statements that read a lot: registers, searches, exports.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn report<T, F>(&self, work: F) -> Result<T, Error>
    where
        F: Fn(&mut DbConnection) -> Result<T, Error> + Send + 'static,
        T: Send + 'static,
    {
        hand_in(&self.reports, work)?.await.unwrap_or_else(|_| Err(Error::stopped()))
    }

    /// Runs statements that read one unchanging state of the data, whatever is committed meanwhile. `long` ones have the lane
    /// of [`Db::report`].
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn snapshot<T, F>(&self, long: bool, work: F) -> Result<T, Error>
    where
        F: Fn(&mut DbConnection) -> Result<T, Error> + Send + 'static,
        T: Send + 'static,
    {
        let work = move |conn: &mut DbConnection| in_snapshot(conn, &work);
        if long { self.report(work).await } else { self.read(work).await }
    }

    /// Runs statements that change something, all or none, and answers when they are on the disk.
    ///
    /// `work` may run again when the database made it lose a race, so it must touch nothing but its connection. It must be
    /// quick as well: on SQLite everybody's writes wait for it.
    ///
    /// # Errors
    /// What `work` answers (and then nothing is changed); `busy` when too many requests wait.
    pub async fn write<T, F>(&self, work: F) -> Result<T, Error>
    where
        F: Fn(&mut DbConnection) -> Result<T, Error> + Send + 'static,
        T: Send + 'static,
    {
        hand_in(&self.writes, work)?.await.unwrap_or_else(|_| Err(Error::stopped()))
    }

    /// [`Db::read`] for the command line and background threads.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub fn read_now<T, F>(&self, work: F) -> Result<T, Error>
    where
        F: Fn(&mut DbConnection) -> Result<T, Error> + Send + 'static,
        T: Send + 'static,
    {
        hand_in(&self.reads, work)?.blocking_recv().unwrap_or_else(|_| Err(Error::stopped()))
    }

    /// [`Db::write`] for the command line and background threads.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub fn write_now<T, F>(&self, work: F) -> Result<T, Error>
    where
        F: Fn(&mut DbConnection) -> Result<T, Error> + Send + 'static,
        T: Send + 'static,
    {
        hand_in(&self.writes, work)?.blocking_recv().unwrap_or_else(|_| Err(Error::stopped()))
    }

    /// How many SQL statements have been run since the start.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }
}

fn hand_in<T, F>(lane: &Sender<Box<dyn Work>>, work: F) -> Result<oneshot::Receiver<Result<T, Error>>, Error>
where
    F: Fn(&mut DbConnection) -> Result<T, Error> + Send + 'static,
    T: Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    match lane.try_send(Box::new(Request { work, outcome: None, reply })) {
        Ok(()) => Ok(answer),
        Err(TrySendError::Full(_)) => Err(Error::Busy),
        Err(TrySendError::Disconnected(_)) => Err(Error::stopped()),
    }
}

/// A request's work, its type forgotten.
trait Work: Send {
    /// Does the work and keeps the outcome. A panic is an outcome too: it must not take the others with it.
    fn run(&mut self, conn: &mut DbConnection);
    /// What went wrong, while the outcome is kept.
    fn failure(&self) -> Option<&Error>;
    /// Replaces the outcome: the transaction around it could not be begun or committed.
    fn fail(&mut self, error: Error);
    /// Tells whoever asked. They may have gone away.
    fn answer(self: Box<Self>);
}

/// What work gives; a panic is an error of the program's.
fn caught<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(Error::panicked(panic.as_ref())))
}

struct Request<T, F> {
    work: F,
    outcome: Option<Result<T, Error>>,
    reply: oneshot::Sender<Result<T, Error>>,
}

impl<T, F> Work for Request<T, F>
where
    F: Fn(&mut DbConnection) -> Result<T, Error> + Send,
    T: Send,
{
    fn run(&mut self, conn: &mut DbConnection) {
        self.outcome = Some(caught(|| (self.work)(conn)));
    }

    fn failure(&self) -> Option<&Error> {
        self.outcome.as_ref().and_then(|outcome| outcome.as_ref().err())
    }

    fn fail(&mut self, error: Error) {
        self.outcome = Some(Err(error));
    }

    fn answer(self: Box<Self>) {
        let outcome = self.outcome.unwrap_or_else(|| Err(Error::stopped()));
        // Nobody waits any more when the client has hung up.
        let _ = self.reply.send(outcome);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Reads,
    Writes,
}

/// One thread's connection and what it has to do.
struct Lane {
    address: Address,
    purpose: Purpose,
    conn: DbConnection,
    todo: Receiver<Box<dyn Work>>,
    statements: Arc<AtomicU64>,
}

impl Lane {
    fn open(
        address: &Address,
        purpose: Purpose,
        todo: Receiver<Box<dyn Work>>,
        statements: &Arc<AtomicU64>,
    ) -> ConnectionResult<Self> {
        let conn = connect(address, purpose, statements)?;
        Ok(Self { address: address.clone(), purpose, conn, todo, statements: statements.clone() })
    }

    fn read(mut self) {
        while let Ok(mut request) = self.todo.recv() {
            request.run(&mut self.conn);
            if self.is_broken(request.as_ref()) && self.reconnect() {
                request.run(&mut self.conn);
            }
            if self.is_broken(request.as_ref()) {
                later(request.as_mut());
            }
            request.answer();
        }
    }

    fn write(mut self) {
        while let Ok(first) = self.todo.recv() {
            match self.conn {
                DbConnection::Sqlite(_) => self.write_group(first),
                DbConnection::Postgres(_) => self.write_alone(first),
            }
        }
        // The last writer to leave tidies up; a failure costs nothing but the tidiness.
        let _ = dialect::tidy(&mut self.conn);
    }

    /// One transaction for everything that waits, a savepoint for each.
    fn write_group(&mut self, first: Box<dyn Work>) {
        let started = Instant::now();
        let mut group = vec![first];
        if let Err(error) = dialect::begin_write(&mut self.conn) {
            return self.refuse(group, &error);
        }
        let mut next = 0;
        loop {
            while let Some(request) = group.get_mut(next) {
                if !in_savepoint(&mut self.conn, request.as_mut()) {
                    return self.refuse(group, &diesel::result::Error::RollbackTransaction);
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
        match dialect::commit(&mut self.conn) {
            Ok(()) => group.into_iter().for_each(Work::answer),
            Err(error) => self.refuse(group, &error),
        }
    }

    /// Nothing of a group is kept: everybody is told so.
    fn refuse(&mut self, group: Vec<Box<dyn Work>>, error: &diesel::result::Error) {
        let _ = dialect::rollback(&mut self.conn);
        tracing::error!(%error, requests = group.len(), "a group of writes was not committed");
        if dialect::is_broken(&mut self.conn, error) {
            self.reconnect();
        }
        for mut request in group {
            request.fail(Error::Busy);
            request.answer();
        }
    }

    /// One transaction for one request, again when it lost a race.
    fn write_alone(&mut self, mut request: Box<dyn Work>) {
        for attempt in 1..=TRIES {
            if let Err(error) = dialect::begin_write(&mut self.conn) {
                let broken = dialect::is_broken(&mut self.conn, &error);
                let reconnected = broken && self.reconnect();
                if !reconnected || attempt == TRIES {
                    request.fail(error.into());
                    if broken {
                        later(request.as_mut());
                    }
                    break;
                }
                continue;
            }
            request.run(&mut self.conn);
            let finished = match request.failure() {
                None => dialect::commit(&mut self.conn).map_err(Error::from),
                Some(_) => {
                    let _ = dialect::rollback(&mut self.conn);
                    Ok(())
                }
            };
            if let Err(error) = finished {
                let _ = dialect::rollback(&mut self.conn);
                request.fail(error);
            }
            let lost_a_race =
                matches!(request.failure(), Some(Error::Database(error)) if dialect::may_try_again(error));
            if self.is_broken(request.as_ref()) {
                later(request.as_mut());
                self.reconnect();
            }
            if !lost_a_race {
                break;
            }
            if attempt == TRIES {
                later(request.as_mut());
                break;
            }
            thread::sleep(Duration::from_millis(u64::from(attempt * attempt) * 3));
        }
        request.answer();
    }

    fn is_broken(&mut self, request: &dyn Work) -> bool {
        matches!(request.failure(), Some(Error::Database(error)) if dialect::is_broken(&mut self.conn, error))
    }

    /// Opens a new connection in place of a broken one. `false` when the database is still away: the next request tries again.
    fn reconnect(&mut self) -> bool {
        match connect(&self.address, self.purpose, &self.statements) {
            Ok(conn) => {
                self.conn = conn;
                true
            }
            Err(error) => {
                tracing::error!(%error, "the database cannot be reached");
                thread::sleep(Duration::from_millis(200));
                false
            }
        }
    }
}

/// Nothing is wrong with the request: the database went away, or others were quicker every time. Whoever asks again may
/// have more luck.
fn later(request: &mut dyn Work) {
    if let Some(error) = request.failure() {
        tracing::error!(%error, "the database did not do what it was asked for");
    }
    request.fail(Error::Busy);
}

fn connect(address: &Address, purpose: Purpose, statements: &Arc<AtomicU64>) -> ConnectionResult<DbConnection> {
    let mut conn = match purpose {
        Purpose::Reads => address.connect_reader()?,
        Purpose::Writes => address.connect()?,
    };
    let statements = statements.clone();
    conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if matches!(event, InstrumentationEvent::StartQuery { .. }) {
            statements.fetch_add(1, Ordering::Relaxed);
        }
    });
    Ok(conn)
}

fn in_snapshot<T>(conn: &mut DbConnection, work: impl Fn(&mut DbConnection) -> Result<T, Error>) -> Result<T, Error> {
    dialect::begin_snapshot(conn)?;
    let found = caught(|| work(conn));
    // Nothing was written: there is nothing to lose.
    dialect::rollback(conn)?;
    found
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

/// The lanes' threads; dropping the last [`Db`] closes the channels and waits until they have finished.
#[derive(Default)]
struct Threads(Vec<JoinHandle<()>>);

impl Threads {
    fn start(&mut self, name: &str, work: impl FnOnce() + Send + 'static) {
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

#[cfg(test)]
mod tests {
    use diesel::prelude::*;
    use diesel::sql_query;
    use diesel::sql_types::BigInt;

    use super::*;

    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        rows: i64,
    }

    #[test]
    fn what_a_full_disk_refuses_takes_nobody_unawares() {
        let folder = std::env::temp_dir().join(format!("naryad-lanes-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&folder).unwrap();
        let db = Db::open(&Address::Sqlite(folder.join("full.sqlite"))).unwrap();
        let run = |sql: &'static str| {
            hand_in(&db.writes, move |conn| sql_query(sql).execute(conn).map_err(Error::from)).unwrap()
        };
        run("CREATE TABLE notes (body BLOB)").blocking_recv().unwrap().unwrap();
        run("PRAGMA max_page_count = 200").blocking_recv().unwrap().unwrap();
        // While the lane is held up, the others gather into groups.
        let (go, wait) = bounded::<()>(0);
        let held = hand_in(&db.writes, move |_| wait.recv().map_err(Error::internal)).unwrap();
        let small = "INSERT INTO notes VALUES (zeroblob(10))";
        let asked: Vec<_> = (0..30)
            .map(|place| run(if place % 5 == 2 { "INSERT INTO notes VALUES (zeroblob(4000000))" } else { small }))
            .collect();
        go.send(()).unwrap();
        // It shares the fate of its group.
        let _ = held.blocking_recv().unwrap();
        let kept = asked.into_iter().map(|answer| answer.blocking_recv().unwrap());
        let kept = i64::try_from(kept.filter(Result::is_ok).count()).unwrap();
        let count = |conn: &mut DbConnection| -> Result<i64, Error> {
            let count: Count = sql_query("SELECT COUNT(*) AS rows FROM notes").get_result(conn)?;
            Ok(count.rows)
        };
        assert_eq!(db.read_now(count).unwrap(), kept, "what was told to be kept, and nothing else");
        run(small).blocking_recv().unwrap().unwrap();
        assert_eq!(db.read_now(count).unwrap(), kept + 1);
        drop(db);
        let _ = std::fs::remove_dir_all(folder);
    }
}
