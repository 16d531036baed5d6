//! The `decontaminate` stop: benchmark items must not be trained on.

use std::cell::RefCell;

use anyhow::{Context as _, Result};
use proofmill_decontaminate::{
    DecontaminateError, Hit, Index, IndexBuilder, Item, Preset, Scratch, cut,
};
use proofmill_manifest::ContaminationAction as Action;
use proofmill_read::InputFile;
use proofmill_types::{Document, Reason, Stage, Stop, Verdict};

use crate::failure::Failure;

/// The index of all benchmarks, and what to do about a hit.
pub struct Contamination {
    index: Index,
    action: Action,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Contamination {
    /// Indexes the items of `files` by the preset of that name.
    ///
    /// # Errors
    /// An unknown preset, an unreadable file, a file without items.
    pub fn load<'a>(
        files: impl Iterator<Item = &'a InputFile>,
        preset: &str,
        action: Action,
    ) -> Result<Self> {
        let mut builder = IndexBuilder::new(self::preset(preset)?.rules());
        for file in files {
            let items = proofmill_read::eval_items(file)
                .with_context(|| format!("benchmark `{}`", file.path.display()))?;
            let mut n_texts = 0;
            for item in &items {
                n_texts += builder.add(&Item {
                    benchmark: &item.benchmark,
                    item: &item.item,
                    fields: &item.texts,
                });
            }
            if n_texts == 0 {
                return Err(Failure::Usage.error(format!(
                    "benchmark `{}` has no item with a question or an answer; a line holds, for example, \
                     `question` and `answer`, or `problem` and `solution`",
                    file.path.display()
                )));
            }
        }
        Ok(Self {
            index: builder.finish()?,
            action,
        })
    }

    /// Benchmark items in `text`, by position.
    #[must_use]
    pub fn scan(&self, text: &str) -> Vec<Hit<'_>> {
        SCRATCH.with_borrow_mut(|scratch| self.index.scan(text, scratch))
    }
}

/// The preset of that name.
pub(crate) fn preset(name: &str) -> Result<Preset> {
    let wrong = |error| Failure::Usage.error(format!("decontaminate.preset: {error}"));
    name.parse()
        .map_err(|error: DecontaminateError| wrong(error))
}

impl Stage for Contamination {
    fn stop(&self) -> Stop {
        Stop::Decontaminate
    }

    fn apply(&self, doc: &mut Document) -> Verdict {
        let hits = self.scan(&doc.text);
        doc.signals.set_count("n_contaminated_spans", hits.len());
        let Some(first) = hits.first() else {
            return Verdict::Keep;
        };
        match self.action {
            Action::DropDocument => Verdict::Drop(Reason::new(
                "contaminated",
                format!("{} {}", first.benchmark, first.item),
            )),
            Action::DropSpan => {
                let text = cut(&doc.text, &hits);
                if text.trim().is_empty() {
                    return Verdict::Drop(Reason::new(
                        "contaminated",
                        format!("{} {}", first.benchmark, first.item),
                    ));
                }
                doc.text = text;
                Verdict::Keep
            }
            Action::Report => Verdict::Keep,
        }
    }
}
