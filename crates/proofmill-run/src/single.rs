//! Single stops for the command line: extract, dedup, decontaminate and tokenize without a build.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use proofmill_dedup::{Settings, dedup_texts};
use proofmill_manifest::ContaminationAction;
use proofmill_read::{Entry, InputFile, Options, Slice};
use proofmill_tokenize::{Family, SpecialTokens, Tokenizer};
use proofmill_types::{Kind, Record};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::contamination::Contamination;
use crate::definitions::{Definitions, NamedText};
use crate::failure::Failure;
use crate::licenses::{lookup, of_files};
use crate::line::{Fate, Line, LineSpec};
use crate::models::Models;
use crate::times::StopTimes;

/// How `extract` reads and judges.
#[derive(Clone, Debug)]
pub struct ExtractSpec {
    /// What the files hold.
    pub kind: Kind,
    /// Filter definition by name or path; the kind's own when `None`.
    pub filter: Option<String>,
    /// Template by name or path; the first that fits when `None`.
    pub template: Option<String>,
    /// Override settings of the definition: name and word.
    pub settings: Vec<(String, String)>,
    /// Languages that are kept, instead of those of the definition.
    pub languages: Option<Vec<String>>,
    /// A fastText classifier that tells languages.
    pub language_model: Option<PathBuf>,
    /// A classifier that tells mathematics; the built-in one when `None`.
    pub math_model: Option<PathBuf>,
}

/// What became of one entry of the input.
pub enum Extracted {
    /// A record, with its verdict and its text as far as it came.
    Fate(Box<Fate>),
    /// A record that could not be read.
    Bad(proofmill_types::BadRecord),
}

/// Reads and judges records as a build does.
pub struct ExtractCommand {
    line: Line,
    options: Options,
    times: StopTimes,
}

impl ExtractCommand {
    /// Compiles the definitions.
    ///
    /// # Errors
    /// A definition that is not there or cannot be used.
    pub fn new(spec: &ExtractSpec) -> Result<Self> {
        let definitions = Definitions {
            folder: None,
            base: Path::new("."),
        };
        let name = spec.filter.as_deref().unwrap_or(spec.kind.name());
        let filters = definitions.filter(spec.kind, name)?;
        let templates: Vec<NamedText> = match (&spec.template, spec.kind) {
            (Some(name), _) => vec![definitions.template(name)?],
            (None, Kind::Instruct) => definitions.templates()?,
            _ => Vec::new(),
        };
        let languages = if spec.kind == Kind::Code {
            definitions.languages()?
        } else {
            Vec::new()
        };
        let limits = proofmill_manifest::Limits::default();
        let models = Models::load(spec.language_model.as_deref(), spec.math_model.as_deref())?;
        let line = Line::new(
            &LineSpec {
                source: "extract",
                kind: spec.kind,
                license: None,
                filters: &filters,
                languages: &languages,
                templates: &templates,
                kept_languages: spec.languages.as_deref(),
                models: &models,
                scores: None,
                max_text_bytes: limits.max_text_bytes,
                settings: &spec.settings,
                shows_refused: true,
            },
            None,
        )?;
        let mut options = Options::new(spec.kind);
        crate::tasks::set_limits(&mut options, &limits);
        Ok(Self {
            line,
            options,
            times: StopTimes::default(),
        })
    }

    /// Extracts every record of `path`, a file or a folder.
    ///
    /// # Errors
    /// A path that does not exist, or the first error of `give`.
    pub fn path(&self, path: &Path, give: &mut dyn FnMut(Extracted) -> Result<()>) -> Result<()> {
        let pattern = path.to_string_lossy().into_owned();
        let files = proofmill_read::list(self.options.kind, &[pattern], Path::new(""))?;
        let mut options = self.options.clone();
        if options.kind == Kind::Code {
            options.folder_licenses = Some(Arc::new(lookup(&of_files(files.iter())?)));
        }
        for file in files {
            for slice in proofmill_read::slices(&file, options.kind, u64::MAX)? {
                for entry in proofmill_read::open(&slice, &options)? {
                    give(self.entry(entry?))?;
                }
            }
        }
        Ok(())
    }

    /// Extracts the folder `path` as one unpacked submission.
    ///
    /// # Errors
    /// A folder that cannot be read, or the first error of `give`.
    pub fn submission(
        &self,
        path: &Path,
        give: &mut dyn FnMut(Extracted) -> Result<()>,
    ) -> Result<()> {
        let file = InputFile {
            path: path.to_owned(),
            name: path.to_string_lossy().into(),
            under: None,
            n_bytes: 0,
            modified_ns: 0,
            is_folder: true,
        };
        for entry in proofmill_read::open(&Slice::whole(&file), &self.options)? {
            give(self.entry(entry?))?;
        }
        Ok(())
    }

    /// Extracts the records of a whole file that lies in memory, e.g. rows from standard input.
    ///
    /// # Errors
    /// The first error of `give`.
    pub fn bytes(
        &self,
        name: &str,
        bytes: &[u8],
        give: &mut dyn FnMut(Extracted) -> Result<()>,
    ) -> Result<()> {
        for entry in proofmill_read::open_bytes(name, bytes, &self.options)? {
            give(self.entry(entry?))?;
        }
        Ok(())
    }

    /// Extracts one document that lies in memory; `url` is the address of a page.
    ///
    /// # Errors
    /// The first error of `give`.
    pub fn document(
        &self,
        name: &str,
        bytes: Vec<u8>,
        url: Option<&str>,
        give: &mut dyn FnMut(Extracted) -> Result<()>,
    ) -> Result<()> {
        for entry in proofmill_read::read_document(name, bytes, &self.options)? {
            let entry = match entry {
                Entry::Record(mut record) => {
                    if let (proofmill_types::Body::Page(page), Some(url)) = (&mut record.body, url)
                    {
                        url.clone_into(&mut page.url);
                        url.clone_into(&mut record.origin);
                    }
                    Entry::Record(record)
                }
                bad @ Entry::Bad(_) => bad,
            };
            give(self.entry(entry))?;
        }
        Ok(())
    }

    fn entry(&self, entry: Entry) -> Extracted {
        match entry {
            Entry::Record(record) => Extracted::Fate(Box::new(self.fate(record))),
            Entry::Bad(bad) => Extracted::Bad(bad),
        }
    }

    fn fate(&self, record: Record) -> Fate {
        self.line.process(record, &self.times)
    }
}

/// A line of the JSON-lines commands. The id is given back exactly as it was spelt.
#[derive(Debug, Deserialize)]
pub struct TextLine {
    /// Any JSON value; the line number when there is none.
    #[serde(default)]
    pub id: Option<Box<RawValue>>,
    /// The text.
    pub text: String,
}

/// Parses one JSON line; `number` counts from 1 and `file` is for the message.
///
/// # Errors
/// [`Failure::BadInput`] naming file and line.
pub fn parse_line(file: &str, number: u64, line: &str) -> Result<TextLine> {
    let mut parsed: TextLine = serde_json::from_str(line)
        .map_err(|error| Failure::BadInput.error(format!("`{file}` line {number}: {error}")))?;
    if parsed.id.is_none() {
        parsed.id = Some(RawValue::from_string(number.to_string()).context("a number is JSON")?);
    }
    Ok(parsed)
}

/// A row of `dedup`.
#[derive(Debug, Serialize)]
pub struct DedupLine<'a> {
    /// As in the input.
    pub id: &'a RawValue,
    /// Id of the member of its cluster that stays; null when the text is alone.
    pub cluster: Option<&'a RawValue>,
    /// Whether it stays.
    pub keep: bool,
}

/// Finds duplicates among `lines`, in memory.
///
/// # Errors
/// Settings that make no sense.
pub fn dedup<'a>(
    lines: &'a [TextLine],
    settings: &Settings,
    seed: u64,
) -> Result<Vec<DedupLine<'a>>> {
    let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    let fates = dedup_texts(&texts, settings, seed)
        .map_err(|error| Failure::Usage.error(error.to_string()))?;
    let id = |index: usize| lines.get(index).and_then(|line| line.id.as_deref());
    let rows = lines.iter().zip(&fates).map(|(line, fate)| {
        Some(DedupLine {
            id: line.id.as_deref()?,
            cluster: fate.cluster.and_then(id),
            keep: fate.keep,
        })
    });
    rows.collect::<Option<_>>().context("every line has an id")
}

/// A row of `decontaminate`.
#[derive(Debug, Serialize)]
pub struct ContaminationLine<'a> {
    /// As in the input.
    pub id: &'a RawValue,
    /// Whether any benchmark item was found.
    pub flagged: bool,
    /// What was found, by position.
    pub hits: Vec<HitLine>,
}

/// A benchmark item in a text.
#[derive(Debug, Serialize)]
pub struct HitLine {
    /// Benchmark: the file's name without ending.
    pub benchmark: String,
    /// Item: its id, or its line.
    pub item: String,
    /// Field of the item.
    pub field: String,
    /// First and one past the last character (Unicode scalar value) of the text, from 0.
    pub span: (usize, usize),
    /// Words that agree.
    pub n_words: usize,
}

/// Loads benchmarks for [`contamination_line`].
///
/// # Errors
/// A file that is not there or holds no item; an unknown preset.
pub fn load_benchmarks(files: &[std::path::PathBuf], preset: &str) -> Result<Arc<Contamination>> {
    let patterns: Vec<String> = files
        .iter()
        .map(|file| file.to_string_lossy().into_owned())
        .collect();
    let files = proofmill_read::list(Kind::Text, &patterns, Path::new(""))?;
    Ok(Arc::new(Contamination::load(
        files.iter(),
        preset,
        ContaminationAction::Report,
    )?))
}

/// Looks for benchmark items in one line.
///
/// # Errors
/// Never for lines of [`parse_line`].
pub fn contamination_line<'a>(
    line: &'a TextLine,
    found: &Contamination,
) -> Result<ContaminationLine<'a>> {
    let hits = found.scan(&line.text);
    let chars = chars_before(
        &line.text,
        hits.iter().flat_map(|hit| [hit.start_byte, hit.end_byte]),
    );
    let chars = |byte: usize| chars.get(&byte).copied().unwrap_or_default();
    let hits: Vec<HitLine> = hits
        .iter()
        .map(|hit| HitLine {
            benchmark: hit.benchmark.to_owned(),
            item: hit.item.to_owned(),
            field: hit.field.to_owned(),
            span: (chars(hit.start_byte), chars(hit.end_byte)),
            n_words: hit.n_words,
        })
        .collect();
    let id = line.id.as_deref().context("every line has an id")?;
    Ok(ContaminationLine {
        id,
        flagged: !hits.is_empty(),
        hits,
    })
}

/// Characters of `text` before each of the offsets `bytes`, in one pass.
fn chars_before(text: &str, bytes: impl Iterator<Item = usize>) -> BTreeMap<usize, usize> {
    let mut counts: BTreeMap<usize, usize> = bytes.map(|byte| (byte, 0)).collect();
    let (mut last, mut n_chars) = (0, 0);
    for (&byte, count) in &mut counts {
        n_chars += text.get(last..byte).map_or(0, |part| part.chars().count());
        (*count, last) = (n_chars, byte);
    }
    counts
}

/// A row of `tokenize`.
#[derive(Debug, Serialize)]
pub struct TokensLine<'a> {
    /// As in the input.
    pub id: &'a RawValue,
    /// Token ids, nothing added.
    pub tokens: Vec<u32>,
}

/// Reads a tokenizer file; `family` says how a rank file splits words.
///
/// # Errors
/// A file that is not there or is no tokenizer; an unknown family.
pub fn load_tokenizer(path: &Path, family: Option<&str>, parse_special: bool) -> Result<Tokenizer> {
    let bytes = std::fs::read(path)
        .with_context(|| format!("cannot read tokenizer `{}`", path.display()))?;
    let special = if parse_special {
        SpecialTokens::Parse
    } else {
        SpecialTokens::AsText
    };
    let family = crate::coder::family(family)?;
    Tokenizer::from_bytes_of_family(&path.to_string_lossy(), &bytes, family, special)
        .map_err(|error| Failure::Usage.error(error.to_string()))
}

/// Trains a byte-level BPE vocabulary of at most `vocab_tokens` entries on `texts` and gives its
/// `tokenizer.json`: the same at any number of threads and for any order of the texts.
///
/// # Errors
/// The first error of `texts`; an unknown family; a size or special tokens that cannot be.
pub fn train_tokenizer(
    texts: impl Iterator<Item = Result<String>> + Send,
    vocab_tokens: usize,
    special: &[String],
    family: Option<&str>,
) -> Result<Vec<u8>> {
    let family = crate::coder::family(family)?.unwrap_or(Family::Digits);
    let special: Vec<&str> = special.iter().map(String::as_str).collect();
    let mut failed = None;
    let texts = texts.map_while(|text| match text {
        Ok(text) => Some(text),
        Err(error) => {
            failed = Some(error);
            None
        }
    });
    let trained = proofmill_tokenize::train_as(family, texts, vocab_tokens, &special);
    match failed {
        Some(error) => Err(error),
        None => trained.map_err(|error| Failure::Usage.error(error.to_string())),
    }
}

/// Tokenizes one line.
///
/// # Errors
/// Text on which the tokenizer's own rules fail.
pub fn tokens_line<'a>(line: &'a TextLine, tokenizer: &Tokenizer) -> Result<TokensLine<'a>> {
    let mut tokens = Vec::new();
    tokenizer.encode_into(&line.text, &mut tokens)?;
    Ok(TokensLine {
        id: line.id.as_deref().context("every line has an id")?,
        tokens,
    })
}

/// A row of `score`.
#[derive(Debug, Serialize)]
pub struct ScoreLine<'a> {
    /// As in the input.
    pub id: &'a RawValue,
    /// Probability that the prose is mathematical; null if there is no word.
    pub math_score: Option<f64>,
    /// Language of the prose; null if there is too little.
    pub language: Option<&'a str>,
    /// Its probability.
    pub language_probability: Option<f64>,
}

/// Scores one line.
///
/// # Errors
/// Never for lines of [`parse_line`].
pub fn score_line<'a>(line: &'a TextLine, models: &'a Models) -> Result<ScoreLine<'a>> {
    let language = models.language.detect(&line.text);
    Ok(ScoreLine {
        id: line.id.as_deref().context("every line has an id")?,
        math_score: models.math.as_ref().and_then(|math| math.score(&line.text)),
        language: language.map(|language| language.code),
        language_probability: language.map(|language| language.probability),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_up_to_each_offset() {
        let text = "aé∑b";
        let counts = chars_before(text, [6, 0, 1, 3, 7, 3].into_iter());
        for (byte, _) in text.char_indices().chain([(text.len(), ' ')]) {
            if let Some(count) = counts.get(&byte) {
                assert_eq!(*count, text[..byte].chars().count(), "byte {byte}");
            }
        }
        assert_eq!(counts.len(), 5);
    }
}
