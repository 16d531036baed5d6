//! Switches and tests of the packages ifthen and etoolbox.

use super::{Engine, Meaning};
use crate::token::{Kind, Token};

impl Engine {
    /// `\newboolean{x}`, `\setbool{x}{true}`, `\toggletrue{x}` and kin.
    pub(super) fn boolean_command(&mut self, command: u32) {
        let command = self.names.name(command).to_owned();
        let name = self.argument();
        let name = self.plain(&name);
        let toggle = command.contains("toggle");
        let switch = self.switch_name(name.trim(), toggle);
        let value = if command.starts_with("set") {
            let value = self.argument();
            let value = self.isolated(&value);
            self.plain(&value).trim() == "true"
        } else {
            command.ends_with("true")
        };
        if command.starts_with("provide") && matches!(self.meaning(switch), Meaning::Switch(_)) {
            return;
        }
        self.assign(switch, Meaning::Switch(value));
        if command.starts_with("new") && !toggle {
            let name = name.trim();
            let on = self.names.intern(&format!("{name}true"));
            let off = self.names.intern(&format!("{name}false"));
            self.assign(on, Meaning::SetSwitch(switch, true));
            self.assign(off, Meaning::SetSwitch(switch, false));
        }
    }

    fn switch_name(&mut self, name: &str, toggle: bool) -> u32 {
        let name = if toggle {
            // A name that no control word has.
            format!("toggle {name}")
        } else {
            format!("if{name}")
        };
        self.names.intern(&name)
    }

    /// Tests whose branches are arguments: `\iftoggle{x}{yes}{no}` and kin.
    pub(super) fn argument_test(&mut self, command: u32) {
        let command = self.names.name(command).to_owned();
        let truth = self.argument_truth(&command);
        let yes = self.argument();
        let no = self.argument();
        self.push_tokens(if truth { &yes } else { &no });
    }

    fn argument_truth(&mut self, command: &str) -> bool {
        let subject = self.argument();
        match command {
            "iftoggle" | "nottoggle" | "ifbool" | "notbool" => {
                let name = self.plain(&subject);
                let switch = self.switch_name(name.trim(), command.contains("toggle"));
                let value = self.meaning(switch) == Meaning::Switch(true);
                value != command.starts_with("not")
            }
            "ifblank" | "notblank" | "ifstrempty" => {
                let blank = subject.iter().all(|token| token.kind == Kind::Space);
                blank != command.starts_with("not")
            }
            "ifstrequal" => {
                let other = self.argument();
                self.plain(&subject) == self.plain(&other)
            }
            "ifdefstring" | "ifcsstring" => {
                let other = self.argument();
                self.body_text(&subject, command).as_deref() == Some(&*self.plain(&other))
            }
            "ifdefempty" | "ifdefvoid" | "ifcsempty" | "ifcsvoid" => self
                .body_text(&subject, command)
                .is_none_or(|body| body.trim().is_empty()),
            "ifdefequal" => {
                let other = self.argument();
                match (subject.as_slice(), other.as_slice()) {
                    ([left], [right]) => self.same_meaning(*left, *right),
                    _ => false,
                }
            }
            "ifnumcomp" => {
                let relation = self.argument();
                let right = self.number_argument().unwrap_or(0);
                let left = self.number_of(&subject).unwrap_or(0);
                match self.plain(&relation).trim() {
                    "<" => left < right,
                    ">" => left > right,
                    _ => left == right,
                }
            }
            "ifnumequal" | "ifnumgreater" | "ifnumless" => {
                let right = self.number_argument().unwrap_or(0);
                let left = self.number_of(&subject).unwrap_or(0);
                match command {
                    "ifnumless" => left < right,
                    "ifnumgreater" => left > right,
                    _ => left == right,
                }
            }
            // `\ifnumodd`.
            _ => self.number_of(&subject).is_some_and(|n| n % 2 != 0),
        }
    }

    /// What the body of the macro named says; `None` if there is none.
    fn body_text(&mut self, subject: &[Token], command: &str) -> Option<String> {
        let name = if command.starts_with("ifcs") {
            let name = self.plain(subject);
            self.names.find(name.trim())?
        } else {
            subject.iter().find(|token| token.kind == Kind::Cs)?.at
        };
        let Meaning::Macro(def) = self.meaning(name) else {
            return None;
        };
        let body = self.pooled(self.defs[def as usize].body);
        // A command in it is text that no name equals.
        let commands = body.iter().any(|token| token.kind == Kind::Cs);
        Some(self.plain(body) + if commands { "\\" } else { "" })
    }

    /// `\unless\if..`.
    pub(super) fn unless(&mut self) {
        let Some(test) = self.next().filter(|token| token.kind == Kind::Cs) else {
            self.unread();
            return;
        };
        self.negated = true;
        self.control(test);
        self.negated = false;
    }
}
