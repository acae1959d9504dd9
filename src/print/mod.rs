//! Paper: a form and some data become pages, and pages become PDF, SVG, pixels or a label printer's language.
//!
//! ```text
//! print-forms/act.ru.xml.j2 ──form──▶ XML ──reader──▶ blocks ──layout──▶ pages ──pdf──▶ bytes
//!                             ▲ data                                       ├──svg───▶ text
//!                                                                          └─raster─▶ pixels ─▶ ZPL, TSPL
//! ```
//! Labels come in thousands: [`press`] sets them one by one, and [`stream`] writes their pages as they fill up.
//! Nothing in this folder but [`routes`] knows HTTP, and nothing the database. The same form, data and fonts give the same bytes.

pub mod attach;
pub mod bitmap;
pub mod calibration;
pub mod code_mark;
pub mod countersign;
pub mod facsimile;
pub mod filters;
pub mod font;
pub mod form;
pub mod label;
pub mod layout;
pub mod lines;
pub mod markup;
pub mod page;
pub mod pdf;
pub mod phrase;
pub mod pieces;
pub mod press;
pub mod qr;
pub mod raster;
pub mod reader;
pub mod routes;
pub mod samples;
pub mod samples_reports;
pub mod sheet;
pub mod stream;
pub mod svg;
pub mod tspl;
pub mod zpl;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use self::font::Fonts;
use self::form::{Form, FormError, Kind};
use self::page::{Document, Picture, SignatureBox};
use crate::db::types::{Sha256, Timestamp};
use crate::error::{Code, Error};
use crate::words::Language;

/// Prints by the forms of a folder.
#[derive(Clone)]
pub struct Printer {
    folder: Arc<PathBuf>,
    fonts: Arc<Fonts>,
}

/// What came out of the printer.
#[derive(Debug, Clone)]
pub struct Printed {
    /// The PDF.
    pub bytes: Vec<u8>,
    /// Where people sign.
    pub signatures: Vec<SignatureBox>,
}

impl Printer {
    /// Opens a folder of forms and puts those there that it lacks.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn open(folder: &Path) -> Result<Self, String> {
        form::install(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let fonts = Fonts::built_in().map_err(|error| error.to_string())?;
        Ok(Self { folder: Arc::new(folder.to_owned()), fonts: Arc::new(fonts) })
    }

    /// The folder of the forms.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The fonts.
    pub fn fonts(&self) -> &Fonts {
        &self.fonts
    }

    /// A form as it lies in the folder at this moment.
    ///
    /// # Errors
    /// `form_invalid` when it is not there or cannot be read.
    pub fn form(&self, kind: Kind, language: Language) -> Result<Form, Error> {
        Form::load(&self.folder, kind, language).map_err(Error::from)
    }

    /// A form that was kept with a document.
    ///
    /// # Errors
    /// When the bytes are no form.
    pub fn kept_form(&self, bytes: &[u8]) -> Result<Form, Error> {
        Form::unpack(bytes).map_err(Error::from)
    }

    /// Fills in a form and sets its pages.
    ///
    /// # Errors
    /// `form_invalid` with the file, the line and the reason.
    pub fn set(&self, form: &Form, data: &Value) -> Result<Document, Error> {
        form.set(&self.fonts, data).map_err(Error::from)
    }

    /// Prints a document.
    ///
    /// # Errors
    /// `form_invalid` with the file, the line and the reason.
    pub fn print(&self, form: &Form, data: &Value, made_at: Timestamp) -> Result<Printed, Error> {
        self.print_known_by(None, form, data, made_at)
    }

    /// Prints a document that shows pictures of its own, by the names that the data call them.
    ///
    /// # Errors
    /// As [`Printer::print`].
    pub fn print_showing(
        &self,
        pictures: BTreeMap<String, Arc<Picture>>,
        form: &Form,
        data: &Value,
        made_at: Timestamp,
    ) -> Result<Vec<u8>, Error> {
        let document = form.ready()?.showing(pictures).set(&self.fonts, data)?;
        pdf::write(&document, &self.fonts, made_at)
    }

    /// Prints a document that is known by a code.
    ///
    /// # Errors
    /// As [`Printer::print`].
    pub fn print_known_by(
        &self,
        code: Option<String>,
        form: &Form,
        data: &Value,
        made_at: Timestamp,
    ) -> Result<Printed, Error> {
        let document = Document { code, ..self.set(form, data)? };
        let bytes = pdf::write(&document, &self.fonts, made_at)?;
        Ok(Printed { bytes, signatures: document.signatures() })
    }
}

impl From<FormError> for Error {
    fn from(error: FormError) -> Self {
        let FormError { file, line, reason } = error;
        let refusal =
            Code::FormInvalid.with([("file", file.clone()), ("line", line.to_string()), ("reason", reason.clone())]);
        refusal.and("file", file).and("line", line).and("reason", reason).into()
    }
}

/// The hash under which a form is kept.
pub fn form_hash(form: &Form) -> Sha256 {
    Sha256::of(form.pack())
}
