//! What somebody read off the calibration page becomes a printer's offset.

use serde::{Deserialize, Serialize};

use super::{Printer, PrinterId, find, keep};
use crate::auth::Actor;
use crate::db::DbConnection;
use crate::error::{Error, Flaw};
use crate::http::Call;
use crate::http::query::refused;
use crate::labels::USUAL_DPI;
use crate::labels::bounds::{dpi_in_address, in_address};
use crate::labels::media::MediaKind;
use crate::labels::one::Format;
use crate::labels::rolls::RollFormat;
use crate::print::sheet::Paper;
use crate::print::{calibration, pdf};
use crate::words::Language;

/// Which page is wanted.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CalibrationQuery {
    /// For this paper; A4 when nothing is said.
    #[serde(default)]
    pub paper: Option<Paper>,
    /// Or for a label of this width in millimetres.
    #[param(minimum = 20, maximum = 300)]
    #[serde(default, deserialize_with = "side")]
    pub width_mm: Option<f32>,
    /// And this height.
    #[param(minimum = 20, maximum = 300)]
    #[serde(default, deserialize_with = "side")]
    pub height_mm: Option<f32>,
    /// In this form; PDF when nothing is said. ZPL II and TSPL are for labels of at most 200 mm, whose size must be said.
    #[serde(default)]
    pub format: Option<RollFormat>,
    /// Dots an inch of a printer that takes ZPL II or TSPL; left out, 203. A PDF has none.
    #[param(minimum = 100, maximum = 600)]
    #[serde(default, deserialize_with = "dpi_in_address")]
    pub dpi: Option<u16>,
    /// In this language; that of whoever asks when left out.
    #[serde(default)]
    pub language: Option<Language>,
}

/// The longest side, in millimetres, of a label that is printed by commands: as long as those of rolls.
const LONGEST: f32 = 200.0;

fn side<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<f32>, D::Error> {
    in_address(deserializer, (20.0, 300.0)).map(Some)
}

impl CalibrationQuery {
    /// The size of the page in millimetres.
    ///
    /// # Errors
    /// `invalid_parameter` for a size said twice or by half.
    pub fn size_mm(&self) -> Result<(f32, f32), Error> {
        size_mm(self.paper, self.width_mm, self.height_mm, |name, flaw, params| refused(name, flaw, params))
    }

    /// The size of a label that is printed by commands. None is usual, as A4 is.
    fn label_mm(&self) -> Result<(f32, f32), Error> {
        if self.paper.is_some() {
            return Err(refused("paper", Flaw::NotTogether, vec![("other", "format".to_owned())]));
        }
        for (name, side) in [("width_mm", self.width_mm), ("height_mm", self.height_mm)] {
            let bounds = || vec![("min", "20".to_owned()), ("max", LONGEST.to_string())];
            match side {
                None => return Err(refused(name, Flaw::Required, Vec::new())),
                Some(side) if side > LONGEST => return Err(refused(name, Flaw::OutOfRange, bounds())),
                Some(_) => {}
            }
        }
        self.size_mm()
    }
}

/// The page, and the form it has.
///
/// # Errors
/// `invalid_parameter` for a size that is said twice, by half, or that the form does not have.
pub async fn page(call: Call, asked: CalibrationQuery) -> Result<(Format, Vec<u8>), Error> {
    let form = asked.format.unwrap_or(RollFormat::Pdf).format();
    let (printer, now) = (call.app.printer.clone(), call.app.clock.now());
    let Format::Commands(tongue) = form else {
        if asked.dpi.is_some() {
            return Err(refused("dpi", Flaw::NotTogether, vec![("other", "format=pdf".to_owned())]));
        }
        let page =
            calibration::page(printer.fonts(), asked.size_mm()?, asked.language.unwrap_or(call.actor.language()));
        return Ok((form, pdf::write(&page, printer.fonts(), now)?));
    };
    let (size, dpi) = (asked.label_mm()?, asked.dpi.unwrap_or(USUAL_DPI));
    let drawn = tokio::task::spawn_blocking(move || calibration::commands(printer.fonts(), size, dpi, tongue));
    Ok((form, drawn.await.map_err(Error::internal)??))
}

/// The two readings.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Readings {
    /// Where the crease between left and right crosses the scale X, in its millimetres.
    #[schema(minimum = 0, maximum = 300)]
    pub left_mark: f32,
    /// Where the crease between top and bottom crosses the scale Y, in its millimetres.
    #[schema(minimum = 0, maximum = 300)]
    pub top_mark: f32,
    /// The paper that was folded; A4 when nothing is said.
    #[serde(default)]
    pub paper: Option<Paper>,
    /// Or the label's width in millimetres.
    #[serde(default)]
    #[schema(minimum = 20, maximum = 300)]
    pub width_mm: Option<f32>,
    /// And its height.
    #[serde(default)]
    #[schema(minimum = 20, maximum = 300)]
    pub height_mm: Option<f32>,
}

fn size_mm(
    paper: Option<Paper>,
    width: Option<f32>,
    height: Option<f32>,
    wrong: impl Fn(&str, Flaw, Vec<(&'static str, String)>) -> Error,
) -> Result<(f32, f32), Error> {
    let bounds = || vec![("min", "20".to_owned()), ("max", "300".to_owned())];
    match (paper, width, height) {
        (paper, None, None) => Ok(paper.unwrap_or_default().size_mm()),
        (Some(_), Some(_), _) => Err(wrong("width_mm", Flaw::NotTogether, vec![("other", "paper".to_owned())])),
        (Some(_), None, Some(_)) => Err(wrong("height_mm", Flaw::NotTogether, vec![("other", "paper".to_owned())])),
        (None, Some(_), None) => Err(wrong("height_mm", Flaw::Required, Vec::new())),
        (None, None, Some(_)) => Err(wrong("width_mm", Flaw::Required, Vec::new())),
        (None, Some(width), _) if !(20.0..=300.0).contains(&width) => {
            Err(wrong("width_mm", Flaw::OutOfRange, bounds()))
        }
        (None, _, Some(height)) if !(20.0..=300.0).contains(&height) => {
            Err(wrong("height_mm", Flaw::OutOfRange, bounds()))
        }
        (None, Some(width), Some(height)) => Ok((width, height)),
    }
}

/// Sets a printer's offset by two readings. What was known of it before does not count: the page is printed without.
///
/// # Errors
/// `not_found`; `validation_failed` for readings that no page can have, or of a roll that is off by more than its labels
/// can be moved.
pub fn calibrate(conn: &mut DbConnection, actor: &Actor, id: PrinterId, readings: &Readings) -> Result<Printer, Error> {
    let before = find(conn, id)?;
    let named = |name: &str, flaw, params| {
        let error = Error::field(format!("/{name}"), flaw);
        with(error, params)
    };
    let (width, height) = size_mm(readings.paper, readings.width_mm, readings.height_mm, named)?;
    let after = Printer {
        offset_x: tenths(before.kind, readings.left_mark, width, "/left_mark")?,
        offset_y: tenths(before.kind, readings.top_mark, height, "/top_mark")?,
        ..before.clone()
    };
    keep(conn, actor, &before, after)
}

fn with(error: Error, params: Vec<(&'static str, String)>) -> Error {
    let mut refusal = error.refusal();
    for field in &mut refusal.fields {
        field.params.clone_from(&params);
    }
    refusal.into()
}

/// The offset of a reading, in tenths of a millimetre.
#[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "checked to be some hundred before")]
fn tenths(kind: MediaKind, mark: f32, side_mm: f32, pointer: &str) -> Result<i64, Error> {
    let (most, offset) = (kind.most_moved_mm(), calibration::offset(mark, side_mm));
    // A reading is no finer than half a tenth.
    if !(-most - 0.04..=most + 0.04).contains(&offset) {
        let middle = side_mm / 2.0;
        let bounds = [("min", (middle - most).to_string()), ("max", (middle + most).to_string())];
        return Err(Error::field_with(pointer, Flaw::OutOfRange, bounds));
    }
    Ok((offset * 10.0).round() as i64)
}
