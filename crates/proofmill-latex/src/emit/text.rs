//! Text mode: the expanded tokens as Markdown, formulas as LaTeX.
//!
//! One pass over the tokens. Environments are kept on a list of their own, groups only count, and
//! the arguments of commands are written by a call on their range, to a bounded depth.

use super::measure::Measure;
use super::source::{bracket, cut, theorem};
use super::tables;
use super::writer::{Gap, Writer};
use super::{accents, level_of};
use crate::expand::Engine;
use crate::names::{Class, Env, fixed};
use crate::options::Footnotes;
use crate::paper::Section;
use crate::token::{BLOCK, CLOSING, Delim, Kind, NEWLINE, SPACED, Token};

/// Arguments inside arguments; deeper ones are written as plain groups.
const MAX_DEPTH: usize = 40;

/// Writes `tokens` as Markdown.
pub(crate) fn write_text(engine: &Engine, tokens: &[Token], measure: &mut Measure) -> String {
    let top_level = tokens
        .iter()
        .filter(|token| token.kind == Kind::Cs)
        .filter_map(|token| level_of(engine.names.name(token.at)))
        .min()
        .unwrap_or(2)
        .min(2);
    let mut text = Text {
        engine,
        measure,
        writer: Writer::new(tokens.len() * 5),
        depth: 0,
        top_level,
        environments: Vec::new(),
        lists: Vec::new(),
        notes: Vec::new(),
        notes_written: 0,
        indent: 0,
        open_theorems: Vec::new(),
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

/// An open list.
struct List {
    name: u32,
    count: u32,
    style: Style,
}

/// How the items of a list are marked.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Style {
    Bullet,
    Description,
    /// Text before, kind of number, text after.
    Number(String, char, String),
}

pub(super) struct Text<'e, 'm> {
    pub(super) engine: &'e Engine,
    pub(super) measure: &'m mut Measure,
    pub(super) writer: Writer,
    pub(super) depth: usize,
    top_level: u8,
    environments: Vec<u32>,
    lists: Vec<List>,
    notes: Vec<String>,
    notes_written: usize,
    /// Levels of an algorithm's blocks.
    pub(super) indent: usize,
    open_theorems: Vec<(u32, usize)>,
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
                Kind::Space => self.writer.gap(Gap::Space),
                Kind::Tie => self.writer.gap(Gap::Space),
                Kind::Par => self.paragraph(),
                Kind::Cs => (at, rest) = self.command(tokens, at, token),
                Kind::Shift if !token.has(CLOSING) => at = self.formula(tokens, at, token),
                Kind::Begin => (at, rest) = self.begin(tokens, at, token),
                Kind::End => self.end(token),
                Kind::Verb => self.verbatim(token),
                Kind::Align => self.writer.gap(Gap::Space),
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
        accents::push_text(&mut self.writer.text, text);
        self.measure.prose(text);
    }

    fn paragraph(&mut self) {
        self.flush_notes();
        self.writer.gap(Gap::Par);
    }

    /// Writes the footnotes of the paragraph that ends.
    pub(super) fn flush_notes(&mut self) {
        if self.depth > 0 || self.notes.is_empty() {
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
        let lists = self.lists.len();
        let environments = self.environments.len();
        self.write(tokens);
        self.lists.truncate(lists);
        self.environments.truncate(environments);
        self.depth -= 1;
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

    // --- formulas ---

    fn formula(&mut self, tokens: &[Token], at: usize, open: Token) -> usize {
        let end = formula_end(tokens, at);
        let delim = Delim::of(open.at);
        let inside = &tokens[at..end];
        if delim.is_display() {
            self.display(inside, None);
        } else {
            let formula = self.latex(inside);
            let formula = formula.trim();
            if formula == "[diagram]" {
                self.writer.put(formula);
            } else if !formula.is_empty() {
                self.writer.flush();
                let start = self.writer.text.len();
                self.writer.text.push('$');
                self.push_line(formula);
                self.writer.text.push('$');
                self.measure.math_bytes += self.writer.text.len() - start;
            }
        }
        (end + 1).min(tokens.len())
    }

    fn push_line(&mut self, text: &str) {
        if text.contains('\n') {
            let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
            self.writer.text.push_str(&line);
        } else {
            self.writer.text.push_str(text);
        }
    }

    /// A formula on lines of its own; `environment` stays around it.
    fn display(&mut self, inside: &[Token], environment: Option<&str>) {
        let formula = self.latex(inside);
        let formula = formula.trim();
        if formula.is_empty() {
            return;
        }
        if formula == "[diagram]" {
            self.writer.put(formula);
            return;
        }
        if self.depth == 0 {
            self.writer.gap(Gap::Line);
        } else {
            self.writer.gap(Gap::Space);
        }
        self.writer.flush();
        let start = self.writer.text.len();
        self.writer.text.push_str("$$");
        if let Some(name) = environment {
            self.writer.text.push_str(&format!("\\begin{{{name}}}\n"));
        }
        self.writer.text.push_str(formula);
        if let Some(name) = environment {
            self.writer.text.push_str(&format!("\n\\end{{{name}}}"));
        }
        self.writer.text.push_str("$$");
        self.measure.math_bytes += self.writer.text.len() - start;
        self.writer.gap(if self.depth == 0 {
            Gap::Line
        } else {
            Gap::Space
        });
    }

    /// The content of a formula as LaTeX, without keys.
    fn latex(&mut self, inside: &[Token]) -> String {
        let mut clean: Vec<Token> = Vec::with_capacity(inside.len());
        let mut at = 0;
        while let Some(token) = inside.get(at) {
            at += 1;
            if token.kind == Kind::Cs {
                let name = self.name(*token);
                self.measure.command(self.engine, *token, true);
                if is_reference(name) || is_citation(name) {
                    let next = self.skip_arguments(inside, at, "sooom");
                    at = next.0;
                    clean.extend(next.1);
                    if is_reference(name) {
                        clean.push(self.engine.reference_text());
                    }
                    continue;
                }
                if matches!(
                    name,
                    "footnote" | "footnotemark" | "footnotetext" | "qedhere"
                ) {
                    at = self.skip_arguments(inside, at, "om").0;
                    continue;
                }
                if matches!(name, "xymatrix" | "xymatrixcolsep") {
                    at = self.skip_arguments(inside, at, "om").0;
                    clean.push(self.engine.diagram_text());
                    continue;
                }
            }
            clean.push(*token);
        }
        super::write_source(self.engine, &clean, &mut Measure::ignoring())
    }

    // --- environments ---

    fn begin(&mut self, tokens: &[Token], at: usize, token: Token) -> (usize, Option<Token>) {
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
                    self.display(
                        &tokens[from.min(end)..end],
                        Some(&count.replace("}{", "}{")),
                    );
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
                    let name = if name.starts_with("IEEE") {
                        "eqnarray"
                    } else {
                        name
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
                return self.skip_arguments(tokens, at, "o");
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
        if env == Env::Algorithm {
            self.indent = 0;
        }
        if name == "keywords" || name == "keyword" || name == "IEEEkeywords" {
            self.writer.put("Keywords:");
            self.writer.gap(Gap::Space);
        }
        let signature = match name {
            "figure" | "figure*" | "table" | "table*" | "sidewaysfigure" | "sidewaystable"
            | "algorithm" | "algorithm*" | "algorithmic" | "frame" | "titlepage" | "mdframed"
            | "tcolorbox" | "subequations" | "multline" => "oo",
            "wrapfigure" | "wraptable" => "omom",
            "minipage" | "subfigure" | "subtable" | "textblock" => "ooom",
            "multicols" | "spacing" | "otherlanguage" | "otherlanguage*" | "adjustbox" => "mo",
            "thebibliography" | "SCfigure" => "m",
            "adjustwidth" | "changemargin" => "smm",
            _ if env == Env::Unknown => "o",
            _ => "",
        };
        self.skip_arguments(tokens, at, signature)
    }

    fn begin_theorem(
        &mut self,
        tokens: &[Token],
        at: usize,
        token: Token,
    ) -> (usize, Option<Token>) {
        self.paragraph();
        self.writer.flush();
        let start = self.writer.text.len();
        self.environments.push(token.at);
        if !self.measure.is_ignoring() && self.depth == 0 {
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
        (next, rest)
    }

    fn begin_list(&mut self, tokens: &[Token], at: usize, token: Token) -> (usize, Option<Token>) {
        let name = self.name(token);
        if self.lists.is_empty() {
            self.flush_notes();
        }
        self.writer.gap(Gap::Line);
        let option = bracket(self.engine, tokens, at);
        let (next, rest) = option
            .as_ref()
            .map_or((at, None), |option| (option.next, option.rest));
        let numbered = name.contains("enum")
            || matches!(name, "parts" | "questions" | "subparts" | "asparaenum");
        let style = if name.contains("desc") {
            Style::Description
        } else if numbered {
            let depth = self
                .lists
                .iter()
                .filter(|list| matches!(list.style, Style::Number(..)))
                .count();
            let option = option
                .map(|option| self.label_text(&option.inside))
                .unwrap_or_default();
            number_style(&option, depth)
        } else {
            Style::Bullet
        };
        self.lists.push(List {
            name: token.at,
            count: 0,
            style,
        });
        (next, rest)
    }

    /// A label pattern with its counter commands as single letters.
    fn label_text(&self, tokens: &[Token]) -> String {
        let mut text = String::new();
        for token in tokens {
            match token.kind {
                Kind::Text => text.push_str(self.engine.slice(*token)),
                Kind::Space => text.push(' '),
                Kind::Cs => text.push_str(match self.name(*token) {
                    "alph" => "a",
                    "Alph" => "A",
                    "roman" => "i",
                    "Roman" => "I",
                    "arabic" => "1",
                    _ => "",
                }),
                _ => {}
            }
        }
        text
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
            && self.depth == 0
            && let Some((name, slot)) = self.open_theorems.last().copied()
            && name == token.at
        {
            self.open_theorems.pop();
            self.measure.theorems[slot].end = self.writer.text.len();
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

    fn table(&mut self, tokens: &[Token], name: &str) {
        let signature = match name {
            "tabular*" | "tabularx" | "tabulary" => "omom",
            "tabularray" | "tblr" | "tabu" => "om",
            _ => "om",
        };
        let from = self.skip_arguments(tokens, 0, signature).0;
        let engine = self.engine;
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut captions = Vec::new();
        for cells in tables::rows(engine, &tokens[from..]) {
            let mut row = Vec::new();
            for cell in cells {
                let text = self.one_line(cell.tokens);
                let text = match text.strip_prefix("Table: ") {
                    Some(caption) => {
                        captions.push(caption.to_owned());
                        String::new()
                    }
                    None => text,
                };
                row.push(text);
                row.extend(std::iter::repeat_n(
                    String::new(),
                    cell.columns.saturating_sub(1),
                ));
            }
            if row.iter().any(|cell| !cell.is_empty()) {
                rows.push(row);
            }
        }
        if rows.is_empty() {
            return;
        }
        if self.depth > 0 {
            let cells: Vec<String> = rows
                .into_iter()
                .flatten()
                .filter(|c| !c.is_empty())
                .collect();
            self.writer.put(&cells.join(" "));
            return;
        }
        self.paragraph();
        for caption in captions {
            self.writer.put(&format!("Table: {caption}"));
            self.writer.gap(Gap::Par);
        }
        self.writer.put(&tables::write(&rows));
        self.writer.gap(Gap::Par);
    }

    // --- pieces used by commands ---

    /// `\item`.
    pub(super) fn item(&mut self, tokens: &[Token], at: usize) -> (usize, Option<Token>) {
        let label = bracket(self.engine, tokens, at);
        let (next, rest) = label
            .as_ref()
            .map_or((at, None), |label| (label.next, label.rest));
        let label = label
            .map(|label| self.one_line(&label.inside))
            .unwrap_or_default();
        let indent = "  ".repeat(self.lists.len().saturating_sub(1).min(8));
        let mark = match self.lists.last_mut() {
            None => "- ".to_owned(),
            Some(list) => match &list.style {
                _ if !label.is_empty() && list.style == Style::Description => {
                    format!("- **{label}** ")
                }
                _ if !label.is_empty() => {
                    if label.chars().any(char::is_alphanumeric) {
                        format!("{label} ")
                    } else {
                        "- ".to_owned()
                    }
                }
                Style::Number(before, kind, after) => {
                    list.count += 1;
                    format!("{before}{}{after} ", numeral(*kind, list.count))
                }
                _ => "- ".to_owned(),
            },
        };
        self.writer.gap(Gap::Line);
        if self.writer.pending() == Gap::Par && self.lists.last().is_some_and(|l| l.count > 1) {
            self.writer.cancel_gap();
            self.writer.gap(Gap::Line);
        }
        self.writer.put(&indent);
        self.writer.put(&mark);
        (next, rest)
    }

    pub(super) fn heading(&mut self, title: &[Token], level: u8) {
        let title = self.one_line(title);
        if title.is_empty() {
            return;
        }
        self.paragraph();
        self.writer.flush();
        let offset = self.writer.text.len();
        if self.depth == 0 && !self.measure.is_ignoring() {
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

    fn verbatim(&mut self, token: Token) {
        let text = self.engine.slice(token);
        if !token.has(BLOCK) {
            self.writer.put(&inline_code(text));
            return;
        }
        let (language, body) = listing(text);
        self.paragraph();
        let fence = if body.contains("```") { "````" } else { "```" };
        self.writer
            .put(&format!("{fence}{language}\n{body}\n{fence}"));
        self.writer.gap(Gap::Par);
    }

    /// Where reading goes on behind the arguments of `signature`; missing ones are no matter.
    pub(super) fn skip_arguments(&self, tokens: &[Token], at: usize, signature: &str) -> Next {
        let mut next: Next = (at, None);
        for letter in signature.bytes() {
            if let Some(rest) = next.1 {
                // Several options in one text token.
                let text = self.engine.slice(rest);
                if letter == b'o'
                    && text.starts_with('[')
                    && let Some(close) = text.find(']')
                {
                    next.1 = cut(rest, close + 1, text.len());
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

/// An index behind what was read, and text left of the token before it.
pub(super) type Next = (usize, Option<Token>);

/// End of the formula whose opening delimiter lies before `at`.
fn formula_end(tokens: &[Token], at: usize) -> usize {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(at) {
        if token.kind == Kind::Shift {
            if !token.has(CLOSING) {
                depth += 1;
            } else if depth == 0 {
                return index;
            } else {
                depth -= 1;
            }
        }
    }
    tokens.len()
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

pub(super) fn is_reference(name: &str) -> bool {
    matches!(
        name,
        "ref"
            | "eqref"
            | "cref"
            | "Cref"
            | "autoref"
            | "pageref"
            | "vref"
            | "Vref"
            | "nameref"
            | "thmref"
            | "subref"
            | "labelcref"
            | "namecref"
            | "lcnamecref"
            | "crefrange"
            | "Crefrange"
            | "Ref"
            | "secref"
            | "lemref"
            | "propref"
            | "figref"
            | "fref"
            | "vpageref"
    )
}

pub(super) fn is_citation(name: &str) -> bool {
    let lower = name.trim_end_matches('*');
    (lower.starts_with("cite") || lower.starts_with("Cite") || lower.ends_with("cite"))
        || matches!(
            lower,
            "onlinecite" | "fullcite" | "shortciteN" | "nocitex" | "citealt"
        )
}

/// Kind of numbers from an option such as `(a)`, `label=(\roman*)`, `i.`.
fn number_style(option: &str, depth: usize) -> Style {
    let default = |depth: usize| match depth % 4 {
        0 => Style::Number(String::new(), '1', ".".into()),
        1 => Style::Number("(".into(), 'a', ")".into()),
        2 => Style::Number(String::new(), 'i', ".".into()),
        _ => Style::Number(String::new(), 'A', ".".into()),
    };
    let pattern = match option.split_once("label") {
        Some((_, rest)) => rest
            .trim_start_matches(['=', ' '])
            .split(',')
            .next()
            .unwrap_or(""),
        None if option.contains('=') => return default(depth),
        None => option.split(',').next().unwrap_or(""),
    };
    let pattern = pattern.replace('*', "");
    let Some(at) = pattern.find(['1', 'a', 'A', 'i', 'I']) else {
        return default(depth);
    };
    // A letter within a word is no counter.
    let neighbour = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    if neighbour(pattern[..at].chars().last()) || neighbour(pattern[at + 1..].chars().next()) {
        return default(depth);
    }
    let kind = pattern[at..].chars().next().unwrap_or('1');
    Style::Number(
        pattern[..at].trim_start().to_owned(),
        kind,
        pattern[at + 1..].trim_end().to_owned(),
    )
}

fn numeral(kind: char, count: u32) -> String {
    let letter = |base: u8| {
        let index = u8::try_from((count - 1) % 26).unwrap_or(0);
        char::from(base + index).to_string()
    };
    match kind {
        'a' => letter(b'a'),
        'A' => letter(b'A'),
        'i' => roman(count),
        'I' => roman(count).to_uppercase(),
        _ => count.to_string(),
    }
}

fn roman(count: u32) -> String {
    let mut left = count.min(3999);
    let mut text = String::new();
    for (value, letters) in [
        (1000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ] {
        while left >= value {
            text.push_str(letters);
            left -= value;
        }
    }
    text
}

/// `\verb|x|` as code; other raw text as it is.
fn inline_code(text: &str) -> String {
    let Some(name_end) = text
        .strip_prefix('\\')
        .map(|rest| 1 + rest.bytes().take_while(u8::is_ascii_alphabetic).count())
    else {
        return text.to_owned();
    };
    let name = &text[1..name_end];
    if !matches!(name, "verb" | "Verb" | "lstinline" | "mintinline") {
        return text.to_owned();
    }
    let mut rest = text[name_end..].trim_start_matches('*');
    if name == "lstinline" || name == "mintinline" {
        if rest.starts_with('[') {
            rest = rest.split_once(']').map_or(rest, |(_, rest)| rest);
        }
        if name == "mintinline" {
            rest = rest.split_once('}').map_or(rest, |(_, rest)| rest);
        }
    }
    let mut chars = rest.chars();
    chars.next();
    chars.next_back();
    let body = chars.as_str();
    if body.contains('`') {
        format!("`` {body} ``")
    } else {
        format!("`{body}`")
    }
}

/// Language and body of a verbatim environment.
fn listing(text: &str) -> (String, &str) {
    let Some((head, rest)) = text.split_once('}') else {
        return (String::new(), text);
    };
    let body = rest.rfind("\\end{").map_or(rest, |end| &rest[..end]);
    let minted = head.ends_with("{minted");
    let mut language = String::new();
    let mut body = body;
    if body.starts_with('[')
        && let Some((option, after)) = body[1..].split_once(']')
        && !option.contains('\n')
    {
        language = option
            .split(',')
            .find_map(|pair| pair.trim().strip_prefix("language"))
            .map(|value| {
                value
                    .trim_start_matches(['=', ' ', '{'])
                    .trim_end_matches('}')
            })
            .unwrap_or_default()
            .to_owned();
        body = after;
    }
    if minted
        && let Some((name, after)) = body.strip_prefix('{').and_then(|rest| rest.split_once('}'))
    {
        language = name.to_owned();
        body = after;
    }
    let first_line = body.split('\n').next().unwrap_or("");
    if first_line.trim().is_empty() && body.contains('\n') {
        body = &body[first_line.len() + 1..];
    }
    (
        language.to_lowercase().replace(char::is_whitespace, ""),
        body.trim_end(),
    )
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
