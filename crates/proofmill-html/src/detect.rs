//! The mathematics pass: finds every formula that mark-up carries, before anything is removed.
//!
//! Hidden nodes, scripts and attributes hold the formulas, so this runs on the whole tree. Each
//! formula is taken exactly once (the one-copy rule): of the copies in one container the best by
//! [`Markup::rank`] stays, and renderings, previews, fallback images and `noscript` twins beside it
//! are marked to be skipped. Delimiters in running text are left to the emitter, which sees the
//! joined text of a block.

mod class_words;
mod containers;
mod images;
mod latexml;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::asciimath;
use crate::clean::{clean, twin_key};
use crate::mathml;
use crate::page::Markup;
use crate::tag::Tag;
use crate::tree::{NodeId, Tree, has};

/// How a formula stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stand {
    /// In the line, as the page says.
    Inline,
    /// On its own, as the page says.
    Display,
    /// The page does not say: on its own if alone in its block.
    Unsaid,
}

impl Stand {
    fn of(is_display: Option<bool>) -> Self {
        match is_display {
            Some(true) => Self::Display,
            Some(false) => Self::Inline,
            None => Self::Unsaid,
        }
    }
}

/// A formula that mark-up carries.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) latex: String,
    pub(crate) stand: Stand,
    pub(crate) markup: Markup,
}

/// What the emitter does at a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Action {
    /// Goes on into the subtree.
    Enter,
    /// Leaves the subtree out.
    Skip,
    /// Writes a formula in place of the subtree.
    Formula(usize),
}

/// The formulas of a page and where they stand.
#[derive(Default)]
pub(crate) struct MathMap {
    /// Per node: 0 enter, 1 skip, else the formula's index plus 2; empty if there is nothing.
    marks: Vec<u32>,
    pub(crate) found: Vec<Found>,
    /// The node of each formula.
    pub(crate) nodes: Vec<NodeId>,
    /// Formulas that could not be read.
    pub(crate) n_dropped: usize,
}

impl MathMap {
    pub(crate) fn action(&self, node: NodeId) -> Action {
        match self.marks.get(node).copied().unwrap_or(0) {
            0 => Action::Enter,
            1 => Action::Skip,
            index => Action::Formula(index as usize - 2),
        }
    }
}

/// Bounds of the pass.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DetectLimits {
    pub(crate) max_formulas: usize,
    pub(crate) max_formula_bytes: usize,
}

struct Detector<'t, 'a> {
    tree: &'t Tree<'a>,
    map: MathMap,
    limits: DetectLimits,
    /// Whether any element carries TeX in a data attribute.
    has_data_attributes: bool,
    /// Whether formula images say `\inline` where they mean it, so that the others are displays.
    images_say_inline: bool,
    /// Whether a class value has a word that [`containers`] knows.
    classes: FxHashMap<&'a str, bool>,
    /// The node that was taken last.
    last: Option<NodeId>,
    /// The `id`s of scripts that hold formulas, which the frames of their renderings repeat; found
    /// when first needed.
    scripts: Option<FxHashSet<String>>,
}

/// Marks that tell cheaply whether the pass has anything to do.
const SIGNS: [&str; 20] = [
    "tex", "<math", ":math", "math/", "katex", "MathJax", "mjx-", "Math", "TeX", "data-", "math",
    "formula", "<var", "quation", "cht=tx", "ql-", "alt=\"$", "alt='$", "alt=\"\\", "&#92;",
];

/// Runs the pass.
pub(crate) fn detect(tree: &Tree<'_>, limits: DetectLimits) -> MathMap {
    let source = tree.source.as_bytes();
    let has = |needle: &str| memchr::memmem::find(source, needle.as_bytes()).is_some();
    if !SIGNS.iter().any(|sign| has(sign)) {
        return MathMap::default();
    }
    let mut detector = Detector {
        tree,
        map: MathMap {
            marks: vec![0; tree.len()],
            ..MathMap::default()
        },
        limits,
        has_data_attributes: memchr::memmem::find_iter(source, "data-").any(|at| {
            DATA_ATTRIBUTES
                .iter()
                .any(|name| source[at..].starts_with(name.as_bytes()))
        }),
        images_say_inline: has("inline")
            && (has("%5Cinline") || has("%5cinline") || has("?\\inline")),
        classes: FxHashMap::default(),
        last: None,
        scripts: None,
    };
    let mut node = 1;
    while node < tree.len() {
        let is_done =
            tree.tag(node) != Tag::TEXT && (detector.map.marks[node] != 0 || detector.visit(node));
        node = if is_done { tree.end(node) } else { node + 1 };
    }
    detector.map
}

/// Attributes that carry TeX, best first.
const DATA_ATTRIBUTES: [&str; 10] = [
    "data-tex",
    "data-latex",
    "data-expr",
    "data-math",
    "data-formula",
    "data-equation-content",
    "data-equation",
    "data-katex",
    "data-original-tex",
    "data-value",
];

impl Detector<'_, '_> {
    /// Looks at an element; returns whether its subtree is done with.
    fn visit(&mut self, node: NodeId) -> bool {
        let tree = self.tree;
        let tag = tree.tag(node);
        match tag {
            Tag::SCRIPT => return self.script(node),
            Tag::MATH => return self.math(node),
            Tag::MJX_CONTAINER => return self.mathjax3(node),
            Tag::IMG => return self.image(node),
            Tag::TEX
            | Tag::LATEX
            | Tag::TEX_MATH
            | Tag::ITEX
            | Tag::D_MATH
            | Tag::LA_TEX
            | Tag::KATEX
            | Tag::X_KATEX
            | Tag::MATHJAX
            | Tag::MATH_RENDERER => {
                return self.tex_element(node);
            }
            Tag::VAR => return self.variable(node),
            Tag::STYLE | Tag::SVG => return true,
            Tag::PRE | Tag::CODE => return self.code_math(node),
            Tag::BODY | Tag::HTML => return false,
            _ => {}
        }
        if self.has_data_attributes && tree.has_any(node, has::DATA) && self.data_attribute(node) {
            return true;
        }
        let class = tree.class(node);
        if !class.is_empty() {
            let is_known = self.classes.get(class).copied();
            let is_known = is_known.unwrap_or_else(|| {
                let is_known = class.split_ascii_whitespace().any(class_words::is_known);
                self.classes.insert(class, is_known);
                is_known
            });
            if is_known && self.container(node, class) {
                return true;
            }
        }
        false
    }

    /// Skips a subtree.
    fn skip(&mut self, node: NodeId) {
        self.map.marks[node] = 1;
    }

    /// Takes a formula at a node, cleaned; returns whether there was one.
    fn take(&mut self, node: NodeId, raw: &str, stand: Stand, markup: Markup) -> bool {
        let Some(cleaned) = clean(raw) else {
            return false;
        };
        let says = cleaned.is_display.filter(|_| stand == Stand::Unsaid);
        let stand = says.map_or(stand, |says| Stand::of(Some(says)));
        self.take_clean(node, cleaned.latex, stand, markup)
    }

    fn take_clean(&mut self, node: NodeId, latex: String, stand: Stand, markup: Markup) -> bool {
        if latex.len() > self.limits.max_formula_bytes
            || self.map.found.len() >= self.limits.max_formulas
        {
            self.map.n_dropped += 1;
            self.skip(node);
            return true;
        }
        if self.is_twin_of_last(node, &latex, markup) {
            self.skip(node);
            return true;
        }
        let index = self.map.found.len();
        self.map.marks[node] = u32::try_from(index + 2).unwrap_or(1);
        self.map.found.push(Found {
            latex,
            stand,
            markup,
        });
        self.map.nodes.push(node);
        self.last = Some(node);
        true
    }

    /// Whether the element right before this one holds the same formula in another mark-up; the
    /// better source wins.
    fn is_twin_of_last(&mut self, node: NodeId, latex: &str, markup: Markup) -> bool {
        let Some(last) = self.last else { return false };
        let Action::Formula(index) = self.map.action(last) else {
            return false;
        };
        let tree = self.tree;
        let is_beside = tree.next_element(last) == Some(node)
            || tree.next_element(tree.parent(last)) == Some(node)
            || tree.next_element(last) == Some(tree.parent(node));
        let other = &self.map.found[index];
        if !is_beside || other.markup == markup || twin_key(&other.latex) != twin_key(latex) {
            return false;
        }
        if markup.rank() < other.markup.rank() {
            latex.clone_into(&mut self.map.found[index].latex);
            self.map.found[index].markup = markup;
        }
        true
    }

    /// `<script type="math/tex">` and kin; other scripts are nothing.
    fn script(&mut self, node: NodeId) -> bool {
        let tree = self.tree;
        let kind = tree
            .attribute(node, "type")
            .unwrap_or_default()
            .to_ascii_lowercase();
        if !(kind.starts_with("math/") || kind == "text/latex" || kind == "text/x-latex") {
            return true;
        }
        let text = tree.text_below(node);
        let text = strip_cdata(&text);
        let stand = if kind.contains("display") {
            Stand::Display
        } else {
            Stand::Inline
        };
        let is_taken = if kind.contains("asciimath") {
            self.take(node, &asciimath::to_latex(text), stand, Markup::AsciiMath)
        } else if kind.contains("mml") {
            match mathml::source_to_latex(text) {
                Some((latex, display)) => {
                    let stand = if display { Stand::Display } else { stand };
                    self.take(node, &latex, stand, Markup::MathMl)
                }
                None => false,
            }
        } else {
            self.take(node, text, stand, Markup::Script)
        };
        if !is_taken {
            self.skip(node);
        }
        true
    }

    /// A `math` element on its own.
    fn math(&mut self, node: NodeId) -> bool {
        let best = self.best_of_math(node);
        if let Some((latex, markup, stand)) = best {
            self.take(node, &latex, stand, markup)
        } else {
            self.skip(node);
            true
        }
    }

    /// The best source inside a `math` element: annotation, `alttext`, structure.
    fn best_of_math(&self, node: NodeId) -> Option<(String, Markup, Stand)> {
        let tree = self.tree;
        let display = tree.attribute(node, "display").unwrap_or_default();
        let mode = tree.attribute(node, "mode").unwrap_or_default();
        let stand = match (&*display, &*mode) {
            ("block" | "true", _) | (_, "display") => Stand::Display,
            ("inline", _) | (_, "inline") => Stand::Inline,
            _ => Stand::Unsaid,
        };
        let mut fallback = None;
        if let Some(annotation) = tex_annotation(tree, node) {
            let raw = tree.text_below(annotation);
            if let Some(cleaned) = clean(&raw) {
                if cleaned.is_balanced {
                    return Some((raw, Markup::Annotation, stand));
                }
                fallback = Some((raw, Markup::Annotation, stand));
            }
        }
        if let Some(alttext) = tree
            .attribute(node, "alttext")
            .filter(|text| is_tex_alttext(text))
            && let Some(cleaned) = clean(&alttext)
        {
            let source = (alttext.into_owned(), Markup::Alttext, stand);
            if cleaned.is_balanced {
                return Some(source);
            }
            fallback = fallback.or(Some(source));
        }
        let has_structure = tree
            .element_children(node)
            .any(|child| tree.tag(child).is_mathml());
        if !has_structure {
            // TeX as plain text inside `<math>`, or nothing
            let raw = tree.text_below(node);
            if !raw.trim().is_empty() {
                return Some((raw, Markup::Element, stand));
            }
            return fallback;
        }
        if fallback.is_some() {
            return fallback;
        }
        let latex = mathml::to_latex(tree, node);
        (!latex.is_empty()).then_some((latex, Markup::MathMl, stand))
    }

    /// Data attributes that carry TeX.
    fn data_attribute(&mut self, node: NodeId) -> bool {
        let tree = self.tree;
        let mut best: Option<(usize, &str)> = None;
        for (name, value) in tree.attributes(node) {
            if !name.starts_with("data-") || value.is_empty() {
                continue;
            }
            let Some(place) = DATA_ATTRIBUTES.iter().position(|known| *known == name) else {
                continue;
            };
            if best.is_none_or(|(other, _)| place < other) {
                best = Some((place, value));
            }
        }
        let Some((place, value)) = best else {
            return false;
        };
        let name = DATA_ATTRIBUTES[place];
        let class = tree.class(node);
        let says_math = ["math", "tex", "formula", "equation", "eq"]
            .iter()
            .any(|word| class.to_ascii_lowercase().contains(word));
        let value = crate::entities::decode(value, true);
        let is_sure = matches!(
            name,
            "data-tex"
                | "data-latex"
                | "data-equation-content"
                | "data-original-tex"
                | "data-katex"
        );
        let is_tex = match name {
            "data-value" => class.contains("ql-formula"),
            _ if is_sure => true,
            _ => says_math || looks_like_tex(&value),
        };
        if !is_tex || value.starts_with(['[', '{']) && value.contains("\":") {
            return false;
        }
        let is_block = class
            .split_ascii_whitespace()
            .any(|word| word.contains("display") || word.contains("block"))
            || matches!(tree.tag(node), Tag::DIV | Tag::P | Tag::FIGURE)
            || tree
                .attribute(node, "data-display")
                .is_some_and(|v| v == "true" || v == "block")
            || tree
                .attribute(node, "data-eeimg")
                .is_some_and(|value| value == "2")
            || value.trim_end().ends_with("\\\\")
            || tree.tag(node) == Tag::IMG && class.contains("display");
        let stand = if is_block {
            Stand::Display
        } else if tree.tag(node) == Tag::IMG {
            Stand::Unsaid
        } else {
            Stand::Inline
        };
        self.take(node, &value, stand, Markup::DataAttribute)
    }
}

/// Whether an `alttext` is TeX and not speech.
fn is_tex_alttext(text: &str) -> bool {
    let n_words = text
        .split_ascii_whitespace()
        .filter(|word| word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_alphabetic()))
        .count();
    text.contains('\\') || n_words < 2
}

/// The TeX annotation of a `math` element.
fn tex_annotation(tree: &Tree<'_>, math: NodeId) -> Option<NodeId> {
    tree.find_below(math, |tree, node| {
        tree.tag(node) == Tag::ANNOTATION
            && tree.attribute(node, "encoding").is_some_and(|encoding| {
                let encoding = encoding.to_ascii_lowercase();
                encoding.contains("tex") && !encoding.contains("text/plain")
            })
    })
}

/// Takes `% <![CDATA[ ... %]]>` off, as written around TeX in scripts of XHTML.
fn strip_cdata(text: &str) -> &str {
    let text = text.trim();
    let inner = text
        .strip_prefix("% <![CDATA[")
        .or_else(|| text.strip_prefix("%<![CDATA["))
        .or_else(|| text.strip_prefix("<![CDATA["))
        .or_else(|| text.strip_prefix("//<![CDATA["));
    let Some(inner) = inner else { return text };
    let inner = inner.trim_end();
    let inner = inner.strip_suffix("]]>").unwrap_or(inner).trim_end();
    inner
        .strip_suffix('%')
        .or_else(|| inner.strip_suffix("//"))
        .unwrap_or(inner)
}

/// Whether text is more likely TeX than anything else.
pub(crate) fn looks_like_tex(text: &str) -> bool {
    let text = text.trim();
    if text.is_empty() || text.len() > 20_000 {
        return false;
    }
    let has_command = text.as_bytes().windows(2).any(|pair| {
        pair[0] == b'\\' && (pair[1].is_ascii_alphabetic() || matches!(pair[1], b'{' | b'|' | b','))
    });
    let n_words = text
        .split(|letter: char| !letter.is_alphabetic())
        .filter(|word| word.chars().count() > 3)
        .count();
    has_command
        || (n_words == 0 && text.contains(['^', '_', '=', '+', '<', '>']))
        || (text.chars().count() <= 2 && text.chars().all(char::is_alphanumeric))
}

/// The `id` of the script whose rendering has this frame.
fn script_of_frame(frame_id: &str) -> Option<&str> {
    let base = frame_id
        .strip_suffix("-Frame")
        .or_else(|| frame_id.strip_suffix("-Span"))?;
    base.starts_with("MathJax-Element-").then_some(base)
}

/// The `id`s of the `math/tex` scripts of the page.
fn script_ids(tree: &Tree<'_>) -> FxHashSet<String> {
    let mut ids = FxHashSet::default();
    for node in (1..tree.len()).filter(|node| tree.tag(*node) == Tag::SCRIPT) {
        let is_math = tree
            .attribute(node, "type")
            .is_some_and(|kind| kind.starts_with("math/"));
        if is_math && let Some(id) = tree.attribute(node, "id") {
            ids.insert(id.into_owned());
        }
    }
    ids
}
