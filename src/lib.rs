//! Naryad: the backend of a field-service company.
//!
//! In reading order: who asks ([`auth`], [`users`], [`teams`]), for whom ([`companies`], [`agreements`], [`pricing`]), about what
//! ([`assets`], [`codes`], [`labels`], [`imports`]), by which rules ([`ticket_types`], [`checklists`], [`signing_rules`]), what people without a login say
//! ([`reports`]), the job itself ([`tickets`], [`uploads`], [`time_entries`], [`work_lines`]), its paper ([`acts`], [`links`],
//! [`messages`], [`invoices`], [`mod@print`]), what happened ([`history`]), what was done and how it is proved ([`work_reports`],
//! [`disputes`]), what phones hold of all this ([`sync`]), and how it is kept ([`backup`], [`installation`]). Below them lie
//! [`money`] and [`words`], which know neither database nor HTTP, and the floor they all stand on:
//! [`db`], [`http`], [`files`], [`error`].

pub mod acts;
pub mod agreements;
pub mod app;
pub mod assets;
pub mod auth;
pub mod backup;
pub mod checklists;
pub mod codes;
pub mod commands;
pub mod companies;
pub mod config;
pub mod db;
pub mod disputes;
pub mod error;
pub mod files;
pub mod history;
pub mod http;
pub mod identifiers;
pub mod imports;
pub mod installation;
pub mod invoices;
pub mod labels;
pub mod links;
pub mod messages;
pub mod money;
pub mod openapi;
pub mod payment_qr;
pub mod pricing;
pub mod print;
pub mod provider;
pub mod reports;
pub mod seal;
pub mod server;
pub mod signing_rules;
pub mod sync;
pub mod taxes;
pub mod teams;
pub mod ticket_types;
pub mod tickets;
pub mod time_entries;
pub mod uploads;
pub mod users;
pub mod verify;
pub mod words;
pub mod work_lines;
pub mod work_reports;
