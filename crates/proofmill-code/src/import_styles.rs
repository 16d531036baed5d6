//! How each language spells an import: one small function a language, from statement to names.
//!
//! Called by [`crate::imports`] on the code at the start of a line that may import; `code` has comments
//! and strings blanked, `source` is the same line as written.

use crate::imports::{Found, statement};
use crate::scan::is_name_byte;

pub(crate) fn first_word(text: &str) -> &str {
    text.split(|c: char| c.is_whitespace() || matches!(c, ';' | '(' | ')'))
        .find(|word| !word.is_empty())
        .unwrap_or_default()
}

pub(crate) fn is_haskell_word(word: &str) -> bool {
    matches!(word, "qualified" | "safe" | "public")
        || word.starts_with('{')
        || word == "#-}"
        || word.starts_with("SOURCE")
}

pub(crate) fn include(found: &mut Found, source: &str) {
    let rest = source.trim_start_matches('#').trim_start();
    let Some(rest) = rest
        .strip_prefix("include")
        .or_else(|| rest.strip_prefix("import"))
    else {
        return;
    };
    let rest = rest.trim_start();
    let (close, body) = match rest.chars().next() {
        Some('<') => ('>', &rest[1..]),
        Some('"') => ('"', &rest[1..]),
        _ => return,
    };
    if let Some((name, _)) = body.split_once(close) {
        // The folder names the library (`gsl/gsl_math.h`), else the file's own name does; upward
        // steps name neither.
        found.add(name.trim_start_matches("../").trim_start_matches("./"));
    }
}

pub(crate) fn coq(found: &mut Found, classes: &[u8], start: usize, code: &str) {
    if !(code.starts_with("Require") || code.starts_with("From ")) {
        return;
    }
    // A sentence ends with a period before white space; a period inside a name does not.
    let sentence = statement(classes, start, |bytes, at| {
        bytes[at] == b'.' && bytes.get(at + 1).is_none_or(u8::is_ascii_whitespace)
    });
    let mut words = sentence.split_whitespace().peekable();
    let mut library = None;
    if words.peek() == Some(&"From") {
        words.next();
        library = words.next();
    }
    for word in words {
        match word {
            "Require" | "Import" | "Export" => {}
            _ => match library {
                Some(library) => found.add(&format!("{library}.{word}")),
                None => found.add(word),
            },
        }
    }
}

pub(crate) fn fortran(found: &mut Found, code: &str, source: &str) {
    let lower = code.to_ascii_lowercase();
    if let Some(rest) = lower
        .strip_prefix("use")
        .filter(|rest| rest.starts_with([' ', ',', ':']))
    {
        let rest = rest.split_once("::").map_or(rest, |(_, rest)| rest);
        found.add(first_word(rest.split(',').next().unwrap_or_default()));
    } else if lower.starts_with("include") {
        found.add(source["include".len()..].trim().trim_matches(['\'', '"']));
    }
}

pub(crate) fn julia(found: &mut Found, classes: &[u8], start: usize, code: &str) {
    let code = code.strip_prefix("@everywhere ").unwrap_or(code);
    let Some(_) = code
        .strip_prefix("using ")
        .or_else(|| code.strip_prefix("import "))
    else {
        return;
    };
    // A comma at the line's end continues the statement.
    let full = statement(classes, start, |bytes, at| {
        let before = bytes[start..at]
            .iter()
            .rev()
            .find(|byte| !byte.is_ascii_whitespace());
        bytes[at] == b';' || (bytes[at] == b'\n' && before != Some(&b',') && before != Some(&b':'))
    });
    let full = full.strip_prefix("@everywhere ").unwrap_or(&full);
    let names = full.split_once(' ').map_or("", |(_, names)| names);
    // `using A: x, y` imports names out of one module; `using A, B` imports two.
    let modules = names.split_once(": ").map_or(names, |(module, _)| module);
    for module in modules.split(',') {
        found.add(first_word(module));
    }
}

pub(crate) fn maple(found: &mut Found, code: &str) {
    let mut rest = code;
    while let Some(at) = rest.find("with") {
        let is_word = at == 0 || !is_name_byte(rest.as_bytes()[at - 1]);
        rest = &rest[at + "with".len()..];
        let Some(inner) = rest.trim_start().strip_prefix('(').filter(|_| is_word) else {
            continue;
        };
        found.add(inner.split([')', ',']).next().unwrap_or_default());
    }
    let mut rest = code;
    while let Some(at) = rest.find(":-") {
        let head = rest[..at].trim_end();
        let name = head
            .rsplit(|c: char| !(c.is_alphanumeric() || c == '_'))
            .next();
        found.add(name.unwrap_or_default());
        rest = &rest[at + 2..];
    }
}

pub(crate) fn python(found: &mut Found, classes: &[u8], start: usize, code: &str) {
    if !(code.starts_with("import ") || code.starts_with("from ")) {
        return;
    }
    let full = statement(classes, start, |bytes, at| {
        let is_continued = at > start && bytes[at - 1] == b'\\';
        bytes[at] == b';' || (bytes[at] == b'\n' && !is_continued)
    });
    if let Some(rest) = full.strip_prefix("import ") {
        for part in rest.split(',') {
            found.add(first_word(part.trim_start_matches(['\\', ' '])));
        }
    } else if let Some((module, _)) = full["from ".len()..].split_once(" import") {
        found.add(first_word(module));
    }
}

pub(crate) fn r(found: &mut Found, source: &str, code: &str) {
    for call in ["library", "require", "requireNamespace", "loadNamespace"] {
        let mut from = 0;
        while let Some(at) = code.get(from..).and_then(|rest| rest.find(call)) {
            let at = from + at;
            from = at + call.len();
            let is_word = at == 0 || !is_name_byte(code.as_bytes()[at - 1]);
            let Some(rest) = source.get(from..) else {
                break;
            };
            if let Some(inner) = rest.trim_start().strip_prefix('(').filter(|_| is_word) {
                let name = inner.split([')', ',']).next().unwrap_or_default();
                found.add(name.trim().trim_matches(['"', '\'']));
            }
        }
    }
    let mut rest = code;
    while let Some(at) = rest.find("::") {
        let name = rest[..at]
            .rsplit(|c: char| !(c.is_alphanumeric() || c == '.'))
            .next();
        found.add(name.unwrap_or_default());
        rest = rest[at + 2..].trim_start_matches(':');
    }
}

pub(crate) fn tex(found: &mut Found, code: &str) {
    for command in ["\\usepackage", "\\RequirePackage", "\\documentclass"] {
        let mut rest = code;
        while let Some(at) = rest.find(command) {
            rest = &rest[at + command.len()..];
            let Some((_, inner)) = rest.split_once('{') else {
                break;
            };
            let names = inner.split('}').next().unwrap_or_default();
            for name in names.split(',') {
                found.add(name);
            }
        }
    }
}

/// `call("name")` and `call => {"a", "b"}`: the strings behind one of `calls`.
pub(crate) fn called_with_string(found: &mut Found, source: &str, code: &str, calls: &[&str]) {
    for call in calls {
        let Some(at) = code.find(call) else { continue };
        let is_word = at == 0 || !is_name_byte(code.as_bytes()[at - 1]);
        let Some(rest) = source.get(at + call.len()..).filter(|_| is_word) else {
            continue;
        };
        if !rest.trim_start().starts_with(['(', '"', '=', ',']) {
            continue;
        }
        for (index, name) in rest.split('"').enumerate() {
            if index % 2 == 1 {
                found.add(name);
            }
        }
        return;
    }
}

/// `theory T imports A "B/C" begin`, over several lines, in the head of the file only.
pub(crate) fn isabelle(found: &mut Found, text: &str, classes: &[u8]) {
    let head = statement(classes, 0, |_, _| false);
    let Some(from) = head.find(" imports ").map(|at| at + " imports ".len()) else {
        return;
    };
    let Some(to) = head[from..].find(" begin").map(|length| from + length) else {
        return;
    };
    let names = text.get(from..to).unwrap_or(&head[from..to]);
    for name in names.split_whitespace() {
        if name == "keywords" || name == "uses" || name == "abbrevs" {
            break;
        }
        let name = name.trim_matches('"');
        found.add(
            name.rsplit('/')
                .next()
                .filter(|_| name.starts_with(['.', '~', '$']))
                .unwrap_or(name),
        );
    }
    let head = &classes[..to.min(classes.len())];
    found.imports.n_lines = memchr::memchr_iter(b'\n', head).count() + 1;
    found.imports.n_bytes = head.iter().filter(|&&byte| byte > b' ').count();
}

/// Counts listed names that are called, for languages whose toolboxes need no import.
pub(crate) fn calls(found: &mut Found, text: &str, classes: &[u8]) {
    let bytes = classes;
    let mut at = 0;
    while at < bytes.len() {
        let Some(skip) = memchr::memchr(b'(', &bytes[at..]) else {
            return;
        };
        let paren = at + skip;
        at = paren + 1;
        let before = &bytes[..paren];
        let trimmed = before.len()
            - before
                .iter()
                .rev()
                .take_while(|&&byte| byte == b' ')
                .take(4)
                .count();
        let length = before[..trimmed]
            .iter()
            .rev()
            .take_while(|&&byte| is_name_byte(byte))
            .take(64)
            .count();
        if length == 0 {
            continue;
        }
        if let Some(name) = text.get(trimmed - length..trimmed)
            && found.names.lists(name)
        {
            found.add(name);
        }
    }
}
