//! `naryad openapi`

use std::io::Write;

/// Prints the API's own description.
///
/// # Errors
/// When nobody reads it.
pub fn print() -> Result<(), String> {
    std::io::stdout().write_all(crate::openapi::json().as_bytes()).map_err(|error| error.to_string())
}
