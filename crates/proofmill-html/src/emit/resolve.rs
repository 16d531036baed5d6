//! A run to Markdown: formulas out of delimiters, dollars of the prose escaped.

use proofmill_latex::Limits;

use super::Emitter;
use super::run::{Mark, Run};
use crate::asciimath;
use crate::clean::{clean, strip_displaystyle};
use crate::config::count_definitions;
use crate::delimit::{self, Span};
use crate::detect::Stand;
use crate::page::{Formula, Markup};

/// A part of a block: text, or a formula on its own line.
#[derive(Debug)]
pub(super) enum Piece {
    Text(String),
    Display(String),
}

/// Where a run stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A paragraph or the like: a lone formula of unsaid standing is a display.
    Block,
    /// A heading, list item or label: displays keep their line, unsaid ones do not.
    Line,
    /// A cell: everything stays in the line.
    Cell,
}

impl Emitter<'_, '_> {
    /// Turns a run into pieces, formulas counted.
    pub(super) fn resolve(&mut self, run: &Run, place: Place) -> Vec<Piece> {
        let text = run.text.as_str();
        let mut spans = if memchr::memchr3(b'$', b'\\', b'[', text.as_bytes()).is_some()
            || self.config.has_asciimath
            || !self.config.extra.is_empty()
        {
            delimit::find(
                text,
                self.config,
                self.options.max_formula_bytes,
                &mut self.n_search_left,
            )
        } else {
            Vec::new()
        };
        spans.retain(|span| {
            let first = run.marks.partition_point(|(at, _)| *at <= span.from);
            !run.marks[first..]
                .iter()
                .take_while(|(at, _)| *at < span.to)
                .any(|(_, mark)| matches!(mark, Mark::Formula(_) | Mark::Code(_)))
        });
        let is_alone = place == Place::Block && is_alone(run);
        let mut writer = Writer {
            pieces: Vec::new(),
            text: String::new(),
            place,
        };
        let mut at = 0;
        let mut marks = run.marks.iter().peekable();
        let mut spans = spans.into_iter().peekable();
        loop {
            let next_mark = marks.peek().map_or(usize::MAX, |(offset, _)| *offset);
            let next_span = spans.peek().map_or(usize::MAX, |span| span.from);
            if next_mark == usize::MAX && next_span == usize::MAX {
                break;
            }
            if next_mark <= next_span {
                let Some((offset, mark)) = marks.next() else {
                    break;
                };
                writer.prose(&text[at..*offset]);
                at = *offset;
                match mark {
                    Mark::Formula(index) => self.found_formula(*index, is_alone, &mut writer),
                    Mark::Code(code) => writer.code(code),
                    Mark::Break => writer.line_break(),
                    Mark::Emphasis(_) => {}
                }
            } else {
                let Some(span) = spans.next() else { break };
                writer.prose(&text[at..span.from]);
                at = span.to;
                let mut inner = String::new();
                let mut from = span.inner_from;
                while let Some((offset, mark)) = marks.next_if(|(offset, _)| *offset < span.to) {
                    let offset = (*offset).clamp(from, span.inner_to);
                    inner.push_str(&text[from..offset]);
                    from = offset;
                    match mark {
                        Mark::Emphasis(original) => inner.push_str(original),
                        Mark::Break => inner.push('\n'),
                        _ => {}
                    }
                }
                inner.push_str(&text[from..span.inner_to]);
                let is_wordpress = text[span.from..].starts_with("$latex");
                self.span_formula(&inner, span, is_wordpress, &mut writer);
            }
        }
        writer.prose(&text[at..]);
        writer.finish()
    }

    fn found_formula(&mut self, index: usize, is_alone: bool, writer: &mut Writer) {
        let found = &self.map.found[index];
        let is_display = match found.stand {
            Stand::Display => true,
            Stand::Inline => false,
            Stand::Unsaid => is_alone,
        };
        self.formula(found.latex.clone(), is_display, found.markup, writer);
    }

    fn span_formula(&mut self, inner: &str, span: Span, is_wordpress: bool, writer: &mut Writer) {
        let (cleaned, markup) = if span.is_asciimath {
            (clean(&asciimath::to_latex(inner)), Markup::AsciiMath)
        } else {
            (clean(inner), span.markup)
        };
        let Some(cleaned) = cleaned else { return };
        // WordPress writes `\displaystyle` before what stands on its own
        let unstyled = strip_displaystyle(&cleaned.latex)
            .filter(|_| is_wordpress)
            .map(str::to_owned);
        let is_display = span.is_display || unstyled.is_some();
        self.formula(
            unstyled.unwrap_or(cleaned.latex),
            is_display,
            markup,
            writer,
        );
    }

    /// Writes one formula, page macros defined or expanded.
    fn formula(
        &mut self,
        mut latex: String,
        is_display: bool,
        markup: Markup,
        writer: &mut Writer,
    ) {
        if count_definitions(&latex) > 0 {
            self.config.define_from(&latex);
            latex = without_definitions(&latex);
            if latex.is_empty() {
                return;
            }
        }
        if self.config.n_macros > 0 {
            self.n_macro_bytes += self.config.macros.n_bytes();
            if self.n_macro_bytes > self.options.max_macro_bytes {
                self.n_dropped += 1;
                return;
            }
            let expanded = self
                .config
                .macros
                .expand_formula(&latex, &Limits::default());
            expanded.trim().clone_into(&mut latex);
        }
        if let Some(expanded) = super::customary::expand(&latex) {
            latex = expanded;
        }
        if latex.is_empty()
            || latex.len() > self.options.max_formula_bytes
            || self.formulas.len() >= self.options.max_formulas
        {
            self.n_dropped += 1;
            return;
        }
        let is_display = is_display && writer.place != Place::Cell;
        latex = one_paragraph(&latex, is_display);
        writer.formula(&latex, is_display);
        self.n_formula_chars += latex.chars().count();
        self.formulas.push(Formula {
            latex,
            is_display,
            markup,
            rank: markup.rank(),
        });
    }
}

/// Whether a run is one formula and at most punctuation or an equation number.
fn is_alone(run: &Run) -> bool {
    let n_formulas = run
        .marks
        .iter()
        .filter(|(_, mark)| matches!(mark, Mark::Formula(_)))
        .count();
    let has_code = run
        .marks
        .iter()
        .any(|(_, mark)| matches!(mark, Mark::Code(_)));
    let text = run.text.trim();
    let is_number = text.len() <= 8
        && text
            .strip_prefix('(')
            .and_then(|rest| rest.strip_suffix(')'))
            .is_some_and(|inner| {
                inner
                    .chars()
                    .all(|letter| letter.is_alphanumeric() || matches!(letter, '.' | '-' | '*'))
            });
    n_formulas == 1
        && !has_code
        && (is_number || text.chars().all(|letter| ".,;:".contains(letter)))
}

/// A formula without blank lines; an inline one without any line ends.
fn one_paragraph(latex: &str, is_display: bool) -> String {
    if !latex.contains('\n') {
        return latex.to_owned();
    }
    let lines = latex.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .collect::<Vec<_>>()
        .join(if is_display { "\n" } else { " " })
}

/// What a formula holds beside definitions of macros.
fn without_definitions(latex: &str) -> String {
    const WORDS: [&str; 9] = [
        "\\newcommand",
        "\\renewcommand",
        "\\providecommand",
        "\\DeclareMathOperator",
        "\\def",
        "\\gdef",
        "\\let",
        "\\require",
        "\\newenvironment",
    ];
    let mut out = String::new();
    let mut rest = latex;
    while let Some(at) = rest.find('\\') {
        let word = WORDS.iter().find(|word| {
            rest[at..].starts_with(**word)
                && !rest[at + word.len()..].starts_with(|next: char| next.is_ascii_alphabetic())
        });
        let Some(word) = word else {
            let end = rest[at + 1..]
                .chars()
                .next()
                .map_or(rest.len(), |next| at + 1 + next.len_utf8());
            out.push_str(&rest[..end]);
            rest = &rest[end..];
            continue;
        };
        out.push_str(&rest[..at]);
        rest = rest[at + word.len()..].trim_start_matches(['*', ' ', '\n']);
        rest = skip_definition(rest, *word == "\\let", *word == "\\require");
    }
    out.push_str(rest);
    out.trim().to_owned()
}

/// Skips name, parameters and body of a definition.
fn skip_definition(text: &str, is_let: bool, is_require: bool) -> &str {
    let mut rest = text;
    if is_require {
        return skip_group(rest);
    }
    if rest.starts_with('{') {
        rest = skip_group(rest);
    } else if let Some(after) = rest.strip_prefix('\\') {
        let n = after
            .find(|next: char| !next.is_ascii_alphabetic())
            .unwrap_or(after.len());
        rest = &after[if n == 0 {
            after.chars().next().map_or(0, char::len_utf8)
        } else {
            n
        }..];
    }
    rest = rest.trim_start();
    if is_let {
        let after = rest
            .trim_start_matches('=')
            .trim_start()
            .trim_start_matches('\\');
        let n = after
            .find(|next: char| !next.is_ascii_alphabetic())
            .unwrap_or(after.len());
        return &after[n..];
    }
    match rest.find('{') {
        Some(open) if open < 60 => skip_group(&rest[open..]),
        _ => rest,
    }
}

/// Skips one group in braces.
fn skip_group(text: &str) -> &str {
    let mut depth = 0_usize;
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            b'{' => depth += 1,
            b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return &text[at + 1..];
                }
            }
            _ => {}
        }
    }
    ""
}

/// Puts pieces together.
struct Writer {
    pieces: Vec<Piece>,
    text: String,
    place: Place,
}

impl Writer {
    /// Prose: newlines are spaces, dollars are escaped.
    fn prose(&mut self, text: &str) {
        let text = if self.text.is_empty() {
            text.trim_start()
        } else {
            text
        };
        let is_doubled = self.text.ends_with(' ') && text.starts_with([' ', '\n']); // a formula went
        let text = if is_doubled { &text[1..] } else { text };
        if text.is_empty() {
            return;
        }
        if self.text.is_empty()
            && text.starts_with(['.', ',', ';', ':'])
            && let Some(Piece::Display(formula)) = self.pieces.last_mut()
        {
            // punctuation after a display stays with it
            let n = text.len() - text.trim_start_matches(['.', ',', ';', ':']).len();
            formula.push_str(&text[..n]);
            return self.prose(&text[n..]);
        }
        for letter in text.chars() {
            match letter {
                '\n' => self.text.push(' '),
                '$' => {
                    let n_slashes = self
                        .text
                        .bytes()
                        .rev()
                        .take_while(|byte| *byte == b'\\')
                        .count();
                    self.text
                        .push_str(if n_slashes % 2 == 1 { "$" } else { "\\$" });
                }
                '|' if self.place == Place::Cell => self.text.push_str("\\|"),
                _ => self.text.push(letter),
            }
        }
    }

    fn line_break(&mut self) {
        if self.place == Place::Block {
            let n = self.text.trim_end_matches(' ').len();
            self.text.truncate(n);
            if !self.text.is_empty() && !self.text.ends_with("\n\n") {
                self.text.push('\n');
            }
        } else if !self.text.ends_with(' ') {
            self.text.push(' ');
        }
    }

    fn code(&mut self, code: &str) {
        let longest = code
            .split(|letter| letter != '`')
            .map(str::len)
            .max()
            .unwrap_or(0);
        let fence = "`".repeat(if longest == 0 { 1 } else { longest + 1 });
        let pad = if code.starts_with('`') || code.ends_with('`') {
            " "
        } else {
            ""
        };
        for part in [&fence, pad, code, pad, &fence] {
            self.text.push_str(part);
        }
    }

    fn formula(&mut self, latex: &str, is_display: bool) {
        if is_display {
            self.end_text();
            self.pieces.push(Piece::Display(format!("$${latex}$$")));
            return;
        }
        if self.text.ends_with('$') && !self.text.ends_with("\\$") {
            self.text.push(' '); // `$a$$b$` would read as a display
        }
        self.text.push('$');
        self.text.push_str(latex);
        self.text.push('$');
    }

    fn end_text(&mut self) {
        let text = std::mem::take(&mut self.text);
        let trimmed = text.trim_matches([' ', '\n']);
        if !trimmed.is_empty() {
            self.pieces.push(Piece::Text(trimmed.to_owned()));
        }
    }

    fn finish(mut self) -> Vec<Piece> {
        self.end_text();
        self.pieces
    }
}

#[cfg(test)]
mod tests {
    use super::without_definitions;

    #[test]
    fn definitions_go() {
        assert_eq!(
            without_definitions("\\newcommand{\\R}{\\mathbb{R}}\\def\\f#1{g(#1)} x+\\R"),
            "x+\\R"
        );
        assert_eq!(
            without_definitions("\\let\\eps=\\varepsilon\\DeclareMathOperator*{\\Hom}{Hom}"),
            ""
        );
        assert_eq!(without_definitions("\\newcommand{\\R"), "");
        assert_eq!(
            without_definitions("\\definecolor x \\"),
            "\\definecolor x \\"
        );
    }
}
