//! The code on an invoice that a bank's app reads: frozen with it, printed on it, shown by itself.

use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::job::Job;
use crate::paper;
use crate::person::{id, text};

on_each_database![
    a_russian_invoice_can_be_paid_by_its_code,
    a_ukrainian_one_has_the_sign_of_its_money,
    a_european_one_is_a_sepa_transfer,
    an_invoice_without_a_code_says_why,
];

fn ours(house: &House, details: &Value) {
    let mut ours = json!({"legal_name": "ООО \"СЕРВИС-ИТ\"", "language": "ru", "time_zone": "Europe/Moscow",
                          "vat": {"mode": "included", "rate": "22"}});
    ours.as_object_mut().unwrap().extend(details.as_object().unwrap().clone());
    house.manager().put("/provider", &ours).is(200);
}

/// An invoice of a work typed by hand, which counts in the provider's money.
fn invoice(house: &House, price: &str) -> Value {
    let job = Job::plain(house);
    let work = json!({"name": "Ремонт", "unit": "шт", "price": price});
    house.technician().post(&job.at("/work-lines"), &work).is(201);
    let act = job.act();
    job.sign(&act).is(201);
    house.manager().post("/invoices", &json!({"act_ids": [act["id"]]})).is(201)
}

/// What the codes on some pages hold.
fn read(pages: Vec<image::GrayImage>) -> Vec<Vec<u8>> {
    let mut held = Vec::new();
    for page in pages {
        for code in rqrr::PreparedImage::prepare(page).detect_grids() {
            let mut bytes = Vec::new();
            if code.decode_to(&mut bytes).is_ok() {
                held.push(bytes);
            }
        }
    }
    held
}

/// What the codes on an invoice hold, for a reader that comes nearer until it sees one.
fn on_paper(paper: &[u8]) -> Vec<Vec<u8>> {
    let at = |scale: f32| read(paper::pages(paper, scale));
    [4.0, 6.0, 8.0].into_iter().map(at).find(|held| !held.is_empty()).unwrap_or_default()
}

/// Reads the code off the printed invoice and off its picture; both hold what the API says.
fn paid_by(house: &House, invoice: &Value) -> Vec<u8> {
    let path = format!("/invoices/{}", id(invoice));
    let shown = |format: &str| house.manager().get(&format!("{path}/payment-qr?format={format}"));
    let held = shown("txt").bytes();
    assert_eq!(String::from_utf8(held.clone()).unwrap(), text(&invoice["payment_qr"], "text"));
    let paper = house.manager().get(&format!("{path}/document.pdf")).bytes();
    assert_eq!(on_paper(&paper), [held.as_slice()], "on paper");
    let picture = image::load_from_memory(&shown("png").bytes()).unwrap().to_luma8();
    assert_eq!(read(vec![picture]), [held.as_slice()], "as a picture");
    let svg = shown("svg");
    assert!(svg.header("content-type").starts_with("image/svg+xml"));
    assert!(String::from_utf8(svg.bytes()).unwrap().starts_with("<svg"));
    held
}

fn a_russian_invoice_can_be_paid_by_its_code(house: &House) {
    let bank = json!({"name": "ПАО СБЕРБАНК", "bic": "044525225", "account": "40702810138250123017",
                      "correspondent_account": "30101810400000000225"});
    ours(house, &json!({"currency": "RUB", "tax_id": "7707083893", "tax_code": "773601001", "bank": bank}));
    let invoice = invoice(house, "12199.99");
    assert_eq!(invoice["payment_qr"]["standard"], "gost_r_56042_2014");
    let held = String::from_utf8(paid_by(house, &invoice)).unwrap();
    let fields: Vec<&str> = held.split('|').collect();
    assert_eq!(fields[..2], ["ST00012", "Name=ООО \"СЕРВИС-ИТ\""]);
    assert_eq!(
        fields[2..8].join("|"),
        "PersonalAcc=40702810138250123017|BankName=ПАО СБЕРБАНК|BIC=044525225|CorrespAcc=30101810400000000225|PayeeINN=7707083893|KPP=773601001"
    );
    assert_eq!(fields[8], "Sum=1219999");
    let (number, tax) = (text(&invoice, "number"), ", в т.ч. НДС 22% 2200.00 руб.");
    assert!(
        fields[9].starts_with(&format!("Purpose=Оплата по счёту № {number} от ")) && fields[9].ends_with(tax),
        "{held}"
    );
    assert_eq!(fields[10], format!("DocNo={number}"));
    // What was frozen stays, whatever becomes of the details.
    ours(house, &json!({"currency": "RUB"}));
    assert_eq!(paid_by(house, &invoice), held.as_bytes());
}

fn a_ukrainian_one_has_the_sign_of_its_money(house: &House) {
    let bank = json!({"name": "АТ КБ «ПРИКЛАД»", "account": "UA21 3223 1300 0002 6007 2335 6600 1"});
    ours(
        house,
        &json!({"currency": "UAH", "language": "uk", "legal_name": "ТОВ «СЕРВІС-ІТ»", "tax_id": "32855961", "bank": bank}),
    );
    let invoice = invoice(house, "350.50");
    let held = String::from_utf8(paid_by(house, &invoice)).unwrap();
    use base64::Engine;
    let packed = held.strip_prefix("https://qr.bank.gov.ua/").unwrap();
    let fields = String::from_utf8(base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(packed).unwrap()).unwrap();
    let fields: Vec<&str> = fields.split('\n').collect();
    assert_eq!(fields.len(), 17);
    assert_eq!(fields[..5], ["BCD", "003", "1", "UCT", ""]);
    let number = text(&invoice, "number");
    let middle = ["ТОВ «СЕРВІС-ІТ»", "UA213223130000026007233566001", "UAH350.50", "32855961", "OTHR/OTHR", &number];
    assert_eq!(fields[5..11], middle);
    assert!(fields[11].starts_with(&format!("Оплата за рахунком № {number} від ")), "{}", fields[11]);
    assert_eq!(fields[12..], ["", "FFFF", "", "", ""]);
}

fn a_european_one_is_a_sepa_transfer(house: &House) {
    let bank = json!({"name": "Commerzbank", "bic": "COBADEFFXXX", "account": "DE89 3704 0044 0532 0130 00"});
    ours(house, &json!({"currency": "EUR", "language": "en", "legal_name": "Müller Service GmbH", "bank": bank}));
    let invoice = invoice(house, "99.90");
    let held = String::from_utf8(paid_by(house, &invoice)).unwrap();
    let lines: Vec<&str> = held.split('\n').collect();
    let expected =
        ["BCD", "002", "1", "SCT", "COBADEFFXXX", "Müller Service GmbH", "DE89370400440532013000", "EUR99.9", "", ""];
    assert_eq!(lines[..10], expected);
    assert!(lines[10].starts_with(&format!("Invoice {} of ", text(&invoice, "number"))) && lines.len() == 11);
}

fn an_invoice_without_a_code_says_why(house: &House) {
    let wrong =
        json!({"name": "Банк", "bic": "044525225", "account": "4070281013825012301", "correspondent_account": "0"});
    for (details, pointer, flaw) in [
        (json!({"currency": "RUB"}), "/provider/bank", "required"),
        (json!({"currency": "RUB", "bank": wrong}), "/provider/bank/account", "wrong_length"),
        (json!({"currency": "KZT", "bank": wrong}), "/provider/bank/account", "no_payment_code"),
    ] {
        ours(house, &details);
        let invoice = invoice(house, "100.00");
        let none = &invoice["payment_qr"];
        assert_eq!((&none["standard"], &none["text"]), (&Value::Null, &Value::Null));
        assert_eq!((&none["missing"][0]["pointer"], &none["missing"][0]["code"]), (&json!(pointer), &json!(flaw)));
        let path = format!("/invoices/{}/payment-qr", id(&invoice));
        let problem = house.manager().get(&path).refused(409, "no_payment_qr");
        assert_eq!(problem["errors"][0]["code"], flaw);
        let paper = house.manager().get(&format!("/invoices/{}/document.pdf", id(&invoice))).bytes();
        assert!(on_paper(&paper).is_empty());
    }
    let missing = "/invoices/0190c1de-0000-7000-8000-000000000001/payment-qr";
    house.manager().get(missing).refused(404, "not_found");
    house.manager().get(&format!("{missing}?format=pdf")).refused(400, "invalid_parameter");
}
