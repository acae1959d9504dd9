//! A signed copy: the frozen document, byte for byte, and behind it what was added by signing.
//!
//! PDF allows a file to be continued: the bytes of the frozen document stand unchanged at the beginning, a revision after
//! them draws the signatures into their places and adds the sheet that tells who signed, when and how. Cutting the file
//! at the length of the original gives the original, with its hash.

use std::collections::BTreeMap;

use lopdf::{Dictionary, Document as File, IncrementalDocument, Object, ObjectId, Stream, StringFormat};

use super::attach::{Attachment, attach};
use super::font::{Fonts, Weight};
use super::page::{Color, Document, Mark, Page, Picture, Rect, SignatureBox};
use super::pdf;
use crate::db::types::{Sha256, Timestamp};
use crate::error::Error;

/// The ink of signatures.
const INK: Color = Color(0x10, 0x2a, 0x6b);

/// What a party drew.
#[derive(Debug, Clone)]
pub enum Drawing {
    /// Strokes, in the units of the pad they were drawn on.
    Ink {
        /// The pad's width and height.
        pad: (f32, f32),
        /// Each stroke's points.
        strokes: Vec<Vec<(f32, f32)>>,
    },
    /// A picture.
    Image(std::sync::Arc<Picture>),
}

/// What stands in a party's place of the frozen document once it has decided.
#[derive(Debug, Clone)]
pub struct Hand {
    /// What was drawn; nothing is shown of somebody who refused.
    pub drawing: Option<Drawing>,
    /// Who it was, or that they refused.
    pub caption: String,
}

/// How many pages a document has.
///
/// # Errors
/// When it is no PDF.
pub fn pages(bytes: &[u8]) -> Result<usize, Error> {
    Ok(File::load_mem(bytes).map_err(Error::internal)?.get_pages().len())
}

/// Points at the bottom of a place that the caption stands in.
const CAPTION: f32 = 10.0;
/// How large the letters of a caption are, and how small they may get.
const CAPTION_SIZES: (f32, f32) = (7.5, 5.0);

/// Adds signatures to a frozen document.
///
/// `places` is where people sign in it; `sheet` is the sheet of signatures, set; `hands` is what each party left;
/// `attachment` is data that belongs to the document.
///
/// # Errors
/// When the frozen document is none of ours.
pub fn countersign(
    frozen: &[u8],
    places: &[SignatureBox],
    mut sheet: Document,
    hands: &BTreeMap<String, Hand>,
    attachment: Option<&Attachment>,
    fonts: &Fonts,
    at: Timestamp,
) -> Result<Vec<u8>, Error> {
    let original = File::load_mem(frozen).map_err(Error::internal)?;
    let pages: Vec<ObjectId> = original.get_pages().into_values().collect();
    let mut overlays: Vec<(ObjectId, Page)> = Vec::new();
    for (index, id) in pages.iter().enumerate() {
        let drawn = places.iter().filter(|place| place.page == index);
        let marks: Vec<Mark> =
            drawn.filter_map(|place| Some(left_by(hands.get(&place.party)?, place.rect, fonts))).flatten().collect();
        if !marks.is_empty() {
            let (width, height) = size(&original, *id)?;
            overlays.push((*id, Page { width, height, marks }));
        }
    }
    for page in &mut sheet.pages {
        let places: Vec<SignatureBox> = page
            .marks
            .iter()
            .filter_map(|mark| if let Mark::Signature(place) = mark { Some(place.clone()) } else { None })
            .collect();
        for place in places {
            let drawing = hands.get(&place.party).and_then(|hand| hand.drawing.as_ref());
            page.marks.extend(drawing.map(|drawing| fitted(drawing, place.rect)).unwrap_or_default());
        }
    }
    let mut additions = sheet.clone();
    additions.pages = overlays.iter().map(|(_, page)| page.clone()).chain(sheet.pages).collect();
    append(frozen, original, &additions, &overlays, attachment, fonts, at)
}

/// A drawing with its caption below.
fn left_by(hand: &Hand, place: Rect, fonts: &Fonts) -> Vec<Mark> {
    let above = Rect { h: place.h - CAPTION, ..place };
    let mut marks = hand.drawing.as_ref().map(|drawing| fitted(drawing, above)).unwrap_or_default();
    let face = fonts.face(Weight::Regular);
    let mut text = face.showable(&hand.caption);
    let wide = |text: &str, size: f32| text.chars().map(|letter| face.width(letter, size)).sum::<f32>();
    let (largest, smallest) = CAPTION_SIZES;
    let size = (largest * place.w / wide(&text, largest).max(1.0)).clamp(smallest, largest);
    while wide(&text, size) > place.w && text.pop().is_some() {
        text.pop();
        text.push('…');
    }
    let x = place.x + (place.w - wide(&text, size)) / 2.0;
    let y = place.y + place.h - 2.5;
    marks.push(Mark::Text { x, y, weight: Weight::Regular, size, color: INK, text });
    marks
}

/// How much larger than on its pad a drawing may become.
const LARGEST: f32 = 2.0;

/// A drawing in its place: as large as it can be, in the middle, standing on the line.
fn fitted(drawing: &Drawing, place: Rect) -> Vec<Mark> {
    match drawing {
        Drawing::Ink { pad, strokes } => {
            let points = || strokes.iter().flatten();
            let (left, right) = points().fold((f32::MAX, f32::MIN), |(low, high), (x, _)| (low.min(*x), high.max(*x)));
            let (top, bottom) = points().fold((f32::MAX, f32::MIN), |(low, high), (_, y)| (low.min(*y), high.max(*y)));
            let (wide, high) = ((right - left).max(1.0), (bottom - top).max(1.0));
            let margin = 2.0;
            let whole_pad = (place.w / pad.0.max(1.0)).min(place.h / pad.1.max(1.0));
            let scale = ((place.w - 2.0 * margin) / wide).min((place.h - 2.0 * margin) / high);
            let scale = scale.min(whole_pad * LARGEST);
            let x = place.x + (place.w - wide * scale) / 2.0;
            let y = place.y + place.h - margin - high * scale;
            let moved = |(px, py): &(f32, f32)| (x + (px - left) * scale, y + (py - top) * scale);
            let strokes = strokes.iter().map(|stroke| stroke.iter().map(moved).collect()).collect();
            vec![Mark::Strokes { strokes, width: 1.1, color: INK }]
        }
        Drawing::Image(picture) => {
            let (wide, high) = picture.pixels.dimensions();
            let side = |pixels: u32| f32::from(u16::try_from(pixels.max(1)).unwrap_or(u16::MAX));
            let scale = (place.w / side(wide)).min(place.h / side(high));
            let (w, h) = (side(wide) * scale, side(high) * scale);
            let rect = Rect { x: place.x + (place.w - w) / 2.0, y: place.y + place.h - h, w, h };
            vec![Mark::Picture { rect, picture: picture.clone() }]
        }
    }
}

fn size(file: &File, page: ObjectId) -> Result<(f32, f32), Error> {
    let dictionary = file.get_dictionary(page).map_err(Error::internal)?;
    let media = dictionary.get(b"MediaBox").and_then(Object::as_array).map_err(Error::internal)?;
    let number = |index: usize| media.get(index).and_then(|object| object.as_float().ok()).unwrap_or_default();
    Ok((number(2), number(3)))
}

/// Writes the additions as a document of their own, and takes its pages over into a new revision of the original: the
/// first ones are laid over the original's pages, the others follow them.
fn append(
    frozen: &[u8],
    original: File,
    additions: &Document,
    overlays: &[(ObjectId, Page)],
    attachment: Option<&Attachment>,
    fonts: &Fonts,
    at: Timestamp,
) -> Result<Vec<u8>, Error> {
    let bytes = pdf::write(additions, fonts, at)?;
    let mut added = File::load_mem(&bytes).map_err(Error::internal)?;
    added.renumber_objects_with(original.max_id + 1);
    let added_pages: Vec<ObjectId> = added.get_pages().into_values().collect();
    let catalog = original.catalog().map_err(Error::internal)?;
    let tree = catalog.get(b"Pages").and_then(Object::as_reference).map_err(Error::internal)?;
    let mut revision = IncrementalDocument::create_from(frozen.to_vec(), original);
    revision.new_document.max_id = added.max_id;
    for (id, object) in &added.objects {
        let kind = object.as_dict().ok().and_then(|dictionary| dictionary.get(b"Type").and_then(Object::as_name).ok());
        if !matches!(kind, Some(b"Catalog" | b"Pages")) {
            revision.new_document.set_object(*id, object.clone());
        }
    }
    for ((page, _), overlay) in overlays.iter().zip(&added_pages) {
        lay_over(&mut revision, *page, &added, *overlay)?;
        revision.new_document.objects.remove(overlay);
    }
    let sheets: Vec<ObjectId> = added_pages.iter().skip(overlays.len()).copied().collect();
    for sheet in &sheets {
        let page =
            revision.new_document.get_object_mut(*sheet).and_then(Object::as_dict_mut).map_err(Error::internal)?;
        page.set("Parent", Object::Reference(tree));
    }
    revision.opt_clone_object_to_new_document(tree).map_err(Error::internal)?;
    let pages = revision.new_document.get_object_mut(tree).and_then(Object::as_dict_mut).map_err(Error::internal)?;
    let mut kids = pages.get(b"Kids").and_then(Object::as_array).map_err(Error::internal)?.clone();
    kids.extend(sheets.iter().map(|sheet| Object::Reference(*sheet)));
    pages.set("Count", i64::try_from(kids.len()).unwrap_or_default());
    pages.set("Kids", kids);
    let mut added = bytes;
    if let Some(attachment) = attachment {
        attach(&mut revision, attachment, at).map_err(Error::internal)?;
        added.extend(&attachment.bytes);
    }
    name_revision(&mut revision, &added);
    let mut out = Vec::new();
    revision.save_to(&mut out).map_err(Error::internal)?;
    if out.starts_with(frozen) { Ok(out) } else { Err(Error::internal("the frozen bytes did not stay")) }
}

/// The second part of a file's id tells revisions apart. Made of what was added, so that the same signatures give the
/// same file.
fn name_revision(revision: &mut IncrementalDocument, added: &[u8]) {
    let first = revision
        .get_prev_documents()
        .trailer
        .get(b"ID")
        .and_then(Object::as_array)
        .ok()
        .and_then(|id| id.first().cloned());
    if let Some(first) = first {
        let second =
            Object::String(Sha256::of(added).0.get(..16).unwrap_or_default().to_vec(), StringFormat::Hexadecimal);
        revision.new_document.trailer.set("ID", vec![first, second]);
    }
}

/// Draws a page of the additions over a page of the original.
fn lay_over(revision: &mut IncrementalDocument, page: ObjectId, added: &File, overlay: ObjectId) -> Result<(), Error> {
    let source = added.get_dictionary(overlay).map_err(Error::internal)?;
    let content = added.get_page_content(overlay);
    let resources = source.get(b"Resources").map_err(Error::internal)?.clone();
    let media = source.get(b"MediaBox").map_err(Error::internal)?.clone();
    let dictionary = Dictionary::from_iter([
        ("Type", Object::Name(b"XObject".to_vec())),
        ("Subtype", Object::Name(b"Form".to_vec())),
        ("BBox", media),
        ("Resources", resources),
    ]);
    let mut form = Stream::new(dictionary, content);
    // A stream that cannot be packed stays as it is.
    let _ = form.compress();
    let form = revision.new_document.add_object(form);
    let before = revision.new_document.add_object(Stream::new(Dictionary::new(), b"q\n".to_vec()));
    let after = revision.new_document.add_object(Stream::new(Dictionary::new(), b"\nQ\nq /Signed Do Q\n".to_vec()));
    let previous = revision.get_prev_documents();
    let mut dictionary = previous.get_dictionary(page).map_err(Error::internal)?.clone();
    let resolve = |object: &Object| match object {
        Object::Reference(id) => previous.get_dictionary(*id).cloned(),
        other => other.as_dict().cloned(),
    };
    let mut resources = dictionary.get(b"Resources").and_then(resolve).map_err(Error::internal)?;
    let mut xobjects = resources.get(b"XObject").and_then(resolve).unwrap_or_default();
    let mut contents = vec![Object::Reference(before)];
    match dictionary.get(b"Contents").map_err(Error::internal)? {
        Object::Array(parts) => contents.extend(parts.iter().cloned()),
        part => contents.push(part.clone()),
    }
    contents.push(Object::Reference(after));
    xobjects.set("Signed", Object::Reference(form));
    resources.set("XObject", xobjects);
    dictionary.set("Resources", resources);
    dictionary.set("Contents", contents);
    revision.new_document.set_object(page, dictionary);
    Ok(())
}
