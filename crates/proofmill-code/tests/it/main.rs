//! What a user of the definitions sees: cases of rules, recognition, labels, notebooks.

mod definitions;
mod rules;
