//! What is one person's own: claims of blank labels, and what became of rows that were not taken.

use diesel::prelude::*;

use super::super::column::{maybe_millis, millis, raw_table};
use super::{Roots, Synced, Viewer, ids, keys};
use crate::acts::reserve::ReservedNumberId;
use crate::assets::AssetId;
use crate::codes::LabelCode;
use crate::codes::claim::{ClaimId, ClaimOutcome};
use crate::db::DbConnection;
use crate::db::among::Among;
use crate::db::schema::{code_claims, reserved_numbers, sync_issues};
use crate::db::types::Timestamp;
use crate::error::Error;
use crate::sync::issue::{Issue, IssueId};

raw_table! {
    /// Blank labels one has put on devices. To claim one, write a row with the device's id, or with the new device.
    CodeClaimRow in "code_claims" {
        /// The label's ten characters or its URL.
        code: String [Indexed Phone],
        /// The device, if it is known.
        asset_id: Option<String> [Indexed Phone],
        /// The device, if it is new: what `POST /api/v1/assets` takes, JSON. Give it an id.
        asset_json: Option<String> [Phone],
        /// won, or lost: another device had the label already.
        outcome: Option<String>,
        /// When, by the phone's clock.
        claimed_at: Option<i64> [Phone],
        /// When it arrived.
        recorded_at: Option<i64>,
        /// Degrees north.
        lat: Option<f64> [Phone],
        /// Degrees east.
        lon: Option<f64> [Phone],
        /// How exact, in metres.
        accuracy_m: Option<f64> [Phone],
    }
}

impl Synced for CodeClaimRow {
    fn under(conn: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        let Some(user) = roots.own else { return Ok(Vec::new()) };
        let own = code_claims::table.filter(code_claims::user_id.eq(user));
        Ok(keys(own.select(code_claims::id).load::<ClaimId>(conn)?))
    }

    fn load(conn: &mut DbConnection, viewer: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        type Place = (Option<f64>, Option<f64>, Option<f64>);
        type Row = (ClaimId, LabelCode, AssetId, ClaimOutcome, Timestamp, Timestamp, Place);
        let rows: Vec<Row> = code_claims::table
            .filter(code_claims::id.among(ids::<ClaimId>(keys)))
            .filter(code_claims::user_id.eq(viewer.user))
            .select((
                code_claims::id,
                code_claims::code,
                code_claims::asset_id,
                code_claims::outcome,
                code_claims::claimed_at,
                code_claims::recorded_at,
                (code_claims::lat, code_claims::lon, code_claims::accuracy_m),
            ))
            .load(conn)?;
        let row = |(id, code, asset, outcome, claimed_at, recorded_at, (lat, lon, accuracy_m)): Row| Self {
            id: id.to_string(),
            code: code.to_string(),
            asset_id: Some(asset.to_string()),
            asset_json: None,
            outcome: Some(outcome.to_string()),
            claimed_at: Some(millis(claimed_at)),
            recorded_at: Some(millis(recorded_at)),
            lat,
            lon,
            accuracy_m,
        };
        Ok(rows.into_iter().map(row).collect())
    }
}

raw_table! {
    /// Numbers of acts that one's phones keep: what `POST /api/v1/reserved-act-numbers` gave and no act has yet.
    ActNumberRow in "act_numbers" {
        /// The number.
        number: String [Indexed],
        /// Which phone keeps it, by the id it signed in with: others leave it alone.
        device_id: String [Indexed],
        /// Until when it is good.
        expires_at: i64,
    }
}

impl Synced for ActNumberRow {
    fn under(conn: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        let Some(user) = roots.own else { return Ok(Vec::new()) };
        let own = reserved_numbers::table
            .filter(reserved_numbers::reserved_by.eq(user))
            .filter(reserved_numbers::ticket_id.is_null())
            .filter(reserved_numbers::voided_at.is_null());
        Ok(keys(own.select(reserved_numbers::id).load::<ReservedNumberId>(conn)?))
    }

    fn load(conn: &mut DbConnection, viewer: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        let rows: Vec<(ReservedNumberId, String, Option<String>, Timestamp)> = reserved_numbers::table
            .filter(reserved_numbers::id.among(ids::<ReservedNumberId>(keys)))
            .filter(reserved_numbers::reserved_by.eq(viewer.user))
            .filter(reserved_numbers::ticket_id.is_null())
            .filter(reserved_numbers::voided_at.is_null())
            .select((
                reserved_numbers::id,
                reserved_numbers::number,
                reserved_numbers::device_id,
                reserved_numbers::expires_at,
            ))
            .load(conn)?;
        let row = |(id, number, device_id, expires_at): (ReservedNumberId, String, Option<String>, Timestamp)| Self {
            id: id.to_string(),
            number,
            device_id: device_id.unwrap_or_default(),
            expires_at: millis(expires_at),
        };
        Ok(rows.into_iter().map(row).collect())
    }
}

raw_table! {
    /// Rows of one's own that were not taken as they came, with the reason. To acknowledge one, delete it.
    SyncIssueRow in "sync_issues" {
        /// The table of the row.
        table_name: String,
        /// The row.
        row_id: String [Indexed],
        /// The ticket it belongs to.
        ticket_id: Option<String> [Indexed],
        /// refused, or quarantined: kept, and a manager looks at it.
        status: String,
        /// Why, for programs: as in the API's problems.
        code: String,
        /// Why, in the user's language.
        message: String,
        /// What else the API would have told: `unmet`, `errors`, `conflicting_entry`, JSON.
        details_json: String,
        /// The row as it was pushed, JSON.
        pushed_json: String,
        /// When a manager had looked at what came late.
        looked_at: Option<i64>,
        /// When.
        created_at: i64,
    }
}

impl Synced for SyncIssueRow {
    fn under(conn: &mut DbConnection, roots: &Roots) -> Result<Vec<String>, Error> {
        let Some(user) = roots.own else { return Ok(Vec::new()) };
        let own =
            sync_issues::table.filter(sync_issues::user_id.eq(user)).filter(sync_issues::acknowledged_at.is_null());
        Ok(keys(own.select(sync_issues::id).load::<IssueId>(conn)?))
    }

    fn load(conn: &mut DbConnection, viewer: &Viewer, keys: &[String]) -> Result<Vec<Self>, Error> {
        let rows: Vec<Issue> = sync_issues::table
            .filter(sync_issues::id.among(ids::<IssueId>(keys)))
            .filter(sync_issues::user_id.eq(viewer.user))
            .filter(sync_issues::acknowledged_at.is_null())
            .select(Issue::as_select())
            .load(conn)?;
        let row = |issue: Issue| Self {
            id: issue.id.to_string(),
            table_name: issue.table_name,
            row_id: issue.row_id,
            ticket_id: issue.ticket_id.map(|id| id.to_string()),
            status: issue.status.to_string(),
            code: issue.code,
            message: issue.message,
            details_json: issue.details,
            pushed_json: issue.pushed,
            looked_at: maybe_millis(issue.looked_at),
            created_at: millis(issue.created_at),
        };
        Ok(rows.into_iter().map(row).collect())
    }
}
