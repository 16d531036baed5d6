//! Tokens of services: a published prefix, then a run of one alphabet of a published length.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::{MAX_FINDINGS, Secret, is_random};

/// A token that begins with a fixed prefix and goes on in one alphabet.
struct Shape {
    kind: &'static str,
    prefix: &'static str,
    alphabet: Alphabet,
    n_bytes: (usize, usize), // behind the prefix
    inside: &'static [u8],   // must occur behind the prefix
}

/// Bytes of a token.
#[derive(Clone, Copy)]
enum Alphabet {
    Hex,
    Alnum,
    /// Letters, digits and these.
    And(&'static [u8]),
}

use Alphabet::{Alnum, And, Hex};

/// From the pages of the services on the form of their tokens.
#[rustfmt::skip]
const SHAPES: &[Shape] = &[
    shape("anthropic-key", "sk-ant-", And(b"_-"), (40, 200), b""),
    shape("aws-access-key", "AKIA", Alnum, (16, 16), b""),
    shape("aws-access-key", "ASIA", Alnum, (16, 16), b""),
    shape("azure-key", "AccountKey=", And(b"+/="), (86, 88), b"="),
    shape("databricks-token", "dapi", Hex, (32, 32), b""),
    shape("digitalocean-token", "dop_v1_", Hex, (64, 64), b""),
    shape("github-token", "ghp_", Alnum, (36, 36), b""),
    shape("github-token", "gho_", Alnum, (36, 36), b""),
    shape("github-token", "ghr_", Alnum, (36, 76), b""),
    shape("github-token", "ghs_", Alnum, (36, 36), b""),
    shape("github-token", "ghu_", Alnum, (36, 36), b""),
    shape("github-token", "github_pat_", And(b"_"), (60, 120), b"_"),
    shape("gitlab-token", "glpat-", And(b"_-."), (20, 64), b""),
    shape("google-api-key", "AIza", And(b"_-"), (35, 35), b""),
    shape("google-oauth-secret", "GOCSPX-", And(b"_-"), (28, 28), b""),
    shape("google-oauth-token", "ya29.", And(b"_-"), (60, 300), b""),
    shape("groq-key", "gsk_", Alnum, (48, 56), b""),
    shape("huggingface-token", "hf_", Alnum, (34, 40), b""),
    shape("json-web-token", "eyJ", And(b"._-"), (60, 4000), b".eyJ"),
    shape("mapbox-token", "sk.eyJ", And(b"._-"), (60, 120), b"."),
    shape("npm-token", "npm_", Alnum, (36, 36), b""),
    shape("openai-key", "sk-", Alnum, (32, 64), b""),
    shape("openai-key", "sk-proj-", And(b"_-"), (40, 200), b""),
    shape("openai-key", "sk-svcacct-", And(b"_-"), (40, 200), b""),
    shape("pypi-token", "pypi-AgEI", And(b"_-"), (50, 300), b""),
    shape("replicate-token", "r8_", Alnum, (37, 37), b""),
    shape("sendgrid-key", "SG.", And(b"._-"), (60, 70), b"."),
    shape("shopify-token", "shpat_", Hex, (32, 32), b""),
    shape("slack-token", "xoxb-", And(b"-"), (20, 120), b""),
    shape("slack-token", "xoxp-", And(b"-"), (20, 120), b""),
    shape("slack-token", "xoxa-", And(b"-"), (20, 120), b""),
    shape("slack-webhook", "hooks.slack.com/services/", And(b"/"), (30, 60), b"/B"),
    shape("stripe-key", "sk_live_", Alnum, (20, 120), b""),
    shape("stripe-key", "rk_live_", Alnum, (20, 120), b""),
    shape("telegram-token", ":AA", And(b"_-"), (33, 33), b""),
    shape("twilio-key", "SK", Hex, (32, 32), b""),
];

const fn shape(
    kind: &'static str,
    prefix: &'static str,
    alphabet: Alphabet,
    n_bytes: (usize, usize),
    inside: &'static [u8],
) -> Shape {
    Shape {
        kind,
        prefix,
        alphabet,
        n_bytes,
        inside,
    }
}

/// Appends the tokens in `text`.
pub(super) fn find(text: &str, found: &mut Vec<Secret>) {
    let bytes = text.as_bytes();
    for found_at in prefixes().find_iter(bytes) {
        if found.len() >= MAX_FINDINGS {
            break;
        }
        let shape = &SHAPES[found_at.pattern().as_usize()];
        let end = found_at.end();
        let Some(start) = shape.start(bytes, found_at.start()) else {
            continue;
        };
        if let Some(length) = shape.length(&bytes[end..]) {
            found.push(Secret {
                kind: shape.kind,
                span: start..end + length,
            });
        }
    }
}

impl Shape {
    /// Where the token begins whose prefix stands at `at`; `None` inside a longer word.
    fn start(&self, bytes: &[u8], at: usize) -> Option<usize> {
        const BOT_DIGITS: std::ops::RangeInclusive<usize> = 8..=10;
        let mut start = at;
        if self.prefix.starts_with(':') {
            // The number of a Telegram bot is a part of its token.
            let digits = bytes[..at].iter().rev().take(11);
            let n_digits = digits.take_while(|byte| byte.is_ascii_digit()).count();
            if !BOT_DIGITS.contains(&n_digits) {
                return None;
            }
            start -= n_digits;
        }
        let before = start.checked_sub(1).and_then(|at| bytes.get(at));
        // A run of one alphabet is looked at once, from its start.
        let is_inside = |byte: &u8| match (byte, self.alphabet) {
            (b'.' | b'-', And(extra)) => extra.contains(byte),
            _ => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+'),
        };
        (!before.is_some_and(is_inside)).then_some(start)
    }

    /// Bytes behind the prefix that belong to the token, if it is one.
    fn length(&self, rest: &[u8]) -> Option<usize> {
        let is_part = |byte: &&u8| match self.alphabet {
            Hex => byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'),
            Alnum => byte.is_ascii_alphanumeric(),
            And(extra) => byte.is_ascii_alphanumeric() || extra.contains(byte),
        };
        let (min, max) = self.n_bytes;
        let length = rest.iter().take(max + 1).take_while(is_part).count();
        let token = rest.get(..length)?;
        let is_word_over = !rest.get(length).is_some_and(u8::is_ascii_alphanumeric);
        let is_whole = (min..=max).contains(&length) && is_word_over && is_random(token);
        let is_found = is_whole && memchr::memmem::find(token, self.inside).is_some();
        // A sentence may end behind it.
        let n_tail = token.iter().rev().take_while(|byte| **byte == b'.').count();
        is_found.then_some(length - n_tail)
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
