//! Source files through `proofmill-code`; TeX files also through `proofmill-latex`.

use proofmill_code::{Input, Languages, NotebookStyle, Recognition};
use proofmill_types::{CodeFile, Kind, Meta, MetaValue, Reason, Signals};

use crate::licensing::Licensing;
use crate::masking::Masking;
use crate::{Definition, ExtractError, Found, Setting, arxiv};

/// Name of the language whose files are notebooks, and of the one whose files are TeX.
const NOTEBOOK: &str = "jupyter";
const TEX: &str = "tex";

pub(crate) struct Reader {
    languages: Languages,
    tex: proofmill_latex::Options,
    notebooks: NotebookStyle,
    masking: Masking,
    licensing: Licensing,
}

/// Settings of code.
const SETTINGS: [&str; 4] = ["secrets", "contacts", "licenses", "notebooks"];

impl Reader {
    /// `license` is that of the source, for files whose licence nothing else tells.
    pub(crate) fn new(
        given: &[Setting],
        languages: &[Definition<'_>],
        license: Option<&str>,
    ) -> Result<Self, ExtractError> {
        let (mut masking, mut licensing) = (Masking::default(), Licensing::new(license));
        let mut notebooks = NotebookStyle::default();
        for setting in given {
            if setting.name == "notebooks" {
                let choices = [
                    ("markdown", NotebookStyle::Markdown),
                    ("script", NotebookStyle::Script),
                ];
                notebooks = setting.choice(Kind::Code, &choices)?;
            } else if !masking.set(setting)? && !licensing.set(setting)? {
                return Err(setting.unknown(Kind::Code, &SETTINGS));
            }
        }
        let languages = Languages::parse(languages).map_err(|error| ExtractError::Definition {
            file: "filters/code".to_owned(),
            detail: error.to_string(),
        })?;
        Ok(Self {
            languages,
            tex: proofmill_latex::Options::source(),
            notebooks,
            masking,
            licensing,
        })
    }

    pub(crate) fn extract(&self, file: &CodeFile) -> Result<Found, Reason> {
        let (raw, was_utf8) = decode(&file.bytes);
        let claimed_language = file.claimed_language.as_deref();
        let input = Input {
            path: &file.path,
            text: &raw,
            claimed_language,
        };
        let name = match self.languages.recognize(&input) {
            Recognition::Language(name) => name,
            other => {
                return Err(other
                    .reason()
                    .unwrap_or_else(|| Reason::new("unknown-language", "")));
            }
        };
        let language = self
            .languages
            .get(&name)
            .ok_or_else(|| Reason::new("unknown-language", &*name))?;
        let (license, license_from) = self.licensing.judge(file, &raw)?;
        let mut signals: Signals = proofmill_code::measure(language, &raw, &file.path);
        proofmill_code::add_repository(&mut signals, &file.repo);
        signals.set("is_recoded", f64::from(u8::from(!was_utf8)));
        let text = match &*name {
            NOTEBOOK => proofmill_code::notebook(&raw, self.notebooks)
                .map_err(|error| Reason::new("notebook-damaged", error.to_string()))?,
            TEX => self.tex(&file.path, &raw, &mut signals)?,
            _ => raw.into_owned(),
        };
        // The text of a TeX file is not what was measured.
        let masked = self.masking.apply(text, &*name != TEX, &mut signals)?;
        let repo = (!file.repo.is_empty()).then(|| file.repo.clone());
        Ok(Found {
            group: file.repo.clone(),
            license: Some(license),
            language: Some(name.to_string()),
            meta: Meta(vec![
                ("repo", MetaValue::Text(repo)),
                ("path", MetaValue::Text(Some(file.path.clone()))),
                ("hexsha", MetaValue::Text(Some(file.hexsha.clone()))),
                ("licenses", MetaValue::List(file.licenses.clone())),
                (
                    "license_from",
                    MetaValue::Text(Some(license_from.to_owned())),
                ),
                ("masked", MetaValue::List(masked.places)),
                (
                    "claimed_language",
                    MetaValue::Text(file.claimed_language.clone()),
                ),
            ]),
            text: masked.text,
            signals,
            ..Found::default()
        })
    }

    /// A TeX file of a repository: macros expanded, comments out, as for a paper of one file.
    fn tex(&self, path: &str, raw: &str, signals: &mut Signals) -> Result<String, Reason> {
        let file = proofmill_latex::File {
            path,
            bytes: raw.as_bytes(),
        };
        let paper = proofmill_latex::extract(&[file], &self.tex)
            .map_err(|reason| Reason::new(reason.name(), reason.to_string()))?;
        // Where both readers measure something of one name, that of the code reader is the one that
        // the rules for TeX files mean.
        let of_code = std::mem::replace(signals, arxiv::signals(&paper));
        signals.extend(of_code);
        Ok(paper.text)
    }
}

/// UTF-8 as it is, UTF-16 by its byte order mark, anything else as windows-1252, which never fails.
/// True if it was UTF-8.
fn decode(bytes: &[u8]) -> (std::borrow::Cow<'_, str>, bool) {
    if let Ok(text) = simdutf8::basic::from_utf8(bytes) {
        return (text.into(), true);
    }
    // UTF-16 announces itself; the rest of what is not UTF-8 is nearly always Latin-1.
    let (text, _, _) = encoding_rs::WINDOWS_1252.decode(bytes);
    (text, false)
}
