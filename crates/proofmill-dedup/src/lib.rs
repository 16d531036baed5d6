//! Finds exact and near duplicates.
