//! The `decontaminate` stop: benchmark items must not be trained on.

use std::cell::RefCell;

use anyhow::{Context as _, Result};
use proofmill_decontaminate::{
    DecontaminateError, Hit, Index, IndexBuilder, Item, Preset, Scratch, Theorems, cut,
};
use proofmill_manifest::ContaminationAction as Action;
use proofmill_read::InputFile;
use proofmill_types::{Document, Reason, Stage, Stop, Verdict};

use crate::failure::Failure;

/// The index of all benchmarks, and what to do about a hit.
pub struct Contamination {
    index: Index,
    theorems: Theorems,
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
        let mut theorems = Theorems::default();
        for file in files {
            let items = proofmill_read::eval_items(file)
                .with_context(|| format!("benchmark `{}`", file.path.display()))?;
            let mut n_texts = 0;
            for item in &items {
                for name in &item.names {
                    theorems.add(name, &item.benchmark, &item.item);
                    n_texts += 1;
                }
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
            theorems,
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
        let theorem = doc
            .meta
            .text("theorem")
            .and_then(|name| self.theorems.find(name));
        let mut hits = self.scan(&doc.text);
        hits.extend(
            self.theorems
                .scan(doc.language.as_deref().unwrap_or_default(), &doc.text),
        );
        let n_hits = hits.len() + usize::from(theorem.is_some());
        doc.signals.set_count("n_contaminated_spans", n_hits);
        let first = hits.first().map(|hit| (hit.benchmark, hit.item));
        let Some((benchmark, item)) = theorem.or(first) else {
            return Verdict::Keep;
        };
        let drop = || Verdict::Drop(Reason::new("contaminated", format!("{benchmark} {item}")));
        match self.action {
            // A proof that is one benchmark theorem leaves nothing to keep.
            Action::DropSpan if theorem.is_some() => drop(),
            Action::DropDocument => drop(),
            Action::DropSpan => {
                let text = cut(&doc.text, &hits);
                if text.trim().is_empty() {
                    return drop();
                }
                doc.text = text;
                Verdict::Keep
            }
            Action::Report => Verdict::Keep,
        }
    }
}
