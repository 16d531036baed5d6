//! Stage `train`: a tokenizer learnt from the training split of the corpus itself.

use std::iter::Peekable;
use std::vec;

use anyhow::{Context as _, Result};
use proofmill_shard::publish_bytes;
use proofmill_shard::tables::{DocsProjection, DocsReader, Split};
use proofmill_tokenize::Family;

use crate::coder::family;
use crate::counts::Counts;
use crate::duplicates::{Removed, read_removed};
use crate::failure::Failure;
use crate::prepare::DOCS;
use crate::run::Run;
use crate::split::side;
use crate::stage::{Stage, Task};
use crate::store::{Commit, Output};

/// File name of the trained tokenizer.
pub(crate) const TOKENIZER: &str = "tokenizer.json";

/// Runs the `train` task.
pub(crate) fn train(
    run: &Run,
    task: &Task,
    prepared: &[Commit],
    clustered: &Commit,
) -> Result<Commit> {
    let settings = run
        .plan()
        .manifest
        .tokenizer
        .train
        .clone()
        .context("this plan trains no tokenizer")?;
    let mut texts = Texts {
        run,
        prepared,
        clustered,
        next: 0,
        open: None,
        n_left: settings.max_bytes,
        error: None,
    };
    let family = family(run.plan().manifest.tokenizer.family.as_deref())?;
    let family = family.unwrap_or(Family::Digits);
    let n_tokens = usize::try_from(settings.vocab_tokens).unwrap_or(usize::MAX);
    let trained = run
        .pool()
        .install(|| proofmill_tokenize::train_as(family, &mut texts, n_tokens, &[]));
    if let Some(error) = texts.error {
        return Err(error);
    }
    let trained = trained.map_err(|error| Failure::Usage.error(error.to_string()))?;
    let folder = run.store().create_folder(task)?;
    let info = publish_bytes(&folder.join(TOKENIZER), &trained)?;
    run.store()
        .record(task, vec![Output::new(TOKENIZER, &info)], Counts::default())
}

/// Training texts in document order, one batch of rows in memory at a time.
struct Texts<'a> {
    run: &'a Run,
    prepared: &'a [Commit],
    clustered: &'a Commit,
    next: usize,
    open: Option<Part>,
    n_left: u64,
    error: Option<anyhow::Error>,
}

/// The rest of one partition.
struct Part {
    rows: DocsReader,
    next_row: u32,
    removed: Peekable<vec::IntoIter<Removed>>,
}

impl Iterator for Texts<'_> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        self.find().unwrap_or_else(|error| {
            self.error = Some(error);
            None
        })
    }
}

impl Texts<'_> {
    /// The next document of the training split that stays; `None` when there is enough text.
    fn find(&mut self) -> Result<Option<String>> {
        let settings = &self.run.plan().manifest;
        while self.n_left > 0 && self.error.is_none() {
            let Some(part) = &mut self.open else {
                if self.next == self.prepared.len() {
                    break;
                }
                self.open = Some(self.open_part(self.next)?);
                self.next += 1;
                continue;
            };
            let Some(found) = part.rows.next() else {
                self.open = None;
                continue;
            };
            let document = found?.document;
            let row = part.next_row;
            part.next_row += 1;
            let is_gone = part.removed.next_if(|gone| gone.row == row).is_some();
            if !is_gone && side(&document, &settings.split, settings.corpus.seed) == Split::Train {
                self.n_left = self.n_left.saturating_sub(document.text.len() as u64);
                return Ok(Some(document.text));
            }
        }
        Ok(None)
    }

    fn open_part(&self, index: usize) -> Result<Part> {
        let run = self.run;
        run.check_stop()?;
        let removed = read_removed(run, self.clustered, index)?;
        let folder = run.store().folder(Stage::Prepare, self.prepared[index].key);
        let projection = DocsProjection {
            text: true,
            ..DocsProjection::NONE
        };
        Ok(Part {
            rows: DocsReader::open(&folder.join(DOCS), projection)?,
            next_row: 0,
            removed: removed.into_iter().peekable(),
        })
    }
}
