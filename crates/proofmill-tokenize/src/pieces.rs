//! Where a text can be cut so that the pieces give exactly the ids of the whole.
//!
//! The reference engine needs about 150 bytes of memory per byte of text, so long documents go
//! through it in pieces. A tokenizer is cut only if its rules are known word for word:
//!
//! - **Lines**: the text is split into words by one of the known patterns. After a line feed that
//!   follows a visible ASCII character and precedes an ASCII letter, every one of them starts a
//!   new word, and none looks back. NFC joins nothing across a line feed.
//! - **Line feeds**: no words at all (Llama-2 and kin), but the line feed is a byte token that no
//!   merge uses, so merges on its two sides cannot meet. The mark that these tokenizers put before
//!   a text belongs to the first piece only, so later pieces go through a copy without it.
//!
//! All other tokenizers see their texts whole. Neither way is taken if an added token could lie
//! across a cut or reach over it.

use tokenizers::{ModelWrapper, NormalizerWrapper, PreTokenizerWrapper, Tokenizer};

use crate::tokenizer::SpecialTokens;

/// Bytes from which on a piece ends at the next cut.
pub(crate) const PIECE_BYTES: usize = 64 << 10;

/// The patterns of Llama-3 (cl100k) and of Qwen, by which texts are split into words.
const WORD_PATTERNS: [&str; 2] = [
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
];
const LINE_FEED_TOKEN: &str = "<0x0A>";

/// How the texts of one tokenizer can be cut.
pub(crate) enum Cuts {
    /// Not at all.
    None,
    /// Between a line feed after a visible ASCII character and an ASCII letter.
    Lines,
    /// After every line feed; all but the first piece go through this copy.
    LineFeeds(Box<Tokenizer>),
}

impl Cuts {
    /// Recognizes the rules of `tokenizer`.
    pub(crate) fn of(tokenizer: &Tokenizer, special: SpecialTokens) -> Self {
        let added = tokenizer.get_added_tokens_decoder();
        let mut added_tokens = added.values(); // only `all` and `any`, so their order is nothing
        if added_tokens.any(|token| {
            token.content.contains('\n') || token.lstrip || token.rstrip || token.single_word
        }) {
            return Self::None;
        }
        if splits_words(tokenizer.get_pre_tokenizer()) && keeps_lines(tokenizer.get_normalizer()) {
            return Self::Lines;
        }
        // The mark is put after each added token too; so there must be none to find.
        let finds_none = special == SpecialTokens::AsText
            && tokenizer
                .get_added_tokens_decoder()
                .values()
                .all(|token| token.special);
        match rest_normalizer(tokenizer.get_normalizer()) {
            Some(rest)
                if finds_none
                    && tokenizer.get_pre_tokenizer().is_none()
                    && isolates_line_feeds(tokenizer) =>
            {
                let mut copy = tokenizer.clone();
                match copy.with_normalizer(Some(rest)) {
                    Ok(_) => Self::LineFeeds(Box::new(copy)),
                    Err(_) => Self::None,
                }
            }
            _ => Self::None,
        }
    }

    /// Bytes of the first piece of `text`: at least [`PIECE_BYTES`], or all.
    pub(crate) fn first_bytes(&self, text: &str) -> usize {
        let bytes = text.as_bytes();
        let Some(tail) = bytes.get(PIECE_BYTES..) else {
            return bytes.len();
        };
        let is_cut = |window: &[u8]| match self {
            Self::None => false,
            Self::Lines => {
                window[0].is_ascii_graphic()
                    && window[1] == b'\n'
                    && window[2].is_ascii_alphabetic()
            }
            Self::LineFeeds(_) => window[1] == b'\n',
        };
        match tail.windows(3).position(is_cut) {
            Some(at) => PIECE_BYTES + at + 2,
            None => bytes.len(),
        }
    }
}

/// Whether words are split by one of the known patterns and never changed.
fn splits_words(pre_tokenizer: Option<&PreTokenizerWrapper>) -> bool {
    let byte_level = |pre_tokenizer: &PreTokenizerWrapper, has_pattern: bool| {
        matches!(pre_tokenizer, PreTokenizerWrapper::ByteLevel(level)
            if !level.add_prefix_space && level.use_regex == has_pattern)
    };
    match pre_tokenizer {
        Some(PreTokenizerWrapper::Sequence(sequence)) => match sequence.as_ref() {
            [PreTokenizerWrapper::Split(split), level] => {
                let known = WORD_PATTERNS.iter().any(|pattern| {
                    let json = serde_json::to_string(pattern).unwrap_or_default();
                    let expected = format!(
                        r#"{{"type":"Split","pattern":{{"Regex":{json}}},"behavior":"Isolated","invert":false}}"#
                    );
                    serde_json::to_string(split).is_ok_and(|found| found == expected)
                });
                known && byte_level(level, false)
            }
            [PreTokenizerWrapper::Digits(_), level] => byte_level(level, true),
            _ => false,
        },
        Some(single) => byte_level(single, true),
        None => false,
    }
}

fn keeps_lines(normalizer: Option<&NormalizerWrapper>) -> bool {
    matches!(normalizer, None | Some(NormalizerWrapper::NFC(_)))
}

/// What remains of "put a mark first, then turn spaces into marks" once the first mark is put.
fn rest_normalizer(normalizer: Option<&NormalizerWrapper>) -> Option<NormalizerWrapper> {
    let json = serde_json::to_string(normalizer?).ok()?;
    let known = r#"{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}"#;
    match normalizer? {
        NormalizerWrapper::Sequence(sequence) if json == known => sequence.as_ref().last().cloned(),
        _ => None,
    }
}

/// Whether the line feed becomes a token of its own wherever it stands.
fn isolates_line_feeds(tokenizer: &Tokenizer) -> bool {
    let ModelWrapper::BPE(model) = tokenizer.get_model() else {
        return false;
    };
    let plain = model.byte_fallback
        && model
            .continuing_subword_prefix
            .as_ref()
            .is_none_or(String::is_empty)
        && model
            .end_of_word_suffix
            .as_ref()
            .is_none_or(String::is_empty);
    let vocabulary = tokenizer.get_vocab(false);
    // A merge with the line feed would make an entry that spells it, or its byte token.
    let mut entries = vocabulary.keys();
    plain
        && vocabulary.contains_key(LINE_FEED_TOKEN)
        && entries.all(|entry| {
            !entry.contains('\n') && (entry == LINE_FEED_TOKEN || !entry.contains(LINE_FEED_TOKEN))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_end_after_a_line_feed() {
        let text = format!("{}\n\nx y\n z\na b", "é ".repeat(PIECE_BYTES / 3 + 1));
        let n_bytes = Cuts::Lines.first_bytes(&text);
        assert!(text[..n_bytes].ends_with(" z\n") && text[n_bytes..].starts_with("a b"));
        assert_eq!(Cuts::None.first_bytes(&text), text.len());
        assert_eq!(Cuts::Lines.first_bytes("a\nb"), 3);
    }
}
