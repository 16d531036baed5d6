//! Text mode: references as the numbers of what they name.
//!
//! A reference whose number is not known is written `[ref]`; a key never is.

use super::tables::groups;
use super::text::{Next, Text};
use crate::expand::{Engine, Label};
use crate::names::fixed;
use crate::options::References;
use crate::token::{Kind, Token};

/// Written where no number is known.
const UNKNOWN: &str = "[ref]";
/// Keys of one reference.
const MAX_KEYS: usize = 50;

/// How a reference is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `2.1`
    Number,
    /// `(2.1)`
    Equation,
    /// `theorem 2.1`
    Name,
    /// `Theorem 2.1`
    Capital,
    /// `theorem`
    NameOnly,
    /// A page or a title.
    Other,
}

fn form(name: &str) -> Option<Form> {
    Some(match name {
        "ref" | "labelcref" | "subref" | "Ref" | "vref" => Form::Number,
        "eqref" => Form::Equation,
        "cref" | "crefrange" => Form::Name,
        "Cref" | "Crefrange" | "autoref" | "Vref" | "thmref" | "secref" | "lemref" | "propref"
        | "figref" | "fref" | "prettyref" => Form::Capital,
        "namecref" | "lcnamecref" => Form::NameOnly,
        "pageref" | "nameref" | "vpageref" | "cpageref" | "footref" => Form::Other,
        "href" | "hyperref" | "htmlref" => return None,
        // Of a package that the file does not bring; the key is never text.
        _ if name.ends_with("ref") && name.len() < 12 => Form::Number,
        _ => return None,
    })
}

/// Whether the command `name` refers.
pub(crate) fn is_reference(name: &str) -> bool {
    form(name).is_some()
}

impl Text<'_, '_> {
    /// `\ref{key}` and kin.
    pub(super) fn reference(&mut self, tokens: &[Token], at: usize, name: &str) -> Next {
        let range = name.ends_with("range");
        let next = self.skip_arguments(tokens, at, if range { "smm" } else { "som" });
        let text = self.reference_text(&tokens[at..next.0.max(at)], name);
        self.writer.put(&text);
        next
    }

    /// A reference inside a formula.
    pub(super) fn formula_reference(&self, arguments: &[Token], name: &str) -> [Token; 3] {
        let label = self
            .reference_keys(arguments)
            .first()
            .and_then(|key| self.label(key))
            .filter(|_| form(name) != Some(Form::Other));
        let brackets = form(name) == Some(Form::Equation);
        self.engine
            .reference_tokens(label.map(|label| label.number), brackets)
    }

    fn label(&self, key: &str) -> Option<Label> {
        (self.engine.options.references == References::Number)
            .then(|| self.engine.label(key))
            .flatten()
    }

    fn reference_keys(&self, arguments: &[Token]) -> Vec<String> {
        let start = arguments
            .iter()
            .position(|token| token.kind == Kind::Open)
            .unwrap_or(arguments.len());
        let mut keys = Vec::new();
        for (from, to) in groups(arguments, start) {
            let text = self.engine.plain(&arguments[from..to]);
            keys.extend(
                text.split(',')
                    .take(MAX_KEYS)
                    .map(|key| key.trim().to_owned()),
            );
        }
        keys
    }

    fn reference_text(&mut self, arguments: &[Token], name: &str) -> String {
        let form = form(name).unwrap_or(Form::Other);
        let keys = self.reference_keys(arguments);
        let labels: Option<Vec<Label>> = keys.iter().map(|key| self.label(key)).collect();
        let labels = match labels {
            Some(labels) if !labels.is_empty() && form != Form::Other => labels,
            _ => return UNKNOWN.to_owned(),
        };
        if name.ends_with("range")
            && let [first, last, ..] = labels.as_slice()
        {
            let head = self.kind_name(first.kind, form, true);
            return format!("{head} {} to {}", self.number(*first), self.number(*last));
        }
        let engine = self.engine;
        // Neighbours of one kind share its name.
        let mut parts = Vec::new();
        for run in labels.chunk_by(|left, right| same_kind(engine, left.kind, right.kind)) {
            let numbers: Vec<String> = run
                .iter()
                .map(|label| match form {
                    Form::Number => self.engine.slice(label.number).to_owned(),
                    Form::Equation => format!("({})", self.engine.slice(label.number)),
                    _ => self.number(*label),
                })
                .collect();
            let head = match form {
                Form::Name | Form::Capital | Form::NameOnly => {
                    self.kind_name(run[0].kind, form, run.len() > 1)
                }
                _ => String::new(),
            };
            parts.push(match form {
                Form::NameOnly => head,
                _ if head.is_empty() => listed(&numbers),
                _ => format!("{head} {}", listed(&numbers)),
            });
        }
        listed(&parts)
    }

    /// The number as named references have it: that of an equation in brackets.
    fn number(&self, label: Label) -> String {
        let number = self.engine.slice(label.number);
        if label.kind == fixed::EQUATION {
            format!("({number})")
        } else {
            number.to_owned()
        }
    }

    fn kind_name(&mut self, kind: u32, form: Form, many: bool) -> String {
        let engine: &Engine = self.engine;
        let capital = form == Form::Capital;
        let defined = engine
            .named_reference(kind, capital)
            .or_else(|| engine.named_reference(kind, !capital));
        let name = if let Some((one, all)) = defined {
            self.one_line(if many { all } else { one })
        } else {
            standard_name(engine, kind, capital, many)
        };
        let mut chars = name.chars();
        match chars.next() {
            Some(first) if capital => first.to_uppercase().chain(chars).collect(),
            _ => name,
        }
    }
}

fn same_kind(engine: &Engine, left: u32, right: u32) -> bool {
    let base = |kind: u32| match engine.names.name(kind) {
        "subsection" | "subsubsection" => fixed::SECTION,
        _ => kind,
    };
    base(left) == base(right)
}

/// Name of what a label names, in lower case.
fn standard_name(engine: &Engine, kind: u32, capital: bool, many: bool) -> String {
    let name = engine.names.name(kind);
    let (one, all) = match name {
        "equation" if capital => ("equation", "equations"),
        "equation" => ("eq.", "eqs."),
        "figure" if capital => ("figure", "figures"),
        "figure" => ("fig.", "figs."),
        "subsection" | "subsubsection" | "section" => ("section", "sections"),
        "paragraph" | "subparagraph" => ("paragraph", "paragraphs"),
        "appendix" => ("appendix", "appendices"),
        "item" => ("item", "items"),
        _ => ("", ""),
    };
    if !one.is_empty() {
        return if many { all } else { one }.to_owned();
    }
    let one = if engine.is_theorem(kind) {
        engine.theorem_name(kind).to_lowercase()
    } else {
        name.to_owned()
    };
    match (many, one.strip_suffix('y')) {
        (false, _) => one,
        (true, Some(stem)) => format!("{stem}ies"),
        (true, None) => format!("{one}s"),
    }
}

/// `a, b and c`.
fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
