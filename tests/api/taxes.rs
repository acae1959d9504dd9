//! Tax as dated data: regimes, rates by the day of supply, and three nothings on paper.

use serde_json::{Value, json};

use crate::documents::words;
use crate::house::{House, on_each_database};
use crate::job::Job;
use crate::person::{Person, id, text};
use crate::scene::PASSWORD;

on_each_database![
    a_regime_holds_from_its_day_on,
    a_regime_is_one_of_its_day_and_makes_sense,
    the_rate_is_that_of_the_day_of_supply,
    one_rounding_for_each_rate_adds_up,
    which_nothing_it_is_stands_on_the_invoice,
];

fn regime(manager: &Person, regime: Value) -> Value {
    let mut whole = json!({"country": "RU", "vat_mode": "included", "vat_rate": "standard"});
    whole.as_object_mut().unwrap().extend(regime.as_object().unwrap().clone());
    manager.post("/tax-regimes", &whole).is(201)
}

/// Mode and rate of a day.
fn on(manager: &Person, day: &str) -> String {
    let tax = manager.get(&format!("/tax-in-force?on={day}")).is(200);
    format!("{} {}", text(&tax, "vat_mode"), text(&tax, "vat_rate"))
}

/// The days from this one on.
fn day(house: &House, days: i64) -> String {
    let now = chrono::DateTime::from_timestamp(house.app.clock.now().seconds() + days * 86_400, 0).unwrap();
    now.format("%Y-%m-%d").to_string()
}

fn a_regime_holds_from_its_day_on(house: &House) {
    let manager = house.manager();
    assert_eq!(on(&manager, "2026-11-21"), "included 22", "the provider's own");
    let first = regime(&manager, json!({"valid_from": "2024-01-01", "vat_mode": "not_payer", "note": "НПД, 422-ФЗ"}));
    regime(&manager, json!({"valid_from": "2025-07-01"}));
    for (day, tax) in [
        ("2023-12-31", "included 22"),
        ("2024-01-01", "not_payer not_payer"),
        ("2025-06-30", "not_payer not_payer"),
        ("2025-12-31", "included 20"),
        ("2026-01-01", "included 22"),
    ] {
        assert_eq!(on(&manager, day), tax, "{day}");
    }
    assert_eq!(manager.get("/tax-in-force?on=2024-05-05").is(200)["note"], "НПД, 422-ФЗ");
    manager.patch(&format!("/tax-regimes/{}", id(&first)), &json!({"archived": true})).is(200);
    assert_eq!(on(&manager, "2024-01-01"), "included 22");
    let listed = manager.get("/tax-regimes").is(200);
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    let kazakh = |day: &str| manager.get(&format!("/tax-rates?country=KZ&on={day}")).is(200)["standard"].clone();
    assert_eq!((kazakh("2025-12-31"), kazakh("2026-01-01")), (json!("12"), json!("16")));
    let ukrainian = manager.get("/tax-rates?country=UA&on=2026-11-21").is(200);
    assert_eq!(ukrainian["rates"], json!(["20", "14", "7", "0"]));
    manager.get("/tax-rates?country=XX").refused(400, "invalid_parameter");
    let events = manager.get("/events?action=tax_regime.changed").is(200);
    assert_eq!(events["data"].as_array().unwrap().len(), 1);
}

fn a_regime_is_one_of_its_day_and_makes_sense(house: &House) {
    let manager = house.manager();
    let add = |regime: Value| manager.post("/tax-regimes", &regime);
    let base = json!({"valid_from": "2026-01-01", "country": "ru", "vat_mode": "on_top", "vat_rate": "21"});
    let odd = add(base.clone()).is(201);
    assert_eq!(odd["country"], "RU");
    assert_eq!(odd["warnings"][0]["code"], "unusual_rate");
    assert_eq!(add(base).refused(409, "duplicate")["errors"][0]["pointer"], "/valid_from");
    let on = |country: &str, rate: Value| json!({"valid_from": "2026-02-01", "country": country, "vat_mode": "on_top", "vat_rate": rate});
    add(on("US", json!("standard"))).blames("/country", "unknown_country");
    add(on("R1", json!("5"))).blames("/country", "unknown_country");
    add(on("RU", Value::Null)).blames("/vat_rate", "required");
    add(on("RU", json!("not_payer"))).blames("/vat_rate", "required");
    add(on("RU", json!("100"))).blames("/vat_rate", "out_of_range");
    assert_eq!(add(on("US", json!("5"))).is(201)["warnings"], json!([]), "nothing is known of it");
    let path = format!("/tax-regimes/{}", id(&odd));
    let stale = manager.with("if-match", "\"7\"").patch(&path, &json!({"vat_rate": "22"}));
    stale.refused(412, "etag_mismatch");
    let mended = manager.patch(&path, &json!({"vat_rate": "22", "rounding": "rate_group"})).is(200);
    assert_eq!((&mended["warnings"], &mended["rounding"]), (&json!([]), &json!("rate_group")));
}

fn the_rate_is_that_of_the_day_of_supply(house: &House) {
    let manager = house.manager();
    regime(&manager, json!({"valid_from": "2026-01-01", "vat_rate": "20"}));
    regime(&manager, json!({"valid_from": day(house, 10), "vat_rate": "22"}));
    let job = Job::plain(house);
    let before = job.work(&house.scene.extra, "1");
    assert_eq!((&before["vat_rate"], &before["vat"]), (&json!("20"), &json!("149.98")));
    let chosen = json!({"name": "Экспорт", "unit": "шт", "price": "100.00", "vat_rate": "0"});
    house.technician().post(&job.at("/work-lines"), &chosen).refused(403, "forbidden");
    assert_eq!(manager.post(&job.at("/work-lines"), &chosen).is(201)["vat"], "0.00");
    let early = Job::plain(house);
    early.work(&house.scene.extra, "1");
    let issued = early.act();
    house.app.clock.set_ahead(12 * 86_400);
    let manager = house.stranger().signed_in("manager", PASSWORD);
    // The act is made when the other rate is in force: so is the work supplied.
    let act = manager.post(&format!("/tickets/{}/acts", job.ticket), &json!({"show_prices": true})).is(201);
    let lines = manager.get(&job.at("/work-lines")).is(200);
    assert_eq!((&lines["data"][0]["vat_rate"], &lines["data"][0]["vat"]), (&json!("22"), &json!("162.28")));
    assert_eq!(lines["data"][1]["vat_rate"], "0", "chosen by somebody");
    assert_eq!(act["total"], "999.90");
    let untouched = manager.get(&early.at("/work-lines")).is(200);
    assert_eq!(untouched["data"][0]["vat_rate"], "20", "its act was made before");
    assert_eq!(manager.get(&format!("/acts/{}", id(&issued))).is(200)["document_sha256"], issued["document_sha256"]);
}

/// A signed act for works of these prices, by the manager.
fn billed(house: &House, works: &[(&str, Option<&str>)]) -> Value {
    let (job, manager) = (Job::plain(house), house.manager());
    for (price, rate) in works {
        let mut work = json!({"name": "Ремонт", "unit": "шт", "price": price});
        if let Some(rate) = rate {
            work["vat_rate"] = json!(rate);
        }
        manager.post(&job.at("/work-lines"), &work).is(201);
    }
    let act = job.act();
    job.sign(&act).is(201);
    manager.post("/invoices", &json!({"act_ids": [act["id"]]})).is(201)
}

fn one_rounding_for_each_rate_adds_up(house: &House) {
    let manager = house.manager();
    let made = regime(&manager, json!({"valid_from": "2026-01-01"}));
    let ten = [("1.15", None); 10];
    let sums = |invoice: &Value| ["net", "vat", "gross"].map(|member| text(invoice, member));
    let by_line = billed(house, &ten);
    assert_eq!(sums(&by_line), ["9.40", "2.10", "11.50"]);
    for (mode, of_all) in [("included", ["9.43", "2.07", "11.50"]), ("on_top", ["11.50", "2.53", "14.03"])] {
        let change = json!({"rounding": "rate_group", "vat_mode": mode});
        manager.patch(&format!("/tax-regimes/{}", id(&made)), &change).is(200);
        let invoice = billed(house, &ten);
        assert_eq!(sums(&invoice), of_all, "{mode}");
        let cents = |line: &Value, member: &str| text(line, member).replace('.', "").parse::<i64>().unwrap();
        let lines = invoice["lines"].as_array().unwrap();
        let vat: i64 = lines.iter().map(|line| cents(line, "vat")).sum();
        assert_eq!(vat, cents(&invoice, "vat"), "the sum of lines is the total");
        assert!(lines.iter().all(|line| cents(line, "net") + cents(line, "vat") == cents(line, "gross")));
    }
    let path = format!("/invoices/{}", id(&by_line));
    assert_eq!(sums(&manager.get(&path).is(200)), ["9.40", "2.10", "11.50"], "what was made out stays");
}

/// All letters of an invoice, one after another, without white space.
fn letters(house: &House, invoice: &Value) -> String {
    let paper = house.manager().get(&format!("/invoices/{}/document.pdf", id(invoice))).bytes();
    words(&paper).split_whitespace().collect()
}

fn which_nothing_it_is_stands_on_the_invoice(house: &House) {
    let manager = house.manager();
    let made = regime(&manager, json!({"valid_from": "2026-01-01", "note": "Регистр № 1"}));
    let works = [("100.00", None), ("50.00", Some("0")), ("30.00", Some("exempt")), ("20.00", Some("reverse_charge"))];
    let said = letters(house, &billed(house, &works));
    for words in [
        "ВтомчислеНДС22%:18,03",
        "ВтомчислеНДС0%:0,00",
        "Безналога(НДС)–",
        "НДСисчисляетсяналоговымагентом–",
        "Регистр№1",
    ] {
        assert!(said.contains(words), "{words} in {said}");
    }
    let refused = json!({"name": "Ремонт", "unit": "шт", "price": "1.00", "vat_rate": "not_payer"});
    manager.post(&Job::plain(house).at("/work-lines"), &refused).blames("/vat_rate", "not_one_of");
    manager.patch(&format!("/tax-regimes/{}", id(&made)), &json!({"vat_mode": "not_payer", "note": null})).is(200);
    let said = letters(house, &billed(house, &[("100.00", None)]));
    assert!(said.contains("Безналога(НДС)–") && !said.contains("ВтомчислеНДС"), "{said}");
}
