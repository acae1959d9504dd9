//! Query strings, with errors that name the parameter.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};

use super::body::diagnose;
use crate::error::{Code, Error, FieldError, Flaw, Refusal};

/// The parameters of a request. Unknown ones are refused: a misspelt filter must not answer with everything.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(request.query_string()).map(Self))
    }
}

/// Reads parameters.
///
/// # Errors
/// `invalid_parameter` that names one.
pub fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Error> {
    must_be_clean(query)?;
    let given = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
    serde_path_to_error::deserialize(given).map_err(|error| {
        let (flaw, field, params) = diagnose(&error.inner().to_string());
        let pointer = field.unwrap_or_else(|| error.path().to_string());
        refused(pointer, flaw, params)
    })
}

/// The refusal of a parameter.
pub fn refused(name: impl Into<String>, flaw: Flaw, params: Vec<(&'static str, String)>) -> Error {
    Refusal { fields: vec![FieldError { pointer: name.into(), flaw, params }], ..Code::InvalidParameter.into() }.into()
}

/// No parameter holds U+0000, which not every database keeps, nor bytes that are no text.
fn must_be_clean(query: &str) -> Result<(), Error> {
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let holds = |letter: char| name.contains(letter) || value.contains(letter);
        // What was no UTF-8 has been read as U+FFFD.
        if holds('\0') || holds('\u{fffd}') {
            return Err(refused(name.into_owned(), Flaw::ForbiddenCharacter, Vec::new()));
        }
    }
    Ok(())
}

/// `limit` of a list.
///
/// # Errors
/// When it is not a number of 1 to 200.
pub fn limit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.parse() {
        Ok(limit @ 1..=crate::db::page::MAX_LIMIT) => Ok(Some(limit)),
        _ => Err(D::Error::custom(format!("!out_of_range min=1 max={}", crate::db::page::MAX_LIMIT))),
    }
}

/// Declares the parameters of a list: its own filters, and `limit` and `cursor`.
macro_rules! list_query {
    ($(#[$doc:meta])* pub struct $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, serde::Deserialize, utoipa::IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub struct $name {
            $($(#[$field_doc])* #[serde(default)] pub $field: Option<$type>,)*
            /// Records on the page.
            #[param(minimum = 1, maximum = 200, default = 50)]
            #[serde(default, deserialize_with = "crate::http::query::limit")]
            pub limit: Option<u32>,
            /// `next_cursor` of the page before, with the same filters.
            #[param(max_length = 1000)]
            #[serde(default)]
            pub cursor: Option<String>,
        }

        impl $name {
            /// Which page is wanted. Its cursor leads on in this list with these filters and in no other.
            pub fn page(&self) -> $crate::db::page::PageRequest {
                let filters: Vec<String> = vec![$(format!("{:?}", self.$field)),*];
                let list = format!("{} {}", stringify!($name), filters.join(" "));
                $crate::db::page::PageRequest { limit: self.limit, cursor: self.cursor.clone(), list }
            }
        }
    };
}
pub(crate) use list_query;

/// `true` or `false`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, utoipa::ToSchema)]
#[schema(value_type = bool)]
pub struct Flag(pub bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "true" => Ok(Self(true)),
            "false" => Ok(Self(false)),
            _ => Err(D::Error::custom("!not_one_of allowed=true,~false")),
        }
    }
}
