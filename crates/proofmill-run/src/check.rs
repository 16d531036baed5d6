//! Runs the cases inside filter definitions, through the same extractors as a build.

use std::path::Path;

use anyhow::{Context as _, Result};
use proofmill_code::Languages;
use proofmill_extract::{Extractor, Spec, Template};
use proofmill_filter::{Case, CaseResult, Definition, check as check_cases, plain_document};
use proofmill_types::{Document, Kind};

use crate::definitions::{Definitions, NamedText};
use crate::failure::Failure;

/// The outcome of one definition file.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Path of the file.
    pub name: String,
    /// Its rules.
    pub n_rules: usize,
    /// Outcome of each case.
    pub cases: Vec<CaseResult>,
}

/// Checks the definitions at `path` (a file, or a folder of them), or the built-in ones.
///
/// # Errors
/// A definition that cannot be understood, with line and column; nothing to check.
pub fn check(path: Option<&Path>) -> Result<Vec<Checked>> {
    let files = match path {
        Some(path) => files_at(path)?,
        None => crate::definitions::built_in(),
    };
    if files.is_empty() {
        return Err(Failure::Usage.error("there is no `.toml` file to check"));
    }
    let languages = languages(&files)?;
    let languages: Vec<_> = languages.iter().map(NamedText::pair).collect();
    let spec = Spec {
        source: "check",
        languages: &languages,
        ..Spec::default()
    };
    let known =
        Languages::parse(&languages).map_err(|error| Failure::Usage.error(error.to_string()))?;
    let mut checked = Vec::new();
    for file in &files {
        let folder = Path::new(&file.name).parent().and_then(Path::file_name);
        if folder.is_some_and(|folder| folder == "templates") {
            Template::parse(&file.name, &file.text)?;
            checked.push(Checked {
                name: file.name.clone(),
                n_rules: 0,
                cases: Vec::new(),
            });
            continue;
        }
        let definition = Definition::parse(&file.name, &file.text)?;
        let settings: Vec<_> = definition
            .settings
            .iter()
            .map(crate::line::to_setting)
            .collect();
        let spec = Spec {
            settings: &settings,
            ..spec
        };
        Extractor::new(definition.kind, &spec).with_context(|| file.name.clone())?;
        let build = |case: &Case| match definition.kind {
            Kind::Code => code_document(&known, &file.name, case),
            _ => plain_document(case),
        };
        let cases = check_cases(&definition, &build);
        checked.push(Checked {
            name: file.name.clone(),
            n_rules: definition.rules.len(),
            cases,
        });
    }
    Ok(checked)
}

/// A source file in the language of the definition, with the signals of the code reader.
///
/// Recognition takes no part: a case shows what its rule does with a file of this language.
fn code_document(languages: &Languages, file_name: &str, case: &Case) -> Document {
    let mut doc = plain_document(case);
    let stem = file_name
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .trim_end_matches(".toml");
    if let Some(language) = languages.get(stem) {
        doc.signals = proofmill_code::measure(
            language,
            &case.text,
            case.path.as_deref().unwrap_or_default(),
        );
        doc.language = Some(language.name().to_owned());
    }
    doc
}

/// Language definitions among `files`; the built-in ones for presets that bring only rules.
fn languages(files: &[NamedText]) -> Result<Vec<NamedText>> {
    let built_in = Definitions {
        folder: None,
        base: Path::new("."),
    };
    let mut all = built_in.languages()?;
    for file in files.iter().filter(|file| file.text.contains("[language]")) {
        let base = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
        all.retain(|old| base(&old.name) != base(&file.name));
        all.push(file.clone());
    }
    Ok(all)
}

fn files_at(path: &Path) -> Result<Vec<NamedText>> {
    if path.is_file() {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read `{}`", path.display()))?;
        return Ok(vec![NamedText {
            name: path.to_string_lossy().into_owned(),
            text,
        }]);
    }
    let mut files = Vec::new();
    let entries =
        std::fs::read_dir(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry?.path());
    }
    paths.sort();
    for path in paths {
        if path.is_dir()
            || path
                .extension()
                .is_some_and(|extension| extension == "toml")
        {
            files.extend(files_at(&path)?);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_definitions_are_the_folder_and_every_case_is_right() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../filters");
        let wrong = |checked: &[Checked]| -> Vec<String> {
            let each = checked
                .iter()
                .flat_map(|file| file.cases.iter().map(move |case| (file, case)));
            each.filter(|(_, case)| !case.is_right())
                .map(|(file, case)| format!("{} {} case {}", file.name, case.rule, case.case_index))
                .collect()
        };
        let built_in = check(None).unwrap();
        let from_folder = check(Some(&folder)).unwrap();
        assert_eq!(built_in.len(), from_folder.len());
        assert_eq!(wrong(&built_in), Vec::<String>::new());
        assert_eq!(wrong(&from_folder), Vec::<String>::new());
        assert!(built_in.iter().map(|file| file.cases.len()).sum::<usize>() > 50);
    }
}
