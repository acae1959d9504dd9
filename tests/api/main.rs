//! The API as its clients see it: the server, on SQLite and on PostgreSQL, over HTTP.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "a test that meets what it did not expect has failed"
)]

mod house;
mod job;
mod paper;
mod person;
mod phone;
mod pictures;
mod post;
mod postgres;
mod program;
mod scene;

mod act_blocks;
mod act_table;
mod acts;
mod assets;
mod attachments;
mod audit;
mod backup;
mod codes;
mod companies;
mod demo;
mod disputes;
mod documents;
mod forms;
mod guide;
mod history;
mod identifiers;
mod imports;
mod imports_edges;
mod instances;
mod label_languages;
mod label_paper;
mod labels;
mod late_work;
mod link_photos;
mod links;
mod main_job;
mod messages;
mod migrations;
mod openapi;
mod operator;
mod pages;
mod payment_qr;
mod photos;
mod phrases;
mod policy;
mod prices;
mod push_fails;
mod repeats;
mod reports;
mod reports_at_once;
mod reports_limits;
mod rooms;
mod rxdb;
mod seal;
mod session;
mod signers;
mod survival;
mod sync;
mod sync_paper;
mod sync_push;
mod taxes;
mod time;
mod uploads;
mod verify;
mod work_reports;
mod workflow;
