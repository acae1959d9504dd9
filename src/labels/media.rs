//! What labels are printed on: sheets that can be bought, sheets of one's own measures, rolls.

use serde::{Deserialize, Deserializer, Serialize};

use super::bounds::{in_body, within};
use super::twice;
use crate::db::types::text_enum;
use crate::error::{Error, Flaw};
use crate::http::query::refused;
use crate::print::label::Medium;
use crate::print::sheet::{self, Paper, SHEETS, Sheet};
use crate::words::text::Line;

text_enum! {
    /// What a printer is fed with.
    MediaKind {
        /// Sheets of paper.
        Sheet = "sheet",
        /// Labels one after another on a roll.
        Roll = "roll",
    }
}

impl MediaKind {
    /// How far printing may be moved on it, in tenths of a millimetre. Labels on a roll have a millimetre of white at their
    /// edges: more than that is a matter of the printer's own settings.
    pub const fn most_moved(self) -> i16 {
        match self {
            Self::Sheet => 200,
            Self::Roll => 10,
        }
    }

    /// The same in millimetres.
    pub fn most_moved_mm(self) -> f32 {
        f32::from(self.most_moved()) / 10.0
    }
}

text_enum! {
    /// What a label has room for.
    Room {
        /// The code and words beside it.
        Words = "words",
        /// The code and its ten characters.
        Code = "code",
        /// Nothing that a phone could read.
        Nothing = "nothing",
    }
}

/// The rolls that shops have, width × height in millimetres.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub enum Preset {
    /// 58 × 40 mm
    #[serde(rename = "58x40")]
    R58x40,
    /// 58 × 30 mm
    #[serde(rename = "58x30")]
    R58x30,
    /// 43 × 25 mm
    #[serde(rename = "43x25")]
    R43x25,
    /// 30 × 20 mm
    #[serde(rename = "30x20")]
    R30x20,
}

impl Preset {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::R58x40, Self::R58x30, Self::R43x25, Self::R30x20];

    /// Width and height in millimetres.
    pub const fn size_mm(self) -> (f32, f32) {
        match self {
            Self::R58x40 => (58.0, 40.0),
            Self::R58x30 => (58.0, 30.0),
            Self::R43x25 => (43.0, 25.0),
            Self::R30x20 => (30.0, 20.0),
        }
    }
}

/// A roll: one that shops have, or its measures.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RollChoice {
    /// One that shops have.
    #[serde(default)]
    pub preset: Option<Preset>,
    /// Else a label's width in millimetres.
    #[serde(default, deserialize_with = "label_side")]
    #[schema(minimum = 10, maximum = 200)]
    pub width_mm: Option<f32>,
    /// And its height.
    #[serde(default, deserialize_with = "label_side")]
    #[schema(minimum = 10, maximum = 200)]
    pub height_mm: Option<f32>,
}

impl RollChoice {
    /// Width and height of a label in millimetres; `at` points to the roll in the request.
    ///
    /// # Errors
    /// `validation_failed` when it is not said, or twice.
    pub fn size_mm(&self, at: &str) -> Result<(f32, f32), Error> {
        let wrong = |field: &str, flaw| Error::field(format!("{at}/{field}"), flaw);
        match (self.preset, self.width_mm, self.height_mm) {
            (Some(preset), None, None) => Ok(preset.size_mm()),
            (Some(_), Some(_), _) => Err(twice(format!("{at}/width_mm"), "preset")),
            (Some(_), None, Some(_)) => Err(twice(format!("{at}/height_mm"), "preset")),
            (None, Some(width), Some(height)) => Ok((width, height)),
            (None, Some(_), None) => Err(wrong("height_mm", Flaw::Required)),
            (None, None, _) => Err(wrong("width_mm", Flaw::Required)),
        }
    }
}

/// A sheet: one that can be bought, by brand and part, or its measures in millimetres.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SheetChoice {
    /// Who sells it.
    #[serde(default)]
    pub brand: Option<Line<100>>,
    /// Under which number.
    #[serde(default)]
    pub part: Option<Line<100>>,
    /// Else a label's width.
    #[serde(default, deserialize_with = "length")]
    #[schema(minimum = 0, maximum = 300)]
    pub width_mm: Option<f32>,
    /// A label's height.
    #[serde(default, deserialize_with = "length")]
    #[schema(minimum = 0, maximum = 300)]
    pub height_mm: Option<f32>,
    /// Labels in a row.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100)]
    pub columns: Option<u16>,
    /// Rows.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100)]
    pub rows: Option<u16>,
    /// From the left edge of the paper to the first label.
    #[serde(default, deserialize_with = "length")]
    #[schema(minimum = 0, maximum = 300)]
    pub left_mm: Option<f32>,
    /// From the top edge of the paper to the first label.
    #[serde(default, deserialize_with = "length")]
    #[schema(minimum = 0, maximum = 300)]
    pub top_mm: Option<f32>,
    /// From one label's left edge to the next one's; left out, they touch.
    #[serde(default, deserialize_with = "length")]
    #[schema(minimum = 0, maximum = 300)]
    pub pitch_x_mm: Option<f32>,
    /// From one label's top edge to the next one's; left out, they touch.
    #[serde(default, deserialize_with = "length")]
    #[schema(minimum = 0, maximum = 300)]
    pub pitch_y_mm: Option<f32>,
    /// What the sheet is cut of; left out, A4.
    #[serde(default)]
    pub paper: Option<Paper>,
}

impl SheetChoice {
    /// The sheet that is meant; `at` points to it in the request.
    ///
    /// # Errors
    /// `validation_failed` when nobody knows it, when a label would leave the paper, or when two would overlap.
    pub fn sheet(&self, at: &str) -> Result<Sheet, Error> {
        let wrong = |field: &str, flaw| Error::field(format!("{at}/{field}"), flaw);
        match (&self.brand, &self.part) {
            (None, None) => self.measured(at),
            (Some(_), None) => Err(wrong("part", Flaw::Required)),
            (None, Some(_)) => Err(wrong("brand", Flaw::Required)),
            (Some(brand), Some(part)) => match self.first_measure() {
                Some(field) => Err(twice(format!("{at}/{field}"), "brand")),
                None => sheet::sheet(brand, part).cloned().ok_or_else(|| Error::field(at, Flaw::UnknownSheet)),
            },
        }
    }

    fn first_measure(&self) -> Option<&'static str> {
        let given = [
            ("width_mm", self.width_mm.is_some()),
            ("height_mm", self.height_mm.is_some()),
            ("columns", self.columns.is_some()),
            ("rows", self.rows.is_some()),
            ("left_mm", self.left_mm.is_some()),
            ("top_mm", self.top_mm.is_some()),
            ("pitch_x_mm", self.pitch_x_mm.is_some()),
            ("pitch_y_mm", self.pitch_y_mm.is_some()),
            ("paper", self.paper.is_some()),
        ];
        given.into_iter().find(|(_, is)| *is).map(|(name, _)| name)
    }

    fn measured(&self, at: &str) -> Result<Sheet, Error> {
        let need = |field: &str| Error::field(format!("{at}/{field}"), Flaw::Required);
        let paper = self.paper.unwrap_or_default();
        let (paper_width, paper_height) = paper.size_mm();
        let across = Run {
            names: ["width_mm", "columns", "left_mm", "pitch_x_mm"],
            size: self.width_mm.ok_or_else(|| need("width_mm"))?,
            count: self.columns.ok_or_else(|| need("columns"))?,
            first: self.left_mm.ok_or_else(|| need("left_mm"))?,
            pitch: self.pitch_x_mm,
            paper: paper_width,
        };
        let down = Run {
            names: ["height_mm", "rows", "top_mm", "pitch_y_mm"],
            size: self.height_mm.ok_or_else(|| need("height_mm"))?,
            count: self.rows.ok_or_else(|| need("rows"))?,
            first: self.top_mm.ok_or_else(|| need("top_mm"))?,
            pitch: self.pitch_y_mm,
            paper: paper_height,
        };
        let (dx, dy) = (across.checked(at)?, down.checked(at)?);
        Ok(Sheet {
            brand: String::new(),
            part: String::new(),
            w: across.size,
            h: down.size,
            nx: across.count,
            ny: down.count,
            x0: across.first,
            y0: down.first,
            dx,
            dy,
            paper,
        })
    }
}

/// The labels of a row or a column.
struct Run {
    /// The fields: size, count, first, pitch.
    names: [&'static str; 4],
    size: f32,
    count: u16,
    first: f32,
    pitch: Option<f32>,
    paper: f32,
}

/// A hair that measures may be rounded by.
const HAIR: f32 = 0.01;

impl Run {
    /// The pitch, when every label lies on the paper and none upon another.
    fn checked(&self, at: &str) -> Result<f32, Error> {
        let [size, count, first, pitch] = self.names;
        let between = |field: &str, min: f32, max: f32, value: f32| {
            if (min - HAIR..=max + HAIR).contains(&value) {
                return Ok(());
            }
            let bounds = [("min", rounded(min)), ("max", rounded(max))];
            Err(Error::field_with(format!("{at}/{field}"), Flaw::OutOfRange, bounds))
        };
        between(size, 5.0, self.paper, self.size)?;
        between(first, 0.0, self.paper - self.size, self.first)?;
        let step = self.pitch.unwrap_or(self.size);
        if self.count > 1 {
            between(pitch, self.size, self.paper - self.first - self.size, step)?;
        }
        let room = ((self.paper - self.first - self.size + HAIR) / step.max(1.0)).floor() + 1.0;
        between(count, 1.0, room.min(100.0), f32::from(self.count))?;
        Ok(step)
    }
}

fn rounded(length: f32) -> String {
    let text = format!("{length:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn length<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f32>, D::Error> {
    in_body(deserializer, (0.0, 300.0))
}

fn label_side<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f32>, D::Error> {
    in_body(deserializer, (10.0, 200.0))
}

/// Something labels can be printed on.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct LabelMedium {
    /// Sheets or a roll.
    pub kind: MediaKind,
    /// Its measures. The brand of a roll is empty, its part is the preset.
    #[serde(flatten)]
    pub sheet: Sheet,
    /// Labels on a sheet.
    pub labels: usize,
    /// What a label of it has room for, printed by this server: its own address is part of each code.
    pub room: Room,
}

/// Which media are asked for.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MediaQuery {
    /// Words in brand, part or size: `avery 7160`, `63.5x38.1`.
    #[serde(default)]
    pub q: Option<Line<200>>,
    /// The beginning of the brand, in any case of letters.
    #[serde(default)]
    pub brand: Option<Line<100>>,
    /// The part's number, with or without the letters that shops put before it.
    #[serde(default)]
    pub part: Option<Line<100>>,
    /// A label's width in millimetres, to half of one.
    #[param(minimum = 0, maximum = 300)]
    #[serde(default, deserialize_with = "searched")]
    pub width_mm: Option<f32>,
    /// A label's height in millimetres, to half of one.
    #[param(minimum = 0, maximum = 300)]
    #[serde(default, deserialize_with = "searched")]
    pub height_mm: Option<f32>,
    /// Sheets or rolls only.
    #[serde(default)]
    pub kind: Option<MediaKind>,
}

fn searched<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f32>, D::Error> {
    // What is no number is beyond the bounds as well, and so is a NaN.
    let number = String::deserialize(deserializer)?.replace(',', ".").parse().unwrap_or(f32::NAN);
    within(number, (0.0, 300.0)).map(Some)
}

/// The media that fit, nearest in size first where a size is asked for; all that are known when nothing is.
///
/// # Errors
/// `invalid_parameter` for words that hold nothing to search for.
pub fn list(query: &MediaQuery, sample_url: &str) -> Result<Vec<LabelMedium>, Error> {
    let words: Vec<String> = query.q.as_deref().unwrap_or_default().split_whitespace().map(searchable).collect();
    if words.iter().any(String::is_empty) {
        return Err(refused("q", Flaw::ForbiddenCharacter, Vec::new()));
    }
    let rolls = Preset::ALL.into_iter().map(roll);
    let sheets = SHEETS.iter().cloned().map(|sheet| (MediaKind::Sheet, sheet));
    let mut found: Vec<(f32, LabelMedium)> = sheets
        .chain(rolls)
        .filter(|(kind, _)| query.kind.is_none_or(|wanted| wanted == *kind))
        .filter(|(_, sheet)| fits(query, &words, sheet))
        .map(|(kind, sheet)| {
            let off = |wanted: Option<f32>, is: f32| wanted.map_or(0.0, |wanted| (wanted - is).abs());
            let far = off(query.width_mm, sheet.w) + off(query.height_mm, sheet.h);
            (far, LabelMedium { kind, labels: sheet.count(), room: room(&sheet, sample_url), sheet })
        })
        .collect();
    found.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    Ok(found.into_iter().map(|(_, medium)| medium).collect())
}

fn fits(query: &MediaQuery, words: &[String], sheet: &Sheet) -> bool {
    let near = |wanted: Option<f32>, is: f32| wanted.is_none_or(|wanted| (wanted - is).abs() <= 0.5);
    let begins = |wanted: &Line<100>| sheet.brand.to_lowercase().starts_with(&wanted.to_lowercase());
    let part = |wanted: &Line<100>| {
        let (wanted, is) = (wanted.to_lowercase(), sheet.part.to_lowercase());
        is == wanted || is.starts_with(&wanted) || {
            let number = sheet::number(&wanted);
            !number.is_empty() && sheet::number(&is) == number
        }
    };
    // Sheets are sold by tenths of a millimetre, whatever their drawings say.
    let (w, h) = ((sheet.w * 10.0).round() / 10.0, (sheet.h * 10.0).round() / 10.0);
    let text = searchable(&format!("{} {} {w}x{h}", sheet.brand, sheet.part));
    near(query.width_mm, sheet.w)
        && near(query.height_mm, sheet.h)
        && query.brand.as_ref().is_none_or(begins)
        && query.part.as_ref().is_none_or(part)
        && words.iter().all(|word| text.contains(word.as_str()))
}

/// Small letters, points for commas, one sign for "by".
fn searchable(text: &str) -> String {
    text.to_lowercase().replace(',', ".").replace(['×', 'х', '*'], "x")
}

fn roll(preset: Preset) -> (MediaKind, Sheet) {
    let (w, h) = preset.size_mm();
    let part = format!("{w}x{h}");
    // The gap between two labels is two millimetres, as rolls have it.
    let (brand, paper) = (String::new(), Paper::A4);
    (MediaKind::Roll, Sheet { brand, part, w, h, nx: 1, ny: 1, x0: 0.0, y0: 0.0, dx: w, dy: h + 2.0, paper })
}

fn room(sheet: &Sheet, sample_url: &str) -> Room {
    let medium = Medium { width_mm: sheet.w, height_mm: sheet.h, dpi: 300, level: None };
    match medium.fit(sample_url) {
        Ok(fit) if fit.alone => Room::Code,
        Ok(_) => Room::Words,
        Err(_) => Room::Nothing,
    }
}
