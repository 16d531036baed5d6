//! Text mode.
use super::measure::Measure;
use crate::expand::Engine;
use crate::token::Token;

pub(crate) fn write_text(engine: &Engine, tokens: &[Token], measure: &mut Measure) -> String {
    super::write_source(engine, tokens, measure)
}
