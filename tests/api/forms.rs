//! Print forms: anybody in charge may edit them, and no mistake in one gets as far as a document.

use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::job::Job;
use crate::person::{Answer, id, text};
use crate::pictures;

on_each_database![an_edited_form_prints_the_next_act, forms_are_for_those_in_charge];

const ACT: &str = "/print-forms/act.ru.xml.j2";

fn read(house: &House, path: &str) -> String {
    String::from_utf8(house.manager().get(path).bytes()).unwrap()
}

fn put(house: &House, path: &str, file: impl Into<Vec<u8>>) -> Answer {
    house.manager().send("PUT", path, "application/octet-stream", file.into())
}

fn preview(house: &House, form: impl Into<Vec<u8>>) -> Answer {
    house.manager().send("POST", &format!("{ACT}/preview"), "application/octet-stream", form.into())
}

/// The act's form with something at the head of its body, and the line of that.
fn with(house: &House, addition: &str) -> (String, usize) {
    let form = read(house, ACT);
    let (before, after) = form.split_once("<body>").unwrap();
    (format!("{before}<body>{addition}{after}"), before.lines().count())
}

fn pictures_in(document: &[u8]) -> usize {
    let document = lopdf::Document::load_mem(document).unwrap();
    let streams = document.objects.values().filter_map(|object| object.as_stream().ok());
    let kinds = streams.filter_map(|stream| stream.dict.get(b"Subtype").and_then(lopdf::Object::as_name).ok());
    kinds.filter(|kind| *kind == b"Image").count()
}

fn listed(house: &House, file: &str) -> Value {
    let files = house.manager().get("/print-forms").is(200);
    files["data"].as_array().unwrap().iter().find(|one| one["file"] == file).cloned().unwrap_or_default()
}

fn an_edited_form_prints_the_next_act(house: &House) {
    let act = || {
        let job = Job::strict(house);
        job.finish();
        job.act()
    };
    let document = |act: &Value| house.technician().get(&format!("/acts/{}/document.pdf", id(act))).bytes();
    let pages = |act: &Value| lopdf::Document::load_mem(&document(act)).unwrap().get_pages().len();
    let (first, second) = (act(), act());
    assert_eq!((&second["form_sha256"], pages(&second)), (&first["form_sha256"], 1));
    let frozen = document(&first);
    let (form, _) = with(house, &"<p>Гарантия на работы: 30 дней</p>".repeat(80));
    put(house, ACT, form.clone()).is(204);
    assert_eq!(read(house, ACT), form);
    let third = act();
    assert_ne!(third["form_sha256"], first["form_sha256"]);
    assert!(pages(&third) > 1, "eighty lines more do not fit on the page of the others");
    assert_eq!(document(&first), frozen);
    put(house, ACT, with(house, "<nope/>").0).refused(422, "form_invalid");
    assert_eq!(act()["form_sha256"], third["form_sha256"]);
    house.manager().delete(ACT).is(204);
    assert_eq!(act()["form_sha256"], first["form_sha256"]);
    let events = house.admin().get("/events?action=print_form.changed").is(200);
    assert_eq!(events["data"].as_array().unwrap().len(), 1);
    assert_eq!(events["data"][0]["facts"]["after"]["file"], "act.ru.xml.j2");
}

fn forms_are_for_those_in_charge(house: &House) {
    let form = read(house, ACT);
    for person in [house.technician(), house.dispatcher(), house.client()] {
        person.get("/print-forms").refused(403, "forbidden");
        person.get(ACT).refused(403, "forbidden");
        person.delete(ACT).refused(403, "forbidden");
        let sent = person.send("PUT", ACT, "application/octet-stream", form.clone().into_bytes());
        sent.refused(403, "forbidden");
    }
    assert_eq!(read(house, ACT), form);
}

#[test]
fn every_form_that_is_shipped_is_in_order() {
    let house = House::on_sqlite();
    let files = house.manager().get("/print-forms").is(200);
    let files = files["data"].as_array().unwrap();
    for kind in ["act", "invoice", "label", "signatures"] {
        for language in ["ru", "uk", "en"] {
            let name = format!("{kind}.{language}.xml.j2");
            let file = files.iter().find(|file| file["file"] == name).unwrap();
            assert_eq!((&file["edited"], &file["mistake"]), (&json!(false), &Value::Null), "{name}");
        }
    }
    assert!(files.iter().all(|file| file["mistake"].is_null()), "{files:?}");
}

#[test]
fn a_mistake_is_told_with_its_line() {
    let house = House::on_sqlite();
    let form = read(&house, ACT);
    let without_place = form.replace("party=\"client\"", "party=\"provider\"");
    let (unknown, line) = with(&house, "\n<p>всё хорошо</p>\n<nope/>");
    let (unclosed, _) = with(&house, "\n<h2>Заголовок\n<p>текст</p>");
    let (undefined, _) = with(&house, "\n{{ nothing.at.all }}");
    let (deep, _) = with(&house, &format!("{}{}", "<keep>".repeat(5_000), "</keep>".repeat(5_000)));
    let spin = |variable: &str| format!("{{% for {variable} in range(9999) %}}");
    let endless = [spin("a"), spin("b"), spin("c"), "x".to_owned(), "{% endfor %}".repeat(3)].concat();
    let (endless, _) = with(&house, &endless);
    for (broken, line, reason) in [
        (unknown, line + 2, "<nope>"),
        (unclosed, line + 1, "<h2> is not closed"),
        (undefined, line + 1, "undefined"),
        (deep, line, "within each other"),
        (endless, line, "never ends"),
        (without_place, 1, "<signature party=\"client\"/>"),
    ] {
        let problem = put(&house, ACT, broken.clone()).refused(422, "form_invalid");
        assert_eq!((&problem["file"], &problem["line"]), (&json!("act.ru.xml.j2"), &json!(line)), "{problem}");
        assert!(text(&problem, "reason").contains(reason), "{problem}");
        assert_eq!(preview(&house, broken).refused(422, "form_invalid")["reason"], problem["reason"]);
        assert_eq!(read(&house, ACT), form, "the old one stays");
    }
    assert!(preview(&house, Vec::new()).bytes().starts_with(b"%PDF-"));
}

#[test]
fn a_shared_piece_must_fit_every_form() {
    let house = House::on_sqlite();
    let path = "/print-forms/parts.xml.j2";
    let parts = read(&house, path);
    let problem = put(&house, path, parts.replacen("{% endmacro %}", "", 1)).refused(422, "form_invalid");
    assert_eq!(problem["file"], "parts.xml.j2");
    put(&house, path, format!("{parts}\n")).is(204);
    assert_eq!(listed(&house, "parts.xml.j2")["edited"], true);
    // What was edited outlives the server that took it.
    let mut house = house;
    house.restart();
    assert_eq!(listed(&house, "parts.xml.j2")["edited"], true);
    house.manager().delete(path).is(204);
    assert_eq!((read(&house, path), &listed(&house, "parts.xml.j2")["edited"]), (parts, &json!(false)));
}

#[test]
fn a_logo_is_a_picture() {
    let house = House::on_sqlite();
    let logo = "/print-forms/logo.png";
    let plain = preview(&house, Vec::new()).bytes();
    let refused = put(&house, logo, "<svg/>").refused(422, "form_invalid");
    assert_eq!((&refused["file"], &refused["line"]), (&json!("logo.png"), &json!(1)));
    put(&house, logo, pictures::png(20, 20)[..40].to_vec()).refused(422, "form_invalid");
    house.manager().get(logo).refused(404, "not_found");
    let picture = pictures::png(120, 40);
    put(&house, logo, picture.clone()).is(204);
    assert_eq!(house.manager().get(logo).bytes(), picture);
    assert!(pictures_in(&preview(&house, Vec::new()).bytes()) > pictures_in(&plain));
    house.manager().delete(logo).is(204);
    assert_eq!(pictures_in(&preview(&house, Vec::new()).bytes()), pictures_in(&plain));
}

#[test]
fn what_is_no_form_is_not_there() {
    let house = House::on_sqlite();
    for unknown in ["nothing.xml.j2", "act.de.xml.j2", "README.md", "logo.svg", "..%2Fnaryad.db", ".shipped.json"] {
        let path = format!("/print-forms/{unknown}");
        house.manager().get(&path).refused(404, "not_found");
        house.manager().delete(&path).refused(404, "not_found");
    }
}
