//! Finds licences: in tags and headers of source files, in LICENSE files, in columns of rows.
//!
//! Licences are SPDX expressions where the licence is a known one. A licence that nobody states is
//! [`UNKNOWN`], a value of its own and never permissive.
//!
//! | where | function |
//! |---|---|
//! | `SPDX-License-Identifier:` in the head of a file | [`licenses()`] |
//! | the text, notice or `License:` line in the head of a file | [`header_license`] |
//! | LICENSE and COPYING files of a folder | [`folder_license`] |
//! | names as people and registries write them | [`normalize`] |
//!
//! What a licence allows is [`is_permissive`]'s business.

mod expression;
mod folder;
mod names;
mod texts;

pub use expression::{PERMISSIVE, all_of, is_permissive, normalize};
pub use folder::{folder_license, is_license_file};
pub use texts::{header_license, license_of_text};

/// Stands for a licence that nobody stated.
pub const UNKNOWN: &str = "unknown";

/// Bytes at the start of a source file in which it states its licence.
const HEAD_BYTES: usize = 6 << 10;

/// SPDX expressions tagged in the head of `text` (`SPDX-License-Identifier: ...`), in order, without
/// repeats.
///
/// Looks at the first 6 KiB; at most 16, an expression has at most 200 bytes.
#[must_use]
pub fn licenses(text: &str) -> Vec<String> {
    const TAG: &str = "SPDX-License-Identifier:";
    const MAX_TAGS: usize = 16;
    const MAX_EXPRESSION_BYTES: usize = 200;
    let text = start_of(text, HEAD_BYTES);
    let mut found: Vec<String> = Vec::new();
    for at in memchr::memmem::find_iter(text.as_bytes(), TAG) {
        if found.len() >= MAX_TAGS {
            break;
        }
        let rest = text.get(at + TAG.len()..).unwrap_or_default();
        let line = rest.lines().next().unwrap_or_default();
        let is_part = |c: char| c.is_ascii_alphanumeric() || " .-+()/\t".contains(c);
        let length = line.find(|c: char| !is_part(c)).unwrap_or(line.len());
        let expression = line[..length].trim_end_matches([' ', '\t', '-', '.', '/']);
        if expression.len() > MAX_EXPRESSION_BYTES {
            continue;
        }
        let expression = normalize(expression);
        if expression != UNKNOWN && !found.contains(&expression) {
            found.push(expression);
        }
    }
    found
}

/// The first `max_bytes` of `text`, a little less where a character would be cut.
fn start_of(text: &str, max_bytes: usize) -> &str {
    let mut end = text.len().min(max_bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
