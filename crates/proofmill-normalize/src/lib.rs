//! One spelling of equal text.
