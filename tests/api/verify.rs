//! Anybody may ask whether a document is genuine, and learns nothing else.

use std::collections::BTreeSet;
use std::process::Stdio;

use naryad::db::types::Sha256;
use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::job::Job;
use crate::paper::pages;
use crate::person::{Answer, Person, form, id, text};

on_each_database![
    a_code_tells_whether_a_document_holds,
    a_file_tells_what_it_is,
    a_changed_file_is_never_genuine,
    what_is_unknown_looks_like_what_is_known,
    strangers_learn_nothing_else,
    the_code_on_paper_leads_here,
    what_is_typed_by_hand_is_understood,
    who_asks_too_much_waits,
    a_slow_sender_waits_for_themselves,
    what_is_no_file_is_refused,
    a_file_is_checked_without_a_server,
];

/// Somebody at an address of their own, who wants JSON.
fn program(house: &House, address: &str) -> Person {
    house.stranger().with("x-forwarded-for", address).with("accept", "application/json")
}

/// Somebody at an address of their own, with a browser.
fn browser(house: &House, address: &str, language: &str) -> Person {
    house
        .stranger()
        .with("x-forwarded-for", address)
        .with("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
        .with("accept-language", language)
}

fn by_code(house: &House, act: &Value) -> Value {
    program(house, "203.0.113.1").get_root(&format!("/verify/{}", text(act, "verification_code"))).is(200)
}

fn sent(person: &Person, bytes: &[u8]) -> Answer {
    let (kind, body) = form("file", &[("act.pdf", bytes)], &[]);
    person.send_root("POST", "/verify", &kind, body)
}

fn by_file(house: &House, bytes: &[u8]) -> Value {
    sent(&program(house, "203.0.113.2"), bytes).is(200)
}

fn document(house: &House, act: &Value, name: &str) -> Vec<u8> {
    house.technician().get(&format!("/acts/{}/{name}", id(act))).bytes()
}

fn html(answer: Answer, status: u16) -> String {
    assert_eq!(answer.status, status, "{}", String::from_utf8_lossy(&answer.bytes));
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
    assert_eq!(answer.header("x-robots-tag"), "noindex, nofollow");
    String::from_utf8(answer.bytes).unwrap()
}

fn a_code_tells_whether_a_document_holds(house: &House) {
    let job = Job::strict(house);
    job.finish();
    let first = job.act();
    let told = by_code(house, &first);
    assert_eq!(
        (&told["verdict"], &told["act"]["outcome"], &told["seal"]),
        (&json!("authentic"), &Value::Null, &Value::Null)
    );
    job.sign(&first).is(201);
    let told = by_code(house, &first);
    assert_eq!((&told["verdict"], &told["act"]["outcome"]), (&json!("authentic"), &json!("accepted")));
    assert_eq!(told["seal"]["holder"], "ООО «Сервис-ИТ»");
    let kept = house.technician().get(&format!("/acts/{}", id(&first))).is(200);
    for member in ["number", "version", "issued_at", "document_sha256", "signed_document_sha256"] {
        assert_eq!(told["act"][member], kept[member], "{member}");
    }
    assert_eq!(told["act"]["decided_at"], kept["signed_at"]);
    let manager = house.manager();
    manager.post(&job.at("/status"), &json!({"to": "in_progress", "comment": "не до конца"})).is(200);
    job.work(&house.scene.extra, "1");
    job.to("done").is(200);
    let second = job.act();
    assert_ne!(first["verification_code"], second["verification_code"]);
    let told = by_code(house, &first);
    assert_eq!((&told["verdict"], &told["act"]["newest_version"]), (&json!("superseded"), &json!(2)));
    assert_eq!(by_code(house, &second)["verdict"], "authentic");
    manager.post(&format!("/acts/{}/void", id(&second)), &json!({"reason": "ошибка"})).is(200);
    assert_eq!(by_code(house, &second)["verdict"], "annulled");
    for (act, language, phrase) in
        [(&first, "ru", "заменила версия 2"), (&second, "uk", "Документ відкликано"), (&first, "en", "superseded")]
    {
        let path = format!("/verify/{}", text(act, "verification_code"));
        let page = html(browser(house, "203.0.113.3", language).get_root(&path), 200);
        assert!(page.contains(phrase) && page.contains(&text(act, "number")), "{page}");
        assert!(page.contains(&format!("<html lang=\"{language}\">")), "{page}");
        assert!(!page.contains("<script") && !page.contains(" style="), "{page}");
    }
    // Somebody whose browser speaks none of ours gets the language of the document.
    let path = format!("/verify/{}", text(&second, "verification_code"));
    assert!(html(browser(house, "203.0.113.3", "fi").get_root(&path), 200).contains("Документ отозван"));
}

fn a_file_tells_what_it_is(house: &House) {
    let job = Job::strict(house);
    job.finish();
    let act = job.act();
    let frozen = document(house, &act, "document.pdf");
    let told = by_file(house, &frozen);
    assert_eq!((&told["verdict"], &told["paper"]), (&json!("authentic"), &json!("issued")));
    job.sign(&act).is(201);
    let copy = document(house, &act, "signed.pdf");
    let told = by_file(house, &copy);
    assert_eq!((&told["verdict"], &told["paper"]), (&json!("authentic"), &json!("signed")));
    assert_eq!(told["file_sha256"], json!(Sha256::of(&copy)));
    assert_eq!(told["act"]["signed_document_sha256"], told["file_sha256"]);
    assert_ne!(told["seal"]["sealed_at"], Value::Null);
    // A copy with fewer signatures is as genuine as it was.
    let mut ours = job.signature(&act);
    ours["party"] = json!("provider");
    ours["signer"] = json!({"name": "Ёлкин", "position": "инженер"});
    house.technician().post(&format!("/acts/{}/signatures", id(&act)), &ours).is(201);
    assert_eq!(by_file(house, &copy)["verdict"], "authentic");
    let latest = document(house, &act, "signed.pdf");
    assert_eq!(by_file(house, &latest)["verdict"], "authentic");
    // A record that is lost: there is the seal, and whoever has stolen a key puts one, too.
    use diesel::prelude::*;
    use naryad::db::schema::sealed_copies;
    house.app.db.write_now(|conn| Ok(diesel::delete(sealed_copies::table).execute(conn)?)).unwrap();
    let told = by_file(house, &copy);
    assert_eq!(
        (&told["verdict"], &told["paper"], &told["act"]["number"]),
        (&json!("unrecorded"), &Value::Null, &act["number"])
    );
    assert_eq!(told["seal"]["holder"], "ООО «Сервис-ИТ»");
    for (language, phrase) in [
        ("ru", "Такого документа у нас нет"),
        ("uk", "серед наших документів його немає"),
        ("en", "We hold no such document"),
    ] {
        let page = html(sent(&browser(house, "203.0.113.3", language), &copy), 200);
        assert!(page.contains(phrase) && page.contains("ООО «Сервис-ИТ»"), "{page}");
    }
    // Its key is revoked once another one seals: then its seal is none of ours.
    let certificate: Sha256 = text(&told["seal"], "certificate_sha256").parse().unwrap();
    let now = house.app.clock.now();
    let revoke = || house.app.db.write_now(move |conn| naryad::seal::revoke::revoke(conn, certificate, now));
    assert_eq!(revoke().err().map(|error| error.code()), Some(naryad::error::Code::Locked), "it seals");
    let other = naryad::seal::key::Sealer::new("Другой ключ", now).unwrap();
    let (lock, origin) = (*house.app.keys.lock(), naryad::seal::SealOrigin::Made);
    let other = naryad::seal::Seal::new(origin, &other, &lock, now).unwrap();
    house.app.db.write_now(move |conn| naryad::seal::replace::replace(conn, &other, &lock, now)).unwrap();
    revoke().unwrap();
    revoke().unwrap();
    let events = house.admin().get("/events?action=seal.revoked").is(200);
    assert_eq!(events["data"].as_array().unwrap().len(), 1, "{events}");
    let told = by_file(house, &copy);
    assert_eq!((&told["verdict"], &told["seal"]), (&json!("altered"), &Value::Null));
    let pem = house.stranger().get_root("/verify/certificates.pem").bytes();
    let left = naryad::seal::key::from_pem(&pem).unwrap();
    assert!(left.len() == 1 && Sha256::of(&left[0]) != certificate);
    // A copy of an earlier version of the program is known by its hash alone.
    let told = by_file(house, &latest);
    assert_eq!(
        (&told["verdict"], &told["paper"], &told["seal"]),
        (&json!("authentic"), &json!("signed"), &Value::Null)
    );
    let page = html(sent(&browser(house, "203.0.113.3", "en"), &frozen), 200);
    assert!(page.contains("The document is genuine") && page.contains("the certificate as it was issued"), "{page}");
}

fn a_changed_file_is_never_genuine(house: &House) {
    let act = Job::strict(house).signed();
    let (frozen, copy) = (document(house, &act, "document.pdf"), document(house, &act, "signed.pdf"));
    let mut altered = 0;
    for file in [&frozen, &copy] {
        for place in (0..file.len()).step_by(file.len() / 11) {
            let mut changed = file.clone();
            changed[place] ^= 0x20;
            let told = by_file(house, &changed);
            assert!(["altered", "unknown"].contains(&text(&told, "verdict").as_str()), "{place}: {told}");
            assert_eq!(told["paper"], Value::Null);
            altered += usize::from(told["verdict"] == "altered" && told["act"]["number"] == act["number"]);
        }
    }
    assert!(altered > 20, "what was ours is told, but for {altered}");
    let mut longer = copy.clone();
    longer.extend(b"\n% more\n");
    let told = by_file(house, &longer);
    assert_eq!((&told["verdict"], &told["seal"]), (&json!("altered"), &Value::Null));
    let page = html(sent(&browser(house, "203.0.113.3", "ru"), &longer), 200);
    assert!(page.contains("Файл изменён") && page.contains("Настоящий документ"), "{page}");
    assert_eq!(by_file(house, b"%PDF-1.7 nothing")["verdict"], "unknown");
    let elsewhere = house.fresh();
    let theirs = Job::strict(&elsewhere).signed();
    let rendered = by_file(house, &document(&elsewhere, &theirs, "signed.pdf"));
    assert_eq!(rendered["verdict"], "unknown", "sealed, but not by us");
}

fn what_is_unknown_looks_like_what_is_known(house: &House) {
    let act = Job::strict(house).signed();
    let known = by_code(house, &act);
    let nobody = naryad::verify::code::VerificationCode::new().unwrap().to_string();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let person = program(house, "203.0.113.4");
    let answers = [nobody.as_str(), "V", "0000000000", house.scene.code(), "%D0%B9"].map(|code| {
        let unknown = person.get_root(&format!("/verify/{code}")).is(404);
        assert_eq!(keys(&unknown), keys(&known));
        unknown
    });
    assert!(answers.iter().all(|one| *one == answers[0]), "{answers:?}");
    let pages = [nobody.as_str(), "V"]
        .map(|code| html(browser(house, "203.0.113.4", "uk").get_root(&format!("/verify/{code}")), 404));
    assert_eq!(pages[0], pages[1]);
    assert!(pages[0].contains("Документ не знайдено"));
}

fn strangers_learn_nothing_else(house: &House) {
    let job = Job::strict(house);
    let act = job.signed();
    let told = by_code(house, &act);
    let keys = |value: &Value| value.as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>().join(" ");
    let sorted = |value: &Value| {
        let mut keys: Vec<String> = keys(value).split(' ').map(str::to_owned).collect();
        keys.sort();
        keys.join(" ")
    };
    assert_eq!(sorted(&told), "act file_sha256 paper seal verdict");
    assert_eq!(
        sorted(&told["act"]),
        "customer decided_at deemed_accepted_at document_sha256 issued_at newest_version number outcome provider \
         signed_document_sha256 time_zone version"
    );
    assert_eq!(sorted(&told["seal"]), "certificate_sha256 holder sealed_at");
    let page = html(
        browser(house, "203.0.113.5", "ru").get_root(&format!("/verify/{}", text(&act, "verification_code"))),
        200,
    );
    let ticket = job.read();
    let private =
        ["Ґалаґан", "Иванов", "сотрудник", "VN-1", "000123", "Принтер", "899", "1349", "1 349", "Замена", "044525225"];
    for word in private.into_iter().chain([text(&act, "id").as_str(), text(&ticket, "id").as_str(), house.scene.code()])
    {
        assert!(!told.to_string().contains(word) && !page.contains(word), "{word}");
    }
    assert!(page.contains("ООО «Ромашка»") && page.contains("ООО «Сервис-ИТ»"));
}

fn the_code_on_paper_leads_here(house: &House) {
    let act = Job::strict(house).signed();
    let url = format!("{}/verify/{}", house.base, text(&act, "verification_code")).to_uppercase();
    for name in ["document.pdf", "signed.pdf"] {
        let read: BTreeSet<String> = pages(&document(house, &act, name), 3.0)
            .into_iter()
            .flat_map(|page| {
                let mut image = rqrr::PreparedImage::prepare(page);
                image.detect_grids().into_iter().filter_map(|grid| Some(grid.decode().ok()?.1)).collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(read, BTreeSet::from([url.clone()]), "{name}");
    }
    let path = url.strip_prefix(&house.base.to_uppercase()).unwrap();
    assert_eq!(program(house, "203.0.113.6").get_root(path).is(200)["verdict"], "authentic");
}

fn what_is_typed_by_hand_is_understood(house: &House) {
    let act = Job::strict(house).signed();
    let code = text(&act, "verification_code");
    let person = browser(house, "203.0.113.7", "ru");
    let page = html(person.get_root("/verify"), 200);
    assert!(page.contains("type=\"file\"") && page.contains("name=\"code\""), "{page}");
    let (first, second) = code.split_at(8);
    let typed = format!("{}-{second}", first.to_lowercase());
    let sent = person.get_root(&format!("/verify?lang=uk&code={typed}"));
    assert_eq!((sent.status, sent.header("location")), (303, format!("/verify/{code}?lang=uk").as_str()));
    let page = html(person.get_root("/verify?code=V123%22%3E"), 422);
    assert!(page.contains("сверьте его с бумагой") && page.contains("value=\"V123&quot;&gt;\""), "{page}");
    let head = person.send_root("HEAD", &format!("/VERIFY/{code}"), "", Vec::new());
    assert_eq!((head.status, head.bytes.len()), (200, 0));
    let refused = person.send_root("PUT", "/verify", "", Vec::new());
    assert_eq!((refused.status, refused.header("allow")), (405, "GET, HEAD, POST"));
}

fn who_asks_too_much_waits(house: &House) {
    let guesser = program(house, "203.0.114.77");
    for _ in 0..60 {
        guesser.get_root("/verify/V").is(404);
    }
    let refused = guesser.get_root("/verify/V");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
    refused.refused(429, "rate_limited");
    let page = html(browser(house, "203.0.114.99", "uk").get_root("/verify/V"), 429);
    assert!(page.contains("Забагато запитів"), "a neighbour of the guesser's is of the same network");
    let sender = program(house, "203.0.115.77");
    for _ in 0..60 {
        sent(&sender, b"x").is(200);
    }
    sent(&sender, b"x").refused(429, "rate_limited");
    sent(&program(house, "198.51.100.1"), b"x").is(200);
}

/// A form that never ends holds a place, and only its own network's.
fn a_slow_sender_waits_for_themselves(house: &House) {
    use std::io::{Read, Write};
    let address = house.base.strip_prefix("http://").unwrap();
    let slow = |from: &str| {
        let mut line = std::net::TcpStream::connect(address).unwrap();
        let head = format!(
            "POST /verify HTTP/1.1\r\nhost: {address}\r\nx-forwarded-for: {from}\r\naccept: application/json\r\n\
             content-type: multipart/form-data; boundary=x\r\ncontent-length: 1000000\r\n\r\n--x\r\n"
        );
        line.write_all(head.as_bytes()).unwrap();
        line
    };
    let mut lines = vec![slow("203.0.116.7"), slow("203.0.116.8")];
    let neighbour = program(house, "203.0.116.9");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while sent(&neighbour, b"x").status != 503 {
        assert!(std::time::Instant::now() < deadline, "a third of one network");
        // One that came while the neighbour had its place was turned away.
        lines.push(slow("203.0.116.10"));
        std::thread::sleep(std::time::Duration::from_millis(400));
    }
    sent(&neighbour, b"x").refused(503, "busy");
    sent(&program(house, "198.51.100.9"), b"x").is(200);
    // Whoever hangs up gives the place back.
    for line in &mut lines {
        let _ = line.shutdown(std::net::Shutdown::Both);
        let _ = line.read(&mut [0]);
    }
    while sent(&neighbour, b"x").status != 200 {
        assert!(std::time::Instant::now() < deadline, "the places are not given back");
        std::thread::sleep(std::time::Duration::from_millis(400));
    }
}

fn what_is_no_file_is_refused(house: &House) {
    let person = program(house, "203.0.113.8");
    let (kind, body) = form("file", &[], &[("other", "x")]);
    person.send_root("POST", "/verify", &kind, body.clone()).blames("file", "required");
    let page = html(browser(house, "203.0.113.8", "ru").send_root("POST", "/verify", &kind, body), 422);
    assert!(page.contains("Выберите файл."), "{page}");
    person.send_root("POST", "/verify", "application/json", b"{}".to_vec()).refused(415, "unsupported_media_type");
    sent(&person, &vec![b'x'; (16 << 20) + 1]).refused(413, "too_large");
    sent(&person, &vec![b'x'; 16 << 20]).is(200);
    let (kind, body) = form("other", &[("x", &vec![b'x'; 100_000])], &[]);
    person.send_root("POST", "/verify", &kind, body).refused(413, "too_large");
}

fn a_file_is_checked_without_a_server(house: &House) {
    let act = Job::strict(house).signed();
    let copy = document(house, &act, "signed.pdf");
    let place = |name: &str, bytes: &[u8]| {
        let path = house.folder().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (good, pem) =
        (place("act.pdf", &copy), place("own.pem", &house.stranger().get_root("/verify/certificates.pem").bytes()));
    let run = |words: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_naryad"));
        let done = command.arg("verify").args(words).stdin(Stdio::null()).output().unwrap();
        (done.status.code(), String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned())
    };
    let (fine, told) = run(&[&good, "--certificate", &pem]);
    assert!(
        fine == Some(0) && told.contains("covers the whole file") && told.contains(&text(&act, "number")),
        "{told}"
    );
    assert!(told.contains("client: accepted by Ґалаґан Їжак Ёлкин") && !told.contains("only a comparison"), "{told}");
    let (fine, told) = run(&[&good]);
    assert!(fine == Some(3) && told.contains("only a comparison tells"), "{fine:?}: {told}");
    let other = naryad::seal::key::Sealer::new("Другой", house.app.clock.now()).unwrap();
    let other = place("other.pem", naryad::seal::key::pem(&other.certificates[0]).unwrap().as_bytes());
    let (fine, told) = run(&[&good, "--certificate", &other]);
    assert!(fine == Some(1) && told.contains("somebody else sealed it"), "{told}");
    let mut changed = copy.clone();
    changed[copy.len() / 2] ^= 1;
    for bad in [changed, document(house, &act, "document.pdf"), Vec::new()] {
        let (fine, told) = run(&[&place("bad.pdf", &bad), "--certificate", &pem]);
        assert!(fine == Some(1) && told.contains("no seal holds"), "{told}");
    }
    let (fine, told) = run(&[&good, "--certificate", &good]);
    assert!(fine == Some(1) && told.contains("--certificate"), "{told}");
}
