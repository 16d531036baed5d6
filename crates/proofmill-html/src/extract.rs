//! The way of one page from bytes to text.

use std::borrow::Cow;

use crate::charset;
use crate::config;
use crate::content;
use crate::detect::{DetectLimits, detect};
use crate::emit::emit;
use crate::page::{Input, Options, Page};
use crate::parse::{ParseLimits, parse};
use crate::tag::Tag;
use crate::tree::Tree;

/// Extracts the text of a page.
///
/// Never fails and never panics: what cannot be read is left out, what lies beyond a limit of
/// `options` is cut and flagged. Time and memory are linear in the page.
///
/// # Example
/// ```
/// # use proofmill_html::{Input, Options, extract};
/// let bytes = br"<p>Area <script type='math/tex'>\pi r^2</script> costs $5.</p>";
/// let page = extract(&Input { bytes, content_type: None, url: None }, &Options::default());
/// assert_eq!(page.text, r"Area $\pi r^2$ costs \$5.");
/// ```
#[must_use]
pub fn extract(input: &Input<'_>, options: &Options) -> Page {
    let decoded = charset::decode(input.bytes, input.content_type);
    let mut text = decoded.text;
    let max_bytes = options.max_page_bytes.min(u32::MAX as usize / 2);
    let mut is_truncated = false;
    if text.len() > max_bytes {
        is_truncated = true;
        let end = (0..=max_bytes)
            .rev()
            .find(|at| text.is_char_boundary(*at))
            .unwrap_or(0);
        text = Cow::Owned(text[..end].to_owned());
    }
    let is_xhtml = input
        .content_type
        .is_some_and(|value| value.contains("xhtml"));
    let limits = ParseLimits {
        max_depth: options.max_depth.max(2),
        max_nodes: options.max_nodes,
    };
    if is_plain_text(input.content_type) {
        text = Cow::Owned(marked_up(&text));
    } else if !is_readable(input) {
        text = Cow::Borrowed("");
    }
    let tree = parse(&text, is_xhtml, limits);
    let mut config = config::read(&tree);
    let limits = DetectLimits {
        max_formulas: options.max_formulas,
        max_formula_bytes: options.max_formula_bytes,
    };
    let map = detect(&tree, limits);
    let content = content::choose(&tree, &map, options);
    let emitted = emit(&tree, &map, &content, &mut config, options);
    let n_kept_chars = visible_chars(&emitted.text);
    Page {
        title: title_of(&tree),
        charset: decoded.charset,
        charset_from: decoded.from,
        declared_language: language_of(&tree),
        n_links: content.n_links,
        n_headings: emitted.n_headings,
        n_list_items: emitted.n_list_items,
        n_code_blocks: emitted.n_code_blocks,
        n_tables: emitted.n_tables,
        n_code_chars: emitted.n_code_chars,
        n_formula_chars: emitted.n_formula_chars,
        n_page_formulas: content.n_formulas,
        n_dropped_formulas: emitted.n_dropped + map.n_dropped,
        link_ratio: ratio(emitted.n_link_chars, n_kept_chars),
        boilerplate_ratio: 1.0 - ratio(n_kept_chars, content.n_text_chars),
        n_macros: config.n_macros,
        site_family: content.site_family,
        is_recall_fallback: content.is_recall_fallback,
        is_truncated: is_truncated || tree.is_cut,
        text: emitted.text,
        formulas: emitted.formulas,
    }
}

/// Whether the header says that the body is text without mark-up.
fn is_plain_text(content_type: Option<&str>) -> bool {
    content_type.is_some_and(|value| {
        let kind = value.split(';').next().unwrap_or_default().trim();
        [
            "text/plain",
            "text/x-tex",
            "application/x-tex",
            "text/markdown",
        ]
        .iter()
        .any(|known| kind.eq_ignore_ascii_case(known))
    })
}

/// Whether a body can be a page: neither a known binary nor declared as something else.
fn is_readable(input: &Input<'_>) -> bool {
    let is_binary = [
        &b"%PDF-"[..],
        b"\x89PNG",
        b"GIF8",
        b"\xFF\xD8\xFF",
        b"PK\x03\x04",
        b"\x1F\x8B",
    ]
    .iter()
    .any(|magic| input.bytes.starts_with(magic));
    let is_other = input.content_type.is_some_and(|value| {
        let kind = value.trim_start().to_ascii_lowercase();
        [
            "image/",
            "audio/",
            "video/",
            "font/",
            "application/pdf",
            "application/json",
            "application/zip",
            "text/css",
            "application/javascript",
            "text/javascript",
            "application/x-javascript",
        ]
        .iter()
        .any(|other| kind.starts_with(other))
    });
    !is_binary && !is_other
}

/// Plain text as a page: a paragraph for each run of lines.
fn marked_up(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut was_blank = true;
    for line in text.lines() {
        let is_blank = line.trim().is_empty();
        if is_blank && !was_blank {
            out.push_str("\n<p>");
        }
        was_blank = is_blank;
        for letter in line.chars() {
            match letter {
                '<' => out.push_str("&lt;"),
                '&' => out.push_str("&amp;"),
                _ => out.push(letter),
            }
        }
        out.push('\n');
    }
    out
}

/// Characters that are not white space.
fn visible_chars(text: &str) -> usize {
    if text.is_ascii() {
        let is_space = |byte: &&u8| matches!(**byte, 9..=13 | b' ');
        return text.len() - text.as_bytes().iter().filter(is_space).count();
    }
    text.chars()
        .filter(|letter| !letter.is_whitespace())
        .count()
}

/// A share in `0.0..=1.0`; 0 of nothing.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        (part as f64 / whole as f64).min(1.0)
    }
}

/// The `title` element, white space collapsed.
fn title_of(tree: &Tree<'_>) -> Option<String> {
    let node = (1..tree.len()).find(|node| tree.tag(*node) == Tag::TITLE)?;
    let text = tree.text_below(node);
    let title = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!title.is_empty()).then_some(title)
}

/// `lang` or `xml:lang` of the page.
fn language_of(tree: &Tree<'_>) -> Option<String> {
    (1..tree.len().min(200))
        .filter(|node| matches!(tree.tag(*node), Tag::HTML | Tag::BODY))
        .find_map(|node| {
            tree.attribute(node, "lang")
                .or_else(|| tree.attribute(node, "xml:lang"))
        })
        .map(|value| value.trim().to_owned())
        .filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn visible_characters(text in "[ -~\\t\\n\u{b}\u{c}\u{1c}é\u{a0}\u{2003}]*") {
            let plain = text.chars().filter(|letter| !letter.is_whitespace()).count();
            proptest::prop_assert_eq!(visible_chars(&text), plain);
        }
    }
}
