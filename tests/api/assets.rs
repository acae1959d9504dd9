//! Devices: what they are parts of, the labels that lead to them, and what is remembered of them.

use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::job::Job;
use crate::person::{Answer, Person, id, text};
use crate::scene::PASSWORD;

on_each_database![
    a_device_has_parts_but_is_none_of_its_own,
    attributes_are_kept_as_they_came,
    a_new_label_takes_the_place_of_the_old_one,
    a_label_is_read_however_it_came,
    a_number_leads_to_one_device_in_sight,
    the_card_tells_all_there_is_to_know,
    the_card_follows_what_surrounds_the_device,
    neither_an_open_ticket_nor_an_act_is_buried_under_newer_tickets,
    every_moment_of_a_life_is_on_a_page,
];

fn at(asset: &Value, rest: &str) -> String {
    format!("/assets/{}{rest}", id(asset))
}

/// What somebody's phone asks about a text it has read.
fn scan(person: &Person, read: &str) -> Answer {
    let read: String = form_urlencoded::byte_serialize(read.as_bytes()).collect();
    person.get(&format!("/scan/{read}"))
}

fn relabel(house: &House) -> String {
    text(&house.technician().post(&at(&house.scene.asset, "/codes"), &json!({})).is(200), "code")
}

fn a_device_has_parts_but_is_none_of_its_own(house: &House) {
    let (tech, scene) = (house.technician(), &house.scene);
    let new = |of: &Value| json!({"company_id": scene.company, "name": "Часть", "parent_id": of["id"]});
    let part = |of: &Value| tech.post("/assets", &new(of));
    let tray = part(&scene.asset).is(201);
    let roller = part(&tray).is(201);
    assert_eq!(tech.get(&at(&scene.asset, "/children")).is(200)["data"], json!([tray]));
    let under = |asset: &Value, parent: &Value| tech.patch(&at(asset, ""), &json!({"parent_id": parent["id"]}));
    under(&scene.asset, &roller).blames("/parent_id", "loop");
    under(&scene.asset, &scene.asset).blames("/parent_id", "loop");
    under(&tray, &scene.rival_asset).blames("/parent_id", "another_company");
    part(&scene.rival_asset).blames("/parent_id", "another_company");
    part(&json!({"id": scene.site})).blames("/parent_id", "unknown_reference");
}

fn attributes_are_kept_as_they_came(house: &House) {
    let (tech, asset) = (house.technician(), at(&house.scene.asset, ""));
    let set = |attributes: &Value| tech.patch(&asset, &json!({"attributes": attributes}));
    let all = json!({"HDD": "500 ГБ", "RAM": 8, "Сеть": true, "кВт": 1.5, "a/b~c": ""});
    set(&all).is(200);
    assert_eq!(tech.patch(&asset, &json!({"model": "M405"})).is(200)["attributes"], all);
    set(&json!({"a/b~c": "я".repeat(2_001)})).blames("/attributes/a~1b~0c", "too_long");
    set(&json!({"HDD": []})).blames("/attributes/HDD", "wrong_type");
    assert_eq!(set(&json!({"HDD": "1 ТБ"})).is(200)["attributes"], json!({"HDD": "1 ТБ"}));
}

fn a_new_label_takes_the_place_of_the_old_one(house: &House) {
    let (tech, scene) = (house.technician(), &house.scene);
    let (old, new) = (scene.code(), relabel(house));
    for (code, state) in [(old, "replaced"), (&new, "active")] {
        let card = scan(&tech, code).is(200);
        assert_eq!((&card["asset"]["id"], &card["asset"]["code"]), (&scene.asset["id"], &json!(new)));
        assert_eq!(card["scanned"], json!({"code": code, "state": state}));
    }
    let revoke = |code: &str| tech.post(&format!("/codes/{code}/revocation"), &json!({}));
    revoke(old).is(204);
    scan(&tech, old).refused(404, "code_not_found");
    scan(&tech, &new).is(200);
    revoke(&new.to_lowercase()).is(204);
    scan(&tech, &new).refused(404, "code_not_found");
    tech.post(&Job::plain(house).at("/scans"), &json!({"code": new})).refused(404, "code_not_found");
    assert_eq!(tech.get(&at(&scene.asset, "")).is(200)["code"], Value::Null);
}

fn a_label_is_read_however_it_came(house: &House) {
    let (tech, asset, code) = (house.technician(), &house.scene.asset, house.scene.code());
    let leads_here = |read: &str| assert_eq!(scan(&tech, read).is(200)["asset"]["id"], asset["id"], "{read}");
    let url = text(asset, "label_url");
    leads_here(&url);
    leads_here(&url.to_lowercase());
    leads_here(&format!("https://old.example.com/q/{}?utm_source=label", code.to_lowercase()));
    // A code with a digit that letters are taken for: every fourth label has it.
    let with = |digit: char| (0..99).map(|_| relabel(house)).find(|code| code.contains(digit)).unwrap();
    let (one, nought) = (with('1'), with('0'));
    for (letter, code, digit) in [("I", &one, '1'), ("l", &one, '1'), ("O", &nought, '0'), ("o", &nought, '0')] {
        leads_here(&code.replace(digit, letter));
    }
    let last = if code.ends_with('2') { '3' } else { '2' };
    let slip = format!("{}{last}", code.split_at(9).0);
    for nothing in [slip, format!("https://example.com/x/{code}"), "https://example.com/q/".to_owned()] {
        scan(&tech, &nothing).refused(404, "code_not_found");
    }
}

fn a_number_leads_to_one_device_in_sight(house: &House) {
    let (tech, scene) = (house.technician(), &house.scene);
    for number in ["VN-1", "000123"] {
        let card = scan(&tech, number).is(200);
        assert_eq!((&card["asset"]["id"], &card["scanned"]["code"]), (&scene.asset["id"], &Value::Null));
        scan(&house.rival(), number).refused(404, "code_not_found");
    }
    let twin = json!({"company_id": scene.rival_company, "name": "Двойник", "serial_number": "VN-1"});
    tech.post("/assets", &twin).is(201);
    scan(&tech, "VN-1").refused(409, "code_ambiguous");
    assert_eq!(scan(&house.client(), "VN-1").is(200)["asset"]["id"], scene.asset["id"]);
}

fn the_card_tells_all_there_is_to_know(house: &House) {
    let (scene, job) = (&house.scene, Job::strict(house));
    let act = job.signed();
    let next = Job::strict(house);
    let card = scan(&house.technician(), scene.code()).is(200);
    assert_eq!((&card["asset"]["name"], &card["asset"]["model"]), (&json!("Принтер"), &json!("M404")));
    assert_eq!((&card["company"]["name"], &card["site"]["name"]), (&json!("Ромашка"), &json!("Офис")));
    assert_eq!((&card["coverage"]["covered"], &card["coverage"]["agreement_number"]), (&json!(true), &json!("17")));
    let (open, acts) = (card["open_tickets"].as_array().unwrap(), card["recent_acts"].as_array().unwrap());
    assert_eq!((open.len(), &open[0]["id"], &open[0]["status_kind"]), (1, &json!(next.ticket), &json!("assigned")));
    assert_eq!((acts.len(), &acts[0]["id"], &acts[0]["number"]), (1, &act["id"], &act["number"]));
    assert_eq!((&acts[0]["status"], &acts[0]["ticket_id"]), (&json!("signed"), &json!(job.ticket)));
}

fn the_card_follows_what_surrounds_the_device(house: &House) {
    // What somebody changes through one instance is on the next card of every other.
    let (scene, other) = (&house.scene, house.another());
    let (tech, admin) = (house.technician(), other.stranger().signed_in("admin", PASSWORD));
    let card = || scan(&tech, scene.code()).is(200);
    let covered = |because: &str| {
        let coverage = &card()["coverage"];
        assert_eq!((&coverage["covered"], &coverage["reason_code"]), (&json!(because == "agreement"), &json!(because)));
    };
    covered("agreement");
    let (site, agreement) = (format!("/sites/{}", scene.site), format!("/agreements/{}", scene.agreement));
    admin.patch(&site, &json!({"name": "Склад", "time_zone": "Europe/Kyiv"})).is(200);
    assert_eq!((&card()["site"]["name"], &card()["site"]["time_zone"]), (&json!("Склад"), &json!("Europe/Kyiv")));
    admin.patch(&format!("/companies/{}", scene.company), &json!({"name": "Лютик"})).is(200);
    assert_eq!(card()["company"]["name"], "Лютик");
    let spare = json!({"company_id": scene.company, "name": "Запасной"});
    let spare = id(&admin.post("/assets", &spare).is(201));
    admin.patch(&agreement, &json!({"number": "18", "covers": {"asset_ids": [spare]}})).is(200);
    covered("asset_not_listed");
    admin.patch(&agreement, &json!({"covers": {"asset_ids": [spare, scene.asset["id"]]}})).is(200);
    covered("agreement");
    assert_eq!(card()["coverage"]["agreement_number"], "18");
    admin.patch(&agreement, &json!({"starts_on": "2999-01-01"})).is(200);
    covered("no_agreement");
    let next = json!({"company_id": scene.company, "number": "19", "starts_on": "2020-01-01"});
    let next = id(&admin.post("/agreements", &next).is(201));
    covered("agreement");
    admin.patch(&format!("/agreements/{next}"), &json!({"archived": true})).is(200);
    covered("no_agreement");
    admin.patch(&at(&scene.asset, ""), &json!({"site_id": null})).is(200);
    assert_eq!(card()["site"], Value::Null);
}

fn neither_an_open_ticket_nor_an_act_is_buried_under_newer_tickets(house: &House) {
    let (scene, dispatcher) = (&house.scene, house.dispatcher());
    let act = Job::strict(house).signed();
    let mut ticket = scene.plain_ticket();
    ticket["asset_codes"] = json!([scene.code()]);
    let open = || id(&dispatcher.post("/tickets", &ticket).is(201));
    let (old, newer) = (open(), open());
    for number in 0..45 {
        let ticket = open();
        let to = |status: &str| dispatcher.post(&format!("/tickets/{ticket}/status"), &json!({"to": status})).is(200);
        if number % 2 == 0 {
            to("cancelled");
        } else {
            let assignee = json!({"user_id": house.technician().id});
            dispatcher.post(&format!("/tickets/{ticket}/assignee"), &assignee).is(200);
            for status in ["en_route", "in_progress", "done"] {
                to(status);
            }
        }
    }
    let card = scan(&house.technician(), scene.code()).is(200);
    let open: Vec<&Value> = card["open_tickets"].as_array().unwrap().iter().map(|ticket| &ticket["id"]).collect();
    assert_eq!(open, [&json!(newer), &json!(old)]);
    assert_eq!(card["recent_acts"][0]["id"], act["id"]);
}

fn every_moment_of_a_life_is_on_a_page(house: &House) {
    let (tech, life) = (house.technician(), at(&house.scene.asset, "/history"));
    Job::strict(house).signed();
    relabel(house);
    let whole = tech.get(&life).is(200)["data"].as_array().unwrap().clone();
    let happened = |what: &str| whole.iter().any(|moment| moment["what"] == what);
    assert!(["scan", "ticket", "act", "change"].into_iter().all(happened), "{whole:?}");
    let (mut walked, mut cursor) = (Vec::new(), Some(String::new()));
    while let Some(at) = cursor.filter(|_| walked.len() <= whole.len()) {
        let page = tech.get(&format!("{life}?limit=1{at}")).is(200);
        walked.extend(page["data"].as_array().unwrap().clone());
        cursor = page["next_cursor"].as_str().map(|next| format!("&cursor={next}"));
    }
    assert_eq!(walked, whole);
}

#[test]
fn a_label_is_readable_or_refused() {
    let house = House::on_sqlite();
    let (tech, asset) = (house.technician(), &house.scene.asset);
    let url = text(&tech.get(&at(asset, "")).is(200), "label_url");
    let label = |size: &str| tech.get(&at(asset, &format!("/label.png?{size}")));
    for size in ["width_mm=58&height_mm=40&dpi=203", "width_mm=20&height_mm=20&dpi=300"] {
        let picture = image::load_from_memory(&label(size).bytes()).unwrap().to_luma8();
        let (_, read) = rqrr::PreparedImage::prepare(picture).detect_grids()[0].decode().unwrap();
        assert_eq!(read, url, "{size}");
    }
    label("width_mm=15&height_mm=15").refused(422, "label_too_small");
}

#[test]
fn a_sheet_holds_sixty_five_labels_and_no_more() {
    let house = House::on_sqlite();
    let sheet = |part: &str, count: usize, start_at: usize| {
        let sheet = json!({"asset_ids": vec![&house.scene.asset["id"]; count], "start_at": start_at,
                           "sheet": {"brand": "Avery", "part": part}});
        house.technician().post("/label-sheets", &sheet)
    };
    let pages = |count, start_at| {
        let sheets = sheet("L7651", count, start_at).bytes();
        lopdf::Document::load_mem(&sheets).unwrap().get_pages().len()
    };
    assert_eq!([pages(65, 1), pages(66, 1), pages(1, 65), pages(2, 65)], [1, 2, 1, 2]);
    sheet("L0000", 1, 1).blames("/sheet", "unknown_sheet");
    sheet("L7651", 1, 0).blames("/start_at", "out_of_range");
    sheet("L7651", 1, 66).blames("/start_at", "out_of_range");
}
