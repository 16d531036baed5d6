//! Words of prose: counts, shapes, stop words, mathematical vocabulary, and the sequence in which
//! repeats are looked for.
//!
//! Words are parted by white space. A formula or inline code is one word, together with what
//! touches it (`$n$-dimensional`, `$x$,`); blocks of code have none. A word of nothing but marks is
//! none. Surrounding punctuation does not count towards a word's length.

use proofmill_types::Signals;

use super::counter::hash;
use super::spans::{Span, SpanKind};
use super::vocabulary::{self, Meaning, Seen};
use super::{count_chars, ratio};

/// Characters that a formula or inline code counts for: as many as a word has on average, whatever
/// its length, so that neither repeats of symbols nor long formulas decide about repeats.
const FORMULA_CHARS: u32 = 5;

/// A word of the sequence: equal words have equal hashes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Word {
    pub(super) hash: u64,
    /// Characters without surrounding punctuation; [`FORMULA_CHARS`] for a formula.
    pub(super) n_chars: u32,
}

/// Counts of words.
#[derive(Default)]
pub(super) struct Words {
    /// All words in order.
    pub(super) sequence: Vec<Word>,
    n_plain: usize,
    n_with_letter: usize,
    n_letter_chars: usize,
    n_symbols: usize,
    n_math: usize,
    n_with_sign: usize,
    math_seen: Seen,
    n_chars: usize,
    n_url_chars: usize,
    /// One bit for each that occurred.
    stops: u8,
}

pub(super) fn measure(text: &str, spans: &[Span]) -> Words {
    let mut words = Words {
        sequence: Vec::with_capacity(text.len() / 6),
        ..Words::default()
    };
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut touches_before = false;
    for span in spans {
        let is_block = span.kind == SpanKind::BlockCode;
        words.add_prose(text, at, span.start, touches_before, !is_block);
        if !is_block {
            words.sequence.push(Word {
                hash: hash(&bytes[span.start..span.end], false),
                n_chars: FORMULA_CHARS,
            });
            words.n_chars += FORMULA_CHARS as usize;
        }
        at = span.end;
        touches_before = !is_block;
    }
    words.add_prose(text, at, text.len(), touches_before, false);
    words
}

impl Words {
    /// Adds the words of `text[start..end]`; the first and last one belong to a formula if they
    /// touch it.
    fn add_prose(
        &mut self,
        text: &str,
        start: usize,
        end: usize,
        touches_before: bool,
        touches_after: bool,
    ) {
        let bytes = &text.as_bytes()[..end];
        let mut at = start;
        while at < end {
            let token_start = at;
            let mut classes = 0;
            while let Some(&byte) = bytes.get(at) {
                let class = CLASSES[usize::from(byte)];
                if class == SPACE {
                    break;
                }
                classes |= class;
                at += 1;
            }
            let is_part = (token_start == start && touches_before) || (at == end && touches_after);
            if at > token_start && !is_part {
                self.add(text, token_start, at, classes);
            }
            at += 1;
        }
    }

    /// Adds the token `text[start..end]`, whose bytes have `classes`.
    fn add(&mut self, text: &str, start: usize, end: usize, classes: u8) {
        let token = &text.as_bytes()[start..end];
        let has = |class: u8| classes & class != 0;
        if has(MARK) && !is_heading(text, start, token) {
            self.n_symbols += count(token, |byte| byte == b'#');
        }
        let has_sign =
            (has(MARK) && has_ascii_sign(token)) || (has(WIDE) && has_wide_sign(&text[start..end]));
        self.n_with_sign += usize::from(has_sign);
        if has(DOT) && token.len() >= 3 {
            self.n_symbols += n_ellipses(token);
        }
        let is_word =
            has(LETTER | DIGIT) || (has(WIDE) && text[start..end].contains(char::is_alphanumeric));
        if !is_word {
            self.n_symbols += usize::from(has(WIDE) && token == "…".as_bytes());
            return;
        }
        let core = core(token);
        let (hash, n_chars) = if has(WIDE) {
            let lower = String::from_utf8_lossy(core).to_lowercase();
            (hash(lower.as_bytes(), false), count_chars(core))
        } else {
            (hash(core, true), core.len())
        };
        self.sequence.push(Word {
            hash,
            n_chars: u32::try_from(n_chars).unwrap_or(u32::MAX),
        });
        self.n_chars += n_chars;
        if has(COLON) && is_url(token) || core.starts_with(b"www.") {
            self.n_url_chars += n_chars;
        }
        if has(BACKSLASH) {
            return;
        }
        self.n_plain += 1;
        if has(LETTER | WIDE) {
            self.n_with_letter += 1;
            self.n_letter_chars += n_chars;
        }
        match vocabulary::meaning(hash) {
            Some(Meaning::Stop(bit)) => self.stops |= bit,
            Some(Meaning::Math(index)) => {
                self.n_math += 1;
                self.math_seen.add(index);
            }
            None => {}
        }
    }

    /// Sets all signals of words but their number.
    pub(super) fn set(&self, signals: &mut Signals) {
        let n_words = self.sequence.len();
        signals.set(
            "mean_word_chars",
            ratio(self.n_letter_chars, self.n_with_letter),
        );
        signals.set("letter_word_ratio", ratio(self.n_with_letter, self.n_plain));
        signals.set(
            "symbol_word_ratio",
            ratio(self.n_symbols, n_words.max(1)).min(1.0),
        );
        signals.set_count("stop_word_count", self.stops.count_ones() as usize);
        signals.set("url_ratio", ratio(self.n_url_chars, self.n_chars));
        signals.set("math_word_ratio", ratio(self.n_math, self.n_with_letter));
        signals.set_count("n_math_words", self.n_math);
        signals.set_count("n_distinct_math_words", self.math_seen.count());
        signals.set(
            "math_sign_ratio",
            ratio(self.n_with_sign, n_words.max(1)).min(1.0),
        );
    }
}

const LETTER: u8 = 1;
const DIGIT: u8 = 2;
const WIDE: u8 = 4;
const BACKSLASH: u8 = 8;
const COLON: u8 = 16;
const DOT: u8 = 32;
/// One of `#`, `=`, `+`, `^`.
const MARK: u8 = 64;
const SPACE: u8 = 128;

/// Class of each byte.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte {
            0x61..=0x7A | 0x41..=0x5A => LETTER,
            0x30..=0x39 => DIGIT,
            0x80.. => WIDE,
            0x5C => BACKSLASH,
            0x3A => COLON,
            0x2E => DOT,
            0x23 | 0x2B | 0x3D | 0x5E => MARK,
            0x20 | 0x09..=0x0D => SPACE,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

/// `token` from its first to its last letter, digit or character beyond ASCII.
fn core(token: &[u8]) -> &[u8] {
    let is_core = |byte: u8| CLASSES[usize::from(byte)] & (LETTER | DIGIT | WIDE) != 0;
    let mut core = token;
    while let [first, rest @ ..] = core
        && !is_core(*first)
    {
        core = rest;
    }
    while let [rest @ .., last] = core
        && !is_core(*last)
    {
        core = rest;
    }
    core
}

/// How many runs of three dots there are.
fn n_ellipses(token: &[u8]) -> usize {
    let (mut n_found, mut run) = (0, 0);
    for &byte in token {
        run = if byte == b'.' { run + 1 } else { 0 };
        n_found += usize::from(run == 3);
    }
    n_found
}

fn count(token: &[u8], is_one: impl Fn(u8) -> bool) -> usize {
    token.iter().filter(|&&byte| is_one(byte)).count()
}

/// Whether `token` is a sign of a formula between blanks, or holds a power: `x^2`. Signs inside other
/// words are mostly those of programs and addresses (`mode=r`, `C++`).
fn has_ascii_sign(token: &[u8]) -> bool {
    let is_power = |part: &[u8]| match part {
        [base, b'^', exponent] => {
            (base.is_ascii_alphanumeric() || matches!(base, b')' | b']'))
                && (exponent.is_ascii_alphanumeric() || matches!(exponent, b'(' | b'{' | b'-'))
        }
        _ => false,
    };
    matches!(token, b"=" | b"+") || token.windows(3).any(is_power)
}

/// Whether `token` holds an operator, relation, set or raised or lowered digit. Arrows, dots and stars
/// are left out: menus have them. The signs of Latin-1 count only where no longer word ends, since
/// they are letters of other character sets, wrongly decoded.
fn has_wide_sign(token: &str) -> bool {
    let (mut before, mut last) = (' ', ' ');
    token.chars().any(|c| {
        let ends_word = before.is_alphabetic() && last.is_alphabetic();
        let is_sign = match c {
            '\u{B2}' | '\u{B3}' | '\u{B9}' => !ends_word && last.is_alphanumeric() || last == ')',
            '\u{AC}' | '\u{B1}' | '\u{D7}' | '\u{F7}' => !ends_word,
            '\u{2200}'..='\u{22FF}' => !matches!(c, '∗' | '∘' | '∙' | '⋅' | '⋆' | '⋮'),
            _ => matches!(c,
                '\u{2070}'..='\u{209C}' | 'ℂ' | 'ℍ' | 'ℕ' | 'ℙ' | 'ℚ' | 'ℝ' | 'ℤ' | '⇒' | '⇔' | '↦'
                | '⟨' | '⟩' | '\u{2A00}'..='\u{2AFF}'),
        };
        (before, last) = (last, c);
        is_sign
    })
}

/// Whether `token` is the mark of a Markdown heading.
fn is_heading(text: &str, start: usize, token: &[u8]) -> bool {
    token.len() <= 6
        && token.iter().all(|&byte| byte == b'#')
        && (start == 0 || text.as_bytes()[start - 1] == b'\n')
}

fn is_url(token: &[u8]) -> bool {
    token.windows(3).any(|window| window == b"://")
}

/// Hash of a word of the vocabulary, as [`Words`] computes it.
pub(super) fn word_hash(word: &str) -> u64 {
    hash(word.as_bytes(), word.is_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::spans::{Syntax, find};

    #[track_caller]
    fn check(text: &str, name: &str, expected: f64) {
        let mut signals = Signals::new();
        let words = measure(text, &find(text, Syntax::Markdown));
        signals.set_count("n_words", words.sequence.len());
        words.set(&mut signals);
        let found = signals.get(name).unwrap();
        assert!(
            (found - expected).abs() < 1e-9,
            "{name} of {text:?} is {found}"
        );
    }

    #[test]
    fn counts() {
        check("one two  three\nfour", "n_words", 4.0);
        check("let $x + y = z$ be", "n_words", 3.0);
        check("an $n$-dimensional ($m$-fold) space", "n_words", 4.0);
        check("- a | b # c", "n_words", 3.0);
        check("```\na b c\n```\nd", "n_words", 1.0);
        check("ein größeres Maß", "n_words", 3.0);
        check("", "n_words", 0.0);
    }

    #[test]
    fn shapes() {
        check("größer als", "mean_word_chars", 4.5);
        check("to be, or (so)", "mean_word_chars", 2.0);
        check("$x_1$ ab \\alpha 1234", "mean_word_chars", 2.0);
        check("ab 12 3.4 x1", "letter_word_ratio", 0.5);
        check(
            "# Heading\n\nsee #3 and ... wait...",
            "symbol_word_ratio",
            3.0 / 5.0,
        );
        check("see https://example.org/ab now", "url_ratio", 22.0 / 28.0);
    }

    #[test]
    fn vocabulary() {
        check("The sum of the two AND that", "stop_word_count", 4.0);
        check("Theorem: every Lemma", "n_math_words", 2.0);
        check("Théorème suivant", "n_math_words", 1.0);
        check(
            "lemma, Lemma; a proof of the lemma",
            "n_distinct_math_words",
            2.0,
        );
        check("theory of theorems", "math_word_ratio", 1.0 / 3.0);
        check("2 3 5 primes 11 13", "math_word_ratio", 1.0);
    }

    #[test]
    fn signs() {
        check("a² + b² = c² holds", "math_sign_ratio", 1.0);
        check("x^2 and x", "math_sign_ratio", 1.0 / 3.0);
        check("every x ∈ ℝ here", "math_sign_ratio", 2.0 / 4.0);
        check("$a + b$ is $c$", "math_sign_ratio", 0.0);
        check(
            "C++ mode=r ^up ^^ next → menu ⋮ 1 ∙ 2",
            "math_sign_ratio",
            0.0,
        );
        check("by³ mia³ 85 m² s± 2±1 (a+b)²", "math_sign_ratio", 4.0 / 7.0);
        check("", "math_sign_ratio", 0.0);
    }
}
