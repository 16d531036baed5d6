//! Compares the ids of the fast engine with those of the reference on made-up texts.
//!
//! `cargo run --release -p proofmill-tokenize --example fuzz_ids -- N_TEXTS SEED TOKENIZER.json...`
//!
//! Prints a line for each tokenizer and each mode, and stops at the first difference.

#![expect(clippy::print_stdout, reason = "a program for people")]

#[path = "../tests/soup/mod.rs"]
mod soup;

use std::error::Error;

use proofmill_tokenize::{SpecialTokens, Tokenizer};
use soup::Soup;

/// Words that a cache holds: from one that forgets at once to one that never does.
const CACHE_WORDS: [usize; 4] = [2, 64, 4096, 1 << 18];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let n_texts: u64 = arguments.next().ok_or("how many texts?")?.parse()?;
    let seed: u64 = arguments.next().ok_or("which seed?")?.parse()?;
    for path in arguments {
        let file = std::fs::read(&path)?;
        for special in [SpecialTokens::AsText, SpecialTokens::Parse] {
            compare(&path, &file, special, n_texts, seed)?;
        }
    }
    Ok(())
}

fn compare(
    path: &str,
    file: &[u8],
    special: SpecialTokens,
    n_texts: u64,
    seed: u64,
) -> Result<(), Box<dyn Error>> {
    let name = format!("{path} {}", special.name());
    let load = |n_words| Ok(Tokenizer::from_bytes(path, file, special)?.with_cache_words(n_words));
    let tokenizers: Vec<Tokenizer> = CACHE_WORDS
        .into_iter()
        .map(load)
        .collect::<Result<_, Box<dyn Error>>>()?;
    if let Some(reason) = tokenizers[0].fallback_reason() {
        println!("{name}: not compared, the reference has it because {reason}");
        return Ok(());
    }
    let mut reference = tokenizers::Tokenizer::from_bytes(tokenizers[0].json())
        .map_err(|error| error.to_string())?;
    reference.set_encode_special_tokens(special == SpecialTokens::AsText);
    let mut added: Vec<String> = reference
        .get_added_tokens_decoder()
        .into_values()
        .map(|token| token.content)
        .collect();
    added.sort();
    let mut soup = Soup::new(seed, &added).with_vocabulary(&reference);
    let (mut n_bytes, mut n_tokens) = (0, 0);
    let mut ids = Vec::new();
    for index in 0..n_texts {
        let text = soup.text();
        let expected = reference
            .encode_fast(text.as_str(), false)
            .map_err(|error| error.to_string())?;
        for (tokenizer, n_words) in tokenizers.iter().zip(CACHE_WORDS) {
            ids.clear();
            tokenizer.encode_into(&text, &mut ids)?;
            if ids != expected.get_ids() {
                let at = ids
                    .iter()
                    .zip(expected.get_ids())
                    .take_while(|(a, b)| a == b)
                    .count();
                return Err(format!(
                    "{name}: text {index} of seed {seed} differs at token {at} with {n_words} \
                     words\n{text:?}\nours      {:?}\nreference {:?}",
                    &ids[at.saturating_sub(3)..ids.len().min(at + 8)],
                    &expected.get_ids()[at.saturating_sub(3)..expected.len().min(at + 8)],
                )
                .into());
            }
        }
        n_bytes += text.len();
        n_tokens += ids.len();
    }
    println!("{name}: {n_texts} texts, {n_bytes} bytes, {n_tokens} tokens, no difference");
    Ok(())
}
