//! Formulas in running text, by their delimiters.
//!
//! Works on the joined text of one block, since formulas may span inline tags and line breaks.
//! `\(`, `\[`, `$$`, environments and shortcodes are taken wherever they match; a single dollar is
//! weighed, because pages write prices with it even where their configuration says otherwise.

mod dollars;

use crate::config::Config;
use crate::page::Markup;
use dollars::{has_command, is_dollar_formula, n_prose_words};

/// A formula in a block's text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Span {
    /// First byte of the opening delimiter.
    pub(crate) from: usize,
    /// One past the closing delimiter.
    pub(crate) to: usize,
    /// Range of the formula itself.
    pub(crate) inner_from: usize,
    pub(crate) inner_to: usize,
    pub(crate) is_display: bool,
    pub(crate) markup: Markup,
    /// Whether it is AsciiMath.
    pub(crate) is_asciimath: bool,
}

/// Longest formula between single dollars, in bytes.
const MAX_DOLLAR_BYTES: usize = 2000;

/// Shortcodes: opening, closing, display.
const SHORTCODES: [(&str, &str, bool); 9] = [
    ("[latex]", "[/latex]", false),
    ("[math]", "[/math]", false),
    ("[tex]", "[/tex]", true),
    ("[itex]", "[/itex]", false),
    ("[imath]", "[/imath]", false),
    ("[dmath]", "[/dmath]", true),
    ("[TEX]", "[/TEX]", false),
    ("[LATEX]", "[/LATEX]", false),
    ("[MATH]", "[/MATH]", false),
];

/// Environments that are formulas without delimiters.
const ENVIRONMENTS: [&str; 13] = [
    "equation",
    "align",
    "gather",
    "eqnarray",
    "multline",
    "alignat",
    "flalign",
    "displaymath",
    "math",
    "dmath",
    "subequations",
    "aligned",
    "split",
];

/// Finds the formulas of `text`, in order and not overlapping. `n_left` bounds the bytes that the
/// search may look at twice; once it is used up nothing more is found.
pub(crate) fn find(text: &str, config: &Config, max_bytes: usize, n_left: &mut usize) -> Vec<Span> {
    let mut spans = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(n) = next_mark(&bytes[at..], config) {
        at += n;
        let here = Scan {
            text,
            at,
            config,
            max_bytes,
        };
        match here.span(n_left) {
            Found::Span(span) => {
                at = span.to;
                spans.push(span);
            }
            Found::Skip(n) => at += n.max(1),
        }
        while !text.is_char_boundary(at.min(text.len())) {
            at += 1;
        }
        if at >= bytes.len() {
            break;
        }
    }
    spans
}

/// The next byte that may open a formula.
fn next_mark(bytes: &[u8], config: &Config) -> Option<usize> {
    let plain = memchr::memchr3(b'$', b'\\', b'[', bytes);
    let limit = plain.unwrap_or(bytes.len());
    let ascii = if config.has_asciimath {
        memchr::memchr(b'`', &bytes[..limit])
    } else {
        None
    };
    let extra = config
        .extra
        .iter()
        .filter_map(|pair| memchr::memchr(*pair.open.as_bytes().first()?, &bytes[..limit]))
        .min();
    [plain, ascii, extra].into_iter().flatten().min()
}

enum Found {
    Span(Span),
    /// No formula: this many bytes are passed over.
    Skip(usize),
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    config: &'a Config,
    max_bytes: usize,
}

impl Scan<'_> {
    fn span(&self, n_left: &mut usize) -> Found {
        let rest = &self.text[self.at..];
        for pair in &self.config.extra {
            if rest.starts_with(&pair.open)
                && let Some(span) = self.between(&pair.open, &pair.close, pair.is_display, n_left)
            {
                let is_ascii = pair.is_asciimath;
                let markup = if is_ascii {
                    Markup::AsciiMath
                } else {
                    span.markup
                };
                return Found::Span(Span {
                    markup,
                    is_asciimath: is_ascii,
                    ..span
                });
            }
        }
        match rest.as_bytes()[0] {
            b'\\' => self.backslash(rest, n_left),
            b'$' => self.dollar(rest, n_left),
            b'[' => {
                let code = SHORTCODES
                    .iter()
                    .find(|(open, _, _)| rest.starts_with(open));
                let span = code.and_then(|(open, close, is_display)| {
                    self.between(open, close, *is_display, n_left)
                });
                span.map_or(Found::Skip(1), |span| {
                    Found::Span(Span {
                        markup: Markup::Shortcode,
                        ..span
                    })
                })
            }
            b'`' if self.config.has_asciimath => {
                let span = self
                    .between("`", "`", false, n_left)
                    .filter(|span| span.inner_to - span.inner_from < 500);
                span.map_or(Found::Skip(1), |span| {
                    Found::Span(Span {
                        markup: Markup::AsciiMath,
                        is_asciimath: true,
                        ..span
                    })
                })
            }
            _ => Found::Skip(1),
        }
    }

    fn backslash(&self, rest: &str, n_left: &mut usize) -> Found {
        match rest.as_bytes().get(1) {
            Some(b'(') => match self.between("\\(", "\\)", false, n_left) {
                Some(span) if self.is_credible(&span) => Found::Span(span),
                _ => Found::Skip(2),
            },
            Some(b'[') => match self.between("\\[", "\\]", true, n_left) {
                Some(span) if self.is_credible(&span) => Found::Span(span),
                _ => Found::Skip(2),
            },
            Some(b'b') if rest.starts_with("\\begin{") => self.environment(rest, n_left),
            _ => Found::Skip(2),
        }
    }

    /// Whether brackets with backslashes enclose a formula; sure on pages with a library.
    fn is_credible(&self, span: &Span) -> bool {
        let inner = &self.text[span.inner_from..span.inner_to];
        !inner.trim().is_empty()
            && (self.config.has_library || n_prose_words(inner) < 6 || inner.contains('\\'))
    }

    /// `\begin{name}...\end{name}` for the names that are formulas.
    fn environment(&self, rest: &str, n_left: &mut usize) -> Found {
        let Some(name) = rest["\\begin{".len()..]
            .split('}')
            .next()
            .filter(|name| name.len() < 16)
        else {
            return Found::Skip(7);
        };
        if *n_left == 0 || !ENVIRONMENTS.contains(&name.trim_end_matches('*')) {
            return Found::Skip(7);
        }
        let (open, close) = (format!("\\begin{{{name}}}"), format!("\\end{{{name}}}"));
        let limit = rest.len().min(self.max_bytes);
        let mut depth = 0_usize;
        let mut at = 0;
        while let Some(n) = memchr::memchr(b'\\', &rest.as_bytes()[at..limit]) {
            at += n;
            let here = &rest[at..];
            if here.starts_with(&open) {
                depth += 1;
                at += open.len();
            } else if here.starts_with(&close) {
                depth -= 1;
                at += close.len();
                if depth == 0 {
                    return Found::Span(Span {
                        from: self.at,
                        to: self.at + at,
                        inner_from: self.at,
                        inner_to: self.at + at,
                        is_display: name != "math",
                        markup: Markup::Environment,
                        is_asciimath: false,
                    });
                }
            } else {
                at += 2;
                while at < limit && !rest.is_char_boundary(at) {
                    at += 1;
                }
            }
            if at >= limit {
                break;
            }
        }
        *n_left = n_left.saturating_sub(limit);
        Found::Skip(7)
    }

    /// From `open` here to the first `close` outside braces, or, if braces do not match, to the
    /// first one at all.
    fn between(
        &self,
        open: &str,
        close: &str,
        is_display: bool,
        n_left: &mut usize,
    ) -> Option<Span> {
        if *n_left == 0 {
            return None;
        }
        let inner_from = self.at + open.len();
        let rest = self.text.get(inner_from..)?;
        let limit = rest.len().min(self.max_bytes);
        let (n, n_seen) = find_close(&rest.as_bytes()[..limit], close.as_bytes());
        *n_left = n_left.saturating_sub(n_seen - n.unwrap_or(0).min(n_seen));
        let inner_to = inner_from + n?;
        if self.text[inner_from..inner_to].trim().is_empty() {
            return None;
        }
        Some(Span {
            from: self.at,
            to: inner_to + close.len(),
            inner_from,
            inner_to,
            is_display,
            markup: Markup::Delimiters,
            is_asciimath: false,
        })
    }

    fn dollar(&self, rest: &str, n_left: &mut usize) -> Found {
        let n_dollars = rest.bytes().take_while(|byte| *byte == b'$').count();
        match n_dollars {
            1 => {}
            2 => {
                return match self.between("$$", "$$", true, n_left) {
                    Some(span) if self.is_display_formula(&span) => Found::Span(span),
                    _ => Found::Skip(2),
                };
            }
            3 => {
                let span = self.between("$$$", "$$$", false, n_left);
                return span
                    .filter(|span| {
                        let inner = &self.text[span.inner_from..span.inner_to];
                        inner.len() < 500 && (has_command(inner) || n_prose_words(inner) == 0)
                    })
                    .map_or(Found::Skip(3), Found::Span);
            }
            _ => return Found::Skip(n_dollars),
        }
        if let Some(after) = rest.strip_prefix("$latex")
            && after.starts_with(|c: char| c.is_whitespace() || matches!(c, '\\' | '{' | '\u{A0}'))
        {
            let span = self.between("$latex", "$", false, n_left);
            return span.map_or(Found::Skip(6), |span| {
                Found::Span(Span {
                    markup: Markup::Shortcode,
                    ..span
                })
            });
        }
        if rest.starts_with("$`")
            && let Some(span) = self.between("$`", "`$", false, n_left)
        {
            return Found::Span(span);
        }
        if *n_left == 0 {
            return Found::Skip(1);
        }
        let limit = rest.len().min(MAX_DOLLAR_BYTES);
        let (close, n_seen) = find_close(&rest.as_bytes()[1..limit], b"$");
        *n_left = n_left.saturating_sub(n_seen - close.unwrap_or(0).min(n_seen));
        let Some(n) = close else {
            return Found::Skip(1);
        };
        let (inner_from, inner_to) = (self.at + 1, self.at + 1 + n);
        let inner = &self.text[inner_from..inner_to];
        let after = self.text[inner_to + 1..].chars().next();
        let before = self.text[..self.at].chars().next_back();
        if !is_dollar_formula(inner, before, after, self.config.has_dollar) {
            return Found::Skip(1);
        }
        Found::Span(Span {
            from: self.at,
            to: inner_to + 1,
            inner_from,
            inner_to,
            is_display: false,
            markup: Markup::Delimiters,
            is_asciimath: false,
        })
    }

    /// Whether double dollars enclose a formula and not a price class.
    fn is_display_formula(&self, span: &Span) -> bool {
        let inner = &self.text[span.inner_from..span.inner_to];
        if inner.contains('\\') || inner.contains(['^', '_', '=']) {
            return true;
        }
        let n_words = n_prose_words(inner);
        let is_expected = (self.config.has_library || self.config.has_dollar)
            && n_words < 3
            && inner.starts_with(|first: char| {
                first.is_alphanumeric() || matches!(first, '(' | '[' | '-')
            })
            && !self.text[span.to..].starts_with('$');
        (is_expected || n_words == 0) && inner.chars().any(char::is_alphanumeric)
    }
}

/// The first `close` outside braces, or, if there is none, the first at all; and how many bytes
/// were looked at.
fn find_close(bytes: &[u8], close: &[u8]) -> (Option<usize>, usize) {
    let mut depth = 0_usize;
    let mut first = None;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == close[0] && bytes[at..].starts_with(close) {
            if depth == 0 {
                return (Some(at), at);
            }
            first = first.or(Some(at));
        }
        match bytes[at] {
            b'\\' => at += 1,
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b'\n' if bytes.get(at + 1) == Some(&b'\n') && depth == 0 && close == b"$" => break,
            _ => {}
        }
        at += 1;
    }
    (first, bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, has_dollar: bool, expected: &[&str]) {
        let config = Config {
            has_dollar,
            has_library: has_dollar,
            ..Config::default()
        };
        let spans = find(text, &config, 20_000, &mut 1_000_000);
        let found: Vec<&str> = spans
            .iter()
            .map(|span| &text[span.inner_from..span.inner_to])
            .collect();
        assert_eq!(found, expected, "for {text:?}");
    }

    #[test]
    fn prices_and_formulas() {
        for configured in [false, true] {
            check("it costs $5 and then $20 more", configured, &[]);
            check("from $5 to $10, or $15-$20", configured, &[]);
            check("let $x$ be in $A$", configured, &["x", "A"]);
            check("we have $a_1 = b^2$ for $5", configured, &["a_1 = b^2"]);
            check(
                "$\\text{if $x$}$ and $y$",
                configured,
                &["\\text{if $x$}", "y"],
            );
            check("pay $3 million, then $2^n$ is big", configured, &["2^n"]);
            check(
                "\\(x\\) and \\[y\\] and $$z=1$$",
                configured,
                &["x", "y", "z=1"],
            );
            check(
                "cheap $ food, $$ good, $$$ fine, $$$$ best",
                configured,
                &[],
            );
            check(
                "$latex x$ [latex]y[/latex] [math.NT]",
                configured,
                &[" x", "y"],
            );
            check(
                "\\begin{align*}a&=b\\end{align*}",
                configured,
                &["\\begin{align*}a&=b\\end{align*}"],
            );
            check("\\$5 and \\$6", configured, &[]);
            check("US$100 and A$120 in cash", configured, &[]);
        }
        check("for $n$ and $10$ and $ k $", true, &["n", "10", " k "]);
        check("$1<x$ or $0.5$", true, &["1<x", "0.5"]);
    }

    #[test]
    fn hostile_text_is_cheap() {
        let mut n_left = 100_000;
        let text = "${".repeat(200_000);
        assert!(find(&text, &Config::default(), 20_000, &mut n_left).len() < 2);
    }
}
