//! Codes: the short text on a label, from printing to the last scan.

pub mod code;
pub mod give;
pub mod queries;
pub mod replace;
pub mod resolve;
pub mod revoke;
pub mod routes;

pub use code::{CodeState, LabelCode};
