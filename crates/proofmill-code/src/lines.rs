//! Shapes of lines and long runs: numbers in columns, hexadecimal and base64 blocks.

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

/// Bytes whose kinds are added up before the counters, 16 bits each, could overflow.
const BATCH_BYTES: usize = 1 << 15;

const DIGIT: u64 = 1;
const LETTER: u64 = 1 << 16;
const OTHER: u64 = 1 << 32;
const MASKED: u64 = 1 << 48;

/// For each byte a one in the counter of its kind; white space counts nowhere.
static KIND: [u64; 256] = kinds();

const fn kinds() -> [u64; 256] {
    let mut kinds = [OTHER; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "the loop ends at 255")]
        let value = byte as u8;
        kinds[byte] = match value {
            1 | 2 => MASKED,
            b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => 0,
            b'0'..=b'9' => DIGIT,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => LETTER,
            _ => OTHER,
        };
        byte += 1;
    }
    kinds
}

/// Numbers of digits, letters, other bytes of code, and bytes in comments and strings.
fn kinds_of(line: &[u8]) -> [usize; 4] {
    let mut totals = [0_usize; 4];
    for batch in line.chunks(BATCH_BYTES) {
        let sum: u64 = batch.iter().map(|&byte| KIND[usize::from(byte)]).sum();
        for (index, total) in totals.iter_mut().enumerate() {
            *total += usize::try_from((sum >> (16 * index)) & 0xffff).unwrap_or(0);
        }
    }
    totals
}

/// Measures the lines of `text`; `classes` is the same text with comments and strings overwritten.
pub(crate) fn lines(text: &[u8], classes: &[u8]) -> Lines {
    let mut lines = Lines::default();
    let mut from = 0;
    for to in memchr::memchr_iter(b'\n', classes).chain([classes.len()]) {
        let [n_digits, n_letters, n_other, n_masked] = kinds_of(&classes[from..to]);
        let n_code = n_digits + n_letters + n_other;
        lines.n_code += usize::from(n_code > 0);
        lines.n_code_bytes += n_code;
        lines.n_black_bytes += n_code + n_masked;
        let is_row = n_digits >= MIN_DATA_LINE_DIGITS && n_letters * 3 <= n_digits * 2;
        let is_long_row = n_digits >= MIN_LONG_ROW_DIGITS && n_letters <= n_digits;
        if is_row || is_long_row {
            lines.n_data_bytes += n_code;
        }
        if to - from >= MIN_HEX_RUN_BYTES {
            runs(&text[from..to], &mut lines);
        }
        from = to + 1;
    }
    lines
}

/// Counts long runs of one line.
fn runs(line: &[u8], lines: &mut Lines) {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    // A long run covers one byte of every step of its least length; look there first.
    let mut steps = line
        .iter()
        .skip(MIN_HEX_RUN_BYTES - 1)
        .step_by(MIN_HEX_RUN_BYTES);
    if !steps.any(is_part) {
        return;
    }
    for run in line.split(|byte| !is_part(byte)) {
        if run.len() < MIN_HEX_RUN_BYTES {
            continue;
        }
        let has_digit = run.iter().any(u8::is_ascii_digit);
        let has_letter = run.iter().any(u8::is_ascii_alphabetic); // else it is a long number
        if run.iter().all(u8::is_ascii_hexdigit) && has_digit && has_letter {
            lines.n_hex_bytes += run.len();
        } else if run.len() >= MIN_BASE64_RUN_BYTES
            && has_digit
            && run.iter().any(u8::is_ascii_uppercase)
            && run.iter().any(u8::is_ascii_lowercase)
        {
            lines.n_base64_bytes += run.len();
        }
    }
}
