//! The parts of a `tokenizer.json` that are understood, as they are written.
//!
//! Unknown keys and unknown kinds are errors, whose text says why a file is left to the reference
//! engine. What cannot change an id (cutting, padding, decoding) is read over.

use std::borrow::Cow;
use std::fmt;

use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::steps::Behavior;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File<'a> {
    #[serde(borrow)]
    pub(super) version: Text<'a>,
    #[serde(rename = "truncation", default)]
    _truncation: IgnoredAny,
    #[serde(rename = "padding", default)]
    _padding: IgnoredAny,
    #[serde(default)]
    pub(super) added_tokens: Vec<Added>,
    #[serde(borrow, default)]
    pub(super) normalizer: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) pre_tokenizer: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) post_processor: Option<&'a RawValue>,
    #[serde(rename = "decoder", default)]
    _decoder: IgnoredAny,
    #[serde(borrow)]
    pub(super) model: Model<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "the flags of the file")]
pub(super) struct Added {
    #[serde(rename = "id")]
    _id: u32,
    pub(super) content: String,
    pub(super) single_word: bool,
    pub(super) lstrip: bool,
    pub(super) rstrip: bool,
    pub(super) normalized: bool,
    pub(super) special: bool,
}

#[derive(Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
pub(super) enum Normalizer {
    #[serde(rename = "NFC")]
    Nfc {},
    Prepend {
        prepend: String,
    },
    Replace {
        pattern: Pattern,
        content: String,
    },
    Sequence {
        normalizers: Vec<Self>,
    },
}

#[derive(Deserialize)]
pub(super) enum Pattern {
    String(String),
    Regex(String),
}

#[derive(Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
pub(super) enum PreTokenizer {
    #[serde(rename = "BertPreTokenizer")]
    Bert {},
    ByteLevel {
        add_prefix_space: bool,
        #[serde(rename = "trim_offsets")]
        _trim_offsets: bool,
        #[serde(default = "yes")]
        use_regex: bool,
    },
    Digits {
        individual_digits: bool,
    },
    Metaspace {
        replacement: char,
        add_prefix_space: Option<bool>,
        #[serde(default)]
        prepend_scheme: PrependScheme,
        #[serde(default = "yes")]
        split: bool,
        #[serde(rename = "str_rep", default)]
        _str_rep: IgnoredAny,
    },
    Punctuation {
        #[serde(default = "isolated")]
        behavior: Behavior,
    },
    Sequence {
        pretokenizers: Vec<Self>,
    },
    Split {
        pattern: Pattern,
        behavior: Behavior,
        invert: bool,
    },
    Whitespace {},
    WhitespaceSplit {},
}

fn isolated() -> Behavior {
    Behavior::Isolated
}

fn yes() -> bool {
    true
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PrependScheme {
    First,
    Never,
    #[default]
    Always,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
pub(super) enum PostProcessor {
    ByteLevel {},
    TemplateProcessing { single: Vec<Piece> },
    RobertaProcessing {},
    BertProcessing {},
    Sequence { processors: Vec<Self> },
}

#[derive(Deserialize)]
pub(super) enum Piece {
    SpecialToken(IgnoredAny),
    Sequence { id: SequenceId },
}

#[derive(PartialEq, Eq, Deserialize)]
pub(super) enum SequenceId {
    A,
    B,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Model<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(default)]
    pub(super) dropout: Option<f32>,
    #[serde(default)]
    pub(super) unk_token: Option<String>,
    #[serde(default)]
    pub(super) continuing_subword_prefix: Option<String>,
    #[serde(default)]
    pub(super) end_of_word_suffix: Option<String>,
    #[serde(default)]
    pub(super) fuse_unk: Option<bool>,
    #[serde(default)]
    pub(super) byte_fallback: Option<bool>,
    #[serde(default)]
    pub(super) ignore_merges: Option<bool>,
    #[serde(borrow)]
    pub(super) vocab: Vocab<'a>,
    #[serde(borrow)]
    pub(super) merges: Vec<MergeText<'a>>,
}

/// That the model is no BPE, which is then why the file is not understood.
pub(super) fn other_model(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct File<'a> {
        #[serde(borrow)]
        model: Kind<'a>,
    }
    #[derive(Deserialize)]
    struct Kind<'a> {
        #[serde(borrow, rename = "type")]
        kind: Text<'a>,
    }
    let file: File = serde_json::from_str(text).ok()?;
    let kind = file.model.kind.0;
    (kind != "BPE").then(|| format!("its model is `{kind}`, not BPE"))
}

/// A string that is borrowed from the file where it holds no escape.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfText;
        impl<'de> Visitor<'de> for OfText {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(OfText)
    }
}

/// Tokens with their ids; a token that is written twice has its last id.
pub(super) struct Vocab<'a>(pub(super) FxHashMap<Text<'a>, u32>);

impl<'de: 'a, 'a> Deserialize<'de> for Vocab<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfVocab;
        impl<'de> Visitor<'de> for OfVocab {
            type Value = Vocab<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("tokens with their ids")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Vocab<'de>, M::Error> {
                let mut ids = FxHashMap::default();
                while let Some((token, id)) = map.next_entry()? {
                    ids.insert(token, id);
                }
                Ok(Vocab(ids))
            }
        }
        deserializer.deserialize_map(OfVocab)
    }
}

/// A merge as a pair, or as one string with a space between its parts.
pub(super) enum MergeText<'a> {
    Pair(Text<'a>, Text<'a>),
    Line(Text<'a>),
}

impl<'de: 'a, 'a> Deserialize<'de> for MergeText<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfMerge;
        impl<'de> Visitor<'de> for OfMerge {
            type Value = MergeText<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a merge of two tokens")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<MergeText<'de>, E> {
                Ok(MergeText::Line(Text(Cow::Borrowed(text))))
            }

            fn visit_str<E>(self, text: &str) -> Result<MergeText<'de>, E> {
                Ok(MergeText::Line(Text(Cow::Owned(text.to_owned()))))
            }

            fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<MergeText<'de>, S::Error> {
                let expected = "two tokens";
                let mut part = || {
                    seq.next_element()?
                        .ok_or_else(|| serde::de::Error::invalid_length(1, &expected))
                };
                let (left, right) = (part()?, part()?);
                match seq.next_element::<IgnoredAny>()? {
                    None => Ok(MergeText::Pair(left, right)),
                    Some(_) => Err(serde::de::Error::invalid_length(3, &expected)),
                }
            }
        }
        deserializer.deserialize_any(OfMerge)
    }
}
