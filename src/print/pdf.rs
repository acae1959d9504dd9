//! Pages as PDF, written with printpdf: text that can be copied, codes and lines as vectors, only the letters that are used.

use std::collections::{BTreeMap, BTreeSet};

use lopdf::{Dictionary, Object, StringFormat};
use printpdf::font::FontMetrics;
use printpdf::xobject::{ExternalStream, ExternalXObject};
use printpdf::{
    Color as Ink, CurTransMat, DictItem, FontId, Line, LinePoint, Mm, Op, ParsedFont, PdfDocument, PdfFont,
    PdfFontHandle, PdfPage, PdfSaveOptions, Point, Pt, Rgb, TextItem, XObject, XObjectId, XObjectTransform,
};

use super::font::{Face, Fonts, Weight};
use super::page::{Color, Document, Mark, Page, Picture, Rect};
use super::qr::{QUIET, Symbol};
use crate::db::types::{Sha256, Timestamp};
use crate::error::Error;

/// Writes a document. The same pages at the same moment are the same bytes.
///
/// # Errors
/// When a font cannot be cut down: our fault.
pub fn write(document: &Document, fonts: &Fonts, made_at: Timestamp) -> Result<Vec<u8>, Error> {
    let mut pdf = PdfDocument::new(&document.title);
    let mut writer = Writer { fonts: BTreeMap::new(), pictures: BTreeMap::new(), codes: 0 };
    writer.embed_fonts(&mut pdf, document, fonts)?;
    for page in &document.pages {
        let ops = writer.page(&mut pdf, page);
        pdf.pages.push(PdfPage::new(Mm::from(Pt(page.width)), Mm::from(Pt(page.height)), ops));
    }
    let options = PdfSaveOptions { optimize: false, subset_fonts: false, ..PdfSaveOptions::default() };
    let mut file = pdf.to_lopdf_document(&options, &mut Vec::new());
    finish(&mut file, document, made_at)?;
    let mut bytes = Vec::new();
    file.save_to(&mut bytes).map_err(Error::internal)?;
    Ok(bytes)
}

/// What printpdf leaves random, old or unset.
fn finish(file: &mut lopdf::Document, document: &Document, made_at: Timestamp) -> Result<(), Error> {
    file.version = "1.7".to_owned();
    file.compress();
    let text = |text: &str| {
        let utf16 = text.encode_utf16().flat_map(u16::to_be_bytes);
        Object::String([0xfe, 0xff].into_iter().chain(utf16).collect(), StringFormat::Hexadecimal)
    };
    let date = Object::string_literal(made_at.utc().format("D:%Y%m%d%H%M%SZ").to_string());
    let mut info = Dictionary::from_iter([
        ("Title", text(&document.title)),
        ("Producer", text("Naryad")),
        ("CreationDate", date.clone()),
        ("ModDate", date),
    ]);
    if let Some(code) = &document.code {
        info.set("Keywords", Object::string_literal(code.as_str()));
    }
    let info = file.add_object(info);
    file.trailer.set("Info", info);
    if let Ok(catalog) = file.catalog_mut() {
        catalog.set("Lang", Object::string_literal(document.language.as_str()));
        catalog.set("ViewerPreferences", Dictionary::from_iter([("DisplayDocTitle", Object::Boolean(true))]));
    }
    file.prune_objects();
    file.renumber_objects();
    file.trailer.remove(b"ID");
    let mut unnamed = Vec::new();
    file.clone().save_to(&mut unnamed).map_err(Error::internal)?;
    let id = Object::String(Sha256::of(&unnamed).0.get(..16).unwrap_or_default().to_vec(), StringFormat::Hexadecimal);
    file.trailer.set("ID", vec![id.clone(), id]);
    Ok(())
}

struct Writer {
    fonts: BTreeMap<Weight, FontId>,
    pictures: BTreeMap<String, XObjectId>,
    codes: usize,
}

impl Writer {
    fn embed_fonts(&mut self, pdf: &mut PdfDocument, document: &Document, fonts: &Fonts) -> Result<(), Error> {
        for (weight, name, tag) in
            [(Weight::Regular, "NotoSans-Regular", "NARYAA"), (Weight::Bold, "NotoSans-Bold", "NARYAB")]
        {
            let marks = document.pages.iter().flat_map(|page| &page.marks);
            let used: BTreeSet<char> = marks
                .filter_map(|mark| match mark {
                    Mark::Text { weight: of, text, .. } if *of == weight => Some(text.chars()),
                    _ => None,
                })
                .flatten()
                .collect();
            if used.is_empty() {
                continue;
            }
            let font = subset(fonts.face(weight), &used, &format!("{tag}+{name}"))?;
            let id = FontId(if weight == Weight::Bold { "FB" } else { "FR" }.to_owned());
            pdf.resources.fonts.map.insert(id.clone(), PdfFont::new(font));
            self.fonts.insert(weight, id);
        }
        Ok(())
    }

    fn page(&mut self, pdf: &mut PdfDocument, page: &Page) -> Vec<Op> {
        let mut ops = Vec::new();
        let mut state = State::default();
        for mark in &page.marks {
            match mark {
                Mark::Text { x, y, weight, size, color, text } => {
                    let Some(font) = self.fonts.get(weight) else { continue };
                    state.fill(&mut ops, *color);
                    ops.push(Op::StartTextSection);
                    ops.push(Op::SetFont { font: PdfFontHandle::External(font.clone()), size: Pt(*size) });
                    ops.push(Op::SetTextCursor { pos: Point { x: Pt(*x), y: Pt(page.height - y) } });
                    ops.push(Op::ShowText { items: vec![TextItem::Text(text.clone())] });
                    ops.push(Op::EndTextSection);
                }
                Mark::Line { from, to, width, color } => {
                    state.stroke(&mut ops, *color, *width);
                    let point =
                        |(x, y): (f32, f32)| LinePoint { p: Point { x: Pt(x), y: Pt(page.height - y) }, bezier: false };
                    ops.push(Op::DrawLine { line: Line { points: vec![point(*from), point(*to)], is_closed: false } });
                }
                Mark::Fill { rect, color } => {
                    state.fill(&mut ops, *color);
                    let Rect { x, y, w, h } = *rect;
                    let rectangle = printpdf::Rect {
                        x: Pt(x),
                        y: Pt(page.height - y - h),
                        width: Pt(w),
                        height: Pt(h),
                        mode: Some(printpdf::PaintMode::Fill),
                        winding_order: None,
                    };
                    ops.push(Op::DrawRectangle { rectangle });
                }
                Mark::Picture { rect, picture } => {
                    let id = self.picture(pdf, picture);
                    placed(&mut ops, id, *rect, page.height, (rect.w, rect.h));
                }
                Mark::Qr { rect, symbol } => {
                    let id = self.code(pdf, symbol);
                    // The form is drawn in modules: one unit each.
                    let side = f32::from(u16::try_from(symbol.full_side()).unwrap_or(u16::MAX));
                    placed(&mut ops, id, *rect, page.height, (rect.w / side, rect.h / side));
                }
                Mark::Strokes { strokes, width, color } => {
                    state.stroke(&mut ops, *color, *width);
                    ops.push(Op::SaveGraphicsState);
                    ops.push(Op::SetLineCapStyle { cap: printpdf::LineCapStyle::Round });
                    ops.push(Op::SetLineJoinStyle { join: printpdf::LineJoinStyle::Round });
                    for stroke in strokes {
                        let point = |(x, y): &(f32, f32)| LinePoint {
                            p: Point { x: Pt(*x), y: Pt(page.height - y) },
                            bezier: false,
                        };
                        ops.push(Op::DrawLine {
                            line: Line { points: stroke.iter().map(point).collect(), is_closed: false },
                        });
                    }
                    ops.push(Op::RestoreGraphicsState);
                }
                Mark::Signature(_) => {}
            }
        }
        ops
    }

    fn picture(&mut self, pdf: &mut PdfDocument, picture: &Picture) -> XObjectId {
        let known = self.pictures.len();
        let id = self.pictures.entry(picture.name.clone()).or_insert_with(|| {
            let id = XObjectId(format!("I{known}"));
            for (id, stream) in image_streams(&id, picture) {
                pdf.resources.xobjects.map.insert(id, stream);
            }
            id
        });
        id.clone()
    }

    /// One path of rectangles: no seams, no smoothing, and a fifth of the size of drawing operations.
    fn code(&mut self, pdf: &mut PdfDocument, symbol: &Symbol) -> XObjectId {
        let side = symbol.full_side();
        let mut content = String::from("0 g\n");
        for (x, y, length) in symbol.runs() {
            content.push_str(&format!("{} {} {length} 1 re\n", x + QUIET, side - 1 - y - QUIET));
        }
        content.push_str("f\n");
        let number = |number: usize| DictItem::Int(i64::try_from(number).unwrap_or_default());
        let dict = BTreeMap::from([
            ("Type".to_owned(), DictItem::Name(b"XObject".to_vec())),
            ("Subtype".to_owned(), DictItem::Name(b"Form".to_vec())),
            ("BBox".to_owned(), DictItem::Array(vec![number(0), number(0), number(side), number(side)])),
        ]);
        let id = XObjectId(format!("Q{}", self.codes));
        self.codes += 1;
        let stream = ExternalStream { dict, content: content.into_bytes(), compress: true };
        let object = ExternalXObject { stream, width: None, height: None, dpi: None };
        pdf.resources.xobjects.map.insert(id.clone(), XObject::External(object));
        id
    }
}

/// A picture as an image of its own resolution: no white hidden in it, no colour profile.
fn image_streams(id: &XObjectId, picture: &Picture) -> Vec<(XObjectId, XObject)> {
    let (width, height) = picture.pixels.dimensions();
    let name = |name: &str| DictItem::Name(name.as_bytes().to_vec());
    let dict = BTreeMap::from([
        ("Type".to_owned(), name("XObject")),
        ("Subtype".to_owned(), name("Image")),
        ("Width".to_owned(), DictItem::Int(i64::from(width))),
        ("Height".to_owned(), DictItem::Int(i64::from(height))),
        ("ColorSpace".to_owned(), name("DeviceRGB")),
        ("BitsPerComponent".to_owned(), DictItem::Int(8)),
    ]);
    let stream = ExternalStream { dict, content: picture.on_paper(), compress: true };
    vec![(id.clone(), XObject::External(ExternalXObject { stream, width: None, height: None, dpi: None }))]
}

fn placed(ops: &mut Vec<Op>, id: XObjectId, rect: Rect, page_height: f32, scale: (f32, f32)) {
    ops.push(Op::SaveGraphicsState);
    let (x, y) = (rect.x, page_height - rect.y - rect.h);
    ops.push(Op::SetTransformationMatrix { matrix: CurTransMat::Raw([scale.0, 0.0, 0.0, scale.1, x, y]) });
    let transform = XObjectTransform { no_auto_scale: true, ..XObjectTransform::default() };
    ops.push(Op::UseXobject { id, transform });
    ops.push(Op::RestoreGraphicsState);
}

/// What was said last, so that it is not said again.
#[derive(Default)]
struct State {
    fill: Option<Color>,
    stroke: Option<Color>,
    width: Option<f32>,
}

impl State {
    fn fill(&mut self, ops: &mut Vec<Op>, color: Color) {
        if self.fill != Some(color) {
            ops.push(Op::SetFillColor { col: ink(color) });
            self.fill = Some(color);
        }
    }

    fn stroke(&mut self, ops: &mut Vec<Op>, color: Color, width: f32) {
        if self.stroke != Some(color) {
            ops.push(Op::SetOutlineColor { col: ink(color) });
            self.stroke = Some(color);
        }
        if self.width != Some(width) {
            ops.push(Op::SetOutlineThickness { pt: Pt(width) });
            self.width = Some(width);
        }
    }
}

fn ink(Color(r, g, b): Color) -> Ink {
    let part = |part: u8| f32::from(part) / 255.0;
    Ink::Rgb(Rgb { r: part(r), g: part(g), b: part(b), icc_profile: None })
}

/// The letters that are used, renumbered, with their widths.
pub(super) fn subset(face: &Face, used: &BTreeSet<char>, name: &str) -> Result<ParsedFont, Error> {
    let glyphs: BTreeMap<char, (u16, u16)> =
        used.iter().filter_map(|letter| Some((*letter, face.glyph(*letter)?))).collect();
    let ids: Vec<u16> = glyphs.values().map(|(glyph, _)| *glyph).collect::<BTreeSet<_>>().into_iter().collect();
    let mapper = subsetter::GlyphRemapper::new_from_glyphs_sorted(&ids);
    let bytes = subsetter::subset(face.bytes(), 0, &mapper).map_err(Error::internal)?;
    let mut letters = BTreeMap::new();
    let mut widths = BTreeMap::new();
    for (letter, (glyph, advance)) in glyphs {
        let glyph = mapper.get(glyph).unwrap_or_default();
        letters.insert(u32::from(letter), glyph);
        widths.insert(glyph, advance);
    }
    let metrics = FontMetrics { ascent: face.ascender, descent: face.descender };
    let mut font = ParsedFont::with_glyph_data(bytes, 0, Some(name.to_owned()), letters, widths, face.units, metrics);
    let (x_min, y_min, x_max, y_max) = face.bounds;
    font.pdf_font_metrics.units_per_em = face.units;
    font.pdf_font_metrics.x_min = x_min;
    font.pdf_font_metrics.y_min = y_min;
    font.pdf_font_metrics.x_max = x_max;
    font.pdf_font_metrics.y_max = y_max;
    Ok(font)
}
