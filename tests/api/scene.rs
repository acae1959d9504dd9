//! The company that tests find described: its people, two clients, their devices, prices and rules.

use std::collections::HashMap;
use std::time::Instant;

use naryad::app::App;
use naryad::auth::password;
use naryad::users::{NewUser, create};
use serde_json::{Value, json};

use crate::person::{Person, id};

/// Everybody's password.
pub const PASSWORD: &str = "long enough";

/// What the company knows.
#[derive(Debug, Clone, Default)]
pub struct Scene {
    /// When its people signed in.
    pub described: Option<Instant>,
    /// Access token and record of each login.
    pub sessions: HashMap<String, (String, String)>,
    /// The client.
    pub company: String,
    /// Another client, of which the first must not learn.
    pub rival_company: String,
    /// The client's office, in Vladivostok.
    pub site: String,
    /// The other client's.
    pub rival_site: String,
    /// May sign routine acts.
    pub accountant: String,
    /// May sign anything.
    pub director: String,
    /// May sign nothing.
    pub guard: String,
    /// The technician's team.
    pub team: String,
    /// A price list in roubles.
    pub price_list: String,
    /// A work the agreement covers, 500.00.
    pub covered: String,
    /// A work it does not, 899.90.
    pub extra: String,
    /// The agreement.
    pub agreement: String,
    /// The rule of the strict kind of ticket: a check, a number, and a text that may be left out.
    pub checklist: String,
    /// Tickets that need a site, the checklist, time, a scan and a signed act.
    pub strict: String,
    /// Tickets that need nothing.
    pub plain: String,
    /// The client's printer.
    pub asset: Value,
    /// The other client's till.
    pub rival_asset: Value,
}

impl Scene {
    /// The code on the client's printer.
    pub fn code(&self) -> &str {
        self.asset["code"].as_str().unwrap()
    }

    /// A ticket of the strict kind for the client's printer.
    pub fn strict_ticket(&self) -> Value {
        json!({"type_id": self.strict, "company_id": self.company, "site_id": self.site, "contact_id": self.accountant,
               "priority": "high", "subject": "Не печатает НАСОС", "asset_codes": [self.code()]})
    }

    /// A ticket that needs nothing.
    pub fn plain_ticket(&self) -> Value {
        json!({"type_id": self.plain, "company_id": self.company, "priority": "normal", "subject": "Вопрос"})
    }
}

/// Describes the company through the API, as its administrator.
pub fn describe(app: &App, base: &str) -> Scene {
    add_admin(app);
    let mut scene = Scene { described: Some(Instant::now()), ..Scene::default() };
    let mut signed_in = |login: &str| {
        let stranger = Person::stranger(base);
        let person = stranger.signed_in(login, PASSWORD);
        scene.sessions.insert(login.to_owned(), (person.token().to_owned(), person.id.clone()));
        person
    };
    let admin = signed_in("admin");
    let made = |path: &str, body: Value| admin.post(path, &body).is(201);
    admin
        .put(
            "/provider",
            &json!({"legal_name": "ООО «Сервис-ИТ»", "language": "ru", "currency": "RUB", "time_zone": "Europe/Moscow",
                    "vat": {"mode": "included", "rate": "22"},
                    "bank": {"name": "Банк", "bic": "044525225", "account": "40702810438000060473", "correspondent_account": "30101810400000000225"}}),
        )
        .is(200);
    let company = id(&made("/companies", json!({"name": "Ромашка", "legal_name": "ООО «Ромашка»"})));
    let rival_company = id(&made("/companies", json!({"name": "Василёк"})));
    let mut user = |login: &str, role: &str, company: Option<&str>| {
        let mut body = json!({"login": login, "password": PASSWORD, "role": role, "name": "Иванов Иван Иванович"});
        if let Some(company) = company {
            body["company_id"] = company.into();
        }
        made("/users", body);
        signed_in(login)
    };
    for role in ["manager", "dispatcher"] {
        user(role, role, None);
    }
    let technician = user("technician", "technician", None);
    user("outsider", "technician", None);
    user("client", "client", Some(&company));
    user("rival", "client", Some(&rival_company));
    scene.team = id(&made("/teams", json!({"name": "Дальний Восток", "member_ids": [technician.id]})));
    let site = |company: &str| {
        id(&made("/sites", json!({"company_id": company, "name": "Офис", "time_zone": "Asia/Vladivostok"})))
    };
    (scene.site, scene.rival_site) = (site(&company), site(&rival_company));
    let contact = |name: &str, authority: &str| {
        let body =
            json!({"company_id": company, "name": name, "position": "сотрудник", "signing_authority": authority});
        id(&made("/contacts", body))
    };
    scene.accountant = contact("Ґалаґан Їжак Ёлкин", "routine");
    scene.director = contact("Громов Олег Викторович", "official");
    scene.guard = contact("Цой Виктор Робертович", "none");
    scene.price_list = id(&made("/price-lists", json!({"name": "Базовый", "currency": "RUB"})));
    let item = |code: &str, name: &str, price: &str| {
        let body = json!({"code": code, "name": name, "kind": "work", "unit": "шт", "price": price});
        id(&made(&format!("/price-lists/{}/items", scene.price_list), body))
    };
    (scene.covered, scene.extra) = (item("1", "Чистка", "500.00"), item("2", "Замена ролика", "899.90"));
    let covers = json!({"price_item_ids": [scene.covered]});
    let agreement = json!({"company_id": company, "number": "17", "starts_on": "2020-01-01", "covers": covers});
    scene.agreement = id(&made("/agreements", agreement));
    let items = json!([
        {"text": "Ролики очищены", "kind": "check", "required": true},
        {"text": "Счётчик", "kind": "number", "required": true},
        {"text": "Замечания", "kind": "text", "required": false}]);
    scene.checklist = id(&made("/checklist-templates", json!({"name": "ТО", "items": items})));
    let gates = json!(["time_logged", "checklist_complete", "act_signed", "asset_scanned"]);
    let strict = json!({"name": "Ремонт", "required_fields": ["site_id"], "checklist_template_ids": [scene.checklist], "gates": gates});
    scene.strict = id(&made("/ticket-types", strict));
    scene.plain = id(&made("/ticket-types", json!({"name": "Консультация", "gates": []})));
    scene.asset = made(
        "/assets",
        json!({"company_id": company, "site_id": scene.site, "name": "Принтер", "model": "M404", "serial_number": "VN-1",
               "inventory_number": "000123"}),
    );
    scene.rival_asset =
        made("/assets", json!({"company_id": rival_company, "site_id": scene.rival_site, "name": "Касса"}));
    (scene.company, scene.rival_company) = (company, rival_company);
    scene
}

/// The first user, whom no request can make.
fn add_admin(app: &App) {
    let new = json!({"login": "admin", "password": PASSWORD, "role": "admin", "name": "Администратор"});
    let new: NewUser = serde_json::from_value(new).unwrap();
    let (hash, now) = (password::hash(PASSWORD).unwrap(), app.clock.now());
    app.db.write_now(move |conn| create::from_command_line(conn, &new, &hash, now)).unwrap();
}
