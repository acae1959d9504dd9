//! Is it in the contract? Asked on a scan and for every work line, answered by the same rules, with the reason.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{AgreementId, CoverKind};
use crate::assets::AssetId;
use crate::companies::CompanyId;
use crate::db::among::Among;
use crate::db::schema::{agreement_covers, agreements};
use crate::db::types::{AnyId, Day, text_enum};
use crate::db::{DbConnection, MultiBackend};
use crate::error::Error;
use crate::pricing::PriceItemId;
use crate::ticket_types::TicketTypeId;
use crate::words::Language;

text_enum! {
    /// Who pays for a work line.
    Coverage {
        /// The contract.
        Covered = "covered",
        /// The client, extra.
        Extra = "extra",
    }
}

text_enum! {
    /// Why something is covered, or is not.
    Because {
        /// An agreement in force covers it.
        Agreement = "agreement",
        /// The company has no agreement in force on that day.
        NoAgreement = "no_agreement",
        /// The agreement names the devices it covers, and this is none of them.
        AssetNotListed = "asset_not_listed",
        /// The agreement names the kinds of tickets it covers, and this is none of them.
        TicketTypeNotListed = "ticket_type_not_listed",
        /// The agreement names the works it covers, and this is none of them.
        ItemNotListed = "item_not_listed",
        /// It was typed by hand: agreements cover works of a price list only.
        NotInPriceList = "not_in_price_list",
    }
}

/// An agreement in force, with those of its lists that name what is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    /// Which.
    pub id: AgreementId,
    /// Its number.
    pub number: String,
    /// Whether it names its devices.
    pub by_asset: bool,
    /// Whether it names its kinds of tickets.
    pub by_ticket_type: bool,
    /// Whether it names its works.
    pub by_price_item: bool,
    /// What it names, of what is asked about.
    pub named: Vec<(CoverKind, AnyId)>,
}

/// The answer, with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Whether it is covered.
    pub covered: bool,
    /// Why.
    pub because: Because,
    /// The agreement that decided.
    pub agreement_id: Option<AgreementId>,
    /// Its number then.
    pub agreement_number: Option<String>,
}

/// What is to be done, as far as an agreement may care.
#[derive(Debug, Clone, Default)]
pub struct Work {
    /// On these devices.
    pub assets: Vec<AssetId>,
    /// On a ticket of this kind.
    pub ticket_type: Option<TicketTypeId>,
    /// This work of a price list.
    pub item: Option<PriceItemId>,
}

/// An agreement, in force or not.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = agreements, check_for_backend(MultiBackend))]
pub struct Candidate {
    id: AgreementId,
    number: String,
    starts_on: Day,
    ends_on: Option<Day>,
    by_asset: bool,
    by_ticket_type: bool,
    by_price_item: bool,
}

/// The company's agreements that have not ended before `day`, oldest first.
///
/// # Errors
/// The database's.
pub fn not_ended(conn: &mut DbConnection, company: CompanyId, day: Day) -> Result<Vec<Candidate>, Error> {
    Ok(agreements::table
        .filter(agreements::company_id.eq(company))
        .filter(agreements::archived_at.is_null())
        .filter(agreements::ends_on.is_null().or(agreements::ends_on.ge(day)))
        .order((agreements::starts_on, agreements::id))
        .select(Candidate::as_select())
        .load(conn)?)
}

/// Those of the company's `candidates` in force on `day`. Agreements that name nothing need no look into the database; what
/// the others name of `targets` is read together with themselves, so that nobody changes the one between the other.
///
/// # Errors
/// The database's.
pub fn those_in_force(
    conn: &mut DbConnection,
    company: CompanyId,
    candidates: &[Candidate],
    day: Day,
    targets: &[AnyId],
) -> Result<Vec<InForce>, Error> {
    let on_that_day = |one: &&Candidate| one.starts_on <= day && one.ends_on.is_none_or(|last| day <= last);
    let on_that_day: Vec<&Candidate> = candidates.iter().filter(on_that_day).collect();
    if on_that_day.iter().any(|one| one.by_asset || one.by_ticket_type || one.by_price_item) {
        return in_force(conn, company, day, targets);
    }
    Ok(on_that_day.into_iter().cloned().map(InForce::from).collect())
}

/// The company's agreements in force on `day`, oldest first, with what they name of `targets`: one statement.
///
/// # Errors
/// The database's.
pub fn in_force(
    conn: &mut DbConnection,
    company: CompanyId,
    day: Day,
    targets: &[AnyId],
) -> Result<Vec<InForce>, Error> {
    let of_targets = agreement_covers::agreement_id.eq(agreements::id).and(agreement_covers::target_id.among(targets));
    let rows: Vec<(Candidate, Option<(CoverKind, AnyId)>)> = agreements::table
        .left_join(agreement_covers::table.on(of_targets))
        .filter(agreements::company_id.eq(company))
        .filter(agreements::archived_at.is_null())
        .filter(agreements::starts_on.le(day))
        .filter(agreements::ends_on.is_null().or(agreements::ends_on.ge(day)))
        .order((agreements::starts_on, agreements::id))
        .select((Candidate::as_select(), (agreement_covers::kind, agreement_covers::target_id).nullable()))
        .load(conn)?;
    let mut in_force: Vec<InForce> = Vec::new();
    for (candidate, named) in rows {
        if in_force.last().is_none_or(|last| last.id != candidate.id) {
            in_force.push(InForce::from(candidate));
        }
        if let Some(last) = in_force.last_mut() {
            last.named.extend(named);
        }
    }
    Ok(in_force)
}

impl From<Candidate> for InForce {
    fn from(one: Candidate) -> Self {
        Self {
            id: one.id,
            number: one.number,
            by_asset: one.by_asset,
            by_ticket_type: one.by_ticket_type,
            by_price_item: one.by_price_item,
            named: Vec::new(),
        }
    }
}

impl InForce {
    fn names(&self, kind: CoverKind, id: uuid::Uuid) -> bool {
        self.named.contains(&(kind, AnyId::from(id)))
    }

    /// What keeps this agreement from covering the work; nothing when it does.
    fn objection(&self, work: &Work) -> Option<Because> {
        let all_assets =
            !work.assets.is_empty() && work.assets.iter().all(|id| self.names(CoverKind::Asset, id.uuid()));
        if self.by_asset && !all_assets {
            return Some(Because::AssetNotListed);
        }
        if self.by_ticket_type && work.ticket_type.is_some_and(|id| !self.names(CoverKind::TicketType, id.uuid())) {
            return Some(Because::TicketTypeNotListed);
        }
        if self.by_price_item && work.item.is_some_and(|id| !self.names(CoverKind::PriceItem, id.uuid())) {
            return Some(Because::ItemNotListed);
        }
        None
    }

    fn decides(&self, covered: bool, because: Because) -> Decision {
        Decision { covered, because, agreement_id: Some(self.id), agreement_number: Some(self.number.clone()) }
    }
}

impl Decision {
    /// Decides without an agreement.
    pub const fn alone(because: Because) -> Self {
        Self { covered: false, because, agreement_id: None, agreement_number: None }
    }

    /// Covered or extra.
    pub const fn coverage(&self) -> Coverage {
        if self.covered { Coverage::Covered } else { Coverage::Extra }
    }

    /// The reason in words.
    pub fn sentence(&self, language: Language) -> String {
        let number = self.agreement_number.as_deref().unwrap_or_default();
        let (ru, uk, en) = match self.because {
            Because::Agreement => ("входит в договор № {}", "входить до договору № {}", "covered by agreement {}"),
            Because::NoAgreement => (
                "у компании нет действующего договора",
                "у компанії немає чинного договору",
                "the company has no agreement in force",
            ),
            Because::AssetNotListed => (
                "договор № {} не включает это оборудование",
                "договір № {} не охоплює це обладнання",
                "agreement {} does not list this equipment",
            ),
            Because::TicketTypeNotListed => (
                "договор № {} не включает заявки этого вида",
                "договір № {} не охоплює заявки цього виду",
                "agreement {} does not list this kind of ticket",
            ),
            Because::ItemNotListed => (
                "договор № {} не включает эту работу",
                "договір № {} не охоплює цю роботу",
                "agreement {} does not list this work",
            ),
            Because::NotInPriceList => (
                "работы нет в прайс-листе: договоры включают только работы из прайс-листа",
                "роботи немає в прайс-листі: договори охоплюють лише роботи з прайс-листа",
                "it is not in a price list: agreements cover works of a price list only",
            ),
        };
        language.choose(ru, uk, en).replace("{}", number)
    }
}

/// Whether work is covered: by the first agreement that does not object, else the objection of the one that came closest.
pub fn decide(agreements: &[InForce], work: &Work) -> Decision {
    let mut closest: Option<Decision> = None;
    for agreement in agreements {
        match agreement.objection(work) {
            None => return agreement.decides(true, Because::Agreement),
            Some(because) => {
                if closest.as_ref().is_none_or(|best| because > best.because) {
                    closest = Some(agreement.decides(false, because));
                }
            }
        }
    }
    closest.unwrap_or_else(|| Decision::alone(Because::NoAgreement))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agreement(number: &str, named: &[(CoverKind, uuid::Uuid)]) -> InForce {
        let by = |kind| named.iter().any(|(of, _)| *of == kind);
        InForce {
            id: AgreementId::new(),
            number: number.to_owned(),
            by_asset: by(CoverKind::Asset),
            by_ticket_type: by(CoverKind::TicketType),
            by_price_item: by(CoverKind::PriceItem),
            named: named.iter().map(|(kind, id)| (*kind, AnyId::from(*id))).collect(),
        }
    }

    #[test]
    fn without_an_agreement_everything_is_extra() {
        assert_eq!(decide(&[], &Work::default()).because, Because::NoAgreement);
    }

    #[test]
    fn an_agreement_without_lists_covers_the_company() {
        let decision = decide(&[agreement("7", &[])], &Work { item: Some(PriceItemId::new()), ..Work::default() });
        assert!(decision.covered);
        assert_eq!(decision.sentence(Language::En), "covered by agreement 7");
    }

    #[test]
    fn each_list_narrows() {
        let (asset, kind, item) = (AssetId::new(), TicketTypeId::new(), PriceItemId::new());
        let lists = [
            (CoverKind::Asset, asset.uuid()),
            (CoverKind::TicketType, kind.uuid()),
            (CoverKind::PriceItem, item.uuid()),
        ];
        let agreements = [agreement("7", &lists)];
        let work = Work { assets: vec![asset], ticket_type: Some(kind), item: Some(item) };
        assert!(decide(&agreements, &work).covered);
        let because = |work: Work| decide(&agreements, &work).because;
        assert_eq!(because(Work { assets: vec![AssetId::new()], ..work.clone() }), Because::AssetNotListed);
        assert_eq!(because(Work { assets: vec![asset, AssetId::new()], ..work.clone() }), Because::AssetNotListed);
        assert_eq!(because(Work { assets: Vec::new(), ..work.clone() }), Because::AssetNotListed);
        assert_eq!(
            because(Work { ticket_type: Some(TicketTypeId::new()), ..work.clone() }),
            Because::TicketTypeNotListed
        );
        assert_eq!(because(Work { item: Some(PriceItemId::new()), ..work }), Because::ItemNotListed);
    }

    #[test]
    fn the_agreement_that_came_closest_gives_the_reason() {
        let (asset, item) = (AssetId::new(), PriceItemId::new());
        let agreements = [
            agreement("far", &[(CoverKind::Asset, uuid::Uuid::now_v7())]),
            agreement("near", &[(CoverKind::Asset, asset.uuid()), (CoverKind::PriceItem, uuid::Uuid::now_v7())]),
        ];
        let decision = decide(&agreements, &Work { assets: vec![asset], ticket_type: None, item: Some(item) });
        assert_eq!((decision.because, decision.agreement_number.as_deref()), (Because::ItemNotListed, Some("near")));
    }
}
