//! `tokenizer info`, `check`, `convert` and `train`.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _, stdout};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use proofmill_run::{load_tokenizer, parse_line, train_tokenizer};

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

pub(crate) fn convert(args: &TokenizerConvertArgs) -> Result<ExitCode> {
    let tokenizer = load_tokenizer(&args.file.tokenizer, args.file.family.as_deref(), false)?;
    write(&args.out, tokenizer.json())?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn train(args: &TokenizerTrainArgs) -> Result<ExitCode> {
    let texts = args.files.iter().flat_map(|path| texts_of(path));
    let trained = train_tokenizer(texts, args.vocab_tokens, &args.special, Some(&args.family))?;
    write(&args.out, &trained)?;
    Ok(ExitCode::SUCCESS)
}

/// The texts of a file, one at a time.
fn texts_of(path: &Path) -> Box<dyn Iterator<Item = Result<String>> + Send> {
    let name = path.to_string_lossy().into_owned();
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) => {
            let error = anyhow::Error::from(error).context(format!("cannot read `{name}`"));
            return Box::new(std::iter::once(Err(error)));
        }
    };
    if path.extension().is_none_or(|ending| ending != "jsonl") {
        let mut bytes = Vec::new();
        let read = BufReader::new(file).read_to_end(&mut bytes);
        let text = read
            .with_context(|| format!("cannot read `{name}`"))
            .map(|_| String::from_utf8_lossy(&bytes).into_owned());
        return Box::new(std::iter::once(text));
    }
    let lines = (1..).zip(BufReader::new(file).lines());
    Box::new(lines.map(move |(number, line)| {
        let line = line.with_context(|| format!("cannot read `{name}`"))?;
        Ok(parse_line(&name, number, &line)?.text)
    }))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("cannot write `{}`", path.display()))
}
