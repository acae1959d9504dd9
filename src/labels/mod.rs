//! Labels: what they say, and everything they are printed on.

pub mod one;
pub mod routes;
pub mod sheets;
pub mod text;

use serde::Deserialize;

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
    /// Dots an inch of the printer.
    #[param(minimum = 100, maximum = 600, default = 203)]
    #[serde(default = "usual_dpi", deserialize_with = "dots")]
    pub dpi: u16,
}

const fn usual_width() -> f32 {
    58.0
}

const fn usual_height() -> f32 {
    40.0
}

const fn usual_dpi() -> u16 {
    203
}

fn millimetres<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f32, D::Error> {
    let number = String::deserialize(deserializer)?.parse().ok().filter(|number: &f32| (10.0..=200.0).contains(number));
    number.ok_or_else(|| serde::de::Error::custom("!out_of_range min=10 max=200"))
}

fn dots<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    let number = String::deserialize(deserializer)?.parse().ok().filter(|number: &u16| (100..=600).contains(number));
    number.ok_or_else(|| serde::de::Error::custom("!out_of_range min=100 max=600"))
}
