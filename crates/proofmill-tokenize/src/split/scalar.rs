//! The plain scanners: one piece at a time, one character at a time.
//!
//! Each function takes the text up to where it ends for the pattern, and the start of a piece
//! before that end; it gives the end of the piece, which is never empty. The comments show the
//! part of the pattern that the code below them stands for. Every function is linear in the
//! characters it looks at, and looks only a bounded number of times at each.

use super::classes::{
    CASELESS, Char, Class, END, KANA_HAN, LETTER, LOWER, MARK, NUMBER, SIGN, UPPER, WHITE, char_at,
};

/// Kinds that are no `[^\s\p{L}\p{N}]`.
const NO_OTHER: Class = WHITE | LETTER | NUMBER | END;
/// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`.
const HEAD: Class = UPPER | CASELESS | MARK;
/// `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`.
const TAIL: Class = LOWER | CASELESS | MARK;

/// What belongs to the text that a pattern sees: earlier steps may have cut it into parts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Everything.
    Whole,
    /// All but what `char::is_numeric` takes.
    NoNumeric,
    /// Only that.
    Numeric,
    /// All but numbers, kana and ideographs.
    NoNumberKanaHan,
    /// Only kana and ideographs.
    KanaHan,
}

impl Scope {
    /// The character at `at`; [`END`] where the scope ends.
    #[inline]
    fn look(self, text: &[u8], at: usize) -> Char {
        let found = char_at(text, at);
        let numeric = || char::from_u32(found.code).is_some_and(char::is_numeric);
        let inside = match self {
            Self::Whole => true,
            Self::NoNumeric => !numeric(),
            Self::Numeric => numeric(),
            Self::NoNumberKanaHan => found.class & (NUMBER | KANA_HAN) == 0,
            Self::KanaHan => found.class & KANA_HAN != 0,
        };
        if inside {
            return found;
        }
        Char {
            code: 0,
            class: END,
            next: at,
        }
    }

    /// Where the run of characters with any of `bits` ends that begins at `at`.
    #[inline]
    fn run(self, text: &[u8], mut at: usize, bits: Class) -> usize {
        loop {
            let found = self.look(text, at);
            if found.class & bits == 0 {
                return at;
            }
            at = found.next;
        }
    }

    /// Where the run of characters with none of `bits` ends; `bits` must have [`END`].
    #[inline]
    fn run_without(self, text: &[u8], mut at: usize, bits: Class) -> usize {
        loop {
            let found = self.look(text, at);
            if found.class & bits != 0 {
                return at;
            }
            at = found.next;
        }
    }
}

/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
#[inline]
pub(super) fn gpt2(text: &[u8], at: usize, scope: Scope) -> usize {
    if let Some(end) = contraction(text, at, false) {
        return end;
    }
    let mut first = scope.look(text, at);
    let mut start = at;
    if text[at] == b' ' {
        let second = scope.look(text, first.next);
        if second.class & (WHITE | END) == 0 {
            start = first.next;
            first = second;
        }
    }
    if first.class & LETTER != 0 {
        scope.run(text, first.next, LETTER)
    } else if first.class & NUMBER != 0 {
        scope.run(text, first.next, NUMBER)
    } else if first.class & NO_OTHER == 0 {
        scope.run_without(text, first.next, NO_OTHER)
    } else {
        white(text, start, scope, false)
    }
}

/// [`gpt2`] on what stands between digits, and on them: each alone if `individual`, else runs.
#[inline]
pub(super) fn digits_gpt2(text: &[u8], at: usize, individual: bool) -> usize {
    let first = Scope::Numeric.look(text, at);
    if first.class & END != 0 {
        gpt2(text, at, Scope::NoNumeric)
    } else if individual {
        first.next
    } else {
        gpt2(text, at, Scope::Numeric)
    }
}

/// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|`
/// `\s*[\r\n]+|\s+(?!\S)|\s+`, with `\p{N}` if `single_digits`; `marks` puts `\p{M}` beside each
/// `\p{L}` but the first, and so out of the signs.
#[inline]
pub(super) fn cl100k(text: &[u8], at: usize, single_digits: bool, marks: bool) -> usize {
    let scope = Scope::Whole;
    let word = if marks { LETTER | MARK } else { LETTER };
    if let Some(end) = contraction(text, at, true) {
        return end;
    }
    // [^\r\n\p{L}\p{N}]?\p{L}+
    let first = scope.look(text, at);
    if first.class & word != 0 {
        return scope.run(text, first.next, word);
    }
    if first.class & NUMBER == 0 && !is_newline(text[at]) {
        let second = scope.look(text, first.next);
        if second.class & word != 0 {
            return scope.run(text, second.next, word);
        }
    }
    if first.class & NUMBER != 0 {
        return digits(text, first.next, single_digits);
    }
    signs(text, at, first, NO_OTHER | word, is_newline)
        .unwrap_or_else(|| white(text, at, scope, true))
}

/// `[^\r\n\p{L}\p{N}]?` HEAD`*` TAIL`+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?` HEAD`+`
/// TAIL`*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|`
/// `\s+(?!\S)|\s+`, with `\p{N}` if `single_digits`, or without the contractions.
#[inline]
pub(super) fn o200k(text: &[u8], at: usize, single_digits: bool, contractions: bool) -> usize {
    let first = Scope::Whole.look(text, at);
    if let Some(end) = cased_word(text, at, first) {
        return match contraction(text, end, true) {
            Some(after) if contractions => after,
            _ => end,
        };
    }
    if first.class & NUMBER != 0 {
        return digits(text, first.next, single_digits);
    }
    let trailing = |byte| is_newline(byte) || byte == b'/';
    signs(text, at, first, NO_OTHER, trailing)
        .unwrap_or_else(|| white(text, at, Scope::Whole, true))
}

/// The three steps `\p{N}{1,3}`, `[一-龥぀-ゟ゠-ヿ]+` and
/// ``[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+|``
/// ` ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+` in one.
///
/// The last pattern leaves gaps, and what stands between two of its matches is a piece.
#[inline]
pub(super) fn deepseek(text: &[u8], at: usize) -> usize {
    let first = char_at(text, at);
    if first.class & NUMBER != 0 {
        return digits(text, first.next, false);
    }
    let scope = if first.class & KANA_HAN != 0 {
        Scope::KanaHan
    } else {
        Scope::NoNumberKanaHan
    };
    let mut gap_end = at;
    loop {
        match deepseek_match(text, gap_end, scope) {
            Some(end) if gap_end == at => return end,
            Some(_) => return gap_end,
            None => {}
        }
        let skipped = scope.look(text, gap_end);
        if skipped.class & END != 0 {
            return gap_end;
        }
        gap_end = skipped.next;
    }
}

/// The match of `DeepSeek`'s last pattern that begins at `at`.
#[inline]
fn deepseek_match(text: &[u8], at: usize, scope: Scope) -> Option<usize> {
    const WORD: Class = LETTER | MARK;
    let first = scope.look(text, at);
    if first.class & END != 0 {
        return None;
    }
    // One ASCII sign and the ASCII letters behind it
    if text[at].is_ascii_punctuation() {
        let letters = text[at + 1..]
            .iter()
            .take_while(|b| b.is_ascii_alphabetic());
        match letters.count() {
            0 => {}
            n_letters => return Some(at + 1 + n_letters),
        }
    }
    // [^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+
    if first.class & WORD != 0 {
        return Some(scope.run(text, first.next, WORD));
    }
    if first.class & SIGN == 0 && !is_newline(text[at]) {
        let second = scope.look(text, first.next);
        if second.class & WORD != 0 {
            return Some(scope.run(text, second.next, WORD));
        }
    }
    //  ?[\p{P}\p{S}]+[\r\n]*
    let sign = match text[at] {
        b' ' => scope.look(text, first.next),
        _ => first,
    };
    if sign.class & SIGN != 0 {
        let end = scope.run(text, sign.next, SIGN);
        return Some(match scope {
            Scope::KanaHan => end,
            _ => skip_bytes(text, end, is_newline),
        });
    }
    (first.class & WHITE != 0).then(|| white(text, at, scope, true))
}

/// The word at `at` of [`o200k`], without the contraction behind it.
#[inline]
fn cased_word(text: &[u8], at: usize, first: Char) -> Option<usize> {
    let can_lead = first.class & (LETTER | NUMBER) == 0 && !is_newline(text[at]);
    let led = can_lead.then(|| (first.next, heads_and_tails(text, first.next)));
    let bare = (first.class & (HEAD | TAIL) != 0).then(|| (at, heads_and_tails(text, at)));
    let tails = |tried: Option<(usize, Heads)>| tried.and_then(|(_, heads)| heads.with_tail);
    let heads = |tried: Option<(usize, Heads)>| {
        let (start, heads) = tried?;
        (heads.end > start).then_some(heads.end)
    };
    tails(led)
        .or_else(|| tails(bare))
        .or_else(|| heads(led))
        .or_else(|| heads(bare))
}

/// How far the two halves of a cased word go.
#[derive(Clone, Copy)]
struct Heads {
    /// End of HEAD`*`.
    end: usize,
    /// End of HEAD`*`TAIL`+`; where only giving back heads makes room for a tail, the last head
    /// that can be one is it.
    with_tail: Option<usize>,
}

#[inline]
fn heads_and_tails(text: &[u8], start: usize) -> Heads {
    let mut end = start;
    let mut with_tail = None;
    loop {
        let found = char_at(text, end);
        if found.class & HEAD == 0 {
            break;
        }
        end = found.next;
        if found.class & TAIL != 0 {
            with_tail = Some(end);
        }
    }
    let tail_end = Scope::Whole.run(text, end, TAIL);
    if tail_end > end {
        with_tail = Some(tail_end);
    }
    Heads { end, with_tail }
}

/// `(?i:'s|'t|'re|'ve|'m|'ll|'d)` at `at`; without `fold` only in lower case.
///
/// The long s (U+017F) is an s under `(?i)`; no other character outside ASCII folds to these.
#[inline]
fn contraction(text: &[u8], at: usize, fold: bool) -> Option<usize> {
    if text.get(at) != Some(&b'\'') {
        return None;
    }
    match contraction_bytes(&text[at + 1..], fold) {
        0 => None,
        n_bytes => Some(at + 1 + n_bytes as usize),
    }
}

/// Bytes of the contraction that follows an apostrophe, or 0.
#[inline]
pub(super) fn contraction_bytes(after: &[u8], fold: bool) -> u32 {
    let letter = |index: usize| match after.get(index) {
        Some(byte) if fold => byte.to_ascii_lowercase(),
        Some(byte) => *byte,
        None => 0,
    };
    match (letter(0), letter(1)) {
        (b's' | b't' | b'm' | b'd', _) => 1,
        (b'r' | b'v', b'e') | (b'l', b'l') => 2,
        // Folding to ASCII lower case leaves these bytes alone.
        (0xc5, 0xbf) if fold => 2,
        _ => 0,
    }
}

/// `\p{N}{1,3}`, or `\p{N}` if `single`, whose first digit ends at `at`.
#[inline]
fn digits(text: &[u8], mut at: usize, single: bool) -> usize {
    for _ in 0..if single { 0 } else { 2 } {
        let found = char_at(text, at);
        if found.class & NUMBER == 0 {
            break;
        }
        at = found.next;
    }
    at
}

/// ` ?[^...]+` and the `trailing` bytes behind it; `bits` are the kinds not in the set.
#[inline]
fn signs(
    text: &[u8],
    at: usize,
    first: Char,
    bits: Class,
    trailing: impl Fn(u8) -> bool,
) -> Option<usize> {
    let sign = match text[at] {
        b' ' => char_at(text, first.next),
        _ => first,
    };
    if sign.class & bits != 0 {
        return None;
    }
    let end = Scope::Whole.run_without(text, sign.next, bits);
    Some(skip_bytes(text, end, trailing))
}

/// `\s*[\r\n]+|\s+(?!\S)|\s+`, or without `newlines` only the last two, at white space.
#[inline]
fn white(text: &[u8], at: usize, scope: Scope, newlines: bool) -> usize {
    let mut end = at;
    let mut last_start = at;
    let mut newline_end = None;
    let is_end = loop {
        let found = scope.look(text, end);
        if found.class & WHITE == 0 {
            break found.class & END != 0;
        }
        last_start = end;
        end = found.next;
        if is_newline(text[last_start]) {
            newline_end = Some(end);
        }
    };
    match newline_end {
        Some(newline_end) if newlines => newline_end,
        // The last white space goes with what follows it, unless it is the only one.
        _ if is_end || last_start == at => end,
        _ => last_start,
    }
}

#[inline]
fn is_newline(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

#[inline]
fn skip_bytes(text: &[u8], mut at: usize, wanted: impl Fn(u8) -> bool) -> usize {
    while text.get(at).is_some_and(|byte| wanted(*byte)) {
        at += 1;
    }
    at
}
