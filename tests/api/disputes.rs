//! A dispute pack holds what proves how a job went, and nothing that whoever gets it must not see.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use diesel::prelude::*;
use naryad::db::schema::{attachments, events};
use naryad::db::types::Sha256;
use naryad::history::EventId;
use naryad::tickets::attachments::{AttachmentId, AttachmentRow};
use serde_json::{Value, json};

use crate::documents::words;
use crate::house::{House, on_each_database};
use crate::job::{Job, ink};
use crate::person::{Person, id, text};
use crate::pictures;

on_each_database![
    a_pack_holds_everything_and_its_hashes,
    a_client_gets_nothing_of_the_inside,
    a_pack_is_for_whoever_sees_the_ticket,
    every_event_is_proved_to_an_outsider,
    what_was_erased_is_still_proved,
    all_versions_and_refusals_are_in_it,
    covers_speak_three_languages,
    names_of_files_lead_nowhere,
    hundreds_of_photos_fit_and_thousands_are_refused,
    too_many_at_once_wait,
    a_period_is_packed_for_a_company,
];

/// The files of a pack by their names, in their order, each with the hash that the list tells.
pub fn unpacked(bytes: Vec<u8>) -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = Vec::new();
    for index in 0..zip.len() {
        let mut file = zip.by_index(index).unwrap();
        let (name, mut bytes) = (file.name().unwrap().into_owned(), Vec::new());
        assert!(file.enclosed_name().is_some(), "{name} leads out of its folder");
        file.read_to_end(&mut bytes).unwrap();
        files.push((name, bytes));
    }
    let (name, list) = files.last().unwrap();
    assert_eq!(name, "manifest.sha256");
    let told: Vec<String> = String::from_utf8(list.clone()).unwrap().lines().map(ToOwned::to_owned).collect();
    let counted = files.iter().take(files.len() - 1).map(|(name, bytes)| format!("{}  {name}", Sha256::of(bytes)));
    assert_eq!(told, counted.collect::<Vec<_>>());
    files
}

fn pack(person: &Person, path: &str) -> BTreeMap<String, Vec<u8>> {
    let answer = person.get(path);
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.bytes));
    assert_eq!(answer.header("content-type"), "application/zip");
    assert!(answer.header("content-disposition").starts_with("attachment; filename=\"dispute-pack-"));
    assert_eq!(answer.header("content-length"), answer.bytes.len().to_string());
    unpacked(answer.bytes()).into_iter().collect()
}

fn json_of(pack: &BTreeMap<String, Vec<u8>>, name: &str) -> Value {
    serde_json::from_slice(&pack[name]).unwrap()
}

/// A job with something of everything, for everybody and for our own side; and its act.
fn eventful(house: &House) -> (Job<'_>, Value) {
    let job = Job::strict(house);
    let tech = house.technician();
    job.finish();
    job.show_time();
    let hidden = json!({"kind": "travel", "duration": "25 м", "visible_to_client": false, "note": "пробка на мосту"});
    tech.post(&job.at("/time-entries"), &hidden).is(201);
    tech.post(&job.at("/comments"), &json!({"text": "клиент ворчит", "visibility": "internal"})).is(201);
    tech.post(&job.at("/comments"), &json!({"text": "приедем завтра", "visibility": "public"})).is(201);
    for (name, visibility) in [("снаружи.png", "public"), ("изнутри.png", "internal")] {
        let picture = pictures::jpeg_of_a_phone(64, 48);
        tech.upload(&job.at("/attachments"), name, &picture, &[("visibility", visibility)]).is(201);
    }
    let act = tech.post(&job.at("/acts"), &json!({"show_prices": false, "language": "ru"})).is(201);
    let mut signature = job.signature(&act);
    signature["outcome"] = json!("accepted_with_remarks");
    signature["remarks"] = json!("Через пять минут моргнул свет");
    signature["place"] = json!({"lat": 43.1155, "lon": 131.8855, "accuracy_m": 5});
    tech.post(&format!("/acts/{}/signatures", id(&act)), &signature).is(201);
    (job, act)
}

fn a_pack_holds_everything_and_its_hashes(house: &House) {
    let (job, act) = eventful(house);
    let manager = house.manager();
    let pack = pack(&manager, &job.at("/dispute-pack"));
    let stem = format!("acts/{}-v1", text(&act, "number"));
    let names: Vec<&str> = pack.keys().map(String::as_str).collect();
    let wanted = [
        format!("{stem}-evidence.json"),
        format!("{stem}-signed.pdf"),
        format!("{stem}.pdf"),
        "certificates.pem".into(),
        "cover.pdf".into(),
        "files/0001-снаружи.jpg".into(),
        "files/0002-изнутри.jpg".into(),
        "history.json".into(),
        "manifest.sha256".into(),
        "ticket.json".into(),
    ];
    assert_eq!(names, wanted);
    for (file, path) in [
        (format!("{stem}.pdf"), "document.pdf"),
        (format!("{stem}-signed.pdf"), "signed.pdf"),
        (format!("{stem}-evidence.json"), "evidence.json"),
    ] {
        assert_eq!(pack[&file], manager.get(&format!("/acts/{}/{path}", id(&act))).bytes(), "{file}");
    }
    let files = manager.get(&job.at("/attachments")).is(200);
    let served = manager.get(&format!("/attachments/{}/content", id(&files["data"][0]))).bytes();
    assert_eq!(pack["files/0001-снаружи.jpg"], served);
    assert_eq!(house.stranger().get_root("/verify/certificates.pem").bytes(), pack["certificates.pem"]);
    let said = words(&pack["cover.pdf"]);
    for phrase in [
        "Не печатает НАСОС",
        "ООО «Ромашка»",
        "Ґалаґан Їжак Ёлкин",
        "Через пять минут моргнул свет",
        "принято с замечаниями",
        "Ролики очищены",
        "12,5",
        "клиент ворчит",
        "приедем завтра",
        "пробка на мосту",
        "1 ч 45 мин",
        "43.10000, 131.90000",
        "43.11550, 131.88550",
        "изнутри.png",
        "Замена ролика",
        "1 349,85",
        "Заявка открыта",
        "Выпущен акт",
        "Полная версия исполнителя",
        "sha256sum --check manifest.sha256",
    ] {
        assert!(said.contains(phrase), "{phrase}: {said}");
    }
    let root = text(&json_of(&pack, "history.json")["root"], "root");
    assert!(said.contains(&root), "{root}");
    // The picture is on the cover in small.
    let document = lopdf::Document::load_mem(&pack["cover.pdf"]).unwrap();
    let streams = document.objects.values().filter_map(|object| object.as_stream().ok());
    let kinds = streams.filter_map(|stream| stream.dict.get(b"Subtype").and_then(lopdf::Object::as_name).ok());
    assert_eq!(kinds.filter(|kind| *kind == b"Image").count(), 2);
    let left: Vec<_> = std::fs::read_dir(house.folder().join("unfinished")).unwrap().flatten().collect();
    assert!(left.is_empty(), "{left:?}");
}

fn a_client_gets_nothing_of_the_inside(house: &House) {
    let (job, act) = eventful(house);
    for (person, path) in
        [(house.client(), job.at("/dispute-pack")), (house.manager(), job.at("/dispute-pack?audience=client"))]
    {
        let pack = pack(&person, &path);
        let names: Vec<&str> = pack.keys().filter(|name| name.starts_with("files/")).map(String::as_str).collect();
        assert_eq!(names, ["files/0001-снаружи.jpg"]);
        let cover = words(&pack["cover.pdf"]);
        let beside =
            [&pack["ticket.json"], &pack["history.json"]].map(|bytes| String::from_utf8(bytes.clone()).unwrap());
        for phrase in
            ["клиент ворчит", "пробка на мосту", "изнутри", "43.10000", "43.1155", "131.8855", "1 349,85", "1349.85"]
        {
            // Where people were is in the evidence of the signature, which the client has a right to.
            for said in [&cover, &beside[0]] {
                assert!(!said.contains(phrase), "{phrase}: {said}");
            }
        }
        for phrase in ["клиент ворчит", "пробка на мосту", "изнутри"] {
            assert!(!beside[1].contains(phrase), "{phrase}");
        }
        for phrase in ["приедем завтра", "снаружи.png", "Замена ролика", "1 ч 20 мин", "Версия для заказчика"]
        {
            assert!(cover.contains(phrase), "{phrase}: {cover}");
        }
        assert!(pack.contains_key(&format!("acts/{}-v1-signed.pdf", text(&act, "number"))));
        let told = json_of(&pack, "ticket.json");
        assert_eq!(told["total_minutes"], 80);
        assert_eq!(told["acts"][0]["total"], Value::Null);
        assert!(told["proof"]["withheld"].as_i64().unwrap() > 0);
        let history = json_of(&pack, "history.json");
        let disclosed = history["entries"].as_array().unwrap().iter().filter(|entry| !entry["facts"].is_null());
        let actions: Vec<String> = disclosed.map(action).collect();
        assert_eq!(actions, ["act.issued", "act.decided"]);
        for entry in history["entries"].as_array().unwrap() {
            assert!(!["work.added", "ticket.gates_overridden"].contains(&action(entry).as_str()), "{entry}");
        }
    }
    // With prices where the act shows them.
    let shown = Job::strict(house).signed();
    let job = house.manager().get(&format!("/acts/{}", id(&shown))).is(200);
    let pack = pack(&house.client(), &format!("/tickets/{}/dispute-pack", text(&job, "ticket_id")));
    assert!(words(&pack["cover.pdf"]).contains("1 349,85"));
}

fn action(entry: &Value) -> String {
    let canonical: Value = serde_json::from_str(entry["canonical"].as_str().unwrap()).unwrap();
    text(&canonical, "action")
}

fn a_pack_is_for_whoever_sees_the_ticket(house: &House) {
    let job = Job::strict(house);
    for person in [house.technician(), house.dispatcher(), house.manager(), house.admin(), house.client()] {
        assert_eq!(person.get(&job.at("/dispute-pack")).status, 200);
    }
    for person in [house.rival(), house.outsider()] {
        person.get(&job.at("/dispute-pack")).refused(404, "not_found");
    }
    house.client().get(&job.at("/dispute-pack?audience=internal")).refused(403, "forbidden");
    house.client().get(&job.at("/dispute-pack?audience=client")).bytes();
    house.manager().get(&job.at("/dispute-pack?audience=press")).refused(400, "invalid_parameter");
    house.manager().get(&job.at("/dispute-pack?eyes=all")).refused(400, "invalid_parameter");
}

/// RFC 6962 2.1.1, as an outsider would write it.
fn root_over(mut hash: Sha256, mut index: u64, size: u64, path: &[Sha256]) -> Sha256 {
    let node = |left: Sha256, right: Sha256| Sha256::of([&[1][..], &left.0[..], &right.0[..]].concat());
    let mut last = size - 1;
    for beside in path {
        if index % 2 == 1 || index == last {
            hash = node(*beside, hash);
            while index.is_multiple_of(2) && index != 0 {
                (index, last) = (index / 2, last / 2);
            }
        } else {
            hash = node(hash, *beside);
        }
        (index, last) = (index / 2, last / 2);
    }
    hash
}

fn hash(value: &Value) -> Sha256 {
    value.as_str().unwrap().parse().unwrap()
}

/// Whether an entry leads to a root.
fn leads(entry: &Value, root: &Value) -> bool {
    let canonical = entry["canonical"].as_str().unwrap().as_bytes();
    let own = Sha256::of([&[0][..], &hash(&entry["prev_hash"]).0[..], canonical].concat());
    let path: Vec<Sha256> = entry["path"].as_array().unwrap().iter().map(hash).collect();
    let leaf = Sha256::of([&[0][..], &own.0[..]].concat());
    let (index, size) = (entry["leaf_index"].as_u64().unwrap(), root["tree_size"].as_u64().unwrap());
    own == hash(&entry["hash"]) && root_over(leaf, index, size, &path) == hash(&root["root"])
}

fn every_event_is_proved_to_an_outsider(house: &House) {
    let (job, act) = eventful(house);
    let history = json_of(&pack(&house.manager(), &job.at("/dispute-pack")), "history.json");
    let entries = history["entries"].as_array().unwrap();
    let own = house.manager().get(&job.at("/history?limit=200")).is(200);
    assert_eq!(entries.len(), own["data"].as_array().unwrap().len(), "all of the ticket's");
    for entry in entries {
        assert!(leads(entry, &history["root"]), "{entry}");
        let salt = hex::decode(entry["facts_salt"].as_str().unwrap()).unwrap();
        let told = Sha256::of([&salt[..], entry["facts"].as_str().unwrap().as_bytes()].concat());
        let canonical: Value = serde_json::from_str(entry["canonical"].as_str().unwrap()).unwrap();
        assert_eq!(canonical["facts_hash"], json!(told));
    }
    let mut forged = entries[entries.len() / 2].clone();
    forged["canonical"] = json!(text(&forged, "canonical").replacen("-7", "-8", 1));
    assert!(!leads(&forged, &history["root"]));
    let issued = entries.iter().find(|entry| action(entry) == "act.issued").unwrap();
    assert!(text(issued, "facts").contains(act["document_sha256"].as_str().unwrap()), "the document's hash is chained");
    // The root stays: whoever kept another pack's finds it among them.
    let roots = house.admin().get("/audit/roots?limit=200").is(200);
    assert!(roots["data"].as_array().unwrap().contains(&history["root"]));
}

fn what_was_erased_is_still_proved(house: &House) {
    let (job, _) = eventful(house);
    house
        .app
        .db
        .write_now(|conn| {
            let nothing: Option<String> = None;
            let ids: Vec<EventId> = events::table.select(events::id).load(conn)?;
            assert!(!ids.is_empty());
            Ok(diesel::update(events::table).set(events::facts.eq(nothing)).execute(conn)?)
        })
        .unwrap();
    let pack = pack(&house.manager(), &job.at("/dispute-pack"));
    let history = json_of(&pack, "history.json");
    for entry in history["entries"].as_array().unwrap() {
        assert!(leads(entry, &history["root"]), "{entry}");
        assert_eq!((&entry["facts"], &entry["facts_salt"]), (&Value::Null, &Value::Null));
    }
    assert!(words(&pack["cover.pdf"]).contains("Решение по акту"));
}

fn all_versions_and_refusals_are_in_it(house: &House) {
    let job = Job::strict(house);
    job.finish();
    let tech = house.technician();
    let first = job.act();
    let refusal = json!({"party": "client", "document_sha256": first["document_sha256"], "outcome": "refused",
        "signer": {"contact_id": house.scene.accountant}, "remarks": "Свет моргает", "ink": ink()});
    tech.post(&format!("/acts/{}/signatures", id(&first)), &refusal).is(201);
    let second = job.act();
    let third = job.act();
    house.manager().post(&format!("/acts/{}/resolution", id(&third)), &json!({"reason": "Клиент уехал"})).is(200);
    let pack = pack(&house.manager(), &job.at("/dispute-pack"));
    let number = text(&second, "number");
    for (version, decided) in [(1, true), (2, false), (3, false)] {
        assert!(pack.contains_key(&format!("acts/{number}-v{version}.pdf")), "{:?}", pack.keys());
        assert_eq!(pack.contains_key(&format!("acts/{number}-v{version}-signed.pdf")), decided);
    }
    let said = words(&pack["cover.pdf"]);
    for phrase in ["Свет моргает", "отказ", "заменён следующей версией", "Клиент уехал", "Акт закрыт менеджером"]
    {
        assert!(said.contains(phrase), "{phrase}: {said}");
    }
}

fn covers_speak_three_languages(house: &House) {
    let (job, _) = eventful(house);
    for (language, phrase) in [("ru", "Что произошло"), ("uk", "Що сталося"), ("en", "What happened")]
    {
        let pack = pack(&house.dispatcher(), &job.at(&format!("/dispute-pack?language={language}")));
        let said = words(&pack["cover.pdf"]);
        assert!(said.contains(phrase), "{language}: {said}");
    }
}

fn names_of_files_lead_nowhere(house: &House) {
    let job = Job::strict(house);
    let tech = house.technician();
    let picture = pictures::png(8, 8);
    let hash = Sha256::of(&picture).to_string();
    for name in ["../../etc/passwd.png", "..\\..\\a.png", "C:\\windows\\system32.png", "=cmd.png", ".htaccess"] {
        let told = json!({"name": name, "media_type": "image/png", "size": picture.len(), "sha256": hash});
        let told = tech.post(&job.at("/attachments/expected"), &told);
        if told.status != 201 {
            continue;
        }
        let file: AttachmentId = id(&told.is(201)).parse().unwrap();
        settle(house, file, &picture);
    }
    let pack = pack(&tech, &job.at("/dispute-pack"));
    let names: Vec<&String> = pack.keys().filter(|name| name.starts_with("files/")).collect();
    assert!(names.len() >= 4, "{names:?}");
    for name in names {
        let own = name.strip_prefix("files/").unwrap();
        assert!(!own.contains(['/', '\\', ':', '=', '\0', '\n']) && !own.contains(".."), "{name}");
        assert!(own.ends_with(".png"), "{name}");
    }
}

/// The bytes of a file that was told of are there.
fn settle(house: &House, file: AttachmentId, bytes: &[u8]) {
    let kept = actix_web::rt::System::new().block_on(house.app.files.keep(bytes.to_vec())).unwrap();
    house
        .app
        .db
        .write_now(move |conn| {
            let own = attachments::table.find(file);
            let set = (attachments::status.eq("ready"), attachments::file_sha256.eq(Some(kept)));
            Ok(diesel::update(own).set(set).execute(conn)?)
        })
        .unwrap();
}

fn hundreds_of_photos_fit_and_thousands_are_refused(house: &House) {
    let job = Job::strict(house);
    let tech = house.technician();
    let one = tech.upload(&job.at("/attachments"), "фото.jpg", &pictures::jpeg(640, 480), &[]).is(201);
    let first: AttachmentId = id(&one).parse().unwrap();
    let more = |count: usize| {
        house
            .app
            .db
            .write_now(move |conn| {
                let row: AttachmentRow =
                    attachments::table.find(first).select(AttachmentRow::as_select()).get_result(conn)?;
                for _ in 0..count {
                    let twin = AttachmentRow { id: AttachmentId::new(), ..row.clone() };
                    diesel::insert_into(attachments::table).values(&twin).execute(conn)?;
                }
                Ok(())
            })
            .unwrap();
    };
    more(299);
    let pack = pack(&house.manager().patient(), &job.at("/dispute-pack"));
    assert_eq!(pack.keys().filter(|name| name.starts_with("files/")).count(), 300);
    assert!(pack.contains_key("files/0300-фото.jpg"));
    assert!(lopdf::Document::load_mem(&pack["cover.pdf"]).unwrap().get_pages().len() > 20);
    more(1_701);
    let refusal = house.manager().get(&job.at("/dispute-pack")).refused(422, "too_much_at_once");
    assert!(text(&refusal, "detail").contains("2000"), "{refusal}");
}

fn too_many_at_once_wait(house: &House) {
    let job = Job::strict(house);
    let manager = house.manager();
    let own = manager.id.parse().unwrap();
    let held = [house.app.pack_places.take(own), house.app.pack_places.take(own)];
    assert!(held.iter().all(Option::is_some));
    manager.get(&job.at("/dispute-pack")).refused(503, "busy");
    house.dispatcher().get(&job.at("/dispute-pack")).bytes();
    drop(held);
    manager.get(&job.at("/dispute-pack")).bytes();
}

fn a_period_is_packed_for_a_company(house: &House) {
    let act = Job::strict(house).signed();
    let unsigned = Job::strict(house);
    unsigned.finish();
    let unsigned = unsigned.act();
    let days = crate::work_reports::around_today(house);
    let path = format!("/companies/{}/dispute-pack?{days}", house.scene.company);
    for person in [house.manager(), house.client()] {
        let pack = pack(&person, &path);
        let stem = format!("acts/{}-v1", text(&act, "number"));
        let wanted = [
            format!("{stem}-evidence.json"),
            format!("{stem}-signed.pdf"),
            format!("{stem}.pdf"),
            "certificates.pem".into(),
            "history.json".into(),
            "manifest.sha256".into(),
            "work-report.pdf".into(),
            "work-report.xlsx".into(),
        ];
        assert_eq!(pack.keys().cloned().collect::<Vec<_>>(), wanted);
        let history = json_of(&pack, "history.json");
        let actions: Vec<String> = history["entries"].as_array().unwrap().iter().map(action).collect();
        assert_eq!(actions, ["act.issued", "act.decided"]);
        assert!(history["entries"].as_array().unwrap().iter().all(|entry| leads(entry, &history["root"])));
        assert!(words(&pack["work-report.pdf"]).contains(&text(&unsigned, "number")));
    }
    house.rival().get(&path).refused(404, "not_found");
    house.technician().get(&path).refused(403, "forbidden");
    let far = format!("/companies/{}/dispute-pack?from=2020-01-01&to=2021-01-02", house.scene.company);
    house.manager().get(&far).refused(400, "invalid_parameter");
    let empty = format!("/companies/{}/dispute-pack?from=2020-01-01&to=2020-12-31", house.scene.company);
    assert!(!pack(&house.manager(), &empty).keys().any(|name| name.starts_with("acts/")));
}
