//! Where stages keep their outputs: a folder per task key, a commit record in it, a seal per stage.
//!
//! Any number of processes on any number of machines may run the same task at once. Data files are
//! published whole; the commit record is created last and only if absent. A second writer whose
//! digests differ has shown that a task is not deterministic, and that stops the run.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use proofmill_shard::{self as atomic, FileInfo, Once};
use proofmill_types::{Digest, Digester};
use serde::{Deserialize, Serialize};

use crate::counts::Counts;
use crate::failure::Failure;
use crate::stage::{Ingredients, Stage, Task};

/// Record of a finished task; equal for every run of it, anywhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Commit {
    /// Stage of the task.
    pub stage: Stage,
    /// Key of the task.
    pub key: Digest,
    /// What decided the bytes.
    pub ingredients: Ingredients,
    /// Files written, in name order.
    pub outputs: Vec<Output>,
    /// What was read, kept and dropped.
    pub counts: Counts,
}

/// One file of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// File name inside the task's folder.
    pub file: String,
    /// Bytes.
    pub n_bytes: u64,
    /// XXH3-128 of the bytes.
    pub digest: Digest,
}

impl Output {
    /// The output `file` as it was written.
    pub(crate) fn new(file: impl Into<String>, info: &FileInfo) -> Self {
        Self {
            file: file.into(),
            n_bytes: info.n_bytes,
            digest: info.digest,
        }
    }
}

impl Commit {
    /// The output named `file`, if the task wrote one.
    #[must_use]
    pub fn output(&self, file: &str) -> Option<&Output> {
        self.outputs.iter().find(|output| output.file == file)
    }

    /// Digest of the output named `file`; a fixed word when there is none.
    pub(crate) fn digest_of(&self, file: &str) -> String {
        self.output(file)
            .map_or_else(|| "none".to_owned(), |output| output.digest.to_string())
    }
}

/// All commit records of a stage, in task order. A stage is read only through its seal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Seal {
    pub(crate) commits: Vec<Commit>,
}

/// File name of a task's commit record.
const COMMIT: &str = "commit.json";

/// Folder of the seals.
pub(crate) const SEALS: &str = "seals";

/// The `stages` folder of an output directory.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    root: PathBuf,
}

impl Store {
    /// The store inside the output directory `out`.
    pub(crate) fn new(out: &Path) -> Self {
        Self {
            root: out.join("stages"),
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Folder of the task with `key`.
    pub(crate) fn folder(&self, stage: Stage, key: Digest) -> PathBuf {
        self.root.join(stage.name()).join(key.to_string())
    }

    /// Makes and returns the folder of `task`.
    pub(crate) fn create_folder(&self, task: &Task) -> Result<PathBuf> {
        let folder = self.folder(task.stage, task.key());
        create_dir_all(&folder)?;
        Ok(folder)
    }

    /// The commit record under `key`, if the task is done and its outputs are all there.
    pub(crate) fn commit(&self, stage: Stage, key: Digest) -> Result<Option<Commit>> {
        let folder = self.folder(stage, key);
        let Some(commit) = read_json::<Commit>(&folder.join(COMMIT))? else {
            return Ok(None);
        };
        for output in &commit.outputs {
            let path = folder.join(&output.file);
            let n_bytes = fs::metadata(&path).map_or(u64::MAX, |meta| meta.len());
            if n_bytes != output.n_bytes {
                return Err(Failure::TryAgain.error(format!(
                    "`{}` is missing or has another size than its commit record says; \
                     delete the folder `{}` and run the same command again",
                    path.display(),
                    folder.display()
                )));
            }
        }
        Ok(Some(commit))
    }

    /// Records that `task` is done.
    ///
    /// # Errors
    /// [`Failure::Internal`] if another run of the same task wrote different bytes.
    pub(crate) fn record(
        &self,
        task: &Task,
        mut outputs: Vec<Output>,
        counts: Counts,
    ) -> Result<Commit> {
        outputs.sort_by(|left, right| left.file.cmp(&right.file));
        let key = task.key();
        let commit = Commit {
            stage: task.stage,
            key,
            ingredients: task.ingredients.clone(),
            outputs,
            counts,
        };
        let path = self.folder(task.stage, key).join(COMMIT);
        if atomic::create_once(&path, &to_json(&commit))? == Once::Existed {
            let earlier: Commit = read_json(&path)?.context("the commit record vanished")?;
            if earlier != commit {
                return Err(Failure::Internal.error(format!(
                    "task `{} {}` wrote other bytes than an earlier run of it; compare `{}` with {}",
                    task.stage,
                    task.name,
                    path.display(),
                    String::from_utf8_lossy(&to_json(&commit.outputs)),
                )));
            }
        }
        Ok(commit)
    }

    /// The seal over `tasks`, if it was made.
    pub(crate) fn seal(&self, stage: Stage, tasks: &[Task]) -> Result<Option<Seal>> {
        read_json(&self.seal_path(stage, tasks))
    }

    /// Whether `task` has a commit record; a cheap look that does not read it.
    pub(crate) fn is_recorded(&self, task: &Task) -> bool {
        self.folder(task.stage, task.key()).join(COMMIT).exists()
    }

    /// The commit records of `tasks`, through their seal where there is one; else the indices of
    /// those that are missing. Writes nothing.
    pub(crate) fn read(&self, stage: Stage, tasks: &[Task]) -> Result<Result<Seal, Vec<usize>>> {
        if let Some(seal) = self.seal(stage, tasks)? {
            return Ok(Ok(seal));
        }
        let mut commits = Vec::with_capacity(tasks.len());
        let mut missing = Vec::new();
        for task in tasks {
            match self.commit(stage, task.key())? {
                Some(commit) => commits.push(commit),
                None => missing.push(task.index),
            }
        }
        Ok(if missing.is_empty() {
            Ok(Seal { commits })
        } else {
            Err(missing)
        })
    }

    /// Seals `tasks` if all are done; else says which are missing.
    pub(crate) fn try_seal(
        &self,
        stage: Stage,
        tasks: &[Task],
    ) -> Result<Result<Seal, Vec<usize>>> {
        let read = self.read(stage, tasks)?;
        let path = self.seal_path(stage, tasks);
        if let Ok(seal) = &read
            && !path.exists()
        {
            create_dir_all(path.parent().context("a seal lies in a folder")?)?;
            atomic::create_once(&path, &to_json(seal))?;
        }
        Ok(read)
    }

    /// File of the seal over `tasks`.
    pub(crate) fn seal_path(&self, stage: Stage, tasks: &[Task]) -> PathBuf {
        let mut digester = Digester::new();
        for task in tasks {
            digester.update(&task.key().0.to_le_bytes());
        }
        self.root
            .join(SEALS)
            .join(format!("{stage}-{}.json", digester.finish()))
    }
}

/// Creates a folder and its parents.
pub(crate) fn create_dir_all(path: &Path) -> Result<()> {
    fs::create_dir_all(path).with_context(|| {
        format!(
            "cannot create the folder `{}`; choose an --out that can be written",
            path.display()
        )
    })
}

/// Reads a JSON file; `None` when it does not exist.
pub(crate) fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| {
            Failure::TryAgain.error(format!(
                "`{}` is damaged ({error}); delete it",
                path.display()
            ))
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read `{}`", path.display())),
    }
}

/// Pretty JSON with a final newline.
pub(crate) fn to_json<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).expect("our own types have string keys only");
    bytes.push(b'\n');
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(index: usize) -> Task {
        let ingredients = Ingredients::from([("index".to_owned(), index.to_string())]);
        Task::new(Stage::Prepare, index, format!("task {index}"), ingredients)
    }

    fn finish(store: &Store, task: &Task, bytes: &[u8]) -> Result<Commit> {
        let folder = store.create_folder(task)?;
        let info = atomic::publish_bytes(&folder.join("data"), bytes)?;
        store.record(task, vec![Output::new("data", &info)], Counts::default())
    }

    #[test]
    fn a_second_equal_run_changes_nothing_and_a_different_one_is_a_breach() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(dir.path());
        let first = finish(&store, &task(0), b"same").unwrap();
        assert_eq!(finish(&store, &task(0), b"same").unwrap(), first);
        let error = finish(&store, &task(0), b"other").unwrap_err();
        assert_eq!(Failure::of(&error), Failure::Internal);
    }

    #[test]
    fn a_stage_is_sealed_when_all_tasks_are_done() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(dir.path());
        let tasks = [task(0), task(1)];
        finish(&store, &tasks[1], b"b").unwrap();
        assert_eq!(
            store.try_seal(Stage::Prepare, &tasks).unwrap().unwrap_err(),
            [0]
        );
        assert!(store.seal(Stage::Prepare, &tasks).unwrap().is_none());
        finish(&store, &tasks[0], b"a").unwrap();
        let seal = store.try_seal(Stage::Prepare, &tasks).unwrap().unwrap();
        assert_eq!(store.seal(Stage::Prepare, &tasks).unwrap(), Some(seal));
    }

    #[test]
    fn a_lost_output_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(dir.path());
        finish(&store, &task(0), b"abc").unwrap();
        fs::remove_file(store.folder(Stage::Prepare, task(0).key()).join("data")).unwrap();
        assert!(store.commit(Stage::Prepare, task(0).key()).is_err());
    }
}
