//! Calls of user macros: arguments, bodies, limits, and the braces that keep an expansion together.

use super::args::push_merged;
use super::frames::{NO_MACRO, small};
use super::xparse::ArgSpec;
use super::{Engine, Feed, GroupKind, Meaning, Place, Span};
use crate::names::{Class, fixed};
use crate::token::{FINAL, Kind, SPACED, Token};

/// Levels of internal helpers that are looked through before a macro is executed.
const HELPERS: usize = 16;

/// How the arguments of a definition are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Params {
    /// `count` undelimited ones; the first optional if there is a default.
    Plain { count: u8, default: Option<Span> },
    /// As `\def` writes them: leading tokens, then one delimiter per argument, empty if none.
    Delimited { lead: Span, delimiters: Vec<Span> },
    /// An xparse signature.
    Xparse(Vec<ArgSpec>),
    /// A paired delimiter: star or size, then `count` arguments. `before` and `after` stand outside.
    Paired {
        before: Span,
        left: Span,
        right: Span,
        after: Span,
        count: u8,
    },
}

/// A definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Def {
    pub(crate) params: Params,
    pub(crate) body: Span,
    pub(crate) long: bool,
    /// Whether the body can be executed; found at the first call.
    pub(crate) usable: Option<bool>,
}

impl Def {
    pub(crate) fn plain(count: u8, body: Span) -> Self {
        Self::with_default(count, None, body)
    }

    /// Whether a call reads no argument.
    pub(super) fn takes_nothing(&self) -> bool {
        let nothing = Params::Plain {
            count: 0,
            default: None,
        };
        self.params == nothing
    }

    /// With `default`, the first of `count` arguments is optional.
    pub(crate) fn with_default(count: u8, default: Option<Span>, body: Span) -> Self {
        Self {
            params: Params::Plain { count, default },
            body,
            long: true,
            usable: None,
        }
    }
}

/// Arguments as ranges of one buffer.
pub(super) struct Args {
    pub(super) tokens: Vec<Token>,
    pub(super) ranges: Vec<(usize, usize)>,
}

impl Args {
    pub(super) fn get(&self, number: u32) -> &[Token] {
        let slot = (number as usize).wrapping_sub(1);
        self.ranges
            .get(slot)
            .map_or(&[], |(start, end)| &self.tokens[*start..*end])
    }
}

impl Engine {
    pub(super) fn add_def(&mut self, def: Def) -> u32 {
        self.defs.push(def);
        small(self.defs.len() - 1)
    }

    /// Executes a call of the macro that `token` names.
    pub(super) fn call(&mut self, token: Token, def: u32) {
        if self.exhausted && self.in_macro() {
            self.breach(token);
            return;
        }
        if self.exhausted || self.opaque.contains(&token.at) {
            self.leave_call(token);
            return;
        }
        if !self.is_usable(def, token.at)
            || (self.place != Place::Text && self.leaks_helper(def, HELPERS))
        {
            self.unusable_call(token, def);
            return;
        }
        let limits = self.options.limits;
        if usize::from(*self.active_of(token.at)) >= limits.self_nesting
            || self.frames.len() >= limits.depth
            || self.is_idle()
        {
            self.breach(token);
            return;
        }
        if self.out.len() >= self.max_out {
            self.breach(token);
            return;
        }
        self.signals.expansions += 1;
        self.spend(1);
        let resume = self.position();
        let level = self.frames.len();

        let simple = matches!(
            self.defs[def as usize].params,
            Params::Plain {
                count: 0,
                default: None
            }
        );
        let wrap = self.place != Place::Text && self.pending > 0;
        if simple {
            let (pos, end) = self.defs[def as usize].body;
            if wrap {
                self.open_rebrace();
            }
            if pos < end || wrap {
                self.push_frame(Feed::Pool { pos, end }, token.at, Some(resume));
            }
            return;
        }
        let mut args = Args {
            tokens: std::mem::take(&mut self.scratch),
            ranges: Vec::new(),
        };
        args.tokens.clear();
        let read = self.read_args(def, &mut args);
        if !read {
            self.signals.argument_recoveries += 1;
            self.scratch = args.tokens;
            self.leave_call(token);
            return;
        }
        if wrap {
            self.open_rebrace();
        }
        let resume = (self.frames.len() == level + usize::from(wrap)).then_some(resume);
        let start = self.stack.len();
        if let Params::Paired {
            before,
            left,
            right,
            after,
            ..
        } = self.defs[def as usize].params
        {
            self.substitute(before, &args);
            self.substitute_paired(def, left, right, &args);
            self.substitute(after, &args);
        } else {
            let body = self.defs[def as usize].body;
            self.substitute(body, &args);
        }
        self.scratch = args.tokens;
        self.spend(self.stack.len() - start);
        if self.stack.len() > self.max_out && self.in_macro() {
            self.stack.truncate(start);
            self.breach(token);
            return;
        }
        self.push_stack_from(start, token.at, resume);
    }

    /// Counts a call; `true` after too many in a row that neither read on in a file nor wrote.
    ///
    /// A macro that calls itself last and finds no arguments leaves no frame behind and so never
    /// nests.
    fn is_idle(&mut self) -> bool {
        let at = self.file_cursor().map_or(0, |cursor| cursor.pos);
        let (written, read, calls) = self.idle;
        if (written, read) == (self.out.len(), at) {
            self.idle.2 = calls + 1;
        } else {
            self.idle = (self.out.len(), at, 0);
        }
        self.idle.2 > self.options.limits.idle_calls
    }

    /// Whether a macro's body is being read, down to the innermost barrier.
    fn in_macro(&self) -> bool {
        self.frames
            .iter()
            .rev()
            .take_while(|frame| !matches!(frame.feed, Feed::Barrier))
            .any(|frame| frame.name != NO_MACRO)
    }

    /// Reading position of the top frame.
    fn position(&self) -> u32 {
        match self.frames.last().map(|frame| frame.feed) {
            Some(Feed::File { cursor, .. }) => small(cursor.pos),
            Some(Feed::Pool { pos, .. } | Feed::Stack { pos, .. }) => pos,
            _ => 0,
        }
    }

    pub(super) fn read_args(&mut self, def: u32, args: &mut Args) -> bool {
        let long = self.defs[def as usize].long;
        match self.defs[def as usize].params.clone() {
            Params::Plain { count, default } => {
                let mut left = count;
                if let Some(default) = default {
                    let start = args.tokens.len();
                    if !self.delimited_by(b'[', b']', &mut args.tokens) {
                        args.tokens.extend_from_slice(self.pooled(default));
                    }
                    args.ranges.push((start, args.tokens.len()));
                    left = left.saturating_sub(1);
                }
                for _ in 0..left {
                    self.plain_arg(args);
                }
                true
            }
            Params::Delimited { lead, delimiters } => {
                self.delimited_args(lead, &delimiters, long, args)
            }
            Params::Xparse(specs) => {
                self.xparse_args(&specs, args);
                true
            }
            Params::Paired { count, .. } => {
                let star = self.star();
                let start = args.tokens.len();
                let sized = !star && self.delimited_by(b'[', b']', &mut args.tokens);
                if star {
                    let mark = self.literal("*");
                    args.tokens.push(mark);
                }
                let _ = sized;
                let size = (start, args.tokens.len());
                for _ in 0..count {
                    self.plain_arg(args);
                }
                args.ranges.push(size);
                true
            }
        }
    }

    fn plain_arg(&mut self, args: &mut Args) {
        let start = args.tokens.len();
        self.argument_into(&mut args.tokens);
        args.ranges.push((start, args.tokens.len()));
    }

    fn delimited_args(
        &mut self,
        lead: Span,
        delimiters: &[Span],
        long: bool,
        args: &mut Args,
    ) -> bool {
        let lead = self.pooled(lead).to_vec();
        let mut read: Vec<Token> = Vec::new();
        for wanted in &lead {
            if wanted.kind != Kind::Space && read.is_empty() {
                self.skip_blanks();
            }
            let Some(token) = self.next_char() else { break };
            read.push(token);
            if !self.alike(token, *wanted) {
                self.push_tokens(&read);
                return false;
            }
        }
        for span in delimiters {
            if span.0 == span.1 {
                self.plain_arg(args);
                continue;
            }
            let start = args.tokens.len();
            let delimiter = self.pooled(*span).to_vec();
            if !self.delimited_into(&delimiter, long, &mut args.tokens) {
                // The arguments read so far are given back as groups.
                let mut rest = read.clone();
                for (from, to) in &args.ranges {
                    rest.push(Token::new(Kind::Open));
                    rest.extend_from_slice(&args.tokens[*from..*to]);
                    rest.push(Token::new(Kind::Close));
                }
                self.push_tokens(&rest);
                return false;
            }
            args.ranges.push((start, args.tokens.len()));
        }
        true
    }

    /// Copies a body to the token stack, arguments put in.
    pub(super) fn substitute(&mut self, body: Span, args: &Args) {
        let floor = self.stack.len();
        for slot in body.0..body.1 {
            let token = self.pool[slot as usize];
            if token.kind == Kind::Param {
                self.stack.extend_from_slice(args.get(token.at));
            } else if self.stack.len() > floor {
                push_merged(&mut self.stack, token);
            } else {
                self.stack.push(token);
            }
        }
    }

    fn substitute_paired(&mut self, def: u32, left: Span, right: Span, args: &Args) {
        let body = self.defs[def as usize].body;
        let size: Vec<Token> = args
            .ranges
            .last()
            .map_or_else(Vec::new, |(from, to)| args.tokens[*from..*to].to_vec());
        let star = size.len() == 1 && self.is_char(size[0], b'*');
        let command = size.iter().find(|token| token.kind == Kind::Cs).copied();
        // The sizes of both sides and of what is between them.
        let sizes: [Option<u32>; 3] = if star {
            [fixed::LEFT, fixed::MIDDLE, fixed::RIGHT].map(Some)
        } else if let Some(command) = command {
            let name = self.names.name(command.at).to_owned();
            let marked = matches!(name.as_str(), "big" | "Big" | "bigg" | "Bigg");
            ["l", "", "r"].map(|end| {
                let end = if marked { end } else { "" };
                Some(self.names.intern(&format!("{name}{end}")))
            })
        } else {
            [None; 3]
        };
        self.stack.extend(sizes[0].map(Token::cs));
        let tokens = self.pooled(left).to_vec();
        self.stack.extend_from_slice(&tokens);
        let start = self.stack.len();
        self.substitute(body, args);
        let delimsize = self.names.find("delimsize");
        for token in &mut self.stack[start..] {
            if token.kind == Kind::Cs && Some(token.at) == delimsize {
                *token = sizes[1].map_or(Token::NOTHING, Token::cs);
            }
        }
        self.stack.extend(sizes[2].map(Token::cs));
        let tokens = self.pooled(right).to_vec();
        self.stack.extend_from_slice(&tokens);
    }

    /// A call that cannot be executed stays as it is; its arguments are read as usual.
    fn leave_call(&mut self, token: Token) {
        if self.place != Place::Text {
            self.text_groups = 0;
            self.pending = self.pending.saturating_sub(1);
        }
        self.out.push(token.with(FINAL));
    }

    /// A macro whose body cannot be executed: kept in a formula; in text its arguments remain.
    fn unusable_call(&mut self, token: Token, def: u32) {
        if self.place != Place::Text {
            self.leave_call(token);
            return;
        }
        let mut args = Args {
            tokens: Vec::new(),
            ranges: Vec::new(),
        };
        if !self.read_args(def, &mut args) {
            return;
        }
        if let Params::Plain {
            default: Some(_), ..
        } = self.defs[def as usize].params
            && !args.ranges.is_empty()
        {
            args.ranges.remove(0);
        }
        let start = self.stack.len();
        for (from, to) in &args.ranges {
            if self.stack.len() > start {
                self.stack.push(Token::new(Kind::Space));
            }
            self.stack.extend_from_slice(&args.tokens[*from..*to]);
        }
        if self.stack.len() > start {
            self.push_stack_from(start, NO_MACRO, None);
        }
    }

    /// Looks through a body, once, for what cannot be executed here.
    fn is_usable(&mut self, def: u32, name: u32) -> bool {
        if let Some(usable) = self.defs[def as usize].usable {
            return usable;
        }
        let (start, end) = self.defs[def as usize].body;
        let usable = (start..end).all(|slot| {
            let token = self.pool[slot as usize];
            token.kind != Kind::Cs || token.at == name || self.is_executable(token)
        });
        self.defs[def as usize].usable = Some(usable);
        usable
    }

    /// Whether the body calls, perhaps through others, an internal helper that cannot be executed. In
    /// a formula such a call is left as it is: the public name says more than the helper's.
    fn leaks_helper(&mut self, def: u32, levels: usize) -> bool {
        if let Some(leaks) = self.leaky.get(&def) {
            return *leaks;
        }
        // A helper that calls itself is judged by the rest of its body.
        self.leaky.insert(def, false);
        let (start, end) = self.defs[def as usize].body;
        let leaks = (start..end).any(|slot| {
            let token = self.pool[slot as usize];
            match self.meaning(token.at) {
                Meaning::Macro(helper)
                    if token.kind == Kind::Cs
                        && levels > 0
                        && self.names.name(token.at).contains('@') =>
                {
                    !self.is_usable(helper, token.at) || self.leaks_helper(helper, levels - 1)
                }
                _ => false,
            }
        });
        self.leaky.insert(def, leaks);
        leaks
    }

    fn is_executable(&self, token: Token) -> bool {
        if self.meaning(token.at) != Meaning::Builtin {
            return true;
        }
        let info = self.names.info(token.at);
        match info.class {
            Class::Hostile => false,
            Class::Unknown => {
                let name = self.names.name(token.at);
                !name.contains('@')
                    || name.starts_with("if@")
                    || matches!(name, "@" | "@nil" | "@nnil" | "@@" | "@undefined")
                    || self.markers.contains(&token.at)
                    || !name.bytes().any(|byte| byte.is_ascii_alphabetic())
            }
            _ => true,
        }
    }

    /// A limit is reached: everything since the outermost call concerned is taken back, that call is
    /// left once, and its macro is never expanded again.
    fn breach(&mut self, token: Token) {
        self.signals.limit_breaches += 1;
        let floor = self
            .frames
            .iter()
            .rposition(|frame| matches!(frame.feed, Feed::Barrier))
            .map_or(0, |barrier| barrier + 1);
        let limits = self.options.limits;
        let self_nested = usize::from(*self.active_of(token.at)) >= limits.self_nesting;
        let outermost = self.frames[floor..]
            .iter()
            .position(|frame| frame.name != NO_MACRO && (!self_nested || frame.name == token.at));
        let Some(slot) = outermost.map(|slot| slot + floor) else {
            self.opaque.insert(token.at);
            self.leave_call(token);
            return;
        };
        let frame = self.frames[slot];
        self.opaque.insert(frame.name);
        if frame.name != token.at && self_nested {
            self.opaque.insert(token.at);
        }
        while self.frames.len() > slot {
            self.pop_frame();
        }
        self.close_groups_quietly(frame.group_mark as usize);
        self.out.truncate(frame.out_mark as usize);
        match (
            frame.resume,
            self.frames.last_mut().map(|below| &mut below.feed),
        ) {
            (Some(at), Some(Feed::File { cursor, .. })) => cursor.pos = at as usize,
            (Some(at), Some(Feed::Pool { pos, .. } | Feed::Stack { pos, .. })) => *pos = at,
            _ => self.signals.lossy_recoveries += 1,
        }
        self.leave_call(Token::cs(frame.name).with(SPACED));
    }

    /// Opens a brace around the expansion that follows, because it is an argument.
    fn open_rebrace(&mut self) {
        let pending = self.pending.saturating_sub(1);
        let at = small(self.out.len());
        self.push_group(GroupKind::Rebrace);
        if let Some(group) = self.groups.last_mut() {
            group.pending = pending;
        }
        self.pending = 0;
        self.out.push(Token::new(Kind::Open));
        self.push_tokens(&[Token::at(Kind::Rebrace, at)]);
    }

    /// Takes back one token of the output.
    fn take_back(&mut self, at: usize) {
        if let Some(token) = self.out.get_mut(at) {
            *token = Token::NOTHING;
        }
    }

    /// Closes such a brace, or takes it back where none is needed or the expansion goes on behind.
    pub(super) fn close_rebrace(&mut self, token: Token) {
        let Some(group) = self.groups.last().copied() else {
            return;
        };
        let at = token.at as usize;
        if group.kind != GroupKind::Rebrace || group.out_at != token.at {
            // Something inside did not end: the brace is taken back.
            if let Some(open) = self.out.get_mut(at)
                && open.kind == Kind::Open
                && let Some(slot) = self
                    .groups
                    .iter()
                    .rposition(|group| group.kind == GroupKind::Rebrace && group.out_at == token.at)
            {
                *open = Token::NOTHING;
                self.groups.remove(slot);
            }
            return;
        }
        self.groups.pop();
        let inside = self.out.get(at + 1..).unwrap_or_default();
        if self.pending > 0 {
            // The expansion ends with a command that still wants its arguments.
            self.take_back(at);
            self.pending += group.pending;
            return;
        }
        let single = match inside {
            [token] => token.kind != Kind::Text || self.slice(*token).chars().count() == 1,
            _ => super::math::is_braced(inside),
        };
        if single {
            self.take_back(at);
        } else {
            self.out.push(Token::new(Kind::Close));
        }
        self.pending = group.pending;
    }
}
