//! Expanded tokens to text, in one of the two modes, with the side data that only the text can give.

mod accents;
mod algorithms;
mod citations;
mod code;
mod commands;
mod formulas;
mod lists;
mod measure;
mod references;
mod shorthands;
mod source;
mod tables;
mod text;
mod writer;

pub(crate) use lists::{number_style, numeral, option_label};
pub(crate) use measure::Measure;
pub(crate) use references::is_reference;
pub(crate) use source::{argument_of, write_source};
pub(crate) use tables::group_length;
pub(crate) use text::write_text;

use crate::expand::Engine;
use crate::options::Mode;
use crate::token::Token;

/// Whether `"` is a shorthand in this language.
pub(crate) fn has_shorthands(language: &str) -> bool {
    shorthands::shorthands(language).is_some()
}

/// Text of some tokens in the mode asked for.
pub(crate) fn render(engine: &Engine, tokens: &[Token], measure: &mut Measure) -> String {
    match engine.options.mode {
        Mode::Source => write_source(engine, tokens, measure),
        Mode::Text => write_text(engine, tokens, measure),
    }
}

/// A field on one line.
pub(crate) fn render_line(engine: &Engine, tokens: &[Token]) -> String {
    let text = render(engine, tokens, &mut Measure::ignoring());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
