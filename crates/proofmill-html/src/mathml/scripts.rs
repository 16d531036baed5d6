//! Subscripts, superscripts, limits and accents.

use super::{children, core, latex_of, push_base, push_script, token_text};
use crate::symbols::push_latex;
use crate::tag::Tag;
use crate::tree::{NodeId, Tree};

pub(super) fn scripts(tree: &Tree<'_>, node: NodeId, out: &mut String) {
    let parts = children(tree, node);
    let latex = |index: usize| {
        parts
            .get(index)
            .map(|part| latex_of(tree, *part))
            .unwrap_or_default()
    };
    push_scripted_base(tree, parts.first(), out);
    let (low, high) = match tree.tag(node) {
        Tag::MSUB => (latex(1), String::new()),
        Tag::MSUP => (String::new(), latex(1)),
        _ => (latex(1), latex(2)),
    };
    push_scripts(out, &low, &high);
}

/// The base of a script: large operators, fences and single tokens bare, the rest in braces.
fn push_scripted_base(tree: &Tree<'_>, base: Option<&NodeId>, out: &mut String) {
    let Some(base) = base else {
        return out.push_str("{}");
    };
    let latex = latex_of(tree, *base);
    if latex.is_empty() {
        return out.push_str("{}");
    }
    let inner = core(tree, *base);
    let is_bare = is_fenced(&latex)
        || matches!(tree.tag(inner), Tag::MO | Tag::MI | Tag::MN) && !latex.contains('^');
    if is_bare {
        push_latex(out, &latex);
    } else {
        push_base(out, &latex);
    }
}

/// Whether the outermost fences enclose the whole, so that a script attaches to the closing one.
fn is_fenced(latex: &str) -> bool {
    let bytes = latex.as_bytes();
    match (bytes.first(), bytes.last()) {
        (Some(open @ (b'(' | b'[')), Some(b')' | b']')) => {
            let close = if *open == b'(' { b')' } else { b']' };
            let mut depth = 0_usize;
            for (at, byte) in bytes.iter().enumerate() {
                depth += usize::from(byte == open);
                if *byte == close {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return at + 1 == bytes.len();
                    }
                }
            }
            false
        }
        _ => {
            latex.starts_with("\\left")
                && latex.matches("\\left").count() == 1
                && [
                    "\\right)",
                    "\\right]",
                    "\\right|",
                    "\\right\\}",
                    "\\right\\rangle",
                ]
                .iter()
                .any(|close| latex.ends_with(close))
        }
    }
}

fn push_scripts(out: &mut String, low: &str, high: &str) {
    let is_prime = !high.is_empty() && high.bytes().all(|byte| byte == b'\'');
    if is_prime {
        out.push_str(high);
        return push_script(out, '_', low);
    }
    push_script(out, '_', low);
    if let Some(rest) = high.strip_prefix('\'') {
        // `x^{'2}`: primes first
        let n_primes = high.len() - rest.trim_start_matches('\'').len();
        out.push_str(&high[..n_primes]);
        return push_script(out, '^', &high[n_primes..]);
    }
    let high = if high == "{}^{\\circ}" {
        "\\circ"
    } else {
        high
    };
    push_script(out, '^', high);
}

/// Operators whose limits stand below and above.
fn takes_limits(tree: &Tree<'_>, base: NodeId) -> bool {
    let base = core(tree, base);
    let tag = tree.tag(base);
    if matches!(tag, Tag::MUNDER | Tag::MOVER) {
        let script = children(tree, base)
            .get(1)
            .map(|script| token_text(tree, core(tree, *script)));
        return matches!(script.as_deref(), Some("⏟" | "⏞" | "︸" | "︷" | "⎵" | "⎴"));
    }
    if !matches!(tag, Tag::MO | Tag::MI | Tag::MTEXT) {
        return false;
    }
    let text = token_text(tree, base);
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(only), None) => matches!(
            only,
            '∑' | '∏' | '∐' | '∫'..='∳' | '⋀'..='⋃' | '⨀'..='⨆' | '⨌'..='⨜'
        ),
        _ => {
            tree.attribute(base, "movablelimits")
                .is_some_and(|value| value == "true")
                || matches!(
                    text.as_str(),
                    "lim"
                        | "max"
                        | "min"
                        | "sup"
                        | "inf"
                        | "limsup"
                        | "liminf"
                        | "det"
                        | "gcd"
                        | "Pr"
                        | "argmax"
                        | "argmin"
                        | "colim"
                        | "lcm"
                        | "lim sup"
                        | "lim inf"
                        | "lim\u{2006}sup"
                        | "lim\u{2006}inf"
                        | "arg max"
                        | "arg min"
                        | "ess sup"
                )
                || tag == Tag::MI && text.chars().count() > 1
        }
    }
}

pub(super) fn limits(tree: &Tree<'_>, node: NodeId, out: &mut String) {
    let parts = children(tree, node);
    let Some(base) = parts.first() else { return };
    let latex = |index: usize| {
        parts
            .get(index)
            .map(|part| latex_of(tree, *part))
            .unwrap_or_default()
    };
    let tag = tree.tag(node);
    if takes_limits(tree, *base) {
        let inner = latex(0);
        if inner.starts_with("\\text{") {
            out.push_str("\\operatorname*{");
            out.push_str(inner.trim_start_matches("\\text{"));
        } else {
            push_latex(out, &inner);
        }
        let (low, high) = match tag {
            Tag::MUNDER => (latex(1), String::new()),
            Tag::MOVER => (String::new(), latex(1)),
            _ => (latex(1), latex(2)),
        };
        let arrow_limit = match low.as_str() {
            "\\longleftarrow" | "\\leftarrow" => "\\varprojlim",
            "\\longrightarrow" | "\\to" => "\\varinjlim",
            _ => "",
        };
        if inner == "\\lim" && !arrow_limit.is_empty() {
            out.truncate(out.len() - inner.len());
            return push_latex(out, arrow_limit);
        }
        push_script(out, '_', &low);
        return push_script(out, '^', &high);
    }
    if tag == Tag::MUNDEROVER {
        return under_over(tree, &parts, out);
    }
    let Some(script) = parts.get(1) else {
        return push_latex(out, &latex(0));
    };
    let mark = token_text(tree, core(tree, *script));
    let is_mark = matches!(
        tree.tag(core(tree, *script)),
        Tag::MO | Tag::MI | Tag::MN | Tag::MTEXT
    );
    let stretchy = tree.attribute(core(tree, *script), "stretchy");
    let is_wide = match stretchy.as_deref() {
        Some("true") => true,
        Some("false") => false,
        _ => token_text(tree, *base).chars().count() > 1,
    };
    let accent = if !is_mark {
        None
    } else if tag == Tag::MOVER {
        over_accent(&mark, is_wide)
    } else {
        under_accent(&mark)
    };
    if let Some(accent) = accent {
        push_latex(out, accent);
        out.push('{');
        out.push_str(&latex(0));
        return out.push('}');
    }
    if let Some(arrow) = labelled_arrow(tree, *base, *script) {
        out.push_str(arrow);
        if tag == Tag::MUNDER {
            out.push('[');
            out.push_str(&latex(1));
            return out.push_str("]{}");
        }
        out.push('{');
        out.push_str(latex(1).trim());
        return out.push('}');
    }
    out.push_str(if tag == Tag::MOVER {
        "\\overset{"
    } else {
        "\\underset{"
    });
    out.push_str(&latex(1));
    out.push_str("}{");
    out.push_str(&latex(0));
    out.push('}');
}

fn under_over(tree: &Tree<'_>, parts: &[NodeId], out: &mut String) {
    let latex = |index: usize| {
        parts
            .get(index)
            .map(|part| latex_of(tree, *part))
            .unwrap_or_default()
    };
    if let (Some(base), Some(over)) = (parts.first(), parts.get(2))
        && let Some(arrow) = labelled_arrow(tree, *base, *over)
    {
        out.push_str(arrow);
        out.push('[');
        out.push_str(latex(1).trim());
        out.push_str("]{");
        out.push_str(latex(2).trim());
        return out.push('}');
    }
    out.push_str("\\underset{");
    out.push_str(&latex(1));
    out.push_str("}{\\overset{");
    out.push_str(&latex(2));
    out.push_str("}{");
    out.push_str(&latex(0));
    out.push_str("}}");
}

/// Arrows that grow with their label, as converters write `\xrightarrow`: the label is padded.
fn labelled_arrow(tree: &Tree<'_>, base: NodeId, label: NodeId) -> Option<&'static str> {
    let is_padded = (label..tree.end(label)).any(|node| tree.tag(node) == Tag::MPADDED);
    let arrow = token_text(tree, core(tree, base));
    match (is_padded, arrow.as_str()) {
        (true, "→" | "⟶") => Some("\\xrightarrow"),
        (true, "←" | "⟵") => Some("\\xleftarrow"),
        (true, "⇒") => Some("\\xRightarrow"),
        (true, "↦") => Some("\\xmapsto"),
        (true, "↪") => Some("\\xhookrightarrow"),
        _ => None,
    }
}

fn over_accent(mark: &str, is_wide: bool) -> Option<&'static str> {
    Some(match mark {
        "^" | "ˆ" | "\u{302}" if is_wide => "\\widehat",
        "^" | "ˆ" | "\u{302}" => "\\hat",
        "~" | "˜" | "∼" | "\u{303}" if is_wide => "\\widetilde",
        "~" | "˜" | "∼" | "\u{303}" => "\\tilde",
        "¯" | "‾" | "―" | "─" | "_" | "\u{304}" | "\u{305}" | "−" | "-" if is_wide => {
            "\\overline"
        }
        "¯" | "\u{304}" | "‾" | "\u{305}" | "-" | "_" => "\\bar",
        "―" | "─" | "−" => "\\overline",
        "→" | "\u{20D7}" | "⃗" if is_wide => "\\overrightarrow",
        "→" | "\u{20D7}" => "\\vec",
        "←" => "\\overleftarrow",
        "↔" => "\\overleftrightarrow",
        "˙" | "." | "\u{307}" => "\\dot",
        "¨" | ".." | "\u{308}" => "\\ddot",
        "\u{20DB}" | "..." => "\\dddot",
        "ˇ" | "\u{30C}" => "\\check",
        "˘" | "\u{306}" => "\\breve",
        "´" | "\u{301}" => "\\acute",
        "`" | "\u{300}" => "\\grave",
        "˚" | "\u{30A}" => "\\mathring",
        "⏞" | "︷" => "\\overbrace",
        "⏠" | "⌒" | "⏜" => "\\overparen",
        _ => return None,
    })
}

fn under_accent(mark: &str) -> Option<&'static str> {
    Some(match mark {
        "_" | "‾" | "¯" | "―" | "─" | "\u{332}" | "−" => "\\underline",
        "⏟" | "︸" => "\\underbrace",
        "→" => "\\underrightarrow",
        "←" => "\\underleftarrow",
        "~" | "˜" => "\\utilde",
        _ => return None,
    })
}

/// Scripts before and after a base.
pub(super) fn multi(tree: &Tree<'_>, node: NodeId, out: &mut String) {
    let parts = children(tree, node);
    let split = parts
        .iter()
        .position(|part| tree.tag(*part) == Tag::MPRESCRIPTS);
    let (after, before) = parts.split_at(split.unwrap_or(parts.len()));
    if let Some(before) = before.get(1..).filter(|before| !before.is_empty()) {
        out.push_str("{}");
        pairs(tree, before, out);
    }
    push_scripted_base(tree, after.first(), out);
    pairs(tree, after.get(1..).unwrap_or_default(), out);
}

fn pairs(tree: &Tree<'_>, nodes: &[NodeId], out: &mut String) {
    for (index, pair) in nodes.chunks(2).enumerate() {
        if index > 0 {
            out.push_str("{}");
        }
        let low = pair
            .first()
            .map(|node| latex_of(tree, *node))
            .unwrap_or_default();
        let high = pair
            .get(1)
            .map(|node| latex_of(tree, *node))
            .unwrap_or_default();
        push_scripts(out, &low, &high);
    }
}
