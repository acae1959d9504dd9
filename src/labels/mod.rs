//! Labels: what they say, and everything they are printed on.

pub mod jobs;
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
    #[serde(default, deserialize_with = "dots")]
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
    let number = String::deserialize(deserializer)?.parse().ok().filter(|number: &f32| (10.0..=200.0).contains(number));
    number.ok_or_else(|| serde::de::Error::custom("!out_of_range min=10 max=200"))
}

fn dots<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    let number = String::deserialize(deserializer)?.parse().ok().filter(|number: &u16| (100..=600).contains(number));
    number.map(Some).ok_or_else(|| serde::de::Error::custom("!out_of_range min=100 max=600"))
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
    let number = f32::deserialize(deserializer)?;
    if (-20.0..=20.0).contains(&number) {
        Ok(number)
    } else {
        Err(serde::de::Error::custom("!out_of_range min=-20 max=20"))
    }
}
