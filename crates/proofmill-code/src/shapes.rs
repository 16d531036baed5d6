//! Lines that repeat an earlier one but for their numbers and strings: cases that a program wrote, a
//! table of calls, a data file in the dress of code.
//!
//! Plain repetition misses them, because each line brings its own values. Here a line is reduced to its
//! shape first: white space and comments out, every number and every string one mark.

use rustc_hash::FxHashSet;

use crate::scan::{COMMENT, STRING, is_name_byte};

/// Lines looked at; a file with more is judged by its first ones, so that memory stays bounded.
const MAX_LINES: usize = 100_000;

/// Bytes of a usual line.
const LINE_BYTES: usize = 32;

/// Counts of one file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Shapes {
    /// Lines of code with a name, a number or a string on them.
    pub(crate) n_lines: usize,
    /// Of these, lines whose shape an earlier line has.
    pub(crate) n_repeated: usize,
}

/// Compares the lines of a scanned text. Takes time linear in it.
///
/// Shapes are compared by a hash of 64 bits: a chance match is counted as a repetition, and no verdict
/// hangs on one line.
pub(crate) fn shapes(classes: &[u8]) -> Shapes {
    let mut seen: FxHashSet<u64> = FxHashSet::default();
    seen.reserve((classes.len() / LINE_BYTES).min(MAX_LINES));
    let mut shapes = Shapes::default();
    let mut from = 0;
    for to in memchr::memchr_iter(b'\n', classes).chain([classes.len()]) {
        if let Some(shape) = shape(&classes[from..to]) {
            shapes.n_lines += 1;
            shapes.n_repeated += usize::from(!seen.insert(shape));
            if shapes.n_lines == MAX_LINES {
                break;
            }
        }
        from = to + 1;
    }
    shapes
}

/// What a byte is to a shape.
const SKIPPED: u8 = 0;
const NAME: u8 = 1;
const DIGIT: u8 = 2;
const TEXT: u8 = 3;
const OTHER: u8 = 4;

const KINDS: [u8; 256] = {
    let mut kinds = [OTHER; 256];
    let mut byte = 0_u8;
    loop {
        kinds[byte as usize] = match byte {
            STRING => TEXT,
            b'0'..=b'9' => DIGIT,
            // a sign belongs to the value
            COMMENT | b'-' | b'+' => SKIPPED,
            _ if byte.is_ascii_whitespace() => SKIPPED,
            _ if is_name_byte(byte) => NAME,
            _ => OTHER,
        };
        if byte == u8::MAX {
            break;
        }
        byte += 1;
    }
    kinds
};

/// Stands for a number or a string, and for the gap between two names.
const VALUE: u64 = 1;
const GAP: u64 = 2;

/// Hash of the shape of a line; `None` if it holds marks only.
fn shape(line: &[u8]) -> Option<u64> {
    let mut hash = 0;
    let mut says_something = false;
    let mut is_after_name = false;
    let mut at = 0;
    while let Some(&byte) = line.get(at) {
        let kind = KINDS[usize::from(byte)];
        if kind == SKIPPED {
            at += 1;
            continue;
        }
        let is_gap = is_after_name && kind == NAME;
        is_after_name = kind == NAME;
        says_something |= kind != OTHER;
        match kind {
            NAME => {
                if is_gap {
                    hash = mix(hash, GAP);
                }
                let length = run(&line[at..], |kind| kind == NAME || kind == DIGIT);
                hash = mix_name(hash, &line[at..], length);
                at += length;
            }
            OTHER => {
                hash = mix(hash, u64::from(byte) << 8);
                at += 1;
            }
            _ => {
                hash = mix(hash, VALUE);
                at += match kind {
                    DIGIT => number(&line[at..]),
                    _ => run(&line[at..], |kind| kind == TEXT),
                };
            }
        }
    }
    says_something.then_some(hash)
}

/// The step of `FxHash`.
fn mix(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95)
}

/// Takes the first `length` bytes of `bytes`, eight at a time.
fn mix_name(mut hash: u64, bytes: &[u8], length: usize) -> u64 {
    let mut at = 0;
    while at < length {
        let n_left = length - at;
        let word = match bytes.get(at..at + 8) {
            Some(eight) => eight
                .iter()
                .rev()
                .fold(0, |word, &byte| word << 8 | u64::from(byte)),
            None => bytes[at..]
                .iter()
                .rev()
                .fold(0, |word, &byte| word << 8 | u64::from(byte)),
        };
        let unwanted = 8_usize.saturating_sub(n_left) * 8;
        hash = mix(hash, word << unwanted >> unwanted);
        at += 8;
    }
    hash
}

/// How many bytes from the first on are of a wanted kind.
fn run(line: &[u8], is_wanted: impl Fn(u8) -> bool) -> usize {
    let kinds = line.iter().map(|&byte| KINDS[usize::from(byte)]);
    kinds.take_while(|&kind| is_wanted(kind)).count()
}

/// Bytes of the number that `line` begins with, exponent and suffix included.
fn number(line: &[u8]) -> usize {
    let mut length = 0;
    while let Some(&byte) = line.get(length) {
        let is_sign = matches!(byte, b'-' | b'+')
            && length > 0
            && matches!(line[length - 1], b'e' | b'E' | b'd' | b'D')
            && line.get(length + 1).is_some_and(u8::is_ascii_digit);
        if !(is_sign || byte == b'.' || is_name_byte(byte)) {
            break;
        }
        length += 1;
    }
    length
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// The shape as a list of its parts.
    fn plain_shape(line: &[u8]) -> Option<Vec<Vec<u8>>> {
        let mut parts = Vec::new();
        let mut says_something = false;
        let mut at = 0;
        while let Some(&byte) = line.get(at) {
            let length = match byte {
                STRING => line[at..]
                    .iter()
                    .take_while(|&&byte| byte == STRING)
                    .count(),
                b'0'..=b'9' => number(&line[at..]),
                _ if is_name_byte(byte) => line[at..]
                    .iter()
                    .take_while(|&&byte| is_name_byte(byte))
                    .count(),
                _ => 1,
            };
            let part = &line[at..at + length];
            at += length;
            match byte {
                COMMENT | b'-' | b'+' => {}
                _ if byte.is_ascii_whitespace() => {}
                STRING | b'0'..=b'9' => {
                    says_something = true;
                    parts.push(b"0".to_vec());
                }
                _ => {
                    says_something |= is_name_byte(byte);
                    parts.push(part.to_vec());
                }
            }
        }
        says_something.then_some(parts)
    }

    proptest! {
        #[test]
        fn hashes_tell_what_the_parts_tell(lines in prop::collection::vec("[ab0-9_ (+\\-.e\x01\x02é]{0,24}", 1..24)) {
            let mut seen = BTreeSet::new();
            let mut expected = Shapes::default();
            for parts in lines.iter().filter_map(|line| plain_shape(line.as_bytes())) {
                expected.n_lines += 1;
                expected.n_repeated += usize::from(!seen.insert(parts));
            }
            prop_assert_eq!(shapes(lines.join("\n").as_bytes()), expected);
        }
    }

    #[track_caller]
    fn check(text: &str, n_lines: usize, n_repeated: usize) {
        let expected = Shapes {
            n_lines,
            n_repeated,
        };
        assert_eq!(shapes(text.as_bytes()), expected, "for {text:?}");
    }

    #[test]
    fn values_do_not_tell_lines_apart() {
        check("float a = 0.5f;\n  float  a = -1e-3;\n", 2, 1);
        check("call(\x02\x02\x02, 1);\ncall(\x02, 2);\n", 2, 1);
        check("x1 = 1;\nx2 = 1;\n", 2, 0); // another name is another line
        check("f(x) \x01\x01\nf(x)\n", 2, 1);
    }

    #[test]
    fn marks_alone_are_no_line() {
        check("}\n\n  );\n{\n", 0, 0);
        check("", 0, 0);
    }

    #[test]
    fn a_number_ends_where_another_value_begins() {
        check("0xff-1\n7 - 3\n", 2, 1);
        check("1e-5\n2\n", 2, 1);
        check("1.5.\n", 1, 0);
    }
}
