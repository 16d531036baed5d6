//! Mistral's `tekken.json`: tokens by rank behind a fixed number of special tokens.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::ranks::{MAX_TOKENS, Ranks, from_base64};
use crate::family::by_pattern;

/// Bytes in which the key `config` has to come, when a file is told by it.
const MAX_START_BYTES: usize = 4096;
/// Special tokens of files up to version 7, which do not list them.
const UNLISTED: [&str; 20] = [
    "<unk>",
    "<s>",
    "</s>",
    "[INST]",
    "[/INST]",
    "[AVAILABLE_TOOLS]",
    "[/AVAILABLE_TOOLS]",
    "[TOOL_RESULTS]",
    "[/TOOL_RESULTS]",
    "[TOOL_CALLS]",
    "[IMG]",
    "<pad>",
    "[IMG_BREAK]",
    "[IMG_END]",
    "[PREFIX]",
    "[MIDDLE]",
    "[SUFFIX]",
    "[SYSTEM_PROMPT]",
    "[/SYSTEM_PROMPT]",
    "[TOOL_CONTENT]",
];

#[derive(Deserialize)]
struct File {
    config: Config,
    vocab: Vec<Token>,
    #[serde(default)]
    special_tokens: Option<Vec<Special>>,
}

#[derive(Deserialize)]
struct Config {
    pattern: String,
    default_vocab_size: u32,
    default_num_special_tokens: u32,
}

#[derive(Deserialize)]
struct Token {
    rank: u32,
    token_bytes: String,
}

#[derive(Deserialize)]
struct Special {
    rank: u32,
    token_str: String,
}

/// Whether a file has the keys of a `tekken.json`.
pub(super) fn is_tekken(bytes: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Keys {
        #[serde(rename = "config")]
        _config: Config,
        #[serde(rename = "vocab")]
        _vocab: Vec<IgnoredAny>,
    }
    // The whole file is parsed only if it can be one.
    let start = &bytes[..bytes.len().min(MAX_START_BYTES)];
    let key = b"\"default_num_special_tokens\"";
    start.windows(key.len()).any(|window| window == key)
        && serde_json::from_slice::<Keys>(bytes).is_ok()
}

/// The `tokenizer.json` of a `tekken.json`.
pub(super) fn to_json(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let file: File = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let n_special = file.config.default_num_special_tokens;
    let n_tokens = file.config.default_vocab_size.checked_sub(n_special);
    let n_tokens = n_tokens.ok_or("it has more special tokens than tokens")?;
    if file.vocab.len() > MAX_TOKENS || n_special as usize > MAX_TOKENS {
        return Err(format!("it has more than {MAX_TOKENS} tokens"));
    }
    let mut tokens = Vec::with_capacity(file.vocab.len());
    for token in file.vocab.into_iter().filter(|token| token.rank < n_tokens) {
        let bytes = from_base64(token.token_bytes.as_bytes());
        let bytes = bytes.ok_or_else(|| format!("token {} is no base64", token.rank))?;
        tokens.push((bytes, token.rank + n_special));
    }
    if tokens.len() != n_tokens as usize {
        return Err(format!(
            "it has {} tokens and says {n_tokens}",
            tokens.len()
        ));
    }
    let listed = file.special_tokens.unwrap_or_else(|| {
        let unlisted = (0..n_special).zip(UNLISTED);
        unlisted
            .map(|(rank, name)| Special {
                rank,
                token_str: name.to_owned(),
            })
            .collect()
    });
    let mut special: Vec<(String, u32)> = listed
        .into_iter()
        .map(|special| (special.token_str, special.rank))
        .collect();
    let n_listed = u32::try_from(special.len()).map_err(|_| "it has too many special tokens")?;
    special.extend((n_listed..n_special).map(|id| (format!("<SPECIAL_{id}>"), id)));
    Ranks {
        tokens,
        special,
        normalizer: Value::Null,
        pre_tokenizer: by_pattern(&file.config.pattern),
    }
    .into_json()
}
