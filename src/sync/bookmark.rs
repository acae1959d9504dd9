//! Where the pages of a pull go on.
//!
//! A page says up to which place its reader is told, and what they hold at that place is read anew for each page. So a bookmark
//! is sealed, belongs to one person and is good for an hour: nobody writes one that shows what they no longer hold.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::auth::Actor;
use crate::auth::token::Keys;
use crate::error::{Code, Error};

/// How long a bookmark is good for, in seconds.
const GOOD_FOR: i64 = 3_600;

#[derive(Serialize, Deserialize)]
struct Sealed<T> {
    at: i64,
    of: T,
}

fn seal(keys: &Keys, actor: &Actor, bytes: &[u8]) -> [u8; 32] {
    keys.seal(&format!("page of a pull {}", actor.id()), bytes)
}

/// A bookmark for whoever asks.
///
/// # Errors
/// When it cannot be written: our fault.
pub fn write<T: Serialize>(keys: &Keys, actor: &Actor, of: &T) -> Result<String, Error> {
    let bytes = serde_json::to_vec(&Sealed { at: actor.now().seconds(), of })?;
    let seal = seal(keys, actor, &bytes);
    Ok(format!("{}.{}", URL_SAFE_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(seal)))
}

/// What a bookmark of whoever asks says; nothing when it is too old.
///
/// # Errors
/// `invalid_cursor` for one that they were not given.
pub fn read<T: DeserializeOwned>(keys: &Keys, actor: &Actor, text: &str) -> Result<Option<T>, Error> {
    let (bytes, given) = text.split_once('.').ok_or(Code::InvalidCursor)?;
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| Code::InvalidCursor);
    let (bytes, given) = (decoded(bytes)?, decoded(given)?);
    if !bool::from(seal(keys, actor, &bytes).ct_eq(given.as_slice())) {
        return Err(Code::InvalidCursor.into());
    }
    let sealed: Sealed<T> = serde_json::from_slice(&bytes).map_err(|_| Code::InvalidCursor)?;
    let is_good = (0..GOOD_FOR).contains(&(actor.now().seconds() - sealed.at));
    Ok(is_good.then_some(sealed.of))
}
