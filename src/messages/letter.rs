//! A letter: what it says as plain text and as simple HTML, and as a mail server takes it.

use std::fmt::Write;

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart};
use lettre::{Address, Message};
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use super::MessageId;
use crate::db::types::Timestamp;
use crate::error::Error;
use crate::reports::frame::render;
use crate::words::Language;

/// Characters of a subject, or of a name, at the most.
const MOST: usize = 200;

/// What a letter says.
#[derive(Debug, Clone, Serialize)]
pub struct Letter {
    /// Its language.
    pub language: Language,
    /// What it is about, in a line.
    pub subject: String,
    /// What it says, before anything that stands out.
    pub paragraphs: Vec<String>,
    /// What stands out: a code to type.
    pub code: Option<String>,
    /// What stands out: where to go.
    pub button: Option<Button>,
    /// What it says after that.
    pub notes: Vec<String>,
    /// Who wrote it.
    pub signed: String,
}

/// Where to go.
#[derive(Debug, Clone, Serialize)]
pub struct Button {
    /// What it says.
    pub text: String,
    /// Where it leads.
    pub url: String,
}

/// A file that goes with a letter.
#[derive(Debug, Clone)]
pub struct Enclosure {
    /// What it is called: see [`file_name`].
    pub name: String,
    /// PDF.
    pub bytes: Vec<u8>,
}

/// To whom a letter goes, and from whom.
#[derive(Debug, Clone)]
pub struct Envelope<'a> {
    /// The message: the letter is known by it wherever it goes.
    pub message: MessageId,
    /// From whom.
    pub from: &'a Mailbox,
    /// Who answers.
    pub reply_to: Option<&'a str>,
    /// To which address.
    pub to: &'a str,
    /// What they are called.
    pub name: Option<&'a str>,
    /// When.
    pub at: Timestamp,
}

/// A text as it may stand in a header: one line, without characters that turn the direction of writing or cannot be seen,
/// and not longer than anybody reads.
pub fn tame(text: &str) -> String {
    let visible = |letter: &char| !matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{061c}' | '\u{feff}');
    let text: String =
        text.nfc().filter(visible).map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MOST).collect()
}

/// The name of a file made of a number that people chose: ASCII, and nothing that any system takes for something else.
pub fn file_name(number: &str, version: i64) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
    let number: String = number.chars().take(60).map(plain).collect();
    format!("act-{}-v{version}-signed.pdf", number.trim_matches('-'))
}

/// Whether an address is one that mail can be sent to.
pub fn address(text: &str) -> Option<Address> {
    text.parse().ok()
}

impl Letter {
    /// The letter as plain text.
    pub fn plain(&self) -> String {
        let mut text = String::new();
        for paragraph in &self.paragraphs {
            let _ = write!(text, "{paragraph}\n\n");
        }
        if let Some(code) = &self.code {
            let _ = write!(text, "    {code}\n\n");
        }
        if let Some(button) = &self.button {
            let _ = write!(text, "{}:\n{}\n\n", button.text, button.url);
        }
        for note in &self.notes {
            let _ = write!(text, "{note}\n\n");
        }
        let _ = writeln!(text, "-- \n{}", self.signed);
        text
    }

    /// The letter as a mail server takes it.
    ///
    /// # Errors
    /// When an address is none, or a template is broken: our fault.
    pub fn posted(&self, envelope: &Envelope<'_>, enclosure: Option<Enclosure>) -> Result<Message, Error> {
        let html = render("mail.html", self)?;
        let to = address(envelope.to).ok_or_else(|| Error::internal("an address that is none"))?;
        let name = envelope.name.map(tame).filter(|name| !name.is_empty());
        let from = Mailbox::new(envelope.from.name.as_deref().map(tame), envelope.from.email.clone());
        let mut message = Message::builder()
            // The same at each try: whoever gets it twice can tell.
            .message_id(Some(format!("<{}@{}>", envelope.message, from.email.domain())))
            .date(std::time::UNIX_EPOCH + std::time::Duration::from_micros(envelope.at.micros().unsigned_abs()))
            .to(Mailbox::new(name, to))
            .subject(tame(&self.subject))
            // RFC 3834: no machine answers.
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
            .from(from);
        if let Some(reply_to) = envelope.reply_to.and_then(address) {
            message = message.reply_to(Mailbox::new(None, reply_to));
        }
        let text = MultiPart::alternative_plain_html(self.plain(), html);
        let body = match enclosure {
            None => text,
            Some(file) => {
                let kind = ContentType::parse("application/pdf").map_err(Error::internal)?;
                MultiPart::mixed().multipart(text).singlepart(Attachment::new(file.name).body(file.bytes, kind))
            }
        };
        message.multipart(body).map_err(Error::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::smtp::sender;

    const EVIL: [&str; 6] = [
        "x\r\nBcc: victim@example.org",
        "x\nContent-Type: text/html\n\n<script>",
        "\u{202e}fdp.exe\u{202c} \u{2066}\u{200b}тест",
        "\"quoted\" <evil@example.org>, other@example.org",
        "=?utf-8?q?=0D=0ABcc:_victim=40example.org?=",
        "Їжак; filename=\"/etc/passwd\"\u{0}\u{85}\u{2028}.",
    ];

    fn letter(text: &str) -> Letter {
        Letter {
            language: Language::Uk,
            subject: text.to_owned(),
            paragraphs: vec![text.to_owned()],
            code: None,
            button: Some(Button { text: text.to_owned(), url: "https://naryad.example/sign/x".to_owned() }),
            notes: Vec::new(),
            signed: text.to_owned(),
        }
    }

    #[test]
    fn nothing_gets_into_a_header_that_was_not_meant() {
        let from = sender("Сервіс <desk@example.com>").unwrap();
        for evil in EVIL {
            let envelope = Envelope {
                message: MessageId::new(),
                from: &from,
                reply_to: Some(evil),
                to: "maria@example.org",
                name: Some(evil),
                at: Timestamp::now(),
            };
            let file = Enclosure { name: file_name(evil, 1), bytes: b"%PDF".to_vec() };
            let message = letter(evil).posted(&envelope, Some(file)).unwrap();
            assert_eq!(message.envelope().to().len(), 1, "{evil}");
            let raw = String::from_utf8(message.formatted()).unwrap();
            let head = raw.split("\r\n\r\n").next().unwrap();
            let names: Vec<&str> = head
                .lines()
                .filter(|line| !line.starts_with([' ', '\t']))
                .map(|line| line.split(':').next().unwrap())
                .collect();
            let mut wanted =
                vec!["Message-ID", "Date", "To", "Subject", "Auto-Submitted", "From", "MIME-Version", "Content-Type"];
            let mut found = names.clone();
            wanted.sort_unstable();
            found.sort_unstable();
            assert_eq!(found, wanted, "{evil}: {head}");
            assert!(head.is_ascii(), "{head}");
            let html = raw.split("text/html; charset").nth(1).unwrap();
            assert!(!html.contains("<script>"), "{html}");
            assert!(!html.contains("http://") && !html.contains("<img"), "nothing from elsewhere: {html}");
        }
    }

    #[test]
    fn a_header_is_one_line_that_reads_from_one_side() {
        assert_eq!(tame("Акт\r\n №\u{202e} 7\u{0} "), "Акт № 7");
        assert_eq!(tame(&"я".repeat(900)).chars().count(), MOST);
    }

    #[test]
    fn a_file_is_called_by_letters_and_digits() {
        assert_eq!(file_name("2026-00042", 2), "act-2026-00042-v2-signed.pdf");
        for evil in EVIL.iter().chain(&["../../x", "C:\\con", "..", ""]) {
            let name = file_name(evil, 1);
            assert!(name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-.".contains(letter)), "{name}");
            assert!(name.starts_with("act-") && name.ends_with("-v1-signed.pdf") && name.len() < 100, "{name}");
        }
    }

    #[test]
    fn both_forms_say_the_same() {
        let letter = Letter { code: Some("123456".to_owned()), ..letter("Прочитайте & підпишіть") };
        let (plain, html) = (letter.plain(), render("mail.html", &letter).unwrap());
        for phrase in ["123456", "https://naryad.example/sign/x"] {
            assert!(plain.contains(phrase) && html.replace("&#x2f;", "/").contains(phrase), "{phrase}: {html}");
        }
        assert!(html.contains("Прочитайте &amp; підпишіть") && html.contains("<html lang=\"uk\">"), "{html}");
    }
}
