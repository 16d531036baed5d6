//! End to end: the binary on the sample corpus, as a user runs it.

#![expect(
    clippy::unwrap_used,
    clippy::format_push_string,
    reason = "a test may fail, and its data may be slow to write"
)]

mod bytes;
mod code;
mod commands;
mod corpus;
mod labels;
mod mistakes;
mod rebuild;
mod scores;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The repository's root.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn sample() -> PathBuf {
    root().join("manifests/sample.toml")
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_proofmill"));
    command.args(args).stdin(Stdio::null());
    command
}

/// Runs the binary to its end.
fn proofmill(args: &[&str]) -> Output {
    command(args).output().expect("the binary was built")
}

/// Runs the binary, which must succeed; gives stdout.
#[track_caller]
fn succeed(args: &[&str]) -> String {
    let output = proofmill(args);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "proofmill {args:?}: {}\n{stderr}",
        output.status
    );
    String::from_utf8(output.stdout).expect("stdout is UTF-8")
}

/// Runs the binary, which must end with `code`; gives stderr.
#[track_caller]
fn fail(code: i32, args: &[&str]) -> String {
    let output = proofmill(args);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(
        output.status.code(),
        Some(code),
        "proofmill {args:?}\n{stderr}"
    );
    stderr
}

#[track_caller]
fn build(manifest: &Path, out: &Path, n_threads: usize) -> String {
    let (manifest, out) = (text(manifest), text(out));
    succeed(&[
        "build",
        &manifest,
        "--out",
        &out,
        "--threads",
        &n_threads.to_string(),
    ])
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Every file of an output directory except the stages' scratch, by path.
fn tree(out: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(folder: &Path, top: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path == top.join("stages") {
                continue;
            }
            if path.is_dir() {
                walk(&path, top, files);
            } else {
                files.insert(
                    text(path.strip_prefix(top).unwrap()),
                    fs::read(&path).unwrap(),
                );
            }
        }
    }
    let mut files = BTreeMap::new();
    walk(out, out, &mut files);
    files
}

/// Fails with the names of files that differ, not with their bytes.
#[track_caller]
fn assert_same(left: &BTreeMap<String, Vec<u8>>, right: &BTreeMap<String, Vec<u8>>, what: &str) {
    let names: std::collections::BTreeSet<_> = left.keys().chain(right.keys()).collect();
    let differ: Vec<_> = names
        .into_iter()
        .filter(|name| left.get(*name) != right.get(*name))
        .collect();
    assert!(differ.is_empty(), "{what}: these files differ: {differ:?}");
}

/// A sample build at two threads, made once for all tests that only read.
fn built() -> &'static Path {
    static BUILT: std::sync::OnceLock<tempfile::TempDir> = std::sync::OnceLock::new();
    BUILT
        .get_or_init(|| {
            let dir = tempfile::tempdir().unwrap();
            build(&sample(), dir.path(), 2);
            dir
        })
        .path()
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("JSON")
}
