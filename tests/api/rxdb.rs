//! Apps in a browser: RxDB's replication.

use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::job::Job;
use crate::person::{Person, id};

on_each_database![
    a_table_comes_in_pages_with_one_checkpoint,
    what_was_written_is_taken_once,
    whoever_was_quicker_is_told_to_the_other,
    what_is_refused_comes_back_and_its_reason_too,
    strangers_learn_nothing,
    what_is_no_replication_is_refused,
];

fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// All documents of a table, in pages, and the last checkpoint's place.
fn pull(person: &Person, table: &str, since: i64, limit: usize) -> (Vec<Value>, i64) {
    let (mut found, mut seq, mut after) = (Vec::new(), since, String::new());
    loop {
        let page = person.get(&format!("/sync/rx/{table}/pull?seq={seq}&limit={limit}{after}")).is(200);
        let documents = page["documents"].as_array().unwrap();
        let full = documents.len() == limit;
        found.extend(documents.iter().cloned());
        seq = page["checkpoint"]["seq"].as_i64().unwrap();
        let mark = page["checkpoint"]["after"].as_str();
        assert!(mark.is_none() || full, "a page that goes on is full");
        after = mark.map(|mark| format!("&after={mark}")).unwrap_or_default();
        if !full {
            return (found, seq);
        }
    }
}

fn push(person: &Person, table: &str, written: &Value, assumed: Option<&Value>) -> Vec<Value> {
    let mut write = json!({"newDocumentState": written});
    if let Some(assumed) = assumed {
        write["assumedMasterState"] = assumed.clone();
    }
    let told = person.post(&format!("/sync/rx/{table}/push"), &json!([write])).is(200);
    told.as_array().unwrap().clone()
}

fn document(person: &Person, table: &str, wanted: &str) -> Value {
    let (found, _) = pull(person, table, 0, 1_000);
    found.into_iter().find(|document| document["id"] == wanted).unwrap_or_else(|| panic!("no {wanted} in {table}"))
}

fn comment(ticket: &str, text: &str) -> Value {
    json!({"id": new_id(), "ticket_id": ticket, "visibility": "internal", "text": text, "_deleted": false})
}

fn a_table_comes_in_pages_with_one_checkpoint(house: &House) {
    let job = Job::strict(house);
    let technician = house.technician();
    let whole = technician.get("/sync/pull?last_pulled_at=0").is(200);
    for (table, changes) in whole["changes"].as_object().unwrap() {
        let (found, _) = pull(&technician, table, 0, 3);
        let mut told: Vec<Value> = found.into_iter().filter(|document| document["_deleted"] == false).collect();
        told.sort_by_key(id);
        let mut rows = changes["updated"].as_array().unwrap().clone();
        rows.iter_mut().for_each(|row| row["_deleted"] = json!(false));
        rows.sort_by_key(id);
        assert_eq!(told, rows, "{table}");
    }
    let (_, since) = pull(&technician, "comments", 0, 100);
    let said =
        house.dispatcher().post(&format!("/tickets/{}/comments", job.ticket), &json!({"text": "Код домофона 17"}));
    let said = id(&said.is(201));
    let (news, then) = pull(&technician, "comments", since, 100);
    assert_eq!(news.iter().map(id).collect::<Vec<_>>(), [said]);
    assert!(then > since);
    assert_eq!(pull(&technician, "comments", then, 100).0, Vec::<Value>::new());
}

fn what_was_written_is_taken_once(house: &House) {
    let job = Job::strict(house);
    let technician = house.technician();
    pull(&technician, "tickets", 0, 100);
    let written = comment(&job.ticket, "Ролик стёрт");
    assert_eq!(push(&technician, "comments", &written, None), Vec::<Value>::new());
    assert_eq!(push(&technician, "comments", &written, None), Vec::<Value>::new(), "the answer was lost");
    let kept = document(&technician, "comments", &id(&written));
    assert_eq!(kept["text"], "Ролик стёрт");
    let list = technician.get(&format!("/tickets/{}/comments", job.ticket)).is(200);
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    // Time is logged, corrected and taken off.
    let entry =
        json!({"id": new_id(), "ticket_id": job.ticket, "kind": "on_site", "minutes": 30, "visible_to_client": true});
    assert_eq!(push(&technician, "time_entries", &entry, None), Vec::<Value>::new());
    let before = document(&technician, "time_entries", &id(&entry));
    let mut after = before.clone();
    after["minutes"] = json!(45);
    assert_eq!(push(&technician, "time_entries", &after, Some(&before)), Vec::<Value>::new());
    assert_eq!(push(&technician, "time_entries", &after, Some(&before)), Vec::<Value>::new(), "it is so already");
    let mut off = document(&technician, "time_entries", &id(&entry));
    assert_eq!(off["minutes"], 45);
    let last = off.clone();
    off["_deleted"] = json!(true);
    assert_eq!(push(&technician, "time_entries", &off, Some(&last)), Vec::<Value>::new());
    assert_eq!(push(&technician, "time_entries", &off, Some(&last)), Vec::<Value>::new());
    let list = technician.get(&format!("/tickets/{}/time-entries", job.ticket)).is(200);
    assert_eq!(list["data"], json!([]));
}

fn whoever_was_quicker_is_told_to_the_other(house: &House) {
    let job = Job::strict(house);
    let technician = house.technician();
    let before = document(&technician, "tickets", &job.ticket);
    house.dispatcher().patch(&format!("/tickets/{}", job.ticket), &json!({"priority": "low"})).is(200);
    let mut wanted = before.clone();
    wanted["subject"] = json!("Захватывает три листа");
    let told = push(&technician, "tickets", &wanted, Some(&before));
    let [real] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((&real["priority"], &real["subject"]), (&json!("low"), &before["subject"]), "nothing of it is taken");
    let mut merged = real.clone();
    merged["subject"] = wanted["subject"].clone();
    assert_eq!(push(&technician, "tickets", &merged, Some(real)), Vec::<Value>::new());
    let ticket = technician.get(&format!("/tickets/{}", job.ticket)).is(200);
    assert_eq!((&ticket["priority"], &ticket["subject"]), (&json!("low"), &wanted["subject"]));
    // A row that was taken off meanwhile is not made again by an edit.
    let entry =
        json!({"id": new_id(), "ticket_id": job.ticket, "kind": "on_site", "minutes": 30, "visible_to_client": true});
    push(&technician, "time_entries", &entry, None);
    let known = document(&technician, "time_entries", &id(&entry));
    technician.delete(&format!("/time-entries/{}", id(&entry))).is(204);
    let mut edited = known.clone();
    edited["minutes"] = json!(50);
    let told = push(&technician, "time_entries", &edited, Some(&known));
    assert_eq!(told, [json!({"id": id(&entry), "_deleted": true})]);
    let list = technician.get(&format!("/tickets/{}/time-entries", job.ticket)).is(200);
    assert_eq!(list["data"], json!([]));
}

fn what_is_refused_comes_back_and_its_reason_too(house: &House) {
    let job = Job::strict(house);
    let technician = house.technician();
    pull(&technician, "tickets", 0, 100);
    let entry = json!({"id": new_id(), "ticket_id": job.ticket, "kind": "on_site", "minutes": 5_000, "visible_to_client": true});
    assert_eq!(push(&technician, "time_entries", &entry, None), [json!({"id": id(&entry), "_deleted": true})]);
    let (issues, since) = pull(&technician, "sync_issues", 0, 100);
    let [issue] = issues.as_slice() else { panic!("{issues:?}") };
    assert_eq!((&issue["row_id"], &issue["code"]), (&entry["id"], &json!("validation_failed")));
    // What only the server writes comes back as it is.
    let before = document(&technician, "tickets", &job.ticket);
    let mut wanted = before.clone();
    wanted["number"] = json!(999_999);
    let told = push(&technician, "tickets", &wanted, Some(&before));
    assert_eq!(told, std::slice::from_ref(&before));
    // Seen: it goes.
    let mut seen = issue.clone();
    seen["_deleted"] = json!(true);
    assert_eq!(push(&technician, "sync_issues", &seen, Some(issue)), Vec::<Value>::new());
    let (gone, _) = pull(&technician, "sync_issues", since, 100);
    assert_eq!(gone, [json!({"id": issue["id"], "_deleted": true})]);
}

fn strangers_learn_nothing(house: &House) {
    let job = Job::strict(house);
    let stranger = house.outsider();
    pull(&stranger, "tickets", 0, 100);
    for wanted in [job.ticket.clone(), new_id()] {
        let written = json!({"id": wanted, "subject": "mine", "_deleted": false});
        let assumed = json!({"id": wanted, "subject": "x"});
        let told = push(&stranger, "tickets", &written, Some(&assumed));
        assert_eq!(told, [json!({"id": wanted, "_deleted": true})]);
        let gone = json!({"id": wanted, "_deleted": true});
        let told = push(&stranger, "tickets", &gone, Some(&assumed));
        assert_eq!(told, Vec::<Value>::new(), "nothing was there to be taken off, as far as they know");
    }
    let ticket = house.dispatcher().get(&format!("/tickets/{}", job.ticket)).is(200);
    assert_ne!(ticket["subject"], "mine");
    let said = comment(&job.ticket, "in a colleague's ticket");
    assert_eq!(push(&stranger, "comments", &said, None), [json!({"id": id(&said), "_deleted": true})]);
}

fn what_is_no_replication_is_refused(house: &House) {
    let technician = house.technician();
    technician.get("/sync/rx/users/pull").refused(404, "not_found");
    technician.post("/sync/rx/users/push", &json!([])).refused(404, "not_found");
    technician.get("/sync/rx/comments/pull?seq=-1").refused(400, "sync_malformed");
    technician.get("/sync/rx/comments/pull?limit=0").refused(400, "sync_malformed");
    technician.get("/sync/rx/comments/pull?after=x").refused(400, "invalid_cursor");
    technician.post("/sync/rx/comments/push", &json!({})).refused(400, "sync_malformed");
    let problem = technician.post("/sync/rx/comments/push", &json!([{"newDocumentState": {"text": "no id"}}]));
    let problem = problem.refused(400, "sync_malformed");
    assert_eq!(problem["errors"][0]["pointer"], "/0/newDocumentState/id");
    assert_eq!(technician.post("/sync/rx/comments/push", &json!([])).is(200), json!([]));
}
