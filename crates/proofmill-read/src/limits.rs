//! How much of anything one record may take. Every limit ends in a counted
//! [`BadRecord`](proofmill_types::BadRecord), never in silence.

use serde::{Deserialize, Serialize};

/// Bounds on what untrusted input may cost; all in bytes unless the name says otherwise.
///
/// Memory of one [`Reader`](crate::Reader) stays below a small multiple of the largest of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Largest record, as stored and as decoded; larger ones are `record-too-large`.
    pub max_record_bytes: u64,
    /// Largest line of a JSON lines file, and largest element of a JSON array (`line-too-long`).
    pub max_line_bytes: u64,
    /// Largest block of WARC or HTTP header lines (`header-too-long`).
    pub max_header_bytes: u64,
    /// Largest file taken out of a submission (`file-too-large`).
    pub max_file_in_submission_bytes: u64,
    /// Most text taken out of one submission (`archive-bomb`).
    pub max_submission_bytes: u64,
    /// Most bytes that one submission may unpack to, figures included (`archive-bomb`).
    pub max_unpacked_bytes: u64,
    /// Most members of one submission (`archive-bomb`).
    pub max_files_in_submission: u64,
    /// Largest output of a decompressor per byte of input (`archive-bomb`).
    pub max_ratio: u64,
    /// Output below this is never judged by `max_ratio`: small files of one letter are no attack.
    pub ratio_floor_bytes: u64,
    /// Largest window that a zstd frame or an xz dictionary may ask for.
    pub max_window_bytes: u64,
    /// Gzip headers tried while looking for the next sound member after damage.
    pub max_resync_tries: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_record_bytes: 64 << 20,
            max_line_bytes: 64 << 20,
            max_header_bytes: 256 << 10,
            max_file_in_submission_bytes: 8 << 20,
            max_submission_bytes: 64 << 20,
            max_unpacked_bytes: 1 << 30,
            max_files_in_submission: 2000,
            max_ratio: 250,
            ratio_floor_bytes: 16 << 20,
            max_window_bytes: 128 << 20,
            max_resync_tries: 100_000,
        }
    }
}
