//! Numbers of taxpayers, banks and accounts: looked at, told about, and kept all the same.

use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::imports::{rows, said, send};
use crate::person::id;

on_each_database![
    an_identifier_is_looked_at_by_itself,
    a_company_is_warned_of_and_kept,
    the_provider_is_warned_of_by_its_country,
    an_import_warns_row_by_row,
];

/// Every identifier that others have collected, as the API sees it.
fn an_identifier_is_looked_at_by_itself(house: &House) {
    let manager = house.manager();
    let check = |kind: &str, value: &str, bank: Option<&str>| {
        manager.post("/identifiers/check", &json!({"kind": kind, "value": value, "bank_code": bank})).is(200)
    };
    let vectors: Value = serde_json::from_str(include_str!("../vectors/identifiers.json")).unwrap();
    for (name, kind) in [("inn10", "inn10"), ("account_rs", "account"), ("iban", "iban"), ("eu_vat", "eu_vat")] {
        for (list, valid) in [("valid", true), ("invalid", false)] {
            for case in vectors[name][list].as_array().unwrap() {
                let value = case.as_str().or(case["account"].as_str()).or(case["value"].as_str()).unwrap();
                let checked = check(kind, value, case["bik"].as_str());
                assert_eq!(checked["valid"], valid, "{case}: {checked}");
                assert_eq!(checked["flaw"].is_null(), valid, "{checked}");
            }
        }
    }
    let russian = manager.with("accept-language", "ru");
    let wrong = russian.post("/identifiers/check", &json!({"kind": "inn", "value": "7707083890"})).is(200);
    let message =
        "цифра 10 должна быть 3, а не 0 (контрольная цифра: 2·4·10·3·5·9·4·6·8 mod 11 mod 10); сверьте с документом";
    assert_eq!((&wrong["flaw"]["code"], &wrong["flaw"]["message"]), (&json!("wrong_check_digit"), &json!(message)));
    let spaced = check("kpp", "770701001 ", None);
    assert_eq!((&spaced["valid"], &spaced["meant"]), (&json!(false), &json!("770701001")));
    assert_eq!(spaced["flaw"]["code"], "has_space");
    manager.post("/identifiers/check", &json!({"kind": "account", "value": "1"})).blames("/bank_code", "required");
    manager.post("/identifiers/check", &json!({"kind": "passport", "value": "1"})).blames("/kind", "not_one_of");
    let long = json!({"kind": "inn", "value": "1".repeat(101)});
    manager.post("/identifiers/check", &long).blames("/value", "too_long");
}

/// What is told about a record, by pointer and code.
fn warned(record: &Value) -> Vec<String> {
    let warnings = record["warnings"].as_array().unwrap().iter();
    warnings.map(|one| format!("{} {}", one["pointer"].as_str().unwrap(), one["code"].as_str().unwrap())).collect()
}

fn a_company_is_warned_of_and_kept(house: &House) {
    let manager = house.manager();
    let new = json!({"name": "Опечатка", "tax_id": "7707083890", "tax_code": "7707"});
    let company = manager.post("/companies", &new).is(201);
    assert_eq!(warned(&company), ["/tax_id wrong_check_digit", "/tax_code wrong_length"]);
    assert_eq!(company["tax_id"], "7707083890", "kept as it was typed");
    let path = format!("/companies/{}", id(&company));
    assert_eq!(manager.get(&path).is(200), company);
    let mended = manager.patch(&path, &json!({"tax_id": "7707083893", "tax_code": null})).is(200);
    assert!(warned(&mended).is_empty());
    manager.post("/companies", &json!({"name": "Длинно", "tax_id": "7".repeat(31)})).blames("/tax_id", "too_long");
}

fn the_provider_is_warned_of_by_its_country(house: &House) {
    let manager = house.manager();
    let ours = |currency: &str, tax_id: &str, bank: Value| {
        let ours = json!({"legal_name": "Мы", "tax_id": tax_id, "language": "ru", "currency": currency, "bank": bank,
                          "time_zone": "Europe/Moscow", "vat": {"mode": "not_payer"}});
        warned(&manager.put("/provider", &ours).is(200))
    };
    let russian = |account: &str| json!({"name": "Банк", "bic": "044525225", "account": account, "correspondent_account": "30101810400000000225"});
    assert!(ours("RUB", "7707083893", russian("40702810138250123017")).is_empty());
    assert_eq!(ours("RUB", "7707083893", russian("40702810138250123018")), ["/bank/account wrong_account_key"]);
    let iban = |account: &str| json!({"name": "Bank", "account": account});
    assert!(ours("UAH", "32855961", iban("UA213223130000026007233566001")).is_empty());
    let wrong = ["/tax_id wrong_check_digit", "/bank/account wrong_check_digit"];
    assert_eq!(ours("UAH", "32855960", iban("UA213223130000026007233566002")), wrong);
    assert_eq!(ours("EUR", "DE136699576", iban("DE89370400440532013000")), ["/tax_id wrong_checksum"]);
    assert_eq!(warned(&manager.get("/provider").is(200)), ["/tax_id wrong_checksum"]);
}

fn an_import_warns_row_by_row(house: &House) {
    let table = "Название;ИНН;КПП\nВерная;7707083893;773601001\nОпечатка;7707083890;773601001\n";
    let import = send(&house.manager(), "companies", table.as_bytes(), &[]).is(201);
    let told: Vec<_> =
        rows(house, &import, "").iter().map(|row| (row["outcome"].clone(), said(row, "warnings"))).collect();
    let warning = ("tax_id".to_owned(), "wrong_check_digit".to_owned());
    assert_eq!(told, [(json!("add"), vec![]), (json!("add"), vec![warning])]);
}
