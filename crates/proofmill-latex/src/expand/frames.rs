//! The input stack: files, macro bodies and tokens given back, read from the top.

use super::Engine;
use crate::lexer::{self, Cursor, Last};
use crate::token::{Kind, NO_TOKEN, Token};

/// Where a frame takes its tokens from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Feed {
    /// A file in the arena.
    File { cursor: Cursor, last: Last },
    /// A body without parameters, in the pool.
    Pool { pos: u32, end: u32 },
    /// Tokens on the token stack, released with the frame.
    Stack { start: u32, pos: u32, end: u32 },
    /// Ends an isolated run.
    Barrier,
}

/// No macro.
pub(super) const NO_MACRO: u32 = u32::MAX;

/// One level of input.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub(super) feed: Feed,
    /// Name of the macro whose body this is.
    pub(super) name: u32,
    /// Position of the frame below just after the name of the macro.
    pub(super) resume: Option<u32>,
    /// Length of the output at the call.
    pub(super) out_mark: u32,
    /// Open groups at the call.
    pub(super) group_mark: u32,
    /// File of the library, for relative inclusions.
    pub(super) file: u32,
}

impl Engine {
    /// Next token of the input; `None` at its end or at a barrier.
    #[inline]
    pub(super) fn next(&mut self) -> Option<Token> {
        Token::unpacked(self.next_packed())
    }

    /// As [`Engine::next`], in registers: a token of three fields goes through memory, written field
    /// by field and read at once as a whole, which waits for the writes.
    fn next_packed(&mut self) -> (u64, u32) {
        loop {
            let Some(frame) = self.frames.last_mut() else {
                return NO_TOKEN;
            };
            match &mut frame.feed {
                Feed::File { cursor, last } => {
                    let token = lexer::next_after(&self.arena, cursor, last, &mut self.names);
                    if let Some(token) = token {
                        return token.packed();
                    }
                    if self.scanning > 0 {
                        return NO_TOKEN;
                    }
                }
                Feed::Pool { pos, end } => {
                    if pos < end {
                        let token = self.pool[*pos as usize];
                        *pos += 1;
                        return token.packed();
                    }
                }
                Feed::Stack { pos, end, .. } => {
                    if pos < end {
                        let token = self.stack[*pos as usize];
                        *pos += 1;
                        return token.packed();
                    }
                }
                Feed::Barrier => return NO_TOKEN,
            }
            self.pop_frame();
        }
    }

    /// Gives back the token that [`Engine::next`] returned last.
    pub(super) fn unread(&mut self) {
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        match &mut frame.feed {
            Feed::File { cursor, last } => cursor.pos = last.start,
            Feed::Pool { pos, .. } | Feed::Stack { pos, .. } => *pos = pos.saturating_sub(1),
            Feed::Barrier => {}
        }
    }

    /// Next token without reading it.
    pub(super) fn peek(&mut self) -> Option<Token> {
        let token = self.next()?;
        self.unread();
        Some(token)
    }

    /// Next token, text cut to one character.
    pub(super) fn next_char(&mut self) -> Option<Token> {
        let token = self.next()?;
        if token.kind != Kind::Text {
            return Some(token);
        }
        let width = self.slice(token).chars().next().map_or(0, char::len_utf8);
        let width = u32::try_from(width).unwrap_or(0);
        if width == token.len {
            return Some(token);
        }
        self.unread_rest(token, width);
        Some(Token {
            len: width,
            ..token
        })
    }

    /// Gives back `token`, which was read last, but for its first `width` bytes.
    fn unread_rest(&mut self, token: Token, width: u32) {
        let rest = Token {
            at: token.at + width,
            len: token.len - width,
            ..token
        };
        // A blank that opens the rest is a token of its own.
        let blanks = self
            .slice(rest)
            .bytes()
            .take_while(|byte| *byte == b' ')
            .count();
        if let Some(Feed::File { cursor, .. }) = self.frames.last_mut().map(|frame| &mut frame.feed)
        {
            cursor.pos = rest.at as usize;
            return;
        }
        self.drop_used_up_list();
        let blanks = u32::try_from(blanks).unwrap_or(0);
        if blanks > 0 {
            let word = Token {
                at: rest.at + blanks,
                len: rest.len - blanks,
                ..rest
            };
            self.push_tokens(&[Token::new(Kind::Space), word]);
        } else {
            self.push_tokens(&[rest]);
        }
    }

    /// Drops the top frame if it is a list that was given back and read again to its end: text taken
    /// character by character must not pile up a frame for each.
    fn drop_used_up_list(&mut self) {
        if let Some(Frame {
            feed: Feed::Stack { pos, end, .. },
            name: NO_MACRO,
            ..
        }) = self.frames.last()
            && pos >= end
        {
            self.pop_frame();
        }
    }

    /// Puts `tokens` before the rest of the input.
    pub(super) fn push_tokens(&mut self, tokens: &[Token]) {
        if tokens.is_empty() {
            return;
        }
        let start = self.stack.len();
        self.stack.extend_from_slice(tokens);
        self.push_stack_from(start, NO_MACRO, None);
    }

    /// Makes a frame of the token stack from `start` on.
    pub(super) fn push_stack_from(&mut self, start: usize, name: u32, resume: Option<u32>) {
        let start = small(start);
        let end = small(self.stack.len());
        self.push_frame(
            Feed::Stack {
                start,
                pos: start,
                end,
            },
            name,
            resume,
        );
    }

    pub(super) fn push_frame(&mut self, feed: Feed, name: u32, resume: Option<u32>) {
        if name != NO_MACRO {
            *self.active_of(name) += 1;
        }
        let file = self.frames.last().map_or(0, |frame| frame.file);
        self.frames.push(Frame {
            feed,
            name,
            resume,
            out_mark: small(self.out.len()),
            group_mark: small(self.groups.len()),
            file,
        });
    }

    pub(super) fn pop_frame(&mut self) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        if frame.name != NO_MACRO {
            let active = self.active_of(frame.name);
            *active = active.saturating_sub(1);
        }
        if let Feed::Stack { start, .. } = frame.feed {
            self.stack.truncate(start as usize);
        }
    }

    pub(super) fn active_of(&mut self, name: u32) -> &mut u16 {
        let slot = name as usize;
        if slot >= self.active.len() {
            self.active.resize(self.names.len().max(slot + 1), 0);
        }
        &mut self.active[slot]
    }

    /// Puts a file before the rest of the input.
    pub(super) fn push_file(&mut self, start: usize, end: usize, at_letter: bool, file: u32) {
        let feed = Feed::File {
            cursor: Cursor::new(start, end, at_letter),
            last: Last::none(start),
        };
        self.push_frame(feed, NO_MACRO, None);
        if let Some(frame) = self.frames.last_mut() {
            frame.file = file;
        }
    }

    /// The file that is being read directly, not through a macro.
    pub(super) fn top_cursor(&mut self) -> Option<&mut Cursor> {
        while self.frames.len() > 1 {
            let used_up = match self.frames.last().map(|frame| frame.feed) {
                Some(Feed::Pool { pos, end } | Feed::Stack { pos, end, .. }) => pos >= end,
                _ => false,
            };
            if !used_up {
                break;
            }
            self.pop_frame();
        }
        match &mut self.frames.last_mut()?.feed {
            Feed::File { cursor, .. } => Some(cursor),
            _ => None,
        }
    }

    /// The innermost file.
    pub(super) fn file_cursor(&mut self) -> Option<&mut Cursor> {
        self.frames
            .iter_mut()
            .rev()
            .find_map(|frame| match &mut frame.feed {
                Feed::File { cursor, .. } => Some(cursor),
                _ => None,
            })
    }

    /// Executes `tokens` apart from the rest of the input and returns what they give.
    pub(crate) fn isolated(&mut self, tokens: &[Token]) -> Vec<Token> {
        if self.isolated >= 16 || tokens.is_empty() {
            return tokens.to_vec();
        }
        self.isolated += 1;
        let saved_out = std::mem::take(&mut self.out);
        let saved = (
            self.place,
            self.pending,
            self.text_groups,
            self.open_conditionals,
        );
        let saved_scanning = std::mem::take(&mut self.scanning);
        // What is open outside cannot be closed from inside.
        let groups = std::mem::take(&mut self.groups);
        let depth = self.frames.len();
        self.push_frame(Feed::Barrier, NO_MACRO, None);
        self.push_tokens(tokens);
        self.run();
        while self.frames.len() > depth {
            self.pop_frame();
        }
        self.close_groups_to(0);
        self.groups = groups;
        self.isolated -= 1;
        (
            self.place,
            self.pending,
            self.text_groups,
            self.open_conditionals,
        ) = saved;
        self.scanning = saved_scanning;
        std::mem::replace(&mut self.out, saved_out)
    }
}

/// Lengths of token lists fit: they are bounded by the limits.
pub(super) fn small(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
