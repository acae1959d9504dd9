//! The language the house speaks: for people who ask for none and have chosen none.

use std::sync::atomic::{AtomicU8, Ordering};

use diesel::prelude::*;

use super::ROW;
use crate::db::DbConnection;
use crate::db::schema::provider;
use crate::error::Error;
use crate::words::Language;

/// The provider's language, as it was a moment ago: every refusal needs it, and it hardly ever changes.
#[derive(Debug, Default)]
pub struct HouseLanguage(AtomicU8);

impl HouseLanguage {
    /// English until the provider is described.
    pub fn get(&self) -> Language {
        match self.0.load(Ordering::Relaxed) {
            1 => Language::Ru,
            2 => Language::Uk,
            _ => Language::En,
        }
    }

    /// Takes over what was read.
    pub fn set(&self, language: Language) {
        self.0.store(language.choose(1, 2, 0), Ordering::Relaxed);
    }
}

/// What the database says.
///
/// # Errors
/// The database's.
pub fn read(conn: &mut DbConnection) -> Result<Language, Error> {
    let known = provider::table.find(ROW).select(provider::language).first(conn).optional()?;
    Ok(known.unwrap_or(Language::En))
}
