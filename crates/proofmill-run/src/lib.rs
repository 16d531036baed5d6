//! Plans a manifest and drives the line.
//!
//! The only crate that knows the order of the stops. A [`Plan`] is what a manifest means on this
//! machine: inputs found and measured, slices, definitions. A [`Run`] turns it into a corpus: stages
//! of independent tasks ([`Stage`]), outputs under keys that are digests of what decides them, commit
//! records, seals, and at last `corpus.json`. `build` on one machine and single tasks on a cluster go
//! through the same functions and write the same bytes.

mod assemble;
mod coder;
mod contamination;
mod counts;
mod definitions;
mod duplicates;
mod encode;
mod failure;
mod line;
mod plan;
mod prepare;
mod progress;
mod publish;
mod run;
mod split;
mod stage;
mod store;
mod tasks;
mod times;
mod train;

pub use contamination::Contamination;
pub use counts::{Counts, Tally};
pub use definitions::{Definitions, NamedText};
pub use failure::Failure;
pub use line::{Fate, Line, LineSpec};
pub use plan::{Input, Partition, Plan, PlannedSource};
pub use progress::{Progress, Quiet};
pub use run::{Run, RunOptions, Summary};
pub use stage::{Ingredients, Stage, Task};
pub use store::{Commit, Output};
pub use times::{EXTRA, StopTimes};
