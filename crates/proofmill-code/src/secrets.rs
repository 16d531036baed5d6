//! Finds keys, tokens, e-mail and IP addresses, so that they can be masked.
//!
//! A finding names its kind and its place, never the secret: ledgers and reports may print it. Only
//! shapes that services publish are looked for, and passwords assigned as a literal of high variety;
//! examples (`AKIAIOSFODNN7EXAMPLE`, `xxxx`) are no secrets.

use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};

/// Findings in one file; more are a list of keys, and one is enough to drop it.
const MAX_FINDINGS: usize = 1000;

/// Something in a text that should not be passed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// Stable name of the kind, e.g. `github-token`, `private-key`, `email`, `ip-address`.
    pub kind: &'static str,
    /// Bytes of the text that hold it; both ends are character boundaries.
    pub span: Range<usize>,
}

/// A token that begins with a fixed prefix and goes on in one alphabet.
struct Shape {
    kind: &'static str,
    prefix: &'static str,
    extra: &'static [u8],
    min_bytes: usize,
    max_bytes: usize,
}

const SHAPES: &[Shape] = &[
    shape("aws-access-key", "AKIA", b"", 16, 16),
    shape("aws-access-key", "ASIA", b"", 16, 16),
    shape("github-token", "ghp_", b"", 36, 36),
    shape("github-token", "gho_", b"", 36, 36),
    shape("github-token", "ghs_", b"", 36, 36),
    shape("github-token", "ghu_", b"", 36, 36),
    shape("github-token", "github_pat_", b"_", 60, 120),
    shape("gitlab-token", "glpat-", b"_-", 20, 64),
    shape("slack-token", "xoxb-", b"-", 20, 120),
    shape("slack-token", "xoxp-", b"-", 20, 120),
    shape("google-api-key", "AIza", b"_-", 35, 35),
    shape("stripe-key", "sk_live_", b"", 20, 120),
    shape("stripe-key", "rk_live_", b"", 20, 120),
    shape("npm-token", "npm_", b"", 36, 36),
    shape("pypi-token", "pypi-AgEI", b"_-", 50, 300),
    shape("huggingface-token", "hf_", b"", 34, 40),
    shape("openai-key", "sk-proj-", b"_-", 40, 200),
    shape("openai-key", "sk-", b"", 48, 48),
    shape("anthropic-key", "sk-ant-", b"_-", 40, 200),
    shape("sendgrid-key", "SG.", b"._-", 60, 70),
    shape("json-web-token", "eyJ", b"._-", 60, 4000),
];

const fn shape(
    kind: &'static str,
    prefix: &'static str,
    extra: &'static [u8],
    min_bytes: usize,
    max_bytes: usize,
) -> Shape {
    Shape {
        kind,
        prefix,
        extra,
        min_bytes,
        max_bytes,
    }
}

/// Names to which a password is assigned.
const ASSIGNED: &[&str] = &[
    "password",
    "passwd",
    "secret",
    "api_key",
    "apikey",
    "access_token",
    "auth_token",
    "client_secret",
    "secret_key",
    "private_token",
];

/// Finds keys and tokens in `text`, in the order of their place, without overlaps.
///
/// Linear in the text.
#[must_use]
pub fn secrets(text: &str) -> Vec<Secret> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    private_keys(text, &mut found);
    for found_at in prefixes().find_iter(bytes) {
        if found.len() >= MAX_FINDINGS {
            break;
        }
        let (start, end) = (found_at.start(), found_at.end());
        let before = start.checked_sub(1).and_then(|at| bytes.get(at));
        let shape = &SHAPES[found_at.pattern().as_usize()];
        if !before.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
            && let Some(length) = shape.length(&bytes[end..])
        {
            found.push(Secret {
                kind: shape.kind,
                span: start..end + length,
            });
        }
    }
    for at in memchr::memchr2_iter(b'"', b'\'', bytes) {
        if found.len() >= MAX_FINDINGS {
            break;
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
    tidy(found)
}

impl Shape {
    /// Bytes behind the prefix that belong to the token, if it is one.
    fn length(&self, rest: &[u8]) -> Option<usize> {
        let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || self.extra.contains(byte);
        let length = rest
            .iter()
            .take(self.max_bytes + 1)
            .take_while(is_part)
            .count();
        let token = rest.get(..length)?;
        (length >= self.min_bytes && length <= self.max_bytes && is_random(token)).then_some(length)
    }
}

/// The prefixes of [`SHAPES`]; where one begins with another, the longer one is meant.
fn prefixes() -> &'static AhoCorasick {
    static PREFIXES: OnceLock<AhoCorasick> = OnceLock::new();
    PREFIXES.get_or_init(|| {
        AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(SHAPES.iter().map(|shape| shape.prefix))
            .expect("a few short prefixes stay far below the limits of the automaton")
    })
}

/// PEM blocks of private keys, from the opening line to the closing one (or as far as base64 goes).
fn private_keys(text: &str, found: &mut Vec<Secret>) {
    const OPEN: &str = "-----BEGIN ";
    const MAX_KEY_BYTES: usize = 16 << 10;
    let mut from = 0;
    let find = |from: usize| memchr::memmem::find(text.as_bytes().get(from..)?, OPEN.as_bytes());
    while let Some(at) = find(from).map(|at| from + at) {
        from = at + OPEN.len();
        let Some(label) = text[from..]
            .split("-----")
            .next()
            .filter(|label| label.len() < 64)
        else {
            continue;
        };
        if !label.ends_with("PRIVATE KEY") && !label.ends_with("PRIVATE KEY BLOCK") {
            continue;
        }
        let mut stop = text.len().min(from + MAX_KEY_BYTES);
        while !text.is_char_boundary(stop) {
            stop -= 1;
        }
        let body = &text[from + label.len()..stop];
        let end = body.find("-----END ").map_or(from + label.len(), |length| {
            let close = from + label.len() + length;
            text[close..stop]
                .find('\n')
                .map_or(stop, |rest| close + rest)
        });
        let n_key_bytes = end - from;
        if n_key_bytes > 200 && found.len() < MAX_FINDINGS {
            found.push(Secret {
                kind: "private-key",
                span: at..end,
            });
            from = end;
        }
    }
}

/// Whether `before`, the text in front of a quote, ends in `name =`, `name:` or `"name":` with a name
/// that says secret.
fn is_assigned(before: &[u8]) -> bool {
    const MAX_NAME_BYTES: usize = 40;
    let Some((b'=' | b':', before)) = without_blanks(before).split_last() else {
        return false;
    };
    let before = without_blanks(before);
    let before = before
        .strip_suffix(b"\"")
        .or(before.strip_suffix(b"'"))
        .unwrap_or(before);
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let length = before
        .iter()
        .rev()
        .take(MAX_NAME_BYTES)
        .take_while(is_part)
        .count();
    let name = before[before.len() - length..].to_ascii_lowercase();
    ASSIGNED
        .iter()
        .any(|known| name.ends_with(known.as_bytes()))
}

/// `text` without blanks at its end; looks at a few only, so that a text of blanks stays linear.
fn without_blanks(text: &[u8]) -> &[u8] {
    const MAX_BLANKS: usize = 4;
    let n_blanks = text
        .iter()
        .rev()
        .take(MAX_BLANKS)
        .take_while(|byte| **byte == b' ')
        .count();
    &text[..text.len() - n_blanks]
}

/// The literal that opens at the quote at `at`, without its quotes, if it looks random.
fn literal(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    const MAX_BYTES: usize = 200;
    const MIN_BYTES: usize = 16;
    let quote = *bytes.get(at)?;
    let rest = bytes.get(at + 1..)?;
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+/=_-.!@#%^&*".contains(byte);
    let length = rest.iter().take(MAX_BYTES).take_while(is_part).count();
    let is_closed = rest.get(length) == Some(&quote);
    (is_closed && length >= MIN_BYTES && is_random(&rest[..length]))
        .then(|| at + 1..at + 1 + length)
}

/// Whether `token` mixes letters and digits as no word and no example does.
fn is_random(token: &[u8]) -> bool {
    let mut seen = [false; 256];
    for byte in token {
        seen[usize::from(byte.to_ascii_lowercase())] = true;
    }
    let n_different = seen.iter().filter(|seen| **seen).count();
    let upper: Vec<u8> = token.iter().take(200).map(u8::to_ascii_uppercase).collect();
    let is_example = [&b"EXAMPLE"[..], b"XXXX", b"1234567", b"ABCDEF", b"YOUR"]
        .iter()
        .any(|word| memchr::memmem::find(&upper, word).is_some());
    !is_example
        && n_different >= 8
        && token.iter().any(u8::is_ascii_digit)
        && token.iter().any(u8::is_ascii_alphabetic)
}

/// Finds e-mail addresses: a name, `@`, and a domain with a dot. Linear in the text.
#[must_use]
pub fn emails(text: &str) -> Vec<Secret> {
    const MAX_PART_BYTES: usize = 64;
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    for at in memchr::memchr_iter(b'@', bytes) {
        if found.len() >= MAX_FINDINGS {
            break;
        }
        let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"._%+-".contains(byte);
        let is_domain = |byte: &&u8| byte.is_ascii_alphanumeric() || b".-".contains(byte);
        let n_name = bytes[..at]
            .iter()
            .rev()
            .take(MAX_PART_BYTES)
            .take_while(is_name)
            .count();
        let rest = &bytes[at + 1..];
        let n_domain = rest
            .iter()
            .take(MAX_PART_BYTES)
            .take_while(is_domain)
            .count();
        let mut domain = &rest[..n_domain];
        while let [head @ .., b'.' | b'-'] = domain {
            domain = head;
        }
        let top = domain
            .rsplit(|byte| *byte == b'.')
            .next()
            .unwrap_or_default();
        let has_dot = top.len() < domain.len();
        if n_name > 0 && has_dot && top.len() >= 2 && top.iter().all(u8::is_ascii_alphabetic) {
            found.push(Secret {
                kind: "email",
                span: at - n_name..at + 1 + domain.len(),
            });
        }
    }
    tidy(found)
}

/// Finds public IPv4 addresses; loopback, private and unset ones tell nothing and stay.
///
/// Four numbers of at most 255 with dots between them that are no version (`v1.2.3.4`). Linear.
#[must_use]
pub fn ip_addresses(text: &str) -> Vec<Secret> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(dot) = memchr::memchr(b'.', &bytes[at..]).map(|skip| at + skip) {
        at = dot + 1;
        let n_first = bytes[..dot]
            .iter()
            .rev()
            .take(4)
            .take_while(|b| b.is_ascii_digit())
            .count();
        if !(1..=3).contains(&n_first) || found.len() >= MAX_FINDINGS {
            continue;
        }
        let start = dot - n_first;
        let before = start.checked_sub(1).map(|before| bytes[before]);
        if before.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)) {
            continue;
        }
        let Some(end) = address_end(bytes, start) else {
            continue;
        };
        found.push(Secret {
            kind: "ip-address",
            span: start..end,
        });
        at = end;
    }
    found
}

fn address_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut octets = [0_u16; 4];
    let mut at = start;
    for (index, octet) in octets.iter_mut().enumerate() {
        if index > 0 {
            if bytes.get(at) != Some(&b'.') {
                return None;
            }
            at += 1;
        }
        let digits = bytes
            .get(at..)?
            .iter()
            .take(4)
            .take_while(|byte| byte.is_ascii_digit());
        let length = digits.count();
        if !(1..=3).contains(&length) {
            return None;
        }
        for digit in &bytes[at..at + length] {
            *octet = *octet * 10 + u16::from(digit - b'0');
        }
        at += length;
    }
    let goes_on = bytes
        .get(at)
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        || (bytes.get(at) == Some(&b'.') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit));
    let [first, second, ..] = octets;
    let is_private = matches!(first, 0 | 10 | 127 | 255)
        || (first == 192 && second == 168)
        || (first == 172 && (16..32).contains(&second));
    let is_valid = octets.iter().all(|octet| *octet <= 255);
    // `3.1.2.1` numbers a section or a release, `8.8.8.8` does not.
    let is_section = octets.iter().all(|octet| *octet <= 20) && octets != [first; 4];
    (is_valid && !is_private && !is_section && !goes_on).then_some(at)
}

/// Replaces each of `secrets` in `text` by `<KIND>`, e.g. `<email>`.
///
/// Spans that overlap an earlier one or do not fit `text` are passed over.
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
        masked.push_str(before);
        masked.push('<');
        masked.push_str(secret.kind);
        masked.push('>');
        from = secret.span.end;
    }
    masked.push_str(text.get(from..).unwrap_or_default());
    masked
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
