//! The on-disk format: write, read, check.
