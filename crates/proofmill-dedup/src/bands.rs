//! The file of band records that one `prepare` task writes and `match` tasks read in parts.
//!
//! Records are grouped by the top 8 bits of their hash into 256 fine ranges, so a `match` task that
//! owns a run of fine ranges reads one stretch of each file. All numbers are little-endian.
//!
//! | bytes | content |
//! |---|---|
//! | 0..8 | magic `PMBANDS` and a zero byte |
//! | 8..12 | version, 1 |
//! | 12..16 | bytes per record, 16 |
//! | 16..2072 | 257 x u64: number of records before each fine range, and of all |
//! | 2072..4120 | 256 x u64: XXH3-64 of the bytes of each fine range |
//! | 4120..4128 | XXH3-64 of the bytes before |
//! | 4128.. | records, sorted: hash u64, row u32, kind u8, three zero bytes |

use std::ops::Range;

use xxhash_rust::xxh3::xxh3_64;

use crate::DedupError;

/// Fine ranges of a file: values of the top 8 bits of a hash.
pub const N_FINE_RANGES: usize = 256;
/// Bytes of one record.
pub const RECORD_BYTES: usize = 16;
/// Bytes of the header, which is read first.
pub const HEADER_BYTES: usize = CHECKSUM_AT + 8;

const MAGIC: [u8; 8] = *b"PMBANDS\0";
const VERSION: u32 = 1;
const TABLE_AT: usize = 16;
const DIGESTS_AT: usize = TABLE_AT + (N_FINE_RANGES + 1) * 8;
const CHECKSUM_AT: usize = DIGESTS_AT + N_FINE_RANGES * 8;
const WHAT: &str = "bands";

/// Why two documents of one bucket are thought to be duplicates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum BandKind {
    /// Equal text.
    Exact = 0,
    /// Versions of one thing.
    Family = 1,
    /// Agreement in one band; to be verified.
    Near = 2,
}

impl BandKind {
    /// Stable name in reports, e.g. `"near"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Family => "family",
            Self::Near => "near",
        }
    }

    /// The kind stored as `byte`.
    #[must_use]
    pub fn from_byte(byte: u8) -> Option<Self> {
        [Self::Exact, Self::Family, Self::Near]
            .into_iter()
            .find(|&kind| kind as u8 == byte)
    }
}

/// One document in one bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BandRecord {
    /// Band hash, exact key or family key.
    pub hash: u64,
    /// Row of the document in its task's `docs` file.
    pub row: u32,
    /// What the hash stands for.
    pub kind: BandKind,
}

/// The fine range of `hash`: its top 8 bits.
#[must_use]
pub fn fine_range(hash: u64) -> u8 {
    hash.to_le_bytes()[7]
}

/// The bytes of a file of `records`, which may come in any order; equal sets give equal bytes.
#[must_use]
pub fn encode(mut records: Vec<BandRecord>) -> Vec<u8> {
    records.sort_unstable();
    records.dedup();
    let mut counts = [0_u64; N_FINE_RANGES];
    for record in &records {
        counts[usize::from(fine_range(record.hash))] += 1;
    }
    let mut body = Vec::with_capacity(records.len() * RECORD_BYTES);
    for record in &records {
        body.extend_from_slice(&record.hash.to_le_bytes());
        body.extend_from_slice(&record.row.to_le_bytes());
        body.extend_from_slice(&[record.kind as u8, 0, 0, 0]);
    }
    let mut bytes = Vec::with_capacity(HEADER_BYTES + body.len());
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&[16, 0, 0, 0]);
    let mut n_before = 0;
    bytes.extend_from_slice(&0_u64.to_le_bytes());
    for count in counts {
        n_before += count;
        bytes.extend_from_slice(&n_before.to_le_bytes());
    }
    let mut rest = body.as_slice();
    for count in counts {
        let n_bytes = usize::try_from(count)
            .unwrap_or(usize::MAX)
            .saturating_mul(RECORD_BYTES);
        let (range, after) = rest.split_at(n_bytes.min(rest.len()));
        bytes.extend_from_slice(&xxh3_64(range).to_le_bytes());
        rest = after;
    }
    let checksum = xxh3_64(&bytes);
    bytes.extend_from_slice(&checksum.to_le_bytes());
    bytes.extend_from_slice(&body);
    bytes
}

/// What the first [`HEADER_BYTES`] of a file say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    n_before: Vec<u64>, // [N_FINE_RANGES + 1], never falling, times RECORD_BYTES fits u64
    digests: Vec<u64>,  // [N_FINE_RANGES]
}

impl Header {
    /// Reads a header from the start of `bytes`; what follows it is ignored.
    ///
    /// # Errors
    /// [`DedupError::CutOff`], [`DedupError::Magic`], [`DedupError::Version`] or
    /// [`DedupError::Damaged`], whatever the bytes are.
    pub fn parse(bytes: &[u8]) -> Result<Self, DedupError> {
        let Some(bytes) = bytes.get(..HEADER_BYTES) else {
            return Err(cut_off(bytes.len() as u64, HEADER_BYTES as u64));
        };
        let magic = bytes.first_chunk::<8>().copied().unwrap_or_default();
        if magic != MAGIC {
            return Err(DedupError::Magic {
                what: WHAT,
                found: magic,
            });
        }
        let version = bytes[8..]
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
        let (content, checksum) = bytes.split_at(CHECKSUM_AT);
        if numbers(checksum).next() != Some(xxh3_64(content)) {
            return Err(damaged(0, "the header fails its checksum"));
        }
        let n_before: Vec<u64> = numbers(&content[TABLE_AT..DIGESTS_AT]).collect();
        let fits = n_before.last().is_some_and(|&n| n <= u64::MAX / 32);
        if !fits || n_before.first() != Some(&0) || !n_before.is_sorted() {
            return Err(damaged(
                TABLE_AT as u64,
                "the table of fine ranges is not in order",
            ));
        }
        Ok(Self {
            n_before,
            digests: numbers(&content[DIGESTS_AT..]).collect(),
        })
    }

    /// Number of records in the file.
    #[must_use]
    pub fn n_records(&self) -> u64 {
        self.n_before.last().copied().unwrap_or(0)
    }

    /// Bytes of the whole file.
    #[must_use]
    pub fn file_bytes(&self) -> u64 {
        HEADER_BYTES as u64 + self.n_records() * RECORD_BYTES as u64
    }

    /// Where the records of the fine ranges `fine` lie, from the start of the file.
    ///
    /// `fine` is cut to `0..256`; an empty run gives an empty range.
    #[must_use]
    pub fn byte_range(&self, fine: Range<usize>) -> Range<u64> {
        let end = fine.end.min(N_FINE_RANGES);
        let start = fine.start.min(end);
        let offset_of =
            |fine: usize| HEADER_BYTES as u64 + self.n_before[fine] * RECORD_BYTES as u64;
        offset_of(start)..offset_of(end)
    }

    /// Reads the records of the fine ranges `fine` from `bytes`, the [`Header::byte_range`] of them.
    ///
    /// Every fine range is checked against its digest.
    ///
    /// # Errors
    /// [`DedupError::CutOff`] if `bytes` has another length, [`DedupError::Damaged`] (offsets from the
    /// start of the file) if a digest, a kind or the order is wrong.
    pub fn records(&self, fine: Range<usize>, bytes: &[u8]) -> Result<Vec<BandRecord>, DedupError> {
        let expected = self.byte_range(fine.clone());
        if bytes.len() as u64 != expected.end - expected.start {
            return Err(cut_off(bytes.len() as u64, expected.end - expected.start));
        }
        let mut records = Vec::with_capacity(bytes.len() / RECORD_BYTES);
        let mut rest = bytes;
        for fine in fine.start..fine.end.min(N_FINE_RANGES) {
            let range = self.byte_range(fine..fine + 1);
            let n_bytes = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
            let (part, after) = rest.split_at(n_bytes.min(rest.len()));
            rest = after;
            if xxh3_64(part) != self.digests[fine] {
                return Err(damaged(range.start, "a fine range fails its checksum"));
            }
            for (record, offset) in part
                .chunks_exact(RECORD_BYTES)
                .zip((range.start..).step_by(RECORD_BYTES))
            {
                let record =
                    parse_record(record).ok_or_else(|| damaged(offset, "no known kind of band"))?;
                if usize::from(fine_range(record.hash)) != fine {
                    return Err(damaged(offset, "a record lies in a foreign fine range"));
                }
                records.push(record);
            }
        }
        Ok(records)
    }
}

fn parse_record(bytes: &[u8]) -> Option<BandRecord> {
    let hash = u64::from_le_bytes(*bytes.first_chunk()?);
    let row = u32::from_le_bytes(*bytes.get(8..)?.first_chunk()?);
    let kind = BandKind::from_byte(*bytes.get(12)?)?;
    Some(BandRecord { hash, row, kind })
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u64> {
    bytes
        .chunks_exact(8)
        .map(|chunk| chunk.first_chunk().copied().map_or(0, u64::from_le_bytes))
}

fn cut_off(found_bytes: u64, expected_bytes: u64) -> DedupError {
    DedupError::CutOff {
        what: WHAT,
        found_bytes,
        expected_bytes,
    }
}

fn damaged(offset: u64, detail: &'static str) -> DedupError {
    DedupError::Damaged {
        what: WHAT,
        offset,
        detail,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record() -> impl Strategy<Value = BandRecord> {
        (any::<u64>(), any::<u32>(), 0_u8..3).prop_map(|(hash, row, kind)| BandRecord {
            hash,
            row,
            kind: BandKind::from_byte(kind).unwrap(),
        })
    }

    fn part(bytes: &[u8], range: Range<u64>) -> &[u8] {
        &bytes[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()]
    }

    proptest! {
        #[test]
        fn round_trip_in_any_parts(mut records in prop::collection::vec(record(), 0..200), cut in 0_usize..=256) {
            let bytes = encode(records.clone());
            let header = Header::parse(&bytes).unwrap();
            prop_assert_eq!(header.file_bytes(), bytes.len() as u64);
            let mut found = Vec::new();
            for fine in [0..cut, cut..256] {
                found.extend(header.records(fine.clone(), part(&bytes, header.byte_range(fine))).unwrap());
            }
            records.reverse();
            prop_assert_eq!(&encode(records.clone()), &bytes);
            records.sort_unstable();
            records.dedup();
            prop_assert_eq!(found, records);
        }

        #[test]
        fn every_flipped_byte_is_noticed(records in prop::collection::vec(record(), 1..20), at: prop::sample::Index, flip in 1_u8..) {
            let mut bytes = encode(records);
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            // Only the declared record width is not read back; the checksum covers it.
            let found = Header::parse(&bytes).and_then(|header| header.records(0..256, part(&bytes, header.byte_range(0..256))));
            prop_assert!(found.is_err());
        }

        #[test]
        fn hostile_bytes(mut bytes in prop::collection::vec(any::<u8>(), 0..5000), sealed: bool) {
            if sealed && bytes.len() >= HEADER_BYTES {
                bytes[..8].copy_from_slice(&MAGIC);
                bytes[8..16].copy_from_slice(&[1, 0, 0, 0, 16, 0, 0, 0]);
                let checksum = xxh3_64(&bytes[..CHECKSUM_AT]);
                bytes[CHECKSUM_AT..HEADER_BYTES].copy_from_slice(&checksum.to_le_bytes());
            }
            if let Ok(header) = Header::parse(&bytes) {
                let _ = header.records(0..300, &bytes);
                let _ = header.byte_range(300..400);
            }
        }
    }
}
