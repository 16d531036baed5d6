//! Groups: opened, closed, and closed in their paragraph when nobody closed them.

use super::frames::small;
use super::{Engine, Group, GroupKind, Place};
use crate::names::Env;
use crate::token::{Delim, Kind, Token};

impl Engine {
    pub(super) fn push_group(&mut self, kind: GroupKind) {
        self.groups.push(Group {
            kind,
            out_at: small(self.out.len()),
            undo: small(self.undo.len()),
            place: self.place,
            pending: self.pending,
            text_groups: 0,
            current: self.current,
            end: (0, 0),
        });
    }

    /// Ends the innermost group; nothing is written.
    pub(super) fn pop_group(&mut self) {
        let Some(group) = self.groups.pop() else {
            return;
        };
        self.place = group.place;
        self.pending = group.pending;
        self.text_groups = group.text_groups;
        self.current = group.current;
        if group.kind != GroupKind::Rebrace {
            self.undo_to(group.undo);
            if self.groups.is_empty() {
                self.global_at.clear();
            }
        }
    }

    /// Ends groups without output, after what they wrote was taken back.
    pub(super) fn close_groups_quietly(&mut self, keep: usize) {
        while self.groups.len() > keep {
            self.pop_group();
        }
    }

    /// Ends groups, writing what closes them.
    pub(super) fn close_groups_to(&mut self, keep: usize) {
        while self.groups.len() > keep {
            self.close_top_group();
        }
    }

    /// Ends the innermost group before its time.
    pub(super) fn close_top_group(&mut self) {
        let Some(group) = self.groups.last().copied() else {
            return;
        };
        match group.kind {
            GroupKind::Brace => {
                self.signals.brace_recoveries += 1;
                self.close_brace_late(group.out_at as usize);
            }
            GroupKind::Rebrace => self.out.push(Token::new(Kind::Close)),
            GroupKind::Begingroup => {}
            GroupKind::Math(delim) => {
                self.signals.formula_recoveries += 1;
                self.out.push(Token::shift(delim, true));
            }
            GroupKind::Env {
                name, user, kind, ..
            } => {
                self.signals.environment_recoveries += 1;
                if kind == Env::Picture {
                    self.out.truncate(group.out_at as usize);
                } else if !user {
                    self.out.push(Token::at(Kind::End, name));
                }
            }
        }
        self.pop_group();
    }

    /// Closes a brace that was never closed: at the end of its paragraph, which the token there
    /// notes, or here.
    pub(super) fn close_brace_late(&mut self, open: usize) {
        let par = self.out[open.min(self.out.len())..]
            .iter()
            .take(20_000)
            .position(|token| token.kind == Kind::Par);
        self.spend(
            par.unwrap_or(self.out.len() - open.min(self.out.len()))
                .min(20_000)
                / 8,
        );
        match par {
            Some(par) => self.out[open + par].at += 1,
            None => self.out.push(Token::new(Kind::Close)),
        }
    }

    pub(super) fn open_brace(&mut self) {
        if self.isolated == 0 {
            self.signals.brace_balance += 1;
        }
        if self.groups.len() >= self.options.limits.groups {
            self.signals.brace_recoveries += 1;
            return;
        }
        let in_formula = self.place != Place::Text;
        let text = std::mem::take(&mut self.text_groups);
        let pending = self.pending.saturating_sub(1);
        self.push_group(GroupKind::Brace);
        if let Some(group) = self.groups.last_mut() {
            group.pending = if in_formula { pending } else { 0 };
            group.text_groups = if in_formula {
                text.saturating_sub(1)
            } else {
                0
            };
        }
        self.pending = 0;
        if text > 0 && in_formula {
            self.place = Place::Text;
        }
        self.out.push(Token::new(Kind::Open));
    }

    pub(super) fn close_brace(&mut self) {
        if self.isolated == 0 {
            self.signals.brace_balance -= 1;
        }
        loop {
            match self.groups.last().map(|group| group.kind) {
                Some(GroupKind::Brace) => {
                    self.pop_group();
                    self.out.push(Token::new(Kind::Close));
                    return;
                }
                Some(GroupKind::Begingroup) if self.brace_below() => {
                    self.pop_group();
                }
                Some(GroupKind::Math(Delim::Dollar | Delim::Paren)) => {
                    let slot = self.groups.len() - 1;
                    if !self.brace_closes_formula(slot) {
                        break;
                    }
                }
                _ => break,
            }
        }
        self.signals.brace_recoveries += 1;
    }

    pub(super) fn brace_below(&self) -> bool {
        self.groups
            .iter()
            .rev()
            .take(8)
            .find(|group| group.kind != GroupKind::Begingroup)
            .is_some_and(|group| group.kind == GroupKind::Brace)
    }

    /// `\begingroup`, and `\bgroup` which is a brace.
    pub(super) fn begin_group(&mut self, name: u32) {
        if self.names.name(name) == "bgroup" {
            self.open_brace();
        } else if self.groups.len() < self.options.limits.groups {
            self.push_group(GroupKind::Begingroup);
        }
    }

    pub(super) fn end_group(&mut self, name: u32) {
        if self.names.name(name) == "egroup" {
            self.close_brace();
        } else if self
            .groups
            .last()
            .is_some_and(|group| group.kind == GroupKind::Begingroup)
        {
            self.pop_group();
        }
    }
}
