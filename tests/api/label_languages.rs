//! What label printers are told is drawn as they would draw it, and held against the same label in PDF.

use image::{GrayImage, Luma};
use qrcode::{EcLevel, QrCode};
use serde_json::json;

use crate::house::House;
use crate::paper::{Drawn, drawn};
use crate::person::text;

/// A label as a printer's memory holds it: the picture, the code, and both together.
struct Memory {
    text: GrayImage,
    code: GrayImage,
    /// Left, top and side of the code's dark square, dots a module.
    place: (u32, u32, u32, u32),
}

const BLACK: Luma<u8> = Luma([0]);
const WHITE: Luma<u8> = Luma([255]);

impl Memory {
    /// Without a code.
    fn blank((width, height): (u32, u32)) -> Self {
        let white = GrayImage::from_pixel(width, height, WHITE);
        Self { text: white.clone(), code: white, place: (0, 0, 0, 0) }
    }

    fn new((width, height): (u32, u32), (x, y): (u32, u32), module: u32, level: &str, data: &str) -> Self {
        let level =
            [("M", EcLevel::M), ("Q", EcLevel::Q), ("H", EcLevel::H)].into_iter().find(|(name, _)| *name == level);
        let code = QrCode::with_error_correction_level(data, level.unwrap().1).unwrap();
        let side = u32::try_from(code.width()).unwrap();
        let mut drawn = GrayImage::from_pixel(width, height, WHITE);
        for (index, color) in code.to_colors().into_iter().enumerate() {
            let index = u32::try_from(index).unwrap();
            let (column, row) = (index % side, index / side);
            for dot in 0..module * module {
                if color == qrcode::Color::Dark {
                    drawn.put_pixel(x + column * module + dot % module, y + row * module + dot / module, BLACK);
                }
            }
        }
        Self { text: GrayImage::from_pixel(width, height, WHITE), code: drawn, place: (x, y, side * module, module) }
    }

    fn bits(&mut self, (left, top): (u32, u32), bytes_a_row: usize, rows: &[u8], black: bool) {
        for (index, byte) in rows.iter().enumerate() {
            let (x, y) = (index % bytes_a_row * 8, index / bytes_a_row);
            for bit in 0..8 {
                let (x, y) = (left + u32::try_from(x).unwrap() + bit, top + u32::try_from(y).unwrap());
                if (byte >> (7 - bit) & 1 == 1) == black {
                    // A picture is whole bytes wide; white may hang over the edge, black may not.
                    self.text.put_pixel(x, y, BLACK);
                }
            }
        }
    }

    /// All of it as it comes out.
    fn paper(&self) -> GrayImage {
        let mut paper = self.text.clone();
        for (x, y, dot) in self.code.enumerate_pixels().filter(|(_, _, dot)| **dot == BLACK) {
            paper.put_pixel(x, y, *dot);
        }
        paper
    }
}

fn numbers(text: &str) -> Vec<u32> {
    text.split(',').map(|number| number.parse().unwrap()).collect()
}

/// What a printer makes of ZPL: `^FO` sets a place, `^BY` what a code sinks by, `^GFA` and `^FD` draw there.
fn zpl(commands: &[u8]) -> Memory {
    let commands = std::str::from_utf8(commands).unwrap().replace('\n', "");
    let (mut size, mut at, mut sinks, mut module, mut pictures) = ((0, 0), (0, 0), 10, 0, Vec::new());
    let mut memory = None;
    for command in commands.split('^').skip(1) {
        let (name, rest) = command.split_at(2);
        match name {
            "PW" => size.0 = rest.parse().unwrap(),
            "LL" => size.1 = rest.parse().unwrap(),
            "BY" => sinks = numbers(rest)[2],
            "FO" => at = (numbers(rest)[0], numbers(rest)[1]),
            "BQ" => module = rest.split(',').nth(2).unwrap().parse().unwrap(),
            "GF" => {
                let parts: Vec<&str> = rest.splitn(5, ',').collect();
                pictures.push((at, parts[3].parse::<usize>().unwrap(), unpacked(parts[4], parts[3].parse().unwrap())));
                assert_eq!(pictures.last().unwrap().2.len().to_string(), parts[1]);
            }
            "FD" => {
                let (level, data) = rest.split_once("A,").unwrap();
                memory = Some(Memory::new(size, (at.0, at.1 + sinks), module, level, data));
            }
            _ => {}
        }
    }
    let mut memory = memory.unwrap_or_else(|| Memory::blank(size));
    for (at, bytes, rows) in pictures {
        memory.bits(at, bytes, &rows, true);
    }
    memory
}

/// The bytes of a `^GFA`: letters count the digit after them, `,` fills a row with zeros, `:` repeats the one above.
fn unpacked(packed: &str, bytes_a_row: usize) -> Vec<u8> {
    let (mut rows, mut row, mut count): (Vec<String>, String, usize) = (Vec::new(), String::new(), 0);
    for letter in packed.chars() {
        match letter {
            'G'..='Y' => count += letter as usize - 'F' as usize,
            'g'..='z' => count += (letter as usize - 'f' as usize) * 20,
            ',' => row.push_str(&"0".repeat(bytes_a_row * 2 - row.len())),
            ':' => row.clone_from(rows.last().unwrap()),
            digit => {
                row.push_str(&digit.to_string().repeat(count.max(1)));
                count = 0;
            }
        }
        if row.len() == bytes_a_row * 2 {
            rows.push(std::mem::take(&mut row));
        }
    }
    rows.iter().flat_map(|row| hex::decode(row).unwrap()).collect()
}

/// What a printer makes of TSPL: lines, but for the bytes of a `BITMAP`.
fn tspl(commands: &[u8], dpi: u32) -> Memory {
    let mut rest = commands;
    let (mut size, mut picture, mut memory) = ((0, 0), None, None);
    while !rest.is_empty() {
        let end = rest.windows(2).position(|two| two == b"\r\n").unwrap();
        if let Some(head) = rest.strip_prefix(b"BITMAP ") {
            // Five numbers, then as many bytes as they say.
            let commas: Vec<usize> = (0..head.len()).filter(|at| head[*at] == b',').take(5).collect();
            let n = numbers(std::str::from_utf8(&head[..commas[4]]).unwrap());
            let length = usize::try_from(n[2] * n[3]).unwrap();
            let data = &head[commas[4] + 1..commas[4] + 1 + length];
            picture = Some(((n[0], n[1]), usize::try_from(n[2]).unwrap(), data.to_vec()));
            assert_eq!(n[4], 0);
            rest = &head[commas[4] + 1 + length + 2..];
            continue;
        }
        let line = std::str::from_utf8(&rest[..end]).unwrap();
        rest = &rest[end + 2..];
        let (name, arguments) = line.split_once(' ').unwrap_or((line, ""));
        match name {
            "SIZE" => {
                let sides = arguments.split(',').map(|side| side.trim_end_matches(" mm").parse::<f64>().unwrap());
                let dots: Vec<u32> = sides.map(|side| (side * f64::from(dpi) / 25.4).round() as u32).collect();
                size = (dots[0], dots[1]);
            }
            "QRCODE" => {
                let parts: Vec<&str> = arguments.split(',').collect();
                assert_eq!(parts[4..7], ["A", "0", "M2"]);
                let at = (parts[0].parse().unwrap(), parts[1].parse().unwrap());
                memory = Some(Memory::new(size, at, parts[3].parse().unwrap(), parts[2], parts[7].trim_matches('"')));
            }
            "GAP" | "DIRECTION" | "REFERENCE" | "CLS" | "PRINT" => {}
            other => panic!("{other}"),
        }
    }
    let mut memory = memory.unwrap_or_else(|| Memory::blank(size));
    let (at, bytes, rows) = picture.unwrap();
    memory.bits(at, bytes, &rows, false);
    memory
}

#[test]
fn label_printers_draw_what_the_pdf_shows() {
    let house = House::on_sqlite();
    let (tech, asset) = (house.technician(), &house.scene.asset);
    let url = text(&tech.get(&format!("/assets/{}", text(asset, "id"))).is(200), "label_url");
    for (width, height, dpi, level) in
        [(58, 40, 203, ""), (58, 30, 300, "&level=H"), (43, 25, 203, "&level=M"), (30, 20, 300, "")]
    {
        let label = |end: &str| {
            let size = format!("width_mm={width}&height_mm={height}&dpi={dpi}{level}");
            tech.get(&format!("/assets/{}/label.{end}?{size}", text(asset, "id"))).bytes()
        };
        let marks = drawn(&label("pdf")).remove(0);
        let (area, module) = marks
            .iter()
            .find_map(|mark| match mark {
                Drawn::Code(area, module) => Some((*area, *module)),
                _ => None,
            })
            .unwrap();
        let dots = |mm: f64| mm * f64::from(dpi) / 25.4;
        for (name, memory) in [("zpl", zpl(&label("zpl"))), ("tspl", tspl(&label("tspl"), dpi))] {
            let (left, top, side, size) = memory.place;
            let near = |a: u32, b: f64| (f64::from(a) - b).abs() <= 1.01;
            let what = format!("{name} {width}x{height}: {:?} and {area:?} of {module}", memory.place);
            assert!(near(left, dots(area.left)) && near(top, dots(area.top)) && near(size, dots(module)), "{what}");
            assert!((f64::from(side) - dots(area.right - area.left)).abs() <= 1.01, "{what}");
            // The words keep out of the quiet zone, and are where the PDF has them.
            let quiet = 4 * size;
            let ink = |picture: &GrayImage| -> Vec<(u32, u32)> {
                picture.enumerate_pixels().filter(|(_, _, dot)| **dot == BLACK).map(|(x, y, _)| (x, y)).collect()
            };
            let words = ink(&memory.text);
            let zone = (left - quiet..left + side + quiet, top - quiet..top + side + quiet);
            assert!(!words.iter().any(|(x, y)| zone.0.contains(x) && zone.1.contains(y)), "{what}");
            let letters: Vec<_> =
                marks.iter().filter(|mark| matches!(mark, Drawn::Letter(..))).map(Drawn::area).collect();
            let edge = |of: fn(&crate::paper::Area) -> f64, pick: fn(f64, f64) -> f64| {
                dots(letters.iter().map(|area| of(area)).reduce(pick).unwrap())
            };
            let (right, bottom) =
                (words.iter().map(|at| at.0).max().unwrap() + 1, words.iter().map(|at| at.1).max().unwrap() + 1);
            let near = |a: u32, b: f64| (f64::from(a) - b).abs() <= 2.0;
            assert!(
                near(right, edge(|area| area.right, f64::max)) && near(bottom, edge(|area| area.bottom, f64::max)),
                "{what}"
            );
            let paper = image::imageops::resize(
                &memory.paper(),
                memory.text.width() * 2,
                memory.text.height() * 2,
                image::imageops::Nearest,
            );
            let read = rqrr::PreparedImage::prepare(paper).detect_grids()[0].decode().unwrap().1;
            assert_eq!(read, url, "{what}");
        }
    }
    // Many labels are one after another, and an offset moves all of a label.
    let roll = json!({"asset_ids": [asset["id"], asset["id"]], "roll": {"preset": "58x40"}, "format": "tspl", "offset_mm": {"x": 0.5}});
    let two = tech.post("/label-rolls", &roll).bytes();
    assert_eq!(two.windows(5).filter(|five| five == b"CLS\r\n").count(), 2);
    let one = tech.get(&format!("/assets/{}/label.tspl", text(asset, "id"))).bytes();
    let first = two.windows(5).enumerate().filter(|(_, five)| five == b"CLS\r\n").nth(1).unwrap().0;
    assert_eq!(tspl(&two[..first], 203).place.0, tspl(&one, 203).place.0 + 4);
}

/// Where a line of dots is black: each run's middle and how many dots it has.
fn runs(dots: impl Iterator<Item = Luma<u8>>) -> Vec<(f64, u32)> {
    let mut runs: Vec<(f64, u32)> = Vec::new();
    let mut length = 0;
    for (at, dot) in (0_u32..).zip(dots.chain([WHITE])) {
        if dot == BLACK {
            length += 1;
        } else if length > 0 {
            runs.push((f64::from(at) - f64::from(length) / 2.0, length));
            length = 0;
        }
    }
    runs
}

#[test]
fn the_calibration_label_stands_on_whole_dots() {
    let house = House::on_sqlite();
    let tech = house.technician();
    for (width, height, dpi) in
        [(58_u32, 40_u32, 203_u32), (43, 25, 203), (30, 20, 300), (100, 150, 600), (58, 40, 100)]
    {
        let page = |form: &str| {
            let size = format!("width_mm={width}&height_mm={height}&dpi={dpi}&format={form}");
            tech.get(&format!("/printers/calibration.pdf?{size}")).bytes()
        };
        let pictures = [zpl(&page("zpl")).text, tspl(&page("tspl"), dpi).text];
        assert_eq!(pictures[0], pictures[1], "{width}x{height}");
        let picture = &pictures[0];
        let dots = |mm: f64| mm * f64::from(dpi) / 25.4;
        // Right below the beginning of each ruler all its marks are cut across.
        let row = dots(f64::from(height) * 0.22 + 0.6) as u32;
        let column = dots(f64::from(width) * 0.12 + 0.6) as u32;
        let across = runs((0..picture.width()).map(|x| *picture.get_pixel(x, row)));
        let down = runs((0..picture.height()).map(|y| *picture.get_pixel(column, y)));
        let step = if dpi < 150 { 1.0 } else { 0.5 };
        for (marks, side) in [(across, width), (down, height)] {
            let middle = f64::from(side) / 2.0;
            let reach = (f64::from(width.min(height)) / 2.0 - 4.0).clamp(2.0, 10.0);
            let first = (middle - reach).ceil();
            let wanted: Vec<f64> = (0..=40)
                .map(|index| first + f64::from(index) * step)
                .take_while(|mark| *mark <= middle + reach)
                .collect();
            // The other ruler may cross the line that is looked at.
            let near = |mark: f64| marks.iter().find(|(at, _)| (at - dots(mark)).abs() <= 0.501);
            for mark in &wanted {
                let (_, thick) = near(*mark).unwrap_or_else(|| panic!("{width}x{height} {dpi}: {mark} in {marks:?}"));
                assert_eq!(*thick, (0.35 * f64::from(dpi) / 72.0).round().max(1.0) as u32, "{mark} of {marks:?}");
            }
            assert!(
                wanted.iter().any(|mark| (mark - middle).abs() <= 0.251),
                "the middle of {side} mm is on the ruler"
            );
        }
        // Both of its names and its numbers are there: ink beyond the two rulers.
        let ink = picture.pixels().filter(|dot| **dot == BLACK).count();
        assert!(ink > 500, "{ink}");
    }
    // Nothing on it depends on the language people read.
    let at = |more: &str| tech.get(&format!("/printers/calibration.pdf?format=zpl&{more}"));
    assert_eq!(at("width_mm=58&height_mm=40&language=uk").bytes(), at("width_mm=58&height_mm=40&dpi=203").bytes());
    at("").blames("width_mm", "required");
    at("width_mm=58").blames("height_mm", "required");
    at("width_mm=58&height_mm=201").blames("height_mm", "out_of_range");
    at("paper=A4").blames("paper", "not_together");
    at("width_mm=58&height_mm=40&dpi=601").blames("dpi", "out_of_range");
    tech.get("/printers/calibration.pdf?format=escpos").blames("format", "not_one_of");
    tech.get("/printers/calibration.pdf?dpi=203").blames("dpi", "not_together");
}
