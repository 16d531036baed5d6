//! Finds formulas and code in Markdown and LaTeX, so that prose can be measured as prose.
//!
//! Linear: a search for a closing mark ends at the next mark of its kind, at a blank line, or after
//! [`MAX_SPAN_BYTES`]; whatever is not closed by then is ordinary text.

use memchr::memmem;
use memchr::{memchr, memchr3};

/// How formulas and code are marked in a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Syntax {
    /// Not at all: source code.
    None,
    /// A dollar before a blank, or after one, is money; backticks are code.
    Markdown,
    /// Every dollar is a delimiter; backticks are quotation marks, but for fences.
    Latex,
}

/// What a span holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum SpanKind {
    /// A formula in running text.
    Inline,
    /// A formula of its own.
    Display,
    /// Code in running text.
    InlineCode,
    /// A fence or a verbatim environment.
    BlockCode,
}

/// Bytes of a text, delimiters included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: SpanKind,
}

impl Span {
    pub(super) fn is_formula(&self) -> bool {
        matches!(self.kind, SpanKind::Inline | SpanKind::Display)
    }

    pub(super) fn is_code(&self) -> bool {
        !self.is_formula()
    }
}

/// A formula or verbatim environment that is longer is ordinary text.
const MAX_SPAN_BYTES: usize = 64 << 10;
/// Inline code that is longer is ordinary text.
const MAX_INLINE_CODE_BYTES: usize = 1_000;
/// Fences of more marks are ordinary text.
const MAX_FENCE_MARKS: usize = 64;

const MATH_ENVIRONMENTS: &[&str] = &[
    "math",
    "displaymath",
    "equation",
    "align",
    "alignat",
    "aligned",
    "gather",
    "multline",
    "eqnarray",
    "flalign",
    "subequations",
    "IEEEeqnarray",
    "dmath",
    "CD",
    "tikzcd",
];
const CODE_ENVIRONMENTS: &[&str] = &[
    "verbatim",
    "Verbatim",
    "lstlisting",
    "minted",
    "alltt",
    "code",
    "tikzpicture",
];

/// All spans of `text`, in order, none inside another.
pub(super) fn find(text: &str, syntax: Syntax) -> Vec<Span> {
    let mut spans = Vec::new();
    if syntax == Syntax::None {
        return spans;
    }
    let bytes = text.as_bytes();
    let mut unclosed_fence_from = MAX_FENCE_MARKS + 1;
    let mut at = 0;
    while let Some(found) = memchr3(b'$', b'\\', b'`', &bytes[at..]) {
        let start = at + found;
        let span = match bytes[start] {
            b'$' => dollars(bytes, start, syntax),
            b'`' => backticks(bytes, start, syntax, &mut unclosed_fence_from),
            _ => backslash(bytes, start),
        };
        match span {
            Ok(span) => {
                at = span.end;
                spans.push(span);
            }
            Err(next) => at = next,
        }
    }
    spans
}

/// The span that opens at `start`, or where to look next.
type Found = Result<Span, usize>;

fn dollars(bytes: &[u8], start: usize, syntax: Syntax) -> Found {
    if bytes.get(start + 1) == Some(&b'$') {
        let open = start + 2;
        return match close(bytes, open, |bytes, at| bytes[at..].starts_with(b"$$")) {
            Some(at) if at > open => Ok(Span {
                start,
                end: at + 2,
                kind: SpanKind::Display,
            }),
            _ => Err(open),
        };
    }
    let open = start + 1;
    // The next dollar closes this one, or none does.
    let Some(at) = close(bytes, open, |bytes, at| bytes[at] == b'$') else {
        return Err(open);
    };
    let is_formula = at > open
        && (syntax == Syntax::Latex
            || !bytes[open].is_ascii_whitespace()
                && !bytes[at - 1].is_ascii_whitespace()
                && !bytes.get(at + 1).is_some_and(u8::is_ascii_digit));
    if is_formula {
        Ok(Span {
            start,
            end: at + 1,
            kind: SpanKind::Inline,
        })
    } else {
        Err(open)
    }
}

/// Position of the first dollar from `at` on for which `is_close` holds, in the same paragraph.
fn close(bytes: &[u8], open: usize, is_close: impl Fn(&[u8], usize) -> bool) -> Option<usize> {
    let window = &bytes[..bytes.len().min(open + MAX_SPAN_BYTES)];
    let mut at = open;
    loop {
        at += memchr3(b'$', b'\\', b'\n', &window[at..])?;
        match window[at] {
            b'\\' => at += 2,
            b'\n' if starts_blank_line(window, at) => return None,
            b'$' if is_close(window, at) => return Some(at),
            _ => at += 1,
        }
        if at >= window.len() {
            return None;
        }
    }
}

/// Whether the line after the line end at `at` is blank.
fn starts_blank_line(bytes: &[u8], at: usize) -> bool {
    let next = bytes[at + 1..]
        .iter()
        .find(|&&byte| byte != b' ' && byte != b'\t');
    next == Some(&b'\n')
}

fn backslash(bytes: &[u8], start: usize) -> Found {
    let next = (start + 2).min(bytes.len());
    match bytes.get(start + 1) {
        Some(b'(') => bracket(bytes, start, b')', SpanKind::Inline),
        Some(b'[') => bracket(bytes, start, b']', SpanKind::Display),
        Some(b'b') => environment(bytes, start),
        _ => Err(next),
    }
}

/// `\( .. \)` and `\[ .. \]`.
fn bracket(bytes: &[u8], start: usize, closing: u8, kind: SpanKind) -> Found {
    let open = start + 2;
    let opening = bytes[start + 1];
    let window = &bytes[..bytes.len().min(open + MAX_SPAN_BYTES)];
    let mut at = open;
    while let Some(found) = window
        .get(at..)
        .and_then(|rest| memchr::memchr2(b'\\', b'\n', rest))
    {
        at += found;
        if window[at] == b'\n' {
            if starts_blank_line(window, at) {
                break;
            }
            at += 1;
            continue;
        }
        match window.get(at + 1) {
            Some(&byte) if byte == closing => {
                return Ok(Span {
                    start,
                    end: at + 2,
                    kind,
                });
            }
            Some(&byte) if byte == opening => break,
            _ => at += 2,
        }
    }
    Err(open)
}

/// `\begin{NAME} .. \end{NAME}` of formulas and verbatim text.
fn environment(bytes: &[u8], start: usize) -> Found {
    let next = start + 2;
    let Some(rest) = bytes[start..].strip_prefix(b"\\begin{") else {
        return Err(next);
    };
    let Some(name_bytes) = memchr(b'}', &rest[..rest.len().min(32)]) else {
        return Err(next);
    };
    let name = &rest[..name_bytes];
    let bare = name.strip_suffix(b"*").unwrap_or(name);
    let is_among = |names: &[&str]| names.iter().any(|known| known.as_bytes() == bare);
    let kind = if is_among(MATH_ENVIRONMENTS) {
        SpanKind::Display
    } else if is_among(CODE_ENVIRONMENTS) {
        SpanKind::BlockCode
    } else {
        return Err(next);
    };
    let body = start + b"\\begin{".len() + name_bytes + 1;
    let window = &bytes[body..bytes.len().min(body + MAX_SPAN_BYTES)];
    let same = |mark: &[u8]| [mark, name, b"}"].concat();
    let end = memmem::find(window, &same(b"\\end{"));
    // An environment that opens again before it closes was never closed.
    let again = memmem::find(&window[..end.unwrap_or(window.len())], &same(b"\\begin{"));
    match (end, again) {
        (Some(end), None) => Ok(Span {
            start,
            end: body + end + b"\\end{".len() + name.len() + 1,
            kind,
        }),
        (_, Some(again)) => Err(body + again),
        (None, None) => Err(body),
    }
}

fn backticks(bytes: &[u8], start: usize, syntax: Syntax, unclosed_fence_from: &mut usize) -> Found {
    let n_marks = bytes[start..]
        .iter()
        .take_while(|&&byte| byte == b'`')
        .count();
    let open = start + n_marks;
    if n_marks >= 3 && is_line_start(bytes, start) && n_marks < *unclosed_fence_from {
        if let Some(end) = fence_end(bytes, open, n_marks) {
            return Ok(Span {
                start,
                end,
                kind: SpanKind::BlockCode,
            });
        }
        *unclosed_fence_from = n_marks;
    }
    if syntax == Syntax::Latex || n_marks > 2 {
        return Err(open);
    }
    let window = &bytes[..bytes.len().min(open + MAX_INLINE_CODE_BYTES)];
    let mut at = open;
    while let Some(found) = memchr::memchr2(b'`', b'\n', &window[at..]) {
        at += found;
        if window[at] == b'\n' {
            break;
        }
        let n_closing = window[at..]
            .iter()
            .take_while(|&&byte| byte == b'`')
            .count();
        at += n_closing;
        if n_closing == n_marks {
            return Ok(Span {
                start,
                end: at,
                kind: SpanKind::InlineCode,
            });
        }
    }
    Err(open)
}

fn is_line_start(bytes: &[u8], at: usize) -> bool {
    let before = bytes[..at]
        .iter()
        .rev()
        .take(64)
        .find(|&&byte| byte != b' ' && byte != b'\t');
    before.is_none_or(|&byte| byte == b'\n')
}

/// End of the line that closes a fence of `n_marks` whose marks end at `open`.
fn fence_end(bytes: &[u8], open: usize, n_marks: usize) -> Option<usize> {
    let first = memchr(b'\n', &bytes[open..])?;
    if memchr(b'`', &bytes[open..open + first]).is_some() {
        return None;
    }
    let mut at = open + first;
    loop {
        let line = at + 1;
        let end = line + memchr(b'\n', &bytes[line..]).unwrap_or(bytes.len() - line);
        let trimmed = bytes[line..end].trim_ascii();
        if trimmed.len() >= n_marks && trimmed.iter().all(|&byte| byte == b'`') {
            return Some(end);
        }
        if end == bytes.len() {
            return None;
        }
        at = end;
    }
}

/// Mark-up outside code.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Marks {
    pub(super) n_commands: usize,
    pub(super) n_unbalanced_braces: usize,
}

/// Counts commands and braces without a partner.
pub(super) fn marks(text: &str, spans: &[Span]) -> Marks {
    let bytes = text.as_bytes();
    let mut marks = Marks::default();
    let mut n_open = 0_usize;
    let mut at = 0;
    let code = spans
        .iter()
        .filter(|span| span.is_code())
        .map(|span| (span.start, span.end));
    for (start, end) in code.chain([(bytes.len(), bytes.len())]) {
        while let Some(found) = bytes
            .get(at..start)
            .and_then(|part| memchr3(b'\\', b'{', b'}', part))
        {
            at += found;
            match bytes[at] {
                b'{' => n_open += 1,
                b'}' if n_open > 0 => n_open -= 1,
                b'}' => marks.n_unbalanced_braces += 1,
                _ => {
                    let is_letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphabetic);
                    let is_command = is_letter(bytes.get(at + 1)) && is_letter(bytes.get(at + 2));
                    marks.n_commands += usize::from(is_command);
                    at += 1;
                }
            }
            at += 1;
        }
        at = end;
    }
    marks.n_unbalanced_braces += n_open;
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, syntax: Syntax, expected: &[&str]) {
        let found: Vec<&str> = find(text, syntax)
            .iter()
            .map(|span| &text[span.start..span.end])
            .collect();
        assert_eq!(found, expected, "in {text:?}");
    }

    #[test]
    fn markdown() {
        let check = |text, expected| check(text, Syntax::Markdown, expected);
        check("let $x$ be in $\\mathbb{R}$.", &["$x$", "$\\mathbb{R}$"]);
        check("it costs $5 and $20 more", &[]);
        check("it costs $5, and $x$ is real", &["$x$"]);
        check("from $5-$10 a piece", &[]);
        check("escaped \\$5 and $n$", &["$n$"]);
        check("$$\na = b\n$$ and $$c$$", &["$$\na = b\n$$", "$$c$$"]);
        check("$$ unclosed\n\n$x$", &["$x$"]);
        check(
            "\\(a\\) and \\[b\\\\[2pt] c\\]",
            &["\\(a\\)", "\\[b\\\\[2pt] c\\]"],
        );
        check(
            "\\begin{align*}a&=b\\end{align*}.",
            &["\\begin{align*}a&=b\\end{align*}"],
        );
        check("\\begin{theorem}$x$\\end{theorem}", &["$x$"]);
        check("`$PATH` and ``a`b``", &["`$PATH`", "``a`b``"]);
        check(
            "```sh\necho $A $B\n```\n$x$",
            &["```sh\necho $A $B\n```", "$x$"],
        );
        check("```\nunclosed $x$", &["$x$"]);
        check("$a \\text{ costs } \\$5$", &["$a \\text{ costs } \\$5$"]);
        check("trailing $", &[]);
        check("trailing \\", &[]);
        check("$\n\nx$", &[]);
    }

    #[test]
    fn latex() {
        let check = |text, expected| check(text, Syntax::Latex, expected);
        check("let $ x $ be", &["$ x $"]);
        check("``quoted'' and `single'", &[]);
        check(
            "\\begin{equation}a\\begin{cases}b\\end{cases}\\end{equation}",
            &["\\begin{equation}a\\begin{cases}b\\end{cases}\\end{equation}"],
        );
        check(
            "\\begin{align} \\begin{align}x\\end{align}",
            &["\\begin{align}x\\end{align}"],
        );
        check(
            "\\begin{verbatim}$x\\end{verbatim}$y$",
            &["\\begin{verbatim}$x\\end{verbatim}", "$y$"],
        );
    }

    #[test]
    fn braces_and_commands() {
        let count = |text: &str| {
            let marks = marks(text, &find(text, Syntax::Markdown));
            (marks.n_commands, marks.n_unbalanced_braces)
        };
        assert_eq!(count("$\\frac{a}{b}$"), (1, 0));
        assert_eq!(count("\\{a\\} }{ {"), (0, 3));
        assert_eq!(count("\\\\alpha \\, \\sin"), (1, 0));
        assert_eq!(count("```\n{{{ \\foo\n```\n\\bar{"), (1, 1));
    }
}
