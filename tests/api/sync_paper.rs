//! Phones: photos, acts and signatures that were made without a network.

use naryad::db::types::Sha256;
use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::job::{Job, ink};
use crate::person::{Person, id, text};
use crate::phone::{Phone, body, result};
use crate::pictures;

on_each_database![
    a_photo_is_told_of_in_a_push,
    a_job_is_finished_with_one_push,
    the_shown_text_is_what_the_rules_say,
    what_was_shown_is_told_honestly,
    a_refused_signature_is_kept,
    a_signature_above_the_limit_is_kept,
    no_act_is_made_of_half_of_the_work,
    numbers_of_pushed_acts_have_no_gaps,
    an_act_that_was_pulled_is_signed_without_a_network,
    papers_of_others_are_out_of_reach,
    papers_made_before_a_ticket_went_are_kept,
    a_signing_pack_promises_a_number,
];

fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

fn phone_of(person: Person) -> Phone {
    let mut phone = Phone::new(person);
    phone.pull();
    phone
}

fn hours_ago(house: &House, hours: i64) -> i64 {
    house.app.clock.now().plus_seconds(-hours * 3600).micros() / 1_000
}

/// The statuses of all rows of a push.
fn statuses(answer: &Value) -> Vec<&str> {
    answer["results"].as_array().unwrap().iter().map(|result| result["status"].as_str().unwrap()).collect()
}

/// What became of some rows, and why.
fn became(answer: &Value, rows: &[&Value]) -> Vec<String> {
    let told = |row: &&Value| {
        let result = result(answer, &id(row));
        result["code"].as_str().or(result["status"].as_str()).unwrap().to_owned()
    };
    rows.iter().map(told).collect()
}

fn newest_event(house: &House) -> Value {
    house.admin().get("/events?limit=1").is(200)["data"][0]["id"].clone()
}

/// An act as a phone writes it.
pub fn act_row(house: &House, ticket: &str, text: &str) -> Value {
    json!({"id": new_id(), "_status": "created", "_changed": "", "ticket_id": ticket, "number": "", "version": 0, "status": "",
           "language": "ru", "show_prices": false, "shown_text": text, "shown_sha256": Sha256::of(text).to_string(),
           "occurred_at": hours_ago(house, 2)})
}

/// The accountant's signature as a phone writes it, below the text of an act.
fn signature_row(house: &House, act: &Value) -> Value {
    json!({"id": new_id(), "_status": "created", "_changed": "", "act_id": act["id"], "ticket_id": act["ticket_id"],
           "party": "client", "contact_id": house.scene.accountant, "signer_name": "Ґалаґан Їжак Ёлкин", "signer_position": "",
           "outcome": "accepted", "remarks": "", "ink_json": ink().to_string(), "document_sha256": "",
           "shown_sha256": act["shown_sha256"], "signed_at": hours_ago(house, 2), "lat": 43.1, "lon": 131.9, "accuracy_m": 8})
}

fn time_row(house: &House, ticket: &str) -> Value {
    json!({"id": new_id(), "ticket_id": ticket, "kind": "on_site", "started_at": hours_ago(house, 3),
           "ended_at": hours_ago(house, 2), "minutes": 0, "note": "Чистка  роликов", "visible_to_client": true})
}

fn photo_row(ticket: &str, item: Option<&str>, bytes: &[u8]) -> Value {
    json!({"id": new_id(), "ticket_id": ticket, "checklist_item_id": item, "visibility": "public", "name": "фото.jpg",
           "media_type": "image/jpeg", "size": bytes.len(), "original_sha256": Sha256::of(bytes).to_string(),
           "occurred_at": 1_795_290_620_727_i64, "lat": 43.1, "lon": 131.9, "accuracy_m": 8})
}

fn moves(house: &House, ticket: &str, to: &[&str]) -> Vec<Value> {
    let mut at = hours_ago(house, 3);
    let row = |to: &&str| {
        at += 60_000;
        json!({"id": new_id(), "ticket_id": ticket, "to_status": to, "occurred_at": at})
    };
    to.iter().map(row).collect()
}

fn answers(phone: &Phone, ticket: &str) -> Vec<Value> {
    let items = phone.table("checklist_items").into_iter().filter(|item| item["ticket_id"] == ticket);
    let answered = items.filter(|item| item["required"] == true).cloned().map(|mut item| {
        item["answer_json"] = if item["kind"] == "check" { json!("true") } else { json!("\"12.5\"") };
        item
    });
    answered.collect()
}

/// Everything that a strict job needs, its act, the signature below it, and the moves to `done`.
struct Day {
    scan: Value,
    answers: Vec<Value>,
    time: Value,
    line: Value,
    photo: Value,
    act: Value,
    signature: Value,
    moves: Vec<Value>,
}

/// What the signer of [`Day`] reads.
const READ: &str = "\
Акт выполненных работ
Исполнитель: ООО «Сервис-ИТ»
Заказчик: ООО «Ромашка»
Объект: Офис
Заявка: Ремонт, Не печатает НАСОС
Работы выполнил: Иванов Иван Иванович
Оборудование:
- Принтер, M404, VN-1, 000123
Работы и материалы:
- Замена ролика: 1.5 шт
Проверено:
- Ролики очищены: да
- Счётчик: 12.5
- Замечания: —
Время:
- на объекте: 60 мин, Чистка роликов
Всего времени: 60 мин";

impl Day {
    fn of(house: &House, phone: &Phone, ticket: &str) -> Self {
        let act = act_row(house, ticket, READ);
        Self {
            scan: json!({"id": new_id(), "ticket_id": ticket, "code": house.scene.code(), "scanned_at": hours_ago(house, 3)}),
            answers: answers(phone, ticket),
            time: time_row(house, ticket),
            line: json!({"id": new_id(), "ticket_id": ticket, "price_item_id": house.scene.extra, "quantity": "1.5"}),
            photo: photo_row(ticket, None, b"photo"),
            signature: signature_row(house, &act),
            act,
            moves: moves(house, ticket, &["en_route", "in_progress", "done"]),
        }
    }

    /// In the worst order that a library might send it in.
    fn changes(&self) -> Vec<(&'static str, &'static str, Vec<Value>)> {
        vec![
            ("status_changes", "created", self.moves.clone()),
            ("signatures", "created", vec![self.signature.clone()]),
            ("acts", "created", vec![self.act.clone()]),
            ("work_lines", "created", vec![self.line.clone()]),
            ("time_entries", "created", vec![self.time.clone()]),
            ("checklist_items", "updated", self.answers.clone()),
            ("attachments", "created", vec![self.photo.clone()]),
            ("scans", "created", vec![self.scan.clone()]),
        ]
    }
}

fn a_photo_is_told_of_in_a_push(house: &House) {
    let items = json!([{"text": "Фото после", "kind": "photo", "required": true}]);
    let template = house.manager().post("/checklist-templates", &json!({"name": "Фото", "items": items})).is(201);
    let kind = json!({"name": "С фото", "checklist_template_ids": [template["id"]], "gates": ["checklist_complete"]});
    let kind = house.manager().post("/ticket-types", &kind).is(201);
    let asked = json!({"type_id": kind["id"], "company_id": house.scene.company, "priority": "low", "subject": "Фото"});
    let ticket = id(&house.dispatcher().post("/tickets", &asked).is(201));
    let tech = house.technician();
    house.dispatcher().post(&format!("/tickets/{ticket}/assignee"), &json!({"user_id": tech.id})).is(200);
    let mut phone = phone_of(tech.clone());
    let item =
        phone.table("checklist_items").into_iter().find(|item| item["ticket_id"] == ticket).unwrap()["id"].clone();
    let bytes = pictures::jpeg(64, 48);
    let photo = photo_row(&ticket, item.as_str(), &bytes);
    let changes = [
        ("status_changes", "created", moves(house, &ticket, &["en_route", "in_progress", "done"])),
        ("attachments", "created", vec![photo.clone()]),
    ];
    let answer = phone.push(&changes).is(200);
    assert_eq!(statuses(&answer), ["applied"; 4], "the row satisfies the item: {answer}");
    let before = newest_event(house);
    assert_eq!(statuses(&phone.push(&changes).is(200)), ["noop"; 4]);
    assert_eq!(newest_event(house), before, "nothing is written down about a repeat");
    phone.is_right();
    let row = phone.row("attachments", &id(&photo));
    assert_eq!((&row["status"], &row["author_id"], &row["lat"]), (&json!("expected"), &json!(tech.id), &json!(43.1)));
    let answered: Value =
        serde_json::from_str(phone.row("checklist_items", item.as_str().unwrap())["answer_json"].as_str().unwrap())
            .unwrap();
    assert_eq!(answered["attachment_id"], photo["id"]);
    // Its bytes come as always; what they turned out to be is no change of the phone's.
    let tus = tech.with("tus-resumable", "1.0.0");
    crate::uploads::begin(&tus, &id(&photo), bytes.len()).is(201);
    let sent = tus.with("upload-offset", "0");
    let sent = sent.send("PATCH", &format!("/uploads/{}", id(&photo)), "application/offset+octet-stream", bytes);
    assert_eq!(sent.status, 204);
    for _ in 0..1_000 {
        if tech.get(&format!("/attachments/{}", id(&photo))).is(200)["status"] == "ready" {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    phone.is_right();
    assert_eq!(phone.row("attachments", &id(&photo))["status"], "ready");
    assert_eq!(statuses(&phone.push(&changes[1..]).is(200)), ["noop"]);
    phone.is_right();
    // The API's refusals.
    let other = Job::plain(house);
    let mut empty = photo_row(&other.ticket, None, &[]);
    let mut stray = photo_row(&other.ticket, item.as_str(), b"1");
    let mut vague = photo_row(&other.ticket, None, b"2");
    (empty["name"], stray["name"], vague["original_sha256"]) = (json!("пусто"), json!("мимо"), json!("abc"));
    let wrong = [("attachments", "created", vec![empty.clone(), stray.clone(), vague.clone()])];
    let answer = phone.push(&wrong).is(200);
    assert_eq!(became(&answer, &[&empty, &stray, &vague]), ["validation_failed"; 3]);
    phone.is_right();
    let blamed: Vec<String> = phone.table("sync_issues").iter().map(|issue| pointer(issue)).collect();
    for pointer in ["/size", "/checklist_item_id", "/original_sha256"] {
        assert!(blamed.iter().any(|known| known == pointer), "{blamed:?}");
    }
    let plain = photo_row(&other.ticket, None, b"3");
    assert_eq!(statuses(&phone.push(&[("attachments", "created", vec![plain.clone()])]).is(200)), ["applied"]);
    phone.is_right();
    let mut renamed = plain.clone();
    renamed["name"] = json!("другое.jpg");
    let answer = phone.push(&[("attachments", "updated", vec![renamed])]).is(200);
    assert_eq!(answer["results"][0]["code"], "read_only_access");
    let gone = [("attachments", "deleted", vec![photo["id"].clone(), plain["id"].clone()])];
    assert_eq!(statuses(&phone.push(&gone).is(200)), ["refused", "applied"], "an answer stays");
    phone.is_right();
    assert!(phone.holds("attachments", &id(&photo)) && !phone.holds("attachments", &id(&plain)));
}

/// The first field that an issue blames.
fn pointer(issue: &Value) -> String {
    let details: Value = serde_json::from_str(issue["details_json"].as_str().unwrap()).unwrap();
    details["errors"][0]["pointer"].as_str().unwrap_or_default().to_owned()
}

fn a_job_is_finished_with_one_push(house: &House) {
    let job = Job::strict(house);
    let mut phone = phone_of(house.technician());
    let day = Day::of(house, &phone, &job.ticket);
    let answer = phone.push(&day.changes()).is(200);
    assert_eq!(statuses(&answer), ["applied"; 11], "{answer}");
    let before = newest_event(house);
    assert_eq!(statuses(&phone.push(&day.changes()).is(200)), ["noop"; 11], "the same once more");
    assert_eq!(newest_event(house), before);
    phone.is_right();
    assert_eq!(statuses(&phone.push(&day.changes()).is(200)), ["noop"; 11], "and when the phone knows");
    assert_eq!(phone.row("tickets", &job.ticket)["status"], "done");
    let act = phone.row("acts", &id(&day.act)).clone();
    assert_eq!((&act["status"], &act["shown_as"]), (&json!("signed"), &json!("same_text")));
    assert_eq!((&act["version"], &act["shown_text"]), (&json!(1), &json!(READ)));
    let signature = phone.row("signatures", &id(&day.signature)).clone();
    assert_eq!((&signature["shown_as"], &signature["method"]), (&json!("same_text"), &json!("drawn")));
    assert_eq!(signature["document_sha256"], act["document_sha256"]);
    assert!(signature["signed_at"].as_i64().unwrap() < signature["recorded_at"].as_i64().unwrap() - 3_600_000);
    // The document is as good as any other.
    let tech = house.technician();
    let at = |rest: &str| format!("/acts/{}{rest}", id(&day.act));
    let document = tech.get(&at("/document.pdf")).bytes();
    assert_eq!(act["document_sha256"], Sha256::of(&document).to_string());
    assert!(tech.get(&at("/signed.pdf")).bytes().starts_with(&document));
    assert_eq!(String::from_utf8(tech.get(&at("/shown.txt")).bytes()).unwrap(), READ);
    assert_eq!(String::from_utf8(tech.get(&at("/text.txt")).bytes()).unwrap(), READ);
    let evidence: Value = serde_json::from_slice(&tech.get(&at("/evidence.json")).bytes()).unwrap();
    assert_eq!(evidence["act"]["shown"]["as"], "same_text");
    assert_eq!(evidence["signatures"][0]["shown"], json!({"as": "same_text", "sha256": act["shown_sha256"]}));
    house.dispatcher().post(&job.at("/status"), &json!({"to": "closed"})).is(200);
    // Somebody else's phone has the act, and neither the ink nor the text.
    let others = phone_of(house.dispatcher());
    if others.holds("acts", &id(&day.act)) {
        assert_eq!(others.row("acts", &id(&day.act))["shown_text"], Value::Null);
    }
}

fn the_shown_text_is_what_the_rules_say(house: &House) {
    let job = Job::strict(house);
    job.finish();
    let text_of = |act: &Value| {
        let text = house.client().get(&format!("/acts/{}/text.txt", id(act)));
        assert_eq!(text.header("content-type"), "text/plain; charset=utf-8");
        String::from_utf8(text.bytes()).unwrap()
    };
    let act = job.act_in("en");
    assert_eq!(
        text_of(&act),
        "Certificate of completion\nContractor: ООО «Сервис-ИТ»\nCustomer: ООО «Ромашка»\nSite: Офис\n\
         Job: Ремонт, Не печатает НАСОС\nDone by: Иванов Иван Иванович\nDevices:\n- Принтер, M404, VN-1, 000123\n\
         Works and materials:\n- Чистка: 1 шт\n- Замена ролика: 1.5 шт: 1349.85 RUB\n\
         Checked:\n- Ролики очищены: yes\n- Счётчик: 12.5\n- Замечания: 12.5\nTime in all: 80 min\nTo pay: 1349.85 RUB"
    );
    assert_eq!((&act["shown_as"], &act["shown_sha256"]), (&Value::Null, &Value::Null));
    house.client().get(&format!("/acts/{}/shown.txt", id(&act))).refused(404, "not_found");
    house.rival().get(&format!("/acts/{}/text.txt", id(&act))).refused(404, "not_found");
    let ukrainian = text_of(&job.act_in("uk"));
    assert!(ukrainian.starts_with("Акт виконаних робіт\nВиконавець: "), "{ukrainian}");
    // With a network a phone may say as well what it showed.
    let bare = Job::plain(house);
    bare.begin();
    let read = "Акт выполненных работ\nИсполнитель: ООО «Сервис-ИТ»\nЗаказчик: ООО «Ромашка»\n\
                Заявка: Консультация, Вопрос\nРаботы выполнил: Иванов Иван Иванович\nВсего времени: 0 мин";
    let tech = house.technician();
    let mut asked = json!({"language": "ru", "shown": {"text": read, "sha256": Sha256::of("нет").to_string()}});
    tech.post(&bare.at("/acts"), &asked).blames("/shown/sha256", "another_text");
    asked["shown"]["sha256"] = json!(Sha256::of(read).to_string());
    assert_eq!(tech.post(&bare.at("/acts"), &asked).is(201)["shown_as"], "same_text");
}

fn what_was_shown_is_told_honestly(house: &House) {
    let job = Job::plain(house);
    job.begin();
    let mut phone = phone_of(house.technician());
    // What keeps a text from being evidence.
    let mut none = act_row(house, &job.ticket, "x");
    none["shown_text"] = json!("");
    let mut torn = act_row(house, &job.ticket, "Работы выполнены");
    torn["shown_text"] = json!("Работы выполнены не все");
    let blank = act_row(house, &job.ticket, " \n ");
    let answer = phone.push(&[("acts", "created", vec![none.clone(), torn.clone(), blank.clone()])]).is(200);
    assert_eq!(result(&answer, &id(&none))["code"], "validation_failed");
    phone.is_right();
    let issues: Vec<(String, String)> =
        phone.table("sync_issues").iter().map(|issue| (text(issue, "row_id"), pointer(issue))).collect();
    assert!(phone.table("acts").is_empty());
    assert!(issues.contains(&(id(&none), "/shown_text".to_owned())), "{issues:?}");
    // Something else than what is frozen: both are kept.
    let other = act_row(house, &job.ticket, "Работы выполнены,\nпретензий нет");
    let signature = signature_row(house, &other);
    let mut unread = signature_row(house, &other);
    unread["shown_sha256"] = json!(Sha256::of("чего никто не показывал").to_string());
    (unread["party"], unread["contact_id"]) = (json!("provider"), Value::Null);
    (unread["signer_name"], unread["signer_position"]) = (json!("Ёлкин"), json!("инженер"));
    let changes =
        [("signatures", "created", vec![signature.clone(), unread.clone()]), ("acts", "created", vec![other.clone()])];
    let answer = phone.push(&changes).is(200);
    assert_eq!(became(&answer, &[&other, &signature, &unread]), ["applied", "applied", "document_changed"], "{answer}");
    phone.is_right();
    assert_eq!(phone.row("acts", &id(&other))["shown_as"], "other_text");
    assert_eq!(phone.row("signatures", &id(&signature))["shown_as"], "other_text");
    let at = |rest: &str| format!("/acts/{}{rest}", id(&other));
    let shown = house.client().get(&at("/shown.txt")).bytes();
    assert_eq!(String::from_utf8(shown).unwrap(), "Работы выполнены,\nпретензий нет");
    assert!(house.client().get(&at("/text.txt")).bytes().starts_with("Акт выполненных работ\n".as_bytes()));
    let evidence: Value = serde_json::from_slice(&house.client().get(&at("/evidence.json")).bytes()).unwrap();
    assert_eq!(evidence["act"]["shown"]["text"], "Работы выполнены,\nпретензий нет");
    assert_eq!(evidence["signatures"][0]["shown"]["as"], "other_text");
    let seen = house.client().get(&at("/signatures")).is(200);
    assert_eq!((&seen["data"][0]["shown_as"], &seen["data"][0]["place"]["lat"]), (&json!("other_text"), &json!(43.1)));
}

fn a_signature_above_the_limit_is_kept(house: &House) {
    let limit = json!({"currency": "RUB", "company_id": house.scene.company, "employee_limit": "0"});
    let rule = house.manager().post("/signing-rules", &limit).is(201);
    let job = Job::strict(house);
    let mut phone = phone_of(house.technician());
    assert_eq!(phone.row("signing_rules", &id(&rule))["employee_limit"], "0.00", "a phone knows it beforehand");
    let day = Day::of(house, &phone, &job.ticket);
    let answer = phone.push(&day.changes()).is(200);
    assert_eq!(became(&answer, &[&day.act, &day.signature]), ["applied", "authority_insufficient"], "{answer}");
    phone.is_right();
    let refused = house.dispatcher().get(&job.at("/refused-signatures")).is(200);
    assert_eq!(refused["data"][0]["pushed"]["ink_json"], ink().to_string(), "what was drawn is not lost");
    // An official signs the same act, without a network as well.
    let mut official = signature_row(house, &day.act);
    official["contact_id"] = json!(house.scene.director);
    let mut witness = signature_row(house, &day.act);
    (witness["party"], witness["contact_id"]) = (json!("witness"), Value::Null);
    (witness["signer_name"], witness["signer_position"]) = (json!("Сторож"), json!("охранник"));
    let both = [("signatures", "created", vec![official.clone(), witness.clone()])];
    let answer = phone.push(&both).is(200);
    assert_eq!(became(&answer, &[&official, &witness]), ["applied", "applied"], "{answer}");
    phone.is_right();
    assert_eq!(phone.row("signatures", &id(&witness))["authority"], "none");
    // A rule that is changed or put away is told.
    house.manager().patch(&format!("/signing-rules/{}", id(&rule)), &json!({"archived": true})).is(200);
    phone.is_right();
    assert_eq!(phone.row("signing_rules", &id(&rule))["archived"], true);
}

fn a_refused_signature_is_kept(house: &House) {
    let job = Job::strict(house);
    let mut phone = phone_of(house.technician());
    let mut day = Day::of(house, &phone, &job.ticket);
    day.signature["contact_id"] = json!(house.scene.guard);
    let answer = phone.push(&day.changes()).is(200);
    let told = became(&answer, &[&day.act, &day.signature, &day.moves[1], &day.moves[2]]);
    assert_eq!(told, ["applied", "authority_insufficient", "applied", "work_refused"]);
    phone.is_right();
    assert_eq!(phone.row("acts", &id(&day.act))["status"], "issued");
    assert_eq!(phone.row("tickets", &job.ticket)["status"], "in_progress");
    let issue =
        phone.table("sync_issues").into_iter().find(|issue| issue["table_name"] == "signatures").unwrap().clone();
    let pushed: Value = serde_json::from_str(issue["pushed_json"].as_str().unwrap()).unwrap();
    assert_eq!(pushed["ink_json"], ink().to_string(), "what was drawn is not lost");
    let refused = house.dispatcher().get(&job.at("/refused-signatures")).is(200);
    assert_eq!(refused["data"].as_array().unwrap().len(), 1);
    assert_eq!((&refused["data"][0]["pushed"], &refused["data"][0]["id"]), (&pushed, &issue["id"]));
    house.outsider().get(&job.at("/refused-signatures")).refused(404, "not_found");
    // Somebody who may signs; the row may keep its id.
    let mut again = day.signature.clone();
    again["contact_id"] = json!(house.scene.accountant);
    again["ink_json"] = json!("");
    let empty = phone.push(&[("signatures", "created", vec![again.clone()])]).is(200);
    assert_eq!(became(&empty, &[&again]), ["signature_empty"]);
    again["ink_json"] = pushed["ink_json"].clone();
    let changes = [
        ("signatures", "created", vec![again.clone()]),
        ("status_changes", "created", moves(house, &job.ticket, &["done"])),
    ];
    assert_eq!(statuses(&phone.push(&changes).is(200)), ["applied"; 2]);
    let mut second = signature_row(house, &day.act);
    second["outcome"] = json!("refused");
    second["remarks"] = json!("Передумали");
    let answer = phone.push(&[("signatures", "created", vec![second.clone()])]).is(200);
    assert_eq!(became(&answer, &[&second]), ["already_signed"], "each party once");
    phone.is_right();
    assert_eq!(phone.row("acts", &id(&day.act))["status"], "signed");
}

fn no_act_is_made_of_half_of_the_work(house: &House) {
    let first = Job::plain(house);
    first.begin();
    let known = text(&first.act(), "number");
    let job = Job::strict(house);
    let mut phone = phone_of(house.technician());
    let mut day = Day::of(house, &phone, &job.ticket);
    day.time["kind"] = json!("asleep");
    let answer = phone.push(&day.changes()).is(200);
    let told = became(&answer, &[&day.line, &day.time, &day.act, &day.signature, &day.moves[2]]);
    assert_eq!(told, ["applied", "validation_failed", "work_refused", "work_refused", "work_refused"]);
    phone.is_right();
    assert!(!phone.holds("acts", &id(&day.act)) && phone.table("signatures").is_empty());
    // Corrected, the same rows are taken.
    day.time["kind"] = json!("on_site");
    let answer = phone.push(&day.changes()).is(200);
    let told = became(&answer, &[&day.line, &day.time, &day.act, &day.signature, &day.moves[2]]);
    assert_eq!(told, ["noop", "applied", "applied", "applied", "applied"]);
    phone.is_right();
    assert_eq!(number(phone.row("acts", &id(&day.act))), number(&json!({"number": known})) + 1, "no number is lost");
    // Nor is one issued while an extra line has no price.
    let other = Job::plain(house);
    other.begin();
    let line = json!({"id": new_id(), "ticket_id": other.ticket, "name": "Кабель", "unit": "м", "quantity": "2"});
    let act = act_row(house, &other.ticket, "Кабель");
    let changes = [("work_lines", "created", vec![line.clone()]), ("acts", "created", vec![act.clone()])];
    let answer = phone.push(&changes).is(200);
    assert_eq!(became(&answer, &[&line, &act]), ["applied", "gates_closed"]);
    phone.is_right();
}

/// The running number of an act.
pub fn number(act: &Value) -> i64 {
    act["number"].as_str().unwrap().rsplit('-').next().unwrap().parse().unwrap()
}

fn numbers_of_pushed_acts_have_no_gaps(house: &House) {
    let jobs: Vec<Job> = (0..5).map(|_| Job::plain(house)).collect();
    let online: Vec<Job> = (0..3).map(|_| Job::plain(house)).collect();
    let mut phone = phone_of(house.technician());
    let acts: Vec<Value> = jobs.iter().map(|job| act_row(house, &job.ticket, "Сделано")).collect();
    let sent = body(&[("acts", "created", acts.clone())]);
    let push = || phone.person.post(&format!("/sync/push?last_pulled_at={}", phone.since), &sent);
    let answers: Vec<Value> = std::thread::scope(|scope| {
        let pushes: Vec<_> = (0..2).map(|_| scope.spawn(|| push().is(200))).collect();
        let issued: Vec<_> = online.iter().map(|job| scope.spawn(|| job.act())).collect();
        for act in issued {
            act.join().unwrap();
        }
        pushes.into_iter().map(|push| push.join().unwrap()).collect()
    });
    let applied = answers.iter().flat_map(statuses).filter(|status| *status == "applied").count();
    assert_eq!((applied, answers.iter().flat_map(statuses).filter(|status| *status == "noop").count()), (5, 5));
    phone.is_right();
    let mut numbers: Vec<i64> = phone.table("acts").into_iter().map(number).collect();
    numbers.sort_unstable();
    let first = numbers[0];
    assert_eq!(numbers, (first..first + 8).collect::<Vec<_>>());
    // A second version in the same push as the first.
    let job = Job::plain(house);
    let (old, mut new) = (act_row(house, &job.ticket, "Раз"), act_row(house, &job.ticket, "Два"));
    new["occurred_at"] = json!(hours_ago(house, 1));
    let answer = phone.push(&[("acts", "created", vec![new.clone(), old.clone()])]).is(200);
    assert_eq!(statuses(&answer), ["applied"; 2], "{answer}");
    phone.is_right();
    assert_eq!(
        (&phone.row("acts", &id(&old))["status"], &phone.row("acts", &id(&new))["version"]),
        (&json!("superseded"), &json!(2))
    );
    assert_eq!(number(phone.row("acts", &id(&new))), first + 8);
}

fn an_act_that_was_pulled_is_signed_without_a_network(house: &House) {
    let job = Job::strict(house);
    job.finish();
    let act = job.act();
    let mut phone = phone_of(house.technician());
    let held = phone.row("acts", &id(&act)).clone();
    let mut signature = signature_row(house, &held);
    signature["shown_sha256"] = json!("");
    let bare = signature.clone();
    let answer = phone.push(&[("signatures", "created", vec![bare.clone()])]).is(200);
    assert_eq!(became(&answer, &[&bare]), ["validation_failed"], "what was shown has to be said");
    // A walk-in, shown the document itself.
    signature["document_sha256"] = held["document_sha256"].clone();
    signature["contact_id"] = json!("");
    (signature["signer_name"], signature["signer_position"]) = (json!("Сменщик"), json!("кассир"));
    let changes = [("signatures", "created", vec![signature.clone()])];
    assert_eq!(statuses(&phone.push(&changes).is(200)), ["applied"]);
    assert_eq!(statuses(&phone.push(&changes).is(200)), ["noop"]);
    phone.is_right();
    let kept = phone.row("signatures", &id(&signature));
    assert_eq!((&kept["shown_as"], &kept["signer_name"]), (&json!("document"), &json!("Сменщик")));
    assert_eq!(phone.row("acts", &id(&act))["status"], "signed");
    // The text of what is frozen is known without having been shown before.
    let other = Job::strict(house);
    other.finish();
    let act = other.act();
    phone.pull();
    let mut signature = signature_row(house, phone.row("acts", &id(&act)));
    let read = phone.person.get(&format!("/acts/{}/text.txt", id(&act))).bytes();
    signature["shown_sha256"] = json!(Sha256::of(read).to_string());
    assert_eq!(statuses(&phone.push(&[("signatures", "created", vec![signature.clone()])]).is(200)), ["applied"]);
    phone.is_right();
    assert_eq!(phone.row("signatures", &id(&signature))["shown_as"], "same_text");
}

fn papers_of_others_are_out_of_reach(house: &House) {
    let job = Job::strict(house);
    job.finish();
    let act = job.act();
    let own = house.dispatcher().post("/tickets", &house.scene.plain_ticket()).is(201);
    house
        .dispatcher()
        .post(&format!("/tickets/{}/assignee", id(&own)), &json!({"user_id": house.outsider().id}))
        .is(200);
    let mut phone = phone_of(house.outsider());
    let foreign = act_row(house, &job.ticket, "Чужое");
    let mut taken = act_row(house, &id(&own), "Чужое");
    taken["id"] = act["id"].clone();
    let mut aimed = signature_row(house, &json!({"id": act["id"], "ticket_id": job.ticket}));
    let mut smuggled = signature_row(house, &json!({"id": act["id"], "ticket_id": own["id"]}));
    for signature in [&mut aimed, &mut smuggled] {
        signature["document_sha256"] = act["document_sha256"].clone();
    }
    let photo = photo_row(&job.ticket, None, b"1");
    let changes = [
        ("acts", "created", vec![foreign.clone(), taken.clone()]),
        ("signatures", "created", vec![aimed.clone(), smuggled.clone()]),
        ("attachments", "created", vec![photo.clone()]),
    ];
    let answer = phone.push(&changes).is(200);
    assert_eq!(became(&answer, &[&foreign, &taken, &aimed, &photo]), ["id_unavailable"; 4]);
    assert_eq!(result(&answer, &id(&smuggled))["status"], "refused");
    phone.is_right();
    let now = house.technician().get(&format!("/acts/{}", id(&act))).is(200);
    assert_eq!((&now["status"], &now["number"]), (&json!("issued"), &act["number"]));
    assert_eq!(house.technician().get(&job.at("/attachments")).is(200)["data"], json!([]));
}

fn papers_made_before_a_ticket_went_are_kept(house: &House) {
    let job = Job::plain(house);
    job.begin();
    let mut phone = phone_of(house.technician());
    house.dispatcher().post(&job.at("/assignee"), &json!({"user_id": house.outsider().id})).is(200);
    let act = act_row(house, &job.ticket, "Сделано до передачи");
    let signature = signature_row(house, &act);
    let photo = photo_row(&job.ticket, None, b"1");
    let changes = [
        ("signatures", "created", vec![signature.clone()]),
        ("acts", "created", vec![act.clone()]),
        ("attachments", "created", vec![photo.clone()]),
    ];
    let answer = phone.push(&changes).is(200);
    assert_eq!(statuses(&answer), ["quarantined"; 3], "{answer}");
    assert_eq!(statuses(&phone.push(&changes).is(200)), ["noop"; 3]);
    phone.is_right();
    let late = house.dispatcher().get(&format!("/sync/late-work?ticket_id={}", job.ticket)).is(200);
    assert_eq!(late["data"].as_array().unwrap().len(), 3);
    let acts = house.outsider().get(&job.at("/acts")).is(200);
    assert_eq!((&acts["data"][0]["id"], &acts["data"][0]["status"]), (&act["id"], &json!("signed")));
}

/// A number that was promised to a ticket.
pub fn reserved(house: &House) -> String {
    let job = Job::plain(house);
    house.technician().post(&job.at("/signing-pack"), &json!({})).is(200);
    let known = house.manager().get(&format!("/reserved-act-numbers?ticket_id={}", job.ticket)).is(200);
    id(&known["data"][0])
}

fn a_signing_pack_promises_a_number(house: &House) {
    let (job, other, lost, slow) = (Job::strict(house), Job::plain(house), Job::plain(house), Job::plain(house));
    let tech = house.technician().with("x-device-id", "phone-7");
    job.finish();
    let pack = tech.post(&job.at("/signing-pack"), &json!({"language": "en", "show_prices": true})).is(200);
    assert_eq!((&pack["version"], &pack["required_authority"]), (&json!(1), &json!("routine")));
    assert!(text(&pack, "text").ends_with("To pay: 1349.85 RUB"), "{pack}");
    assert_eq!(pack["text_sha256"], Sha256::of(text(&pack, "text")).to_string());
    let again = tech.post(&job.at("/signing-pack"), &json!({})).is(200);
    assert_eq!(again["number"], pack["number"], "the same number");
    let promised = [&lost, &slow].map(|job| tech.post(&job.at("/signing-pack"), &json!({})).is(200));
    let act = other.act();
    let first = number(&pack);
    assert_eq!(promised.each_ref().map(number), [first + 1, first + 2]);
    assert_eq!(number(&act), first + 3, "what is promised is not given to others");
    // In the basement: the text of the pack, and an act by it.
    let mut phone = phone_of(house.technician());
    let mut row = act_row(house, &job.ticket, &text(&pack, "text"));
    (row["language"], row["show_prices"]) = (json!("en"), json!(true));
    let signature = signature_row(house, &row);
    let changes = [("acts", "created", vec![row.clone()]), ("signatures", "created", vec![signature])];
    assert_eq!(statuses(&phone.push(&changes).is(200)), ["applied"; 2]);
    phone.is_right();
    let kept = phone.row("acts", &id(&row));
    assert_eq!(
        (&kept["number"], &kept["shown_as"], &kept["status"]),
        (&pack["number"], &json!("same_text"), &json!("signed"))
    );
    // Numbers that no act took are told, each with the reason.
    let manager = house.manager();
    let list = |state: &str| manager.get(&format!("/reserved-act-numbers?state={state}")).is(200)["data"].clone();
    assert_eq!((&list("used")[0]["act_id"], &list("used")[0]["device_id"]), (&row["id"], &json!("phone-7")));
    let waiting = list("reserved");
    assert_eq!(waiting.as_array().unwrap().len(), 2);
    let of = |job: &Job| waiting.as_array().unwrap().iter().find(|one| one["ticket_id"] == job.ticket).unwrap().clone();
    let void = |id: &Value| format!("/reserved-act-numbers/{}/void", id.as_str().unwrap());
    manager.post(&void(&list("used")[0]["id"]), &json!({"reason": "так"})).refused(409, "locked");
    manager.post(&void(&of(&lost)["id"]), &json!({})).blames("/reason", "required");
    tech.post(&void(&of(&lost)["id"]), &json!({"reason": "так"})).refused(403, "forbidden");
    let voided = manager.post(&void(&of(&lost)["id"]), &json!({"reason": "Телефон утонул"})).is(200);
    assert_eq!((&voided["state"], &voided["void_reason"]), (&json!("void"), &json!("Телефон утонул")));
    assert_eq!(number(&lost.act()), first + 4, "an act that comes all the same has the next number");
    let later = house.app.clock.now().plus_seconds(15 * 24 * 3600);
    let expire = || house.app.db.write_now(move |conn| naryad::acts::unused::void_expired(conn, later)).unwrap();
    assert_eq!((expire(), expire()), (1, 0));
    let voided = list("void");
    let told: Vec<(i64, &Value)> =
        voided.as_array().unwrap().iter().map(|one| (number(one), &one["void_reason"])).collect();
    assert_eq!(told, [(first + 2, &json!("expired")), (first + 1, &json!("Телефон утонул"))]);
    // A later version has the number of its act, and nothing is promised for it.
    let next = tech.post(&other.at("/signing-pack"), &json!({})).is(200);
    assert_eq!((&next["number"], &next["version"], &next["reserved_until"]), (&act["number"], &json!(2), &Value::Null));
    house.outsider().post(&other.at("/signing-pack"), &json!({})).refused(404, "not_found");
}
