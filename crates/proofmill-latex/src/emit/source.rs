//! Source mode: the expanded tokens as LaTeX again.
//!
//! Line ends of the paper stay, runs of blanks and of blank lines collapse, and a control word is
//! parted from a letter that an expansion put behind it.

use super::measure::Measure;
use super::render_line;
use super::writer::{Gap, Writer};
use crate::expand::{Engine, command_end};
use crate::names::Env;
use crate::paper::{Section, Theorem};
use crate::token::{CLOSING, Delim, Kind, NEWLINE, SPACED, Token};

/// Writes `tokens` as LaTeX.
#[expect(clippy::too_many_lines, reason = "one arm per kind of token")]
pub(crate) fn write_source(engine: &Engine, tokens: &[Token], measure: &mut Measure) -> String {
    let mut writer = Writer::new(tokens.len() * 6);
    let mut formulas = 0_u32; // depth
    let mut formula_start = 0;
    let mut after_word = false;
    let mut open_theorems: Vec<(u32, usize)> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let was_word = std::mem::take(&mut after_word);
        match token.kind {
            Kind::Text => {
                let text = engine.slice(*token);
                if was_word && text.starts_with(|c: char| c.is_ascii_alphabetic()) {
                    writer.gap(Gap::Space);
                }
                writer.put(text);
                if formulas == 0 {
                    measure.prose(text);
                }
            }
            Kind::Space => writer.gap(if token.has(NEWLINE) {
                Gap::Line
            } else {
                Gap::Space
            }),
            Kind::Par => {
                for _ in 0..token.at {
                    writer.put("}");
                }
                writer.gap(Gap::Par);
            }
            Kind::Cs => {
                let name = engine.names.name(token.at);
                measure.command(engine, *token, formulas > 0);
                if let Some(level) = engine.names.roles(token.at).level
                    && !measure.is_ignoring()
                {
                    if writer.pending() < Gap::Line && !writer.text.is_empty() {
                        writer.gap(Gap::Line);
                    }
                    writer.flush();
                    heading(engine, tokens, index, level, writer.text.len(), measure);
                }
                writer.put("\\");
                writer.text.push_str(name);
                let is_word = name.ends_with(|c: char| c.is_ascii_alphabetic() || c == '@');
                if token.has(SPACED) {
                    writer.gap(if token.has(NEWLINE) {
                        Gap::Line
                    } else {
                        Gap::Space
                    });
                } else {
                    after_word = is_word;
                }
            }
            Kind::Open => writer.put("{"),
            Kind::Close => writer.put("}"),
            Kind::Dollar => writer.put("$"),
            Kind::Shift => {
                let closing = token.has(CLOSING);
                if closing {
                    formulas = formulas.saturating_sub(1);
                    if formulas == 0 {
                        measure.math_bytes += writer.text.len().saturating_sub(formula_start);
                    }
                } else {
                    if formulas == 0 {
                        writer.flush();
                        formula_start = writer.text.len();
                    }
                    formulas += 1;
                }
                writer.put(Delim::of(token.at).written(closing));
            }
            Kind::Align => writer.put("&"),
            Kind::Sup => writer.put("^"),
            Kind::Sub => writer.put("_"),
            Kind::Tie => writer.put("~"),
            Kind::Hash => writer.put("#"),
            Kind::Param => {
                writer.put("#");
                writer.text.push_str(&token.at.to_string());
            }
            Kind::Verb => writer.put(engine.slice(*token)),
            Kind::Begin => {
                let env = engine.names.info(token.at).env;
                if is_formula(env) {
                    if formulas == 0 {
                        writer.flush();
                        formula_start = writer.text.len();
                    }
                    formulas += 1;
                }
                let written = environment_name(engine, token.at);
                writer.put("\\begin{");
                writer.text.push_str(written);
                writer.text.push('}');
                if let Some(title) = engine.names.name(token.at).strip_prefix("proclaim ") {
                    writer.text.push('[');
                    writer.text.push_str(title);
                    writer.text.push(']');
                }
                if engine.is_theorem(token.at) && !measure.is_ignoring() {
                    let start = writer.text.len();
                    open_theorems.push((token.at, measure.theorems.len()));
                    let theorem = theorem(engine, tokens, index, start);
                    measure.theorems.push(theorem);
                }
            }
            Kind::End => {
                if is_formula(engine.names.info(token.at).env) {
                    formulas = formulas.saturating_sub(1);
                    if formulas == 0 {
                        measure.math_bytes += writer.text.len().saturating_sub(formula_start);
                    }
                }
                let written = environment_name(engine, token.at);
                writer.put("\\end{");
                writer.text.push_str(written);
                writer.text.push('}');
                if let Some((name, slot)) = open_theorems.last().copied()
                    && name == token.at
                {
                    open_theorems.pop();
                    measure.theorems[slot].end = writer.text.len();
                }
            }
            Kind::Rebrace | Kind::EndUser | Kind::Nothing => after_word = was_word,
        }
    }
    let text = writer.finish();
    for theorem in &mut measure.theorems {
        if theorem.end == 0 {
            theorem.end = text.len();
        }
        theorem.end = theorem.end.min(text.len());
    }
    text
}

/// Environments that are formulas.
pub(super) fn is_formula(env: Env) -> bool {
    matches!(env, Env::Equation | Env::Aligned | Env::InlineMath)
}

/// Name to write; AMS-TeX's proclaims become theorems.
fn environment_name(engine: &Engine, name: u32) -> &str {
    let name = engine.names.name(name);
    if name.starts_with("proclaim ") {
        "theorem"
    } else {
        name
    }
}

fn heading(
    engine: &Engine,
    tokens: &[Token],
    at: usize,
    level: u8,
    offset: usize,
    measure: &mut Measure,
) {
    let title = argument_of(engine, tokens, at + 1);
    measure.sections.push(Section {
        level,
        title: render_line(engine, title),
        offset,
    });
}

/// Tokens of a title.
const MAX_TITLE: usize = 400;

/// Tokens of the mandatory argument of the command whose arguments start at `at`.
pub(crate) fn argument_of<'t>(engine: &Engine, tokens: &'t [Token], at: usize) -> &'t [Token] {
    // A title that never ends is cut.
    let tokens = &tokens[..tokens.len().min(at + MAX_TITLE)];
    let mut at = at;
    while tokens.get(at).is_some_and(|token| {
        token.kind == Kind::Space || (token.kind == Kind::Text && engine.slice(*token) == "*")
    }) {
        at += 1;
    }
    let end = command_end(tokens, at, |token| engine.slice(token).starts_with('['));
    let inside = &tokens[at.min(end)..end];
    // The last group of the range.
    let mut depth = 0_usize;
    let mut start = 0;
    for (index, token) in inside.iter().enumerate() {
        match token.kind {
            Kind::Open => {
                if depth == 0 {
                    start = index + 1;
                }
                depth += 1;
            }
            Kind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    let stop = inside.len().saturating_sub(1);
    if start <= stop {
        &inside[start..stop]
    } else {
        &[]
    }
}

/// Describes the theorem-like environment that opens at `at`.
pub(super) fn theorem(engine: &Engine, tokens: &[Token], at: usize, start: usize) -> Theorem {
    let name = tokens[at].at;
    let environment = engine.names.name(name).to_owned();
    let note = bracket(engine, tokens, at + 1).map(|note| render_line(engine, &note.inside));
    Theorem {
        name: engine.theorem_name(name),
        environment,
        note,
        start,
        end: 0,
    }
}

/// A bracketed argument: its tokens, the index behind it, and text that follows in the same token.
pub(super) struct Bracket {
    pub(super) inside: Vec<Token>,
    pub(super) next: usize,
    pub(super) rest: Option<Token>,
}

/// The bracketed argument at `at`, if there is one in this paragraph.
pub(super) fn bracket(engine: &Engine, tokens: &[Token], at: usize) -> Option<Bracket> {
    let mut at = at;
    while tokens
        .get(at)
        .is_some_and(|token| token.kind == Kind::Space)
    {
        at += 1;
    }
    let first = *tokens.get(at)?;
    if first.kind != Kind::Text || !engine.slice(first).starts_with('[') {
        return None;
    }
    let mut inside = Vec::new();
    let mut depth = 0_usize;
    let mut brackets = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(at).take(300) {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close if depth == 0 => return None,
            Kind::Close => depth -= 1,
            Kind::Par | Kind::Begin | Kind::End => return None,
            Kind::Text if depth == 0 => {
                let text = engine.slice(*token);
                let from = usize::from(index == at);
                for (offset, byte) in text.bytes().enumerate().skip(from) {
                    if byte == b'[' {
                        brackets += 1;
                        if brackets > 8 {
                            return None;
                        }
                    } else if byte == b']' && brackets > 0 {
                        brackets -= 1;
                    } else if byte == b']' {
                        inside.extend(cut(*token, from, offset));
                        let rest = cut(*token, offset + 1, text.len());
                        return Some(Bracket {
                            inside,
                            next: index + 1,
                            rest,
                        });
                    }
                }
                inside.extend(cut(*token, from, text.len()));
                continue;
            }
            _ => {}
        }
        inside.push(*token);
    }
    None
}

/// Bytes `from..to` of a text token.
pub(super) fn cut(token: Token, from: usize, to: usize) -> Option<Token> {
    let from = u32::try_from(from).ok()?;
    let to = u32::try_from(to).ok()?;
    (from < to).then_some(Token {
        at: token.at + from,
        len: to - from,
        ..token
    })
}
