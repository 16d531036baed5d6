//! Source code end to end: keys and addresses, licences of repositories, splits, vendored copies.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{assert_same, build, fail, json, succeed, text, tree};

const MIT: &str = "MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a \
    copy of this software, to deal in the Software without restriction\n";
const GPL: &str = "GNU GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007\n";

/// A file that the filter for Python keeps, different for each name.
fn python(name: &str) -> String {
    format!(
        "import numpy as np\n\n\ndef {name}(matrix):\n    \"\"\"Spectral radius of the matrix of the \
         {name} problem.\"\"\"\n    eigenvalues = np.linalg.eigvals(matrix)\n    return \
         abs(eigenvalues).max() - np.trace(matrix) / len(matrix)\n"
    )
}

/// A made-up token, in two parts so that no scanner takes it for a real one.
fn token() -> String {
    ["gh", "p_a8Kd02LmQx71ZpRt5Yw3Vn6Bc4Hs9Jf0Ge2U"].concat()
}

fn notebook() -> String {
    let lines = [
        "import sympy as sp\n",
        "x = sp.symbols('x')\n",
        "sp.integrate(sp.sin(x) ** 2 / x, x)\n",
    ];
    let key = format!("key = '{}'\n", token());
    let source: Vec<&str> = lines.into_iter().chain([key.as_str()]).collect();
    serde_json::json!({
        "nbformat": 4, "nbformat_minor": 2,
        "metadata": { "kernelspec": { "name": "python3", "language": "python" } },
        "cells": [
            { "cell_type": "markdown", "metadata": {}, "source": [
                "# The sine integral\n", "We prove that $\\int \\sin^2 x / x \\, dx$ has no closed form.\n",
                "Write to a.person@uni.edu about the proof of the theorem.\n" ] },
            { "cell_type": "code", "metadata": {}, "outputs": [], "execution_count": 1, "source": source },
        ],
    })
    .to_string()
}

fn tex() -> String {
    format!(
        "\\documentclass{{article}}\n% lost with the comment: {key}\n\\begin{{document}}\n\\section{{Groups}}\n\
         Let $G$ be a finite group of order $p^n$ and let $Z$ be its centre. By the class equation the order \
         of $Z$ is divisible by $p$, so $Z$ is not trivial. Write to b.person@uni.edu, or use {key}.\n\
         \\begin{{theorem}} Every group of order $p^2$ is abelian. \\end{{theorem}}\n\\end{{document}}\n",
        key = token()
    )
}

fn write(path: &Path, content: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// One tar member, padded to whole blocks.
fn member(name: &str, content: &str) -> Vec<u8> {
    let mut header = [0_u8; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[100..108].copy_from_slice(b"0000644\0");
    header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
    header[136..148].copy_from_slice(b"00000000000\0");
    header[156] = b'0';
    header[257..265].copy_from_slice(b"ustar\x0000");
    header[148..156].fill(b' ');
    let sum: u64 = header.iter().map(|&byte| u64::from(byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut out = header.to_vec();
    out.extend(content.as_bytes());
    out.resize(out.len().next_multiple_of(512), 0);
    out
}

/// Repositories in a folder and in two archives; `extra` goes to the source of the manifest.
fn manifest(dir: &Path, extra: &str, slice_bytes: u64) -> PathBuf {
    let repos = dir.join("repos");
    write(&repos.join("alpha/LICENSE"), MIT);
    write(&repos.join("alpha/src/one.py"), &python("one"));
    let with_key = format!("{}key = '{}'  # a.person@uni.edu\n", python("two"), token());
    write(&repos.join("alpha/src/two.py"), &with_key);
    write(&repos.join("alpha/notes.ipynb"), &notebook());
    write(&repos.join("alpha/notes.tex"), &tex());
    write(&repos.join("beta/COPYING"), GPL);
    write(&repos.join("beta/three.py"), &python("three"));
    let tagged = format!(
        "# SPDX-License-Identifier: BSD-3-Clause\n{}",
        python("four")
    );
    write(&repos.join("beta/four.py"), &tagged);
    // A copy of a file of another repository, under a licence of its own.
    write(&repos.join("beta/lib/COPYING"), MIT);
    write(&repos.join("beta/lib/one.py"), &python("one"));
    write(&repos.join("delta/five.py"), &python("five"));
    // The LICENSE file comes last, in another slice than the first files.
    let mut tar: Vec<u8> = ["g1", "g2", "g3", "g4", "g5", "g6"]
        .iter()
        .flat_map(|name| member(&format!("gamma/src/{name}.py"), &python(name)))
        .collect();
    tar.extend(member("gamma/LICENSE.md", MIT));
    tar.extend([0; 1024]);
    fs::write(dir.join("gamma.tar"), tar).unwrap();
    write(
        &dir.join("m.toml"),
        &format!(
            "[corpus]\nname = \"t\"\n[tokenizer]\ntrain = {{ vocab_tokens = 600 }}\n\
             [split]\nvalidation_ratio = 0.3\ntest_ratio = 0.3\n[limits]\nslice_bytes = {slice_bytes}\n\
             [[source]]\nname = \"code\"\nkind = \"code\"\ninputs = [\"repos\", \"gamma.tar\"]\n{extra}\n"
        ),
    );
    dir.join("m.toml")
}

/// The ledger of the only source, by origin.
fn ledger(out: &Path) -> BTreeMap<String, Value> {
    let found = succeed(&["inspect", &text(out), "--json", "--n", "1000"]);
    let rows = found.lines().map(json);
    rows.map(|row| (row["origin"].as_str().unwrap().to_owned(), row))
        .collect()
}

#[test]
fn keys_end_their_file_unless_they_are_masked() {
    let dir = tempfile::tempdir().unwrap();
    build(
        &manifest(dir.path(), "", 1 << 20),
        &dir.path().join("out"),
        2,
    );
    let rows = ledger(&dir.path().join("out"));
    for (origin, place) in [
        ("alpha/src/two.py", "github-token line 8"),
        ("alpha/notes.ipynb", "github-token line 9"),
        ("alpha/notes.tex", "github-token line "),
    ] {
        let row = &rows[origin];
        assert_eq!(row["rule"], "secret", "{origin}: {row:#}");
        assert!(row["value"].as_str().unwrap().starts_with(place), "{row:#}");
    }
    for (path, bytes) in tree(&dir.path().join("out")) {
        let is_there = bytes
            .windows(token().len())
            .any(|part| part == token().as_bytes());
        assert!(!is_there, "the key is in {path}");
    }

    let extra = "secrets = \"mask\"\ncontacts = \"mask\"\nnotebooks = \"script\"";
    build(
        &manifest(dir.path(), extra, 1 << 20),
        &dir.path().join("masked"),
        2,
    );
    let rows = ledger(&dir.path().join("masked"));
    for (origin, line) in [
        ("alpha/src/two.py", "key = '<github-token>'  # <email>"),
        ("alpha/notes.ipynb", "key = '<github-token>'"),
        (
            "alpha/notes.tex",
            "Write to <email>, or use <github-token>.",
        ),
    ] {
        let row = &rows[origin];
        assert_eq!(row["keep"], true, "{origin}: {row:#}");
        let text = row["text"].as_str().unwrap();
        assert!(text.contains(line) && !text.contains("```"), "{row:#}");
        let detail = row["detail"].as_str().unwrap();
        assert!(
            detail.starts_with("masked ") && detail.contains("github-token line "),
            "{detail}"
        );
    }
}

#[test]
fn licences_of_repositories_decide_wherever_their_files_lie() {
    let dir = tempfile::tempdir().unwrap();
    let extra = "licenses = \"permissive-only\"";
    let out = dir.path().join("out");
    build(&manifest(dir.path(), extra, 1 << 20), &out, 2);
    let rows = ledger(&out);
    for (origin, value) in [
        ("beta/three.py", "GPL-3.0-only"),
        ("delta/five.py", "unknown"),
    ] {
        let row = &rows[origin];
        assert_eq!(
            (&row["rule"], &row["value"]),
            (&json("\"license\""), &Value::from(value)),
            "{row:#}"
        );
    }
    let kept = rows.iter().filter(|(_, row)| row["keep"] == true);
    let kept: BTreeSet<&str> = kept.map(|(origin, _)| origin.as_str()).collect();
    let expected = [
        "alpha/src/one.py",
        "beta/four.py",
        "gamma/src/g1.py",
        "gamma/src/g2.py",
        "gamma/src/g3.py",
        "gamma/src/g4.py",
        "gamma/src/g5.py",
        "gamma/src/g6.py",
    ];
    assert_eq!(kept, BTreeSet::from(expected));

    // However the archive is cut, and on however many threads.
    let cut = dir.path().join("cut");
    build(&manifest(dir.path(), extra, 1500), &cut, 1);
    let again = ledger(&cut);
    let verdicts = |rows: &BTreeMap<String, Value>| -> Vec<(String, Value, Value)> {
        rows.iter()
            .map(|(origin, row)| (origin.clone(), row["keep"].clone(), row["value"].clone()))
            .collect()
    };
    let (left, right) = (verdicts(&rows), verdicts(&again));
    assert_eq!(left, right);

    let unknown_too = "licenses = \"permissive-or-unknown\"";
    let open = dir.path().join("open");
    build(&manifest(dir.path(), unknown_too, 1 << 20), &open, 2);
    assert_eq!(ledger(&open)["delta/five.py"]["keep"], true);
}

#[test]
fn a_changed_license_file_is_seen() {
    let dir = tempfile::tempdir().unwrap();
    let path = manifest(dir.path(), "licenses = \"permissive-only\"", 1 << 20);
    let out = dir.path().join("out");
    build(&path, &out, 2);
    assert_eq!(ledger(&out)["beta/three.py"]["rule"], "license");
    write(&dir.path().join("repos/beta/COPYING"), MIT);
    build(&path, &out, 2);
    assert_eq!(ledger(&out)["beta/three.py"]["keep"], true);
    let fresh = dir.path().join("fresh");
    build(&path, &fresh, 1);
    assert_same(&tree(&out), &tree(&fresh), "a change and a fresh build");
}

#[test]
fn a_repository_stays_on_one_side_and_copies_fall_to_dedup() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    build(
        &manifest(dir.path(), "secrets = \"mask\"", 1 << 20),
        &out,
        2,
    );
    let rows = ledger(&out);
    let copy = &rows["beta/lib/one.py"];
    assert_eq!(copy["rule"], "duplicate-exact", "{copy:#}");
    assert_eq!(copy["survivor"], rows["alpha/src/one.py"]["doc_id"]);
    let mut sides: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (origin, row) in rows.iter().filter(|(_, row)| row["keep"] == true) {
        let repo = origin.split('/').next().unwrap();
        sides
            .entry(repo)
            .or_default()
            .insert(row["split"].as_str().unwrap());
    }
    assert_eq!(
        sides.keys().copied().collect::<Vec<_>>(),
        ["alpha", "beta", "delta", "gamma"]
    );
    for (repo, sides) in &sides {
        assert_eq!(sides.len(), 1, "{repo} lies on {sides:?}");
    }
}

#[test]
fn settings_of_code_belong_to_code() {
    let dir = tempfile::tempdir().unwrap();
    let path = manifest(dir.path(), "secrets = \"erase\"", 1 << 20);
    let message = fail(2, &["plan", &text(&path)]);
    assert!(
        message.contains("`drop`") && message.contains("`mask`"),
        "{message}"
    );
}
