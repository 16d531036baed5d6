//! Which file of a submission is the paper.
//!
//! Every file with the marks of a whole document is a candidate; a `00README` decides if it names
//! one; otherwise points for what papers have, less points for what else people send along.

use rustc_hash::FxHashSet;

use crate::library::{Library, base_name, kind_of};

/// Slot of the main file.
pub(crate) fn choose(library: &Library, arena: &str) -> Option<usize> {
    let candidates: Vec<usize> = (0..library.entries.len())
        .filter(|slot| {
            let path = &library.entries[*slot].path;
            let named = kind_of(path).unwrap_or(true);
            named && !base_name(path).to_lowercase().starts_with("00readme")
        })
        .collect();
    let candidates = if candidates.is_empty() {
        (0..library.entries.len()).collect()
    } else {
        candidates
    };
    if let [only] = candidates.as_slice() {
        return Some(*only);
    }
    if let Some(slot) = from_readme(library, arena, &candidates) {
        return Some(slot);
    }
    let links: Vec<Vec<usize>> = (0..library.entries.len())
        .map(|slot| inclusions(library, slot, library.text(slot, arena)))
        .collect();
    let included: FxHashSet<usize> = links.iter().flatten().copied().collect();
    let largest = candidates
        .iter()
        .map(|slot| closure_bytes(*slot, &links, library, arena))
        .max()
        .unwrap_or(1)
        .max(1);
    let first_score = |slot: usize| {
        let text = library.text(slot, arena);
        let closure = closure_bytes(slot, &links, library, arena);
        let share = i64::try_from(closure.saturating_mul(40) / largest).unwrap_or(0);
        points(&library.entries[slot].path, text, included.contains(&slot)) + share
    };
    let scores: Vec<(i64, usize)> = candidates
        .iter()
        .map(|slot| (first_score(*slot), *slot))
        .collect();
    let best = scores.iter().map(|score| score.0).max().unwrap_or(0);
    scores
        .into_iter()
        // The others cannot reach the best any more, and chapters of books are many.
        .filter(|(score, _)| score + MORE_POINTS >= best)
        .map(|(score, slot)| (score + more_points(library.text(slot, arena)), slot))
        .max_by(|(left, a), (right, b)| {
            let version = |slot: usize| version_of(&library.entries[slot].path);
            left.cmp(right)
                .then_with(|| version(*a).cmp(&version(*b)))
                .then_with(|| b.cmp(a))
        })
        .map(|(_, slot)| slot)
}

/// Whether the text has a preamble that is not part of the paper.
pub(crate) fn has_preamble(text: &str) -> bool {
    find_uncommented(text, "\\documentclass").is_some()
        || find_uncommented(text, "\\begin{document}").is_some()
        || (find_uncommented(text, "\\documentstyle").is_some()
            && (text.contains("\\begin{document}")
                || find_uncommented(text, "\\document").is_some()))
}

/// The most that [`more_points`] gives.
const MORE_POINTS: i64 = 105;

/// Points for what else a whole paper has.
fn more_points(text: &str) -> i64 {
    let has = |mark: &str| find_uncommented(text, mark).is_some();
    let mut points = 0;
    if has("\\bye") || has("\\magnification") || has("\\enddocument") {
        points += 60;
    }
    for (mark, worth) in [
        ("\\title", 10),
        ("\\maketitle", 10),
        ("\\begin{abstract}", 10),
        ("\\section", 5),
        ("\\bibliography", 5),
        ("\\begin{thebibliography}", 5),
    ] {
        if has(mark) {
            points += worth;
        }
    }
    points
}

/// Points for the marks of a main file, its name and its place.
fn points(path: &str, text: &str, is_included: bool) -> i64 {
    let has = |mark: &str| find_uncommented(text, mark).is_some();
    let mut points = 0;
    if has("\\begin{document}") {
        points += 100;
    }
    if let Some(at) = find_uncommented(text, "\\documentclass")
        .or_else(|| find_uncommented(text, "\\documentstyle"))
    {
        points += 60;
        let head = text
            .get(at..)
            .unwrap_or_default()
            .lines()
            .next()
            .unwrap_or_default();
        let minor = [
            "{letter}",
            "{standalone}",
            "{subfiles}",
            "{beamer}",
            "{minimal}",
            "{moderncv}",
        ];
        if minor.iter().any(|class| head.contains(class)) {
            points -= 90;
        }
    }
    if is_included {
        points -= 80;
    }
    let name = base_name(path).to_lowercase();
    let stem = name
        .rsplit_once('.')
        .map_or(name.as_str(), |(stem, _)| stem);
    for word in [
        "response", "cover", "reply", "rebuttal", "supp", "template", "old", "letter", "backup",
        "referee", "copy", "sample", "diff", "slides", "poster", "unused", "defs", "macros",
        "preamble",
    ] {
        if stem.contains(word) {
            points -= 25;
        }
    }
    if ["main", "paper", "ms", "article", "manuscript", "arxiv"].contains(&stem) {
        points += 15;
    }
    points - i64::try_from(path.matches('/').count()).unwrap_or(0) * 5
}

/// Digits that end the name, for `paper_v2.tex`.
fn version_of(path: &str) -> u64 {
    let name = base_name(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let digits: String = stem
        .chars()
        .rev()
        .take_while(char::is_ascii_digit)
        .take(9)
        .collect();
    digits
        .chars()
        .rev()
        .collect::<String>()
        .parse()
        .unwrap_or(0)
}

/// Position of `mark` outside comments.
pub(crate) fn find_uncommented(text: &str, mark: &str) -> Option<usize> {
    let mut tries = 0;
    for at in memchr::memmem::find_iter(text.as_bytes(), mark.as_bytes()) {
        let line = text.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
        let before = text.get(line..at)?.as_bytes();
        let commented = before
            .iter()
            .enumerate()
            .any(|(i, byte)| *byte == b'%' && (i == 0 || before[i - 1] != b'\\'));
        if !commented {
            return Some(at);
        }
        tries += 1;
        if tries > 1000 {
            return None;
        }
    }
    None
}

/// Slots of the files that a file includes.
fn inclusions(library: &Library, slot: usize, text: &str) -> Vec<usize> {
    let here = u32::try_from(slot).unwrap_or(0);
    let mut slots = Vec::new();
    for (command, extension) in [
        ("\\input", ""),
        ("\\include", ""),
        ("\\subfile", ""),
        ("\\import", ""),
        ("\\subimport", ""),
    ] {
        for at in memchr::memmem::find_iter(text.as_bytes(), command.as_bytes()).take(5000) {
            let rest = text.get(at + command.len()..).unwrap_or_default();
            let mut end = rest.len().min(300);
            while !rest.is_char_boundary(end) {
                end -= 1;
            }
            let rest = &rest[..end];
            let rest = rest.trim_start_matches(['*', ' ']);
            let name = if let Some(braced) = rest.strip_prefix('{') {
                let (first, after) = braced.split_once('}').unwrap_or(("", ""));
                if command.ends_with("import") {
                    let second = after
                        .trim_start()
                        .strip_prefix('{')
                        .and_then(|rest| rest.split_once('}'))
                        .map_or("", |(second, _)| second);
                    format!("{first}/{second}")
                } else {
                    first.to_owned()
                }
            } else if rest.starts_with(|c: char| c.is_ascii_alphabetic()) && !command.ends_with('t')
            {
                continue;
            } else {
                rest.split([' ', '\n', '\\', '%', '}'])
                    .next()
                    .unwrap_or_default()
                    .to_owned()
            };
            let name = name.trim().trim_matches('"');
            if name.is_empty() || name.len() > 200 {
                continue;
            }
            if let Some(found) = library.resolve(&format!("{name}{extension}"), None, here) {
                let found = found as usize;
                if found != slot && !slots.contains(&found) {
                    slots.push(found);
                }
            }
        }
    }
    slots
}

fn closure_bytes(slot: usize, links: &[Vec<usize>], library: &Library, arena: &str) -> usize {
    let mut seen: FxHashSet<usize> = FxHashSet::default();
    let mut open = vec![slot];
    let mut bytes = 0;
    while let Some(slot) = open.pop() {
        if seen.insert(slot) {
            bytes += library.text(slot, arena).len();
            open.extend(links.get(slot).into_iter().flatten());
        }
    }
    bytes
}

/// The file that a `00README` names as the top one.
fn from_readme(library: &Library, arena: &str, candidates: &[usize]) -> Option<usize> {
    let readme = library.entries.iter().position(|entry| {
        base_name(&entry.path)
            .to_lowercase()
            .starts_with("00readme")
    })?;
    let text = library.text(readme, arena);
    let named = |name: &str| {
        let name = name.trim_matches(['"', '\'', ',', ' ']);
        candidates.iter().copied().find(|slot| {
            let path = &library.entries[*slot].path;
            path.eq_ignore_ascii_case(name) || base_name(path).eq_ignore_ascii_case(name)
        })
    };
    // One file per line, then what it is.
    for line in text.lines().take(2000) {
        let mut words = line.split_whitespace();
        if let (Some(name), Some(usage)) = (words.next(), words.next())
            && usage.eq_ignore_ascii_case("toplevelfile")
            && let Some(slot) = named(name)
        {
            return Some(slot);
        }
    }
    // JSON or YAML: objects with a file name and a usage.
    for object in text.split(['{', '-']).take(2000) {
        if !object.contains("toplevel") {
            continue;
        }
        let value = object
            .split_once("filename")
            .and_then(|(_, rest)| rest.split_once(':'))
            .and_then(|(_, rest)| rest.split([',', '\n', '}']).next());
        if let Some(slot) = value.and_then(|value| named(value.trim())) {
            return Some(slot);
        }
    }
    None
}
