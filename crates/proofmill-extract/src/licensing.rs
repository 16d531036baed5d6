//! The licence of a source file, and whether files under it are kept.
//!
//! The most specific statement counts:
//!
//! | `license_from` | stated by |
//! |---|---|
//! | `file` | the head of the file: an SPDX tag, the text of a licence, a notice, a line `License:` |
//! | `row` | the columns of the row |
//! | `license-file` | the nearest LICENSE or COPYING file above it in its repository |
//! | `source` | the key `license` of the source |
//! | `nobody` | the licence is `unknown` |

use proofmill_code::is_permissive;
use proofmill_code::licenses::{UNKNOWN, all_of, header_license, normalize};
use proofmill_types::{CodeFile, Kind, Reason};

use crate::{ExtractError, Setting};

/// Which licences are kept: the setting `licenses`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kept {
    #[default]
    Any,
    PermissiveOnly,
    PermissiveOrUnknown,
}

/// Finds and judges licences.
pub(crate) struct Licensing {
    kept: Kept,
    source: Option<String>,
}

impl Licensing {
    /// Keeps all licences; `source` is the one of files whose licence nothing else tells.
    pub(crate) fn new(source: Option<&str>) -> Self {
        Self {
            kept: Kept::default(),
            source: source.map(normalize).filter(|license| license != UNKNOWN),
        }
    }

    /// Takes `setting` if it is its own.
    pub(crate) fn set(&mut self, setting: &Setting) -> Result<bool, ExtractError> {
        if setting.name != "licenses" {
            return Ok(false);
        }
        let choices = [
            ("any", Kept::Any),
            ("permissive-only", Kept::PermissiveOnly),
            ("permissive-or-unknown", Kept::PermissiveOrUnknown),
        ];
        self.kept = setting.choice(Kind::Code, &choices)?;
        Ok(true)
    }

    /// The licence of `file`, which holds `text`, and who states it; a refusal by rule `license`.
    pub(crate) fn judge(
        &self,
        file: &CodeFile,
        text: &str,
    ) -> Result<(String, &'static str), Reason> {
        let (license, from) = self.find(file, text);
        let is_kept = match self.kept {
            Kept::Any => true,
            Kept::PermissiveOnly => is_permissive(&license),
            Kept::PermissiveOrUnknown => license == UNKNOWN || is_permissive(&license),
        };
        if is_kept {
            Ok((license, from))
        } else {
            Err(Reason::new("license", license))
        }
    }

    fn find(&self, file: &CodeFile, text: &str) -> (String, &'static str) {
        if let Some(license) = header_license(text) {
            return (license, "file");
        }
        let of_row: Vec<String> = file.licenses.iter().map(|name| normalize(name)).collect();
        // A column that names a licence beside `unknown` does not tell which of them holds.
        if of_row.iter().any(|license| license != UNKNOWN) {
            return (all_of(&of_row), "row");
        }
        if let Some(license) = &file.folder_license {
            return (license.clone(), "license-file");
        }
        match &self.source {
            Some(license) => (license.clone(), "source"),
            None => (UNKNOWN.to_owned(), "nobody"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GPL: &str = "# SPDX-License-Identifier: GPL-3.0-or-later\nx = 1\n";

    fn file(of_row: &[&str], of_folder: Option<&str>) -> CodeFile {
        CodeFile {
            licenses: of_row.iter().map(|&name| name.to_owned()).collect(),
            folder_license: of_folder.map(str::to_owned),
            ..CodeFile::default()
        }
    }

    #[test]
    fn the_most_specific_statement_counts() {
        let with_source = Licensing::new(Some("apache 2.0"));
        for (file, text, expected) in [
            (
                file(&["mit"], Some("ISC")),
                GPL,
                ("GPL-3.0-or-later", "file"),
            ),
            (
                file(&["mit", "bsd-3-clause"], Some("ISC")),
                "x",
                ("MIT AND BSD-3-Clause", "row"),
            ),
            (
                file(&["unknown"], Some("ISC")),
                "x",
                ("ISC", "license-file"),
            ),
            (file(&[], None), "x", ("Apache-2.0", "source")),
        ] {
            let (license, from) = with_source.judge(&file, text).unwrap();
            assert_eq!((&*license, from), expected);
        }
        let found = Licensing::new(None).judge(&file(&[], None), "x").unwrap();
        assert_eq!(found, (UNKNOWN.to_owned(), "nobody"));
    }

    #[test]
    fn what_is_kept() {
        for (kept, keeps) in [
            (Kept::Any, [true, true, true]),
            (Kept::PermissiveOnly, [true, false, false]),
            (Kept::PermissiveOrUnknown, [true, false, true]),
        ] {
            let licensing = Licensing { kept, source: None };
            let files = [
                file(&["MIT"], None),
                file(&["GPL-2.0"], None),
                file(&[], None),
            ];
            let verdicts = files.map(|file| licensing.judge(&file, "x").is_ok());
            assert_eq!(verdicts, keeps, "{kept:?}");
        }
        let strict = Licensing {
            kept: Kept::PermissiveOnly,
            source: None,
        };
        let refused = strict.judge(&file(&["MIT"], None), GPL).unwrap_err();
        assert_eq!(refused, Reason::new("license", "GPL-3.0-or-later"));
    }
}
