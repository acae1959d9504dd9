//! The payment code of an invoice: frozen with it, shown by itself for screens and messages.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Invoice, InvoiceId, queries};
use crate::acts::snapshot::Party;
use crate::auth::Actor;
use crate::db::types::{Day, text_enum};
use crate::error::{Code, Error, FieldError, Refusal};
use crate::http::Call;
use crate::http::problem::ProblemField;
use crate::money::vat::VatRate;
use crate::payment_qr::{self, Asked, PaymentQr, PaymentStandard};
use crate::print::{Printer, code_mark, raster, svg};
use crate::words::Language;

/// Pixels an inch of a code as a picture: some ten to a module.
const DPI: u16 = 508;

text_enum! {
    /// How a payment code is wanted.
    PaymentQrFormat {
        /// A picture of pixels.
        Png = "png",
        /// A picture of vectors.
        Svg = "svg",
        /// The bytes it holds.
        Txt = "txt",
    }
}

/// Which shape of a payment code is wanted.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PaymentQrQuery {
    /// A picture, `png` when left out, or the bytes it holds.
    #[serde(default = "as_picture")]
    #[param(inline)]
    pub format: PaymentQrFormat,
}

const fn as_picture() -> PaymentQrFormat {
    PaymentQrFormat::Png
}

/// The payment code of an invoice, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PaymentQrView {
    /// Whose rules it follows; null when there is none.
    pub standard: Option<PaymentStandard>,
    /// What it holds, as text.
    pub text: Option<String>,
    /// The details that did not allow one when the invoice was made out.
    pub missing: Vec<ProblemField>,
}

/// What a payment needs of the frozen content.
#[derive(Debug, Deserialize)]
struct Frozen {
    number: String,
    issued_on: Day,
    vat_rate: Option<VatRate>,
    provider: Party,
    acts: Vec<FrozenAct>,
    #[serde(default)]
    payment_qr: Option<PaymentQr>,
}

#[derive(Debug, Deserialize)]
struct FrozenAct {
    ticket_number: i64,
}

impl PaymentQrView {
    /// What an invoice has, in the words of a language.
    ///
    /// # Errors
    /// When what was frozen cannot be read.
    pub fn new(invoice: &Invoice, language: Language) -> Result<Self, Error> {
        let (code, missing) = code(invoice)?;
        Ok(Self {
            standard: code.as_ref().map(|code| code.standard),
            text: code.map(|code| code.text),
            missing: missing.iter().map(|flaw| ProblemField::new(flaw, language)).collect(),
        })
    }
}

/// The code that was frozen, or which details did not allow one: they were frozen too.
fn code(invoice: &Invoice) -> Result<(Option<PaymentQr>, Vec<FieldError>), Error> {
    let frozen: Frozen = serde_json::from_str(&invoice.snapshot)?;
    if frozen.payment_qr.is_some() {
        return Ok((frozen.payment_qr, Vec::new()));
    }
    let tickets: Vec<i64> = frozen.acts.iter().map(|act| act.ticket_number).collect();
    let asked = Asked {
        payee: &frozen.provider,
        currency: invoice.currency,
        gross: invoice.gross,
        vat: invoice.vat,
        vat_rate: frozen.vat_rate,
        number: &frozen.number,
        issued_on: frozen.issued_on,
        tickets: &tickets,
    };
    // Invoices from before there were payment codes lack nothing, and have none.
    Ok((None, payment_qr::of(&asked).err().unwrap_or_default()))
}

/// The payment code of an invoice in a format: its media type and its bytes.
///
/// # Errors
/// `not_found`; `no_payment_qr` with the details that did not allow one.
pub async fn show(call: &Call, id: InvoiceId, format: PaymentQrFormat) -> Result<(String, Vec<u8>), Error> {
    let actor = call.actor.clone();
    let code = call.app.db.read(move |conn| frozen(conn, &actor, id)).await?;
    draw(&code, format, &call.app.printer)
}

fn frozen(conn: &mut crate::db::DbConnection, _: &Actor, id: InvoiceId) -> Result<PaymentQr, Error> {
    match code(&queries::find_row(conn, id)?)? {
        (Some(code), _) => Ok(code),
        (None, fields) => Err(Refusal { fields, ..Refusal::from(Code::NoPaymentQr) }.into()),
    }
}

fn draw(code: &PaymentQr, format: PaymentQrFormat, printer: &Printer) -> Result<(String, Vec<u8>), Error> {
    if format == PaymentQrFormat::Txt {
        return Ok((format!("text/plain; charset={}", code.charset()), code.bytes()));
    }
    let symbol = code.symbol().ok_or_else(|| Error::internal("a payment code that no code can hold"))?;
    let page = code_mark::page(Arc::new(symbol), code.size_mm, code.sign.as_deref(), printer.fonts());
    if format == PaymentQrFormat::Svg {
        let drawn = svg::write(&page, code.standard.as_str(), printer.fonts());
        return Ok(("image/svg+xml".to_owned(), drawn.into_bytes()));
    }
    let (pixels, _) = raster::draw(&page, DPI, printer.fonts(), true)?;
    Ok(("image/png".to_owned(), raster::png(&pixels, DPI)?))
}
