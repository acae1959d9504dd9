//! Every query on reports, and on the device behind a label as strangers may see it.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::track::TicketProgress;
use super::{Report, ReportFilter, ReportId, ReportPhoto, ReportState, ReportView, number};
use crate::assets::{Asset, AssetId};
use crate::codes::{CodeState, LabelCode};
use crate::companies::company::Company;
use crate::companies::site::{self, Site};
use crate::companies::{CompanyId, SiteId};
use crate::db::among::Among;
use crate::db::counters;
use crate::db::page::Page;
use crate::db::records::newest_first;
use crate::db::schema::{
    assets, codes, companies, report_echoes, report_photos, reports, sites, ticket_assets, tickets,
};
use crate::db::types::Timestamp;
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error};
use crate::tickets::{StatusKind, TicketId};

/// Seconds in which another report of the same device is probably the same.
const SAME_WITHIN: i64 = 24 * 3_600;

/// The device behind a label. Only [`super::page`] decides what of it strangers see.
#[derive(Debug, Clone)]
pub struct Device {
    /// The device.
    pub asset: Asset,
    /// Whose it is.
    pub company: Company,
    /// Where it stands, unless that is put away.
    pub site: Option<Site>,
    /// Whether another label has taken this one's place.
    pub replaced: bool,
}

/// The device that a label leads to. A code nobody knows, a blank one, a revoked one, and one on a device or of a company
/// that is put away all lead nowhere, and are found out by the same question.
///
/// # Errors
/// The database's.
pub fn device(conn: &mut DbConnection, code: LabelCode) -> Result<Option<Device>, Error> {
    let found: Option<(CodeState, Asset, Company)> = codes::table
        .inner_join(assets::table.inner_join(companies::table))
        .filter(codes::code.eq(code))
        .filter(codes::state.one_of([CodeState::Active, CodeState::Replaced]))
        .filter(assets::archived_at.is_null())
        .filter(companies::archived_at.is_null())
        .select((codes::state, Asset::as_select(), Company::as_select()))
        .get_result(conn)
        .optional()?;
    let Some((state, asset, company)) = found else { return Ok(None) };
    let site = match asset.site_id {
        None => None,
        Some(site) => site::load(conn, site)?.filter(|site| site.archived_at.is_none()),
    };
    Ok(Some(Device { asset, company, site, replaced: state == CodeState::Replaced }))
}

/// Whether somebody works on a device already.
///
/// # Errors
/// The database's.
pub fn in_work(conn: &mut DbConnection, asset: AssetId) -> Result<bool, Error> {
    let open = ticket_assets::table
        .inner_join(tickets::table)
        .filter(ticket_assets::asset_id.eq(asset))
        .filter(tickets::status_kind.one_of(StatusKind::OPEN));
    Ok(diesel::select(diesel::dsl::exists(open)).get_result(conn)?)
}

/// The report of the last day that another one of the same device probably repeats: the newest that nobody has decided on
/// yet, else the newest whose ticket is open.
///
/// # Errors
/// The database's.
pub fn known(conn: &mut DbConnection, asset: AssetId, now: Timestamp) -> Result<Option<Report>, Error> {
    let since = now.plus_seconds(-SAME_WITHIN);
    let waiting: Option<Report> = reports::table
        .filter(reports::asset_id.eq(asset))
        .filter(reports::state.eq(ReportState::New))
        .filter(reports::created_at.gt(since))
        .order((reports::created_at.desc(), reports::id.desc()))
        .select(Report::as_select())
        .first(conn)
        .optional()?;
    if waiting.is_some() {
        return Ok(waiting);
    }
    Ok(reports::table
        .inner_join(tickets::table.on(tickets::id.nullable().eq(reports::ticket_id)))
        .filter(reports::asset_id.eq(asset))
        .filter(reports::created_at.gt(since))
        .filter(tickets::status_kind.one_of(StatusKind::OPEN))
        .order((reports::created_at.desc(), reports::id.desc()))
        .select(Report::as_select())
        .first(conn)
        .optional()?)
}

/// Until this transaction ends nobody else reports anything: what is looked up and counted stays so. Whoever takes a
/// report's number has this already.
///
/// # Errors
/// The database's.
pub fn one_at_a_time(conn: &mut DbConnection) -> Result<(), Error> {
    counters::take(conn, "report", 0).map(drop)
}

/// The report that somebody with this form has noticed as well.
///
/// # Errors
/// The database's.
pub fn echoed(conn: &mut DbConnection, form: ReportId) -> Result<Option<ReportId>, Error> {
    Ok(report_echoes::table.find(form).select(report_echoes::report_id).get_result(conn).optional()?)
}

/// Counts one more who has noticed a fault, unless it was put aside meanwhile.
///
/// # Errors
/// The database's.
pub fn add_echo(conn: &mut DbConnection, form: ReportId, report: ReportId, now: Timestamp) -> Result<bool, Error> {
    let live = reports::table.filter(reports::id.eq(report)).filter(reports::state.ne(ReportState::Dismissed));
    let counted = diesel::update(live)
        .set((
            reports::same_count.eq(reports::same_count + 1),
            reports::version.eq(reports::version + 1),
            reports::updated_at.eq(now),
        ))
        .execute(conn)?;
    if counted == 0 {
        return Ok(false);
    }
    let row = (report_echoes::id.eq(form), report_echoes::report_id.eq(report), report_echoes::at.eq(now));
    diesel::insert_into(report_echoes::table).values(row).execute(conn)?;
    Ok(true)
}

/// Where a report's ticket stands.
///
/// # Errors
/// The database's.
pub fn progress(conn: &mut DbConnection, ticket: TicketId) -> Result<Option<TicketProgress>, Error> {
    Ok(tickets::table
        .find(ticket)
        .select((tickets::status_kind, tickets::started_at, tickets::done_at, tickets::closed_at))
        .get_result(conn)
        .optional()?)
}

/// One report as it is kept.
///
/// # Errors
/// `not_found`
pub fn load(conn: &mut DbConnection, id: ReportId) -> Result<Report, Error> {
    let report: Option<Report> = reports::table.find(id).select(Report::as_select()).get_result(conn).optional()?;
    report.ok_or_else(|| Code::NotFound.into())
}

/// One report, held for a decision: until the transaction ends nobody else decides. Nothing when somebody has decided.
///
/// # Errors
/// `not_found`
pub fn hold(conn: &mut DbConnection, id: ReportId, now: Timestamp) -> Result<Option<Report>, Error> {
    let undecided = reports::table.filter(reports::id.eq(id)).filter(reports::state.eq(ReportState::New));
    let held = diesel::update(undecided)
        .set((reports::version.eq(reports::version + 1), reports::updated_at.eq(now)))
        .execute(conn)?;
    let report = load(conn, id)?;
    Ok((held == 1).then_some(report))
}

/// Keeps a new report.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut DbConnection, report: &Report, photos: &[ReportPhoto]) -> Result<(), Error> {
    diesel::insert_into(reports::table).values(report).execute(conn)?;
    for photo in photos {
        diesel::insert_into(report_photos::table).values(photo).execute(conn)?;
    }
    Ok(())
}

/// Writes down what was decided on a report that [`hold`] gave.
///
/// # Errors
/// The database's.
pub fn settle(conn: &mut DbConnection, report: &Report) -> Result<(), Error> {
    diesel::update(reports::table.find(report.id))
        .set((
            reports::state.eq(report.state),
            reports::ticket_id.eq(report.ticket_id),
            reports::decided_by.eq(report.decided_by),
            reports::decided_at.eq(report.decided_at),
            reports::reason.eq(&report.reason),
        ))
        .execute(conn)?;
    Ok(())
}

/// The pictures of some reports, in their order.
///
/// # Errors
/// The database's.
pub fn photos(conn: &mut DbConnection, reports: &[ReportId]) -> Result<Vec<ReportPhoto>, Error> {
    Ok(report_photos::table
        .filter(report_photos::report_id.among(reports))
        .order((report_photos::report_id, report_photos::position))
        .select(ReportPhoto::as_select())
        .load(conn)?)
}

/// One picture of a report.
///
/// # Errors
/// `not_found`
pub fn photo(conn: &mut DbConnection, id: ReportId, position: i32) -> Result<ReportPhoto, Error> {
    let photo: Option<ReportPhoto> =
        report_photos::table.find((id, position)).select(ReportPhoto::as_select()).get_result(conn).optional()?;
    photo.ok_or_else(|| Code::NotFound.into())
}

/// One report.
///
/// # Errors
/// `not_found`
pub fn find(conn: &mut DbConnection, id: ReportId) -> Result<ReportView, Error> {
    let report = load(conn, id)?;
    with_names(conn, vec![report])?.pop().ok_or_else(|| Code::NotFound.into())
}

/// A page of reports, newest first.
///
/// # Errors
/// `invalid_cursor`
pub fn list(conn: &mut DbConnection, filter: &ReportFilter) -> Result<Page<ReportView>, Error> {
    let page = filter.page();
    let mut query = reports::table.select(Report::as_select()).into_boxed::<MultiBackend>();
    if let Some(state) = filter.state {
        query = query.filter(reports::state.eq(state));
    }
    if let Some(company) = filter.company_id {
        query = query.filter(reports::company_id.eq(company));
    }
    if let Some(asset) = filter.asset_id {
        query = query.filter(reports::asset_id.eq(asset));
    }
    if let Some(from) = filter.created_from {
        query = query.filter(reports::created_at.ge(from));
    }
    if let Some(to) = filter.created_to {
        query = query.filter(reports::created_at.lt(to));
    }
    let rows = newest_first!(query, reports, page).load(conn)?;
    let Page { data, next_cursor } = page.cut(rows, |report: &Report| (report.created_at, report.id));
    Ok(Page { data: with_names(conn, data)?, next_cursor })
}

fn with_names(conn: &mut DbConnection, rows: Vec<Report>) -> Result<Vec<ReportView>, Error> {
    let ids: Vec<ReportId> = rows.iter().map(|report| report.id).collect();
    let pictures = photos(conn, &ids)?;
    let ids = rows.iter().map(|report| report.asset_id);
    let devices: Vec<(AssetId, String)> =
        assets::table.filter(assets::id.among(ids)).select((assets::id, assets::name)).load(conn)?;
    let ids = rows.iter().map(|report| report.company_id);
    let owners: Vec<(CompanyId, String)> =
        companies::table.filter(companies::id.among(ids)).select((companies::id, companies::name)).load(conn)?;
    let ids = rows.iter().filter_map(|report| report.site_id);
    let places: Vec<(SiteId, String)> =
        sites::table.filter(sites::id.among(ids)).select((sites::id, sites::name)).load(conn)?;
    let (devices, owners, places): (BTreeMap<_, _>, BTreeMap<_, _>, BTreeMap<_, _>) =
        (devices.into_iter().collect(), owners.into_iter().collect(), places.into_iter().collect());
    let view = |report: Report| ReportView {
        id: report.id,
        number: number(report.number),
        state: report.state,
        asset_id: report.asset_id,
        asset_name: devices.get(&report.asset_id).cloned().unwrap_or_default(),
        company_id: report.company_id,
        company_name: owners.get(&report.company_id).cloned().unwrap_or_default(),
        site_id: report.site_id,
        site_name: report.site_id.and_then(|site| places.get(&site).cloned()),
        code: report.code.to_string(),
        text: report.text,
        reporter_name: report.reporter_name,
        reporter_phone: report.reporter_phone,
        language: report.language,
        same_count: report.same_count,
        photos: pictures.iter().filter(|photo| photo.report_id == report.id).cloned().collect(),
        ticket_id: report.ticket_id,
        decided_by: report.decided_by,
        decided_at: report.decided_at,
        reason: report.reason,
        version: report.version,
        created_at: report.created_at,
        updated_at: report.updated_at,
    };
    Ok(rows.into_iter().map(view).collect())
}
