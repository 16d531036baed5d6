//! One stop at a time, on one thread.

use std::path::Path;

use anyhow::{Context as _, Result};
use divan::Bencher;
use divan::counter::ItemsCount;
use proofmill_benches::{
    Answer, Stop, Work, content_bytes, entries, extractor, files, index, normalized, records,
    text_bytes, texts, works,
};
use proofmill_dedup::{Settings, Signer};
use proofmill_extract::Extractor;
use proofmill_filter::measure;
use proofmill_html::{Gate, gate};
use proofmill_normalize::Normalize;
use proofmill_read::Entry;
use proofmill_score::linear::Classifier;
use proofmill_shard::tables::{DocRow, DocsOptions, DocsWriter, ProvenanceRow, Split};
use proofmill_shard::{ShardSettings, ShardWriter, TokenizerFacts};
use proofmill_tokenize::{SpecialTokens, Tokenizer, train};
use proofmill_types::{Body, Document, Record};

use crate::timed::{checked, thread_clock, timed};

/// Samples of a case, and seconds after which no further one is begun.
const N_SAMPLES: u32 = 11;
const MAX_S: u64 = 6;

#[divan::bench(args = works(Stop::Read), sample_size = 1, sample_count = N_SAMPLES, max_time = MAX_S)]
fn read(bencher: Bencher, work: &Work) {
    checked(work, || {
        let files = files(work)?;
        let n_bytes = records(work)?.iter().map(content_bytes).sum();
        timed(
            work,
            bencher,
            thread_clock,
            n_bytes,
            || (),
            |()| {
                let (mut n_records, mut n_bad) = (0, 0);
                entries(&files, |entry| {
                    match entry {
                        Entry::Record(_) => n_records += 1,
                        Entry::Bad(_) => n_bad += 1,
                    }
                    true
                })?;
                Ok(Answer::from([
                    ("records", n_records),
                    ("bad", n_bad),
                    ("bytes", n_bytes),
                ]))
            },
        )
    });
}

/// Counts one document and its text; the document is let go, as after its last stop.
fn extract_one(answer: &mut Answer, extractor: &Extractor, record: Record) {
    let (name, n_text_bytes) = match extractor.extract(record) {
        Ok(document) => ("documents", document.text.len() as u64),
        Err(_) => ("refused", 0),
    };
    *answer.entry(name).or_default() += 1;
    *answer.entry("text_bytes").or_default() += n_text_bytes;
}

#[divan::bench(args = works(Stop::Extract), sample_size = 1, sample_count = N_SAMPLES, max_time = MAX_S)]
fn extract(bencher: Bencher, work: &Work) {
    checked(work, || {
        let extractor = extractor(work)?;
        let records = records(work)?;
        let n_bytes = records.iter().map(content_bytes).sum();
        timed(
            work,
            bencher,
            thread_clock,
            n_bytes,
            || records.clone(),
            |records| {
                let mut answer = Answer::new();
                for record in records {
                    extract_one(&mut answer, &extractor, record);
                }
                Ok(answer)
            },
        )
    });
}

#[divan::bench(args = works(Stop::ReadExtract), sample_size = 1, sample_count = N_SAMPLES, max_time = MAX_S)]
fn read_extract(bencher: Bencher, work: &Work) {
    checked(work, || {
        let extractor = extractor(work)?;
        let files = files(work)?;
        let n_bytes = records(work)?.iter().map(content_bytes).sum();
        timed(
            work,
            bencher,
            thread_clock,
            n_bytes,
            || (),
            |()| {
                let mut answer = Answer::new();
                entries(&files, |entry| {
                    if let Entry::Record(record) = entry {
                        extract_one(&mut answer, &extractor, record);
                    }
                    true
                })?;
                Ok(answer)
            },
        )
    });
}

#[divan::bench(args = works(Stop::Gate), sample_size = 1, sample_count = N_SAMPLES, max_time = MAX_S)]
fn html_gate(bencher: Bencher, work: &Work) {
    checked(work, || {
        let records = records(work)?;
        let n_bytes = records.iter().map(content_bytes).sum();
        timed(
            work,
            bencher,
            thread_clock,
            n_bytes,
            || (),
            |()| {
                let (mut n_passed, mut n_dropped) = (0, 0);
                for record in &records {
                    let Body::Page(page) = &record.body else {
                        continue;
                    };
                    match gate(&page.bytes).gate {
                        Gate::Pass => n_passed += 1,
                        Gate::Drop(_) => n_dropped += 1,
                    }
                }
                Ok(Answer::from([("passed", n_passed), ("dropped", n_dropped)]))
            },
        )
    });
}

#[divan::bench(args = works(Stop::Normalize), sample_size = 1, sample_count = N_SAMPLES, max_time = MAX_S)]
fn normalize(bencher: Bencher, work: &Work) {
    checked(work, || {
        let documents = texts(work)?;
        timed(
            work,
            bencher,
            thread_clock,
            text_bytes(&documents),
            || (),
            |()| {
                let mut n_text_bytes = 0;
                for document in &documents {
                    n_text_bytes += Normalize::new(document.kind).text(&document.text).len() as u64;
                }
                Ok(Answer::from([
                    ("documents", documents.len() as u64),
                    ("text_bytes", n_text_bytes),
                ]))
            },
        )
    });
}

#[divan::bench(args = works(Stop::Filter), sample_size = 1, sample_count = N_SAMPLES, max_time = MAX_S)]
fn filter_measure(bencher: Bencher, work: &Work) {
    checked(work, || {
        let documents = normalized(work)?;
        timed(
            work,
            bencher,
            thread_clock,
            text_bytes(&documents),
            || documents.clone(),
            |mut documents| {
                let mut n_words = 0.0;
                for document in &mut documents {
                    measure(document);
                    n_words += document
                        .signals
                        .get("n_words")
                        .context("`n_words` is not measured")?;
                }
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a sum of counts"
                )]
                let n_words = n_words as u64;
                Ok(Answer::from([
                    ("documents", documents.len() as u64),
                    ("words", n_words),
                ]))
            },
        )
    });
}

#[divan::bench(args = works(Stop::Score), sample_size = 1, sample_count = N_SAMPLES, max_time = MAX_S)]
fn math_score(bencher: Bencher, work: &Work) {
    checked(work, || {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../filters/models/math.pmlm");
        let file = std::fs::read(&path).with_context(|| path.display().to_string())?;
        let model = Classifier::parse(&file)?;
        let documents = normalized(work)?;
        timed(
            work,
            bencher,
            thread_clock,
            text_bytes(&documents),
            || (),
            |()| {
                let scores = documents
                    .iter()
                    .filter_map(|document| model.score(&document.text));
                let (mut n_scored, mut n_above) = (0, 0);
                for score in scores {
                    n_scored += 1;
                    n_above += u64::from(score > 0.5);
                }
                Ok(Answer::from([("scored", n_scored), ("above", n_above)]))
            },
        )
    });
}

#[divan::bench(args = works(Stop::Sign), sample_size = 1, sample_count = N_SAMPLES, max_time = MAX_S)]
fn dedup_sign(bencher: Bencher, work: &Work) {
    checked(work, || {
        let documents = normalized(work)?;
        let settings = Settings {
            ngram_words: 5,
            bands: 26,
            rows: 11,
            ..Settings::default()
        };
        let signer = Signer::new(&settings, 42)?;
        timed(
            work,
            bencher,
            thread_clock,
            text_bytes(&documents),
            || (),
            |()| {
                let (mut scratch, mut hashes) = (proofmill_dedup::Scratch::default(), Vec::new());
                let (mut n_bands, mut digest) = (0, 0);
                for document in &documents {
                    signer.band_hashes(&document.text, &mut scratch, &mut hashes);
                    n_bands += hashes.len() as u64;
                    digest ^= hashes.iter().fold(0, |all, hash| all ^ hash);
                }
                // 32 bits, since a number of TOML has a sign.
                Ok(Answer::from([("bands", n_bands), ("digest", digest >> 32)]))
            },
        )
    });
}

#[divan::bench(args = works(Stop::Decontaminate), sample_size = 1, sample_count = N_SAMPLES, max_time = MAX_S)]
fn decontaminate_scan(bencher: Bencher, work: &Work) {
    checked(work, || {
        let index = index(work)?;
        let documents = normalized(work)?;
        timed(
            work,
            bencher,
            thread_clock,
            text_bytes(&documents),
            || (),
            |()| {
                let mut scratch = proofmill_decontaminate::Scratch::default();
                let (mut n_flagged, mut n_hits) = (0, 0);
                for document in &documents {
                    let hits = index.scan(&document.text, &mut scratch);
                    n_flagged += u64::from(!hits.is_empty());
                    n_hits += hits.len() as u64;
                }
                Ok(Answer::from([("flagged", n_flagged), ("hits", n_hits)]))
            },
        )
    });
}

#[divan::bench(args = works(Stop::Tokenize), sample_size = 1, sample_count = N_SAMPLES, max_time = MAX_S)]
fn tokenize(bencher: Bencher, work: &Work) {
    checked(work, || {
        let documents = normalized(work)?;
        let tokenizer = tokenizer(work, &documents)?;
        let encode = || -> Result<u64> {
            let (mut ids, mut n_tokens) = (Vec::new(), 0);
            for document in &documents {
                ids.clear();
                tokenizer.encode_into(&document.text, &mut ids)?;
                n_tokens += ids.len() as u64;
            }
            Ok(n_tokens)
        };
        let bencher = bencher.counter(ItemsCount::new(encode()?));
        timed(
            work,
            bencher,
            thread_clock,
            text_bytes(&documents),
            || (),
            |()| Ok(Answer::from([("tokens", encode()?)])),
        )
    });
}

fn tokenizer(work: &Work, documents: &[Document]) -> Result<Tokenizer> {
    let json = match &work.corpus.tokenizer {
        Some(file) => {
            let path = work.base.join(file);
            std::fs::read(&path).with_context(|| path.display().to_string())?
        }
        None => train(
            documents.iter().map(|document| document.text.as_str()),
            512,
            &[],
        )?,
    };
    Ok(Tokenizer::from_bytes(
        &work.case.name,
        &json,
        SpecialTokens::AsText,
    )?)
}

/// Writing a shard does not depend on what the ids are, so they are made up: one for every three bytes
/// of text, about what vocabularies of 32,000 give on mathematics.
fn made_up_ids(text: &str, eod: u32) -> Vec<u32> {
    let ids = text.as_bytes().chunks(3).map(|bytes| {
        let code = bytes
            .iter()
            .fold(0_u32, |code, &byte| code << 8 | u32::from(byte));
        code.wrapping_mul(0x9e37_79b9) % eod
    });
    ids.chain([eod]).collect()
}

#[divan::bench(args = works(Stop::Shard), sample_size = 1, sample_count = N_SAMPLES, max_time = MAX_S)]
fn shard_write(bencher: Bencher, work: &Work) {
    checked(work, || {
        let eod = 32_015;
        let tokenizer = TokenizerFacts {
            vocab_tokens: 32_016,
            eod,
            ..TokenizerFacts::default()
        };
        let settings = ShardSettings {
            tokenizer,
            target_tokens: 4_000_000,
        };
        let documents = normalized(work)?;
        let n_bytes = text_bytes(&documents);
        let rows: Vec<(Vec<u32>, ProvenanceRow)> = documents
            .into_iter()
            .map(|document| {
                let ids = made_up_ids(&document.text, eod);
                (ids, ProvenanceRow::of(&DocRow::new(document), Split::Train))
            })
            .collect();
        let n_ids: usize = rows.iter().map(|(ids, _)| ids.len()).sum();
        let folder = tempfile::tempdir()?;
        timed(
            work,
            bencher.counter(ItemsCount::new(n_ids)),
            thread_clock,
            n_bytes,
            || (),
            |()| {
                let mut writer = ShardWriter::create(folder.path(), "bench", settings.clone())?;
                for (ids, row) in &rows {
                    writer.push(ids, row)?;
                }
                let shards = writer.finish()?;
                let n_tokens = shards.iter().map(|shard| shard.info.n_tokens).sum();
                Ok(Answer::from([
                    ("shards", shards.len() as u64),
                    ("tokens", n_tokens),
                ]))
            },
        )
    });
}

#[divan::bench(args = works(Stop::Docs), sample_size = 1, sample_count = N_SAMPLES, max_time = MAX_S)]
fn docs_table_write(bencher: Bencher, work: &Work) {
    checked(work, || {
        let mut documents = normalized(work)?;
        documents.iter_mut().for_each(measure);
        let n_bytes = text_bytes(&documents);
        let rows: Vec<DocRow> = documents.into_iter().map(DocRow::new).collect();
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("docs.parquet");
        timed(
            work,
            bencher,
            thread_clock,
            n_bytes,
            || (),
            |()| {
                let mut writer = DocsWriter::create(&path, DocsOptions::default())?;
                for row in &rows {
                    writer.push(row)?;
                }
                let stored = writer.finish()?;
                Ok(Answer::from([
                    ("documents", rows.len() as u64),
                    ("stored_bytes", stored.n_bytes),
                ]))
            },
        )
    });
}
