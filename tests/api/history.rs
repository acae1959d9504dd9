//! What happened is remembered in order, and whoever changes it afterwards is found out.

use diesel::{Connection, RunQueryDsl, SqliteConnection, sql_query};
use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::job::Job;
use crate::person::{id, text};
use crate::scene::PASSWORD;

on_each_database![
    a_ticket_remembers_what_was_done_to_it,
    events_are_found_by_what_they_are,
    what_is_refused_leaves_no_event,
    the_chain_is_whole_and_grows,
    every_change_of_the_past_is_noticed,
];

fn verified(house: &House) -> Value {
    house.admin().get("/events/verification").is(200)
}

fn actions(page: &Value) -> Vec<String> {
    page["data"].as_array().unwrap().iter().map(|event| text(event, "action")).collect()
}

fn a_ticket_remembers_what_was_done_to_it(house: &House) {
    let (job, manager) = (Job::plain(house), house.manager());
    manager.patch(&job.at(""), &json!({"priority": "critical", "subject": "Вопрос"})).is(200);
    job.to("en_route").is(200);
    let line = job.work(&house.scene.extra, "1");
    let line = format!("/work-lines/{}", id(&line));
    house.technician().patch(&line, &json!({"quantity": "2"})).is(200);
    house.technician().delete(&line).is(204);
    let history = manager.get(&job.at("/history")).is(200);
    let mut events = history["data"].as_array().unwrap().clone();
    assert!(events.is_sorted_by_key(|event| std::cmp::Reverse(id(event))));
    events.reverse();
    let mut names = actions(&history);
    names.reverse();
    let expected = "ticket.opened ticket.assigned ticket.status_changed ticket.changed ticket.status_changed \
                    work.added work.changed work.removed";
    assert_eq!(names.join(" "), expected);
    for (index, member, before, after) in [
        (1, "assignee_id", Value::Null, json!(house.technician().id)),
        (2, "status_code", json!("new"), json!("assigned")),
        (3, "priority", json!("normal"), json!("critical")),
        (4, "status_code", json!("assigned"), json!("en_route")),
        (6, "quantity", json!("1"), json!("2")),
    ] {
        let facts = &events[index]["facts"];
        assert_eq!((&facts["before"][member], &facts["after"][member]), (&before, &after), "{index}");
    }
    assert_eq!(events[3]["facts"]["after"], json!({"priority": "critical"}), "what stayed as it was is left out");
    assert_eq!(events[0]["facts"]["after"]["subject"], "Вопрос");
    let by = |index: usize| (text(&events[index], "actor_id"), text(&events[index], "actor_role"));
    assert_eq!(by(3), (manager.id, "manager".to_owned()));
    assert_eq!(by(4), (house.technician().id, "technician".to_owned()));
    for event in &events {
        assert_eq!((&event["ticket_id"], &event["facts"]["from"]["ip"]), (&json!(job.ticket), &json!("127.0.0.1")));
    }
}

fn events_are_found_by_what_they_are(house: &House) {
    let (job, manager) = (Job::strict(house), house.manager());
    let act = job.signed();
    let found = |query: &str| manager.get(&format!("/events?{query}")).is(200);
    assert_eq!(actions(&found(&format!("object_id={}", id(&act)))), ["act.decided", "act.issued"]);
    let moves = found(&format!("ticket_id={}&action=ticket.status_changed", job.ticket));
    assert_eq!(actions(&moves).len(), 4);
    let opened = |who: &str| actions(&found(&format!("actor_id={who}&action=ticket.opened"))).len();
    assert_eq!((opened(&house.dispatcher().id), opened(&house.client().id)), (1, 0));
    let (whole, mut walked, mut cursor) = (found("limit=200"), Vec::new(), String::new());
    loop {
        let page = found(&format!("limit=7{cursor}"));
        walked.extend(page["data"].as_array().unwrap().clone());
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(Value::Array(walked), whole["data"]);
    house.dispatcher().get("/events").refused(403, "forbidden");
    house.manager().get("/events/verification").refused(403, "forbidden");
}

fn what_is_refused_leaves_no_event(house: &House) {
    let job = Job::strict(house);
    let before = verified(house);
    job.to("closed").refused(409, "transition_refused");
    house.manager().patch(&job.at(""), &json!({"priority": "huge"})).is(422);
    house.rival().get(&job.at("")).refused(404, "not_found");
    assert_eq!(verified(house), before);
}

fn the_chain_is_whole_and_grows(house: &House) {
    let before = verified(house);
    assert_eq!((&before["intact"], &before["broken"]), (&json!(true), &Value::Null));
    Job::plain(house).begin();
    let after = verified(house);
    let entries = |found: &Value| found["entries"].as_i64().unwrap();
    assert_eq!((&after["intact"], entries(&after) - entries(&before)), (&json!(true), 5));
    assert_ne!(after["head"], before["head"]);
    // Another server on the same database sees the same chain.
    let other = house.another();
    let admin = other.stranger().signed_in("admin", PASSWORD);
    assert_eq!(admin.get("/events/verification").is(200)["intact"], true);
}

fn every_change_of_the_past_is_noticed(house: &House) {
    Job::plain(house).begin();
    assert_eq!(verified(house)["intact"], true);
    if house.is_postgres() {
        return;
    }
    let open = |house: &House| {
        let file = house.folder().join("naryad.db");
        let mut past = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
        for setting in ["PRAGMA foreign_keys = OFF", "PRAGMA busy_timeout = 10000"] {
            sql_query(setting).execute(&mut past).unwrap();
        }
        past
    };
    let second = "(SELECT event_id FROM event_chain WHERE seq = 2)";
    let copy = "INSERT INTO events SELECT randomblob(16), at, actor_id, actor_role, action, object_kind, object_id, \
                company_id, ticket_id, facts, facts_salt, facts_hash FROM events";
    for (change, why, place) in [
        (format!("UPDATE events SET action = 'ticket.opened' WHERE id = {second}"), "changed", Some(2)),
        (format!("UPDATE events SET at = at + 1000000 WHERE id = {second}"), "changed", Some(2)),
        (format!("UPDATE events SET facts = '{{}}' WHERE id = {second}"), "facts_changed", Some(2)),
        (format!("DELETE FROM events WHERE id = {second}"), "missing", Some(2)),
        ("DELETE FROM event_chain WHERE seq = 2".to_owned(), "missing", Some(2)),
        ("UPDATE event_chain SET prev_hash = randomblob(32) WHERE seq = 2".to_owned(), "order", Some(2)),
        (format!("{copy} WHERE id = {second}"), "unchained", None),
    ] {
        let house = house.fresh();
        let entries = verified(&house)["entries"].as_i64().unwrap();
        assert_eq!(sql_query(&change).execute(&mut open(&house)).unwrap(), 1, "{change}");
        let found = verified(&house);
        assert_eq!((&found["intact"], &found["broken"]["why"]), (&json!(false), &json!(why)), "{change}");
        assert_eq!(found["broken"]["seq"], place.unwrap_or(entries + 1), "{change}");
    }
    // A person may be erased: the chain holds only a salted hash of what was said about them.
    let house = house.fresh();
    assert_eq!(verified(&house)["intact"], true);
    let erase = format!("UPDATE events SET facts = NULL WHERE id = {second}");
    assert_eq!(sql_query(erase).execute(&mut open(&house)).unwrap(), 1);
    assert_eq!(verified(&house)["intact"], true);
}
