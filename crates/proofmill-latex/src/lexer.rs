//! Characters to tokens, with TeX's rules for blanks, line ends and comments.
//!
//! Works on one slice of the arena and keeps no state but a position, so that a token can be given
//! back by restoring the position. Only `@` changes its class.

use memchr::{memchr, memchr2};

use crate::names::Names;
use crate::token::{Kind, NEWLINE, SPACED, Token};

const TEXT: u8 = 0;
const BLANK: u8 = 1;
const SPECIAL: u8 = 2;

const CLASS: [u8; 256] = {
    let mut class = [TEXT; 256];
    let mut at = 0;
    let special = b"\\{}$&#^_~%";
    while at < special.len() {
        class[special[at] as usize] = SPECIAL;
        at += 1;
    }
    let mut control = 0;
    while control < 32 {
        class[control] = BLANK;
        control += 1;
    }
    class[b' ' as usize] = BLANK;
    class[127] = BLANK;
    class
};

/// What a special character makes; `Nothing` for the one that opens a comment.
const KIND: [Kind; 256] = {
    let mut kind = [Kind::Tie; 256];
    kind[b'\\' as usize] = Kind::Cs;
    kind[b'%' as usize] = Kind::Nothing;
    kind[b'{' as usize] = Kind::Open;
    kind[b'}' as usize] = Kind::Close;
    kind[b'$' as usize] = Kind::Dollar;
    kind[b'&' as usize] = Kind::Align;
    kind[b'#' as usize] = Kind::Hash;
    kind[b'^' as usize] = Kind::Sup;
    kind[b'_' as usize] = Kind::Sub;
    kind
};

/// A reading position in the arena.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor {
    /// Next byte.
    pub(crate) pos: usize,
    /// End of the file, exclusive.
    pub(crate) end: usize,
    /// `@` counts as a letter.
    pub(crate) at_letter: bool,
    /// Where the run of text that was read last starts and ends: wherever reading enters it again,
    /// it ends there.
    run: (usize, usize),
}

impl Cursor {
    /// Stands at `start`, to read up to `end`.
    pub(crate) fn new(start: usize, end: usize, at_letter: bool) -> Self {
        Self {
            pos: start,
            end,
            at_letter,
            run: (0, 0),
        }
    }
}

/// The token that was read last, so that one given back need not be read again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Last {
    /// Position before it.
    pub(crate) start: usize,
    /// Position behind it; 0 when there is none.
    after: usize,
    at_letter: bool,
    token: Token,
}

impl Last {
    /// No token.
    pub(crate) fn none(start: usize) -> Self {
        Self {
            start,
            after: 0,
            at_letter: false,
            token: Token::NOTHING,
        }
    }
}

/// As [`next`], with `last` kept: a token given back by putting the cursor at its start is returned
/// again.
#[inline]
pub(crate) fn next_after(
    arena: &str,
    cursor: &mut Cursor,
    last: &mut Last,
    names: &mut Names,
) -> Option<Token> {
    let start = cursor.pos;
    if start == last.start
        && last.after > start
        && last.after <= cursor.end
        && last.at_letter == cursor.at_letter
    {
        cursor.pos = last.after;
        return Some(last.token);
    }
    last.start = start;
    last.after = 0;
    let token = next(arena, cursor, names)?;
    *last = Last {
        start,
        after: cursor.pos,
        at_letter: cursor.at_letter,
        token,
    };
    Some(token)
}

/// Reads the next token; `None` at the end.
#[inline]
pub(crate) fn next(arena: &str, cursor: &mut Cursor, names: &mut Names) -> Option<Token> {
    let bytes = arena.as_bytes().get(..cursor.end)?;
    loop {
        let start = cursor.pos;
        let first = *bytes.get(start)?;
        match CLASS[usize::from(first)] {
            TEXT => return Some(text(bytes, cursor)),
            BLANK => return Some(blank(bytes, cursor)),
            _ => {}
        }
        cursor.pos = start + 1;
        match KIND[usize::from(first)] {
            Kind::Cs if cursor.pos < bytes.len() => {
                let (name, flags) = control(arena, cursor, names);
                return Some(Token::cs(name).with(flags));
            }
            // A lone backslash at the end of a file.
            Kind::Cs => return Some(Token::new(Kind::Space)),
            Kind::Nothing => {
                if let Some(par) = comment(bytes, cursor) {
                    return Some(par);
                }
            }
            kind => return Some(Token::new(kind)),
        }
    }
}

#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the arena is kept below 4 GiB"
)]
fn text(bytes: &[u8], cursor: &mut Cursor) -> Token {
    let start = cursor.pos;
    let (run_start, run_end) = cursor.run;
    let pos = if run_start <= start && start < run_end && run_end <= bytes.len() {
        run_end
    } else {
        let end = run_end_from(bytes, start);
        cursor.run = (start, end);
        end
    };
    cursor.pos = pos;
    Token::text(start as u32, (pos - start) as u32)
}

/// Bytes that are looked at together.
const LANES: usize = 16;

/// Whether all of `bytes` lie inside a run of text; `shifted` starts one byte later. Some of those
/// that do are denied, as it looks at ranges of characters: controls, `#` to `&`, and those that share
/// their low bits with `\` `{` `}` `^` `_` `~`.
#[inline]
fn is_plain(bytes: &[u8; LANES], shifted: &[u8; LANES]) -> bool {
    let mut odd = 0;
    for (byte, next) in bytes.iter().zip(shifted) {
        odd |= u8::from(*byte < 32)
            | u8::from(byte.wrapping_sub(b'#') < 4)
            | u8::from((byte | 32).wrapping_sub(b'{') < 5)
            | (u8::from(*byte == b' ') & u8::from(*next == b' '));
    }
    odd == 0
}

/// End of the run of text that starts at `start`: single blanks inside belong to it.
///
/// Many runs, in formulas, are a few letters: the first word is read byte by byte.
fn run_end_from(bytes: &[u8], start: usize) -> usize {
    let is_text = |byte: &u8| CLASS[usize::from(*byte)] == TEXT;
    let mut pos = start + 1;
    loop {
        let near = bytes.get(pos..).unwrap_or_default();
        let near = &near[..near.len().min(LANES)];
        let word = near.iter().position(|byte| !is_text(byte));
        pos += word.unwrap_or(near.len());
        if word.is_some() && bytes[pos] == b' ' && bytes.get(pos + 1).is_some_and(is_text) {
            pos += 2;
        } else if word.is_some() || near.len() < LANES {
            // A blank that ended sixteen bytes does not belong to it if no text follows.
            return pos - usize::from(bytes[pos - 1] == b' ');
        }
        while let (Some(chunk), Some(shifted)) = (
            bytes.get(pos..).and_then(<[u8]>::first_chunk),
            bytes.get(pos + 1..).and_then(<[u8]>::first_chunk),
        ) && is_plain(chunk, shifted)
        {
            pos += LANES;
        }
    }
}

/// A run of white space: `Par` when it holds a blank line.
#[inline]
fn blank(bytes: &[u8], cursor: &mut Cursor) -> Token {
    let mut lines = 0_u32;
    while let Some(&byte) = bytes.get(cursor.pos) {
        if CLASS[usize::from(byte)] != BLANK {
            break;
        }
        lines += u32::from(byte == b'\n');
        cursor.pos += 1;
    }
    match lines {
        0 => Token::new(Kind::Space),
        1 => Token::new(Kind::Space).with(NEWLINE),
        _ => Token::new(Kind::Par),
    }
}

/// Skips a comment with its line end and the blanks that open the next line; `Par` if that line is
/// blank.
fn comment(bytes: &[u8], cursor: &mut Cursor) -> Option<Token> {
    let rest = bytes.get(cursor.pos..)?;
    let Some(line_end) = memchr(b'\n', rest) else {
        cursor.pos = bytes.len();
        return None;
    };
    cursor.pos += line_end + 1;
    let mut blank_line = false;
    while let Some(&byte) = bytes.get(cursor.pos) {
        if CLASS[usize::from(byte)] != BLANK {
            break;
        }
        blank_line |= byte == b'\n';
        cursor.pos += 1;
    }
    blank_line.then_some(Token::new(Kind::Par))
}

/// A control word with the blanks after it, or a control symbol: its name, and flags.
fn control(arena: &str, cursor: &mut Cursor, names: &mut Names) -> (u32, u8) {
    let bytes = &arena.as_bytes()[..cursor.end];
    let start = cursor.pos;
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || (*byte == b'@' && cursor.at_letter);
    let rest = bytes.get(start..).unwrap_or_default();
    let length = rest.iter().position(|byte| !is_letter(byte));
    let word_end = length.map_or(bytes.len(), |length| start + length);
    if word_end == start {
        return (symbol(arena, cursor, names), 0);
    }
    let name = names.intern(arena.get(start..word_end).unwrap_or_default());
    let mut pos = word_end;
    let mut newline = false;
    while let Some(&byte) = bytes.get(pos) {
        if CLASS[usize::from(byte)] != BLANK {
            break;
        }
        if byte == b'\n' {
            if newline {
                // A blank line follows: it is a token of its own.
                cursor.pos = word_end;
                return (name, 0);
            }
            newline = true;
        }
        pos += 1;
    }
    cursor.pos = pos;
    match (newline, pos > word_end) {
        (true, _) => (name, SPACED | NEWLINE),
        (false, true) => (name, SPACED),
        (false, false) => (name, 0),
    }
}

/// Name of a control symbol.
fn symbol(arena: &str, cursor: &mut Cursor, names: &mut Names) -> u32 {
    let start = cursor.pos;
    let rest = arena.get(start..cursor.end).unwrap_or_default();
    let width = rest.chars().next().map_or(1, char::len_utf8);
    cursor.pos += width;
    match rest.get(..width) {
        Some(symbol) if !symbol.as_bytes()[0].is_ascii_whitespace() => names.intern(symbol),
        _ => names.intern(" "),
    }
}

/// Finds `needle` from the cursor on; the byte position of its start.
pub(crate) fn find(arena: &str, cursor: &Cursor, needle: &str) -> Option<usize> {
    let rest = arena.as_bytes().get(cursor.pos..cursor.end)?;
    memchr::memmem::find(rest, needle.as_bytes()).map(|at| cursor.pos + at)
}

/// End of the line on which the cursor stands: the position after its line end.
pub(crate) fn line_end(arena: &str, cursor: &Cursor) -> usize {
    let rest = arena
        .as_bytes()
        .get(cursor.pos..cursor.end)
        .unwrap_or_default();
    memchr2(b'\n', b'\r', rest).map_or(cursor.end, |at| cursor.pos + at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(input: &str) -> Vec<Kind> {
        let mut names = Names::new();
        let mut cursor = Cursor::new(0, input.len(), false);
        std::iter::from_fn(|| next(input, &mut cursor, &mut names))
            .map(|t| t.kind)
            .collect()
    }

    #[test]
    fn blanks_and_comments() {
        use Kind::{Cs, Par, Space, Text};
        assert_eq!(kinds("a b  c\nd"), [Text, Space, Text, Space, Text]);
        assert_eq!(kinds("a\n \n b"), [Text, Par, Text]);
        assert_eq!(kinds("a% x\n  b"), [Text, Text]);
        assert_eq!(kinds("a\n% x\nb"), [Text, Space, Text]);
        assert_eq!(kinds("a% x\n\nb"), [Text, Par, Text]);
        assert_eq!(kinds("\\x y"), [Cs, Text]);
        assert_eq!(kinds("\\x\n\ny"), [Cs, Par, Text]);
        assert_eq!(kinds("5\\% y"), [Text, Cs, Space, Text]);
        assert_eq!(kinds("\\"), [Space]);
    }

    /// End of a run, byte by byte.
    fn plain_run_end(bytes: &[u8]) -> usize {
        let is_text = |at: usize| {
            bytes
                .get(at)
                .is_some_and(|b| CLASS[usize::from(*b)] == TEXT)
        };
        let mut end = 1;
        while is_text(end) || (bytes.get(end) == Some(&b' ') && is_text(end + 1)) {
            end += 1;
        }
        end
    }

    #[test]
    fn runs_end_where_the_plain_way_ends_them() {
        let pieces = [
            "word", " ", "x", "[a] |", "\n", "$", "~", "\u{7f}", "é", "\t", "  ", "&",
        ];
        let mut state = 1_usize;
        for _ in 0..20_000 {
            let mut text = String::from("a");
            for _ in 0..state % 13 {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(99);
                // Mostly words and blanks, so that runs are long.
                let wide = if (state >> 40).is_multiple_of(4) {
                    pieces.len()
                } else {
                    4
                };
                text.push_str(pieces[(state >> 33) % wide]);
            }
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(7)
                >> 1;
            let bytes = text.as_bytes();
            assert_eq!(run_end_from(bytes, 0), plain_run_end(bytes), "{text:?}");
        }
    }

    #[test]
    fn tokens_read_again_are_the_same() {
        let input = "ab cd ef\\x@y% z\n q";
        let mut names = Names::new();
        let mut cursor = Cursor::new(0, input.len(), false);
        let mut last = Last::none(0);
        // Every start of a word inside the run, in any order.
        for at in [0, 6, 1, 3, 4, 7, 8, 8, 0] {
            for at_letter in [false, true] {
                cursor.pos = at;
                cursor.at_letter = at_letter;
                let mut fresh = Cursor::new(at, input.len(), at_letter);
                let expected = next(input, &mut fresh, &mut names);
                let read = next_after(input, &mut cursor, &mut last, &mut names);
                assert_eq!((read, cursor.pos), (expected, fresh.pos), "{at}");
            }
        }
        // The end came closer.
        cursor.pos = 0;
        cursor.end = 4;
        let read = next_after(input, &mut cursor, &mut last, &mut names);
        assert_eq!((read, cursor.pos), (Some(Token::text(0, 4)), 4));
    }
}
