//! Finds what a file imports, in the spelling of its language.
//!
//! Works on scanned text, so imports in comments and strings do not count, and a line that names many
//! modules gives them all. What is found is the name as written (`scipy.linalg`, `gsl/gsl_math.h`,
//! `Mathlib.Data.Nat.Basic`); [`Names`] decides which packages it belongs to.

use rustc_hash::FxHashMap;

use crate::definition::{Field, ImportStyle, Packages};
use crate::import_styles::{
    called_with_string, calls, coq, first_word, fortran, include, is_haskell_word, isabelle, julia,
    maple, python, r, tex,
};

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

    /// Whether `name` itself is listed.
    pub(crate) fn lists(&self, name: &str) -> bool {
        self.packages.contains_key(name)
    }

    /// The most specific listed package that `name` belongs to; published if any package around it is.
    fn get(&self, style: ImportStyle, name: &str) -> Option<Package> {
        let folded = fold(style, name);
        let mut rest = folded.as_str();
        let mut found: Option<Package> = None;
        loop {
            if let Some(package) = self.packages.get(rest) {
                let inner = found.get_or_insert(*package);
                inner.published |= package.published;
            }
            let Some(cut) = rest.rfind(|c: char| is_separator(style, c)) else {
                return found;
            };
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
pub(crate) struct Found<'a> {
    pub(crate) names: &'a Names,
    pub(crate) imports: Imports,
    seen: Vec<usize>,
    style: ImportStyle,
}

impl Found<'_> {
    pub(crate) fn add(&mut self, name: &str) {
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
        match package.field {
            Field::Numeric => self.imports.n_numeric += 1,
            Field::Symbolic => self.imports.n_symbolic += 1,
            Field::Formal => self.imports.n_formal += 1,
            Field::Plumbing => self.imports.n_plumbing += 1,
            Field::Neutral => {}
        }
        self.imports.n_published += usize::from(package.published);
    }

    /// Adds each maximal run of `is_part` characters.
    pub(crate) fn add_words(&mut self, text: &str, is_part: fn(char) -> bool) {
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

/// Where the lines are on which an import may stand.
struct Needles<'a> {
    classes: &'a [u8],
    next: Vec<(&'static str, usize)>, // each needle, and where it stands next, else behind the end
}

impl<'a> Needles<'a> {
    fn new(style: ImportStyle, classes: &'a [u8]) -> Self {
        let first = |needle: &&'static str| (*needle, find(classes, needle, 0));
        Self {
            classes,
            next: needles(style).iter().map(first).collect(),
        }
    }

    /// The first line that begins at `from` or later and holds a needle; where there are none to be
    /// held, that at `from`.
    fn line(&mut self, from: usize) -> Option<usize> {
        if self.next.is_empty() {
            return (from < self.classes.len()).then_some(from);
        }
        for (needle, at) in &mut self.next {
            if *at < from {
                *at = find(self.classes, needle, from);
            }
        }
        let at = self.next.iter().map(|(_, at)| *at).min()?;
        let before = self
            .classes
            .get(from..at)
            .filter(|_| at < self.classes.len())?;
        Some(memchr::memrchr(b'\n', before).map_or(from, |length| from + length + 1))
    }
}

/// Where `needle` stands from `from` on, else the length of `text`.
fn find(text: &[u8], needle: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    memchr::memmem::find(rest, needle.as_bytes()).map_or(text.len(), |length| from + length)
}

/// Walks over lines whose first code byte may begin an import.
fn lines(found: &mut Found, text: &str, classes: &[u8]) {
    let mut needles = Needles::new(found.style, classes);
    let mut from = 0;
    while let Some(next) = needles.line(from) {
        from = next;
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
    let first = code.first();
    prefixes
        .iter()
        .any(|prefix| first == prefix.as_bytes().first() && code.starts_with(prefix.as_bytes()))
}

/// The statement in `text[start..]` up to its end, comments and strings blanked.
pub(crate) fn statement(
    classes: &[u8],
    start: usize,
    is_end: impl Fn(&[u8], usize) -> bool,
) -> String {
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
