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
use std::thread;

use crossbeam_channel::{Sender, TrySendError, bounded};
use diesel::ConnectionResult;
use tokio::sync::oneshot;

use super::lane::{Lane, Line, Purpose, Threads};
use super::open::Address;
use super::{DbConnection, dialect};
use crate::error::Error;

/// Requests that may wait in a lane. More than this is answered `busy` at once: a queue that cannot be served helps nobody.
const QUEUE: usize = 4_096;

/// The database as the rest of the program sees it. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    reads: Sender<Box<dyn Work>>,
    writes: Sender<Box<dyn Work>>,
    reports: Sender<Box<dyn Work>>,
    glances: Arc<[Mutex<Line>]>,
    statements: Arc<AtomicU64>,
    _threads: Arc<Threads>,
}

impl Db {
    /// Starts the lanes. Their connections are made when they are first needed, but for one, so that a database that cannot
    /// be used is known at once.
    ///
    /// # Errors
    /// What the database answered, when it cannot be reached or refuses.
    pub fn open(address: &Address) -> ConnectionResult<Self> {
        let statements = Arc::new(AtomicU64::new(0));
        let line = |purpose| Line::new(address, purpose, &statements);
        let cores = thread::available_parallelism().map_or(2, usize::from).clamp(2, 16);
        let (readers, writers, reporters, glancers) = match address {
            Address::Sqlite(_) => (cores, 1, 1, cores),
            Address::Postgres(_) => (4, 6, 2, 0),
        };
        let mut first = line(Purpose::Writes);
        first.connect()?;
        let mut threads = Threads::default();
        let (writes, todo) = bounded(QUEUE);
        for line in std::iter::once(first).chain((1..writers).map(|_| line(Purpose::Writes))) {
            let lane = Lane::new(line, todo.clone());
            threads.start("db-write", move || lane.write());
        }
        let mut readers_of = |name: &str, count: usize| {
            let (sender, todo) = bounded(QUEUE);
            for _ in 0..count {
                let lane = Lane::new(line(Purpose::Reads), todo.clone());
                threads.start(name, move || lane.read());
            }
            sender
        };
        let reads = readers_of("db-read", readers);
        let reports = readers_of("db-report", reporters);
        let glances = (0..glancers).map(|_| Mutex::new(line(Purpose::Reads))).collect();
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
        match self.glances.iter().find_map(|line| line.try_lock().ok()) {
            Some(mut line) => line.connected().map_or(Err(Error::Busy), |conn| caught(|| work(conn))),
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
pub(super) trait Work: Send {
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

fn in_snapshot<T>(conn: &mut DbConnection, work: impl Fn(&mut DbConnection) -> Result<T, Error>) -> Result<T, Error> {
    dialect::begin_snapshot(conn)?;
    let found = caught(|| work(conn));
    // Nothing was written: there is nothing to lose.
    dialect::rollback(conn)?;
    found
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
