//! Where a text of any length can be cut so that its parts give the ids of the whole.
//!
//! A place is told by the two characters around it alone, so the text before and behind it need
//! not be looked at, and parts can be encoded one after the other with bounded memory, or all at once:
//!
//! - **Vocabularies of characters**: no merge joins the two ([`Cuts`]).
//! - **Vocabularies of bytes**: in all known splits a word ends between a letter and what is no
//!   letter, mark or apostrophe, and between punctuation and a digit. None of the splits looks
//!   behind, and what stands before such a place is split the same if the text ends there.
//!
//! Where the steps of a pre-tokenizer are run one by one, or a normalizer by the reference, nothing
//! is known of places, and there are none.
//!
//! Added tokens must not reach over a place: one that holds the two characters side by side
//! takes it away, one that looks at its neighbours (its flags) takes all of them away, and behind
//! one nothing is cut if a mark or a space is put before what follows. Composition reaches over
//! none: the right character composes with nothing before it, nor into another kind.

use rustc_hash::FxHashSet;

use crate::bpe::cuts::Cuts;
use crate::bpe::symbols::{Chars, MARK, Symbols};
use crate::config::{AddedToken, MarkFirst, Model, Normalizer, Words};
use crate::tokenizer::SpecialTokens;

/// The rules by which places are told; none is by default.
#[derive(Default)]
pub(crate) struct Places {
    /// Whether there are any.
    any: bool,
    composes: bool,
    marks: bool,
    /// Neighbours inside added tokens.
    in_tokens: FxHashSet<(char, char)>,
    /// Last characters of added tokens, if something is put before what follows a token.
    before_texts: FxHashSet<char>,
}

impl Places {
    /// The places of a tokenizer that takes special tokens as `special` says.
    pub(crate) fn new(
        normalizer: Normalizer,
        words: Words,
        added: &[AddedToken],
        special: SpecialTokens,
    ) -> Self {
        let marks = normalizer.marks || matches!(words, Words::Metaspace { .. });
        let is_found = |token: &&AddedToken| !token.special || special == SpecialTokens::Parse;
        let looks_around = |token: &AddedToken| token.single_word || token.lstrip || token.rstrip;
        let puts_first = match words {
            Words::Whole => normalizer.mark_first,
            Words::Metaspace { first, .. } => first == MarkFirst::Always,
            Words::Bytes { space_first, .. } => space_first,
            Words::Steps(_) => return Self::default(),
        };
        let mut places = Self {
            any: !added.iter().filter(is_found).any(looks_around),
            composes: normalizer.nfc,
            marks,
            in_tokens: FxHashSet::default(),
            before_texts: FxHashSet::default(),
        };
        if puts_first {
            let last = |token: &AddedToken| token.pattern.chars().next_back();
            let last: Vec<_> = added.iter().filter(is_found).filter_map(last).collect();
            let last: Vec<_> = last.into_iter().map(|c| places.in_text(c)).collect();
            places.before_texts.extend(last);
        }
        for token in added {
            let chars = token.pattern.chars().map(|c| places.in_text(c));
            let pairs: Vec<_> = chars.clone().zip(chars.skip(1)).collect();
            places.in_tokens.extend(pairs);
        }
        places
    }

    /// The first place in `text` at byte `from` or behind it; never its start or end.
    pub(crate) fn next(&self, text: &str, from: usize, model: &Model) -> Option<usize> {
        if !self.any {
            return None;
        }
        // The character that ends at `from` or behind it.
        let mut at = (from.max(1)..text.len()).find(|at| text.is_char_boundary(*at))?;
        let mut left = text[..at].chars().next_back()?;
        for right in text[at..].chars() {
            if self.is_between(left, right, model) {
                return Some(at);
            }
            at += right.len_utf8();
            left = right;
        }
        None
    }

    fn is_between(&self, left: char, right: char, model: &Model) -> bool {
        // Few composed characters have a starter of ASCII that is no letter.
        let stays = is_plain(right) && !matches!(right, '<' | '=' | '>');
        if self.composes && !stays {
            return false;
        }
        let is_free = match &model.bpe.symbols {
            Symbols::Bytes(_) => parts_words(left, right),
            Symbols::Chars(chars) => parts_chars(left, right, chars, model),
        };
        let (left, right) = (self.in_text(left), self.in_text(right));
        is_free && !self.in_tokens.contains(&(left, right)) && !self.before_texts.contains(&left)
    }

    /// How a character of a token is spelled in a text.
    fn in_text(&self, c: char) -> char {
        if self.marks && c == MARK { ' ' } else { c }
    }
}

/// Whether every split of words parts these two, whatever stands around them.
fn parts_words(left: char, right: char) -> bool {
    if left.is_ascii_alphabetic() || is_ideograph(left) {
        right.is_ascii() && !right.is_ascii_alphabetic() && right != '\'' || is_clause_end(right)
    } else {
        left.is_ascii_punctuation() && left != '\'' && right.is_ascii_digit()
    }
}

/// Whether no merge joins these two, and the unknown token does not stand for both.
fn parts_chars(left: char, right: char, chars: &Chars, model: &Model) -> bool {
    let is_known = |c| chars.id(c).is_some();
    Cuts::between(&model.cuts, left, right)
        && (model.fused.is_none() || is_known(left) || is_known(right))
}

/// Whether a character composes with nothing before it.
fn is_plain(c: char) -> bool {
    c.is_ascii() || is_ideograph(c) || is_clause_end(c)
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FA5}')
}

/// Punctuation of Chinese and Japanese.
fn is_clause_end(c: char) -> bool {
    matches!(
        c,
        '、' | '。' | '，' | '：' | '；' | '？' | '！' | '（' | '）' | '「' | '」'
    )
}
