//! Compiles the definitions in `filters/code/` to languages.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::Deserialize;

use crate::definition::{self, Definition, ImportStyle};
use crate::error::CodeError;
use crate::imports::Names;
use crate::scan::Scanner;
use crate::signs::{Sign, Signs};
use crate::words::{Words, WordsBuilder};

/// The shared vocabulary, as data.
const VOCABULARY: &str = include_str!("vocabulary.toml");

/// All languages of a set of definition files, ready to recognise and to measure.
#[derive(Debug)]
#[expect(clippy::struct_field_names, reason = "what the set is made of")]
pub struct Languages {
    pub(crate) languages: Vec<Language>, // in name order
    pub(crate) by_extension: FxHashMap<String, Contest>,
    by_name: FxHashMap<String, usize>, // names and aliases, lower case
}

/// One language: its scanner, its packages and its words.
#[derive(Debug)]
pub struct Language {
    pub(crate) name: Arc<str>,
    pub(crate) definition: Definition,
    pub(crate) signs: Signs,
    pub(crate) scanner: Scanner,
    pub(crate) names: Names,
    pub(crate) words: Words,
    pub(crate) is_notebook: bool,
}

/// Who may own an extension, each with the patterns that vote for it.
#[derive(Debug)]
pub(crate) struct Contest {
    pub(crate) languages: Vec<(usize, Signs)>,
    pub(crate) look_alikes: Vec<(Arc<str>, Signs)>,
}

/// Patterns that are compiled already, by their text.
type Compiled = FxHashMap<String, Arc<Sign>>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Vocabulary {
    strong: Vec<String>,
    weak: Vec<String>,
    plumbing: Vec<String>,
    autogen: Vec<String>,
}

/// Signals of the shared vocabulary, in the order in which every language counts them.
pub(crate) const SHARED_SIGNALS: [&str; 4] = ["strong", "weak", "plumbing", "n_autogen_marks"];

impl Languages {
    /// Compiles definitions, given as file name and TOML text.
    ///
    /// A file without `[language]` table (a preset that only brings rules) is passed over. A later file
    /// of the same base name replaces the earlier one's language, so a preset may be laid over the
    /// default set. The order of files does not matter otherwise.
    ///
    /// # Errors
    /// [`CodeError::Toml`] with line and column for wrong TOML, an unknown or missing key in
    /// `[language]`; [`CodeError::Value`] for a pattern that does not compile or a name that cannot be;
    /// [`CodeError::Duplicate`] if two files of different base name define one language.
    pub fn parse(files: &[(&str, &str)]) -> Result<Self, CodeError> {
        let vocabulary: Vocabulary =
            toml::from_str(VOCABULARY).map_err(|source| CodeError::Toml {
                file: "vocabulary.toml".to_owned(),
                source: Box::new(source),
            })?;
        let mut definitions: Vec<(&str, Definition)> = Vec::new();
        for &(file, text) in files {
            let parsed: definition::File =
                toml::from_str(text).map_err(|source| CodeError::Toml {
                    file: file.to_owned(),
                    source: Box::new(source),
                })?;
            let Some(definition) = parsed.language else {
                continue;
            };
            let same = definitions
                .iter_mut()
                .find(|(_, other)| other.name == definition.name);
            match same {
                Some(slot) if base_name(slot.0) == base_name(file) => *slot = (file, definition),
                Some((first, _)) => {
                    return Err(CodeError::Duplicate {
                        name: definition.name,
                        first: (*first).to_owned(),
                        second: file.to_owned(),
                    });
                }
                None => definitions.push((file, definition)),
            }
        }
        definitions.sort_by(|(_, left), (_, right)| left.name.cmp(&right.name));
        let mut compiled = Compiled::default();
        let mut languages = Vec::with_capacity(definitions.len());
        for (file, definition) in definitions {
            languages.push(Language::new(file, definition, &vocabulary, &mut compiled)?);
        }
        let by_extension = contests(&languages, &compiled);
        let mut by_name = FxHashMap::default();
        for (index, language) in languages.iter().enumerate() {
            let aliases = language.definition.aliases.iter().map(String::as_str);
            for name in aliases.chain([&*language.name]) {
                by_name.entry(name.to_lowercase()).or_insert(index);
            }
        }
        Ok(Self {
            languages,
            by_extension,
            by_name,
        })
    }

    /// The language of that name or alias, compared without case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Language> {
        self.index(name).map(|index| &self.languages[index])
    }

    /// All languages in name order.
    pub fn iter(&self) -> impl Iterator<Item = &Language> {
        self.languages.iter()
    }

    pub(crate) fn index(&self, name: &str) -> Option<usize> {
        self.by_name.get(name.to_lowercase().as_str()).copied()
    }
}

impl Language {
    fn new(
        file: &str,
        definition: Definition,
        vocabulary: &Vocabulary,
        compiled: &mut Compiled,
    ) -> Result<Self, CodeError> {
        if definition.name.is_empty() || definition.name != definition.name.to_lowercase() {
            return Err(value(
                file,
                "language.name",
                "must be lower case and not empty",
            ));
        }
        compile(&definition.signs, compiled)
            .map_err(|problem| value(file, "language.signs", &problem))?;
        for look_alike in &definition.look_alikes {
            compile(&look_alike.signs, compiled)
                .map_err(|problem| value(file, "language.look_alikes", &problem))?;
        }
        let mut words = WordsBuilder::default();
        let [strong, weak, plumbing, autogen] = SHARED_SIGNALS;
        let is_plain = |stem: &&String| definition.plain_words.contains(*stem);
        for (signal, weight, stems) in [
            (strong, 1.0, &vocabulary.strong),
            (weak, 0.5, &vocabulary.weak),
            (plumbing, -1.0, &vocabulary.plumbing),
        ] {
            words.add_stems(signal, weight, stems.iter().filter(|stem| !is_plain(stem)));
        }
        for phrase in &vocabulary.autogen {
            words.add_head_mark(autogen, phrase);
        }
        for count in &definition.counts {
            words.add_count(count);
        }
        Ok(Self {
            name: Arc::from(definition.name.as_str()),
            signs: signs(&definition.signs, compiled),
            scanner: Scanner::new(&definition.syntax),
            names: Names::new(definition.imports, &definition.packages),
            words: words
                .build()
                .map_err(|problem| value(file, "language.counts", &problem))?,
            is_notebook: definition.imports == ImportStyle::Notebook,
            definition,
        })
    }

    /// Lower-case name, e.g. `"cpp"`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Extensions without dot, as defined.
    #[must_use]
    pub fn extensions(&self) -> &[String] {
        &self.definition.extensions
    }
}

fn contests(languages: &[Language], compiled: &Compiled) -> FxHashMap<String, Contest> {
    let mut extensions: Vec<&String> = languages
        .iter()
        .flat_map(|language| &language.definition.extensions)
        .collect();
    extensions.sort();
    extensions.dedup();
    let mut by_extension = FxHashMap::default();
    for extension in extensions {
        let mut contest = Contest {
            languages: Vec::new(),
            look_alikes: Vec::new(),
        };
        for (index, language) in languages.iter().enumerate() {
            let definition = &language.definition;
            if !definition.extensions.contains(extension) {
                continue;
            }
            let own = signs(&definition.signs, compiled);
            contest.languages.push((index, own));
            for look_alike in &definition.look_alikes {
                let at = &look_alike.extensions;
                if at.is_empty() || at.contains(extension) {
                    contest.add_look_alike(&look_alike.name, &look_alike.signs, compiled);
                }
            }
        }
        by_extension.insert(extension.clone(), contest);
    }
    by_extension
}

impl Contest {
    /// Adds the signs of a look-alike to those that it has already.
    fn add_look_alike(&mut self, name: &str, patterns: &[String], compiled: &Compiled) {
        let known = self
            .look_alikes
            .iter()
            .position(|(known, _)| **known == *name);
        let position = known.unwrap_or_else(|| {
            self.look_alikes.push((Arc::from(name), Signs::default()));
            self.look_alikes.len() - 1
        });
        let signs = &mut self.look_alikes[position].1;
        for sign in patterns.iter().filter_map(|pattern| compiled.get(pattern)) {
            signs.add(sign);
        }
    }
}

/// Compiles those of `patterns` that are not compiled yet.
fn compile(patterns: &[String], compiled: &mut Compiled) -> Result<(), String> {
    for pattern in patterns {
        if !compiled.contains_key(pattern) {
            compiled.insert(pattern.clone(), Arc::new(Sign::new(pattern)?));
        }
    }
    Ok(())
}

/// The signs of `patterns`, which are compiled.
fn signs(patterns: &[String], compiled: &Compiled) -> Signs {
    let mut signs = Signs::default();
    for sign in patterns.iter().filter_map(|pattern| compiled.get(pattern)) {
        signs.add(sign);
    }
    signs
}

fn value(file: &str, key: &str, problem: &str) -> CodeError {
    CodeError::Value {
        file: file.to_owned(),
        key: key.to_owned(),
        problem: problem.to_owned(),
    }
}

fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
