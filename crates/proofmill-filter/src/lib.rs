//! Keeps or drops documents by declarative rules.
