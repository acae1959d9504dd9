//! Phones without a network: what they hold, what they learn, and what they did meanwhile.
//!
//! A phone pulls what changed since its last place in the chain of events ([`changes`]) among what it holds ([`scope`]), and
//! pushes what its owner did; apps in a browser do the same in the words of RxDB ([`rxdb`]). All speak of the same tables ([`tables`]). Whatever is pushed goes through the same doors as
//! the rest of the API: there is no second copy of a rule here.

pub mod bookmark;
pub mod changes;
pub mod column;
pub mod issue;
pub mod late_work;
pub mod plan;
pub mod pull;
pub mod push;
pub mod refused_signatures;
pub mod routes;
pub mod rxdb;
pub mod schema;
pub mod scope;
pub mod status_change;
pub mod tables;
pub mod taken;
