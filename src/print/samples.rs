//! Made-up data to try a form with before it is used.

use serde_json::{Value, json};

use super::form::{Form, FormError, Kind, kind_of};
use super::label::{LabelAsset, LabelText, Medium};
use super::page::Document;
use super::{Printer, label, samples_reports as reports};
use crate::error::Error;
use crate::words::Language;

/// Sets a form with made-up data, in each shape that real data may have: with and without prices, first and later
/// versions, everything there and everything missing.
///
/// # Errors
/// `form_invalid` with the first mistake.
pub fn try_form(printer: &Printer, form: &Form) -> Result<Document, Error> {
    let (kind, language) = kind_of(form.file()).ok_or_else(|| FormError {
        file: form.file().to_owned(),
        line: 1,
        reason: "its name is not that of a form with a language: act.ru.xml.j2".to_owned(),
    })?;
    match kind {
        Kind::Label => {
            let medium = Medium { width_mm: 58.0, height_mm: 40.0, dpi: 203, level: None };
            let (form, text) = (form.ready()?, label_text(language));
            label::set(printer.fonts(), &form, medium, &LabelText { asset: None, number: Some(501), ..text.clone() })?;
            label::set(printer.fonts(), &form, medium, &text).map(|(document, _)| document)
        }
        Kind::Act => {
            printer.set(form, &bare_act(language))?;
            printer.set(form, &act(language, false))?;
            let document = printer.set(form, &act(language, true))?;
            // Without a place of its own, the client's signature would be nowhere on the act.
            if document.signatures().iter().any(|place| place.party == "client") {
                Ok(document)
            } else {
                let reason = "there is no <signature party=\"client\"/>".to_owned();
                Err(FormError { file: form.file().to_owned(), line: 1, reason }.into())
            }
        }
        Kind::Invoice => {
            printer.set(form, &bare_invoice(language))?;
            printer.set(form, &invoice(language))
        }
        Kind::DisputePack => {
            let (provider, customer) = parties(language);
            let show = |data: &Value| form.ready()?.showing(reports::pictures()).set(printer.fonts(), data);
            show(&reports::bare_dispute_pack(language, provider.clone(), customer.clone()))?;
            Ok(show(&reports::dispute_pack(language, provider, customer))?)
        }
        Kind::WorkReport => {
            let (provider, customer) = parties(language);
            printer.set(form, &reports::bare_work_report(language, provider.clone(), customer.clone()))?;
            printer.set(form, &reports::work_report(language, provider, customer))
        }
        Kind::Signatures => {
            for law in ["uk", "other"] {
                printer.set(form, &bare_signatures(language, law))?;
            }
            printer.set(form, &signatures(language))
        }
    }
}

fn label_text(language: Language) -> LabelText {
    let asset = LabelAsset {
        name: language.choose("Принтер в бухгалтерии", "Принтер у бухгалтерії", "Printer in accounting").to_owned(),
        manufacturer: Some("HP".to_owned()),
        model: Some("LaserJet Pro M404dn".to_owned()),
        serial_number: Some("CNB1234567".to_owned()),
        inventory_number: Some("000123".to_owned()),
    };
    LabelText {
        url: "HTTPS://DESK.EXAMPLE.COM/Q/7QK2M9XA01".to_owned(),
        code: "7QK2M9XA01".to_owned(),
        asset: Some(asset),
        number: None,
        owner: Some(language.choose("ООО «Сервис-ИТ»", "ТОВ «Сервіс-ІТ»", "Service IT Ltd").to_owned()),
        phone: Some("+7 495 000-00-00".to_owned()),
    }
}

fn parties(language: Language) -> (Value, Value) {
    let provider = json!({
        "legal_name": language.choose("ООО «Сервис-ИТ»", "ТОВ «Сервіс-ІТ»", "Service IT Ltd"),
        "tax_id": "7707083893",
        "tax_code": "773601001",
        "address": language.choose("117997, г. Москва, ул. Вавилова, 19", "01001, м. Київ, вул. Хрещатик, 1", "1 High Street, London"),
        "phone": "+7 495 000-00-00",
        "email": "desk@example.com",
        "bank": {"name": language.choose("ПАО «БАНК»", "АТ «БАНК»", "The Bank"), "bic": "044525225", "account": "40702810138250123017", "correspondent_account": "30101810400000000225"},
        "director": {"name": language.choose("Иванов Иван Иванович", "Їжак Ґалаґан Іванович", "John Smith"), "position": language.choose("Генеральный директор", "Директор", "Director")},
    });
    let customer = json!({
        "legal_name": language.choose("ООО «Три кита»", "ТОВ «Три кити»", "Three Whales Ltd"),
        "tax_id": "6200098765",
        "tax_code": null,
        "address": language.choose("г. Рязань, ул. Ленина, д. 10", "м. Львів, пл. Ринок, 10", "10 Main Street, York"),
        "phone": null,
        "email": null,
    });
    (provider, customer)
}

fn line(name: &str, coverage: &str, price: &str, amount: &str) -> Value {
    json!({
        "name": name, "code": "W-1", "kind": "work", "unit": "шт", "quantity": "1.5", "list_price": price, "price": price,
        "amount": amount, "net": amount, "vat": "0.00", "gross": amount, "vat_rate": "22", "coverage": coverage, "coverage_reason": "7", "asset": null,
    })
}

fn act(language: Language, prices: bool) -> Value {
    let (provider, customer) = parties(language);
    let work = language.choose("Замена узла закрепления", "Заміна вузла закріплення", "Fuser replacement");
    let cleaning = language.choose("Профилактика", "Профілактика", "Preventive maintenance");
    json!({
        "number": "2026-00042", "version": 2, "issued_on": "2026-11-21", "issued_at": "2026-11-21T11:05:12.000Z", "zone": "Europe/Moscow",
        "show_prices": prices, "currency": "RUB", "vat_mode": "included", "vat_rate": "22", "provider": provider, "customer": customer,
        "agreement": agreement(),
        "site": {"name": language.choose("Офис на Ленина", "Офіс на Ринку", "Main office"), "address": customer_address(language)},
        "contact": {"name": language.choose("Петрова Анна Сергеевна", "Петренко Ганна", "Ann Peters"), "position": null, "phone": null},
        "engineer": {"name": language.choose("Сидоров Пётр Ильич", "Сидоренко Петро", "Peter Stone")},
        "ticket": {"number": 4521, "subject": language.choose("Не печатает", "Не друкує", "Does not print"), "description": null, "type": "—",
            "opened_on": "2026-11-20", "opened_at": "2026-11-20T08:00:00.000Z", "started_at": "2026-11-21T09:00:00.000Z", "done_at": "2026-11-21T10:30:00.000Z"},
        "assets": [{"name": language.choose("Принтер", "Принтер", "Printer"), "kind": null, "manufacturer": "HP", "model": "LaserJet Pro M404dn", "serial_number": "CNB1234567", "inventory_number": "000123", "code": "7QK2M9XA01"}],
        "lines": [line(work, "extra", "8133.33", "12199.99"), line(cleaning, "covered", "900.00", "1350.00")],
        "totals": {"amount": "12199.99", "net": "9999.99", "vat": "2200.00", "gross": "12199.99"}, "taxes": [taxed("22", true)],
        "time_entries": [
            {"person": "Сидоров Пётр Ильич", "kind": "on_site", "started_at": "2026-11-21T09:00:00.000Z", "ended_at": "2026-11-21T10:20:00.000Z", "minutes": 80, "note": "—"},
            {"person": "Сидоров Пётр Ильич", "kind": "travel", "started_at": null, "ended_at": null, "minutes": 40, "note": null},
        ],
        "total_minutes": 120,
        "checklist": [
            {"text": language.choose("Печать пробной страницы", "Друк пробної сторінки", "Test page printed"), "asset": null, "kind": "check", "answer": true, "answered_by": "Сидоров Пётр Ильич", "answered_at": "2026-11-21T10:10:00.000Z"},
            {"text": language.choose("Счётчик страниц", "Лічильник сторінок", "Page counter"), "asset": "HP", "kind": "number", "answer": "10452", "answered_by": null, "answered_at": null},
            {"text": "—", "asset": null, "kind": "photo", "answer": null, "answered_by": null, "answered_at": null},
        ],
        "verification": verification(),
    })
}

fn agreement() -> Value {
    json!({"number": "7", "starts_on": "2026-02-01", "deemed_acceptance": {"after_days": 5, "clause": "7.4", "due_on": "2026-11-27"}})
}

fn verification() -> Value {
    json!({"code": "V7QK2M9XA01B3CD4", "code_printed": "V7QK-2M9X-A01B-3CD4", "url": "https://desk.example.com/verify/V7QK2M9XA01B3CD4"})
}

fn customer_address(language: Language) -> &'static str {
    language.choose("г. Рязань, ул. Ленина, д. 10", "м. Львів, пл. Ринок, 10", "10 Main Street, York")
}

/// An act with nothing in it that may be missing.
fn bare_act(language: Language) -> Value {
    let mut act = act(language, true);
    let bare_party = json!({"legal_name": "—", "tax_id": null, "tax_code": null, "address": null, "phone": null, "email": null, "bank": null, "director": null});
    let changes = json!({
        "version": 1, "vat_mode": "not_payer", "vat_rate": null, "provider": bare_party, "customer": bare_party, "agreement": null, "site": null, "contact": null,
        "assets": [], "lines": [], "taxes": [taxed("not_payer", false)], "time_entries": [], "checklist": [], "total_minutes": 0, "verification": null,
    });
    if let (Value::Object(act), Value::Object(changes)) = (&mut act, changes) {
        act.extend(changes);
    }
    act
}

fn invoice(language: Language) -> Value {
    let (provider, customer) = parties(language);
    let work = language.choose("Замена узла закрепления", "Заміна вузла закріплення", "Fuser replacement");
    json!({
        "number": "2026-00015", "issued_on": "2026-11-21", "currency": "RUB", "vat_mode": "included", "vat_rate": "22",
        "provider": provider, "customer": customer,
        "acts": [{"number": "2026-00042", "issued_on": "2026-11-21", "ticket_number": 4521}],
        "lines": [line(work, "extra", "8133.33", "12199.99")],
        "totals": {"amount": "12199.99", "net": "9999.99", "vat": "2200.00", "gross": "12199.99"},
        "taxes": [taxed("22", true), taxed("exempt", false)], "tax_note": "—",
        "payment_qr": {"standard": "nbu_003", "payload": "6d6f6e6579".repeat(40), "text": "—", "least_version": 10, "size_mm": 39, "sign": "₴"},
    })
}

/// An invoice with nothing in it that may be missing.
fn bare_invoice(language: Language) -> Value {
    let mut invoice = invoice(language);
    let changes = json!({
        "vat_mode": "not_payer", "vat_rate": null, "taxes": [taxed("not_payer", false)], "tax_note": null, "payment_qr": null,
    });
    if let (Value::Object(invoice), Value::Object(changes)) = (&mut invoice, changes) {
        invoice.extend(changes);
    }
    invoice
}

fn taxed(rate: &str, taxed: bool) -> Value {
    json!({"rate": rate, "taxed": taxed, "net": "9999.99", "vat": "2200.00", "gross": "12199.99"})
}

fn signatures(language: Language) -> Value {
    let (provider, customer) = parties(language);
    let name = language.choose("Петрова Анна Сергеевна", "Петренко Ганна Сергіївна", "Ann Peters");
    let engineer = language.choose("Сидоров Пётр Ильич", "Сидоренко Петро", "Peter Stone");
    let signature = |party: &str, outcome: &str, remarks: Option<&str>| {
        json!({
            "id": "0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", "party": party, "name": name,
            "position": language.choose("Главный бухгалтер", "Головний бухгалтер", "Chief accountant"),
            "organisation": "—", "authority": "official",
            "power_of_attorney": {"number": "5", "issued_on": "2026-02-01", "valid_until": "2026-12-31", "issued_by": "—", "limit": "50000.00", "currency": "RUB"}, "outcome": outcome, "remarks": remarks, "method": "drawn",
            "signed_at": "2026-11-21T11:05:12.000Z", "recorded_at": "2026-11-21T11:05:13.000Z", "recorded_by": engineer,
            "device_time": "2026-11-21T11:05:12.000Z", "clock_difference_s": 1, "device_id": "pixel-7a",
            "ip": "192.0.2.1", "user_agent": "—", "place": null, "sha256": "9f3c".repeat(16),
            "shown_as": "other_text", "shown_sha256": "4b1d".repeat(16), "request": null, "consent": null, "code": null,
        })
    };
    let mut fast = signature("provider", "accepted", None);
    if let Some(members) = fast.as_object_mut() {
        members.insert("clock_difference_s".to_owned(), json!(-90));
    }
    let mut by_link = signature("client", "accepted", None);
    let (made_at, viewed_at) = ("2026-11-21T11:00:30.000Z", "2026-11-21T11:02:00.000Z");
    let request = json!({"made_at": made_at, "made_by": engineer, "viewed_at": viewed_at});
    let (sent_at, confirmed_at) = ("2026-11-21T11:03:00.000Z", "2026-11-21T11:05:13.000Z");
    let code = json!({"to": "m***@example.org", "sent_at": sent_at, "confirmed_at": confirmed_at, "tries": 1});
    if let Some(members) = by_link.as_object_mut() {
        let differs = [
            ("method", json!("typed")),
            ("recorded_by", Value::Null),
            ("request", request),
            ("consent", json!("—")),
            ("code", code),
        ];
        members.extend(differs.map(|(name, value)| (name.to_owned(), value)));
    }
    let mut witness = signature("witness", "accepted", Some("—"));
    if let Some(members) = witness.as_object_mut() {
        let differs = [("authority", json!("none")), ("organisation", Value::Null), ("power_of_attorney", Value::Null)];
        members.extend(differs.map(|(name, value)| (name.to_owned(), value)));
    }
    let absence = json!({
        "reason": language.choose("Офис закрыт", "Офіс зачинено", "The office is closed"), "occurred_at": "2026-11-21T11:03:00.000Z",
        "recorded_at": "2026-11-21T11:03:05.000Z", "recorded_by": engineer, "place": "55.75000, 37.61000",
        "photo_sha256": "7c".repeat(32), "sha256": "8d".repeat(32),
    });
    json!({
        "act": {"id": "0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c", "number": "2026-00042", "version": 2, "document_sha256": "ab".repeat(32),
            "pages": 1, "bytes": 25_208, "issued_at": "2026-11-21T11:00:00.000Z", "issued_by": engineer},
        "verification": verification(), "law": "ru",
        "provider": provider, "customer": customer, "agreement": agreement(), "zone": "Europe/Moscow",
        "absence": absence, "deemed": {"after_days": 5, "clause": "7.4", "due_on": "2026-11-27", "noted_at": "2026-11-27T21:00:31.000Z"},
        "signatures": [signature("client", "accepted_with_remarks", Some("—")), fast, by_link, witness],
        "events": [
            {"action": "act.issued", "at": "2026-11-21T11:00:00.000Z", "who": engineer, "ip": "192.0.2.1", "seq": 41, "hash": "cd".repeat(32)},
            {"action": "act.link_viewed", "at": "2026-11-21T11:02:00.000Z", "who": null, "ip": "192.0.2.2", "seq": 42, "hash": "ef".repeat(32)},
            {"action": "act.decided", "at": "2026-11-21T11:05:13.000Z", "who": null, "ip": null, "seq": 43, "hash": "ef".repeat(32)},
        ],
        "seal": {"holder": language.choose("ООО «Сервис-ИТ»", "ТОВ «Сервіс-ІТ»", "Service IT Ltd"), "sha256": "5a".repeat(32)},
        "attachment": "evidence.json",
    })
}

/// A sheet with nothing in it that may be missing, about a refusal.
fn bare_signatures(language: Language, law: &str) -> Value {
    let mut sheet = signatures(language);
    let refusal = json!({
        "id": "0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", "party": "client", "name": "—", "position": null, "organisation": "—",
        "authority": "none", "outcome": "refused", "remarks": "—", "method": "typed", "signed_at": "2026-11-21T11:05:12.000Z",
        "recorded_at": "2026-11-21T11:05:12.000Z", "recorded_by": null, "device_time": null, "clock_difference_s": null,
        "device_id": null, "ip": null, "user_agent": null, "place": null, "sha256": "9f3c".repeat(16), "shown_as": null,
        "shown_sha256": null,
    });
    let changes = json!({"verification": null, "law": law, "agreement": null, "signatures": [refusal], "events": [], "absence": null, "deemed": null});
    if let (Value::Object(sheet), Value::Object(changes)) = (&mut sheet, changes) {
        sheet.extend(changes);
    }
    sheet
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::form::{file_name, install};

    #[test]
    fn every_form_that_comes_with_the_program_prints() {
        let folder = std::env::temp_dir().join(format!("naryad-samples-{}", uuid::Uuid::now_v7()));
        install(&folder).unwrap();
        let printer = Printer::open(&folder).unwrap();
        for kind in Kind::ALL {
            for language in Language::ALL {
                let form = printer.form(*kind, *language).unwrap();
                let document = try_form(&printer, &form)
                    .unwrap_or_else(|error| panic!("{}: {:?}", file_name(*kind, *language), error.refusal()));
                assert!(!document.pages.is_empty());
            }
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
