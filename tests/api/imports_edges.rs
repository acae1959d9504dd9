//! Tables at the edge of what is taken, and what changes between looking at a table and doing it.

use std::io::Write as _;

use serde_json::{Value, json};

use crate::house::{House, on_each_database};
use crate::imports::{assets, counts, done, is, looked_at, rows, run, said, send};
use crate::person::{id, text};

on_each_database![
    a_workbook_that_claims_much_is_refused,
    rows_keep_their_order,
    a_number_is_the_same_however_it_is_spelt,
    what_was_put_away_after_the_look_stops_an_import,
    a_long_number_spoils_its_row_only,
    those_put_away_stand_in_nobodys_way,
    attributes_keep_their_kind,
    one_import_asked_for_by_many_is_done_once,
];

/// A workbook of these parts.
fn workbook(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut book = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let packed = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (name, part) in parts {
        book.start_file(*name, packed).unwrap();
        book.write_all(part.as_bytes()).unwrap();
    }
    book.finish().unwrap().into_inner()
}

/// A workbook with these rows on its only sheet.
fn sheet(rows: &str, more: &[(&str, &str)]) -> Vec<u8> {
    const OF: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relation = |kind: &str, target: &str| {
        format!("<Relationships><Relationship Id=\"r1\" Type=\"{OF}/{kind}\" Target=\"{target}\"/></Relationships>")
    };
    let (book, sheet) = (relation("officeDocument", "xl/workbook.xml"), relation("worksheet", "worksheets/one.xml"));
    let rows = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    let mut parts = vec![
        ("_rels/.rels", book.as_str()),
        ("xl/workbook.xml", "<workbook><sheets><sheet name=\"Лист\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"),
        ("xl/_rels/workbook.xml.rels", sheet.as_str()),
        ("xl/worksheets/one.xml", rows.as_str()),
    ];
    parts.extend(more);
    workbook(&parts)
}

fn row(number: u32, cells: [&str; 2]) -> String {
    let [first, second] = cells.map(|text| format!("t=\"inlineStr\"><is><t>{text}</t></is></c>"));
    format!("<row r=\"{number}\"><c r=\"A{number}\" {first}<c r=\"B{number}\" {second}</row>")
}

fn refused(house: &House, bytes: &[u8], flaw: &str) {
    let answer = send(&house.manager(), "assets", bytes, &[("company_id", &house.scene.company)]);
    assert_eq!(answer.refused(422, "table_rejected")["errors"][0]["code"], flaw);
}

fn a_workbook_that_claims_much_is_refused(house: &House) {
    let table = row(1, ["Инв. номер", "Название"]) + &row(2, ["1", "Весы"]);
    let taken = |more: &[(&str, &str)]| {
        let fields = [("company_id", house.scene.company.as_str())];
        counts(&send(&house.manager(), "assets", &sheet(&table, more), &fields).is(201), [1, 0, 0, 0]);
    };
    taken(&[("xl/sharedStrings.xml", "<sst uniqueCount=\"1000\"><si><t>x</t></si></sst>")]);
    for name in ["xl/sharedStrings.xml", "xl/SHAREDSTRINGS.XML", "xl/other.xml"] {
        let claim = "<?xml version=\"1.0\"?><x:sst count='1' uniqueCount = '100000000000000'></x:sst>";
        refused(house, &sheet(&table, &[(name, claim)]), "unpacks_too_large");
    }
    let styles = |letters: usize, styles: usize| {
        let (format, styles) = ("0".repeat(letters), "<xf numFmtId=\"200\"/>".repeat(styles));
        format!(
            "<styleSheet><numFmts><numFmt numFmtId=\"200\" formatCode=\"{format}\"/></numFmts>\
             <cellXfs>{styles}</cellXfs></styleSheet>"
        )
    };
    taken(&[("xl/styles.xml", &styles(6, 500))]);
    refused(house, &sheet(&table, &[("xl/styles.xml", &styles(10_000, 6_000))]), "unpacks_too_large");
    refused(house, &sheet(&table, &[("xl/styles.xml", &styles(500_000, 6_000))]), "broken_table");
}

fn rows_keep_their_order(house: &House) {
    let head = row(1, ["Инв. номер", "Название"]);
    let again = format!("{head}{}{}{}", row(2, ["1", "Весы"]), row(3, ["2", "Касса"]), row(2, ["3", "Сканер"]));
    refused(house, &sheet(&again, &[]), "broken_table");
    // A row may end in any of the three ways there are, and each is a row of its own.
    let import = looked_at(house, "Инв. номер;Название\n11;Весы\r12;Касса\n13;Сканер\r\n");
    counts(&import, [3, 0, 0, 0]);
    let numbers: Vec<_> = rows(house, &import, "").iter().map(|row| row["number"].as_i64().unwrap()).collect();
    assert_eq!(numbers, [2, 3, 4]);
    let blank = ";".repeat(10_000);
    counts(&looked_at(house, &format!("Инв. номер;Название{blank}\n21;Весы{blank}\n")), [1, 0, 0, 0]);
}

fn a_number_is_the_same_however_it_is_spelt(house: &House) {
    done(house, &looked_at(house, "Инв. номер;Название\nЙ 77;Весы\n"));
    for spelt in ["Й\u{a0}77", "И\u{306} 77", "Й  77", "\"Й\n77\"", "й 77"] {
        let import = looked_at(house, &format!("Инв. номер;Название\n{spelt};Весы\n"));
        counts(&import, [0, 0, 1, 0]);
    }
    let named = "ИНН компании;Инв. номер;Название\n".to_owned();
    let company = format!("/companies/{}", house.scene.company);
    house.manager().patch(&company, &json!({"tax_id": "77 07"})).is(200);
    counts(&looked_at(house, &(named + "77\u{a0}07;Й 77;Весы\n")), [0, 0, 1, 0]);
}

fn what_was_put_away_after_the_look_stops_an_import(house: &House) {
    let (manager, scene) = (house.manager(), &house.scene);
    let own = "0190c1de-0000-7000-8000-00000000a002";
    let table = "Инв. номер;Название\n31;Весы\n".as_bytes();
    let fields = [("company_id", scene.company.as_str()), ("site_id", scene.site.as_str()), ("id", own)];
    let import = send(&manager, "assets", table, &fields).is(201);
    manager.patch(&format!("/sites/{}", scene.site), &json!({"archived": true})).is(200);
    run(house, &import, &json!({})).blames("site_id", "archived");
    manager.patch(&format!("/companies/{}", scene.company), &json!({"archived": true})).is(200);
    run(house, &import, &json!({})).blames("company_id", "archived");
    let mapping = json!({"columns": [{"column": "Инв. номер", "field": "inventory_number"}]});
    manager.put(&format!("/imports/{own}/mapping"), &mapping).blames("company_id", "archived");
    assert_eq!(send(&manager, "assets", table, &fields).is(200), import, "the same request is the same import");
    assert_eq!(assets(house, "&inventory_number=31"), Vec::<Value>::new());
}

fn a_long_number_spoils_its_row_only(house: &House) {
    let endless = "0".repeat(70_000) + "1";
    let import = looked_at(house, &format!("Инв. номер;Название\n{endless};Весы\n41;Касса\n42;Сканер\n"));
    counts(&import, [2, 0, 0, 1]);
    let seen = rows(house, &import, "");
    assert_eq!(said(&seen[0], "mistakes"), is("inventory_number", "too_long"));
    assert!(seen.iter().all(|row| row.to_string().len() < 2_000), "nothing is quoted at length");
}

fn those_put_away_stand_in_nobodys_way(house: &House) {
    let manager = house.manager();
    for _ in 0..2 {
        let twin = manager.post("/companies", &json!({"name": "Близнец", "tax_id": "5001"})).is(201);
        manager.patch(&format!("/companies/{}", id(&twin)), &json!({"archived": true})).is(200);
    }
    let table = "Компания;ИНН компании;Инв. номер;Название\nБлизнец;5001;51;Весы\n";
    let import = looked_at(house, table);
    assert_eq!(said(&rows(house, &import, "")[0], "mistakes"), is("company_tax_id", "archived"));
    manager.post("/companies", &json!({"name": "Близнец", "tax_id": "5001"})).is(201);
    done(house, &looked_at(house, table));
    // A device out of service is known by whichever number it has.
    done(house, &looked_at(house, "Внешний код;Название\nEXT-1;Весы\n"));
    let device = assets(house, "&external_number=EXT-1").pop().unwrap();
    manager.patch(&format!("/assets/{}", id(&device)), &json!({"archived": true})).is(200);
    let import = looked_at(house, "Внешний код;Название\next-1;Весы\n");
    assert_eq!(said(&rows(house, &import, "")[0], "mistakes"), is("external_number", "archived"));
    counts(&looked_at(house, "Внешний код;Инв. номер;Название\nEXT-2;52;Весы\n"), [1, 0, 0, 0]);
}

fn attributes_keep_their_kind(house: &House) {
    let attributes = json!({"RAM": 16, "Вес": 2.5, "Сеть": true, "Цвет": "белый"});
    let new =
        json!({"company_id": house.scene.company, "name": "Весы", "inventory_number": "61", "attributes": attributes});
    let device = house.manager().post("/assets", &new).is(201);
    let map = |import: &Value| {
        let field = |name: &str| json!({"column": name, "field": format!("attribute:{name}")});
        let columns = json!([{"column": "Инв. номер", "field": "inventory_number"}, field("RAM"), field("Вес"),
                             field("Сеть"), field("Цвет")]);
        house.manager().put(&format!("/imports/{}/mapping", id(import)), &json!({"columns": columns})).is(200)
    };
    let same = looked_at(house, "Инв. номер;RAM;Вес;Сеть;Цвет\n61;16;2,5;TRUE;белый\n");
    counts(&map(&same), [0, 0, 1, 0]);
    let changed = looked_at(house, "Инв. номер;RAM;Вес;Сеть;Цвет\n61;32;2,5;true;белый\n");
    counts(&map(&changed), [0, 1, 0, 0]);
    done(house, &changed);
    let device = house.manager().get(&format!("/assets/{}", id(&device))).is(200);
    assert_eq!(device["attributes"], json!({"RAM": "32", "Вес": 2.5, "Сеть": true, "Цвет": "белый"}));
}

fn one_import_asked_for_by_many_is_done_once(house: &House) {
    let import = looked_at(house, "Инв. номер;Название\n71;Весы\n72;Касса\n");
    let answers: Vec<Value> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..7).map(|_| scope.spawn(|| run(house, &import, &json!({})).is(200))).collect();
        asked.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|answer| answer == &answers[0] && text(answer, "state") == "done"));
    for number in ["71", "72"] {
        assert_eq!(assets(house, &format!("&inventory_number={number}")).len(), 1);
    }
}
