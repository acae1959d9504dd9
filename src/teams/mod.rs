//! Teams: technicians to whom tickets of a type go.

pub mod routes;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::auth::{Actor, Role};
use crate::db::among::Among;
use crate::db::dialect::insert_all;
use crate::db::page::Page;
use crate::db::records::{newest_first, save};
use crate::db::schema::{team_members, teams, users};
use crate::db::types::{Timestamp, id};
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error, Flaw, Refusal};
use crate::history::{self, Event};
use crate::http::idempotency::made_once;
use crate::http::query::list_query;
use crate::http::resource::{IfMatch, must_match};
use crate::http::{Made, Resource};
use crate::users::UserId;
use crate::words::text::Line;

id! {
    /// A team.
    TeamId,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = teams, check_for_backend(MultiBackend), treat_none_as_null = true)]
struct Team {
    id: TeamId,
    name: String,
    archived_at: Option<Timestamp>,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A team and who is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TeamView {
    /// Its id.
    pub id: TeamId,
    /// What it is called.
    pub name: String,
    /// The technicians in it.
    pub member_ids: Vec<UserId>,
    /// When it was put away.
    pub archived_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Resource for TeamView {
    fn path(&self) -> String {
        format!("/api/v1/teams/{}", self.id)
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// A team to make.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTeam {
    /// The client's own id for the record.
    #[serde(default)]
    pub id: Option<TeamId>,
    /// What it is called; no other team is.
    pub name: Line<200>,
    /// The technicians in it.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub member_ids: Vec<UserId>,
}

/// What may be changed about a team.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditTeam {
    /// What it is called.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Line<200>, required = false)]
    pub name: Option<Line<200>>,
    /// All who are in it from now on.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub member_ids: Option<Vec<UserId>>,
    /// Whether it is put away.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = bool, required = false)]
    pub archived: Option<bool>,
}

list_query! {
    /// Which teams.
    pub struct TeamFilter {
        /// Those put away, too.
        archived: crate::http::query::Flag,
    }
}

/// One team.
///
/// # Errors
/// `not_found`
pub fn find(conn: &mut DbConnection, id: TeamId) -> Result<TeamView, Error> {
    let team = row(conn, id)?;
    Ok(view(conn, vec![team])?.remove(0))
}

fn row(conn: &mut DbConnection, id: TeamId) -> Result<Team, Error> {
    load(conn, id)?.ok_or_else(|| Code::NotFound.into())
}

fn load(conn: &mut DbConnection, id: TeamId) -> Result<Option<Team>, Error> {
    Ok(teams::table.find(id).select(Team::as_select()).get_result(conn).optional()?)
}

/// Those of some teams that are there.
///
/// # Errors
/// The database's.
pub fn some(conn: &mut DbConnection, ids: &[TeamId]) -> Result<Vec<TeamView>, Error> {
    let rows = teams::table.filter(teams::id.among(ids.to_vec())).select(Team::as_select()).load(conn)?;
    view(conn, rows)
}

/// Refuses a reference to a team that is not there.
///
/// # Errors
/// `validation_failed`
pub fn must_exist(conn: &mut DbConnection, id: TeamId, pointer: &str) -> Result<(), Error> {
    load(conn, id)?.map(|_| ()).ok_or_else(|| Error::field(pointer, Flaw::UnknownReference))
}

/// A page of teams, newest first.
///
/// # Errors
/// `invalid_cursor`
pub fn list(conn: &mut DbConnection, filter: &TeamFilter) -> Result<Page<TeamView>, Error> {
    let page = filter.page();
    let mut query = teams::table.select(Team::as_select()).into_boxed::<MultiBackend>();
    if !filter.archived.is_some_and(|flag| flag.0) {
        query = query.filter(teams::archived_at.is_null());
    }
    let rows = newest_first!(query, teams, page).load(conn)?;
    let Page { data, next_cursor } = page.cut(rows, |team: &Team| (team.created_at, team.id));
    Ok(Page { data: view(conn, data)?, next_cursor })
}

fn view(conn: &mut DbConnection, rows: Vec<Team>) -> Result<Vec<TeamView>, Error> {
    let ids: Vec<TeamId> = rows.iter().map(|team| team.id).collect();
    let members: Vec<(TeamId, UserId)> = team_members::table
        .filter(team_members::team_id.among(&ids))
        .order(team_members::user_id)
        .select((team_members::team_id, team_members::user_id))
        .load(conn)?;
    let view = |team: Team| {
        let member_ids = members.iter().filter(|(of, _)| *of == team.id).map(|(_, member)| *member).collect();
        let Team { id, name, archived_at, version, created_at, updated_at } = team;
        TeamView { id, name, member_ids, archived_at, version, created_at, updated_at }
    };
    Ok(rows.into_iter().map(view).collect())
}

/// Makes a team.
///
/// # Errors
/// `duplicate` when the name is taken.
pub fn create(conn: &mut DbConnection, actor: &Actor, new: &NewTeam) -> Result<Made<TeamView>, Error> {
    let insert = |conn: &mut DbConnection, id| {
        let now = actor.now();
        let team =
            Team { id, name: new.name.to_string(), archived_at: None, version: 1, created_at: now, updated_at: now };
        diesel::insert_into(teams::table).values(&team).execute(conn).map_err(name_taken)?;
        set_members(conn, id, &new.member_ids)?;
        let team = find(conn, id)?;
        history::record(conn, actor, Event::of("team.made", "team", id.uuid()).after(&team))?;
        Ok(team)
    };
    made_once(conn, actor, "team", new.id, new, insert, find)
}

/// Changes a team.
///
/// # Errors
/// `not_found`, `duplicate`, `etag_mismatch`
pub fn edit(
    conn: &mut DbConnection,
    actor: &Actor,
    id: TeamId,
    change: &EditTeam,
    expected: Option<&IfMatch>,
) -> Result<TeamView, Error> {
    let before = row(conn, id)?;
    must_match(expected, before.version)?;
    let before_view = find(conn, id)?;
    let mut after = before.clone();
    after.name = change.name.as_ref().map_or(after.name, ToString::to_string);
    after.archived_at = match change.archived {
        Some(true) => after.archived_at.or(Some(actor.now())),
        Some(false) => None,
        None => after.archived_at,
    };
    after.version += 1;
    after.updated_at = actor.now();
    save!(conn, teams, before, &after).map_err(|error| error.on_taken("teams_name_key", taken))?;
    if let Some(members) = &change.member_ids {
        diesel::delete(team_members::table.filter(team_members::team_id.eq(id))).execute(conn)?;
        set_members(conn, id, members)?;
    }
    let after = find(conn, id)?;
    history::record(conn, actor, Event::of("team.changed", "team", id.uuid()).changed(&before_view, &after))?;
    Ok(after)
}

fn taken() -> Error {
    Refusal::from(Code::Duplicate).at("/name", Flaw::Taken).into()
}

fn name_taken(error: diesel::result::Error) -> Error {
    Error::from(error).on_taken("teams_name_key", taken)
}

#[derive(Insertable)]
#[diesel(table_name = team_members, treat_none_as_default_value = false)]
struct Member {
    team_id: TeamId,
    user_id: UserId,
}

fn set_members(conn: &mut DbConnection, team: TeamId, members: &[UserId]) -> Result<(), Error> {
    if members.len() > 500 {
        return Err(Error::field_with("/member_ids", Flaw::TooMany, [("max", "500".to_owned())]));
    }
    let found: Vec<(UserId, Role)> =
        users::table.filter(users::id.among(members)).select((users::id, users::role)).load(conn)?;
    let mut rows = Vec::new();
    for (index, member) in members.iter().enumerate() {
        let pointer = format!("/member_ids/{index}");
        match found.iter().find(|(id, _)| id == member) {
            None => return Err(Error::field(pointer, Flaw::UnknownReference)),
            Some((_, role)) if *role != Role::Technician => return Err(Error::field(pointer, Flaw::WrongRole)),
            Some(_) if rows.iter().any(|row: &Member| row.user_id == *member) => {}
            Some(_) => rows.push(Member { team_id: team, user_id: *member }),
        }
    }
    insert_all!(conn, team_members::table, &rows)?;
    Ok(())
}
