//! Which fields of a benchmark row are its question and its answer, by name.

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The question, or all there is.
    Question,
    /// Answer, solution, choices, proof.
    Answer,
}

const QUESTIONS: [&str; 17] = [
    "problem",
    "question",
    "query",
    "prompt",
    "instruction",
    "input",
    "context",
    "passage",
    "text",
    "statement",
    "informal_statement",
    "formal_statement",
    "theorem",
    "theorem_statement",
    "original_question",
    "body",
    "content",
];

const ANSWERS: [&str; 24] = [
    "answer",
    "answers",
    "solution",
    "solutions",
    "output",
    "response",
    "completion",
    "final_answer",
    "rationale",
    "explanation",
    "choices",
    "options",
    "label",
    "target",
    "targets",
    "proof",
    "informal_proof",
    "formal_proof",
    "ground_truth",
    "reference",
    "canonical_solution",
    "correct",
    "generated_solution",
    "hints",
];

/// The role of the field `name`; `None` for metadata such as ids, URLs and subjects.
///
/// Of a nested field the last name counts that is no number: `other.solution`, `choices[2]`,
/// `options.0`. Case does not matter.
#[must_use]
pub fn role(name: &str) -> Option<Role> {
    let is_name = |part: &&str| part.bytes().any(|byte| !byte.is_ascii_digit());
    let last = name
        .split(['.', '/', '[', ']'])
        .rfind(|part| !part.is_empty() && is_name(part))?
        .to_ascii_lowercase();
    if QUESTIONS.contains(&last.as_str()) {
        Some(Role::Question)
    } else if ANSWERS.contains(&last.as_str()) {
        Some(Role::Answer)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, expected) in [
            ("question", Some(Role::Question)),
            ("Problem", Some(Role::Question)),
            ("other.solution", Some(Role::Answer)),
            ("choices[3]", Some(Role::Answer)),
            ("options.0", Some(Role::Answer)),
            ("id", None),
            ("url", None),
            ("data_source", None),
            ("", None),
            ("7", None),
        ] {
            assert_eq!(role(name), expected, "{name}");
        }
    }
}
