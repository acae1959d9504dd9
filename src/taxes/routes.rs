//! `/tax-regimes`, `/tax-in-force`, `/tax-rates`

use actix_web::{get, patch, post, web};
use serde::{Deserialize, Serialize};

use super::{EditTaxRegime, NewTaxRegime, Tax, TaxRegimeId, TaxRegimeView, rates};
use crate::db::page::Page;
use crate::db::types::Day;
use crate::error::Flaw;
use crate::http::call::{Answer, found};
use crate::http::described::Problems;
use crate::http::query::refused;
use crate::http::routes::Routes;
use crate::http::{Body, Call, Query};
use crate::money::vat::VatRate;
use crate::provider;

/// The routes of this feature.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.service(list_tax_regimes).service(add_tax_regime).service(get_tax_regime).service(edit_tax_regime);
    routes.service(tax_in_force).service(tax_rates);
}

/// A day of supply.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OnDay {
    /// The day of supply; today when left out.
    #[serde(default)]
    on: Option<Day>,
}

/// A country and a day of supply.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CountryOnDay {
    /// ISO 3166-1, two letters.
    #[param(pattern = "^[A-Z]{2}$", example = "RU")]
    country: String,
    /// The day of supply; today when left out.
    #[serde(default)]
    on: Option<Day>,
}

/// The rates of a country on a day.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct TaxRates {
    /// Whose.
    country: &'static str,
    /// On which day.
    on: Day,
    /// Since when.
    valid_from: Option<Day>,
    /// The rate of everything that has no other.
    standard: VatRate,
    /// All rates, the standard one first.
    rates: Vec<VatRate>,
}

/// How our side is taxed, the newest regime first.
#[utoipa::path(tag = "provider", responses((status = 200, description = "All of them", body = Page<TaxRegimeView>), Problems))]
#[get("/tax-regimes")]
async fn list_tax_regimes(call: Call) -> Answer {
    call.read(super::list).await
}

/// Add a regime of tax.
#[utoipa::path(tag = "provider", request_body = NewTaxRegime, responses((status = 201, description = "Added", body = TaxRegimeView), (status = 200, description = "Was made before with this id", body = TaxRegimeView), Problems))]
#[post("/tax-regimes")]
async fn add_tax_regime(call: Call, body: Body<NewTaxRegime>) -> Answer {
    call.create(move |conn, actor| super::create(conn, actor, &body.0)).await
}

/// One regime of tax.
#[utoipa::path(tag = "provider", params(("id" = TaxRegimeId, Path, description = "The regime")), responses((status = 200, description = "The regime", body = TaxRegimeView), Problems))]
#[get("/tax-regimes/{id}")]
async fn get_tax_regime(call: Call, id: web::Path<TaxRegimeId>) -> Answer {
    call.show(move |conn, actor| super::find(conn, actor, *id)).await
}

/// Change a regime of tax.
#[utoipa::path(tag = "provider", params(("id" = TaxRegimeId, Path, description = "The regime")), request_body = EditTaxRegime, responses((status = 200, description = "Changed", body = TaxRegimeView), Problems))]
#[patch("/tax-regimes/{id}")]
async fn edit_tax_regime(call: Call, id: web::Path<TaxRegimeId>, body: Body<EditTaxRegime>) -> Answer {
    let expected = call.if_match();
    call.edit(move |conn, actor| super::edit(conn, actor, *id, &body.0, expected.as_ref())).await
}

/// How a work supplied on a day is taxed.
#[utoipa::path(tag = "provider", params(OnDay), responses((status = 200, description = "The tax", body = Tax), Problems))]
#[get("/tax-in-force")]
async fn tax_in_force(call: Call, query: Query<OnDay>) -> Answer {
    call.read(move |conn, actor| {
        let ours = provider::find(conn)?;
        super::on(conn, &ours, query.0.on.unwrap_or_else(|| actor.now().day_in(ours.time_zone.0)))
    })
    .await
}

/// The rates that a country's law has on a day, as far as they are known here.
#[utoipa::path(tag = "provider", params(CountryOnDay), responses((status = 200, description = "The rates", body = TaxRates), Problems))]
#[get("/tax-rates")]
async fn tax_rates(call: Call, query: Query<CountryOnDay>) -> Answer {
    let on = query.0.on.unwrap_or_else(|| call.actor.now().day_in(chrono_tz::UTC));
    let unknown = || refused("country", Flaw::UnknownCountry, vec![("found", query.0.country.clone())]);
    let known = rates::on(&query.0.country, on).ok_or_else(unknown)?;
    let standard = VatRate::Percent(known.standard);
    let (country, valid_from) = (known.country, known.first_day());
    Ok(found(&TaxRates { country, on, valid_from, standard, rates: known.all() }))
}
