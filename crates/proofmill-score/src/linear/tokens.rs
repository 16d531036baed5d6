//! From text to the hashes of its runs of tokens, in one pass and without allocation.
//!
//! | token | what |
//! |---|---|
//! | word | letters of an alphabet and digits after them, ASCII in lower case |
//! | character | each one of a script without alphabet, each mathematical sign |
//! | number | digits, with points and commas between them |
//! | formula | between dollars, LaTeX brackets, `\begin{equation}` and the like |
//! | code | between backticks |
//! | address | `https://...` |
//!
//! Control words outside formulas are no tokens. A dollar opens a formula only if one that can close
//! it stands in the same paragraph, so prices stay numbers. Every search that fails is remembered, so
//! marks that never close cost no more than one walk to the end.

use memchr::{memchr, memmem};

use super::Formulas;

/// Hashes of class tokens: no word has them but by a chance of 2^-64.
const INLINE: u64 = 0x9E6D_62D0_6F6A_9A9B;
const DISPLAY: u64 = 0xB2F7_5D2D_1F1C_4A35;
const NUMBER: u64 = 0xC6A4_A793_5BD1_E995;
const CODE: u64 = 0xD6E8_FEB8_6659_FD93;
const ADDRESS: u64 = 0xA076_1D64_78BD_642F;

/// Names of environments that hold one formula.
const ENVIRONMENTS: [&str; 9] = [
    "equation",
    "align",
    "gather",
    "multline",
    "eqnarray",
    "displaymath",
    "math",
    "flalign",
    "alignat",
];

const START: u64 = 0xCBF2_9CE4_8422_2325;
const STEP: u64 = 0x0100_0000_01B3;
const MIX: u64 = 0x9E37_79B9_7F4A_7C15;

/// Calls `give` with the hash of every run of one to three tokens; its top bits are the good ones.
/// Returns the number of tokens.
pub(super) fn hashes(text: &str, formulas: Formulas, give: impl FnMut(u64)) -> usize {
    let mut runs = Runs {
        give,
        last: 0,
        before: 0,
        n_tokens: 0,
    };
    let mut closings = Closings::default();
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match CLASS[usize::from(byte)] {
            BLANK => at += 1,
            LETTER => {
                let (hash, end) = word(bytes, at);
                if bytes[end..].starts_with(b"://") {
                    runs.push(ADDRESS);
                    at = end_of_address(bytes, end);
                } else {
                    runs.push(hash);
                    at = end;
                }
            }
            DIGIT => {
                runs.push(NUMBER);
                at = end_of_number(bytes, at);
            }
            WIDE => {
                let end = at + width(byte);
                let character = bytes.get(at..end).unwrap_or(&bytes[at..]);
                if !is_wide_punctuation(character) {
                    runs.push(
                        character
                            .iter()
                            .fold(START, |hash, &byte| extend(hash, byte)),
                    );
                }
                at = end;
            }
            _ => {
                let (kind, end) = closings.construct(bytes, at);
                match kind {
                    Construct::Inline if formulas == Formulas::Mark => runs.push(INLINE),
                    Construct::Display if formulas == Formulas::Mark => runs.push(DISPLAY),
                    Construct::Code => runs.push(CODE),
                    _ => {}
                }
                at = end;
            }
        }
    }
    runs.n_tokens
}

struct Runs<F> {
    give: F,
    last: u64,
    before: u64,
    n_tokens: usize,
}

impl<F: FnMut(u64)> Runs<F> {
    #[inline]
    fn push(&mut self, token: u64) {
        let one = mix(token);
        (self.give)(one);
        if self.n_tokens > 0 {
            let two = mix(self.last.rotate_left(21) ^ one);
            (self.give)(two);
            if self.n_tokens > 1 {
                (self.give)(mix(self.before.rotate_left(42) ^ two));
            }
        }
        (self.before, self.last) = (self.last, one);
        self.n_tokens += 1;
    }
}

#[inline]
fn mix(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 32)).wrapping_mul(MIX);
    (hash ^ (hash >> 29)).wrapping_mul(MIX)
}

#[inline]
fn extend(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(STEP)
}

const BLANK: u8 = 0;
const LETTER: u8 = 1;
const DIGIT: u8 = 2;
/// First byte of a character that is a token of its own, or punctuation.
const WIDE: u8 = 3;
/// Dollar, backslash, backtick.
const MARK: u8 = 4;

/// Two-byte characters from U+00C0 on are letters: Latin, Greek, Cyrillic, Hebrew, Arabic; those
/// below (`C2`) are signs. Three-byte characters of Indic and Georgian scripts (`E0`, `E1`) are letters
/// too; the rest is CJK, Hangul, signs, emoji.
const CLASS: [u8; 256] = {
    let mut class = [BLANK; 256];
    let mut byte = 0_u8;
    loop {
        class[byte as usize] = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | 0xC3..=0xDF | 0xE0 | 0xE1 => LETTER,
            b'0'..=b'9' => DIGIT,
            0xC2 | 0xE2..=0xF4 => WIDE,
            b'$' | b'\\' | b'`' => MARK,
            _ => BLANK,
        };
        if byte == u8::MAX {
            break class;
        }
        byte += 1;
    }
};

/// Hash and end of the word that begins at `start`.
#[inline]
fn word(bytes: &[u8], start: usize) -> (u64, usize) {
    let (mut hash, mut at) = (START, start);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'A'..=b'Z' => hash = extend(hash, byte | 0x20),
            b'a'..=b'z' | b'0'..=b'9' | 0x80..=0xC1 | 0xC3..=0xE1 => hash = extend(hash, byte),
            _ => break,
        }
        at += 1;
    }
    (hash, at)
}

fn end_of_number(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    loop {
        match bytes.get(at) {
            Some(byte) if byte.is_ascii_digit() => at += 1,
            Some(b'.' | b',') if bytes.get(at + 1).is_some_and(u8::is_ascii_digit) => at += 2,
            _ => return at,
        }
    }
}

fn end_of_address(bytes: &[u8], start: usize) -> usize {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"\"')>]".contains(byte);
    bytes[start..]
        .iter()
        .position(ends)
        .map_or(bytes.len(), |found| start + found)
}

fn width(first: u8) -> usize {
    match first {
        0xC2 => 2,
        0xF0.. => 4,
        _ => 3,
    }
}

/// Signs of Latin-1 but the mathematical ones, general and CJK punctuation, full-width forms.
fn is_wide_punctuation(character: &[u8]) -> bool {
    match character {
        [0xC2, sign] => !matches!(sign, 0xAC | 0xB1 | 0xB0 | 0xB5),
        [0xE2, 0x80..=0x81, _] | [0xE3, 0x80, 0x80..=0xA0] | [0xEF, 0xBB..=0xBD | 0xBF, _] => true,
        _ => false,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Construct {
    Inline,
    Display,
    Code,
    Nothing,
}

/// Where a search for a closing mark has failed already: it would fail from any later place too.
#[derive(Default)]
struct Closings {
    /// Per mark: whether it does not occur again before the end of the text.
    is_gone: [bool; N_MARKS + ENVIRONMENTS.len()],
    /// No dollar before this place can close a formula that opens now.
    no_dollar_before: usize,
}

const DOLLARS: usize = 0;
const BRACKET: usize = 1;
const PARENTHESIS: usize = 2;
const FENCE: usize = 3;
const TICK: usize = 4;
const N_MARKS: usize = 5;

impl Closings {
    /// What begins with the mark at `at`, and where it ends.
    fn construct(&mut self, bytes: &[u8], at: usize) -> (Construct, usize) {
        let rest = &bytes[at..];
        let (kind, end) = match rest {
            [b'`', b'`', b'`', ..] => (Construct::Code, self.close(bytes, at + 3, FENCE, b"```")),
            [b'`', ..] => (Construct::Code, self.close(bytes, at + 1, TICK, b"`")),
            [b'$', b'$', ..] => (
                Construct::Display,
                self.close(bytes, at + 2, DOLLARS, b"$$"),
            ),
            [b'$', ..] => (Construct::Inline, self.dollar(bytes, at + 1)),
            [b'\\', b'[', ..] => (
                Construct::Display,
                self.close(bytes, at + 2, BRACKET, b"\\]"),
            ),
            [b'\\', b'(', ..] => (
                Construct::Inline,
                self.close(bytes, at + 2, PARENTHESIS, b"\\)"),
            ),
            [b'\\', ..] if rest.starts_with(b"\\begin{") => {
                (Construct::Display, self.environment(bytes, at + 7))
            }
            _ => (Construct::Nothing, None),
        };
        match end {
            Some(end) => (kind, end),
            None => (Construct::Nothing, at + mark_bytes(rest)),
        }
    }

    fn close(&mut self, bytes: &[u8], from: usize, mark: usize, closing: &[u8]) -> Option<usize> {
        if self.is_gone[mark] {
            return None;
        }
        let found = memmem::find(&bytes[from.min(bytes.len())..], closing);
        self.is_gone[mark] = found.is_none();
        found.map(|found| from + found + closing.len())
    }

    /// The end of a formula that opened before `from` with one dollar: the dollar that closes it stands
    /// in the same paragraph, after no blank and before no digit.
    fn dollar(&mut self, bytes: &[u8], from: usize) -> Option<usize> {
        if bytes.get(from).is_none_or(u8::is_ascii_whitespace) || from < self.no_dollar_before {
            return None;
        }
        let mut at = from;
        while let Some(found) = bytes.get(at..).and_then(|rest| memchr(b'$', rest)) {
            let here = at + found;
            if has_blank_line(&bytes[at..here]) {
                break;
            }
            let is_escaped = bytes[here - 1] == b'\\';
            let is_closing = here > from
                && !is_escaped
                && !bytes[here - 1].is_ascii_whitespace()
                && !bytes.get(here + 1).is_some_and(u8::is_ascii_digit);
            if is_closing {
                return Some(here + 1);
            }
            at = here + 1;
        }
        // From any place up to here the next dollars are the same ones.
        self.no_dollar_before = at;
        None
    }

    /// The end of the environment whose name begins at `from`, if it is one of [`ENVIRONMENTS`].
    fn environment(&mut self, bytes: &[u8], from: usize) -> Option<usize> {
        let rest = &bytes[from..];
        let closes = |rest: &[u8], name: &str| {
            let tail = rest.strip_prefix(name.as_bytes())?;
            let star = usize::from(tail.first() == Some(&b'*'));
            (tail.get(star) == Some(&b'}')).then_some(name.len() + star + 1)
        };
        let index = ENVIRONMENTS
            .iter()
            .position(|name| closes(rest, name).is_some())?;
        let mark = N_MARKS + index;
        if self.is_gone[mark] {
            return None;
        }
        let mut at = from;
        while let Some(found) = memmem::find(&bytes[at..], b"\\end{") {
            at += found + b"\\end{".len();
            if let Some(n_bytes) = closes(&bytes[at..], ENVIRONMENTS[index]) {
                return Some(at + n_bytes);
            }
        }
        self.is_gone[mark] = true;
        None
    }
}

/// Bytes of a mark that opens nothing: an escape with its sign, or a control word.
fn mark_bytes(rest: &[u8]) -> usize {
    match rest {
        [b'\\', letter, ..] if letter.is_ascii_alphabetic() => {
            1 + rest[1..]
                .iter()
                .take_while(|byte| byte.is_ascii_alphabetic())
                .count()
        }
        [b'\\', sign, ..] if sign.is_ascii() => 2,
        _ => 1,
    }
}

fn has_blank_line(bytes: &[u8]) -> bool {
    memmem::find(bytes, b"\n\n").is_some()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(text: &str, formulas: Formulas) -> Vec<u64> {
        let mut found = Vec::new();
        let n = hashes(text, formulas, |hash| found.push(hash));
        assert_eq!(found.len(), n + n.saturating_sub(1) + n.saturating_sub(2));
        found
    }

    #[track_caller]
    fn check_same(left: &str, right: &str) {
        assert_eq!(
            all(left, Formulas::Omit),
            all(right, Formulas::Omit),
            "{left:?} {right:?}"
        );
    }

    #[test]
    fn what_a_token_is() {
        check_same("The Ring, is: commutative!", "the ring is commutative");
        check_same("costs 3.50 or 1,200.", "costs 7 or 8");
        check_same("see https://example.org/a?b=1) here", "see http://x.y here");
        check_same(
            "use `x = 1` and\n```\ncode\n```\nthen",
            "use `y` and `z` then",
        );
        check_same("\u{201c}naïve\u{201d} \u{2014} test", "naïve test");
        check_same("\\emph{word} \\\"o", "word o");
        assert_eq!(all("数列", Formulas::Omit).len(), 3);
        assert!(all("", Formulas::Omit).is_empty());
        assert!(all(" \n.,;", Formulas::Mark).is_empty());
    }

    #[test]
    fn formulas_are_left_out() {
        for formula in [
            "$x^2$",
            "$$x\n\n= y$$",
            "\\(a\\)",
            "\\[a\\]",
            "\\begin{align*} a &= b \\end{align*}",
            "$a\\$b$",
        ] {
            check_same(&format!("let {formula} be prime"), "let be prime");
            let marked = all(&format!("let {formula} be prime"), Formulas::Mark);
            assert_eq!(
                marked.len(),
                all("let it be prime", Formulas::Mark).len(),
                "{formula}"
            );
        }
    }

    #[test]
    fn prices_and_open_marks_are_text() {
        check_same("from $5 to $10 a day", "from 5 to 10 a day");
        check_same("costs $ 5 or more$", "costs 5 or more");
        check_same("one $x\n\nnext paragraph$", "one x next paragraph");
        check_same(
            "open \\[ and \\( and $$ and \\begin{align} text",
            "open and and and align text",
        );
        check_same(
            "\\begin{theorem} text \\end{theorem}",
            "theorem text theorem",
        );
    }

    /// Time stays linear: with a square this test would take minutes.
    #[test]
    fn marks_that_never_close() {
        for mark in [
            "$x ",
            "$$x",
            "\\[",
            "\\(",
            "`\n\n",
            "```",
            "\\begin{align}",
            "\\begin{math} \\end{x}",
            "$a b $2 ",
        ] {
            let text = mark.repeat(400_000);
            hashes(&text, Formulas::Mark, |_| {});
        }
    }

    proptest! {
        #[test]
        fn any_text_is_fine(text in r"([a-z1é数∑ \\$`\n({\[})\]]|\\begin\{align\}|\\end\{align\}|\$\$|```){0,80}") {
            let _ = all(&text, Formulas::Mark);
            let _ = all(&text, Formulas::Omit);
        }

        #[test]
        fn any_characters_are_fine(text in any::<String>()) {
            let _ = all(&text, Formulas::Mark);
        }
    }
}
