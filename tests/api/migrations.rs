//! One history of the schema for both databases, there and back.

use std::collections::BTreeSet;
use std::path::PathBuf;

use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query, sql_types};
use naryad::db::{Address, migrate};

use crate::postgres::SERVER;

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = sql_types::Text)]
    name: String,
}

const ON_SQLITE: &str = "SELECT t.name || '.' || c.name AS name FROM sqlite_master t JOIN pragma_table_info(t.name) c \
                         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
const ON_POSTGRES: &str = "SELECT (table_name || '.' || column_name)::text AS name FROM information_schema.columns \
                           WHERE table_schema = 'public'";

fn sqlite(path: &str) -> BTreeSet<String> {
    let mut conn = SqliteConnection::establish(path).unwrap();
    sql_query(ON_SQLITE).load::<Name>(&mut conn).unwrap().into_iter().map(|row| row.name).collect()
}

fn there_and_back(address: &Address, look: impl Fn() -> BTreeSet<String>) -> BTreeSet<String> {
    let steps = migrate::steps().unwrap().len();
    assert_eq!(migrate::run(address).unwrap(), steps);
    let first = look();
    assert_eq!(migrate::undo_all(address).unwrap(), steps);
    let left: Vec<_> = look().into_iter().filter(|column| !column.starts_with("__diesel")).collect();
    assert_eq!(left, Vec::<String>::new());
    assert_eq!(migrate::run(address).unwrap(), steps);
    assert_eq!(look(), first);
    assert_eq!(migrate::run(address).unwrap(), 0);
    first
}

#[test]
fn both_databases_have_the_same_tables_whichever_way_they_came() {
    let folder = std::env::temp_dir().join(format!("naryad_test_{}_m", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file: PathBuf = folder.join("naryad.db");
    let path = file.to_str().unwrap().to_owned();
    let embedded = there_and_back(&Address::Sqlite(file), || sqlite(&path));
    std::fs::remove_dir_all(folder).unwrap();
    let Some(server) = SERVER.as_ref() else { return };
    let name = format!("naryad_test_{}_m", std::process::id());
    server.create(&name);
    let url = server.address(&name);
    let big = there_and_back(&Address::parse(&url).unwrap(), || {
        let mut conn = PgConnection::establish(&url).unwrap();
        sql_query(ON_POSTGRES).load::<Name>(&mut conn).unwrap().into_iter().map(|row| row.name).collect()
    });
    server.drop(&name);
    assert_eq!(embedded, big);
}
