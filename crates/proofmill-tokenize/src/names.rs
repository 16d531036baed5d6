//! The names under which known tokenizers keep their end and start of a document.

/// End-of-document tokens, best first: where a tokenizer has several, the earlier one ends
/// documents and the later ones end turns of a chat.
pub(crate) const EOD: [&str; 9] = [
    "<|endoftext|>",
    "<|end_of_text|>",
    "</s>",
    "<eos>",
    "<｜end▁of▁sentence｜>",
    "<|eos|>",
    "<|endofdocument|>",
    "<EOS>",
    "[EOS]",
];

/// Start-of-document tokens.
pub(crate) const BOS: [&str; 8] = [
    "<s>",
    "<|begin_of_text|>",
    "<bos>",
    "<｜begin▁of▁sentence｜>",
    "<|startoftext|>",
    "<|bos|>",
    "<BOS>",
    "[BOS]",
];
