//! Finds the pieces of ASCII text 64 bytes at a time.
//!
//! A window begins where a piece starts, so nothing before it matters. Its bytes become bit masks,
//! one per kind of character; shifts and additions of these find all starts of pieces at once.
//! What stands behind the window can still move starts near its end: those are not sure, and the
//! next window begins at the last sure one. A window ends before the first character outside
//! ASCII; where it has no sure start but its own, `scalar` finds one piece.

#![expect(
    clippy::inline_always,
    reason = "each rule's masks and its loop must meet in the function that may use AVX2"
)]

use super::masks::{self, Masks};
use super::scalar::contraction_bytes;
use super::{Ends, Splitter};

/// Bytes of a window at most.
const WINDOW: usize = 64;
/// A window that text outside ASCII makes shorter than this is left to `scalar`.
const MIN_WINDOW: usize = 8;

/// Puts into `ends` the ends of pieces of `text[at..to]`; see [`Splitter::fill`].
pub(super) fn fill(splitter: Splitter, text: &[u8], at: usize, to: usize, ends: &mut Ends) {
    #[cfg(target_arch = "x86_64")]
    if std::is_x86_feature_detected!("avx2")
        && std::is_x86_feature_detected!("bmi1")
        && std::is_x86_feature_detected!("bmi2")
        && std::is_x86_feature_detected!("lzcnt")
        && std::is_x86_feature_detected!("popcnt")
    {
        #[expect(
            unsafe_code,
            reason = "calls code for instructions that not all machines have"
        )]
        // SAFETY: this machine has them all, as was just asked.
        unsafe {
            fill_avx2(splitter, text, at, to, ends);
        }
        return;
    }
    fill_portable(splitter, text, at, to, ends);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn fill_avx2(splitter: Splitter, text: &[u8], at: usize, to: usize, ends: &mut Ends) {
    fill_by(splitter, text, at, to, ends, |block| masks::avx2::of(block));
}

pub(super) fn fill_portable(
    splitter: Splitter,
    text: &[u8],
    at: usize,
    to: usize,
    ends: &mut Ends,
) {
    fill_by(splitter, text, at, to, ends, masks::of_portable);
}

/// One loop for each rule, so that masks which it does not need are not made.
#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "calls by name are not made part of the loop"
)]
#[inline(always)]
fn fill_by(
    splitter: Splitter,
    text: &[u8],
    at: usize,
    to: usize,
    ends: &mut Ends,
    masks: impl Fn(&[u8; WINDOW]) -> Masks,
) {
    let run = Run { splitter, text, to };
    match splitter {
        Splitter::Gpt2 => run.fill(at, ends, masks, |window| window.gpt2()),
        Splitter::DigitsGpt2 { individual } => {
            run.fill(at, ends, masks, |window| window.digits_gpt2(individual));
        }
        Splitter::Cl100k { single_digits, .. } => {
            run.fill(at, ends, masks, |window| window.cl100k(single_digits));
        }
        Splitter::O200k {
            single_digits,
            contractions,
        } => run.fill(at, ends, masks, |window| {
            window.o200k(single_digits, contractions)
        }),
        Splitter::DeepSeek => {
            // Controls are in none of the sets of its pattern.
            let masks = |block: &[u8; WINDOW]| {
                let mut masks = masks(block);
                masks.wide |= masks.control;
                masks
            };
            run.fill(at, ends, masks, |window| window.deepseek());
        }
    }
}

/// What stays the same from window to window.
struct Run<'t> {
    splitter: Splitter,
    text: &'t [u8],
    to: usize,
}

impl<'t> Run<'t> {
    #[inline(always)]
    fn fill(
        &self,
        mut at: usize,
        ends: &mut Ends,
        masks: impl Fn(&[u8; WINDOW]) -> Masks,
        starts: impl Fn(&Window<'t>) -> Starts,
    ) {
        while at < self.to && ends.has_room(WINDOW) {
            at = self
                .window(at, ends, &masks, &starts)
                .unwrap_or_else(|| self.piece(at, ends));
        }
    }

    /// Takes what is sure in the window at `at`, and gives the start of the next one.
    #[inline(always)]
    fn window(
        &self,
        at: usize,
        ends: &mut Ends,
        masks: &impl Fn(&[u8; WINDOW]) -> Masks,
        starts: &impl Fn(&Window<'t>) -> Starts,
    ) -> Option<usize> {
        let left = self.to - at;
        let block = match self.text[at..].first_chunk() {
            Some(block) => block,
            None => &self.last_block(at),
        };
        let masks = masks(block);
        let n_bytes = WINDOW.min(left).min(masks.wide.trailing_zeros() as usize);
        let is_last = n_bytes == left;
        if n_bytes < MIN_WINDOW && !is_last {
            return None;
        }
        let valid = u64::MAX >> (WINDOW - n_bytes);
        let window = Window {
            masks: if valid == u64::MAX {
                masks
            } else {
                masks.within(valid)
            },
            valid,
            after: &self.text[at..self.to],
        };
        let found = starts(&window);
        let starts = found.at & valid & !1;
        if is_last {
            ends.put(at, starts);
            ends.push(self.to);
            return Some(self.to);
        }
        let starts = starts & found.sure;
        if starts == 0 {
            return None;
        }
        ends.put(at, starts);
        Some(at + starts.ilog2() as usize)
    }

    /// The bytes from `at` to the end of the text, which are fewer than a window.
    #[inline(never)]
    fn last_block(&self, at: usize) -> [u8; WINDOW] {
        let rest = &self.text[at..];
        let mut block = [0; WINDOW];
        block[..rest.len()].copy_from_slice(rest);
        block
    }

    /// Takes one piece, whatever its characters.
    #[inline(never)]
    fn piece(&self, at: usize, ends: &mut Ends) -> usize {
        let end = self.splitter.piece_end(&self.text[..self.to], at);
        ends.push(end);
        end
    }
}

impl Masks {
    #[inline(always)]
    fn within(self, valid: u64) -> Self {
        Self {
            letter: self.letter & valid,
            upper: self.upper & valid,
            digit: self.digit & valid,
            white: self.white & valid,
            space: self.space & valid,
            newline: self.newline & valid,
            quote: self.quote & valid,
            slash: self.slash & valid,
            control: self.control & valid,
            wide: self.wide & valid,
        }
    }
}

/// ASCII text that begins where a piece starts.
struct Window<'t> {
    masks: Masks,
    /// A bit for each byte of the window.
    valid: u64,
    /// The text from the window's start on.
    after: &'t [u8],
}

/// Where pieces start in a window.
struct Starts {
    at: u64,
    /// Places where text behind the window cannot change whether a piece starts.
    sure: u64,
}

impl Window<'_> {
    #[inline(always)]
    fn gpt2(&self) -> Starts {
        let Masks {
            letter,
            digit,
            white,
            space,
            ..
        } = self.masks;
        let solid = self.valid & !white;
        let other = solid & !(letter | digit);
        // White space leaves its last character to what follows; a space goes with it.
        let last_white = white & (solid >> 1);
        let words = (runs(letter) | runs(digit) | runs(other)) & !(space << 1);
        let starts = Starts {
            at: runs(white) | last_white | words,
            sure: self.sure(white),
        };
        self.leading_contractions(starts, false)
    }

    #[inline(always)]
    fn digits_gpt2(&self, individual: bool) -> Starts {
        let Masks {
            letter,
            digit,
            white,
            space,
            ..
        } = self.masks;
        let other = self.valid & !(white | letter | digit);
        // For white space the text ends before a digit.
        let last_white = white & ((letter | other) >> 1);
        let words = (runs(letter) | runs(other)) & !(space << 1);
        let digits = if individual { digit } else { runs(digit) };
        let starts = Starts {
            at: runs(white) | last_white | words | digits,
            sure: self.sure(white),
        };
        self.leading_contractions(starts, false)
    }

    #[inline(always)]
    fn cl100k(&self, single_digits: bool) -> Starts {
        let Masks {
            letter,
            digit,
            white,
            newline,
            ..
        } = self.masks;
        let solid = self.valid & !white;
        let sign = solid & !(letter | digit);
        let taken = follow(sign, newline, newline);
        let starts = self.words_and_lines(sign, taken, solid, runs(letter), single_digits);
        self.leading_contractions(starts, true)
    }

    #[inline(always)]
    fn o200k(&self, single_digits: bool, contractions: bool) -> Starts {
        let Masks {
            letter,
            upper,
            digit,
            white,
            newline,
            slash,
            ..
        } = self.masks;
        let solid = self.valid & !white;
        let sign = solid & !(letter | digit);
        let taken = follow(sign, newline, newline | slash);
        let word_starts = runs(letter) | (upper & ((letter & !upper) << 1));
        let starts = self.words_and_lines(sign & !taken, taken, solid, word_starts, single_digits);
        if contractions {
            self.trailing_contractions(starts)
        } else {
            starts
        }
    }

    #[inline(always)]
    fn deepseek(&self) -> Starts {
        let Masks {
            letter,
            digit,
            white,
            newline,
            ..
        } = self.masks;
        let sign = self.valid & !(white | letter | digit);
        let taken = follow(sign, newline, newline);
        // For white space the text ends before a digit.
        self.words_and_lines(sign, taken, letter | sign, runs(letter), false)
    }

    /// What cl100k and its descendants share.
    ///
    /// `taken` is white space (and slashes) that belongs to the signs before it; `solid` is what
    /// the last white space before it is kept for; `word_starts` is where letters would start a
    /// piece if nothing led them.
    #[inline(always)]
    fn words_and_lines(
        &self,
        sign: u64,
        taken: u64,
        solid: u64,
        word_starts: u64,
        single_digits: bool,
    ) -> Starts {
        let Masks {
            letter,
            digit,
            white,
            space,
            newline,
            ..
        } = self.masks;
        let white = white & !taken;
        let newline = newline & !taken;
        let blank = white & !newline;
        // A run of white space is a piece up to its last newline; blanks behind that are another,
        // which leaves its last character to what follows.
        let last_blank = blank & (solid >> 1);
        let mut white_starts = runs(white) | last_blank;
        let indents = runs(blank) & (newline << 1);
        // All runs of blanks that start there end here: each is carried to its end.
        let ends = blank.wrapping_add(indents) & !blank;
        white_starts |= if ends & newline == 0 {
            indents
        } else {
            before_others(indents, blank, newline)
        };
        let sign_starts = runs(sign) & !(space << 1);
        // One character that is no newline, digit or letter leads a word.
        let leads = blank | (sign_starts & (letter >> 1));
        let led = (leads << 1) & runs(letter);
        Starts {
            at: white_starts | sign_starts | (word_starts & !led) | groups(digit, single_digits),
            sure: self.sure(white),
        }
    }

    /// The places that are sure: all but those in white space at the window's end.
    ///
    /// The first character of that run is sure to start a piece; whether others do depends on
    /// what follows.
    #[inline(always)]
    fn sure(&self, white: u64) -> u64 {
        let n_unseen = self.valid.leading_zeros();
        let n_bytes = u64::BITS - n_unseen;
        let n_white = (white << n_unseen).leading_ones();
        let n_sure = n_bytes.min(n_bytes - n_white + 1);
        u64::MAX >> (u64::BITS - n_sure)
    }

    /// Parts contractions from the letters behind them, where they start a piece.
    #[inline(always)]
    fn leading_contractions(&self, mut starts: Starts, fold: bool) -> Starts {
        let mut quotes = self.masks.quote & starts.at;
        while quotes != 0 {
            let at = quotes.trailing_zeros();
            quotes &= quotes - 1;
            let n_letters = contraction_bytes(&self.after[at as usize + 1..], fold);
            if n_letters > 0 {
                starts.join(at + 1, n_letters);
            }
        }
        starts
    }

    /// Joins contractions to the word before them, unless that has one already.
    #[inline(always)]
    fn trailing_contractions(&self, mut starts: Starts) -> Starts {
        let mut quotes = self.masks.quote & (self.masks.letter << 1);
        let mut end = 0;
        while quotes != 0 {
            let at = quotes.trailing_zeros();
            quotes &= quotes - 1;
            let n_letters = contraction_bytes(&self.after[at as usize + 1..], true);
            if n_letters > 0 && at != end {
                starts.join(at, 1 + n_letters);
                end = at + 1 + n_letters;
            }
        }
        starts
    }
}

impl Starts {
    /// Lets no piece start in the `n_bytes` from `at` on, and one right behind them.
    #[inline(always)]
    fn join(&mut self, at: u32, n_bytes: u32) {
        let bits = |at| u64::MAX.checked_shl(at).unwrap_or(0);
        let behind = bits(at + n_bytes);
        self.at &= !(bits(at) ^ behind);
        self.at |= behind & behind.wrapping_neg();
    }
}

/// Those of `starts`, each the start of a run in `set`, whose run does not end before one of `others`.
#[cold]
fn before_others(starts: u64, set: u64, others: u64) -> u64 {
    let mut kept = 0;
    let mut left = starts;
    while left != 0 {
        let start = left & left.wrapping_neg();
        left ^= start;
        let behind = set.wrapping_add(start) & !set; // the run's end, carried there
        if behind & others == 0 {
            kept |= start;
        }
    }
    kept
}

/// The first place of each run.
#[inline(always)]
fn runs(mask: u64) -> u64 {
    mask & !(mask << 1)
}

/// The places in runs of `set` from the first one on that is in `first` and right behind `before`.
#[inline(always)]
fn follow(before: u64, first: u64, set: u64) -> u64 {
    let seeds = (before << 1) & first;
    // A seed added to a run of ones clears it from there on: the carry goes to its end.
    ((set.wrapping_add(seeds) ^ set) | seeds) & set
}

/// Where pieces of one digit or of up to three start.
#[inline(always)]
fn groups(digit: u64, single: bool) -> u64 {
    if single {
        return digit;
    }
    let mut groups = runs(digit);
    let behind_two = digit & (digit << 1) & (digit << 2);
    let mut next = (groups << 3) & behind_two; // few numbers are that long
    while next != 0 {
        groups |= next;
        next = (next << 3) & behind_two;
    }
    groups
}
