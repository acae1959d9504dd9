//! People who sign in. Nobody is ever removed: who has left is archived, and what they did stays theirs.

pub mod create;
pub mod edit;
pub mod password;
pub mod queries;
pub mod routes;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::auth::Role;
use crate::auth::password::NewPassword;
use crate::companies::CompanyId;
use crate::db::MultiBackend;
use crate::db::schema::users;
use crate::db::types::{Timestamp, id};
use crate::http::query::list_query;
use crate::http::{Change, Resource};
use crate::words::Language;
use crate::words::text::{Email, Line, Login};

id! {
    /// A user.
    UserId,
}

/// A user as the office sees them.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, AsChangeset, utoipa::ToSchema)]
#[diesel(table_name = users, check_for_backend(MultiBackend), treat_none_as_null = true)]
pub struct UserView {
    /// Their id.
    pub id: UserId,
    /// What they sign in with.
    pub login: String,
    /// What they are here.
    pub role: Role,
    /// What they are called.
    pub name: String,
    /// A client's user: whose.
    pub company_id: Option<CompanyId>,
    /// Their telephone.
    pub phone: Option<String>,
    /// Their e-mail.
    pub email: Option<String>,
    /// The language they chose.
    pub language: Option<Language>,
    /// When they left.
    pub archived_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
    /// When they were added.
    pub created_at: Timestamp,
    /// When they were last changed.
    pub updated_at: Timestamp,
}

impl Resource for UserView {
    fn path(&self) -> String {
        format!("/api/v1/users/{}", self.id)
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// A user to add.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// The client's own id for the record.
    #[serde(default)]
    pub id: Option<UserId>,
    /// What they will sign in with; the same in any case of letters.
    pub login: Login,
    /// 8 to 200 characters.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 200)]
    pub password: NewPassword,
    /// What they are here.
    pub role: Role,
    /// What they are called.
    pub name: Line<200>,
    /// A client's user: whose. For nobody else.
    #[serde(default)]
    pub company_id: Option<CompanyId>,
    /// Their telephone.
    #[serde(default)]
    pub phone: Option<Line<50>>,
    /// Their e-mail.
    #[serde(default)]
    pub email: Option<Email>,
    /// The language they prefer.
    #[serde(default)]
    pub language: Option<Language>,
}

/// What may be changed about a user. Absent stays, null empties.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditUser {
    /// What they are called.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Line<200>, required = false)]
    pub name: Option<Line<200>>,
    /// What they are here; all they did stays theirs.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Role, required = false)]
    pub role: Option<Role>,
    /// A client's user: whose.
    #[serde(default)]
    #[schema(value_type = Option<CompanyId>)]
    pub company_id: Change<CompanyId>,
    /// Their telephone.
    #[serde(default)]
    #[schema(value_type = Option<Line<50>>)]
    pub phone: Change<Line<50>>,
    /// Their e-mail.
    #[serde(default)]
    #[schema(value_type = Option<Email>)]
    pub email: Change<Email>,
    /// The language they prefer.
    #[serde(default)]
    #[schema(value_type = Option<Language>)]
    pub language: Change<Language>,
    /// Whether they have left: their sessions end at once.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = bool, required = false)]
    pub archived: Option<bool>,
}

/// What anybody may change about themselves.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeMe {
    /// What they are called.
    #[serde(default, deserialize_with = "crate::http::resource::given")]
    #[schema(value_type = Line<200>, required = false)]
    pub name: Option<Line<200>>,
    /// Their telephone.
    #[serde(default)]
    #[schema(value_type = Option<Line<50>>)]
    pub phone: Change<Line<50>>,
    /// Their e-mail.
    #[serde(default)]
    #[schema(value_type = Option<Email>)]
    pub email: Change<Email>,
    /// The language they prefer.
    #[serde(default)]
    #[schema(value_type = Option<Language>)]
    pub language: Change<Language>,
}

/// One's own new password.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The password so far.
    #[schema(format = Password, max_length = 1000)]
    pub current: String,
    /// 8 to 200 characters.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 200)]
    pub new: NewPassword,
}

/// A new password for somebody.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPassword {
    /// 8 to 200 characters.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 200)]
    pub new: NewPassword,
}

list_query! {
    /// Which users.
    pub struct UserFilter {
        /// What they are.
        role: Role,
        /// Of this company.
        company_id: CompanyId,
        /// In this team.
        team_id: crate::teams::TeamId,
        /// Those who have left, too.
        archived: crate::http::query::Flag,
    }
}
