//! A lost answer does no harm: the same request again has the same effect, once.

use serde_json::json;

use crate::house::{House, on_each_database};
use crate::job::Job;
use crate::person::{id, text};
use crate::pictures;

on_each_database![
    a_key_is_good_for_one_request,
    a_refusal_is_kept_as_well,
    a_key_knows_the_file_it_came_with,
    the_same_id_is_the_same_record,
    a_move_to_where_one_stands_changes_nothing,
];

fn a_key_is_good_for_one_request(house: &House) {
    let once = house.dispatcher().with("idempotency-key", "one");
    let ticket = house.scene.plain_ticket();
    let first = once.post("/tickets", &ticket);
    assert_eq!(first.header("idempotency-replayed"), "");
    let location = first.header("location").to_owned();
    let first = first.is(201);
    let second = once.post("/tickets", &ticket);
    assert_eq!((second.header("idempotency-replayed"), second.header("location")), ("true", location.as_str()));
    assert_eq!(second.is(201), first);
    assert_eq!(house.dispatcher().get("/tickets").is(200)["data"].as_array().unwrap().len(), 1);
    once.post("/tickets", &house.scene.strict_ticket()).refused(422, "idempotency_key_reused");
    // Another person's key is another key.
    house.manager().with("idempotency-key", "one").post("/tickets", &house.scene.strict_ticket()).is(201);
    house
        .dispatcher()
        .with("idempotency-key", "with space")
        .post("/tickets", &ticket)
        .refused(400, "idempotency_key_invalid");
}

fn a_refusal_is_kept_as_well(house: &House) {
    let job = Job::strict(house);
    let once = house.technician().with("idempotency-key", "early");
    once.post(&job.at("/status"), &json!({"to": "closed"})).refused(409, "transition_refused");
    let again = once.post(&job.at("/status"), &json!({"to": "closed"}));
    assert_eq!(again.header("idempotency-replayed"), "true");
    again.refused(409, "transition_refused");
    // What the client can mend is asked anew: a corrected body under the same key is refused, the same body is tried again.
    let early = house.technician().with("idempotency-key", "gates");
    job.begin();
    early.post(&job.at("/status"), &json!({"to": "done"})).refused(422, "gates_closed");
    job.scan();
    job.answer();
    job.log("1 ч");
    early.post(&job.at("/status"), &json!({"to": "done"})).is(200);
}

fn a_key_knows_the_file_it_came_with(house: &House) {
    let job = Job::plain(house);
    let once = house.technician().with("idempotency-key", "photo");
    let first = once.upload(&job.at("/attachments"), "1.png", &pictures::png(8, 8), &[]).is(201);
    assert_eq!(id(&once.upload(&job.at("/attachments"), "1.png", &pictures::png(8, 8), &[]).is(201)), id(&first));
    // Another photo under the same key would be lost if it were taken for the first.
    once.upload(&job.at("/attachments"), "1.png", &pictures::png(9, 9), &[]).refused(422, "idempotency_key_reused");
}

fn the_same_id_is_the_same_record(house: &House) {
    let mut ticket = house.scene.plain_ticket();
    ticket["id"] = json!("0190c1de-0000-7000-8000-000000000001");
    let made = house.dispatcher().post("/tickets", &ticket).is(201);
    assert_eq!(id(&made), text(&ticket, "id"));
    assert_eq!(house.dispatcher().post("/tickets", &ticket).is(200), made);
    ticket["subject"] = json!("Другое");
    house.dispatcher().post("/tickets", &ticket).refused(409, "duplicate");
    ticket["subject"] = json!("Вопрос");
    // Nor may somebody else take it.
    house.rival().post("/tickets", &ticket).refused(409, "duplicate");
    house.manager().post("/tickets", &ticket).refused(409, "duplicate");
    ticket["id"] = json!("not-an-id");
    house.dispatcher().post("/tickets", &ticket).blames("/id", "not_an_id");
}

fn a_move_to_where_one_stands_changes_nothing(house: &House) {
    let job = Job::plain(house);
    job.begin();
    let before = job.read();
    job.to("in_progress").is(200);
    assert_eq!(job.read(), before);
}
