//! The one error of this crate.

/// What can be wrong with settings or with stored band and edge records.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DedupError {
    /// A setting is outside its range.
    #[error("`{name}` is {found}, allowed is {allowed}")]
    Setting {
        /// Name of the setting as the manifest spells it.
        name: &'static str,
        /// What was given.
        found: String,
        /// The allowed range, for people.
        allowed: &'static str,
    },
    /// A document's number is too large for the file of edges.
    #[error("ordinal {found} does not fit a file of `edges`, which holds ordinals below 2^56")]
    Ordinal {
        /// The ordinal.
        found: u64,
    },
    /// Bytes end before the record that should be there.
    #[error("file of `{what}` is cut off: {found_bytes} bytes, expected {expected_bytes}")]
    CutOff {
        /// What was read.
        what: &'static str,
        /// Bytes that are there.
        found_bytes: u64,
        /// Bytes that should be there.
        expected_bytes: u64,
    },
    /// The first bytes are those of another format.
    #[error("not a file of `{what}`: the first bytes are {found:02x?}")]
    Magic {
        /// What should have been read.
        what: &'static str,
        /// The first eight bytes.
        found: [u8; 8],
    },
    /// Written by another version.
    #[error("file of `{what}` has version {found}, this build reads {expected}")]
    Version {
        /// What was read.
        what: &'static str,
        /// The version in the file.
        found: u32,
        /// The version that can be read.
        expected: u32,
    },
    /// A checksum or an order does not hold.
    #[error("file of `{what}` is damaged at byte {offset}: {detail}")]
    Damaged {
        /// What was read.
        what: &'static str,
        /// First byte of the part that is damaged, from the start of the bytes given.
        offset: u64,
        /// What does not hold.
        detail: &'static str,
    },
}
