//! Lines and paragraphs: lengths, ends, bullets, repeats.

use std::ops::Range;

use proofmill_types::Signals;
use proofmill_types::bits::{self, BLOCK_BYTES};

use super::counter::{Counter, hash, mix};
use super::ratio;
use super::spans::{Span, SpanKind, Syntax};

/// A line of prose of at most this many characters is short.
const SHORT_LINE_CHARS: usize = 30;

/// Guess of the bytes of a line, to have room for all.
const TYPICAL_LINE_BYTES: usize = 32;

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

pub(super) fn measure(text: &str, spans: &[Span], syntax: Syntax) -> Lines {
    let bytes = text.as_bytes();
    let mut blocks = spans
        .iter()
        .filter(|span| matches!(span.kind, SpanKind::Display | SpanKind::BlockCode))
        .peekable();
    let mut lines = Lines {
        hashes: Vec::with_capacity(bytes.len() / TYPICAL_LINE_BYTES),
        ..Lines::default()
    };
    let mut paragraph = None;
    each_line(bytes, |line| {
        lines.longest_chars = lines.longest_chars.max(line.n_chars);
        let Line { start, n_chars, .. } = *line;
        let filled = bytes.get(line.filled.clone()).unwrap_or_default();
        if filled.is_empty() {
            lines.paragraphs.extend(paragraph.take());
            return;
        }
        while blocks.next_if(|block| block.end <= start).is_some() {}
        // A line that begins inside a block, or is nothing but one, is no prose.
        let is_in_block = blocks.peek().is_some_and(|block| {
            block.start < start || (start..=line.filled.start).contains(&block.start)
        });
        lines.n_filled += 1;
        lines.n_filled_chars += n_chars;
        if is_in_block || (syntax != Syntax::None && is_structure(filled)) {
            return;
        }
        lines.add_prose(filled, n_chars, syntax);
        if line.is_named {
            let hash = hash(filled, false);
            lines.hashes.push((hash, n_chars));
            paragraph = Some(mix(paragraph.unwrap_or(0), hash));
        }
    });
    lines.paragraphs.extend(paragraph);
    lines
}

/// A line of a text.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Line {
    start: usize,
    /// From the first to the last byte that is no blank; empty if all are.
    filled: Range<usize>,
    /// All of it, without line end.
    n_chars: usize,
    /// Whether it holds a letter or digit.
    is_named: bool,
}

impl Line {
    fn from(start: usize) -> Self {
        Self {
            start,
            filled: 0..0,
            n_chars: 0,
            is_named: false,
        }
    }
}

/// Gives `each` all lines of `bytes`, in blocks of 64 bytes as far as that goes.
fn each_line(bytes: &[u8], mut each: impl FnMut(&Line)) {
    let mut line = Line::from(0);
    bits::each_block(bytes, |start, block| {
        let whole = bits::first(bytes.len() - start);
        let newline = bits::mask(block, |byte| byte == b'\n');
        // As `u8::is_ascii_whitespace`.
        let blank = bits::mask(block, |byte| {
            byte == b' ' || (byte.wrapping_sub(b'\t') < 5 && byte != 0x0B)
        });
        let solid = !blank & whole;
        let named = bits::mask(block, |byte| {
            (byte | 0x20).wrapping_sub(b'a') < 26 || byte.wrapping_sub(b'0') < 10 || byte >= 0x80
        });
        let begins = bits::mask(block, |byte| byte & 0xC0 != 0x80) & whole & !newline;
        let add = |line: &mut Line, part: u64| {
            line.n_chars += (begins & part).count_ones() as usize;
            line.is_named |= named & part != 0;
            let solid = solid & part;
            if solid != 0 {
                if line.filled.is_empty() {
                    line.filled.start = start + solid.trailing_zeros() as usize;
                }
                line.filled.end = start + BLOCK_BYTES - solid.leading_zeros() as usize;
            }
        };
        let mut rest = u64::MAX;
        for place in bits::places(newline) {
            add(&mut line, bits::first(place) & rest);
            let end = start + place;
            let has_return = end > line.start && bytes[end - 1] == b'\r';
            line.n_chars -= usize::from(has_return);
            each(&line);
            line = Line::from(end + 1);
            rest = !bits::first(place + 1);
        }
        add(&mut line, rest);
    });
    if line.start < bytes.len() {
        line.n_chars -= usize::from(bytes.ends_with(b"\r"));
        each(&line);
    }
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
    use proptest::prelude::*;

    use super::*;
    use crate::measure::spans::find;

    /// The plain definition, line by line.
    fn plain(text: &str) -> Vec<Line> {
        let mut start = 0;
        let line = |whole: &str| {
            let kept = whole.trim_matches(|c: char| c.is_ascii_whitespace());
            let unended = whole.strip_suffix('\n').unwrap_or(whole);
            let from = start + (whole.len() - whole.trim_ascii_start().len());
            let line = Line {
                start,
                filled: if kept.is_empty() {
                    0..0
                } else {
                    from..from + kept.len()
                },
                n_chars: unended
                    .strip_suffix('\r')
                    .unwrap_or(unended)
                    .chars()
                    .count(),
                is_named: kept.contains(|c: char| c.is_ascii_alphanumeric() || !c.is_ascii()),
            };
            start += whole.len();
            line
        };
        text.split_inclusive('\n').map(line).collect()
    }

    proptest! {
        #[test]
        fn blocks_agree_with_the_definition(
            pieces in prop::collection::vec((
                prop::sample::select(vec!["a", "Z9", "\n", "\r\n", " ", "\t", "\u{b}", "\u{c}", "=", "é", "漢", "\0", "\r"]),
                1_usize..70,
            ), 0..20),
        ) {
            let text: String = pieces.iter().map(|(piece, n)| piece.repeat(*n)).collect();
            let mut lines = Vec::new();
            each_line(text.as_bytes(), |line| lines.push(line.clone()));
            prop_assert_eq!(lines, plain(&text));
        }
    }

    #[track_caller]
    fn check(text: &str, name: &str, expected: f64) {
        let mut signals = Signals::new();
        let syntax = Syntax::Markdown;
        measure(text, &find(text, syntax), syntax).set(&mut signals, syntax);
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
