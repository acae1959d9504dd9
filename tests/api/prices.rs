//! What things cost, who pays for them, and when: price lists, contracts, tax, the queue and its invoices.

use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::job::{Job, ink};
use crate::person::{Answer, id, text};
use crate::scene::PASSWORD;

on_each_database![
    a_contract_covers_what_it_names,
    tax_is_within_on_top_or_nothing,
    a_price_holds_for_its_day,
    prices_and_quantities_are_exact,
    the_queue_remembers_what_is_owed,
    an_invoice_is_for_one_company,
];

fn item(house: &House, code: &str, price: &str) -> Answer {
    let item = json!({"code": code, "name": "Деталь", "kind": "material", "unit": "шт", "price": price});
    house.manager().post(&format!("/price-lists/{}/items", house.scene.price_list), &item)
}

fn ticket(house: &House, company: &str) -> String {
    let ticket = json!({"type_id": house.scene.plain, "company_id": company, "subject": "Работа"});
    id(&house.manager().post("/tickets", &ticket).is(201))
}

fn line(house: &House, ticket: &str, item: &str, quantity: &str) -> Answer {
    let line = json!({"price_item_id": item, "quantity": quantity});
    house.manager().post(&format!("/tickets/{ticket}/work-lines"), &line)
}

/// An act for some works, signed.
fn signed(house: &House, company: &str, works: &[(&str, &str)]) -> Value {
    let (manager, ticket) = (house.manager(), ticket(house, company));
    for (item, quantity) in works {
        line(house, &ticket, item, quantity).is(201);
    }
    let act = manager.post(&format!("/tickets/{ticket}/acts"), &json!({})).is(201);
    let signature = json!({"party": "client", "document_sha256": act["document_sha256"], "outcome": "accepted",
                           "signer": {"name": "Сменщик", "position": "кассир"}, "ink": ink()});
    manager.post(&format!("/acts/{}/signatures", id(&act)), &signature).is(201);
    act
}

fn a_contract_covers_what_it_names(house: &House) {
    let (scene, manager) = (&house.scene, house.manager());
    let change = |change: Value| manager.patch(&format!("/agreements/{}", scene.agreement), &change);
    let (plain, strict) = (Job::plain(house), Job::strict(house));
    let decided = |job: &Job<'_>, item: &str, because: &str| {
        let line = job.work(item, "1");
        let coverage = if because == "agreement" { "covered" } else { "extra" };
        assert_eq!((&line["coverage"], &line["coverage_reason_code"]), (&json!(coverage), &json!(because)));
        line
    };
    let first = decided(&plain, &scene.covered, "agreement");
    assert_eq!(first["coverage_reason"], "входит в договор № 17");
    decided(&plain, &scene.extra, "item_not_listed");
    change(json!({"covers": {"asset_ids": [scene.asset["id"]]}})).is(200);
    decided(&strict, &scene.extra, "agreement");
    decided(&plain, &scene.covered, "asset_not_listed");
    change(json!({"covers": {"ticket_type_ids": [scene.strict]}})).is(200);
    decided(&strict, &scene.extra, "agreement");
    decided(&plain, &scene.covered, "ticket_type_not_listed");
    change(json!({"covers": {}})).is(200);
    decided(&plain, &scene.extra, "agreement");
    let too_many = json!({"covers": {"asset_ids": vec![&scene.asset["id"]; 20_000]}});
    let problem = change(too_many).refused(422, "validation_failed");
    assert_eq!(problem["errors"][0]["pointer"], "/covers/asset_ids");
    for dates in [json!({"ends_on": "2020-12-31"}), json!({"starts_on": "2999-01-01", "ends_on": null})] {
        change(dates).is(200);
        decided(&plain, &scene.covered, "no_agreement");
    }
    let theirs = line(house, &ticket(house, &scene.rival_company), &scene.extra, "1").is(201);
    assert_eq!(theirs["coverage_reason_code"], "no_agreement");
    assert_eq!(manager.get(&plain.at("/work-lines")).is(200)["data"][0], first, "what was decided stays decided");
}

fn tax_is_within_on_top_or_nothing(house: &House) {
    let (scene, manager) = (&house.scene, house.manager());
    let penny = id(&item(house, "П", "0.25").is(201));
    let works = [(scene.covered.as_str(), "1"), (&scene.extra, "1.5"), (&penny, "1"), (&penny, "1")];
    // 1.5 × 899.90 = 1349.85: 243.42 of it, or 296.97 more; 0.25 × 22 % = 0.055 for each line alone.
    for (mode, of_line, of_all) in [
        ("included", ["1106.43", "243.42", "1349.85"], ["1106.83", "243.52", "1350.35"]),
        ("on_top", ["1349.85", "296.97", "1646.82"], ["1350.35", "297.09", "1647.44"]),
        ("not_payer", ["1349.85", "0.00", "1349.85"], ["1350.35", "0.00", "1350.35"]),
    ] {
        let ours = json!({"legal_name": "ООО", "language": "ru", "currency": "RUB", "time_zone": "Europe/Moscow",
                          "vat": {"mode": mode, "rate": "22"}});
        manager.put("/provider", &ours).is(200);
        let act = signed(house, &scene.company, &works);
        assert_eq!(act["total"], of_all[2], "{mode}");
        let sums = |record: &Value| ["net", "vat", "gross"].map(|member| text(record, member));
        let lines = manager.get(&format!("/tickets/{}/work-lines", text(&act, "ticket_id"))).is(200);
        assert_eq!(sums(&lines["data"][1]), of_line, "{mode}");
        let invoice = manager.post("/invoices", &json!({"act_ids": [act["id"]]})).is(201);
        assert_eq!(sums(&invoice), of_all, "{mode}");
    }
}

fn a_price_holds_for_its_day(house: &House) {
    let (manager, ticket) = (house.manager(), ticket(house, &house.scene.company));
    let change = |change: Value| manager.patch(&format!("/price-lists/{}", house.scene.price_list), &change);
    let add = || line(house, &ticket, &house.scene.extra, "1");
    for dates in [json!({"valid_to": "2020-12-31"}), json!({"valid_from": "2999-01-01", "valid_to": null})] {
        change(dates).is(200);
        add().blames("/price_item_id", "out_of_force");
    }
    change(json!({"valid_from": null})).is(200);
    let before = add().is(201);
    let item = format!("/price-items/{}", house.scene.extra);
    manager.patch(&item, &json!({"price": "1000.00", "name": "Ролик", "unit": "компл"})).is(200);
    assert_eq!(manager.get(&format!("/tickets/{ticket}/work-lines")).is(200)["data"], json!([before]));
    assert_eq!(add().is(201)["amount"], "1000.00");
}

fn prices_and_quantities_are_exact(house: &House) {
    let ticket = ticket(house, &house.scene.company);
    let of_extra = |quantity: &str| line(house, &ticket, &house.scene.extra, quantity);
    for (quantity, amount) in [("0.001", "0.90"), ("1000000", "899900000.00"), ("12.345", "11109.27")] {
        assert_eq!(of_extra(quantity).is(201)["amount"], amount, "{quantity}");
    }
    for wrong in ["0.00001", "-1", "1,5", "1e2", ""] {
        of_extra(wrong).blames("/quantity", "not_a_decimal");
        item(house, "Я", wrong).blames("/price", "not_a_decimal");
    }
    of_extra("0.0001").blames("/quantity", "not_a_decimal");
    of_extra("1000000.001").blames("/quantity", "out_of_range");
    let half = id(&item(house, "Я", "0.0050").is(201));
    assert_eq!(line(house, &ticket, &half, "1").is(201)["amount"], "0.01");
    assert_eq!(item(house, "Я", "1.00").refused(409, "duplicate")["errors"][0]["pointer"], "/code");
}

fn the_queue_remembers_what_is_owed(house: &House) {
    let scene = &house.scene;
    let first = signed(house, &scene.company, &[(&scene.extra, "1")]);
    let second = signed(house, &scene.rival_company, &[(&scene.extra, "2"), (&scene.covered, "1")]);
    signed(house, &scene.company, &[(&scene.covered, "1")]);
    house.app.clock.set_ahead(3 * 86_400);
    let manager = house.stranger().signed_in("manager", PASSWORD);
    let queue = |query: &str| manager.get(&format!("/billing-queue?{query}")).is(200);
    let acts = |query: &str| -> Vec<_> {
        queue(query)["data"].as_array().unwrap().iter().map(|entry| text(entry, "act_id")).collect()
    };
    assert_eq!(acts(""), [id(&first), id(&second)], "oldest first, and nothing that the contract covers");
    let owed = &queue("")["data"][1];
    assert_eq!((&owed["extra_total"], &owed["age_days"]), (&json!("2299.80"), &json!(3)));
    let (moment, cursor) = (text(owed, "signed_at"), text(&queue("limit=1"), "next_cursor"));
    assert_eq!(acts(&format!("signed_to={moment}")), [id(&first)]);
    for (filter, value) in [("company_id", &scene.rival_company), ("signed_from", &moment), ("cursor", &cursor)] {
        assert_eq!(acts(&format!("{filter}={value}")), [id(&second)], "{filter}");
    }
}

fn an_invoice_is_for_one_company(house: &House) {
    let scene = &house.scene;
    let one = signed(house, &scene.company, &[(&scene.extra, "1")]);
    let two = signed(house, &scene.company, &[(&scene.extra, "2"), (&scene.covered, "1")]);
    let theirs = signed(house, &scene.rival_company, &[(&scene.extra, "1")]);
    let covered = signed(house, &scene.company, &[(&scene.covered, "1")]);
    let bill = |acts: &[&Value]| {
        let acts: Vec<_> = acts.iter().map(|act| &act["id"]).collect();
        house.manager().post("/invoices", &json!({"act_ids": acts}))
    };
    bill(&[&one, &theirs]).blames("/act_ids/1", "another_company");
    bill(&[&covered]).refused(422, "nothing_to_bill");
    let invoice = bill(&[&one, &two]).is(201);
    assert_eq!((&invoice["gross"], &invoice["company_id"]), (&json!("2699.70"), &json!(scene.company)));
    bill(&[&two]).refused(409, "already_billed");
    house.technician().get("/billing-queue").refused(403, "forbidden");
}
