//! AsciiMath to LaTeX.
//!
//! Follows the published grammar: an expression is a run of `simple _ simple ^ simple` or
//! `fraction = term / term`, longest symbol first, brackets around the operands of `/`, `_`, `^`
//! and functions are dropped. Source: the AsciiMath syntax page, asciimath.org.

use crate::symbols::push_latex;

/// Deepest nesting of brackets that is read as such.
const MAX_DEPTH: usize = 64;

/// What a symbol does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// Stands for itself.
    Plain,
    /// Takes one argument.
    Unary,
    /// Takes two arguments.
    Binary,
    /// Opens a group.
    Left,
    /// Closes a group.
    Right,
}

/// Spelling, LaTeX, kind; more symbols are taken from LaTeX names (`alpha` is `\alpha`).
const SYMBOLS: &[(&str, &str, Kind)] = &[
    ("|=>", "\\Rightarrow", Kind::Plain),
    ("<=>", "\\Leftrightarrow", Kind::Plain),
    ("-<=", "\\preceq", Kind::Plain),
    (">-=", "\\succeq", Kind::Plain),
    ("|->", "\\mapsto", Kind::Plain),
    ("->>", "\\twoheadrightarrow", Kind::Plain),
    (">->", "\\rightarrowtail", Kind::Plain),
    ("***", "\\star", Kind::Plain),
    ("...", "\\ldots", Kind::Plain),
    ("|><|", "\\bowtie", Kind::Plain),
    ("|><", "\\ltimes", Kind::Plain),
    ("><|", "\\rtimes", Kind::Plain),
    ("|__", "\\lfloor", Kind::Left),
    ("__|", "\\rfloor", Kind::Right),
    ("|~", "\\lceil", Kind::Left),
    ("~|", "\\rceil", Kind::Right),
    ("(:", "\\langle", Kind::Left),
    (":)", "\\rangle", Kind::Right),
    ("<<", "\\langle", Kind::Left),
    (">>", "\\rangle", Kind::Right),
    ("{:", ".", Kind::Left),
    (":}", ".", Kind::Right),
    ("(", "(", Kind::Left),
    (")", ")", Kind::Right),
    ("[", "[", Kind::Left),
    ("]", "]", Kind::Right),
    ("{", "\\{", Kind::Left),
    ("}", "\\}", Kind::Right),
    ("**", "\\ast", Kind::Plain),
    ("*", "\\cdot", Kind::Plain),
    ("//", "/", Kind::Plain),
    ("\\\\", "\\setminus", Kind::Plain),
    ("-:", "\\div", Kind::Plain),
    ("+-", "\\pm", Kind::Plain),
    ("-+", "\\mp", Kind::Plain),
    ("@", "\\circ", Kind::Plain),
    ("o+", "\\oplus", Kind::Plain),
    ("ox", "\\otimes", Kind::Plain),
    ("o.", "\\odot", Kind::Plain),
    ("^^^", "\\bigwedge", Kind::Plain),
    ("^^", "\\wedge", Kind::Plain),
    ("vvv", "\\bigvee", Kind::Plain),
    ("vv", "\\vee", Kind::Plain),
    ("nnn", "\\bigcap", Kind::Plain),
    ("nn", "\\cap", Kind::Plain),
    ("uuu", "\\bigcup", Kind::Plain),
    ("uu", "\\cup", Kind::Plain),
    ("xx", "\\times", Kind::Plain),
    ("!=", "\\ne", Kind::Plain),
    ("<=", "\\le", Kind::Plain),
    (">=", "\\ge", Kind::Plain),
    ("-<", "\\prec", Kind::Plain),
    (">-", "\\succ", Kind::Plain),
    ("!in", "\\notin", Kind::Plain),
    ("in", "\\in", Kind::Plain),
    ("sub", "\\subset", Kind::Plain),
    ("sup", "\\supset", Kind::Plain),
    ("sube", "\\subseteq", Kind::Plain),
    ("supe", "\\supseteq", Kind::Plain),
    ("-=", "\\equiv", Kind::Plain),
    ("~=", "\\cong", Kind::Plain),
    ("~~", "\\approx", Kind::Plain),
    ("~", "\\sim", Kind::Plain),
    ("prop", "\\propto", Kind::Plain),
    ("and", "\\text{ and }", Kind::Plain),
    ("or", "\\text{ or }", Kind::Plain),
    ("not", "\\neg", Kind::Plain),
    ("=>", "\\Rightarrow", Kind::Plain),
    ("if", "\\text{ if }", Kind::Plain),
    ("AA", "\\forall", Kind::Plain),
    ("EE", "\\exists", Kind::Plain),
    ("_|_", "\\bot", Kind::Plain),
    ("TT", "\\top", Kind::Plain),
    ("|--", "\\vdash", Kind::Plain),
    ("|==", "\\models", Kind::Plain),
    ("->", "\\to", Kind::Plain),
    ("uarr", "\\uparrow", Kind::Plain),
    ("darr", "\\downarrow", Kind::Plain),
    ("rarr", "\\to", Kind::Plain),
    ("larr", "\\leftarrow", Kind::Plain),
    ("harr", "\\leftrightarrow", Kind::Plain),
    ("rArr", "\\Rightarrow", Kind::Plain),
    ("lArr", "\\Leftarrow", Kind::Plain),
    ("hArr", "\\Leftrightarrow", Kind::Plain),
    ("del", "\\partial", Kind::Plain),
    ("grad", "\\nabla", Kind::Plain),
    ("oo", "\\infty", Kind::Plain),
    ("O/", "\\emptyset", Kind::Plain),
    (":.", "\\therefore", Kind::Plain),
    (":'", "\\because", Kind::Plain),
    ("/_", "\\angle", Kind::Plain),
    ("CC", "\\mathbb{C}", Kind::Plain),
    ("NN", "\\mathbb{N}", Kind::Plain),
    ("QQ", "\\mathbb{Q}", Kind::Plain),
    ("RR", "\\mathbb{R}", Kind::Plain),
    ("ZZ", "\\mathbb{Z}", Kind::Plain),
    ("int", "\\int", Kind::Plain),
    ("oint", "\\oint", Kind::Plain),
    ("sum", "\\sum", Kind::Plain),
    ("prod", "\\prod", Kind::Plain),
    ("dx", "dx", Kind::Plain),
    ("dy", "dy", Kind::Plain),
    ("dz", "dz", Kind::Plain),
    ("dt", "dt", Kind::Plain),
    ("quad", "\\quad ", Kind::Plain),
    ("qquad", "\\qquad ", Kind::Plain),
    ("cdots", "\\cdots", Kind::Plain),
    ("diamond", "\\diamond", Kind::Plain),
    ("square", "\\square", Kind::Plain),
    ("mod", "\\bmod ", Kind::Plain),
    ("lcm", "\\operatorname{lcm}", Kind::Plain),
    ("sqrt", "\\sqrt", Kind::Unary),
    ("abs", "\\left|#\\right|", Kind::Unary),
    ("norm", "\\left\\|#\\right\\|", Kind::Unary),
    ("floor", "\\left\\lfloor #\\right\\rfloor", Kind::Unary),
    ("ceil", "\\left\\lceil #\\right\\rceil", Kind::Unary),
    ("hat", "\\hat", Kind::Unary),
    ("bar", "\\overline", Kind::Unary),
    ("overline", "\\overline", Kind::Unary),
    ("vec", "\\vec", Kind::Unary),
    ("dot", "\\dot", Kind::Unary),
    ("ddot", "\\ddot", Kind::Unary),
    ("tilde", "\\tilde", Kind::Unary),
    ("ul", "\\underline", Kind::Unary),
    ("underline", "\\underline", Kind::Unary),
    ("ubrace", "\\underbrace", Kind::Unary),
    ("underbrace", "\\underbrace", Kind::Unary),
    ("obrace", "\\overbrace", Kind::Unary),
    ("overbrace", "\\overbrace", Kind::Unary),
    ("cancel", "\\cancel", Kind::Unary),
    ("bb", "\\mathbf", Kind::Unary),
    ("bbb", "\\mathbb", Kind::Unary),
    ("cc", "\\mathcal", Kind::Unary),
    ("tt", "\\mathtt", Kind::Unary),
    ("fr", "\\mathfrak", Kind::Unary),
    ("sf", "\\mathsf", Kind::Unary),
    ("mathbf", "\\mathbf", Kind::Unary),
    ("mathbb", "\\mathbb", Kind::Unary),
    ("mathcal", "\\mathcal", Kind::Unary),
    ("mathfrak", "\\mathfrak", Kind::Unary),
    ("mathrm", "\\mathrm", Kind::Unary),
    ("frac", "\\frac", Kind::Binary),
    ("root", "\\sqrt", Kind::Binary),
    ("stackrel", "\\stackrel", Kind::Binary),
    ("overset", "\\overset", Kind::Binary),
    ("underset", "\\underset", Kind::Binary),
    ("color", "\\color", Kind::Binary),
];

/// Names that are LaTeX commands under the same name.
const NAMES: &[&str] = &[
    "alpha",
    "beta",
    "chi",
    "delta",
    "Delta",
    "epsilon",
    "varepsilon",
    "eta",
    "gamma",
    "Gamma",
    "iota",
    "kappa",
    "lambda",
    "Lambda",
    "mu",
    "nu",
    "omega",
    "Omega",
    "phi",
    "Phi",
    "varphi",
    "pi",
    "Pi",
    "psi",
    "Psi",
    "rho",
    "sigma",
    "Sigma",
    "tau",
    "theta",
    "Theta",
    "vartheta",
    "upsilon",
    "xi",
    "Xi",
    "zeta",
    "sin",
    "cos",
    "tan",
    "sec",
    "csc",
    "cot",
    "arcsin",
    "arccos",
    "arctan",
    "sinh",
    "cosh",
    "tanh",
    "coth",
    "exp",
    "log",
    "ln",
    "det",
    "dim",
    "lim",
    "gcd",
    "min",
    "max",
    "aleph",
    "partial",
    "nabla",
    "infty",
    "subset",
    "supset",
    "subseteq",
    "supseteq",
    "times",
    "cdot",
    "div",
    "pm",
    "le",
    "ge",
    "ne",
    "leq",
    "geq",
    "neq",
    "equiv",
    "approx",
    "cong",
    "sim",
    "propto",
    "notin",
    "wedge",
    "vee",
    "cap",
    "cup",
    "forall",
    "exists",
    "neg",
    "to",
    "rightarrow",
    "leftarrow",
    "Rightarrow",
    "Leftrightarrow",
    "mapsto",
    "ldots",
    "vdots",
    "ddots",
    "emptyset",
    "therefore",
    "because",
    "angle",
    "triangle",
    "oplus",
    "otimes",
    "prec",
    "succ",
    "bigcap",
    "bigcup",
    "star",
    "circ",
    "bullet",
    "perp",
    "implies",
    "iff",
];

/// Translates one expression. Linear but for brackets, which nest at most [`MAX_DEPTH`] deep.
pub(crate) fn to_latex(source: &str) -> String {
    let mut reader = Reader {
        rest: source.trim(),
        depth: 0,
    };
    let mut out = String::new();
    while !reader.rest.is_empty() {
        reader.expression(&mut out);
        if let Some((spelling, latex, _)) = reader.peek() {
            // a closing bracket that nobody opened
            push_latex(&mut out, if latex == "." { "" } else { latex });
            reader.rest = &reader.rest[spelling..];
        }
    }
    out.trim().to_owned()
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

/// One operand: its LaTeX, and the same without the brackets around it.
struct Operand {
    full: String,
    bare: String,
}

impl<'a> Reader<'a> {
    /// The symbol that comes next: length of its spelling, LaTeX, kind.
    fn peek(&mut self) -> Option<(usize, &'a str, Kind)> {
        self.rest = self.rest.trim_start();
        let rest = self.rest;
        let mut best: Option<(usize, &'a str, Kind)> = None;
        for (spelling, latex, kind) in SYMBOLS {
            let is_longer = best.is_none_or(|(n, _, _)| spelling.len() > n);
            if is_longer && rest.starts_with(spelling) {
                best = Some((spelling.len(), latex, *kind));
            }
        }
        best
    }

    /// A name of [`NAMES`] or a number or a quoted text or one character; advances.
    fn atom(&mut self) -> Option<String> {
        let rest = self.rest;
        let first = rest.chars().next()?;
        if first == '"' {
            let (text, after) = rest[1..].split_once('"').unwrap_or((&rest[1..], ""));
            self.rest = after;
            return Some(format!("\\text{{{text}}}"));
        }
        if let Some(text) = rest.strip_prefix("text(") {
            let (text, after) = text.split_once(')').unwrap_or((text, ""));
            self.rest = after;
            return Some(format!("\\text{{{text}}}"));
        }
        if first.is_ascii_digit() {
            let mut n = rest.bytes().take_while(u8::is_ascii_digit).count();
            if rest[n..].starts_with('.') {
                let more = rest[n + 1..].bytes().take_while(u8::is_ascii_digit).count();
                n += if more > 0 { more + 1 } else { 0 };
            }
            self.rest = &rest[n..];
            return Some(rest[..n].to_owned());
        }
        if first == '\\' && rest.len() > 1 && rest.as_bytes()[1].is_ascii_alphabetic() {
            let n = 1 + rest[1..]
                .bytes()
                .take_while(u8::is_ascii_alphabetic)
                .count();
            self.rest = &rest[n..];
            return Some(rest[..n].to_owned()); // LaTeX inside AsciiMath
        }
        let name = NAMES
            .iter()
            .filter(|name| rest.starts_with(**name))
            .max_by_key(|name| name.len());
        if let Some(name) = name {
            self.rest = &rest[name.len()..];
            return Some(format!("\\{name}"));
        }
        self.rest = &rest[first.len_utf8()..];
        let mut latex = String::new();
        crate::symbols::push_char(&mut latex, first);
        Some(latex)
    }

    /// One operand without scripts.
    fn simple(&mut self) -> Option<Operand> {
        let plain = |latex: String| Operand {
            bare: latex.clone(),
            full: latex,
        };
        let symbol = self.peek();
        let name_len = NAMES
            .iter()
            .filter(|name| self.rest.starts_with(**name))
            .map(|name| name.len())
            .max();
        let Some((n, latex, kind)) =
            symbol.filter(|(n, _, _)| name_len.is_none_or(|name| name < *n))
        else {
            if self.rest.starts_with('|') && self.depth < MAX_DEPTH {
                return self.bars();
            }
            return self.atom().map(plain);
        };
        if kind == Kind::Right {
            return None;
        }
        self.rest = &self.rest[n..];
        match kind {
            Kind::Plain | Kind::Right => Some(plain(latex.to_owned())),
            Kind::Left => self.bracketed(latex),
            Kind::Unary => {
                let argument = self.scripted_argument().bare;
                if let Some((before, after)) = latex.split_once('#') {
                    return Some(plain(format!("{before}{argument}{after}")));
                }
                Some(plain(format!("{latex}{{{argument}}}")))
            }
            Kind::Binary => {
                let first = self.scripted_argument().bare;
                let second = self.scripted_argument().bare;
                Some(plain(match latex {
                    "\\sqrt" => format!("\\sqrt[{first}]{{{second}}}"),
                    "\\color" => second,
                    _ => format!("{latex}{{{first}}}{{{second}}}"),
                }))
            }
        }
    }

    fn scripted_argument(&mut self) -> Operand {
        if self.depth >= MAX_DEPTH {
            return Operand {
                full: String::new(),
                bare: String::new(),
            };
        }
        self.depth += 1;
        let operand = self.simple();
        self.depth -= 1;
        operand.unwrap_or(Operand {
            full: String::new(),
            bare: String::new(),
        })
    }

    /// A group after its opening bracket, or a matrix.
    fn bracketed(&mut self, open: &str) -> Option<Operand> {
        if self.depth >= MAX_DEPTH {
            let latex = if open == "." {
                String::new()
            } else {
                open.to_owned()
            };
            return Some(Operand {
                bare: latex.clone(),
                full: latex,
            });
        }
        self.depth += 1;
        let mut bare = String::new();
        self.expression(&mut bare);
        self.depth -= 1;
        let mut close = String::from(".");
        if let Some((n, latex, Kind::Right)) = self.peek() {
            latex.clone_into(&mut close);
            self.rest = &self.rest[n..];
        }
        if let Some(matrix) = matrix(open, &bare, &close) {
            return Some(Operand {
                bare: matrix.clone(),
                full: matrix,
            });
        }
        let is_tall = bare.contains("\\frac") || bare.contains("\\begin") || bare.contains("\\sum");
        let (left, right) = if is_tall || open == "." || close == "." {
            ("\\left", "\\right")
        } else {
            ("", "")
        };
        let full = if (open, close.as_str()) == (".", ".") {
            bare.clone()
        } else {
            let mut full = format!("{left}{open}");
            push_latex(&mut full, &bare);
            full.push_str(right);
            full.push_str(&close);
            full
        };
        Some(Operand { full, bare })
    }

    /// `|x|`.
    fn bars(&mut self) -> Option<Operand> {
        let rest = &self.rest[1..];
        let Some(n) = rest.find('|') else {
            self.rest = rest;
            return Some(Operand {
                full: "|".to_owned(),
                bare: "|".to_owned(),
            });
        };
        let mut inner = Reader {
            rest: &rest[..n],
            depth: self.depth + 1,
        };
        let mut latex = String::new();
        inner.expression(&mut latex);
        self.rest = &rest[n + 1..];
        let full = format!("|{latex}|");
        Some(Operand {
            bare: full.clone(),
            full,
        })
    }

    /// Appends operands, scripts and fractions up to a closing bracket.
    fn expression(&mut self, out: &mut String) {
        loop {
            self.rest = self.rest.trim_start();
            if self.rest.is_empty() {
                return;
            }
            let Some(first) = self.with_scripts() else {
                return;
            };
            self.rest = self.rest.trim_start();
            let is_fraction = self.rest.starts_with('/')
                && !["//", "/_"]
                    .iter()
                    .any(|other| self.rest.starts_with(other));
            if is_fraction {
                self.rest = &self.rest[1..];
                let second = self
                    .with_scripts()
                    .map_or_else(String::new, |second| second.bare);
                push_latex(out, &format!("\\frac{{{}}}{{{second}}}", first.bare));
            } else {
                push_latex(out, &first.full);
            }
        }
    }

    fn with_scripts(&mut self) -> Option<Operand> {
        let mut operand = self.simple()?;
        for mark in ['_', '^'] {
            self.rest = self.rest.trim_start();
            let is_script = self.rest.starts_with(mark)
                && !["__|", "_|_", "^^"]
                    .iter()
                    .any(|other| self.rest.starts_with(other));
            if is_script {
                self.rest = &self.rest[1..];
                let script = self.scripted_argument().bare;
                if operand.full != operand.bare {
                    operand.bare.clone_from(&operand.full);
                }
                for text in [&mut operand.full, &mut operand.bare] {
                    text.push(mark);
                    if script.chars().count() == 1 {
                        text.push_str(&script);
                    } else {
                        text.push('{');
                        text.push_str(&script);
                        text.push('}');
                    }
                }
            }
        }
        while let Some(after) = self.rest.strip_prefix('\'') {
            self.rest = after;
            operand.full.push('\'');
            operand.bare.push('\'');
        }
        Some(operand)
    }
}

/// Rows in brackets, `[a,b],[c,d]`, as a matrix.
fn matrix(open: &str, inner: &str, close: &str) -> Option<String> {
    let inner = inner.trim();
    let (row_open, row_close) = match inner.chars().next()? {
        '[' => ('[', ']'),
        '(' => ('(', ')'),
        _ => return None,
    };
    let mut rows: Vec<String> = Vec::new();
    let mut depth = 0_usize;
    let mut row = String::new();
    for letter in inner.chars() {
        match letter {
            _ if letter == row_open => {
                depth += 1;
                if depth == 1 {
                    continue;
                }
            }
            _ if letter == row_close => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    rows.push(std::mem::take(&mut row));
                    continue;
                }
            }
            ',' if depth == 1 => {
                row.push_str(" & ");
                continue;
            }
            ',' | ' ' if depth == 0 => continue,
            _ if depth == 0 => return None,
            _ => {}
        }
        row.push(letter);
    }
    let n_cells = rows.first()?.matches(" & ").count();
    if rows.len() < 2 || rows.iter().any(|row| row.matches(" & ").count() != n_cells) {
        return None;
    }
    let name = match (open, close) {
        ("(", ")") => "pmatrix",
        ("[", "]") => "bmatrix",
        ("\\{", ".") => "cases",
        _ => "matrix",
    };
    Some(format!(
        "\\begin{{{name}}} {} \\end{{{name}}}",
        rows.join(" \\\\ ")
    ))
}

#[cfg(test)]
mod tests {
    use super::to_latex;

    #[test]
    fn expressions() {
        for (source, expected) in [
            ("sqrt(x)/2 <= alpha", "\\frac{\\sqrt{x}}{2}\\le\\alpha"),
            (
                "sum_(i=1)^n i^3=((n(n+1))/2)^2",
                "\\sum_{i=1}^n i^3=\\left(\\frac{n(n+1)}{2}\\right)^2",
            ),
            ("x in RR", "x\\in\\mathbb{R}"),
            (
                "[[a,b],[c,d]]",
                "\\begin{bmatrix} a & b \\\\ c & d \\end{bmatrix}",
            ),
            ("int_0^oo e^(-x) dx", "\\int_0^{\\infty}e^{-x}dx"),
            ("\"if \" x != 0", "\\text{if }x\\ne0"),
            ("(", "\\left(\\right."),
            (")", ")"),
            ("f'(x)", "f'(x)"),
            ("|x|+1", "|x|+1"),
        ] {
            assert_eq!(to_latex(source), expected, "for {source:?}");
        }
    }
}
