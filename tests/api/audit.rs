//! The record of what happened, proved: by command, by roots, and by proofs that stand on their own.

use std::process::Stdio;

use naryad::db::types::Sha256;
use naryad::history::roots;
use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::job::Job;
use crate::person::{Person, id};
use crate::program::Installation;

on_each_database![
    a_root_is_made_once_a_day,
    every_event_of_an_act_is_proved,
    one_root_grew_into_the_next,
    what_is_asked_wrongly_is_refused,
    an_erased_person_leaves_the_chain_whole,
];

fn hash(prefix: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = vec![prefix];
    parts.iter().for_each(|part| bytes.extend_from_slice(part));
    Sha256::of(bytes).0.to_vec()
}

fn bytes(value: &Value) -> Vec<u8> {
    value.as_str().unwrap().parse::<Sha256>().unwrap().0.to_vec()
}

/// As RFC 9162 2.1.3.2 verifies.
fn climb(entry: &Value, size: u64) -> Vec<u8> {
    let canonical = entry["canonical"].as_str().unwrap().as_bytes();
    let own = hash(0, &[&bytes(&entry["prev_hash"]), canonical]);
    assert_eq!(own, bytes(&entry["hash"]));
    let (mut place, mut last, mut found) = (entry["leaf_index"].as_u64().unwrap(), size - 1, hash(0, &[&own]));
    for beside in entry["path"].as_array().unwrap() {
        let beside = bytes(beside);
        if place % 2 == 1 || place == last {
            found = hash(1, &[&beside, &found]);
            while place.is_multiple_of(2) && place != 0 {
                (place, last) = (place / 2, last / 2);
            }
        } else {
            found = hash(1, &[&found, &beside]);
        }
        (place, last) = (place / 2, last / 2);
    }
    assert_eq!(last, 0);
    found
}

fn root_now(house: &House) -> Value {
    let root = roots::write(&house.app.db, house.app.clock.now()).unwrap().unwrap();
    serde_json::to_value(root).unwrap()
}

fn a_root_is_made_once_a_day(house: &House) {
    let write = |house: &House| {
        let (db, now) = (house.app.db.clone(), house.app.clock.now());
        actix_web::rt::System::new().block_on(async move { roots::write_daily(&db, now).await }).unwrap()
    };
    let kept = || house.app.db.read_now(roots::all).unwrap().iter().map(|root| root.tree_size).collect::<Vec<_>>();
    let happens = || {
        Job::plain(house);
        house.admin().get("/events/verification").is(200);
    };
    happens();
    write(house);
    let first = kept();
    assert_eq!(first.len(), 1, "the first day");
    happens();
    assert_eq!((write(house), kept()), (None, first.clone()), "the same day");
    house.app.clock.set_ahead(24 * 3_600);
    let other = house.another();
    other.app.clock.set_ahead(24 * 3_600);
    std::thread::scope(|scope| {
        let both = [scope.spawn(|| write(house)), scope.spawn(|| write(&other))];
        let made = both.map(|thread| thread.join().unwrap());
        assert!(made.iter().flatten().count() <= 1, "{made:?}");
    });
    let next = kept();
    assert!(next.len() == 2 && next.iter().max() > first.iter().max(), "the next day, by one of two: {next:?}");
    house.app.clock.set_ahead(48 * 3_600);
    assert_eq!((write(house), kept()), (None, next), "a day on which nothing happened");
    let found = house.app.db.read_now(naryad::history::verify::verify).unwrap();
    assert!(found.intact && found.roots == 2, "{found:?}");
    let (manager, listed) = (house.manager(), |answer: Value| answer["data"].as_array().unwrap().clone());
    house.app.clock.set_ahead(0);
    let all = listed(manager.get("/audit/roots").is(200));
    assert!(all.len() == 2 && all[0]["tree_size"].as_i64() > all[1]["tree_size"].as_i64(), "newest first: {all:?}");
    let page = manager.get("/audit/roots?limit=1").is(200);
    let rest = format!("/audit/roots?limit=1&cursor={}", page["next_cursor"].as_str().unwrap());
    assert_eq!([listed(page), listed(manager.get(&rest).is(200))].concat(), all);
}

fn every_event_of_an_act_is_proved(house: &House) {
    let act = Job::strict(house).signed();
    // Past the smallest subtree that is kept, and into the second.
    let events: Vec<String> = (0..600).map(|number| format!("запись {number}")).collect();
    let job = Job::plain(house);
    for some in events.chunks(100) {
        std::thread::scope(|scope| {
            for part in some.chunks(25) {
                scope.spawn(|| {
                    part.iter().for_each(|text| {
                        house.technician().post(&job.at("/comments"), &json!({"text": text})).is(201);
                    })
                });
            }
        });
    }
    let first = root_now(house);
    let size = first["tree_size"].as_u64().unwrap();
    assert!(size > 600, "{first}");
    let proof = |asker: &Person, query: &str| asker.get(&format!("/audit/proof?{query}")).is(200);
    let of_act = proof(&house.manager(), &format!("act={}", id(&act)));
    assert_eq!((&of_act["root"], &of_act["younger"]), (&first, &json!(0)));
    let entries = of_act["entries"].as_array().unwrap();
    let actions: Vec<_> = entries
        .iter()
        .map(|entry| serde_json::from_str::<Value>(entry["canonical"].as_str().unwrap()).unwrap()["action"].clone())
        .collect();
    assert_eq!(actions, ["act.issued", "act.decided"]);
    let page = house.manager().get("/events?limit=200&action=ticket.opened").is(200);
    let others =
        page["data"].as_array().unwrap().iter().map(|event| proof(&house.manager(), &format!("event={}", id(event))));
    let latest = house.manager().get("/events?limit=1").is(200);
    let latest = proof(&house.manager(), &format!("event={}", id(&latest["data"][0])));
    for of in others.chain([of_act.clone(), latest]) {
        for entry in of["entries"].as_array().unwrap() {
            assert_eq!(climb(entry, size), bytes(&first["root"]), "{entry}");
        }
    }
    // What came later is not in it yet, and what was in it stays.
    let later = Job::plain(house);
    let event = house.manager().get(&format!("/events?ticket_id={}&action=ticket.opened", later.ticket)).is(200);
    house.admin().get("/events/verification").is(200);
    let early = proof(&house.manager(), &format!("event={}", id(&event["data"][0])));
    assert_eq!((&early["entries"], &early["younger"]), (&json!([]), &json!(1)));
    let second = root_now(house);
    let again = proof(&house.manager(), &format!("act={}&tree_size={size}", id(&act)));
    assert_eq!(again, of_act);
    let event = proof(&house.manager(), &format!("event={}", id(&event["data"][0])));
    assert_eq!(climb(&event["entries"][0], second["tree_size"].as_u64().unwrap()), bytes(&second["root"]));
}

fn one_root_grew_into_the_next(house: &House) {
    Job::plain(house);
    let first = root_now(house);
    assert_eq!(root_now(house), first, "nothing happened since");
    Job::plain(house).begin();
    let second = root_now(house);
    let grown = house.manager().get(&format!("/audit/consistency?from={}", first["tree_size"])).is(200);
    assert_eq!((&grown["from"], &grown["to"]), (&first, &second));
    assert!(!grown["path"].as_array().unwrap().is_empty());
    let same = format!("/audit/consistency?from={0}&to={0}", second["tree_size"]);
    assert_eq!(house.manager().get(&same).is(200)["path"], json!([]));
}

fn what_is_asked_wrongly_is_refused(house: &House) {
    let manager = house.manager();
    let nobody = "0190c1de-0000-7000-8000-000000000050";
    Job::plain(house);
    let root = root_now(house);
    manager.get("/audit/proof").blames("event", "required");
    manager.get(&format!("/audit/proof?event={nobody}&act={nobody}")).blames("event", "required");
    manager.get("/audit/proof?event=x").blames("event", "not_an_id");
    manager.get(&format!("/audit/proof?event={nobody}")).refused(404, "not_found");
    manager.get(&format!("/audit/proof?act={nobody}")).refused(404, "not_found");
    manager.get("/audit/consistency?from=999999").refused(404, "not_found");
    manager.get("/audit/consistency").blames("from", "required");
    let back = format!("/audit/consistency?from={}&to=0", root["tree_size"]);
    manager.get(&back).refused(404, "not_found");
    house.dispatcher().get("/audit/roots").refused(403, "forbidden");
}

/// What was said about a person goes, and the chain holds only a salted hash of it.
fn an_erased_person_leaves_the_chain_whole(house: &House) {
    let job = Job::plain(house);
    root_now(house);
    let ticket = job.ticket.clone();
    house
        .app
        .db
        .write_now(move |conn| {
            use diesel::prelude::*;
            use naryad::db::schema::events;
            let ticket: naryad::tickets::TicketId = ticket.parse().unwrap();
            let none: Option<String> = None;
            let erased = diesel::update(events::table.filter(events::ticket_id.eq(ticket)))
                .set(events::facts.eq(none))
                .execute(conn)?;
            assert!(erased > 0);
            Ok(())
        })
        .unwrap();
    let history = house.manager().get(&job.at("/history")).is(200);
    assert!(history["data"].as_array().unwrap().iter().all(|event| event["facts"].is_null()));
    let found = house.admin().get("/events/verification").is(200);
    assert_eq!(found["intact"], true, "{found}");
    assert!(found["roots"].as_i64().unwrap() > 0, "{found}");
}

/// What `naryad audit verify` says, well or ill.
fn audit(installed: &Installation, words: &[&str]) -> Result<String, String> {
    let words: Vec<&str> = ["audit"].iter().chain(words).copied().collect();
    let output = installed.command(&words).stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(said(&output.stdout)) } else { Err(said(&output.stderr)) }
}

#[test]
fn whoever_changes_the_past_is_named_on_sqlite() {
    changes_are_named(false);
}

#[test]
fn whoever_changes_the_past_is_named_on_postgres() {
    changes_are_named(true);
}

fn changes_are_named(postgres: bool) {
    let Some(mut installed) = Installation::new(postgres) else { return };
    assert!(installed.add_user("admin", "admin").status.success());
    installed.serve();
    let admin = installed.person("admin");
    for number in 0..12 {
        admin.post("/companies", &json!({"name": format!("Ромашка {number}")})).is(201);
    }
    assert_eq!(installed.terminate(), Some(0));
    let kept = installed.folder().join("root.json");
    audit(&installed, &["root", "--to", kept.to_str().unwrap()]).unwrap();
    let root: Value = serde_json::from_slice(&std::fs::read(&kept).unwrap()).unwrap();
    let size = root["tree_size"].as_i64().unwrap();
    assert!(size > 12, "{root}");
    let told = audit(&installed, &["verify", "--root", kept.to_str().unwrap()]).unwrap();
    assert!(
        told.starts_with(&format!("OK: {size} entries")) && told.contains(root["head"].as_str().unwrap()),
        "{told}"
    );
    let fifth = "(SELECT event_id FROM event_chain WHERE seq = 5)";
    let sixth = "(SELECT event_id FROM event_chain WHERE seq = 6)";
    let zeros = if postgres { "decode(repeat('00', 32), 'hex')" } else { "zeroblob(32)" };
    let fresh = if postgres { "gen_random_uuid()" } else { "randomblob(16)" };
    let copy = format!(
        "INSERT INTO events SELECT {fresh}, at, actor_id, actor_role, action, object_kind, object_id, company_id, \
         ticket_id, facts, facts_salt, facts_hash FROM events WHERE id = {fifth}"
    );
    let slipped = format!(
        "INSERT INTO event_chain SELECT 1000, id, {zeros}, {zeros} FROM events WHERE id NOT IN (SELECT event_id FROM event_chain)"
    );
    let cut = format!("DELETE FROM event_chain WHERE seq = {size}");
    let gone = "DELETE FROM events WHERE id NOT IN (SELECT event_id FROM event_chain)".to_owned();
    for (changes, said) in [
        (vec![format!("UPDATE events SET action = 'company.adde' WHERE id = {fifth}")], "at entry 5 (event".to_owned()),
        (vec![format!("UPDATE events SET facts = '{{}}' WHERE id = {fifth}")], "facts_changed".to_owned()),
        (vec![format!("UPDATE event_chain SET hash = {zeros} WHERE seq = 5")], "entry 5".to_owned()),
        (vec!["DELETE FROM event_chain WHERE seq = 5".to_owned()], "at entry 5: missing".to_owned()),
        (
            vec![
                "UPDATE event_chain SET seq = -5 WHERE seq = 5".to_owned(),
                "UPDATE event_chain SET seq = 5 WHERE seq = 6".to_owned(),
                "UPDATE event_chain SET seq = 6 WHERE seq = -5".to_owned(),
            ],
            "entry 5".to_owned(),
        ),
        (vec![copy.clone()], "unchained".to_owned()),
        (vec![copy, slipped], format!("at entry {}: missing", size + 1)),
        // Nothing but a restore may leap, and only as it declares.
        (vec![format!("UPDATE event_chain SET seq = seq + 100 WHERE seq = {size}")], format!("entry {size}: missing")),
        (vec![cut, gone], format!("at entry {size}: cut_off")),
        (vec![format!("UPDATE events SET object_id = {fresh} WHERE id = {sixth}")], "at entry 6 (event".to_owned()),
    ] {
        let changes = changes.join("; ");
        let spoilt = installed.copy();
        spoilt.change(&changes);
        let why = audit(&spoilt, &["verify"]).unwrap_err();
        assert!(why.contains(&said), "{changes}: {why}");
    }
    whoever_writes_it_all_anew_is_named(&installed, &kept);
}

/// The chain and the tables of roots are made consistent again, by the program itself: only a root from elsewhere tells.
fn whoever_writes_it_all_anew_is_named(installed: &Installation, kept: &std::path::Path) {
    let forged = installed.copy();
    forged.change(
        "UPDATE events SET action = 'company.forged' WHERE id = (SELECT event_id FROM event_chain WHERE seq = 5); \
         INSERT INTO unsealed_events SELECT event_id FROM event_chain; DELETE FROM event_chain; \
         DELETE FROM audit_roots; DELETE FROM audit_nodes; DELETE FROM sync_changes",
    );
    audit(&forged, &["root"]).unwrap();
    let told = audit(&forged, &["verify"]).unwrap();
    assert!(told.starts_with("OK"), "nobody can tell without a root that was kept elsewhere: {told}");
    let why = audit(&forged, &["verify", "--root", kept.to_str().unwrap()]).unwrap_err();
    assert!(why.contains("rewritten"), "{why}");
}
