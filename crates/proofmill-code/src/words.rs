//! Counts words and phrases in one pass over a file, each with its own rule of where it may stand.
//!
//! All words of a language (the shared mathematical vocabulary, marks of generated files, the words
//! that its definition counts) share one [`Dictionary`]. It is asked only where a word can begin, so
//! most of a file is passed over a block at a time, and a longer list costs next to nothing.

use proofmill_types::bits::{self, BLOCK_BYTES, Block};

use crate::definition::{Count, Place};
use crate::dictionary::{self, Dictionary, Window};
use crate::scan::{COMMENT, STRING, is_name_byte};

/// Where marks of a generated file stand: in the first screens.
const HEAD_BYTES: usize = 2048;

/// The words of one language, ready to count.
#[expect(clippy::struct_field_names, reason = "the words of the words")]
#[derive(Debug)]
pub(crate) struct Words {
    words: Vec<Word>,
    signals: Vec<String>,
    weights: Vec<f64>,
    dictionary: Dictionary,
    marks: Vec<u8>, // with which words begin, wherever they stand
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
    head: bool,         // counts only near the start of the file
    is_anywhere: bool,  // has no condition on its place
    is_head_sure: bool, // the dictionary compares its head as it is to be compared
    capped: bool,       // repeated uses stop being evidence
}

/// Occurrences of one word that count as evidence: a name that a file uses a hundred times says no more
/// about its topic than one used a few times.
const MAX_REPEATS: usize = 8;

/// What was found of one signal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hits {
    /// Occurrences.
    pub(crate) n: usize,
    /// Occurrences, those of one capped word counted at most [`MAX_REPEATS`] times.
    pub(crate) n_evidence: usize,
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
                is_anywhere: false,
                is_head_sure: false,
                capped: count.capped,
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
                is_anywhere: false,
                is_head_sure: false,
                capped: true,
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
            is_anywhere: false,
            is_head_sure: false,
            capped: false,
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

    fn push(&mut self, mut word: Word) {
        if word.text.is_empty() {
            return;
        }
        let head = &word.text[..word.text.len().min(dictionary::HEAD_BYTES)];
        word.is_head_sure = word.ignore_case && head.iter().all(u8::is_ascii_alphabetic);
        word.is_anywhere =
            word.inside && !word.whole && !word.line_start && word.place == Place::Any;
        self.words.push(word);
    }

    /// Compiles the words.
    ///
    /// # Errors
    /// Says so if there are more words than can be numbered.
    pub(crate) fn build(self) -> Result<Words, String> {
        let dictionary = Dictionary::new(self.words.iter().map(|word| &*word.text))?;
        let firsts = self.words.iter().map(|word| word.text[0]);
        let mut marks: Vec<u8> = firsts.filter(|byte| !byte.is_ascii_alphabetic()).collect();
        marks.sort_unstable();
        marks.dedup();
        Ok(Words {
            words: self.words,
            signals: self.signals,
            weights: self.weights,
            dictionary,
            marks,
        })
    }
}

/// Those of `places` that pass.
#[inline]
fn passing(places: u64, passes: impl Fn(usize) -> bool) -> u64 {
    let mut left = 0;
    for place in bits::places(places) {
        left |= u64::from(passes(place)) << place;
    }
    left
}

/// What the letters before a block were, for [`Words::begins`].
#[derive(Default)]
struct Before {
    letter: u64,
    capital: u64,
}

impl Words {
    /// Counts in `text`; `classes` is the same text with comments and strings overwritten.
    ///
    /// Words before `from`, the end of a licence header, count only as marks of the head. Gives one
    /// entry per signal, in the order in which signals were first added. Takes time linear in the text:
    /// words are bounded, and each place is looked at once.
    pub(crate) fn count(&self, text: &[u8], classes: &[u8], from: usize) -> Vec<Hits> {
        let mut per_word = vec![0_u32; self.words.len()];
        let mut before = Before::default();
        for start in (0..text.len()).step_by(BLOCK_BYTES) {
            let window = Window::new(&text[start..]);
            let begins = self.begins(window.block(), &mut before);
            // A loop of its own for each filter, since these are without branches.
            let begins = passing(begins, |place| {
                self.dictionary.may_begin(window.head(place))
            });
            let left = passing(begins, |place| self.dictionary.may_hold(window.head(place)));
            for place in bits::places(left) {
                let at = start + place;
                self.dictionary.each_candidate(window.head(place), |index| {
                    let word = &self.words[index];
                    if word.stands(text, at) && word.counts(text, classes, at, from) {
                        per_word[index] += 1;
                    }
                });
            }
        }
        let mut hits = vec![Hits::default(); self.signals.len()];
        for (word, &n) in self.words.iter().zip(&per_word) {
            if n > 0 {
                let n = n as usize;
                let hits = &mut hits[word.signal];
                hits.n += n;
                hits.n_evidence += if word.capped { n.min(MAX_REPEATS) } else { n };
                hits.n_distinct += 1;
            }
        }
        hits
    }

    /// The places of a block where a word can begin: at a letter behind none, at a capital behind a
    /// small letter, at each mark.
    fn begins(&self, block: &Block, before: &mut Before) -> u64 {
        let letters = bits::mask(block, |byte| (byte | 0x20).wrapping_sub(b'a') < 26);
        let capitals = bits::mask(block, |byte| byte.wrapping_sub(b'A') < 26);
        let behind_letter = letters << 1 | before.letter;
        let behind_capital = capitals << 1 | before.capital;
        before.letter = letters >> 63;
        before.capital = capitals >> 63;
        let small = letters & !capitals;
        (small & !behind_letter) | (capitals & !behind_capital) | bits::any_of(block, &self.marks)
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
    /// Whether it stands at `start`, letter for letter; its head does, case apart.
    fn stands(&self, text: &[u8], start: usize) -> bool {
        let known = if self.is_head_sure {
            dictionary::HEAD_BYTES
        } else {
            0
        };
        let Some(rest) = self.text.get(known..) else {
            return true;
        };
        let found = text.get(start + known..start + self.text.len());
        found.is_some_and(|found| {
            if self.ignore_case {
                found.eq_ignore_ascii_case(rest)
            } else {
                found == rest
            }
        })
    }

    /// Whether `start`, where it stands, is a place where it counts.
    fn counts(&self, text: &[u8], classes: &[u8], start: usize, from: usize) -> bool {
        if self.head && start >= HEAD_BYTES || !self.head && start < from {
            return false;
        }
        if self.is_anywhere {
            return true;
        }
        let end = start + self.text.len();
        let begins = self.inside
            || start == 0
            || !(is_name_byte(text[start - 1]) && is_name_byte(text[start]));
        let ends = !(self.whole
            && text.get(end).is_some_and(|&next| is_name_byte(next))
            && is_name_byte(text[end - 1]));
        if !begins || !ends {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words() -> Words {
        let mut words = WordsBuilder::default();
        let stems = [
            "matrix", "eigen", "nat ", "$$", "ℕ", "co", "p-value", "integral", "x",
        ];
        let stems: Vec<String> = stems.iter().map(|stem| (*stem).to_owned()).collect();
        words.add_stems("stems", 1.0, stems.iter());
        words.add_head_mark("marks", "do not edit");
        words.add_head_mark("marks", "Generated by");
        for count in [
            "signal = 'n_names'\nwords = ['Lemma', 'if', 'e', 'integral']\nwhy = ''",
            "signal = 'n_starts'\nwords = ['theorem', '\\part']\nline_start = true\nwhy = ''",
            "signal = 'n_folded'\nwords = ['Theorem']\nignore_case = true\nin = 'comment'\nwhy = ''",
            "signal = 'n_inside'\nwords = ['Mat', '\\begin{mat']\nwhole = false\nin = 'any'\nwhy = ''",
        ] {
            words.add_count(&toml::from_str(count).unwrap());
        }
        words.build().unwrap()
    }

    /// The plain definition: every word at every place.
    fn plain(words: &Words, text: &[u8], classes: &[u8], from: usize) -> Vec<Hits> {
        let mut hits = vec![Hits::default(); words.signals.len()];
        for word in &words.words {
            let mut n = 0;
            for at in 0..text.len() {
                let (first, before) = (text[at], at.checked_sub(1).map_or(0, |at| text[at]));
                let begins = if first.is_ascii_uppercase() {
                    !before.is_ascii_uppercase()
                } else {
                    !first.is_ascii_alphabetic() || !before.is_ascii_alphabetic()
                };
                let stands = text.get(at..at + word.text.len()).is_some_and(|there| {
                    if word.ignore_case {
                        there.eq_ignore_ascii_case(&word.text)
                    } else {
                        *there == *word.text
                    }
                });
                n += usize::from(begins && stands && word.counts(text, classes, at, from));
            }
            hits[word.signal].n += n;
            hits[word.signal].n_evidence += if word.capped { n.min(MAX_REPEATS) } else { n };
            hits[word.signal].n_distinct += usize::from(n > 0);
        }
        hits
    }

    proptest! {
        #[test]
        fn blocks_agree_with_the_definition(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "matrix", "Matrix", "MATRIX", "eigenValue", "sparse", "_", "nat ", "$$", "$", "ℕ", "é", " ",
                    "\n", "  ", "co", "p-value", "integral", "integrals", "Lemma", "if", "e", "E", "theorem",
                    "\\part", "\\begin{matrix}", "Theorem", "do not edit", "Generated by", "xX", "9", "\u{1}\u{1}",
                ]),
                0..200,
            ),
            from in 0_usize..400,
        ) {
            let (words, text) = (words(), parts.concat());
            let (text, classes) = (text.replace('\u{1}', "t"), text);
            let (text, classes) = (text.as_bytes(), classes.as_bytes());
            prop_assert_eq!(words.count(text, classes, from), plain(&words, text, classes, from));
        }
    }
}
