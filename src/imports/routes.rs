//! `/imports`, `/import-templates`

use actix_multipart::Multipart;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, get, post, put, web};

use super::view::{ImportRowView, ImportView};
use super::{
    ImportFilter, ImportId, ImportKind, Mapping, NewImport, RowFilter, RunOptions, check, queries, run, template,
};
use crate::db::page::Page;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Body, Call, Query};

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(list_imports).service(add_import).service(get_import);
    routes.service(list_import_rows).service(map_import).service(run_import);
    routes.service(get_xlsx_template).service(get_csv_template);
}

/// Imports, newest first.
#[utoipa::path(tag = "imports", params(ImportFilter), responses((status = 200, description = "A page", body = Page<ImportView>), Problems))]
#[get("/imports")]
async fn list_imports(call: Call, filter: Query<ImportFilter>) -> Answer {
    call.read(move |conn, actor| queries::list(conn, actor, &filter.0)).await
}

/// Send a table, and learn what would become of each row. Nothing else is written.
#[utoipa::path(tag = "imports", request_body(content = NewImport, content_type = "multipart/form-data"), responses((status = 201, description = "Looked at", body = ImportView), (status = 200, description = "Was made before with this id", body = ImportView), Problems))]
#[post("/imports")]
async fn add_import(call: Call, form: Multipart) -> Answer {
    check::make(call, form).await
}

/// One import.
#[utoipa::path(tag = "imports", params(("id" = ImportId, Path, description = "The import")), responses((status = 200, description = "The import", body = ImportView), Problems))]
#[get("/imports/{id}")]
async fn get_import(call: Call, id: web::Path<ImportId>) -> Answer {
    call.show(move |conn, actor| queries::find(conn, actor, *id)).await
}

/// The rows of an import in the order of the file, with what becomes of each.
#[utoipa::path(tag = "imports", params(("id" = ImportId, Path, description = "The import"), RowFilter), responses((status = 200, description = "A page", body = Page<ImportRowView>), Problems))]
#[get("/imports/{id}/rows")]
async fn list_import_rows(call: Call, id: web::Path<ImportId>, filter: Query<RowFilter>) -> Answer {
    call.read(move |conn, actor| queries::rows(conn, actor, *id, &filter.0)).await
}

/// Say which columns fill which fields, and have the table looked at again.
#[utoipa::path(tag = "imports", params(("id" = ImportId, Path, description = "The import")), request_body = Mapping, responses((status = 200, description = "Looked at anew", body = ImportView), Problems))]
#[put("/imports/{id}/mapping")]
async fn map_import(call: Call, id: web::Path<ImportId>, body: Body<Mapping>) -> Answer {
    check::remap(call, *id, body.0).await
}

/// Do an import: all of its rows, or none.
#[utoipa::path(tag = "imports", params(("id" = ImportId, Path, description = "The import")), request_body = RunOptions, responses((status = 200, description = "Done, or was done before", body = ImportView), Problems))]
#[post("/imports/{id}/run")]
async fn run_import(call: Call, id: web::Path<ImportId>, body: Body<RunOptions>) -> Answer {
    run::start(call, *id, body.0).await
}

/// An empty workbook to fill in.
#[utoipa::path(tag = "imports", params(("kind" = ImportKind, Path, description = "What its rows are")), responses((status = 200, description = "The workbook", body = Vec<u8>, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), Problems))]
#[get("/import-templates/{kind}.xlsx")]
async fn get_xlsx_template(call: Call, kind: web::Path<ImportKind>) -> Answer {
    let (kind, language) = (*kind, call.actor.language());
    let bytes = template::xlsx(kind, language)?;
    Ok(download(bytes, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &format!("{kind}.xlsx")))
}

/// An empty CSV to fill in.
#[utoipa::path(tag = "imports", params(("kind" = ImportKind, Path, description = "What its rows are")), responses((status = 200, description = "The table", body = String, content_type = "text/csv"), Problems))]
#[get("/import-templates/{kind}.csv")]
async fn get_csv_template(call: Call, kind: web::Path<ImportKind>) -> Answer {
    Ok(download(template::csv(*kind, call.actor.language()), "text/csv; charset=utf-8", &format!("{kind}.csv")))
}

fn download(bytes: Vec<u8>, kind: &'static str, name: &str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(bytes)
}
