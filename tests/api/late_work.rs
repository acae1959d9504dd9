//! Work that comes when the ticket has gone: how long phones show the ticket, and that somebody looks at the work.

use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::job::Job;
use crate::person::id;
use crate::phone::Phone;
use crate::scene::PASSWORD;

on_each_database![
    late_work_waits_for_a_look,
    a_ticket_lingers_from_when_it_was_taken,
    whoever_left_the_team_keeps_its_tickets_for_a_while,
];

const DAY: i64 = 24 * 3600;

fn phone_of(house: &House) -> Phone {
    let mut phone = Phone::new(house.technician());
    phone.pull();
    phone
}

fn comment(ticket: &str, text: &str) -> Value {
    json!({"id": uuid::Uuid::now_v7().to_string(), "ticket_id": ticket, "visibility": "internal", "text": text})
}

/// So many days later, with a new session.
fn days_later(house: &House, phone: &mut Phone, days: i64) {
    house.app.clock.set_ahead(days * DAY);
    phone.person = house.stranger().signed_in("technician", PASSWORD);
    phone.pull();
}

/// A row of late work.
pub fn left(house: &House) -> String {
    let job = Job::plain(house);
    let phone = phone_of(house);
    house.dispatcher().post(&job.at("/assignee"), &json!({"user_id": house.outsider().id})).is(200);
    phone.push(&[("comments", "created", vec![comment(&job.ticket, "Забыл ключ")])]).is(200);
    id(&house.dispatcher().get(&format!("/sync/late-work?ticket_id={}", job.ticket)).is(200)["data"][0])
}

fn late_work_waits_for_a_look(house: &House) {
    let (job, quiet) = (Job::plain(house), Job::plain(house));
    let mut phone = phone_of(house);
    let dispatcher = house.dispatcher();
    let late = |ticket: &str| dispatcher.get(&format!("/tickets/{ticket}")).is(200)["late_work"].clone();
    let listed = |filter: &str| -> Vec<String> {
        let page = dispatcher.get(&format!("/tickets?late_work={filter}&limit=200")).is(200);
        page["data"].as_array().unwrap().iter().map(id).collect()
    };
    assert_eq!((late(&job.ticket), listed("true")), (json!(0), vec![]));
    dispatcher.post(&job.at("/assignee"), &json!({"user_id": house.outsider().id})).is(200);
    let rows = vec![comment(&job.ticket, "Был на месте"), comment(&job.ticket, "Ключ у охраны")];
    phone.push(&[("comments", "created", rows.clone())]).is(200);
    assert_eq!((late(&job.ticket), late(&quiet.ticket)), (json!(2), json!(0)));
    assert_eq!(listed("true"), std::slice::from_ref(&job.ticket));
    assert!(!listed("false").contains(&job.ticket) && listed("false").contains(&quiet.ticket));
    // Those who work are not told who was late.
    assert_eq!(house.outsider().get(&job.at("")).is(200)["late_work"], Value::Null);
    assert_eq!(house.client().get(&job.at("")).is(200)["late_work"], Value::Null);
    house.technician().get("/tickets?late_work=true").refused(403, "forbidden");
    let waiting = |looked: bool| -> Vec<Value> {
        let path = format!("/sync/late-work?ticket_id={}&looked_at={looked}", job.ticket);
        dispatcher.get(&path).is(200)["data"].as_array().unwrap().clone()
    };
    let first = waiting(false)[0].clone();
    let look = format!("/sync/late-work/{}/look", id(&first));
    house.technician().post(&look, &json!({})).refused(403, "forbidden");
    let looked = dispatcher.post(&look, &json!({})).is(200);
    assert_eq!((&looked["looked_by"], &looked["row_id"]), (&json!(dispatcher.id), &first["row_id"]));
    assert!(looked["looked_at"].is_string());
    assert_eq!(house.manager().post(&look, &json!({})).is(200), looked, "the first look stays");
    assert_eq!((waiting(false).len(), waiting(true), late(&job.ticket)), (1, vec![looked], json!(1)));
    let history = dispatcher.get(&job.at("/history")).is(200);
    let looks =
        history["data"].as_array().unwrap().iter().filter(|event| event["action"] == "sync.late_work_looked_at");
    assert_eq!(looks.count(), 1);
    // Its author sees that, and the same row once more does not wait anew.
    phone.is_right();
    let issue = phone.row("sync_issues", &id(&first));
    assert!(issue["looked_at"].is_number(), "{issue}");
    phone.push(&[("comments", "created", rows)]).is(200);
    assert_eq!(late(&job.ticket), json!(1));
    dispatcher.post(&format!("/sync/late-work/{}/look", id(&waiting(false)[0])), &json!({})).is(200);
    assert_eq!((late(&job.ticket), listed("true")), (json!(0), vec![]));
    // What was refused is no late work.
    let wrong =
        json!({"id": uuid::Uuid::now_v7().to_string(), "ticket_id": quiet.ticket, "kind": "on_site", "minutes": 0});
    phone.push(&[("time_entries", "created", vec![wrong.clone()])]).is(200);
    phone.pull();
    let refused = phone.table("sync_issues").into_iter().find(|issue| issue["row_id"] == wrong["id"]).unwrap().clone();
    dispatcher.post(&format!("/sync/late-work/{}/look", id(&refused)), &json!({})).refused(404, "not_found");
}

fn a_ticket_lingers_from_when_it_was_taken(house: &House) {
    let (job, slept) = (Job::plain(house), Job::plain(house));
    let mut phone = phone_of(house);
    let mut asleep = phone_of(house);
    for job in [&job, &slept] {
        house.dispatcher().post(&job.at("/assignee"), &json!({"user_id": house.outsider().id})).is(200);
    }
    // Given further meanwhile: it was taken from him before.
    house.app.clock.set_ahead(9 * DAY);
    let dispatcher = house.stranger().signed_in("dispatcher", PASSWORD);
    dispatcher.post(&job.at("/assignee"), &json!({"user_id": null})).is(200);
    // The phone asks after ten days: four are left.
    days_later(house, &mut phone, 10);
    assert_eq!(phone.row("tickets", &job.ticket)["access"], "read_only");
    days_later(house, &mut phone, 13);
    assert!(phone.holds("tickets", &job.ticket));
    days_later(house, &mut phone, 15);
    assert!(!phone.holds("tickets", &job.ticket));
    phone.is_right();
    // What it still has is taken: it was told ten days after the ticket went.
    let answer = phone.push(&[("comments", "created", vec![comment(&job.ticket, "Ключ")])]).is(200);
    assert_eq!(answer["results"][0]["status"], "quarantined");
    let time = |days: i64| {
        let at = house.app.clock.now().plus_seconds(-days * DAY).micros() / 1_000;
        json!({"id": uuid::Uuid::now_v7().to_string(), "ticket_id": job.ticket, "kind": "on_site", "started_at": at,
               "ended_at": at + 600_000, "visible_to_client": true})
    };
    let answer = phone.push(&[("time_entries", "created", vec![time(7)])]).is(200);
    assert_eq!(answer["results"][0]["status"], "quarantined", "{answer}");
    // Another phone of his that slept all the time never shows it again, and loses nothing either.
    days_later(house, &mut asleep, 20);
    assert!(!asleep.holds("tickets", &slept.ticket));
    let answer = asleep.push(&[("comments", "created", vec![comment(&slept.ticket, "Работал")])]).is(200);
    assert_eq!(answer["results"][0]["status"], "quarantined");
    asleep.is_right();
}

fn whoever_left_the_team_keeps_its_tickets_for_a_while(house: &House) {
    let manager = house.manager();
    let team = manager.post("/teams", &json!({"name": "Выезд", "member_ids": [house.technician().id]})).is(201);
    let kind = manager.post("/ticket-types", &json!({"name": "Выездная", "team_id": team["id"], "gates": []})).is(201);
    let asked =
        json!({"type_id": kind["id"], "company_id": house.scene.company, "priority": "low", "subject": "Выезд"});
    let ticket = id(&house.dispatcher().post("/tickets", &asked).is(201));
    let mut phone = phone_of(house);
    assert_eq!(phone.row("tickets", &ticket)["access"], "full");
    manager.patch(&format!("/teams/{}", id(&team)), &json!({"member_ids": []})).is(200);
    days_later(house, &mut phone, 13);
    assert_eq!(phone.row("tickets", &ticket)["access"], "read_only");
    days_later(house, &mut phone, 15);
    assert!(!phone.holds("tickets", &ticket));
    phone.is_right();
}
