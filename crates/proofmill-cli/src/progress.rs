//! One bar per stage on a terminal, plain lines elsewhere.

use std::io::{IsTerminal as _, stderr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use proofmill_run::{Progress, Stage};

/// Seconds between two plain lines.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Shows a run on stderr.
pub(crate) struct Shown {
    is_terminal: bool,
    state: Mutex<Option<State>>,
    n_bytes: AtomicU64,
    n_done: AtomicUsize,
}

struct State {
    stage: Stage,
    n_todo: usize,
    n_bytes: u64,
    started: Instant,
    last_line: Instant,
    bar: ProgressBar,
}

impl Shown {
    pub(crate) fn new() -> Self {
        Self {
            is_terminal: stderr().is_terminal(),
            state: Mutex::new(None),
            n_bytes: AtomicU64::new(0),
            n_done: AtomicUsize::new(0),
        }
    }

    fn with_state(&self, act: impl FnOnce(&mut State)) {
        if let Ok(mut state) = self.state.lock()
            && let Some(state) = state.as_mut()
        {
            act(state);
        }
    }
}

impl Progress for Shown {
    fn begin(&self, stage: Stage, n_todo: usize, n_tasks: usize, n_bytes: u64) {
        self.n_bytes.store(0, Ordering::Relaxed);
        self.n_done.store(0, Ordering::Relaxed);
        let bar = if self.is_terminal {
            stage_bar(stage, n_todo, n_bytes)
        } else {
            ProgressBar::hidden()
        };
        if !self.is_terminal {
            let of = if n_todo == n_tasks {
                String::new()
            } else {
                format!(" of {n_tasks}")
            };
            let bytes = if n_bytes > 0 {
                format!(", {}", HumanBytes(n_bytes))
            } else {
                String::new()
            };
            eprintln!("{stage}: {n_todo}{of} tasks{bytes}");
        }
        let now = Instant::now();
        if let Ok(mut state) = self.state.lock() {
            *state = Some(State {
                stage,
                n_todo,
                n_bytes,
                started: now,
                last_line: now,
                bar,
            });
        }
    }

    fn advance(&self, n_bytes: u64) {
        let total = self.n_bytes.fetch_add(n_bytes, Ordering::Relaxed) + n_bytes;
        self.with_state(|state| {
            if state.n_bytes > 0 {
                state.bar.set_position(total);
            }
            if !self.is_terminal && state.n_bytes > 0 && state.last_line.elapsed() >= LINE_EVERY {
                state.last_line = Instant::now();
                eprintln!("{}: {}", state.stage, plain_line(total, state));
            }
        });
    }

    fn task_done(&self) {
        let n_done = self.n_done.fetch_add(1, Ordering::Relaxed) + 1;
        self.with_state(|state| {
            if state.n_bytes == 0 {
                state.bar.set_position(n_done as u64);
            }
            state
                .bar
                .set_message(format!("{n_done}/{} tasks", state.n_todo));
        });
    }

    fn end(&self, stage: Stage, took: Duration) {
        let n_bytes = self.n_bytes.load(Ordering::Relaxed);
        self.with_state(|state| {
            state.bar.finish_and_clear();
            let rate = if n_bytes > 0 {
                format!(", {}/s", HumanBytes(per_second(n_bytes, took)))
            } else {
                String::new()
            };
            eprintln!("{stage}: done in {:.1} s{rate}", took.as_secs_f64());
        });
    }
}

/// Bar over bytes where they are known up front, else over tasks.
fn stage_bar(stage: Stage, n_todo: usize, n_bytes: u64) -> ProgressBar {
    let (length, template) = if n_bytes > 0 {
        (
            n_bytes,
            "{prefix:>9} {bar:30} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left  {msg}",
        )
    } else {
        (
            n_todo as u64,
            "{prefix:>9} {bar:30} {pos}/{len} tasks  {eta} left",
        )
    };
    let style = ProgressStyle::with_template(template).expect("the template is a constant");
    ProgressBar::new(length)
        .with_style(style)
        .with_prefix(stage.name())
}

/// Bytes, rate and time left in words.
fn plain_line(n_bytes: u64, state: &State) -> String {
    let rate = per_second(n_bytes, state.started.elapsed()).max(1);
    let left = state.n_bytes.saturating_sub(n_bytes) / rate;
    format!(
        "{} of {}, {}/s, {left} s left",
        HumanBytes(n_bytes),
        HumanBytes(state.n_bytes),
        HumanBytes(rate)
    )
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate for people"
)]
fn per_second(n_bytes: u64, took: Duration) -> u64 {
    (n_bytes as f64 / took.as_secs_f64().max(1e-3)) as u64
}
