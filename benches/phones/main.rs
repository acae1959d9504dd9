//! What phones cost: the first sync of somebody with 2,000 tickets, and five hundred phones that come every minute.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a measurement that meets what it did not expect is worth nothing"
)]

#[path = "../scene/mod.rs"]
#[expect(dead_code, reason = "the other measurements ask for more")]
mod scene;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use naryad::app::App;
use naryad::auth::password;
use naryad::users::{NewUser, create};
use serde_json::{Value, json};

use self::scene::company::text;
use self::scene::{Caller, Company, Served};

/// How long each thing is measured.
const ROUND: Duration = Duration::from_secs(10);
const PASSWORD: &str = "long enough";
const PHONES: usize = 500;
const TICKETS: usize = 2_000;

/// Somebody with a phone.
struct Technician {
    id: String,
    token: String,
    /// What the phone was told of last.
    place: Mutex<i64>,
}

fn main() {
    let served = Served::begin("phones");
    let base = served.base.clone();
    let company = Company::found(&served, TICKETS, TICKETS);
    let technicians = technicians(&served.app, &base);
    println!("{TICKETS} tickets with a device each, {PHONES} technicians");

    give(&company, |_| &technicians[0].id);
    let mut caller = Caller::new(&base, &technicians[0].token);
    let whole = "/api/v1/sync/pull?last_pulled_at=0";
    let began = Instant::now();
    let packed = caller.get_packed(whole);
    println!("first sync: {:>22.0} ms, {} KiB packed", millis(began), packed / 1_024);
    let began = Instant::now();
    let packed = caller.get_packed(whole);
    println!("the same, nothing to settle: {:>5.0} ms, {} KiB packed", millis(began), packed / 1_024);

    give(&company, |turn| &technicians[turn % PHONES].id);
    each(&technicians, &base, |caller, technician, _| sync(caller, technician));
    let empty = each(&technicians, &base, |caller, technician, _| sync(caller, technician));
    told("a sync with nothing new", empty);
    let with_work = each(&technicians, &base, |caller, technician, turn| {
        let ticket = &company.tickets[turn % PHONES];
        work(caller, technician, ticket);
        sync(caller, technician);
    });
    told("an hour and a comment pushed, then a sync", with_work);
    served.end();
}

fn millis(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1e3
}

/// Five hundred phones that come once a minute are so many syncs a second.
fn told(what: &str, rate: f64) {
    println!(
        "{what}: {rate:.0} /s at 16, {:.0} times what {PHONES} phones ask every minute",
        rate * 60.0 / PHONES as f64
    );
}

/// People with one password, signed in.
fn technicians(app: &App, base: &str) -> Vec<Technician> {
    let hash = password::hash(PASSWORD).unwrap();
    let mut caller = Caller::new(base, "");
    let person = |turn: usize| {
        let login = format!("technician{turn}");
        let new = json!({"login": login, "password": PASSWORD, "role": "technician", "name": "Техник"});
        let new: NewUser = serde_json::from_value(new).unwrap();
        let (hash, now) = (hash.clone(), app.clock.now());
        app.db.write_now(move |conn| create::from_command_line(conn, &new, &hash, now)).unwrap();
        let session = caller.post("/api/v1/auth/login", &json!({"login": login, "password": PASSWORD}));
        let token = text(&session, "access_token");
        Technician { id: text(&session["user"], "id"), token, place: Mutex::new(0) }
    };
    (0..PHONES).map(person).collect()
}

/// Gives every ticket to somebody.
fn give<'a>(company: &Company, to: impl Fn(usize) -> &'a String) {
    let mut caller = Caller::new(&company.base, &company.token);
    for (turn, ticket) in company.tickets.iter().enumerate() {
        caller.post(&format!("/api/v1/tickets/{ticket}/assignee"), &json!({"user_id": to(turn)}));
    }
}

/// Calls a second, by the phones in turn.
fn each(technicians: &[Technician], base: &str, call: impl Fn(&mut Caller, &Technician, usize) + Sync) -> f64 {
    let (began, count) = (Instant::now(), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                let mut caller = Caller::new(base, "");
                while began.elapsed() < ROUND {
                    let turn = count.fetch_add(1, Ordering::Relaxed);
                    let technician = &technicians[turn % technicians.len()];
                    caller.speaks_for(&technician.token);
                    call(&mut caller, technician, turn);
                }
            });
        }
    });
    count.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64()
}

fn sync(caller: &mut Caller, technician: &Technician) {
    let mut place = technician.place.lock().unwrap();
    let told = caller.send("GET", &format!("/api/v1/sync/pull?last_pulled_at={place}"), &Value::Null);
    *place = told["timestamp"].as_i64().unwrap();
}

fn work(caller: &mut Caller, technician: &Technician, ticket: &str) {
    let place = *technician.place.lock().unwrap();
    let id = uuid::Uuid::now_v7;
    let rows = json!({
        "comments": {"created": [{"id": id(), "ticket_id": ticket, "visibility": "internal", "text": "Ролик стёрт"}]},
        "time_entries": {"created": [{"id": id(), "ticket_id": ticket, "kind": "on_site", "minutes": 60, "visible_to_client": true}]},
    });
    let told = caller.post(&format!("/api/v1/sync/push?last_pulled_at={place}"), &rows);
    assert!(told["results"].as_array().unwrap().iter().all(|row| row["status"] == "applied"), "{told}");
}
