//! Setting: blocks become pieces that cannot be broken, and pieces fill pages.

use std::cell::{Cell as Counter, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::code_mark;
use super::font::Fonts;
use super::form::FormError;
use super::lines::Setting;
use super::markup::{Align, Block, Border, Cell, On, Place, Sheet, Table, Track};
use super::page::{Color, Document, MM, Mark, Page, Picture, Rect, SignatureBox};
use super::pieces::{HAIRLINE, Piece, height_of, outline, paginate, stacked, stripes, white};
use super::qr::{Level, Symbol};

/// A form that makes more pages than this has lost its mind.
const MOST_PAGES: usize = 500;
/// How small the letters of a label may get, as a share of what the form asks for.
const SMALLEST: f32 = 0.6;

/// Finds the pictures a form names.
pub type Pictures<'a> = &'a dyn Fn(&str) -> Result<Option<Arc<Picture>>, String>;

/// Codes by what they hold, their level, and the least version.
type Symbols = HashMap<(Vec<u8>, Level, i16), Arc<Symbol>>;

/// Sets a document.
///
/// # Errors
/// What a form asks for that cannot be: a picture that is not there, a code that holds too much, a label too small.
pub fn set(sheet: &Sheet, fonts: &Fonts, pictures: Pictures<'_>, place: &Place) -> Result<Document, FormError> {
    let mut setter = Setter {
        fonts,
        pictures,
        numbers: None,
        scale: 1.0,
        room: f32::INFINITY,
        optional: usize::MAX,
        optional_seen: Counter::new(0),
        symbols: RefCell::default(),
    };
    if sheet.single {
        return setter.single(sheet, place);
    }
    setter.paged(sheet, place)
}

struct Setter<'a> {
    fonts: &'a Fonts,
    pictures: Pictures<'a>,
    /// The page and how many there are; known for headers and footers only.
    numbers: Option<(usize, usize)>,
    /// Letters are made smaller by this on labels.
    scale: f32,
    /// The height of a page's text.
    room: f32,
    /// How many of the paragraphs that may be left out are set.
    optional: usize,
    optional_seen: Counter<usize>,
    /// Codes that were encoded: a label is set anew until it fits, and encoding costs more than all the rest.
    symbols: RefCell<Symbols>,
}

impl Setter<'_> {
    fn single(&mut self, sheet: &Sheet, place: &Place) -> Result<Document, FormError> {
        let (width, height) = sheet.size;
        let (top, right, bottom, left) = sheet.margin;
        let room = height - top - bottom;
        self.room = room;
        loop {
            self.optional_seen.set(0);
            let piece = stacked(self.pieces(&sheet.body, width - left - right)?);
            if piece.height <= room + 0.01 {
                // What is left over is shared, so that a label is not heavy at the top.
                let spare = (room - piece.height) / 2.0;
                let marks = piece.marks.into_iter().map(|mark| mark.moved(left, top + spare)).collect();
                let page = Page { width, height, marks };
                return Ok(Document {
                    title: sheet.title.clone(),
                    language: sheet.language.clone(),
                    code: None,
                    pages: vec![page],
                });
            }
            self.scale -= 0.04;
            if self.scale < SMALLEST {
                // The last thing that may be left out goes first.
                let Some(fewer) = self.optional.min(self.optional_seen.get()).checked_sub(1) else {
                    let (have, need) = (room / MM, piece.height / MM);
                    return Err(place.wrong(format!("the text needs {need:.1} mm, the label has {have:.1} mm")));
                };
                (self.optional, self.scale) = (fewer, 1.0);
            }
        }
    }

    fn paged(&mut self, sheet: &Sheet, place: &Place) -> Result<Document, FormError> {
        let (width, height) = sheet.size;
        let (top, right, bottom, left) = sheet.margin;
        let inner = width - left - right;
        if inner < 10.0 * MM {
            return Err(place.wrong("the margins leave no room for text"));
        }
        // Numbers of many digits, for the room they take.
        self.numbers = Some((888, 888));
        let below = stacked(self.pieces(&sheet.footer, inner)?).height;
        let above = |setter: &Self, first: bool| -> Result<f32, FormError> {
            Ok(stacked(setter.headers(sheet, first, inner)?).height)
        };
        let (first_top, rest_top) = (top + above(self, true)?, top + above(self, false)?);
        self.numbers = None;
        let limit = height - bottom - below;
        self.room = limit - rest_top.max(first_top);
        if self.room < 20.0 * MM {
            return Err(place.wrong("header and footer leave no room for text"));
        }
        let pieces = self.pieces(&sheet.body, inner)?;
        let mut pages = paginate(pieces, first_top, rest_top, limit, left);
        if pages.len() > MOST_PAGES {
            return Err(place.wrong(format!("the form makes {} pages", pages.len())));
        }
        let count = pages.len();
        for (index, marks) in pages.iter_mut().enumerate() {
            self.numbers = Some((index + 1, count));
            let header = stacked(self.headers(sheet, index == 0, inner)?);
            let footer = stacked(self.pieces(&sheet.footer, inner)?);
            marks.extend(header.marks.into_iter().map(|mark| mark.moved(left, top)));
            marks.extend(footer.marks.into_iter().map(|mark| mark.moved(left, limit)));
        }
        let pages = pages.into_iter().map(|marks| Page { width, height, marks }).collect();
        Ok(Document { title: sheet.title.clone(), language: sheet.language.clone(), code: None, pages })
    }

    fn headers(&self, sheet: &Sheet, first: bool, width: f32) -> Result<Vec<Piece>, FormError> {
        let mut pieces = Vec::new();
        for (on, blocks) in &sheet.headers {
            if matches!((on, first), (On::All, _) | (On::First, true) | (On::Rest, false)) {
                pieces.extend(self.pieces(blocks, width)?);
            }
        }
        Ok(pieces)
    }

    fn pieces(&self, blocks: &[Block], width: f32) -> Result<Vec<Piece>, FormError> {
        let mut pieces = Vec::new();
        for block in blocks {
            match block {
                Block::Paragraph(paragraph) => {
                    if paragraph.optional {
                        self.optional_seen.set(self.optional_seen.get() + 1);
                    }
                    if !paragraph.optional || self.optional_seen.get() <= self.optional {
                        pieces.extend(self.setting().paragraph(paragraph, width));
                    }
                }
                Block::Rule { width: thickness, color, after } => {
                    let y = thickness / 2.0;
                    let mark = Mark::Line { from: (0.0, y), to: (width, y), width: *thickness, color: *color };
                    pieces.push(Piece { height: *thickness, marks: vec![mark], ..Piece::default() });
                    pieces.push(white(*after, false));
                }
                Block::Space(height) => pieces.push(white(*height, false)),
                Block::Columns { tracks, gap, columns } => pieces.extend(self.columns(tracks, *gap, columns, width)?),
                Block::Table(table) => pieces.extend(self.table(table, width)?),
                Block::Image { src, width: wide, height, align, optional, place } => {
                    pieces.extend(self.image(src, *wide, *height, *align, *optional, place, width)?);
                }
                Block::Qr { data, size, level, least_version, sign, align, place } => {
                    let symbol = self.symbol(data, *level, *least_version, place)?;
                    let rect = Rect { x: align.offset(width, *size), y: 0.0, w: *size, h: *size };
                    let marks = code_mark::marks(symbol, rect, sign.as_deref(), self.fonts);
                    pieces.push(Piece { height: *size, marks, ..Piece::default() });
                }
                Block::Keep(blocks) => {
                    let kept = self.pieces(blocks, width)?;
                    // What no page could hold cannot be kept on one.
                    if height_of(&kept) <= self.room {
                        pieces.push(stacked(kept));
                    } else {
                        pieces.extend(kept);
                    }
                }
                Block::Frame { blocks, padding, border, fill, after } => {
                    pieces.extend(self.frame(blocks, *padding, *border, *fill, width)?);
                    pieces.push(white(*after, false));
                }
                Block::Break => pieces.push(Piece { breaks: true, ..Piece::default() }),
                Block::Signature { party, height } => {
                    let rect = Rect { x: 0.0, y: 0.0, w: width, h: *height };
                    let mark = Mark::Signature(SignatureBox { party: party.clone(), page: 0, rect });
                    pieces.push(Piece { height: *height, marks: vec![mark], ..Piece::default() });
                }
            }
        }
        Ok(pieces)
    }

    fn symbol(&self, data: &[u8], level: Level, least: i16, place: &Place) -> Result<Arc<Symbol>, FormError> {
        let key = (data.to_owned(), level, least);
        if let Some(symbol) = self.symbols.borrow().get(&key) {
            return Ok(symbol.clone());
        }
        let symbol = Symbol::at_least(data, level, least).ok_or_else(|| place.wrong("no QR code can hold so much"))?;
        let symbol = Arc::new(symbol);
        self.symbols.borrow_mut().insert(key, symbol.clone());
        Ok(symbol)
    }

    const fn setting(&self) -> Setting<'_> {
        Setting { fonts: self.fonts, numbers: self.numbers, scale: self.scale }
    }

    fn columns(&self, tracks: &[Track], gap: f32, columns: &[Vec<Block>], width: f32) -> Result<Vec<Piece>, FormError> {
        let gaps = gap * f32::from(u16::try_from(tracks.len().saturating_sub(1)).unwrap_or(u16::MAX));
        let widths = shared(tracks, width - gaps);
        let mut set = Vec::new();
        let mut x = 0.0;
        for (blocks, wide) in columns.iter().zip(widths) {
            set.push((x, self.pieces(blocks, wide)?));
            x += wide + gap;
        }
        let (places, columns): (Vec<f32>, Vec<Vec<Piece>>) = set.into_iter().unzip();
        let beside = |stripe: Vec<Piece>| {
            let mut row = Piece::default();
            for (column, x) in stripe.into_iter().zip(&places) {
                row.height = row.height.max(column.height);
                row.marks.extend(column.marks.into_iter().map(|mark| mark.moved(*x, 0.0)));
            }
            row
        };
        Ok(stripes(columns, self.room).into_iter().map(beside).collect())
    }

    /// A frame: one piece, or several with open ends where no page could hold it.
    fn frame(
        &self,
        blocks: &[Block],
        padding: f32,
        border: f32,
        fill: Option<Color>,
        width: f32,
    ) -> Result<Vec<Piece>, FormError> {
        let parts = stripes(vec![self.pieces(blocks, width - 2.0 * padding)?], self.room - 2.0 * padding);
        let last = parts.len().saturating_sub(1);
        let framed = |(index, part): (usize, Vec<Piece>)| {
            let inside = stacked(part);
            let above = if index == 0 { padding } else { 0.0 };
            let height = inside.height + above + if index == last { padding } else { 0.0 };
            let rect = Rect { x: 0.0, y: 0.0, w: width, h: height };
            let mut piece = Piece { height, ..Piece::default() };
            piece.marks.extend(fill.map(|color| Mark::Fill { rect, color }));
            if border > 0.0 {
                piece.marks.extend(outline(rect, border, Color::BLACK, (index == 0, index == last)));
            }
            piece.marks.extend(inside.marks.into_iter().map(|mark| mark.moved(padding, above)));
            piece
        };
        Ok(parts.into_iter().enumerate().map(framed).collect())
    }

    #[expect(clippy::too_many_arguments, reason = "they are the attributes of one element")]
    fn image(
        &self,
        src: &str,
        width: Option<f32>,
        height: Option<f32>,
        align: Align,
        optional: bool,
        place: &Place,
        room: f32,
    ) -> Result<Option<Piece>, FormError> {
        let picture = (self.pictures)(src).map_err(|reason| place.wrong(format!("{src}: {reason}")))?;
        let Some(picture) = picture else {
            return if optional { Ok(None) } else { Err(place.wrong(format!("there is no picture {src}"))) };
        };
        let (wide, high) = picture.pixels.dimensions();
        let side = |pixels: u32| f32::from(u16::try_from(pixels.max(1)).unwrap_or(u16::MAX));
        let ratio = side(wide) / side(high);
        let most_w = width.unwrap_or(room).min(room);
        let most_h = height.unwrap_or(self.room).min(self.room);
        let (w, h) = if most_h * ratio <= most_w { (most_h * ratio, most_h) } else { (most_w, most_w / ratio) };
        let rect = Rect { x: align.offset(room, w), y: 0.0, w, h };
        Ok(Some(Piece { height: h, marks: vec![Mark::Picture { rect, picture }], ..Piece::default() }))
    }

    fn table(&self, table: &Table, width: f32) -> Result<Vec<Piece>, FormError> {
        let widths = shared(&table.tracks, width);
        if widths.iter().any(|column| *column <= 2.0 * table.padding.1) {
            return Err(table.place.wrong("a column of the table has no room for text"));
        }
        let mut head = Vec::new();
        for row in &table.head {
            head.extend(self.row(table, row, &widths)?);
        }
        let repeated = (!head.is_empty()).then(|| Rc::new(stacked(head.clone())));
        let mut pieces = Vec::new();
        for mut piece in head {
            piece.keep = true;
            pieces.push(piece);
        }
        let first = pieces.len();
        for row in &table.rows {
            pieces.extend(self.row(table, row, &widths)?);
        }
        if let Some(last) = pieces.last_mut().filter(|_| !table.foot.is_empty()) {
            last.keep = true;
        }
        for row in &table.foot {
            pieces.extend(self.row(table, row, &widths)?.into_iter().map(|piece| Piece { keep: true, ..piece }));
        }
        if let Some(last) = pieces.last_mut() {
            last.keep = table.keep_with_next;
        }
        for piece in pieces.iter_mut().skip(first) {
            piece.head.clone_from(&repeated);
        }
        if table.border == Border::Box {
            let total: f32 = widths.iter().sum();
            let edge = |y: f32| Mark::Line { from: (0.0, y), to: (total, y), width: HAIRLINE, color: Color::BLACK };
            if let Some(top) = pieces.first_mut() {
                top.marks.push(edge(0.0));
            }
            if let Some(bottom) = pieces.last_mut() {
                bottom.marks.push(edge(bottom.height));
            }
        }
        pieces.push(white(table.after, table.keep_with_next));
        Ok(pieces)
    }

    /// A row: one piece, or several when no page could hold it.
    fn row(&self, table: &Table, cells: &[Cell], widths: &[f32]) -> Result<Vec<Piece>, FormError> {
        let (vertical, horizontal) = table.padding;
        let mut columns: Vec<(f32, f32, Option<Color>, Vec<Piece>)> = Vec::new();
        let mut x = 0.0;
        let mut at = 0;
        for cell in cells {
            let wide: f32 = widths.iter().skip(at).take(cell.span).sum();
            columns.push((x, wide, cell.fill, self.pieces(&cell.blocks, wide - 2.0 * horizontal)?));
            x += wide;
            at += cell.span;
        }
        let (places, contents): (Vec<CellPlace>, Vec<Vec<Piece>>) =
            columns.into_iter().map(|(x, wide, fill, pieces)| ((x, wide, fill), pieces)).unzip();
        let parts = stripes(contents, self.room * 0.9 - 2.0 * vertical);
        let last = parts.len().saturating_sub(1);
        let part = |(index, stripe): (usize, Vec<Piece>)| {
            let cells = places.iter().copied().zip(stripe).collect();
            bordered(table, cells, (index == 0, index == last))
        };
        Ok(parts.into_iter().enumerate().map(part).collect())
    }
}

/// A cell's left edge, width and ground.
type CellPlace = (f32, f32, Option<Color>);

/// A row, or a part of one: its first and its last have their ends closed.
fn bordered(table: &Table, cells: Vec<(CellPlace, Piece)>, ends: (bool, bool)) -> Piece {
    let (vertical, horizontal) = table.padding;
    let above = if ends.0 { vertical } else { 0.0 };
    let below = if ends.1 { vertical } else { 0.0 };
    let height = cells.iter().map(|(_, content)| content.height).fold(0.0, f32::max) + above + below;
    let mut row = Piece { height, ..Piece::default() };
    let last = cells.len().saturating_sub(1);
    for (index, ((x, wide, fill), content)) in cells.into_iter().enumerate() {
        let rect = Rect { x, y: 0.0, w: wide, h: height };
        row.marks.extend(fill.map(|color| Mark::Fill { rect, color }));
        let line = |from, to| Mark::Line { from, to, width: HAIRLINE, color: Color::BLACK };
        match table.border {
            Border::None => {}
            Border::Grid => row.marks.extend(outline(rect, HAIRLINE, Color::BLACK, ends)),
            Border::Rows if ends.1 => row.marks.push(line((x, height), (x + wide, height))),
            Border::Rows => {}
            Border::Box => {
                if index == 0 {
                    row.marks.push(line((x, 0.0), (x, height)));
                }
                if index == last {
                    row.marks.push(line((x + wide, 0.0), (x + wide, height)));
                }
            }
        }
        row.marks.extend(content.marks.into_iter().map(|mark| mark.moved(x + horizontal, above)));
    }
    row
}

/// Shares a width among tracks.
fn shared(tracks: &[Track], width: f32) -> Vec<f32> {
    let fixed: f32 = tracks.iter().map(|track| if let Track::Fixed(fixed) = track { *fixed } else { 0.0 }).sum();
    let shares: f32 = tracks.iter().map(|track| if let Track::Share(share) = track { *share } else { 0.0 }).sum();
    let left = (width - fixed).max(0.0);
    let one = |track: &Track| match track {
        // Fixed columns that are too wide together shrink alike.
        Track::Fixed(fixed_width) if fixed > width => fixed_width * width / fixed,
        Track::Fixed(fixed_width) => *fixed_width,
        Track::Share(share) => left * share / shares,
    };
    tracks.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_shared() {
        assert_eq!(shared(&[Track::Fixed(10.0), Track::Share(1.0), Track::Share(3.0)], 50.0), [10.0, 10.0, 30.0]);
        assert_eq!(shared(&[Track::Fixed(60.0), Track::Fixed(40.0)], 50.0), [30.0, 20.0]);
    }
}
