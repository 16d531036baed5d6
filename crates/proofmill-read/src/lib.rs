//! Reads archives, crawls and tables into records.
