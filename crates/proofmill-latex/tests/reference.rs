//! The expander against a slow, plain one, on random programs.

mod plain;
#[expect(dead_code, reason = "the hostile tests use the rest")]
mod soup;

use plain::Tok;
use proofmill_latex::{File, Options, extract};
use soup::Random;

/// Macros of a program; the body of one calls only those before it, so that all programs end.
const NAMES: [&str; 7] = ["qa", "qb", "qc", "qd", "qe", "qf", "qg"];

/// Expands to the last letter of a name.
const LETTER: &str = "qn";

/// Switches, as `\newif` wants them.
const SWITCHES: [&str; 2] = ["ifqs", "ifqt"];

/// How a macro is called; the same in all its definitions.
#[derive(Clone, Debug)]
enum Signature {
    Tex {
        lead: Option<char>,
        delimiters: Vec<Option<char>>,
    },
    Optional(usize),
}

impl Signature {
    fn random(random: &mut Random) -> Self {
        let plain = |count| Self::Tex {
            lead: None,
            delimiters: vec![None; count],
        };
        match random.below(6) {
            0..=2 => plain(random.below(3)),
            3 => Self::Tex {
                lead: Some('!').filter(|_| random.below(3) == 0),
                delimiters: vec![Some(';')],
            },
            4 => Self::Tex {
                lead: None,
                delimiters: vec![Some(':').filter(|_| random.below(2) == 0), Some(';')],
            },
            _ => Self::Optional(1 + random.below(2)),
        }
    }

    fn count(&self) -> usize {
        match self {
            Self::Tex { delimiters, .. } => delimiters.len(),
            Self::Optional(count) => *count,
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Tex { lead: None, delimiters } if delimiters.is_empty())
    }
}

/// Writes one random program.
struct Author {
    random: Random,
    signatures: Vec<Signature>,
    /// What [`LETTER`] expands to.
    letter: usize,
}

fn cs(name: &str) -> Tok {
    Tok::Cs(name.to_owned())
}

fn chars(text: &str) -> impl Iterator<Item = Tok> {
    text.chars().map(Tok::Char)
}

/// What may be written at a place.
#[derive(Clone, Copy)]
struct Room {
    /// Pieces.
    length: usize,
    /// The first macro that may not be called.
    below: usize,
    params: usize,
    /// Only what expands.
    expands: bool,
    /// Nothing that delimits an argument: it would end the one around. (Of brackets we let pairs stand
    /// in brackets, which TeX does not.)
    delimited: bool,
}

impl Room {
    /// For what is written in braces here.
    fn braced(self) -> Self {
        Self {
            length: self.length / 2,
            delimited: false,
            ..self
        }
    }

    /// For a part of what is written here.
    fn part(self) -> Self {
        Self {
            length: self.length / 2,
            ..self
        }
    }
}

impl Author {
    fn program(seed: u64) -> Vec<Tok> {
        let mut random = Random(seed);
        let n_macros = 1 + random.below(NAMES.len());
        let mut signatures: Vec<Signature> = (0..n_macros)
            .map(|_| Signature::random(&mut random))
            .collect();
        signatures[0] = Signature::Tex {
            lead: None,
            delimiters: vec![None; random.below(3)],
        };
        let letter = random.below(n_macros);
        let mut author = Self {
            random,
            signatures,
            letter,
        };
        let mut program = Vec::new();
        for switch in SWITCHES {
            program.extend([cs("newif"), cs(switch)]);
        }
        program.extend([cs("def"), cs(LETTER), Tok::Open]);
        program.extend(chars(&NAMES[letter][1..]));
        program.push(Tok::Close);
        for name in 0..n_macros {
            author.definition(name, &mut program);
        }
        let room = Room {
            length: 1 + author.random.below(10),
            below: n_macros,
            params: 0,
            expands: false,
            delimited: false,
        };
        author.tokens(room, &mut program);
        program
    }

    /// Balanced tokens.
    fn tokens(&mut self, room: Room, out: &mut Vec<Tok>) {
        for _ in 0..room.length {
            self.piece(room, out);
        }
    }

    fn piece(&mut self, room: Room, out: &mut Vec<Tok>) {
        match self.random.below(20) {
            0..=4 => out.extend(self.any_char()),
            5 | 6 => {
                out.push(Tok::Open);
                self.tokens(room.braced(), out);
                if !room.expands && self.random.below(2) == 0 {
                    let name = self.random.below(room.below.max(1));
                    self.definition(name, out);
                    self.tokens(room.braced(), out);
                }
                out.push(Tok::Close);
            }
            7 | 8 if room.params > 0 => {
                out.push(Tok::Param(1 + self.random.below(room.params)));
            }
            9 | 10 => self.conditional(room, out),
            11 if !room.expands => {
                let switch = SWITCHES[self.random.below(SWITCHES.len())];
                let value = ["true", "false"][self.random.below(2)];
                out.push(cs(&format!("{}{value}", &switch[2..])));
            }
            12 if room.below > 0 => {
                // `\expandafter\qa\qb`: the second is expanded first, and gives arguments.
                let first = self.callable(room);
                out.extend([cs("expandafter"), cs(NAMES[first])]);
                let second = self.callable(room);
                self.call(second, room, out);
                self.arguments(first, room, out);
            }
            _ if room.below > 0 => {
                let name = self.callable(room);
                self.call(name, room, out);
            }
            _ => out.push(Tok::Char('.')),
        }
    }

    fn any_char(&mut self) -> Option<Tok> {
        let letter = b'a' + u8::try_from(self.random.below(26)).ok()?;
        Some(Tok::Char(char::from(letter)))
    }

    /// A macro that may be called here; the first one is always plain.
    fn callable(&mut self, room: Room) -> usize {
        let name = self.random.below(room.below);
        let has_delimiters = match &self.signatures[name] {
            Signature::Tex { lead, delimiters } => {
                lead.is_some() || delimiters.iter().any(Option::is_some)
            }
            Signature::Optional(_) => true,
        };
        if room.delimited && has_delimiters {
            0
        } else {
            name
        }
    }

    /// A call with its arguments, by name or by `\csname`.
    fn call(&mut self, name: usize, room: Room, out: &mut Vec<Tok>) {
        match self.random.below(8) {
            0 => {
                out.push(cs("csname"));
                out.extend(chars(NAMES[name]));
                out.push(cs("endcsname"));
            }
            1 if self.letter == name => {
                out.push(cs("csname"));
                out.extend(chars("q"));
                out.extend([cs(LETTER), cs("endcsname")]);
            }
            _ => out.push(cs(NAMES[name])),
        }
        self.arguments(name, room, out);
    }

    fn arguments(&mut self, name: usize, room: Room, out: &mut Vec<Tok>) {
        match self.signatures[name].clone() {
            Signature::Tex { lead, delimiters } => {
                out.extend(lead.map(Tok::Char));
                for delimiter in delimiters {
                    match delimiter {
                        None => self.argument(room, out),
                        Some(delimiter) => {
                            if self.random.below(4) == 0 {
                                self.argument(room, out);
                            } else {
                                let inside = Room {
                                    delimited: true,
                                    ..room.part()
                                };
                                self.tokens(inside, out);
                            }
                            out.push(Tok::Char(delimiter));
                        }
                    }
                }
            }
            Signature::Optional(count) => {
                if self.random.below(2) == 0 {
                    out.push(Tok::Char('['));
                    // Nor a parameter: it may bring brackets.
                    let inside = Room {
                        delimited: true,
                        params: 0,
                        ..room.part()
                    };
                    self.tokens(inside, out);
                    out.push(Tok::Char(']'));
                }
                for _ in 1..count {
                    self.argument(room, out);
                }
            }
        }
    }

    /// An undelimited argument: a group, a character or a macro.
    fn argument(&mut self, room: Room, out: &mut Vec<Tok>) {
        match self.random.below(6) {
            0 => out.extend(self.any_char()),
            1 if room.below > 0 => {
                let name = self.random.below(room.below);
                if self.signatures[name].is_empty() {
                    out.push(cs(NAMES[name]));
                } else {
                    out.extend(self.any_char());
                }
            }
            _ => {
                out.push(Tok::Open);
                self.tokens(room.braced(), out);
                out.push(Tok::Close);
            }
        }
    }

    fn conditional(&mut self, room: Room, out: &mut Vec<Tok>) {
        match self.random.below(6) {
            0 => out.push(cs("iftrue")),
            1 => out.push(cs("iffalse")),
            2 => out.push(cs(SWITCHES[self.random.below(SWITCHES.len())])),
            3 => {
                out.push(cs("ifx"));
                for _ in 0..2 {
                    if self.random.below(3) == 0 {
                        out.push(Tok::Char(['a', 'b'][self.random.below(2)]));
                    } else {
                        out.push(cs(NAMES[self.random.below(self.signatures.len())]));
                    }
                }
            }
            _ => {
                out.push(cs("ifnum"));
                let relation = ["<", ">", "="][self.random.below(3)];
                let (left, right) = (self.random.below(12), self.random.below(12));
                out.extend(chars(&format!("{left}{relation}{right} ")));
            }
        }
        self.tokens(room.part(), out);
        if self.random.below(3) > 0 {
            out.push(cs("else"));
            self.tokens(room.part(), out);
        }
        out.push(cs("fi"));
    }

    fn definition(&mut self, name: usize, out: &mut Vec<Tok>) {
        let signature = self.signatures[name].clone();
        let mut room = Room {
            length: self.random.below(6),
            below: name,
            params: signature.count(),
            expands: false,
            delimited: false,
        };
        if name > 0 && self.random.below(8) == 0 {
            // Another macro that is called in the same way.
            let other = self.random.below(name);
            if format!("{:?}", self.signatures[other]) == format!("{signature:?}") {
                out.extend([cs("let"), cs(NAMES[name]), cs(NAMES[other])]);
                return;
            }
        }
        match &signature {
            Signature::Optional(count) => {
                out.extend([cs("newcommand"), Tok::Open, cs(NAMES[name]), Tok::Close]);
                out.extend(chars(&format!("[{count}][d]")));
            }
            Signature::Tex { lead, delimiters } => {
                let edef = signature.is_empty() && self.random.below(3) == 0;
                room.expands = edef;
                if !edef && self.random.below(6) == 0 {
                    out.extend([cs("expandafter"), cs("def"), cs("csname")]);
                    out.extend(chars(NAMES[name]));
                    out.push(cs("endcsname"));
                } else {
                    out.extend([cs(if edef { "edef" } else { "def" }), cs(NAMES[name])]);
                }
                out.extend(lead.map(Tok::Char));
                for (index, delimiter) in delimiters.iter().enumerate() {
                    out.push(Tok::Param(index + 1));
                    out.extend(delimiter.map(Tok::Char));
                }
            }
        }
        out.push(Tok::Open);
        self.tokens(room, out);
        out.push(Tok::Close);
    }
}

/// Compares on the programs of `seeds`; how many were sound and small enough to be compared. Of those
/// that disagree, the shortest is shown.
fn compare(seeds: std::ops::Range<u64>) -> usize {
    let mut compared = 0;
    let mut faults: Vec<String> = Vec::new();
    for seed in seeds {
        let program = Author::program(seed);
        let Some(expected) = plain::expanded(&program) else {
            continue;
        };
        compared += 1;
        let text = format!("S{}", plain::written(&program));
        let file = File {
            path: "a.tex",
            bytes: text.as_bytes(),
        };
        let output = extract(&[file], &Options::source())
            .map(|paper| paper.text)
            .unwrap_or_default();
        if output != format!("S{expected}") {
            faults.push(format!(
                "{}\n--- seed {seed}, expected\nS{expected}\n--- got\n{output}",
                text.replace('\n', "")
            ));
        }
    }
    faults.sort_by_key(String::len);
    assert!(
        faults.is_empty(),
        "{} of {compared} disagree; the shortest:\n{}",
        faults.len(),
        faults[0]
    );
    compared
}

#[test]
fn agrees_with_the_reference() {
    let compared = compare(0..15_000);
    assert!(compared > 5000, "only {compared} programs were compared");
}

/// `cargo test --release -p proofmill-latex --test reference -- --ignored`
#[test]
#[ignore = "takes minutes"]
fn agrees_with_the_reference_on_many() {
    let compared = compare(1_000_000..1_600_000);
    assert!(compared > 200_000, "only {compared} programs were compared");
}
