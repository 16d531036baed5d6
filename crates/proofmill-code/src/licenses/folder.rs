//! LICENSE and COPYING files: which files these are, and what several in one folder say together.

use super::{all_of, license_of_text};

/// Whether a file of this name, without folders, states the licence of its folder: `LICENSE`,
/// `COPYING`, `UNLICENSE`, with an ending (`.md`) or a part (`LICENSE-MIT`, `COPYING.LESSER`).
///
/// `LICENSE-THIRD-PARTY` and its like are about something else.
#[must_use]
pub fn is_license_file(name: &str) -> bool {
    part_of(name).is_some()
}

/// What distinguishes a LICENSE file from others of its folder, in lower case: `mit` of
/// `LICENSE-MIT.txt`, nothing for `LICENSE.md`; `None` if it is no LICENSE file.
fn part_of(name: &str) -> Option<String> {
    const STEMS: [&str; 6] = [
        "license",
        "licence",
        "copying",
        "unlicense",
        "unlicence",
        "licenses",
    ];
    const ENDINGS: [&str; 7] = ["", "md", "txt", "rst", "html", "markdown", "org"];
    const FOREIGN: [&str; 6] = ["third", "3rd", "vendor", "bundled", "depend", "notice"];
    const MAX_NAME_BYTES: usize = 64;
    if name.len() > MAX_NAME_BYTES {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    let (stem, ending) = lower.rsplit_once('.').unwrap_or((&lower, ""));
    let stem = if ENDINGS.contains(&ending) {
        stem
    } else {
        &lower
    };
    let mut words = stem.split(['-', '_', '.', ' ']);
    let first = words.next().unwrap_or_default();
    let rest: Vec<&str> = words.collect();
    let rest = rest.join(" ");
    if STEMS.contains(&first)
        && !FOREIGN.iter().any(|word| rest.contains(word))
        && !is_source(ending)
    {
        return Some(rest);
    }
    // `MIT-LICENSE`, `Apache.LICENSE`
    let is_behind = STEMS.iter().any(|known| rest == *known);
    (is_behind && ["mit", "bsd", "apache", "gpl", "lgpl", "isc", "mpl"].contains(&first))
        .then(|| first.to_owned())
}

/// Endings of programs: `license.py` handles licences and is none.
fn is_source(ending: &str) -> bool {
    [
        "c", "cc", "cpp", "go", "h", "hs", "java", "jl", "js", "json", "lean", "py", "r", "rs",
        "sh", "toml", "ts", "v", "xml", "yaml", "yml",
    ]
    .contains(&ending)
}

/// Licence of a folder by its LICENSE files, given as name and text; `None` if none is known.
///
/// A file without a part in its name (`LICENSE`) decides alone. Of files whose parts name licences
/// (`LICENSE-MIT`, `LICENSE-APACHE`) one may choose; others (`LICENSE-CODE`, `LICENSE-DOCS`) hold
/// together. `COPYING.LESSER` adds permissions to `COPYING` and takes its place.
#[must_use]
pub fn folder_license(files: &[(&str, &str)]) -> Option<String> {
    let mut found: Vec<(String, String)> = Vec::new();
    for (name, text) in files {
        if let (Some(part), Some(id)) = (part_of(name), license_of_text(text)) {
            found.push((part, id));
        }
    }
    found.sort();
    if let Some((_, lesser)) = found
        .iter()
        .find(|(part, _)| part == "lesser" || part == "lib")
    {
        return Some(lesser.clone());
    }
    if let Some((_, whole)) = found.iter().find(|(part, _)| part.is_empty()) {
        return Some(whole.clone());
    }
    let names_itself = |(part, id): &(String, String)| {
        let id = id.to_ascii_lowercase();
        let word = part.split(' ').next().unwrap_or_default();
        id.split(['-', '.']).any(|piece| {
            !piece.is_empty() && word.trim_end_matches(|c: char| c.is_ascii_digit()) == piece
        })
    };
    let is_choice = found.iter().all(names_itself);
    let mut ids: Vec<String> = found.into_iter().map(|(_, id)| id).collect();
    ids.sort();
    ids.dedup();
    match (&ids[..], is_choice) {
        ([], _) => None,
        (ids, true) => Some(ids.join(" OR ")),
        (ids, false) => Some(all_of(ids)),
    }
}
