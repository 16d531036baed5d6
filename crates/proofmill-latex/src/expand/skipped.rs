//! Environments that are raw or left out, under their own names or under those of the submission.

use rustc_hash::FxHashMap;

use super::{Engine, GroupKind, Meaning, Span};
use crate::names::{Env, fixed};
use crate::token::{Kind, Token};

/// Ends that are looked at for the end of one picture.
const MAX_WITHIN: usize = 64;
/// Pictures without end after which no end is looked for.
const MANY_ENDLESS: u32 = 20;
/// Tokens of a skipped environment that a macro opened.
const LONG_SKIP: usize = 50_000;
/// The same once the budget is spent.
const SHORT_SKIP: usize = 64;

impl Engine {
    /// Reads past an environment.
    pub(super) fn skip_environment(&mut self, name: u32) {
        let end_mark = format!("\\end{{{}}}", self.names.name(name));
        if !self.begins_in_file(name) {
            self.skip_in_macros(name);
            return;
        }
        if let Some(cursor) = self.top_cursor().map(|cursor| *cursor) {
            let end = self.find_end(name, &cursor, &end_mark);
            let end = if self.names.info(name).env == Env::Picture {
                end.and_then(|first| self.end_of_picture(name, cursor.pos, first, cursor.end))
            } else {
                end
            };
            if let Some(end) = end {
                if self.names.name(name).starts_with("filecontents") {
                    self.library_add(cursor.pos, end);
                }
                if let Some(cursor) = self.top_cursor() {
                    cursor.pos = end + end_mark.len();
                }
                return;
            }
            self.signals.environment_recoveries += 1;
            return;
        }
        self.skip_in_macros(name);
    }

    /// Where the picture that starts at `start` ends: `first` is the next end of its name, which may
    /// be that of a picture within. A picture holds no heading: one that would has no end.
    fn end_of_picture(
        &mut self,
        name: u32,
        start: usize,
        first: usize,
        limit: usize,
    ) -> Option<usize> {
        let begin_mark = format!("\\begin{{{}}}", self.names.name(name));
        let end_mark = format!("\\end{{{}}}", self.names.name(name));
        let text = self.arena.as_bytes();
        let begins = |from: usize, to: usize| {
            memchr::memmem::find_iter(&text[from..to], begin_mark.as_bytes()).count()
        };
        let holds_heading =
            |from: usize, to: usize| memchr::memmem::find(&text[from..to], b"\\section").is_some();
        let mut end = first;
        let mut open = begins(start, first);
        for _ in 0..MAX_WITHIN {
            if open == 0 {
                break;
            }
            let from = end + end_mark.len();
            let next = memchr::memmem::find(&text[from..limit], end_mark.as_bytes());
            let Some(next) = next.map(|next| from + next) else {
                break;
            };
            open = open - 1 + begins(from, next);
            end = next;
        }
        if open > 0 {
            end = first;
        }
        if !holds_heading(start, end) {
            return Some(end);
        }
        if !holds_heading(start, first) {
            return Some(first);
        }
        if self.signals.environment_recoveries > MANY_ENDLESS {
            self.endless.insert((name, limit));
        }
        None
    }

    /// Whether the `\begin` that was just read stands in the file itself, not in a macro.
    fn begins_in_file(&mut self, name: u32) -> bool {
        let Some(cursor) = self.top_cursor().map(|cursor| *cursor) else {
            return false;
        };
        let name = self.names.name(name);
        self.arena[..cursor.pos]
            .strip_suffix('}')
            .and_then(|text| text.trim_end().strip_suffix(name))
            .is_some_and(|text| text.trim_end().ends_with('{'))
    }

    /// Reads past an environment that a macro opened, token by token, to what closes it: its `\end`,
    /// the `\end` of a user environment, or a macro that holds it. The last two are executed.
    fn skip_in_macros(&mut self, name: u32) {
        let mut skipped = Vec::new();
        let mut depth = 0_usize;
        let mut macros: FxHashMap<u32, bool> = FxHashMap::default();
        self.scanning += 1;
        let limit = if self.exhausted {
            SHORT_SKIP
        } else {
            LONG_SKIP
        };
        let mut found = false;
        while skipped.len() < limit
            && let Some(mut token) = self.next()
        {
            if token.kind == Kind::Cs && matches!(token.at, fixed::BEGIN | fixed::END) {
                let kind = if token.at == fixed::BEGIN {
                    Kind::Begin
                } else {
                    Kind::End
                };
                let Some(environment) = self.environment_name() else {
                    continue;
                };
                token = Token::at(kind, environment);
            }
            match token.kind {
                Kind::Begin if token.at == name => depth += 1,
                Kind::End if token.at == name => {
                    if depth == 0 {
                        found = true;
                        break;
                    }
                    depth -= 1;
                }
                Kind::End if self.closes(token.at, name) => {
                    found = true;
                    self.push_skipped(name);
                    self.push_tokens(&[token]);
                    break;
                }
                Kind::Cs
                    if *macros
                        .entry(token.at)
                        .or_insert_with(|| self.holds_end(token.at, name)) =>
                {
                    found = true;
                    self.push_skipped(name);
                    self.push_tokens(&[token]);
                    break;
                }
                _ => {}
            }
            skipped.push(token);
        }
        self.scanning -= 1;
        self.spend(skipped.len());
        if !found {
            // It never ends: what it holds is read as usual.
            self.signals.environment_recoveries += 1;
            self.push_tokens(&skipped);
        }
    }

    /// Notes that an environment is open of which nothing was written.
    fn push_skipped(&mut self, name: u32) {
        self.push_group(GroupKind::Env {
            name,
            kind: Env::Picture,
            user: false,
            inner: true,
            closing: false,
        });
    }

    /// Whether the open user environment `user` ends `name` in its closing code.
    fn closes(&self, user: u32, name: u32) -> bool {
        self.groups
            .iter()
            .rev()
            .take(64)
            .find(|group| matches!(group.kind, GroupKind::Env { name: open, user: true, .. } if open == user))
            .is_some_and(|group| self.ends(group.end, name))
    }

    /// Whether `macro_name` is a macro that ends `name`.
    fn holds_end(&self, macro_name: u32, name: u32) -> bool {
        match self.meaning(macro_name) {
            Meaning::Macro(def) => self.ends(self.defs[def as usize].body, name),
            _ => false,
        }
    }

    /// Whether a body holds an `\end{name}` without its `\begin`.
    fn ends(&self, body: Span, name: u32) -> bool {
        let wanted = self.names.name(name);
        let tokens = self.pooled(body);
        let mut depth = 0_usize;
        for (at, token) in tokens.iter().enumerate() {
            let border = match token.kind {
                Kind::Begin => Some((true, token.at == name)),
                Kind::End => Some((false, token.at == name)),
                Kind::Cs if matches!(token.at, fixed::BEGIN | fixed::END) => {
                    let same = matches!(tokens.get(at + 1..at + 3), Some([open, text])
                        if open.kind == Kind::Open
                            && text.kind == Kind::Text
                            && self.slice(*text) == wanted);
                    Some((token.at == fixed::BEGIN, same))
                }
                _ => None,
            };
            match border {
                Some((true, true)) => depth += 1,
                Some((false, true)) if depth == 0 => return true,
                Some((false, true)) => depth -= 1,
                _ => {}
            }
        }
        false
    }

    /// What raw environment the opening code leaves open, as in `\newenvironment{note}{\comment}{..}`.
    pub(super) fn opens_raw(&self, body: Span) -> Option<Env> {
        let tokens = self.pooled(body);
        let opened = tokens.windows(3).find_map(|window| {
            let [begin, open, name] = window else {
                return None;
            };
            let opens = begin.kind == Kind::Cs
                && begin.at == fixed::BEGIN
                && open.kind == Kind::Open
                && name.kind == Kind::Text;
            opens
                .then(|| self.names.find(self.slice(*name)))
                .flatten()
                .and_then(|name| self.raw_kind(name))
        });
        let last = tokens
            .iter()
            .rfind(|token| !matches!(token.kind, Kind::Space | Kind::Nothing))
            .filter(|token| token.kind == Kind::Cs)
            .and_then(|token| self.raw_kind(token.at));
        opened.or(last)
    }

    /// The kind of a raw environment that is no picture.
    fn raw_kind(&self, name: u32) -> Option<Env> {
        Some(self.names.info(name).env).filter(|env| matches!(env, Env::Comment | Env::Verbatim))
    }

    /// Names that `\lstnewenvironment` and its kin give to verbatim environments.
    pub(super) fn new_verbatim(&mut self, command: u32) {
        let command = self.names.name(command);
        let (before, after) = match command {
            "lstnewenvironment" => ("", "oomm"),
            "newminted" | "newtcblisting" => ("o", "omm"),
            _ => ("", "mm"),
        };
        let minted = command == "newminted";
        let option = (before == "o").then(|| self.optional()).flatten();
        let name = self.argument();
        let mut name = self.plain(&name).trim().to_owned();
        if minted {
            self.gobble("m");
            name = match option {
                Some(alias) if !alias.is_empty() => self.plain(&alias).trim().to_owned(),
                _ => format!("{name}code"),
            };
        } else {
            self.gobble(after);
        }
        if name.is_empty() || name.len() > 100 {
            return;
        }
        let name = self.names.intern(&name);
        if self.names.info(name).env == Env::Unknown {
            self.verbatims.insert(name);
        }
    }
}
