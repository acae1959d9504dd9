//! What all public pages have in common: their templates, their policy, and what stands around them.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;

use super::words::Words;
use crate::db::types::Sha256;
use crate::error::Error;
use crate::provider::Provider;
use crate::words::Language;

/// The templates, by the names they call each other.
const TEMPLATES: [(&str, &str); 9] = [
    ("frame.html", include_str!("pages/frame.html.j2")),
    ("device.html", include_str!("pages/device.html.j2")),
    ("track.html", include_str!("pages/track.html.j2")),
    ("message.html", include_str!("pages/message.html.j2")),
    ("verify.html", include_str!("../verify/pages/verify.html.j2")),
    ("sign.html", include_str!("../links/pages/sign.html.j2")),
    ("mail.html", include_str!("../messages/pages/mail.html.j2")),
    ("sign.js", include_str!("../links/pages/sign.js")),
    ("style.css", include_str!("pages/style.css")),
];

static PAGES: LazyLock<Result<Environment<'static>, String>> = LazyLock::new(|| {
    let mut pages = Environment::new();
    let lines = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    pages.set_syntax(lines.map_err(|error| error.to_string())?);
    pages.set_undefined_behavior(UndefinedBehavior::Strict);
    pages.set_auto_escape_callback(|name| {
        if name.ends_with(".css") || name.ends_with(".js") { AutoEscape::None } else { AutoEscape::Html }
    });
    for (name, text) in TEMPLATES {
        pages.add_template(name, text).map_err(|error| error.to_string())?;
    }
    Ok(pages)
});

/// What a browser may do with a page of ours: nothing from elsewhere, no script, and no style but our own.
pub static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = hash("style.css");
    format!(
        "default-src 'none'; style-src '{style}'; img-src data:; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
});

/// The same for the page on which people sign: pictures of ours, the one script that draws, and telling us of it.
pub static SIGNING_POLICY: LazyLock<String> = LazyLock::new(|| {
    let (style, script) = (hash("style.css"), hash("sign.js"));
    format!(
        "default-src 'none'; style-src '{style}'; script-src '{script}'; img-src 'self' data:; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
});

/// How a policy names what stands within a page.
fn hash(name: &str) -> String {
    let text = render(name, &()).unwrap_or_default();
    format!("sha256-{}", STANDARD.encode(Sha256::of(text).0))
}

/// Fills in one of the templates.
///
/// # Errors
/// When it is broken: our fault.
pub fn render(name: &str, context: &impl Serialize) -> Result<String, Error> {
    let pages = PAGES.as_ref().map_err(Error::internal)?;
    let page = pages.get_template(name).map_err(Error::internal)?;
    page.render(Serde(context)).map_err(Error::internal)
}

/// What all pages have around them.
#[derive(Debug, Clone, Serialize)]
pub struct Frame {
    pub(super) language: Language,
    pub(super) words: Words,
    /// To choose from; empty where the page came of a form, which a link would lose.
    languages: Vec<Tongue>,
    provider: Option<String>,
    phone: Option<String>,
    /// The telephone as `tel:` takes it.
    dial: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct Tongue {
    code: &'static str,
    name: &'static str,
    short: &'static str,
}

const TONGUES: [Tongue; 3] = [
    Tongue { code: "ru", name: "Русский", short: "Рус" },
    Tongue { code: "uk", name: "Українська", short: "Укр" },
    Tongue { code: "en", name: "English", short: "Eng" },
];

impl Frame {
    /// The frame of a page in a language. `choice` is whether another may be chosen.
    pub fn new(language: Language, ours: Option<&Provider>, choice: bool) -> Self {
        let phone = ours.and_then(|ours| ours.phone.clone());
        Self {
            language,
            words: Words::of(language),
            languages: if choice { TONGUES.to_vec() } else { Vec::new() },
            provider: ours.map(|ours| ours.legal_name.clone()),
            dial: phone.as_deref().and_then(dial),
            phone,
        }
    }

    /// The language of the page.
    pub const fn language(&self) -> Language {
        self.language
    }
}

/// The first number of what somebody wrote down, without an extension: "+7 495 123-45-67 доб. 3".
pub fn dial(phone: &str) -> Option<String> {
    let begins = |letter: char| letter == '+' || letter.is_ascii_digit();
    let ends = |letter: char| letter.is_alphabetic() || matches!(letter, ',' | ';' | '/' | '#');
    let number = phone.get(phone.find(begins)?..)?.split(ends).next()?;
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    (!digits.is_empty()).then(|| format!("{}{digits}", if number.starts_with('+') { "+" } else { "" }))
}

#[derive(Serialize)]
struct MessagePage<'a> {
    #[serde(flatten)]
    frame: &'a Frame,
    title: &'a str,
    sentences: Vec<String>,
}

/// A page that says one thing, and whom to call.
///
/// # Errors
/// When a template is broken: our fault.
pub fn message(frame: &Frame, title: &str, sentences: Vec<String>) -> Result<String, Error> {
    render("message.html", &MessagePage { frame, title, sentences })
}

#[cfg(test)]
mod tests {
    use super::{Frame, POLICY, dial, message};
    use crate::words::Language;

    #[test]
    fn nobody_dials_an_extension() {
        for (written, dialled) in [
            ("+7 (495) 123-45-67 доб. 3", Some("+74951234567")),
            ("8 800 555-35-35, 8 495 123-45-67", Some("88005553535")),
            ("тел. +380 44 123 45 67", Some("+380441234567")),
            ("0 44 123 45 67 (ext 12)", Some("0441234567")),
            ("нет", None),
        ] {
            assert_eq!(dial(written).as_deref(), dialled, "{written}");
        }
    }

    #[test]
    fn a_page_holds_no_style_but_the_one_its_policy_names() {
        let frame = Frame::new(Language::Uk, None, true);
        let page = message(&frame, "<b>", vec!["a & b".to_owned()]).unwrap();
        assert!(page.contains("&lt;b&gt;") && page.contains("a &amp; b"), "{page}");
        let style = page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
        let hash =
            base64::Engine::encode(&base64::engine::general_purpose::STANDARD, crate::db::types::Sha256::of(style).0);
        assert!(POLICY.contains(&hash));
        assert!(!page.contains("<script") && !page.contains(" style="));
    }
}
