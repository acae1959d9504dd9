//! Which codes there are, and on which devices.

use diesel::prelude::*;
use serde::Serialize;

use super::batch::BatchId;
use super::claim::{ClaimId, ClaimOutcome};
use super::code::{CodeState, LabelCode};
use super::resolve;
use crate::assets::AssetId;
use crate::assets::brief::{self, AssetBrief};
use crate::db::among::Among;
use crate::db::page::{Page, PageRequest};
use crate::db::schema::{code_claims, codes, label_batches};
use crate::db::types::Timestamp;
use crate::db::{DbConnection, MultiBackend};
use crate::error::{Code, Error};
use crate::http::query::{Flag, list_query};
use crate::users::UserId;

/// Claims that are told with a code.
const MOST_CLAIMS: i64 = 20;

/// The labels that are on assets now.
///
/// # Errors
/// The database's.
pub fn active(conn: &mut DbConnection, assets: &[AssetId]) -> Result<Vec<(AssetId, LabelCode)>, Error> {
    Ok(codes::table
        .filter(codes::asset_id.assume_not_null().among(assets))
        .filter(codes::state.eq(CodeState::Active))
        .select((codes::asset_id.assume_not_null(), codes::code))
        .load(conn)?)
}

/// The asset's label.
///
/// # Errors
/// The database's.
pub fn of(conn: &mut DbConnection, asset: AssetId) -> Result<Option<LabelCode>, Error> {
    Ok(active(conn, &[asset])?.pop().map(|(_, code)| code))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = codes, check_for_backend(MultiBackend))]
struct Row {
    code: LabelCode,
    state: CodeState,
    asset_id: Option<AssetId>,
    created_at: Timestamp,
    changed_at: Timestamp,
    batch_id: Option<BatchId>,
    number: Option<i64>,
    printed_at: Option<Timestamp>,
    claimed_at: Option<Timestamp>,
}

/// A code in a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CodeRow {
    /// The ten characters.
    #[schema(value_type = String)]
    pub code: LabelCode,
    /// What the label's QR holds.
    pub label_url: String,
    /// Where it stands in its life.
    pub state: CodeState,
    /// The number on the label.
    #[schema(minimum = 1)]
    pub number: Option<i64>,
    /// Its batch.
    pub batch_id: Option<BatchId>,
    /// The device it is on, or was.
    pub asset_id: Option<AssetId>,
    /// When it was first put on paper.
    pub printed_at: Option<Timestamp>,
    /// When it was put on the device, by the server's clock.
    pub claimed_at: Option<Timestamp>,
}

/// All that is known of a code.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CodeView {
    /// The code.
    #[serde(flatten)]
    pub row: CodeRow,
    /// Its batch.
    pub batch: Option<CodeBatch>,
    /// The device it is on, or was.
    pub asset: Option<AssetBrief>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
    /// The last twenty claims of it, newest first; lost ones say which device was meant to have it.
    #[schema(max_items = 20)]
    pub claims: Vec<CodeClaim>,
}

/// The batch of a code.
#[derive(Debug, Serialize, Queryable, utoipa::ToSchema)]
pub struct CodeBatch {
    /// Its id.
    pub id: BatchId,
    /// What it is called.
    pub name: String,
}

/// A claim of a code.
#[derive(Debug, Serialize, Queryable, Selectable, utoipa::ToSchema)]
#[diesel(table_name = code_claims, check_for_backend(MultiBackend))]
pub struct CodeClaim {
    /// Its id.
    pub id: ClaimId,
    /// What came of it.
    pub outcome: ClaimOutcome,
    /// For this device.
    pub asset_id: AssetId,
    /// Who claimed it.
    pub user_id: UserId,
    /// When, by the phone's clock.
    pub claimed_at: Timestamp,
    /// When it arrived.
    pub recorded_at: Timestamp,
}

list_query! {
    /// Which of the codes that were made in batches.
    pub struct CodeFilter {
        /// In this state.
        state: CodeState,
        /// Those that were put on paper, or those that were not.
        printed: Flag,
    }
}

fn row(row: &Row, public_url: &str) -> CodeRow {
    CodeRow {
        code: row.code,
        label_url: row.code.label_url(public_url),
        state: row.state,
        number: row.number,
        batch_id: row.batch_id,
        asset_id: row.asset_id,
        printed_at: row.printed_at,
        claimed_at: row.claimed_at,
    }
}

/// A page of the codes that were made in batches, or in one of them, by number.
///
/// # Errors
/// `not_found` for a batch that is not there; `invalid_cursor`
pub fn list(
    conn: &mut DbConnection,
    public_url: &str,
    batch: Option<BatchId>,
    filter: &CodeFilter,
) -> Result<Page<CodeRow>, Error> {
    let mut page: PageRequest = filter.page();
    let mut query = codes::table.select(Row::as_select()).into_boxed::<MultiBackend>();
    if let Some(batch) = batch {
        let known = label_batches::table.find(batch).select(label_batches::id);
        if !diesel::select(diesel::dsl::exists(known)).get_result::<bool>(conn)? {
            return Err(Code::NotFound.into());
        }
        query = query.filter(codes::batch_id.eq(batch));
        page = page.within(batch);
    }
    if let Some(state) = filter.state {
        query = query.filter(codes::state.eq(state));
    }
    query = match filter.printed {
        Some(Flag(true)) => query.filter(codes::printed_at.is_not_null()),
        Some(Flag(false)) => query.filter(codes::printed_at.is_null()),
        None => query,
    };
    let last: i64 = page.after()?.unwrap_or(0);
    let rows: Vec<Row> = query.filter(codes::number.gt(last)).order(codes::number).limit(page.rows()).load(conn)?;
    Ok(page.cut(rows, |row| row.number).map(|code| row(&code, public_url)))
}

/// All that is known of one code, revoked and blank ones too.
///
/// # Errors
/// `code_not_found`
pub fn find(conn: &mut DbConnection, public_url: &str, text: &str) -> Result<CodeView, Error> {
    let code = resolve::read(text).ok_or(Code::CodeNotFound)?;
    let found: Option<(Row, Option<(BatchId, String)>)> = codes::table
        .left_join(label_batches::table)
        .filter(codes::code.eq(code))
        .select((Row::as_select(), (label_batches::id, label_batches::name).nullable()))
        .get_result(conn)
        .optional()?;
    let (found, batch) = found.ok_or(Code::CodeNotFound)?;
    let claims = code_claims::table
        .filter(code_claims::code.eq(code))
        .order((code_claims::recorded_at.desc(), code_claims::id.desc()))
        .limit(MOST_CLAIMS)
        .select(CodeClaim::as_select())
        .load(conn)?;
    let asset = match found.asset_id {
        Some(asset) => brief::load(conn, &[asset])?.pop(),
        None => None,
    };
    Ok(CodeView {
        row: row(&found, public_url),
        batch: batch.map(|(id, name)| CodeBatch { id, name }),
        asset,
        created_at: found.created_at,
        changed_at: found.changed_at,
        claims,
    })
}
