//! Formulas written with the means of HTML: italics, `sup`, `sub`, boxes for fractions.
//!
//! Wikipedia's `texhtml`, pandoc's and docutils' plain output and the manuals of GAP mark such
//! elements as mathematics. Only what is marked is read here; superscripts of running text are the
//! emitter's. Running text inside such an element is left alone.

use crate::entities;
use crate::symbols::{is_function_name, push_char, push_latex};
use crate::tag::Tag;
use crate::tree::{NodeId, Tree};

/// Largest element that is read, in nodes and in bytes of text.
const MAX_NODES: usize = 200;
const MAX_TEXT_BYTES: usize = 400;

/// Most words of four letters or more; beyond, it is prose.
const MAX_LONG_WORDS: usize = 2;

/// Deepest nesting that is followed.
const MAX_DEPTH: usize = 16;

/// The LaTeX of an element; `None` if it is no formula.
///
/// Unless the mark `is_sure`, something in it must look like mathematics.
pub(crate) fn to_latex(tree: &Tree<'_>, node: NodeId, is_sure: bool) -> Option<String> {
    let end = tree.end(node);
    if end - node > MAX_NODES {
        return None;
    }
    let is_inline = |at: NodeId| {
        matches!(
            tree.tag(at),
            Tag::TEXT
                | Tag::I
                | Tag::EM
                | Tag::VAR
                | Tag::B
                | Tag::STRONG
                | Tag::SUB
                | Tag::SUP
                | Tag::SPAN
        )
    };
    let text = tree.text_below(node);
    let n_long_words = text
        .split(|letter: char| !letter.is_alphabetic())
        .filter(|word| word.chars().count() > 3)
        .count();
    if text.len() > MAX_TEXT_BYTES
        || n_long_words > MAX_LONG_WORDS
        || text.contains(['\\', '$', '`'])
        || !(node + 1..end).all(is_inline)
    {
        return None;
    }
    let has_mark = || {
        (node + 1..end).any(|at| !matches!(tree.tag(at), Tag::TEXT | Tag::SPAN))
            || text.contains(['=', '+', '<', '>', '≤', '≥', '∈', '−', '≠', '→'])
    };
    if !(is_sure || has_mark()) {
        return None;
    }
    let mut writer = Writer {
        tree,
        out: String::new(),
        is_after_root: false,
        braces: Vec::new(),
    };
    writer.element(node, false, 0);
    for _ in writer.braces.iter().filter(|is_tex| **is_tex) {
        writer.out.push('}');
    }
    let latex = writer.out.trim();
    let is_whole = !latex.is_empty() && !latex.ends_with(['^', '_']);
    is_whole.then(|| latex.to_owned())
}

struct Writer<'t, 'a> {
    tree: &'t Tree<'a>,
    out: String,
    /// A root sign came last, and what follows is under it.
    is_after_root: bool,
    /// Open braces of the text, and whether each is TeX's: `x_{i}` is written out by some tools.
    braces: Vec<bool>,
}

impl Writer<'_, '_> {
    fn children(&mut self, node: NodeId, is_italic: bool, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        let tree = self.tree;
        for child in tree.children(node) {
            if tree.tag(child) == Tag::TEXT {
                let text = entities::decode(tree.raw_text(child), false);
                self.text(&text, is_italic);
            } else {
                self.element(child, is_italic, depth + 1);
            }
        }
    }

    fn element(&mut self, node: NodeId, is_italic: bool, depth: usize) {
        let tree = self.tree;
        let class = tree.class(node);
        let has = |name: &str| class.split_ascii_whitespace().any(|word| word == name);
        if has("sr-only") || has("visualhide") || has("visually-hidden") {
            return;
        }
        match tree.tag(node) {
            tag @ (Tag::SUP | Tag::SUB) => {
                let inner = self.inner(node, is_italic, depth);
                if !inner.is_empty() {
                    let mark = if tag == Tag::SUP { '^' } else { '_' };
                    self.script(mark, &inner);
                }
            }
            Tag::B | Tag::STRONG => {
                let inner = self.inner(node, is_italic, depth);
                if !inner.is_empty() {
                    self.push("\\mathbf{");
                    self.out.push_str(&inner);
                    self.out.push('}');
                }
            }
            Tag::SPAN if has("sfrac") || has("frac") => self.fraction(node, is_italic, depth),
            Tag::SPAN if self.is_after_root => {
                self.is_after_root = false;
                let inner = self.inner(node, is_italic, depth);
                self.out.push('{');
                self.out.push_str(&inner);
                self.out.push('}');
            }
            Tag::I | Tag::EM | Tag::VAR => self.children(node, true, depth),
            _ => self.children(node, is_italic, depth),
        }
    }

    /// What an element writes, on its own.
    fn inner(&mut self, node: NodeId, is_italic: bool, depth: usize) -> String {
        let out = std::mem::take(&mut self.out);
        let is_after_root = std::mem::replace(&mut self.is_after_root, false);
        self.children(node, is_italic, depth);
        self.is_after_root = is_after_root;
        std::mem::replace(&mut self.out, out).trim().to_owned()
    }

    fn script(&mut self, mark: char, inner: &str) {
        if self.out.is_empty() {
            self.out.push_str("{}");
        }
        self.out.push(mark);
        if inner.chars().count() == 1 {
            self.out.push_str(inner);
        } else {
            self.out.push('{');
            self.out.push_str(inner);
            self.out.push('}');
        }
    }

    /// Numerator and denominator are the first and the last element.
    fn fraction(&mut self, node: NodeId, is_italic: bool, depth: usize) {
        let parts: Vec<NodeId> = self.tree.element_children(node).collect();
        let (Some(above), Some(below)) = (parts.first(), parts.last().filter(|_| parts.len() > 1))
        else {
            return self.children(node, is_italic, depth);
        };
        let above = self.inner(*above, is_italic, depth);
        let below = self.inner(*below, is_italic, depth);
        self.push("\\frac{");
        self.out.push_str(&above);
        self.out.push_str("}{");
        self.out.push_str(&below);
        self.out.push('}');
    }

    /// Appends LaTeX; what follows a root sign is put under it.
    fn push(&mut self, latex: &str) {
        if std::mem::replace(&mut self.is_after_root, false) && !latex.ends_with('{') {
            self.out.push('{');
            self.out.push_str(latex);
            self.out.push('}');
        } else {
            push_latex(&mut self.out, latex);
        }
    }

    fn text(&mut self, text: &str, is_italic: bool) {
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let is_run = |letter: char| {
                letter.is_ascii_digit() && first.is_ascii_digit()
                    || letter.is_ascii_alphabetic() && first.is_ascii_alphabetic()
            };
            let n_run = rest
                .find(|letter: char| !is_run(letter))
                .unwrap_or(rest.len());
            if n_run == 0 {
                rest = &rest[first.len_utf8()..];
                self.symbol(first);
                continue;
            }
            let (run, after) = rest.split_at(n_run);
            rest = after;
            if is_italic || n_run == 1 || first.is_ascii_digit() {
                self.push(run);
            } else if is_function_name(run) {
                self.push(&format!("\\{run}"));
            } else {
                self.push(&format!("\\mathrm{{{run}}}"));
            }
        }
    }

    fn symbol(&mut self, letter: char) {
        match letter {
            '√' => {
                self.push("\\sqrt");
                self.is_after_root = true;
            }
            '^' | '_' => self.out.push(letter),
            '{' if self.out.ends_with(['^', '_']) => {
                self.braces.push(true);
                self.out.push('{');
            }
            '}' if self.braces.last() == Some(&true) => {
                self.braces.pop();
                self.out.push('}');
            }
            '{' | '}' | '%' | '#' | '&' => {
                if letter == '{' {
                    self.braces.push(false);
                } else if letter == '}' {
                    self.braces.pop();
                }
                self.push(&format!("\\{letter}"));
            }
            '\u{2062}'..='\u{2064}' | '\u{200B}'..='\u{200F}' | '\u{AD}' | '\u{FEFF}' => {}
            _ if letter.is_whitespace() => {}
            _ => {
                let mut latex = String::new();
                push_char(&mut latex, letter);
                self.push(&latex);
            }
        }
    }
}
