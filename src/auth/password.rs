//! Passwords: argon2id (RFC 9106), slow on purpose and never in anybody's way.
//!
//! One password at a time is checked, on a thread of its own: twenty people signing in cost the others nothing. Nineteen
//! mebibytes and two passes is what OWASP advises for argon2id.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::logins::Attempts;
use crate::error::{Code, Error};

/// How long a sign-in waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who tries a password, from where.
pub struct Attempt<'a> {
    /// The wrong ones so far.
    pub attempts: &'a Attempts,
    /// The address.
    pub address: &'a str,
    /// The login.
    pub login: &'a str,
}

/// A password somebody chose: 8 to 200 characters. Never printed, never logged.
#[derive(Clone)]
pub struct NewPassword(String);

impl NewPassword {
    /// Reads one.
    ///
    /// # Errors
    /// A flaw in the notation of [`crate::http::body`].
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.chars().count() {
            0..8 => Err("!too_short min=8".to_owned()),
            201.. => Err("!too_long max=200".to_owned()),
            _ if text.contains('\0') => Err("!forbidden_character".to_owned()),
            _ => Ok(Self(text.to_owned())),
        }
    }

    /// The text, for hashing only.
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewPassword")
    }
}

/// Written as nothing: what is compared, kept or told of a request never holds a password.
impl Serialize for NewPassword {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl<'de> Deserialize<'de> for NewPassword {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// What an unknown login is checked against, so that it takes as long as a known one.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bmFyeWFkOiBub2JvZHkuLg$0kTtNNJ9uXeD62NQadXgwc4O9VQDyNmsuRE09ljdlyE";

/// Hashes and checks passwords, one at a time.
#[derive(Clone)]
pub struct Passwords {
    turn: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { turn: Arc::new(Semaphore::new(1)) }
    }
}

impl Passwords {
    /// The hash to keep.
    ///
    /// # Errors
    /// `rate_limited` when too many wait.
    pub async fn hash(&self, password: NewPassword) -> Result<String, Error> {
        let turn = self.turn().await?;
        let hashed = tokio::task::spawn_blocking(move || hash(password.text())).await;
        drop(turn);
        hashed.map_err(Error::internal)?
    }

    /// Whether `password` is the one that was hashed. Without a hash it is not, after the same time.
    ///
    /// Wrong ones are looked up and counted while it is our turn: a hundred guesses at once count like a hundred one after
    /// another, and a whole office that signs in at nine counts nothing.
    ///
    /// # Errors
    /// `rate_limited` when too many wait, or too many were wrong.
    pub async fn check(&self, attempt: Attempt<'_>, password: String, hashed: Option<String>) -> Result<bool, Error> {
        let Attempt { attempts, address, login } = attempt;
        let turn = self.turn().await?;
        attempts.must_wait(address, login)?;
        let known = hashed.is_some();
        let hashed = hashed.unwrap_or_else(|| NOBODY.to_owned());
        let checked = tokio::task::spawn_blocking(move || verify(&password, &hashed)).await;
        let right = checked.map_err(Error::internal)? && known;
        if !right {
            attempts.wrong(address, login);
        }
        drop(turn);
        Ok(right)
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, Error> {
        let too_many = || Error::from(Code::RateLimited.with([("seconds", PATIENCE.as_secs().to_string())]));
        let turn = tokio::time::timeout(PATIENCE, self.turn.clone().acquire_owned()).await;
        turn.map_err(|_| too_many())?.map_err(Error::internal)
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The hash to keep, at once: for the command line.
///
/// # Errors
/// When the system gives no random numbers.
pub fn hash(password: &str) -> Result<String, Error> {
    Ok(argon2().hash_password(password.as_bytes()).map_err(Error::internal)?.to_string())
}

fn verify(password: &str, hashed: &str) -> bool {
    PasswordHash::new(hashed).is_ok_and(|hashed| argon2().verify_password(password.as_bytes(), &hashed).is_ok())
}

#[cfg(test)]
mod tests {
    use super::{NOBODY, hash, verify};

    #[test]
    fn only_the_password_itself_fits() {
        let hashed = hash("Ґалаґан 5").unwrap();
        let cost = "$argon2id$v=19$m=19456,t=2,p=1$";
        assert!(hashed.starts_with(cost) && NOBODY.starts_with(cost));
        assert!(verify("nobody has this password", NOBODY));
        assert!(verify("Ґалаґан 5", &hashed));
        assert!(!verify("ґалаґан 5", &hashed));
        assert!(!verify("Ґалаґан 5", "not a hash"));
        assert_ne!(hashed, hash("Ґалаґан 5").unwrap());
    }
}
