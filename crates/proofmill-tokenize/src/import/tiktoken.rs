//! Rank files: on each line a token in base64 and its rank, which is its id.

use super::ranks::{MAX_TOKENS, Ranks, from_base64};
use crate::family::Family;

/// Bytes of the first line at most, when a file is told by it.
const MAX_FIRST_LINE_BYTES: usize = 1024;

/// Whether a file begins with a line as rank files have it.
pub(super) fn is_ranks(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(MAX_FIRST_LINE_BYTES)];
    let line = start.split(|byte| *byte == b'\n').next();
    line.is_some_and(|line| parse_line(line).is_some())
}

/// The `tokenizer.json` of a rank file that belongs to `family`.
pub(super) fn to_json(bytes: &[u8], family: Family) -> Result<Vec<u8>, String> {
    let mut tokens = Vec::new();
    for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let Some(token) = parse_line(line) else {
            return Err(format!("line {number} is no token in base64 with its rank"));
        };
        if tokens.len() == MAX_TOKENS {
            return Err(format!("it has more than {MAX_TOKENS} tokens"));
        }
        tokens.push(token);
    }
    let mut ids: Vec<u32> = tokens.iter().map(|(_, id)| *id).collect();
    ids.sort_unstable();
    let in_order = (0..).zip(&ids).take_while(|(place, id)| place == *id);
    let first_free = u32::try_from(in_order.count()).map_err(|_| "it has too many tokens")?;
    let n_ids = ids.last().map_or(0, |last| last.saturating_add(1));
    Ranks {
        tokens,
        special: family.special_tokens(first_free, n_ids),
        normalizer: family.normalizer(),
        pre_tokenizer: family.pre_tokenizer(),
    }
    .into_json()
}

fn parse_line(line: &[u8]) -> Option<(Vec<u8>, u32)> {
    let line = line.trim_ascii();
    let space = line.iter().position(|byte| *byte == b' ')?;
    let (token, rank) = line.split_at(space);
    let rank = std::str::from_utf8(&rank[1..]).ok()?;
    Some((from_base64(token)?, rank.parse().ok()?))
}
