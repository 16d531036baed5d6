//! The signals of the text itself: what [`crate::SIGNALS`] lists under `Text` and `Prose`.
//!
//! Formulas and code are found first ([`spans`]); then characters, lines and words are each walked
//! once, and repeated runs of words are counted over the words. All of it is linear in the text.

mod characters;
mod code_words;
mod counter;
mod lines;
mod repeats;
mod spans;
mod vocabulary;
mod words;

use proofmill_types::{Document, Kind, Signals};

use spans::{Span, Syntax};

/// Measures all text signals of `doc` into its signals.
///
/// Source code gets the signals of [`crate::Owner::Text`] only. The two counts of formulas are left
/// alone where the extractor has set them, since it has seen the mark-up.
pub fn measure(doc: &mut Document) {
    let text = doc.text.as_str();
    let syntax = match doc.kind {
        Kind::Code | Kind::ProofSteps => Syntax::None,
        Kind::Arxiv => Syntax::Latex,
        Kind::Web | Kind::Text | Kind::Instruct => Syntax::Markdown,
    };
    let spans = spans::find(text, syntax);
    let signals = &mut doc.signals;
    let characters = characters::measure(text);
    characters.set(signals, syntax);
    lines::measure(text, &spans, syntax).set(signals, syntax);
    // Scripts without blanks: each of their characters counts as half a word.
    let n_wide_words = characters.n_cjk / 2;
    if syntax == Syntax::None {
        signals.set_count("n_words", code_words::count(text) + n_wide_words);
        return;
    }
    let words = words::measure(text, &spans);
    signals.set_count("n_words", words.sequence.len() + n_wide_words);
    words.set(signals);
    repeats::measure(&words.sequence).set(signals);
    set_formulas(signals, text, &spans, characters.n_chars);
}

/// Sets the signals of formulas and mark-up.
fn set_formulas(signals: &mut Signals, text: &str, spans: &[Span], n_chars: usize) {
    let formulas = || spans.iter().filter(|span| span.is_formula());
    if signals.get("n_formulas").is_none() {
        signals.set_count("n_formulas", formulas().count());
    }
    if signals.get("formula_chars_ratio").is_none() {
        let inside = formulas()
            .map(|span| count_chars(&text.as_bytes()[span.start..span.end]))
            .sum();
        signals.set("formula_chars_ratio", ratio(inside, n_chars));
    }
    let marks = spans::marks(text, spans);
    signals.set_count("n_latex_commands", marks.n_commands);
    signals.set_count("n_unbalanced_braces", marks.n_unbalanced_braces);
}

/// `part / whole`, 0 for nothing of nothing.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

/// Characters of some bytes of valid UTF-8.
fn count_chars(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte & 0xC0 != 0x80).count()
}
