//! What a whole database holds, and whether it is sound: for backups.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{QueryableByName, sql_query};

use super::{DbConnection, dialect};

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

#[derive(QueryableByName)]
struct Said {
    #[diesel(sql_type = Text)]
    said: String,
}

/// How many rows each table has.
///
/// # Errors
/// The database's.
pub fn rows(conn: &mut DbConnection) -> QueryResult<BTreeMap<String, i64>> {
    let mut counts = BTreeMap::new();
    for Said { said: table } in sql_query(dialect::tables_of(conn)).load::<Said>(conn)? {
        // A name from the database's own list: nothing to escape but what a quoted name may hold.
        let counted = format!("SELECT count(*) AS rows FROM \"{}\"", table.replace('"', "\"\""));
        let rows = sql_query(counted).get_result::<Counted>(conn)?.rows;
        counts.insert(table, rows);
    }
    Ok(counts)
}

/// The steps of the schema's history that were done, in order.
///
/// # Errors
/// The database's; also when it has no such history.
pub fn steps(conn: &mut DbConnection) -> QueryResult<Vec<String>> {
    let done = "SELECT CAST(version AS TEXT) AS said FROM __diesel_schema_migrations ORDER BY version";
    Ok(sql_query(done).load::<Said>(conn)?.into_iter().map(|row| row.said).collect())
}

#[derive(QueryableByName)]
struct Orphan {
    #[diesel(sql_type = Text)]
    child: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    place: Option<i64>,
    #[diesel(sql_type = Text)]
    parent: String,
}

/// What is wrong with the database's own structure, at most a hundred sentences. PostgreSQL looks while it loads a dump, so
/// there is nothing to find there.
///
/// # Errors
/// The database's.
pub fn flaws(conn: &mut DbConnection) -> QueryResult<Vec<String>> {
    if !dialect::is_our_file(conn) {
        return Ok(Vec::new());
    }
    let structure = "SELECT integrity_check AS said FROM pragma_integrity_check LIMIT 100";
    let mut flaws: Vec<String> = sql_query(structure).load::<Said>(conn)?.into_iter().map(|row| row.said).collect();
    flaws.retain(|said| said != "ok");
    let orphans = "SELECT \"table\" AS child, rowid AS place, parent FROM pragma_foreign_key_check LIMIT 100";
    flaws.extend(sql_query(orphans).load::<Orphan>(conn)?.into_iter().map(|orphan| {
        let row = orphan.place.map(|place| format!("row {place} of ")).unwrap_or_default();
        format!("{row}{} names a record of {} that is not there", orphan.child, orphan.parent)
    }));
    Ok(flaws)
}
