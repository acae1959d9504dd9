//! From a company taken on to an invoice: the whole of what the product is for.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::house::{House, Person, id, on_each_database};

/// What a job needs: people, a client, a device, prices and rules.
struct Scene {
    dispatcher: Person,
    technician: Person,
    technician_id: String,
    manager: Person,
    client: Person,
    stranger: Person,
    company: String,
    site: String,
    contact: String,
    asset: Value,
    kind: String,
    covered: String,
    extra: String,
}

fn scene(house: &House) -> Scene {
    let admin = house.admin();
    admin
        .put(
            "/provider",
            &json!({"legal_name": "ООО «Сервис-ИТ»", "language": "ru", "currency": "RUB", "time_zone": "Europe/Moscow",
                    "vat": {"mode": "included", "rate": "22"},
                    "bank": {"name": "Банк", "bic": "044525225", "account": "40702810938000060473", "correspondent_account": "30101810400000000225"}}),
        )
        .is(200);
    let made = |path: &str, body: Value| admin.post(path, &body).is(201);
    let company = id(&made("/companies", json!({"name": "Ромашка", "legal_name": "ООО «Ромашка»"})));
    let other = id(&made("/companies", json!({"name": "Василёк"})));
    let user = |login: &str, role: &str, company: Option<&str>| {
        let mut body = json!({"login": login, "password": "long enough", "role": role, "name": "Иванов Иван Иванович"});
        if let Some(company) = company {
            body["company_id"] = company.into();
        }
        let user = id(&made("/users", body));
        (house.sign_in(login, "long enough"), user)
    };
    let (dispatcher, _) = user("dispatcher", "dispatcher", None);
    let (technician, technician_id) = user("technician", "technician", None);
    let (manager, _) = user("manager", "manager", None);
    let (client, _) = user("client", "client", Some(&company));
    let (stranger, _) = user("stranger", "client", Some(&other));
    let site = id(&made("/sites", json!({"company_id": company, "name": "Офис", "time_zone": "Asia/Vladivostok"})));
    let contact = json!({"company_id": company, "name": "Ґалаґан Їжак Ёлкин", "position": "бухгалтер", "signing_authority": "routine"});
    let contact = id(&made("/contacts", contact));
    let list = id(&made("/price-lists", json!({"name": "Базовый", "currency": "RUB"})));
    let item = |code: &str, name: &str, price: &str| {
        let body = json!({"code": code, "name": name, "kind": "work", "unit": "шт", "price": price});
        id(&made(&format!("/price-lists/{list}/items"), body))
    };
    let (covered, extra) = (item("1", "Чистка", "500.00"), item("2", "Замена ролика", "899.90"));
    made(
        "/agreements",
        json!({"company_id": company, "number": "17", "starts_on": "2020-01-01", "covers": {"price_item_ids": [covered]}}),
    );
    let checklist = json!({"name": "ТО", "items": [
        {"text": "Ролики очищены", "kind": "check", "required": true},
        {"text": "Счётчик", "kind": "number", "required": true},
        {"text": "Замечания", "kind": "text", "required": false}]});
    let checklist = id(&made("/checklist-templates", checklist));
    let kind = json!({"name": "Ремонт", "required_fields": ["site_id"], "checklist_template_ids": [checklist],
                      "gates": ["time_logged", "checklist_complete", "act_signed", "asset_scanned"]});
    let kind = id(&made("/ticket-types", kind));
    let asset = json!({"company_id": company, "site_id": site, "name": "Принтер", "model": "M404", "serial_number": "VN-1", "inventory_number": "000123"});
    let asset = made("/assets", asset);
    Scene {
        dispatcher,
        technician,
        technician_id,
        manager,
        client,
        stranger,
        company,
        site,
        contact,
        asset,
        kind,
        covered,
        extra,
    }
}

fn gates(problem: &Value) -> Vec<String> {
    problem["unmet"].as_array().unwrap().iter().map(|unmet| unmet["gate"].as_str().unwrap().to_owned()).collect()
}

fn opened(scene: &Scene) -> String {
    let ticket = json!({"type_id": scene.kind, "company_id": scene.company, "site_id": scene.site, "contact_id": scene.contact,
                        "priority": "high", "subject": "Не печатает НАСОС", "asset_codes": [scene.asset["code"]]});
    let ticket = scene.dispatcher.post("/tickets", &ticket).is(201);
    assert_eq!(ticket["status"]["code"], "new");
    id(&ticket)
}

#[test]
fn the_whole_job_from_a_scan_to_an_invoice() {
    on_each_database(|house| {
        let scene = scene(house);
        let (tech, manager) = (&scene.technician, &scene.manager);
        let without_site =
            json!({"type_id": scene.kind, "company_id": scene.company, "priority": "low", "subject": "?"});
        let refused = scene.dispatcher.post("/tickets", &without_site).refused(422, "gates_closed");
        assert_eq!(gates(&refused), ["required_fields"]);

        let ticket = opened(&scene);
        let at = |rest: &str| format!("/tickets/{ticket}{rest}");
        scene.dispatcher.post(&at("/assignee"), &json!({"user_id": scene.technician_id})).is(200);
        let code = scene.asset["code"].as_str().unwrap();
        let card = tech.get(&format!("/scan/{}", code.to_lowercase())).is(200);
        assert_eq!(card["asset"]["id"], scene.asset["id"]);
        assert_eq!(card["coverage"]["covered"], true);
        assert_eq!(card["coverage"]["agreement_number"], "17");
        assert_eq!(card["open_tickets"][0]["id"], ticket);
        scene.stranger.get(&format!("/scan/{code}")).refused(404, "code_not_found");

        tech.post(&at("/status"), &json!({"to": "closed"})).refused(409, "transition_refused");
        for status in ["en_route", "in_progress"] {
            assert_eq!(tech.post(&at("/status"), &json!({"to": status})).is(200)["status"]["code"], status);
        }
        let refused = tech.post(&at("/status"), &json!({"to": "done"})).refused(422, "gates_closed");
        assert_eq!(gates(&refused), ["time_logged", "checklist_complete", "checklist_complete", "asset_scanned"]);
        assert_eq!(gates(&tech.get(&at("/completion?to=done")).is(200)), gates(&refused));
        assert_eq!(tech.get(&at("")).is(200)["status"]["code"], "in_progress");

        tech.post(&at("/scans"), &json!({"code": code, "place": {"lat": 43.1, "lon": 131.9, "accuracy_m": 8}})).is(200);
        for item in tech.get(&at("/checklist")).is(200)["data"].as_array().unwrap() {
            let answer = if item["kind"] == "check" { json!(true) } else { json!("12.5") };
            tech.put(&at(&format!("/checklist/{}", id(item))), &json!({"answer": answer})).is(200);
        }
        let time = tech.post(&at("/time-entries"), &json!({"kind": "on_site", "duration": "1 ч 20 м"})).is(201);
        assert_eq!(time["minutes"], 80);
        let line = |item: &str, quantity: &str| {
            tech.post(&at("/work-lines"), &json!({"price_item_id": item, "quantity": quantity})).is(201)
        };
        assert_eq!(line(&scene.covered, "1")["coverage"], "covered");
        let extra = line(&scene.extra, "1.5");
        assert_eq!((&extra["coverage"], &extra["amount"]), (&json!("extra"), &json!("1349.85")));
        assert_eq!(tech.get(&at("/completion?to=done")).is(200)["ready"], true);
        assert_eq!(tech.post(&at("/status"), &json!({"to": "done"})).is(200)["status"]["kind"], "done");

        let act = tech.post(&at("/acts"), &json!({"show_prices": true})).is(201);
        let of_act = |rest: &str| format!("/acts/{}{rest}", id(&act));
        assert_eq!((&act["status"], &act["version"], &act["total"]), (&json!("issued"), &json!(1), &json!("1349.85")));
        let frozen = tech.get(&of_act("/document.pdf")).bytes();
        let hash: String = Sha256::digest(&frozen).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(act["document_sha256"], hash);
        assert!(frozen.starts_with(b"%PDF-"));
        tech.get(&of_act("/signed.pdf")).refused(409, "act_not_signed");
        assert_eq!(
            gates(&manager.post(&at("/status"), &json!({"to": "closed"})).refused(422, "gates_closed")),
            ["act_signed"]
        );

        let ink = json!({"width": 300, "height": 100, "groups": [{"points": [
            {"x": 10, "y": 20, "time": 1, "pressure": 0.5}, {"x": 120, "y": 60, "time": 30, "pressure": 0.6}]}]});
        let mut signature = json!({"party": "client", "document_sha256": "0".repeat(64), "signer": {"contact_id": scene.contact},
                                   "outcome": "accepted", "ink": ink});
        tech.post(&of_act("/signatures"), &signature).refused(409, "document_changed");
        signature["document_sha256"] = act["document_sha256"].clone();
        let empty = json!({"party": "client", "document_sha256": hash, "signer": {"contact_id": scene.contact}, "outcome": "accepted"});
        tech.post(&of_act("/signatures"), &empty).refused(422, "signature_empty");
        tech.post(&of_act("/signatures"), &signature).is(201);
        tech.post(&of_act("/signatures"), &signature).refused(409, "already_signed");
        assert_eq!(tech.get(&of_act("")).is(200)["status"], "signed");
        assert_eq!(tech.get(&of_act("/document.pdf")).bytes(), frozen);
        assert!(scene.client.get(&of_act("/signed.pdf")).bytes().starts_with(&frozen));
        scene.stranger.get(&of_act("/signed.pdf")).refused(404, "not_found");
        assert_eq!(manager.post(&at("/status"), &json!({"to": "closed"})).is(200)["status"]["code"], "closed");

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
    });
}

#[test]
fn labels_are_printed_in_every_form() {
    on_each_database(|house| {
        let scene = scene(house);
        let label = |form: &str| {
            scene
                .technician
                .get(&format!("/assets/{}/label.{form}?width_mm=58&height_mm=40&dpi=203", id(&scene.asset)))
                .bytes()
        };
        let code = scene.asset["code"].as_str().unwrap();
        let url = scene.asset["label_url"].as_str().unwrap();
        assert!(url.ends_with(&format!("/Q/{code}")) && url == url.to_uppercase());
        assert!(label("png").starts_with(b"\x89PNG"));
        assert!(label("pdf").starts_with(b"%PDF-"));
        assert!(String::from_utf8(label("svg")).unwrap().contains("<svg"));
        assert!(String::from_utf8(label("zpl")).unwrap().contains(url));
        let sheet =
            json!({"asset_ids": [scene.asset["id"]], "sheet": {"brand": "Avery", "part": "L7651"}, "start_at": 65});
        assert!(scene.technician.post("/label-sheets", &sheet).bytes().starts_with(b"%PDF-"));
    });
}

#[test]
fn words_are_found_in_any_case() {
    on_each_database(|house| {
        let scene = scene(house);
        let ticket = opened(&scene);
        let found = scene.dispatcher.get("/tickets?q=%D0%BD%D0%B0%D1%81%D0%BE%D1%81").is(200);
        assert_eq!(found["data"][0]["id"], ticket);
        let none = scene.dispatcher.get("/tickets?q=nothing").is(200);
        assert_eq!(none["data"], json!([]));
        scene.dispatcher.get("/tickets?misspelt=1").refused(400, "invalid_parameter");
    });
}
