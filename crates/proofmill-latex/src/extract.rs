//! The whole way of one submission: intake, main file, expansion, text, side data.

use crate::emit::{Measure, render, render_line};
use crate::expand::Engine;
use crate::library::Library;
use crate::names::{Env, fixed};
use crate::options::Options;
use crate::paper::{NoPaper, Paper};
use crate::prune::prune;
use crate::token::{Kind, Token};
use crate::{File, language};

/// Bytes of a main file that may be a mere note of withdrawal.
const NOTE_BYTES: usize = 3000;

/// Reads a submission: all its files, in any order, names as in its archive.
///
/// A single file without `\documentclass`, as repositories hold it, is all text.
///
/// # Errors
/// [`NoPaper`] names the reason when there is no text to be had.
pub fn extract(files: &[File<'_>], options: &Options) -> Result<Paper, NoPaper> {
    let mut engine = Engine::new(options.clone());
    let mut arena = std::mem::take(&mut engine.arena);
    arena.reserve(
        files
            .iter()
            .map(|file| file.bytes.len())
            .sum::<usize>()
            .min(options.limits.total_bytes),
    );
    let mut signals = std::mem::take(&mut engine.signals);
    engine.library = Library::load(files, &options.limits, &mut arena, &mut signals)?;
    engine.arena = arena;
    engine.signals = signals;
    let (start, end, has_preamble) = engine
        .library
        .choose_main(&engine.arena)
        .ok_or(NoPaper::NoTex)?;
    if is_withdrawal(&engine.arena[start..end]) {
        return Err(NoPaper::Withdrawn);
    }
    engine.set_budget(engine.arena.len());
    engine.run_file(start, end, has_preamble);
    paper(engine)
}

/// A short note that says that the paper was withdrawn.
fn is_withdrawal(text: &str) -> bool {
    if text.len() > NOTE_BYTES || text.contains("\\section") {
        return false;
    }
    let lower = text.to_lowercase();
    ["withdrawn", "withdrew", "withdraw "]
        .iter()
        .any(|word| lower.contains(word))
}

fn paper(mut engine: Engine) -> Result<Paper, NoPaper> {
    let out = std::mem::take(&mut engine.out);
    let title = field(&engine, &out, fixed::TITLE).filter(|title| !title.is_empty());
    let abstract_text = abstract_tokens(&engine, &out).map(|tokens| {
        render(&engine, tokens, &mut Measure::ignoring())
            .trim()
            .to_owned()
    });
    let out = prune(&engine, out);
    let mut measure = Measure::default();
    let text = render(&engine, &out, &mut measure);
    if text.trim().is_empty() {
        return Err(NoPaper::NoText);
    }
    let bibliography = render(&engine, &engine.bibliography, &mut Measure::ignoring());
    let mut signals = std::mem::take(&mut engine.signals);
    signals.control_words = measure.control_words;
    signals.math_control_words = measure.math_control_words;
    let count = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    signals.sections = count(measure.sections.len());
    let proofs = measure
        .theorems
        .iter()
        .filter(|theorem| theorem.environment == "proof")
        .count();
    signals.proofs = count(proofs);
    signals.theorems = count(measure.theorems.len() - proofs);
    #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^52")]
    let share = measure.math_bytes as f64 / text.len().max(1) as f64;
    signals.math_share = share.min(1.0);
    let unknown_commands = Measure::by_count(&engine, &measure.unknown);
    let unresolved_macros = Measure::by_count(&engine, &measure.unresolved);
    let sum = |list: &[(String, u32)]| {
        list.iter()
            .fold(0_u32, |sum, item| sum.saturating_add(item.1))
    };
    signals.unknown_commands = sum(&unknown_commands);
    signals.unresolved_macros = sum(&unresolved_macros);
    signals.language = language::guess(&measure.prose);
    let main = engine.library.main() as usize;
    Ok(Paper {
        text,
        title,
        abstract_text: abstract_text.filter(|text| !text.is_empty()),
        bibliography: Some(bibliography).filter(|text| !text.is_empty()),
        main_file: engine
            .library
            .entries
            .get(main)
            .map_or_else(String::new, |e| e.path.clone()),
        files_used: engine.library.used_paths(),
        sections: measure.sections,
        theorems: measure.theorems,
        signals,
        unknown_commands,
        unresolved_macros,
    })
}

/// Argument of the first command `name`.
fn field(engine: &Engine, tokens: &[Token], name: u32) -> Option<String> {
    let at = tokens
        .iter()
        .position(|token| token.kind == Kind::Cs && token.at == name)?;
    let inside = crate::emit::argument_of(engine, tokens, at + 1);
    Some(render_line(engine, inside))
}

/// What the abstract holds.
fn abstract_tokens<'t>(engine: &Engine, tokens: &'t [Token]) -> Option<&'t [Token]> {
    let is_abstract = |token: &Token| engine.names.info(token.at).env == Env::Abstract;
    let start = tokens
        .iter()
        .position(|token| token.kind == Kind::Begin && is_abstract(token))?;
    let length = tokens[start..]
        .iter()
        .position(|token| token.kind == Kind::End && is_abstract(token))?;
    Some(&tokens[start + 1..start + length])
}
