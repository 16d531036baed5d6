//! Formulas that are images: `alt`, the query of the URL, MathML in attributes.

use std::borrow::Cow;

use super::{Detector, Stand, looks_like_tex};
use crate::asciimath;
use crate::clean::strip_displaystyle;
use crate::mathml;
use crate::page::Markup;
use crate::tag::Tag;
use crate::tree::NodeId;

/// Class words of formula images whose `alt` is TeX.
const CLASSES: [&str; 24] = [
    "latex",
    "tex",
    "texvc",
    "math",
    "mathtex",
    "mimetex",
    "latexblock",
    "latexcenter",
    "latexdisplay",
    "mwe-math-fallback-image-inline",
    "mwe-math-fallback-image-display",
    "ql-img-inline-formula",
    "ql-img-displayed-equation",
    "quicklatex-auto-format",
    "formulaInl",
    "formulaDsp",
    "equation_image",
    "texrender",
    "x-ck12-math",
    "x-ck12-block-math",
    "x-ck12-mathEditor",
    "x-ck12-hwpmath",
    "wp-image-latex",
    "math-image",
];

/// Parts of URLs that render TeX, and what comes right before the TeX.
const SERVICES: [(&str, &[&str]); 15] = [
    ("latex.php", &["latex=", "math="]),
    (
        "codecogs.com",
        &[
            "latex?",
            "image?",
            "equation?",
            "gif?",
            "png?",
            "svg?",
            ".php?latex=",
            "download?",
        ],
    ),
    (
        "mimetex",
        &["mimetex.cgi?", "mimetex.exe?", "mimetex?", "mimetex.php?"],
    ),
    ("mathtex", &["mathtex.cgi?", "mathtex?", "mathtex.php?"]),
    ("equation?tex=", &["tex="]),
    ("chart.googleapis.com", &["chl="]),
    ("chart.apis.google.com", &["chl="]),
    ("google.com/chart", &["chl="]),
    ("render.githubusercontent.com", &["math="]),
    ("tex.cgi", &["tex.cgi?"]),
    ("render/math", &["math="]),
    ("math.now.sh", &["from=", "inline="]),
    ("upmath.me", &["/svg/", "/png/"]),
    ("tex.s2cms.ru", &["/svg/", "/png/"]),
    ("latex2png", &["latex=", "tex=", "?"]),
];

impl Detector<'_, '_> {
    pub(super) fn image(&mut self, node: NodeId) -> bool {
        let tree = self.tree;
        let class = tree.class(node);
        if let Some(mathml) = tree.attribute(node, "data-mathml")
            && let Some((latex, display)) = mathml::source_to_latex(&unpack_mathml(&mathml))
        {
            let stand = if display {
                Stand::Display
            } else {
                Stand::Unsaid
            };
            if self.take(node, &latex, stand, Markup::DataMathMl) {
                return self.drop_noscript_twin(node);
            }
        }
        if self.has_data_attributes && self.data_attribute(node) {
            return self.drop_noscript_twin(node);
        }
        let has_class = class
            .split_ascii_whitespace()
            .any(|word| CLASSES.contains(&word));
        let source = ["src", "data-src", "data-lazy-src", "data-original"]
            .iter()
            .filter_map(|name| tree.attribute(node, name))
            .find(|value| !value.starts_with("data:") && !value.is_empty())
            .unwrap_or_default();
        let service = SERVICES.iter().find(|(part, _)| source.contains(part));
        let is_local = [
            "/ql-cache/",
            "/math/render/",
            "/images/math/",
            "/latex/",
            "/tex/",
            "wikimedia.org/math",
            "latex.artofproblemsolving.com",
            "/latexrender/",
            "/texrender",
            "/mathjax",
            "form_",
        ]
        .iter()
        .any(|part| source.contains(part));
        let alt = tree.attribute(node, "alt").unwrap_or_default();
        if let Some(stand) = stand_of_mathworld(class) {
            let latex = asciimath::to_latex(&alt);
            return self.take(node, &latex, stand, Markup::AsciiMath);
        }
        let alt = if class.contains("x-ck12") && alt.contains('%') {
            let decoded = percent_encoding::percent_decode_str(&alt).decode_utf8_lossy();
            Cow::Owned(decoded.into_owned())
        } else {
            alt
        };
        let alt = tex_of_alt(&alt);
        let is_quoted = is_quoted_tex(alt);
        if !(has_class || service.is_some() || is_quoted || is_local && looks_like_tex(alt)) {
            return false;
        }
        let from_url = service.and_then(|(_, keys)| tex_of_url(&source, keys));
        let mut stand = self.stand_of_image(
            node,
            class,
            service.map(|(part, _)| *part),
            from_url.as_deref(),
        );
        // WordPress writes `\displaystyle` before what stands on its own
        let is_wordpress = class.split_ascii_whitespace().any(|word| word == "latex")
            || service.is_some_and(|(part, _)| *part == "latex.php");
        let unstyled = |tex: &str| {
            strip_displaystyle(tex)
                .filter(|_| is_wordpress)
                .map(str::to_owned)
        };
        let (alt_unstyled, url_unstyled) = (unstyled(alt), from_url.as_deref().and_then(unstyled));
        if stand == Stand::Unsaid && (alt_unstyled.is_some() || url_unstyled.is_some()) {
            stand = Stand::Display;
        }
        let alt = alt_unstyled.as_deref().unwrap_or(alt);
        let from_url = url_unstyled.or(from_url);
        let alt_is_tex = !alt.is_empty()
            && !is_caption(alt)
            && (is_quoted || service.is_none() || looks_like_tex(alt) || from_url.is_none());
        let is_taken = (alt_is_tex && self.take(node, alt, stand, Markup::ImageAlt))
            || from_url.is_some_and(|tex| self.take(node, &tex, stand, Markup::ImageUrl))
            || tree.attribute(node, "title").is_some_and(|title| {
                has_class
                    && looks_like_tex(&title)
                    && self.take(node, &title, stand, Markup::ImageAlt)
            });
        is_taken && self.drop_noscript_twin(node)
    }

    /// Skips the `noscript` copy of a lazy image; always true.
    fn drop_noscript_twin(&mut self, node: NodeId) -> bool {
        let tree = self.tree;
        for at in [node, tree.parent(node)] {
            if let Some(next) = tree.next_element(at)
                && tree.tag(next) == Tag::NOSCRIPT
            {
                self.skip(next);
                break;
            }
        }
        true
    }

    /// What class, surroundings, service and TeX of an image say about how it stands.
    fn stand_of_image(
        &self,
        node: NodeId,
        class: &str,
        service: Option<&str>,
        tex: Option<&str>,
    ) -> Stand {
        let tree = self.tree;
        for word in class.split_ascii_whitespace() {
            match word {
                "latexcenter"
                | "latexblock"
                | "latexdisplay"
                | "ql-img-displayed-equation"
                | "formulaDsp"
                | "mwe-math-fallback-image-display"
                | "x-ck12-block-math" => return Stand::Display,
                "ql-img-inline-formula" | "formulaInl" | "x-ck12-math" => return Stand::Inline,
                _ => {}
            }
        }
        let is_block = |name| tree.attribute(node, name).is_some_and(|value| value == "2");
        if is_block("eeimg") || is_block("data-eeimg") {
            return Stand::Display;
        }
        let parent = tree.parent(node);
        if tree.has_class(parent, "ql-center-displayed-equation")
            || tree.has_class(parent, "formulaDsp")
        {
            return Stand::Display;
        }
        let Some(tex) = tex else { return Stand::Unsaid };
        if service.is_some_and(|part| part.contains("codecogs")) && self.images_say_inline {
            return if tex.contains("\\inline") {
                Stand::Inline
            } else {
                Stand::Display
            };
        }
        Stand::Unsaid
    }
}

/// How an image of `MathWorld` stands, whose `alt` is close to AsciiMath.
fn stand_of_mathworld(class: &str) -> Option<Stand> {
    class.split_ascii_whitespace().find_map(|word| match word {
        "inlineformula" => Some(Stand::Inline),
        "numberedequation" | "displayformula" => Some(Stand::Display),
        _ => None,
    })
}

/// The TeX inside an `alt`, without announcements.
fn tex_of_alt(alt: &str) -> &str {
    let mut alt = alt.trim();
    for prefix in [
        "LaTeX:",
        "Latex:",
        "latex:",
        "equation:",
        "Equation:",
        "Formula:",
        "formula:",
        "TeX:",
    ] {
        if let Some(rest) = alt.strip_prefix(prefix) {
            alt = rest.trim_start();
        }
    }
    alt
}

/// Whether an `alt` says itself that it is TeX.
fn is_quoted_tex(alt: &str) -> bool {
    let is_formula = |text: &str| looks_like_tex(text) || text.len() < 30 && !text.contains(' ');
    alt.len() > 2
        && (alt.starts_with('$') && alt.ends_with('$') && is_formula(alt.trim_matches('$'))
            || alt.starts_with("\\(") && alt.ends_with("\\)")
            || alt.starts_with("\\[") && alt.ends_with("\\]")
            || alt.starts_with("\\begin{")
            || alt.starts_with("{\\displaystyle"))
}

/// Whether an `alt` describes the image instead of giving TeX.
fn is_caption(alt: &str) -> bool {
    let lower = alt.to_ascii_lowercase();
    ["http", "rendered by", "image"]
        .iter()
        .any(|start| lower.starts_with(start))
        || [".png", ".gif", ".svg"]
            .iter()
            .any(|end| lower.ends_with(end))
        || matches!(
            lower.as_str(),
            "equation" | "formula" | "latex" | "math" | "tex" | "eq" | "formel"
        )
}

/// The TeX in the URL of a rendering service.
fn tex_of_url(url: &str, keys: &[&str]) -> Option<String> {
    let start = keys
        .iter()
        .filter_map(|key| url.find(key).map(|at| at + key.len()))
        .min()?;
    let mut rest = url.get(start..)?;
    let is_parameter = url.get(..start)?.ends_with('=');
    if is_parameter {
        // Other parameters follow; a bare `&` of TeX is written `%26`.
        rest = &rest[..rest.find('&').unwrap_or(rest.len())];
    }
    let is_form_encoded = is_parameter || !rest.contains("%20") && !rest.contains("&space;");
    let raw: Cow<'_, str> =
        if is_form_encoded && !rest.contains(' ') && rest.contains('+') && is_parameter {
            rest.replace('+', " ").into() // before decoding, so that `%2B` stays a plus
        } else {
            rest.into()
        };
    let text = percent_encoding::percent_decode_str(&raw).decode_utf8_lossy();
    let text = text.replace("&space;", " ").replace("&plus;", "+");
    let text = crate::entities::decode(&text, false).into_owned();
    (!text.trim().is_empty()).then_some(text)
}

/// MathML of an attribute, whose brackets editors write with stand-ins.
pub(super) fn unpack_mathml(text: &str) -> Cow<'_, str> {
    if text.contains('«') {
        let plain = text.chars().map(|letter| match letter {
            '«' => '<',
            '»' => '>',
            '¨' => '"',
            '§' => '&',
            '`' => '\'',
            other => other,
        });
        return Cow::Owned(plain.collect());
    }
    if text.contains("&lt;") {
        return Cow::Owned(crate::entities::decode(text, false).into_owned());
    }
    Cow::Borrowed(text)
}
