//! Tells code from comments and strings, for every language by the same small scanner.
//!
//! A grammar per language would know more, but the questions asked here (is this import commented out?
//! does this word stand in a string?) need only the lexical rules, and one table-driven pass answers
//! them at memory speed for broken files, dialects and languages that have no kept grammar. The result
//! has exactly the length of the text: comments and strings are overwritten, line ends stay, so every
//! offset into the result is an offset into the text.
//!
//! Never fails: an unclosed comment or multi-line string runs to the end of the text, an unclosed
//! single-line string to the end of its line.

use proofmill_types::bits::{self, BLOCK_BYTES};

use crate::definition::{StringLiteral, Syntax};

/// Fills comments in [`Scan::classes`].
pub(crate) const COMMENT: u8 = 0x01;
/// Fills strings in [`Scan::classes`].
pub(crate) const STRING: u8 = 0x02;

/// Bytes of one string from which it counts as a long literal: longer than any line of prose.
const LONG_STRING_BYTES: usize = 200;

/// A text with its comments and strings overwritten.
#[derive(Debug)]
pub(crate) struct Scan {
    /// As long as the text: code as it is, [`COMMENT`] and [`STRING`] for the rest, line ends kept.
    pub(crate) classes: Vec<u8>,
    /// Bytes in comments, white space left out.
    pub(crate) n_comment_bytes: usize,
    /// Bytes in strings.
    pub(crate) n_string_bytes: usize,
    /// Bytes in strings longer than one line of prose.
    pub(crate) n_long_string_bytes: usize,
}

/// The lexical rules of a language, ready to run.
#[derive(Debug)]
pub(crate) struct Scanner {
    interesting: Vec<u8>,            // with which something may begin
    openers: Vec<(Vec<u8>, Opener)>, // longest first
    column_chars: Vec<u8>,
    column_extensions: Vec<String>,
    chars: bool,
    transpose: bool,
    escape: Option<u8>,
}

#[derive(Clone, Debug)]
enum Opener {
    Line,
    Block {
        close: Vec<u8>,
        nests: bool,
        alone: bool,
    },
    String {
        close: Vec<u8>,
        escapes: bool,
        multiline: bool,
        doc: bool,
    },
}

impl Scanner {
    /// Compiles `syntax`; empty marks are ignored, they would match everywhere.
    pub(crate) fn new(syntax: &Syntax) -> Self {
        let mut openers: Vec<(Vec<u8>, Opener)> = Vec::new();
        for mark in &syntax.line_comments {
            openers.push((mark.clone().into_bytes(), Opener::Line));
        }
        for block in &syntax.block_comments {
            let close = block.close.clone().into_bytes();
            let opener = Opener::Block {
                close,
                nests: block.nests,
                alone: block.alone,
            };
            openers.push((block.open.clone().into_bytes(), opener));
        }
        for StringLiteral {
            open,
            close,
            escapes,
            multiline,
            doc,
        } in &syntax.strings
        {
            let close = close.as_ref().unwrap_or(open).clone().into_bytes();
            let opener = Opener::String {
                close,
                escapes: *escapes,
                multiline: *multiline,
                doc: *doc,
            };
            openers.push((open.clone().into_bytes(), opener));
        }
        openers.retain(|(mark, opener)| {
            let has_close = match opener {
                Opener::Line => true,
                Opener::Block { close, .. } | Opener::String { close, .. } => !close.is_empty(),
            };
            has_close && !mark.is_empty()
        });
        openers.sort_by_key(|(mark, _)| std::cmp::Reverse(mark.len()));

        let mut interesting: Vec<u8> = openers.iter().map(|(mark, _)| mark[0]).collect();
        let escape = syntax.escape.and_then(|escape| u8::try_from(escape).ok());
        interesting.extend(escape);
        interesting.extend(syntax.chars.then_some(b'\''));
        interesting.sort_unstable();
        interesting.dedup();
        let (column_chars, column_extensions) = match &syntax.column_comments {
            Some(columns) => (
                columns.chars.clone().into_bytes(),
                columns.extensions.clone(),
            ),
            None => (Vec::new(), Vec::new()),
        };
        Self {
            interesting,
            openers,
            column_chars,
            column_extensions,
            chars: syntax.chars,
            transpose: syntax.transpose,
            escape,
        }
    }

    /// Scans `text`; `extension` decides between fixed and free form where a language has both.
    pub(crate) fn scan(&self, text: &str, extension: &str) -> Scan {
        let source = text.as_bytes();
        let mut scan = Scan {
            classes: source.to_vec(),
            n_comment_bytes: 0,
            n_string_bytes: 0,
            n_long_string_bytes: 0,
        };
        let is_fixed_form = self
            .column_extensions
            .iter()
            .any(|one| one.eq_ignore_ascii_case(extension));
        let mut interesting = self.interesting.clone();
        interesting.extend(is_fixed_form.then_some(b'\n'));
        if is_fixed_form
            && source
                .first()
                .is_some_and(|first| self.column_chars.contains(first))
        {
            fill(&mut scan, 0, line_end(source, 0), COMMENT);
        }
        let mut ahead = Ahead::new(source, &interesting, 0);
        let mut at = 0;
        while let Some(found) = ahead.find(at) {
            at = self.step(source, found, is_fixed_form, &mut scan);
        }
        scan
    }

    /// Handles the interesting byte at `at`, returns where to go on (always later).
    fn step(&self, source: &[u8], at: usize, is_fixed_form: bool, scan: &mut Scan) -> usize {
        let byte = source[at];
        if byte == b'\n' && is_fixed_form {
            if source
                .get(at + 1)
                .is_some_and(|next| self.column_chars.contains(next))
            {
                let end = line_end(source, at + 1);
                fill(scan, at + 1, end, COMMENT);
                return end;
            }
            return at + 1;
        }
        if self.escape == Some(byte) {
            return at + 2;
        }
        if byte == b'\'' {
            if self.transpose && follows_value(source, at) {
                return at + 1;
            }
            if self.chars {
                if at > 0 && is_name_byte(source[at - 1]) {
                    return at + 1;
                }
                if let Some(end) = char_literal_end(source, at) {
                    fill(scan, at, end, STRING);
                    return end;
                }
            }
        }
        for (mark, opener) in &self.openers {
            if mark[0] != byte || (mark.len() > 1 && !source[at..].starts_with(mark)) {
                continue;
            }
            let inside = at + mark.len();
            match opener {
                Opener::Line => {
                    let end = line_end(source, inside);
                    fill(scan, at, end, COMMENT);
                    return end;
                }
                Opener::Block {
                    close,
                    nests,
                    alone,
                } => {
                    if *alone && !stands_alone(source, at, inside) {
                        continue;
                    }
                    let end = block_end(source, inside, mark, close, *nests, *alone);
                    fill(scan, at, end, COMMENT);
                    return end;
                }
                Opener::String {
                    close,
                    escapes,
                    multiline,
                    doc,
                } => {
                    let end = string_end(source, inside, close, *escapes, *multiline);
                    let is_doc = *doc && is_first_on_line(source, at);
                    fill(scan, at, end, if is_doc { COMMENT } else { STRING });
                    return end;
                }
            }
        }
        at + 1
    }
}

/// Looks for the next of a few bytes, a block at a time.
struct Ahead<'a> {
    source: &'a [u8],
    wanted: &'a [u8],
    from: usize,
    found: u64, // in the block at `from`
}

impl<'a> Ahead<'a> {
    fn new(source: &'a [u8], wanted: &'a [u8], from: usize) -> Self {
        Self {
            source,
            wanted,
            from,
            found: bits::any_of(&bits::block_at(source, from), wanted),
        }
    }

    /// The first wanted byte from `at` on, which is not before that of the last call.
    fn find(&mut self, at: usize) -> Option<usize> {
        let mut left = self.found & !bits::first(at.saturating_sub(self.from));
        while left == 0 {
            self.from = at.max(self.from + BLOCK_BYTES);
            if self.from >= self.source.len() {
                self.from = at;
                self.found = 0;
                return None;
            }
            self.found = bits::any_of(&bits::block_at(self.source, self.from), self.wanted);
            left = self.found;
        }
        let found = self.from + left.trailing_zeros() as usize;
        (found < self.source.len()).then_some(found)
    }
}

/// Overwrites `from..to` with `class` and counts it.
fn fill(scan: &mut Scan, from: usize, to: usize, class: u8) {
    let mut n_black = 0;
    for byte in &mut scan.classes[from..to] {
        n_black += usize::from(*byte > b' ');
        if *byte != b'\n' {
            *byte = class;
        }
    }
    if class == COMMENT {
        scan.n_comment_bytes += n_black;
    } else {
        scan.n_string_bytes += n_black;
        if to - from >= LONG_STRING_BYTES {
            scan.n_long_string_bytes += n_black;
        }
    }
}

fn line_end(source: &[u8], from: usize) -> usize {
    let rest = source.get(from..).unwrap_or_default();
    memchr::memchr(b'\n', rest).map_or(source.len(), |length| from + length)
}

fn block_end(
    source: &[u8],
    from: usize,
    open: &[u8],
    close: &[u8],
    nests: bool,
    alone: bool,
) -> usize {
    let mut depth = 1_usize;
    let mut at = from;
    while at < source.len() {
        let rest = &source[at..];
        let Some(skip) = memchr::memchr2(open[0], close[0], rest) else {
            break;
        };
        at += skip;
        let rest = &source[at..];
        if rest.starts_with(close) && (!alone || stands_alone(source, at, at + close.len())) {
            at += close.len();
            depth -= 1;
            if depth == 0 {
                return at;
            }
        } else if nests && rest.starts_with(open) {
            at += open.len();
            depth += 1;
        } else {
            at += 1;
        }
    }
    source.len()
}

fn string_end(source: &[u8], from: usize, close: &[u8], escapes: bool, multiline: bool) -> usize {
    let (first, more) = (close[0], &close[1..]);
    let wanted = [first, b'\n', b'\\'];
    let mut ahead = Ahead::new(source, &wanted, from);
    let mut at = from;
    while let Some(found) = ahead.find(at) {
        let byte = source[found];
        if byte == first && (more.is_empty() || source[found + 1..].starts_with(more)) {
            return found + close.len();
        }
        if byte == b'\n' && !multiline {
            return found;
        }
        at = found + if escapes && byte == b'\\' { 2 } else { 1 };
    }
    source.len()
}

/// End of a character literal that opens at `at`, if it is one.
fn char_literal_end(source: &[u8], at: usize) -> Option<usize> {
    const LONGEST_ESCAPE_BYTES: usize = 12;
    let inside = *source.get(at + 1)?;
    if inside == b'\\' {
        let window = source.get(at + 3..source.len().min(at + 3 + LONGEST_ESCAPE_BYTES))?;
        return window
            .iter()
            .position(|&byte| byte == b'\'')
            .map(|length| at + 3 + length + 1);
    }
    let width = match inside {
        b'\n' | b'\'' => return None,
        0..0x80 => 1,
        0x80..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    };
    (source.get(at + 1 + width) == Some(&b'\'')).then_some(at + width + 2)
}

fn follows_value(source: &[u8], at: usize) -> bool {
    at > 0
        && (is_name_byte(source[at - 1])
            || matches!(source[at - 1], b')' | b']' | b'}' | b'\'' | b'.'))
}

/// Whether `byte` may be part of a name, in any language.
pub(crate) const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn is_first_on_line(source: &[u8], at: usize) -> bool {
    let before = source[..at].iter().rev().take(200);
    for &byte in before {
        match byte {
            b'\n' => return true,
            b' ' | b'\t' | b'r' | b'R' | b'u' | b'U' => {}
            _ => return false,
        }
    }
    true
}

fn stands_alone(source: &[u8], from: usize, to: usize) -> bool {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r');
    let before = source[..from]
        .iter()
        .rev()
        .take_while(|&&byte| byte != b'\n')
        .take(200);
    let after = source[to..]
        .iter()
        .take_while(|&&byte| byte != b'\n')
        .take(200);
    before.chain(after).all(blank)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn blocks_agree_with_the_search_by_byte(
            text in "[a-e\"\\\\\n]{0,50}[a-z ]{0,150}[\"b-d]{0,9}",
            from in 0_usize..80,
            steps in prop::collection::vec(0_usize..90, 1..20),
        ) {
            let source = text.as_bytes();
            let wanted = *b"\"\\\n";
            let mut ahead = Ahead::new(source, &wanted, from);
            let mut at = from;
            for step in steps {
                at += step;
                let rest = source.get(at..).unwrap_or_default();
                let plain = rest.iter().position(|byte| wanted.contains(byte));
                prop_assert_eq!(ahead.find(at), plain.map(|length| at + length));
            }
        }
    }
}
