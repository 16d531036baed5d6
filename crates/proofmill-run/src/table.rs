//! Rows of small tables that the manifest or the command line names: JSON lines, arrays, Parquet.

use anyhow::{Context as _, Result};
use proofmill_read::{Entry, InputFile, Options};
use proofmill_types::{Body, Kind, Location};

use crate::failure::Failure;

/// The columns of a row, as text.
pub(crate) struct Row {
    fields: Vec<(String, String)>,
    location: Location,
}

impl Row {
    /// Value of the column `name`, if it is there and not null.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Value of the column `name`.
    pub(crate) fn require(&self, name: &str) -> Result<&str> {
        self.get(name)
            .ok_or_else(|| self.fault(&format!("no column `{name}`")))
    }

    /// A complaint about this row.
    pub(crate) fn fault(&self, detail: &str) -> anyhow::Error {
        Failure::BadInput.error(format!("{}: {detail}", self.location))
    }
}

/// Calls `act` with every row of `file`.
///
/// # Errors
/// [`Failure::BadInput`] for a row that cannot be read: a table that was named is wanted whole. The
/// first error of `act`.
pub(crate) fn for_each_row(
    file: &InputFile,
    act: &mut dyn FnMut(&Row) -> Result<()>,
) -> Result<()> {
    let options = Options::new(Kind::Instruct);
    for slice in proofmill_read::slices(file, Kind::Instruct, u64::MAX)? {
        for entry in proofmill_read::open(&slice, &options)
            .with_context(|| format!("cannot read `{}`", file.path.display()))?
        {
            match entry? {
                Entry::Record(record) => {
                    if let Body::Instruct(row) = record.body {
                        act(&Row {
                            fields: row.fields,
                            location: record.location,
                        })?;
                    }
                }
                Entry::Bad(bad) => {
                    return Err(Failure::BadInput
                        .error(format!("{}: {}: {}", bad.location, bad.rule, bad.detail)));
                }
            }
        }
    }
    Ok(())
}
