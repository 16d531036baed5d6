//! Lines: blanks at their ends, runs of blank lines, and code fences, whose inside is left alone.
//!
//! A fence is a line of three or more backticks or tildes, at any indentation (fences stand in list
//! items), that a line of at least as many of the same closes. Without its closing line it is no
//! fence, so a stray one changes nothing below it.

use std::borrow::Cow;

/// Fences longer than this are ordinary text; bounds the search for closing lines.
const MAX_FENCE_CHARS: usize = 64;

/// `text` without blanks at line ends, with at most one blank line in a row, and none at its ends.
///
/// The inside of code fences is kept as it is. Expects line ends to be LF.
pub(crate) fn tidy(text: &str) -> Cow<'_, str> {
    if is_tidy(text) {
        return Cow::Borrowed(text);
    }
    let lines: Vec<&str> = text.split('\n').collect();
    let mut fences = Fences::new(&lines);
    let mut out = String::with_capacity(text.len());
    let mut n_blank: usize = 0;
    let mut index = 0;
    while index < lines.len() {
        let line = trim_blanks(lines[index]);
        if line.is_empty() {
            n_blank += 1;
            index += 1;
            continue;
        }
        if !out.is_empty() {
            out.push_str(if n_blank > 0 { "\n\n" } else { "\n" });
        }
        n_blank = 0;
        out.push_str(line);
        if let Some(close) = fences.closing(index) {
            for inside in &lines[index + 1..close] {
                out.push('\n');
                out.push_str(inside);
            }
            out.push('\n');
            out.push_str(trim_blanks(lines[close]));
            index = close;
        }
        index += 1;
    }
    Cow::Owned(out)
}

/// Whether [`tidy`] would change nothing, as far as a glance can tell.
fn is_tidy(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut run = 1;
    let mut blank_before = false;
    for &byte in bytes {
        if byte == b'\n' {
            run += 1;
            if blank_before || run > 2 {
                return false;
            }
        } else {
            run = 0;
        }
        blank_before = byte == b' ' || byte == b'\t';
    }
    !blank_before && run == 0 && !bytes.starts_with(b"\n") || text.is_empty()
}

fn trim_blanks(line: &str) -> &str {
    line.trim_end_matches([' ', '\t', '\u{3000}'])
}

/// Finds the closing lines of fences without ever looking twice in vain.
struct Fences<'a> {
    lines: &'a [&'a str],
    /// For backticks and tildes: fences of at least this length have no closing line any more.
    unclosed_from: [usize; 2],
}

impl<'a> Fences<'a> {
    fn new(lines: &'a [&'a str]) -> Self {
        Self {
            lines,
            unclosed_from: [MAX_FENCE_CHARS + 1; 2],
        }
    }

    /// The line that closes the fence that line `index` opens, if it opens one.
    fn closing(&mut self, index: usize) -> Option<usize> {
        let (mark, n_marks, info) = fence(self.lines[index])?;
        let unclosed_from = &mut self.unclosed_from[usize::from(mark == b'~')];
        if n_marks >= *unclosed_from || (mark == b'`' && info.contains('`')) {
            return None;
        }
        let closes = |line: &&str| {
            fence(line).is_some_and(|(other, n_other, info)| {
                other == mark && n_other >= n_marks && info.trim().is_empty()
            })
        };
        let found = self.lines[index + 1..].iter().position(closes);
        if found.is_none() {
            *unclosed_from = n_marks;
        }
        found.map(|offset| index + 1 + offset)
    }
}

/// Mark, its count, and the rest of a line that looks like a fence.
fn fence(line: &str) -> Option<(u8, usize, &str)> {
    let line = line.trim_start_matches([' ', '\t']);
    let mark = *line
        .as_bytes()
        .first()
        .filter(|&&byte| byte == b'`' || byte == b'~')?;
    let n_marks = line.bytes().take_while(|&byte| byte == mark).count();
    (3..=MAX_FENCE_CHARS)
        .contains(&n_marks)
        .then(|| (mark, n_marks, &line[n_marks..]))
}
