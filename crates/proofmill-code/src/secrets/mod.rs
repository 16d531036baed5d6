//! Finds keys, tokens, e-mail and IP addresses, so that a file can be dropped or they can be masked.
//!
//! A finding names its kind and its place, never the secret: ledgers and reports may print it. Only
//! shapes that services publish are looked for (`tokens`), private keys (`keys`), and literals of
//! high variety behind a name that says secret (`assigned`); examples (`AKIAIOSFODNN7EXAMPLE`,
//! `xxxx`) are no secrets. Addresses stand in `contacts`. Everything is linear in the text.

mod assigned;
mod contacts;
mod keys;
mod tokens;

use std::ops::Range;

pub use contacts::{emails, ip_addresses};

/// Findings of one kind in one file at most; a file with so many is a list of them.
pub const MAX_FINDINGS: usize = 1000;

/// Something in a text that should not be passed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// Stable name of the kind, e.g. `github-token`, `private-key`, `email`, `ip-address`.
    pub kind: &'static str,
    /// Bytes of the text that hold it; both ends are character boundaries.
    pub span: Range<usize>,
}

/// Finds keys and tokens in `text`, in the order of their place, without overlaps; at most about
/// [`MAX_FINDINGS`].
#[must_use]
pub fn secrets(text: &str) -> Vec<Secret> {
    let mut found = Vec::new();
    keys::find(text, &mut found);
    tokens::find(text, &mut found);
    assigned::find(text, &mut found);
    tidy(found)
}

/// Finds e-mail and IP addresses in `text`, in the order of their place, without overlaps.
#[must_use]
pub fn addresses(text: &str) -> Vec<Secret> {
    let mut found = emails(text);
    found.extend(ip_addresses(text));
    tidy(found)
}

/// Replaces each of `secrets` in `text` by `<KIND>`, e.g. `<email>`.
///
/// A finding that stands in angle brackets already keeps these: `A. Person <email>`. Spans that
/// overlap an earlier one or do not fit `text` are passed over.
#[must_use]
pub fn mask(text: &str, secrets: &[Secret]) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut from = 0;
    for secret in secrets {
        let Some(before) = text.get(from..secret.span.start) else {
            continue;
        };
        if text.get(secret.span.clone()).is_none() {
            continue;
        }
        let has_brackets = before.ends_with('<') && text[secret.span.end..].starts_with('>');
        masked.push_str(before);
        if has_brackets {
            masked.push_str(secret.kind);
        } else {
            masked.extend(["<", secret.kind, ">"]);
        }
        from = secret.span.end;
    }
    masked.push_str(text.get(from..).unwrap_or_default());
    masked
}

/// Kind and line of each of `secrets`, e.g. `github-token line 12`; lines count from 1.
///
/// Takes findings in the order of their place, as the finders give them.
#[must_use]
pub fn places(text: &str, secrets: &[Secret]) -> Vec<String> {
    let (mut line, mut from) = (1, 0);
    let mut places = Vec::with_capacity(secrets.len());
    for secret in secrets {
        let passed = text.as_bytes().get(from..secret.span.start);
        line += memchr::memchr_iter(b'\n', passed.unwrap_or_default()).count();
        from = secret.span.start.max(from);
        places.push(format!("{} line {line}", secret.kind));
    }
    places
}

/// Sorts by place and drops what overlaps an earlier finding.
fn tidy(mut found: Vec<Secret>) -> Vec<Secret> {
    found.sort_by_key(|secret| (secret.span.start, std::cmp::Reverse(secret.span.end)));
    let mut end = 0;
    found.retain(|secret| {
        let keep = secret.span.start >= end;
        if keep {
            end = secret.span.end;
        }
        keep
    });
    found
}

/// Whether `token` mixes letters and digits as no word and no example does.
fn is_random(token: &[u8]) -> bool {
    let upper: Vec<u8> = token.iter().take(200).map(u8::to_ascii_uppercase).collect();
    let is_example = [
        &b"EXAMPLE"[..],
        b"XXXX",
        b"0000000",
        b"1234567",
        b"ABCDEF",
        b"YOUR",
    ]
    .iter()
    .any(|word| memchr::memmem::find(&upper, word).is_some());
    !is_example
        && n_different(token) >= 8
        && token.iter().any(u8::is_ascii_digit)
        && token.iter().any(u8::is_ascii_alphabetic)
}

/// Different bytes, letters without case.
fn n_different(token: &[u8]) -> usize {
    let mut seen = [false; 256];
    for byte in token {
        seen[usize::from(byte.to_ascii_lowercase())] = true;
    }
    seen.iter().filter(|seen| **seen).count()
}
