//! A large company to measure with, described through the API.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use naryad::auth::password;
use naryad::users::{NewUser, create};
use serde_json::{Value, json};

use super::{Caller, Served};

const PASSWORD: &str = "long enough";

/// What the measured requests need.
pub struct Company {
    /// Where the server is.
    pub base: String,
    /// The administrator's access token.
    pub token: String,
    codes: Vec<String>,
    assets: Vec<String>,
    /// Every ticket.
    pub tickets: Vec<String>,
    kind: String,
    company: String,
}

/// A text member.
pub fn text(record: &Value, member: &str) -> String {
    record[member].as_str().unwrap().to_owned()
}

impl Company {
    /// Fills an empty database.
    pub fn found(served: &Served, assets: usize, tickets: usize) -> Self {
        let (app, base) = (&served.app, served.base.as_str());
        let new = json!({"login": "admin", "password": PASSWORD, "role": "admin", "name": "Администратор"});
        let new: NewUser = serde_json::from_value(new).unwrap();
        let (hash, now) = (password::hash(PASSWORD).unwrap(), app.clock.now());
        app.db.write_now(move |conn| create::from_command_line(conn, &new, &hash, now)).unwrap();
        let mut caller = Caller::new(base, "");
        let session = caller.post("/api/v1/auth/login", &json!({"login": "admin", "password": PASSWORD}));
        let token = text(&session, "access_token");
        let mut caller = Caller::new(base, &token);
        caller.send(
            "PUT",
            "/api/v1/provider",
            &json!({"legal_name": "ООО «Сервис-ИТ»", "language": "ru", "currency": "RUB", "time_zone": "Europe/Moscow",
                    "vat": {"mode": "included", "rate": "22"}}),
        );
        let company = text(&caller.post("/api/v1/companies", &json!({"name": "Ромашка"})), "id");
        let site = json!({"company_id": company, "name": "Офис", "time_zone": "Asia/Vladivostok"});
        let site = text(&caller.post("/api/v1/sites", &site), "id");
        caller.post("/api/v1/agreements", &json!({"company_id": company, "number": "17", "starts_on": "2020-01-01"}));
        let kind = text(&caller.post("/api/v1/ticket-types", &json!({"name": "Ремонт"})), "id");
        let mut filled = Self {
            base: base.to_owned(),
            token,
            codes: Vec::new(),
            assets: Vec::new(),
            tickets: Vec::new(),
            kind,
            company: company.clone(),
        };
        let made = filled.fill(assets, |caller, number| {
            let asset = json!({"company_id": company, "site_id": site, "name": "Принтер", "model": "M404",
                               "serial_number": format!("VN-{number}"), "inventory_number": format!("{number:06}")});
            let asset = caller.post("/api/v1/assets", &asset);
            (text(&asset, "id"), text(&asset, "code"))
        });
        (filled.assets, filled.codes) = made.into_iter().unzip();
        let codes = &filled.codes;
        let opened = filled.fill(tickets, |caller, number| {
            let mut ticket = filled.ticket();
            ticket["asset_codes"] = json!([codes[number % codes.len()]]);
            text(&caller.post("/api/v1/tickets", &ticket), "id")
        });
        filled.tickets = opened;
        filled
    }

    fn fill<T: Send>(&self, count: usize, make: impl Fn(&mut Caller, usize) -> T + Sync) -> Vec<T> {
        let (next, made) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(count)));
        std::thread::scope(|scope| {
            for _ in 0..64 {
                scope.spawn(|| {
                    let mut caller = Caller::new(&self.base, &self.token);
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= count {
                            return;
                        }
                        let one = make(&mut caller, number);
                        made.lock().unwrap().push(one);
                    }
                });
            }
        });
        made.into_inner().unwrap()
    }

    /// Some device's id and code.
    pub fn device(&self, turn: usize) -> (String, String) {
        (self.assets[turn].clone(), self.codes[turn].clone())
    }

    /// The address of some device's card.
    pub fn scan(&self, turn: usize, counted: &AtomicUsize) -> String {
        counted.fetch_add(1, Ordering::Relaxed);
        format!("/api/v1/scan/{}", self.codes[turn.wrapping_mul(7_919) % self.codes.len()])
    }

    /// A ticket to open.
    pub fn ticket(&self) -> Value {
        json!({"type_id": self.kind, "company_id": self.company, "priority": "normal", "subject": "Не печатает",
               "asset_codes": self.codes.first().into_iter().collect::<Vec<_>>()})
    }

    /// A signature below an act.
    pub fn signature(&self, act: &Value) -> Value {
        let points: Vec<Value> =
            (0..60).map(|n| json!({"x": 10 + n * 4, "y": 50 + n % 7 * 5, "time": n, "pressure": 0.5})).collect();
        json!({"party": "client", "document_sha256": act["document_sha256"], "outcome": "accepted",
               "signer": {"name": "Белова Ирина", "position": "бухгалтер"},
               "ink": {"width": 300, "height": 100, "groups": [{"points": points}]}})
    }

    /// Milliseconds it takes to sign an act of so many lines, its sealed copy included, over so many acts.
    pub fn long_act(&self, lines: usize, acts: usize) -> f64 {
        let mut caller = Caller::new(&self.base, &self.token);
        let mut signing = Duration::ZERO;
        for _ in 0..acts {
            let ticket = text(&caller.post("/api/v1/tickets", &self.ticket()), "id");
            for line in 1..=lines {
                let work =
                    json!({"name": format!("Замена узла {line}"), "unit": "шт", "quantity": "1.5", "price": "899.90"});
                caller.post(&format!("/api/v1/tickets/{ticket}/work-lines"), &work);
            }
            let act = caller.post(&format!("/api/v1/tickets/{ticket}/acts"), &json!({"show_prices": true}));
            let began = Instant::now();
            caller.post(&format!("/api/v1/acts/{}/signatures", text(&act, "id")), &self.signature(&act));
            signing += began.elapsed();
        }
        signing.as_secs_f64() * 1_000.0 / acts as f64
    }

    /// A sheet with so many labels.
    pub fn sheet(&self, labels: usize) -> Value {
        let assets: Vec<_> = self.assets.iter().cycle().take(labels).collect();
        json!({"asset_ids": assets, "sheet": {"brand": "Avery", "part": "L7651"}})
    }

    /// A job with so many labels.
    pub fn labels(&self, labels: usize) -> Value {
        let assets: Vec<_> = self.assets.iter().cycle().take(labels).collect();
        json!({"assets": {"ids": assets}, "media": {"sheet": {"brand": "Avery", "part": "L7160"}}})
    }
}
