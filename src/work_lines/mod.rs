//! Work lines: what was done and used on a ticket, covered by the contract or extra, priced at the moment it was written
//! down. Later edits of a price list or an agreement touch nothing here.

pub mod add;
pub mod edit;
pub mod queries;
pub mod routes;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::agreements::AgreementId;
use crate::agreements::coverage::{Because, Coverage, Decision};
use crate::assets::AssetId;
use crate::db::schema::work_lines;
use crate::db::types::{Timestamp, id};
use crate::db::{DbConnection, MultiBackend};
use crate::error::Error;
use crate::http::Resource;
use crate::invoices::InvoiceId;
use crate::money::vat::{Taxed, VatMode, VatRate};
use crate::money::{Currency, Money, Price, Quantity};
use crate::pricing::{ItemKind, PriceItemId};
use crate::tickets::TicketId;
use crate::tickets::gates::{Gate, Remedy, Unmet};
use crate::users::UserId;
use crate::words::Language;
use crate::words::text::Line;

id! {
    /// A work or material on a ticket.
    WorkLineId,
}

/// A work line as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = work_lines, check_for_backend(MultiBackend), treat_none_as_null = true)]
pub struct WorkLine {
    /// Its id.
    pub id: WorkLineId,
    /// On which ticket.
    pub ticket_id: TicketId,
    /// On which device.
    pub asset_id: Option<AssetId>,
    /// The item of a price list it was made from.
    pub price_item_id: Option<PriceItemId>,
    /// The agreement that decided about it.
    pub agreement_id: Option<AgreementId>,
    /// The invoice it is on.
    pub invoice_id: Option<InvoiceId>,
    /// Work or material.
    pub kind: ItemKind,
    /// The item's code.
    pub code: Option<String>,
    /// What it is.
    pub name: String,
    /// "шт", "ч"
    pub unit: String,
    /// How much.
    pub quantity: Quantity,
    /// The currency of its prices.
    pub currency: Currency,
    /// What the list said.
    pub list_price: Option<Price>,
    /// What is asked.
    pub price: Option<Price>,
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
    /// Who pays.
    pub coverage: Coverage,
    coverage_reason: String,
    /// Who wrote it down.
    pub added_by: UserId,
    /// When.
    pub added_at: Timestamp,
    /// When it was taken off.
    pub archived_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
}

impl WorkLine {
    /// Its amounts.
    pub const fn taxed(&self) -> Taxed {
        Taxed { net: self.net, vat: self.vat, gross: self.gross }
    }

    /// Why it is covered or extra.
    pub fn decision(&self) -> Decision {
        serde_json::from_str(&self.coverage_reason).unwrap_or(Decision::alone(Because::NoAgreement))
    }
}

/// A work line as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct WorkLineView {
    /// Its id.
    pub id: WorkLineId,
    /// On which ticket.
    pub ticket_id: TicketId,
    /// On which device.
    pub asset_id: Option<AssetId>,
    /// The item of a price list it was made from.
    pub price_item_id: Option<PriceItemId>,
    /// Work or material.
    pub kind: ItemKind,
    /// The item's code.
    pub code: Option<String>,
    /// What it is.
    pub name: String,
    /// "шт", "ч"
    pub unit: String,
    /// How much.
    pub quantity: Quantity,
    /// The currency of its prices.
    pub currency: Currency,
    /// What the list said, before any discount.
    pub list_price: Option<Price>,
    /// What is asked; null until somebody sets it.
    pub price: Option<Price>,
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
    /// Who pays.
    pub coverage: Coverage,
    /// Why, in the language asked for.
    pub coverage_reason: String,
    /// Why, for programs.
    pub coverage_reason_code: Because,
    /// The agreement that decided.
    pub agreement_id: Option<AgreementId>,
    /// The invoice it is on.
    pub invoice_id: Option<InvoiceId>,
    /// Who wrote it down.
    pub added_by: UserId,
    /// When.
    pub added_at: Timestamp,
    /// Grows with every change.
    pub version: i64,
}

impl WorkLineView {
    /// A line in the words of a language.
    pub fn new(line: WorkLine, language: Language) -> Self {
        let decision = line.decision();
        Self {
            coverage_reason: decision.sentence(language),
            coverage_reason_code: decision.because,
            id: line.id,
            ticket_id: line.ticket_id,
            asset_id: line.asset_id,
            price_item_id: line.price_item_id,
            kind: line.kind,
            code: line.code,
            name: line.name,
            unit: line.unit,
            quantity: line.quantity,
            currency: line.currency,
            list_price: line.list_price,
            price: line.price,
            vat_mode: line.vat_mode,
            vat_rate: line.vat_rate,
            amount: line.amount,
            net: line.net,
            vat: line.vat,
            gross: line.gross,
            coverage: line.coverage,
            agreement_id: line.agreement_id,
            invoice_id: line.invoice_id,
            added_by: line.added_by,
            added_at: line.added_at,
            version: line.version,
        }
    }
}

impl Resource for WorkLineView {
    fn path(&self) -> String {
        format!("/api/v1/work-lines/{}", self.id)
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// A work or material to write down: an item of a price list, or anything by name.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWorkLine {
    /// The client's own id for the record.
    #[serde(default)]
    pub id: Option<WorkLineId>,
    /// An item of a price list: name, unit and price come from it.
    #[serde(default)]
    pub price_item_id: Option<PriceItemId>,
    /// On which device of the ticket.
    #[serde(default)]
    pub asset_id: Option<AssetId>,
    /// Without an item: work or material.
    #[serde(default)]
    pub kind: Option<ItemKind>,
    /// Without an item: what it is.
    #[serde(default)]
    pub name: Option<Line<300>>,
    /// Without an item: "шт", "ч"
    #[serde(default)]
    pub unit: Option<Line<20>>,
    /// Without an item: what one unit costs, once known.
    #[serde(default)]
    pub price: Option<Price>,
    /// Another rate of tax than that of the day of supply, for those who may choose it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vat_rate: Option<VatRate>,
    /// How much.
    #[serde(default = "one")]
    pub quantity: Quantity,
}

const fn one() -> Quantity {
    Quantity::ONE
}

/// What may be changed about a work line before it is billed.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditWorkLine {
    /// How much.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Quantity, required = false)]
    pub quantity: Option<Quantity>,
    /// Without an item: what one unit costs.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Price, required = false)]
    pub price: Option<Price>,
    /// Without an item: what it is.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Line<300>, required = false)]
    pub name: Option<Line<300>>,
}

/// The extra lines that nobody has priced: the gate before an act.
///
/// # Errors
/// The database's.
pub fn unpriced(conn: &mut DbConnection, ticket: TicketId, language: Language) -> Result<Vec<Unmet>, Error> {
    let lines = queries::of(conn, ticket)?;
    let unpriced = lines.into_iter().filter(|line| line.coverage == Coverage::Extra && line.price.is_none());
    let unmet = |line: WorkLine| Unmet {
        gate: Gate::WorksPriced,
        message: format!("{}: {}", language.choose("Укажите цену", "Вкажіть ціну", "Give the price of"), line.name),
        remedy: Remedy { method: "PATCH", path: format!("/api/v1/work-lines/{}", line.id) },
        item_id: None,
        asset_id: line.asset_id,
        field: None,
    };
    Ok(unpriced.map(unmet).collect())
}
