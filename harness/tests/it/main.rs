//! The integration tests: what the crate does, as its users meet it. One crate, so that it links once.

mod bad_files;
mod cli;
mod docs;
mod peer;
mod probe;
mod records;
mod running;
mod schema;
mod tidy;
mod via;
