//! The recall loop: which domains a corpus keeps most of, so that more of them can be looked for.
//!
//! A filter that keeps most pages of a domain says that the domain is about mathematics; its other
//! pages, those that no crawl has brought yet, are candidates for the next round.
//!
//! # Source
//! Shao et al. 2024, arXiv:2402.03300, section 2.1: domains of which more than a tenth was recalled.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use proofmill_shard::tables::{LedgerReader, LedgerRow};
use proofmill_types::{Stop, Verdict};
use serde::Serialize;

use crate::corpus::Corpus;
use crate::failure::Failure;
use crate::verify::files_of;

/// What a corpus has of one domain.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Domain {
    /// Host of the pages, in lower case, without `www.`.
    pub domain: String,
    /// Records that were pages: all but those that could not be read as one.
    pub n_pages: u64,
    /// Pages that passed every rule, duplicates of others among them.
    pub n_passed: u64,
    /// Pages in the corpus.
    pub n_kept: u64,
    /// `n_passed / n_pages`.
    pub passed_ratio: f64,
    /// Bytes of text in the corpus.
    pub n_bytes: u64,
    /// Tokens in the corpus.
    pub n_tokens: u64,
    /// The rule that dropped most of the others, and how many; the first by name of equals.
    pub main_rule: Option<(String, u64)>,
}

/// Which domains [`domains`] lists.
#[derive(Clone, Debug)]
pub struct DomainsWanted {
    /// Only this source; all whose records have an address otherwise.
    pub source: Option<String>,
    /// Domains with fewer pages are left out.
    pub min_pages: u64,
    /// Domains with a smaller share of pages that passed are left out.
    pub min_ratio: f64,
}

/// Domains of the corpus in `out`, the largest share of passed pages first, then the most pages, then by
/// name.
///
/// # Errors
/// No finished corpus, an unreadable ledger, a source that it does not have.
pub fn domains(out: &Path, wanted: &DomainsWanted) -> Result<Vec<Domain>> {
    let corpus = Corpus::read(out)?;
    let names: Vec<&str> = corpus
        .sources
        .iter()
        .map(|source| source.name.as_str())
        .collect();
    if let Some(name) = &wanted.source
        && !names.contains(&name.as_str())
    {
        return Err(Failure::Usage.error(format!(
            "there is no source `{name}`; there are {}",
            names.join(", ")
        )));
    }
    let mut found: BTreeMap<String, Sums> = BTreeMap::new();
    for name in names {
        if wanted
            .source
            .as_deref()
            .is_some_and(|wanted| wanted != name)
        {
            continue;
        }
        for file in files_of(&corpus, "ledger", name) {
            for row in LedgerReader::open(&out.join(file))? {
                count(&mut found, &row?);
            }
        }
    }
    let mut all: Vec<Domain> = found
        .into_iter()
        .map(|(name, sums)| sums.domain(name))
        .collect();
    all.retain(|one| one.n_pages >= wanted.min_pages && one.passed_ratio >= wanted.min_ratio);
    all.sort_by(|left, right| {
        let by_share = right.passed_ratio.total_cmp(&left.passed_ratio);
        by_share
            .then(right.n_pages.cmp(&left.n_pages))
            .then(left.domain.cmp(&right.domain))
    });
    Ok(all)
}

#[derive(Default)]
struct Sums {
    domain: Domain,
    rules: BTreeMap<String, u64>,
}

fn count(found: &mut BTreeMap<String, Sums>, row: &LedgerRow) {
    if !row.origin.contains("://") || row.stop == Stop::Read {
        return;
    }
    let host = proofmill_extract::host(&row.origin);
    if host.is_empty() {
        return;
    }
    let sums = found.entry(host).or_default();
    sums.domain.n_pages += 1;
    match &row.verdict {
        Verdict::Keep => {
            sums.domain.n_passed += 1;
            sums.domain.n_kept += 1;
            sums.domain.n_bytes += row.n_bytes_out;
            sums.domain.n_tokens += row.n_tokens.unwrap_or_default();
        }
        // A mirror says the same about its domain as the page that stays.
        Verdict::Drop(_) if row.stop == Stop::Dedup => sums.domain.n_passed += 1,
        Verdict::Drop(reason) => *sums.rules.entry(reason.rule.to_string()).or_default() += 1,
    }
}

impl Sums {
    fn domain(self, name: String) -> Domain {
        let mut main_rule: Option<(String, u64)> = None;
        for (rule, n) in self.rules {
            if main_rule.as_ref().is_none_or(|(_, most)| n > *most) {
                main_rule = Some((rule, n));
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
        let passed_ratio = self.domain.n_passed as f64 / self.domain.n_pages.max(1) as f64;
        Domain {
            domain: name,
            passed_ratio,
            main_rule,
            ..self.domain
        }
    }
}

#[cfg(test)]
mod tests {
    use proofmill_types::{Location, Reason};

    use super::*;

    fn row(origin: &str, stop: Stop, rule: Option<&'static str>) -> LedgerRow {
        LedgerRow {
            record: 0,
            doc_id: None,
            source: "web".into(),
            origin: origin.to_owned(),
            location: Location {
                file: "f".into(),
                offset: 0,
                length: 0,
                row: None,
            },
            verdict: rule.map_or(Verdict::Keep, |rule| Verdict::Drop(Reason::new(rule, ""))),
            stop,
            detail: None,
            n_bytes_in: 100,
            n_bytes_out: 10,
            n_tokens: Some(3),
            split: None,
            survivor: None,
        }
    }

    #[test]
    fn shares_and_rules() {
        let mut found = BTreeMap::new();
        for row in [
            row("https://www.a.org/1", Stop::Tokenize, None),
            row("http://a.org/2", Stop::Dedup, Some("near-duplicate")),
            row("https://a.org/3", Stop::Filter, Some("z")),
            row("https://a.org/4", Stop::Filter, Some("b")),
            row("https://a.org/5", Stop::Read, Some("http-status")),
            row("file.jsonl:3", Stop::Tokenize, None),
        ] {
            count(&mut found, &row);
        }
        assert_eq!(found.len(), 1);
        let (name, sums) = found.pop_first().unwrap();
        let expected = Domain {
            domain: "a.org".to_owned(),
            n_pages: 4,
            n_passed: 2,
            n_kept: 1,
            passed_ratio: 0.5,
            n_bytes: 10,
            n_tokens: 3,
            main_rule: Some(("b".to_owned(), 1)),
        };
        assert_eq!(sums.domain(name), expected);
    }
}
