//! How a request becomes a call of the business and its result an answer. Nothing here knows what a ticket is.

pub mod body;
pub mod call;
pub mod cors;
pub mod described;
pub mod download;
pub mod form;
pub mod idempotency;
pub mod metrics;
pub mod places;
pub mod problem;
pub mod problem_page;
pub mod query;
pub mod resource;
pub mod routes;
pub mod stream;
pub mod strict;

pub use self::body::Body;
pub use self::call::Call;
pub use self::query::Query;
pub use self::resource::{Change, Made, Resource};
