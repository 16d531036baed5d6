//! How long each stop took, over all threads. For the summary only; no time reaches an output.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use proofmill_types::Stop;

/// What time is spent on, beside the stops: signing, and writing tables and shards.
pub const EXTRA: [&str; 2] = ["sign", "write"];

/// Time per stop, added up over threads.
#[derive(Debug, Default)]
pub struct StopTimes {
    stops: [AtomicU64; Stop::ALL.len()],
    extra: [AtomicU64; EXTRA.len()],
}

impl StopTimes {
    /// Adds the time since `started` to `stop`.
    pub(crate) fn add(&self, stop: Stop, started: Instant) {
        if let Some(cell) = Stop::ALL
            .iter()
            .position(|found| *found == stop)
            .map(|at| &self.stops[at])
        {
            add(cell, started);
        }
    }

    /// Adds the time since `started` to signing.
    pub(crate) fn add_sign(&self, started: Instant) {
        add(&self.extra[0], started);
    }

    /// Adds the time since `started` to writing.
    pub(crate) fn add_write(&self, started: Instant) {
        add(&self.extra[1], started);
    }

    /// All times by name, in the order of the line.
    #[must_use]
    pub fn all(&self) -> Vec<(&'static str, Duration)> {
        let stops = Stop::ALL.iter().map(|stop| stop.name()).zip(&self.stops);
        let extra = EXTRA.into_iter().zip(&self.extra);
        stops
            .chain(extra)
            .map(|(name, cell)| (name, Duration::from_nanos(cell.load(Ordering::Relaxed))))
            .collect()
    }
}

fn add(cell: &AtomicU64, started: Instant) {
    let nanos = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
    cell.fetch_add(nanos, Ordering::Relaxed);
}
