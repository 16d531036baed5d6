//! Times one case and compares its answer.
//!
//! divan measures elapsed time, which other work on the machine stretches. So every run is also measured
//! in processor time, where Linux tells it, and [`report`] lists throughput by that clock.

use std::fmt::{Display, Write as _};
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use divan::Bencher;
use divan::counter::BytesCount;
use proofmill_benches::{Answer, Work, is_bench};

static HAS_FAILED: AtomicBool = AtomicBool::new(false);
static LINES: Mutex<String> = Mutex::new(String::new());

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

/// Prints the throughput of all cases by processor time; false if a case has failed.
#[expect(clippy::print_stdout, reason = "the result of a bench")]
pub(crate) fn report() -> bool {
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    if is_bench() && !lines.is_empty() {
        println!("10^6 bytes per second of processor time, all threads together");
        println!(
            "{:<40} {:>8} {:>8} {:>8} {:>8} {:>7}",
            "case", "MB", "median", "least", "most", "samples"
        );
        println!("{lines}");
    }
    !HAS_FAILED.load(Ordering::Relaxed)
}

/// Processor time spent so far.
pub(crate) type Clock = fn() -> Option<Duration>;

/// Processor time of this thread, to about a millisecond.
pub(crate) fn thread_clock() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(
        text.split_whitespace().next()?.parse().ok()?,
    ))
}

/// Processor time of all threads of this process, ended ones included, to 10 ms.
pub(crate) fn process_clock() -> Option<Duration> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    // Fields count from behind the program's name, which may hold blanks: user and system time.
    let mut fields = text.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    Some(Duration::from_millis(10 * (ticks()? + ticks()?)))
}

/// Times `run`, listed as `name`, on `n_bytes` of input, and gives the answer of its last run. What `prepare` does is not
/// timed.
pub(crate) fn timed<I>(
    name: impl Display,
    bencher: Bencher,
    clock: Clock,
    n_bytes: u64,
    prepare: impl Fn() -> I,
    run: impl Fn(I) -> Result<Answer>,
) -> Result<Answer> {
    let mut last = Ok(Answer::new());
    let mut spent = Vec::new();
    bencher
        .counter(BytesCount::new(n_bytes))
        .with_inputs(prepare)
        .bench_local_values(|input| {
            let before = clock();
            last = run(input);
            spent.extend(
                clock()
                    .zip(before)
                    .map(|(after, before)| after.saturating_sub(before)),
            );
        });
    keep_line(&name.to_string(), n_bytes, spent);
    last
}

fn keep_line(name: &str, n_bytes: u64, mut spent: Vec<Duration>) {
    spent.sort_unstable();
    let (Some(&shortest), Some(&longest)) = (spent.first(), spent.last()) else {
        return;
    };
    let median = spent[spent.len() / 2];
    #[expect(clippy::cast_precision_loss, reason = "sizes of files")]
    let mb = n_bytes as f64 / 1e6;
    let [median, least, most] =
        [median, longest, shortest].map(|time| mb / time.as_secs_f64().max(1e-9));
    let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    let n_samples = spent.len();
    let _ = writeln!(
        lines,
        "{name:<40} {mb:>8.2} {median:>8.1} {least:>8.1} {most:>8.1} {n_samples:>7}"
    );
}
