//! Cases and inputs of the benches; what is timed stands in `line/`.
//!
//! A [`Case`] is data in `cases/*.toml`: a stop, its inputs, and the answer that it must give. Inputs
//! lie in one of two places. The shared folder, a real corpus of some 60 MB beside the repository, is
//! what figures are for; where it is absent its cases say so loudly and use nothing of it. The sample
//! of `manifests/` is always there: it stands in where the shared folder is absent, and is all that
//! runs under `cargo test`, where each case runs once and only its answer matters.
//!
//! To add a case, add a table to a file of `cases/`; without an answer it fails and prints what it
//! found.

mod case;
mod inputs;
mod work;

pub use case::{Case, Corpus, Stop};
pub use inputs::{
    content_bytes, entries, extractor, files, index, normalized, records, text_bytes, texts,
};
pub use work::{Answer, Work, is_bench, works};
