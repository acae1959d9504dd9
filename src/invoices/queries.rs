//! Every query on invoices.

use diesel::prelude::*;

use super::{Invoice, InvoiceFilter, InvoiceId, InvoiceLine, InvoiceView};
use crate::auth::Actor;
use crate::db::among::Among;
use crate::db::page::Page;
use crate::db::records::newest_first;
use crate::db::schema::{invoice_lines, invoices};
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error};

/// One invoice as it is kept.
///
/// # Errors
/// `not_found`
pub fn find_row(conn: &mut DbConnection, id: InvoiceId) -> Result<Invoice, Error> {
    let invoice = invoices::table.find(id).select(Invoice::as_select()).get_result(conn).optional()?;
    invoice.ok_or_else(|| Code::NotFound.into())
}

/// One invoice with its lines.
///
/// # Errors
/// `not_found`
pub fn find(conn: &mut DbConnection, actor: &Actor, id: InvoiceId) -> Result<InvoiceView, Error> {
    let invoice = find_row(conn, id)?;
    let lines = lines(conn, &[id])?;
    InvoiceView::new(invoice, lines, actor.language())
}

fn lines(conn: &mut DbConnection, ids: &[InvoiceId]) -> QueryResult<Vec<InvoiceLine>> {
    invoice_lines::table
        .filter(invoice_lines::invoice_id.among(ids))
        .order((invoice_lines::invoice_id, invoice_lines::position))
        .select(InvoiceLine::as_select())
        .load(conn)
}

/// A page of invoices, newest first.
///
/// # Errors
/// `invalid_cursor`
pub fn list(conn: &mut DbConnection, actor: &Actor, filter: &InvoiceFilter) -> Result<Page<InvoiceView>, Error> {
    let page = filter.page();
    let mut query = invoices::table.select(Invoice::as_select()).into_boxed::<MultiBackend>();
    if let Some(company) = filter.company_id {
        query = query.filter(invoices::company_id.eq(company));
    }
    let rows = newest_first!(query, invoices, issued_at, page).load(conn)?;
    let Page { data, next_cursor } = page.cut(rows, |invoice: &Invoice| (invoice.issued_at, invoice.id));
    let ids: Vec<InvoiceId> = data.iter().map(|invoice| invoice.id).collect();
    let all = lines(conn, &ids)?;
    let view = |invoice: Invoice| {
        let own = all.iter().filter(|line| line.invoice_id == invoice.id).cloned().collect();
        InvoiceView::new(invoice, own, actor.language())
    };
    Ok(Page { data: data.into_iter().map(view).collect::<Result<_, _>>()?, next_cursor })
}
