//! What the types cannot say: ranges, names, and keys that only go together.

use std::collections::BTreeSet;

use proofmill_types::Kind;

use crate::{Manifest, Source};

/// Sizes of a vocabulary that can be trained.
const VOCAB_TOKENS: std::ops::RangeInclusive<u32> = 512..=1 << 20;

/// Path of the key, and what is wrong with it.
type Fault = (String, String);

pub(crate) fn validate(manifest: &Manifest) -> Result<(), Fault> {
    check_name("corpus.name", &manifest.corpus.name)?;
    ratio("corpus.max_bad_ratio", manifest.corpus.max_bad_ratio)?;
    tokenizer(manifest)?;
    if manifest.source.is_empty() {
        return fault("source", "a corpus needs at least one [[source]]");
    }
    let mut names = BTreeSet::new();
    for source in &manifest.source {
        check_source(source)?;
        if !names.insert(&source.name) {
            return fault(
                &format!("source.{}.name", source.name),
                "two sources have this name",
            );
        }
    }
    if let Some(dedup) = &manifest.dedup {
        positive("dedup.ngram_words", u64::from(dedup.ngram_words), 64)?;
        positive("dedup.bands", u64::from(dedup.bands), 1024)?;
        positive("dedup.rows", u64::from(dedup.rows), 256)?;
        ratio("dedup.min_jaccard", dedup.min_jaccard)?;
    }
    if let Some(contamination) = &manifest.decontaminate
        && contamination.against.is_empty()
    {
        return fault("decontaminate.against", "name at least one benchmark file");
    }
    ratio("split.validation_ratio", manifest.split.validation_ratio)?;
    ratio("split.test_ratio", manifest.split.test_ratio)?;
    if manifest.split.validation_ratio + manifest.split.test_ratio >= 1.0 {
        return fault(
            "split",
            "validation_ratio and test_ratio leave nothing to train on",
        );
    }
    positive(
        "shards.target_tokens",
        manifest.shards.target_tokens,
        u64::MAX,
    )?;
    positive("limits.slice_bytes", manifest.limits.slice_bytes, u64::MAX)?;
    positive(
        "limits.max_record_bytes",
        manifest.limits.max_record_bytes,
        1 << 31,
    )?;
    positive(
        "limits.max_text_bytes",
        manifest.limits.max_text_bytes,
        1 << 30,
    )
}

fn tokenizer(manifest: &Manifest) -> Result<(), Fault> {
    let tokenizer = &manifest.tokenizer;
    match (&tokenizer.file, &tokenizer.train) {
        (Some(_), Some(_)) => fault("tokenizer", "give `file` or `train`, not both"),
        (None, None) => fault(
            "tokenizer",
            "give `file = \"tokenizer.json\"` or `train = { vocab_tokens = ... }`",
        ),
        (None, Some(train)) if !VOCAB_TOKENS.contains(&train.vocab_tokens) => fault(
            "tokenizer.train.vocab_tokens",
            "a vocabulary is trained with 512 tokens (256 bytes and some merges) to 1,048,576",
        ),
        _ => Ok(()),
    }
}

fn check_source(source: &Source) -> Result<(), Fault> {
    let key = |name: &str| format!("source.{}.{name}", source.name);
    check_name(&key("name"), &source.name)?;
    if source.inputs.is_empty() {
        return fault(&key("inputs"), "name at least one file, folder or pattern");
    }
    if !(source.weight.is_finite() && source.weight >= 0.0) {
        return fault(&key("weight"), "a weight is a number from 0 up");
    }
    let only = [
        ("template", source.template.is_some(), Kind::Instruct),
        ("text_column", source.text_column.is_some(), Kind::Text),
        ("id_column", source.id_column.is_some(), Kind::Text),
        ("group_column", source.group_column.is_some(), Kind::Text),
        ("metadata", source.metadata.is_some(), Kind::Arxiv),
        ("secrets", source.secrets.is_some(), Kind::Code),
        ("contacts", source.contacts.is_some(), Kind::Code),
        ("licenses", source.licenses.is_some(), Kind::Code),
        ("notebooks", source.notebooks.is_some(), Kind::Code),
    ];
    if let Some(languages) = &source.languages {
        if languages.is_empty() {
            return fault(
                &key("languages"),
                "name at least one language, or leave it out",
            );
        }
        if matches!(source.kind, Kind::Code | Kind::Instruct) {
            return fault(
                &key("languages"),
                "this kind of source has no rule on the language of prose",
            );
        }
    }
    for (name, is_given, kind) in only {
        if is_given && source.kind != kind {
            return fault(
                &key(name),
                &format!("only sources of kind `{kind}` have it"),
            );
        }
    }
    Ok(())
}

/// A name becomes a folder, so it is a plain one.
fn check_name(key: &str, name: &str) -> Result<(), Fault> {
    let is_plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    if name.is_empty() || name.len() > 64 || !name.bytes().all(is_plain) {
        return fault(
            key,
            "a name has 1 to 64 lower-case letters, digits, `-` or `_`",
        );
    }
    Ok(())
}

fn ratio(key: &str, value: f64) -> Result<(), Fault> {
    if (0.0..=1.0).contains(&value) {
        Ok(())
    } else {
        fault(key, "a ratio lies between 0 and 1")
    }
}

fn positive(key: &str, value: u64, max: u64) -> Result<(), Fault> {
    if (1..=max).contains(&value) {
        Ok(())
    } else {
        fault(key, &format!("must lie between 1 and {max}"))
    }
}

fn fault(key: &str, detail: &str) -> Result<(), Fault> {
    Err((key.to_owned(), detail.to_owned()))
}
