//! `/label-jobs`

use actix_web::body::SizedStream;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, RETRY_AFTER};
use actix_web::{HttpResponse, delete, get, post, web};

use super::{JobFilter, LabelJobId, LabelJobView, NewLabelJob, make, queries};
use crate::db::page::Page;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::resource::etag;
use crate::http::routes::Routes;
use crate::http::{Body, Call, Query};

/// Seconds after which a job that goes on has something new to tell.
const LATER: &str = "1";

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(list_label_jobs).service(make_label_job).service(get_label_job);
    routes.service(get_labels_of_job).service(cancel_label_job);
}

/// Jobs that print labels, newest first.
#[utoipa::path(tag = "labels", params(JobFilter), responses((status = 200, description = "A page", body = Page<LabelJobView>), Problems))]
#[get("/label-jobs")]
async fn list_label_jobs(call: Call, filter: Query<JobFilter>) -> Answer {
    call.read(move |conn, actor| queries::list(conn, &filter.0, actor.language())).await
}

/// Print labels in the background: of some devices, of a site or of a company.
#[utoipa::path(tag = "labels", request_body = NewLabelJob, responses((status = 202, description = "It is going to be done: ask for it at its Location", body = LabelJobView), (status = 200, description = "Was asked for before with this id", body = LabelJobView), Problems))]
#[post("/label-jobs")]
async fn make_label_job(call: Call, body: Body<NewLabelJob>) -> Answer {
    if let Some(answer) = call.answered_before().await? {
        return Ok(answer);
    }
    let (app, actor) = (call.app.clone(), call.actor.clone());
    let (public_url, wanted) = (app.config.public_url.clone(), body.0.clone());
    let plan = app.db.report(move |conn| make::plan(conn, &actor, &public_url, &wanted)).await?;
    let answer = call.accept(move |conn, actor| make::make(conn, actor, &body.0, plan.as_ref())).await;
    app.label_bell.ring();
    answer
}

/// How far a job is. While it goes on, `Retry-After` says when to ask again.
#[utoipa::path(tag = "labels", params(("id" = LabelJobId, Path, description = "The job")), responses((status = 200, description = "The job", body = LabelJobView), Problems))]
#[get("/label-jobs/{id}")]
async fn get_label_job(call: Call, id: web::Path<LabelJobId>) -> Answer {
    let job = call.app.db.read(move |conn| queries::find(conn, *id)).await?;
    let job = LabelJobView::new(job, call.actor.language());
    let mut response = HttpResponse::Ok();
    response.insert_header((ETAG, etag(job.version)));
    if job.status.is_open() {
        response.insert_header((RETRY_AFTER, LATER));
    }
    Ok(response.json(job))
}

/// The labels of a job that is done.
#[utoipa::path(tag = "labels", params(("id" = LabelJobId, Path, description = "The job")), responses((status = 200, description = "The labels", body = Vec<u8>, content_type = "application/pdf"), Problems))]
#[get("/label-jobs/{id}/labels.pdf")]
async fn get_labels_of_job(call: Call, id: web::Path<LabelJobId>) -> Answer {
    let job = call.app.db.read(move |conn| queries::find(conn, *id)).await?;
    let (size, bytes) = call.app.files.stream(job.file()?).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/pdf"))
        .insert_header((CONTENT_DISPOSITION, "inline; filename=\"labels.pdf\""))
        .body(SizedStream::new(size, bytes)))
}

/// Call a job off while it goes on, or put it away when it has ended.
#[utoipa::path(tag = "labels", params(("id" = LabelJobId, Path, description = "The job")), responses((status = 204, description = "Called off, or put away"), Problems))]
#[delete("/label-jobs/{id}")]
async fn cancel_label_job(call: Call, id: web::Path<LabelJobId>) -> Answer {
    call.done(move |conn, actor| make::cancel(conn, actor, *id)).await
}
