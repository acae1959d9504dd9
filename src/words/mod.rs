//! Language: what people write and read in Russian, Ukrainian and English. Pure: no database, no HTTP.

pub mod amount;
pub mod dates;
pub mod duration;
pub mod language;
pub mod search;
mod sentences;
pub mod text;
pub mod working_days;
pub mod zone;

pub use self::language::Language;
pub(crate) use self::sentences::sentences;
