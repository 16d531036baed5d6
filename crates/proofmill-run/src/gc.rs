//! Removes what killed or earlier builds left behind.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::changes::stage_states;
use crate::run::{LAST, Run};
use crate::stage::Stage;
use crate::store::SEALS;

/// What [`gc`] removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Removed {
    /// Files removed.
    pub n_files: u64,
    /// Their bytes.
    pub n_bytes: u64,
}

/// Removes from the stages of `run` what its plan does not use, and files that were being written
/// when a process died. With `all`, everything but the frozen plan goes: published files stay, and a
/// later rebuild starts over. No task may be running.
///
/// # Errors
/// A folder that cannot be read or a file that cannot be removed.
pub fn gc(run: &Run, all: bool) -> Result<Removed> {
    let root = run.store().root();
    let mut used: BTreeSet<PathBuf> = BTreeSet::new();
    if !all {
        for state in stage_states(run)? {
            if state.n_done > 0 || state.todo.is_empty() && state.n_tasks.is_some() {
                let tasks = run.tasks(state.stage)?;
                used.extend(
                    tasks
                        .iter()
                        .map(|task| run.store().folder(task.stage, task.key())),
                );
                used.insert(run.store().seal_path(state.stage, &tasks));
            }
        }
    }
    let mut removed = Removed::default();
    // Seals go first: one without its tasks' outputs would say that they are there.
    for name in [SEALS]
        .into_iter()
        .chain(Stage::ALL.iter().map(|stage| stage.name()))
    {
        for path in entries(&root.join(name))? {
            if !used.contains(&path) {
                remove(&path, &mut removed)?;
            }
        }
    }
    if all {
        remove(&root.join(LAST), &mut removed)?;
    }
    remove_leftovers(run.out(), &mut removed)?;
    Ok(removed)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let reading = || format!("cannot read `{}`", folder.display());
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).with_context(reading)? {
        paths.push(entry.with_context(reading)?.path());
    }
    paths.sort();
    Ok(paths)
}

/// Removes a file or a folder; of a link only the link.
fn remove(path: &Path, removed: &mut Removed) -> Result<()> {
    let Ok(meta) = fs::symlink_metadata(path) else {
        return Ok(());
    };
    if meta.is_dir() {
        for inner in entries(path)? {
            remove(&inner, removed)?;
        }
        return fs::remove_dir(path).with_context(|| format!("cannot remove `{}`", path.display()));
    }
    fs::remove_file(path).with_context(|| format!("cannot remove `{}`", path.display()))?;
    removed.n_files += 1;
    removed.n_bytes += meta.len();
    Ok(())
}

/// Removes files written aside anywhere below `folder`.
fn remove_leftovers(folder: &Path, removed: &mut Removed) -> Result<()> {
    for path in entries(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() && !path.is_symlink() {
            remove_leftovers(&path, removed)?;
        } else if proofmill_shard::is_leftover(&name) {
            remove(&path, removed)?;
        }
    }
    Ok(())
}
