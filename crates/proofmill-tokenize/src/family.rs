//! The byte-level vocabularies that go by a name: how each splits words, and its special tokens.
//!
//! A rank file (`.tiktoken`) holds tokens and nothing else, and a vocabulary that is to be trained
//! holds nothing yet; a [`Family`] says the rest. A rank file that its hash tells apart needs no
//! name; any other one is never guessed at, since a wrong split gives ids that look right.

use serde_json::{Value, json};

use crate::split;

/// A known way to split words, with the special tokens that go with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// GPT-2, also known as `r50k_base`; with the gap in its ranks also `p50k_base`.
    Gpt2,
    /// GPT-3.5 and GPT-4.
    Cl100kBase,
    /// GPT-4o.
    O200kBase,
    /// Llama 3: the split of cl100k.
    Llama3,
    /// Llama 4: the split of o200k.
    Llama4,
    /// The first Qwen; the split of Qwen2 and Qwen3, NFC.
    Qwen,
    /// Qwen3.5: marks are parts of words, NFC.
    Qwen35,
    /// Mistral's Tekken: o200k without contractions, each digit on its own.
    Tekken,
    /// GPT-2 with each digit on its own: what is trained unless another split is asked for.
    Digits,
}

impl Family {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Gpt2,
        Self::Cl100kBase,
        Self::O200kBase,
        Self::Llama3,
        Self::Llama4,
        Self::Qwen,
        Self::Qwen35,
        Self::Tekken,
        Self::Digits,
    ];

    /// Stable name in manifests and options.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gpt2 => "gpt2",
            Self::Cl100kBase => "cl100k_base",
            Self::O200kBase => "o200k_base",
            Self::Llama3 => "llama3",
            Self::Llama4 => "llama4",
            Self::Qwen => "qwen",
            Self::Qwen35 => "qwen3.5",
            Self::Tekken => "tekken",
            Self::Digits => "digits",
        }
    }

    /// The family of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.name() == name)
    }

    /// The family of a published rank file with this SHA-256.
    pub(crate) fn of_file(sha256: &str) -> Option<Self> {
        let known = KNOWN_FILES.iter().find(|(hash, _)| *hash == sha256);
        known.map(|(_, family)| *family)
    }

    /// The normalizer as a `tokenizer.json` has it.
    pub(crate) fn normalizer(self) -> Value {
        match self {
            Self::Qwen | Self::Qwen35 => json!({"type": "NFC"}),
            _ => Value::Null,
        }
    }

    /// The pre-tokenizer as a `tokenizer.json` has it.
    pub(crate) fn pre_tokenizer(self) -> Value {
        let pattern = match self {
            Self::Gpt2 => split::GPT2,
            Self::Cl100kBase | Self::Llama3 => split::CL100K,
            Self::O200kBase | Self::Llama4 => split::O200K,
            Self::Qwen => split::QWEN2,
            Self::Qwen35 => split::QWEN_MARKS,
            Self::Tekken => split::TEKKEN,
            Self::Digits => {
                let digits = json!({"type": "Digits", "individual_digits": true});
                return json!({"type": "Sequence", "pretokenizers": [digits, byte_level(true)]});
            }
        };
        by_pattern(pattern)
    }

    /// The special tokens that rank files of this family leave out, with their ids, for a file
    /// whose ids are below `n_ids` and leave `first_free` out (or end there).
    pub(crate) fn special_tokens(self, first_free: u32, n_ids: u32) -> Vec<(String, u32)> {
        let named = |names: &[(&str, u32)]| -> Vec<(String, u32)> {
            let shifted = names.iter();
            shifted
                .map(|(name, at)| ((*name).to_owned(), n_ids.saturating_add(*at)))
                .collect()
        };
        let in_order = |names: Vec<String>| (n_ids..).zip(names).map(|(id, name)| (name, id));
        match self {
            Self::Gpt2 | Self::Tekken | Self::Digits => {
                vec![("<|endoftext|>".to_owned(), first_free)]
            }
            Self::Cl100kBase => named(&[
                ("<|endoftext|>", 1),
                ("<|fim_prefix|>", 2),
                ("<|fim_middle|>", 3),
                ("<|fim_suffix|>", 4),
                ("<|endofprompt|>", 20),
            ]),
            Self::O200kBase => named(&[("<|endoftext|>", 1), ("<|endofprompt|>", 20)]),
            Self::Llama3 => in_order(llama3()).collect(),
            Self::Llama4 => in_order(llama4()).collect(),
            Self::Qwen => {
                let extra = (0..205).map(|n| format!("<|extra_{n}|>"));
                in_order(spelled(&QWEN_CHAT).chain(extra).collect()).collect()
            }
            Self::Qwen35 => {
                in_order(spelled(&QWEN_CHAT).chain(spelled(&QWEN35)).collect()).collect()
            }
        }
    }
}

/// A pre-tokenizer that splits by `pattern`, as a `tokenizer.json` has it.
pub(crate) fn by_pattern(pattern: &str) -> Value {
    let split = json!({
        "type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": false,
    });
    json!({"type": "Sequence", "pretokenizers": [split, byte_level(false)]})
}

/// Byte by byte; with or without the split of GPT-2.
pub(crate) fn byte_level(use_regex: bool) -> Value {
    json!({
        "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": use_regex,
    })
}

/// SHA-256 of the rank files as they are published.
const KNOWN_FILES: [(&str, Family); 8] = [
    (
        "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930",
        Family::Gpt2, // r50k_base
    ),
    (
        "94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069",
        Family::Gpt2, // p50k_base
    ),
    (
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
        Family::Cl100kBase,
    ),
    (
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
        Family::O200kBase,
    ),
    (
        "82e9d31979e92ab929cd544440f129d9ecd797b69e327f80f17e1c50d5551b55",
        Family::Llama3,
    ),
    (
        "d0bdbaf59b0762c8c807617e2d8ea51420eb1b1de266df2495be755c8e0ed6ed",
        Family::Llama4,
    ),
    (
        "b2b1b8dfb5cc5f024bafc373121c6aba3f66f9a5a0269e243470a1de16a33186",
        Family::Qwen,
    ),
    (
        "8dde380a6405e935f5de16a99eb61c824f3f814dd1ed298784c72babb7a03cdd",
        Family::Qwen35,
    ),
];

const QWEN_CHAT: [&str; 3] = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];
const QWEN35: [&str; 30] = [
    "<|object_ref_start|>",
    "<|object_ref_end|>",
    "<|box_start|>",
    "<|box_end|>",
    "<|quad_start|>",
    "<|quad_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
    "<tool_call>",
    "</tool_call>",
    "<|fim_prefix|>",
    "<|fim_middle|>",
    "<|fim_suffix|>",
    "<|fim_pad|>",
    "<|repo_name|>",
    "<|file_sep|>",
    "<tool_response>",
    "</tool_response>",
    "<think>",
    "</think>",
    "<|audio_start|>",
    "<|audio_end|>",
    "<tts_pad>",
    "<tts_text_bos>",
    "<tts_text_eod>",
    "<tts_text_bos_single>",
    "<|audio_pad|>",
];

fn spelled<'n>(names: &'n [&'n str]) -> impl Iterator<Item = String> + 'n {
    names.iter().map(|name| (*name).to_owned())
}

fn reserved(group: &str, from: u32, n: u32) -> impl Iterator<Item = String> {
    (from..from + n).map(move |number| format!("<|{group}reserved_special_token_{number}|>"))
}

/// 256 tokens.
fn llama3() -> Vec<String> {
    let named = |names: &'static [&'static str]| spelled(names);
    named(&["<|begin_of_text|>", "<|end_of_text|>"])
        .chain(reserved("", 0, 2))
        .chain(named(&[
            "<|finetune_right_pad_id|>",
            "<|step_id|>",
            "<|start_header_id|>",
            "<|end_header_id|>",
            "<|eom_id|>",
            "<|eot_id|>",
            "<|python_tag|>",
        ]))
        .chain(reserved("", 2, 245))
        .collect()
}

/// The tokens of text, vision and reasoning; those that are reserved behind them have no use.
fn llama4() -> Vec<String> {
    let named = |names: &'static [&'static str]| spelled(names);
    let text = named(&[
        "<|begin_of_text|>",
        "<|end_of_text|>",
        "<|fim_prefix|>",
        "<|fim_middle|>",
        "<|fim_suffix|>",
        "<|header_start|>",
        "<|header_end|>",
        "<|eom|>",
        "<|eot|>",
        "<|step|>",
    ])
    .chain(reserved("text_post_train_", 0, 6))
    .chain(named(&[
        "<|python_start|>",
        "<|python_end|>",
        "<|finetune_right_pad|>",
    ]))
    .chain(reserved("text_post_train_", 8, 61));
    let vision = named(&["<|image_start|>", "<|image_end|>"])
        .chain(reserved("vision_", 0, 2))
        .chain(named(&["<|tile_x_separator|>", "<|tile_y_separator|>"]))
        .chain(reserved("vision_", 2, 4))
        .chain(named(&["<|image|>"]))
        .chain(reserved("vision_", 6, 1))
        .chain(named(&["<|patch|>"]))
        .chain(reserved("vision_", 7, 1041));
    let reasoning = reserved("reasoning_", 0, 8).chain(named(&[
        "<|reasoning_thinking_start|>",
        "<|reasoning_thinking_end|>",
    ]));
    text.chain(vision).chain(reasoning).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_tokens_have_the_published_ids() {
        let id = |family: Family, n_ids: u32, name: &str| {
            let tokens = family.special_tokens(n_ids, n_ids);
            let found = tokens.iter().find(|(other, _)| other == name);
            found.map(|(_, id)| *id)
        };
        assert_eq!(id(Family::Gpt2, 50_256, "<|endoftext|>"), Some(50_256));
        assert_eq!(
            id(Family::Cl100kBase, 100_256, "<|endoftext|>"),
            Some(100_257)
        );
        assert_eq!(
            id(Family::Cl100kBase, 100_256, "<|endofprompt|>"),
            Some(100_276)
        );
        assert_eq!(
            id(Family::O200kBase, 199_998, "<|endofprompt|>"),
            Some(200_018)
        );
        assert_eq!(id(Family::Llama3, 128_000, "<|eot_id|>"), Some(128_009));
        assert_eq!(llama3().len(), 256);
        assert_eq!(
            id(Family::Llama4, 200_000, "<|image_start|>"),
            Some(200_080)
        );
        assert_eq!(
            id(Family::Llama4, 200_000, "<|reasoning_thinking_end|>"),
            Some(201_143)
        );
        assert_eq!(id(Family::Qwen, 151_643, "<|extra_204|>"), Some(151_850));
        assert_eq!(id(Family::Qwen35, 248_044, "<|audio_pad|>"), Some(248_076));
    }

    #[test]
    fn names_are_read_back() {
        for family in Family::ALL {
            assert_eq!(Family::from_name(family.name()), Some(family));
        }
        assert_eq!(Family::from_name("cl100k"), None);
    }
}
