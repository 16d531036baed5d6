//! Identifiers, numbers, operators, text and space.

use super::token_text;
use crate::symbols::{is_function_name, push_char, push_latex};
use crate::tree::{NodeId, Tree};

/// The font command of a `mathvariant`.
fn font_of(variant: &str) -> Option<&'static str> {
    Some(match variant {
        "bold" => "\\mathbf",
        "bold-italic" => "\\boldsymbol",
        "double-struck" => "\\mathbb",
        "script" | "bold-script" | "-tex-calligraphic" | "-tex-bold-calligraphic" => "\\mathcal",
        "fraktur" | "bold-fraktur" => "\\mathfrak",
        "sans-serif" | "bold-sans-serif" | "sans-serif-italic" => "\\mathsf",
        "monospace" => "\\mathtt",
        "-tex-mathit" => "\\mathit",
        _ => return None,
    })
}

/// Appends `text` character by character, in a font if there is one.
fn push_styled(out: &mut String, text: &str, font: Option<&str>) {
    let Some(font) = font else {
        text.chars().for_each(|letter| push_char(out, letter));
        return;
    };
    push_latex(out, font);
    out.push('{');
    text.chars().for_each(|letter| push_char(out, letter));
    out.push('}');
}

pub(super) fn identifier(tree: &Tree<'_>, node: NodeId, out: &mut String) {
    let text = token_text(tree, node);
    let mut letters = text.chars();
    let Some(first) = letters.next() else { return };
    let is_single = letters.next().is_none();
    let variant = tree.attribute(node, "mathvariant").unwrap_or_default();
    let font = font_of(&variant);
    if is_single {
        if variant == "normal" && first.is_ascii_alphabetic() {
            return push_styled(out, &text, Some("\\mathrm"));
        }
        return push_styled(out, &text, font);
    }
    if font.is_none() && is_function_name(&text) {
        return push_latex(out, &format!("\\{text}"));
    }
    if let Some(name) = match text.as_str() {
        "lim sup" | "lim\u{A0}sup" | "lim\u{2006}sup" => Some("\\limsup"),
        "lim inf" | "lim\u{A0}inf" | "lim\u{2006}inf" => Some("\\liminf"),
        _ => None,
    } {
        return push_latex(out, name);
    }
    let is_word = text
        .chars()
        .all(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-'));
    if !is_word
        || !first.is_alphabetic()
        || text.chars().any(|c| crate::symbols::symbol(c).is_some())
    {
        return push_styled(out, &text, font); // `x′`, `Δt`, digits
    }
    let font = match (font, &*variant) {
        (Some(font), _) => font,
        (None, "normal") => "\\mathrm",
        (None, "italic") => "\\mathit",
        _ => "\\operatorname",
    };
    push_latex(out, font);
    out.push('{');
    out.push_str(&text.replace('\u{A0}', " "));
    out.push('}');
}

pub(super) fn number(tree: &Tree<'_>, node: NodeId, out: &mut String) {
    let text = token_text(tree, node);
    let variant = tree.attribute(node, "mathvariant").unwrap_or_default();
    push_styled(out, &text, font_of(&variant));
}

pub(super) fn operator(tree: &Tree<'_>, node: NodeId, out: &mut String) {
    let text = token_text(tree, node);
    let mut letters = text.chars();
    let Some(first) = letters.next() else { return };
    if letters.next().is_some() {
        if is_function_name(&text) {
            return push_latex(out, &format!("\\{text}"));
        }
        if text == "mod" {
            return push_latex(out, "\\bmod ");
        }
        if text.chars().all(char::is_alphabetic) {
            push_latex(out, "\\operatorname{");
            out.push_str(&text);
            return out.push('}');
        }
    }
    if let Some(base) = text.strip_suffix('\u{338}') {
        out.push_str("\\not");
        base.chars().for_each(|letter| push_char(out, letter));
        return;
    }
    let latex = match first {
        '~' | '\u{2DC}' => "\\sim",
        '^' | '\u{2C6}' => "\\hat{}",
        '\u{AF}' | '\u{203E}' => "\\bar{}",
        _ => "",
    };
    if !latex.is_empty() && text.chars().count() == 1 {
        return push_latex(out, latex);
    }
    text.chars().for_each(|letter| push_char(out, letter));
}

pub(super) fn text(tree: &Tree<'_>, node: NodeId, out: &mut String) {
    let text = tree.text_below(node);
    if text
        .trim_matches([' ', '\n', '\t', '\r', '\u{A0}', '\u{2003}', '\u{2009}'])
        .is_empty()
    {
        match text.chars().filter(|letter| *letter != '\n').count() {
            0 => {}
            1 => out.push_str("\\ "),
            _ => out.push_str("\\quad "),
        }
        return;
    }
    let command = match tree.attribute(node, "mathvariant").as_deref() {
        Some("bold") => "\\textbf{",
        Some("italic") => "\\textit{",
        Some("monospace") => "\\texttt{",
        Some("sans-serif") => "\\textsf{",
        _ => "\\text{",
    };
    out.push_str(command);
    let mut was_space = false;
    for letter in text.chars() {
        let is_space = letter.is_whitespace();
        match letter {
            _ if is_space && was_space => {}
            _ if is_space => out.push(' '),
            '\\' => out.push_str("\\textbackslash "),
            '{' | '}' | '$' | '%' | '#' | '&' | '_' => {
                out.push('\\');
                out.push(letter);
            }
            '\u{200B}'..='\u{200D}' | '\u{2061}'..='\u{2064}' => {}
            _ => out.push(letter),
        }
        was_space = is_space;
    }
    out.push('}');
}

pub(super) fn space(tree: &Tree<'_>, node: NodeId, out: &mut String) {
    if tree
        .attribute(node, "linebreak")
        .is_some_and(|value| value == "newline")
    {
        return out.push_str("\\\\ ");
    }
    let width = tree.attribute(node, "width").unwrap_or_default();
    let hundredths = match &*width {
        "thinmathspace" => 17,
        "mediummathspace" => 22,
        "thickmathspace" => 28,
        value => em_hundredths(value),
    };
    out.push_str(match hundredths {
        i32::MIN..=-1 => "\\!",
        0..=5 => "",
        6..=19 => "\\,",
        20..=25 => "\\:",
        26..=34 => "\\;",
        35..=70 => "\\ ",
        71..=170 => "\\quad ",
        _ => "\\qquad ",
    });
}

/// A length in hundredths of an em; `px` count 16 and `ex` 2 to the em.
fn em_hundredths(value: &str) -> i32 {
    let value = value.trim();
    let n = value
        .find(|unit: char| unit.is_ascii_alphabetic() || unit == '%')
        .unwrap_or(value.len());
    let Ok(number) = value[..n].parse::<f32>() else {
        return 0;
    };
    let per_em = match &value[n..] {
        "px" => 6.25,
        "pt" => 10.0,
        "ex" => 50.0,
        "mu" => 5.56,
        _ => 100.0,
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "clamped, and `as` saturates"
    )]
    {
        (number * per_em).clamp(-1000.0, 1000.0) as i32
    }
}
