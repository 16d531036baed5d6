//! Single texts out of a `docs` table, by row number.

use std::collections::VecDeque;
use std::path::Path;

use parquet::arrow::arrow_reader::{RowSelection, RowSelectionPolicy};

use super::batch::Batch;
use super::docs::{LAYOUT, READ_ROWS_WITH_TEXT};
use super::docs_columns::TEXT;
use super::file::{Rows, TableFile};
use crate::error::ShardError;

/// Fetches the texts of single rows; each costs about one page.
pub struct DocsTexts(TableFile);

impl DocsTexts {
    /// Opens the table `path`.
    ///
    /// # Errors
    /// [`ShardError::Io`], [`ShardError::Table`], [`ShardError::Format`].
    pub fn open(path: &Path) -> Result<Self, ShardError> {
        TableFile::open(path, &LAYOUT).map(Self)
    }

    /// Rows of the table.
    #[must_use]
    pub fn n_rows(&self) -> u64 {
        self.0.n_rows()
    }

    /// The texts of `rows`, which ascend strictly; all of them in memory at once.
    ///
    /// # Errors
    /// As [`DocsTexts::open`]; [`ShardError::Refused`] if `rows` do not ascend or are not there.
    pub fn texts(&self, rows: &[u64]) -> Result<Vec<String>, ShardError> {
        let path = self.0.path();
        let ascends = rows.windows(2).all(|pair| pair[0] < pair[1]);
        if !ascends || rows.last().is_some_and(|row| *row >= self.n_rows()) {
            let what = format!("rows must ascend and stay below {}", self.n_rows());
            return Err(ShardError::refused(path, "a request", what));
        }
        let Selected { groups, selection } = self.select(rows)?;
        let batches = self.0.read(Some(&[TEXT]), READ_ROWS_WITH_TEXT, |builder| {
            builder
                .with_row_groups(groups)
                .with_row_selection(selection)
                .with_row_selection_policy(RowSelectionPolicy::Selectors)
        })?;
        let decode = |batch: &Batch<'_>| -> Result<VecDeque<String>, ShardError> {
            Ok(batch
                .texts(TEXT)?
                .iter()
                .flatten()
                .map(str::to_owned)
                .collect())
        };
        let texts: Vec<String> = Rows::new(batches, decode).collect::<Result<_, _>>()?;
        if texts.len() == rows.len() {
            Ok(texts)
        } else {
            let what = format!("{} of {} texts are there", texts.len(), rows.len());
            Err(ShardError::damaged(path, "column `text`", what))
        }
    }

    /// The row groups that hold `rows`, and the rows within these groups end to end.
    fn select(&self, rows: &[u64]) -> Result<Selected, ShardError> {
        let mut groups = Vec::new();
        let mut ranges = Vec::new();
        let mut rest = rows;
        let mut group_start = 0_u64; // first row of the group, in the file
        let mut selected_start = 0_usize; // and among the groups selected
        for (index, group) in self.0.metadata().metadata().row_groups().iter().enumerate() {
            let damaged = || {
                let position = format!("row group {index}");
                ShardError::damaged(self.0.path(), position, "its number of rows is impossible")
            };
            let n_rows = u64::try_from(group.num_rows()).map_err(|_| damaged())?;
            let group_end = group_start.checked_add(n_rows).ok_or_else(damaged)?;
            let (here, later) = rest.split_at(rest.partition_point(|row| *row < group_end));
            rest = later;
            if !here.is_empty() {
                for row in here {
                    let at = usize::try_from(row - group_start).map_err(|_| damaged())?;
                    let at = selected_start.checked_add(at).ok_or_else(damaged)?;
                    ranges.push(at..at + 1);
                }
                groups.push(index);
                let n_rows = usize::try_from(n_rows).map_err(|_| damaged())?;
                selected_start = selected_start.checked_add(n_rows).ok_or_else(damaged)?;
            }
            group_start = group_end;
        }
        let selection = RowSelection::from_consecutive_ranges(ranges.into_iter(), selected_start);
        Ok(Selected { groups, selection })
    }
}

struct Selected {
    groups: Vec<usize>,
    selection: RowSelection,
}
