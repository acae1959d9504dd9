//! A phone's block: numbers of acts that it keeps for acts without a network.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::job::Job;
use crate::person::{Person, id, text};
use crate::phone::Phone;
use crate::scene::PASSWORD;
use crate::sync_paper::{act_row, number};

on_each_database![
    a_phone_keeps_a_block,
    an_act_has_the_number_that_was_told,
    what_a_phone_does_not_use_is_void,
    two_phones_never_keep_the_same,
    numbers_belong_to_the_acts_of_their_year,
];

/// Somebody who signs in on a phone.
fn on_phone(house: &House, login: &str, device: &str) -> Person {
    house.stranger().with("x-device-id", device).signed_in(login, PASSWORD)
}

fn block(person: &Person, count: i64) -> Vec<Value> {
    person.post("/reserved-act-numbers", &json!({"count": count})).is(200)["data"].as_array().unwrap().clone()
}

fn phone_of(person: Person) -> Phone {
    let mut phone = Phone::new(person);
    phone.pull();
    phone
}

/// An act as a phone writes it that has told a number.
fn told(house: &House, job: &Job, number: &str) -> Value {
    let mut row = act_row(house, &job.ticket, "Прочитано в подвале");
    row["told_number"] = json!(number);
    row
}

/// Sends an act, and gives the number that it has.
fn sent(phone: &mut Phone, row: &Value) -> String {
    let answer = phone.push(&[("acts", "created", vec![row.clone()])]).is(200);
    assert_eq!(answer["results"][0]["status"], "applied", "{answer}");
    phone.is_right();
    text(phone.row("acts", &id(row)), "number")
}

/// Every number of this year is an act's, or accounted for.
fn there_is_no_gap(house: &House) {
    let all = |path: &str| house.manager().get(path).is(200)["data"].as_array().unwrap().clone();
    let promised = all("/reserved-act-numbers?limit=200");
    let used = all("/acts?limit=200");
    for one in promised.iter().filter(|one| one["state"] == "void") {
        assert!(one["void_reason"].is_string() && one["voided_at"].is_string(), "{one}");
    }
    let numbers: BTreeSet<i64> = promised.iter().chain(&used).map(number).collect();
    let last = *numbers.last().unwrap();
    assert_eq!(numbers, (1..=last).collect());
}

fn a_phone_keeps_a_block(house: &House) {
    let first = on_phone(house, "technician", "phone-1");
    for count in [0, 21, -1] {
        let answer = first.post("/reserved-act-numbers", &json!({"count": count}));
        answer.blames("/count", "out_of_range");
    }
    house
        .stranger()
        .signed_in("technician", PASSWORD)
        .post("/reserved-act-numbers", &json!({}))
        .blames("X-Device-Id", "required");
    let kept = block(&first, 3);
    assert_eq!(kept.iter().map(number).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(
        (&kept[0]["device_id"], &kept[0]["ticket_id"], &kept[0]["state"]),
        (&json!("phone-1"), &Value::Null, &json!("reserved"))
    );
    assert_eq!(block(&first, 3), kept, "asked again it is the same block");
    assert_eq!(block(&first, 2), kept, "and never a smaller one");
    let act = Job::plain(house).act();
    assert_eq!(number(&act), 4, "what a phone keeps is not given to others");
    let full = first.post("/reserved-act-numbers", &json!({})).is(200)["data"].as_array().unwrap().clone();
    assert_eq!(full.len(), 20);
    assert_eq!((number(&full[3]), number(&full[19])), (5, 21));
    // Another phone of the same person has a block of its own, and all of them together have a limit.
    let [second, third, fourth] =
        ["phone-2", "phone-3", "phone-4"].map(|device| block(&on_phone(house, "technician", device), 20));
    assert_eq!((number(&second[0]), third.len(), fourth.len()), (22, 20, 0));
    // Every phone of the person knows all, and nobody else's does.
    let phone = phone_of(first);
    assert_eq!(phone.table("act_numbers").len(), 60);
    let row = phone.row("act_numbers", &id(&second[0]));
    assert_eq!((&row["number"], &row["device_id"]), (&second[0]["number"], &json!("phone-2")));
    assert!(phone_of(house.outsider()).table("act_numbers").is_empty());
    there_is_no_gap(house);
}

fn an_act_has_the_number_that_was_told(house: &House) {
    let (job, other, foreign, late) = (Job::plain(house), Job::plain(house), Job::plain(house), Job::plain(house));
    let person = on_phone(house, "technician", "phone-1");
    let mut phone = phone_of(person.clone());
    let numbers: Vec<String> = block(&person, 3).iter().map(|one| text(one, "number")).collect();
    phone.pull();
    assert_eq!(phone.table("act_numbers").len(), 3);
    // Not in their order: whichever it was that was told.
    let row = told(house, &job, &numbers[1]);
    assert_eq!(sent(&mut phone, &row), numbers[1]);
    assert_eq!(phone.table("act_numbers").len(), 2, "the number has left the block");
    let again = phone.push(&[("acts", "created", vec![row.clone()])]).is(200);
    assert_eq!(again["results"][0]["status"], "noop");
    // The same number once more, a number that was never given, and one of somebody else: the act has the next one, and what was
    // told is written down.
    let twice = told(house, &other, &numbers[1]);
    let next = sent(&mut phone, &twice);
    assert!(!numbers.contains(&next), "{next}");
    assert_eq!(phone.row("acts", &id(&twice))["told_number"], json!(numbers[1]));
    let evidence = house.manager().get(&format!("/acts/{}", id(&twice))).is(200);
    assert_eq!((&evidence["number"], &evidence["told_number"]), (&json!(next), &json!(numbers[1])));
    house.dispatcher().post(&foreign.at("/assignee"), &json!({"user_id": house.outsider().id})).is(200);
    let mut thief = phone_of(house.outsider());
    let stolen = sent(&mut thief, &told(house, &foreign, &numbers[0]));
    assert!(!numbers.contains(&stolen), "{stolen}");
    phone.is_right();
    assert_eq!(phone.table("act_numbers").len(), 2, "it is still kept");
    // A ticket that was promised a number is told one of the block: its own is void.
    let pack = person.post(&late.at("/signing-pack"), &json!({})).is(200);
    assert_eq!(sent(&mut phone, &told(house, &late, &numbers[0])), numbers[0]);
    let void = house.manager().get("/reserved-act-numbers?state=void").is(200)["data"].clone();
    assert_eq!((&void[0]["number"], &void[0]["void_reason"]), (&pack["number"], &json!("another_number")));
    let of =
        |ticket: &str| house.manager().get(&format!("/reserved-act-numbers?state=used&ticket_id={ticket}")).is(200);
    assert_eq!(of(&job.ticket)["data"][0]["act_id"], row["id"]);
    there_is_no_gap(house);
}

fn what_a_phone_does_not_use_is_void(house: &House) {
    let [lost, old, kept] = ["lost", "old", "kept"].map(|device| on_phone(house, "technician", device));
    let (first, second, third) = (block(&lost, 2), block(&old, 2), block(&kept, 2));
    let mut phone = phone_of(kept.clone());
    assert_eq!(phone.table("act_numbers").len(), 6);
    let void = |reason: &str| -> Vec<Value> {
        let all = house.manager().get("/reserved-act-numbers?state=void&limit=200").is(200)["data"].clone();
        all.as_array().unwrap().iter().filter(|one| one["void_reason"] == reason).cloned().collect()
    };
    // A phone that is signed out keeps nothing; one that is signed in twice does.
    let twin = on_phone(house, "technician", "lost");
    lost.post("/auth/logout", &json!(null)).is(204);
    assert!(void("device_revoked").is_empty());
    twin.post("/auth/logout", &json!(null)).is(204);
    let revoked = void("device_revoked");
    assert_eq!(revoked.iter().map(id).collect::<BTreeSet<_>>(), first.iter().map(id).collect());
    assert!(revoked.iter().all(|one| one["voided_by"] == json!(kept.id) && one["device_id"] == "lost"));
    // One may give back what another phone of one's own keeps, and nobody else's.
    house.outsider().post("/reserved-act-numbers/release", &json!({"device_id": "old"})).is(200);
    assert!(void("released").is_empty());
    let released = kept.post("/reserved-act-numbers/release", &json!({"device_id": "old"})).is(200);
    let ids: BTreeSet<String> = released["data"].as_array().unwrap().iter().map(id).collect();
    assert_eq!(ids, second.iter().map(id).collect());
    assert_eq!(released["data"][0]["void_reason"], "released");
    phone.is_right();
    assert_eq!(phone.table("act_numbers").len(), 2);
    // An act that told one of them all the same has the next number.
    let job = Job::plain(house);
    let number_told = text(&first[0], "number");
    let has = sent(&mut phone, &told(house, &job, &number_told));
    assert_ne!(has, number_told);
    // What nobody took in time is void by itself.
    let later = house.app.clock.now().plus_seconds(15 * 24 * 3600);
    let expire = || house.app.db.write_now(move |conn| naryad::acts::unused::void_expired(conn, later)).unwrap();
    assert_eq!((expire(), expire()), (2, 0));
    let expired = void("expired");
    assert_eq!(expired.iter().map(id).collect::<BTreeSet<_>>(), third.iter().map(id).collect());
    assert!(expired.iter().all(|one| one["voided_by"].is_null()));
    phone.is_right();
    assert!(phone.table("act_numbers").is_empty());
    // Whoever leaves the company keeps none.
    let outsider = on_phone(house, "outsider", "phone-9");
    block(&outsider, 1);
    house.admin().patch(&format!("/users/{}", outsider.id), &json!({"archived": true})).is(200);
    assert_eq!(void("device_revoked").len(), 3);
    there_is_no_gap(house);
}

fn two_phones_never_keep_the_same(house: &House) {
    let phones: Vec<Person> = (0..6)
        .map(|place| on_phone(house, ["technician", "outsider"][place % 2], &format!("phone-{}", place / 2)))
        .collect();
    let job = Job::plain(house);
    let blocks: Vec<(usize, Vec<Value>)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..12)
            .map(|turn| {
                let phone = &phones[turn % 6];
                scope.spawn(move || (turn % 6, block(phone, 7)))
            })
            .collect();
        let act = scope.spawn(|| job.act());
        let found = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        assert!(act.join().unwrap()["number"].is_string());
        found
    });
    let mut seen = BTreeSet::new();
    for place in 0..6 {
        let [one, other] = [0, 1].map(|turn| blocks.iter().filter(|(of, _)| *of == place).nth(turn).unwrap().1.clone());
        assert_eq!((one.len(), &one), (7, &other), "both requests of a phone are told the same block");
        seen.extend(one.iter().map(number));
    }
    assert_eq!(seen.len(), 42);
    there_is_no_gap(house);
}

fn numbers_belong_to_the_acts_of_their_year(house: &House) {
    use chrono::Datelike;
    let year = house.app.clock.now().utc().year();
    let next = chrono::NaiveDate::from_ymd_opt(year + 1, 1, 1).unwrap().and_time(chrono::NaiveTime::MIN).and_utc();
    let until = (next - house.app.clock.now().utc()).num_seconds();
    // Two days before, and two days after: whatever the provider's zone is.
    house.app.clock.set_ahead(until - 2 * 24 * 3600);
    let person = on_phone(house, "technician", "phone-1");
    let kept = block(&person, 2);
    let old = text(&kept[0], "number");
    assert!(old.starts_with(&format!("{year}-")), "{old}");
    let expires = text(&kept[0], "expires_at");
    assert!(
        expires.starts_with(&format!("{year}-12-31")) || expires.starts_with(&format!("{}-01-01", year + 1)),
        "{expires}"
    );
    house.app.clock.set_ahead(until + 2 * 24 * 3600);
    let mut phone = phone_of(on_phone(house, "technician", "phone-1"));
    let dispatcher = house.stranger().signed_in("dispatcher", PASSWORD);
    let ticket = id(&dispatcher.post("/tickets", &house.scene.plain_ticket()).is(201));
    dispatcher.post(&format!("/tickets/{ticket}/assignee"), &json!({"user_id": phone.person.id})).is(200);
    let mut row = act_row(house, &ticket, "Прочитано в подвале");
    row["told_number"] = json!(old);
    let has = sent(&mut phone, &row);
    assert_eq!(has, format!("{}-00001", year + 1));
    assert_eq!(block(&phone.person, 1)[0]["number"], format!("{}-00002", year + 1));
}
