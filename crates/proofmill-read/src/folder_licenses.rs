//! LICENSE files of repositories: finds them in folders and archives, and tells which stands nearest
//! above a source file.
//!
//! An archive may hold its LICENSE file behind the files under it, or in another slice, so they are
//! looked for before anything is read. What their texts say is for others to tell.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;

use proofmill_types::Kind;
use serde::{Deserialize, Serialize};

use crate::disk::{Progress, Raw};
use crate::format::{self, Format};
use crate::stream::{Fault, Stream};
use crate::tar::{MemberKind, Step, TarWalk, safe_path};
use crate::{InputFile, Limits, ReadError};

/// Nothing lies above a longer path.
const MAX_PATH_BYTES: usize = 4096;
/// Bytes read of one LICENSE file.
const MAX_TEXT_BYTES: u64 = 64 << 10;
/// An archive with more LICENSE files says nothing about its files.
const MAX_FILES_IN_ARCHIVE: usize = 100_000;

/// A folder of source files, on disk or in an archive.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct CodeFolder {
    /// Name of the archive, as in locations; empty on disk.
    pub archive: String,
    /// Path in the archive, or relative to the base folder, `/` between folders; empty for the
    /// topmost.
    pub path: String,
}

/// A LICENSE file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LicenseFile {
    /// Where it lies.
    pub folder: CodeFolder,
    /// Its name, without folders.
    pub name: String,
    /// Its first 64 KiB, undecodable bytes replaced.
    pub text: String,
}

/// Licences of folders, for the files below them.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct FolderLicenses {
    by_folder: BTreeMap<CodeFolder, String>,
}

impl FolderLicenses {
    /// Of folders and their licences.
    pub fn new(folders: impl IntoIterator<Item = (CodeFolder, String)>) -> Self {
        Self {
            by_folder: folders.into_iter().collect(),
        }
    }

    /// Licence of the nearest folder above the file `path`, which lies in `archive` or, if that is
    /// empty, on disk.
    #[must_use]
    pub fn nearest(&self, archive: &str, path: &str) -> Option<&str> {
        if self.by_folder.is_empty() || path.len() > MAX_PATH_BYTES {
            return None;
        }
        let mut folder = CodeFolder {
            archive: archive.to_owned(),
            path: path.to_owned(),
        };
        while !folder.path.is_empty() {
            let above = folder.path.rfind('/').unwrap_or(0);
            folder.path.truncate(above);
            if let Some(license) = self.by_folder.get(&folder) {
                return Some(license);
            }
        }
        None
    }
}

/// The LICENSE files that `file` is or, if it is an archive of source code, holds; `is_license` tells
/// them by their names.
///
/// # Errors
/// [`ReadError::Io`] if the file cannot be read. A damaged archive gives what lies before the damage.
pub fn license_files(
    file: &InputFile,
    limits: &Limits,
    is_license: &dyn Fn(&str) -> bool,
) -> Result<Vec<LicenseFile>, ReadError> {
    let (path, name) = file.name.rsplit_once('/').unwrap_or(("", &file.name));
    if is_license(name) {
        let disk = File::open(&file.path).map_err(ReadError::io(&file.path))?;
        let mut bytes = Vec::new();
        disk.take(MAX_TEXT_BYTES)
            .read_to_end(&mut bytes)
            .map_err(ReadError::io(&file.path))?;
        let folder = CodeFolder {
            archive: String::new(),
            path: path.to_owned(),
        };
        return Ok(vec![LicenseFile {
            folder,
            name: name.to_owned(),
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }]);
    }
    let mut found = Vec::new();
    if format::is_archive_name(&file.name) {
        match of_archive(file, limits, is_license, &mut found) {
            Ok(()) | Err(Fault::Damage(_)) => {}
            Err(Fault::Disk(source)) => {
                return Err(ReadError::Io {
                    path: file.path.clone(),
                    source,
                });
            }
        }
    }
    Ok(found)
}

fn of_archive(
    file: &InputFile,
    limits: &Limits,
    is_license: &dyn Fn(&str) -> bool,
    found: &mut Vec<LicenseFile>,
) -> Result<(), Fault> {
    let again = || File::open(&file.path).map(|file| Box::new(file) as Box<dyn Raw>);
    if format::recognise(file, Kind::Code, limits, &again)? != Format::CodeTar {
        return Ok(());
    }
    let raw = again().map_err(Fault::Disk)?;
    let stream =
        Stream::open(raw, 0, file.n_bytes, limits, Progress::default()).map_err(Fault::Disk)?;
    let archive_end = (!stream.is_compressed()).then_some(file.n_bytes);
    let mut walk = TarWalk::new(stream, archive_end);
    while let Some(step) = walk.step()? {
        let Step::Member(member) = step else {
            continue;
        };
        let Some(path) = safe_path(&member.name).filter(|_| member.kind == MemberKind::File) else {
            continue;
        };
        let (path, name) = path.rsplit_once('/').unwrap_or(("", &path));
        if !is_license(name) || member.n_bytes > MAX_TEXT_BYTES {
            continue;
        }
        if found.len() >= MAX_FILES_IN_ARCHIVE {
            found.clear();
            return Ok(());
        }
        let (path, name) = (path.to_owned(), name.to_owned());
        let bytes = walk.content(&member)?;
        found.push(LicenseFile {
            folder: CodeFolder {
                archive: file.name.to_string(),
                path,
            },
            name,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_folder_counts() {
        let folder = |archive: &str, path: &str| CodeFolder {
            archive: archive.to_owned(),
            path: path.to_owned(),
        };
        let licenses = FolderLicenses::new([
            (folder("", "d/r"), "MIT".to_owned()),
            (folder("", "d/r/vendor/x"), "ISC".to_owned()),
            (folder("d/a.tar", ""), "0BSD".to_owned()),
        ]);
        for (archive, path, expected) in [
            ("", "d/r/a.py", Some("MIT")),
            ("", "d/r/vendor/x/y/a.py", Some("ISC")),
            ("", "d/r/vendor/a.py", Some("MIT")),
            ("", "d/rest/a.py", None),
            ("", "a.py", None),
            ("d/a.tar", "r/a.py", Some("0BSD")),
            ("d/a.tar", "a.py", Some("0BSD")),
            ("d/b.tar", "d/r/a.py", None),
        ] {
            assert_eq!(
                licenses.nearest(archive, path),
                expected,
                "{archive} {path}"
            );
        }
    }
}
