//! The API as its clients see it: the server, on SQLite and on PostgreSQL, over HTTP.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that meets what it did not expect has failed"
)]

mod house;
mod job;
mod person;
mod pictures;
mod postgres;
mod scene;

mod acts;
mod attachments;
mod demo;
mod main_job;
mod openapi;
mod policy;
mod repeats;
mod session;
mod time;
