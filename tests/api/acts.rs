//! Acts: frozen, signed by whoever may, settled when nobody will, never rewritten.

use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::job::{Job, gates, ink};
use crate::person::{id, text};
use crate::pictures;

on_each_database![
    an_issued_act_does_not_change,
    only_the_document_that_was_read_is_signed,
    who_may_sign_is_data,
    a_refusal_and_remarks_need_words,
    a_manager_settles_what_nobody_signs,
    an_act_is_taken_back_but_its_number_stays,
    a_reopened_job_gets_a_new_version,
    extra_work_without_a_price_holds_the_act,
    both_sides_sign_one_document,
];

fn of_act(act: &Value, rest: &str) -> String {
    format!("/acts/{}{rest}", id(act))
}

fn an_issued_act_does_not_change(house: &House) {
    let job = Job::strict(house);
    job.finish();
    let act = job.act();
    let frozen = house.technician().get(&of_act(&act, "/document.pdf")).bytes();
    let manager = house.manager();
    manager.patch(&format!("/companies/{}", house.scene.company), &json!({"legal_name": "ООО «Другое»"})).is(200);
    manager.patch(&format!("/price-items/{}", house.scene.extra), &json!({"price": "1.00"})).is(200);
    manager.patch(&job.at(""), &json!({"subject": "Другое"})).is(200);
    let form = manager.get("/print-forms/act.ru.xml.j2").bytes();
    let changed = String::from_utf8(form).unwrap().replace("<h1>Акт ", "<h1>АКТ ").into_bytes();
    manager.send("PUT", "/print-forms/act.ru.xml.j2", "application/octet-stream", changed).is(204);
    assert_eq!(house.technician().get(&of_act(&act, "/document.pdf")).bytes(), frozen);
    let again = house.technician().get(&of_act(&act, "")).is(200);
    assert_eq!((&again["total"], &again["form_sha256"]), (&act["total"], &act["form_sha256"]));
    let other = Job::strict(house);
    other.finish();
    assert_ne!(other.act()["form_sha256"], act["form_sha256"]);
}

fn only_the_document_that_was_read_is_signed(house: &House) {
    let job = Job::strict(house);
    job.finish();
    let act = job.act();
    let tech = house.technician();
    tech.get(&of_act(&act, "/signed.pdf")).refused(409, "act_not_signed");
    let mut other = job.signature(&act);
    other["document_sha256"] = json!("0".repeat(64));
    let refused = tech.post(&of_act(&act, "/signatures"), &other).refused(409, "document_changed");
    assert_eq!(refused["document_sha256"], act["document_sha256"]);
    let mut empty = job.signature(&act);
    empty.as_object_mut().unwrap().remove("ink");
    tech.post(&of_act(&act, "/signatures"), &empty).refused(422, "signature_empty");
    empty["ink"] = json!({"width": 300, "height": 100, "groups": []});
    tech.post(&of_act(&act, "/signatures"), &empty).refused(422, "signature_empty");
    empty["image_png"] = json!("bm90IGEgcGljdHVyZQ==");
    empty.as_object_mut().unwrap().remove("ink");
    tech.post(&of_act(&act, "/signatures"), &empty).blames("/image_png", "not_a_picture");
    let signature = job.sign(&act).is(201);
    assert_eq!((&signature["document_sha256"], &signature["method"]), (&act["document_sha256"], &json!("drawn")));
    job.sign(&act).refused(409, "already_signed");
    let signed = tech.get(&of_act(&act, "/signed.pdf")).bytes();
    assert!(signed.starts_with(&tech.get(&of_act(&act, "/document.pdf")).bytes()), "the frozen bytes are inside");
    assert_eq!(tech.get(&of_act(&act, "/signed.pdf")).bytes(), signed);
}

fn who_may_sign_is_data(house: &House) {
    let kind = json!({"name": "Важное", "signing_authority": "official"});
    let kind = house.manager().post("/ticket-types", &kind).is(201);
    let ticket =
        json!({"type_id": kind["id"], "company_id": house.scene.company, "priority": "low", "subject": "Важное"});
    let ticket = id(&house.dispatcher().post("/tickets", &ticket).is(201));
    let manager = house.manager();
    let act = manager.post(&format!("/tickets/{ticket}/acts"), &json!({})).is(201);
    assert_eq!(act["required_authority"], "official");
    let signed_by = |signer: Value| {
        let signature = json!({"party": "client", "document_sha256": act["document_sha256"], "signer": signer, "outcome": "accepted",
                               "ink": ink()});
        manager.post(&of_act(&act, "/signatures"), &signature)
    };
    let refused = signed_by(json!({"contact_id": house.scene.accountant})).refused(422, "authority_insufficient");
    assert_eq!((&refused["required_authority"], &refused["authority"]), (&json!("official"), &json!("routine")));
    signed_by(json!({"contact_id": house.scene.guard})).refused(422, "authority_insufficient");
    signed_by(json!({"name": "Прохожий", "position": "охранник"})).refused(422, "authority_insufficient");
    signed_by(json!({"contact_id": id(&house.scene.asset)})).blames("/signer/contact_id", "unknown_reference");
    signed_by(json!({})).blames("/signer/name", "required");
    let signature = signed_by(json!({"contact_id": house.scene.director})).is(201);
    assert_eq!(
        (&signature["signer_name"], &signature["authority"]),
        (&json!("Громов Олег Викторович"), &json!("official"))
    );
    // Everyday work may be signed by whoever is there.
    let job = Job::strict(house);
    job.finish();
    let everyday = job.act();
    let mut walk_in = job.signature(&everyday);
    walk_in["signer"] = json!({"name": "Сменщик", "position": "кассир"});
    let signature = house.technician().post(&of_act(&everyday, "/signatures"), &walk_in).is(201);
    assert_eq!((&signature["contact_id"], &signature["signer_position"]), (&Value::Null, &json!("кассир")));
}

fn a_refusal_and_remarks_need_words(house: &House) {
    let (job, other) = (Job::strict(house), Job::strict(house));
    job.finish();
    let act = job.act();
    let tech = house.technician();
    let mut refusal = job.signature(&act);
    refusal["outcome"] = json!("refused");
    tech.post(&of_act(&act, "/signatures"), &refusal).blames("/remarks", "required");
    refusal["remarks"] = json!("Не работает");
    tech.post(&of_act(&act, "/signatures"), &refusal).is(201);
    assert_eq!(tech.get(&of_act(&act, "")).is(200)["status"], "refused");
    let closing = house.manager().post(&job.at("/status"), &json!({"to": "closed"})).refused(422, "gates_closed");
    assert_eq!(gates(&closing), ["act_signed"]);
    other.begin();
    other.scan();
    other.answer();
    tech.post(&other.at("/time-entries"), &json!({"kind": "on_site", "minutes": 5})).is(201);
    other.to("done").is(200);
    let act = other.act();
    let mut remarks = other.signature(&act);
    remarks["outcome"] = json!("accepted_with_remarks");
    remarks["remarks"] = json!("Шумит");
    tech.post(&of_act(&act, "/signatures"), &remarks).is(201);
    assert_eq!(tech.get(&of_act(&act, "")).is(200)["status"], "signed_with_remarks");
    house.manager().post(&other.at("/status"), &json!({"to": "closed"})).is(200);
}

fn a_manager_settles_what_nobody_signs(house: &House) {
    let job = Job::strict(house);
    job.finish();
    let act = job.act();
    house.technician().post(&of_act(&act, "/resolution"), &json!({"reason": "так"})).refused(403, "forbidden");
    let manager = house.manager();
    manager.post(&of_act(&act, "/resolution"), &json!({})).blames("/reason", "required");
    let settled = manager.post(&of_act(&act, "/resolution"), &json!({"reason": "Клиент съехал"})).is(200);
    assert_eq!((&settled["resolution"], &settled["status"]), (&json!("Клиент съехал"), &json!("issued")));
    manager.post(&of_act(&act, "/resolution"), &json!({"reason": "ещё раз"})).refused(409, "act_not_issued");
    manager.post(&job.at("/status"), &json!({"to": "closed"})).is(200);
    // Nobody signed for the extra work: there is nothing to bill until somebody does.
    let early = manager.post("/invoices", &json!({"act_ids": [act["id"]]})).refused(422, "nothing_to_bill");
    assert_eq!(
        (&early["errors"][0]["pointer"], &early["errors"][0]["code"]),
        (&json!("/act_ids/0"), &json!("not_signed"))
    );
    assert_eq!(manager.get("/billing-queue").is(200)["data"], json!([]));
    job.sign(&act).is(201);
    manager.post("/invoices", &json!({"act_ids": [act["id"]]})).is(201);
}

fn an_act_is_taken_back_but_its_number_stays(house: &House) {
    let (job, other) = (Job::strict(house), Job::strict(house));
    job.finish();
    let act = job.act();
    let manager = house.manager();
    let voided = manager.post(&of_act(&act, "/void"), &json!({"reason": "ошибка"})).is(200);
    assert_eq!(voided["status"], "voided");
    job.sign(&act).refused(409, "act_not_issued");
    let second = job.act();
    assert_eq!((&second["number"], &second["version"]), (&act["number"], &json!(2)));
    job.sign(&second).is(201);
    manager.post(&of_act(&second, "/void"), &json!({"reason": "поздно"})).refused(409, "act_not_issued");
    other.begin();
    assert_ne!(other.act()["number"], act["number"]);
    manager.get(&of_act(&act, "/document.pdf")).bytes();
}

fn a_reopened_job_gets_a_new_version(house: &House) {
    let job = Job::strict(house);
    let act = job.signed();
    let manager = house.manager();
    manager.post(&job.at("/status"), &json!({"to": "closed"})).is(200);
    house
        .technician()
        .post(&job.at("/work-lines"), &json!({"price_item_id": house.scene.extra}))
        .refused(409, "ticket_closed");
    manager.post(&job.at("/status"), &json!({"to": "in_progress"})).is(422);
    manager.post(&job.at("/status"), &json!({"to": "in_progress", "comment": "не до конца"})).is(200);
    job.work(&house.scene.extra, "1");
    job.to("done").is(200);
    let second = job.act();
    assert_eq!(
        (&second["number"], &second["version"], &second["total"]),
        (&act["number"], &json!(2), &json!("2249.75"))
    );
    assert_eq!(manager.get(&of_act(&act, "")).is(200)["status"], "superseded");
    // The first one still says what was signed then.
    manager.get(&of_act(&act, "/signed.pdf")).bytes();
    let closing = manager.post(&job.at("/status"), &json!({"to": "closed"})).refused(422, "gates_closed");
    assert_eq!(gates(&closing), ["act_signed"]);
}

fn extra_work_without_a_price_holds_the_act(house: &House) {
    let job = Job::plain(house);
    job.begin();
    let tech = house.technician();
    let line = json!({"name": "Кабель по месту", "unit": "м", "quantity": "12.345"});
    let line = tech.post(&job.at("/work-lines"), &line).is(201);
    assert_eq!((&line["coverage"], &line["price"]), (&json!("extra"), &Value::Null));
    let refused = tech.post(&job.at("/acts"), &json!({})).refused(422, "gates_closed");
    assert_eq!(gates(&refused), ["works_priced"]);
    let remedy = &refused["unmet"][0]["remedy"];
    assert_eq!(remedy, &json!({"method": "PATCH", "path": format!("/api/v1/work-lines/{}", id(&line))}));
    let path = text(remedy, "path");
    tech.patch(path.strip_prefix("/api/v1").unwrap(), &json!({"price": "33.3333"})).is(200);
    let act = job.act();
    // 12.345 × 33.3333 = 411.4995…
    assert_eq!(act["total"], "411.50");
}

fn both_sides_sign_one_document(house: &House) {
    let job = Job::strict(house);
    job.finish();
    let act = job.act();
    let tech = house.technician();
    let mut ours = job.signature(&act);
    ours["party"] = json!("provider");
    tech.post(&of_act(&act, "/signatures"), &ours).blames("/signer/contact_id", "not_together");
    ours["signer"] = json!({"name": "Ёлкин Иван Петрович", "position": "инженер"});
    ours.as_object_mut().unwrap().remove("ink");
    let png = pictures::png(120, 40);
    ours["image_png"] = json!(base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &png));
    house.client().post(&of_act(&act, "/signatures"), &ours).refused(403, "forbidden");
    tech.post(&of_act(&act, "/signatures"), &ours).is(201);
    assert_eq!(tech.get(&of_act(&act, "")).is(200)["status"], "issued");
    job.sign(&act).is(201);
    let signatures = house.client().get(&of_act(&act, "/signatures")).is(200);
    let parties: Vec<_> = signatures["data"].as_array().unwrap().iter().map(|one| text(one, "party")).collect();
    assert_eq!(parties, ["provider", "client"]);
}
