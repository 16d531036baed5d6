//! Proofs step by step, in the templates of Proof-Pile-2.
//!
//! Lean documents repeat `[GOAL]`, the goals, `[PROOFSTEP]`, the tactic. Isabelle documents begin with
//! `[STATEMENT]` and repeat `[PROOF STATE]`, `[PROOF STEP]`. Name and statement also stand in the
//! provenance, so that benchmark theorems are found by either.
//!
//! Templates: Azerbayev et al. 2023, arXiv:2310.10631.

use proofmill_types::{Assistant, Meta, MetaValue, Proof, Signals};

use crate::Found;

/// Steps that give up: a proof with one proves nothing.
const GIVING_UP: [&str; 4] = ["sorry", "admit", "oops", "sorry;"];

pub(crate) fn extract(proof: Proof) -> Found {
    let text = render(&proof);
    let n_unfinished = proof
        .steps
        .iter()
        .filter(|(_, step)| {
            step.split_whitespace()
                .any(|word| GIVING_UP.contains(&word))
        })
        .count();
    let mut signals = Signals::new();
    signals.set_count("n_steps", proof.steps.len());
    signals.set_count("n_unfinished_steps", n_unfinished);
    let filled = |text: String| MetaValue::Text((!text.is_empty()).then_some(text));
    let group = if proof.repo.is_empty() {
        proof.module.clone()
    } else {
        proof.repo.clone()
    };
    Found {
        text,
        group,
        language: Some(proof.assistant.name().to_owned()),
        meta: Meta(vec![
            ("theorem", filled(proof.name)),
            ("module", filled(proof.module)),
            ("repo", filled(proof.repo)),
            ("statement", filled(proof.statement)),
        ]),
        signals,
        ..Found::default()
    }
}

fn render(proof: &Proof) -> String {
    let mut text = String::new();
    let (state_mark, step_mark) = match proof.assistant {
        Assistant::Lean => ("[GOAL]", "[PROOFSTEP]"),
        Assistant::Isabelle => {
            push(&mut text, "[STATEMENT]", &proof.statement);
            ("[PROOF STATE]", "[PROOF STEP]")
        }
    };
    for (state, step) in &proof.steps {
        push(&mut text, state_mark, state);
        push(&mut text, step_mark, step);
    }
    text
}

fn push(text: &mut String, mark: &str, body: &str) {
    text.push_str(mark);
    text.push('\n');
    text.push_str(body.trim_matches('\n'));
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(state, step)| ((*state).to_owned(), (*step).to_owned()))
            .collect()
    }

    #[test]
    fn the_published_templates() {
        let lean = Proof {
            steps: steps(&[("⊢ a\n\n⊢ b", "simp"), ("⊢ b", "sorry")]),
            ..Proof::default()
        };
        let found = extract(lean);
        assert_eq!(
            found.text,
            "[GOAL]\n⊢ a\n\n⊢ b\n[PROOFSTEP]\nsimp\n[GOAL]\n⊢ b\n[PROOFSTEP]\nsorry\n"
        );
        assert_eq!(found.signals.get("n_unfinished_steps"), Some(1.0));
        let isabelle = Proof {
            assistant: Assistant::Isabelle,
            statement: "lemma foo: \"x = x\"".to_owned(),
            steps: steps(&[("proof (prove)\ngoal: x = x", "by simp")]),
            ..Proof::default()
        };
        assert_eq!(
            extract(isabelle).text,
            "[STATEMENT]\nlemma foo: \"x = x\"\n[PROOF STATE]\nproof (prove)\ngoal: x = x\n[PROOF STEP]\nby simp\n"
        );
    }
}
