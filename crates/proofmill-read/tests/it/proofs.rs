//! Proofs in the three shapes that their tools write, sound and broken.

use proofmill_read::{Entry, Options, open_bytes};
use proofmill_types::{Assistant, Body, Kind, Proof};

const LEAN_DOJO: &str = r#"[
  {"url": "https://example.org/lib", "file_path": "Lib/Even.lean", "full_name": "Even.add",
   "theorem_statement": "theorem Even.add (h : Even a) (k : Even b) : Even (a + b)",
   "traced_tactics": [
     {"tactic": "obtain ⟨x, rfl⟩ := h", "annotated_tactic": ["x", []], "state_before": "h : Even a\n⊢ Even (a + b)", "state_after": "⊢ Even (x + x + b)"},
     {"tactic": "exact ⟨x + y, by ring⟩", "state_before": "⊢ Even (x + x + (y + y))", "state_after": "no goals"}]},
  {"full_name": "Even.term", "file_path": "Lib/Even.lean", "traced_tactics": []},
  {"full_name": "Even.broken", "traced_tactics": [{"tactic": "simp"}]}
]"#;

const STEPS: &str = r#"{"declName": "foo", "goalsBefore": ["⊢ a", "⊢ b"], "ppTac": "simp"}
{"declName": "foo", "goalsBefore": ["⊢ b"], "ppTac": "rfl"}
not json
{"declName": "bar", "state": "⊢ c", "nextTactic": "ring"}
{"declName": "bar", "state": "⊢ c"}
"#;

const PISA: &str = r#"{"file_name": "Group.thy", "problem_names": ["lemma foo: \"x = x\"", "lemma bar: \"y = y\""], "translations": [
  ["theory", "theory Group imports Main begin"],
  ["theory", "lemma foo: \"x = x\""],
  ["proof (prove)\ngoal: x = x", "by simp", ""],
  ["theory", "definition \"one = 1\""],
  ["theory", "lemma bar: \"y = y\""],
  ["proof (prove)\ngoal: y = y", "proof -"],
  ["proof (state)\ngoal: y = y", "qed"],
  ["theory", "end"]]}"#;

fn read(name: &str, text: &str) -> Vec<Entry> {
    let options = Options::new(Kind::ProofSteps);
    let reader = open_bytes(name, text.as_bytes(), &options).unwrap();
    reader.collect::<Result<_, _>>().unwrap()
}

fn proofs(entries: &[Entry]) -> Vec<&Proof> {
    let mut proofs = Vec::new();
    for entry in entries {
        if let Entry::Record(record) = entry
            && let Body::Proof(proof) = &record.body
        {
            proofs.push(proof);
        }
    }
    proofs
}

fn rules(entries: &[Entry]) -> Vec<&str> {
    let mut rules = Vec::new();
    for entry in entries {
        if let Entry::Bad(bad) = entry {
            rules.push(bad.rule);
        }
    }
    rules
}

#[test]
fn lean_dojo_has_one_proof_per_theorem() {
    let theorems: Vec<serde_json::Value> = serde_json::from_str(LEAN_DOJO).unwrap();
    let lines: Vec<String> = theorems.iter().map(ToString::to_string).collect();
    let lines = lines.join("\n");
    for (name, text) in [("train.json", LEAN_DOJO), ("train.jsonl", &lines)] {
        let entries = read(name, text);
        let found = proofs(&entries);
        assert_eq!(found.len(), 1, "{name}: {entries:?}");
        assert_eq!(found[0].name, "Even.add");
        assert_eq!(found[0].module, "Lib/Even.lean");
        assert_eq!(found[0].steps.len(), 2);
        assert_eq!(rules(&entries), ["empty", "no-proof"], "{name}");
    }
}

#[test]
fn steps_of_one_declaration_make_one_proof() {
    let entries = read("steps.jsonl", STEPS);
    let found = proofs(&entries);
    let names: Vec<(&str, usize)> = found
        .iter()
        .map(|proof| (proof.name.as_str(), proof.steps.len()))
        .collect();
    assert_eq!(names, [("foo", 2), ("bar", 1)]);
    assert_eq!(
        found[0].steps[0],
        ("⊢ a\n\n⊢ b".to_owned(), "simp".to_owned())
    );
    assert_eq!(rules(&entries), ["bad-json", "no-proof"]);
}

#[test]
fn pisa_has_one_proof_per_lemma() {
    let entries = read("Group.json", PISA);
    let found = proofs(&entries);
    let names: Vec<(&str, usize)> = found
        .iter()
        .map(|proof| (proof.name.as_str(), proof.steps.len()))
        .collect();
    assert_eq!(names, [("foo", 1), ("bar", 2)]);
    assert!(
        found
            .iter()
            .all(|proof| proof.assistant == Assistant::Isabelle)
    );
    assert_eq!(found[0].statement, "lemma foo: \"x = x\"");
}

#[test]
fn other_files_are_counted_drops() {
    for (name, text, rule) in [
        ("a.json", "{}", "no-proof"),
        ("a.json", "{\"translations\": [[1]]}", "no-proof"),
        ("a.json", "[3]", "bad-json"),
        ("a.json", "  ", "empty"),
        ("a.bin", "\u{0}\u{1}\u{2}\u{0}\u{0}", "unknown-format"),
    ] {
        assert_eq!(rules(&read(name, text)), [rule], "{name} {text}");
    }
}
