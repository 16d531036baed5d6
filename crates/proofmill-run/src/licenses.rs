//! Licences of repositories, by the LICENSE files that a source brings along.
//!
//! They are read when a plan is made, since an archive may hold its LICENSE file in another slice than
//! the files under it, and frozen with it.

use std::collections::BTreeMap;

use anyhow::Result;
use proofmill_code::licenses::{folder_license, is_license_file};
use proofmill_read::{CodeFolder, FolderLicenses, InputFile, LicenseFile, Limits};
use serde::{Deserialize, Serialize};

/// A folder and what its LICENSE files say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderLicense {
    /// The folder.
    pub folder: CodeFolder,
    /// SPDX expression.
    pub license: String,
}

/// The licences of the folders in `files`, sorted by folder.
pub(crate) fn of_files<'a>(
    files: impl Iterator<Item = &'a InputFile>,
) -> Result<Vec<FolderLicense>> {
    let mut all = Vec::new();
    let mut by_folder: BTreeMap<CodeFolder, Vec<LicenseFile>> = BTreeMap::new();
    for file in files {
        for found in proofmill_read::license_files(file, &Limits::default(), &is_license_file)? {
            by_folder
                .entry(found.folder.clone())
                .or_default()
                .push(found);
        }
    }
    for (folder, found) in by_folder {
        let texts: Vec<(&str, &str)> = found
            .iter()
            .map(|file| (file.name.as_str(), file.text.as_str()))
            .collect();
        if let Some(license) = folder_license(&texts) {
            all.push(FolderLicense { folder, license });
        }
    }
    Ok(all)
}

/// The same, to look files up in.
pub(crate) fn lookup(licenses: &[FolderLicense]) -> FolderLicenses {
    let pairs = licenses
        .iter()
        .map(|found| (found.folder.clone(), found.license.clone()));
    FolderLicenses::new(pairs)
}
