//! The texts of a document that rules can read.

use std::borrow::Cow;

use proofmill_types::{Document, Kind};

/// Characters of the text that count as its opening.
const OPENING_CHARS: usize = 1_000;

/// The text named `name` (one of [`crate::TEXT_VALUES`]) of `doc`; `None` where it has none.
#[must_use]
pub fn text_value<'a>(doc: &'a Document, name: &str) -> Option<Cow<'a, str>> {
    let found = match name {
        "language" => doc.language.as_deref(),
        "license" => doc.license.as_deref(),
        "origin" => Some(doc.origin.as_str()),
        "url" => url(doc),
        "host" => {
            let host = host(url(doc)?);
            return (!host.is_empty()).then(|| Cow::Owned(host.to_ascii_lowercase()));
        }
        "path" => doc.meta.text("path").or_else(|| match url(doc) {
            Some(url) => Some(after_host(url)),
            None => Some(doc.origin.as_str()),
        }),
        "repo" => doc.meta.text("repo"),
        "opening" => {
            let end = doc.text.char_indices().nth(OPENING_CHARS).map(|(at, _)| at);
            Some(&doc.text[..end.unwrap_or(doc.text.len())])
        }
        _ => None,
    };
    found.filter(|text| !text.is_empty()).map(Cow::Borrowed)
}

fn url(doc: &Document) -> Option<&str> {
    let is_url = doc.kind != Kind::Code && doc.origin.contains("://");
    doc.meta
        .text("url")
        .or_else(|| is_url.then_some(doc.origin.as_str()))
}

/// What stands between the scheme and the first slash, without user and port.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    match host.split_once(']') {
        Some((v6, _)) => v6.trim_start_matches('['),
        None => host
            .split(':')
            .next()
            .unwrap_or_default()
            .trim_end_matches('.'),
    }
}

/// What follows the host: path, query and fragment.
fn after_host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find(['/', '?', '#']).map_or("", |at| &rest[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_urls() {
        let table = [
            (
                "https://Math.Example.org/q/1?a=b#c",
                "math.example.org",
                "/q/1?a=b#c",
            ),
            ("http://user:pass@example.org:8080/x", "example.org", "/x"),
            ("http://[::1]:80/x", "::1", "/x"),
            ("https://example.org", "example.org", ""),
            ("https://example.org.?q", "example.org", "?q"),
        ];
        for (url, host, path) in table {
            let mut doc = Document::from_text("x");
            doc.origin = url.to_owned();
            assert_eq!(text_value(&doc, "host").as_deref(), Some(host), "{url}");
            assert_eq!(
                text_value(&doc, "path").as_deref(),
                Some(path).filter(|p| !p.is_empty())
            );
        }
    }

    #[test]
    fn what_is_not_there_is_not_measured() {
        let doc = Document::from_text("x");
        for name in [
            "language", "license", "origin", "url", "host", "path", "repo",
        ] {
            assert_eq!(text_value(&doc, name), None, "{name}");
        }
        assert_eq!(text_value(&doc, "opening").as_deref(), Some("x"));
    }
}
