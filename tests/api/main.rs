//! The API as its clients see it: the program itself, on SQLite and on PostgreSQL, over HTTP.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that meets what it did not expect has failed"
)]

mod demo;
mod house;
mod main_job;
mod openapi;
mod session;
