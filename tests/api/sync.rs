//! Phones: what they are told.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::job::Job;
use crate::person::id;
use crate::phone::Phone;

on_each_database![
    a_phone_is_told_all_it_needs_and_then_only_what_changed,
    pages_tell_what_one_answer_would,
    a_lost_answer_is_told_again,
    a_ticket_comes_lingers_and_goes,
    what_is_taken_off_is_told,
    devices_follow_their_sites_and_tickets,
    rules_follow_the_office,
    after_a_long_sleep_everything_is_told_anew,
    two_phones_of_one_person_learn_the_same,
    a_new_column_is_told,
];

fn ids(changes: &Value, table: &str, list: &str) -> Vec<String> {
    let rows = changes["changes"][table][list].as_array().unwrap();
    rows.iter().map(|row| row["id"].as_str().or(row.as_str()).unwrap().to_owned()).collect()
}

/// How many rows an answer holds.
fn size(told: &Value) -> usize {
    let tables = told["changes"].as_object().unwrap().values();
    tables.map(|table| table["updated"].as_array().unwrap().len() + table["deleted"].as_array().unwrap().len()).sum()
}

fn a_phone_is_told_all_it_needs_and_then_only_what_changed(house: &House) {
    let job = Job::strict(house);
    let mut phone = Phone::new(house.technician());
    let told = phone.pull();
    assert_eq!(told["experimentalStrategy"], "incremental");
    assert_eq!(told["next_page"], Value::Null);
    let scene = &house.scene;
    let ticket = phone.row("tickets", &job.ticket);
    assert_eq!((&ticket["status"], &ticket["access"]), (&json!("assigned"), &json!("full")));
    assert!(ticket["created_at"].as_i64().unwrap() > 1_700_000_000_000);
    assert_eq!(phone.table("checklist_items").len(), 3);
    assert_eq!(phone.row("contacts", &scene.director)["signing_authority"], "official");
    assert_eq!(phone.row("codes", scene.code())["asset_id"], scene.asset["id"]);
    assert_eq!(phone.row("assets", &id(&scene.asset))["code"], scene.code());
    assert_eq!(phone.row("price_items", &scene.extra)["price"], "899.90");
    assert_eq!(phone.row("statuses", "in_progress")["kind"], "in_progress");
    assert!(phone.holds("transitions", "in_progress.done") && phone.holds("ticket_types", &scene.strict));
    assert!(phone.holds("checklist_templates", &scene.checklist) && phone.holds("agreements", &scene.agreement));
    for table in ["companies", "sites"] {
        assert_eq!(phone.table(table).len(), 1, "nothing of other clients");
    }
    assert!(!phone.holds("assets", &id(&scene.rival_asset)));
    // Raw values are text, numbers, yes or no, or nothing; the tables are those that are described.
    let schema = house.technician().get("/sync/schema").is(200);
    for table in schema["tables"].as_array().unwrap() {
        for row in phone.table(table["name"].as_str().unwrap()) {
            let columns = table["columns"].as_array().unwrap();
            assert_eq!(row.as_object().unwrap().len(), columns.len() + 1, "{row}");
            for column in columns {
                let value = &row[column["name"].as_str().unwrap()];
                let fits = match column["type"].as_str().unwrap() {
                    "string" => value.is_string(),
                    "number" => value.is_number(),
                    _ => value.is_boolean(),
                };
                assert!(fits || (value.is_null() && column["isOptional"] == true), "{column} {value}");
            }
        }
    }
    assert_eq!(size(&phone.ask()), 0, "nothing happened");
    job.begin();
    job.scan();
    job.answer();
    let entry = job.log("40 м");
    let line = job.work(&scene.extra, "1.5");
    house.dispatcher().post(&job.at("/comments"), &json!({"text": "Ждут у входа"})).is(201);
    let told = phone.pull();
    assert_eq!(ids(&told, "tickets", "updated"), [job.ticket.as_str()]);
    assert_eq!(ids(&told, "time_entries", "updated"), [id(&entry)]);
    assert_eq!(ids(&told, "work_lines", "updated"), [id(&line)]);
    assert_eq!(ids(&told, "comments", "updated").len(), 1);
    assert_eq!(ids(&told, "scans", "updated").len(), 1);
    assert_eq!(ids(&told, "price_items", "updated").len(), 0);
    assert_eq!(phone.row("work_lines", &id(&line))["gross"], "1349.85");
    assert!(phone.table("ticket_assets")[0]["scanned_at"].is_i64());
    phone.is_right();
    job.to("done").is(200);
    let act = job.act();
    job.sign(&act).is(201);
    phone.pull();
    assert_eq!(phone.row("acts", &id(&act))["status"], "signed");
    assert_eq!(phone.table("signatures")[0]["outcome"], "accepted");
    let works: Value =
        serde_json::from_str(phone.row("assets", &id(&scene.asset))["last_works_json"].as_str().unwrap()).unwrap();
    assert_eq!(works[0]["ticket_id"], job.ticket.as_str());
    phone.is_right();
}

fn pages_tell_what_one_answer_would(house: &House) {
    for _ in 0..3 {
        Job::strict(house).scan();
    }
    let technician = house.technician();
    let mut whole = Phone::new(technician.clone());
    whole.pull();
    for limit in [1, 7, 1000] {
        let mut phone = Phone::new(technician.clone());
        let mut page = technician.get(&format!("/sync/pull?last_pulled_at=0&limit={limit}")).is(200);
        let place = page["timestamp"].clone();
        let mut pages = 1;
        loop {
            assert!(size(&page) <= limit);
            assert_eq!(page["timestamp"], place, "all pages tell of one place");
            phone.take(&page);
            let Some(next) = page["next_page"].as_str() else { break };
            pages += 1;
            // What happens meanwhile comes with the next pull.
            if pages == 3 {
                house.dispatcher().post("/tickets", &house.scene.plain_ticket()).is(201);
            }
            page = technician.get(&format!("/sync/pull?page={next}")).is(200);
        }
        assert_eq!(pages > 1, limit < 1000);
        phone.is_right();
        whole.pull();
        assert_eq!(phone.rows, whole.rows, "limit {limit}");
    }
    technician.get("/sync/pull?page=nonsense").refused(400, "invalid_cursor");
    // A page is its reader's own, as it was given, for an hour.
    let first = technician.get("/sync/pull?last_pulled_at=0&limit=1").is(200);
    let next = first["next_page"].as_str().unwrap();
    house.outsider().get(&format!("/sync/pull?page={next}")).refused(400, "invalid_cursor");
    let (_, seal) = next.split_once('.').unwrap();
    let own = r#"{"at":0,"of":{"since":0,"place":9223372036854775807,"replace":false,"limit":0,"table":0,"key":"","learnt":[]}}"#;
    let own = URL_SAFE_NO_PAD.encode(own);
    for forged in [own.clone(), format!("{own}."), format!("{own}.{seal}")] {
        technician.get(&format!("/sync/pull?page={forged}")).refused(400, "invalid_cursor");
    }
    house.app.clock.set_ahead(3_700);
    let later = house.stranger().signed_in("technician", crate::scene::PASSWORD);
    later.get(&format!("/sync/pull?page={next}")).refused(400, "invalid_cursor");
    house.app.clock.set_ahead(0);
    technician.get("/sync/pull?last_pulled_at=yesterday").refused(400, "sync_malformed");
    technician.get("/sync/pull?migration=%5B").refused(400, "sync_malformed");
}

fn a_lost_answer_is_told_again(house: &House) {
    let mut phone = Phone::new(house.technician());
    phone.pull();
    let job = Job::strict(house);
    let lost = phone.ask();
    assert!(ids(&lost, "tickets", "updated").contains(&job.ticket));
    assert!(ids(&lost, "assets", "updated").contains(&id(&house.scene.asset)));
    job.begin();
    let again = phone.pull();
    assert!(ids(&again, "checklist_items", "updated").len() == 3);
    assert_eq!(phone.row("tickets", &job.ticket)["status"], "in_progress");
    phone.is_right();
    // It goes, and that answer is lost as well.
    house.app.clock.set_ahead(0);
    house.dispatcher().post(&job.at("/assignee"), &json!({"user_id": house.outsider().id})).is(200);
    let lost = phone.ask();
    assert_eq!(lost["changes"]["tickets"]["updated"][0]["access"], "read_only");
    phone.pull();
    assert_eq!(phone.row("tickets", &job.ticket)["access"], "read_only");
    phone.is_right();
}

fn a_ticket_comes_lingers_and_goes(house: &House) {
    let days = |days: i64| house.app.clock.set_ahead(days * 24 * 3600);
    let job = Job::strict(house);
    let mut phone = Phone::new(house.technician());
    let mut other = Phone::new(house.outsider());
    phone.pull();
    other.pull();
    assert!(!other.holds("tickets", &job.ticket) && other.table("companies").is_empty());
    // He has worked there, and it goes to somebody else.
    job.begin();
    house.dispatcher().post(&job.at("/assignee"), &json!({"user_id": house.outsider().id})).is(200);
    house.dispatcher().patch(&job.at(""), &json!({"team_id": null})).is(200);
    let told = other.pull();
    assert_eq!(ids(&told, "checklist_items", "updated").len(), 3, "with everything below it");
    assert!(other.holds("assets", &id(&house.scene.asset)) && other.holds("contacts", &house.scene.guard));
    phone.pull();
    assert_eq!(phone.row("tickets", &job.ticket)["access"], "read_only");
    days(13);
    let signed_in = |login: &str| house.stranger().signed_in(login, crate::scene::PASSWORD);
    phone.person = signed_in("technician");
    phone.pull();
    assert!(phone.holds("tickets", &job.ticket));
    days(15);
    phone.person = signed_in("technician");
    let lost = phone.ask();
    assert!(ids(&lost, "tickets", "deleted").contains(&job.ticket), "with time alone, and although the answer is lost");
    phone.pull();
    assert!(!phone.holds("tickets", &job.ticket) && phone.table("checklist_items").is_empty());
    assert!(phone.table("assets").is_empty() && phone.table("codes").is_empty() && phone.table("contacts").is_empty());
    phone.is_right();
    // It comes back, as old as it is.
    house.person("dispatcher");
    let dispatcher = signed_in("dispatcher");
    dispatcher.post(&job.at("/assignee"), &json!({"user_id": phone.person.id})).is(200);
    phone.pull();
    assert_eq!(phone.row("tickets", &job.ticket)["access"], "full");
    assert_eq!(phone.table("checklist_items").len(), 3);
    phone.is_right();
    // Closed, it stays for a while.
    dispatcher.post(&job.at("/status"), &json!({"to": "cancelled"})).is(200);
    phone.pull();
    assert_eq!(phone.row("tickets", &job.ticket)["status_kind"], "cancelled");
    days(30);
    phone.person = signed_in("technician");
    phone.pull();
    assert!(!phone.holds("tickets", &job.ticket));
    phone.is_right();
}

fn what_is_taken_off_is_told(house: &House) {
    let job = Job::strict(house);
    let second = house
        .dispatcher()
        .post("/assets", &json!({"company_id": house.scene.company, "site_id": house.scene.site, "name": "Сканер"}));
    let second = second.is(201);
    job.begin();
    let technician = house.technician();
    technician.post(&job.at("/assets"), &json!({"asset_id": second["id"]})).is(200);
    let entry = job.log("20 м");
    let line = job.work(&house.scene.extra, "1");
    let mut phone = Phone::new(technician.clone());
    phone.pull();
    assert_eq!(phone.table("ticket_assets").len(), 2);
    technician.delete(&format!("/time-entries/{}", id(&entry))).is(204);
    technician.delete(&format!("/work-lines/{}", id(&line))).is(204);
    technician.delete(&job.at(&format!("/assets/{}", id(&second)))).is(204);
    let told = phone.pull();
    assert_eq!(ids(&told, "time_entries", "deleted"), [id(&entry)]);
    assert_eq!(ids(&told, "work_lines", "deleted"), [id(&line)]);
    assert_eq!(ids(&told, "ticket_assets", "deleted").len(), 1);
    assert!(phone.holds("assets", &id(&second)), "it still stands at the site");
    phone.is_right();
    house.technician().post(&format!("/codes/{}/revocation", house.scene.code()), &json!({})).is(204);
    let told = phone.pull();
    assert_eq!(ids(&told, "codes", "deleted"), [house.scene.code()]);
    phone.is_right();
}

fn devices_follow_their_sites_and_tickets(house: &House) {
    let scene = &house.scene;
    let job = Job::strict(house);
    let mut phone = Phone::new(house.technician());
    phone.pull();
    let manager = house.manager();
    let store = manager.post("/sites", &json!({"company_id": scene.company, "name": "Склад"})).is(201);
    let clerk =
        json!({"company_id": scene.company, "site_id": store["id"], "name": "Кладовщик", "signing_authority": "none"});
    let clerk = manager.post("/contacts", &clerk).is(201);
    let scale = json!({"company_id": scene.company, "site_id": store["id"], "name": "Весы"});
    let scale = manager.post("/assets", &scale).is(201);
    phone.pull();
    assert!(!phone.holds("assets", &id(&scale)) && phone.holds("contacts", &id(&clerk)), "he has no ticket there");
    phone.is_right();
    let move_to = |asset: &Value, site: &Value| {
        manager.patch(&format!("/assets/{}", id(asset)), &json!({"site_id": site})).is(200)
    };
    move_to(&scale, &json!(scene.site));
    phone.pull();
    assert_eq!(phone.row("codes", scale["code"].as_str().unwrap())["asset_id"], scale["id"]);
    phone.is_right();
    move_to(&scale, &store["id"]);
    let told = phone.pull();
    assert_eq!(ids(&told, "assets", "deleted"), [id(&scale)]);
    assert_eq!(ids(&told, "codes", "deleted"), [scale["code"].as_str().unwrap()]);
    house.technician().post(&job.at("/scans"), &json!({"code": scale["code"]})).is(200);
    phone.pull();
    assert!(phone.holds("assets", &id(&scale)), "the ticket is about it now");
    phone.is_right();
    // The ticket moves, and so does everything around it.
    house.dispatcher().patch(&job.at(""), &json!({"site_id": store["id"]})).is(200);
    phone.pull();
    assert!(phone.holds("assets", &id(&scale)) && phone.holds("sites", &id(&store)));
    assert!(!phone.holds("sites", &scene.site));
    phone.is_right();
    manager.patch(&format!("/contacts/{}", scene.director), &json!({"signing_authority": "none"})).is(200);
    manager.post(&format!("/assets/{}/foreign-codes", id(&scale)), &json!({"value": "EQ 77"})).is(201);
    manager.post(&format!("/assets/{}/codes", id(&scale)), &json!({})).is(200);
    phone.pull();
    assert_eq!(phone.row("contacts", &scene.director)["signing_authority"], "none");
    assert_eq!(phone.row("codes", scale["code"].as_str().unwrap())["state"], "replaced");
    assert_eq!(phone.table("foreign_codes").len(), 1);
    phone.is_right();
    // A blank label that is put on a device is on the phone.
    let batch = house.dispatcher().post("/label-batches", &json!({"name": "Рулон", "count": 1})).is(201);
    let blank = house.dispatcher().get(&format!("/label-batches/{}/codes", id(&batch))).is(200);
    let blank = blank["data"][0]["code"].as_str().unwrap().to_owned();
    house.technician().post(&format!("/codes/{blank}/claims"), &json!({"asset_id": scale["id"]})).is(201);
    phone.pull();
    assert_eq!(phone.row("codes", &blank)["asset_id"], scale["id"]);
    assert_eq!(phone.table("code_claims").len(), 1);
    phone.is_right();
}

fn rules_follow_the_office(house: &House) {
    let mut phone = Phone::new(house.technician());
    phone.pull();
    let manager = house.manager();
    manager.patch(&format!("/price-items/{}", house.scene.extra), &json!({"price": "950.00"})).is(200);
    manager.patch(&format!("/ticket-types/{}", house.scene.plain), &json!({"gates": ["time_logged"]})).is(200);
    manager.patch(&format!("/checklist-templates/{}", house.scene.checklist), &json!({"name": "ТО-2"})).is(200);
    manager.patch(&format!("/users/{}", house.outsider().id), &json!({"name": "Петров Пётр"})).is(200);
    // Whom one has nothing to do with stays unknown.
    manager.patch(&format!("/users/{}", house.rival().id), &json!({"name": "Тайный гость"})).is(200);
    let told = phone.pull();
    assert_eq!(size(&told), 5, "{told}");
    assert!(!told.to_string().contains("Тайный") && ids(&told, "people", "deleted").len() == 1);
    assert_eq!(phone.row("price_items", &house.scene.extra)["price"], "950.00");
    phone.is_right();
    let mut graph = house.admin().get("/workflow").is(200);
    graph["statuses"].as_array_mut().unwrap().retain(|status| status["code"] != "en_route");
    let ways = graph["transitions"].as_array_mut().unwrap();
    ways.retain(|way| way["from"] != "en_route" && way["to"] != "en_route");
    ways.push(json!({"from": "assigned", "to": "in_progress", "roles": ["technician", "dispatcher"]}));
    let graph = json!({"statuses": graph["statuses"], "transitions": graph["transitions"]});
    house.admin().put("/workflow", &graph).is(200);
    let told = phone.pull();
    assert_eq!(ids(&told, "statuses", "deleted"), ["en_route"]);
    assert!(ids(&told, "transitions", "deleted").contains(&"assigned.en_route".to_owned()));
    assert!(phone.holds("transitions", "assigned.in_progress"));
    phone.is_right();
}

fn after_a_long_sleep_everything_is_told_anew(house: &House) {
    let job = Job::strict(house);
    let mut phone = Phone::new(house.technician());
    phone.pull();
    job.begin();
    let at = |days: i64| {
        house.app.clock.set_ahead(days * 24 * 3600);
        let now = house.app.clock.now();
        house.app.db.write_now(move |conn| naryad::sync::changes::forget_old(conn, now)).unwrap();
        house.stranger().signed_in("technician", crate::scene::PASSWORD)
    };
    // One that was told of all there is needs nothing that was forgotten.
    let mut awake = phone.clone();
    awake.pull();
    phone.person = at(179);
    assert_eq!(phone.ask()["experimentalStrategy"], "incremental");
    phone.person = at(181);
    assert_eq!(phone.ask()["experimentalStrategy"], "replacement");
    phone.is_right();
    // A place that was never given: the database is older than the phone.
    let restored = phone.person.get("/sync/pull?last_pulled_at=900719925474099").is(200);
    assert_eq!(restored["experimentalStrategy"], "incremental");
    assert!(restored["timestamp"].as_i64().unwrap() <= phone.since + 1);
    assert!(size(&restored) > 20);
    assert!(uuid_of(&restored["epoch"]));
}

fn uuid_of(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.len() == 36)
}

fn two_phones_of_one_person_learn_the_same(house: &House) {
    let mut first = Phone::new(house.technician());
    let mut second = Phone::new(house.technician());
    first.pull();
    second.pull();
    let job = Job::strict(house);
    first.pull();
    second.pull();
    assert_eq!(first.rows, second.rows);
    house.dispatcher().post(&job.at("/assignee"), &json!({"user_id": house.outsider().id})).is(200);
    first.pull();
    house.app.clock.set_ahead(15 * 24 * 3600);
    first.person = house.stranger().signed_in("technician", crate::scene::PASSWORD);
    second.person = first.person.clone();
    // The one slept, the other saw it linger; both learn that it went.
    first.pull();
    let told = second.pull();
    assert_eq!(ids(&told, "tickets", "deleted"), [job.ticket.as_str()]);
    assert_eq!(first.rows, second.rows);
    first.is_right();
}

fn a_new_column_is_told(house: &House) {
    Job::strict(house);
    let mut phone = Phone::new(house.technician());
    phone.pull();
    let migration = "%7B%22from%22%3A1%2C%22tables%22%3A%5B%22codes%22%2C%22nonsense%22%5D%2C%22columns%22%3A%5B%7B%22table%22%3A%22assets%22%2C%22columns%22%3A%5B%22code%22%5D%7D%5D%7D";
    let told =
        phone.person.get(&format!("/sync/pull?last_pulled_at={}&schema_version=2&migration={migration}", phone.since));
    let told = told.is(200);
    assert_eq!(ids(&told, "codes", "updated").len(), 1);
    assert_eq!(ids(&told, "assets", "updated").len(), 1);
    assert_eq!(size(&told), 2);
}
