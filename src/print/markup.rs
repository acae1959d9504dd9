//! What a print form is made of once it is read: blocks, and the places they were written at.

use super::font::Weight;
use super::form::FormError;
use super::page::Color;
use super::qr::Level;

/// The attribute in which [`super::form`] notes where an element stands in its template.
pub const PLACE: &str = "at-line";

/// How text looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    /// Which face.
    pub weight: Weight,
    /// Points.
    pub size: f32,
    /// Colour.
    pub color: Color,
}

/// To which side text goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Left.
    Left,
    /// To the middle.
    Center,
    /// Right.
    Right,
}

impl Align {
    /// Where something begins in the room it has.
    pub const fn offset(self, room: f32, width: f32) -> f32 {
        match self {
            Self::Left => 0.0,
            Self::Center => (room - width) / 2.0,
            Self::Right => room - width,
        }
    }
}

/// A piece of a paragraph.
#[derive(Debug, Clone, PartialEq)]
pub enum Inline {
    /// Words in one style.
    Text(Style, String),
    /// A new line.
    Break,
    /// The number of the page.
    PageNumber(Style),
    /// How many pages there are.
    PageCount(Style),
}

/// Text that is set in lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Paragraph {
    /// What it says.
    pub inlines: Vec<Inline>,
    /// To which side.
    pub align: Align,
    /// White below.
    pub after: f32,
    /// Whether it stays with what follows.
    pub keep_with_next: bool,
    /// At most so many lines: smaller letters first, then an ellipsis.
    pub max_lines: Option<usize>,
    /// How small letters may get for that.
    pub min_size: f32,
    /// Whether it is left out rather than cut short, or when a label has no room for it.
    pub optional: bool,
    /// Whether it takes more lines than it should rather than be cut short.
    pub whole: bool,
}

/// A width: fixed, or a share of what is left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Track {
    /// Points.
    Fixed(f32),
    /// A share.
    Share(f32),
}

/// The lines of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Border {
    /// None.
    None,
    /// Around every cell.
    Grid,
    /// Under every row.
    Rows,
    /// Around the whole.
    Box,
}

/// A cell of a table.
#[derive(Debug, Clone)]
pub struct Cell {
    /// What is in it.
    pub blocks: Vec<Block>,
    /// Over how many columns it goes.
    pub span: usize,
    /// Its ground.
    pub fill: Option<Color>,
}

/// A table.
#[derive(Debug, Clone)]
pub struct Table {
    /// The widths of its columns.
    pub tracks: Vec<Track>,
    /// Rows repeated on every page.
    pub head: Vec<Vec<Cell>>,
    /// Its rows.
    pub rows: Vec<Vec<Cell>>,
    /// Rows that stay with the last one: totals.
    pub foot: Vec<Vec<Cell>>,
    /// Its lines.
    pub border: Border,
    /// White within cells.
    pub padding: (f32, f32),
    /// White below.
    pub after: f32,
    /// Whether its last row stays with what follows.
    pub keep_with_next: bool,
    /// The template's line, for mistakes found while setting.
    pub place: Place,
}

/// Something that takes room on a page.
#[derive(Debug, Clone)]
pub enum Block {
    /// Text.
    Paragraph(Paragraph),
    /// A line across.
    Rule {
        /// Thickness.
        width: f32,
        /// Colour.
        color: Color,
        /// White below.
        after: f32,
    },
    /// White.
    Space(f32),
    /// Blocks side by side.
    Columns {
        /// Their widths.
        tracks: Vec<Track>,
        /// White between them.
        gap: f32,
        /// What is in each.
        columns: Vec<Vec<Block>>,
    },
    /// A table.
    Table(Table),
    /// A picture of the forms' folder.
    Image {
        /// Its file.
        src: String,
        /// At most so wide.
        width: Option<f32>,
        /// At most so high.
        height: Option<f32>,
        /// To which side.
        align: Align,
        /// Whether it may be missing.
        optional: bool,
        /// The template's line.
        place: Place,
    },
    /// A QR code.
    Qr {
        /// What it holds.
        data: Vec<u8>,
        /// A side with the quiet zone.
        size: f32,
        /// How much of it may be lost.
        level: Level,
        /// The least version of it that its readers take.
        least_version: i16,
        /// What stands in its middle.
        sign: Option<String>,
        /// To which side.
        align: Align,
        /// The template's line.
        place: Place,
    },
    /// Blocks that stay on one page.
    Keep(Vec<Block>),
    /// Blocks in a frame.
    Frame {
        /// What is in it.
        blocks: Vec<Block>,
        /// White inside.
        padding: f32,
        /// The frame's thickness; none at 0.
        border: f32,
        /// Its ground.
        fill: Option<Color>,
        /// White below.
        after: f32,
    },
    /// A new page.
    Break,
    /// Room for a signature.
    Signature {
        /// Whose: `provider` or `client`.
        party: String,
        /// How high.
        height: f32,
    },
}

/// Where an element stands in its template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

impl Place {
    /// Reads what was noted of an element: `act.ru.xml.j2:17`.
    pub fn parse(noted: &str) -> Option<Self> {
        let (file, line) = noted.rsplit_once(':')?;
        Some(Self { file: file.to_owned(), line: line.parse().ok()? })
    }

    /// A mistake there.
    pub fn wrong(&self, reason: impl Into<String>) -> FormError {
        FormError { file: self.file.clone(), line: self.line, reason: reason.into() }
    }
}

/// On which pages a header stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// On all.
    All,
    /// On the first.
    First,
    /// On all but the first.
    Rest,
}

/// A whole document, before it is set.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// What it is called.
    pub title: String,
    /// Its language.
    pub language: String,
    /// Width and height of its pages.
    pub size: (f32, f32),
    /// White at the top, right, bottom, left.
    pub margin: (f32, f32, f32, f32),
    /// Above every page.
    pub headers: Vec<(On, Vec<Block>)>,
    /// Below every page.
    pub footer: Vec<Block>,
    /// The text.
    pub body: Vec<Block>,
    /// Whether everything must fit one page, made smaller if need be: labels.
    pub single: bool,
}
