//! Splits text into the pieces that no merge crosses, exactly as the reference's patterns do.
//!
//! A [`Splitter`] stands for one closed set of pre-tokenizer steps, compared byte for byte when a
//! tokenizer is read; anything else has none, and goes to the reference engine. Pieces are ranges
//! of the text before its bytes are spelled as characters. Every position belongs to a piece, and
//! splitting depends only on the text from the start of a piece on, so a text can be split from
//! any known start of a piece.
//!
//! [`Splitter::fill`] gives the ends of many pieces at once, for callers that hash and prefetch
//! in batches; `window` finds them in ASCII text 64 bytes at a time, `scalar` everywhere else.
//! The two agree, and both agree with Oniguruma; tests compare all three.

mod classes;
mod masks;
mod scalar;
mod window;

#[cfg(test)]
mod tests;

use scalar::Scope;

/// The pattern of GPT-2, which the `ByteLevel` step holds.
pub(crate) const GPT2: &str =
    r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
/// The pattern of cl100k and Llama-3.
pub(crate) const CL100K: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
/// The pattern of Qwen2 and Qwen3.
pub(crate) const QWEN2: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
/// The same with marks as parts of words.
pub(crate) const QWEN_MARKS: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
/// The pattern of o200k.
pub(crate) const O200K: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
/// The pattern of Tekken.
pub(crate) const TEKKEN: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
/// The three patterns of `DeepSeek` V3; the last one spells its line ends as they are.
const DEEPSEEK: [&str; 3] = [
    r"\p{N}{1,3}",
    "[一-龥\u{3040}-ゟ゠-ヿ]+",
    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+",
];

/// One step of a pre-tokenizer that splits; it sees each piece of the step before it alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    /// A `Split` by this regular expression whose matches and gaps are pieces: `Isolated`,
    /// inverted or not. For a pattern without gaps, `Removed` and inverted is the same: ask
    /// [`Splitter::has_no_gaps`].
    Pattern(&'a str),
    /// A `ByteLevel` with `use_regex`: [`GPT2`].
    ByteLevel,
    /// `Digits`, each on its own or in runs.
    Digits {
        /// `individual_digits`.
        individual: bool,
    },
}

/// A recognised way to split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Splitter {
    /// GPT-2 and GPT-NeoX.
    Gpt2,
    /// `Digits` before GPT-2 (`StarCoder`, `SmolLM`).
    DigitsGpt2 {
        /// Each digit on its own.
        individual: bool,
    },
    /// cl100k, Llama-3 and Qwen.
    Cl100k {
        /// One digit in a piece at most, not three.
        single_digits: bool,
        /// Marks are parts of words.
        marks: bool,
    },
    /// o200k and Tekken.
    O200k {
        /// One digit in a piece at most, not three.
        single_digits: bool,
        /// Contractions belong to the word before them.
        contractions: bool,
    },
    /// `DeepSeek` V3.
    DeepSeek,
}

/// Ends written without asking whether there are that many; a window seldom has more.
const UNROLLED: usize = 24;

/// Ends of pieces that [`Splitter::fill`] found, as positions in the text.
pub(crate) struct Ends {
    at: [usize; Self::CAPACITY],
    n_pieces: usize,
}

impl Ends {
    /// Pieces of one batch at most.
    pub(crate) const CAPACITY: usize = 512;

    /// No piece.
    pub(crate) fn new() -> Self {
        Self {
            at: [0; Self::CAPACITY],
            n_pieces: 0,
        }
    }

    /// The ends, ascending.
    #[inline]
    pub(crate) fn as_slice(&self) -> &[usize] {
        &self.at[..self.n_pieces]
    }

    /// Forgets all ends.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.n_pieces = 0;
    }

    /// Whether `n_pieces` more fit, put one by one or by [`Ends::put`].
    #[inline]
    pub(crate) fn has_room(&self, n_pieces: usize) -> bool {
        self.n_pieces + n_pieces + UNROLLED <= Self::CAPACITY
    }

    /// Appends `base` plus the place of each bit; there must be room for 64.
    #[expect(
        clippy::inline_always,
        reason = "it must be in the function that may use instructions for bits"
    )]
    #[inline(always)]
    pub(crate) fn put(&mut self, base: usize, mut bits: u64) {
        let n_new = bits.count_ones() as usize;
        let mut from = self.n_pieces;
        self.n_pieces += n_new;
        loop {
            for end in &mut self.at[from..from + UNROLLED] {
                *end = base + bits.trailing_zeros() as usize;
                bits &= bits.wrapping_sub(1);
            }
            from += UNROLLED;
            if bits == 0 {
                break;
            }
        }
    }

    /// Appends an end if it is wanted, without a branch; there must be room in any case.
    #[inline]
    pub(crate) fn push_if(&mut self, end: usize, is_wanted: bool) {
        self.at[self.n_pieces] = end;
        self.n_pieces += usize::from(is_wanted);
    }

    /// Appends an end; there must be room.
    #[inline]
    pub(crate) fn push(&mut self, end: usize) {
        self.at[self.n_pieces] = end;
        self.n_pieces += 1;
    }
}

impl Splitter {
    /// The way these steps split, if all of them are known, in this order.
    pub(crate) fn from_steps(steps: &[Step]) -> Option<Self> {
        let cl100k = |single_digits, marks| Self::Cl100k {
            single_digits,
            marks,
        };
        Some(match *steps {
            [Step::ByteLevel] => Self::Gpt2,
            [Step::Digits { individual }, Step::ByteLevel] => Self::DigitsGpt2 { individual },
            [
                Step::Pattern(first),
                Step::Pattern(second),
                Step::Pattern(third),
            ] if [first, second, third] == DEEPSEEK => Self::DeepSeek,
            [Step::Pattern(pattern)] => match pattern {
                GPT2 => Self::Gpt2,
                CL100K => cl100k(false, false),
                QWEN2 => cl100k(true, false),
                QWEN_MARKS => cl100k(true, true),
                O200K => Self::O200k {
                    single_digits: false,
                    contractions: true,
                },
                TEKKEN => Self::O200k {
                    single_digits: true,
                    contractions: false,
                },
                _ => return None,
            },
            _ => return None,
        })
    }

    /// Whether every character belongs to a match, so that nothing is lost where a file asks for
    /// the matches only.
    pub(crate) fn has_no_gaps(self) -> bool {
        !matches!(self, Self::DeepSeek | Self::DigitsGpt2 { .. })
    }

    /// Puts into `ends` the ends of the pieces of `text[from..to]` from `from` on, which is where
    /// a piece starts: as many as fit, at least one unless `from` is `to`. The last piece ends at
    /// `to` as if the text ended there; what stands behind it does not matter.
    ///
    /// `from` and `to` must be in order, in the text, and between characters.
    pub(crate) fn fill(self, text: &str, from: usize, to: usize, ends: &mut Ends) {
        ends.clear();
        window::fill(self, text.as_bytes(), from, to, ends);
    }

    /// End of the piece of `text` that starts at `at`, which is before the end.
    #[inline]
    pub(crate) fn piece_end(self, text: &[u8], at: usize) -> usize {
        match self {
            Self::Gpt2 => scalar::gpt2(text, at, Scope::Whole),
            Self::DigitsGpt2 { individual } => scalar::digits_gpt2(text, at, individual),
            Self::Cl100k {
                single_digits,
                marks,
            } => scalar::cl100k(text, at, single_digits, marks),
            Self::O200k {
                single_digits,
                contractions,
            } => scalar::o200k(text, at, single_digits, contractions),
            Self::DeepSeek => scalar::deepseek(text, at),
        }
    }
}
