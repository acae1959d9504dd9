//! Setting: blocks become pieces that cannot be broken, and pieces fill pages.

use std::rc::Rc;
use std::sync::Arc;

use super::font::{Fonts, Weight};
use super::form::FormError;
use super::markup::{Align, Block, Border, Cell, Inline, On, Paragraph, Place, Sheet, Style, Table, Track};
use super::page::{Color, Document, MM, Mark, Page, Picture, Rect, SignatureBox};
use super::qr::Symbol;

/// Line height and baseline, in sizes of the letters.
const LEADING: f32 = 1.22;
const BASELINE: f32 = 0.94;
/// Lines of tables.
const HAIRLINE: f32 = 0.6;
/// A form that makes more pages than this has lost its mind.
const MOST_PAGES: usize = 2_000;
/// How small the letters of a label may get, as a share of what the form asks for.
const SMALLEST: f32 = 0.6;

/// Finds the pictures a form names.
pub type Pictures<'a> = &'a dyn Fn(&str) -> Result<Option<Arc<Picture>>, String>;

/// Sets a document.
///
/// # Errors
/// What a form asks for that cannot be: a picture that is not there, a code that holds too much, a label too small.
pub fn set(sheet: &Sheet, fonts: &Fonts, pictures: Pictures<'_>, place: &Place) -> Result<Document, FormError> {
    let mut setter = Setter { fonts, pictures, numbers: None, scale: 1.0, room: 0.0 };
    if sheet.single {
        return setter.single(sheet, place);
    }
    setter.paged(sheet, place)
}

/// Something that is not broken over two pages.
#[derive(Debug, Clone, Default)]
struct Piece {
    height: f32,
    marks: Vec<Mark>,
    /// Stays with the next piece.
    keep: bool,
    /// White: not needed at the top of a page.
    white: bool,
    /// Begins a new page.
    breaks: bool,
    /// What is repeated above it at the top of a page: a table's head.
    head: Option<Rc<Piece>>,
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
}

impl Setter<'_> {
    fn single(&mut self, sheet: &Sheet, place: &Place) -> Result<Document, FormError> {
        let (width, height) = sheet.size;
        let (top, right, bottom, left) = sheet.margin;
        let room = height - top - bottom;
        self.room = room;
        loop {
            let piece = stacked(self.pieces(&sheet.body, width - left - right)?);
            if piece.height <= room + 0.01 {
                // What is left over is shared, so that a label is not heavy at the top.
                let spare = (room - piece.height) / 2.0;
                let marks = piece.marks.into_iter().map(|mark| mark.moved(left, top + spare)).collect();
                let page = Page { width, height, marks };
                return Ok(Document {
                    title: sheet.title.clone(),
                    language: sheet.language.clone(),
                    pages: vec![page],
                });
            }
            self.scale -= 0.04;
            if self.scale < SMALLEST {
                let (have, need) = (room / MM, piece.height / MM);
                return Err(place.wrong(format!("the text needs {need:.1} mm, the label has {have:.1} mm")));
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
        Ok(Document { title: sheet.title.clone(), language: sheet.language.clone(), pages })
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
                Block::Paragraph(paragraph) => pieces.extend(self.paragraph(paragraph, width)),
                Block::Rule { width: thickness, color, after } => {
                    let y = thickness / 2.0;
                    let mark = Mark::Line { from: (0.0, y), to: (width, y), width: *thickness, color: *color };
                    pieces.push(Piece { height: *thickness, marks: vec![mark], ..Piece::default() });
                    pieces.push(white(*after, false));
                }
                Block::Space(height) => pieces.push(white(*height, false)),
                Block::Columns { tracks, gap, columns } => pieces.push(self.columns(tracks, *gap, columns, width)?),
                Block::Table(table) => pieces.extend(self.table(table, width)?),
                Block::Image { src, width: wide, height, align, optional, place } => {
                    pieces.extend(self.image(src, *wide, *height, *align, *optional, place, width)?);
                }
                Block::Qr { data, size, level, align, place } => {
                    let symbol = Symbol::new(data.as_bytes(), *level)
                        .ok_or_else(|| place.wrong("no QR code can hold so much"))?;
                    let rect = Rect { x: offset(*align, width, *size), y: 0.0, w: *size, h: *size };
                    let mark = Mark::Qr { rect, symbol: Arc::new(symbol) };
                    pieces.push(Piece { height: *size, marks: vec![mark], ..Piece::default() });
                }
                Block::Keep(blocks) => pieces.push(stacked(self.pieces(blocks, width)?)),
                Block::Frame { blocks, padding, border, fill, after } => {
                    pieces.push(self.frame(blocks, *padding, *border, *fill, width)?);
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

    fn paragraph(&self, paragraph: &Paragraph, width: f32) -> Vec<Piece> {
        let lines = self.fitted(paragraph, width);
        let count = lines.len();
        let mut pieces: Vec<Piece> =
            lines.into_iter().map(|line| line.piece(self.fonts, paragraph.align, width)).collect();
        for (index, piece) in pieces.iter_mut().enumerate() {
            // No single line of a paragraph stands alone on a page.
            piece.keep = paragraph.keep_with_next || (count > 2 && (index == 0 || index + 2 == count));
        }
        if paragraph.after > 0.0 {
            pieces.push(white(paragraph.after, paragraph.keep_with_next));
        }
        pieces
    }

    /// The lines of a paragraph; smaller, then cut short, when it may not have as many as it needs.
    fn fitted(&self, paragraph: &Paragraph, width: f32) -> Vec<Line> {
        let Some(most) = paragraph.max_lines else { return self.lines(paragraph, width, 1.0) };
        let largest = paragraph.inlines.iter().filter_map(Inline::size).fold(paragraph.min_size, f32::max);
        let mut share = 1.0;
        loop {
            let mut lines = self.lines(paragraph, width, share);
            if lines.len() <= most {
                return lines;
            }
            if largest * share <= paragraph.min_size {
                lines.truncate(most);
                if let Some(last) = lines.last_mut() {
                    last.end_in_ellipsis(self.fonts, width);
                }
                return lines;
            }
            share = (share - 0.04).max(paragraph.min_size / largest);
        }
    }

    fn lines(&self, paragraph: &Paragraph, width: f32, share: f32) -> Vec<Line> {
        let mut letters: Vec<Letter> = Vec::new();
        for inline in &paragraph.inlines {
            let (style, text) = match inline {
                Inline::Text(style, text) => (*style, text.clone()),
                Inline::Break => {
                    letters.push(Letter { letter: '\n', style: None, width: 0.0 });
                    continue;
                }
                Inline::PageNumber(style) => {
                    (*style, self.numbers.map(|(page, _)| page.to_string()).unwrap_or_default())
                }
                Inline::PageCount(style) => {
                    (*style, self.numbers.map(|(_, pages)| pages.to_string()).unwrap_or_default())
                }
            };
            let style = Style { size: style.size * share * self.scale, ..style };
            let face = self.fonts.face(style.weight);
            for letter in face.showable(&text.replace('\n', " ")).chars() {
                letters.push(Letter { letter, style: Some(style), width: face.width(letter, style.size) });
            }
        }
        broken(&letters, width, fallback_style(paragraph, share * self.scale))
    }

    fn columns(&self, tracks: &[Track], gap: f32, columns: &[Vec<Block>], width: f32) -> Result<Piece, FormError> {
        let gaps = gap * f32::from(u16::try_from(tracks.len().saturating_sub(1)).unwrap_or(u16::MAX));
        let widths = shared(tracks, width - gaps);
        let mut row = Piece::default();
        let mut x = 0.0;
        for (blocks, wide) in columns.iter().zip(widths) {
            let column = stacked(self.pieces(blocks, wide)?);
            row.height = row.height.max(column.height);
            row.marks.extend(column.marks.into_iter().map(|mark| mark.moved(x, 0.0)));
            x += wide + gap;
        }
        Ok(row)
    }

    fn frame(
        &self,
        blocks: &[Block],
        padding: f32,
        border: f32,
        fill: Option<Color>,
        width: f32,
    ) -> Result<Piece, FormError> {
        let inside = stacked(self.pieces(blocks, width - 2.0 * padding)?);
        let height = inside.height + 2.0 * padding;
        let mut piece = Piece { height, ..Piece::default() };
        let rect = Rect { x: 0.0, y: 0.0, w: width, h: height };
        piece.marks.extend(fill.map(|color| Mark::Fill { rect, color }));
        if border > 0.0 {
            piece.marks.extend(outline(rect, border, Color::BLACK));
        }
        piece.marks.extend(inside.marks.into_iter().map(|mark| mark.moved(padding, padding)));
        Ok(piece)
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
        let (w, h) = match height {
            Some(height) if height * ratio <= most_w => (height * ratio, height),
            _ => (most_w, most_w / ratio),
        };
        let rect = Rect { x: offset(align, room, w), y: 0.0, w, h };
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
            last.keep = false;
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
        pieces.push(white(table.after, false));
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
        let tallest =
            columns.iter().map(|(.., pieces)| pieces.iter().map(|piece| piece.height).sum()).fold(0.0, f32::max);
        let most = self.room * 0.6 - 2.0 * vertical;
        if tallest + 2.0 * vertical <= self.room * 0.9 || most <= 0.0 {
            let cells = columns.into_iter().map(|(x, wide, fill, pieces)| (x, wide, fill, stacked(pieces)));
            return Ok(vec![bordered(table, cells.collect())]);
        }
        let mut rows = Vec::new();
        loop {
            let mut part = Vec::new();
            for (x, wide, fill, pieces) in &mut columns {
                let mut height = 0.0;
                let fit = pieces.iter().take_while(|piece| {
                    height += piece.height;
                    height <= most
                });
                let fit = fit.count().max(1).min(pieces.len());
                part.push((*x, *wide, *fill, stacked(pieces.drain(..fit).collect())));
            }
            rows.push(bordered(table, part));
            if columns.iter().all(|(.., pieces)| pieces.is_empty()) {
                return Ok(rows);
            }
        }
    }
}

fn bordered(table: &Table, cells: Vec<(f32, f32, Option<Color>, Piece)>) -> Piece {
    let (vertical, horizontal) = table.padding;
    let height = cells.iter().map(|(.., content)| content.height).fold(0.0, f32::max) + 2.0 * vertical;
    let mut row = Piece { height, ..Piece::default() };
    let last = cells.len().saturating_sub(1);
    for (index, (x, wide, fill, content)) in cells.into_iter().enumerate() {
        let rect = Rect { x, y: 0.0, w: wide, h: height };
        row.marks.extend(fill.map(|color| Mark::Fill { rect, color }));
        let line = |from, to| Mark::Line { from, to, width: HAIRLINE, color: Color::BLACK };
        match table.border {
            Border::None => {}
            Border::Grid => row.marks.extend(outline(rect, HAIRLINE, Color::BLACK)),
            Border::Rows => row.marks.push(line((x, height), (x + wide, height))),
            Border::Box => {
                if index == 0 {
                    row.marks.push(line((x, 0.0), (x, height)));
                }
                if index == last {
                    row.marks.push(line((x + wide, 0.0), (x + wide, height)));
                }
            }
        }
        row.marks.extend(content.marks.into_iter().map(|mark| mark.moved(x + horizontal, vertical)));
    }
    row
}

fn outline(rect: Rect, width: f32, color: Color) -> [Mark; 4] {
    let Rect { x, y, w, h } = rect;
    let line = |from, to| Mark::Line { from, to, width, color };
    [
        line((x, y), (x + w, y)),
        line((x + w, y), (x + w, y + h)),
        line((x, y + h), (x + w, y + h)),
        line((x, y), (x, y + h)),
    ]
}

const fn white(height: f32, keep: bool) -> Piece {
    Piece { height, marks: Vec::new(), keep, white: true, breaks: false, head: None }
}

fn offset(align: Align, room: f32, width: f32) -> f32 {
    match align {
        Align::Left => 0.0,
        Align::Center => (room - width) / 2.0,
        Align::Right => room - width,
    }
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

fn stacked(pieces: Vec<Piece>) -> Piece {
    let mut whole = Piece::default();
    for piece in pieces {
        let y = whole.height;
        whole.marks.extend(piece.marks.into_iter().map(|mark| mark.moved(0.0, y)));
        whole.height += piece.height;
    }
    whole
}

/// Fills pages with pieces: what stays together goes over together, a table's head comes again.
fn paginate(pieces: Vec<Piece>, first_top: f32, rest_top: f32, limit: f32, left: f32) -> Vec<Vec<Mark>> {
    let mut pages: Vec<Vec<Mark>> = vec![Vec::new()];
    let mut y = first_top;
    let mut empty = true;
    let mut pieces = pieces.into_iter().peekable();
    let turn = |pages: &mut Vec<Vec<Mark>>, y: &mut f32, empty: &mut bool| {
        pages.push(Vec::new());
        *y = rest_top;
        *empty = true;
    };
    while let Some(piece) = pieces.next() {
        if piece.breaks {
            if !empty {
                turn(&mut pages, &mut y, &mut empty);
            }
            continue;
        }
        let mut group = vec![piece];
        while group.last().is_some_and(|last| last.keep)
            && let Some(next) = pieces.next_if(|next| !next.breaks)
        {
            group.push(next);
        }
        let height: f32 = group.iter().map(|piece| piece.height).sum();
        let repeated = group.first().and_then(|piece| piece.head.as_ref()).map_or(0.0, |head| head.height);
        if !empty && y + height > limit && height + repeated <= limit - rest_top {
            turn(&mut pages, &mut y, &mut empty);
        }
        for piece in group {
            if piece.white && (empty || y + piece.height > limit) {
                continue;
            }
            if !empty && y + piece.height > limit {
                turn(&mut pages, &mut y, &mut empty);
            }
            let Some(page) = pages.last_mut() else { continue };
            if empty && let Some(head) = &piece.head {
                page.extend(head.marks.iter().cloned().map(|mark| mark.moved(left, y)));
                y += head.height;
            }
            page.extend(piece.marks.into_iter().map(|mark| mark.moved(left, y)));
            y += piece.height;
            empty = false;
        }
    }
    pages
}

impl Inline {
    const fn size(&self) -> Option<f32> {
        match self {
            Self::Text(style, _) | Self::PageNumber(style) | Self::PageCount(style) => Some(style.size),
            Self::Break => None,
        }
    }
}

fn fallback_style(paragraph: &Paragraph, share: f32) -> Style {
    let size = paragraph.inlines.iter().find_map(Inline::size).unwrap_or(9.0) * share;
    Style { weight: Weight::Regular, size, color: Color::BLACK }
}

/// A letter with its looks and width; no looks for a forced new line.
#[derive(Debug, Clone, Copy)]
struct Letter {
    letter: char,
    style: Option<Style>,
    width: f32,
}

/// A line of text.
#[derive(Debug, Clone)]
struct Line {
    letters: Vec<Letter>,
    /// How high an empty line is.
    size: f32,
}

/// Breaks text into lines: at spaces, after hyphens, and within a word that is wider than the line.
fn broken(letters: &[Letter], width: f32, fallback: Style) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut line: Vec<Letter> = Vec::new();
    let mut wide = 0.0;
    // Where the line may end: letters kept, letters dropped.
    let mut chance: Option<(usize, usize)> = None;
    let finish = |line: &mut Vec<Letter>, lines: &mut Vec<Line>| {
        while line.last().is_some_and(|last| last.letter == ' ') {
            line.pop();
        }
        lines.push(Line { letters: std::mem::take(line), size: fallback.size });
    };
    for letter in letters {
        if letter.letter == '\n' {
            finish(&mut line, &mut lines);
            (wide, chance) = (0.0, None);
            continue;
        }
        let space = letter.letter == ' ';
        if space && line.last().is_none_or(|last| last.letter == ' ') {
            continue;
        }
        line.push(*letter);
        wide += letter.width;
        if space {
            chance = Some((line.len() - 1, 1));
            continue;
        }
        if wide > width + 0.01 && line.len() > 1 {
            let (kept, dropped) = chance.unwrap_or((line.len() - 1, 0));
            let rest: Vec<Letter> = std::mem::take(&mut line);
            let (before, after) = rest.split_at(kept.min(rest.len()));
            line.extend_from_slice(before);
            finish(&mut line, &mut lines);
            line.extend(after.iter().skip(dropped));
            wide = line.iter().map(|letter| letter.width).sum();
            chance = None;
        }
        let follows_word =
            line.len() > 1 && line.iter().rev().nth(1).is_some_and(|before| before.letter.is_alphanumeric());
        if matches!(letter.letter, '-' | '–' | '—' | '/') && follows_word {
            chance = Some((line.len(), 0));
        }
    }
    finish(&mut line, &mut lines);
    lines
}

impl Line {
    fn piece(self, fonts: &Fonts, align: Align, width: f32) -> Piece {
        let size = self.letters.iter().filter_map(|letter| letter.style).map(|style| style.size).fold(0.0, f32::max);
        let size = if size > 0.0 { size } else { self.size };
        let total: f32 = self.letters.iter().map(|letter| letter.width).sum();
        let mut x = offset(align, width, total);
        let y = size * BASELINE;
        let mut marks: Vec<Mark> = Vec::new();
        let mut run: Option<(Style, String, f32)> = None;
        for Letter { letter, style, width } in self.letters {
            let Some(style) = style else { continue };
            match &mut run {
                Some((same, text, _)) if *same == style => text.push(letter),
                _ => {
                    marks.extend(run.take().map(|run| said(run, y)));
                    run = Some((style, letter.to_string(), x));
                }
            }
            x += width;
        }
        marks.extend(run.map(|run| said(run, y)));
        let _ = fonts;
        Piece { height: size * LEADING, marks, ..Piece::default() }
    }

    fn end_in_ellipsis(&mut self, fonts: &Fonts, width: f32) {
        let style = self.letters.iter().rev().find_map(|letter| letter.style);
        let Some(style) = style else { return };
        let dots = fonts.face(style.weight).width('…', style.size);
        let mut wide: f32 = self.letters.iter().map(|letter| letter.width).sum();
        while wide + dots > width || self.letters.last().is_some_and(|last| last.letter == ' ') {
            let Some(last) = self.letters.pop() else { break };
            wide -= last.width;
        }
        self.letters.push(Letter { letter: '…', style: Some(style), width: dots });
    }
}

fn said((style, text, x): (Style, String, f32), y: f32) -> Mark {
    Mark::Text { x, y, weight: style.weight, size: style.size, color: style.color, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(text: &str) -> Vec<Letter> {
        let style = Style { weight: Weight::Regular, size: 10.0, color: Color::BLACK };
        text.chars().map(|letter| Letter { letter, style: Some(style), width: 1.0 }).collect()
    }

    fn lines(text: &str, width: f32) -> Vec<String> {
        let fallback = Style { weight: Weight::Regular, size: 10.0, color: Color::BLACK };
        broken(&letters(text), width, fallback)
            .into_iter()
            .map(|line| line.letters.iter().map(|l| l.letter).collect())
            .collect()
    }

    #[test]
    fn lines_end_at_spaces_and_hyphens() {
        assert_eq!(lines("one two three", 8.0), ["one two", "three"]);
        assert_eq!(lines("кабель-канал", 8.0), ["кабель-", "канал"]);
        assert_eq!(lines("a  b   c", 99.0), ["a b c"]);
        assert_eq!(lines("12\u{a0}000\u{a0}руб", 7.0), ["12\u{a0}000\u{a0}", "руб"]);
    }

    #[test]
    fn a_word_wider_than_the_line_is_cut() {
        assert_eq!(lines("abcdefghij", 4.0), ["abcd", "efgh", "ij"]);
        assert_eq!(lines("x abcdefgh", 4.0), ["x", "abcd", "efgh"]);
    }

    #[test]
    fn widths_are_shared() {
        assert_eq!(shared(&[Track::Fixed(10.0), Track::Share(1.0), Track::Share(3.0)], 50.0), [10.0, 10.0, 30.0]);
        assert_eq!(shared(&[Track::Fixed(60.0), Track::Fixed(40.0)], 50.0), [30.0, 20.0]);
    }

    #[test]
    fn what_stays_together_goes_over_together() {
        let piece = |height, keep| Piece { height, keep, marks: vec![mark(height)], ..Piece::default() };
        let pages = paginate(vec![piece(50.0, false), piece(30.0, true), piece(30.0, false)], 0.0, 0.0, 100.0, 0.0);
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn a_head_comes_again_on_each_page() {
        let head = Rc::new(Piece { height: 10.0, marks: vec![mark(1.0)], ..Piece::default() });
        let row = Piece { height: 40.0, marks: vec![mark(2.0)], head: Some(head), ..Piece::default() };
        let pages = paginate(vec![row.clone(), row.clone(), row.clone(), row], 0.0, 0.0, 100.0, 0.0);
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3]);
    }

    fn mark(width: f32) -> Mark {
        Mark::Line { from: (0.0, 0.0), to: (1.0, 0.0), width, color: Color::BLACK }
    }
}
