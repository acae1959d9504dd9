//! Every sheet that is known is printed and measured: from the drawing operations of the file, with the metrics of the
//! fonts in it, and with cells worked out here. The longest label that anybody may write is set for each size there is;
//! for each twelfth of them two more are, a number of forty wide letters and a blank one. Of sheets with more than sixteen
//! labels the corners and each seventh cell are filled: a full sheet of each kind with each label would take minutes.

use std::collections::BTreeMap;

use naryad::db::types::Timestamp;
use naryad::error::Code;
use naryad::print::Printer;
use naryad::print::form::{Kind, Ready};
use naryad::print::label::{self, LabelAsset, LabelText};
use naryad::print::page::Page;
use naryad::print::press::{Media, Press, Setup};
use naryad::print::sheet::{Paper, SHEETS, Sheet};
use naryad::words::Language;

use crate::paper::{Area, Drawn, drawn};

/// A hundredth of a millimetre, and what three digits after the point of a point may add.
const HAIR: f64 = 0.02;

fn text(number: Option<&str>, name: &str, model: Option<&str>) -> LabelText {
    LabelText {
        url: "HTTPS://DESK.EXAMPLE.COM/Q/7QK2M9XA01".to_owned(),
        code: "7QK2M9XA01".to_owned(),
        number: None,
        asset: Some(LabelAsset {
            name: name.to_owned(),
            manufacturer: Some("Щедринский опытно-механический завод".to_owned()),
            model: model.map(str::to_owned),
            serial_number: Some("SN-WWWWWWWWWW-0000000000000000000000000000000000001".to_owned()),
            inventory_number: number.map(str::to_owned),
        }),
        owner: Some(
            "Общество с ограниченной ответственностью «Западно-Сибирская сервисно-эксплуатационная компания»"
                .to_owned(),
        ),
        phone: Some("+7 (495) 000-00-00, доб. 123456".to_owned()),
    }
}

/// The worst that can come: long names, a number of forty wide letters, and a label that is blank.
fn worst() -> [LabelText; 3] {
    let name = "Многофункциональное устройство для печати, копирования и сканирования документов формата A3 ";
    let wide = "ЩЖЮШМФ-0000123456-ЩЩ";
    let blank = LabelText { asset: None, number: Some(999_999), ..text(None, "", None) };
    [text(Some(wide), name.trim(), None), text(Some(&"W".repeat(40)), "М", Some("LaserJet Enterprise MFP M635")), blank]
}

fn printer() -> (Printer, std::path::PathBuf) {
    let folder = std::env::temp_dir().join(format!("naryad_test_{}_sheets", std::process::id()));
    (Printer::open(&folder).unwrap(), folder)
}

#[test]
fn nothing_is_printed_outside_its_label() {
    let (printer, folder) = printer();
    // Sheets with labels of one size together: what is set on one is set on all.
    let mut sizes: BTreeMap<(u32, u32), Vec<&Sheet>> = BTreeMap::new();
    for sheet in SHEETS.iter() {
        sizes.entry((sheet.w.to_bits(), sheet.h.to_bits())).or_default().push(sheet);
    }
    let sizes: Vec<_> = sizes.into_values().collect();
    let refused: usize = std::thread::scope(|scope| {
        let halves = [0, 1].map(|half| {
            let (printer, mine) = (&printer, sizes.iter().skip(half).step_by(2));
            scope.spawn(move || mine.map(|sheets| refused(printer, sheets)).sum::<usize>())
        });
        halves.into_iter().map(|half| half.join().unwrap()).sum()
    });
    std::fs::remove_dir_all(folder).unwrap();
    // Those on which no code fits that a phone reads.
    assert_eq!(refused, 33);
}

#[test]
fn a_sheet_of_ones_own_measures_is_held_as_well() {
    let folder = std::env::temp_dir().join(format!("naryad_test_{}_own", std::process::id()));
    let printer = Printer::open(&folder).unwrap();
    let (brand, part) = (String::new(), String::new());
    let sheet = Sheet {
        brand,
        part,
        w: 50.0,
        h: 25.0,
        nx: 4,
        ny: 10,
        x0: 5.0,
        y0: 10.0,
        dx: 51.0,
        dy: 26.0,
        paper: Paper::Letter,
    };
    assert_eq!(refused(&printer, &[&sheet]), 0);
    std::fs::remove_dir_all(folder).unwrap();
}

/// Prints sheets whose labels have one size and measures them. How many were refused: all of them, for being too
/// small, or none.
fn refused(printer: &Printer, sheets: &[&Sheet]) -> usize {
    let form = printer.form(Kind::Label, Language::Ru).unwrap();
    let form = form.ready().unwrap();
    let texts = worst();
    let mut labels = Vec::new();
    for text in &texts {
        match label::set(printer.fonts(), &form, setup(sheets[0]).medium(), text) {
            Ok((document, _)) => labels.push(document.pages.into_iter().next().unwrap()),
            Err(error) => {
                assert_eq!(error.code(), Code::LabelTooSmall, "{:?} {error:?}", sheets[0]);
                return sheets.len();
            }
        }
    }
    for sheet in sheets {
        holds(printer, &form, sheet, &texts, &labels);
    }
    0
}

fn setup(sheet: &Sheet) -> Setup {
    Setup { media: Media::Sheet { sheet: sheet.clone(), start_at: 1 }, offset_mm: (0.0, 0.0), level: None }
}

/// Prints a sheet and measures it.
fn holds(printer: &Printer, form: &Ready<'_>, sheet: &Sheet, texts: &[LabelText], labels: &[Page]) {
    let setup = setup(sheet);
    let (nx, ny) = (usize::from(sheet.nx), usize::from(sheet.ny));
    let words = !setup.medium().fit(&texts[0].url).unwrap().alone;
    let mut press = Press::new(Vec::new(), printer, form, &setup).unwrap();
    for label in labels.iter().cycle().take(sheet.count()) {
        press.place(label.clone()).unwrap();
    }
    let pdf = press.finish("ru", Timestamp::from_micros(0)).unwrap();
    let pages = drawn(&pdf);
    assert_eq!(pages.len(), 1, "{sheet:?}");
    // A number that JSON tells in tenths of a micrometre is no worse in f32.
    let [w, h, x0, y0, dx, dy] = [sheet.w, sheet.h, sheet.x0, sheet.y0, sheet.dx, sheet.dy].map(f64::from);
    let cell = |index: usize| {
        let (left, top) = (x0 + dx * (index % nx) as f64, y0 + dy * (index / nx) as f64);
        Area { left, top, right: left + w, bottom: top + h }
    };
    let mut cells: Vec<Vec<&Drawn>> = vec![Vec::new(); nx * ny];
    for mark in &pages[0] {
        let (x, y) = mark.area().middle();
        let step = |at: f64, first: f64, pitch: f64| {
            if pitch > 0.0 { ((at - first) / pitch).floor().max(0.0) as usize } else { 0 }
        };
        let index = step(x, x0, dx).min(nx - 1) + step(y, y0, dy).min(ny - 1) * nx;
        assert!(cell(index).holds(mark.area(), HAIR), "{sheet:?}: {mark:?} leaves {:?}", cell(index));
        cells[index].push(mark);
    }
    for (index, (marks, text)) in cells.iter().zip(texts.iter().cycle()).enumerate() {
        let codes: Vec<_> = marks
            .iter()
            .filter_map(|mark| match mark {
                Drawn::Code(area, module) => Some(area.grown(4.0 * module)),
                _ => None,
            })
            .collect();
        assert_eq!(codes.len(), 1, "{sheet:?}");
        // The quiet zone is on the label itself, and nothing stands in it.
        assert!(cell(index).holds(&codes[0], HAIR), "{sheet:?} {:?}", codes[0]);
        let mut said = String::new();
        for mark in marks.iter().filter(|mark| !matches!(mark, Drawn::Code(..))) {
            assert!(!codes[0].meets(mark.area(), HAIR), "{sheet:?}: {mark:?} in {:?}", codes[0]);
            if let Drawn::Letter(letter, _) = mark {
                said.push(*letter);
            }
        }
        assert!(said.contains(&text.code), "{sheet:?}: {said}");
        let number = text.asset.as_ref().and_then(|asset| asset.inventory_number.clone());
        if let Some(number) = number.filter(|_| words) {
            assert!(said.contains(&number), "{sheet:?}: {said}");
        }
    }
}
