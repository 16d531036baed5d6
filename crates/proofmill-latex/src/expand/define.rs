//! Definitions: `\newcommand`, `\def`, `\let`, `\newenvironment`, `\newtheorem` and their kin.

use super::call::{Args, Params};
use super::frames::NO_MACRO;
use super::xparse::ArgSpec;
use super::{Def, Engine, EnvDef, Feed, Meaning, Span};
use crate::names::{Class, Env, fixed};
use crate::token::{Kind, Token};

impl Engine {
    /// Reads the name that is being defined: `\x` or `{\x}`.
    pub(super) fn name_to_define(&mut self) -> Option<u32> {
        self.skip_blanks();
        let token = self.next()?;
        match token.kind {
            Kind::Cs => Some(token.at),
            Kind::Open => {
                self.unread();
                let argument = self.argument();
                let mut words = argument.iter().filter(|token| token.kind != Kind::Space);
                let name = words.next()?;
                (name.kind == Kind::Cs && words.next().is_none()).then_some(name.at)
            }
            _ => {
                self.unread();
                None
            }
        }
    }

    /// Gives `name` a definition, unless it is one of the words of structure.
    pub(super) fn define(&mut self, name: u32, def: Def) {
        if def.takes_nothing() && self.define_format(name, def.body) {
            self.global = false;
            return;
        }
        if (self.is_protected(name) && !self.takes_more(name, &def))
            || is_fixed_name(self.names.name(name))
        {
            self.global = false;
            return;
        }
        self.defined.insert(name);
        let def = self.add_def(def);
        self.assign(name, Meaning::Macro(def));
    }

    /// Whether a definition takes more arguments than the standard command of its name: it is another
    /// command, as `\def\ref#1#2#3{..}` of plain TeX papers.
    fn takes_more(&self, name: u32, def: &Def) -> bool {
        let info = self.names.info(name);
        let standard = info.sig.bytes().filter(|letter| *letter == b'm').count();
        info.class == Class::Keep
            && matches!(&def.params, Params::Plain { count, default: None } if usize::from(*count) > standard.max(1))
    }

    /// `\newcommand{\x}[n][default]{body}`.
    pub(super) fn new_command(&mut self, provide: bool) {
        self.star();
        let Some(name) = self.name_to_define() else {
            // No name: the call is of another kind, its arguments are dropped.
            self.gobble("ooo");
            return;
        };
        let count = self.optional().map_or(0, |count| self.number_in(&count));
        let default = if count > 0 { self.optional() } else { None };
        let body = self.argument();
        if provide && self.is_defined(name) {
            return;
        }
        let default = default.map(|tokens| {
            let tokens = self.with_params(&tokens);
            self.pool_span(&tokens)
        });
        let body = self.body(&body);
        let def = Def {
            params: Params::Plain { count, default },
            body,
            long: true,
            usable: None,
        };
        self.define(name, def);
    }

    pub(super) fn is_defined(&self, name: u32) -> bool {
        self.meaning(name) != Meaning::Builtin || self.names.info(name).class != Class::Unknown
    }

    pub(super) fn number_in(&self, tokens: &[Token]) -> u8 {
        self.plain(tokens).trim().parse().unwrap_or(0_u8).min(9)
    }

    /// Stores a body, `#1` made a parameter.
    pub(super) fn body(&mut self, tokens: &[Token]) -> Span {
        let tokens = self.with_params(tokens);
        self.pool_span(&tokens)
    }

    /// `#1` becomes a parameter and `##` becomes `#`.
    pub(super) fn with_params(&self, tokens: &[Token]) -> Vec<Token> {
        let mut body = Vec::with_capacity(tokens.len());
        let mut at = 0;
        while at < tokens.len() {
            let token = tokens[at];
            at += 1;
            if token.kind != Kind::Hash {
                body.push(token);
                continue;
            }
            match tokens.get(at) {
                Some(next) if next.kind == Kind::Hash => {
                    body.push(*next);
                    at += 1;
                }
                Some(next) if next.kind == Kind::Text => {
                    let digit = self.slice(*next).bytes().next().unwrap_or(0);
                    if digit.is_ascii_digit() {
                        body.push(Token::at(Kind::Param, u32::from(digit - b'0')));
                        at += 1;
                        if next.len > 1 {
                            body.extend(split_blank(*next, self.slice(*next)));
                        }
                    } else {
                        body.push(token);
                    }
                }
                _ => body.push(token),
            }
        }
        body
    }

    /// `\def\x#1#2;{body}`.
    pub(super) fn def(&mut self, expand: bool, global: bool) {
        let Some(name) = self.next().filter(|token| token.kind == Kind::Cs) else {
            self.unread();
            return;
        };
        let mut pattern = Vec::new();
        self.scanning += 1;
        let mut ends_in_brace = false;
        while let Some(token) = self.next_char() {
            match token.kind {
                Kind::Open => {
                    self.unread();
                    break;
                }
                Kind::Close | Kind::Par => {
                    // No definition at all.
                    self.unread();
                    self.scanning -= 1;
                    return;
                }
                _ => {}
            }
            ends_in_brace = token.kind == Kind::Hash;
            pattern.push(token);
            if pattern.len() > 1000 {
                break;
            }
        }
        self.scanning -= 1;
        if ends_in_brace {
            pattern.pop();
        }
        let mut body = self.argument();
        if expand {
            body = self.isolated(&body);
        }
        let body = self.body(&body);
        let params = self.pattern(&pattern);
        self.global |= global;
        if self.define_heading(name.at, &params) {
            return;
        }
        // Not being `\long`, it takes no paragraph; but papers are read after they were typeset.
        self.define(
            name.at,
            Def {
                params,
                body,
                long: true,
                usable: None,
            },
        );
    }

    /// Splits the parameter text of `\def`.
    fn pattern(&mut self, tokens: &[Token]) -> Params {
        let mut tokens = self.with_params(tokens);
        // `\def\x #1 {..}`: a blank before the first parameter was already skipped by TeX.
        if tokens.last().is_some_and(|t| t.kind == Kind::Space)
            && tokens.iter().filter(|t| t.kind == Kind::Param).count() == 0
        {
            tokens.pop();
        }
        let mut lead = Vec::new();
        let mut delimiters: Vec<Vec<Token>> = Vec::new();
        for token in tokens {
            if token.kind == Kind::Param {
                delimiters.push(Vec::new());
            } else if let Some(delimiter) = delimiters.last_mut() {
                if token.kind == Kind::Cs {
                    self.markers.insert(token.at);
                }
                delimiter.push(token);
            } else {
                lead.push(token);
            }
        }
        if lead.is_empty() && delimiters.iter().all(Vec::is_empty) {
            let count = u8::try_from(delimiters.len().min(9)).unwrap_or(9);
            return Params::Plain {
                count,
                default: None,
            };
        }
        let lead = self.pool_span(&lead);
        let delimiters = delimiters
            .iter()
            .take(9)
            .map(|tokens| self.pool_span(tokens))
            .collect();
        Params::Delimited { lead, delimiters }
    }

    /// AMS-TeX: `\define\x#1{body}`, as `\def`.
    pub(super) fn ams_define(&mut self) {
        self.skip_blanks();
        if self.peek().is_some_and(|token| token.kind == Kind::Open) {
            self.new_command(false);
        } else {
            self.def(false, false);
        }
    }

    /// `\let\x=\y`.
    pub(super) fn let_command(&mut self) {
        self.skip_blanks();
        let Some(name) = self.next().filter(|token| token.kind == Kind::Cs) else {
            self.unread();
            return;
        };
        self.take_char(b'=');
        self.skip_blanks();
        let Some(target) = self.next_char() else {
            return;
        };
        if self.is_protected(name.at) || is_fixed_name(self.names.name(name.at)) {
            self.global = false;
            return;
        }
        let meaning = self.meaning_for_let(target);
        self.defined.insert(name.at);
        self.assign(name.at, meaning);
    }

    /// `\newif\ifx`.
    pub(super) fn new_if(&mut self) {
        let Some(name) = self.name_to_define() else {
            return;
        };
        let text = self.names.name(name).to_owned();
        let Some(stem) = text.strip_prefix("if") else {
            return;
        };
        let on = self.names.intern(&format!("{stem}true"));
        let off = self.names.intern(&format!("{stem}false"));
        self.assign(name, Meaning::Switch(false));
        self.assign(on, Meaning::SetSwitch(name, true));
        self.assign(off, Meaning::SetSwitch(name, false));
    }

    /// `\DeclareMathOperator{\x}{text}`.
    pub(super) fn math_operator(&mut self) {
        let star = self.star();
        let Some(name) = self.name_to_define() else {
            return;
        };
        let text = self.argument();
        let mut body = vec![Token::cs(fixed::OPERATORNAME)];
        if star {
            body.push(self.literal("*"));
        }
        body.push(Token::new(Kind::Open));
        body.extend(text);
        body.push(Token::new(Kind::Close));
        let body = self.pool_span(&body);
        self.define(name, Def::plain(0, body));
    }

    /// `\DeclarePairedDelimiter{\x}{l}{r}`, with `X` also `[n]` and a body.
    pub(super) fn paired_delimiter(&mut self, with_body: bool, with_sides: bool) {
        let Some(name) = self.name_to_define() else {
            return;
        };
        let count = if with_body {
            self.optional().map_or(1, |count| self.number_in(&count))
        } else {
            1
        };
        let before = if with_sides {
            self.argument()
        } else {
            Vec::new()
        };
        let left = self.argument();
        let right = self.argument();
        let after = if with_sides {
            self.argument()
        } else {
            Vec::new()
        };
        let body = if with_body {
            self.argument()
        } else {
            vec![Token::new(Kind::Hash), self.literal("1")]
        };
        let [before, left, body, right, after] =
            [before, left, body, right, after].map(|part| self.body(&part));
        let params = Params::Paired {
            before,
            left,
            right,
            after,
            count,
        };
        self.define(
            name,
            Def {
                params,
                body,
                long: true,
                usable: Some(true),
            },
        );
    }

    /// `\newenvironment{x}[n][default]{begin}{end}`.
    pub(super) fn new_environment(&mut self) {
        self.star();
        let name = self.argument();
        let count = self.optional().map_or(0, |count| self.number_in(&count));
        let default = if count > 0 { self.optional() } else { None };
        let begin = self.argument();
        let end = self.argument();
        let default = default.map(|tokens| self.body(&tokens));
        let begin = self.body(&begin);
        let end = self.with_params(&end);
        let end = self.pool_span(&end);
        let params = Params::Plain { count, default };
        let def = Def {
            params,
            body: begin,
            long: true,
            usable: None,
        };
        self.define_environment(&name, def, end);
    }

    pub(super) fn define_environment(&mut self, name: &[Token], def: Def, end: Span) {
        let text = self.plain(name);
        let text = text.trim();
        if text.is_empty() || text.len() > 100 {
            return;
        }
        let name = self.names.intern(text);
        let kind = self.names.info(name).env;
        let takes_arguments = matches!(&def.params, Params::Plain { count, default } if *count > u8::from(default.is_some()));
        if kind != Env::Unknown && !(kind == Env::Theorem && takes_arguments) {
            return;
        }
        self.theorems.remove(&name);
        match self.opens_raw(def.body) {
            Some(Env::Comment) => {
                self.excluded.insert(name);
                return;
            }
            Some(_) => {
                self.verbatims.insert(name);
                return;
            }
            None => {}
        }
        let begin = self.add_def(def);
        self.environments.insert(name, EnvDef { begin, end });
    }

    /// Whether the opening code of an environment can be executed.
    pub(super) fn can_call(&mut self, def: u32, name: u32) -> bool {
        !self.exhausted
            && !self.opaque.contains(&name)
            && self.environment_usable(def)
            && self.frames.len() < self.options.limits.depth
            && usize::from(*self.active_of(name)) < self.options.limits.self_nesting
            && self.out.len() < self.max_out
    }

    pub(super) fn call_environment(&mut self, def: u32, name: u32) -> Args {
        let mut args = Args {
            tokens: Vec::new(),
            ranges: Vec::new(),
        };
        self.signals.expansions += 1;
        self.spend(1);
        self.read_args(def, &mut args);
        if let Params::Xparse(specs) = &self.defs[def as usize].params
            && specs.last() == Some(&ArgSpec::Body)
        {
            args.ranges.pop();
            let start = args.tokens.len();
            self.environment_body(name, &mut args.tokens);
            args.ranges.push((start, args.tokens.len()));
            self.push_tokens(&[Token::at(Kind::End, name)]);
        }
        args
    }

    pub(super) fn push_environment_body(&mut self, def: u32, args: &Args, name: u32) {
        let body = self.defs[def as usize].body;
        if args.ranges.is_empty() {
            self.push_frame(
                Feed::Pool {
                    pos: body.0,
                    end: body.1,
                },
                name,
                None,
            );
            return;
        }
        let start = self.stack.len();
        self.substitute(body, args);
        self.spend(self.stack.len() - start);
        let owner = if self.stack.len() > start {
            name
        } else {
            NO_MACRO
        };
        self.push_stack_from(start, owner, None);
    }
}

/// Names whose redefinition would only change the page.
fn is_fixed_name(name: &str) -> bool {
    name.starts_with("the") && name.len() > 3 && is_counter_tail(&name[3..])
        || matches!(
            name,
            "thebibliography"
                | "bibname"
                | "refname"
                | "abstractname"
                | "contentsname"
                | "figurename"
                | "tablename"
                | "proofname"
                | "appendixname"
                | "qedsymbol"
                | "thefootnote"
                | "baselinestretch"
                | "arraystretch"
                | "labelenumi"
                | "labelenumii"
                | "labelitemi"
                | "sectionmark"
                | "chaptermark"
                | "subsectionmark"
                | "headrulewidth"
                | "footrulewidth"
                | "maketitle"
                | "tableofcontents"
                | "\\"
                | " "
                | ","
                | "label"
                | "{"
                | "}"
                | "%"
                | "&"
                | "#"
                | "$"
                | "_"
                | "-"
                | "left"
                | "right"
                | "par"
        )
}

fn is_counter_tail(tail: &str) -> bool {
    matches!(
        tail,
        "equation"
            | "section"
            | "subsection"
            | "subsubsection"
            | "figure"
            | "table"
            | "page"
            | "footnote"
            | "enumi"
            | "enumii"
            | "enumiii"
            | "chapter"
            | "part"
            | "theorem"
            | "thm"
            | "paragraph"
            | "mpfootnote"
    )
}

/// Text after its first character; a blank that opens it is a token of its own.
fn split_blank(token: Token, text: &str) -> Vec<Token> {
    let rest = Token {
        at: token.at + 1,
        len: token.len - 1,
        ..token
    };
    if text.as_bytes().get(1) == Some(&b' ') {
        let word = Token {
            at: rest.at + 1,
            len: rest.len - 1,
            ..rest
        };
        let mut tokens = vec![Token::new(Kind::Space)];
        if word.len > 0 {
            tokens.push(word);
        }
        return tokens;
    }
    vec![rest]
}
