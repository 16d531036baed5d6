//! MathML to LaTeX.
//!
//! Presentation MathML only; annotations and `alttext` are the caller's business, since they are
//! better sources. Written as the inverse of what TeX-to-MathML converters produce: large operators
//! take limits, fences around tables become matrices, names become operators, styled letters become
//! font commands. Unknown elements stand for their content. Depth is bounded by the tree's.

mod scripts;
mod table;
mod tokens;

use crate::symbols::{ends_with_word, push_latex};
use crate::tag::Tag;
use crate::tree::{NodeId, Tree};

/// The LaTeX of a `math` element or of any part of one.
pub(crate) fn to_latex(tree: &Tree<'_>, math: NodeId) -> String {
    let mut out = String::new();
    if tree.tag(math) == Tag::MATH {
        row(tree, &children(tree, math), &mut out);
    } else {
        element(tree, math, &mut out);
    }
    let trimmed = out.trim_end();
    if trimmed.ends_with('\\') && !trimmed.ends_with("\\\\") {
        out.truncate(trimmed.len() - 1); // a space command at the end
    }
    join_modulo(out.trim())
}

/// `(\bmod n)` as `\pmod{n}`.
fn join_modulo(latex: &str) -> String {
    let mut out = String::with_capacity(latex.len());
    let mut rest = latex;
    while let Some(at) = rest.find("(\\bmod ") {
        let inner = &rest[at + 7..];
        let mut depth = 0_usize;
        let close = inner.bytes().position(|byte| {
            let is_close = byte == b')' && depth == 0;
            depth += usize::from(byte == b'(');
            depth -= usize::from(byte == b')' && depth > 0);
            is_close
        });
        let Some(close) = close else { break };
        out.push_str(&rest[..at]);
        out.push_str("\\pmod{");
        out.push_str(inner[..close].trim());
        out.push('}');
        rest = &inner[close + 1..];
    }
    out.push_str(rest);
    out
}

/// The LaTeX of MathML source text, e.g. of a `data-mathml` attribute.
pub(crate) fn source_to_latex(source: &str) -> Option<(String, bool)> {
    let limits = crate::parse::ParseLimits {
        max_depth: 256,
        max_nodes: 200_000,
    };
    let tree = crate::parse::parse(source, true, limits);
    let math = tree.find_below(0, |tree, node| tree.tag(node) == Tag::MATH)?;
    let is_display = tree
        .attribute(math, "display")
        .is_some_and(|value| value == "block");
    Some((to_latex(&tree, math), is_display))
}

/// The children that take part: elements, and text that stands where it should not.
fn children(tree: &Tree<'_>, node: NodeId) -> Vec<NodeId> {
    tree.children(node)
        .filter(|child| {
            let tag = tree.tag(*child);
            if tag == Tag::TEXT {
                return !tree.raw_text(*child).trim().is_empty();
            }
            !matches!(
                tag,
                Tag::ANNOTATION
                    | Tag::ANNOTATION_XML
                    | Tag::MALIGNGROUP
                    | Tag::MALIGNMARK
                    | Tag::SCRIPT
                    | Tag::STYLE
            )
        })
        .collect()
}

/// Whether an element only groups its children.
fn is_group(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::MROW | Tag::MSTYLE | Tag::MPADDED | Tag::SEMANTICS | Tag::MATH | Tag::MERROR
    )
}

/// Looks through groups with one child.
fn core(tree: &Tree<'_>, node: NodeId) -> NodeId {
    let mut node = node;
    while is_group(tree.tag(node)) {
        let inner = children(tree, node);
        let [only] = inner[..] else { return node };
        node = only;
    }
    node
}

/// The text of a token element, white space trimmed and invisible characters left out.
fn token_text(tree: &Tree<'_>, node: NodeId) -> String {
    let text = tree.text_below(node);
    let visible = |letter: &char| !matches!(letter, '\u{2061}'..='\u{2064}' | '\u{200B}'..='\u{200D}' | '\u{FEFF}' | '\u{FE00}');
    text.trim_matches([' ', '\n', '\t', '\r'])
        .chars()
        .filter(visible)
        .collect()
}

/// A sequence of siblings, fences and tables joined.
fn row(tree: &Tree<'_>, nodes: &[NodeId], out: &mut String) {
    let mut at = 0;
    while at < nodes.len() {
        if let Some(used) = table::fenced(tree, &nodes[at..], out) {
            at += used;
        } else if let Some(used) = modulo(tree, &nodes[at..], out) {
            at += used;
        } else {
            element(tree, nodes[at], out);
            at += 1;
        }
    }
}

/// `(mod n)` as its own command; returns how many siblings it took.
fn modulo(tree: &Tree<'_>, nodes: &[NodeId], out: &mut String) -> Option<usize> {
    let at = usize::from(tree.tag(*nodes.first()?) == Tag::MSPACE);
    let text = |index: usize| nodes.get(index).map(|node| token_text(tree, *node));
    (tree.tag(*nodes.get(at + 1)?) == Tag::MI).then_some(())?;
    (text(at)? == "(" && text(at + 1)? == "mod").then_some(())?;
    let close = (at + 2..nodes.len())
        .find(|index| tree.tag(nodes[*index]) == Tag::MO && text(*index).as_deref() == Some(")"))?;
    let from = at + 2 + usize::from(tree.tag(nodes[at + 2]) == Tag::MSPACE);
    out.push_str("\\pmod{");
    row(tree, nodes.get(from..close)?, out);
    out.push('}');
    Some(close + 1)
}

/// Appends one element.
fn element(tree: &Tree<'_>, node: NodeId, out: &mut String) {
    let tag = tree.tag(node);
    match tag {
        Tag::TEXT => tree
            .text(node)
            .trim()
            .chars()
            .for_each(|c| crate::symbols::push_char(out, c)),
        Tag::MI => tokens::identifier(tree, node, out),
        Tag::MN => tokens::number(tree, node, out),
        Tag::MO => tokens::operator(tree, node, out),
        Tag::MTEXT | Tag::MS => tokens::text(tree, node, out),
        Tag::MSPACE => tokens::space(tree, node, out),
        Tag::MSTYLE => style(tree, node, out),
        Tag::MFRAC => fraction(tree, node, out),
        Tag::MSQRT => {
            out.push_str("\\sqrt");
            group(tree, &children(tree, node), out);
        }
        Tag::MROOT => {
            let parts = children(tree, node);
            out.push_str("\\sqrt");
            if let Some(index) = parts.get(1) {
                out.push('[');
                element(tree, *index, out);
                out.push(']');
            }
            group(tree, parts.get(..1).unwrap_or_default(), out);
        }
        Tag::MSUB | Tag::MSUP | Tag::MSUBSUP => scripts::scripts(tree, node, out),
        Tag::MUNDER | Tag::MOVER | Tag::MUNDEROVER => scripts::limits(tree, node, out),
        Tag::MMULTISCRIPTS => scripts::multi(tree, node, out),
        Tag::MTABLE => table::table(tree, node, out),
        Tag::MFENCED => table::mfenced(tree, node, out),
        Tag::MENCLOSE => enclose(tree, node, out),
        Tag::MPHANTOM => {
            out.push_str("\\phantom");
            group(tree, &children(tree, node), out);
        }
        Tag::MACTION => {
            if let Some(first) = children(tree, node).first() {
                element(tree, *first, out);
            }
        }
        Tag::MPRESCRIPTS | Tag::NONE | Tag::MGLYPH => {}
        _ => {
            let inner = children(tree, node);
            if is_inner_fence(tree, node, &inner) {
                table::stretched(tree, &inner, out);
            } else {
                row(tree, &inner, out);
            }
        }
    }
}

/// Whether a group is what `\left ... \right` makes.
fn is_inner_fence(tree: &Tree<'_>, node: NodeId, inner: &[NodeId]) -> bool {
    let (Some(first), Some(last)) = (inner.first(), inner.last()) else {
        return false;
    };
    inner.len() >= 2
        && tree.tag(*first) == Tag::MO
        && tree.tag(*last) == Tag::MO
        && (tree
            .attribute(node, "data-mjx-texclass")
            .is_some_and(|value| value == "INNER")
            || tree.has_class(node, "MJX-TeXAtom-INNER")
            || (table::is_stretchy(tree, *first)
                && table::is_stretchy(tree, *last)
                && table::is_open_fence(&token_text(tree, *first))
                && table::is_close_fence(&token_text(tree, *last))
                && is_tall(tree, inner)))
}

/// Whether something inside is higher than a line, so that its fences were meant to stretch.
fn is_tall(tree: &Tree<'_>, nodes: &[NodeId]) -> bool {
    nodes.iter().any(|node| {
        (*node..tree.end(*node)).any(|below| {
            matches!(
                tree.tag(below),
                Tag::MFRAC | Tag::MTABLE | Tag::MUNDEROVER | Tag::MUNDER
            )
        })
    })
}

/// Appends `{...}`.
fn group(tree: &Tree<'_>, nodes: &[NodeId], out: &mut String) {
    out.push('{');
    row(tree, nodes, out);
    out.push('}');
}

/// Appends an argument in braces.
fn argument(tree: &Tree<'_>, node: Option<&NodeId>, out: &mut String) {
    out.push('{');
    if let Some(node) = node {
        element(tree, *node, out);
    }
    out.push('}');
}

fn style(tree: &Tree<'_>, node: NodeId, out: &mut String) {
    let inner = children(tree, node);
    if let [only] = inner[..]
        && tree.tag(only) == Tag::MFRAC
        && tree
            .children(tree.parent(node))
            .filter(|child| tree.tag(*child) != Tag::TEXT)
            .count()
            > 1
    {
        match tree.attribute(node, "displaystyle").as_deref() {
            Some("true") => return fraction_named(tree, only, "\\dfrac", out),
            Some("false") if tree.attribute(node, "scriptlevel").as_deref() == Some("0") => {
                return fraction_named(tree, only, "\\tfrac", out);
            }
            _ => {}
        }
    }
    row(tree, &inner, out);
}

/// Whether a fraction is drawn without its line.
fn has_no_line(tree: &Tree<'_>, node: NodeId) -> bool {
    tree.attribute(node, "linethickness").is_some_and(|value| {
        value
            .trim_end_matches(|unit: char| unit.is_ascii_alphabetic() || unit == '%')
            .parse()
            == Ok(0.0_f32)
    })
}

fn fraction(tree: &Tree<'_>, node: NodeId, out: &mut String) {
    if has_no_line(tree, node) {
        let parts = children(tree, node);
        out.push('{');
        out.push_str(
            &parts
                .first()
                .map(|part| latex_of(tree, *part))
                .unwrap_or_default(),
        );
        out.push_str(" \\atop ");
        out.push_str(
            &parts
                .get(1)
                .map(|part| latex_of(tree, *part))
                .unwrap_or_default(),
        );
        out.push('}');
        return;
    }
    if tree
        .attribute(node, "bevelled")
        .is_some_and(|value| value == "true")
    {
        for (index, part) in children(tree, node).iter().take(2).enumerate() {
            if index > 0 {
                out.push('/');
            }
            push_base(out, &latex_of(tree, *part));
        }
        return;
    }
    fraction_named(tree, node, "\\frac", out);
}

fn fraction_named(tree: &Tree<'_>, node: NodeId, command: &str, out: &mut String) {
    let parts = children(tree, node);
    out.push_str(command);
    argument(tree, parts.first(), out);
    argument(tree, parts.get(1), out);
}

fn enclose(tree: &Tree<'_>, node: NodeId, out: &mut String) {
    let notation = tree.attribute(node, "notation").unwrap_or_default();
    let command = notation.split_ascii_whitespace().find_map(|word| {
        Some(match word {
            "box" | "roundedbox" | "circle" => "\\boxed",
            "downdiagonalstrike" => "\\bcancel",
            "updiagonalstrike" | "horizontalstrike" | "verticalstrike" => "\\cancel",
            "radical" => "\\sqrt",
            "top" | "actuarial" => "\\overline",
            "bottom" => "\\underline",
            _ => return None,
        })
    });
    match command {
        Some(command) => {
            out.push_str(command);
            group(tree, &children(tree, node), out);
        }
        None => row(tree, &children(tree, node), out),
    }
}

/// Appends `inner` where a single token is wanted: in braces unless it is one.
fn push_base(out: &mut String, inner: &str) {
    if is_single_token(inner) {
        push_latex(out, inner);
    } else {
        out.push('{');
        out.push_str(inner);
        out.push('}');
    }
}

/// Whether LaTeX takes `latex` as one unit: a character, a control word, or one with its argument.
fn is_single_token(latex: &str) -> bool {
    let mut letters = latex.chars();
    match letters.next() {
        None => true,
        Some('\\') => {
            let word = letters.as_str();
            let n = word.bytes().take_while(u8::is_ascii_alphabetic).count();
            let rest = &word[n..];
            (n > 0 && rest.is_empty()) || (n == 0 && word.chars().count() == 1) || is_braced(rest)
        }
        Some('{') => is_braced(latex),
        Some(first) if first.is_ascii_digit() => letters.all(|digit| digit.is_ascii_digit()),
        Some(_) => letters.all(|next| next == '\''),
    }
}

/// Whether `latex` is exactly one or more groups `{...}`.
fn is_braced(latex: &str) -> bool {
    let mut depth = 0_usize;
    let mut bytes = latex.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ if depth == 0 => return false,
            _ => {}
        }
    }
    depth == 0 && !latex.is_empty()
}

/// Appends `_` or `^` and its argument: one character bare, the rest in braces.
fn push_script(out: &mut String, mark: char, inner: &str) {
    if inner.is_empty() {
        return;
    }
    out.push(mark);
    let inner = match inner
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
    {
        Some(group) if is_braced(inner) && !group.contains(['{', '}']) => group,
        _ => inner,
    };
    let mut letters = inner.chars();
    if let (Some(only), None) = (letters.next(), letters.next())
        && only != '\''
    {
        out.push(only);
        return;
    }
    out.push('{');
    out.push_str(inner);
    out.push('}');
}

/// The LaTeX of one element as a string of its own.
fn latex_of(tree: &Tree<'_>, node: NodeId) -> String {
    let mut out = String::new();
    element(tree, node, &mut out);
    if ends_with_word(&out) || !out.ends_with(' ') {
        return out;
    }
    out.trim_end().to_owned()
}
