//! Language of the prose: formulas, commands and code are taken out first.
//!
//! A detector that sees LaTeX takes it for some rare language, and formula-heavy English pages are
//! lost (the defect of filters that run on raw text). Only two kilobytes of prose are looked at, a
//! third each from the beginning, the middle and the last quarter: enough to decide, the cost stays
//! flat, and a long quotation at the beginning does not speak for the rest.
//!
//! Without a model `whatlang` decides; a fastText classifier such as `lid.176.ftz` knows more
//! languages and does better on short texts.

use std::ops::Range;
use std::sync::Arc;

use memchr::memmem;
use proofmill_score::fasttext::Model;
use whatlang::Lang;

/// Bytes of prose that are looked at, over all places.
const SAMPLE_BYTES: usize = 2048;

/// Where the text is looked at: quarters of its length. The end is left out, since references and
/// addresses stand there.
const PLACES: [usize; 3] = [0, 2, 3];

/// Bytes in which the paragraph is looked for that a place in the text begins with.
const PARAGRAPH_BYTES: usize = 1024;

/// Bytes of prose below which no language is named.
const LEAST_BYTES: usize = 40;

/// Bytes in which the end of a construct is looked for: one that never ends costs no more.
const WINDOW_BYTES: usize = 256 << 10;

/// A detected language.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Language<'a> {
    /// ISO 639-1 code; ISO 639-3 where the first has none. A model's label as it is.
    pub code: &'a str,
    /// Confidence of the detector, 0 to 1.
    pub probability: f64,
}

/// Tells the language of a text.
#[derive(Clone, Debug, Default)]
pub struct Detector {
    model: Option<Arc<Model>>,
}

impl Detector {
    /// A detector that asks `model`, or `whatlang` without one.
    #[must_use]
    pub fn new(model: Option<Arc<Model>>) -> Self {
        Self { model }
    }

    /// Language of `text` (Markdown or LaTeX); `None` when there is too little prose.
    #[must_use]
    pub fn detect(&self, text: &str) -> Option<Language<'_>> {
        let sample = prose_sample(text);
        if sample.trim().len() < LEAST_BYTES {
            return None;
        }
        if let Some(model) = &self.model {
            let found = model.predict(&sample)?;
            return Some(Language {
                code: found.label,
                probability: found.probability,
            });
        }
        let info = whatlang::Detector::new().detect(&sample)?;
        Some(Language {
            code: short_code(info.lang()),
            probability: info.confidence(),
        })
    }
}

/// Prose of `text` up to two kilobytes, from its beginning, middle and last quarter; everything else
/// is replaced by spaces.
#[must_use]
pub fn prose_sample(text: &str) -> String {
    let mut prose = String::with_capacity(SAMPLE_BYTES + 64);
    let mut from = 0;
    for (index, quarters) in PLACES.into_iter().enumerate() {
        from = from.max(paragraph_start(text, text.len() / 4 * quarters));
        let until = PLACES
            .get(index + 1)
            .map_or(text.len(), |next| text.len() / 4 * next);
        let most_bytes = SAMPLE_BYTES * (index + 1) / PLACES.len();
        from = push_prose(&mut prose, text, from..until, most_bytes);
    }
    prose
}

/// Appends the prose of `text` from the start of `range` until its end or until `prose` has
/// `most_bytes`; returns where reading ended, which is past the range inside a long construct.
fn push_prose(prose: &mut String, text: &str, range: Range<usize>, most_bytes: usize) -> usize {
    let mut at = range.start;
    while prose.len() < most_bytes && at < range.end {
        let rest = &text[at..];
        let window = &rest[..char_start(rest, most_bytes - prose.len())];
        let Some(next) = window.find(['$', '\\', '`', '<', '{', '}', '#', '*', '_', '|']) else {
            prose.push_str(window);
            return at + window.len();
        };
        prose.push_str(&window[..next]);
        prose.push(' ');
        at += next + skipped_bytes(&rest[next..]);
    }
    at
}

/// The first paragraph that starts at or soon after byte `at`; the character there where none does.
fn paragraph_start(text: &str, at: usize) -> usize {
    let at = char_start(text, at);
    if at == 0 {
        return 0;
    }
    let window = &text.as_bytes()[at..text.len().min(at + PARAGRAPH_BYTES)];
    memmem::find(window, b"\n\n").map_or(at, |found| at + found)
}

/// Start of the character that byte `at` of `text` is part of; the end of `text` at most.
fn char_start(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at)
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0)
}

/// Bytes of the construct that `rest` starts with; at least one character.
fn skipped_bytes(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let fenced = |open: &str, close: &str| {
        let inner = bytes.get(open.len()..bytes.len().min(WINDOW_BYTES))?;
        memmem::find(inner, close.as_bytes()).map(|at| open.len() + at + close.len())
    };
    let found = if rest.starts_with("```") {
        fenced("```", "\n```")
    } else if rest.starts_with('`') {
        fenced("`", "`")
    } else if rest.starts_with("$$") {
        fenced("$$", "$$")
    } else if rest.starts_with('$') {
        fenced("$", "$").filter(|&end| end <= 2000)
    } else if rest.starts_with("\\[") {
        fenced("\\[", "\\]")
    } else if rest.starts_with("\\(") {
        fenced("\\(", "\\)")
    } else if let Some(name) = environment_name(rest) {
        let is_math = [
            "equation",
            "align",
            "gather",
            "multline",
            "eqnarray",
            "displaymath",
            "math",
            "verbatim",
            "lstlisting",
            "tabular",
            "tikzcd",
            "array",
        ]
        .contains(&name.trim_end_matches('*'));
        let end = format!("\\end{{{name}}}");
        if is_math {
            fenced("", &end)
        } else {
            Some("\\begin{}".len() + name.len())
        }
    } else if let Some(name) = keyed_command(rest) {
        Some(name)
    } else if rest.starts_with('\\') {
        let letters = bytes[1..]
            .iter()
            .take_while(|byte| byte.is_ascii_alphabetic())
            .count();
        Some(1 + letters.max(bytes.get(1).map_or(0, |byte| usize::from(byte.is_ascii()))))
    } else {
        None
    };
    found.unwrap_or(1).clamp(1, rest.len())
}

/// Name of the environment that `rest` begins.
fn environment_name(rest: &str) -> Option<&str> {
    let tail = rest.strip_prefix("\\begin{")?;
    let end = tail.bytes().take(100).position(|byte| byte == b'}')?;
    tail.get(..end)
}

/// Length of a command whose argument is a key and no prose, with the argument.
fn keyed_command(rest: &str) -> Option<usize> {
    const KEYED: [&str; 12] = [
        "\\label{",
        "\\ref{",
        "\\eqref{",
        "\\cite{",
        "\\citep{",
        "\\citet{",
        "\\cref{",
        "\\Cref{",
        "\\autoref{",
        "\\url{",
        "\\end{",
        "\\pageref{",
    ];
    let open = KEYED.iter().find(|open| rest.starts_with(**open))?;
    let close = rest[open.len()..]
        .bytes()
        .take(400)
        .position(|byte| byte == b'}')?;
    Some(open.len() + close + 1)
}

/// ISO 639-1 code of a detected language.
fn short_code(lang: Lang) -> &'static str {
    match lang {
        Lang::Eng => "en",
        Lang::Deu => "de",
        Lang::Fra => "fr",
        Lang::Spa => "es",
        Lang::Ita => "it",
        Lang::Por => "pt",
        Lang::Rus => "ru",
        Lang::Jpn => "ja",
        Lang::Cmn => "zh",
        Lang::Kor => "ko",
        Lang::Tur => "tr",
        Lang::Pol => "pl",
        Lang::Nld => "nl",
        Lang::Ukr => "uk",
        Lang::Ces => "cs",
        Lang::Swe => "sv",
        Lang::Dan => "da",
        Lang::Fin => "fi",
        Lang::Nob => "nb",
        Lang::Hun => "hu",
        Lang::Ron => "ro",
        Lang::Ell => "el",
        Lang::Heb => "he",
        Lang::Ara => "ar",
        Lang::Pes => "fa",
        Lang::Hin => "hi",
        Lang::Vie => "vi",
        Lang::Ind => "id",
        Lang::Cat => "ca",
        Lang::Lat => "la",
        Lang::Epo => "eo",
        Lang::Bul => "bg",
        Lang::Srp => "sr",
        Lang::Hrv => "hr",
        Lang::Slk => "sk",
        Lang::Slv => "sl",
        Lang::Est => "et",
        Lang::Lav => "lv",
        Lang::Lit => "lt",
        Lang::Tha => "th",
        other => other.code(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn detect(text: &str) -> Option<Language<'static>> {
        static DETECTOR: Detector = Detector { model: None };
        DETECTOR.detect(text)
    }

    #[test]
    fn a_model_decides_where_there_is_one() {
        let file = include_bytes!("../../proofmill-score/tests/data/softmax.bin");
        let detector = Detector::new(Some(Arc::new(Model::parse(file).unwrap())));
        let text = "Wir zeigen, dass $x^2$ eine konvergente Teilfolge besitzt.";
        let found = detector.detect(text).unwrap();
        assert_eq!(found.code, "de");
        assert!((0.0..=1.0).contains(&found.probability));
        assert_eq!(detector.detect("$x$ Satz"), None, "too little prose");
    }

    #[test]
    fn formulas_and_commands_do_not_decide() {
        let text = r"\section{Results} We show that $\mathrm{ker}\,\varphi\oplus\mathrm{im}\,\psi$ is finite, \cite{key2001}
            and that the following holds for every integer. \begin{align*} a &= b \\ &= c \end{align*}
            This completes the argument of the previous section.";
        assert_eq!(detect(text).unwrap().code, "en");
        let german = "Wir zeigen, dass $x^2 + y^2 = z^2$ nur endlich viele Lösungen besitzt, und beweisen damit den Satz.";
        assert_eq!(detect(german).unwrap().code, "de");
    }

    #[test]
    fn a_long_quotation_at_the_beginning_does_not_decide() {
        let quotation =
            "Es war im Winter, und ich hatte schon lange über die Gründe der Sache nachgedacht. ";
        let prose =
            "The group of units modulo seventeen is cyclic, so there is a chain of subgroups.\n\n";
        let text = format!("{}\n\n{}", quotation.repeat(30), prose.repeat(60));
        assert_eq!(detect(&text).unwrap().code, "en");
        let text = format!("{}\n\n{}", prose.repeat(30), quotation.repeat(60));
        assert_eq!(detect(&text).unwrap().code, "de");
    }

    #[test]
    fn too_little_prose_names_no_language() {
        assert_eq!(
            detect(r"$\int_0^1 f(x)\,dx = \sum_{n=0}^\infty a_n$ holds"),
            None
        );
        assert_eq!(detect(""), None);
    }

    #[test]
    fn one_unclosed_dollar_costs_one_character() {
        let text = "The price is $5 and the rest of this sentence is plain English prose without any formula.";
        assert!(prose_sample(text).contains("rest of this sentence"));
    }

    proptest! {
        #[test]
        fn any_text_is_fine(text in r"([a-z \\${}`é\[\](]|begin\{|end\{|```){0,60}") {
            prop_assert!(prose_sample(&text).len() <= text.len() * 2 + SAMPLE_BYTES);
            let _ = detect(&text);
        }
    }
}
