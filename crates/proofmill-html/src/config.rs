//! What a page says about its formulas: delimiters and macros of MathJax and KaTeX.
//!
//! Reads the scripts of a page with a tolerant scanner: it looks for the known keys and reads the
//! literal after each, quoted or not, in the spelling of MathJax 2 (`tex2jax`, `TeX.Macros`),
//! MathJax 3 and 4 (`tex.inlineMath`, `tex.macros`) and KaTeX auto-render (`delimiters`, `macros`).

use proofmill_latex::Macros;

use crate::tag::Tag;
use crate::tree::Tree;

/// Most bytes of one script that are scanned.
const MAX_SCRIPT_BYTES: usize = 1 << 20;

/// Deepest literal that is read.
const MAX_DEPTH: usize = 8;

/// Most macros of one page.
const MAX_MACROS: usize = 2000;

/// A pair of delimiters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Delimiter {
    pub(crate) open: String,
    pub(crate) close: String,
    pub(crate) is_display: bool,
    /// Whether AsciiMath stands between them.
    pub(crate) is_asciimath: bool,
}

/// What a page says.
#[derive(Default)]
pub(crate) struct Config {
    /// Pairs beyond the ones that are always tried (`\(`, `\[`, `$$`, `$`).
    pub(crate) extra: Vec<Delimiter>,
    /// Whether single dollars are delimiters.
    pub(crate) has_dollar: bool,
    /// Whether backticks enclose AsciiMath.
    pub(crate) has_asciimath: bool,
    /// Whether the page loads or configures a library for formulas.
    pub(crate) has_library: bool,
    /// The page's macros.
    pub(crate) macros: Macros,
    /// How many there are.
    pub(crate) n_macros: usize,
}

impl Config {
    fn add_pair(&mut self, open: String, close: String, is_display: bool, is_asciimath: bool) {
        if is_asciimath && open.starts_with('$') {
            return; // dollars mean TeX elsewhere
        }
        if open == "$" && close == "$" {
            self.has_dollar |= !is_display;
            return;
        }
        let is_standard =
            matches!(open.as_str(), "$$" | "\\(" | "\\[") || open.starts_with("\\begin{");
        if open == "`" {
            return;
        }
        if open.is_empty()
            || close.is_empty()
            || is_standard
            || self.extra.len() >= 32
            || open.len() > 20
        {
            return;
        }
        let pair = Delimiter {
            open,
            close,
            is_display,
            is_asciimath,
        };
        if !self.extra.contains(&pair) {
            self.extra.push(pair);
        }
    }

    fn add_macro(&mut self, name: &str, value: &Literal) {
        let name = name.trim_start_matches('\\');
        if name.is_empty() || self.n_macros >= MAX_MACROS {
            return;
        }
        let (body, n_args, default) = match value {
            Literal::Text(body) => (body.as_str(), count_arguments(body), None),
            Literal::List(items) => {
                let Some(Literal::Text(body)) = items.first() else {
                    return;
                };
                let n_args = match items.get(1) {
                    Some(Literal::Word(number)) => number.parse().unwrap_or(0),
                    _ => count_arguments(body),
                };
                let default = match items.get(2) {
                    Some(Literal::Text(default)) => Some(default.as_str()),
                    _ => None,
                };
                (body.as_str(), n_args, default)
            }
            _ => return,
        };
        self.macros.define(name, n_args.min(9), default, body);
        self.n_macros += 1;
    }

    /// Takes the definitions of a formula, e.g. from a hidden `\(\newcommand...\)`.
    pub(crate) fn define_from(&mut self, latex: &str) {
        if self.n_macros < MAX_MACROS {
            self.macros.define_from(latex);
            self.n_macros += count_definitions(latex);
        }
    }
}

/// How many definitions a formula holds.
pub(crate) fn count_definitions(latex: &str) -> usize {
    [
        "\\newcommand",
        "\\renewcommand",
        "\\providecommand",
        "\\def\\",
        "\\gdef\\",
        "\\DeclareMathOperator",
        "\\let\\",
    ]
    .iter()
    .map(|word| latex.matches(word).count())
    .sum()
}

/// The highest `#n` of a body.
fn count_arguments(body: &str) -> u8 {
    body.as_bytes()
        .windows(2)
        .filter(|pair| pair[0] == b'#' && pair[1].is_ascii_digit())
        .map(|pair| pair[1] - b'0')
        .max()
        .unwrap_or(0)
}

/// Reads the scripts of a page.
pub(crate) fn read(tree: &Tree<'_>) -> Config {
    let mut config = Config::default();
    let source = tree.source.as_bytes();
    let has = |needle: &str| memchr::memmem::find(source, needle.as_bytes()).is_some();
    if !(has("athJax")
        || has("athjax")
        || has("atex")
        || has("AMath")
        || has("asciimath")
        || has("delimiters")
        || has("\\newcommand"))
    {
        return config;
    }
    let has_definitions = has("\\newcommand")
        || has("\\def\\")
        || has("\\DeclareMathOperator")
        || has("\\renewcommand");
    if has_definitions {
        read_definitions(tree, &mut config);
    }
    for node in (1..tree.len()).filter(|node| tree.tag(*node) == Tag::SCRIPT) {
        let address = tree
            .attribute(node, "src")
            .unwrap_or_default()
            .to_ascii_lowercase();
        if ["mathjax", "katex", "asciimath", "latexit", "jsmath"]
            .iter()
            .any(|name| address.contains(name))
        {
            config.has_library = true;
            let is_ascii = address.contains("asciimath")
                || address.contains("am_htmlormml")
                || address.contains("am_chtml")
                || address.contains("am_svg")
                || address.contains("am-mml")
                || address.contains("am_hml");
            config.has_asciimath |=
                is_ascii || address.contains("tex-am") && address.contains("config=");
        }
        let is_formula = tree
            .attribute(node, "type")
            .is_some_and(|kind| kind.starts_with("math/"));
        if is_formula {
            config.has_library = true;
            continue;
        }
        let text = tree.text_below(node);
        let is_about_math = [
            "athJax",
            "athjax",
            "atex",
            "delimiters",
            "renderMathInElement",
            "asciimath",
            "AMsymbol",
        ]
        .iter()
        .any(|word| text.contains(word));
        if is_about_math {
            let end = (0..=text.len().min(MAX_SCRIPT_BYTES))
                .rev()
                .find(|at| text.is_char_boundary(*at));
            scan(&text[..end.unwrap_or(0)], &mut config);
        }
    }
    config
}

/// Takes definitions from running text and formula scripts, hidden ones too, but not from code.
fn read_definitions(tree: &Tree<'_>, config: &mut Config) {
    for node in (1..tree.len()).filter(|node| tree.tag(*node) == Tag::TEXT) {
        let raw = tree.raw_text(node);
        if !raw.contains('\\') || count_definitions(raw) == 0 {
            continue;
        }
        let parent = tree.parent(node);
        let is_formula = tree.tag(parent) != Tag::SCRIPT
            || tree
                .attribute(parent, "type")
                .is_some_and(|kind| kind.starts_with("math/"));
        let is_code = tree.ancestors(node).take(6).any(|at| {
            matches!(
                tree.tag(at),
                Tag::PRE | Tag::CODE | Tag::STYLE | Tag::TEXTAREA | Tag::KBD | Tag::TT
            )
        });
        if is_formula && !is_code {
            config.define_from(&tree.text(node));
        }
    }
}

/// Looks for the known keys in one script.
fn scan(script: &str, config: &mut Config) {
    config.has_library |= ["MathJax", "renderMathInElement", "katex"]
        .iter()
        .any(|word| script.contains(word));
    config.has_asciimath |= script.contains("asciimath2jax")
        || script.contains("input/asciimath")
        || script.contains("input/AsciiMath");
    for key in [
        "inlineMath",
        "displayMath",
        "delimiters",
        "macros",
        "Macros",
    ] {
        for (at, _) in script.match_indices(key).take(64) {
            let is_part =
                script[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_');
            let rest = script[at + key.len()..]
                .trim_start_matches(['"', '\''])
                .trim_start();
            let Some(rest) = rest.strip_prefix([':', '=']).filter(|_| !is_part) else {
                continue;
            };
            let mut reader = Reader { rest, n_left: 5000 };
            let Some(value) = reader.literal(0) else {
                continue;
            };
            match key {
                "macros" | "Macros" => {
                    if let Literal::Map(entries) = &value {
                        for (name, value) in entries {
                            config.add_macro(name, value);
                        }
                    }
                }
                "delimiters" => {
                    let is_asciimath = script[..at]
                        .rfind("asciimath")
                        .is_some_and(|n| at - n < 200);
                    add_pairs(config, &value, false, is_asciimath);
                }
                _ => add_pairs(config, &value, key == "displayMath", false),
            }
        }
    }
}

/// Lists of pairs, KaTeX's list of objects, and MathJax 4's `{'[+]': [...]}`.
fn add_pairs(config: &mut Config, value: &Literal, is_display: bool, is_asciimath: bool) {
    match value {
        Literal::List(items) => {
            if let [Literal::Text(open), Literal::Text(close)] = items.as_slice() {
                return config.add_pair(open.clone(), close.clone(), is_display, is_asciimath);
            }
            for item in items {
                add_pairs(config, item, is_display, is_asciimath);
            }
        }
        Literal::Map(entries) => {
            let text = |name: &str| {
                entries.iter().find_map(|(key, value)| match value {
                    Literal::Text(text) if key == name => Some(text.clone()),
                    _ => None,
                })
            };
            if let (Some(left), Some(right)) = (text("left"), text("right")) {
                let is_display = entries.iter().any(|(key, value)| {
                    key == "display"
                        && matches!(value, Literal::Word(word) if word == "true" || word == "!0")
                });
                return config.add_pair(left, right, is_display, is_asciimath);
            }
            for (_, item) in entries {
                add_pairs(config, item, is_display, is_asciimath);
            }
        }
        _ => {}
    }
}

/// A literal of JavaScript, as far as configurations use it.
#[derive(Debug)]
enum Literal {
    Text(String),
    /// A number, `true`, a name.
    Word(String),
    List(Vec<Literal>),
    Map(Vec<(String, Literal)>),
}

struct Reader<'a> {
    rest: &'a str,
    /// Values that may still be read.
    n_left: usize,
}

impl Reader<'_> {
    /// Skips white space and comments.
    fn skip(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            if let Some(comment) = self.rest.strip_prefix("//") {
                self.rest = comment.split_once('\n').map_or("", |(_, after)| after);
            } else if let Some(comment) = self.rest.strip_prefix("/*") {
                self.rest = comment.split_once("*/").map_or("", |(_, after)| after);
            } else {
                return;
            }
        }
    }

    fn eat(&mut self, mark: char) -> bool {
        self.skip();
        let after = self.rest.strip_prefix(mark);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn literal(&mut self, depth: usize) -> Option<Literal> {
        self.skip();
        self.n_left = self.n_left.checked_sub(1)?;
        if depth > MAX_DEPTH {
            return None;
        }
        match self.rest.chars().next()? {
            '"' | '\'' | '`' => {
                let mut text = self.text()?;
                while self.eat('+') {
                    self.skip();
                    if !self.rest.starts_with(['"', '\'']) {
                        return None;
                    }
                    text.push_str(&self.text()?);
                }
                Some(Literal::Text(text))
            }
            '[' => {
                self.eat('[');
                let mut items = Vec::new();
                while !self.eat(']') {
                    let Some(item) = self.literal(depth + 1) else {
                        break;
                    };
                    items.push(item);
                    self.eat(',');
                }
                Some(Literal::List(items))
            }
            '{' => {
                self.eat('{');
                let mut entries = Vec::new();
                while !self.eat('}') {
                    self.skip();
                    let key = if self.rest.starts_with(['"', '\'', '`']) {
                        self.text()?
                    } else {
                        self.word()?
                    };
                    if !self.eat(':') {
                        break;
                    }
                    let Some(value) = self.literal(depth + 1) else {
                        break;
                    };
                    entries.push((key, value));
                    self.eat(',');
                }
                Some(Literal::Map(entries))
            }
            _ => self.word().map(Literal::Word),
        }
    }

    fn word(&mut self) -> Option<String> {
        let end = self
            .rest
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | '-' | '!')))
            .unwrap_or(self.rest.len());
        let word = self
            .rest
            .get(..end)
            .filter(|word| !word.is_empty())?
            .to_owned();
        self.rest = &self.rest[end..];
        Some(word)
    }

    /// A quoted string, escapes resolved.
    fn text(&mut self) -> Option<String> {
        let mut letters = self.rest.char_indices();
        let (_, quote) = letters.next()?;
        let mut out = String::new();
        while let Some((at, letter)) = letters.next() {
            if letter == quote {
                self.rest = &self.rest[at + letter.len_utf8()..];
                return Some(out);
            }
            if letter != '\\' {
                out.push(letter);
                continue;
            }
            match letters.next()?.1 {
                'n' => out.push('\n'),
                't' => out.push('\t'),
                '\n' => {}
                other => out.push(other),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(script: &str) -> Config {
        let mut config = Config::default();
        scan(script, &mut config);
        config
    }

    #[test]
    fn delimiters() {
        assert!(
            config("MathJax.Hub.Config({tex2jax: {inlineMath: [['$','$'],['\\\\(','\\\\)']]}});")
                .has_dollar
        );
        assert!(config("window.MathJax = {tex: {\"inlineMath\": [[\"$\", \"$\"]]}}").has_dollar);
        assert!(config("tex:{inlineMath:{'[+]':[['$','$']]}}").has_dollar);
        assert!(!config("MathJax = {tex: {displayMath: [['$$','$$']]}}").has_dollar);
        let katex = config(
            "renderMathInElement(document.body,{delimiters:[{left:'$$',right:'$$',display:true},{left:\"$\",right:\"$\",display:!1},{left:'@@',right:'@@',display:false}]})",
        );
        assert!(katex.has_dollar && katex.has_library);
        assert_eq!(katex.extra.len(), 1);
        assert_eq!(
            config("inlineMath: [['\\\\\\\\(','\\\\\\\\)']]").extra[0].open,
            "\\\\("
        );
        assert_eq!(config("delimiters: [[").extra, []);
    }

    #[test]
    fn macros() {
        assert_eq!(
            config("TeX: {Macros: {RR: '{\\\\bf R}', bold: ['{\\\\bf #1}', 1] /* x */, // y\n}}")
                .n_macros,
            2
        );
        assert_eq!(
            config("macros: {\"\\\\RR\": \"\\\\mathbb{R}\",'\\\\f': '#1f(#2)'}").n_macros,
            2
        );
        assert_eq!(config("var macros = 3; macros:{").n_macros, 0);
    }
}
