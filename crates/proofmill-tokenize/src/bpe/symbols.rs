//! The symbols that a text starts from before anything merges.
//!
//! A byte-level vocabulary has a token for each byte. Others have tokens for characters; one that
//! they lack becomes its bytes (`<0x0A>`) or the unknown token.

use rustc_hash::FxHashMap;

/// The mark that stands for a space in vocabularies of characters.
pub(crate) const MARK: char = '▁';

/// Ids of single bytes or characters.
pub(crate) enum Symbols {
    /// One id for each byte.
    Bytes(Box<[u32; 256]>),
    /// One id for each character that the vocabulary knows.
    Chars(Box<Chars>),
}

/// The characters of a vocabulary.
pub(crate) struct Chars {
    /// Ids of ASCII characters; [`ABSENT`] for those that the vocabulary lacks.
    pub(crate) ascii: [u32; 128],
    /// Ids of all other characters.
    pub(crate) others: FxHashMap<char, u32>,
    /// What an absent character becomes.
    pub(crate) absent: Absent,
}

/// What a character becomes that the vocabulary lacks.
pub(crate) enum Absent {
    /// One token for each of its bytes.
    Bytes(Box<[u32; 256]>),
    /// This token.
    Unknown(u32),
    /// It is no part of any text.
    Never,
}

/// No id.
pub(crate) const ABSENT: u32 = u32::MAX;

impl Symbols {
    /// Gives the symbols of `text` and the bytes at which they start.
    #[inline]
    pub(crate) fn each(&self, text: &str, mut give: impl FnMut(u32, usize)) {
        match self {
            Self::Bytes(ids) => {
                for (at, byte) in text.bytes().enumerate() {
                    give(ids[usize::from(byte)], at);
                }
            }
            Self::Chars(chars) => chars.each(text, give),
        }
    }

    /// Appends the symbols of `text` and the bytes at which they start.
    pub(crate) fn of_with_starts(
        &self,
        text: &str,
        symbols: &mut Vec<u32>,
        starts: &mut Vec<usize>,
    ) {
        self.each(text, |id, start| {
            symbols.push(id);
            starts.push(start);
        });
    }
}

impl Chars {
    /// The token that is this character.
    pub(crate) fn id(&self, c: char) -> Option<u32> {
        let id = match self.ascii.get(c as usize) {
            Some(id) => *id,
            None => self.others.get(&c).copied().unwrap_or(ABSENT),
        };
        (id != ABSENT).then_some(id)
    }

    fn each(&self, text: &str, mut give: impl FnMut(u32, usize)) {
        for (at, c) in text.char_indices() {
            match (self.id(c), &self.absent) {
                (Some(id), _) => give(id, at),
                (None, Absent::Unknown(id)) => give(*id, at),
                (None, Absent::Never) => {}
                (None, Absent::Bytes(ids)) => {
                    for (index, byte) in c.encode_utf8(&mut [0; 4]).bytes().enumerate() {
                        give(ids[usize::from(byte)], at + index);
                    }
                }
            }
        }
    }
}
