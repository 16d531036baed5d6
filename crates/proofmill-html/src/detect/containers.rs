//! Formulas in the containers that libraries and sites write.

use super::class_words::{says_html, says_tex};
use super::images::unpack_mathml;
use super::{Detector, Stand, looks_like_tex, script_ids, script_of_frame};
use crate::asciimath;
use crate::clean::{clean, strip_delimiters};
use crate::html_math;
use crate::mathml;
use crate::page::Markup;
use crate::tag::Tag;
use crate::tree::{MAX_BELOW_NODES, NodeId, Tree};
use crate::visual;

impl Detector<'_, '_> {
    /// Looks at an element with a class; returns whether its subtree is done with.
    pub(super) fn container(&mut self, node: NodeId, class: &str) -> bool {
        for word in class.split_ascii_whitespace() {
            let is_done = match word {
                "katex" => self.katex(node),
                "katex-html" => self.katex_html(node),
                "katex-error" | "texerror" => {
                    let text = self.tree.text_below(node);
                    self.take(node, &text, Stand::Inline, Markup::Element)
                }
                "MathJax_Preview" => self.preview(node),
                "MathJax"
                | "MathJax_Display"
                | "MathJax_SVG"
                | "MathJax_SVG_Display"
                | "MathJax_CHTML"
                | "MathJax_MathML"
                | "MathJax_MathContainer"
                | "mjx-chtml"
                | "MJXc-display"
                | "MathJax_Error"
                | "MathJax_PHTML"
                | "MathJax_NativeMML" => self.mathjax2(node),
                "MJX_Assistive_MathML" | "copytext" | "katex-copy" => {
                    self.skip(node);
                    true
                }
                "mjpage" => self.mjpage(node),
                "mwe-math-element" => self.mediawiki(node),
                "math-container" => self.math_container(node),
                "ltx_equation" | "ltx_equationgroup" | "ltx_eqn_table" => self.latexml_table(node),
                "latex-rendered" => self.persistent_expression(node),
                _ if says_tex(word) => self.tex_text(node, word) || self.html_math(node, word),
                _ if says_html(word) => self.html_math(node, word),
                _ => continue,
            };
            if is_done {
                return true;
            }
        }
        false
    }

    fn katex(&mut self, node: NodeId) -> bool {
        let tree = self.tree;
        let is_display = tree
            .ancestors(node)
            .take(3)
            .chain([node])
            .any(|at| tree.has_class(at, "katex-display") || tree.has_class(at, "katex-block"));
        let mut stand = if is_display {
            Stand::Display
        } else {
            Stand::Inline
        };
        let math = tree.find_below(node, |tree, at| tree.tag(at) == Tag::MATH);
        if let Some(math) = math
            && let Some((latex, markup, inner)) = self.best_of_math(math)
        {
            if inner == Stand::Display {
                stand = inner;
            }
            if self.take(node, &latex, stand, markup) {
                return true;
            }
        }
        let annotation = tree.find_below(node, |tree, at| tree.tag(at) == Tag::ANNOTATION);
        if let Some(annotation) = annotation
            && self.take(
                node,
                &tree.text_below(annotation),
                stand,
                Markup::Annotation,
            )
        {
            return true;
        }
        for name in ["data-tex", "data-latex", "data-expr"] {
            if let Some(value) = tree.attribute(node, name)
                && self.take(node, &value, stand, Markup::DataAttribute)
            {
                return true;
            }
        }
        if let Some(html) = tree.find_below(node, |tree, at| tree.has_class(at, "katex-html")) {
            return self.take(node, &visual::katex(tree, html), stand, Markup::Visual);
        }
        self.tex_text(node, "katex") // a class of that name around plain TeX
    }

    /// A rendering by KaTeX whose container is gone.
    fn katex_html(&mut self, node: NodeId) -> bool {
        let tree = self.tree;
        let is_display = tree
            .ancestors(node)
            .take(3)
            .any(|at| tree.has_class(at, "katex-display"));
        let stand = if is_display {
            Stand::Display
        } else {
            Stand::Inline
        };
        self.take(node, &visual::katex(tree, node), stand, Markup::Visual)
    }

    /// The text shown before MathJax has run: kept only if nothing else carries the formula.
    fn preview(&mut self, node: NodeId) -> bool {
        let tree = self.tree;
        let mut next = tree.next_element(node);
        for _ in 0..4 {
            let Some(at) = next else { break };
            let class = tree.class(at);
            if is_math_script(tree, at)
                || ["MathJax", "mjx-chtml", "MJXc"]
                    .iter()
                    .any(|part| class.contains(part))
                || tree.tag(at) == Tag::MJX_CONTAINER
            {
                self.skip(node);
                return true;
            }
            next = tree.next_element(at);
        }
        let text = tree.text_below(node);
        looks_like_tex(&text) && self.take(node, &text, Stand::Unsaid, Markup::Element)
    }

    /// A rendering by MathJax 2: its script is the formula; without one, what the rendering keeps.
    fn mathjax2(&mut self, node: NodeId) -> bool {
        let tree = self.tree;
        let frame = (node..tree.end(node).min(node + 8)).find_map(|at| {
            let id = tree.attributes(at).find(|(name, _)| *name == "id")?.1;
            script_of_frame(id)
        });
        let has_script = frame.is_some_and(|id| {
            self.scripts
                .get_or_insert_with(|| script_ids(tree))
                .contains(id)
        });
        let has_inner_script = tree.find_below(node, is_math_script).is_some();
        if has_inner_script {
            return false; // a wrapper: what is inside speaks for itself
        }
        if has_script || self.has_script_after(node) {
            self.skip(node);
            return true;
        }
        let is_display = tree.class(node).contains("isplay")
            || tree.ancestors(node).take(2).any(|at| {
                let class = tree.class(at);
                class.contains("MathJax_Display") || class.contains("MJXc-display")
            });
        let stand = if is_display {
            Stand::Display
        } else {
            Stand::Inline
        };
        if let Some((tex, label_stand)) = self.labelled_tex(node) {
            let stand = if label_stand == Stand::Display {
                label_stand
            } else {
                stand
            };
            if self.take(node, &tex, stand, Markup::DataAttribute) {
                return true;
            }
        }
        for at in node..tree.end(node).min(node + MAX_BELOW_NODES) {
            let found = if let Some(source) = tree.attribute(at, "data-mathml") {
                mathml::source_to_latex(&unpack_mathml(&source)).map(|(latex, display)| {
                    (
                        latex,
                        Markup::DataMathMl,
                        if display { Stand::Display } else { stand },
                    )
                })
            } else if tree.tag(at) == Tag::MATH {
                self.best_of_math(at)
            } else {
                continue;
            };
            let Some((latex, markup, inner)) = found else {
                break;
            };
            let stand = if inner == Stand::Display {
                inner
            } else {
                stand
            };
            return self.take(node, &latex, stand, markup);
        }
        false
    }

    /// Whether the script that a rendering belongs to comes right after it.
    fn has_script_after(&self, node: NodeId) -> bool {
        let tree = self.tree;
        let mut next = tree.next_element(node);
        for _ in 0..3 {
            let Some(at) = next else { return false };
            if is_math_script(tree, at) {
                return true;
            }
            let class = tree.class(at);
            if !["MathJax", "MJX", "mjx"]
                .iter()
                .any(|part| class.contains(part))
            {
                return false;
            }
            next = tree.next_element(at);
        }
        false
    }

    /// A rendering made on the server by mathjax-node, which keeps the TeX as a label.
    fn mjpage(&mut self, node: NodeId) -> bool {
        let Some((tex, stand)) = self.labelled_tex(node) else {
            return false;
        };
        self.take(node, &tex, stand, Markup::DataAttribute)
    }

    /// The TeX that mathjax-node writes as `aria-label` or as the title of an SVG image.
    pub(super) fn labelled_tex(&self, node: NodeId) -> Option<(String, Stand)> {
        let tree = self.tree;
        let is_block = (node..tree.end(node).min(node + 3))
            .any(|at| tree.has_class(at, "mjpage__block") || tree.has_class(at, "MJXc-display"));
        let stand = if is_block {
            Stand::Display
        } else {
            Stand::Inline
        };
        for at in node..tree.end(node).min(node + 12) {
            if tree.has_class(at, "mjx-math")
                && let Some(label) = tree.attribute(at, "aria-label")
            {
                return Some((label.into_owned(), stand));
            }
            if tree.tag(at) == Tag::TITLE
                && tree
                    .ancestors(at)
                    .take(2)
                    .any(|up| tree.tag(up) == Tag::SVG)
            {
                return Some((tree.text_below(at), stand));
            }
        }
        None
    }

    /// A rendering by MathJax 3 or 4.
    pub(super) fn mathjax3(&mut self, node: NodeId) -> bool {
        let tree = self.tree;
        let is_display = tree
            .attribute(node, "display")
            .is_some_and(|value| value != "false");
        let stand = if is_display {
            Stand::Display
        } else {
            Stand::Inline
        };
        for at in node..tree.end(node) {
            if let Some(latex) = tree
                .attribute(at, "data-latex")
                .filter(|latex| !latex.is_empty())
                && self.take(node, &latex, stand, Markup::DataAttribute)
            {
                return true;
            }
            if matches!(tree.tag(at), Tag::MJX_C | Tag::PATH | Tag::USE) {
                break;
            }
        }
        if let Some(math) = tree.find_below(node, |tree, at| tree.tag(at) == Tag::MATH)
            && let Some((latex, markup, _)) = self.best_of_math(math)
            && self.take(node, &latex, stand, markup)
        {
            return true;
        }
        if !self.take(node, &visual::mathjax3(tree, node), stand, Markup::Visual) {
            self.skip(node);
        }
        true
    }

    /// `MediaWiki`: hidden MathML and a fallback image are one formula.
    fn mediawiki(&mut self, node: NodeId) -> bool {
        let tree = self.tree;
        let is_block = (node..tree.end(node).min(node + MAX_BELOW_NODES)).any(|at| {
            let class = tree.class(at);
            ["mathml-display", "image-display", "mwe-math-element-block"]
                .iter()
                .any(|part| class.contains(part))
        });
        let mut stand = if is_block {
            Stand::Display
        } else {
            Stand::Unsaid
        };
        // `{\displaystyle ...}` is MediaWiki's habit and says nothing
        let unwrapped = |raw: &str| clean(raw).map(|cleaned| cleaned.latex).unwrap_or_default();
        if let Some(math) = tree.find_below(node, |tree, at| tree.tag(at) == Tag::MATH)
            && let Some((latex, markup, inner)) = self.best_of_math(math)
        {
            if inner == Stand::Display {
                stand = inner;
            }
            if self.take(node, &unwrapped(&latex), stand, markup) {
                return true;
            }
        }
        let image = tree.find_below(node, |tree, at| tree.tag(at) == Tag::IMG);
        image.is_some_and(|image| {
            let alt = tree.attribute(image, "alt").unwrap_or_default();
            self.take(node, &unwrapped(&alt), stand, Markup::ImageAlt)
        })
    }

    /// Stack Exchange: the dollars inside say how the formula stands.
    fn math_container(&mut self, node: NodeId) -> bool {
        let tree = self.tree;
        if !is_plain(tree, node) {
            return false; // rendered: what is inside speaks for itself
        }
        let text = tree.text_below(node);
        let stand = match strip_delimiters(text.trim()) {
            Some((_, is_display)) => Stand::of(Some(is_display)),
            None if text.trim_start().starts_with("\\begin{") => Stand::Display,
            None => Stand::Inline,
        };
        self.take(node, &text, stand, Markup::Delimiters)
    }

    /// Elements named after TeX.
    pub(super) fn tex_element(&mut self, node: NodeId) -> bool {
        let tree = self.tree;
        if !is_plain(tree, node) {
            return false;
        }
        let text = tree.text_below(node);
        if tree.tag(node) == Tag::MATHJAX
            && let Some(inner) = text
                .trim()
                .strip_prefix('#')
                .and_then(|rest| rest.strip_suffix('#'))
        {
            return self.take(
                node,
                &asciimath::to_latex(inner),
                Stand::Inline,
                Markup::AsciiMath,
            );
        }
        let says_block = tree.class(node).contains("display")
            || tree.attributes(node).any(|(name, value)| {
                name == "block" || name == "display" && value != "inline" || value == "display"
            });
        let stand = if says_block {
            Stand::Display
        } else {
            Stand::Unsaid
        };
        self.take(node, &text, stand, Markup::Element)
    }

    /// Elements whose class says that their text is TeX.
    fn tex_text(&mut self, node: NodeId, word: &str) -> bool {
        let tree = self.tree;
        if node + 1 == tree.end(node) || !is_plain(tree, node) {
            return false;
        }
        let text = tree.text_below(node);
        let trimmed = text.trim();
        if word == "asciimath" || word == "AM" {
            let latex = asciimath::to_latex(trimmed.trim_matches('`'));
            return self.take(node, &latex, Stand::Inline, Markup::AsciiMath);
        }
        let delimited = strip_delimiters(trimmed);
        if delimited.is_none() {
            if ["\\(", "\\[", "$"]
                .iter()
                .any(|open| trimmed.contains(open))
            {
                return false; // running text with formulas inside
            }
            let is_sure = !matches!(word, "math" | "tex" | "latex" | "TeX" | "maths" | "katex");
            let is_symbol = trimmed.chars().count() <= 12 && !trimmed.contains(' ');
            if matches!(trimmed, "TeX" | "LaTeX")
                || !(is_sure || looks_like_tex(trimmed) || is_symbol)
            {
                return false;
            }
        }
        let is_block = tree
            .class(node)
            .split_ascii_whitespace()
            .any(|word| word.contains("display") || word.contains("block"))
            || tree
                .attribute(node, "data-display")
                .is_some_and(|value| value == "true")
            || matches!(tree.tag(node), Tag::DIV | Tag::P)
            || trimmed.starts_with("\\begin{");
        let stand = match delimited {
            Some((_, is_display)) => Stand::of(Some(is_display)),
            None if is_block => Stand::Display,
            None => Stand::Inline,
        };
        let markup = if delimited.is_some() {
            Markup::Delimiters
        } else {
            Markup::Element
        };
        self.take(node, trimmed, stand, markup)
    }

    /// A formula written with italics, `sup` and `sub`.
    fn html_math(&mut self, node: NodeId, word: &str) -> bool {
        let tree = self.tree;
        if !matches!(tree.tag(node), Tag::SPAN | Tag::I | Tag::EM | Tag::VAR) {
            return false;
        }
        let is_sure = !matches!(word, "math" | "formula");
        let Some(latex) = html_math::to_latex(tree, node, is_sure) else {
            return false;
        };
        let is_display = tree.has_class(node, "display");
        let stand = if is_display {
            Stand::Display
        } else {
            Stand::Inline
        };
        self.take(node, &latex, stand, Markup::SubSup)
    }

    /// Substack keeps the TeX in JSON.
    fn persistent_expression(&mut self, node: NodeId) -> bool {
        let Some(json) = self.tree.attribute(node, "data-attrs") else {
            return false;
        };
        let value = json.split_once("\"persistentExpression\":\"");
        let Some(latex) = value.and_then(|(_, rest)| json_text(rest)) else {
            return false;
        };
        self.take(node, &latex, Stand::Display, Markup::DataAttribute)
    }

    /// `<var>` with TeX inside, as programming contests write it.
    pub(super) fn variable(&mut self, node: NodeId) -> bool {
        let tree = self.tree;
        if node + 2 != tree.end(node) || tree.tag(node + 1) != Tag::TEXT {
            return false;
        }
        let text = tree.text(node + 1);
        let is_tex = text.contains('\\') || text.contains('^') && looks_like_tex(&text);
        is_tex && self.take(node, &text, Stand::Inline, Markup::Element)
    }

    /// Code that is marked as mathematics; returns true for code without formulas, too.
    pub(super) fn code_math(&mut self, node: NodeId) -> bool {
        let tree = self.tree;
        let says_math = |at: NodeId| {
            tree.class(at).split_ascii_whitespace().any(|word| {
                matches!(
                    word,
                    "language-math"
                        | "lang-math"
                        | "math"
                        | "language-katex"
                        | "math-inline"
                        | "math-display"
                        | "code-math"
                        | "js-render-math"
                )
            }) || tree.attribute(at, "data-math-style").is_some()
        };
        let marked = (node..tree.end(node).min(node + 3)).find(|at| says_math(*at));
        if marked.is_none() {
            // Code is code; formulas that were rendered inside it are still found.
            return !(node + 1..tree.end(node)).any(|at| {
                matches!(tree.tag(at), Tag::MATH | Tag::MJX_CONTAINER | Tag::IMG)
                    || is_math_script(tree, at)
                    || tree.has_class(at, "katex")
            });
        }
        if !is_plain(tree, node) {
            return false;
        }
        let text = tree.text_below(node);
        let is_display = tree.tag(node) == Tag::PRE
            || tree
                .attribute(node, "data-math-style")
                .is_some_and(|value| value == "display")
            || tree.class(node).contains("math-display");
        let stand = if is_display {
            Stand::Display
        } else {
            Stand::Inline
        };
        self.take(node, &text, stand, Markup::Element)
    }
}

/// A string of JSON after its opening quote, escapes resolved.
fn json_text(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut letters = text.chars();
    loop {
        match letters.next()? {
            '"' => return Some(out),
            '\\' => match letters.next()? {
                'n' | 'r' => out.push('\n'),
                't' => out.push(' '),
                'u' => {
                    let digits = letters.as_str().get(..4)?;
                    let code = u32::from_str_radix(digits, 16).ok()?;
                    out.push(char::from_u32(code)?);
                    letters = letters.as_str().get(4..)?.chars();
                }
                other => out.push(other),
            },
            letter => out.push(letter),
        }
    }
}

/// Whether an element holds text only.
fn is_plain(tree: &Tree<'_>, node: NodeId) -> bool {
    (node + 1..tree.end(node)).all(|at| matches!(tree.tag(at), Tag::TEXT | Tag::BR | Tag::CODE))
}

/// Whether a node is a script that holds a formula.
fn is_math_script(tree: &Tree<'_>, node: NodeId) -> bool {
    tree.tag(node) == Tag::SCRIPT
        && tree.attributes(node).any(|(name, value)| {
            name.eq_ignore_ascii_case("type") && value.trim_start().starts_with("math/")
        })
}
