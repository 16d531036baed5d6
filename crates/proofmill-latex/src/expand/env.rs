//! Groups and environments: matched here, so that later stages see balanced input.

use super::{Engine, Feed, Meaning, Place, Span};
use crate::names::{Class, Env, fixed};
use crate::options::Diagrams;
use crate::token::{Delim, Kind, Token};

/// What opened a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GroupKind {
    Brace,
    /// A brace that the expander itself put around an expansion.
    Rebrace,
    Begingroup,
    Math(Delim),
    Env {
        name: u32,
        kind: Env,
        /// Defined by the submission: `end` is run at its end.
        user: bool,
        /// May lie inside a formula.
        inner: bool,
        /// Its closing code is running.
        closing: bool,
    },
}

/// An open group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    pub(super) kind: GroupKind,
    pub(super) out_at: u32,
    pub(super) undo: u32,
    pub(super) place: Place,
    pub(super) pending: u8,
    /// Groups of text that may follow this one.
    pub(super) text_groups: u8,
    /// What `\label` named outside.
    pub(super) current: Option<super::numbers::Current>,
    /// Closing code of a user environment, arguments put in.
    pub(super) end: Span,
}

/// An environment of the submission.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EnvDef {
    /// Macro that reads the arguments and gives the opening code.
    pub(super) begin: u32,
    /// Closing code.
    pub(super) end: Span,
}

impl Engine {
    /// `\begin`.
    pub(super) fn begin(&mut self) {
        if let Some(name) = self.environment_name() {
            self.begin_named(name);
        }
    }

    /// `\end`; in plain TeX it ends the document.
    pub(super) fn end(&mut self) {
        self.skip_blanks();
        if self.peek().is_none_or(|token| token.kind != Kind::Open) {
            if self.isolated == 0 && !self.in_preamble {
                self.stopped = true;
            }
            return;
        }
        if let Some(name) = self.environment_name() {
            self.end_named(name);
        }
    }

    pub(super) fn environment_name(&mut self) -> Option<u32> {
        self.skip_blanks();
        if let Some(name) = self.plain_environment_name() {
            return Some(name);
        }
        if self.peek()?.kind != Kind::Open {
            return None;
        }
        let mut name = self.argument();
        if name.iter().any(|token| token.kind == Kind::Cs) {
            name = self.isolated(&name);
        }
        let name = self.plain(&name);
        let name = name.trim();
        if name.len() > 100 {
            return None;
        }
        Some(self.names.intern(name))
    }

    /// A name in braces that comes next in a file and is written in letters and stars only: what
    /// [`Engine::environment_name`] finds too, by way of tokens.
    fn plain_environment_name(&mut self) -> Option<u32> {
        let Feed::File { cursor, .. } = &mut self.frames.last_mut()?.feed else {
            return None;
        };
        let text = self.arena.get(cursor.pos..cursor.end)?.strip_prefix('{')?;
        let is_plain = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'*';
        let length = text.bytes().take(100).take_while(is_plain).count();
        if length == 0 || text.as_bytes().get(length) != Some(&b'}') {
            return None;
        }
        cursor.pos += length + 2;
        let name = self.names.intern(&text[..length]);
        self.spend(2);
        Some(name)
    }

    pub(super) fn begin_named(&mut self, name: u32) {
        let kind = self.names.info(name).env;
        if name == fixed::DOCUMENT {
            self.begin_document();
            return;
        }
        if self.groups.len() >= self.options.limits.groups {
            self.signals.environment_recoveries += 1;
            return;
        }
        if self.excluded.contains(&name) {
            self.skip_environment(name);
            return;
        }
        if self.verbatims.contains(&name) {
            self.verbatim_environment(name);
            return;
        }
        if let Some(def) = self.environments.get(&name).copied()
            && self.begin_user(name, def)
        {
            return;
        }
        if kind == Env::Unknown
            && !self.theorems.contains_key(&name)
            && let Meaning::Macro(_) = self.meaning(name)
        {
            let end = self.names.name(name);
            let end = self.names.intern(&format!("end{end}"));
            if let Meaning::Macro(_) = self.meaning(end) {
                self.push_env(name, kind, true);
                let end = self.pool_span(&[Token::cs(end)]);
                if let Some(group) = self.groups.last_mut() {
                    group.end = end;
                }
                self.push_tokens(&[Token::cs(name)]);
                return;
            }
        }
        match kind {
            Env::Verbatim => self.verbatim_environment(name),
            Env::Comment | Env::Picture => self.skip_environment(name),
            Env::Diagram if self.options.diagrams == Diagrams::Placeholder => {
                self.skip_environment(name);
                let text = self.literal("[diagram]");
                self.out.push(text);
            }
            _ => self.begin_standard(name, kind),
        }
    }

    pub(super) fn begin_standard(&mut self, name: u32, kind: Env) {
        let inner = matches!(kind, Env::MathInner | Env::Diagram)
            || (kind == Env::Unknown && !self.theorems.contains_key(&name))
            || (kind == Env::Tabular && self.place != Place::Text);
        let block = matches!(
            kind,
            Env::Equation
                | Env::Aligned
                | Env::Figure
                | Env::Table
                | Env::List
                | Env::Theorem
                | Env::Abstract
                | Env::Bibliography
                | Env::Algorithm
        ) || self.theorems.contains_key(&name);
        if block && self.place != Place::Text {
            // `equation` around `align` happens; a theorem in a formula is a formula that never ended.
            if !(matches!(kind, Env::Equation | Env::Aligned) && self.in_formula_environment()) {
                self.close_formula_before_block();
            }
        }
        self.out.push(Token::at(Kind::Begin, name));
        self.push_env(name, kind, false);
        if let Some(group) = self.groups.last_mut()
            && let GroupKind::Env { inner: slot, .. } = &mut group.kind
        {
            *slot = inner;
        }
        self.pending = 0;
        self.text_groups = 0;
        self.number_block(name, kind);
        if self.boxed_theorems.contains(&name) {
            self.boxed_theorem_arguments();
        }
        if kind == Env::Tabular || matches!(self.names.name(name), "array" | "subarray") {
            self.column_specification(name);
        }
        match kind {
            Env::Equation | Env::Aligned => {
                self.place = Place::Display;
                self.signals.display_formulas += 1;
            }
            Env::InlineMath => {
                self.place = Place::Inline;
                self.signals.inline_formulas += 1;
            }
            _ => {}
        }
    }

    fn in_formula_environment(&self) -> bool {
        self.groups.iter().rev().take(64).any(|group| {
            matches!(
                group.kind,
                GroupKind::Env {
                    kind: Env::Equation | Env::Aligned,
                    ..
                }
            )
        })
    }

    fn push_env(&mut self, name: u32, kind: Env, user: bool) {
        let pending = std::mem::take(&mut self.pending);
        self.push_group(GroupKind::Env {
            name,
            kind,
            user,
            inner: user,
            closing: false,
        });
        self.pending = pending;
    }

    /// Opens an environment of the submission; `false` if the standard treatment is to be used.
    fn begin_user(&mut self, name: u32, def: EnvDef) -> bool {
        if !self.can_call(def.begin, name) {
            return false;
        }
        self.push_env(name, Env::Unknown, true);
        let args = self.call_environment(def.begin, name);
        let start = self.stack.len();
        self.substitute(def.end, &args);
        let end: Vec<Token> = self.stack.drain(start..).collect();
        let end = self.pool_span(&end);
        if let Some(group) = self.groups.last_mut() {
            group.end = end;
        }
        self.push_environment_body(def.begin, &args, name);
        true
    }

    pub(super) fn end_named(&mut self, name: u32) {
        if name == fixed::DOCUMENT {
            if self.isolated == 0 {
                self.stopped = true;
            }
            return;
        }
        let open = self.groups.iter().rev().take(256).position(
            |group| matches!(group.kind, GroupKind::Env { name: open, closing: false, .. } if open == name),
        );
        let Some(above) = open else {
            self.signals.environment_recoveries += 1;
            // A wrong name at the end of the innermost environment of the same kind.
            let kind = self.names.info(name).env;
            if matches!(
                kind,
                Env::List | Env::Theorem | Env::Aligned | Env::Equation
            ) && let Some(group) = self.groups.last()
                && let GroupKind::Env {
                    name: open,
                    kind: same,
                    user: false,
                    ..
                } = group.kind
                && same == kind
            {
                self.end_named(open);
            }
            return;
        };
        if above > 0 && !self.may_close(above) {
            self.signals.environment_recoveries += 1;
            return;
        }
        let slot = self.groups.len() - 1 - above;
        let Some(group) = self.groups.get(slot).copied() else {
            return;
        };
        let GroupKind::Env { kind, user, .. } = group.kind else {
            return;
        };
        if user {
            // What its opening code opened is closed by its closing code.
            // That code runs once, even if it ends the environment itself.
            if let Some(group) = self.groups.get_mut(slot)
                && let GroupKind::Env { closing, .. } = &mut group.kind
            {
                *closing = true;
            }
            self.push_tokens(&[Token::at(Kind::EndUser, name)]);
            self.push_pool(group.end);
            return;
        }
        self.close_groups_to(slot + 1);
        if name == fixed::PROOF || kind != Env::Unknown || self.theorems.contains_key(&name) {
            self.end_standard(group, name, kind);
        }
        self.pop_group();
        if kind == Env::Picture {
            self.out.truncate(group.out_at as usize);
            return;
        }
        if kind != Env::Bibliography || self.options.bibliography {
            self.out.push(Token::at(Kind::End, name));
        }
    }

    /// A stray `\end` must not close the whole document around it: only few groups may be in the
    /// way, and no environment that is closed properly further on.
    fn may_close(&self, above: usize) -> bool {
        let envs = self
            .groups
            .iter()
            .rev()
            .take(above)
            .filter(|group| matches!(group.kind, GroupKind::Env { user: false, .. }))
            .count();
        envs <= 4
    }

    /// What the end of some environments does with what they wrote.
    fn end_standard(&mut self, group: Group, name: u32, kind: Env) {
        let start = group.out_at as usize;
        match kind {
            Env::Equation | Env::Aligned => self.number_rows(&group, name, kind),
            Env::Transparent if name == fixed::SUBEQUATIONS => self.end_subequations(),
            Env::Figure => self.keep_caption(start, true),
            Env::Table if !self.options.tables => self.keep_caption(start, false),
            Env::Algorithm if !self.options.algorithms => self.keep_caption(start, false),
            Env::Bibliography => {
                let entries = self.out.get(start..).unwrap_or_default().to_vec();
                self.bibliography.extend(entries);
                if !self.options.bibliography {
                    // `out_at` is the place after `Begin`; that goes too.
                    self.out.truncate(start.saturating_sub(1));
                }
            }
            _ => {}
        }
    }

    pub(super) fn end_user(&mut self, name: u32) {
        let open = self.groups.iter().rev().take(64).position(|group| {
            matches!(group.kind, GroupKind::Env { name: open, user: true, .. } if open == name)
        });
        if let Some(above) = open {
            let keep = self.groups.len() - above;
            self.close_groups_to(keep);
            self.pop_group();
        }
    }

    /// A heading ends statements and lists that were never closed.
    pub(super) fn close_blocks_before_heading(&mut self) {
        while let Some(group) = self.groups.last() {
            match group.kind {
                GroupKind::Env {
                    name,
                    kind,
                    user: false,
                    ..
                } if matches!(kind, Env::List | Env::Theorem)
                    || self.theorems.contains_key(&name) =>
                {
                    self.close_top_group();
                }
                _ => return,
            }
        }
    }

    /// Ends the environment whose formula is open, with all inside it.
    pub(super) fn close_formula_environment(&mut self) {
        let open = self.groups.iter().rev().take(64).position(|group| {
            matches!(
                group.kind,
                GroupKind::Env {
                    kind: Env::Equation | Env::Aligned | Env::InlineMath,
                    ..
                }
            )
        });
        if let Some(above) = open {
            self.signals.formula_recoveries += 1;
            let keep = self.groups.len() - above - 1;
            self.close_groups_to(keep);
        }
    }

    /// Whether a definition of `name` is ignored: it would only change the page, or hide structure
    /// that later stages know by name.
    pub(super) fn is_protected(&self, name: u32) -> bool {
        let text = self.names.name(name);
        match self.names.info(name).class {
            Class::Hostile | Class::Register | Class::Font => true,
            Class::Prim => !matches!(
                text,
                "head"
                    | "subhead"
                    | "subsubhead"
                    | "heading"
                    | "specialhead"
                    | "demo"
                    | "proclaim"
                    | "define"
                    | "redefine"
                    | "predefine"
                    | "comment"
                    | "symbol"
                    | "loop"
                    | "Refs"
                    | "path"
                    | "enddemo"
                    | "endproclaim"
                    | "rule"
                    | "xspace"
                    | "Verb"
                    | "loadfile"
                    | "document"
                    | "Alph"
                    | "number"
                    | "roman"
                    | "definition"
                    | "remark"
                    | "example"
                    | "enddefinition"
                    | "endremark"
                    | "endexample"
                    | "foreach"
                    | "newfont"
                    | "beginsection"
                    | "unless"
                    | "Roman"
            ),
            Class::Wrap => {
                text.starts_with("text")
                    || matches!(
                        text,
                        "emph"
                            | "mbox"
                            | "hbox"
                            | "fbox"
                            | "vbox"
                            | "vtop"
                            | "makebox"
                            | "framebox"
                            | "parbox"
                            | "raisebox"
                            | "uppercase"
                            | "lowercase"
                            | "MakeUppercase"
                            | "MakeLowercase"
                            | "underline"
                            | "centerline"
                            | "enquote"
                            | "colorbox"
                    )
            }
            Class::Keep if is_of_a_package(text) => false,
            Class::Keep => {
                !self
                    .names
                    .name(name)
                    .starts_with(|c: char| c.is_ascii_uppercase())
                    || matches!(text, "Cref" | "Vref" | "Citet" | "Citep" | "Cite")
            }
            Class::Drop => matches!(
                text,
                "todo"
                    | "fixme"
                    | "thanks"
                    | "vspace"
                    | "includegraphics"
                    | "maketitle"
                    | "noindent"
                    | "bibliographystyle"
                    | "relax"
                    | "protect"
                    | "ignorespaces"
                    | "index"
                    | "tableofcontents"
                    | "setcounter"
                    | "setlength"
            ),
            _ => false,
        }
    }
}

/// Commands of structure that only some package brings: in other papers the name is free.
fn is_of_a_package(name: &str) -> bool {
    matches!(
        name,
        "si" | "unit" | "ang" | "qty" | "startdata" | "enddata" | "tablehead" | "tablecaption"
    )
}

/// Index after the optional and mandatory arguments that start at `at`.
pub(crate) fn command_end(
    tokens: &[Token],
    mut at: usize,
    opens_option: impl Fn(Token) -> bool,
) -> usize {
    let mut depth = 0_usize;
    let mut in_option = tokens.get(at).is_some_and(|token| opens_option(*token));
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token.kind {
            Kind::Open => {
                in_option &= depth > 0
                    || tokens
                        .get(at.wrapping_sub(2))
                        .is_none_or(|t| t.kind != Kind::Text);
                depth += 1;
            }
            Kind::Close => {
                depth = depth.saturating_sub(1);
                if depth == 0 && !in_option {
                    return at;
                }
            }
            Kind::Par if depth == 0 => return at - 1,
            _ => {}
        }
    }
    at
}
