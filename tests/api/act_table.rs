//! Every state of an act, and what every action does in it: read it in `snapshots/act_table.snap`.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::job::{Job, ink};
use crate::links::{client, filled, path, send};
use crate::person::{Answer, id, text};
use crate::signers::{absence, days_go_by, photo, silence_is_acceptance};

on_each_database![every_action_in_every_state];

const STATES: [&str; 13] = [
    "issued",
    "signed by the engineer only",
    "witnessed only",
    "signed",
    "signed with remarks",
    "signed and billed",
    "refused",
    "unattended",
    "deemed accepted",
    "deemed accepted, then refused",
    "settled by a manager",
    "superseded",
    "annulled",
];

const ACTIONS: [&str; 19] = [
    "client accepts",
    "client accepts with remarks",
    "client refuses",
    "engineer signs",
    "witness signs",
    "nobody present",
    "make a link",
    "sign by a link made before",
    "refuse by a link made before",
    "the days are over",
    "issue a new version",
    "settle",
    "annul",
    "bill",
    "close the ticket",
    "print the frozen act",
    "print the signed copy",
    "who may sign",
    "verify",
];

/// Those that change nothing.
const LOOKS: [&str; 4] = ["print the frozen act", "print the signed copy", "who may sign", "verify"];

/// An act of a finished job with one extra work, and a link to it.
struct Case<'a> {
    house: &'a House,
    job: Job<'a>,
    act: Value,
    page: String,
}

impl<'a> Case<'a> {
    fn new(house: &'a House) -> Self {
        let job = Job::plain(house);
        job.begin();
        job.work(&house.scene.extra, "1");
        job.to("done").is(200);
        let act = job.act();
        let page = path(house, &act, &json!({}));
        Self { house, job, act, page }
    }

    fn at(&self, rest: &str) -> String {
        format!("/acts/{}{rest}", id(&self.act))
    }

    fn decide(&self, party: &str, outcome: &str) -> Answer {
        let signer = match party {
            "client" => json!({"contact_id": self.house.scene.accountant}),
            _ => json!({"name": "Ёлкин", "position": "сотрудник"}),
        };
        let mut decision = json!({"party": party, "document_sha256": self.act["document_sha256"], "signer": signer, "outcome": outcome,
                                  "ink": ink()});
        if outcome != "accepted" {
            decision["remarks"] = json!("Шумит");
        }
        self.house.technician().post(&self.at("/signatures"), &decision)
    }

    fn by_link(&self, outcome: &str) -> Answer {
        let drawn = ink().to_string();
        let fields = filled(&self.act, &drawn, &[("outcome", outcome), ("remarks", "Шумит")]);
        for _ in 0..100 {
            let answer = send(&client(self.house), &self.page, &fields);
            // Tests of one process share the places for forms.
            if answer.status != 503 {
                return answer;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        panic!("no place for a form");
    }

    /// Brings the act into a state.
    fn brought_to(self, state: &str) -> Self {
        let manager = self.house.manager();
        match state {
            "issued" => {}
            "signed by the engineer only" => drop(self.decide("provider", "accepted").is(201)),
            "witnessed only" => drop(self.decide("witness", "accepted").is(201)),
            "signed" => drop(self.decide("client", "accepted").is(201)),
            "signed with remarks" => drop(self.decide("client", "accepted_with_remarks").is(201)),
            "signed and billed" => {
                self.decide("client", "accepted").is(201);
                manager.post("/invoices", &json!({"act_ids": [self.act["id"]]})).is(201);
            }
            "refused" => drop(self.decide("client", "refused").is(201)),
            "unattended" => {
                let note = absence(self.house, &self.act);
                self.house.technician().post(&self.at("/absence"), &note).is(201);
            }
            "deemed accepted" => drop(days_go_by(self.house)),
            "deemed accepted, then refused" => {
                days_go_by(self.house);
                self.decide("client", "refused").is(201);
            }
            "settled by a manager" => {
                manager.post(&self.at("/resolution"), &json!({"reason": "Договорились"})).is(200);
            }
            "superseded" => drop(self.job.act()),
            "annulled" => drop(manager.post(&self.at("/void"), &json!({"reason": "Ошибка"})).is(200)),
            _ => panic!("{state}"),
        }
        self
    }

    fn act(&self, action: &str) -> Answer {
        let (tech, manager) = (self.house.technician(), self.house.manager());
        let reason = json!({"reason": "Так решили"});
        match action {
            "client accepts" => self.decide("client", "accepted"),
            "client accepts with remarks" => self.decide("client", "accepted_with_remarks"),
            "client refuses" => self.decide("client", "refused"),
            "engineer signs" => self.decide("provider", "accepted"),
            "witness signs" => self.decide("witness", "accepted"),
            "nobody present" => {
                let note = json!({"document_sha256": self.act["document_sha256"], "reason": "Закрыто",
                                  "attachment_id": photo(self.house, &self.act)});
                tech.post(&self.at("/absence"), &note)
            }
            "make a link" => tech.post(&self.at("/links"), &json!({})),
            "sign by a link made before" => self.by_link("accepted"),
            "refuse by a link made before" => self.by_link("refused"),
            "the days are over" => {
                days_go_by(self.house);
                tech.get(&self.at(""))
            }
            "issue a new version" => tech.post(&self.job.at("/acts"), &json!({"show_prices": true})),
            "settle" => manager.post(&self.at("/resolution"), &reason),
            "annul" => manager.post(&self.at("/void"), &reason),
            "bill" => manager.post("/invoices", &json!({"act_ids": [self.act["id"]]})),
            "close the ticket" => manager.post(&self.job.at("/status"), &json!({"to": "closed"})),
            "print the frozen act" => tech.get(&self.at("/document.pdf")),
            "print the signed copy" => tech.get(&self.at("/signed.pdf")),
            "who may sign" => tech.get(&self.at("/signers")),
            "verify" => {
                let code = text(&self.act, "verification_code");
                self.house.stranger().get_root(&format!("/verify/{code}"))
            }
            _ => panic!("{action}"),
        }
    }

    /// Where the act stands: its status, whether it was settled, and what becomes of its link.
    fn stands(&self) -> String {
        let act = self.house.manager().get(&self.at("")).is(200);
        let links = self.house.manager().get(&self.at("/links")).is(200);
        let of_before = links["data"].as_array().unwrap().last().unwrap().clone();
        let settled = if act["resolved_at"].is_null() { "" } else { ", settled" };
        format!("{}{settled}, link {}", text(&act, "status"), text(&of_before, "state"))
    }
}

fn every_action_in_every_state(house: &House) {
    // Strict tickets ask for a signed act before they are closed; these are plain, so the kind is told to ask for it too.
    let gates = json!({"gates": ["act_signed"]});
    house.manager().patch(&format!("/ticket-types/{}", house.scene.plain), &gates).is(200);
    silence_is_acceptance(house);
    let mut table = String::new();
    for state in STATES {
        let mut case = Case::new(house).brought_to(state);
        let before = case.stands();
        writeln!(table, "{state} ({before})").unwrap();
        for action in ACTIONS {
            let answer = case.act(action);
            let code = match answer.header("content-type") {
                "application/problem+json" => {
                    let problem: Value = serde_json::from_slice(&answer.bytes).unwrap();
                    format!(" {}", text(&problem, "code"))
                }
                _ => String::new(),
            };
            let after = case.stands();
            let became = if after == before { String::new() } else { format!(" -> {after}") };
            writeln!(table, "    {action:30}{}{code}{became}", answer.status).unwrap();
            // What was refused, or only looked, has left no trace: the next action finds the act as it was.
            if after != before || (answer.status < 400 && !LOOKS.contains(&action)) {
                case = Case::new(house).brought_to(state);
            }
        }
    }
    insta::with_settings!({prepend_module_to_snapshot => false}, { insta::assert_snapshot!("act_table", table) });
}
