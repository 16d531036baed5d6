//! Passwords and keys without a published shape: literals of high variety behind a name that says
//! secret, behind `Bearer`, and in the user part of a URL.

use std::ops::Range;

use super::{MAX_FINDINGS, Secret, is_random};

/// Ends of names to which secrets are assigned; lower case without `_` and `-`.
const NAMES: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "secretkey",
    "secretaccesskey",
    "apikey",
    "apitoken",
    "accesskey",
    "accesstoken",
    "authkey",
    "authtoken",
    "privatetoken",
    "refreshtoken",
];

/// Appends what is assigned in `text`.
pub(super) fn find(text: &str, found: &mut Vec<Secret>) {
    let bytes = text.as_bytes();
    for at in memchr::memchr2_iter(b'"', b'\'', bytes) {
        if found.len() >= MAX_FINDINGS {
            return;
        }
        if is_assigned(&bytes[..at])
            && let Some(span) = literal(bytes, at)
        {
            found.push(Secret {
                kind: "assigned-secret",
                span,
            });
        }
    }
    for at in memchr::memmem::find_iter(bytes, b"Bearer ") {
        let start = at + b"Bearer ".len();
        let length = secret_bytes(&bytes[start..]);
        if found.len() < MAX_FINDINGS && is_secret(&bytes[start..start + length], 24) {
            found.push(Secret {
                kind: "bearer-token",
                span: start..start + length,
            });
        }
    }
    for at in memchr::memmem::find_iter(bytes, b"://") {
        if found.len() < MAX_FINDINGS
            && let Some(span) = password_of_url(bytes, at + 3)
        {
            found.push(Secret {
                kind: "url-password",
                span,
            });
        }
    }
}

/// Whether `before`, the text in front of a quote, ends in `name =`, `name:`, `name <-`, `"name":`,
/// `"name" =>` or `["name"] =` with a name that says secret.
fn is_assigned(before: &[u8]) -> bool {
    const MAX_NAME_BYTES: usize = 40;
    const ARROWS: [&[u8]; 5] = [b"<-", b"=>", b":=", b"=", b":"];
    let before = without_blanks(before);
    let Some(before) = ARROWS.iter().find_map(|arrow| before.strip_suffix(*arrow)) else {
        return false;
    };
    let before = without_blanks(before);
    let before = before.strip_suffix(b"]").unwrap_or(before);
    let before = before
        .strip_suffix(b"\"")
        .or(before.strip_suffix(b"'"))
        .unwrap_or(before);
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let name = before.iter().rev().take(MAX_NAME_BYTES);
    let backwards = name
        .take_while(is_part)
        .filter(|byte| byte.is_ascii_alphanumeric());
    let backwards: Vec<u8> = backwards.map(u8::to_ascii_lowercase).collect();
    NAMES.iter().any(|known| {
        backwards
            .iter()
            .copied()
            .take(known.len())
            .eq(known.bytes().rev())
    })
}

/// `text` without blanks at its end; looks at a few only, so that a text of blanks stays linear.
fn without_blanks(text: &[u8]) -> &[u8] {
    const MAX_BLANKS: usize = 8;
    let blanks = text.iter().rev().take(MAX_BLANKS);
    let n_blanks = blanks.take_while(|byte| **byte == b' ').count();
    &text[..text.len() - n_blanks]
}

/// The literal that opens at the quote at `at`, without its quotes, if it looks random.
fn literal(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let quote = *bytes.get(at)?;
    let rest = bytes.get(at + 1..)?;
    let length = secret_bytes(rest);
    let is_closed = rest.get(length) == Some(&quote);
    (is_closed && is_secret(&rest[..length], 16)).then(|| at + 1..at + 1 + length)
}

/// Bytes at the start of `text` that a secret may have.
fn secret_bytes(text: &[u8]) -> usize {
    const MAX_BYTES: usize = 200;
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+/=_-.!@#%^&*~".contains(byte);
    text.iter().take(MAX_BYTES).take_while(is_part).count()
}

/// Whether `text` changes between small letters, capitals and digits as names and phrases do not.
fn is_secret(text: &[u8], min_bytes: usize) -> bool {
    const BYTES_PER_TURN: usize = 6;
    let (n_turns, n_to_digits) = turns(text);
    text.len() >= min_bytes
        && is_random(text)
        && n_to_digits >= 2
        && n_turns * BYTES_PER_TURN >= text.len()
}

/// Changes between small letters, capitals and digits, where a capital in front of a small letter is
/// none; and those to or from digits.
fn turns(text: &[u8]) -> (usize, usize) {
    let class = |byte: &u8| match byte {
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        b'0'..=b'9' => 3,
        _ => 0,
    };
    let (mut n_turns, mut n_to_digits) = (0, 0);
    for pair in text.windows(2) {
        let (left, right) = (class(&pair[0]), class(&pair[1]));
        if left != 0 && right != 0 && left != right && (left, right) != (2, 1) {
            n_turns += 1;
            n_to_digits += usize::from(left == 3 || right == 3);
        }
    }
    (n_turns, n_to_digits)
}

/// The password of `user:password@host` at `at`, if it is neither a word nor a placeholder.
fn password_of_url(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    const MAX_PART_BYTES: usize = 64;
    const MIN_PASSWORD_BYTES: usize = 8;
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"._~-!$&*+=%".contains(byte);
    let part = |at: usize| {
        let part = bytes.get(at..)?.iter().take(MAX_PART_BYTES);
        Some(part.take_while(is_part).count())
    };
    let colon = at + part(at)?;
    if bytes.get(colon) != Some(&b':') {
        return None;
    }
    let start = colon + 1;
    let end = start + part(start)?;
    let password = &bytes[start..end];
    let is_password = bytes.get(end) == Some(&b'@')
        && password.len() >= MIN_PASSWORD_BYTES
        && !password.contains(&b'$')
        && turns(password).1 >= 2
        && is_random(password);
    is_password.then_some(start..end)
}
