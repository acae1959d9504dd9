//! Phones: what they send.

use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::job::{Job, gates};
use crate::person::{Person, id};
use crate::phone::{Phone, body, result};

on_each_database![
    a_day_without_a_network_is_one_push,
    a_move_that_is_not_ready_is_told_with_what_is_missing,
    a_refused_row_goes_and_its_work_is_not_lost,
    a_ticket_is_not_finished_with_half_of_its_work,
    whoever_was_quicker_is_heard_first,
    nobody_reaches_for_records_of_others,
    work_done_before_a_ticket_went_is_kept,
    what_only_the_server_writes_comes_back,
    five_thousand_rows_fit_in_one_push,
    what_is_no_protocol_is_refused_whole,
    labels_are_claimed_without_a_network,
    tickets_are_opened_and_described_without_a_network,
    time_and_works_are_corrected_and_taken_off,
    a_slow_writer_is_not_missed,
    late_work_gives_no_ticket_back,
    moments_that_are_none_are_refused_by_themselves,
    one_push_from_many_threads_is_done_once,
];

fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// How many events there are.
fn events(house: &House) -> i64 {
    let mut count = 0;
    let mut cursor = String::new();
    loop {
        let page = house.admin().get(&format!("/events?limit=200{cursor}")).is(200);
        count += i64::try_from(page["data"].as_array().unwrap().len()).unwrap();
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return count,
        }
    }
}

/// The statuses of all rows of a push.
fn statuses(answer: &Value) -> Vec<&str> {
    answer["results"].as_array().unwrap().iter().map(|result| result["status"].as_str().unwrap()).collect()
}

/// The technician's phone, and an hour some hours ago in milliseconds.
fn phone_of(house: &House) -> Phone {
    let mut phone = Phone::new(house.technician());
    phone.pull();
    phone
}

fn hours_ago(house: &House, hours: i64) -> i64 {
    house.app.clock.now().plus_seconds(-hours * 3600).micros() / 1_000
}

fn answers(phone: &Phone, ticket: &str) -> Vec<Value> {
    let items = phone.table("checklist_items").into_iter().filter(|item| item["ticket_id"] == ticket);
    let answered = items.filter(|item| item["required"] == true).cloned().map(|mut item| {
        item["answer_json"] = if item["kind"] == "check" { json!("true") } else { json!("\"12.5\"") };
        item["_status"] = json!("updated");
        item["_changed"] = json!("answer_json");
        item
    });
    answered.collect()
}

fn moves(house: &House, ticket: &str, to: &[&str]) -> Vec<Value> {
    let mut at = hours_ago(house, 3);
    let row = |to: &&str| {
        at += 60_000;
        json!({"id": new_id(), "ticket_id": ticket, "to_status": to, "occurred_at": at, "comment": null, "waiting_for": null})
    };
    to.iter().map(row).collect()
}

fn time(house: &House, ticket: &str) -> Value {
    let (from, to) = (hours_ago(house, 3), hours_ago(house, 2));
    json!({"id": new_id(), "_status": "created", "_changed": "", "ticket_id": ticket, "user_id": null, "kind": "on_site",
           "started_at": from, "ended_at": to, "minutes": 0, "note": "Чистка", "visible_to_client": false})
}

fn a_day_without_a_network_is_one_push(house: &House) {
    let job = Job::strict(house);
    let mut phone = phone_of(house);
    let scan = json!({"id": new_id(), "ticket_id": job.ticket, "code": house.scene.code(), "scanned_at": hours_ago(house, 3),
                      "lat": 43.1, "lon": 131.9, "accuracy_m": 8, "asset_id": null});
    let line = json!({"id": new_id(), "ticket_id": job.ticket, "price_item_id": house.scene.extra, "quantity": "1.5",
                      "name": "Замена ролика", "unit": "", "kind": "", "price": "0"});
    let comment = json!({"id": new_id(), "ticket_id": job.ticket, "visibility": "internal", "text": " Ролик был стёрт \u{0}",
                         "written_at": hours_ago(house, 2)});
    let entry = time(house, &job.ticket);
    // The library sends tables in any order; the move to `done` is judged after the work.
    let changes = [
        ("status_changes", "created", moves(house, &job.ticket, &["en_route", "in_progress", "done"])),
        ("comments", "created", vec![comment.clone()]),
        ("time_entries", "created", vec![entry.clone()]),
        ("work_lines", "created", vec![line.clone()]),
        ("checklist_items", "updated", answers(&phone, &job.ticket)),
        ("scans", "created", vec![scan.clone()]),
    ];
    let answer = phone.push(&changes).is(200);
    assert_eq!(statuses(&answer), ["applied"; 9], "{answer}");
    let before = events(house);
    let again = phone.push(&changes).is(200);
    assert_eq!(statuses(&again), ["noop"; 9], "the same once more: {again}");
    assert_eq!(events(house), before, "and nothing is written down about it");
    phone.is_right();
    assert_eq!(phone.row("tickets", &job.ticket)["status"], "done");
    assert_eq!(phone.row("comments", &id(&comment))["text"], "Ролик был стёрт");
    assert_eq!(phone.row("time_entries", &id(&entry))["minutes"], 60);
    assert_eq!(phone.row("work_lines", &id(&line))["gross"], "1349.85");
    assert_eq!(phone.row("scans", &id(&scan))["asset_id"], house.scene.asset["id"]);
    assert_eq!(phone.table("status_changes").len(), 3);
    let moved = phone.table("status_changes").into_iter().find(|row| row["to_status"] == "done").unwrap();
    assert_eq!(moved["from_status"], "in_progress");
    assert!(moved["occurred_at"].as_i64().unwrap() < moved["recorded_at"].as_i64().unwrap() - 3_600_000);
    // Now that the phone was told of it all, the same is still nothing.
    assert_eq!(statuses(&phone.push(&changes).is(200)), ["noop"; 9]);
    // The clock of the phone is part of what is written down.
    let ahead = house.app.clock.now().plus_seconds(90).to_string();
    let person = phone.person.with("x-device-time", ahead).with("x-device-id", "phone-7");
    let text = json!({"id": new_id(), "ticket_id": job.ticket, "visibility": "public", "text": "Готово"});
    person.post("/sync/push?last_pulled_at=1", &body(&[("comments", "created", vec![text])])).is(200);
    let last = house.admin().get("/events?action=comment.written&limit=1").is(200);
    let from = &last["data"][0]["facts"]["from"];
    assert!((80_000..=90_000).contains(&from["clock_ahead_ms"].as_i64().unwrap()), "{from}");
    assert_eq!(from["device_id"], "phone-7");
}

fn a_move_that_is_not_ready_is_told_with_what_is_missing(house: &House) {
    let job = Job::strict(house);
    job.begin();
    let mut phone = phone_of(house);
    let comment = json!({"id": new_id(), "ticket_id": job.ticket, "visibility": "public", "text": "Почти"});
    let done = moves(house, &job.ticket, &["done"]);
    let changes = [("comments", "created", vec![comment.clone()]), ("status_changes", "created", done.clone())];
    let answer = phone.push(&changes).is(200);
    assert_eq!(result(&answer, &id(&comment))["status"], "applied");
    let refused = result(&answer, &id(&done[0]));
    assert_eq!((&refused["status"], &refused["code"]), (&json!("refused"), &json!("gates_closed")));
    // Until it is pulled the phone believes that it moved.
    phone.rows.entry("status_changes".to_owned()).or_default().insert(id(&done[0]), done[0].clone());
    phone.is_right();
    assert!(!phone.holds("status_changes", &id(&done[0])));
    assert_eq!(phone.row("tickets", &job.ticket)["status"], "in_progress");
    let issue = phone.table("sync_issues")[0].clone();
    assert_eq!((&issue["table_name"], &issue["row_id"]), (&json!("status_changes"), &done[0]["id"]));
    assert_eq!((&issue["status"], &issue["code"]), (&json!("refused"), &json!("gates_closed")));
    let details: Value = serde_json::from_str(issue["details_json"].as_str().unwrap()).unwrap();
    let over_rest = phone.person.get(&job.at("/completion?to=done")).is(200);
    assert_eq!(details["unmet"], over_rest["unmet"], "the same list as everywhere");
    assert_eq!(gates(&details), ["time_logged", "checklist_complete", "checklist_complete", "asset_scanned"]);
    assert!(issue["message"].as_str().unwrap().contains("Заявка"), "in the user's language");
    // The same once more says the same, once.
    let before = events(house);
    let again = phone.push(&changes).is(200);
    assert_eq!(result(&again, &id(&done[0]))["status"], "refused");
    assert_eq!(events(house), before + 1, "told again, for the phone believes once more that it moved");
    phone.is_right();
    assert_eq!(phone.table("sync_issues").len(), 1);
    // Acknowledged, it goes; then the work is done and the ticket moves.
    let seen = phone.push(&[("sync_issues", "deleted", vec![issue["id"].clone()])]).is(200);
    assert_eq!(statuses(&seen), ["applied"]);
    phone.is_right();
    assert!(phone.table("sync_issues").is_empty());
    let scan = json!({"id": new_id(), "ticket_id": job.ticket, "code": house.scene.code()});
    let changes = [
        ("status_changes", "created", moves(house, &job.ticket, &["done"])),
        ("scans", "created", vec![scan]),
        ("checklist_items", "updated", answers(&phone, &job.ticket)),
        ("time_entries", "created", vec![time(house, &job.ticket)]),
    ];
    let answer = phone.push(&changes).is(200);
    assert_eq!(statuses(&answer), ["applied"; 5], "{answer}");
    assert_eq!(job.read()["status"]["code"], "done");
    phone.is_right();
}

fn a_refused_row_goes_and_its_work_is_not_lost(house: &House) {
    let job = Job::plain(house);
    let mut phone = phone_of(house);
    let first = time(house, &job.ticket);
    let mut second = time(house, &job.ticket);
    second["note"] = json!("То же время ещё раз");
    let answer = phone.push(&[("time_entries", "created", vec![first.clone(), second.clone()])]).is(200);
    assert_eq!(statuses(&answer), ["applied", "refused"]);
    assert_eq!(answer["results"][1]["code"], "time_overlap");
    phone.rows.entry("time_entries".to_owned()).or_default().insert(id(&second), second.clone());
    phone.is_right();
    assert!(phone.holds("time_entries", &id(&first)) && !phone.holds("time_entries", &id(&second)));
    let issue = phone.table("sync_issues")[0];
    let pushed: Value = serde_json::from_str(issue["pushed_json"].as_str().unwrap()).unwrap();
    assert_eq!(pushed["note"], "То же время ещё раз");
    let details: Value = serde_json::from_str(issue["details_json"].as_str().unwrap()).unwrap();
    assert_eq!(details["conflicting_entry"]["id"], first["id"]);
    // What is wrong with a field is told as the API tells it.
    let mut wrong = time(house, &job.ticket);
    wrong["kind"] = json!("asleep");
    wrong["ended_at"] = json!(1e300);
    let answer = phone.push(&[("time_entries", "created", vec![wrong])]).is(200);
    assert_eq!(answer["results"][0]["code"], "validation_failed");
    phone.is_right();
    // A refused deletion brings the row back.
    let comment = house.dispatcher().post(&job.at("/comments"), &json!({"text": "Ждут"})).is(201);
    phone.pull();
    phone.rows.get_mut("comments").unwrap().clear();
    let answer = phone.push(&[("comments", "deleted", vec![comment["id"].clone()])]).is(200);
    assert_eq!(answer["results"][0]["code"], "read_only_access");
    phone.is_right();
    assert!(phone.holds("comments", &id(&comment)));
}

fn a_ticket_is_not_finished_with_half_of_its_work(house: &House) {
    let job = Job::plain(house);
    let other = Job::plain(house);
    job.begin();
    other.begin();
    job.log("15 м");
    let mut phone = phone_of(house);
    let mut wrong = time(house, &job.ticket);
    wrong["kind"] = json!("asleep");
    let mut moved = moves(house, &job.ticket, &["done"]);
    moved.extend(moves(house, &other.ticket, &["done"]));
    let answer =
        phone.push(&[("time_entries", "created", vec![wrong]), ("status_changes", "created", moved.clone())]).is(200);
    assert_eq!(result(&answer, &id(&moved[0]))["code"], "work_refused");
    assert_eq!(result(&answer, &id(&moved[1]))["status"], "applied", "another ticket is another matter");
    assert_eq!(job.read()["status"]["code"], "in_progress");
    phone.is_right();
}

fn whoever_was_quicker_is_heard_first(house: &House) {
    let job = Job::strict(house);
    job.begin();
    let mut phone = phone_of(house);
    let items = answers(&phone, &job.ticket);
    let first = id(&items[0]);
    // Somebody else answers, and somebody else writes: only the first is in the way.
    house.dispatcher().put(&job.at(&format!("/checklist/{first}")), &json!({"answer": true})).is(200);
    house.dispatcher().post(&job.at("/comments"), &json!({"text": "Ждут"})).is(201);
    let comment = json!({"id": new_id(), "ticket_id": job.ticket, "visibility": "public", "text": "Здесь"});
    let mut changed = items[0].clone();
    changed["answer_json"] = Value::Null;
    let changes = [
        ("checklist_items", "updated", vec![changed.clone(), items[1].clone()]),
        ("comments", "created", vec![comment.clone()]),
    ];
    // The answer that somebody gave is not what the phone has: taking it back is a change.
    changed["answer_json"] = json!("");
    let conflict = phone.push(&changes).refused(409, "sync_conflict");
    assert_eq!(conflict["conflicts"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&conflict["conflicts"][0]["table"], &conflict["conflicts"][0]["id"]),
        (&json!("checklist_items"), &json!(first))
    );
    let told = phone.pull();
    assert!(!told.to_string().contains(&id(&comment)), "nothing was kept");
    assert_eq!(phone.row("checklist_items", &id(&items[1]))["answer_json"], Value::Null);
    let answer = phone.push(&changes).is(200);
    assert_eq!(statuses(&answer), ["applied"; 3]);
    phone.is_right();
    // The same answer as the other's is no change, and so no conflict.
    house.dispatcher().put(&job.at(&format!("/checklist/{first}")), &json!({"answer": true})).is(200);
    let answer = phone.push(&[("checklist_items", "updated", vec![items[0].clone()])]).is(200);
    assert_eq!(statuses(&answer), ["noop"]);
    phone.is_right();
    // What was taken off meanwhile is a conflict as well, until the phone knows.
    let entry = job.log("10 м");
    phone.pull();
    let mut row = phone.row("time_entries", &id(&entry)).clone();
    row["note"] = json!("исправлено");
    phone.person.delete(&format!("/time-entries/{}", id(&entry))).is(204);
    phone.push(&[("time_entries", "updated", vec![row.clone()])]).refused(409, "sync_conflict");
    phone.pull();
    assert_eq!(statuses(&phone.push(&[("time_entries", "updated", vec![row])]).is(200)), ["refused"]);
    phone.is_right();
}

fn nobody_reaches_for_records_of_others(house: &House) {
    let foreign = Job::strict(house);
    foreign.begin();
    let entry = foreign.log("30 м");
    let item = house.technician().get(&foreign.at("/checklist")).is(200)["data"][0].clone();
    let comment = house.dispatcher().post(&foreign.at("/comments"), &json!({"text": "секрет"})).is(201);
    let own = house.dispatcher().post("/tickets", &house.scene.plain_ticket()).is(201);
    house
        .dispatcher()
        .post(&format!("/tickets/{}/assignee", id(&own)), &json!({"user_id": house.outsider().id}))
        .is(200);
    let mut phone = Phone::new(house.outsider());
    phone.pull();
    let before = house.dispatcher().get(&foreign.at("")).is(200);
    let secret = [
        (
            "time_entries",
            "updated",
            json!({"id": id(&entry), "ticket_id": id(&own), "kind": "travel", "minutes": 5, "visible_to_client": true}),
        ),
        ("checklist_items", "updated", json!({"id": id(&item), "ticket_id": id(&own), "answer_json": "true"})),
        (
            "comments",
            "created",
            json!({"id": id(&comment), "ticket_id": id(&own), "text": "моё", "visibility": "public"}),
        ),
        ("tickets", "updated", json!({"id": foreign.ticket, "subject": "чужое"})),
        ("status_changes", "created", json!({"id": new_id(), "ticket_id": foreign.ticket, "to_status": "done"})),
        ("scans", "created", json!({"id": new_id(), "ticket_id": foreign.ticket, "code": house.scene.code()})),
    ];
    for (table, list, row) in secret {
        let answer = phone.push(&[(table, list, vec![row.clone()])]).is(200);
        assert_eq!(result(&answer, &id(&row))["code"], "id_unavailable", "{table}");
        let mut random = row.clone();
        random["id"] = json!(new_id());
        if table != "comments" && table != "time_entries" && table != "tickets" {
            random["ticket_id"] = json!(new_id());
            let answer = phone.push(&[(table, list, vec![random.clone()])]).is(200);
            assert_eq!(result(&answer, &id(&random))["code"], "id_unavailable", "as for an id that is none: {table}");
        }
    }
    let deleted =
        [("time_entries", id(&entry)), ("work_lines", new_id()), ("acts", new_id()), ("sync_issues", new_id())];
    for (table, id) in deleted {
        phone.push(&[(table, "deleted", vec![json!(id)])]).is(200);
    }
    let told = phone.pull();
    assert!(!told.to_string().contains("секрет") && !told["changes"]["checklist_items"].to_string().contains("Ролики"));
    phone.is_right();
    assert_eq!(house.dispatcher().get(&foreign.at("")).is(200), before);
    let kept = house.technician().get(&foreign.at("/time-entries")).is(200);
    assert_eq!(kept["data"][0]["minutes"], 30);
    house.client().get("/sync/pull").refused(403, "forbidden");
    house.client().post("/sync/push", &json!({})).refused(403, "forbidden");
}

fn work_done_before_a_ticket_went_is_kept(house: &House) {
    let job = Job::strict(house);
    job.to("en_route").is(200);
    let mut phone = phone_of(house);
    house.dispatcher().post(&job.at("/assignee"), &json!({"user_id": house.outsider().id})).is(200);
    // He still is in its team's list of tickets only if it has one: this one has none.
    let comment = json!({"id": new_id(), "ticket_id": job.ticket, "visibility": "internal", "text": "Был на месте"});
    let moved = moves(house, &job.ticket, &["in_progress"]);
    let changes = [
        ("comments", "created", vec![comment.clone()]),
        ("time_entries", "created", vec![time(house, &job.ticket)]),
        ("checklist_items", "updated", answers(&phone, &job.ticket)),
        ("status_changes", "created", moved.clone()),
    ];
    let answer = phone.push(&changes).is(200);
    assert_eq!(result(&answer, &id(&comment))["status"], "quarantined", "{answer}");
    assert_eq!(result(&answer, &id(&comment))["code"], "late_work");
    assert_eq!(result(&answer, &id(&moved[0]))["code"], "read_only_access");
    phone.is_right();
    assert_eq!(phone.row("tickets", &job.ticket)["access"], "read_only");
    assert!(phone.holds("comments", &id(&comment)));
    let late = house.dispatcher().get(&format!("/sync/late-work?ticket_id={}", job.ticket)).is(200);
    let rows: Vec<&Value> = late["data"].as_array().unwrap().iter().map(|work| &work["table"]).collect();
    assert_eq!(rows.len(), 4, "a comment, an hour and two answers");
    assert!(late["data"].as_array().unwrap().iter().any(|work| work["row_id"] == comment["id"]));
    // The new technician has it all on his phone.
    let mut other = Phone::new(house.outsider());
    other.pull();
    assert_eq!(other.table("time_entries").len(), 1);
    // Even after it has gone from the phone.
    house.app.clock.set_ahead(20 * 24 * 3600);
    phone.person = house.stranger().signed_in("technician", crate::scene::PASSWORD);
    phone.pull();
    assert!(!phone.holds("tickets", &job.ticket));
    let text = json!({"id": new_id(), "ticket_id": job.ticket, "visibility": "internal", "text": "Забыл ключ"});
    let answer = phone.push(&[("comments", "created", vec![text])]).is(200);
    assert_eq!(statuses(&answer), ["quarantined"]);
    phone.is_right();
}

fn what_only_the_server_writes_comes_back(house: &House) {
    let job = Job::strict(house);
    let mut phone = phone_of(house);
    let mut ticket = phone.row("tickets", &job.ticket).clone();
    ticket["status"] = json!("done");
    ticket["number"] = json!(1_000_000);
    phone.rows.get_mut("tickets").unwrap().insert(job.ticket.clone(), ticket.clone());
    let answer = phone.push(&[("tickets", "updated", vec![ticket.clone()])]).is(200);
    assert_eq!(statuses(&answer), ["noop"]);
    let before = events(house);
    phone.push(&[("tickets", "updated", vec![ticket])]).is(200);
    assert_eq!(events(house), before, "it will be told already");
    phone.is_right();
    let mut company = phone.row("companies", &house.scene.company).clone();
    company["name"] = json!("Моя");
    phone.rows.get_mut("companies").unwrap().insert(house.scene.company.clone(), company.clone());
    let answer = phone.push(&[("companies", "updated", vec![company])]).is(200);
    assert_eq!(answer["results"][0]["code"], "read_only_access");
    phone.is_right();
    assert_eq!(phone.row("companies", &house.scene.company)["name"], "Ромашка");
    // What is somebody else's stays out of sight, whatever is said about it.
    let rival = json!({"id": house.scene.rival_company, "name": "Моя"});
    phone.push(&[("companies", "updated", vec![rival])]).is(200);
    let told = phone.pull();
    assert!(!told.to_string().contains("Василёк"));
    phone.is_right();
}

fn five_thousand_rows_fit_in_one_push(house: &House) {
    let job = Job::plain(house);
    let mut phone = phone_of(house);
    phone.person = phone.person.clone().patient();
    let comments = (0..5_000).map(|number| {
        json!({"id": new_id(), "ticket_id": job.ticket, "visibility": "internal", "text": format!("Слово {number}")})
    });
    let changes = [("comments", "created", comments.collect::<Vec<_>>())];
    let answer = phone.push(&changes).is(200);
    assert!(statuses(&answer).iter().all(|status| *status == "applied"));
    assert_eq!(statuses(&answer).len(), 5_000);
    let again = phone.push(&changes).is(200);
    assert!(statuses(&again).iter().all(|status| *status == "noop"));
    phone.is_right();
    assert_eq!(phone.table("comments").len(), 5_000);
}

fn what_is_no_protocol_is_refused_whole(house: &House) {
    let technician = house.technician();
    for wrong in ["", "[]", "{\"comments\":[]}", "{\"comments\":{\"created\":[{\"id\":\"a b\"}]}}"] {
        let answer =
            technician.send("POST", "/sync/push?last_pulled_at=1", "application/json", wrong.as_bytes().to_vec());
        answer.refused(400, "sync_malformed");
    }
    technician.post("/sync/push?last_pulled_at=x", &json!({})).refused(400, "sync_malformed");
    assert_eq!(
        technician.post("/sync/push?last_pulled_at=1", &json!({"news": {"created": []}})).is(200)["results"],
        json!([])
    );
    let large = format!("{{\"comments\":{{\"created\":[]}},\"x\":\"{}\"}}", "y".repeat(32 << 20));
    let answer = technician.send("POST", "/sync/push", "application/json", large.into_bytes());
    assert_eq!(answer.status, 413);
    house.stranger().post("/sync/push", &json!({})).refused(401, "unauthenticated");
}

fn labels_are_claimed_without_a_network(house: &House) {
    let job = Job::strict(house);
    let mut phone = phone_of(house);
    let batch = house.dispatcher().post("/label-batches", &json!({"name": "Рулон", "count": 2})).is(201);
    let blank = house.dispatcher().get(&format!("/label-batches/{}/codes", id(&batch))).is(200);
    let code = |index: usize| blank["data"][index]["code"].as_str().unwrap().to_owned();
    let device = new_id();
    let asset = json!({"id": device, "company_id": house.scene.company, "site_id": house.scene.site, "name": "Весы"});
    let claim = |code: String, asset: Value| json!({"id": new_id(), "code": code, "asset_id": null, "asset_json": asset.to_string(), "claimed_at": hours_ago(house, 2)});
    let first = claim(code(0), asset);
    // The new device is scanned on the ticket in the same breath.
    let scan = json!({"id": new_id(), "ticket_id": job.ticket, "code": code(0)});
    let changes = [("scans", "created", vec![scan]), ("code_claims", "created", vec![first.clone()])];
    let answer = phone.push(&changes).is(200);
    assert_eq!(statuses(&answer), ["applied"; 2], "{answer}");
    assert_eq!(statuses(&phone.push(&changes).is(200)), ["noop"; 2]);
    phone.is_right();
    assert_eq!(phone.row("code_claims", &id(&first))["outcome"], "won");
    assert_eq!(phone.row("code_claims", &id(&first))["asset_id"], device.as_str());
    assert_eq!(phone.row("codes", &code(0))["asset_id"], device.as_str());
    assert!(phone.holds("ticket_assets", &format!("{}.{device}", job.ticket)));
    // Somebody was quicker.
    house
        .dispatcher()
        .post(&format!("/codes/{}/claims", code(1)), &json!({"asset_id": house.scene.asset["id"]}))
        .is(201);
    let late = claim(code(1), json!({"company_id": house.scene.company, "name": "Касса"}));
    let answer = phone.push(&[("code_claims", "created", vec![late.clone()])]).is(200);
    assert_eq!(
        (&answer["results"][0]["status"], &answer["results"][0]["code"]),
        (&json!("applied"), &json!("code_claimed"))
    );
    phone.is_right();
    assert_eq!(phone.row("code_claims", &id(&late))["outcome"], "lost");
    let unknown = claim("0000000000".to_owned(), json!({"company_id": house.scene.company, "name": "Касса"}));
    assert_eq!(
        phone.push(&[("code_claims", "created", vec![unknown])]).is(200)["results"][0]["code"],
        "code_not_found"
    );
}

fn tickets_are_opened_and_described_without_a_network(house: &House) {
    Job::strict(house);
    let mut phone = phone_of(house);
    let own = new_id();
    let ticket = json!({"id": own, "number": 0, "type_id": house.scene.plain, "company_id": house.scene.company, "site_id": "",
                        "priority": "high", "subject": "Заодно и касса", "status": "", "status_kind": "", "access": ""});
    let asset = id(&house.scene.asset);
    let linked = json!({"id": format!("{own}.{asset}"), "ticket_id": own, "asset_id": asset});
    let comment = json!({"id": new_id(), "ticket_id": own, "visibility": "public", "text": "Попросили на месте"});
    let changes = [
        ("comments", "created", vec![comment]),
        ("ticket_assets", "created", vec![linked.clone()]),
        ("tickets", "created", vec![ticket]),
    ];
    let answer = phone.push(&changes).is(200);
    assert_eq!(statuses(&answer), ["applied"; 3], "{answer}");
    let again = phone.push(&changes).is(200);
    assert_eq!(statuses(&again), ["noop"; 3], "{again}");
    phone.is_right();
    let mut row = phone.row("tickets", &own).clone();
    assert_eq!((&row["status"], &row["access"]), (&json!("new"), &json!("full")));
    row["subject"] = json!("Касса не печатает");
    row["description"] = json!("Чек рвётся");
    let changes = [("tickets", "updated", vec![row]), ("ticket_assets", "deleted", vec![linked["id"].clone()])];
    assert_eq!(statuses(&phone.push(&changes).is(200)), ["applied"; 2]);
    phone.is_right();
    assert_eq!(phone.row("tickets", &own)["description"], "Чек рвётся");
    assert!(!phone.holds("ticket_assets", linked["id"].as_str().unwrap()));
}

fn time_and_works_are_corrected_and_taken_off(house: &House) {
    let job = Job::plain(house);
    job.begin();
    let mut phone = phone_of(house);
    let entry = time(house, &job.ticket);
    let line = json!({"id": new_id(), "ticket_id": job.ticket, "name": "Кабель", "unit": "м", "kind": "material", "quantity": "2",
                      "price": "10.50"});
    phone
        .push(&[("time_entries", "created", vec![entry.clone()]), ("work_lines", "created", vec![line.clone()])])
        .is(200);
    phone.is_right();
    let mut edited = phone.row("time_entries", &id(&entry)).clone();
    edited["ended_at"] = json!(edited["started_at"].as_i64().unwrap() + 45 * 60_000);
    edited["note"] = Value::Null;
    let mut longer = phone.row("work_lines", &id(&line)).clone();
    longer["quantity"] = json!("3.5");
    let changes = [("time_entries", "updated", vec![edited]), ("work_lines", "updated", vec![longer])];
    let answer = phone.push(&changes).is(200);
    assert_eq!(statuses(&answer), ["applied"; 2], "{answer}");
    phone.is_right();
    let kept = phone.row("time_entries", &id(&entry)).clone();
    assert_eq!((&kept["minutes"], &kept["note"]), (&json!(45), &Value::Null));
    assert_eq!(kept["ended_at"].as_i64().unwrap() - kept["started_at"].as_i64().unwrap(), 45 * 60_000);
    assert_eq!(phone.row("work_lines", &id(&line))["amount"], "36.75");
    let mut later = kept.clone();
    later["ended_at"] = json!(kept["started_at"].as_i64().unwrap() + 30 * 60_000);
    assert_eq!(statuses(&phone.push(&[("time_entries", "updated", vec![later])]).is(200)), ["applied"]);
    phone.is_right();
    assert_eq!(phone.row("time_entries", &id(&entry))["minutes"], 30);
    let changes =
        [("time_entries", "deleted", vec![entry["id"].clone()]), ("work_lines", "deleted", vec![line["id"].clone()])];
    assert_eq!(statuses(&phone.push(&changes).is(200)), ["applied"; 2]);
    assert_eq!(statuses(&phone.push(&changes).is(200)), ["noop"; 2]);
    phone.is_right();
    assert!(phone.table("time_entries").is_empty() && phone.table("work_lines").is_empty());
}

/// A writer that began first and commits last: what it wrote comes with a later place, and is told.
fn a_slow_writer_is_not_missed(house: &House) {
    if !house.is_postgres() {
        // The embedded database has one writer: nobody begins while another has not committed.
        return;
    }
    let slow = Job::plain(house);
    let fast = Job::plain(house);
    let mut phone = phone_of(house);
    let (began, has_begun) = std::sync::mpsc::channel();
    let (go, may_end) = std::sync::mpsc::channel::<()>();
    let may_end = std::sync::Mutex::new(may_end);
    let (db, ticket) = (house.app.db.clone(), slow.ticket.parse().unwrap());
    let (now, person) = (house.app.clock.now(), house.technician().id.parse().unwrap());
    let writer = std::thread::spawn(move || {
        db.write_now(move |conn| {
            let person = naryad::auth::session::person(conn, person)?.unwrap();
            let (language, origin) = (naryad::words::Language::Ru, naryad::auth::Origin::default());
            let actor = naryad::auth::Actor::in_the_name_of(person, language, now, origin);
            let new = serde_json::from_value(json!({"text": "медленно"})).unwrap();
            naryad::tickets::comments::add(conn, &actor, ticket, &new)?;
            let _ = began.send(());
            let _ = may_end.lock().unwrap().recv();
            Ok(())
        })
    });
    has_begun.recv().unwrap();
    house.dispatcher().post(&fast.at("/comments"), &json!({"text": "быстро"})).is(201);
    let told = phone.pull();
    assert_eq!(told["changes"]["comments"]["updated"].as_array().unwrap().len(), 1);
    go.send(()).unwrap();
    writer.join().unwrap().unwrap();
    let told = phone.pull();
    assert_eq!(told["changes"]["comments"]["updated"][0]["text"], "медленно");
    phone.is_right();
}

fn one_push_from_many_threads_is_done_once(house: &House) {
    let job = Job::plain(house);
    let mut phone = phone_of(house);
    let entry = time(house, &job.ticket);
    let changes = [
        ("time_entries", "created", vec![entry.clone()]),
        ("status_changes", "created", moves(house, &job.ticket, &["en_route", "in_progress"])),
    ];
    let sent = body(&changes);
    let push = |person: &Person| person.post("/sync/push?last_pulled_at=9007199254740991", &sent).is(200);
    let answers: Vec<Value> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| push(&phone.person))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let applied = answers.iter().flat_map(statuses).filter(|status| *status == "applied").count();
    assert_eq!(applied, 3);
    assert!(answers.iter().flat_map(statuses).all(|status| status != "refused"));
    phone.is_right();
    assert_eq!(phone.table("time_entries").len(), 1);
    assert_eq!(phone.row("tickets", &job.ticket)["status"], "in_progress");
}

fn late_work_gives_no_ticket_back(house: &House) {
    let job = Job::strict(house);
    let mut phone = phone_of(house);
    house.dispatcher().post(&job.at("/assignee"), &json!({"user_id": house.outsider().id})).is(200);
    phone.person.get(&job.at("")).refused(404, "not_found");
    let answer = phone.push(&[("time_entries", "created", vec![time(house, &job.ticket)])]).is(200);
    assert_eq!(statuses(&answer), ["quarantined"]);
    phone.person.get(&job.at("")).refused(404, "not_found");
    phone.person.post(&job.at("/status"), &json!({"to": "en_route"})).refused(404, "not_found");
    let list = phone.person.get("/tickets").is(200);
    assert!(list["data"].as_array().unwrap().iter().all(|ticket| ticket["id"] != job.ticket.as_str()));
    // Three weeks later only what was done before it went is taken.
    phone.pull();
    house.app.clock.set_ahead(21 * 24 * 3600);
    phone.person = house.stranger().signed_in("technician", crate::scene::PASSWORD);
    let mut fresh = time(house, &job.ticket);
    fresh["minutes"] = json!(0);
    let mut old = time(house, &job.ticket);
    for (name, hours) in [("started_at", 21 * 24 + 5), ("ended_at", 21 * 24 + 4)] {
        old[name] = json!(hours_ago(house, hours));
    }
    let line = json!({"id": new_id(), "ticket_id": job.ticket, "price_item_id": house.scene.extra, "quantity": "1"});
    let answer = phone
        .push(&[
            ("time_entries", "created", vec![fresh.clone(), old.clone()]),
            ("work_lines", "created", vec![line.clone()]),
        ])
        .is(200);
    assert_eq!(result(&answer, &id(&fresh))["code"], "read_only_access");
    assert_eq!(result(&answer, &id(&line))["code"], "read_only_access");
    assert_eq!(result(&answer, &id(&old))["status"], "quarantined");
}

fn moments_that_are_none_are_refused_by_themselves(house: &House) {
    let job = Job::plain(house);
    let phone = phone_of(house);
    let good = json!({"id": new_id(), "ticket_id": job.ticket, "visibility": "internal", "text": "Слово"});
    let at = |moment: Value| json!({"id": new_id(), "ticket_id": job.ticket, "visibility": "internal", "text": "Слово", "written_at": moment});
    let odd = [json!(i64::MIN), json!(-1), json!(i64::MAX), json!(1e300), json!(1_795_290_620_727_000_000_i64)].map(at);
    let mut moved = moves(house, &job.ticket, &["en_route"]);
    moved[0]["occurred_at"] = json!(i64::MIN);
    let mut comments = odd.to_vec();
    comments.push(good.clone());
    let answer = phone.push(&[("comments", "created", comments), ("status_changes", "created", moved.clone())]).is(200);
    assert_eq!(result(&answer, &id(&good))["status"], "applied");
    for row in odd.iter().chain(&moved) {
        let told = result(&answer, &id(row));
        assert_eq!((&told["status"], &told["code"]), (&json!("refused"), &json!("validation_failed")), "{row}");
    }
    let capitals =
        json!({"comments": {"created": [{"id": new_id().to_uppercase(), "ticket_id": job.ticket, "text": "x"}]}});
    let problem = phone.person.post("/sync/push?last_pulled_at=1", &capitals).refused(400, "sync_malformed");
    assert_eq!(problem["errors"][0]["code"], "not_an_id");
}
