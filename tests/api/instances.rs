//! Many at once: on one server, and on several behind a balancer.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::job::Job;
use crate::person::{Answer, id, text};

on_each_database![
    fifty_creates_make_one_record,
    fifty_requests_with_one_key_make_one_record,
    fifty_signatures_make_one,
    fifty_writers_lose_nothing,
    one_act_is_billed_once,
    numbers_have_no_gaps,
    an_edit_meant_for_one_version_is_made_once,
    what_was_answered_is_there_after_a_restart,
    a_database_that_goes_away_is_no_defect,
];

/// Calls from as many threads as there are numbers.
fn at_once<T: Send>(numbers: std::ops::Range<usize>, call: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let call = &call;
    std::thread::scope(|scope| {
        let threads: Vec<_> = numbers.map(|number| scope.spawn(move || call(number))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn statuses(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

fn fifty_creates_make_one_record(house: &House) {
    let mut ticket = house.scene.strict_ticket();
    ticket["id"] = json!("0190c1de-0000-7000-8000-000000000050");
    let dispatcher = house.dispatcher();
    let answers = at_once(0..50, |_| dispatcher.post("/tickets", &ticket));
    assert_eq!((statuses(&answers, 201), statuses(&answers, 200)), (1, 49));
    assert_eq!(answers.iter().map(|answer| &answer.bytes).collect::<BTreeSet<_>>().len(), 1);
    assert_eq!(dispatcher.get("/tickets").is(200)["data"].as_array().unwrap().len(), 1);
}

fn fifty_requests_with_one_key_make_one_record(house: &House) {
    let dispatcher = house.dispatcher().with("idempotency-key", "fifty");
    let answers = at_once(0..50, |_| dispatcher.post("/tickets", &house.scene.plain_ticket()));
    assert_eq!(statuses(&answers, 201), 50);
    assert_eq!(answers.iter().filter(|answer| answer.header("idempotency-replayed") == "true").count(), 49);
    assert_eq!(dispatcher.get("/tickets").is(200)["data"].as_array().unwrap().len(), 1);
}

fn fifty_signatures_make_one(house: &House) {
    let job = Job::strict(house);
    job.finish();
    let act = job.act();
    let answers = at_once(0..50, |_| job.sign(&act));
    assert_eq!((statuses(&answers, 201), statuses(&answers, 409)), (1, 49));
    let kept = house.technician().get(&format!("/acts/{}/signatures", id(&act))).is(200);
    assert_eq!(kept["data"].as_array().unwrap().len(), 1);
}

fn fifty_writers_lose_nothing(house: &House) {
    let job = Job::plain(house);
    let tech = house.technician();
    let comment = |number: usize| json!({"text": format!("запись {number}")});
    let answers = at_once(0..50, |writer| {
        (0..4).map(|turn| tech.post(&job.at("/comments"), &comment(writer * 4 + turn)).status).collect::<Vec<_>>()
    });
    assert!(answers.iter().flatten().all(|status| *status == 201));
    let mut texts = BTreeSet::new();
    let mut cursor = String::new();
    loop {
        let page = tech.get(&format!("{}?limit=30{cursor}", job.at("/comments"))).is(200);
        texts.extend(page["data"].as_array().unwrap().iter().map(|comment| text(comment, "text")));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(texts.len(), 200);
}

fn one_act_is_billed_once(house: &House) {
    let act = Job::strict(house).signed();
    let manager = house.manager();
    let answers = at_once(0..12, |_| manager.post("/invoices", &json!({"act_ids": [act["id"]]})));
    assert_eq!((statuses(&answers, 201), statuses(&answers, 409)), (1, 11));
    // With a key of their own, the same request at once is the same invoice, whichever instance each comes to.
    let other = house.is_postgres().then(|| house.another());
    let houses = [house, other.as_ref().unwrap_or(house)];
    for round in 0..4 {
        let act = Job::strict(house).signed();
        let managers = houses.map(|house| house.manager().with("idempotency-key", format!("one-invoice-{round}")));
        let answers = at_once(0..8, |number| managers[number % 2].post("/invoices", &json!({"act_ids": [act["id"]]})));
        let invoices: BTreeSet<_> = answers.into_iter().map(|answer| id(&answer.is(201))).collect();
        assert_eq!(invoices.len(), 1);
    }
}

fn numbers_have_no_gaps(house: &House) {
    // Embedded, a database has one server; on PostgreSQL two share it.
    let other = house.is_postgres().then(|| house.another());
    let houses = [house, other.as_ref().unwrap_or(house)];
    let acts = at_once(0..12, |number| {
        let job = Job::plain(houses[number % 2]);
        job.begin();
        text(&job.act(), "number")
    });
    let mut numbers: Vec<u32> = acts.iter().map(|act| act.split_once('-').unwrap().1.parse().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
    let tickets = house.dispatcher().get("/tickets").is(200);
    let mut numbers: Vec<_> =
        tickets["data"].as_array().unwrap().iter().map(|ticket| ticket["number"].as_u64().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
}

fn an_edit_meant_for_one_version_is_made_once(house: &House) {
    let job = Job::plain(house);
    let tag = house.dispatcher().get(&job.at("")).header("etag").to_owned();
    let dispatcher = house.dispatcher().with("if-match", tag);
    let answers =
        at_once(0..8, |number| dispatcher.patch(&job.at(""), &json!({"subject": format!("правка {number}")})));
    assert_eq!((statuses(&answers, 200), statuses(&answers, 412)), (1, 7));
    let admin = house.admin();
    let tag = admin.get("/workflow").header("etag").to_owned();
    let graph = admin.get("/workflow").is(200);
    let graph = json!({"statuses": graph["statuses"], "transitions": graph["transitions"]});
    let admin = admin.with("if-match", tag);
    let answers = at_once(0..4, |_| admin.put("/workflow", &graph));
    assert_eq!((statuses(&answers, 200), statuses(&answers, 412)), (1, 3));
}

fn what_was_answered_is_there_after_a_restart(house: &House) {
    let act = Job::strict(house).signed();
    let before: Vec<Value> =
        ["/tickets", "/acts", "/billing-queue"].map(|list| house.manager().get(list).is(200)).into();
    let document = house.manager().get(&format!("/acts/{}/signed.pdf", id(&act))).bytes();
    let again = house.another();
    let after: Vec<Value> =
        ["/tickets", "/acts", "/billing-queue"].map(|list| again.manager().get(list).is(200)).into();
    assert_eq!(before, after);
    assert_eq!(again.manager().get(&format!("/acts/{}/signed.pdf", id(&act))).bytes(), document);
}

/// Whoever was unlucky may ask again: 503, and not 500.
fn a_database_that_goes_away_is_no_defect(house: &House) {
    use diesel::prelude::*;
    use diesel::result::{DatabaseErrorKind, Error as Refused};
    use naryad::db::{Address, DbConnection};
    use naryad::error::{Code, Error};
    if matches!(house.app.config.database, Address::Sqlite(_)) {
        return;
    }
    let db = &house.app.db;
    let lost = |_: &mut DbConnection| -> Result<(), Error> {
        let why = Box::new("could not serialize access".to_owned());
        Err(Refused::DatabaseError(DatabaseErrorKind::SerializationFailure, why).into())
    };
    assert_eq!(db.write_now(lost).unwrap_err().code(), Code::Busy, "a race that is lost each time");
    let gone = |conn: &mut DbConnection| -> Result<(), Error> {
        diesel::sql_query("SELECT pg_terminate_backend(pg_backend_pid())").execute(conn)?;
        Ok(())
    };
    assert_eq!(db.write_now(gone).unwrap_err().code(), Code::Busy, "amid a write");
    assert_eq!(db.read_now(gone).unwrap_err().code(), Code::Busy, "amid a read, twice");
    // The next one finds a new connection.
    house.dispatcher().post("/tickets", &house.scene.plain_ticket()).is(201);
}
