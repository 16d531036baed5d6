//! Edges between duplicates, and the file in which a `match` task leaves them.
//!
//! | bytes | content |
//! |---|---|
//! | 0..8 | magic `PMEDGES` and a zero byte |
//! | 8..12 | version, 1 |
//! | 12..16 | zero |
//! | 16..24 | number of edges, u64 |
//! | 24..32 | XXH3-64 of the edges |
//! | 32.. | edges, sorted and unique: low u64, high u64 with the kind in its top byte |
//!
//! Numbers are little-endian. Ordinals are below 2^56.

use xxhash_rust::xxh3::xxh3_64;

use crate::{BandKind, DedupError};

/// Two documents that are duplicates, or versions of one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edge {
    /// The lower ordinal.
    pub low: u64,
    /// The higher ordinal.
    pub high: u64,
    /// Why.
    pub kind: BandKind,
}

const MAGIC: [u8; 8] = *b"PMEDGES\0";
const VERSION: u32 = 1;
const HEADER_BYTES: usize = 32;
const EDGE_BYTES: usize = 16;
const ORDINAL_BITS: u32 = 56;
const WHAT: &str = "edges";

/// The bytes of a file of `edges`, in any order; equal sets give equal bytes.
///
/// # Errors
/// [`DedupError::Ordinal`] if an ordinal is 2^56 or more.
pub fn encode_edges(mut edges: Vec<Edge>) -> Result<Vec<u8>, DedupError> {
    edges.sort_unstable();
    edges.dedup();
    let mut body = Vec::with_capacity(edges.len() * EDGE_BYTES);
    for edge in &edges {
        let found = edge.low.max(edge.high);
        if found >> ORDINAL_BITS != 0 {
            return Err(DedupError::Ordinal { found });
        }
        body.extend_from_slice(&edge.low.to_le_bytes());
        body.extend_from_slice(&(edge.high | (edge.kind as u64) << ORDINAL_BITS).to_le_bytes());
    }
    let mut bytes = Vec::with_capacity(HEADER_BYTES + body.len());
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(&(edges.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&xxh3_64(&body).to_le_bytes());
    bytes.extend_from_slice(&body);
    Ok(bytes)
}

/// Reads what [`encode_edges`] wrote.
///
/// # Errors
/// [`DedupError::CutOff`], [`DedupError::Magic`], [`DedupError::Version`] or
/// [`DedupError::Damaged`], whatever the bytes are.
pub fn decode_edges(bytes: &[u8]) -> Result<Vec<Edge>, DedupError> {
    let damaged = |offset: usize, detail| DedupError::Damaged {
        what: WHAT,
        offset: offset as u64,
        detail,
    };
    let Some((header, body)) = bytes.split_at_checked(HEADER_BYTES) else {
        let (found_bytes, expected_bytes) = (bytes.len() as u64, HEADER_BYTES as u64);
        return Err(DedupError::CutOff {
            what: WHAT,
            found_bytes,
            expected_bytes,
        });
    };
    let number = |bytes: &[u8], at: usize| {
        bytes
            .get(at..)
            .and_then(<[u8]>::first_chunk)
            .copied()
            .map_or(0, u64::from_le_bytes)
    };
    let magic = header.first_chunk::<8>().copied().unwrap_or_default();
    if magic != MAGIC {
        return Err(DedupError::Magic {
            what: WHAT,
            found: magic,
        });
    }
    let version = header[8..]
        .first_chunk::<4>()
        .copied()
        .map_or(0, u32::from_le_bytes);
    if version != VERSION {
        return Err(DedupError::Version {
            what: WHAT,
            found: version,
            expected: VERSION,
        });
    }
    if header[12..16] != [0; 4] {
        return Err(damaged(12, "reserved bytes are not zero"));
    }
    let expected_bytes = number(header, 16).saturating_mul(EDGE_BYTES as u64);
    if body.len() as u64 != expected_bytes {
        return Err(DedupError::CutOff {
            what: WHAT,
            found_bytes: body.len() as u64,
            expected_bytes,
        });
    }
    if xxh3_64(body) != number(header, 24) {
        return Err(damaged(HEADER_BYTES, "the edges fail their checksum"));
    }
    let mut edges: Vec<Edge> = Vec::with_capacity(body.len() / EDGE_BYTES);
    for (chunk, offset) in body
        .chunks_exact(EDGE_BYTES)
        .zip((HEADER_BYTES..).step_by(EDGE_BYTES))
    {
        let high = number(chunk, 8);
        let kind = BandKind::from_byte(high.to_le_bytes()[7])
            .ok_or_else(|| damaged(offset, "no known kind of edge"))?;
        let edge = Edge {
            low: number(chunk, 0),
            high: high & ((1 << ORDINAL_BITS) - 1),
            kind,
        };
        if edges.last().is_some_and(|last| *last >= edge) {
            return Err(damaged(offset, "edges are not sorted and unique"));
        }
        edges.push(edge);
    }
    Ok(edges)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn edge() -> impl Strategy<Value = Edge> {
        (0..1_u64 << 56, 0..1_u64 << 56, 0_u8..3).prop_map(|(low, high, kind)| Edge {
            low,
            high,
            kind: BandKind::from_byte(kind).unwrap(),
        })
    }

    proptest! {
        #[test]
        fn round_trip(mut edges in prop::collection::vec(edge(), 0..50)) {
            let bytes = encode_edges(edges.clone()).unwrap();
            edges.sort_unstable();
            edges.dedup();
            prop_assert_eq!(decode_edges(&bytes).unwrap(), edges);
        }

        #[test]
        fn damage_is_noticed(edges in prop::collection::vec(edge(), 1..9), at: prop::sample::Index, flip in 1_u8..) {
            let mut bytes = encode_edges(edges).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            prop_assert!(decode_edges(&bytes).is_err());
            prop_assert!(decode_edges(&bytes[..at]).is_err());
        }

        #[test]
        fn hostile_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200), n: u8) {
            let _ = decode_edges(&bytes);
            let mut sealed = [&MAGIC[..], &[1, 0, 0, 0, 0, 0, 0, 0, n, 0, 0, 0, 0, 0, 0, 0]].concat();
            sealed.extend_from_slice(&xxh3_64(&bytes).to_le_bytes());
            sealed.extend_from_slice(&bytes);
            let _ = decode_edges(&sealed);
        }
    }

    #[test]
    fn an_ordinal_must_fit() {
        let edge = Edge {
            low: 0,
            high: 1 << 56,
            kind: BandKind::Near,
        };
        assert!(encode_edges(vec![edge]).is_err());
    }
}
