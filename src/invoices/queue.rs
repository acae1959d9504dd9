//! What is signed and not yet billed. Nothing falls between act and invoice: a work line is on an invoice, or here.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::Serialize;

use crate::acts::{ActId, ActStatus};
use crate::agreements::coverage::Coverage;
use crate::auth::Actor;
use crate::companies::CompanyId;
use crate::db::among::Among;
use crate::db::page::Page;
use crate::db::schema::{act_lines, acts, tickets, work_lines};
use crate::db::types::Timestamp;
use crate::db::{DbConnection, MultiBackend};
use crate::error::Error;
use crate::http::query::list_query;
use crate::money::{Currency, Money};
use crate::tickets::TicketId;

/// An act with works to bill.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct QueueEntry {
    /// The act.
    pub act_id: ActId,
    /// Its number.
    pub act_number: String,
    /// Who pays.
    pub company_id: CompanyId,
    /// On which ticket.
    pub ticket_id: TicketId,
    /// That ticket's number.
    #[schema(minimum = 1)]
    pub ticket_number: i64,
    /// What its unbilled works cost.
    pub extra_total: Money,
    /// In which currency.
    pub currency: Currency,
    /// When the client signed.
    pub signed_at: Option<Timestamp>,
    /// How many days ago.
    #[schema(minimum = 0)]
    pub age_days: i64,
}

list_query! {
    /// Which acts.
    pub struct QueueFilter {
        /// Of this company.
        company_id: CompanyId,
        /// Signed at this moment or later.
        signed_from: Timestamp,
        /// Signed before this moment.
        signed_to: Timestamp,
    }
}

/// The acts with works to bill, oldest first.
///
/// # Errors
/// `invalid_cursor`
pub fn queue(conn: &mut DbConnection, actor: &Actor, filter: &QueueFilter) -> Result<Page<QueueEntry>, Error> {
    type Row = (ActId, String, CompanyId, TicketId, i64, Currency, Option<Timestamp>, Timestamp, Money);
    let page = filter.page();
    let mut query = act_lines::table
        .inner_join(work_lines::table)
        .inner_join(acts::table.inner_join(tickets::table))
        .filter(act_lines::coverage.eq(Coverage::Extra))
        .filter(act_lines::gross.gt(Money::ZERO))
        .filter(work_lines::invoice_id.is_null())
        .filter(acts::status.one_of(ActStatus::ACCEPTED))
        .select((
            acts::id,
            acts::number,
            acts::company_id,
            tickets::id,
            tickets::number,
            acts::currency,
            acts::signed_at,
            acts::issued_at,
            act_lines::gross,
        ))
        .into_boxed::<MultiBackend>();
    if let Some(company) = filter.company_id {
        query = query.filter(acts::company_id.eq(company));
    }
    let rows: Vec<Row> = query.load(conn)?;
    let mut entries: BTreeMap<(Timestamp, ActId), QueueEntry> = BTreeMap::new();
    for (act_id, act_number, company_id, ticket_id, ticket_number, currency, signed_at, issued, gross) in rows {
        let since = signed_at.unwrap_or(issued);
        if filter.signed_from.is_some_and(|from| since < from) || filter.signed_to.is_some_and(|to| since >= to) {
            continue;
        }
        let entry = entries.entry((since, act_id)).or_insert_with(|| QueueEntry {
            act_id,
            act_number,
            company_id,
            ticket_id,
            ticket_number,
            extra_total: Money::ZERO,
            currency,
            signed_at,
            age_days: (actor.now().seconds() - since.seconds()).max(0) / 86_400,
        });
        entry.extra_total = entry.extra_total + gross;
    }
    let after = page.after::<(Timestamp, ActId)>()?;
    let rest = entries.into_iter().filter(|(key, _)| after.as_ref().is_none_or(|after| key > after));
    let rows: Vec<((Timestamp, ActId), QueueEntry)> =
        rest.take(usize::try_from(page.rows()).unwrap_or(usize::MAX)).collect();
    Ok(page.cut(rows, |(key, _)| *key).map(|(_, entry)| entry))
}
