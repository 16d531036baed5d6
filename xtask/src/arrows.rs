//! The arrows between crates: a crate uses only crates of layers below its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

/// Layers from the bottom; crates of one layer stand side by side and do not use each other.
const LAYERS: [&[&str]; 7] = [
    &["types"],
    &["latex", "score"],
    &["html", "code"],
    &[
        "read",
        "extract",
        "normalize",
        "filter",
        "dedup",
        "decontaminate",
        "tokenize",
        "shard",
        "manifest",
    ],
    &["run"],
    &["cli"],
    &["benches", "xtask"],
];

/// Fails on the first dependency that points up or sideways.
pub(crate) fn check(root: &Path) -> Result<()> {
    let mut layer_of = BTreeMap::new();
    for (layer, names) in LAYERS.iter().enumerate() {
        for name in *names {
            layer_of.insert(*name, layer);
        }
    }
    let mut wrong = Vec::new();
    for entry in fs::read_dir(root.join("crates"))? {
        let folder = entry?.path();
        let path = folder.join("Cargo.toml");
        if !path.is_file() {
            continue;
        }
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let manifest: toml::Table = text.parse()?;
        let folder_name = folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let name = folder_name.trim_start_matches("proofmill-");
        let Some(layer) = layer_of.get(name) else {
            wrong.push(format!(
                "{folder_name} has no layer; give it one in xtask/src/arrows.rs"
            ));
            continue;
        };
        for used in dependencies(&manifest) {
            match layer_of.get(used.as_str()) {
                Some(below) if below < layer => {}
                _ => wrong.push(format!("{folder_name} must not use proofmill-{used}")),
            }
        }
    }
    wrong.sort();
    if !wrong.is_empty() {
        bail!("arrows point the wrong way:\n  {}", wrong.join("\n  "));
    }
    Ok(())
}

/// Our own crates among the dependencies of a crate, those of its tests excepted.
fn dependencies(manifest: &toml::Table) -> Vec<String> {
    let table = manifest.get("dependencies").and_then(toml::Value::as_table);
    let names = table.into_iter().flat_map(toml::Table::keys);
    names
        .filter_map(|name| name.strip_prefix("proofmill-").map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_keeps_its_arrows() {
        check(&crate::root()).unwrap();
    }

    #[test]
    fn sideways_is_refused() {
        let dir = std::env::temp_dir().join(format!("arrows-{}", std::process::id()));
        let folder = dir.join("crates/proofmill-filter");
        fs::create_dir_all(&folder).unwrap();
        fs::write(
            folder.join("Cargo.toml"),
            "[dependencies]\nproofmill-read.workspace = true\n",
        )
        .unwrap();
        let error = check(&dir).unwrap_err().to_string();
        fs::remove_dir_all(&dir).unwrap();
        assert!(
            error.contains("proofmill-filter must not use proofmill-read"),
            "{error}"
        );
    }
}
