//! Text mode: citations, whose keys say nothing to a reader.
//!
//! A citation goes with the tie and the brackets around it, unless a sentence needs it: then it is
//! `[citation]`. Citations in a row are one.

use super::source::cut;
use super::text::{Next, Text};
use super::writer::Gap;
use crate::options::Citations;
use crate::token::{Kind, Token};

impl Text<'_, '_> {
    /// `\cite` and kin: gone with the tie and the brackets around, unless a sentence needs it.
    pub(super) fn citation(&mut self, tokens: &[Token], at: usize, name: &str) -> Next {
        let next = self.skip_arguments(tokens, at, "sooom");
        if let Some(written) = self.goes_on_citing(is_textual(name)) {
            let next = self.take_back_brackets(tokens, next);
            self.cited = Some((self.writer.text.len(), written));
            return next;
        }
        let next = self.first_citation(tokens, at, name, next);
        self.cited = self.cited.filter(|(end, _)| *end == self.writer.text.len());
        next
    }

    /// Whether a citation stands just before, but for a comma or the like, which is taken back; and
    /// whether that one was written. Citations in a row are one.
    fn goes_on_citing(&mut self, textual: bool) -> Option<bool> {
        if self.engine.options.citations == Citations::Keep {
            return None;
        }
        let (end, written) = self.cited?;
        let between = self.writer.text.get(end..)?;
        let is_list = match between.trim() {
            "" => self.writer.pending() < Gap::Par,
            "," | ";" | "-" | "–" | "—" => true,
            "and" | ", and" | "&" | "or" => !written,
            _ => false,
        };
        if !is_list || (textual && !written) || between.contains('\n') {
            return None;
        }
        self.writer.text.truncate(end);
        self.writer.cancel_gap();
        Some(written)
    }

    fn first_citation(&mut self, tokens: &[Token], at: usize, name: &str, next: Next) -> Next {
        if self.engine.options.citations == Citations::Keep {
            let keys = self.engine.plain(&tokens[at..next.0]);
            self.writer.put(&format!("[{keys}]"));
            return next;
        }
        if is_textual(name) || self.sentence_needs_it() {
            self.writer.put("[citation]");
            self.cited = Some((self.writer.text.len(), true));
            return next;
        }
        let behind = self.take_back_brackets(tokens, next);
        if behind != next {
            return behind;
        }
        let opened = self.writer.text.ends_with(['(', '[']);
        if !opened {
            self.writer.cancel_gap();
            let ends = match next.1.as_ref().or_else(|| tokens.get(next.0)) {
                None => true,
                Some(token) => match token.kind {
                    Kind::Text => self.engine.slice(*token).starts_with(['.', ';', ':', ')']),
                    kind => matches!(kind, Kind::Par | Kind::End),
                },
            };
            if ends && self.writer.text.ends_with(',') {
                self.writer.text.pop();
            }
        }
        self.cited = Some((self.writer.text.len(), false));
        next
    }

    /// Takes back a bracket that would hold nothing; reading goes on behind its end.
    fn take_back_brackets(&mut self, tokens: &[Token], next: Next) -> Next {
        if next.1.is_none()
            && self.writer.text.ends_with(['(', '['])
            && let Some(token) = tokens.get(next.0)
            && token.kind == Kind::Text
            && self.engine.slice(*token).starts_with([')', ']'])
        {
            self.writer.text.pop();
            let trimmed = self.writer.text.trim_end_matches(' ').len();
            self.writer.text.truncate(trimmed);
            let length = self.engine.slice(*token).len();
            return (next.0 + 1, cut(*token, 1, length));
        }
        next
    }

    /// The word before is one that cannot stand without what follows, or there is none.
    fn sentence_needs_it(&self) -> bool {
        let text = self.writer.text.trim_end();
        if let Some(before) = text.strip_suffix(',') {
            return opens_example(before);
        }
        if text.is_empty() || self.writer.pending() == Gap::Par || text.ends_with(['.', ':', ';']) {
            return self.writer.pending() > Gap::None && !text.is_empty() || text.is_empty();
        }
        let word = text
            .rsplit(|c: char| !c.is_alphabetic())
            .next()
            .unwrap_or("");
        matches!(
            word,
            "in" | "In"
                | "is"
                | "are"
                | "on"
                | "at"
                | "for"
                | "using"
                | "follow"
                | "follows"
                | "e"
                | "by"
                | "By"
                | "of"
                | "see"
                | "See"
                | "from"
                | "From"
                | "to"
                | "and"
                | "with"
                | "cf"
                | "also"
                | "following"
                | "Following"
                | "Recently"
                | "papers"
                | "than"
                | "per"
                | "example"
                | "instance"
                | "paper"
                | "article"
                | "book"
                | "survey"
                | "reference"
                | "references"
                | "consult"
                | "via"
                | "after"
                | "like"
                | "g"
        )
    }
}

/// Words after which a comma and nothing more would be left.
const EXAMPLES: &[&str] = &[
    "for example",
    "for instance",
    "e.g.",
    "i.e.",
    "see",
    "see also",
    "namely",
    "by",
];

/// Whether the text ends with one of [`EXAMPLES`].
fn opens_example(text: &str) -> bool {
    EXAMPLES.iter().any(|words| {
        let Some(start) = text.len().checked_sub(words.len()) else {
            return false;
        };
        text.is_char_boundary(start)
            && text[start..].eq_ignore_ascii_case(words)
            && !text[..start].ends_with(char::is_alphanumeric)
    })
}

/// Whether the command writes the names of authors into the sentence.
fn is_textual(name: &str) -> bool {
    name.contains("citet")
        || name.contains("textcite")
        || name.contains("citeauthor")
        || matches!(
            name,
            "citeA" | "citeN" | "shortciteN" | "citeNP" | "Citet" | "onlinecite"
        )
}
