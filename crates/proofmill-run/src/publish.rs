//! Puts the outputs of a finished build where readers look for them.
//!
//! Files are hard links to the stages' outputs (copies where links are not to be had), each put in
//! place by a rename. `corpus.json` goes first and comes back last, so a reader never takes a mixture
//! of two builds for a corpus.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use proofmill_shard::tables::Split;
use proofmill_shard::{AsideFile, measure_file, publish_bytes};
use proofmill_types::Digest;

use crate::corpus::{CORPUS, Corpus, CorpusFile, LOCK, Lock};
use crate::failure::Failure;
use crate::prepare::{DOCS, LEDGER};
use crate::run::Run;
use crate::stage::Stage;
use crate::store::{Output, create_dir_all, to_json};
use crate::train::TOKENIZER;

/// Folders that hold published files and nothing else.
const FOLDERS: [&str; 3] = ["docs", "ledger", "shards"];

/// A file to publish: where it lies, and what it becomes.
struct Item {
    from: PathBuf,
    file: CorpusFile,
}

/// Publishes the corpus of a run whose stages are all done; false if it was there already.
pub(crate) fn publish(run: &Run) -> Result<bool> {
    let mut items = items(run)?;
    items.sort_by(|left, right| left.file.path.cmp(&right.file.path));
    let lock = to_json(&Lock::of(run.plan(), run.tokenizer()?.tokenizer().sha256()));
    let mut files: Vec<CorpusFile> = items.iter().map(|item| item.file.clone()).collect();
    files.push(CorpusFile {
        path: LOCK.to_owned(),
        n_bytes: lock.len() as u64,
        digest: Digest::of(&lock),
    });
    files.sort_by(|left, right| left.path.cmp(&right.path));
    let encoded = run.commits(Stage::Encode)?;
    let assembled = run.commits(Stage::Assemble)?;
    let corpus = to_json(&Corpus::describe(
        run,
        &encoded.commits,
        &assembled.commits,
        files.clone(),
    )?);

    let out = run.out();
    let is_lock_in_place = fs::read(out.join(LOCK)).ok().as_deref() == Some(&lock);
    if fs::read(out.join(CORPUS)).ok().as_deref() == Some(&corpus)
        && is_lock_in_place
        && are_in_place(out, &items)
    {
        return Ok(false);
    }
    remove_file(&out.join(CORPUS))
        .with_context(|| format!("cannot replace `{}`", out.join(CORPUS).display()))?;
    for item in &items {
        run.check_stop()?;
        put(&item.from, &out.join(&item.file.path), run.store().root())?;
    }
    remove_others(out, &files)?;
    publish_bytes(&out.join(LOCK), &lock)?;
    publish_bytes(&out.join(CORPUS), &corpus)?;
    Ok(true)
}

fn items(run: &Run) -> Result<Vec<Item>> {
    let plan = run.plan();
    let mut items = Vec::new();
    let mut add = |stage: Stage, key: Digest, output: &Output, path: String| {
        let from = run.store().folder(stage, key).join(&output.file);
        items.push(Item {
            from,
            file: CorpusFile {
                path,
                n_bytes: output.n_bytes,
                digest: output.digest,
            },
        });
    };
    for (partition, commit) in plan
        .partitions()
        .iter()
        .zip(&run.commits(Stage::Encode)?.commits)
    {
        let source = &plan.manifest.source[partition.source].name;
        for (file, folder) in [(DOCS, "docs"), (LEDGER, "ledger")] {
            let output = commit
                .output(file)
                .context("an encode task writes docs and ledger")?;
            add(
                Stage::Encode,
                commit.key,
                output,
                format!("{folder}/{source}/{:05}.parquet", partition.group),
            );
        }
    }
    for (index, commit) in run.commits(Stage::Assemble)?.commits.iter().enumerate() {
        let source = &plan.manifest.source[index / Split::ALL.len()].name;
        for output in &commit.outputs {
            add(
                Stage::Assemble,
                commit.key,
                output,
                format!("shards/{source}/{}", output.file),
            );
        }
    }
    if plan.trains() {
        for commit in &run.commits(Stage::Train)?.commits {
            let output = commit
                .output(TOKENIZER)
                .context("a train task writes a tokenizer")?;
            add(Stage::Train, commit.key, output, TOKENIZER.to_owned());
        }
    }
    Ok(items)
}

/// Whether every file is the stage's own by a link, or has the same bytes.
fn are_in_place(out: &Path, items: &[Item]) -> bool {
    items.iter().all(|item| {
        let path = out.join(&item.file.path);
        is_same_file(&item.from, &path)
            || measure_file(&path).is_ok_and(|info| {
                info.n_bytes == item.file.n_bytes && info.digest == item.file.digest
            })
    })
}

/// Makes `to` the file `from`, by a link where the file system has links.
fn put(from: &Path, to: &Path, scratch: &Path) -> Result<()> {
    create_dir_all(to.parent().context("a published file lies in a folder")?)?;
    if is_same_file(from, to) {
        return Ok(());
    }
    let name = Digest::of(to.as_os_str().as_encoded_bytes());
    let aside = scratch.join(format!(".{name}-{}.aside", std::process::id()));
    let linked = fs::hard_link(from, &aside).and_then(|()| fs::rename(&aside, to));
    if linked.is_ok() {
        return Ok(());
    }
    drop(fs::remove_file(&aside)); // what is left of a failed attempt, if anything
    let copying = || format!("cannot copy `{}` to `{}`", from.display(), to.display());
    let mut file = fs::File::open(from).with_context(copying)?;
    let mut copy = AsideFile::create(to)?;
    io::copy(&mut file, &mut copy).with_context(copying)?;
    copy.publish()?;
    Ok(())
}

#[cfg(unix)]
fn is_same_file(left: &Path, right: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (fs::metadata(left), fs::metadata(right)) {
        (Ok(left), Ok(right)) => left.dev() == right.dev() && left.ino() == right.ino(),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_same_file(_left: &Path, _right: &Path) -> bool {
    false
}

/// Removes what an earlier build published and this one does not.
fn remove_others(out: &Path, files: &[CorpusFile]) -> Result<()> {
    let wanted: BTreeSet<PathBuf> = files.iter().map(|file| out.join(&file.path)).collect();
    for folder in FOLDERS {
        let folder = out.join(folder);
        if folder.is_dir() {
            remove_unwanted(&folder, &wanted)?;
        }
    }
    let tokenizer = out.join(TOKENIZER);
    if tokenizer.exists() && !wanted.contains(&tokenizer) {
        remove_file(&tokenizer)
            .with_context(|| format!("cannot remove `{}`", tokenizer.display()))?;
    }
    Ok(())
}

/// Removes unwanted files below `folder`, and folders that are empty then.
fn remove_unwanted(folder: &Path, wanted: &BTreeSet<PathBuf>) -> Result<()> {
    let reading = || format!("cannot tidy `{}`", folder.display());
    let mut n_left = 0;
    for entry in fs::read_dir(folder).with_context(reading)? {
        let path = entry.with_context(reading)?.path();
        if path.is_dir() {
            remove_unwanted(&path, wanted)?;
        } else if !wanted.contains(&path) {
            remove_file(&path).with_context(reading)?;
        }
        n_left += usize::from(path.exists());
    }
    if n_left == 0 {
        match fs::remove_dir(folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).with_context(reading);
            }
            _ => {}
        }
    }
    Ok(())
}

/// Removes a file; no failure if another process that publishes the same corpus was quicker.
fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Refuses an output directory with files of somebody else where published ones would go: there,
/// whatever a build does not publish is removed.
pub(crate) fn require_own(out: &Path) -> Result<()> {
    let is_ours = [CORPUS, LOCK].iter().any(|name| out.join(name).exists());
    let taken = FOLDERS.iter().find(|name| {
        fs::read_dir(out.join(name)).is_ok_and(|mut entries| entries.next().is_some())
    });
    match taken {
        Some(name) if !is_ours => Err(Failure::Usage.error(format!(
            "`{}` is there and no build of ours made it; choose an --out that is new or empty",
            out.join(name).display()
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_somebody_else_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        require_own(dir.path()).unwrap();
        require_own(&dir.path().join("new")).unwrap();
        fs::create_dir(dir.path().join("docs")).unwrap();
        require_own(dir.path()).unwrap();
        fs::write(dir.path().join("docs/guide.md"), "mine").unwrap();
        let error = require_own(dir.path()).unwrap_err();
        assert_eq!(Failure::of(&error), Failure::Usage);
        fs::write(dir.path().join(LOCK), "{}").unwrap();
        require_own(dir.path()).unwrap();
    }
}
