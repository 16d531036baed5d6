//! Other vocabulary files, rewritten as the `tokenizer.json` that gives the same ids.
//!
//! | file | told by | what is taken |
//! |---|---|---|
//! | `SentencePiece` `.model` | protocol buffer | kind BPE; see [`sentencepiece`] |
//! | `.tiktoken` | lines of base64 and a rank | families of [`Family`], by hash or by name |
//! | `tekken.json` | `config` beside `vocab` | all; the pattern is its own |
//!
//! A rewritten file is read like any other, by both engines, so a comparison with the reference
//! covers it too. A file whose ids could come out differently is refused with the reason.

mod merges;
mod proto;
mod ranks;
mod sentencepiece;
mod tekken;
mod tiktoken;
mod write;

use std::borrow::Cow;

use crate::error::{TokenizeError, short};
use crate::family::Family;

/// What a vocabulary file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Hugging Face's `tokenizer.json`.
    HuggingFace,
    /// A `SentencePiece` model.
    SentencePiece,
    /// A rank file.
    Tiktoken,
    /// Mistral's `tekken.json`.
    Tekken,
}

impl Format {
    /// Stable name: `tokenizer.json`, `sentencepiece`, `tiktoken` or `tekken`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::HuggingFace => "tokenizer.json",
            Self::SentencePiece => "sentencepiece",
            Self::Tiktoken => "tiktoken",
            Self::Tekken => "tekken",
        }
    }

    /// Tells formats apart by how they start; what is none of them counts as `tokenizer.json`,
    /// whose reader says what is wrong.
    fn of(bytes: &[u8]) -> Self {
        if sentencepiece::is_model(bytes) {
            Self::SentencePiece
        } else if tiktoken::is_ranks(bytes) {
            Self::Tiktoken
        } else if tekken::is_tekken(bytes) {
            Self::Tekken
        } else {
            Self::HuggingFace
        }
    }
}

/// A file as a `tokenizer.json`, with what it was.
pub(crate) struct Imported<'a> {
    pub(crate) format: Format,
    pub(crate) json: Cow<'a, [u8]>,
    /// For a rank file, how it was read.
    pub(crate) family: Option<Family>,
}

/// Rewrites a file unless it is a `tokenizer.json`; `sha256` is its hash, `family` the one that
/// the user names.
pub(crate) fn import<'a>(
    name: &str,
    bytes: &'a [u8],
    sha256: &str,
    family: Option<Family>,
) -> Result<Imported<'a>, TokenizeError> {
    let format = Format::of(bytes);
    if let (Some(family), true) = (family, format != Format::Tiktoken) {
        return Err(TokenizeError::Unfit {
            name: name.to_owned(),
            what: format!(
                "family `{}` is for rank files; this is `{}`, which says itself how it splits words",
                family.name(),
                format.name()
            ),
        });
    }
    let (json, family) = match format {
        Format::HuggingFace => {
            let json = Cow::Borrowed(bytes);
            return Ok(Imported {
                format,
                json,
                family: None,
            });
        }
        Format::SentencePiece => (sentencepiece::to_json(bytes), None),
        Format::Tekken => (tekken::to_json(bytes), None),
        Format::Tiktoken => {
            let Some(family) = family.or_else(|| Family::of_file(sha256)) else {
                let names: Vec<_> = Family::ALL.iter().map(|family| family.name()).collect();
                return Err(TokenizeError::Unfit {
                    name: name.to_owned(),
                    what: format!(
                        "a rank file does not say how words are split, and this one is not known; \
                         name its family: {}",
                        names.join(", ")
                    ),
                });
            };
            (tiktoken::to_json(bytes, family), Some(family))
        }
    };
    let json = json.map_err(|what| TokenizeError::Import {
        name: name.to_owned(),
        format: format.name(),
        what: short(what),
    })?;
    Ok(Imported {
        format,
        json: Cow::Owned(json),
        family,
    })
}
