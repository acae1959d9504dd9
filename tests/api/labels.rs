//! Paper for labels, printers that are off, and labels by the thousand.

use std::collections::BTreeSet;

use diesel::prelude::*;
use naryad::db::schema::label_jobs;
use naryad::labels::jobs::LabelJobId;
use naryad::labels::prints;
use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::paper::{Drawn, drawn, pages};
use crate::person::{Person, id, text};
use crate::program::Installation;

on_each_database![
    media_are_found_by_brand_part_and_size,
    a_sheet_of_ones_own_measures_lies_on_its_paper,
    two_readings_make_an_offset,
    a_printer_has_a_name_of_its_own,
    a_roll_is_printed_in_three_forms,
    one_answer_holds_so_many_dots,
    a_printed_label_is_part_of_a_life,
    a_job_prints_all_that_stands_at_a_site,
    a_job_prints_what_is_blank_of_a_batch,
    a_job_is_called_off,
    a_job_asked_for_again_is_the_same,
    a_job_without_labels_is_told_so,
    a_job_that_never_ends_is_given_up,
    a_job_that_cannot_be_is_refused_at_once,
    a_job_survives_a_restart,
    one_of_several_instances_works_on_a_job,
];

/// The job as it is when it has ended.
fn ended(person: &Person, job: &str) -> Value {
    for _ in 0..1_200 {
        let answer = person.get(&format!("/label-jobs/{job}"));
        let later = answer.header("retry-after").to_owned();
        let job = answer.is(200);
        let open = ["queued", "running"].contains(&text(&job, "status").as_str());
        assert_eq!(open, later == "1", "{job} {later}");
        if !open {
            return job;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("the job {job} never ends");
}

/// A job for these devices that has been printed.
pub fn printed(house: &House, ids: &Value) -> String {
    let job = json!({"assets": {"ids": ids}, "media": {"roll": {"preset": "58x40"}}});
    let job = id(&house.technician().post("/label-jobs", &job).is(202));
    assert_eq!(ended(&house.technician(), &job)["status"], "done");
    job
}

fn media_are_found_by_brand_part_and_size(house: &House) {
    let found = |query: &str| {
        house.technician().get(&format!("/label-media?{query}")).is(200)["data"].as_array().unwrap().clone()
    };
    let names = |query: &str| -> BTreeSet<String> {
        found(query).iter().map(|medium| format!("{} {}", text(medium, "brand"), text(medium, "part"))).collect()
    };
    assert_eq!(found("").len(), 577);
    assert_eq!(found("kind=sheet").len(), 573);
    let rolls = found("kind=roll");
    let sizes: Vec<_> = rolls.iter().map(|roll| text(roll, "part")).collect();
    assert_eq!(sizes, ["58x40", "58x30", "43x25", "30x20"]);
    assert!(names("brand=avery&part=L7160").contains("Avery 7160"));
    assert!(names("q=avery+7651").contains("Avery L7651"));
    assert!(names("q=64%D1%8538,1").contains("Avery 7160"));
    let near = found("width_mm=38.1&height_mm=21.2");
    assert_eq!((&near[0]["w"], &near[0]["h"]), (&json!(38.1), &json!(21.2)));
    assert!(near.iter().all(|medium| (medium["w"].as_f64().unwrap() - 38.1).abs() <= 0.51));
    let avery = &found("brand=Avery&part=L7651")[0];
    assert_eq!(
        (&avery["labels"], &avery["nx"], &avery["paper"], &avery["room"]),
        (&json!(65), &json!(5), &json!("A4"), &json!("words"))
    );
    // What no phone could read is told, not hidden: somebody may hold that sheet in his hands.
    assert!(found("kind=sheet").iter().any(|medium| medium["room"] == "nothing"));
    house.technician().get("/label-media?colour=red").refused(400, "invalid_parameter");
    house.technician().get("/label-media?width_mm=wide").blames("width_mm", "out_of_range");
}

fn a_sheet_of_ones_own_measures_lies_on_its_paper(house: &House) {
    let asset = &house.scene.asset["id"];
    let print = |sheet: Value| house.technician().post("/label-sheets", &json!({"asset_ids": [asset], "sheet": sheet}));
    let sheet = json!({"width_mm": 60, "height_mm": 30, "columns": 3, "rows": 9, "left_mm": 10, "top_mm": 12,
                       "pitch_x_mm": 64, "pitch_y_mm": 30});
    let with = |field: &str, value: Value| {
        let mut sheet = sheet.clone();
        sheet[field] = value;
        sheet
    };
    let marks = drawn(&print(sheet.clone()).bytes()).remove(0);
    let cell = crate::paper::Area { left: 10.0, top: 12.0, right: 70.0, bottom: 42.0 };
    assert!(marks.iter().all(|mark| cell.holds(mark.area(), 0.02)));
    print(with("columns", json!(4))).blames("/sheet/columns", "out_of_range");
    print(with("rows", json!(10))).blames("/sheet/rows", "out_of_range");
    print(with("pitch_x_mm", json!(59))).blames("/sheet/pitch_x_mm", "out_of_range");
    print(with("left_mm", json!(160))).blames("/sheet/left_mm", "out_of_range");
    print(with("width_mm", json!(250))).blames("/sheet/width_mm", "out_of_range");
    print(with("brand", json!("Avery"))).blames("/sheet/part", "required");
    print(json!({"brand": "Avery", "part": "L7651", "rows": 3})).blames("/sheet/rows", "not_together");
    print(json!({"width_mm": 60})).blames("/sheet/columns", "required");
    print(with("width_mm", json!("wide"))).blames("/sheet/width_mm", "wrong_type");
    print(with("paper", json!("Letter"))).blames("/sheet/rows", "out_of_range");
    print(json!({"width_mm": 10, "height_mm": 10, "columns": 1, "rows": 1, "left_mm": 0, "top_mm": 0}))
        .refused(422, "label_too_small");
}

fn two_readings_make_an_offset(house: &House) {
    let tech = house.technician();
    let page = tech.get("/printers/calibration.pdf?paper=A4&language=uk").bytes();
    let paper = pages(&page, 1.0);
    assert_eq!((paper.len(), paper[0].dimensions()), (1, (595, 841)));
    assert_eq!(
        pages(&tech.get("/printers/calibration.pdf?width_mm=58&height_mm=40").bytes(), 1.0)[0].dimensions(),
        (164, 113)
    );
    tech.get("/printers/calibration.pdf?width_mm=58").blames("height_mm", "required");
    tech.get("/printers/calibration.pdf?paper=A5").blames("paper", "not_one_of");
    let printer = tech.post("/printers", &json!({"name": "Склад", "kind": "sheet"})).is(201);
    assert_eq!((&printer["dpi"], &printer["offset_x"]), (&json!(300), &json!(0)));
    let calibrate = |body: Value| tech.post(&format!("/printers/{}/calibration", id(&printer)), &body);
    let set = calibrate(json!({"left_mark": 104.2, "top_mark": 149.1})).is(200);
    assert_eq!((&set["offset_x"], &set["offset_y"], &set["version"]), (&json!(-8), &json!(6), &json!(2)));
    calibrate(json!({"left_mark": 20, "top_mark": 149.1})).blames("/left_mark", "out_of_range");
    calibrate(json!({"left_mark": 104, "top_mark": 1, "paper": "Letter"})).blames("/top_mark", "out_of_range");
    calibrate(json!({"left_mark": 104, "top_mark": 149, "width_mm": 7, "height_mm": 7}))
        .blames("/width_mm", "out_of_range");
    // The offset moves every mark, and one that is told beside the printer wins.
    let place = |more: Value| {
        let mut sheet = json!({"asset_ids": [house.scene.asset["id"]], "sheet": {"brand": "Avery", "part": "L7651"}});
        sheet.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let marks = drawn(&tech.post("/label-sheets", &sheet).bytes()).remove(0);
        let code = marks.into_iter().find(|mark| matches!(mark, Drawn::Code(..))).unwrap();
        (code.area().left, code.area().top)
    };
    let (there, moved) = (place(json!({})), place(json!({"printer_id": printer["id"]})));
    assert!((moved.0 - there.0 + 0.8).abs() < 0.01 && (moved.1 - there.1 - 0.6).abs() < 0.01, "{there:?} {moved:?}");
    let told = place(json!({"printer_id": printer["id"], "offset_mm": {"x": 2}}));
    assert!((told.0 - there.0 - 2.0).abs() < 0.01 && (told.1 - there.1).abs() < 0.01, "{there:?} {told:?}");
}

fn a_printer_has_a_name_of_its_own(house: &House) {
    let tech = house.technician();
    let new = |name: &str, kind: &str| tech.post("/printers", &json!({"name": name, "kind": kind}));
    let roll = new("Зебра", "roll").is(201);
    assert_eq!(roll["dpi"], 203);
    assert_eq!(new("Зебра", "sheet").refused(409, "duplicate")["errors"][0]["pointer"], "/name");
    new("Другая", "plotter").blames("/kind", "not_one_of");
    let at = format!("/printers/{}", id(&roll));
    let set = |body: Value| tech.patch(&at, &body);
    assert_eq!(set(json!({"dpi": 300, "offset_x": -5})).is(200)["offset_x"], -5);
    set(json!({"offset_y": i64::MIN})).blames("/offset_y", "out_of_range");
    let print = |path: &str, media: Value| {
        let mut body = json!({"asset_ids": [house.scene.asset["id"]], "printer_id": roll["id"]});
        body.as_object_mut().unwrap().extend(media.as_object().unwrap().clone());
        tech.post(path, &body)
    };
    let sheet = json!({"sheet": {"brand": "Avery", "part": "L7651"}});
    let on_roll = json!({"roll": {"preset": "58x40"}, "format": "zpl"});
    print("/label-sheets", sheet).blames("/printer_id", "another_kind");
    let zpl = String::from_utf8(print("/label-rolls", on_roll.clone()).bytes()).unwrap();
    assert!(zpl.contains("^PW685"), "300 dots an inch: {zpl}");
    // No label on a roll can be moved by more than its white edge, so no printer of rolls is that far off.
    set(json!({"offset_x": 11})).blames("/offset_x", "out_of_range");
    tech.post("/printers", &json!({"name": "Термо", "kind": "roll", "offset_y": -50}))
        .blames("/offset_y", "out_of_range");
    tech.post(&format!("{at}/calibration"), &json!({"left_mark": 31, "top_mark": 20, "width_mm": 58, "height_mm": 40}))
        .blames("/left_mark", "out_of_range");
    set(json!({"offset_x": 10})).is(200);
    print("/label-rolls", on_roll.clone()).bytes();
    set(json!({"archived": true})).is(200);
    print("/label-rolls", on_roll).blames("/printer_id", "archived");
    assert_eq!(tech.get("/printers").is(200)["data"], json!([]));
    assert_eq!(tech.get("/printers?archived=true").is(200)["data"][0]["id"], roll["id"]);
    let nobody = json!({"asset_ids": [house.scene.asset["id"]], "roll": {"preset": "58x40"}, "format": "pdf", "printer_id": house.scene.company});
    tech.post("/label-rolls", &nobody).blames("/printer_id", "unknown_reference");
    // In an address it is a parameter like any other.
    let shown = |printer: &str| tech.get(&format!("/assets/{}/label.zpl?printer_id={printer}", id(&house.scene.asset)));
    assert_eq!(shown(&id(&roll)).refused(400, "invalid_parameter")["errors"][0]["code"], "archived");
    shown(&house.scene.company).blames("printer_id", "unknown_reference");
}

fn a_roll_is_printed_in_three_forms(house: &House) {
    let (tech, asset) = (house.technician(), &house.scene.asset["id"]);
    let print = |roll: Value, format: &str| {
        tech.post("/label-rolls", &json!({"asset_ids": [asset, asset], "roll": roll, "format": format}))
    };
    let pdf = print(json!({"preset": "43x25"}), "pdf");
    assert_eq!(pdf.header("content-type"), "application/pdf");
    assert_eq!(drawn(&pdf.bytes()).len(), 2);
    assert_eq!(
        String::from_utf8(print(json!({"width_mm": 70, "height_mm": 50}), "zpl").bytes())
            .unwrap()
            .matches("^XA")
            .count(),
        2
    );
    let tspl = print(json!({"preset": "30x20"}), "tspl");
    assert_eq!(tspl.header("content-type"), "application/octet-stream");
    assert!(tspl.bytes().starts_with(b"SIZE 30 mm,20 mm\r\nGAP 2 mm,0 mm\r\n"));
    print(json!({"preset": "1x1"}), "pdf").blames("/roll/preset", "not_one_of");
    print(json!({"preset": "58x40", "width_mm": 58}), "pdf").blames("/roll/width_mm", "not_together");
    print(json!({"width_mm": 58}), "pdf").blames("/roll/height_mm", "required");
    print(json!({"width_mm": 5, "height_mm": 20}), "pdf").blames("/roll/width_mm", "out_of_range");
    print(json!({"preset": "58x40"}), "doc").blames("/format", "not_one_of");
    print(json!({"width_mm": 15, "height_mm": 15}), "tspl").refused(422, "label_too_small");
}

fn one_answer_holds_so_many_dots(house: &House) {
    let print = |labels: usize, format: &str| {
        let ids = vec![&house.scene.asset["id"]; labels];
        let roll = json!({"width_mm": 200, "height_mm": 200});
        house.technician().post("/label-rolls", &json!({"asset_ids": ids, "roll": roll, "dpi": 600, "format": format}))
    };
    for format in ["zpl", "tspl"] {
        let problem = print(32, format).refused(422, "validation_failed");
        let error = &problem["errors"][0];
        let told = (&error["pointer"], &error["code"], &error["params"]["max"]);
        assert_eq!(told, (&json!("/asset_ids"), &json!("too_many"), &json!("31")), "{problem}");
    }
    // Vectors are small, however large the label.
    assert_eq!(drawn(&print(32, "pdf").bytes()).len(), 32);
    print(2_001, "pdf").blames("/asset_ids", "too_many");
    print(0, "tspl").blames("/asset_ids", "required");
}

/// What was printed of the client's printer, newest first: the words of its life.
fn printed_of(house: &House) -> Vec<String> {
    let life = house.technician().get(&format!("/assets/{}/history?limit=200", id(&house.scene.asset))).is(200);
    let moments = life["data"].as_array().unwrap().iter().filter(|moment| moment["what"] == "print");
    moments.map(|moment| text(moment, "text")).collect()
}

fn a_printed_label_is_part_of_a_life(house: &House) {
    let (tech, asset) = (house.technician(), &house.scene.asset);
    tech.post("/label-sheets", &json!({"asset_ids": [asset["id"]], "sheet": {"brand": "Avery", "part": "L7651"}}))
        .bytes();
    tech.post("/label-rolls", &json!({"asset_ids": [asset["id"]], "roll": {"preset": "58x30"}, "format": "zpl"}))
        .bytes();
    assert_eq!(printed_of(house), ["58 × 30 mm, ZPL", "Avery L7651"]);
    // A label by itself is written down a moment later, and once however often it is shown.
    for _ in 0..3 {
        tech.get(&format!("/assets/{}/label.png", id(asset))).bytes();
    }
    let comes_to = |prints: usize| {
        for _ in 0..200 {
            if printed_of(house).len() >= prints {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        printed_of(house)
    };
    assert_eq!(comes_to(3), ["58 × 40 mm, PNG", "58 × 30 mm, ZPL", "Avery L7651"]);
    // A new label of the same device is another one, be it within the same minute.
    tech.post(&format!("/assets/{}/codes", id(asset)), &json!({})).is(200);
    tech.get(&format!("/assets/{}/label.png", id(asset))).bytes();
    assert_eq!(comes_to(4)[..2], ["58 × 40 mm, PNG", "58 × 40 mm, PNG"]);
}

fn a_job_prints_all_that_stands_at_a_site(house: &House) {
    let (tech, scene) = (house.technician(), &house.scene);
    let mut numbers = Vec::new();
    for number in [10, 9, 11] {
        let asset = json!({"company_id": scene.company, "site_id": scene.site, "name": "Касса", "inventory_number": format!("К-{number}")});
        numbers.push(text(&tech.post("/assets", &asset).is(201), "code"));
    }
    let revoked = tech
        .post("/assets", &json!({"company_id": scene.company, "site_id": scene.site, "name": "Без этикетки"}))
        .is(201);
    tech.post(&format!("/codes/{}/revocation", text(&revoked, "code")), &json!({})).is(204);
    let new = json!({"id": "0190c1de-0000-7000-8000-0000000000aa", "assets": {"site_id": scene.site}, "order": "number",
                     "media": {"sheet": {"brand": "Avery", "part": "L7160"}}, "start_at": 20});
    let answer = tech.post("/label-jobs", &new);
    assert_eq!(answer.header("location"), "/api/v1/label-jobs/0190c1de-0000-7000-8000-0000000000aa");
    let job = answer.is(202);
    tech.post("/label-jobs", &new).is(200);
    let done = ended(&tech, &id(&job));
    assert_eq!(
        (&done["status"], &done["total"], &done["done"], &done["skipped"]),
        (&json!("done"), &json!(5), &json!(4), &json!(1)),
        "{done}"
    );
    let pdf = tech.get(done["labels_url"].as_str().unwrap().strip_prefix("/api/v1").unwrap());
    assert_eq!(pdf.header("content-type"), "application/pdf");
    let bytes = pdf.bytes();
    assert_eq!(json!(bytes.len()), done["size"]);
    // Two labels on the first sheet, two on the second; in the order of their numbers: 000123, К-9, К-10, К-11.
    let pages = drawn(&bytes);
    let codes = |page: &[Drawn]| page.iter().filter(|mark| matches!(mark, Drawn::Code(..))).count();
    assert_eq!(pages.iter().map(|page| codes(page)).collect::<Vec<_>>(), [2, 2]);
    let said: String = pages
        .iter()
        .flatten()
        .filter_map(|mark| if let Drawn::Letter(letter, _) = mark { Some(*letter) } else { None })
        .collect();
    let places: Vec<_> =
        [scene.code(), &numbers[1], &numbers[0], &numbers[2]].map(|code| said.find(code).unwrap()).into();
    assert!(places.is_sorted(), "{places:?}");
    assert_eq!(printed_of(house), ["Avery 7160"]);
    assert_eq!(tech.get("/label-jobs?status=done").is(200)["data"][0]["id"], job["id"]);
    assert_eq!(tech.get("/label-jobs?status=failed").is(200)["data"], json!([]));
    assert_eq!(happened(house, &id(&job)), ["label_job.done", "label_job.made"]);
    // What has ended is put away by whoever asked for it.
    house.outsider().delete(&format!("/label-jobs/{}", id(&job))).refused(403, "forbidden");
    tech.delete(&format!("/label-jobs/{}", id(&job))).is(204);
    tech.get(&format!("/label-jobs/{}", id(&job))).refused(404, "not_found");
}

/// What happened to a job, newest first.
fn happened(house: &House, job: &str) -> Vec<String> {
    let events = house.admin().get(&format!("/events?object_id={job}")).is(200);
    events["data"].as_array().unwrap().iter().map(|event| text(event, "action")).collect()
}

fn a_job_prints_what_is_blank_of_a_batch(house: &House) {
    let tech = house.technician();
    let batch = house.dispatcher().post("/label-batches", &json!({"name": "Рулон", "count": 6})).is(201);
    let codes = tech.get(&format!("/label-batches/{}/codes", id(&batch))).is(200);
    let codes: Vec<String> = codes["data"].as_array().unwrap().iter().map(|code| text(code, "code")).collect();
    tech.post(&format!("/codes/{}/claims", codes[2]), &json!({"asset_id": house.scene.asset["id"]})).is(201);
    let roll = json!({"roll": {"preset": "58x40"}});
    let ask = |batch: Value| tech.post("/label-jobs", &json!({"batch": batch, "media": roll, "language": "ru"}));
    let done = ended(&tech, &id(&ask(json!({"id": batch["id"], "from": 2, "to": 5})).is(202)));
    assert_eq!((&done["status"], &done["total"], &done["done"]), (&json!("done"), &json!(3), &json!(3)), "{done}");
    let pdf = tech.get(done["labels_url"].as_str().unwrap().strip_prefix("/api/v1").unwrap()).bytes();
    let letter = |mark: &Drawn| if let Drawn::Letter(letter, _) = mark { Some(*letter) } else { None };
    let said: Vec<String> = drawn(&pdf).iter().map(|page| page.iter().filter_map(letter).collect()).collect();
    for ((page, code), number) in said.iter().zip([&codes[1], &codes[3], &codes[4]]).zip(["000002", "000004", "000005"])
    {
        let page = page.replace([' ', '\u{a0}'], "");
        assert!(page.contains(code) && page.contains(&format!("№{number}")), "{page}");
    }
    let counts = &tech.get(&format!("/label-batches/{}", id(&batch))).is(200)["counts"];
    assert_eq!((&counts["printed"], &counts["blank"]), (&json!(3), &json!(5)), "{counts}");
    assert_eq!(tech.get("/codes?state=blank&printed=true").is(200)["data"].as_array().unwrap().len(), 3);
    // One that is on a device by now is on paper as well as soon as the device's label is printed.
    let sheet = json!({"asset_ids": [house.scene.asset["id"]], "sheet": {"brand": "Avery", "part": "L7651"}});
    tech.post("/label-sheets", &sheet).bytes();
    assert_eq!(tech.get(&format!("/label-batches/{}", id(&batch))).is(200)["counts"]["printed"], 4);
    ask(json!({"id": batch["id"], "from": 7})).blames("/batch/from", "out_of_range");
    ask(json!({"id": house.scene.asset["id"]})).blames("/batch/id", "unknown_reference");
    ask(json!({"id": batch["id"], "from": 3, "to": 3})).blames("/batch", "required");
    let both = json!({"batch": {"id": batch["id"]}, "assets": {"ids": [house.scene.asset["id"]]}, "media": roll});
    tech.post("/label-jobs", &both).blames("/batch", "not_together");
    tech.post("/label-jobs", &json!({"media": roll})).blames("/assets", "required");
}

fn many(house: &House, labels: usize) -> Value {
    json!({"assets": {"ids": vec![&house.scene.asset["id"]; labels]}, "media": {"roll": {"preset": "58x40"}}})
}

fn a_job_is_called_off(house: &House) {
    let tech = house.technician();
    let job = id(&tech.post("/label-jobs", &many(house, 20_000)).is(202));
    tech.get(&format!("/label-jobs/{job}/labels.pdf")).refused(409, "labels_not_ready");
    tech.delete(&format!("/label-jobs/{job}")).is(204);
    assert_eq!(ended(&tech, &job)["status"], "cancelled");
    tech.get(&format!("/label-jobs/{job}/labels.pdf")).refused(409, "labels_not_ready");
    // The worker has laid it down: the next one is printed, and nothing of the first was written down.
    printed(house, &json!([house.scene.asset["id"]]));
    assert_eq!(ended(&tech, &job)["status"], "cancelled");
    assert_eq!((printed_of(house).len(), written(house, &job)), (1, 0));
    assert_eq!(unfinished(house), Vec::<String>::new());
    assert_eq!(happened(house, &job), ["label_job.cancelled", "label_job.made"]);
    tech.post("/label-jobs", &many(house, 20_001)).blames("/assets/ids", "too_many");
}

/// The files of labels that were begun.
fn unfinished(house: &House) -> Vec<String> {
    let files = std::fs::read_dir(house.folder().join("unfinished")).unwrap();
    files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
}

fn a_job_asked_for_again_is_the_same(house: &House) {
    let (tech, dispatcher) = (house.technician(), house.dispatcher());
    let batch = dispatcher.post("/label-batches", &json!({"name": "Рулон", "count": 2})).is(201);
    let new = json!({"id": "0190c1de-0000-7000-8000-0000000000ab", "batch": {"id": batch["id"]},
                     "media": {"roll": {"preset": "58x40"}}});
    let job = id(&tech.post("/label-jobs", &new).is(202));
    assert_eq!(ended(&tech, &job)["status"], "done");
    // The same question has the same answer, whatever has become of the batch and of the job.
    dispatcher.post(&format!("/label-batches/{}/void", id(&batch)), &json!({"reason": "промок"})).is(200);
    assert_eq!(tech.post("/label-jobs", &new).is(200)["status"], "done");
    tech.delete(&format!("/label-jobs/{job}")).is(204);
    assert_eq!(tech.post("/label-jobs", &new).is(200)["id"], json!(job));
    let mut other = new.clone();
    other["media"] = json!({"roll": {"preset": "58x30"}});
    tech.post("/label-jobs", &other).refused(409, "duplicate");
}

fn a_job_without_labels_is_told_so(house: &House) {
    let (tech, scene) = (house.technician(), &house.scene);
    let roll = json!({"roll": {"preset": "58x40"}});
    let site = house.manager().post("/sites", &json!({"company_id": scene.company, "name": "Склад"})).is(201);
    let ask = || tech.post("/label-jobs", &json!({"assets": {"site_id": site["id"]}, "media": roll}));
    ask().blames("/assets/site_id", "required");
    let asset = json!({"company_id": scene.company, "site_id": site["id"], "name": "Без этикетки"});
    let asset = tech.post("/assets", &asset).is(201);
    assert_eq!(ask().is(202)["total"], 1);
    tech.post(&format!("/codes/{}/revocation", text(&asset, "code")), &json!({})).is(204);
    ask().refused(422, "nothing_to_print");
    // What was there when it was asked for may be gone when it is its turn.
    let batch = house.dispatcher().post("/label-batches", &json!({"name": "Рулон", "count": 2})).is(201);
    let before = id(&tech.post("/label-jobs", &many(house, 20_000)).is(202));
    let job = id(&tech.post("/label-jobs", &json!({"batch": {"id": batch["id"]}, "media": roll})).is(202));
    let void = format!("/label-batches/{}/void", id(&batch));
    house.dispatcher().post(&void, &json!({"reason": "промок"})).is(200);
    tech.delete(&format!("/label-jobs/{before}")).is(204);
    let failed = ended(&tech, &job);
    assert_eq!(
        (&failed["status"], &failed["error"]["code"]),
        (&json!("failed"), &json!("nothing_to_print")),
        "{failed}"
    );
    assert_eq!((&failed["labels_url"], written(house, &job)), (&Value::Null, 0));
    assert_eq!(happened(house, &job), ["label_job.failed", "label_job.made"]);
    assert_eq!(tech.get(&format!("/label-batches/{}", id(&batch))).is(200)["counts"]["printed"], 0);
}

fn a_job_that_never_ends_is_given_up(house: &House) {
    let tech = house.technician();
    let before = id(&tech.post("/label-jobs", &many(house, 20_000)).is(202));
    let job = id(&tech.post("/label-jobs", &many(house, 1)).is(202));
    // As if it had ended the program five times, and left its file each time.
    let unlucky: LabelJobId = serde_json::from_value(json!(job)).unwrap();
    let tried = move |conn: &mut naryad::db::DbConnection| {
        Ok(diesel::update(label_jobs::table.find(unlucky)).set(label_jobs::tries.eq(5_i64)).execute(conn)?)
    };
    assert_eq!(house.app.db.write_now(tried).unwrap(), 1);
    let folder = house.folder().join("unfinished");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(format!("{job}-0190c1de-0000-7000-8000-0000000000ff.pdf")), "%PDF").unwrap();
    tech.delete(&format!("/label-jobs/{before}")).is(204);
    let failed = ended(&tech, &job);
    assert_eq!(
        (&failed["status"], &failed["error"]["code"]),
        (&json!("failed"), &json!("labels_given_up")),
        "{failed}"
    );
    assert_eq!((unfinished(house), written(house, &job)), (Vec::new(), 0));
    printed(house, &json!([house.scene.asset["id"]]));
}

fn a_job_that_cannot_be_is_refused_at_once(house: &House) {
    let (tech, scene) = (house.technician(), &house.scene);
    let sheet = json!({"sheet": {"brand": "Avery", "part": "L7651"}});
    let ask = |assets: Value, media: &Value| tech.post("/label-jobs", &json!({"assets": assets, "media": media}));
    let ids = json!({"ids": [scene.asset["id"]]});
    ask(json!({}), &sheet).blames("/assets", "required");
    ask(json!({"ids": []}), &sheet).blames("/assets/ids", "required");
    ask(json!({"ids": [scene.asset["id"], scene.company]}), &sheet).blames("/assets/ids/1", "unknown_reference");
    ask(json!({"site_id": scene.company}), &sheet).blames("/assets/site_id", "unknown_reference");
    ask(json!({"site_id": scene.site, "company_id": scene.company}), &sheet)
        .blames("/assets/company_id", "not_together");
    ask(ids.clone(), &json!({})).blames("/media", "required");
    ask(ids.clone(), &json!({"roll": {"preset": "58x40"}, "sheet": sheet["sheet"]}))
        .blames("/media/roll", "not_together");
    ask(ids.clone(), &json!({"sheet": {"brand": "Avery", "part": "L0000"}})).blames("/media/sheet", "unknown_sheet");
    ask(ids.clone(), &json!({"roll": {"width_mm": 12, "height_mm": 12}})).refused(422, "label_too_small");
    let first = |start_at: u16| tech.post("/label-jobs", &json!({"assets": ids, "media": sheet, "start_at": start_at}));
    first(66).blames("/start_at", "out_of_range");
    // What only shows when it is printed is told by the job.
    let form = house.folder().join("print-forms/label.ru.xml.j2");
    std::fs::write(form, "<document single='yes'><nope/></document>").unwrap();
    let failed = ended(&tech, &id(&first(1).is(202)));
    assert_eq!((&failed["status"], &failed["error"]["code"]), (&json!("failed"), &json!("form_invalid")), "{failed}");
    assert!(text(&failed["error"], "detail").contains("label.ru.xml.j2"), "{failed}");
    // It names the label, and speaks the language of whoever asks.
    assert_eq!(failed["error"]["label"], scene.code());
    for (language, line) in [("en", ", line 1: "), ("ru", ", строка 1: ")] {
        let job = tech.with("accept-language", language).get(&format!("/label-jobs/{}", id(&failed))).is(200);
        assert!(text(&job["error"], "detail").contains(line), "{job}");
    }
}

/// How many labels of a job were written down.
fn written(house: &House, job: &str) -> usize {
    let job = serde_json::from_value(json!(job)).unwrap();
    house.app.db.read_now(move |conn| prints::of_job(conn, job)).unwrap()
}

fn a_job_survives_a_restart(house: &House) {
    let mut house = house.fresh();
    let job = id(&house.technician().post("/label-jobs", &many(&house, 200)).is(202));
    house.restart();
    let done = ended(&house.technician(), &job);
    assert_eq!((&done["status"], &done["done"]), (&json!("done"), &json!(200)), "{done}");
    let pdf = house.technician().get(&format!("/label-jobs/{job}/labels.pdf")).bytes();
    assert_eq!((drawn(&pdf).len(), written(&house, &job)), (200, 200));
}

fn one_of_several_instances_works_on_a_job(house: &House) {
    // Embedded, a database has one server; on PostgreSQL two share it.
    let other = house.is_postgres().then(|| house.another());
    let other = other.as_ref().unwrap_or(house);
    let ask = |house: &House| id(&house.technician().post("/label-jobs", &many(house, 60)).is(202));
    let jobs = [ask(house), ask(other), ask(house), ask(other)];
    for job in jobs {
        let done = ended(&other.technician(), &job);
        assert_eq!((&done["status"], &done["done"], written(house, &job)), (&json!("done"), &json!(60), 60));
        house.technician().get(&format!("/label-jobs/{job}/labels.pdf")).bytes();
    }
}

#[test]
fn a_job_survives_a_kill() {
    for postgres in [false, true] {
        let Some(mut installed) = Installation::new(postgres) else { return };
        assert!(installed.add_user("admin", "admin").status.success());
        installed.serve();
        let admin = installed.person("admin");
        let company = id(&admin.post("/companies", &json!({"name": "Ромашка"})).is(201));
        let asset = id(&admin.post("/assets", &json!({"company_id": company, "name": "Насос"})).is(201));
        let job = json!({"assets": {"ids": vec![asset; 1_500]}, "media": {"roll": {"preset": "58x40"}}});
        let job = id(&admin.post("/label-jobs", &job).is(202));
        installed.kill();
        installed.serve();
        // Nobody can tell a killed worker from a slow one but by its silence.
        let done = ended(&installed.person("admin"), &job);
        assert_eq!((&done["status"], &done["done"]), (&json!("done"), &json!(1_500)), "{done}");
        let pdf = installed.person("admin").get(&format!("/label-jobs/{job}/labels.pdf")).bytes();
        assert_eq!(lopdf::Document::load_mem(&pdf).unwrap().get_pages().len(), 1_500);
    }
}
