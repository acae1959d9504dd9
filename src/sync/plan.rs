//! Which rows a pull tells: those that came into sight, those that events name, and those that went.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use serde_json::Value;

use super::changes::{self, Change, Own};
use super::scope::Scope;
use super::tables::{self, Roots, TABLES, Table, Viewer, ticket_asset_key};
use crate::assets::AssetId;
use crate::companies::{CompanyId, SiteId};
use crate::db::DbConnection;
use crate::db::among::Among;
use crate::db::schema::{assets, code_claims, ticket_assets};
use crate::db::types::AnyId;
use crate::error::Error;
use crate::tickets::TicketId;

/// Ids that one statement asks for.
const CHUNK: usize = 1_000;

/// The keys of rows, by table. A row that is told and turns out not to be there is told as deleted.
#[derive(Debug, Default)]
pub struct Plan {
    /// To be told.
    pub told: BTreeMap<usize, BTreeSet<String>>,
    /// To be told as deleted.
    pub gone: BTreeMap<usize, BTreeSet<String>>,
}

impl Plan {
    fn tell(&mut self, table: &str, key: impl ToString) {
        if let Some(place) = tables::place(table) {
            self.told.entry(place).or_default().insert(key.to_string());
        }
    }

    fn tell_all(&mut self, conn: &mut DbConnection, roots: &Roots, span: &Span) -> Result<(), Error> {
        if roots.is_empty() {
            return Ok(());
        }
        for (place, table) in span.tables() {
            self.told.entry(place).or_default().extend((table.under)(conn, roots)?);
        }
        Ok(())
    }

    fn forget(&mut self, table: &str, key: impl ToString) {
        if let Some(place) = tables::place(table) {
            self.gone.entry(place).or_default().insert(key.to_string());
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Span {
    /// What the phone was told of last; 0 when it holds nothing.
    pub since: i64,
    /// Up to where it is told now.
    pub place: i64,
    /// The places of the tables that it has newly learnt to hold, or more of them.
    pub learnt: BTreeSet<usize>,
    /// The place of the only table that is asked for; nothing when all are. Of others something may be told as well.
    pub only: Option<usize>,
}

impl Span {
    /// The tables that are asked for, with their places.
    fn tables(&self) -> impl Iterator<Item = (usize, &'static Table)> {
        let only = self.only;
        TABLES.iter().enumerate().filter(move |(place, _)| only.is_none_or(|only| only == *place))
    }
}

/// What a phone is to be told.
///
/// # Errors
/// The database's.
pub fn make(conn: &mut DbConnection, viewer: &Viewer, scope: &Scope, span: &Span) -> Result<Plan, Error> {
    let mut plan = Plan::default();
    plan.tell_all(conn, &scope.came, span)?;
    for (place, table) in span.tables().filter(|(place, _)| span.learnt.contains(place)) {
        plan.told.entry(place).or_default().extend((table.under)(conn, &scope.all)?);
    }
    if span.since == 0 {
        return Ok(plan);
    }
    on_tickets(conn, scope, span, &mut plan)?;
    around(conn, scope, span, &mut plan)?;
    rules(conn, scope, span, &mut plan)?;
    let Own { issues, claims, numbers } = changes::of_user(conn, viewer.user, span.since, span.place)?;
    let mut pushed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (issue, table, row) in issues {
        plan.tell("sync_issues", issue);
        pushed.entry(table).or_default().insert(row);
    }
    // What the phone pushed is not what is kept: the row is told as it is, or that it is not, as all that is out of sight.
    for (table, rows) in pushed {
        tell_in_sight(conn, scope, &mut plan, &table, rows)?;
    }
    for claim in claims {
        plan.tell("code_claims", claim);
    }
    for number in numbers {
        plan.tell("act_numbers", number);
    }
    went(conn, scope, span, &mut plan)?;
    Ok(plan)
}

/// The work on tickets. Of a ticket that came whole all that ever left it is told as well: the phone may have had it before.
fn on_tickets(conn: &mut DbConnection, scope: &Scope, span: &Span, plan: &mut Plan) -> Result<(), Error> {
    let came: BTreeSet<TicketId> = scope.came.tickets.iter().copied().collect();
    let held: Vec<TicketId> = scope.all.tickets.iter().copied().filter(|ticket| !came.contains(ticket)).collect();
    let mut found = changes::on_tickets(conn, &held, span.since, span.place)?;
    found.extend(changes::on_tickets(conn, &scope.came.tickets, 0, span.place)?);
    let mut acts = Roots::default();
    let mut devices = BTreeSet::new();
    for Change { object_kind, object_id, ticket_id, .. } in found {
        let Some(ticket) = ticket_id else { continue };
        let asset = AssetId::from(uuid::Uuid::from(object_id));
        match object_kind.as_str() {
            "ticket" => plan.tell("tickets", ticket),
            "ticket_asset" => {
                plan.tell("ticket_assets", ticket_asset_key(ticket, asset));
                devices.insert(asset);
                acts.tickets.push(ticket);
            }
            // Its label was scanned on the ticket.
            "asset" => {
                plan.tell("ticket_assets", ticket_asset_key(ticket, asset));
                acts.tickets.push(ticket);
            }
            "scan" => plan.tell("scans", object_id),
            "checklist_item" => plan.tell("checklist_items", object_id),
            "time_entry" => plan.tell("time_entries", object_id),
            "work_line" => plan.tell("work_lines", object_id),
            "comment" => plan.tell("comments", object_id),
            "attachment" => plan.tell("attachments", object_id),
            "status_change" => plan.tell("status_changes", object_id),
            "act" => acts.tickets.push(ticket),
            "signature" => plan.tell("signatures", object_id),
            _ => {}
        }
    }
    // A new version of an act changes the one before, a scan is a row of its own, a device brings its checklist.
    for name in ["acts", "signatures", "scans", "checklist_items"] {
        if let Some((place, table)) = TABLES.iter().enumerate().find(|(_, table)| table.name == name) {
            plan.told.entry(place).or_default().extend((table.under)(conn, &acts)?);
        }
    }
    tell_devices(conn, scope, plan, devices)
}

/// The records of the companies: sites, people, agreements, devices.
fn around(conn: &mut DbConnection, scope: &Scope, span: &Span, plan: &mut Plan) -> Result<(), Error> {
    let mut companies = scope.all.companies.clone();
    companies.extend(&scope.went.companies);
    let found = changes::of_companies(conn, &companies, span.since, span.place)?;
    let sites: BTreeSet<SiteId> = scope.all.sites.iter().copied().collect();
    let mut devices = BTreeSet::new();
    let mut moved = Vec::new();
    let held: BTreeSet<CompanyId> = scope.all.companies.iter().copied().collect();
    for Change { object_kind, object_id, ticket_id, company_id, .. } in found {
        let id = uuid::Uuid::from(object_id);
        let is_held = company_id.is_some_and(|company| held.contains(&company));
        match object_kind.as_str() {
            "ticket" => moved.extend(ticket_id),
            "company" if is_held => plan.tell("companies", object_id),
            "site" if sites.contains(&id.into()) => plan.tell("sites", object_id),
            "agreement" if is_held => plan.tell("agreements", object_id),
            "contact" if is_held => plan.tell("contacts", object_id),
            "asset" => {
                devices.insert(AssetId::from(id));
            }
            "claim" => devices.extend(claimed(conn, object_id)?),
            _ => {}
        }
    }
    for some in moved.chunks(CHUNK) {
        let of = ticket_assets::table.filter(ticket_assets::ticket_id.among(some.to_vec()));
        devices.extend(of.select(ticket_assets::asset_id).load::<AssetId>(conn)?);
    }
    tell_devices(conn, scope, plan, devices)
}

fn claimed(conn: &mut DbConnection, claim: AnyId) -> Result<Option<AssetId>, Error> {
    let claim = crate::codes::claim::ClaimId::from(uuid::Uuid::from(claim));
    Ok(code_claims::table.find(claim).select(code_claims::asset_id).get_result(conn).optional()?)
}

pub fn seen(conn: &mut DbConnection, name: &str, roots: &Roots) -> Result<(usize, BTreeSet<String>), Error> {
    let found = TABLES.iter().enumerate().find(|(_, table)| table.name == name);
    let (place, table) = found.ok_or_else(|| Error::internal("a table that is not synced"))?;
    Ok((place, (table.under)(conn, roots)?.into_iter().collect()))
}

/// Tells rows as far as they are in sight; of others that they are not.
fn tell_in_sight(
    conn: &mut DbConnection,
    scope: &Scope,
    plan: &mut Plan,
    table: &str,
    rows: BTreeSet<String>,
) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let (place, in_sight) = seen(conn, table, &scope.all)?;
    for row in rows {
        let list = if in_sight.contains(&row) { &mut plan.told } else { &mut plan.gone };
        list.entry(place).or_default().insert(row);
    }
    Ok(())
}

/// Tells devices with their codes, as far as they are in sight; of others that they are not.
fn tell_devices(
    conn: &mut DbConnection,
    scope: &Scope,
    plan: &mut Plan,
    devices: BTreeSet<AssetId>,
) -> Result<(), Error> {
    let devices: Vec<AssetId> = devices.into_iter().collect();
    let tickets = scope.tickets();
    let sites: BTreeSet<SiteId> = scope.all.sites.iter().copied().collect();
    for some in devices.chunks(CHUNK) {
        let rows: Vec<(AssetId, Option<SiteId>)> =
            assets::table.filter(assets::id.among(some.to_vec())).select((assets::id, assets::site_id)).load(conn)?;
        let linked: Vec<(AssetId, TicketId)> = ticket_assets::table
            .filter(ticket_assets::asset_id.among(some.to_vec()))
            .select((ticket_assets::asset_id, ticket_assets::ticket_id))
            .load(conn)?;
        let linked: BTreeSet<AssetId> =
            linked.into_iter().filter(|(_, ticket)| tickets.contains(ticket)).map(|(asset, _)| asset).collect();
        let codes = codes_of(conn, some)?;
        for (asset, site) in rows {
            let in_sight = linked.contains(&asset) || site.is_some_and(|site| sites.contains(&site));
            let mut list = |table: &str, key: &dyn ToString| match in_sight {
                true => plan.tell(table, key.to_string()),
                false => plan.forget(table, key.to_string()),
            };
            list("assets", &asset);
            for (table, key) in codes.get(&asset).into_iter().flatten() {
                list(table, key);
            }
        }
    }
    Ok(())
}

/// Codes by the devices they are on: each with the table it is in.
type CodesOf = BTreeMap<AssetId, Vec<(&'static str, String)>>;

/// All codes that were ever on some devices.
fn codes_of(conn: &mut DbConnection, devices: &[AssetId]) -> Result<CodesOf, Error> {
    use crate::codes::LabelCode;
    use crate::codes::foreign::ForeignCodeId;
    use crate::db::schema::{codes, foreign_codes};
    let labels: Vec<(AssetId, LabelCode)> = codes::table
        .filter(codes::asset_id.assume_not_null().among(devices.to_vec()))
        .select((codes::asset_id.assume_not_null(), codes::code))
        .load(conn)?;
    let others: Vec<(AssetId, ForeignCodeId)> = foreign_codes::table
        .filter(foreign_codes::asset_id.among(devices.to_vec()))
        .select((foreign_codes::asset_id, foreign_codes::id))
        .load(conn)?;
    let mut found = CodesOf::new();
    for (asset, code) in labels {
        found.entry(asset).or_default().push(("codes", code.to_string()));
    }
    for (asset, id) in others {
        found.entry(asset).or_default().push(("foreign_codes", id.to_string()));
    }
    Ok(found)
}

/// What is the same for everybody.
fn rules(conn: &mut DbConnection, scope: &Scope, span: &Span, plan: &mut Plan) -> Result<(), Error> {
    let everything = Roots { rules: true, ..Roots::default() };
    let mut drawn = Vec::new();
    let mut people = BTreeSet::new();
    for Change { seq, object_kind, object_id, .. } in changes::of_rules(conn, span.since, span.place)? {
        match object_kind.as_str() {
            "provider" => plan.tell("organisation", tables::ORGANISATION),
            "phrases" => {
                let (place, all) = seen(conn, "phrases", &everything)?;
                plan.told.entry(place).or_default().extend(all);
            }
            "workflow" => drawn.push(seq),
            "team" => plan.tell("teams", object_id),
            "checklist_template" => plan.tell("checklist_templates", object_id),
            "ticket_type" => plan.tell("ticket_types", object_id),
            "signing_rule" => plan.tell("signing_rules", object_id),
            "price_list" => plan.tell("price_lists", object_id),
            "price_item" => plan.tell("price_items", object_id),
            "user" => {
                people.insert(object_id.to_string());
            }
            _ => {}
        }
    }
    tell_in_sight(conn, scope, plan, "people", people)?;
    if drawn.is_empty() {
        return Ok(());
    }
    for name in ["statuses", "transitions"] {
        let (place, all) = seen(conn, name, &everything)?;
        plan.told.entry(place).or_default().extend(all);
    }
    // What was taken out of the graph is named by what was written down about it.
    for facts in changes::facts_at(conn, &drawn)? {
        let facts: Value = serde_json::from_str(&facts).unwrap_or_default();
        let list = |name: &str| facts.pointer(&format!("/before/{name}")).and_then(Value::as_array).cloned();
        for status in list("statuses").unwrap_or_default() {
            plan.tell("statuses", status.get("code").and_then(Value::as_str).unwrap_or_default());
        }
        for way in list("transitions").unwrap_or_default() {
            let end = |name: &str| way.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            plan.tell("transitions", format!("{}.{}", end("from"), end("to")));
        }
    }
    Ok(())
}

/// What hung on the roots that went, and on no other that stayed.
fn went(conn: &mut DbConnection, scope: &Scope, span: &Span, plan: &mut Plan) -> Result<(), Error> {
    if scope.went.is_empty() {
        return Ok(());
    }
    for (place, table) in span.tables() {
        let mut keys: BTreeSet<String> = (table.under)(conn, &scope.went)?.into_iter().collect();
        if keys.is_empty() {
            continue;
        }
        for kept in (table.under)(conn, &scope.all)? {
            keys.remove(&kept);
        }
        plan.gone.entry(place).or_default().extend(keys);
    }
    Ok(())
}
