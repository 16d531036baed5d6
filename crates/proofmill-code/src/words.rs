//! Counts words and phrases in one pass over a file, each with its own rule of where it may stand.
//!
//! All words of a language (the shared mathematical vocabulary, markers of generated files, the words
//! that its definition counts) go through one automaton, so that a longer list costs nothing.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::definition::{Count, Place};
use crate::error::CodeError;
use crate::scan::{COMMENT, STRING, is_name_byte};

/// The words of one language, ready to count.
#[derive(Debug)]
pub(crate) struct Words {
    automaton: AhoCorasick,
    words: Vec<Word>,
    signals: Vec<String>,
    weights: Vec<f64>,
}

#[derive(Debug)]
struct Word {
    signal: usize,
    text: Box<[u8]>,
    boundary: Boundary,
    line_start: bool,
    ignore_case: bool,
    place: Place,
    head: bool,
}

/// Where marks of a generated file stand: in the first screens.
const HEAD_BYTES: usize = 2048;

/// Where a word may begin and end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Boundary {
    /// Anywhere.
    Free,
    /// Between name characters on neither side.
    Whole,
    /// At the start of a word inside a name: `n_eigenvalues` and `sparseMatrix` hold `eigen`, `Matrix`.
    Stem,
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
        let boundary = if count.whole {
            Boundary::Whole
        } else {
            Boundary::Free
        };
        let signal = self.signal(&count.signal);
        self.weights[signal] = count.weight;
        for word in &count.words {
            self.push(Word {
                signal,
                text: word.as_bytes().into(),
                boundary,
                line_start: count.line_start,
                ignore_case: count.ignore_case,
                place: count.place,
                head: false,
            });
        }
    }

    /// Adds a group of stems that weighs `weight`; see [`WordsBuilder::add_stem`].
    pub(crate) fn add_stems<'a>(
        &mut self,
        signal: &str,
        weight: f64,
        stems: impl Iterator<Item = &'a String>,
    ) {
        let index = self.signal(signal);
        self.weights[index] = weight;
        for stem in stems {
            self.add_stem(signal, stem);
        }
    }

    /// Adds a word of the shared vocabulary, found at the start of any word, in any case.
    fn add_stem(&mut self, signal: &str, stem: &str) {
        let signal = self.signal(signal);
        self.push(Word {
            signal,
            text: stem.as_bytes().into(),
            boundary: Boundary::Stem,
            line_start: false,
            ignore_case: true,
            place: Place::Any,
            head: false,
        });
    }

    /// Adds a phrase that counts in the comments at the head of a file; one that begins with a capital
    /// is compared with case.
    pub(crate) fn add_head_mark(&mut self, signal: &str, phrase: &str) {
        let signal = self.signal(signal);
        self.push(Word {
            signal,
            text: phrase.as_bytes().into(),
            boundary: Boundary::Whole,
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

    /// Compiles the automaton; `file` names the definition in errors.
    pub(crate) fn build(self, file: &str) -> Result<Words, CodeError> {
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA))
            .match_kind(MatchKind::Standard)
            .ascii_case_insensitive(true)
            .build(self.words.iter().map(|word| &word.text))
            .map_err(|error| CodeError::Value {
                file: file.to_owned(),
                key: "language.counts".to_owned(),
                problem: error.to_string(),
            })?;
        Ok(Words {
            automaton,
            words: self.words,
            signals: self.signals,
            weights: self.weights,
        })
    }
}

impl Words {
    /// Counts in `text`; `classes` is the same text with comments and strings overwritten.
    ///
    /// Words before `from`, the end of a licence header, count only as marks of the head. Gives one
    /// entry per signal, in the order in which signals were first added.
    pub(crate) fn count(&self, text: &[u8], classes: &[u8], from: usize) -> Vec<Hits> {
        let mut per_word = vec![0_usize; self.words.len()];
        for found in self.automaton.find_overlapping_iter(text) {
            let index = found.pattern().as_usize();
            let word = &self.words[index];
            let is_counted = word.head || found.start() >= from;
            if is_counted && word.counts(text, classes, found.start(), found.end()) {
                per_word[index] += 1;
            }
        }
        let mut hits = vec![Hits::default(); self.signals.len()];
        for (word, n) in self.words.iter().zip(per_word) {
            hits[word.signal].n += n;
            hits[word.signal].n_distinct += usize::from(n > 0);
        }
        hits
    }

    /// What one hit of each signal weighs, in the order of [`Words::count`].
    pub(crate) fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Names of the signals, in the order of [`Words::count`].
    pub(crate) fn signals(&self) -> &[String] {
        &self.signals
    }
}

impl Word {
    fn counts(&self, text: &[u8], classes: &[u8], start: usize, end: usize) -> bool {
        let is_bounded = match self.boundary {
            Boundary::Free => true,
            Boundary::Whole => {
                let before =
                    start > 0 && is_name_byte(text[start - 1]) && is_name_byte(text[start]);
                let after = text.get(end).is_some_and(|&next| is_name_byte(next))
                    && is_name_byte(text[end - 1]);
                !before && !after
            }
            Boundary::Stem => {
                start == 0 || {
                    let before = text[start - 1];
                    !before.is_ascii_alphabetic()
                        || (before.is_ascii_lowercase() && text[start].is_ascii_uppercase())
                }
            }
        };
        if self.head && start >= HEAD_BYTES {
            return false;
        }
        if !is_bounded || (!self.ignore_case && text[start..end] != *self.text) {
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
