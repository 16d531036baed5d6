//! Symbols of single bytes, and what two of them merge to, without a search.
//!
//! A vocabulary of bytes has them for all bytes; one of characters for those of ASCII.

use super::key::{Key, is_ascii};
use super::pairs::{Found, Pairs};
use super::symbols::{ABSENT, Symbols};

/// The table.
pub(crate) struct Direct {
    symbols: [u32; 256],
    pairs: Vec<Found>, // of all bytes, row by row
    takes_all: bool,
}

impl Direct {
    /// The table for the symbols and merges of a vocabulary.
    pub(crate) fn new(symbols: &Symbols, pairs: &Pairs) -> Self {
        let takes_all = matches!(symbols, Symbols::Bytes(_));
        let mut ids = [ABSENT; 256];
        match symbols {
            Symbols::Bytes(of_bytes) => ids = **of_bytes,
            Symbols::Chars(_) => {
                for c in '\0'..='\x7F' {
                    let id = &mut ids[c as usize];
                    symbols.each(c.encode_utf8(&mut [0]), |symbol, _| *id = symbol);
                }
            }
        }
        // A byte that no text has may have no id.
        let found = |left: u32, right: u32| match left.max(right) {
            ABSENT => Found::NOTHING,
            _ => pairs.get(left, right),
        };
        let rows = ids.iter();
        let rows = rows.flat_map(|left| ids.iter().map(|right| found(*left, *right)));
        Self {
            pairs: rows.collect(),
            symbols: ids,
            takes_all,
        }
    }

    /// Whether it has the word with this key.
    #[inline]
    pub(super) fn takes(&self, key: Key) -> bool {
        self.takes_all || is_ascii(key)
    }

    /// Whether it has this text.
    pub(super) fn takes_text(&self, text: &str) -> bool {
        self.takes_all || text.is_ascii()
    }

    /// The symbol of a byte, and what the symbol of the byte before it and this one merge to.
    #[inline]
    pub(super) fn get(&self, before: u8, byte: u8) -> (u32, Found) {
        let pair = usize::from(before) << 8 | usize::from(byte);
        (self.symbols[usize::from(byte)], self.pairs[pair])
    }
}
