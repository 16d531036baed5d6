//! A plain reading of the rules in `filters/code/`, for tests: the pipeline's own reader lives in
//! another crate, which this one must not know.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proofmill_code::{Language, Languages, measure};
use proofmill_types::Signals;
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Definition {
    #[serde(default)]
    pub(crate) rule: Vec<Rule>,
}

#[derive(Deserialize)]
pub(crate) struct Rule {
    pub(crate) id: String,
    signal: String,
    keep: Range,
    #[serde(default)]
    when: When,
    #[serde(default)]
    pub(crate) test: Vec<Case>,
}

#[derive(Deserialize)]
struct Range {
    min: Option<f64>,
    max: Option<f64>,
}

/// One condition, or several that must all hold.
#[derive(Deserialize)]
#[serde(untagged)]
enum When {
    One(Condition),
    All(Vec<Condition>),
}

impl Default for When {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

impl When {
    fn conditions(&self) -> &[Condition] {
        match self {
            Self::One(condition) => std::slice::from_ref(condition),
            Self::All(conditions) => conditions,
        }
    }
}

#[derive(Deserialize)]
struct Condition {
    signal: String,
    min: Option<f64>,
    max: Option<f64>,
}

impl Condition {
    fn holds(&self, signals: &Signals) -> bool {
        signals.get(&self.signal).is_some_and(|value| {
            self.min.is_none_or(|min| value >= min) && self.max.is_none_or(|max| value <= max)
        })
    }
}

#[derive(Deserialize)]
pub(crate) struct Case {
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) path: String,
    #[serde(default)]
    signals: BTreeMap<String, f64>,
    pub(crate) verdict: String,
}

/// The definitions of one folder below `filters/`, with their texts, in name order.
pub(crate) fn read(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../filters")
        .join(folder);
    let mut files: Vec<(String, String)> = fs::read_dir(&root)
        .unwrap_or_else(|error| panic!("cannot read {}: {error}", root.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .map(|path| (file_name(&path), fs::read_to_string(&path).unwrap()))
        .collect();
    files.sort();
    files
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// The languages of several folders, later ones laid over earlier ones.
pub(crate) fn languages(folders: &[&str]) -> Languages {
    let files: Vec<(String, String)> = folders.iter().flat_map(|folder| read(folder)).collect();
    let texts: Vec<(&str, &str)> = files
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    Languages::parse(&texts).unwrap()
}

/// Rules by language, from one folder.
pub(crate) fn rules(folder: &str) -> BTreeMap<String, Vec<Rule>> {
    let parse = |(name, text): (String, String)| {
        let definition: Definition =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name.trim_end_matches(".toml").to_owned(), definition.rule)
    };
    read(folder).into_iter().map(parse).collect()
}

/// All signals that rules of code read: this crate's, and those of any text.
pub(crate) fn signals(language: &Language, text: &str, path: &str) -> Signals {
    let mut signals = measure(language, text, path);
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.trim().is_empty())
        .collect();
    let n_chars: usize = lines.iter().map(|line| line.chars().count()).sum();
    signals.set_count("n_bytes", text.len());
    signals.set("mean_line_chars", ratio(n_chars, lines.len()));
    signals.set_count(
        "max_line_chars",
        lines
            .iter()
            .map(|line| line.chars().count())
            .max()
            .unwrap_or(0),
    );
    let black: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let n_digits = black.iter().filter(|c| c.is_ascii_digit()).count();
    signals.set("digit_ratio", ratio(n_digits, black.len()));
    let mut seen = std::collections::BTreeSet::new();
    let worded: Vec<&str> = lines
        .iter()
        .map(|line| line.trim())
        .filter(|line| line.contains(|c: char| c.is_alphanumeric()))
        .collect();
    let n_repeated = worded.iter().filter(|line| !seen.insert(**line)).count();
    signals.set("duplicate_line_ratio", ratio(n_repeated, worded.len()));
    signals
}

#[expect(clippy::cast_precision_loss, reason = "counts of a file")]
fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

impl Rule {
    /// Whether the rule drops a document with these signals.
    pub(crate) fn drops(&self, signals: &Signals) -> bool {
        if !self
            .when
            .conditions()
            .iter()
            .all(|when| when.holds(signals))
        {
            return false;
        }
        let Some(value) = signals.get(&self.signal) else {
            return false;
        };
        self.keep.min.is_some_and(|min| value < min) || self.keep.max.is_some_and(|max| value > max)
    }

    /// Whether the signal of the rule is one that was measured.
    pub(crate) fn is_measured(&self, signals: &Signals) -> bool {
        let mut when = self.when.conditions().iter();
        when.all(|when| signals.get(&when.signal).is_some()) && signals.get(&self.signal).is_some()
    }

    /// Signals of `case`, those that it gives replacing the measured ones.
    pub(crate) fn case_signals(case: &Case, language: &Language) -> Signals {
        let mut measured = signals(language, &case.text, &case.path);
        for (name, value) in &case.signals {
            measured.set(name.clone(), *value);
        }
        measured
    }
}

/// The first rule that drops a document, if any.
pub(crate) fn verdict<'a>(rules: &'a [Rule], signals: &Signals) -> Option<&'a str> {
    rules
        .iter()
        .find(|rule| rule.drops(signals))
        .map(|rule| rule.id.as_str())
}

/// Folder of the shared corpus; `None`, said aloud, where there is none.
pub(crate) fn shared() -> Option<PathBuf> {
    let folder = std::env::var_os("PROOFMILL_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    if folder.join("corpus/code").is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: no shared corpus at {}", folder.display());
    None
}
