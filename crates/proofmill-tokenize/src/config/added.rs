//! Added tokens and their ids.

use rustc_hash::{FxHashMap, FxHashSet};

use super::json::{Added, Text, Vocab};

/// A token that is found in a text before anything else.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the flags of the reference")]
pub(crate) struct AddedToken {
    pub(crate) id: u32,
    /// As it is written in the file.
    pub(crate) content: String,
    /// What is looked for.
    pub(crate) pattern: String,
    /// Found only with no letter, digit or underscore beside it.
    pub(crate) single_word: bool,
    /// Takes the white space before it along.
    pub(crate) lstrip: bool,
    /// Takes the white space behind it along.
    pub(crate) rstrip: bool,
    /// Looked for in the normalized text.
    pub(crate) normalized: bool,
    /// Not found where special tokens are text.
    pub(crate) special: bool,
}

/// The added tokens with the ids that the reference gives them, which are those of the vocabulary
/// and then the next free ones, whatever the file says.
pub(super) fn tokens(
    listed: Vec<Added>,
    vocab: &Vocab,
    normalize: impl Fn(&str) -> Result<String, String>,
) -> Result<Vec<AddedToken>, String> {
    let clash = |what: &str| Err(format!("two of its added tokens have the same {what}"));
    let mut next_id = u32::try_from(vocab.0.len()).map_err(|_| "its vocabulary is too large")?;
    let mut ids = FxHashSet::default();
    let mut patterns = FxHashSet::default();
    let mut tokens: Vec<AddedToken> = Vec::new();
    let mut by_content: FxHashMap<String, usize> = FxHashMap::default();
    for added in listed {
        if added.content.is_empty() {
            continue;
        }
        let known = vocab.0.get(&Text(added.content.as_str().into())).copied();
        let id = known.unwrap_or(next_id);
        let pattern = if added.normalized {
            normalize(&added.content)?
        } else {
            added.content.clone()
        };
        if pattern.is_empty() {
            return Err("one of its added tokens is nothing once it is normalized".to_owned());
        }
        let token = AddedToken {
            id,
            pattern,
            single_word: added.single_word,
            lstrip: added.lstrip,
            rstrip: added.rstrip,
            normalized: added.normalized,
            special: added.special,
            content: added.content,
        };
        if let Some(index) = by_content.get(&token.content) {
            let again = AddedToken {
                id: tokens[*index].id,
                ..token
            };
            if tokens[*index] == again {
                continue;
            }
            return clash("spelling");
        }
        if known.is_none() {
            next_id += 1;
        }
        if !ids.insert(id) {
            return clash("id");
        }
        if !patterns.insert((token.normalized, token.pattern.clone())) {
            return clash("spelling once they are normalized");
        }
        by_content.insert(token.content.clone(), tokens.len());
        tokens.push(token);
    }
    Ok(tokens)
}
