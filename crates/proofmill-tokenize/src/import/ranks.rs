//! Byte-level vocabularies that are a list of tokens by rank.

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use super::merges::{MAX_TOKEN_UNITS, merges_of};
use super::write::{Added, Vocabulary};
use crate::config::spelled;
use crate::family::byte_level;

/// Tokens of one vocabulary at most; their ids have to fit the engine.
pub(super) const MAX_TOKENS: usize = 1 << 24;

/// A vocabulary by ranks.
pub(super) struct Ranks {
    /// The bytes of each token with its id; lower ids merge first.
    pub(super) tokens: Vec<(Vec<u8>, u32)>,
    /// Tokens that no text merges to.
    pub(super) special: Vec<(String, u32)>,
    pub(super) normalizer: Value,
    pub(super) pre_tokenizer: Value,
}

impl Ranks {
    /// The `tokenizer.json` with the same ids. A word that is a token is this token even if no
    /// merges lead there (`ignore_merges`), as engines for rank files have it.
    pub(super) fn into_json(mut self) -> Result<Vec<u8>, String> {
        self.tokens.sort_unstable_by_key(|(_, id)| *id);
        if let Some(twice) = self.tokens.windows(2).find(|two| two[0].1 == two[1].1) {
            return Err(format!("two of its tokens have the rank {}", twice[0].1));
        }
        let tokens = &self.tokens;
        let mut index_of: FxHashMap<&[u8], u32> = FxHashMap::default();
        for (index, (token, id)) in (0..).zip(tokens) {
            if token.is_empty() || token.len() > MAX_TOKEN_UNITS {
                let n_bytes = token.len();
                return Err(format!(
                    "token {id} has {n_bytes} bytes, 1 to {MAX_TOKEN_UNITS} are possible"
                ));
            }
            if index_of.insert(token, index).is_some() {
                return Err(format!("token {id} is listed twice"));
            }
        }
        if let Some(byte) = (0..=255_u8).find(|byte| !index_of.contains_key(&[*byte][..])) {
            return Err(format!("it has no token for the byte {byte:#04x}"));
        }
        let merges = merges_of(tokens, |byte| {
            index_of.get(&[byte][..]).copied().unwrap_or_default()
        });
        let alphabet: Vec<char> = (0..=255).map(spelled).collect();
        let mut spellings: Vec<(String, u32)> = tokens
            .iter()
            .map(|(token, id)| {
                let spelling = token.iter().map(|byte| alphabet[usize::from(*byte)]);
                (spelling.collect(), *id)
            })
            .collect();
        add_special(&mut spellings, &self.special)?;
        let added = self.special.into_iter();
        Vocabulary {
            tokens: spellings,
            merges,
            added: added
                .map(|(name, id)| Added::new(name, id, false, true))
                .collect(),
            normalizer: self.normalizer,
            pre_tokenizer: self.pre_tokenizer,
            decoder: byte_level(true),
            unknown: None,
            fuse_unknown: false,
            byte_fallback: false,
            ignore_merges: true,
        }
        .to_json()
    }
}

/// Puts the special tokens behind the others, which keep their places.
fn add_special(
    spellings: &mut Vec<(String, u32)>,
    special: &[(String, u32)],
) -> Result<(), String> {
    let mut ids: FxHashSet<u32> = spellings.iter().map(|(_, id)| *id).collect();
    let mut names: FxHashSet<String> = spellings.iter().map(|(name, _)| name.clone()).collect();
    for (name, id) in special {
        if !ids.insert(*id) {
            return Err(format!(
                "its special token `{name}` has the id of another token, {id}"
            ));
        }
        if name.is_empty() || !names.insert(name.clone()) {
            return Err(format!(
                "its special token `{name}` is spelled like another token, or empty"
            ));
        }
        spellings.push((name.clone(), *id));
    }
    Ok(())
}

/// The bytes that `text` spells in base64: the standard alphabet, in full groups of four.
pub(super) fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    let (groups, rest) = text.as_chunks::<4>();
    if groups.is_empty() || !rest.is_empty() {
        return None;
    }
    let mut bytes = Vec::with_capacity(3 * groups.len());
    for (index, group) in groups.iter().enumerate() {
        let is_last = index + 1 == groups.len();
        let fill = group.iter().position(|byte| *byte == b'=');
        let n_filled = 4 - fill.unwrap_or(4);
        let is_fill = group[4 - n_filled.min(4)..]
            .iter()
            .all(|byte| *byte == b'=');
        if n_filled > 2 || n_filled > 0 && !(is_last && is_fill) {
            return None;
        }
        let mut bits = 0_u32;
        for byte in &group[..4 - n_filled] {
            let six = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            bits = bits << 6 | u32::from(six);
        }
        bits <<= 6 * n_filled;
        let [_, first, second, third] = bits.to_be_bytes();
        bytes.extend_from_slice(&[first, second, third][..3 - n_filled]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_strictly() {
        assert_eq!(from_base64(b"AA==").as_deref(), Some(&[0][..]));
        assert_eq!(from_base64(b"aGk=").as_deref(), Some(&b"hi"[..]));
        assert_eq!(
            from_base64(b"/+8x").as_deref(),
            Some(&[0xff, 0xef, 0x31][..])
        );
        assert_eq!(from_base64(b"IHRoZWE=").as_deref(), Some(&b" thea"[..]));
        for wrong in [
            &b""[..],
            b"AA=",
            b"A===",
            b"AA==AA==",
            b"A=A=",
            b"aGk!",
            b"====",
        ] {
            assert_eq!(from_base64(wrong), None, "{wrong:?}");
        }
    }
}
