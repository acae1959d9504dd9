//! The API's own description, collected from the routes.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::{Responder as _, web};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ContactBuilder, ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder,
    Schema, ServerBuilder, schema,
};
use utoipa::{IntoResponses, PartialSchema, ToSchema};
use utoipa_actix_web::AppExt;

use crate::http::problem::{Problem, ProblemField};
use crate::server;

/// The refusals every operation may answer with; all have the same shape.
pub struct Problems;

const STATUSES: [(&str, &str); 12] = [
    ("400", "The request cannot be read"),
    ("401", "Not signed in, or the session has ended"),
    ("403", "The role does not allow it"),
    ("404", "Not there, or not yours to see"),
    ("405", "This address does not take that method"),
    ("409", "It contradicts what is so already"),
    ("412", "Changed by somebody else meanwhile"),
    ("413", "Too large"),
    ("415", "A kind of body this address does not take"),
    ("422", "Some field or rule is not satisfied"),
    ("429", "Too many attempts"),
    ("503", "Too much to do at the moment"),
];

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        STATUSES
            .iter()
            .map(|(status, _)| ((*status).to_owned(), RefOr::Ref(Ref::from_response_name(format!("Problem{status}")))))
            .collect()
    }
}

/// The whole document, the same on every machine.
pub fn document() -> OpenApi {
    let (_, mut document) = actix_web::App::new()
        .into_utoipa_app()
        .service(utoipa_actix_web::scope("/api/v1").configure(server::configure))
        .split_for_parts();
    document.info = InfoBuilder::new()
        .title("Naryad")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "The backend of a field-service company: tickets tied to scanned equipment, gates that hold, acts that are \
             signed, work that is billed. Start with guide.md beside this file.",
        ))
        .contact(Some(ContactBuilder::new().name(Some("The Naryad developers")).build()))
        .license(Some(LicenseBuilder::new().name("MIT OR Apache-2.0").identifier(Some("MIT OR Apache-2.0")).build()))
        .build();
    document.servers = Some(vec![ServerBuilder::new().url("/").description(Some("The server this came from")).build()]);
    let bearer = SecurityScheme::Http(
        HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some("The access token of POST /api/v1/auth/login"))
            .build(),
    );
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("bearer", bearer);
    components.schemas.insert(Problem::name().into_owned(), Problem::schema());
    components.schemas.insert(ProblemField::name().into_owned(), ProblemField::schema());
    for (status, description) in STATUSES {
        let content =
            ContentBuilder::new().schema(Some(RefOr::<Schema>::Ref(Ref::from_schema_name(Problem::name())))).build();
        let response =
            ResponseBuilder::new().description(description).content("application/problem+json", content).build();
        components.responses.insert(format!("Problem{status}"), response.into());
    }
    name_what_pages_hold(&mut components.schemas);
    document.security = Some(vec![SecurityRequirement::new("bearer", Vec::<String>::new())]);
    document
}

/// A page's records are spelt out in place by the derive; generated clients want to know that they are the records they know.
fn name_what_pages_hold(schemas: &mut BTreeMap<String, RefOr<Schema>>) {
    let known: BTreeSet<String> = schemas.keys().cloned().collect();
    for (name, schema) in schemas {
        let Some(record) = name.strip_prefix("Page_").filter(|record| known.contains(*record)) else { continue };
        if let RefOr::T(Schema::Object(page)) = schema
            && let Some(RefOr::T(Schema::Array(data))) = page.properties.get_mut("data")
        {
            data.items = schema::ArrayItems::RefOrSchema(Box::new(RefOr::Ref(Ref::from_schema_name(record))));
        }
    }
}

/// The document as it is committed and served.
pub fn json() -> String {
    let mut json = document().to_pretty_json().unwrap_or_default();
    json.push('\n');
    json
}

/// Serves the document.
pub async fn serve() -> impl actix_web::Responder {
    static JSON: std::sync::LazyLock<String> = std::sync::LazyLock::new(json);
    web::Bytes::from_static(JSON.as_bytes()).customize().insert_header(("Content-Type", "application/json"))
}
