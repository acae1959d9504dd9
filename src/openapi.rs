//! The API's own description, collected from the routes.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::{Responder as _, web};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ArrayBuilder, ContactBuilder, Content, ContentBuilder, Info, InfoBuilder, KnownFormat, LicenseBuilder,
    ObjectBuilder, OpenApi, PathItem, Ref, RefOr, ResponseBuilder, Schema, SchemaFormat, ServerBuilder, schema,
};
use utoipa::{PartialSchema, ToSchema};
use utoipa_actix_web::AppExt;

use crate::assets::brief::AssetBrief;
use crate::assets::{AssetView, Attribute};
use crate::http::described::STATUSES;
use crate::http::problem::{Problem, ProblemField};
use crate::http::query::Flag;
use crate::http::routes::Routes;
use crate::server;
use crate::tickets::content::ThumbnailSize;
use crate::tickets::gates::Remedy;
use crate::tickets::picture::GraphFormat;
use crate::time_entries::log::ConflictingEntry;

/// The groups of operations, in the order of a day's work.
const TAGS: [(&str, &str); 19] = [
    ("session", "Signing in, and who is signed in where"),
    ("provider", "Our own side: name, bank, taxes, time zone"),
    ("users", "Everybody who signs in"),
    ("teams", "Technicians to whom tickets of a kind go"),
    ("clients", "Companies, their sites, contacts and agreements"),
    ("prices", "What works and materials cost"),
    ("rules of work", "Kinds of tickets, checklists, the graph of statuses"),
    ("assets", "Devices and their codes"),
    ("labels", "Labels for devices, one by one, on sheets, on rolls and by the thousand; printers"),
    ("imports", "Tables that people have, taken over"),
    ("reports", "Faults that people without a login reported from a label"),
    ("tickets", "The job itself: who does it, what was scanned, answered, logged and used"),
    ("uploads", "Photos over a bad network: told of first, their bytes by tus 1.0.0"),
    ("sync", "What phones hold without a network, and what was done on them meanwhile"),
    ("acts", "What was done, frozen and signed"),
    ("messages", "Mail that goes out: links to sign by, one-time codes, signed acts"),
    ("invoices", "What is to be paid"),
    ("print forms", "How paper looks"),
    ("history", "What happened, chained by hash"),
];

/// The whole document, the same on every machine.
pub fn document() -> OpenApi {
    let (_, mut document) = actix_web::App::new()
        .into_utoipa_app()
        .service(
            utoipa_actix_web::scope("/api/v1").configure(|config| server::configure(&mut Routes::Described(config))),
        )
        .split_for_parts();
    document.info = info();
    document.servers = Some(vec![ServerBuilder::new().url("/").description(Some("The server this came from")).build()]);
    document.tags =
        Some(TAGS.map(|(name, about)| TagBuilder::new().name(name).description(Some(about)).build()).to_vec());
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("bearer", bearer());
    components.schemas.insert(Problem::name().into_owned(), Problem::schema());
    components.schemas.insert(ProblemField::name().into_owned(), ProblemField::schema());
    components.schemas.insert(ConflictingEntry::name().into_owned(), ConflictingEntry::schema());
    components.schemas.insert(Attribute::name().into_owned(), Attribute::schema());
    components.schemas.insert(Flag::name().into_owned(), Flag::schema());
    components.schemas.insert(GraphFormat::name().into_owned(), GraphFormat::schema());
    components.schemas.insert(ThumbnailSize::name().into_owned(), ThumbnailSize::schema());
    for (status, description) in STATUSES {
        let content =
            ContentBuilder::new().schema(Some(RefOr::<Schema>::Ref(Ref::from_schema_name(Problem::name())))).build();
        let response =
            ResponseBuilder::new().description(description).content("application/problem+json", content).build();
        components.responses.insert(format!("Problem{status}"), response.into());
    }
    name_what_pages_hold(&mut components.schemas);
    name_what_problems_carry(&mut components.schemas);
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            tell_bytes(operation);
            tell_headers(operation, method, path);
        }
    }
    document.security = Some(vec![SecurityRequirement::new("bearer", Vec::<String>::new())]);
    document
}

fn info() -> Info {
    InfoBuilder::new()
        .title("Naryad")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "The backend of a field-service company: tickets tied to scanned equipment, gates that hold, acts that are \
             signed, work that is billed. Start with guide.md beside this file.",
        ))
        .contact(Some(ContactBuilder::new().name(Some("The Naryad developers")).build()))
        .license(Some(LicenseBuilder::new().name("MIT OR Apache-2.0").identifier(Some("MIT OR Apache-2.0")).build()))
        .build()
}

fn bearer() -> SecurityScheme {
    SecurityScheme::Http(
        HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some("The access token of POST /api/v1/auth/login"))
            .build(),
    )
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let PathItem { get, put, post, delete, patch, head, options, .. } = item;
    [
        ("GET", get),
        ("PUT", put),
        ("POST", post),
        ("DELETE", delete),
        ("PATCH", patch),
        ("HEAD", head),
        ("OPTIONS", options),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.as_mut().map(|operation| (method, operation)))
}

/// What is no JSON is bytes; the derive tells an array of numbers.
fn tell_bytes(operation: &mut Operation) {
    let binary = || {
        let bytes = ObjectBuilder::new().schema_type(schema::Type::String);
        bytes.format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
    };
    let tell = |kind: &str, content: &mut RefOr<Content>| {
        if let RefOr::T(content) = content
            && !kind.contains("json")
            && matches!(content.schema, Some(RefOr::T(Schema::Array(_))))
        {
            content.schema = Some(binary().into());
        }
    };
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.content.iter_mut().for_each(|(kind, content)| tell(kind, content));
    }
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            response.content.iter_mut().for_each(|(kind, content)| tell(kind, content));
        }
    }
}

/// Headers that every operation of a kind takes.
fn tell_headers(operation: &mut Operation, method: &str, path: &str) {
    let public = operation
        .security
        .as_ref()
        .is_some_and(|needs| needs.iter().all(|need| *need == SecurityRequirement::default()));
    if public {
        // "Nothing is needed" is an empty list; a list of one empty need means "a token may be sent".
        operation.security = Some(Vec::new());
        return;
    }
    let header = |name: &str, about: &str, text: ObjectBuilder| -> RefOr<Parameter> {
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .description(Some(about))
            .schema(Some(text.schema_type(schema::Type::String)))
            .build()
            .into()
    };
    if path.starts_with("/api/v1/uploads") {
        // tus has its own ways of doing things once.
        operation.parameters.iter_mut().flatten().for_each(never_null);
        return;
    }
    let parameters = operation.parameters.get_or_insert_default();
    // What only prints or reads changes nothing that could be done twice.
    let changes_nothing = ["/preview", "/draft", "/label-sheets", "/label-rolls", "/scan/photo", "/identifiers/check"];
    if method != "GET" && !changes_nothing.iter().any(|end| path.ends_with(end)) {
        let about = "Any text of your own, the same when the request is repeated: it is done once, and answered alike.";
        let key = ObjectBuilder::new().min_length(Some(1)).max_length(Some(255)).pattern(Some("^[!-~]+$"));
        parameters.push(header("Idempotency-Key", about, key));
    }
    if method == "PATCH" || path == "/api/v1/workflow" && method == "PUT" {
        let about = "The ETag that was read: 412 when somebody else has changed it since.";
        parameters.push(header("If-Match", about, ObjectBuilder::new()));
    }
}

/// A header is there or it is not: it is never null, whatever the derive makes of an option.
fn never_null(parameter: &mut RefOr<Parameter>) {
    if let RefOr::T(Parameter { schema: Some(RefOr::T(Schema::Object(header))), .. }) = parameter
        && matches!(header.schema_type, schema::SchemaType::Array(_))
    {
        header.schema_type = schema::SchemaType::new(schema::Type::String);
    }
}

/// The members that some problems carry besides what all have (RFC 9457 3.2).
fn name_what_problems_carry(schemas: &mut BTreeMap<String, RefOr<Schema>>) {
    let Some(RefOr::T(Schema::Object(problem))) = schemas.get_mut(&*Problem::name()) else { return };
    let many = |of: &str| Schema::from(ArrayBuilder::new().items(Ref::from_schema_name(of)).build());
    let text = |about: &str| {
        Schema::from(ObjectBuilder::new().schema_type(schema::Type::String).description(Some(about)).build())
    };
    let mut carry = |name: &str, schema: RefOr<Schema>| problem.properties.insert(name.to_owned(), schema);
    carry("unmet", many("Unmet").into());
    carry("conflicting_entry", RefOr::Ref(Ref::from_schema_name(ConflictingEntry::name())));
    carry("etag", text("With etag_mismatch: the version there is.").into());
    carry("assets", many(&AssetBrief::name()).into());
    carry("holder", RefOr::Ref(Ref::from_schema_name(AssetBrief::name())));
    carry("asset", RefOr::Ref(Ref::from_schema_name(AssetView::name())));
    carry("claim_id", text("With code_claimed: the claim that is kept.").into());
    carry("label_code", text("With code_blank: the ten characters of the label.").into());
    carry("remedy", RefOr::Ref(Ref::from_schema_name(Remedy::name())));
    carry("document_sha256", text("With document_changed: the hash of the document to sign.").into());
    carry("required_authority", text("With authority_insufficient: what the signer must be allowed to sign.").into());
    carry("authority", text("With authority_insufficient: what the signer may sign.").into());
    carry("barrier", text("With authority_insufficient: why they may not sign this act.").into());
}

/// A page's records are spelt out in place by the derive; generated clients want to know that they are the records
/// they know.
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
