//! The signals of the text itself.

use proofmill_types::Document;

/// Measures all text signals of `doc` into its signals.
pub fn measure(doc: &mut Document) {
    doc.signals.set_count("n_bytes", doc.text.len());
}
