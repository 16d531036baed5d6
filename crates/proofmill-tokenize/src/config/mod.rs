//! Which tokenizers the fast engine takes: a closed set of configurations, checked in full.
//!
//! [`Config::read`] compares every setting of a `tokenizer.json` that can change an id with what
//! the engine does. A file with anything else in it is not guessed at: it comes back with the
//! reason, and the reference engine takes it.
//!
//! | part | what is taken |
//! |---|---|
//! | normalizer | NFC first; then `Prepend` of the mark `▁` and `Replace` of spaces by it, or either; all others are run by the reference |
//! | words | none; `Metaspace`; `ByteLevel` with one of the patterns of [`crate::split`]; all others but `UnicodeScripts` and `FixedLength` step by step ([`crate::steps`]) |
//! | model | BPE without dropout, prefixes and suffixes; byte fallback in full or an unknown token |
//! | added tokens | all flags |
//! | post-processor | those that add nothing unless asked to |

mod added;
mod json;
mod model;
mod steps;

use serde_json::value::RawValue;

pub(crate) use added::AddedToken;
pub(crate) use model::{Model, spelled};

use crate::bpe::symbols::MARK;
use crate::hf;
use crate::normalize::normalized;
use crate::split::{Splitter, Step};
use crate::steps::{Behavior, Spelling, Steps};
use json::{Pattern, PostProcessor, PreTokenizer, PrependScheme, SequenceId};
use steps::mark_first;

/// Everything that decides ids.
pub(crate) struct Config {
    pub(crate) normalizer: Normalizer,
    /// What becomes of a text instead, if it is nothing that is known.
    pub(crate) other_normalizer: Option<hf::Normalizer>,
    pub(crate) words: Words,
    /// What [`Words::Steps`] stands for.
    pub(crate) steps: Option<Steps>,
    pub(crate) model: Model,
    pub(crate) added: Vec<AddedToken>,
}

/// What becomes of a text between two added tokens, in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Normalizer {
    /// Canonical composition.
    pub(crate) nfc: bool,
    /// Each space becomes a mark.
    pub(crate) marks: bool,
    /// A mark is put before it, unless it is empty.
    pub(crate) mark_first: bool,
}

/// How a normalized text is parted before anything merges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Words {
    /// Not at all.
    Whole,
    /// Spaces become marks, and a mark may be put before a text that has none.
    Metaspace {
        first: MarkFirst,
        /// Each mark starts a new word.
        split: bool,
    },
    /// Byte by byte, in words.
    Bytes {
        splitter: Splitter,
        /// A space is put before a text that does not start with one.
        space_first: bool,
    },
    /// By [`Config::steps`], to be read as they say.
    Steps(Spelling),
}

/// Which texts get a mark before them if they do not start with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MarkFirst {
    Always,
    /// The one at the start of the document.
    AtStart,
    Never,
}

impl Config {
    /// Reads a `tokenizer.json`.
    ///
    /// # Errors
    /// Why the file is left to the reference engine: what it asks for, or that it is damaged.
    pub(crate) fn read(json: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(json).map_err(|_| "it is no text in UTF-8".to_owned())?;
        let file: json::File = serde_json::from_str(text)
            .map_err(|error| json::other_model(text).unwrap_or_else(|| error.to_string()))?;
        if file.version.0 != "1.0" {
            return Err(format!("its version is `{}`", file.version.0));
        }
        if let Some(raw) = file.post_processor {
            adds_nothing(&part("post-processor", raw.get())?)?;
        }
        let Parts {
            normalizer,
            other_normalizer,
            words,
            steps,
        } = Parts::new(file.normalizer, file.pre_tokenizer)?;
        let normalize = |content: &str| match &other_normalizer {
            Some(other) => other.normalized(content),
            None => Ok(normalized(content, normalizer)),
        };
        let added = added::tokens(file.added_tokens, &file.model.vocab, normalize)?;
        let model = Model::new(&file.model, normalizer, words)?;
        Ok(Self {
            normalizer,
            other_normalizer,
            words,
            steps,
            model,
            added,
        })
    }
}

/// What comes before the model.
struct Parts {
    normalizer: Normalizer,
    other_normalizer: Option<hf::Normalizer>,
    words: Words,
    steps: Option<Steps>,
}

impl Parts {
    /// As much of it by rules of our own as can be.
    fn new(
        normalizer_json: Option<&RawValue>,
        pre_tokenizer_json: Option<&RawValue>,
    ) -> Result<Self, String> {
        let known = normalizer_json.map_or(Ok(Normalizer::default()), |raw| {
            normalizer(&part("normalizer", raw.get())?)
        });
        let known_words = |normalizer| match pre_tokenizer_json {
            Some(raw) => words(part("pre-tokenizer", raw.get())?, normalizer),
            None => Ok(Words::Whole),
        };
        if let Ok(normalizer) = known
            && let Ok(words) = known_words(normalizer)
        {
            return Ok(Self {
                normalizer,
                other_normalizer: None,
                words,
                steps: None,
            });
        }
        // Steps see marks where the reference puts them, so they are put before.
        let normalizer = known.ok().filter(|known| !known.marks && !known.mark_first);
        let other_normalizer = match normalizer_json {
            Some(raw) if normalizer.is_none() => Some(hf::Normalizer::new(raw.get())?),
            _ => None,
        };
        let normalizer = normalizer.unwrap_or_default();
        if let Ok(words) = known_words(Normalizer::default()) {
            return Ok(Self {
                normalizer,
                other_normalizer,
                words,
                steps: None,
            });
        }
        let json = pre_tokenizer_json.map_or("null", RawValue::get);
        let steps = Steps::new(part("pre-tokenizer", json)?, other_normalizer.is_none())?;
        Ok(Self {
            normalizer,
            other_normalizer,
            words: Words::Steps(steps.spelling),
            steps: Some(steps),
        })
    }
}

/// Parses a part of the file; the reason names it.
fn part<'a, T: serde::Deserialize<'a>>(name: &str, json: &'a str) -> Result<T, String> {
    serde_json::from_str(json).map_err(|error| format!("its {name} is not known: {error}"))
}

/// No processor may change the ids of a single text to which no special token is added.
fn adds_nothing(processor: &PostProcessor) -> Result<(), String> {
    match processor {
        PostProcessor::ByteLevel {}
        | PostProcessor::RobertaProcessing {}
        | PostProcessor::BertProcessing {} => Ok(()),
        PostProcessor::TemplateProcessing { single } => {
            let texts = single.iter().filter_map(|piece| match piece {
                json::Piece::Sequence { id } => Some(*id == SequenceId::A),
                json::Piece::SpecialToken(_) => None,
            });
            if texts.eq([true]) {
                Ok(())
            } else {
                Err("its post-processor does not give each text once".to_owned())
            }
        }
        PostProcessor::Sequence { processors } => processors.iter().try_for_each(adds_nothing),
    }
}

fn normalizer(normalizer: &json::Normalizer) -> Result<Normalizer, String> {
    use json::Normalizer::{Nfc, Prepend, Replace, Sequence};
    let steps = match normalizer {
        Sequence { normalizers } => normalizers.as_slice(),
        single => std::slice::from_ref(single),
    };
    let mut found = Normalizer::default();
    for step in steps {
        let fresh = match step {
            // The mark composes with nothing, but `nfc` comes first here, so it must there.
            Nfc {} => {
                let is_first = found == Normalizer::default();
                found.nfc = true;
                is_first
            }
            Prepend { prepend } if is_mark(prepend) => {
                !std::mem::replace(&mut found.mark_first, true)
            }
            Replace {
                pattern: Pattern::String(pattern),
                content,
            } if pattern == " " && is_mark(content) => !std::mem::replace(&mut found.marks, true),
            Prepend { .. } => {
                return Err("its normalizer puts other text than `▁` first".to_owned());
            }
            Replace { .. } => {
                return Err("its normalizer replaces other text than spaces by `▁`".to_owned());
            }
            Sequence { .. } => return Err("its normalizer has a sequence in a sequence".to_owned()),
        };
        if !fresh {
            return Err("its normalizer has steps in an order that is not known".to_owned());
        }
    }
    Ok(found)
}

fn is_mark(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next() == Some(MARK) && chars.next().is_none()
}

fn words(pre_tokenizer: PreTokenizer, normalizer: Normalizer) -> Result<Words, String> {
    let steps = match pre_tokenizer {
        PreTokenizer::Sequence { pretokenizers } => pretokenizers,
        single => vec![single],
    };
    match steps.as_slice() {
        [] => return Ok(Words::Whole),
        [
            PreTokenizer::Metaspace {
                replacement,
                add_prefix_space,
                prepend_scheme,
                split,
                ..
            },
        ] => {
            return metaspace(
                *replacement,
                *add_prefix_space,
                *prepend_scheme,
                *split,
                normalizer,
            );
        }
        // Gemma: there is no space left to split at.
        [
            PreTokenizer::Split {
                pattern: Pattern::String(pattern),
                invert: false,
                ..
            },
        ] if pattern == " " && normalizer.marks => {
            return Ok(Words::Whole);
        }
        _ => {}
    }
    if normalizer.marks || normalizer.mark_first {
        return Err("it splits words after putting marks for spaces".to_owned());
    }
    let Some((
        PreTokenizer::ByteLevel {
            add_prefix_space,
            use_regex,
            ..
        },
        splits,
    )) = steps.split_last()
    else {
        return Err("it splits words, but not as bytes".to_owned());
    };
    if *add_prefix_space && !splits.is_empty() {
        return Err("it puts a space before each word".to_owned());
    }
    let mut matches_only = false;
    let mut known = Vec::new();
    for split in splits {
        known.push(match split {
            PreTokenizer::Digits { individual_digits } => Step::Digits {
                individual: *individual_digits,
            },
            PreTokenizer::Split {
                pattern: Pattern::Regex(pattern),
                behavior,
                invert,
            } => {
                match (behavior, invert) {
                    (Behavior::Isolated, _) => {}
                    (Behavior::Removed, true) => matches_only = true,
                    _ => return Err("it splits words in a way that is not known".to_owned()),
                }
                Step::Pattern(pattern)
            }
            _ => return Err("it splits words in steps that are not known".to_owned()),
        });
    }
    if *use_regex {
        known.push(Step::ByteLevel);
    }
    match Splitter::from_steps(&known) {
        Some(splitter) if splitter.has_no_gaps() || !matches_only => Ok(Words::Bytes {
            splitter,
            space_first: *add_prefix_space,
        }),
        _ => Err("the pattern by which it splits words is not known".to_owned()),
    }
}

fn metaspace(
    replacement: char,
    add_prefix_space: Option<bool>,
    scheme: PrependScheme,
    split: bool,
    normalizer: Normalizer,
) -> Result<Words, String> {
    if replacement != MARK {
        return Err("its mark for spaces is not `▁`".to_owned());
    }
    if normalizer.marks || normalizer.mark_first {
        return Err("it puts marks for spaces two times".to_owned());
    }
    let first = mark_first(add_prefix_space, scheme)?;
    Ok(Words::Metaspace { first, split })
}
