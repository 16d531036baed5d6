//! `extract`, `dedup`, `decontaminate` and `tokenize`: JSON lines out.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, ErrorKind, Read as _, Write, stdin, stdout};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use proofmill_run::{
    DedupSettings, ExtractCommand, ExtractSpec, Extracted, Failure, Fate, Models, TextLine,
    contamination_line, load_benchmarks, load_tokenizer, parse_line, score_line, tokens_line,
};
use proofmill_types::{BadRecord, Kind, MetaValue, Value};
use serde::Serialize;
use serde::ser::SerializeMap as _;

use crate::args::{
    DecontaminateArgs, DedupArgs, ExtractArgs, ExtractKind, Mode, ScoreArgs, TokenizeArgs,
};

/// What some editors write before the first line.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// A line of `extract`.
#[derive(Serialize)]
struct RecordLine<'a> {
    /// arXiv id as file names spell it (`math0401001`), id of the row or of the WARC record, where there
    /// is one; else the document id.
    id: &'a str,
    doc_id: Option<String>,
    origin: &'a str,
    location: &'a proofmill_types::Location,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hexsha: Option<&'a str>,
    kind: Kind,
    language: Option<&'a str>,
    keep: bool,
    stop: Option<&'static str>,
    rule: Option<&'a str>,
    value: Option<ValueView<'a>>,
    signals: SignalsView<'a>,
    /// Of each formula of a web page's text, in order: how the page wrote it, the rank of that source
    /// (0 is the author's TeX), and whether it is on a line of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    formulas: Option<Vec<FormulaView<'a>>>,
    text: Option<&'a str>,
}

#[derive(Serialize)]
struct FormulaView<'a> {
    markup: &'a str,
    rank: u8,
    display: bool,
}

impl<'a> FormulaView<'a> {
    /// Reads `markup rank inline` or `markup rank display`, as the extractor writes it.
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(' ');
        Some(Self {
            markup: parts.next()?,
            rank: parts.next()?.parse().ok()?,
            display: parts.next()? == "display",
        })
    }
}

struct ValueView<'a>(&'a Value);

impl Serialize for ValueView<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Number(number) => serializer.serialize_f64(*number),
            Value::Text(text) => serializer.serialize_str(text),
        }
    }
}

/// The signals of a document, and how many of its formulas are of each mark-up.
struct SignalsView<'a>(Option<&'a proofmill_types::Document>);

impl Serialize for SignalsView<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.0.into_iter().flat_map(|doc| doc.signals.iter()) {
            map.serialize_entry(name, &value)?;
        }
        for count in list_of(self.0, "formula_markup").into_iter().flatten() {
            let parsed = count.split_once(' ').and_then(|(markup, count)| {
                let count: u32 = count.parse().ok()?;
                Some((markup, f64::from(count)))
            });
            if let Some((markup, count)) = parsed {
                map.serialize_entry(&format!("n_formulas_{}", markup.replace('-', "_")), &count)?;
            }
        }
        map.end()
    }
}

/// A list among the meta fields of a document.
fn list_of<'a>(doc: Option<&'a proofmill_types::Document>, name: &str) -> Option<&'a [String]> {
    match doc?.meta.get(name) {
        Some(MetaValue::List(texts)) => Some(texts),
        _ => None,
    }
}

pub(crate) fn extract(args: &ExtractArgs) -> Result<ExitCode> {
    let kind = match args.kind {
        ExtractKind::Arxiv | ExtractKind::Latex => Kind::Arxiv,
        ExtractKind::Web | ExtractKind::Html => Kind::Web,
        ExtractKind::Code => Kind::Code,
        ExtractKind::Text => Kind::Text,
        ExtractKind::Instruct => Kind::Instruct,
        ExtractKind::ProofSteps => Kind::ProofSteps,
    };
    let mode = args.mode.map(|mode| match mode {
        Mode::Source => "source",
        Mode::Text => "text",
    });
    let settings = [
        ("mode", mode),
        ("secrets", args.secrets.as_deref()),
        ("contacts", args.contacts.as_deref()),
        ("licenses", args.licenses.as_deref()),
        ("notebooks", args.notebooks.as_deref()),
    ];
    let settings = settings
        .into_iter()
        .filter_map(|(name, word)| Some((name.to_owned(), word?.to_owned())));
    let command = ExtractCommand::new(&ExtractSpec {
        kind,
        filter: args.filter.clone(),
        template: args.template.clone(),
        settings: settings.collect(),
        languages: args.languages.clone(),
        language_model: args.language_model.clone(),
        math_model: args.math_model.clone(),
    })?;
    let mut out = BufWriter::new(stdout().lock());
    let mut give = |extracted: Extracted| -> Result<()> {
        match &extracted {
            Extracted::Fate(fate) => print_fate(&mut out, kind, fate),
            Extracted::Bad(bad) => print_bad(&mut out, kind, bad),
        }
    };
    for path in &args.files {
        let is_stdin = path == Path::new("-");
        match args.kind {
            ExtractKind::Latex if path.is_dir() => command.submission(path, &mut give)?,
            ExtractKind::Web
            | ExtractKind::Text
            | ExtractKind::Instruct
            | ExtractKind::ProofSteps
                if is_stdin =>
            {
                let (name, bytes) = read_whole(path)?;
                command.bytes(&name, &bytes, &mut give)?;
            }
            ExtractKind::Html | ExtractKind::Latex if is_stdin || path.is_file() => {
                let (name, bytes) = read_whole(path)?;
                command.document(&name, bytes, args.url.as_deref(), &mut give)?;
            }
            ExtractKind::Arxiv | ExtractKind::Code if is_stdin => {
                let (name, bytes) = read_whole(path)?;
                command.document(&name, bytes, None, &mut give)?;
            }
            _ => command.path(path, &mut give)?,
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn print_fate(out: &mut impl Write, kind: Kind, fate: &Fate) -> Result<()> {
    let doc_id = fate.id.to_string();
    let doc = fate.doc.as_deref();
    let meta = |name: &str| doc.and_then(|doc| doc.meta.text(name));
    let file_id = fate.origin.replace('/', "");
    let id = match kind {
        Kind::Arxiv => Some(file_id.as_str()),
        Kind::Web => meta("record_id"),
        Kind::Text => meta("row_id"),
        Kind::Code | Kind::Instruct | Kind::ProofSteps => None,
    };
    let line = RecordLine {
        id: id.unwrap_or(&doc_id),
        doc_id: Some(doc_id.clone()),
        origin: &fate.origin,
        location: &fate.location,
        url: (kind == Kind::Web).then(|| meta("url").unwrap_or(&fate.origin)),
        hexsha: meta("hexsha"),
        kind,
        language: doc.and_then(|doc| doc.language.as_deref()),
        keep: fate.dropped.is_none(),
        stop: fate.dropped.as_ref().map(|(stop, _)| stop.name()),
        rule: fate.dropped.as_ref().map(|(_, reason)| &*reason.rule),
        value: fate
            .dropped
            .as_ref()
            .map(|(_, reason)| ValueView(&reason.value)),
        signals: SignalsView(doc),
        formulas: list_of(doc, "formulas").map(|formulas| {
            let views = formulas.iter().map(|text| FormulaView::parse(text));
            views.flatten().collect()
        }),
        text: doc.map(|doc| doc.text.as_str()),
    };
    write_line(out, &line)
}

fn print_bad(out: &mut impl Write, kind: Kind, bad: &BadRecord) -> Result<()> {
    let value = Value::Text(bad.detail.clone());
    let file_id = bad.origin.replace('/', "");
    let line = RecordLine {
        id: if kind == Kind::Arxiv {
            &file_id
        } else {
            &bad.origin
        },
        doc_id: None,
        origin: &bad.origin,
        location: &bad.location,
        url: (kind == Kind::Web).then_some(bad.origin.as_str()),
        hexsha: None,
        kind,
        language: None,
        keep: false,
        stop: Some("read"),
        rule: Some(bad.rule),
        value: Some(ValueView(&value)),
        signals: SignalsView(None),
        formulas: None,
        text: None,
    };
    write_line(out, &line)
}

pub(crate) fn dedup(args: &DedupArgs) -> Result<ExitCode> {
    let mut lines = Vec::new();
    for_each_line(&args.files, &mut |line| {
        lines.push(line);
        Ok(())
    })?;
    let settings = DedupSettings {
        ngram_words: args.ngram_words,
        bands: args.bands,
        rows: args.rows,
        min_jaccard: args.min_jaccard,
    };
    let mut out = BufWriter::new(stdout().lock());
    for row in proofmill_run::dedup(&lines, &settings, 42)? {
        write_line(&mut out, &row)?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn decontaminate(args: &DecontaminateArgs) -> Result<ExitCode> {
    let benchmarks = load_benchmarks(&args.against, &args.preset)?;
    let mut out = BufWriter::new(stdout().lock());
    for_each_line(&args.files, &mut |line| {
        write_line(&mut out, &contamination_line(&line, &benchmarks)?)
    })?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn tokenize(args: &TokenizeArgs) -> Result<ExitCode> {
    let tokenizer = load_tokenizer(&args.tokenizer, args.family.as_deref(), args.parse_special)?;
    let mut out = BufWriter::new(stdout().lock());
    for_each_line(&args.files, &mut |line| {
        write_line(&mut out, &tokens_line(&line, &tokenizer)?)
    })?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn score(args: &ScoreArgs) -> Result<ExitCode> {
    let models = Models::load(args.language_model.as_deref(), args.math_model.as_deref())?;
    let mut out = BufWriter::new(stdout().lock());
    for_each_line(&args.files, &mut |line| {
        write_line(&mut out, &score_line(&line, &models)?)
    })?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn write_line(out: &mut impl Write, value: &impl Serialize) -> Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")?;
    Ok(())
}

/// Name and bytes of a file; `-` is standard input.
fn read_whole(path: &Path) -> Result<(String, Vec<u8>)> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        stdin()
            .lock()
            .read_to_end(&mut bytes)
            .context("cannot read standard input")?;
        return Ok(("-".to_owned(), bytes));
    }
    let bytes = std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok((path.to_string_lossy().into_owned(), bytes))
}

/// Parses the JSON lines of `files`; blank lines are passed over.
fn for_each_line(
    files: &[std::path::PathBuf],
    act: &mut dyn FnMut(TextLine) -> Result<()>,
) -> Result<()> {
    for path in files {
        let name = path.to_string_lossy();
        let reader: Box<dyn BufRead> = if path == Path::new("-") {
            Box::new(BufReader::new(stdin().lock()))
        } else {
            let file = File::open(path).with_context(|| format!("cannot open `{name}`"))?;
            Box::new(BufReader::with_capacity(1 << 20, file))
        };
        for (number, line) in (1_u64..).zip(reader.lines()) {
            let line = line.map_err(|error| match error.kind() {
                ErrorKind::InvalidData => {
                    Failure::BadInput.error(format!("`{name}` line {number} is not UTF-8"))
                }
                _ => {
                    anyhow::Error::new(error).context(format!("cannot read `{name}` line {number}"))
                }
            })?;
            let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&line);
            if !line.trim().is_empty() {
                act(parse_line(&name, number, line)?)?;
            }
        }
    }
    Ok(())
}
