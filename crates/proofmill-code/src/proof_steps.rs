//! Proof steps: extracted goal and tactic pairs to documents, in the published templates.
//!
//! Lean documents repeat `[GOAL]`, the goals, `[PROOFSTEP]`, the tactic. Isabelle documents begin with
//! `[STATEMENT]` and repeat `[PROOF STATE]`, `[PROOF STEP]`. Each document keeps the name and the
//! statement apart, so that benchmark theorems can be removed by either before a text is made.
//!
//! Templates: the `EleutherAI` project's Proof-Pile-2 (arXiv 2310.10631).

use serde::Deserialize;

use crate::error::CodeError;

/// One proof as a list of steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// Name of the theorem, or of the file or module where a document covers one; may be empty.
    pub name: String,
    /// Statement as written; empty where the format has none.
    pub statement: String,
    /// State before each step, and the step.
    pub steps: Vec<(String, String)>,
}

#[derive(Deserialize)]
struct LeanDojoTheorem {
    full_name: Option<String>,
    #[serde(default)]
    theorem_statement: Option<String>,
    traced_tactics: Vec<TracedTactic>,
}

#[derive(Deserialize)]
struct TracedTactic {
    tactic: String,
    state_before: String,
}

#[derive(Deserialize)]
struct LeanStep {
    #[serde(
        alias = "state",
        alias = "state_before",
        alias = "goals",
        alias = "goal",
        alias = "goalsBefore"
    )]
    before: Goals,
    #[serde(
        alias = "nextTactic",
        alias = "ppTac",
        alias = "proofstep",
        alias = "step"
    )]
    tactic: String,
    #[serde(default, alias = "declName", alias = "full_name", alias = "name")]
    decl: Option<String>,
}

/// Goals as one text or as a list.
#[derive(Deserialize)]
#[serde(untagged)]
enum Goals {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
struct PisaFile {
    #[serde(default)]
    problem_names: Vec<String>,
    translations: Vec<Vec<serde_json::Value>>,
}

/// Reads one theorem of the `LeanDojo` benchmark (one element of its JSON list).
///
/// # Errors
/// [`CodeError::ProofSteps`] if `json` is no object with `traced_tactics`.
///
/// # Example
/// ```
/// use proofmill_code::proof_steps::{lean_dojo, render_lean};
/// let row = r#"{"full_name": "foo", "traced_tactics": [
///   {"tactic": "rfl", "state_before": "⊢ 1 = 1", "state_after": "no goals"}]}"#;
/// assert_eq!(render_lean(&lean_dojo(row)?), "[GOAL]\n⊢ 1 = 1\n[PROOFSTEP]\nrfl\n");
/// # Ok::<(), proofmill_code::CodeError>(())
/// ```
pub fn lean_dojo(json: &str) -> Result<Proof, CodeError> {
    let row: LeanDojoTheorem = serde_json::from_str(json).map_err(no_row("LeanDojo"))?;
    let steps = row
        .traced_tactics
        .into_iter()
        .map(|step| (step.state_before, step.tactic));
    Ok(Proof {
        name: row.full_name.unwrap_or_default(),
        statement: row.theorem_statement.unwrap_or_default(),
        steps: steps.collect(),
    })
}

/// Reads the step rows of one file from lean-training-data and its kin, one JSON object a line.
///
/// Gives one proof per declaration, in file order; rows that name none make one proof together.
///
/// # Errors
/// [`CodeError::ProofSteps`] with the line, from 1, that is no object with a goal and a tactic.
pub fn lean_training_data(lines: &str) -> Result<Vec<Proof>, CodeError> {
    let mut proofs: Vec<Proof> = Vec::new();
    for (index, line) in lines
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
    {
        let step: LeanStep = serde_json::from_str(line).map_err(|error| CodeError::ProofSteps {
            format: "lean-training-data",
            problem: format!("line {}: {error}", index + 1),
        })?;
        let name = step.decl.unwrap_or_default();
        let before = match step.before {
            Goals::One(goal) => goal,
            Goals::Many(goals) => goals.join("\n\n"),
        };
        match proofs.last_mut() {
            Some(proof) if proof.name == name => proof.steps.push((before, step.tactic)),
            _ => {
                let steps = vec![(before, step.tactic)];
                proofs.push(Proof {
                    name,
                    statement: String::new(),
                    steps,
                });
            }
        }
    }
    Ok(proofs)
}

/// Reads one file of the PISA extraction: `problem_names` and `translations` of state and step.
///
/// A proof begins at a step that is one of the statements and ends before the next one. Only steps
/// inside a proof are kept.
///
/// # Errors
/// [`CodeError::ProofSteps`] if `json` is no object with `translations`, or a translation holds no text.
pub fn pisa(json: &str) -> Result<Vec<Proof>, CodeError> {
    let file: PisaFile = serde_json::from_str(json).map_err(no_row("PISA"))?;
    let names: rustc_hash::FxHashSet<&str> =
        file.problem_names.iter().map(|name| name.trim()).collect();
    let mut proofs: Vec<Proof> = Vec::new();
    let mut is_open = false;
    for (index, translation) in file.translations.iter().enumerate() {
        let field = |at: usize| translation.get(at).and_then(serde_json::Value::as_str);
        let (Some(state), Some(step)) = (field(0), field(1)) else {
            let problem = format!("translation {index} is no pair of texts");
            return Err(CodeError::ProofSteps {
                format: "PISA",
                problem,
            });
        };
        if names.contains(step.trim()) {
            let statement = step.trim().to_owned();
            proofs.push(Proof {
                name: isabelle_name(&statement),
                statement,
                steps: Vec::new(),
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
    proofs.retain(|proof| !proof.steps.is_empty());
    Ok(proofs)
}

/// Name behind `lemma` or `theorem`; empty if the statement has none.
fn isabelle_name(statement: &str) -> String {
    let rest = statement
        .split_once(char::is_whitespace)
        .map_or("", |(_, rest)| rest)
        .trim_start();
    let rest = match rest.strip_prefix('(') {
        Some(target) => target
            .split_once(')')
            .map_or("", |(_, rest)| rest)
            .trim_start(),
        None => rest,
    };
    let length = rest
        .find(|c: char| !(c.is_alphanumeric() || "_'.".contains(c)))
        .unwrap_or(rest.len());
    let (name, rest) = rest.split_at(length);
    let is_name = rest.trim_start().starts_with([':', '[']);
    if is_name {
        name.to_owned()
    } else {
        String::new()
    }
}

/// Writes a Lean proof in the published template.
#[must_use]
pub fn render_lean(proof: &Proof) -> String {
    let mut text = String::new();
    for (state, step) in &proof.steps {
        push(&mut text, "[GOAL]", state);
        push(&mut text, "[PROOFSTEP]", step);
    }
    text
}

/// Writes an Isabelle proof in the published template.
#[must_use]
pub fn render_isabelle(proof: &Proof) -> String {
    let mut text = String::new();
    push(&mut text, "[STATEMENT]", &proof.statement);
    for (state, step) in &proof.steps {
        push(&mut text, "[PROOF STATE]", state);
        push(&mut text, "[PROOF STEP]", step);
    }
    text
}

fn push(text: &mut String, mark: &str, body: &str) {
    text.push_str(mark);
    text.push('\n');
    text.push_str(body.trim_matches('\n'));
    text.push('\n');
}

fn no_row(format: &'static str) -> impl Fn(serde_json::Error) -> CodeError {
    move |error| CodeError::ProofSteps {
        format,
        problem: error.to_string(),
    }
}
