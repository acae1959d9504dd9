//! Mail: links, one-time codes and signed acts on their way, to a mail server that listens.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::documents::words;
use crate::house::{House, on_each_database};
use crate::job::{Job, ink};
use crate::links::{act_now, actions, browser, client, filled, html, issued, links, send, sign};
use crate::person::{Answer, Person, form, id, text};
use crate::post::{Letter, Post, Refusal};

on_each_database![
    a_link_goes_by_mail,
    a_letter_speaks_the_language_of_its_act,
    without_a_mail_server_no_mail_is_promised,
    whoever_is_written_to_has_an_address,
    a_short_message_is_told,
    what_was_not_taken_is_tried_again,
    what_is_refused_for_good_is_given_up,
    what_is_over_is_not_sent,
    several_instances_send_once,
    a_code_confirms_a_signature,
    a_code_is_not_guessed,
    a_code_is_for_one_link,
    codes_are_not_sent_without_end,
    both_parties_get_the_signed_act,
    a_copy_goes_where_the_signer_says,
    nobody_gets_a_copy_of_a_refusal,
    nothing_gets_into_a_header,
];

/// The house, and a mail server that it uses.
fn with_post(house: &House) -> (House, Post) {
    let post = Post::open();
    let house = house.another_with(|options| post.used_by(options));
    (house, post)
}

fn give_address(house: &House, contact: &str, address: &str) {
    house.manager().patch(&format!("/contacts/{contact}"), &json!({"email": address})).is(200);
}

fn link(house: &House, act: &Value, body: &Value) -> Answer {
    house.technician().post(&format!("/acts/{}/links", id(act)), body)
}

/// Where on the server a link leads whose address was told.
fn path_of(made: &Value) -> String {
    let url = text(made, "url");
    url.get(url.find("/sign/").unwrap()..).unwrap().to_owned()
}

/// The link goes to the accountant by mail.
fn mailed(house: &House, post: &Post, act: &Value, address: &str) -> Letter {
    give_address(house, &house.scene.accountant, address);
    let body = json!({"contact_id": house.scene.accountant, "send_by": "email"});
    link(house, act, &body).is(201);
    post.wait(address, 1)
}

fn demand_codes(house: &House) {
    let at = format!("/agreements/{}", house.scene.agreement);
    house.manager().patch(&at, &json!({"signing_code_required": true})).is(200);
}

fn messages(house: &House, query: &str) -> Vec<Value> {
    house.dispatcher().get(&format!("/messages{query}")).is(200)["data"].as_array().unwrap().clone()
}

/// The only message about an act, as soon as it stands so.
#[track_caller]
fn becomes(house: &House, act: &Value, state: &str) -> Value {
    let began = Instant::now();
    loop {
        let found = messages(house, &format!("?act_id={}", id(act)));
        assert_eq!(found.len(), 1, "{found:?}");
        if found[0]["state"] == state {
            return found[0].clone();
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{found:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Secrets that are still kept.
fn secrets(house: &House) -> i64 {
    use diesel::prelude::*;
    use naryad::db::schema::messages;
    let kept = |conn: &mut naryad::db::DbConnection| {
        Ok(messages::table.filter(messages::secret.is_not_null()).count().get_result(conn)?)
    };
    house.app.db.read_now(kept).unwrap()
}

fn ask_code(person: &Person, path: &str, act: &Value) -> Answer {
    let drawn = ink().to_string();
    let (kind, body) = form("nothing", &[], &filled(act, &drawn, &[("name", "Мария"), ("consent", "")]));
    person.send_root("POST", &format!("{path}/code"), &kind, body)
}

fn a_link_goes_by_mail(house: &House) {
    let (house, post) = &with_post(house);
    let act = issued(house);
    let letter = mailed(house, post, &act, "maria@example.org");
    let message = becomes(house, &act, "sent");
    let link = &links(house, &act)[0];
    for (member, wanted) in [
        ("kind", json!("signature_link")),
        ("recipient", json!("maria@example.org")),
        ("recipient_name", json!("Ґалаґан Їжак Ёлкин")),
        ("link_id", link["id"].clone()),
        ("company_id", json!(house.scene.company)),
        ("tries", json!(1)),
        ("failure", Value::Null),
        ("next_try_at", Value::Null),
    ] {
        assert_eq!(message[member], wanted, "{member}");
    }
    assert_eq!((&link["send_by"], &link["email"]), (&json!("email"), &json!("maria@example.org")));
    assert_eq!((&link["message"]["id"], &link["message"]["state"]), (&message["id"], &json!("sent")));
    assert_eq!((&link["url"], &link["qr_svg"]), (&Value::Null, &Value::Null));
    // As mail programs read it.
    let read = letter.read();
    assert_eq!(read.subject().unwrap(), format!("Акт № {} на подпись", text(&act, "number")));
    let from = read.from().unwrap().first().unwrap();
    assert_eq!((from.name(), from.address()), (Some("«Сервис»"), Some("desk@naryad.example")));
    let to = read.to().unwrap().first().unwrap();
    assert_eq!((to.name(), to.address()), (Some("Ґалаґан Їжак Ёлкин"), Some("maria@example.org")));
    assert_eq!(read.message_id().unwrap(), format!("{}@naryad.example", id(&message)));
    assert_eq!(read.header_raw("Auto-Submitted").unwrap().trim(), "auto-generated");
    let (plain, page) = (letter.text(), letter.html());
    let path = letter.path();
    for phrase in ["ООО «Сервис-ИТ»", "Не печатает НАСОС", &text(&act, "number"), &path] {
        assert!(plain.contains(phrase) && page.replace("&#x2f;", "/").contains(phrase), "{phrase}: {plain} {page}");
    }
    assert!(!page.contains("src=") && !page.contains("url(") && !page.contains("<link"), "{page}");
    // It opens the page, and nobody but the recipient was told where that is.
    let token = path.rsplit('/').next().unwrap();
    assert!(html(client(house).get_root(&path), 200).contains("Что сделано"));
    assert_eq!(secrets(house), 0);
    let everything = house.admin().get("/events?limit=200").is(200).to_string()
        + &house.admin().get("/messages").is(200).to_string()
        + &links(house, &act)[0].to_string();
    assert!(!everything.contains(token), "the token is told");
    assert!(everything.contains("m***@example.org"), "{everything}");
    assert_eq!(actions(house, &act), ["act.issued", "act.link_made", "act.message_queued", "act.message_sent"]);
    // Filters, and who may look.
    assert_eq!(messages(house, "?state=sent&kind=signature_link").len(), 1);
    assert_eq!(messages(house, &format!("?company_id={}", house.scene.company)).len(), 1);
    assert_eq!(messages(house, &format!("?company_id={}", house.scene.rival_company)).len(), 0);
    assert_eq!(messages(house, "?state=failed").len(), 0);
    house.dispatcher().get("/messages?state=lost").blames("state", "not_one_of");
    house.technician().get("/messages").refused(403, "forbidden");
    let at = format!("/messages/{}", id(&message));
    assert_eq!(house.manager().get(&at).is(200)["state"], "sent");
    house.manager().post(&format!("{at}/retry"), &json!({})).refused(409, "message_over");
    // The same request twice is one link and one letter.
    let body = json!({"id": "0190c1de-0000-7000-8000-00000000b111", "send_by": "email", "email": "twice@example.org"});
    self::link(house, &act, &body).is(201);
    assert_eq!(self::link(house, &act, &body).is(200)["email"], "twice@example.org");
    post.wait("twice@example.org", 1);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(post.to("twice@example.org").len(), 1);
}

fn a_letter_speaks_the_language_of_its_act(house: &House) {
    let (house, post) = &with_post(house);
    for (language, subject, phrase) in [
        ("uk", "на підпис", "Прочитати і підписати"),
        ("en", "for your signature", "Read and sign"),
        ("ru", "на подпись", "Прочитать и подписать"),
    ] {
        let job = Job::strict(house);
        job.finish();
        let act = job.act_in(language);
        let address = format!("{language}@example.org");
        link(house, &act, &json!({"send_by": "email", "email": address})).is(201);
        let letter = post.wait(&address, 1);
        assert!(letter.read().subject().unwrap().ends_with(subject));
        assert!(letter.text().contains(phrase) && letter.html().contains(phrase));
        assert!(letter.html().contains(&format!("<html lang=\"{language}\">")));
    }
}

fn without_a_mail_server_no_mail_is_promised(house: &House) {
    let act = issued(house);
    let by_mail = json!({"send_by": "email", "email": "maria@example.org"});
    let told = link(house, &act, &by_mail).refused(422, "mail_not_configured");
    assert!(text(&told, "detail").contains("NARYAD_SMTP_URL"), "{told}");
    link(house, &act, &json!({})).is(201);
    assert_eq!(links(house, &act).len(), 1);
    demand_codes(house);
    link(house, &act, &json!({"email": "maria@example.org"})).refused(422, "mail_not_configured");
    // A link that was made before the agreement asked for codes can be signed by no more.
    let path = "/sign/x";
    html(ask_code(&client(house), path, &act), 404);
    assert_eq!(messages(house, "").len(), 0);
}

fn whoever_is_written_to_has_an_address(house: &House) {
    let (house, post) = &with_post(house);
    let (act, accountant) = (issued(house), house.scene.accountant.clone());
    link(house, &act, &json!({"send_by": "email"})).blames("/email", "required");
    link(house, &act, &json!({"send_by": "email", "contact_id": accountant})).blames("/email", "required");
    link(house, &act, &json!({"send_by": "email", "email": "maria"})).blames("/email", "not_an_email");
    link(house, &act, &json!({"send_by": "pigeon"})).blames("/send_by", "not_one_of");
    let typed = json!({"send_by": "email", "contact_id": accountant, "email": "typed@example.org"});
    link(house, &act, &typed).is(201);
    post.wait("typed@example.org", 1);
    // A contact's mail goes to the contact, wherever whoever makes the link would like it to go.
    give_address(house, &accountant, "maria@example.org");
    link(house, &act, &typed).blames("/email", "not_together");
    link(house, &act, &json!({"phone": "+79161234567"})).blames("/phone", "not_together");
    // Where a code is asked for, there must be somewhere to send it.
    demand_codes(house);
    link(house, &act, &json!({})).blames("/email", "required");
    assert_eq!(link(house, &act, &json!({"contact_id": accountant})).is(201)["email"], "maria@example.org");
}

fn a_short_message_is_told(house: &House) {
    let act = issued(house);
    link(house, &act, &json!({"send_by": "sms"})).blames("/phone", "required");
    let made = link(house, &act, &json!({"send_by": "sms", "phone": "+7 (916) 123-45-67"})).is(201);
    let sms = &made["sms"];
    assert_eq!((&made["send_by"], &sms["to"]), (&json!("sms"), &json!("+79161234567")));
    let url = text(&made, "url");
    assert_eq!(text(sms, "text"), format!("Акт № {} на подпись: {url}", text(&act, "number")));
    let uri = text(sms, "uri");
    assert!(uri.starts_with("sms:+79161234567?body=%D0%90") && uri.is_ascii() && !uri.contains(' '), "{uri}");
    assert_eq!(links(house, &act)[0]["sms"], Value::Null);
}

fn what_was_not_taken_is_tried_again(house: &House) {
    let (house, post) = &with_post(house);
    post.refuse(&[Refusal::Says("450 4.2.0 later"), Refusal::HangsUp, Refusal::Says("535 5.7.8 who are you")]);
    let act = issued(house);
    link(house, &act, &json!({"send_by": "email", "email": "maria@example.org"})).is(201);
    let began = Instant::now();
    let mut ahead = 0;
    let (mut tries, mut said) = (0, Vec::new());
    while post.to("maria@example.org").is_empty() {
        assert!(began.elapsed() < Duration::from_secs(40), "{said:?}");
        let message = &messages(house, &format!("?act_id={}", id(&act)))[0];
        if message["state"] == "queued" && message["tries"].as_i64().unwrap() > tries {
            tries = message["tries"].as_i64().unwrap();
            said.push(text(message, "failure_detail"));
            assert!(message["next_try_at"].is_string());
            // The pause is over.
            ahead += 150;
            house.app.clock.set_ahead(ahead);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let message = becomes(house, &act, "sent");
    assert_eq!((&message["tries"], &message["failure_detail"]), (&json!(4), &Value::Null));
    assert!(said[0].contains("450") && said[0].contains("later"), "{said:?}");
    assert_eq!((tries, post.to("maria@example.org").len()), (3, 1));
}

fn what_is_refused_for_good_is_given_up(house: &House) {
    let (house, post) = &with_post(house);
    post.refuse(&[Refusal::Says("550 5.1.1 nobody here"), Refusal::Quotes]);
    let act = issued(house);
    link(house, &act, &json!({"send_by": "email", "email": "maria@example.org"})).is(201);
    let message = becomes(house, &act, "failed");
    assert_eq!((&message["failure"], &message["tries"]), (&json!("refused"), &json!(1)));
    assert!(text(&message, "failure_detail").contains("nobody here"));
    assert_eq!(links(house, &act)[0]["message"]["failure"], "refused");
    let retry = format!("/messages/{}/retry", id(&message));
    house.technician().post(&retry, &json!({})).refused(403, "forbidden");
    assert_eq!(house.dispatcher().post(&retry, &json!({})).is(200)["state"], "queued");
    // A filter of spam quotes the link: it is not kept.
    let message = becomes(house, &act, "failed");
    let said = text(&message, "failure_detail");
    assert!(said.contains("554") && said.contains("/sign/…"), "{said}");
    house.dispatcher().post(&retry, &json!({})).is(200);
    let letter = post.wait("maria@example.org", 1);
    assert_eq!(becomes(house, &act, "sent")["failure"], Value::Null);
    assert!(!said.contains(letter.path().rsplit('/').next().unwrap()));
    assert_eq!(
        actions(house, &act)[2..],
        [
            "act.message_queued",
            "act.message_failed",
            "act.message_retried",
            "act.message_failed",
            "act.message_retried",
            "act.message_sent"
        ]
    );
}

fn what_is_over_is_not_sent(house: &House) {
    let (house, post) = &with_post(house);
    post.refuse(&[Refusal::Says("450 later")]);
    let act = issued(house);
    let made = link(house, &act, &json!({"send_by": "email", "email": "maria@example.org"})).is(201);
    let began = Instant::now();
    while messages(house, "")[0]["tries"] != 1 || messages(house, "")[0]["state"] != "queued" {
        assert!(began.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(20));
    }
    house.technician().post(&format!("/acts/{}/links/{}/revocation", id(&act), id(&made)), &json!({})).is(200);
    house.app.clock.set_ahead(60);
    let message = becomes(house, &act, "failed");
    assert_eq!(message["failure"], "not_needed");
    assert_eq!((post.to("maria@example.org").len(), secrets(house)), (0, 0));
    house.dispatcher().post(&format!("/messages/{}/retry", id(&message)), &json!({})).refused(409, "message_over");
}

fn several_instances_send_once(house: &House) {
    let (house, post) = &with_post(house);
    let _others: Vec<House> = (0..3).map(|_| house.another_with(|options| post.used_by(options))).collect();
    let act = issued(house);
    for number in 0..8 {
        let body = json!({"send_by": "email", "email": format!("one{number}@example.org")});
        link(house, &act, &body).is(201);
    }
    for number in 0..8 {
        post.wait(&format!("one{number}@example.org"), 1);
    }
    std::thread::sleep(Duration::from_secs(3));
    for number in 0..8 {
        assert_eq!(post.to(&format!("one{number}@example.org")).len(), 1);
    }
    assert_eq!(messages(house, "?state=sent").len(), 8);
}

fn a_code_confirms_a_signature(house: &House) {
    let (house, post) = &with_post(house);
    demand_codes(house);
    let act = issued(house);
    let path = mailed(house, post, &act, "maria@example.org").path();
    let person = client(house);
    let page = html(person.get_root(&path), 200);
    assert!(page.contains("Прислать код") && page.contains("m***@example.org"), "{page}");
    assert!(!page.contains("maria@example.org"), "{page}");
    // Without a code nothing is signed, and what was filled in is still there.
    let drawn = ink().to_string();
    let page = html(send(&person, &path, &filled(&act, &drawn, &[])), 422);
    assert!(page.contains("Введите шесть цифр") && page.contains("&quot;groups&quot;"), "{page}");
    let page = html(ask_code(&person, &path, &act), 200);
    assert!(
        page.contains("Код отправлен на адрес m***@example.org") && page.contains("value=\"accepted\" checked"),
        "{page}"
    );
    assert!(page.contains("Прислать новый код"), "{page}");
    let letter = post.wait("maria@example.org", 2);
    let code = letter.code();
    assert!(letter.read().subject().unwrap().starts_with("Код для подписания акта"));
    assert!(letter.text().replace('\u{a0}', " ").contains("на сумму 1 349,85 RUB"), "{}", letter.text());
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let page = html(send(&person, &path, &filled(&act, &drawn, &[("code", wrong)])), 422);
    assert!(page.contains("Это не тот код"), "{page}");
    assert_eq!(act_now(house, &act)["status"], "issued");
    let (first, last) = code.split_at(3);
    let spaced = format!("{first} {last}");
    assert!(sign(&person, &path, &act, &[("code", &spaced)]).contains("Работы приняты"));
    // It is told how it was confirmed, and to whom the code went.
    let evidence = house.technician().get(&format!("/acts/{}/evidence.json", id(&act))).is(200);
    let otp = &evidence["signatures"][0]["otp"];
    assert_eq!((&otp["channel"], &otp["contact_masked"]), (&json!("email"), &json!("m***@example.org")));
    assert_eq!(otp["attempts"], 2);
    assert!(otp["sent_at"].is_string() && otp["verified_at"].is_string(), "{otp}");
    assert!(!evidence.to_string().contains(&code) && !evidence.to_string().contains("maria@"), "{evidence}");
    let paper = words(&house.technician().get(&format!("/acts/{}/signed.pdf", id(&act))).bytes());
    assert!(paper.contains("Подтверждено одноразовым кодом, отправленным на m***@example.org"), "{paper}");
    assert!(paper.contains("введён неверный одноразовый код"), "{paper}");
    let everything = house.admin().get("/events?limit=200").is(200).to_string()
        + &house.admin().get("/messages").is(200).to_string();
    assert!(!everything.contains(&code), "the code is told");
    assert_eq!(secrets(house), 0);
    assert_eq!(house.admin().get("/events/verification").is(200)["intact"], true);
    assert_eq!(client(house).get_root(&format!("{path}/code")).status, 303);
}

fn a_code_is_not_guessed(house: &House) {
    let (house, post) = &with_post(house);
    demand_codes(house);
    let act = issued(house);
    let path = mailed(house, post, &act, "maria@example.org").path();
    html(ask_code(&client(house), &path, &act), 200);
    let code = post.wait("maria@example.org", 2).code();
    let drawn = ink().to_string();
    let guess = |number: usize| format!("{:06}", (code.parse::<usize>().unwrap() + 1 + number) % 1_000_000);
    // Fifty at once, on two instances: five are looked at, and the right one comes too late.
    let other = house.another_with(|options| post.used_by(options));
    std::thread::scope(|scope| {
        for number in 0..50 {
            let (house, other, act, path, drawn) = (&house, &other, &act, &path, &drawn);
            let guess = guess(number);
            scope.spawn(move || {
                let house = if number % 2 == 0 { *house } else { other };
                let person = browser(house, &format!("10.7.{number}.1"), "ru");
                let answer = send(&person, path, &filled(act, drawn, &[("code", &guess)]));
                assert!([422, 503].contains(&answer.status), "{}", answer.status);
            });
        }
    });
    let tried = |house: &House| {
        use diesel::prelude::*;
        use naryad::db::schema::signing_codes;
        let sum = |conn: &mut naryad::db::DbConnection| {
            Ok(signing_codes::table.select(signing_codes::tries).load::<i64>(conn)?)
        };
        house.app.db.read_now(sum).unwrap().into_iter().sum::<i64>()
    };
    let mut number = 50;
    let mut told = String::new();
    while !told.contains("больше не действует") {
        let person = browser(house, &format!("10.8.{number}.1"), "ru");
        told = html(send(&person, &path, &filled(&act, &drawn, &[("code", &guess(number))])), 422);
        number += 1;
        assert!(number < 60, "{told}");
    }
    assert_eq!(tried(house), 5);
    let late = send(&client(house), &path, &filled(&act, &drawn, &[("code", &code)]));
    assert!(html(late, 422).contains("больше не действует"));
    // Further codes, further tries: fifteen by one link, whatever the codes, and then not even the right one is looked at.
    for round in 1..4 {
        house.app.clock.set_ahead(round * 3_700);
        html(ask_code(&browser(house, "10.9.0.1", "ru"), &path, &act), 200);
        post.wait("maria@example.org", 2 + usize::try_from(round).unwrap());
        for number in 0..if round < 3 { 5 } else { 0 } {
            let person = browser(house, &format!("10.9.{round}.{number}"), "ru");
            html(send(&person, &path, &filled(&act, &drawn, &[("code", &guess(number))])), 422);
        }
    }
    let code = post.wait("maria@example.org", 5).code();
    let person = browser(house, "10.10.0.1", "ru");
    let told = html(send(&person, &path, &filled(&act, &drawn, &[("code", &code)])), 422);
    assert!(told.contains("подписать по этой ссылке уже нельзя"), "{told}");
    house.app.clock.set_ahead(0);
    assert_eq!(act_now(house, &act)["status"], "issued");
}

fn a_code_is_for_one_link(house: &House) {
    let (house, post) = &with_post(house);
    demand_codes(house);
    let act = issued(house);
    let first = mailed(house, post, &act, "maria@example.org").path();
    link(house, &act, &json!({"send_by": "email", "email": "oleg@example.org"})).is(201);
    let second = post.wait("oleg@example.org", 1).path();
    html(ask_code(&client(house), &first, &act), 200);
    html(ask_code(&client(house), &second, &act), 200);
    let (marias, olegs) = (post.wait("maria@example.org", 2).code(), post.wait("oleg@example.org", 2).code());
    let drawn = ink().to_string();
    if marias != olegs {
        html(send(&client(house), &second, &filled(&act, &drawn, &[("code", &marias)])), 422);
    }
    // Another code takes the place of the one before.
    house.app.clock.set_ahead(61);
    html(ask_code(&client(house), &second, &act), 200);
    let newer = post.wait("oleg@example.org", 3).code();
    if newer != olegs {
        html(send(&client(house), &second, &filled(&act, &drawn, &[("code", &olegs)])), 422);
    }
    // And none is good for longer than ten minutes.
    house.app.clock.set_ahead(61 + 601);
    let late = html(send(&client(house), &second, &filled(&act, &drawn, &[("code", &newer)])), 422);
    assert!(late.contains("больше не действует"), "{late}");
    house.app.clock.set_ahead(0);
    assert!(sign(&client(house), &first, &act, &[("code", &marias)]).contains("Работы приняты"));
}

fn codes_are_not_sent_without_end(house: &House) {
    let (house, post) = &with_post(house);
    demand_codes(house);
    let act = issued(house);
    let path = mailed(house, post, &act, "maria@example.org").path();
    let person = |number: usize| browser(house, &format!("10.20.{number}.1"), "en");
    html(ask_code(&person(0), &path, &act), 200);
    assert!(html(ask_code(&person(0), &path, &act), 429).contains("in a minute"));
    let answers: Vec<u16> = std::thread::scope(|scope| {
        house.app.clock.set_ahead(70);
        let (path, act, person) = (&path, &act, &person);
        let threads: Vec<_> =
            (0..10).map(|number| scope.spawn(move || ask_code(&person(number), path, act).status)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    house.app.clock.set_ahead(140);
    html(ask_code(&person(1), &path, &act), 200);
    house.app.clock.set_ahead(210);
    assert!(html(ask_code(&person(1), &path, &act), 429).contains("Too many codes"));
    // By another link to the same address neither.
    let technician = house.stranger().signed_in("technician", crate::scene::PASSWORD);
    let body = json!({"contact_id": house.scene.accountant, "send_by": "email"});
    technician.post(&format!("/acts/{}/links", id(&act)), &body).is(201);
    let other = post.wait("maria@example.org", 5).path();
    html(ask_code(&person(2), &other, &act), 429);
    house.app.clock.set_ahead(0);
}

/// Our side signs.
fn hand_over(house: &House, act: &Value) {
    let body = json!({"party": "provider", "document_sha256": act["document_sha256"], "outcome": "accepted", "ink": ink(),
                      "signer": {"name": "Иванов Иван Иванович", "position": "инженер"}});
    house.technician().post(&format!("/acts/{}/signatures", id(act)), &body).is(201);
}

fn both_parties_get_the_signed_act(house: &House) {
    let (house, post) = &with_post(house);
    let provider = json!({"legal_name": "ООО «Сервис-ИТ»", "language": "ru", "currency": "RUB", "time_zone": "Europe/Moscow",
                          "vat": {"mode": "included", "rate": "22"}, "email": "desk@service.example"});
    house.manager().put("/provider", &provider).is(200);
    house
        .manager()
        .patch(&format!("/companies/{}", house.scene.company), &json!({"email": "office@client.example"}))
        .is(200);
    // The contact of the ticket is the accountant, who has no address: the company's office gets the copy.
    let act = issued(house);
    link(house, &act, &json!({"send_by": "email", "email": "maria@example.org"})).is(201);
    let first = post.wait("maria@example.org", 1);
    assert_eq!(first.read().reply_to().unwrap().first().unwrap().address(), Some("desk@service.example"));
    sign(&client(house), &first.path(), &act, &[]);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(post.to("maria@example.org").len(), 1, "our side has not signed yet");
    hand_over(house, &act);
    let copy = house.technician().get(&format!("/acts/{}/signed.pdf", id(&act))).bytes();
    for (address, number) in [("maria@example.org", 2), ("office@client.example", 1), ("desk@service.example", 1)] {
        let letter = post.wait(address, number);
        let (name, bytes) = letter.file();
        assert_eq!(name, format!("act-{}-v1-signed.pdf", text(&act, "number")));
        assert!(bytes == copy, "{address} got another file");
        assert!(letter.read().subject().unwrap().starts_with("Подписанный акт"));
        assert!(letter.text().contains("/verify/"), "{}", letter.text());
    }
    std::thread::sleep(Duration::from_millis(500));
    let sent = messages(house, &format!("?act_id={}&kind=signed_act", id(&act)));
    assert_eq!(sent.len(), 3, "{sent:?}");
    // Somebody who wants no more than the signer's copies, and at once.
    let (act, quick) = (issued(house), Post::open());
    let at_once = house.another_with(|options| {
        quick.used_by(options);
        options.signed_acts_to = vec!["signer".to_owned()];
        options.signed_acts_after = Some("client".to_owned());
    });
    let made = link(&at_once, &act, &json!({"email": "once@example.org"})).is(201);
    sign(&client(&at_once), &path_of(&made), &act, &[]);
    let began = Instant::now();
    while post.to("once@example.org").len() + quick.to("once@example.org").len() == 0 {
        assert!(began.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(messages(house, &format!("?act_id={}&kind=signed_act", id(&act))).len(), 1);
}

fn a_copy_goes_where_the_signer_says(house: &House) {
    let (house, post) = &with_post(house);
    let act = issued(house);
    hand_over(house, &act);
    let made = link(house, &act, &json!({})).is(201);
    let path = &path_of(&made);
    assert!(html(client(house).get_root(path), 200).contains("Эл. почта для копии акта"));
    let drawn = ink().to_string();
    let page = html(send(&client(house), path, &filled(&act, &drawn, &[("copy_to", "мне")])), 422);
    assert!(page.contains("не адрес электронной почты") && page.contains("value=\"мне\""), "{page}");
    sign(&client(house), path, &act, &[("copy_to", "walk-in@example.org")]);
    let (_, bytes) = post.wait("walk-in@example.org", 1).file();
    let copy = house.technician().get(&format!("/acts/{}/signed.pdf", id(&act))).bytes();
    assert!(bytes == copy);
}

fn nobody_gets_a_copy_of_a_refusal(house: &House) {
    let (house, post) = &with_post(house);
    let act = issued(house);
    hand_over(house, &act);
    link(house, &act, &json!({"send_by": "email", "email": "maria@example.org"})).is(201);
    let path = post.wait("maria@example.org", 1).path();
    sign(&client(house), &path, &act, &[("outcome", "refused"), ("remarks", "Не работает"), ("ink", "")]);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(messages(house, "?kind=signed_act").len(), 0);
}

fn nothing_gets_into_a_header(house: &House) {
    let (house, post) = &with_post(house);
    let evil = "Їжак\u{202e}\" <a@evil.example>, b@evil.example\r\nBcc: c@evil.example =?utf-8?q?=0D=0A?=";
    let body = json!({"company_id": house.scene.company, "name": evil, "position": evil, "email": "maria@example.org",
                      "signing_authority": "routine"});
    let contact = house.manager().post("/contacts", &body).is(201);
    let mut ticket = house.scene.plain_ticket();
    ticket["subject"] = json!(format!("{evil} <script>alert(1)</script>{{{{ 7*7 }}}}"));
    let ticket = id(&house.dispatcher().post("/tickets", &ticket).is(201));
    let act = house.manager().post(&format!("/tickets/{ticket}/acts"), &json!({})).is(201);
    let body = json!({"contact_id": contact["id"], "send_by": "email"});
    house.manager().post(&format!("/acts/{}/links", id(&act)), &body).is(201);
    let letter = post.wait("maria@example.org", 1);
    let read = letter.read();
    let to = read.to().unwrap();
    assert_eq!((to.iter().count(), to.first().unwrap().address()), (1, Some("maria@example.org")));
    assert!(read.bcc().is_none() && read.cc().is_none());
    assert!(!to.first().unwrap().name().unwrap().contains('\u{202e}'));
    assert!(letter.html().contains("&lt;script&gt;") && letter.html().contains("{{ 7*7 }}"), "{}", letter.html());
    for address in ["a@evil.example", "b@evil.example", "c@evil.example"] {
        assert_eq!(post.to(address).len(), 0);
    }
}
