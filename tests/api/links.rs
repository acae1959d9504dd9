//! The client signs by a link, on a phone of their own and without a login.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::documents::words;
use crate::house::{House, on_each_database};
use crate::job::{Job, ink};
use crate::paper::pages;
use crate::person::{Answer, Person, form, id, text};

on_each_database![
    a_link_is_told_once_and_kept_as_a_hash,
    a_page_shows_the_very_document,
    looking_is_told_by_the_page_alone,
    somebody_signs_by_a_link,
    a_name_may_be_typed,
    a_refusal_has_a_reason,
    what_is_wrong_is_told_with_what_was_filled_in,
    a_link_for_somebody_is_theirs,
    nobody_may_sign_more_than_they_may,
    a_link_ends_with_its_act,
    whatever_leads_nowhere_looks_alike,
    fifty_signers_of_one_link_make_one_signature,
    nothing_is_injected,
    who_tries_too_often_waits,
    a_technician_sees_it_at_once,
    a_stream_ends_with_its_session,
    there_are_never_too_many,
];

fn link(house: &House, act: &Value, body: &Value) -> Answer {
    house.technician().post(&format!("/acts/{}/links", id(act)), body)
}

/// An act that waits for the client, and where a link to it leads.
fn asked(house: &House) -> (Value, String) {
    let act = issued(house);
    let path = path(house, &act, &json!({}));
    (act, path)
}

pub fn issued(house: &House) -> Value {
    let job = Job::strict(house);
    job.finish();
    job.act()
}

/// Makes a link, and tells where on this server it leads.
pub fn path(house: &House, act: &Value, body: &Value) -> String {
    let made = link(house, act, body).is(201);
    let url = text(&made, "url");
    url.get(url.find("/sign/").unwrap()..).unwrap().to_owned()
}

pub fn links(house: &House, act: &Value) -> Vec<Value> {
    house.technician().get(&format!("/acts/{}/links", id(act))).is(200)["data"].as_array().unwrap().clone()
}

/// Somebody at an address of their own, with a browser.
pub fn browser(house: &House, address: &str, language: &str) -> Person {
    house.stranger().with("x-forwarded-for", address).with("accept-language", language)
}

pub fn client(house: &House) -> Person {
    browser(house, "203.0.113.7", "ru")
}

pub fn html(answer: Answer, status: u16) -> String {
    assert_eq!(answer.status, status, "{}", String::from_utf8_lossy(&answer.bytes));
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
    assert_eq!(answer.header("x-robots-tag"), "noindex, nofollow");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    assert_eq!(answer.header("cache-control"), "no-store");
    String::from_utf8(answer.bytes).unwrap()
}

/// What the page sends for an act: everything but what `changes` says otherwise.
pub fn filled<'a>(act: &'a Value, drawn: &'a str, changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let sha256 = act["document_sha256"].as_str().unwrap();
    let mut fields = vec![
        ("document_sha256", sha256),
        ("outcome", "accepted"),
        ("remarks", ""),
        ("name", "Ґалаґан Їжак"),
        ("position", "бухгалтер"),
        ("way", "draw"),
        ("ink", drawn),
        ("consent", "1"),
    ];
    for (name, value) in changes {
        fields.retain(|(field, _)| field != name);
        fields.push((*name, *value));
    }
    fields
}

pub fn send(person: &Person, path: &str, fields: &[(&str, &str)]) -> Answer {
    let (kind, body) = form("nothing", &[], fields);
    person.send_root("POST", path, &kind, body)
}

/// Sends a decision, and answers with the page one is led to.
#[track_caller]
pub fn sign(person: &Person, path: &str, act: &Value, changes: &[(&str, &str)]) -> String {
    let drawn = ink().to_string();
    let mut answer = send(person, path, &filled(act, &drawn, changes));
    // All tests of a process share its places for forms, and one of them takes them all.
    for _ in 0..50 {
        if answer.status != 503 {
            break;
        }
        std::thread::sleep(Duration::from_millis(200));
        answer = send(person, path, &filled(act, &drawn, changes));
    }
    assert_eq!(answer.status, 303, "{}", String::from_utf8_lossy(&answer.bytes));
    let back = answer.header("location").to_owned();
    assert!(back.starts_with(path), "{back}");
    html(person.get_root(&back), 200)
}

pub fn act_now(house: &House, act: &Value) -> Value {
    house.technician().get(&format!("/acts/{}", id(act))).is(200)
}

pub fn actions(house: &House, act: &Value) -> Vec<String> {
    let events = house.admin().get("/events?limit=200").is(200);
    let of_act = events["data"].as_array().unwrap().iter().filter(|event| event["object_id"] == act["id"]);
    let mut actions: Vec<_> = of_act.map(|event| text(event, "action")).collect();
    actions.reverse();
    actions
}

fn a_link_is_told_once_and_kept_as_a_hash(house: &House) {
    let act = issued(house);
    let body = json!({"id": "0190c1de-0000-7000-8000-00000000a111", "valid_days": 2});
    let keyed = house.technician().with("idempotency-key", "a-link");
    let at = format!("/acts/{}/links", id(&act));
    let made = keyed.post(&at, &body).is(201);
    let url = text(&made, "url");
    let token = url.rsplit('/').next().unwrap();
    assert!(token.len() >= 32 && url.contains("/sign/"), "{url}");
    assert_eq!((&made["state"], &made["void_because"]), (&json!("open"), &Value::Null));
    assert!(text(&made, "qr_svg").starts_with("<svg"));
    // The code on the screen leads where the address does.
    let svg = text(&made, "qr_svg");
    assert!(svg.contains("<path") && svg.contains("viewBox"), "{svg}");
    // Once: neither the same request nor the list tells it again.
    let again = keyed.post(&at, &body);
    assert_eq!(again.header("idempotency-replayed"), "true");
    let again = again.is(201);
    assert_eq!((&again["id"], &again["url"], &again["qr_svg"]), (&made["id"], &Value::Null, &Value::Null));
    assert_eq!(house.technician().post(&at, &body).is(200)["url"], Value::Null);
    let listed = links(house, &act);
    assert_eq!((listed.len(), &listed[0]["id"], &listed[0]["url"]), (1, &made["id"], &Value::Null));
    // Nowhere in what is kept: not in events, not in answers that are kept for a repetition.
    assert!(!kept_anywhere(house, token), "the token is in the database");
    assert_eq!(actions(house, &act), ["act.issued", "act.link_made"]);
    link(house, &act, &json!({"valid_days": 0})).blames("/valid_days", "out_of_range");
    link(house, &act, &json!({"valid_days": 31})).blames("/valid_days", "out_of_range");
    let other = house.scene.rival_company.clone();
    link(house, &act, &json!({"contact_id": other})).blames("/contact_id", "unknown_reference");
    house.client().post(&at, &json!({})).refused(403, "forbidden");
    house.outsider().post(&at, &json!({})).refused(404, "not_found");
}

/// Whether a text is in a column of texts that a request of this test could have reached.
fn kept_anywhere(house: &House, token: &str) -> bool {
    use diesel::prelude::*;
    use naryad::db::schema::{events, idempotency_keys};
    let texts: Vec<String> = house
        .app
        .db
        .read_now(|conn| {
            let facts: Vec<Option<String>> = events::table.select(events::facts).load(conn)?;
            let bodies: Vec<String> = idempotency_keys::table.select(idempotency_keys::body).load(conn)?;
            Ok(facts.into_iter().flatten().chain(bodies).collect())
        })
        .unwrap();
    assert!(!texts.is_empty());
    texts.iter().any(|text| text.contains(token))
}

fn a_page_shows_the_very_document(house: &House) {
    let (act, path) = asked(house);
    let frozen = house.technician().get(&format!("/acts/{}/document.pdf", id(&act))).bytes();
    let answer = client(house).get_root(&format!("{path}/document.pdf"));
    assert_eq!(
        (answer.header("content-type"), answer.header("x-robots-tag")),
        ("application/pdf", "noindex, nofollow")
    );
    assert!(answer.bytes() == frozen, "the page gives other bytes");
    let shown = pages(&frozen, 2.0);
    for (index, page) in shown.iter().enumerate() {
        let answer = client(house).get_root(&format!("{path}/pages/{}.png", index + 1));
        assert_eq!(answer.header("content-type"), "image/png");
        let picture = image::load_from_memory(&answer.bytes()).unwrap().to_luma8();
        assert_eq!(picture.dimensions(), page.dimensions());
        assert!(picture == *page, "page {} is drawn otherwise", index + 1);
        assert!(page.pixels().filter(|pixel| pixel.0[0] < 128).count() > 1_000, "page {} is empty", index + 1);
    }
    for missing in ["0", "99", "x"] {
        let answer = client(house).get_root(&format!("{path}/pages/{missing}.png"));
        assert_eq!(answer.status, 404);
    }
    html(client(house).get_root(&format!("{path}/signed.pdf")), 404);
    for (language, phrases) in [
        ("ru", ["Что сделано", "по договору", "К оплате", "Страница 1"]),
        ("uk", ["Що зроблено", "за договором", "До сплати", "Сторінка 1"]),
        ("en", ["What was done", "covered by the agreement", "To be paid", "Page 1"]),
    ] {
        let answer = browser(house, "203.0.113.7", language).get_root(&path);
        let policy = answer.header("content-security-policy").to_owned();
        assert!(policy.contains("script-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
        let page = html(answer, 200);
        for phrase in phrases {
            assert!(page.contains(phrase), "{phrase}: {page}");
        }
        for known in
            [&text(&act, "number"), "ООО «Ромашка»", "ООО «Сервис-ИТ»", "Замена ролика", &text(&act, "document_sha256")]
        {
            assert!(page.contains(known), "{known}: {page}");
        }
        assert!(page.contains(&format!("<html lang=\"{language}\">")) && !page.contains(" style="), "{page}");
        assert_eq!(page.matches("<script").count(), 1);
        assert!(!page.contains("http://") && !page.contains("https://"), "nothing from elsewhere: {page}");
    }
    // Somebody whose browser speaks none of ours gets the language of the document; a choice on the page is above both.
    assert!(html(browser(house, "203.0.113.7", "fi").get_root(&path), 200).contains("Что сделано"));
    assert!(html(client(house).get_root(&format!("{path}?lang=uk")), 200).contains("Що зроблено"));
    // An act that shows no prices shows none here.
    let job = Job::strict(house);
    job.finish();
    let silent = json!({"show_prices": false, "language": "ru"});
    let silent = house.technician().post(&job.at("/acts"), &silent).is(201);
    let page = html(client(house).get_root(&self::path(house, &silent, &json!({}))), 200);
    assert!(page.contains("сверх договора") && !page.contains("К оплате") && !page.contains("RUB"), "{page}");
}

fn looking_is_told_by_the_page_alone(house: &House) {
    let (act, path) = asked(house);
    let state = || links(house, &act)[0]["state"].clone();
    client(house).get_root(&path).bytes();
    client(house).get_root(&format!("{path}/document.pdf")).bytes();
    assert_eq!(client(house).send_root("HEAD", &path, "", Vec::new()).status, 200);
    assert_eq!(state(), "open");
    assert_eq!(client(house).get_root(&format!("{path}/seen")).status, 405);
    for _ in 0..3 {
        assert_eq!(client(house).send_root("POST", &format!("{path}/seen"), "", Vec::new()).status, 204);
    }
    assert_eq!(state(), "viewed");
    assert_ne!(links(house, &act)[0]["viewed_at"], Value::Null);
    assert_eq!(actions(house, &act), ["act.issued", "act.link_made", "act.link_viewed"]);
    let events = house.admin().get("/events?action=act.link_viewed").is(200);
    assert_eq!(events["data"][0]["actor_id"], Value::Null, "{events}");
    html(client(house).send_root("POST", "/sign/nothing/seen", "", Vec::new()), 404);
}

fn somebody_signs_by_a_link(house: &House) {
    let (act, path) = asked(house);
    client(house).send_root("POST", &format!("{path}/seen"), "", Vec::new());
    let before = act_now(house, &act);
    let person = client(house).with("user-agent", "Mozilla/5.0 (a phone)");
    let page = sign(&person, &path, &act, &[("outcome", "accepted_with_remarks"), ("remarks", "Шумит\nнемного")]);
    assert!(page.contains("Работы приняты с замечаниями") && page.contains("Ґалаґан Їжак, бухгалтер"), "{page}");
    assert!(page.contains("Шумит\nнемного") && page.contains("/signed.pdf"), "{page}");
    assert!(!page.contains("<form"), "{page}");
    let after = act_now(house, &act);
    assert_eq!((&before["status"], &after["status"]), (&json!("issued"), &json!("signed_with_remarks")));
    let decisions = house.technician().get(&format!("/acts/{}/signatures", id(&act))).is(200);
    let decision = &decisions["data"][0];
    let link = &links(house, &act)[0];
    for (member, wanted) in [
        ("party", json!("client")),
        ("channel", json!("link")),
        ("method", json!("drawn")),
        ("signer_name", json!("Ґалаґан Їжак")),
        ("signer_position", json!("бухгалтер")),
        ("authority", json!("routine")),
        ("outcome", json!("accepted_with_remarks")),
        ("contact_id", Value::Null),
        ("link_id", link["id"].clone()),
        ("document_sha256", act["document_sha256"].clone()),
    ] {
        assert_eq!(decision[member], wanted, "{member}");
    }
    assert_eq!((&link["state"], &link["signature_id"]), (&json!("signed"), &decision["id"]));
    assert_eq!(actions(house, &act), ["act.issued", "act.link_made", "act.link_viewed", "act.decided"]);
    // The copy is the same as ours, and there for whoever signed.
    let copy = house.technician().get(&format!("/acts/{}/signed.pdf", id(&act))).bytes();
    assert!(client(house).get_root(&format!("{path}/signed.pdf")).bytes() == copy);
    // What is told of it is what happened, and nobody of ours is said to have signed.
    let evidence = house.technician().get(&format!("/acts/{}/evidence.json", id(&act))).is(200);
    let one = &evidence["signatures"][0];
    assert_eq!((&one["channel"], &one["recorded_by"]), (&json!("link"), &Value::Null));
    assert_eq!((&one["ip"], &one["user_agent"]), (&json!("203.0.113.7"), &json!("Mozilla/5.0 (a phone)")));
    assert_eq!((&one["request"]["link_id"], &one["request"]["made_by"]), (&link["id"], &json!("Иванов Иван Иванович")));
    assert_eq!(one["request"]["first_viewed_at"], link["viewed_at"]);
    assert!(text(&one["consent"], "text").starts_with("Я прочитал"), "{one}");
    assert_eq!(one["ink"]["points"], 2);
    let decided = evidence["events"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&decided["action"], &decided["actor"], &decided["ip"]),
        (&json!("act.decided"), &Value::Null, &one["ip"])
    );
    assert_eq!(house.admin().get("/events/verification").is(200)["intact"], true);
    // The same person again: a thumb that trembles.
    let again = sign(&client(house), &path, &act, &[]);
    assert!(again.contains("Работы приняты с замечаниями"), "{again}");
    // After some days nobody needs the page any more.
    house.app.clock.set_ahead(7 * 24 * 3_600 + 1);
    html(client(house).get_root(&path), 404);
    html(client(house).get_root(&format!("{path}/signed.pdf")), 404);
    house.app.clock.set_ahead(0);
}

fn a_name_may_be_typed(house: &House) {
    let (act, path) = asked(house);
    let page = sign(&client(house), &path, &act, &[("way", "type"), ("ink", "")]);
    assert!(page.contains("Работы приняты"), "{page}");
    let decisions = house.technician().get(&format!("/acts/{}/signatures", id(&act))).is(200);
    assert_eq!((&decisions["data"][0]["method"], &decisions["data"][0]["channel"]), (&json!("typed"), &json!("link")));
    house.technician().get(&format!("/acts/{}/signed.pdf", id(&act))).bytes();
    // On a device of ours people still draw.
    let other = issued(house);
    let bare = json!({"party": "client", "document_sha256": other["document_sha256"], "outcome": "accepted",
                      "signer": {"name": "Ґалаґан Їжак", "position": "бухгалтер"}});
    house.technician().post(&format!("/acts/{}/signatures", id(&other)), &bare).refused(422, "signature_empty");
}

fn a_refusal_has_a_reason(house: &House) {
    let (act, path) = asked(house);
    let bare = send(&client(house), &path, &filled(&act, "", &[("outcome", "refused")]));
    assert!(html(bare, 422).contains("почему вы отказываетесь"));
    let page = sign(&client(house), &path, &act, &[("outcome", "refused"), ("remarks", "Не работает"), ("ink", "")]);
    assert!(page.contains("Отказ записан"), "{page}");
    assert_eq!(act_now(house, &act)["status"], "refused");
}

fn what_is_wrong_is_told_with_what_was_filled_in(house: &House) {
    let (act, path) = asked(house);
    let drawn = ink().to_string();
    let changes = [("outcome", ""), ("name", " "), ("position", "директор"), ("consent", "")];
    let page = html(send(&client(house), &path, &filled(&act, &drawn, &changes)), 422);
    for phrase in ["Выберите, что вы решили", "Напишите, как вас зовут", "Без этого решение", "value=\"директор\""]
    {
        assert!(page.contains(phrase), "{phrase}: {page}");
    }
    assert!(page.contains("&quot;groups&quot;"), "what was drawn is drawn again: {page}");
    assert!(!page.contains("Напишите вашу должность"), "{page}");
    let page = html(send(&client(house), &path, &filled(&act, "not json", &[])), 422);
    assert!(page.contains("Распишитесь в поле"), "{page}");
    assert_eq!(act_now(house, &act)["status"], "issued");
    // Not what the page showed.
    let other = "0".repeat(64);
    let page = html(send(&client(house), &path, &filled(&act, &drawn, &[("document_sha256", &other)])), 409);
    assert!(page.contains("Документ изменился"), "{page}");
    let unknown = send(&client(house), &path, &[("surprise", "1")]);
    assert_eq!(unknown.status, 422);
    assert_eq!(send(&client(house), &path, &filled(&act, &drawn, &[("name", &"x".repeat(20_000))])).status, 413);
    let json = client(house).send_root("POST", &path, "application/json", b"{}".to_vec());
    assert_eq!(json.status, 415);
    assert_eq!(client(house).send_root("DELETE", &path, "", Vec::new()).status, 405);
    assert_eq!(act_now(house, &act)["status"], "issued");
}

fn a_link_for_somebody_is_theirs(house: &House) {
    let kind = json!({"name": "Важное", "signing_authority": "official"});
    let kind = house.manager().post("/ticket-types", &kind).is(201);
    let ticket =
        json!({"type_id": kind["id"], "company_id": house.scene.company, "priority": "low", "subject": "Важное"});
    let ticket = id(&house.dispatcher().post("/tickets", &ticket).is(201));
    let manager = house.manager();
    let act = manager.post(&format!("/tickets/{ticket}/acts"), &json!({})).is(201);
    let at = format!("/acts/{}/links", id(&act));
    manager.post(&at, &json!({})).refused(422, "authority_insufficient");
    manager.post(&at, &json!({"contact_id": house.scene.accountant})).refused(422, "authority_insufficient");
    let made = manager.post(&at, &json!({"contact_id": house.scene.director})).is(201);
    let url = text(&made, "url");
    let path = url.get(url.find("/sign/").unwrap()..).unwrap();
    let page = html(client(house).get_root(path), 200);
    assert!(page.contains("Громов Олег Викторович, сотрудник") && !page.contains("id=\"name\""), "{page}");
    // Whatever else is said, the link says who signs.
    sign(&client(house), path, &act, &[("name", "Прохожий")]);
    let decisions = manager.get(&format!("/acts/{}/signatures", id(&act))).is(200);
    let decision = &decisions["data"][0];
    assert_eq!(
        (&decision["signer_name"], &decision["contact_id"], &decision["authority"]),
        (&json!("Громов Олег Викторович"), &json!(house.scene.director), &json!("official"))
    );
}

fn nobody_may_sign_more_than_they_may(house: &House) {
    let act = issued(house);
    let path = path(house, &act, &json!({"contact_id": house.scene.accountant}));
    let contact = format!("/contacts/{}", house.scene.accountant);
    house.manager().patch(&contact, &json!({"signing_authority": "none"})).is(200);
    let drawn = ink().to_string();
    let page = html(send(&client(house), &path, &filled(&act, &drawn, &[])), 422);
    assert!(page.contains("подписывает другой человек"), "{page}");
    assert_eq!(act_now(house, &act)["status"], "issued");
    // The technician goes, and the ticket with him: the link he made still opens.
    house.manager().patch(&contact, &json!({"signing_authority": "routine"})).is(200);
    let technician = house.technician();
    let left = house.admin().patch(&format!("/users/{}", technician.id), &json!({"archived": true}));
    assert_eq!(left.status, 200, "{}", String::from_utf8_lossy(&left.bytes));
    assert!(sign(&client(house), &path, &act, &[]).contains("Работы приняты"));
    let decided = house.manager().get(&format!("/acts/{}", id(&act))).is(200);
    assert_eq!(decided["status"], "signed");
}

fn a_link_ends_with_its_act(house: &House) {
    let told = |act: &Value| {
        let link = &links(house, act)[0];
        (link["state"].clone(), link["void_because"].clone())
    };
    let void = |because: &str| (json!("void"), json!(because));
    let manager = house.manager();
    let drawn = ink().to_string();
    // Taken back by hand.
    let (act, path) = asked(house);
    let revocation = format!("/acts/{}/links/{}/revocation", id(&act), id(&links(house, &act)[0]));
    assert_eq!(house.technician().post(&revocation, &json!({})).is(200)["void_because"], "revoked");
    assert_eq!(house.technician().post(&revocation, &json!({})).is(200)["void_because"], "revoked");
    assert_eq!(actions(house, &act), ["act.issued", "act.link_made", "act.link_revoked"]);
    html(send(&client(house), &path, &filled(&act, &drawn, &[])), 404);
    let strange = format!("/acts/{}/links/{}/revocation", id(&act), id(&act));
    house.technician().post(&strange, &json!({})).refused(404, "not_found");
    // A new version.
    let job = Job::strict(house);
    job.finish();
    let act = job.act();
    let path = self::path(house, &act, &json!({}));
    let second = job.act();
    assert_eq!(told(&act), void("superseded"));
    html(client(house).get_root(&path), 404);
    html(client(house).get_root(&format!("{path}/document.pdf")), 404);
    html(send(&client(house), &path, &filled(&act, &drawn, &[])), 404);
    link(house, &act, &json!({})).refused(409, "act_not_issued");
    // Annulled.
    let path = self::path(house, &second, &json!({}));
    manager.post(&format!("/acts/{}/void", id(&second)), &json!({"reason": "ошибка"})).is(200);
    assert_eq!(told(&second), void("annulled"));
    html(client(house).get_root(&path), 404);
    // Signed on the technician's phone meanwhile.
    let third = job.act();
    let path = self::path(house, &third, &json!({}));
    job.sign(&third).is(201);
    assert_eq!(told(&third), void("decided"));
    html(client(house).get_root(&path), 404);
    html(send(&client(house), &path, &filled(&third, &drawn, &[])), 404);
    link(house, &third, &json!({})).refused(409, "already_signed");
    // Too late.
    let (act, path) = asked(house);
    house.app.clock.set_ahead(7 * 24 * 3_600 + 1);
    html(client(house).get_root(&path), 404);
    let technician = house.stranger().signed_in("technician", crate::scene::PASSWORD);
    let listed = technician.get(&format!("/acts/{}/links", id(&act))).is(200);
    assert_eq!(listed["data"][0]["state"], "expired");
    house.app.clock.set_ahead(0);
    // A manager settles it without a signature: whoever has the link may still sign.
    manager.post(&format!("/acts/{}/resolution", id(&act)), &json!({"reason": "уехали"})).is(200);
    assert!(sign(&client(house), &path, &act, &[]).contains("Работы приняты"));
}

fn whatever_leads_nowhere_looks_alike(house: &House) {
    let (act, path) = asked(house);
    let revocation = format!("/acts/{}/links/{}/revocation", id(&act), id(&links(house, &act)[0]));
    house.technician().post(&revocation, &json!({})).is(200);
    let dead = html(client(house).get_root(&path), 404);
    assert!(dead.contains("Ссылка не открывается") && dead.contains("новую ссылку"), "{dead}");
    let mut changed = path.clone().into_bytes();
    *changed.last_mut().unwrap() = if path.ends_with('A') { b'B' } else { b'A' };
    for nowhere in [String::from_utf8(changed).unwrap(), "/sign/x".to_owned(), "/sign/%00".to_owned()] {
        assert_eq!(html(client(house).get_root(&nowhere), 404), dead, "{nowhere}");
        for below in ["document.pdf", "signed.pdf", "pages/1.png"] {
            assert_eq!(html(client(house).get_root(&format!("{nowhere}/{below}")), 404), dead);
        }
    }
    let drawn = ink().to_string();
    assert_eq!(html(send(&client(house), "/sign/x", &filled(&act, &drawn, &[])), 404), dead);
    let guesser = browser(house, "198.51.100.9", "en");
    let waits = (0..70).map(|_| guesser.get_root("/sign/x")).find(|answer| answer.status == 429).unwrap();
    assert!(!waits.header("retry-after").is_empty());
    assert!(html(waits, 429).contains("Too many"));
}

fn fifty_signers_of_one_link_make_one_signature(house: &House) {
    let (act, path) = asked(house);
    let other = house.another();
    let drawn = ink().to_string();
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let (act, path, drawn, other) = (&act, &path, &drawn, &other);
        let signer = |number: usize| {
            let house = if number.is_multiple_of(2) { house } else { other };
            let person = browser(house, &format!("10.1.{number}.1"), "ru");
            let name = format!("Подписант {number}");
            move || send(&person, path, &filled(act, drawn, &[("name", &name)]))
        };
        let threads: Vec<_> = (0..50).map(|number| scope.spawn(signer(number))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    // Some are told that there is too much to do; nobody is told that they have signed who has not.
    for answer in &answers {
        assert!([303, 503].contains(&answer.status), "{} {}", answer.status, String::from_utf8_lossy(&answer.bytes));
    }
    let decisions = house.technician().get(&format!("/acts/{}/signatures", id(&act))).is(200);
    assert_eq!(decisions["data"].as_array().unwrap().len(), 1);
    assert_eq!(actions(house, &act).iter().filter(|action| *action == "act.decided").count(), 1);
    assert_eq!(house.admin().get("/events/verification").is(200)["intact"], true);
    // Two links of one act: whoever is second learns that it is decided.
    let act = issued(house);
    let (first, second) = (self::path(house, &act, &json!({})), self::path(house, &act, &json!({})));
    sign(&client(house), &first, &act, &[]);
    html(send(&client(house), &second, &filled(&act, &drawn, &[])), 404);
    assert_eq!(links(house, &act)[0]["void_because"], "decided");
}

fn nothing_is_injected(house: &House) {
    let (act, path) = asked(house);
    let evil = "<script>alert(1)</script>\" onload=\"x{{ 7*7 }}{% raw %}</p><p>&amp; ]]> Їжак";
    let page = html(send(&client(house), &path, &filled(&act, evil, &[("name", evil), ("consent", "")])), 422);
    assert_eq!(page.matches("<script").count(), 1, "{page}");
    assert!(!page.contains("onload=\"x") && page.contains("{{ 7*7 }}"), "{page}");
    let page = sign(
        &client(house),
        &path,
        &act,
        &[("outcome", "accepted_with_remarks"), ("name", evil), ("position", evil), ("remarks", evil)],
    );
    assert!(!page.contains("<script") && page.contains("{{ 7*7 }}"), "{page}");
    let copy = house.technician().get(&format!("/acts/{}/signed.pdf", id(&act))).bytes();
    let frozen = house.technician().get(&format!("/acts/{}/document.pdf", id(&act))).bytes();
    assert!(copy.starts_with(&frozen));
    let paper: String = words(&copy).split_whitespace().collect();
    assert!(paper.contains("{{7*7}}") && paper.contains("<script>alert(1)</script>"), "{paper}");
    // Addresses are written as they came, never as markup.
    let answer = client(house).get_root("/sign/%3Cscript%3E?lang=%22%3E%3Cscript%3E");
    assert_eq!(html(answer, 404).matches("<script").count(), 0);
}

fn who_tries_too_often_waits(house: &House) {
    let (act, path) = asked(house);
    let person = browser(house, "198.51.100.77", "en");
    let wrong = filled(&act, "", &[]);
    let statuses: Vec<u16> = (0..31).map(|_| send(&person, &path, &wrong).status).collect();
    assert_eq!((statuses[0], statuses[29], statuses[30]), (422, 422, 429));
    // Somebody elsewhere is none the worse for it, and looking is no try.
    person.get_root(&path).bytes();
    sign(&client(house), &path, &act, &[]);
}

/// What a stream said so far.
struct Stream {
    wire: TcpStream,
    said: String,
}

impl Stream {
    fn open(house: &House, act: &Value, person: &Person, query: &str) -> Self {
        let mut wire = TcpStream::connect(house.base.strip_prefix("http://").unwrap()).unwrap();
        wire.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        let head = format!(
            "GET /api/v1/acts/{}/events{query} HTTP/1.1\r\nHost: naryad\r\nAccept-Encoding: gzip\r\nAuthorization: Bearer {}\r\n\r\n",
            id(act),
            person.token()
        );
        wire.write_all(head.as_bytes()).unwrap();
        Self { wire, said: String::new() }
    }

    /// Reads until a text was said, for ten seconds at the most.
    #[track_caller]
    fn until(&mut self, text: &str) -> &str {
        let began = Instant::now();
        let mut bytes = [0; 4096];
        while !self.said.contains(text) {
            assert!(began.elapsed() < Duration::from_secs(10), "{text} is not in {}", self.said);
            match self.wire.read(&mut bytes) {
                Ok(0) => panic!("it ended without {text}: {}", self.said),
                Ok(read) => self.said.push_str(&String::from_utf8_lossy(&bytes[..read])),
                Err(_) => {}
            }
        }
        &self.said
    }
}

fn a_technician_sees_it_at_once(house: &House) {
    let (act, path) = asked(house);
    let technician = house.technician();
    let mut stream = Stream::open(house, &act, &technician, "");
    let head = stream.until("event: link").to_lowercase();
    assert!(head.contains("200 ok") && head.contains("content-type: text/event-stream"), "{head}");
    assert!(!head.contains("gzip"), "events that are packed wait: {head}");
    assert!(stream.until("\"state\":\"open\"").contains("event: act"));
    // The client came to another instance.
    let other = house.another();
    let elsewhere = browser(&other, "203.0.113.7", "ru");
    elsewhere.send_root("POST", &format!("{path}/seen"), "", Vec::new());
    stream.until("\"state\":\"viewed\"");
    sign(&elsewhere, &path, &act, &[]);
    stream.until("\"state\":\"signed\"");
    stream.until("\"status\":\"signed\"");
    let told = technician.get(&format!("/acts/{}/events?seconds=1", id(&act)));
    assert_eq!(told.header("cache-control"), "no-store");
    let told = String::from_utf8(told.bytes()).unwrap();
    assert!(told.ends_with("event: end\ndata: {\"because\":\"time_is_up\"}\n\n"), "{told}");
    for seconds in ["0", "901", "x"] {
        let at = format!("/acts/{}/events?seconds={seconds}", id(&act));
        technician.get(&at).refused(400, "invalid_parameter");
    }
    house.outsider().get(&format!("/acts/{}/events", id(&act))).refused(404, "not_found");
    house.client().get(&format!("/acts/{}/events", id(&act))).refused(403, "forbidden");
    // One person watches four at a time.
    let _more: Vec<_> = (0..3)
        .map(|_| {
            let mut stream = Stream::open(house, &act, &technician, "");
            stream.until("event: act");
            stream
        })
        .collect();
    technician.get(&format!("/acts/{}/events", id(&act))).refused(429, "rate_limited");
}

fn a_stream_ends_with_its_session(house: &House) {
    let act = issued(house);
    let technician = house.stranger().signed_in("technician", crate::scene::PASSWORD);
    let mut stream = Stream::open(house, &act, &technician, "");
    stream.until("event: act");
    technician.post("/auth/logout", &json!({})).is(204);
    stream.until("{\"because\":\"session_revoked\"}");
}

fn there_are_never_too_many(house: &House) {
    let act = issued(house);
    for _ in 0..10 {
        link(house, &act, &json!({})).is(201);
    }
    link(house, &act, &json!({})).refused(429, "too_many_links");
    let one = id(&links(house, &act)[4]);
    house.technician().post(&format!("/acts/{}/links/{one}/revocation", id(&act)), &json!({})).is(200);
    link(house, &act, &json!({})).is(201);
}
