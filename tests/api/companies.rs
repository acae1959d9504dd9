//! Clients: companies, their places and their people, and lists of them that are read to the end.

use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::person::{Person, id, text};

on_each_database![
    an_edit_is_of_what_was_seen,
    null_empties_what_may_be_empty,
    what_is_put_away_is_out_of_sight,
    clients_are_found_in_any_case,
    a_reference_stays_within_its_company,
    an_unknown_field_is_named,
    pages_show_every_row_once,
    a_cursor_belongs_to_its_list,
];

/// A company, a site and a contact of the client's.
fn records(house: &House) -> [String; 3] {
    let scene = &house.scene;
    let contact = format!("/contacts/{}", scene.accountant);
    [format!("/companies/{}", scene.company), format!("/sites/{}", scene.site), contact]
}

fn ids(list: &Value) -> Vec<String> {
    list["data"].as_array().unwrap().iter().map(id).collect()
}

fn found(person: &Person, list: &str, words: &str) -> Vec<String> {
    let words: String = form_urlencoded::byte_serialize(words.as_bytes()).collect();
    ids(&person.get(&format!("{list}?q={words}")).is(200))
}

fn an_edit_is_of_what_was_seen(house: &House) {
    let manager = house.manager();
    for path in records(house) {
        let seen = manager.get(&path).header("etag").to_owned();
        let changed = manager.with("if-match", &seen).patch(&path, &json!({"name": "Первый"}));
        let newer = changed.header("etag").to_owned();
        assert_ne!(newer, seen, "{path}");
        changed.is(200);
        let late = manager.with("if-match", &seen).patch(&path, &json!({"name": "Второй"}));
        assert_eq!(late.refused(412, "etag_mismatch")["etag"], newer);
        let weak = manager.with("if-match", format!("W/{newer}")).patch(&path, &json!({"name": "Второй"}));
        weak.refused(412, "etag_mismatch");
        assert_eq!(manager.get(&path).is(200)["name"], "Первый");
        manager.with("if-match", "*").patch(&path, &json!({"name": "Третий"})).is(200);
    }
}

fn null_empties_what_may_be_empty(house: &House) {
    let [company, site, contact] = records(house);
    let of_company = json!({"legal_name": "ООО «Л»", "tax_id": "7707083893", "tax_code": "773601001", "phone": "+7",
                            "address": "Москва", "email": "a@example.com", "category": "важный", "language": "uk"});
    let of_contact = json!({"site_id": house.scene.site, "user_id": house.client().id, "position": "сторож"});
    let of_site = json!({"address": "Рязань"});
    let manager = house.manager();
    for (path, filled) in [(&company, of_company), (&site, of_site), (&contact, of_contact)] {
        let after = manager.patch(path, &filled).is(200);
        for (member, value) in filled.as_object().unwrap() {
            assert_eq!(&after[member], value, "{path} {member}");
            assert_eq!(manager.patch(path, &json!({member: null})).is(200)[member], Value::Null, "{path} {member}");
        }
        for member in ["name", "archived"] {
            manager.patch(path, &json!({member: null})).blames(&format!("/{member}"), "wrong_type");
        }
    }
    manager.patch(&site, &json!({"time_zone": null})).blames("/time_zone", "wrong_type");
}

fn what_is_put_away_is_out_of_sight(house: &House) {
    let manager = house.manager();
    let [company, site, contact] = records(house);
    for path in [&contact, &site, &company] {
        let (list, record) = path.rsplit_once('/').unwrap();
        assert!(manager.patch(path, &json!({"archived": true})).is(200)["archived_at"].is_string());
        assert!(!ids(&manager.get(list).is(200)).contains(&record.to_owned()), "{path}");
        assert!(ids(&manager.get(&format!("{list}?archived=true")).is(200)).contains(&record.to_owned()), "{path}");
    }
    let scene = &house.scene;
    manager.post("/sites", &json!({"company_id": scene.company, "name": "Склад"})).blames("/company_id", "archived");
    manager.patch(&company, &json!({"archived": false})).is(200);
    assert!(ids(&manager.get("/companies").is(200)).contains(&scene.company));
    for (member, record) in [("site_id", &scene.site), ("contact_id", &scene.accountant)] {
        let mut ticket = scene.plain_ticket();
        ticket[member] = json!(record);
        house.dispatcher().post("/tickets", &ticket).blames(&format!("/{member}"), "archived");
    }
}

fn clients_are_found_in_any_case(house: &House) {
    let (manager, scene) = (house.manager(), &house.scene);
    assert_eq!(found(&manager, "/companies", "рОМАШк"), [scene.company.as_str()]);
    assert_eq!(found(&manager, "/companies", "ромашка ООО"), [scene.company.as_str()]);
    assert_eq!(found(&manager, "/companies", "ВАСИЛЕК"), [scene.rival_company.as_str()]);
    assert_eq!(found(&manager, "/contacts", "ҐАЛАҐАН елкин"), [scene.accountant.as_str()]);
    assert_eq!(found(&manager, "/sites", "офис"), [scene.rival_site.as_str(), scene.site.as_str()]);
    assert_eq!(found(&house.client(), "/sites", "ОФИС"), [scene.site.as_str()]);
    assert!(found(&manager, "/companies", "%").is_empty());
}

fn a_reference_stays_within_its_company(house: &House) {
    let scene = &house.scene;
    let dispatcher = house.dispatcher();
    let own = format!("/contacts/{}", scene.guard);
    dispatcher.patch(&own, &json!({"site_id": scene.rival_site})).blames("/site_id", "another_company");
    dispatcher.patch(&own, &json!({"user_id": house.rival().id})).blames("/user_id", "another_company");
    dispatcher.patch(&own, &json!({"user_id": house.technician().id})).blames("/user_id", "wrong_role");
    let theirs = json!({"company_id": scene.rival_company, "name": "Чужой"});
    let theirs = id(&dispatcher.post("/contacts", &theirs).is(201));
    for (member, record) in [("site_id", &scene.rival_site), ("contact_id", &theirs)] {
        let mut ticket = scene.plain_ticket();
        ticket[member] = json!(record);
        let pointer = format!("/{member}");
        dispatcher.post("/tickets", &ticket).blames(&pointer, "another_company");
        // To a client there is nobody else.
        house.client().post("/tickets", &ticket).blames(&pointer, "unknown_reference");
        ticket[member] = json!("0190c1de-0000-7000-8000-000000000001");
        dispatcher.post("/tickets", &ticket).blames(&pointer, "unknown_reference");
    }
}

fn an_unknown_field_is_named(house: &House) {
    let manager = house.manager();
    for path in records(house) {
        let (list, _) = path.rsplit_once('/').unwrap();
        manager.patch(&path, &json!({"nmae": "Ромашка"})).blames("/nmae", "unknown_field");
        manager.get(&format!("{list}?colour=red")).blames("colour", "unknown_field");
        manager.get(&format!("{list}?archived=yes")).blames("archived", "not_one_of");
    }
    manager.post("/companies", &json!({"name": "Новый", "colour": "red"})).blames("/colour", "unknown_field");
}

fn pages_show_every_row_once(house: &House) {
    let manager = house.manager();
    for number in 0..5 {
        manager.post("/companies", &json!({"name": format!("Клиент {number}")})).is(201);
    }
    for limit in [1, 3, 7] {
        let whole = ids(&manager.get("/companies?limit=200").is(200));
        let (mut walked, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = manager.get(&format!("/companies?limit={limit}{cursor}")).is(200);
            assert!(!ids(&page).is_empty() && ids(&page).len() <= limit, "{page}");
            walked.extend(ids(&page));
            if page["next_cursor"].is_null() {
                break;
            }
            cursor = format!("&cursor={}", text(&page, "next_cursor"));
            // What is added meanwhile belongs before the pages that are still to come.
            manager.post("/companies", &json!({"name": "Между страницами"})).is(201);
        }
        assert_eq!(walked, whole, "limit {limit}");
    }
    for limit in ["0", "201", "-1", "many"] {
        manager.get(&format!("/companies?limit={limit}")).blames("limit", "out_of_range");
    }
}

fn a_cursor_belongs_to_its_list(house: &House) {
    let manager = house.manager();
    let cursor = text(&manager.get("/sites?limit=1").is(200), "next_cursor");
    let at = |query: &str| manager.get(&format!("{query}cursor={cursor}"));
    assert_eq!(ids(&at("/sites?limit=2&").is(200)), [house.scene.site.as_str()]);
    at(&format!("/sites?company_id={}&", house.scene.company)).refused(400, "invalid_cursor");
    at("/sites?archived=true&").refused(400, "invalid_cursor");
    at("/companies?").refused(400, "invalid_cursor");
    manager.get("/sites?cursor=nonsense").refused(400, "invalid_cursor");
}
