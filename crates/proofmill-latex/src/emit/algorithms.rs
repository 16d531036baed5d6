//! Text mode: algorithms as indented lines, and the units of siunitx.

use super::text::{Next, Text};
use super::writer::Gap;
use crate::names::Env;
use crate::token::{Kind, Token};

impl Text<'_, '_> {
    /// Commands of the algorithm packages, inside an algorithm; `None` elsewhere.
    #[expect(clippy::too_many_lines, reason = "one arm per command")]
    pub(super) fn algorithm(&mut self, tokens: &[Token], at: usize, name: &str) -> Option<Next> {
        if !self.inside(Env::Algorithm) {
            return None;
        }
        let lower = name.to_lowercase();
        let line = |text: &mut Self| {
            text.writer.trim_blank_line();
            text.writer.gap(Gap::Line);
            let indent = "  ".repeat(text.indent.min(12));
            text.writer.put(&indent);
        };
        match lower.as_str() {
            "state" | "statex" | "statement" | "step" => {
                line(self);
                Some(self.skip_arguments(tokens, at, "o"))
            }
            "require" | "ensure" | "input" | "output" | "kwin" | "kwout" | "kwdata"
            | "kwresult" | "kwinput" | "kwoutput" => {
                let label = match lower.as_str() {
                    "require" => "Require:",
                    "ensure" => "Ensure:",
                    "output" | "kwout" | "kwoutput" => "Output:",
                    "kwdata" => "Data:",
                    "kwresult" => "Result:",
                    _ => "Input:",
                };
                line(self);
                self.writer.put(label);
                self.writer.gap(Gap::Space);
                let next = self.skip_arguments(tokens, at, "o").0;
                if lower.starts_with("kw")
                    && tokens
                        .get(next)
                        .is_some_and(|token| token.kind == Kind::Open)
                {
                    // algorithm2e: what follows the argument is the first line.
                    let argument = self.argument(tokens, next);
                    self.in_place(&argument.tokens);
                    self.writer.gap(Gap::Line);
                    return Some(argument.next);
                }
                Some((next, None))
            }
            "return" | "kwret" => {
                if !self.writer.text.ends_with("  ") {
                    line(self);
                }
                self.writer.put("return");
                self.writer.gap(Gap::Space);
                Some((at, None))
            }
            "if" | "while" | "for" | "forall" | "foreach" | "elsif" | "elseif" | "uif"
            | "function" | "procedure" | "eif" | "until" => {
                let condition = self.argument(tokens, self.skip_arguments(tokens, at, "o"));
                let text = self.one_line(&condition.tokens);
                if lower.starts_with("els") || lower == "until" {
                    self.indent = self.indent.saturating_sub(1);
                }
                line(self);
                let (word, end) = match lower.as_str() {
                    "if" | "uif" | "eif" => ("if", " then"),
                    "elsif" | "elseif" => ("else if", " then"),
                    "while" => ("while", " do"),
                    "for" => ("for", " do"),
                    "forall" | "foreach" => ("for all", " do"),
                    "until" => ("until", ""),
                    _ => (name, ""),
                };
                let mut next = condition.next;
                let mut head = format!("{} {text}{end}", word.to_lowercase());
                if lower == "function" || lower == "procedure" {
                    let arguments = self.argument(tokens, next.0);
                    let arguments_text = self.one_line(&arguments.tokens);
                    head = format!("{lower} {text}({arguments_text})");
                    next = arguments.next;
                }
                self.writer.put(&head);
                if lower == "until" {
                    return Some(next);
                }
                self.indent += 1;
                // algorithm2e: the block is an argument.
                let mut blocks = 0;
                while blocks < if lower == "eif" { 2 } else { 1 }
                    && tokens
                        .get(skip_blank(tokens, next.0))
                        .is_some_and(|t| t.kind == Kind::Open)
                {
                    let block = self.argument(tokens, next.0);
                    if blocks == 1 {
                        self.indent -= 1;
                        line(self);
                        self.writer.put("else");
                        self.indent += 1;
                    }
                    line(self);
                    self.in_place(&block.tokens);
                    next = block.next;
                    blocks += 1;
                }
                if blocks > 0 {
                    self.indent = self.indent.saturating_sub(1);
                    self.writer.gap(Gap::Line);
                }
                Some(next)
            }
            "else" | "repeat" | "loop" => {
                if lower == "else" {
                    self.indent = self.indent.saturating_sub(1);
                }
                line(self);
                self.writer.put(&lower);
                self.indent += 1;
                Some((at, None))
            }
            ";" => {
                line(self);
                Some((at, None))
            }
            "comment" | "tcp" | "tcc" | "rcomment" => {
                let argument = self.argument(tokens, self.skip_arguments(tokens, at, "s"));
                let text = self.one_line(&argument.tokens);
                self.writer.gap(Gap::Space);
                self.writer.put(&format!("// {text}"));
                Some(argument.next)
            }
            "call" => {
                let name = self.argument(tokens, at);
                let name_text = self.one_line(&name.tokens);
                let arguments = self.argument(tokens, name.next.0);
                let text = self.one_line(&arguments.tokens);
                self.writer.put(&format!("{name_text}({text})"));
                Some(arguments.next)
            }
            "gets" => {
                self.writer.put("←");
                self.writer.gap(Gap::Space);
                Some((at, None))
            }
            _ if lower.starts_with("end") && lower.len() > 3 => {
                self.indent = self.indent.saturating_sub(1);
                line(self);
                let word = lower.trim_start_matches("end");
                self.writer.put(&format!("end {word}"));
                Some((at, None))
            }
            "setalgolined" | "dontprintsemicolon" | "linesnumbered" | "algorithmicrequire"
            | "algorithmicensure" => Some((at, None)),
            _ => None,
        }
    }

    /// A unit of siunitx.
    pub(super) fn unit(&self, tokens: &[Token]) -> String {
        let mut text = String::new();
        for token in tokens {
            match token.kind {
                Kind::Cs => text.push_str(match self.name(*token) {
                    "meter" | "metre" | "milli" => "m",
                    "second" => "s",
                    "gram" => "g",
                    "kilogram" => "kg",
                    "kilo" => "k",
                    "micro" => "µ",
                    "nano" => "n",
                    "centi" => "c",
                    "mega" => "M",
                    "giga" => "G",
                    "per" => "/",
                    "squared" => "^2",
                    "cubed" => "^3",
                    "percent" => "%",
                    "degree" => "°",
                    "celsius" | "degreeCelsius" => "°C",
                    "kelvin" => "K",
                    "hertz" => "Hz",
                    "joule" => "J",
                    "watt" => "W",
                    "newton" => "N",
                    "pascal" => "Pa",
                    "volt" => "V",
                    "ampere" => "A",
                    "byte" => "B",
                    "bit" => "bit",
                    "minute" => "min",
                    "hour" => "h",
                    "mole" => "mol",
                    "km" => "km",
                    "cm" => "cm",
                    "mm" => "mm",
                    other => other,
                }),
                Kind::Text => text.push_str(self.engine.slice(*token)),
                Kind::Sup => text.push('^'),
                Kind::Tie | Kind::Space => text.push(' '),
                _ => {}
            }
        }
        text
    }
}

/// Index of the next token that is no white space.
fn skip_blank(tokens: &[Token], at: usize) -> usize {
    let blank = |token: &&Token| matches!(token.kind, Kind::Space | Kind::Par);
    at + tokens[at.min(tokens.len())..]
        .iter()
        .take_while(blank)
        .count()
}
