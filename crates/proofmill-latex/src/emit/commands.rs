//! Text mode: what each command writes.

use super::accents;
use super::tables::group_length;
use super::text::{Next, Text, first_char, swallowed_gap};
use super::writer::Gap;
use crate::names::{Class, Env, fixed};
use crate::token::{Kind, Token};

/// Where an argument is looked for.
pub(super) struct Spot(usize, Option<Token>);

impl From<usize> for Spot {
    fn from(at: usize) -> Self {
        Self(at, None)
    }
}

impl From<Next> for Spot {
    fn from(next: Next) -> Self {
        Self(next.0, next.1)
    }
}

/// An argument: its tokens, and where reading goes on.
pub(super) struct Argument<'t> {
    pub(super) tokens: std::borrow::Cow<'t, [Token]>,
    pub(super) next: Next,
}

impl Text<'_, '_> {
    /// Writes the command `token`, whose arguments start at `at`.
    pub(super) fn command(&mut self, tokens: &[Token], at: usize, token: Token) -> Next {
        let name = self.name(token);
        if let Some(level) = self.engine.names.roles(token.at).level {
            let at = self.skip_arguments(tokens, at, "so");
            let argument = self.argument(tokens, at);
            self.heading(&argument.tokens, level);
            return argument.next;
        }
        if let Some(next) = self.structure(tokens, at, token, name) {
            return next;
        }
        if let Some(next) = self.characters(tokens, at, token, name) {
            return next;
        }
        let info = self.engine.names.info(token.at);
        match info.class {
            Class::Symbol => {
                self.writer.put(info.text);
                (at, None)
            }
            Class::Accent => self.accent(tokens, at, info.text),
            Class::Register => (at, None),
            Class::Font | Class::DropInText => self.skip_arguments(tokens, at, info.sig),
            Class::Link => {
                let argument = self.argument(tokens, at);
                self.in_place(&argument.tokens);
                self.skip_arguments(tokens, argument.next.0, &info.sig[1..])
            }
            Class::Wrap | Class::Prim => self.wrapped(tokens, at, name, info.sig),
            Class::Math => self.stray_math(tokens, at, token, info.text, info.sig),
            Class::Keep => self.skip_arguments(tokens, at, &info.sig.replace('m', "")),
            _ => {
                self.measure.command(self.engine, token, false);
                if token.has(crate::token::SPACED) {
                    self.writer.gap(Gap::Space);
                }
                // Its groups are read as text, its options are not.
                self.skip_arguments(tokens, at, "so")
            }
        }
    }

    /// Commands of structure; `None` if `name` is none.
    #[expect(clippy::too_many_lines, reason = "one arm per command")]
    fn structure(&mut self, tokens: &[Token], at: usize, token: Token, name: &str) -> Option<Next> {
        let roles = self.engine.names.roles(token.at);
        if roles.is_reference {
            return Some(self.reference(tokens, at, name));
        }
        if roles.is_citation {
            return Some(self.citation(tokens, at, name));
        }
        Some(match name {
            "par" | "endgraf" => {
                self.flush_notes();
                self.writer.gap(Gap::Par);
                (at, None)
            }
            "\\" | "newline" | "tabularnewline" | "linebreak" => {
                self.writer.gap(Gap::Space);
                self.skip_arguments(tokens, at, "so")
            }
            "item" => self.item(tokens, at),
            "itemitem" => {
                let mark = self.argument(tokens, at);
                let label = self.one_line(&mark.tokens);
                self.writer.gap(Gap::Line);
                self.writer.put(&format!("  {label} "));
                mark.next
            }
            "label" | "index" | "glossary" | "bibliographystyle" | "pagestyle" => {
                self.skip_arguments(tokens, at, "m")
            }
            "title" => {
                let argument = self.argument(tokens, self.skip_arguments(tokens, at, "o"));
                let title = self.one_line(&argument.tokens);
                if !title.is_empty() {
                    self.writer.gap(Gap::Par);
                    self.writer.put(&format!("# {title}"));
                    self.writer.gap(Gap::Par);
                }
                argument.next
            }
            "author" => {
                let argument = self.argument(tokens, self.skip_arguments(tokens, at, "o"));
                let names = self.authors(&argument.tokens);
                if !names.is_empty() {
                    self.writer.gap(Gap::Par);
                    self.writer.put(&names);
                    self.writer.gap(Gap::Par);
                }
                argument.next
            }
            "address" | "affiliation" | "footnotemark" | "bibitem" | "dedicatory" => {
                if name == "bibitem" {
                    self.writer.gap(Gap::Par);
                }
                self.skip_arguments(tokens, at, if name == "footnotemark" { "o" } else { "om" })
            }
            "keywords" => {
                let argument = self.argument(tokens, at);
                let words = self.one_line(&argument.tokens);
                self.writer.gap(Gap::Par);
                self.writer.put(&format!("Keywords: {words}"));
                self.writer.gap(Gap::Par);
                argument.next
            }
            "acknowledgments" | "acknowledgements" => {
                self.writer.gap(Gap::Par);
                self.writer.put("**Acknowledgements.**");
                self.writer.gap(Gap::Space);
                (at, None)
            }
            "footnote" | "footnotetext" | "sidenote" | "marginpar" | "endnote" | "marginnote" => {
                let mut argument = self.argument(tokens, self.skip_arguments(tokens, at, "so"));
                if self.is_footnote_mark(&argument, tokens) {
                    argument = self.argument(tokens, argument.next);
                }
                self.footnote(&argument.tokens);
                argument.next
            }
            "caption" | "subcaption" | "captionof" | "tablecaption" => {
                self.caption(tokens, at, name)
            }
            "sep" if self.engine.names.info(token.at).class == Class::Unknown => {
                self.writer.cancel_gap();
                self.writer.put(",");
                self.writer.gap(Gap::Space);
                (at, None)
            }
            "and" => {
                self.writer.cancel_gap();
                self.writer.put(",");
                self.writer.gap(Gap::Space);
                (at, None)
            }
            "thetag" => {
                let argument = self.argument(tokens, at);
                let tag = self.one_line(&argument.tokens);
                self.writer.put(&format!("({tag})"));
                argument.next
            }
            "url" | "path" | "nolinkurl" => {
                let argument = self.argument(tokens, at);
                let url = self.engine.plain(&argument.tokens);
                self.writer.put(&url);
                argument.next
            }
            "href" | "hyperlink" | "hypertarget" => {
                let at = self.skip_arguments(tokens, at, "om").0;
                let argument = self.argument(tokens, at);
                self.in_place(&argument.tokens);
                argument.next
            }
            "multicolumn" | "multirow" => {
                let at = self.skip_arguments(tokens, at, "omom");
                let argument = self.argument(tokens, at);
                self.in_place(&argument.tokens);
                argument.next
            }
            "tablehead" => {
                let argument = self.argument(tokens, at);
                self.table_head = argument.tokens.to_vec();
                argument.next
            }
            "startdata" => {
                let end = tokens[at..]
                    .iter()
                    .position(|token| token.kind == Kind::Cs && self.name(*token) == "enddata")
                    .map_or(tokens.len(), |end| at + end);
                let mut rows = std::mem::take(&mut self.table_head);
                if !rows.is_empty() {
                    rows.push(Token::cs(fixed::NEWLINE));
                }
                rows.extend_from_slice(&tokens[at..end]);
                self.table_rows(&rows, &[]);
                ((end + 1).min(tokens.len()), None)
            }
            "hline" | "toprule" | "midrule" | "bottomrule" | "cline" | "cmidrule" | "hdashline"
            | "endhead" | "endfirsthead" | "endfoot" | "endlastfoot" | "addlinespace"
            | "specialrule" | "rowcolor" | "cellcolor" | "arrayrulecolor" => {
                let at = self.skip_arguments(tokens, at, "o").0;
                let rest = tokens.get(at).filter(|token| {
                    name == "cmidrule" && self.engine.slice(**token).starts_with('(')
                });
                let at = at + usize::from(rest.is_some());
                self.skip_arguments(tokens, at, "om")
            }
            "appendix" | "enddata" => (at, None),
            "qedsymbol" | "qed" | "endproof" | "square" | "Box" | "blacksquare"
                if !self.inside(Env::Equation) && token.len == 0 && self.after_proof_text(name) =>
            {
                (at, None)
            }
            "SI" | "qty" => {
                let at = self.skip_arguments(tokens, at, "o");
                let number = self.argument(tokens, at);
                let text = self.one_line(&number.tokens);
                let unit = self.argument(tokens, number.next.0);
                let unit_text = self.unit(&unit.tokens);
                self.writer.put(text.trim());
                self.writer.gap(Gap::Space);
                self.writer.put(&unit_text);
                unit.next
            }
            "si" | "unit" => {
                let argument = self.argument(tokens, self.skip_arguments(tokens, at, "o"));
                let text = self.unit(&argument.tokens);
                self.writer.put(&text);
                argument.next
            }
            _ => return self.algorithm(tokens, at, name),
        })
    }

    /// Whether the argument is the mark of plain TeX's `\footnote{*}{text}`.
    fn is_footnote_mark(&self, argument: &Argument<'_>, tokens: &[Token]) -> bool {
        let (at, rest) = argument.next;
        let has_word = argument.tokens.iter().any(|token| {
            token.kind == Kind::Text && self.engine.slice(*token).chars().any(char::is_alphabetic)
        });
        let mut behind = tokens[at.min(tokens.len())..]
            .iter()
            .filter(|token| token.kind != Kind::Space);
        rest.is_none()
            && !has_word
            && argument.tokens.len() <= 8
            && behind.next().is_some_and(|token| token.kind == Kind::Open)
    }

    fn after_proof_text(&self, name: &str) -> bool {
        matches!(name, "qedsymbol" | "qed" | "endproof")
            || self.engine.names.find("proof").is_some()
    }

    /// Commands that stand for single characters or blanks.
    fn characters(
        &mut self,
        tokens: &[Token],
        at: usize,
        token: Token,
        name: &str,
    ) -> Option<Next> {
        match name {
            "selectlanguage" => {
                let language = self.argument(tokens, at);
                self.speak(&language.tokens);
                return Some(language.next);
            }
            " " | "," | ";" | ":" | ">" | "quad" | "qquad" | "enspace" | "enskip" | "thinspace"
            | "medspace" | "thickspace" | "space" | "nobreakspace" | "hspace" | "hskip"
            | "hfill" | "hfil" => {
                self.writer.gap(Gap::Space);
            }
            "!" | "/" | "-" | "@" | "negthinspace" | "relax" | "*" | "(" | ")" | "[" | "]"
            | "'x" | "+" | "today" | "null" | "protect" | "BooleanTrue" | "BooleanFalse"
            | "-NoValue-" | "<" | "/x" => {}
            "$" => self.writer.put("\\$"),
            "textbackslash" => self.writer.put("\\"),
            "textasciitilde" => self.writer.put("~"),
            "texttt" => return None,
            _ => {
                let info = self.engine.names.info(token.at);
                if name.len() == 1
                    && info.class == Class::Unknown
                    && !name.starts_with(|c: char| c.is_ascii_alphabetic())
                {
                    self.writer.put(name);
                } else {
                    return None;
                }
            }
        }
        let _ = tokens;
        Some((at, None))
    }

    fn caption(&mut self, tokens: &[Token], at: usize, name: &str) -> Next {
        let mut at = self.skip_arguments(tokens, at, "so");
        let mut label = if self.inside(Env::Algorithm) {
            "Algorithm"
        } else if self.inside(Env::Table)
            || (self.inside(Env::Tabular) && !self.inside(Env::Figure))
            || self.in_line > 0
        {
            "Table"
        } else {
            "Figure"
        };
        if name == "captionof" {
            let kind = self.argument(tokens, at);
            label = if self.engine.plain(&kind.tokens).contains("table") {
                "Table"
            } else {
                "Figure"
            };
            at = self.skip_arguments(tokens, kind.next.0, "o");
        }
        let argument = self.argument(tokens, at);
        let caption = self.one_line(&argument.tokens);
        if !caption.is_empty() {
            self.writer.gap(Gap::Par);
            self.writer.put(&format!("{label}: {caption}"));
            self.writer.gap(Gap::Par);
        }
        argument.next
    }

    /// Names of authors, without what follows a line break.
    fn authors(&mut self, tokens: &[Token]) -> String {
        let mut names: Vec<String> = Vec::new();
        let is_and = |token: &Token| token.kind == Kind::Cs && self.name(*token) == "and";
        let parts: Vec<&[Token]> = tokens.split(is_and).take(500).collect();
        for part in parts {
            let line_end = part
                .iter()
                .position(|token| {
                    token.kind == Kind::Cs
                        && matches!(self.name(*token), "\\" | "newline" | "address" | "affil")
                })
                .unwrap_or(part.len());
            let name = self.one_line(&part[..line_end]);
            let name = name.trim_matches([',', ' ']).to_owned();
            if !name.is_empty() && !name.contains('@') {
                names.push(name);
            }
        }
        names.join(", ")
    }

    /// The argument at `at`: a group, a character or a command.
    pub(super) fn argument<'t>(&self, tokens: &'t [Token], at: impl Into<Spot>) -> Argument<'t> {
        use std::borrow::Cow;
        let Spot(mut at, partial) = at.into();
        if let Some(token) = partial {
            let (_, rest) = first_char(self.engine, token);
            let length = rest.map_or(token.len, |rest| token.len - rest.len);
            let first = Token {
                len: length,
                ..token
            };
            return Argument {
                tokens: Cow::Owned(vec![first]),
                next: (at, rest),
            };
        }
        while tokens
            .get(at)
            .is_some_and(|token| token.kind == Kind::Space)
        {
            at += 1;
        }
        let none = Argument {
            tokens: Cow::Borrowed(&[]),
            next: (at, None),
        };
        let Some(token) = tokens.get(at) else {
            return none;
        };
        match token.kind {
            Kind::Open => {
                let end = at + group_length(&tokens[at..]);
                let stop = end.saturating_sub(1).max(at + 1);
                Argument {
                    tokens: Cow::Borrowed(&tokens[at + 1..stop]),
                    next: (end, None),
                }
            }
            Kind::Text => {
                let (_, rest) = first_char(self.engine, *token);
                let length = rest.map_or(token.len, |rest| token.len - rest.len);
                let first = Token {
                    len: length,
                    ..*token
                };
                Argument {
                    tokens: Cow::Owned(vec![first]),
                    next: (at + 1, rest),
                }
            }
            Kind::Cs => Argument {
                tokens: Cow::Borrowed(&tokens[at..=at]),
                next: (at + 1, None),
            },
            _ => none,
        }
    }

    fn accent(&mut self, tokens: &[Token], at: usize, mark: &str) -> Next {
        let argument = self.argument(tokens, at);
        let base = self.inline(&argument.tokens);
        let composed = if base.is_empty() {
            String::new()
        } else {
            accents::compose(&base, mark)
        };
        self.writer.put(&composed);
        argument.next
    }

    /// Commands whose last argument is text.
    fn wrapped(&mut self, tokens: &[Token], at: usize, name: &str, signature: &str) -> Next {
        let before = signature.strip_suffix('m').unwrap_or(signature);
        let before = if signature.is_empty() { "so" } else { before };
        let at = self.skip_arguments(tokens, at, before);
        let next = tokens[at.0.min(tokens.len())..]
            .iter()
            .find(|token| token.kind != Kind::Space);
        if at.1.is_none()
            && !next.is_some_and(|token| matches!(token.kind, Kind::Open | Kind::Text | Kind::Cs))
        {
            return at;
        }
        let argument = self.argument(tokens, at);
        let emphasis = match name {
            "emph" | "textit" | "textsl" => "*",
            "textbf" => "**",
            _ => "",
        };
        if name == "enquote" {
            self.writer.put("“");
            self.in_place(&argument.tokens);
            self.writer.put("”");
        } else if self.engine.options.emphasis && !emphasis.is_empty() {
            let text = self.one_line(&argument.tokens);
            if !text.is_empty() {
                self.writer.put(&format!("{emphasis}{text}{emphasis}"));
            }
        } else if matches!(name, "textsuperscript" | "textsubscript") {
            let text = self.one_line(&argument.tokens);
            self.writer.text.push_str(&text);
        } else {
            let is_line = matches!(name, "centerline" | "leftline" | "rightline");
            if is_line && self.in_line == 0 {
                self.writer.gap(Gap::Par);
            } else if is_line || matches!(name, "line" | "parbox") {
                self.writer.gap(Gap::Space);
            }
            self.in_place(&argument.tokens);
            if is_line && self.in_line == 0 {
                self.writer.gap(Gap::Par);
            }
        }
        argument.next
    }

    /// A command of mathematics outside formulas.
    fn stray_math(
        &mut self,
        tokens: &[Token],
        at: usize,
        token: Token,
        text: &str,
        signature: &str,
    ) -> Next {
        if !text.is_empty() {
            self.writer.put(text);
            return (at, None);
        }
        if matches!(
            self.name(token),
            "limits" | "nolimits" | "displaystyle" | "textstyle" | "left" | "right" | "hline"
        ) || is_delimiter_size(self.name(token))
        {
            return (at, None);
        }
        let at = if signature.starts_with('o') {
            self.skip_arguments(tokens, at, "o").0
        } else {
            at
        };
        if signature.contains('m') {
            let alphabet = matches!(
                self.name(token),
                "mathbb"
                    | "mathcal"
                    | "mathfrak"
                    | "mathscr"
                    | "Bbb"
                    | "frak"
                    | "Cal"
                    | "mathds"
                    | "hat"
                    | "tilde"
                    | "widetilde"
                    | "overline"
                    | "widehat"
                    | "bar"
                    | "vec"
            );
            if (signature == "m" || signature == "om") && !alphabet {
                // Most often a font command outside its formula, such as `\mathbf`.
                let argument = self.argument(tokens, at);
                self.in_place(&argument.tokens);
                return argument.next;
            }
            let end = self
                .skip_arguments(tokens, at, signature.trim_start_matches('o'))
                .0;
            let mut formula = vec![token];
            formula.extend_from_slice(&tokens[at..end]);
            let latex = super::write_source(self.engine, &formula, &mut super::Measure::ignoring());
            self.writer.put(&format!("${}$", latex.trim()));
            return (end, None);
        }
        self.writer.put(&format!("$\\{}$", self.name(token)));
        self.writer.gap(swallowed_gap(token));
        (at, None)
    }
}

/// `\bigl` and its kin, which make a delimiter larger.
fn is_delimiter_size(name: &str) -> bool {
    let name = name.strip_suffix(['l', 'r', 'm']).unwrap_or(name);
    matches!(name, "big" | "Big" | "bigg" | "Bigg")
}
