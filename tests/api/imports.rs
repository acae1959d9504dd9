//! Tables that people have, as their programs write them: looked at first, then done, and done once.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::LazyLock;

use encoding_rs::{KOI8_R, WINDOWS_1251};
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::person::{Answer, Person, id, text};

on_each_database![
    a_table_is_looked_at_and_then_done,
    what_a_spreadsheet_took_is_not_guessed,
    a_workbook_is_read_as_it_looks,
    columns_are_mapped_by_hand,
    a_mistake_names_its_cell,
    clients_come_before_their_devices,
    sites_that_are_missing_are_added_when_asked_for,
    one_device_comes_once_however_often_it_is_sent,
    what_is_no_table_is_refused,
    thousands_of_rows_come_at_once,
    twenty_thousand_rows_with_their_parents_come_in_one_go,
    parts_find_what_they_belong_to,
    what_cannot_be_a_part_is_told_in_its_row,
    what_came_is_printed_and_stuck_on,
];

/// A table of devices as an accountant's program writes it: Windows-1251, semicolons, CRLF.
const BOOK: &str = "Инв. №;Наименование;Серийный номер;Модель;Гарантия до;Место установки\r\n\
                    000301;Принтер «Север»;SN-301;M404;31.03.2027;Офис\r\n\
                    000302;Касса;SN-302;АТОЛ 30Ф;;офис\r\n\
                    000303;Сканер;;DS2208;2027-05-31;\r\n";

fn cyrillic(text: &str) -> Vec<u8> {
    WINDOWS_1251.encode(text).0.into_owned()
}

pub fn send(person: &Person, kind: &str, bytes: &[u8], fields: &[(&str, &str)]) -> Answer {
    let fields: Vec<_> = [("kind", kind)].into_iter().chain(fields.iter().copied()).collect();
    person.upload("/imports", "Ведомость.csv", bytes, &fields)
}

/// A table of the client's devices that has been looked at.
pub fn looked_at(house: &House, table: &str) -> Value {
    send(&house.manager(), "assets", table.as_bytes(), &[("company_id", &house.scene.company)]).is(201)
}

pub fn run(house: &House, import: &Value, options: &Value) -> Answer {
    house.manager().post(&format!("/imports/{}/run", id(import)), options)
}

pub fn done(house: &House, import: &Value) -> Value {
    let done = run(house, import, &json!({})).is(200);
    assert_eq!(done["state"], "done");
    done
}

#[track_caller]
pub fn counts(import: &Value, wanted: [i64; 4]) {
    let counts = ["add", "change", "same", "mistake"].map(|outcome| import["counts"][outcome].as_i64().unwrap());
    assert_eq!(counts, wanted, "{import}");
    assert_eq!(import["counts"]["rows"], wanted.iter().sum::<i64>());
}

pub fn rows(house: &House, import: &Value, query: &str) -> Vec<Value> {
    let page = house.manager().get(&format!("/imports/{}/rows?limit=200{query}", id(import))).is(200);
    page["data"].as_array().unwrap().clone()
}

pub fn assets(house: &House, query: &str) -> Vec<Value> {
    house.manager().get(&format!("/assets?limit=200{query}")).is(200)["data"].as_array().unwrap().clone()
}

/// What is said about a row, by field and code.
pub fn said(row: &Value, member: &str) -> Vec<(String, String)> {
    row[member].as_array().unwrap().iter().map(|note| (text(note, "field"), text(note, "code"))).collect()
}

pub fn is(field: &str, code: &str) -> Vec<(String, String)> {
    vec![(field.to_owned(), code.to_owned())]
}

fn a_table_is_looked_at_and_then_done(house: &House) {
    let (manager, scene) = (house.manager(), &house.scene);
    let known = assets(house, "");
    let fields = [("company_id", scene.company.as_str())];
    let import = send(&manager, "assets", &cyrillic(BOOK), &fields).is(201);
    counts(&import, [3, 0, 0, 0]);
    assert_eq!((&import["state"], &import["file"]["header_row"]), (&json!("checked"), &json!(1)));
    let mapped: Vec<_> = import["columns"].as_array().unwrap().iter().map(|column| &column["field"]).collect();
    assert_eq!(mapped, ["inventory_number", "name", "serial_number", "model", "warranty_until", "site"]);
    assert_eq!(import["columns"][0]["samples"], json!(["000301", "000302", "000303"]));
    assert_eq!(assets(house, ""), known, "nothing was written");
    let done = done(house, &import);
    counts(&done, [3, 0, 0, 0]);
    let added = assets(house, &format!("&import_id={}", id(&import)));
    assert_eq!(added.len(), 3);
    let printer = assets(house, "&inventory_number=000301").pop().unwrap();
    assert_eq!(
        (&printer["name"], &printer["model"], &printer["warranty_until"], &printer["site_id"]),
        (&json!("Принтер «Север»"), &json!("M404"), &json!("2027-03-31"), &json!(scene.site))
    );
    assert!(added.contains(&printer));
    // The labels are there, and lead to the devices.
    let ids: Vec<_> = rows(house, &import, "&outcome=add").iter().map(|row| row["record_id"].clone()).collect();
    assert_eq!((ids.len(), &ids[0]), (3, &printer["id"]));
    let numbers: Vec<_> = rows(house, &import, "").iter().map(|row| row["number"].clone()).collect();
    assert_eq!(numbers, [2, 3, 4], "as a spreadsheet counts");
    let sheet = json!({"asset_ids": ids, "sheet": {"brand": "Avery", "part": "L7651"}});
    assert!(
        manager.post(text(&done["labels"], "print").strip_prefix("/api/v1").unwrap(), &sheet).bytes().len() > 1_000
    );
    let card = house.technician().get(&format!("/scan/{}", text(&printer, "code"))).is(200);
    assert_eq!(card["asset"]["id"], printer["id"]);
    // Where it came from stands in its life, and in a chain that is whole.
    let life = manager.get(&format!("/assets/{}/history", id(&printer))).is(200);
    let events: Vec<_> = life["data"].as_array().unwrap().iter().filter(|event| event["what"] == "change").collect();
    assert_eq!((events.len(), &events[0]["text"], &events[0]["import_id"]), (1, &json!("asset.added"), &import["id"]));
    assert_eq!(house.admin().get("/events/verification").is(200)["intact"], true);
    // The same once more changes nothing, whichever way it is asked for.
    assert_eq!(run(house, &import, &json!({})).is(200), done);
    let again = send(&manager, "assets", &cyrillic(BOOK), &fields).is(201);
    counts(&again, [0, 0, 3, 0]);
    // So does the same from a program that writes KOI8.
    let koi = KOI8_R.encode(&BOOK.replace('№', "номер").replace(['«', '»'], "\"")).0.into_owned();
    let koi = send(&manager, "assets", &koi, &fields).is(201);
    counts(&koi, [0, 1, 2, 0]);
    assert_eq!(rows(house, &koi, "&outcome=change")[0]["changes"][0]["after"], "Принтер \"Север\"");
    counts(&run(house, &again, &json!({})).is(200), [0, 0, 3, 0]);
    assert_eq!(assets(house, "&inventory_number=000301"), [printer]);
    let mapping = json!({"columns": []});
    manager.put(&format!("/imports/{}/mapping", id(&import)), &mapping).refused(409, "import_done");
    let all = manager.get("/imports?kind=assets&state=done").is(200);
    assert_eq!(all["data"].as_array().unwrap().iter().map(id).collect::<Vec<_>>(), [id(&again), id(&import)]);
}

fn what_a_spreadsheet_took_is_not_guessed(house: &House) {
    // The client's printer has the inventory number 000123.
    let table =
        "Инв. номер;Название;Модель\n123;Принтер;M405\n000124;Касса;\n125;Сканер;\n4,60799E+12;Весы;\n125;Сканер;\n";
    let import = looked_at(house, table);
    counts(&import, [2, 1, 0, 2]);
    let seen = rows(house, &import, "");
    assert_eq!(said(&seen[0], "warnings"), is("inventory_number", "leading_zeros"));
    assert_eq!(seen[0]["changes"], json!([{"field": "model", "before": "M404", "after": "M405"}]));
    assert_eq!(seen[0]["record_id"], house.scene.asset["id"]);
    assert_eq!(seen[1]["warnings"], json!([]));
    assert_eq!(said(&seen[2], "warnings"), is("inventory_number", "zeros_lost"));
    assert_eq!(seen[2]["warnings"][0]["params"]["other"], "000125");
    assert_eq!(said(&seen[3], "mistakes"), is("inventory_number", "spoilt_number"));
    assert_eq!(said(&seen[4], "mistakes"), is("inventory_number", "repeated"));
    run(house, &import, &json!({"skip_mistakes": true})).is(200);
    let printer = house.manager().get(&format!("/assets/{}", id(&house.scene.asset))).is(200);
    assert_eq!((&printer["inventory_number"], &printer["model"]), (&json!("000123"), &json!("M405")));
    // A serial number that is another device's is told, and makes no one device of two.
    let import = looked_at(house, "Инв. номер;Название;Серийный номер\n000777;Принтер;VN-1\n");
    counts(&import, [1, 0, 0, 0]);
    assert_eq!(said(&rows(house, &import, "")[0], "warnings"), is("serial_number", "lookalike"));
    // Alone it is what the device is known by.
    let import = looked_at(house, "Серийный номер;Название;Внешний код\nvn-1;Принтер;1C-77\n");
    counts(&import, [0, 1, 0, 0]);
    done(house, &import);
    counts(&looked_at(house, "Внешний код;Название\n1c-77;Принтер\n"), [0, 0, 1, 0]);
}

fn a_workbook_is_read_as_it_looks(house: &House) {
    let book = include_bytes!("../vectors/imports/openpyxl.xlsx");
    let import = send(&house.manager(), "assets", book, &[("company_id", &house.scene.company)]).is(201);
    assert_eq!((&import["file"]["sheet"], &import["file"]["header_row"]), (&json!("Оборудование"), &json!(3)));
    assert_eq!(import["warnings"][0]["code"], "other_sheets");
    counts(&import, [3, 0, 0, 1]);
    let seen = rows(house, &import, "");
    let numbers: Vec<_> = seen.iter().map(|row| row["number"].as_i64().unwrap()).collect();
    assert_eq!(numbers, [4, 5, 6, 8]);
    assert_eq!(said(&seen[1], "warnings"), is("inventory_number", "zeros_lost"));
    assert_eq!(said(&seen[3], "mistakes"), is("serial_number", "spoilt_number"));
    run(house, &import, &json!({"skip_mistakes": true})).is(200);
    let of = |number: &str| assets(house, &format!("&inventory_number={number}")).pop().unwrap();
    assert_eq!(of("000200")["warranty_until"], "2027-03-31");
    assert_eq!(
        (&of("201")["serial_number"], &of("201")["warranty_until"]),
        (&json!("4607991234567"), &json!("2027-04-30"))
    );
    assert_eq!(of("000202")["warranty_until"], "2027-05-31");
    assert_eq!(of("000202")["site_id"], Value::Null);
}

fn columns_are_mapped_by_hand(house: &House) {
    let manager = house.manager();
    let import = looked_at(house, "Бирка;Что это;Диск;Диск\n0001;Системный блок;500 ГБ;1 ТБ\n");
    counts(&import, [0, 0, 0, 1]);
    let codes: Vec<_> = import["warnings"].as_array().unwrap().iter().map(|warning| text(warning, "code")).collect();
    assert_eq!(codes, ["no_known_columns", "duplicate_column"]);
    let mapping = format!("/imports/{}/mapping", id(&import));
    let map = |columns: &[(&str, &str)]| {
        let columns: Vec<_> = columns.iter().map(|(column, field)| json!({"column": column, "field": field})).collect();
        manager.put(&mapping, &json!({"columns": columns}))
    };
    let (number, name) = (("Бирка", "inventory_number"), ("Что это", "name"));
    map(&[number, ("Что это", "colour")]).blames("/columns/1/field", "not_one_of");
    map(&[number, ("Что это", "inventory_number")]).blames("/columns/1/field", "taken");
    map(&[number, ("Цвет", "name")]).blames("/columns/1/column", "unknown_reference");
    map(&[number, ("Диск", "attribute: ")]).blames("/columns/1/field", "not_one_of");
    manager.put(&mapping, &json!({"columns": [{"column": "Бирка"}]})).blames("/columns/0/field", "required");
    let mapped = map(&[number, name, ("Диск", "attribute:HDD"), ("Диск (2)", "attribute: HDD 2")]).is(200);
    counts(&mapped, [1, 0, 0, 0]);
    assert_eq!(mapped["columns"][3]["field"], "attribute:HDD 2");
    done(house, &import);
    let made = assets(house, "&inventory_number=0001").pop().unwrap();
    assert_eq!(made["attributes"], json!({"HDD": "500 ГБ", "HDD 2": "1 ТБ"}));
}

fn a_mistake_names_its_cell(house: &House) {
    let long = "я".repeat(301);
    let table = format!(
        "Инв. номер;Название;Гарантия до;Объект;Компания\n1-1;Принтер;вчера;;\n1-2;{long};;;\n1-3;;;;\n1-4;Касса;;Луна;\n\
         -;Весы;;;\n1-6;Сканер;;;ООО «Нет такой»\n1-7;Прин\0тер;;;\n1-8;Камера;;;\n"
    );
    let import = looked_at(house, &table);
    counts(&import, [1, 0, 0, 7]);
    let wrong = rows(house, &import, "&outcome=mistake");
    let told: Vec<_> = wrong.iter().map(|row| (row["number"].as_i64().unwrap(), said(row, "mistakes"))).collect();
    let expected = [
        (2, "warranty_until", "not_a_day"),
        (3, "name", "too_long"),
        (4, "name", "required"),
        (5, "site", "unknown_site"),
        (6, "inventory_number", "no_number"),
        (7, "company", "unknown_company"),
        (8, "name", "forbidden_character"),
    ];
    assert_eq!(told, expected.map(|(row, field, code)| (row, is(field, code))));
    assert_eq!(wrong[0]["mistakes"][0]["column"], "Гарантия до");
    assert_eq!(wrong[0]["mistakes"][0]["value"], "вчера");
    let path = format!("/imports/{}/rows?outcome=mistake&limit=1", id(&import));
    let spoken = |language: &str| {
        let row = house.manager().with("accept-language", language).get(&path).is(200);
        text(&row["data"][0]["mistakes"][0], "message")
    };
    assert!(spoken("ru").contains("датой") && spoken("uk").contains("датою") && spoken("en").contains("a day"));
    let refused = run(house, &import, &json!({})).refused(422, "import_has_mistakes");
    assert!(refused["detail"].as_str().unwrap().contains(&id(&import)));
    assert_eq!(assets(house, "&inventory_number=1-8"), Vec::<Value>::new(), "half an import is none");
    counts(&run(house, &import, &json!({"skip_mistakes": true})).is(200), [1, 0, 0, 7]);
    assert_eq!(assets(house, "&inventory_number=1-8").len(), 1);
    // Pages of rows lead on.
    let page = house.manager().get(&path).is(200);
    let next = house.manager().get(&format!("{path}&cursor={}", text(&page, "next_cursor"))).is(200);
    assert_eq!((&page["data"][0]["number"], &next["data"][0]["number"]), (&json!(2), &json!(3)));
}

fn clients_come_before_their_devices(house: &House) {
    let manager = house.manager();
    let import = |kind: &str, table: &str| send(&manager, kind, table.as_bytes(), &[]).is(201);
    let companies = "Наименование;Полное наименование;ИНН;КПП;Телефон;E-mail\n\
                     Лютик;ООО «Лютик»;0706005555;070601001;+7 495 000-00-00;a@example.com\nРомашка;;7707083893;;;\n;;;;;\n";
    let first = import("companies", companies);
    // The client is known by its name, and gets its number.
    counts(&first, [1, 1, 0, 0]);
    done(house, &first);
    counts(&import("companies", companies), [0, 0, 2, 0]);
    // Excel has been there: the number is shorter, and still the same company's.
    let spoilt = import("companies", "Название,ИНН\nЛютик,706005555\n");
    counts(&spoilt, [0, 0, 1, 0]);
    assert_eq!(said(&rows(house, &spoilt, "")[0], "warnings"), is("tax_id", "leading_zeros"));
    let sites =
        "Компания;Объект;Адрес;Часовой пояс\nлютик;Склад;Рязань;Asia/Omsk\nООО \"Ромашка\";Офис;Москва;\n;Дача;;\n";
    let first = import("sites", sites);
    counts(&first, [1, 1, 0, 1]);
    run(house, &first, &json!({"skip_mistakes": true})).is(200);
    counts(&import("sites", sites), [0, 0, 2, 1]);
    let card = house.technician().get(&format!("/scan/{}", house.scene.code())).is(200);
    assert_eq!(card["site"]["address"], "Москва");
    let people = "Компания\tФИО\tДолжность\tПраво подписи\tОбъект\tТелефон\nЛютик\tПетров Пётр\tкладовщик\tтекущие работы\tсклад\t+7 1\n\
                  Ромашка\tЦой Виктор Робертович\tначальник охраны\t\t\t\nРомашка\tСидоров\t\tвсё\t\t\n";
    let first = import("contacts", people);
    counts(&first, [1, 1, 0, 1]);
    assert_eq!(said(&rows(house, &first, "&outcome=mistake")[0], "mistakes"), is("signing_authority", "not_one_of"));
    run(house, &first, &json!({"skip_mistakes": true})).is(200);
    counts(&import("contacts", people), [0, 0, 2, 1]);
    let devices = "ИНН компании;Объект;Инв. номер;Название\n0706005555;Склад;1;Весы\n7707083893;Офис;1;Весы\n";
    let first = import("assets", devices);
    // A number names one device of each company.
    counts(&first, [2, 0, 0, 0]);
    done(house, &first);
    counts(&import("assets", devices), [0, 0, 2, 0]);
    let dispatcher = house.dispatcher();
    send(&dispatcher, "companies", companies.as_bytes(), &[]).refused(403, "forbidden");
    send(&dispatcher, "sites", sites.as_bytes(), &[]).refused(403, "forbidden");
    send(&dispatcher, "contacts", people.as_bytes(), &[]).is(201);
    dispatcher
        .post(&format!("/imports/{}/run", id(&import("companies", companies))), &json!({}))
        .refused(403, "forbidden");
}

fn sites_that_are_missing_are_added_when_asked_for(house: &House) {
    let scene = &house.scene;
    let table = "Инв. номер;Название;Объект\n1;Весы;Склад\n2;Весы;СКЛАД\n3;;Дача\n".as_bytes();
    let asked = [("company_id", scene.company.as_str()), ("create_missing", "true")];
    send(&house.dispatcher(), "assets", table, &asked).refused(403, "forbidden");
    let import = send(&house.manager(), "assets", table, &asked).is(201);
    counts(&import, [2, 0, 0, 1]);
    let sites = || house.manager().get(&format!("/sites?company_id={}", scene.company)).is(200);
    assert_eq!(sites()["data"].as_array().unwrap().len(), 1);
    run(house, &import, &json!({"skip_mistakes": true})).is(200);
    let sites = sites();
    // What no sound row needs is not added.
    assert_eq!((sites["data"].as_array().unwrap().len(), &sites["data"][0]["name"]), (2, &json!("Склад")));
    assert_eq!(assets(house, &format!("&site_id={}", id(&sites["data"][0]))).len(), 2);
    // A site for all rows that name none.
    let asked = [("site_id", scene.site.as_str())];
    let import = send(&house.manager(), "assets", "Инв. номер;Название\n9;Весы\n".as_bytes(), &asked).is(201);
    assert_eq!(import["company_id"], json!(scene.company));
    done(house, &import);
    assert_eq!(assets(house, "&inventory_number=9")[0]["site_id"], json!(scene.site));
    let elsewhere = [("company_id", scene.company.as_str()), ("site_id", scene.rival_site.as_str())];
    send(&house.manager(), "assets", table, &elsewhere).blames("site_id", "another_company");
}

fn one_device_comes_once_however_often_it_is_sent(house: &House) {
    let (manager, scene) = (house.manager(), &house.scene);
    let own = "0190c1de-0000-7000-8000-00000000a001";
    let fields = [("company_id", scene.company.as_str()), ("id", own)];
    let first = send(&manager, "assets", &cyrillic(BOOK), &fields).is(201);
    assert_eq!(
        (id(&first), send(&manager, "assets", &cyrillic(BOOK), &fields).is(200)),
        (own.to_owned(), first.clone())
    );
    send(&manager, "assets", "Инв. номер;Название\n1;Весы\n".as_bytes(), &fields).refused(409, "duplicate");
    let second = looked_at(house, BOOK);
    counts(&second, [3, 0, 0, 0]);
    // Both at the same time, and each twice: one of them finds the devices there.
    let answers: Vec<Value> = std::thread::scope(|scope| {
        let asked: Vec<_> = [&first, &second, &first, &second]
            .into_iter()
            .map(|import| scope.spawn(move || run(house, import, &json!({})).is(200)))
            .collect();
        asked.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    let mut added: Vec<_> = answers.iter().map(|answer| answer["counts"]["add"].as_i64().unwrap()).collect();
    added.sort_unstable();
    assert_eq!(added, [0, 0, 3, 3]);
    for number in ["000301", "000302", "000303"] {
        assert_eq!(assets(house, &format!("&inventory_number={number}")).len(), 1);
    }
    assert_eq!(house.admin().get("/events/verification").is(200)["intact"], true);
}

fn what_is_no_table_is_refused(house: &House) {
    let (manager, company) = (house.manager(), house.scene.company.as_str());
    let refused = |bytes: &[u8], flaw: &str| {
        let answer = send(&manager, "assets", bytes, &[("company_id", company)]);
        let problem = answer.refused(422, "table_rejected");
        assert_eq!((&problem["errors"][0]["pointer"], &problem["errors"][0]["code"]), (&json!("file"), &json!(flaw)));
    };
    refused(b"", "empty_table");
    refused(b"\n\n;;\n", "empty_table");
    refused("Инв. номер;Название\n".as_bytes(), "empty_table");
    refused(&crate::pictures::png(8, 8), "not_a_table");
    refused(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0, 0], "not_a_table");
    refused(b"PK\x03\x04", "broken_table");
    let book = include_bytes!("../vectors/imports/openpyxl.xlsx");
    refused(&book[..book.len() / 2], "broken_table");
    for place in (0..book.len()).step_by(97) {
        let mut bent = book.to_vec();
        bent[place] ^= 0x55;
        let answer = send(&manager, "assets", &bent, &[("company_id", company)]);
        assert!(answer.status == 201 || answer.status == 422, "{place}: {}", answer.status);
    }
    let wide = format!("{}\n{}", vec!["Модель"; 200].join(";"), vec!["x"; 200].join(";"));
    refused(wide.as_bytes(), "too_many_columns");
    refused(format!("Название\n{}", "x\n".repeat(20_001)).as_bytes(), "too_many_rows");
    refused(&BOMB, "unpacks_too_large");
    refused(&stray(), "too_many_columns");
    let upload = |fields: &[(&str, &str)]| manager.upload("/imports", "a.csv", BOOK.as_bytes(), fields);
    upload(&[]).blames("kind", "required");
    upload(&[("kind", "tickets")]).blames("kind", "not_one_of");
    upload(&[("kind", "assets"), ("colour", "red")]).blames("colour", "unknown_field");
    upload(&[("kind", "assets"), ("company_id", "1")]).blames("company_id", "not_an_id");
    upload(&[("kind", "assets"), ("company_id", "0190c1de-0000-7000-8000-000000000001")])
        .blames("company_id", "unknown_reference");
    upload(&[("kind", "assets"), ("create_missing", "maybe")]).blames("create_missing", "not_one_of");
    send(&manager, "assets", &vec![b'x'; 21 << 20], &[]).refused(413, "too_large");
    manager.send("POST", "/imports", "application/json", b"{}".to_vec()).is(415);
}

/// A workbook with a part of two hundred mebibytes of nothing.
static BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut parts = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let packed = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    parts.start_file("xl/sharedStrings.xml", packed).unwrap();
    let nothing = vec![b' '; 1 << 20];
    for _ in 0..200 {
        parts.write_all(&nothing).unwrap();
    }
    parts.finish().unwrap().into_inner()
});

/// A workbook with one cell in the last row and column there are.
fn stray() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "Название").unwrap();
    sheet.write_string(1_048_575, 16_383, "x").unwrap();
    book.save_to_buffer().unwrap()
}

fn what_came_is_printed_and_stuck_on(house: &House) {
    let import = looked_at(house, "Инв. №;Наименование\n000401;Принтер\n000402;Касса\n000123;Уже есть\n");
    let roll = json!({"roll": {"preset": "58x40"}});
    let labels = |import: &Value| {
        let job = json!({"assets": {"import_id": import["id"]}, "media": roll});
        house.technician().post("/label-jobs", &job)
    };
    labels(&import).blames("/assets/import_id", "required");
    let import = done(house, &import);
    assert_eq!(labels(&import).is(202)["total"], 2);
    labels(&house.scene.asset).blames("/assets/import_id", "unknown_reference");
    let two = json!({"assets": {"import_id": import["id"], "site_id": house.scene.site}, "media": roll});
    house.technician().post("/label-jobs", &two).blames("/assets/import_id", "not_together");
}

fn parts_find_what_they_belong_to(house: &House) {
    // Above and below, by inventory and by external number, of new devices and of one that is known.
    let import = looked_at(
        house,
        "Инв. №;Внешний код;Название;Входит в состав\n\
         000402;;Плата;000401\n\
         000401;RACK-7;Сервер;\n\
         000403;;Диск;rack-7\n\
         000404;;Лоток;402\n\
         000405;;Ролик;—\n",
    );
    counts(&import, [5, 0, 0, 0]);
    let warned: Vec<_> = rows(house, &import, "").iter().map(|row| said(row, "warnings")).collect();
    assert_eq!(warned[3], is("parent", "leading_zeros"), "{warned:?}");
    assert!([0, 1, 2, 4].iter().all(|row| warned[*row].is_empty()), "{warned:?}");
    done(house, &import);
    let device = |number: &str| assets(house, &format!("&inventory_number={number}")).pop().unwrap();
    let server = device("000401");
    for (part, whole) in [("000402", "000401"), ("000403", "000401"), ("000404", "000402")] {
        assert_eq!(device(part)["parent_id"], device(whole)["id"], "{part}");
    }
    assert_eq!((&server["parent_id"], &device("000405")["parent_id"]), (&Value::Null, &Value::Null));
    let parts = house.technician().get(&format!("/assets/{}/children", id(&server))).is(200);
    assert_eq!(parts["data"].as_array().unwrap().len(), 2);
    // Moved to another; an empty cell leaves a device where it is, and the same once more is the same.
    let moved = looked_at(house, "Инв. №;Название;Part of\n000403;Диск;000405\n000402;Плата;\n");
    counts(&moved, [0, 1, 1, 0]);
    let change = &rows(house, &moved, "&outcome=change")[0]["changes"][0];
    assert_eq!((&change["field"], &change["after"]), (&json!("parent_id"), &device("000405")["id"]));
    done(house, &moved);
    assert_eq!(device("000403")["parent_id"], device("000405")["id"]);
    assert_eq!(device("000402")["parent_id"], server["id"]);
    counts(&looked_at(house, "Инв. №;Part of\n000403;000405\n"), [0, 0, 1, 0]);
    // Two that change places, in one go: neither is within itself afterwards.
    let turned = looked_at(house, "Инв. №;Part of\n000401;000404\n000402;000405\n");
    counts(&turned, [0, 2, 0, 0]);
    done(house, &turned);
    assert_eq!(device("000401")["parent_id"], device("000404")["id"]);
    assert_eq!(house.admin().get("/events/verification").is(200)["intact"], true);
}

fn what_cannot_be_a_part_is_told_in_its_row(house: &House) {
    let others = "R-777";
    house
        .manager()
        .patch(&format!("/assets/{}", id(&house.scene.rival_asset)), &json!({"inventory_number": others}))
        .is(200);
    let import = looked_at(
        house,
        &format!(
            "Инв. №;Название;Гарантия до;Входит в состав\n\
             A1;Кольцо;;A3\nA2;Кольцо;;A1\nA3;Кольцо;;A2\n\
             A4;Само в себе;;a4\n\
             A5;Сирота;;A999\n\
             A6;Чужое;;{others}\n\
             A7;Часть ошибки;;A8\nA8;Ошибка;вчера;\nA9;Часть части;;A7\n\
             A10;Часть кольца;;A1\n\
             A11;Слово вместо номера;;нет\n"
        ),
    );
    counts(&import, [1, 0, 0, 10]);
    let mistakes: Vec<_> = rows(house, &import, "").iter().map(|row| said(row, "mistakes")).collect();
    for (row, code) in [
        (0, "loop"),
        (1, "loop"),
        (2, "loop"),
        (3, "loop"),
        (4, "unknown_parent"),
        (5, "unknown_parent"),
        (6, "mistaken_row"),
        (8, "mistaken_row"),
        (9, "mistaken_row"),
    ] {
        assert_eq!(mistakes[row], is("parent", code), "{row}: {mistakes:?}");
    }
    assert_eq!(mistakes[7], is("warranty_until", "not_a_day"));
    let all = rows(house, &import, "");
    assert_eq!(said(&all[10], "warnings"), is("parent", "unknown_parent"));
    assert_eq!((&all[6]["mistakes"][0]["params"]["row"], &all[6]["mistakes"][0]["value"]), (&json!("9"), &json!("A8")));
    // A device that is known cannot be put within its own part, nor into one that was put away.
    done(house, &looked_at(house, "Инв. №;Название;Part of\n501;Шкаф;\n502;Полка;501\n503;Старое;\n"));
    let old = assets(house, "&inventory_number=503").pop().unwrap();
    house.manager().patch(&format!("/assets/{}", id(&old)), &json!({"archived": true})).is(200);
    let import = looked_at(house, "Инв. №;Part of\n501;502\n502;503\n");
    counts(&import, [0, 0, 0, 2]);
    let mistakes: Vec<_> = rows(house, &import, "").iter().map(|row| said(row, "mistakes")).collect();
    assert_eq!(mistakes, [is("parent", "loop"), is("parent", "archived")]);
    // A chain of parts ends somewhere.
    let mut chain = "Инв. №;Название;Part of\n".to_owned();
    for number in 1..=60 {
        let _ =
            writeln!(chain, "K{number};Звено;{}", if number == 1 { String::new() } else { format!("K{}", number - 1) });
    }
    let import = looked_at(house, &chain);
    counts(&import, [51, 0, 0, 9]);
    assert!(
        rows(house, &import, "&outcome=mistake").iter().all(|row| said(row, "mistakes") == is("parent", "too_deep"))
    );
    let skipped = run(house, &import, &json!({"skip_mistakes": true})).is(200);
    assert_eq!((&skipped["state"], &skipped["counts"]["add"]), (&json!("done"), &json!(51)));
}

/// The most rows of a table, parts among them.
fn twenty_thousand_rows_with_their_parents_come_in_one_go(house: &House) {
    const ROWS: usize = 20_000;
    let mut table = "Инв. номер;Название;Модель;Серийный номер;Объект;Входит в состав\n".to_owned();
    for number in 0..ROWS {
        // Every tenth is whole, and stands below its nine parts.
        let whole = (number / 10) * 10 + 9;
        let parent = if number == whole { String::new() } else { format!("{whole:06}-A") };
        let _ = writeln!(table, "{number:06}-A;Устройство {number};M{};SN{number:08};Офис;{parent}", number % 7);
    }
    let import = looked_at(house, &table);
    counts(&import, [20_000, 0, 0, 0]);
    counts(&done(house, &import), [20_000, 0, 0, 0]);
    counts(&looked_at(house, &table), [0, 0, 20_000, 0]);
    assert_eq!(assets(house, "&inventory_number=019999-A").len(), 1);
    assert_eq!(house.admin().get("/events/verification").is(200)["intact"], true);
}

fn thousands_of_rows_come_at_once(house: &House) {
    const ROWS: usize = 3_000;
    let mut table = "Инв. номер;Название;Модель;Серийный номер;Объект\n".to_owned();
    for number in 0..ROWS {
        let _ = writeln!(table, "{number:06}-Ж;Устройство {number};M{};SN{number:08};Офис", number % 7);
    }
    let import = looked_at(house, &table);
    counts(&import, [3_000, 0, 0, 0]);
    counts(&done(house, &import), [3_000, 0, 0, 0]);
    counts(&looked_at(house, &table), [0, 0, 3_000, 0]);
    let changed = looked_at(house, &table.replace(";M3;", ";M3 new;"));
    let different = i64::try_from((0..ROWS).filter(|number| number % 7 == 3).count()).unwrap();
    counts(&changed, [0, different, 3_000 - different, 0]);
    done(house, &changed);
    let verified = house.admin().get("/events/verification").is(200);
    assert_eq!(verified["intact"], true);
    assert!(verified["entries"].as_i64().unwrap() > 3_000 + different);
}

#[test]
fn a_template_is_understood_in_every_language() {
    let house = House::on_sqlite();
    for kind in ["companies", "sites", "contacts", "assets"] {
        for language in ["ru", "uk", "en"] {
            let dispatcher = house.dispatcher().with("accept-language", language);
            let csv = dispatcher.get(&format!("/import-templates/{kind}.csv"));
            assert_eq!(csv.header("content-disposition"), format!("attachment; filename=\"{kind}.csv\""));
            let titles = String::from_utf8(csv.bytes()).unwrap();
            let titles: Vec<_> = titles.trim_start_matches('\u{feff}').trim_end().split(';').collect();
            let book = dispatcher.get(&format!("/import-templates/{kind}.xlsx")).bytes();
            let mut book: calamine::Xlsx<_> = calamine::Reader::new(std::io::Cursor::new(book)).unwrap();
            let sheet = calamine::Reader::worksheet_range_at(&mut book, 0).unwrap().unwrap();
            let row: Vec<_> = sheet.rows().next().unwrap().iter().map(ToString::to_string).collect();
            assert_eq!(row, titles, "{kind} {language}");
        }
    }
    house.dispatcher().get("/import-templates/tickets.csv").refused(404, "not_found");
}
