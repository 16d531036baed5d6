//! What may be typed.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// Turns raw mathematics into token shards: one binary, one manifest
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 done; 1 a wrong case (check); 2 wrong use or manifest; 65 bad input beyond max_bad_ratio; \
70 internal error; 75 try again (signal, disk)."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Build the corpus of a manifest: shards, documents and ledger
    ///
    /// Finished tasks are kept, so the same command resumes an interrupted run, and after a change
    /// redoes only what depends on it.
    #[command(after_help = "Example: proofmill build manifests/sample.toml --out out/sample")]
    Build(BuildArgs),
    /// Show what a build would do and why, with every setting in force; writes nothing
    #[command(after_help = "Example: proofmill plan manifests/proof-pile-2.toml")]
    Plan(PlanArgs),
    /// Run single tasks of a build, as a cluster's job array does
    ///
    /// Stages in order: prepare, match, cluster, train (if the tokenizer is trained), encode,
    /// assemble. A stage can start when all tasks of the one before are done. The last task of
    /// `assemble` publishes the corpus. Running a task twice changes nothing.
    #[command(
        after_help = "Example: proofmill task manifests/sample.toml --out out --stage prepare --index 0..4"
    )]
    Task(TaskArgs),
    /// Show how far a build is
    #[command(after_help = "Example: proofmill status out/sample")]
    Status(OutArgs),
    /// Check every hash, count and invariant of a finished corpus
    #[command(after_help = "Example: proofmill verify out/sample")]
    Verify(OutArgs),
    /// Remove what killed or earlier builds left in DIR/stages
    #[command(after_help = "Example: proofmill gc out/sample")]
    Gc(GcArgs),
    /// Extract records and judge them, as a build would: one JSON line per record
    ///
    /// Fields: `id`, `doc_id`, `origin`, `location`, `url` (web), `hexsha` (code), `kind`, `language`,
    /// `keep`, `stop`, `rule`, `value`, `signals`, `formulas` (web), `text`.
    #[command(after_help = "Example: proofmill extract --kind latex paper/ | jq -r .text")]
    Extract(ExtractArgs),
    /// Find duplicates among JSON lines with `id` and `text`: id, cluster, keep
    #[command(after_help = "Example: proofmill dedup pages.jsonl")]
    Dedup(DedupArgs),
    /// Find benchmark items in JSON lines with `id` and `text`: id, flagged, hits
    #[command(
        after_help = "Example: proofmill decontaminate pages.jsonl --against gsm8k_test.jsonl"
    )]
    Decontaminate(DecontaminateArgs),
    /// Turn JSON lines with `id` and `text` into token ids: id, tokens
    #[command(after_help = "Example: proofmill tokenize --tokenizer tokenizer.json pages.jsonl")]
    Tokenize(TokenizeArgs),
    /// Look at a tokenizer file, or compare its ids with those of the reference
    #[command(subcommand)]
    Tokenizer(TokenizerCommand),
    /// Score JSON lines with `id` and `text`: id, `math_score`, language and its probability
    #[command(after_help = "Example: proofmill score pages.jsonl --language-model lid.176.ftz")]
    Score(ScoreArgs),
    /// Learn a model from examples
    #[command(subcommand)]
    Train(TrainCommand),
    /// Write arithmetic exercises by recipe and seed: rows for a source of kind `instruct`
    ///
    /// Row N of a recipe and a seed is always the same; every answer is computed exactly and checked.
    /// Fields: `id`, `recipe`, `seed`, `number`, `exercise`, `solution`, `answer`.
    #[command(
        after_help = "Example: proofmill generate --recipe mathglm --rows 100000 > arithmetic.jsonl"
    )]
    Generate(GenerateArgs),
    /// Run the cases inside filter definitions; exit code 1 if one is wrong
    #[command(after_help = "Example: proofmill check filters/")]
    Check(CheckArgs),
    /// Read documents of a corpus, kept or dropped by rule
    #[command(after_help = "Example: proofmill inspect out/sample --source web --dropped --n 3")]
    Inspect(InspectArgs),
    /// Tell the whole path of one document, by id or origin
    #[command(after_help = "Example: proofmill explain out/sample https://example.org/page.html")]
    Explain(ExplainArgs),
    /// Tell which document a token of a shard comes from
    #[command(after_help = "Example: proofmill locate out/sample shards/web/train-00000 81920")]
    Locate(LocateArgs),
    /// List the domains of a corpus by the share of their pages that passed the filter
    ///
    /// Domains at the top are about mathematics, so their other pages are worth crawling. A page
    /// that was dropped as a duplicate counts as passed.
    #[command(after_help = "Example: proofmill domains out/web --min-pages 20 --min-ratio 0.1")]
    Domains(DomainsArgs),
}

/// What can be learnt.
#[derive(Debug, Subcommand)]
pub(crate) enum TrainCommand {
    /// Learn to tell mathematical prose; writes the model and, beside it, its card (.md)
    ///
    /// Rows have `text`, `label` (true or false) and `domain`. A row without label is positive if it
    /// uses a common command of LaTeX; a row without domain has the host of its `url`. Domains are
    /// dealt into folds; the figures are those of models that saw none of the domains they judge.
    #[command(after_help = "Example: proofmill train classifier labels.jsonl --out math.pmlm")]
    Classifier(ClassifierArgs),
}

/// What a classifier sees of formulas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormulasArg {
    /// Nothing: the prose alone is judged
    Omit,
    /// One token for each
    Mark,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ClassifierArgs {
    /// Labelled rows: JSON lines, JSON arrays or Parquet
    #[arg(required = true, value_name = "LABELS")]
    pub(crate) files: Vec<PathBuf>,
    /// File that receives the model
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Markdown for the card: where the texts come from, under which licence
    #[arg(long, value_name = "FILE")]
    pub(crate) notes: Option<PathBuf>,
    /// What the classifier sees of formulas; rows without label need `omit`
    #[arg(long, default_value = "omit")]
    pub(crate) formulas: FormulasArg,
    /// Binary logarithm of the number of weights, one byte each
    #[arg(long, default_value_t = 18)]
    pub(crate) log2_weights: u32,
    /// Parts that the domains are dealt into
    #[arg(long, default_value_t = 5)]
    pub(crate) folds: usize,
    /// Passes over the rows
    #[arg(long, default_value_t = 8)]
    pub(crate) epochs: usize,
    /// Size of the steps
    #[arg(long, default_value_t = 0.2)]
    pub(crate) rate: f64,
    /// Weight of the sum of absolute weights
    #[arg(long, default_value_t = 0.02)]
    pub(crate) l1: f64,
    /// Weight of the sum of squared weights
    #[arg(long, default_value_t = 0.1)]
    pub(crate) l2: f64,
    /// Decides the order of the rows and the folds of the domains
    #[arg(long, default_value_t = 42)]
    pub(crate) seed: u64,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ScoreArgs {
    /// JSON lines; `-` is standard input
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Classifier of mathematics [default: the built-in one]
    #[arg(long, value_name = "FILE")]
    pub(crate) math_model: Option<PathBuf>,
    /// fastText classifier of languages [default: the built-in detector]
    #[arg(long, value_name = "FILE")]
    pub(crate) language_model: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DomainsArgs {
    /// Directory of a finished corpus
    pub(crate) dir: PathBuf,
    /// Only this source
    #[arg(long)]
    pub(crate) source: Option<String>,
    /// Leave out domains with fewer pages
    #[arg(long, default_value_t = 10)]
    pub(crate) min_pages: u64,
    /// Leave out domains of which a smaller share passed (0 to 1)
    #[arg(long, default_value_t = 0.0)]
    pub(crate) min_ratio: f64,
    /// How many rows; 0 shows all
    #[arg(long, default_value_t = 50)]
    pub(crate) n: usize,
    /// Print all of them as JSON lines
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct BuildArgs {
    /// Manifest to build
    pub(crate) manifest: PathBuf,
    /// Directory that receives the corpus
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Threads that compute [default: all processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub(crate) threads: Option<u16>,
    /// Refuse to build unless the inputs are those of DIR/proofmill.lock
    #[arg(long)]
    pub(crate) locked: bool,
    /// Print the yield table as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct PlanArgs {
    /// Manifest to plan
    pub(crate) manifest: PathBuf,
    /// Directory of an earlier build to compare with
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct TaskArgs {
    /// Manifest; may be left out once DIR holds the plan of an earlier task or build
    pub(crate) manifest: Option<PathBuf>,
    /// Directory of the build
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Stage of the tasks
    #[arg(long)]
    pub(crate) stage: String,
    /// Index of the task, from 0, or a range I..J that leaves J out
    #[arg(long, value_name = "I[..J]")]
    pub(crate) index: String,
    /// Threads that compute [default: all processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub(crate) threads: Option<u16>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct OutArgs {
    /// Directory of the build
    pub(crate) dir: PathBuf,
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct GcArgs {
    /// Directory of the build; no build may be running in it
    pub(crate) dir: PathBuf,
    /// Also remove the stages' outputs that only a later rebuild would use
    #[arg(long)]
    pub(crate) all: bool,
}

/// What `extract` can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExtractKind {
    /// Bulk tars or folders of arXiv submissions
    Arxiv,
    /// WARC files
    Web,
    /// Parquet, JSON lines or folders of source code
    Code,
    /// Text rows
    Text,
    /// Instruction rows
    Instruct,
    /// Proofs step by step: JSON of `LeanDojo`, `lean-training-data` or `PISA`
    ProofSteps,
    /// One LaTeX file, or one folder that holds a submission
    Latex,
    /// One HTML page
    Html,
}

/// What the LaTeX reader writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// LaTeX with macros expanded
    Source,
    /// Markdown with mathematics as LaTeX
    Text,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ExtractArgs {
    /// What the files hold
    #[arg(long)]
    pub(crate) kind: ExtractKind,
    /// Output of the LaTeX reader [default: as the filter definition says]
    #[arg(long)]
    pub(crate) mode: Option<Mode>,
    /// Filter definition: a name or a .toml file [default: the kind's own]
    #[arg(long, value_name = "NAME")]
    pub(crate) filter: Option<String>,
    /// Template of instruction rows [default: the first that fits]
    #[arg(long, value_name = "NAME")]
    pub(crate) template: Option<String>,
    /// Languages that are kept, instead of those of the filter definition
    #[arg(long, value_delimiter = ',', value_name = "CODES")]
    pub(crate) languages: Option<Vec<String>>,
    /// fastText classifier of languages [default: the built-in detector]
    #[arg(long, value_name = "FILE")]
    pub(crate) language_model: Option<PathBuf>,
    /// Classifier of mathematics [default: the built-in one]
    #[arg(long, value_name = "FILE")]
    pub(crate) math_model: Option<PathBuf>,
    /// Code: what happens to a file with a key in it, drop or mask [default: drop]
    #[arg(long, value_name = "WORD")]
    pub(crate) secrets: Option<String>,
    /// Code: what happens to e-mail and IP addresses, keep or mask [default: keep]
    #[arg(long, value_name = "WORD")]
    pub(crate) contacts: Option<String>,
    /// Code: any, permissive-only or permissive-or-unknown [default: any]
    #[arg(long, value_name = "WORD")]
    pub(crate) licenses: Option<String>,
    /// Code: Jupyter notebooks as markdown or script [default: markdown]
    #[arg(long, value_name = "WORD")]
    pub(crate) notebooks: Option<String>,
    /// Address of the page, for --kind html
    #[arg(long)]
    pub(crate) url: Option<String>,
    /// Files or folders; `-` reads standard input: one document, or rows for text, instruct and proof-steps
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
}

/// What `generate` can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RecipeName {
    /// One operation in words, with the steps of the written method (`Goat`)
    Goat,
    /// An expression with parentheses, solved one operation at a time (`MathGLM`)
    Mathglm,
}

#[derive(Debug, clap::Args)]
pub(crate) struct GenerateArgs {
    /// Kind of exercise
    #[arg(long)]
    pub(crate) recipe: RecipeName,
    /// Number of rows
    #[arg(long)]
    pub(crate) rows: u64,
    /// Decides the numbers
    #[arg(long, default_value_t = 42)]
    pub(crate) seed: u64,
    /// Number of the first row
    #[arg(long, default_value_t = 0)]
    pub(crate) first: u64,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DedupArgs {
    /// JSON lines; `-` is standard input
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Words in one shingle
    #[arg(long, default_value_t = 5)]
    pub(crate) ngram_words: u32,
    /// Bands of the signature
    #[arg(long, default_value_t = 26)]
    pub(crate) bands: u32,
    /// Hashes in one band
    #[arg(long, default_value_t = 11)]
    pub(crate) rows: u32,
    /// Share of common shingles from which two texts are duplicates; 0 trusts the bands
    #[arg(long, default_value_t = 0.8)]
    pub(crate) min_jaccard: f64,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DecontaminateArgs {
    /// JSON lines; `-` is standard input
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Benchmark files
    #[arg(long, required = true, num_args = 1.., value_name = "EVAL")]
    pub(crate) against: Vec<PathBuf>,
    /// Matching rule
    #[arg(long, default_value = "ngram-13")]
    pub(crate) preset: String,
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum TokenizerCommand {
    /// Print the engine that encodes, why if it is the reference, and the marks of documents
    #[command(after_help = "Example: proofmill tokenizer info tokenizer.json")]
    Info(TokenizerInfoArgs),
    /// Encode texts with both engines; exit code 1 and the place at the first difference
    #[command(after_help = "Example: proofmill tokenizer check tokenizer.json pages.jsonl")]
    Check(TokenizerCheckArgs),
    /// Write the tokenizer.json with the ids of a model of another format
    #[command(
        after_help = "Example: proofmill tokenizer convert tokenizer.model --out tokenizer.json"
    )]
    Convert(TokenizerConvertArgs),
    /// Learn a byte-level BPE vocabulary from texts
    ///
    /// The file is the same for any number of threads and any order of the texts. To train on the
    /// training split of a corpus, give its manifest `tokenizer.train` instead.
    #[command(
        after_help = "Example: proofmill tokenizer train --vocab-tokens 32768 --out tokenizer.json pages.jsonl"
    )]
    Train(TokenizerTrainArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct TokenizerFile {
    /// A tokenizer.json, sentencepiece model, rank file or tekken.json
    #[arg(value_name = "TOKENIZER")]
    pub(crate) tokenizer: PathBuf,
    /// How a rank file splits words, if it is not a published one, such as `cl100k_base` or `gpt2`
    #[arg(long)]
    pub(crate) family: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct TokenizerConvertArgs {
    #[command(flatten)]
    pub(crate) file: TokenizerFile,
    /// File that is written
    #[arg(long)]
    pub(crate) out: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct TokenizerTrainArgs {
    /// Entries at most, special tokens and single bytes included
    #[arg(long, value_name = "N")]
    pub(crate) vocab_tokens: usize,
    /// File that is written
    #[arg(long)]
    pub(crate) out: PathBuf,
    /// Whose split of words to take, such as `digits`, `gpt2` or `o200k_base`
    #[arg(long, default_value = "digits")]
    pub(crate) family: String,
    /// A special token beside `<|endoftext|>`; can be given several times
    #[arg(long, value_name = "TOKEN")]
    pub(crate) special: Vec<String>,
    /// Texts, compressed or not: rows of JSON lines, JSON arrays and Parquet (column `text`), any other
    /// file as one text, or folders of these
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct TokenizerInfoArgs {
    #[command(flatten)]
    pub(crate) file: TokenizerFile,
}

#[derive(Debug, clap::Args)]
pub(crate) struct TokenizerCheckArgs {
    #[command(flatten)]
    pub(crate) file: TokenizerFile,
    /// Let special tokens spelt in a text become their ids
    #[arg(long)]
    pub(crate) parse_special: bool,
    /// Texts, compressed or not: rows of JSON lines, JSON arrays and Parquet (column `text`), any other
    /// file as one text, or folders of these
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct TokenizeArgs {
    /// A tokenizer.json, sentencepiece model, rank file or tekken.json
    #[arg(long, value_name = "T")]
    pub(crate) tokenizer: PathBuf,
    /// How a rank file splits words, if it is not a published one
    #[arg(long)]
    pub(crate) family: Option<String>,
    /// Let special tokens spelt in a text become their ids
    #[arg(long)]
    pub(crate) parse_special: bool,
    /// JSON lines; `-` is standard input
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// Definition file or folder [default: the built-in definitions]
    pub(crate) filters: Option<PathBuf>,
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct InspectArgs {
    /// Directory of a finished corpus
    pub(crate) dir: PathBuf,
    /// Only this source
    #[arg(long)]
    pub(crate) source: Option<String>,
    /// Only what this rule dropped
    #[arg(long)]
    pub(crate) rule: Option<String>,
    /// Only dropped records
    #[arg(long, conflicts_with = "kept")]
    pub(crate) dropped: bool,
    /// Only kept records
    #[arg(long)]
    pub(crate) kept: bool,
    /// How many, drawn at random
    #[arg(long, default_value_t = 5)]
    pub(crate) n: usize,
    /// Draws others
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Characters of text shown of each; 0 shows all
    #[arg(long, default_value_t = 600)]
    pub(crate) chars: usize,
    /// Print as JSON lines
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ExplainArgs {
    /// Directory of a finished corpus
    pub(crate) dir: PathBuf,
    /// Document id (32 hexadecimal digits) or origin
    pub(crate) doc: String,
    /// Print as JSON lines
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct LocateArgs {
    /// Directory of a finished corpus
    pub(crate) dir: PathBuf,
    /// Shard, e.g. shards/web/train-00000
    pub(crate) shard: String,
    /// Position in the shard, in tokens from 0
    pub(crate) offset: u64,
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
}
