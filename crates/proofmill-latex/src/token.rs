//! Tokens: twelve bytes each, text by reference into one arena.

/// What a token is; decides what `at` and `len` mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A run of ordinary characters in the arena, with single blanks inside.
    Text,
    /// White space without a blank line; [`NEWLINE`] says that it held a line end.
    Space,
    /// One or more blank lines. `at` is the number of braces to close before it.
    Par,
    /// A control word or control symbol; `at` is its name.
    Cs,
    /// `{`
    Open,
    /// `}`
    Close,
    /// `$` as read; the expander turns it into `Shift`.
    Dollar,
    /// A checked formula delimiter: `at` is a [`Delim`], [`CLOSING`] says which end.
    Shift,
    /// `&`
    Align,
    /// `^`
    Sup,
    /// `_`
    Sub,
    /// `~`
    Tie,
    /// `#` as read.
    Hash,
    /// `#1` to `#9` in a body; `at` is the number.
    Param,
    /// Verbatim material in the arena, delimiters included; [`BLOCK`] for environments.
    Verb,
    /// `\begin` of the environment named `at`.
    Begin,
    /// `\end` of the environment named `at`.
    End,
    /// Closes a brace that the expander put around an expansion; `at` is where it opened.
    Rebrace,
    /// Restores the environment frame after the closing code of a user environment ran.
    EndUser,
    /// Nothing; left where something was taken back.
    Nothing,
}

impl Kind {
    /// All kinds, each at its own number.
    const ALL: [Self; 20] = [
        Self::Text,
        Self::Space,
        Self::Par,
        Self::Cs,
        Self::Open,
        Self::Close,
        Self::Dollar,
        Self::Shift,
        Self::Align,
        Self::Sup,
        Self::Sub,
        Self::Tie,
        Self::Hash,
        Self::Param,
        Self::Verb,
        Self::Begin,
        Self::End,
        Self::Rebrace,
        Self::EndUser,
        Self::Nothing,
    ];
}

/// A blank followed the control word and was swallowed.
pub(crate) const SPACED: u8 = 1;
/// The white space held a line end.
pub(crate) const NEWLINE: u8 = 2;
/// Never expanded again.
pub(crate) const FINAL: u8 = 4;
/// The closing end of a pair.
pub(crate) const CLOSING: u8 = 8;
/// No token, as numbers.
pub(crate) const NO_TOKEN: (u64, u32) = (u64::MAX, 0);
/// A verbatim environment, not a verbatim phrase.
pub(crate) const BLOCK: u8 = 16;

/// How a formula is delimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Delim {
    /// `$`
    Dollar = 0,
    /// `$$`
    Dollars = 1,
    /// `\(` and `\)`
    Paren = 2,
    /// `\[` and `\]`
    Bracket = 3,
}

impl Delim {
    pub(crate) fn of(at: u32) -> Self {
        match at {
            0 => Self::Dollar,
            1 => Self::Dollars,
            2 => Self::Paren,
            _ => Self::Bracket,
        }
    }

    pub(crate) fn is_display(self) -> bool {
        matches!(self, Self::Dollars | Self::Bracket)
    }

    pub(crate) fn written(self, closing: bool) -> &'static str {
        match (self, closing) {
            (Self::Dollar, _) => "$",
            (Self::Dollars, _) => "$$",
            (Self::Paren, false) => "\\(",
            (Self::Paren, true) => "\\)",
            (Self::Bracket, false) => "\\[",
            (Self::Bracket, true) => "\\]",
        }
    }
}

/// One token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) flags: u8,
    pub(crate) at: u32,
    pub(crate) len: u32,
}

impl Token {
    pub(crate) const NOTHING: Self = Self::new(Kind::Nothing);

    pub(crate) const fn new(kind: Kind) -> Self {
        Self {
            kind,
            flags: 0,
            at: 0,
            len: 0,
        }
    }

    pub(crate) const fn at(kind: Kind, at: u32) -> Self {
        Self {
            kind,
            flags: 0,
            at,
            len: 0,
        }
    }

    pub(crate) const fn text(at: u32, len: u32) -> Self {
        Self {
            kind: Kind::Text,
            flags: 0,
            at,
            len,
        }
    }

    pub(crate) const fn cs(name: u32) -> Self {
        Self::at(Kind::Cs, name)
    }

    pub(crate) const fn shift(delim: Delim, closing: bool) -> Self {
        let flags = if closing { CLOSING } else { 0 };
        Self {
            kind: Kind::Shift,
            flags,
            at: delim as u32,
            len: 0,
        }
    }

    pub(crate) const fn with(mut self, flags: u8) -> Self {
        self.flags |= flags;
        self
    }

    pub(crate) const fn has(self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// The token as two numbers, which functions return in registers; see [`Token::unpacked`].
    #[inline]
    pub(crate) fn packed(self) -> (u64, u32) {
        let head = (u64::from(self.at) << 32) | (u64::from(self.flags) << 8) | self.kind as u64;
        (head, self.len)
    }

    /// What [`Token::packed`] gave; `None` for [`NO_TOKEN`].
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the parts of a number")]
    pub(crate) fn unpacked((head, len): (u64, u32)) -> Option<Self> {
        Some(Self {
            kind: *Kind::ALL.get(usize::from(head as u8))?,
            flags: (head >> 8) as u8,
            at: (head >> 32) as u32,
            len,
        })
    }

    /// Same token for TeX: what followed it does not count.
    pub(crate) fn same(self, other: Self) -> bool {
        self.kind == other.kind
            && match self.kind {
                Kind::Cs | Kind::Param => self.at == other.at,
                _ => true,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing_loses_nothing() {
        assert_eq!(Token::unpacked(NO_TOKEN), None);
        for kind in Kind::ALL {
            assert_eq!(Kind::ALL[kind as usize], kind);
            let token = Token {
                kind,
                flags: SPACED | BLOCK,
                at: u32::MAX,
                len: 7,
            };
            assert_eq!(Token::unpacked(token.packed()), Some(token));
        }
    }
}
