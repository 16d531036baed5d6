//! Text mode: verbatim material as Markdown code.

use super::text::Text;
use super::writer::Gap;
use crate::token::{BLOCK, Token};

impl Text<'_, '_> {
    pub(super) fn verbatim(&mut self, token: Token) {
        let text = self.engine.slice(token);
        if !token.has(BLOCK) {
            self.writer.put(&inline_code(text));
            return;
        }
        let (language, body) = listing(text);
        self.paragraph();
        let fence = if body.contains("```") { "````" } else { "```" };
        self.writer
            .put(&format!("{fence}{language}\n{body}\n{fence}"));
        self.writer.gap(Gap::Par);
    }
}

/// `\verb|x|` as code; other raw text as it is.
pub(super) fn inline_code(text: &str) -> String {
    let Some(name_end) = text
        .strip_prefix('\\')
        .map(|rest| 1 + rest.bytes().take_while(u8::is_ascii_alphabetic).count())
    else {
        return text.to_owned();
    };
    let name = &text[1..name_end];
    if !matches!(name, "verb" | "Verb" | "lstinline" | "mintinline") {
        return text.to_owned();
    }
    let mut rest = text[name_end..].trim_start_matches('*');
    if name == "lstinline" || name == "mintinline" {
        if rest.starts_with('[') {
            rest = rest.split_once(']').map_or(rest, |(_, rest)| rest);
        }
        if name == "mintinline" {
            rest = rest.split_once('}').map_or(rest, |(_, rest)| rest);
        }
    }
    let mut chars = rest.chars();
    chars.next();
    chars.next_back();
    let body = chars.as_str();
    if body.contains('`') {
        format!("`` {body} ``")
    } else {
        format!("`{body}`")
    }
}

/// Language and body of a verbatim environment.
pub(super) fn listing(text: &str) -> (String, &str) {
    let Some((head, rest)) = text.split_once('}') else {
        return (String::new(), text);
    };
    let body = rest.rfind("\\end{").map_or(rest, |end| &rest[..end]);
    let minted = head.ends_with("{minted");
    let mut language = String::new();
    let mut body = body;
    if body.starts_with('[')
        && let Some((option, after)) = body[1..].split_once(']')
        && !option.contains('\n')
    {
        option
            .split(',')
            .find_map(|pair| pair.trim().strip_prefix("language"))
            .map(|value| {
                value
                    .trim_start_matches(['=', ' ', '{'])
                    .trim_end_matches('}')
            })
            .unwrap_or_default()
            .clone_into(&mut language);
        body = after;
    }
    if minted
        && let Some((name, after)) = body.strip_prefix('{').and_then(|rest| rest.split_once('}'))
    {
        name.clone_into(&mut language);
        body = after;
    }
    let first_line = body.split('\n').next().unwrap_or("");
    if first_line.trim().is_empty() && body.contains('\n') {
        body = &body[first_line.len() + 1..];
    }
    (
        language.to_lowercase().replace(char::is_whitespace, ""),
        body.trim_end(),
    )
}
