//! `tokenizer info` and `tokenizer check`.

use std::io::{Write as _, stdout};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use proofmill_run::{load_tokenizer, parse_line};

use crate::args::{TokenizerCheckArgs, TokenizerInfoArgs};

pub(crate) fn info(args: &TokenizerInfoArgs) -> Result<ExitCode> {
    let tokenizer = load_tokenizer(&args.tokenizer, false)?;
    let mut out = stdout().lock();
    writeln!(out, "sha256          {}", tokenizer.sha256())?;
    writeln!(out, "engine          {}", tokenizer.engine())?;
    if let Some(reason) = tokenizer.fallback_reason() {
        writeln!(out, "  not our own   {reason}")?;
    }
    writeln!(out, "Unicode         {}", tokenizer.unicode_version())?;
    writeln!(out, "ids             below {}", tokenizer.vocab_tokens())?;
    let name = |id: Option<_>| id.and_then(|id| tokenizer.token_of(id));
    let eod = name(tokenizer.eod(None).ok()).unwrap_or_else(|| "not known".to_owned());
    writeln!(out, "end of document {eod}")?;
    let bos = name(tokenizer.bos()).unwrap_or_else(|| "none".to_owned());
    writeln!(out, "start           {bos}")?;
    writeln!(out, "special tokens  {}", tokenizer.special_tokens().len())?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn check(args: &TokenizerCheckArgs) -> Result<ExitCode> {
    let tokenizer = load_tokenizer(&args.tokenizer, args.parse_special)?;
    let mut out = stdout().lock();
    if let Some(reason) = tokenizer.fallback_reason() {
        writeln!(
            out,
            "nothing to compare: the reference itself encodes, because {reason}"
        )?;
        return Ok(ExitCode::SUCCESS);
    }
    let (mut n_texts, mut n_bytes, mut n_tokens) = (0_u64, 0, 0);
    let mut ids = Vec::new();
    for path in &args.files {
        let name = path.to_string_lossy();
        let bytes = std::fs::read(path).with_context(|| format!("cannot read `{name}`"))?;
        let content = String::from_utf8_lossy(&bytes);
        let is_lines = path.extension().is_some_and(|ending| ending == "jsonl");
        let parts: Vec<&str> = if is_lines {
            content.lines().collect()
        } else {
            vec![&content]
        };
        for (number, part) in (1..).zip(parts) {
            let line = is_lines
                .then(|| parse_line(&name, number, part))
                .transpose()?;
            let text = line.as_ref().map_or(part, |line| line.text.as_str());
            ids.clear();
            tokenizer.encode_into(text, &mut ids)?;
            if let Some(difference) = tokenizer.compare(text, &ids)? {
                writeln!(
                    out,
                    "{name}:{number}: ids differ after {} tokens, behind {:?}\n  ours      {:?}\n  \
                     reference {:?}",
                    difference.n_equal,
                    difference.text_before,
                    difference.ours,
                    difference.reference
                )?;
                return Ok(ExitCode::FAILURE);
            }
            n_texts += 1;
            n_bytes += text.len();
            n_tokens += ids.len();
        }
    }
    writeln!(
        out,
        "{n_texts} texts, {n_bytes} bytes, {n_tokens} tokens, no difference"
    )?;
    Ok(ExitCode::SUCCESS)
}
