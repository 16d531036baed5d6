//! Finds benchmark items in documents.
