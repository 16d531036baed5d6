//! Only what changed is redone, and `plan` says what and why.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{assert_same, build, built, json, root, succeed, text, tree};

/// The sample manifest in a folder of its own, with filters that a test may change.
fn own_manifest(dir: &Path) -> PathBuf {
    let filters = dir.join("filters");
    copy(&root().join("filters"), &filters);
    let sample = fs::read_to_string(crate::sample()).unwrap();
    let folder = text(&root().join("manifests").canonicalize().unwrap());
    let manifest = sample
        .replace("\"sample/", &format!("\"{folder}/sample/"))
        .replace(
            "name = \"sample\"",
            "name = \"sample\"\nfilters = \"filters\"",
        );
    let path = dir.join("m.toml");
    fs::write(&path, manifest).unwrap();
    path
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// Names of the tasks to do, by stage.
fn todo(manifest: &Path, out: &Path) -> Vec<(String, Vec<(String, String)>)> {
    let plan = json(&succeed(&[
        "plan",
        &text(manifest),
        "--out",
        &text(out),
        "--json",
    ]));
    let stages = plan["stages"].as_array().unwrap();
    let each = |state: &serde_json::Value| {
        let tasks = state["todo"].as_array().unwrap().iter();
        let tasks = tasks.map(|task| {
            (
                task["name"].as_str().unwrap().to_owned(),
                task["why"].to_string(),
            )
        });
        (state["stage"].as_str().unwrap().to_owned(), tasks.collect())
    };
    stages.iter().map(each).collect()
}

#[test]
fn changing_nothing_redoes_nothing() {
    let out = built();
    let before = tree(out);
    for (stage, tasks) in todo(&crate::sample(), out) {
        assert!(tasks.is_empty(), "{stage}: {tasks:?}");
    }
    let output = crate::proofmill(&["build", &text(&crate::sample()), "--out", &text(out)]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("nothing to do"), "{stderr}");
    assert_same(&tree(out), &before, "a build of nothing");
}

#[test]
fn changing_one_filter_redoes_that_source_only() {
    let dir = tempfile::tempdir().unwrap();
    let manifest = own_manifest(dir.path());
    let out = dir.path().join("out");
    build(&manifest, &out, 2);
    let filter = dir.path().join("filters/text.toml");
    let changed = fs::read_to_string(&filter).unwrap() + "\n# a comment changes the digest\n";
    fs::write(&filter, changed).unwrap();

    let states = todo(&manifest, &out);
    let names: Vec<&str> = states[0].1.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["general/00000"], "{states:?}");
    assert!(
        states[0].1[0].1.contains("definition text.toml changed"),
        "{states:?}"
    );

    let stderr = crate::proofmill(&["build", &text(&manifest), "--out", &text(&out)]).stderr;
    let stderr = String::from_utf8_lossy(&stderr);
    assert!(stderr.contains("prepare: 1 of "), "{stderr}");
    // The verdicts are the same, so nothing after `prepare` has anything to do.
    assert!(!stderr.contains("encode: "), "{stderr}");
    let fresh = dir.path().join("fresh");
    build(&manifest, &fresh, 2);
    assert_same(&tree(&out), &tree(&fresh), "a rebuild");
}

#[test]
fn a_changed_threshold_gives_what_a_fresh_build_gives() {
    let dir = tempfile::tempdir().unwrap();
    let manifest = own_manifest(dir.path());
    let out = dir.path().join("out");
    build(&manifest, &out, 2);
    let old = tree(&out);
    let text_of = fs::read_to_string(&manifest).unwrap();
    fs::write(
        &manifest,
        text_of.replace("min_jaccard = 0.8", "min_jaccard = 0.95"),
    )
    .unwrap();
    let states = todo(&manifest, &out);
    assert!(
        states[0].1.is_empty(),
        "prepare does not depend on min_jaccard: {states:?}"
    );
    assert!(states[1].1[0].1.contains("min_jaccard"), "{states:?}");
    build(&manifest, &out, 2);
    assert!(
        tree(&out) != old,
        "the near-duplicate in the sample stays now"
    );
    let fresh = dir.path().join("fresh");
    build(&manifest, &fresh, 1);
    assert_same(&tree(&out), &tree(&fresh), "a rebuild");
}

#[test]
fn a_source_that_goes_takes_its_files_along() {
    let dir = tempfile::tempdir().unwrap();
    let manifest = own_manifest(dir.path());
    let out = dir.path().join("out");
    build(&manifest, &out, 2);
    assert!(out.join("docs/general").is_dir());
    let mut table: toml::Table = fs::read_to_string(&manifest).unwrap().parse().unwrap();
    let sources = table["source"].as_array_mut().unwrap();
    sources.retain(|source| source["name"].as_str() != Some("general"));
    fs::write(&manifest, toml::to_string(&table).unwrap()).unwrap();
    build(&manifest, &out, 2);
    for folder in ["docs", "ledger", "shards"] {
        assert!(!out.join(folder).join("general").exists(), "{folder}");
    }
    succeed(&["verify", &text(&out)]);
    let removed = succeed(&["gc", &text(&out)]);
    assert!(!removed.starts_with("removed 0 files"), "{removed}");
    succeed(&["verify", &text(&out)]);
}

#[test]
fn a_lock_holds_a_build_to_its_inputs() {
    let dir = tempfile::tempdir().unwrap();
    let manifest = own_manifest(dir.path());
    let out = dir.path().join("out");
    build(&manifest, &out, 2);
    succeed(&["build", &text(&manifest), "--out", &text(&out), "--locked"]);
    fs::write(
        dir.path().join("filters/text.toml"),
        fs::read_to_string(dir.path().join("filters/text.toml")).unwrap() + "\n",
    )
    .unwrap();
    let stderr = crate::fail(
        2,
        &["build", &text(&manifest), "--out", &text(&out), "--locked"],
    );
    assert!(
        stderr.contains("definition `text.toml` has changed"),
        "{stderr}"
    );
}
