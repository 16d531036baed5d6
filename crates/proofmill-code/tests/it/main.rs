//! What a user of the definitions sees: cases of rules, recognition, evidence, labels, notebooks, and
//! that no input whatever upsets anything.

mod definitions;
mod evidence;
mod hostile;
mod labels;
mod notebooks;
mod recognition;
mod rules;
