//! PDF written page by page: a page is out of memory as soon as it is written, so that a book of ten thousand labels
//! takes as much of it as one sheet. What all pages share, the letters above all, is written at the end, when it is
//! known; PDF lets an object stand anywhere in the file (ISO 32000-1, 7.5).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::Arc;

use lopdf::{Dictionary, Stream};
use sha2::{Digest, Sha256};

use super::font::{Face, Fonts, Weight};
use super::page::{Color, Mark, Page, Picture, Rect};
use super::qr::{QUIET, Symbol};
use crate::db::types::Timestamp;
use crate::error::Error;

/// Objects that are named before they are written.
const CATALOG: u32 = 1;
const PAGES: u32 = 2;
const RESOURCES: u32 = 3;
/// Pages under one node of the tree.
const BRANCH: usize = 100;

/// Writes a document as its pages come.
pub struct PageWriter<'a, W> {
    out: Counted<W>,
    fonts: &'a Fonts,
    /// Where each object begins; 0 for one that is yet to come.
    places: Vec<u64>,
    faces: BTreeMap<Weight, Letters>,
    pictures: BTreeMap<String, u32>,
    /// The nodes of the tree of pages, each with its pages.
    branches: Vec<(u32, Vec<u32>)>,
}

/// The letters of one face that were used, in the order in which they came.
#[derive(Default)]
struct Letters {
    mapper: subsetter::GlyphRemapper,
    /// Advances and letters, by the new number of the glyph.
    glyphs: Vec<(u16, char)>,
}

/// Counts and hashes what goes through.
struct Counted<W> {
    inner: W,
    at: u64,
    hash: Sha256,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        self.at += u64::try_from(written).unwrap_or_default();
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<'a, W: Write> PageWriter<'a, W> {
    /// Begins a document.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(out: W, fonts: &'a Fonts) -> Result<Self, Error> {
        let mut out = Counted { inner: out, at: 0, hash: Sha256::new() };
        // Four bytes above 127: whoever carries the file must not take it for text.
        out.write_all(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n").map_err(Error::internal)?;
        let places = vec![0; 3];
        let (faces, pictures) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { out, fonts, places, faces, pictures, branches: Vec::new() })
    }

    /// Writes a page.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn page(&mut self, page: &Page) -> Result<(), Error> {
        let drawn = self.drawn(page)?;
        let content = self.reserve();
        self.stream(content, Dictionary::new(), drawn.into_bytes())?;
        if self.branches.last().is_none_or(|(_, pages)| pages.len() >= BRANCH) {
            let branch = self.reserve();
            self.branches.push((branch, Vec::new()));
        }
        let id = self.reserve();
        let Some((branch, pages)) = self.branches.last_mut() else { return Ok(()) };
        pages.push(id);
        let (branch, width, height) = (*branch, number(page.width), number(page.height));
        self.object(
            id,
            &format!(
                "<</Type/Page/Parent {branch} 0 R/MediaBox[0 0 {width} {height}]\
                 /Resources {RESOURCES} 0 R/Contents {content} 0 R>>"
            ),
        )
    }

    /// Ends the document and gives back what it was written into. The same pages at the same moment are the same bytes.
    ///
    /// # Errors
    /// When it cannot be written, or a font cannot be cut down.
    pub fn finish(mut self, title: &str, language: &str, made_at: Timestamp) -> Result<W, Error> {
        let mut fonts = String::new();
        for (weight, letters) in std::mem::take(&mut self.faces) {
            let id = self.face(weight, &letters)?;
            let _ = write!(fonts, "/{} {id} 0 R", alias(weight));
        }
        let pictures: String = self.pictures.values().map(|id| format!("/I{id} {id} 0 R")).collect();
        self.object(RESOURCES, &format!("<</Font<<{fonts}>>/XObject<<{pictures}>>>>"))?;
        let branches = std::mem::take(&mut self.branches);
        let list = |ids: &mut dyn Iterator<Item = u32>| ids.map(|id| format!("{id} 0 R ")).collect::<String>();
        for (branch, pages) in &branches {
            let kids = list(&mut pages.iter().copied());
            let count = pages.len();
            self.object(*branch, &format!("<</Type/Pages/Parent {PAGES} 0 R/Count {count}/Kids[{kids}]>>"))?;
        }
        let count: usize = branches.iter().map(|(_, pages)| pages.len()).sum();
        let kids = list(&mut branches.iter().map(|(branch, _)| *branch));
        self.object(PAGES, &format!("<</Type/Pages/Count {count}/Kids[{kids}]>>"))?;
        let spoken = if language.is_empty() { String::new() } else { format!("/Lang({language})") };
        let catalog = "/Type/Catalog/ViewerPreferences<</DisplayDocTitle true/PrintScaling/None>>";
        self.object(CATALOG, &format!("<<{catalog}{spoken}/Pages {PAGES} 0 R>>"))?;
        let (info, title) = (self.reserve(), utf16(title));
        let date = made_at.utc().format("(D:%Y%m%d%H%M%SZ)");
        let producer = utf16("Naryad");
        self.object(info, &format!("<</Title {title}/Producer {producer}/CreationDate {date}/ModDate {date}>>"))?;
        self.index(info)
    }

    /// The table of where each object begins, and the end of the file.
    fn index(mut self, info: u32) -> Result<W, Error> {
        let begins = self.out.at;
        let size = self.places.len() + 1;
        let id = hex::encode(self.out.hash.clone().finalize().get(..16).unwrap_or_default());
        let mut table = format!("xref\n0 {size}\n0000000000 65535 f \n");
        for place in &self.places {
            let _ = writeln!(table, "{place:010} 00000 n ");
        }
        let root = format!("/Size {size}/Root {CATALOG} 0 R/Info {info} 0 R/ID[<{id}><{id}>]");
        let _ = writeln!(table, "trailer\n<<{root}>>\nstartxref\n{begins}\n%%EOF");
        self.out.write_all(table.as_bytes()).map_err(Error::internal)?;
        self.out.flush().map_err(Error::internal)?;
        Ok(self.out.inner)
    }

    /// The number of an object that is written later.
    fn reserve(&mut self) -> u32 {
        self.places.push(0);
        u32::try_from(self.places.len()).unwrap_or(u32::MAX)
    }

    fn begin(&mut self, id: u32) -> Result<(), Error> {
        let index = usize::try_from(id).map_err(Error::internal)?;
        if let Some(place) = index.checked_sub(1).and_then(|index| self.places.get_mut(index)) {
            *place = self.out.at;
        }
        writeln!(self.out, "{id} 0 obj").map_err(Error::internal)
    }

    fn object(&mut self, id: u32, text: &str) -> Result<(), Error> {
        self.begin(id)?;
        writeln!(self.out, "{text}\nendobj").map_err(Error::internal)
    }

    /// A stream, deflated; `dictionary` says what else it is.
    fn stream(&mut self, id: u32, dictionary: Dictionary, content: Vec<u8>) -> Result<(), Error> {
        let mut stream = Stream::new(dictionary, content);
        stream.compress().map_err(Error::internal)?;
        self.begin(id)?;
        let mut head = String::new();
        for (name, value) in &stream.dict {
            let _ = write!(head, "/{} {}", String::from_utf8_lossy(name), plain(value));
        }
        writeln!(self.out, "<<{head}>>\nstream").map_err(Error::internal)?;
        self.out.write_all(&stream.content).map_err(Error::internal)?;
        self.out.write_all(b"\nendstream\nendobj\n").map_err(Error::internal)
    }

    /// The marks of a page as drawing operations.
    fn drawn(&mut self, page: &Page) -> Result<String, Error> {
        let mut ops = String::new();
        let mut said = Said::default();
        let up = |y: f32| number(page.height - y);
        for mark in &page.marks {
            match mark {
                Mark::Text { x, y, weight, size, color, text } => {
                    said.fill(&mut ops, *color);
                    let (name, size, shown) = (alias(*weight), number(*size), self.shown(*weight, text));
                    let _ = writeln!(ops, "BT /{name} {size} Tf {} {} Td <{shown}> Tj ET", number(*x), up(*y));
                }
                Mark::Line { from, to, width, color } => {
                    said.stroke(&mut ops, *color, *width);
                    let (a, b) = (number(from.0), number(to.0));
                    let _ = writeln!(ops, "{a} {} m {b} {} l S", up(from.1), up(to.1));
                }
                Mark::Fill { rect: Rect { x, y, w, h }, color } => {
                    said.fill(&mut ops, *color);
                    let _ = writeln!(ops, "{} {} {} {} re f", number(*x), up(y + h), number(*w), number(*h));
                }
                Mark::Strokes { strokes, width, color } => {
                    said.stroke(&mut ops, *color, *width);
                    ops.push_str("q 1 J 1 j\n");
                    for stroke in strokes {
                        for (index, (x, y)) in stroke.iter().enumerate() {
                            let _ = write!(ops, "{} {} {} ", number(*x), up(*y), if index == 0 { "m" } else { "l" });
                        }
                        ops.push_str("S\n");
                    }
                    ops.push_str("Q\n");
                }
                Mark::Qr { rect, symbol } => code(&mut ops, *rect, symbol, page.height),
                Mark::Picture { rect: Rect { x, y, w, h }, picture } => {
                    let id = self.picture(picture)?;
                    let (left, bottom) = (number(*x), up(y + h));
                    let _ = writeln!(ops, "q {} 0 0 {} {left} {bottom} cm /I{id} Do Q", number(*w), number(*h));
                }
                Mark::Signature(_) => {}
            }
        }
        Ok(ops)
    }

    /// A text as the numbers of its glyphs.
    fn shown(&mut self, weight: Weight, text: &str) -> String {
        let face = self.fonts.face(weight);
        let letters = self.faces.entry(weight).or_default();
        let mut shown = String::with_capacity(text.len() * 4);
        for letter in text.chars() {
            let (glyph, advance) = face.glyph(letter).unwrap_or_default();
            let new = letters.mapper.remap(glyph);
            // Glyph 0 stands for letters that the face lacks, and is always there.
            while letters.glyphs.len() <= usize::from(new) {
                letters.glyphs.push((advance, letter));
            }
            let _ = write!(shown, "{new:04X}");
        }
        shown
    }

    /// A picture as an image of its own resolution, once.
    fn picture(&mut self, picture: &Arc<Picture>) -> Result<u32, Error> {
        if let Some(id) = self.pictures.get(&picture.name) {
            return Ok(*id);
        }
        let id = self.reserve();
        let (width, height) = picture.pixels.dimensions();
        let dictionary = Dictionary::from_iter([
            ("Type", lopdf::Object::Name(b"XObject".to_vec())),
            ("Subtype", lopdf::Object::Name(b"Image".to_vec())),
            ("Width", i64::from(width).into()),
            ("Height", i64::from(height).into()),
            ("ColorSpace", lopdf::Object::Name(b"DeviceRGB".to_vec())),
            ("BitsPerComponent", 8.into()),
        ]);
        self.stream(id, dictionary, picture.on_paper())?;
        self.pictures.insert(picture.name.clone(), id);
        Ok(id)
    }

    /// A face with the letters that were used.
    fn face(&mut self, weight: Weight, letters: &Letters) -> Result<u32, Error> {
        let fonts = self.fonts;
        let face = fonts.face(weight);
        let name = match weight {
            Weight::Regular => "NARYAA+NotoSans-Regular",
            Weight::Bold => "NARYAB+NotoSans-Bold",
        };
        let bytes = subsetter::subset(face.bytes(), 0, &letters.mapper).map_err(Error::internal)?;
        let file = self.reserve();
        let length = i64::try_from(bytes.len()).map_err(Error::internal)?;
        self.stream(file, Dictionary::from_iter([("Length1", length.into())]), bytes)?;
        let meanings = self.reserve();
        self.stream(meanings, Dictionary::new(), meanings_of(letters).into_bytes())?;
        let descriptor = self.reserve();
        let em = |units: i16| i32::from(units) * 1_000 / i32::from(face.units);
        let (left, bottom, right, top) = face.bounds;
        let bounds = format!("{} {} {} {}", em(left), em(bottom), em(right), em(top));
        let (ascent, descent) = (em(face.ascender), em(face.descender));
        self.object(
            descriptor,
            &format!(
                "<</Type/FontDescriptor/FontName/{name}/Flags 4/FontBBox[{bounds}]/ItalicAngle 0/Ascent {ascent}\
                 /Descent {descent}/CapHeight 714/StemV 80/FontFile2 {file} 0 R>>"
            ),
        )?;
        let descendant = self.reserve();
        let widths = widths_of(face, letters);
        self.object(
            descendant,
            &format!(
                "<</Type/Font/Subtype/CIDFontType2/BaseFont/{name}\
                 /CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>\
                 /FontDescriptor {descriptor} 0 R/CIDToGIDMap/Identity/DW 0/W[0[{widths}]]>>"
            ),
        )?;
        let font = self.reserve();
        self.object(
            font,
            &format!(
                "<</Type/Font/Subtype/Type0/BaseFont/{name}/Encoding/Identity-H\
                 /DescendantFonts[{descendant} 0 R]/ToUnicode {meanings} 0 R>>"
            ),
        )?;
        Ok(font)
    }
}

/// A code as one path of rectangles, drawn in modules: no seams, no smoothing.
fn code(ops: &mut String, rect: Rect, symbol: &Symbol, page_height: f32) {
    let side = symbol.full_side();
    let modules = f32::from(u16::try_from(side).unwrap_or(u16::MAX));
    let scale = exact(rect.w / modules);
    let (x, y) = (number(rect.x), number(page_height - rect.y - rect.h));
    let _ = writeln!(ops, "q {scale} 0 0 {scale} {x} {y} cm 0 g");
    for (x, y, length) in symbol.runs() {
        let _ = writeln!(ops, "{} {} {length} 1 re", x + QUIET, side - 1 - y - QUIET);
    }
    ops.push_str("f Q\n");
}

const fn alias(weight: Weight) -> &'static str {
    match weight {
        Weight::Regular => "FR",
        Weight::Bold => "FB",
    }
}

/// A length with three digits after the point at the most: a third of a thousandth of a millimetre.
fn number(length: f32) -> String {
    trimmed(format!("{length:.3}"))
}

/// A factor: it is multiplied by some forty modules.
fn exact(factor: f32) -> String {
    trimmed(format!("{factor:.6}"))
}

fn trimmed(number: String) -> String {
    let number = number.trim_end_matches('0').trim_end_matches('.');
    if number == "-0" { "0".to_owned() } else { number.to_owned() }
}

/// A value of the dictionaries that are made here.
fn plain(value: &lopdf::Object) -> String {
    match value {
        lopdf::Object::Integer(number) => number.to_string(),
        lopdf::Object::Name(name) => format!("/{}", String::from_utf8_lossy(name)),
        _ => "null".to_owned(),
    }
}

fn utf16(text: &str) -> String {
    let bytes: Vec<u8> = [0xfe, 0xff].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect();
    format!("<{}>", hex::encode(bytes))
}

/// The advances of the glyphs, in thousandths of an em.
fn widths_of(face: &Face, letters: &Letters) -> String {
    let em = |advance: u16| trimmed(format!("{:.2}", f64::from(advance) * 1_000.0 / f64::from(face.units)));
    letters.glyphs.iter().map(|(advance, _)| em(*advance)).collect::<Vec<_>>().join(" ")
}

/// Which letter each glyph stands for, so that text can be copied and searched (ISO 32000-1, 9.10.3).
fn meanings_of(letters: &Letters) -> String {
    let mut map = String::from(
        "/CIDInit/ProcSet findresource begin 12 dict begin begincmap\n\
         /CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def\n\
         /CMapName/Adobe-Identity-UCS def/CMapType 2 def\n1 begincodespacerange\n<0000><FFFF>\nendcodespacerange\n",
    );
    let all: Vec<(usize, char)> = letters.glyphs.iter().map(|(_, letter)| *letter).enumerate().skip(1).collect();
    for some in all.chunks(100) {
        let _ = writeln!(map, "{} beginbfchar", some.len());
        for (glyph, letter) in some {
            let units: String = letter.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("{unit:04X}")).collect();
            let _ = writeln!(map, "<{glyph:04X}><{units}>");
        }
        map.push_str("endbfchar\n");
    }
    map.push_str("endcmap CMapName currentdict/CMap defineresource pop end end\n");
    map
}

/// What was said last on a page, so that it is not said again.
#[derive(Default)]
struct Said {
    fill: Option<Color>,
    stroke: Option<Color>,
    width: Option<f32>,
}

impl Said {
    fn fill(&mut self, ops: &mut String, color: Color) {
        if self.fill != Some(color) {
            let _ = writeln!(ops, "{} rg", ink(color));
            self.fill = Some(color);
        }
    }

    fn stroke(&mut self, ops: &mut String, color: Color, width: f32) {
        if self.stroke != Some(color) {
            let _ = writeln!(ops, "{} RG", ink(color));
            self.stroke = Some(color);
        }
        if self.width != Some(width) {
            let _ = writeln!(ops, "{} w", number(width));
            self.width = Some(width);
        }
    }
}

fn ink(Color(r, g, b): Color) -> String {
    [r, g, b].map(|part| number(f32::from(part) / 255.0)).join(" ")
}
