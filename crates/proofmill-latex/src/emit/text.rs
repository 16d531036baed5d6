//! Text mode: the expanded tokens as Markdown, formulas as LaTeX.
//!
//! One pass over the tokens. Environments are kept on a list of their own, groups only count, and
//! the arguments of commands are written by a call on their range, to a bounded depth.

use std::borrow::Cow;

use super::accents;
use super::lists::List;
use super::measure::Measure;
use super::shorthands::{Shorthands, shorthands};
use super::source::{bracket, cut, theorem};
use super::tables;
use super::writer::{Gap, Writer};
use crate::expand::Engine;
use crate::names::{Env, fixed};
use crate::options::Footnotes;
use crate::paper::Section;
use crate::token::{CLOSING, Kind, NEWLINE, SPACED, Token};

/// Arguments inside arguments; deeper ones are written as plain groups.
const MAX_DEPTH: usize = 40;
/// Tokens of an option that follows another one.
const MAX_OPTION: usize = 300;

/// Writes `tokens` as Markdown.
pub(crate) fn write_text(engine: &Engine, tokens: &[Token], measure: &mut Measure) -> String {
    let top_level = tokens
        .iter()
        .filter(|token| token.kind == Kind::Cs)
        .filter_map(|token| engine.names.roles(token.at).level)
        .min()
        .unwrap_or(2)
        .min(2);
    let mut text = Text {
        engine,
        measure,
        writer: Writer::new(tokens.len() * 5),
        depth: 0,
        in_line: 0,
        top_level,
        environments: Vec::new(),
        lists: Vec::new(),
        notes: Vec::new(),
        notes_written: 0,
        indent: 0,
        cited: None,
        table_head: Vec::new(),
        open_theorems: Vec::new(),
        shorthands: engine.language.as_deref().and_then(shorthands),
    };
    text.write(tokens);
    text.flush_notes();
    let written = text.writer.finish();
    for theorem in &mut measure.theorems {
        if theorem.end == 0 || theorem.end > written.len() {
            theorem.end = written.len();
        }
    }
    written
}

pub(super) struct Text<'e, 'm> {
    pub(super) engine: &'e Engine,
    pub(super) measure: &'m mut Measure,
    pub(super) writer: Writer,
    /// Calls within calls.
    pub(super) depth: usize,
    /// Texts on one line within texts: no block is written there.
    pub(super) in_line: usize,
    pub(super) top_level: u8,
    pub(super) environments: Vec<u32>,
    pub(super) lists: Vec<List>,
    pub(super) notes: Vec<String>,
    pub(super) notes_written: usize,
    /// Levels of an algorithm's blocks.
    pub(super) indent: usize,
    pub(super) open_theorems: Vec<(u32, usize)>,
    /// Where the last citation stood, and whether it was written.
    pub(super) cited: Option<(usize, bool)>,
    /// Head of the table whose rows follow.
    pub(super) table_head: Vec<Token>,
    /// Those of the language that is spoken.
    pub(super) shorthands: Option<&'static Shorthands>,
}

impl<'e> Text<'e, '_> {
    pub(super) fn name(&self, token: Token) -> &'e str {
        self.engine.names.name(token.at)
    }

    /// Writes some tokens.
    pub(super) fn write(&mut self, tokens: &[Token]) {
        let mut at = 0;
        let mut rest: Option<Token> = None; // what an argument left of a text token
        loop {
            let token = match rest.take() {
                Some(token) => token,
                None => match tokens.get(at) {
                    Some(token) => {
                        at += 1;
                        *token
                    }
                    None => return,
                },
            };
            match token.kind {
                Kind::Text => self.text(token),
                Kind::Space | Kind::Tie | Kind::Align => self.writer.gap(Gap::Space),
                Kind::Par => self.paragraph(),
                Kind::Cs => (at, rest) = self.command(tokens, at, token),
                Kind::Shift if !token.has(CLOSING) => at = self.formula(tokens, at, token),
                Kind::Begin => (at, rest) = self.begin(tokens, at, token),
                Kind::End => self.end(token),
                Kind::Verb => self.verbatim(token),
                Kind::Sup => self.writer.put("^"),
                Kind::Sub => self.writer.put("_"),
                Kind::Hash => self.writer.put("#"),
                _ => {}
            }
        }
    }

    fn text(&mut self, token: Token) {
        let mut text = self.engine.slice(token);
        if text.starts_with(' ') {
            text = text.trim_start_matches(' ');
            self.writer.gap(Gap::Space);
            if text.is_empty() {
                return;
            }
        }
        self.writer.flush();
        let text = match self.shorthands {
            Some(shorthands) => shorthands.write_out(text),
            None => Cow::Borrowed(text),
        };
        accents::push_text(&mut self.writer.text, &text);
        self.measure.prose(&text);
    }

    /// Another language from here on.
    pub(super) fn speak(&mut self, language: &[Token]) {
        self.shorthands = shorthands(self.engine.plain(language).trim());
    }

    pub(super) fn paragraph(&mut self) {
        self.flush_notes();
        self.writer.gap(Gap::Par);
    }

    /// Writes the footnotes of the paragraph that ends.
    pub(super) fn flush_notes(&mut self) {
        if self.in_line > 0 || self.notes.is_empty() {
            return;
        }
        for note in std::mem::take(&mut self.notes) {
            self.notes_written += 1;
            self.writer.gap(Gap::Par);
            let line = format!("[^{}]: {note}", self.notes_written);
            self.writer.put(&line);
        }
        self.writer.gap(Gap::Par);
    }

    /// Some tokens as a text of their own, on one line.
    pub(super) fn inline(&mut self, tokens: &[Token]) -> String {
        if self.depth >= MAX_DEPTH {
            return self.engine.plain(tokens);
        }
        let saved = std::mem::replace(&mut self.writer, Writer::new(tokens.len() * 5));
        self.depth += 1;
        self.in_line += 1;
        let lists = self.lists.len();
        let environments = self.environments.len();
        let cited = self.cited.take();
        self.write(tokens);
        self.cited = cited;
        self.lists.truncate(lists);
        self.environments.truncate(environments);
        self.depth -= 1;
        self.in_line -= 1;
        let text = std::mem::replace(&mut self.writer, saved).finish();
        text.trim().to_owned()
    }

    pub(super) fn one_line(&mut self, tokens: &[Token]) -> String {
        self.inline(tokens)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Writes an argument in place.
    pub(super) fn in_place(&mut self, tokens: &[Token]) {
        if self.depth >= MAX_DEPTH {
            let text = self.engine.plain(tokens);
            self.writer.put(&text);
            return;
        }
        self.depth += 1;
        self.write(tokens);
        self.depth -= 1;
    }

    fn begin(&mut self, tokens: &[Token], at: usize, token: Token) -> Next {
        let env = self.engine.names.info(token.at).env;
        let name = self.name(token);
        if self.engine.is_theorem(token.at) {
            return self.begin_theorem(tokens, at, token);
        }
        match env {
            Env::Equation | Env::Aligned | Env::InlineMath => {
                let end = environment_end(tokens, at, token.at);
                let mut from = at;
                if matches!(name, "alignat" | "alignat*" | "xalignat" | "xalignat*") {
                    from = self.skip_arguments(tokens, at, "m").0;
                    let count = format!("{name}}}{{{}", self.engine.plain(&tokens[at..from]));
                    self.display(&tokens[from.min(end)..end], Some(&count));
                    return ((end + 1).min(tokens.len()), None);
                }
                if matches!(
                    name,
                    "empheq" | "subnumcases" | "numcases" | "IEEEeqnarray" | "IEEEeqnarray*"
                ) {
                    from = self.skip_arguments(tokens, at, "om").0;
                }
                let inside = &tokens[from.min(end)..end];
                if env == Env::InlineMath {
                    let formula = self.latex(inside);
                    self.writer.put("$");
                    self.push_line(formula.trim());
                    self.writer.text.push('$');
                } else {
                    let name = match name {
                        "IEEEeqnarray" => "eqnarray",
                        "IEEEeqnarray*" => "eqnarray*",
                        _ => name,
                    };
                    self.display(inside, (env == Env::Aligned).then_some(name));
                }
                return ((end + 1).min(tokens.len()), None);
            }
            Env::Tabular => {
                let end = environment_end(tokens, at, token.at);
                self.table(&tokens[at..end], name);
                return ((end + 1).min(tokens.len()), None);
            }
            Env::List => {
                self.environments.push(token.at);
                return self.begin_list(tokens, at, token);
            }
            Env::Abstract => {
                self.environments.push(token.at);
                self.paragraph();
                self.writer.put("**Abstract.**");
                self.writer.gap(Gap::Space);
                let next = self.skip_arguments(tokens, at, "o");
                return skip_paragraphs(tokens, next);
            }
            Env::Diagram => {
                let end = environment_end(tokens, at, token.at);
                self.writer.put("[diagram]");
                return ((end + 1).min(tokens.len()), None);
            }
            _ => {}
        }
        self.environments.push(token.at);
        self.paragraph();
        if name.starts_with("otherlanguage") {
            let language = self.argument(tokens, at);
            self.speak(&language.tokens);
        }
        if env == Env::Algorithm {
            self.indent = 0;
        }
        if name == "keywords" || name == "keyword" || name == "IEEEkeywords" {
            self.writer.put("Keywords:");
            self.writer.gap(Gap::Space);
        }
        let signature = match name {
            "figure" | "figure*" | "table" | "table*" | "sidewaysfigure" | "sidewaystable"
            | "algorithm" | "algorithm*" | "algorithmic" | "algorithm2e" | "frame"
            | "titlepage" | "mdframed" | "tcolorbox" | "subequations" | "multline" => "oo",
            "wrapfigure" | "wraptable" => "omom",
            "minipage" | "subfigure" | "subtable" | "textblock" => "ooom",
            "multicols" | "spacing" | "otherlanguage" | "otherlanguage*" | "adjustbox" => "mo",
            "thebibliography" | "SCfigure" | "deluxetable" | "deluxetable*" => "m",
            "adjustwidth" | "changemargin" => "smm",
            _ if env == Env::Unknown => "o",
            _ => "",
        };
        self.skip_arguments(tokens, at, signature)
    }

    pub(super) fn begin_theorem(&mut self, tokens: &[Token], at: usize, token: Token) -> Next {
        self.paragraph();
        self.writer.flush();
        let start = self.writer.text.len();
        self.environments.push(token.at);
        if !self.measure.is_ignoring() && self.in_line == 0 {
            self.open_theorems
                .push((token.at, self.measure.theorems.len()));
            let described = theorem(self.engine, tokens, at - 1, start);
            self.measure.theorems.push(described);
        }
        let note = bracket(self.engine, tokens, at);
        let (next, rest) = note
            .as_ref()
            .map_or((at, None), |note| (note.next, note.rest));
        let note = note
            .map(|note| self.one_line(&note.inside))
            .unwrap_or_default();
        let note = note.trim_end_matches([',', ';', ' ']).to_owned();
        let name = self.engine.theorem_name(token.at);
        let head = if token.at == fixed::PROOF {
            let title = if note.is_empty() {
                "Proof"
            } else {
                note.trim_end_matches('.')
            };
            format!("*{title}.*")
        } else if note.is_empty() {
            format!("**{}.**", name.trim_end_matches('.'))
        } else {
            format!("**{} ({note}).**", name.trim_end_matches('.'))
        };
        self.writer.put(&head);
        self.writer.gap(Gap::Space);
        skip_paragraphs(tokens, (next, rest))
    }

    fn end(&mut self, token: Token) {
        let env = self.engine.names.info(token.at).env;
        if let Some(slot) = self.environments.iter().rposition(|open| *open == token.at) {
            self.environments.truncate(slot);
        }
        if env == Env::List && self.lists.last().is_some_and(|list| list.name == token.at) {
            self.lists.pop();
            self.writer.gap(if self.lists.is_empty() {
                Gap::Par
            } else {
                Gap::Line
            });
            if self.lists.is_empty() {
                self.flush_notes();
            }
            return;
        }
        if self.engine.is_theorem(token.at)
            && self.in_line == 0
            && let Some((name, slot)) = self.open_theorems.last().copied()
            && name == token.at
        {
            self.open_theorems.pop();
            self.measure.theorems[slot].end = self.writer.text.len();
        }
        if self.name(token).starts_with("otherlanguage") {
            self.shorthands = self.engine.language.as_deref().and_then(shorthands);
        }
        if !matches!(env, Env::MathInner | Env::Tabular | Env::Diagram) {
            self.paragraph();
        }
    }

    /// Whether an environment of this kind is open.
    pub(super) fn inside(&self, env: Env) -> bool {
        self.environments
            .iter()
            .any(|name| self.engine.names.info(*name).env == env)
    }

    pub(super) fn heading(&mut self, title: &[Token], level: u8) {
        let title = self.one_line(title);
        if title.is_empty() {
            return;
        }
        self.paragraph();
        self.writer.flush();
        let offset = self.writer.text.len();
        if self.in_line == 0 && !self.measure.is_ignoring() {
            self.measure.sections.push(Section {
                level,
                title: title.clone(),
                offset,
            });
        }
        let marks = usize::from(level.saturating_sub(self.top_level)) + 2;
        self.writer.put(&"#".repeat(marks.min(6)));
        self.writer.text.push(' ');
        self.writer.text.push_str(&title);
        self.writer.gap(Gap::Par);
    }

    pub(super) fn footnote(&mut self, note: &[Token]) {
        let note = self.one_line(note);
        if note.is_empty() {
            return;
        }
        match self.engine.options.footnotes {
            Footnotes::Drop => {}
            Footnotes::InPlace => {
                self.writer.cancel_gap();
                self.writer.put(&format!(" ({note})"));
            }
            Footnotes::AfterParagraph => {
                let number = self.notes_written + self.notes.len() + 1;
                self.writer.cancel_gap();
                self.writer.put(&format!("[^{number}]"));
                self.notes.push(note);
            }
        }
    }

    /// Where reading goes on behind the arguments of `signature`; missing ones are no matter.
    pub(super) fn skip_arguments(&self, tokens: &[Token], at: usize, signature: &str) -> Next {
        let mut next: Next = (at, None);
        for letter in signature.bytes() {
            if let Some(rest) = next.1 {
                if letter == b'o' {
                    next = self.option_in_rest(tokens, next.0, rest);
                } else if letter == b'm' {
                    return next;
                }
                continue;
            }
            let mut at = next.0;
            while tokens
                .get(at)
                .is_some_and(|token| token.kind == Kind::Space)
            {
                at += 1;
            }
            let Some(token) = tokens.get(at) else {
                return next;
            };
            match letter {
                b's' if token.kind == Kind::Text && self.engine.slice(*token).starts_with('*') => {
                    let length = self.engine.slice(*token).len();
                    next = (at + 1, cut(*token, 1, length));
                }
                b'o' => {
                    if let Some(option) = bracket(self.engine, tokens, at) {
                        next = (option.next, option.rest);
                    }
                }
                b'm' if token.kind == Kind::Open => {
                    next = (at + tables::group_length(&tokens[at..]), None);
                }
                _ => {}
            }
        }
        next
    }
}

impl Text<'_, '_> {
    /// Where reading goes on behind an option that opens in what is left of a text token.
    fn option_in_rest(&self, tokens: &[Token], at: usize, rest: Token) -> Next {
        if !self.engine.slice(rest).starts_with('[') {
            return (at, Some(rest));
        }
        let mut list = vec![rest];
        list.extend(tokens.iter().skip(at).take(MAX_OPTION));
        match bracket(self.engine, &list, 0) {
            Some(option) => (at + option.next - 1, option.rest),
            None => (at, Some(rest)),
        }
    }
}

/// An index behind what was read, and text left of the token before it.
pub(super) type Next = (usize, Option<Token>);

/// Behind the blank lines after a heading in line: its text goes on there.
fn skip_paragraphs(tokens: &[Token], next: Next) -> Next {
    let mut at = next.0;
    while next.1.is_none()
        && tokens
            .get(at)
            .is_some_and(|token| matches!(token.kind, Kind::Space | Kind::Par | Kind::Nothing))
    {
        at += 1;
    }
    (at, next.1)
}

/// Index of the `End` that belongs to the `Begin` of `name` before `at`.
fn environment_end(tokens: &[Token], at: usize, name: u32) -> usize {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(at) {
        match token.kind {
            Kind::Begin if token.at == name => depth += 1,
            Kind::End if token.at == name => {
                if depth == 0 {
                    return index;
                }
                depth -= 1;
            }
            _ => {}
        }
    }
    tokens.len()
}

/// What follows a command was a blank that TeX swallowed.
pub(super) fn swallowed_gap(token: Token) -> Gap {
    if token.has(SPACED) && token.has(NEWLINE) {
        Gap::Space
    } else {
        Gap::None
    }
}

/// First character of a text token and the rest.
pub(super) fn first_char(engine: &Engine, token: Token) -> (String, Option<Token>) {
    let text = engine.slice(token);
    let width = text.chars().next().map_or(0, char::len_utf8);
    (text[..width].to_owned(), cut(token, width, text.len()))
}
