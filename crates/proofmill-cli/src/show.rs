//! Tables for people.

use std::fmt::Write as _;

use proofmill_run::{Corpus, Counts, Summary, Tally};
use proofmill_types::Stop;

/// The yield of every source by stop and rule.
pub(crate) fn yield_table(corpus: &Corpus) -> String {
    let mut table = format!(
        "{:<34}{:>12}{:>12}{:>14}\n",
        "yield", "documents", "bytes", "tokens"
    );
    let mut total = Counts::default();
    for source in &corpus.sources {
        total.add(&source.counts);
        let _ = writeln!(table, "{} ({})", source.name, source.kind);
        rows(&mut table, &source.counts);
    }
    if corpus.sources.len() > 1 {
        table.push_str("all sources\n");
        rows(&mut table, &total);
    }
    table
}

fn rows(table: &mut String, counts: &Counts) {
    row(table, "  records", counts.records, "");
    if counts.n_without_score > 0 {
        let n = count(counts.n_without_score);
        let _ = writeln!(table, "{:<34}{n:>12}", "  without an imported score");
    }
    for stop in Stop::ALL {
        for (rule, tally) in counts.dropped.get(&stop).into_iter().flatten() {
            row(table, &format!("      {rule}"), *tally, "-");
        }
        if let Some(tally) = counts.after.get(&stop) {
            row(table, &format!("  after {stop}"), *tally, "");
        }
    }
    for (split, tally) in &counts.splits {
        row(table, &format!("    {split}"), *tally, "");
    }
}

fn row(table: &mut String, name: &str, tally: Tally, sign: &str) {
    let tokens = if tally.n_tokens > 0 {
        count(tally.n_tokens)
    } else {
        String::new()
    };
    let docs = format!("{sign}{}", count(tally.n_docs));
    let line = format!(
        "{name:<34}{docs:>12}{:>12}{tokens:>14}",
        bytes(tally.n_bytes)
    );
    let _ = writeln!(table, "{}", line.trim_end());
}

/// A number with thousands separators.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes in decimal units.
#[expect(clippy::cast_precision_loss, reason = "a size for people")]
pub(crate) fn bytes(number: u64) -> String {
    let mut value = number as f64;
    for unit in ["B", "kB", "MB", "GB", "TB"] {
        if value < 1000.0 || unit == "TB" {
            return if unit == "B" {
                format!("{number} B")
            } else {
                format!("{value:.1} {unit}")
            };
        }
        value /= 1000.0;
    }
    format!("{number} B")
}

/// What was run and where the time went, slowest stop first.
pub(crate) fn summary(summary: &Summary) -> String {
    let mut text = String::new();
    let n_run: usize = summary.stages.iter().map(|(_, n_run, _, _)| n_run).sum();
    let n_all: usize = summary.stages.iter().map(|(_, _, n_all, _)| n_all).sum();
    let _ = write!(text, "{n_run} of {n_all} tasks run");
    let mut times = summary.times.clone();
    times.retain(|(_, time)| time.as_millis() > 0);
    times.sort_by_key(|(_, time)| std::cmp::Reverse(*time));
    if let Some((slowest, _)) = times.first() {
        let all: Vec<String> = times
            .iter()
            .map(|(name, time)| format!("{name} {:.2} s", time.as_secs_f64()))
            .collect();
        let _ = write!(
            text,
            "; slowest stop: {slowest} (thread time: {})",
            all.join(", ")
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_people() {
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(count(999), "999");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1_500_000), "1.5 MB");
    }
}
