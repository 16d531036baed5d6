//! Makes a byte-level BPE vocabulary from a corpus.
//!
//! Words are cut as a [`Family`] does: unless another one is named as GPT-2, with digits alone, so that
//! numbers of any length are read digit by digit. Every byte has a token, so that every text can be
//! encoded. Counts decide the merges, ties go to the older pair, so neither the order of texts nor the
//! number of threads changes the file.

use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::{AddedToken, NormalizerWrapper, PreTokenizerWrapper, Tokenizer};

use crate::error::TokenizeError;
use crate::family::Family;
use crate::hf::guard;

/// The end-of-document token that every trained vocabulary has, at id 0.
pub const TRAINED_EOD: &str = "<|endoftext|>";

/// Tokens for single bytes.
const BYTE_TOKENS: usize = 256;
/// Largest vocabulary that is trained; larger ones want more text and time than one machine has.
const MAX_VOCAB_TOKENS: usize = 1 << 20;
/// Longest run without a blank that is learnt from as one.
const MAX_WORD_BYTES: usize = 1024;
/// Longest token in characters: keeps long rules and base64 from becoming tokens.
const MAX_TOKEN_CHARS: usize = 48;

/// Trains a vocabulary of `vocab_tokens` entries on `texts`, and gives its `tokenizer.json`.
///
/// Special tokens come first: [`TRAINED_EOD`], then `special` in order. The vocabulary is
/// smaller than asked if the texts have too few pairs that occur twice. Distinct words are kept
/// in memory, never the texts. Work is spread over the caller's rayon pool.
///
/// # Errors
/// [`TokenizeError::Train`] if `vocab_tokens` does not hold the special tokens and all bytes, or is
/// beyond 1,048,576, or if a special token is empty or named twice.
pub fn train<S: AsRef<str> + Send>(
    texts: impl Iterator<Item = S> + Send,
    vocab_tokens: usize,
    special: &[&str],
) -> Result<Vec<u8>, TokenizeError> {
    train_as(Family::Digits, texts, vocab_tokens, special)
}

/// [`train`] with the split of `family`; its special tokens are not taken over.
///
/// # Errors
/// As [`train`].
pub fn train_as<S: AsRef<str> + Send>(
    family: Family,
    texts: impl Iterator<Item = S> + Send,
    vocab_tokens: usize,
    special: &[&str],
) -> Result<Vec<u8>, TokenizeError> {
    let fail = |what: String| TokenizeError::Train { what };
    let mut names = vec![TRAINED_EOD];
    for name in special.iter().copied().filter(|name| *name != TRAINED_EOD) {
        if name.is_empty() || names.contains(&name) {
            return Err(fail(format!(
                "the special token `{name}` is empty or named twice"
            )));
        }
        names.push(name);
    }
    let least = BYTE_TOKENS + names.len();
    if !(least..=MAX_VOCAB_TOKENS).contains(&vocab_tokens) {
        let what = format!(
            "vocab_tokens is {vocab_tokens}, from {least} to {MAX_VOCAB_TOKENS} is possible"
        );
        return Err(fail(what));
    }
    guard(|| train_checked(family, texts, vocab_tokens, &names)).map_err(fail)
}

/// `text` in pieces, none with a word longer than [`MAX_WORD_BYTES`].
///
/// Training takes time quadratic in the longest word. Words of that length are base64, rules of
/// punctuation or attacks; scripts without blanks are cut now and then, which costs them nothing.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let (mut start, mut n_word_bytes) = (0, 0);
    for (at, c) in text.char_indices() {
        if c.is_whitespace() {
            n_word_bytes = 0;
        } else if n_word_bytes >= MAX_WORD_BYTES {
            pieces.push(text[start..at].to_owned());
            start = at;
            n_word_bytes = 0;
        } else {
            n_word_bytes += c.len_utf8();
        }
    }
    pieces.push(text[start..].to_owned());
    pieces
}

fn train_checked<S: AsRef<str> + Send>(
    family: Family,
    texts: impl Iterator<Item = S> + Send,
    vocab_tokens: usize,
    names: &[&str],
) -> Result<Vec<u8>, String> {
    let special = names
        .iter()
        .map(|name| AddedToken::from(*name, true))
        .collect();
    let trainer = BpeTrainer::builder()
        .vocab_size(vocab_tokens)
        .min_frequency(2)
        .show_progress(false)
        .special_tokens(special)
        .initial_alphabet(ByteLevel::alphabet().into_iter().collect())
        .max_token_length(Some(MAX_TOKEN_CHARS))
        .build();
    let part = |error: serde_json::Error| error.to_string();
    let words: PreTokenizerWrapper =
        serde_json::from_value(family.pre_tokenizer()).map_err(part)?;
    let normalizer: Option<NormalizerWrapper> =
        serde_json::from_value(family.normalizer()).map_err(part)?;
    let mut tokenizer = Tokenizer::new(BPE::default());
    tokenizer
        .with_normalizer(normalizer)
        .map_err(|error| error.to_string())?;
    tokenizer
        .with_pre_tokenizer(Some(words))
        .with_decoder(Some(ByteLevel::new(false, false, true)));
    let mut trainer = tokenizers::models::TrainerWrapper::BpeTrainer(trainer);
    let pieces = texts.flat_map(|text| pieces(text.as_ref()).into_iter());
    tokenizer
        .train(&mut trainer, pieces)
        .map_err(|error| error.to_string())?;
    let json = tokenizer
        .to_string(false)
        .map_err(|error| error.to_string())?;
    Ok(json.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_the_text_and_no_word_is_endless() {
        let endless = "\\(".repeat(2000);
        let text = format!("a plain start {endless} größer {}", "π".repeat(3000));
        let pieces = pieces(&text);
        assert_eq!(pieces.concat(), text);
        let longest = pieces
            .iter()
            .flat_map(|piece| piece.split_whitespace())
            .map(str::len)
            .max();
        assert!(longest <= Some(MAX_WORD_BYTES + 8), "{longest:?}");
        assert_eq!(super::pieces("short"), ["short"]);
    }
}
