//! Ids: sixteen bytes, a type of its own for each kind of record.

use serde::{Deserialize, Deserializer, de};

/// Makes an id type of its own for a kind of record, so that a ticket's id is never taken for an asset's.
macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, diesel::expression::AsExpression,
            diesel::deserialize::FromSqlRow, serde::Serialize, utoipa::ToSchema,
        )]
        #[diesel(sql_type = $crate::db::types::Uuid16)]
        #[serde(transparent)]
        #[schema(value_type = String, format = Uuid)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// A new id; later ones sort after earlier ones.
            #[expect(clippy::new_without_default, reason = "two defaults would never be equal")]
            pub fn new() -> Self {
                Self(uuid::Uuid::now_v7())
            }

            /// The same sixteen bytes, whatever they name.
            pub const fn uuid(self) -> uuid::Uuid {
                self.0
            }
        }

        impl From<uuid::Uuid> for $name {
            fn from(uuid: uuid::Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for uuid::Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::db::types::parse_uuid(text).map(Self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::db::types::deserialize_uuid(deserializer).map(Self)
            }
        }

        $crate::db::types::uuid16!($name);
    )+};
}
pub(crate) use id;

/// Stores a newtype over [`uuid::Uuid`] as [`super::Uuid16`].
macro_rules! uuid16 {
    ($name:ident) => {
        impl diesel::serialize::ToSql<$crate::db::types::Uuid16, diesel::pg::Pg> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
            ) -> diesel::serialize::Result {
                std::io::Write::write_all(out, self.0.as_bytes())?;
                Ok(diesel::serialize::IsNull::No)
            }
        }

        impl diesel::serialize::ToSql<$crate::db::types::Uuid16, diesel::sqlite::Sqlite> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::sqlite::Sqlite>,
            ) -> diesel::serialize::Result {
                out.set_value(self.0.as_bytes().as_slice());
                Ok(diesel::serialize::IsNull::No)
            }
        }

        impl diesel::serialize::ToSql<$crate::db::types::Uuid16, $crate::db::MultiBackend> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, $crate::db::MultiBackend>,
            ) -> diesel::serialize::Result {
                out.set_value(($crate::db::types::Uuid16, self));
                Ok(diesel::serialize::IsNull::No)
            }
        }

        impl diesel::deserialize::FromSql<$crate::db::types::Uuid16, diesel::pg::Pg> for $name {
            fn from_sql(value: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                Ok(Self(uuid::Uuid::from_slice(value.as_bytes())?))
            }
        }

        impl diesel::deserialize::FromSql<$crate::db::types::Uuid16, diesel::sqlite::Sqlite> for $name {
            fn from_sql(mut value: diesel::sqlite::SqliteValue<'_, '_, '_>) -> diesel::deserialize::Result<Self> {
                Ok(Self(uuid::Uuid::from_slice(value.read_blob())?))
            }
        }

        impl diesel::deserialize::FromSql<$crate::db::types::Uuid16, $crate::db::MultiBackend> for $name {
            fn from_sql(
                value: <$crate::db::MultiBackend as diesel::backend::Backend>::RawValue<'_>,
            ) -> diesel::deserialize::Result<Self> {
                value.from_sql::<Self, $crate::db::types::Uuid16>()
            }
        }
    };
}
pub(crate) use uuid16;

id! {
    /// Any record, where its kind stands beside it.
    AnyId,
}

/// Reads the form with hyphens only: one record has one address.
pub fn parse_uuid(text: &str) -> Result<uuid::Uuid, uuid::Error> {
    match text.len() {
        36 => uuid::Uuid::try_parse(text),
        // The parser's own error, since it cannot be made by hand.
        _ => uuid::Uuid::try_parse("not an id"),
    }
}

/// [`parse_uuid`] for JSON.
pub fn deserialize_uuid<'de, D: Deserializer<'de>>(deserializer: D) -> Result<uuid::Uuid, D::Error> {
    let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
    parse_uuid(&text).map_err(|_| de::Error::custom("!not_an_id"))
}
