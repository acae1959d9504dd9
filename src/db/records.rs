//! What every table with a version and a moment of creation has in common.

/// Saves the new state of a record unless somebody else was quicker: answers `etag_mismatch` then.
macro_rules! save {
    ($conn:expr, $table:ident, $before:expr, $after:expr) => {
        match diesel::update(
            $table::table.filter($table::id.eq($before.id)).filter($table::version.eq($before.version)),
        )
        .set($after)
        .execute($conn)
        {
            Ok(0) => {
                Err($crate::error::Error::from($crate::error::Code::EtagMismatch.with([("etag", "?".to_owned())])))
            }
            Ok(_) => Ok(()),
            Err(error) => Err($crate::error::Error::from(error)),
        }
    };
}
pub(crate) use save;

/// Newest first, from where the page before ended, one row more than the page holds.
macro_rules! newest_first {
    ($query:expr, $table:ident, $page:expr) => {
        $crate::db::records::newest_first!($query, $table, created_at, $page)
    };
    ($query:expr, $table:ident, $at:ident, $page:expr) => {{
        let mut query = $query;
        if let Some((at, id)) = $page.after::<($crate::db::types::Timestamp, $crate::db::types::AnyId)>()? {
            // The first bound is redundant, and lets the index begin where the page does.
            query = query.filter($table::$at.le(at)).filter($table::$at.lt(at).or($table::id.lt(id)));
        }
        query.order(($table::$at.desc(), $table::id.desc())).limit($page.rows())
    }};
}
pub(crate) use newest_first;

/// Keeps the rows whose `search_text` holds every word of what somebody typed.
macro_rules! search {
    ($query:expr, $table:ident, $typed:expr) => {{
        let mut query = $query;
        for pattern in $typed.map(|typed: &str| $crate::words::search::patterns(typed)).unwrap_or_default() {
            query = query.filter($table::search_text.like(pattern).escape('\\'));
        }
        query
    }};
}
pub(crate) use search;
