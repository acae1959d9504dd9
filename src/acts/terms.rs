//! By which terms an act is signed: the signing rule that counted when it was issued, and how long its agreement waits for a
//! word of the client's. Both stay as they were, whatever becomes of rule and agreement.

use diesel::prelude::*;

use super::snapshot::Snapshot;
use super::{Act, ActId};
use crate::companies::SigningAuthority;
use crate::db::schema::act_terms;
use crate::db::types::{Day, Timestamp};
use crate::db::{DbConnection, MultiBackend};
use crate::error::Error;
use crate::money::Money;
use crate::signing_rules::{SigningRule, SigningRuleId};

/// What a signing rule asks of an act's signer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleTerms {
    /// Which rule; none where none was made.
    pub rule_id: Option<SigningRuleId>,
    /// The largest amount under which an ordinary employee may sign; any, when there is none.
    pub employee_limit: Option<Money>,
    /// Whether people who are no contacts may sign.
    pub walk_ins: bool,
}

impl RuleTerms {
    /// Where there is no rule, the kind of ticket alone says who signs.
    pub const NONE: Self = Self { rule_id: None, employee_limit: None, walk_ins: true };

    /// Whether an ordinary employee may sign for so much.
    pub fn allow_employee(&self, total: Money) -> bool {
        self.employee_limit.is_none_or(|limit| total <= limit)
    }

    /// What a signer must be allowed to sign, given what the kind of ticket asks for.
    pub fn required(&self, by_kind: SigningAuthority, total: Money) -> SigningAuthority {
        if self.allow_employee(total) { by_kind } else { SigningAuthority::Official }
    }
}

impl From<Option<SigningRule>> for RuleTerms {
    fn from(rule: Option<SigningRule>) -> Self {
        rule.map_or(Self::NONE, |rule| Self {
            rule_id: Some(rule.id),
            employee_limit: rule.employee_limit,
            walk_ins: rule.walk_ins,
        })
    }
}

/// The terms of an act as they are kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = act_terms, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
pub struct ActTerms {
    /// Which act.
    pub act_id: ActId,
    /// The signing rule.
    pub rule_id: Option<SigningRuleId>,
    /// What it allows to ordinary employees.
    pub employee_limit: Option<Money>,
    /// What it allows to people who are no contacts.
    pub walk_ins: bool,
    /// Working days without a word after which the act is taken for accepted; never, when there are none.
    pub after_days: Option<i64>,
    /// The clause that says so.
    pub clause: Option<String>,
    /// The last of those days, at the site.
    pub due_on: Option<Day>,
    /// Its end.
    pub acceptance_due_at: Option<Timestamp>,
    /// When it was noted that they were over.
    pub deemed_accepted_at: Option<Timestamp>,
}

impl ActTerms {
    /// The terms of an act that says this.
    pub fn of(act_id: ActId, rule: &RuleTerms, content: &Snapshot) -> Self {
        let deemed = content.agreement.as_ref().and_then(|agreement| agreement.deemed_acceptance.as_ref());
        let end = |due_on: Day| due_on.0.succ_opt().map(|next| Timestamp::start_of(Day(next), content.zone.0));
        Self {
            act_id,
            rule_id: rule.rule_id,
            employee_limit: rule.employee_limit,
            walk_ins: rule.walk_ins,
            after_days: deemed.map(|deemed| i64::from(deemed.after_days)),
            clause: deemed.map(|deemed| deemed.clause.clone()),
            due_on: deemed.map(|deemed| deemed.due_on),
            acceptance_due_at: deemed.and_then(|deemed| end(deemed.due_on)),
            deemed_accepted_at: None,
        }
    }

    /// What the signing rule asks.
    pub const fn rule(&self) -> RuleTerms {
        RuleTerms { rule_id: self.rule_id, employee_limit: self.employee_limit, walk_ins: self.walk_ins }
    }
}

/// The terms of an act; acts of earlier versions of the program have none.
///
/// # Errors
/// The database's.
pub fn find(conn: &mut DbConnection, act: ActId) -> Result<Option<ActTerms>, Error> {
    Ok(act_terms::table.find(act).select(ActTerms::as_select()).get_result(conn).optional()?)
}

/// What the signing rule of an act asks.
///
/// # Errors
/// The database's.
pub fn rule_of(conn: &mut DbConnection, act: &Act) -> Result<RuleTerms, Error> {
    Ok(find(conn, act.id)?.map_or(RuleTerms::NONE, |terms| terms.rule()))
}
