//! Makes an index from benchmark items.

use std::ops::Range;
use std::sync::Arc;

use crate::index::{Anchor, Field, Postings, Short, Statistics};
use crate::roles::{Role, role};
use crate::words::{Kind, for_each_ngram, for_each_word, mix};
use crate::{DecontaminateError, Index, Rules};

/// Different texts of the benchmarks that may share an n-gram; shared by more it is a template
/// ("which of the following statements is true") and does not count. Texts equal word for word count
/// once, so an item that stands in many benchmarks stays protected.
pub const MAX_TEXTS: usize = 8;
/// Fields named in one hit of an n-gram, lowest names first.
const MAX_POSTINGS: usize = 32;

/// Words of a text sought as a whole from which its numbers tell something: `what is 2 + 3` stands
/// everywhere.
const MIN_NUMBER_WORDS: usize = 8;

/// One row of a benchmark.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// Name of the benchmark, e.g. its file's name.
    pub benchmark: &'a str,
    /// Names the item inside the benchmark, e.g. its id or line.
    pub item: &'a str,
    /// Names and texts of its fields. Metadata may be among them: only fields with a [`role`] count,
    /// or all of them if none has one.
    pub fields: &'a [(String, String)],
}

/// Collects benchmark items.
#[derive(Clone, Debug)]
pub struct IndexBuilder {
    rules: Rules,
    names: Vec<Arc<str>>, // the last benchmark's name, shared by its fields
    texts: Vec<Text>,
    n_items: usize,
}

/// One field as words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Text {
    benchmark: Arc<str>,
    item: Arc<str>,
    field: Arc<str>,
    is_answer: bool,
    words: Vec<u64>,
    kinds: Vec<Kind>, // [words]
}

impl IndexBuilder {
    /// A builder for `rules`, usually those of a [`crate::Preset`].
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            names: Vec::new(),
            texts: Vec::new(),
            n_items: 0,
        }
    }

    /// Adds one item; returns the number of its fields that count.
    pub fn add(&mut self, item: &Item<'_>) -> usize {
        self.n_items += 1;
        if self
            .names
            .first()
            .is_none_or(|name| **name != *item.benchmark)
        {
            self.names = vec![Arc::from(item.benchmark)];
        }
        let benchmark = Arc::clone(&self.names[0]);
        let name: Arc<str> = Arc::from(item.item);
        let has_roles = item.fields.iter().any(|(field, _)| role(field).is_some());
        let n_before = self.texts.len();
        let mut questions = Vec::new();
        let mut answers = Vec::new();
        for (field, text) in item.fields {
            let found = role(field).or(if has_roles {
                None
            } else {
                Some(Role::Question)
            });
            let Some(role) = found else { continue };
            let (mut words, mut kinds) = (Vec::new(), Vec::new());
            for_each_word(text, |word| {
                words.push(word.hash);
                kinds.push(word.kind);
            });
            let of_role = if role == Role::Answer {
                &mut answers
            } else {
                &mut questions
            };
            of_role.push(Text {
                benchmark: Arc::clone(&benchmark),
                item: Arc::clone(&name),
                field: Arc::from(field.as_str()),
                is_answer: role == Role::Answer,
                words,
                kinds,
            });
        }
        if self.rules.straddle {
            for question in &questions {
                for answer in &answers {
                    self.texts
                        .push(question.joined(answer, self.rules.ngram_words.saturating_sub(1)));
                }
            }
        }
        self.texts.append(&mut answers);
        if self.rules.questions {
            self.texts.append(&mut questions);
        }
        self.texts.len() - n_before
    }

    /// The index of everything added.
    ///
    /// # Errors
    /// [`DecontaminateError::TooLarge`] beyond 2^32 - 1 fields or n-grams.
    pub fn finish(self) -> Result<Index, DecontaminateError> {
        let Self {
            rules,
            mut texts,
            n_items,
            ..
        } = self;
        texts.sort_unstable();
        texts.dedup();
        check_count("fields", texts.len())?;
        let (ngrams, is_covered) = index_ngrams(&texts, &rules)?;
        let mut shorts = Vec::new();
        let mut n_unprotected = 0;
        for ((field, text), is_covered) in (0_u32..).zip(&texts).zip(is_covered) {
            if is_covered {
                continue;
            }
            if text.is_telling(&rules) {
                shorts.push(Short {
                    field,
                    words: text.words.clone().into(),
                });
            } else {
                n_unprotected += usize::from(!text.is_answer);
            }
        }
        let anchors = index_anchors(&shorts, rules.short_words)?;
        let statistics = Statistics {
            n_items,
            n_fields: texts.len(),
            n_ngrams: ngrams.table.len(),
            n_shorts: shorts.len(),
            n_unprotected,
            n_bytes: ngrams.n_bytes()
                + anchors.n_bytes()
                + shorts
                    .iter()
                    .map(|short| 8 * short.words.len())
                    .sum::<usize>(),
        };
        let fields = texts
            .into_iter()
            .map(|text| Field {
                benchmark: text.benchmark,
                item: text.item,
                name: text.field,
            })
            .collect();
        Ok(Index {
            rules,
            fields,
            ngrams,
            shorts,
            anchors,
            statistics,
        })
    }
}

impl Text {
    /// The last `n` words of this text and the first `n` of `after`.
    fn joined(&self, after: &Self, n: usize) -> Self {
        let from = self.words.len().saturating_sub(n);
        let to = after.words.len().min(n);
        Self {
            benchmark: Arc::clone(&self.benchmark),
            item: Arc::clone(&self.item),
            field: Arc::from(format!("{}+{}", self.field, after.field)),
            is_answer: true,
            words: [&self.words[from..], &after.words[..to]].concat(),
            kinds: [&self.kinds[from..], &after.kinds[..to]].concat(),
        }
    }

    /// Number of distinct words of `kind` in a range of words; `found` is memory to work in.
    fn count(&self, kind: Kind, range: Range<usize>, found: &mut Vec<u64>) -> usize {
        found.clear();
        found.extend(
            range
                .filter(|&at| self.kinds[at] == kind)
                .map(|at| self.words[at]),
        );
        found.sort_unstable();
        found.dedup();
        found.len()
    }

    /// Whether this text may be sought as a whole.
    fn is_telling(&self, rules: &Rules) -> bool {
        let n_words = self.words.len();
        let count = |kind| self.count(kind, 0..n_words, &mut Vec::new());
        let n_content = count(Kind::Content);
        let n_numbers = if n_words < MIN_NUMBER_WORDS {
            0
        } else {
            count(Kind::Number)
        };
        let is_sought = !self.is_answer || rules.short_answers;
        is_sought
            && n_words >= rules.short_words
            && n_content > 0
            && n_content + n_numbers >= rules.min_content_words(n_words)
    }
}

/// The n-grams that count, and for each text whether one of its n-grams does.
fn index_ngrams(
    texts: &[Text],
    rules: &Rules,
) -> Result<(Postings<u32>, Vec<bool>), DecontaminateError> {
    let n = rules.ngram_words;
    let mut found: Vec<(u64, u32)> = Vec::new();
    let mut content = Vec::new();
    for (field, text) in (0_u32..).zip(texts) {
        for_each_ngram(&text.words, n, |start, hash| {
            if text.count(Kind::Content, start..start + n, &mut content)
                >= rules.min_content_words(n)
            {
                found.push((hash, field));
            }
        });
    }
    found.sort_unstable();
    found.dedup();
    let keys: Vec<u64> = texts
        .iter()
        .map(|text| text.words.iter().fold(0, |key, word| mix(key ^ word)))
        .collect();
    let index_of = |field: u32| usize::try_from(field).unwrap_or(usize::MAX);
    let mut is_covered = vec![false; texts.len()];
    let mut kept = Vec::with_capacity(found.len());
    let mut different = Vec::new();
    for same in found.chunk_by(|a, b| a.0 == b.0) {
        different.clear();
        different.extend(same.iter().map(|&(_, field)| keys[index_of(field)]));
        different.sort_unstable();
        different.dedup();
        if different.len() <= MAX_TEXTS {
            for &(_, field) in same {
                is_covered[index_of(field)] = true;
            }
            kept.extend(same.iter().take(MAX_POSTINGS).copied());
        }
    }
    Ok((Postings::new(&kept)?, is_covered))
}

/// For each short text its rarest window of `n` words, by which it is sought.
fn index_anchors(shorts: &[Short], n: usize) -> Result<Postings<Anchor>, DecontaminateError> {
    let mut all = Vec::new();
    for short in shorts {
        for_each_ngram(&short.words, n, |_, hash| all.push(hash));
    }
    all.sort_unstable();
    let count = |hash: u64| {
        all.partition_point(|&other| other <= hash) - all.partition_point(|&other| other < hash)
    };
    let mut found = Vec::new();
    for (index, short) in (0_u32..).zip(shorts) {
        let mut best = None;
        for_each_ngram(&short.words, n, |start, hash| {
            let rarity = (count(hash), start, hash);
            best = Some(best.map_or(rarity, |best| rarity.min(best)));
        });
        if let Some((_, start, hash)) = best {
            let offset = u32::try_from(start).unwrap_or(u32::MAX);
            found.push((
                hash,
                Anchor {
                    short: index,
                    offset,
                },
            ));
        }
    }
    found.sort_unstable();
    Postings::new(&found)
}

pub(crate) fn check_count(what: &'static str, n: usize) -> Result<(), DecontaminateError> {
    if u32::try_from(n).is_ok_and(|n| n < u32::MAX) {
        Ok(())
    } else {
        Err(DecontaminateError::TooLarge {
            what,
            limit: u32::MAX - 1,
        })
    }
}
