//! Words, labels, and how a text becomes rows of the input matrix.
//!
//! A known word is its own row and those of its character n-grams; an unknown one has the n-grams
//! only; runs of words follow. N-grams are hashed to `bucket` numbers; a quantised model keeps some
//! of them, under other numbers.

use rustc_hash::FxHashMap;

use super::bytes::Bytes;
use super::{Args, FastTextError};

/// The word that stands for the end of a line.
const END_OF_LINE: &[u8] = b"</s>";
const LABEL_PREFIX: &str = "__label__";
/// Begin and end of a word in character n-grams.
const WORD_START: u8 = b'<';
const WORD_END: u8 = b'>';

#[derive(Debug)]
pub(super) struct Dictionary {
    words: FxHashMap<Box<[u8]>, u32>,
    labels: Vec<String>,
    label_counts: Vec<i64>,
    /// New number of each kept n-gram hash; `None` when all are kept.
    kept: Option<FxHashMap<u32, u32>>,
}

impl Dictionary {
    pub(super) fn parse(bytes: &mut Bytes<'_>) -> Result<Self, FastTextError> {
        // An entry is at least a zero byte, a count and a type.
        let n_entries = bytes.count_32("the number of words and labels", 10)?;
        let at = bytes.position();
        let n_words = bytes.count_32("the number of words", 0)?;
        let n_labels = bytes.count_32("the number of labels", 0)?;
        if n_words.checked_add(n_labels) != Some(n_entries) || n_labels == 0 {
            return Err(FastTextError::Value {
                what: "the number of words and that of labels",
                at,
                found: format!("{n_words} and {n_labels}"),
                allowed: "both together are the entries, and a classifier has labels",
            });
        }
        bytes.take("the number of tokens", 8)?;
        let at_kept = bytes.position();
        let n_kept = bytes.i64_in(
            "the number of kept n-grams",
            -1..=i64::MAX,
            "-1 stands for all of them",
        )?;
        let mut words = FxHashMap::default();
        let mut labels = Vec::new();
        let mut label_counts = Vec::new();
        for index in 0..n_entries {
            let word = bytes.until_zero("a word")?;
            let count = bytes.i64_in("the count of a word", 0..=COUNT_MAX, "it is not negative")?;
            let is_label = index >= n_words;
            let at = bytes.position();
            if bytes.flag("the type of an entry")? != is_label {
                return Err(FastTextError::Value {
                    what: "the type of an entry",
                    at,
                    found: u8::from(!is_label).to_string(),
                    allowed: "words (0) come first, then labels (1)",
                });
            }
            if is_label {
                let name = String::from_utf8_lossy(word);
                labels.push(name.strip_prefix(LABEL_PREFIX).unwrap_or(&name).to_owned());
                label_counts.push(count);
            } else {
                words.insert(word.into(), u32::try_from(index).unwrap_or(u32::MAX));
            }
        }
        let kept = if n_kept < 0 {
            None
        } else {
            Some(parse_kept(bytes, n_kept, at_kept)?)
        };
        if words.len() != n_words {
            return Err(FastTextError::Value {
                what: "the number of words",
                at,
                found: n_words.to_string(),
                allowed: "a word occurs once",
            });
        }
        Ok(Self {
            words,
            labels,
            label_counts,
            kept,
        })
    }

    pub(super) fn n_words(&self) -> usize {
        self.words.len()
    }

    /// Rows of the input matrix behind those of the words.
    pub(super) fn n_hashed(&self, bucket: u32) -> u64 {
        match &self.kept {
            Some(kept) => kept.len() as u64,
            None => u64::from(bucket),
        }
    }

    pub(super) fn labels(&self) -> &[String] {
        &self.labels
    }

    pub(super) fn label_counts(&self) -> &[i64] {
        &self.label_counts
    }

    /// Calls `give` with the row of each feature of the line `text`, in the order of the reference.
    pub(super) fn features(&self, text: &[u8], args: &Args, mut give: impl FnMut(usize)) {
        let mut hashes: Vec<i32> = Vec::new();
        let is_blank = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | 0x0b | 0x0c | 0);
        let line = text.split(is_blank).filter(|token| !token.is_empty());
        for token in line.chain([END_OF_LINE]) {
            let known = self.words.get(token).copied();
            if known.is_none() && token.starts_with(LABEL_PREFIX.as_bytes()) {
                continue;
            }
            if let Some(row) = known {
                give(row as usize);
            }
            let is_end = token == END_OF_LINE;
            if !is_end && args.max_chars > 0 {
                self.character_ngrams(token, args, &mut give);
            }
            if args.word_ngrams > 1 {
                let hash = token
                    .iter()
                    .fold(HASH_START, |hash, &byte| extend(hash, byte));
                hashes.push(hash.cast_signed());
            }
            if is_end {
                break;
            }
        }
        self.word_ngrams(&hashes, args, &mut give);
    }

    /// All runs of `min_chars` to `max_chars` characters of `<token>`, but for its two marks alone.
    fn character_ngrams(&self, token: &[u8], args: &Args, give: &mut impl FnMut(usize)) {
        let length = token.len() + 2;
        let byte_at = |at: usize| match at {
            0 => WORD_START,
            _ => token.get(at - 1).copied().unwrap_or(WORD_END),
        };
        let is_inside = |at: usize| at < length && byte_at(at) & 0xC0 == 0x80;
        for start in (0..length).filter(|&at| !is_inside(at)) {
            let (mut hash, mut at) = (HASH_START, start);
            for n_chars in 1..=args.max_chars {
                if at >= length {
                    break;
                }
                hash = extend(hash, byte_at(at));
                at += 1;
                while is_inside(at) {
                    hash = extend(hash, byte_at(at));
                    at += 1;
                }
                let is_mark = n_chars == 1 && (start == 0 || at == length);
                if n_chars >= args.min_chars && !is_mark {
                    self.give_hashed(u64::from(hash), args, give);
                }
            }
        }
    }

    /// Runs of two to `word_ngrams` words.
    fn word_ngrams(&self, hashes: &[i32], args: &Args, give: &mut impl FnMut(usize)) {
        const FACTOR: u64 = 116_049_371;
        // The reference widens signed hashes to unsigned words of 64 bits.
        let wide = |hash: i32| i64::from(hash).cast_unsigned();
        for (start, &first) in hashes.iter().enumerate() {
            let mut hash = wide(first);
            for &next in hashes.iter().skip(start + 1).take(args.word_ngrams - 1) {
                hash = hash.wrapping_mul(FACTOR).wrapping_add(wide(next));
                self.give_hashed(hash, args, give);
            }
        }
    }

    fn give_hashed(&self, hash: u64, args: &Args, give: &mut impl FnMut(usize)) {
        let Some(number) = hash.checked_rem(u64::from(args.bucket)) else {
            return;
        };
        let row = match &self.kept {
            None => number,
            Some(kept) => {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "below `bucket`, which is 32 bits"
                )]
                let Some(&row) = kept.get(&(number as u32)) else {
                    return;
                };
                u64::from(row)
            }
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "row and word numbers are 32 bits"
        )]
        give(self.words.len() + row as usize);
    }
}

/// Counts below this add up without overflow for any number of labels that fits a file.
const COUNT_MAX: i64 = 1_000_000_000_000_000 - 1;

const HASH_START: u32 = 2_166_136_261;

/// FNV-1a; bytes above 127 are widened as negative numbers, as in the reference.
fn extend(hash: u32, byte: u8) -> u32 {
    let wide = i32::from(byte.cast_signed()).cast_unsigned();
    (hash ^ wide).wrapping_mul(16_777_619)
}

fn parse_kept(
    bytes: &mut Bytes<'_>,
    n_kept: i64,
    at: usize,
) -> Result<FxHashMap<u32, u32>, FastTextError> {
    let mut kept = FxHashMap::default();
    for _ in 0..n_kept {
        let hash = bytes.i32_in("a kept n-gram", 0..=i32::MAX, "it is not negative")?;
        let row = bytes.i32_in(
            "the row of a kept n-gram",
            0..=i32::MAX,
            "it is not negative",
        )?;
        kept.insert(hash.unsigned_abs(), row.unsigned_abs());
    }
    let n = kept.len() as u64;
    if n.cast_signed() == n_kept && kept.values().all(|&row| u64::from(row) < n) {
        return Ok(kept);
    }
    Err(FastTextError::Value {
        what: "the number of kept n-grams",
        at,
        found: n_kept.to_string(),
        allowed: "each has its own hash and one of as many rows",
    })
}
