//! How our side is taxed, as dated data: a regime holds from its day on until the next one, and the rate of a work goes by the
//! day it was supplied. What was written on an act or an invoice stays.

pub mod rates;
pub mod routes;
pub mod supply;

use std::fmt;
use std::str::FromStr;

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::prelude::*;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};

use crate::auth::Actor;
use crate::companies::company::archived;
use crate::db::page::Page;
use crate::db::records::save;
use crate::db::schema::tax_regimes;
use crate::db::types::{Day, Timestamp, id, written_text};
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error, FieldError, Flaw, Refusal};
use crate::history::{self, Event};
use crate::http::idempotency::made_once;
use crate::http::problem::ProblemField;
use crate::http::resource::{IfMatch, must_match};
use crate::http::{Change, Made, Resource};
use crate::money::vat::{Rounding, VatMode, VatRate};
use crate::provider::Provider;
use crate::words::Language;
use crate::words::text::{Line, optional};

id! {
    /// A regime of tax.
    TaxRegimeId,
}

/// Regimes that may be kept.
const MOST_REGIMES: usize = 200;

/// Which rate works have in a regime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub enum RegimeRate {
    /// The country's standard rate on the day of supply.
    Standard,
    /// This one.
    Fixed(VatRate),
}
written_text!(RegimeRate);

impl fmt::Display for RegimeRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Standard => f.write_str("standard"),
            Self::Fixed(rate) => rate.fmt(f),
        }
    }
}

impl FromStr for RegimeRate {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "standard" { Ok(Self::Standard) } else { text.parse().map(Self::Fixed) }
    }
}

impl Serialize for RegimeRate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RegimeRate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl utoipa::PartialSchema for RegimeRate {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String).examples(["standard", "5"]);
        text.pattern(Some(r"^([0-9]{1,2}(\.[0-9]{1,2})?|standard|exempt|not_payer|reverse_charge)$"))
            .description(Some("The country's standard rate on the day of supply, per cent, or why there is none"))
            .into()
    }
}

impl utoipa::ToSchema for RegimeRate {
    fn name() -> std::borrow::Cow<'static, str> {
        "RegimeRate".into()
    }
}

/// A regime of tax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset, utoipa::ToSchema)]
#[diesel(table_name = tax_regimes, check_for_backend(MultiBackend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct TaxRegime {
    /// Its id.
    pub id: TaxRegimeId,
    /// The first day of supply it holds for; the last is the day before the next regime's first.
    pub valid_from: Day,
    /// Whose rates: ISO 3166-1, two letters.
    pub country: String,
    /// How prices hold the tax.
    pub vat_mode: VatMode,
    /// Which rate works have.
    pub vat_rate: RegimeRate,
    /// What is rounded to whole minor units.
    pub rounding: Rounding,
    /// What invoices say below their sums.
    pub note: Option<String>,
    /// When it was put away.
    pub archived_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A regime, with what is to be looked at again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TaxRegimeView {
    #[serde(flatten)]
    regime: TaxRegime,
    /// A rate that the country's law, as far as it is known here, does not have on the first day.
    pub warnings: Vec<ProblemField>,
}

impl TaxRegimeView {
    fn new(regime: TaxRegime, language: Language) -> Self {
        let unusual = unusual(&regime).map(|flaw| ProblemField::new(&flaw, language));
        Self { warnings: unusual.into_iter().collect(), regime }
    }
}

impl Resource for TaxRegimeView {
    fn path(&self) -> String {
        format!("/api/v1/tax-regimes/{}", self.regime.id)
    }

    fn version(&self) -> Option<i64> {
        Some(self.regime.version)
    }
}

/// A regime to add.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTaxRegime {
    /// The client's own id for the record.
    #[serde(default)]
    pub id: Option<TaxRegimeId>,
    /// The first day of supply it holds for.
    pub valid_from: Day,
    /// Whose rates: ISO 3166-1, two letters.
    pub country: Line<2>,
    /// How prices hold the tax.
    pub vat_mode: VatMode,
    /// Which rate works have. May be left out when none is paid.
    #[serde(default)]
    pub vat_rate: Option<RegimeRate>,
    /// What is rounded to whole minor units: each line unless something else is said.
    #[serde(default = "by_line")]
    pub rounding: Rounding,
    /// What invoices say below their sums: "НДС не облагается. Исполнитель применяет НПД, 422-ФЗ".
    #[serde(default)]
    pub note: Option<Line<300>>,
}

const fn by_line() -> Rounding {
    Rounding::Line
}

/// What may be changed about a regime. Absent stays, null empties.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditTaxRegime {
    /// The first day of supply it holds for.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Day, required = false)]
    pub valid_from: Option<Day>,
    /// Whose rates.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Line<2>, required = false)]
    pub country: Option<Line<2>>,
    /// How prices hold the tax.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = VatMode, required = false)]
    pub vat_mode: Option<VatMode>,
    /// Which rate works have.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = RegimeRate, required = false)]
    pub vat_rate: Option<RegimeRate>,
    /// What is rounded to whole minor units.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Rounding, required = false)]
    pub rounding: Option<Rounding>,
    /// What invoices say below their sums.
    #[serde(default)]
    #[schema(value_type = Option<Line<300>>)]
    pub note: Change<Line<300>>,
    /// Whether it is put away.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = bool, required = false)]
    pub archived: Option<bool>,
}

/// How a work of a day is taxed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Tax {
    /// The day of supply.
    pub on: Day,
    /// How prices hold the tax.
    pub vat_mode: VatMode,
    /// The rate.
    pub vat_rate: VatRate,
    /// What is rounded.
    pub rounding: Rounding,
    /// What invoices say below their sums.
    pub note: Option<String>,
    /// The regime that says so; without one it is the organisation's own setting.
    pub regime_id: Option<TaxRegimeId>,
}

/// Regimes that were not put away, the newest first.
///
/// # Errors
/// The database's.
pub fn list(conn: &mut DbConnection, actor: &Actor) -> Result<Page<TaxRegimeView>, Error> {
    let regimes = all(conn)?.into_iter().map(|regime| TaxRegimeView::new(regime, actor.language()));
    Ok(Page::all(regimes.collect()))
}

fn all(conn: &mut DbConnection) -> QueryResult<Vec<TaxRegime>> {
    tax_regimes::table
        .filter(tax_regimes::archived_at.is_null())
        .order(tax_regimes::valid_from.desc())
        .select(TaxRegime::as_select())
        .load(conn)
}

/// One regime.
///
/// # Errors
/// `not_found`
pub fn find(conn: &mut DbConnection, actor: &Actor, id: TaxRegimeId) -> Result<TaxRegimeView, Error> {
    load(conn, id).map(|regime| TaxRegimeView::new(regime, actor.language()))
}

fn load(conn: &mut DbConnection, id: TaxRegimeId) -> Result<TaxRegime, Error> {
    let regime = tax_regimes::table.find(id).select(TaxRegime::as_select()).get_result(conn).optional()?;
    regime.ok_or_else(|| Code::NotFound.into())
}

/// Adds a regime. Works that were written down before keep their tax until their act is made.
///
/// # Errors
/// `duplicate` when another regime begins on that day; `validation_failed` when there is tax but no rate, or the standard rate
/// is asked for of a country whose rates are not known.
pub fn create(conn: &mut DbConnection, actor: &Actor, new: &NewTaxRegime) -> Result<Made<TaxRegimeView>, Error> {
    let insert = |conn: &mut DbConnection, id| {
        if all(conn)?.len() >= MOST_REGIMES {
            return Err(Error::field_with("", Flaw::TooMany, [("max", MOST_REGIMES.to_string())]));
        }
        let rate = match new.vat_mode {
            VatMode::NotPayer => RegimeRate::Fixed(VatRate::NotPayer),
            _ => new.vat_rate.ok_or_else(|| Error::field("/vat_rate", Flaw::Required))?,
        };
        let regime = TaxRegime {
            id,
            valid_from: new.valid_from,
            country: new.country.to_ascii_uppercase(),
            vat_mode: new.vat_mode,
            vat_rate: rate,
            rounding: new.rounding,
            note: optional(new.note.as_ref()),
            archived_at: None,
            version: 1,
            created_at: actor.now(),
            updated_at: actor.now(),
        };
        must_hold(&regime)?;
        let inserted = diesel::insert_into(tax_regimes::table).values(&regime).execute(conn);
        inserted.map_err(|error| Error::from(error).on_taken("tax_regimes_valid_from_key", day_taken))?;
        history::record(conn, actor, Event::of("tax_regime.added", "tax_regime", id.uuid()).after(&regime))?;
        Ok(TaxRegimeView::new(regime, actor.language()))
    };
    made_once(conn, actor, "tax_regime", new.id, new, insert, |conn, id| find(conn, actor, id))
}

/// Changes a regime. Acts and invoices that were made out keep what they say.
///
/// # Errors
/// `not_found`, `etag_mismatch`; as [`create`].
pub fn edit(
    conn: &mut DbConnection,
    actor: &Actor,
    id: TaxRegimeId,
    change: &EditTaxRegime,
    expected: Option<&IfMatch>,
) -> Result<TaxRegimeView, Error> {
    let before = load(conn, id)?;
    must_match(expected, before.version)?;
    let vat_mode = change.vat_mode.unwrap_or(before.vat_mode);
    let rate = change.vat_rate.unwrap_or(before.vat_rate);
    let after = TaxRegime {
        valid_from: change.valid_from.unwrap_or(before.valid_from),
        country: change.country.as_ref().map_or(before.country.clone(), |country| country.to_ascii_uppercase()),
        vat_mode,
        vat_rate: if vat_mode == VatMode::NotPayer { RegimeRate::Fixed(VatRate::NotPayer) } else { rate },
        rounding: change.rounding.unwrap_or(before.rounding),
        note: change.note.clone().or(before.note.clone()),
        archived_at: archived(change.archived, before.archived_at, actor.now()),
        version: before.version + 1,
        updated_at: actor.now(),
        ..before.clone()
    };
    must_hold(&after)?;
    save!(conn, tax_regimes, before, &after)
        .map_err(|error| error.on_taken("tax_regimes_valid_from_key", day_taken))?;
    history::record(conn, actor, Event::of("tax_regime.changed", "tax_regime", id.uuid()).changed(&before, &after))?;
    Ok(TaxRegimeView::new(after, actor.language()))
}

fn day_taken() -> Error {
    Refusal::from(Code::Duplicate).at("/valid_from", Flaw::Taken).into()
}

/// Refuses what would be no regime.
fn must_hold(regime: &TaxRegime) -> Result<(), Error> {
    let country = || vec![("found", regime.country.clone())];
    let two_letters = regime.country.len() == 2 && regime.country.bytes().all(|byte| byte.is_ascii_uppercase());
    let known = rates::on(&regime.country, regime.valid_from).is_some();
    if !two_letters || regime.vat_rate == RegimeRate::Standard && !known {
        let field = FieldError { pointer: "/country".to_owned(), flaw: Flaw::UnknownCountry, params: country() };
        return Err(Refusal { fields: vec![field], ..Refusal::from(Code::ValidationFailed) }.into());
    }
    if regime.vat_mode != VatMode::NotPayer && regime.vat_rate == RegimeRate::Fixed(VatRate::NotPayer) {
        return Err(Error::field("/vat_rate", Flaw::Required));
    }
    Ok(())
}

/// A rate in per cent that the country does not have on the regime's first day.
fn unusual(regime: &TaxRegime) -> Option<FieldError> {
    let RegimeRate::Fixed(rate @ VatRate::Percent(_)) = regime.vat_rate else { return None };
    let known = rates::on(&regime.country, regime.valid_from)?.all();
    if known.contains(&rate) {
        return None;
    }
    let allowed = known.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let params = vec![("country", regime.country.clone()), ("allowed", allowed)];
    Some(FieldError { pointer: "/vat_rate".to_owned(), flaw: Flaw::UnusualRate, params })
}

/// How a work supplied on a day is taxed: by the last regime that had begun, else by the organisation's own setting.
///
/// # Errors
/// The database's.
pub fn on(conn: &mut DbConnection, ours: &Provider, day: Day) -> Result<Tax, Error> {
    let regime: Option<TaxRegime> = tax_regimes::table
        .filter(tax_regimes::archived_at.is_null())
        .filter(tax_regimes::valid_from.le(day))
        .order(tax_regimes::valid_from.desc())
        .select(TaxRegime::as_select())
        .first(conn)
        .optional()?;
    Ok(match regime {
        Some(regime) => regime.resolved(day),
        None => Tax {
            on: day,
            vat_mode: ours.vat.mode,
            vat_rate: ours.vat.rate,
            rounding: Rounding::Line,
            note: None,
            regime_id: None,
        },
    })
}

impl TaxRegime {
    fn resolved(self, day: Day) -> Tax {
        let standard =
            || rates::on(&self.country, day).map_or(VatRate::Exempt, |rates| VatRate::Percent(rates.standard));
        let vat_rate = match self.vat_rate {
            RegimeRate::Fixed(rate) => rate,
            RegimeRate::Standard => standard(),
        };
        Tax {
            on: day,
            vat_mode: self.vat_mode,
            vat_rate,
            rounding: self.rounding,
            note: self.note,
            regime_id: Some(self.id),
        }
    }
}
