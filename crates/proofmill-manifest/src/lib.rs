//! Manifest types, validation and fingerprints.
