//! Fences, matrices and aligned rows.

use super::{argument, children, core, element, has_no_line, is_tall, latex_of, row, token_text};
use crate::symbols::push_latex;
use crate::tag::Tag;
use crate::tree::{NodeId, Tree};

/// Whether a fence may grow with its content.
pub(super) fn is_stretchy(tree: &Tree<'_>, node: NodeId) -> bool {
    tree.tag(node) == Tag::MO
        && tree
            .attribute(node, "stretchy")
            .is_none_or(|value| value != "false")
}

pub(super) fn is_open_fence(text: &str) -> bool {
    matches!(
        text,
        "(" | "[" | "{" | "|" | "‖" | "∥" | "⟨" | "〈" | "⌈" | "⌊" | "❘" | "∣" | ""
    )
}

pub(super) fn is_close_fence(text: &str) -> bool {
    matches!(
        text,
        ")" | "]" | "}" | "|" | "‖" | "∥" | "⟩" | "〉" | "⌉" | "⌋" | "❘" | "∣" | ""
    )
}

/// A fence as `\left` and `\right` want it.
fn delimiter(text: &str) -> &str {
    match text {
        "" => ".",
        "{" => "\\{",
        "}" => "\\}",
        "‖" | "∥" => "\\|",
        "∣" | "❘" => "|",
        "⟨" | "〈" | "<" => "\\langle",
        "⟩" | "〉" | ">" => "\\rangle",
        "⌈" => "\\lceil",
        "⌉" => "\\rceil",
        "⌊" => "\\lfloor",
        "⌋" => "\\rfloor",
        other => other,
    }
}

/// A fence, a table or a fraction without line, and perhaps a fence; returns how many siblings it
/// took.
pub(super) fn fenced(tree: &Tree<'_>, nodes: &[NodeId], out: &mut String) -> Option<usize> {
    let open = *nodes.first()?;
    let inner = *nodes.get(1)?;
    if tree.tag(open) != Tag::MO {
        return None;
    }
    let open_text = token_text(tree, open);
    if !is_open_fence(&open_text) {
        return None;
    }
    let close = nodes.get(2).filter(|node| tree.tag(**node) == Tag::MO);
    let close_text = close.map(|node| token_text(tree, *node));
    let inner = core(tree, inner);
    if tree.tag(inner) == Tag::MFRAC && has_no_line(tree, inner) {
        if (open_text.as_str(), close_text.as_deref()) == ("(", Some(")")) {
            let parts = children(tree, inner);
            out.push_str("\\binom");
            argument(tree, parts.first(), out);
            argument(tree, parts.get(1), out);
            return Some(3);
        }
        return None;
    }
    if tree.tag(inner) != Tag::MTABLE {
        return None;
    }
    let name = match (open_text.as_str(), close_text.as_deref()) {
        ("(", Some(")")) => "pmatrix",
        ("[", Some("]")) => "bmatrix",
        ("{", Some("}")) => "Bmatrix",
        ("|" | "∣" | "❘", Some("|" | "∣" | "❘")) => "vmatrix",
        ("‖" | "∥", Some("‖" | "∥")) => "Vmatrix",
        ("{", None | Some("")) => "cases",
        _ => return None,
    };
    environment(tree, inner, name, out);
    Some(if name == "cases" && close_text.as_deref() != Some("") {
        2
    } else {
        3
    })
}

/// A group whose first and last child are fences: `\left ... \right` unless it is a matrix.
pub(super) fn stretched(tree: &Tree<'_>, nodes: &[NodeId], out: &mut String) {
    if let Some(used) = fenced(tree, nodes, out) {
        return row(tree, nodes.get(used..).unwrap_or_default(), out);
    }
    let [open, inner @ .., close] = nodes else {
        return row(tree, nodes, out);
    };
    let (open_text, close_text) = (token_text(tree, *open), token_text(tree, *close));
    out.push_str("\\left");
    push_latex(out, delimiter(&open_text));
    row(tree, inner, out);
    out.push_str("\\right");
    push_latex(out, delimiter(&close_text));
}

pub(super) fn mfenced(tree: &Tree<'_>, node: NodeId, out: &mut String) {
    let read = |name: &str, default: &str| {
        tree.attribute(node, name)
            .map_or_else(|| default.to_owned(), |value| value.trim().to_owned())
    };
    let (open, close) = (read("open", "("), read("close", ")"));
    let separators: Vec<char> = read("separators", ",")
        .chars()
        .filter(|c| *c != ' ')
        .collect();
    let inner = children(tree, node);
    if let [only] = inner[..]
        && tree.tag(core(tree, only)) == Tag::MTABLE
    {
        let name = match (open.as_str(), close.as_str()) {
            ("(", ")") => "pmatrix",
            ("[", "]") => "bmatrix",
            ("{", "}") => "Bmatrix",
            ("|", "|") => "vmatrix",
            ("‖" | "||", "‖" | "||") => "Vmatrix",
            ("{", "") => "cases",
            _ => "",
        };
        if !name.is_empty() {
            return environment(tree, core(tree, only), name, out);
        }
    }
    if let [only] = inner[..]
        && (open.as_str(), close.as_str()) == ("(", ")")
        && tree.tag(core(tree, only)) == Tag::MFRAC
        && has_no_line(tree, core(tree, only))
    {
        let parts = children(tree, core(tree, only));
        out.push_str("\\binom");
        argument(tree, parts.first(), out);
        return argument(tree, parts.get(1), out);
    }
    let is_stretched = is_tall(tree, &inner) || open.is_empty() != close.is_empty();
    if is_stretched {
        out.push_str("\\left");
        push_latex(out, delimiter(&open));
    } else {
        push_latex(
            out,
            if open.is_empty() {
                ""
            } else {
                delimiter(&open)
            },
        );
    }
    for (index, part) in inner.iter().enumerate() {
        if index > 0
            && let Some(separator) = separators.get(index - 1).or(separators.last())
        {
            out.push(*separator);
        }
        element(tree, *part, out);
    }
    if is_stretched {
        out.push_str("\\right");
        push_latex(out, delimiter(&close));
    } else {
        push_latex(
            out,
            if close.is_empty() {
                ""
            } else {
                delimiter(&close)
            },
        );
    }
}

/// A table without fences: aligned rows or a plain matrix.
pub(super) fn table(tree: &Tree<'_>, node: NodeId, out: &mut String) {
    let align = tree.attribute(node, "columnalign").unwrap_or_default();
    let mut words = align.split_ascii_whitespace();
    let is_right = words.next() == Some("right");
    let is_display = tree
        .attribute(node, "displaystyle")
        .is_some_and(|value| value == "true");
    let n_columns = rows(tree, node).iter().map(Vec::len).max().unwrap_or(0);
    let name = match (is_right, is_display, n_columns) {
        (true, _, _) | (_, true, 2..) => "aligned",
        (_, true, _) => "gathered",
        _ => "matrix",
    };
    environment(tree, node, name, out);
}

/// The cells of each row, labels left out.
fn rows(tree: &Tree<'_>, table: NodeId) -> Vec<Vec<NodeId>> {
    let rows = children(tree, table)
        .into_iter()
        .filter(|row| tree.tag(*row) != Tag::TEXT);
    rows.map(|row| match tree.tag(row) {
        Tag::MLABELEDTR => children(tree, row).into_iter().skip(1).collect(),
        Tag::MTR => children(tree, row),
        _ => vec![row],
    })
    .collect()
}

fn environment(tree: &Tree<'_>, table: NodeId, name: &str, out: &mut String) {
    out.push_str("\\begin{");
    out.push_str(name);
    out.push('}');
    for (index, cells) in rows(tree, table).iter().enumerate() {
        out.push_str(if index > 0 { "\\\\ " } else { " " });
        for (index, cell) in cells.iter().enumerate() {
            if index > 0 {
                out.push_str(" & ");
            }
            out.push_str(latex_of(tree, *cell).trim());
        }
        out.push(' ');
    }
    out.push_str("\\end{");
    out.push_str(name);
    out.push('}');
}
