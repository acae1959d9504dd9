//! Paper as somebody else's program sees it.

use std::collections::{BTreeMap, HashMap};

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::{RenderSettings, render_pdf};
use image::GrayImage;
use lopdf::{Document, Object, ObjectId};

/// The pages as a printer would blacken them, so many pixels to a point.
pub fn pages(pdf: &[u8], scale: f32) -> Vec<GrayImage> {
    let pdf = Pdf::new(pdf.to_vec()).unwrap();
    let rendered = render_pdf(&pdf, scale, InterpreterSettings::default(), &RenderSettings::default(), None).unwrap();
    let gray = |page: &hayro::vello_cpu::Pixmap| {
        let ink: Vec<u8> = page
            .data_as_u8_slice()
            .chunks(4)
            .map(|pixel| 255 - u8::try_from(u32::from(pixel[3]) * u32::from(255 - pixel[1]) / 255).unwrap())
            .collect();
        GrayImage::from_raw(page.width().into(), page.height().into(), ink).unwrap()
    };
    rendered.iter().map(gray).collect()
}

/// Points in a millimetre.
const MM: f64 = 72.0 / 25.4;

/// A box in millimetres from the top left corner of the page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Lower edge.
    pub bottom: f64,
}

impl Area {
    /// Whether another area lies in this one, but for a hair.
    pub fn holds(&self, other: &Self, hair: f64) -> bool {
        other.left >= self.left - hair
            && other.top >= self.top - hair
            && other.right <= self.right + hair
            && other.bottom <= self.bottom + hair
    }

    /// Whether two areas overlap by more than a hair.
    pub fn meets(&self, other: &Self, hair: f64) -> bool {
        self.left + hair < other.right
            && other.left + hair < self.right
            && self.top + hair < other.bottom
            && other.top + hair < self.bottom
    }

    /// The point in its middle.
    pub fn middle(&self) -> (f64, f64) {
        (f64::midpoint(self.left, self.right), f64::midpoint(self.top, self.bottom))
    }

    /// The same with so much more on each side.
    pub fn grown(&self, by: f64) -> Self {
        Self { left: self.left - by, top: self.top - by, right: self.right + by, bottom: self.bottom + by }
    }
}

/// Something that is drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Drawn {
    /// A letter and the box of its ink.
    Letter(char, Area),
    /// A path of many rectangles: a code, and the side of its modules in millimetres.
    Code(Area, f64),
    /// A line or a rectangle.
    Path(Area),
}

impl Drawn {
    /// Where it is.
    pub fn area(&self) -> &Area {
        match self {
            Self::Letter(_, area) | Self::Code(area, _) | Self::Path(area) => area,
        }
    }
}

/// What stands on each page of a file, by its drawing operations alone. A mark that is no letter, line, rectangle or
/// path of rectangles is not expected.
pub fn drawn(pdf: &[u8]) -> Vec<Vec<Drawn>> {
    let file = Document::load_mem(pdf).unwrap();
    let mut fonts = HashMap::new();
    file.get_pages().into_values().map(|page| on_page(&file, page, &mut fonts)).collect()
}

/// A font that travels with the file: its program, and which letters its glyphs stand for.
struct Font {
    program: Vec<u8>,
    letters: BTreeMap<u16, char>,
    widths: Vec<f64>,
}

impl Font {
    fn read(file: &Document, id: ObjectId) -> Self {
        let font = file.get_dictionary(id).unwrap();
        let descendant = font.get(b"DescendantFonts").unwrap().as_array().unwrap()[0].as_reference().unwrap();
        let descendant = file.get_dictionary(descendant).unwrap();
        let descriptor =
            file.get_dictionary(descendant.get(b"FontDescriptor").unwrap().as_reference().unwrap()).unwrap();
        let stream = |object: &Object| {
            let stream = file.get_object(object.as_reference().unwrap()).unwrap().as_stream().unwrap();
            stream.decompressed_content().unwrap_or_else(|_| stream.content.clone())
        };
        let map = String::from_utf8(stream(font.get(b"ToUnicode").unwrap())).unwrap();
        let hex = |text: &str| u16::from_str_radix(text, 16).ok();
        let letters = map.lines().filter_map(|line| {
            let (glyph, letter) = line.strip_prefix('<')?.strip_suffix('>')?.split_once("><")?;
            Some((hex(glyph)?, char::from_u32(hex(letter)?.into())?))
        });
        let widths = descendant.get(b"W").unwrap().as_array().unwrap()[1].as_array().unwrap();
        Self {
            program: stream(descriptor.get(b"FontFile2").unwrap()),
            letters: letters.collect(),
            widths: widths.iter().map(|width| f64::from(width.as_float().unwrap())).collect(),
        }
    }
}

fn on_page(file: &Document, page: ObjectId, fonts: &mut HashMap<String, Font>) -> Vec<Drawn> {
    let dictionary = file.get_dictionary(page).unwrap();
    let side = |index: usize| {
        let sides = dictionary.get(b"MediaBox").unwrap().as_array().unwrap();
        f64::from(sides[index].as_float().unwrap())
    };
    let height = side(3);
    for (name, font) in file.get_page_fonts(page).unwrap() {
        let id = font.get(b"ToUnicode").unwrap().as_reference().unwrap();
        let all = file.objects.iter();
        let holds = |object: &Object| {
            object.as_dict().is_ok_and(|dict| dict.get(b"ToUnicode").and_then(Object::as_reference).ok() == Some(id))
        };
        let own = all.clone().find(|(_, object)| holds(object)).unwrap().0;
        fonts.entry(String::from_utf8(name).unwrap()).or_insert_with(|| Font::read(file, *own));
    }
    let content = String::from_utf8(file.get_page_content(page)).unwrap();
    let mut drawing = Drawing { height, ..Drawing::default() };
    let mut operands: Vec<&str> = Vec::new();
    for token in content.split_whitespace() {
        if token.starts_with(|first: char| first.is_ascii_digit() || "-./<".contains(first)) {
            operands.push(token);
        } else {
            drawing.operate(token, &operands, fonts);
            operands.clear();
        }
    }
    drawing.drawn
}

/// The state while a page is drawn (ISO 32000-1, 8.4). Nothing here is turned or slanted.
#[derive(Default)]
struct Drawing {
    height: f64,
    /// Scale and place: x, y.
    matrix: Option<([f64; 2], [f64; 2])>,
    stack: Vec<Option<([f64; 2], [f64; 2])>>,
    width: f64,
    path: Option<[f64; 4]>,
    rectangles: usize,
    font: Option<(String, f64)>,
    at: [f64; 2],
    drawn: Vec<Drawn>,
}

impl Drawing {
    fn operate(&mut self, operator: &str, operands: &[&str], fonts: &HashMap<String, Font>) {
        let number = |index: usize| operands[index].parse::<f64>().unwrap();
        match operator {
            "q" => self.stack.push(self.matrix),
            "Q" => self.matrix = self.stack.pop().unwrap(),
            "cm" => {
                assert_eq!((number(1), number(2)), (0.0, 0.0));
                let (scale, place) = self.matrix.unwrap_or(([1.0, 1.0], [0.0, 0.0]));
                let moved = [place[0] + number(4) * scale[0], place[1] + number(5) * scale[1]];
                self.matrix = Some(([scale[0] * number(0), scale[1] * number(3)], moved));
            }
            "w" => self.width = number(0),
            "re" => {
                self.reach(number(0), number(1));
                self.reach(number(0) + number(2), number(1) + number(3));
                self.rectangles += 1;
            }
            "m" | "l" => self.reach(number(0), number(1)),
            "f" => {
                let area = self.area(self.path.unwrap(), 0.0);
                let module = self.matrix.map(|(scale, _)| scale[0] / MM);
                self.drawn.push(match module {
                    Some(module) if self.rectangles > 20 => Drawn::Code(area, module),
                    _ => Drawn::Path(area),
                });
                (self.path, self.rectangles) = (None, 0);
            }
            "S" => {
                let area = self.area(self.path.unwrap(), self.width / 2.0);
                self.drawn.push(Drawn::Path(area));
                self.path = None;
            }
            "Tf" => self.font = Some((operands[0].trim_start_matches('/').to_owned(), number(1))),
            "BT" => self.at = [0.0, 0.0],
            "Td" => self.at = [self.at[0] + number(0), self.at[1] + number(1)],
            "Tj" => self.write(operands[0], fonts),
            "rg" | "RG" | "g" | "ET" | "J" | "j" => {}
            other => panic!("{other} is drawn"),
        }
    }

    fn reach(&mut self, x: f64, y: f64) {
        let (scale, place) = self.matrix.unwrap_or(([1.0, 1.0], [0.0, 0.0]));
        let (x, y) = (place[0] + x * scale[0], place[1] + y * scale[1]);
        let [left, bottom, right, top] = self.path.unwrap_or([x, y, x, y]);
        self.path = Some([left.min(x), bottom.min(y), right.max(x), top.max(y)]);
    }

    fn area(&self, [left, bottom, right, top]: [f64; 4], more: f64) -> Area {
        Area {
            left: (left - more) / MM,
            top: (self.height - top - more) / MM,
            right: (right + more) / MM,
            bottom: (self.height - bottom + more) / MM,
        }
    }

    fn write(&mut self, hex: &str, fonts: &HashMap<String, Font>) {
        let (name, size) = self.font.clone().unwrap();
        let font = &fonts[&name];
        let face = ttf_parser::Face::parse(&font.program, 0).unwrap();
        let em = size / f64::from(face.units_per_em());
        let digits = hex.trim_matches(['<', '>']);
        for at in (0..digits.len()).step_by(4) {
            let glyph = u16::from_str_radix(digits.get(at..at + 4).unwrap(), 16).unwrap();
            let letter = font.letters[&glyph];
            if let Some(ink) = face.glyph_bounding_box(ttf_parser::GlyphId(glyph)) {
                let x = |units: i16| self.at[0] + f64::from(units) * em;
                let y = |units: i16| self.at[1] + f64::from(units) * em;
                let area = self.area([x(ink.x_min), y(ink.y_min), x(ink.x_max), y(ink.y_max)], 0.0);
                self.drawn.push(Drawn::Letter(letter, area));
            }
            self.at[0] += font.widths[usize::from(glyph)] * size / 1_000.0;
        }
    }
}
