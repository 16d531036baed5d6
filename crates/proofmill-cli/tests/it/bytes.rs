//! The same bytes whatever the threads, the crashes and the engine.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use crate::{assert_same, build, built, command, sample, succeed, text, tree};

#[test]
fn threads_do_not_matter() {
    let expected = tree(built());
    assert!(expected.len() > 20, "{:?}", expected.keys());
    for n_threads in [1, 8] {
        let dir = tempfile::tempdir().unwrap();
        build(&sample(), dir.path(), n_threads);
        assert_same(
            &tree(dir.path()),
            &expected,
            &format!("{n_threads} threads"),
        );
    }
}

/// Kills the build when its `stages` folder holds `n_files` files, for many numbers, and resumes.
#[test]
fn kills_do_not_matter() {
    let expected = tree(built());
    let manifest = text(&sample());
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let mut n_killed = 0;
    for n_files in (1..=60).step_by(2) {
        let args = ["build", &manifest, "--out", &text(&out), "--threads", "2"];
        let mut child = command(&args)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let ended = loop {
            if count_files(&out.join("stages")) >= n_files {
                child.kill().unwrap();
                child.wait().unwrap();
                break false;
            }
            if child.try_wait().unwrap().is_some() {
                break true;
            }
            std::thread::yield_now();
        };
        if ended {
            break;
        }
        n_killed += 1;
    }
    assert!(n_killed >= 10, "only {n_killed} builds were killed");
    build(&sample(), &out, 2);
    assert_same(&tree(&out), &expected, &format!("{n_killed} kills"));
}

fn count_files(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    entries
        .flatten()
        .map(|entry| {
            let path = entry.path();
            if path.is_dir() { count_files(&path) } else { 1 }
        })
        .sum()
}

/// Every task by itself, in an order that is not that of its stage, and each of them twice.
#[test]
fn single_tasks_give_the_same_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let (manifest, out) = (text(&sample()), text(dir.path()));
    for stage in ["prepare", "match", "cluster", "train", "encode", "assemble"] {
        let plan = crate::json(&succeed(&["plan", &manifest, "--out", &out, "--json"]));
        let stages = plan["stages"].as_array().unwrap();
        let state = stages.iter().find(|state| state["stage"] == stage).unwrap();
        let n_tasks = state["n_tasks"].as_u64().unwrap();
        assert!(n_tasks > 0, "{stage}");
        // 7 has no common divisor with these numbers of tasks unless it is 7 itself.
        let step = if n_tasks.is_multiple_of(7) { 5 } else { 7 };
        for _ in 0..2 {
            for number in 0..n_tasks {
                let index = (number * step + 3) % n_tasks;
                succeed(&[
                    "task",
                    &manifest,
                    "--out",
                    &out,
                    "--stage",
                    stage,
                    "--index",
                    &index.to_string(),
                ]);
            }
        }
    }
    assert_same(&tree(dir.path()), &tree(built()), "single tasks");
}

#[test]
fn a_terminated_build_says_so_and_resumes() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let args = [
        "build",
        &text(&sample()),
        "--out",
        &text(&out),
        "--threads",
        "1",
    ];
    let mut child = command(&args)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while !out.join("stages/plan.json").exists() {
        std::thread::yield_now();
    }
    std::process::Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status()
        .unwrap();
    let code = child.wait().unwrap().code();
    assert!(code == Some(75) || code == Some(0), "{code:?}");
    build(&sample(), &out, 2);
    assert_same(&tree(&out), &tree(built()), "a terminated build");
}
