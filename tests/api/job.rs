//! One job, step by step, for tests that are about what comes after.

use serde_json::{Value, json};

use crate::house::House;
use crate::person::{Answer, Person, id};

/// A ticket that the technician works on.
pub struct Job<'a> {
    house: &'a House,
    technician: Person,
    /// The ticket.
    pub ticket: String,
}

impl<'a> Job<'a> {
    /// A ticket of the strict kind, given to the technician.
    pub fn strict(house: &'a House) -> Self {
        Self::open(house, &house.scene.strict_ticket())
    }

    /// A ticket that needs nothing, given to the technician.
    pub fn plain(house: &'a House) -> Self {
        Self::open(house, &house.scene.plain_ticket())
    }

    fn open(house: &'a House, ticket: &Value) -> Self {
        let ticket = id(&house.dispatcher().post("/tickets", ticket).is(201));
        let technician = house.technician();
        let job = Self { house, technician, ticket };
        house.dispatcher().post(&job.at("/assignee"), &json!({"user_id": job.technician.id})).is(200);
        job
    }

    /// A path below the ticket.
    pub fn at(&self, rest: &str) -> String {
        format!("/tickets/{}{rest}", self.ticket)
    }

    /// The ticket as the technician sees it.
    pub fn read(&self) -> Value {
        self.technician.get(&self.at("")).is(200)
    }

    /// Asks for a status.
    pub fn to(&self, status: &str) -> Answer {
        self.technician.post(&self.at("/status"), &json!({"to": status}))
    }

    /// The technician goes there and begins.
    pub fn begin(&self) {
        for status in ["en_route", "in_progress"] {
            self.to(status).is(200);
        }
    }

    /// The technician scans the printer.
    pub fn scan(&self) {
        let scan = json!({"code": self.house.scene.code(), "place": {"lat": 43.1, "lon": 131.9, "accuracy_m": 8}});
        self.technician.post(&self.at("/scans"), &scan).is(200);
    }

    /// The technician answers everything the checklist asks.
    pub fn answer(&self) {
        for item in self.technician.get(&self.at("/checklist")).is(200)["data"].as_array().unwrap() {
            let answer = if item["kind"] == "check" { json!(true) } else { json!("12.5") };
            self.technician.put(&self.at(&format!("/checklist/{}", id(item))), &json!({"answer": answer})).is(200);
        }
    }

    /// The technician logs time.
    pub fn log(&self, duration: &str) -> Value {
        let time = json!({"kind": "on_site", "duration": duration});
        self.technician.post(&self.at("/time-entries"), &time).is(201)
    }

    /// The technician adds a work from the price list.
    pub fn work(&self, item: &str, quantity: &str) -> Value {
        let line = json!({"price_item_id": item, "quantity": quantity});
        self.technician.post(&self.at("/work-lines"), &line).is(201)
    }

    /// Lets the client see what time was spent so far.
    pub fn show_time(&self) {
        let manager = self.house.manager();
        for entry in manager.get(&self.at("/time-entries")).is(200)["data"].as_array().unwrap() {
            manager.patch(&format!("/time-entries/{}", id(entry)), &json!({"visible_to_client": true})).is(200);
        }
    }

    /// Everything up to `done`: one covered work, and one and a half extra ones for 1349.85.
    pub fn finish(&self) {
        self.begin();
        self.scan();
        self.answer();
        self.log("1 ч 20 м");
        self.work(&self.house.scene.covered, "1");
        self.work(&self.house.scene.extra, "1.5");
        self.to("done").is(200);
    }

    /// Issues the act.
    pub fn act(&self) -> Value {
        self.act_in("ru")
    }

    /// Issues the act in a language.
    pub fn act_in(&self, language: &str) -> Value {
        self.technician.post(&self.at("/acts"), &json!({"show_prices": true, "language": language})).is(201)
    }

    /// Finishes, issues the act, and has it signed by the accountant.
    pub fn signed(&self) -> Value {
        self.finish();
        let act = self.act();
        self.sign(&act).is(201);
        act
    }

    /// Has an act accepted by the accountant.
    pub fn sign(&self, act: &Value) -> Answer {
        self.technician.post(&format!("/acts/{}/signatures", id(act)), &self.signature(act))
    }

    /// The accountant's signature below an act.
    pub fn signature(&self, act: &Value) -> Value {
        json!({"party": "client", "document_sha256": act["document_sha256"], "signer": {"contact_id": self.house.scene.accountant},
               "outcome": "accepted", "ink": ink()})
    }
}

/// A drawn line, as the browser library `signature_pad` gives it.
pub fn ink() -> Value {
    json!({"width": 300, "height": 100, "groups": [{"points": [
        {"x": 10, "y": 20, "time": 1, "pressure": 0.5}, {"x": 120, "y": 60, "time": 30, "pressure": 0.6}]}]})
}

/// The gates an answer names as closed.
pub fn gates(answer: &Value) -> Vec<String> {
    answer["unmet"].as_array().unwrap().iter().map(|unmet| unmet["gate"].as_str().unwrap().to_owned()).collect()
}
