//! A link in a short message. The server has no gateway: the text is told, and the technician sends it from his own
//! telephone with a touch.

use serde::Serialize;

use crate::reports::frame::dial;
use crate::words::Language;

/// A short message to send.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Sms {
    /// To which number, when it is known.
    pub to: Option<String>,
    /// What it says.
    pub text: String,
    /// Opens the program for short messages with number and text filled in (RFC 5724).
    pub uri: String,
}

impl Sms {
    /// The message with a link to the act of a number.
    pub fn new(language: Language, to: Option<&str>, number: &str, url: &str) -> Self {
        let text = match language {
            Language::Ru => format!("Акт № {number} на подпись: {url}"),
            Language::Uk => format!("Акт № {number} на підпис: {url}"),
            Language::En => format!("Certificate {number} for your signature: {url}"),
        };
        let to = to.and_then(dial);
        let uri = format!("sms:{}?body={}", to.as_deref().unwrap_or_default(), escaped(&text));
        Self { to, text, uri }
    }
}

/// A text as it may stand in an address (RFC 3986, 2.1).
fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::Sms;
    use crate::words::Language;

    #[test]
    fn a_touch_is_enough() {
        let sms = Sms::new(Language::En, Some("+7 (916) 123-45-67 доб. 2"), "7&8", "https://naryad.example/sign/x");
        assert_eq!(sms.to.as_deref(), Some("+79161234567"));
        assert_eq!(sms.text, "Certificate 7&8 for your signature: https://naryad.example/sign/x");
        assert_eq!(
            sms.uri,
            "sms:+79161234567?body=Certificate%207%268%20for%20your%20signature%3A%20https%3A%2F%2Fnaryad.example%2Fsign%2Fx"
        );
        assert!(Sms::new(Language::Uk, None, "7", "u").uri.starts_with("sms:?body=%D0%90"));
    }
}
