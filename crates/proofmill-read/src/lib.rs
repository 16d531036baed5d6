//! Reads archives, crawls and tables into records.
//!
//! [`list`] finds files, [`slices`] cuts them, [`open`] yields the entries of one slice: a
//! [`Record`](proofmill_types::Record), or a [`BadRecord`](proofmill_types::BadRecord) for everything
//! that could not be read. Nothing is dropped in silence, and damaged or hostile data is never an
//! error: only the disk or a wrong request is ([`ReadError`]). Input is streamed, with one record in
//! memory at a time, bounded by [`Limits`]. Compression and format are told by content.
//!
//! | kind | formats |
//! |---|---|
//! | `arxiv` | bulk tars, packed submissions (`.gz`, `.tar.gz`, `.tex`), folders with an unpacked one |
//! | `web` | WARC 0.17 to 1.1 and WET (gzip by record or as a whole, or plain), HTML files |
//! | `code` | Parquet and JSON lines in The Stack's columns, source files, tars of them |
//! | `text` | JSON lines, JSON arrays, Parquet, plain text files |
//! | `instruct` | JSON lines, JSON arrays, Parquet |
//! | `proof-steps` | JSON of `LeanDojo`, lean-training-data and PISA |
//!
//! Everything but Parquet may be compressed with gzip, zstd, bzip2 or xz.
//!
//! # Example
//! ```
//! # use proofmill_read::{Entry, Options, open_bytes};
//! # use proofmill_types::Kind;
//! let rows = b"{\"text\": \"Let x = 1.\"}\nbroken\n";
//! let reader = open_bytes("rows.jsonl", rows, &Options::new(Kind::Text))?;
//! let found = reader.collect::<Result<Vec<Entry>, _>>()?;
//! assert!(matches!(&found[0], Entry::Record(_)));
//! assert!(matches!(&found[1], Entry::Bad(bad) if bad.rule == "bad-json"));
//! # Ok::<(), proofmill_read::ReadError>(())
//! ```
//!
//! # Rules
//! Why a record could not be read ([`RULES`]); *damaged* ones count towards `max_bad_ratio`.
//!
//! | rule | damaged | meaning |
//! |---|---|---|
//! | `empty` | no | nothing inside: a zero-byte member, an empty gzip, an empty text |
//! | `withdrawn` | no | a withdrawal notice in place of a paper |
//! | `pdf-only` | no | a submission of PDF files without TeX |
//! | `ps-only` | no | a submission of PostScript files without TeX |
//! | `html-only` | no | a submission of HTML files without TeX |
//! | `no-tex` | no | a submission without any TeX file |
//! | `file-too-large` | no | one file of a submission left out for its size |
//! | `not-text` | no | a binary file where text was expected |
//! | `unknown-format` | no | a file of a format that this kind of source does not read |
//! | `http-status` | no | a response whose status is not 2xx |
//! | `not-html` | no | a response or resource that is no web page |
//! | `revisit` | no | a WARC revisit record: the page is stored elsewhere |
//! | `empty-body` | no | a response without a body |
//! | `record-too-large` | no | a record above the size limit |
//! | `not-supported` | no | an encoding that this build cannot undo |
//! | `gzip-damaged` | yes | gzip data cut, altered, or with a wrong checksum |
//! | `zstd-damaged` | yes | zstd data cut, altered, or asking for too large a window |
//! | `bzip2-damaged` | yes | bzip2 data cut or altered |
//! | `xz-damaged` | yes | xz data cut, altered, or asking for too large a dictionary |
//! | `archive-bomb` | yes | unpacks to more bytes or files than any real input |
//! | `tar-damaged` | yes | bytes of a tar that are no header; reading went on at the next one |
//! | `tar-truncated` | yes | a tar that ends inside a header or a member |
//! | `header-lie` | yes | a stated length that the data contradicts |
//! | `path-outside` | yes | an archive member whose path leaves the archive |
//! | `link` | yes | an archive member that is a link |
//! | `special-file` | yes | an archive member that is a device or a pipe |
//! | `warc-damaged` | yes | bytes of a WARC file that are no record; reading went on at the next one |
//! | `warc-truncated` | yes | a WARC file that ends inside a record |
//! | `header-too-long` | yes | WARC or HTTP header lines without an end |
//! | `content-encoding` | yes | a body whose content encoding cannot be undone |
//! | `bad-json` | yes | a line or element that is no JSON object |
//! | `invalid-utf8` | yes | a row or a text that is not UTF-8 |
//! | `no-text` | yes | a row without its text column |
//! | `null-text` | yes | a row whose text column is null or no text |
//! | `no-proof` | yes | a row without the steps of a proof |
//! | `line-too-long` | yes | a line or element above the size limit |
//! | `parquet-damaged` | yes | a Parquet file whose footer, pages or schema are wrong |
//!
//! Links are usual in tars of source code, where they are no damage.

mod arxiv;
mod cell;
mod chunks;
mod code_tar;
mod column;
mod disk;
mod document;
mod entry;
mod error;
mod eval;
mod folder_licenses;
mod footer;
mod format;
mod http;
mod json;
mod limits;
mod lines;
mod list;
mod members;
mod metadata;
mod page;
mod paper_id;
mod proof_steps;
mod reader;
mod rows;
mod rules;
mod slices;
mod sniff;
mod stream;
mod submission;
mod table;
mod tar;
mod warc;

pub use document::read_document;
pub use entry::Entry;
pub use error::ReadError;
pub use eval::{EvalItem, eval_items};
pub use folder_licenses::{CodeFolder, FolderLicenses, LicenseFile, license_files};
pub use format::is_archive_name;
pub use limits::Limits;
pub use list::{InputFile, digest, list};
pub use metadata::Metadata;
pub use reader::{Options, Reader, open, open_bytes};
pub use rules::{RULES, Rule};
pub use slices::{Slice, SliceUnit, slices};
