//! The tables of a manifest and their defaults.
//!
//! Doc comments here are the text of the reference page; the first line of each says what the key
//! does, with its unit.

use proofmill_types::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What goes into a corpus, in what proportions, and how it is cut into shards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The corpus as a whole.
    pub corpus: Corpus,
    /// How text becomes token ids.
    pub tokenizer: Tokenizer,
    /// The inputs, in the order that decides which duplicate stays.
    pub source: Vec<Source>,
    /// Near-duplicates. Without this table only exact duplicates and superseded versions are removed.
    #[serde(default)]
    pub dedup: Option<Dedup>,
    /// Benchmarks that must not be trained on. Without this table nothing is looked for.
    #[serde(default)]
    pub decontaminate: Option<Contamination>,
    /// How the language of a text is told.
    #[serde(default)]
    pub language: Language,
    /// How mathematical a text is: the signal `math_score` of kinds `web` and `text`.
    #[serde(default)]
    pub math: MathScore,
    /// Train, validation and test.
    #[serde(default)]
    pub split: Split,
    /// The output files.
    #[serde(default)]
    pub shards: Shards,
    /// Bounds on what one input may cost.
    #[serde(default)]
    pub limits: Limits,
}

/// The corpus as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Corpus {
    /// Name in reports and in `corpus.json`.
    pub name: String,
    /// Decides splits and hash functions; any number.
    #[serde(default = "default_seed")]
    pub seed: u64,
    /// Share of records that may be damaged before the run stops with exit code 65 (0 to 1).
    #[serde(default = "default_max_bad_ratio")]
    pub max_bad_ratio: f64,
    /// Folder of filter definitions, relative to the manifest; the built-in ones when left out.
    #[serde(default)]
    pub filters: Option<String>,
}

fn default_seed() -> u64 {
    42
}

fn default_max_bad_ratio() -> f64 {
    0.05
}

/// How text becomes token ids. Exactly one of `file` and `train` is given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tokenizer {
    /// A `tokenizer.json`, `SentencePiece` model, rank file (`.tiktoken`) or `tekken.json`, relative to the manifest.
    #[serde(default)]
    pub file: Option<String>,
    /// How a rank file splits words, or a trained tokenizer shall: `gpt2`, `cl100k_base`, `o200k_base`, `llama3`,
    /// `llama4`, `qwen`, `qwen3.5`, `tekken` or `digits`. Published rank files are known without it; trained is
    /// `digits` when left out.
    #[serde(default)]
    pub family: Option<String>,
    /// Trains a byte-level BPE tokenizer on the training split of this corpus instead.
    #[serde(default)]
    pub train: Option<Train>,
    /// Whether special tokens spelt in a text stay text (`as-text`) or become ids (`parse`).
    #[serde(default)]
    pub special_tokens: SpecialTokens,
    /// Token that ends each document; found by its usual names when left out.
    #[serde(default)]
    pub eod: Option<String>,
    /// Token put before each document; none when left out.
    #[serde(default)]
    pub bos: Option<String>,
    /// One in this many documents is encoded by the reference as well, and a difference stops the task; 0 for none.
    #[serde(default = "default_check_every")]
    pub check_every: u32,
}

fn default_check_every() -> u32 {
    1000
}

/// A tokenizer that is trained in the build.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Train {
    /// Vocabulary size in tokens, special tokens included.
    pub vocab_tokens: u32,
    /// Training text is taken from the kept documents in order, up to this many bytes.
    #[serde(default = "default_train_bytes")]
    pub max_bytes: u64,
}

fn default_train_bytes() -> u64 {
    1 << 30
}

/// What special tokens spelt in a text become.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SpecialTokens {
    /// Ordinary text: a page cannot inject an end of document.
    #[default]
    AsText,
    /// Their ids, as the `tokenizers` library does by default.
    Parse,
}

/// One named input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Name of the folder of its shards: lower-case letters, digits, `-` and `_`.
    pub name: String,
    /// What the inputs hold: `arxiv`, `web`, `code`, `text`, `instruct` or `proof-steps`.
    #[schemars(with = "String")]
    pub kind: Kind,
    /// Files, folders or glob patterns, relative to the manifest.
    pub inputs: Vec<String>,
    /// Filter definition by name, or a `.toml` file relative to the manifest; the kind's own when left out.
    #[serde(default)]
    pub filter: Option<String>,
    /// Mixture weight; only the proportions count.
    #[serde(default = "default_weight")]
    pub weight: f64,
    /// Licence of records that state none (SPDX identifier).
    #[serde(default)]
    pub license: Option<String>,
    /// Instruct only: how a row becomes text, by name or as a `.toml` file relative to the manifest.
    #[serde(default)]
    pub template: Option<String>,
    /// Text only: name of the text column; `text`, then `content` when left out.
    #[serde(default)]
    pub text_column: Option<String>,
    /// Text only: name of the id column.
    #[serde(default)]
    pub id_column: Option<String>,
    /// Text only: name of the column whose equal values stay on one side of the split.
    #[serde(default)]
    pub group_column: Option<String>,
    /// Languages that are kept (ISO 639-1), instead of those that the filter's rules on `language` name.
    #[serde(default)]
    pub languages: Option<Vec<String>>,
    /// Scores from elsewhere: JSON lines or Parquet with `id`, `name` and `value`, relative to the
    /// manifest. Rules read them as `score_NAME`. The id is a document id, an origin, or the id of
    /// a row or of a WARC record.
    #[serde(default)]
    pub scores: Option<String>,
    /// arXiv only: metadata JSON lines (`id`, `license`), relative to the manifest.
    #[serde(default)]
    pub metadata: Option<String>,
    /// Code only: what happens to a file with a key or token in it; `drop` when left out.
    #[serde(default)]
    pub secrets: Option<Secrets>,
    /// Code only: what happens to e-mail and IP addresses; `keep` when left out.
    #[serde(default)]
    pub contacts: Option<Contacts>,
    /// Code only: under which licences files are kept; `any` when left out.
    #[serde(default)]
    pub licenses: Option<Licenses>,
    /// Code only: how a Jupyter notebook is written down; `markdown` when left out.
    #[serde(default)]
    pub notebooks: Option<Notebooks>,
}

/// What happens to a source file with a key or token in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Secrets {
    /// The file is dropped as `secret`: where one key was left, others are.
    #[default]
    Drop,
    /// `<KIND>` takes its place, e.g. `<github-token>`.
    Mask,
}

/// What happens to e-mail and IP addresses in source files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Contacts {
    /// They stay.
    #[default]
    Keep,
    /// `<email>` and `<ip-address>` take their places.
    Mask,
}

/// Under which licences source files are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Licenses {
    /// Under any, and without one.
    #[default]
    Any,
    /// Under one that asks for attribution at most.
    PermissiveOnly,
    /// The same, and where no licence is known.
    PermissiveOrUnknown,
}

/// How a Jupyter notebook is written down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Notebooks {
    /// Prose as it is, code and short results between fences.
    #[default]
    Markdown,
    /// Code as it is, prose as comments, no results.
    Script,
}

impl Secrets {
    /// The manifest's word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Drop => "drop",
            Self::Mask => "mask",
        }
    }
}

impl Contacts {
    /// The manifest's word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Mask => "mask",
        }
    }
}

impl Licenses {
    /// The manifest's word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::PermissiveOnly => "permissive-only",
            Self::PermissiveOrUnknown => "permissive-or-unknown",
        }
    }
}

impl Notebooks {
    /// The manifest's word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Markdown => "markdown",
            Self::Script => "script",
        }
    }
}

fn default_weight() -> f64 {
    1.0
}

impl Source {
    /// Settings of the reader that stand in the source rather than in its filter definition: name and
    /// word.
    #[must_use]
    pub fn reader_settings(&self) -> Vec<(String, String)> {
        let given = [
            ("secrets", self.secrets.map(Secrets::name)),
            ("contacts", self.contacts.map(Contacts::name)),
            ("licenses", self.licenses.map(Licenses::name)),
            ("notebooks", self.notebooks.map(Notebooks::name)),
        ];
        let named = given
            .into_iter()
            .filter_map(|(name, word)| Some((name, word?)));
        named
            .map(|(name, word)| (name.to_owned(), word.to_owned()))
            .collect()
    }

    /// The filter definition in force.
    #[must_use]
    pub fn filter_name(&self) -> &str {
        self.filter.as_deref().unwrap_or(self.kind.name())
    }
}

/// Near-duplicates by `MinHash` with verified candidates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Dedup {
    /// Words in one shingle.
    pub ngram_words: u32,
    /// Bands of the signature; two documents are candidates when one band is equal.
    pub bands: u32,
    /// Hashes in one band.
    pub rows: u32,
    /// Share of common shingles from which two candidates are duplicates (0 to 1); 0 trusts the bands.
    pub min_jaccard: f64,
    /// Which member of a cluster stays: the first rule that tells two apart decides.
    pub keep: Vec<KeepRule>,
}

impl Default for Dedup {
    fn default() -> Self {
        Self {
            ngram_words: 5,
            bands: 26,
            rows: 11,
            min_jaccard: 0.8,
            keep: vec![KeepRule::SourceOrder, KeepRule::Newest, KeepRule::Longest],
        }
    }
}

/// One rule of which duplicate stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KeepRule {
    /// The one of the source that the manifest names first.
    SourceOrder,
    /// The one with the latest version or crawl time.
    Newest,
    /// The one with the longest text.
    Longest,
}

/// Benchmarks that must not be trained on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Contamination {
    /// Benchmark files (JSON lines), glob patterns relative to the manifest.
    pub against: Vec<String>,
    /// Matching rule: `ngram-13`, `ngram-10`, `megamath-12` or `pp2-30`.
    #[serde(default = "default_preset")]
    pub preset: String,
    /// What happens to a document with a match.
    #[serde(default)]
    pub action: ContaminationAction,
}

fn default_preset() -> String {
    "ngram-13".to_owned()
}

/// What happens to a document that holds a benchmark item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ContaminationAction {
    /// The whole document is dropped.
    #[default]
    DropDocument,
    /// The matching spans are cut out.
    DropSpan,
    /// Nothing is dropped; the number of hits is stored as a signal.
    Report,
}

/// How the language of a text is told.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Language {
    /// A fastText classifier (`.bin` or `.ftz`, e.g. `lid.176.ftz`), relative to the manifest; a built-in
    /// detector when left out.
    pub model: Option<String>,
}

/// How mathematical a text is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MathScore {
    /// A classifier of `proofmill train classifier`, relative to the manifest; the built-in one when
    /// left out.
    pub model: Option<String>,
}

/// Train, validation and test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Split {
    /// Share of groups that go to validation (0 to 1).
    pub validation_ratio: f64,
    /// Share of groups that go to test (0 to 1).
    pub test_ratio: f64,
    /// Whether one repository, paper family or host stays on one side.
    pub group: bool,
}

impl Default for Split {
    fn default() -> Self {
        Self {
            validation_ratio: 0.005,
            test_ratio: 0.005,
            group: true,
        }
    }
}

/// The output files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Shards {
    /// A shard is closed after the document that reaches this many tokens.
    pub target_tokens: u64,
}

impl Default for Shards {
    fn default() -> Self {
        Self {
            target_tokens: 4_000_000_000,
        }
    }
}

/// Bounds on what one input may cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Stored bytes of input that one task takes.
    pub slice_bytes: u64,
    /// A record with more bytes than this after decompression is dropped.
    pub max_record_bytes: u64,
    /// A document with more bytes of text than this is dropped.
    pub max_text_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            slice_bytes: 256 << 20,
            max_record_bytes: 64 << 20,
            max_text_bytes: 16 << 20,
        }
    }
}
