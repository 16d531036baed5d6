//! The published rules and their known defects, from `tests/golden/published.toml` and `defects.toml`.

use std::collections::BTreeMap;

use proofmill_code::{Input, Languages};
use serde::Deserialize;

use crate::rules::{Rule, languages, rules, signals, verdict};

/// What the ledger says of a file that recognition drops, whatever the rule.
const RECOGNITION: &str = "recognition";

#[derive(Deserialize)]
struct Published {
    sample: BTreeMap<String, Sample>,
    rule: Vec<Row>,
}

#[derive(Deserialize)]
struct Sample {
    path: String,
    comment: String,
    text: String,
}

#[derive(Deserialize)]
struct Row {
    language: String,
    what: String,
    expect: String,
    #[serde(default)]
    names: Vec<String>,
    within: Change,
    trips: Change,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    path: Option<String>,
    text: Option<String>,
    #[serde(default)]
    append: String,
    digit_share: Option<f64>,
    #[serde(default)]
    over: bool,
    size_bytes: Option<usize>,
}

impl Change {
    fn text(&self, sample: &Sample) -> String {
        let mut text = self.text.clone().unwrap_or_else(|| sample.text.clone());
        text.push_str(&self.append);
        if let Some(share) = self.digit_share {
            add_digits(&mut text, &sample.comment, share, self.over);
        }
        if let Some(size_bytes) = self.size_bytes {
            // Lines of the text itself, where it is to be large in itself, then white space.
            let line = self.text.clone().unwrap_or_default();
            let keeps_lines = !line.is_empty() && self.digit_share.is_none();
            while keeps_lines && text.len() + line.len() <= size_bytes {
                text.push_str(&line);
            }
            assert!(text.len() <= size_bytes, "the sample is too long");
            text.push_str(&"\n".repeat(size_bytes - text.len()));
        }
        text
    }
}

/// Appends a comment of digits until they are the largest share up to `share` of the visible characters,
/// or, if `over`, the smallest one beyond.
fn add_digits(text: &mut String, comment: &str, share: f64, over: bool) {
    text.push_str(comment);
    let visible = text.chars().filter(|c| !c.is_whitespace());
    let (mut n_visible, mut n_digits) = (0.0, 0.0);
    for c in visible {
        n_visible += 1.0;
        n_digits += f64::from(u8::from(c.is_ascii_digit()));
    }
    // The closing mark of a bracketed comment comes behind.
    let close = if comment == "(* " { " *)\n" } else { "\n" };
    n_visible += f64::from(u8::try_from(close.trim().len()).unwrap());
    while (n_digits + 1.0) / (n_visible + 1.0) <= share {
        n_digits += 1.0;
        n_visible += 1.0;
        text.push('7');
    }
    if over {
        text.push('7');
    }
    text.push_str(close);
}

struct Preset {
    languages: Languages,
    rules: BTreeMap<String, Vec<Rule>>,
}

impl Preset {
    fn published() -> Self {
        Self {
            languages: languages(&["code", "code/algebraic-stack"]),
            rules: rules("code/algebraic-stack"),
        }
    }

    fn default_one() -> Self {
        Self {
            languages: languages(&["code"]),
            rules: rules("code"),
        }
    }

    /// The rule that drops the file, or the language in which it is kept.
    fn judge(&self, path: &str, repo: &str, text: &str) -> Result<String, String> {
        let input = Input {
            path,
            text,
            claimed_language: None,
        };
        let found = self.languages.recognize(&input);
        let Some(name) = found.language() else {
            return Err(RECOGNITION.to_owned());
        };
        let language = self.languages.get(name).unwrap();
        let mut signals = signals(language, text, path);
        proofmill_code::add_repository(&mut signals, repo);
        match verdict(&self.rules[name], &signals) {
            Some(rule) => Err(rule.to_owned()),
            None => Ok(name.to_owned()),
        }
    }
}

#[test]
fn each_published_rule() {
    let published: Published = toml::from_str(include_str!("../golden/published.toml")).unwrap();
    let preset = Preset::published();
    let mut wrong = Vec::new();
    for row in &published.rule {
        let sample = &published.sample[&row.language];
        let path = |change: &Change| change.path.clone().unwrap_or_else(|| sample.path.clone());
        let tripped = preset.judge(&path(&row.trips), "", &row.trips.text(sample));
        if tripped.as_ref().err() != Some(&row.expect) {
            wrong.push(format!("{}, {}: {tripped:?}", row.language, row.what));
        }
        let mut texts = vec![row.within.text(sample)];
        if !row.names.is_empty() {
            let put = |name: &String| texts[0].replace("{}", name);
            texts = row.names.iter().map(put).collect();
        }
        for text in texts {
            let kept = preset.judge(&path(&row.within), "", &text);
            if kept.as_ref() != Ok(&row.language) {
                let head: String = text.chars().take(80).collect();
                let what = format!("{}, within {}: {kept:?}", row.language, row.what);
                wrong.push(format!("{what} for {head:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Every rule of the preset has its row.
    for (language, rules) in &preset.rules {
        for rule in rules {
            let has_row = published.rule.iter().any(|row| {
                row.language == *language && (row.expect == rule.id || is_recognized_before(rule))
            });
            assert!(has_row, "{language}: no row for {}", rule.id);
        }
    }
}

/// XML and resource forks fall to recognition before a rule of the preset is asked.
fn is_recognized_before(rule: &Rule) -> bool {
    matches!(rule.id.as_str(), "xml" | "foreign-file")
}

#[derive(Deserialize)]
struct Defects {
    case: Vec<Defect>,
}

#[derive(Deserialize)]
struct Defect {
    #[serde(rename = "defect")]
    name: String,
    path: String,
    #[serde(default)]
    repo: String,
    text: String,
    #[serde(default)]
    blocks: usize,
    expect: String,
    published: Option<String>,
}

impl Defect {
    fn text(&self) -> String {
        if self.blocks == 0 {
            return self.text.clone();
        }
        let n_missing = 2048 - self.text.chars().count();
        format!("{}{}", self.text, "\n".repeat(n_missing)).repeat(self.blocks)
    }
}

#[test]
fn no_known_defect() {
    let defects: Defects = toml::from_str(include_str!("../golden/defects.toml")).unwrap();
    let (own, published) = (Preset::default_one(), Preset::published());
    let mut wrong = Vec::new();
    for case in &defects.case {
        let expected = [
            (&own, "default", Some(&case.expect)),
            (&published, "published", case.published.as_ref()),
        ];
        for (preset, preset_name, expected) in expected {
            let said = preset.judge(&case.path, &case.repo, &case.text());
            let said = said.unwrap_or_else(|rule| rule);
            if expected.is_some_and(|expected| *expected != said) {
                wrong.push(format!(
                    "{}, {preset_name}: {said} for {}",
                    case.name, case.path
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn seventeen_languages_and_two_more() {
    let preset = Preset::default_one();
    let names: Vec<&str> = preset
        .languages
        .iter()
        .map(proofmill_code::Language::name)
        .collect();
    let expected = "agda c coq cpp fortran gap haskell idris isabelle julia jupyter lean macaulay2 maple \
                    matlab python r sage tex";
    assert_eq!(names.join(" "), expected);
    assert_eq!(Preset::published().rules.len(), 17);
}
