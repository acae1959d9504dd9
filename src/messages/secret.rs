//! What only the recipient of a message may know, on its way: locked with AES-256-GCM under a key that follows from the
//! installation's secret, and bound to its message. A copy of the database alone tells no token and no code, unless the
//! program made the secret and keeps it there too.

use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};

use super::MessageId;
use crate::auth::token::{Keys, random};
use crate::error::Error;

/// Bytes of a nonce and of a tag of AES-256-GCM.
const NONCE: usize = 12;
const TAG: usize = 16;

fn key(keys: &Keys) -> [u8; 32] {
    keys.seal("message-secret", "v1")
}

/// Locks a text for a message.
///
/// # Errors
/// When the system has no random numbers to give: our fault.
pub fn locked(keys: &Keys, message: MessageId, text: &str) -> Result<Vec<u8>, Error> {
    let nonce = random::<NONCE>()?;
    let (about, mut tag) = (message.to_string(), [0; TAG]);
    let packed =
        encrypt_aead(Cipher::aes_256_gcm(), &key(keys), Some(&nonce), about.as_bytes(), text.as_bytes(), &mut tag);
    Ok([&nonce[..], &tag, &packed.map_err(Error::internal)?].concat())
}

/// The text that was locked for a message. Nothing when it was another message's, or under another secret.
pub fn opened(keys: &Keys, message: MessageId, locked: &[u8]) -> Option<String> {
    let (nonce, rest) = locked.split_first_chunk::<NONCE>()?;
    let (tag, packed) = rest.split_first_chunk::<TAG>()?;
    let about = message.to_string();
    let plain = decrypt_aead(Cipher::aes_256_gcm(), &key(keys), Some(nonce), about.as_bytes(), packed, tag).ok()?;
    String::from_utf8(plain).ok()
}

#[cfg(test)]
mod tests {
    use super::{locked, opened};
    use crate::auth::token::Keys;
    use crate::messages::MessageId;

    #[test]
    fn a_secret_opens_for_its_own_message_under_its_own_key() {
        let (keys, message) = (Keys::new(b"a secret"), MessageId::new());
        let kept = locked(&keys, message, "493817").unwrap();
        assert!(!kept.windows(6).any(|some| some == b"493817"));
        assert_eq!(opened(&keys, message, &kept).as_deref(), Some("493817"));
        assert_eq!(opened(&keys, MessageId::new(), &kept), None);
        assert_eq!(opened(&Keys::new(b"another"), message, &kept), None);
        assert_eq!(opened(&keys, message, &[0; 20]), None);
    }
}
