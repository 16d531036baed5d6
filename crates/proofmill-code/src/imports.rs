//! Finds what a file imports, in the spelling of its language.
//!
//! Works on scanned text, so imports in comments and strings do not count, and a line that names many
//! modules gives them all. What is found is the name as written (`scipy.linalg`, `gsl/gsl_math.h`,
//! `Mathlib.Data.Nat.Basic`); [`Names`] decides which packages it belongs to.

use rustc_hash::FxHashMap;

use crate::definition::{Field, ImportStyle, Packages};
use crate::scan::is_name_byte;

/// Names looked at in one file; more are a table, not imports.
const MAX_IMPORTS: usize = 10_000;
/// Lines an import statement may continue over.
const MAX_STATEMENT_BYTES: usize = 4096;

/// What a file imports, measured against a list of packages.
#[expect(
    clippy::struct_field_names,
    reason = "`n_` is the house word for a count"
)]
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Imports {
    /// Names imported, repeated ones counted again.
    pub(crate) n_names: usize,
    /// Lines that import, continuation lines included.
    pub(crate) n_lines: usize,
    /// Bytes of code on them, white space left out.
    pub(crate) n_bytes: usize,
    /// Distinct listed packages by field.
    pub(crate) n_numeric: usize,
    /// See [`Field::Symbolic`].
    pub(crate) n_symbolic: usize,
    /// See [`Field::Formal`].
    pub(crate) n_formal: usize,
    /// See [`Field::Plumbing`].
    pub(crate) n_plumbing: usize,
    /// Distinct packages of the published list.
    pub(crate) n_published: usize,
}

impl Imports {
    /// Distinct listed packages of mathematics, of any field.
    pub(crate) fn n_evidence(&self) -> usize {
        self.n_numeric + self.n_symbolic + self.n_formal
    }
}

/// The packages of one language by name.
#[derive(Debug)]
pub(crate) struct Names {
    style: ImportStyle,
    packages: FxHashMap<String, Package>,
}

#[derive(Clone, Copy, Debug)]
struct Package {
    index: usize,
    field: Field,
    published: bool,
}

impl Names {
    /// Compiles the lists of one language.
    pub(crate) fn new(style: ImportStyle, lists: &[Packages]) -> Self {
        let mut packages = FxHashMap::default();
        for list in lists {
            for name in &list.names {
                let index = packages.len();
                let package = Package {
                    index,
                    field: list.field,
                    published: list.published,
                };
                packages.insert(fold(style, name), package);
            }
        }
        Self { style, packages }
    }

    /// Scans `text`; `classes` is the same text with comments and strings overwritten.
    pub(crate) fn find(&self, text: &str, classes: &[u8]) -> Imports {
        self.find_as(self.style, text, classes)
    }

    fn find_as(&self, style: ImportStyle, text: &str, classes: &[u8]) -> Imports {
        let mut found = Found {
            names: self,
            imports: Imports::default(),
            seen: Vec::new(),
            style,
        };
        match style {
            ImportStyle::None => {}
            ImportStyle::Matlab => calls(&mut found, text, classes),
            ImportStyle::Isabelle => isabelle(&mut found, text, classes),
            _ => lines(&mut found, text, classes),
        }
        found.imports
    }

    /// The most specific listed package that `name` belongs to.
    fn get(&self, style: ImportStyle, name: &str) -> Option<Package> {
        let folded = fold(style, name);
        let mut rest = folded.as_str();
        loop {
            if let Some(package) = self.packages.get(rest) {
                return Some(*package);
            }
            let cut = rest.rfind(|c: char| is_separator(style, c))?;
            rest = &rest[..cut];
        }
    }
}

fn fold(style: ImportStyle, name: &str) -> String {
    match style {
        ImportStyle::C | ImportStyle::Fortran | ImportStyle::Gap => name.to_ascii_lowercase(),
        _ => name.to_owned(),
    }
}

fn is_separator(style: ImportStyle, c: char) -> bool {
    match style {
        ImportStyle::C => matches!(c, '/' | '.' | '_' | '-'),
        ImportStyle::Fortran => c == '_',
        ImportStyle::Isabelle => matches!(c, '.' | '/' | '-'),
        ImportStyle::R | ImportStyle::Gap | ImportStyle::Matlab | ImportStyle::Tex => false,
        _ => c == '.',
    }
}

/// Collects names while a file is scanned.
struct Found<'a> {
    names: &'a Names,
    imports: Imports,
    seen: Vec<usize>,
    style: ImportStyle,
}

impl Found<'_> {
    fn add(&mut self, name: &str) {
        let name = name.trim();
        if name.is_empty() || self.imports.n_names >= MAX_IMPORTS {
            return;
        }
        self.imports.n_names += 1;
        let Some(package) = self.names.get(self.style, name) else {
            return;
        };
        if self.seen.contains(&package.index) {
            return;
        }
        self.seen.push(package.index);
        let counter = match package.field {
            Field::Numeric => &mut self.imports.n_numeric,
            Field::Symbolic => &mut self.imports.n_symbolic,
            Field::Formal => &mut self.imports.n_formal,
            Field::Plumbing => &mut self.imports.n_plumbing,
        };
        *counter += 1;
        self.imports.n_published += usize::from(package.published);
    }

    /// Adds each maximal run of `is_part` characters.
    fn add_words(&mut self, text: &str, is_part: fn(char) -> bool) {
        for word in text.split(|c: char| !is_part(c)) {
            self.add(word);
        }
    }
}

/// What an import of a language without leading keyword must hold; spares the walk over lines.
fn needles(style: ImportStyle) -> &'static [&'static str] {
    match style {
        ImportStyle::R => &["library", "require", "loadNamespace", "::"],
        ImportStyle::Maple => &["with", ":-"],
        ImportStyle::Gap => &["Package"],
        ImportStyle::Macaulay2 => &["needs", "load", "Package"],
        _ => &[],
    }
}

/// Walks over lines whose first code byte may begin an import.
fn lines(found: &mut Found, text: &str, classes: &[u8]) {
    let needles = needles(found.style);
    let holds = |needle: &&str| memchr::memmem::find(classes, needle.as_bytes()).is_some();
    if !needles.is_empty() && !needles.iter().any(holds) {
        return;
    }
    let mut from = 0;
    while from < classes.len() {
        let to = line_end(classes, from);
        let skip = classes[from..to]
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        let start = from + skip;
        let mut end = to;
        if start < to && classes[start] > 2 && may_import(found.style, &classes[start..to]) {
            let before = found.imports.n_names;
            line(found, text, classes, start, to);
            if found.imports.n_names > before {
                end = continued(found, classes, from, to, skip);
            }
        }
        from = end + 1;
    }
}

fn line_end(classes: &[u8], from: usize) -> usize {
    let rest = classes.get(from..).unwrap_or_default();
    memchr::memchr(b'\n', rest).map_or(classes.len(), |length| from + length)
}

/// End of the import statement on the line `from..to`: with it go lines inside its brackets and lines
/// indented deeper. Counts its lines and bytes.
fn continued(found: &mut Found, classes: &[u8], from: usize, to: usize, indent: usize) -> usize {
    let mut depth = 0_usize;
    let (mut from, mut to) = (from, to);
    let limit = classes
        .len()
        .min(from.saturating_add(4 * MAX_STATEMENT_BYTES));
    loop {
        let code = classes[from..to].iter().filter(|&&byte| byte > b' ');
        for &byte in code {
            found.imports.n_bytes += 1;
            match byte {
                b'(' | b'{' => depth += 1,
                b')' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        found.imports.n_lines += 1;
        let next = to + 1;
        if next >= limit || matches!(found.style, ImportStyle::C | ImportStyle::Tex) {
            return to;
        }
        let end = line_end(classes, next);
        let blank = classes[next..end]
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        let is_deeper = blank > indent && next + blank < end && has_continuation(found.style);
        if depth == 0 && !is_deeper {
            return to;
        }
        (from, to) = (next, end);
    }
}

/// Whether an import goes on over lines that are indented deeper.
fn has_continuation(style: ImportStyle) -> bool {
    matches!(
        style,
        ImportStyle::Agda | ImportStyle::Haskell | ImportStyle::Coq | ImportStyle::Julia
    )
}

/// Whether the code at the start of a line may begin an import.
fn may_import(style: ImportStyle, code: &[u8]) -> bool {
    let prefixes: &[&str] = match style {
        ImportStyle::C => &["#"],
        ImportStyle::Agda => &["open", "import"],
        ImportStyle::Haskell => &["import"],
        ImportStyle::Lean => &["import", "public"],
        ImportStyle::Coq => &["Require", "From"],
        ImportStyle::Fortran => &["use", "USE", "Use", "include", "INCLUDE", "Include"],
        ImportStyle::Julia => &["using", "import", "@everywhere"],
        ImportStyle::Python => &["import", "from"],
        ImportStyle::Notebook => &["import", "from", "using"],
        ImportStyle::Tex => &["\\usepackage", "\\RequirePackage", "\\documentclass"],
        ImportStyle::None
        | ImportStyle::Gap
        | ImportStyle::Isabelle
        | ImportStyle::Macaulay2
        | ImportStyle::Maple
        | ImportStyle::Matlab
        | ImportStyle::R => return true,
    };
    prefixes
        .iter()
        .any(|prefix| code.starts_with(prefix.as_bytes()))
}

/// The statement in `text[start..]` up to its end, comments and strings blanked.
fn statement(classes: &[u8], start: usize, is_end: impl Fn(&[u8], usize) -> bool) -> String {
    let stop = classes.len().min(start.saturating_add(MAX_STATEMENT_BYTES));
    let mut end = start;
    while end < stop && !is_end(classes, end) {
        end += 1;
    }
    let bytes: Vec<u8> = classes[start..end]
        .iter()
        .map(|&byte| if byte <= b' ' { b' ' } else { byte })
        .collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn line(found: &mut Found, text: &str, classes: &[u8], start: usize, end: usize) {
    let code = statement(classes, start, |_, at| at >= end);
    let mut stop = end.min(start.saturating_add(MAX_STATEMENT_BYTES));
    while !text.is_char_boundary(stop) {
        stop -= 1;
    }
    let source = text.get(start..stop).unwrap_or_default();
    match found.style {
        ImportStyle::Agda => {
            let rest = code.strip_prefix("open ").unwrap_or(&code).trim_start();
            if let Some(rest) = rest.strip_prefix("import ") {
                found.add(first_word(rest));
            }
        }
        ImportStyle::C => include(found, source),
        ImportStyle::Coq => coq(found, classes, start, &code),
        ImportStyle::Fortran => fortran(found, &code, source),
        ImportStyle::Gap => called_with_string(
            found,
            source,
            &code,
            &[
                "LoadPackage",
                "IsPackageMarkedForLoading",
                "TestPackageAvailability",
            ],
        ),
        ImportStyle::Haskell => {
            let rest = code
                .strip_prefix("import")
                .filter(|rest| rest.starts_with(' '));
            if let Some(rest) = rest {
                let words = rest
                    .split_whitespace()
                    .filter(|word| !is_haskell_word(word));
                if let Some(name) = words.into_iter().next() {
                    found.add(name.split('(').next().unwrap_or_default());
                }
            }
        }
        ImportStyle::Julia => julia(found, classes, start, &code),
        ImportStyle::Lean => {
            let rest = code.strip_prefix("public ").unwrap_or(&code);
            if let Some(rest) = rest.strip_prefix("import ") {
                found.add_words(rest.strip_prefix("all ").unwrap_or(rest), |c| {
                    !c.is_whitespace()
                });
            }
        }
        ImportStyle::Macaulay2 => called_with_string(
            found,
            source,
            &code,
            &[
                "needsPackage",
                "loadPackage",
                "needs",
                "load",
                "PackageImports",
                "PackageExports",
            ],
        ),
        ImportStyle::Maple => maple(found, &code),
        ImportStyle::Notebook => {
            if let Some(rest) = code.strip_prefix("using ") {
                found.add_words(rest, |c| {
                    c.is_alphanumeric() || matches!(c, '_' | '.' | '!')
                });
            } else {
                python(found, classes, start, &code);
            }
        }
        ImportStyle::Python => python(found, classes, start, &code),
        ImportStyle::R => r(found, source, &code),
        ImportStyle::Tex => tex(found, &code),
        ImportStyle::None | ImportStyle::Matlab | ImportStyle::Isabelle => {}
    }
}

fn first_word(text: &str) -> &str {
    text.split(|c: char| c.is_whitespace() || matches!(c, ';' | '(' | ')'))
        .find(|word| !word.is_empty())
        .unwrap_or_default()
}

fn is_haskell_word(word: &str) -> bool {
    matches!(word, "qualified" | "safe" | "public")
        || word.starts_with('{')
        || word == "#-}"
        || word.starts_with("SOURCE")
}

fn include(found: &mut Found, source: &str) {
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

fn coq(found: &mut Found, classes: &[u8], start: usize, code: &str) {
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

fn fortran(found: &mut Found, code: &str, source: &str) {
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

fn julia(found: &mut Found, classes: &[u8], start: usize, code: &str) {
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

fn maple(found: &mut Found, code: &str) {
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

fn python(found: &mut Found, classes: &[u8], start: usize, code: &str) {
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

fn r(found: &mut Found, source: &str, code: &str) {
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

fn tex(found: &mut Found, code: &str) {
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
fn called_with_string(found: &mut Found, source: &str, code: &str, calls: &[&str]) {
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
fn isabelle(found: &mut Found, text: &str, classes: &[u8]) {
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
fn calls(found: &mut Found, text: &str, classes: &[u8]) {
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
            && found.names.packages.contains_key(name)
        {
            found.add(name);
        }
    }
}
