//! TeX's expansion, the plain way: a list of tokens whose first one is expanded until nothing is
//! left. Slow, and to be read side by side with the rules of TeX.
//!
//! Knows groups, `\def` with plain and delimited parameters, `\newcommand` with an optional argument,
//! `\edef`, `\let`, `\newif`, conditionals, `\csname` and `\expandafter`. Whatever would be an error in
//! TeX, and whatever grows too long, gives `None`.

use std::collections::{BTreeMap, VecDeque};

/// One token of a program.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tok {
    Char(char),
    Cs(String),
    Open,
    Close,
    Param(usize),
}

/// What stands between the name and the body of a definition.
#[derive(Clone, Debug, PartialEq)]
enum Params {
    /// Each followed by its delimiter, if it has one; some characters come first.
    Tex {
        lead: Vec<char>,
        delimiters: Vec<Option<char>>,
    },
    /// As many, the first with a default.
    Optional { count: usize, default: Vec<Tok> },
}

/// What a control sequence means.
#[derive(Clone, Debug, PartialEq)]
enum Meaning {
    Macro(Params, Vec<Tok>),
    If(bool),
    /// `\xtrue` or `\xfalse` for the switch named.
    Set(String, bool),
}

const CONDITIONALS: [&str; 4] = ["iftrue", "iffalse", "ifx", "ifnum"];

/// Steps and tokens of a program.
const MOST: usize = 1500;

type Input = VecDeque<Tok>;

/// The state of an expansion.
struct Plain {
    scopes: Vec<BTreeMap<String, Meaning>>,
    out: String,
    /// Conditionals whose `\fi` is to come.
    open: usize,
    steps: usize,
}

/// What `program` prints.
pub(crate) fn expanded(program: &[Tok]) -> Option<String> {
    let mut plain = Plain {
        scopes: vec![BTreeMap::new()],
        out: String::new(),
        open: 0,
        steps: 0,
    };
    plain.run(program)?;
    (plain.scopes.len() == 1 && plain.open == 0).then_some(plain.out)
}

impl Plain {
    fn run(&mut self, program: &[Tok]) -> Option<()> {
        let mut input: Input = program.iter().cloned().collect();
        while let Some(tok) = input.pop_front() {
            match tok {
                Tok::Char(' ') | Tok::Param(_) => return None,
                Tok::Char(c) => self.out.push(c),
                Tok::Open => {
                    self.scopes.push(self.scopes.last()?.clone());
                    self.out.push('{');
                }
                Tok::Close => {
                    self.scopes.pop();
                    self.out.push('}');
                }
                Tok::Cs(name) => {
                    if !self.expand(&name, &mut input)? {
                        self.execute(&name, &mut input)?;
                    }
                }
            }
        }
        Some(())
    }

    /// Executes a command that does not expand.
    fn execute(&mut self, name: &str, input: &mut Input) -> Option<()> {
        match name {
            "def" => {
                let name = control_sequence(input)?;
                let params = tex_params(input)?;
                let body = group(input)?;
                self.assign(name, Meaning::Macro(params, body));
            }
            "edef" => {
                let name = control_sequence(input)?;
                let params = tex_params(input)?;
                let body = group(input)?;
                let body = self.fully_expanded(body)?;
                self.assign(name, Meaning::Macro(params, body));
            }
            "newcommand" => {
                let name = control_sequence(&mut group(input)?.into())?;
                let count = match bracket(input)?.as_slice() {
                    [Tok::Char(digit)] => digit.to_digit(10)? as usize,
                    _ => return None,
                };
                let default = bracket(input)?;
                let body = group(input)?;
                self.assign(
                    name,
                    Meaning::Macro(Params::Optional { count, default }, body),
                );
            }
            "let" => {
                let name = control_sequence(input)?;
                let meaning = self.meaning(&control_sequence(input)?)?.clone();
                self.assign(name, meaning);
            }
            "newif" => {
                let name = control_sequence(input)?;
                let stem = name.strip_prefix("if")?.to_owned();
                self.assign(format!("{stem}true"), Meaning::Set(name.clone(), true));
                self.assign(format!("{stem}false"), Meaning::Set(name.clone(), false));
                self.assign(name, Meaning::If(false));
            }
            name => match self.meaning(name)?.clone() {
                Meaning::Set(switch, value) => self.assign(switch, Meaning::If(value)),
                _ => return None,
            },
        }
        Some(())
    }

    /// Expands a command once; `false` if it does not expand.
    fn expand(&mut self, name: &str, input: &mut Input) -> Option<bool> {
        self.steps += 1;
        if self.steps > MOST || input.len() > MOST {
            return None;
        }
        match name {
            "iftrue" => self.branch(true, input)?,
            "iffalse" => self.branch(false, input)?,
            "ifx" => {
                let (left, right) = (input.pop_front()?, input.pop_front()?);
                let same = match (&left, &right) {
                    (Tok::Cs(left), Tok::Cs(right)) => {
                        self.meaning(left)? == self.meaning(right)?
                    }
                    (left, right) => left == right,
                };
                self.branch(same, input)?;
            }
            "ifnum" => {
                let left = digits(input)?;
                let relation = input.pop_front()?;
                let right = digits(input)?;
                if input.pop_front()? != Tok::Char(' ') {
                    return None;
                }
                let value = match relation {
                    Tok::Char('<') => left < right,
                    Tok::Char('>') => left > right,
                    Tok::Char('=') => left == right,
                    _ => return None,
                };
                self.branch(value, input)?;
            }
            "else" => {
                self.open = self.open.checked_sub(1)?;
                self.skip(false, input)?;
            }
            "fi" => self.open = self.open.checked_sub(1)?,
            "csname" => {
                let name = self.name_until_endcsname(input)?;
                // A name that the program does not define may be one that LaTeX knows.
                self.meaning(&name)?;
                input.push_front(Tok::Cs(name));
            }
            "expandafter" => {
                let first = input.pop_front()?;
                match input.pop_front()? {
                    Tok::Cs(second) => {
                        if !self.expand(&second, input)? {
                            input.push_front(Tok::Cs(second));
                        }
                    }
                    second => input.push_front(second),
                }
                input.push_front(first);
            }
            name => match self.meaning(name).cloned() {
                Some(Meaning::Macro(params, body)) => {
                    let args = arguments(&params, input)?;
                    for tok in substituted(&body, &args)?.into_iter().rev() {
                        input.push_front(tok);
                    }
                }
                Some(Meaning::If(value)) => self.branch(value, input)?,
                _ => return Some(false),
            },
        }
        Some(true)
    }

    /// All of `tokens` expanded; nothing in it may need to be executed.
    fn fully_expanded(&mut self, tokens: Vec<Tok>) -> Option<Vec<Tok>> {
        let mut input: Input = tokens.into();
        let mut out = Vec::new();
        while let Some(tok) = input.pop_front() {
            match tok {
                Tok::Cs(name) => {
                    if !self.expand(&name, &mut input)? {
                        return None;
                    }
                }
                Tok::Char(' ') | Tok::Param(_) => return None,
                tok => out.push(tok),
            }
        }
        Some(out)
    }

    fn name_until_endcsname(&mut self, input: &mut Input) -> Option<String> {
        let mut inside = Vec::new();
        loop {
            match input.pop_front()? {
                Tok::Cs(name) if name == "endcsname" => break,
                tok => inside.push(tok),
            }
        }
        self.fully_expanded(inside)?
            .into_iter()
            .map(|tok| match tok {
                Tok::Char(c) => Some(c),
                _ => None,
            })
            .collect()
    }

    /// Goes on behind the test of a conditional, in its first or its second branch.
    fn branch(&mut self, first: bool, input: &mut Input) -> Option<()> {
        if first || self.skip(true, input)? {
            self.open += 1;
        }
        Some(())
    }

    /// Skips to the end of the conditional, or behind its `\else` if that counts; `true` there.
    fn skip(&self, to_else: bool, input: &mut Input) -> Option<bool> {
        let mut depth = 0;
        loop {
            if let Tok::Cs(name) = input.pop_front()? {
                let is_if = CONDITIONALS.contains(&name.as_str())
                    || matches!(self.meaning(&name), Some(Meaning::If(_)));
                match name.as_str() {
                    _ if is_if => depth += 1,
                    "fi" if depth == 0 => return Some(false),
                    "fi" => depth -= 1,
                    "else" if depth == 0 && to_else => return Some(true),
                    _ => {}
                }
            }
        }
    }

    fn meaning(&self, name: &str) -> Option<&Meaning> {
        self.scopes.last()?.get(name)
    }

    fn assign(&mut self, name: String, meaning: Meaning) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name, meaning);
        }
    }
}

fn control_sequence(input: &mut Input) -> Option<String> {
    match input.pop_front()? {
        Tok::Cs(name) => Some(name),
        _ => None,
    }
}

fn digits(input: &mut Input) -> Option<u32> {
    let mut number = None;
    while let Some(Tok::Char(c)) = input.front()
        && let Some(digit) = c.to_digit(10)
    {
        number = Some(number.unwrap_or(0) * 10 + digit);
        input.pop_front();
    }
    number
}

/// The text between `\def\x` and the brace.
fn tex_params(input: &mut Input) -> Option<Params> {
    let (mut lead, mut delimiters) = (Vec::new(), Vec::new());
    loop {
        match input.front()? {
            Tok::Open => return Some(Params::Tex { lead, delimiters }),
            Tok::Param(number) if *number == delimiters.len() + 1 => delimiters.push(None),
            Tok::Char(c) => match delimiters.last_mut() {
                None => lead.push(*c),
                Some(delimiter @ None) => *delimiter = Some(*c),
                Some(_) => return None,
            },
            _ => return None,
        }
        input.pop_front();
    }
}

/// `{...}` without its braces.
fn group(input: &mut Input) -> Option<Vec<Tok>> {
    if input.pop_front()? != Tok::Open {
        return None;
    }
    let (mut depth, mut inside) = (0, Vec::new());
    loop {
        let tok = input.pop_front()?;
        match tok {
            Tok::Open => depth += 1,
            Tok::Close if depth == 0 => return Some(inside),
            Tok::Close => depth -= 1,
            _ => {}
        }
        inside.push(tok);
    }
}

/// `[...]` without its brackets.
fn bracket(input: &mut Input) -> Option<Vec<Tok>> {
    if input.pop_front()? != Tok::Char('[') {
        return None;
    }
    until(']', input)
}

/// Tokens up to a character outside groups, which is dropped.
fn until(delimiter: char, input: &mut Input) -> Option<Vec<Tok>> {
    let (mut depth, mut inside) = (0, Vec::new());
    loop {
        let tok = input.pop_front()?;
        match tok {
            Tok::Open => depth += 1,
            Tok::Close if depth == 0 => return None,
            Tok::Close => depth -= 1,
            Tok::Char(c) if depth == 0 && c == delimiter => return Some(inside),
            _ => {}
        }
        inside.push(tok);
    }
}

fn arguments(params: &Params, input: &mut Input) -> Option<Vec<Vec<Tok>>> {
    match params {
        Params::Optional { count, default } => {
            let first = if input.front() == Some(&Tok::Char('[')) {
                bracket(input)?
            } else {
                default.clone()
            };
            let rest = (1..*count).map(|_| undelimited(input));
            std::iter::once(Some(first)).chain(rest).collect()
        }
        Params::Tex { lead, delimiters } => {
            for wanted in lead {
                if input.pop_front()? != Tok::Char(*wanted) {
                    return None;
                }
            }
            delimiters
                .iter()
                .map(|delimiter| match delimiter {
                    None => undelimited(input),
                    Some(delimiter) => until(*delimiter, input).map(without_outer_braces),
                })
                .collect()
        }
    }
}

fn undelimited(input: &mut Input) -> Option<Vec<Tok>> {
    match input.front()? {
        Tok::Open => group(input),
        Tok::Close | Tok::Char(' ') | Tok::Param(_) => None,
        _ => Some(input.pop_front().into_iter().collect()),
    }
}

/// Braces around the whole of a delimited argument go.
fn without_outer_braces(arg: Vec<Tok>) -> Vec<Tok> {
    let mut input: Input = arg.iter().cloned().collect();
    match group(&mut input) {
        Some(inside) if input.is_empty() => inside,
        _ => arg,
    }
}

fn substituted(body: &[Tok], args: &[Vec<Tok>]) -> Option<Vec<Tok>> {
    let mut out = Vec::new();
    for tok in body {
        match tok {
            Tok::Param(number) => out.extend(args.get(number - 1)?.iter().cloned()),
            tok => out.push(tok.clone()),
        }
    }
    Some(out)
}

/// The program as TeX is typed; a comment after each control word keeps blanks out.
pub(crate) fn written(program: &[Tok]) -> String {
    let mut text = String::new();
    for tok in program {
        match tok {
            Tok::Char(c) => text.push(*c),
            Tok::Open => text.push('{'),
            Tok::Close => text.push('}'),
            Tok::Param(number) => text.extend(["#", &number.to_string()]),
            Tok::Cs(name) => text.extend(["\\", name, "%\n"]),
        }
    }
    text
}
