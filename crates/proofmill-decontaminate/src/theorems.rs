//! Benchmark theorems by name: what a formal benchmark asks to prove must not stand proved in the corpus.
//!
//! A statement may be written in many ways, and a Lean benchmark often gives no more than a name. So
//! the names that a source file declares are looked up too: in full, as written and behind the
//! namespaces that are open. The hit is the whole declaration, from its keyword to the next one, through
//! blank lines.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::Hit;

/// Names of benchmark theorems.
#[derive(Clone, Debug, Default)]
pub struct Theorems {
    of_name: BTreeMap<Box<str>, (Arc<str>, Arc<str>)>, // benchmark and item
}

/// Keywords that declare something with a proof, in Lean, Isabelle and Coq.
const DECLARING: [&str; 14] = [
    "theorem",
    "lemma",
    "corollary",
    "proposition",
    "schematic_goal",
    "def",
    "abbrev",
    "Theorem",
    "Lemma",
    "Corollary",
    "Proposition",
    "Fact",
    "Remark",
    "Example",
];

/// Words that may stand before such a keyword.
const MODIFIERS: [&str; 9] = [
    "private",
    "protected",
    "noncomputable",
    "nonrec",
    "unsafe",
    "partial",
    "local",
    "Local",
    "Program",
];

/// First words of a line that end the declaration before it.
const COMMANDS: [&str; 62] = [
    // Lean
    "theorem",
    "lemma",
    "def",
    "abbrev",
    "example",
    "instance",
    "namespace",
    "section",
    "variable",
    "variables",
    "open",
    "import",
    "attribute",
    "noncomputable",
    "private",
    "protected",
    "structure",
    "class",
    "inductive",
    "universe",
    "universes",
    "local",
    "notation",
    "set_option",
    "mutual",
    "axiom",
    "constant",
    "macro",
    "syntax",
    "elab",
    "run_cmd",
    "nonrec",
    "opaque",
    // Isabelle
    "corollary",
    "proposition",
    "definition",
    "fun",
    "primrec",
    "function",
    "datatype",
    "subsection",
    "text",
    "locale",
    "context",
    "abbreviation",
    "lemmas",
    "declare",
    "interpretation",
    "type_synonym",
    "record",
    "inductive_set",
    "theory",
    // Coq
    "Theorem",
    "Lemma",
    "Corollary",
    "Proposition",
    "Fact",
    "Definition",
    "Fixpoint",
    "Inductive",
    "Section",
    "Require",
];

/// Languages whose declarations are understood.
const LANGUAGES: [&str; 3] = ["lean", "isabelle", "coq"];

impl Theorems {
    /// Adds the name of one benchmark item; the first item of a name stays.
    pub fn add(&mut self, name: &str, benchmark: &str, item: &str) {
        let name = name.trim();
        if !name.is_empty() {
            let place = self.of_name.entry(name.into());
            place.or_insert_with(|| (benchmark.into(), item.into()));
        }
    }

    /// Number of names.
    #[must_use]
    pub fn len(&self) -> usize {
        self.of_name.len()
    }

    /// Whether there is no name.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.of_name.is_empty()
    }

    /// Benchmark and item of the theorem `name`, as written in full.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<(&str, &str)> {
        let name = name.strip_prefix("_root_.").unwrap_or(name);
        let (benchmark, item) = self.of_name.get(name)?;
        Some((benchmark, item))
    }

    /// Declarations in `text` whose names a benchmark has, by position.
    ///
    /// Looks at texts of Lean, Isabelle and Coq only, by the name of the `language`; of others there are no hits.
    #[must_use]
    pub fn scan<'a>(&'a self, language: &str, text: &str) -> Vec<Hit<'a>> {
        let mut hits: Vec<Hit<'a>> = Vec::new();
        if self.is_empty() || !LANGUAGES.contains(&language) {
            return hits;
        }
        let mut namespaces: Vec<&str> = Vec::new();
        let mut open: Option<Hit<'a>> = None;
        let mut is_block_open = false; // Lean 3: `begin` at the margin needs its `end`
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let at = start;
            start += line.len();
            let code = line.trim();
            let first = word(code);
            let is_margin = !line.starts_with([' ', '\t']);
            if open.is_some() && !ends_declaration(code, first, language, is_margin, is_block_open)
            {
                is_block_open =
                    (is_block_open || code == "begin") && !(is_margin && first == "end");
                continue;
            }
            is_block_open = false;
            if let Some(mut hit) = open.take() {
                hit.end_byte = text[..at].trim_end().len();
                hits.push(hit);
            }
            match first {
                "namespace" => namespaces.push(word(code[first.len()..].trim_start())),
                "end" => {
                    let name = word(code[first.len()..].trim_start());
                    if namespaces.last() == Some(&name) {
                        namespaces.pop();
                    }
                }
                _ => {}
            }
            let found = declared(code).and_then(|name| self.lookup(name, &namespaces));
            open = found.map(|(benchmark, item)| Hit {
                start_byte: at + (line.len() - line.trim_start().len()),
                end_byte: text.len(),
                benchmark,
                item,
                field: "name",
                n_words: 1,
            });
        }
        hits.extend(open);
        hits
    }

    /// The item of a declared name, tried in full and inside each open namespace.
    fn lookup(&self, name: &str, namespaces: &[&str]) -> Option<(&str, &str)> {
        if let Some(found) = self.find(name) {
            // Inside a namespace a bare name is another theorem, unless it stands there in full.
            if namespaces.is_empty() || name.contains('.') {
                return Some(found);
            }
        }
        (0..namespaces.len()).rev().find_map(|first| {
            let mut full = namespaces[first..].join(".");
            full.push('.');
            full.push_str(name);
            self.find(&full)
        })
    }
}

/// Whether a line ends the declaration above; comments do not, lest the rest of a proof stays. The line has the code `code`, which begins with the word `first`, ends the declaration above.
fn ends_declaration(
    code: &str,
    first: &str,
    language: &str,
    is_margin: bool,
    is_block_open: bool,
) -> bool {
    if code.is_empty() || is_block_open {
        return false;
    }
    if first == "end" {
        return is_margin;
    }
    // Isabelle indents its lemmas inside locales; Lean and Coq begin commands at the margin.
    (is_margin || language == "isabelle")
        && (COMMANDS.contains(&first)
            || ["@[", "/--", "#", "text‹"]
                .iter()
                .any(|mark| code.starts_with(mark)))
}

/// The name that a line declares.
fn declared(code: &str) -> Option<&str> {
    let mut rest = code;
    // Attributes on the same line: `@[simp, norm_cast] theorem ...`
    while rest.starts_with("@[") {
        rest = rest.split_once(']')?.1.trim_start();
    }
    loop {
        let first = word(rest);
        let after = rest[first.len()..].trim_start();
        if MODIFIERS.contains(&first) {
            rest = after;
        } else if DECLARING.contains(&first) {
            // Isabelle: `lemma (in group) name:`
            let after = match after.strip_prefix('(') {
                Some(target) if target.starts_with("in ") => target.split_once(')')?.1.trim_start(),
                _ => after,
            };
            let is_of_name = |c: char| c.is_alphanumeric() || "_'.«»!?₀₁₂₃₄₅₆₇₈₉".contains(c);
            let length = after.find(|c: char| !is_of_name(c)).unwrap_or(after.len());
            let name = after[..length].trim_end_matches('.');
            return (!name.is_empty()).then_some(name);
        } else {
            return None;
        }
    }
}

/// The word at the start of `text`.
fn word(text: &str) -> &str {
    let length = text.find(|c: char| c.is_whitespace() || "({[:\"".contains(c));
    &text[..length.unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn theorems(names: &[&str]) -> Theorems {
        let mut theorems = Theorems::default();
        for name in names {
            theorems.add(name, "bench", name);
        }
        theorems
    }

    fn cut_text(language: &str, names: &[&str], text: &str) -> String {
        let theorems = theorems(names);
        crate::cut(text, &theorems.scan(language, text))
    }

    #[test]
    fn a_whole_declaration_goes_through_blank_lines() {
        let text = "theorem a : 1 = 1 := by\n  rfl\n\ntheorem foo (x : ℕ) :\n    x = x := by\n  have : x = x := rfl\n\n  exact this\n\n/-- next -/\ntheorem b : True := trivial\n";
        let kept = cut_text("lean", &["foo"], text);
        assert_eq!(
            kept,
            "theorem a : 1 = 1 := by\n  rfl\n\ntheorem b : True := trivial\n"
                .replace("\n\n", "\n\n/-- next -/\n")
        );
    }

    #[test]
    fn names_count_in_full_only() {
        let file = "namespace Nat\ntheorem add_comm' : True := trivial\nend Nat\ntheorem add_comm' : True := trivial\n";
        let found = |name: &str| theorems(&[name]).scan("lean", file).len();
        assert_eq!(found("Nat.add_comm'"), 1);
        assert_eq!(found("add_comm'"), 1, "the one outside the namespace");
        assert_eq!(found("Int.add_comm'"), 0);
        assert_eq!(found("comm'"), 0);
    }

    #[test]
    fn attributes_modifiers_and_every_occurrence() {
        let file = "@[simp] protected lemma foo : True := trivial\nlemma bar : True := trivial\nprivate theorem foo : True := trivial\n";
        assert_eq!(theorems(&["foo"]).scan("lean", file).len(), 2);
    }

    #[test]
    fn begin_and_end_of_lean_3() {
        let text =
            "theorem foo : true :=\nbegin\n  trivial,\nend\n\ntheorem bar : true := trivial\n";
        assert_eq!(
            cut_text("lean", &["foo"], text),
            "theorem bar : true := trivial\n"
        );
    }

    #[test]
    fn isabelle_lemmas_inside_a_locale() {
        let text = "context group begin\n  lemma (in group) foo [simp]:\n    \"x = x\"\n  proof -\n    show ?thesis by simp\n  qed\n\n  lemma bar: \"y = y\" by simp\nend\n";
        let kept = cut_text("isabelle", &["foo"], text);
        assert_eq!(
            kept,
            "context group begin\n\n  lemma bar: \"y = y\" by simp\nend\n"
        );
    }

    #[test]
    fn other_languages_declare_nothing() {
        assert!(
            theorems(&["foo"])
                .scan("python", "def foo(): pass\n")
                .is_empty()
        );
    }
}
