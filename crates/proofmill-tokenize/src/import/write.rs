//! Writes a `tokenizer.json`.

use serde::{Serialize, Serializer};
use serde_json::Value;

/// A BPE vocabulary in the words of a `tokenizer.json`.
pub(super) struct Vocabulary {
    /// Tokens with their ids, ascending.
    pub(super) tokens: Vec<(String, u32)>,
    /// Pairs of tokens as indices into `tokens`, the first to merge first.
    pub(super) merges: Vec<(u32, u32)>,
    /// Added tokens; each is in `tokens` too, so that it keeps its id.
    pub(super) added: Vec<Added>,
    pub(super) normalizer: Value,
    pub(super) pre_tokenizer: Value,
    pub(super) decoder: Value,
    pub(super) unknown: Option<String>,
    pub(super) fuse_unknown: bool,
    pub(super) byte_fallback: bool,
    pub(super) ignore_merges: bool,
}

/// An added token, without the flags that no other format has.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "the flags of the file")]
pub(super) struct Added {
    id: u32,
    content: String,
    single_word: bool,
    lstrip: bool,
    rstrip: bool,
    normalized: bool,
    special: bool,
}

impl Added {
    pub(super) fn new(content: String, id: u32, normalized: bool, special: bool) -> Self {
        Self {
            id,
            content,
            single_word: false,
            lstrip: false,
            rstrip: false,
            normalized,
            special,
        }
    }
}

#[derive(Serialize)]
struct File<'a> {
    version: &'static str,
    truncation: Option<()>,
    padding: Option<()>,
    added_tokens: &'a [Added],
    normalizer: &'a Value,
    pre_tokenizer: &'a Value,
    post_processor: Option<()>,
    decoder: &'a Value,
    model: Model<'a>,
}

#[derive(Serialize)]
struct Model<'a> {
    r#type: &'static str,
    dropout: Option<f32>,
    unk_token: Option<&'a str>,
    continuing_subword_prefix: Option<&'a str>,
    end_of_word_suffix: Option<&'a str>,
    fuse_unk: bool,
    byte_fallback: bool,
    ignore_merges: bool,
    #[serde(serialize_with = "as_map")]
    vocab: &'a [(String, u32)],
    #[serde(serialize_with = "as_pairs")]
    merges: Merges<'a>,
}

/// Merges with the tokens that they point to.
struct Merges<'a> {
    tokens: &'a [(String, u32)],
    pairs: &'a [(u32, u32)],
}

fn as_map<S: Serializer>(tokens: &&[(String, u32)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(tokens.iter().map(|(token, id)| (token, id)))
}

fn as_pairs<S: Serializer>(merges: &Merges, serializer: S) -> Result<S::Ok, S::Error> {
    let spelled = |index: u32| &merges.tokens[index as usize].0;
    let pairs = merges.pairs.iter();
    serializer.collect_seq(pairs.map(|(left, right)| [spelled(*left), spelled(*right)]))
}

impl Vocabulary {
    pub(super) fn to_json(&self) -> Result<Vec<u8>, String> {
        let file = File {
            version: "1.0",
            truncation: None,
            padding: None,
            added_tokens: &self.added,
            normalizer: &self.normalizer,
            pre_tokenizer: &self.pre_tokenizer,
            post_processor: None,
            decoder: &self.decoder,
            model: Model {
                r#type: "BPE",
                dropout: None,
                unk_token: self.unknown.as_deref(),
                continuing_subword_prefix: None,
                end_of_word_suffix: None,
                fuse_unk: self.fuse_unknown,
                byte_fallback: self.byte_fallback,
                ignore_merges: self.ignore_merges,
                vocab: &self.tokens,
                merges: Merges {
                    tokens: &self.tokens,
                    pairs: &self.merges,
                },
            },
        };
        serde_json::to_vec(&file).map_err(|error| error.to_string())
    }
}
