//! What a phone's owner did while there was no network.
//!
//! Everything in one transaction. The tickets that rows belong to are held first, so what is asked about them stays true;
//! then a conflict refuses all of it, and otherwise every row is taken or refused by itself, within its own savepoint: a
//! refusal is an answer, never an error, and what was done around it is kept.

pub mod batch;
pub mod body;
pub mod doors;
mod paper;
mod refuse;
pub mod rehearse;
pub mod row;
pub mod standing;
pub mod take;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use self::batch::SyncConflict;
use self::doors::Caller;
use super::schema;
use crate::acts::press::Press;
use crate::acts::{ActId, signed_copy};
use crate::db::DbConnection;
use crate::db::types::{Timestamp, text_enum};
use crate::error::{Code, Error};
use crate::http::Call;
use crate::http::call::{Answer, found};

/// What a push may weigh, unpacked: a phone that could never send what it holds would be lost.
pub const LIMIT: usize = 32 << 20;

/// Since when a phone speaks.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PushQuery {
    /// `timestamp` of the pull before.
    #[param(value_type = Option<String>)]
    #[serde(default)]
    pub last_pulled_at: Option<String>,
}

text_enum! {
    /// What became of a pushed row.
    RowStatus {
        /// It is so now.
        Applied = "applied",
        /// It was so before.
        Noop = "noop",
        /// It was not taken: `sync_issues` says why, and the next pull tells what is kept.
        Refused = "refused",
        /// It was taken, and a manager looks at it: the ticket had gone to somebody else.
        Quarantined = "quarantined",
    }
}

/// What became of a pushed row.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct RowResult {
    /// Its table.
    pub table: &'static str,
    /// The row.
    pub id: String,
    /// What became of it.
    pub status: RowStatus,
    /// Why, for programs: as in the API's problems.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
}

/// What became of a push.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PushAnswer {
    /// What became of each row.
    pub results: Vec<RowResult>,
    /// The server's clock.
    pub server_time: Timestamp,
    /// The version of the tables.
    pub schema_version: u32,
}

/// Takes in what a phone sends.
///
/// # Errors
/// `sync_malformed` for what is not the protocol's shape; `sync_conflict` when somebody has changed a row that the phone
/// changed too: then nothing was kept.
pub async fn push(call: Call, asked: PushQuery, sent: Vec<u8>) -> Answer {
    let since = super::pull::place_given("last_pulled_at", asked.last_pulled_at.as_deref())?;
    let rows = tokio::task::spawn_blocking(move || body::read(&sent)).await.map_err(Error::internal)??;
    let rows = Arc::new(rows);
    let (actor, taken, public_url) = (call.actor.clone(), rows.clone(), call.app.config.public_url.clone());
    let copies = call.app.config.copies();
    let take = move |conn: &mut DbConnection, press: &Press| {
        take::take(
            conn,
            &Caller { actor: &actor, standing: None, public_url: &public_url, press, copies },
            since,
            &taken,
        )
    };
    let results = rehearse::take(&call, &rows, take).await?;
    call.app.wrote();
    sign_copies(&call, &rows, &results).await;
    let server_time = call.actor.now();
    Ok(found(&PushAnswer { results, server_time, schema_version: schema::VERSION }))
}

/// Makes the signed copies of what has been decided. They can be made whenever somebody asks for them.
pub async fn sign_copies(call: &Call, rows: &[row::Pushed], results: &[RowResult]) {
    let is_new = |result: &&RowResult| matches!(result.status, RowStatus::Applied | RowStatus::Quarantined);
    let decided: BTreeSet<&str> = results
        .iter()
        .filter(|result| result.table == "signatures")
        .filter(is_new)
        .map(|one| one.id.as_str())
        .collect();
    let rows = rows.iter().filter(|row| row.table.name == "signatures" && decided.contains(row.id.as_str()));
    for act in rows.filter_map(|row| row.id_in::<ActId>("act_id")).collect::<BTreeSet<_>>() {
        match signed_copy::make(&call.app, act).await {
            Ok(_) => {}
            // Our side was first: there is no copy before the client has decided.
            Err(error) if error.code() == Code::ActNotSigned => {}
            Err(error) => tracing::warn!(%error, %act, "a signed copy will be made when it is asked for"),
        }
    }
}
