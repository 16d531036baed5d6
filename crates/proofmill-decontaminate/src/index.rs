//! The index, and the search of a text for what it holds.
//!
//! A text is cut into word hashes once. One rolling hash asks for n-grams, a second one, over fewer
//! words, for the anchors of short texts; a prefilter answers most questions. Only a text with hits
//! is cut a second time, for byte positions.

use std::sync::Arc;

use crate::builder::check_count;
use crate::table::Table;
use crate::words::{for_each_ngram, for_each_word};
use crate::{DecontaminateError, Rules};

/// The n-grams of benchmark items.
///
/// About 20 bytes per n-gram; shared by all threads.
#[derive(Clone, Debug)]
pub struct Index {
    pub(crate) rules: Rules,
    pub(crate) fields: Vec<Field>, // sorted by name
    pub(crate) ngrams: Postings<u32>,
    pub(crate) shorts: Vec<Short>,
    pub(crate) anchors: Postings<Anchor>,
    pub(crate) statistics: Statistics,
}

/// Memory that [`Index::scan`] reuses from text to text.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    words: Vec<u64>,
    events: Vec<Event>,
    spans: Vec<(usize, usize)>,
}

/// A stretch of a text that stands in a benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit<'a> {
    /// First byte of the first word.
    pub start_byte: usize,
    /// Byte after the last word.
    pub end_byte: usize,
    /// Name of the benchmark.
    pub benchmark: &'a str,
    /// Name of the item.
    pub item: &'a str,
    /// Name of the field; of two fields (`question+answer`) where the stretch joins them.
    pub field: &'a str,
    /// Words in the stretch.
    pub n_words: usize,
}

/// What an index holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Items added.
    pub n_items: usize,
    /// Fields that count, without repetitions.
    pub n_fields: usize,
    /// Distinct n-grams.
    pub n_ngrams: usize,
    /// Texts that are sought as a whole.
    pub n_shorts: usize,
    /// Questions that cannot be found: too short, or without content.
    pub n_unprotected: usize,
    /// Bytes of memory of the n-grams and short texts.
    pub n_bytes: usize,
}

/// Names of one field.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) benchmark: Arc<str>,
    pub(crate) item: Arc<str>,
    pub(crate) name: Arc<str>,
}

/// A text that is sought as a whole.
#[derive(Clone, Debug)]
pub(crate) struct Short {
    pub(crate) field: u32,
    pub(crate) words: Box<[u64]>,
}

/// Where the anchor of a short text lies in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Anchor {
    pub(crate) short: u32,
    pub(crate) offset: u32,
}

/// Hashes, and for each what it stands for.
#[derive(Clone, Debug)]
pub(crate) struct Postings<T> {
    pub(crate) table: Table,
    starts: Vec<u32>, // [hashes + 1]
    values: Vec<T>,
}

impl<T: Copy> Postings<T> {
    /// From pairs sorted by hash.
    pub(crate) fn new(pairs: &[(u64, T)]) -> Result<Self, DecontaminateError> {
        check_count("n-grams", pairs.len())?;
        let mut hashes = Vec::new();
        let mut starts = Vec::new();
        for (position, (hash, _)) in (0_u32..).zip(pairs) {
            if hashes.last() != Some(hash) {
                hashes.push(*hash);
                starts.push(position);
            }
        }
        starts.push(u32::try_from(pairs.len()).unwrap_or(u32::MAX));
        Ok(Self {
            table: Table::new(hashes),
            starts,
            values: pairs.iter().map(|pair| pair.1).collect(),
        })
    }

    /// What `hash` stands for; empty if it is not in the table.
    #[inline]
    fn get(&self, hash: u64) -> &[T] {
        self.table
            .find(hash)
            .map_or(&[], |position| self.at(position))
    }

    fn at(&self, position: usize) -> &[T] {
        let start_of = |position: usize| {
            self.starts
                .get(position)
                .and_then(|&start| usize::try_from(start).ok())
        };
        let range = start_of(position).zip(start_of(position + 1));
        range
            .and_then(|(start, end)| self.values.get(start..end))
            .unwrap_or_default()
    }

    pub(crate) fn n_bytes(&self) -> usize {
        self.table.n_bytes() + 4 * self.starts.len() + size_of::<T>() * self.values.len()
    }
}

/// A found n-gram or short text, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Event {
    field: u32,
    start: usize,
    end: usize,
}

impl Index {
    /// What it holds.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.statistics
    }

    /// The stretches of `text` that stand in a benchmark: overlapping and touching n-grams of one
    /// field joined, in order of position, then of names. Linear in the text and in the hits.
    pub fn scan(&self, text: &str, scratch: &mut Scratch) -> Vec<Hit<'_>> {
        scratch.words.clear();
        scratch.events.clear();
        for_each_word(text, |word| scratch.words.push(word.hash));
        let n = self.rules.ngram_words;
        for_each_ngram(&scratch.words, n, |start, hash| {
            for &field in self.ngrams.get(hash) {
                scratch.events.push(Event {
                    field,
                    start,
                    end: start + n,
                });
            }
        });
        if !self.shorts.is_empty() {
            for_each_ngram(&scratch.words, self.rules.short_words, |at, hash| {
                for anchor in self.anchors.get(hash) {
                    scratch
                        .events
                        .extend(self.whole_text(&scratch.words, at, *anchor));
                }
            });
        }
        if scratch.events.is_empty() {
            Vec::new()
        } else {
            self.hits(text, scratch)
        }
    }

    /// The short text of `anchor`, if it stands in `words` with its anchor at `at`.
    fn whole_text(&self, words: &[u64], at: usize, anchor: Anchor) -> Option<Event> {
        let short = self.shorts.get(usize::try_from(anchor.short).ok()?)?;
        let start = at.checked_sub(usize::try_from(anchor.offset).ok()?)?;
        let end = start + short.words.len();
        (words.get(start..end)? == &*short.words).then_some(Event {
            field: short.field,
            start,
            end,
        })
    }

    fn hits(&self, text: &str, scratch: &mut Scratch) -> Vec<Hit<'_>> {
        scratch.spans.clear();
        for_each_word(text, |word| scratch.spans.push((word.start, word.end)));
        scratch.events.sort_unstable();
        let mut found: Vec<Event> = Vec::new();
        for &event in &scratch.events {
            match found
                .last_mut()
                .filter(|last| last.field == event.field && event.start <= last.end)
            {
                Some(last) => last.end = last.end.max(event.end),
                None => found.push(event),
            }
        }
        let hit = |event: Event| {
            let field = self.fields.get(usize::try_from(event.field).ok()?)?;
            Some(Hit {
                start_byte: scratch.spans.get(event.start)?.0,
                end_byte: scratch.spans.get(event.end.checked_sub(1)?)?.1,
                benchmark: &field.benchmark,
                item: &field.item,
                field: &field.name,
                n_words: event.end - event.start,
            })
        };
        let mut hits: Vec<Hit<'_>> = found.into_iter().filter_map(hit).collect();
        hits.sort_unstable();
        hits
    }
}
