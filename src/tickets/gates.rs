//! Gates: what must be so before a ticket moves on.
//!
//! They are asked inside the transaction that moves it, on every path that does. All that is missing is told at once,
//! each with the request that satisfies it.

use diesel::prelude::*;
use serde::Serialize;

use super::graph::{Status, Transition};
use super::{StatusKind, Ticket};
use crate::acts::ActStatus;
use crate::assets::AssetId;
use crate::checklists::{AnswerKind, ChecklistItemId, on_ticket};
use crate::db::DbConnection;
use crate::db::among::Among;
use crate::db::schema::{assets, checklist_items, ticket_assets, time_entries};
use crate::db::types::text_enum;
use crate::error::{Code, Error, Refusal};
use crate::ticket_types::{TicketField, TicketType};
use crate::words::Language;

text_enum! {
    /// Something that must be so.
    Gate {
        /// The fields the ticket's kind names are filled in.
        RequiredFields = "required_fields",
        /// Somebody's time is on it.
        TimeLogged = "time_logged",
        /// Every required item of its checklists is answered.
        ChecklistComplete = "checklist_complete",
        /// Each of its assets was scanned on it.
        AssetScanned = "asset_scanned",
        /// Its act is signed, or settled by a manager.
        ActSigned = "act_signed",
        /// Every extra line has a price.
        WorksPriced = "works_priced",
    }
}

impl Gate {
    /// The kind of status before which it is asked, when the ticket's kind asks for it.
    const fn before(self) -> Option<StatusKind> {
        match self {
            Self::RequiredFields => Some(StatusKind::New),
            Self::TimeLogged | Self::AssetScanned | Self::ChecklistComplete => Some(StatusKind::Done),
            Self::ActSigned => Some(StatusKind::Closed),
            Self::WorksPriced => None,
        }
    }
}

/// The request that satisfies a gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Remedy {
    /// Its method.
    pub method: &'static str,
    /// Its path.
    pub path: String,
}

impl Remedy {
    /// To open a ticket with all it needs.
    pub fn open() -> Self {
        Self { method: "POST", path: "/api/v1/tickets".to_owned() }
    }

    /// To fill in a ticket's fields.
    pub fn edit(ticket: &Ticket) -> Self {
        Self { method: "PATCH", path: format!("/api/v1/tickets/{}", ticket.id) }
    }
}

/// A gate that is closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Unmet {
    /// Which.
    pub gate: Gate,
    /// What is missing, in the language asked for.
    pub message: String,
    /// What to do.
    pub remedy: Remedy,
    /// The item that has no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_id: Option<ChecklistItemId>,
    /// The device it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset_id: Option<AssetId>,
    /// The field that is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<TicketField>,
}

impl Unmet {
    fn new(gate: Gate, message: String, method: &'static str, path: String) -> Self {
        Self { gate, message, remedy: Remedy { method, path }, item_id: None, asset_id: None, field: None }
    }
}

/// The refusal that names what is missing.
pub fn closed(unmet: &[Unmet]) -> Error {
    Refusal::from(Code::GatesClosed).and("unmet", serde_json::to_value(unmet).unwrap_or_default()).into()
}

/// A move that is asked for.
pub struct Move<'a> {
    /// The ticket.
    pub ticket: &'a Ticket,
    /// Its kind.
    pub kind: &'a TicketType,
    /// Where it stands.
    pub from: StatusKind,
    /// Where it is to go.
    pub to: &'a Status,
    /// The way it takes.
    pub way: Option<&'a Transition>,
}

/// Everything that keeps a ticket from going there.
///
/// # Errors
/// The database's.
pub fn unmet(conn: &mut DbConnection, asked: &Move<'_>, language: Language) -> Result<Vec<Unmet>, Error> {
    let mut missing = Vec::new();
    for gate in Gate::ALL.iter().copied() {
        let of_kind = asked.kind.gates.contains(&gate);
        let of_way = asked.way.is_some_and(|way| way.gates.contains(&gate));
        match gate {
            Gate::ChecklistComplete if of_kind || of_way => missing.extend(open_items(conn, asked, of_way, language)?),
            _ if of_way || (of_kind && gate.before() == Some(asked.to.kind)) => {
                missing.extend(ask(conn, gate, asked.ticket, asked.kind, language)?);
            }
            _ => {}
        }
    }
    Ok(missing)
}

fn ask(
    conn: &mut DbConnection,
    gate: Gate,
    ticket: &Ticket,
    kind: &TicketType,
    language: Language,
) -> Result<Vec<Unmet>, Error> {
    match gate {
        Gate::RequiredFields => {
            let linked =
                ticket_assets::table.filter(ticket_assets::ticket_id.eq(ticket.id)).count().get_result::<i64>(conn)?;
            let remedy = Remedy::edit(ticket);
            Ok(ask_for(empty_fields(ticket, kind, linked > 0), &remedy, language))
        }
        Gate::TimeLogged => no_time(conn, ticket, language),
        Gate::AssetScanned => unscanned(conn, ticket, language),
        Gate::ActSigned => unsigned(conn, ticket, language),
        Gate::WorksPriced => crate::work_lines::unpriced(conn, ticket.id, language),
        // Asked by item, above.
        Gate::ChecklistComplete => Ok(Vec::new()),
    }
}

/// The required fields of its kind that a ticket lacks.
pub fn empty_fields(ticket: &Ticket, kind: &TicketType, has_assets: bool) -> Vec<TicketField> {
    let lacks = |field: &TicketField| match field {
        TicketField::SiteId => ticket.site_id.is_none(),
        TicketField::ContactId => ticket.contact_id.is_none(),
        TicketField::Description => ticket.description.is_none(),
        TicketField::DueAt => ticket.due_at.is_none(),
        TicketField::LabelCodes => !has_assets,
    };
    kind.required_fields.iter().copied().filter(lacks).collect()
}

/// Asks for fields that `remedy` gives.
pub fn ask_for(fields: Vec<TicketField>, remedy: &Remedy, language: Language) -> Vec<Unmet> {
    let unmet = |field: TicketField| {
        let name = match field {
            TicketField::SiteId => language.choose("объект", "об'єкт", "the site"),
            TicketField::ContactId => language.choose("контактное лицо", "контактну особу", "the contact"),
            TicketField::Description => language.choose("описание", "опис", "the description"),
            TicketField::DueAt => language.choose("срок", "термін", "the due date"),
            TicketField::LabelCodes => language.choose("оборудование", "обладнання", "the equipment"),
        };
        let message = format!("{} {name} ({field})", language.choose("Укажите", "Вкажіть", "Give"));
        let Remedy { method, path } = remedy.clone();
        Unmet { field: Some(field), ..Unmet::new(Gate::RequiredFields, message, method, path) }
    };
    fields.into_iter().map(unmet).collect()
}

fn no_time(conn: &mut DbConnection, ticket: &Ticket, language: Language) -> Result<Vec<Unmet>, Error> {
    let logged = time_entries::table
        .filter(time_entries::ticket_id.eq(ticket.id))
        .filter(time_entries::archived_at.is_null())
        .count()
        .get_result::<i64>(conn)?;
    if logged > 0 {
        return Ok(Vec::new());
    }
    let message = language.choose(
        "Запишите трудозатраты: хотя бы одну запись времени",
        "Запишіть трудовитрати: хоча б один запис часу",
        "Log labour time: at least one entry",
    );
    let path = format!("/api/v1/tickets/{}/time-entries", ticket.id);
    Ok(vec![Unmet::new(Gate::TimeLogged, message.to_owned(), "POST", path)])
}

/// An item is asked for before its kind is entered, before it is left forwards, and before the ticket is done at the latest
/// (unless it is meant for the closing).
fn item_is_due(required_on: StatusKind, from: StatusKind, to: StatusKind) -> bool {
    if to == StatusKind::Cancelled {
        return false;
    }
    let leaves_forwards = required_on == from && to > from;
    let late = matches!(required_on, StatusKind::Closed | StatusKind::Cancelled);
    required_on == to || leaves_forwards || (to == StatusKind::Done && !late)
}

/// Photos are told of before they come, and work goes on meanwhile: at the closing each must be there, whenever it was due.
fn photo_is_due(required_on: StatusKind, to: StatusKind) -> bool {
    to == StatusKind::Closed && required_on != StatusKind::Cancelled
}

fn open_items(
    conn: &mut DbConnection,
    asked: &Move<'_>,
    always: bool,
    language: Language,
) -> Result<Vec<Unmet>, Error> {
    type Row = (ChecklistItemId, AnswerKind, StatusKind, String, Option<AssetId>, Option<String>);
    // A photo that was told of is an answer before its bytes come, but not at the closing; one whose bytes were none never is.
    let closing = asked.to.kind == StatusKind::Closed;
    let awaited = on_ticket::awaited_photos(conn, asked.ticket.id)?;
    let lost = awaited.iter().filter(|photo| closing || photo.is_rejected).map(|photo| photo.item_id);
    let items: Vec<Row> = checklist_items::table
        .left_join(assets::table.on(assets::id.nullable().eq(checklist_items::asset_id)))
        .filter(checklist_items::ticket_id.eq(asked.ticket.id))
        .filter(checklist_items::required.eq(true))
        .filter(checklist_items::answer.is_null().or(checklist_items::id.among(lost)))
        .order(checklist_items::position)
        .select((
            checklist_items::id,
            checklist_items::kind,
            checklist_items::required_on,
            checklist_items::text,
            checklist_items::asset_id,
            assets::name.nullable(),
        ))
        .load(conn)?;
    let unmet = |(id, _, _, text, asset_id, asset): Row| {
        let item = asset.map_or_else(|| text.clone(), |asset| format!("{asset}: {text}"));
        let on_its_way = awaited.iter().find(|photo| photo.item_id == id && !photo.is_rejected);
        let (what, method, path) = match on_its_way {
            Some(photo) => (
                language.choose(
                    "Дождитесь снимка с телефона или передайте его",
                    "Дочекайтеся знімка з телефона або передайте його",
                    "The photo is still on a phone: have its bytes sent",
                ),
                "PATCH",
                format!("/api/v1/uploads/{}", photo.attachment_id),
            ),
            None => (
                language.choose(
                    "Ответьте на пункт чек-листа",
                    "Дайте відповідь на пункт чек-листа",
                    "Answer the checklist item",
                ),
                "PUT",
                format!("/api/v1/tickets/{}/checklist/{id}", asked.ticket.id),
            ),
        };
        let message = format!("{what}: «{item}»");
        Unmet { item_id: Some(id), asset_id, ..Unmet::new(Gate::ChecklistComplete, message, method, path) }
    };
    let due = |(_, kind, required_on, ..): &Row| {
        always
            || item_is_due(*required_on, asked.from, asked.to.kind)
            || (*kind == AnswerKind::Photo && photo_is_due(*required_on, asked.to.kind))
    };
    Ok(items.into_iter().filter(due).map(unmet).collect())
}

fn unscanned(conn: &mut DbConnection, ticket: &Ticket, language: Language) -> Result<Vec<Unmet>, Error> {
    let missing: Vec<(AssetId, String)> = ticket_assets::table
        .inner_join(assets::table)
        .filter(ticket_assets::ticket_id.eq(ticket.id))
        .filter(ticket_assets::scanned_at.is_null())
        .order(ticket_assets::linked_at)
        .select((assets::id, assets::name))
        .load(conn)?;
    let path = format!("/api/v1/tickets/{}/scans", ticket.id);
    let unmet = |(id, name): (AssetId, String)| {
        let message = format!(
            "{}: {name}",
            language.choose("Отсканируйте этикетку", "Відскануйте етикетку", "Scan the label of")
        );
        Unmet { asset_id: Some(id), ..Unmet::new(Gate::AssetScanned, message, "POST", path.clone()) }
    };
    Ok(missing.into_iter().map(unmet).collect())
}

fn unsigned(conn: &mut DbConnection, ticket: &Ticket, language: Language) -> Result<Vec<Unmet>, Error> {
    let issue = |message: (&str, &str, &str)| {
        let message = language.choose(message.0, message.1, message.2).to_owned();
        Unmet::new(Gate::ActSigned, message, "POST", format!("/api/v1/tickets/{}/acts", ticket.id))
    };
    let current = crate::acts::queries::newest(conn, ticket.id)?;
    let unmet = match current.filter(|act| !matches!(act.status, ActStatus::Superseded | ActStatus::Voided)) {
        Some(act) if act.status.is_accepted() => {
            if !crate::acts::queries::works_have_changed(conn, &act)? {
                return Ok(Vec::new());
            }
            issue((
                "Работы изменились после подписи: оформите новую версию акта и дайте клиенту её подписать",
                "Роботи змінилися після підпису: оформіть нову версію акта і дайте клієнтові її підписати",
                "The works changed after the signature: issue the next version of the act and have the client sign it",
            ))
        }
        Some(act) if act.resolved_at.is_some() => return Ok(Vec::new()),
        Some(act) if matches!(act.status, ActStatus::Refused | ActStatus::DeemedAccepted) => {
            let message = if act.status == ActStatus::Refused {
                language.choose(
                    "Клиент отказался подписать: договоритесь с ним и оформите новую версию акта, или пусть менеджер урегулирует его с указанием причины",
                    "Клієнт відмовився підписати: домовтеся з ним і оформіть нову версію акта, або нехай менеджер урегулює його із зазначенням причини",
                    "The client refused to sign: agree with them and issue the next version of the act, or have a manager settle it with a reason",
                )
            } else {
                language.choose(
                    "Акт считается принятым, но не подписан: получите подпись по ссылке, или пусть менеджер урегулирует его с указанием причины",
                    "Акт вважається прийнятим, але не підписаний: отримайте підпис за посиланням, або нехай менеджер урегулює його із зазначенням причини",
                    "The act is deemed accepted and not signed: have it signed by a link, or have a manager settle it with a reason",
                )
            };
            Unmet::new(Gate::ActSigned, message.to_owned(), "POST", format!("/api/v1/acts/{}/resolution", act.id))
        }
        Some(act) => {
            let message = format!(
                "{} {}",
                language.choose(
                    "Получите подпись клиента на акте",
                    "Отримайте підпис клієнта на акті",
                    "Have the client sign act"
                ),
                act.number
            );
            Unmet::new(Gate::ActSigned, message, "POST", format!("/api/v1/acts/{}/signatures", act.id))
        }
        None => issue((
            "Оформите акт и дайте клиенту его подписать",
            "Оформіть акт і дайте клієнтові його підписати",
            "Issue the act and have the client sign it",
        )),
    };
    Ok(vec![unmet])
}

#[cfg(test)]
mod tests {
    use super::{StatusKind::*, item_is_due, photo_is_due};

    #[test]
    fn an_item_is_asked_for_on_entering_on_leaving_and_at_the_end() {
        for (required_on, from, to, due) in [
            (Done, InProgress, Done, true),
            (Done, InProgress, Waiting, false),
            (InProgress, EnRoute, InProgress, true),
            (InProgress, InProgress, Waiting, true),
            (InProgress, InProgress, Done, true),
            (New, New, Assigned, true),
            (Closed, InProgress, Done, false),
            (Closed, Done, Closed, true),
            (Done, Done, InProgress, false),
            (Done, InProgress, Cancelled, false),
        ] {
            assert_eq!(item_is_due(required_on, from, to), due, "{required_on}: {from} to {to}");
        }
    }

    #[test]
    fn a_photo_is_asked_for_once_more_at_the_closing() {
        for (required_on, to, due) in [
            (InProgress, Closed, true),
            (Done, Closed, true),
            (Closed, Closed, true),
            (Cancelled, Closed, false),
            (InProgress, Done, false),
            (Done, Cancelled, false),
        ] {
            assert_eq!(photo_is_due(required_on, to), due, "{required_on} to {to}");
        }
    }
}
