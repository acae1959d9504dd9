//! What people without a login see and say on the page behind a label, and what dispatchers make of it.

use diesel::prelude::*;
use naryad::codes::{CodeState, LabelCode};
use naryad::db::schema::codes;
use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::person::{Answer, Person, form, id, text};
use crate::pictures;
use crate::scene::PASSWORD;

on_each_database![
    a_label_leads_to_a_page,
    what_leads_nowhere_looks_alike,
    a_form_becomes_a_report,
    a_form_that_cannot_be_taken_comes_back_whole,
    programs_that_fill_in_forms_are_noticed,
    one_click_makes_a_ticket,
    a_report_is_put_aside,
    others_notice_it_too,
    a_report_as_json,
    an_app_is_sent_to_the_card,
];

/// Somebody at an address of their own.
pub fn at(house: &House, address: &str) -> Person {
    house.stranger().with("x-forwarded-for", address).with("accept-language", "ru")
}

/// The page that was answered.
pub fn page(answer: Answer) -> String {
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    String::from_utf8(answer.bytes).unwrap()
}

/// The value of a hidden field of a page.
fn hidden(page: &str, name: &str) -> String {
    let from = page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or_else(|| panic!("{name}: {page}"));
    from.split('"').next().unwrap().to_owned()
}

/// A form as somebody fills it in who has taken the time to read it.
pub struct Filled {
    path: String,
    fields: Vec<(String, String)>,
    photos: Vec<Vec<u8>>,
}

impl Filled {
    /// The form of the page that the person sees now.
    pub fn new(house: &House, person: &Person, text: &str) -> Self {
        let at = format!("/Q/{}", house.scene.code());
        let page = page(person.get_root(&at));
        house.app.clock.set_ahead(house.app.clock.now().seconds() - now() + 4);
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut fields = vec![
            field("report_id", &hidden(&page, "report_id")),
            field("stamp", &hidden(&page, "stamp")),
            field("text", text),
            field("website", ""),
        ];
        if page.contains("name=\"another\"") {
            fields.push(field("another", "1"));
        }
        Self { path: format!("{at}/reports"), fields, photos: Vec::new() }
    }

    /// With this in one of its fields.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With one more picture.
    pub fn photo(mut self, bytes: Vec<u8>) -> Self {
        self.photos.push(bytes);
        self
    }

    /// Sends it.
    pub fn send(&self, person: &Person) -> Answer {
        let fields: Vec<_> = self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let photos: Vec<_> = self.photos.iter().map(|bytes| ("photo.jpg", bytes.as_slice())).collect();
        // A field without files is sent as an empty one.
        let photos = if photos.is_empty() { vec![("", [].as_slice())] } else { photos };
        let (kind, body) = form("photo", &photos, &fields);
        person.send_root("POST", &self.path, &kind, body)
    }
}

fn now() -> i64 {
    naryad::db::types::Timestamp::now().seconds()
}

/// Reports a fault through the form, with a picture; the id of the report.
pub fn reported(house: &House, address: &str) -> String {
    let person = at(house, address);
    let sent = Filled::new(house, &person, "Не печатает").photo(pictures::jpeg(64, 48)).send(&person);
    assert_eq!(sent.status, 303, "{}", String::from_utf8_lossy(&sent.bytes));
    id(&house.dispatcher().get("/reports").is(200)["data"][0])
}

/// Reports as a program does.
pub fn json_report(house: &House, person: &Person, body: &Value) -> Answer {
    let path = format!("/Q/{}/reports", house.scene.code());
    person.send_root("POST", &path, "application/json", serde_json::to_vec(body).unwrap())
}

fn a_label_leads_to_a_page(house: &House) {
    let code = house.scene.code();
    let typed = code.to_lowercase().replace('1', "l").replace('0', "o");
    for (path, language, words) in [
        (format!("/Q/{code}"), "ru", ["Сообщить о неисправности", "Инвентарный номер", "Место"]),
        (format!("/q/{typed}"), "uk", ["Повідомити про несправність", "Інвентарний номер", "Місце"]),
        (format!("/Q/{code}?lang=en"), "en", ["Report a fault", "Inventory number", "Place"]),
    ] {
        let browser = house.stranger().with("accept-language", if language == "en" { "uk" } else { language });
        let answer = browser.get_root(&path);
        assert_eq!((answer.status, answer.header("content-language")), (200, language));
        let policy = answer.header("content-security-policy").to_owned();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-robots-tag"), "noindex, nofollow");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cache-control"), "no-store");
        let page = page(answer);
        assert!(page.contains(&format!("<html lang=\"{language}\">")));
        for seen in words.into_iter().chain(["Принтер", "M404", "000123", "Офис", "ООО «Сервис-ИТ»"])
        {
            assert!(page.contains(seen), "{seen}: {page}");
        }
        for hidden in ["VN-1", "Ромашка", "Иванов", "<script", "http://", "https://"] {
            assert!(!page.contains(hidden), "{hidden}: {page}");
        }
    }
    assert!(house.stranger().send_root("HEAD", &format!("/Q/{code}"), "", Vec::new()).bytes().is_empty());
    house.stranger().send_root("DELETE", &format!("/Q/{code}"), "", Vec::new()).refused(405, "method_not_allowed");
    // The provider's language for those who ask for none of ours, until the company has one.
    let foreign = house.stranger().with("accept-language", "de");
    assert_eq!(foreign.get_root(&format!("/Q/{code}")).header("content-language"), "ru");
    let company = format!("/companies/{}", house.scene.company);
    house.manager().patch(&company, &json!({"language": "uk"})).is(200);
    assert_eq!(foreign.get_root(&format!("/Q/{code}")).header("content-language"), "uk");
    // What is open is told, without whose and what.
    assert!(!page(foreign.get_root(&format!("/Q/{code}"))).contains("робота вже триває"));
    house.dispatcher().post("/tickets", &house.scene.strict_ticket()).is(201);
    let seen = page(foreign.get_root(&format!("/Q/{code}")));
    assert!(seen.contains("робота вже триває") && !seen.contains("НАСОС"), "{seen}");
    // A label that was replaced works, and says so.
    house.technician().post(&format!("/assets/{}/codes", id(&house.scene.asset)), &json!({})).is(200);
    assert!(page(foreign.get_root(&format!("/Q/{code}"))).contains("Це стара етикетка"));
}

fn what_leads_nowhere_looks_alike(house: &House) {
    let asset =
        |name: &str| house.admin().post("/assets", &json!({"company_id": house.scene.company, "name": name})).is(201);
    let code = |asset: &Value| text(asset, "code");
    let (lost, scrapped) = (asset("Потерян"), asset("Списан"));
    house.admin().post(&format!("/codes/{}/revocation", code(&lost)), &json!({})).is(204);
    house.admin().patch(&format!("/assets/{}", id(&scrapped)), &json!({"archived": true})).is(200);
    // A client that has left, with a device that is still on the books.
    let gone = house.admin().post("/companies", &json!({"name": "Ушла"})).is(201);
    let left = house.admin().post("/assets", &json!({"company_id": id(&gone), "name": "Остался"})).is(201);
    house.admin().patch(&format!("/companies/{}", id(&gone)), &json!({"archived": true})).is(200);
    let blank = LabelCode::new().unwrap();
    let now = house.app.clock.now();
    house
        .app
        .db
        .write_now(move |conn| {
            let row = (
                codes::code.eq(blank),
                codes::state.eq(CodeState::Blank),
                codes::created_at.eq(now),
                codes::changed_at.eq(now),
            );
            diesel::insert_into(codes::table).values(row).execute(conn)?;
            Ok(())
        })
        .unwrap();
    let unknown = LabelCode::new().unwrap().to_string();
    let seen = |code: &str| {
        let answer = at(house, "203.0.113.1").get_root(&format!("/Q/{code}"));
        assert_eq!(answer.status, 404);
        let mut headers = answer.headers.clone();
        headers.remove("x-request-id");
        headers.remove("date");
        (headers, page(answer))
    };
    let reported = |code: &str, kind: &str, body: Vec<u8>| {
        at(house, "203.0.113.1").send_root("POST", &format!("/Q/{code}/reports"), kind, body)
    };
    let by_form = |code: &str| {
        let (kind, body) = form("photo", &[("photo.png", &pictures::png(2, 2))], &[("text", "x")]);
        let answer = reported(code, &kind, body);
        assert_eq!(answer.status, 404);
        page(answer)
    };
    let by_program = |code: &str, body: &[u8]| {
        let mut problem = reported(code, "application/json", body.to_vec()).refused(404, "code_not_found");
        // What is told of the request itself.
        for own in ["instance", "trace_id"] {
            problem.as_object_mut().unwrap().remove(own);
        }
        problem
    };
    let first = (seen(&unknown), by_form(&unknown), by_program(&unknown, br#"{"text":"x"}"#));
    assert!(first.0.1.contains("Здесь ничего нет") && !first.0.1.contains(&unknown));
    for code in [code(&lost), code(&scrapped), code(&left), blank.to_string(), "0000000000X".to_owned(), "x".to_owned()]
    {
        assert_eq!((seen(&code), by_form(&code), by_program(&code, br#"{"text":"x"}"#)), first, "{code}");
        assert_eq!(
            (&by_program(&code, b"[]"), &by_program(&code, br#"{"same":true}"#)),
            (&first.2, &first.2),
            "{code}"
        );
    }
    let lost = at(house, "203.0.113.1").get_root("/t/AAAA");
    assert_eq!(lost.status, 404);
    assert!(page(lost).contains("Сообщение не найдено"));
    // Who looks for codes is told nothing more, not even of those that there are.
    let guesser = at(house, "198.51.100.1");
    for _ in 0..60 {
        assert_eq!(guesser.get_root(&format!("/Q/{unknown}")).status, 404);
    }
    let refused = guesser.get_root(&format!("/Q/{}", house.scene.code()));
    assert_eq!((refused.status, refused.header("retry-after")), (429, "600"));
    assert!(page(refused).contains("Слишком много запросов"));
    assert_eq!(at(house, "198.51.101.1").get_root(&format!("/Q/{}", house.scene.code())).status, 200);
}

fn a_form_becomes_a_report(house: &House) {
    let person = at(house, "203.0.113.1");
    let filled = Filled::new(house, &person, "Не печатает <b>совсем</b>\nвторая строка")
        .with("name", "Вахтёр")
        .with("phone", "+7 921 555-01-02")
        .photo(pictures::jpeg(640, 480))
        .photo(pictures::png(20, 20));
    let sent = filled.send(&person);
    assert_eq!(sent.status, 303, "{}", String::from_utf8_lossy(&sent.bytes));
    let track = sent.header("location").to_owned();
    let followed = page(person.get_root(&track));
    assert!(
        followed.contains("<span class=\"number\">R-000001</span>") && followed.contains("Диспетчер рассматривает"),
        "{followed}"
    );
    for hidden in ["Вахтёр", "555-01-02", "совсем", "Ромашка"] {
        assert!(!followed.contains(hidden), "{hidden}");
    }
    assert!(page(person.get_root(&format!("{track}?lang=uk"))).contains("Диспетчер розглядає"));
    // Sent again because the answer got lost: the same report.
    assert_eq!(filled.send(&person).header("location"), track);
    let reports = house.dispatcher().get("/reports?state=new").is(200);
    assert_eq!(reports["data"].as_array().unwrap().len(), 1, "{reports}");
    let report = &reports["data"][0];
    assert_eq!(report["number"], "R-000001");
    assert_eq!(report["text"], "Не печатает <b>совсем</b>\nвторая строка");
    assert_eq!((&report["reporter_name"], &report["reporter_phone"]), (&json!("Вахтёр"), &json!("+7 921 555-01-02")));
    assert_eq!((&report["asset_name"], &report["company_name"]), (&json!("Принтер"), &json!("Ромашка")));
    assert_eq!((&report["site_name"], &report["language"]), (&json!("Офис"), &json!("ru")));
    assert_eq!(report["photos"][0]["media_type"], "image/jpeg");
    let path = format!("/reports/{}", id(report));
    assert_eq!(house.manager().get(&path).is(200), *report);
    let photo = house.dispatcher().get(&format!("{path}/photos/1"));
    assert_eq!(photo.header("content-security-policy"), "default-src 'none'; sandbox");
    assert_eq!(image::load_from_memory(&photo.bytes()).unwrap().width(), 640);
    house.dispatcher().get(&format!("{path}/photos/3")).refused(404, "not_found");
    house.technician().get("/reports").refused(403, "forbidden");
    house.client().get("/reports").refused(403, "forbidden");
    for (filter, count) in [
        (format!("asset_id={}", id(&house.scene.asset)), 1),
        (format!("company_id={}", house.scene.rival_company), 0),
        ("created_to=2020-01-01T00:00:00Z".to_owned(), 0),
        ("created_from=2020-01-01T00:00:00Z&limit=1".to_owned(), 1),
        ("state=accepted".to_owned(), 0),
    ] {
        let found = house.dispatcher().get(&format!("/reports?{filter}")).is(200);
        assert_eq!(found["data"].as_array().unwrap().len(), count, "{filter}");
    }
    // The history knows that nobody of ours did it, and from where it came.
    let events = house.admin().get(&format!("/events?object_id={}", id(report))).is(200);
    let made = &events["data"][0];
    assert_eq!((&made["action"], &made["actor_id"]), (&json!("report.made"), &Value::Null));
    assert_eq!(made["facts"]["from"]["ip"], "203.0.113.1");
    let life = house.technician().get(&format!("/assets/{}/history", id(&house.scene.asset))).is(200);
    assert_eq!(life["data"][0]["what"], "report");
    assert_eq!(life["data"][0]["text"], "R-000001 Не печатает <b>совсем</b>");
    // Reloading the answer to a form leads back to the page.
    let reloaded = person.get_root(&format!("{}?lang=uk", filled.path));
    assert_eq!(reloaded.header("location"), format!("/Q/{}?lang=uk", house.scene.code()));
}

fn a_form_that_cannot_be_taken_comes_back_whole(house: &House) {
    let person = at(house, "203.0.113.1");
    let filled = |text: &str| Filled::new(house, &person, text).with("name", "Вахтёр <i>").with("phone", "555-01-02");
    let refused = |filled: Filled, sentence: &str| {
        let answer = filled.send(&person);
        assert_eq!(answer.status, 422);
        let page = page(answer);
        assert!(
            page.contains(sentence)
                && page.contains("Вахтёр &lt;i&gt;")
                && page.contains("<details class=\"report\" open>"),
            "{page}"
        );
        page
    };
    refused(filled(" \n "), "Напишите, что случилось.");
    assert!(refused(filled(&"ж".repeat(2_001)), "помещается 2000 символов").contains(&"ж".repeat(2_001)));
    refused(filled("x").with("phone", "нет"), "нужно не меньше пяти цифр");
    assert!(refused(filled("x").photo(b"<svg/>".to_vec()), "не открывается как снимок").contains("выбрать снова"));
    refused(filled("x").photo(pictures::bomb(6_000, 5_000)), "больше 25 мегапикселей");
    refused(filled("x").photo(b"%PDF-1.7".to_vec()), "не открывается как снимок");
    refused(filled("x").photo(vec![0; (10 << 20) + 1]), "Снимок больше 10 МБ");
    let four = (0..4).fold(filled("x"), |filled, _| filled.photo(pictures::png(2, 2)));
    refused(four, "не больше трёх снимков");
    // What no page of ours sends.
    assert_eq!(filled("x").with("colour", "red").send(&person).status, 422);
    let path = format!("/Q/{}/reports", house.scene.code());
    person.send_root("POST", &path, "text/plain", b"x".to_vec()).refused(415, "unsupported_media_type");
    assert_eq!(person.send_root("POST", &path, "multipart/form-data", b"x".to_vec()).status, 415);
    assert_eq!(house.dispatcher().get("/reports").is(200)["data"], json!([]));
    // Corrected, the same form is taken; with other words a second time it is not the same report.
    let filled = filled("Не печатает");
    assert_eq!(filled.send(&person).status, 303);
    let edited = filled.with("text", "Не печатает и гудит").send(&person);
    assert_eq!(edited.status, 409);
    let edited = page(edited);
    assert!(edited.contains("уже отправлена с другим текстом") && edited.contains("и гудит"), "{edited}");
}

fn programs_that_fill_in_forms_are_noticed(house: &House) {
    let person = at(house, "203.0.113.1");
    let kept = |answer: Answer| {
        assert_eq!(answer.status, 422);
        let page = page(answer);
        assert!(page.contains("нажмите «Отправить» ещё раз") && page.contains("Купите гвозди"), "{page}");
        page
    };
    let filled = || Filled::new(house, &person, "Купите гвозди");
    kept(filled().with("website", "https://spam.example").send(&person));
    kept(filled().with("stamp", "").send(&person));
    kept(filled().with("stamp", "1700000000.AAAA").send(&person));
    // Quicker than anybody writes: the stamp is from now.
    let quick = filled();
    let fresh = hidden(&page(person.get_root(&format!("/Q/{}", house.scene.code()))), "stamp");
    let quick = quick.with("stamp", &fresh);
    let shown = kept(quick.send(&person));
    assert_eq!(hidden(&shown, "stamp"), fresh);
    assert_eq!(house.dispatcher().get("/reports").is(200)["data"], json!([]));
    // A person reads what is said there, and presses the button once more.
    house.app.clock.set_ahead(house.app.clock.now().seconds() - now() + 4);
    assert_eq!(quick.send(&person).status, 303);
}

fn one_click_makes_a_ticket(house: &House) {
    let report = reported(house, "203.0.113.1");
    let path = format!("/reports/{report}/ticket");
    let dispatcher = house.dispatcher();
    dispatcher.post(&path, &json!({})).blames("/type_id", "required");
    dispatcher.post(&path, &json!({"type_id": house.scene.company})).blames("/type_id", "unknown_reference");
    let client = house.client().id;
    dispatcher
        .post(&path, &json!({"type_id": house.scene.strict, "assignee_id": client}))
        .blames("/assignee_id", "wrong_role");
    house.technician().post(&path, &json!({})).refused(403, "forbidden");
    // What is wrong with the report itself is no field of the request's.
    let company = format!("/companies/{}", house.scene.company);
    house.admin().patch(&company, &json!({"archived": true})).is(200);
    dispatcher.post(&path, &json!({"type_id": house.scene.strict})).blames("id", "archived");
    house.admin().patch(&company, &json!({"archived": false})).is(200);
    // The kind for reports is set once; then it is one click.
    let mut ours = house.admin().get("/provider").is(200);
    for generated in ["version", "updated_at", "warnings"] {
        ours.as_object_mut().unwrap().remove(generated);
    }
    ours["report_type_id"] = json!(house.scene.strict);
    house.admin().put("/provider", &ours).is(200);
    let technician = house.technician();
    let ticket = dispatcher.post(&path, &json!({"priority": "high", "assignee_id": technician.id}));
    let (location, ticket) = (ticket.header("location").to_owned(), ticket.is(201));
    assert_eq!(location, format!("/api/v1/tickets/{}", id(&ticket)));
    assert_eq!(ticket["subject"], "Принтер: Не печатает");
    assert_eq!(ticket["description"], "Не печатает\n\nR-000001");
    assert_eq!((&ticket["site_id"], &ticket["priority"]), (&json!(house.scene.site), &json!("high")));
    assert_eq!(ticket["assets"][0]["id"], house.scene.asset["id"]);
    assert_eq!((&ticket["status"]["kind"], &ticket["assignee_id"]), (&json!("assigned"), &json!(technician.id)));
    let files = technician.get(&format!("/tickets/{}/attachments", id(&ticket))).is(200);
    assert_eq!((&files["data"][0]["name"], &files["data"][0]["width"]), (&json!("R-000001-1.jpg"), &json!(64)));
    technician.get(&format!("/attachments/{}/content", id(&files["data"][0]))).bytes();
    // Twice is once.
    assert_eq!(id(&dispatcher.post(&path, &json!({})).is(200)), id(&ticket));
    let kept = dispatcher.get(&format!("/reports/{report}")).is(200);
    assert_eq!((&kept["state"], &kept["ticket_id"]), (&json!("accepted"), &ticket["id"]));
    let why = json!({"reason": "шутка"});
    dispatcher.post(&format!("/reports/{report}/dismissal"), &why).refused(409, "report_settled");
    let history = dispatcher.get(&format!("/tickets/{}/history?action=report.accepted", id(&ticket))).is(200);
    assert_eq!(history["data"][0]["object_id"], report);
    // Whoever reported sees how far it is, and nothing else.
    let person = at(house, "203.0.113.1");
    let track = track_of(house, &report);
    assert!(page(person.get_root(&track)).contains("Мастер назначен"));
    technician.post(&format!("/tickets/{}/status", id(&ticket)), &json!({"to": "en_route"})).is(200);
    let seen = page(person.get_root(&track));
    assert!(seen.contains("Мастер в пути") && !seen.contains("Иванов"), "{seen}");
    house
        .manager()
        .post(&format!("/tickets/{}/status", id(&ticket)), &json!({"to": "cancelled", "comment": "так"}))
        .is(200);
    assert!(page(person.get_root(&track)).contains("Заявка отменена"));
}

/// Where a report is followed.
pub fn track_of(house: &House, report: &str) -> String {
    naryad::reports::track::path(&house.app.keys, report.parse().unwrap())
}

fn a_report_is_put_aside(house: &House) {
    let report = reported(house, "203.0.113.1");
    let path = format!("/reports/{report}/dismissal");
    let dispatcher = house.dispatcher();
    dispatcher.post(&path, &json!({})).blames("/reason", "required");
    let aside = dispatcher.post(&path, &json!({"reason": "включили в розетку"})).is(200);
    assert_eq!((&aside["state"], &aside["reason"]), (&json!("dismissed"), &json!("включили в розетку")));
    assert_eq!(aside["decided_by"], dispatcher.id);
    assert_eq!(dispatcher.post(&path, &json!({"reason": "ещё раз"})).is(200)["reason"], "включили в розетку");
    let kind = json!({"type_id": house.scene.plain});
    dispatcher.post(&format!("/reports/{report}/ticket"), &kind).refused(409, "report_settled");
    dispatcher.post(&format!("/reports/{}/ticket", house.scene.company), &kind).refused(404, "not_found");
    let seen = page(at(house, "203.0.113.1").get_root(&track_of(house, &report)));
    assert!(seen.contains("Закрыто без выезда") && !seen.contains("розетку"), "{seen}");
    // What is settled stands in nobody's way.
    reported(house, "203.0.113.1");
}

fn others_notice_it_too(house: &House) {
    let first = at(house, "203.0.113.1");
    // Opened before anybody else had reported.
    let late = Filled::new(house, &first, "Гудит");
    let report = reported(house, "203.0.113.1");
    let second = at(house, "198.51.100.1");
    let offered = page(second.get_root(&format!("/Q/{}", house.scene.code())));
    assert!(offered.contains("Уже сообщили") && offered.contains("У меня то же самое"), "{offered}");
    let echo = Filled::new(house, &second, "").with("same", "1");
    let sent = echo.send(&second);
    assert_eq!((sent.status, sent.header("location")), (303, track_of(house, &report).as_str()));
    assert_eq!(echo.send(&second).status, 303);
    let kept = |report: &str| house.dispatcher().get(&format!("/reports/{report}")).is(200);
    assert_eq!(kept(&report)["same_count"], 1);
    // Words are not thrown away: whoever wrote them decides whether it is the same.
    let between = late.send(&first);
    assert_eq!(between.status, 409);
    let between = page(between);
    assert!(between.contains("Пока вы писали") && between.contains("Гудит") && between.contains("name=\"another\""));
    assert_eq!(late.with("another", "1").send(&first).status, 303);
    let refused = json_report(house, &second, &json!({"text": "Гудит"})).refused(409, "already_reported");
    assert_eq!(refused["number"], "R-000002");
    assert_eq!(house.dispatcher().get("/reports").is(200)["data"].as_array().unwrap().len(), 2);
    // A day later it is news again, and there is nothing to agree with.
    house.app.clock.set_ahead(25 * 3_600);
    assert!(!page(second.get_root(&format!("/Q/{}", house.scene.code()))).contains("Уже сообщили"));
    let sent = Filled::new(house, &second, "").with("same", "1").send(&second);
    assert!(sent.header("location").starts_with("/Q/"), "{}", sent.header("location"));
}

fn a_report_as_json(house: &House) {
    let person = at(house, "203.0.113.1");
    let report = |body: Value| json_report(house, &person, &body);
    report(json!({})).blames("/text", "required");
    report(json!({"text": " "})).blames("/text", "too_short");
    report(json!({"text": "ж".repeat(2_001)})).blames("/text", "too_long");
    report(json!({"text": "x", "phone": "нет"})).blames("/phone", "not_a_phone");
    report(json!({"text": "x", "report_id": "1"})).blames("/report_id", "not_an_id");
    report(json!({"text": "x", "colour": "red"})).blames("/colour", "unknown_field");
    report(json!({"text": "a\u{0}"})).blames("/text", "forbidden_character");
    report(json!([])).is(422);
    report(json!({"same": true})).refused(404, "not_found");
    let body = json!({"report_id": "019aa1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", "text": "Гудит", "phone": "555-01-02"});
    let made = report(body.clone()).is(201);
    assert_eq!(made["number"], "R-000001");
    assert_eq!(person.get_root(&text(&made, "track_url")).status, 200);
    assert_eq!(report(body.clone()).is(200), made);
    let mut other = body;
    other["text"] = json!("Мигает");
    report(other).refused(409, "duplicate");
    // Somebody else has noticed the same, and says so once.
    let same = json!({"same": true, "report_id": "019aa1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c"});
    assert_eq!(report(same.clone()).is(200), made);
    assert_eq!(report(same).is(200), made);
    report(json!({"same": true, "text": "Гудит"})).blames("/text", "unknown_field");
    assert_eq!(house.dispatcher().get("/reports").is(200)["data"][0]["same_count"], 1);
    assert_eq!(house.dispatcher().get("/reports").is(200)["data"].as_array().unwrap().len(), 1);
}

fn an_app_is_sent_to_the_card(house: &House) {
    let code = house.scene.code().to_lowercase();
    let app = house.technician().with("accept", "application/json");
    let sent = app.get_root(&format!("/q/{code}"));
    assert_eq!((sent.status, sent.header("location")), (303, &*format!("/api/v1/scan/{}", house.scene.code())));
    // A browser that happens to send a token gets the page; a token that is none is told so.
    assert_eq!(house.technician().with("accept", "text/html").get_root(&format!("/q/{code}")).status, 200);
    let stranger = house.stranger().with("accept", "application/json");
    assert_eq!(stranger.get_root(&format!("/q/{code}")).status, 200);
    stranger.with_session("nonsense", "").get_root(&format!("/q/{code}")).refused(401, "unauthenticated");
    app.get_root("/q/nonsense").refused(404, "code_not_found");
    // The moment a session ends, it opens nothing any more.
    let gone = house.stranger().signed_in("technician", PASSWORD);
    gone.post("/auth/logout", &json!({})).is(204);
    gone.with("accept", "application/json").get_root(&format!("/q/{code}")).refused(401, "session_revoked");
}
