//! Definitions of the packages xargs and environ, as signatures.

use super::call::Params;
use super::xparse::ArgSpec;
use super::{Def, Engine, Span};
use crate::token::{Kind, Token};

impl Engine {
    /// `\newcommandx{\x}[n][1=default, 3=default]{body}`: any argument may be optional.
    pub(super) fn new_command_x(&mut self, provide: bool) {
        self.star();
        let Some(name) = self.name_to_define() else {
            return;
        };
        let specs = self.xargs_signature();
        let body = self.argument();
        if provide && self.is_defined(name) {
            return;
        }
        let body = self.body(&body);
        self.define(name, signature_def(specs, body));
    }

    /// `\newenvironmentx{x}[n][1=default]{begin}{end}`.
    pub(super) fn new_environment_x(&mut self) {
        self.star();
        let name = self.argument();
        let specs = self.xargs_signature();
        let begin = self.argument();
        let end = self.argument();
        let begin = self.body(&begin);
        let end = self.body(&end);
        self.define_environment(&name, signature_def(specs, begin), end);
    }

    /// `\NewEnviron{x}[n][default]{code with \BODY}[end]`.
    pub(super) fn new_environ(&mut self) {
        let name = self.argument();
        let count = self.optional().map_or(0, |count| self.number_in(&count));
        let default = self.optional().filter(|_| count > 0);
        let code = self.argument();
        let end = self.optional().unwrap_or_default();
        let mut specs = vec![ArgSpec::Mandatory; usize::from(count.min(8))];
        if let Some(default) = default
            && let Some(first) = specs.first_mut()
        {
            let default = self.body(&default);
            *first = ArgSpec::Between(b'[', b']', Some(default));
        }
        specs.push(ArgSpec::Body);
        let number = u32::try_from(specs.len()).unwrap_or(9);
        let mut code = self.with_params(&code);
        let body = self.names.intern("BODY");
        for token in &mut code {
            if token.kind == Kind::Cs && token.at == body {
                *token = Token::at(Kind::Param, number);
            }
        }
        let code = self.pool_span(&code);
        let end = self.body(&end);
        self.define_environment(&name, signature_def(specs, code), end);
    }

    /// `[n][1=default, 3=default]`.
    fn xargs_signature(&mut self) -> Vec<ArgSpec> {
        let count = self.optional().map_or(0, |count| self.number_in(&count));
        let mut specs = vec![ArgSpec::Mandatory; usize::from(count)];
        let Some(list) = self.optional() else {
            return specs;
        };
        for item in self.split_at_commas(&list) {
            let Some(first) = item.first().filter(|token| token.kind == Kind::Text) else {
                continue;
            };
            let text = self.slice(*first);
            let Some((number, _)) = text.split_once('=') else {
                continue;
            };
            let Ok(slot) = number.trim().parse::<usize>() else {
                continue;
            };
            let mut value = item.clone();
            let skipped = super::frames::small(number.len() + 1);
            value[0].at += skipped;
            value[0].len -= skipped;
            if value[0].len == 0 {
                value.remove(0);
            }
            if super::math::is_braced(&value) && value.len() > 1 {
                value.pop();
                value.remove(0);
            }
            let value = self.body(&value);
            if let Some(spec) = specs.get_mut(slot.wrapping_sub(1)) {
                *spec = ArgSpec::Between(b'[', b']', Some(value));
            }
        }
        specs
    }

    /// Splits a list at its commas outside groups; blanks around the items go.
    pub(super) fn split_at_commas(&self, tokens: &[Token]) -> Vec<Vec<Token>> {
        let mut items: Vec<Vec<Token>> = vec![Vec::new()];
        let mut depth = 0_usize;
        for token in tokens {
            match token.kind {
                Kind::Open => depth += 1,
                Kind::Close => depth = depth.saturating_sub(1),
                Kind::Text if depth == 0 => {
                    let text = self.slice(*token);
                    let mut from = 0;
                    for (index, part) in text.split(',').enumerate() {
                        if index > 0 {
                            items.push(Vec::new());
                        }
                        let lead = part.len() - part.trim_start().len();
                        let word = part.trim();
                        if !word.is_empty()
                            && let Some(item) = items.last_mut()
                        {
                            item.push(Token {
                                at: token.at + super::frames::small(from + lead),
                                len: super::frames::small(word.len()),
                                ..*token
                            });
                        }
                        from += part.len() + 1;
                    }
                    continue;
                }
                _ => {}
            }
            if let Some(item) = items.last_mut()
                && !(item.is_empty() && token.kind == Kind::Space)
            {
                item.push(*token);
            }
        }
        for item in &mut items {
            while item.last().is_some_and(|token| token.kind == Kind::Space) {
                item.pop();
            }
        }
        items
    }
}

fn signature_def(specs: Vec<ArgSpec>, body: Span) -> Def {
    Def {
        params: Params::Xparse(specs),
        body,
        long: true,
        usable: None,
    }
}
