//! The company's own graph of statuses: data, because every company draws its own and keeps changing it.
//!
//! What the program understands is the kind of a status. Which statuses there are, who may go from one to another, and
//! what more must be so, is read and changed through the API.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::StatusKind::{self, Assigned, Cancelled, Closed, Done, EnRoute, InProgress, New, Waiting};
use super::gates::Gate;
use crate::auth::Actor;
use crate::auth::Role::{self, Admin, Dispatcher, Manager, Technician};
use crate::db::among::Among;
use crate::db::dialect::insert_all;
use crate::db::schema::{statuses, tickets, transitions, workflow};
use crate::db::types::{Timestamp, WordList};
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error, Flaw};
use crate::history::{self, Event};
use crate::http::Resource;
use crate::http::resource::{IfMatch, must_match};
use crate::words::Language;
use crate::words::text::Line;

/// The only row of its table.
const ROW: i32 = 1;
/// Statuses a graph may have, and transitions.
const MOST_STATUSES: usize = 60;
const MOST_TRANSITIONS: usize = 600;

/// A name in three languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// In Russian.
    pub ru: Line<60>,
    /// In Ukrainian.
    pub uk: Line<60>,
    /// In English.
    pub en: Line<60>,
}

/// A status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// The company's own word for programs: small letters, digits, `_`.
    #[schema(value_type = String, pattern = "^[a-z][a-z0-9_]{0,39}$")]
    pub code: String,
    /// What it means to the program.
    pub kind: StatusKind,
    /// The word for people.
    pub name: Names,
    /// Whether nothing may enter it any more.
    #[serde(default)]
    pub archived: bool,
}

impl Status {
    /// The word for people in a language.
    pub fn named(&self, language: Language) -> &str {
        language.choose(&*self.name.ru, &*self.name.uk, &*self.name.en)
    }
}

/// A way from one status to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// From this status.
    #[schema(max_length = 40)]
    pub from: String,
    /// To that one.
    #[schema(max_length = 40)]
    pub to: String,
    /// For these roles.
    pub roles: Vec<Role>,
    /// What must be so besides what the ticket's kind demands.
    #[serde(default)]
    pub gates: Vec<Gate>,
    /// Whether a comment must be written.
    #[serde(default)]
    pub comment_required: bool,
}

/// The whole graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Graph {
    /// The statuses, in the order they are shown.
    pub statuses: Vec<Status>,
    /// The ways between them.
    pub transitions: Vec<Transition>,
    /// Grows with every change.
    pub version: i64,
}

/// A graph in place of the one there is.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutGraph {
    /// The statuses, in the order they are shown.
    #[schema(min_items = 2, max_items = 60)]
    pub statuses: Vec<Status>,
    /// The ways between them.
    #[schema(max_items = 600)]
    pub transitions: Vec<Transition>,
}

impl Resource for Graph {
    fn path(&self) -> String {
        "/api/v1/workflow".to_owned()
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

impl Graph {
    /// The status with this code.
    pub fn status(&self, code: &str) -> Option<&Status> {
        self.statuses.iter().find(|status| status.code == code)
    }

    /// Where a new ticket stands.
    pub fn first(&self) -> Option<&Status> {
        self.statuses.iter().find(|status| status.kind == New && !status.archived)
    }

    /// The codes of the statuses that may be entered, for those who asked for another.
    pub fn codes(&self) -> String {
        let entered = self.statuses.iter().filter(|status| !status.archived);
        entered.map(|status| status.code.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// The way from one status to another.
    pub fn transition(&self, from: &str, to: &str) -> Option<&Transition> {
        self.transitions.iter().find(|way| way.from == from && way.to == to)
    }

    /// Where somebody may go from a status.
    pub fn ways<'a>(&'a self, from: &'a str, role: Role) -> impl Iterator<Item = &'a Status> {
        let ways = self.transitions.iter().filter(move |way| way.from == from && way.roles.contains(&role));
        ways.filter_map(|way| self.status(&way.to)).filter(|status| !status.archived)
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = statuses, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
struct StatusRow {
    code: String,
    kind: StatusKind,
    name_ru: String,
    name_uk: String,
    name_en: String,
    position: i32,
    archived: bool,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = transitions, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
struct TransitionRow {
    from_code: String,
    to_code: String,
    roles: WordList,
    gates: WordList,
    comment_required: bool,
}

/// The graph.
///
/// # Errors
/// The database's.
pub fn load(conn: &mut DbConnection) -> Result<Graph, Error> {
    let version = workflow::table.find(ROW).select(workflow::version).get_result(conn)?;
    let rows: Vec<StatusRow> = statuses::table.order(statuses::position).select(StatusRow::as_select()).load(conn)?;
    let status = |row: StatusRow| -> Result<Status, Error> {
        let line = |text: &str| Line::parse(text).map_err(Error::internal);
        let name = Names { ru: line(&row.name_ru)?, uk: line(&row.name_uk)?, en: line(&row.name_en)? };
        Ok(Status { code: row.code, kind: row.kind, name, archived: row.archived })
    };
    let statuses: Result<Vec<Status>, Error> = rows.into_iter().map(status).collect();
    let rows: Vec<TransitionRow> = transitions::table
        .order((transitions::from_code, transitions::to_code))
        .select(TransitionRow::as_select())
        .load(conn)?;
    let transition = |row: TransitionRow| Transition {
        from: row.from_code,
        to: row.to_code,
        roles: row.roles.read(),
        gates: row.gates.read(),
        comment_required: row.comment_required,
    };
    Ok(Graph { statuses: statuses?, transitions: rows.into_iter().map(transition).collect(), version })
}

/// The names of all statuses, for views.
///
/// # Errors
/// The database's.
pub fn names(conn: &mut DbConnection, language: Language) -> Result<Vec<(String, String)>, Error> {
    let rows: Vec<StatusRow> = statuses::table.select(StatusRow::as_select()).load(conn)?;
    let named = |row: StatusRow| {
        let name = language.choose(&row.name_ru, &row.name_uk, &row.name_en).clone();
        (row.code, name)
    };
    Ok(rows.into_iter().map(named).collect())
}

/// Replaces the graph.
///
/// # Errors
/// `workflow_invalid` when no ticket could live in it, `status_in_use` when tickets stand in a status that would vanish
/// or mean something else, `etag_mismatch`.
pub fn replace(
    conn: &mut DbConnection,
    actor: &Actor,
    put: &PutGraph,
    expected: Option<&IfMatch>,
) -> Result<Graph, Error> {
    // First of all: whoever else changes the graph waits here, and then finds what we made of it.
    diesel::update(workflow::table.find(ROW))
        .set((workflow::version.eq(workflow::version + 1), workflow::updated_at.eq(actor.now())))
        .execute(conn)?;
    let mut before = load(conn)?;
    before.version -= 1;
    must_match(expected, before.version)?;
    must_work(put, actor.language())?;
    for old in &before.statuses {
        let kept = put.statuses.iter().any(|status| status.code == old.code && status.kind == old.kind);
        if !kept && tickets_stand_in(conn, &old.code)? {
            return Err(Code::StatusInUse.with([("status", old.code.clone())]).into());
        }
    }
    keep(conn, put, &before)?;
    let after = load(conn)?;
    history::record(
        conn,
        actor,
        Event::of("workflow.changed", "workflow", uuid::Uuid::nil()).changed(&before, &after),
    )?;
    Ok(after)
}

fn tickets_stand_in(conn: &mut DbConnection, code: &str) -> QueryResult<bool> {
    let one: Option<i64> =
        tickets::table.filter(tickets::status_code.eq(code)).select(tickets::number).first(conn).optional()?;
    Ok(one.is_some())
}

fn keep(conn: &mut DbConnection, put: &PutGraph, before: &Graph) -> Result<(), Error> {
    diesel::delete(transitions::table).execute(conn)?;
    for (index, status) in put.statuses.iter().enumerate() {
        let row = StatusRow {
            code: status.code.clone(),
            kind: status.kind,
            name_ru: status.name.ru.to_string(),
            name_uk: status.name.uk.to_string(),
            name_en: status.name.en.to_string(),
            position: i32::try_from(index + 1).unwrap_or(i32::MAX),
            archived: status.archived,
        };
        if before.status(&status.code).is_some() {
            diesel::update(statuses::table.find(&status.code))
                .set((
                    statuses::kind.eq(row.kind),
                    statuses::name_ru.eq(&row.name_ru),
                    statuses::name_uk.eq(&row.name_uk),
                    statuses::name_en.eq(&row.name_en),
                    statuses::position.eq(row.position),
                    statuses::archived.eq(row.archived),
                ))
                .execute(conn)?;
        } else {
            diesel::insert_into(statuses::table).values(&row).execute(conn)?;
        }
    }
    let codes: Vec<&str> = put.statuses.iter().map(|status| status.code.as_str()).collect();
    diesel::delete(statuses::table.filter(statuses::code.not_among(codes))).execute(conn)?;
    let row = |way: &Transition| TransitionRow {
        from_code: way.from.clone(),
        to_code: way.to.clone(),
        roles: WordList::new(way.roles.iter().map(|role| role.as_str())),
        gates: WordList::new(way.gates.iter().map(|gate| gate.as_str())),
        comment_required: way.comment_required,
    };
    let rows: Vec<TransitionRow> = put.transitions.iter().map(row).collect();
    insert_all!(conn, transitions::table, &rows)?;
    Ok(())
}

/// A ticket must be able to begin, and to end closed; every name must be known.
fn must_work(put: &PutGraph, language: Language) -> Result<(), Error> {
    let invalid = |ru: String, uk: String, en: String| {
        let reason = match language {
            Language::Ru => ru,
            Language::Uk => uk,
            Language::En => en,
        };
        Err(Error::from(Code::WorkflowInvalid.with([("reason", reason)])))
    };
    if put.statuses.len() > MOST_STATUSES {
        return Err(Error::field_with("/statuses", Flaw::TooMany, [("max", MOST_STATUSES.to_string())]));
    }
    if put.transitions.len() > MOST_TRANSITIONS {
        return Err(Error::field_with("/transitions", Flaw::TooMany, [("max", MOST_TRANSITIONS.to_string())]));
    }
    for (index, status) in put.statuses.iter().enumerate() {
        let letters =
            status.code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        let first = status.code.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
        if !letters || !first || status.code.len() > 40 {
            return Err(Error::field_with(
                format!("/statuses/{index}/code"),
                Flaw::NotOneOf,
                [("allowed", "a-z, 0-9, _ (1–40)".to_owned())],
            ));
        }
        if put.statuses.iter().take(index).any(|earlier| earlier.code == status.code) {
            return Err(Error::field(format!("/statuses/{index}/code"), Flaw::Taken));
        }
    }
    let known = |code: &str| put.statuses.iter().find(|status| status.code == code);
    for (index, way) in put.transitions.iter().enumerate() {
        for (name, code) in [("from", &way.from), ("to", &way.to)] {
            if known(code).is_none() {
                return Err(Error::field(format!("/transitions/{index}/{name}"), Flaw::UnknownReference));
            }
        }
        if put.transitions.iter().take(index).any(|earlier| earlier.from == way.from && earlier.to == way.to) {
            return Err(Error::field(format!("/transitions/{index}"), Flaw::Taken));
        }
        if way.from == way.to {
            return Err(Error::field(format!("/transitions/{index}/to"), Flaw::Loop));
        }
        if way.roles.is_empty() {
            return Err(Error::field(format!("/transitions/{index}/roles"), Flaw::Required));
        }
    }
    let Some(first) = put.statuses.iter().find(|status| status.kind == New && !status.archived) else {
        return invalid(
            "нет статуса вида new, с которого начинается заявка".to_owned(),
            "немає статусу виду new, з якого починається заявка".to_owned(),
            "there is no status of the kind new for a ticket to begin in".to_owned(),
        );
    };
    let mut reached = vec![first.code.as_str()];
    let mut next = 0;
    while let Some(from) = reached.get(next).copied() {
        for way in put.transitions.iter().filter(|way| way.from == from) {
            let open = known(&way.to).is_some_and(|status| !status.archived);
            if open && !reached.contains(&way.to.as_str()) {
                reached.push(&way.to);
            }
        }
        next += 1;
    }
    if let Some(lost) = put.statuses.iter().find(|status| !status.archived && !reached.contains(&status.code.as_str()))
    {
        let code = &lost.code;
        return invalid(
            format!("в статус {code} нельзя попасть из {}", first.code),
            format!("до статусу {code} не можна потрапити з {}", first.code),
            format!("status {code} cannot be reached from {}", first.code),
        );
    }
    if !put.statuses.iter().any(|status| status.kind == Closed && !status.archived) {
        return invalid(
            "нет статуса вида closed, которым заявка заканчивается".to_owned(),
            "немає статусу виду closed, яким заявка закінчується".to_owned(),
            "there is no status of the kind closed for a ticket to end in".to_owned(),
        );
    }
    Ok(())
}

/// Puts the usual graph into an empty database: one status for each kind.
///
/// # Errors
/// The database's.
pub fn install_default(conn: &mut DbConnection, now: Timestamp) -> Result<(), Error> {
    use crate::db::dialect::Both;
    let row = (workflow::id.eq(ROW), workflow::version.eq(1_i64), workflow::updated_at.eq(now));
    let new = Both(diesel::insert_into(workflow::table).values(row).on_conflict_do_nothing()).execute(conn)? == 1;
    if new {
        let empty = Graph { statuses: Vec::new(), transitions: Vec::new(), version: 0 };
        keep(conn, &usual()?, &empty)?;
    }
    Ok(())
}

/// `new → assigned → en_route → in_progress ⇄ waiting → done → closed`, `cancelled` from any open one; `done` and
/// `closed` reopen with a reason. A technician goes up to `done`.
fn usual() -> Result<PutGraph, Error> {
    const EVERYBODY: &[Role] = &[Technician, Dispatcher, Manager, Admin];
    const OFFICE: &[Role] = &[Dispatcher, Manager, Admin];
    let status = |kind: StatusKind, ru: &str, uk: &str, en: &str| -> Result<Status, Error> {
        let line = |text: &str| Line::parse(text).map_err(Error::internal);
        let name = Names { ru: line(ru)?, uk: line(uk)?, en: line(en)? };
        Ok(Status { code: kind.as_str().to_owned(), kind, name, archived: false })
    };
    let statuses = vec![
        status(New, "Новая", "Нова", "New")?,
        status(Assigned, "Назначена", "Призначена", "Assigned")?,
        status(EnRoute, "В пути", "У дорозі", "En route")?,
        status(InProgress, "В работе", "У роботі", "In progress")?,
        status(Waiting, "Ожидание", "Очікування", "Waiting")?,
        status(Done, "Выполнена", "Виконана", "Done")?,
        status(Closed, "Закрыта", "Закрита", "Closed")?,
        status(Cancelled, "Отменена", "Скасована", "Cancelled")?,
    ];
    let way = |from: StatusKind, to: StatusKind, roles: &[Role], comment_required: bool| Transition {
        from: from.as_str().to_owned(),
        to: to.as_str().to_owned(),
        roles: roles.to_vec(),
        gates: Vec::new(),
        comment_required,
    };
    let mut transitions = vec![
        way(New, Assigned, EVERYBODY, false),
        way(Assigned, EnRoute, EVERYBODY, false),
        way(EnRoute, InProgress, EVERYBODY, false),
        way(InProgress, Waiting, EVERYBODY, false),
        way(Waiting, InProgress, EVERYBODY, false),
        way(InProgress, Done, EVERYBODY, false),
        way(Waiting, Done, EVERYBODY, false),
        way(Done, Closed, OFFICE, false),
        way(Done, InProgress, OFFICE, true),
        way(Closed, InProgress, OFFICE, true),
    ];
    transitions.extend(StatusKind::OPEN.map(|kind| way(kind, Cancelled, OFFICE, false)));
    Ok(PutGraph { statuses, transitions })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_graph_works() {
        assert!(must_work(&usual().unwrap(), Language::En).is_ok());
    }

    #[test]
    fn a_graph_without_an_end_or_with_a_lost_status_is_refused() {
        let mut endless = usual().unwrap();
        endless.statuses.retain(|status| status.kind != Closed);
        endless.transitions.retain(|way| way.from != "closed" && way.to != "closed");
        assert_eq!(must_work(&endless, Language::En).unwrap_err().code(), Code::WorkflowInvalid);
        let mut lost = usual().unwrap();
        lost.transitions.retain(|way| way.to != "waiting");
        assert_eq!(must_work(&lost, Language::Ru).unwrap_err().code(), Code::WorkflowInvalid);
    }
}
