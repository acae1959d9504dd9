//! Invoices: the works outside the contract that a client has signed for. Each of them is billed once.

pub mod issue;
pub mod payment;
pub mod queries;
pub mod queue;
pub mod routes;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use self::payment::PaymentQrView;
use crate::acts::ActId;
use crate::companies::CompanyId;
use crate::db::MultiBackend;
use crate::db::schema::{invoice_lines, invoices};
use crate::db::types::{Sha256, Timestamp, id, text_enum};
use crate::error::Error;
use crate::http::Resource;
use crate::http::query::list_query;
use crate::money::vat::{VatMode, VatRate};
use crate::money::{Currency, Money, Price, Quantity};
use crate::users::UserId;
use crate::words::Language;
use crate::work_lines::WorkLineId;

id! {
    /// An invoice.
    InvoiceId,
}

text_enum! {
    /// The life of an invoice.
    InvoiceStatus {
        /// Made out, waiting for the money.
        Issued = "issued",
    }
}

/// An invoice as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = invoices, check_for_backend(MultiBackend))]
pub struct Invoice {
    /// Its id.
    pub id: InvoiceId,
    /// Its number.
    pub number: String,
    /// Who pays.
    pub company_id: CompanyId,
    /// Where it stands.
    pub status: InvoiceStatus,
    /// Its language.
    pub language: Language,
    /// The currency of its amounts.
    pub currency: Currency,
    /// Without tax.
    pub net: Money,
    /// The tax.
    pub vat: Money,
    /// What is paid.
    pub gross: Money,
    /// The frozen content, JSON.
    pub snapshot: String,
    /// Its hash.
    pub snapshot_sha256: Sha256,
    /// The form that printed it.
    pub form_sha256: Sha256,
    /// The hash of the PDF.
    pub document_sha256: Sha256,
    /// Its bytes.
    pub document_size: i64,
    /// Who made it out.
    pub issued_by: UserId,
    /// When.
    pub issued_at: Timestamp,
}

/// A line of an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, utoipa::ToSchema)]
#[diesel(table_name = invoice_lines, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct InvoiceLine {
    #[serde(skip)]
    invoice_id: InvoiceId,
    /// From 1.
    pub position: i32,
    /// The act that was signed for it.
    pub act_id: ActId,
    /// The ticket's line.
    pub work_line_id: WorkLineId,
    /// What it is.
    pub name: String,
    /// "шт", "ч"
    pub unit: String,
    /// How much.
    pub quantity: Quantity,
    /// What one unit costs.
    pub price: Price,
    /// How tax is held in it.
    pub vat_mode: VatMode,
    /// How much tax.
    pub vat_rate: VatRate,
    /// Quantity × price.
    pub amount: Money,
    /// Without tax.
    pub net: Money,
    /// The tax.
    pub vat: Money,
    /// What is paid.
    pub gross: Money,
}

/// An invoice as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct InvoiceView {
    /// Its id.
    pub id: InvoiceId,
    /// Its number.
    pub number: String,
    /// Who pays.
    pub company_id: CompanyId,
    /// Where it stands.
    pub status: InvoiceStatus,
    /// Its language.
    pub language: Language,
    /// Its lines.
    pub lines: Vec<InvoiceLine>,
    /// Without tax.
    pub net: Money,
    /// The tax.
    pub vat: Money,
    /// What is paid.
    pub gross: Money,
    /// The currency of its amounts.
    pub currency: Currency,
    /// The code on it that a bank's app reads.
    pub payment_qr: PaymentQrView,
    /// The hash of the PDF.
    pub document_sha256: Sha256,
    /// Who made it out.
    pub issued_by: UserId,
    /// When.
    pub issued_at: Timestamp,
}

impl InvoiceView {
    /// An invoice with its lines, in the words of a language.
    ///
    /// # Errors
    /// When what was frozen cannot be read.
    pub fn new(invoice: Invoice, lines: Vec<InvoiceLine>, language: Language) -> Result<Self, Error> {
        let payment_qr = PaymentQrView::new(&invoice, language)?;
        Ok(Self {
            payment_qr,
            id: invoice.id,
            number: invoice.number,
            company_id: invoice.company_id,
            status: invoice.status,
            language: invoice.language,
            lines,
            net: invoice.net,
            vat: invoice.vat,
            gross: invoice.gross,
            currency: invoice.currency,
            document_sha256: invoice.document_sha256,
            issued_by: invoice.issued_by,
            issued_at: invoice.issued_at,
        })
    }
}

impl Resource for InvoiceView {
    fn path(&self) -> String {
        format!("/api/v1/invoices/{}", self.id)
    }

    fn version(&self) -> Option<i64> {
        None
    }
}

/// An invoice to make out.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvoice {
    /// The client's own id for the record.
    #[serde(default)]
    pub id: Option<InvoiceId>,
    /// Signed acts of one company.
    #[schema(min_items = 1, max_items = 200)]
    pub act_ids: Vec<ActId>,
    /// Its language; the company's, else the provider's, when left out.
    #[serde(default)]
    pub language: Option<Language>,
}

list_query! {
    /// Which invoices.
    pub struct InvoiceFilter {
        /// To this company.
        company_id: CompanyId,
    }
}
