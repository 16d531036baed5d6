//! From what a page carries to a formula: delimiters off, wrappers off, comments joined.

use std::borrow::Cow;

/// A formula after cleaning.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Cleaned {
    pub(crate) latex: String,
    /// What delimiters or size commands of the formula itself say, if they say anything.
    pub(crate) is_display: Option<bool>,
    /// Whether unescaped braces match.
    pub(crate) is_balanced: bool,
}

/// Commands before a formula that only set its size, colour or resolution.
const PREFIXES: [&str; 18] = [
    "\\Large",
    "\\large",
    "\\LARGE",
    "\\huge",
    "\\Huge",
    "\\small",
    "\\normalsize",
    "\\tiny",
    "\\footnotesize",
    "\\scriptsize",
    "\\normal",
    "\\reverse",
    "\\opaque",
    "\\textstyle",
    "\\bg_",
    "\\fn_",
    "\\dpi",
    "\\fg_",
];

/// Cleans `raw`; `None` if nothing is left. Linear but for nested wrappers (at most 8 are taken).
pub(crate) fn clean(raw: &str) -> Option<Cleaned> {
    let mut text: Cow<'_, str> = Cow::Borrowed(raw);
    if raw.contains(is_odd) {
        text = raw.chars().filter_map(tame).collect::<String>().into();
    }
    if text.contains('%') {
        text = join_comments(&text).into();
    }
    if text.contains("\\leavevmode") {
        // how LaTeXML writes a tie
        text = text
            .replace("\\leavevmode\\nobreak\\ ", "~")
            .replace("\\leavevmode", "")
            .into();
    }
    let mut is_display = None;
    let mut rest = text.trim();
    for _ in 0..8 {
        let before = rest;
        if let Some((inner, display)) = strip_delimiters(rest) {
            is_display = is_display.or(Some(display));
            rest = inner.trim();
        }
        if let Some(inner) = strip_style_group(rest) {
            rest = inner.trim();
        }
        if let Some((inner, says)) = strip_prefix(rest) {
            is_display = is_display.or(says);
            rest = inner.trim_start();
        }
        if let Some(inner) = strip_url_tail(rest) {
            rest = inner.trim_end();
        }
        if rest.len() == before.len() {
            break;
        }
    }
    let mut n_marks = 0; // a trailing `\\` breaks no line
    while let Some(inner) = rest.strip_suffix("\\\\") {
        if inner.ends_with('\\') || n_marks > 4 {
            break;
        }
        rest = inner.trim_end();
        n_marks += 1;
    }
    if rest.is_empty()
        || rest
            .chars()
            .all(|letter| matches!(letter, '{' | '}' | ' ' | '~'))
    {
        return None;
    }
    let mut latex = rest.to_owned();
    let is_balanced = repair_braces(&mut latex);
    escape_dollars(&mut latex);
    if ends_with_lone_backslash(&latex) {
        latex.push(' '); // `\ ` at the end, not an escaped delimiter
    }
    Some(Cleaned {
        latex,
        is_display,
        is_balanced,
    })
}

/// Whether the last backslash would escape what follows.
fn ends_with_lone_backslash(latex: &str) -> bool {
    latex
        .bytes()
        .rev()
        .take_while(|byte| *byte == b'\\')
        .count()
        % 2
        == 1
}

fn is_odd(letter: char) -> bool {
    (letter.is_control() && letter != '\n')
        || matches!(letter, '\u{A0}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}'
            | '\u{2028}' | '\u{2029}' | '\u{FDD0}'..='\u{FDEF}')
}

/// White space becomes space or newline, invisible characters go.
fn tame(letter: char) -> Option<char> {
    match letter {
        '\t' | '\r' | '\u{A0}' => Some(' '),
        '\u{2028}' | '\u{2029}' => Some('\n'),
        _ if is_odd(letter) => None,
        _ => Some(letter),
    }
}

/// Removes comments as TeX does: from an unescaped `%` through the line end and the next
/// indentation. A `%` on the last line is left, since it would swallow the formula's end.
fn join_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'%', rest.as_bytes()) {
        let before = &rest[..at];
        out.push_str(before);
        let is_escaped = ends_with_lone_backslash(before);
        let line_end = memchr::memchr(b'\n', &rest.as_bytes()[at..]);
        match line_end {
            Some(n) if !is_escaped => rest = rest[at + n + 1..].trim_start_matches([' ', '\t']),
            _ => {
                out.push('%');
                rest = &rest[at + 1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// Takes `$..$`, `$$..$$`, `\(..\)`, `\[..\]` off if they enclose the whole.
pub(crate) fn strip_delimiters(text: &str) -> Option<(&str, bool)> {
    const PAIRS: [(&str, &str, bool); 10] = [
        ("$$$", "$$$", false),
        ("$$", "$$", true),
        ("$", "$", false),
        ("\\(", "\\)", false),
        ("\\[", "\\]", true),
        ("\\begin{displaymath}", "\\end{displaymath}", true),
        ("\\begin{math}", "\\end{math}", false),
        ("[tex]", "[/tex]", true),
        ("[itex]", "[/itex]", false),
        ("[latex]", "[/latex]", false),
    ];
    for (open, close, is_display) in PAIRS {
        if let Some(inner) = text
            .strip_prefix(open)
            .and_then(|rest| rest.strip_suffix(close))
        {
            let is_whole = match open {
                "$$$" | "$" | "$$" => !has_dollar(inner) && !ends_with_lone_backslash(inner),
                _ => !inner.contains(open),
            };
            if is_whole {
                return Some((inner, is_display));
            }
        }
    }
    None
}

/// Whether an unescaped dollar stands outside braces.
fn has_dollar(text: &str) -> bool {
    let mut depth = 0_usize;
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b'$' if depth == 0 => return true,
            _ => {}
        }
    }
    false
}

/// Takes the braces off `{\displaystyle X}` and `{\textstyle X}`.
fn strip_style_group(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    let content = inner
        .trim_start()
        .strip_prefix("\\displaystyle")
        .or_else(|| inner.trim_start().strip_prefix("\\textstyle"))
        .filter(|rest| !rest.starts_with(|next: char| next.is_ascii_alphabetic()))?;
    is_one_group(inner).then_some(content)
}

/// Whether braces inside never close more than they opened, so that the outer pair is one group.
fn is_one_group(inner: &str) -> bool {
    let mut depth = 0_i64;
    let mut bytes = inner.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

/// Takes `\displaystyle` off the front, where it only says how a formula stands.
pub(crate) fn strip_displaystyle(text: &str) -> Option<&str> {
    let rest = text.trim_start().strip_prefix("\\displaystyle")?;
    (!rest.starts_with(|next: char| next.is_ascii_alphabetic())).then(|| rest.trim_start())
}

/// Takes one sizing command off; `\inline` also says how the formula stands.
fn strip_prefix(text: &str) -> Option<(&str, Option<bool>)> {
    let after = |word: &str| {
        let rest = text.strip_prefix(word)?;
        (!rest.starts_with(|next: char| next.is_ascii_alphabetic())).then_some(rest)
    };
    if let Some(rest) = after("\\inline") {
        return Some((rest, Some(false)));
    }
    for prefix in PREFIXES {
        if prefix.ends_with('_') {
            let Some(rest) = text.strip_prefix(prefix) else {
                continue;
            };
            let n = rest
                .find(|next: char| !next.is_ascii_alphanumeric())
                .unwrap_or(rest.len());
            return Some((&rest[n..], None));
        }
        let Some(rest) = after(prefix) else { continue };
        if prefix == "\\dpi" {
            let rest = rest.trim_start().strip_prefix('{')?;
            return rest.split_once('}').map(|(_, rest)| (rest, None));
        }
        return Some((rest, None));
    }
    None
}

/// Takes `&bg=ffffff&fg=000000&s=0` off the end.
fn strip_url_tail(text: &str) -> Option<&str> {
    let start = text.len().saturating_sub(80);
    let start = (start..text.len()).find(|at| text.is_char_boundary(*at))?;
    let tail = &text[start..];
    let at = ["&bg=", "&fg=", "&s=", "&amp;bg=", "&amp;fg=", "&#038;bg="]
        .iter()
        .filter_map(|key| tail.find(key))
        .min()?;
    let is_tail = tail[at..].bytes().all(|byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'&' | b'=' | b'#' | b';' | b'%' | b'-')
    });
    is_tail.then(|| &text[..start + at])
}

/// Adds up to two missing closing braces at the end, or takes surplus ones off it.
fn repair_braces(latex: &mut String) -> bool {
    let mut depth = 0_i64;
    let mut lowest = 0_i64;
    let mut bytes = latex.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        lowest = lowest.min(depth);
    }
    match (lowest, depth) {
        (0, 0) => true,
        (0, 1 | 2) => {
            for _ in 0..depth {
                latex.push('}');
            }
            true
        }
        (-1, -1) if latex.ends_with('}') && !latex.ends_with("\\}") => {
            latex.pop();
            true
        }
        _ => false,
    }
}

/// Escapes dollars outside braces, which would end the formula early.
fn escape_dollars(latex: &mut String) {
    if !has_dollar(latex) {
        return;
    }
    let mut out = String::with_capacity(latex.len() + 8);
    let mut depth = 0_usize;
    let mut letters = latex.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                out.push('\\');
                out.extend(letters.next());
                continue;
            }
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '$' if depth == 0 => out.push('\\'),
            _ => {}
        }
        out.push(letter);
    }
    *latex = out;
}

/// `latex` without white space, sizes and outer braces: equal for two copies of one formula.
pub(crate) fn twin_key(latex: &str) -> String {
    latex
        .chars()
        .filter(|letter| !letter.is_whitespace() && !matches!(letter, '{' | '}'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &str, latex: &str, is_display: Option<bool>) {
        let cleaned = clean(raw).unwrap();
        assert_eq!(
            (cleaned.latex.as_str(), cleaned.is_display),
            (latex, is_display),
            "for {raw:?}"
        );
    }

    #[test]
    fn wrappers_go() {
        check("{\\displaystyle \\zeta (s)}", "\\zeta (s)", None);
        check("$$ a+b $$", "a+b", Some(true));
        check("\\(x\\)", "x", Some(false));
        check(
            "\\dpi{120} \\bg_white \\fn_cm \\Large \\inline x^2",
            "x^2",
            Some(false),
        );
        check("\\displaystyle\\sum_i", "\\displaystyle\\sum_i", None);
        check("x&bg=ffffff&fg=000000&s=0", "x", None);
        check("a%\n  b\\% c", "ab\\% c", None);
        check("n\\ge r\\\\", "n\\ge r", None);
        check("\\text{if $x$}", "\\text{if $x$}", None);
        check("a $ b", "a \\$ b", None);
        check("\\frac{a}{b", "\\frac{a}{b}", None);
        check("{a}+{b}", "{a}+{b}", None);
        assert_eq!(clean(" {} "), None);
        assert_eq!(clean("$$"), None);
        assert!(!clean("}x{").unwrap().is_balanced);
    }
}
