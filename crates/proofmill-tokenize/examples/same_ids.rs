//! Compares the ids of the fast engine with those of the reference on the texts of JSON lines.
//!
//! `cargo run --release -p proofmill-tokenize --example same_ids -- EVERY TOKENIZER... -- TEXTS.jsonl...`
//!
//! Takes every EVERY-th line; each has a `text`. Prints a line for each tokenizer with what was
//! compared, and each difference by file and line.

#![expect(clippy::print_stdout, reason = "a program for people")]

use std::error::Error;
use std::io::{BufRead as _, BufReader};

use proofmill_tokenize::{SpecialTokens, Tokenizer};
use serde::Deserialize;

#[derive(Deserialize)]
struct Line {
    text: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let every: usize = arguments.next().ok_or("every how many lines?")?.parse()?;
    let tokenizers: Vec<String> = arguments.by_ref().take_while(|path| path != "--").collect();
    let texts: Vec<String> = arguments.collect();
    for path in tokenizers {
        let tokenizer =
            Tokenizer::from_bytes(&path, &std::fs::read(&path)?, SpecialTokens::AsText)?;
        if let Some(reason) = tokenizer.fallback_reason() {
            println!("{path}: not compared, the reference has it because {reason}");
            continue;
        }
        let (mut n_texts, mut n_bytes, mut n_tokens, mut n_unlike) = (0, 0, 0, 0);
        let mut ids = Vec::new();
        for file in &texts {
            let lines = BufReader::new(std::fs::File::open(file)?).lines();
            for (number, line) in (1..).zip(lines).step_by(every) {
                let text = serde_json::from_str::<Line>(&line?)?.text;
                ids.clear();
                tokenizer.encode_into(&text, &mut ids)?;
                if let Some(difference) = tokenizer.compare(&text, &ids)? {
                    println!("{path}: {file}:{number}: {difference:?}");
                    n_unlike += 1;
                }
                n_texts += 1;
                n_bytes += text.len();
                n_tokens += ids.len();
            }
        }
        println!(
            "{path}: {n_texts} texts, {n_bytes} bytes, {n_tokens} tokens, {n_unlike} texts differ"
        );
    }
    Ok(())
}
