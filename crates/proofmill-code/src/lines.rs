//! Shapes of lines and long runs: numbers in columns, hexadecimal and base64 blocks.
//!
//! Goes over the text in blocks of 64 bytes; only lines with digits and long runs are looked at byte by
//! byte.

use proofmill_types::bits::{self, BLOCK_BYTES, Block};

/// Hexadecimal digits in one run from which it is data: a SHA-256 has 64, an MD5 32.
const MIN_HEX_RUN_BYTES: usize = 48;
/// Base64 characters in one run from which it is data: longer than any name.
const MIN_BASE64_RUN_BYTES: usize = 80;
/// Digits that a line of data has at least.
const MIN_DATA_LINE_DIGITS: usize = 4;
/// Digits with which a line may name as much as it counts and is data still: a row of test values.
const MIN_LONG_ROW_DIGITS: usize = 24;

/// What the lines of a file look like.
#[expect(
    clippy::struct_field_names,
    reason = "`n_` is the house word for a count"
)]
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Lines {
    /// Lines with code on them.
    pub(crate) n_code: usize,
    /// Bytes of code, white space left out.
    pub(crate) n_code_bytes: usize,
    /// Bytes of code on lines that hold hardly anything but numbers.
    pub(crate) n_data_bytes: usize,
    /// Bytes that are no white space, comments and strings included.
    pub(crate) n_black_bytes: usize,
    /// Bytes in long runs of hexadecimal digits.
    pub(crate) n_hex_bytes: usize,
    /// Bytes in long runs of base64 characters.
    pub(crate) n_base64_bytes: usize,
}

/// Measures the lines of `text`; `classes` is the same text with comments and strings overwritten.
pub(crate) fn lines(text: &[u8], classes: &[u8]) -> Lines {
    let mut lines = Lines::default();
    let mut line = Line::default();
    bits::each_block(classes, |start, block| {
        let whole = bits::first(classes.len() - start);
        let black = !white(block) & whole;
        let code = black & !bits::mask(block, |byte| byte.wrapping_sub(1) < 2);
        let digits = bits::mask(block, |byte| byte.wrapping_sub(b'0') < 10);
        lines.n_black_bytes += black.count_ones() as usize;
        lines.n_code_bytes += code.count_ones() as usize;
        let mut rest = u64::MAX;
        for place in bits::places(bits::mask(block, |byte| byte == b'\n')) {
            let part = bits::first(place) & rest;
            line.add(code & part, digits & part);
            lines.end(&line, &classes[line.from..start + place]);
            line = Line {
                from: start + place + 1,
                ..Line::default()
            };
            rest = !bits::first(place + 1);
        }
        line.add(code & rest, digits & rest);
    });
    lines.end(&line, &classes[line.from..]);
    each_long_run(text, |run| lines.add_run(run));
    lines
}

/// Where lines begin, blanks passed over; lines of nothing else have no place.
#[derive(Debug)]
pub(crate) struct LineStarts(Vec<usize>);

impl LineStarts {
    /// Those of `text`.
    pub(crate) fn of(text: &[u8]) -> Self {
        let mut starts = Vec::with_capacity(text.len() / 32);
        let mut is_open = 1; // whether nothing but blanks was read of the line that reaches the block
        bits::each_block(text, |start, block| {
            let newline = bits::mask(block, |byte| byte == b'\n');
            let white = white(block) | !bits::first(text.len() - start);
            let begins = newline << 1 | is_open;
            // Blanks at the beginning of a line carry it on to what follows them.
            let (moved, is_carried) = white.overflowing_add(begins & white);
            let firsts = (begins | moved) & !white;
            starts.extend(bits::places(firsts).map(|place| start + place));
            is_open = newline >> 63 | u64::from(is_carried);
        });
        Self(starts)
    }

    /// The places in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().copied()
    }
}

fn white(block: &Block) -> u64 {
    bits::mask(block, |byte| byte == b' ' || byte.wrapping_sub(b'\t') < 5)
}

/// A line, as far as it was read.
#[derive(Default)]
struct Line {
    from: usize,
    has_code: bool,
    n_digits: usize,
}

impl Line {
    fn add(&mut self, code: u64, digits: u64) {
        self.has_code |= code != 0;
        self.n_digits += digits.count_ones() as usize;
    }
}

impl Lines {
    /// Counts a line of which all is read; `classes` are its bytes.
    fn end(&mut self, line: &Line, classes: &[u8]) {
        self.n_code += usize::from(line.has_code);
        let n_digits = line.n_digits;
        if n_digits < MIN_DATA_LINE_DIGITS {
            return;
        }
        let is_letter = |byte: &&u8| byte.is_ascii_alphabetic() || **byte == b'_' || **byte >= 0x80;
        let n_letters = classes.iter().filter(is_letter).count();
        let is_row = n_letters * 3 <= n_digits * 2;
        let is_long_row = n_digits >= MIN_LONG_ROW_DIGITS && n_letters <= n_digits;
        if is_row || is_long_row {
            let is_code = |byte: &&u8| !matches!(byte, 1 | 2 | b'\t'..=b'\r' | b' ');
            self.n_data_bytes += classes.iter().filter(is_code).count();
        }
    }

    /// Counts a run of at least [`MIN_HEX_RUN_BYTES`].
    fn add_run(&mut self, run: &[u8]) {
        let has_digit = run.iter().any(u8::is_ascii_digit);
        let has_letter = run.iter().any(u8::is_ascii_alphabetic); // else it is a long number
        if run.iter().all(u8::is_ascii_hexdigit) && has_digit && has_letter {
            self.n_hex_bytes += run.len();
        } else if run.len() >= MIN_BASE64_RUN_BYTES
            && has_digit
            && run.iter().any(u8::is_ascii_uppercase)
            && run.iter().any(u8::is_ascii_lowercase)
        {
            self.n_base64_bytes += run.len();
        }
    }
}

/// Gives `each` the runs of base64 characters that have at least [`MIN_HEX_RUN_BYTES`].
fn each_long_run<'a>(text: &'a [u8], mut each: impl FnMut(&'a [u8])) {
    let mut n_open = 0; // bytes of the run that reaches up to the block
    bits::each_block(text, |start, block| {
        let parts = bits::mask(block, |byte| {
            (byte | 0x20).wrapping_sub(b'a') < 26
                || byte.wrapping_sub(b'0') < 10
                || matches!(byte, b'+' | b'/' | b'=')
        });
        let n_first = parts.trailing_ones() as usize;
        if n_first == BLOCK_BYTES {
            n_open += BLOCK_BYTES;
            return;
        }
        if n_open + n_first >= MIN_HEX_RUN_BYTES {
            each(&text[start - n_open..start + n_first]);
        }
        n_open = parts.leading_ones() as usize;
        // What is left lies inside the block, which has room for one.
        let inside = parts & !bits::first(n_first) & bits::first(BLOCK_BYTES - n_open);
        if let Some(from) = long_run(inside) {
            let length = (inside >> from).trailing_ones() as usize;
            each(&text[start + from..start + from + length]);
        }
    });
    if n_open >= MIN_HEX_RUN_BYTES {
        each(&text[text.len() - n_open..]);
    }
}

/// Where the first run of at least [`MIN_HEX_RUN_BYTES`] ones begins.
fn long_run(ones: u64) -> Option<usize> {
    let mut begins = ones; // of runs of 1, 2, 4, ... 32, 48
    for shift in [1, 2, 4, 8, 16, MIN_HEX_RUN_BYTES - 32] {
        begins &= begins >> shift;
    }
    (begins != 0).then(|| begins.trailing_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The plain definition, line by line and byte by byte.
    fn plain(text: &[u8], classes: &[u8]) -> Lines {
        let mut lines = Lines::default();
        let is_white = |byte: u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c);
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
        for line in classes.split(|&byte| byte == b'\n') {
            let count = |is: &dyn Fn(u8) -> bool| line.iter().filter(|&&byte| is(byte)).count();
            let n_black = count(&|byte| !is_white(byte));
            let n_code = n_black - count(&|byte| matches!(byte, 1 | 2));
            let n_digits = count(&|byte| byte.is_ascii_digit());
            let n_letters =
                count(&|byte| byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80);
            lines.n_black_bytes += n_black;
            lines.n_code_bytes += n_code;
            lines.n_code += usize::from(n_code > 0);
            let is_row = n_digits >= MIN_DATA_LINE_DIGITS && n_letters * 3 <= n_digits * 2;
            let is_long_row = n_digits >= MIN_LONG_ROW_DIGITS && n_letters <= n_digits;
            if is_row || is_long_row {
                lines.n_data_bytes += n_code;
            }
        }
        for run in text.split(|&byte| !is_part(byte)) {
            if run.len() >= MIN_HEX_RUN_BYTES {
                lines.add_run(run);
            }
        }
        lines
    }

    proptest! {
        #[test]
        fn blocks_agree_with_the_definition(
            pieces in prop::collection::vec((
                prop::sample::select(vec![
                    "a", "Z", "0", "f", "\n", " ", "\t", ",", "é", "\u{1}", "\u{2}", "\0", "x = 1.5, 2.5e3\n",
                    "/", "=", "\r\n", "_", "\u{b}",
                ]),
                1_usize..90,
            ), 0..12),
        ) {
            let text: String = pieces.iter().map(|(piece, n)| piece.repeat(*n)).collect();
            prop_assert_eq!(lines(text.as_bytes(), text.as_bytes()), plain(text.as_bytes(), text.as_bytes()));
        }

        #[test]
        fn long_runs_are_found(text in "[0-9a-fA-F]{0,70}[ g]{0,2}[0-9a-zA-Z+/]{30,200}( |\n)[0-9a-f]{47,49}.?") {
            prop_assert_eq!(lines(text.as_bytes(), text.as_bytes()), plain(text.as_bytes(), text.as_bytes()));
        }
    }
}
