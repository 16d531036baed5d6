//! Lines that repeat an earlier one but for their numbers and strings: cases that a program wrote, a
//! table of calls, a data file in the dress of code.
//!
//! Plain repetition misses them, because each line brings its own values. Here a line is reduced to its
//! shape first: white space and comments out, every number and every string one mark.

use std::hash::Hasher;

use rustc_hash::{FxHashSet, FxHasher};

use crate::scan::{COMMENT, STRING, is_name_byte};

/// Lines looked at; a file with more is judged by its first ones, so that memory stays bounded.
const MAX_LINES: usize = 100_000;

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

/// Hash of the shape of a line; `None` if it holds marks only.
fn shape(line: &[u8]) -> Option<u64> {
    let mut hasher = FxHasher::default();
    let mut says_something = false;
    let mut at = 0;
    while let Some(&byte) = line.get(at) {
        let length = match byte {
            STRING => run(&line[at..], |&byte| byte == STRING),
            b'0'..=b'9' => number(&line[at..]),
            _ if is_name_byte(byte) => run(&line[at..], |&byte| is_name_byte(byte)),
            _ => 1,
        };
        let part = &line[at..at + length];
        at += length;
        match byte {
            COMMENT | b'-' | b'+' => {} // a sign belongs to the value
            _ if byte.is_ascii_whitespace() => {}
            STRING | b'0'..=b'9' => {
                says_something = true;
                hasher.write_u8(b'0');
            }
            _ => {
                says_something |= is_name_byte(byte);
                hasher.write(part);
            }
        }
    }
    says_something.then(|| hasher.finish())
}

fn run(line: &[u8], is_part: impl Fn(&u8) -> bool) -> usize {
    line.iter().take_while(|byte| is_part(byte)).count()
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
    use super::*;

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
