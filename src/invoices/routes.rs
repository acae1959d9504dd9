//! `/billing-queue`, `/invoices`

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, get, post, web};

use super::payment::{self, PaymentQrQuery};
use super::queue::{QueueEntry, QueueFilter, queue};
use super::{InvoiceFilter, InvoiceId, InvoiceView, NewInvoice, issue, queries};
use crate::acts::routes::pdf;
use crate::db::page::Page;
use crate::http::call::Answer;
use crate::http::described::Problems;
use crate::http::routes::Routes;
use crate::http::{Body, Call, Query};

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes
        .service(billing_queue)
        .service(list_invoices)
        .service(make_out_invoice)
        .service(get_invoice)
        .service(get_invoice_document)
        .service(get_payment_qr);
}

/// Signed works that are not billed yet, oldest first.
#[utoipa::path(tag = "invoices", params(QueueFilter), responses((status = 200, description = "A page", body = Page<QueueEntry>), Problems))]
#[get("/billing-queue")]
async fn billing_queue(call: Call, filter: Query<QueueFilter>) -> Answer {
    call.report(move |conn, actor| queue(conn, actor, &filter.0)).await
}

/// Invoices, newest first.
#[utoipa::path(tag = "invoices", params(InvoiceFilter), responses((status = 200, description = "A page", body = Page<InvoiceView>), Problems))]
#[get("/invoices")]
async fn list_invoices(call: Call, filter: Query<InvoiceFilter>) -> Answer {
    call.read(move |conn, actor| queries::list(conn, actor, &filter.0)).await
}

/// Make out an invoice for the extra works of signed acts.
#[utoipa::path(tag = "invoices", request_body = NewInvoice, responses((status = 201, description = "Made out", body = InvoiceView), (status = 200, description = "Was made before with this id", body = InvoiceView), Problems))]
#[post("/invoices")]
async fn make_out_invoice(call: Call, body: Body<NewInvoice>) -> Answer {
    issue::issue(call, body.0).await
}

/// One invoice.
#[utoipa::path(tag = "invoices", params(("id" = InvoiceId, Path, description = "The invoice")), responses((status = 200, description = "The invoice", body = InvoiceView), Problems))]
#[get("/invoices/{id}")]
async fn get_invoice(call: Call, id: web::Path<InvoiceId>) -> Answer {
    call.read(move |conn, actor| queries::find(conn, actor, *id)).await
}

/// The invoice as PDF.
#[utoipa::path(tag = "invoices", params(("id" = InvoiceId, Path, description = "The invoice")), responses((status = 200, description = "The PDF", body = Vec<u8>, content_type = "application/pdf"), Problems))]
#[get("/invoices/{id}/document.pdf")]
async fn get_invoice_document(call: Call, id: web::Path<InvoiceId>) -> Answer {
    let invoice = call.app.db.read(move |conn| queries::find_row(conn, *id)).await?;
    let bytes = call.app.files.read(invoice.document_sha256).await?;
    Ok(pdf(bytes, invoice.document_sha256, &format!("invoice-{}.pdf", invoice.number)))
}

/// The code on an invoice that a bank's app reads, by itself.
#[utoipa::path(tag = "invoices", params(("id" = InvoiceId, Path, description = "The invoice"), PaymentQrQuery), responses((status = 200, description = "The code", content((Vec<u8> = "image/png"), (String = "image/svg+xml"), (Vec<u8> = "text/plain"))), Problems))]
#[get("/invoices/{id}/payment-qr")]
async fn get_payment_qr(call: Call, id: web::Path<InvoiceId>, query: Query<PaymentQrQuery>) -> Answer {
    let (kind, bytes) = payment::show(&call, *id, query.0.format).await?;
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, kind)).body(bytes))
}
