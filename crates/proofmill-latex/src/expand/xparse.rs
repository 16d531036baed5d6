//! `\NewDocumentCommand` and kin: signatures, their arguments, and the tests for them.

use super::call::{Args, Params};
use super::{Def, Engine, Span};
use crate::names::fixed;
use crate::token::{FINAL, Kind, Token};

/// One argument of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ArgSpec {
    Mandatory,
    Star,
    /// `t` and a character.
    Mark(u8),
    /// Between two characters; required or not, with a default or not.
    Between(u8, u8, Option<Span>),
    /// An optional group.
    Group(Option<Span>),
    /// Arguments behind marks such as `^`, in any order; each mark is an argument with its default.
    Embellishments(Vec<(u8, Option<Span>)>),
    /// Raw text between two equal characters or in braces.
    Verbatim,
    /// The content of the environment.
    Body,
}

impl ArgSpec {
    /// How many parameters it stands for.
    fn count(&self) -> usize {
        match self {
            Self::Embellishments(marks) => marks.len(),
            _ => 1,
        }
    }
}

const NO_VALUE: &str = "-NoValue-";

impl Engine {
    /// `\NewDocumentCommand{\x}{signature}{body}`.
    pub(super) fn xparse_command(&mut self, provide: bool) {
        let Some(name) = self.name_to_define() else {
            return;
        };
        let specs = self.argument();
        let specs = self.signature(&specs);
        let body = self.argument();
        let body = self.body(&body);
        if provide && self.is_defined(name) {
            return;
        }
        self.define(
            name,
            Def {
                params: Params::Xparse(specs),
                body,
                long: true,
                usable: None,
            },
        );
    }

    pub(super) fn xparse_environment(&mut self) {
        let name = self.argument();
        let specs = self.argument();
        let specs = self.signature(&specs);
        let begin = self.argument();
        let end = self.argument();
        let begin = self.body(&begin);
        let end = self.with_params(&end);
        let end = self.pool_span(&end);
        let def = Def {
            params: Params::Xparse(specs),
            body: begin,
            long: true,
            usable: None,
        };
        self.define_environment(&name, def, end);
    }

    fn signature(&mut self, tokens: &[Token]) -> Vec<ArgSpec> {
        // Characters, with groups kept for the defaults.
        let mut items: Vec<(u8, Option<Vec<Token>>)> = Vec::new();
        let mut at = 0;
        while at < tokens.len() && items.len() < 200 {
            let token = tokens[at];
            at += 1;
            match token.kind {
                Kind::Text => items.extend(
                    self.slice(token)
                        .bytes()
                        .filter(|byte| *byte != b' ')
                        .map(|byte| (byte, None)),
                ),
                Kind::Sup => items.push((b'^', None)),
                Kind::Sub => items.push((b'_', None)),
                Kind::Open => {
                    let mut depth = 0_usize;
                    let start = at;
                    while let Some(token) = tokens.get(at) {
                        match token.kind {
                            Kind::Open => depth += 1,
                            Kind::Close if depth == 0 => break,
                            Kind::Close => depth -= 1,
                            _ => {}
                        }
                        at += 1;
                    }
                    items.push((0, Some(tokens[start..at.min(tokens.len())].to_vec())));
                    at += 1;
                }
                _ => {}
            }
        }
        self.arg_specs(items)
    }

    /// Letters of a signature with their characters and groups.
    fn arg_specs(&mut self, items: Vec<(u8, Option<Vec<Token>>)>) -> Vec<ArgSpec> {
        let mut specs: Vec<ArgSpec> = Vec::new();
        let mut items = items.into_iter();
        while let Some((letter, _)) = items.next() {
            let mut char_item = || items.next().map_or(0, |(byte, _)| byte);
            let spec = match letter {
                b'm' => ArgSpec::Mandatory,
                b'v' => ArgSpec::Verbatim,
                b'b' => ArgSpec::Body,
                b's' => ArgSpec::Star,
                b't' => ArgSpec::Mark(char_item()),
                b'o' => ArgSpec::Between(b'[', b']', None),
                b'd' | b'r' => {
                    let (open, close) = (char_item(), char_item());
                    ArgSpec::Between(open, close, None)
                }
                b'O' | b'D' | b'R' | b'G' => {
                    let (open, close) = match letter {
                        b'O' => (b'[', b']'),
                        b'G' => (0, 0),
                        _ => (char_item(), char_item()),
                    };
                    let default = items.next().and_then(|(_, group)| group);
                    let default = Some(self.body(&default.unwrap_or_default()));
                    if letter == b'G' {
                        ArgSpec::Group(default)
                    } else {
                        ArgSpec::Between(open, close, default)
                    }
                }
                b'g' => ArgSpec::Group(None),
                b'e' | b'E' => {
                    let marks = items.next().and_then(|(_, group)| group);
                    let mut marks = self.marks(&marks.unwrap_or_default());
                    if letter == b'E' {
                        let defaults = items.next().and_then(|(_, group)| group);
                        let defaults = self.groups_in(&defaults.unwrap_or_default());
                        for (mark, default) in marks.iter_mut().zip(defaults) {
                            mark.1 = Some(default);
                        }
                    }
                    ArgSpec::Embellishments(marks)
                }
                b'>' => {
                    items.next();
                    continue;
                }
                _ => continue,
            };
            let count: usize = specs.iter().map(ArgSpec::count).sum();
            if count + spec.count() > 9 {
                break;
            }
            specs.push(spec);
        }
        specs
    }

    /// Characters of the argument of `e`.
    fn marks(&self, tokens: &[Token]) -> Vec<(u8, Option<Span>)> {
        let mut marks = Vec::new();
        for token in tokens {
            match token.kind {
                Kind::Sup => marks.push((b'^', None)),
                Kind::Sub => marks.push((b'_', None)),
                Kind::Text => {
                    let bytes = self.slice(*token).bytes();
                    marks.extend(bytes.filter(|byte| *byte != b' ').map(|byte| (byte, None)));
                }
                _ => {}
            }
        }
        marks.truncate(9);
        marks
    }

    /// Groups, or single tokens, of the defaults of `E`.
    fn groups_in(&mut self, tokens: &[Token]) -> Vec<Span> {
        let mut spans = Vec::new();
        let mut at = 0;
        while at < tokens.len() && spans.len() < 9 {
            let token = tokens[at];
            if token.kind == Kind::Open {
                let length = crate::emit::group_length(&tokens[at..]);
                let end = (at + length).saturating_sub(1).max(at + 1);
                spans.push(self.body(&tokens[at + 1..end.min(tokens.len())]));
                at += length;
                continue;
            }
            if token.kind != Kind::Space {
                spans.push(self.body(&[token]));
            }
            at += 1;
        }
        spans
    }

    pub(super) fn xparse_args(&mut self, specs: &[ArgSpec], args: &mut Args) {
        for spec in specs {
            let start = args.tokens.len();
            match spec {
                ArgSpec::Mandatory => {
                    self.argument_into(&mut args.tokens);
                }
                ArgSpec::Star | ArgSpec::Mark(_) => {
                    let found = match spec {
                        ArgSpec::Mark(mark) => self.take_char(*mark),
                        _ => self.star(),
                    };
                    let name = if found { "BooleanTrue" } else { "BooleanFalse" };
                    let name = self.names.intern(name);
                    args.tokens.push(Token::cs(name).with(FINAL));
                }
                ArgSpec::Between(open, close, default) => {
                    if !self.delimited_by(*open, *close, &mut args.tokens) {
                        self.default_value(*default, args);
                    }
                }
                ArgSpec::Group(default) => {
                    self.skip_blanks();
                    if self.peek().is_some_and(|token| token.kind == Kind::Open) {
                        self.argument_into(&mut args.tokens);
                    } else {
                        self.default_value(*default, args);
                    }
                }
                ArgSpec::Embellishments(marks) => {
                    self.embellishments(marks, args);
                    continue;
                }
                ArgSpec::Verbatim => self.verbatim_argument(&mut args.tokens),
                // Only an environment has one, and it reads that itself.
                ArgSpec::Body => {}
            }
            args.ranges.push((start, args.tokens.len()));
        }
    }

    /// Arguments behind `marks`, in the order in which they come.
    fn embellishments(&mut self, marks: &[(u8, Option<Span>)], args: &mut Args) {
        let mut found: Vec<Option<Vec<Token>>> = vec![None; marks.len()];
        for _ in marks {
            self.skip_blanks();
            let Some(next) = self.peek() else { break };
            let slot = marks.iter().zip(&found).position(|((mark, _), value)| {
                value.is_none()
                    && match mark {
                        b'^' => next.kind == Kind::Sup,
                        b'_' => next.kind == Kind::Sub,
                        mark => self.is_char(next, *mark),
                    }
            });
            let Some(slot) = slot else { break };
            self.next_char();
            found[slot] = Some(self.argument());
        }
        for ((_, default), value) in marks.iter().zip(found) {
            let start = args.tokens.len();
            match value {
                Some(value) => args.tokens.extend(value),
                None => self.default_value(*default, args),
            }
            args.ranges.push((start, args.tokens.len()));
        }
    }

    /// Raw text between two equal characters on one line; braces hold an argument as any.
    fn verbatim_argument(&mut self, buffer: &mut Vec<Token>) {
        let raw = self.top_cursor().map(|cursor| *cursor).and_then(|cursor| {
            let rest = self.arena.get(cursor.pos..cursor.end)?;
            let open = rest.chars().next()?;
            let body = &rest[open.len_utf8()..];
            let close = if open == '{' { '}' } else { open };
            let end = body.find([close, '\n', '{'])?;
            let from = cursor.pos + open.len_utf8();
            body[end..].starts_with(close).then_some((
                from,
                from + end,
                from + end + close.len_utf8(),
            ))
        });
        let Some((from, to, after)) = raw else {
            self.argument_into(buffer);
            return;
        };
        if let Some(cursor) = self.top_cursor() {
            cursor.pos = after;
        }
        // Written as a verbatim phrase: `%` in it is no comment.
        let text = self.arena.get(from..to).unwrap_or_default();
        let mark = if text.contains('|') { '!' } else { '|' };
        let phrase = format!("\\verb{mark}{text}{mark}");
        let token = self.add_text(&phrase);
        buffer.push(Token {
            kind: Kind::Verb,
            ..token
        });
    }

    /// The content of the environment `name`, whose `\end` is read too.
    pub(super) fn environment_body(&mut self, name: u32, buffer: &mut Vec<Token>) {
        let start = buffer.len();
        let mut depth = 0_usize;
        self.skip_blanks();
        self.scanning += 1;
        let mut found = false;
        while let Some(token) = self.next() {
            let edge = match token.kind {
                Kind::Begin | Kind::End => Some(token),
                Kind::Cs if token.at == fixed::BEGIN || token.at == fixed::END => {
                    let kind = if token.at == fixed::BEGIN {
                        Kind::Begin
                    } else {
                        Kind::End
                    };
                    self.environment_name().map(|name| Token::at(kind, name))
                }
                _ => None,
            };
            if let Some(edge) = edge
                && edge.at == name
            {
                if edge.kind == Kind::Begin {
                    depth += 1;
                } else if depth == 0 {
                    found = true;
                    break;
                } else {
                    depth -= 1;
                }
            }
            super::args::push_merged(buffer, edge.unwrap_or(token));
        }
        self.scanning -= 1;
        self.spend(buffer.len() - start);
        if !found {
            self.signals.argument_recoveries += 1;
            self.cut_runaway(buffer, start);
        }
        while buffer.len() > start && buffer.last().is_some_and(|t| t.kind == Kind::Space) {
            buffer.pop();
        }
    }

    fn default_value(&mut self, default: Option<Span>, args: &mut Args) {
        if let Some(span) = default {
            let value = self.pooled(span).to_vec();
            args.tokens.extend_from_slice(&value);
        } else {
            let name = self.names.intern(NO_VALUE);
            args.tokens.push(Token::cs(name).with(FINAL));
        }
    }

    /// `\IfNoValueTF`, `\IfBooleanTF` and kin.
    pub(super) fn xparse_test(&mut self, name: u32) {
        let name = self.names.name(name).to_owned();
        let argument = self.argument();
        let truth = if name.starts_with("IfBoolean") {
            argument.first().is_some_and(|token| {
                token.kind == Kind::Cs && self.names.name(token.at) == "BooleanTrue"
            })
        } else {
            let missing = matches!(argument.as_slice(), [token]
                if token.kind == Kind::Cs && self.names.name(token.at) == NO_VALUE);
            let blank = argument.iter().all(|token| token.kind == Kind::Space);
            if name.starts_with("IfNoValue") {
                missing
            } else if name.starts_with("IfBlank") {
                blank
            } else {
                !missing
            }
        };
        let both = name.ends_with("TF");
        let on_true = name.ends_with('T') && !both;
        let first = self.argument();
        if both {
            let second = self.argument();
            self.push_tokens(if truth { &first } else { &second });
        } else if truth == on_true {
            self.push_tokens(&first);
        }
    }
}
