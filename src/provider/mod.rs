//! Our own side: the organisation that maintains. Its details head every document, its VAT regime taxes every line.

pub mod house_language;
pub mod routes;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::auth::Actor;
use crate::companies::company;
use crate::db::schema::provider;
use crate::db::types::Timestamp;
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error, FieldError};
use crate::history::{self, Event};
use crate::http::Resource;
use crate::http::problem::ProblemField;
use crate::http::resource::{IfMatch, must_match};
use crate::identifiers::details::{self, BankDetails, Law};
use crate::money::Currency;
use crate::money::vat::{VatMode, VatRate};
use crate::ticket_types::{self, TicketTypeId};
use crate::words::Language;
use crate::words::text::{Email, Line, optional};
use crate::words::zone::Zone;

/// The only row of its table.
const ROW: i32 = 1;
/// The one organisation's id in the history of events.
const OBJECT: uuid::Uuid = uuid::Uuid::nil();

/// Our organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Provider {
    /// As registered: ООО «Сервис-ИТ».
    pub legal_name: String,
    /// ИНН, ЄДРПОУ, VAT number.
    pub tax_id: Option<String>,
    /// КПП, ІПН.
    pub tax_code: Option<String>,
    /// Where letters go.
    pub address: Option<String>,
    /// What labels and pages show to call.
    pub phone: Option<String>,
    /// Where letters without paper go.
    pub email: Option<String>,
    /// The language of documents when nothing else is said.
    pub language: Language,
    /// The currency of prices typed without a list.
    pub currency: Currency,
    /// The time zone of sites that do not say their own.
    pub time_zone: Zone,
    /// How tax is held and how much.
    pub vat: Vat,
    /// Where money goes.
    pub bank: Option<Bank>,
    /// Who signs for us.
    pub director: Option<Director>,
    /// The kind of ticket that reports of faults become, for companies that do not say their own.
    pub report_type_id: Option<TicketTypeId>,
    /// Grows with every change.
    pub version: i64,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// How tax is held in prices and how much it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Vat {
    /// Contained in prices, added to them, or not paid.
    pub mode: VatMode,
    /// Per cent, or `exempt`. May be left out when none is paid.
    #[serde(default = "no_rate")]
    pub rate: VatRate,
}

const fn no_rate() -> VatRate {
    VatRate::NotPayer
}

/// Where money goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Bank {
    /// The bank's name.
    pub name: Line<200>,
    /// БИК, МФО, SWIFT.
    #[serde(default)]
    pub bic: Option<Line<20>>,
    /// The account, or IBAN.
    pub account: Line<40>,
    /// к/с, where there is one.
    #[serde(default)]
    pub correspondent_account: Option<Line<40>>,
}

/// Who signs for us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Director {
    /// Иванов И.И.
    pub name: Line<200>,
    /// Генеральный директор
    #[serde(default)]
    pub position: Option<Line<200>>,
}

/// The details of our organisation.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutProvider {
    /// As registered.
    pub legal_name: Line<300>,
    /// ИНН, ЄДРПОУ, VAT number.
    #[serde(default)]
    pub tax_id: Option<Line<30>>,
    /// КПП, ІПН.
    #[serde(default)]
    pub tax_code: Option<Line<30>>,
    /// Where letters go.
    #[serde(default)]
    pub address: Option<Line<500>>,
    /// What labels and pages show to call.
    #[serde(default)]
    pub phone: Option<Line<50>>,
    /// Where letters without paper go.
    #[serde(default)]
    pub email: Option<Email>,
    /// The language of documents when nothing else is said.
    pub language: Language,
    /// The currency of prices typed without a list.
    pub currency: Currency,
    /// The time zone of sites that do not say their own.
    pub time_zone: Zone,
    /// How tax is held and how much.
    pub vat: Vat,
    /// Where money goes.
    #[serde(default)]
    pub bank: Option<Bank>,
    /// Who signs for us.
    #[serde(default)]
    pub director: Option<Director>,
    /// The kind of ticket that reports of faults become, for companies that do not say their own.
    #[serde(default)]
    pub report_type_id: Option<TicketTypeId>,
}

/// Our organisation, with what is to be looked at again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ProviderView {
    #[serde(flatten)]
    provider: Provider,
    /// Identifiers that break a rule of their own. They are kept as they were typed.
    pub warnings: Vec<ProblemField>,
}

impl ProviderView {
    /// The organisation in the words of a language.
    pub fn new(provider: Provider, language: Language) -> Self {
        let law = Law::of(provider.currency);
        let mut flaws = details::of_party(law, provider.tax_id.as_deref(), provider.tax_code.as_deref());
        flaws.extend(provider.bank.as_ref().map(|bank| bank.flaws(law)).unwrap_or_default());
        Self { warnings: details::told(&flaws, language), provider }
    }
}

impl Bank {
    /// What is wrong with its numbers.
    pub fn flaws(&self, law: Law) -> Vec<FieldError> {
        let correspondent_account = self.correspondent_account.as_deref();
        details::of_bank(law, BankDetails { bic: self.bic.as_deref(), account: &self.account, correspondent_account })
    }
}

impl Resource for ProviderView {
    fn path(&self) -> String {
        "/api/v1/provider".to_owned()
    }

    fn version(&self) -> Option<i64> {
        Some(self.provider.version)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = provider, check_for_backend(MultiBackend), treat_none_as_null = true)]
struct Row {
    id: i32,
    legal_name: String,
    tax_id: Option<String>,
    tax_code: Option<String>,
    address: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    language: Language,
    currency: Currency,
    time_zone: Zone,
    vat_mode: VatMode,
    vat_rate: VatRate,
    bank_name: Option<String>,
    bank_bic: Option<String>,
    bank_account: Option<String>,
    bank_correspondent_account: Option<String>,
    director_name: Option<String>,
    director_position: Option<String>,
    report_type_id: Option<TicketTypeId>,
    version: i64,
    updated_at: Timestamp,
}

impl Row {
    fn new(put: &PutProvider, version: i64, updated_at: Timestamp) -> Self {
        let bank = put.bank.as_ref();
        let director = put.director.as_ref();
        // A rate says nothing where no tax is paid, and the absence of one says all.
        let vat_rate = if put.vat.mode == VatMode::NotPayer { VatRate::NotPayer } else { put.vat.rate };
        Self {
            id: ROW,
            legal_name: put.legal_name.to_string(),
            tax_id: optional(put.tax_id.as_ref()),
            tax_code: optional(put.tax_code.as_ref()),
            address: optional(put.address.as_ref()),
            phone: optional(put.phone.as_ref()),
            email: optional(put.email.as_ref()),
            language: put.language,
            currency: put.currency,
            time_zone: put.time_zone,
            vat_mode: put.vat.mode,
            vat_rate,
            bank_name: bank.map(|bank| bank.name.to_string()),
            bank_bic: bank.and_then(|bank| optional(bank.bic.as_ref())),
            bank_account: bank.map(|bank| bank.account.to_string()),
            bank_correspondent_account: bank.and_then(|bank| optional(bank.correspondent_account.as_ref())),
            director_name: director.map(|director| director.name.to_string()),
            director_position: director.and_then(|director| optional(director.position.as_ref())),
            report_type_id: put.report_type_id,
            version,
            updated_at,
        }
    }
}

impl From<Row> for Provider {
    fn from(row: Row) -> Self {
        fn line<const MAX: usize>(text: Option<String>) -> Option<Line<MAX>> {
            Line::parse(&text?).ok()
        }
        let bank = line(row.bank_name).zip(line(row.bank_account)).map(|(name, account)| Bank {
            name,
            bic: line(row.bank_bic),
            account,
            correspondent_account: line(row.bank_correspondent_account),
        });
        let director = line(row.director_name).map(|name| Director { name, position: line(row.director_position) });
        Self {
            legal_name: row.legal_name,
            tax_id: row.tax_id,
            tax_code: row.tax_code,
            address: row.address,
            phone: row.phone,
            email: row.email,
            language: row.language,
            currency: row.currency,
            time_zone: row.time_zone,
            vat: Vat { mode: row.vat_mode, rate: row.vat_rate },
            bank,
            director,
            report_type_id: row.report_type_id,
            version: row.version,
            updated_at: row.updated_at,
        }
    }
}

/// Our organisation.
///
/// # Errors
/// `provider_missing` while nobody has described it.
pub fn find(conn: &mut DbConnection) -> Result<Provider, Error> {
    known(conn)?.ok_or_else(|| Code::ProviderMissing.into())
}

/// Our organisation, if somebody has described it.
///
/// # Errors
/// The database's.
pub fn known(conn: &mut DbConnection) -> Result<Option<Provider>, Error> {
    let row: Option<Row> = provider::table.find(ROW).select(Row::as_select()).get_result(conn).optional()?;
    Ok(row.map(Provider::from))
}

/// The law by which identifiers are looked at; nothing while nobody has described our organisation.
///
/// # Errors
/// The database's.
pub fn law(conn: &mut DbConnection) -> Result<Option<Law>, Error> {
    let currency: Option<Currency> =
        provider::table.find(ROW).select(provider::currency).get_result(conn).optional()?;
    Ok(currency.map(Law::of))
}

/// The kind of ticket that reports of faults become when their company does not say.
///
/// # Errors
/// The database's.
pub fn report_type(conn: &mut DbConnection) -> Result<Option<TicketTypeId>, Error> {
    let kind: Option<Option<TicketTypeId>> =
        provider::table.find(ROW).select(provider::report_type_id).get_result(conn).optional()?;
    Ok(kind.flatten())
}

/// Describes our organisation anew. Documents that were issued keep what they were issued with.
///
/// # Errors
/// `etag_mismatch`; `validation_failed` when there is tax but no rate, the kind of ticket is not there, or reports that become
/// tickets at once would be of none.
pub fn put(
    conn: &mut DbConnection,
    actor: &Actor,
    put: &PutProvider,
    expected: Option<&IfMatch>,
) -> Result<Provider, Error> {
    if put.vat.mode != VatMode::NotPayer && put.vat.rate == VatRate::NotPayer {
        return Err(Error::field("/vat/rate", crate::error::Flaw::Required));
    }
    if let Some(kind) = put.report_type_id {
        ticket_types::must_be_usable(conn, kind, "/report_type_id")?;
    }
    let before = known(conn)?;
    let version = before.as_ref().map_or(0, |before| before.version);
    must_match(expected, version)?;
    let emptied = put.report_type_id.is_none() && before.as_ref().is_some_and(|before| before.report_type_id.is_some());
    if emptied && company::reports_at_once_as(conn, None)? {
        return Err(Error::field("/report_type_id", crate::error::Flaw::Required));
    }
    let row = Row::new(put, version + 1, actor.now());
    if before.is_some() {
        let still = provider::table.find(ROW).filter(provider::version.eq(version));
        if diesel::update(still).set(&row).execute(conn)? == 0 {
            return Err(crate::error::Code::EtagMismatch.with([("etag", "?".to_owned())]).into());
        }
    } else {
        diesel::insert_into(provider::table).values(&row).execute(conn)?;
    }
    let after = Provider::from(row);
    history::record(conn, actor, Event::of("provider.changed", "provider", OBJECT).changed(&before, &after))?;
    Ok(after)
}
