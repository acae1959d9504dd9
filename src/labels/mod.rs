//! Labels: what they say, and everything they are printed on.

pub mod bounds;
pub mod jobs;
pub mod many;
pub mod media;
pub mod one;
pub mod printers;
pub mod prints;
pub mod rolls;
pub mod routes;
pub mod setup;
pub mod sheets;
pub mod text;

use serde::{Deserialize, Serialize};

use self::printers::PrinterId;
use crate::error::{Error, Flaw};
use crate::print::qr::Level;

/// How large a label is, and what prints it. The largest at its finest is drawn in ninety megabytes.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LabelQuery {
    /// Its width in millimetres.
    #[param(minimum = 10, maximum = 200, default = 58)]
    #[serde(default = "usual_width", deserialize_with = "millimetres")]
    pub width_mm: f32,
    /// Its height in millimetres.
    #[param(minimum = 10, maximum = 200, default = 40)]
    #[serde(default = "usual_height", deserialize_with = "millimetres")]
    pub height_mm: f32,
    /// Dots an inch of the printer; left out, those of `printer_id`, or else 203.
    #[param(minimum = 100, maximum = 600)]
    #[serde(default, deserialize_with = "bounds::dpi_in_address")]
    pub dpi: Option<u16>,
    /// How much of the code may be lost: a sixth (M), a quarter (Q), a third (H); left out, Q where there is room for
    /// it.
    #[serde(default)]
    pub level: Option<Level>,
    /// The printer of rolls whose dots and offset count.
    #[serde(default)]
    pub printer_id: Option<PrinterId>,
}

const fn usual_width() -> f32 {
    58.0
}

const fn usual_height() -> f32 {
    40.0
}

/// Dots an inch of most label printers.
pub const USUAL_DPI: u16 = 203;

fn millimetres<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f32, D::Error> {
    bounds::in_address(deserializer, (10.0, 200.0))
}

/// How far a printer is off, in millimetres.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Offset {
    /// To the right.
    #[schema(minimum = -20, maximum = 20)]
    #[serde(default, deserialize_with = "off")]
    pub x: f32,
    /// Down.
    #[schema(minimum = -20, maximum = 20)]
    #[serde(default, deserialize_with = "off")]
    pub y: f32,
}

fn off<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f32, D::Error> {
    bounds::within(f32::deserialize(deserializer)?, (-20.0, 20.0))
}

/// The refusal of a field that cannot stand beside another.
fn twice(pointer: impl Into<String>, other: &str) -> Error {
    Error::field_with(pointer, Flaw::NotTogether, [("other", other.to_owned())])
}
