//! Tokens: short signed ones to ask with, long random ones to get the next.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::SessionId;
use crate::db::types::{Sha256, Timestamp};
use crate::error::{Code, Error};
use crate::users::UserId;

/// An access token's life in seconds.
pub const ACCESS_SECONDS: i64 = 15 * 60;
const ISSUER: &str = "naryad";
const AUDIENCE: &str = "naryad-api";
const TYPE: &str = "at+jwt";

/// What an access token says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    iss: String,
    aud: String,
    typ: String,
    /// Whose it is.
    pub sub: UserId,
    /// The session it belongs to.
    pub sid: SessionId,
    /// The generation of the refresh token it came with.
    pub generation: i64,
    iat: i64,
    exp: i64,
}

impl Claims {
    /// When the token is no longer good, in seconds since 1970.
    pub const fn expires(&self) -> i64 {
        self.exp
    }
}

/// The keys of this installation, one for each purpose, all derived from one secret.
pub struct Keys {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    pages: [u8; 32],
    lock: [u8; 32],
}

impl Keys {
    /// Derives the keys.
    pub fn new(secret: &[u8]) -> Self {
        let key = derived(secret, b"access-token v1");
        // One algorithm: a token that names another, or none, is no token.
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The application's clock decides, as for everything else.
        validation.validate_exp = false;
        Self {
            encoding: EncodingKey::from_secret(&key),
            decoding: DecodingKey::from_secret(&key),
            validation,
            pages: derived(secret, b"public-pages v1"),
            lock: derived(secret, b"kept-keys v1"),
        }
    }

    /// What proves that something on a public page came from us: nobody makes one without the secret, and one made for a
    /// purpose is good for no other.
    pub fn seal(&self, purpose: &str, text: impl AsRef<[u8]>) -> [u8; 32] {
        derived(&derived(&self.pages, purpose.as_bytes()), text.as_ref())
    }

    /// What private keys in the database are locked with.
    pub const fn lock(&self) -> &[u8; 32] {
        &self.lock
    }

    /// Signs an access token.
    ///
    /// # Errors
    /// When signing fails: our fault.
    pub fn access(&self, user: UserId, session: SessionId, generation: i64, now: Timestamp) -> Result<String, Error> {
        let iat = now.seconds();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            typ: TYPE.to_owned(),
            sub: user,
            sid: session,
            generation,
            iat,
            exp: iat + ACCESS_SECONDS,
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding).map_err(Error::internal)
    }

    /// Reads an access token.
    ///
    /// # Errors
    /// `token_expired`, or `unauthenticated` for anything else that is wrong with it.
    pub fn read(&self, token: &str, now: Timestamp) -> Result<Claims, Error> {
        let token = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation);
        match token.map(|token| token.claims) {
            Ok(claims) if claims.typ != TYPE => Err(Code::Unauthenticated.into()),
            Ok(claims) if claims.exp <= now.seconds() => Err(Code::TokenExpired.into()),
            Ok(claims) => Ok(claims),
            Err(_) => Err(Code::Unauthenticated.into()),
        }
    }
}

/// HMAC-SHA-256.
fn derived(secret: &[u8], purpose: &[u8]) -> [u8; 32] {
    // HMAC takes keys of any length.
    let mut mac = <Hmac<sha2::Sha256> as KeyInit>::new_from_slice(secret).unwrap_or_else(|_| unreachable!());
    mac.update(purpose);
    mac.finalize().into_bytes().into()
}

/// Random bytes from the system.
///
/// # Errors
/// When it has none to give.
pub fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(Error::internal)?;
    Ok(bytes)
}

/// A refresh token: 256 random bits, kept only as their hash.
pub struct RefreshToken(String);

impl RefreshToken {
    /// A new one.
    ///
    /// # Errors
    /// When the system has no random numbers to give.
    pub fn new() -> Result<Self, Error> {
        Ok(Self(URL_SAFE_NO_PAD.encode(random::<32>()?)))
    }

    /// One that came back.
    pub const fn given(text: String) -> Self {
        Self(text)
    }

    /// What is kept of it.
    pub fn hash(&self) -> Sha256 {
        Sha256::of(&self.0)
    }

    /// The text, to be told once.
    pub fn into_text(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        Keys::new(b"a secret of this test")
    }

    fn token(keys: &Keys) -> String {
        keys.access(UserId::new(), SessionId::new(), 1, Timestamp::now()).unwrap()
    }

    #[test]
    fn our_own_token_is_read() {
        let keys = keys();
        assert_eq!(keys.read(&token(&keys), Timestamp::now()).unwrap().generation, 1);
    }

    #[test]
    fn nothing_else_is() {
        let keys = keys();
        let good = token(&keys);
        let mut parts = good.split('.');
        let (header, claims, signature) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        let encoded = |json: &str| URL_SAFE_NO_PAD.encode(json);
        let with = |header: String, claims: &str| format!("{header}.{claims}.{signature}");
        for forged in [
            format!("{}.{claims}.", encoded(r#"{"alg":"none","typ":"JWT"}"#)),
            with(encoded(r#"{"alg":"HS384","typ":"JWT"}"#), claims),
            with(encoded(r#"{"alg":"RS256","typ":"JWT"}"#), claims),
            with(encoded(r#"{"alg":"HS256","kid":"../../dev/null"}"#), claims),
            with(header.to_owned(), &encoded(r#"{"sub":"x"}"#)),
            token(&Keys::new(b"another secret")),
            String::new(),
            "a.b.c".to_owned(),
        ] {
            assert_eq!(keys.read(&forged, Timestamp::now()).unwrap_err().code(), Code::Unauthenticated, "{forged}");
        }
    }

    #[test]
    fn an_old_one_has_expired() {
        let keys = keys();
        let old = Timestamp::now().plus_seconds(-ACCESS_SECONDS - 1);
        let token = keys.access(UserId::new(), SessionId::new(), 1, old).unwrap();
        assert_eq!(keys.read(&token, Timestamp::now()).unwrap_err().code(), Code::TokenExpired);
    }

    #[test]
    fn a_token_for_another_purpose_opens_nothing() {
        let keys = keys();
        let mut claims = keys.read(&token(&keys), Timestamp::now()).unwrap();
        claims.typ = "id".to_owned();
        let other = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &keys.encoding).unwrap();
        assert_eq!(keys.read(&other, Timestamp::now()).unwrap_err().code(), Code::Unauthenticated);
    }
}
