//! A database that fails in the middle of a push: the push fails as a whole, and no row is refused for it.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query, sql_types};
use naryad::db::Address;
use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::job::Job;
use crate::person::{Answer, id};
use crate::phone::Phone;

on_each_database![a_row_that_takes_too_long_fails_the_push, a_database_that_is_held_fails_the_push];

fn phone_of(house: &House) -> Phone {
    let mut phone = Phone::new(house.technician());
    phone.pull();
    phone
}

fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// Working time, which is taken first, and words, which the database does not take.
fn work(ticket: &str, letters: usize) -> [(&'static str, &'static str, Vec<Value>); 2] {
    let time =
        json!({"id": new_id(), "ticket_id": ticket, "kind": "on_site", "minutes": 15, "visible_to_client": true});
    let comments = (0..letters.div_ceil(10_000).max(1)).map(|_| {
        json!({"id": new_id(), "ticket_id": ticket, "visibility": "internal", "text": "ы".repeat(letters.clamp(1, 10_000))})
    });
    [("time_entries", "created", vec![time]), ("comments", "created", comments.collect())]
}

/// The push came to nothing, and is taken when it is sent again.
fn is_taken_later(house: &House, job: &Job, phone: &mut Phone, changes: &[(&str, &str, Vec<Value>)], failed: Answer) {
    assert!(!failed.header("retry-after").is_empty());
    failed.refused(503, "busy");
    let kept = |what: &str| house.dispatcher().get(&job.at(what)).is(200)["data"].as_array().unwrap().len();
    assert_eq!((kept("/time-entries"), kept("/comments")), (0, 0), "nothing of it was kept");
    phone.is_right();
    assert!(phone.table("sync_issues").is_empty());
    let answer = phone.push(changes).is(200);
    assert!(answer["results"].as_array().unwrap().iter().all(|result| result["status"] == "applied"), "{answer}");
    phone.is_right();
    assert!(phone.table("sync_issues").is_empty());
    assert_eq!(kept("/time-entries"), 1);
    assert!(phone.holds("comments", &id(&changes[1].2[0])));
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = sql_types::BigInt)]
    count: i64,
}

fn a_row_that_takes_too_long_fails_the_push(house: &House) {
    let job = Job::plain(house);
    let mut phone = phone_of(house);
    let failed;
    let changes;
    match &house.app.config.database {
        // A disk that is full in the middle of it.
        Address::Sqlite(_) => {
            changes = work(&job.ticket, 400_000);
            let limit = |pages: &str| {
                let pragma = format!("PRAGMA max_page_count = {pages}");
                house.app.db.write_now(move |conn| Ok(conn.batch_execute(&pragma)?)).unwrap();
            };
            limit("1");
            failed = phone.push(&changes);
            limit("4294967294");
        }
        // A statement that waits for others until its time is over; here it is told so at once.
        Address::Postgres(url) => {
            changes = work(&job.ticket, 1);
            let mut other = PgConnection::establish(url).unwrap();
            other.batch_execute("BEGIN; LOCK TABLE comments IN SHARE ROW EXCLUSIVE MODE").unwrap();
            failed = std::thread::scope(|scope| {
                let push = scope.spawn(|| phone.push(&changes));
                let began = Instant::now();
                loop {
                    let cancelled: Count = sql_query(
                        "SELECT count(*) AS count FROM (SELECT pg_cancel_backend(pid) FROM pg_stat_activity \
                         WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%comments%') AS told",
                    )
                    .get_result(&mut PgConnection::establish(url).unwrap())
                    .unwrap();
                    if cancelled.count > 0 {
                        break;
                    }
                    assert!(began.elapsed() < Duration::from_secs(30), "nobody waits");
                    std::thread::sleep(Duration::from_millis(20));
                }
                push.join().unwrap()
            });
            other.batch_execute("ROLLBACK").unwrap();
        }
    }
    is_taken_later(house, &job, &mut phone, &changes, failed);
}

fn a_database_that_is_held_fails_the_push(house: &House) {
    // PostgreSQL has no such thing: others wait for rows there, as above.
    let Address::Sqlite(path) = &house.app.config.database else { return };
    let job = Job::plain(house);
    let mut phone = phone_of(house);
    let changes = work(&job.ticket, 1);
    let mut other = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    other.batch_execute("PRAGMA busy_timeout = 10000; BEGIN IMMEDIATE").unwrap();
    let failed = phone.push(&changes);
    other.batch_execute("ROLLBACK").unwrap();
    is_taken_later(house, &job, &mut phone, &changes, failed);
}
