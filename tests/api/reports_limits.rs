//! How much people without a login may report, and what it may cost.

use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::person::{Person, id};
use crate::pictures;
use crate::reports::{Filled, at, json_report, page, reported};

on_each_database![
    who_reports_too_much_waits,
    a_telephone_reports_five_times_a_day,
    a_report_survives_its_twin,
    limits_hold_for_those_who_come_together,
    the_last_report_may_be_repeated,
    a_form_that_is_refused_leaves_no_picture,
    pictures_are_counted_before_they_are_looked_at,
    a_form_without_room_comes_back_whole,
];

fn who_reports_too_much_waits(house: &House) {
    let report = |address: &str| json_report(house, &at(house, address), &json!({"text": "Гудит", "another": true}));
    for last in 1..=5 {
        // A phone that changes its address stays the same.
        report(&format!("203.0.113.{last}")).is(201);
    }
    let problem = report("203.0.113.77").refused(429, "rate_limited");
    assert!(problem["detail"].as_str().unwrap().contains(" с "), "{problem}");
    // Nobody gets around it by asking another instance.
    let elsewhere = house.another();
    let other = Person::stranger(&elsewhere.base).with("x-forwarded-for", "203.0.113.9");
    json_report(house, &other, &json!({"text": "Гудит", "another": true})).refused(429, "rate_limited");
    // A person is told so on a page, and what they wrote is still there.
    let person = at(house, "203.0.113.77");
    let sent = Filled::new(house, &person, "Гудит и мигает").send(&person);
    assert_eq!(sent.status, 429);
    assert!((590..=601).contains(&sent.header("retry-after").parse::<i32>().unwrap()));
    let sent = page(sent);
    assert!(sent.contains("Попробуйте через 10 мин") && sent.contains("Гудит и мигает"), "{sent}");
    // One label, from wherever.
    for last in 1..=5 {
        report(&format!("2001:db8:0:{last}00::1")).is(201);
    }
    report("2001:db8:0:600::1").refused(429, "rate_limited");
    house.app.clock.set_ahead(3_700);
    report("2001:db8:0:600::1").is(201);
    // Twenty a day from one network: five of today's are told already.
    for round in 1..=3 {
        house.app.clock.set_ahead(3_700 * (round + 1));
        for last in 1..=5 {
            report(&format!("203.0.113.{last}")).is(201);
        }
    }
    house.app.clock.set_ahead(3_700 * 5);
    report("203.0.113.1").refused(429, "rate_limited");
    house.app.clock.set_ahead(86_400 + 3_700 * 5);
    report("203.0.113.1").is(201);
}

fn a_telephone_reports_five_times_a_day(house: &House) {
    let report = |network: u8, phone: &str| {
        let body = json!({"text": "Гудит", "phone": phone, "another": true});
        json_report(house, &at(house, &format!("203.0.{network}.1")), &body)
    };
    for (network, phone) in
        (1..).zip(["+7 921 555-01-02", "8 (921) 555 01 02", "89215550102", "+79215550102", "921 5550102"])
    {
        report(network, phone).is(201);
    }
    report(6, "+7-921-555-01-02").refused(429, "rate_limited");
    report(7, "+7 921 555-01-03").is(201);
}

fn a_report_survives_its_twin(house: &House) {
    let filled = Filled::new(house, &at(house, "203.0.1.1"), "Не печатает").photo(pictures::png(8, 8));
    let filled = &filled;
    let sent: Vec<_> = std::thread::scope(|scope| {
        // A phone between two masts: each time from another network, or two pictures would be all that there is room for.
        let twins = (1..=6).map(|net| scope.spawn(move || filled.send(&at(house, &format!("203.0.{net}.1")))));
        twins.collect::<Vec<_>>().into_iter().map(|twin| twin.join().unwrap()).collect()
    });
    for answer in &sent {
        assert_eq!((answer.status, answer.header("location")), (303, sent[0].header("location")));
    }
    let report = house.dispatcher().get("/reports").is(200);
    assert_eq!(report["data"].as_array().unwrap().len(), 1);
    let path = format!("/reports/{}/ticket", id(&report["data"][0]));
    let kind = json!({"type_id": house.scene.plain});
    let tickets: Vec<_> = std::thread::scope(|scope| {
        let clicks: Vec<_> = (0..4).map(|_| scope.spawn(|| house.dispatcher().post(&path, &kind))).collect();
        clicks.into_iter().map(|click| click.join().unwrap()).collect()
    });
    assert_eq!(tickets.iter().filter(|answer| answer.status == 201).count(), 1);
    let ids: Vec<_> = tickets.into_iter().map(|answer| (answer.status < 300, answer.bytes)).collect();
    let id_of = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap()["id"].clone();
    assert!(ids.iter().all(|(fine, bytes)| *fine && id_of(bytes) == id_of(&ids[0].1)));
    assert_eq!(house.dispatcher().get("/tickets").is(200)["data"].as_array().unwrap().len(), 1);
}

/// Does the same many times at once, each from a network of its own or all from one.
fn together(house: &House, body: &Value, network: impl Fn(u8) -> u8) -> Vec<u16> {
    std::thread::scope(|scope| {
        let posts: Vec<_> = (1..=16)
            .map(|number| at(house, &format!("203.0.{}.1", network(number))))
            .map(|person| scope.spawn(move || json_report(house, &person, body).status))
            .collect();
        posts.into_iter().map(|post| post.join().unwrap()).collect()
    })
}

fn count(statuses: &[u16], status: u16) -> usize {
    statuses.iter().filter(|one| **one == status).count()
}

fn limits_hold_for_those_who_come_together(house: &House) {
    let alike = together(house, &json!({"text": "Гудит"}), |_| 113);
    assert_eq!((count(&alike, 201), count(&alike, 409)), (1, 15), "{alike:?}");
    let others = together(house, &json!({"text": "Гудит", "another": true}), |_| 113);
    assert_eq!((count(&others, 201), count(&others, 429)), (4, 12), "{others:?}");
    // Ten an hour about one label, five of which are told already.
    let same = together(house, &json!({"same": true}), |number| number);
    assert_eq!((count(&same, 200), count(&same, 429)), (5, 11), "{same:?}");
    let kept = house.dispatcher().get("/reports").is(200);
    let kept = kept["data"].as_array().unwrap();
    let noticed: i64 = kept.iter().map(|report| report["same_count"].as_i64().unwrap()).sum();
    assert_eq!((kept.len(), noticed), (5, 5));
    let numbers: Vec<_> = kept.iter().map(|report| report["number"].as_str().unwrap()).collect();
    assert_eq!(numbers.iter().max(), Some(&"R-000005"), "{numbers:?}");
}

fn the_last_report_may_be_repeated(house: &House) {
    let person = at(house, "203.0.113.1");
    for _ in 1..=4 {
        json_report(house, &person, &json!({"text": "Гудит", "another": true})).is(201);
    }
    let last = Filled::new(house, &person, "Не печатает").photo(pictures::jpeg(64, 48));
    let sent = last.send(&person);
    assert_eq!(sent.status, 303);
    // The answer got lost: it is told again, although nothing more may be reported from here.
    assert_eq!(last.send(&person).header("location"), sent.header("location"));
    let photos = house.dispatcher().get("/reports").is(200)["data"][0]["photos"].clone();
    assert_eq!(photos.as_array().unwrap().len(), 1);
    // Another picture makes it another form.
    assert_eq!(last.photo(pictures::jpeg(20, 20)).send(&person).status, 409);
    assert_eq!(Filled::new(house, &person, "Мигает").photo(pictures::jpeg(64, 48)).send(&person).status, 429);
}

/// Files that the house keeps.
fn files(house: &House) -> usize {
    fn inside(folder: &std::path::Path) -> usize {
        let entries = std::fs::read_dir(folder).unwrap().flatten();
        entries.map(|entry| if entry.path().is_dir() { inside(&entry.path()) } else { 1 }).sum()
    }
    inside(&house.folder().join("files"))
}

fn a_form_that_is_refused_leaves_no_picture(house: &House) {
    let person = at(house, "203.0.113.1");
    let form = |side: u32| Filled::new(house, &person, "Гудит").photo(pictures::jpeg(side, side));
    let late: Vec<_> = (30..54).map(form).collect();
    reported(house, "198.51.100.1");
    let before = files(house);
    // Looked at before a single picture is: so many of these would be too many attempts with pictures.
    for form in &late {
        let refused = form.send(&person);
        assert_eq!(refused.status, 409);
        assert!(page(refused).contains("выбрать снова"));
    }
    assert_eq!(files(house), before);
    for _ in 1..=5 {
        json_report(house, &person, &json!({"text": "Гудит", "another": true})).is(201);
    }
    let refused = form(54).send(&person);
    assert_eq!(refused.status, 429);
    assert!(page(refused).contains("Гудит"));
    assert_eq!(files(house), before);
}

fn pictures_are_counted_before_they_are_looked_at(house: &House) {
    let person = at(house, "203.0.113.1");
    let broken = Filled::new(house, &person, "Гудит").photo(b"\xff\xd8\xff".to_vec());
    for _ in 1..=20 {
        assert_eq!(broken.send(&person).status, 422);
    }
    let refused = broken.send(&person);
    assert!((590..=601).contains(&refused.header("retry-after").parse::<i32>().unwrap()));
    assert_eq!(refused.status, 429);
    assert!(page(refused).contains("Гудит"));
    // Words cost nothing, and neither do pictures from elsewhere.
    assert_eq!(Filled::new(house, &person, "Гудит").send(&person).status, 303);
    let other = at(house, "198.51.100.1");
    assert_eq!(Filled::new(house, &other, "Мигает").photo(pictures::png(8, 8)).send(&other).status, 303);
    assert_eq!(house.dispatcher().get("/reports").is(200)["data"].as_array().unwrap().len(), 2);
    house.app.clock.set_ahead(3_600);
    assert_eq!(Filled::new(house, &person, "Пахнет").photo(pictures::png(8, 8)).send(&person).status, 303);
}

fn a_form_without_room_comes_back_whole(house: &House) {
    let (person, other) = (at(house, "203.0.113.1"), at(house, "198.51.100.1"));
    let full = Filled::new(house, &person, "Гудит").with("name", "Вахтёр").photo(pictures::png(8, 8));
    // Two neighbours are sending theirs.
    let take = || house.app.report_places.take(naryad::reports::limits::network("203.0.113.9".parse().unwrap()));
    let places = [take(), take()];
    assert!(places.iter().all(Option::is_some) && take().is_none());
    let refused = full.send(&person);
    assert_eq!((refused.status, refused.header("retry-after")), (503, "60"));
    let refused = page(refused);
    for told in ["слишком много сообщений", "выбрать снова", "Гудит", "Вахтёр"]
    {
        assert!(refused.contains(told), "{told}: {refused}");
    }
    // Who sends words alone needs no room, and other networks have some.
    assert_eq!(Filled::new(house, &person, "Мигает").send(&person).status, 303);
    assert_eq!(Filled::new(house, &other, "Пахнет").photo(pictures::png(8, 8)).send(&other).status, 303);
    drop(places);
    let sent = full.with("another", "1").send(&person);
    assert_eq!(sent.status, 303, "{}", String::from_utf8_lossy(&sent.bytes));
    // It was given back.
    let places = [take(), take()];
    assert!(places.iter().all(Option::is_some));
    let report = house.dispatcher().get("/reports").is(200)["data"][0].clone();
    assert_eq!((&report["text"], report["photos"].as_array().unwrap().len()), (&json!("Гудит"), 1), "{}", id(&report));
}
