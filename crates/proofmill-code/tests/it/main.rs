//! What a user of the definitions sees: cases of rules, recognition, evidence, labels, notebooks, and
//! that no input whatever upsets anything.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

mod definitions;
mod evidence;
mod findings;
mod hostile;
mod labels;
mod notebooks;
mod published;
mod recognition;
mod rules;
