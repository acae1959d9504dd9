//! The company the demonstration is about: «Сервис-ИТ» and its two clients.

use serde_json::{Value, json};

use super::PASSWORD;
use super::caller::{Caller, text};

/// What the job needs of what was made.
pub struct Scene {
    /// The client the job is for.
    pub company: String,
    /// Where the device stands.
    pub site: String,
    /// Who signs there.
    pub contact: String,
    /// The kind of ticket.
    pub kind: String,
    /// A kind of ticket that demands little.
    pub simple: String,
    /// The technician's record.
    pub technician: String,
    /// Every device at that site, the printer of the job first.
    pub assets: Vec<Value>,
    /// A work the agreement covers.
    pub covered: String,
    /// A material it does not.
    pub extra: String,
}

const MODELS: [(&str, &str, &str, &str); 5] = [
    ("Принтер", "printer", "HP", "LaserJet Pro M404dn"),
    ("Онлайн-касса", "till", "АТОЛ", "30Ф"),
    ("Камера", "camera", "Hikvision", "DS-2CD2143G2"),
    ("Сервер", "server", "Dell", "PowerEdge R350"),
    ("МФУ", "printer", "Kyocera", "ECOSYS M2540dn"),
];

/// Describes the provider, its people, clients, prices and rules.
///
/// # Errors
/// What the server answered.
pub fn found(admin: &Caller) -> Result<Scene, String> {
    let made = |path: &str, body: &Value| text(&admin.post(path, body)?, "id");
    admin.put(
        "/provider",
        &json!({"legal_name": "ООО «Сервис-ИТ»", "tax_id": "7707083893", "tax_code": "770701001",
            "address": "109012, г. Москва, ул. Никольская, д. 10", "phone": "+7 495 000-00-00", "language": "ru", "currency": "RUB",
            "time_zone": "Europe/Moscow", "vat": {"mode": "included", "rate": "22"},
            "bank": {"name": "ПАО Сбербанк", "bic": "044525225", "account": "40702810438000060473", "correspondent_account": "30101810400000000225"},
            "director": {"name": "Орлов Пётр Сергеевич", "position": "Генеральный директор"}}),
    )?;
    let romashka = made(
        "/companies",
        &json!({"name": "Ромашка", "legal_name": "ООО «Ромашка»", "tax_id": "7728168971", "address": "г. Москва, пр. Мира, д. 10"}),
    )?;
    let vasilek = made(
        "/companies",
        &json!({"name": "Василёк", "legal_name": "ООО «Василёк»", "address": "г. Владивосток, ул. Светланская, д. 5"}),
    )?;
    let person = |login: &str, role: &str, name: &str, company: Option<&str>| {
        let mut body = json!({"login": login, "password": PASSWORD, "role": role, "name": name});
        if let (Some(company), Some(fields)) = (company, body.as_object_mut()) {
            fields.insert("company_id".to_owned(), company.into());
        }
        made("/users", &body)
    };
    person("manager", "manager", "Кузнецова Мария Андреевна", None)?;
    person("dispatcher", "dispatcher", "Сидорова Анна Олеговна", None)?;
    let technician = person("technician", "technician", "Ёлкин Иван Петрович", None)?;
    person("technician2", "technician", "Коваленко Олесь Іванович", None)?;
    person("client", "client", "Белова Ирина Юрьевна", Some(&romashka))?;
    let site = |company: &str, name: &str, address: &str, zone: &str| {
        made("/sites", &json!({"company_id": company, "name": name, "address": address, "time_zone": zone}))
    };
    let office = site(&romashka, "Главный офис", "г. Москва, пр. Мира, д. 10", "Europe/Moscow")?;
    let shop = site(&vasilek, "Магазин на Светланской", "г. Владивосток, ул. Светланская, д. 5", "Asia/Vladivostok")?;
    let contact = |company: &str, site: &str, name: &str, position: &str, authority: &str| {
        made(
            "/contacts",
            &json!({"company_id": company, "site_id": site, "name": name, "position": position, "signing_authority": authority}),
        )
    };
    let accountant = contact(&romashka, &office, "Белова Ирина Юрьевна", "Бухгалтер", "routine")?;
    contact(&romashka, &office, "Громов Олег Викторович", "Генеральный директор", "official")?;
    contact(&vasilek, &shop, "Цой Виктор Робертович", "Администратор зала", "none")?;
    let list = made("/price-lists", &json!({"name": "Базовый прайс-лист", "currency": "RUB"}))?;
    let item = |code: &str, name: &str, kind: &str, unit: &str, price: &str| {
        made(
            &format!("/price-lists/{list}/items"),
            &json!({"code": code, "name": name, "kind": kind, "unit": unit, "price": price}),
        )
    };
    let covered = item("Р-01", "Техническое обслуживание принтера", "work", "шт", "1500.00")?;
    let extra = item("М-07", "Ролик захвата бумаги HP RM2-5741", "material", "шт", "1890.00")?;
    item("Р-02", "Выезд инженера", "work", "шт", "900.00")?;
    item("Р-03", "Настройка рабочего места", "work", "ч", "1200.00")?;
    made(
        "/agreements",
        &json!({"company_id": romashka, "number": "С-17/2026", "starts_on": "2026-01-01", "covers": {"price_item_ids": [covered]}}),
    )?;
    let checklist = made(
        "/checklist-templates",
        &json!({"name": "ТО принтера", "items": [
            {"text": "Ролики захвата осмотрены и очищены", "kind": "check", "required": true},
            {"text": "Счётчик страниц", "kind": "number", "required": true},
            {"text": "Качество пробной печати", "kind": "choice", "required": true, "choices": ["хорошее", "с дефектами"]},
            {"text": "Рекомендации", "kind": "text", "required": false}]}),
    )?;
    let kind = made(
        "/ticket-types",
        &json!({"name": "Ремонт печатной техники", "required_fields": ["site_id"], "checklist_template_ids": [checklist],
            "gates": ["time_logged", "checklist_complete", "asset_scanned", "act_signed"], "signing_authority": "routine"}),
    )?;
    let simple = made("/ticket-types", &json!({"name": "Консультация", "gates": ["time_logged"]}))?;
    let mut assets = Vec::new();
    for (number, (name, sort, maker, model)) in (1..=40).zip(MODELS.iter().cycle()) {
        let (company, site) = if number <= 25 { (&romashka, &office) } else { (&vasilek, &shop) };
        let asset = admin.post(
            "/assets",
            &json!({"company_id": company, "site_id": site, "name": format!("{name} {maker}"), "kind": sort, "manufacturer": maker,
                "model": model, "serial_number": format!("SN{:06}", 480_000 + number * 37), "inventory_number": format!("{number:06}"),
                "attributes": {"room": format!("{}", 100 + number)}}),
        )?;
        if number <= 25 {
            assets.push(asset);
        }
    }
    Ok(Scene { company: romashka, site: office, contact: accountant, kind, simple, technician, assets, covered, extra })
}
