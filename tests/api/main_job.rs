//! From a ticket to an invoice: the whole of what the product is for.

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::house::{House, on_each_database};
use crate::job::{Job, gates};
use crate::person::id;

on_each_database![
    the_whole_job_from_a_scan_to_an_invoice,
    labels_are_printed_in_every_form,
    words_are_found_in_any_case,
    a_card_costs_the_same_whatever_there_is,
];

fn the_whole_job_from_a_scan_to_an_invoice(house: &House) {
    let scene = &house.scene;
    let (tech, manager) = (house.technician(), house.manager());
    let mut without_site = scene.strict_ticket();
    without_site.as_object_mut().unwrap().remove("site_id");
    let refused = house.dispatcher().post("/tickets", &without_site).refused(422, "gates_closed");
    assert_eq!(gates(&refused), ["required_fields"]);

    let job = Job::strict(house);
    assert_eq!(job.read()["status"]["code"], "assigned");
    let card = tech.get(&format!("/scan/{}", scene.code().to_lowercase())).is(200);
    assert_eq!(card["asset"]["id"], scene.asset["id"]);
    assert_eq!(card["coverage"]["covered"], true);
    assert_eq!(card["coverage"]["agreement_number"], "17");
    assert_eq!(card["open_tickets"][0]["id"], job.ticket);
    house.rival().get(&format!("/scan/{}", scene.code())).refused(404, "code_not_found");

    job.to("closed").refused(409, "transition_refused");
    job.begin();
    let refused = job.to("done").refused(422, "gates_closed");
    assert_eq!(gates(&refused), ["time_logged", "checklist_complete", "checklist_complete", "asset_scanned"]);
    assert_eq!(gates(&tech.get(&job.at("/completion?to=done")).is(200)), gates(&refused));
    assert_eq!(job.read()["status"]["code"], "in_progress");

    job.scan();
    job.answer();
    assert_eq!(job.log("1 ч 20 м")["minutes"], 80);
    assert_eq!(job.work(&scene.covered, "1")["coverage"], "covered");
    let extra = job.work(&scene.extra, "1.5");
    assert_eq!((&extra["coverage"], &extra["amount"]), (&json!("extra"), &json!("1349.85")));
    assert_eq!(tech.get(&job.at("/completion?to=done")).is(200)["ready"], true);
    assert_eq!(job.to("done").is(200)["status"]["kind"], "done");

    let act = job.act();
    let of_act = |rest: &str| format!("/acts/{}{rest}", id(&act));
    assert_eq!((&act["status"], &act["version"], &act["total"]), (&json!("issued"), &json!(1), &json!("1349.85")));
    let frozen = tech.get(&of_act("/document.pdf")).bytes();
    let hash: String = Sha256::digest(&frozen).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(act["document_sha256"], hash);
    tech.get(&of_act("/signed.pdf")).refused(409, "act_not_signed");
    let early = manager.post(&job.at("/status"), &json!({"to": "closed"})).refused(422, "gates_closed");
    assert_eq!(gates(&early), ["act_signed"]);

    job.sign(&act).is(201);
    assert_eq!(tech.get(&of_act("")).is(200)["status"], "signed");
    assert_eq!(tech.get(&of_act("/document.pdf")).bytes(), frozen);
    assert!(house.client().get(&of_act("/signed.pdf")).bytes().starts_with(&frozen));
    house.rival().get(&of_act("/signed.pdf")).refused(404, "not_found");
    assert_eq!(manager.post(&job.at("/status"), &json!({"to": "closed"})).is(200)["status"]["code"], "closed");

    let queue = manager.get("/billing-queue").is(200);
    assert_eq!((&queue["data"][0]["act_id"], &queue["data"][0]["extra_total"]), (&act["id"], &json!("1349.85")));
    tech.post("/invoices", &json!({"act_ids": [act["id"]]})).refused(403, "forbidden");
    let invoice = manager.post("/invoices", &json!({"act_ids": [act["id"]]})).is(201);
    assert_eq!(
        (&invoice["gross"], &invoice["vat"], &invoice["status"]),
        (&json!("1349.85"), &json!("243.42"), &json!("issued"))
    );
    assert!(manager.get(&format!("/invoices/{}/document.pdf", id(&invoice))).bytes().starts_with(b"%PDF-"));
    manager.post("/invoices", &json!({"act_ids": [act["id"]]})).refused(409, "already_billed");
    assert_eq!(manager.get("/billing-queue").is(200)["data"], json!([]));
}

fn labels_are_printed_in_every_form(house: &House) {
    let (tech, asset) = (house.technician(), &house.scene.asset);
    let label =
        |form: &str| tech.get(&format!("/assets/{}/label.{form}?width_mm=58&height_mm=40&dpi=203", id(asset))).bytes();
    let code = house.scene.code();
    let asset = tech.get(&format!("/assets/{}", id(asset))).is(200);
    let url = asset["label_url"].as_str().unwrap();
    assert!(url.ends_with(&format!("/Q/{code}")) && url == url.to_uppercase());
    assert!(label("png").starts_with(b"\x89PNG"));
    assert!(label("pdf").starts_with(b"%PDF-"));
    assert!(String::from_utf8(label("svg")).unwrap().contains("<svg"));
    assert!(String::from_utf8(label("zpl")).unwrap().contains(url));
    let sheet = json!({"asset_ids": [asset["id"]], "sheet": {"brand": "Avery", "part": "L7651"}, "start_at": 65});
    assert!(tech.post("/label-sheets", &sheet).bytes().starts_with(b"%PDF-"));
}

fn words_are_found_in_any_case(house: &House) {
    let job = Job::strict(house);
    let found = house.dispatcher().get("/tickets?q=%D0%BD%D0%B0%D1%81%D0%BE%D1%81").is(200);
    assert_eq!(found["data"][0]["id"], job.ticket);
    assert_eq!(house.dispatcher().get("/tickets?q=nothing").is(200)["data"], json!([]));
    house.dispatcher().get("/tickets?misspelt=1").refused(400, "invalid_parameter");
}

fn a_card_costs_the_same_whatever_there_is(house: &House) {
    let tech = house.technician();
    let statements = || {
        // Who asks is looked up once a second: not here.
        tech.get("/me").is(200);
        let before = house.app.db.statements();
        tech.get(&format!("/scan/{}", house.scene.code())).is(200);
        house.app.db.statements() - before
    };
    let first = statements();
    assert!(first <= 6, "{first} statements");
    for _ in 0..6 {
        Job::strict(house);
    }
    Job::strict(house).signed();
    let least = (0..5).map(|_| statements()).min().unwrap();
    assert!(least <= first, "{least} statements, {first} before");
}
