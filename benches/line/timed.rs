//! Times one case and compares its answer.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use divan::Bencher;
use divan::counter::BytesCount;
use proofmill_benches::{Answer, Work};

static HAS_FAILED: AtomicBool = AtomicBool::new(false);

/// Whether a case has failed so far.
pub(crate) fn has_failed() -> bool {
    HAS_FAILED.load(Ordering::Relaxed)
}

/// Runs `bench`, which gives the answer of `work`; says loudly if it fails or the answer is wrong, and
/// lets the other cases run.
#[expect(
    clippy::print_stderr,
    reason = "who runs a bench must see that it failed"
)]
pub(crate) fn checked(work: &Work, bench: impl FnOnce() -> Result<Answer>) {
    let outcome = bench().and_then(|answer| work.check(&answer));
    if let Err(error) = outcome {
        HAS_FAILED.store(true, Ordering::Relaxed);
        eprintln!("\nFAILED: {work}: {error:#}");
    }
}

/// Times `run` on `n_bytes` of input, and gives the answer of its last run. What `prepare` does is not
/// timed.
pub(crate) fn timed<I>(
    bencher: Bencher,
    n_bytes: u64,
    prepare: impl Fn() -> I,
    run: impl Fn(I) -> Result<Answer>,
) -> Result<Answer> {
    let mut last = Ok(Answer::new());
    bencher
        .counter(BytesCount::new(n_bytes))
        .with_inputs(prepare)
        .bench_local_values(|input| last = run(input));
    last
}
