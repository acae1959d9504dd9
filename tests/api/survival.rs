//! Everything that was answered is there after the program was killed, exactly once.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::person::{Person, id, text};
use crate::pictures;
use crate::program::Installation;

#[test]
fn sqlite_survives_a_kill() {
    survives_kills(false);
}

#[test]
fn postgres_survives_a_kill() {
    survives_kills(true);
}

#[cfg(unix)]
#[test]
fn an_orderly_stop_loses_nothing_on_sqlite() {
    survives_stops(false);
}

#[cfg(unix)]
#[test]
fn an_orderly_stop_loses_nothing_on_postgres() {
    survives_stops(true);
}

/// What was promised: path of the list and text of the comment, or address of the file and its hash.
type Promises = Mutex<Vec<(String, String)>>;

/// Waits until so many writes were answered, however slow the machine is.
fn wait_for(promised: &Promises, answers: usize) {
    let began = Instant::now();
    while promised.lock().unwrap().len() < answers && began.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Told to stop amid writes: each is answered and kept, or its connection is gone.
#[cfg(unix)]
fn survives_stops(postgres: bool) {
    let Some((mut installed, admin, ticket)) = with_a_ticket(postgres) else { return };
    let promised: Promises = Mutex::default();
    let (number, going) = (AtomicU64::new(0), AtomicBool::new(true));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| keep_writing(&admin, &ticket, &number, &going, &promised));
        }
        wait_for(&promised, 20);
        assert_eq!(installed.terminate(), Some(0));
        going.store(false, Ordering::Relaxed);
    });
    if !postgres {
        let left = std::fs::metadata(installed.folder().join("naryad.db-wal")).map_or(0, |file| file.len());
        assert_eq!(left, 0, "the database is one tidy file");
    }
    installed.serve();
    let kept = comments(&admin, &ticket);
    let promised = promised.into_inner().unwrap();
    let comments: Vec<_> = promised.iter().filter(|(what, _)| what == "comment").collect();
    assert!(comments.len() > 8, "only {} answers", comments.len());
    for (_, text) in comments {
        assert_eq!(kept.iter().filter(|kept| *kept == text).count(), 1, "{text}");
    }
    assert_eq!(admin.get("/events/verification").is(200)["intact"], true);
}

/// The program, its administrator, and a ticket.
fn with_a_ticket(postgres: bool) -> Option<(Installation, Person, String)> {
    let mut installed = Installation::new(postgres)?;
    assert!(installed.add_user("admin", "admin").status.success());
    installed.serve();
    let admin = installed.person("admin");
    let made = |path: &str, body: Value| id(&admin.post(path, &body).is(201));
    admin
        .put(
            "/provider",
            &json!({"legal_name": "ООО", "language": "ru", "currency": "RUB", "time_zone": "Europe/Moscow",
                    "vat": {"mode": "not_payer"}}),
        )
        .is(200);
    let company = made("/companies", json!({"name": "Ромашка"}));
    let kind = made("/ticket-types", json!({"name": "Ремонт"}));
    let ticket = json!({"type_id": kind, "company_id": company, "priority": "low", "subject": "Насос"});
    let ticket = made("/tickets", ticket);
    Some((installed, admin, ticket))
}

fn survives_kills(postgres: bool) {
    let Some((mut installed, admin, ticket)) = with_a_ticket(postgres) else { return };
    let promised: Promises = Mutex::default();
    let number = AtomicU64::new(0);
    for (answers, pause) in [(8, 50), (16, 200), (24, 400)] {
        let going = AtomicBool::new(true);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| keep_writing(&admin, &ticket, &number, &going, &promised));
            }
            wait_for(&promised, answers);
            std::thread::sleep(Duration::from_millis(pause));
            installed.kill();
            going.store(false, Ordering::Relaxed);
        });
        installed.serve();
    }
    let kept = comments(&admin, &ticket);
    let promised = promised.into_inner().unwrap();
    assert!(promised.len() > 20, "only {} answers", promised.len());
    for (what, fact) in &promised {
        match what.as_str() {
            "comment" => assert_eq!(kept.iter().filter(|text| *text == fact).count(), 1, "{fact}"),
            file => {
                let attachment = admin.get(&format!("/attachments/{file}")).is(200);
                assert_eq!(&text(&attachment, "sha256"), fact);
                assert!(!admin.get(&format!("/attachments/{file}/content")).bytes().is_empty());
            }
        }
    }
    let tickets = admin.get("/tickets").is(200);
    assert_eq!(tickets["data"].as_array().unwrap().len(), 1);
    // What was under way when the program died left no trace that contradicts the chain.
    assert_eq!(admin.get("/events/verification").is(200)["intact"], true);
}

fn keep_writing(admin: &Person, ticket: &str, number: &AtomicU64, going: &AtomicBool, promised: &Promises) {
    while going.load(Ordering::Relaxed) {
        let turn = number.fetch_add(1, Ordering::Relaxed);
        let comment = json!({"text": format!("запись {turn}")});
        if let Some(answer) = admin.try_post(&format!("/tickets/{ticket}/comments"), &comment) {
            answer.is(201);
            promised.lock().unwrap().push(("comment".to_owned(), text(&comment, "text")));
        }
        if turn.is_multiple_of(5) {
            let picture = pictures::png(8, u32::try_from(turn % 200).unwrap() + 1);
            if let Some(answer) = admin.try_upload(&format!("/tickets/{ticket}/attachments"), "a.png", &picture) {
                let file = answer.is(201);
                promised.lock().unwrap().push((id(&file), text(&file, "sha256")));
            }
        }
    }
}

fn comments(admin: &Person, ticket: &str) -> Vec<String> {
    let (mut texts, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin.get(&format!("/tickets/{ticket}/comments?limit=200{cursor}")).is(200);
        texts.extend(page["data"].as_array().unwrap().iter().map(|comment| text(comment, "text")));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return texts,
        }
    }
}

#[cfg(unix)]
#[test]
fn requests_in_flight_finish_when_the_program_is_told_to_stop() {
    let mut installed = Installation::new(false).unwrap();
    assert!(installed.add_user("admin", "admin").status.success());
    installed.serve();
    let admin = installed.person("admin");
    let slow = std::thread::spawn(move || admin.get("/label-media").status);
    std::thread::sleep(Duration::from_millis(5));
    assert_eq!(installed.terminate(), Some(0));
    assert_eq!(slow.join().unwrap(), 200);
}
