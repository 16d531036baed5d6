//! What a run tells while it works. The command line draws it; tests count it.

use std::time::Duration;

use crate::stage::Stage;

/// Listener to a run; called from many threads.
pub trait Progress: Send + Sync {
    /// A stage begins: tasks to do (of all), and bytes that they read.
    fn begin(&self, stage: Stage, n_todo: usize, n_tasks: usize, n_bytes: u64);
    /// `n_bytes` more were read by the stage.
    fn advance(&self, n_bytes: u64);
    /// One task of the stage is done.
    fn task_done(&self);
    /// The stage is done.
    fn end(&self, stage: Stage, took: Duration);
}

/// Tells nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quiet;

impl Progress for Quiet {
    fn begin(&self, _: Stage, _: usize, _: usize, _: u64) {}
    fn advance(&self, _: u64) {}
    fn task_done(&self) {}
    fn end(&self, _: Stage, _: Duration) {}
}
