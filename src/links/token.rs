//! What opens a link: 192 random bits in its address, kept only as their hash.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::auth::token::random;
use crate::db::types::Sha256;
use crate::error::Error;

/// What opens a link. It has no `Debug` and no `Display`: it must not slip into a log.
pub struct LinkToken(String);

impl LinkToken {
    /// A new one.
    ///
    /// # Errors
    /// When the system has no random numbers to give.
    pub fn new() -> Result<Self, Error> {
        Ok(Self(URL_SAFE_NO_PAD.encode(random::<24>()?)))
    }

    /// What is kept of it.
    pub fn hash(&self) -> Sha256 {
        hash(&self.0)
    }

    /// The address that holds it, to be told once.
    pub fn url(&self, public_url: &str) -> String {
        url(public_url, &self.0)
    }

    /// The token itself, to be locked at once.
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// The address that holds a token.
pub fn url(public_url: &str, token: &str) -> String {
    format!("{public_url}/sign/{token}")
}

/// What is kept of what somebody came with.
pub fn hash(given: &str) -> Sha256 {
    Sha256::of(given)
}

#[cfg(test)]
mod tests {
    use super::{LinkToken, hash};

    #[test]
    fn an_address_opens_what_its_token_made() {
        let token = LinkToken::new().unwrap();
        let url = token.url("https://naryad.example");
        let given = url.strip_prefix("https://naryad.example/sign/").unwrap();
        assert_eq!(given.len(), 32);
        assert_eq!(hash(given), token.hash());
        assert_ne!(LinkToken::new().unwrap().hash(), token.hash());
    }
}
