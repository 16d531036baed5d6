//! Stage `train`: a tokenizer learnt from the training split of the corpus itself.

use anyhow::{Context as _, Result};
use proofmill_shard::publish_bytes;
use proofmill_shard::tables::{DocsProjection, DocsReader, Split};

use crate::counts::Counts;
use crate::duplicates::read_removed;
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
        queue: Vec::new(),
        n_left: settings.max_bytes,
        error: None,
    };
    let n_tokens = usize::try_from(settings.vocab_tokens).unwrap_or(usize::MAX);
    let trained = run
        .pool()
        .install(|| proofmill_tokenize::train(&mut texts, n_tokens, &[]));
    if let Some(error) = texts.error {
        return Err(error);
    }
    let folder = run.store().create_folder(task)?;
    let info = publish_bytes(&folder.join(TOKENIZER), &trained?)?;
    run.store()
        .record(task, vec![Output::new(TOKENIZER, &info)], Counts::default())
}

/// Training texts in document order, one partition in memory at a time.
struct Texts<'a> {
    run: &'a Run,
    prepared: &'a [Commit],
    clustered: &'a Commit,
    next: usize,
    queue: Vec<String>, // in reverse
    n_left: u64,
    error: Option<anyhow::Error>,
}

impl Iterator for Texts<'_> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        while self.queue.is_empty() && self.next < self.prepared.len() && self.n_left > 0 {
            if let Err(error) = self.read_partition() {
                self.error = Some(error);
                return None;
            }
        }
        self.queue.pop()
    }
}

impl Texts<'_> {
    fn read_partition(&mut self) -> Result<()> {
        let run = self.run;
        run.check_stop()?;
        let index = self.next;
        self.next += 1;
        let removed = read_removed(run, self.clustered, index)?;
        let mut removed = removed.iter().peekable();
        let path = run
            .store()
            .folder(Stage::Prepare, self.prepared[index].key)
            .join(DOCS);
        let projection = DocsProjection {
            text: true,
            ..DocsProjection::NONE
        };
        let settings = &run.plan().manifest;
        for (row, found) in (0_u32..).zip(DocsReader::open(&path, projection)?) {
            let document = found?.document;
            let is_gone = removed.next_if(|gone| gone.row == row).is_some();
            if is_gone || side(&document, &settings.split, settings.corpus.seed) != Split::Train {
                continue;
            }
            self.n_left = self.n_left.saturating_sub(document.text.len() as u64);
            self.queue.push(document.text);
            if self.n_left == 0 {
                break;
            }
        }
        self.queue.reverse();
        Ok(())
    }
}
