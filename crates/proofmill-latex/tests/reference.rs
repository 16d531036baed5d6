//! The expander against a slow, plain one: macros with arguments, groups, redefinition in groups.

#[expect(dead_code, reason = "the hostile tests use the rest")]
mod soup;

use std::collections::VecDeque;

use proofmill_latex::{File, Options, extract};
use soup::Random;

/// What a random program is made of.
#[derive(Clone, Debug, PartialEq)]
enum Tok {
    Char(char),
    Call(usize),
    Define(usize, Def),
    Open,
    Close,
    Param(usize),
}

#[derive(Clone, Debug, PartialEq)]
struct Def {
    count: usize,
    body: Vec<Tok>,
}

const NAMES: [&str; 4] = ["qa", "qb", "qc", "qd"];

/// Plain TeX: expand the first token until nothing is left; `None` for programs that grow too much.
fn reference(program: &[Tok]) -> Option<String> {
    let mut input: VecDeque<Tok> = program.iter().cloned().collect();
    let mut scopes: Vec<Vec<Option<Def>>> = vec![vec![None; NAMES.len()]];
    let mut out = String::new();
    let mut steps = 0;
    while let Some(tok) = input.pop_front() {
        steps += 1;
        if steps > 5000 || input.len() > 5000 {
            return None;
        }
        match tok {
            Tok::Char(c) => out.push(c),
            Tok::Open => {
                let scope = scopes.last().cloned().unwrap_or_default();
                scopes.push(scope);
                out.push('{');
            }
            Tok::Close => {
                scopes.pop();
                out.push('}');
            }
            Tok::Define(name, def) => {
                if let Some(scope) = scopes.last_mut() {
                    scope[name] = Some(def);
                }
            }
            Tok::Call(name) => {
                let Some(def) = scopes.last().and_then(|scope| scope[name].clone()) else {
                    continue;
                };
                let args: Vec<Vec<Tok>> = (0..def.count)
                    .map(|_| argument(&mut input))
                    .collect::<Option<_>>()?;
                for tok in substituted(&def.body, &args).into_iter().rev() {
                    input.push_front(tok);
                }
            }
            Tok::Param(_) => {}
        }
    }
    Some(out)
}

/// `None` where a whole definition would be taken for one token, which TeX does not do.
fn argument(input: &mut VecDeque<Tok>) -> Option<Vec<Tok>> {
    match input.front() {
        Some(Tok::Define(..)) => None,
        None | Some(Tok::Close) => Some(Vec::new()),
        Some(Tok::Open) => {
            input.pop_front();
            let (mut depth, mut arg) = (0, Vec::new());
            while let Some(tok) = input.pop_front() {
                match tok {
                    Tok::Open => depth += 1,
                    Tok::Close if depth == 0 => break,
                    Tok::Close => depth -= 1,
                    _ => {}
                }
                arg.push(tok);
            }
            Some(arg)
        }
        Some(_) => Some(input.pop_front().into_iter().collect()),
    }
}

fn substituted(body: &[Tok], args: &[Vec<Tok>]) -> Vec<Tok> {
    let mut out = Vec::new();
    for tok in body {
        match tok {
            Tok::Param(number) => out.extend(args.get(number - 1).into_iter().flatten().cloned()),
            tok => out.push(tok.clone()),
        }
    }
    out
}

fn written(program: &[Tok]) -> String {
    let mut text = String::new();
    for tok in program {
        let piece = match tok {
            Tok::Char(c) => c.to_string(),
            Tok::Open => "{".to_owned(),
            Tok::Close => "}".to_owned(),
            Tok::Param(number) => format!("#{number}"),
            Tok::Call(name) => format!("\\{}%\n", NAMES[*name]),
            Tok::Define(name, def) => {
                let params = ["", "#1", "#1#2"][def.count];
                format!("\\def\\{}{params}{{{}}}", NAMES[*name], written(&def.body))
            }
        };
        text.push_str(&piece);
    }
    text
}

/// Balanced tokens; `below` bounds the macros that may be called, so that all programs end.
fn random_tokens(random: &mut Random, length: usize, below: usize, params: usize) -> Vec<Tok> {
    let mut toks = Vec::new();
    let mut depth = 0;
    for _ in 0..length {
        match random.below(10) {
            0..=3 => toks.push(Tok::Char(char::from(
                b'a' + u8::try_from(random.below(26)).unwrap_or(0),
            ))),
            4 => {
                toks.push(Tok::Open);
                depth += 1;
            }
            5 if depth > 0 => {
                toks.push(Tok::Close);
                depth -= 1;
            }
            6 if params > 0 => toks.push(Tok::Param(1 + random.below(params))),
            _ if below > 0 => toks.push(Tok::Call(random.below(below))),
            _ => toks.push(Tok::Char('.')),
        }
    }
    toks.extend(std::iter::repeat_n(Tok::Close, depth));
    toks
}

fn random_def(random: &mut Random, name: usize) -> Tok {
    let count = random.below(3);
    let length = random.below(6);
    Tok::Define(
        name,
        Def {
            count,
            body: random_tokens(random, length, name, count),
        },
    )
}

#[test]
fn agrees_with_the_reference() {
    let mut checked = 0;
    for seed in 0..3000 {
        let mut random = Random(seed);
        let mut program = Vec::new();
        for name in 0..NAMES.len() {
            program.push(random_def(&mut random, name));
        }
        let length = 1 + random.below(25);
        for tok in random_tokens(&mut random, length, NAMES.len(), 0) {
            let inside_group = tok == Tok::Open;
            program.push(tok);
            if inside_group && random.below(4) == 0 {
                let name = random.below(NAMES.len());
                let def = random_def(&mut random, name);
                program.push(def);
            }
        }
        let Some(expected) = reference(&program) else {
            continue;
        };
        checked += 1;
        let text = format!("S{}", written(&program));
        let file = File {
            path: "a.tex",
            bytes: text.as_bytes(),
        };
        let output = extract(&[file], &Options::source())
            .map(|paper| paper.text)
            .unwrap_or_default();
        assert_eq!(output, format!("S{expected}"), "seed {seed}:\n{text}");
    }
    assert!(checked > 2000, "only {checked} programs were small enough");
}
