//! What somebody's phones hold: their tickets, and the sites and companies of these. Everything else hangs on them.
//!
//! What was given is written down with the place in the chain from which on it was so. A phone that missed an answer, or
//! slept, is told the difference to its own place: what came whole, what went with everything below it.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use serde_json::json;

use super::tables::Roots;
use super::{changes, taken};
use crate::auth::{Actor, Role};
use crate::companies::{CompanyId, SiteId};
use crate::db::among::Among;
use crate::db::dialect::insert_all;
use crate::db::schema::{sync_given, tickets, users};
use crate::db::types::{AnyId, Timestamp, text_enum};
use crate::db::{DbConnection, MultiBackend};
use crate::error::Error;
use crate::history::{self, Event, chain};
use crate::teams::TeamId;
use crate::tickets::TicketId;
use crate::users::UserId;

/// How long a ticket stays on phones after it was closed, or after it was taken away, in seconds.
pub const LINGERS: i64 = 14 * 24 * 3600;

text_enum! {
    /// What may be done with a ticket on a phone.
    Access {
        /// Everything one's role allows.
        Full = "full",
        /// It went to somebody else; what was done before that is still taken.
        ReadOnly = "read_only",
    }
}

text_enum! {
    /// What rows hang on.
    Root {
        /// A company.
        Company = "company",
        /// A site.
        Site = "site",
        /// A ticket.
        Ticket = "ticket",
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sync_given, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
struct Given {
    user_id: UserId,
    kind: Root,
    record_id: AnyId,
    since_seq: i64,
    until_seq: Option<i64>,
    access: Access,
    changed_at: Timestamp,
    /// When the ticket was taken away.
    went_at: Option<Timestamp>,
    /// When a phone was told so.
    told_at: Option<Timestamp>,
}

type Key = (Root, AnyId);

fn given(conn: &mut DbConnection, user: UserId) -> Result<Vec<Given>, Error> {
    Ok(sync_given::table.filter(sync_given::user_id.eq(user)).select(Given::as_select()).load(conn)?)
}

/// What a phone should hold, and how it differs from what it was given.
struct Difference {
    came: Vec<(Key, Wish)>,
    went: Vec<Key>,
}

/// As what a phone should hold something.
#[derive(Debug, Clone, Copy)]
struct Wish {
    access: Access,
    /// When the ticket was taken away that lingers.
    went_at: Option<Timestamp>,
}

impl Wish {
    const FULL: Self = Self { access: Access::Full, went_at: None };
}

impl Difference {
    fn find(conn: &mut DbConnection, actor: &Actor, given: &[Given]) -> Result<Self, Error> {
        let wanted = wanted(conn, actor, given)?;
        let held: BTreeMap<Key, Access> = given
            .iter()
            .filter(|one| one.until_seq.is_none())
            .map(|one| ((one.kind, one.record_id), one.access))
            .collect();
        let came = wanted.iter().filter(|(key, wish)| held.get(key) != Some(&wish.access));
        let came = came.map(|(key, wish)| (*key, *wish)).collect();
        let went = held.into_keys().filter(|key| !wanted.contains_key(key)).collect();
        Ok(Self { came, went })
    }

    fn is_none(&self) -> bool {
        self.came.is_empty() && self.went.is_empty()
    }
}

type Row = (TicketId, Option<SiteId>, CompanyId, Option<TeamId>);

/// What an actor's phones should hold at this moment.
fn wanted(conn: &mut DbConnection, actor: &Actor, given: &[Given]) -> Result<BTreeMap<Key, Wish>, Error> {
    let mut full: BTreeMap<TicketId, Row> = BTreeMap::new();
    for road in 0..3 {
        let lately = actor.now().plus_seconds(-LINGERS);
        let mut query = tickets::table
            .filter(tickets::closed_at.is_null().or(tickets::closed_at.gt(lately)))
            .select((tickets::id, tickets::site_id, tickets::company_id, tickets::team_id))
            .into_boxed::<MultiBackend>();
        query = match road {
            0 => query.filter(tickets::assignee_id.eq(actor.id())),
            1 => query.filter(tickets::team_id.assume_not_null().among(actor.team_ids().to_vec())),
            // The office opens everybody's tickets.
            _ if actor.role() != Role::Technician => continue,
            _ => query.filter(tickets::created_by.eq(actor.id())),
        };
        full.extend(query.load::<Row>(conn)?.into_iter().map(|row| (row.0, row)));
    }
    let lost = lingering(conn, actor, given, &full)?;
    let mut wanted = BTreeMap::new();
    let all = full.into_values().map(|row| (row, Wish::FULL));
    let lost = lost.into_iter().map(|(row, at)| (row, Wish { access: Access::ReadOnly, went_at: Some(at) }));
    for ((ticket, site, company, _), wish) in all.chain(lost) {
        wanted.insert((Root::Ticket, ticket.uuid().into()), wish);
        wanted.insert((Root::Company, company.uuid().into()), Wish::FULL);
        wanted.extend(site.map(|site| ((Root::Site, site.uuid().into()), Wish::FULL)));
    }
    Ok(wanted)
}

/// The tickets that went to somebody else not long ago, each with the moment: however late the phone asks.
fn lingering(
    conn: &mut DbConnection,
    actor: &Actor,
    given: &[Given],
    full: &BTreeMap<TicketId, Row>,
) -> Result<Vec<(Row, Timestamp)>, Error> {
    let lately = actor.now().plus_seconds(-LINGERS);
    let lost: BTreeMap<TicketId, &Given> = given
        .iter()
        .filter(|one| one.kind == Root::Ticket && one.until_seq.is_none())
        .map(|one| (TicketId::from(uuid::Uuid::from(one.record_id)), one))
        .filter(|(ticket, _)| !full.contains_key(ticket))
        .collect();
    let ids: Vec<TicketId> = lost.keys().copied().collect();
    let mut rows = Vec::new();
    for some in ids.chunks(1_000) {
        let of = tickets::table
            .filter(tickets::id.among(some))
            .filter(tickets::closed_at.is_null().or(tickets::closed_at.gt(lately)));
        let of = of.select((tickets::id, tickets::site_id, tickets::company_id, tickets::team_id));
        for row in of.load::<Row>(conn)? {
            let went_at = match lost.get(&row.0) {
                Some(one) if one.access == Access::ReadOnly => one.went_at.unwrap_or(one.changed_at),
                _ => taken::at(conn, actor, row.0, row.3)?.unwrap_or(actor.now()),
            };
            if went_at > lately {
                rows.push((row, went_at));
            }
        }
    }
    Ok(rows)
}

/// The place up to which a pull may tell, when nothing has to be written for it.
///
/// # Errors
/// The database's.
pub fn settled(conn: &mut DbConnection, actor: &Actor) -> Result<Option<i64>, Error> {
    if changes::some_wait(conn)? {
        return Ok(None);
    }
    let given = given(conn, actor.id())?;
    Ok(if Difference::find(conn, actor, &given)?.is_none() { Some(changes::head(conn)?) } else { None })
}

/// Writes down what an actor's phones hold from now on, and gives committed events their places. The change is an event
/// itself: so its place is greater than any that a phone of theirs may have.
///
/// # Errors
/// The database's.
pub fn settle(conn: &mut DbConnection, actor: &Actor) -> Result<i64, Error> {
    // Two phones of one person take turns.
    diesel::update(users::table.find(actor.id())).set(users::version.eq(users::version)).execute(conn)?;
    let given = given(conn, actor.id())?;
    let difference = Difference::find(conn, actor, &given)?;
    if !difference.is_none() {
        let ids = |keys: &[Key]| -> Vec<String> {
            keys.iter().filter(|(kind, _)| *kind == Root::Ticket).map(|(_, id)| id.to_string()).collect()
        };
        let came: Vec<Key> = difference.came.iter().map(|(key, _)| *key).collect();
        let facts = json!({"tickets_given": ids(&came), "tickets_taken": ids(&difference.went)});
        history::record(conn, actor, Event::of("sync.scope_changed", "sync_scope", actor.id().uuid()).after(facts))?;
    }
    chain::seal_all(conn)?;
    let place = changes::head(conn)?;
    write(conn, actor, &difference, place)?;
    Ok(place)
}

fn write(conn: &mut DbConnection, actor: &Actor, difference: &Difference, place: i64) -> Result<(), Error> {
    for ((kind, record), _) in &difference.came {
        diesel::delete(sync_given::table.find((actor.id(), *kind, *record))).execute(conn)?;
    }
    let row = |((kind, record_id), wish): &(Key, Wish)| Given {
        user_id: actor.id(),
        kind: *kind,
        record_id: *record_id,
        since_seq: place,
        until_seq: None,
        access: wish.access,
        changed_at: actor.now(),
        went_at: wish.went_at,
        told_at: wish.went_at.map(|_| actor.now()),
    };
    let rows: Vec<Given> = difference.came.iter().map(row).collect();
    insert_all!(conn, sync_given::table, &rows)?;
    for (kind, record) in &difference.went {
        diesel::update(sync_given::table.find((actor.id(), *kind, *record)))
            .set((sync_given::until_seq.eq(Some(place)), sync_given::changed_at.eq(actor.now())))
            .execute(conn)?;
        // Of what went at once a phone is told now.
        let of = sync_given::table.find((actor.id(), *kind, *record));
        diesel::update(of.filter(sync_given::access.eq(Access::Full)))
            .set(sync_given::told_at.eq(Some(actor.now())))
            .execute(conn)?;
    }
    let old = actor.now().plus_seconds(-changes::KEPT_SECONDS);
    let forgotten = sync_given::table
        .filter(sync_given::user_id.eq(actor.id()))
        .filter(sync_given::until_seq.is_not_null())
        .filter(sync_given::changed_at.lt(old));
    diesel::delete(forgotten).execute(conn)?;
    Ok(())
}

/// What a phone holds at a place, and how that differs from what it held at an earlier one.
#[derive(Debug, Default)]
pub struct Scope {
    /// All it holds.
    pub all: Roots,
    /// What came since: to be sent whole.
    pub came: Roots,
    /// What went since.
    pub went: Roots,
    /// What may be done with each ticket.
    pub access: BTreeMap<TicketId, Access>,
}

impl Scope {
    /// What an actor's phone holds at `place`, when it was last told of `since`.
    ///
    /// # Errors
    /// The database's.
    pub fn at(conn: &mut DbConnection, actor: &Actor, since: i64, place: i64) -> Result<Self, Error> {
        let mut scope = Self::default();
        for one in given(conn, actor.id())? {
            let holds = one.since_seq <= place && one.until_seq.is_none_or(|until| until > place);
            if holds {
                add(&mut scope.all, &one);
                if one.since_seq > since {
                    add(&mut scope.came, &one);
                }
                if one.kind == Root::Ticket {
                    scope.access.insert(TicketId::from(uuid::Uuid::from(one.record_id)), one.access);
                }
            } else if since > 0 && one.until_seq.is_some_and(|until| until > since && until <= place) {
                add(&mut scope.went, &one);
            }
        }
        scope.all.own = Some(actor.id());
        scope.all.rules = true;
        if since == 0 {
            scope.came.own = Some(actor.id());
            scope.came.rules = true;
        }
        Ok(scope)
    }

    /// The tickets it holds, as a set.
    pub fn tickets(&self) -> BTreeSet<TicketId> {
        self.all.tickets.iter().copied().collect()
    }
}

fn add(roots: &mut Roots, one: &Given) {
    let id = uuid::Uuid::from(one.record_id);
    match one.kind {
        Root::Ticket => roots.tickets.push(id.into()),
        Root::Site => roots.sites.push(id.into()),
        Root::Company => roots.companies.push(id.into()),
    }
}

/// When a phone was told that a ticket went which its user was given; nothing while it is theirs, or when it never was, or
/// before they were told.
///
/// # Errors
/// The database's.
pub fn told_at(conn: &mut DbConnection, user: UserId, ticket: TicketId) -> Result<Option<Timestamp>, Error> {
    let one = sync_given::table.find((user, Root::Ticket, AnyId::from(ticket.uuid())));
    let given: Option<Given> = one.select(Given::as_select()).get_result(conn).optional()?;
    Ok(given.and_then(|given| match (given.access, given.until_seq) {
        (Access::Full, None) => None,
        // It lingered before it left the phone; an earlier version of the program did not note when that began.
        (Access::ReadOnly, Some(_)) => Some(given.told_at.unwrap_or(given.changed_at.plus_seconds(-LINGERS))),
        _ => Some(given.told_at.unwrap_or(given.changed_at)),
    }))
}

/// Whether a user was given a ticket, now or in the last months.
///
/// # Errors
/// The database's.
pub fn was_given(conn: &mut DbConnection, user: UserId, ticket: TicketId) -> Result<bool, Error> {
    let one = sync_given::table.find((user, Root::Ticket, AnyId::from(ticket.uuid())));
    Ok(diesel::select(diesel::dsl::exists(one)).get_result(conn)?)
}
