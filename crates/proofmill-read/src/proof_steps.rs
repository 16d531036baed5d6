//! Proofs step by step, as the extraction tools of proof assistants write them.
//!
//! | origin | shape | one proof is |
//! |---|---|---|
//! | `LeanDojo` benchmark | JSON array or lines of theorems with `traced_tactics` | one theorem |
//! | lean-training-data and its kin | JSON lines of single steps: goals and tactic | the steps of one declaration; of the file where steps name none |
//! | PISA | an object with `problem_names` and `translations` per theory | one lemma |
//!
//! Formats: Yang et al. 2023, arXiv:2306.15626; the `lean-training-data` tools of the Lean community; Jiang et
//! al. 2021, *LISA: Language models of Isabelle proofs*.

use std::collections::BTreeSet;

use proofmill_types::{Assistant, Body, Location, Proof, Record};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::cell::{Row, parse_row};
use crate::entry::{Entry, at, at_row};
use crate::{InputFile, rules};

/// Names of the columns that hold the state before a step, the step, and the declaration.
const GOALS: [&str; 7] = [
    "goals",
    "goal",
    "state",
    "state_before",
    "goalsBefore",
    "tacticState",
    "before",
];
const TACTICS: [&str; 6] = [
    "tactic",
    "nextTactic",
    "ppTac",
    "proofstep",
    "step",
    "proof_step",
];
const DECLARATIONS: [&str; 5] = ["declName", "full_name", "decl_name", "decl", "name"];
const MODULES: [&str; 5] = [
    "module",
    "moduleName",
    "file_path",
    "file_name",
    "working_file",
];
const REPOSITORIES: [&str; 2] = ["url", "repo"];

/// One tactic of a `LeanDojo` theorem.
#[derive(Deserialize)]
struct TracedTactic {
    tactic: String,
    state_before: String,
}

/// The entry of one row: a theorem with all of its steps.
pub(crate) fn theorem(row: &Row, location: Location, n_bytes: u64) -> Entry {
    let name = location.to_string();
    match theorem_of(row) {
        Ok(proof) => record(proof, location, n_bytes),
        Err(detail) => Entry::bad(rules::NO_PROOF, name, location, n_bytes, detail),
    }
}

/// Entries of a whole file: PISA's object, or lines of theorems or of steps.
pub(crate) fn entries(file: &InputFile, text: &str, n_stored: u64) -> Vec<Entry> {
    let n_bytes = text.len() as u64;
    if let Ok(row) = parse_row(text.as_bytes()) {
        return match proofs_of_object(&row) {
            Ok(proofs) => numbered(file, proofs, n_stored),
            Err(detail) => {
                let location = at(&file.name, 0, n_stored);
                vec![Entry::bad(
                    rules::NO_PROOF,
                    &*file.name,
                    location,
                    n_bytes,
                    detail,
                )]
            }
        };
    }
    let mut out = Vec::new();
    let mut open: Option<Proof> = None;
    let mut row_of_open = 0;
    let mut offset = 0_u64;
    for (index, line) in (0_u64..).zip(text.split_inclusive('\n')) {
        let location = at_row(&file.name, offset, line.len() as u64, index);
        offset += line.len() as u64;
        if line.trim().is_empty() {
            continue;
        }
        let row = match parse_row(line.as_bytes()) {
            Ok(row) => row,
            Err(error) => {
                let detail = format!("line {} at byte {}: {error}", index + 1, location.offset);
                out.push(Entry::bad(
                    rules::BAD_JSON,
                    location.to_string(),
                    location.clone(),
                    location.length,
                    detail,
                ));
                continue;
            }
        };
        if row.contains_key("translations") || row.contains_key("traced_tactics") {
            match proofs_of_object(&row) {
                Ok(proofs) => out.extend(
                    proofs
                        .into_iter()
                        .map(|proof| record(proof, location.clone(), location.length)),
                ),
                Err(detail) => out.push(Entry::bad(
                    rules::NO_PROOF,
                    location.to_string(),
                    location.clone(),
                    location.length,
                    detail,
                )),
            }
            continue;
        }
        let Some((goals, tactic)) = step_of(&row) else {
            let columns: Vec<&str> = row.keys().take(12).map(String::as_str).collect();
            let detail = format!(
                "line {}: no goal and tactic among `{}`",
                index + 1,
                columns.join("`, `")
            );
            out.push(Entry::bad(
                rules::NO_PROOF,
                location.to_string(),
                location.clone(),
                location.length,
                detail,
            ));
            continue;
        };
        let name = text_of(&row, &DECLARATIONS);
        if open.as_ref().is_none_or(|proof| proof.name != name) {
            out.extend(open.take().map(|proof| at_line(file, proof, row_of_open)));
            row_of_open = index;
            open = Some(Proof {
                assistant: Assistant::Lean,
                name,
                module: text_of(&row, &MODULES),
                repo: text_of(&row, &REPOSITORIES),
                ..Proof::default()
            });
        }
        if let Some(proof) = &mut open {
            proof.steps.push((goals, tactic));
        }
    }
    out.extend(open.take().map(|proof| at_line(file, proof, row_of_open)));
    out
}

/// Goals and tactic of a row that is one step.
fn step_of(row: &Row) -> Option<(String, String)> {
    let goals = GOALS.iter().find_map(|name| row.get(*name))?;
    let tactic = TACTICS.iter().find_map(|name| row.get(*name)?.text())?;
    let many = goals.texts();
    let goals = if many.is_empty() {
        goals.text()?.to_owned()
    } else {
        many.join("\n\n")
    };
    Some((goals, tactic.to_owned()))
}

/// The proofs of an object that holds whole ones: a `LeanDojo` theorem or a theory of PISA.
fn proofs_of_object(row: &Row) -> Result<Vec<Proof>, String> {
    if row.contains_key("translations") {
        theory_of(row)
    } else if let (false, Some(step)) = (row.contains_key("traced_tactics"), step_of(row)) {
        let name = text_of(row, &DECLARATIONS);
        let module = text_of(row, &MODULES);
        let steps = vec![step];
        Ok(vec![Proof {
            name,
            module,
            steps,
            ..Proof::default()
        }])
    } else {
        theorem_of(row).map(|proof| vec![proof])
    }
}

fn theorem_of(row: &Row) -> Result<Proof, String> {
    let Some(tactics) = row.get("traced_tactics").and_then(|cell| cell.text()) else {
        let columns: Vec<&str> = row.keys().take(12).map(String::as_str).collect();
        return Err(format!(
            "no column `traced_tactics` or `translations` among `{}`",
            columns.join("`, `")
        ));
    };
    let tactics: Vec<TracedTactic> =
        serde_json::from_str(tactics).map_err(|error| format!("in `traced_tactics`: {error}"))?;
    Ok(Proof {
        assistant: Assistant::Lean,
        name: text_of(row, &["full_name", "name"]),
        module: text_of(row, &MODULES),
        repo: text_of(row, &REPOSITORIES),
        statement: text_of(row, &["theorem_statement", "statement"]),
        steps: tactics
            .into_iter()
            .map(|step| (step.state_before, step.tactic))
            .collect(),
    })
}

/// The lemmas of one theory.
///
/// A proof begins at a step that is one of the statements and ends before the next one. Only steps
/// inside a proof are kept.
fn theory_of(row: &Row) -> Result<Vec<Proof>, String> {
    let list = |name: &str| row.get(name).and_then(|cell| cell.text()).unwrap_or("[]");
    let names: Vec<String> = serde_json::from_str(list("problem_names"))
        .map_err(|error| format!("in `problem_names`: {error}"))?;
    let names: BTreeSet<&str> = names.iter().map(|name| name.trim()).collect();
    let translations: Vec<&RawValue> = serde_json::from_str(list("translations"))
        .map_err(|error| format!("in `translations`: {error}"))?;
    let module = text_of(row, &MODULES);
    let mut proofs: Vec<Proof> = Vec::new();
    let mut is_open = false;
    for (index, translation) in translations.into_iter().enumerate() {
        let fields: Vec<Value> = serde_json::from_str(translation.get()).unwrap_or_default();
        let field = |at: usize| fields.get(at).and_then(Value::as_str);
        let (Some(state), Some(step)) = (field(0), field(1)) else {
            return Err(format!("translation {index} is no pair of texts"));
        };
        if names.contains(step.trim()) {
            let statement = step.trim().to_owned();
            proofs.push(Proof {
                assistant: Assistant::Isabelle,
                name: isabelle_name(&statement).to_owned(),
                module: module.clone(),
                statement,
                ..Proof::default()
            });
            is_open = true;
        } else if is_open && let Some(proof) = proofs.last_mut() {
            if state.trim_start().starts_with("proof") {
                proof.steps.push((state.to_owned(), step.to_owned()));
            } else {
                is_open = false; // back at the level of the theory
            }
        }
    }
    Ok(proofs)
}

/// Name behind `lemma` or `theorem`; empty if the statement has none.
pub(crate) fn isabelle_name(statement: &str) -> &str {
    let after_word = statement.trim_start().split_once(char::is_whitespace);
    let rest = after_word.map_or("", |(_, rest)| rest).trim_start();
    // `lemma (in group) name: ...`
    let rest = match rest.strip_prefix('(') {
        Some(target) => target
            .split_once(')')
            .map_or("", |(_, rest)| rest)
            .trim_start(),
        None => rest,
    };
    let is_of_name = |c: char| c.is_alphanumeric() || "_'.".contains(c);
    let length = rest.find(|c: char| !is_of_name(c)).unwrap_or(rest.len());
    let (name, rest) = rest.split_at(length);
    if rest.trim_start().starts_with([':', '[']) {
        name
    } else {
        ""
    }
}

fn text_of(row: &Row, names: &[&str]) -> String {
    let mut texts = names.iter().filter_map(|name| row.get(*name)?.text());
    texts
        .find(|text| !text.is_empty())
        .unwrap_or_default()
        .to_owned()
}

/// Records of the proofs of one object, told apart by their number.
fn numbered(file: &InputFile, proofs: Vec<Proof>, n_stored: u64) -> Vec<Entry> {
    let numbered = (0_u64..).zip(proofs);
    numbered
        .map(|(row, proof)| record(proof, at_row(&file.name, 0, n_stored, row), n_stored))
        .collect()
}

fn at_line(file: &InputFile, proof: Proof, row: u64) -> Entry {
    record(proof, at_row(&file.name, 0, 0, row), 0)
}

fn record(proof: Proof, location: Location, n_bytes: u64) -> Entry {
    if proof.steps.is_empty() {
        let name = if proof.name.is_empty() {
            location.to_string()
        } else {
            proof.name
        };
        return Entry::bad(
            rules::EMPTY,
            name,
            location,
            n_bytes,
            "a proof without steps",
        );
    }
    let origin = match (proof.name.is_empty(), proof.module.is_empty()) {
        (true, true) => location.to_string(),
        (true, false) => format!("{} {}", proof.module, location.row.unwrap_or_default()),
        (false, true) => proof.name.clone(),
        (false, false) => format!("{} {}", proof.module, proof.name),
    };
    Entry::Record(Record {
        origin,
        location,
        n_bytes,
        body: Body::Proof(proof),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_isabelle_statements() {
        for (statement, name) in [
            ("lemma foo: \"x = x\"", "foo"),
            ("theorem (in group) inv_inv [simp]: \"x = x\"", "inv_inv"),
            ("lemma \"x = x\"", ""),
            ("lemma", ""),
            ("corollary bar':\n  assumes \"p\"", "bar'"),
        ] {
            assert_eq!(isabelle_name(statement), name, "{statement}");
        }
    }
}
