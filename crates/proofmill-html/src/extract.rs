//! The way of one page from bytes to text.

use std::borrow::Cow;

use crate::charset;
use crate::config;
use crate::content::Content;
use crate::detect::{DetectLimits, detect};
use crate::emit::emit;
use crate::page::{Input, Options, Page};
use crate::parse::{ParseLimits, parse};

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
        let end = (0..=max_bytes).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text = Cow::Owned(text[..end].to_owned());
    }
    let is_xhtml = input.content_type.is_some_and(|value| value.contains("xhtml"));
    let limits = ParseLimits { max_depth: options.max_depth.max(2), max_nodes: options.max_nodes };
    let tree = parse(&text, is_xhtml, limits);
    let mut config = config::read(&tree);
    let limits = DetectLimits {
        max_formulas: options.max_formulas,
        max_formula_bytes: options.max_formula_bytes,
    };
    let map = detect(&tree, limits);
    let content = Content::all(&tree);
    let emitted = emit(&tree, &map, &content, &mut config, options);
    Page {
        text: emitted.text,
        title: None,
        charset: decoded.charset,
        charset_from: decoded.from,
        declared_language: None,
        formulas: emitted.formulas,
        n_links: 0,
        n_headings: 0,
        n_list_items: 0,
        n_code_blocks: 0,
        n_tables: 0,
        n_code_chars: 0,
        n_formula_chars: 0,
        n_page_formulas: 0,
        n_dropped_formulas: 0,
        link_ratio: 0.0,
        boilerplate_ratio: 0.0,
        n_macros: 0,
        site_family: None,
        is_recall_fallback: false,
        is_truncated: is_truncated || tree.is_cut,
    }
}
