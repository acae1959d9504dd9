//! What the program can be told to do.

pub mod add_user;
pub mod audit;
pub mod backup;
pub mod demo;
pub mod migrate;
pub mod openapi;
pub mod seal;
pub mod serve;
pub mod verify;
