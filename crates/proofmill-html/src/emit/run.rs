//! The inline content of one block: its text, and what else stands between the letters.

use crate::entities;
use crate::tree::{NodeId, Tree};

/// Something between two letters of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Mark {
    /// A formula of the mathematics pass.
    Formula(usize),
    /// Code in the line, as written.
    Code(String),
    /// A line break.
    Break,
    /// An end of emphasis that Markdown may have made from these characters inside a formula.
    Emphasis(&'static str),
}

/// Text with white space collapsed to one space or newline, and marks by byte offset.
#[derive(Default)]
pub(super) struct Run {
    pub(super) text: String,
    pub(super) marks: Vec<(usize, Mark)>,
    /// Whether further white space adds nothing.
    is_after_space: bool,
}

impl Run {
    /// Whether nothing visible is in it.
    pub(super) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
            && !self
                .marks
                .iter()
                .any(|(_, mark)| matches!(mark, Mark::Formula(_) | Mark::Code(_)))
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.marks.clear();
        self.is_after_space = true;
    }

    pub(super) fn mark(&mut self, mark: Mark) {
        match mark {
            Mark::Formula(_) | Mark::Code(_) => self.is_after_space = false,
            Mark::Break => {
                self.space('\n');
                self.is_after_space = true;
            }
            Mark::Emphasis(_) => {}
        }
        self.marks.push((self.text.len(), mark));
    }

    /// Appends decoded text, white space collapsed; a gap that held a newline becomes one.
    pub(super) fn push(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut from = 0;
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            let is_space = byte.is_ascii_whitespace();
            let is_odd = byte < 0x20 && !is_space || byte == 0x7F;
            let odd_len = match byte {
                0xC2 if matches!(bytes.get(at + 1), Some(0xA0)) => 2,
                0xC2 if matches!(bytes.get(at + 1), Some(0x80..=0x9F | 0xAD)) => 2,
                0xE2 if matches!(
                    bytes.get(at + 1..at + 3),
                    Some([0x80, 0x8B..=0x8F | 0xA8..=0xAE])
                ) =>
                {
                    3
                }
                0xE2 if matches!(bytes.get(at + 1..at + 3), Some([0x80, 0x80..=0x8A | 0xAF])) => 3,
                0xEF if matches!(
                    bytes.get(at + 1..at + 3),
                    Some([0xBB, 0xBF] | [0xB7, 0x90..=0xAF])
                ) =>
                {
                    3
                }
                _ => 0,
            };
            if !is_space && !is_odd && odd_len == 0 {
                at += 1;
                continue;
            }
            if from < at {
                self.text.push_str(&text[from..at]);
                self.is_after_space = false;
            }
            if is_space {
                let gap = bytes[at..]
                    .iter()
                    .take_while(|byte| byte.is_ascii_whitespace())
                    .count();
                let has_newline = memchr::memchr(b'\n', &bytes[at..at + gap]).is_some();
                self.space(if has_newline { '\n' } else { ' ' });
                at += gap;
            } else {
                let is_wide_space = matches!(bytes[at..].get(..2), Some([0xC2, 0xA0]))
                    || matches!(bytes[at..].get(..3), Some([0xE2, 0x80, 0x80..=0x8A | 0xAF]));
                if is_wide_space {
                    self.space(' ');
                }
                at += odd_len.max(1);
            }
            from = at;
        }
        if from < bytes.len() {
            self.text.push_str(&text[from..]);
            self.is_after_space = false;
        }
    }

    pub(super) fn space(&mut self, space: char) {
        let is_at_start = self.text.is_empty() && self.marks.is_empty();
        if !(self.is_after_space || is_at_start) {
            self.text.push(space);
            self.is_after_space = true;
        }
    }

    /// Appends a text node.
    pub(super) fn push_node(&mut self, tree: &Tree<'_>, node: NodeId) {
        let raw = tree.raw_text(node);
        if memchr::memchr(b'&', raw.as_bytes()).is_none() || tree.is_raw(node) {
            self.push(raw);
        } else {
            let mut text = String::with_capacity(raw.len());
            entities::decode_into(raw, false, &mut text);
            self.push(&text);
        }
    }

    /// The last letter, unless a formula or code came after it.
    pub(super) fn last_letter(&self) -> Option<char> {
        let is_text_last = self
            .marks
            .last()
            .is_none_or(|(at, mark)| *at < self.text.len() || matches!(mark, Mark::Emphasis(_)));
        self.text.chars().next_back().filter(|_| is_text_last)
    }

    /// Letters and digits right before the end.
    pub(super) fn last_word_len(&self) -> usize {
        self.text
            .chars()
            .rev()
            .take_while(|letter| letter.is_alphabetic())
            .take(9)
            .count()
    }
}
