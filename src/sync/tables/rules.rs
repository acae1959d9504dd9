//! By which rules and at which prices the work is done: the same for everybody.

use diesel::prelude::*;

use super::super::column::{json, maybe_text, raw_table};
use super::{Roots, Synced, Viewer, ids, keys};
use crate::checklists::{ChecklistTemplateId, template};
use crate::db::DbConnection;
use crate::db::among::Among;
use crate::db::schema::{
    checklist_templates, phrases, price_items, price_lists, signing_rules as rules_table, teams as teams_table,
    ticket_types as types_table,
};
use crate::db::types::Sha256;
use crate::error::Error;
use crate::pricing::{PriceItem, PriceItemId, PriceList, PriceListId};
use crate::provider;
use crate::signing_rules::{self, SigningRule, SigningRuleId};
use crate::teams::{self, TeamId};
use crate::ticket_types::{self, TicketTypeId};
use crate::tickets::graph;
use crate::words::Language;

/// The key of our own side's only row.
pub const ORGANISATION: &str = "provider";

/// All ids of a table that everybody holds.
macro_rules! all_of {
    ($conn:expr, $roots:expr, $table:ident, $id:ty) => {{
        if !$roots.rules {
            return Ok(Vec::new());
        }
        Ok(keys($table::table.select($table::id).load::<$id>($conn)?))
    }};
}

raw_table! {
    /// Our own side.
    OrganisationRow in "organisation" {
        /// As registered.
        legal_name: String,
        /// Whom to call.
        phone: Option<String>,
        /// The language of documents when nothing else is said.
        language: String,
        /// The currency of prices typed without a list.
        currency: String,
        /// The time zone of sites that do not say their own.
        time_zone: String,
    }
}

impl Synced for OrganisationRow {
    fn under(_: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        Ok(if roots.rules { vec![ORGANISATION.to_owned()] } else { Vec::new() })
    }

    fn load(conn: &mut DbConnection, _: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        let ours = if keys.is_empty() { None } else { provider::known(conn)? };
        let row = |ours: provider::Provider| Self {
            id: ORGANISATION.to_owned(),
            legal_name: ours.legal_name,
            phone: ours.phone,
            language: ours.language.to_string(),
            currency: ours.currency.to_string(),
            time_zone: ours.time_zone.to_string(),
        };
        Ok(ours.map(row).into_iter().collect())
    }
}

raw_table! {
    /// What signers read beside the facts: the words of an act's text, what they agree to, what they may decide, and what the
    /// act's print form has them say. The id is the language and the name with a point between.
    PhraseRow in "phrases" {
        /// ru, uk, en.
        language: String [Indexed],
        /// Of an act's text: title, provider, customer, site, job, engineer, devices, works, checked, time, all, pay, minutes, yes,
        /// photo, on_site, travel, remote. What may be decided: accepted, accepted_with_remarks, refused. What signers agree to:
        /// consent. That there are no claims, as the act's form says it: no_claims, empty when the form does not.
        name: String,
        /// What it says.
        text: String,
        /// The SHA-256 of that, in lower-case hexadecimal.
        sha256: String,
        /// Grows with every change of it.
        version: i64,
    }
}

impl Synced for PhraseRow {
    fn under(conn: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        if !roots.rules {
            return Ok(Vec::new());
        }
        let all: Vec<(Language, String)> = phrases::table.select((phrases::language, phrases::name)).load(conn)?;
        Ok(all.into_iter().map(|(language, name)| format!("{language}.{name}")).collect())
    }

    fn load(conn: &mut DbConnection, _: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let all: Vec<(Language, String, String, i64)> =
            phrases::table.select((phrases::language, phrases::name, phrases::text, phrases::version)).load(conn)?;
        let row = |(language, name, text, version): (Language, String, String, i64)| Self {
            id: format!("{language}.{name}"),
            language: language.to_string(),
            name,
            sha256: Sha256::of(&text).to_string(),
            text,
            version,
        };
        Ok(all.into_iter().map(row).filter(|row| keys.contains(&row.id)).collect())
    }
}

raw_table! {
    /// The statuses of tickets. The id is the status's code.
    StatusRow in "statuses" {
        /// What it means: new, assigned, en_route, in_progress, waiting, done, closed, cancelled.
        kind: String,
        /// The word for people in Russian.
        name_ru: String,
        /// In Ukrainian.
        name_uk: String,
        /// In English.
        name_en: String,
        /// Its place in the list.
        position: i64,
        /// Whether nothing may enter it any more.
        archived: bool,
    }
}

impl Synced for StatusRow {
    fn under(conn: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        let graph = if roots.rules { graph::load(conn)?.statuses } else { Vec::new() };
        Ok(graph.into_iter().map(|status| status.code).collect())
    }

    fn load(conn: &mut DbConnection, _: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        let statuses = if keys.is_empty() { Vec::new() } else { graph::load(conn)?.statuses };
        let row = |(position, status): (i64, graph::Status)| Self {
            id: status.code,
            kind: status.kind.to_string(),
            name_ru: status.name.ru.to_string(),
            name_uk: status.name.uk.to_string(),
            name_en: status.name.en.to_string(),
            position,
            archived: status.archived,
        };
        let rows = (1_i64..).zip(statuses).map(row);
        Ok(rows.filter(|row| keys.contains(&row.id)).collect())
    }
}

raw_table! {
    /// The ways from status to status. The id is both codes with a point between.
    TransitionRow in "transitions" {
        /// From this status.
        from_status: String [Indexed],
        /// To that one.
        to_status: String,
        /// For these roles: a list, JSON.
        roles_json: String,
        /// What must be so besides what the ticket's kind demands: a list, JSON.
        gates_json: String,
        /// Whether a comment must be written.
        comment_required: bool,
    }
}

impl Synced for TransitionRow {
    fn under(conn: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        let ways = if roots.rules { graph::load(conn)?.transitions } else { Vec::new() };
        Ok(ways.into_iter().map(|way| format!("{}.{}", way.from, way.to)).collect())
    }

    fn load(conn: &mut DbConnection, _: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        let ways = if keys.is_empty() { Vec::new() } else { graph::load(conn)?.transitions };
        let mut rows = Vec::with_capacity(ways.len());
        for way in ways {
            let id = format!("{}.{}", way.from, way.to);
            if keys.contains(&id) {
                rows.push(Self {
                    id,
                    from_status: way.from,
                    to_status: way.to,
                    roles_json: json(&way.roles)?,
                    gates_json: json(&way.gates)?,
                    comment_required: way.comment_required,
                });
            }
        }
        Ok(rows)
    }
}

raw_table! {
    /// Teams and who is in them.
    TeamRow in "teams" {
        /// What it is called.
        name: String,
        /// The people in it: a list of ids, JSON.
        member_ids_json: String,
        /// Whether it was put away.
        archived: bool,
    }
}

impl Synced for TeamRow {
    fn under(conn: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        all_of!(conn, roots, teams_table, TeamId)
    }

    fn load(conn: &mut DbConnection, _: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        let mut rows = Vec::with_capacity(keys.len());
        for team in teams::some(conn, &ids::<TeamId>(keys))? {
            rows.push(Self {
                id: team.id.to_string(),
                name: team.name,
                member_ids_json: json(&team.member_ids)?,
                archived: team.archived_at.is_some(),
            });
        }
        Ok(rows)
    }
}

raw_table! {
    /// Templates of checklists, in their newest version.
    ChecklistTemplateRow in "checklist_templates" {
        /// What it is called.
        name: String,
        /// Whether each device of a ticket gets its own copy.
        per_asset: bool,
        /// Its items in order, JSON.
        items_json: String,
        /// Grows with every change.
        version: i64,
        /// Whether it was put away.
        archived: bool,
    }
}

impl Synced for ChecklistTemplateRow {
    fn under(conn: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        all_of!(conn, roots, checklist_templates, ChecklistTemplateId)
    }

    fn load(conn: &mut DbConnection, _: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        let mut rows = Vec::with_capacity(keys.len());
        for id in ids::<ChecklistTemplateId>(keys) {
            if let Some(template) = template::load(conn, id)? {
                rows.push(Self {
                    id: template.id.to_string(),
                    name: template.name,
                    per_asset: template.per_asset,
                    items_json: json(&template.items)?,
                    version: template.version,
                    archived: template.archived_at.is_some(),
                });
            }
        }
        Ok(rows)
    }
}

raw_table! {
    /// Kinds of tickets.
    TicketTypeRow in "ticket_types" {
        /// What it is called.
        name: String,
        /// What a ticket of this kind must have from the start: a list, JSON.
        required_fields_json: String,
        /// The checklists a ticket gets: a list of ids, JSON.
        checklist_template_ids_json: String,
        /// What must be so before it is done or closed: a list, JSON.
        gates_json: String,
        /// The team it goes to.
        team_id: Option<String>,
        /// What the client's signer must be allowed to sign: none, routine, official.
        signing_authority: String,
        /// Whether it was put away.
        archived: bool,
    }
}

impl Synced for TicketTypeRow {
    fn under(conn: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        all_of!(conn, roots, types_table, TicketTypeId)
    }

    fn load(conn: &mut DbConnection, _: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        let mut rows = Vec::with_capacity(keys.len());
        for id in ids::<TicketTypeId>(keys) {
            if let Some(kind) = ticket_types::load(conn, id)? {
                rows.push(Self {
                    id: kind.id.to_string(),
                    name: kind.name,
                    required_fields_json: json(&kind.required_fields)?,
                    checklist_template_ids_json: json(&kind.checklist_template_ids)?,
                    gates_json: json(&kind.gates)?,
                    team_id: maybe_text(kind.team_id),
                    signing_authority: kind.signing_authority.to_string(),
                    archived: kind.archived_at.is_some(),
                });
            }
        }
        Ok(rows)
    }
}

raw_table! {
    /// Who may sign what: of the rules that fit an act the narrowest counts, by site, then company, then kind of ticket.
    SigningRuleRow in "signing_rules" {
        /// Acts on tickets of this kind; null for any.
        ticket_type_id: Option<String>,
        /// Acts for this company; null for any.
        company_id: Option<String> [Indexed],
        /// Acts about work at this site; null for any.
        site_id: Option<String>,
        /// Acts in this currency.
        currency: String,
        /// The largest amount under which an ordinary employee may sign, a decimal; null for any.
        employee_limit: Option<String>,
        /// Whether people who are no contacts may sign as ordinary employees.
        walk_ins: bool,
        /// Whether it was put away.
        archived: bool,
    }
}

impl Synced for SigningRuleRow {
    fn under(conn: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        all_of!(conn, roots, rules_table, SigningRuleId)
    }

    fn load(conn: &mut DbConnection, _: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        let row = |rule: SigningRule| Self {
            id: rule.id.to_string(),
            ticket_type_id: maybe_text(rule.ticket_type_id),
            company_id: maybe_text(rule.company_id),
            site_id: maybe_text(rule.site_id),
            currency: rule.currency.to_string(),
            employee_limit: maybe_text(rule.employee_limit),
            walk_ins: rule.walk_ins,
            archived: rule.archived_at.is_some(),
        };
        Ok(signing_rules::some(conn, &ids::<SigningRuleId>(keys))?.into_iter().map(row).collect())
    }
}

raw_table! {
    /// Price lists.
    PriceListRow in "price_lists" {
        /// What it is called.
        name: String,
        /// The currency of its prices.
        currency: String,
        /// The first day it holds, if it has one.
        valid_from: Option<String>,
        /// The last day it holds, if it has one.
        valid_to: Option<String>,
        /// Whether it was put away.
        archived: bool,
    }
}

impl Synced for PriceListRow {
    fn under(conn: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        all_of!(conn, roots, price_lists, PriceListId)
    }

    fn load(conn: &mut DbConnection, _: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        let rows: Vec<PriceList> = price_lists::table
            .filter(price_lists::id.among(ids::<PriceListId>(keys)))
            .select(PriceList::as_select())
            .load(conn)?;
        let row = |list: PriceList| Self {
            id: list.id.to_string(),
            name: list.name,
            currency: list.currency.to_string(),
            valid_from: maybe_text(list.valid_from),
            valid_to: maybe_text(list.valid_to),
            archived: list.archived_at.is_some(),
        };
        Ok(rows.into_iter().map(row).collect())
    }
}

raw_table! {
    /// Works and materials in price lists.
    PriceItemRow in "price_items" {
        /// The list it stands in.
        price_list_id: String [Indexed],
        /// Its code, once in a list.
        code: String,
        /// What it is.
        name: String,
        /// work, material.
        kind: String,
        /// "шт", "ч"
        unit: String,
        /// What one unit costs, a decimal.
        price: String,
        /// Whether it was put away.
        archived: bool,
    }
}

impl Synced for PriceItemRow {
    fn under(conn: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        all_of!(conn, roots, price_items, PriceItemId)
    }

    fn load(conn: &mut DbConnection, _: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        let rows: Vec<PriceItem> = price_items::table
            .filter(price_items::id.among(ids::<PriceItemId>(keys)))
            .select(PriceItem::as_select())
            .load(conn)?;
        let row = |item: PriceItem| Self {
            id: item.id.to_string(),
            price_list_id: item.price_list_id.to_string(),
            code: item.code,
            name: item.name,
            kind: item.kind.to_string(),
            unit: item.unit,
            price: item.price.to_string(),
            archived: item.archived_at.is_some(),
        };
        Ok(rows.into_iter().map(row).collect())
    }
}
