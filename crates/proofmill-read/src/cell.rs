//! One row of a table or of JSON lines, before it is known what it means.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// A value of a row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Null,
    Text(String),
    /// Bytes of a binary column.
    Bytes(Vec<u8>),
    /// A number, a boolean, a list or an object as compact JSON.
    Json(String),
}

/// Values by column name.
pub(crate) type Row = BTreeMap<String, Cell>;

/// Reads one JSON object.
///
/// `NaN` and `Infinity`, which Python writes and JSON does not have, are read as null.
pub(crate) fn parse_row(json: &[u8]) -> Result<Row, String> {
    let text = std::str::from_utf8(json).map_err(|error| error.to_string())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let parsed = match serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(text) {
        Ok(parsed) => parsed,
        Err(error) => {
            let mended = without_nan(text).ok_or_else(|| error.to_string())?;
            serde_json::from_str(&mended).map_err(|_| error.to_string())?
        }
    };
    let mut row = Row::new();
    for (name, value) in parsed {
        let value = value.get();
        let cell = match value.as_bytes().first() {
            Some(b'"') => Cell::Text(
                serde_json::from_str(value).map_err(|error| format!("in `{name}`: {error}"))?,
            ),
            Some(b'n') => Cell::Null,
            _ => Cell::Json(compact(value)),
        };
        row.insert(name, cell);
    }
    Ok(row)
}

/// A nested value's fields, whether it is an object or a string that holds one.
pub(crate) fn nested(cell: &Cell) -> Option<Row> {
    match cell {
        Cell::Text(text) | Cell::Json(text) if text.trim_start().starts_with('{') => {
            parse_row(text.as_bytes()).ok()
        }
        _ => None,
    }
}

impl Cell {
    /// The value as text: itself, or as JSON spells it; `None` for null and for bytes.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Json(text) => Some(text),
            Self::Null | Self::Bytes(_) => None,
        }
    }

    /// The texts of a list of texts; of a single text, that.
    pub(crate) fn texts(&self) -> Vec<String> {
        match self {
            Self::Text(text) if !text.is_empty() => vec![text.clone()],
            Self::Json(json) => match serde_json::from_str::<Vec<Option<String>>>(json) {
                Ok(texts) => texts.into_iter().flatten().collect(),
                Err(_) => Vec::new(),
            },
            _ => Vec::new(),
        }
    }
}

/// JSON without blanks between its tokens.
fn compact(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut is_string = false;
    let mut is_escaped = false;
    for c in json.chars() {
        if is_string {
            out.push(c);
            is_string = is_escaped || c != '"';
            is_escaped = !is_escaped && c == '\\';
        } else if !matches!(c, ' ' | '\t' | '\n' | '\r') {
            out.push(c);
            is_string = c == '"';
        }
    }
    out
}

/// `json` with null for `NaN`, `Infinity` and `-Infinity` outside strings; `None` without one.
fn without_nan(json: &str) -> Option<String> {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    let mut is_found = false;
    let mut is_string = false;
    while let Some(c) = rest.chars().next() {
        if !is_string {
            let word = ["NaN", "-Infinity", "Infinity"]
                .iter()
                .find(|word| rest.starts_with(**word));
            if let Some(word) = word {
                out.push_str("null");
                is_found = true;
                rest = &rest[word.len()..];
                continue;
            }
        }
        let n_bytes = match c {
            '\\' if is_string => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            '"' => {
                is_string = !is_string;
                1
            }
            _ => c.len_utf8(),
        };
        out.push_str(&rest[..n_bytes]);
        rest = &rest[n_bytes..];
    }
    is_found.then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_spelling() {
        let row =
            parse_row(br#" {"a": 1.50, "b": [1, "x y"], "c": null, "d": "\u00e9", "e":true}"#)
                .unwrap();
        let text = |name: &str| row[name].text();
        assert_eq!(text("a"), Some("1.50"));
        assert_eq!(text("b"), Some(r#"[1,"x y"]"#));
        assert_eq!(text("c"), None);
        assert_eq!(text("d"), Some("é"));
        assert_eq!(text("e"), Some("true"));
    }

    #[test]
    fn python_numbers_are_null_and_strings_stay() {
        let row = parse_row(br#"{"a": NaN, "b": "NaN \" NaN", "c": -Infinity}"#).unwrap();
        assert_eq!(row["a"], Cell::Null);
        assert_eq!(row["b"].text(), Some("NaN \" NaN"));
        assert_eq!(row["c"], Cell::Null);
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for json in [
            "",
            "{",
            "[1]",
            "3",
            "{\"a\": \"\\ud800\"}",
            "{\"a\":1} x",
            "{'a':1}",
        ] {
            assert!(parse_row(json.as_bytes()).is_err(), "for {json:?}");
        }
    }
}
