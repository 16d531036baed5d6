//! Formulas put together again from rendered glyphs, where a page keeps nothing better.
//!
//! MathJax 3 writes elements that mirror MathML (`mjx-msup`, or `data-mml-node` in SVG), so its
//! output is turned back into MathML. KaTeX writes nested spans, whose classes tell atoms,
//! fractions, roots and scripts.

use std::fmt::Write as _;

use crate::mathml;
use crate::symbols::{is_function_name, push_char, push_latex};
use crate::tag::Tag;
use crate::tree::{NodeId, Tree};

/// Deepest nesting of a rendering that is followed.
const MAX_DEPTH: usize = 128;

/// The LaTeX of a `mjx-container` without MathML.
pub(crate) fn mathjax3(tree: &Tree<'_>, container: NodeId) -> String {
    let mut source = String::from("<math>");
    for child in tree.element_children(container) {
        mjx_element(tree, child, 0, &mut source);
    }
    source.push_str("</math>");
    mathml::source_to_latex(&source)
        .map(|(latex, _)| latex)
        .unwrap_or_default()
}

/// The MathML name that a rendered element stands for.
fn mml_name(tree: &Tree<'_>, node: NodeId) -> Option<String> {
    if let Some(name) = tree.attribute(node, "data-mml-node") {
        return Some(name.into_owned());
    }
    let from = tree.nodes[node].from as usize;
    let start = tree.source.get(..from)?.rfind('<')? + 1;
    let name = tree
        .source
        .get(start..from)?
        .strip_prefix("mjx-")?
        .to_ascii_lowercase();
    let is_known = name.starts_with('m') && Tag::of(name.as_bytes()).is_mathml();
    is_known.then_some(name)
}

fn mjx_element(tree: &Tree<'_>, node: NodeId, depth: usize, out: &mut String) {
    if depth > MAX_DEPTH {
        return;
    }
    if let Some(letter) = glyph(tree, node) {
        push_escaped(out, letter);
        return;
    }
    let name = mml_name(tree, node);
    let is_element = name.as_deref().is_some_and(|name| {
        Tag::of(name.as_bytes()).is_mathml() && !matches!(name, "math" | "texatom")
    });
    let name = name.filter(|_| is_element);
    if let Some(name) = &name {
        let _ = write!(out, "<{name}>"); // writing to a string cannot fail
    }
    let is_sub_sup = name.as_deref() == Some("msubsup") && tree.tag(node) != Tag::G;
    let children: Vec<NodeId> = tree.element_children(node).collect();
    for child in &children {
        let is_script = children.len() > 1 && is_sub_sup && Some(child) == children.last();
        if is_script {
            // CHTML stacks the superscript over the subscript
            let parts: Vec<NodeId> = tree
                .element_children(*child)
                .filter(|part| mml_name(tree, *part).is_some() || tree.end(*part) > part + 1)
                .collect();
            for part in parts.iter().rev() {
                mjx_row(tree, *part, depth + 1, out);
            }
        } else if name.is_some()
            && mml_name(tree, *child).is_none()
            && glyph(tree, *child).is_none()
        {
            mjx_element(tree, *child, depth + 1, out); // wrappers of the layout
        } else {
            mjx_row(tree, *child, depth + 1, out);
        }
    }
    if let Some(name) = &name {
        let _ = write!(out, "</{name}>");
    }
}

fn mjx_row(tree: &Tree<'_>, node: NodeId, depth: usize, out: &mut String) {
    let is_group = mml_name(tree, node).is_none() && glyph(tree, node).is_none();
    out.push_str(if is_group { "<mrow>" } else { "" });
    mjx_element(tree, node, depth, out);
    out.push_str(if is_group { "</mrow>" } else { "" });
}

/// The character of `<mjx-c class="mjx-c1D465">` or `<use data-c="1D465">`.
fn glyph(tree: &Tree<'_>, node: NodeId) -> Option<char> {
    let code = match tree.tag(node) {
        Tag::MJX_C => {
            let class = tree.class(node);
            class
                .split_ascii_whitespace()
                .find_map(|word| word.strip_prefix("mjx-c"))?
                .to_owned()
        }
        Tag::USE | Tag::PATH => tree.attribute(node, "data-c")?.into_owned(),
        _ => return None,
    };
    char::from_u32(u32::from_str_radix(&code, 16).ok()?)
}

fn push_escaped(out: &mut String, letter: char) {
    match letter {
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '&' => out.push_str("&amp;"),
        _ => out.push(letter),
    }
}

/// The LaTeX of a `katex-html` rendering.
pub(crate) fn katex(tree: &Tree<'_>, html: NodeId) -> String {
    let mut out = String::new();
    katex_children(tree, html, 0, &mut out);
    out.trim().to_owned()
}

fn katex_children(tree: &Tree<'_>, node: NodeId, depth: usize, out: &mut String) {
    if depth > MAX_DEPTH {
        return;
    }
    for child in tree.children(node) {
        if tree.tag(child) == Tag::TEXT {
            tree.text(child)
                .chars()
                .filter(|c| !is_filler(*c))
                .for_each(|c| push_char(out, c));
        } else {
            katex_element(tree, child, depth + 1, out);
        }
    }
}

fn is_filler(letter: char) -> bool {
    matches!(letter, '\u{200B}' | '\u{2061}' | '\n' | ' ')
}

fn katex_element(tree: &Tree<'_>, node: NodeId, depth: usize, out: &mut String) {
    let class = tree.class(node);
    let has = |word: &str| class.split_ascii_whitespace().any(|part| part == word);
    if has("strut")
        || has("vlist-s")
        || has("pstrut")
        || has("nulldelimiter")
        || has("frac-line")
        || has("overline-line")
        || has("underline-line")
        || has("hide-tail")
        || tree.tag(node) == Tag::SVG
    {
        return;
    }
    if katex_stack(tree, node, depth, out) {
        return;
    }
    let mut group = |command: &str, node: NodeId| {
        let mut inner = String::new();
        katex_children(tree, node, depth, &mut inner);
        if !inner.is_empty() {
            push_latex(out, command);
            out.push('{');
            out.push_str(&inner);
            out.push('}');
        }
    };
    for (word, command) in [
        ("mathbb", "\\mathbb"),
        ("mathcal", "\\mathcal"),
        ("mathfrak", "\\mathfrak"),
        ("mathbf", "\\mathbf"),
        ("mathrm", "\\mathrm"),
        ("mathscr", "\\mathscr"),
        ("mathsf", "\\mathsf"),
        ("mathtt", "\\mathtt"),
        ("boldsymbol", "\\boldsymbol"),
        ("text", "\\text"),
    ] {
        if has(word) {
            if word == "text" {
                let text = tree.text_below(node).replace('\u{A0}', " ");
                let _ = write!(out, "\\text{{{text}}}");
                return;
            }
            return group(command, node);
        }
    }
    if has("mop") {
        let text = tree.text_below(node);
        let name = text.trim();
        if is_function_name(name) {
            return push_latex(out, &format!("\\{name}"));
        }
    }
    katex_children(tree, node, depth, out);
}

/// Fractions, roots, scripts, limits, tables and accents, which KaTeX stacks; returns whether it was
/// one of them.
fn katex_stack(tree: &Tree<'_>, node: NodeId, depth: usize, out: &mut String) -> bool {
    let has = |word: &str| tree.has_class(node, word);
    if has("mfrac") {
        let parts = vlist(tree, node, depth);
        if let [low, .., high] = parts.as_slice() {
            let _ = write!(out, "\\frac{{{high}}}{{{low}}}");
        }
        return true;
    }
    if has("sqrt") {
        let index = tree
            .element_children(node)
            .find(|child| tree.has_class(*child, "root"));
        out.push_str("\\sqrt");
        if let Some(index) = index {
            let mut inner = String::new();
            katex_children(tree, index, depth, &mut inner);
            let _ = write!(out, "[{inner}]");
        }
        let body = tree
            .element_children(node)
            .find(|child| !tree.has_class(*child, "root"));
        let parts = body
            .map(|body| vlist(tree, body, depth))
            .unwrap_or_default();
        let _ = write!(out, "{{{}}}", parts.first().map_or("", String::as_str));
        return true;
    }
    if has("msupsub") {
        let parts = vlist(tree, node, depth);
        let has_low = tree
            .find_below(node, |tree, at| tree.has_class(at, "vlist-t2"))
            .is_some();
        match (parts.as_slice(), has_low) {
            ([low, high, ..], _) => {
                let _ = write!(out, "_{{{low}}}^{{{high}}}");
            }
            ([low], true) => {
                let _ = write!(out, "_{{{low}}}");
            }
            ([high], false) => {
                let is_prime = !high.is_empty() && high.bytes().all(|byte| byte == b'\'');
                let _ = if is_prime {
                    write!(out, "{high}")
                } else {
                    write!(out, "^{{{high}}}")
                };
            }
            _ => {}
        }
        return true;
    }
    if has("op-limits") {
        let parts = vlist(tree, node, depth);
        match parts.as_slice() {
            [low, base, high, ..] => {
                let _ = write!(out, "{base}_{{{low}}}^{{{high}}}");
            }
            [low, base] => {
                let _ = write!(out, "{base}_{{{low}}}");
            }
            [base] => out.push_str(base),
            [] => {}
        }
        return true;
    }
    if has("mtable") {
        katex_table(tree, node, depth, out);
        return true;
    }
    if has("overline") {
        let parts = vlist(tree, node, depth);
        let _ = write!(
            out,
            "\\overline{{{}}}",
            parts.first().map_or("", String::as_str)
        );
        return true;
    }
    if has("accent") {
        katex_accent(tree, node, depth, out);
        return true;
    }
    false
}

/// The parts of a KaTeX stack, bottom first, empty ones left out.
fn vlist(tree: &Tree<'_>, node: NodeId, depth: usize) -> Vec<String> {
    let Some(list) = tree.find_below(node, |tree, at| tree.has_class(at, "vlist")) else {
        return Vec::new();
    };
    let parts = tree.element_children(list).map(|part| {
        let mut inner = String::new();
        katex_children(tree, part, depth + 1, &mut inner);
        inner
    });
    parts.filter(|part| !part.is_empty()).collect()
}

fn katex_accent(tree: &Tree<'_>, node: NodeId, depth: usize, out: &mut String) {
    let parts = vlist(tree, node, depth);
    let base = parts.first().map_or("", String::as_str);
    let mark = tree
        .find_below(node, |tree, at| tree.has_class(at, "accent-body"))
        .map(|at| tree.text_below(at))
        .unwrap_or_default();
    let command = match mark.trim() {
        "~" | "˜" => "\\tilde",
        "ˉ" | "¯" => "\\bar",
        "˙" => "\\dot",
        "¨" => "\\ddot",
        "ˇ" => "\\check",
        "" => "\\vec",
        _ => "\\hat",
    };
    let _ = write!(out, "{command}{{{base}}}");
}

fn katex_table(tree: &Tree<'_>, node: NodeId, depth: usize, out: &mut String) {
    let columns: Vec<Vec<String>> = tree
        .element_children(node)
        .filter(|child| tree.class(*child).contains("col-align"))
        .map(|column| vlist(tree, column, depth))
        .collect();
    let n_rows = columns.iter().map(Vec::len).max().unwrap_or(0);
    out.push_str("\\begin{matrix}");
    for row in 0..n_rows {
        out.push_str(if row > 0 { " \\\\ " } else { " " });
        for (index, column) in columns.iter().enumerate() {
            out.push_str(if index > 0 { " & " } else { "" });
            out.push_str(column.get(row).map_or("", String::as_str));
        }
    }
    out.push_str(" \\end{matrix}");
}
