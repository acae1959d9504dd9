//! Where the two databases differ. Beside it only `open`, which tells them apart by their addresses, and
//! `lane`, which groups the writes of one and retries those of the other, know which one they talk to.

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sqlite::Sqlite;

use super::{DbConnection, MultiBackend};

#[diesel::declare_sql_function]
extern "SQL" {
    /// Lower case for every alphabet. SQLite's own `lower` knows ASCII only, so each of its connections gets ours.
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;

    /// Whether a lock of PostgreSQL's was free: it is held until the end of the transaction.
    fn pg_try_advisory_xact_lock(key: diesel::sql_types::BigInt) -> diesel::sql_types::Bool;
}

/// Begins a transaction that may write. SQLite must say so at once: a read transaction that turns into a write fails
/// with "database is locked" whatever the timeout.
pub fn begin_write(conn: &mut DbConnection) -> QueryResult<()> {
    match conn {
        DbConnection::Sqlite(sqlite) => AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN IMMEDIATE"),
        DbConnection::Postgres(postgres) => AnsiTransactionManager::begin_transaction(postgres),
    }
}

/// Begins a transaction that sees one unchanging state of the data until it ends.
pub fn begin_snapshot(conn: &mut DbConnection) -> QueryResult<()> {
    match conn {
        DbConnection::Sqlite(sqlite) => AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN DEFERRED"),
        DbConnection::Postgres(postgres) => {
            AnsiTransactionManager::begin_transaction_sql(postgres, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        }
    }
}

/// Commits what [`begin_write`] or [`begin_snapshot`] began.
pub fn commit(conn: &mut DbConnection) -> QueryResult<()> {
    <DbConnection as Connection>::TransactionManager::commit_transaction(conn)
}

/// Undoes everything since [`begin_write`] or [`begin_snapshot`], whatever savepoints a panic may have left open.
pub fn rollback(conn: &mut DbConnection) -> QueryResult<()> {
    roll_back_to(conn, 0)
}

/// How many transactions and savepoints are open within each other.
pub fn depth(conn: &mut DbConnection) -> u32 {
    let status = <DbConnection as Connection>::TransactionManager::transaction_manager_status_mut(conn);
    status.transaction_depth().ok().flatten().map_or(0, std::num::NonZero::get)
}

/// Rolls back until no more than this many are open.
pub fn roll_back_to(conn: &mut DbConnection, open: u32) -> QueryResult<()> {
    while depth(conn) > open {
        <DbConnection as Connection>::TransactionManager::rollback_transaction(conn)?;
    }
    Ok(())
}

/// Whether a transaction may simply be tried again: the database chose it as the victim of a race.
pub fn may_try_again(error: &Error) -> bool {
    match error {
        Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => true,
        Error::DatabaseError(_, information) => information.message().contains("deadlock detected"),
        _ => false,
    }
}

/// Whether the connection itself is gone, so that a new one must be opened.
pub fn is_broken(conn: &mut DbConnection, error: &Error) -> bool {
    matches!(error, Error::DatabaseError(DatabaseErrorKind::ClosedConnection, _) | Error::BrokenTransactionManager)
        || matches!(conn, DbConnection::Postgres(_))
            && matches!(error, Error::DatabaseError(DatabaseErrorKind::UnableToSendCommand, _))
        || <DbConnection as Connection>::TransactionManager::is_broken_transaction_manager(conn)
}

/// Whether a statement failed for a reason that passes: it took too long, waited too long for others, lost a race, the disk was
/// full, or the database went away. Nothing is wrong with what was asked for.
pub fn will_pass(error: &Error) -> bool {
    const WORDS: [&str; 7] = [
        "canceling statement due to",
        "terminating connection due to",
        "could not obtain lock",
        "is not yet accepting connections",
        "the database system is",
        "database or disk is full",
        "No space left on device",
    ];
    may_try_again(error)
        || is_held(error)
        || matches!(
            error,
            Error::DatabaseError(DatabaseErrorKind::ClosedConnection, _) | Error::BrokenTransactionManager
        )
        || says(error, &WORDS)
}

/// Whether another program keeps an embedded database from being changed.
pub fn is_held(error: &Error) -> bool {
    says(error, &["database is locked", "database table is locked", "database schema is locked"])
}

/// Whether a file is no database of SQLite's, or not any more.
pub fn is_damaged(error: &Error) -> bool {
    says(error, &["file is not a database", "database disk image is malformed"])
}

fn says(error: &Error, words: &[&str]) -> bool {
    matches!(error, Error::DatabaseError(_, information) if words.iter().any(|word| information.message().contains(word)))
}

/// Runs `work` while no other instance migrates the same database.
pub fn alone<T>(conn: &mut DbConnection, work: impl FnOnce(&mut DbConnection) -> T) -> QueryResult<T> {
    const LOCK: i64 = 0x6e61_7279_6164; // "naryad"
    if let DbConnection::Postgres(postgres) = conn {
        postgres.batch_execute(&format!("SET statement_timeout = 0; SELECT pg_advisory_lock({LOCK})"))?;
    }
    let result = work(conn);
    if let DbConnection::Postgres(postgres) = conn {
        postgres.batch_execute(&format!("SELECT pg_advisory_unlock({LOCK}); SET statement_timeout = '60s'"))?;
    }
    Ok(result)
}

/// Waits until no other instance chains events; until the end of this transaction none will.
pub fn one_sealer(conn: &mut DbConnection) -> QueryResult<()> {
    const LOCK: i64 = 0x6e61_7279_6165;
    match conn {
        DbConnection::Sqlite(_) => Ok(()),
        DbConnection::Postgres(postgres) => postgres.batch_execute(&format!("SELECT pg_advisory_xact_lock({LOCK})")),
    }
}

/// Whether no other instance does an import; until the end of this transaction none will. Nobody waits here: those who
/// wait in a transaction keep everybody else from writing.
pub fn only_importer(conn: &mut DbConnection) -> QueryResult<bool> {
    const LOCK: i64 = 0x6e61_7279_6166;
    match conn {
        DbConnection::Sqlite(_) => Ok(true),
        DbConnection::Postgres(postgres) => {
            diesel::select(pg_try_advisory_xact_lock(LOCK)).get_result::<bool>(postgres)
        }
    }
}

/// Leaves the embedded database as one tidy file. Nothing to do for a server.
///
/// It is never analysed: what `ANALYZE` says of a database on its first day makes SQLite read whole tables on its
/// hundredth, while without statistics it takes the index that a query was given.
pub fn settle(conn: &mut DbConnection) -> QueryResult<()> {
    match conn {
        DbConnection::Sqlite(sqlite) => sqlite.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)"),
        DbConnection::Postgres(_) => Ok(()),
    }
}

/// Brings what the log of an embedded database holds into its file as far as that keeps nobody waiting: another program may
/// be serving it.
pub fn tidy(conn: &mut DbConnection) -> QueryResult<()> {
    match conn {
        DbConnection::Sqlite(sqlite) => sqlite.batch_execute("PRAGMA wal_checkpoint(PASSIVE)"),
        DbConnection::Postgres(_) => Ok(()),
    }
}

/// A statement that both databases know but the combined backend does not write, such as `ON CONFLICT`:
/// it is rendered by whichever database runs it.
#[derive(Debug, Clone, Copy)]
pub struct Both<Q>(pub Q);

impl<Q: QueryId> QueryId for Both<Q> {
    type QueryId = Q::QueryId;
    const HAS_STATIC_QUERY_ID: bool = Q::HAS_STATIC_QUERY_ID;
}

impl<Q> QueryFragment<MultiBackend> for Both<Q>
where
    Q: QueryFragment<Sqlite> + QueryFragment<Pg>,
{
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        MultiBackend::walk_variant_ast(&self.0, pass)
    }
}

impl<Q> RunQueryDsl<DbConnection> for Both<Q> {}

/// Runs a statement on the database's own connection. The combined one writes every statement's text twice before it finds
/// that it was prepared long ago: what is asked for a thousand times a second goes straight, and so do rows by the
/// hundred, which only the two databases themselves can write.
macro_rules! straight {
    ($conn:expr, |$own:ident| $run:expr) => {
        match $conn {
            $crate::db::DbConnection::Sqlite($own) => $run,
            $crate::db::DbConnection::Postgres($own) => $run,
        }
    };
}
pub(crate) use straight;

/// Inserts many rows, a thousand with a statement: none has more parameters than SQLite takes, 32,766.
macro_rules! insert_all {
    ($conn:expr, $table:expr, $rows:expr) => {{
        $rows.chunks(1_000).try_fold(0, |sum, rows| {
            let inserted =
                $crate::db::dialect::straight!($conn, |own| diesel::insert_into($table).values(rows).execute(own));
            inserted.map(|inserted| sum + inserted)
        })
    }};
}
pub(crate) use insert_all;

/// Keeps others from changing some rows, and from adding rows that name them, until the end of this transaction. Where
/// there is one writer, nobody could.
macro_rules! hold {
    ($conn:expr, $rows:expr, $key:ty) => {
        match $conn {
            $crate::db::DbConnection::Sqlite(_) => Ok(()),
            $crate::db::DbConnection::Postgres(own) => $rows.for_update().load::<$key>(own).map(drop),
        }
    };
}
pub(crate) use hold;

/// The statement that lists the tables as `said`.
pub const fn tables_of(conn: &DbConnection) -> &'static str {
    match conn {
        DbConnection::Sqlite(_) => {
            "SELECT name AS said FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
             AND name NOT LIKE '\\_\\_diesel%' ESCAPE '\\' ORDER BY name"
        }
        DbConnection::Postgres(_) => {
            "SELECT CAST(tablename AS TEXT) AS said FROM pg_tables WHERE schemaname = current_schema() \
             AND tablename NOT LIKE '\\_\\_diesel%' AND tablename <> 'restore_under_way' ORDER BY tablename"
        }
    }
}

/// Whether other instances may work on the same database.
pub const fn is_shared(conn: &DbConnection) -> bool {
    !is_our_file(conn)
}

/// Whether the database is a file of ours, whose structure nobody else looks after.
pub const fn is_our_file(conn: &DbConnection) -> bool {
    matches!(conn, DbConnection::Sqlite(_))
}
