//! The whole of deduplication in memory, for one file of documents.

use std::convert::Infallible;
use std::sync::Arc;

use crate::{
    Attributes, BandKind, DedupError, Entry, Scratch, Settings, Signer, Texts, cluster, exact_key,
    find_edges, match_records, shingles,
};

/// What became of one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fate {
    /// Index of the text that stays for the cluster (its own, if it is the one); `None` when alone.
    pub cluster: Option<usize>,
    /// Whether it stays.
    pub keep: bool,
}

/// Finds exact and near duplicates among `texts`; of each cluster the first text stays.
///
/// The same functions as in a build, so the same pairs; the result has one entry per text.
///
/// # Errors
/// [`DedupError::Setting`] as [`Settings::validate`].
pub fn dedup_texts<T: AsRef<str>>(
    texts: &[T],
    settings: &Settings,
    seed: u64,
) -> Result<Vec<Fate>, DedupError> {
    let signer = Signer::new(settings, seed)?;
    let (mut scratch, mut bands, mut entries) = (Scratch::default(), Vec::new(), Vec::new());
    for (ordinal, text) in (0_u64..).zip(texts) {
        let text = text.as_ref();
        if text.trim().is_empty() {
            continue;
        }
        entries.push(Entry {
            hash: exact_key(text),
            ordinal,
            kind: BandKind::Exact,
        });
        signer.band_hashes(text, &mut scratch, &mut bands);
        entries.extend(bands.iter().map(|&hash| Entry {
            hash,
            ordinal,
            kind: BandKind::Near,
        }));
    }
    let mut supply = InMemory {
        texts,
        ngram_words: settings.ngram_words,
    };
    let found = find_edges(&match_records(entries), settings.min_jaccard, &mut supply);
    let edges = found.unwrap_or_else(|never| match never {}).edges;
    let mut fates = vec![
        Fate {
            cluster: None,
            keep: true
        };
        texts.len()
    ];
    for removal in cluster(&edges, &|_| Attributes::default(), &[]) {
        // Ordinals are indices of `texts`.
        let survivor = usize::try_from(removal.survivor).unwrap_or(usize::MAX);
        let removed = usize::try_from(removal.ordinal).unwrap_or(usize::MAX);
        if let Some(fate) = fates.get_mut(removed) {
            *fate = Fate {
                cluster: Some(survivor),
                keep: false,
            };
        }
        if let Some(fate) = fates.get_mut(survivor) {
            fate.cluster = Some(survivor);
        }
    }
    Ok(fates)
}

struct InMemory<'a, T> {
    texts: &'a [T],
    ngram_words: u32,
}

impl<T: AsRef<str>> Texts for InMemory<'_, T> {
    type Error = Infallible;

    fn shingles(&mut self, ordinals: &[u64]) -> Result<Vec<Arc<[u64]>>, Infallible> {
        let text_of = |&ordinal: &u64| {
            let text = usize::try_from(ordinal)
                .ok()
                .and_then(|index| self.texts.get(index));
            text.map_or("", AsRef::as_ref)
        };
        Ok(ordinals
            .iter()
            .map(|ordinal| shingles(text_of(ordinal), self.ngram_words).into())
            .collect())
    }
}
