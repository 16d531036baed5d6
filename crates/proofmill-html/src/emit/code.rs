//! Code: text exactly as written, its language, what is not code inside it, and prose in its place.

use crate::tag::Tag;
use crate::tree::{NodeId, Tree};

/// The text of a code block: line breaks kept, line numbers and buttons left out.
pub(super) fn text_of(tree: &Tree<'_>, node: NodeId) -> String {
    let mut out = String::new();
    let mut at = node + 1;
    while at < tree.end(node) {
        let tag = tree.tag(at);
        if tag == Tag::TEXT {
            out.push_str(&tree.text(at));
        } else if tag == Tag::BR {
            out.push('\n');
        } else if is_no_code(tree, at) {
            at = tree.end(at);
            continue;
        } else if matches!(tag, Tag::DIV | Tag::P | Tag::LI | Tag::TR)
            && !out.is_empty()
            && !out.ends_with('\n')
        {
            out.push('\n');
        }
        at += 1;
    }
    let out = out.replace("\r\n", "\n").replace(['\r', '\u{A0}'], " ");
    let start = out.strip_prefix('\n').unwrap_or(&out);
    start.trim_end().to_owned()
}

/// Line numbers and buttons.
fn is_no_code(tree: &Tree<'_>, node: NodeId) -> bool {
    matches!(
        tree.tag(node),
        Tag::BUTTON | Tag::SCRIPT | Tag::STYLE | Tag::SVG
    ) || tree.class(node).split_ascii_whitespace().any(|word| {
        matches!(
            word,
            "lineno"
                | "ttc"
                | "linenos"
                | "linenodiv"
                | "line-number"
                | "line-numbers-rows"
                | "gutter"
                | "hljs-ln-numbers"
                | "rouge-gutter"
                | "ln"
                | "linenumber"
                | "copybtn"
                | "headerlink"
                | "blob-num"
                | "line-numbers"
        )
    }) && tree.tag(node) != Tag::CODE
}

/// The language that classes of the block, its code or its wrappers name.
pub(super) fn language_of(tree: &Tree<'_>, node: NodeId) -> Option<String> {
    let inner = tree
        .element_children(node)
        .find(|child| tree.tag(*child) == Tag::CODE);
    let wrappers = tree.ancestors(node).take(3);
    let places = inner.into_iter().chain([node]).chain(wrappers);
    for at in places {
        for name in ["data-lang", "data-language", "lang"] {
            if name != "lang" || at == node {
                let value = tree.attribute(at, name).filter(|value| is_language(value));
                if let Some(value) = value.filter(|value| name != "lang" || value.len() > 2) {
                    return Some(value.to_ascii_lowercase());
                }
            }
        }
        let class = tree.class(at);
        let mut words = class.split_ascii_whitespace().peekable();
        while let Some(word) = words.next() {
            let language = word
                .strip_prefix("language-")
                .or_else(|| word.strip_prefix("lang-"))
                .or_else(|| word.strip_prefix("highlight-source-"))
                .or_else(|| word.strip_prefix("highlight-"))
                .or_else(|| word.strip_prefix("brush:").filter(|rest| !rest.is_empty()))
                .or_else(|| {
                    if word == "brush:" {
                        words.peek().copied()
                    } else {
                        None
                    }
                })
                .or_else(|| {
                    (word == "sourceCode" || word == "prettyprint")
                        .then(|| words.peek().copied())
                        .flatten()
                });
            let language = language.map(|name| name.trim_end_matches(';'));
            if let Some(name) = language.filter(|name| is_language(name)) {
                return Some(name.to_ascii_lowercase());
            }
        }
    }
    None
}

/// Whether a class word can be a language and not `default`, `none` and the like.
fn is_language(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 20
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'#' | b'-' | b'.'))
        && !matches!(
            name,
            "default"
                | "none"
                | "text"
                | "plain"
                | "plaintext"
                | "notranslate"
                | "linenums"
                | "nohighlight"
                | "plaintext2"
                | "auto"
                | "en"
                | "rouge"
                | "highlighter-rouge"
                | "highlight"
        )
}

/// Least number of words from which preformatted text can be prose.
const LEAST_PROSE_WORDS: usize = 25;

/// Least length of a line that was broken for its width, in bytes.
const LEAST_WRAPPED_BYTES: usize = 40;

/// The paragraphs of preformatted text that is a letter, a page of a manual or an old article and no
/// code: seven of ten words are of letters alone, and one in eight is among the most frequent ones
/// of English. Lines that were broken for their width are joined; indented ones stay alone.
pub(super) fn prose_paragraphs(tree: &Tree<'_>, node: NodeId, text: &str) -> Option<Vec<String>> {
    let is_code = |at: NodeId| tree.tag(at) == Tag::CODE;
    if tree.element_children(node).any(is_code) || language_of(tree, node).is_some() {
        return None;
    }
    let (mut n_words, mut n_plain, mut n_frequent) = (0, 0, 0);
    for word in text.split_ascii_whitespace() {
        let word =
            word.trim_matches(|c: char| matches!(c, '.' | ',' | ':' | '?' | '!' | '"' | '\''));
        n_words += 1;
        n_plain += usize::from(!word.is_empty() && word.chars().all(char::is_alphabetic));
        n_frequent += usize::from(is_frequent(word));
    }
    let is_no_sentence = |line: &&str| {
        line.starts_with(">>>")
            || line.trim_end().ends_with([';', '{', '}', '\\'])
            || !line.is_empty() && !line.contains(|c: char| c.is_alphabetic() || c == '=')
    };
    let n_other_lines = text.lines().filter(is_no_sentence).count();
    let is_prose = n_words >= LEAST_PROSE_WORDS
        && n_plain * 10 >= n_words * 7
        && n_frequent * 8 >= n_words
        && n_other_lines * 20 <= text.lines().count();
    is_prose.then(|| paragraphs(text))
}

/// Whether a word is one of the most frequent of English and no key word of programming languages.
fn is_frequent(word: &str) -> bool {
    [
        "the", "The", "of", "and", "to", "a", "A", "that", "we", "We", "it", "It", "is", "be",
        "are", "this", "This", "you", "which", "can", "by",
    ]
    .contains(&word)
}

/// Paragraphs between blank lines.
fn paragraphs(text: &str) -> Vec<String> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let full = text.lines().filter(|line| !line.trim().is_empty());
    let margin = full.map(indent).min().unwrap_or(0);
    let mut paragraphs = Vec::new();
    let mut paragraph = String::new();
    let mut is_wrapped = false;
    for line in text.lines() {
        let bare = line.trim();
        if bare.is_empty() {
            if !paragraph.is_empty() {
                paragraphs.push(std::mem::take(&mut paragraph));
            }
            continue;
        }
        let is_flush = indent(line) == margin;
        if !paragraph.is_empty() {
            paragraph.push(if is_wrapped && is_flush { ' ' } else { '\n' });
        }
        paragraph.push_str(&bare.replace('$', "\\$"));
        is_wrapped = is_flush && bare.len() >= LEAST_WRAPPED_BYTES;
    }
    if !paragraph.is_empty() {
        paragraphs.push(paragraph);
    }
    paragraphs
}

/// A fenced block.
pub(super) fn fenced(code: &str, language: Option<&str>) -> String {
    let mut n_ticks = 3;
    for line in code.lines() {
        let here = line
            .trim_start()
            .bytes()
            .take_while(|byte| *byte == b'`')
            .count();
        n_ticks = n_ticks.max(here + 1);
    }
    let fence = "`".repeat(n_ticks);
    format!("{fence}{}\n{code}\n{fence}", language.unwrap_or_default())
}
