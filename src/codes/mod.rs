//! Codes: the short text on a label, from printing to the last scan, and the codes that others have printed.

pub mod batch;
pub mod claim;
pub mod code;
pub mod crockford;
pub mod fold;
pub mod foreign;
pub mod give;
pub mod gs1;
pub mod photo;
pub mod queries;
pub mod replace;
pub mod resolve;
pub mod revoke;
pub mod routes;

pub use code::{CodeState, LabelCode};
