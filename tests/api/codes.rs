//! Labels printed before anybody knows for what, codes that others have printed, and what a scan of either leads to.

use naryad::codes::{LabelCode, batch};
use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::job::Job;
use crate::person::{Answer, Person, id, text};

on_each_database![
    numbers_run_on_over_all_batches,
    a_blank_label_is_told_to_our_own_side_only,
    a_label_is_claimed_for_a_device_that_is_known,
    a_label_is_claimed_for_a_device_that_is_new,
    a_claim_that_comes_too_late_loses_nothing,
    of_many_claims_at_once_one_wins,
    a_claim_that_is_not_in_order_changes_nothing,
    a_lost_roll_leads_nowhere,
    printed_labels_that_nobody_claimed_are_listed,
    a_code_of_others_leads_to_the_device,
    a_code_on_several_devices_asks_which,
    a_ticket_knows_its_company_when_a_number_is_on_several,
    a_code_of_others_is_recorded_with_care,
    devices_that_were_not_scanned_are_listed,
    a_life_tells_where_and_on_which_ticket,
    any_device_of_many_with_one_code_can_be_chosen,
    what_was_scanned_is_read_as_records_hold_it,
    a_label_that_was_replaced_can_be_put_back,
    a_device_out_of_service_takes_no_label,
    a_revocation_is_told_of_the_device_or_the_batch,
];

/// What somebody's phone asks about a text it has read.
fn scan(person: &Person, read: &str) -> Answer {
    let read: String = form_urlencoded::byte_serialize(read.as_bytes()).collect();
    person.get(&format!("/scan/{}", read.replace('+', "%20")))
}

/// A batch of blank labels: its record and the codes.
fn batch(house: &House, count: usize) -> (Value, Vec<String>) {
    let made = house.dispatcher().post("/label-batches", &json!({"name": "Рулон", "count": count})).is(201);
    let codes = house.technician().get(&format!("/label-batches/{}/codes?limit=200", id(&made))).is(200);
    let codes = codes["data"].as_array().unwrap().iter().map(|code| text(code, "code")).collect();
    (made, codes)
}

fn claim(person: &Person, code: &str, body: &Value) -> Answer {
    person.post(&format!("/codes/{code}/claims"), body)
}

fn new_asset(house: &House, name: &str) -> Value {
    json!({"company_id": house.scene.company, "site_id": house.scene.site, "name": name})
}

/// A device of the client's with these fields.
fn device(house: &House, name: &str, fields: &Value) -> Value {
    let mut asset = new_asset(house, name);
    asset.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    house.technician().post("/assets", &asset).is(201)
}

fn ids(page: &Value) -> Vec<String> {
    page["data"].as_array().unwrap().iter().map(id).collect()
}

fn numbers_run_on_over_all_batches(house: &House) {
    let (first, codes) = batch(house, 3);
    assert_eq!((&first["first_number"], &first["last_number"]), (&json!(1), &json!(3)));
    assert_eq!(first["counts"], json!({"total": 3, "printed": 0, "claimed": 0, "void": 0, "blank": 3}));
    assert_eq!(codes.len(), 3);
    let own = "019aa1b2-c3d4-7000-8000-00000000b001";
    let many = json!({"id": own, "name": "Большой рулон", "count": 1_200});
    let second = house.manager().post("/label-batches", &many).is(201);
    assert_eq!((&second["first_number"], &second["last_number"]), (&json!(4), &json!(1_203)));
    assert_eq!(house.manager().post("/label-batches", &many).is(200)["id"], own);
    let tech = house.technician();
    assert_eq!(ids(&tech.get("/label-batches").is(200)), [own.to_owned(), id(&first)]);
    // Page by page, by number, over both batches.
    let (mut numbers, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = tech.get(&format!("/codes?limit=200{cursor}")).is(200);
        numbers.extend(page["data"].as_array().unwrap().iter().map(|code| code["number"].as_i64().unwrap()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(numbers, (1..=1_203).collect::<Vec<_>>());
    for (count, flaw) in [(0, "out_of_range"), (5_001, "out_of_range")] {
        house.manager().post("/label-batches", &json!({"name": "x", "count": count})).blames("/count", flaw);
    }
    tech.post("/label-batches", &json!({"name": "x", "count": 1})).refused(403, "forbidden");
    house.client().get(&format!("/label-batches/{own}")).refused(403, "forbidden");
    tech.get("/label-batches/019aa1b2-c3d4-7000-8000-00000000b002/codes").refused(404, "not_found");
}

fn a_blank_label_is_told_to_our_own_side_only(house: &House) {
    let (made, codes) = batch(house, 1);
    let (tech, code) = (house.technician(), &codes[0]);
    let url = tech.get(&format!("/codes/{code}")).is(200);
    assert_eq!(
        (&url["state"], &url["number"], &url["batch"]["id"]),
        (&json!("blank"), &made["first_number"], &made["id"])
    );
    for read in [code.clone(), text(&url, "label_url"), code.to_lowercase()] {
        let problem = scan(&tech, &read).refused(404, "code_blank");
        assert_eq!(problem["label_code"], *code);
        assert_eq!(problem["remedy"], json!({"method": "POST", "path": format!("/api/v1/codes/{code}/claims")}));
        // To a client it looks like one that nobody made.
        let (blank, unknown) = (scan(&house.client(), &read), scan(&house.client(), "0000000001"));
        let (blank, unknown) = (blank.refused(404, "code_not_found"), unknown.refused(404, "code_not_found"));
        assert_eq!((&blank["title"], &blank["detail"]), (&unknown["title"], &unknown["detail"]));
        assert_eq!(blank.as_object().unwrap().len(), unknown.as_object().unwrap().len());
    }
    house.client().get(&format!("/codes/{code}")).refused(403, "forbidden");
    tech.post(&Job::plain(house).at("/scans"), &json!({"code": code})).refused(404, "code_blank");
    let mut ticket = house.scene.plain_ticket();
    ticket["asset_codes"] = json!([code]);
    house.dispatcher().post("/tickets", &ticket).blames("/asset_codes/0", "unknown_reference");
}

fn a_label_is_claimed_for_a_device_that_is_known(house: &House) {
    let (made, codes) = batch(house, 2);
    let (tech, asset, old) = (house.technician(), &house.scene.asset, house.scene.code());
    let body = json!({"id": "019aa1b2-c3d4-7000-8000-00000000c001", "asset_id": asset["id"],
                      "claimed_at": "2026-11-20T09:30:00Z", "place": {"lat": 43.1, "lon": 131.9}});
    let won = claim(&tech, &codes[0], &body).is(201);
    assert_eq!(
        (&won["outcome"], &won["replaced"], &won["asset"]["code"]),
        (&json!("won"), &json!(old), &json!(codes[0]))
    );
    assert_eq!(won["claimed_at"], "2026-11-20T09:30:00.000Z");
    // The same again, and with another id: nothing new happens.
    assert_eq!(claim(&tech, &codes[0], &body).is(200)["id"], won["id"]);
    assert_eq!(claim(&tech, &codes[0], &json!({"asset_id": asset["id"]})).is(201)["asset"]["code"], json!(codes[0]));
    for (code, state) in [(old, "replaced"), (&codes[0], "active")] {
        let card = scan(&tech, code).is(200);
        assert_eq!((&card["asset"]["id"], &card["scanned"]["state"]), (&asset["id"], &json!(state)));
    }
    let counts = &tech.get(&format!("/label-batches/{}", id(&made))).is(200)["counts"];
    assert_eq!(*counts, json!({"total": 2, "printed": 0, "claimed": 1, "void": 0, "blank": 1}));
    let code = tech.get(&format!("/codes/{}", codes[0])).is(200);
    assert_eq!((&code["state"], &code["asset"]["id"]), (&json!("active"), &asset["id"]));
    assert_eq!(code["claims"].as_array().unwrap().len(), 2);
    // The other id under which the client made it must say the same.
    let mut other = body.clone();
    other["asset_id"] = house.scene.rival_asset["id"].clone();
    claim(&tech, &codes[0], &other).refused(409, "duplicate");
}

fn a_label_is_claimed_for_a_device_that_is_new(house: &House) {
    let (_, codes) = batch(house, 2);
    let tech = house.technician();
    let url = text(&tech.get(&format!("/codes/{}", codes[0])).is(200), "label_url");
    let url: String = form_urlencoded::byte_serialize(url.as_bytes()).collect();
    let won = claim(&tech, &url, &json!({"asset": new_asset(house, "Новая камера")})).is(201);
    assert_eq!((&won["asset"]["name"], &won["asset"]["code"]), (&json!("Новая камера"), &json!(codes[0])));
    assert_eq!(won["replaced"], Value::Null);
    assert_eq!(scan(&tech, &codes[0]).is(200)["asset"]["id"], won["asset"]["id"]);
    // The device came before by itself; then its claim comes.
    let mut asset = new_asset(house, "Коммутатор");
    asset["id"] = json!("019aa1b2-c3d4-7000-8000-00000000a001");
    let before = tech.post("/assets", &asset).is(201);
    let won = claim(&tech, &codes[1], &json!({"asset": asset})).is(201);
    assert_eq!((&won["asset"]["id"], &won["replaced"]), (&before["id"], &before["code"]));
    assert_eq!(won["asset"]["code"], json!(codes[1]));
}

fn a_claim_that_comes_too_late_loses_nothing(house: &House) {
    let (_, codes) = batch(house, 1);
    let (tech, late) = (house.technician(), house.outsider());
    let first = claim(&tech, &codes[0], &json!({"asset": new_asset(house, "Первая камера")})).is(201);
    let mut asset = new_asset(house, "Вторая камера");
    asset["id"] = json!("019aa1b2-c3d4-7000-8000-00000000a002");
    let body = json!({"id": "019aa1b2-c3d4-7000-8000-00000000c002", "asset": asset});
    let told = claim(&late, &codes[0], &body).refused(409, "code_claimed");
    assert_eq!((&told["holder"]["id"], &told["holder"]["name"]), (&first["asset"]["id"], &json!("Первая камера")));
    assert_eq!((&told["asset"]["id"], &told["asset"]["name"]), (&asset["id"], &json!("Вторая камера")));
    let own = text(&told["asset"], "code");
    assert_ne!(own, codes[0]);
    assert_eq!(scan(&tech, &own).is(200)["asset"]["id"], asset["id"]);
    // The same claim again, with a key or without, is answered alike, and makes nothing.
    let keyed = late.with("idempotency-key", "late-claim");
    for person in [&late, &keyed, &keyed] {
        let again = claim(person, &codes[0], &body).refused(409, "code_claimed");
        assert_eq!(
            (&again["holder"], &again["asset"], &again["claim_id"]),
            (&told["holder"], &told["asset"], &told["claim_id"])
        );
    }
    // For a device that was known: it keeps the label it had.
    let known = &house.scene.asset;
    let told = claim(&late, &codes[0], &json!({"asset_id": known["id"]})).refused(409, "code_claimed");
    assert_eq!((&told["asset"]["id"], &told["asset"]["code"]), (&known["id"], &known["code"]));
    assert_eq!(scan(&tech, &codes[0]).is(200)["asset"]["id"], first["asset"]["id"]);
    let claims = tech.get(&format!("/codes/{}", codes[0])).is(200)["claims"].clone();
    let outcomes: Vec<_> = claims.as_array().unwrap().iter().map(|claim| text(claim, "outcome")).collect();
    assert_eq!(outcomes, ["lost", "lost", "won"]);
    let life = tech.get(&format!("/assets/{}/history", id(&asset))).is(200);
    assert!(
        life["data"]
            .as_array()
            .unwrap()
            .iter()
            .any(|moment| moment["what"] == "claim" && moment["text"] == format!("{} lost", codes[0]))
    );
}

fn of_many_claims_at_once_one_wins(house: &House) {
    let (_, codes) = batch(house, 1);
    let code = &codes[0];
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let claims: Vec<_> = (0..6)
            .map(|number| {
                let tech = house.technician();
                let asset = new_asset(house, &format!("Camera {number}"));
                scope.spawn(move || claim(&tech, code, &json!({"asset": asset})).status)
            })
            .collect();
        claims.into_iter().map(|claim| claim.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [201, 409].contains(status)), "{statuses:?}");
    let made = house.technician().get("/assets?q=camera").is(200);
    assert_eq!(made["data"].as_array().unwrap().len(), 6);
}

fn a_claim_that_is_not_in_order_changes_nothing(house: &House) {
    let (_, codes) = batch(house, 1);
    let (tech, code) = (house.technician(), &codes[0]);
    let asset = &house.scene.asset["id"];
    claim(&tech, code, &json!({})).blames("/asset_id", "required");
    claim(&tech, code, &json!({"asset_id": asset, "asset": new_asset(house, "x")})).blames("/asset", "not_together");
    let nobody = "019aa1b2-c3d4-7000-8000-00000000dead";
    claim(&tech, code, &json!({"asset_id": nobody})).blames("/asset_id", "unknown_reference");
    let mut strange = new_asset(house, "x");
    strange["site_id"] = json!(house.scene.rival_site);
    claim(&tech, code, &json!({"asset": strange})).blames("/asset/site_id", "another_company");
    claim(&tech, code, &json!({"asset_id": asset, "place": {"lat": 91, "lon": 0}}))
        .blames("/place/lat", "out_of_range");
    claim(&tech, "0000000001", &json!({"asset_id": asset})).refused(404, "code_not_found");
    claim(&tech, "nonsense", &json!({"asset_id": asset})).refused(404, "code_not_found");
    claim(&house.client(), code, &json!({"asset_id": asset})).refused(403, "forbidden");
    scan(&tech, code).refused(404, "code_blank");
    assert_eq!(tech.get(&format!("/codes/{code}")).is(200)["claims"], json!([]));
}

fn a_lost_roll_leads_nowhere(house: &House) {
    let (made, codes) = batch(house, 5);
    let (tech, dispatcher) = (house.technician(), house.dispatcher());
    claim(&tech, &codes[1], &json!({"asset_id": house.scene.asset["id"]})).is(201);
    let void = |body: &Value| dispatcher.post(&format!("/label-batches/{}/void", id(&made)), body);
    void(&json!({"from": 0, "to": 2, "reason": "x"})).blames("/from", "out_of_range");
    void(&json!({"from": 3, "to": 6, "reason": "x"})).blames("/to", "out_of_range");
    void(&json!({"from": 3, "to": 2, "reason": "x"})).blames("/to", "out_of_range");
    void(&json!({"from": 1, "to": 3})).blames("/reason", "required");
    let after = void(&json!({"from": 1, "to": 3, "reason": "рулон промок"})).is(200);
    assert_eq!(after["counts"], json!({"total": 5, "printed": 0, "claimed": 1, "void": 2, "blank": 2}));
    scan(&tech, &codes[0]).refused(404, "code_not_found");
    claim(&tech, &codes[2], &json!({"asset_id": house.scene.asset["id"]})).refused(404, "code_not_found");
    scan(&tech, &codes[1]).is(200);
    let left = tech.get(&format!("/label-batches/{}/codes?state=blank", id(&made))).is(200);
    let left: Vec<_> = left["data"].as_array().unwrap().iter().map(|code| text(code, "code")).collect();
    assert_eq!(left, codes[3..]);
    assert_eq!(tech.get(&format!("/codes/{}", codes[0])).is(200)["state"], "revoked");
    assert_eq!(void(&json!({"reason": "и остальное"})).is(200)["counts"]["blank"], 0);
}

fn printed_labels_that_nobody_claimed_are_listed(house: &House) {
    let (_, codes) = batch(house, 4);
    let tech = house.technician();
    let labels: Vec<LabelCode> = codes[..3].iter().map(|code| code.parse().unwrap()).collect();
    let now = house.app.clock.now();
    house.app.db.write_now(move |conn| batch::printed(conn, &labels, now)).unwrap();
    claim(&tech, &codes[0], &json!({"asset_id": house.scene.asset["id"]})).is(201);
    let listed = |filter: &str| -> Vec<String> {
        let page = tech.get(&format!("/codes?{filter}")).is(200);
        page["data"].as_array().unwrap().iter().map(|code| text(code, "code")).collect()
    };
    assert_eq!(listed("state=blank&printed=true"), codes[1..3]);
    assert_eq!(listed("printed=false"), codes[3..]);
    assert_eq!(listed("state=active"), codes[..1]);
    tech.get("/codes?state=lost").blames("state", "not_one_of");
}

fn a_code_of_others_leads_to_the_device(house: &House) {
    let (tech, asset) = (house.technician(), &house.scene.asset);
    let path = format!("/assets/{}/foreign-codes", id(asset));
    let add = |body: &Value| tech.post(&path, body);
    let giai = add(&json!({"value": "]C180044012345678ABC00017"})).is(201);
    assert_eq!((&giai["kind"], &giai["also_on"]), (&json!("giai"), &json!([])));
    let sgtin = add(&json!({"value": "https://brand.example/01/09506000134352/21/S7", "kind": "digital_link"})).is(201);
    add(&json!({"value": " SN/4711-XY "})).is(201);
    add(&json!({"value": "https://Inventory.example.com:443/item?id=9#top", "kind": "url"})).is(201);
    let leads_here = |read: &str| {
        assert_eq!(scan(&tech, read).is(200)["asset"]["id"], asset["id"], "{read}");
        assert_eq!(scan(&house.client(), read).is(200)["asset"]["id"], asset["id"], "{read}");
        scan(&house.rival(), read).refused(404, "code_not_found");
    };
    for read in [
        "(8004)4012345678ABC00017",
        "\u{1d}80044012345678ABC00017",
        "80044012345678ABC00017",
        "4012345678ABC00017",
        "https://id.gs1.org/8004/4012345678ABC00017",
        "HTTPS://EXAMPLE.COM/8004/4012345678ABC00017",
        "]d2010950600013435221S7",
        "(01)09506000134352(21)S7",
        "https://elsewhere.example/01/9506000134352/21/S7?17=270101",
        "SN/4711-XY",
        "]C0SN/4711-XY",
        "HTTPS://inventory.example.com/item?id=9",
    ] {
        leads_here(read);
    }
    // What the ticket's scan takes, separators and all.
    let job = Job::plain(house);
    tech.post(&job.at("/scans"), &json!({"code": "\u{1d}010950600013435221S7\u{1d}10LOT"})).is(200);
    assert_eq!(job.read()["assets"][0]["id"], asset["id"]);
    let shown = tech.get(&format!("/assets/{}", id(asset))).is(200);
    assert_eq!(shown["foreign_codes"].as_array().unwrap().len(), 4);
    assert_eq!(shown["foreign_codes"][0]["value"], "]C180044012345678ABC00017");
    assert_eq!(ids(&house.client().get(&path).is(200)).len(), 4);
    house.rival().get(&path).refused(404, "not_found");
    tech.delete(&format!("{path}/{}", id(&sgtin))).is(204);
    tech.delete(&format!("{path}/{}", id(&sgtin))).refused(404, "not_found");
    scan(&tech, "(01)09506000134352(21)S7").refused(404, "code_not_found");
    // And it may come back.
    add(&json!({"value": "(01)09506000134352(21)S7"})).is(201);
    leads_here("https://brand.example/01/09506000134352/21/S7");
}

fn a_code_on_several_devices_asks_which(house: &House) {
    let (tech, scene) = (house.technician(), &house.scene);
    let twin = device(house, "Двойник", &json!({"serial_number": "VN-1"}));
    let theirs = json!({"company_id": scene.rival_company, "name": "Чужой", "inventory_number": "VN-1"});
    let theirs = tech.post("/assets", &theirs).is(201);
    let told = scan(&tech, "VN-1").refused(409, "code_ambiguous");
    let mut named: Vec<String> = told["assets"].as_array().unwrap().iter().map(id).collect();
    named.sort();
    let mut all = vec![id(&scene.asset), id(&twin), id(&theirs)];
    all.sort();
    assert_eq!(named, all);
    let mine = told["assets"].as_array().unwrap().iter().find(|asset| asset["id"] == scene.asset["id"]).unwrap();
    assert_eq!((&mine["company"]["name"], &mine["site"]["name"]), (&json!("Ромашка"), &json!("Офис")));
    assert_eq!((&mine["name"], &mine["inventory_number"]), (&json!("Принтер"), &json!("000123")));
    // A client sees its own only.
    assert_eq!(scan(&house.client(), "VN-1").refused(409, "code_ambiguous")["assets"].as_array().unwrap().len(), 2);
    assert_eq!(scan(&house.rival(), "VN-1").is(200)["asset"]["id"], theirs["id"]);
    // The person chooses, and the card comes.
    let card = |person: &Person, asset: &Value, rest: &str| person.get(&format!("/assets/{}/card{rest}", id(asset)));
    assert_eq!(card(&tech, &twin, "?scanned=VN-1").is(200)["asset"]["id"], twin["id"]);
    assert_eq!(card(&house.client(), &scene.asset, "").is(200)["company"]["name"], "Ромашка");
    card(&tech, &twin, "?scanned=VN-2").refused(404, "code_not_found");
    card(&house.rival(), &twin, "").refused(404, "not_found");
    // The same code of others on two devices is allowed, and says so.
    let add = |asset: &Value| tech.post(&format!("/assets/{}/foreign-codes", id(asset)), &json!({"value": "EQ 77"}));
    add(&scene.asset).is(201);
    let second = add(&twin).is(201);
    assert_eq!(second["also_on"], json!([scene.asset["id"]]));
    scan(&tech, "EQ 77").refused(409, "code_ambiguous");
    // One that is out of service is not meant.
    tech.patch(&format!("/assets/{}", id(&twin)), &json!({"archived": true})).is(200);
    assert_eq!(scan(&tech, "EQ 77").is(200)["asset"]["id"], scene.asset["id"]);
}

fn a_ticket_knows_its_company_when_a_number_is_on_several(house: &House) {
    let (tech, scene) = (house.technician(), &house.scene);
    let theirs = json!({"company_id": scene.rival_company, "name": "Чужой", "serial_number": "VN-1"});
    tech.post("/assets", &theirs).is(201);
    scan(&tech, "VN-1").refused(409, "code_ambiguous");
    // The ticket is the client's, so the client's device is meant.
    let job = Job::plain(house);
    tech.post(&job.at("/scans"), &json!({"code": "VN-1"})).is(200);
    assert_eq!(job.read()["assets"][0]["id"], scene.asset["id"]);
    let twin = device(house, "Двойник", &json!({"inventory_number": "VN-1"}));
    let job = Job::plain(house);
    let told = tech.post(&job.at("/scans"), &json!({"code": "VN-1"})).refused(409, "code_ambiguous");
    assert_eq!(told["assets"].as_array().unwrap().len(), 2);
    let scanned = |asset: &Value| tech.post(&job.at("/scans"), &json!({"code": "VN-1", "asset_id": asset["id"]}));
    scanned(&scene.rival_asset).blames("/asset_id", "unknown_reference");
    scanned(&twin).is(200);
    assert_eq!(job.read()["assets"][0]["id"], twin["id"]);
    let mut ticket = scene.plain_ticket();
    ticket["asset_codes"] = json!(["000123", "VN-1"]);
    let told = house.dispatcher().post("/tickets", &ticket).refused(409, "code_ambiguous");
    assert_eq!(
        (&told["errors"][0]["pointer"], told["assets"].as_array().unwrap().len()),
        (&json!("/asset_codes/1"), 2)
    );
    let code = scene.rival_asset["code"].clone();
    tech.post(&job.at("/scans"), &json!({"code": code})).refused(409, "asset_of_another_company");
    ticket["asset_codes"] = json!([code]);
    house.dispatcher().post("/tickets", &ticket).blames("/asset_codes/0", "another_company");
    tech.post("/assets", &json!({"company_id": scene.rival_company, "name": "Ещё", "serial_number": "R-9"})).is(201);
    tech.post(&job.at("/scans"), &json!({"code": "R-9"})).refused(409, "asset_of_another_company");
}

fn a_code_of_others_is_recorded_with_care(house: &House) {
    let (tech, asset) = (house.technician(), &house.scene.asset);
    let path = format!("/assets/{}/foreign-codes", id(asset));
    let add = |body: &Value| tech.post(&path, body);
    let own = "019aa1b2-c3d4-7000-8000-00000000f001";
    let body = json!({"id": own, "value": "ABC 1"});
    assert_eq!(add(&body).is(201)["id"], own);
    assert_eq!(add(&body).is(200)["id"], own);
    // The same code is on the device already, however it is sent.
    assert_eq!(add(&json!({"value": "]C0ABC 1"})).is(200)["id"], own);
    add(&json!({"value": "x", "kind": "giai"})).blames("/value", "not_that_kind");
    add(&json!({"value": "x", "kind": "url"})).blames("/value", "not_that_kind");
    add(&json!({"value": "x", "kind": "label"})).blames("/kind", "not_one_of");
    add(&json!({"value": " "})).blames("/value", "too_short");
    add(&json!({"value": "я".repeat(501)})).blames("/value", "too_long");
    add(&json!({"value": house.scene.rival_asset["label_url"]})).blames("/value", "taken");
    house.client().post(&path, &json!({"value": "y"})).refused(403, "forbidden");
    for number in 1..50 {
        add(&json!({"value": format!("N{number}")})).is(201);
    }
    add(&json!({"value": "N50"})).blames("/value", "too_many");
}

fn devices_that_were_not_scanned_are_listed(house: &House) {
    let (tech, scene) = (house.technician(), &house.scene);
    let (_, codes) = batch(house, 1);
    let (scanned, claimed) = (device(house, "Сканирован", &json!({})), device(house, "Наклеен", &json!({})));
    tech.post(&Job::plain(house).at("/scans"), &json!({"code": scanned["code"]})).is(200);
    claim(&tech, &codes[0], &json!({"asset_id": claimed["id"]})).is(201);
    let since = |day: &str| ids(&tech.get(&format!("/assets?not_scanned_since={day}")).is(200));
    assert_eq!(since("2020-01-01"), [id(&scene.rival_asset), id(&scene.asset)]);
    assert_eq!(since("2999-01-01").len(), 4);
    let own = house.client().get("/assets?not_scanned_since=2020-01-01").is(200);
    assert_eq!(ids(&own), [id(&scene.asset)]);
    let page = tech.get("/assets?not_scanned_since=2020-01-01&limit=1").is(200);
    let next = text(&page, "next_cursor");
    let rest = tech.get(&format!("/assets?not_scanned_since=2020-01-01&limit=1&cursor={next}")).is(200);
    assert_eq!((ids(&page), ids(&rest)), (vec![id(&scene.rival_asset)], vec![id(&scene.asset)]));
    tech.get("/assets?not_scanned_since=yesterday").blames("not_scanned_since", "not_a_day");
}

fn a_life_tells_where_and_on_which_ticket(house: &House) {
    let (tech, asset) = (house.technician(), &house.scene.asset);
    let (_, codes) = batch(house, 1);
    let job = Job::plain(house);
    job.scan();
    let place = json!({"lat": 43.25, "lon": 131.5, "accuracy_m": 3.0});
    claim(&tech, &codes[0], &json!({"asset_id": asset["id"], "place": place})).is(201);
    let life = tech.get(&format!("/assets/{}/history", id(asset))).is(200);
    let find = |what: &str| life["data"].as_array().unwrap().iter().find(|moment| moment["what"] == what).unwrap();
    let scan = find("scan");
    assert_eq!((&scan["text"], &scan["ticket_id"]), (&json!(house.scene.code()), &json!(job.ticket)));
    assert_eq!((&scan["place"]["lat"], &scan["place"]["accuracy_m"]), (&json!(43.1), &json!(8.0)));
    let claim = find("claim");
    assert_eq!((&claim["text"], &claim["place"], &claim["user_id"]), (&json!(codes[0]), &place, &json!(tech.id)));
}

fn any_device_of_many_with_one_code_can_be_chosen(house: &House) {
    let (job, technician) = (Job::plain(house), house.technician());
    let devices: Vec<String> =
        (0..23).map(|number| id(&device(house, &format!("Касса {number}"), &json!({})))).collect();
    for device in &devices {
        technician.post(&format!("/assets/{device}/foreign-codes"), &json!({"value": "4006381333931"})).is(201);
    }
    let among = scan(&technician, "4006381333931").is(409);
    assert_eq!(among["assets"].as_array().unwrap().len(), 20, "a list that can be read");
    for device in &devices {
        let card = technician.get(&format!("/assets/{device}/card?scanned=4006381333931")).is(200);
        assert_eq!(card["asset"]["id"], **device);
        let chosen = json!({"code": "4006381333931", "asset_id": device});
        technician.post(&job.at("/scans"), &chosen).is(200);
    }
    assert_eq!(job.read()["assets"].as_array().unwrap().len(), devices.len());
    let other = id(&device(house, "Принтер", &json!({})));
    let chosen = json!({"code": "4006381333931", "asset_id": other});
    technician.post(&job.at("/scans"), &chosen).blames("/asset_id", "unknown_reference");
}

fn what_was_scanned_is_read_as_records_hold_it(house: &House) {
    let technician = house.technician();
    let printer = device(house, "Принтер", &json!({"serial_number": "СЙ 47 11"}));
    for read in ["СЙ 47 11", "СИ\u{306}\u{a0}47\t11", "  СЙ  47 11\r\n"] {
        assert_eq!(scan(&technician, read).is(200)["asset"]["id"], printer["id"], "{read:?}");
    }
    scan(&technician, &"(01)".repeat(500)).refused(404, "code_not_found");
}

fn a_label_that_was_replaced_can_be_put_back(house: &House) {
    let technician = house.technician();
    let printer = device(house, "Принтер", &json!({}));
    let (first, path) = (text(&printer, "code"), format!("/assets/{}/codes", id(&printer)));
    let second = text(&technician.post(&path, &json!({})).is(200), "code");
    assert_eq!(scan(&technician, &first).is(200)["scanned"]["state"], "replaced");
    let back = claim(&technician, &first, &json!({"asset_id": printer["id"]})).is(201);
    assert_eq!((&back["outcome"], &back["replaced"]), (&json!("won"), &json!(second)));
    assert_eq!(scan(&technician, &first).is(200)["scanned"]["state"], "active");
    assert_eq!(scan(&technician, &second).is(200)["scanned"]["state"], "replaced");
}

fn a_device_out_of_service_takes_no_label(house: &House) {
    let (_, codes) = batch(house, 1);
    let printer = id(&device(house, "Принтер", &json!({})));
    house.manager().patch(&format!("/assets/{printer}"), &json!({"archived": true})).is(200);
    claim(&house.technician(), &codes[0], &json!({"asset_id": printer})).blames("/asset_id", "archived");
    let spare = id(&device(house, "Касса", &json!({})));
    claim(&house.technician(), &codes[0], &json!({"asset_id": spare})).is(201);
}

fn a_revocation_is_told_of_the_device_or_the_batch(house: &House) {
    let printer = device(house, "Принтер", &json!({}));
    let (made, codes) = batch(house, 2);
    let revoke = |code: &str| {
        let code: String = form_urlencoded::byte_serialize(code.as_bytes()).collect();
        house.dispatcher().post(&format!("/codes/{code}/revocation"), &json!({})).is(204);
    };
    revoke(&text(&printer, "label_url"));
    revoke(&codes[0]);
    let of = |record: &Value| {
        let page = house.admin().get(&format!("/events?object_id={}&action=code.revoked", id(record))).is(200);
        page["data"][0].clone()
    };
    assert_eq!(of(&printer)["company_id"], json!(house.scene.company));
    assert_eq!(of(&made)["facts"]["after"]["code"], json!(codes[0]));
}
