//! Finds filter definitions and templates: built in, in the manifest's folder of filters, or by path.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use include_dir::{Dir, include_dir};
use proofmill_types::{Digest, Kind};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// The definitions that travel inside the program.
static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../filters");

/// A definition file: its path below the folder of filters, and its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedText {
    /// E.g. `code/lean.toml`.
    pub name: String,
    /// TOML.
    pub text: String,
}

impl NamedText {
    pub(crate) fn pair(&self) -> (&str, &str) {
        (&self.name, &self.text)
    }

    pub(crate) fn digest(&self) -> Digest {
        Digest::of(self.text.as_bytes())
    }
}

/// Where definitions are looked for.
#[derive(Clone, Copy, Debug)]
pub struct Definitions<'a> {
    /// The manifest's `corpus.filters`, if given.
    pub folder: Option<&'a Path>,
    /// Folder of the manifest: definitions named by path are relative to it.
    pub base: &'a Path,
}

impl Definitions<'_> {
    /// The files of the definition `name` for sources of `kind`, sorted by name.
    ///
    /// `web` is `web.toml`; `open-web-math` is `web/open-web-math.toml`; `code` is the folder
    /// `code/`, one file per language; `proofmill` is the kind's own; `x.toml` is a file beside the
    /// manifest.
    ///
    /// # Errors
    /// [`Failure::Usage`] with the names that exist.
    pub fn filter(&self, kind: Kind, name: &str) -> Result<Vec<NamedText>> {
        let own = if name == "proofmill" {
            kind.name()
        } else {
            name
        };
        if is_path(own) {
            return Ok(vec![self.at_path(own)?]);
        }
        let nested = format!("{kind}/{own}");
        for candidate in [own, &nested] {
            if let Some(file) = self.file(&format!("{candidate}.toml"))? {
                return Ok(vec![file]);
            }
            let files = self.folder(candidate)?;
            if !files.is_empty() {
                return Ok(files);
            }
        }
        Err(Failure::Usage.error(format!(
            "there is no filter definition `{name}` for sources of kind `{kind}`; use {}, or the path \
             of a `.toml` file",
            self.names(kind)?.join(", ")
        )))
    }

    /// The language definitions, which every `code` source needs.
    ///
    /// # Errors
    /// An unreadable file.
    pub fn languages(&self) -> Result<Vec<NamedText>> {
        self.folder("code")
    }

    /// The template `name` of instruction rows.
    ///
    /// # Errors
    /// [`Failure::Usage`] with the names that exist.
    pub fn template(&self, name: &str) -> Result<NamedText> {
        if is_path(name) {
            return self.at_path(name);
        }
        if let Some(file) = self.file(&format!("templates/{name}.toml"))? {
            return Ok(file);
        }
        let names: Vec<String> = self
            .templates()?
            .iter()
            .map(|file| format!("`{}`", stem(&file.name)))
            .collect();
        Err(Failure::Usage.error(format!(
            "there is no template `{name}`; use {}, or the path of a `.toml` file",
            names.join(", ")
        )))
    }

    /// All templates, by name.
    ///
    /// # Errors
    /// An unreadable file.
    pub fn templates(&self) -> Result<Vec<NamedText>> {
        self.folder("templates")
    }

    fn at_path(&self, name: &str) -> Result<NamedText> {
        let path = self.base.join(name);
        let text = fs::read_to_string(&path)
            .with_context(|| format!("cannot read the definition `{}`", path.display()))?;
        Ok(NamedText {
            name: name.to_owned(),
            text,
        })
    }

    fn file(&self, name: &str) -> Result<Option<NamedText>> {
        let text = match self.folder {
            Some(folder) if folder.join(name).is_file() => {
                let path = folder.join(name);
                Some(
                    fs::read_to_string(&path)
                        .with_context(|| format!("cannot read `{}`", path.display()))?,
                )
            }
            Some(_) => None,
            None => BUILT_IN
                .get_file(name)
                .and_then(|file| file.contents_utf8())
                .map(str::to_owned),
        };
        Ok(text.map(|text| NamedText {
            name: name.to_owned(),
            text,
        }))
    }

    /// The `.toml` files directly in the sub-folder `name`, sorted.
    fn folder(&self, name: &str) -> Result<Vec<NamedText>> {
        let mut names = Vec::new();
        match self.folder {
            Some(folder) => {
                let path = folder.join(name);
                if path.is_dir() {
                    for entry in fs::read_dir(&path)
                        .with_context(|| format!("cannot read `{}`", path.display()))?
                    {
                        names.push(entry?.file_name().to_string_lossy().into_owned());
                    }
                }
            }
            None => names.extend(
                BUILT_IN
                    .get_dir(name)
                    .into_iter()
                    .flat_map(Dir::files)
                    .filter_map(|file| {
                        file.path()
                            .file_name()
                            .map(|name| name.to_string_lossy().into_owned())
                    }),
            ),
        }
        names.retain(|file| is_path(file));
        names.sort();
        let mut files = Vec::with_capacity(names.len());
        for file in names {
            files.extend(self.file(&format!("{name}/{file}"))?);
        }
        Ok(files)
    }

    fn names(&self, kind: Kind) -> Result<Vec<String>> {
        let mut names = vec![format!("`{kind}`")];
        names.extend(
            self.folder(kind.name())?
                .iter()
                .map(|file| format!("`{}`", stem(&file.name))),
        );
        if kind == Kind::Code {
            names = vec!["`code`".to_owned(), "`algebraic-stack`".to_owned()];
        }
        Ok(names)
    }
}

/// A built-in file that is no text, by its path below the folder of definitions.
pub(crate) fn built_in_bytes(path: &str) -> Option<&'static [u8]> {
    BUILT_IN.get_file(path).map(include_dir::File::contents)
}

fn is_path(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|extension| extension == "toml")
}

fn stem(name: &str) -> String {
    Path::new(name)
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// All built-in definitions, sorted by name.
pub(crate) fn built_in() -> Vec<NamedText> {
    fn collect(dir: &Dir<'_>, files: &mut Vec<NamedText>) {
        for file in dir.files() {
            let name = file.path().to_string_lossy().replace('\\', "/");
            if let (true, Some(text)) = (is_path(&name), file.contents_utf8()) {
                files.push(NamedText {
                    name,
                    text: text.to_owned(),
                });
            }
        }
        dir.dirs().for_each(|dir| collect(dir, files));
    }
    let mut files = Vec::new();
    collect(&BUILT_IN, &mut files);
    files.sort_by(|left, right| left.name.cmp(&right.name));
    files
}
