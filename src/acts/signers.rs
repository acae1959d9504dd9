//! Who may sign an act, of the people at its site, and why somebody may not.

use diesel::prelude::*;
use serde::Serialize;

use super::authority::{Asked, Barrier, Candidate, Judgement, judge, said};
use super::snapshot::Snapshot;
use super::{Act, ActId, queries, terms};
use crate::auth::Actor;
use crate::companies::contact::Contact;
use crate::companies::power::PowerOfAttorney;
use crate::companies::{ContactId, SigningAuthority};
use crate::db::schema::contacts;
use crate::db::types::Day;
use crate::db::{DbConnection, MultiBackend};
use crate::error::Error;
use crate::money::{Currency, Money};
use crate::signing_rules::SigningRuleId;
use crate::tickets;
use crate::words::Language;

/// Contacts that are told.
const MOST: i64 = 200;

/// Who may sign an act today.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Signers {
    /// The act.
    pub act_id: ActId,
    /// What the client's signer must be allowed to sign.
    pub required_authority: SigningAuthority,
    /// What the client pays by it.
    pub total: Money,
    /// The currency of the total.
    pub currency: Currency,
    /// The signing rule by which it was issued; null where there was none.
    pub signing_rule_id: Option<SigningRuleId>,
    /// The largest amount under which that lets ordinary employees sign; null for any.
    pub employee_limit: Option<Money>,
    /// The last day on which the client can object before the act is taken for accepted; null where no agreement says so.
    pub acceptance_due_on: Option<Day>,
    /// The client's people: those of this site and of no site in particular first.
    pub data: Vec<SignerView>,
    /// Whether there are more of them than are told.
    pub more: bool,
    /// Somebody who is none of them.
    pub walk_in: WalkInView,
}

/// A contact, and whether they may sign.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SignerView {
    /// The contact.
    pub contact_id: ContactId,
    /// What they are called.
    pub name: String,
    /// Their position.
    pub position: Option<String>,
    /// Whether they are of this site, or of no site in particular.
    pub at_site: bool,
    /// Whether they may sign today.
    pub may_sign: bool,
    /// By which right: what they may sign for an act about so much.
    pub authority: SigningAuthority,
    /// The paper that this right rests on.
    pub power_of_attorney: Option<PowerOfAttorney>,
    /// Why they may not.
    pub because: Option<BarrierView>,
}

/// Whether somebody who is no contact may sign, with name and position.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct WalkInView {
    /// Whether they may.
    pub may_sign: bool,
    /// By which right.
    pub authority: SigningAuthority,
    /// Why they may not.
    pub because: Option<BarrierView>,
}

/// Why somebody may not sign.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct BarrierView {
    /// For programs.
    pub code: Barrier,
    /// For people; it goes on where the name ends.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

/// Who may sign an act, and why others may not.
///
/// # Errors
/// `not_found`
pub fn of(conn: &mut DbConnection, actor: &Actor, id: ActId) -> Result<Signers, Error> {
    let act = queries::find(conn, actor, id)?;
    let terms = terms::find(conn, id)?;
    let asked = Asked::by(&act, terms::rule_of(conn, &act)?);
    let today = actor.now().day_in(Snapshot::read(&act.snapshot)?.zone.0);
    let language = actor.language();
    let (people, more) = people(conn, actor, &act)?;
    let data = people
        .into_iter()
        .map(|(contact, at_site)| {
            let candidate = Candidate::from(&contact);
            let Judgement { authority, power, barrier } = judge(&asked, &candidate, today);
            SignerView {
                contact_id: contact.id,
                name: contact.name,
                position: contact.position,
                at_site,
                may_sign: barrier.is_none(),
                authority,
                power_of_attorney: power,
                because: because(barrier, &asked, &candidate, language),
            }
        })
        .collect();
    let walk_in = judge(&asked, &Candidate::WalkIn, today);
    Ok(Signers {
        act_id: act.id,
        required_authority: act.required_authority,
        total: act.gross,
        currency: act.currency,
        signing_rule_id: asked.rule.rule_id,
        employee_limit: asked.rule.employee_limit,
        acceptance_due_on: terms.and_then(|terms| terms.due_on),
        data,
        more,
        walk_in: WalkInView {
            may_sign: walk_in.barrier.is_none(),
            authority: walk_in.authority,
            because: because(walk_in.barrier, &asked, &Candidate::WalkIn, language),
        },
    })
}

fn because(barrier: Option<Barrier>, asked: &Asked, candidate: &Candidate, language: Language) -> Option<BarrierView> {
    let code = barrier?;
    let (message, remedy) = said(code, asked, candidate, language);
    Some(BarrierView { code, message, remedy })
}

/// The company's people, each with whether they are of the ticket's site, and whether there are more.
fn people(conn: &mut DbConnection, actor: &Actor, act: &Act) -> Result<(Vec<(Contact, bool)>, bool), Error> {
    let ticket = tickets::queries::find_row(conn, actor, act.ticket_id)?;
    let all = || {
        contacts::table
            .select(Contact::as_select())
            .filter(contacts::company_id.eq(act.company_id))
            .filter(contacts::archived_at.is_null())
            .order((contacts::name, contacts::id))
            .limit(MOST + 1)
            .into_boxed::<MultiBackend>()
    };
    let here = match ticket.site_id {
        Some(site) => all().filter(contacts::site_id.is_null().or(contacts::site_id.assume_not_null().eq(site))),
        None => all(),
    };
    let mut people: Vec<(Contact, bool)> =
        here.load::<Contact>(conn)?.into_iter().map(|contact| (contact, true)).collect();
    if let Some(site) = ticket.site_id {
        let elsewhere = all()
            .filter(contacts::site_id.is_not_null())
            .filter(contacts::site_id.assume_not_null().ne(site))
            .load::<Contact>(conn)?;
        people.extend(elsewhere.into_iter().map(|contact| (contact, false)));
    }
    let most = usize::try_from(MOST).unwrap_or(usize::MAX);
    let more = people.len() > most;
    people.truncate(most);
    Ok((people, more))
}
