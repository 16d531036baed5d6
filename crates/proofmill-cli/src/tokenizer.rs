//! `tokenizer info`, `check`, `convert` and `train`.

use std::io::{Write as _, stdout};
use std::process::ExitCode;

use anyhow::Result;
use proofmill_run::{TextEntry, load_tokenizer, publish_bytes, texts, train_tokenizer};
use proofmill_types::Location;

use crate::args::{
    TokenizerCheckArgs, TokenizerConvertArgs, TokenizerInfoArgs, TokenizerTrainArgs,
};

pub(crate) fn info(args: &TokenizerInfoArgs) -> Result<ExitCode> {
    let tokenizer = load_tokenizer(&args.file.tokenizer, args.file.family.as_deref(), false)?;
    let mut out = stdout().lock();
    let family = tokenizer
        .family()
        .map(|family| format!(", family {}", family.name()));
    let family = family.unwrap_or_default();
    writeln!(out, "format          {}{family}", tokenizer.format().name())?;
    writeln!(out, "sha256          {}", tokenizer.sha256())?;
    writeln!(out, "engine          {}", tokenizer.engine())?;
    if let Some(reason) = tokenizer.fallback_reason() {
        writeln!(out, "  not our own   {reason}")?;
    }
    if let Some(parts) = tokenizer.slow_parts() {
        writeln!(out, "  slower parts  {parts}")?;
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
    let tokenizer = load_tokenizer(
        &args.file.tokenizer,
        args.file.family.as_deref(),
        args.parse_special,
    )?;
    let mut out = stdout().lock();
    if let Some(reason) = tokenizer.fallback_reason() {
        writeln!(
            out,
            "nothing to compare: the reference itself encodes, because {reason}"
        )?;
        return Ok(ExitCode::SUCCESS);
    }
    let (mut n_texts, mut n_bytes, mut n_tokens, mut n_bad) = (0_u64, 0, 0, 0);
    let mut ids = Vec::new();
    for entry in texts(&args.files)? {
        let Some((location, text)) = readable(entry?, &mut n_bad) else {
            continue;
        };
        ids.clear();
        tokenizer.encode_into(&text, &mut ids)?;
        if let Some(difference) = tokenizer.compare(&text, &ids)? {
            writeln!(
                out,
                "{location}: ids differ after {} tokens, behind {:?}\n  ours      {:?}\n  \
                 reference {:?}",
                difference.n_equal, difference.text_before, difference.ours, difference.reference
            )?;
            return Ok(ExitCode::FAILURE);
        }
        n_texts += 1;
        n_bytes += text.len();
        n_tokens += ids.len();
    }
    writeln!(
        out,
        "{n_texts} texts, {n_bytes} bytes, {n_tokens} tokens, {n_bad} not readable, no difference"
    )?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn convert(args: &TokenizerConvertArgs) -> Result<ExitCode> {
    let tokenizer = load_tokenizer(&args.file.tokenizer, args.file.family.as_deref(), false)?;
    publish_bytes(&args.out, tokenizer.json())?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn train(args: &TokenizerTrainArgs) -> Result<ExitCode> {
    let mut n_bad = 0;
    let texts = texts(&args.files)?.filter_map(|entry| match entry {
        Ok(entry) => readable(entry, &mut n_bad).map(|(_, text)| Ok(text)),
        Err(error) => Some(Err(error)),
    });
    let trained = train_tokenizer(texts, args.vocab_tokens, &args.special, Some(&args.family))?;
    publish_bytes(&args.out, &trained)?;
    Ok(ExitCode::SUCCESS)
}

/// The text of an entry and where it is; what is none is counted and told.
fn readable(entry: TextEntry, n_bad: &mut u64) -> Option<(Location, String)> {
    match entry {
        TextEntry::Text(location, text) => Some((location, text)),
        TextEntry::Bad(bad) => {
            *n_bad += 1;
            eprintln!(
                "passed over: {}: {}: {}",
                bad.location, bad.rule, bad.detail
            );
            None
        }
    }
}
