//! The fast engine: a text to its ids by the rules of one [`Config`].
//!
//! Added tokens are found first; what lies between them is normalized, parted into words (or, for
//! vocabularies without words, at places that no merge spans), and each word is looked up in the
//! cache of the thread or merged. The ids are those of the reference for every text. Time is
//! linear in the text for all but made-up vocabularies, and memory beyond text and ids is fixed for
//! texts that can be cut ([`Places`]).

use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::Range;

use thread_local::ThreadLocal;

use crate::added::{Finder, Part};
use crate::bpe::cache::Cache;
use crate::bpe::floor_char_boundary;
use crate::bpe::symbols::MARK;
use crate::bpe::table::Table;
use crate::bpe::window::TooLong;
use crate::config::{AddedToken, Config, MarkFirst, Model, Normalizer, Words};
use crate::hf::{self, Vocabulary};
use crate::normalize::{composed, normalized};
use crate::places::Places;
use crate::split::Ends;
use crate::steps::{Spelling, Steps};
use crate::stream::PART_BYTES;
use crate::tokenizer::SpecialTokens;

/// Name of the engine, with [`crate::VERSION`].
pub(crate) const ENGINE: &str = "proofmill-tokenize 3";

/// Words that a thread's cache holds for each token of the vocabulary.
const CACHED_PER_TOKEN: usize = 4;
const LEAST_CACHED: usize = 1 << 18;
const MOST_CACHED: usize = 1 << 20;
/// Bytes of the first part of a text up to which it is copied to put a mark before it.
const MAX_COPIED_BYTES: usize = 1 << 10;

/// What stands before a text or a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// Nothing: it starts the document.
    Document,
    /// An added token.
    AfterToken,
    /// Text that belongs to it; it starts at one of its [`Places`].
    Continued,
}

/// Why a text has no ids.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// This many bytes would have to be merged at once.
    TooLong(usize),
    /// A part that the reference runs has failed: it has to take the whole text.
    Reference,
}

impl From<TooLong> for Stop {
    fn from(error: TooLong) -> Self {
        Self::TooLong(error.n_bytes)
    }
}

/// A compiled tokenizer.
pub(crate) struct Fast {
    normalizer: Normalizer,
    other_normalizer: Option<hf::Normalizer>,
    words: Words,
    steps: Option<Steps>,
    model: Model,
    places: Places,
    added: Vec<AddedToken>,
    found_first: Option<Finder>, // in the text as it is
    found_normalized: Option<Finder>,
    seeded: Table, // what a cache starts with
    workers: ThreadLocal<RefCell<Worker>>,
}

/// What one thread works with.
struct Worker {
    cache: Cache,
    ends: Ends,
}

impl Fast {
    /// Compiles `config`.
    ///
    /// # Errors
    /// Why the reference engine has to take it.
    pub(crate) fn new(config: Config, special: SpecialTokens) -> Result<Self, String> {
        let Config {
            normalizer,
            other_normalizer,
            words,
            steps,
            model,
            added,
        } = config;
        let (late, early) = added
            .iter()
            .cloned()
            .partition(|token: &AddedToken| token.normalized);
        let by_vocabulary = (CACHED_PER_TOKEN * model.words.len())
            .next_power_of_two()
            .clamp(LEAST_CACHED, MOST_CACHED);
        let places = match &other_normalizer {
            Some(_) => Places::default(),
            None => Places::new(normalizer, words, &added, special),
        };
        Ok(Self {
            normalizer,
            other_normalizer,
            words,
            steps,
            places,
            found_first: Finder::new(early, special)?,
            found_normalized: Finder::new(late, special)?,
            added,
            seeded: seeded(&model, by_vocabulary),
            workers: ThreadLocal::new(),
            model,
        })
    }

    /// Gives the caches room for `n_words` short words.
    pub(crate) fn resize_cache(&mut self, n_words: usize) {
        self.seeded = seeded(&self.model, n_words);
        self.workers = ThreadLocal::new();
    }

    /// What is not done by rules of our own.
    pub(crate) fn slow_parts(&self) -> Option<&'static str> {
        match (&self.other_normalizer, &self.steps) {
            (None, None) => None,
            (None, Some(_)) => Some("words are split step by step"),
            (Some(_), None) => Some("the reference normalizes"),
            (Some(_), Some(_)) => Some("the reference normalizes, words are split step by step"),
        }
    }

    pub(crate) fn vocabulary(&self) -> Vocabulary {
        let ids = self.added.iter().map(|token| token.id);
        let highest = ids.chain(self.model.tokens.last().map(|(id, _)| *id)).max();
        let special = self.added.iter().filter(|token| token.special);
        let mut special: Vec<_> = special
            .map(|token| (token.content.clone(), token.id))
            .collect();
        special.sort_unstable_by_key(|(_, id)| *id);
        Vocabulary {
            n_tokens: highest.map_or(0, |id| u64::from(id) + 1),
            special,
        }
    }

    pub(crate) fn id_of(&self, token: &str) -> Option<u32> {
        let added = self
            .added
            .iter()
            .find(|added| added.content == token)
            .map(|added| added.id);
        let mut tokens = self.model.tokens.iter();
        added.or_else(|| {
            tokens
                .find(|(_, other)| **other == *token)
                .map(|(id, _)| *id)
        })
    }

    pub(crate) fn token_of(&self, id: u32) -> Option<&str> {
        if let Some(added) = self.added.iter().find(|added| added.id == id) {
            return Some(&added.pattern);
        }
        let index = self
            .model
            .tokens
            .binary_search_by_key(&id, |(id, _)| *id)
            .ok()?;
        Some(&self.model.tokens[index].1)
    }

    /// The first place in `text` at byte `from` or behind it where it can be cut.
    pub(crate) fn next_cut(&self, text: &str, from: usize) -> Option<usize> {
        self.places.next(text, from, &self.model)
    }

    /// Appends the ids of `text`, part by part if it is long; on an error `out` is unchanged.
    pub(crate) fn encode_into(
        &self,
        text: &str,
        start: Start,
        out: &mut Vec<u32>,
    ) -> Result<(), Stop> {
        let worker = self.workers.get_or(|| {
            RefCell::new(Worker {
                cache: Cache::new(&self.seeded),
                ends: Ends::new(),
            })
        });
        let mut worker = worker.borrow_mut();
        // Whatever a text left that was not encoded to its end.
        worker.cache.clear();
        let n_before = out.len();
        self.encode(text, start, &mut worker, out)
            .inspect_err(|_| out.truncate(n_before))
    }

    fn encode(
        &self,
        text: &str,
        start: Start,
        worker: &mut Worker,
        out: &mut Vec<u32>,
    ) -> Result<(), Stop> {
        // So that copies of the text, where its rules need some, stay small.
        let (mut rest, mut start) = (text, start);
        while rest.len() > PART_BYTES
            && let Some(place) = self.next_cut(rest, PART_BYTES)
        {
            let (part, later) = rest.split_at(place);
            self.part(part, start, worker, out)?;
            (rest, start) = (later, Start::Continued);
        }
        self.part(rest, start, worker, out)
    }

    fn part(
        &self,
        text: &str,
        start: Start,
        worker: &mut Worker,
        out: &mut Vec<u32>,
    ) -> Result<(), Stop> {
        parts(self.found_first.as_ref(), text, |part| match part {
            Part::Token(id) => {
                worker.cache.push_token(&self.model.bpe, id, out);
                Ok(())
            }
            Part::Text(from, to) => {
                let start = if from == 0 { start } else { Start::AfterToken };
                self.between(text, from..to, start, worker, out)
            }
        })?;
        worker.cache.flush(&self.model.bpe, out);
        Ok(())
    }

    /// A part of a text between two tokens that are found in the text as it is.
    fn between(
        &self,
        text: &str,
        part: Range<usize>,
        start: Start,
        worker: &mut Worker,
        out: &mut Vec<u32>,
    ) -> Result<(), Stop> {
        if let Some(normalizer) = &self.other_normalizer {
            let text = normalizer.normalized(&text[part]);
            return self.normalized(&text.map_err(|_| Stop::Reference)?, start, worker, out);
        }
        if self.found_normalized.is_none() {
            return match composed(&text[part.clone()], self.normalizer) {
                Cow::Borrowed(_) => self.words(text, part, start, worker, out),
                Cow::Owned(text) => self.words(&text, 0..text.len(), start, worker, out),
            };
        }
        // Spaces and marks differ only where a token is looked for; so the rest is done here only
        // if tokens are looked for behind it.
        let text = if self.normalizer.marks || self.normalizer.mark_first {
            let mark_first = self.normalizer.mark_first && start != Start::Continued;
            let normalizer = Normalizer {
                mark_first,
                ..self.normalizer
            };
            Cow::Owned(normalized(&text[part], normalizer))
        } else {
            composed(&text[part], self.normalizer)
        };
        self.normalized(&text, start, worker, out)
    }

    /// A normalized part of a text, in which tokens may still be looked for.
    fn normalized(
        &self,
        text: &str,
        start: Start,
        worker: &mut Worker,
        out: &mut Vec<u32>,
    ) -> Result<(), Stop> {
        parts(self.found_normalized.as_ref(), text, |part| match part {
            Part::Token(id) => {
                worker.cache.push_token(&self.model.bpe, id, out);
                Ok(())
            }
            Part::Text(from, to) => {
                let start = if from == 0 { start } else { Start::AfterToken };
                self.words(text, from..to, start, worker, out)
            }
        })
    }

    /// Whether a mark has to be put before this text.
    fn wants_mark(&self, text: &str, start: Start) -> bool {
        if start == Start::Continued {
            return false;
        }
        let Words::Metaspace { first, .. } = self.words else {
            // Where tokens are looked for in the normalized text, it has its mark already.
            return self.normalizer.mark_first && self.found_normalized.is_none();
        };
        let is_asked_for = match first {
            MarkFirst::Always => true,
            MarkFirst::AtStart => start == Start::Document,
            MarkFirst::Never => false,
        };
        is_asked_for && !text.starts_with([' ', MARK])
    }

    /// A part of a text without tokens, which is never empty.
    fn words(
        &self,
        text: &str,
        part: Range<usize>,
        start: Start,
        worker: &mut Worker,
        out: &mut Vec<u32>,
    ) -> Result<(), Stop> {
        if let Some(steps) = &self.steps {
            return self.stepwise(steps, text, part, start, worker, out);
        }
        let own = &text[part.clone()];
        let n_before = match self.model.fused {
            Some(_) => {
                worker.cache.flush(&self.model.bpe, out);
                out.len()
            }
            None => 0,
        };
        match self.words {
            Words::Bytes {
                space_first: true, ..
            } if start != Start::Continued && !own.starts_with(' ') => {
                let copy = [" ", own].concat();
                self.run(&copy, 0..copy.len(), worker, out)?;
            }
            _ if self.wants_mark(own, start) => self.with_mark(text, part, worker, out)?,
            _ => self.run(text, part, worker, out)?,
        }
        if let Some(unknown) = self.model.fused {
            worker.cache.flush(&self.model.bpe, out);
            fuse(out, n_before, unknown);
        }
        Ok(())
    }

    /// [`Fast::words`] by steps that have no scanner.
    fn stepwise(
        &self,
        steps: &Steps,
        text: &str,
        part: Range<usize>,
        start: Start,
        worker: &mut Worker,
        out: &mut Vec<u32>,
    ) -> Result<(), Stop> {
        let bpe = &self.model.bpe;
        steps.each(text, part, start == Start::Document, &mut |text, word| {
            if steps.spelling == Spelling::Bytes {
                let cache = &mut worker.cache;
                return Ok(cache.push_words(bpe, text, word.start, &[word.end], out)?);
            }
            // Runs of the unknown token do not reach over words.
            let Some(unknown) = self.model.fused else {
                return self.run(text, word, worker, out);
            };
            worker.cache.flush(bpe, out);
            let n_before = out.len();
            self.run(text, word, worker, out)?;
            worker.cache.flush(bpe, out);
            fuse(out, n_before, unknown);
            Ok(())
        })
    }

    /// A part of a text with a mark put before it.
    fn with_mark(
        &self,
        text: &str,
        part: Range<usize>,
        worker: &mut Worker,
        out: &mut Vec<u32>,
    ) -> Result<(), Stop> {
        // Where a word ends depends on the two characters there, so a copy of the start will do.
        let own = &text[part.clone()];
        let mut copy = MARK.to_string();
        copy.push_str(&own[..floor_char_boundary(own, MAX_COPIED_BYTES)]);
        self.fill(&copy, 0, copy.len(), &mut worker.ends);
        let first_end = worker.ends.as_slice()[0];
        if first_end == copy.len() {
            copy.truncate(MARK.len_utf8());
            copy.push_str(own);
            return self.run(&copy, 0..copy.len(), worker, out);
        }
        let Worker { cache, .. } = worker;
        cache.push_words(&self.model.bpe, &copy, 0, &[first_end], out)?;
        let rest = part.start + first_end - MARK.len_utf8()..part.end;
        self.run(text, rest, worker, out)
    }

    /// The words of a part of `text` that starts with a word.
    fn run(
        &self,
        text: &str,
        part: Range<usize>,
        worker: &mut Worker,
        out: &mut Vec<u32>,
    ) -> Result<(), Stop> {
        let Worker { cache, ends } = worker;
        let mut from = part.start;
        while from < part.end {
            self.fill(text, from, part.end, ends);
            let ends = ends.as_slice();
            cache.push_words(&self.model.bpe, text, from, ends, out)?;
            from = ends.last().copied().unwrap_or(part.end);
        }
        Ok(())
    }

    /// The ends of the next words from `from` on, as if the text ended at `to`.
    fn fill(&self, text: &str, from: usize, to: usize, ends: &mut Ends) {
        match self.words {
            Words::Bytes { splitter, .. } => splitter.fill(text, from, to, ends),
            _ => self.model.cuts.fill(text, from, to, ends),
        }
    }
}

/// A table that has the vocabulary.
fn seeded(model: &Model, n_words: usize) -> Table {
    let words = model.words.iter().map(|word| (&*word.text, word.id));
    model.bpe.table_of(n_words, words)
}

/// The parts of `text`, or all of it as one if nothing is looked for.
fn parts<E>(
    finder: Option<&Finder>,
    text: &str,
    mut give: impl FnMut(Part) -> Result<(), E>,
) -> Result<(), E> {
    match finder {
        Some(finder) => finder.parts(text, give),
        None if text.is_empty() => Ok(()),
        None => give(Part::Text(0, text.len())),
    }
}

/// Makes each run of `unknown` from `start` on one.
fn fuse(ids: &mut Vec<u32>, start: usize, unknown: u32) {
    let mut kept = start;
    for at in start..ids.len() {
        if at == start || ids[at] != unknown || ids[at - 1] != unknown {
            ids[kept] = ids[at];
            kept += 1;
        }
    }
    ids.truncate(kept);
}
