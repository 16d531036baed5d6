//! Every signal that a rule can read: name, unit, who measures it, what it means.
//!
//! Names carry their unit: `n_` counts, `_chars`, `_bytes`, `_ratio` in 0..=1. Signals of kind
//! `code` beyond the common ones depend on the language and are declared by `proofmill-code`;
//! there any name in snake case is accepted. So is `score_...` for every kind, which a file of scores
//! may bring ([`IMPORTED_PREFIX`]).
//! Where any name is accepted, [`crate::check`] finds those that no case measures.

use proofmill_types::Kind;

use crate::parse::is_snake;

/// Who measures a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// This crate, on the text of every document.
    Text,
    /// This crate, on the text of every document that is prose: no source code, no proof steps.
    Prose,
    /// The LaTeX extractor: kind `arxiv`.
    Latex,
    /// The HTML extractor: kind `web`.
    Html,
    /// The LaTeX and HTML extractors alike.
    Markup,
    /// The extract stop itself, for every kind of prose.
    Extract,
    /// A classifier that runs beside the filter: kinds `web` and `text`.
    Classifier,
    /// The extract stop, for instruction rows.
    Instruct,
    /// The extract stop, for proof steps.
    Proof,
}

impl Owner {
    /// Whether documents of `kind` have the signals of this owner.
    #[must_use]
    pub fn measures(self, kind: Kind) -> bool {
        match self {
            Self::Text => true,
            Self::Prose | Self::Extract => !matches!(kind, Kind::Code | Kind::ProofSteps),
            Self::Instruct => kind == Kind::Instruct,
            Self::Proof => kind == Kind::ProofSteps,
            Self::Latex => kind == Kind::Arxiv,
            Self::Html => kind == Kind::Web,
            Self::Markup => matches!(kind, Kind::Arxiv | Kind::Web),
            Self::Classifier => matches!(kind, Kind::Web | Kind::Text),
        }
    }
}

/// What a signal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignalInfo {
    /// Its name, as rules write it.
    pub name: &'static str,
    /// Who measures it.
    pub owner: Owner,
    /// Unit of the number.
    pub unit: &'static str,
    /// What is measured.
    pub meaning: &'static str,
    /// Where the measure comes from; empty for our own.
    pub source: &'static str,
}

const fn signal(
    name: &'static str,
    owner: Owner,
    unit: &'static str,
    meaning: &'static str,
    source: &'static str,
) -> SignalInfo {
    SignalInfo {
        name,
        owner,
        unit,
        meaning,
        source,
    }
}

const GOPHER: &str = "Rae et al. 2021, arXiv:2112.11446, appendix A";
const C4: &str = "Raffel et al. 2020, arXiv:1910.10683, section 2.2";
const FINE_WEB: &str = "Penedo et al. 2024, arXiv:2406.17557, section 3.5";
const OPEN_WEB_MATH: &str = "Paster et al. 2023, arXiv:2310.06786";
const STAR_CODER: &str = "Li et al. 2023, arXiv:2305.06161, section 3";

/// All numbers with a fixed name, by owner.
///
/// In prose, formulas and code are set apart first: a formula counts as one word and belongs to no
/// word-shape, line-shape or stop-word measure; code fences count only towards sizes and character
/// shares.
#[rustfmt::skip] // one line per signal
pub const SIGNALS: &[SignalInfo] = &[
    signal("n_bytes", Owner::Text, "bytes", "length of the text in UTF-8", ""),
    signal("n_chars", Owner::Text, "characters", "length of the text", ""),
    signal("n_words", Owner::Text, "words", "words parted by blanks; in prose each formula is one word and code fences have none", GOPHER),
    signal("n_lines", Owner::Text, "lines", "lines that are not blank", ""),
    signal("mean_line_chars", Owner::Text, "characters", "mean length of the lines that are not blank", STAR_CODER),
    signal("max_line_chars", Owner::Text, "characters", "length of the longest line", STAR_CODER),
    signal("alphanumeric_ratio", Owner::Text, "of characters", "letters and digits of any script", STAR_CODER),
    signal("letter_ratio", Owner::Text, "of characters", "letters of any script", ""),
    signal(
        "digit_ratio",
        Owner::Text,
        "of visible characters",
        "ASCII digits among the characters that are not white space",
        "EleutherAI/math-lm, common gate",
    ),
    signal("whitespace_ratio", Owner::Text, "of characters", "blanks and line ends", ""),
    signal("control_char_ratio", Owner::Text, "of characters", "control characters except tab, line feed and carriage return", ""),
    signal("replacement_char_ratio", Owner::Text, "of characters", "U+FFFD, left by wrong decoding", ""),
    signal("duplicate_line_ratio", Owner::Text, "of lines", "lines with a letter or digit that repeat an earlier line", GOPHER),
    signal("mean_word_chars", Owner::Prose, "characters", "mean length of plain words with a letter: no formula, no command, no number", GOPHER),
    signal("symbol_word_ratio", Owner::Prose, "per word", "number signs and ellipses of prose, at most 1; heading marks are none", GOPHER),
    signal("letter_word_ratio", Owner::Prose, "of plain words", "words with at least one letter", GOPHER),
    signal("bullet_line_ratio", Owner::Prose, "of lines", "lines that start with a bullet", GOPHER),
    signal("ellipsis_line_ratio", Owner::Prose, "of lines", "lines that end with an ellipsis", GOPHER),
    signal("terminal_punctuation_line_ratio", Owner::Prose, "of lines", "lines of prose that end as sentences and clauses do", C4),
    signal("short_line_ratio", Owner::Prose, "of lines", "lines of prose with at most 30 characters", FINE_WEB),
    signal("stop_word_count", Owner::Prose, "words", "how many of the, be, to, of, and, that, have, with occur", GOPHER),
    signal("duplicate_line_chars_ratio", Owner::Prose, "of characters", "characters of repeated lines among those of lines of prose", GOPHER),
    signal("duplicate_paragraph_ratio", Owner::Prose, "of paragraphs", "paragraphs that repeat an earlier one", GOPHER),
    signal("top_2_gram_chars_ratio", Owner::Prose, "of word characters", "characters of the most frequent pair of words; each formula counts as five characters", GOPHER),
    signal("top_3_gram_chars_ratio", Owner::Prose, "of word characters", "as for 2, three words", GOPHER),
    signal("top_4_gram_chars_ratio", Owner::Prose, "of word characters", "as for 2, four words", GOPHER),
    signal("duplicate_5_gram_chars_ratio", Owner::Prose, "of word characters", "characters in second and later occurrences of runs of five words, each once", GOPHER),
    signal("duplicate_6_gram_chars_ratio", Owner::Prose, "of word characters", "as for 5, six words", GOPHER),
    signal("duplicate_7_gram_chars_ratio", Owner::Prose, "of word characters", "as for 5, seven words", GOPHER),
    signal("duplicate_8_gram_chars_ratio", Owner::Prose, "of word characters", "as for 5, eight words", GOPHER),
    signal("duplicate_9_gram_chars_ratio", Owner::Prose, "of word characters", "as for 5, nine words", GOPHER),
    signal("duplicate_10_gram_chars_ratio", Owner::Prose, "of word characters", "as for 5, ten words", GOPHER),
    signal("accent_ratio", Owner::Prose, "of letters", "accented Latin letters and combining marks", OPEN_WEB_MATH),
    signal("cjk_ratio", Owner::Prose, "of letters", "Han, kana and Hangul", OPEN_WEB_MATH),
    signal("url_ratio", Owner::Prose, "of word characters", "characters of words that are addresses", ""),
    signal("math_word_ratio", Owner::Prose, "of plain words with a letter", "words of mathematical exposition, from a list of terms in seven European languages", ""),
    signal("n_math_words", Owner::Prose, "words", "how many words of that list occur, repeats counted", ""),
    signal("n_distinct_math_words", Owner::Prose, "words", "how many different words of that list occur", ""),
    signal("math_sign_ratio", Owner::Prose, "per word", "words with an operator, relation, power or raised digit in running text, `=` and `+` between blanks included; formulas and code are not looked at; at most 1", ""),
    signal("n_formulas", Owner::Prose, "formulas", "formulas in dollars, LaTeX brackets or environments; the extractor's count where it has one", OPEN_WEB_MATH),
    signal("formula_chars_ratio", Owner::Prose, "of characters", "characters inside formulas, delimiters included; the extractor's share where it has one", ""),
    signal("n_latex_commands", Owner::Prose, "commands", "backslashes before two or more letters, outside code", OPEN_WEB_MATH),
    signal("n_unbalanced_braces", Owner::Prose, "braces", "unescaped braces without a partner, outside code", ""),
    signal("n_display_formulas", Owner::Markup, "formulas", "formulas on lines of their own", ""),
    signal("math_ratio", Owner::Latex, "of characters", "characters inside formulas", ""),
    signal("n_sections", Owner::Latex, "sections", "section headings of all levels", ""),
    signal("n_theorems", Owner::Latex, "theorems", "theorem-like environments", ""),
    signal("n_proofs", Owner::Latex, "proofs", "proofs", ""),
    signal("n_control_words", Owner::Latex, "commands", "commands of the source", ""),
    signal("n_unknown_commands", Owner::Latex, "commands", "uses of commands that nobody defines", ""),
    signal("n_unresolved_macros", Owner::Latex, "commands", "uses of the author's macros that could not be expanded", ""),
    signal("unresolved_macro_ratio", Owner::Latex, "of commands", "unresolved macros among the commands of formulas", ""),
    signal("n_missing_files", Owner::Latex, "files", "files that are included and not there", ""),
    signal("n_replaced_chars", Owner::Latex, "characters", "characters that could not be decoded", ""),
    signal("n_limit_breaches", Owner::Latex, "breaches", "places where a limit of the expander was reached", ""),
    signal("n_recoveries", Owner::Latex, "recoveries", "places where broken mark-up was closed or skipped", ""),
    signal("n_recoveries_losing_text", Owner::Latex, "recoveries", "those that may have lost text", ""),
    signal("brace_balance", Owner::Latex, "braces", "opening minus closing braces of the source", ""),
    signal("link_ratio", Owner::Html, "of characters", "text inside links", ""),
    signal("boilerplate_ratio", Owner::Html, "of characters", "text that was removed as navigation and the like", ""),
    signal("is_fallback", Owner::Html, "0 or 1", "whether main content was not found and more of the body was taken", ""),
    signal("is_truncated", Owner::Html, "0 or 1", "whether a limit cut the page", ""),
    signal("is_body_truncated", Owner::Html, "0 or 1", "whether the crawler's record ends before its stated length", ""),
    signal("has_math_marker", Owner::Html, "0 or 1", "whether the page's bytes show mathematical mark-up", ""),
    signal("charset_guessed", Owner::Html, "0 or 1", "whether the character set was guessed", ""),
    signal("n_links", Owner::Html, "links", "links of the page", OPEN_WEB_MATH),
    signal("n_headings", Owner::Html, "headings", "headings kept", ""),
    signal("n_list_items", Owner::Html, "items", "list items kept", ""),
    signal("n_code_blocks", Owner::Html, "blocks", "blocks of code kept", ""),
    signal("n_tables", Owner::Html, "tables", "tables kept", ""),
    signal("n_page_formulas", Owner::Html, "formulas", "formulas of the page before main content was chosen", ""),
    signal("n_dropped_formulas", Owner::Html, "formulas", "formulas left out for a limit", ""),
    signal("n_page_macros", Owner::Html, "macros", "macros that the page defines", ""),
    signal("code_chars", Owner::Html, "characters", "characters of code", ""),
    signal("formula_chars", Owner::Html, "characters", "characters of formulas", ""),
    signal("n_equations", Owner::Instruct, "equations", "equations between numbers that could be judged", ""),
    signal("n_wrong_equations", Owner::Instruct, "equations", "those that do not hold", "Yuan et al. 2023, arXiv:2308.01825"),
    signal("n_steps", Owner::Proof, "steps", "tactics or proof commands of the proof", ""),
    signal("n_unfinished_steps", Owner::Proof, "steps", "steps that give up: sorry, admit, oops", ""),
    signal("language_probability", Owner::Extract, "probability", "of the language of the prose, by its detector", ""),
    signal("math_score", Owner::Classifier, "probability", "that the prose is mathematical, by the linear classifier; formulas are not looked at", OPEN_WEB_MATH),
];

/// How the names of imported scores begin: `score_NAME` is what a source's file of scores calls `NAME`.
pub const IMPORTED_PREFIX: &str = "score_";

/// Texts that rules can read: name and meaning.
pub const TEXT_VALUES: &[(&str, &str)] = &[
    (
        "language",
        "ISO 639-1 code of the prose, or name of the programming language",
    ),
    ("license", "SPDX identifier or URL of the licence"),
    (
        "origin",
        "URL, arXiv id, repository and path, or file and line",
    ),
    ("url", "URL of the record, if it has one"),
    ("host", "host of that URL in lower case, without port"),
    (
        "path",
        "path inside the repository, else the part of the URL after the host",
    ),
    ("repo", "repository, as owner and name"),
    ("opening", "the first 1,000 characters of the text"),
];

/// Whether a signal is a number or a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Number,
    Text,
}

/// Type of the signal `name` for documents of `kind`; `None` if nobody measures it.
pub(crate) fn type_of(name: &str, kind: Kind) -> Option<Type> {
    if TEXT_VALUES.iter().any(|(text, _)| *text == name) {
        return Some(Type::Text);
    }
    match SIGNALS.iter().find(|info| info.name == name) {
        Some(info) if info.owner.measures(kind) => Some(Type::Number),
        None if is_imported(name) => Some(Type::Number),
        _ => (kind == Kind::Code && is_snake(name)).then_some(Type::Number),
    }
}

/// Whether `name` is that of a score that comes from a file.
fn is_imported(name: &str) -> bool {
    name.len() > IMPORTED_PREFIX.len() && name.starts_with(IMPORTED_PREFIX) && is_snake(name)
}

/// Whether rules for `kind` may name the signal or text `name`.
#[must_use]
pub fn is_known_signal(name: &str, kind: Kind) -> bool {
    type_of(name, kind).is_some()
}

/// Names that rules for `kind` may use, texts last.
pub(crate) fn names_for(kind: Kind) -> Vec<&'static str> {
    let numbers = SIGNALS
        .iter()
        .filter(|info| info.owner.measures(kind))
        .map(|info| info.name);
    numbers
        .chain(TEXT_VALUES.iter().map(|(name, _)| *name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_in_snake_case() {
        let mut names: Vec<&str> = SIGNALS.iter().map(|info| info.name).collect();
        names.extend(TEXT_VALUES.iter().map(|(name, _)| *name));
        let n_names = names.len();
        assert!(names.iter().all(|name| is_snake(name)));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), n_names);
    }
}
