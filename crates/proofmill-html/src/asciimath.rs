//! AsciiMath to LaTeX.
//!
//! The symbols are data (`data/asciimath.txt`). Follows the published grammar: an expression is a run of `simple _ simple ^ simple` or
//! `fraction = term / term`, longest symbol first, brackets around the operands of `/`, `_`, `^`
//! and functions are dropped. Source: the AsciiMath syntax page, asciimath.org.

use std::sync::LazyLock;

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

/// Kind, spelling and LaTeX of a symbol, one a line.
const TABLE: &str = include_str!("../data/asciimath.txt");

/// The symbols by the first byte of their spelling, longest first.
static SYMBOLS: LazyLock<Vec<Vec<Symbol>>> = LazyLock::new(|| {
    let mut symbols: Vec<Vec<Symbol>> = (0..128).map(|_| Vec::new()).collect();
    for line in TABLE.lines() {
        let mut parts = line.split('\t');
        let (Some(kind), Some(spelling), Some(latex)) = (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let kind = match kind {
            "unary" => Kind::Unary,
            "binary" => Kind::Binary,
            "left" => Kind::Left,
            "right" => Kind::Right,
            _ => Kind::Plain,
        };
        let first = spelling.bytes().next().unwrap_or_default();
        if let Some(bucket) = symbols.get_mut(usize::from(first)) {
            bucket.push(Symbol {
                spelling,
                latex,
                kind,
            });
        }
    }
    for bucket in &mut symbols {
        bucket.sort_by_key(|symbol| std::cmp::Reverse(symbol.spelling.len()));
    }
    symbols
});

/// A symbol of the table.
#[derive(Clone, Copy)]
struct Symbol {
    spelling: &'static str,
    latex: &'static str,
    kind: Kind,
}

/// Translates one expression. Linear but for brackets, which nest at most [`MAX_DEPTH`] deep.
pub(crate) fn to_latex(source: &str) -> String {
    let mut reader = Reader {
        rest: source.trim(),
        depth: 0,
    };
    let mut out = String::new();
    while !reader.rest.is_empty() {
        reader.expression(&mut out);
        if let Some(Symbol {
            spelling, latex, ..
        }) = reader.peek()
        {
            // a closing bracket that nobody opened
            push_latex(&mut out, if latex == "." { "" } else { latex });
            reader.rest = &reader.rest[spelling.len()..];
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

impl Reader<'_> {
    /// The longest symbol that comes next.
    fn peek(&mut self) -> Option<Symbol> {
        self.rest = self.rest.trim_start();
        let first = self.rest.bytes().next()?;
        let bucket = SYMBOLS.get(usize::from(first))?;
        bucket
            .iter()
            .find(|symbol| self.rest.starts_with(symbol.spelling))
            .copied()
    }

    /// A number or a quoted text or one character; advances.
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
        let Some(Symbol {
            spelling,
            latex,
            kind,
        }) = self.peek()
        else {
            if self.rest.starts_with('|') && self.depth < MAX_DEPTH {
                return Some(self.bars());
            }
            return self.atom().map(plain);
        };
        if kind == Kind::Right {
            return None;
        }
        self.rest = &self.rest[spelling.len()..];
        match kind {
            Kind::Plain | Kind::Right => Some(plain(latex.to_owned())),
            Kind::Left => Some(self.bracketed(latex)),
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
    fn bracketed(&mut self, open: &str) -> Operand {
        if self.depth >= MAX_DEPTH {
            let latex = if open == "." {
                String::new()
            } else {
                open.to_owned()
            };
            return Operand {
                bare: latex.clone(),
                full: latex,
            };
        }
        self.depth += 1;
        let mut bare = String::new();
        self.expression(&mut bare);
        self.depth -= 1;
        let mut close = String::from(".");
        if let Some(Symbol {
            spelling,
            latex,
            kind: Kind::Right,
        }) = self.peek()
        {
            latex.clone_into(&mut close);
            self.rest = &self.rest[spelling.len()..];
        }
        if let Some(matrix) = matrix(open, &bare, &close) {
            return Operand {
                bare: matrix.clone(),
                full: matrix,
            };
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
        Operand { full, bare }
    }

    /// `|x|`.
    fn bars(&mut self) -> Operand {
        let rest = &self.rest[1..];
        let Some(n) = rest.find('|') else {
            self.rest = rest;
            return Operand {
                full: "|".to_owned(),
                bare: "|".to_owned(),
            };
        };
        let mut inner = Reader {
            rest: &rest[..n],
            depth: self.depth + 1,
        };
        let mut latex = String::new();
        inner.expression(&mut latex);
        self.rest = &rest[n + 1..];
        let full = format!("|{latex}|");
        Operand {
            bare: full.clone(),
            full,
        }
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
