//! What was done for a company in a period: as data, as a workbook, on paper.

use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx};
use serde_json::{Value, json};

use crate::documents::words;
use crate::house::{House, on_each_database};
use crate::job::Job;
use crate::person::{Person, id, text};

on_each_database![
    a_report_adds_up,
    days_begin_where_the_sites_are,
    a_client_sees_what_is_theirs,
    a_workbook_holds_numbers_and_moments,
    words_are_never_formulas,
    paper_speaks_three_languages,
    a_period_is_a_year_at_the_most,
];

/// A period of a few days around now.
pub fn around_today(house: &House) -> String {
    let day = |days: i64| {
        let moment = house.app.clock.now().plus_seconds(days * 86_400).to_string();
        moment.split_once('T').unwrap().0.to_owned()
    };
    format!("from={}&to={}", day(-2), day(2))
}

fn path(house: &House, rest: &str) -> String {
    format!("/companies/{}/work-report?{}{rest}", house.scene.company, around_today(house))
}

fn report(house: &House, person: &Person) -> Value {
    person.get(&path(house, "")).is(200)
}

fn sheets(bytes: Vec<u8>) -> Vec<(String, calamine::Range<Data>)> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    for name in book.sheet_names() {
        assert!(book.worksheet_formula(&name).unwrap().is_empty(), "{name} computes something");
    }
    book.worksheets()
}

fn a_report_adds_up(house: &House) {
    let first = Job::strict(house);
    let act = first.signed();
    let second = Job::plain(house);
    second.log("25 м");
    let travel = json!({"kind": "travel", "duration": "15 м", "visible_to_client": false});
    house.technician().post(&second.at("/time-entries"), &travel).is(201);
    let told = report(house, &house.manager());
    assert_eq!(told["zone"], "Asia/Vladivostok");
    assert_eq!(told["company_name"], "ООО «Ромашка»");
    assert_eq!(told["tickets"].as_array().unwrap().len(), 2);
    let one = &told["tickets"][0];
    assert_eq!((&one["minutes"], &one["outcome"]), (&json!(80), &json!("accepted")));
    assert_eq!(text(one, "signed_by"), "Ґалаґан Їжак Ёлкин");
    assert_eq!(one["act"]["number"], act["number"]);
    assert_eq!((&one["total"], &one["currency"]), (&json!("1349.85"), &json!("RUB")));
    assert_eq!(one["time"][0]["name"], "Иванов Иван Иванович");
    let lines: Vec<_> =
        one["lines"].as_array().unwrap().iter().map(|line| (text(line, "name"), &line["amount"])).collect();
    assert_eq!(lines, [("Чистка".to_owned(), &Value::Null), ("Замена ролика".to_owned(), &json!("1349.85"))]);
    let two = &told["tickets"][1];
    assert_eq!((&two["minutes"], &two["act"], &two["signed_by"]), (&json!(40), &Value::Null, &Value::Null));
    assert_eq!(told["total_minutes"], 120);
    assert_eq!(told["totals"], json!([{"currency": "RUB", "total": "1349.85"}]));
    let person = &told["people"][0];
    assert_eq!(told["people"].as_array().unwrap().len(), 1);
    let sums = ["tickets", "on_site", "travel", "remote", "minutes"].map(|member| person[member].as_i64().unwrap());
    assert_eq!(sums, [2, 105, 15, 0, 120]);
    let other = format!("/companies/{}/work-report?{}", house.scene.rival_company, around_today(house));
    assert_eq!(house.manager().get(&other).is(200)["tickets"], json!([]));
}

fn days_begin_where_the_sites_are(house: &House) {
    let job = Job::plain(house);
    // Half past one at night of the 10th in Vladivostok is still the 9th in London.
    let time = json!({"kind": "on_site", "started_at": "2026-03-09T15:30:00Z", "ended_at": "2026-03-09T16:00:00Z"});
    house.technician().post(&job.at("/time-entries"), &time).is(201);
    let on = |day: &str| {
        let path = format!("/companies/{}/work-report?from={day}&to={day}", house.scene.company);
        house.manager().get(&path).is(200)
    };
    assert_eq!(on("2026-03-09")["tickets"], json!([]));
    let told = on("2026-03-10");
    assert_eq!((&told["total_minutes"], &told["tickets"][0]["minutes"]), (&json!(30), &json!(30)));
    // Only what was spent within the period counts.
    job.log("20 м");
    assert_eq!(on("2026-03-10")["total_minutes"], 30);
    // Sites in two zones agree on none: the provider's counts.
    let site = json!({"company_id": house.scene.company, "name": "Склад", "time_zone": "Europe/Kyiv"});
    house.manager().post("/sites", &site).is(201);
    assert_eq!(on("2026-03-10")["zone"], "Europe/Moscow");
    assert_eq!(on("2026-03-10")["tickets"], json!([]));
    assert_eq!(on("2026-03-09")["total_minutes"], 30);
}

fn a_client_sees_what_is_theirs(house: &House) {
    let job = Job::strict(house);
    job.finish();
    job.show_time();
    let hidden = json!({"kind": "travel", "duration": "25 м", "visible_to_client": false});
    house.technician().post(&job.at("/time-entries"), &hidden).is(201);
    let act = json!({"show_prices": false, "language": "ru"});
    let act = house.technician().post(&job.at("/acts"), &act).is(201);
    // What was added after the act was issued is on no paper of the client's.
    job.work(&house.scene.extra, "3");
    for told in [report(house, &house.client()), house.manager().get(&path(house, "&audience=client")).is(200)] {
        assert_eq!(told["audience"], "client");
        let one = &told["tickets"][0];
        assert_eq!((&one["minutes"], &one["total"], &one["currency"]), (&json!(80), &Value::Null, &Value::Null));
        assert_eq!(one["lines"].as_array().unwrap().len(), 2);
        assert!(one["lines"].as_array().unwrap().iter().all(|line| line["amount"].is_null()), "{one}");
        assert_eq!((&told["total_minutes"], &told["totals"]), (&json!(80), &json!([])));
        assert_eq!(one["act"]["id"], act["id"]);
    }
    let own = report(house, &house.manager());
    assert_eq!((&own["total_minutes"], own["tickets"][0]["lines"].as_array().unwrap().len()), (&json!(105), 3));
    house.client().get(&path(house, "&audience=internal")).refused(403, "forbidden");
    house.rival().get(&path(house, "")).refused(404, "not_found");
    house.rival().get(&path(house, "&format=xlsx")).refused(404, "not_found");
    house.technician().get(&path(house, "")).refused(403, "forbidden");
}

fn a_workbook_holds_numbers_and_moments(house: &House) {
    Job::strict(house).signed();
    let answer = house.manager().get(&path(house, "&format=xlsx&language=ru"));
    assert_eq!(answer.header("content-type"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    assert!(answer.header("content-disposition").contains(".xlsx\""));
    let sheets = sheets(answer.bytes());
    let names: Vec<&str> = sheets.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Заявки", "Время", "Люди", "Работы"]);
    let tickets = &sheets[0].1;
    let cell = |title: &str| {
        let column = tickets.rows().next().unwrap().iter().position(|cell| *cell == Data::String(title.to_owned()));
        tickets.rows().nth(1).unwrap()[column.unwrap()].clone()
    };
    assert_eq!((cell("Минут"), cell("Сверх договора")), (Data::Float(80.0), Data::Float(1_349.85)));
    assert!(matches!(cell("Часов"), Data::Float(hours) if (hours - 80.0 / 60.0).abs() < 1e-9));
    assert!(matches!(cell("Заявка №"), Data::Float(_)));
    let told = report(house, &house.manager());
    let opened = chrono::DateTime::parse_from_rfc3339(&text(&told["tickets"][0], "opened_at")).unwrap();
    let there = opened.with_timezone(&chrono_tz::Asia::Vladivostok).naive_local();
    let Data::DateTime(moment) = cell("Открыта") else { panic!("{:?} is no moment", cell("Открыта")) };
    assert!((moment.as_datetime().unwrap() - there).num_seconds().abs() <= 1, "{moment:?} {there}");
    // The last row adds up.
    assert!(tickets.rows().next_back().unwrap().contains(&Data::Float(80.0)));
    assert_eq!(sheets[1].1.rows().nth(1).unwrap()[3], Data::Float(80.0));
    assert_eq!(sheets[3].1.rows().nth(2).unwrap()[3], Data::Float(1.5));
}

fn words_are_never_formulas(house: &House) {
    let mut ticket = house.scene.plain_ticket();
    ticket["subject"] = json!("=HYPERLINK(\"http://evil.example\";\"+1\")");
    house.dispatcher().post("/tickets", &ticket).is(201);
    let bytes = house.client().get(&path(house, "&format=xlsx")).bytes();
    let sheets = sheets(bytes.clone());
    let written =
        sheets[0].1.rows().flatten().any(|cell| matches!(cell, Data::String(text) if text.starts_with("=HYPERLINK")));
    assert!(written, "the words are there");
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut part = |name: &str| {
        let mut text = String::new();
        zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    assert!(part("xl/styles.xml").contains("quotePrefix=\"1\""));
    assert!(!part("xl/worksheets/sheet1.xml").contains("<f"));
}

fn paper_speaks_three_languages(house: &House) {
    Job::strict(house).signed();
    for (language, phrases) in [
        ("ru", ["Отчёт о работах", "Время по сотрудникам", "1 ч 20 мин", "Замена ролика", "1 349,85", "Иванов И.И."]),
        ("uk", ["Звіт про роботи", "Час за працівниками", "1 год 20 хв", "Замена ролика", "1 349,85", "Иванов И.И."]),
        ("en", ["Work report", "Time by person", "1 h 20 min", "Замена ролика", "1,349.85", "Ґалаґан Їжак Ёлкин"]),
    ] {
        let answer = house.dispatcher().get(&path(house, &format!("&format=pdf&language={language}")));
        assert_eq!(answer.header("content-type"), "application/pdf");
        let said = words(&answer.bytes());
        for phrase in phrases {
            assert!(said.contains(phrase), "{language}, {phrase}: {said}");
        }
    }
}

fn a_period_is_a_year_at_the_most(house: &House) {
    let ask = |rest: &str| house.manager().get(&format!("/companies/{}/work-report?{rest}", house.scene.company));
    ask("from=2026-01-01&to=2026-12-31").is(200);
    for rest in ["from=2026-01-01&to=2027-01-02", "from=2026-02-01&to=2026-01-31"] {
        let refusal = ask(rest).refused(400, "invalid_parameter");
        assert_eq!(
            (&refusal["errors"][0]["pointer"], &refusal["errors"][0]["code"]),
            (&json!("to"), &json!("out_of_range"))
        );
    }
    for rest in ["from=2026-02-30&to=2026-03-01", "to=2026-03-01", "from=2026-01-01&to=2026-01-02&format=doc"] {
        ask(rest).refused(400, "invalid_parameter");
    }
    let nobody = format!("/companies/{}/work-report?from=2026-01-01&to=2026-01-02", id(&house.scene.asset));
    house.manager().get(&nobody).refused(404, "not_found");
}
