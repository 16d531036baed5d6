//! What is counted while text is written: commands, formulas, prose, headings, theorems.

use rustc_hash::FxHashMap;

use crate::expand::Engine;
use crate::names::Class;
use crate::paper::{Section, Theorem};
use crate::token::Token;

/// Bytes of prose that the language is told from.
const PROSE_BYTES: usize = 4096;

/// Counters of one run of an emitter.
#[derive(Debug, Default)]
pub(crate) struct Measure {
    ignore: bool,
    pub(crate) prose: String,
    pub(crate) control_words: u32,
    pub(crate) math_control_words: u32,
    pub(crate) unknown: FxHashMap<u32, u32>,
    pub(crate) unresolved: FxHashMap<u32, u32>,
    pub(crate) math_bytes: usize,
    pub(crate) sections: Vec<Section>,
    pub(crate) theorems: Vec<Theorem>,
}

impl Measure {
    /// Counts nothing.
    pub(crate) fn ignoring() -> Self {
        Self {
            ignore: true,
            ..Self::default()
        }
    }

    pub(crate) fn is_ignoring(&self) -> bool {
        self.ignore
    }

    /// A command was written.
    #[inline]
    pub(crate) fn command(&mut self, engine: &Engine, token: Token, in_formula: bool) {
        if self.ignore {
            return;
        }
        let is_word = engine
            .names
            .name(token.at)
            .starts_with(|c: char| c.is_ascii_alphabetic());
        if !is_word {
            return;
        }
        self.control_words += 1;
        self.math_control_words += u32::from(in_formula);
        if engine.names.info(token.at).class == Class::Unknown {
            if in_formula && engine.defined.contains(&token.at) {
                *self.unresolved.entry(token.at).or_default() += 1;
            } else {
                *self.unknown.entry(token.at).or_default() += 1;
            }
        }
    }

    /// Prose was written.
    #[inline]
    pub(crate) fn prose(&mut self, text: &str) {
        if !self.ignore && self.prose.len() < PROSE_BYTES {
            let mut end = text.len().min(PROSE_BYTES);
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            self.prose.push_str(&text[..end]);
            self.prose.push(' ');
        }
    }

    /// Most frequent first, then by name.
    pub(crate) fn by_count(engine: &Engine, counts: &FxHashMap<u32, u32>) -> Vec<(String, u32)> {
        let mut list: Vec<(String, u32)> = Vec::with_capacity(counts.len());
        let mut ids: Vec<u32> = counts.keys().copied().collect();
        ids.sort_unstable();
        for id in ids {
            list.push((engine.names.name(id).to_owned(), counts[&id]));
        }
        list.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
        list
    }
}
