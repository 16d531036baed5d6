//! Plans a manifest and drives the line.
