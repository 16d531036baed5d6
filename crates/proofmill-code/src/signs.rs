//! Patterns that speak for a language, each found or not, and their count as far as it matters.
//!
//! Most patterns ask how a line begins (`(?m)^\s*theorem\b`). They are tried at the beginnings of lines,
//! which are found once for all of them, and only behind a byte with which a match can begin. Others are
//! run where one of the literals stands that they cannot do without. Patterns work on bytes with ASCII
//! classes and take linear time.

use std::cell::OnceCell;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};
use memchr::memmem::Finder;
use regex_automata::meta::{self, Regex};
use regex_automata::util::prefilter::Prefilter;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input};
use regex_syntax::hir::{Class, Hir, HirKind, Look};

use crate::lines::LineStarts;

/// Literals that one pattern may ask for before the search for them costs as much as the pattern.
const MAX_LITERALS: usize = 64;
/// Memory of one compiled pattern; a longer one is refused.
const MAX_PATTERN_BYTES: usize = 1 << 20;

/// The text that signs are looked for in.
pub(crate) struct Haystack<'a> {
    text: &'a [u8],
    starts: OnceCell<LineStarts>,
}

impl<'a> Haystack<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text: text.as_bytes(),
            starts: OnceCell::new(),
        }
    }
}

/// One pattern.
#[derive(Debug)]
pub(crate) enum Sign {
    /// One of some literals, anywhere.
    Literals(Literals),
    /// A pattern at the beginning of a line, behind blanks or not.
    LineStart {
        may_be_indented: bool,
        firsts: Box<[bool; 256]>, // bytes with which a match can begin
        pattern: Regex,
    },
    /// A pattern anywhere, and literals of which each match holds one.
    Anywhere {
        literals: Option<Literals>,
        pattern: Regex,
    },
}

/// Literals to be found.
#[derive(Debug)]
pub(crate) enum Literals {
    One(Box<Finder<'static>>),
    Any(AhoCorasick),
}

impl Sign {
    /// Compiles `pattern`.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub(crate) fn new(pattern: &str) -> Result<Self, String> {
        let hir = syntax::parse_with(pattern, &syntax::Config::new().unicode(false).utf8(false))
            .map_err(|error| error.to_string())?;
        if let Some((may_be_indented, rest)) = line_start(&hir) {
            let mut firsts = Box::new([false; 256]);
            let is_open = may_be_empty(&rest, &mut firsts);
            let begins_blank = BLANKS.iter().any(|&blank| firsts[usize::from(blank)]);
            if !is_open && !begins_blank {
                return Ok(Self::LineStart {
                    may_be_indented,
                    firsts,
                    pattern: compile(&rest, None)?,
                });
            }
        }
        let literals = required(&hir).map(Literals::new).transpose()?;
        let properties = hir.properties();
        match literals {
            Some(literals) if properties.is_literal() || properties.is_alternation_literal() => {
                Ok(Self::Literals(literals))
            }
            literals => {
                let prefilter =
                    Prefilter::from_hir_prefix(regex_automata::MatchKind::LeftmostFirst, &hir);
                Ok(Self::Anywhere {
                    literals: literals.filter(|_| prefilter.is_none()),
                    pattern: compile(&hir, prefilter)?,
                })
            }
        }
    }

    /// Whether it may be in `haystack`; false is certain.
    fn may_be_in(&self, haystack: &Haystack) -> bool {
        match self {
            Self::Literals(literals)
            | Self::Anywhere {
                literals: Some(literals),
                ..
            } => literals.are_in(haystack.text),
            Self::Anywhere { literals: None, .. } | Self::LineStart { .. } => true,
        }
    }

    /// Whether it is in `haystack`, where it may be.
    fn is_really_in(&self, haystack: &Haystack) -> bool {
        let text = haystack.text;
        match self {
            Self::Literals(_) => true,
            Self::LineStart {
                may_be_indented,
                firsts,
                pattern,
            } => {
                let starts = haystack.starts.get_or_init(|| LineStarts::of(text));
                starts.iter().any(|at| {
                    firsts[usize::from(text[at])]
                        && (*may_be_indented || at == 0 || text[at - 1] == b'\n')
                        && pattern.is_match(Input::new(text).range(at..).anchored(Anchored::Yes))
                })
            }
            Self::Anywhere { pattern, .. } => pattern.is_match(text),
        }
    }

    /// Whether it is in `text`.
    #[cfg(test)]
    pub(crate) fn is_in(&self, text: &str) -> bool {
        let haystack = Haystack::new(text);
        self.may_be_in(&haystack) && self.is_really_in(&haystack)
    }
}

impl Literals {
    fn new(literals: Vec<Vec<u8>>) -> Result<Self, String> {
        if let [literal] = &literals[..] {
            return Ok(Self::One(Box::new(Finder::new(literal).into_owned())));
        }
        let any = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(literals)
            .map_err(|error| error.to_string())?;
        Ok(Self::Any(any))
    }

    fn are_in(&self, text: &[u8]) -> bool {
        match self {
            Self::One(literal) => literal.find(text).is_some(),
            Self::Any(literals) => literals.is_match(text),
        }
    }
}

/// Compiles a pattern without searches for literals but `prefilter`: on some texts the engine's own fall
/// back to its slowest search.
fn compile(hir: &Hir, prefilter: Option<Prefilter>) -> Result<Regex, String> {
    let config = meta::Config::new()
        .auto_prefilter(false)
        .prefilter(prefilter)
        .utf8_empty(false)
        .nfa_size_limit(Some(MAX_PATTERN_BYTES));
    meta::Builder::new()
        .configure(config)
        .build_from_hir(hir)
        .map_err(|error| error.to_string())
}

/// What `\s` stands for among bytes.
const BLANKS: [u8; 6] = *b"\t\n\x0b\x0c\r ";

/// What `hir` asks for at the beginning of a line, and whether behind any blanks (`(?m)^\s*`) or without
/// (`(?m)^`); `None` if it asks for something else.
fn line_start(hir: &Hir) -> Option<(bool, Hir)> {
    let HirKind::Concat(parts) = hir.kind() else {
        return None;
    };
    let [first, rest @ ..] = &parts[..] else {
        return None;
    };
    if !matches!(first.kind(), HirKind::Look(Look::StartLF)) {
        return None;
    }
    match rest {
        [second, rest @ ..] if is_blanks(second) => Some((true, Hir::concat(rest.to_vec()))),
        _ => Some((false, Hir::concat(rest.to_vec()))),
    }
}

/// Whether `hir` is `\s*`.
fn is_blanks(hir: &Hir) -> bool {
    let HirKind::Repetition(repetition) = hir.kind() else {
        return false;
    };
    let HirKind::Class(Class::Bytes(class)) = repetition.sub.kind() else {
        return false;
    };
    let is_in = |byte: u8| {
        class
            .iter()
            .any(|range| (range.start()..=range.end()).contains(&byte))
    };
    repetition.min == 0
        && repetition.max.is_none()
        && (0..=u8::MAX).all(|byte| is_in(byte) == BLANKS.contains(&byte))
}

/// Whether `hir` can match nothing; marks in `firsts` the bytes with which it can begin.
fn may_be_empty(hir: &Hir, firsts: &mut [bool; 256]) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => {
            let first = literal.0.first();
            first.is_none_or(|&first| {
                firsts[usize::from(first)] = true;
                false
            })
        }
        HirKind::Class(Class::Bytes(class)) => {
            for range in class.iter() {
                firsts[usize::from(range.start())..=usize::from(range.end())].fill(true);
            }
            false
        }
        HirKind::Class(Class::Unicode(_)) => {
            firsts.fill(true);
            false
        }
        HirKind::Repetition(repetition) => {
            may_be_empty(&repetition.sub, firsts) || repetition.min == 0
        }
        HirKind::Capture(capture) => may_be_empty(&capture.sub, firsts),
        HirKind::Concat(parts) => parts.iter().all(|part| may_be_empty(part, firsts)),
        HirKind::Alternation(parts) => {
            let empty = parts.iter().filter(|part| may_be_empty(part, firsts));
            empty.count() > 0
        }
    }
}

/// Literals of which each match of `hir` holds at least one; the longest to be had.
fn required(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(_) => None,
        HirKind::Literal(literal) => Some(vec![literal.0.to_vec()]),
        HirKind::Repetition(repetition) => {
            (repetition.min > 0).then(|| required(&repetition.sub))?
        }
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Concat(parts) => parts.iter().filter_map(required).max_by_key(|literals| {
            let shortest = literals.iter().map(Vec::len).min();
            (shortest, std::cmp::Reverse(literals.len()))
        }),
        HirKind::Alternation(parts) => {
            let all: Option<Vec<Vec<Vec<u8>>>> = parts.iter().map(required).collect();
            all.map(|all| all.concat())
                .filter(|all| all.len() <= MAX_LITERALS)
        }
    }
}

/// The signs of one language; one that is there twice has two votes.
#[derive(Debug, Default)]
pub(crate) struct Signs {
    ballots: Vec<(Arc<Sign>, usize)>,
}

impl Signs {
    /// Adds a sign, or gives it another vote.
    pub(crate) fn add(&mut self, sign: &Arc<Sign>) {
        let known = self
            .ballots
            .iter_mut()
            .find(|(known, _)| Arc::ptr_eq(known, sign));
        match known {
            Some((_, n_votes)) => *n_votes += 1,
            None => self.ballots.push((Arc::clone(sign), 1)),
        }
    }

    /// The most votes that a text can give.
    pub(crate) fn n_most(&self) -> usize {
        self.ballots.iter().map(|(_, n_votes)| n_votes).sum()
    }

    /// Votes of `haystack`, where these are at least `least` (1 or more); else `None`. Nobody counts
    /// beyond `enough`.
    pub(crate) fn votes(&self, haystack: &Haystack, least: usize, enough: usize) -> Option<usize> {
        let mut n_open = self.n_most();
        if n_open < least {
            return None;
        }
        let mut open = Vec::with_capacity(self.ballots.len());
        for ballot in &self.ballots {
            if ballot.0.may_be_in(haystack) {
                open.push(ballot);
                continue;
            }
            n_open -= ballot.1;
            if n_open < least {
                return None;
            }
        }
        let mut n_found = 0;
        for (sign, n_votes) in open {
            if sign.is_really_in(haystack) {
                n_found += n_votes;
                if n_found >= enough.max(least) {
                    return Some(n_found);
                }
                continue;
            }
            n_open -= n_votes;
            if n_open < least {
                return None;
            }
        }
        Some(n_found)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::sync::OnceLock;

    use proptest::prelude::*;
    use regex::bytes::{Regex as Plain, RegexBuilder};

    use super::*;
    use crate::definition::File;

    /// Every pattern of the definitions, and some of other shapes, each with the plain engine.
    fn patterns() -> &'static [(String, Arc<Sign>, Plain)] {
        static PATTERNS: OnceLock<Vec<(String, Arc<Sign>, Plain)>> = OnceLock::new();
        PATTERNS.get_or_init(|| {
            let mut patterns: Vec<String> = [
                r"(?m)^\s*",
                r"(?m)^\s*x?",
                r"(?m)^\s+x",
                r"(?m)^ *x",
                r"(?m)^\s*\s?x",
                r"(?m)^x|y",
                "",
                "x",
                r"(?m)^\s*(\bx|-)$",
                r"(?m)^\s*x\s*$\s*^\s*:",
                r"\A\s*x",
                r"(?i)x+-",
                r"(?m)x$",
                r"(ab|cd)+x",
            ]
            .map(str::to_owned)
            .to_vec();
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../filters/code");
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_none_or(|extension| extension != "toml") {
                    continue;
                }
                let file: File = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
                let Some(language) = file.language else {
                    continue;
                };
                patterns.extend(language.signs);
                patterns.extend(
                    language
                        .look_alikes
                        .into_iter()
                        .flat_map(|other| other.signs),
                );
            }
            let compile = |pattern: String| {
                let sign = Arc::new(Sign::new(&pattern).unwrap());
                let plain = RegexBuilder::new(&pattern).unicode(false).build().unwrap();
                (pattern, sign, plain)
            };
            patterns.into_iter().map(compile).collect()
        })
    }

    fn text() -> impl Strategy<Value = String> {
        let parts = prop::sample::select(vec![
            "\n",
            "\n",
            "\n",
            "  ",
            "\t",
            "\r\n",
            "\u{b}",
            " ",
            " ",
            ":",
            ";",
            "=",
            ":=",
            "->",
            "//",
            "#",
            "%",
            "(*",
            "*)",
            "{",
            "}",
            "[",
            "]",
            "(",
            ")",
            "@",
            "\\",
            "\\begin{",
            "-",
            "--",
            ".",
            ",",
            "_",
            "|",
            "x",
            "Y",
            "name",
            "module",
            "Module",
            "end",
            "endmodule",
            "class",
            "function",
            "import",
            "Require Import ",
            "theory",
            "lemma",
            "imports",
            "begin",
            "proc",
            "fn",
            "mut",
            "return",
            "NSString",
            "→",
            "é",
            "1",
            "0.5",
            "template<",
            "std::",
            "open",
            "data",
            "if",
            "for",
            "include",
            "<a>",
            "typedef struct",
            "public",
            "private",
            "const int & x",
            "static_cast <",
            "library(",
            "title: \"",
            "gnuplot",
            "GnuPlot",
            "INTEGER",
            "call ",
            "\"nbformat\":",
            "local x",
            "Qed.",
            "Proof",
            "=>",
            "^(",
            "~",
        ]);
        prop::collection::vec(parts, 0..60).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn signs_agree_with_the_plain_engine(text in text()) {
            for (pattern, sign, plain) in patterns() {
                prop_assert_eq!(sign.is_in(&text), plain.is_match(text.as_bytes()), "{}", pattern);
            }
        }

        #[test]
        fn votes_are_counted_as_far_as_they_matter(text in text(), least in 1_usize..6, more in 0_usize..6) {
            for some in patterns().chunks(7) {
                let mut signs = Signs::default();
                let mut n_votes = 0;
                for (_, sign, plain) in some.iter().chain(&some[..2.min(some.len())]) {
                    n_votes += usize::from(plain.is_match(text.as_bytes()));
                    signs.add(sign);
                }
                let enough = least + more;
                let found = signs.votes(&Haystack::new(&text), least, enough);
                prop_assert_eq!(found.map(|n| n.min(enough)), (n_votes >= least).then_some(n_votes.min(enough)));
            }
        }
    }
}
