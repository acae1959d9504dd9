//! How the domain's values are kept in both databases.
//!
//! | meaning | here | SQLite | PostgreSQL |
//! |---|---|---|---|
//! | id | `id!` | 16 bytes | `uuid` |
//! | moment | [`Timestamp`] | microseconds since 1970 | `timestamptz` |
//! | money | [`Money`](crate::money::Money) | integer, minor units | `bigint` |
//! | closed set of words | `text_enum!` | text | `text` |

mod hash;
mod ids;
mod moments;
mod words;

use diesel::query_builder::QueryId;
use diesel::sql_types::{HasSqlType, SingleValue, SqlOrd, SqlType};

pub use self::hash::Sha256;
pub use self::ids::{AnyId, deserialize_uuid, parse_uuid};
pub(crate) use self::ids::{id, uuid16};
pub use self::moments::{Day, Timestamp};
pub use self::words::WordList;
pub(crate) use self::words::{text_enum, written_text};
use super::MultiBackend;

/// The SQL type of ids: `uuid` on PostgreSQL, sixteen bytes on SQLite.
#[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951), sqlite_type(name = "Binary"))]
pub struct Uuid16;

/// The SQL type of moments: `timestamptz` on PostgreSQL, microseconds since 1970 on SQLite.
#[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185), sqlite_type(name = "Long"))]
pub struct Moment;

impl SqlOrd for Moment {}
impl SqlOrd for Uuid16 {}

impl HasSqlType<Uuid16> for MultiBackend {
    fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
        Self::lookup_sql_type::<Uuid16>(lookup)
    }
}

impl HasSqlType<Moment> for MultiBackend {
    fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
        Self::lookup_sql_type::<Moment>(lookup)
    }
}

const _: fn() = || {
    fn single<T: SingleValue>() {}
    single::<Uuid16>();
    single::<Moment>();
};

/// Keeps a newtype over `i64` as `BIGINT`.
macro_rules! bigint {
    ($name:ident) => {
        impl<DB: diesel::backend::Backend> diesel::serialize::ToSql<diesel::sql_types::BigInt, DB> for $name
        where
            i64: diesel::serialize::ToSql<diesel::sql_types::BigInt, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                self.0.to_sql(out)
            }
        }

        impl<DB: diesel::backend::Backend> diesel::deserialize::FromSql<diesel::sql_types::BigInt, DB> for $name
        where
            i64: diesel::deserialize::FromSql<diesel::sql_types::BigInt, DB>,
        {
            fn from_sql(value: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                i64::from_sql(value).map(Self)
            }
        }
    };
}
pub(crate) use bigint;

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn a_moment_is_the_same_after_json() {
        for text in ["2026-11-21T10:00:00.123Z", "1970-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"] {
            assert_eq!(Timestamp::parse(text).map(|moment| moment.to_string()).as_deref(), Some(text));
        }
        assert_eq!(
            Timestamp::parse("2026-11-21T13:00:00+03:00").map(|moment| moment.to_string()).as_deref(),
            Some("2026-11-21T10:00:00.000Z")
        );
    }

    #[test]
    fn what_no_calendar_has_is_no_moment() {
        for text in [
            "",
            "2026-11-21",
            "2026-11-21T10:00:00",
            "2026-02-30T00:00:00Z",
            "1969-12-31T23:59:59Z",
            "0000-01-01T00:00:00Z",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }
}
