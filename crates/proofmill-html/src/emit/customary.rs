//! Macros that nobody has to define: names with one meaning on all sites that use them.
//!
//! Sites such as the manuals of Sage configure them in a script that the page only links to. The
//! table is data (`data/customary-macros.txt`).

use std::sync::LazyLock;

/// A macro of the table.
struct Customary {
    name: &'static str,
    n_args: u8,
    body: &'static str,
}

static TABLE: LazyLock<Vec<Customary>> = LazyLock::new(|| {
    let lines = include_str!("../../data/customary-macros.txt").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    let macros = lines.filter_map(|line| {
        let mut parts = line.splitn(3, ' ');
        Some(Customary {
            name: parts.next()?,
            n_args: parts.next()?.parse().ok()?,
            body: parts.next()?,
        })
    });
    macros.collect()
});

/// Longest argument, in bytes.
const MAX_ARGUMENT_BYTES: usize = 1000;

/// Deepest nesting of arguments that is followed.
const MAX_DEPTH: usize = 8;

/// The formula with customary macros expanded; `None` if it has none. Linear in the formula.
pub(super) fn expand(latex: &str) -> Option<String> {
    let mut out = String::new();
    write(latex, 0, &mut out).then_some(out)
}

/// Appends `latex` expanded; whether there was a macro.
fn write(latex: &str, depth: usize, out: &mut String) -> bool {
    let mut is_used = false;
    let mut rest = latex;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        let (before, command) = rest.split_at(at);
        out.push_str(before);
        let after = &command[1..];
        let n_name = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let known = TABLE.iter().find(|known| known.name == &after[..n_name]);
        let argument = &after[n_name..];
        let used = match known {
            Some(known) if known.n_args == 0 => Some((known, "", argument)),
            Some(known) if depth < MAX_DEPTH => {
                group(argument).map(|(inner, rest)| (known, inner, rest))
            }
            _ => None,
        };
        if let Some((known, inner, after)) = used {
            is_used = true;
            // a script takes one token, so the body of its macro stays together
            let is_script = out.trim_end().ends_with(['^', '_']);
            out.push_str(if is_script { "{" } else { "" });
            for (index, part) in known.body.split("#1").enumerate() {
                if index > 0 {
                    write(inner, depth + 1, out);
                }
                out.push_str(part);
            }
            out.push_str(if is_script { "}" } else { "" });
            rest = after;
            continue;
        }
        // an escaped character, maybe a backslash, begins no name
        let n_escaped = after.chars().next().map_or(0, char::len_utf8);
        let n_bytes = 1 + n_name.max(n_escaped);
        out.push_str(&command[..n_bytes]);
        rest = &command[n_bytes..];
    }
    out.push_str(rest);
    is_used
}

/// What stands in the braces that come first, and what after them.
fn group(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let mut depth = 0_usize;
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().take(MAX_ARGUMENT_BYTES) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'{' => depth += 1,
            b'}' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return (byte == b'}').then(|| (&text[1..at], &text[at + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert!(TABLE.len() >= 10);
        for (latex, expected) in [
            (r"x\in\ZZ^n", Some(r"x\in\mathbb{Z}^n")),
            (r"\GF{q}[x]", Some(r"\mathbb{F}_{q}[x]")),
            (r"\GF", None),
            (r"\ZZZ+\Q", None),
            (r"x^\ZZ\{\}", Some(r"x^{\mathbb{Z}}\{\}")),
            (
                r"\GF{\Zmod{n}}",
                Some(r"\mathbb{F}_{\mathbb{Z}/n\mathbb{Z}}"),
            ),
            (r"\GF{q\}", None),
            (r"x\\ZZ", None),
            (r"\QQbar/\QQ", Some(r"\overline{\mathbb{Q}}/\mathbb{Q}")),
        ] {
            assert_eq!(expand(latex).as_deref(), expected, "for {latex}");
        }
    }
}
