//! Print forms: templates in a folder that anybody may edit, filled in with data.
//!
//! A template is XML for [`super::markup`] with MiniJinja's `{{ … }}` and `{% … %}`. Before it is filled in, every element
//! is told where it stands, so that a mistake is reported with the template's own file and line, however much a loop
//! has made of it.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::font::Fonts;
use super::layout;
use super::lines::NEW_LINE;
use super::markup::{PLACE, Place};
use super::page::{Document, Picture};
use super::reader;
use crate::db::types::text_enum;
use crate::words::Language;

/// Steps a template may take, and how much it may write.
const FUEL: u64 = 5_000_000;
const MOST_XML: usize = 8 << 20;
/// Elements within elements: far more than paper needs, far fewer than a thread's stack holds.
const DEEPEST: usize = 40;
/// Bytes a file of the folder may have.
pub const MOST_BYTES: usize = 2 << 20;

text_enum! {
    /// What is printed by a form.
    Kind {
        /// The act of completed works.
        Act = "act",
        /// The invoice.
        Invoice = "invoice",
        /// The label of an asset.
        Label = "label",
        /// The sheet of signatures that is added to a signed act.
        Signatures = "signatures",
        /// The cover of what proves how a job went.
        DisputePack = "dispute-pack",
        /// What was done for a company in a period.
        WorkReport = "work-report",
    }
}

/// The forms that come with the program.
const SHIPPED: &[(&str, &[u8])] = &[
    ("README.md", include_bytes!("../../print-forms/README.md")),
    ("parts.xml.j2", include_bytes!("../../print-forms/parts.xml.j2")),
    ("act.ru.xml.j2", include_bytes!("../../print-forms/act.ru.xml.j2")),
    ("act.uk.xml.j2", include_bytes!("../../print-forms/act.uk.xml.j2")),
    ("act.en.xml.j2", include_bytes!("../../print-forms/act.en.xml.j2")),
    ("invoice.ru.xml.j2", include_bytes!("../../print-forms/invoice.ru.xml.j2")),
    ("invoice.uk.xml.j2", include_bytes!("../../print-forms/invoice.uk.xml.j2")),
    ("invoice.en.xml.j2", include_bytes!("../../print-forms/invoice.en.xml.j2")),
    ("label.ru.xml.j2", include_bytes!("../../print-forms/label.ru.xml.j2")),
    ("label.uk.xml.j2", include_bytes!("../../print-forms/label.uk.xml.j2")),
    ("label.en.xml.j2", include_bytes!("../../print-forms/label.en.xml.j2")),
    ("signatures.ru.xml.j2", include_bytes!("../../print-forms/signatures.ru.xml.j2")),
    ("signatures.uk.xml.j2", include_bytes!("../../print-forms/signatures.uk.xml.j2")),
    ("signatures.en.xml.j2", include_bytes!("../../print-forms/signatures.en.xml.j2")),
    ("dispute-pack.ru.xml.j2", include_bytes!("../../print-forms/dispute-pack.ru.xml.j2")),
    ("dispute-pack.uk.xml.j2", include_bytes!("../../print-forms/dispute-pack.uk.xml.j2")),
    ("dispute-pack.en.xml.j2", include_bytes!("../../print-forms/dispute-pack.en.xml.j2")),
    ("work-report.ru.xml.j2", include_bytes!("../../print-forms/work-report.ru.xml.j2")),
    ("work-report.uk.xml.j2", include_bytes!("../../print-forms/work-report.uk.xml.j2")),
    ("work-report.en.xml.j2", include_bytes!("../../print-forms/work-report.en.xml.j2")),
];

/// Where the hashes of the forms that were put into a folder are noted.
const NOTED: &str = ".shipped.json";

/// A mistake in a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormError {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

/// A form: one template with everything it may include, as it was at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// The template to begin with.
    file: String,
    /// Templates by name.
    templates: BTreeMap<String, String>,
    /// Pictures by name, in base64.
    pictures: BTreeMap<String, String>,
}

/// The file of a kind's form in a language.
pub fn file_name(kind: Kind, language: Language) -> String {
    format!("{kind}.{language}.xml.j2")
}

/// The kind and language a file is the form of.
pub fn kind_of(file: &str) -> Option<(Kind, Language)> {
    let (kind, rest) = file.split_once('.')?;
    let language = rest.strip_suffix(".xml.j2")?;
    Some((kind.parse().ok()?, language.parse().ok()?))
}

/// Whether a file belongs among the forms.
pub fn is_form_file(name: &str) -> bool {
    let plain =
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)) && !name.starts_with('.');
    let known = [".xml.j2", ".png", ".jpg", ".jpeg"].iter().any(|end| name.ends_with(end));
    plain && known && !is_misnamed(name) && name.len() <= 100
}

/// Whether a file is named like a form that no document would ever use: `act.de.xml.j2`.
fn is_misnamed(name: &str) -> bool {
    let kind = name.split('.').next().is_some_and(|first| first.parse::<Kind>().is_ok());
    kind && name.ends_with(".xml.j2") && kind_of(name).is_none()
}

/// The bytes a file came with, if it came with the program.
pub fn shipped(name: &str) -> Option<&'static [u8]> {
    SHIPPED.iter().find(|(file, _)| *file == name).map(|(_, bytes)| *bytes)
}

/// Puts the forms that come with the program into a folder. A file that somebody has changed stays; one that nobody has
/// is replaced when the program brings a newer one.
///
/// # Errors
/// When the folder cannot be written.
pub fn install(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let hash = |bytes: &[u8]| crate::db::types::Sha256::of(bytes).to_string();
    let noted: BTreeMap<String, String> =
        fs::read(folder.join(NOTED)).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let mut note = noted.clone();
    for (name, bytes) in SHIPPED {
        let path = folder.join(name);
        let there = fs::read(&path).ok();
        let untouched = there.as_ref().is_none_or(|there| noted.get(*name) == Some(&hash(there)));
        if untouched {
            if there.as_deref() != Some(*bytes) {
                fs::write(&path, bytes)?;
            }
            note.insert((*name).to_owned(), hash(bytes));
        }
    }
    if note != noted {
        fs::write(folder.join(NOTED), serde_json::to_vec_pretty(&note).unwrap_or_default())?;
    }
    Ok(())
}

impl Form {
    /// A form as it lies in a folder at this moment.
    ///
    /// # Errors
    /// When it is not there, or is no text.
    pub fn load(folder: &Path, kind: Kind, language: Language) -> Result<Self, FormError> {
        let file = file_name(kind, language);
        let mut form = Self { file: file.clone(), templates: BTreeMap::new(), pictures: BTreeMap::new() };
        form.add_template(folder, &file)?;
        Ok(form)
    }

    /// A form without any file yet.
    pub const fn empty(file: String) -> Self {
        Self { file, templates: BTreeMap::new(), pictures: BTreeMap::new() }
    }

    /// Whether a file is part of it.
    pub fn uses(&self, file: &str) -> bool {
        self.templates.contains_key(file) || self.pictures.contains_key(file)
    }

    /// The same form with one file replaced: to try an edit before it is kept.
    ///
    /// # Errors
    /// When it is no text.
    pub fn with_template(mut self, folder: &Path, name: &str, bytes: &[u8]) -> Result<Self, FormError> {
        self.read_template(folder, name, bytes)?;
        Ok(self)
    }

    /// The template to begin with.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// What is written in it.
    pub fn source(&self) -> Option<&str> {
        self.templates.get(&self.file).map(String::as_str)
    }

    fn add_template(&mut self, folder: &Path, name: &str) -> Result<(), FormError> {
        if self.templates.contains_key(name) {
            return Ok(());
        }
        let wrong = |reason: String| FormError { file: name.to_owned(), line: 1, reason };
        let bytes = fs::read(folder.join(name)).map_err(|error| wrong(error.to_string()))?;
        self.read_template(folder, name, &bytes)
    }

    fn read_template(&mut self, folder: &Path, name: &str, bytes: &[u8]) -> Result<(), FormError> {
        let wrong = |line: usize, reason: &str| FormError { file: name.to_owned(), line, reason: reason.to_owned() };
        if bytes.len() > MOST_BYTES {
            return Err(wrong(1, "the file is too large"));
        }
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            wrong(before.iter().filter(|byte| **byte == b'\n').count() + 1, "the file is not UTF-8")
        })?;
        let (included, pictures) = mentioned(text);
        self.templates.insert(name.to_owned(), text.trim_start_matches('\u{feff}').to_owned());
        for other in included.into_iter().filter(|other| is_form_file(other) && other.ends_with(".xml.j2")) {
            self.add_template(folder, &other)?;
        }
        for picture in pictures.into_iter().filter(|picture| is_form_file(picture) && !picture.ends_with(".xml.j2")) {
            if let Ok(bytes) = fs::read(folder.join(&picture)) {
                use base64::Engine;
                self.pictures.insert(picture, base64::engine::general_purpose::STANDARD.encode(bytes));
            }
        }
        Ok(())
    }

    /// All of the form as bytes, to keep beside a document.
    pub fn pack(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// A form that was packed.
    ///
    /// # Errors
    /// When the bytes are no form.
    pub fn unpack(bytes: &[u8]) -> Result<Self, FormError> {
        let wrong = |error: serde_json::Error| FormError {
            file: "form".to_owned(),
            line: error.line(),
            reason: error.to_string(),
        };
        serde_json::from_slice(bytes).map_err(wrong)
    }

    /// Fills in the form and sets its pages.
    ///
    /// # Errors
    /// The first mistake, with file and line.
    pub fn set(&self, fonts: &Fonts, data: &Value) -> Result<Document, FormError> {
        self.ready()?.set(fonts, data)
    }

    /// Reads the templates once, for many documents.
    ///
    /// # Errors
    /// The first mistake, with file and line.
    pub fn ready(&self) -> Result<Ready<'_>, FormError> {
        let language = kind_of(&self.file).map_or(Language::En, |(_, language)| language);
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.set_fuel(Some(FUEL));
        super::filters::add(&mut environment, language);
        for (name, text) in &self.templates {
            environment.add_template_owned(name.clone(), noted(name, text)).map_err(|error| self.mistake(&error))?;
        }
        Ok(Ready { form: self, environment, unpacked: Mutex::default() })
    }

    fn picture(
        &self,
        name: &str,
        unpacked: &Mutex<BTreeMap<String, Arc<Picture>>>,
    ) -> Result<Option<Arc<Picture>>, String> {
        use base64::Engine;
        let mut unpacked = unpacked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(picture) = unpacked.get(name) {
            return Ok(Some(picture.clone()));
        }
        let Some(packed) = self.pictures.get(name) else { return Ok(None) };
        let bytes = base64::engine::general_purpose::STANDARD.decode(packed).map_err(|error| error.to_string())?;
        let format = image::guess_format(&bytes).map_err(|_| "it is neither PNG nor JPEG".to_owned())?;
        let pixels =
            crate::files::picture::unpack(&bytes, format).map_err(|_| "it is too large or broken".to_owned())?;
        // Finer than a printer shows is only weight.
        let pixels = if pixels.width().max(pixels.height()) > 1_200 {
            pixels.resize(1_200, 1_200, image::imageops::FilterType::CatmullRom)
        } else {
            pixels
        };
        let picture = Arc::new(Picture { name: name.to_owned(), pixels: pixels.to_rgba8() });
        unpacked.insert(name.to_owned(), picture.clone());
        Ok(Some(picture))
    }

    fn mistake(&self, error: &minijinja::Error) -> FormError {
        let reason = match error.kind() {
            ErrorKind::OutOfFuel => "it never ends".to_owned(),
            ErrorKind::WriteFailure => "it writes too much".to_owned(),
            kind => error.detail().map_or_else(|| kind.to_string(), |detail| format!("{kind}: {detail}")),
        };
        FormError { file: error.name().unwrap_or(&self.file).to_owned(), line: error.line().unwrap_or(1), reason }
    }
}

/// A form whose templates were read.
pub struct Ready<'a> {
    form: &'a Form,
    environment: Environment<'static>,
    unpacked: Mutex<BTreeMap<String, Arc<Picture>>>,
}

impl Ready<'_> {
    /// The same with pictures that are no files of the folder, by the names that the data call them.
    #[must_use]
    pub fn showing(mut self, pictures: BTreeMap<String, Arc<Picture>>) -> Self {
        self.unpacked = Mutex::new(pictures);
        self
    }

    /// Fills in the form and sets its pages.
    ///
    /// # Errors
    /// The first mistake, with file and line.
    pub fn set(&self, fonts: &Fonts, data: &Value) -> Result<Document, FormError> {
        let xml = self.fill_in(&with_lines(data))?;
        let start = Place { file: self.form.file.clone(), line: 1 };
        let options = roxmltree::ParsingOptions { allow_dtd: false, ..roxmltree::ParsingOptions::default() };
        let tree =
            roxmltree::Document::parse_with_options(&xml, options).map_err(|error| misread(&xml, &error, &start))?;
        must_be_shallow(&tree, &start)?;
        let sheet = reader::read(tree.root_element(), &start)?;
        let pictures = |name: &str| self.form.picture(name, &self.unpacked);
        layout::set(&sheet, fonts, &pictures, &start)
    }

    fn fill_in(&self, data: &Value) -> Result<String, FormError> {
        let file = &self.form.file;
        let template = self.environment.get_template(file).map_err(|error| self.form.mistake(&error))?;
        let mut xml = Bounded(Vec::new());
        template.render_captured_to(Serde(data), &mut xml).map_err(|error| self.form.mistake(&error))?;
        String::from_utf8(xml.0).map_err(|_| FormError {
            file: file.clone(),
            line: 1,
            reason: "it wrote no text".to_owned(),
        })
    }
}

/// Text of at most [`MOST_XML`] bytes.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MOST_XML {
            return Err(io::Error::other("too much"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Values keep their new lines on paper, unlike templates.
fn with_lines(data: &Value) -> Value {
    match data {
        Value::String(text) => {
            let paper = |letter: char| match letter {
                '\n' => Some(NEW_LINE),
                // What no XML can hold; texts of old may.
                '\u{fffe}' | '\u{ffff}' => None,
                letter => Some(letter).filter(|letter| !letter.is_control() || *letter == '\t'),
            };
            Value::String(text.chars().filter_map(paper).collect())
        }
        Value::Array(items) => items.iter().map(with_lines).collect(),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, value)| (name.clone(), with_lines(value))).collect())
        }
        other => other.clone(),
    }
}

/// Refuses elements within elements without end before anything reads them that goes as deep as they do.
fn must_be_shallow(tree: &roxmltree::Document<'_>, start: &Place) -> Result<(), FormError> {
    // Nodes come parents first: each is one deeper than its parent, which is known by then.
    let mut depths: HashMap<roxmltree::NodeId, usize> = HashMap::new();
    for node in tree.descendants() {
        let depth = node.parent().and_then(|parent| depths.get(&parent.id())).map_or(0, |depth| depth + 1);
        if depth > DEEPEST {
            let place = node.ancestors().find_map(|node| Place::parse(node.attribute(PLACE)?));
            let place = place.unwrap_or_else(|| start.clone());
            return Err(place.wrong(format!("more than {DEEPEST} elements stand within each other")));
        }
        if node.is_element() {
            depths.insert(node.id(), depth);
        }
    }
    Ok(())
}

/// The place of the last element that begins before this byte.
fn noted_before(xml: &str, at: usize) -> Option<Place> {
    let read = xml.get(..at.min(xml.len()))?;
    let mark = format!("{PLACE}=\"");
    place_at(read, read.rfind(&mark)? + mark.len())
}

/// The place that is noted at this byte.
fn place_at(xml: &str, at: usize) -> Option<Place> {
    Place::parse(xml.get(at..)?.split('"').next()?)
}

/// Where the XML a template wrote is broken, told by the element before it.
fn misread(xml: &str, error: &roxmltree::Error, start: &Place) -> FormError {
    let position = error.pos();
    let line = usize::try_from(position.row).unwrap_or(1);
    let column = usize::try_from(position.col).unwrap_or(1);
    let before: usize = xml.lines().take(line.saturating_sub(1)).map(|line| line.len() + 1).sum();
    let within = xml.get(before..).unwrap_or_default().char_indices().nth(column).map_or(0, |(index, _)| index);
    let at = (before + within).min(xml.len());
    if let roxmltree::Error::UnexpectedCloseTag(open, ..) = error {
        // The mistake is where it was opened, not where its end was missed.
        let opening = format!("<{open} {PLACE}=\"");
        let opened = xml.get(..at).and_then(|read| place_at(xml, read.rfind(&opening)? + opening.len()));
        if let Some(place) = opened {
            return place.wrong(format!("<{open}> is not closed"));
        }
    }
    let place = noted_before(xml, at);
    let reason = error.to_string();
    let reason = reason.rsplit_once(" at ").map_or(reason.as_str(), |(reason, _)| reason);
    place.unwrap_or_else(|| start.clone()).wrong(reason)
}

/// The template with each element told its file and line.
fn noted(name: &str, text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut line = 1;
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        // What is between braces is the template's own language, not an element.
        let skipped = [("{{", "}}"), ("{%", "%}"), ("{#", "#}"), ("<!--", "-->")].iter().find_map(|(open, close)| {
            let inside = rest.strip_prefix(open)?;
            Some(inside.find(close).map_or(rest.len(), |end| open.len() + end + close.len()))
        });
        if let Some(length) = skipped {
            let (whole, after) = rest.split_at(length);
            line += whole.matches('\n').count();
            out.push_str(whole);
            rest = after;
            continue;
        }
        let after = rest.get(letter.len_utf8()..).unwrap_or_default();
        out.push(letter);
        if letter == '\n' {
            line += 1;
        }
        if letter == '<' && after.starts_with(|first: char| first.is_ascii_alphabetic()) {
            let end = after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap_or(after.len());
            let (tag, after) = after.split_at(end);
            out.push_str(&format!("{tag} {PLACE}=\"{name}:{line}\""));
            rest = after;
            continue;
        }
        rest = after;
    }
    out
}

/// The files a template mentions: those it includes or imports, and its pictures.
fn mentioned(text: &str) -> (Vec<String>, Vec<String>) {
    let quoted = |text: &str| -> Vec<String> {
        let mut found = Vec::new();
        for quote in ['"', '\''] {
            found.extend(text.split(quote).skip(1).step_by(2).map(str::to_owned));
        }
        found
    };
    let mut templates = Vec::new();
    for block in text.split("{%").skip(1) {
        let block = block.split("%}").next().unwrap_or_default();
        if ["include", "import", "extends", "from"]
            .iter()
            .any(|word| block.split_whitespace().any(|part| part == *word))
        {
            templates.extend(quoted(block));
        }
    }
    let mut pictures = Vec::new();
    for image in text.split("<image").skip(1) {
        let tag = image.split('>').next().unwrap_or_default();
        pictures.extend(tag.split("src=").skip(1).flat_map(|rest| quoted(rest).into_iter().next()));
    }
    (templates, pictures)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> Form {
        Form {
            file: "act.en.xml.j2".to_owned(),
            templates: BTreeMap::from([("act.en.xml.j2".to_owned(), text.to_owned())]),
            pictures: BTreeMap::new(),
        }
    }

    fn refused(text: &str) -> FormError {
        form(text).set(&Fonts::built_in().unwrap(), &serde_json::json!({"lines": [1, 2, 3]})).unwrap_err()
    }

    #[test]
    fn a_mistake_is_told_with_its_line() {
        for (text, line, reason) in [
            ("<document>\n<body>\n<p>x</q>\n</body></document>", 3, "<p> is not closed"),
            ("<document>\n<body>\n<h2>x\n<p>y</p>\n</body></document>", 3, "<h2> is not closed"),
            ("<document>\n<body>\n<nope/></body></document>", 3, "there is no element <nope>"),
            (
                "<document>\n{% for x in lines %}\n<body><p wide='1'>{{ x }}</p></body>\n{% endfor %}</document>",
                3,
                "no attribute wide",
            ),
            ("<document>\n<body><p>{{ missing.name }}</p></body></document>", 2, "undefined"),
            ("<document>\n<body>\n{% if %}</body></document>", 3, "syntax error"),
            ("<document><body>\n<image src=\"none.png\"/></body></document>", 2, "no picture none.png"),
            (
                "<document><body>\n\n<table widths=\"1fr 1fr\"><row><cell>x</cell></row></table></body></document>",
                3,
                "1 columns",
            ),
        ] {
            let error = refused(text);
            assert_eq!((error.file.as_str(), error.line), ("act.en.xml.j2", line), "{error:?}");
            assert!(error.reason.contains(reason), "{error:?}");
        }
    }

    #[test]
    fn nothing_gets_out_and_nothing_runs_for_ever() {
        assert!(refused("<document><body>{% include '/etc/passwd' %}</body></document>").reason.contains("not"));
        assert!(refused("<document><body>{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}x{% endfor %}{% endfor %}{% endfor %}</body></document>").reason.contains("never ends"));
        let doctype =
            "<!DOCTYPE d [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><document><body><p>&a;</p></body></document>";
        assert!(!refused(doctype).reason.is_empty());
    }

    #[test]
    fn elements_within_elements_come_to_an_end() {
        let deep = format!("<document><body>{}{}</body></document>", "<keep>".repeat(5_000), "</keep>".repeat(5_000));
        assert!(refused(&deep).reason.contains("within each other"));
    }

    #[test]
    fn data_is_never_markup() {
        let form = form("<document title='{{ name }}'><body><p>{{ name }}</p></body></document>");
        let data = serde_json::json!({"name": "<b>&{{ 7*7 }}</p>"});
        let document = form.set(&Fonts::built_in().unwrap(), &data).unwrap();
        assert_eq!(document.title, "<b>&{{ 7*7 }}</p>");
    }

    #[test]
    fn an_edited_form_survives_an_upgrade() {
        let folder = std::env::temp_dir().join(format!("naryad-forms-{}", uuid::Uuid::now_v7()));
        install(&folder).unwrap();
        let edited = folder.join("act.en.xml.j2");
        fs::write(&edited, "edited").unwrap();
        fs::remove_file(folder.join("act.ru.xml.j2")).unwrap();
        install(&folder).unwrap();
        assert_eq!(fs::read(&edited).unwrap(), b"edited");
        assert_eq!(fs::read(folder.join("act.ru.xml.j2")).unwrap(), shipped("act.ru.xml.j2").unwrap());
        fs::remove_dir_all(&folder).unwrap();
    }
}
