//! What can go wrong, told twice: to the client as a stable code with advice, to the log as the cause.
//!
//! A refusal names a [`Code`]; the table in [`codes`] gives its HTTP status and its sentences. Anything else is our fault:
//! the client hears `internal` and a trace id, the log gets the rest. [`crate::http::problem`] writes the answer.

pub mod codes;
pub mod flaws;

use std::any::Any;
use std::fmt;

use serde_json::{Map, Value};

pub use self::codes::Code;
pub use self::flaws::Flaw;
use crate::db::{constraint, dialect};

/// Why a use case did not happen.
#[derive(Debug)]
pub enum Error {
    /// A rule of the business or of the API said no. The client is told all of it.
    Refused(Box<Refusal>),
    /// The database said something no rule foresaw; what passes by itself is told as `busy`.
    Database(diesel::result::Error),
    /// Too much to do at the moment: the client may try again shortly.
    Busy,
    /// Anything else that is our fault. The text is for the log.
    Internal(String),
}

/// A refusal with everything the client needs to mend it.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// Stable, for programs.
    pub code: Code,
    /// What the sentence's `{placeholders}` stand for.
    pub params: Vec<(&'static str, String)>,
    /// Fields of the request that are to blame.
    pub fields: Vec<FieldError>,
    /// Further members of the answer, such as `unmet`.
    pub extra: Map<String, Value>,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// JSON pointer into the body, or the name of a query parameter.
    pub pointer: String,
    /// Stable, for programs.
    pub flaw: Flaw,
    /// What the sentence's `{placeholders}` stand for.
    pub params: Vec<(&'static str, String)>,
}

impl Error {
    /// A request whose field at `pointer` has a flaw.
    pub fn field(pointer: impl Into<String>, flaw: Flaw) -> Self {
        Self::field_with(pointer, flaw, [])
    }

    /// [`Error::field`] with what the sentence needs.
    pub fn field_with<const N: usize>(
        pointer: impl Into<String>,
        flaw: Flaw,
        params: [(&'static str, String); N],
    ) -> Self {
        let field = FieldError { pointer: pointer.into(), flaw, params: params.to_vec() };
        Self::from(Refusal { fields: vec![field], ..Refusal::from(Code::ValidationFailed) })
    }

    /// The same for a record that came as a part of another: the fields to blame lie below `pointer`.
    #[must_use]
    pub fn within(mut self, pointer: &str) -> Self {
        if let Self::Refused(refusal) = &mut self {
            for field in &mut refusal.fields {
                field.pointer.insert_str(0, pointer);
            }
        }
        self
    }

    /// The program is going down, or a thread of it went.
    pub fn stopped() -> Self {
        Self::Busy
    }

    /// A use case panicked: a defect of ours, and of this one request only.
    pub fn panicked(panic: &(dyn Any + Send)) -> Self {
        let text =
            panic.downcast_ref::<&str>().map(ToString::to_string).or_else(|| panic.downcast_ref::<String>().cloned());
        Self::Internal(format!("panicked: {}", text.unwrap_or_default()))
    }

    /// Something of our own did not work.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::Internal(cause.to_string())
    }

    /// The code the client will see.
    pub fn code(&self) -> Code {
        match self {
            Self::Refused(refusal) => refusal.code,
            Self::Busy => Code::Busy,
            Self::Database(error) if dialect::will_pass(error) => Code::Busy,
            Self::Database(_) | Self::Internal(_) => Code::Internal,
        }
    }

    /// What the client will be told.
    pub fn refusal(&self) -> Refusal {
        match self {
            Self::Refused(refusal) => refusal.as_ref().clone(),
            _ => self.code().into(),
        }
    }

    /// Answers `code` instead when the database refused the statement for the unique rule `name`.
    #[must_use]
    pub fn on_taken(self, name: &str, code: impl FnOnce() -> Self) -> Self {
        match &self {
            Self::Database(error) if constraint::is_unique(error, name) => code(),
            _ => self,
        }
    }
}

impl Code {
    /// A refusal that gives the sentence what it needs.
    pub fn with<const N: usize>(self, params: [(&'static str, String); N]) -> Refusal {
        Refusal { params: params.to_vec(), ..self.into() }
    }
}

impl Refusal {
    /// Adds a member to the answer.
    #[must_use]
    pub fn and(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(name.to_owned(), value.into());
        self
    }

    /// Blames a field.
    #[must_use]
    pub fn at(self, pointer: impl Into<String>, flaw: Flaw) -> Self {
        self.at_with(pointer, flaw, [])
    }

    /// Blames a field for a flaw whose sentence has something to fill in.
    #[must_use]
    pub fn at_with<const N: usize>(
        mut self,
        pointer: impl Into<String>,
        flaw: Flaw,
        params: [(&'static str, String); N],
    ) -> Self {
        self.fields.push(FieldError { pointer: pointer.into(), flaw, params: params.to_vec() });
        self
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self { code, params: Vec::new(), fields: Vec::new(), extra: Map::new() }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Refusal::from(code).into()
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error)
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(error)
    }
}

impl fmt::Display for Error {
    /// For the log: the client gets [`Error::refusal`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => write!(f, "{}", refusal.code),
            Self::Database(error) => write!(f, "database: {error}"),
            Self::Busy => f.write_str("busy"),
            Self::Internal(cause) => f.write_str(cause),
        }
    }
}

impl std::error::Error for Error {}
