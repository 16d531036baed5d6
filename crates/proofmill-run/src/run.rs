//! Drives the stages of a plan: tasks in parallel, seals between stages, publication at the end.
//!
//! `build` runs everything in one process; a cluster calls [`Run::run_task`] for single tasks. Both
//! go through the same functions, so both write the same bytes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use proofmill_dedup::{Settings, Signer};

use crate::assemble::assemble;
use crate::coder::Coder;
use crate::contamination::Contamination;
use crate::counts::Counts;
use crate::duplicates::{cluster_all, match_range};
use crate::encode::encode;
use crate::failure::Failure;
use crate::lazy::Lazy;
use crate::line::Line;
use crate::models::Models;
use crate::plan::Plan;
use crate::prepare::prepare;
use crate::progress::Progress;
use crate::stage::{Stage, Task};
use crate::store::{Commit, Seal, Store, create_dir_all, read_json, to_json};
use crate::times::StopTimes;
use crate::train::train;

/// How a run works; none of it reaches an output.
#[derive(Clone)]
pub struct RunOptions {
    /// Threads that compute.
    pub n_threads: usize,
    /// Set from outside to stop at the next document boundary.
    pub stop: Arc<AtomicBool>,
    /// Listener.
    pub progress: Arc<dyn Progress>,
    /// Whether records that a cheap gate refuses are extracted all the same: for looking, never for
    /// building.
    pub shows_refused: bool,
}

/// A plan, an output directory, and everything compiled that tasks share.
pub struct Run {
    plan: Plan,
    out: PathBuf,
    store: Store,
    options: RunOptions,
    pool: rayon::ThreadPool,
    times: StopTimes,
    n_active: AtomicUsize,
    lines: Vec<Lazy<Line>>,
    read_options: Vec<Lazy<proofmill_read::Options>>,
    models: Lazy<Models>,
    contamination: Lazy<Option<Arc<Contamination>>>,
    signer: Lazy<Option<Signer>>,
    coder: Lazy<Coder>,
    seals: Mutex<BTreeMap<Stage, Arc<Seal>>>,
}

/// What a build did.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Tasks run, of all, per stage.
    pub stages: Vec<(Stage, usize, usize, Duration)>,
    /// Time per stop, over all threads.
    pub times: Vec<(&'static str, Duration)>,
    /// Whether the output was already what the manifest asks for.
    pub is_unchanged: bool,
}

impl Run {
    /// Prepares to run `plan` into `out`; writes nothing.
    ///
    /// # Errors
    /// No threads can be started.
    pub fn open(plan: Plan, out: &Path, options: RunOptions) -> Result<Self> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(options.n_threads)
            .thread_name(|index| format!("mill-{index}"))
            .build()
            .context("cannot start threads")?;
        let lines = plan.sources.iter().map(|_| Lazy::default()).collect();
        let read_options = plan.sources.iter().map(|_| Lazy::default()).collect();
        Ok(Self {
            store: Store::new(out),
            out: out.to_owned(),
            plan,
            options,
            pool,
            times: StopTimes::default(),
            n_active: AtomicUsize::new(1),
            lines,
            read_options,
            models: Lazy::default(),
            contamination: Lazy::default(),
            signer: Lazy::default(),
            coder: Lazy::default(),
            seals: Mutex::default(),
        })
    }

    /// Freezes the plan into the output directory, so that tasks elsewhere see the same inputs.
    ///
    /// # Errors
    /// [`Failure::Usage`] if inputs are missing or the directory holds files of somebody else; a
    /// directory that cannot be written.
    pub fn save_plan(&self) -> Result<()> {
        self.plan.require_complete()?;
        let path = self.store.root().join(PLAN_FILE);
        if !path.exists() {
            crate::publish::require_own(&self.out)?;
        }
        create_dir_all(self.store.root())?;
        let bytes = to_json(&self.plan);
        if std::fs::read(&path).ok().as_deref() != Some(&bytes) {
            proofmill_shard::publish_bytes(&path, &bytes)?;
        }
        Ok(())
    }

    /// The plan frozen in the output directory `out`, if there is one.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub fn saved_plan(out: &Path) -> Result<Option<Plan>> {
        read_json(&out.join("stages").join(PLAN_FILE))
    }

    /// Runs everything that is not done yet and publishes the corpus.
    ///
    /// # Errors
    /// The first failure; what is done stays done, and the same call resumes.
    pub fn build(&self) -> Result<Summary> {
        self.save_plan()?;
        let mut summary = Summary::default();
        for stage in self.plan.stages() {
            let tasks = self.tasks(stage)?;
            let started = Instant::now();
            let n_run = self.run_stage(stage, &tasks)?;
            self.keep(stage, self.store.try_seal(stage, &tasks)?)?;
            self.remember(stage, &tasks)?;
            summary
                .stages
                .push((stage, n_run, tasks.len(), started.elapsed()));
            if stage == Stage::Prepare {
                self.check_damage()?;
            }
        }
        summary.is_unchanged = !crate::publish::publish(self)?;
        summary.times = self.times.all();
        Ok(summary)
    }

    /// Runs the task `index` of `stage`; then seals the stage, and publishes, if it was the last.
    /// Returns whether there was anything to do.
    ///
    /// # Errors
    /// [`Failure::Usage`] for an index beyond the stage; an earlier stage that is not done.
    pub fn run_task(&self, stage: Stage, index: usize) -> Result<bool> {
        let tasks = self.tasks(stage)?;
        let Some(task) = tasks.get(index) else {
            return Err(
                Failure::Usage.error(format!("stage `{stage}` has {} tasks, from 0", tasks.len()))
            );
        };
        if stage != Stage::Prepare {
            self.check_damage()?;
        }
        let was_done = self.store.commit(stage, task.key())?.is_some();
        if !was_done {
            self.run_one(task, &tasks)?;
        }
        // The next in order is most often the one that is missing, so this is a look or two.
        let (before, after) = tasks.split_at(index);
        if after
            .iter()
            .chain(before)
            .all(|task| self.store.is_recorded(task))
            && self.store.try_seal(stage, &tasks)?.is_ok()
        {
            self.remember(stage, &tasks)?;
            if stage == Stage::Prepare {
                self.check_damage()?;
            }
            if stage == Stage::Assemble {
                crate::publish::publish(self)?;
            }
        }
        Ok(!was_done)
    }

    /// The tasks of `stage`; their keys need the stages before, so those must be done.
    ///
    /// # Errors
    /// [`Failure::Usage`] naming the tasks that are missing.
    pub fn tasks(&self, stage: Stage) -> Result<Vec<Task>> {
        crate::tasks::tasks(self, stage)
    }

    /// Commit records of a stage that is done, in task order. Writes nothing.
    ///
    /// # Errors
    /// [`Failure::Usage`] naming the tasks that are missing.
    pub(crate) fn commits(&self, stage: Stage) -> Result<Arc<Seal>> {
        if let Some(seal) = lock(&self.seals).get(&stage) {
            return Ok(Arc::clone(seal));
        }
        let tasks = self.tasks(stage)?;
        self.keep(stage, self.store.read(stage, &tasks)?)
    }

    /// Keeps the records of a stage that is done at hand; an error names the tasks that are missing.
    fn keep(&self, stage: Stage, read: Result<Seal, Vec<usize>>) -> Result<Arc<Seal>> {
        match read {
            Ok(seal) => {
                let seal = Arc::new(seal);
                lock(&self.seals).insert(stage, Arc::clone(&seal));
                Ok(seal)
            }
            Err(missing) => {
                let shown: Vec<String> = missing.iter().take(20).map(usize::to_string).collect();
                let more = if missing.len() > shown.len() {
                    ", ..."
                } else {
                    ""
                };
                Err(Failure::Usage.error(format!(
                    "stage `{stage}` is not done: run its tasks {}{more} first",
                    shown.join(", ")
                )))
            }
        }
    }

    /// Whether `stage` is done, without an error when it is not.
    pub(crate) fn is_sealed(&self, stage: Stage, tasks: &[Task]) -> Result<bool> {
        for task in tasks {
            if self.store.commit(stage, task.key())?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Runs the tasks of a stage that are not done, and says how many there were.
    fn run_stage(&self, stage: Stage, tasks: &[Task]) -> Result<usize> {
        if self.store.seal(stage, tasks)?.is_some() && self.is_sealed(stage, tasks)? {
            return Ok(0);
        }
        let mut todo = Vec::new();
        for task in tasks {
            if self.store.commit(stage, task.key())?.is_none() {
                todo.push(task);
            }
        }
        let started = Instant::now();
        let n_bytes = todo.iter().map(|task| self.task_bytes(task)).sum();
        self.options
            .progress
            .begin(stage, todo.len(), tasks.len(), n_bytes);
        let n_workers = self.n_threads().min(todo.len()).max(1);
        self.n_active.store(n_workers, Ordering::Relaxed);
        let next = AtomicUsize::new(0);
        let failure: Mutex<Option<anyhow::Error>> = Mutex::new(None);
        std::thread::scope(|scope| {
            for _ in 0..n_workers {
                scope.spawn(|| {
                    while let Some(task) = todo.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if lock(&failure).is_some() {
                            return;
                        }
                        match self.run_one(task, tasks) {
                            Ok(_) => self.options.progress.task_done(),
                            Err(error) => {
                                let error =
                                    error.context(format!("task `{} {}`", task.stage, task.name));
                                lock(&failure).get_or_insert(error);
                                return;
                            }
                        }
                    }
                });
            }
        });
        let failure = failure
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if failure.is_none() {
            self.options.progress.end(stage, started.elapsed());
        }
        match failure {
            Some(error) => Err(error),
            None => Ok(todo.len()),
        }
    }

    fn run_one(&self, task: &Task, tasks: &[Task]) -> Result<Commit> {
        self.check_stop()?;
        match task.stage {
            Stage::Prepare => prepare(self, task, self.plan.partitions()[task.index]),
            Stage::Match => match_range(
                self,
                task,
                &self.commits(Stage::Prepare)?.commits,
                tasks.len(),
            ),
            Stage::Cluster => {
                let prepared = self.commits(Stage::Prepare)?;
                cluster_all(
                    self,
                    task,
                    &prepared.commits,
                    &self.commits(Stage::Match)?.commits,
                )
            }
            Stage::Train => {
                let prepared = self.commits(Stage::Prepare)?;
                train(
                    self,
                    task,
                    &prepared.commits,
                    &self.commits(Stage::Cluster)?.commits[0],
                )
            }
            Stage::Encode => {
                let prepared = self.commits(Stage::Prepare)?;
                encode(
                    self,
                    task,
                    &prepared.commits[task.index],
                    &self.commits(Stage::Cluster)?.commits[0],
                )
            }
            Stage::Assemble => assemble(self, task, &self.commits(Stage::Encode)?.commits),
        }
    }

    /// Bytes that the progress bar of a task's stage counts for it.
    fn task_bytes(&self, task: &Task) -> u64 {
        match task.stage {
            Stage::Prepare => self
                .plan
                .partition_bytes(self.plan.partitions()[task.index]),
            Stage::Encode => self.commits(Stage::Prepare).map_or(0, |prepared| {
                let after = &prepared.commits[task.index].counts.after;
                after
                    .get(&proofmill_types::Stop::Decontaminate)
                    .map_or(0, |tally| tally.n_bytes)
            }),
            _ => 0,
        }
    }

    /// Stops the run when more of the input is damaged than the manifest allows.
    fn check_damage(&self) -> Result<()> {
        let mut counts = Counts::default();
        for commit in &self.commits(Stage::Prepare)?.commits {
            counts.add(&commit.counts);
        }
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
        let ratio = counts.n_damaged as f64 / counts.records.n_docs.max(1) as f64;
        let max = self.plan.manifest.corpus.max_bad_ratio;
        if ratio <= max {
            return Ok(());
        }
        Err(Failure::BadInput.error(format!(
            "{} of {} records are damaged ({:.2} %), more than corpus.max_bad_ratio = {max} allows; \
             the ledgers under `{}` name file and position of each",
            counts.n_damaged,
            counts.records.n_docs,
            ratio * 100.0,
            self.store.root().join(Stage::Prepare.name()).display(),
        )))
    }

    /// Keeps the tasks of the last run of a stage, so that `plan` can say what changed since.
    fn remember(&self, stage: Stage, tasks: &[Task]) -> Result<()> {
        let path = self.last_tasks_path(stage);
        let bytes = to_json(&tasks);
        if std::fs::read(&path).ok().as_deref() != Some(&bytes) {
            create_dir_all(path.parent().unwrap_or(&self.out))?;
            proofmill_shard::publish_bytes(&path, &bytes)?;
        }
        Ok(())
    }

    /// The tasks of the last run of a stage; none if there was none.
    pub(crate) fn last_tasks(&self, stage: Stage) -> Result<Vec<Task>> {
        Ok(read_json(&self.last_tasks_path(stage))?.unwrap_or_default())
    }

    fn last_tasks_path(&self, stage: Stage) -> PathBuf {
        self.store.root().join(LAST).join(format!("{stage}.json"))
    }

    /// The middle stops of a source, compiled once.
    pub(crate) fn line(&self, source: usize) -> Result<&Line> {
        self.lines[source].get(|| {
            let models = self.models.get(|| self.plan.models())?;
            self.plan.line(
                source,
                models,
                self.contamination()?,
                self.options.shows_refused,
            )
        })
    }

    fn contamination(&self) -> Result<Option<Arc<Contamination>>> {
        let found = self.contamination.get(|| {
            let Some(settings) = &self.plan.manifest.decontaminate else {
                return Ok(None);
            };
            let files = self.plan.benchmarks.iter().map(|input| &input.file);
            Contamination::load(files, &settings.preset, settings.action)
                .map(Arc::new)
                .map(Some)
        })?;
        Ok(found.clone())
    }

    /// The signer; `None` when near-duplicates are not looked for.
    pub(crate) fn signer(&self) -> Result<Option<&Signer>> {
        let found = self.signer.get(|| {
            let Some(dedup) = &self.plan.manifest.dedup else {
                return Ok(None);
            };
            let settings = Settings {
                ngram_words: dedup.ngram_words,
                bands: dedup.bands,
                rows: dedup.rows,
                min_jaccard: dedup.min_jaccard,
            };
            Ok(Some(Signer::new(
                &settings,
                self.plan.manifest.corpus.seed,
            )?))
        })?;
        Ok(found.as_ref())
    }

    /// The tokenizer with its document marks.
    pub(crate) fn tokenizer(&self) -> Result<&Coder> {
        self.coder.get(|| Coder::load(self))
    }

    /// How records of a source are read; its metadata file is read once.
    pub(crate) fn read_options(&self, source: usize) -> Result<&proofmill_read::Options> {
        self.read_options[source].get(|| crate::tasks::read_options(&self.plan, source))
    }

    /// Fails when the run was told to stop.
    pub(crate) fn check_stop(&self) -> Result<()> {
        if self.options.stop.load(Ordering::Relaxed) {
            return Err(Failure::TryAgain.error("stopped; the same command resumes"));
        }
        Ok(())
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The output directory.
    #[must_use]
    pub fn out(&self) -> &Path {
        &self.out
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn pool(&self) -> &rayon::ThreadPool {
        &self.pool
    }

    pub(crate) fn times(&self) -> &StopTimes {
        &self.times
    }

    pub(crate) fn progress(&self) -> &dyn Progress {
        &*self.options.progress
    }

    pub(crate) fn n_threads(&self) -> usize {
        self.options.n_threads
    }

    /// Threads that one of the tasks now running may count on; sizes its batches.
    pub(crate) fn threads_per_task(&self) -> usize {
        self.n_threads()
            .div_ceil(self.n_active.load(Ordering::Relaxed).max(1))
    }
}

/// File name of the frozen plan.
const PLAN_FILE: &str = "plan.json";

/// Folder of the tasks of the last run of each stage.
pub(crate) const LAST: &str = "last";

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
