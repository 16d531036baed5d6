//! Plans a manifest and drives the line.
//!
//! The only crate that knows the order of the stops. A [`Plan`] is what a manifest means on this
//! machine: inputs found and measured, slices, definitions. A [`Run`] turns it into a corpus: stages
//! of independent tasks ([`Stage`]), outputs under keys that are digests of what decides them, commit
//! records, seals, and at last `corpus.json`. `build` on one machine and single tasks on a cluster go
//! through the same functions and write the same bytes.

mod assemble;
mod changes;
mod check;
mod classifier;
mod coder;
mod contamination;
mod corpus;
mod counts;
mod definitions;
mod domains;
mod duplicates;
mod encode;
mod failure;
mod gc;
mod known;
mod lazy;
mod licenses;
mod line;
mod look;
mod models;
mod packing;
mod plan;
mod planned;
mod prepare;
mod progress;
mod publish;
mod run;
mod scores;
mod single;
mod split;
mod stage;
mod store;
mod table;
mod tasks;
mod texts;
mod times;
mod train;
mod verify;

pub use changes::{StageState, Todo, stage_states};
pub use check::{Checked, check};
pub use classifier::{TrainedClassifier, train_classifier};
pub use contamination::Contamination;
pub use corpus::{
    CORPUS, Corpus, CorpusFile, CorpusSource, FORMAT_VERSION, LOCK, Lock, LockedInput,
    TokenizerInfo, manifest_toml,
};
pub use counts::{Counts, Tally};
pub use definitions::{Definitions, NamedText};
pub use domains::{Domain, DomainsWanted, domains};
pub use failure::Failure;
pub use gc::{Removed, gc};
pub use licenses::FolderLicense;
pub use line::{Fate, Line, LineSpec};
pub use look::{Found, Wanted, explain, inspect, locate};
pub use models::Models;
pub use plan::{Input, Partition, Plan, PlannedSource};
pub use progress::{Progress, Quiet};
pub use proofmill_dedup::Settings as DedupSettings;
pub use proofmill_extract::exercises::{Recipe, exercise};
pub use proofmill_manifest::Manifest;
pub use proofmill_score::linear::{Formulas, Settings as ClassifierSettings};
pub use proofmill_shard::publish_bytes;
pub use run::{Run, RunOptions, Summary};
pub use scores::Scores;
pub use single::{
    ContaminationLine, DedupLine, ExtractCommand, ExtractSpec, Extracted, HitLine, ScoreLine,
    TextLine, TokensLine, contamination_line, dedup, load_benchmarks, load_tokenizer, parse_line,
    score_line, tokens_line, train_tokenizer,
};
pub use stage::{Ingredients, Stage, Task};
pub use store::{Commit, Output};
pub use texts::{TextEntry, texts};
pub use times::{EXTRA, StopTimes};
pub use verify::{Problem, verify};
