//! What a user of the crate sees: counts over real data, hostile input, properties.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
mod corpus;
mod files;
mod hostile;
mod proofs;
mod properties;
mod tables;
