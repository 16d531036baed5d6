//! What becomes of a text before it is parted into words.

use std::borrow::Cow;

use crate::bpe::symbols::MARK;
use crate::config::Normalizer;
use crate::nfc;

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
    if normalizer.nfc {
        nfc::composed(text)
    } else {
        Cow::Borrowed(text)
    }
}
