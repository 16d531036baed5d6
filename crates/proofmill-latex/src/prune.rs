//! Parts that a setting takes out of the expanded text: the abstract, thanks, tables, citations.
//!
//! What goes is always balanced: a range that would end outside its group or environment ends
//! before.

use crate::emit::group_length;
use crate::expand::{Engine, command_end};
use crate::names::{Class, Env, fixed};
use crate::options::{Citations, Mode, Options};
use crate::token::{Kind, Token};

/// Paragraphs that a section of thanks has at most; what follows without a heading is no thanks.
const MAX_PARAGRAPHS: usize = 8;
/// How such a heading starts, in lower case.
const THANKS: [&str; 6] = [
    "acknowledg",
    "acknowlegd",
    "danksagung",
    "remerciement",
    "agradecimiento",
    "ringraziament",
];

/// Takes out of `tokens` what the options do not want.
pub(crate) fn prune(engine: &Engine, tokens: Vec<Token>) -> Vec<Token> {
    let Options {
        abstract_text,
        acknowledgements,
        tables,
        ..
    } = engine.options;
    let citations =
        engine.options.mode == Mode::Text || engine.options.citations == Citations::Keep;
    if abstract_text && acknowledgements && citations && tables {
        return tokens;
    }
    let mut kept = Vec::with_capacity(tokens.len());
    let mut paragraph_starts = true;
    let mut at = 0;
    while let Some(token) = tokens.get(at).copied() {
        let mut end = None;
        if !abstract_text {
            end = end_of_abstract(engine, &tokens, at);
        }
        if end.is_none() && !acknowledgements {
            end = end_of_thanks(engine, &tokens, at, paragraph_starts);
        }
        if !citations && let Some(end) = end_of_citation(engine, &tokens, at) {
            while kept
                .last()
                .is_some_and(|last: &Token| matches!(last.kind, Kind::Tie | Kind::Space))
            {
                kept.pop();
            }
            at = end;
            continue;
        }
        if !tables && let Some(end) = end_of_table(engine, &tokens, at) {
            at = end;
            continue;
        }
        if let Some(end) = end.filter(|end| *end > at) {
            at = end;
            kept.push(Token::new(Kind::Par));
            paragraph_starts = true;
            continue;
        }
        paragraph_starts = match token.kind {
            Kind::Par | Kind::Begin | Kind::End => true,
            Kind::Space | Kind::Nothing => paragraph_starts,
            Kind::Cs => paragraph_starts && token.at == fixed::PAR,
            _ => false,
        };
        kept.push(token);
        at += 1;
    }
    kept
}

/// End of the abstract or of the keywords that open at `at`.
fn end_of_abstract(engine: &Engine, tokens: &[Token], at: usize) -> Option<usize> {
    let token = tokens[at];
    match token.kind {
        Kind::Begin
            if engine.names.info(token.at).env == Env::Abstract
                || engine
                    .names
                    .name(token.at)
                    .to_lowercase()
                    .contains("keyword") =>
        {
            Some(end_of_environment(tokens, at))
        }
        Kind::Cs if token.at == fixed::KEYWORDS => Some(end_of_group(tokens, at + 1)),
        _ => None,
    }
}

/// End of the citation at `at`, of which text mode decides itself.
fn end_of_citation(engine: &Engine, tokens: &[Token], at: usize) -> Option<usize> {
    let token = tokens[at];
    if token.kind != Kind::Cs || !engine.names.roles(token.at).is_citation {
        return None;
    }
    let opens = |token: Token, mark: char| engine.slice(token).starts_with(mark);
    let has_argument = tokens.get(at + 1).is_some_and(|next| {
        next.kind == Kind::Open
            || next.kind == Kind::Text && (opens(*next, '[') || opens(*next, '*'))
    });
    has_argument.then(|| command_end(tokens, at + 1, |token| opens(token, '[')))
}

/// End of the table at `at`; arrays of formulas are none.
fn end_of_table(engine: &Engine, tokens: &[Token], at: usize) -> Option<usize> {
    let token = tokens[at];
    (token.kind == Kind::Begin && engine.names.info(token.at).env == Env::Tabular)
        .then(|| end_of_environment(tokens, at))
        .filter(|end| *end > at)
}

/// End of the thanks that open at `at`, in any of their forms.
fn end_of_thanks(
    engine: &Engine,
    tokens: &[Token],
    at: usize,
    paragraph_starts: bool,
) -> Option<usize> {
    let token = tokens[at];
    match token.kind {
        Kind::Begin if is_thanks_name(engine.names.name(token.at)) => {
            Some(end_of_environment(tokens, at))
        }
        Kind::Cs => {
            let name = engine.names.name(token.at);
            if let Some(level) = engine.names.roles(token.at).level {
                let title = crate::emit::argument_of(engine, tokens, at + 1);
                if !is_thanks(&engine.plain(title)) {
                    return None;
                }
                let paragraphs = if level > 4 { 1 } else { MAX_PARAGRAPHS };
                return Some(end_of_part(engine, tokens, at + 1, level, paragraphs));
            }
            if is_thanks_name(name) && engine.names.info(token.at).class != Class::Math {
                let group = end_of_group(tokens, at + 1);
                if group > at + 1 {
                    return Some(group);
                }
                return Some(end_of_part(engine, tokens, at + 1, 6, MAX_PARAGRAPHS));
            }
            None
        }
        _ => None,
    }
    .or_else(|| {
        (paragraph_starts && opens_with_thanks(engine, &tokens[at..]))
            .then(|| end_of_part(engine, tokens, at, 6, 1))
    })
}

fn is_thanks_name(name: &str) -> bool {
    let name = name.trim_end_matches('*');
    matches!(name, "ack" | "acks" | "Ack")
        || matches!(
            name.to_lowercase().trim_end_matches('s'),
            "acknowledgement" | "acknowledgment"
        )
}

fn is_thanks(title: &str) -> bool {
    let title = title
        .trim_start_matches(|c: char| !c.is_alphabetic())
        .to_lowercase();
    THANKS.iter().any(|word| title.starts_with(word))
}

/// A paragraph such as `{\bf Acknowledgements.} We ...`.
fn opens_with_thanks(engine: &Engine, tokens: &[Token]) -> bool {
    let first = tokens.iter().take(8).find(|token| match token.kind {
        Kind::Open | Kind::Space | Kind::Nothing => false,
        Kind::Cs => !matches!(
            engine.names.info(token.at).class,
            Class::Font | Class::Wrap | Class::Prim
        ),
        _ => true,
    });
    first.is_some_and(|token| {
        if token.kind != Kind::Text {
            return false;
        }
        let text = engine.slice(*token);
        // A word that only opens a sentence is none: `Acknowledging that ...`.
        let word = text.find(['.', ':']).map_or(text, |end| &text[..end]);
        word.len() < 25 && !word.contains(" that") && is_thanks(word) && !word.contains("ing")
    })
}

/// Index behind the environment that opens at `at`.
fn end_of_environment(tokens: &[Token], at: usize) -> usize {
    let name = tokens[at].at;
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(at) {
        match token.kind {
            Kind::Begin if token.at == name => depth += 1,
            Kind::End if token.at == name => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return index + 1;
                }
            }
            _ => {}
        }
    }
    at
}

/// Index behind the group that opens at `at`, blanks before it not counted; `at` if none does.
fn end_of_group(tokens: &[Token], at: usize) -> usize {
    let open = tokens[at.min(tokens.len())..]
        .iter()
        .position(|token| token.kind != Kind::Space)
        .map_or(at, |blanks| at + blanks);
    match tokens.get(open) {
        Some(token) if token.kind == Kind::Open => open + group_length(&tokens[open..]),
        _ => at,
    }
}

/// Where the part from `at` on ends: at a heading of its level or above, at an appendix or a
/// bibliography, where its group ends, or behind so many paragraphs.
fn end_of_part(
    engine: &Engine,
    tokens: &[Token],
    at: usize,
    level: u8,
    paragraphs: usize,
) -> usize {
    let mut depth = 0_usize;
    let mut seen = 0;
    let mut has_words = false;
    let mut safe = at;
    for (index, token) in tokens.iter().enumerate().skip(at) {
        match token.kind {
            Kind::Begin if engine.names.info(token.at).env == Env::Bibliography => return safe,
            Kind::Open | Kind::Begin => depth += 1,
            Kind::Close | Kind::End if depth == 0 => return index,
            Kind::Close | Kind::End => depth -= 1,
            Kind::Cs if depth == 0 && token.at == fixed::APPENDIX => return index,
            Kind::Cs if depth == 0 => {
                let other = engine.names.roles(token.at).level;
                if other.is_some_and(|other| other <= level) {
                    return index;
                }
            }
            Kind::Par if depth == 0 => {
                seen += usize::from(has_words);
                if seen >= paragraphs {
                    return index;
                }
            }
            Kind::Text if depth == 0 => has_words = true,
            _ => {}
        }
        if depth == 0 {
            safe = index + 1;
        }
    }
    safe
}
