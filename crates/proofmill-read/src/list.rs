//! Finds input files: patterns and folders to a sorted list without duplicates.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use proofmill_types::{Digest, Digester, Kind};
use serde::{Deserialize, Serialize};

use crate::ReadError;
use crate::paper_id;

/// Folders inside folders that are searched; deeper ones are left out.
const MAX_DEPTH: usize = 64;

/// One file to read; for kind `arxiv` also a folder that holds one unpacked submission.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct InputFile {
    /// Where it lies on this machine.
    pub path: PathBuf,
    /// Path relative to the base folder, `/` between folders: goes into every location.
    pub name: Arc<str>,
    /// Path relative to the folder that a pattern named, `/` between folders; `None` when the
    /// pattern named this very file. Its first folder is the repository of kind `code`.
    pub under: Option<Arc<str>>,
    /// Size in bytes; of all files together for a folder.
    pub n_bytes: u64,
    /// Time of the last change, nanoseconds since 1970; 0 if unknown.
    pub modified_ns: u64,
    /// Whether this is a folder that holds one submission.
    pub is_folder: bool,
}

/// Lists what `patterns` match, sorted by name, without duplicates.
///
/// A pattern is a path or a glob, relative to `base` or absolute. A folder stands for every file
/// below it, hidden ones (`.git`, `._x`) left out; links to folders inside it are not followed. For
/// kind `arxiv` each sub-folder that holds an unpacked paper is one entry.
///
/// # Errors
/// [`ReadError::NoMatch`] if a pattern matches nothing, [`ReadError::Pattern`] if it is no glob,
/// [`ReadError::Io`] if a folder cannot be read.
pub fn list(kind: Kind, patterns: &[String], base: &Path) -> Result<Vec<InputFile>, ReadError> {
    let mut found = BTreeMap::new();
    for pattern in patterns {
        let absolute = base.join(pattern);
        let mut search = Search {
            kind,
            base,
            root: PathBuf::new(),
            found: &mut found,
            n_seen: 0,
        };
        if absolute.exists() {
            search.root.clone_from(&absolute);
            search.visit(&absolute, 0, true)?;
        } else {
            // The base folder is no pattern, even if its name holds a bracket.
            let glob_text = if Path::new(pattern).is_absolute() {
                pattern.clone()
            } else {
                let base = glob::Pattern::escape(&base.to_string_lossy());
                if base.is_empty() {
                    pattern.clone()
                } else {
                    format!("{base}/{pattern}")
                }
            };
            let options = glob::MatchOptions {
                require_literal_leading_dot: true,
                ..Default::default()
            };
            let matches =
                glob::glob_with(&glob_text, options).map_err(|source| ReadError::Pattern {
                    pattern: pattern.clone(),
                    source,
                })?;
            search.root = base.join(fixed_prefix(pattern));
            for path in matches {
                let path = path.map_err(|error| ReadError::Io {
                    path: error.path().to_path_buf(),
                    source: error.into(),
                })?;
                search.visit(&path, 0, false)?;
            }
        }
        if search.n_seen == 0 {
            let base = base.to_path_buf();
            return Err(ReadError::NoMatch {
                pattern: pattern.clone(),
                base,
            });
        }
    }
    let mut files: Vec<InputFile> = found.into_values().collect();
    files.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(files)
}

/// Digest of the content of `file`; of all names and contents, in order, for a folder.
///
/// # Errors
/// [`ReadError::Io`] if it cannot be read.
pub fn digest(file: &InputFile) -> Result<Digest, ReadError> {
    let mut digester = Digester::new();
    if file.is_folder {
        for (name, path) in folder_files(&file.path)? {
            digester.update(&(name.len() as u64).to_le_bytes());
            digester.update(name.as_bytes());
            digest_file(&path, &mut digester)?;
        }
    } else {
        digest_file(&file.path, &mut digester)?;
    }
    Ok(digester.finish())
}

/// Files below `folder`, hidden ones left out, as sorted pairs of relative name and path.
pub(crate) fn folder_files(folder: &Path) -> Result<Vec<(String, PathBuf)>, ReadError> {
    let mut files = Vec::new();
    let mut folders = vec![(folder.to_path_buf(), 0)];
    while let Some((current, depth)) = folders.pop() {
        for path in children(&current)? {
            let kind = fs::symlink_metadata(&path)
                .map_err(ReadError::io(&path))?
                .file_type();
            if kind.is_dir() {
                if depth < MAX_DEPTH {
                    folders.push((path, depth + 1));
                }
            } else if kind.is_file() {
                files.push((slashed(path.strip_prefix(folder).unwrap_or(&path)), path));
            }
        }
    }
    files.sort();
    Ok(files)
}

struct Search<'a> {
    kind: Kind,
    base: &'a Path,
    root: PathBuf, // `InputFile::under` is relative to it
    found: &'a mut BTreeMap<PathBuf, InputFile>,
    n_seen: u64,
}

impl Search<'_> {
    fn visit(&mut self, path: &Path, depth: usize, is_root: bool) -> Result<(), ReadError> {
        let meta = fs::metadata(path).map_err(ReadError::io(path))?;
        if !meta.is_dir() {
            if meta.is_file() {
                self.add(path, meta.len(), modified_ns(&meta), false);
            }
            return Ok(());
        }
        if self.kind == Kind::Arxiv && !is_root && is_submission(path)? {
            let (mut n_bytes, mut newest_ns) = (0_u64, 0);
            for (_, path) in folder_files(path)? {
                let meta = fs::metadata(&path).map_err(ReadError::io(&path))?;
                n_bytes = n_bytes.saturating_add(meta.len());
                newest_ns = newest_ns.max(modified_ns(&meta));
            }
            self.add(path, n_bytes, newest_ns, true);
            return Ok(());
        }
        for child in children(path)? {
            let link = fs::symlink_metadata(&child).map_err(ReadError::io(&child))?;
            // A link to nowhere is no input; a link to a folder may lead round in circles.
            let Ok(target) = fs::metadata(&child) else {
                continue;
            };
            if target.is_dir() && (link.is_symlink() || depth >= MAX_DEPTH) {
                continue;
            }
            self.visit(&child, depth + 1, false)?;
        }
        Ok(())
    }

    fn add(&mut self, path: &Path, n_bytes: u64, modified_ns: u64, is_folder: bool) {
        self.n_seen += 1;
        let name = slashed(path.strip_prefix(self.base).unwrap_or(path));
        let under = path
            .strip_prefix(&self.root)
            .ok()
            .map(slashed)
            .filter(|name| !name.is_empty());
        self.found
            .entry(path.to_path_buf())
            .or_insert_with(|| InputFile {
                path: path.to_path_buf(),
                name: Arc::from(name),
                under: under.map(Arc::from),
                n_bytes,
                modified_ns,
                is_folder,
            });
    }
}

/// Whether `folder` is one unpacked submission, rather than a folder of papers or archives.
fn is_submission(folder: &Path) -> Result<bool, ReadError> {
    if paper_id::of_name(&slashed(folder)).is_some_and(|id| id.is_arxiv) {
        return Ok(true);
    }
    let mut holds_papers = false;
    for path in children(folder)? {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .to_ascii_lowercase();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        if matches!(extension, "tex" | "ltx" | "latex") {
            return Ok(true);
        }
        holds_papers |= matches!(extension, "gz" | "tgz" | "tar");
        holds_papers |= paper_id::of_name(&slashed(&path)).is_some_and(|id| id.is_arxiv);
    }
    Ok(!holds_papers)
}

/// Everything in `folder` that is not hidden, in no order that matters.
fn children(folder: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(ReadError::io(folder))? {
        let entry = entry.map_err(ReadError::io(folder))?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

fn digest_file(path: &Path, digester: &mut Digester) -> Result<(), ReadError> {
    let mut file = File::open(path).map_err(ReadError::io(path))?;
    let mut buffer = vec![0; 1 << 20];
    loop {
        let n_read = file.read(&mut buffer).map_err(ReadError::io(path))?;
        if n_read == 0 {
            return Ok(());
        }
        digester.update(&buffer[..n_read]);
    }
}

fn modified_ns(meta: &Metadata) -> u64 {
    let since = meta
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since
        .and_then(|since| u64::try_from(since.as_nanos()).ok())
        .unwrap_or(0)
}

/// Folders of `pattern` before the first one with a wildcard.
fn fixed_prefix(pattern: &str) -> PathBuf {
    let is_wild =
        |part: &Component<'_>| part.as_os_str().to_string_lossy().contains(['*', '?', '[']);
    Path::new(pattern)
        .components()
        .take_while(|part| !is_wild(part))
        .collect()
}

fn slashed(path: impl AsRef<Path>) -> String {
    let text = path.as_ref().to_string_lossy();
    let text = if cfg!(windows) {
        text.replace('\\', "/")
    } else {
        text.into_owned()
    };
    text.strip_prefix("./").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        folder
    }

    #[track_caller]
    fn check(kind: Kind, files: &[&str], patterns: &[&str], expected: &[(&str, Option<&str>)]) {
        let folder = tree(files);
        let patterns: Vec<String> = patterns.iter().map(|&text| text.to_owned()).collect();
        let found = list(kind, &patterns, folder.path()).unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|file| (&*file.name, file.under.as_deref()))
            .collect();
        assert_eq!(found, expected, "for {patterns:?}");
    }

    #[test]
    fn folders_globs_and_files_sorted_without_duplicates() {
        let files = [
            "d/b.jsonl",
            "d/a.jsonl",
            "d/.hidden/x",
            "d/._b",
            "e/r/s/c.lean",
        ];
        check(
            Kind::Text,
            &files,
            &["d", "d/*.jsonl", "d/a.jsonl"],
            &[
                ("d/a.jsonl", Some("a.jsonl")),
                ("d/b.jsonl", Some("b.jsonl")),
            ],
        );
        check(Kind::Text, &files, &["d/b.jsonl"], &[("d/b.jsonl", None)]);
        check(
            Kind::Code,
            &files,
            &["e"],
            &[("e/r/s/c.lean", Some("r/s/c.lean"))],
        );
        check(
            Kind::Code,
            &files,
            &["e/**/*.lean"],
            &[("e/r/s/c.lean", Some("r/s/c.lean"))],
        );
    }

    #[test]
    fn arxiv_folders_of_papers() {
        let files = [
            "p/1706.00011/main.tex",
            "p/x/src/a.tex",
            "p/1409.0001.gz",
            "p/0401/y.gz",
        ];
        check(
            Kind::Arxiv,
            &files,
            &["p"],
            &[
                ("p/0401/y.gz", Some("0401/y.gz")),
                ("p/1409.0001.gz", Some("1409.0001.gz")),
                ("p/1706.00011", Some("1706.00011")),
                ("p/x", Some("x")),
            ],
        );
    }

    #[test]
    fn nothing_found_is_an_error_that_names_the_pattern() {
        let folder = tree(&["a"]);
        let error = list(Kind::Text, &["b/*.x".into()], folder.path()).unwrap_err();
        assert!(
            error.to_string().contains("`b/*.x` matches nothing"),
            "{error}"
        );
        let empty = list(Kind::Text, &[], folder.path()).unwrap();
        assert!(empty.is_empty());
    }

    #[test]
    fn digests_see_content_only_and_names_in_folders() {
        let folder = tree(&["p/q/a.tex", "p/q/b.tex"]);
        let files = list(Kind::Arxiv, &["p".into()], folder.path()).unwrap();
        let before = digest(&files[0]).unwrap();
        fs::rename(
            folder.path().join("p/q/a.tex"),
            folder.path().join("p/q/c.tex"),
        )
        .unwrap();
        assert_ne!(before, digest(&files[0]).unwrap());
    }
}
