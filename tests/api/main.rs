//! The API as its clients see it: the program itself, on SQLite and on PostgreSQL, over HTTP.

mod demo;
mod house;
mod main_job;
mod openapi;
mod session;
