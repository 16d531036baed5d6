//! Counts words and phrases in one pass over a file, each with its own rule of where it may stand.
//!
//! All words of a language (the shared mathematical vocabulary, marks of generated files, the words
//! that its definition counts) share one tree of letters. It is entered only where a word can begin,
//! so most of a file is passed over after one or two letters, and a longer list costs next to nothing.

use crate::definition::{Count, Place};
use crate::scan::{COMMENT, STRING, is_name_byte};

/// Where marks of a generated file stand: in the first screens.
const HEAD_BYTES: usize = 2048;
/// No node: the tree has fewer.
const NONE: u16 = u16::MAX;

/// The words of one language, ready to count.
#[expect(clippy::struct_field_names, reason = "the words of the words")]
#[derive(Debug)]
pub(crate) struct Words {
    words: Vec<Word>,
    signals: Vec<String>,
    weights: Vec<f64>,
    classes: [u8; 256], // byte, without case, to column of the tree; 0 is none
    n_classes: usize,
    starts: [u8; 256],     // whether the tree may be entered at a byte
    filter: Box<[u64]>,    // bits of the hashes of the first three letters of each word
    is_short: [bool; 256], // whether a word shorter than the filter's letters begins at a byte
    next: Vec<u16>,        // node * n_classes + class to node
    ends: Vec<Vec<u16>>,   // words that end at a node
}

/// A small letter.
const LOWER: u8 = 1;
/// A capital.
const UPPER: u8 = 2;
/// A mark with which words begin wherever it stands.
const MARK: u8 = 4;

/// Whether a word may begin at a byte, by its kind and the letter kind of the byte before.
static BEGINS: [[bool; 8]; 4] = begins();

const fn begins() -> [[bool; 8]; 4] {
    let mut begins = [[false; 8]; 4];
    let mut before = 0;
    while before < 4 {
        begins[before][MARK as usize] = true;
        begins[before][LOWER as usize] = before == 0;
        begins[before][UPPER as usize] = before == 0 || before == LOWER as usize;
        before += 1;
    }
    begins
}

/// Letters of a word that the filter looks at.
const FILTER_BYTES: usize = 3;
/// Bits of the filter: far more than words.
const N_FILTER_BITS: usize = 1 << 16;

/// Place in the filter of the first letters of a word, case and a few marks folded together.
fn filter_bit(letters: [u8; FILTER_BYTES]) -> usize {
    let [first, second, third] = letters;
    let folded = u32::from_le_bytes([first, second, third, 0]) | 0x20_2020;
    usize::try_from(folded.wrapping_mul(0x9e37_79b1) >> 16).unwrap_or(0) % N_FILTER_BITS
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "independent conditions on a place"
)]
#[derive(Debug)]
struct Word {
    signal: usize,
    text: Box<[u8]>,
    whole: bool,      // must end where a name ends; stems need not
    inside: bool,     // may begin at a word inside a name
    line_start: bool, // must be first on its line
    ignore_case: bool,
    place: Place,
    head: bool, // counts only near the start of the file
}

/// What was found of one signal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hits {
    /// Occurrences.
    pub(crate) n: usize,
    /// Different words.
    pub(crate) n_distinct: usize,
}

/// Words to be counted, before they are compiled.
#[derive(Debug, Default)]
pub(crate) struct WordsBuilder {
    words: Vec<Word>,
    signals: Vec<String>,
    weights: Vec<f64>,
}

impl WordsBuilder {
    /// Adds the words of one definition.
    pub(crate) fn add_count(&mut self, count: &Count) {
        let signal = self.signal(&count.signal);
        self.weights[signal] = count.weight;
        for word in &count.words {
            self.push(Word {
                signal,
                text: word.as_bytes().into(),
                whole: count.whole,
                inside: !count.whole,
                line_start: count.line_start,
                ignore_case: count.ignore_case,
                place: count.place,
                head: false,
            });
        }
    }

    /// Adds a group of stems, each worth `weight`, found at the start of any word in any case, also
    /// inside a name: `n_eigenvalues` and `sparseMatrix` hold `eigen` and `matrix`.
    pub(crate) fn add_stems<'a>(
        &mut self,
        signal: &str,
        weight: f64,
        stems: impl Iterator<Item = &'a String>,
    ) {
        let signal = self.signal(signal);
        self.weights[signal] = weight;
        for stem in stems {
            self.push(Word {
                signal,
                text: stem.as_bytes().into(),
                whole: false,
                inside: true,
                line_start: false,
                ignore_case: true,
                place: Place::Any,
                head: false,
            });
        }
    }

    /// Adds a phrase that counts in the comments at the head of a file; one that begins with a capital
    /// is compared with case.
    pub(crate) fn add_head_mark(&mut self, signal: &str, phrase: &str) {
        let signal = self.signal(signal);
        self.push(Word {
            signal,
            text: phrase.as_bytes().into(),
            whole: true,
            inside: false,
            line_start: false,
            ignore_case: !phrase.starts_with(|c: char| c.is_ascii_uppercase()),
            place: Place::Comment,
            head: true,
        });
    }

    /// Index of the signal `name`, which is added if it is new.
    fn signal(&mut self, name: &str) -> usize {
        self.signals
            .iter()
            .position(|known| known == name)
            .unwrap_or_else(|| {
                self.signals.push(name.to_owned());
                self.weights.push(0.0);
                self.signals.len() - 1
            })
    }

    fn push(&mut self, word: Word) {
        if !word.text.is_empty() {
            self.words.push(word);
        }
    }

    /// Builds the tree.
    ///
    /// # Errors
    /// Says why, if the words need more nodes than the tree can number (65,535 letters in all).
    pub(crate) fn build(self) -> Result<Words, String> {
        let mut classes = [0_u8; 256];
        let mut n_classes = 1_usize;
        let mut starts = [0_u8; 256];
        for word in &self.words {
            for byte in &word.text {
                let folded = usize::from(byte.to_ascii_lowercase());
                if classes[folded] == 0 {
                    classes[folded] = u8::try_from(n_classes).map_err(|error| error.to_string())?;
                    n_classes += 1;
                }
            }
            if !word.text[0].is_ascii_alphabetic() {
                starts[usize::from(word.text[0])] = MARK;
            }
        }
        for upper in b'A'..=b'Z' {
            let lower = usize::from(upper.to_ascii_lowercase());
            classes[usize::from(upper)] = classes[lower];
            starts[usize::from(upper)] = UPPER;
            starts[lower] = LOWER;
        }
        let mut filter = vec![0_u64; N_FILTER_BITS / 64].into_boxed_slice();
        let mut is_short = [false; 256];
        for word in &self.words {
            if let Some(letters) = word.text.first_chunk() {
                let bit = filter_bit(*letters);
                filter[bit / 64] |= 1 << (bit % 64);
            } else {
                is_short[usize::from(word.text[0].to_ascii_lowercase())] = true;
                is_short[usize::from(word.text[0].to_ascii_uppercase())] = true;
            }
        }
        let mut next = vec![NONE; n_classes];
        let mut ends: Vec<Vec<u16>> = vec![Vec::new()];
        for (index, word) in self.words.iter().enumerate() {
            let mut node = 0_usize;
            for byte in &word.text {
                let slot = node * n_classes + usize::from(classes[usize::from(*byte)]);
                if next[slot] == NONE {
                    let new = u16::try_from(ends.len()).ok().filter(|new| *new != NONE);
                    next[slot] = new.ok_or_else(|| "has too many words".to_owned())?;
                    ends.push(Vec::new());
                    next.resize(next.len() + n_classes, NONE);
                }
                node = usize::from(next[slot]);
            }
            ends[node].push(u16::try_from(index).map_err(|_| "has too many words".to_owned())?);
        }
        let (words, signals, weights) = (self.words, self.signals, self.weights);
        Ok(Words {
            words,
            signals,
            weights,
            classes,
            n_classes,
            starts,
            filter,
            is_short,
            next,
            ends,
        })
    }
}

impl Words {
    /// Counts in `text`; `classes` is the same text with comments and strings overwritten.
    ///
    /// Words before `from`, the end of a licence header, count only as marks of the head. Gives one
    /// entry per signal, in the order in which signals were first added. Takes time linear in the text:
    /// words are bounded, and each place is entered once.
    pub(crate) fn count(&self, text: &[u8], classes: &[u8], from: usize) -> Vec<Hits> {
        let mut per_word = vec![0_usize; self.words.len()];
        let mut before = 0_u8;
        for (at, &byte) in text.iter().enumerate() {
            let kind = self.starts[usize::from(byte)];
            let begins = BEGINS[usize::from(before & 3)][usize::from(kind & 7)];
            before = kind;
            if begins && self.may_begin(&text[at..]) {
                self.enter(text, classes, at, from, &mut per_word);
            }
        }
        let mut hits = vec![Hits::default(); self.signals.len()];
        for (word, n) in self.words.iter().zip(per_word) {
            hits[word.signal].n += n;
            hits[word.signal].n_distinct += usize::from(n > 0);
        }
        hits
    }

    /// Whether a word may begin at the start of `rest`.
    fn may_begin(&self, rest: &[u8]) -> bool {
        let Some(letters) = rest.first_chunk() else {
            return !rest.is_empty();
        };
        let bit = filter_bit(*letters);
        self.filter[bit / 64] & (1 << (bit % 64)) != 0 || self.is_short[usize::from(letters[0])]
    }

    /// Counts the words that begin at `at`.
    #[inline(never)] // keeps the loop over the text small
    fn enter(&self, text: &[u8], classes: &[u8], at: usize, from: usize, per_word: &mut [usize]) {
        let mut node = 0_usize;
        for (length, &byte) in text[at..].iter().enumerate() {
            let class = usize::from(self.classes[usize::from(byte)]);
            let next = self.next[node * self.n_classes + class];
            if next == NONE {
                return;
            }
            node = usize::from(next);
            for &index in &self.ends[node] {
                let index = usize::from(index);
                let word = &self.words[index];
                let is_counted = if word.head {
                    at < HEAD_BYTES
                } else {
                    at >= from
                };
                if is_counted && word.counts(text, classes, at, at + length + 1) {
                    per_word[index] += 1;
                }
            }
        }
    }

    /// Names of the signals, in the order of [`Words::count`].
    pub(crate) fn signals(&self) -> &[String] {
        &self.signals
    }

    /// What one hit of each signal weighs, in the order of [`Words::count`].
    pub(crate) fn weights(&self) -> &[f64] {
        &self.weights
    }
}

impl Word {
    /// Whether `start..end`, where its letters were found, is a place where it counts.
    fn counts(&self, text: &[u8], classes: &[u8], start: usize, end: usize) -> bool {
        let begins = self.inside
            || start == 0
            || !(is_name_byte(text[start - 1]) && is_name_byte(text[start]));
        let ends = !(self.whole
            && text.get(end).is_some_and(|&next| is_name_byte(next))
            && is_name_byte(text[end - 1]));
        if !begins || !ends || (!self.ignore_case && text[start..end] != *self.text) {
            return false;
        }
        let is_placed = match self.place {
            Place::Any => true,
            Place::Code => !matches!(classes[start], COMMENT | STRING),
            Place::Comment => classes[start] == COMMENT,
        };
        is_placed && (!self.line_start || is_line_start(text, start))
    }
}

fn is_line_start(text: &[u8], at: usize) -> bool {
    const MAX_INDENT_BYTES: usize = 64;
    for &byte in text[..at].iter().rev().take(MAX_INDENT_BYTES) {
        match byte {
            b'\n' => return true,
            b' ' | b'\t' | b'\r' => {}
            _ => return false,
        }
    }
    at < MAX_INDENT_BYTES
}
