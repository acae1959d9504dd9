//! What the program can be told to do.

pub mod add_user;
pub mod demo;
pub mod migrate;
pub mod openapi;
pub mod serve;
