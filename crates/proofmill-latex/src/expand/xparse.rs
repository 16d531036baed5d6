//! `\NewDocumentCommand` and kin: signatures, their arguments, and the tests for them.

use super::call::{Args, Params};
use super::{Def, Engine, Span};
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
    /// `^` and `_` arguments, in the order of the signature.
    Embellishments(u8),
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
        let mut specs = Vec::new();
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
        let mut items = items.into_iter().peekable();
        while let Some((letter, _)) = items.next() {
            if specs.len() >= 9 {
                break;
            }
            let mut char_item = || items.next().map_or(0, |(byte, _)| byte);
            match letter {
                b'm' | b'v' | b'b' => specs.push(ArgSpec::Mandatory),
                b's' => specs.push(ArgSpec::Star),
                b't' => specs.push(ArgSpec::Mark(char_item())),
                b'o' => specs.push(ArgSpec::Between(b'[', b']', None)),
                b'd' | b'r' => {
                    let (open, close) = (char_item(), char_item());
                    specs.push(ArgSpec::Between(open, close, None));
                }
                b'O' | b'D' | b'R' | b'G' => {
                    let (open, close) = match letter {
                        b'O' => (b'[', b']'),
                        b'G' => (0, 0),
                        _ => (char_item(), char_item()),
                    };
                    let default = items
                        .next()
                        .and_then(|(_, group)| group)
                        .unwrap_or_default();
                    let default = self.with_params(&default);
                    let default = Some(self.pool_span(&default));
                    specs.push(if letter == b'G' {
                        ArgSpec::Group(default)
                    } else {
                        ArgSpec::Between(open, close, default)
                    });
                }
                b'g' => specs.push(ArgSpec::Group(None)),
                b'e' | b'E' => {
                    let marks = items
                        .next()
                        .and_then(|(_, group)| group)
                        .unwrap_or_default();
                    for mark in marks {
                        match mark.kind {
                            Kind::Sup => specs.push(ArgSpec::Embellishments(b'^')),
                            Kind::Sub => specs.push(ArgSpec::Embellishments(b'_')),
                            _ => {}
                        }
                    }
                    if letter == b'E' {
                        items.next();
                    }
                }
                b'>' => {
                    items.next();
                }
                _ => {}
            }
        }
        specs.truncate(9);
        specs
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
                ArgSpec::Embellishments(mark) => {
                    let wanted = if *mark == b'^' { Kind::Sup } else { Kind::Sub };
                    self.skip_blanks();
                    if self.peek().is_some_and(|token| token.kind == wanted) {
                        self.next();
                        self.argument_into(&mut args.tokens);
                    } else {
                        self.default_value(None, args);
                    }
                }
            }
            args.ranges.push((start, args.tokens.len()));
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
