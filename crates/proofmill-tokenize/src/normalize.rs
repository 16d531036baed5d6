//! What becomes of a text before it is parted into words.

use std::borrow::Cow;

use unicode_normalization_alignments::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

use crate::bpe::symbols::MARK;
use crate::config::Normalizer;

/// `text` after all steps, in full.
pub(crate) fn normalized(text: &str, normalizer: Normalizer) -> String {
    let composed = composed(text, normalizer);
    let mut whole = String::with_capacity(composed.len() + MARK.len_utf8());
    if normalizer.mark_first && !composed.is_empty() {
        whole.push(MARK);
    }
    if normalizer.marks {
        whole.extend(composed.chars().map(|c| if c == ' ' { MARK } else { c }));
    } else {
        whole.push_str(&composed);
    }
    whole
}

/// `text` after the first step, composition; the others are done on the way.
pub(crate) fn composed(text: &str, normalizer: Normalizer) -> Cow<'_, str> {
    let as_it_is =
        !normalizer.nfc || text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes;
    if as_it_is {
        Cow::Borrowed(text)
    } else {
        // The tables of the reference, so that no character composes differently.
        Cow::Owned(text.nfc().map(|(c, _)| c).collect())
    }
}
