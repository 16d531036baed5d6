//! Arguments in braces: read to the brace that closes them, or cut where it never comes.

use super::args::{SHORT_SCAN, push_merged_above};
use super::{Engine, Feed};
use crate::token::{Kind, NEWLINE, Token};

/// Arguments without end after which every scan is a short one.
const MANY_RUNAWAYS: u32 = 20;

/// Where a walk through a group stands.
struct Walk {
    depth: usize,
    read: usize,
    /// Tokens that it may read.
    budget: usize,
    /// Length of the buffer before the group: what came before is another argument.
    floor: usize,
}

impl Walk {
    /// Takes one token into `buffer`; `true` at the brace that closes the group.
    #[inline]
    fn closes(&mut self, token: Token, buffer: &mut Vec<Token>) -> bool {
        self.read += 1;
        match token.kind {
            Kind::Open => self.depth += 1,
            Kind::Close if self.depth == 0 => return true,
            Kind::Close => self.depth -= 1,
            _ => {}
        }
        push_merged_above(self.floor, buffer, token);
        false
    }
}

impl Engine {
    /// Reads to the brace that closes the group just opened; the braces are left out.
    pub(super) fn group_into(&mut self, buffer: &mut Vec<Token>) {
        let start = buffer.len();
        let many = self.signals.argument_recoveries > MANY_RUNAWAYS;
        let budget = if self.exhausted || many {
            SHORT_SCAN
        } else {
            usize::MAX
        };
        let mut walk = Walk {
            depth: 0,
            read: 0,
            budget,
            floor: start,
        };
        while walk.read < walk.budget {
            if self.walk_list(&mut walk, buffer) {
                self.spend(walk.read);
                return;
            }
            if walk.read >= walk.budget {
                break;
            }
            let Some(token) = self.next() else { break };
            if walk.closes(token, buffer) {
                self.spend(walk.read);
                return;
            }
        }
        self.spend(walk.read.saturating_mul(4));
        self.signals.argument_recoveries += 1;
        self.cut_runaway(buffer, start);
    }

    /// Walks through what is left of the list on top of the input; `true` at the brace that closes
    /// the group. A file is left to [`Engine::next`].
    fn walk_list(&mut self, walk: &mut Walk, buffer: &mut Vec<Token>) -> bool {
        let (list, pos, end) = match self.frames.last_mut().map(|frame| &mut frame.feed) {
            Some(Feed::Pool { pos, end }) => (&self.pool, pos, *end),
            Some(Feed::Stack { pos, end, .. }) => (&self.stack, pos, *end),
            _ => return false,
        };
        let left = list.get(*pos as usize..end as usize).unwrap_or_default();
        for token in left.iter().take(walk.budget - walk.read) {
            *pos += 1;
            if walk.closes(*token, buffer) {
                return true;
            }
        }
        false
    }

    /// Keeps the first paragraph (or line) of an argument without end; gives back the rest.
    pub(super) fn cut_runaway(&mut self, buffer: &mut Vec<Token>, start: usize) {
        let arg = &buffer[start..];
        let cut = arg
            .iter()
            .position(|token| token.kind == Kind::Par)
            .or_else(|| {
                arg.iter()
                    .position(|token| token.kind == Kind::Space && token.has(NEWLINE))
            });
        if let Some(cut) = cut {
            let rest = buffer.split_off(start + cut);
            self.push_tokens(&rest);
        } else {
            self.signals.lossy_recoveries += 1;
        }
    }
}
