//! Which labels were printed, by whom and on what: part of a device's life.
//!
//! What is asked for with a `GET` is written down a moment later, many in one transaction, and one person's same label
//! again within a minute is one print: browsers show a picture more often than anybody prints it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use diesel::prelude::*;

use super::jobs::LabelJobId;
use crate::assets::AssetId;
use crate::codes::{LabelCode, batch};
use crate::db::DbConnection;
use crate::db::dialect::insert_all;
use crate::db::schema::label_prints;
use crate::db::types::{Timestamp, id};
use crate::error::Error;
use crate::users::UserId;

id! {
    /// A label that was printed.
    LabelPrintId,
}

/// Seconds within which the same label is the same print.
const SAME_PRINT: i64 = 60;

/// A label that was printed.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = label_prints, treat_none_as_default_value = false)]
pub struct LabelPrint {
    id: LabelPrintId,
    code: LabelCode,
    asset_id: Option<AssetId>,
    user_id: UserId,
    job_id: Option<LabelJobId>,
    medium: String,
    printed_at: Timestamp,
}

/// Who prints, when, and on what.
#[derive(Debug, Clone)]
pub struct Occasion {
    /// Who.
    pub user_id: UserId,
    /// By which job, if by one.
    pub job_id: Option<LabelJobId>,
    /// On what: "Avery 7160", "58 × 40 mm, ZPL".
    pub medium: String,
    /// When.
    pub at: Timestamp,
}

impl Occasion {
    /// A label printed on this occasion, of a code that may be on no device yet.
    pub fn print(&self, code: LabelCode, asset_id: Option<AssetId>) -> LabelPrint {
        let Self { user_id, job_id, medium, at } = self.clone();
        LabelPrint { id: LabelPrintId::new(), code, asset_id, user_id, job_id, medium, printed_at: at }
    }
}

/// Writes prints down, and that their codes are on paper now.
///
/// # Errors
/// The database's.
pub fn record(conn: &mut DbConnection, prints: &[LabelPrint]) -> Result<(), Error> {
    let Some(first) = prints.first() else { return Ok(()) };
    write(conn, prints)?;
    let codes: Vec<LabelCode> = prints.iter().map(|print| print.code).collect();
    batch::printed(conn, &codes, first.printed_at)
}

/// Writes prints of a job down. Whether they are on paper is known only when the job has ended.
///
/// # Errors
/// The database's.
pub fn write(conn: &mut DbConnection, prints: &[LabelPrint]) -> Result<(), Error> {
    insert_all!(conn, label_prints::table, prints)?;
    Ok(())
}

/// Strikes out what was written down of a job: it did not come to its end, or begins anew.
///
/// # Errors
/// The database's.
pub fn forget(conn: &mut DbConnection, job: LabelJobId) -> Result<(), Error> {
    diesel::delete(label_prints::table.filter(label_prints::job_id.eq(job))).execute(conn)?;
    Ok(())
}

/// How many labels of a job were written down.
///
/// # Errors
/// The database's.
pub fn of_job(conn: &mut DbConnection, job: LabelJobId) -> Result<usize, Error> {
    let count: i64 = label_prints::table.filter(label_prints::job_id.eq(job)).count().get_result(conn)?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// Prints that are yet to be written down.
#[derive(Default)]
pub struct PrintLog(Mutex<Prints>);

#[derive(Default)]
struct Prints {
    waiting: Vec<LabelPrint>,
    recent: HashMap<(LabelCode, UserId, String), Timestamp>,
}

impl PrintLog {
    /// Notes a print.
    pub fn note(&self, print: LabelPrint) {
        let mut prints = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = print.printed_at;
        let fresh = |last: &Timestamp| at.seconds() - last.seconds() < SAME_PRINT;
        let key = (print.code, print.user_id, print.medium.clone());
        if prints.recent.get(&key).is_some_and(fresh) {
            return;
        }
        if prints.recent.len() > 10_000 {
            prints.recent.retain(|_, last| fresh(last));
        }
        prints.recent.insert(key, at);
        prints.waiting.push(print);
    }

    /// Takes what is to be written.
    pub fn take(&self) -> Vec<LabelPrint> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).waiting)
    }
}
