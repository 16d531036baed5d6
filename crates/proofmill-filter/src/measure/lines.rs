//! Lines and paragraphs: lengths, ends, bullets, repeats.

use memchr::memchr;
use proofmill_types::Signals;

use super::counter::{Counter, hash, mix};
use super::spans::{Span, SpanKind, Syntax};
use super::{count_chars, ratio};

/// A line of prose of at most this many characters is short.
const SHORT_LINE_CHARS: usize = 30;

/// Counts of lines; "prose" lines lie outside display formulas and code and are no structure.
#[derive(Default)]
pub(super) struct Lines {
    /// Lines that are not blank, of any sort.
    n_filled: usize,
    n_filled_chars: usize,
    longest_chars: usize,
    n_prose: usize,
    n_short: usize,
    n_bullets: usize,
    n_ellipses: usize,
    n_ended: usize,
    /// Hash and characters of each line of prose with a letter or digit.
    hashes: Vec<(u64, usize)>,
    paragraphs: Vec<u64>,
}

pub(super) fn measure(text: &str, spans: &[Span], syntax: Syntax, is_ascii: bool) -> Lines {
    let bytes = text.as_bytes();
    let mut blocks = spans
        .iter()
        .filter(|span| matches!(span.kind, SpanKind::Display | SpanKind::BlockCode))
        .peekable();
    let mut lines = Lines::default();
    let mut paragraph = None;
    let mut start = 0;
    while start < bytes.len() {
        let end = start + memchr(b'\n', &bytes[start..]).unwrap_or(bytes.len() - start);
        while blocks.next_if(|block| block.end <= start).is_some() {}
        // A line that begins inside a block, or is nothing but one, is no prose.
        let is_in_block = blocks.peek().is_some_and(|block| {
            block.start < start
                || (block.start < end && bytes[start..block.start].trim_ascii().is_empty())
        });
        let line = bytes[start..end].trim_ascii();
        let whole = bytes[start..end]
            .strip_suffix(b"\r")
            .unwrap_or(&bytes[start..end]);
        let n_chars = if is_ascii {
            whole.len()
        } else {
            count_chars(whole)
        };
        start = end + 1;
        lines.longest_chars = lines.longest_chars.max(n_chars);
        if line.is_empty() {
            lines.paragraphs.extend(paragraph.take());
            continue;
        }
        lines.n_filled += 1;
        lines.n_filled_chars += n_chars;
        if is_in_block || (syntax != Syntax::None && is_structure(line)) {
            continue;
        }
        lines.add_prose(line, n_chars, syntax);
        if has_alphanumeric(line) {
            let hash = hash(line, false);
            lines.hashes.push((hash, n_chars));
            paragraph = Some(mix(paragraph.unwrap_or(0), hash));
        }
    }
    lines.paragraphs.extend(paragraph);
    lines
}

/// Whether `line` holds mark-up of LaTeX only: an environment's begin or end, or one command.
fn is_structure(line: &[u8]) -> bool {
    let Some(command) = line.strip_prefix(b"\\") else {
        return false;
    };
    command.starts_with(b"begin{")
        || command.starts_with(b"end{")
        || command.iter().all(u8::is_ascii_alphabetic)
}

fn has_alphanumeric(line: &[u8]) -> bool {
    line.iter()
        .any(|&byte| byte.is_ascii_alphanumeric() || byte >= 0x80)
}

impl Lines {
    fn add_prose(&mut self, line: &[u8], n_chars: usize, syntax: Syntax) {
        self.n_prose += 1;
        if syntax == Syntax::None {
            return;
        }
        self.n_short += usize::from(n_chars <= SHORT_LINE_CHARS);
        self.n_bullets += usize::from(is_bullet(line));
        self.n_ellipses += usize::from(line.ends_with(b"...") || line.ends_with("…".as_bytes()));
        self.n_ended += usize::from(is_ended(line));
    }

    pub(super) fn set(&self, signals: &mut Signals, syntax: Syntax) {
        signals.set_count("n_lines", self.n_filled);
        signals.set("mean_line_chars", ratio(self.n_filled_chars, self.n_filled));
        signals.set_count("max_line_chars", self.longest_chars);
        let (n_repeated, n_repeated_chars) = repeats(&self.hashes);
        signals.set("duplicate_line_ratio", ratio(n_repeated, self.hashes.len()));
        if syntax == Syntax::None {
            return;
        }
        let n_chars = self.hashes.iter().map(|(_, n_chars)| n_chars).sum();
        signals.set(
            "duplicate_line_chars_ratio",
            ratio(n_repeated_chars, n_chars),
        );
        let paragraphs: Vec<_> = self.paragraphs.iter().map(|&hash| (hash, 0)).collect();
        signals.set(
            "duplicate_paragraph_ratio",
            ratio(repeats(&paragraphs).0, paragraphs.len()),
        );
        signals.set("short_line_ratio", ratio(self.n_short, self.n_prose));
        signals.set("bullet_line_ratio", ratio(self.n_bullets, self.n_prose));
        signals.set("ellipsis_line_ratio", ratio(self.n_ellipses, self.n_prose));
        signals.set(
            "terminal_punctuation_line_ratio",
            ratio(self.n_ended, self.n_prose),
        );
    }
}

/// How many of `lines` repeat an earlier one, and their characters.
fn repeats(lines: &[(u64, usize)]) -> (usize, usize) {
    let mut counter = Counter::new(lines.len());
    let mut found = (0, 0);
    for &(hash, n_chars) in lines {
        if counter.add(hash).is_some_and(|(_, n_before)| n_before > 0) {
            found = (found.0 + 1, found.1 + n_chars);
        }
    }
    found
}

/// Whether a line starts with a bullet.
fn is_bullet(line: &[u8]) -> bool {
    const WIDE: [&str; 8] = ["•", "‣", "▪", "▸", "●", "○", "◦", "·"];
    match line {
        [b'-' | b'*' | b'+', b' ', ..] => true,
        [first, ..] if *first >= 0x80 => WIDE.iter().any(|mark| line.starts_with(mark.as_bytes())),
        _ => line.starts_with(b"\\item"),
    }
}

/// Whether a line ends as a sentence or a clause does, closing marks apart.
fn is_ended(line: &[u8]) -> bool {
    const WIDE_CLOSERS: [&str; 5] = ["”", "’", "»", "」", "）"];
    const WIDE_ENDS: [&str; 7] = ["…", "。", "！", "？", "：", "；", "，"];
    let mut line = line;
    loop {
        match line {
            [
                rest @ ..,
                b'"' | b'\'' | b')' | b']' | b'*' | b'_' | b'$' | b' ' | b'}',
            ] => line = rest,
            [.., b'.' | b'!' | b'?' | b':' | b';' | b','] => return true,
            [.., last] if *last >= 0x80 => {
                match WIDE_CLOSERS
                    .iter()
                    .find_map(|mark| line.strip_suffix(mark.as_bytes()))
                {
                    Some(rest) => line = rest,
                    None => return WIDE_ENDS.iter().any(|mark| line.ends_with(mark.as_bytes())),
                }
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::spans::find;

    #[track_caller]
    fn check(text: &str, name: &str, expected: f64) {
        let mut signals = Signals::new();
        let syntax = Syntax::Markdown;
        measure(text, &find(text, syntax), syntax, text.is_ascii()).set(&mut signals, syntax);
        let found = signals.get(name).unwrap();
        assert!(
            (found - expected).abs() < 1e-9,
            "{name} of {text:?} is {found}"
        );
    }

    #[test]
    fn lengths() {
        check("ab\n\nabcd\n", "n_lines", 2.0);
        check("ab\n\nabcd\n", "mean_line_chars", 3.0);
        check("äb\r\näöü", "max_line_chars", 3.0);
        check("", "mean_line_chars", 0.0);
    }

    #[test]
    fn duplicates() {
        check(
            "a line\nb line\na line\nc line",
            "duplicate_line_ratio",
            0.25,
        );
        check("---\n---\n---\nx", "duplicate_line_ratio", 0.0);
        check(
            "$$\nx\n$$\n\n$$\nx\n$$\n\nand so",
            "duplicate_line_ratio",
            0.0,
        );
        check("```\nx = 1\nx = 1\n```\nso", "duplicate_line_ratio", 0.0);
        check(
            "\\begin{proof}\na\n\\end{proof}\n\\begin{proof}\nb",
            "duplicate_line_ratio",
            0.0,
        );
        check("a\nb\n\nc\n\na\nb", "duplicate_paragraph_ratio", 1.0 / 3.0);
        check("aa\nb\naa\n", "duplicate_line_chars_ratio", 0.4);
    }

    #[test]
    fn shapes() {
        check("- a\n* b\n• c\nd", "bullet_line_ratio", 0.75);
        check("-1 is negative", "bullet_line_ratio", 0.0);
        check("read more...\nnext…\nx", "ellipsis_line_ratio", 2.0 / 3.0);
        check(
            "so $x = 1.$\n(It is.)\n“Yes.”\nHome",
            "terminal_punctuation_line_ratio",
            0.75,
        );
        check("終わり。\n続く", "terminal_punctuation_line_ratio", 0.5);
    }
}
