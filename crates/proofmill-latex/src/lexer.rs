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

/// A reading position in the arena.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor {
    /// Next byte.
    pub(crate) pos: usize,
    /// End of the file, exclusive.
    pub(crate) end: usize,
    /// `@` counts as a letter.
    pub(crate) at_letter: bool,
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
        let kind = match first {
            b'\\' => return Some(control(arena, cursor, names)),
            b'%' => {
                if let Some(par) = comment(bytes, cursor) {
                    return Some(par);
                }
                continue;
            }
            b'{' => Kind::Open,
            b'}' => Kind::Close,
            b'$' => Kind::Dollar,
            b'&' => Kind::Align,
            b'#' => Kind::Hash,
            b'^' => Kind::Sup,
            b'_' => Kind::Sub,
            _ => Kind::Tie,
        };
        return Some(Token::new(kind));
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the arena is kept below 4 GiB"
)]
fn text(bytes: &[u8], cursor: &mut Cursor) -> Token {
    let start = cursor.pos;
    let mut pos = start + 1;
    while let Some(&byte) = bytes.get(pos) {
        if CLASS[usize::from(byte)] == TEXT {
            pos += 1;
        } else if byte == b' '
            && bytes
                .get(pos + 1)
                .is_some_and(|next| CLASS[usize::from(*next)] == TEXT)
        {
            pos += 2;
        } else {
            break;
        }
    }
    cursor.pos = pos;
    Token::text(start as u32, (pos - start) as u32)
}

/// A run of white space: `Par` when it holds a blank line.
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

/// A control word with the blanks after it, or a control symbol.
fn control(arena: &str, cursor: &mut Cursor, names: &mut Names) -> Token {
    let bytes = &arena.as_bytes()[..cursor.end];
    let start = cursor.pos;
    let is_letter = |byte: u8| byte.is_ascii_alphabetic() || (byte == b'@' && cursor.at_letter);
    let mut pos = start;
    while bytes.get(pos).is_some_and(|byte| is_letter(*byte)) {
        pos += 1;
    }
    if pos == start {
        return symbol(arena, cursor, names);
    }
    let token = Token::cs(names.intern(&arena[start..pos]));
    let word_end = pos;
    let mut newline = false;
    while let Some(&byte) = bytes.get(pos) {
        if CLASS[usize::from(byte)] != BLANK {
            break;
        }
        if byte == b'\n' {
            if newline {
                // A blank line follows: it is a token of its own.
                cursor.pos = word_end;
                return token;
            }
            newline = true;
        }
        pos += 1;
    }
    cursor.pos = pos;
    match (newline, pos > word_end) {
        (true, _) => token.with(SPACED | NEWLINE),
        (false, true) => token.with(SPACED),
        (false, false) => token,
    }
}

fn symbol(arena: &str, cursor: &mut Cursor, names: &mut Names) -> Token {
    let start = cursor.pos;
    let rest = arena.get(start..cursor.end).unwrap_or_default();
    let Some(symbol) = rest.chars().next() else {
        // A lone backslash at the end of a file.
        return Token::new(Kind::Space);
    };
    cursor.pos += symbol.len_utf8();
    if symbol.is_ascii_whitespace() {
        return Token::cs(names.intern(" "));
    }
    Token::cs(names.intern(&rest[..symbol.len_utf8()]))
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
        let mut cursor = Cursor {
            pos: 0,
            end: input.len(),
            at_letter: false,
        };
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
}
