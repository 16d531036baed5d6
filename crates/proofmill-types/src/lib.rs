//! The nouns of proofmill: what travels along the line, and what is said about it.
//!
//! A [`Record`] is what the outside world held, a [`Document`] is the text that may become training
//! data, a [`Verdict`] is what a stop decides. Beside the nouns stand [`bits`], with which several stops
//! pass over text. Nothing here does I/O or starts a thread.

pub mod bits;
mod digest;
mod document;
mod id;
mod record;
mod signals;
mod verdict;

pub use digest::{Digest, Digester};
pub use document::{Document, Meta, MetaValue};
pub use id::{DocId, TokenId};
pub use record::{
    Assistant, BadRecord, Body, CodeFile, InstructRow, Kind, Location, Page, Proof, Record,
    SourceFile, Submission, TextRow,
};
pub use signals::Signals;
pub use verdict::{Reason, Stage, Stop, Value, Verdict};
