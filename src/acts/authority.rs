//! Who may sign how much: data of the ticket's kind, of the signing rule, and of the contact. One pure decision, asked by the
//! desk, by links, by phones that come back from where there is no network, and by whoever wants to know beforehand.

use super::Act;
use super::terms::RuleTerms;
use crate::companies::SigningAuthority;
use crate::companies::contact::Contact;
use crate::companies::power::PowerOfAttorney;
use crate::db::types::{Day, text_enum};
use crate::error::codes::fill;
use crate::error::{Code, Error};
use crate::money::{Currency, Money};
use crate::words::{Language, dates};

/// What somebody who is not in the list of contacts may sign: any employee may sign everyday work.
pub const WALK_IN: SigningAuthority = SigningAuthority::Routine;

text_enum! {
    /// Why somebody may not sign an act.
    Barrier {
        /// They have left.
        HasLeft = "has_left",
        /// They sign nothing.
        SignsNothing = "signs_nothing",
        /// They are a contact, and somebody else is signed in.
        NotThemselves = "not_themselves",
        /// Only contacts sign such acts.
        WalkInsNotAllowed = "walk_ins_not_allowed",
        /// The kind of ticket asks for an official.
        OfficialRequired = "official_required",
        /// It is more than an ordinary employee may sign for.
        OverEmployeeLimit = "over_employee_limit",
        /// Their power of attorney begins later.
        PowerNotYetValid = "power_not_yet_valid",
        /// It is over.
        PowerExpired = "power_expired",
        /// It is more than their power of attorney allows.
        OverPowerLimit = "over_power_limit",
        /// Their power of attorney counts in another currency.
        PowerInOtherCurrency = "power_in_other_currency",
    }
}

/// What an act asks of the client's signer.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// What they must be allowed to sign.
    pub required: SigningAuthority,
    /// What the client pays by it.
    pub total: Money,
    /// In this currency.
    pub currency: Currency,
    /// What its signing rule allows.
    pub rule: RuleTerms,
}

impl Asked {
    /// What an act asks.
    pub const fn by(act: &Act, rule: RuleTerms) -> Self {
        Self { required: act.required_authority, total: act.gross, currency: act.currency, rule }
    }
}

/// Somebody who would sign for the client.
#[derive(Debug, Clone)]
pub enum Candidate {
    /// A contact.
    Contact {
        /// What they may sign.
        authority: SigningAuthority,
        /// Whether they have left.
        left: bool,
        /// The paper by which they sign as an official.
        power: Option<PowerOfAttorney>,
    },
    /// Somebody who is no contact.
    WalkIn,
    /// A contact whom somebody else pretends to be.
    NotThemselves,
}

impl From<&Contact> for Candidate {
    fn from(contact: &Contact) -> Self {
        Self::Contact {
            authority: contact.signing_authority,
            left: contact.archived_at.is_some(),
            power: contact.power_of_attorney.clone(),
        }
    }
}

/// Whether somebody may sign, and by which right.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// What they may sign.
    pub authority: SigningAuthority,
    /// The paper that right rests on, if it does.
    pub power: Option<PowerOfAttorney>,
    /// Why they may not; nothing when they may.
    pub barrier: Option<Barrier>,
}

/// Whether somebody may sign an act on a day, at the site.
pub fn judge(asked: &Asked, candidate: &Candidate, day: Day) -> Judgement {
    let barred = |barrier| Judgement { authority: SigningAuthority::None, power: None, barrier: Some(barrier) };
    let (authority, power, failed) = match candidate {
        Candidate::NotThemselves => return barred(Barrier::NotThemselves),
        Candidate::Contact { left: true, .. } => return barred(Barrier::HasLeft),
        // Whoever may sign nothing may not sign an act that asks for nothing either.
        Candidate::Contact { authority: SigningAuthority::None, .. } => return barred(Barrier::SignsNothing),
        Candidate::WalkIn if !asked.rule.walk_ins => return barred(Barrier::WalkInsNotAllowed),
        Candidate::WalkIn => (WALK_IN, None, None),
        Candidate::Contact { authority, power: None, .. } => (*authority, None, None),
        Candidate::Contact { power: Some(power), .. } => match fails(asked, power, day) {
            None => (SigningAuthority::Official, Some(power.clone()), None),
            failed => (SigningAuthority::Routine, None, failed),
        },
    };
    let suffices = authority >= asked.required.max(SigningAuthority::Routine);
    let barrier = if suffices { None } else { Some(failed.unwrap_or(lacking(asked))) };
    Judgement { authority, power, barrier }
}

/// Why a power of attorney makes nobody an official for this act on this day.
fn fails(asked: &Asked, power: &PowerOfAttorney, day: Day) -> Option<Barrier> {
    if day < power.issued_on {
        return Some(Barrier::PowerNotYetValid);
    }
    if power.valid_until.is_some_and(|last| last < day) {
        return Some(Barrier::PowerExpired);
    }
    let limit = power.limit?;
    if asked.total > Money::ZERO && power.currency != Some(asked.currency) {
        return Some(Barrier::PowerInOtherCurrency);
    }
    (asked.total > limit).then_some(Barrier::OverPowerLimit)
}

/// Why an ordinary employee does not suffice.
fn lacking(asked: &Asked) -> Barrier {
    if asked.rule.allow_employee(asked.total) { Barrier::OfficialRequired } else { Barrier::OverEmployeeLimit }
}

/// Refuses a signer of the client's who may not sign this act.
///
/// # Errors
/// `authority_insufficient`
pub fn must_suffice(
    asked: &Asked,
    name: &str,
    candidate: &Candidate,
    day: Day,
    language: Language,
) -> Result<Judgement, Error> {
    let judgement = judge(asked, candidate, day);
    let Some(barrier) = judgement.barrier else { return Ok(judgement) };
    let (why, remedy) = said(barrier, asked, candidate, language);
    Err(Code::AuthorityInsufficient
        .with([("signer", name.to_owned()), ("why", why), ("remedy", remedy)])
        .and("required_authority", asked.required.max(SigningAuthority::Routine).as_str())
        .and("authority", judgement.authority.as_str())
        .and("barrier", barrier.as_str())
        .into())
}

/// Why somebody may not sign, and what to do.
pub fn said(barrier: Barrier, asked: &Asked, candidate: &Candidate, language: Language) -> (String, String) {
    let power = if let Candidate::Contact { power, .. } = candidate { power.as_ref() } else { None };
    let amount = |money: Money, currency: Currency| format!("{} {currency}", money.printed(language));
    let dated = |day: Option<Day>| day.map(|day| dates::short(language, day)).unwrap_or_default();
    let limit = power.and_then(|power| Some(amount(power.limit?, power.currency?)));
    let params = [
        ("total", amount(asked.total, asked.currency)),
        ("limit", asked.rule.employee_limit.map(|limit| amount(limit, asked.currency)).unwrap_or_default()),
        ("power", power.map(|power| power.number.to_string()).unwrap_or_default()),
        ("from", dated(power.map(|power| power.issued_on))),
        ("until", dated(power.and_then(|power| power.valid_until))),
        ("power_limit", limit.unwrap_or_default()),
    ];
    (fill(why(barrier, language), &params), remedy(barrier, language).to_owned())
}

const fn why(barrier: Barrier, language: Language) -> &'static str {
    match barrier {
        Barrier::HasLeft => language.choose(
            "больше не работает у клиента.",
            "більше не працює у клієнта.",
            "does not work for the client any more.",
        ),
        Barrier::SignsNothing => {
            language.choose("не имеет права подписи.", "не має права підпису.", "has no right to sign.")
        }
        Barrier::NotThemselves => language.choose(
            "вошёл под своим именем и не может подписать за коллегу.",
            "увійшов під своїм іменем і не може підписати за колегу.",
            "is signed in as themselves and cannot sign for a colleague.",
        ),
        Barrier::WalkInsNotAllowed => language.choose(
            "нет в списке контактов, а такие акты подписывают только люди из списка.",
            "немає у списку контактів, а такі акти підписують лише люди зі списку.",
            "is not in the list of contacts, and only people in it sign such acts.",
        ),
        Barrier::OfficialRequired => language.choose(
            "подписывает обычные работы, а акт по заявке этого вида подписывает должностное лицо.",
            "підписує звичайні роботи, а акт за заявкою цього виду підписує посадова особа.",
            "signs for everyday work, and the act of such a ticket is signed by an official.",
        ),
        Barrier::OverEmployeeLimit => language.choose(
            "подписывает до {limit}, а сумма акта — {total}.",
            "підписує до {limit}, а сума акта — {total}.",
            "signs for up to {limit}, and the act is about {total}.",
        ),
        Barrier::PowerNotYetValid => language.choose(
            "действует по доверенности № {power}, а она начинает действовать {from}.",
            "діє за довіреністю № {power}, а вона починає діяти {from}.",
            "acts by power of attorney No. {power}, which begins on {from}.",
        ),
        Barrier::PowerExpired => language.choose(
            "действовал по доверенности № {power}, её срок истёк {until}.",
            "діяв за довіреністю № {power}, її строк минув {until}.",
            "acted by power of attorney No. {power}, which ended on {until}.",
        ),
        Barrier::OverPowerLimit => language.choose(
            "действует по доверенности № {power} на сумму до {power_limit}, а сумма акта — {total}.",
            "діє за довіреністю № {power} на суму до {power_limit}, а сума акта — {total}.",
            "acts by power of attorney No. {power} for up to {power_limit}, and the act is about {total}.",
        ),
        Barrier::PowerInOtherCurrency => language.choose(
            "действует по доверенности № {power} на сумму до {power_limit}, а акт — в другой валюте.",
            "діє за довіреністю № {power} на суму до {power_limit}, а акт — в іншій валюті.",
            "acts by power of attorney No. {power} for up to {power_limit}, and the act is in another currency.",
        ),
    }
}

const fn remedy(barrier: Barrier, language: Language) -> &'static str {
    match barrier {
        Barrier::WalkInsNotAllowed => language.choose(
            "Попросите подписать человека из списка или добавьте этого в контакты клиента.",
            "Попросіть підписати людину зі списку або додайте цю до контактів клієнта.",
            "Ask somebody in the list to sign, or add this person to the client's contacts.",
        ),
        Barrier::OfficialRequired
        | Barrier::OverEmployeeLimit
        | Barrier::OverPowerLimit
        | Barrier::PowerInOtherCurrency => language.choose(
            "Дайте подписать должностному лицу или тому, чья доверенность это позволяет, можно по ссылке.",
            "Дайте підписати посадовій особі або тому, чия довіреність це дозволяє, можна за посиланням.",
            "Have an official sign, or somebody whose power of attorney allows it; a link will do.",
        ),
        Barrier::PowerNotYetValid | Barrier::PowerExpired => language.choose(
            "Попросите действующую доверенность и внесите её в карточку контакта, или дайте подписать должностному лицу.",
            "Попросіть чинну довіреність і внесіть її до картки контакту, або дайте підписати посадовій особі.",
            "Ask for a power of attorney that is in force and write it down with the contact, or have an official sign.",
        ),
        Barrier::HasLeft | Barrier::SignsNothing | Barrier::NotThemselves => language.choose(
            "Дайте подписать тому, кто имеет на это право.",
            "Дайте підписати тому, хто має на це право.",
            "Have somebody sign who has the right to.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::text::Line;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn asked(required: SigningAuthority, total: i64, employee_limit: Option<i64>, walk_ins: bool) -> Asked {
        let rule = RuleTerms { rule_id: None, employee_limit: employee_limit.map(Money), walk_ins };
        Asked { required: rule.required(required, Money(total)), total: Money(total), currency: Currency::Rub, rule }
    }

    fn contact(authority: SigningAuthority, power: Option<(&str, Option<i64>)>) -> Candidate {
        let power = power.map(|(until, limit)| PowerOfAttorney {
            number: Line::parse("5").unwrap(),
            issued_on: day("2026-02-01"),
            valid_until: Some(day(until)),
            issued_by: Line::parse("Директор").unwrap(),
            limit: limit.map(Money),
            currency: limit.map(|_| Currency::Rub),
        });
        Candidate::Contact { authority, left: false, power }
    }

    #[test]
    fn who_may_sign_what() {
        use SigningAuthority::{None as Nothing, Official, Routine};
        let left = Candidate::Contact { authority: Official, left: true, power: None };
        let people = [
            ("left", left),
            ("nothing", contact(Nothing, Some(("2026-12-31", None)))),
            ("employee", contact(Routine, None)),
            ("by power", contact(Routine, Some(("2026-12-31", Some(500_000))))),
            ("power over", contact(Official, Some(("2026-03-31", None)))),
            ("official", contact(Official, None)),
            ("walk-in", Candidate::WalkIn),
        ];
        let acts = [
            ("everyday", asked(Routine, 900_000, None, true)),
            ("asks for nothing", asked(Nothing, 0, None, true)),
            ("asks for an official", asked(Official, 0, None, true)),
            ("at the limit", asked(Routine, 100_000, Some(100_000), true)),
            ("a kopeck above", asked(Routine, 100_001, Some(100_000), true)),
            ("far above", asked(Routine, 500_001, Some(100_000), true)),
            ("only contacts", asked(Routine, 0, None, false)),
        ];
        let mut table = Vec::new();
        for (act, asked) in &acts {
            let told = people.iter().map(|(who, candidate)| {
                let judgement = judge(asked, candidate, day("2026-11-22"));
                format!("{who} {}", judgement.barrier.map_or(judgement.authority.as_str(), Barrier::as_str))
            });
            table.push(format!("{act}: {}", told.collect::<Vec<_>>().join(", ")));
        }
        assert_eq!(
            table,
            [
                "everyday: left has_left, nothing signs_nothing, employee routine, by power routine, power over routine, official official, walk-in routine",
                "asks for nothing: left has_left, nothing signs_nothing, employee routine, by power official, power over routine, official official, walk-in routine",
                "asks for an official: left has_left, nothing signs_nothing, employee official_required, by power official, power over power_expired, official official, walk-in official_required",
                "at the limit: left has_left, nothing signs_nothing, employee routine, by power official, power over routine, official official, walk-in routine",
                "a kopeck above: left has_left, nothing signs_nothing, employee over_employee_limit, by power official, power over power_expired, official official, walk-in over_employee_limit",
                "far above: left has_left, nothing signs_nothing, employee over_employee_limit, by power over_power_limit, power over power_expired, official official, walk-in over_employee_limit",
                "only contacts: left has_left, nothing signs_nothing, employee routine, by power official, power over routine, official official, walk-in walk_ins_not_allowed",
            ]
        );
    }

    #[test]
    fn a_power_of_attorney_counts_from_its_first_day_to_its_last() {
        let asked = asked(SigningAuthority::Official, 1, None, true);
        let who = contact(SigningAuthority::Routine, Some(("2026-03-31", None)));
        let told = |on: &str| judge(&asked, &who, day(on)).barrier;
        assert_eq!(told("2026-01-31"), Some(Barrier::PowerNotYetValid));
        assert_eq!((told("2026-02-01"), told("2026-03-31")), (None, None));
        assert_eq!(told("2026-04-01"), Some(Barrier::PowerExpired));
        let Candidate::Contact { authority, power: Some(power), .. } = who else { unreachable!() };
        let in_euro = PowerOfAttorney { limit: Some(Money(100)), currency: Some(Currency::Eur), ..power };
        let who = Candidate::Contact { authority, left: false, power: Some(in_euro) };
        assert_eq!(judge(&asked, &who, day("2026-03-01")).barrier, Some(Barrier::PowerInOtherCurrency));
    }

    #[test]
    fn every_barrier_says_why_and_what_to_do() {
        let asked = asked(SigningAuthority::Routine, 1_234_567, Some(100_000), true);
        let who = contact(SigningAuthority::Routine, Some(("2026-03-31", Some(500_000))));
        for language in Language::ALL {
            for barrier in Barrier::ALL {
                let (why, remedy) = said(*barrier, &asked, &who, *language);
                assert!(!why.contains('{') && why.ends_with('.') && remedy.ends_with('.'), "{barrier} {why} {remedy}");
            }
        }
        let (why, _) = said(Barrier::OverPowerLimit, &asked, &who, Language::Ru);
        assert_eq!(
            why,
            "действует по доверенности № 5 на сумму до 5\u{a0}000,00 RUB, а сумма акта — 12\u{a0}345,67 RUB."
        );
    }
}
