//! Paper is read back as people and phones read it.

use std::collections::BTreeSet;

use serde_json::json;

use crate::house::{House, on_each_database};
use crate::job::Job;
use crate::paper::pages;
use crate::person::{Person, id, text};

on_each_database![
    an_act_says_what_was_done,
    an_act_speaks_the_language_it_is_asked_for,
    a_refusal_does_not_look_like_a_signature,
    every_label_of_a_sheet_is_read_from_paper,
    a_long_act_goes_over_pages,
];

/// The text of a document, its white space made plain.
pub fn words(pdf: &[u8]) -> String {
    let file = lopdf::Document::load_mem(pdf).unwrap();
    let pages: Vec<u32> = file.get_pages().into_keys().collect();
    file.extract_text(&pages).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn document(person: &Person, act: &serde_json::Value, name: &str) -> Vec<u8> {
    person.get(&format!("/acts/{}/{name}", id(act))).bytes()
}

fn an_act_says_what_was_done(house: &House) {
    let job = Job::strict(house);
    let act = job.signed();
    let tech = house.technician();
    let said = words(&document(&tech, &act, "document.pdf"));
    for phrase in [
        text(&act, "number").as_str(),
        "ООО «Сервис-ИТ»",
        "ООО «Ромашка»",
        "Замена ролика",
        "1 349,85",
        "243,42",
        "Одна тысяча триста сорок девять рублей 85 копеек",
        "сер. № VN-1",
        "Ролики очищены",
        "12,5",
        "1 ч 20 мин",
        "стр. 1 из 1",
    ] {
        assert!(said.contains(phrase), "{phrase}: {said}");
    }
    let signed = words(&document(&tech, &act, "signed.pdf"));
    assert!(signed.contains("Ґалаґан Їжак Ёлкин") && signed.contains(&text(&act, "document_sha256")), "{signed}");
    let paper = pages(&document(&tech, &act, "signed.pdf"), 1.0);
    assert_eq!(paper.len(), 3, "the act, the signatures, the evidence");
    assert!(paper.iter().all(|page| page.pixels().filter(|pixel| pixel.0[0] < 128).count() > 500), "a page is blank");
}

fn an_act_speaks_the_language_it_is_asked_for(house: &House) {
    for (language, phrase) in [("uk", "Замовник"), ("en", "Customer"), ("ru", "Заказчик")] {
        let job = Job::strict(house);
        job.finish();
        let act = job.act_in(language);
        let said = words(&document(&house.technician(), &act, "document.pdf"));
        assert!(said.to_lowercase().contains(&phrase.to_lowercase()), "{language}: {said}");
    }
}

fn a_refusal_does_not_look_like_a_signature(house: &House) {
    let job = Job::strict(house);
    job.finish();
    let act = job.act();
    let mut refusal = job.signature(&act);
    refusal["outcome"] = json!("refused");
    refusal["remarks"] = json!("Строка первая\nстрока вторая\n".repeat(60).trim());
    house.technician().post(&format!("/acts/{}/signatures", id(&act)), &refusal).is(201);
    let said = words(&document(&house.technician(), &act, "signed.pdf"));
    assert!(said.contains("Отказ от подписания акта"), "{said}");
    assert!(!said.contains("Подписано простой электронной подписью"), "{said}");
    // Sixty times two lines go over several pages, and none is lost.
    assert_eq!(said.matches("Строка первая").count(), 60);
    // On the act itself words stand where the signature would.
    let ink = |name: &str| {
        let page = pages(&document(&house.technician(), &act, name), 1.0).swap_remove(0);
        page.pixels().filter(|pixel| pixel.0[0] < 200).count()
    };
    assert!(ink("signed.pdf") > ink("document.pdf") + 100);
}

fn every_label_of_a_sheet_is_read_from_paper(house: &House) {
    let mut wanted = BTreeSet::new();
    let mut ids = Vec::new();
    for number in 0..30 {
        let asset = json!({"company_id": house.scene.company, "name": format!("Принтер {number}")});
        let asset = house.technician().post("/assets", &asset).is(201);
        wanted.insert(text(&asset, "label_url"));
        ids.push(id(&asset));
    }
    let sheet = json!({"asset_ids": ids, "sheet": {"brand": "Avery", "part": "L7160"}, "start_at": 20});
    let pdf = house.technician().post("/label-sheets", &sheet).bytes();
    let mut read = BTreeSet::new();
    let paper = pages(&pdf, 300.0 / 72.0);
    assert_eq!(paper.len(), 3);
    let sheet = naryad::print::sheet::sheet("Avery", "L7160").unwrap();
    let dots = |mm: f32| u32::try_from((mm * 300.0 / 25.4).round() as i64).unwrap();
    for page in paper {
        for cell in 0..u16::try_from(sheet.count()).unwrap() {
            let (column, row) = (f32::from(cell % sheet.nx), f32::from(cell / sheet.nx));
            let (x, y) = (dots(sheet.x0 + column * sheet.dx), dots(sheet.y0 + row * sheet.dy));
            let label = image::imageops::crop_imm(&page, x, y, dots(sheet.w), dots(sheet.h)).to_image();
            for code in rqrr::PreparedImage::prepare(label).detect_grids() {
                read.insert(code.decode().unwrap().1);
            }
        }
    }
    assert_eq!(read, wanted);
}

fn a_long_act_goes_over_pages(house: &House) {
    let job = Job::plain(house);
    job.begin();
    for number in 1..=70 {
        let line = json!({"name": format!("Работа номер {number}"), "unit": "шт", "price": "10.00"});
        house.technician().post(&job.at("/work-lines"), &line).is(201);
    }
    let act = job.act();
    assert_eq!(act["total"], "700.00");
    let said = words(&document(&house.technician(), &act, "document.pdf"));
    assert!(said.contains("стр. 2 из ") && said.contains("Работа номер 70"));
    assert!(said.matches("Наименование работ, услуг").count() > 1, "the head comes again");
}
