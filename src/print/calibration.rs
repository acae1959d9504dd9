//! The page by which one sees how far a printer is off.
//!
//! No printer prints to the very edge, and few desks have a ruler that tells tenths. But paper folded edge to edge
//! creases in its middle, whatever was printed on it: where the crease crosses a printed scale, there the middle of
//! the paper is in the printer's own millimetres. Each row of the scale is a tenth of a millimetre further than the
//! one before, so the row in which a mark meets the crease gives the tenths.
//!
//! On a label there is room for two rulers only, and tenths are told by eye. Label printers that take commands get the same
//! rulers in their own dots.

use super::bitmap::Ink;
use super::font::{Fonts, Weight};
use super::lines::Setting;
use super::markup::{Align, Inline, Paragraph, Style};
use super::page::{Color, Document, MM, Mark, Page, Rect};
use super::pieces::{Piece, stacked};
use super::press::Tongue;
use super::{raster, tspl, zpl};
use crate::error::Error;
use crate::files::picture;
use crate::words::Language;

const GREY: Color = Color(0xc8, 0xc8, 0xc8);
const WHITE: Color = Color(0xff, 0xff, 0xff);
const HAIR: f32 = 0.35;
/// Width and height, in millimetres, of paper that has room for rows of tenths and for words beside each other.
const ROOMY: (f32, f32) = (205.0, 270.0);
/// How far a scale reaches to both sides of the middle, in millimetres.
const REACH: u16 = 10;
/// The height of a row of the scale, in millimetres.
const ROW: f32 = 2.6;
/// Dots an inch that a printer must have for a ruler of half millimetres: below it black and white run together.
const FINE: u16 = 150;

/// By how much printing must be moved, in millimetres, when the crease crosses the scale at this mark.
pub fn offset(mark: f32, side_mm: f32) -> f32 {
    mark - side_mm / 2.0
}

/// The page for paper of this size.
pub fn page(fonts: &Fonts, (width, height): (f32, f32), language: Language) -> Document {
    let mut marks = Vec::new();
    if !is_roomy((width, height)) {
        marks = rulers(fonts, (width, height), true);
    } else {
        grid(&mut marks, fonts, width, height);
        scale(&mut marks, fonts, width / 2.0, (52.0, false));
        scale(&mut marks, fonts, height / 2.0, (22.0, true));
        bar(&mut marks, fonts, width / 2.0, height - 34.0);
        let told = told(fonts, &words(language, width, height), width / 2.0 - 4.0);
        let rect = Rect { x: (width / 2.0 - 17.0) * MM, y: 98.0 * MM, w: width / 2.0 * MM, h: told.height + 2.0 * MM };
        marks.push(Mark::Fill { rect, color: WHITE });
        marks.extend(told.marks.into_iter().map(|mark| mark.moved((width / 2.0 - 15.0) * MM, 100.0 * MM)));
    }
    let title = language.choose("Калибровка принтера", "Калібрування принтера", "Printer calibration").to_owned();
    let page = Page { width: width * MM, height: height * MM, marks };
    Document { title, language: language.as_str().to_owned(), code: None, pages: vec![page] }
}

/// A label with the rulers for a printer that speaks this language. Every mark is whole dots, those nearest to where it
/// says that it is. It says nothing in words, so it is the same in all languages of people.
///
/// # Errors
/// When the label has no dots.
pub fn commands(fonts: &Fonts, (width, height): (f32, f32), dpi: u16, tongue: Tongue) -> Result<Vec<u8>, Error> {
    let _turn = picture::turn();
    let scale = f32::from(dpi) / 72.0;
    let marks = rulers(fonts, (width, height), dpi >= FINE).into_iter().map(|mark| on_dots(mark, scale)).collect();
    let page = Page { width: width * MM, height: height * MM, marks };
    let (pixels, _) = raster::draw(&page, dpi, fonts, false)?;
    let ink = Ink::of(&pixels, (0, 0));
    Ok(match tongue {
        Tongue::Zpl => zpl::write((pixels.width(), pixels.height()), ink.as_ref(), None, 1).into_bytes(),
        Tongue::Tspl => [tspl::head(width, height), tspl::label(ink.as_ref(), None, 1)].concat(),
    })
}

/// A line along a side as the dots that it is nearest to; `scale` is dots a point.
fn on_dots(mark: Mark, scale: f32) -> Mark {
    let Mark::Line { from, to, width, color } = mark else { return mark };
    let thick = (width * scale).round().max(1.0);
    // The middle of the dots is to be where the line is.
    let side = |from: f32, to: f32| {
        if from == to {
            (((from * scale) - thick / 2.0).round(), thick)
        } else {
            ((from * scale).round(), ((to - from) * scale).round().max(1.0))
        }
    };
    let ((x, w), (y, h)) = (side(from.0, to.0), side(from.1, to.1));
    Mark::Fill { rect: Rect { x: x / scale, y: y / scale, w: w / scale, h: h / scale }, color }
}

/// Two plain rulers around the middle of a label, with marks at half millimetres or at whole ones only.
fn rulers(fonts: &Fonts, (width, height): (f32, f32), halves: bool) -> Vec<Mark> {
    let mut marks = Vec::new();
    let reach = (width.min(height) / 2.0 - 4.0).clamp(2.0, f32::from(REACH));
    ruler(&mut marks, fonts, width / 2.0, (reach, halves), (height * 0.22, false));
    ruler(&mut marks, fonts, height / 2.0, (reach, halves), (width * 0.12, true));
    marks
}

fn is_roomy((width, height): (f32, f32)) -> bool {
    width >= ROOMY.0 && height >= ROOMY.1
}

/// A light line every ten millimetres, numbered from the left and from the top.
fn grid(marks: &mut Vec<Mark>, fonts: &Fonts, width: f32, height: f32) {
    for (side, other, down) in [(width, height, false), (height, width, true)] {
        for tens in 1..40_u16 {
            let at = f32::from(tens) * 10.0;
            if at > side - 10.0 {
                break;
            }
            line(marks, (at, 10.0), (at, other - 10.0), down, GREY);
            let text = (tens * 10).to_string();
            if down {
                say(marks, fonts, (9.5, at), &text, 6.0, Align::Right);
            } else {
                say(marks, fonts, (at, 8.0), &text, 6.0, Align::Center);
            }
        }
    }
}

/// Ten rows of marks, each a tenth of a millimetre further than the one before, around the middle of the paper.
fn scale(marks: &mut Vec<Mark>, fonts: &Fonts, middle: f32, (place, down): (f32, bool)) {
    let first = middle.floor() - f32::from(REACH);
    let last = first + f32::from(2 * REACH) + 1.0;
    // No line of the grid is taken for a mark.
    let (x, y, w, h) = (first - 7.0, place - 11.0, f32::from(2 * REACH) + 15.0, 10.0 * ROW + 13.0);
    let (x, y, w, h) = if down { (y, x, h, w) } else { (x, y, w, h) };
    marks.push(Mark::Fill { rect: Rect { x: x * MM, y: y * MM, w: w * MM, h: h * MM }, color: WHITE });
    for row in 0..10_u16 {
        let (tenths, at) = (f32::from(row) / 10.0, place + f32::from(row) * ROW);
        for step in 0..=2 * REACH {
            let x = first + f32::from(step) + tenths;
            line(marks, (x, at), (x, at + ROW), down, Color::BLACK);
        }
        for side in [first - 1.5, last + 1.5] {
            let text = format!(",{row}");
            let spot = if down { (at + ROW / 2.0, side + 0.7) } else { (side, at + ROW - 0.6) };
            say(marks, fonts, spot, &text, 6.0, Align::Center);
        }
    }
    for step in (0..=2 * REACH).filter(|step| whole(first + f32::from(*step)).is_multiple_of(5)) {
        let x = first + f32::from(step);
        let text = whole(x).to_string();
        line(marks, (x, place - 1.5), (x, place), down, Color::BLACK);
        let spot = if down { (place - 2.0, x + 0.9) } else { (x, place - 2.0) };
        say(marks, fonts, spot, &text, 7.0, if down { Align::Right } else { Align::Center });
    }
    let name = if down { "Y: top_mark" } else { "X: left_mark" };
    let spot = if down { (place, first - 5.5) } else { (first - 5.0, place - 6.5) };
    say(marks, fonts, spot, name, 9.0, Align::Left);
}

/// A plain ruler that reaches so far around the middle.
fn ruler(marks: &mut Vec<Mark>, fonts: &Fonts, middle: f32, (reach, halves): (f32, bool), (place, down): (f32, bool)) {
    let first = (middle - reach).ceil();
    let (name, spot) = if down { ("top_mark", (place, first - 2.0)) } else { ("left_mark", (first, place - 1.2)) };
    say(marks, fonts, spot, name, 5.0, Align::Left);
    for half in 0..=200_u16 {
        let x = first + f32::from(half) / 2.0;
        if x > middle + reach {
            break;
        }
        if !halves && !half.is_multiple_of(2) {
            continue;
        }
        let fifth = half.is_multiple_of(2) && whole(x).is_multiple_of(5);
        let length = if fifth { 3.5 } else { 1.2 + f32::from(u16::from(half.is_multiple_of(2))) };
        line(marks, (x, place), (x, place + length), down, Color::BLACK);
        if fifth {
            let spot = if down { (place + 3.8, x + 0.7) } else { (x, place + 5.6) };
            say(marks, fonts, spot, &whole(x).to_string(), 5.5, if down { Align::Left } else { Align::Center });
        }
    }
}

/// A hundred millimetres, to be measured: a printer that fits pages to the paper shrinks them.
fn bar(marks: &mut Vec<Mark>, fonts: &Fonts, middle: f32, y: f32) {
    let thick = |from: (f32, f32), to: (f32, f32)| Mark::Line {
        from: (from.0 * MM, from.1 * MM),
        to: (to.0 * MM, to.1 * MM),
        width: 0.8,
        color: Color::BLACK,
    };
    marks.push(thick((middle - 50.0, y), (middle + 50.0, y)));
    for end in [middle - 50.0, middle + 50.0] {
        marks.push(thick((end, y - 2.0), (end, y + 2.0)));
    }
    say(marks, fonts, (middle, y - 1.0), "100 mm", 7.0, Align::Center);
}

/// A line across a scale; of one that goes down, x and y change places.
fn line(marks: &mut Vec<Mark>, from: (f32, f32), to: (f32, f32), down: bool, color: Color) {
    let turned = |(x, y): (f32, f32)| if down { (y * MM, x * MM) } else { (x * MM, y * MM) };
    marks.push(Mark::Line { from: turned(from), to: turned(to), width: HAIR, color });
}

/// A few letters on white, at millimetres.
fn say(marks: &mut Vec<Mark>, fonts: &Fonts, (x, y): (f32, f32), text: &str, size: f32, align: Align) {
    let face = fonts.face(Weight::Regular);
    let x = x * MM + align.offset(0.0, face.text_width(text, size));
    let text = face.showable(text);
    marks.push(Mark::Text { x, y: y * MM, weight: Weight::Regular, size, color: Color::BLACK, text });
}

#[expect(clippy::as_conversions, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some hundred mm")]
const fn whole(millimetres: f32) -> u32 {
    millimetres as u32
}

/// What the page says, in paragraphs; the first is its title.
fn words(language: Language, width: f32, height: f32) -> Vec<String> {
    let number = |number: f32| match language {
        Language::En => format!("{number:.1}"),
        Language::Ru | Language::Uk => format!("{number:.1}").replace('.', ","),
    };
    let (x, y) = (number(width / 2.0), number(height / 2.0));
    let mark = width / 2.0 - 1.0;
    let (mark, read) = (whole(mark), number(mark.floor() + 0.7));
    match language {
        Language::Ru => vec![
            "Калибровка принтера".to_owned(),
            "1. Печатайте в масштабе 100 %, без подгонки под страницу: линейка внизу должна быть длиной ровно \
                100 мм."
                .to_owned(),
            "2. Сложите лист пополам, левый край точно к правому, прогладьте сгиб и разверните. Сгиб пройдёт \
                через шкалу X."
                .to_owned(),
            format!(
                "3. Найдите строку, в которой штрих лежит точно на сгибе. Целые миллиметры называет штрих, \
                десятые — строка: штрих {mark} в строке «,7» — это {read}. Так вы прочли left_mark."
            ),
            "4. Сложите лист ещё раз, верхний край точно к нижнему, и так же прочтите шкалу Y: это \
                top_mark."
                .to_owned(),
            "5. Передайте оба числа в POST /api/v1/printers/{id}/calibration: принтер запомнит сдвиг.".to_owned(),
            format!(
                "Принтер, который печатает точно, даёт {x} и {y}. Эта страница печатается без сдвига, \
                сохранённого раньше."
            ),
        ],
        Language::Uk => vec![
            "Калібрування принтера".to_owned(),
            "1. Друкуйте в масштабі 100 %, без припасування до сторінки: лінійка внизу має бути завдовжки рівно \
                100 мм."
                .to_owned(),
            "2. Складіть аркуш навпіл, лівий край точно до правого, пригладьте згин і розгорніть. Згин пройде \
                через шкалу X."
                .to_owned(),
            format!(
                "3. Знайдіть рядок, у якому штрих лежить точно на згині. Цілі міліметри називає штрих, \
                десяті — рядок: штрих {mark} у рядку «,7» — це {read}. Так ви прочитали left_mark."
            ),
            "4. Складіть аркуш ще раз, верхній край точно до нижнього, і так само прочитайте шкалу Y: це \
                top_mark."
                .to_owned(),
            "5. Передайте обидва числа в POST /api/v1/printers/{id}/calibration: принтер запам’ятає зсув.".to_owned(),
            format!("Принтер, що друкує точно, дає {x} і {y}. Ця сторінка друкується без зсуву, збереженого раніше."),
        ],
        Language::En => vec![
            "Printer calibration".to_owned(),
            "1. Print at 100 %, not fitted to the page: the bar at the bottom must be exactly 100 mm long.".to_owned(),
            "2. Fold the sheet in half, left edge exactly on right edge, press the crease and open it. It \
                crosses the scale X."
                .to_owned(),
            format!(
                "3. Find the row in which a mark lies exactly on the crease. The mark gives whole \
                millimetres, the row gives tenths: mark {mark} in the row “,7” is {read}. That is left_mark."
            ),
            "4. Fold it once more, top edge exactly on bottom edge, and read the scale Y in the same way: that \
                is top_mark."
                .to_owned(),
            "5. Send both numbers to POST /api/v1/printers/{id}/calibration: the printer's offset is \
                remembered."
                .to_owned(),
            format!(
                "A printer that is not off gives {x} and {y}. This page is printed without any offset that \
                was kept before."
            ),
        ],
    }
}

fn told(fonts: &Fonts, words: &[String], width: f32) -> Piece {
    let setting = Setting { fonts, numbers: None, scale: 1.0 };
    let mut pieces = Vec::new();
    for (index, text) in words.iter().enumerate() {
        let (weight, size) = if index == 0 { (Weight::Bold, 13.0) } else { (Weight::Regular, 9.5) };
        let style = Style { weight, size, color: Color::BLACK };
        let paragraph = Paragraph {
            inlines: vec![Inline::Text(style, text.clone())],
            align: Align::Left,
            after: 2.0 * MM,
            keep_with_next: false,
            max_lines: None,
            min_size: size,
            optional: false,
            whole: false,
        };
        pieces.extend(setting.paragraph(&paragraph, width * MM));
    }
    stacked(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crease_left_of_the_middle_mark_moves_printing_to_the_left() {
        // Everything stands 0.8 mm too far to the right, so the middle of the paper is at 104.2 of the printed scale.
        assert!((offset(104.2, 210.0) + 0.8).abs() < 0.001);
    }

    #[test]
    fn marks_stand_where_they_say() {
        let fonts = Fonts::built_in().unwrap();
        let papers = [(210.0, 297.0), (215.9, 279.4), (205.0, 270.0), (300.0, 300.0)];
        let labels = [(58.0, 40.0), (100.0, 150.0), (150.0, 150.0), (148.0, 210.0), (204.0, 300.0), (300.0, 200.0)];
        for size in papers.into_iter().chain(labels) {
            assert_eq!(is_roomy(size), papers.contains(&size));
            let document = page(&fonts, size, Language::Ru);
            let page = &document.pages[0];
            let inside = |(x, y): (f32, f32)| x > 0.0 && y > 0.0 && x < page.width && y < page.height;
            let lines = page.marks.iter().filter_map(|mark| match mark {
                Mark::Line { from, to, .. } => Some((*from, *to)),
                _ => None,
            });
            assert!(lines.clone().all(|(from, to)| inside(from) && inside(to)));
            // The middle itself is among the marks, to a quarter of a millimetre on a label and to a tenth on paper.
            let near = lines.map(|(from, _)| (from.0 / MM - size.0 / 2.0).abs()).fold(f32::MAX, f32::min);
            assert!(near < 0.051 || !is_roomy(size) && near < 0.26, "{size:?}: {near}");
        }
    }

    #[test]
    fn a_line_becomes_the_dots_it_is_nearest_to() {
        let line = |from, to| Mark::Line { from, to, width: HAIR, color: Color::BLACK };
        let dots = |mark, dpi: f32| match on_dots(mark, dpi / 72.0) {
            Mark::Fill { rect, .. } => [rect.x, rect.y, rect.w, rect.h].map(|side| (side * dpi / 72.0 * 100.0).round()),
            other => panic!("{other:?}"),
        };
        // 29 mm are 231.77 dots: the middle of the 232nd, which begins at 231, is nearest.
        assert_eq!(dots(line((29.0 * MM, MM), (29.0 * MM, 3.0 * MM)), 203.0), [23_100.0, 800.0, 100.0, 1_600.0]);
        // Three dots of the finest printer, across.
        assert_eq!(dots(line((MM, 10.0 * MM), (2.0 * MM, 10.0 * MM)), 600.0), [2_400.0, 23_500.0, 2_400.0, 300.0]);
    }

    #[test]
    fn nothing_is_wiped_out_and_nothing_leaves_the_page() {
        let fonts = Fonts::built_in().unwrap();
        for (width, height) in [(210.0, 297.0), (215.9, 279.4), (205.0, 270.0), (100.0, 150.0), (150.0, 200.0)] {
            for language in Language::ALL {
                let document = page(&fonts, (width, height), *language);
                let marks = &document.pages[0].marks;
                for (index, mark) in marks.iter().enumerate() {
                    match mark {
                        Mark::Fill { rect, .. } => {
                            let wiped = marks[..index].iter().filter(|before| match before {
                                Mark::Line { from, to, color, .. } => {
                                    *color == Color::BLACK
                                        && from.0.max(to.0) > rect.x
                                        && from.0.min(to.0) < rect.x + rect.w
                                        && from.1.max(to.1) > rect.y
                                        && from.1.min(to.1) < rect.y + rect.h
                                }
                                _ => false,
                            });
                            assert_eq!(wiped.count(), 0, "{width} {height} {language}");
                        }
                        Mark::Text { x, y, weight, size, text, .. } => {
                            let right = x + fonts.face(*weight).text_width(text, *size);
                            assert!(*x > 0.0 && right < width * MM && *y < height * MM, "{width} {height} {text}");
                        }
                        _ => {}
                    }
                }
            }
        }
    }
}
