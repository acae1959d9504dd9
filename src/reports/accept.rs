//! A report becomes a ticket.

use diesel::Connection;
use serde::{Deserialize, Serialize};

use super::queries::{self, Device};
use super::report::Sender;
use super::{Report, ReportId, ReportState, in_a_line, number};
use crate::auth::policy::{self, Who};
use crate::auth::{Actor, Origin, Person, Role, session};
use crate::codes;
use crate::companies::company::{self, Company};
use crate::companies::site;
use crate::db::DbConnection;
use crate::error::{Code, Error, Flaw};
use crate::history::{self, Event};
use crate::http::Made;
use crate::provider;
use crate::ticket_types::TicketTypeId;
use crate::tickets::assign::{self, Assign};
use crate::tickets::attachments::{self, KeptPicture};
use crate::tickets::linked_assets::{self, LinkAsset};
use crate::tickets::{NewTicket, Priority, TicketView, open, queries as tickets};
use crate::users::UserId;
use crate::words::text::{Line, Prose, Scanned};

/// How a report becomes a ticket. All may be left out where a kind of ticket is set for reports.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptReport {
    /// The kind of ticket; the company's for reports when left out, else the provider's.
    #[serde(default)]
    pub type_id: Option<TicketTypeId>,
    /// How much it hurts; `normal` when left out.
    #[serde(default)]
    pub priority: Option<Priority>,
    /// In a line; the device and the first line of the report when left out.
    #[serde(default)]
    pub subject: Option<Line<300>>,
    /// Who does it; nobody yet when left out.
    #[serde(default)]
    pub assignee_id: Option<UserId>,
}

/// Makes a ticket of a report, for the device and with its pictures. A report that is a ticket already gives that ticket.
///
/// # Errors
/// `not_found`; `report_settled` when it was put aside; `validation_failed` when no kind of ticket is set; `gates_closed` when
/// the kind demands what a report does not say.
pub fn accept(
    conn: &mut DbConnection,
    actor: &Actor,
    id: ReportId,
    how: &AcceptReport,
) -> Result<Made<TicketView>, Error> {
    let Some(report) = queries::hold(conn, id, actor.now())? else {
        let report = queries::load(conn, id)?;
        return match report.ticket_id {
            Some(ticket) => tickets::find(conn, actor, ticket).map(Made::Already),
            None => Err(settled(&report)),
        };
    };
    open_ticket(conn, actor, report, how).map(Made::New)
}

/// The refusal to decide once more.
pub fn settled(report: &Report) -> Error {
    let state = report.state.as_str();
    Code::ReportSettled.with([("number", number(report.number)), ("state", state.to_owned())]).into()
}

/// Makes a ticket of a report that has just come, where its company wants that: in the name of whoever said so. What a
/// ticket of that kind may lack is told a dispatcher, not the person with the broken device: the report then waits. So does
/// one of a device that is in work already, or else strangers could open as many tickets as they may report.
///
/// # Errors
/// The database's.
pub fn at_once(conn: &mut DbConnection, sender: &Sender, device: &Device, report: &Report) -> Result<(), Error> {
    if !device.company.reports_at_once || queries::in_work(conn, report.asset_id)? {
        return Ok(());
    }
    let Some(person) = rule_maker(conn, &device.company)? else {
        let (number, company) = (number(report.number), device.company.id);
        tracing::warn!(number, %company, "a report waits: whoever wanted tickets at once may no longer say so");
        return Ok(());
    };
    // The rule acts, not its maker: where the report came from is told with the report.
    let origin = Origin { trace_id: sender.origin.trace_id.clone(), ..Origin::default() };
    let actor = Actor::in_the_name_of(person, sender.language, sender.now, origin);
    let opened = conn.transaction(|conn| {
        let held = queries::hold(conn, report.id, sender.now)?.ok_or_else(|| settled(report))?;
        open_ticket(conn, &actor, held, &AcceptReport::default())
    });
    match opened {
        Ok(_) => Ok(()),
        Err(Error::Refused(refusal)) => {
            let number = number(report.number);
            tracing::warn!(number, code = refusal.code.as_str(), "a report became no ticket by itself");
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// Whoever wants a company's reports to be tickets at once, as long as they could still say so.
fn rule_maker(conn: &mut DbConnection, company: &Company) -> Result<Option<Person>, Error> {
    let Some(user) = company.reports_at_once_by else { return Ok(None) };
    let may = |role: Role| {
        let who = policy::who("PATCH", "/api/v1/companies/{id}");
        matches!(who, Some(Who::Roles(roles)) if roles.contains(&role))
    };
    Ok(session::person(conn, user)?.filter(|person| may(person.role)))
}

fn open_ticket(
    conn: &mut DbConnection,
    actor: &Actor,
    report: Report,
    how: &AcceptReport,
) -> Result<TicketView, Error> {
    let new = ticket_for(conn, &report, how)?;
    let linked = !new.asset_codes.is_empty();
    let mut ticket = match open::open(conn, actor, &new).map_err(in_own_words)? {
        Made::New(ticket) | Made::Already(ticket) => ticket,
    };
    if !linked {
        linked_assets::add(conn, actor, ticket.id, &LinkAsset { asset_id: report.asset_id })?;
    }
    for photo in queries::photos(conn, &[report.id])? {
        let kind = if photo.media_type == "image/png" { "png" } else { "jpg" };
        let name = format!("{}-{}.{kind}", number(report.number), photo.position);
        let picture = KeptPicture {
            file_sha256: photo.file_sha256,
            media_type: photo.media_type,
            size: photo.size,
            width: photo.width,
            height: photo.height,
        };
        attachments::attach_kept(conn, actor, &ticket, name, picture)?;
    }
    let after = Report {
        state: ReportState::Accepted,
        ticket_id: Some(ticket.id),
        decided_by: Some(actor.id()),
        decided_at: Some(actor.now()),
        ..report.clone()
    };
    queries::settle(conn, &after)?;
    let event = Event::of("report.accepted", "report", report.id.uuid()).ticket(ticket.id).company(report.company_id);
    history::record(conn, actor, event.changed(&report, &after))?;
    if let Some(user) = how.assignee_id {
        assign::assign(conn, actor, ticket.id, &Assign { user_id: Some(user) }).map_err(in_own_words)?;
    }
    ticket = tickets::find(conn, actor, ticket.id)?;
    Ok(ticket)
}

fn ticket_for(conn: &mut DbConnection, report: &Report, how: &AcceptReport) -> Result<NewTicket, Error> {
    let company = company::load(conn, report.company_id)?.ok_or(Code::NotFound)?;
    let kind = match how.type_id.or(company.report_type_id) {
        Some(kind) => kind,
        None => provider::report_type(conn)?.ok_or_else(|| Error::field("/type_id", Flaw::Required))?,
    };
    let site = match report.site_id {
        None => None,
        Some(site) => site::load(conn, site)?.filter(|site| site.archived_at.is_none()).map(|site| site.id),
    };
    let asset = crate::assets::queries::load(conn, report.asset_id)?.ok_or(Code::NotFound)?;
    // A label that was replaced since still leads to the device; one that was revoked does not.
    let code = codes::queries::of(conn, report.asset_id)?;
    let subject = match &how.subject {
        Some(subject) => subject.clone(),
        None => title(&asset.name, &report.text)?,
    };
    let said = [Some(number(report.number)), report.reporter_name.clone(), report.reporter_phone.clone()];
    let said = said.into_iter().flatten().collect::<Vec<_>>().join(", ");
    Ok(NewTicket {
        id: None,
        type_id: kind,
        company_id: report.company_id,
        site_id: site,
        contact_id: None,
        priority: how.priority.unwrap_or(Priority::Normal),
        subject,
        description: Some(Prose::parse(&format!("{}\n\n{said}", report.text)).map_err(Error::internal)?),
        due_at: None,
        asset_codes: code
            .map(|code| Scanned::parse(&code.to_string()))
            .transpose()
            .map_err(Error::internal)?
            .into_iter()
            .collect(),
    })
}

/// "Принтер: не печатает"
fn title(device: &str, text: &str) -> Result<Line<300>, Error> {
    let device: String = device.chars().take(150).collect();
    Line::parse(&format!("{device}: {}", in_a_line(text))).map_err(Error::internal)
}

/// What is to blame, by the names that fields have here. What no field of ours says comes from the report.
fn in_own_words(error: Error) -> Error {
    match error {
        Error::Refused(mut refusal) => {
            for field in &mut refusal.fields {
                let name = match field.pointer.as_str() {
                    "/type_id" | "/priority" | "/subject" => continue,
                    "/user_id" => "/assignee_id",
                    _ => "id",
                };
                name.clone_into(&mut field.pointer);
            }
            Error::Refused(refusal)
        }
        other => other,
    }
}
