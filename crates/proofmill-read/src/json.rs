//! JSON lines, and JSON arrays of objects, row by row.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::cell::parse_row;
use crate::entry::{Entry, at_row};
use crate::lines::{Line, Lines};
use crate::reader::Entries;
use crate::rows;
use crate::stream::{Fault, Stream};
use crate::{Options, rules};

/// Rows of a JSON lines file.
pub(crate) struct JsonLines {
    pub file: Arc<str>,
    pub lines: Lines,
    pub options: Arc<Options>,
}

impl Entries for JsonLines {
    fn more(&mut self, out: &mut VecDeque<Entry>) -> Result<bool, Fault> {
        let Some(line) = self.lines.next_line()? else {
            return Ok(false);
        };
        match line {
            Line::TooLong { n_bytes, at, row } => {
                let location = at_row(&self.file, at, n_bytes, row);
                out.push_back(too_long(&self.options, location, n_bytes));
            }
            Line::Text { bytes, at, row } => {
                if !bytes.trim_ascii().is_empty() {
                    out.push_back(row_entry(&self.file, &self.options, &bytes, at, row));
                }
            }
        }
        Ok(true)
    }
}

/// Elements of a JSON array of objects; text between them that is no object is counted.
pub(crate) struct JsonArray {
    pub file: Arc<str>,
    pub stream: Stream,
    pub options: Arc<Options>,
    pub row: u64,
    /// Brackets of the array itself that are open.
    pub n_open: u64,
}

impl Entries for JsonArray {
    fn more(&mut self, out: &mut VecDeque<Entry>) -> Result<bool, Fault> {
        // Between elements: blanks, commas and the array's brackets.
        loop {
            let ahead = self.stream.ahead()?;
            if ahead.is_empty() {
                out.extend(self.unclosed());
                return Ok(false);
            }
            let is_idle =
                |byte: &u8| byte.is_ascii_whitespace() || b",[]\xef\xbb\xbf".contains(byte);
            let n_idle = ahead.iter().take_while(|byte| is_idle(byte)).count();
            for byte in &ahead[..n_idle] {
                match byte {
                    b'[' => self.n_open += 1,
                    b']' => self.n_open = self.n_open.saturating_sub(1),
                    _ => {}
                }
            }
            let n_ahead = ahead.len();
            self.stream.consume(n_idle);
            if n_idle < n_ahead {
                break;
            }
        }
        let at = self.stream.position();
        let mut element = Vec::new();
        let mut scan = Scan::default();
        let mut n_bytes: u64 = 0;
        while !scan.is_done {
            let ahead = self.stream.ahead()?;
            if ahead.is_empty() {
                break;
            }
            let n_taken = scan.advance(ahead);
            n_bytes += n_taken as u64;
            if n_bytes <= self.options.limits.max_line_bytes {
                element.extend_from_slice(&ahead[..n_taken]);
            } else {
                element = Vec::new();
            }
            self.stream.consume(n_taken);
        }
        let row = self.row;
        self.row += 1;
        if n_bytes > self.options.limits.max_line_bytes {
            let location = at_row(&self.file, at, n_bytes, row);
            out.push_back(too_long(&self.options, location, n_bytes));
        } else {
            out.push_back(row_entry(&self.file, &self.options, &element, at, row));
        }
        Ok(true)
    }
}

impl JsonArray {
    /// What a file that ends inside its array lost; told once.
    fn unclosed(&mut self) -> Option<Entry> {
        let n_open = std::mem::take(&mut self.n_open);
        let at = self.stream.position();
        let location = at_row(&self.file, at, 0, self.row);
        let detail = format!("the file ends at byte {at} with {n_open} brackets open");
        (n_open > 0).then(|| Entry::bad(rules::BAD_JSON, location.to_string(), location, 0, detail))
    }
}

/// Finds the end of one element without parsing it.
#[derive(Default)]
struct Scan {
    depth: u64,
    is_string: bool,
    is_escaped: bool,
    is_done: bool,
}

impl Scan {
    /// Bytes of `ahead` that belong to the element.
    fn advance(&mut self, ahead: &[u8]) -> usize {
        for (index, &byte) in ahead.iter().enumerate() {
            if self.is_string {
                self.is_string = self.is_escaped || byte != b'"';
                self.is_escaped = !self.is_escaped && byte == b'\\';
                continue;
            }
            match byte {
                b'"' => self.is_string = true,
                b'{' | b'[' => self.depth += 1,
                // The array's own bracket is no part of its last element, which is never empty.
                b',' | b']' if self.depth == 0 => {
                    self.is_done = true;
                    return index;
                }
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        self.is_done = true;
                        return index + 1;
                    }
                }
                _ => {}
            }
        }
        ahead.len()
    }
}

fn row_entry(file: &Arc<str>, options: &Options, json: &[u8], at: u64, row: u64) -> Entry {
    let n_bytes = json.len() as u64;
    let location = at_row(file, at, n_bytes, row);
    match parse_row(json) {
        Ok(parsed) => rows::entry(parsed, options, location, n_bytes),
        Err(error) => {
            let is_utf8 = std::str::from_utf8(json).is_ok();
            let rule = if is_utf8 {
                rules::BAD_JSON
            } else {
                rules::INVALID_UTF8
            };
            let detail = format!("line {} at byte {at}: {error}", row + 1);
            Entry::bad(rule, location.to_string(), location, n_bytes, detail)
        }
    }
}

fn too_long(options: &Options, location: proofmill_types::Location, n_bytes: u64) -> Entry {
    let limit = options.limits.max_line_bytes;
    let detail = format!("{n_bytes} bytes, at most {limit} are read");
    Entry::bad(
        rules::LINE_TOO_LONG,
        location.to_string(),
        location,
        n_bytes,
        detail,
    )
}
