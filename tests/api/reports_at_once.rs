//! Reports that become tickets at once, and whose word that is.

use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::person::{id, text};
use crate::reports::{Filled, at, page, reported, track_of};
use crate::scene::PASSWORD;

on_each_database![
    a_report_becomes_a_ticket_at_once_where_the_company_wants_that,
    a_rule_holds_while_its_maker_could_make_it,
    a_device_gets_one_ticket_at_once,
    the_kind_that_reports_become_stays,
];

/// The report as it is kept.
fn kept(house: &House, report: &str) -> Value {
    house.dispatcher().get(&format!("/reports/{report}")).is(200)
}

fn a_report_becomes_a_ticket_at_once_where_the_company_wants_that(house: &House) {
    let company = format!("/companies/{}", house.scene.company);
    let manager = house.manager();
    manager.patch(&company, &json!({"reports_at_once": true})).blames("/report_type_id", "required");
    let asks = json!({"name": "Требует контакт", "required_fields": ["contact_id"], "gates": []});
    let asks = manager.post("/ticket-types", &asks).is(201);
    let rule = manager.patch(&company, &json!({"reports_at_once": true, "report_type_id": asks["id"]})).is(200);
    assert_eq!(rule["reports_at_once_by"], manager.id);
    // A kind that demands what a report does not say: the report waits for a dispatcher, and is not lost.
    let waits = reported(house, "203.0.113.1");
    let state = |report: &str| house.dispatcher().get(&format!("/reports/{report}")).is(200);
    assert_eq!(state(&waits)["state"], "new");
    house.dispatcher().post(&format!("/reports/{waits}/ticket"), &json!({})).refused(422, "gates_closed");
    manager.patch(&company, &json!({"report_type_id": house.scene.strict})).is(200);
    let report = state(&reported(house, "203.0.113.1"));
    assert_eq!((&report["state"], &report["decided_by"]), (&json!("accepted"), &json!(manager.id)));
    let ticket = house.dispatcher().get(&format!("/tickets/{}", text(&report, "ticket_id"))).is(200);
    assert_eq!((&ticket["created_by"], &ticket["type_id"]), (&json!(manager.id), &json!(house.scene.strict)));
    let files = house.dispatcher().get(&format!("/tickets/{}/attachments", id(&ticket))).is(200);
    assert_eq!(files["data"].as_array().unwrap().len(), 1);
    let seen = page(at(house, "203.0.113.1").get_root(&track_of(house, &id(&report))));
    assert!(seen.contains("Принято в работу") && seen.contains("Ждёт мастера"), "{seen}");
    let rule = manager.patch(&company, &json!({"reports_at_once": false})).is(200);
    assert_eq!(rule["reports_at_once_by"], Value::Null);
}

fn a_rule_holds_while_its_maker_could_make_it(house: &House) {
    let (admin, company) = (house.admin(), format!("/companies/{}", house.scene.company));
    let rule = json!({"reports_at_once": true});
    let state = || kept(house, &reported(house, "203.0.113.1"))["state"].clone();
    house.manager().patch(&company, &json!({"reports_at_once": true, "report_type_id": house.scene.plain})).is(200);
    // A manager no longer.
    admin.patch(&format!("/users/{}", house.manager().id), &json!({"role": "dispatcher"})).is(200);
    assert_eq!(state(), "new");
    // Somebody else says so, and leaves.
    let body = json!({"login": "second", "password": PASSWORD, "role": "manager", "name": "Петров"});
    let second = id(&admin.post("/users", &body).is(201));
    let taken = house.stranger().signed_in("second", PASSWORD).patch(&company, &rule).is(200);
    assert_eq!(taken["reports_at_once_by"], second);
    admin.patch(&format!("/users/{second}"), &json!({"archived": true})).is(200);
    assert_eq!(state(), "new");
    // Said once more, it holds again.
    assert_eq!(admin.patch(&company, &rule).is(200)["reports_at_once_by"], admin.id);
    let report = kept(house, &reported(house, "203.0.113.1"));
    assert_eq!((&report["state"], &report["decided_by"]), (&json!("accepted"), &json!(admin.id)));
    // The stranger's address stands with the report, not with what the administrator's rule did.
    let from = |action: &str, object: &str| {
        let events = admin.get(&format!("/events?object_id={object}")).is(200);
        let event = events["data"].as_array().unwrap().iter().find(|event| event["action"] == action).unwrap().clone();
        event["facts"]["from"]["ip"].clone()
    };
    assert_eq!(from("report.made", &id(&report)), "203.0.113.1");
    assert_eq!(from("report.accepted", &id(&report)), Value::Null);
    assert_eq!(from("ticket.opened", &text(&report, "ticket_id")), Value::Null);
}

fn a_device_gets_one_ticket_at_once(house: &House) {
    let rule = json!({"reports_at_once": true, "report_type_id": house.scene.plain});
    house.manager().patch(&format!("/companies/{}", house.scene.company), &rule).is(200);
    let first = reported(house, "203.0.113.1");
    let ticket = text(&kept(house, &first), "ticket_id");
    // What became a ticket is offered to whoever comes next.
    let second = at(house, "198.51.100.1");
    let offered = page(second.get_root(&format!("/Q/{}", house.scene.code())));
    assert!(offered.contains("работа уже идёт") && offered.contains("У меня то же самое"), "{offered}");
    let echo = Filled::new(house, &second, "").with("same", "1");
    for _ in 0..2 {
        assert_eq!(echo.send(&second).header("location"), track_of(house, &first));
    }
    assert_eq!(kept(house, &first)["same_count"], 1);
    let history = house.dispatcher().get(&format!("/tickets/{ticket}/history?action=report.echoed")).is(200);
    assert_eq!(history["data"].as_array().unwrap().len(), 1);
    // Another fault waits for a dispatcher while the device is in work.
    let third = reported(house, "198.51.100.1");
    assert_eq!(kept(house, &third)["state"], "new");
    assert_eq!(house.dispatcher().get("/tickets").is(200)["data"].as_array().unwrap().len(), 1);
    // When the work is over, the next one is a ticket again.
    house.dispatcher().post(&format!("/reports/{third}/dismissal"), &json!({"reason": "то же"})).is(200);
    let over = json!({"to": "cancelled", "comment": "так"});
    house.manager().post(&format!("/tickets/{ticket}/status"), &over).is(200);
    assert_eq!(kept(house, &reported(house, "198.51.100.1"))["state"], "accepted");
}

fn the_kind_that_reports_become_stays(house: &House) {
    let (admin, company) = (house.admin(), format!("/companies/{}", house.scene.company));
    let mut ours = admin.get("/provider").is(200);
    for generated in ["version", "updated_at", "warnings"] {
        ours.as_object_mut().unwrap().remove(generated);
    }
    let mut described = |kind: Value| {
        ours["report_type_id"] = kind;
        admin.put("/provider", &ours)
    };
    let put_away = |kind: &str| admin.patch(&format!("/ticket-types/{kind}"), &json!({"archived": true}));
    described(json!(house.scene.plain)).is(200);
    admin.patch(&company, &json!({"reports_at_once": true})).is(200);
    described(Value::Null).blames("/report_type_id", "required");
    put_away(&house.scene.plain).refused(409, "locked");
    // The company names its own: nobody needs the provider's any more.
    admin.patch(&company, &json!({"report_type_id": house.scene.strict})).is(200);
    put_away(&house.scene.strict).refused(409, "locked");
    described(Value::Null).is(200);
    put_away(&house.scene.plain).is(200);
    admin.patch(&company, &json!({"reports_at_once": false})).is(200);
    put_away(&house.scene.strict).is(200);
}
