//! What signers read beside the facts, on phones.

use naryad::db::types::Sha256;
use serde_json::json;

use crate::house::{House, on_each_database};
use crate::phone::Phone;

on_each_database![phones_hold_what_signers_read, an_edited_form_says_otherwise_on_phones];

const FORM: &str = "/print-forms/act.ru.xml.j2";

fn phone_of(house: &House) -> Phone {
    let mut phone = Phone::new(house.technician());
    phone.pull();
    phone
}

fn phones_hold_what_signers_read(house: &House) {
    let phone = phone_of(house);
    let says = |id: &str| phone.row("phrases", id)["text"].as_str().unwrap().to_owned();
    assert_eq!(phone.table("phrases").len(), 3 * 23);
    assert_eq!(
        [says("ru.title"), says("uk.all"), says("en.remote")],
        ["Акт выполненных работ", "Усього часу", "remote"]
    );
    assert!(says("ru.no_claims").contains("претензий") && says("uk.no_claims").contains("претензій"));
    assert!(says("en.no_claims").contains("no claims") && says("en.consent").starts_with("I have read the document."));
    assert_eq!(
        ["ru.accepted", "ru.accepted_with_remarks", "ru.refused"].map(says),
        ["Работы принимаю", "Принимаю с замечаниями", "Отказываюсь подписать"]
    );
    for row in phone.table("phrases") {
        assert_eq!(row["sha256"], Sha256::of(row["text"].as_str().unwrap()).to_string());
        assert_eq!(
            (&row["version"], row["id"].as_str().unwrap().split_once('.').unwrap().1),
            (&json!(1), row["name"].as_str().unwrap())
        );
    }
}

fn an_edited_form_says_otherwise_on_phones(house: &House) {
    let mut phone = phone_of(house);
    let manager = house.manager();
    let put = |form: &str| manager.send("PUT", FORM, "application/octet-stream", form.into()).is(204);
    let form = String::from_utf8(manager.get(FORM).bytes()).unwrap();
    let old = phone.row("phrases", "ru.no_claims")["text"].as_str().unwrap().to_owned();
    let edited = form.replace(&old, "Работы приняты. Гарантия 90 дней.");
    assert_ne!(edited, form);
    put(&edited);
    phone.is_right();
    let row = phone.row("phrases", "ru.no_claims");
    assert_eq!((&row["text"], &row["version"]), (&json!("Работы приняты. Гарантия 90 дней."), &json!(2)));
    assert_eq!(phone.row("phrases", "uk.no_claims")["version"], 1);
    // What only the document decides is nothing that a phone could show; and the old words are back with the old form.
    put(&form.replace(&format!("no_claims = \"{old}\""), "no_claims = ticket.subject"));
    phone.is_right();
    assert_eq!(phone.row("phrases", "ru.no_claims")["text"], "");
    manager.delete(FORM).is(204);
    phone.is_right();
    let row = phone.row("phrases", "ru.no_claims");
    assert_eq!((&row["text"], &row["version"]), (&json!(old), &json!(4)));
    // An edit of anything else tells phones nothing.
    put(&form.replace("</body>", "<p>Спасибо</p></body>"));
    let told = phone.pull();
    assert_eq!(told["changes"]["phrases"]["updated"], json!([]));
}
