//! What a build would do and why: the answer of `proofmill plan`, and of `proofmill status`.

use anyhow::Result;
use serde::Serialize;

use crate::run::Run;
use crate::stage::{Stage, Task};

/// The state of one stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StageState {
    /// The stage.
    pub stage: Stage,
    /// How many tasks it has.
    pub n_tasks: Option<usize>,
    /// Tasks with a commit record; 0 while the stages before are not done, since their outputs decide.
    pub n_done: usize,
    /// Tasks to do, with the reason for each.
    pub todo: Vec<Todo>,
}

/// A task to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Todo {
    /// Index for `proofmill task`.
    pub index: usize,
    /// What it works on.
    pub name: String,
    /// What changed since it last ran, or that it never ran.
    pub why: Vec<String>,
}

/// The state of every stage of `run`; reads commit records only.
///
/// # Errors
/// An unreadable output directory.
pub fn stage_states(run: &Run) -> Result<Vec<StageState>> {
    let mut states = Vec::new();
    let mut is_open = true; // whether all stages before are done
    for stage in run.plan().stages() {
        if !is_open {
            states.push(StageState {
                stage,
                n_tasks: Some(n_tasks_ahead(run, stage)),
                n_done: 0,
                todo: Vec::new(),
            });
            continue;
        }
        let tasks = run.tasks(stage)?;
        let last = run.last_tasks(stage)?;
        let mut todo = Vec::new();
        for task in &tasks {
            if run.store().commit(stage, task.key())?.is_none() {
                todo.push(Todo {
                    index: task.index,
                    name: task.name.clone(),
                    why: why(task, &last),
                });
            }
        }
        is_open = todo.is_empty();
        states.push(StageState {
            stage,
            n_tasks: Some(tasks.len()),
            n_done: tasks.len() - todo.len(),
            todo,
        });
    }
    Ok(states)
}

/// How many tasks a stage will have.
fn n_tasks_ahead(run: &Run, stage: Stage) -> usize {
    let plan = run.plan();
    match stage {
        Stage::Prepare | Stage::Encode => plan.partitions().len(),
        Stage::Match => plan.n_match_tasks(),
        Stage::Cluster | Stage::Train => 1,
        Stage::Assemble => plan.manifest.source.len() * proofmill_shard::tables::Split::ALL.len(),
    }
}

/// The ingredients in which `task` differs from the last run of the task with its name.
fn why(task: &Task, last: &[Task]) -> Vec<String> {
    let Some(old) = last.iter().find(|old| old.name == task.name) else {
        return vec!["it never ran".to_owned()];
    };
    let mut reasons = Vec::new();
    for (name, value) in &task.ingredients {
        match old.ingredients.get(name) {
            None => reasons.push(format!("{name} is new")),
            Some(before) if before != value && before.len() + value.len() < 80 => {
                reasons.push(format!("{name} changed from `{before}` to `{value}`"));
            }
            Some(before) if before != value => reasons.push(format!("{name} changed")),
            Some(_) => {}
        }
    }
    let gone = old
        .ingredients
        .keys()
        .filter(|name| !task.ingredients.contains_key(*name));
    reasons.extend(gone.map(|name| format!("{name} is gone")));
    if reasons.is_empty() {
        reasons.push("its output was removed".to_owned());
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::Ingredients;

    fn task(pairs: &[(&str, &str)]) -> Task {
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Task::new(
            Stage::Prepare,
            0,
            "papers/00000".to_owned(),
            pairs.collect::<Ingredients>(),
        )
    }

    #[test]
    fn reasons_name_what_changed() {
        let old = task(&[("limits", "1"), ("input a", "x")]);
        let new = task(&[("limits", "2"), ("input b", "x")]);
        let reasons = why(&new, std::slice::from_ref(&old));
        assert_eq!(
            reasons,
            [
                "input b is new",
                "limits changed from `1` to `2`",
                "input a is gone"
            ]
        );
        assert_eq!(why(&new, &[]), ["it never ran"]);
        assert_eq!(
            why(&old, std::slice::from_ref(&old)),
            ["its output was removed"]
        );
    }
}
